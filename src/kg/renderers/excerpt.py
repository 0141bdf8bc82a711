"""Lines of a file with carets under what is meant, as wide as a terminal shows them.

A tab is shown as four blanks, a control character as its picture and one that changes the
direction of writing as a replacement character, so that nothing in a file can mislead the reader
or the terminal. Wide characters count two columns and combining marks none. Contact data is hidden
in every line; around a finding on privacy, everything is.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from rich.cells import cell_len

from kg import contact
from kg.findings import Span
from kg.turtle import Lines

_TAB: Final = "    "
_DIRECTIONS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_UNKNOWN: Final = "\ufffd"
_DELETE: Final = 0x7F
_PICTURES: Final = 0x2400  # of U+0000; the others follow
_WIDEST: Final = 120  # columns of a line that is shown
_BEFORE: Final = 40  # columns that stay before what is meant, where a line is cut
_MOST: Final = 5  # lines that are shown of a longer span
_ELLIPSIS: Final = "…"


class Row(NamedTuple):
    """One line as it is shown.

    Attributes:
        number: From 1; 0 for lines that are left out.
        text: The line.
        start: Where in the text what is meant begins.
        end: Where it ends.
        marks: Carets under what is meant, with the blanks before them.
    """

    number: int
    text: str
    start: int = 0
    end: int = 0
    marks: str = ""


def plain(text: str) -> str:
    r"""Return a text as it is shown: nothing in it acts on a terminal.

    >>> plain("a\tb\x1b[31m")
    'a    b␛[31m'
    """
    return "".join(map(_shown, text))


def rows(lines: Lines, span: Span, *, is_private: bool = False) -> list[Row]:
    """Return the lines of a span with its marks; of a long span the first and the last ones.

    Args:
        lines: Of the file.
        span: What is meant.
        is_private: Whether all else on these lines is hidden.
    """
    last = span.end_line
    if last > span.line and span.end_column == 1:
        last -= 1
    numbers = list(range(span.line, last + 1))
    if len(numbers) > _MOST:
        half = _MOST // 2
        found = [_row(lines, span, number, is_private) for number in numbers[:half]]
        found.append(Row(0, _ELLIPSIS))
        return found + [_row(lines, span, number, is_private) for number in numbers[-half:]]
    return [_row(lines, span, number, is_private) for number in numbers]


def _row(lines: Lines, span: Span, number: int, is_private: bool) -> Row:
    text = lines.line(number)
    start = span.column - 1 if number == span.line else len(text) - len(text.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(text.rstrip())
    start, end = min(start, len(text)), min(max(start, end), len(text))
    text = contact.masked(text)
    if is_private:
        text = _hidden(text[:start]) + text[start:end] + _hidden(text[end:])
    text, start, end = _cut(text, start, end)
    shown, upto = plain(text[:start]), plain(text[:end])
    before = cell_len(shown)
    width = cell_len(upto) - before
    if not width and end > start and before:  # a combining mark stands over the letter before it
        before -= 1
    return Row(number, plain(text), len(shown), len(upto), " " * before + "^" * max(width, 1))


def _hidden(text: str) -> str:
    return re.sub(r"\S", contact.HIDDEN, text)


def _cut(text: str, start: int, end: int) -> tuple[str, int, int]:
    """Return what is shown of a long line, and where the span is in it."""
    if cell_len(plain(text)) <= _WIDEST:
        return text, start, end
    first = max(0, start - _BEFORE)
    prefix = _ELLIPSIS if first else ""
    kept = "".join(_fitting(text[first:], _WIDEST - 2))
    suffix = _ELLIPSIS if first + len(kept) < len(text) else ""
    moved = len(prefix) - first
    longest = len(prefix) + len(kept)
    return prefix + kept + suffix, min(start + moved, longest), min(end + moved, longest)


def _fitting(text: str, width: int) -> Iterator[str]:
    for character in text:
        width -= cell_len(_shown(character))
        if width < 0:
            return
        yield character


def _shown(character: str) -> str:
    if character == "\t":
        return _TAB
    if character in _DIRECTIONS:
        return _UNKNOWN
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        code = ord(character)
        if code == _DELETE:
            return "\u2421"
        return chr(_PICTURES + code) if code < ord(" ") else _UNKNOWN
    return character
