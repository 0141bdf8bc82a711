"""What points at a thing: /incoming, in pages, as HTML and as RDF."""

from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.description.pointing import Pointing
from kg.mediatypes import HTML, RDF_TYPES, MediaType, with_aliases
from kg.query.labels import Shown
from kg.web.documents import incoming_document
from kg.web.entities import exists, split_extension
from kg.web.links import thing_of
from kg.web.responses import (
    chosen_type,
    document,
    languages_of,
    not_found,
    page,
    page_number,
)
from kg.web.retirement import answer as answer_retired
from kg.web.retirement import retired_path
from kg.web.signposts import DATASET, Sign, header, links, neighbours
from kg.web.site import Site
from kg.web.writing import NoSuchPageError

_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))


def routes(site: Site) -> list[Route]:
    """Return the route of what points at things."""

    async def incoming(request: Request) -> Response:
        name, fixed = split_extension(request.path_params["path"])
        if gone := retired_path(site, name):
            return answer_retired(site, request, gone, "/incoming/", fixed)
        path = thing_of(name)
        if path is None or not exists(site, path):
            raise not_found(request.url.path)
        media_type = chosen_type(request, _OFFERED, fixed=fixed)
        return _incoming(site, request, name, media_type)

    return [Route("/incoming/{path:path}", incoming)]


def _incoming(site: Site, request: Request, name: str, media_type: MediaType) -> Response:
    iri, number = f"{site.served.base}{thing_of(name)}", page_number(request)
    found = Pointing(site.served.store, ox.NamedNode(iri))
    pages = found.pages(number)
    if number > pages:
        raise not_found(f"page {number} of {request.url.path}")
    address = f"/incoming/{name}"
    signs = _signs(site, address, media_type)
    signs += [
        sign
        for sign in neighbours(f"{address}.{media_type.extension}", number, pages)
        if found.is_counted or sign.rel != "last"
    ]

    def make() -> bytes:
        if media_type == HTML:
            values = _values(site, request, iri, number, found)
            formats = [(each, site.path(f"{address}.{each.extension}")) for each in RDF_TYPES]
            head = {"signs": links(signs, site.mount), "formats_list": formats}
            paths = {"page_path": site.path(address), "document_path": site.path(f"/doc/{name}")}
            return page(site, request, "incoming.html", **values, **head, **paths)
        return _written(site, iri, name, number, found, media_type)

    query = f"?page={number}" if number > 1 else ""
    headers = {
        "Content-Location": site.path(f"{address}.{media_type.extension}{query}"),
        "Link": header(signs, site.mount),
    }
    return document(request, media_type, make, headers=headers)


def _written(
    site: Site, iri: str, name: str, number: int, found: Pointing, media_type: MediaType
) -> bytes:
    try:
        made = incoming_document(site, iri, name, number, found)
    except NoSuchPageError as error:
        raise not_found(f"{error} of /incoming/{name}") from error
    return made.write(site, [media_type])[media_type.extension]


def _signs(site: Site, address: str, media_type: MediaType) -> list[Sign]:
    found = [
        Sign("license", site.licence),
        Sign("up", address.replace("/incoming/", "/doc/", 1)),
        Sign("collection", DATASET, HTML.name),
    ]
    for other in (HTML, *RDF_TYPES):
        if other != media_type:
            found.append(Sign("alternate", f"{address}.{other.extension}", other.name))
    return found


def _values(site: Site, request: Request, iri: str, number: int, found: Pointing) -> dict[str, Any]:
    reader = site.reader(languages_of(request))
    groups: dict[ox.NamedNode, list[Shown]] = {}
    for quad in found.page(number):
        if not isinstance(quad.subject, ox.Triple):
            groups.setdefault(quad.predicate, []).append(reader.show(quad.subject))
    return {
        "thing": reader.show(ox.NamedNode(iri)),
        "by_property": [(reader.show(predicate), shown) for predicate, shown in groups.items()],
        "total": found.total,
        "is_counted": found.is_counted,
        "number": number,
        "pages": found.pages(number),
    }
