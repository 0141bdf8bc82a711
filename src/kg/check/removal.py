"""How to take one value, or one declaration, out of a Turtle text and leave the rest as it stands.

Every comment is kept. What separated the value from its neighbours goes with it: a comma in a list,
the property where it was the only value, the whole statement where it was the only property. A line
that holds nothing more goes too.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kg.turtle import Reading, Statement, Token

Change = tuple[int, int, str]  # start, end and what takes the place, as in `kg.findings.Edit`

_BLANKS: Final = " \t"
_SIMPLE: Final = ("iri", "name", "string", "long", "number", "blank")


@dataclass(frozen=True)
class Removal:
    """What can be taken out of one text.

    Attributes:
        reading: Of the text, without faults.
    """

    reading: Reading

    def of(self, statement: Statement) -> tuple[Change, ...] | None:
        """Return the changes that take out one statement.

        None where that is not one statement less: where the value is a list or a thing in brackets,
        where the statement is an item of a list, or where only a thing in brackets would be left.
        """
        first, last = self._at(statement.object_at), self._at(statement.object_end) - 1
        verb = self._at(statement.predicate_at)
        marks = self._marks
        if marks[first].kind not in _SIMPLE or marks[verb].kind not in _SIMPLE:
            return None
        before, after = marks[first - 1].text, marks[last + 1].text
        if after == ",":
            return self._changes(first, last + 1)
        if before == ",":
            return self._moved(first - 1, first, last)
        while marks[last + 1].text == ";":
            last += 1
        after = marks[last + 1].text
        if after not in (".", "]"):
            return self._changes(verb, last)
        if marks[verb - 1].text == ";":
            last = last if marks[last].text != ";" else last - 1
            return self._moved(verb - 1, verb, last)
        if after == "]":
            return self._changes(verb, last)
        if marks[verb - 1].text == "]" or marks[verb - 1].text == ")":
            return None
        return self._changes(verb - 1, last + 1)

    def of_characters(self, start: int, end: int) -> tuple[Change, ...]:
        """Return the changes that take out some whole tokens, such as a declaration."""
        return self._changes(self._at(start), self._at(end) - 1)

    def _moved(self, separator: int, first: int, last: int) -> tuple[Change, ...]:
        """Take out the last of several: what ends it takes the place of what separated it."""
        marks = self._marks
        place, end = marks[separator], marks[last + 1]
        if end.text == "]":
            return (*self._cut((place.start, place.end)), *self._changes(first, last))
        gap = "" if self.reading.text[place.start - 1].isspace() else " "
        return ((place.start, place.end, gap + end.text), *self._changes(first, last + 1))

    def _changes(self, first: int, last: int) -> tuple[Change, ...]:
        """Take out some tokens in a row, but not the comments among them."""
        pieces: list[tuple[int, int]] = []
        start = self._marks[first].start
        end = start
        for token in self._all(start, self._marks[last].end):
            if token.kind != "comment":
                end = token.end
                continue
            if end > start:
                pieces.append((start, end))
            start = end = self._marks[self._at(token.end)].start
        pieces.append((start, end))
        return tuple(change for piece in pieces for change in self._cut(piece))

    def _cut(self, piece: tuple[int, int]) -> Iterator[Change]:
        """Take out some characters and the white space that would be left over."""
        text = self.reading.text
        start, end = piece
        left, right = start, end
        while left and text[left - 1] in _BLANKS:
            left -= 1
        while right < len(text) and text[right] in _BLANKS:
            right += 1
        is_first = left == 0 or text[left - 1] in "\r\n"
        is_last = right == len(text) or text[right] in "\r\n"
        if is_first and is_last:
            yield (*self._lines(left, right), "")
        elif is_last:
            yield left, right, ""
        else:
            yield start, right, ""

    def _lines(self, left: int, right: int) -> tuple[int, int]:
        """Return which lines go, so that two empty ones are not left where there was one."""
        text = self.reading.text
        end = _after_break(text, right)
        before = text[max(left - 4, 0) : left]
        if before and not before.endswith(("\n\n", "\r\n\r\n", "\r\r")):
            return left, end
        if end < len(text) or not before:
            return left, _after_break(text, end)
        return left - (2 if before.endswith("\r\n") else 1), end

    @cached_property
    def _marks(self) -> list[Token]:
        return [token for token in self.reading.tokens if token.kind != "comment"]

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start for token in self._marks]

    @cached_property
    def _all_starts(self) -> list[int]:
        return [token.start for token in self.reading.tokens]

    def _at(self, offset: int) -> int:
        """Return the number of the first token from an offset on."""
        return bisect_left(self._starts, offset)

    def _all(self, start: int, end: int) -> Iterable[Token]:
        first, last = (bisect_left(self._all_starts, offset) for offset in (start, end))
        return self.reading.tokens[first:last]


def _after_break(text: str, offset: int) -> int:
    """Return the offset after a line break, or the same where there is none."""
    if text.startswith("\r\n", offset):
        return offset + 2
    return offset + 1 if text.startswith(("\r", "\n"), offset) else offset
