"""/sparql: the SPARQL protocol for programs, and a form with a table for people.

A GET without a query gives the form to a browser, and the description of the service to others.
On a page at most `ROWS_SHOWN` rows are shown, with the number of all; the links beside the table
give the whole answer in each format. Their parameter is `download`, because SPARQLWrapper sends
`format` and `output` of its own, with values that only some servers know; those are ignored.
"""

import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlencode

from anyio import CapacityLimiter, create_task_group, sleep, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from kg.errors import DataError, KgError, MalformedError
from kg.mediatypes import HTML, RDF_TYPES, RESULTS_JSON, TURTLE, MediaType, with_aliases
from kg.namespaces import shorten
from kg.query.evaluation import ResultTooLargeError
from kg.query.guard import Form
from kg.query.labels import Shown
from kg.query.pool import BusyError, CancelledError, QueryTimeoutError, WorkerDiedError
from kg.query.protocol import (
    MAX_REQUEST_BYTES,
    ProtocolError,
    QueryRequest,
    read_request,
    result_type,
    result_types,
    too_long,
)
from kg.query.service import QueryResult
from kg.web.browse import examples
from kg.web.responses import accept_of, chosen_type, document, has_it, page
from kg.web.service_description import service_description
from kg.web.site import Site

ROWS_SHOWN: Final = 1000
PAGE_BYTES: Final = 5_000_000  # an answer with more is not put in a page; about 10,000 rows
RETRY_AFTER_S: Final = 5
FOLLOWERS: Final = 64  # requests that may wait for an answer that another is having made
WATCH_S: Final = 0.2  # how often it is looked whether a client is still there
_ALL_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def routes(site: Site) -> list[Route]:
    """Return the route of the endpoint; it answers every method itself, for the sake of 405."""
    limits = site.service.limits
    threads = CapacityLimiter(limits.workers + limits.waiting + FOLLOWERS)

    async def sparql(request: Request) -> Response:
        body = await _body(request)
        asked = read_request(
            request.method,
            request.url.query,
            content_type=request.headers.get("content-type"),
            body=body,
        )
        if asked is None:
            return await to_thread.run_sync(lambda: _without_query(site, request))
        return await _while_wanted(
            request,
            lambda cancelled: to_thread.run_sync(
                lambda: _answer(site, request, asked, cancelled), limiter=threads
            ),
        )

    return [Route("/sparql", sparql, methods=list(_ALL_METHODS))]


async def _while_wanted(
    request: Request, answer: Callable[[threading.Event], Awaitable[Response]]
) -> Response:
    """Return an answer, and let its making know when the client has hung up."""
    cancelled = threading.Event()

    async def watch() -> None:
        while not await request.is_disconnected():
            await sleep(WATCH_S)
        cancelled.set()

    async with create_task_group() as tasks:
        tasks.start_soon(watch)
        outcome: Response | ProtocolError
        try:
            outcome = await answer(cancelled)
        except ProtocolError as fault:
            outcome = fault  # raised inside the group, it would come out wrapped in another
        finally:
            tasks.cancel_scope.cancel()
    if isinstance(outcome, ProtocolError):
        raise outcome
    return outcome


async def _body(request: Request) -> bytes:
    """Return the body, and stop reading where it is too long."""
    if request.method != "POST":
        return b""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_REQUEST_BYTES:
                raise too_long()
    except ClientDisconnect as error:
        detail = "the connection ended before the body did"
        raise ProtocolError(400, "Incomplete request", detail) from error
    return bytes(body)


def _without_query(site: Site, request: Request) -> Response:
    media_type = chosen_type(request, (HTML, *with_aliases(RDF_TYPES)))

    def make() -> bytes:
        if media_type == HTML:
            return _form(site, "", {})
        return service_description(site, media_type)

    return document(site, request, media_type, make)


def _answer(
    site: Site, request: Request, asked: QueryRequest, cancelled: threading.Event
) -> Response:
    accept, extension = accept_of(request), request.query_params.get("download")
    wanted: list[MediaType] = []

    def choose(form: Form) -> MediaType:
        wanted.append(result_type(form, accept, extension=extension))
        if wanted[0] != HTML:
            return wanted[0]
        return RESULTS_JSON if form in ("SELECT", "ASK") else TURTLE

    try:
        is_page = extension is None and _wants_page(accept)
        result = _run(site, asked, choose, cancelled, is_page=is_page)
    except ProtocolError as fault:
        if fault.status == 406 or not (extension is None and _wants_page(accept)):
            raise
        return _page(site, asked.text, {"fault": fault}, fault.status, fault.headers)
    if wanted[0] == HTML:
        return _page(site, asked.text, _shown(site, request, result), 200, {})
    headers = {"Vary": "Accept", "Cache-Control": "no-cache", "ETag": result.etag}
    if request.method in ("GET", "HEAD") and has_it(request, result.etag):
        return Response(status_code=304, headers=headers)
    content_type = {"Content-Type": result.media_type.content_type}
    return Response(result.body, headers={**headers, **content_type})


