"""Things as the service speaks of them: identifiers, names, kinds, descriptions and values.

The identifier of a thing is its IRI without the base, such as `id/city/lt-klaipeda`; the base is
the identifier space, so the two together are the IRI. What the dataset only refers to, such as a
country, is no thing of the service: as a value it is a text.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from kg.find import countries_of, described
from kg.matching import Index, Record
from kg.names import fold
from kg.names import prepare as prepare_names
from kg.namespaces import CANONICAL_BASE, PREFIXES
from kg.query.labels import Reader
from kg.terms import Quads
from kg.web.reconciliation.chains import COORDINATES
from kg.web.reconciliation.schema import Property, Schema, Type
from kg.web.reconciliation.ways import Step, Term, backward, forward

_LONG: Final = "http://www.w3.org/2003/01/geo/wgs84_pos#long"
_NO_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ANY: Final = ox.DefaultGraph()


class Things:
    """The things of one snapshot.

    Attributes:
        base: What the IRIs of the dataset begin with.
        index: Their names.
        schema: Their types and properties.
    """

    def __init__(self, store: Quads, base: str, index: Index, schema: Schema) -> None:
        """Read them from a store.

        Args:
            store: The snapshot.
            base: What its IRIs begin with.
            index: The names in it.
            schema: Its types and properties.
        """
        self.base = base
        self.index = index
        self.schema = schema
        self._store = store

    def prepare(self) -> None:
        """Work out now what every answer needs; a worker can open no file later on."""
        prepare_names()
        self.index.prepare()
        _ = self._countries

    def reader(self, languages: Iterable[str]) -> Reader:
        """Return what looks labels up for a reader of these languages."""
        return Reader(self._store, self.base, tuple(languages))

    def identifier(self, iri: str) -> str:
        """Return the identifier of a thing."""
        return iri.removeprefix(self.base)

    def is_own(self, iri: str) -> bool:
        """Tell whether an IRI belongs to the identifier space."""
        return iri.startswith(self.base)

    def find(self, given: str) -> Record | None:
        """Return a thing by its identifier, its IRI or its prefixed name."""
        iri = self._iri(given.strip())
        found = None if iri is None else self.index.by_iri.get(iri)
        return found if found is not None and self.is_own(found.iri) else None

    def _iri(self, given: str) -> str | None:
        prefix, colon, local = given.partition(":")
        if given.startswith(CANONICAL_BASE):
            given = given.removeprefix(CANONICAL_BASE)
        elif colon and local and PREFIXES.get(prefix, "").startswith(CANONICAL_BASE):
            given = PREFIXES[prefix].removeprefix(CANONICAL_BASE) + local
        given = given.removeprefix(self.base)
        return None if not given or _NO_IRI.search(given) else self.base + given

    def types(self, record: Record) -> list[Type]:
        """Return the types of a thing that the service has, most special first."""
        by_iri = {each.iri: each for each in self.schema.types.values()}
        found = [by_iri[iri] for iri in record.types if iri in by_iri]
        return sorted(found, key=lambda each: (each.number, each.id))

    def is_a(self, record: Record, kind: Type) -> bool:
        """Tell whether a thing is of a type, or of one that is narrower."""
        return kind.iri in self.schema.above(record.types)

    def described(self, record: Record, reader: Reader) -> str:
        """Return what tells a thing from its namesakes: kind, country, inhabitants."""
        country = f"{self.base}ont#Country"
        kinds = [country] if country in record.types else [t.iri for t in self.types(record)]
        return described(record, next(iter(kinds), None), reader)

    def values(self, iri: str, prop: Property) -> list[Term]:
        """Return the values that a thing has of a property."""
        start = ox.NamedNode(iri)
        if prop.id == COORDINATES:
            return list(self._points(start, prop))
        found = [value for way in prop.ways for value in forward(self._store, start, way)]
        found = [value for value in dict.fromkeys(found) if _is_wanted(value, prop)]
        return self._newest(found) if prop.is_newest else found

    def having(self, values: Iterable[Term], prop: Property) -> set[str]:
        """Return the things that have one of some values of a property, IRIs."""
        wanted = list(values)
        found = {node for way in prop.ways for node in backward(self._store, wanted, way)}
        return {node.value for node in found if isinstance(node, ox.NamedNode)}

    def literals(self, prop: Property) -> set[ox.Literal]:
        """Return the literals that any thing has of a property."""
        found: set[ox.Literal] = set()
        for way in prop.ways:
            last = way[-1]
            graph = ox.NamedNode(last.graph) if last.graph else _ANY
            quads = self._store.quads_for_pattern(None, ox.NamedNode(last.predicate), None, graph)
            found |= {quad.object for quad in quads if isinstance(quad.object, ox.Literal)}
        return found

    def _points(self, start: ox.NamedNode, prop: Property) -> Iterable[ox.Literal]:
        """Yield the positions of a thing, each as latitude and longitude."""
        for way in prop.ways:
            for place in forward(self._store, start, way[:-1]):
                if isinstance(place, ox.Literal):
                    continue
                latitude = forward(self._store, place, way[-1:])
                longitude = forward(self._store, place, (Step(_LONG),))
                if len(latitude) == len(longitude) == 1:
                    yield ox.Literal(f"{latitude[0].value},{longitude[0].value}")

    def _newest(self, figures: Iterable[Term]) -> list[Term]:
        """Return the value of the figure with the latest day, as a list of one or none."""
        value, day = (Step(f"{self.base}ont#{name}") for name in ("figureValue", "asOf"))
        dated = []
        for figure in figures:
            if not isinstance(figure, ox.Literal):
                days = [each.value for each in forward(self._store, figure, (day,))]
                dated += [
                    (max(days, default=""), each.value, each)
                    for each in forward(self._store, figure, (value,))
                ]
        return [max(dated, key=lambda each: each[:2])[2]] if dated else []

    def country(self, given: str) -> str | None:
        """Return the IRI of a country by a name in any language, a code or its IRI."""
        return self._countries.get(fold(given))

    @cached_property
    def _countries(self) -> dict[str, str]:
        return countries_of(self._store, self.base)


def _is_wanted(value: Term, prop: Property) -> bool:
    if isinstance(value, ox.BlankNode):
        return prop.is_newest
    return value.value.startswith(prop.starts)
