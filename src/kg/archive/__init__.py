"""What stays readable of a release: its documents, and what it changed about each thing.

    <workspace>/releases/<version>/archive.sqlite
        document(path, body)     the document about a thing as N-Quads, deflated; a page after the
                                 first has `?page=2` and so on after its path
        change(number, path, kind, added, removed, state)
                                 how the statements about a thing differ from those of the release
                                 before, and what they are now in the accepted view; deflated
        mention(path, dependent) a thing, and what only says something about it, such as a claim

A `path` is the IRI of a thing without the base. A statement is about the thing that is its subject.
Blank nodes have no identity across releases, so a statement with one is no change. A thing of which
a release only says that it is retired is deleted, and the change says why. Things are
numbered from 1 in the order of their paths; the numbers make the order of the change feed.

It is written once, with the release (`kg.archive.writing`), and then only read: a look-up by key is
quick enough for an event loop, and what it returns is handed on deflated to who makes a page of it.
"""

import logging
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.archive.writing import (
    CREATE,
    DELETE,
    FILE,
    UPDATE,
    bring_up_to_date,
    lines_of,
    read_only,
    write,
)
from kg.release import Release, releases

__all__ = [
    "CREATE",
    "DELETE",
    "FILE",
    "MEMBERS",
    "NUMBER",
    "UPDATE",
    "Archive",
    "Change",
    "archive_of",
    "lines_of",
    "write",
]

MEMBERS: Final = 100  # on a page of the change feed
NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")  # of such a page
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """What a release changed about a thing.

    Attributes:
        version: Of the release.
        released: When.
        path: Of the thing.
        kind: `CREATE`, `UPDATE` or `DELETE`.
        added: Statements that are new, as N-Quads, deflated.
        removed: Statements that are gone, as N-Quads, deflated.
        state: Accepted statements about the thing since then, as N-Triples, deflated.
        before: Version of the release that changed it last before this one, or None.
    """

    version: str
    released: datetime
    path: str
    kind: str
    added: bytes
    removed: bytes
    state: bytes
    before: str | None = None


class _Opened(NamedTuple):
    release: Release
    connection: sqlite3.Connection | None  # None where the file is not there
    first: int  # changes of the releases before it
    size: int  # its own changes

    def ask(self, query: str, *parameters: object) -> Iterable[Any]:
        """Return the rows of a query."""
        return () if self.connection is None else self.connection.execute(query, parameters)


class Archive:
    """The releases of a workspace under one base, oldest first, and what is kept of each."""

    def __init__(self, found: Sequence[Release]) -> None:
        """Open the archives of some releases.

        Of a release whose archive is not there, nothing is readable but its dumps; a warning says
        what to do.

        Args:
            found: Releases, oldest first.

        Raises:
            sqlite3.Error: One of them is damaged; the others are closed again.
        """
        self._opened: list[_Opened] = []
        first = 0
        try:
            for release in found:
                connection = _connected(release.folder / FILE)
                self._opened.append(_Opened(release, connection, first, 0))
                for (count,) in self._opened[-1].ask("SELECT count(*) FROM change"):
                    self._opened[-1] = _Opened(release, connection, first, count)
                    first += count
        except BaseException:
            self.close()
            raise

    @property
    def counts(self) -> list[int]:
        """How many things each release changed, oldest first."""
        return [opened.size for opened in self._opened]

    @property
    def releases(self) -> list[Release]:
        """The releases, oldest first."""
        return [opened.release for opened in self._opened]

    def release(self, version: str) -> Release | None:
        """Return the release of a version, or None."""
        return next((found for found in self.releases if found.version == version), None)

    def of_snapshot(self, snapshot: str) -> Release | None:
        """Return the release that a snapshot is, or None."""
        return next((found for found in self.releases if found.snapshot == snapshot), None)

    def document(self, version: str, path: str) -> bytes | None:
        """Return the document about a thing in a release, N-Quads deflated; None without one."""
        for opened in self._opened:
            if opened.release.version == version:
                for (body,) in opened.ask("SELECT body FROM document WHERE path = ?", path):
                    return bytes(body)
        return None

    def holding(self, path: str) -> list[Release]:
        """Return the releases that have a document about a thing, oldest first."""
        query = "SELECT 1 FROM document WHERE path = ?"
        return [opened.release for opened in self._opened if any(opened.ask(query, path))]

    def about(self, paths: Iterable[str]) -> frozenset[str]:
        """Return some paths, with those of all that only said something about them in a release.

        Args:
            paths: Of things.
        """
        found: set[str] = set()
        waiting = set(paths)
        query = "SELECT dependent FROM mention WHERE path = ?"
        while waiting:
            path = waiting.pop()
            found.add(path)
            rows = (row for opened in self._opened for row in opened.ask(query, path))
            waiting |= {dependent for (dependent,) in rows} - found
        return frozenset(found)

    def history(self, path: str) -> list[Change]:
        """Return what the releases changed about a thing, oldest first."""
        found: list[Change] = []
        for opened in self._opened:
            query = "SELECT path, kind, added, removed, state FROM change WHERE path = ?"
            for row in opened.ask(query, path):
                before = found[-1].version if found else None
                found.append(_change(opened.release, row, before))
        return found

    def between(self, first: int, last: int) -> list[Change]:
        """Return some changes of all releases in their order.

        Args:
            first: Number of the first one, from 0.
            last: Number after that of the last one.
        """
        found: list[Change] = []
        query = "SELECT path, kind, added, removed, state FROM change WHERE number > ? LIMIT ?"
        for opened in self._opened:
            start = max(first, opened.first)
            wanted = min(last, opened.first + opened.size) - start
            if wanted > 0:
                rows = opened.ask(query, start - opened.first, wanted)
                found += [_change(opened.release, row) for row in rows]
        return found

    def close(self) -> None:
        """Close the files."""
        for opened in self._opened:
            if opened.connection is not None:
                opened.connection.close()


def _connected(file: Path) -> sqlite3.Connection | None:
    """Open an archive for reading; None where there is none."""
    if not file.exists():
        _LOG.warning(
            "%s is missing: the release has its dumps, but no document, history or change; "
            "restore the folder from a copy",
            file,
        )
        return None
    return read_only(file)


def _change(
    release: Release, row: tuple[str, str, bytes, bytes, bytes], before: str | None = None
) -> Change:
    return Change(release.version, release.released, *row, before)


def archive_of(workspace: Path | None, base: str) -> Archive:
    """Return the archive of the releases of a workspace under a base; empty without a workspace.

    Raises:
        BuildError: A release is damaged, or its archive is an older one that cannot be brought up
            to date.
        sqlite3.Error: An archive is damaged.
    """
    if workspace is None:
        return Archive([])
    found = [release for release in releases(workspace) if release.base == base]
    for release in found:
        bring_up_to_date(release)
    return Archive(found)
