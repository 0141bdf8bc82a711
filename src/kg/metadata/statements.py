"""Statements of the description, and how its parts are named.

A part of the dataset is named after what it holds: `dataset#cpo_City/skos_prefLabel` is the part
with the names of cities. So a name stays while its class and property do.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from kg.namespaces import CANONICAL_BASE, RDF, XSD, shorten
from kg.terms import Term, Triple, as_triple

Statement = Triple

DATASET: Final = ox.NamedNode(CANONICAL_BASE + "dataset")
CATALOGUE: Final = ox.NamedNode(CANONICAL_BASE + "catalog")
ENDPOINT: Final = ox.NamedNode(CANONICAL_BASE + "sparql")
TYPE: Final = RDF + "type"


def about(subject: ox.NamedNode, values: Iterable[tuple[str, Term]]) -> Iterator[Statement]:
    """Yield statements about one thing, from the IRIs of properties and their values."""
    for predicate, value in values:
        yield as_triple(subject, ox.NamedNode(predicate), value)


def part(*names: str) -> ox.NamedNode:
    """Return the IRI of a part of the description of the dataset.

    >>> part("cpo_City", "skos_prefLabel").value
    'https://w3id.org/citypledge/dataset#cpo_City/skos_prefLabel'
    """
    return ox.NamedNode(f"{DATASET.value}#{'/'.join(names)}")


def label(iri: str) -> str:
    """Return what stands for a class, a property or a datatype in the name of a part.

    >>> label("https://w3id.org/citypledge/ont#City")
    'cpo_City'
    """
    short = shorten(iri)
    if short != iri:
        return short.replace(":", "_")
    local = iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
    return f"{local}-{hashlib.sha256(iri.encode()).hexdigest()[:6]}"


def iri(value: str) -> ox.NamedNode:
    """Return a node."""
    return ox.NamedNode(value)


def english(text: str) -> ox.Literal:
    """Return a text in English."""
    return ox.Literal(text, language="en")


def count(number: int) -> ox.Literal:
    """Return a number of things."""
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))


def named(term: object) -> str | None:
    """Return the IRI of a term, or None where it is no IRI."""
    return term.value if isinstance(term, ox.NamedNode) else None
