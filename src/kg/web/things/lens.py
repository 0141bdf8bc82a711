"""Looks up what the accepted view says, and who says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Assertion, Origin, Origins
from kg.query.labels import TYPE, Node, Reader, Shown, Term
from kg.terms import Quads
from kg.web.i18n import sort_key

MANY: Final = 500  # nodes that a page looks at in one way; of more it says how many it shows
_DEFAULT: Final = ox.DefaultGraph()


class Fact(NamedTuple):
    """A value of the accepted view, as a reader sees it, and who says it."""

    term: Term
    shown: Shown
    origins: tuple[Origin, ...]

    @property
    def text(self) -> str:
        """What is shown."""
        return self.shown.text


class Cut(NamedTuple):
    """The first of several nodes.

    Attributes:
        nodes: Sorted by their IRIs, so that those of one country stand together.
        is_whole: Whether there are no more.
    """

    nodes: tuple[ox.NamedNode, ...]
    is_whole: bool


@dataclass(frozen=True)
class Lens:
    """What one page is read with.

    Attributes:
        reader: Gives labels.
        origins: The sources that the page has named.
        language: Of the interface; lists are sorted as its readers expect.
        today: The day on which the page is made.
    """

    reader: Reader
    origins: Origins
    language: str
    today: date

    @property
    def store(self) -> Quads:
        """The graph."""
        return self.reader.store

    def term(self, name: str) -> ox.NamedNode:
        """Return a property by its local name in the ontology, or by its IRI."""
        return ox.NamedNode(name) if ":" in name else self.reader.term(name)

    def values(self, node: Node, name: str) -> list[Term]:
        """Return the accepted values of a property, at most `MANY`, in a fixed order."""
        found = self.store.quads_for_pattern(node, self.term(name), None, _DEFAULT)
        return sorted((quad.object for quad in islice(found, MANY)), key=str)

    def nodes(self, node: Node, name: str) -> list[ox.NamedNode]:
        """Return those of the values that have an IRI."""
        return [value for value in self.values(node, name) if isinstance(value, ox.NamedNode)]

    def pointing(self, name: str, node: Node) -> Cut:
        """Return the nodes that point at one by a property, at most `MANY`."""
        found = self.store.quads_for_pattern(None, self.term(name), node, _DEFAULT)
        read = list(islice(found, MANY + 1))
        nodes = {quad.subject for quad in read[:MANY] if isinstance(quad.subject, ox.NamedNode)}
        return Cut(tuple(sorted(nodes, key=lambda each: each.value)), len(read) <= MANY)

    def is_a(self, node: Node, *classes: str) -> bool:
        """Tell whether a node is of one of some classes, by local name or IRI."""
        kinds = set(self.values(node, TYPE.value))
        return any(self.term(name) in kinds for name in classes)

    def facts(self, node: Node, name: str) -> tuple[Fact, ...]:
        """Return the accepted values of a property with who says them."""
        return tuple(self.fact(node, name, value) for value in self.values(node, name))

    def one(self, node: Node, name: str) -> Fact | None:
        """Return the first accepted value of a property; None where there is none."""
        found = self.facts(node, name)
        return found[0] if found else None

    def fact(self, node: Node, name: str, value: Term) -> Fact:
        """Return a statement with who says it."""
        return Fact(value, self.reader.show(value), self.said(node, name, value))

    def said(self, node: Node, name: str, value: Term) -> tuple[Origin, ...]:
        """Return who says a statement."""
        predicate = self.term(name)
        graphs = {
            quad.graph_name
            for quad in self.store.quads_for_pattern(node, predicate, value, None)
            if isinstance(quad.graph_name, ox.NamedNode)
        }
        return self.origins.of(graphs, Assertion(node, predicate, value))

    def show(self, node: Term) -> Shown:
        """Return a term as the reader sees it."""
        return self.reader.show(node)

    def in_order(self, nodes: Sequence[ox.NamedNode]) -> list[ox.NamedNode]:
        """Return nodes as a reader expects them in a list, by their names."""
        return sorted(nodes, key=lambda node: (sort_key(self.show(node).text, self.language), node))

    def literals(self, nodes: Sequence[ox.NamedNode], name: str) -> Iterator[str]:
        """Give the values of a property of several nodes that are literals."""
        for node in nodes:
            for value in self.values(node, name):
                if isinstance(value, ox.Literal):
                    yield value.value
