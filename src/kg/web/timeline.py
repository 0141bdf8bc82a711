"""What the front knows of releases: where datetime negotiation leads, and what pages need of them.

The workers hold the current snapshot and can open no file. So what a page about the past is made
from, a few rows of `kg.archive`, deflated, is put into the job; nothing is parsed here.
"""

import sqlite3
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from starlette.types import Scope

from kg.archive import MEMBERS, NUMBER, Archive, Change, archive_of
from kg.dataset import RETIRED
from kg.errors import KgError
from kg.memento import (
    TIMEMAP_JSON,
    Original,
    chosen,
    document_links,
    moment_of,
    original_of,
    version_links,
)
from kg.namespaces import CANONICAL_BASE
from kg.query.protocol import ProtocolError, shortened
from kg.release import FOLDER, text_of
from kg.retired import of_nquads
from kg.web.deployment import Deployment, PageReply
from kg.web.entities import split_extension
from kg.web.http import Asked
from kg.web.links import page_of, paged, thing_of
from kg.web.responses import VARY

_DOCUMENT: Final = "/doc/"
# Of a path, its first; that of the home page is empty.
_PARTS: Final = ("", "cite", "feed", "history", "release", "sitemap", "timemap")
NEGOTIATED: Final = f"Accept-Datetime, {VARY}"


