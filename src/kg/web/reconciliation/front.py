"""/reconcile in the front: the body of a POST is read and bounded here, the rest a worker does.

A batch is neither parsed nor answered on the event loop. Queries by GET come this way too, so that
both count against what one client may ask in a minute.
"""

from typing import Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.query.backend import QueryTimeoutError
from kg.query.protocol import FORM_TYPE, ProtocolError
from kg.web.bodies import answer_by_worker, answer_options, check_type, declared_bytes
from kg.web.deployment import Deployment
from kg.web.faults import as_fault
from kg.web.http import Asked
from kg.web.reconciliation import PATH
from kg.web.sparql import Quota, body_of

METHODS: Final = "GET, HEAD, OPTIONS, POST"
MOST_BYTES: Final = 1_000_000  # of a body; a batch of the largest queries fits in


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
            return await answer_options(send, asked, METHODS, Accept_Post=FORM_TYPE)
        if asked.method not in ("GET", "HEAD", "POST"):
            detail = f"{asked.method} has no meaning here; POST a batch of queries"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": METHODS})
        body = await _body(asked, receive) if asked.method == "POST" else b""
        self._quota.take(scope)
        more = {"path": PATH, "body": body}
        return await answer_by_worker(deployment, scope, send, asked, more, _fault_of)


def _fault_of(error: KgError) -> ProtocolError:
    """Return what a client is told of a batch that has no answer."""
    if isinstance(error, QueryTimeoutError):
        words = str(error).replace("the query", "the batch", 1)
        detail = f"{words}; send fewer queries at a time"
        return ProtocolError(504, "Reconciliation took too long", detail)
    return as_fault(error)


async def _body(asked: Asked, receive: Receive) -> bytes:
    """Return the body.

    Raises:
        ClientGoneError: The client has hung up.
        ProtocolError: 408, 413 or 415.
    """
    check_type(asked, (FORM_TYPE,), "`queries` or `extend`")
    detail = f"the body has more than {MOST_BYTES:,} bytes; send fewer queries at a time"
    fault = ProtocolError(413, "Too much at once", detail, {"Connection": "close"})
    if declared_bytes(asked) > MOST_BYTES:
        raise fault
    return await body_of(receive, MOST_BYTES, fault)
