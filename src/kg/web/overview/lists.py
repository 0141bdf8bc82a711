"""The lists of cities, networks and pledges: facets, a map, and the things by name."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.requests import Request

from kg.query.labels import Reader, Shown
from kg.query.protocol import ProtocolError
from kg.web.drawing import MapDrawing, Point, europe_map
from kg.web.i18n import interface_language
from kg.web.overview.facets import FACETS, Facet, facets, key_of, narrowed
from kg.web.overview.index import Entry, Index, Named
from kg.web.responses import languages_of, not_found, page_number
from kg.web.site import Site

PAGE_SIZE: Final = 100
MAPPED: Final = 800  # points on a map; of more, one stands for its neighbourhood
_GRID: Final = 2.0  # neighbourhoods for each degree
_STYLES: Final = {
    "City": ("city", "circle"),
    "Network": ("network", "square"),
    "Pledge": ("pledge", "diamond"),
}


class Item(NamedTuple):
    """A thing in a list, with what tells it from others.

    Attributes:
        shown: It.
        codes: The last parts of the IRIs of its countries; of a city, one.
        country: The name of the country of a city.
        kind: Of a network; force of a pledge. May be empty.
        year: The first year of a network; may be empty.
        cities: Number of its cities.
        networks: Number of networks that a city is in.
        pledges: Number of pledges signed for a city.
    """

    shown: Shown
    codes: tuple[str, ...]
    country: Shown
    kind: tuple[Shown, ...]
    year: str
    cities: int
    networks: int
    pledges: int


class Map(NamedTuple):
    """A map of a list.

    Attributes:
        drawing: Of the cities.
        total: How many cities have a place on it.
        is_thinned: Whether a dot stands for its neighbourhood.
    """

    drawing: MapDrawing
    total: int
    is_thinned: bool


class Removal(NamedTuple):
    """A choice that narrows the list, and the address of the list without it."""

    label: str
    shown: Shown
    path: str


def values(site: Site, request: Request, index: Index, kind: str) -> dict[str, Any]:
    """Return what the page of a list shows.

    Args:
        site: What is served.
        request: Its parameters are the facets and `page`.
        index: Of the snapshot.
        kind: Local name of the class.

    Raises:
        ProtocolError: 400 where a parameter is none of the list; 404 for a page beyond the last.
    """
    chosen, number = _read(request, kind)
    languages = languages_of(request)
    language, reader = interface_language(languages), site.reader(languages)
    named = index.named(kind, language)
    left = narrowed(named, chosen)
    last = max(1, -(-len(left) // PAGE_SIZE))
    if number > last:
        raise not_found(f"page {number} of {kind}")
    first = (number - 1) * PAGE_SIZE
    found = facets(reader, kind, named, chosen, language)
    path = site.path(f"/class/{kind}")
    return {
        "list_kind": kind,
        "style": _STYLES[kind][0],
        "facets": found,
        "removals": _removals(path, found, chosen),
        "total": len(left),
        "whole": len(named),
        "items": [_item(reader, each.entry, kind) for each in left[first : first + PAGE_SIZE]],
        "map": map_of(reader, index, left, kind),
        "number": number,
        "last": last,
        "before": _address(path, chosen, number - 1),
        "after": _address(path, chosen, number + 1),
    }


def map_of(
    reader: Reader, index: Index, named: Sequence[Named], kind: str, *, is_whole: bool = False
) -> Map | None:
    """Return a map of the cities of some things; None where the place of none is known.

    Args:
        reader: Gives labels.
        index: Of the snapshot.
        named: The things.
        kind: Local name of their class.
        is_whole: Whether all of the base map is shown.
    """
    cities = {city for each in named for city in each.entry.cities}
    placed = sorted(city for city in cities if city in index.places)
    if not placed:
        return None
    shown = placed if len(placed) <= MAPPED else _thinned(index, placed)
    style, shape = _STYLES[kind]
    points = [_point(reader, index, city, style, shape) for city in shown]
    drawing = europe_map(points, is_whole=is_whole)
    return Map(drawing, len(placed), len(shown) < len(placed))


def _thinned(index: Index, placed: Sequence[str]) -> list[str]:
    """Return one place of each neighbourhood."""
    found: dict[tuple[int, int], str] = {}
    for iri in placed:
        longitude, latitude = index.places[iri]
        found.setdefault((int(longitude * _GRID), int(latitude * _GRID)), iri)
    return list(found.values())


def _point(reader: Reader, index: Index, iri: str, style: str, shape: str) -> Point:
    shown = reader.show(ox.NamedNode(iri))
    place = index.places[iri]
    return Point(iri, shown.text, *place, style, shape, language=shown.language, address=iri)


def _item(reader: Reader, entry: Entry, kind: str) -> Item:
    countries = sorted(entry.facets["country"])
    kinds = sorted(entry.facets.get("kind", entry.facets.get("force", ())))
    is_city = kind == "City"
    return Item(
        reader.show(ox.NamedNode(entry.iri)),
        tuple(map(key_of, countries)),
        reader.show(ox.NamedNode(countries[0])) if is_city and countries else Shown(""),
        tuple(reader.show(ox.NamedNode(each)) for each in kinds),
        min(entry.facets.get("year", ()), default=""),
        len(entry.cities),
        len(entry.facets["network"]) if is_city else 0,
        len(entry.facets["pledge"]) if is_city else 0,
    )


def _read(request: Request, kind: str) -> tuple[dict[str, str], int]:
    """Return the facets that were used, and the number of the page.

    Raises:
        ProtocolError: 400 for an unknown parameter, 404 for what is no number of a page.
    """
    known = (*FACETS[kind], "page")
    given = dict(request.query_params)
    if unknown := sorted(given.keys() - set(known)):
        detail = f"{unknown[0][:40]!r} is no parameter of this list; there are {', '.join(known)}"
        raise ProtocolError(400, "Malformed list", detail)
    chosen = {name: key for name, key in given.items() if key and name != "page"}
    return chosen, page_number(request)


def _removals(path: str, found: Sequence[Facet], chosen: Mapping[str, str]) -> list[Removal]:
    used = [(facet, choice) for facet in found if (choice := facet.chosen) is not None]
    return [
        Removal(
            facet.label,
            choice.shown,
            _address(path, {n: key for n, key in chosen.items() if n != facet.name}, 1),
        )
        for facet, choice in used
    ]


def _address(path: str, chosen: Mapping[str, str], number: int) -> str:
    query = urlencode(dict(chosen) | ({"page": str(number)} if number > 1 else {}))
    return f"{path}?{query}" if query else path
