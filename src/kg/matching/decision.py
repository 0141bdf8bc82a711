"""Whether a name is a thing of the graph: a match, or candidates for a person to choose from.

A match is made only where one thing is exact enough and no other is. A name alone never makes one
for a place or a body: two of a name in two countries are the rule in Europe. Of a body and the city
that it runs, which go by the same names, the one is taken whose kind was asked for; without a kind,
the body where the name has a word of bodies, such as `City of`, else the city.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kg.matching.features import FAR_KM, NEAR_KM, Features, features_of
from kg.matching.index import Found, Index
from kg.matching.keys import Form
from kg.matching.records import Name, Point, Record
from kg.names import BodyKind, core, fold

CANDIDATES: Final = 10  # that a decision gives at most
LIKELY: Final = 80.0  # the score from which a candidate may well be the thing meant
MOST_LIKELY: Final = 3  # candidates for a person to look at
_WORTH: Final = 20.0  # the score from which a candidate is worth a look
# Ratio of populations that a place may have with itself: the agglomeration to the city, where only
# the country is known; the municipality to the town where its seat is, where the position is too.
_LIKE_SIZE: Final = 4.0
_ANY_SIZE: Final = 30.0
_SAME_SIZE: Final = 1.25  # and with one that is a little off
_SURE: Final = frozenset({Form.EXACT, Form.FOLDED, Form.SPELLED, Form.CORE})
_SURE_IF_WHOLE: Final = frozenset({Form.INFLECTED, Form.PART})
_MOST_COUNTRY_WORDS: Final = 4


class Why(StrEnum):
    """Why there is a match, or none."""

    MATCH = "match"  # one thing is exact enough, and no other
    NOTHING = "nothing"  # no name is like it
    INEXACT = "inexact"  # the best name is not the same
    KIND = "kind"  # the name tells another kind of body, such as a province or a group
    COUNTRY = "country"  # the only things of the name lie in other countries
    CONTEXT = "context"  # too little is known to tell it from another of its name
    FAR = "far"  # the position is that of another place
    SIZE = "size"  # the population is that of another place
    AMBIGUOUS = "ambiguous"  # several things fit


@dataclass(frozen=True)
class Query:
    """A name, and what is known of the thing that it stands for.

    Attributes:
        name: As it was found.
        country: The IRI in the EU country table.
        point: Where the thing lies.
        population: Its inhabitants.
        types: The IRIs of the classes of which it may be; of any if empty.
        body: The kind of body, where the source of the name tells it apart from the name, such as a
            table of regions; None where only the name tells.
    """

    name: str
    country: str | None = None
    point: Point | None = None
    population: float | None = None
    types: frozenset[str] = frozenset()
    body: BodyKind | None = None


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant.

    Attributes:
        record: Of the thing.
        name: The name that is like the one asked for.
        features: What query and candidate have in common.
        score: How well the candidate fits, from 0 to 100.
    """

    record: Record
    name: Name
    features: Features
    score: float

    @property
    def iri(self) -> str:
        """The IRI of the thing."""
        return self.record.iri


@dataclass(frozen=True)
class Decision:
    """What a name was found to be.

    Attributes:
        match: The thing; None where none is sure.
        candidates: Things that may be meant, best first, with the match.
        why: Why there is a match, or none.
    """

    match: Candidate | None
    candidates: tuple[Candidate, ...]
    why: Why

    @property
    def likely(self) -> tuple[Candidate, ...]:
        """Without a match, the candidates that may well be the thing meant."""
        if self.match is not None:
            return ()
        return tuple(c for c in self.candidates if c.score >= LIKELY)[:MOST_LIKELY]

    @property
    def is_open(self) -> bool:
        """Whether a person should look."""
        return bool(self.likely)


