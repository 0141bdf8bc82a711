"""Search: things by any of their names, for people, for programs and for the box of a browser.

`/search` answers as a page or as JSON, by `Accept` or by extension. A result says by which name it
was found, how that name and the text are alike, and which sources have it. `/opensearch.xml`
describes the search to browsers (OpenSearch 1.1 draft 6).
"""

import json
from collections import Counter
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
from kg.web.i18n import mark
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
    Tier.IDENTIFIER: mark("The thing itself"),
    Tier.EXACT: mark("The same name"),
    Tier.FOLDED: mark("The same name, written differently"),
    Tier.INFLECTED: mark("The name in another case"),
    Tier.PART: mark("A part of a name"),
    Tier.PREFIX: mark("Names that begin so"),
    Tier.WORDS: mark("Names with these words"),
    Tier.WITHIN: mark("Names in what you asked"),
    Tier.FUZZY: mark("Similar names"),
}
_NAME_KINDS: Final = {
    "main": mark("main name"),
    "alternate": mark("other name"),
    "hidden": mark("other name"),
    "typo": mark("misspelling"),
    "upper": mark("in capital letters"),
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

    def with_value(self, path: str, name: str, value: str) -> str:
        """Return the address of the same search, with another value of a parameter, or none."""
        given = {**self.given, name: value}
        return self._replace(given=given).at(path, 1)


class Result(NamedTuple):
    """A result as a reader sees it.

    Attributes:
        thing: What was found.
        hit: How.
        kinds: Its most special class, or none.
        country: Where it lies; its text is empty where that is not known.
        name_kind: What kind of name it was found by, to be translated; may be empty.
        sources: The named graphs that have the name.
    """

    thing: Shown
    hit: Hit
    kinds: list[Shown]
    country: Shown
    name_kind: str
    sources: list[Shown]


class Choice(NamedTuple):
    """A kind or a country to which the results can be narrowed.

    Attributes:
        shown: It.
        total: Number of results with it.
        path: The address of the results with it, or without it where they are narrowed to it.
        is_chosen: Whether they are.
    """

    shown: Shown
    total: int
    path: str
    is_chosen: bool


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
        return _is_of(service, asked.type, record) and asked.country in (None, record.country)

    return search(things.index, asked.text, is_wanted)


def _is_of(service: Service, kind: Type | None, record: Record) -> bool:
    return kind is None or service.things.is_a(record, kind)


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
    record = hit.record
    kinds = [kind.iri for kind in service.things.types(record)[:1]]
    return Result(
        reader.show(ox.NamedNode(record.iri)),
        hit,
        [reader.show(ox.NamedNode(iri)) for iri in kinds],
        reader.show(ox.NamedNode(record.country)) if record.country else Shown(""),
        _NAME_KINDS.get(hit.found.name.kind, ""),
        [source_label(reader, graph) for graph in graphs_of(hit)],
    )


def _pages(hits: list[Hit]) -> int:
    return -(-len(hits) // PAGE_SIZE)


def _page(site: Site, service: Service, request: Request, asked: Asked, hits: list[Hit]) -> bytes:
    path = site.path(PATH)
    reader = site.reader(languages_of(request))
    is_narrowed = asked.type is not None or asked.country is not None
    every = search(service.things.index, asked.text) if is_narrowed else hits
    return page(
        site,
        request,
        "search.html",
        text=asked.text,
        asked=asked,
        results=_results(site, service, request, asked, hits),
        tiers=_TIER_NAMES,
        total=len(hits),
        pages=_pages(hits),
        kinds=_kind_choices(service, reader, asked, every, path),
        countries=_country_choices(service, reader, asked, every, path),
        before=asked.at(path, asked.number - 1),
        after=asked.at(path, asked.number + 1),
        as_json=asked.at(path + ".json", asked.number),
    )


def _kind_choices(
    service: Service, reader: Reader, asked: Asked, every: list[Hit], path: str
) -> list[Choice]:
    """Return the kinds of what was found in the country that is wanted, most first."""
    left = [hit.record for hit in every if asked.country in (None, hit.record.country)]
    totals = Counter(kind for record in left for kind in service.things.types(record))
    chosen = asked.type
    if chosen is not None:
        totals[chosen] += 0  # it stays, to be taken away again
    return [
        Choice(
            reader.show(ox.NamedNode(kind.iri)),
            total,
            asked.with_value(path, "type", "" if kind == chosen else kind.id),
            kind == chosen,
        )
        for kind, total in totals.most_common()
    ]


def _country_choices(
    service: Service, reader: Reader, asked: Asked, every: list[Hit], path: str
) -> list[Choice]:
    """Return the countries of what was found of the kind that is wanted, most first."""
    left = [hit.record for hit in every if _is_of(service, asked.type, hit.record)]
    totals = Counter(record.country for record in left if record.country is not None)
    chosen = asked.country
    if chosen is not None:
        totals[chosen] += 0
    return [
        Choice(
            reader.show(ox.NamedNode(iri)),
            total,
            asked.with_value(path, "country", "" if iri == chosen else iri.rpartition("/")[2]),
            iri == chosen,
        )
        for iri, total in totals.most_common()
    ]


def _json(site: Site, service: Service, request: Request, asked: Asked, hits: list[Hit]) -> bytes:
    results = _results(site, service, request, asked, hits)
    reader, path = site.reader(languages_of(request)), site.path(PATH) + ".json"
    following = asked.at(path, asked.number + 1) if asked.number < _pages(hits) else None
    found = {
        "query": asked.text,
        "total": len(hits),
        "page": asked.number,
        "pages": _pages(hits),
        "next": following,
        "results": [_as_json(service, reader, each) for each in results],
    }
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def _as_json(service: Service, reader: Reader, result: Result) -> dict[str, Any]:
    record, name = result.hit.record, result.hit.found.name
    types = service.things.types(record)
    return {
        "iri": record.iri,
        "id": service.things.identifier(record.iri),
        "name": result.thing.text,
        "description": service.things.described(record, reader),
        "types": [{"id": each.id, "name": each.name} for each in types],
        "country": record.country,
        "found": {
            "by": result.hit.tier.name.lower(),
            "name": name.text,
            "language": name.language or None,
            "kind": name.kind,
            "of": name.of or None,
            "why": why(result.hit),
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
