"""What lists are narrowed by and where their things lie, read once from a snapshot.

A request then reads no more of the graph than the labels that it shows. The index is made where
the snapshot is in memory; the processes that answer share it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS, ORG, RDF, WGS
from kg.query.labels import Reader, Shown
from kg.terms import Quads
from kg.web.i18n import LANGUAGES, sort_key

_DEFAULT: Final = ox.DefaultGraph()
LISTED: Final = ("City", "Network", "Pledge")
Ties = Mapping[str, frozenset[str]]


class Entry(NamedTuple):
    """A thing in a list.

    Attributes:
        iri: Of it.
        facets: What it can be found by: of each facet the values, IRIs or texts.
        cities: Where it is: itself, its member cities, or the cities of those who signed it.
    """

    iri: str
    facets: Mapping[str, frozenset[str]]
    cities: frozenset[str]


class Country(NamedTuple):
    """A country in which something of the dataset lies.

    Attributes:
        iri: Of it.
        cities: In it.
        bodies: In it: municipalities and other organisations.
        joined: Networks, programmes and the like, each with the bodies from here that take part.
        signed: Pledges and documents, each with the bodies from here that signed.
    """

    iri: str
    cities: frozenset[str]
    bodies: frozenset[str]
    joined: Mapping[str, frozenset[str]]
    signed: Mapping[str, frozenset[str]]


class Named(NamedTuple):
    """An entry with the name by which it is sorted."""

    entry: Entry
    shown: Shown


@dataclass(frozen=True)
class Index:
    """What pages over many things need of a snapshot.

    Attributes:
        store: The snapshot.
        base: What its IRIs begin with.
    """

    store: Quads
    base: str

    def prepare(self) -> None:
        """Read everything now."""
        _ = self.entries, self.countries, self.places
        for kind in LISTED:
            for language in LANGUAGES:
                self.named(kind, language)

    @cached_property
    def entries(self) -> Mapping[str, tuple[Entry, ...]]:
        """The things of each kind that is listed, by the local name of its class."""
        return {"City": self._cities(), "Network": self._networks(), "Pledge": self._pledges()}

    @cached_property
    def places(self) -> Mapping[str, tuple[float, float]]:
        """Longitude and latitude of what has both, in degrees."""
        latitudes = dict(self._numbers(WGS + "lat"))
        return {
            iri: (longitude, latitudes[iri])
            for iri, longitude in self._numbers(WGS + "long")
            if iri in latitudes
        }

    @cached_property
    def countries(self) -> Mapping[str, Country]:
        """The countries in which cities or bodies lie, by code: the last part of the IRI."""
        cities, bodies = self.of_class("City"), self.bodies
        inside: dict[str, set[str]] = defaultdict(set)
        for thing, countries in self._ties("country").items():
            for country in countries:
                if thing in cities or thing in bodies:
                    inside[country].add(thing)
        taken = self._by_body("participationIn", "participant")
        signed = self._by_body("signs", "signatory")
        return {
            iri.rpartition("/")[2]: Country(
                iri,
                frozenset(things & cities),
                frozenset(things & bodies),
                _turned(taken, things & bodies),
                _turned(signed, things & bodies),
            )
            for iri, things in inside.items()
        }

    @cached_property
    def bodies(self) -> frozenset[str]:
        """The municipalities and other organisations."""
        return self.of_class("Municipality") | self.of_class(ORG + "Organization")

    def named(self, kind: str, language: str) -> tuple[Named, ...]:
        """Return the entries of a kind as readers of a language of the interface expect them."""
        known = self._orders.get((kind, language))
        if known is None:
            reader = Reader(self.store, self.base, (language,))
            found = (Named(e, reader.show(ox.NamedNode(e.iri))) for e in self.entries[kind])
            known = tuple(sorted(found, key=lambda each: _order(each, language)))
            self._orders[kind, language] = known
        return known

    @cached_property
    def _orders(self) -> dict[tuple[str, str], tuple[Named, ...]]:
        return {}

    def of_class(self, name: str) -> frozenset[str]:
        """Return the things of a class, given by its local name in the ontology or its IRI."""
        node = self._term(name)
        found = self.store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), node, _DEFAULT)
        return frozenset(_named(quad.subject for quad in found))

    def _cities(self) -> tuple[Entry, ...]:
        networks, programmes = self.of_class("Network"), self.of_class("Programme")
        member = _turned_ties(self._ties("memberCity"))
        countries, signed = self._ties("country"), _turned_ties(self._signing_cities)
        return tuple(
            Entry(
                city,
                {
                    "country": countries.get(city, frozenset()),
                    "network": member.get(city, frozenset()) & networks,
                    "programme": member.get(city, frozenset()) & programmes,
                    "pledge": signed.get(city, frozenset()),
                },
                frozenset([city]),
            )
            for city in sorted(self.of_class("City"))
        )

    def _networks(self) -> tuple[Entry, ...]:
        kinds, programmes = self._ties(DCTERMS + "type"), self._ties("underProgramme")
        countries, cities = self._ties("memberCountry"), self._ties("memberCity")
        years = self._years("startDate")
        none: frozenset[str] = frozenset()
        return tuple(
            Entry(
                network,
                {
                    "kind": kinds.get(network, none),
                    "programme": programmes.get(network, none),
                    "country": countries.get(network, none),
                    "year": years.get(network, none),
                },
                cities.get(network, none),
            )
            for network in sorted(self.of_class("Network"))
        )

    def _pledges(self) -> tuple[Entry, ...]:
        forces, programmes = self._ties("bindingForce"), self._ties("underProgramme")
        countries = self._ties("country")
        none: frozenset[str] = frozenset()
        found = []
        for pledge in sorted(self.of_class("Pledge")):
            cities = self._signing_cities.get(pledge, none)
            facets = {
                "country": none.union(*(countries.get(city, none) for city in cities)),
                "programme": programmes.get(pledge, none),
                "force": forces.get(pledge, none),
            }
            found.append(Entry(pledge, facets, cities))
        return tuple(found)

    @cached_property
    def _signing_cities(self) -> Ties:
        """Of each pledge the cities whose bodies signed it."""
        pledges, governs = self.of_class("Pledge"), self._ties("governs")
        found: dict[str, set[str]] = defaultdict(set)
        for body, signed in self._by_body("signs", "signatory").items():
            for pledge in signed & pledges:
                found[pledge] |= governs.get(body, frozenset())
        return _frozen(found)

    def _by_body(self, whole: str, part: str) -> Ties:
        """Return what each body has to do with, through nodes that name both."""
        wholes = self._ties(whole)
        found: dict[str, set[str]] = defaultdict(set)
        for node, bodies in self._ties(part).items():
            for body in bodies:
                found[body] |= wholes.get(node, frozenset())
        return _frozen(found)

    def _ties(self, name: str) -> Ties:
        """Return the things that a property names, of each subject."""
        found: dict[str, set[str]] = defaultdict(set)
        for quad in self.store.quads_for_pattern(None, self._term(name), None, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
                found[quad.subject.value].add(quad.object.value)
        return _frozen(found)

    def _years(self, name: str) -> Ties:
        found: dict[str, set[str]] = defaultdict(set)
        for quad in self.store.quads_for_pattern(None, self._term(name), None, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                found[quad.subject.value].add(quad.object.value[:4])
        return _frozen(found)

    def _numbers(self, name: str) -> Iterator[tuple[str, float]]:
        for quad in self.store.quads_for_pattern(None, self._term(name), None, _DEFAULT):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                try:
                    found = float(quad.object.value)
                except ValueError:
                    continue  # a place that is no number; the check of the data says so
                if math.isfinite(found):
                    yield quad.subject.value, found

    def _term(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(name if ":" in name else f"{self.base}ont#{name}")


def _order(each: Named, language: str) -> tuple[tuple[str, str], str]:
    return sort_key(each.shown.text, language), each.entry.iri


def _named(nodes: Iterable[object]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ox.NamedNode))


def _frozen(found: Mapping[str, set[str]]) -> Ties:
    return {key: frozenset(values) for key, values in found.items()}


def _turned_ties(ties: Ties) -> Ties:
    return _turned(ties, ties.keys())


def _turned(ties: Ties, keys: Iterable[str]) -> Ties:
    """Return for each value of some keys the keys that have it."""
    found: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        for value in ties.get(key, frozenset()):
            found[value].add(key)
    return _frozen(found)
