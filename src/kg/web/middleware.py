"""What holds for every request, before any route: one spelling of a path, headers, OPTIONS.

A path has one spelling: nothing percent-encoded that need not be, no slash at the end, no empty
parts. Another spelling of the same path is moved to it for good; what cannot be a path is 404. So
is a request that reached a trusted proxy by http where the base is https.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.web.http import COMMON_HEADERS

_SAFE: Final = "/-._~!$&'()*+,;=:@"
# What the names of things begin with ends in a slash: `/id/city/`.
_NAMESPACE: Final = re.compile(r"/(id/([a-z][a-z0-9-]*/)?|voc/|graph/(source/)?)")
_KEPT: Final = "public, max-age=86400"  # how long a client may remember a move


class OneSpelling:
    """Answers OPTIONS and other spellings of a path; adds the common headers to every answer."""

    def __init__(self, app: ASGIApp, base: Callable[[], str]) -> None:
        """Wrap an application.

        Args:
            app: Gets the requests that are spelt well.
            base: Returns what the IRIs of the dataset begin with at the moment.
        """
        self.app = app
        self.base = base
        self.trusts_proxies = False  # whether `X-Forwarded-Proto` is the word of a proxy of ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in COMMON_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = _options(scope) or self._secured(scope) or _moved(scope)
        await (answer or self.app)(scope, receive, send_with_headers)

    def _secured(self, scope: Scope) -> Response | None:
        base = self.base()
        # Where there are several proxies, the first name is what the client of the first one used.
        named = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        is_http = b",".join(named).partition(b",")[0].strip().lower() == b"http"
        path = canonical_path(_raw(scope))
        if not (self.trusts_proxies and is_http and base.startswith("https:")) or path is None:
            return None
        query = scope["query_string"].decode("latin-1")
        return _permanently(scope, base + path[1:] + ("?" + query if query else ""))


def canonical_path(raw: bytes) -> str | None:
    """Return the one spelling of a path, percent-encoded; None if it is not UTF-8 or has controls.

    >>> canonical_path(b"/id/city/lt%2Dklaipeda/")
    '/id/city/lt-klaipeda'
    """
    try:
        decoded = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not decoded.isprintable() or b"%2f" in raw.lower():
        return None
    parts = [part for part in decoded.split("/") if part]
    if any(part in (".", "..") for part in parts):
        return None
    path = "/" + "/".join(parts)
    return quote(path + "/" if _NAMESPACE.fullmatch(decoded) else path, safe=_SAFE)


def _options(scope: Scope) -> Response | None:
    if scope["method"] != "OPTIONS":
        return None
    allowed = "GET, HEAD, OPTIONS"
    headers = {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": (
            "Accept, Accept-Datetime, Accept-Language, Content-Type, If-Match, If-Modified-Since, "
            "If-None-Match, If-Range, If-Unmodified-Since, Range"
        ),
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=headers)


def _moved(scope: Scope) -> Response | None:
    raw = _raw(scope)
    path = canonical_path(raw)
    if path is None:
        # No route has this path, so the application answers 404 in the form that was asked for.
        scope["path"] = "/-"
        return None
    if path.encode() == raw:
        return None
    query = scope["query_string"].decode("latin-1")
    location = scope.get("mount", "") + path + ("?" + query if query else "")
    return _permanently(scope, location)


def _raw(scope: Scope) -> bytes:
    """Return the path of a request as it was sent."""
    sent = scope.get("raw_path")
    raw: bytes = quote(scope["path"], safe=_SAFE).encode() if sent is None else sent
    return raw.partition(b"?")[0]


def _permanently(scope: Scope, location: str) -> Response:
    status = 301 if scope["method"] in ("GET", "HEAD") else 308
    return Response(status_code=status, headers={"Location": location, "Cache-Control": _KEPT})
