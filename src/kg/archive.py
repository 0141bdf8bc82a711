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

It is written once, with the release, and then only read: a look-up by key is quick enough for an
event loop, and what it returns is handed on deflated to who makes a page of it.
"""

import gzip
import logging
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.release import Release, releases
from kg.snapshot import has_blank

FILE: Final = "archive.sqlite"
MEMBERS: Final = 100  # on a page of the change feed
NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")  # of such a page
WHOLE: Final = "dataset.nq.gz"  # the canonical N-Quads among the dumps of a release
CREATE: Final = "Create"
UPDATE: Final = "Update"
DELETE: Final = "Delete"
_RETIRED: Final = "graph/retired"
_KINDS: Final = ("id/", "voc/")  # paths of what has a history: things and concepts
# Paths of what has no life of its own: it says something about the things that it names.
_DEPENDENTS: Final = ("claim", "name", "participation", "role", "signature")
_TABLES: Final = """
CREATE TABLE document (path TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
CREATE TABLE change (
    number INTEGER PRIMARY KEY, path TEXT UNIQUE, kind TEXT, added BLOB, removed BLOB, state BLOB
);
CREATE TABLE mention (path TEXT, dependent TEXT, PRIMARY KEY (path, dependent)) WITHOUT ROWID;
"""
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


def write(
    path: Path,
    base: str,
    documents: Iterable[tuple[str, bytes]],
    now: Path,
    before: Iterable[bytes],
    *,
    has_document: Callable[[str], bool],
) -> None:
    """Write the archive of a release.

    Args:
        path: Of the file, which is not there yet.
        base: Of the IRIs.
        documents: Path of each thing, with the page where there are several, and its document as
            N-Quads.
        now: The canonical N-Quads of the release, sorted.
        before: Lines of those of the release before it; none for the first release.
        has_document: Tells whether a path is one of a thing that has documents.

    Raises:
        OSError, sqlite3.Error: It cannot be written.
    """
    with closing(sqlite3.connect(path)) as connection, connection, now.open("rb") as lines:
        connection.executescript(_TABLES)
        connection.executemany(
            "INSERT INTO document VALUES (?, ?)",
            ((name, zlib.compress(body, 9)) for name, body in documents),
        )
        connection.executemany(
            "INSERT INTO change (path, kind, added, removed, state) VALUES (?, ?, ?, ?, ?)",
            (row for row in _changes(base, lines, before) if has_document(row[0])),
        )
        lines.seek(0)
        connection.executemany(
            "INSERT OR IGNORE INTO mention VALUES (?, ?)", _mentions(base, lines)
        )


def lines_of(release: Release) -> Iterator[bytes]:
    """Give the lines of canonical N-Quads of a release."""
    with gzip.open(release.folder / WHOLE) as lines:
        yield from lines


def _mentions(base: str, lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Give the path of each thing with that of what only says something about it.

    That is what names it, such as a claim, and the names that it has.
    """
    start = re.escape(base.encode())
    dependent = rb"id/(?:%s)/[^>]*" % "|".join(_DEPENDENTS).encode()
    naming = re.compile(rb"<%s(%s)> <[^>]*> <%s([^>]*)> " % (start, dependent, start))
    named = re.compile(rb"<%s(id/[^>]*)> <[^>]*> <%s(id/name/[^>]*)> " % (start, start))
    for line in lines:
        if found := naming.match(line):
            yield found[2].decode(), found[1].decode()
        elif found := named.match(line):
            yield found[1].decode(), found[2].decode()


def _changes(
    base: str, now: Iterable[bytes], before: Iterable[bytes]
) -> Iterator[tuple[str, str, bytes, bytes, bytes]]:
    """Give the rows of the changes, in the order of the paths."""
    end = f" <{base}{_RETIRED}> .\n".encode()
    for subject, old, new in _side_by_side(_grouped(base, before), _grouped(base, now)):
        added, removed = sorted(new - old), sorted(old - new)
        was, stays = _is_described(old, end), _is_described(new, end)
        if not (added or removed) or not (was or stays):
            continue
        kind = UPDATE if was and stays else CREATE if stays else DELETE
        state = [line for line in sorted(new) if _is_accepted(line)]
        yield subject, kind, _packed(added), _packed(removed), _packed(state)


def _is_described(lines: set[bytes], retired: bytes) -> bool:
    """Tell whether lines about a thing say more than that it is retired."""
    return not all(line.endswith(retired) for line in lines)


def _packed(lines: list[bytes]) -> bytes:
    return zlib.compress(b"".join(lines), 9)


def _grouped(base: str, lines: Iterable[bytes]) -> Iterator[tuple[str, set[bytes]]]:
    """Give the path of each thing and the lines about it, which are together in sorted lines."""
    starts = tuple(f"<{base}{kind}".encode() for kind in _KINDS)
    own = (line for line in lines if line.startswith(starts))
    for subject, found in groupby(own, key=lambda line: line.partition(b" ")[0]):
        path = subject[1:-1].decode().removeprefix(base)
        kept = {line for line in found if not has_blank(line)}
        if kept and "#" not in path:
            yield path, kept


def _side_by_side(
    old: Iterator[tuple[str, set[bytes]]], new: Iterator[tuple[str, set[bytes]]]
) -> Iterator[tuple[str, set[bytes], set[bytes]]]:
    """Give each path with its lines on both sides, either of which may be empty.

    Both sides are in the order of `<path>`, the bytes that their lines begin with.
    """
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and _key(left[0]) < _key(right[0])):
            assert left is not None  # noqa: S101 - one of them is there
            yield left[0], left[1], set()
            left = next(old, None)
        elif left is None or _key(right[0]) < _key(left[0]):
            yield right[0], set(), right[1]
            right = next(new, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(old, None), next(new, None)


def _key(path: str) -> bytes:
    return path.encode() + b">"


def _is_accepted(line: bytes) -> bool:
    """Tell whether a line of N-Quads is in the default graph."""
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_QUADS)
    return isinstance(quad.graph_name, ox.DefaultGraph)


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
    uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _change(
    release: Release, row: tuple[str, str, bytes, bytes, bytes], before: str | None = None
) -> Change:
    return Change(release.version, release.released, *row, before)


def archive_of(workspace: Path | None, base: str) -> Archive:
    """Return the archive of the releases of a workspace under a base; empty without a workspace.

    Raises:
        BuildError: A release is damaged.
        sqlite3.Error: An archive is damaged.
    """
    if workspace is None:
        return Archive([])
    return Archive([release for release in releases(workspace) if release.base == base])
