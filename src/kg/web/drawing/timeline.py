"""A timeline: a row for each thing that lasts, with its bars, under an axis of years.

A source gives a day, a month or a year. What is surely within is drawn full, what the precision of
a date leaves open lighter, and an end that nobody states as an open bar. Places are percentages of
the width of the axis.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from kg.description.moments import Period, period_of

_TICKS: Final = 14  # lines of the axis at most
_STEPS: Final = (1, 2, 5, 10, 20, 50, 100)  # years between two lines
_LABELLED: Final = 7  # years that are written under the lines at most, on a narrow screen


class Stage(NamedTuple):
    """A part of what lasts: a bar.

    Attributes:
        start: A day, month or year, such as `2021-03`; empty where it is not stated.
        end: The same; the bar includes it.
        is_second: Whether it is drawn in the second tone, as every other phase is.
        title: What a pointer that rests on it shows.
    """

    start: str
    end: str
    is_second: bool = False
    title: str = ""


class Row(NamedTuple):
    """A thing that lasts.

    Attributes:
        label: Its name.
        stages: Its bars; one for a thing without phases.
        kind: What colours it: a class of the style sheet.
        language: BCP 47 tag of the label, or empty.
        address: The IRI of what its name leads to; empty for nothing.
    """

    label: str
    stages: tuple[Stage, ...]
    kind: str = "network"
    language: str = ""
    address: str = ""


class Bar(NamedTuple):
    """A piece of a bar; `style` is `sure`, `rough` or `open`. In percent of the width."""

    x: float
    width: float
    style: str
    is_second: bool
    title: str


class Drawn(NamedTuple):
    """A row with its bars; none where no date is stated."""

    row: Row
    bars: tuple[Bar, ...]


class Tick(NamedTuple):
    """A line of the axis, in percent; `is_major` where a narrow screen has its year too."""

    x: float
    year: int
    is_major: bool


class TimelineDrawing(NamedTuple):
    """A timeline.

    Attributes:
        rows: In the order in which they were given.
        ticks: The lines of the axis; none where no row has a date.
        now: Where today is, in percent; None where that is not on the axis.
    """

    rows: tuple[Drawn, ...]
    ticks: tuple[Tick, ...]
    now: float | None


class _Axis(NamedTuple):
    """Whole years; days are counted as `date.toordinal` does, so that none is beyond the last."""

    first_year: int
    last_year: int

    @property
    def first(self) -> int:
        return date(self.first_year, 1, 1).toordinal()

    @property
    def last(self) -> int:
        """The day after the axis."""
        return date(self.last_year, 12, 31).toordinal() + 1

    def at(self, day: int) -> float:
        return round(100 * (day - self.first) / (self.last - self.first), 2)


def timeline(rows: Iterable[Row], today: date) -> TimelineDrawing:
    """Return a timeline of some rows.

    Args:
        rows: Dates in them that are none count as not stated.
        today: Marked on the axis, where it has that day. What has begun and has no stated end is
            drawn until the end of this year at least.
    """
    given = list(rows)
    dates = (text for row in given for stage in row.stages for text in (stage.start, stage.end))
    periods = [period for period in map(_period, dates) if period is not None]
    if not periods:
        return TimelineDrawing(tuple(Drawn(row, ()) for row in given), (), None)
    years = [year for period in periods for year in (period.first.year, period.last.year)]
    if any(stage.start and not stage.end for row in given for stage in row.stages):
        years.append(today.year)
    axis = _Axis(min(years), max(years))
    day = today.toordinal()
    return TimelineDrawing(
        tuple(Drawn(row, tuple(_bars(row.stages, axis))) for row in given),
        _ticks(axis),
        axis.at(day) if axis.first <= day < axis.last else None,
    )


def _period(text: str) -> Period | None:
    return period_of(text[:10])


def _ticks(axis: _Axis) -> tuple[Tick, ...]:
    number = axis.last_year - axis.first_year + 1
    step = next((step for step in _STEPS if number <= step * _TICKS), number)
    years = [year for year in range(axis.first_year, axis.last_year + 1) if not year % step]
    every = -(-len(years) // _LABELLED)
    return tuple(
        Tick(axis.at(date(year, 1, 1).toordinal()), year, not index % every)
        for index, year in enumerate(years or [axis.first_year])
    )


def _bars(stages: Sequence[Stage], axis: _Axis) -> Iterable[Bar]:
    for stage in stages:
        for first, after, style in _pieces(_period(stage.start), _period(stage.end), axis):
            x = axis.at(first)
            width = round(axis.at(after) - x, 2)
            yield Bar(x, width, style, stage.is_second, stage.title)


def _pieces(start: Period | None, end: Period | None, axis: _Axis) -> list[tuple[int, int, str]]:
    """Return from which day until before which day a bar is drawn how."""
    if start is None:
        return [] if end is None else [(axis.first, end.last.toordinal() + 1, "open")]
    first, sure = start.first.toordinal(), start.last.toordinal()
    if end is None:
        return [(first, axis.last, "open")]
    sure_end, after = end.first.toordinal() + 1, end.last.toordinal() + 1
    if after <= first:
        return []  # it ends before it begins: a fault of the data, which the table shows
    if sure >= sure_end:
        return [(first, after, "rough")]
    pieces = [(first, sure, "rough"), (sure, sure_end, "sure"), (sure_end, after, "rough")]
    return [piece for piece in pieces if piece[0] < piece[1]]
