"""What becomes of the IRIs of an import when its dataset no longer has what they stood for.

An IRI that went gets an entry in `retired.ttl` beside the data: withdrawn, or merged into the thing
that its row was found to be about. What comes back in a later edition is the same thing, because it
has the same official code; then the entry goes again.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.importing.difference import RETIRED
from kg.importing.statements import Sorter, write
from kg.namespaces import CANONICAL_BASE, RDF, XSD
from kg.retired import (
    REASON,
    REASON_PREFIX,
    RETIRED_CLASS,
    RETIRED_ON,
    SUCCESSOR,
    WITHDRAWN,
    Retired,
    of_triples,
)

_HEADING: Final = "Made by `kg import`: what the dataset no longer has, since when, and why."
_MERGED: Final = "merged"


def read(folder: Path) -> dict[str, Retired]:
    """Return the entries of a folder, by their paths below the base."""
    paths = sorted(folder.glob(f"{RETIRED}.*ttl"))
    return of_triples(
        triple for path in paths for triple in turtle.parse(path.read_text(encoding="utf-8"), path)
    )


def kept(
    before: Mapping[str, Retired],
    went: Iterable[str],
    described: frozenset[str],
    replaced: Mapping[str, str],
    today: date,
) -> list[Retired]:
    """Return the entries of a new edition.

    Args:
        before: Of the old one.
        went: IRIs that were described and no longer are.
        described: IRIs that are described, here or elsewhere.
        replaced: IRIs with the things that took their places.
        today: The day.
    """
    entries = {CANONICAL_BASE + path: each for path, each in before.items()}
    for iri in went:
        heir = replaced.get(iri)
        entries[iri] = Retired(
            iri.removeprefix(CANONICAL_BASE),
            today.isoformat(),
            REASON_PREFIX + (_MERGED if heir else WITHDRAWN),
            (heir,) if heir else (),
        )
    return [
        each
        for iri, each in sorted(entries.items())
        if iri not in described and "graph/source/" not in iri
    ]


def save(entries: Iterable[Retired], folder: Path) -> None:
    """Write the entries; no file where there is none."""
    entries = list(entries)
    if not entries:
        return
    with Sorter(folder) as sorter:
        for each in entries:
            about = ox.NamedNode(CANONICAL_BASE + each.path)
            sorter.add(about, ox.NamedNode(RDF + "type"), ox.NamedNode(RETIRED_CLASS))
            day = ox.Literal(each.on, datatype=ox.NamedNode(XSD + "date"))
            sorter.add(about, ox.NamedNode(RETIRED_ON), day)
            sorter.add(about, ox.NamedNode(REASON), ox.NamedNode(_whole(each.reason)))
            for heir in each.successors:
                sorter.add(about, ox.NamedNode(SUCCESSOR), ox.NamedNode(_whole(heir)))
        write(sorter.lines(), folder, RETIRED, _HEADING)


def _whole(path: str) -> str:
    return path if path.startswith("http") else CANONICAL_BASE + path
