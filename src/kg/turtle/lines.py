"""Offsets of a text as lines and columns, and back."""

import re
from bisect import bisect_right
from typing import Final

from kg.findings import Span

_END: Final = re.compile(r"\r\n|\n|\r")


class Lines:
    """Turns offsets of one text into lines and columns, both from 1, in code points."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in _END.finditer(text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        r"""Return the offset of a line and a column; the nearest one where there is no such place.

        >>> Lines("a\nbc\n").offset(2, 2)
        3
        """
        if line < 1:
            return 0
        if line > len(self._starts):
            return len(self._text)
        start = self._starts[line - 1]
        return min(start + max(column, 1) - 1, start + len(self.line(line)))

    def line(self, line: int) -> str:
        """Return the text of a line, without its end; empty where there is no such line."""
        if not 1 <= line <= len(self._starts):
            return ""
        start = self._starts[line - 1]
        if line == len(self._starts):
            return self._text[start:]
        return self._text[start : self._starts[line]].rstrip("\r\n")

    def span(self, path: str, start: int, end: int) -> Span:
        """Return the characters from one offset to another as a place in a file."""
        return Span(path, *self.at(start), *self.at(end))
