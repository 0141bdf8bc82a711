"""A table goes in whole, every row is accounted for, and a second run changes nothing."""

import json
from pathlib import Path

from kg.check import run as checking
from kg.dataset import read
from kg.findings import stops


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_matched_bodies_keep_their_iris_and_others_get_one_from_their_official_code(workshop):
    done = workshop.members()
    assert done.exit_code == 0, done.stderr
    text = workshop.text()
    assert "cpo:participant mun:lt-vilnius-city" in text  # governs the city that is named
    assert "cpo:participant mun:lt-klaipeda-city" in text
    assert 'mun:demo-3\n    a cpo:Municipality ;\n    skos:prefLabel "Nida"@mul' in text
    assert text.count("a cpo:Municipality") == 1  # the registry describes the two others


def test_dates_keep_the_precision_of_the_cell(workshop):
    workshop.members()
    text = workshop.text()
    assert 'cpo:startDate "2001"^^xsd:gYear' in text
    assert 'cpo:startDate "2004-05-01"^^xsd:date' in text
    assert text.count("cpo:startDate") == 2  # the third cell is empty


def test_the_source_has_address_licence_edition_and_date(workshop):
    workshop.members()
    block = workshop.text().split("source:members\n")[1].split("\n\n")[0]
    assert "dcterms:license <https://creativecommons.org/licenses/by/4.0/>" in block
    assert "pav:retrievedFrom <https://example.org/members>" in block
    assert 'dcterms:issued "2024"^^xsd:gYear' in block
    assert 'pav:version "1"' in block


def test_a_dataset_without_a_licence_says_so(workshop, members):
    mapping, rows = members
    old = 'licence = "https://creativecommons.org/licenses/by/4.0/"'
    workshop.members(rows, mapping.replace(old, 'licence = "not stated"'))
    assert "The dataset states no licence." in workshop.text()
    assert "dcterms:license" not in workshop.text()


def test_the_statements_are_in_the_graph_of_the_source(workshop):
    workshop.members()
    graphs = {file.name: file.graph for file in read(workshop.root).files}
    assert graphs["data/imports/members/members.ttl"].endswith("/graph/source/members")


def test_what_is_imported_passes_the_check(workshop):
    workshop.members()
    report = checking.check_dataset(workshop.root)
    bad = [f for f in report.findings if "imports" in str(f.path)]
    assert not stops(bad), bad


def test_what_is_written_is_in_the_layout_of_the_repository(workshop):
    from kg.formatting import format_text

    workshop.members()
    path = workshop.folder() / "members.ttl"
    assert format_text(path.read_text()) == path.read_text()


def test_a_second_run_changes_nothing_and_says_so(workshop):
    workshop.members()
    before = contents(workshop.folder())
    again = workshop.members()
    assert contents(workshop.folder()) == before
    assert "nothing has changed" in again.stderr


def test_a_run_that_is_forced_gives_the_same_bytes(workshop):
    workshop.members()
    before = contents(workshop.folder())
    mapping = workshop.files / "members.toml"
    again = workshop.run(workshop.files / "members.csv", "--mapping", mapping, "--again")
    assert "nothing has changed" in again.stderr
    assert contents(workshop.folder()) == before


def test_imported_and_reported_rows_are_all_rows(workshop):
    rows = (
        "id,name,country,joined\n1,Vilnius,LT,2001\n2,,LT,2001\n3,Nida,XX,\n4,Palanga,LT,Tuesday\n"
    )
    done = workshop.members(rows)
    assert "4 rows read = 1 imported + 3 reported" in done.stderr
    told = [json.loads(line) for line in workshop.report().splitlines()]
    assert [(each["line"], each["column"]) for each in told] == [
        (3, "name"),
        (4, "country"),
        (5, "joined"),
    ]
    assert all(each["reason"] and each["remedy"] and each["file"] == "members.csv" for each in told)


def test_a_row_is_told_by_its_line_in_the_file_also_after_quoted_line_ends(workshop):
    workshop.members('id,name,country,joined\n1,"Vil\nnius",LT,\n2,Klaipėda,QQ,\n')
    assert json.loads(workshop.report())["line"] == 4


def test_rows_that_share_an_official_code_are_all_refused(workshop):
    workshop.members("id,name,country,joined\n1,Vilnius,LT,\n7,Nida,LT,\n7,Juodkrantė,LT,\n")
    told = [json.loads(line) for line in workshop.report().splitlines()]
    assert [(each["line"], each["kind"]) for each in told] == [(3, "same key"), (4, "same key")]
    assert "line 4 too" in told[0]["reason"]
    assert "demo-7" not in workshop.text()


