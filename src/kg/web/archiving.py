"""Keeping what a release says: its documents as they are served, and what it changed.

`kg.release` writes a release and stands below the pages; so it is handed what writes this part.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg import archive
from kg.errors import BuildError
from kg.mediatypes import N_QUADS
from kg.query.service import Limits
from kg.release import Fill, Release
from kg.snapshot import Snapshot
from kg.web.documents import document_for
from kg.web.links import document_of, paged
from kg.web.site import Served, Site


def archived(snapshot: Snapshot) -> Fill:
    """Return what writes the archive of a release into its folder, see `kg.archive`."""

    def fill(folder: Path, previous: Release | None) -> None:
        base = snapshot.manifest.base
        before: Iterable[bytes] = ()
        if previous is not None and previous.base == base:
            before = archive.lines_of(previous)
        try:
            archive.write(
                folder / archive.FILE,
                base,
                _documents(snapshot),
                snapshot.nquads,
                before,
                has_document=lambda path: document_of(path) is not None,
            )
        except sqlite3.Error as error:
            raise BuildError(f"{folder}: the archive cannot be written: {error}") from None

    return fill


def _documents(snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    """Give the path of each thing and its document, page by page, as the server sends it."""
    manifest = snapshot.manifest
    served = Served(
        store=snapshot.store(),
        base=manifest.base,
        version=manifest.version,
        snapshot_id=manifest.snapshot,
        graphs=manifest.graphs,
        classes=manifest.classes,
        triples=manifest.triples,
    )
    site = Site(served, Limits())
    for path in site.things:
        iri, name = manifest.base + path, document_of(path) or ""
        number = pages = 1
        while number <= pages:
            made = document_for(site, iri, name, number)
            yield paged(path, number), made.write(site, [N_QUADS])[N_QUADS.extension]
            number, pages = number + 1, made.pages
