"""What a worker answers under `/reconcile`.

Every answer is open to scripts of other origins, as the specification demands; the header for it
is one of those that all answers have. JSONP is optional in version 0.2, and not offered.
"""

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, MediaType
from kg.query.protocol import ProtocolError
from kg.web.http import POLICY
from kg.web.reconciliation import PATH
from kg.web.reconciliation.batch import (
    BATCH_SIZE,
    LONGEST,
    MOST_IDS,
    MOST_PROPERTIES,
    fields,
)
from kg.web.reconciliation.manifest import manifest
from kg.web.reconciliation.preview import preview_of
from kg.web.reconciliation.ranking import FEATURES
from kg.web.reconciliation.service import KINDS, Service, unknown_thing
from kg.web.reconciliation.suggestions import number_of
from kg.web.responses import (
    address_for,
    chosen_type,
    document,
    languages_of,
    not_found,
    page,
    see_other,
)
from kg.web.searching import no_names
from kg.web.site import Site

JSON: Final = MediaType("application/json", "json", "JSON")
# A preview is made to stand in a frame of the client's page.
_FRAMED: Final = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


def routes(site: Site) -> list[Route]:
    """Return the routes of the service."""

    def service() -> Service:
        found = site.served.reconciliation
        if found is None:
            raise no_names()
        return found

    def json_of(request: Request, made: Any) -> Response:
        chosen_type(request, [JSON])
        body = json.dumps(made, ensure_ascii=False, allow_nan=False).encode()
        return document(request, JSON, lambda: body)

    async def endpoint(request: Request) -> Response:
        asked = _asked(request)
        languages = languages_of(request)
        both = asked.keys() & {"queries", "extend"}
        if len(both) > 1:
            raise _malformed("give `queries` or `extend`, not both")
        if "queries" in both:
            return json_of(request, service().reconcile(asked["queries"], languages))
        if "extend" in both:
            return json_of(request, service().extend(asked["extend"], languages))
        if request.method == "POST" or asked:
            raise _malformed("expected a batch of queries in `queries`, or `extend`")
        return json_of(request, manifest(service().schema, address_for(site, request)))

    async def suggest(request: Request) -> Response:
        asked = fields(request.url.query)
        prefix, cursor = _short(asked, "prefix"), number_of(asked, "cursor") or 0
        parts = (_kind(request), prefix, cursor, languages_of(request))
        return json_of(request, service().suggest(*parts))

    async def glance(request: Request) -> Response:
        identifier = _short(fields(request.url.query), "id")
        parts = (_kind(request), identifier, languages_of(request))
        return json_of(request, service().flyout(*parts))

    async def properties(request: Request) -> Response:
        asked = fields(request.url.query)
        limit = number_of(asked, "limit")
        return json_of(request, service().propose(_short(asked, "type"), limit))

    async def view(request: Request) -> Response:
        identifier = _short(fields(request.url.query), "id")
        record = service().things.find(identifier)
        if record is None:
            raise unknown_thing(identifier)
        request.scope["query_string"] = b""  # it was for this address
        return see_other(request, site.href(record.iri) or "", "")

    async def preview(request: Request) -> Response:
        chosen_type(request, [HTML])
        identifier = _short(fields(request.url.query), "id")
        record = service().things.find(identifier)
        if record is None:
            raise unknown_thing(identifier)
        shown = preview_of(service().things, record, languages_of(request))
        address = site.href(record.iri)
        headers = {"Content-Security-Policy": _FRAMED}

        def make() -> bytes:
            return page(site, request, "reconciliation_preview.html", shown=shown, address=address)

        return document(request, HTML, make, headers=headers)

    async def about(request: Request) -> Response:
        chosen_type(request, [HTML])
        schema = service().schema
        values = {
            "address": address_for(site, request) + PATH,
            "types": list(schema.types.values()),
            "properties": list(schema.properties.values()),
            "most": {"queries": BATCH_SIZE, "ids": MOST_IDS, "properties": MOST_PROPERTIES},
            "longest": LONGEST,
            "features": FEATURES,
        }
        return document(request, HTML, lambda: page(site, request, "reconciliation.html", **values))

    return [
        Route(PATH, endpoint, methods=["GET", "POST"]),
        Route(f"{PATH}/suggest/{{kind}}", suggest),
        Route(f"{PATH}/flyout/{{kind}}", glance),
        Route(f"{PATH}/properties", properties),
        Route(f"{PATH}/view", view),
        Route(f"{PATH}/preview", preview),
        Route(f"{PATH}/help", about),
    ]


def _asked(request: Request) -> dict[str, str]:
    """Return the parameters of the address, or those of the body of a POST."""
    given = fields(request.url.query)
    if request.method != "POST":
        return given
    if given:
        raise _malformed("a POST has its parameters in the body")
    try:
        return fields(request.scope["job"]["body"].decode())
    except UnicodeDecodeError:
        raise _malformed("the body is not UTF-8") from None


def _kind(request: Request) -> str:
    kind: str = request.path_params["kind"]
    if kind not in KINDS:
        raise not_found(request.url.path)
    return kind


def _short(asked: dict[str, str], name: str) -> str:
    """Return a parameter of an address; empty where it is not given."""
    value = asked.get(name, "")
    if len(value) > LONGEST:
        raise _malformed(f"{name} has {len(value)} characters; there may be {LONGEST}")
    return value


def _malformed(what: str) -> ProtocolError:
    return ProtocolError(400, "Malformed reconciliation request", what)
