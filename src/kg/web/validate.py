"""/validate for programs and for the form of the page: Turtle in, findings out.

The front reads the body and knows how large it may be; everything else is done by a worker
(`kg.web.checking`), which can be killed: at its deadline, or when the client hangs up. A text is
neither kept nor written down, and its answer is never cached.
"""

from typing import Any, Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.query.backend import QueryTimeoutError, WorkerDiedError
from kg.query.protocol import FORM_TYPE, ProtocolError, shortened
from kg.query.service import Limits
from kg.web.checking import BODY_TYPES, MULTIPART_TYPE, too_large
from kg.web.deployment import Deployment
from kg.web.faults import as_fault
from kg.web.http import SENT_HEADERS, Asked, encoded, send_whole
from kg.web.sparql import Quota, body_of, watched

PATH: Final = "/validate"
METHODS: Final = "GET, HEAD, OPTIONS, POST"
_SLACK: Final = 1 << 16  # bytes of a form beside its texts
_ASKED: Final = (b"accept", b"accept-language", b"content-type")


class Validation:
    """Answers requests to /validate but those for the empty page."""

    def __init__(self, limits: Limits, quota: Quota) -> None:
        """Make it.

        Args:
            limits: How large a text may be.
            quota: Counts the requests of a client, together with its queries.
        """
        self._limits = limits
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
        if asked.method != "POST":
            detail = f"{asked.method} has no meaning here; POST a text in Turtle"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": METHODS})
        body = await self._body(asked, receive)
        self._quota.take(scope)
        job: dict[str, Any] = {
            "method": "POST",
            "path": PATH,
            "query": scope["query_string"].decode("latin-1"),
            "headers": [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in asked.headers
                if name in _ASKED
            ],
            "coding": asked.coding,
            "body": body,
        }
        with watched(scope):
            try:
                reply = await deployment.pages.page(job)
            except KgError as error:
                raise _fault_of(error) from error
            headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
            if reply.encoding is not None:
                headers.append(("Content-Encoding", reply.encoding))
            await send_whole(send, asked, reply.status, encoded(headers), reply.body)
        return reply.status

    async def _body(self, asked: Asked, receive: Receive) -> bytes:
        """Return the body.

        Raises:
            ClientGoneError: The client has hung up.
            ProtocolError: 408, 413 or 415.
        """
        kind = (asked.body_type or "").partition(";")[0].strip().lower()
        if kind not in BODY_TYPES:
            offers, given = ", ".join(BODY_TYPES), shortened(asked.body_type or "")
            raise ProtocolError(
                415,
                "Unsupported media type",
                f"the body is {given!r}; POST Turtle as one of: {offers}",
                {"Accept-Post": offers, "Connection": "close"},
            )
        most = self._limits.validate_bytes
        if kind == FORM_TYPE:
            room = 3 * most + _SLACK  # three characters for each byte at worst
        elif kind == MULTIPART_TYPE:
            room = 2 * most + _SLACK  # the field may be filled when a file is chosen
        else:
            room = most
        fault = too_large(most)
        if _declared(asked) > room:
            raise fault
        return await body_of(receive, room, fault)


def _declared(asked: Asked) -> int:
    """Return how many bytes the request says that it has; 0 where it does not."""
    for name, value in asked.headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _fault_of(error: KgError) -> ProtocolError:
    """Return what a client is told of a check that has no answer."""
    match error:
        case QueryTimeoutError():
            words = str(error).replace("the query", "the check", 1)
            return ProtocolError(504, "Check took too long", f"{words}; check less at a time")
        case WorkerDiedError():
            words = str(error).replace("the query", "the check", 1)
            return ProtocolError(500, "Check stopped", f"{words}; check less at a time")
        case _:
            return as_fault(error)


async def _options(send: Send, asked: Asked) -> int:
    headers = {
        "Allow": METHODS,
        "Accept-Post": ", ".join(BODY_TYPES),
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": SENT_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    await send_whole(send, asked, 204, encoded(headers), b"")
    return 204
