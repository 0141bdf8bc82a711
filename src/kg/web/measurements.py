"""The RDF of /totals and /contested, in all forms.

/totals holds what `graph/meta` says of the measurements and their metrics. /contested holds each
disputed statement as an `rdf:Statement` with the graphs that make it, because not all of them are
accepted, and what the rulings say.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from kg.mediatypes import MediaType
from kg.namespaces import FOAF, PROV, RDF, RDFS
from kg.terms import Term
from kg.web.answers import Answer
from kg.web.site import Site
from kg.web.writing import Document, metadata

TOTALS: Final = "totals"
CONTESTED: Final = "contested"
_TITLES: Final = {TOTALS: "Totals", CONTESTED: "Contested facts"}


def measured(site: Site) -> list[ox.Quad]:
    """Return what the description of the dataset says of measurements and metrics."""
    meta = ox.NamedNode(f"{site.served.base}graph/meta")
    start = f"{site.served.base}{TOTALS}#"
    found = site.served.store.quads_for_pattern(None, None, None, meta)
    return [
        quad
        for quad in found
        if any(
            isinstance(term, ox.NamedNode) and term.value.startswith(start)
            for term in (quad.subject, quad.object)
        )
    ]


def measurements(site: Site, media_type: MediaType) -> bytes:
    """Return /totals in a form of RDF."""
    document = _document(site, TOTALS)
    document.stated = set(measured(site))
    document.triples = {quad.triple for quad in document.stated}
    return _written(site, document, TOTALS, media_type)


def disputes(site: Site, rows: Answer, media_type: MediaType) -> bytes:
    """Return /contested in a form of RDF.

    Args:
        site: What is served.
        rows: The answer of the question `contested`.
        media_type: The form.
    """
    document = _document(site, CONTESTED)
    for row in rows:
        for value, graph in (("one", "first"), ("two", "second")):
            key = (row["thing"], row["property"], row[value])
            document.triples.update(_statement(document.iri, key, row[graph]))
        if "ruling" in row and isinstance(row["ruling"], ox.NamedNode):
            said = site.served.store.quads_for_pattern(row["ruling"], None, None, None)
            quads = {quad for quad in said if isinstance(quad.graph_name, ox.NamedNode)}
            document.stated |= quads
            document.triples |= {quad.triple for quad in quads}
    return _written(site, document, CONTESTED, media_type)


def _statement(document: str, key: tuple[Term, Term, Term], graph: Term) -> Iterable[ox.Triple]:
    """Give a statement that is told of, and not made."""
    digest = hashlib.sha256(" ".join(str(term) for term in key).encode()).hexdigest()[:16]
    node = ox.NamedNode(f"{document}#{digest}")
    said = (
        (RDF + "type", ox.NamedNode(RDF + "Statement")),
        (RDF + "subject", key[0]),
        (RDF + "predicate", key[1]),
        (RDF + "object", key[2]),
        (PROV + "wasDerivedFrom", graph),
    )
    for predicate, value in said:
        yield ox.Triple(node, ox.NamedNode(predicate), value)


def _document(site: Site, name: str) -> Document:
    iri = f"{site.served.base}{name}"
    return Document(ox.NamedNode(iri), iri)


def _written(site: Site, document: Document, name: str, media_type: MediaType) -> bytes:
    """Add labels and what the document says of itself, and write it."""
    nodes = {
        term
        for triple in document.triples
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, ox.NamedNode)
    }
    for node in nodes:
        document.triples.update(site.labels.of(node))
    title = ox.Literal(_TITLES[name], language="en")
    document.triples.add(ox.Triple(document.topic, ox.NamedNode(RDFS + "label"), title))
    data = [(FOAF + "topic", site.dataset)]
    document.triples.update(metadata(site, document, name, data))
    return document.write(site, [media_type])[media_type.extension]
