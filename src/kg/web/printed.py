"""Documents that are made ahead: every RDF document of a snapshot, as bytes in one file.

A worker writes them in the background, at the lowest priority, after the server has begun to serve
a snapshot; the front then sends them without asking a worker. They lie beside the snapshot, under
the hash of the code that wrote them, so the next server finds them there. Until they are there, and
for a snapshot with more than `Limits.printed_things` things, documents are made when asked for.
"""

import logging
import os
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.mediatypes import RDF_TYPES
from kg.query.worker import Outlet
from kg.web.documents import graph_documents, thing_documents
from kg.web.links import document_of
from kg.web.site import Site

_LOG: Final = logging.getLogger(__name__)


class Printed:
    """The documents of one snapshot in a file; for one thread."""

    def __init__(self, path: Path) -> None:
        """Open a file that `print_all` has written."""
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True
        )

    def find(self, name: str, extension: str) -> bytes | None:
        """Return a document, or None where there is none.

        Args:
            name: What follows `/doc/` in its path, without the extension.
            extension: Of the format.
        """
        row = self._connection.execute(
            "SELECT body FROM document WHERE name = ? AND extension = ?", (name, extension)
        ).fetchone()
        return None if row is None else bytes(row[0])

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
    names = sorted(_names(site))
    if len(names) > most:
        outlet.write(b"0")
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))  # this job is ours, and long
    path = Path(job["path"])
    descriptor, partial = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
    os.close(descriptor)
    try:
        with sqlite3.connect(partial) as connection:
            connection.execute(
                "CREATE TABLE document (name TEXT, extension TEXT, body BLOB, "
                "PRIMARY KEY (name, extension)) WITHOUT ROWID"
            )
            connection.executemany("INSERT INTO document VALUES (?, ?, ?)", _documents(site, names))
        connection.close()
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
        for old in set(path.parent.glob("documents-*.sqlite")) - {path}:
            old.unlink()
    finally:
        Path(partial).unlink(missing_ok=True)
    outlet.write(str(len(names)).encode())


def _names(site: Site) -> set[str]:
    """Return the paths of all things and graphs that have a document."""
    base = site.served.base
    found: set[str] = set()
    for quad in site.served.store.quads_for_pattern(None, None, None, None):
        for node in (quad.subject, quad.object):
            if isinstance(node, ox.NamedNode) and node.value.startswith(base):
                found.add(node.value.removeprefix(base))
    found |= {iri.removeprefix(base) for iri in site.graphs if iri.startswith(base)}
    return {
        path
        for path in found
        if document_of(path) is not None
        and (not path.startswith("graph/") or f"{base}{path}" in site.graphs)
    }


def _documents(site: Site, paths: list[str]) -> Iterator[tuple[str, str, bytes]]:
    base = site.served.base
    for path in paths:
        name = document_of(path) or ""
        make = graph_documents if path.startswith("graph/") else thing_documents
        for extension, body in make(site, base + path, f"{base}doc/{name}", RDF_TYPES).items():
            yield name, extension, body
