"""IRIs of the dataset and the addresses of this server.

An IRI under the base becomes a path, so that a local copy can be browsed under any host name; the
`Host` of a request never becomes part of an IRI. IRIs from outside become links only if they are
http or https.

The site is served at the root of the server and under the path of its base, the mount: for
`https://example.org/kg/` both `/id/city/x` and `/kg/id/city/x` answer, whether or not a proxy takes
that path away.
"""

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

_SAFE: Final = "/:@!$&'()*+,;=-._~#"
_ENTITY: Final = re.compile(r"[a-z][a-z0-9-]*/[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_CONCEPT: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_LOOPBACK: Final = re.compile(
    r"(?:localhost|127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}|\[::1\])(?::\d{1,5})?",
    re.ASCII | re.IGNORECASE,
)
_PAGE: Final = re.compile(r"(?:^|&)page=([1-9]\d{0,8})(?:&|$)", re.ASCII)
_GRAPH: Final = re.compile(r"[a-z0-9-]+(?:/[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*")


def is_loopback(host: str) -> bool:
    """Tell whether the value of a `Host` header names this machine itself.

    >>> is_loopback("localhost:8000"), is_loopback("[::1]"), is_loopback("example.org")
    (True, True, False)
    """
    return _LOOPBACK.fullmatch(host) is not None


def mount_of(base: str) -> str:
    """Return the path of a base without the slash at its end.

    >>> mount_of("https://example.org/kg/"), mount_of("https://example.org/")
    ('/kg', '')
    """
    return quote(unquote(urlsplit(base).path), safe=_SAFE).rstrip("/")


def href(iri: str, base: str, mount: str = "") -> str | None:
    """Return what a link to an IRI points at, or None where there should be no link.

    >>> href("https://example.org/id/city/lt-klaipeda", "https://example.org/")
    '/id/city/lt-klaipeda'
    >>> href("javascript:alert(1)", "https://example.org/") is None
    True
    """
    if iri.startswith(base):
        return f"{mount}/" + quote(iri[len(base) :], safe=_SAFE + "?%")
    if iri.startswith(("http://", "https://")):
        return iri
    return None


def is_local(iri: str, base: str) -> bool:
    """Tell whether an IRI belongs to the dataset."""
    return iri.startswith(base)


def thing_of(document: str) -> str | None:
    """Return the path of the thing that a document path is about; None if it cannot be one.

    Args:
        document: Path below `/doc/`, without extension.

    >>> thing_of("city/lt-klaipeda"), thing_of("voc/role-lead"), thing_of("graph/links")
    ('id/city/lt-klaipeda', 'voc/role-lead', 'graph/links')
    """
    kind, _, rest = document.partition("/")
    if kind == "voc":
        return document if _CONCEPT.fullmatch(rest) else None
    if kind == "graph":
        return document if _GRAPH.fullmatch(rest) else None
    return f"id/{document}" if _ENTITY.fullmatch(document) else None


def document_of(thing: str) -> str | None:
    """Return the path below `/doc/` of a thing's document; None if the path names no thing.

    >>> document_of("id/city/lt-klaipeda")
    'city/lt-klaipeda'
    """
    document = thing.removeprefix("id/")
    return document if thing_of(document) == thing else None


def paged(path: str, number: int) -> str:
    """Return the path of a page of a document.

    >>> paged("/doc/city/lt-klaipeda", 1), paged("/doc/city/lt-klaipeda", 2)
    ('/doc/city/lt-klaipeda', '/doc/city/lt-klaipeda?page=2')
    """
    return path if number == 1 else f"{path}?page={number}"


def page_of(query: str) -> int:
    """Return the number of the page that the query of an address asks for; 1 where it is none.

    >>> page_of("page=12"), page_of("page=x"), page_of("")
    (12, 1, 1)
    """
    found = _PAGE.search(query)
    return int(found[1]) if found else 1
