"""The page of a programme or an edition of one: its networks, pledges, members, aims and money."""

from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.query.labels import Shown
from kg.web.drawing import timeline
from kg.web.things.items import goals, targets
from kg.web.things.lens import Cut, Lens
from kg.web.things.network import figures, members, members_map
from kg.web.things.ties import Period, kind_of, period_of, rows


class Part(NamedTuple):
    """A network, project, pledge or edition that belongs to a programme."""

    shown: Shown
    kind: str
    period: Period


def values(lens: Lens, thing: ox.NamedNode, number: int = 1) -> dict[str, Any]:
    """Return what the page shows.

    Args:
        lens: What the page is read with.
        thing: The programme or edition.
        number: Which page of the members.
    """
    is_edition = lens.is_a(thing, "ProgrammeEdition")
    under = lens.pointing("underEdition" if is_edition else "underProgramme", thing)
    parts = [part(lens, node) for node in under.nodes]
    editions = [part(lens, node) for node in lens.pointing("editionOf", thing).nodes]
    shown = [*editions, *(each for each in parts if each.kind == "network")]
    dated = [
        ox.NamedNode(each.shown.iri)
        for each in sorted(shown, key=_begins)
        if each.period.start is not None
    ]
    return {
        "own_period": period_of(lens, thing),
        "edition_of": lens.one(thing, "editionOf"),
        "run_by": lens.facts(thing, "runBy"),
        "offers": lens.facts(thing, "offers"),
        "involves": lens.facts(thing, "involves"),
        "editions": editions,
        "networks": sorted((p for p in parts if p.kind == "network"), key=_begins),
        "pledges": [each for each in parts if each.kind == "pledge"],
        "others": [each for each in parts if each.kind not in ("network", "pledge")],
        "has_all_parts": under.is_whole,
        "times": timeline(rows(lens, dated), lens.today),
        "members": members(lens, thing, number),
        "map": members_map(lens, thing),
        "goals": goals(lens, thing),
        "targets": targets(lens, thing),
        "figures": figures(lens, thing),
        "funding": [lens.show(node) for node in funding(lens, thing).nodes],
    }


def part(lens: Lens, node: ox.NamedNode) -> Part:
    """Return something that belongs to a programme."""
    return Part(lens.show(node), kind_of(lens, node), period_of(lens, node))


def funding(lens: Lens, thing: ox.NamedNode) -> Cut:
    """Return what is said of the money for a thing."""
    return lens.pointing("fundedThing", thing)


def _begins(each: Part) -> tuple[str, str]:
    return "9999" if each.period.start is None else each.period.start.text, each.shown.text
