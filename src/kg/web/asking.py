"""Questions of the library in the front of the server: asked in the address, answered as a query.

`/api/questions/NAME` is for programs and `/question/NAME` the page for people. A worker makes the
query of a question (`kg.web.api`), because the front holds no data; then it goes the way of every
query: the same workers, limits and cache as `/sparql`.
"""

import json
from collections import OrderedDict
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.mediatypes import (
    PROBLEM,
    RESULT_TYPES,
    RESULTS_JSON,
    MediaType,
    by_extension,
    negotiate,
    with_aliases,
)
from kg.query.guard import Form
from kg.query.protocol import ProtocolError, QueryRequest, not_acceptable, read_request
from kg.query.service import gather
from kg.web.api import ABOUT, JSON, PATH, RESERVED
from kg.web.deployment import Deployment, PageReply
from kg.web.faults import as_fault
from kg.web.http import Asked
from kg.web.replies import job_of
from kg.web.sparql import Endpoint, permalink, watched

PAGE: Final = "/question/"
ROWS_SHOWN: Final = 1000
_PAGE_BYTES: Final = 5_000_000  # an answer with more is not made into a page
_KEPT: Final = 1000  # queries of questions that are remembered
_KEPT_CHARACTERS: Final = 4000  # of an address that is
_READING: Final = ("GET", "HEAD")
_RESULTS_AS_JSON: Final = RESULTS_JSON._replace(name=JSON.name)
_OFFERED: Final = (_RESULTS_AS_JSON, *with_aliases(RESULT_TYPES))
_PART: Final = f"{PATH}/"


def is_asked(path: str) -> bool:
    """Tell whether a path is that of the answer to a question, for programs."""
    name = path.removeprefix(_PART)
    return path.startswith(_PART) and bool(name) and "/" not in name


def is_page(scope: Scope) -> bool:
    """Tell whether a request is for the page of a question, with its answer."""
    path: str = scope["path"]
    name = path.removeprefix(PAGE).removesuffix(".html")
    if scope["method"] not in _READING or not path.startswith(PAGE) or not name or "/" in name:
        return False
    return path.endswith(".html") or ("." not in name and Asked(scope).wants_page())


class Asking:
    """Answers requests that ask a question."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Make it.

        Args:
            endpoint: Has queries run.
        """
        self._endpoint = endpoint
        self._texts: OrderedDict[tuple[str, str, str], str] = OrderedDict()

    async def answer(self, deployment: Deployment, scope: Scope, _: Receive, send: Send) -> int:
        """Answer a program; return the status.

        Raises:
            ProtocolError: The answer is an error.
            ClientGoneError: Nobody waits for an answer.
            KgError: The answer broke off after it had begun.
        """
        asked = Asked(scope)
        if asked.method not in _READING:
            detail = f"{asked.method} has no meaning here; a question is asked by GET"
            raise ProtocolError(405, "Method not allowed", detail, {"Allow": "GET, HEAD, OPTIONS"})
        name, fixed = _split(scope["path"].removeprefix(_PART))
        media_type = fixed or negotiate(asked.accept, _OFFERED)
        if media_type is None:
            raise not_acceptable(asked.accept, _OFFERED, "the answer")
        with watched(scope):
            request = await self._request(deployment, scope, asked, name)
            found = await self._endpoint.deployment_for(request, deployment)

            def choose(form: Form) -> MediaType:
                if form not in ("SELECT", "ASK"):
                    raise not_acceptable(asked.accept, (), f"the result of {form}")
                return media_type

            with found.in_use():
                return await self._endpoint.send(found, scope, send, asked, request, choose)

    async def facts(self, deployment: Deployment, scope: Scope, asked: Asked) -> dict[str, Any]:
        """Return what the page of a question shows: the answer to it, or why there is none.

        An answer that changes by itself is not to be remembered, so `asked.keep` is taken away.

        Raises:
            ClientGoneError: Nobody waits for an answer.
        """
        name = scope["path"].removeprefix(PAGE).removesuffix(".html")
        try:
            with watched(scope):
                found = await self._answered(deployment, scope, asked, name)
        except KgError as error:
            asked.keep = None
            fault = as_fault(error)
            told = {"status": fault.status, "title": fault.title, "detail": fault.detail}
            return {"asked": {"fault": {**told, "headers": dict(fault.headers)}}}
        if not found["is_lasting"]:
            asked.keep = None
        return {"asked": found}

    async def _answered(
        self, deployment: Deployment, scope: Scope, asked: Asked, name: str
    ) -> dict[str, Any]:
        """Return the answer to a question, as a page wants it.

        Raises:
            KgError: There is none.
        """
        request = await self._request(deployment, scope, asked, name)
        found = await self._endpoint.deployment_for(request, deployment)
        with found.in_use():
            most = min(request.max_rows or ROWS_SHOWN, ROWS_SHOWN)
            result = await self._endpoint.run(found, scope, request, lambda _: RESULTS_JSON, most)
            body = await gather(result, _PAGE_BYTES)
        return {
            "text": request.text,
            "answer": body.decode(),
            "is_cut": result.cut_at is not None,
            "is_lasting": result.is_lasting,
            "permalink": permalink(result, found, request),
        }

    async def _request(
        self, deployment: Deployment, scope: Scope, asked: Asked, name: str
    ) -> QueryRequest:
        """Return the query that a request asks by the name of a question.

        Raises:
            ProtocolError: There is no such question, or a value is no good.
            KgError: No worker could tell.
        """
        query: str = scope["query_string"].decode("latin-1")
        key = (deployment.snapshot_id, name, query)
        text = self._texts.get(key)
        if text is None:
            path = f"{PATH}/{name}{ABOUT}"
            headers = [("accept", f"{JSON.name}, {PROBLEM.name}")]
            job = job_of(scope, asked) | {"path": path, "method": "GET", "headers": headers}
            text = _text_of(await deployment.pages.page(job | {"coding": None}))
            if len(query) <= _KEPT_CHARACTERS:
                self._texts[key] = text
                while len(self._texts) > _KEPT:
                    self._texts.popitem(last=False)
        return _read(query, text)


def _split(name: str) -> tuple[str, MediaType | None]:
    """Return the name of a question, and the media type where an extension says one."""
    first, _, extension = name.rpartition(".")
    is_json = extension == JSON.extension
    found = _RESULTS_AS_JSON if is_json else by_extension(extension, RESULT_TYPES)
    return (first, found) if first and found is not None else (name, None)


def _text_of(reply: PageReply) -> str:
    """Return the query that a worker has made.

    Raises:
        ProtocolError: It has made none, and why.
    """
    said = json.loads(reply.body)
    if reply.status != 200:
        raise ProtocolError(said["status"], said["title"], said["detail"])
    text: str = said["query"]
    return text


def _read(given: str, text: str) -> QueryRequest:
    """Return a query with the wishes that a request has besides: `max-rows` and `release`.

    Raises:
        ProtocolError: 400; a wish is none.
    """
    wishes = [pair for pair in parse_qsl(given, keep_blank_values=True) if pair[0] in RESERVED]
    address = urlencode([*wishes, ("query", text)])
    found = read_request("GET", address, content_type=None, body=b"")
    assert found is not None  # noqa: S101 - it has a query
    return found
