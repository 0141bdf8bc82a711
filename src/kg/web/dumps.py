"""Dumps, sent from where the files are: in the front, because a worker can open none.

A dump never changes, so its entity tag is its SHA-256 and its date that of its release. What
compresses it is a part of the file and no content coding: its hash is that of `SHA256SUMS`. Which
part of it a request asks for says `kg.web.ranges`.
"""

import os
from collections.abc import Sequence
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from kg.mediatypes import HTML, PLAIN
from kg.query.protocol import ProtocolError
from kg.release import RECORD, SUMS, Release, as_record, text_of
from kg.web.http import Asked, encoded, is_known, not_coded, send_whole, unmet
from kg.web.ranges import is_current, wanted
from kg.web.signposts import LINKSETS, Sign, header

PREFIX: Final = "/dump/"
_ABOUT: Final = ("/.well-known/void", "/catalog", "/dataset", "/dump")
_CACHE: Final = "public, max-age=86400"  # not for good: a dump can be withdrawn


class Found(NamedTuple):
    """A file of a release.

    Attributes:
        release: That it belongs to.
        path: Where it is.
        media_type: Of the file.
        etag: Strong.
    """

    release: Release
    path: Path
    media_type: str
    etag: str


def find(path: str, releases: Sequence[Release]) -> Found | None:
    """Return the file that an address names, or None.

    Args:
        path: Of the request, without the mount.
        releases: Those that are kept.
    """
    if not path.startswith(PREFIX):
        return None
    version, _, name = path.removeprefix(PREFIX).partition("/")
    release = next((found for found in releases if found.version == version), None)
    if release is None:
        return None
    file = release.file(name)
    if file is not None:
        return Found(release, release.folder / name, file.compression, f'"{file.sha256}"')
    if name in (SUMS, RECORD):
        kind = PLAIN.content_type if name == SUMS else "application/json"
        return Found(release, release.folder / name, kind, f'"{release.snapshot}-{name}"')
    return None


async def answer(
    releases: Sequence[Release], licence: str, scope: Scope, receive: Receive, send: Send
) -> int:
    """Send a dump, or a range of it (RFC 9110, section 14).

    Args:
        releases: Those that are kept.
        licence: IRI of the licence of the data.
        scope: Of the request.
        receive: Of the request.
        send: Takes the answer.

    Returns:
        The status of the answer.

    Raises:
        ProtocolError: There is no such file, the method is none for reading, a condition of the
            client does not hold, or nothing of the range is there.
    """
    asked = Asked(scope)
    found = find(scope["path"], releases)
    if found is None:
        raise ProtocolError(404, "Not found", f"{scope['path']} is no dump; see /dump")
    if asked.method not in ("GET", "HEAD"):
        allowed = {"Allow": "GET, HEAD, OPTIONS"}
        raise ProtocolError(405, "Method not allowed", "a dump can only be read", allowed)
    headers = _headers(found, licence, asked.mount)
    moment = found.release.released.timestamp()
    size = _stat(found)
    if asked.refuses_plain():
        raise not_coded(["identity"])
    if asked.refuses(found.etag, moment):
        raise unmet(scope["path"])
    tags = asked.tags if asked.has_tags else None
    if is_known(tags, asked.since, found.etag, moment):
        await send_whole(send, asked, 304, encoded(headers), b"")
        return 304
    scope = {**scope, "headers": _with_range(asked, headers, size.st_size)}
    return await _send_file(found, size, headers, scope, receive, send)


def _headers(found: Found, licence: str, mount: str) -> dict[str, str]:
    release, about = found.release, f"{PREFIX}{found.release.version}"
    signs = [
        Sign("cite-as", f"{release.base}dataset/{release.version}"),
        Sign("license", licence),
        Sign("type", "https://schema.org/DataDownload"),
        Sign("describedby", about),
        Sign("collection", about, HTML.name),
    ]
    return {
        "ETag": found.etag,
        "Last-Modified": format_datetime(found.release.released, usegmt=True),
        "Cache-Control": _CACHE,
        "Accept-Ranges": "bytes",
        "Link": header(signs, mount),
    }


