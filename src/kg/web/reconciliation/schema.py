"""Types and properties of the service: their identifiers, names and the ways to their values.

Types are the classes whose instances have names, properties those that such instances have, by the
counts that the dataset keeps of itself (VoID). A class or a property of the ontology has its local
name as identifier, one of another vocabulary its prefixed name, such as `foaf:homepage`; the
ontology is the schema space. Besides, there are properties that take several statements, such as
the networks that a city sits in.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.languages import mark
from kg.namespaces import OWL, RDF, RDFS, SKOS, shorten
from kg.query.labels import Reader
from kg.query.protocol import ProtocolError, shortened
from kg.terms import Quads
from kg.web.reconciliation.chains import chains
from kg.web.reconciliation.ways import Step, Way
from kg.web.vocabularies.model import Model

# Kinds whose instances are no things of their own, but tie others together or say who says what.
_TIES: Final = frozenset(
    (
        *("Claim", "NameForm", "Participation", "ReportedFigure", "RetiredThing", "RoleHolding"),
        *("Ruling", "Signature", "SourceSpan"),
    )
)
# Properties that say nothing to somebody who fills a table.
_HIDDEN: Final = (
    *(RDF, OWL, RDFS),
    *(SKOS + name for name in ("hiddenLabel", "historyNote", "inScheme", "topConceptOf")),
)
_HIDDEN_LOCAL: Final = frozenset(("hasSpan", "nameForm", "textHash"))
_DEFAULTS: Final = ("City", "Municipality", "Network", "Pledge")


class Type(NamedTuple):
    """A kind of things.

    Attributes:
        id: Its identifier.
        iri: Of the class.
        name: Its label.
        description: Its definition; may be empty.
        number: Number of instances.
        broader: Classes right above it, IRIs.
    """

    id: str
    iri: str
    name: str
    description: str
    number: int
    broader: tuple[str, ...]


class Property(NamedTuple):
    """What can be asked of a thing.

    Attributes:
        id: Its identifier.
        name: Its label.
        description: Its definition; may be empty.
        ways: To the values; a value of any of them is one.
        types: IRIs of the classes whose instances can have it.
        value_type: IRI of the class of its values; empty where they differ or are no things.
        starts: What the IRIs begin with that count as values; empty for any value.
        is_newest: Whether of several values only that with the latest `cpo:asOf` counts.
    """

    id: str
    name: str
    description: str
    ways: tuple[Way, ...]
    types: frozenset[str]
    value_type: str = ""
    starts: str = ""
    is_newest: bool = False


class Schema:
    """The types and properties of one snapshot.

    Attributes:
        base: What the IRIs of the dataset begin with.
        types: By identifier, in the order of their names.
        properties: By identifier, in the order of their names.
    """

    def __init__(self, store: Quads, base: str, model: Model) -> None:
        """Read it off a snapshot.

        Args:
            store: The snapshot.
            base: What its IRIs begin with.
            model: Its terms, and how often they are used.
        """
        self.base = base
        self._store = store
        self._model = model
        self._reader = Reader(model.terms.store, base, ("en",))

    @property
    def space(self) -> str:
        """The URI that the identifiers of types and properties are local to."""
        return f"{self.base}ont#"

    @cached_property
    def types(self) -> dict[str, Type]:
        """The types by identifier, in the order of their names."""
        counts = self._model.usage.instances
        found = [self._type(iri, number) for iri, number in counts.items() if self._is_thing(iri)]
        return {each.id: each for each in sorted(found, key=lambda each: each.name.casefold())}

    @cached_property
    def properties(self) -> dict[str, Property]:
        """The properties by identifier, in the order of their names."""
        by_iri: dict[str, set[str]] = {}
        for kind in self.types.values():
            for count in self._model.usage.properties_of(kind.iri):
                by_iri.setdefault(count.iri, set()).add(kind.iri)
        plain = [self._property(iri, kinds) for iri, kinds in by_iri.items() if self._is_told(iri)]
        found = {each.id: each for each in (*plain, *self._chains())}
        return dict(sorted(found.items(), key=lambda item: item[1].name.casefold()))

    @property
    def defaults(self) -> list[Type]:
        """The types that are proposed where a client knows nothing."""
        return [self.types[name] for name in _DEFAULTS if name in self.types]

    def type_of(self, given: str) -> Type:
        """Return a type by its identifier, its IRI or its prefixed name.

        Raises:
            ProtocolError: 400; there is none.
        """
        found = self.types.get(self._local(given))
        if found is None:
            raise _unknown("type", given, "/reconcile/suggest/type?prefix=")
        return found

    def property_of(self, given: str) -> Property:
        """Return a property by its identifier, its IRI or its prefixed name.

        Raises:
            ProtocolError: 400; there is none.
        """
        found = self.properties.get(self._local(given))
        if found is None:
            raise _unknown("property", given, "/reconcile/suggest/property?prefix=")
        return found

    def properties_for(self, kind: Type) -> list[Property]:
        """Return the properties that instances of a type can have, in the order of their names."""
        return [each for each in self.properties.values() if kind.iri in each.types]

    def above(self, iris: Iterable[str]) -> frozenset[str]:
        """Return some classes with all that are above them, IRIs."""
        found: set[str] = set()
        waiting = list(iris)
        while waiting:
            iri = waiting.pop()
            if iri not in found:
                found.add(iri)
                waiting += self._broader(iri)
        return frozenset(found)

    def identifier(self, iri: str) -> str:
        """Return the identifier of a class or of a property.

        >>> Schema.identifier(schema, "https://w3id.org/citypledge/ont#City")  # doctest: +SKIP
        'City'
        """
        return iri.removeprefix(self.space) if iri.startswith(self.space) else shorten(iri)

    def _local(self, given: str) -> str:
        given = given.strip().removeprefix("cpo:")
        return self.identifier(given) if "://" in given else given

    def _is_thing(self, iri: str) -> bool:
        local = iri.removeprefix(self.space)
        return not iri.startswith((OWL, RDF, RDFS)) and local not in _TIES and local != "Country"

    def _is_told(self, iri: str) -> bool:
        return not iri.startswith(_HIDDEN) and iri.removeprefix(self.space) not in _HIDDEN_LOCAL

    def _type(self, iri: str, number: int) -> Type:
        name, description = self._words(iri)
        broader = tuple(each for each in self._broader(iri) if not each.startswith((OWL, RDFS)))
        return Type(self.identifier(iri), iri, name, description, number, broader)

    def _broader(self, iri: str) -> list[str]:
        terms = self._model.terms
        return [each.value for each in terms.named(ox.NamedNode(iri), RDFS + "subClassOf")]

    def _property(self, iri: str, kinds: set[str]) -> Property:
        name, description = self._words(iri)
        classes = self._model.terms.named(ox.NamedNode(iri), RDFS + "range")
        value_type = classes[0].value if len(classes) == 1 else ""
        ways: tuple[Way, ...] = ((Step(iri),),)
        kinds_above = frozenset(kinds)
        return Property(self.identifier(iri), name, description, ways, kinds_above, value_type)

    def _words(self, iri: str) -> tuple[str, str]:
        """Return the name and the definition of a class or property."""
        node = ox.NamedNode(iri)
        definition = self._reader.labels(node, [ox.NamedNode(SKOS + "definition")])
        english = [label.text for label in definition if label.language == "en"]
        return self._reader.show(node).text, next(iter(english), "")

    def _chains(self) -> list[Property]:
        """Return the properties that take several statements and can have values here."""
        uses, found = self._model.usage.uses, []
        classes = frozenset(kind.iri for kind in self.types.values())
        for each in chains(self.base):
            kinds = each.types & classes
            steps = [step for way in each.ways for step in way]
            is_used = any(step.graph or uses.get(step.predicate) for step in steps)
            if kinds and is_used:
                parts = (each.id, each.name, each.description, each.ways, kinds, each.value_type)
                found.append(Property(*parts, each.starts, each.is_newest))
        return found


def _unknown(what: str, given: str, where: str) -> ProtocolError:
    detail = f"{shortened(given, 80)!r} is no {what} here; {where} finds those that there are"
    titles = {"type": mark("Unknown type"), "property": mark("Unknown property")}
    return ProtocolError(400, titles[what], detail)