def test_of_rows_that_are_the_same_cell_by_cell_the_first_counts(workshop):
    workshop.members("id,name,country,joined\n7,Nida,LT,\n7,Nida,LT,\n")
    told = json.loads(workshop.report())
    assert (told["line"], told["kind"]) == (3, "repeated")
    assert "mun:demo-7" in workshop.text()


def test_two_rows_about_one_body_are_not_merged(workshop):
    workshop.members("id,name,country,joined\n1,Vilnius,LT,2001\n2,Vilnius,LT,2002\n")
    told = json.loads(workshop.report())
    assert (told["line"], told["kind"]) == (3, "said before")
    assert workshop.text().count("cpo:startDate") == 1


def test_a_second_new_body_of_a_name_in_a_country_is_reported(workshop):
    workshop.members("id,name,country,joined\n1,Nida,LT,\n2,Nida,LT,\n3,Nida,PL,\n")
    told = json.loads(workshop.report())
    assert (told["line"], told["kind"]) == (3, "same name")
    assert "mun:demo-3" in workshop.text()


def test_a_body_that_the_graph_lacks_governs_the_city_that_its_row_names(workshop):
    workshop.members("id,name,country,joined\n1,Kranj,SI,\n")  # a city that no body of ours governs
    block = workshop.text().split("mun:demo-1\n")[1].split("\n\n")[0]
    assert "cpo:governs city:si-kranj" in block
    assert "closeMatch" not in block


def test_a_row_that_may_be_a_thing_of_the_graph_is_imported_with_an_open_match(workshop):
    done = workshop.members("id,name,country,joined\n1,Klajpeda,LT,2004\n")
    assert "1 rows read = 1 imported + 0 reported; 1 imported with an open match" in done.stderr
    block = workshop.text().split("mun:demo-1\n")[1].split("\n\n")[0]
    assert "skos:closeMatch mun:lt-klaipeda-city" in block
    assert 'dcterms:identifier "1"' in block
    assert "cpo:participant mun:demo-1" in workshop.text()
    told = json.loads(workshop.report())
    assert (told["what"], told["kind"], told["line"]) == ("open", "undecided", 2)
    assert "see row 1 in `kg match`" in told["remedy"]


def test_none_drops_the_open_match_and_keeps_the_iri(workshop):
    rows = "id,name,country,joined\n1,Klajpeda,LT,2004\n"
    workshop.members(rows)
    decisions = workshop.folder() / "matches.csv"
    decisions.write_text("row,name,iri,by,on,why\n1,Klajpeda,none,curator,2026-11-22,seen\n")
    done = workshop.members(rows)
    assert "1 imported + 0 reported" in done.stderr
    assert "open match" not in done.stderr
    assert "cpo:participant mun:demo-1" in workshop.text()
    assert "closeMatch" not in workshop.text()
    assert decisions.exists()  # it stays between editions


def test_a_decision_that_is_no_iri_is_told_with_its_line(workshop):
    workshop.members()
    (workshop.folder() / "matches.csv").write_text(
        "row,name,iri,by,on,why\n1,Vilnius,Vilnius,curator,2026-11-22,seen\n"
    )
    done = workshop.members()
    assert "matches.csv, line 2: expected the IRI of a thing" in str(done.exception)


def test_of_two_imports_only_the_later_is_matched_with_the_other(workshop, members):
    """Each would else wait for the IRIs of the other, and no second run be without changes."""
    mapping, _ = members
    other = mapping.replace('id = "members"', 'id = "others"').replace("mun:demo", "mun:other")
    first, second = (
        "id,name,country,joined\n1,Juodkrante,LT,\n",
        "id,name,country,joined\n7,Juodkrantee,LT,\n",
    )
    workshop.members(first)
    table, mapped = workshop.file("others.csv", second), workshop.file("others.toml", other)
    workshop.run(table, "--mapping", mapped)
    assert "skos:closeMatch mun:demo-1" in workshop.text("others")
    before = contents(workshop.folder()), contents(workshop.folder("others"))
    assert "nothing has changed" in workshop.members(first).stderr
    assert "nothing has changed" in workshop.run(table, "--mapping", mapped).stderr
    assert (contents(workshop.folder()), contents(workshop.folder("others"))) == before