def _wants_page(accept: str | None) -> bool:
    """Tell whether a client that gets HTML for SELECT asks; the same for all forms."""
    try:
        return result_type("SELECT", accept) == HTML
    except ProtocolError:
        return False


def _run(
    site: Site,
    asked: QueryRequest,
    choose: Callable[[Form], MediaType],
    cancelled: threading.Event,
    *,
    is_page: bool,
) -> QueryResult:
    """Run a query; every failure becomes an answer."""
    try:
        largest = PAGE_BYTES if is_page else None
        return site.service.run(asked, choose, result_bytes=largest, cancelled=cancelled)
    except MalformedError as fault:
        detail = f"line {fault.line}, column {fault.column}: {fault.reason}"
        raise ProtocolError(400, "Query not accepted", detail) from None
    except DataError as error:
        raise ProtocolError(400, "Query cannot be evaluated", str(error)) from error
    except ResultTooLargeError as error:
        raise ProtocolError(413, "Result too large", str(error)) from error
    except BusyError as error:
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise ProtocolError(503, "Server busy", str(error), headers) from error
    except CancelledError as error:
        raise ProtocolError(499, "Client has gone", str(error)) from error
    except QueryTimeoutError as error:
        detail = f"{error}; ask for less, or add LIMIT"
        raise ProtocolError(504, "Query took too long", detail) from error
    except WorkerDiedError as error:
        detail = f"{error}; ask for less, or simplify the query"
        raise ProtocolError(500, "Query stopped", detail) from error
    except ProtocolError:
        raise
    except KgError as error:
        raise ProtocolError(500, "Query failed", str(error)) from error


def _page(site: Site, text: str, values: dict[str, Any], status: int, extra: Any) -> Response:
    headers = {"Vary": "Accept", "Cache-Control": "no-cache", **extra}
    headers["Content-Type"] = HTML.content_type
    return Response(_form(site, text, values), status_code=status, headers=headers)


def _form(site: Site, text: str, values: dict[str, Any]) -> bytes:
    given: dict[str, Any] = {
        "fault": None,
        "table": None,
        "boolean": None,
        "graph": None,
        "downloads": [],
    }
    limits = site.service.limits
    known = {"examples": examples(site.served.base), "limits": limits}
    return page(site, "sparql.html", text=text, **known, **(given | values))


def _shown(site: Site, request: Request, result: QueryResult) -> dict[str, Any]:
    parameters = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name in ("query", "default-graph-uri", "named-graph-uri")
    ]
    offers = [offer for offer in result_types(result.form) if offer != HTML]
    proper = list({offer.extension: offer for offer in reversed(offers)}.values())[::-1]
    downloads = [
        (offer.label, "/sparql?" + urlencode([*parameters, ("download", offer.extension)]))
        for offer in proper
    ]
    shown = {"downloads": downloads if request.method != "POST" else []}
    if result.form in ("CONSTRUCT", "DESCRIBE"):
        return shown | {"graph": result.body.decode()}
    answer = json.loads(result.body)
    if result.form == "ASK":
        return shown | {"boolean": answer["boolean"]}
    return shown | {"table": _table(answer)}


def _table(answer: dict[str, Any]) -> dict[str, Any]:
    variables, rows = answer["head"]["vars"], answer["results"]["bindings"]
    shown = [[_cell(row.get(name)) for name in variables] for row in rows[:ROWS_SHOWN]]
    return {"variables": variables, "rows": shown, "total": len(rows)}


def _cell(binding: dict[str, Any] | None) -> Shown | None:
    if binding is None:
        return None
    value = binding["value"]
    if binding["type"] == "uri":
        return Shown(shorten(value), "", value)
    if binding["type"] == "bnode":
        return Shown(f"_:{value}")
    if binding["type"] == "triple":
        return Shown(json.dumps(value, ensure_ascii=False))
    datatype = shorten(binding.get("datatype", ""))
    return Shown(value, binding.get("xml:lang", ""), "", datatype)
