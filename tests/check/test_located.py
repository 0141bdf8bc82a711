"""Where a fault of the rules of shapes is: worked out by hand, one small dataset for each kind."""

import shutil
from pathlib import Path

import pytest

from kg.check import run
from kg.findings import Finding

HEAD = """\
@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix e: <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = """\
@prefix cps: <https://w3id.org/citypledge/shapes#> .
@prefix e: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
cps:carrier a sh:NodeShape ; sh:targetClass e:T ;
  sh:property cps:TRY01 , cps:TRY02 , cps:TRY03 , cps:TRY04 , cps:TRY05 , cps:TRY06 , cps:TRY08 .
cps:TRY01 a sh:PropertyShape ; rdfs:label "one"@en ;
  sh:message "TRY01: one"@en ; sh:path e:one ; sh:maxCount 1 .
cps:TRY02 a sh:PropertyShape ; rdfs:label "names"@en ;
  sh:message "TRY02: names"@en ; sh:path e:name ; sh:uniqueLang true .
cps:TRY03 a sh:PropertyShape ; rdfs:label "needed"@en ;
  sh:message "TRY03: needed"@en ; sh:path e:needed ; sh:minCount 1 .
cps:TRY04 a sh:PropertyShape ; rdfs:label "number"@en ;
  sh:message "TRY04: number"@en ; sh:path e:number ;
  sh:or ( [ sh:datatype xsd:integer ] [ sh:datatype xsd:decimal ] ) .
cps:TRY05 a sh:PropertyShape ; rdfs:label "before"@en ;
  sh:message "TRY05: before"@en ; sh:path e:from ; sh:lessThan e:to .
cps:TRY06 a sh:PropertyShape ; rdfs:label "back"@en ;
  sh:message "TRY06: back"@en ; sh:path [ sh:inversePath e:of ] ;
  sh:maxCount 1 .
cps:TRY07 a sh:NodeShape ; rdfs:label "closed"@en ;
  sh:message "TRY07: closed"@en ; sh:targetClass e:C ; sh:closed true ;
  sh:property [ sh:path <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ] .
cps:TRY08 a sh:PropertyShape ; rdfs:label "length"@en ;
  sh:message "TRY08: length"@en ; sh:path e:word ; sh:maxLength 3 .
