"""Answers of questions of the library that pages show, worked out once for a snapshot."""

from collections.abc import Mapping
from typing import Final, cast

import pyoxigraph as ox

from kg.namespaces import SH
from kg.terms import Quad, Quads, Term, select

Answer = list[dict[str, Term]]
SHOWN: Final = ("totals", "totals-by-country", "contested")
_TEXT: Final = ox.NamedNode(SH + "select")


def answers(store: Quads, base: str) -> Mapping[str, Answer]:
    """Return the answers of the questions that are shown, by name.

    A snapshot whose library lacks a question has no answer of it.

    Args:
        store: The snapshot; there are no answers where it is not at hand.
        base: What its IRIs begin with.
    """
    if not isinstance(store, ox.Store):
        return {}
    meta = ox.NamedNode(f"{base}graph/meta")
    found: dict[str, Answer] = {}
    for name in SHOWN:
        question = ox.NamedNode(f"{base}question/{name}")
        for quad in store.quads_for_pattern(question, _TEXT, None, meta):
            if isinstance(quad.object, ox.Literal):
                found[name] = _rows(store, quad.object.value)
    return found


def _rows(store: ox.Store, text: str) -> Answer:
    solutions = select(store, text)
    names = [variable.value for variable in solutions.variables]
    return [
        {name: cast(Term, row[name]) for name in names if row[name] is not None}
        for row in solutions
    ]


def texts_of(store: Quads, subject: Term, predicate: ox.NamedNode) -> list[ox.Literal]:
    """Return the texts of a property, each once."""
    found = {quad.object for quad in quads_of(store, subject, predicate)}
    return sorted((text for text in found if isinstance(text, ox.Literal)), key=str)


def quads_of(
    store: Quads, subject: Term, predicate: ox.NamedNode, value: Term | None = None
) -> list[Quad]:
    """Return what the named graphs say."""
    if not isinstance(subject, ox.NamedNode):
        return []
    found = store.quads_for_pattern(subject, predicate, value, None)
    return [cast(Quad, quad) for quad in found if isinstance(quad.graph_name, ox.NamedNode)]


def text_in(row: dict[str, Term], name: str) -> str:
    """Return the text of a value; empty where there is none."""
    return row[name].value if name in row else ""
