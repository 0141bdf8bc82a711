"""What changed, as facts: in real repositories, by edits made by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from kg import cli
from kg.changes import Comparison, compare, sides
from kg.changes.data import as_json, as_rdf_patch
from kg.changes.naming import Names
from kg.changes.text import as_markdown, as_text
from kg.errors import UnknownNameError, UsageError
from kg.namespaces import shorten

Git = Callable[..., str]
GitIn = Callable[[Path], Git]

CITIES = "data/registry/city/lt.ttl"


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def diff(root: Path, *revisions: str) -> Comparison:
    return compare(*sides(root, *revisions))


def told(root: Path, *revisions: str) -> str:
    found = diff(root, *revisions)
    return as_text(found, Names(found))


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.kg, ["diff", "--root", str(root), *arguments])


def test_nothing_changed_is_said_so(dataset: Path) -> None:
    assert told(dataset) == "no data change"
    assert not diff(dataset).is_data_changed


def test_a_value_that_changed_stands_beside_the_one_before(dataset: Path) -> None:
    edit(dataset, "data/sources/geonames.ttl", "wgs:lat 54.68916", "wgs:lat 54.7")
    assert told(dataset) == (
        "Vilnius (city:lt-vilnius)\n"
        "  latitude: 54.68916 → 54.7  [geonames]\n"
        "\n"
        "1 changed; 1 statement added, 1 removed"
    )


def test_what_is_retired_is_said_so(dataset: Path) -> None:
    write_retired(dataset, "city:lt-memel", "city:lt-klaipeda")
    assert told(dataset) == (
        "Retired: city:lt-memel\n"
        "  + kind: retired thing (cpo:RetiredThing)  [retired]\n"
        "  + dcterms:isReplacedBy: Klaipėda (city:lt-klaipeda)  [retired]\n"
        "  + retired on: 2026-01-31  [retired]\n"
        "  + retirement reason: merged (v:retired-merged)  [retired]\n"
        "\n"
        "1 retired; 4 statements added, 0 removed"
    )


def test_what_got_another_iri_is_renamed_and_the_old_one_retired(dataset: Path) -> None:
    for path in (dataset / "data").rglob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("city:lt-vilnius", "city:lt-wilno"), encoding="utf-8")
    write_retired(dataset, "city:lt-vilnius", "city:lt-wilno")
    said = told(dataset)
    assert "Renamed: city:lt-vilnius → Vilnius (city:lt-wilno)" in said
    assert "Retired: Vilnius (city:lt-vilnius)\n" in said
    assert said.splitlines()[-1].startswith("1 retired, 1 renamed;")


def write_retired(root: Path, old: str, new: str) -> None:
    (root / "data" / "retired.ttl").write_text(
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        "@prefix v: <https://w3id.org/citypledge/voc/> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
        f'{old} a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;\n'
        f"    cpo:retirementReason v:retired-merged ; dcterms:isReplacedBy {new} .\n",
        encoding="utf-8",
    )


def test_labels_are_paired_by_language_and_others_listed(dataset: Path) -> None:
    edit(
        dataset,
        CITIES,
        '"Vilnius"@lt , "Vilnius"@en , "Vilna"@sl',
        '"Vilnius"@lt , "Vilnius"@en , "Vilnius"@sl , "Wilno"@pl',
    )
    assert told(dataset) == (
        "Vilnius (city:lt-vilnius)\n"
        '  + name: "Wilno" (pl)  [registry]\n'
        '  name: "Vilna" (sl) → "Vilnius" (sl)  [registry]\n'
        "\n"
        "1 changed; 2 statements added, 1 removed"
    )


def test_a_new_entity_is_shown_with_the_labels_of_what_it_points_at(dataset: Path) -> None:
    path = dataset / CITIES
    stub = '\ncity:lt-kaunas\n    a cpo:City ;\n    skos:prefLabel "Kaunas"@lt ;\n'
    path.write_text(path.read_text("utf-8") + stub + "    cpo:country cc:LTU .\n", "utf-8")
    assert told(dataset) == (
        "New city: Kaunas (city:lt-kaunas)\n"
        "  + kind: city (cpo:City)  [registry]\n"
        '  + name: "Kaunas" (lt)  [registry]\n'
        "  + country: Lithuania (cc:LTU)  [registry]\n"
        "\n"
        "1 new; 3 statements added, 0 removed"
    )


def test_a_removed_entity_keeps_its_name_in_what_is_told(dataset: Path) -> None:
    (dataset / "data/registry/place/si.ttl").unlink()
    edit(
        dataset,
        "data/sources/s003.ttl",
        "\n# --- Other places\n\nplace:si-cukrarna\n"
        "    schema:containedInPlace city:si-ljubljana .\n",
        "",
    )
    assert told(dataset).startswith("Removed schema:Place: Cukrarna (place:si-cukrarna)\n") or told(
        dataset
    ).startswith("Removed place: Cukrarna (place:si-cukrarna)\n")
    assert "1 removed; 0 statements added, 4 removed" in told(dataset)


def test_other_layout_other_comments_and_other_prefixes_are_no_data_change(dataset: Path) -> None:
    (dataset / CITIES).write_text(
        "# Another comment.\n"
        "@prefix c: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix o: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix s: <http://www.w3.org/2004/02/skos/core#> .\n"
        "c:lt-vilnius s:prefLabel 'Vilna'@sl , 'Vilnius'@en , '''Vilnius'''@lt ; a o:City ;\n"
        "  o:country <http://publications.europa.eu/resource/authority/country/LTU> .\n"
        "c:lt-klaipeda a o:City ; s:prefLabel 'Klaip\\u0117da'@lt , 'Klaip\\u0117da'@en ,\n"
        "  'Klajpeda'@sl ;\n"
        "  o:country <http://publications.europa.eu/resource/authority/country/LTU> .\n",
        "utf-8",
    )
    assert told(dataset) == (
        f"No data change, only layout or comments:\n  {CITIES}\n\nno data change"
    )
    assert run(dataset, "--exit-code").exit_code == 0


def test_a_statement_that_another_source_makes_now_is_a_move(dataset: Path) -> None:
    edit(dataset, "data/sources/s003.ttl", "city:si-kranj\n    cpo:country cc:SVN .\n", "")
    edit(
        dataset,
        "data/sources/geonames.ttl",
        "    wgs:lat 46.23887 ;",
        "    cpo:country cc:SVN ;\n    wgs:lat 46.23887 ;",
    )
    assert told(dataset) == (
        "Moved: Kranj (city:si-kranj)\n"
        "  moved: country: Slovenia (cc:SVN)  data/sources/s003.ttl → data/sources/geonames.ttl\n"
        "\n"
        "1 moved; 1 statement added, 1 removed"
    )


def test_an_entity_in_another_file_of_one_graph_is_a_move_and_no_data_change(
    dataset: Path,
) -> None:
    path = dataset / CITIES
    head, _, vilnius = path.read_text("utf-8").partition("\ncity:lt-vilnius")
    path.write_text(head, "utf-8")
    other = dataset / "data/registry/city/ee.ttl"
    other.write_text(other.read_text("utf-8") + "\ncity:lt-vilnius" + vilnius, "utf-8")
    assert told(dataset) == (
        "Moved: Vilnius (city:lt-vilnius)\n"
        f"  5 statements moved: {CITIES} → data/registry/city/ee.ttl\n"
        "\n"
        "no data change (1 moved)"
    )


def test_an_entity_that_says_the_same_under_another_iri_is_renamed(dataset: Path) -> None:
    for path in (dataset / "data").rglob("*.ttl"):
        text = path.read_text("utf-8")
        path.write_text(text.replace("net:si-mission-partnership", "net:si-mission"), "utf-8")
    found = diff(dataset)
    assert [
        (e.status, shorten(e.entity.value), shorten(e.was.value if e.was else ""), e.changes)
        for e in found.entities
        if isinstance(e.entity, ox.NamedNode)
    ] == [("renamed", "net:si-mission", "net:si-mission-partnership", ())]
    naming = as_text(found, Names(found)).splitlines()[0]
    assert naming.startswith(
        "Renamed: net:si-mission-partnership → "
        "Slovenian partnership in the Mission (net:si-mission); "
    )


def test_two_entities_that_name_each_other_can_be_renamed_at_once(dataset: Path) -> None:
    for path in (dataset / "data").rglob("*.ttl"):
        text = path.read_text("utf-8").replace("city:ee-tallinn", "city:ee-reval")
        path.write_text(text.replace("mun:ee-tallinn", "mun:ee-reval"), "utf-8")
    assert {
        (e.status, shorten(e.entity.value), e.changes)
        for e in diff(dataset).entities
        if isinstance(e.entity, ox.NamedNode)
    } == {("renamed", "city:ee-reval", ()), ("renamed", "mun:ee-reval", ())}


def test_a_broken_file_is_named_with_its_place_and_the_others_are_told(dataset: Path) -> None:
    edit(dataset, "data/sources/geonames.ttl", "wgs:lat 54.68916", "wgs:lat 54.7")
    edit(dataset, CITIES, "city:lt-vilnius\n    a cpo:City ;", "city:lt-vilnius\n    a cpo:City")
    shown = told(dataset)
    assert shown.startswith(f"Cannot be read (the files now): {CITIES}:14:5: ")
    assert "  latitude: 54.68916 → 54.7  [geonames]\n" in shown
    assert "Removed" not in shown
    assert shown.endswith("; 1 file cannot be read")
    assert run(dataset, "--exit-code").exit_code == 1


def test_a_file_that_is_not_utf8_is_named_too(dataset: Path) -> None:
    (dataset / CITIES).write_bytes(b"# Vilni\xffs\n")
    assert told(dataset).startswith(f"Cannot be read (the files now): {CITIES}:1:8: not UTF-8")


def test_blank_nodes_are_matched_by_what_they_say(dataset: Path) -> None:
    edit(
        dataset,
        "shapes/pledges.ttl",
        "    sh:path [ sh:inversePath cpo:signs ] ;",
        "    sh:path _:back ;",
    )
    path = dataset / "shapes/pledges.ttl"
    path.write_text(path.read_text("utf-8") + "_:back sh:inversePath cpo:signs .\n", "utf-8")
    assert told(dataset).endswith("no data change")
    edit(
        dataset,
        "shapes/pledges.ttl",
        "_:back sh:inversePath cpo:signs",
        "_:back sh:inversePath cpo:approves",
    )
    shown = told(dataset)
    assert "sh:path: [ sh:inversePath cpo:signs ] → [ sh:inversePath cpo:approves ]" in shown


def test_a_changed_item_of_a_list_is_one_change(dataset: Path) -> None:
    edit(
        dataset,
        "shapes/evidence.ttl",
        "v:cert-stated v:cert-implied v:cert-external )",
        "v:cert-stated v:cert-implied )",
    )
    found = diff(dataset)
    assert [(str(e.entity), len(e.changes)) for e in found.entities] == [
        ("<https://w3id.org/citypledge/shapes#CLM04>", 1)
    ]
    assert "( v:cert-stated v:cert-implied )" in as_text(found, Names(found))


def test_two_revisions_are_compared_and_not_the_files(dataset: Path, git: Git) -> None:
    edit(dataset, "data/sources/geonames.ttl", "wgs:lat 54.68916", "wgs:lat 54.7")
    git("commit", "--quiet", "--all", "--message", "second")
    edit(dataset, "data/sources/geonames.ttl", "wgs:lat 54.7", "wgs:lat 54.8")
    assert "latitude: 54.68916 → 54.7 " in told(dataset, "HEAD~1", "HEAD")
    assert "latitude: 54.7 → 54.8 " in told(dataset)
    assert "latitude: 54.68916 → 54.8 " in told(dataset, "HEAD~1")
    assert "latitude: 54.7 → 54.68916 " in told(dataset, "HEAD", "HEAD~1")


def test_a_new_file_counts_before_git_knows_it(dataset: Path) -> None:
    source = dataset / "data/sources/harbour.ttl"
    source.write_text(
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix source: <https://w3id.org/citypledge/id/source/> .\n"
        "source:harbour a cpo:WebPage .\n",
        "utf-8",
    )
    assert told(dataset) == (
        "New web page: source:harbour\n  + kind: web page (cpo:WebPage)  [harbour]\n\n"
        "1 new; 1 statement added, 0 removed"
    )


def test_files_outside_the_dataset_do_not_count(dataset: Path) -> None:
    (dataset.parent / "README").write_text("Something else.\n")
    (dataset / "notes.ttl").write_text("broken")
    assert told(dataset) == "no data change"


def test_a_name_that_is_an_option_is_no_revision(dataset: Path) -> None:
    target = dataset / "written"
    with pytest.raises(UsageError, match="is not a revision"):
        sides(dataset, f"--output={target}")
    assert not target.exists()
    answer = run(dataset, "--", "--help")
    assert isinstance(answer.exception, UsageError)


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~99", "HEAD:data", "a b", "@{"])
def test_a_revision_that_is_not_there_is_said(dataset: Path, revision: str) -> None:
    with pytest.raises(UnknownNameError, match="git knows no revision"):
        sides(dataset, revision)


def test_outside_git_the_reason_is_said(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="kg diff compares with a revision of git"):
        sides(tmp_path)


def test_no_program_that_a_configuration_names_is_run(dataset: Path, git: Git) -> None:
    mark = dataset.parent / "ran"
    tool = dataset.parent / "tool"
    tool.write_text(f'#!/bin/sh\ntouch {mark}\ncat "$1"\n')
    tool.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "core.pager", "diff.ttl.textconv",
                 "filter.ttl.smudge", "filter.ttl.clean"):  # fmt: skip
        git("config", name, str(tool))
    (dataset / ".gitattributes").write_text("*.ttl diff=ttl filter=ttl\n")
    edit(dataset, "data/sources/geonames.ttl", "wgs:lat 54.68916", "wgs:lat 54.7")
    assert "54.68916 → 54.7" in told(dataset)
    assert not mark.exists()


def test_variables_of_a_hook_do_not_lead_to_another_repository(
    dataset: Path, git_in: GitIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git_in(other)("init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert told(dataset) == "no data change"


def test_the_dataset_may_be_the_whole_repository(dataset: Path, git_in: GitIn) -> None:
    top = dataset
    git_in(top)("init", "--quiet")
    git_in(top)("add", "--all")
    git_in(top)("commit", "--quiet", "--message", "own")
    edit(top, "data/sources/geonames.ttl", "wgs:lat 54.68916", "wgs:lat 54.7")
    assert "54.68916 → 54.7" in told(top)


def test_a_patch_has_one_line_for_each_quad_that_went_or_came(dataset: Path) -> None:
    edit(dataset, "data/sources/geonames.ttl", "wgs:lat 54.68916", "wgs:lat 54.7")
    city = "<https://w3id.org/citypledge/id/city/lt-vilnius>"
    lat = "<http://www.w3.org/2003/01/geo/wgs84_pos#lat>"
    graph = "<https://w3id.org/citypledge/graph/source/geonames>"
    number = "^^<http://www.w3.org/2001/XMLSchema#decimal>"
    assert as_rdf_patch(diff(dataset)).splitlines() == [
        "TX .",
        f'D {city} {lat} "54.68916"{number} {graph} .',
        f'A {city} {lat} "54.7"{number} {graph} .',
        "TC .",
    ]


def test_a_patch_turns_the_earlier_quads_into_the_later_ones(dataset: Path) -> None:
    edit(dataset, CITIES, '"Vilna"@sl', '"Vilnius"@sl')
    edit(
        dataset, "shapes/pledges.ttl", "[ sh:hasValue v:force-expectation ]", "[ sh:hasValue v:x ]"
    )
    (dataset / "data/registry/place/si.ttl").unlink()
    found = diff(dataset)
    lines = as_rdf_patch(found).splitlines()[1:-1]
    gone = {line[2:] for line in lines if line.startswith("D ")}
    come = {line[2:] for line in lines if line.startswith("A ")}
    parsed = list(ox.parse("\n".join(gone | come).encode(), ox.RdfFormat.N_QUADS))
    assert len(parsed) == len(gone) + len(come)
    blank = [line for line in come if "_:h" in line]
    assert len(blank) == 2  # the shape that points at the node, and what the node says


def test_json_has_terms_as_in_n_triples(dataset: Path) -> None:
    edit(dataset, CITIES, '"Vilna"@sl', '"Vilnius"@sl')
    found = diff(dataset)
    entity = json.loads(as_json(found, Names(found)))["entities"][0]
    assert entity["iri"] == "https://w3id.org/citypledge/id/city/lt-vilnius"
    assert (entity["label"], entity["status"]) == ("Vilnius", "changed")
    assert entity["changes"] == [
        {
            "property": "http://www.w3.org/2004/02/skos/core#prefLabel",
            "label": "name",
            "before": ['"Vilna"@sl'],
            "after": ['"Vilnius"@sl'],
            "file": CITIES,
        }
    ]


def test_markdown_mentions_nobody_and_links_nowhere(dataset: Path) -> None:
    edit(dataset, CITIES, '"Vilna"@sl', '"<b>@octocat [x](y) #1 *z*"@sl')
    found = diff(dataset)
    shown = as_markdown(found, Names(found))
    assert "- **Vilnius \\(city:lt\\-vilnius\\)**" in shown
    assert "&lt;b&gt;&#64;octocat \\[x\\]\\(y\\) &#35;1 \\*z\\*" in shown
    assert "@" not in shown.replace("&#64;", "")


def test_signs_that_a_terminal_would_act_on_are_shown_as_escapes(dataset: Path) -> None:
    edit(dataset, CITIES, '"Vilna"@sl', '"\\u001B[2J\\u202Ex"@sl')
    assert '"\\x1b[2J\\u202ex" (sl)' in told(dataset)


def test_the_command_exits_with_1_only_if_asked(dataset: Path) -> None:
    assert run(dataset, "--exit-code").exit_code == 0
    edit(dataset, CITIES, '"Vilna"@sl', '"Vilnius"@sl')
    assert run(dataset).exit_code == 0
    assert run(dataset, "--exit-code").exit_code == 1
    assert run(dataset, "--format", "rdf-patch").output.startswith("TX .\n")


def test_names_are_those_of_the_language_asked_for(dataset: Path) -> None:
    edit(dataset, CITIES, "cpo:country cc:LTU .\n\ncity", "cpo:country cc:LVA .\n\ncity")
    assert "šalis: Lietuva (cc:LTU) → Latvija (cc:LVA)" in run(dataset, "--language", "lt").output


def test_a_link_of_git_is_no_file_of_the_dataset(dataset: Path, git: Git) -> None:
    link = dataset / "data/sources/link.ttl"
    link.symlink_to("geonames.ttl")
    git("add", "--all")
    git("commit", "--quiet", "--message", "link")
    assert "data/sources/link.ttl" not in sides(dataset)[0].contents
