"""What crawlers read: /robots.txt, and the sitemap of all documents (https://www.sitemaps.org).

Crawlers are asked to stay with the documents: what takes work, or has no end, is not for them.
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
from kg.web.links import mount_of
from kg.web.responses import chosen_type, document, not_found
from kg.web.site import Site

XML: Final = MediaType("application/xml", "xml", "XML")
ADDRESSES: Final = 20_000  # in one file; the protocol allows 50,000, and 50 MB
_NUMBER: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_NOT_ALL: Final = "There may be documents besides those that are listed here."
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES: Final = ("", "class", "about")
_VOCABULARIES: Final = (
    "dataset",
    "ont",
    "shapes",
    "ref",
    "voc",
    "question",
)  # where they are described
_NOT_FOR_CRAWLERS: Final = (
    *("/sparql", "/validate", "/status", "/metrics", "/fragments", "/incoming/", "/linkset/"),
    *("/history/", "/timemap/", "/release/", "/cite", "/feed", "/dump/", "/*?"),
)


def routes(site: Site) -> list[Route]:
    """Return the routes of what crawlers read."""

    async def robots(request: Request) -> Response:
        return document(request, PLAIN, lambda: _robots(site))

    async def index(request: Request) -> Response:
        media_type = chosen_type(request, [XML], fixed=XML)
        return document(request, media_type, lambda: _index(site, request))

    async def part(request: Request) -> Response:
        given = request.path_params["number"]
        number = int(given) if _NUMBER.fullmatch(given) else 0
        if not 1 <= number <= _parts(site):
            raise not_found(request.url.path)
        return document(request, XML, lambda: _part(site, request, number))

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


def _addresses(site: Site) -> list[str]:
    store, base = site.served.store, site.served.base
    described = (
        name
        for name in _VOCABULARIES
        if any(store.quads_for_pattern(ox.NamedNode(base + name), None, None, None))
    )
    own = site.served.model.terms.addresses()
    return [*_PAGES, *described, *own, *(f"doc/{name}" for name in site.served.documents.names)]


def _parts(site: Site) -> int:
    return -(-len(_addresses(site)) // ADDRESSES)


def _index(site: Site, request: Request) -> bytes:
    numbers = range(1, _parts(site) + 1)
    return _written("sitemapindex", "sitemap", [f"sitemap/{n}.xml" for n in numbers], site, request)


def _part(site: Site, request: Request, number: int) -> bytes:
    found = _addresses(site)[(number - 1) * ADDRESSES : number * ADDRESSES]
    return _written("urlset", "url", found, site, request)


def _written(root: str, each: str, paths: list[str], site: Site, request: Request) -> bytes:
    ET.register_namespace("", _NAMESPACE)
    made = ET.Element(f"{{{_NAMESPACE}}}{root}")
    modified: float | None = request.scope["modified"]
    if not site.served.documents.is_whole:
        made.append(ET.Comment(_NOT_ALL))
    for path in paths:
        element = ET.SubElement(made, f"{{{_NAMESPACE}}}{each}")
        ET.SubElement(element, f"{{{_NAMESPACE}}}loc").text = f"{site.served.base}{path}"
        if modified is not None:
            day = datetime.fromtimestamp(modified, UTC).isoformat(timespec="seconds")
            ET.SubElement(element, f"{{{_NAMESPACE}}}lastmod").text = day
    return bytes(ET.tostring(made, encoding="utf-8", xml_declaration=True))