def test_strict_exits_with_one_where_a_row_was_not_imported(workshop, members):
    mapping, _ = members
    table = workshop.file("members.csv", "id,name,country,joined\n1,,LT,\n")
    done = workshop.run(table, "--mapping", workshop.file("m.toml", mapping), "--strict")
    assert done.exit_code == 1


def test_list_names_mappings_and_what_is_imported(workshop):
    workshop.members()
    shown = workshop.run("--list").stdout
    assert "covenant-of-mayors" in shown
    assert "members  1  3 rows read = 3 imported + 0 reported" in shown


def test_an_unknown_dataset_is_told_with_the_nearest_one(workshop):
    done = workshop.run("covenant-of-mayor", "x.xlsx")
    assert "did you mean covenant-of-mayors?" in str(done.exception)


def test_a_row_that_has_a_person_as_the_name_of_its_body_is_refused(workshop):
    """One row of the Covenant's table does; the name is not repeated in the report."""
    workshop.members("id,name,country,joined,mayor\n1,Ona Pavyzdė,LT,,Ona Pavyzdė\n")
    assert "0 imported + 1 reported" in workshop.run("--list").stdout
    assert "Pavyzdė" not in workshop.text() + workshop.report()


def test_where_only_values_were_left_out_the_report_is_named_too(workshop, members):
    mapping, _ = members
    softer = mapping.replace('as = "date"', 'as = "date", bad = "value"')
    done = workshop.members("id,name,country,joined\n1,Vilnius,LT,Tuesday\n", softer)
    assert "1 imported + 0 reported; 1 values of imported rows left out" in done.stderr
    assert str(workshop.folder() / "report.md") in done.stderr


def test_where_all_was_used_no_report_is_named(workshop):
    assert "report.md" not in workshop.members("id,name,country,joined\n1,Vilnius,LT,2001\n").stderr


def test_a_directory_in_place_of_a_file_is_told_as_such(workshop, members):
    mapping, _ = members
    done = workshop.run(workshop.files, "--mapping", workshop.file("m.toml", mapping))
    assert f"{workshop.files}: a directory; name the CSV or XLSX files in it" in str(done.exception)


_RULING = """\
@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .
@prefix ruling: <https://w3id.org/citypledge/id/ruling/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

"""


def test_a_row_is_matched_without_what_a_ruling_rejects(workshop):
    """Kranj has two countries in the files, so that none is sure, until a ruling rejects one."""
    workshop.root.joinpath("data/registry/city/other.ttl").write_text(
        _RULING + "city:si-kranj cpo:country cc:ITA .\n"
    )
    rows = "id,name,country,joined\n1,Kranj,SI,\n"
    workshop.members(rows)
    assert "cpo:governs" not in workshop.text()
    workshop.root.joinpath("data/decisions.ttl").write_text(
        _RULING + "ruling:ru-1 a cpo:Ruling ; cpo:decidesSubject city:si-kranj ;\n"
        "    cpo:decidesProperty cpo:country ; cpo:rejectedValue cc:ITA .\n"
    )
    workshop.members(rows)
    assert "cpo:governs city:si-kranj" in workshop.text()


def test_a_body_whose_open_match_a_ruling_rejects_is_open_no_more(workshop, members):
    """A later import is then surely about it, and has no body of its own."""
    mapping, _ = members
    row = "id,name,country,joined\n1,Klajpeda,LT,\n"
    workshop.members(row)
    assert "skos:closeMatch mun:lt-klaipeda-city" in workshop.text()
    other = mapping.replace('id = "members"', 'id = "others"').replace("mun:demo", "mun:other")
    call = (workshop.file("others.csv", row), "--mapping", workshop.file("others.toml", other))
    workshop.run(*call)
    assert "skos:closeMatch mun:demo-1" in workshop.text("others")
    workshop.root.joinpath("data/decisions.ttl").write_text(
        _RULING + "ruling:ru-1 a cpo:Ruling ; cpo:decidesSubject mun:demo-1 ;\n"
        "    cpo:decidesProperty skos:closeMatch ; cpo:rejectedValue mun:lt-klaipeda-city .\n"
    )
    done = workshop.run(*call, "--yes")
    assert done.exit_code == 0, done.exception
    assert "cpo:participant mun:demo-1" in workshop.text("others")
    assert "closeMatch" not in workshop.text("others")
