"""/reconcile in the front: the body of a POST is read and bounded here, the rest a worker does.

A batch is neither parsed nor answered on the event loop. Queries by GET come this way too, so that
both count against what one client may ask in a minute.
"""

from typing import Any, Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.query.backend import QueryTimeoutError
from kg.query.protocol import FORM_TYPE, ProtocolError, shortened
from kg.web.deployment import Deployment
from kg.web.faults import as_fault
from kg.web.http import SENT_HEADERS, Asked, encoded, send_whole
from kg.web.reconciliation import PATH
from kg.web.sparql import Quota, body_of, watched

METHODS: Final = "GET, HEAD, OPTIONS, POST"
MOST_BYTES: Final = 1_000_000  # of a body; a batch of the largest queries fits in
_ASKED: Final = (b"accept", b"accept-language", b"content-type", b"host", b"if-none-match")


class Reconciliation:
    """Answers requests to /reconcile but those for the manifest."""

    def __init__(self, quota: Quota) -> None:
        """Make it.

        Args:
            quota: Counts the requests of a client, together with its queries.
        """
        self._quota = quota

    async def answer(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        """Answer a request; return the status.

        Raises:
            ProtocolError: The answer is an error.
            ClientGoneError: Nobody waits for an answer.
        """
        asked = Asked(scope)
        if asked.method == "OPTIONS":
            return await _options(send, asked)
        if asked.method not in ("GET", "HEAD", "POST"):
            detail = f"{asked.method} has no meaning here; POST a batch of queries"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": METHODS})
        body = await _body(asked, receive) if asked.method == "POST" else b""
        self._quota.take(scope)
        with watched(scope):
            try:
                reply = await deployment.pages.page(_job(scope, asked, body))
            except QueryTimeoutError as error:
                words = str(error).replace("the query", "the batch", 1)
                detail = f"{words}; send fewer queries at a time"
                raise ProtocolError(504, "Reconciliation took too long", detail) from error
            except KgError as error:
                raise as_fault(error) from error
            headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
            if reply.encoding is not None:
                headers.append(("Content-Encoding", reply.encoding))
            await send_whole(send, asked, reply.status, encoded(headers), reply.body)
        return reply.status


def _job(scope: Scope, asked: Asked, body: bytes) -> dict[str, Any]:
    return {
        "method": asked.method,
        "path": PATH,
        "mount": asked.mount,
        "query": scope["query_string"].decode("latin-1"),
        "headers": [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in asked.headers
            if name in _ASKED
        ],
        "coding": asked.coding,
        "body": body,
    }


async def _body(asked: Asked, receive: Receive) -> bytes:
    """Return the body.

    Raises:
        ClientGoneError: The client has hung up.
        ProtocolError: 408, 413 or 415.
    """
    kind = (asked.body_type or "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        raise ProtocolError(
            415,
            "Unsupported media type",
            f"the body is {shortened(asked.body_type or '')!r}; POST `queries` or `extend` as "
            f"{FORM_TYPE}",
            {"Accept-Post": FORM_TYPE, "Connection": "close"},
        )
    detail = f"the body has more than {MOST_BYTES:,} bytes; send fewer queries at a time"
    fault = ProtocolError(413, "Too much at once", detail, {"Connection": "close"})
    declared = asked.field(b"content-length") or ""
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        raise fault
    return await body_of(receive, MOST_BYTES, fault)


async def _options(send: Send, asked: Asked) -> int:
    headers = {
        "Allow": METHODS,
        "Accept-Post": FORM_TYPE,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": SENT_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    await send_whole(send, asked, 204, encoded(headers), b"")
    return 204
