"""From ready-made RDF files to a sealed snapshot, without check, rulings or rules.

Files may be larger than memory: their statements are sorted as lines of text, in runs on disk that
are merged. Only blank nodes have to be in memory together, because their canonical names
(RDFC-1.0) depend on all of them.
"""

import hashlib
import heapq
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import __version__, snapshot
from kg.errors import DataError, UsageError
from kg.snapshot import Snapshot
from kg.spelling import as_stored

RUN: Final = 500_000  # statements sorted in memory at a time; about 150 MB


def load(
    files: Sequence[Path], workspace: Path, *, base: str, version: str, is_merged: bool = False
) -> Snapshot:
    """Seal the statements of some files as the current snapshot.

    Args:
        files: In N-Quads, N-Triples, TriG, Turtle, RDF/XML or JSON-LD, by extension.
        workspace: Where snapshots are kept.
        base: What the IRIs of the dataset begin with.
        version: Of the data.
        is_merged: Whether the default graph is to be the merge of all graphs.

    Raises:
        UsageError: A file is missing, or its extension is not known.
        DataError: A file is not well-formed.
        BuildError: The workspace cannot be written.
    """
    hashes = {path.name: _hash(path) for path in files}
    with tempfile.TemporaryDirectory(prefix="kg-load-") as name, ExitStack() as opened:
        runs, blank = _runs(_read(files, is_merged=is_merged), Path(name))
        sorted_runs = [opened.enter_context(run.open("rb")) for run in runs]
        named = snapshot.canonical(blank)
        lines = (line for line, _ in groupby(heapq.merge(named, *sorted_runs)))
        return snapshot.seal(
            workspace, lines, version=version, software=__version__, base=base, inputs=hashes
        )


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def _read(files: Sequence[Path], *, is_merged: bool) -> Iterator[ox.Quad]:
    for path in files:
        form = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
        if form is None:
            raise UsageError(f"{path}: unknown extension; expected .nq, .nt, .trig, .ttl, .rdf")
        try:
            for quad in map(as_stored, ox.parse(path=path, format=form)):
                yield quad
                if is_merged and quad.graph_name != ox.DefaultGraph():
                    yield ox.Quad(quad.subject, quad.predicate, quad.object)
        except SyntaxError as error:
            raise DataError(f"{path}: {error.msg}") from None


def _runs(quads: Iterable[ox.Quad], folder: Path) -> tuple[list[Path], list[ox.Quad]]:
    """Write sorted runs of lines; return them, and the statements with blank nodes."""
    runs: list[Path] = []
    blank: list[ox.Quad] = []
    lines: list[bytes] = []
    for quad in quads:
        text = str(quad)
        if "_:" in text and _has_blank(quad):
            blank.append(quad)
            continue
        lines.append(f"{text} .\n".encode())
        if len(lines) == RUN:
            runs.append(_write_run(lines, folder / str(len(runs))))
    runs.append(_write_run(lines, folder / str(len(runs))))
    return runs, blank


def _write_run(lines: list[bytes], path: Path) -> Path:
    lines.sort()
    path.write_bytes(b"".join(lines))
    lines.clear()
    return path


def _has_blank(node: object) -> bool:
    if isinstance(node, ox.Quad | ox.Triple):
        return any(_has_blank(part) for part in node)
    return isinstance(node, ox.BlankNode)
