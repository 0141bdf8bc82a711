"""A text as a page shows it: its lines, with what is at fault marked in them.

Of a long text only the lines near a finding are shown.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from kg.findings import Finding, Severity, Span
from kg.turtle import Lines

MOST_LINES: Final = 2_000  # of a text that is shown whole
_AROUND: Final = 2  # lines that are shown before and after one with a finding
_MOST_LETTERS: Final = 1_000  # of one line
_MARKED_LINES: Final = 50  # of one finding


class Piece(NamedTuple):
    """Some letters of a line.

    Attributes:
        text: The letters.
        severity: `violation`, `warning`, or an empty string where nothing is at fault.
        number: Of the finding that they lead to; 0 for none.
    """

    text: str
    severity: str = ""
    number: int = 0


class Line(NamedTuple):
    """A line that is shown.

    Attributes:
        number: From 1.
        pieces: Its text.
        numbers: Of the findings that begin in it.
        is_after_gap: Whether lines before it are left out.
        is_cut: Whether the end of it is left out.
    """

    number: int
    pieces: list[Piece]
    numbers: list[int]
    is_after_gap: bool
    is_cut: bool


class _Mark(NamedTuple):
    """Letters of one line, by columns from 0, that a finding is about."""

    start: int
    end: int
    severity: Severity
    number: int


def marked(text: str, name: str, findings: Sequence[tuple[int, Finding]]) -> list[Line]:
    """Return the lines of a text that are shown.

    Args:
        text: The whole text.
        name: What findings call it; those on something else are left aside.
        findings: With their numbers.
    """
    lines = Lines(text)
    count, _ = lines.at(len(text))
    here = [(number, each.span, each.severity) for number, each in findings if each.path == name]
    marks: dict[int, list[_Mark]] = {}
    begins: dict[int, list[int]] = {}
    for number, span, severity in here:
        begins.setdefault(span.line, []).append(number)
        for line, start, end in _parts(span, lines):
            marks.setdefault(line, []).append(_Mark(start, end, severity, number))
    shown = []
    last = 0
    for number in _shown(count, begins):
        letters = lines.line(number)
        is_cut = len(letters) > _MOST_LETTERS
        pieces = _pieces(letters[:_MOST_LETTERS], marks.get(number, []))
        is_after_gap = number != last + 1
        shown.append(Line(number, pieces, begins.get(number, []), is_after_gap, is_cut))
        last = number
    return shown


def _shown(count: int, begins: Iterable[int]) -> Iterable[int]:
    if count <= MOST_LINES:
        return range(1, count + 1)
    near = {
        line
        for begin in begins
        for line in range(max(1, begin - _AROUND), min(count, begin + _AROUND) + 1)
    }
    return sorted(near)


def _parts(span: Span, lines: Lines) -> Iterable[tuple[int, int, int]]:
    """Give the lines that a span is on, with the columns from 0; at least one letter of each."""
    last = min(span.end_line, span.line + _MARKED_LINES)
    for line in range(span.line, last + 1):
        start = span.column - 1 if line == span.line else 0
        end = span.end_column - 1 if line == span.end_line else len(lines.line(line))
        if line == span.line:
            end = max(end, start + 1)
        if end > start:
            yield line, start, end


def _pieces(letters: str, marks: Sequence[_Mark]) -> list[Piece]:
    """Cut a line where marks begin and end; of two on one letter the more severe one counts."""
    if not marks:
        return [Piece(letters)]
    padded = letters.ljust(max(mark.start for mark in marks) + 1)[: _MOST_LETTERS + 1]
    edges = {0, len(padded)} | {min(edge, len(padded)) for m in marks for edge in m[:2]}
    ordered = sorted(edges)
    pieces = []
    for start, end in pairwise(ordered):
        over = [mark for mark in marks if mark.start <= start and end <= mark.end]
        best = min(over, key=_weight, default=None)
        if best is None:
            pieces.append(Piece(padded[start:end]))
        else:
            pieces.append(Piece(padded[start:end], best.severity.value, best.number))
    return pieces


def _weight(mark: _Mark) -> tuple[bool, int, int]:
    """Return what a mark is compared by: violations first, then the shortest."""
    return mark.severity is Severity.WARNING, mark.end - mark.start, mark.number
