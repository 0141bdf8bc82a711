"""What holds for every request, before any route: one spelling of a path, headers, OPTIONS.

A path has one spelling (`kg.web.paths`): nothing percent-encoded that need not be, no slash at the
end, no empty parts, no dots. What cannot be a path is 404. A request that reached a trusted proxy
by http where the base is https is moved there for good.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.query.protocol import ALLOWED_METHODS
from kg.web.http import COMMON_HEADERS, SENT_HEADERS
from kg.web.paths import SAFE, canonical_path

KEPT: Final = "public, max-age=86400"  # how long a client may remember a move
_READING: Final = ("GET", "HEAD")
# What takes a body.
_TAKING: Final = ("/sparql", "/sparql/diagnose", "/query/link", "/validate", "/reconcile")


class OneSpelling:
    """Answers OPTIONS; marks other spellings of a path; adds the common headers to every answer."""

    def __init__(self, app: ASGIApp, base: Callable[[], str]) -> None:
        """Wrap an application.

        Args:
            app: Gets every other request, its path in its one spelling. Where it came in another
                one, the scope has `is_respelt`.
            base: Returns what the IRIs of the dataset begin with at the moment.
        """
        self.app = app
        self.base = base
        self.trusts_proxies = False  # whether `X-Forwarded-Proto` is the word of a proxy of ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in COMMON_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = _options(scope) or self.secured(scope) or _respelt(scope)
        await (answer or self.app)(scope, receive, send_with_headers)

    def secured(self, scope: Scope) -> Response | None:
        """Return what leads a request that came by http to https; None where it came by https."""
        if not self.trusts_proxies or not self.base().startswith("https:"):
            return None
        # Where there are several proxies, the first name is what the client of the first one used.
        named = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        is_http = b",".join(named).partition(b",")[0].strip().lower() == b"http"
        path = canonical_path(_raw(scope)) if is_http else None
        return None if path is None else permanently(scope, self.base() + path[1:])


def root_of(scope: Scope) -> str:
    """Return what was taken off the beginning of a path: the mount, and a language."""
    mount, language = scope.get("mount", ""), scope.get("language", "")
    return f"{mount}/{language}" if language else mount


def permanently(scope: Scope, address: str) -> Response:
    """Return what leads to another address for good; what is asked of it goes along."""
    status = 301 if scope["method"] in _READING else 308
    query = scope["query_string"].decode("latin-1")
    location = f"{address}?{query}" if query else address
    return Response(status_code=status, headers={"Location": location, "Cache-Control": KEPT})


def _options(scope: Scope) -> Response | None:
    if scope["method"] != "OPTIONS":
        return None
    # RFC 9110, 9.3.7: what can be done here; of `*`, what can be done anywhere.
    allowed = ALLOWED_METHODS if scope["path"] == "*" else "GET, HEAD, OPTIONS"
    headers = {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": SENT_HEADERS,
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=headers)


def _respelt(scope: Scope) -> Response | None:
    """Put the path of a request into its one spelling; what has a body is sent there at once."""
    raw = _raw(scope)
    path = canonical_path(raw)
    if path is None:
        # No route has this path, so the application answers 404 in the form that was asked for.
        scope["path"] = "/-"
        return None
    if scope["method"] not in _READING:
        target = path.lower() if path.lower() in _TAKING else path
        address = root_of(scope) + target
        return None if target.encode() == raw else permanently(scope, address)
    if path.encode() != raw:
        scope.update({"path": unquote(path), "raw_path": path.encode(), "is_respelt": True})
    return None


def _raw(scope: Scope) -> bytes:
    """Return the path of a request as it was sent."""
    sent = scope.get("raw_path")
    raw: bytes = quote(scope["path"], safe=SAFE).encode() if sent is None else sent
    return raw.partition(b"?")[0]
