"""What time has overtaken, counted from a given day."""

from datetime import date
from pathlib import Path

from kg.check import staleness
from kg.dataset import SOURCE, Dataset, SourceFile

TODAY = date(2026, 11, 22)
HEAD = """\
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix pav: <http://purl.org/pav/> .
@prefix progress: <https://w3id.org/citypledge/id/progress/> .
@prefix source: <https://w3id.org/citypledge/id/source/> .
@prefix target: <https://w3id.org/citypledge/id/target/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def found(text: str, days: int = 30) -> list[tuple[str, int, int]]:
    file = SourceFile("data/sources/x.ttl", Path("x.ttl"), SOURCE + "x", HEAD + text)
    dataset = Dataset(Path(), (file,))
    return [(f.code, f.line - 6, f.column) for f in staleness.check(dataset, days, TODAY)]


def test_a_source_that_was_read_thirty_one_days_ago_is_older_than_thirty() -> None:
    source = 'source:x a cpo:WebPage ;\n    pav:retrievedOn "{}"^^xsd:date .\n'
    assert found(source.format("2026-10-22")) == [("STL01", 2, 21)]
    assert found(source.format("2026-10-23")) == []


def test_the_last_of_several_days_counts() -> None:
    days = '"2020-01-01"^^xsd:date , "2026-11-20"^^xsd:date'
    assert found(f"source:x a cpo:SourceDocument ; pav:retrievedOn {days} .") == []


def test_a_source_without_a_day_is_found_where_it_is_described() -> None:
    assert found("source:x a cpo:WebPage .") == [("STL02", 1, 1)]
    assert found('source:x a cpo:WebPage ; pav:retrievedOn "spring" .') == [("STL02", 1, 1)]


def test_a_target_whose_year_has_passed_needs_a_report() -> None:
    target = 'target:y cpo:targetYear "{}"^^xsd:gYear .\n'
    assert found(target.format(2025)) == [("STL03", 1, 25)]
    assert found(target.format(2026)) == []
    assert found(target.format(2025) + "progress:z cpo:reportsOn target:y .") == []
