"""What a city or body has promised: pledges and documents signed, duties, aims of its own."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Origin
from kg.namespaces import DCTERMS
from kg.query.labels import Shown
from kg.web.i18n import mark
from kg.web.things.items import Item, duties, goals, item, targets
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
