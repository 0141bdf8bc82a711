"""What crawlers read: /robots.txt, and the sitemap of all documents (https://www.sitemaps.org).

Crawlers are asked to stay with the documents: what takes work, or has no end, is not for them, and
neither are the files of a release, whose page is.
"""

import re
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import PLAIN, MediaType
from kg.release import text_of
from kg.web.links import mount_of
from kg.web.mementos import past_of
from kg.web.responses import chosen_type, document, not_found
from kg.web.site import Site

XML: Final = MediaType("application/xml", "xml", "XML")
ADDRESSES: Final = 20_000  # in one file; the protocol allows 50,000, and 50 MB
_NUMBER: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_NOT_ALL: Final = "There may be documents besides those that are listed here."
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES: Final = ("", "class", "about")
_AHEAD: Final = ("totals", "contested")  # there where answers are worked out ahead
# There where they are described.
_DESCRIBED: Final = ("dataset", "catalog", "ont", "shapes", "ref", "voc", "question")
_WITH_RELEASES: Final = ("dataset", "catalog")  # what says which releases there are
_NOT_FOR_CRAWLERS: Final = (
    "/candidates",
    "/reconcile",
    "/search",
    *("/sparql", "/validate", "/status", "/metrics", "/fragments", "/incoming/", "/linkset/"),
    *("/history/", "/timemap/", "/release/", "/cite", "/feed", "/dump/*/", "/*?"),
)


def routes(site: Site) -> list[Route]:
    """Return the routes of what crawlers read."""

    async def robots(request: Request) -> Response:
        return document(request, PLAIN, lambda: _robots(site))

    async def index(request: Request) -> Response:
        media_type = chosen_type(request, [XML], fixed=XML)
        made = _index(site, request)
        return document(request, media_type, lambda: made)

    async def part(request: Request) -> Response:
        given = request.path_params["number"]
        number = int(given) if _NUMBER.fullmatch(given) else 0
        entries = _entries(site, request)[(number - 1) * ADDRESSES : number * ADDRESSES]
        if number < 1 or not entries:
            raise not_found(request.url.path)
        return document(request, XML, lambda: _written("urlset", "url", entries, site))

    return [
        Route("/robots.txt", robots),
        Route("/sitemap.xml", index),
        Route("/sitemap/{number}.xml", part),
    ]


def _robots(site: Site) -> bytes:
    """Return the rules (RFC 9309); a path counts at the root and under the path of the base."""
    mounts = dict.fromkeys(["", mount_of(site.served.base)])
    refused = [f"Disallow: {mount}{path}" for mount in mounts for path in _NOT_FOR_CRAWLERS]
    lines = ["User-agent: *", *refused, "", f"Sitemap: {site.served.base}sitemap.xml", ""]
    return "\n".join(lines).encode()


def _entries(site: Site, request: Request) -> list[tuple[str, str]]:
    """Return what there is, below the base, each with the moment of its last change, if known."""
    past = past_of(request)
    store, base, modified = site.served.store, site.served.base, _text(site.modified)
    described = (
        name
        for name in _DESCRIBED
        if any(store.quads_for_pattern(ox.NamedNode(base + name), None, None, None))
    )
    of_releases = _text(request.scope["modified"])  # their list is in the description too
    released = [(f"dump/{found['version']}", found["released"]) for found in past["releases"]]
    ahead = _AHEAD if site.served.is_ahead else ()
    paths = [*_PAGES, *ahead, *described, *site.served.model.terms.addresses()]
    paths += [f"doc/{name}" for name in site.served.documents.names]
    dated = [(path, of_releases if path in _WITH_RELEASES else modified) for path in paths]
    return [*dated, *([("dump", of_releases)] if released else []), *released]


def _text(moment: float | None) -> str:
    """Return a moment, in seconds since 1970, as W3C-DTF has it; empty for None."""
    return "" if moment is None else text_of(datetime.fromtimestamp(moment, UTC))


def _index(site: Site, request: Request) -> bytes:
    count = -(-len(_entries(site, request)) // ADDRESSES)
    moment = _text(request.scope["modified"])
    parts = [(f"sitemap/{number}.xml", moment) for number in range(1, count + 1)]
    return _written("sitemapindex", "sitemap", parts, site)


def _written(root: str, each: str, entries: list[tuple[str, str]], site: Site) -> bytes:
    ET.register_namespace("", _NAMESPACE)
    made = ET.Element(f"{{{_NAMESPACE}}}{root}")
    if not site.served.documents.is_whole:
        made.append(ET.Comment(_NOT_ALL))
    for path, moment in entries:
        element = ET.SubElement(made, f"{{{_NAMESPACE}}}{each}")
        ET.SubElement(element, f"{{{_NAMESPACE}}}loc").text = f"{site.served.base}{path}"
        if moment:
            ET.SubElement(element, f"{{{_NAMESPACE}}}lastmod").text = moment
    return bytes(ET.tostring(made, encoding="utf-8", xml_declaration=True))
