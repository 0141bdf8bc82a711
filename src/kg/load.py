"""From ready-made RDF files to a sealed snapshot, without check, rulings or rules.

Large files are no trouble: a statement is sorted as a line of text, on disk where there are many.
Blank nodes get canonical names (RDFC-1.0), for which they have to be in memory together; data
without blank nodes, of any size, needs none.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import __version__, snapshot
from kg.errors import DataError, UsageError
from kg.namespaces import RDF
from kg.snapshot import Snapshot

_TYPE: Final = f"<{RDF}type>"


def load(files: Sequence[Path], workspace: Path, *, base: str, version: str) -> Snapshot:
    """Seal the statements of some files as the current snapshot.

    Args:
        files: In N-Quads, N-Triples, TriG, Turtle, RDF/XML or JSON-LD, by extension.
        workspace: Where snapshots are kept.
        base: What the IRIs of the dataset begin with.
        version: Of the data.

    Raises:
        UsageError: A file is missing, or its extension is not known.
        DataError: A file is not well-formed.
        BuildError: The workspace cannot be written.
    """
    quads = set(_read(files))
    if not any(quad.graph_name == ox.DefaultGraph() for quad in quads):
        quads |= {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return snapshot.seal(
        workspace, quads, version=version, software=__version__, base=base, inputs=hashes
    )


def _read(files: Sequence[Path]) -> Iterator[ox.Quad]:
    for path in files:
        form = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
        if form is None:
            raise UsageError(f"{path}: unknown extension; expected .nq, .nt, .trig, .ttl, .rdf")
        try:
            yield from ox.parse(path=path, format=form)
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
        except SyntaxError as error:
            raise DataError(f"{path}: {error.msg}") from None
