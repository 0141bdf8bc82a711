"""The page of a network or project: who takes part, stated and listed, since when, what for."""

from collections.abc import Sequence
from itertools import islice
from math import isfinite
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS
from kg.query.labels import Shown
from kg.web.drawing import MapDrawing, Point, Row, Stage, europe_map, timeline
from kg.web.things.bodies import point, points
from kg.web.things.city import offices
from kg.web.things.items import goals, targets
from kg.web.things.lens import Fact, Lens
from kg.web.things.ties import Membership, membership, period_of, stages

MEMBERS: Final = 100  # on a page
READ: Final = 50_000  # members that are counted and sorted
MAPPED: Final = 300  # cities on the map; the list has all
_KIND: Final = DCTERMS + "type"
_SUBJECT: Final = DCTERMS + "subject"
_SPATIAL: Final = DCTERMS + "spatial"
_NOTE: Final = "http://www.w3.org/2004/02/skos/core#note"


class Figure(NamedTuple):
    """A number that a source tells, which nobody here has counted.

    Attributes:
        value: Of the number.
        counts: What it counts.
        only: Narrows that: one kind, or an area; may be empty.
        as_of: For which day it holds.
        is_about: Whether the source gives it as rounded.
        notes: What a curator has noted.
        iri: Of the figure.
    """

    value: Fact
    counts: Fact | None
    only: tuple[Fact, ...]
    as_of: Fact | None
    is_about: bool
    notes: tuple[Fact, ...]
    iri: str

    @property
    def number(self) -> float | None:
        """The number; None where the text of the value is none."""
        try:
            found = float(self.value.text)
        except ValueError:
            return None
        return found if isfinite(found) else None


class Members(NamedTuple):
    """A page of the members.

    Attributes:
        rows: Those on it.
        total: How many there are; at least that many where not all are counted.
        is_counted: Whether that is all of them.
        number: Of the page, from 1.
        pages: How many pages there are.
    """

    rows: tuple[Membership, ...]
    total: int
    is_counted: bool
    number: int
    pages: int


def values(lens: Lens, thing: ox.NamedNode, number: int = 1) -> dict[str, Any]:
    """Return what the page shows.

    Args:
        lens: What the page is read with.
        thing: The network or project.
        number: Which page of the members.
    """
    lead = lens.facts(thing, "leadPartner")
    found = members(lens, thing, number)
    drawn = stages(lens, thing)
    return {
        "own_period": period_of(lens, thing),
        "network_kinds": lens.facts(thing, _KIND),
        "edition": lens.one(thing, "underEdition"),
        "programmes": lens.facts(thing, "underProgramme"),
        "status": lens.one(thing, "lifecycleStatus"),
        "subjects": lens.facts(thing, _SUBJECT),
        "run_by": lens.facts(thing, "runBy"),
        "lead": lead,
        "phases": phases(lens, thing),
        "times": timeline(time_rows(lens, thing, drawn), lens.today),
        "members": found,
        "says_complete": lens.one(thing, "memberListComplete"),
        "figures": figures(lens, thing),
        "countries": lens.values(thing, "memberCountry"),
        "map": members_map(lens, thing, lead),
        "goals": goals(lens, thing),
        "targets": targets(lens, thing),
        "outputs": in_context(lens, thing, "Output"),
        "events": in_context(lens, thing, "Event"),
        "groups_within": in_context(lens, thing, "WorkingGroup"),
        "offices": offices(lens, [thing]),
        "compare": compare_ids(lens, thing),
    }


def members(lens: Lens, thing: ox.NamedNode, number: int = 1) -> Members:
    """Return a page of those who take part, those of one country together.

    They are sorted by the IRIs of the bodies, which begin with the code of the country, because
    the names of all of them would have to be read otherwise.
    """
    found = lens.store.quads_for_pattern(
        None, lens.term("participationIn"), thing, ox.DefaultGraph()
    )
    read = [quad.subject for quad in islice(found, READ + 1)]
    named = sorted(
        (node for node in read[:READ] if isinstance(node, ox.NamedNode)),
        key=lambda node: node.value,
    )
    pages = max(1, -(-len(named) // MEMBERS))
    cut = named[(number - 1) * MEMBERS : number * MEMBERS]
    rows = tuple(each for node in cut if (each := membership(lens, node)) is not None)
    return Members(rows, len(named), len(read) <= READ, number, pages)


def members_map(lens: Lens, thing: ox.NamedNode, lead: Sequence[Fact] = ()) -> MapDrawing | None:
    """Return a map of the cities that take part; None where the place of none is known."""
    found = lens.store.quads_for_pattern(thing, lens.term("memberCity"), None, ox.DefaultGraph())
    cities = [quad.object for quad in islice(found, MAPPED)]
    named = sorted((city for city in cities if isinstance(city, ox.NamedNode)), key=str)
    leading = leading_city(lens, lead)
    shown = points(lens, (city for city in named if city != leading), "network", "square")
    main = None if leading is None else point(lens, leading, kind="network", main=True)
    every: list[Point] = [*shown, *([] if main is None else [main])]
    return europe_map(every) if every else None


def leading_city(lens: Lens, lead: Sequence[Fact]) -> ox.NamedNode | None:
    """Return the city of the first lead partner."""
    bodies = [fact.term for fact in lead if isinstance(fact.term, ox.NamedNode)]
    return next((city for body in bodies for city in lens.nodes(body, "governs")), None)


class Phase(NamedTuple):
    """A phase with its dates, or the length that a source states."""

    shown: Shown
    start: Fact | None
    end: Fact | None
    duration: Fact | None


def phases(lens: Lens, thing: ox.NamedNode) -> list[Phase]:
    """Return the phases, the earliest first."""
    found = [
        Phase(
            lens.show(node),
            lens.one(node, "startDate"),
            lens.one(node, "endDate"),
            lens.one(node, "duration"),
        )
        for node in lens.pointing("phaseOf", thing).nodes
    ]
    return sorted(found, key=lambda each: "" if each.start is None else each.start.text)


def time_rows(lens: Lens, thing: ox.NamedNode, drawn: tuple[Stage, ...]) -> list[Row]:
    """Return a network as one bar with its phases, and none where no date is stated."""
    shown = lens.show(thing)
    if not any(stage.start or stage.end for stage in drawn):
        return []
    return [Row(shown.text, drawn, "network", shown.language, "")]


def figures(lens: Lens, thing: ox.NamedNode) -> list[Figure]:
    """Return the numbers that sources tell about a thing."""
    found = []
    for node in lens.pointing("figureAbout", thing).nodes:
        value = lens.one(node, "figureValue")
        if value is None:
            continue
        about = lens.one(node, "approximate")
        found.append(
            Figure(
                value,
                lens.one(node, "counts"),
                (*lens.facts(node, "countsOnly"), *lens.facts(node, _SPATIAL)),
                lens.one(node, "asOf"),
                about is not None and about.text in ("true", "1"),
                lens.facts(node, _NOTE),
                node.value,
            )
        )
    return sorted(found, key=lambda each: "" if each.counts is None else each.counts.text)


def in_context(lens: Lens, thing: ox.NamedNode, kind: str) -> list[Shown]:
    """Return what arose within a thing, of one class, by name."""
    nodes = lens.pointing("inContextOf", thing).nodes
    return [lens.show(node) for node in lens.in_order([n for n in nodes if lens.is_a(n, kind)])]


def compare_ids(lens: Lens, thing: ox.NamedNode) -> str:
    """Return a thing as the page that compares things names it, such as `network/urbact-cope`."""
    return thing.value.removeprefix(f"{lens.reader.base}id/")
