"""Things and the documents about them: /id, /voc and /graph answer 303, /doc answers.

A thing is not a web page, so its IRI gives 303 and the document says what it is about (W3C, Cool
URIs for the Semantic Web, section 4.2). Another spelling of the path of a thing, as people and
other programs write it, is moved to the one that it has (`other_spelling`).
"""

import bisect
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, RDF_TYPES, MediaType, by_extension, with_aliases
from kg.query.labels import TYPE
from kg.web.documents import (
    document_for,
    page_count,
)
from kg.web.links import document_of, thing_of
from kg.web.linksets import linkset_answer
from kg.web.moments import asked_moment, document_at
from kg.web.responses import (
    chosen_type,
    document,
    moved,
    not_found,
    page,
    page_number,
    see_other,
)
from kg.web.retirement import answer as answer_retired
from kg.web.retirement import retired_path
from kg.web.schemaorg import data_block
from kg.web.signposts import (
    LINKSET_TYPES,
    Record,
    Sign,
    header,
    links,
    neighbours,
    signs,
)
from kg.web.site import Site
from kg.web.things.page import description_page, thing_page
from kg.web.writing import NoSuchPageError

OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
_NAMED: Final = (HTML, *RDF_TYPES)


def routes(site: Site) -> list[Route]:
    """Return the routes of things and their documents."""

    async def thing(request: Request) -> Response:
        given = request.scope["path"].removeprefix("/")
        if is_namespace(site, given):
            return see_other(request, site.path("/voc" if given == "voc/" else "/class"), "")
        path, fixed = split_extension(given)
        if path in site.retired:
            return answer_retired(site, request, path, "/doc/" if fixed else "", fixed)
        target = document_of(path)
        if target is None or not exists(site, path):
            found = other_spelling(site, path)
            target = None if found is None else document_of(found)
            if found is None or target is None:
                raise not_found(request.url.path)
            if fixed is None:
                return moved(request, site.path(f"/{found}"))
        if fixed is not None:
            return moved(request, site.path(f"/doc/{target}.{fixed.extension}"))
        described = header(_signs_of_thing(target), site.mount)
        return see_other(request, site.path(f"/doc/{target}"), described)

    async def doc(request: Request) -> Response:
        name, fixed = split_extension(request.path_params["path"])
        if gone := retired_path(site, name):
            return answer_retired(site, request, gone, "/doc/", fixed)
        path = thing_of(name)
        if path is None or not exists(site, path):
            found = other_spelling(site, path or f"id/{name}")
            if found is None:
                raise not_found(request.url.path)
            extension = f".{fixed.extension}" if fixed else ""
            return moved(request, site.path(f"/doc/{document_of(found)}{extension}"))
        media_type = chosen_type(request, OFFERED, fixed=fixed)
        return _document(site, request, path, media_type)

    async def linkset_of(request: Request) -> Response:
        name, fixed = split_extension(request.path_params["path"], LINKSET_TYPES)
        if gone := retired_path(site, name):
            return answer_retired(site, request, gone, "/linkset/", fixed)
        path = thing_of(name)
        if path is None or not exists(site, path):
            raise not_found(request.url.path)
        return linkset_answer(site, request, record_of(site, path), fixed)

    return [
        Route("/id/{path:path}", thing),
        Route("/voc/{path:path}", thing),
        Route("/graph/{path:path}", thing),
        Route("/doc/{path:path}", doc),
        Route("/linkset/{path:path}", linkset_of),
    ]


def is_namespace(site: Site, path: str) -> bool:
    """Tell whether a path is what the names of things begin with, such as `id/city/`.

    Such an IRI stands in prefixes and in `void:uriSpace`. It is no thing, and leads to the lists.
    """
    if path in ("id/", "voc/", "graph/", "graph/source/"):
        return True
    things = site.served.documents.things
    at = bisect.bisect_left(things, path)
    following = things[at : at + 1]
    is_like_one = path.startswith("id/") and path.endswith("/")
    return is_like_one and any(each.startswith(path) for each in following)


def location_of(name: str, media_type: MediaType, mount: str) -> dict[str, str]:
    """Return the header that says where a representation of a document has its own address."""
    return {"Content-Location": f"{mount}/doc/{name}.{media_type.extension}"}


def split_extension(
    path: str, offered: Sequence[MediaType] = _NAMED
) -> tuple[str, MediaType | None]:
    """Return the name of a document, and the media type where its extension says one."""
    name, _, extension = path.rpartition(".")
    found = by_extension(extension, offered)
    return (path, None) if found is None else (name, found)


