"""The workbench in the front of the server: has a query run, and its answer made into a page.

The query goes the way of every query: by the same workers, within the same limits, from the same
cache, and it ends when the client hangs up. Only the first rows are handed on to the page.
"""

import asyncio
import json
import time
from pathlib import Path
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError, MalformedError
from kg.mediatypes import HTML, N_TRIPLES, RESULTS_JSON, MediaType, negotiate
from kg.query.backend import QueryTimeoutError, WorkerDiedError
from kg.query.guard import Form, inspect
from kg.query.protocol import (
    FORM_TYPE,
    MAX_REQUEST_BYTES,
    ProtocolError,
    not_acceptable,
    too_long,
)
from kg.query.rows import with_offset
from kg.query.service import QueryResult, gather
from kg.web.bodies import check_type
from kg.web.deployment import Deployment, PageReply
from kg.web.faults import as_fault
from kg.web.http import Asked, encoded, send_whole
from kg.web.middleware import root_of
from kg.web.replies import headers_of, job_of
from kg.web.responses import not_found
from kg.web.sparql import Endpoint, body_of, permalink, watched
from kg.web.workbench import DRAWN, LINK, PATH, ROWS, SHORT
from kg.web.workbench.asked import Wanted, encode, pairs_of, read
from kg.web.workbench.permalinks import Permalinks

PAGE_BYTES: Final = 5_000_000  # an answer with more is not made into a page
_READING: Final = ("GET", "HEAD")


def is_workbench(path: str) -> bool:
    """Tell whether a path is for the front part of the workbench."""
    return path in (PATH, LINK) or path.startswith(SHORT)


