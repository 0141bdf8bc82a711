"""Answers: negotiated, conditional, and errors in a form that the client can read."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from kg.languages import preferred_languages
from kg.mediatypes import HTML, MediaType, negotiate
from kg.query.cache import etag_of
from kg.query.protocol import ProtocolError, not_acceptable
from kg.query.worker import CODED_FROM
from kg.web.http import (
    content_headers,
    fault_as,
    is_known,
    is_refused,
    type_of_fault,
    unmet,
)
from kg.web.i18n import interface_language
from kg.web.links import is_loopback
from kg.web.paths import SAFE
from kg.web.signposts import DATASET, Sign, header, links
from kg.web.site import Site

VARY: Final = "Accept, Accept-Encoding, Accept-Language"
CACHE: Final = "public, max-age=60, must-revalidate"
# What a proxy adds to a request (RFC 7239; RFC 9110, 7.6.3); with one of them, `Host` is its own.
PROXIED: Final = ("forwarded", "via", "x-forwarded-host", "x-forwarded-proto")


def accept_of(request: Request) -> str | None:
    """Return the value of `Accept`, several lines joined, or None."""
    lines = request.headers.getlist("accept")
    return ", ".join(lines) if lines else None


def coding_of(request: Request) -> str:
    """Return the content coding that the answer will get on its way out; empty for none."""
    return str(request.scope.get("coding") or "")


def languages_of(request: Request) -> tuple[str, ...]:
    """Return the languages that the request prefers, best first."""
    return preferred_languages(", ".join(request.headers.getlist("accept-language")))


def chosen_type(
    request: Request, offered: Sequence[MediaType], *, fixed: MediaType | None = None
) -> MediaType:
    """Return the media type of the answer: the one of the extension, or by `Accept`.

    Raises:
        ProtocolError: 406.
    """
    if fixed is not None:
        return fixed
    accept = accept_of(request)
    chosen = negotiate(accept, offered)
    if chosen is None:
        raise not_acceptable(accept, offered, request.url.path)
    return chosen


def document(
    request: Request,
    media_type: MediaType,
    make: Callable[[], bytes],
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a document, or 304 where the client has it."""
    body = make()
    etag = etag_for(body, media_type.name, coding_of(request))
    modified: float | None = request.scope["modified"]
    given = request.headers
    match = ",".join(given.getlist("if-match")) if "if-match" in given else None
    if is_refused(match, given.get("if-unmodified-since"), etag, modified):
        raise unmet(request.url.path)
    common = {**document_headers(etag, modified), **(headers or {})}
    if request.scope.get("is_of_host"):
        common["Cache-Control"] = "no-store"  # a cache may think that all hosts are one
    if has_it(request, etag, modified):
        return Response(status_code=304, headers=common)
    told = {"Content-Language": interface_language(languages_of(request))}
    told = told if media_type == HTML else {}
    return Response(body, headers={**told, **common, "Content-Type": media_type.content_type})


def document_headers(etag: str, modified: float | None) -> dict[str, str]:
    """Return the headers that every document has, also a 304.

    Args:
        etag: Strong entity tag.
        modified: When it may have changed last, in seconds since 1970; None where nobody knows.
    """
    dated = {} if modified is None else {"Last-Modified": formatdate(modified, usegmt=True)}
    return {"ETag": etag, "Vary": VARY, "Cache-Control": CACHE, **dated}


def etag_for(body: bytes, name: str, coding: str) -> str:
    """Return the strong entity tag of a document.

    Equal bytes in two forms have two tags, or a cache could give one for the other.

    Args:
        body: The document, before it is coded.
        name: Of its media type.
        coding: Content coding that the client takes; empty for none.
    """
    mark = f"-{coding}" if coding and len(body) >= CODED_FROM else ""
    return f'{etag_of(body)[:-1]}-{name.replace("/", ".")}{mark}"'


def page_number(request: Request, name: str = "page") -> int:
    """Return the number of the page that is asked for, from 1.

    Args:
        request: What asks.
        name: Of the parameter that has it.

    Raises:
        ProtocolError: 404 where it is no such number.
    """
    given = request.query_params.get(name, "1")
    if not (given.isascii() and given.isdecimal() and 0 < len(given) < 9 and int(given) > 0):
        raise not_found(f"{name} {given!r} of {request.url.path}")
    return int(given)


