"""Candidates for a query: found and judged by `kg.matching`, and by the properties that are asked.

Country, position and inhabitants go into the judgement itself. Any other property is compared with
the values of a candidate: one that it has not lowers the score, and such a candidate is no match.
A number that another register gives to one thing only, such as that of GeoNames, makes a match.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import pyoxigraph as ox

from kg.matching import Decision, Matcher, Point, Record
from kg.matching import Query as Judged
from kg.names import fold
from kg.query.labels import Reader
from kg.web.reconciliation.batch import Constraint, Query, Value
from kg.web.reconciliation.chains import COORDINATES, POPULATION
from kg.web.reconciliation.ranking import (
    FULL,
    LACKING,
    OTHER_TYPE,
    Candidate,
    ordered,
    with_feature,
)
from kg.web.reconciliation.schema import Property, Type
from kg.web.reconciliation.things import Things

_COUNTRY: Final = ("country", "countryCode")
_LATITUDE, _LONGITUDE = "wgs:lat", "wgs:long"
_JUDGED: Final = frozenset((*_COUNTRY, COORDINATES, POPULATION, _LATITUDE, _LONGITUDE))
_NAMES: Final = frozenset(("otherNames", "skos:altLabel", "skos:prefLabel"))
_IDENTIFYING: Final = frozenset(("geonames", "wikidata"))
_NUMBER: Final = r"[-+]?\d{1,3}(?:\.\d+)?"
_PAIR: Final = re.compile(rf"\s*({_NUMBER})\s*[,; ]\s*({_NUMBER})\s*")
_WKT: Final = re.compile(rf"\s*POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)\s*", re.IGNORECASE)


_Asked = tuple[Property, tuple[Value, ...]]  # a property with the values that were asked for


class Candidates:
    """Answers queries over the things of a snapshot."""

    def __init__(self, things: Things) -> None:
        """Make it over some things."""
        self._things = things
        self._matcher = Matcher(things.index)

    def answer(self, query: Query, reader: Reader) -> list[dict[str, Any]]:
        """Return the candidates of a query as the service writes them, best first.

        Raises:
            ProtocolError: 400; a type or a property is not known.
        """
        return [self._written(each, reader) for each in self.find(query)[: query.limit]]

    def find(self, query: Query) -> list[Candidate]:
        """Return the candidates of a query, best first.

        Raises:
            ProtocolError: 400; a type or a property is not known.
        """
        types = [self._things.schema.type_of(each) for each in query.types]
        asked = [(self._property(each), each.values) for each in query.properties]
        if query.text and (known := self._things.find(query.text)) is not None:
            return [Candidate(known, FULL, True, {"identifier": True})]
        if not query.text:
            return self._by_properties(asked, types, query)
        found = self._judged(query, types, asked)
        wanted = [(p, values) for p, values in asked if p.id not in _JUDGED or len(values) > 1]
        compared = [self._compared(each, wanted) for each in found]
        return ordered(self._identified(compared, asked))

    def _property(self, constraint: Constraint) -> Property:
        return self._things.schema.property_of(constraint.property)

    def _judged(self, query: Query, types: list[Type], asked: Sequence[_Asked]) -> list[Candidate]:
        """Return the candidates by their names, countries, positions and sizes."""
        country, point, population = self._context(asked)
        classes = self._classes(types, query.strictness)
        context = (country, point, population)
        found = self._candidates(self._matcher.decide(Judged(query.text, *context, classes)))
        if query.strictness == "should" and types:
            known = {each.record.iri for each in found}
            others = self._candidates(self._matcher.decide(Judged(query.text, *context)))
            found = [with_feature(each, "type_match", 1.0, is_true=True) for each in found]
            found += [
                with_feature(each, "type_match", OTHER_TYPE, is_true=False)
                for each in others
                if each.record.iri not in known
            ]
        if query.strictness == "all":
            found = [e for e in found if all(self._things.is_a(e.record, t) for t in types)]
        return found

    def _classes(self, types: list[Type], strictness: str) -> frozenset[str]:
        """Return the classes that are one of some types, or narrower."""
        schema = self._things.schema
        wanted = {each.iri for each in types}
        return frozenset(
            each.iri for each in schema.types.values() if wanted & schema.above((each.iri,))
        )

    def _candidates(self, decision: Decision) -> list[Candidate]:
        found = []
        for each in decision.candidates:
            if self._things.is_own(each.iri):
                features: dict[str, float | bool] = {f"name_{each.features.form.value}": True}
                for feature in each.features.as_json():
                    if isinstance(value := feature["value"], int | float):
                        features[str(feature["id"])] = value
                found.append(Candidate(each.record, each.score, each is decision.match, features))
        return found

    def _context(self, asked: Iterable[_Asked]) -> tuple[str | None, Point | None, float | None]:
        """Return the country, the position and the inhabitants, where one of each is asked for."""
        given = {prop.id: values[0] for prop, values in asked if len(values) == 1}
        named = (self._things.country(str(given[name])) for name in _COUNTRY if name in given)
        country = next(filter(None, named), None)
        point = _point(given.get(COORDINATES, ""))
        if point is None and _LATITUDE in given and _LONGITUDE in given:
            point = _point(f"{given[_LATITUDE]},{given[_LONGITUDE]}")
        population = _number(given.get(POPULATION, ""))
        return country, point, population

    def _compared(self, candidate: Candidate, wanted: Sequence[_Asked]) -> Candidate:
        """Return a candidate after a look at its properties."""
        for prop, values in wanted:
            has = any(self.agrees(candidate.record, prop, value) for value in values)
            remainder = 1.0 if has else LACKING
            candidate = with_feature(candidate, f"property_{prop.id}", remainder, is_true=has)
        return candidate

    def _identified(self, candidates: list[Candidate], asked: Sequence[_Asked]) -> list[Candidate]:
        """Return the candidates; one that alone has a number of another register is the match."""
        known = self._bearing([each.record for each in candidates], asked)
        if known is None:
            return candidates
        return [
            each._replace(score=FULL, is_match=True)
            if each.record == known
            else each._replace(is_match=False)
            for each in candidates
        ]

    def _bearing(self, records: Iterable[Record], asked: Sequence[_Asked]) -> Record | None:
        """Return the one thing that itself has a number of another register; None if none has.

        A body has the number of the place that it runs too, but not itself.
        """
        found = [
            record
            for record in records
            for prop, values in asked
            if prop.id in _IDENTIFYING
            and any(self.agrees(record, prop._replace(ways=prop.ways[:1]), v) for v in values)
        ]
        return found[0] if len(found) == 1 else None

    def agrees(self, record: Record, prop: Property, wanted: Value) -> bool:
        """Tell whether a thing has a value, given as identifier, name, number or day."""
        return any(self._is(value, prop, wanted) for value in self._things.values(record.iri, prop))

    def _is(
        self, value: ox.NamedNode | ox.BlankNode | ox.Literal, prop: Property, wanted: Value
    ) -> bool:
        if isinstance(value, ox.NamedNode):
            return self._names(value.value, prop, str(wanted))
        if isinstance(value, ox.BlankNode):
            return False
        number = _number(wanted)
        if number is not None and _number(value.value) == number:
            return True
        text = str(wanted)
        return fold(value.value) == fold(text) != "" or value.value.startswith(f"{text}-")

    def _names(self, iri: str, prop: Property, wanted: str) -> bool:
        """Tell whether a text is the identifier, the number elsewhere, or a name of a value."""
        if wanted in (iri, iri.removeprefix(prop.starts).strip("/")) or iri == self._things.country(
            wanted
        ):
            return True
        known = self._things.find(wanted)
        if known is not None:
            return known.iri == iri
        record = self._things.index.by_iri.get(iri)
        folded = fold(wanted)
        return record is not None and any(fold(name.text) == folded for name in record.names)

    def _by_properties(
        self,
        asked: Sequence[_Asked],
        types: list[Type],
        query: Query,
    ) -> list[Candidate]:
        """Return what has all properties that a query without a name asks for."""
        if not asked:
            return []
        sets = [self._having(prop, values) for prop, values in asked]
        found = [self._things.find(iri) for iri in sorted(set.intersection(*sets))]
        classes = self._classes(types, query.strictness)
        kept = [r for r in found if r is not None and (not types or classes & r.types)]
        known = self._bearing(kept, asked)
        features = {f"property_{prop.id}": True for prop, _ in asked}
        return ordered([Candidate(r, FULL, r == known, features) for r in kept])

    def _having(self, prop: Property, values: Iterable[Value]) -> set[str]:
        """Return the things that have one of some values of a property, IRIs."""
        if prop.id in _NAMES:  # the index has them; to read all names would take longer
            return {
                found.record.iri
                for wanted in values
                for found in self._things.index.same(str(wanted))
                if self.agrees(found.record, prop, wanted)
            }
        nodes = {node for wanted in values for node in self._nodes(prop, wanted)}
        return self._things.having(nodes, prop)

    def _nodes(self, prop: Property, wanted: Value) -> Iterator[ox.NamedNode | ox.Literal]:
        """Yield the values of a property that are meant: things by identifier or name, literals."""
        text, things = str(wanted), self._things
        known, country = things.find(text), things.country(text)
        meant = [known.iri] if known is not None else []
        meant += [found.record.iri for found in things.index.same(text)]
        meant += [country] if country is not None else []
        meant += [prop.starts + text, f"{prop.starts}{text}/"] if prop.starts else []
        for iri in meant:
            if self._names(iri, prop, text):
                with suppress(ValueError):  # a text that is no IRI is the end of none
                    yield ox.NamedNode(iri)
        yield from (each for each in things.literals(prop) if self._is(each, prop, wanted))

    def _written(self, candidate: Candidate, reader: Reader) -> dict[str, Any]:
        record, things = candidate.record, self._things
        return {
            "id": things.identifier(record.iri),
            "name": reader.show(ox.NamedNode(record.iri)).text,
            "description": things.described(record, reader),
            "type": [{"id": each.id, "name": each.name} for each in things.types(record)],
            "score": round(candidate.score, 1),
            "match": candidate.is_match,
            "features": [{"id": name, "value": v} for name, v in candidate.features.items()],
        }


def _point(given: Value) -> Point | None:
    """Return a position from `latitude,longitude` or from WKT; None where it is none."""
    text = str(given)
    if (pair := _PAIR.fullmatch(text)) is not None:
        latitude, longitude = float(pair[1]), float(pair[2])
    elif (pair := _WKT.fullmatch(text)) is not None:
        longitude, latitude = float(pair[1]), float(pair[2])
    else:
        return None
    return Point(latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _number(given: Value) -> float | None:
    if isinstance(given, bool):
        return None
    try:
        number = float(given)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
