"""Which points of a map get their name beside them, and on which side.

A name stands right of its point, left, above or below, wherever it covers neither a point nor a
name that was placed before. One that fits nowhere is left out: the list beside a map has them all.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_LETTER: Final = 0.53  # mean width of a letter, as a share of the size of the type
_WIDE: Final = 0.95  # of a letter of a script whose letters are about as wide as high
_MAIN: Final = 1.35  # how much larger the name of the main point is
_DOT: Final = 6.0  # half the side of the square that a point takes
_EDGE: Final = 14.0  # between a name and the edge of the map, which may fade
_UP: Final = 0.8  # share of a line that is above its foot


class Named(NamedTuple):
    """A point that wants its name beside it."""

    x: float
    y: float
    text: str
    is_main: bool = False


class Placed(NamedTuple):
    """A name on a map.

    Attributes:
        point: Number of its point.
        x: Where the text begins, ends or has its middle, by its anchor.
        y: Of its foot.
        anchor: `start`, `end` or `middle`, as SVG's `text-anchor`.
    """

    point: int
    x: float
    y: float
    anchor: str


class _Frame(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Frame") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: "_Frame") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


def place_labels(points: Sequence[Named], size: float, width: float, height: float) -> list[Placed]:
    """Return the names that fit; the main point goes first, then the others in their order.

    Args:
        points: With what they are called.
        size: Of the type, in units of the map.
        width: Of the map; a name lies wholly on it.
        height: Of the map.
    """
    edge = _Frame(_EDGE, _EDGE, width - _EDGE, height - _EDGE)
    dots = [_Frame(p.x - _DOT, p.y - _DOT, p.x + _DOT, p.y + _DOT) for p in points]
    taken: list[_Frame] = []
    placed = []
    for index in sorted(range(len(points)), key=lambda i: (not points[i].is_main, i)):
        others = [*taken, *(dot for at, dot in enumerate(dots) if at != index)]
        for candidate, frame in _ways(index, points[index], size):
            if edge.holds(frame) and not _meets_any(frame, others):
                placed.append(candidate)
                taken.append(frame)
                break
    return placed


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is."""
    return size * sum(_WIDE if ord(sign) > 0x2E80 else _LETTER for sign in text)


def _meets_any(frame: _Frame, others: Iterable[_Frame]) -> bool:
    return any(frame.meets(other) for other in others)


def _ways(index: int, point: Named, size: float) -> Iterable[tuple[Placed, _Frame]]:
    """Give the places for a name, best first, with the frame that it fills there."""
    kind = size * (_MAIN if point.is_main else 1)
    wide, line = text_width(point.text, kind), kind * 1.15
    aside = _DOT + (9 if point.is_main else 3)
    foot = kind * 0.35
    for dx, dy, anchor in (
        (aside, foot, "start"),
        (-aside, foot, "end"),
        (0.0, -aside - kind * 0.2, "middle"),
        (0.0, aside + kind * 0.85, "middle"),
    ):
        x, y = point.x + dx, point.y + dy
        left = x - {"start": 0.0, "end": wide, "middle": wide / 2}[anchor]
        yield (
            Placed(index, round(x, 1), round(y, 1), anchor),
            _Frame(left, y - line * _UP, left + wide, y + line * (1 - _UP)),
        )
