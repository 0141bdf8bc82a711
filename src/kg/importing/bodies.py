"""Which thing of the graph a row is about: what a curator decided, else what the names tell.

A row is matched only where `kg.matching` is sure. Where something is near but not sure the row
waits: it is in `undecided.jsonl`, and goes in once `matches.csv` says what it is. Where nothing is
near it gets an IRI of its own, from its official code, which stays the same between editions.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from rapidfuzz.fuzz import ratio

from kg.errors import DataError, MissingFileError
from kg.importing.cells import Fault
from kg.importing.mapping import Match
from kg.importing.values import Item, Items, RowError, cleaned, fill, plain
from kg.matching import Candidate, Decision, Matcher, Point, Query, Record, Why
from kg.names import fold, slug, spellings
from kg.namespaces import ONT, PREFIXES, shorten

DECISIONS: Final = "matches.csv"
UNDECIDED: Final = "undecided.jsonl"
NONE: Final = "none"
_LINES: Final = 1 << 40  # more than any file has
_HEADER: Final = ("row", "iri", "who", "when", "why")
_CITY: Final = ONT + "City"
_NEAR_KM: Final = 15.0  # a like name this near is worth a curator's look
_LIKE_IF_NEAR: Final = 55.0  # the score from which that is so
_LIKE: Final = 85.0  # and the score where the points do not tell
_ALIKE: Final = 0.75  # share of the shorter of two names that the longer one has
_WAITING: Final = frozenset({Why.AMBIGUOUS, Why.CONTEXT, Why.SIZE, Why.FAR})
_REMEDY: Final = "see `kg match`, and say in matches.csv which it is, or none"


class Ruled(NamedTuple):
    """What a curator decided about a row.

    Attributes:
        iri: Of the thing; empty for none of those that there are.
        line: Of the file of decisions.
    """

    iri: str
    line: int


@dataclass
class Resolver:
    """Finds the things that rows are about.

    Attributes:
        matcher: Over all that the graph describes outside of the dataset.
        decided: By the row's name.
        minted: The new IRI that each name in a country was first given, with the line; as numbers.
        named: The name that each new IRI was given for, with the line; as numbers.
        replaced: IRIs that rows would have had, with the things that they turned out to be.
        undecided: Rows that wait.
    """

    matcher: Matcher
    decided: Mapping[str, Ruled]
    minted: dict[int, int] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    undecided: dict[str, dict[str, Any]] = field(default_factory=dict)
    _seats: dict[str, list[str]] = field(default_factory=dict)
    _seen: dict[tuple[object, ...], Decision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for iri, record in self.matcher.index.by_iri.items():
            for city in record.governs:
                self._seats.setdefault(city, []).append(iri)

    def find(self, match: Match, values: Items, line: int) -> tuple[ox.NamedNode, bool]:
        """Return the thing that a row is about, and whether it is new.

        Raises:
            RowError: It is not sure which, or nothing is like it and the mapping mints no IRI.
        """
        one = {name: items[0] for name, items in values.items() if items}
        label, row = _filled(match.label, one), _filled(match.row, one)
        new = _minted(match, one)
        if not label:
            fault = Fault(
                "no value", "there is no name to look up", "fill it, or leave the row out"
            )
            raise RowError(fault, match.name)
        ruled = self.decided.get(row)
        if ruled is not None and ruled.iri:
            if new:
                self.replaced[new] = ruled.iri
            return ox.NamedNode(ruled.iri), False
        query = _query(match, label, one)
        decision = self._decide(query)
        if ruled is None:
            found = self._sure(match, decision, query, one)
            if found:
                if new:
                    self.replaced[new] = found
                return ox.NamedNode(found), False
            why = self._doubt(match, decision, query, one)
            if why:
                self._wait(row, query, decision, why)
                raise RowError(Fault("undecided", why, _REMEDY), match.name)
        if not new:
            fault = Fault("not found", f"nothing is called {label!r}", _REMEDY)
            raise RowError(fault, match.name)
        self._mint(new, query, line, match)
        return ox.NamedNode(new), True

    def _decide(self, query: Query) -> Decision:
        key = (query.name, query.country, query.point, query.population, query.types)
        if key not in self._seen:
            if len(self._seen) > 5_000:
                self._seen.clear()
            self._seen[key] = self.matcher.decide(query)
        return self._seen[key]

    def _sure(self, match: Match, decision: Decision, query: Query, one: Mapping[str, Item]) -> str:
        """Return the IRI of what is surely meant; of a city that of the body that runs it."""
        if decision.match is None or self._is_other(match, query, one, decision.match):
            return ""
        record = decision.match.record
        return self._seat(record, query) or ""

    def _seat(self, record: Record, query: Query) -> str | None:
        if _CITY not in record.types or query.types == frozenset({_CITY}):
            return record.iri
        bodies = self._seats.get(record.iri, [])
        return bodies[0] if len(bodies) == 1 else None

    def _is_other(
        self, match: Match, query: Query, one: Mapping[str, Item], found: Candidate | None
    ) -> bool:
        """Tell whether the second name of a row is that of another thing."""
        also = _filled(match.also, one) if match.also else ""
        if not also or _are_alike(query.name, also):
            return False
        if found is None:
            return True
        other = self._decide(Query(also, query.country, query.point, None, query.types))
        return other.match is None or self._seat(other.match.record, query) != self._seat(
            found.record, query
        )

    def _doubt(
        self, match: Match, decision: Decision, query: Query, one: Mapping[str, Item]
    ) -> str:
        """Return why a row has to wait; empty where nothing is near."""
        if decision.match is not None and self._seat(decision.match.record, query) is None:
            return f"{shorten(decision.match.iri)} is run by no body or by several"
        if self._is_other(match, query, one, decision.match):
            return "the row has the names of two places; is one folded into the other?"
        if decision.why in _WAITING:
            return f"not sure which is meant: {decision.why.value}"
        best = next(iter(decision.candidates), None)
        if decision.why is Why.INEXACT and best is not None and _is_close(best):
            return f"a name like it is near: {best.name.text}"
        return ""

    def _wait(self, row: str, query: Query, decision: Decision, why: str) -> None:
        latitude, longitude = query.point or (None, None)
        self.undecided.setdefault(
            row,
            {
                "row": row,
                "name": query.name,
                "country": query.country,
                "lat": latitude,
                "long": longitude,
                "population": query.population,
                "why": why,
                "candidates": [
                    {
                        "iri": each.iri,
                        "name": each.record.label,
                        "score": each.score,
                        "features": each.features.as_json(),
                    }
                    for each in decision.candidates[:5]
                ],
            },
        )

    def _mint(self, new: str, query: Query, line: int, match: Match) -> None:
        """Refuse one name for two new things of a country, and two names for one new thing."""
        name = cleaned(query.name)
        code = _number(new)
        key = _number(name.casefold(), query.country or "")
        first, first_line = divmod(self.minted.setdefault(key, code * _LINES + line), _LINES)
        if first != code:
            fault = Fault(
                "same name",
                f"line {first_line} describes {name!r} in the same country",
                "keep one row if they are the same; if not, give them different names",
            )
            raise RowError(fault, match.name)
        spelt = _number(name)
        other, other_line = divmod(self.named.setdefault(code, spelt * _LINES + line), _LINES)
        if other != spelt:
            fault = Fault(
                "two names", f"line {other_line} has the same code with another name", _REMEDY
            )
            raise RowError(fault, match.name)


def _number(*texts: str) -> int:
    """Return a number that stands for some texts, so that millions of them can be in memory."""
    return int.from_bytes(blake2b("\x1f".join(texts).encode(), digest_size=10).digest())


def read_decisions(path: Path) -> dict[str, Ruled]:
    """Return what curators decided, by row; nothing where there is no such file.

    Raises:
        DataError: The file is not of the form that `kg match` writes; says where.
    """
    if not path.exists():
        return {}
    found: dict[str, Ruled] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = tuple(next(rows, ()))
            if header[:2] != _HEADER[:2]:
                raise DataError(f"{path}:1: expected the columns {', '.join(_HEADER)}")
            for cells in filter(None, rows):
                found[cells[0]] = Ruled(_decided_iri(cells, path, rows.line_num), rows.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MissingFileError(f"{path}: cannot be read: {error}") from None
    return found


def write_undecided(dataset: str, rows: Iterable[dict[str, Any]], path: Path) -> None:
    """Write what waits for a curator, one JSON object a line; no file where nothing waits."""
    lines = [json.dumps({"dataset": dataset, **row}, ensure_ascii=False) + "\n" for row in rows]
    if lines:
        path.write_text("".join(lines), encoding="utf-8")


def _decided_iri(cells: list[str], path: Path, line: int) -> str:
    text = cells[1].strip() if len(cells) > 1 else ""
    if text == NONE:
        return ""
    prefix, colon, local = text.partition(":")
    if text.startswith("http"):
        return text
    if not (colon and prefix in PREFIXES and local):
        raise DataError(f"{path}:{line}: {text!r} is no IRI and not {NONE!r}")
    return PREFIXES[prefix] + local


def _filled(template: str, one: Mapping[str, Item]) -> str:
    names = list(_names(template))
    return fill(template, names, one) if all(name in one for name in names) else ""


def _names(template: str) -> Iterator[str]:
    for part in template.split("{")[1:]:
        yield part.partition("}")[0]


def _minted(match: Match, one: Mapping[str, Item]) -> str:
    names = list(_names(match.new))
    if not match.new or not all(name in one for name in names):
        return ""
    return fill(match.new, names, {name: slug(plain(one[name])) for name in names})


def _query(match: Match, label: str, one: Mapping[str, Item]) -> Query:
    def number(name: str) -> float | None:
        return float(plain(one[name])) if name in one else None

    latitude, longitude = number(match.latitude), number(match.longitude)
    point = None if latitude is None or longitude is None else Point(latitude, longitude)
    country = one.get(match.country)
    return Query(
        label,
        country.value if isinstance(country, ox.NamedNode) else None,
        point,
        number(match.population),
        match.types,
    )


def _is_close(best: Candidate) -> bool:
    """Tell whether a candidate that is not exact is worth a curator's look."""
    features = best.features
    if features.is_same_country is False:
        return False
    if features.distance_km is not None:
        return features.distance_km <= _NEAR_KM and best.score >= _LIKE_IF_NEAR
    return best.score >= _LIKE


def _are_alike(one: str, other: str) -> bool:
    """Tell whether two names may be of one place: spelt otherwise, or one longer than the other."""
    forms = {fold(one), *spellings(one)}
    others = {fold(other), *spellings(other)}
    if not forms.isdisjoint(others):
        return True
    words, more = set(fold(one).split()), set(fold(other).split())
    if words <= more or more <= words:
        return True
    return any(ratio(a, b) >= 100 * _ALIKE for a in forms for b in others)
