"""RDF documents: about one thing, about one named graph, or of one vocabulary.

Every triple format holds the same triples, in a fixed order. TriG and N-Quads also have, in the
graph of each source, what that source says about the thing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from kg.description import MAX_INCOMING, incoming_quads
from kg.mediatypes import N_QUADS, TRIG, MediaType
from kg.namespaces import DCTERMS, FOAF, OWL, RDF, RDFS
from kg.query.evaluation import serialize_graph
from kg.query.labels import LABEL_PROPERTIES
from kg.terms import Quads
from kg.web.site import Site

_DEFAULT: Final = ox.DefaultGraph()
_VOCABULARIES: Final = ("ontology", "shapes", "meta")
Subject = ox.NamedNode | ox.BlankNode


def thing_documents(
    site: Site, iri: str, document: str, media_types: Sequence[MediaType]
) -> dict[str, bytes]:
    """Return the documents about a thing, by extension.

    It has the thing's accepted statements, those of blank nodes in them, the labels of what it
    points at, the first `MAX_INCOMING` accepted statements that point at it, and the metadata of
    the document.

    Args:
        site: What is served.
        iri: Of the thing.
        document: IRI of the document.
        media_types: RDF types.
    """
    store, subject = site.served.store, ox.NamedNode(iri)
    own = set(_closure(store, subject, _DEFAULT))
    triples = own | set(_labels(store, own))
    incoming = sorted((q.triple for q in incoming_quads(store, subject)), key=_incoming_order)
    triples |= set(incoming[:MAX_INCOMING])
    triples |= set(_metadata(site, document, subject))
    if len(incoming) > MAX_INCOMING:
        note = (
            f"Holds {MAX_INCOMING} of {len(incoming)} or more statements that point at the thing."
        )
        comment = ox.Literal(note, language="en")
        triples.add(ox.Triple(ox.NamedNode(document), ox.NamedNode(RDFS + "comment"), comment))
    stated = [
        quad
        for quad in store.quads_for_pattern(subject, None, None, None)
        if quad.graph_name != _DEFAULT
    ]
    return _serialized(triples, stated, subject, media_types)


def graph_documents(
    site: Site, iri: str, document: str, media_types: Sequence[MediaType]
) -> dict[str, bytes]:
    """Return the statements of a named graph, with the metadata of the document, by extension."""
    graph = ox.NamedNode(iri)
    quads = list(site.served.store.quads_for_pattern(None, None, None, graph))
    triples = {quad.triple for quad in quads} | set(_metadata(site, document, graph))
    return _serialized(triples, quads, graph, media_types)


def vocabulary_document(triples: Iterable[ox.Triple], iri: str, media_type: MediaType) -> bytes:
    """Return the triples of a vocabulary, its own description first."""
    return _serialized(set(triples), [], ox.NamedNode(iri), [media_type])[media_type.extension]


def vocabulary(site: Site, name: str) -> list[ox.Triple]:
    """Return what the graph says about `<base>name` and the terms `<base>name#...`."""
    iri = f"{site.served.base}{name}"
    store = site.served.store
    subjects = {ox.NamedNode(iri)}
    graphs = [ox.NamedNode(f"{site.served.base}graph/{graph}") for graph in _VOCABULARIES]
    for graph in graphs:
        # These graphs are small, whatever the size of the data.
        for quad in store.quads_for_pattern(None, None, None, graph):
            subject = quad.subject
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(iri + "#"):
                subjects.add(subject)
    found: set[ox.Triple] = set()
    for subject in subjects:
        for graph in graphs:
            found |= set(_closure(store, subject, graph))
        found |= set(_closure(store, subject, _DEFAULT))
    return sorted(found, key=str)


def _closure(
    store: Quads, subject: Subject, graph: ox.NamedNode | ox.DefaultGraph
) -> Iterator[ox.Triple]:
    for quad in store.quads_for_pattern(subject, None, None, graph):
        yield quad.triple
        yield from _nested(store, quad.object, graph, set())


def _nested(
    store: Quads,
    value: object,
    graph: ox.NamedNode | ox.DefaultGraph,
    seen: set[ox.BlankNode],
) -> Iterator[ox.Triple]:
    """Give the statements of a blank node, and of those in them; a loop until all are found."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ox.BlankNode) or node in seen:
            continue
        seen.add(node)
        for quad in store.quads_for_pattern(node, None, None, graph):
            yield quad.triple
            waiting.append(quad.object)


def _labels(store: Quads, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    for node in {t.object for t in triples if isinstance(t.object, ox.NamedNode)}:
        for predicate in LABEL_PROPERTIES:
            for quad in store.quads_for_pattern(node, predicate, None, _DEFAULT):
                yield quad.triple


def _metadata(site: Site, document: str, topic: ox.NamedNode) -> Iterator[ox.Triple]:
    node = ox.NamedNode(document)
    values: tuple[tuple[str, ox.NamedNode | ox.Literal], ...] = (
        (RDF + "type", ox.NamedNode(FOAF + "Document")),
        (FOAF + "primaryTopic", topic),
        (DCTERMS + "license", ox.NamedNode(site.licence)),
        (DCTERMS + "isPartOf", site.dataset),
        (OWL + "versionInfo", ox.Literal(site.served.version)),
    )
    for predicate, value in values:
        yield ox.Triple(node, ox.NamedNode(predicate), value)


def _incoming_order(triple: ox.Triple) -> tuple[str, str]:
    return str(triple.predicate), str(triple.subject)


def _serialized(
    triples: set[ox.Triple],
    stated: list[ox.Quad],
    topic: ox.NamedNode,
    media_types: Sequence[MediaType],
) -> dict[str, bytes]:
    ordered = sorted(triples, key=lambda triple: (triple.subject != topic, str(triple)))
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in ordered]
    quads += sorted(stated, key=lambda quad: (str(quad.graph_name), str(quad)))
    with_graphs = (TRIG.extension, N_QUADS.extension)
    return {
        item.extension: serialize_graph(
            quads if item.extension in with_graphs else ordered, item.extension
        )
        for item in media_types
    }
