"""The files of a dataset and the named graph that each one is.

    ontology/*.ttl                     graph/ontology
    ontology/lists/*.ttl               graph/lists
    data/registry/<kind>/<name>.ttl    graph/registry
    data/sources/<id>.ttl              graph/source/<id>
    data/sources/<id>.claims.ttl       graph/source/<id>
    data/decisions.ttl                 graph/decisions
    data/links.ttl                     graph/links
    data/retired.ttl                   graph/retired
    data/imports/<id>/<name>.ttl       graph/source/<id>
    data/imports/<id>/retired.ttl      graph/retired
    data/dataset.ttl                   graph/meta

One source is one file is one named graph: who says a thing is the graph that it stands in. A file
that stands elsewhere under `data/` belongs to no graph and is refused.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from zlib import crc32

import pyoxigraph as ox

from kg import turtle
from kg.errors import DataError, EncodingError, MissingFileError, TooLargeError
from kg.namespaces import GRAPH
from kg.terms import Quad, Triple, as_triple, in_graph

ROOT_MARKS: Final = ("ontology", "shapes", "data", "queries")

MOST_BYTES: Final = 32_000_000  # of one file; with the place of every term it takes 40 times that

ONTOLOGY: Final = GRAPH + "ontology"
LISTS: Final = GRAPH + "lists"
REGISTRY: Final = GRAPH + "registry"
DECISIONS: Final = GRAPH + "decisions"
LINKS: Final = GRAPH + "links"
META: Final = GRAPH + "meta"
RETIRED: Final = GRAPH + "retired"
RETIRED_FILE: Final = "data/retired.ttl"  # which is not there as long as nothing is retired
INFERRED: Final = GRAPH + "inferred"
SHAPES_GRAPH: Final = GRAPH + "shapes"
SOURCE: Final = GRAPH + "source/"


@dataclass(frozen=True)
class SourceFile:
    """One Turtle file and the named graph that it belongs to.

    Attributes:
        name: The path as a person would write it, relative to the dataset where it is inside.
        path: Where the file is.
        graph: The IRI of its named graph.
        text: What it holds.
    """

    name: str
    path: Path
    graph: str
    text: str

    @cached_property
    def triples(self) -> list[Triple]:
        """The triples of the file; its blank nodes are those of `statements` and no other file's.

        Raises:
            MalformedError: The file is not well-formed.
        """
        return self.fresh_triples()

    def fresh_triples(self) -> list[Triple]:
        """Return the triples of the file, and do not keep them.

        Raises:
            MalformedError: The file is not well-formed.
        """
        parsed = turtle.parse(self.text, Path(self.name))
        if self._has_brackets and _have_blank_nodes(parsed):
            return [as_triple(s.subject, s.predicate, s.object) for s in self.statements]
        return parsed

    @cached_property
    def has_blank_nodes(self) -> bool:
        """Whether the file has blank nodes.

        Raises:
            MalformedError: The file is not well-formed.
        """
        return self._has_brackets and _have_blank_nodes(self.triples)

    @property
    def _has_brackets(self) -> bool:
        """Whether the text has a sign that each blank node is written with, perhaps in a string."""
        return any(sign in self.text for sign in ("_:", "[", "("))

    @cached_property
    def statements(self) -> list[turtle.Statement]:
        """The triples of the file with their places."""
        return self.reading.statements

    @cached_property
    def reading(self) -> turtle.Reading:
        """The tokens, statements and faults of the file, each with its place."""
        return turtle.read(self.text, f"b{crc32(self.name.encode()):x}")

    @cached_property
    def lines(self) -> turtle.Lines:
        """The lines of the file."""
        return turtle.Lines(self.text)


def _have_blank_nodes(triples: list[Triple]) -> bool:
    return any(isinstance(t.subject, ox.BlankNode) for t in triples) or any(
        isinstance(t.object, ox.BlankNode) for t in triples
    )


@dataclass(frozen=True)
class Dataset:
    """All the files that a build reads, in a fixed order."""

    root: Path
    files: tuple[SourceFile, ...]

    def of_graph(self, *graphs: str) -> Iterator[SourceFile]:
        """Yield the files of some named graphs."""
        return (file for file in self.files if file.graph in graphs)

    def quads(self) -> Iterator[Quad]:
        """Yield every statement of every file in its named graph."""
        for file in self.files:
            graph = ox.NamedNode(file.graph)
            for triple in file.triples:
                yield in_graph(triple, graph)


def find_root(start: Path | None = None) -> Path:
    """Return the folder of the dataset: `start`, or without it this folder or the nearest above.

    Raises:
        MissingFileError: No folder has `ontology/`, `shapes/`, `data/` and `queries/`.
    """
    origin = (start or Path()).resolve()
    for folder in (origin,) if start is not None else (origin, *origin.parents):
        if all((folder / mark).is_dir() for mark in ROOT_MARKS):
            return folder
    raise MissingFileError(
        f"{origin}: no dataset{'' if start else ' here or in a folder above'}: looked for the "
        f"folders {', '.join(ROOT_MARKS)}; go to the project's folder, or name it with --root"
    )


def read(root: Path) -> Dataset:
    """Read every file of the dataset at `root`.

    Raises:
        MissingFileError: A folder that has to hold files holds none.
        DataError: A file is not UTF-8, or stands where no named graph is.
    """
    return Dataset(root, tuple(read_file(path, root) for path in paths(root)))


def paths(root: Path) -> list[Path]:
    """Return the paths of all files of the dataset at `root`, in a fixed order.

    Raises:
        MissingFileError: A folder that has to hold Turtle files holds none.
    """
    found: list[Path] = []
    for folder in ("ontology", "ontology/lists", "data/registry", "data"):
        inside = sorted(
            (path for path in (root / folder).rglob("*.ttl") if not _is_hidden(path, root)),
            key=lambda path: path.parts,  # the order of paths, which compares them much slower
        )
        if not inside:
            raise MissingFileError(
                f"{root / folder}: no Turtle file in it; is {root} the folder of the dataset?"
            )
        if "/" not in folder:
            found += inside
    return found


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def read_file(
    path: Path, root: Path, graph: str | None = None, unsaved: Mapping[str, str] | None = None
) -> SourceFile:
    """Read one file; without `graph` its place under `root` says which named graph it is.

    A file whose name is in `unsaved` has the text that is there.

    Raises:
        MissingFileError: There is no such file, or it cannot be read.
        DataError: It is not UTF-8, or its place says no named graph.
    """
    name = name_of(path, root)
    given = None if unsaved is None else unsaved.get(name)
    content = read_text(path, name) if given is None else given
    return SourceFile(name, path, graph or graph_of(name), content)


def name_of(path: Path, root: Path) -> str:
    """Return the name of a file: relative to the dataset where it is inside, else as given."""
    whole = Path(os.path.normpath(Path.cwd() / path))  # links are not followed: the name is kept
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(path)


def read_text(path: Path, name: str) -> str:
    """Return the text of a file that has to be UTF-8 without a byte order mark.

    Raises:
        MissingFileError: There is no such file, or it cannot be read.
        TooLargeError: It has more than `MOST_BYTES`; it was not read.
        EncodingError: It is not UTF-8; says where.
    """
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        size = (
            f"{path.stat().st_size / 1_000_000:.0f} MB, at most {MOST_BYTES // 1_000_000} are read"
        )
        raise TooLargeError(Path(name), 1, 1, f"the file has {size}")
    return decoded(read_bytes(path, name), name)


def read_bytes(path: Path, name: str) -> bytes:
    """Return what a file holds.

    Raises:
        MissingFileError: There is no such file, or it cannot be read.
    """
    if path.exists() and not path.is_file():
        raise MissingFileError(f"{name}: not a file that can be read; name a Turtle file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFileError(f"{name}: cannot be read: {error.strerror}") from None


def decoded(data: bytes, name: str) -> str:
    """Return the text that some bytes are, which has to be UTF-8 without a byte order mark.

    Raises:
        EncodingError: It is not; says where.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        line, column = turtle.Lines(before).at(len(before))
        found = f"byte 0x{error.object[error.start]:02X} is not UTF-8; save the file as UTF-8"
        raise EncodingError(Path(name), line, column, found) from None
    if text.startswith("\ufeff"):
        reason = "the file begins with a byte order mark; save it without"
        raise EncodingError(Path(name), 1, 1, reason)
    return text


def graph_of(name: str) -> str:
    """Return the named graph of the file at a path relative to the dataset.

    >>> graph_of("data/sources/s000.claims.ttl")
    'https://w3id.org/citypledge/graph/source/s000'

    Raises:
        DataError: No named graph belongs to that place.
    """
    parts = name.split("/")
    match parts:
        case ["ontology", "lists", _]:
            return LISTS
        case ["ontology", _]:
            return ONTOLOGY
        case ["data", "registry", _, _]:
            return REGISTRY
        case ["data", "sources", file]:
            return SOURCE + file.removesuffix(".ttl").removesuffix(".claims")
        case ["data", "imports", folder, file]:
            return RETIRED if file.split(".")[0] == "retired" else SOURCE + folder
        case ["data", "decisions.ttl"]:
            return DECISIONS
        case ["data", "links.ttl"]:
            return LINKS
        case ["data", "dataset.ttl"]:
            return META
        case ["data", "retired.ttl"]:
            return RETIRED
    raise DataError(
        f"{name}: belongs to no named graph; a source goes to data/sources/<id>.ttl, "
        "an entity to data/registry/<kind>/<country>.ttl"
    )
