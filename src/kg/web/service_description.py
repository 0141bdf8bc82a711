"""What the SPARQL endpoint says of itself (W3C, SPARQL 1.1 Service Description)."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg.mediatypes import RDF_TYPES, RESULT_TYPES, MediaType
from kg.namespaces import DCTERMS, RDF, VOID, XSD
from kg.query.evaluation import serialize_graph
from kg.web.site import Site

_SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"  # W3C, Unique URIs for file formats
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
    yield _triple(endpoint, RDF + "type", ox.NamedNode(_SD + "Service"))
    yield _triple(endpoint, _SD + "endpoint", endpoint)
    yield _triple(endpoint, _SD + "supportedLanguage", ox.NamedNode(_SD + "SPARQL11Query"))
    for media_type in (*RESULT_TYPES, *RDF_TYPES):
        name = _FORMATS + _FORMAT_NAMES[media_type.extension]
        yield _triple(endpoint, _SD + "resultFormat", ox.NamedNode(name))
    yield _triple(endpoint, _SD + "defaultDataset", site.dataset)
    yield _triple(site.dataset, RDF + "type", ox.NamedNode(_SD + "Dataset"))
    yield _triple(site.dataset, DCTERMS + "license", ox.NamedNode(site.licence))
    yield _triple(site.dataset, _SD + "defaultGraph", default)
    yield from _graph(default, site.statement_count)
    for iri, count in site.graphs.items():
        node, graph = ox.NamedNode(iri), ox.NamedNode(f"{iri}#graph")
        yield _triple(site.dataset, _SD + "namedGraph", node)
        yield _triple(node, RDF + "type", ox.NamedNode(_SD + "NamedGraph"))
        yield _triple(node, _SD + "name", node)
        yield _triple(node, _SD + "graph", graph)
        yield from _graph(graph, count)


def _graph(node: ox.NamedNode, count: int) -> Iterator[ox.Triple]:
    yield _triple(node, RDF + "type", ox.NamedNode(_SD + "Graph"))
    number = ox.Literal(str(count), datatype=ox.NamedNode(XSD + "integer"))
    yield _triple(node, VOID + "triples", number)


def _triple(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
