"""Answers of questions of the library that pages show, worked out once for a snapshot."""

from collections.abc import Mapping
from typing import Final, cast

import pyoxigraph as ox

from kg.namespaces import SH
from kg.terms import Quads, Term, select

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