def other_spelling(site: Site, path: str) -> str | None:
    """Return the path of the thing that was meant by another spelling of it; None if there is none.

    Capital letters, letters with marks, spaces, underscores and dots become what paths have
    instead: `id/City/LT_Klaipėda` means `id/city/lt-klaipeda`.

    Args:
        site: What is served.
        path: Below the base; nothing has it as its own.
    """
    plain = unicodedata.normalize("NFKD", path.casefold()).encode("ascii", "ignore").decode()
    meant = re.sub(r"[\s_.]+", "-", plain)
    if meant == path or document_of(meant) is None:
        return None
    return meant if meant in site.retired or exists(site, meant) else None


def record_of(site: Site, path: str) -> Record:
    """Return a thing and its documents, for the links between them.

    Args:
        site: What is served.
        path: Of the thing, below the base.
    """
    iri = f"{site.served.base}{path}"
    found = site.served.store.quads_for_pattern(ox.NamedNode(iri), TYPE, None, ox.DefaultGraph())
    kinds = sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))
    return Record(iri, f"/doc/{document_of(path)}", tuple(kinds), site.licence)


def _signs_of_thing(target: str) -> list[Sign]:
    """Give the links of the answer that leads from a thing to its documents."""
    return [Sign("describedby", f"/doc/{target}.{offer.extension}", offer.name) for offer in _NAMED]


def exists(site: Site, path: str) -> bool:
    """Tell whether anything is said about a thing, by it or of it, and it is not retired."""
    if path in site.retired:
        return False
    store, node = site.served.store, ox.NamedNode(site.served.base + path)
    if path.startswith("graph/"):
        return node.value in site.graphs
    said = store.quads_for_pattern(node, None, None, None)
    pointing = store.quads_for_pattern(None, None, node, None)
    return next(said, None) is not None or next(pointing, None) is not None


def _document(site: Site, request: Request, path: str, media_type: MediaType) -> Response:
    name = document_of(path) or ""
    iri = f"{site.served.base}{path}"
    if "at" in request.query_params and not path.startswith("graph/"):
        return _document_at(site, request, path, media_type)
    number = page_number(request)
    try:
        made = None if media_type == HTML else document_for(site, iri, name, number)
    except NoSuchPageError as error:
        raise not_found(f"{error} of {request.url.path}") from error
    pages = page_count(site, iri) if made is None else made.pages
    if number > pages:
        raise not_found(f"page {number} of {request.url.path}")
    query = f"page={number}" if number > 1 else ""
    found = signs(record_of(site, path), media_type, query)
    found += neighbours(f"/doc/{name}.{media_type.extension}", number, pages)

    def make() -> bytes:
        if made is None:
            template, values = description_page(site, request, iri, number)
            values |= {"signs": links(found, site.mount), "formats_list": _formats(site, name)}
            values["data_block"] = data_block(site, iri)
            return page(site, request, template, **values)
        return made.write(site, [media_type])[media_type.extension]

    headers = location_of(name, media_type, site.mount)
    members = page_number(request, "members")
    if number > 1:
        headers["Content-Location"] += f"?page={number}"
    elif members > 1 and media_type == HTML:
        headers["Content-Location"] += f"?members={members}"
    headers["Link"] = header(found, site.mount)
    return document(request, media_type, make, headers=headers)


def _document_at(site: Site, request: Request, path: str, media_type: MediaType) -> Response:
    """Return what held on a day, or in a month or year; all of it in one document."""
    moment = asked_moment(site, request.query_params["at"])
    name, iri = document_of(path) or "", f"{site.served.base}{path}"
    address = f"{site.path(f'/doc/{name}')}.%s?at={moment.period.text}"
    found = signs(record_of(site, path), media_type, f"at={moment.period.text}")

    def make() -> bytes:
        if media_type == HTML:
            _, values = thing_page(site, request, iri, None, moment)
            values |= {"period": moment.period.text, "name": name}
            values["signs"] = links(found, site.mount)
            values["verdict"] = moment.of_thing(ox.NamedNode(iri))
            values["formats_list"] = [(each, address % each.extension) for each in RDF_TYPES]
            return page(site, request, "moment.html", **values)
        return document_at(site, iri, name, moment).write(site, [media_type])[media_type.extension]

    headers = {"Content-Location": address % media_type.extension}
    headers["Link"] = header(found, site.mount)
    return document(request, media_type, make, headers=headers)


def _formats(site: Site, name: str) -> list[tuple[MediaType, str]]:
    return [(each, site.path(f"/doc/{name}.{each.extension}")) for each in RDF_TYPES]