def page(site: Site, request: Request, name: str, /, **values: Any) -> bytes:
    """Return a template filled in, as UTF-8."""
    query = request.scope["query_string"].decode("latin-1")
    common = {
        "ui": interface_language(languages_of(request)),
        "root": site.root,
        "root_static": site.mount,
        "here": with_query(quote(request.scope["path"], safe=SAFE), query),
        "version": site.served.version,
        "licence": site.licence,
        "can_check": site.can_check,
        "signs": (),
        "can_search": site.served.is_ahead,
    }
    return site.templates.get_template(name).render(**(common | values)).encode()


def html(site: Site, request: Request, name: str, values: Callable[[], dict[str, Any]]) -> Response:
    """Return a page that exists as HTML only, to clients that accept it."""
    media_type = chosen_type(request, [HTML])
    found = [Sign("license", site.licence), Sign("collection", DATASET, HTML.name)]
    signs, told = links(found, site.mount), {"Link": header(found, site.mount)}
    return document(
        request,
        media_type,
        lambda: page(site, request, name, signs=signs, **values()),
        headers=told,
    )


def see_other(request: Request, path: str, links: str) -> Response:
    """Return 303, from a thing to the document about it, with a `Link` header if there is one."""
    headers = {"Location": _with_query(request, path), "Vary": VARY, "Cache-Control": CACHE}
    return Response(status_code=303, headers=headers | ({"Link": links} if links else {}))


def moved(request: Request, path: str) -> Response:
    """Return 301, from another spelling of an address to its own; what is asked of it stays."""
    headers = {"Location": _with_query(request, path), "Cache-Control": CACHE}
    return Response(status_code=301, headers=headers)


def _with_query(request: Request, path: str) -> str:
    return with_query(path, request.scope["query_string"].decode("latin-1"))


def with_query(path: str, query: str) -> str:
    """Return a path with what is asked of it, if anything is."""
    return f"{path}?{query}" if query else path


def error(
    site: Site, request: Request, fault: ProtocolError, *, with_page: bool = True
) -> Response:
    """Return an error as HTML, as problem details (RFC 9457), as plain text or as RDF.

    Args:
        site: What is served.
        request: What asked.
        fault: What went wrong.
        with_page: False where making a page may be what failed.
    """
    media_type = type_of_fault(accept_of(request), fault.status, with_page=with_page)
    headers = {**fault.headers, "Vary": VARY, "Cache-Control": "no-store"}
    if media_type == HTML:
        body = page(site, request, "error.html", fault=fault)
    else:
        body = fault_as(fault, media_type)
    headers |= content_headers(media_type)
    if media_type == HTML:
        headers["Content-Language"] = interface_language(languages_of(request))
    return Response(body, status_code=fault.status, headers=headers)


def not_found(what: str) -> ProtocolError:
    """Return the error for an address under which there is nothing."""
    detail = f"{what} is not in this dataset; start at / or ask /sparql"
    return ProtocolError(404, "Not found", detail)


def has_it(request: Request, etag: str, modified: float | None) -> bool:
    """Tell whether the client has what it asks for, see `kg.web.http.is_known`."""
    headers = request.headers
    tags = ",".join(headers.getlist("if-none-match")) if "if-none-match" in headers else None
    return is_known(tags, headers.get("if-modified-since"), etag, modified)


def address_for(site: Site, request: Request) -> str:
    """Return the address of the site for another program, without a slash at its end.

    It is the base. To a program on this machine, which asked for `localhost`, it is what that
    program asked for, because the base may be served elsewhere or nowhere yet. No other `Host`
    is believed, and this one not where a proxy says that it has passed the request on. The answer
    is for nobody else: no cache may keep it.
    """
    host = request.headers.get("host", "")
    if not is_loopback(host) or any(name in request.headers for name in PROXIED):
        return site.served.base.rstrip("/")
    request.scope["is_of_host"] = True
    return f"http://{host}{site.mount}"
