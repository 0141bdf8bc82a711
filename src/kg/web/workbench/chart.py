"""Bars: a number for each of some names, drawn to scale. Lengths are percentages of the width."""

from collections.abc import Sequence
from typing import Final, NamedTuple

MOST: Final = 40  # bars


class Bar(NamedTuple):
    """A bar.

    Attributes:
        label: Its name.
        language: BCP 47 tag of the name, or empty.
        iri: What the name leads to; empty for nothing.
        value: The number, as the answer has it.
        x: Where it begins.
        width: How long it is.
    """

    label: str
    language: str
    iri: str
    value: str
    x: float
    width: float


class ChartDrawing(NamedTuple):
    """Bars under one scale.

    Attributes:
        bars: In the order of the answer.
        zero: Where 0 is.
        left_out: How many rows have no bar, because there are too many.
    """

    bars: tuple[Bar, ...]
    zero: float
    left_out: int


def bars(rows: Sequence[tuple[str, str, str, str, float]]) -> ChartDrawing:
    """Return bars for some rows: label, language, IRI, value as text, value.

    >>> found = bars([("a", "", "", "3", 3.0), ("b", "", "", "-1", -1.0)])
    >>> [(bar.x, bar.width) for bar in found.bars], found.zero
    ([(25.0, 75.0), (0.0, 25.0)], 25.0)
    """
    shown = rows[:MOST]
    least = min([0.0, *(row[4] for row in shown)])
    most = max([0.0, *(row[4] for row in shown)])
    scale = 100 / (most - least) if most > least else 0.0
    zero = -least * scale
    made = [
        Bar(*row[:4], round(zero + min(row[4], 0) * scale, 3), round(abs(row[4]) * scale, 3))
        for row in shown
    ]
    return ChartDrawing(tuple(made), round(zero, 3), len(rows) - len(shown))
