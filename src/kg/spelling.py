"""One spelling for each value, everywhere: that of the store which answers.

A store keeps numbers, dates and durations as values, and writes them in its own way: `7.0` as `7`,
`P24M` as `P2Y`, `2026-11-22T10:00:00+00:00` with `Z`. A snapshot is sealed in that spelling, so
that dumps, documents, fragments and answers to queries hold the same terms, character by character.
What a curator wrote stays in `data/`, where `kg fmt` leaves it alone.

A value that the store cannot read, such as the thirteenth month, or cannot hold, such as a number
with forty digits, keeps the characters that it has. Datatypes derived from `xsd:integer`, such as
`xsd:byte`, become `xsd:integer`, and `xsd:dateTimeStamp` becomes `xsd:dateTime`: the store keeps
the value and not which of them it was.
"""

from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from kg.namespaces import XSD

_STRING: Final = XSD + "string"
_ANY: Final = ox.NamedNode("urn:x-value")


def literal_as_stored(literal: ox.Literal) -> ox.Literal:
    """Return a literal as the store writes it.

    >>> print(literal_as_stored(ox.Literal("007.50", datatype=ox.NamedNode(XSD + "decimal"))))
    "7.5"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    datatype = literal.datatype.value
    if datatype == _STRING or not datatype.startswith(XSD):
        return literal
    return _as_stored(literal.value, datatype)


def as_stored(quad: ox.Quad) -> ox.Quad:
    """Return a statement with its value as the store writes it, in triple terms too."""
    value = _term_as_stored(quad.object)
    if value is quad.object:
        return quad
    return ox.Quad(quad.subject, quad.predicate, value, quad.graph_name)


def _term_as_stored(
    term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple,
) -> ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple:
    if isinstance(term, ox.Literal):
        return literal_as_stored(term)
    if isinstance(term, ox.Triple):
        return ox.Triple(term.subject, term.predicate, _term_as_stored(term.object))
    return term


@lru_cache(maxsize=1 << 16)
def _as_stored(value: str, datatype: str) -> ox.Literal:
    store = ox.Store()
    store.add(ox.Quad(_ANY, _ANY, ox.Literal(value, datatype=ox.NamedNode(datatype))))
    return next(quad.object for quad in store if isinstance(quad.object, ox.Literal))
