"""Pages for people: home, the classes and their instances, about."""

from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.namespaces import OWL, RDF, RDFS
from kg.query.labels import TYPE
from kg.web.overview import front_page, lists
from kg.web.overview.index import LISTED
from kg.web.responses import html, languages_of, not_found, page_number
from kg.web.site import ClassCount, Site

PAGE_SIZE: Final = 100


def routes(site: Site) -> list[Route]:
    """Return the routes of the pages for people."""
    listed = {f"{site.served.base}ont#{name}" for name in LISTED}

    async def home(request: Request) -> Response:
        return html(site, request, "home.html", lambda: front_page.values(site, request))

    async def classes(request: Request) -> Response:
        return html(site, request, "classes.html", lambda: _classes(site, request))

    async def instances(request: Request) -> Response:
        name = request.path_params["name"]
        kind = next((kind for kind in site.classes if kind.key == name), None)
        index = site.served.overview
        if index is not None and name in LISTED and (kind is None or kind.iri in listed):
            found = lists.values(site, request, index, name)
            return html(site, request, "list.html", lambda: found)
        if kind is None:
            raise not_found(request.url.path)
        number = page_number(request)
        last = max(1, -(-kind.total // PAGE_SIZE))
        if number > last:
            raise not_found(f"page {number} of {kind.key}")
        values = (site, request, kind, number, last)
        return html(site, request, "class.html", lambda: _instances(*values))

    async def about(request: Request) -> Response:
        return html(site, request, "about.html", lambda: {"limits": site.limits})

    return [
        Route("/", home),
        Route("/class", classes),
        Route("/class/{name}", instances),
        Route("/about", about),
    ]


def _classes(site: Site, request: Request) -> dict[str, Any]:
    return {"classes": _named_classes(site, request)}


def _named_classes(site: Site, request: Request) -> list[tuple[ClassCount, Any]]:
    """Return the classes of the dataset's own things, with labels; not those of the ontology."""
    reader = site.reader(languages_of(request))
    hidden = (OWL, RDF, RDFS)
    kinds = [kind for kind in site.classes if not kind.iri.startswith(hidden)]
    return [(kind, reader.show(ox.NamedNode(kind.iri))) for kind in kinds]


def _instances(
    site: Site, request: Request, kind: ClassCount, number: int, last: int
) -> dict[str, Any]:
    reader = site.reader(languages_of(request))
    node = ox.NamedNode(kind.iri)
    found = site.served.store.quads_for_pattern(None, TYPE, node, ox.DefaultGraph())
    nodes = sorted((quad.subject for quad in found), key=str)
    first = (number - 1) * PAGE_SIZE
    return {
        "kind": kind,
        "label": reader.show(node),
        "items": [reader.show(item) for item in nodes[first : first + PAGE_SIZE]],
        "first": first + 1,
        "number": number,
        "last": last,
    }
