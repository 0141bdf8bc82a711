"""/sparql/diagnose: why a query has no answer; the part that the front does.

A request has the form of one to /sparql; without a query it gives the JSON Schema of the answers.
A worker does the work (`kg.web.diagnose_worker`), which can be killed: at its deadline, or when the
client hangs up. An answer is kept by nobody, for the text of a query is nobody's business.
"""

from typing import Any, Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.query.backend import QueryTimeoutError
from kg.query.protocol import (
    ALLOWED_METHODS,
    MAX_REQUEST_BYTES,
    ProtocolError,
    QueryRequest,
    read_request,
    too_long,
)
from kg.web.bodies import answer_by_worker, answer_options
from kg.web.deployment import Deployment
from kg.web.faults import as_fault
from kg.web.http import Asked
from kg.web.sparql import Quota, body_of

_FORMS: Final = '"application/sparql-query", "application/x-www-form-urlencoded"'


class Diagnosing:
    """Answers requests to /sparql/diagnose."""

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
            return await answer_options(send, asked, ALLOWED_METHODS, Accept_Query=_FORMS)
        body = b""
        if asked.method in ("POST", "QUERY"):
            body = await body_of(receive, MAX_REQUEST_BYTES, too_long())
        query_string = scope["query_string"].decode("latin-1")
        request = read_request(asked.method, query_string, content_type=asked.body_type, body=body)
        if request is not None:
            self._quota.take(scope)
        more = {"method": "GET", "query": "", "diagnose": _parts(request)}
        return await answer_by_worker(deployment, scope, send, asked, more, _fault_of)


def _parts(request: QueryRequest | None) -> dict[str, Any] | None:
    """Return what the worker is told of a request; None where it asks nothing.

    Raises:
        ProtocolError: It asks a release, or an answer in a form.
    """
    if request is None:
        return None
    if request.release is not None:
        detail = "a diagnosis is of what is served now; leave 'release' out"
        raise ProtocolError(400, "No diagnosis of a release", detail)
    return {
        "text": request.text,
        "default_graphs": request.default_graphs,
        "named_graphs": request.named_graphs,
    }


def _fault_of(error: KgError) -> ProtocolError:
    """Return what a client is told of a diagnosis that did not come to its end."""
    if isinstance(error, QueryTimeoutError):
        words = str(error).replace("the query", "the diagnosis", 1)
        detail = f"{words}; why the answer is empty is not known. Ask about a part of the query"
        return ProtocolError(504, "Diagnosis took too long", detail)
    return as_fault(error)
