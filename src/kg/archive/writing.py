"""Writing the archive of a release, and bringing one up to date that older software has written."""

import gzip
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import BuildError
from kg.release import Release
from kg.scratch import Scratch
from kg.snapshot import has_blank

FILE: Final = "archive.sqlite"
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
"""
_MENTION: Final = (
    "CREATE TABLE mention (path TEXT, dependent TEXT, PRIMARY KEY (path, dependent)) WITHOUT ROWID"
)


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
        _add_mentions(connection, base, lines)


def bring_up_to_date(release: Release) -> None:
    """Add to the archive of a release what older software did not write; others are left alone.

    The table `mention` came after the others. It is made from the dump, in a copy that then takes
    the place of the archive in one step; who reads the old one goes on reading it.

    Raises:
        BuildError: It cannot be written, or the dump cannot be read.
        sqlite3.Error: The archive is damaged.
    """
    file = release.folder / FILE
    if not file.exists():
        return
    with closing(read_only(file)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in found}
    if tables != {"document", "change"}:
        return
    try:
        _write_mentions(release, file)
    except (OSError, EOFError, zlib.error, sqlite3.Error) as error:
        raise BuildError(
            f"{file}: written by older software, and cannot be brought up to date: {error}; let "
            f"the server write there once, with {WHOLE} in its place, or restore the folder from a "
            "copy that newer software has served"
        ) from None


def _write_mentions(release: Release, file: Path) -> None:
    with Scratch(release.folder) as folder:
        made = folder / FILE
        shutil.copyfile(file, made)
        with closing(sqlite3.connect(made)) as connection, connection:
            _add_mentions(connection, release.base, lines_of(release))
        made.replace(file)


def _add_mentions(connection: sqlite3.Connection, base: str, lines: Iterable[bytes]) -> None:
    connection.execute(_MENTION)
    connection.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?)", _mentions(base, lines))


def read_only(file: Path) -> sqlite3.Connection:
    """Open an archive for reading, from any thread."""
    uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


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
