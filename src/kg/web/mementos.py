"""The past of documents: each as a release had it, and the TimeMaps that list them (RFC 7089).

What a release had comes with the job, as `kg.web.timeline` puts it there: the document in N-Quads.
As RDF it is the same graph; as a page it is made of that graph alone, but for labels of terms that
the document does not hold, which are those of today.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg import retired
from kg.mediatypes import HTML, N_QUADS, RDF_TYPES, MediaType
from kg.memento import (
    LINK_FORMAT,
    TIMEMAP_JSON,
    Original,
    http_date,
    original_of,
    timemap_json,
    timemap_links,
    version_links,
)
from kg.query.labels import LABEL_PROPERTIES, TYPE
from kg.query.protocol import ProtocolError
from kg.terms import Quads
from kg.web.entities import OFFERED, exists, split_extension
from kg.web.links import page_of, paged, thing_of
from kg.web.responses import chosen_type, document, moved, not_found, page
from kg.web.retirement import tombstone
from kg.web.signposts import DATASET, Record, Sign, header, links, signs
from kg.web.site import Site
from kg.web.things.page import description_page
from kg.web.writing import Document

_DEFAULT: Final = ox.DefaultGraph()
# What is taken out of old states on request is to be gone from caches soon.
KEPT: Final = "public, max-age=3600, must-revalidate"


def routes(site: Site) -> list[Route]:
    """Return the routes of versions of documents and of their lists."""

    async def version(request: Request) -> Response:
        return _version(site, request)

    async def timemap(request: Request) -> Response:
        return _timemap(site, request)

    async def release(request: Request) -> Response:
        version = request.path_params.get("version")
        return moved(
            request, site.path("/dump" if version is None else f"/dump/{quote(version, safe='')}")
        )

    return [
        Route("/release", release),
        Route("/release/{version}", release),
        Route("/release/{version}/doc/{path:path}", version),
        Route("/timemap/{path:path}", timemap),
    ]


def past_of(request: Request) -> dict[str, Any]:
    """Return what `kg.web.timeline` says about releases; nothing where there is no front.

    A page about releases changes when there is a new one, and when the snapshot does.
    """
    empty: dict[str, Any] = {"served": None, "releases": [], "holding": [], "changes": []}
    empty |= {"hidden": [], "changed": None, "counts": [], "body": None}
    past = empty | (request.scope["job"].get("past") or {})
    modified = request.scope["modified"]
    if modified is not None and past["changed"] is not None:
        request.scope["modified"] = max(modified, past["changed"])
    return past


def _version(site: Site, request: Request) -> Response:
    past = past_of(request)
    name, fixed = split_extension(request.path_params["path"])
    thing = thing_of(name)
    if thing is not None and thing in hidden(site, past):
        return removed(site, request, thing, fixed)
    moment = _released(request, past)
    media_type = chosen_type(request, OFFERED, fixed=fixed)
    whole = zlib.decompress(past["body"])
    body = without(whole, site, past)
    if body == whole and media_type != HTML:  # a page changes with its templates
        request.scope["modified"] = moment.timestamp()

    iri = f"{site.served.base}{thing_of(name)}"
    found = _signs(site, request, ox.NamedNode(iri), body, media_type)

    def make() -> bytes:
        if media_type == HTML:
            shown = {"version": request.path_params["version"], "moment": moment}
            return _page(site, request, iri, body, shown, links(found, site.mount))
        return _document(site, body, ox.NamedNode(iri), media_type)

    headers = _headers(site, request, past, moment, media_type)
    headers["Link"] += f", {header(found, site.mount)}"
    return document(request, media_type, make, headers=headers)


def _released(request: Request, past: dict[str, Any]) -> datetime:
    """Return when the release was made of which a document is asked for.

    Raises:
        ProtocolError: 404 where there is no such release or no such document in it.
    """
    wanted = request.path_params["version"]
    released = {item["version"]: item["released"] for item in past["releases"]}
    if wanted not in released:
        raise ProtocolError(404, "No such release", f"there is no release {wanted!r}; see /release")
    if past["body"] is None:
        raise _not_held(request, wanted, past["holding"])
    return datetime.fromisoformat(released[wanted])


def _headers(
    site: Site, request: Request, past: dict[str, Any], moment: datetime, media_type: MediaType
) -> dict[str, str]:
    wanted, number = request.path_params["version"], page_of(request.url.query)
    original = _original(site, past, paged(request.path_params["path"], number))
    name, _ = split_extension(request.path_params["path"])
    address = site.path(f"/release/{wanted}/doc/{name}.{media_type.extension}")
    return {
        "Memento-Datetime": http_date(moment),
        "Link": version_links(original, past["holding"].index(wanted)),
        "Cache-Control": KEPT,
        "Content-Location": paged(address, number),
    }


def _signs(
    site: Site, request: Request, thing: ox.NamedNode, body: bytes, media_type: MediaType
) -> list[Sign]:
    """Return the links of a version, which is cited by its own address."""
    name, _ = split_extension(request.path_params["path"])
    number = page_of(request.url.query)
    address = f"release/{request.path_params['version']}/doc/{name}"
    kinds = {
        quad.object.value
        for quad in ox.parse(body, format=ox.RdfFormat.N_QUADS)
        if quad.subject == thing and quad.predicate == TYPE and quad.graph_name == _DEFAULT
        if isinstance(quad.object, ox.NamedNode)
    }
    iri = f"{site.served.base}{paged(address, number)}"
    record = Record(iri, f"/{address}", tuple(sorted(kinds)), site.licence)
    return signs(record, media_type, f"page={number}" if number > 1 else "")


def hidden(site: Site, past: dict[str, Any]) -> frozenset[str]:
    """Return the paths of what no old state may show.

    That is what was removed on request, and what only said something about it, such as a claim.
    """
    removed = (path for path, record in site.retired.items() if record.is_on_request)
    return frozenset(past["hidden"]).union(removed)


def without(lines: bytes, site: Site, past: dict[str, Any]) -> bytes:
    """Return lines of N-Quads or N-Triples, but for those that name what is hidden."""
    paths = hidden(site, past)
    if not paths:
        return lines
    kept = retired.without(lines.splitlines(keepends=True), paths, site.served.base)
    return b"".join(kept)


def removed(site: Site, request: Request, path: str, fixed: MediaType | None = None) -> Response:
    """Return 410 for the past of what is hidden: its tombstone, where it has one.

    Args:
        site: What is served.
        request: What asked.
        path: Of the thing.
        fixed: The media type that the extension of the address says.

    Raises:
        ProtocolError: 410; it has no tombstone, because only what it was about was retired.
    """
    record = site.retired.get(path)
    if record is not None:
        return tombstone(site, request, record, fixed)
    detail = f"{path} went with what it was about, which was removed on request"
    raise ProtocolError(410, "Removed on request", detail)


def _not_held(request: Request, wanted: str, holding: list[str]) -> ProtocolError:
    others = f"these have it: {', '.join(holding)}" if holding else "no release has it"
    detail = f"{request.path_params['path']} is not in release {wanted}; {others}"
    return ProtocolError(404, "Not in this release", detail)


def _document(site: Site, body: bytes, topic: ox.NamedNode, media_type: MediaType) -> bytes:
    """Return a kept document in another format."""
    if media_type == N_QUADS:
        return body
    quads = list(ox.parse(body, format=ox.RdfFormat.N_QUADS))
    accepted = {quad.triple for quad in quads if quad.graph_name == _DEFAULT}
    stated = [quad for quad in quads if quad.graph_name != _DEFAULT]
    kept = Document(topic, topic.value, triples=accepted, stated=set(stated))
    return kept.write(site, [media_type])[media_type.extension]


def _page(
    site: Site,
    request: Request,
    iri: str,
    body: bytes,
    memento: dict[str, Any],
    head: list[tuple[str, str, str]],
) -> bytes:
    """Return the page of a kept document, under a line that says so."""
    store = ox.Store()
    store.load(body, format=ox.RdfFormat.N_QUADS)
    then = _Labelled(store, site.served.store)
    quads = store.quads_for_pattern(None, None, None, None)
    names = [quad.graph_name for quad in quads]
    graphs = Counter(name.value for name in names if isinstance(name, ox.NamedNode))
    if iri.startswith(f"{site.served.base}graph/"):
        graphs.setdefault(iri, 0)  # all that it said may be hidden
    served = replace(site.served, store=then, version=memento["version"], graphs=graphs)
    parent, values = description_page(replace(site, served=served), request, iri)
    name = request.path_params["path"].removesuffix(f".{HTML.extension}")
    shown = {**values, "parent": parent, "memento": memento, "version": memento["version"]}
    shown["now"], shown["timemap"] = site.path(f"/doc/{name}"), site.path(f"/timemap/{name}")
    at = site.path(f"/release/{memento['version']}/doc/{name}")
    shown["formats_list"] = [
        (media_type, f"{at}.{media_type.extension}") for media_type in RDF_TYPES
    ]
    return page(site, request, "memento.html", signs=head, **shown)


class _Labelled:
    """A small store, with labels from a large one for what has none in it; `kg.terms.Quads`."""

    def __init__(self, small: Quads, large: Quads) -> None:
        self._small = small
        self._large = large

    def quads_for_pattern(
        self,
        subject: ox.NamedNode | ox.BlankNode | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None,
        graph_name: ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None = None,
    ) -> Iterator[ox.Quad]:
        """Give the statements that match; None matches anything."""
        found = list(self._small.quads_for_pattern(subject, predicate, object, graph_name))
        if not found and subject is not None and predicate in LABEL_PROPERTIES:
            return self._large.quads_for_pattern(subject, predicate, object, graph_name)
        return iter(found)


def _timemap(site: Site, request: Request) -> Response:
    past, name = past_of(request), request.path_params["path"]
    is_json = name.endswith(f".{TIMEMAP_JSON.extension}")
    name = name.removesuffix(f".{TIMEMAP_JSON.extension}")
    thing = thing_of(split_extension(name)[0])
    if thing is not None and thing in hidden(site, past):
        return removed(site, request, thing)
    if thing is None or not (past["holding"] or exists(site, thing)):
        raise not_found(request.url.path)
    fixed = TIMEMAP_JSON if is_json else None
    media_type = chosen_type(request, (LINK_FORMAT, TIMEMAP_JSON), fixed=fixed)
    original = _original(site, past, paged(name, page_of(request.url.query)))
    make = timemap_json if media_type == TIMEMAP_JSON else timemap_links
    found = header(_signs_of_timemap(site, original, media_type), site.mount)
    return document(request, media_type, lambda: make(original), headers={"Link": found})


def _signs_of_timemap(site: Site, original: Original, media_type: MediaType) -> list[Sign]:
    name, mark, query = original.timemap.removeprefix(site.served.base).partition("?")
    as_json = Sign("alternate", f"/{name}.json{mark}{query}", TIMEMAP_JSON.name)
    as_links = Sign("alternate", f"/{name}{mark}{query}", LINK_FORMAT.name)
    return [
        Sign("cite-as", original.timemap),
        Sign("license", site.licence),
        Sign("original", original.address),
        as_links if media_type == TIMEMAP_JSON else as_json,
        Sign("collection", DATASET, HTML.name),
    ]


def _original(site: Site, past: dict[str, Any], name: str) -> Original:
    released = {item["version"]: item["released"] for item in past["releases"]}
    versions = [(version, datetime.fromisoformat(released[version])) for version in past["holding"]]
    return original_of(site.served.base, name, versions)
