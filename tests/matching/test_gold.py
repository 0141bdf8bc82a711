"""Matching against rows that were judged by hand (`gold.csv`)."""

import sys
from collections import Counter

import pytest
from gold import GOLD, PARTS, Outcome, outcomes, precision, registry, report, rows

from kg.contact import is_in


@pytest.fixture(scope="module")
def found() -> list[Outcome]:
    """What matching makes of each row, with the registry as it is."""
    return outcomes(registry())


def test_the_set_has_300_rows_of_three_tables_and_a_part_that_was_held_out() -> None:
    known = list(rows())
    assert len(known) >= 300
    assert len({(row.dataset, row.row, row.query.name) for row in known}) == len(known)
    assert Counter(row.dataset for row in known).keys() == {
        "covenant-of-mayors",
        "net-zero-tracker",
        "urbact-1-3",
    }
    assert {row.part for row in known} == set(PARTS)
    assert all(row.why for row in known)
    assert not is_in(GOLD.read_text(encoding="utf-8"))  # no telephone, no mail


def test_what_is_right_is_in_the_registry(found: list[Outcome]) -> None:
    known = registry().index.by_iri
    assert [o.row.right for o in found if o.row.right and o.row.right not in known] == []


@pytest.mark.parametrize("part", [*PARTS, "all"])
def test_of_100_automatic_matches_at_least_99_are_right(found: list[Outcome], part: str) -> None:
    chosen = [each for each in found if part in ("all", each.row.part)]
    assert precision(chosen) >= 0.99


def test_the_report_has_the_figures_of_each_part(found: list[Outcome]) -> None:
    told = report(found)
    sys.stdout.write(told)  # shown by: pytest -rP
    assert [line.split()[0] for line in told.splitlines()[1:4]] == [*PARTS, "all"]


def test_the_right_thing_is_a_candidate_where_a_person_is_asked(found: list[Outcome]) -> None:
    open_rows = [each for each in found if each.decision.is_open and each.row.right]
    for each in open_rows:
        assert each.row.right in {c.iri for c in each.decision.likely}, each.row
