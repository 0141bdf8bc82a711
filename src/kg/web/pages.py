"""Pages and documents, made where the snapshot is: in a worker process.

The front (`kg.web.front`) hands a request on as a job of kind `page`; here a small application
answers it, without a socket and without an event loop: nothing in it waits for anything. So a page
has the same limits as a query, and the front holds no data.
"""

import functools
import logging
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope

from kg.errors import DataError
from kg.query.evaluation import UnwritableError
from kg.query.protocol import ProtocolError
from kg.query.service import Limits
from kg.query.worker import Handler, Outlet
from kg.web import (
    api,
    browse,
    candidates,
    catalogue,
    citing,
    contexts,
    diagnose_worker,
    entities,
    feed,
    fragments,
    history,
    incoming,
    mementos,
    ontology,
    results,
    searching,
    sitemap,
    status,
    totals,
    validation,
)
from kg.web.checking import Checker
from kg.web.i18n import LANGUAGES
from kg.web.links import mount_of
from kg.web.overview import routes as overview
from kg.web.printed import print_all
from kg.web.reconciliation import routes as reconciliation
from kg.web.responses import error, not_found
from kg.web.site import Served, Site
from kg.web.workbench import routes as workbench

_LOG: Final = logging.getLogger(__name__)


def make_handlers(store: ox.Store, site: dict[str, Any]) -> Mapping[str, Handler]:
    """Return what answers the jobs of pages.

    Args:
        store: The snapshot.
        site: The other attributes of `Served`, those of `Limits` under `limits`, and under
            `is_ahead` whether a worker can load nothing later on.
    """
    facts = dict(site)
    limits, is_ahead = Limits(**facts.pop("limits")), facts.pop("is_ahead")
    checker = Checker(store, facts["base"])
    try:
        if is_ahead:
            checker.prepare()
    except DataError as error:
        _LOG.error("no text can be checked here: %s", error)
    served = Served(store=store, is_ahead=is_ahead, **facts)
    if is_ahead:
        served.prepare()
    made = Pages(Site(served, limits, checker.has_rules), checker)
    return {"page": made.answer, "print": functools.partial(print_all, made.site)}


class Pages:
    """The application that makes pages and documents of one snapshot."""

    def __init__(self, site: Site, checker: Checker | None = None) -> None:
        """Make it, with everything loaded that all pages share: a worker can open no file.

        Args:
            site: What is served.
            checker: Checks texts; None where that cannot be done here.
        """
        self.site = site
        mounts = {"", mount_of(site.served.base)}
        self._sites = {
            (mount, language): replace(site, mount=mount, language=language)
            for mount in mounts
            for language in ("", *LANGUAGES)
        }
        self._apps = {key: _app(found, checker) for key, found in self._sites.items()}
        for mount in mounts:
            self.respond({"path": "/", "mount": mount, "headers": [("accept", "text/html")]})

    def answer(self, job: dict[str, Any], outlet: Outlet) -> None:
        """Answer one request: its status and headers go into the header of the answer.

        Args:
            job: `method`, `path`, `mount` and `language` (which came before the path), `query`,
                `headers` (pairs of lower-case names and values), `coding` (which the outlet will
                apply), and what `kg.web.results` takes.
            outlet: Takes the body.
        """
        status, headers, body = self.respond(job)
        outlet.header |= {"status": status, "headers": headers}
        outlet.write(body)

    def respond(self, job: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        """Return status, headers and body of the answer to one request."""
        if job.get("fault") is not None and job["path"] == "":
            return self._fault_page(job)
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        scope = _scope(job)
        scope["modified"] = self.site.modified
        running = self._apps[_where(job)](scope, receive, send)
        try:
            running.send(None)
        except StopIteration:
            pass
        except Exception as error:
            # The application has answered 500 by now, and raises to have it logged. The words of
            # an error may hold a part of the request, which is nobody's business; its place not.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}, line {place.lineno}"
            _LOG.error("a page failed: %s in %s", type(error).__name__, where)
        else:
            raise RuntimeError(f"the page {job['path']} waits for something")
        start, *pieces = messages
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]
        ]
        return start["status"], headers, b"".join(piece.get("body", b"") for piece in pieces)

    def _fault_page(self, job: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
        """Return the page, or the other form, of a fault that the front has found."""
        site = self._sites[_where(job)]
        made = error(site, Request(_scope(job)), ProtocolError(**job["fault"]))
        return made.status_code, list(made.headers.items()), bytes(made.body)


def _where(job: dict[str, Any]) -> tuple[str, str]:
    return job.get("mount", ""), job.get("language", "")


def _app(site: Site, checker: Checker | None) -> Starlette:
    app = Starlette(
        routes=[
            *browse.routes(site),
            *results.routes(site),
            *diagnose_worker.routes(site),
            *workbench.routes(site),
            *api.routes(site),
            *catalogue.routes(site),
            *totals.routes(site),
            *overview.routes(site),
            *ontology.routes(site),
            *entities.routes(site),  # its linksets are all that no other module has
            *incoming.routes(site),
            *contexts.routes(site),
            *mementos.routes(site),
            *history.routes(site),
            *feed.routes(site),
            *citing.routes(site),
            *sitemap.routes(site),
            *fragments.routes(site),
            *status.routes(site),
            *searching.routes(site),
            *candidates.routes(site),
            *reconciliation.routes(site),
            *validation.routes(site, checker),
        ],
        exception_handlers=_error_answers(site),
    )
    app.router.redirect_slashes = False
    return app


def _scope(job: dict[str, Any]) -> Scope:
    path = job["path"] or "/"
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": job.get("method", "GET"),
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": job.get("query", "").encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in job["headers"]
        ],
        "coding": job.get("coding"),
        "job": job,
    }


def _error_answers(site: Site) -> dict[Any, Any]:
    async def refused(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, ProtocolError)  # noqa: S101 - registered for this class only
        return error(site, request, fault)

    async def unwritable(request: Request, fault: Exception) -> Response:
        return error(site, request, ProtocolError(406, "Not acceptable", str(fault)))

    async def by_status(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this class only
        if fault.status_code == 404:
            return error(site, request, not_found(request.url.path))
        allowed = {"Allow": "GET, HEAD, OPTIONS"} if fault.status_code == 405 else {}
        detail = f"{request.method} {request.url.path}: {fault.detail}"
        known = ProtocolError(fault.status_code, str(fault.detail), detail, allowed)
        return error(site, request, known)

    async def failed(request: Request, _: Exception) -> Response:
        detail = "the server failed at this; the details are in its log"
        return error(site, request, ProtocolError(500, "Internal error", detail), with_page=False)

    return {
        ProtocolError: refused,
        UnwritableError: unwritable,
        HTTPException: by_status,
        Exception: failed,
    }
