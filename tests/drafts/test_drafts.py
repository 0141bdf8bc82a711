"""A stub of every kind in its place, and no second one of what is there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import dataset
from kg.check import run
from kg.drafts import Draft, DuplicateError, Wish, plan, write
from kg.drafts.planning import CLASSES
from kg.errors import UnknownNameError, UsageError
from kg.findings import Finding, Severity
from kg.formatting import format_text
from kg.namespaces import KINDS, shorten

# One wish for each kind with all that its class demands, and the codes that are found without it.
WHOLE: dict[str, Wish] = {
    "programme": Wish("programme", "Harbour Programme@en", area="eu"),
    "edition": Wish("edition", "Harbour I@en", given=(("in", "prog:harbour-programme"),)),
    "fund": Wish("fund", "Harbour Fund@en"),
    "city": Wish("city", "Kaunas@lt", country="LTU"),
    "municipality": Wish(
        "municipality", "Kauno miesto savivaldybė@lt", country="LT", given=(("of", "Kaunas"),)
    ),
    "organisation": Wish("organisation", "Kaunas Observatory@en", country="Lithuania"),
    "place": Wish("place", "Kaunas Hall@en", country="LT"),
    "network": Wish(
        "network", "Harbours@en", given=(("cpo:underProgramme", "prog:harbour-programme"),),
        local="urbact-harbours", area="urbact",
    ),
    "source": Wish(
        "source", "Harbours on themselves@en",
        given=(("pav:retrievedFrom", "https://example.org/harbours"),),
    ),
    "person": Wish(
        "person", "Ona Pavyzdė@lt", source="s003",
        given=(
            ("cpo:publicationBasis", "v:basis-elected"),
            ("cpo:role", "mayor"),
            ("in", "mun:lt-kaunas-city"),
        ),
    ),
    "project": Wish("project", "Green Quay@en", country="LT", source="s003"),
    "participation": Wish(
        "participation", source="s003",
        given=(
            ("of", "mun:lt-kaunas-city"),
            ("in", "prog:harbour-programme"),
            ("cpo:role", "v:role-member"),
        ),
    ),
    "event": Wish("event", "Harbour Day@en", country="LT", source="s003"),
    "pledge": Wish(
        "pledge", "Harbour Pledge@en", source="s003",
        given=(("of", "mun:lt-kaunas-city"), ("cpo:date", "2024-05")),
    ),
    "undertaking": Wish(
        "undertaking", "Clean water@en", source="s003", given=(("of", "pledge:harbour-pledge"),)
    ),
    "target": Wish(
        "target", "Clean by 2030@en", source="s003",
        given=(
            ("of", "pledge:harbour-pledge"),
            ("cpo:outcome", "v:climate-neutrality"),
            ("cpo:bindingForce", "v:force-pledge"),
            ("cpo:targetYear", "2030"),
        ),
    ),
    "signature": Wish(
        "signature", source="s003",
        given=(("in", "pledge:harbour-pledge"), ("of", "mun:lt-vilnius-city")),
    ),
    "role": Wish(
        "role", source="s003",
        given=(("of", "person:p-0001"), ("in", "mun:lt-kaunas-city"), ("cpo:role", "v:role-mayor")),
    ),
    "activity": Wish(
        "activity", "Dredging@en", source="s003", given=(("of", "net:urbact-harbours"),)
    ),
    "phase": Wish("phase", source="s003", given=(("of", "project:lt-green-quay"),)),
    "goal": Wish("goal", "Quiet harbours@en", source="s003"),
    "group": Wish("group", "Harbour masters@en", source="s003"),
    "output": Wish("output", "Harbour guide@en", source="s003"),
    "document": Wish("document", "Harbour memorandum@en", source="s003"),
    "decision": Wish(
        "decision", "Approval of the quay@en", source="s003",
        given=(("cpo:decidedBy", "organisation:lt-klaipeda-council"),),
    ),
    "figure": Wish(
        "figure", source="s003",
        given=(
            ("of", "net:urbact-harbours"), ("cpo:counts", "v:count-cities"),
            ("cpo:figureValue", "7"),
        ),
    ),
    "funding": Wish(
        "funding", source="s003",
        given=(("of", "net:urbact-harbours"), ("cpo:fromFund", "fund:harbour-fund")),
    ),
    "name": Wish(
        "name", "Kaunui@lt", source="s003", given=(("cpo:nameKind", "v:name-inflected"),)
    ),
    "span": Wish(
        "span", source="s003",
        given=(("in", "source:s003"), ("cpo:spanStart", "5"), ("cpo:spanEnd", "9")),
    ),
    "claim": Wish(
        "claim", source="s003",
        given=(
            ("of", "event:lt-harbour-day"),
            ("cpo:claimProperty", "cpo:date"),
            ("cpo:claimValue", "2024-05-06"),
            ("cpo:certainty", "v:cert-implied"),
            ("cpo:claimStatus", "v:claim-open"),
            ("cpo:hasSpan", "span:s003-001"),
        ),
    ),
    "progress": Wish(
        "progress", source="s003",
        given=(
            ("of", "undertaking:harbour-pledge-1"),
            ("cpo:progressStatus", "v:progress-under-way"),
            ("cpo:date", "2025-06"),
            ("cpo:hasSpan", "span:s003-001"),
        ),
    ),
}  # fmt: skip
# A ruling on nothing that is said has no effect, which CNF02 finds.
RULING = Wish(
    "ruling",
    given=(
        ("of", "city:lt-vilnius"),
        ("cpo:decidesProperty", "cpo:country"),
        ("cpo:rejectedValue", "cc:EST"),
        ("rdfs:comment", "A gazetteer mistook the city.@en"),
        ("dcterms:date", '"2026-11-22"^^xsd:date'),
        ("prov:wasAttributedTo", "organisation:citypledge-curators"),
    ),
)

BARE: dict[str, tuple[Wish, set[str]]] = {
    "city": (Wish("city", local="lt-x", area="lt"), {"LBL01", "PLC01"}),
    "municipality": (Wish("municipality", local="lt-x", area="lt"), {"LBL01", "PLC01"}),
    "network": (Wish("network", local="x", area="lt"), {"LBL01"}),
    "programme": (Wish("programme", local="x", area="lt"), {"LBL01"}),
    "organisation": (Wish("organisation", local="x", area="lt"), {"LBL01"}),
    "source": (Wish("source", "A page@en"), {"SRC04"}),
    "person": (
        Wish(
            "person",
            "Jonas Pavyzdys@lt",
            source="s003",
            given=(("cpo:role", "mayor"), ("in", "mun:si-kranj")),
        ),
        {"PER01"},
    ),
    "project": (Wish("project", local="x", source="s003"), {"LBL01"}),
    "pledge": (Wish("pledge", "A promise@en", source="s003"), {"PLG01"}),
    "undertaking": (
        Wish("undertaking", "A duty@en", local="x", source="s003"),
        {"UND01", "UND02"},
    ),
    "participation": (
        Wish("participation", local="x--y", source="s003"),
        {"PAR01", "PAR02", "PAR03"},
    ),
    "signature": (Wish("signature", source="s003"), {"SIG01", "SIG02"}),
    "role": (Wish("role", source="s003"), {"ROL01", "ROL02", "ROL03"}),
    "target": (Wish("target", "An aim@en", source="s003"), {"TGT01", "TGT02", "TGT03"}),
    "event": (Wish("event", local="x", source="s003"), {"LBL01"}),
    "figure": (Wish("figure", source="s003"), {"FIG01", "FIG02", "FIG03"}),
    "decision": (Wish("decision", "A decision@en", source="s003"), {"DEC01"}),
    "claim": (
        Wish("claim", source="s003"),
        {"CLM01", "CLM02", "CLM03", "CLM04", "CLM05", "CLM06"},
    ),
    "span": (Wish("span", source="s003"), {"SPN01", "SPN02", "SPN03"}),
    "name": (Wish("name", source="s003"), {"NAM01", "NAM02"}),
    "progress": (Wish("progress", source="s003"), {"PRG01", "PRG02", "PRG03", "PRG04"}),
    "funding": (Wish("funding", source="s003"), {"FUN01", "FUN02"}),
    "ruling": (Wish("ruling"), {f"DEC0{number}" for number in range(3, 9)}),
}


def made(root: Path, wish: Wish, *, anyway: bool = False) -> Draft:
    draft = plan(root, wish, anyway=anyway)
    write(root, draft)
    return draft


def text(root: Path, name: str) -> str:
    return (root / name).read_bytes().decode()


def violations(root: Path) -> list[Finding]:
    report = run.check_dataset(root)
    return [f for f in report.findings if f.severity is Severity.VIOLATION]


def lines_beside(before: str, after: str) -> Iterator[str]:
    """Yield the lines of one text that the other lacks, if the rest is the same and in order."""
    rest = iter(before.splitlines(keepends=True))
    expected = next(rest, None)
    for line in after.splitlines(keepends=True):
        if line == expected:
            expected = next(rest, None)
        else:
            yield line
    assert expected is None


def test_there_is_a_wish_for_every_kind() -> None:
    assert {*WHOLE, "ruling"} == set(KINDS) == set(CLASSES)


def test_a_stub_of_every_kind_with_all_that_is_demanded_breaks_no_rule(copy: Path) -> None:
    before = violations(copy)
    for wish in WHOLE.values():
        made(copy, wish)
    assert violations(copy) == before
    for file in dataset.read(copy).files:
        assert "# to do: " not in file.text, file.name


def test_what_is_missing_is_written_as_to_do_and_is_what_the_check_finds(copy: Path) -> None:
    stubs: dict[str, str] = {}
    for kind, (wish, codes) in BARE.items():
        draft = made(copy, wish, anyway=True)
        written = draft.entities[0]
        after = text(copy, written.file)
        block = after.split("\n")[written.line - 1 :]
        stub = block[: block.index("    .") + 1]
        noted = {line.split("(")[1][:5] for line in stub if line.startswith("    # to do: ")}
        assert noted == codes, kind
        stubs[written.iri] = kind
    found: dict[str, set[str]] = {kind: set() for kind in BARE}
    for finding in violations(copy):
        if finding.focus in stubs:
            found[stubs[finding.focus]].add(finding.code)
    assert found == {kind: codes for kind, (_, codes) in BARE.items()}


def test_a_ruling_goes_to_the_decisions(copy: Path) -> None:
    draft = made(copy, RULING)
    assert shorten(draft.entities[0].iri) == "ruling:ru-0005"
    assert draft.entities[0].file == "data/decisions.ttl"
    assert {f.code for f in violations(copy)} == {"CNF02"}


def test_a_city_stands_in_the_file_of_its_country_in_the_order_of_names(copy: Path) -> None:
    before = text(copy, "data/registry/city/lt.ttl")
    draft = made(copy, Wish("city", "Kaunas", language="lt", labels=("Kaunas@en",), country="LTU"))
    assert [(shorten(e.iri), e.file, e.line) for e in draft.entities] == [
        ("city:lt-kaunas", "data/registry/city/lt.ttl", 7)
    ]
    stub = (
        "city:lt-kaunas\n"
        "    a cpo:City ;\n"
        '    skos:prefLabel "Kaunas"@lt , "Kaunas"@en ;\n'
        "    cpo:country cc:LTU .\n"
        "\n"
    )
    start = before.index("city:lt-klaipeda")
    after = text(copy, "data/registry/city/lt.ttl")
    assert after == before[:start] + stub + before[start:]
    assert format_text(after) == after


def test_an_entity_goes_to_the_end_of_a_file_that_is_in_no_order(copy: Path) -> None:
    before = text(copy, "data/registry/city/si.ttl")
    made(copy, Wish("city", "Maribor", language="sl", country="SI"))
    assert text(copy, "data/registry/city/si.ttl") == before + (
        "\n"
        "city:si-maribor\n"
        "    a cpo:City ;\n"
        '    skos:prefLabel "Maribor"@sl ;\n'
        "    cpo:country cc:SVN .\n"
    )


def test_a_file_of_another_country_is_made_with_a_head_and_its_prefixes(copy: Path) -> None:
    made(copy, Wish("city", "Rīga", language="lv", country="Latvia"))
    assert text(copy, "data/registry/city/lv.ttl") == (
        "# Cities of Latvia.\n"
        "@prefix cc: <http://publications.europa.eu/resource/authority/country/> .\n"
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "\n"
        "city:lv-riga\n"
        "    a cpo:City ;\n"
        '    skos:prefLabel "Rīga"@lv ;\n'
        "    cpo:country cc:LVA .\n"
    )


def test_a_missing_prefix_is_declared_among_the_others_and_nothing_else_changes(
    copy: Path,
) -> None:
    before = text(copy, "data/registry/network/urbact.ttl")
    made(copy, Wish("network", "Harbours@en", given=(("cpo:underProgramme", "prog:urbact"),)))
    after = text(copy, "data/registry/network/urbact.ttl")
    assert [line.strip() for line in lines_beside(before, after)] == [
        "@prefix prog: <https://w3id.org/citypledge/id/programme/> .",
        "",
        "net:urbact-harbours",
        "a cpo:Network ;",
        'skos:prefLabel "Harbours"@en ;',
        "cpo:underProgramme prog:urbact .",
    ]
    prefixes = [line for line in after.splitlines() if line.startswith("@prefix")]
    assert prefixes == sorted(prefixes)


def test_line_ends_comments_and_a_missing_last_line_end_stay(copy: Path) -> None:
    path = copy / "data/registry/city/lt.ttl"
    odd = path.read_text(encoding="utf-8").replace("\n", "\r\n").rstrip() + " # the last"
    path.write_bytes(odd.encode())
    made(copy, Wish("city", "Zarasai", language="lt", country="LT"))
    assert path.read_bytes().decode() == odd + (
        "\r\n\r\ncity:lt-zarasai\r\n    a cpo:City ;\r\n"
        '    skos:prefLabel "Zarasai"@lt ;\r\n    cpo:country cc:LTU .'
    )


def test_a_comment_above_an_entity_stays_with_it(copy: Path) -> None:
    path = copy / "data/registry/city/lt.ttl"
    odd = path.read_text(encoding="utf-8")
    odd = odd.replace("city:lt-klaipeda\n", "# On the sea.\ncity:lt-klaipeda\n")
    path.write_text(odd, encoding="utf-8")
    made(copy, Wish("city", "Kaunas", language="lt", country="LT"))
    after = path.read_text(encoding="utf-8")
    assert "# On the sea.\ncity:lt-klaipeda\n" in after
    assert after.index("city:lt-kaunas\n") < after.index("# On the sea.")


def test_the_first_of_its_kind_in_a_source_gets_the_heading_of_other_sources(copy: Path) -> None:
    made(copy, Wish("project", "Green Quay@en", country="LT", source="s001"))
    assert text(copy, "data/sources/s001.ttl").endswith(
        "\n\n# --- Projects\n\nproject:lt-green-quay\n    a cpo:Project ;\n"
        '    skos:prefLabel "Green Quay"@en .\n'
    )


MAYOR = (("cpo:publicationBasis", "v:basis-elected"), ("cpo:role", "mayor"), ("in", "mun:si-kranj"))


@pytest.mark.parametrize(
    ("wish", "iri"),
    [
        (Wish("person", "Ona Pavyzdė@lt", source="s003", given=MAYOR), "person:p-0009"),
        (Wish("claim", source="s003"), "claim:s003-084"),
        (Wish("claim", source="h2lt-2023"), "claim:h2lt-2023-2"),
        (Wish("figure", source="s003"), "figure:fi-0012"),
        (
            Wish(
                "participation",
                source="s003",
                given=(("of", "mun:lt-vilnius-city"), ("in", "prog:eu-cities-mission")),
            ),
            "pa:eu-cities-mission--lt-vilnius-city",
        ),
        (
            Wish("undertaking", "8th@en", source="s003", given=(("of", "pledge:si-mission-2022"),)),
            "undertaking:si-mission-2022-8",
        ),
        (
            Wish("municipality", "X@ca", country="ES", given=(("of", "city:es-barcelona"),)),
            "mun:es-barcelona",
        ),
        (Wish("network", "Harbours@en", country="LT"), "net:lt-harbours"),
        (Wish("network", "Uostai@lt", country="LT", labels=("Harbours@en",)), "net:lt-harbours"),
        (Wish("source", "A page@en", local="page-2026"), "source:page-2026"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_iri_follows_the_rules_of_its_kind(five_texts: Path, wish: Wish, iri: str) -> None:
    assert shorten(plan(five_texts, wish).entities[0].iri) == iri


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Klaipėda", "LT"),
        ("KLAIPEDA", "LT"),
        ("klaipėdos", "LT"),
        ("City of Klaipėda", "LT"),
        ("Klajpeda", "LT"),
        ("Klaipéda", "LT"),
        ("Klaipedda", "LT"),
        ("Vilniuje", "LT"),
        ("Carigrad", "TR"),
        ("Istambul", "TR"),
        ("Stambulas", "TUR"),
        ("Lubljana", "SI"),
    ],
)
def test_a_city_that_is_there_is_found_under_every_spelling(
    five_texts: Path, name: str, country: str
) -> None:
    with pytest.raises(DuplicateError, match="looks like an existing city"):
        plan(five_texts, Wish("city", name, language="en", country=country))


def test_a_refusal_names_what_is_there_with_its_place(five_texts: Path) -> None:
    with pytest.raises(DuplicateError) as refused:
        plan(five_texts, Wish("city", "KLAIPEDA", language="lt", country="LT"))
    assert str(refused.value) == (
        'looks like an existing city: city:lt-klaipeda "Klaipėda" '
        "(data/registry/city/lt.ttl:7:1); use that, or give --anyway"
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("network", "RURAL@en"),
        ("network", "Žaliųjų savivaldybių nacionalinį tinklą@lt"),
        ("programme", "urbact@en"),
        ("organisation", "EVROPSKA KOMISIJA@sl"),
    ],
)
def test_a_name_form_or_another_label_is_enough(five_texts: Path, kind: str, name: str) -> None:
    with pytest.raises(DuplicateError, match=f"existing {kind}"):
        plan(five_texts, Wish(kind, name, area="eu" if kind == "programme" else "lt"))


def test_a_city_of_the_same_name_in_another_country_is_another_city(five_texts: Path) -> None:
    draft = plan(five_texts, Wish("city", "Vilnius", language="en", country="Poland"))
    assert shorten(draft.entities[0].iri) == "city:pl-vilnius"


@pytest.mark.parametrize(
    "identity",
    ["https://sws.geonames.org/593116/", "https://www.geonames.org/593116/vilnius.html"],
)
def test_an_outside_identity_that_is_taken_is_a_duplicate_whatever_the_name(
    five_texts: Path, identity: str
) -> None:
    with pytest.raises(DuplicateError, match="city:lt-vilnius"):
        plan(five_texts, Wish("city", "Wilno", language="pl", country="LT", same_as=identity))


def test_a_page_that_was_read_is_not_taken_up_again(five_texts: Path) -> None:
    wish = Wish(
        "source", "Something@en", given=(("pav:retrievedFrom", "https://www.geonames.org"),)
    )
    with pytest.raises(DuplicateError, match="source:geonames"):
        plan(five_texts, wish)


def test_one_participation_in_one_role_is_not_made_twice(five_texts: Path) -> None:
    wish = Wish(
        "participation",
        source="s003",
        given=(
            ("of", "mun:si-kranj"),
            ("in", "prog:eu-cities-mission"),
            ("cpo:role", "v:role-member"),
        ),
    )
    with pytest.raises(DuplicateError, match="pa:eu-cities-mission--si-kranj"):
        plan(five_texts, wish)
    second = plan(five_texts, wish, anyway=True).entities[0]
    assert shorten(second.iri) == "pa:eu-cities-mission--si-kranj--2"


def test_a_second_run_is_refused(copy: Path) -> None:
    wish = Wish("city", "Kaunas", language="lt", country="LT")
    made(copy, wish)
    before = text(copy, "data/registry/city/lt.ttl")
    with pytest.raises(DuplicateError, match="there is one already: city:lt-kaunas"):
        plan(copy, wish, anyway=True)
    assert text(copy, "data/registry/city/lt.ttl") == before


def test_anyway_makes_what_only_looks_like_another(five_texts: Path) -> None:
    wish = Wish("city", "Vilniaus", language="lt", country="LT")
    assert shorten(plan(five_texts, wish, anyway=True).entities[0].iri) == "city:lt-vilniaus"


def test_planning_writes_nothing_and_shows_a_diff(copy: Path) -> None:
    before = text(copy, "data/registry/city/lt.ttl")
    shown = plan(copy, Wish("city", "Kaunas", language="lt", country="LT")).as_diff()
    assert text(copy, "data/registry/city/lt.ttl") == before
    assert shown.startswith("--- a/data/registry/city/lt.ttl\n+++ b/data/registry/city/lt.ttl\n@@ ")
    assert "\n+city:lt-kaunas\n" in shown


def test_a_file_that_changed_meanwhile_is_not_written(copy: Path) -> None:
    draft = plan(copy, Wish("city", "Kaunas", language="lt", country="LT"))
    path = copy / "data/registry/city/lt.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(UsageError, match="changed meanwhile"):
        write(copy, draft)
    assert path.read_text(encoding="utf-8").endswith("# mine\n")
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == []


def test_the_text_of_a_source_gives_its_length_and_its_hash(copy: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_bytes("Kauną – ežere\n".encode())
    made(
        copy,
        Wish("source", "A page@en", text=page, given=(("dcterms:language", "lang:LIT"),)),
    )
    written = text(copy, "data/sources/s005.ttl")
    assert "cpo:textLength 14 ;" in written
    assert hashlib.sha256(page.read_bytes()).hexdigest() in written
    assert violations(copy) == []


def test_a_city_stands_for_the_body_that_governs_it_where_a_body_is_asked_for(copy: Path) -> None:
    wish = Wish(
        "participation",
        source="s004",
        given=(
            ("of", "city:ee-tallinn"),
            ("in", "net:urbact-rurban"),
            ("cpo:role", "partner"),
        ),
    )
    made(copy, wish)
    store = ox.Store()
    store.load((copy / "data/sources/s004.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    assert store.query(
        "PREFIX cpo: <https://w3id.org/citypledge/ont#>"
        "ASK { <https://w3id.org/citypledge/id/participation/urbact-rurban--ee-tallinn>"
        " cpo:participant <https://w3id.org/citypledge/id/municipality/ee-tallinn> ;"
        " cpo:role <https://w3id.org/citypledge/voc/role-partner> }"
    )


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (("cpo:startDate", "2021"), '"2021"^^xsd:gYear'),
        (("cpo:startDate", "2021-03"), '"2021-03"^^xsd:gYearMonth'),
        (("cpo:startDate", "2021-03-09"), '"2021-03-09"^^xsd:date'),
        (("cpo:duration", "P18M"), '"P18M"^^xsd:duration'),
        (("cpo:purpose", "quays@en"), '"quays"@en'),
        (("skos:note", '"say \\"quay\\""@en'), '"say \\"quay\\""@en'),
        (("cpo:runBy", "European Commission"), "organisation:european-commission"),
        (("foaf:homepage", "https://example.org/a?b=1"), "<https://example.org/a?b=1>"),
        (("dcterms:type", "v:kind-pilot-project"), "v:kind-pilot-project"),
    ],
)
def test_a_value_gets_the_datatype_that_shapes_and_ontology_demand(
    five_texts: Path, given: tuple[str, str], written: str
) -> None:
    draft = plan(
        five_texts, Wish("project", "Quays@en", country="LT", source="s003", given=(given,))
    )
    after = draft.changes["data/sources/s003.ttl"].after
    assert f"    {given[0]} {written} .\n" in after


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("city", "Kaunas", country="LT"), "has no language"),
        (Wish("city", "Kaunas", language="lt"), "begins with its country"),
        (Wish("city", "Kaunas", language="lt", country="Atlantis"), "nothing suitable"),
        (Wish("city", "…", language="el", country="GRC"), "--id"),
        (Wish("city", "Kaunas", language="lt", country="LT", local="LT Kaunas"), "small ASCII"),
        (Wish("project", "Quays@en", country="LT"), "which source says so"),
        (Wish("project", "Quays@en", source="s999"), "there is no source 's999'"),
        (Wish("project", "Quays@en", source="s003", given=(("cpo:startDate", "May"),)), "gYear"),
        (Wish("project", "Quays@en", source="s003", given=(("cpo:role", "lead"),)), "property of"),
        (Wish("project", "Q@en", source="s003", given=(("cpo:runBy", "net:n"),)), "not described"),
        (Wish("project", "Q@en", source="s003", given=(("cpo:startDat", "2021"),)), "did you mean"),
        (Wish("person", "Ona Pavyzdė@lt"), "public role"),
        (Wish("village", "X@en"), "there is no kind"),
        (Wish("city", "Kaunas", language="xq", country="LT"), "LBL02"),
        (Wish("project", "Q@en", source="s003", given=(("cpo:startDate", "2021-13-45"),)), "TIM01"),
        (Wish("programme", "Quays@en"), "--area: eu, lt"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(five_texts: Path, wish: Wish, said: str) -> None:
    with pytest.raises((UsageError, UnknownNameError)) as refused:
        plan(five_texts, wish)
    assert said in str(refused.value)


@pytest.mark.parametrize("property_", ["foaf:mbox", "foaf:phone", "schema:email"])
def test_a_person_never_gets_contact_data(five_texts: Path, property_: str) -> None:
    secret = "nobody" + "(at)" + "example.org"
    wish = WHOLE["person"]
    given = (*wish.given[:2], ("in", "mun:si-kranj"), (property_, f'"{secret}"'))
    with pytest.raises((UsageError, UnknownNameError)) as refused:
        plan(five_texts, Wish(**{**wish.__dict__, "given": given}))
    assert secret not in str(refused.value)


def test_a_telephone_number_in_a_text_is_refused_and_not_repeated(five_texts: Path) -> None:
    number = "+000 " + "1234" + "5678"
    wish = Wish(
        "event", "Day@en", source="s003", given=(("dcterms:description", f"Ring {number}@en"),)
    )
    with pytest.raises(UsageError, match="PRV03") as refused:
        plan(five_texts, wish)
    assert number not in str(refused.value)


def test_an_identity_outside_goes_to_the_links(copy: Path) -> None:
    made(copy, Wish("city", "Kaunas", language="lt", country="LT", same_as="wd:Q4115712"))
    after = text(copy, "data/links.ttl")
    assert "\ncity:lt-kaunas\n    owl:sameAs wd:Q4115712 .\n" in after
    assert "@prefix wd: <http://www.wikidata.org/entity/> .\n" in after
    assert violations(copy) == []


def test_each_body_that_signs_a_new_pledge_gets_a_signature(copy: Path) -> None:
    wish = Wish(
        "pledge",
        "Harbour Pledge@en",
        source="s003",
        given=(("of", "mun:lt-vilnius-city"), ("of", "mun:si-kranj"), ("cpo:date", "2024")),
    )
    draft = made(copy, wish)
    assert [shorten(e.iri) for e in draft.entities] == [
        "pledge:harbour-pledge",
        "signature:sg-0005",
        "signature:sg-0006",
    ]
    after = text(copy, "data/sources/s003.ttl")
    for body in ("lt-vilnius-city", "si-kranj"):
        assert (
            "    cpo:signs pledge:harbour-pledge ;\n"
            f"    cpo:signatory mun:{body} ;\n"
            '    cpo:date "2024"^^xsd:gYear .\n'
        ) in after
