"""Keeping what a release says: its documents as they are served, and what it changed.

`kg.release` writes a release and stands below the pages; so it is handed what writes this part.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg import archive
from kg.errors import BuildError
from kg.mediatypes import N_QUADS
from kg.query.service import Limits
from kg.release import Fill, Release
from kg.snapshot import Snapshot, on_disk
from kg.web.deployment import is_too_large
from kg.web.documents import document_for
from kg.web.links import document_of, paged
from kg.web.site import Served, Site


def archived(snapshot: Snapshot, limits: Limits | None = None) -> Fill:
    """Return what writes the archive of a release into its folder, see `kg.archive`.

    Args:
        snapshot: What is released.
        limits: Of these `memory_share` says which snapshot is read from disk, as where it is
            served; the defaults of `Limits` if None.
    """
    known = limits or Limits()

    def fill(folder: Path, previous: Release | None) -> None:
        base = snapshot.manifest.base
        before: Iterable[bytes] = ()
        if previous is not None and previous.base == base:
            before = archive.lines_of(previous)
        try:
            archive.write(
                folder / archive.FILE,
                base,
                _documents(snapshot, known),
                snapshot.nquads,
                before,
                has_document=lambda path: document_of(path) is not None,
            )
        except sqlite3.Error as error:
            raise BuildError(f"{folder}: the archive cannot be written: {error}") from None

    return fill


def _documents(snapshot: Snapshot, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Give the path of each thing and its document, page by page, as the server sends it."""
    manifest = snapshot.manifest
    served = Served(
        store=_store_of(snapshot, limits),
        base=manifest.base,
        version=manifest.version,
        snapshot_id=manifest.snapshot,
        graphs=manifest.graphs,
        classes=manifest.classes,
        triples=manifest.triples,
    )
    site = Site(served, limits)
    for path in site.things:
        iri, name = manifest.base + path, document_of(path) or ""
        number = pages = 1
        while number <= pages:
            made = document_for(site, iri, name, number)
            yield paged(path, number), made.write(site, [N_QUADS])[N_QUADS.extension]
            number, pages = number + 1, made.pages


def _store_of(snapshot: Snapshot, limits: Limits) -> ox.Store:
    if is_too_large(snapshot, limits):
        return ox.Store.read_only(str(on_disk(snapshot)))
    return snapshot.store()
