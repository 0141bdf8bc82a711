"""Names of other vocabularies."""

from pathlib import Path

import pytest

from kg.check import run

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
    path = folder / "draft.ttl"
    path.write_text(f"{HEAD}{statement} .\n", encoding="utf-8")
    return [(f.code, f.line, f.column) for f in run.check_files(root, [path]).findings]


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
    (finding,) = run.check_files(root, [path]).findings
    assert finding.code == "VOC02"
    assert "did you mean foaf:Person?" in finding.message


def test_a_draft_may_refer_to_what_the_dataset_describes(root: Path, tmp_path: Path) -> None:
    assert found(root, tmp_path, "cpo:nameForm <https://w3id.org/citypledge/id/name/n-0001>") == []
