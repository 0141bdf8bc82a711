"""Cities, bodies, networks, participations and pledges as objects.

An object knows its IRI and asks the service when it is looked at; what it was told it keeps. What
is not modelled here is in `Thing.statements`.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kg.client.answers import Answer
from kg.client.values import IRI, Text, Value
from kg.namespaces import RDF, SKOS

if TYPE_CHECKING:
    from kg.client.graph import Graph

_Thing = TypeVar("_Thing", bound="Thing")
_KINDS_OF_TEXT = ("language", "datatype")  # equal texts of two kinds are two values


class Statement(NamedTuple):
    """A statement about a thing.

    Attributes:
        property: IRI of the property.
        value: The value.
        sources: The named graphs of the sources that say so; empty for what is inferred.
    """

    property: IRI
    value: Value
    sources: tuple[IRI, ...]


class Thing:
    """Something that the graph describes."""

    def __init__(self, graph: "Graph", iri: str) -> None:
        """Make it; nothing is asked yet."""
        self.graph = graph
        self.iri = IRI(iri)

    def __repr__(self) -> str:
        """Show what it is and its name."""
        return f"<{type(self).__name__} {self.label}>"

    def __eq__(self, other: object) -> bool:
        """Tell whether it is the same thing: whether it has the same IRI."""
        return isinstance(other, Thing) and self.iri == other.iri

    def __hash__(self) -> int:
        """Return a hash of the IRI."""
        return hash(self.iri)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All that the accepted view says about it, with the sources that say so."""
        found: dict[tuple[object, ...], Statement] = {}
        for named, value, source in self._ask(
            "SELECT ?p ?o ?g { %s ?p ?o OPTIONAL { GRAPH ?g { %s ?p ?o } "
            'FILTER(STRSTARTS(STR(?g), "' + self.graph.base + 'graph/source/")) } } '
            "ORDER BY ?p ?o ?g"
        ).rows:
            if named is None or value is None:
                continue  # only the graph can be missing
            key = (named, value, *(getattr(value, kind, None) for kind in _KINDS_OF_TEXT))
            known = found.get(key, Statement(IRI(named), value, ()))
            more = () if source is None else (IRI(source),)
            found[key] = known._replace(sources=(*known.sources, *more))
        return tuple(found.values())

    @property
    def names(self) -> tuple[Text, ...]:
        """Its names in all languages, the preferred ones first."""
        wanted = (SKOS + "prefLabel", SKOS + "altLabel")
        found = [
            (wanted.index(each.property), each.value)
            for each in self.statements
            if each.property in wanted and isinstance(each.value, Text)
        ]
        return tuple(name for _, name in sorted(found, key=lambda each: (*each, each[1].language)))

    @property
    def label(self) -> str:
        """Its name in the first language of the graph that it has one in; else any, or the IRI."""
        preferred = self.values(SKOS + "prefLabel")
        by_language = {each.language: each for each in preferred if isinstance(each, Text)}
        for language in self.graph.languages:
            if language in by_language:
                return str(by_language[language])
        return str(min(map(str, preferred), default=self.iri))

    @property
    def kinds(self) -> tuple[IRI, ...]:
        """Its classes."""
        return tuple(IRI(each) for each in self.values(RDF + "type") if isinstance(each, str))

    @property
    def sources(self) -> tuple[IRI, ...]:
        """The named graphs of the sources that say something about it."""
        return tuple(sorted({source for each in self.statements for source in each.sources}))

    def values(self, name: str) -> list[Value]:
        """Return the values of a property, by its IRI or by its name in the ontology."""
        iri = name if ":" in name else f"{self.graph.base}ont#{name}"
        return [each.value for each in self.statements if each.property == iri]

    def one(self, name: str) -> Value | None:
        """Return the only value of a property; None where it has none or several."""
        found = self.values(name)
        return found[0] if len(found) == 1 else None

    def _ask(self, text: str) -> Answer:
        """Ask a query with the IRI in the place of each `%s`."""
        return self.graph.query(text.replace("%s", f"<{self.iri}>"))

    def _things(self, kind: type[_Thing], pattern: str) -> list[_Thing]:
        """Return what `?thing` stands for in a pattern, in the order of the IRIs."""
        found = self._ask(f"SELECT DISTINCT ?thing {{ {pattern} }} ORDER BY ?thing")
        return [kind(self.graph, str(iri)) for iri in found.column("thing")]


