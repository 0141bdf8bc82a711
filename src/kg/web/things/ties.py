"""Who takes part in what: as what, since when, until when, and who says so."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Origin
from kg.namespaces import SCHEMA
from kg.query.labels import Shown
from kg.web.drawing import Row, Stage
from kg.web.things.bodies import Standing, standing
from kg.web.things.lens import Fact, Lens

# The shapes of series on a map and in its legend; of more networks, the others share the last.
SERIES: Final = ("square", "triangle", "diamond", "hexagon")
_KINDS: Final = (
    ("Network", "network"),
    ("ProgrammeEdition", "project"),
    ("Programme", "project"),
    ("Project", "project"),
    ("Pledge", "pledge"),
)


class Period(NamedTuple):
    """When something held; None for an end that nobody states.

    Attributes:
        start: A day, month or year.
        end: The same.
        is_of_whole: Whether the dates are those of what it belongs to.
    """

    start: Fact | None
    end: Fact | None
    is_of_whole: bool = False

    @property
    def stage(self) -> Stage:
        """As a bar of a timeline."""
        start, end = (("" if fact is None else fact.text) for fact in (self.start, self.end))
        return Stage(start, end)

    def is_over(self, today: str) -> bool:
        """Tell whether its end surely lies before a day, given as XSD has it."""
        return self.end is not None and self.end.text < today[: len(self.end.text)]


class Membership(NamedTuple):
    """That a body takes part in something.

    Attributes:
        iri: Of the participation, which has a page of its own.
        whole: What it takes part in.
        kind: Class of the style sheet for that.
        body: Who takes part.
        roles: As what.
        status: Such as invited; None where nothing is said.
        period: Of the participation, else of the whole.
        origins: Who says that the body takes part.
        lead: The lead partner of the whole.
    """

    iri: str
    whole: Shown
    kind: str
    body: Standing
    roles: tuple[Fact, ...]
    status: Fact | None
    period: Period
    origins: tuple[Origin, ...]
    lead: tuple[Fact, ...]


def kind_of(lens: Lens, node: ox.NamedNode) -> str:
    """Return the class of the style sheet for a thing."""
    return next((style for name, style in _KINDS if lens.is_a(node, name)), "other")


def period_of(lens: Lens, node: ox.NamedNode, whole: ox.NamedNode | None = None) -> Period:
    """Return when a node held by its own dates, else by those of what it belongs to."""
    start, end = lens.one(node, "startDate"), lens.one(node, "endDate")
    if start is None and end is None and whole is not None:
        return Period(lens.one(whole, "startDate"), lens.one(whole, "endDate"), is_of_whole=True)
    return Period(start, end)


def membership(lens: Lens, node: ox.NamedNode) -> Membership | None:
    """Return a participation; None where it does not say who takes part and in what."""
    whole = next(iter(lens.nodes(node, "participationIn")), None)
    body = next(iter(lens.nodes(node, "participant")), None)
    if whole is None or body is None:
        return None
    return Membership(
        node.value,
        lens.show(whole),
        kind_of(lens, whole),
        standing(lens, body),
        lens.facts(node, "role"),
        lens.one(node, "participationStatus"),
        period_of(lens, node, whole),
        lens.said(node, "participant", body),
        lens.facts(whole, "leadPartner"),
    )


def memberships(lens: Lens, bodies: Iterable[ox.NamedNode]) -> list[Membership]:
    """Return what some bodies take part in, earliest first; what has no date last."""
    nodes = (node for body in bodies for node in lens.pointing("participant", body).nodes)
    found = [each for node in nodes if (each := membership(lens, node)) is not None]
    return sorted(found, key=lambda each: (_begins(each.period), each.whole.text))


def _begins(period: Period) -> str:
    return "9999" if period.start is None else period.start.text


def stages(lens: Lens, node: ox.NamedNode) -> tuple[Stage, ...]:
    """Return the phases of a network or project as bars; one bar where it has none with dates."""
    phases = lens.pointing("phaseOf", node).nodes
    found: list[Stage] = []
    for phase in sorted(phases, key=lambda each: _position(lens, each)):
        stage = period_of(lens, phase).stage
        if stage.start or stage.end:
            is_second = len(found) % 2 == 1
            found.append(stage._replace(is_second=is_second, title=lens.show(phase).text))
    return tuple(found) or (period_of(lens, node).stage,)


def _position(lens: Lens, phase: ox.NamedNode) -> tuple[int, str]:
    number = next(lens.literals([phase], SCHEMA + "position"), "")
    return (int(number) if number.isdecimal() else 0, phase.value)


def rows(lens: Lens, wholes: Sequence[ox.NamedNode]) -> list[Row]:
    """Return networks and what is like them as rows of a timeline."""
    return [
        Row(
            shown.text,
            stages(lens, node),
            kind_of(lens, node),
            shown.language,
            shown.iri,
        )
        for node in wholes
        for shown in [lens.show(node)]
    ]
