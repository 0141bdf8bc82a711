"""Between a request and what makes its answer: jobs for workers, and answers on their way out."""

from typing import Any, Final

from starlette.types import Receive, Scope, Send

from kg.errors import KgError
from kg.mediatypes import HTML, PROBLEM, negotiate
from kg.query.protocol import ProtocolError
from kg.query.worker import CODED_FROM, coded, coder_for
from kg.web.deployment import Deployment, PageReply
from kg.web.entities import OFFERED, location_of, split_extension
from kg.web.http import (
    CODINGS,
    DEMANDS,
    Asked,
    coding_for,
    content_headers,
    encoded,
    fault_as,
    is_known,
    not_coded,
    refuses_plain,
    send_whole,
    type_of_fault,
)
from kg.web.responses import PROXIED, VARY, document_headers, etag_for

_LASTING: Final = (200, 301, 303, 304)  # of answers that hold as long as the snapshot


def job_of(scope: Scope, asked: Asked) -> dict[str, Any]:
    """Return the job of a request for a page, see `kg.web.pages`."""
    wanted = (
        b"accept",
        b"accept-language",
        b"content-type",
        b"host",
        b"if-none-match",
        b"if-modified-since",
        *DEMANDS,
        *(name.encode() for name in PROXIED),
    )
    return {
        "method": asked.method,
        "path": scope["path"],
        "mount": asked.mount,
        "language": scope.get("language", ""),
        "query": scope["query_string"].decode("latin-1"),
        "headers": [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in asked.headers
            if name in wanted
        ],
        "coding": asked.coding,
    }


def printed(deployment: Deployment, scope: Scope, asked: Asked) -> PageReply | None:
    """Return a document that was made ahead; None where a worker has to answer."""
    path: str = scope["path"]
    if (
        deployment.printed is None
        or not path.startswith("/doc/")
        or asked.method not in ("GET", "HEAD")
        or scope["query_string"]
        or asked.has_demands
    ):
        return None
    name, media_type = split_extension(path.removeprefix("/doc/"))
    media_type = media_type or negotiate(asked.accept, OFFERED)
    if media_type is None or media_type == HTML:
        return None
    found = deployment.printed.find(name, media_type, asked.mount)
    if found is None:
        return None
    body, links = found
    etag = etag_for(body, media_type.name, asked.coding or "")
    modified = deployment.modified
    headers = [
        *document_headers(etag, modified).items(),
        *location_of(name, media_type, asked.mount).items(),
        ("Link", links),
    ]
    if is_known(asked.tags if asked.has_tags else None, asked.since, etag, modified):
        return PageReply(304, headers, b"", None)
    headers.append(("Content-Type", media_type.content_type))
    coder = coder_for(asked.coding) if len(body) >= CODED_FROM else None
    if coder is None:
        return PageReply(200, headers, body, None)
    return PageReply(200, headers, coded(body, coder), asked.coding)


def headers_of(reply: PageReply) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer as ASGI has them, without its length."""
    headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
    if reply.encoding is not None:
        headers.append(("Content-Encoding", reply.encoding))
    return encoded(headers)


async def send_reply(deployment: Deployment, reply: PageReply, asked: Asked, send: Send) -> int:
    """Send an answer, and have it remembered where it lasts."""
    headers = headers_of(reply)
    is_lasting = reply.status in _LASTING and deployment.service.cache.max_entry
    if asked.keep is not None and is_lasting:
        asked.keep(reply.status, [*headers], reply.body)
    await send_whole(send, asked, reply.status, headers, reply.body)
    return reply.status


async def send_fault(
    deployment: Deployment, scope: Scope, send: Send, fault: ProtocolError
) -> None:
    """Send an error as HTML, as problem details (RFC 9457), as plain text or as RDF."""
    asked = Asked(scope)
    media_type = type_of_fault(asked.accept, fault.status)
    if media_type == HTML:
        fields = {"status": fault.status, "title": fault.title, "detail": fault.detail}
        job = job_of(scope, asked) | {
            "path": "",
            "fault": {**fields, "headers": dict(fault.headers)},
        }
        try:
            reply = await deployment.pages.page(job)
        except KgError:
            media_type = PROBLEM  # the page fails as the request did; say it without one
        else:
            headers = headers_of(reply)
            await send_whole(send, asked, reply.status, headers, reply.body)
            return
    headers = encoded(
        {
            **fault.headers,
            **content_headers(media_type),
            "Vary": VARY,
            "Cache-Control": "no-store",
        }
    )
    await send_whole(send, asked, fault.status, headers, fault_as(fault, media_type))


def takes_no_coding(scope: Scope) -> bool:
    """Tell whether a client accepts no content coding that there is, nor none."""
    asked = [value for name, value in scope["headers"] if name == b"accept-encoding"]
    accepted = b",".join(asked)
    return bool(asked) and coding_for(accepted) is None and refuses_plain(accepted)


async def refuse_codings(_: Deployment, __: Scope, ___: Receive, ____: Send) -> int:
    """Refuse a request for which `takes_no_coding`.

    Raises:
        ProtocolError: 406.
    """
    raise not_coded([*CODINGS, "identity"])


async def not_implemented(_: Deployment, scope: Scope, __: Receive, ___: Send) -> int:
    """Refuse a method that no resource has.

    Raises:
        ProtocolError: 501.
    """
    detail = f"{scope['method']} is a method that nothing here knows"
    raise ProtocolError(501, "Not implemented", detail)
