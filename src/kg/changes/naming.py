"""What things are called: by the later of two states, and where it is silent by the other."""

from collections.abc import Iterable
from functools import cached_property

import pyoxigraph as ox

from kg.changes.compare import Comparison
from kg.changes.facts import Inline, Value
from kg.changes.sides import Side
from kg.dataset import (
    DECISIONS,
    LINKS,
    LISTS,
    META,
    ONTOLOGY,
    REGISTRY,
    RETIRED,
    SHAPES_GRAPH,
    SOURCE,
    SourceFile,
)
from kg.namespaces import CANONICAL_BASE, RDF, XSD, shorten
from kg.query.labels import LABEL_PROPERTIES, Reader
from kg.retired import RETIRED_CLASS
from kg.terms import in_default_graph

_TYPE = ox.NamedNode(RDF + "type")
_RETIRED = ox.NamedNode(RETIRED_CLASS)
_GRAPHS = {
    DECISIONS: "rulings",
    LINKS: "links",
    LISTS: "lists",
    META: "dataset",
    ONTOLOGY: "ontology",
    REGISTRY: "registry",
    RETIRED: "retired",
    SHAPES_GRAPH: "shapes",
}
_BARE = (XSD + "string",)


class Names:
    """Looks names up in both states of a comparison.

    Args:
        comparison: The two states.
        language: That of the names, where there are such.
    """

    def __init__(self, comparison: Comparison, language: str = "en") -> None:
        self._comparison = comparison
        self._language = language

    @cached_property
    def _readers(self) -> tuple[Reader, ...]:
        sides = (self._comparison.new, self._comparison.old)
        return tuple(Reader(_store(side), CANONICAL_BASE, (self._language,)) for side in sides)

    def label(self, node: ox.NamedNode) -> str:
        """Return what a thing is called: a label, a code, or what it ties together."""
        short = shorten(node.value)
        for reader in self._readers:
            if reader.labels(node, LABEL_PROPERTIES):
                return reader.show(node).text
        found = (
            reader.show(node).text
            for reader in self._readers
            if _RETIRED not in reader.values(node, _TYPE)  # what it leads to is no name of it
        )
        return next((text for text in found if text not in (short, node.value)), "")

    def thing(self, node: ox.NamedNode | Inline) -> str:
        """Return name and IRI of a thing: `Vilnius (city:lt-vilnius)`."""
        if isinstance(node, Inline):
            return node.text
        label, short = self.label(node), shorten(node.value)
        return f"{label} ({short})" if label and label != short else short

    def kind(self, node: ox.NamedNode | Inline) -> str:
        """Return what kind of thing something is, or `thing`."""
        if isinstance(node, ox.NamedNode):
            for reader in self._readers:
                kinds = reader.values(node, _TYPE)
                if kinds and isinstance(kinds[0], ox.NamedNode):
                    return self.label(kinds[0]) or shorten(kinds[0].value)
        return "thing"

    def property(self, node: ox.NamedNode) -> str:
        """Return the name of a property."""
        return self.label(node) or shorten(node.value)

    def value(self, value: Value) -> str:
        """Return a value as a person reads it; text in quotes, with its language behind."""
        if isinstance(value, ox.Literal):
            if value.language:
                return f'"{value.value}" ({value.language})'
            return f'"{value.value}"' if value.datatype.value in _BARE else value.value
        return self.thing(value)

    def origin(self, name: str) -> str:
        """Return what the named graph of a file is called: the source, or `registry`."""
        graph = self._comparison.graph(name)
        return graph.removeprefix(SOURCE) if graph.startswith(SOURCE) else _GRAPHS.get(graph, name)


def _store(side: Side) -> ox.Store:
    store = ox.Store()
    read: Iterable[SourceFile] = (f for f in side.files.values() if isinstance(f, SourceFile))
    store.bulk_extend(in_default_graph(triple) for file in read for triple in file.triples)
    return store