cps:TRY09 a sh:NodeShape ; rdfs:label "twins"@en ;
  sh:message "TRY09: {?value} is more than {?most}"@en ; sh:targetClass e:Q ;
  sh:sparql [ sh:select \"\"\"SELECT $this ?path ?value ?most WHERE {
    $this <http://example.org/count> ?value ; <http://example.org/most> ?most .
    FILTER (?value > ?most) BIND (<http://example.org/count> AS ?path) }\"\"\" ] .
"""


@pytest.fixture
def dataset(root: Path, tmp_path: Path) -> Path:
    """A dataset with the rules above and no entity."""
    shutil.copytree(root / "ontology", tmp_path / "ontology")
    (tmp_path / "queries").mkdir()
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "try.ttl").write_text(SHAPES, encoding="utf-8")
    (tmp_path / "data" / "registry" / "thing").mkdir(parents=True)
    write(tmp_path, "a", "")
    return tmp_path


def write(dataset: Path, name: str, text: str) -> None:
    path = dataset / "data" / "registry" / "thing" / f"{name}.ttl"
    path.write_bytes((HEAD + text).encode())


def found(dataset: Path) -> list[Finding]:
    findings = run.check_dataset(dataset).findings
    return [each for each in findings if each.code.startswith("TRY")]


def places(finding: Finding) -> list[tuple[str, int, int, str]]:
    """Return file, line below the head, column and meaning of the related places but the rule."""
    return [
        (Path(each.span.path).stem, each.span.line - 6, each.span.column, each.said.en)
        for each in finding.related
        if not each.span.path.startswith("shapes/")
    ]


def at(finding: Finding) -> tuple[str, str, int, int, int, int]:
    """Return code, file, and from line and column to line and column, below the head."""
    span = finding.span
    ends = (span.line - 6, span.column, span.end_line - 6, span.end_column)
    return finding.code, Path(span.path).stem, *ends


NEEDED = " ; e:needed 1"


def test_too_many_values_are_found_at_the_second_one(dataset: Path) -> None:
    write(dataset, "a", f"e:x a e:T{NEEDED} ;\n\te:one 1 , # 2 ,\n\n  22 , 333 .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY01", "a", 4, 3, 4, 5)
    assert places(finding) == [("a", 2, 8, "the first one")]
    assert finding.related[-1].span.path == "shapes/try.ttl"
    assert finding.related[-1].span.line == 8


def test_a_value_that_two_files_give_is_not_the_second_one(dataset: Path) -> None:
    write(dataset, "a", f"e:x a e:T{NEEDED} ; e:one 1 .\n")
    write(dataset, "b", "e:x e:one 1 .\n")
    write(dataset, "c", "e:x e:one 2 .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY01", "c", 1, 11, 1, 12)
    assert places(finding) == [("a", 1, 32, "the first one")]


def test_each_language_with_two_texts_is_a_finding(dataset: Path) -> None:
    write(
        dataset,
        "a",
        f'e:x a e:T{NEEDED} ;\n  e:name "Δήμος"@el , "Варна"@bg , "😀 Δ"@el ,\n'
        '  "В"@bg , "Z"@sl .\n',
    )
    write(dataset, "b", 'e:x e:name "Δήμος"@el .\n')
    first, second = found(dataset)
    assert at(first) == ("TRY02", "a", 2, 36, 2, 44)
    assert places(first) == [("a", 2, 10, "the first one")]
    assert at(second) == ("TRY02", "a", 3, 3, 3, 9)
    assert places(second) == [("a", 2, 23, "the first one")]


def test_what_is_missing_is_found_at_the_subject_and_the_line_to_add_it_after(
    dataset: Path,
) -> None:
    write(
        dataset,
        "a",
        'e:x a e:T ; # one\n  e:note """two\n three\n four"""@en # five\n  # six\n. # seven\n',
    )
    (finding,) = found(dataset)
    assert at(finding) == ("TRY03", "a", 1, 1, 1, 4)
    assert places(finding) == [("a", 2, 10, "add it after this line (10)")]
    assert finding.related[0].span.end_line == 4 + 6


def test_a_bracket_that_closes_is_the_end_of_a_subject(dataset: Path) -> None:
    write(dataset, "a", "e:x a e:T ; e:note [\n  e:note ( 1\n 2 ) ] # c\n  .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY03", "a", 1, 1, 1, 4)
    assert places(finding) == [("a", 3, 6, "add it after this line (9)")]


def test_a_thing_in_two_files_lacks_a_value_where_it_gets_its_type(dataset: Path) -> None:
    write(dataset, "a", "e:x e:note 1 .\n")
    write(dataset, "b", "e:y e:note 1 .\ne:x a e:T .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY03", "b", 2, 1, 2, 4)


def test_a_blank_node_lacks_a_value_at_its_bracket(dataset: Path) -> None:
    write(dataset, "a", "e:y e:note ( 1 [ e:note [\n a e:T ;\n e:note 2 ] ] ) .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY03", "a", 1, 25, 1, 26)
    assert places(finding) == [("a", 3, 9, "add it after this line (9)")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_value_of_the_wrong_kind_is_found_whatever_the_line_ends(dataset: Path, end: str) -> None:
    text = f'e:x a e:T{NEEDED} ;\n\t# "x"\n\te:note "😀" ; e:number 1.5 , "x" .\n'
    write(dataset, "a", text.replace("\n", end))
    (finding,) = found(dataset)
    assert at(finding) == ("TRY04", "a", 3, 30, 3, 33)
    assert finding.found == '"x"'


def test_statements_one_by_one_and_full_iris_have_their_places(dataset: Path) -> None:
    write(
        dataset,
        "a",
        "<http://example.org/x> a e:T .\n<http://example.org/x> <http://example.org/needed> 1 .\n"
        '<http://example.org/x> <http://example.org/number> """a\nb"""^^xsd:token .\n',
    )
    (finding,) = found(dataset)
    assert at(finding) == ("TRY04", "a", 3, 52, 4, 16)


def test_escaped_names_and_prefixes_with_dots_have_their_places(dataset: Path) -> None:
    write(
        dataset,
        "a",
        "@prefix e.1: <http://example.org/> .\n"
        f"e.1:x\\-1 a e:T{NEEDED} ; e.1:number 'y'@en , e:%41 .\n",
    )
    first, second = found(dataset)
    assert at(first) == ("TRY04", "a", 2, 42, 2, 48)
    assert at(second) == ("TRY04", "a", 2, 51, 2, 56)


def test_the_same_wrong_value_in_two_files_is_one_finding_with_both_places(dataset: Path) -> None:
    write(dataset, "a", f"e:x a e:T{NEEDED} ; e:number 'y' .\n")
    write(dataset, "b", "e:x e:note 1 ; e:number 'y' .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY04", "a", 1, 35, 1, 38)
    assert places(finding) == [("b", 1, 25, "here too")]


def test_of_two_values_in_the_wrong_order_the_other_one_is_shown(dataset: Path) -> None:
    write(dataset, "a", f"e:x a e:T{NEEDED} ; e:from 5 ;\n e:to 4 .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY05", "a", 1, 33, 1, 34)
    assert finding.found == "5"
    assert places(finding) == [("a", 2, 7, "the other one")]


def test_a_path_turned_round_is_found_at_the_subject_and_shows_who_points_there(
    dataset: Path,
) -> None:
    write(dataset, "a", f"e:x a e:T{NEEDED} .\n e:y e:of e:x .\n")
    write(dataset, "b", "e:z e:note 1 ; e:of e:x .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY06", "a", 1, 1, 1, 4)
    assert places(finding) == [("a", 2, 2, "this points here"), ("b", 1, 1, "this points here")]


def test_a_property_that_is_not_allowed_is_found_itself(dataset: Path) -> None:
    write(dataset, "a", "e:x a e:C ;\n  e:note\n 1 , 2 .\n")
    findings = found(dataset)
    assert {at(each) for each in findings} == {("TRY07", "a", 2, 3, 2, 9)}


def test_a_string_over_three_lines_is_found_from_quote_to_tag(dataset: Path) -> None:
    write(dataset, "a", f"e:x a e:T{NEEDED} ; e:word '''one\ntwo\n  three'''@en-GB .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY08", "a", 1, 33, 3, 17)


def test_a_query_points_at_its_value_and_shows_the_other_one_it_names(dataset: Path) -> None:
    write(dataset, "a", "e:x a e:Q ; e:count 7 ;\n  e:most 5 ; e:note 5 .\n")
    (finding,) = found(dataset)
    assert at(finding) == ("TRY09", "a", 1, 21, 1, 22)
    assert finding.said.en == "7 is more than 5"
    assert places(finding) == [("a", 2, 10, "the other one"), ("a", 2, 21, "the other one")]
