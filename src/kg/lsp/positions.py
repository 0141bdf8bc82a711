"""Offsets of a text as positions of the protocol, and back.

A client counts lines from 0 and characters in the units that it has agreed on with the server:
UTF-16 by default, so that 𝄞 counts two. The rest of the package counts code points. Lines end with
LF, CR LF or CR and nothing else; other signs that Unicode takes for a line end do not end one here.
"""

import re
from bisect import bisect_right
from typing import Final

from lsprotocol import types as lsp

_END: Final = re.compile(r"\r\n|\n|\r")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """Return a text without halves of characters, which a client can send and no file can hold."""
    return _SURROGATE.sub("\ufffd", text)


class Positions:
    """Turns offsets of one text into positions in one encoding, and back."""

    def __init__(self, text: str, encoding: str = lsp.PositionEncodingKind.Utf16) -> None:
        self._text = text
        self._encoding = encoding
        self._starts = [0, *(match.end() for match in _END.finditer(text))]

    def at(self, offset: int) -> lsp.Position:
        """Return the position of an offset."""
        line = bisect_right(self._starts, offset) - 1
        before = self._text[self._starts[line] : offset]
        return lsp.Position(line, self._units(before))

    def range(self, start: int, end: int) -> lsp.Range:
        """Return the range between two offsets."""
        return lsp.Range(self.at(start), self.at(end))

    def offset(self, position: lsp.Position) -> int:
        """Return the offset of a position; the nearest one where there is no such place.

        A position after the end of a line is its end; one after the last line the end of the text.
        """
        if position.line >= len(self._starts):
            return len(self._text)
        start, end = self._line(position.line)
        line = self._text[start:end]
        if self._encoding == lsp.PositionEncodingKind.Utf32 or line.isascii():
            return min(start + position.character, end)
        units = 0
        for index, sign in enumerate(line):
            if units >= position.character:
                return start + index
            units += self._units(sign)
        return end

    def place(self, line: int, column: int) -> int:
        """Return the offset of a line and a column of a finding: from 1, in code points."""
        if line > len(self._starts):
            return len(self._text)
        start, end = self._line(max(line, 1) - 1)
        return min(start + max(column, 1) - 1, end)

    def line_at(self, offset: int) -> tuple[int, int]:
        """Return where the line of an offset begins, and where it ends without its line end."""
        return self._line(bisect_right(self._starts, offset) - 1)

    def _line(self, number: int) -> tuple[int, int]:
        start = self._starts[number]
        if number + 1 == len(self._starts):
            return start, len(self._text)
        end = self._starts[number + 1]
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def _units(self, text: str) -> int:
        if self._encoding == lsp.PositionEncodingKind.Utf32 or text.isascii():
            return len(text)
        if self._encoding == lsp.PositionEncodingKind.Utf8:
            return len(text.encode())
        return len(text) + sum(sign > "\uffff" for sign in text)
