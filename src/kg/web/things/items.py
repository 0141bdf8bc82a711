"""The duties, targets and goals of a pledge, network or programme, and how far they have come."""

from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Origin
from kg.namespaces import SCHEMA
from kg.query.labels import Shown
from kg.web.i18n import mark
from kg.web.things.lens import Fact, Lens


class Progress(NamedTuple):
    """How far something has come, by the last report on it."""

    status: Fact
    date: Fact | None


class Item(NamedTuple):
    """One duty, aim or target of a promise.

    Attributes:
        shown: It.
        year: By when; None where that is not stated.
        bearers: Who alone owes it; empty where all who signed do.
        facts: More that is said about it, such as what for: a name to be translated, and values.
        progress: None where nothing is reported.
        leaves_open: The properties that the source is expected to state and does not.
        origins: Who says it.
    """

    shown: Shown
    year: Fact | None
    bearers: tuple[Fact, ...]
    facts: tuple[tuple[str, tuple[Fact, ...]], ...]
    progress: Progress | None
    leaves_open: tuple[Fact, ...]
    origins: tuple[Origin, ...]


def duties(lens: Lens, pledge: ox.NamedNode, body: ox.NamedNode | None = None) -> list[Item]:
    """Return the duties of a pledge in their order.

    Args:
        lens: What the page is read with.
        pledge: In which they are written.
        body: Leaves out those that others alone owe; None for all.
    """
    nodes = lens.pointing("undertakingOf", pledge).nodes
    found = [(_position(lens, node), item(lens, node, "undertakingOf", pledge)) for node in nodes]
    return [
        each
        for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].shown.iri))
        if body is None or not each.bearers or body in {fact.term for fact in each.bearers}
    ]


def targets(lens: Lens, thing: ox.NamedNode) -> list[Item]:
    """Return the targets of a thing, the nearest first."""
    nodes = lens.pointing("targetOf", thing).nodes
    found = [item(lens, node, "targetOf", thing) for node in nodes]
    return sorted(found, key=lambda each: "9999" if each.year is None else each.year.text)


def goals(lens: Lens, thing: ox.NamedNode) -> list[Item]:
    """Return the goals of a thing."""
    return [item(lens, node, "goalOf", thing) for node in lens.pointing("goalOf", thing).nodes]


def _position(lens: Lens, node: ox.NamedNode) -> int:
    number = next(lens.literals([node], SCHEMA + "position"), "")
    return int(number) if number.isdecimal() else 0


# What is said of a duty, target or goal besides its name and year.
_SAID: Final = (
    (mark("outcome"), "outcome"),
    (mark("value"), "targetValue"),
    (mark("compared with"), "baseYear"),
    (mark("covers"), "scope"),
    (mark("what for"), "purpose"),
    (mark("involves"), "involves"),
    (mark("force"), "bindingForce"),
)


def item(lens: Lens, node: ox.NamedNode, tie: str, whole: ox.NamedNode) -> Item:
    """Return a duty, target or goal that is tied to what it belongs to."""
    said = ((name, lens.facts(node, property_)) for name, property_ in _SAID)
    return Item(
        lens.show(node),
        lens.one(node, "deadline") or lens.one(node, "targetYear"),
        lens.facts(node, "dutyBearer"),
        tuple((name, facts) for name, facts in said if facts),
        progress(lens, node),
        lens.facts(node, "leavesOpen"),
        lens.said(node, tie, whole),
    )


def progress(lens: Lens, node: ox.NamedNode) -> Progress | None:
    """Return what the last report on a duty or target says."""
    found = []
    for report in lens.pointing("reportsOn", node).nodes:
        status, date = lens.one(report, "progressStatus"), lens.one(report, "date")
        if status is not None:
            found.append(("" if date is None else date.text, Progress(status, date)))
    return max(found, key=lambda pair: pair[0])[1] if found else None
