"""Search: things by any of their names, for people, for programs and for the box of a browser.

`/search` answers as a page or as JSON, by `Accept` or by extension. A result says by which name it
was found, how that name and the text are alike, and which sources have it. `/opensearch.xml`
describes the search to browsers (OpenSearch 1.1 draft 6).
"""

import json
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.matching import Record
from kg.matching.search import LONGEST, Hit, Tier, graphs_of, search, why
from kg.mediatypes import HTML, MediaType
from kg.query.labels import Reader, Shown, source_label
from kg.query.protocol import ProtocolError, shortened
from kg.web.reconciliation.batch import fields
from kg.web.reconciliation.schema import Type
from kg.web.reconciliation.service import Service
from kg.web.responses import address_for, chosen_type, document, languages_of, not_found, page
from kg.web.site import Site

PATH: Final = "/search"
DESCRIPTION: Final = "/opensearch.xml"
PAGE_SIZE: Final = 20
_JSON: Final = MediaType("application/json", "json", "JSON")
_SUGGESTIONS: Final = MediaType("application/x-suggestions+json", "json", "Suggestions")
_OPENSEARCH: Final = MediaType("application/opensearchdescription+xml", "xml", "OpenSearch")
_PARAMETERS: Final = ("q", "type", "country", "page")
_NOT_LISTED: Final = {"X-Robots-Tag": "noindex"}
_TIER_NAMES: Final = {
    Tier.IDENTIFIER: "The thing itself",
    Tier.EXACT: "The same name",
    Tier.FOLDED: "The same name, written differently",
    Tier.INFLECTED: "The name in another case",
    Tier.PART: "A part of a name",
    Tier.PREFIX: "Names that begin so",
    Tier.WORDS: "Names with these words",
    Tier.WITHIN: "Names in what you asked",
    Tier.FUZZY: "Similar names",
}


class Asked(NamedTuple):
    """What somebody looks for.

    Attributes:
        text: What was typed.
        type: Only things of this type; None for any.
        country: Only things that lie in this country, an IRI; None for any.
        number: Of the page, from 1.
        given: The parameters as they were given.
    """

    text: str
    type: Type | None
    country: str | None
    number: int
    given: dict[str, str]

    def at(self, path: str, number: int) -> str:
        """Return the address of a page of the same search."""
        rest = {name: self.given[name] for name in _PARAMETERS if self.given.get(name)}
        rest.pop("page", None)
        return f"{path}?{urlencode(rest | ({'page': number} if number > 1 else {}))}"


class Result(NamedTuple):
    """A result as a reader sees it.

    Attributes:
        thing: What was found.
        hit: How.
        description: Kind, country and inhabitants.
        why: In words.
        sources: The named graphs that have the name.
    """

    thing: Shown
    hit: Hit
    description: str
    why: str
    sources: list[Shown]


def routes(site: Site) -> list[Route]:
    """Return the routes of the search."""

    async def look(request: Request) -> Response:
        fixed = {".json": _JSON, ".html": HTML}.get(request.path_params.get("extension", ""))
        if "extension" in request.path_params and fixed is None:
            raise not_found(request.url.path)
        media_type = chosen_type(request, [HTML, _JSON], fixed=fixed)
        service = _service(site)
        asked = _read(request, service)
        hits = _found(service, asked)
        make = _json if media_type == _JSON else _page

        def made() -> bytes:
            return make(site, service, request, asked, hits)

        return document(request, media_type, made, headers=_NOT_LISTED)

    async def suggest(request: Request) -> Response:
        media_type = chosen_type(request, [_SUGGESTIONS, _JSON])
        text = fields(request.url.query).get("q", "")[:LONGEST]
        body = json.dumps(_suggested(site, text, request), ensure_ascii=False).encode()
        return document(request, media_type, lambda: body, headers=_NOT_LISTED)

    async def description(request: Request) -> Response:
        # Its address has the extension, so it is the only form, whatever `Accept` says.
        return document(request, _OPENSEARCH, lambda: _description(address_for(site, request)))

    return [
        Route(PATH, look),
        Route(PATH + "{extension:str}", look),
        Route(f"{PATH}/suggest", suggest),
        Route(DESCRIPTION, description),
    ]


def no_names() -> ProtocolError:
    """Return the error for a server that has no index of names."""
    detail = (
        "the graph that is served here is in another store or too large to be held in memory, so "
        "there is no index of its names; ask /sparql"
    )
    return ProtocolError(501, "No search here", detail)


def _service(site: Site) -> Service:
    service = site.served.reconciliation
    if service is None:
        raise no_names()
    return service


def _read(request: Request, service: Service) -> Asked:
    """Return what a request looks for.

    Raises:
        ProtocolError: 400; a parameter is unknown or has a value that means nothing here.
    """
    given = fields(request.url.query)
    if unknown := sorted(given.keys() - set(_PARAMETERS)):
        raise _malformed(f"{unknown[0][:40]!r} is no parameter; there are {', '.join(_PARAMETERS)}")
    text, number = given.get("q", "").strip(), given.get("page", "1")
    if len(text) > LONGEST:
        raise _malformed(f"q has {len(text)} characters; there may be {LONGEST}")
    if not (number.isascii() and number.isdecimal() and 0 < len(number) < 6 and int(number)):
        raise _malformed(f"page is {number[:40]!r}; expected 1, 2, 3 …")
    kind = service.schema.type_of(given["type"]) if given.get("type") else None
    country = service.things.country(given["country"]) if given.get("country") else None
    if given.get("country") and country is None:
        what = shortened(given["country"], 40)
        raise _malformed(f"{what!r} is no country here; give a name or a code such as LT")
    return Asked(text, kind, country, int(number), given)


