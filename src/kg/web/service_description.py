"""What the SPARQL endpoint says of itself (W3C, SPARQL 1.1 Service Description).

With it goes what is in the dataset (VoID) and the prefixes (SHACL, `sh:declare`): editors that find
neither in the default graph read them here, and complete classes, properties and prefixes from it.
"""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg.mediatypes import RDF_TYPES, RESULT_TYPES, MediaType
from kg.namespaces import (
    CANONICAL_BASE,
    DCAT,
    DCTERMS,
    PREFIXES,
    RDF,
    SD,
    SH,
    VOID,
    VOID_EXT,
    XSD,
)
from kg.query.evaluation import serialize_graph
from kg.web.site import Site

_FORMATS: Final = "http://www.w3.org/ns/formats/"  # W3C, Unique URIs for file formats
_OF_DATASET: Final = frozenset(
    VOID + name for name in ("classPartition", "classes", "entities", "properties", "triples")
)
# Of the part of a class, of a property of that, and of the values of that.
_OF_PARTS: Final = (
    frozenset((VOID + "class", VOID + "propertyPartition")),
    frozenset(
        (
            *(VOID + "property", VOID + "triples", VOID + "classPartition"),
            VOID_EXT + "datatypePartition",
        )
    ),
    frozenset((VOID + "class", VOID_EXT + "datatype")),
)
_FORMAT_NAMES: Final = {
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "nt": "N-Triples",
    "trig": "TriG",
    "nq": "N-Quads",
    "srj": "SPARQL_Results_JSON",
    "srx": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}


def service_description(site: Site, media_type: MediaType) -> bytes:
    """Return the description of the endpoint in an RDF format."""
    triples = sorted(set(_triples(site)), key=str)
    if media_type.extension not in ("trig", "nq"):
        return serialize_graph(triples, media_type.extension)
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
    return serialize_graph(quads, media_type.extension)


def _triples(site: Site) -> Iterator[ox.Triple]:
    endpoint = ox.NamedNode(f"{site.served.base}sparql")
    default = ox.NamedNode(f"{endpoint.value}#default-graph")
    yield _triple(endpoint, RDF + "type", ox.NamedNode(SD + "Service"))
    yield _triple(endpoint, SD + "endpoint", endpoint)
    yield _triple(endpoint, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query"))
    for media_type in (*RESULT_TYPES, *RDF_TYPES):
        name = _FORMATS + _FORMAT_NAMES[media_type.extension]
        yield _triple(endpoint, SD + "resultFormat", ox.NamedNode(name))
    yield _triple(endpoint, SD + "defaultDataset", site.dataset)
    yield _triple(site.dataset, RDF + "type", ox.NamedNode(SD + "Dataset"))
    yield _triple(site.dataset, DCTERMS + "license", ox.NamedNode(site.licence))
    yield _triple(site.dataset, SD + "defaultGraph", default)
    yield from _graph(default, site.statement_count)
    for iri, count in site.graphs.items():
        node, graph = ox.NamedNode(iri), ox.NamedNode(f"{iri}#graph")
        yield _triple(site.dataset, SD + "namedGraph", node)
        yield _triple(node, RDF + "type", ox.NamedNode(SD + "NamedGraph"))
        yield _triple(node, SD + "name", node)
        yield _triple(node, SD + "graph", graph)
        yield from _graph(graph, count)

    yield _triple(site.dataset, VOID + "sparqlEndpoint", endpoint)
    yield _triple(endpoint, DCAT + "servesDataset", site.dataset)
    yield from _statistics(site)
    yield from _prefixes(site, endpoint)


def _statistics(site: Site) -> Iterator[ox.Triple]:
    """Give the classes of the dataset with what their things have; /dataset has the rest.

    Editors wait a few seconds for it, so it holds no more than they read.
    """
    part = f"{site.dataset.value}#"
    meta = ox.NamedNode(f"{site.served.base}graph/meta")
    for quad in site.served.store.quads_for_pattern(None, None, None, meta):
        name, subject = quad.predicate.value, quad.subject
        if subject == site.dataset:
            if name in _OF_DATASET:
                yield quad.triple
        elif isinstance(subject, ox.NamedNode) and subject.value.startswith(part):
            depth = subject.value.removeprefix(part).count("/")
            if depth < len(_OF_PARTS) and name in _OF_PARTS[depth]:
                yield quad.triple


def _prefixes(site: Site, endpoint: ox.NamedNode) -> Iterator[ox.Triple]:
    for prefix, iri in PREFIXES.items():
        node = ox.NamedNode(f"{endpoint.value}#prefix-{prefix}")
        space = iri.replace(CANONICAL_BASE, site.served.base, 1)
        yield _triple(endpoint, SH + "declare", node)
        yield _triple(node, SH + "prefix", ox.Literal(prefix))
        literal = ox.Literal(space, datatype=ox.NamedNode(XSD + "anyURI"))
        yield _triple(node, SH + "namespace", literal)


def _graph(node: ox.NamedNode, count: int) -> Iterator[ox.Triple]:
    yield _triple(node, RDF + "type", ox.NamedNode(SD + "Graph"))
    number = ox.Literal(str(count), datatype=ox.NamedNode(XSD + "integer"))
    yield _triple(node, VOID + "triples", number)


def _triple(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
