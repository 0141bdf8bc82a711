"""How often matching is right: the gold set against the registry as it is.

    ./run python benchmarks/gold.py

`tests/matching/gold.csv` has rows of three public tables, each with the thing that it is, judged by
reading name, country, position and population. A row is asked as an import asks: which body
it is, and where the registry has no body for it, which city. Prints precision and recall for the
part of the rows that the rules were made with, for the part that was held out, and for all.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kg.dataset import read
from kg.matching import Decision, Matcher, Point, Query, Why, records_of, statements_in
from kg.matching.rulings import NONE, expand
from kg.names import BodyKind
from kg.namespaces import ONT, ORG, PREFIXES

ROOT: Final = Path(__file__).resolve().parent.parent
GOLD: Final = ROOT / "tests/matching/gold.csv"
PARTS: Final = ("tuning", "held-out")
_BODIES: Final = frozenset({ONT + "Municipality", ORG + "Organization"})
_CITIES: Final = frozenset({ONT + "City"})
_NO_BODY: Final = frozenset({Why.NOTHING, Why.INEXACT, Why.KIND})


@dataclass(frozen=True)
class Row:
    """A row of the gold set.

    Attributes:
        dataset: The table that it is from.
        row: Its identifier there.
        query: What the table says.
        right: The IRI of what it is; None where it is nothing in the registry.
        part: `tuning` or `held-out`.
        why: What the judgement rests on.
    """

    dataset: str
    row: str
    query: Query
    right: str | None
    part: str
    why: str


@dataclass(frozen=True)
class Outcome:
    """What matching made of a row."""

    row: Row
    decision: Decision

    @property
    def found(self) -> str | None:
        """The IRI of the match."""
        return None if self.decision.match is None else self.decision.match.iri

    @property
    def is_wrong(self) -> bool:
        """Whether there is a match, and it is not the right one."""
        return self.found not in (None, self.row.right)

    @property
    def is_missed(self) -> bool:
        """Whether there should be a match, and there is none."""
        return self.found is None and self.row.right is not None


def rows() -> Iterator[Row]:
    """Yield the rows of the gold set."""
    with GOLD.open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            latitude, longitude = cells["latitude"], cells["longitude"]
            query = Query(
                cells["name"],
                PREFIXES["cc"] + cells["country"],
                Point(float(latitude), float(longitude)) if latitude else None,
                float(cells["population"]) if cells["population"] else None,
                body=BodyKind(cells["kind"]) if cells["kind"] else None,
            )
            right = None if cells["right"] == NONE else expand(cells["right"])
            yield Row(cells["dataset"], cells["row"], query, right, cells["part"], cells["why"])


def outcomes(matcher: Matcher) -> list[Outcome]:
    """Return what matching makes of each row."""
    return [Outcome(row, _actor(matcher, row.query)) for row in rows()]


def registry() -> Matcher:
    """Return a matcher over the dataset without what has been imported."""
    dataset = read(ROOT)
    files = tuple(file for file in dataset.files if not file.name.startswith("data/imports/"))
    return Matcher(records_of(statements_in(replace(dataset, files=files))))


def _actor(matcher: Matcher, query: Query) -> Decision:
    """Return which body a row is; where the registry has none, which city."""
    body = matcher.decide(_of(query, _BODIES))
    if body.match is None and body.why in _NO_BODY:
        city = matcher.decide(_of(query, _CITIES))
        if city.match is not None:
            return city
    return body


def _of(query: Query, types: frozenset[str]) -> Query:
    return replace(query, types=types)


def precision(found: list[Outcome]) -> float:
    """Return the share of the matches that are right."""
    matched = [each for each in found if each.found is not None]
    return sum(not each.is_wrong for each in matched) / len(matched)


def recall(found: list[Outcome]) -> float:
    """Return the share of the rows in the registry that are matched with the right thing."""
    there = [each for each in found if each.row.right is not None]
    return sum(each.found == each.row.right for each in there) / len(there)


def report(found: list[Outcome]) -> str:
    """Return a table of the figures, and the rows that are wrong or missed."""
    lines = ["part       rows  in registry  matched  wrong  precision  recall"]
    for part in (*PARTS, "all"):
        chosen = [each for each in found if part in ("all", each.row.part)]
        there = sum(each.row.right is not None for each in chosen)
        matched = sum(each.found is not None for each in chosen)
        wrong = sum(each.is_wrong for each in chosen)
        lines.append(
            f"{part:<9} {len(chosen):>5} {there:>12} {matched:>8} {wrong:>6}"
            f" {precision(chosen):>10.3f} {recall(chosen):>7.3f}"
        )
    for each in found:
        if each.is_wrong or each.is_missed:
            said = f"taken for {each.found}" if each.is_wrong else f"missed ({each.decision.why})"
            where = f"{each.row.dataset} {each.row.row}"
            lines.append(f"{where}: {each.row.query.name}, {each.row.why}: {said}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report(outcomes(registry())) + "\n")