def _found(service: Service, asked: Asked) -> list[Hit]:
    things = service.things
    known = things.find(asked.text) if asked.text else None
    if known is not None:
        return [Hit.of_identifier(known)]

    def is_wanted(record: Record) -> bool:
        is_of_type = asked.type is None or things.is_a(record, asked.type)
        return is_of_type and asked.country in (None, record.country)

    return search(things.index, asked.text, is_wanted)


def _results(
    site: Site, service: Service, request: Request, asked: Asked, hits: list[Hit]
) -> list[Result]:
    """Return the results on a page.

    Raises:
        ProtocolError: 404; there are not so many pages.
    """
    if asked.number > max(1, _pages(hits)):
        raise not_found(f"page {asked.number} of {len(hits)} results")
    reader = site.reader(languages_of(request))
    first = (asked.number - 1) * PAGE_SIZE
    return [_result(service, reader, hit) for hit in hits[first : first + PAGE_SIZE]]


def _result(service: Service, reader: Reader, hit: Hit) -> Result:
    return Result(
        reader.show(ox.NamedNode(hit.record.iri)),
        hit,
        service.things.described(hit.record, reader),
        why(hit),
        [source_label(reader, graph) for graph in graphs_of(hit)],
    )


def _pages(hits: list[Hit]) -> int:
    return -(-len(hits) // PAGE_SIZE)


def _page(site: Site, service: Service, request: Request, asked: Asked, hits: list[Hit]) -> bytes:
    path = site.path(PATH)
    results = _results(site, service, request, asked, hits)
    is_narrowed = asked.type is not None or asked.country is not None
    all_hits = search(service.things.index, asked.text) if is_narrowed else hits
    countries = {hit.record.country for hit in all_hits}
    reader = site.reader(languages_of(request))
    shown = [reader.show(ox.NamedNode(iri)) for iri in countries if iri]
    return page(
        site,
        request,
        "search.html",
        text=asked.text,
        asked=asked,
        results=results,
        tiers=_TIER_NAMES,
        total=len(hits),
        pages=_pages(hits),
        types=list(service.schema.types.values()),
        countries=sorted(shown, key=lambda each: each.text),
        before=asked.at(path, asked.number - 1),
        after=asked.at(path, asked.number + 1),
        as_json=asked.at(path + ".json", asked.number),
    )


def _json(site: Site, service: Service, request: Request, asked: Asked, hits: list[Hit]) -> bytes:
    results = _results(site, service, request, asked, hits)
    path = site.path(PATH) + ".json"
    following = asked.at(path, asked.number + 1) if asked.number < _pages(hits) else None
    found = {
        "query": asked.text,
        "total": len(hits),
        "page": asked.number,
        "pages": _pages(hits),
        "next": following,
        "results": [_as_json(service, each) for each in results],
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _as_json(service: Service, result: Result) -> dict[str, Any]:
    record, name = result.hit.record, result.hit.found.name
    types = service.things.types(record)
    return {
        "iri": record.iri,
        "id": service.things.identifier(record.iri),
        "name": result.thing.text,
        "description": result.description,
        "types": [{"id": each.id, "name": each.name} for each in types],
        "country": record.country,
        "found": {
            "by": result.hit.tier.name.lower(),
            "name": name.text,
            "language": name.language or None,
            "kind": name.kind,
            "of": name.of or None,
            "why": result.why,
            "sources": [{"iri": each.iri, "name": each.text} for each in result.sources],
        },
    }


def _suggested(site: Site, text: str, request: Request) -> list[object]:
    """Return suggestions as browsers want them: the text, names, descriptions, addresses."""
    found = _service(site).suggest("entity", text, 0, languages_of(request))["result"]
    assert isinstance(found, list)  # noqa: S101 - what suggestions always are
    address = address_for(site, request)
    return [
        text,
        [each["name"] for each in found],
        [each["description"] for each in found],
        [f"{address}/{each['id']}" for each in found],
    ]


def _description(address: str) -> bytes:
    def url(media_type: str, path: str, relation: str = "results") -> str:
        template = quoteattr(f"{address}{path}")
        return f'  <Url type="{media_type}" rel="{relation}" template={template}/>\n'

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        "  <ShortName>citypledge</ShortName>\n"
        "  <Description>Cities, networks and pledges by any of their names</Description>\n"
        + url("text/html", f"{PATH}?q={{searchTerms}}&page={{startPage?}}")
        + url("application/json", f"{PATH}.json?q={{searchTerms}}&page={{startPage?}}")
        + url(_SUGGESTIONS.name, f"{PATH}/suggest?q={{searchTerms}}", "suggestions")
        + url(_OPENSEARCH.name, DESCRIPTION, "self")
        + "  <InputEncoding>UTF-8</InputEncoding>\n"
        f"  <Attribution>{escape(address)}/about</Attribution>\n"
        "</OpenSearchDescription>\n"
    ).encode()


def _malformed(what: str) -> ProtocolError:
    return ProtocolError(400, "Malformed search", what)
