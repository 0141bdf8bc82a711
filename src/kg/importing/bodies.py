"""Which thing of the graph a row is about: what a curator decided, else what the names tell.

A row is matched only where `kg.matching` is sure. Where nothing is sure it gets an IRI of its own,
from its official code, which stays the same between editions. If something may be the same, the
match is open: the own IRI is tied to it with skos:closeMatch until `matches.csv` says what it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final, NamedTuple

import pyoxigraph as ox
from rapidfuzz.fuzz import ratio

from kg.importing.cells import Fault
from kg.importing.mapping import Match
from kg.importing.values import Item, Items, RowError, cleaned, fill, plain
from kg.importing.writer import hold
from kg.matching import Candidate, Decision, Matcher, Point, Query, Record, Why
from kg.matching.rulings import MatchRuling
from kg.names import fold, slug, spellings
from kg.namespaces import ONT

_LINES: Final = 1 << 40  # more than any file has
_CITY: Final = ONT + "City"
_ALIKE: Final = 0.75  # share of the shorter of two names that the longer one has
_NO_BODY: Final = frozenset({Why.NOTHING, Why.INEXACT, Why.KIND})
_REMEDY: Final = "see `kg match`, and decide there which it is, or none"


class Found(NamedTuple):
    """What a row was found to be about.

    Attributes:
        iri: Of the thing.
        is_new: Whether it has an IRI of its own.
        row: The name of the row for `kg match`; empty where nothing like it is there.
        ties: IRIs of things that it may be.
        others: IRIs of things that it is not, by a curator, and that go by its name.
        city: The IRI of the city that it runs, where no body of the graph did.
        why: Why the match is open; empty where it is not.
        has_other_point: Whether the position in the row is that of another place.
    """

    iri: str
    is_new: bool = False
    row: str = ""
    ties: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    city: str = ""
    why: str = ""
    has_other_point: bool = False


@dataclass
class Resolver:
    """Finds the things that rows are about.

    Attributes:
        matcher: Over all that the graph describes outside of the dataset, but for `pending`.
        pending: Over bodies of other imports whose match is open: no row is surely about one of
            these, and none is in the way of what a row is surely about.
        decided: By the row's name.
        minted: The new IRI that each name in a country was first given, with the line; as numbers.
        named: The name that each new IRI was given for, with the line; as numbers.
        replaced: IRIs that rows would have had, with the things that they turned out to be.
    """

    matcher: Matcher
    pending: Matcher
    decided: Mapping[str, MatchRuling]
    minted: dict[int, int] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    _seats: dict[str, list[str]] = field(default_factory=dict)
    _seen: dict[Query, Decision] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for iri, record in self.matcher.index.by_iri.items():
            for city in record.governs:
                self._seats.setdefault(city, []).append(iri)

    def find(self, match: Match, values: Items, line: int) -> Found:
        """Return the thing that a row is about.

        Raises:
            RowError: Nothing is surely meant, and the mapping mints no IRI; or the new IRI is that
                of another row.
        """
        one = {name: items[0] for name, items in values.items() if items}
        label, row = _filled(match.label, one), _filled(match.row, one)
        if not label:
            fault = Fault(
                "no value", "there is no name to look up", "fill it, or leave the row out"
            )
            raise RowError(fault, match.name)
        also = _filled(match.also, one)
        is_apart = bool(also) and not _are_alike(label, also)
        new = _minted(match.apart if is_apart and match.apart else match.new, one)
        query = _query(match, label, values, one)
        ruled = self.decided.get(row)
        decision = self._decide(query)
        other = self._decide(replace(query, name=also, population=None)) if is_apart else None
        known = (ruled.match or "") if ruled else self._sure(decision, other, query)
        if known:
            if new:
                self.replaced[new] = known
            return Found(known)
        if not new:
            fault = Fault("not found", f"nothing is called {label!r}", _REMEDY)
            raise RowError(fault, match.name)
        self._mint(new, query, line, match)
        if ruled is not None:
            namesakes = _namesakes(query, decision)
            namesakes += _namesakes(query, self.pending.decide(query))
            return Found(new, True, row, others=namesakes, has_other_point=is_apart)
        return self._own(new, row, query, decision, other)

    def _own(
        self, new: str, row: str, query: Query, decision: Decision, other: Decision | None
    ) -> Found:
        """Return a thing with an IRI of its own, tied to what it may be."""
        ties = [*_maybe(query, decision), *(_maybe(query, other) if other else ())]
        ties = [iri for tie in ties for iri in self._bodies(tie, query)]
        pending = _maybe(query, self.pending.decide(query))
        if other is not None:
            why = "the row has the names of two places; is one folded into the other?"
            return Found(new, True, row, tuple(dict.fromkeys([*ties, *pending])), (), "", why, True)
        match, city = decision.match, ""
        if match is not None and not self._seats.get(match.iri) and _CITY in match.record.types:
            ties, city = [], match.iri
        ties = list(dict.fromkeys([*ties, *pending]))
        if not ties:
            return Found(new, True, city=city)
        why = f"not sure which is meant: {decision.why.value}"
        return Found(new, True, row, tuple(ties), city=city, why=why)

    def _bodies(self, iri: str, query: Query) -> list[str]:
        """Return a thing; of a city the bodies that run it, where they are asked for."""
        is_city = _CITY in self.matcher.index.by_iri[iri].types
        seats = self._seats.get(iri, []) if is_city and query.types != {_CITY} else []
        return seats or [iri]

    def _decide(self, query: Query) -> Decision:
        """Return what a name is, asking for a body before a city where both are."""
        if query not in self._seen:
            if len(self._seen) > 5_000:
                self._seen.clear()
            bodies = query.types - {_CITY}
            decision = self.matcher.decide(replace(query, types=bodies or query.types))
            if bodies != query.types and decision.match is None and decision.why in _NO_BODY:
                city = self.matcher.decide(replace(query, types=frozenset({_CITY})))
                decision = city if bodies and city.match is not None else decision
            self._seen[query] = decision
        return self._seen[query]

    def _sure(self, decision: Decision, other: Decision | None, query: Query) -> str:
        """Return the IRI of what is surely meant; of a city that of the body that runs it."""
        if decision.match is None:
            return ""
        found = self._seat(decision.match.record, query)
        if other is not None and (
            other.match is None or self._seat(other.match.record, query) != found
        ):
            return ""
        return found or ""

    def _seat(self, record: Record, query: Query) -> str | None:
        if _CITY not in record.types or query.types == frozenset({_CITY}):
            return record.iri
        bodies = self._seats.get(record.iri, [])
        return bodies[0] if len(bodies) == 1 else None

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


def _filled(template: str, one: Mapping[str, Item]) -> str:
    names = list(_names(template))
    return fill(template, names, one) if all(name in one for name in names) else ""


def _names(template: str) -> Iterator[str]:
    for part in template.split("{")[1:]:
        yield part.partition("}")[0]


def _minted(template: str, one: Mapping[str, Item]) -> str:
    names = list(_names(template))
    if not template or not all(name in one for name in names):
        return ""
    return fill(template, names, {name: slug(plain(one[name])) for name in names})


def _query(match: Match, label: str, values: Items, one: Mapping[str, Item]) -> Query:
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
        next((kind for kind, when in match.body if hold(when, values, {})), None),
    )


def _maybe(query: Query, decision: Decision) -> list[str]:
    """Return the IRIs of things that may be meant: the match, what is likely, and namesakes."""
    sure = [decision.match.iri] if decision.match else []
    likely = [candidate.iri for candidate in decision.likely]
    return list(dict.fromkeys([*sure, *likely, *_namesakes(query, decision)]))


def _namesakes(query: Query, decision: Decision) -> tuple[str, ...]:
    """Return the IRIs of candidates that go by the same name in the same country."""

    def is_namesake(candidate: Candidate) -> bool:
        is_same = fold(candidate.name.text) == fold(query.name)
        return is_same and candidate.features.is_same_country is not False

    return tuple(c.iri for c in decision.candidates if is_namesake(c))


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
