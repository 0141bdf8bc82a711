"""/feed: every change of every release, as a Linked Data Event Stream (https://w3id.org/ldes).

`/feed` is the root node; it leads to the pages `/feed/1`, `/feed/2` ... with the span of time of
each. A member is the state of a thing since a release changed it: its accepted statements with the
state in the place of the thing, the thing itself (`dcterms:isVersionOf`), the moment
(`prov:generatedAtTime`), and whether it was created, updated or deleted (ActivityStreams). A page
that is followed by another never changes again, but that what is removed on request is taken out;
only that it was deleted stays.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.archive import CREATE, DELETE, MEMBERS, NUMBER, UPDATE
from kg.mediatypes import HTML, RDF_TYPES, MediaType
from kg.namespaces import DCTERMS, PROV, RDF, XSD
from kg.web.datablock import MOST, block, dataset, described
from kg.web.entities import OFFERED, split_extension
from kg.web.history import ACTIVITY, state, state_iri
from kg.web.links import document_of
from kg.web.mementos import KEPT, hidden, past_of, without
from kg.web.responses import chosen_type, document, languages_of, not_found, page
from kg.web.signposts import Record, Sign, header, links, signs
from kg.web.site import Site
from kg.web.writing import Document

_LDES: Final = "https://w3id.org/ldes#"
_TREE: Final = "https://w3id.org/tree#"
_TYPE: Final = ox.NamedNode(RDF + "type")
# What schema.org calls the moment of a change.
_DATED: Final = {CREATE: "dateCreated", UPDATE: "dateModified", DELETE: "dateDeleted"}
_MOMENT: Final = ox.NamedNode(PROV + "generatedAtTime")


def routes(site: Site) -> list[Route]:
    """Return the routes of the feed and its pages."""

    async def root(request: Request) -> Response:
        return _root(site, request, past_of(request))

    async def members(request: Request) -> Response:
        return _members(site, request, past_of(request))

    return [
        Route("/feed", root),
        Route("/feed.{extension}", root),
        Route("/feed/{number}", members),
    ]


def _root(site: Site, request: Request, past: dict[str, Any]) -> Response:
    _, fixed = split_extension(request.scope["path"])
    if "extension" in request.path_params and fixed is None:
        raise not_found(request.url.path)
    media_type = chosen_type(request, OFFERED, fixed=fixed)
    found = _signs(site, "/feed", media_type, past)

    def make() -> bytes:
        if media_type == HTML:
            return _page(site, request, "/feed", [], past)
        node = ox.NamedNode(f"{site.served.base}feed")
        return _graph(site, set(_stream(site, node, past)), node, media_type)

    headers = {
        "Content-Location": site.path(f"/feed.{media_type.extension}"),
        "Link": header(found, site.mount),
    }
    return document(request, media_type, make, headers=headers)


def _signs(site: Site, address: str, media_type: MediaType, past: dict[str, Any]) -> list[Sign]:
    """Return the links of a page of the feed; those with members lead to the pages beside them."""
    iri = f"{site.served.base}{address.removeprefix('/')}"
    found = signs(Record(iri, address, (_TREE + "Node",), site.licence), media_type)
    place = address.rpartition("/")[2]
    if place.isdecimal():
        number, last = int(place), _pages(past)
        beside = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
        found.append(Sign("up", "/feed", HTML.name))
        found += [
            Sign(rel, f"/feed/{other}") for rel, other in beside.items() if 1 <= other <= last
        ]
    return found


def _members(site: Site, request: Request, past: dict[str, Any]) -> Response:
    name, fixed = split_extension(request.path_params["number"])
    if not past["changes"] or not NUMBER.fullmatch(name):
        raise not_found(request.url.path)
    changes = _shown(site, past)
    number = int(name)
    is_last = number == _pages(past)
    media_type = chosen_type(request, OFFERED, fixed=fixed)

    def make() -> bytes:
        if media_type == HTML:
            return _page(site, request, f"/feed/{number}", changes, past)
        node = ox.NamedNode(f"{site.served.base}feed/{number}")
        triples = set(_node(site, node, changes, past))
        if not is_last:
            immutable = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))
            triples.add(ox.Triple(node, ox.NamedNode(_LDES + "immutable"), immutable))
            ((first, _),) = _bounds(past, [number + 1])
            triples |= set(_relation(site, node, number + 1, "GreaterThanOrEqualTo", first))
        return _graph(site, triples, node, media_type)

    headers = {
        "Content-Location": site.path(f"/feed/{number}.{media_type.extension}"),
        "Link": header(_signs(site, f"/feed/{number}", media_type, past), site.mount),
    }
    if not is_last:
        headers["Cache-Control"] = KEPT
    return document(request, media_type, make, headers=headers)


def _shown(site: Site, past: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the changes, but for those that made or kept what no old state may show."""
    paths = hidden(site, past)
    return [
        change
        for change in past["changes"]
        if change["kind"] == DELETE or change["path"] not in paths
    ]


