"""Jelly, a binary format for RDF (https://w3id.org/jelly), written by pyjelly.

Its statements are handed over one by one, so any number of them takes little memory.
"""

from collections.abc import Iterable
from typing import IO

import pyoxigraph as ox
from pyjelly.integrations.generic.generic_sink import IRI, BlankNode, DefaultGraph, Literal, Quad
from pyjelly.integrations.generic.serialize import flat_stream_to_file

from kg.errors import BuildError
from kg.namespaces import XSD

_STRING = XSD + "string"


def write(quads: Iterable[ox.Quad], output: IO[bytes]) -> None:
    """Write statements as a stream of Jelly.

    Raises:
        BuildError: A statement is in another one, as only RDF 1.2 has it.
    """
    flat_stream_to_file((_quad(quad) for quad in quads), output)


def _quad(quad: ox.Quad) -> Quad:
    graph = quad.graph_name
    return Quad(
        _term(quad.subject),
        _term(quad.predicate),
        _term(quad.object),
        DefaultGraph if isinstance(graph, ox.DefaultGraph) else _term(graph),
    )


def _term(term: object) -> IRI | BlankNode | Literal:
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if isinstance(term, ox.BlankNode):
        return BlankNode(term.value)
    if isinstance(term, ox.Literal):
        datatype = None if term.datatype.value == _STRING else term.datatype.value
        tagged = Literal(term.value, langtag=term.language)
        return tagged if term.language else Literal(term.value, datatype=datatype)
    raise BuildError(f"{term}: a statement of RDF 1.2 cannot be written as Jelly; leave it out")