def _stat(found: Found) -> os.stat_result:
    try:
        return found.path.stat()
    except OSError:
        raise ProtocolError(
            410, "Gone", f"the dump {found.path.name} was withdrawn; see /dump"
        ) from None


def _with_range(asked: Asked, headers: dict[str, str], size: int) -> list[tuple[bytes, bytes]]:
    """Return the headers of the request, with `Range` only where a range is to be sent.

    Raises:
        ProtocolError: 416.
    """
    kept = [pair for pair in asked.headers if pair[0] not in (b"range", b"if-range")]
    if not is_current(asked.field(b"if-range"), headers["ETag"], headers["Last-Modified"]):
        return kept
    parts = wanted(asked.method, asked.field(b"range"), size)
    if parts is None:
        return kept
    if not parts:
        told = {"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"}
        detail = f"the file has {size:,} bytes, and none of those that are asked for"
        raise ProtocolError(416, "Range not satisfiable", detail, told)
    shown = ",".join(f"{first}-{after - 1}" for first, after in parts)
    return [*kept, (b"range", f"bytes={shown}".encode())]


async def _send_file(
    found: Found,
    size: os.stat_result,
    headers: dict[str, str],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> int:
    status = 0

    async def noted(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        await send(message)

    response = FileResponse(
        found.path, headers=headers, media_type=found.media_type, stat_result=size
    )
    await response(scope, receive, noted)
    return status


class Facts:
    """What pages about the dataset are made from, worked out once for the same releases."""

    def __init__(self, releases: Sequence[Release]) -> None:
        """Work it out.

        Args:
            releases: Those that are kept, oldest first.
        """
        self._releases = releases
        self._known = [
            {
                "version": release.version,
                "released": text_of(release.released),
                "snapshot": release.snapshot,
                "previous": release.previous,
            }
            for release in releases
        ]
        self._records = {release.version: as_record(release) for release in releases}
        self._dates = _dates(releases)
        self._changed = releases[-1].folder.stat().st_mtime if releases else None

    def of(self, path: str, snapshot: str) -> dict[str, Any]:
        """Return the part of a job that a page about the dataset needs; else nothing.

        Args:
            path: Of the page, without the mount.
            snapshot: Hash of the one that is served.
        """
        path = path.removeprefix(LINKSETS)  # a linkset has what its document has
        if not path.startswith(_ABOUT):
            return {}
        shown = _shown(path, self._releases, snapshot)
        return {
            "catalogue": {
                "releases": self._known,
                "release": None if shown is None else self._records[shown.version],
                "dates": self._dates,
                "changed": self._changed,
            }
        }


def _shown(path: str, releases: Sequence[Release], snapshot: str) -> Release | None:
    """Return the release that a page is about: the one in its path, or served, or the last."""
    if path.startswith(PREFIX):
        name = path.removeprefix(PREFIX)
        asked = [found for found in releases if f"{name}.".startswith(f"{found.version}.")]
        return max(asked, key=lambda found: len(found.version), default=None)
    last = releases[-1] if releases else None
    return next((found for found in releases if found.snapshot == snapshot), last)


def _dates(releases: Sequence[Release]) -> dict[str, tuple[str, str]]:
    """Return when each named graph was first released, and when last with other content."""
    found: dict[str, tuple[str, str]] = {}
    before: dict[str, set[str]] = {}
    for release in releases:
        moment = text_of(release.released)
        hashes: dict[str, set[str]] = {}
        for file in release.files:
            if file.graph is not None:
                hashes.setdefault(file.graph, set()).add(file.sha256)
        for graph, own in hashes.items():
            issued, modified = found.get(graph, (moment, moment))
            found[graph] = issued, modified if before.get(graph) == own else moment
        before = hashes
    return found
