"""Where in the files a statement, a term or an entity is written.

An engine says which focus node, property and value are at fault; a curator needs a file, a line
and a column. The index is made only when there is something to find.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from kg.dataset import SourceFile
from kg.namespaces import RDF
from kg.terms import Term
from kg.turtle import Statement

_TYPE = ox.NamedNode(RDF + "type")


class Place(NamedTuple):
    """A file and an offset in it."""

    file: SourceFile
    offset: int


@dataclass(frozen=True)
class Places:
    """An index of the statements of some files by their subject."""

    files: tuple[SourceFile, ...]

    def find(
        self, focus: Term, path: ox.NamedNode | None = None, value: Term | None = None
    ) -> Place | None:
        """Return the best place for a fault, as exact as the files allow.

        In this order: the value of that property of the focus node; the property; the value
        anywhere at the focus node; the focus node where it gets its type, else where it is
        described; its first mention anywhere; the value's first mention.
        """
        about = self._by_subject.get(focus, [])
        candidates: tuple[list[Place], ...] = (
            [
                Place(f, s.object_at)
                for f, s in about
                if value is not None and s.predicate == path and s.object == value
            ],
            [Place(f, s.predicate_at) for f, s in about if s.predicate == path],
            [Place(f, s.object_at) for f, s in about if value is not None and s.object == value],
            [Place(f, s.predicate_at) for f, s in about if s.predicate == value],
            [Place(f, s.subject_at) for f, s in about if s.predicate == _TYPE],
            [Place(f, s.subject_at) for f, s in about],
        )
        for places in candidates:
            if places:
                return places[0]
        first = self._first_mention
        return first.get(focus) or (first.get(value) if value is not None else None)

    def statements(self, focus: Term, path: ox.NamedNode) -> Iterator[tuple[SourceFile, Statement]]:
        """Yield the statements of one property of one entity with their files."""
        return ((f, s) for f, s in self._by_subject.get(focus, []) if s.predicate == path)

    @cached_property
    def _first_mention(self) -> dict[Term, Place]:
        index: dict[Term, Place] = {}
        for file in self.files:
            for statement in file.statements:
                index.setdefault(statement.predicate, Place(file, statement.predicate_at))
                index.setdefault(statement.object, Place(file, statement.object_at))
        return index

    @cached_property
    def _by_subject(self) -> dict[Term, list[tuple[SourceFile, Statement]]]:
        index: dict[Term, list[tuple[SourceFile, Statement]]] = {}
        for file in self.files:
            for statement in file.statements:
                index.setdefault(statement.subject, []).append((file, statement))
        return index
