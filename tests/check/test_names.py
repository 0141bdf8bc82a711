"""Names: declarations of prefixes, language tags, terms of other vocabularies."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.check import declarations, run
from kg.dataset import SourceFile
from kg.findings import Finding
from kg.mending import edited

HEAD = """@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix schema: <http://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

city:lt-x a cpo:City ; cpo:country cc:LTU ; skos:prefLabel "X"@lt ;
  """


def found(root: Path, folder: Path, statement: str) -> list[tuple[str, int, int]]:
    """Return the findings on a statement; not all prefixes of the head are used in it."""
    path = folder / "draft.ttl"
    path.write_text(f"{HEAD}{statement} .\n", encoding="utf-8")
    findings = run.check_files(root, [path]).findings
    return [(f.code, f.line, f.column) for f in findings if f.code != "NMS02"]


@pytest.mark.parametrize(
    "statement", ['skos:hiddenLable "x"@lt', 'dcterms:titel "x"@lt', 'schema:populaton "1"']
)
def test_a_term_that_its_vocabulary_does_not_have_is_found_at_its_place(
    root: Path, tmp_path: Path, statement: str
) -> None:
    assert found(root, tmp_path, statement) == [("VOC02", 10, 3)]


@pytest.mark.parametrize(
    "statement",
    [
        'skos:hiddenLabel "x"@lt',
        'dcterms:description "x"@en',
        'schema:alternateName "x"@lt',
        "foaf:homepage <https://example.org/>",
        '<http://example.org/any> "x"',
    ],
)
def test_a_term_that_its_vocabulary_has_passes_and_so_does_one_of_an_unknown_vocabulary(
    root: Path, tmp_path: Path, statement: str
) -> None:
    assert found(root, tmp_path, statement) == []


def test_a_class_is_looked_at_too_and_the_nearest_name_is_given(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(f"{HEAD}a foaf:Persom .\n", encoding="utf-8")
    (finding,) = [f for f in run.check_files(root, [path]).findings if f.code != "NMS02"]
    assert finding.code == "VOC02"
    assert finding.help.en == "did you mean foaf:Person?"
    assert [edit.text for edit in finding.fixes[0].edits] == ["foaf:Person"]


def test_a_draft_may_refer_to_what_the_dataset_describes(root: Path, tmp_path: Path) -> None:
    assert found(root, tmp_path, "cpo:nameForm <https://w3id.org/citypledge/id/name/n-0001>") == []


# --- Declarations and tags

CITY = """
city:lt-x
    a cpo:City ;
    skos:prefLabel "X"@lt ;
    cpo:country cc:LTU .
"""
DECLARED = """@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.fixture(scope="module")
def ground(root: Path) -> run.Ground:
    return run.ground_of(root)


def findings_of(text: str, ground: run.Ground) -> list[Finding]:
    return run.check_draft(text, "x.ttl", ground).findings


def place(finding: Finding) -> tuple[str, int, int, int]:
    return finding.code, finding.line, finding.column, finding.span.end_column


def test_a_prefix_that_is_not_used_is_deleted_with_its_line(ground: run.Ground) -> None:
    line = "@prefix wd: <http://www.wikidata.org/entity/> .\n"
    text = DECLARED + line + CITY
    (finding,) = findings_of(text, ground)
    assert place(finding) == ("NMS02", 5, 1, len(line))
    assert finding.fixes[0].is_safe
    assert edited(text, finding.fixes[0].edits) == DECLARED + CITY


@pytest.mark.parametrize(
    "mention",
    ["# wd:Q1\n", '<http://e/s> <http://e/p> "wd:Q1 #" .', "<http://e/wd:Q1> <http://e/p> 1 ."],
)
def test_a_mention_in_a_comment_a_text_or_an_address_is_no_use(
    ground: run.Ground, mention: str
) -> None:
    text = DECLARED + "@prefix wd: <http://www.wikidata.org/entity/> .\n" + CITY + mention
    assert [f.code for f in findings_of(text, ground)] == ["NMS02"]


@pytest.mark.parametrize(
    "mention",
    [
        '<http://e/s> <http://e/p> "a # b"^^wd:Q1 .',
        "<http://e/s> <http://e/p> 1 .wd:Q1 <http://e/p> 1 .",
        '<http://e/s> <http://e/p> """a\nb""" , wd:Q1 .',
        "<http://e/s> <http://e/p> (wd:Q1) .",
    ],
)
def test_a_use_is_found_wherever_it_stands(ground: run.Ground, mention: str) -> None:
    text = DECLARED + "PREFIX wd: <http://www.wikidata.org/entity/>\n" + CITY + mention
    assert "NMS02" not in [f.code for f in findings_of(text, ground)]


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ("http://w3id.org/citypledge/ont#", "https://w3id.org/citypledge/ont#", "NSP01"),
        ("https://www.w3.org/2004/02/skos/core#", "http://www.w3.org/2004/02/skos/core#", "NSP01"),
        ("http://w3.org/2004/02/skos/core#", "http://www.w3.org/2004/02/skos/core#", "NSP01"),
        ("http://www.w3.org/2004/02/skos/core", "http://www.w3.org/2004/02/skos/core#", "NMS03"),
        ("http://www.w3.org/2004/02/skos/core/", "http://www.w3.org/2004/02/skos/core#", "NMS03"),
        (
            "http://publications.europa.eu/resource/authority/country",
            "http://publications.europa.eu/resource/authority/country/",
            "NMS03",
        ),
    ],
)
def test_a_misspelt_namespace_is_one_finding_at_its_declaration(
    ground: run.Ground, wrong: str, right: str, code: str
) -> None:
    text = (DECLARED + CITY).replace(right, wrong)
    line = next(n for n, line in enumerate(text.splitlines(), 1) if f"<{wrong}>" in line)
    column = text.splitlines()[line - 1].index("<") + 1
    (finding,) = findings_of(text, ground)
    assert place(finding) == (code, line, column, column + len(wrong) + 2)
    assert finding.fixes[0].is_safe
    assert edited(text, finding.fixes[0].edits) == DECLARED + CITY


