"""/sparql: the SPARQL protocol for programs.

A GET without a query gives the description of the service. Who likes HTML best, as a browser does,
is led to the workbench (`kg.web.workbench`), with what was asked.
"""

import asyncio
import functools
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.mediatypes import HTML, RDF_TYPES, MediaType, negotiate, with_aliases
from kg.query.guard import Form
from kg.query.protocol import (
    ALLOWED_METHODS,
    MAX_REQUEST_BYTES,
    ProtocolError,
    QueryRequest,
    read_request,
    result_type,
    too_long,
)
from kg.query.service import QueryResult, form_of, gather
from kg.web.deployment import Deployment
from kg.web.earlier import Earlier
from kg.web.faults import as_fault
from kg.web.http import SENT_HEADERS, Asked, encoded, send_whole, unmet
from kg.web.middleware import root_of

PAGE_BYTES: Final = 5_000_000  # of an answer that is gathered first, see `_stream`
BODY_S: Final = 30.0  # how long a client may take to send a query
_CLIENTS: Final = 10_000
_IN_IRI: Final = "%/:?#[]@!$&'()*+,;=-._~"
_MINUTE_S: Final = 60.0
_CITED_BYTES: Final = 4000  # of an address in a header
_LED_BYTES: Final = 60_000  # of the query of an address; the server reads lines of 64 KiB
_WITH_BODY: Final = ("POST", "QUERY")
_CONTENT_TYPE: Final = b"content-type"


class ClientGoneError(Exception):
    """The client has hung up; there is nobody to answer."""


