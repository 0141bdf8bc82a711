"""Contact data that stands in a file is in no output.

The telephone numbers are made of noughts and the addresses are put together here.
"""

from pathlib import Path

import pytest

from kg import contact, mending
from kg.check import run
from kg.findings import Edit, Finding, Fix, Severity, Span, Text
from kg.renderers import FORMATS, View, render
from kg.renderers.excerpt import rows
from kg.turtle import Lines

CASES = sorted((Path(__file__).parents[1] / "shapes" / "cases").glob("PRV0[234]-*.ttl"))
ADDRESS = "office@" + "example.org"
NUMBER = "+386 1 000 00 00"
HEAD = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix event: <https://w3id.org/citypledge/id/event/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
"""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_what_the_rules_on_privacy_find_is_hidden_in_its_line(case: Path) -> None:
    lines = case.read_text(encoding="utf-8").splitlines()
    masked = [contact.masked(line) for line in lines]
    changed = [line for line, shown in zip(lines, masked, strict=True) if line != shown]
    assert len(changed) == 1
    assert [len(line) for line in masked] == [len(line) for line in lines]


def test_nothing_in_the_dataset_is_taken_for_contact_data(root: Path) -> None:
    for path in sorted(root.glob("data/**/*.ttl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert contact.masked(line) == line
            assert not contact.is_in(line)


@pytest.mark.parametrize(
    "line",
    [
        'cpo:textHash "00380d2f3105600380010000000000003800000000000000000000000000aaaa" ;',
        '"2023-05-08"^^xsd:date , "2023-05-08T10:00:00Z"^^xsd:dateTime , 54.68916 , 1000000.0',
        'skos:prefLabel "Vilnius"@en-GB , "Vilnius"@en.',
        "<https://example.org/@city/a.html>",
        "2014/2020, 2021-2027, 100 000 000",
    ],
)
def test_tags_dates_hashes_and_counts_are_shown(line: str) -> None:
    assert contact.masked(line) == line


def test_an_address_with_an_escaped_sign_is_hidden() -> None:
    escaped = ADDRESS.replace("@", "\\u0040")
    assert contact.masked(f'"{escaped}"') == '"' + "•" * len(escaped) + '"'


def test_a_field_for_contact_data_is_hidden_whatever_is_in_it() -> None:
    assert contact.masked('  foaf:phone "12 34" ; a foaf:Person .') == (
        "  foaf:phone ••••••• ; a foaf:Person ."
    )


def test_of_a_finding_on_privacy_only_what_is_meant_is_shown() -> None:
    text = 'person:p-0001 schema:birthDate "1970-01-01"^^xsd:date .'
    (row,) = rows(Lines(text), Span("x.ttl", 1, 15, 1, 31), is_private=True)
    assert row.text == "••••••••••••• schema:birthDate •••••••••••••••••••••• •"


def test_a_finding_withholds_contact_data_however_it_is_made() -> None:
    finding = Finding(
        "SYN23",
        Severity.VIOLATION,
        Span("x.ttl"),
        Text(f"the text {ADDRESS} has no quotation marks", NUMBER, f"a {NUMBER} b"),
        found=ADDRESS,
        focus=f"mailto:{ADDRESS}",
        value=f'"{NUMBER}"',
    )
    assert (finding.found, finding.focus, finding.value) == ("", "", "")
    assert finding.said == Text("the text … has no quotation marks", "…", "a … b")


@pytest.mark.parametrize(
    "text",
    [
        f"event:demo a cpo:Event ; foaf:mbox <mailto:{ADDRESS}> ;\n"
        f'  dcterms:description "Ring {NUMBER}"@EN , """Write\nto {ADDRESS}"""@en ;\n'
        f'  skos:prefLabel "{ADDRESS}"@lt , "{NUMBER}"@lt .\n',
        f"event:demo dcterms:description {ADDRESS} ; foaf:phone {NUMBER} ;\n"
        f'  skos:note "{ADDRESS} ;\n  foaf:mbox mailto:{ADDRESS} .\n# kg: ignore {ADDRESS}\n',
    ],
    ids=["well-formed", "broken"],
)
def test_no_output_repeats_contact_data(text: str, root: Path) -> None:
    whole = HEAD + text
    report = run.check_text(whole, "draft.ttl", root)
    assert report.findings
    view = View(report.findings, root, ["draft.ttl"], given={"draft.ttl": whole})
    for form in FORMATS:
        shown = render(view, form)
        for part in (ADDRESS, "office@", NUMBER, NUMBER[5:], NUMBER.replace(" ", "")):
            assert part not in shown, form


def test_a_fix_that_repeats_contact_data_is_made_and_not_shown(root: Path) -> None:
    text = f"x {ADDRESS} y\n"
    fix = Fix(Text(f'write "{ADDRESS}"'), (Edit("x.ttl", 2, 2 + len(ADDRESS), f'"{ADDRESS}"'),))
    finding = Finding(
        "SYN23",
        Severity.VIOLATION,
        Span("x.ttl", 1, 3, 1, 9),
        Text("no quotation marks"),
        fixes=(fix,),
    )
    view = View([finding], root, ["x.ttl"], given={"x.ttl": text})
    for form in FORMATS:
        assert ADDRESS not in render(view, form)
    assert '"fixes": []' in render(view, "json")
    mended = mending.Mended(
        {"x.ttl": text}, {"x.ttl": f'x "{ADDRESS}" y\n'}, [], [], ({"x.ttl": text}, [finding])
    )
    assert ADDRESS not in mended.diff()
    assert f'+x "{"•" * len(ADDRESS)}" y\n' in mended.diff()
