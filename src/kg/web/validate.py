"""/validate for programs and for the form of the page: Turtle in, findings out.

The front reads the body and knows how large it may be; everything else is done by a worker
(`kg.web.checking`), which can be killed: at its deadline, or when the client hangs up. A text is
neither kept nor written down, and its answer is never cached.
"""

from typing import Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.query.backend import QueryTimeoutError, WorkerDiedError
from kg.query.protocol import FORM_TYPE, ProtocolError
from kg.query.service import Limits
from kg.web.bodies import answer_by_worker, answer_options, check_type, declared_bytes
from kg.web.checking import BODY_TYPES, MULTIPART_TYPE, too_large
from kg.web.deployment import Deployment
from kg.web.faults import as_fault
from kg.web.http import Asked
from kg.web.sparql import Quota, body_of

PATH: Final = "/validate"
METHODS: Final = "GET, HEAD, OPTIONS, POST"
_SLACK: Final = 1 << 16  # bytes of a form beside its texts


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
            return await answer_options(send, asked, METHODS, Accept_Post=", ".join(BODY_TYPES))
        if asked.method != "POST":
            detail = f"{asked.method} has no meaning here; POST a text in Turtle"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": METHODS})
        body = await self._body(asked, receive)
        self._quota.take(scope)
        more = {"method": "POST", "path": PATH, "body": body}
        return await answer_by_worker(deployment, scope, send, asked, more, _fault_of)

    async def _body(self, asked: Asked, receive: Receive) -> bytes:
        """Return the body.

        Raises:
            ClientGoneError: The client has hung up.
            ProtocolError: 408, 413 or 415.
        """
        kind = check_type(asked, BODY_TYPES, "Turtle")
        most = self._limits.validate_bytes
        if kind == FORM_TYPE:
            room = 3 * most + _SLACK  # three characters for each byte at worst
        elif kind == MULTIPART_TYPE:
            room = 2 * most + _SLACK  # the field may be filled when a file is chosen
        else:
            room = most
        fault = too_large(most)
        if declared_bytes(asked) > room:
            raise fault
        return await body_of(receive, room, fault)


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
