"""The dump files of a snapshot: whole, its accepted view, and each named graph; gzip and zstd.

    dataset.nq.gz          everything, N-Quads; the unnamed graph is the accepted view
    dataset.trig.gz        the same as TriG
    dataset.jelly.gz       the same as Jelly, see `kg.jelly`
    accepted.nt.gz         the accepted view alone, N-Triples
    source.s000.nq.gz      the named graph <base>graph/source/s000, and so for every named graph
    source.s000.trig.gz

each also with `.zst` (RFC 8878) in the place of `.gz`. The bytes depend on the snapshot and on the
versions of the compressors alone: no clock, no file name, no owner goes into them. The N-Quads of
the whole, uncompressed, are the canonical ones (RDFC-1.0) that the snapshot is named after.
"""

import gzip
import hashlib
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from kg import jelly
from kg.errors import BuildError
from kg.mediatypes import JELLY, N_QUADS, N_TRIPLES, TRIG, MediaType
from kg.namespaces import CANONICAL_BASE, PREFIXES
from kg.snapshot import Snapshot

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WHOLE: Final = "dataset"
ACCEPTED: Final = "accepted"
CODINGS: Final = {"gz": "application/gzip", "zst": "application/zstd"}
_GZIP_LEVEL: Final = 9
_ZSTD_LEVEL: Final = 12
_HELD_BYTES: Final = 1 << 24  # of lines held in memory while a snapshot is cut into graphs
_SAFE: Final = re.compile(r"[a-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9_-]*)*")
# A line of canonical N-Quads, with the name of its graph where there is one.
_LINE: Final = re.compile(
    rb'(?:<[^>]*>|_:[^ ]+) <[^>]*> (?:<[^>]*>|_:[^ ]+|<<\(.*\)>>|"(?:[^"\\]|\\.)*"[^ ]*)'
    rb"(?: (<[^>]*>|_:[^ ]+))? \.\n"
)


@dataclass(frozen=True)
class Dump:
    """One file of a release.

    Attributes:
        name: Of the file.
        media_type: Of what it holds, without the compression.
        compression: Media type of the compression.
        bytes: Size of the file.
        sha256: Of the file, in lower-case hex.
        graph: IRI of the named graph that it holds; None where it is not one alone.
    """

    name: str
    media_type: str
    compression: str
    bytes: int
    sha256: str
    graph: str | None


def write(snapshot: Snapshot, folder: Path) -> list[Dump]:
    """Write all dump files of a snapshot into a folder, and say what they are.

    Raises:
        OSError: The folder cannot be written.
        BuildError: The snapshot holds a line that is none of canonical N-Quads.
    """
    with tempfile.TemporaryDirectory(prefix="kg-dumps-") as name:
        graphs = _cut(snapshot.nquads, Path(name))
        base = snapshot.manifest.base
        prefixes = _prefixes(base)
        ordered = [graphs[iri] for iri in sorted(graphs)]
        made = [
            *_write(folder, WHOLE, N_QUADS, None, _copied([snapshot.nquads])),
            *_write(folder, WHOLE, TRIG, None, _Trig(ordered, prefixes)),
            *_write(folder, WHOLE, JELLY, None, _Jelly(ordered)),
            *_write(folder, ACCEPTED, N_TRIPLES, None, _copied([graphs[""]])),
        ]
        for iri in sorted(set(graphs) - {""}):
            stem, file = stem_of(iri, base), [graphs[iri]]
            made += _write(folder, stem, N_QUADS, iri, _copied(file))
            made += _write(folder, stem, TRIG, iri, _Trig(file, prefixes))
    return made


def stem_of(graph: str, base: str) -> str:
    """Return what the names of the dump files of a named graph begin with.

    >>> stem_of("https://example.org/graph/source/s000", "https://example.org/")
    'source.s000'
    """
    local = graph.removeprefix(f"{base}graph/")
    if _SAFE.fullmatch(local) and local not in (WHOLE, ACCEPTED):
        return local.replace("/", ".")
    return "graph." + hashlib.sha256(graph.encode()).hexdigest()[:16]


def _cut(nquads: Path, folder: Path) -> dict[str, Path]:
    """Write the lines of each graph to a file of its own; the unnamed one is under ""."""
    files: dict[str, Path] = {"": folder / "0"}
    files[""].touch()
    held: dict[Path, list[bytes]] = defaultdict(list)
    size = 0
    with nquads.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            found = _LINE.fullmatch(line)
            if found is None:
                raise BuildError(f"{nquads}:{number}: no line of canonical N-Quads; build again")
            name = (found[1] or b"<>").decode().removeprefix("<").removesuffix(">")
            file = files.setdefault(name, folder / str(len(files)))
            held[file].append(line)
            size += len(line)
            if size > _HELD_BYTES:
                _append(held)
                size = 0
    _append(held)
    return files


def _append(held: dict[Path, list[bytes]]) -> None:
    for path, lines in held.items():
        with path.open("ab") as file:
            file.writelines(lines)
    held.clear()


def _copied(files: Sequence[Path]) -> Iterator[bytes]:
    for path in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                yield block


class _Quads:
    """The content of files of N-Quads, one after the other, read as it is written."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def __iter__(self) -> Iterator[ox.Quad]:
        for path in self._files:
            yield from ox.parse(path=path, format=ox.RdfFormat.N_QUADS)


class _Trig(_Quads):
    """The same as TriG."""

    def __init__(self, files: Sequence[Path], prefixes: dict[str, str]) -> None:
        super().__init__(files)
        self._prefixes = prefixes

    def into(self, output: IO[bytes]) -> None:
        """Write it."""
        ox.serialize(iter(self), output, ox.RdfFormat.TRIG, prefixes=self._prefixes)


class _Jelly(_Quads):
    """The same as Jelly."""

    def into(self, output: IO[bytes]) -> None:
        """Write it."""
        jelly.write(self, output)


def _write(
    folder: Path,
    stem: str,
    form: MediaType,
    graph: str | None,
    content: Iterable[bytes] | _Trig | _Jelly,
) -> Iterator[Dump]:
    name = f"{stem}.{form.extension}"
    with _compressors(folder / name) as output:
        if isinstance(content, _Trig | _Jelly):
            content.into(output)
        else:
            for block in content:
                output.write(block)
    for ending, compression in CODINGS.items():
        path = folder / f"{name}.{ending}"
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield Dump(path.name, form.name, compression, path.stat().st_size, digest, graph)


@contextmanager
def _compressors(path: Path) -> Iterator[IO[bytes]]:
    """Give what writes the same bytes into `path`.gz and `path`.zst."""
    with (
        path.with_name(f"{path.name}.gz").open("wb") as raw,
        gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0) as gzipped,
        zstd.open(path.with_name(f"{path.name}.zst"), "wb", level=_ZSTD_LEVEL) as zstandard,
    ):
        yield cast("IO[bytes]", _Both((gzipped, zstandard)))


class _Both:
    """Hands on what is written to it to several files."""

    def __init__(self, files: Sequence[Any]) -> None:
        self._files = files

    def write(self, data: bytes) -> int:
        """Write to all of them."""
        for file in self._files:
            file.write(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: a flush in the middle would cost compression."""


def _prefixes(base: str) -> dict[str, str]:
    return {
        prefix: base + iri.removeprefix(CANONICAL_BASE) if iri.startswith(CANONICAL_BASE) else iri
        for prefix, iri in PREFIXES.items()
    }