def test_what_else_is_wrong_in_the_file_is_found_too_and_at_its_place(ground: run.Ground) -> None:
    text = (DECLARED + CITY).replace("/core#", "/core").replace('X"', 'X "')
    second, first = findings_of(text, ground)
    assert place(first) == ("LBL04", 8, 20, 27)
    assert edited(text, first.fixes[0].edits) == text.replace('X "', 'X"')
    assert place(second)[:2] == ("NMS03", 4)


def test_a_prefix_of_the_project_for_something_else_is_named_and_left_to_people(
    ground: run.Ground,
) -> None:
    text = DECLARED + "@prefix v: <http://example.org/v#> .\n" + CITY + "v:a v:b v:c .\n"
    (finding,) = findings_of(text, ground)
    assert place(finding) == ("NMS03", 5, 12, 35)
    assert not finding.fixes[0].is_safe


def test_a_second_declaration_is_deleted_where_it_says_the_same(ground: run.Ground) -> None:
    line = "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
    text = DECLARED + line + CITY
    (finding,) = findings_of(text, ground)
    assert place(finding) == ("NMS04", 5, 1, len(line))
    assert finding.related[0].span.line == 3
    assert edited(text, finding.fixes[0].edits) == DECLARED + CITY


def test_a_prefix_with_two_meanings_is_a_violation(ground: run.Ground) -> None:
    one, two = (f"@prefix x: <http://example.org/{number}#> .\n" for number in (1, 2))
    text = DECLARED + one + two + CITY + "x:a x:b x:c .\n"
    (finding,) = findings_of(text, ground)
    assert place(finding)[:2] == ("NMS05", 6)
    assert finding.fixes == ()


@pytest.mark.parametrize(
    ("tag", "right"), [("en-UK", "en-GB"), ("eng", "en"), ("iw", "he"), ("cz", None), ("gr", None)]
)
def test_a_tag_that_is_not_registered_is_found_where_it_stands(
    ground: run.Ground, tag: str, right: str | None
) -> None:
    text = DECLARED + CITY + f'<http://e/s> skos:note "n"@{tag} .\n'
    (finding,) = findings_of(text, ground)
    assert place(finding) == ("NMS06", 10, 27, 28 + len(tag))
    assert [e.text for fix in finding.fixes for e in fix.edits] == ([f"@{right}"] if right else [])


@pytest.mark.parametrize("tag", ["lt", "en-GB", "sr-Latn", "sl-rozaj-biske", "zh-Hant-TW", "sgs"])
def test_a_registered_tag_passes(ground: run.Ground, tag: str) -> None:
    assert findings_of(DECLARED + CITY + f'<http://e/s> skos:note "n"@{tag} .\n', ground) == []


def test_a_wrong_tag_of_a_label_is_one_finding(ground: run.Ground) -> None:
    text = (DECLARED + CITY).replace("@lt", "@lit")
    (finding,) = findings_of(text, ground)
    assert finding.code == "LBL02"
    assert edited(text, finding.fixes[0].edits) == DECLARED + CITY


_PIECES = st.sampled_from(
    [
        "@prefix a: <http://e/a#> .",
        "@prefix b: <http://e/b#> . # prefix a: <http://e/x#> .",
        "PREFIX c: <http://e/c#>",
        "prefix : <http://e/d#>",
        "@prefix # why\n a: <http://e/a2#> .",
        "# @prefix b: <http://e/c#> . a:x\r",
        '<http://e/s> <http://e/p> "a:x prefix b: <y>" .',
        '<http://e/s> <http://e/p> "\\" a:x" , \'"""\' .',
        '<http://e/s> <http://e/p> """\n@prefix a: <http://e/z#> .\nb:x\n""" .',
        "<http://e/a:x> <http://e/p#b:x> <http://e/c:x> .",
        '<http://e/s> <http://e/p> "x"^^<http://e/a:x>.',
        "<http://e/s> <http://e/p> 1 . # a:x b:x c:x :x",
        "a:x.y b:x c:x- , :x .",
        "<http://e/s> <http://e/p> [ :p 1 ] .",
        "<http://e/s> <http://e/b:p> a: .",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_PIECES, max_size=6), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_a_quick_look_at_declarations_sees_what_the_whole_reading_sees(
    pieces: list[str], gap: str
) -> None:
    head = "".join(f"@prefix {name}: <http://e/{name}#> .{gap}" for name in ("a", "b", "c", ""))
    file = SourceFile("x.ttl", Path("x.ttl"), "g", head + gap.join(pieces) + gap)
    reading = file.reading
    assert not reading.faults
    assert declarations.declarations(file) == reading.prefixes
    names = {each.name_at for each in reading.prefixes}
    used = {
        t.text.partition(":")[0]
        for t in reading.tokens
        if t.kind == "name" and ":" in t.text and t.start not in names
    }
    findings, _ = declarations.check(file, {})
    unused = {f.found.removesuffix(":") for f in findings if f.code == "NMS02"}
    assert unused == {"a", "b", "c", ""} - used
