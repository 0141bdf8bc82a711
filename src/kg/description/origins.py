"""Who says a statement, and where: the numbers of sources on one page, and the places in them.

A source gets the next number when a page first names it, so numbers follow the page from top to
bottom. Where the graph has a claim for a statement, the place of that claim stands with it.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS
from kg.query.evidence import Claim, claims
from kg.query.labels import Node, Reader, Shown, Term, graph_kind, source_label

CLAIMS_READ: Final = 1_000  # about one thing; a statement beyond them shows its source only
_RETRIEVED_FROM: Final = ox.NamedNode("http://purl.org/pav/retrievedFrom")
_RETRIEVED_ON: Final = ox.NamedNode("http://purl.org/pav/retrievedOn")
_PUBLISHER: Final = ox.NamedNode(DCTERMS + "publisher")
_LANGUAGE: Final = ox.NamedNode(DCTERMS + "language")
_KIND: Final = ox.NamedNode(DCTERMS + "type")


class Origin(NamedTuple):
    """A named graph that states something.

    Attributes:
        iri: Of the graph.
        kind: `source`, or the other name of the graph: `registry`, `inferred`, `links` ...
        number: From 1 in the order of appearance on the page; 0 for a graph that is no source.
        label: Name of the source, or of the graph.
        place: Name of the claim that says where in the source it stands; empty where none does.
    """

    iri: str
    kind: str
    number: int
    label: Shown
    place: str = ""


class Assertion(NamedTuple):
    """A statement, as who says it is asked for."""

    subject: Node
    predicate: ox.NamedNode
    value: Term


class Place(NamedTuple):
    """Where a source says a statement that the page shows.

    Attributes:
        name: Of the claim, as in `Origin.place`.
        subject: What it is about.
        claim: It, with its spans.
    """

    name: str
    subject: Shown
    claim: Claim


class Source(NamedTuple):
    """A source that the page names.

    Attributes:
        origin: With its number.
        document: The source as a thing; its text is empty where nothing describes it.
        kind: Such as news report.
        publisher: May be empty.
        language: May be empty.
        address: Of the page that was read; empty where that is not known.
        retrieved: On which day, as XSD has it; may be empty.
        places: Where it says what the page shows.
    """

    origin: Origin
    document: Shown
    kind: Shown
    publisher: Shown
    language: Shown
    address: str
    retrieved: str
    places: tuple[Place, ...]


class Origins:
    """The sources of one page."""

    def __init__(self, reader: Reader) -> None:
        """Begin with none."""
        self._reader = reader
        self._known: dict[ox.NamedNode, Origin] = {}
        self._claims: dict[Node, dict[tuple[str, Term, str], ox.NamedNode]] = {}
        self._cited: dict[str, dict[str, tuple[Node, ox.NamedNode]]] = {}

    def of(self, graphs: Iterable[ox.NamedNode], said: Assertion) -> tuple[Origin, ...]:
        """Return who says a statement, by the named graphs that hold it."""
        ordered = sorted(graphs, key=lambda node: node.value)
        return tuple(self._placed(self._origin(graph), said) for graph in ordered)

    def all(self) -> tuple[Origin, ...]:
        """Return all that were named, sources first, by their number."""
        return tuple(sorted(self._known.values(), key=lambda o: (o.number == 0, o.number)))

    def sources(self) -> tuple[Source, ...]:
        """Return the sources that were named, by their number, with the places in them."""
        return tuple(self._source(origin) for origin in self.all() if origin.kind == "source")

    def _origin(self, graph: ox.NamedNode) -> Origin:
        if graph not in self._known:
            kind = graph_kind(graph.value, self._reader.base)
            number = 1 + max((o.number for o in self._known.values()), default=0)
            label = source_label(self._reader, graph.value)
            named = Origin(graph.value, kind, number if kind == "source" else 0, label)
            self._known[graph] = named
        return self._known[graph]

    def _placed(self, origin: Origin, said: Assertion) -> Origin:
        if origin.kind != "source":
            return origin
        key = (said.predicate.value, said.value, origin.iri)
        claim = self._claims_about(said.subject).get(key)
        if claim is None:
            return origin
        name = claim.value.rpartition("/")[2]
        self._cited.setdefault(origin.iri, {})[name] = (said.subject, claim)
        return origin._replace(place=name)

    def _claims_about(self, subject: Node) -> dict[tuple[str, Term, str], ox.NamedNode]:
        if subject not in self._claims:
            reader = self._reader
            found: dict[tuple[str, Term, str], ox.NamedNode] = {}
            about = reader.store.quads_for_pattern(None, reader.term("claimSubject"), subject, None)
            for quad in islice(about, CLAIMS_READ):
                claim, graph = quad.subject, quad.graph_name
                if not isinstance(claim, ox.NamedNode) or not isinstance(graph, ox.NamedNode):
                    continue
                for property_ in reader.values(claim, reader.term("claimProperty")):
                    for value in reader.values(claim, reader.term("claimValue")):
                        if isinstance(property_, ox.NamedNode):
                            found.setdefault((property_.value, value, graph.value), claim)
            self._claims[subject] = found
        return self._claims[subject]

    def _source(self, origin: Origin) -> Source:
        reader = self._reader
        name = origin.iri.removeprefix(f"{reader.base}graph/")
        node = ox.NamedNode(f"{reader.base}id/{name}")
        document = reader.show(node)
        cited = self._cited.get(origin.iri, {})
        places = (
            Place(name, reader.show(subject), claims(reader, [claim])[0])
            for name, (subject, claim) in sorted(cited.items())
        )
        return Source(
            origin,
            document,
            reader.one(node, _KIND),
            reader.one(node, _PUBLISHER),
            reader.one(node, _LANGUAGE),
            reader.one(node, _RETRIEVED_FROM).iri,
            reader.one(node, _RETRIEVED_ON).text,
            tuple(places),
        )