class Timeline:
    """The releases that are kept beside what is served.

    Attributes:
        archive: What is kept of them.
        hidden: Paths of what no old state may show, because it was removed on request, or only
            said something about what was.
        changed: When a release came or went last, in seconds since 1970; None where there was
            never one.
    """

    def __init__(self, workspace: Path | None, base: str) -> None:
        """Make it, without a release; `newer` looks for them.

        Args:
            workspace: Where releases are; None for none.
            base: Of the IRIs that are served; releases under another base are left out.
        """
        self.archive = Archive([])
        self.hidden: frozenset[str] = frozenset()
        self._removed: frozenset[str] = frozenset()
        self._workspace = workspace
        self._base = base
        self._seen: int | None = None
        self.changed: float | None = None

    def newer(self, base: str) -> Archive | None:
        """Return the archive with releases that came since the last look, or None; for a thread.

        Args:
            base: Of the IRIs that are served now.

        Raises:
            KgError: A release, or its archive, is damaged; the last archive goes on being used.
        """
        if base != self._base:
            self._base, self._seen = base, None
        folder = None if self._workspace is None else self._workspace / FOLDER
        if folder is None or not folder.exists():
            return None
        changed = folder.stat().st_mtime_ns
        if changed == self._seen:
            return None
        try:
            found = archive_of(self._workspace, self._base)
        except sqlite3.Error as error:
            raise KgError(f"{folder}: an archive is damaged ({error})") from None
        self._seen, self.changed = changed, changed / 1e9
        return found

    def take_up(self, new: Archive) -> None:
        """Use another archive from now on."""
        old, self.archive = self.archive, new
        old.close()
        self.hide(self._removed)

    def hide(self, removed: frozenset[str]) -> None:
        """Show no more of some things in any old state, nor of what only says something of them.

        Args:
            removed: Paths of what the snapshot that is served says was removed on request.
        """
        self._removed, self.hidden = removed, self.archive.about(removed)

    def version_of(self, snapshot: str) -> str | None:
        """Return the version under which a snapshot was released, or None."""
        found = self.archive.of_snapshot(snapshot)
        return None if found is None else found.version

    def marked(self, scope: Scope, reply: PageReply) -> PageReply:
        """Return the answer with a document as it is now, which says that it has versions.

        Where there is no document any more, it says so too if a release had it.
        """
        if not scope["path"].startswith(_DOCUMENT) or reply.status not in (200, 304, 404, 410):
            return reply
        document = _asked_of(scope, _DOCUMENT)
        if reply.status in (404, 410) and not self._holding(document):
            return reply
        links = document_links(original_of(self._base, document, []))
        others = [pair for pair in reply.headers if pair[0].lower() != "vary"]
        return replace(reply, headers=[*others, ("Link", links), ("Vary", NEGOTIATED)])

    def negotiate(self, scope: Scope, asked: Asked) -> PageReply | None:
        """Return what leads to the version of a document that held at a moment.

        Returns:
            A redirection; None where none was asked for, and where no release has the thing, so
            that there is only the document as it is now.

        Raises:
            ProtocolError: 400 where the value of `Accept-Datetime` is malformed.
        """
        is_read = asked.method in ("GET", "HEAD")
        if asked.when is None or not is_read or not scope["path"].startswith(_DOCUMENT):
            return None
        moment = moment_of(asked.when)
        if moment is None:
            detail = (
                f"Accept-Datetime is {shortened(asked.when)!r}; expected a date such as "
                "Thu, 31 May 2007 20:35:00 GMT (RFC 7089, section 2.1.1)"
            )
            raise ProtocolError(400, "Malformed date", detail)
        original = self._original(_asked_of(scope, _DOCUMENT))
        if not original.mementos:
            return None
        index = chosen(original.mementos, moment)
        address = original.mementos[index].address.removeprefix(self._base)
        headers = [
            ("Location", f"{asked.mount}/{address}"),
            ("Vary", NEGOTIATED),
            ("Link", version_links(original, index)),
            ("Cache-Control", "no-cache"),
        ]
        return PageReply(302, headers, b"", None)

    def facts(self, scope: Scope, snapshot: str) -> dict[str, Any]:
        """Return what a page about releases is made from, as a part of the job; else nothing.

        Args:
            scope: Of the request.
            snapshot: Hash of the one that is served.
        """
        part, _, rest = _asked_of(scope, "/").partition("/")
        part = part.partition(".")[0]
        if part not in _PARTS:
            return {}
        return {"past": self._past(part, rest, snapshot)}

    def _past(self, part: str, rest: str, snapshot: str) -> dict[str, Any]:
        served = self.archive.of_snapshot(snapshot)
        found: dict[str, Any] = {
            "served": None if served is None else served.version,
            "releases": [
                {"version": release.version, "released": text_of(release.released)}
                for release in self.archive.releases
            ],
            "hidden": sorted(self.hidden),
            "changed": self.changed,
        }
        if part == "sitemap":
            return found
        if part == "":
            return found | {"counts": self.archive.counts}
        if part == "timemap":
            name, mark, page = rest.partition("?")
            name = name.removesuffix(f".{TIMEMAP_JSON.extension}")
            return found | {"holding": self._holding(name + mark + page)}
        if part == "release":
            version, _, document = rest.partition(_DOCUMENT)
            return found | self._document(version, document)
        if part == "history":
            changes = self.archive.history(self._shown(rest) or "")
            return found | {"changes": [_row(change) for change in changes]}
        if part == "feed":
            return found | self._feed(rest)
        return found | {"holding": self._holding(rest.partition(".")[0])}

    def _document(self, version: str, document: str) -> dict[str, Any]:
        thing = self._shown(document)
        body = None if thing is None else self.archive.document(version, thing)
        return {"holding": self._holding(document), "body": body}

    def _feed(self, rest: str) -> dict[str, Any]:
        number = rest.partition(".")[0]
        found: dict[str, Any] = {"counts": self.archive.counts, "changes": []}
        if NUMBER.fullmatch(number):
            start = (int(number) - 1) * MEMBERS
            found["changes"] = [
                _row(change) for change in self.archive.between(start, start + MEMBERS)
            ]
        return found

    def _holding(self, document: str) -> list[str]:
        thing = self._shown(document)
        return [release.version for release in self.archive.holding(thing or "")]

    def _original(self, document: str) -> Original:
        releases = self.archive.holding(self._shown(document) or "")
        return original_of(
            self._base, document, [(release.version, release.released) for release in releases]
        )

    def _shown(self, document: str) -> str | None:
        """Return the path of the thing that a document is about, unless it is hidden."""
        thing = _thing(document) or ""
        return None if thing.partition("?")[0] in self.hidden else thing


def removed_in(deployment: Deployment) -> frozenset[str]:
    """Return the paths of what a snapshot says was removed on request; for a thread.

    Raises:
        OSError: The snapshot cannot be read.
    """
    graph = deployment.base + RETIRED.removeprefix(CANONICAL_BASE)
    if deployment.folder is None or graph not in deployment.facts["graphs"]:
        return frozenset()
    found = of_nquads(deployment.folder / "dataset.nq", deployment.base)
    return frozenset(path for path, record in found.items() if record.is_on_request)


def _asked_of(scope: Scope, prefix: str) -> str:
    """Return what follows a prefix in the path, with the page where it is not the first."""
    path: str = scope["path"]
    number = page_of(scope["query_string"].decode("latin-1"))
    return paged(path.removeprefix(prefix), number)


def _thing(document: str) -> str | None:
    """Return the path of the thing that a document is about, with the page as it is kept."""
    name, mark, page = document.partition("?")
    thing = thing_of(split_extension(name)[0])
    return None if thing is None else thing + mark + page


def _row(change: Change) -> dict[str, Any]:
    return asdict(change) | {"released": text_of(change.released)}
