"""The page of a city, a municipality or another body: what it joined, promised, and with whom."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.query.labels import Shown
from kg.web.drawing import Line, MapDrawing, europe_map, timeline
from kg.web.things.bodies import bodies_of, parts_of, point, standing
from kg.web.things.lens import MANY, Fact, Lens
from kg.web.things.promises import promises
from kg.web.things.ties import SERIES, Membership, Period, memberships, rows

PARTNERS: Final = 400  # cities that are listed; of more, the networks have lists of their own


class Office(NamedTuple):
    """That a person has a public role; `within` is the body, network or event."""

    person: Fact
    role: Fact
    within: Fact | None
    period: Period
    iri: str


class Network(NamedTuple):
    """A network as a series of the map, by its shape and the class that colours it."""

    shown: Shown
    node: ox.NamedNode
    shape: str
    kind: str


class Partner(NamedTuple):
    """A city that is in a network too, and in which ones."""

    shown: Shown
    node: ox.NamedNode
    country: Shown
    code: str
    networks: tuple[Network, ...]


def values(lens: Lens, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what the page shows."""
    bodies = bodies_of(lens, thing)
    parts = parts_of(lens, bodies)
    own = standing(lens, thing)
    made = promises(lens, bodies, parts)
    joined = memberships(lens, bodies)
    networks = networks_of(joined)
    partners, is_whole = partners_of(lens, networks, own.city)
    wholes = list(dict.fromkeys(ox.NamedNode(each.whole.iri) for each in joined))
    return {
        "own": own,
        "bodies": [standing(lens, body) for body in bodies if body != thing],
        "governed": None if own.city in (None, thing) else standing(lens, own.city or thing),
        "promises": made,
        "memberships": joined,
        "networks": networks,
        "times": timeline(rows(lens, wholes), lens.today),
        "partners": partners,
        "has_all_partners": is_whole,
        "map": city_map(lens, own.city, partners),
        "offices": offices(lens, [*bodies, *parts]),
        "parts": [lens.show(part) for part in lens.in_order(parts)],
    }


def networks_of(joined: Sequence[Membership]) -> list[Network]:
    """Return the networks and projects among what a body takes part in, with their shapes."""
    found = {each.whole.iri: each.whole for each in joined if each.kind == "network"}
    last = len(SERIES)
    return [
        Network(
            shown,
            ox.NamedNode(iri),
            SERIES[min(number, last) - 1],
            f"series-{min(number, last)}",
        )
        for number, (iri, shown) in enumerate(found.items(), start=1)
    ]


def partners_of(
    lens: Lens, networks: Sequence[Network], own: ox.NamedNode | None
) -> tuple[list[Partner], bool]:
    """Return the cities of some networks by name, and whether that is all of them."""
    found: dict[ox.NamedNode, list[Network]] = {}
    is_whole = True
    for network in networks:
        cities = lens.nodes(network.node, "memberCity")
        is_whole = is_whole and len(cities) < MANY
        for city in cities:
            if city != own:
                found.setdefault(city, []).append(network)
    shown = lens.in_order(list(found)[:PARTNERS])
    partners = [
        Partner(each.shown, city, each.country, each.code, tuple(found[city]))
        for city in shown
        for each in [standing(lens, city)]
    ]
    return partners, is_whole and len(found) <= PARTNERS


def city_map(
    lens: Lens, own: ox.NamedNode | None, partners: Sequence[Partner]
) -> MapDrawing | None:
    """Return a map of a city and its partners; None where the place of none is known."""
    main = None if own is None else point(lens, own, main=True)
    others = [
        found
        for partner in partners
        for first in partner.networks[:1]
        if (found := point(lens, partner.node, kind=first.kind, shape=first.shape)) is not None
    ]
    if main is None and not others:
        return None
    lines = [Line(main.key, other.key, other.kind) for other in others] if main else []
    return europe_map([*others, *([main] if main else [])], lines)


def offices(lens: Lens, bodies: Sequence[ox.NamedNode]) -> list[Office]:
    """Return the public roles in some bodies, networks or events, with who has them."""
    nodes = dict.fromkeys(node for body in bodies for node in lens.pointing("roleIn", body).nodes)
    found = [each for node in nodes if (each := office(lens, node)) is not None]
    return sorted(found, key=lambda each: (each.role.text, each.person.text))


def office(lens: Lens, node: ox.NamedNode) -> Office | None:
    """Return a public role with who has it; None where one of the two is not said."""
    holder, role, within = (lens.one(node, name) for name in ("holder", "role", "roleIn"))
    if holder is None or role is None:
        return None
    start, end = lens.one(node, "startDate"), lens.one(node, "endDate")
    return Office(holder, role, within, Period(start, end), node.value)