class Matcher:
    """Decides which of some records a name stands for."""

    def __init__(self, records: Iterable[Record] | Index) -> None:
        """Make it, with an index of the records."""
        self.index: Final = records if isinstance(records, Index) else Index(records)

    def match(
        self,
        name: str,
        country: str | None = None,
        point: Point | None = None,
        population: float | None = None,
        kind: str | None = None,
    ) -> Decision:
        """Return what a name stands for.

        Args:
            name: As it was found.
            country: The IRI of its country in the EU country table.
            point: Where it is.
            population: Its inhabitants.
            kind: The IRI of the class that it has to be of.
        """
        types = frozenset((kind,)) if kind else frozenset[str]()
        return self.decide(Query(name, country, point, population, types))

    def decide(self, query: Query) -> Decision:
        """Return what the name of a query stands for."""
        found = self._same(query)
        if not any(_is_exact(f.form, f.likeness) for f in found):
            query = self._without_country(query)
            found = self._same(query)
        if not any(_is_exact(f.form, f.likeness) for f in found):
            known = {f.record.iri for f in found}
            found += [f for f in self._alike(query.name) if f.record.iri not in known]
        candidates = [_candidate(query, f) for f in found if _is_asked(f, query)]
        candidates = [candidate for candidate in candidates if candidate.score >= _WORTH]
        candidates.sort(key=lambda candidate: (-candidate.score, candidate.iri))
        match, why = _decided(query, candidates)
        if match is not None:
            candidates.remove(match)
            candidates.insert(0, match)
        return Decision(match, tuple(candidates[:CANDIDATES]), why)

    def compare(self, query: Query, record: Record) -> Candidate:
        """Return how well one record fits a query, however little that is."""
        ways = (self.index.same, self.index.near, self.index.within)
        alike = (f for way in ways for f in way(query.name) if f.record.iri == record.iri)
        return _candidate(query, next(alike, Found(record, record.names[0], Form.WORDS, 0.0)))

    @staticmethod
    def fault(query: Query, candidate: Candidate) -> Why | None:
        """Return what keeps a candidate from being a match by itself; None if nothing does."""
        return _fault(query, candidate)

    def _same(self, query: Query) -> list[Found]:
        return [found for found in self.index.same(query.name) if _is_asked(found, query)]

    def _without_country(self, query: Query) -> Query:
        """Return a query whose name does not end with the name or the code of its country."""
        country = self.index.by_iri.get(query.country or "")
        if country is None:
            return query
        names = {fold(text) for text in (*(name.text for name in country.names), *country.codes)}
        words = query.name.split()
        for count in range(1, min(_MOST_COUNTRY_WORDS, len(words) - 1) + 1):
            if fold(" ".join(words[-count:])) in names:
                return replace(query, name=" ".join(words[:-count]).rstrip(",;( "))
        return query

    def _alike(self, name: str) -> list[Found]:
        """Return the records that have a name like it, once each, best first."""
        found = [*self.index.near(name), *self.index.words(name, CANDIDATES)]
        found += self.index.within(name)[:CANDIDATES]
        return list({f.record.iri: f for f in reversed(found)}.values())


def _is_exact(form: Form, likeness: float) -> bool:
    """Tell whether a name is the same in a way that a match can rest on."""
    return form in _SURE or (form in _SURE_IF_WHOLE and likeness == 1)


def _is_asked(found: Found, query: Query) -> bool:
    return not query.types or bool(query.types & found.record.types)


def _candidate(query: Query, found: Found) -> Candidate:
    features = features_of(
        query.name, found, query.country, query.point, query.population, query.body
    )
    return Candidate(found.record, found.name, features, features.score)


def _decided(query: Query, candidates: list[Candidate]) -> tuple[Candidate | None, Why]:
    """Return the match and why; candidates come best first."""
    if not candidates:
        return None, Why.NOTHING
    faults = [(candidate, _fault(query, candidate)) for candidate in candidates]
    good = [candidate for candidate, fault in faults if fault is None]
    if not good:
        return None, faults[0][1] or Why.NOTHING
    # Who has the whole name goes before who has it as a part, such as a suburb with its city's.
    if any(candidate.features.form in _SURE for candidate in good):
        faults = [(c, fault) for c, fault in faults if c.features.form in _SURE]
        good = [candidate for candidate, fault in faults if fault is None]
    families = {_family(candidate.record) for candidate in good}
    rivals = (c for c, fault in faults if fault in (Why.SIZE, Why.CONTEXT))
    if len(families) > 1 or any(_family(rival.record) not in families for rival in rivals):
        return None, Why.AMBIGUOUS
    of_kind = [c for c in good if (c.record.body is not None) == _asks_for_body(query)]
    chosen = of_kind or good
    return (chosen[0], Why.MATCH) if len(chosen) == 1 else (None, Why.AMBIGUOUS)


def _fault(query: Query, candidate: Candidate) -> Why | None:
    """Return what keeps a candidate from being a match by itself; None if nothing does."""
    features = candidate.features
    if features.form == Form.RELATED:
        return Why.KIND
    if not _is_exact(features.form, features.likeness):
        return Why.INEXACT
    return _misplaced(query, candidate) if candidate.record.is_located else None


def _misplaced(query: Query, candidate: Candidate) -> Why | None:
    """Return what keeps a place or a body with the right name from being the one meant."""
    features = candidate.features
    distance, ratio = features.distance_km, features.population_ratio
    is_near = distance is not None and distance <= NEAR_KM
    is_same_size = ratio is not None and ratio <= _SAME_SIZE
    if not features.is_same_kind:
        return Why.KIND
    if features.is_same_country is False:
        return Why.COUNTRY
    if distance is not None and not is_near and (distance > FAR_KM or not is_same_size):
        return Why.FAR
    if features.is_same_country is None and not is_near:
        return Why.CONTEXT
    if query.point is not None and distance is None and ratio is None:
        return Why.CONTEXT  # what was asked could tell, but nothing is known of the candidate
    if ratio is not None and ratio > (_ANY_SIZE if is_near else _LIKE_SIZE):
        return Why.SIZE
    return None


def _family(record: Record) -> str:
    """Return the IRI of the place that a body runs, or of the thing itself."""
    is_own = record.body is not None and len(record.governs) == 1
    return record.governs[0] if is_own else record.iri


def _asks_for_body(query: Query) -> bool:
    return core(fold(query.name)).kind is not None
