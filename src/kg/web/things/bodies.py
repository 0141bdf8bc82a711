"""Cities and the bodies that govern them: where they lie, and what belongs to them."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import ORG, WGS
from kg.query.labels import Shown
from kg.web.drawing import Point
from kg.web.things.lens import Lens

_DEEPEST: Final = 3  # bodies within bodies: an office in an administration in a municipality


class Standing(NamedTuple):
    """A body or a city in a list.

    Attributes:
        shown: It.
        country: Its country; empty where none is said.
        code: The last part of the IRI of its country, such as `LTU`.
        city: What it governs, or itself; None for a body without a city.
    """

    shown: Shown
    country: Shown
    code: str
    city: ox.NamedNode | None


def standing(lens: Lens, node: ox.NamedNode) -> Standing:
    """Return a body or a city for a list."""
    country = next(iter(lens.nodes(node, "country")), None)
    if lens.is_a(node, "City"):
        city: ox.NamedNode | None = node
    else:
        city = next(iter(lens.nodes(node, "governs")), None)
    code = "" if country is None else country.value.rpartition("/")[2]
    return Standing(
        lens.show(node), Shown("") if country is None else lens.show(country), code, city
    )


def coordinates(lens: Lens, city: ox.NamedNode) -> tuple[float, float] | None:
    """Return longitude and latitude of a city, in degrees; None where they are not known."""
    pair = []
    for name in (WGS + "long", WGS + "lat"):
        value = next(iter(lens.values(city, name)), None)
        if not isinstance(value, ox.Literal):
            return None
        try:
            pair.append(float(value.value))
        except ValueError:
            return None
    return pair[0], pair[1]


def point(
    lens: Lens, city: ox.NamedNode, *, kind: str = "city", shape: str = "circle", main: bool = False
) -> Point | None:
    """Return a city as a point of a map; None where its place is not known."""
    place = coordinates(lens, city)
    if place is None:
        return None
    shown = lens.show(city)
    code = standing(lens, city).code
    return Point(
        city.value,
        shown.text,
        *place,
        kind=kind,
        shape=shape,
        language=shown.language,
        address=city.value,
        title=f"{shown.text} ({code})" if code else shown.text,
        is_main=main,
    )


def points(lens: Lens, cities: Iterable[ox.NamedNode], kind: str, shape: str) -> list[Point]:
    """Return those cities whose places are known as points of a map, each once."""
    found = (point(lens, city, kind=kind, shape=shape) for city in dict.fromkeys(cities))
    return [each for each in found if each is not None]


def bodies_of(lens: Lens, thing: ox.NamedNode) -> list[ox.NamedNode]:
    """Return what acts for a thing: a body for itself, for a city the bodies that govern it."""
    if lens.is_a(thing, "City"):
        return [*lens.pointing("governs", thing).nodes]
    return [thing]


def parts_of(lens: Lens, bodies: Iterable[ox.NamedNode]) -> list[ox.NamedNode]:
    """Return the bodies that belong to some bodies, and those that belong to these."""
    found: dict[ox.NamedNode, None] = {}
    level = list(bodies)
    for _ in range(_DEEPEST):
        level = [
            part
            for body in level
            for part in lens.pointing(ORG + "subOrganizationOf", body).nodes
            if part not in found
        ]
        found.update(dict.fromkeys(level))
    return list(found)