class Workbench:
    """Answers requests to the workbench."""

    def __init__(self, endpoint: Endpoint, workspace: Path | None) -> None:
        """Make it.

        Args:
            endpoint: Has queries run.
            workspace: Where short links are kept; None for nowhere.
        """
        self._endpoint = endpoint
        self._links = None if workspace is None else Permalinks(workspace)

    async def answer(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send
    ) -> int:
        """Answer a request; return the status.

        Raises:
            ProtocolError: The answer is an error.
            ClientGoneError: Nobody waits for an answer.
        """
        asked = Asked(scope)
        if scope["path"] == LINK:
            return await self._keep(deployment, scope, receive, send, asked)
        if asked.method not in _READING:
            detail = f"{asked.method} has no meaning here; POST queries to /sparql"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": "GET, HEAD, OPTIONS"})
        if negotiate(asked.accept, [HTML]) is None:
            raise not_acceptable(asked.accept, [HTML], "the workbench")
        query_string = await self._query_string(scope)
        if len(query_string) > MAX_REQUEST_BYTES:
            raise too_long()
        wanted = read(query_string)
        job = job_of(scope, asked) | {"path": PATH, "query": query_string}
        job["can_keep"] = self._links is not None
        with watched(scope):
            if wanted.text.strip() or wanted.question:
                reply = await self._asked(deployment, scope, wanted, job)
            else:
                reply = await _page(deployment, job)
        await send_whole(send, asked, reply.status, headers_of(reply), reply.body)
        return reply.status

    async def _query_string(self, scope: Scope) -> str:
        """Return the parameters of a request; behind a short link, those that it stands for."""
        given: str = scope["query_string"].decode("latin-1")
        path: str = scope["path"]
        if not path.startswith(SHORT):
            return given
        kept = None
        if self._links is not None:
            kept = await asyncio.to_thread(self._links.find, path.removeprefix(SHORT))
        if kept is None:
            raise not_found(path)
        asked = pairs_of(given)
        names = {name for name, _ in asked}
        return encode([*(pair for pair in kept if pair[0] not in names), *asked])

    async def _asked(
        self, deployment: Deployment, scope: Scope, wanted: Wanted, job: dict[str, Any]
    ) -> PageReply:
        """Return the page with the answer to a query, or with its fault."""
        text = wanted.text
        if wanted.question:
            found = await _page(deployment, job | {"bind": True, "coding": None})
            if found.status != 200:
                return found
            bound = json.loads(found.body)
            if "fault" in bound:
                return await _page(deployment, job | bound)
            text = bound["text"]
        job["text"] = text
        try:
            job |= await self._answered(deployment, scope, wanted, text)
        except KgError as error:
            job["fault"] = _fault_of(error)
        try:
            is_current = not dict(wanted.dataset).get("release")
            return await _page(deployment, job | {"may_diagnose": is_current})
        except (QueryTimeoutError, WorkerDiedError):
            return await _page(deployment, job | {"may_diagnose": False})

    async def _answered(
        self, deployment: Deployment, scope: Scope, wanted: Wanted, text: str
    ) -> dict[str, Any]:
        """Return the answer to a query, as a page wants it.

        Raises:
            KgError: There is none.
        """
        request = wanted.request(text)
        asked_of = await self._endpoint.deployment_for(request, deployment)
        began = time.perf_counter()
        with asked_of.in_use():
            result, skipped = await self._run(asked_of, scope, wanted, text)
            body = await gather(result, PAGE_BYTES)
        return {
            "answer": body.decode(),
            "form": result.form,
            "is_cut": result.cut_at is not None,
            "skipped": skipped,
            "took_ms": round((time.perf_counter() - began) * 1000, 1),
            "permalink": permalink(result, asked_of, request),
            "absent": list(result.absent),
        }

    async def _run(
        self, deployment: Deployment, scope: Scope, wanted: Wanted, text: str
    ) -> tuple[QueryResult, int]:
        """Run a query; return its answer, and how many rows of it were passed over.

        Raises:
            KgError: There is no answer.
        """
        skipped, most = 0, DRAWN
        if wanted.view in ("", "table"):
            skipped, most = (wanted.page - 1) * ROWS, ROWS
        later = await asyncio.to_thread(with_offset, text, skipped) if skipped else None
        if later is not None:
            try:
                request = wanted.request(later)
                return await self._endpoint.run(deployment, scope, request, _type, most), skipped
            except ProtocolError as error:
                if not isinstance(error.__cause__, MalformedError):
                    raise
        # A fault is to be told by its place in the query as it was sent.
        return await self._endpoint.run(deployment, scope, wanted.request(text), _type, most), 0

    async def _keep(
        self, deployment: Deployment, scope: Scope, receive: Receive, send: Send, asked: Asked
    ) -> int:
        """Keep a query under a short address.

        Raises:
            ProtocolError: 405, 413, 415, 501 or 507; 400 for what is no query.
        """
        if asked.method != "POST":
            detail = f"{asked.method} has no meaning here; POST a query as a form"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": "OPTIONS, POST"})
        if self._links is None:
            detail = "this server keeps no short links; use the long one, which always works"
            raise ProtocolError(501, "No short links here", detail)
        check_type(asked, (FORM_TYPE,), "a query")
        body = await body_of(receive, MAX_REQUEST_BYTES, too_long())
        wanted = read(body.decode("latin-1"))
        if not wanted.text.strip():
            raise ProtocolError(400, "No query", "the parameter 'query' is empty or missing")
        try:
            wanted.request(wanted.text)
            origins = deployment.service.limits.service_origins
            if (await asyncio.to_thread(inspect, wanted.text, origins)).form is None:
                raise ProtocolError(400, "No query", "expected SELECT, ASK, CONSTRUCT or DESCRIBE")
        except KgError as error:
            raise as_fault(error) from error
        self._endpoint.quota.take(scope)
        pairs = wanted.parameters()
        if deployment.release is not None and "release" not in dict(pairs):
            pairs.append(("release", deployment.release))
        if wanted.view:
            pairs.append(("view", wanted.view))
        name = await asyncio.to_thread(self._links.keep, pairs)
        return await _kept(send, asked, f"{root_of(scope)}{SHORT}{name}")


async def _kept(send: Send, asked: Asked, address: str) -> int:
    """Tell where a query is kept: a person is led there."""
    status = 303 if asked.wants_page() else 201
    body = b"" if status == 303 else json.dumps({"address": address}).encode()
    headers = {
        "Location": address,
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
    }
    await send_whole(send, asked, status, encoded(headers), body)
    return status


async def _page(deployment: Deployment, job: dict[str, Any]) -> PageReply:
    return await deployment.pages.page(job)


def _type(form: Form) -> MediaType:
    return RESULTS_JSON if form in ("SELECT", "ASK") else N_TRIPLES


def _fault_of(error: KgError) -> dict[str, Any]:
    """Return what a page says of an error; its place in the query where that is known."""
    fault = as_fault(error)
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, MalformedError):
        cause = cause.__cause__
    place = {} if cause is None else {"line": cause.line, "column": cause.column}
    reason = fault.detail if cause is None else cause.reason
    return {
        "status": fault.status,
        "title": fault.title,
        "detail": reason,
        "headers": dict(fault.headers),
        **place,
    }
