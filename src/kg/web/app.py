"""The application: every route, and what an error looks like.

    uvicorn.run(create_app(served), host="127.0.0.1", port=8000)

No JavaScript, no cookies, no sessions; nothing is written and no connection is opened. The
interactive documentation of FastAPI is off, because it needs scripts from elsewhere.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from kg.query.protocol import ALLOWED_METHODS, ProtocolError
from kg.query.service import Limits, QueryService, Served
from kg.web import browse, entities, ontology, sparql
from kg.web.middleware import COMMON_HEADERS, OneSpelling
from kg.web.responses import error, not_found
from kg.web.site import Site

_STATIC: Final = Path(__file__).parent / "static"
_LOG: Final = logging.getLogger(__name__)


def create_app(served: Served, *, limits: Limits | None = None) -> FastAPI:
    """Return the application that serves a snapshot.

    The query workers start with the application and end with it (ASGI lifespan).

    Args:
        served: The snapshot.
        limits: What queries may use; the defaults of `Limits` if None.
    """
    service = QueryService(served, limits or Limits())
    site = Site(served, service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        try:
            yield
        finally:
            service.close()

    app = FastAPI(
        title="Knowledge graph",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.router.routes.extend(
        [*browse.routes(site), *sparql.routes(site), *entities.routes(site), *ontology.routes(site)]
    )
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(OneSpelling)
    _add_error_answers(app, site)
    return app


def _add_error_answers(app: FastAPI, site: Site) -> None:
    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, ProtocolError)  # noqa: S101 - registered for this class only
        return error(site, request, fault)

    async def by_status(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this class only
        if fault.status_code == 404:
            return error(site, request, not_found(request.url.path))
        methods = ALLOWED_METHODS if request.url.path == "/sparql" else "GET, HEAD, OPTIONS"
        allowed = {"Allow": methods} if fault.status_code == 405 else {}
        detail = f"{request.method} {request.url.path}: {fault.detail}"
        known = ProtocolError(fault.status_code, str(fault.detail), detail, allowed)
        return error(site, request, known)

    async def failed(request: Request, cause: Exception) -> Response:
        _LOG.error("no answer for %s", request.url.path, exc_info=cause)
        detail = "the server failed at this; the details are in its log"
        fault = ProtocolError(500, "Internal error", detail)
        answer = error(site, request, fault, with_page=False)
        answer.headers.update(COMMON_HEADERS)  # this answer is made outside the middleware
        return answer

    app.add_exception_handler(ProtocolError, refused)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(Exception, failed)
