"""Documents that are made ahead: every RDF document of a snapshot, as bytes in one file.

A worker writes them in the background, at the lowest priority, after the server has begun to serve
a snapshot; the front then sends them without asking a worker. They lie beside the snapshot, under
the hash of the code that wrote them, so the next server finds them there. Until they are there, and
for a snapshot with more than `Limits.printed_things` things, documents are made when asked for. So
are documents of several pages: they are few, and an answer that was made is kept (`kg.web.replay`).
"""

import json
import logging
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kg.mediatypes import RDF_TYPES, MediaType
from kg.query.evaluation import UnwritableError
from kg.query.worker import Outlet
from kg.scratch import Scratch
from kg.web.documents import document_for
from kg.web.entities import record_of
from kg.web.links import document_of
from kg.web.signposts import Record, header, signs
from kg.web.site import Site

_LOG: Final = logging.getLogger(__name__)


class Printed:
    """The documents of one snapshot in a file; for one thread."""

    def __init__(self, path: Path) -> None:
        """Open a file that `print_all` has written."""
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True
        )

    def find(self, name: str, media_type: MediaType, mount: str) -> tuple[bytes, str] | None:
        """Return a document and the value of its `Link` header, or None where there is none.

        Args:
            name: What follows `/doc/` in its path, without the extension.
            media_type: Its format.
            mount: What comes before the paths of the site, see `kg.web.links`.
        """
        row = self._connection.execute(
            "SELECT body, kinds, iri, licence FROM document JOIN record USING (name) "
            "WHERE name = ? AND extension = ?",
            (name, media_type.extension),
        ).fetchone()
        if row is None:
            return None
        body, kinds, iri, licence = row
        record = Record(iri, f"/doc/{name}", tuple(json.loads(kinds)), licence)
        return bytes(body), header(signs(record, media_type), mount)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def file_for(folder: Path, release: str) -> Path:
    """Return the path of the file of a snapshot."""
    return folder / f"documents-{release}.sqlite"


def print_all(site: Site, job: dict[str, Any], outlet: Outlet) -> None:
    """Write all documents to a file, and the number of things to the answer.

    Args:
        site: What is served.
        job: `path` of the file; it is complete when it is there.
        outlet: Takes the number; 0 where there are more things than may be printed.
    """
    most = site.limits.printed_things
    names = site.things
    if len(names) > most:
        outlet.write(b"0")
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))  # this job is ours, and long
    path = Path(job["path"])
    with Scratch(path.parent) as folder:
        partial = folder / path.name
        with closing(sqlite3.connect(partial)) as connection, connection:
            connection.execute(
                "CREATE TABLE document (name TEXT, extension TEXT, body BLOB, "
                "PRIMARY KEY (name, extension)) WITHOUT ROWID"
            )
            connection.executemany("INSERT INTO document VALUES (?, ?, ?)", _documents(site, names))
            connection.execute(
                "CREATE TABLE record (name TEXT PRIMARY KEY, iri TEXT, kinds TEXT, licence TEXT) "
                "WITHOUT ROWID"
            )
            connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", _records(site, names))
        partial.replace(path)
        for old in set(path.parent.glob("documents-*.sqlite")) - {path}:
            old.unlink()
    outlet.write(str(len(names)).encode())


def _records(site: Site, paths: list[str]) -> Iterator[tuple[str, str, str, str]]:
    for path in paths:
        found = record_of(site, path)
        yield document_of(path) or "", found.iri, json.dumps(found.kinds), found.licence


def _documents(site: Site, paths: list[str]) -> Iterator[tuple[str, str, bytes]]:
    """Give the documents of one page; others are made, or refused, when they are asked for."""
    for path in paths:
        name = document_of(path) or ""
        made = document_for(site, site.served.base + path, name)
        if made.pages > 1:
            continue
        try:
            forms = made.write(site, RDF_TYPES)
        except UnwritableError:
            continue
        for extension, body in forms.items():
            yield name, extension, body
