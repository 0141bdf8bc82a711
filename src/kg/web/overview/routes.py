"""The addresses of the pages over many things: /compare, /country, /completeness."""

from typing import Any

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.query.protocol import ProtocolError
from kg.web.overview import countries
from kg.web.overview.compared import PATH, answer
from kg.web.overview.index import Index
from kg.web.responses import html, languages_of
from kg.web.site import Site
from kg.web.totals import network_numbers


def routes(site: Site) -> list[Route]:
    """Return the routes."""

    async def compare(request: Request) -> Response:
        return answer(site, request)

    async def every(request: Request) -> Response:
        index = _index(site)
        made = countries.all_values
        return html(site, request, "countries.html", lambda: made(site, request, index))

    async def one(request: Request) -> Response:
        index, code = _index(site), request.path_params["code"]
        found = countries.one_values(site, request, index, code)
        return html(site, request, "country.html", lambda: found)

    async def completeness(request: Request) -> Response:
        _index(site)
        return html(site, request, "completeness.html", lambda: _measured(site, request))

    return [
        Route(PATH, compare),
        Route("/country", every),
        Route("/country/{code}", one),
        Route("/completeness", completeness),
    ]


def _index(site: Site) -> Index:
    """Return what was worked out ahead.

    Raises:
        ProtocolError: 501; this server works nothing out ahead.
    """
    index = site.served.overview
    if index is None:
        detail = (
            "the graph that is served here is in another store or too large to be held in memory, "
            "so nothing is counted ahead; ask /sparql"
        )
        raise ProtocolError(501, "Not available here", detail)
    return index


def _measured(site: Site, request: Request) -> dict[str, Any]:
    reader = site.reader(languages_of(request))
    rows = [(reader.show(ox.NamedNode(each.iri)), each) for each in site.served.completeness]
    keys = {kind.iri: kind.key for kind in site.classes}
    return {"measured": rows, "keys": keys, "networks": network_numbers(site, request)}
