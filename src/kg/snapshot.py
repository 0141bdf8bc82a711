"""A sealed snapshot: everything that is served, in one folder that never changes.

    <workspace>/snapshots/<hash>/dataset.nq      canonical N-Quads; the default graph is the
                                                 accepted view with what the rules infer
    <workspace>/snapshots/<hash>/manifest.json   what it was made from and what is in it
    <workspace>/current                          the hash of the snapshot that is served

The hash is the SHA-256 of the canonical N-Quads (RDFC-1.0), so the same input gives the same
snapshot, whoever builds it and when. A snapshot is complete before `current` names it.
"""

import hashlib
import io
import json
import os
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

import pyoxigraph as ox

from kg.errors import BuildError
from kg.namespaces import RDF
from kg.scratch import Scratch, sweep
from kg.terms import Quad

_FORMAT: Final = 1
_STORE: Final = 2  # of the store on disk: blank nodes keep their labels since 2
_BLOCK: Final = 1 << 20
# A line of canonical N-Quads: predicate, object, and the name of the graph where there is one.
_LINE: Final = re.compile(
    rb'(?:<[^>]*>|_:[^ ]+) <([^>]*)> (<[^>]*>|_:[^ ]+|<<\(.*\)>>|"(?:[^"\\]|\\.)*"[^ ]*)'
    rb"(?: <([^>]*)>| _:[^ ]+)? \.\n"
)
_TYPE: Final = (RDF + "type").encode()
_LITERAL: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BLANK: Final = re.compile(rb"(?:^|[ (])_:")


@dataclass(frozen=True)
class Manifest:
    """What a snapshot was made from and what is in it.

    Attributes:
        snapshot: SHA-256 of the canonical N-Quads, in lower-case hex.
        version: The version of the dataset.
        software: The version of the software that built it.
        base: The base of the IRIs.
        inputs: SHA-256 of each file that it was made from, by path.
        graphs: Number of statements of each named graph, by IRI.
        classes: Number of instances of each class in the default graph, by IRI.
        triples: Number of statements in the default graph.
        quads: Number of statements in all graphs together.
    """

    snapshot: str
    version: str
    software: str
    base: str
    inputs: dict[str, str]
    graphs: dict[str, int]
    classes: dict[str, int]
    triples: int
    quads: int


@dataclass(frozen=True)
class Snapshot:
    """A sealed snapshot on disk."""

    folder: Path
    manifest: Manifest

    @property
    def nquads(self) -> Path:
        """The file of canonical N-Quads."""
        return self.folder / "dataset.nq"

    def store(self) -> ox.Store:
        """Return a store in memory that holds the snapshot."""
        return load(self.nquads)


def on_disk(snapshot: Snapshot) -> Path:
    """Return the folder of a store on disk that holds a snapshot, made if it is not there yet.

    Raises:
        BuildError: It cannot be written.
    """
    folder = snapshot.folder / f"store-{_STORE}-{ox.__version__}"
    if folder.exists():
        return folder
    try:
        with Scratch(snapshot.folder) as partial:
            store = ox.Store(str(partial / "store"))
            _fill(store, snapshot.nquads)
            store.optimize()
            del store
            _rename_unless_there(partial / "store", folder)
    except OSError as error:
        raise BuildError(
            f"{folder}: the store on disk cannot be written: {error}; make room, or serve from "
            "memory"
        ) from None
    return folder


def load(nquads: Path) -> ox.Store:
    """Return a store in memory that holds a file of sorted N-Quads.

    The store answers a pattern with the newest statement first. Loaded from the end, it gives an
    answer without ORDER BY, or a GROUP_CONCAT, in the order of the IRIs.
    """
    store = ox.Store()
    _fill(store, nquads)
    return store


def _fill(store: ox.Store, nquads: Path) -> None:
    """Load a file of sorted N-Quads, in which blank nodes keep their labels.

    The engine's own loader gives them new ones, other each time; then no IRI that stands for a
    blank node would outlive the process, or be known to the server beside it.
    """
    with nquads.open("rb") as file:
        backwards = _Backwards(file)
        store.bulk_load(cast("IO[bytes]", backwards), format=ox.RdfFormat.N_QUADS)
    store.bulk_extend(ox.parse(b"".join(backwards.with_blank), format=ox.RdfFormat.N_QUADS))


class _Backwards:
    """Reads the lines of a file from the last to the first, a block at a time.

    Attributes:
        with_blank: The lines with blank nodes; they are not read, but laid aside.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.with_blank: list[bytes] = []
        self._file = file
        self._position = file.seek(0, os.SEEK_END)
        self._head = b""
        self._ready = io.BytesIO()

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, at most `size` of them; none at the end."""
        while not (piece := self._ready.read(size)) and (self._position or self._head):
            self._read_block()
        return piece

    def _read_block(self) -> None:
        start = max(0, self._position - _BLOCK)
        self._file.seek(start)
        lines = (self._file.read(self._position - start) + self._head).splitlines(keepends=True)
        self._position = start
        self._head = lines.pop(0) if start and lines else b""
        if any(b"_:" in line for line in lines):
            self.with_blank += (line for line in reversed(lines) if has_blank(line))
            lines = [line for line in lines if not has_blank(line)]
        self._ready = io.BytesIO(b"".join(reversed(lines)))


def has_blank(line: bytes) -> bool:
    """Tell whether a line has a blank node, and not only what looks like one in a literal."""
    return b"_:" in line and _BLANK.search(_LITERAL.sub(b"", line)) is not None


