"""What a city or body has promised: pledges and documents signed, duties, aims of its own."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Origin
from kg.namespaces import DCTERMS, SCHEMA
from kg.query.labels import Shown
from kg.web.i18n import mark
from kg.web.things.lens import Fact, Lens
from kg.web.things.ties import period_of

_IDENTIFIER: Final = DCTERMS + "identifier"


class Act(NamedTuple):
    """Something done on a day that makes a promise: a signature or a decision.

    Attributes:
        kind: What it is, to be translated.
        shown: It.
        number: Such as T2-29; may be empty.
        date: None where nobody states it.
        event: During which it was done.
        person: Whose hand signed.
        origins: Who says it.
    """

    kind: str
    shown: Shown
    number: str
    date: Fact | None
    event: Fact | None
    person: Fact | None
    origins: tuple[Origin, ...]


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


class Promise(NamedTuple):
    """What a body has bound itself to, with the act that did so.

    Attributes:
        kind: What it is, to be translated.
        shown: The pledge, document, aim, or network in which the aims are.
        items: Its duties or aims.
        acts: What binds the body.
        year: The first year that it names.
        year_kind: What that year is, to be translated.
        force: Whether it is a duty, a pledge, an ambition.
        is_over: Whether the time for it has passed.
        origins: Who says it.
    """

    kind: str
    shown: Shown
    items: tuple[Item, ...]
    acts: tuple[Act, ...]
    year: Fact | None
    year_kind: str
    force: Fact | None
    is_over: bool
    origins: tuple[Origin, ...]


def promises(
    lens: Lens, bodies: Sequence[ox.NamedNode], parts: Sequence[ox.NamedNode] = ()
) -> list[Promise]:
    """Return what some bodies have promised, the latest first.

    Args:
        lens: What the page is read with.
        bodies: That act.
        parts: Bodies that belong to them, whose decisions count.
    """
    found = [
        *(each for body in bodies for each in _signed(lens, body)),
        *(each for body in bodies for each in _own(lens, body)),
        *(each for body in bodies for each in _in_networks(lens, body)),
    ]
    told = {each.shown.iri for each in found}
    duties = [each for body in bodies for each in _owed(lens, body)]
    found += [each for each in duties if each.shown.iri not in told]
    shown = {act.shown.iri for each in found for act in each.acts}
    deciding = (each for body in (*bodies, *parts) for each in _decided(lens, body))
    found += [each for each in deciding if each.shown.iri not in shown]
    return sorted(found, key=lambda each: (each.is_over, _last(each), each.shown.text))


def _last(promise: Promise) -> str:
    return "9999" if promise.year is None else promise.year.text


def _signed(lens: Lens, body: ox.NamedNode) -> Iterator[Promise]:
    for node in lens.pointing("signatory", body).nodes:
        signed = next(iter(lens.nodes(node, "signs")), None)
        if signed is None:
            continue
        is_pledge = lens.is_a(signed, "Pledge")
        found = targets(lens, signed)
        year = next((item.year for item in found if item.year is not None), None)
        yield Promise(
            mark("Pledge signed") if is_pledge else mark("Document signed"),
            lens.show(signed),
            (*found, *duties(lens, signed, body)),
            (signature(lens, node),),
            year,
            mark("target year"),
            lens.one(signed, "bindingForce"),
            _is_past(lens, year),
            lens.said(node, "signatory", body),
        )


def signature(lens: Lens, node: ox.NamedNode) -> Act:
    """Return a signature; without a day of its own it has that of the event."""
    event = lens.one(node, "atEvent")
    date = lens.one(node, "date")
    if date is None and event is not None and isinstance(event.term, ox.NamedNode):
        date = lens.one(event.term, "date") or lens.one(event.term, "startDate")
    signs = next(iter(lens.nodes(node, "signs")), None)
    origins = () if signs is None else lens.said(node, "signs", signs)
    person = lens.one(node, "signedByPerson")
    return Act(mark("Signed"), lens.show(node), "", date, event, person, origins)


def decision(lens: Lens, node: ox.NamedNode) -> Act:
    """Return a decision."""
    body = lens.one(node, "decidedBy")
    number = next(lens.literals([node], _IDENTIFIER), "")
    origins = () if body is None else body.origins
    event = lens.one(node, "atEvent")
    return Act(
        mark("Decided"), lens.show(node), number, lens.one(node, "date"), event, None, origins
    )


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


def _own(lens: Lens, body: ox.NamedNode) -> Iterator[Promise]:
    for node in lens.pointing("setBy", body).nodes:
        found = item(lens, node, "setBy", body)
        yield Promise(
            mark("Aim of its own"),
            found.shown,
            (),
            (),
            found.year,
            mark("target year"),
            lens.one(node, "bindingForce"),
            _is_past(lens, found.year),
            found.origins,
        )


def _owed(lens: Lens, body: ox.NamedNode) -> Iterator[Promise]:
    for node in lens.pointing("dutyBearer", body).nodes:
        pledge = next(iter(lens.nodes(node, "undertakingOf")), None)
        if pledge is None:
            continue
        found = item(lens, node, "dutyBearer", body)
        yield Promise(
            mark("Duty under a pledge"),
            lens.show(pledge),
            (found,),
            (),
            found.year,
            mark("deadline"),
            lens.one(pledge, "bindingForce"),
            _is_past(lens, found.year),
            found.origins,
        )


def _in_networks(lens: Lens, body: ox.NamedNode) -> Iterator[Promise]:
    """Give the aims with which a body takes part in something, each network as one promise."""
    for node in lens.pointing("participant", body).nodes:
        aims = goals(lens, node)
        whole = next(iter(lens.nodes(node, "participationIn")), None)
        approved = lens.pointing("approves", node).nodes
        if whole is None or not (aims or approved):
            continue
        period = period_of(lens, node, whole)
        yield Promise(
            mark("Taking part, with aims of its own") if aims else mark("Taking part"),
            lens.show(whole),
            tuple(aims),
            tuple(decision(lens, each) for each in approved),
            period.end,
            mark("end of the network"),
            None,
            period.is_over(lens.today.isoformat()),
            lens.said(node, "participant", body),
        )


def _decided(lens: Lens, body: ox.NamedNode) -> Iterator[Promise]:
    for node in lens.pointing("decidedBy", body).nodes:
        act = decision(lens, node)
        yield Promise(mark("Decision"), act.shown, (), (act,), None, "", None, False, act.origins)


def _is_past(lens: Lens, year: Fact | None) -> bool:
    """Tell whether a day, month or year surely lies before today."""
    return year is not None and year.text < lens.today.isoformat()[: len(year.text)]
