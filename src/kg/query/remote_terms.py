"""How a published snapshot is written in a store elsewhere, and how its terms are read back.

Names. `kg.publish` puts the default graph where the store has one, or else in
`<base>graph/accepted`. Blank nodes become IRIs below `<base>.well-known/genid/` (RDF 1.1 Concepts,
section 3.5), with the label that the canonical form gives them: so a part of a graph can be sent
twice without harm, and a blank node that a page has met can be asked about. The graph
`<base>graph/published` says which snapshot is there, complete, and how many statements each of its
graphs has.

Values. Stores keep numbers, dates and durations as values and print them as they like. `normal`
gives the spelling that the embedded engine gives (`kg.spelling`), so that one value has one
spelling everywhere.
"""

import re
from typing import Final, TypeVar, overload

import pyoxigraph as ox

from kg.namespaces import XSD
from kg.spelling import literal_as_stored

SD_DEFAULT_GRAPH: Final = "http://www.w3.org/ns/sparql-service-description#defaultGraph"

_DURATION: Final = XSD + "duration"
_MONTHS: Final = re.compile(r"-?\d+")
_SECONDS: Final = re.compile(r"-?\d+\.\d+")
_Node = TypeVar("_Node", ox.NamedNode, ox.BlankNode)

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def published_graph(base: str) -> str:
    """Return the IRI of the graph that says which snapshot is complete."""
    return f"{base}graph/published"


def accepted_graph(base: str) -> str:
    """Return the IRI that stands for the default graph, and holds it where a store has none."""
    return f"{base}graph/accepted"


def skolem_prefix(base: str) -> str:
    """Return what the IRIs that stand for blank nodes begin with."""
    return f"{base}.well-known/genid/"


def blank_again(term: Term, base: str) -> Term:
    """Return the blank node that an IRI stands for, or the term itself."""
    prefix = skolem_prefix(base)
    if isinstance(term, ox.NamedNode) and term.value.startswith(prefix):
        return ox.BlankNode(term.value[len(prefix) :])
    return term


def without_blank(term: Term, base: str) -> Term:
    """Return the IRI that stands for a blank node in a published graph, or the term itself."""
    if isinstance(term, ox.BlankNode):
        return ox.NamedNode(skolem_prefix(base) + term.value)
    return term


@overload
def normal(term: _Node) -> _Node: ...
@overload
def normal(term: ox.Literal) -> ox.Literal: ...
@overload
def normal(term: Term) -> Term: ...
def normal(term: Term) -> Term:
    """Return a term with its value spelt as the embedded engine spells it.

    A duration that has lost its letters is read as Virtuoso prints it: a whole number counts
    months, a number with a point counts seconds. Neither is a duration in XML Schema, so no other
    store is misread.

    >>> print(normal(ox.Literal("24.0", datatype=ox.NamedNode(XSD + "decimal"))))
    "24"^^<http://www.w3.org/2001/XMLSchema#decimal>
    """
    if not isinstance(term, ox.Literal):
        return term
    if term.language is not None:
        if term.language == term.language.lower():
            return term
        return ox.Literal(term.value, language=term.language.lower(), direction=term.direction)
    if term.datatype.value == _DURATION:
        term = ox.Literal(_with_letters(term.value), datatype=term.datatype)
    return literal_as_stored(term)


def _with_letters(value: str) -> str:
    sign, number = ("-", value[1:]) if value.startswith("-") else ("", value)
    if _MONTHS.fullmatch(value):
        return f"{sign}P{number}M"
    return f"{sign}PT{number}S" if _SECONDS.fullmatch(value) else value
