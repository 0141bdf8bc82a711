"""Where in the files a statement, a term or an entity is written.

An engine says which focus node, property and value are at fault; a curator needs a file, a line
and a column. The index is made only when there is something to find.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from kg.dataset import SourceFile
from kg.findings import Span
from kg.namespaces import RDF
from kg.terms import Term
from kg.turtle import Statement

_TYPE = ox.NamedNode(RDF + "type")


class Place(NamedTuple):
    """Some characters of a file, by their offsets."""

    file: SourceFile
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The same with lines and columns."""
        return span(self.file, self.start, self.end)

    @property
    def text(self) -> str:
        """What stands there."""
        return self.file.text[self.start : self.end]


class Said(NamedTuple):
    """A statement and the file that makes it."""

    file: SourceFile
    statement: Statement

    @property
    def subject(self) -> Place:
        """Where its subject is written."""
        return Place(self.file, self.statement.subject_at, self.statement.subject_end)

    @property
    def predicate(self) -> Place:
        """Where its property is written."""
        return Place(self.file, self.statement.predicate_at, self.statement.predicate_end)

    @property
    def object(self) -> Place:
        """Where its value is written."""
        return Place(self.file, self.statement.object_at, self.statement.object_end)


NOWHERE = Span("data")


def span(file: SourceFile, start: int, end: int) -> Span:
    """Return the lines and columns of some characters of a file."""
    return Span(file.name, *file.lines.at(start), *file.lines.at(end))


Mentioning = Callable[[Term], Iterable[str]]


class Places:
    """An index of the statements of some files by subject and object.

    Where it is known which files mention a thing, only those are read.
    """

    def __init__(self, files: Iterable[SourceFile]) -> None:
        """Make the index of some files, in the order in which places are looked for."""
        given = {file.name: file for file in files}
        self._file: Callable[[str], SourceFile] = given.__getitem__
        self._order = {name: number for number, name in enumerate(given)}
        self._mentioning: Mentioning | None = None
        self._read: set[str] = set()
        self._asked: set[Term] = set()
        self._by_subject: dict[Term, list[Said]] = {}
        self._by_object: dict[Term, list[Said]] = {}
        self._by_predicate: dict[Term, list[Said]] = {}

    @classmethod
    def of_stored(
        cls, names: Iterable[str], file: Callable[[str], SourceFile], mentioning: Mentioning
    ) -> "Places":
        """Make the index of files of which it is known what they mention.

        Args:
            names: Of the files, in the order in which places are looked for.
            file: Gives a file by its name.
            mentioning: Gives the names of the files that mention a term.
        """
        made = cls(())
        made._file, made._mentioning = file, mentioning
        made._order = {name: number for number, name in enumerate(names)}
        return made

    def find(
        self, focus: Term, path: ox.NamedNode | None = None, value: Term | None = None
    ) -> Place | None:
        """Return the best place for a fault, as exact as the files allow.

        In this order: the value of that property of the focus node; the property; the value
        anywhere at the focus node; the value as a property there; the focus node where it gets its
        type, else where it is described; its first mention anywhere; the value's first mention.
        """
        about = self.about(focus)
        candidates: tuple[Iterator[Place], ...] = (
            (
                said.object
                for said in about
                if value is not None
                and said.statement.predicate == path
                and said.statement.object == value
            ),
            (said.predicate for said in about if said.statement.predicate == path),
            (said.object for said in about if value is not None and said.statement.object == value),
            (said.predicate for said in about if said.statement.predicate == value),
        )
        for places in candidates:
            for place in places:
                return place
        return (
            self.described(focus)
            or self._first_mention(focus)
            or (None if value is None else self._first_mention(value))
        )

    def described(self, thing: Term) -> Place | None:
        """Return where a thing gets its type, else where something else is said of it."""
        about = self.about(thing)
        typed = (said for said in about if said.statement.predicate == _TYPE)
        for said in (*typed, *about):
            return said.subject
        return None

    def about(self, thing: Term) -> list[Said]:
        """Return the statements about a thing, in the order of the files."""
        self._learn(thing)
        return self._by_subject.get(thing, [])

    def values(self, thing: Term, path: ox.NamedNode) -> list[Said]:
        """Return the statements of one property of a thing, in the order of the files."""
        return [said for said in self.about(thing) if said.statement.predicate == path]

    def pointing(self, path: ox.NamedNode, thing: Term) -> list[Said]:
        """Return the statements whose value of a property is a thing."""
        self._learn(thing)
        return [said for said in self._by_object.get(thing, []) if said.statement.predicate == path]

    def _first_mention(self, thing: Term) -> Place | None:
        self._learn(thing)
        places = [said.object for said in self._by_object.get(thing, [])[:1]]
        places += [said.predicate for said in self._by_predicate.get(thing, [])[:1]]
        return min(places, key=lambda each: (self._order[each.file.name], each.start), default=None)

    def _learn(self, thing: Term) -> None:
        """Read the files that mention a thing and were not read yet."""
        if thing in self._asked:
            return
        self._asked.add(thing)
        names = self._order if self._mentioning is None else self._mentioning(thing)
        new = [name for name in names if name in self._order and name not in self._read]
        if not new:
            return
        grown: dict[int, list[Said]] = {}
        for name in sorted(new, key=self._order.__getitem__):
            self._read.add(name)
            file = self._file(name)
            for statement in file.statements:
                said = Said(file, statement)
                for index, term in (
                    (self._by_subject, statement.subject),
                    (self._by_object, statement.object),
                    (self._by_predicate, statement.predicate),
                ):
                    found = index.setdefault(term, [])
                    found.append(said)
                    grown[id(found)] = found
        for found in grown.values():
            if len(found) > 1:
                found.sort(key=self._place_of)

    def _place_of(self, said: Said) -> tuple[int, int]:
        return self._order[said.file.name], said.statement.object_at
