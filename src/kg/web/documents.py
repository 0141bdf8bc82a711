"""RDF documents: about one thing, about one named graph, of what points at a thing.

Every format holds the same triples, in a fixed order. TriG and N-Quads also say in which named
graph each of them stands; a named graph holds nothing that the default graph does not.

A document is one page of a description (`kg.description.contents`). It asserts what the accepted
view holds, and links to other datasets. Which graph says a statement is told by a node with a hash
IRI of the document, an `rdf:Statement`; so is what a source says and the accepted view rejects,
which is not asserted.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import pyoxigraph as ox

from kg.description.contents import NODE_STATEMENTS, Contents, Key, Tied, said_of
from kg.description.pointing import Pointing, refuse_deep
from kg.description.relations import EVIDENCE
from kg.mediatypes import MediaType
from kg.namespaces import FOAF, RDF, RDFS, XSD
from kg.query.labels import Node, Term
from kg.query.patterns import in_order
from kg.terms import Quads
from kg.web.context import HYDRA, PROV
from kg.web.site import Site
from kg.web.writing import Document, metadata, page_of

GRAPH_STATEMENTS: Final = 500  # of a named graph, on one page

_DEFAULT: Final = ox.DefaultGraph()
_NESTED: Final = 1000  # statements of blank nodes in one value
_TYPE: Final = ox.NamedNode(RDF + "type")
_STATEMENT: Final = ox.NamedNode(RDF + "Statement")
_SUBJECT: Final = ox.NamedNode(RDF + "subject")
_PREDICATE: Final = ox.NamedNode(RDF + "predicate")
_OBJECT: Final = ox.NamedNode(RDF + "object")
_DERIVED: Final = ox.NamedNode(PROV + "wasDerivedFrom")
_COMMENT: Final = ox.NamedNode(RDFS + "comment")
_REJECTED: Final = ox.Literal(
    "A source says this; the accepted view of the dataset does not hold it.", language="en"
)


def thing_document(site: Site, contents: Contents, name: str, number: int | None = 1) -> Document:
    """Return a page of the document about a thing.

    Args:
        site: What is served.
        contents: What belongs to it.
        name: What follows `/doc/` in the address of the document.
        number: Of the page, from 1; None for all of it in one.

    Raises:
        NoSuchPageError: It has fewer pages.
    """
    document = page_of(site, contents.subject, f"doc/{name}", number, contents.pages)
    if contents.moment is not None:
        document.iri += f"?at={contents.moment.period.text}"
    maker = _Maker(site, document)
    own, tied = contents.page(number)
    for key in own:
        maker.add_statement(contents, key)
    for found in tied:
        maker.add_node(found)
    maker.add_labels()
    document.triples |= set(_of_itself(site, document, name))
    return document


def graph_document(site: Site, iri: str, name: str, number: int | None = 1) -> Document:
    """Return a page of the statements of a named graph, as `thing_document` does of a thing."""
    graph = ox.NamedNode(iri)
    pages = graph_pages(site, iri)
    document = page_of(site, graph, f"doc/{name}", number, pages)
    document.stated = set(graph_statements(site, iri, number))
    document.triples = {quad.triple for quad in document.stated}
    if number in (None, 1):
        said = said_of(site.served.store, graph)
        document.triples |= {ox.Triple(graph, predicate, value) for predicate, value in said.graphs}
    document.triples |= set(_of_itself(site, document, name))
    return document


def graph_pages(site: Site, iri: str) -> int:
    """Return how many pages a named graph has."""
    return max(1, -(-site.graphs.get(iri, 0) // GRAPH_STATEMENTS))


def graph_statements(site: Site, iri: str, number: int | None) -> list[ox.Quad]:
    """Return the statements of a page of a named graph, or of all, in one order.

    Raises:
        ProtocolError: 400, the page is too far from the beginning.
    """
    first = 0 if number is None else (number - 1) * GRAPH_STATEMENTS
    refuse_deep(number or 1, first)
    found = in_order(site.served.store, None, None, None, ox.NamedNode(iri))
    quads = islice(found, first, None if number is None else first + GRAPH_STATEMENTS)
    return [quad for quad in quads if not isinstance(quad.object, ox.Triple)]


def incoming_document(site: Site, iri: str, name: str, number: int, found: Pointing) -> Document:
    """Return a page of the statements that point at a thing.

    Args:
        site: What is served.
        iri: Of the thing.
        name: What follows `/incoming/` in the address of the document.
        number: Of the page, from 1.
        found: What points at it.

    Raises:
        NoSuchPageError: It has fewer pages.
    """
    store, thing = site.served.store, ox.NamedNode(iri)
    document = page_of(site, thing, f"incoming/{name}", number, found.pages(number))
    document.is_counted = found.is_counted
    for quad in found.page(number):
        document.triples.add(quad.triple)
        for stated in store.quads_for_pattern(quad.subject, quad.predicate, thing, None):
            if isinstance(stated.graph_name, ox.NamedNode):
                document.stated.add(stated)
    maker = _Maker(site, document)
    maker.add_labels()
    document.triples.update(site.labels.of(thing))
    said = [
        (FOAF + "topic", thing),
        (RDFS + "seeAlso", ox.NamedNode(f"{site.served.base}doc/{name}")),
    ]
    document.triples.update(metadata(site, document, f"incoming/{name}", said))
    if found.is_counted:
        total = ox.Literal(str(found.total), datatype=ox.NamedNode(XSD + "integer"))
        node = ox.NamedNode(document.iri)
        document.triples.add(ox.Triple(node, ox.NamedNode(HYDRA + "totalItems"), total))
    return document


def page_count(site: Site, iri: str) -> int:
    """Return how many pages the document about a thing or a named graph has."""
    if iri in site.graphs:
        return graph_pages(site, iri)
    return Contents(site.served.store, ox.NamedNode(iri), site.served.base).pages


def document_for(site: Site, iri: str, name: str, number: int | None = 1) -> Document:
    """Return a page of the document about a named graph or a thing, or all of it."""
    if iri in site.graphs:
        return graph_document(site, iri, name, number)
    contents = Contents(site.served.store, ox.NamedNode(iri), site.served.base)
    return thing_document(site, contents, name, number)


def vocabulary_document(
    site: Site, triples: Iterable[ox.Triple], iri: str, media_type: MediaType
) -> bytes:
    """Return the triples of a vocabulary, its own description first."""
    document = Document(ox.NamedNode(iri), iri, triples=set(triples))
    return document.write(site, [media_type])[media_type.extension]


class _Maker:
    """Puts pieces of a description into a document."""

    def __init__(self, site: Site, document: Document) -> None:
        self.store = site.served.store
        self.base = site.served.base
        self.document = document
        self.labels = site.labels
        ontology = f"{self.base}ont#"
        # What these point at is told of with the node, as the spelling of a name and where it was
        # read.
        self.inner = {ox.NamedNode(ontology + name) for name in ("nameForm", "hasSpan")}

    def add_statement(self, contents: Contents, key: Key) -> None:
        """Add a statement of the topic, or where it is rejected only that a source makes it."""
        graphs = contents.said.graphs[key]
        is_rejected = contents.said.is_rejected(key, self.base)
        if not is_rejected:
            self._assert(contents.subject, key, graphs)
        self._tell_who(contents.subject, key, graphs, is_rejected=is_rejected)

    def add_node(self, tied: Tied) -> None:
        """Add a tied node."""
        said = said_of(self.store, tied.node)
        tie: Key = (ox.NamedNode(tied.tie.iri(self.base)), tied.target)
        keys: list[Key] = [tie]
        if tied.tie.is_whole:
            keys += [key for key in said.graphs if key in said.accepted][:NODE_STATEMENTS]
        for key in keys:
            self._assert(tied.node, key, said.graphs[key])
        if tied.tie not in EVIDENCE:  # of these nodes, all that is said is who says it
            self._tell_who(tied.node, tie, said.graphs[tie], is_rejected=False)

    def add_labels(self) -> None:
        """Add the labels of everything that the document speaks of."""
        triples = self.document.triples
        nodes = {part for triple in triples for part in (triple.predicate, triple.object)}
        nodes |= {triple.subject for triple in triples}
        for node in nodes:
            if isinstance(node, ox.NamedNode) and node != self.document.topic:
                triples.update(self.labels.of(node))

    def _assert(self, subject: Node, key: Key, graphs: Iterable[ox.NamedNode]) -> None:
        document = self.document
        document.triples.add(ox.Triple(subject, *key))
        document.stated.update(ox.Quad(subject, *key, graph) for graph in graphs)
        if isinstance(key[1], ox.BlankNode):
            for where in _and_default(graphs):
                for quad in _nested(self.store, key[1], where):
                    document.triples.add(quad.triple)
                    if where != _DEFAULT:
                        document.stated.add(quad)
        elif key[0] in self.inner and isinstance(key[1], ox.NamedNode):
            said = said_of(self.store, key[1])
            for inner in [*said.graphs][:NODE_STATEMENTS]:
                if inner in said.accepted:
                    document.triples.add(ox.Triple(key[1], *inner))
                    document.stated.update(ox.Quad(key[1], *inner, g) for g in said.graphs[inner])

    def _tell_who(
        self, subject: Node, key: Key, graphs: Sequence[ox.NamedNode], *, is_rejected: bool
    ) -> None:
        """Add which graphs make a statement."""
        if not graphs:
            return
        predicate, value = key
        digest = hashlib.sha256(f"{subject} {predicate} {value}".encode()).hexdigest()[:16]
        node = ox.NamedNode(f"{self.document.iri}#{digest}")
        add = self.document.triples.add
        add(ox.Triple(node, _TYPE, _STATEMENT))
        add(ox.Triple(node, _SUBJECT, subject))
        add(ox.Triple(node, _PREDICATE, predicate))
        add(ox.Triple(node, _OBJECT, value))
        for graph in graphs:
            add(ox.Triple(node, _DERIVED, graph))
        if is_rejected:
            add(ox.Triple(node, _COMMENT, _REJECTED))


def _and_default(graphs: Iterable[ox.NamedNode]) -> list[ox.NamedNode | ox.DefaultGraph]:
    return [*graphs, _DEFAULT]


def _nested(store: Quads, value: Term, graph: ox.NamedNode | ox.DefaultGraph) -> Iterator[ox.Quad]:
    """Give the statements of a blank node, and of those in them."""
    waiting, seen, left = [value], set[Node](), _NESTED
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ox.BlankNode) or node in seen:
            continue
        seen.add(node)
        for quad in islice(store.quads_for_pattern(node, None, None, graph), left):
            left -= 1
            if not isinstance(quad.object, ox.Triple):
                yield quad
                waiting.append(quad.object)


def _of_itself(site: Site, document: Document, name: str) -> Iterator[ox.Triple]:
    """Give what a document about a thing or a graph says of itself."""
    said = (
        (FOAF + "primaryTopic", document.topic),
        (RDFS + "seeAlso", ox.NamedNode(f"{site.served.base}incoming/{name}")),
    )
    return metadata(site, document, f"doc/{name}", said)
