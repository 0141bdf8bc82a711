"""What the shapes and the ontology ask of a class and of a property.

Nothing here knows a rule by its name: a class demands what a shape with that target demands, and a
value has the datatype that a shape or, without one, the range in the ontology names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, NamedTuple, cast

import pyoxigraph as ox

from kg.check.catalogue import Catalogue, of_shapes, shape_files
from kg.dataset import LISTS, ONTOLOGY, Dataset
from kg.namespaces import FOAF, ONT, ORG, RDF, RDFS, SCHEMA, SH, SHAPES, XSD
from kg.terms import Term, in_default_graph
from kg.turtle import parse

TYPE: Final = ox.NamedNode(RDF + "type")
_NIL: Final = ox.NamedNode(RDF + "nil")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
# What ORG and FOAF say of their own classes; the ontology's files do not repeat it.
_ABOVE: Final = {
    FOAF + "Person": FOAF + "Agent",
    ORG + "Organization": FOAF + "Agent",
    ORG + "OrganizationalCollaboration": ORG + "Organization",
}


class Step(NamedTuple):
    """A property, followed forwards or backwards."""

    property: str
    is_inverse: bool = False


@dataclass(frozen=True)
class Demand:
    """What one rule asks of one property.

    Attributes:
        code: The rule.
        said: What is right, in English.
        steps: The property; several where any of them will do.
        least: How many values there have to be.
        most: How many there may be; None without a limit.
        datatypes: The datatypes of which a value has one; empty where none is named.
    """

    code: str
    said: str
    steps: tuple[Step, ...]
    least: int
    most: int | None
    datatypes: frozenset[str]

    def is_met_by(self, properties: Iterable[str]) -> bool:
        """Tell whether an entity that has these properties has enough values."""
        return bool({step.property for step in self.steps if not step.is_inverse} & {*properties})


@dataclass(frozen=True)
class Demands:
    """The demands of all shapes, and what the ontology says of its properties.

    Attributes:
        shapes: Holds the shapes.
        terms: Holds ontology and lists.
        rules: The words of each rule.
    """

    shapes: ox.Store
    terms: ox.Store
    rules: Catalogue

    def of_class(self, kind: str) -> list[Demand]:
        """Return what a class demands, in the order of the rules' codes."""
        found: dict[str, Demand] = {}
        for parent in self.superclasses(kind):
            target = ox.NamedNode(SH + "targetClass")
            for quad in self.shapes.quads_for_pattern(None, target, ox.NamedNode(parent)):
                for demand in self._of_shape(cast(Term, quad.subject)):
                    found.setdefault(f"{demand.code} {demand.steps}", demand)
        return [found[key] for key in sorted(found)]

    def missing(self, kind: str, properties: Iterable[str]) -> list[Demand]:
        """Return the demands of a class that an entity with these properties does not meet."""
        has = set(properties)
        return [d for d in self.of_class(kind) if d.least and not d.is_met_by(has)]

    def datatypes(self, name: str) -> frozenset[str]:
        """Return the datatypes that a value of a property can have; empty for no literal."""
        demanded = frozenset(
            datatype
            for demand in self._of_all
            if Step(name) in demand.steps
            for datatype in demand.datatypes
        )
        ranges = self._objects(self.terms, name, SCHEMA + "rangeIncludes")
        return demanded or frozenset(r for r in ranges if _is_datatype(r))

    def ranges(self, name: str) -> frozenset[str]:
        """Return the classes of which a value of a property is one; empty where none is named."""
        ranges = self._objects(self.terms, name, SCHEMA + "rangeIncludes")
        return frozenset(r for r in ranges if not _is_datatype(r))

    def fits(self, name: str, kind: str) -> bool:
        """Tell whether a thing of a class may have a property."""
        domains = {
            *self._objects(self.terms, name, RDFS + "domain"),
            *self._objects(self.terms, name, SCHEMA + "domainIncludes"),
        }
        return not domains or bool(domains & self.superclasses(kind))

    def is_known(self, name: str) -> bool:
        """Tell whether the ontology declares a property or a shape names it."""
        return name in self._declared or any(
            step.property == name for demand in self._of_all for step in demand.steps
        )

    def known(self) -> list[str]:
        """Return the properties of the ontology."""
        return sorted(self._declared)

    def limit(self, name: str, kind: str) -> int | None:
        """Return how many values of a property a thing of a class may have."""
        given = (d.most for d in self.of_class(kind) if d.steps == (Step(name),))
        return min((most for most in given if most is not None), default=None)

    def domain(self, name: str) -> str:
        """Return the one class that has a property, or an empty string."""
        found = self._objects(self.terms, name, RDFS + "domain")
        return next(iter(found)) if len(found) == 1 else ""

    def superclasses(self, kind: str) -> frozenset[str]:
        """Return a class and all classes above it."""
        if kind not in self._above:
            self._above[kind] = self._all_above(kind)
        return self._above[kind]

    def _all_above(self, kind: str) -> frozenset[str]:
        found: set[str] = set()
        todo = [kind]
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += self._objects(self.terms, each, _SUBCLASS.value)
                todo += [_ABOVE[each]] if each in _ABOVE else []
        return frozenset(found)

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _declared(self) -> frozenset[str]:
        typed = self.terms.quads_for_pattern(None, TYPE, None)
        return frozenset(
            cast(ox.NamedNode, quad.subject).value
            for quad in typed
            if str(quad.object).endswith("Property>") and str(quad.subject).startswith(f"<{ONT}")
        )

    @cached_property
    def _of_all(self) -> tuple[Demand, ...]:
        path = ox.NamedNode(SH + "path")
        shapes = {quad.subject for quad in self.shapes.quads_for_pattern(None, path, None)}
        return tuple(
            d for shape in sorted(shapes, key=str) for d in self._of_property(cast(Term, shape))
        )

    def _of_shape(self, shape: Term) -> Iterator[Demand]:
        for part in self._all(shape, "property"):
            yield from self._of_property(part, code=_code(shape))
        for choice in self._all(shape, "or"):
            for option in list(self._items(choice))[:1]:
                yield from (d for d in self._of_option(option, _code(shape)) if d.code)

    def _of_option(self, shape: Term, code: str) -> Iterator[Demand]:
        """Yield what the first of several ways to satisfy a rule demands."""
        for part in self._all(shape, "property"):
            yield from self._of_property(part, code=code)

    def _of_property(self, shape: Term, code: str = "") -> Iterator[Demand]:
        steps = tuple(self._steps(shape))
        name = _code(shape) or code
        if not steps:
            return
        rule = self.rules.get(name)
        most = self._number(shape, "maxCount")
        yield Demand(
            name,
            rule.message if rule else "",
            steps,
            self._number(shape, "minCount") or 0,
            most,
            frozenset(self._datatypes(shape)),
        )

    def _steps(self, shape: Term) -> Iterator[Step]:
        for path in self._all(shape, "path"):
            choices = [
                item for each in self._all(path, "alternativePath") for item in self._items(each)
            ]
            for choice in choices or [path]:
                if isinstance(choice, ox.NamedNode):
                    yield Step(choice.value)
                for back in self._all(choice, "inversePath"):
                    if isinstance(back, ox.NamedNode):
                        yield Step(back.value, is_inverse=True)

    def _datatypes(self, shape: Term) -> Iterator[str]:
        options = [item for each in self._all(shape, "or") for item in self._items(each)]
        for part in (shape, *options):
            for datatype in self._all(part, "datatype"):
                yield datatype.value

    def _number(self, shape: Term, name: str) -> int | None:
        return next((int(value.value) for value in self._all(shape, name)), None)

    def _all(self, node: Term, name: str) -> list[Term]:
        if isinstance(node, ox.Literal):
            return []
        found = self.shapes.quads_for_pattern(node, ox.NamedNode(SH + name), None)
        return sorted((cast(Term, quad.object) for quad in found), key=str)

    def _items(self, head: Term) -> Iterator[Term]:
        while head != _NIL and not isinstance(head, ox.Literal):
            pair = {
                quad.predicate.value: cast(Term, quad.object)
                for quad in self.shapes.quads_for_pattern(head, None, None)
            }
            yield pair[RDF + "first"]
            head = pair[RDF + "rest"]

    @staticmethod
    def _objects(store: ox.Store, subject: str, predicate: str) -> frozenset[str]:
        found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
        return frozenset(q.object.value for q in found if isinstance(q.object, ox.NamedNode))


def read(root: Path, dataset: Dataset) -> Demands:
    """Read the demands of the shapes and the ontology of a dataset.

    Raises:
        DataError: A shapes file or a file of the ontology is not well-formed.
    """
    terms = ox.Store()
    for file in dataset.of_graph(ONTOLOGY, LISTS):
        terms.extend(in_default_graph(triple) for triple in file.triples)
    shapes, rules = _shapes(tuple(shape_files(root).items()))
    return Demands(shapes, terms, rules)


@lru_cache(maxsize=1)
def _shapes(texts: tuple[tuple[str, str], ...]) -> tuple[ox.Store, Catalogue]:
    store = ox.Store()
    for name, text in texts:
        store.extend(in_default_graph(triple) for triple in parse(text, Path(name)))
    return store, of_shapes(text for _, text in texts)


def _code(shape: Term) -> str:
    local = shape.value.removeprefix(SHAPES) if isinstance(shape, ox.NamedNode) else ""
    return local if len(local) == 5 and local[:3].isupper() and local[3:].isdigit() else ""


def _is_datatype(iri: str) -> bool:
    return iri.startswith(XSD) or iri == RDF + "langString"
