"""All countries in which something of the graph lies, and one of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from starlette.requests import Request

from kg.query.labels import Reader, Shown
from kg.web.i18n import interface_language, sort_key
from kg.web.overview.index import Country, Index, Named
from kg.web.overview.lists import map_of
from kg.web.responses import languages_of, not_found
from kg.web.site import Site
from kg.web.totals import country_numbers

LISTED: Final = 1_000  # cities in a table; of more, the page says how many it leaves out
NAMED: Final = 200  # bodies of one network, the same


class Row(NamedTuple):
    """A country among others, with the numbers of what lies in it."""

    code: str
    shown: Shown
    cities: int
    bodies: int
    networks: int
    programmes: int
    pledges: int


class Joined(NamedTuple):
    """A network, programme, pledge or document, with those from one country."""

    shown: Shown
    bodies: tuple[Shown, ...]
    total: int


class City(NamedTuple):
    """A city of a country, with the numbers of its networks and pledges."""

    shown: Shown
    networks: int
    pledges: int


class _Kinds(NamedTuple):
    """What there is of each kind, so that what a country has to do with can be told apart."""

    networks: frozenset[str]
    programmes: frozenset[str]
    pledges: frozenset[str]


def all_values(site: Site, request: Request, index: Index) -> dict[str, Any]:
    """Return what the page of all countries shows."""
    languages = languages_of(request)
    language, reader = interface_language(languages), site.reader(languages)
    kinds = _kinds(index)
    rows = [_row(reader, code, each, kinds) for code, each in index.countries.items()]
    rows.sort(key=lambda row: sort_key(row.shown.text, language))
    most = max((row.cities for row in rows), default=0)
    drawing = map_of(reader, index, index.named("City", language), "City", is_whole=True)
    return {"rows": rows, "most": most, "map": drawing}


def one_values(site: Site, request: Request, index: Index, code: str) -> dict[str, Any]:
    """Return what the page of one country shows.

    Raises:
        ProtocolError: 404; nothing of the dataset lies in a country with this code.
    """
    country = index.countries.get(code)
    if country is None:
        raise not_found(f"the country {code[:40]}")
    languages = languages_of(request)
    language, reader = interface_language(languages), site.reader(languages)
    kinds = _kinds(index)
    own = [each for each in index.named("City", language) if each.entry.iri in country.cities]
    apart = kinds.networks | kinds.programmes
    return {
        "code": code,
        "country": reader.show(ox.NamedNode(country.iri)),
        "numbers": _row(reader, code, country, kinds),
        "cities": [_city(reader, each) for each in own[:LISTED]],
        "left_out": max(0, len(own) - LISTED),
        "map": map_of(reader, index, own, "City"),
        "networks": _joined(reader, _only(country.joined, kinds.networks), language),
        "programmes": _joined(reader, _only(country.joined, kinds.programmes), language),
        "others": _joined(reader, _only(country.joined, country.joined.keys() - apart), language),
        "pledges": _joined(reader, _only(country.signed, kinds.pledges), language),
        "documents": _joined(
            reader, _only(country.signed, country.signed.keys() - kinds.pledges), language
        ),
        "told": country_numbers(site, reader, country.iri),
    }


def _kinds(index: Index) -> _Kinds:
    programmes = index.of_class("Programme") | index.of_class("ProgrammeEdition")
    networks, pledges = index.entries["Network"], index.entries["Pledge"]
    return _Kinds(
        frozenset(each.iri for each in networks),
        programmes,
        frozenset(each.iri for each in pledges),
    )


def _row(reader: Reader, code: str, country: Country, kinds: _Kinds) -> Row:
    return Row(
        code,
        reader.show(ox.NamedNode(country.iri)),
        len(country.cities),
        len(country.bodies),
        len(country.joined.keys() & kinds.networks),
        len(country.joined.keys() & kinds.programmes),
        len(country.signed.keys() & kinds.pledges),
    )


def _only(
    found: Mapping[str, frozenset[str]], wanted: Iterable[str]
) -> Mapping[str, frozenset[str]]:
    wanted = frozenset(wanted)
    return {iri: bodies for iri, bodies in found.items() if iri in wanted}


def _city(reader: Reader, each: Named) -> City:
    facets = each.entry.facets
    shown = reader.show(ox.NamedNode(each.entry.iri))
    return City(shown, len(facets["network"]), len(facets["pledge"]))


def _joined(reader: Reader, found: Mapping[str, frozenset[str]], language: str) -> Sequence[Joined]:
    rows = [
        Joined(
            reader.show(ox.NamedNode(iri)),
            _by_name(reader, sorted(bodies)[:NAMED], language),
            len(bodies),
        )
        for iri, bodies in found.items()
    ]
    return sorted(rows, key=lambda row: sort_key(row.shown.text, language))


def _by_name(reader: Reader, iris: Iterable[str], language: str) -> tuple[Shown, ...]:
    shown = (reader.show(ox.NamedNode(iri)) for iri in iris)
    return tuple(sorted(shown, key=lambda each: sort_key(each.text, language)))
