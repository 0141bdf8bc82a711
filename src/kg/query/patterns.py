"""Patterns of statements: matched by the indexes of a store, and cut into pages.

Nothing here runs a query. A page passes over at most `DEEPEST` statements to get to its own, and
counts at most `COUNTED` after them. It looks at `DEEPEST` at most that the indexes give and that do
not match all the same; a pattern that takes more is refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, Protocol, cast, runtime_checkable

import pyoxigraph as ox

from kg.query.protocol import ProtocolError
from kg.terms import Quads, Term

PAGE_SIZE: Final = 100
COUNTED: Final = 10_000
DEEPEST: Final = 1_000_000


class Variable(NamedTuple):
    """A place in a pattern that anything fits; a name that stands twice is the same thing twice."""

    name: str = ""


Part = Term | ox.DefaultGraph | Variable


@runtime_checkable
class Sorting(Protocol):
    """A store whose answers come in no particular order, unless it is asked to sort them."""

    def quads_in_order(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,
        graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None = None,
    ) -> Iterator[ox.Quad]:
        """Give the statements that match, each time in the same order; None matches anything."""


def in_order(
    store: Quads,
    subject: ox.NamedNode | ox.BlankNode | ox.Triple | None,
    predicate: ox.NamedNode | None,
    object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,
    graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None,
) -> Iterator[ox.Quad]:
    """Give the statements that match, in an order that never changes, to be cut into pages.

    Where the snapshot is in memory, and behind an endpoint, it is the order of its canonical lines,
    those with blank nodes first; where it is on disk, it is that of the index.
    """
    look_up = store.quads_in_order if isinstance(store, Sorting) else store.quads_for_pattern
    return look_up(subject, predicate, object, graph_name)


class Rejected:
    """Counts what an index gave to one request and what did not match."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.number = 0

    def fitting(
        self, quads: Iterator[ox.Quad], fits: Callable[[ox.Quad], bool]
    ) -> Iterator[ox.Quad]:
        """Give the statements that fit.

        Raises:
            ProtocolError: 400, more than `DEEPEST` did not.
        """
        for quad in quads:
            if fits(quad):
                yield quad
                continue
            self.number += 1
            if self.number > DEEPEST:
                detail = (
                    f"more than {DEEPEST:,} statements were looked at that do not match, because a "
                    "variable stands twice or bindings overlap; give the pattern another term"
                )
                raise ProtocolError(400, "Too broad", detail)


@dataclass(frozen=True)
class Pattern:
    """What statements have to look like: subject, predicate, object and graph."""

    parts: tuple[Part, Part, Part, Part]

    @property
    def shape(self) -> tuple[bool, ...]:
        """Which of the parts are terms."""
        return tuple(not isinstance(part, Variable) for part in self.parts)

    @property
    def is_plain(self) -> bool:
        """Whether no variable stands twice."""
        names = [part.name for part in self.parts if isinstance(part, Variable) and part.name]
        return len(names) == len(set(names))

    def bound(self, binding: Mapping[str, Term]) -> "Pattern | None":
        """Return the pattern with terms for some variables; None where nothing can match it."""
        subject, predicate, value, graph = (
            binding.get(part.name, part) if isinstance(part, Variable) else part
            for part in self.parts
        )
        if isinstance(subject, ox.Literal) or isinstance(predicate, ox.Literal | ox.BlankNode):
            return None
        if isinstance(graph, ox.Literal):
            return None
        return Pattern((subject, predicate, value, graph))

    def matches(self, store: Quads, rejected: Rejected | None = None) -> Iterator[ox.Quad]:
        """Give the statements that match, in an order that never changes: that of the index.

        Args:
            store: That they are in.
            rejected: Counts those that do not match, where several patterns count together.

        Raises:
            ProtocolError: 400, too many do not.
        """
        asked = [None if isinstance(part, Variable) else part for part in self.parts]
        found = in_order(store, *cast("tuple[None, None, None, None]", tuple(asked)))
        if self.is_plain:
            return found
        return (rejected or Rejected()).fitting(found, self._agrees)

    def _agrees(self, quad: ox.Quad) -> bool:
        seen: dict[str, object] = {}
        return all(
            seen.setdefault(part.name, term) == term
            for part, term in zip(self.parts, quad, strict=True)
            if isinstance(part, Variable) and part.name
        )


def restricted(
    store: Quads, pattern: Pattern, bindings: Sequence[Mapping[str, Term]]
) -> Iterator[ox.Quad]:
    """Give what matches a pattern with one of some bindings, each statement once.

    Hartig and Buil-Aranda, Bindings-Restricted Triple Pattern Fragments (2016), definition 1.

    Raises:
        ProtocolError: 400, too many statements do not match.
    """
    earlier: dict[tuple[bool, ...], set[tuple[object, ...]]] = {}
    rejected = Rejected()

    def is_new(quad: ox.Quad) -> bool:
        return not any(_kept(quad, shape) in keys for shape, keys in earlier.items())

    for asked in dict.fromkeys(pattern.bound(binding) for binding in bindings):
        if asked is None:
            continue
        yield from rejected.fitting(asked.matches(store, rejected), is_new)
        earlier.setdefault(asked.shape, set()).add(_kept(asked.parts, asked.shape))


def _kept(parts: Sequence[object] | ox.Quad, shape: tuple[bool, ...]) -> tuple[object, ...]:
    return tuple(part for part, is_kept in zip(parts, shape, strict=True) if is_kept)


class Page(NamedTuple):
    """A part of the statements that match.

    Attributes:
        quads: At most `PAGE_SIZE`, in the order of the index.
        total: How many match in all; an estimate where `is_exact` does not hold.
        is_exact: Whether that is known.
        has_next: Whether there are more after these.
    """

    quads: list[ox.Quad]
    total: int
    is_exact: bool
    has_next: bool


def cut(
    matches: Iterator[ox.Quad], number: int, known: int | None = None, estimate: int = 0
) -> Page:
    """Return a page of some matches.

    Args:
        matches: All of them.
        number: Of the page, from 1.
        known: How many there are, where that is known.
        estimate: What to tell where there are too many to be counted, if it is more than was seen.

    Raises:
        ProtocolError: 400, too far from the beginning; 404, there are not so many pages.
    """
    first = (number - 1) * PAGE_SIZE
    if first > 0 and known is not None and first >= known:
        raise _no_page(number)
    if first > DEEPEST:
        detail = (
            f"page {number} begins after {first:,} statements, and at most {DEEPEST:,} are passed "
            "over; give the pattern another term, or take a dump of the dataset"
        )
        raise ProtocolError(400, "Too deep", detail)
    quads = list(islice(matches, first, first + PAGE_SIZE))
    if not quads and number > 1:
        raise _no_page(number)
    after = sum(1 for _ in islice(matches, COUNTED if known is None else 1))
    seen = first + len(quads) + after
    if known is not None:
        return Page(quads, max(seen, known), is_exact=True, has_next=after > 0)
    is_whole = after < COUNTED
    total = seen if is_whole else max(seen, estimate)
    return Page(quads, total, is_whole, has_next=after > 0)


def _no_page(number: int) -> ProtocolError:
    return ProtocolError(404, "Not found", f"this fragment has no page {number}")
