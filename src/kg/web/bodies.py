"""What is common to the services that a worker answers, with or without a body from the client."""

from collections.abc import Callable
from typing import Any

from starlette.types import Scope, Send

from kg.errors import KgError
from kg.query.protocol import ProtocolError, shortened
from kg.web.deployment import Deployment
from kg.web.faults import as_fault
from kg.web.http import SENT_HEADERS, Asked, encoded, send_whole
from kg.web.replies import headers_of, job_of
from kg.web.sparql import watched


async def answer_by_worker(
    deployment: Deployment,
    scope: Scope,
    send: Send,
    asked: Asked,
    more: dict[str, Any],
    fault_of: Callable[[KgError], ProtocolError] = as_fault,
) -> int:
    """Have a worker answer, for as long as the client waits; send it, and return the status.

    Args:
        deployment: What is served.
        scope: Of the request.
        send: As ASGI has it.
        asked: The headers of the request.
        more: What the job has besides the request, or instead of a part of it.
        fault_of: Returns what the client is told where there is no answer.

    Raises:
        ProtocolError: There is no answer.
        ClientGoneError: Nobody waits for one.
    """
    with watched(scope):
        try:
            reply = await deployment.pages.page(job_of(scope, asked) | more)
        except KgError as error:
            raise fault_of(error) from error
        await send_whole(send, asked, reply.status, headers_of(reply), reply.body)
    return reply.status


async def answer_options(send: Send, asked: Asked, methods: str, **more: str) -> int:
    """Say what can be done at an address, to clients and to scripts of other origins.

    Args:
        send: As ASGI has it.
        asked: The headers of the request.
        methods: What is allowed.
        more: Other headers, `Accept_Post` for `Accept-Post`.
    """
    headers = {
        "Allow": methods,
        **{name.replace("_", "-"): value for name, value in more.items()},
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": SENT_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    await send_whole(send, asked, 204, encoded(headers), b"")
    return 204


def check_type(asked: Asked, offers: tuple[str, ...], what: str) -> str:
    """Return the media type of a body, without parameters.

    Args:
        asked: The headers of the request.
        offers: What it may be.
        what: What is to be sent, for the error.

    Raises:
        ProtocolError: 415.
    """
    kind = (asked.body_type or "").partition(";")[0].strip().lower()
    if kind in offers:
        return kind
    listed = ", ".join(offers)
    detail = f"the body is {shortened(asked.body_type or '')!r}; POST {what} as one of: {listed}"
    headers = {"Accept-Post": listed, "Connection": "close"}
    raise ProtocolError(415, "Unsupported media type", detail, headers)


def declared_bytes(asked: Asked) -> int:
    """Return how many bytes a request says that its body has; 0 where it does not say."""
    found = asked.field(b"content-length") or ""
    return int(found) if found.isascii() and found.isdecimal() else 0
