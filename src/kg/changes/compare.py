"""Two states of a dataset beside each other: what is added, removed, moved or renamed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

import pyoxigraph as ox

from kg.changes import facts
from kg.changes.facts import Fact, Inline, Value
from kg.changes.sides import Broken, Side
from kg.dataset import SourceFile
from kg.namespaces import RDF
from kg.retired import RETIRED_CLASS

Status = Literal["new", "removed", "retired", "changed", "renamed", "moved"]

Subject = ox.NamedNode | Inline

TYPE: Final = ox.NamedNode(RDF + "type")
_RETIRED: Final = ox.NamedNode(RETIRED_CLASS)


class Move(NamedTuple):
    """A statement that stands in another file now."""

    fact: Fact
    before: str
    after: str


class Change(NamedTuple):
    """The values of one property of one entity in one file, before and after.

    Attributes:
        predicate: The property.
        before: Values that went.
        after: Values that came.
        file: Where.
    """

    predicate: ox.NamedNode
    before: tuple[Value, ...]
    after: tuple[Value, ...]
    file: str


@dataclass(frozen=True)
class EntityChange:
    """All that changed about one entity.

    Attributes:
        entity: Which one.
        status: Of the entity as a whole; `moved` where every statement only changed its file.
        changes: By property, those of one file together.
        moves: Statements in another file than before.
        was: The entity's name before, where it was renamed.
        followers: How many statements of others name the new name now.
    """

    entity: Subject
    status: Status
    changes: tuple[Change, ...] = ()
    moves: tuple[Move, ...] = ()
    was: ox.NamedNode | None = None
    followers: int = 0


@dataclass(frozen=True)
class Comparison:
    """What differs between two states.

    Attributes:
        old: The earlier state.
        new: The later one.
        entities: Those about which something changed, in the order of their names.
        formatted: Files whose text differs and whose statements do not.
        broken: Files that cannot be read in the later state, or only could not in the earlier.
        told: Files that differ and can be read in both states, or are in one only.
        added: Statements that came, each with its file.
        removed: Statements that went.
    """

    old: Side
    new: Side
    entities: tuple[EntityChange, ...]
    formatted: tuple[str, ...]
    broken: tuple[tuple[str, Broken], ...]
    told: tuple[str, ...]
    added: frozenset[tuple[str, Fact]]
    removed: frozenset[tuple[str, Fact]]

    @cached_property
    def graph_changes(self) -> tuple[frozenset[tuple[str, Fact]], frozenset[tuple[str, Fact]]]:
        """What came to and what went from each named graph; a move within one is neither."""
        added = frozenset((self.graph(name), fact) for name, fact in self.added)
        removed = frozenset((self.graph(name), fact) for name, fact in self.removed)
        return added - removed, removed - added

    @property
    def is_data_changed(self) -> bool:
        """Whether some named graph says something else than before, or cannot be told."""
        return bool(any(self.graph_changes) or self.broken)

    def graph(self, name: str) -> str:
        """Return the named graph of a file."""
        file = self.new.files.get(name) or self.old.files.get(name)
        return file.graph if isinstance(file, SourceFile) else ""


def compare(old: Side, new: Side) -> Comparison:
    """Compare two states of a dataset."""
    names = sorted({*old.files, *new.files})
    differing = [name for name in names if old.contents.get(name) != new.contents.get(name)]
    broken = [
        (side.title, file)
        for name in differing
        for side in (old, new)
        if isinstance(file := side.files.get(name), Broken)
    ]
    unknown = {file.name for _, file in broken}
    told = [name for name in differing if name not in unknown]
    before = {name: _facts(old, name) for name in told}
    after = {name: _facts(new, name) for name in told}
    removed = frozenset((n, fact) for n in told for fact in before[n] - after[n])
    added = frozenset((n, fact) for n in told for fact in after[n] - before[n])
    formatted = [n for n in told if before[n] == after[n] and n in old.files and n in new.files]
    entities = _Entities(removed, added, _subjects(old), _subjects(new)).result()
    return Comparison(
        old, new, tuple(entities), tuple(formatted), tuple(broken), tuple(told), added, removed
    )


def _facts(side: Side, name: str) -> frozenset[Fact]:
    file = side.files.get(name)
    return facts.of_file(file) if isinstance(file, SourceFile) else frozenset()


def _subjects(side: Side) -> frozenset[object]:
    """Return what is described in a state; files that cannot be read describe nothing."""
    read = (file for file in side.files.values() if isinstance(file, SourceFile))
    return frozenset(triple.subject for file in read for triple in file.triples)


class _Entities:
    """Sorts statements that came and went by entity."""

    def __init__(
        self,
        removed: frozenset[tuple[str, Fact]],
        added: frozenset[tuple[str, Fact]],
        old: frozenset[object],
        new: frozenset[object],
    ) -> None:
        self.old, self.new = old, new
        self.renames: dict[ox.NamedNode, ox.NamedNode] = {}
        self.followers: dict[ox.NamedNode, int] = {}
        self.removed, self.added = set(removed), set(added)
        self.retired = {
            fact.subject for _, fact in added if (fact.predicate, fact.object) == (TYPE, _RETIRED)
        }
        while found := dict(self._renamed()):
            self.renames |= found
            self._follow(found)

    def result(self) -> Iterator[EntityChange]:
        moves = dict(self._moves())
        gone = _by_subject(self.removed)
        come = _by_subject(self.added)
        was = {new: old for old, new in self.renames.items()}
        for entity in sorted({*gone, *come, *moves, *was}, key=str):
            before, after = gone.get(entity, []), come.get(entity, [])
            changes = tuple(_changes(before, after))
            moved = tuple(moves.get(entity, ()))
            status: Status = "changed"
            if isinstance(entity, ox.NamedNode) and entity in was:
                status = "renamed"
            elif after and entity not in self.old:
                status = "new"
            elif before and entity not in self.new:
                status = "removed"
            elif not changes:
                status = "moved"
            if entity in self.retired:
                status = "retired"
            name = was.get(entity) if isinstance(entity, ox.NamedNode) else None
            number = self.followers.get(entity, 0) if isinstance(entity, ox.NamedNode) else 0
            yield EntityChange(entity, status, changes, moved, name, number)

    def _renamed(self) -> Iterator[tuple[ox.NamedNode, ox.NamedNode]]:
        """Yield entities that went, each with the one that came and says all the same."""
        gone = {
            s: _saying(s, each)
            for s, each in _by_subject(self.removed).items()
            if (s not in self.new or s in self.retired) and isinstance(s, ox.NamedNode)
        }
        come: dict[frozenset[tuple[object, object]], list[ox.NamedNode]] = {}
        for subject, each in _by_subject(self.added).items():
            if subject not in self.old and isinstance(subject, ox.NamedNode):
                come.setdefault(_saying(subject, each), []).append(subject)
        for subject, said in sorted(gone.items(), key=str):
            same = [s for s in gone if gone[s] == said]
            if len(same) == 1 and len(come.get(said, ())) == 1:
                yield subject, come[said][0]

    def _follow(self, renames: Mapping[ox.NamedNode, ox.NamedNode]) -> None:
        """Write the new names into what went, so that what only follows a new name falls away."""
        renamed: set[tuple[str, Fact]] = set()
        for name, fact in self.removed:
            subject = renames.get(fact.subject, fact.subject)  # type: ignore[arg-type]
            value = renames.get(fact.object, fact.object)  # type: ignore[arg-type]
            now = (name, Fact(subject, fact.predicate, value))
            renamed.add(now)
            if value != fact.object and subject != value and now in self.added:
                self.followers[value] = self.followers.get(value, 0) + 1
        self.removed, self.added = renamed - self.added, self.added - renamed

    def _moves(self) -> Iterator[tuple[Subject, list[Move]]]:
        """Yield what went from one file and came to another, and take it out of both."""
        places: dict[Fact, list[str]] = {}
        for name, fact in sorted(self.removed, key=str):
            places.setdefault(fact, []).append(name)
        found: dict[Subject, list[Move]] = {}
        for name, fact in sorted(self.added, key=str):
            if places.get(fact):
                before = places[fact].pop(0)
                found.setdefault(fact.subject, []).append(Move(fact, before, name))
        for moves in found.values():
            for move in moves:
                self.removed.discard((move.before, move.fact))
                self.added.discard((move.after, move.fact))
        return iter(found.items())


def _by_subject(said: Iterable[tuple[str, Fact]]) -> dict[Subject, list[tuple[str, Fact]]]:
    found: dict[Subject, list[tuple[str, Fact]]] = {}
    for name, fact in said:
        found.setdefault(fact.subject, []).append((name, fact))
    return found


def _saying(subject: object, said: list[tuple[str, Fact]]) -> frozenset[tuple[object, object]]:
    return frozenset(
        (fact.predicate, "itself" if fact.object == subject else fact.object) for _, fact in said
    )


def _changes(before: list[tuple[str, Fact]], after: list[tuple[str, Fact]]) -> Iterator[Change]:
    keys = {(fact.predicate, name) for name, fact in (*before, *after)}
    for predicate, name in sorted(keys, key=lambda key: (key[0] != TYPE, str(key[0]), key[1])):
        gone, come = (
            sorted((f.object for n, f in each if (f.predicate, n) == (predicate, name)), key=str)
            for each in (before, after)
        )
        yield Change(predicate, tuple(gone), tuple(come), name)
