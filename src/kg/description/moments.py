"""What held on a day: a judgement on each dated node of a description, as far as its dates go.

A source gives a day, a month or a year, and often only one end of what lasted. So there are four
judgements. What a year leaves open is not decided here: "2021" to "2023" surely held in June 2022,
and perhaps in June 2021. Where an end is not stated nobody can tell, and that is said as such.

The outer bounds are `cpo:earliestDay` and `cpo:latestDay`, which rules work out; the inner ones are
the last day of the start and the first day of the end. A node without a bound of its own has at
most that of what it belongs to: nobody takes part in a network after it has ended.
"""

import calendar
import re
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.relations import Tie
from kg.languages import mark
from kg.namespaces import XSD
from kg.query.labels import Node
from kg.terms import Quads

EXPECTED: Final = "a day, month or year, such as 2021-06-01, 2021-06 or 2021"
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_DATATYPES: Final = frozenset(XSD + name for name in ("date", "gYearMonth", "gYear"))
_DEFAULT: Final = ox.DefaultGraph()
# Names of the ties whose nodes hold for a time.
_LASTING: Final = frozenset(
    (
        *("participations", "participants", "publicRoles", "roleHolders", "phases", "editions"),
        *("activities", "undertakings", "duties", "documentsAsParty", "fundingArrangements"),
    )
)
# Names of the ties whose nodes are acts of one day, whose effect goes on: a pledge is in force from
# the day on which it was signed.
_ACTS: Final = frozenset(
    ("signatures", "signings", "signedByHand", "decisions", "approvals", "labelDecisions")
)
# Properties that lead from a node to what bounds it in time.
_WITHIN: Final = ("participationIn", "roleIn", "phaseOf", "activityOf", "undertakingOf")
# Shortcuts that rules draw from relations, whatever their dates.
SHORTCUTS: Final = frozenset(("leadPartner", "memberCity", "memberCountry"))


class Verdict(StrEnum):
    """Whether a node held in the period that is asked for."""

    HELD = mark("held")
    POSSIBLE = mark("dates too rough to tell")
    UNSTATED = mark("not stated")
    OUT = mark("did not hold")


class Period(NamedTuple):
    """A day, month or year that is asked for.

    Attributes:
        text: As it was asked.
        first: Its first day.
        last: Its last day.
    """

    text: str
    first: date
    last: date

    @property
    def literal(self) -> ox.Literal:
        """As a date of its precision."""
        name = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(self.text)]
        return ox.Literal(self.text, datatype=ox.NamedNode(XSD + name))


class _Span(NamedTuple):
    """When something began and ended, each between two days; None where that is not stated.

    A span is rough where a source says "about".
    """

    begins: tuple[date, date] | None
    ends: tuple[date, date] | None
    is_rough: bool = False


def period_of(text: str) -> Period | None:
    """Return the period that a text names, or None where it names none.

    >>> period_of("2024-02").last
    datetime.date(2024, 2, 29)
    >>> period_of("2024-02-30") is None
    True
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return Period(text, first, first)
    ends = month or 12
    return Period(text, first, date(first.year, ends, calendar.monthrange(first.year, ends)[1]))


class Moment:
    """A period, and what held in it."""

    def __init__(self, store: Quads, base: str, period: Period) -> None:
        """Make it.

        Args:
            store: Default graph: the accepted view.
            base: What the IRIs of the dataset begin with.
            period: That is asked for.
        """
        self.period = period
        self._store = store
        self._base = base

    def verdict(self, node: Node, tie: Tie) -> Verdict | None:
        """Return whether a node held; None for one that is no matter of time."""
        if tie.name not in _LASTING | _ACTS:
            return None
        span = self._span(node, is_act=tie.name in _ACTS)
        found = self._judged(span)
        if found == Verdict.UNSTATED and any(
            self._judged(self._span(whole)) == Verdict.OUT for whole in self._wholes(node)
        ):
            return Verdict.OUT
        return found

    def of_thing(self, node: ox.NamedNode) -> Verdict | None:
        """Return whether the thing itself held; None where it has no dates."""
        span = self._span(node)
        return None if span.begins is None and span.ends is None else self._judged(span)

    def _judged(self, span: _Span) -> Verdict:
        first, last = self.period.first, self.period.last
        begins, ends = span.begins, span.ends
        if (begins and begins[0] > last) or (ends and ends[1] < first):
            return Verdict.OUT
        if begins is None or ends is None:
            return Verdict.UNSTATED
        is_sure = begins[1] <= last and ends[0] >= first and not span.is_rough
        return Verdict.HELD if is_sure else Verdict.POSSIBLE

    def _span(self, node: Node, *, is_act: bool = False) -> _Span:
        day = self._bounds(node, "date")
        start = self._bounds(node, "startDate") or day
        end = self._bounds(node, "endDate") or (None if is_act else day)
        mark = self._one(node, "dateQualifier")
        word = "" if mark is None else mark.value.removeprefix(f"{self._base}voc/")
        low = date.min if word == "before" else None
        high = date.max if word == "after" else None
        if start is not None:
            earliest = self._bounds(node, "earliestDay") or start
            start = (low or earliest[0], high or start[1])
        if end is not None:
            latest = self._bounds(node, "latestDay") or end
            end = (low or end[0], high or latest[1])
        return _Span(start, end, is_rough=word == "about")

    def _bounds(self, node: Node, name: str) -> tuple[date, date] | None:
        """Return the first and the last day of a date, or None where it is not stated."""
        value = self._one(node, name)
        if not isinstance(value, ox.Literal) or value.datatype.value not in _DATATYPES:
            return None
        period = period_of(value.value)
        return None if period is None else (period.first, period.last)

    def _wholes(self, node: Node) -> list[Node]:
        found = (self._one(node, name) for name in _WITHIN)
        return [value for value in found if isinstance(value, ox.NamedNode)]

    def _one(self, node: Node, name: str) -> ox.NamedNode | ox.Literal | None:
        predicate = ox.NamedNode(f"{self._base}ont#{name}")
        for quad in self._store.quads_for_pattern(node, predicate, None, _DEFAULT):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                return quad.object
        return None
