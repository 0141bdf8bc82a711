"""What operators ask: is it alive, is it ready, how is it doing.

`/healthz` says that the process answers. `/readyz` says whether to send requests here: a balancer
asks it, and takes a server out that is starting, has no worker, or is about to stop. `/metrics` is
for Prometheus. None of them needs a worker, so they answer when nothing else does. Where the data
is in a store elsewhere, being ready means that the store answers.
"""

import asyncio
import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kg.errors import KgError
from kg.mediatypes import PLAIN, PROBLEM, RESULTS_JSON, negotiate
from kg.query.backend import Backend, BusyError, QueryJob
from kg.query.pool import Pool
from kg.query.protocol import ProtocolError
from kg.web.http import fault_as
from kg.web.metrics import CONTENT_TYPE

if TYPE_CHECKING:
    from kg.web.front import Front

OPERATIONS: Final = ("/healthz", "/readyz", "/metrics")
RETRY_AFTER_S: Final = 5
ASKED_FOR_S: Final = 1.0  # how long an answer of the store counts: anybody may ask, and often
PATIENCE_S: Final = 5.0  # how long the store may take
_METHODS: Final = ["GET", "HEAD"]
_ALLOWED: Final = "GET, HEAD, OPTIONS"
_NO_STORE: Final = {"Cache-Control": "no-store"}


def operations(front: "Front") -> FastAPI:
    """Return the application for operators."""
    app = FastAPI(
        title="Knowledge graph",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    store = _Store()

    @app.api_route("/healthz", methods=_METHODS)
    async def health() -> Response:
        deployment = front.deployment
        text = f"ok {deployment.version} {deployment.snapshot_id}\n"
        return PlainTextResponse(text, headers=_NO_STORE)

    @app.api_route("/readyz", methods=_METHODS)
    async def readiness(request: Request) -> Response:
        reason = why_not_ready(front) or await store.why_not_ready(front.deployment.backend)
        if reason is None:
            return PlainTextResponse("ready\n", headers=_NO_STORE)
        retry = {"Retry-After": str(RETRY_AFTER_S)}
        return _refusal(request, ProtocolError(503, "Not ready", reason, retry))

    @app.api_route("/metrics", methods=_METHODS)
    async def metrics() -> Response:
        headers = {**_NO_STORE, "X-Robots-Tag": "noindex", "Content-Type": CONTENT_TYPE}
        return Response(front.metrics.exposition(), headers=headers)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, fault: HTTPException) -> Response:
        allowed = {"Allow": _ALLOWED} if fault.status_code == 405 else {}
        detail = f"{request.method} {request.url.path}: {fault.detail}"
        if allowed:
            detail += f"; expected one of {_ALLOWED}"
        return _refusal(
            request, ProtocolError(fault.status_code, str(fault.detail), detail, allowed)
        )

    return app


def why_not_ready(front: "Front") -> str | None:
    """Return why no request should be sent to a server, or None where it can answer."""
    if front.is_leaving:
        return "the server is about to stop; ask another one"
    if not front.is_ready:
        return "the server is starting or stopping; try again in a few seconds"
    backend = front.deployment.backend
    if isinstance(backend, Pool) and not backend.is_ready:
        return "there is no worker at this moment; try again in a few seconds"
    return None


class _Store:
    """What is known of a store elsewhere: whether it answered when it was asked last."""

    def __init__(self) -> None:
        self._until = 0.0
        self._reason: str | None = None

    async def why_not_ready(self, backend: Backend) -> str | None:
        """Return why a store elsewhere cannot be used, or None; None for workers of our own."""
        now = time.monotonic()
        if isinstance(backend, Pool):
            return None
        if now >= self._until:
            self._until = now + ASKED_FOR_S
            self._reason = await _why_silent(backend)
        return self._reason


async def _why_silent(backend: Backend) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer = await backend.query(QueryJob("ASK {}", RESULTS_JSON.extension))
            await answer.close()
    except BusyError:
        return None  # it has so much to do because it answers
    except (KgError, TimeoutError):
        return "the store behind this server does not answer; try again in a few seconds"
    return None


class Server(uvicorn.Server):
    """A server that can say that it will stop, some time before it does.

    At SIGTERM `/readyz` turns to 503 at once, while everything goes on being answered; after
    `drain_s` seconds the listener closes. A second signal, or SIGINT, ends the wait.
    """

    def __init__(self, config: uvicorn.Config, front: "Front", drain_s: float = 0.0) -> None:
        """Make it.

        Args:
            config: Of uvicorn, with `front` as its application.
            front: The application.
            drain_s: Seconds between SIGTERM and the end of listening; 0 for none.
        """
        super().__init__(config)
        self._front = front
        self._drain_s = drain_s
        self._leaves_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave, or stop."""
        if sig == signal.SIGTERM and self._drain_s and self._leaves_at is None:
            self._leaves_at = time.monotonic() + self._drain_s
        else:
            self._leaves_at = 0.0
        self._front.is_leaving = True
        super().handle_exit(sig, frame)
        self.should_exit = time.monotonic() >= self._leaves_at

    async def on_tick(self, counter: int) -> bool:
        """Tell whether it is time to stop; is called ten times a second."""
        if self._leaves_at is not None and time.monotonic() >= self._leaves_at:
            self.should_exit = True
        return await super().on_tick(counter)


def _refusal(request: Request, fault: ProtocolError) -> Response:
    accept = ", ".join(request.headers.getlist("accept")) or None
    media_type = negotiate(accept, (PROBLEM, PLAIN)) or PROBLEM
    headers = {**fault.headers, **_NO_STORE, "Vary": "Accept"}
    headers["Content-Type"] = media_type.content_type
    return Response(fault_as(fault, media_type), status_code=fault.status, headers=headers)
