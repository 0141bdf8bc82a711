"""Terms and statements of RDF 1.1, as types.

pyoxigraph's types allow for triples inside triples (RDF 1.2), which files of the dataset never
hold. These narrower views spare every user of a term the question; the objects are pyoxigraph's.
"""

from collections.abc import Iterator
from typing import Protocol, cast

import pyoxigraph as ox

Resource = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Triple(Protocol):
    """A statement without its graph."""

    @property
    def subject(self) -> Resource:
        """What it is about."""

    @property
    def predicate(self) -> ox.NamedNode:
        """The property."""

    @property
    def object(self) -> Term:
        """The value."""


class Quad(Triple, Protocol):
    """A statement in a named graph."""

    @property
    def graph_name(self) -> ox.NamedNode:
        """The named graph that says it."""

    @property
    def triple(self) -> Triple:
        """The statement without its graph."""


class Quads(Protocol):
    """What pages read: a store in memory or on disk, or one behind an endpoint."""

    def quads_for_pattern(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,
        graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None = None,
    ) -> Iterator[ox.Quad]:
        """Give the statements that match; None matches anything."""


def as_triple(subject: Resource, predicate: ox.NamedNode, value: Term) -> Triple:
    """Return a statement made of its terms."""
    return cast(Triple, ox.Triple(subject, predicate, value))


def in_graph(triple: Triple, graph: ox.NamedNode) -> Quad:
    """Return a statement in a named graph."""
    return cast(Quad, ox.Quad(triple.subject, triple.predicate, triple.object, graph))


def in_default_graph(triple: Triple) -> ox.Quad:
    """Return a statement in the default graph."""
    return ox.Quad(triple.subject, triple.predicate, triple.object)


def select(store: ox.Store, text: str) -> ox.QuerySolutions:
    """Return the solutions of a SELECT query of our own."""
    return cast(ox.QuerySolutions, store.query(text))