class Participation(Thing):
    """That a body takes part in something."""

    @property
    def body(self) -> "Body | None":
        """Who takes part."""
        return _one_of(Body, self, "participant")

    @property
    def network(self) -> "Network | None":
        """What it takes part in."""
        return _one_of(Network, self, "participationIn")

    @property
    def roles(self) -> list[Value]:
        """In which roles, as concepts."""
        return self.values("role")


class Taking(Thing):
    """What takes part, signs and aims: a body, or a city by the bodies that govern it."""

    _BODY = ""

    @cached_property
    def participations(self) -> list[Participation]:
        """What it takes part in, as statements that have IRIs."""
        return self._things(Participation, f"{self._BODY} ?thing cpo:participant ?body")

    @cached_property
    def networks(self) -> "list[Network]":
        """The networks that it takes part in."""
        return self._things(
            Network,
            f"{self._BODY} ?tie cpo:participant ?body ; cpo:participationIn ?thing . "
            "?thing a cpo:Network",
        )

    @cached_property
    def pledges(self) -> "list[Pledge]":
        """The pledges that it has signed; taking part in what has a target is no pledge."""
        return self._things(
            Pledge, f"{self._BODY} ?signature cpo:signatory ?body ; cpo:signs ?thing"
        )

    @cached_property
    def targets(self) -> "list[Target]":
        """The targets that it has set by itself."""
        return self._things(Target, f"{self._BODY} ?thing cpo:setBy ?body")


class Body(Taking):
    """A body: a municipality, an organisation."""

    _BODY = "VALUES ?body { %s }"

    @cached_property
    def cities(self) -> "list[City]":
        """What it governs."""
        return self._things(City, "%s cpo:governs ?thing")


class City(Taking):
    """A city: a place, governed by bodies that join and sign."""

    _BODY = "?body cpo:governs %s ."

    @cached_property
    def bodies(self) -> list[Body]:
        """Who governs it."""
        return self._things(Body, "?thing cpo:governs %s")

    @property
    def country(self) -> Thing | None:
        """The country that it lies in."""
        return _one_of(Thing, self, "country")

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees (WGS 84); None where they are not known."""
        found = [self.one(f"http://www.w3.org/2003/01/geo/wgs84_pos#{name}") for name in _PLACE]
        if any(each is None for each in found):
            return None
        return float(str(found[0])), float(str(found[1]))


_PLACE = ("lat", "long")


class Network(Thing):
    """A network of cities."""

    @cached_property
    def participations(self) -> list[Participation]:
        """Who takes part, as statements that have IRIs."""
        return self._things(Participation, "?thing cpo:participationIn %s")

    @cached_property
    def members(self) -> list[Body]:
        """The bodies that take part."""
        return self._things(Body, "?tie cpo:participationIn %s ; cpo:participant ?thing")

    @cached_property
    def cities(self) -> list[City]:
        """The cities that its members govern."""
        return self._things(City, "%s cpo:memberCity ?thing")

    @property
    def leads(self) -> list[Body]:
        """Who leads it; several where it changed, none where no source says."""
        return _all_of(Body, self, "leadPartner")

    @property
    def programme(self) -> Thing | None:
        """The programme that it is under."""
        return _one_of(Thing, self, "underProgramme")


class Target(Thing):
    """What is to be reached by a year."""

    @property
    def year(self) -> int | None:
        """The year, where it is one."""
        found = self.one("targetYear")
        return found if isinstance(found, int) else None


class Pledge(Thing):
    """What several bodies have signed."""

    @cached_property
    def signatories(self) -> list[Body]:
        """Who has signed it."""
        return self._things(Body, "?signature cpo:signs %s ; cpo:signatory ?thing")

    @cached_property
    def undertakings(self) -> list[Thing]:
        """What it obliges its signatories to."""
        return self._things(Thing, "?thing cpo:undertakingOf %s")

    @cached_property
    def targets(self) -> list[Target]:
        """What is to be reached by it."""
        return self._things(Target, "?thing cpo:targetOf %s")


def _all_of(kind: type[_Thing], thing: Thing, name: str) -> list[_Thing]:
    values: Sequence[Value] = thing.values(name)
    return [kind(thing.graph, each) for each in values if isinstance(each, IRI)]


def _one_of(kind: type[_Thing], thing: Thing, name: str) -> _Thing | None:
    found = _all_of(kind, thing, name)
    return found[0] if len(found) == 1 else None