def canonical(quads: Iterable[Quad | ox.Quad]) -> list[bytes]:
    """Return the lines of a dataset in canonical N-Quads: one order, one spelling (RDFC-1.0)."""
    dataset = ox.Dataset(cast("Iterable[ox.Quad]", quads))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad} .\n".encode() for quad in dataset)


def seal(
    workspace: Path,
    lines: Iterable[bytes],
    *,
    version: str,
    software: str,
    base: str,
    inputs: dict[str, str],
) -> Snapshot:
    """Write a snapshot and make it the current one.

    Until the last step, which is atomic, the snapshot that was current before stays so.

    Args:
        workspace: Where snapshots are kept.
        lines: Of canonical N-Quads, sorted, each once, as from `canonical`.
        version: Of the dataset.
        software: Version of what built it.
        base: Of the IRIs.
        inputs: SHA-256 of each file that it was made from, by path.

    Raises:
        BuildError: The workspace cannot be written.
    """
    facts = {"version": version, "software": software, "base": base}
    found = keep(workspace, lines, **facts, inputs=inputs)
    try:
        _point(workspace, found.manifest.snapshot)
        sweep(workspace)
    except OSError as error:
        raise _unwritable(workspace, error) from None
    return found


def keep(
    workspace: Path,
    lines: Iterable[bytes],
    *,
    version: str,
    software: str,
    base: str,
    inputs: dict[str, str],
) -> Snapshot:
    """Write a snapshot, and leave the one that is current as it is.

    Args:
        workspace: Where snapshots are kept.
        lines: Of canonical N-Quads, sorted, each once, as from `canonical`.
        version: Of the dataset.
        software: Version of what built it.
        base: Of the IRIs.
        inputs: SHA-256 of each file that it was made from, by path.

    Raises:
        BuildError: The workspace cannot be written.
    """
    count = _Count()
    try:
        folder = workspace / "snapshots"
        with Scratch(folder) as scratch:
            partial = scratch / "made"
            partial.mkdir()
            with (partial / "dataset.nq").open("wb") as file:
                file.writelines(count.over(lines))
            manifest = count.manifest(version, software, base, inputs)
            _put_in_place(partial, folder / manifest.snapshot, manifest)
    except OSError as error:
        raise _unwritable(workspace, error) from None
    return Snapshot(folder / manifest.snapshot, manifest)


def _unwritable(workspace: Path, error: OSError) -> BuildError:
    return BuildError(
        f"{workspace}: the snapshot cannot be written: {error.strerror}; nothing was changed; "
        "choose another folder with --workspace"
    )


class _Count:
    """Hashes and counts lines of N-Quads on their way."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._graphs: Counter[bytes] = Counter()
        self._classes: Counter[bytes] = Counter()

    def over(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the lines."""
        for line in lines:
            self._hash.update(line)
            found = _LINE.fullmatch(line)
            if found is None:
                raise BuildError(f"not a line of canonical N-Quads: {line[:200]!r}")
            predicate, value, graph = found.groups()
            self._graphs[graph or b""] += 1
            if graph is None and predicate == _TYPE and value.startswith(b"<"):
                self._classes[value[1:-1]] += 1
            yield line

    def manifest(self, version: str, software: str, base: str, inputs: dict[str, str]) -> Manifest:
        """Return the manifest of all lines."""
        named = {iri.decode(): number for iri, number in sorted(self._graphs.items()) if iri}
        return Manifest(
            self._hash.hexdigest(),
            version,
            software,
            base,
            dict(sorted(inputs.items())),
            named,
            {iri.decode(): number for iri, number in sorted(self._classes.items())},
            self._graphs[b""],
            self._graphs.total(),
        )


def current(workspace: Path) -> Snapshot | None:
    """Return the current snapshot, or None where nothing was built yet.

    Raises:
        BuildError: It is damaged; building again mends it.
    """
    pointer = workspace / "current"
    if not pointer.exists():
        return None
    try:
        name = pointer.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise BuildError(f"{pointer}: names no snapshot ({error}); remove it and build") from None
    return open_snapshot(workspace / "snapshots" / name)


def open_snapshot(folder: Path) -> Snapshot:
    """Open a snapshot and make sure that it is what its manifest says.

    Raises:
        BuildError: A file is missing or its content is not the one that was sealed.
    """
    try:
        found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        with (folder / "dataset.nq").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if found.pop("format") != _FORMAT:
            raise BuildError(f"{folder}: made by another version; build again with: kg build")
        manifest = Manifest(**found)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BuildError(f"{folder}: damaged snapshot ({error}); build again: kg build") from None
    if digest != manifest.snapshot:
        raise BuildError(
            f"{folder}: dataset.nq is not the file that was sealed; build again with: kg build"
        )
    return Snapshot(folder, manifest)


def _put_in_place(partial: Path, folder: Path, manifest: Manifest) -> None:
    text = json.dumps({"format": _FORMAT, **asdict(manifest)}, indent=1, ensure_ascii=False)
    (partial / "manifest.json").write_text(text + "\n", encoding="utf-8")
    partial.chmod(0o755)
    if not _is_sealed(folder):
        if folder.exists():
            folder.rename(partial.with_name("damaged"))
        _rename_unless_there(partial, folder)


def _is_sealed(folder: Path) -> bool:
    try:
        open_snapshot(folder)
    except BuildError:
        return False
    return True


def _rename_unless_there(partial: Path, folder: Path) -> None:
    """Put a folder in its place; another build of the same content may have been first."""
    try:
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _point(workspace: Path, digest: str) -> None:
    partial = workspace / f".current-{os.getpid()}-{threading.get_ident()}"
    partial.write_text(digest + "\n", encoding="ascii")
    partial.replace(workspace / "current")
