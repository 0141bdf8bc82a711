"""The ways from a thing to the values of a property: one step, or several that belong together.

That a city sits in a network is said in three statements: of the municipality that governs it, of
a participation, and of the network. A way is such a chain; it is walked with the indexes of the
store, from a thing to its values or from a value back to the things.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import RDF
from kg.terms import Quads

_TYPE: Final = ox.NamedNode(RDF + "type")
Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Step(NamedTuple):
    """A step from nodes to others.

    Attributes:
        predicate: IRI of the property.
        is_back: Whether it leads from the object to the subject.
        having: Property and value that a node has where the step ends, IRIs; None for any.
        without: Property and value that it has not.
        graph: IRI of the named graph that says it; empty for the accepted view.
    """

    predicate: str
    is_back: bool = False
    having: tuple[str, str] | None = None
    without: tuple[str, str] | None = None
    graph: str = ""

    @property
    def _graph(self) -> ox.NamedNode | ox.DefaultGraph:
        return ox.NamedNode(self.graph) if self.graph else ox.DefaultGraph()


Way = tuple[Step, ...]


def forward(store: Quads, start: Node, way: Way) -> list[Term]:
    """Return the values that a way leads to from a thing, each once, in a fixed order."""
    found: set[Term] = {start}
    for step in way:
        found = _step(store, found, step, is_back=step.is_back)
        found = {each for each in found if _holds(store, each, step)}
    return sorted(found, key=str)


def backward(store: Quads, values: Iterable[Term], way: Way) -> set[Term]:
    """Return the things from which a way leads to any of some values."""
    found = set(values)
    for step in reversed(way):
        found = {each for each in found if _holds(store, each, step)}
        found = _step(store, found, step, is_back=not step.is_back)
    return found


def _step(store: Quads, nodes: set[Term], step: Step, *, is_back: bool) -> set[Term]:
    predicate, graph = ox.NamedNode(step.predicate), step._graph
    found: set[Term] = set()
    for each in nodes:
        if is_back:
            quads = store.quads_for_pattern(None, predicate, each, graph)
            found |= {quad.subject for quad in quads if not isinstance(quad.subject, ox.Triple)}
        elif not isinstance(each, ox.Literal):
            quads = store.quads_for_pattern(each, predicate, None, graph)
            found |= {quad.object for quad in quads if not isinstance(quad.object, ox.Triple)}
    return found


def _holds(store: Quads, node: Term, step: Step) -> bool:
    return (step.having is None or _has(store, node, *step.having)) and (
        step.without is None or not _has(store, node, *step.without)
    )


def _has(store: Quads, node: Term, predicate: str, value: str) -> bool:
    if isinstance(node, ox.Literal):
        return False
    pattern = (node, ox.NamedNode(predicate), ox.NamedNode(value), ox.DefaultGraph())
    return next(store.quads_for_pattern(*pattern), None) is not None


def of_kind(iri: str) -> tuple[str, str]:
    """Return what a node has that is an instance of a class."""
    return _TYPE.value, iri
