"""/compare: which things are meant, a form to choose them, and the page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from kg.description.origins import Origins
from kg.matching.search import Tier, search
from kg.namespaces import ORG
from kg.query.labels import Shown
from kg.query.protocol import ProtocolError, shortened
from kg.web.entities import exists
from kg.web.i18n import interface_language
from kg.web.links import thing_of
from kg.web.overview.comparison import MOST, Part, of_cities, of_networks
from kg.web.responses import html, languages_of, see_other
from kg.web.site import Site
from kg.web.things.lens import Lens
from kg.web.things.words import language_name

PATH: Final = "/compare"
_OFFERED: Final = 2_000  # names in the list of the form; another one can be typed
_CITIES: Final = ("City", "Municipality", ORG + "Organization")
_NETWORKS: Final = ("Network", "Project", "Programme", "ProgrammeEdition")


class Compared(NamedTuple):
    """One of those side by side, and the address of the page without it."""

    shown: Shown
    name: str
    style: str
    without: str


def answer(site: Site, request: Request) -> Response:
    """Return the page; names that were typed lead to the address with what they stand for.

    Raises:
        ProtocolError: 400 for an unknown parameter, a name of nothing, and for things that cannot
            be compared.
    """
    given = _given(request)
    if len(given) > MOST:  # before any is looked up, which takes time
        raise _malformed(f"ids names {len(given)} things; at most {MOST} fit side by side")
    names = list(dict.fromkeys(_name_of(site, each) for each in given))
    lens = _lens(site, request)
    things = [ox.NamedNode(f"{site.served.base}id/{name}") for name in names]
    are_networks = _are_networks(lens, things)
    is_only = request.query_params.get("only") == "differences"
    asked = {"ids": ",".join(names)} | ({"only": "differences"} if is_only else {})
    if names and request.query_params.multi_items() != list(asked.items()):
        return _to(site, request, asked)
    return html(
        site,
        request,
        "compare.html",
        lambda: {
            **_form(site, request, names),
            **_page(site, lens, names, things, are_networks, is_only),
        },
    )


def _given(request: Request) -> list[str]:
    if unknown := sorted(set(request.query_params) - {"ids", "only"}):
        raise _malformed(f"{unknown[0][:40]!r} is no parameter; there are ids, only")
    if request.query_params.get("only", "differences") != "differences":
        raise _malformed("only can be differences")
    parts = (part for text in request.query_params.getlist("ids") for part in _parts(text))
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _parts(text: str) -> list[str]:
    """Return what a parameter names: identifiers between commas, or one name with a comma in it."""
    return text.split(",") if "/" in text else [text]


def _name_of(site: Site, given: str) -> str:
    """Return what follows `/id/` in the IRI of a thing that was named.

    Args:
        site: What is served.
        given: Such as `city/lt-klaipeda`, its IRI, or a name as somebody types it.

    Raises:
        ProtocolError: 400; nothing here is called so.
    """
    name = given.removeprefix(site.served.base).removeprefix("id/")
    path = thing_of(name)
    if path is not None and path.startswith("id/") and exists(site, path):
        return name
    service = site.served.reconciliation
    if service is not None:
        for hit in search(service.things.index, given):
            local = {iri.removeprefix(f"{site.served.base}ont#") for iri in hit.record.types}
            if hit.tier <= Tier.PART and local & {*_CITIES, *_NETWORKS}:
                return hit.record.iri.removeprefix(f"{site.served.base}id/")
    raise _malformed(f"{shortened(given, 60)!r} is no city, body, network or programme here")


def _lens(site: Site, request: Request) -> Lens:
    languages = languages_of(request)
    reader = site.reader(languages)
    today = datetime.now(UTC).date()
    return Lens(reader, Origins(reader), interface_language(languages), today)


def _are_networks(lens: Lens, things: Sequence[ox.NamedNode]) -> bool:
    """Tell whether networks or programmes are compared.

    Raises:
        ProtocolError: 400; some are, and others are cities or bodies, or something else.
    """
    networks = [lens.is_a(thing, *_NETWORKS) for thing in things]
    known = [
        is_network or lens.is_a(thing, *_CITIES)
        for thing, is_network in zip(things, networks, strict=True)
    ]
    if not all(known):
        raise _malformed("only cities, bodies, networks and programmes can be compared")
    if any(networks) and not all(networks):
        raise _malformed("cities are compared with cities, and networks with networks")
    return any(networks)


def _to(site: Site, request: Request, asked: dict[str, str]) -> Response:
    """Return 303 to the one spelling of an address."""
    request.scope["query_string"] = urlencode(asked, safe="/,").encode()
    return see_other(request, site.path(PATH), "")


def _form(site: Site, request: Request, names: Sequence[str]) -> dict[str, Any]:
    """Return what the form offers: cities and networks by name, in the order of readers."""
    index = site.served.overview
    language = interface_language(languages_of(request))
    named = (
        [] if index is None else [*index.named("Network", language), *index.named("City", language)]
    )
    start = len(f"{site.served.base}id/")
    offered = [(each.entry.iri[start:], each.shown) for each in named[:_OFFERED]]
    return {"offered": offered, "most": MOST, "names": names}


def _page(
    site: Site,
    lens: Lens,
    names: Sequence[str],
    things: Sequence[ox.NamedNode],
    are_networks: bool,
    is_only: bool,
) -> dict[str, Any]:
    parts: list[Part] = []
    if len(things) > 1:
        parts = (of_networks if are_networks else of_cities)(lens, things)
    if is_only:
        parts = [p._replace(rows=tuple(r for r in p.rows if not r.is_same)) for p in parts]
    style = "network" if are_networks else "city"
    return {
        "compared": [
            Compared(lens.show(thing), name, style, _address(site, [n for n in names if n != name]))
            for thing, name in zip(things, names, strict=True)
        ],
        "parts": [part for part in parts if part.rows],
        "is_only": is_only,
        "all_path": _address(site, names),
        "only_path": _address(site, names) + "&only=differences",
        "sources": lens.origins.sources(),
        "language_name": language_name,
    }


def _address(site: Site, names: Sequence[str]) -> str:
    query = urlencode({"ids": ",".join(names)}, safe="/,")
    return f"{site.path(PATH)}?{query}" if names else site.path(PATH)


def _malformed(what: str) -> ProtocolError:
    return ProtocolError(400, "Malformed comparison", what)