class Endpoint:
    """Answers requests to /sparql."""

    def __init__(self, per_minute: int, earlier: Earlier) -> None:
        """Make it.

        Args:
            per_minute: Queries that one address may send in a minute; 0 for any number.
            earlier: Answers for releases that are not what is served.
        """
        self.quota = Quota(per_minute)
        self._earlier = earlier

    async def answer(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        """Answer a request; return the status.

        Raises:
            ProtocolError: The answer is an error.
            ClientGoneError: Nobody waits for an answer.
            KgError: The answer broke off after it had begun.
        """
        asked = Asked(scope)
        if asked.method == "OPTIONS":
            return await _options(send, asked)
        body = b""
        if asked.method in _WITH_BODY:
            body = await body_of(receive, MAX_REQUEST_BYTES, too_long())
        request = read_request(
            asked.method,
            scope["query_string"].decode("latin-1"),
            content_type=asked.body_type,
            body=body,
        )
        if request is None:
            if _is_for_workbench(asked):
                return await _lead(scope, send, asked, QueryRequest(""))
            return await _describe(deployment, scope, send, asked)
        if request.download is None and await _is_for_page(deployment, asked, request.text):
            return await _lead(scope, send, asked, request)
        found = await self.deployment_for(request, deployment)
        with watched(scope), found.in_use():
            return await self.send(found, scope, send, asked, request)

    async def deployment_for(self, request: QueryRequest, current: Deployment) -> Deployment:
        """Return what answers a query: what is served, or the release that it is to.

        Raises:
            ProtocolError: There is no such release, or it is not ready yet.
        """
        if request.release is None:
            return current
        return await self._earlier.find(request.release, current)

    async def send(
        self,
        deployment: Deployment,
        scope: Scope,
        send: Send,
        asked: Asked,
        request: QueryRequest,
        choose: Callable[[Form], MediaType] | None = None,
    ) -> int:
        """Send the answer to a query, as it is made; return the status.

        Args:
            deployment: What is asked.
            scope: Of the request.
            send: Takes the answer.
            asked: The headers of the request.
            request: The query.
            choose: Gives the media type for the form of the query; None for the one by `Accept`.

        Raises:
            ProtocolError: There is no answer.
            KgError: The answer broke off after it had begun.
        """
        result = await self.run(
            deployment,
            scope,
            request,
            choose or (lambda form: result_type(form, asked.accept, extension=request.download)),
            request.max_rows,
            asked.coding,
        )
        try:
            headers = answer_headers(result, deployment, request)
            has_it = asked.has(result.etag)
            if asked.refuses(result.etag, None) or (has_it and asked.method == "POST"):
                raise unmet("the answer")
            if has_it:
                headers = [pair for pair in headers if pair[0] != _CONTENT_TYPE]
                await send_whole(send, asked, 304, headers, b"")
                return 304
            if result.is_complete:
                if asked.keep is not None and result.is_lasting:
                    asked.keep(200, [*headers], result.first)
                await send_whole(send, asked, 200, headers, result.first)
            else:
                await _stream(send, scope, asked, headers, result)
        finally:
            await result.close()
        return 200

    async def run(
        self,
        deployment: Deployment,
        scope: Scope,
        request: QueryRequest,
        choose: Callable[[Form], MediaType],
        max_rows: int | None,
        coding: str | None = None,
    ) -> QueryResult:
        """Run a query; the caller closes the answer.

        Args:
            deployment: What is asked.
            scope: Of the request, for the quota of the client.
            request: The query.
            choose: Gives the media type for the form of the query.
            max_rows: Rows after which the answer is cut; None for all.
            coding: Content coding of the answer.

        Raises:
            ProtocolError: There is no answer.
        """
        try:
            return await deployment.service.run(
                request,
                choose,
                encoding=coding,
                max_rows=max_rows,
                may_ask=lambda: self.quota.take(scope),
            )
        except KgError as error:
            raise as_fault(error) from error


class Quota:
    """Counts the queries of each address in the current minute."""

    def __init__(self, per_minute: int) -> None:
        """Make it; 0 means no quota."""
        self._per_minute = per_minute
        self._minute = 0.0
        self._counts: OrderedDict[str, int] = OrderedDict()

    def take(self, scope: Scope) -> None:
        """Count a query.

        Raises:
            ProtocolError: 429.
        """
        if not self._per_minute:
            return
        now = time.monotonic()
        if now - self._minute >= _MINUTE_S:
            self._minute = now
            self._counts.clear()
        address = (scope.get("client") or ("",))[0]
        count = self._counts[address] = self._counts.get(address, 0) + 1
        if len(self._counts) > _CLIENTS:
            self._counts.popitem(last=False)
        if count > self._per_minute:
            wait = max(1, int(self._minute + _MINUTE_S - now) + 1)
            detail = (
                f"more than {self._per_minute} queries in a minute from one address; go on in "
                f"{wait} s, or take the whole dataset as a file"
            )
            raise ProtocolError(429, "Too many queries", detail, {"Retry-After": str(wait)})


@contextmanager
def watched(scope: Scope) -> Iterator[None]:
    """Cancel what is being done for a client when it hangs up; needs the server's own protocol.

    Raises:
        ClientGoneError: It has hung up.
    """
    when_gone = scope.get("when_gone")
    task = asyncio.current_task()
    if when_gone is None or task is None:
        yield
        return
    is_gone = False

    def stop() -> None:
        nonlocal is_gone
        is_gone = True
        task.cancel()

    when_gone(stop)
    try:
        yield
    except asyncio.CancelledError:
        if is_gone:
            raise ClientGoneError from None
        raise
    finally:
        when_gone(None)


async def body_of(receive: Receive, most: int, too_much: ProtocolError) -> bytes:
    """Return the body of a request, and stop reading where it is too long or too slow.

    Args:
        receive: Gives the messages of the request.
        most: Bytes that it may have.
        too_much: What is raised where it has more.

    Raises:
        ClientGoneError: The client has hung up.
        ProtocolError: That, or 408.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                body += message.get("body", b"")
                if len(body) > most:
                    raise too_much
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        detail = f"the body did not arrive within {BODY_S:g} s"
        headers = {"Connection": "close"}
        raise ProtocolError(408, "Request too slow", detail, headers) from None


async def _options(send: Send, asked: Asked) -> int:
    headers = {
        "Allow": ALLOWED_METHODS,
        "Accept-Query": '"application/sparql-query", "application/x-www-form-urlencoded"',
        "Access-Control-Allow-Methods": ALLOWED_METHODS,
        "Access-Control-Allow-Headers": SENT_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    await send_whole(send, asked, 204, encoded(headers), b"")
    return 204


async def _describe(deployment: Deployment, scope: Scope, send: Send, asked: Asked) -> int:
    """Send the description of the service, as `kg.web.results` makes it."""
    job: dict[str, Any] = {
        "method": asked.method,
        "path": "/sparql",
        "mount": asked.mount,
        "language": scope.get("language", ""),
        "query": scope["query_string"].decode("latin-1"),
        "headers": [(n.decode("latin-1"), v.decode("latin-1")) for n, v in asked.headers],
        "coding": asked.coding,
    }
    try:
        reply = await deployment.pages.page(job)
    except KgError as error:
        raise as_fault(error) from error
    headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
    if reply.encoding is not None:
        headers.append(("Content-Encoding", reply.encoding))
    await send_whole(send, asked, reply.status, encoded(headers), reply.body)
    return reply.status


async def _lead(scope: Scope, send: Send, asked: Asked, request: QueryRequest) -> int:
    """Lead to the workbench, with the query and the graphs that it asks.

    Raises:
        ProtocolError: 413; the workbench cannot be asked with so much.
    """
    parameters = [
        *([("query", request.text)] if request.text else []),
        *(("default-graph-uri", iri) for iri in request.default_graphs),
        *(("named-graph-uri", iri) for iri in request.named_graphs),
        *([("release", request.release)] if request.release is not None else []),
    ]
    asks = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
    if len(asks) > _LED_BYTES:
        detail = (
            f"a page takes {_LED_BYTES:,} bytes of a percent-encoded query at most; accept another "
            "type than text/html, such as text/csv"
        )
        raise ProtocolError(413, "Query too long", detail)
    headers = {
        "Location": f"{root_of(scope)}/query{asks}",
        "Vary": "Accept",
        "Cache-Control": "no-cache",
    }
    await send_whole(send, asked, 303, encoded(headers), b"")
    return 303


def _is_for_workbench(asked: Asked) -> bool:
    """Tell whether who asks nothing likes a page better than the description of the service."""
    return negotiate(asked.accept, (*with_aliases(RDF_TYPES), HTML)) == HTML


async def _is_for_page(deployment: Deployment, asked: Asked, text: str) -> bool:
    """Tell whether the client likes a page best, of all that this form of query can be.

    Raises:
        ProtocolError: 406.
    """
    if "html" not in (asked.accept or "").lower():
        return False
    try:
        form, _ = await form_of(text, deployment.service.limits.service_origins)
    except KgError:
        return asked.wants_page()  # then the fault is the answer
    return result_type(form, asked.accept) == HTML


async def _gathered(result: QueryResult) -> bytes:
    try:
        return await gather(result, PAGE_BYTES)
    except KgError as error:
        raise as_fault(error) from error


def answer_headers(
    result: QueryResult, deployment: Deployment, request: QueryRequest
) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer, without its length."""
    made = [*usual_headers(result.media_type)]
    if result.etag:
        made.append((b"etag", result.etag.encode()))
    if result.encoding is not None:
        made.append((b"content-encoding", result.encoding.encode()))
    if result.cut_at is not None:
        link = f'<{deployment.base}about#limits>; rel="describedby"'
        made += [(b"rows-cut-at", b"%d" % result.cut_at), (b"link", link.encode())]
    made += citation_headers(result, deployment, request)
    made += [(b"absent-graph", f"<{quote(iri, safe=_IN_IRI)}>".encode()) for iri in result.absent]
    return made


def citation_headers(
    result: QueryResult, deployment: Deployment, request: QueryRequest
) -> list[tuple[bytes, bytes]]:
    """Return the header that names the address under which an answer stays what it is, if any.

    An address that would make the header longer than clients read is left out.
    """
    address = permalink(result, deployment, request)
    if address is None or len(address) > _CITED_BYTES or result.cut_at is not None:
        return []
    return [(b"link", f'<{address}>; rel="cite-as"'.encode())]


def permalink(result: QueryResult, deployment: Deployment, request: QueryRequest) -> str | None:
    """Return the IRI under which the same query has the same answer for good.

    Returns:
        None where what is served is no release, and where the query asks for what changes by
        itself, such as the time.
    """
    if deployment.release is None or not result.is_lasting:
        return None
    parameters = [
        ("query", request.text),
        *(("default-graph-uri", iri) for iri in request.default_graphs),
        *(("named-graph-uri", iri) for iri in request.named_graphs),
        ("release", deployment.release),
    ]
    return f"{deployment.base}sparql?{urlencode(parameters, quote_via=quote)}"


@functools.cache
def usual_headers(media_type: MediaType) -> list[tuple[bytes, bytes]]:
    """Return the headers that all answers of a media type have."""
    return encoded(
        {
            "Content-Type": media_type.content_type,
            "Vary": "Accept, Accept-Encoding",
            "Cache-Control": "no-cache",
        }
    )


async def _stream(
    send: Send, scope: Scope, asked: Asked, headers: list[tuple[bytes, bytes]], result: QueryResult
) -> None:
    """Send an answer as it is made.

    Its length is not known, so HTTP/1.1 sends it in chunks, and where it breaks off the last chunk
    is missing: no client can take it for the whole. HTTP/1.0 has no chunks, so there it is
    gathered first.
    """
    if asked.method == "HEAD":
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["http_version"] == "1.0":
        await send_whole(send, asked, 200, headers, await _gathered(result))
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": result.first, "more_body": True})
    async for piece in result.rest():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
