"""Plain ASGI, for the two routes that carry the load: what a request says, and sending an answer.

A framework costs as much processor time as a look-up, so `/sparql` and the pages do without one.
"""

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Final

import pyoxigraph as ox
from starlette.types import Scope, Send

from kg.mediatypes import HTML, PLAIN, PROBLEM, RDF_TYPES, MediaType, negotiate
from kg.namespaces import HTTP, RDF, RDFS, XSD
from kg.query.evaluation import NO_XML, serialize_graph
from kg.query.protocol import ProtocolError

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
COMMON_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Absent-Graph, Accept-Post, Accept-Query, Accept-Ranges, Allow, Content-Disposition, "
        "Content-Encoding, Content-Location, Content-Range, Date, ETag, Findings, Link, Location, "
        "Memento-Datetime, Retry-After, Rows-Cut-At, Vary, X-Robots-Tag"
    ),
}
# What a script of another origin may send (CORS, https://fetch.spec.whatwg.org/).
SENT_HEADERS: Final = (
    "Accept, Accept-Datetime, Accept-Language, Content-Type, If-Match, If-Modified-Since, "
    "If-None-Match, If-Range, If-Unmodified-Since, Range"
)
# Methods that are known; any other is 501 (RFC 9110, section 9.1).
METHODS: Final = frozenset(
    ("GET", "HEAD", "POST", "QUERY", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE")
)
_COMMON: Final = [(name.lower().encode(), value.encode()) for name, value in COMMON_HEADERS.items()]
_FORMS: Final = (PROBLEM, HTML, PLAIN)
ERROR_TYPES: Final = (*_FORMS, *RDF_TYPES)
DEMANDS: Final = (b"if-match", b"if-unmodified-since")  # conditions that end in 412
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')  # RFC 9110, 8.8.3: a comma may be part of a tag
CODINGS: Final = ("br", "gzip")
_WEIGHT: Final = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
LANGUAGE: Final = "en"  # of what pages and errors say; labels are in the reader's own


Finish = Callable[[int, list[tuple[bytes, bytes]], bytes], object]


class Asked:
    """The headers of a request, read once."""

    __slots__ = (
        *("accept", "body_type", "coding", "finish", "has_tags", "headers", "keep", "method"),
        *("has_demands", "mount", "since", "tags", "when"),
    )

    def __init__(self, scope: Scope) -> None:
        """Read the headers of an ASGI scope."""
        self.method: str = scope["method"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        accept: list[bytes] = []
        tags: list[bytes] = []
        codings: list[bytes] = []
        self.body_type: str | None = None
        self.since: str | None = None
        self.when: str | None = None
        self.has_demands = False
        for name, value in self.headers:
            if name == b"accept":
                accept.append(value)
            elif name == b"if-none-match":
                tags.append(value)
            elif name == b"accept-encoding":
                codings.append(value)
            elif name == b"content-type":
                self.body_type = value.decode("latin-1")
            elif name == b"if-modified-since":
                self.since = value.decode("latin-1")
            elif name in DEMANDS:
                self.has_demands = True
            elif name == b"accept-datetime":
                self.when = value.decode("latin-1")
        self.accept = b", ".join(accept).decode("latin-1") if accept else None
        self.tags = b",".join(tags).decode("latin-1")
        self.has_tags = bool(tags)
        self.coding = coding_for(b",".join(codings)) if codings else None
        self.mount: str = scope.get("mount", "")
        self.finish: Finish | None = scope.get("finish")
        self.keep: Finish | None = scope.get("replay")

    def has(self, etag: str) -> bool:
        """Tell whether `If-None-Match` names a tag (weak comparison, RFC 9110, 13.1.2)."""
        return self.has_tags and names_tag(self.tags, etag)

    def field(self, name: bytes) -> str | None:
        """Return the value of a header, several lines joined; None where there is none.

        Args:
            name: In lower case.
        """
        found = [value for each, value in self.headers if each == name]
        return b", ".join(found).decode("latin-1") if found else None

    def refuses_plain(self) -> bool:
        """Tell whether it takes nothing that is not coded, see `refuses_plain`."""
        accepted = self.field(b"accept-encoding")
        return accepted is not None and refuses_plain(accepted.encode("latin-1"))

    def refuses(self, etag: str, modified: float | None) -> bool:
        """Tell whether it demands something else than what there is, see `is_refused`."""
        if not self.has_demands:
            return False
        match, since = (self.field(name) for name in DEMANDS)
        return is_refused(match, since, etag, modified)

    def wants_page(self) -> bool:
        """Tell whether HTML is what the client likes best, as a browser does."""
        return prefers_html(self.accept)


def is_known(tags: str | None, since: str | None, etag: str, modified: float | None) -> bool:
    """Tell whether the client has what it asks for (RFC 9110, 13.1.2, 13.1.3 and 13.2.2).

    Args:
        tags: Value of `If-None-Match`; where it is there, the date does not count.
        since: Value of `If-Modified-Since`; what is no date does not count.
        etag: Of what would be sent.
        modified: When that changed last, in seconds since 1970, or None.
    """
    if tags is not None:
        return names_tag(tags, etag)
    if since is None or modified is None:
        return False
    try:
        return int(modified) <= parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):  # a year that no calendar has
        return False


def is_refused(tags: str | None, since: str | None, etag: str, modified: float | None) -> bool:
    """Tell whether what is there is not what the client demands (RFC 9110, 13.1.1 and 13.1.4).

    Args:
        tags: Value of `If-Match`; where it is there, the date does not count.
        since: Value of `If-Unmodified-Since`; what is no date does not count.
        etag: Of what would be sent.
        modified: When that changed last, in seconds since 1970, or None.
    """
    if tags is not None:
        strong = [found[0] for found in _TAG.finditer(tags)]
        return tags.strip() != "*" and etag not in strong
    if since is None or modified is None:
        return False
    try:
        return int(modified) > parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        return False


def not_coded(offered: Sequence[str]) -> ProtocolError:
    """Return the error for a client that accepts none of the content codings that there are."""
    detail = f"Accept-Encoding refuses what there is: {', '.join(offered)}"
    return ProtocolError(406, "Not acceptable", detail)


def unmet(what: str) -> ProtocolError:
    """Return the error for a condition of the client that does not hold."""
    detail = f"{what} is not what the conditions of the request demand"
    return ProtocolError(412, "Precondition failed", detail)


def names_tag(given: str, etag: str) -> bool:
    """Tell whether a value of `If-None-Match` names a tag (weak comparison)."""
    return given.strip() == "*" or etag in _TAG.findall(given)


@functools.lru_cache(256)
def coding_for(accepted: bytes) -> str | None:
    """Return the content coding to use for a value of `Accept-Encoding`, or None for none.

    >>> coding_for(b"gzip, deflate, br;q=0.5")
    'gzip'
    """
    weights = _weights(accepted)
    others = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda name: weights.get(name, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


@functools.lru_cache(256)
def refuses_plain(accepted: bytes) -> bool:
    """Tell whether a value of `Accept-Encoding` refuses what is not coded (RFC 9110, 12.5.3).

    >>> refuses_plain(b"gzip, *;q=0"), refuses_plain(b"gzip"), refuses_plain(b"identity, *;q=0")
    (True, False, False)
    """
    weights = _weights(accepted)
    return weights.get("identity", weights.get("*", 1.0)) == 0


def _weights(accepted: bytes) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accepted.decode("latin-1").lower().split(","):
        name, _, rest = item.partition(";")
        key, _, value = rest.partition("=")
        if key.strip() != "q":
            weight = 1.0
        elif _WEIGHT.fullmatch(value.strip()):
            weight = float(value)
        else:
            continue
        weights[name.strip().removeprefix("x-")] = weight  # x-gzip is gzip (8.4.1.3)
    return weights


@functools.lru_cache(256)
def prefers_html(accept: str | None) -> bool:
    """Tell whether a client would rather have HTML than a table or a graph for programs."""
    return negotiate(accept, (PROBLEM, HTML, PLAIN)) == HTML and "html" in (accept or "").lower()


def encoded(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them, with those that every answer has."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    made = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    names = {name for name, _ in made}
    return [*made, *(pair for pair in _COMMON if pair[0] not in names)]


async def send_whole(
    send: Send, asked: Asked, status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """Send a complete answer; to HEAD without its body."""
    if asked.finish is not None and asked.finish(status, headers, body) is not False:
        return
    if status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    content = b"" if asked.method == "HEAD" or status in (204, 304) else body
    await send({"type": "http.response.body", "body": content})


def type_of_fault(accept: str | None, status: int, *, with_page: bool = True) -> MediaType:
    """Return the media type in which a client is told that something went wrong.

    A client that takes RDF only gets RDF. What is said of a type that cannot be had (406) is no
    RDF, because the client has to be told in another one than it asked for.

    Args:
        accept: Value of `Accept`, or None.
        status: Of the answer.
        with_page: False where making a page may be what failed.
    """
    offered: Sequence[MediaType] = _FORMS if status == 406 else ERROR_TYPES
    if not with_page:
        offered = [PLAIN, *(each for each in offered if each not in (HTML, PLAIN))]
    return negotiate(accept, offered) or PROBLEM


def content_headers(media_type: MediaType) -> dict[str, str]:
    """Return what is said of a body; what is data says itself which language a text is in."""
    told = {"Content-Language": LANGUAGE} if media_type in _FORMS else {}
    return {"Content-Type": media_type.content_type, **told}


def fault_as(fault: ProtocolError, media_type: MediaType) -> bytes:
    """Return a fault as problem details (RFC 9457), as plain text, or as RDF."""
    if media_type == PLAIN:
        return f"{fault.status} {fault.title}\n{fault.detail}\n".encode()
    if media_type in RDF_TYPES:
        return serialize_graph(_fault_graph(fault), media_type.extension)
    fields = {"title": fault.title, "status": fault.status, "detail": fault.detail}
    return json.dumps(fields, ensure_ascii=False).encode()


def _fault_graph(fault: ProtocolError) -> list[ox.Triple]:
    """Return a fault in the terms of the HTTP Vocabulary in RDF (W3C Note, 2 February 2017).

    What XML cannot hold, and no RDF/XML therefore, is told as an escape of it in every format.
    """
    answer, code = ox.BlankNode("answer"), ox.BlankNode("code")
    number = ox.Literal(str(fault.status), datatype=ox.NamedNode(XSD + "integer"))
    detail = NO_XML.sub(lambda found: f"\\u{ord(found[0]):04X}", fault.detail)
    said: tuple[tuple[ox.BlankNode, str, ox.NamedNode | ox.BlankNode | ox.Literal], ...] = (
        (answer, RDF + "type", ox.NamedNode(HTTP + "Response")),
        (answer, HTTP + "sc", code),
        (answer, HTTP + "reasonPhrase", ox.Literal(fault.title)),
        (answer, RDFS + "comment", ox.Literal(detail, language="en")),
        (code, RDF + "type", ox.NamedNode(HTTP + "StatusCode")),
        (code, HTTP + "statusCodeNumber", number),
    )
    return [ox.Triple(subject, ox.NamedNode(name), value) for subject, name, value in said]