def _pages(past: dict[str, Any]) -> int:
    """Return how many pages there are."""
    total: int = sum(past["counts"])
    return -(-total // MEMBERS)


def _bounds(past: dict[str, Any], numbers: Iterable[int]) -> list[tuple[str, str]]:
    """Return the moments of the first and the last member of some pages."""
    ends = list(accumulate(past["counts"]))

    def moment(index: int) -> str:
        return str(past["releases"][bisect_right(ends, index)]["released"])

    return [
        (moment((number - 1) * MEMBERS), moment(min(number * MEMBERS, ends[-1]) - 1))
        for number in numbers
    ]


def _stream(site: Site, root: ox.NamedNode, past: dict[str, Any]) -> Iterator[ox.Triple]:
    """Give the description of the stream and the way to its pages."""
    stream = _stream_iri(site)
    yield ox.Triple(stream, _TYPE, ox.NamedNode(_LDES + "EventStream"))
    values: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (_TREE + "view", root),
        (_LDES + "timestampPath", _MOMENT),
        (_LDES + "versionOfPath", ox.NamedNode(DCTERMS + "isVersionOf")),
        (DCTERMS + "title", ox.Literal("Changes of the dataset, by release", language="en")),
        (DCTERMS + "license", ox.NamedNode(site.licence)),
        (DCTERMS + "source", site.dataset),
    ]
    for kind in (CREATE, UPDATE, DELETE):
        values.append((f"{_LDES}version{kind}Object", ox.NamedNode(ACTIVITY + kind)))
    for predicate, value in values:
        yield ox.Triple(stream, ox.NamedNode(predicate), value)
    yield ox.Triple(root, _TYPE, ox.NamedNode(_TREE + "Node"))
    numbers = range(1, _pages(past) + 1)
    for number, (first, last) in zip(numbers, _bounds(past, numbers), strict=True):
        yield from _relation(site, root, number, "GreaterThanOrEqualTo", first)
        if number < numbers.stop - 1:
            yield from _relation(site, root, number, "LessThanOrEqualTo", last)


def _relation(
    site: Site, node: ox.NamedNode, number: int, kind: str, moment: str
) -> Iterator[ox.Triple]:
    relation = ox.NamedNode(f"{node.value}#{kind}-{number}")
    value = ox.Literal(moment, datatype=ox.NamedNode(XSD + "dateTime"))
    target = ox.NamedNode(f"{site.served.base}feed/{number}")
    yield ox.Triple(node, ox.NamedNode(_TREE + "relation"), relation)
    yield ox.Triple(relation, _TYPE, ox.NamedNode(f"{_TREE}{kind}Relation"))
    yield ox.Triple(relation, ox.NamedNode(_TREE + "node"), target)
    yield ox.Triple(relation, ox.NamedNode(_TREE + "path"), _MOMENT)
    yield ox.Triple(relation, ox.NamedNode(_TREE + "value"), value)


def _node(
    site: Site, node: ox.NamedNode, changes: list[dict[str, Any]], past: dict[str, Any]
) -> Iterator[ox.Triple]:
    """Give a page of members."""
    yield ox.Triple(node, _TYPE, ox.NamedNode(_TREE + "Node"))
    for change in changes:
        member = state_iri(site.served.base, change)
        yield ox.Triple(_stream_iri(site), ox.NamedNode(_TREE + "member"), member)
        yield from state(site.served.base, change)
        lines = without(zlib.decompress(change["state"]), site, past)
        for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES):
            yield ox.Triple(member, quad.predicate, quad.object)


def _stream_iri(site: Site) -> ox.NamedNode:
    return ox.NamedNode(f"{site.served.base}feed#stream")


def _graph(site: Site, triples: set[ox.Triple], node: ox.NamedNode, media_type: MediaType) -> bytes:
    made = Document(node, node.value, triples=triples).write(site, [media_type])
    return made[media_type.extension]


def _page(
    site: Site,
    request: Request,
    path: str,
    changes: list[dict[str, Any]],
    past: dict[str, Any],
) -> bytes:
    rows = _rows(site, request, changes)
    numbers = _near(path, _pages(past))
    pages = [
        (site.path(f"/feed/{number}"), first[:10], last[:10])
        for number, (first, last) in zip(numbers, _bounds(past, numbers), strict=True)
    ]
    formats = [(kind, site.path(f"{path}.{kind.extension}")) for kind in RDF_TYPES]
    iri = site.served.base + path.removeprefix("/")
    values = {"rows": rows, "pages": pages, "formats_list": formats, "iri": iri}
    values["signs"] = links(_signs(site, path, HTML, past), site.mount)
    return page(site, request, "feed.html", data_block=_data_block(site, iri, changes), **values)


def _data_block(site: Site, iri: str, changes: list[dict[str, Any]]) -> Markup:
    """Return the feed in the words of schema.org, with the first changes of the page."""
    items = [
        {"@type": "DataFeedItem", "item": {"@id": f"{site.served.base}{change['path']}"}}
        | {_DATED[change["kind"]]: change["released"]}
        for change in changes[:MOST]
    ]
    name = "Changes of the dataset, by release"
    more = {"isPartOf": dataset(site), "dataFeedElement": items}
    return block(described(site, "DataFeed", iri, name, **more))


def _near(path: str, last: int) -> list[int]:
    """Return the first page, the last one, and those beside a page, for who reads it."""
    place = path.rpartition("/")[2]
    number = int(place) if place.isdecimal() else last
    near = {1, number - 1, number, number + 1, last}
    return sorted(each for each in near if 1 <= each <= last)


def _rows(site: Site, request: Request, changes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return thing, kind of change, version, day and the address of the change, for a page."""
    reader = site.reader(languages_of(request))
    return [
        (
            reader.show(ox.NamedNode(site.served.base + change["path"])),
            change["kind"],
            change["version"],
            change["released"][:10],
            site.path(f"/history/{document_of(change['path'])}#{change['version']}"),
        )
        for change in changes
    ]
