"""The states of a dataset that are compared: a revision of git, or the files as they are now.

Git is asked for names and contents only, by commands that read objects and nothing else: they run
no filter, no hook and no program that a configuration names.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from kg import dataset
from kg.dataset import ROOT_MARKS, SHAPES_GRAPH, Dataset, SourceFile
from kg.errors import DataError, EncodingError, MalformedError, UnknownNameError, UsageError
from kg.turtle import Lines

ENDINGS: Final = (".ttl", ".rq")
_REGULAR: Final = (b"100644", b"100755")


@dataclass(frozen=True)
class Broken:
    """A file that could not be read as Turtle, so that its statements are unknown.

    Attributes:
        name: The file.
        line: Where the first fault is, from 1.
        column: From 1.
        reason: What is wrong.
    """

    name: str
    line: int
    column: int
    reason: str


@dataclass(frozen=True)
class Side:
    """One state of a dataset.

    Attributes:
        title: How a person calls it: a revision, or `the files now`.
        contents: The bytes of each file of the dataset, by name.
        root: The folder, where the state is that of the files now.
        like: Another state, from which files with the same bytes are taken as they were read.
    """

    title: str
    contents: Mapping[str, bytes]
    root: Path | None = None
    like: "Side | None" = None

    def file(self, name: str) -> SourceFile:
        """Return one Turtle file.

        Raises:
            EncodingError: It is not UTF-8.
            DataError: It belongs to no named graph.
        """
        content = self.contents[name]
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8")
            line, column = Lines(before).at(len(before))
            raise EncodingError(Path(name), line, column, "not UTF-8") from None
        in_shapes = name.startswith("shapes/")
        graph = SHAPES_GRAPH if in_shapes else dataset.graph_of(name)
        return SourceFile(name, Path(name), graph, text)

    @cached_property
    def files(self) -> dict[str, SourceFile | Broken]:
        """Every Turtle file by name, or what is wrong with it."""
        return {name: self._read(name) for name in sorted(self.contents) if name.endswith(".ttl")}

    @property
    def broken(self) -> list[Broken]:
        """The files that cannot be read."""
        return [file for file in self.files.values() if isinstance(file, Broken)]

    def dataset(self) -> Dataset:
        """Return the state as a dataset: without shapes, and without what cannot be read."""
        read = (f for f in self.files.values() if isinstance(f, SourceFile))
        found = tuple(file for file in read if file.graph != SHAPES_GRAPH)
        return Dataset(self.root or Path(), found)

    def texts(self, folder: str) -> dict[str, str]:
        """Return the text of each query in a folder, by its name without folder and ending."""
        return {
            PurePosixPath(name).stem: content.decode("utf-8", "replace")
            for name, content in sorted(self.contents.items())
            if name.startswith(f"{folder}/") and name.endswith(".rq")
        }

    def _read(self, name: str) -> SourceFile | Broken:
        if self.like and self.like.contents.get(name) == self.contents[name]:
            return self.like.files[name]
        try:
            file = self.file(name)
            _ = file.triples
        except MalformedError as fault:
            return Broken(name, fault.line, fault.column, fault.reason)
        except DataError as fault:
            return Broken(name, 1, 1, str(fault).removeprefix(f"{name}: "))
        return file


def sides(root: Path, old: str = "HEAD", new: str | None = None) -> tuple[Side, Side]:
    """Return two states of the dataset at `root`.

    Args:
        root: The folder of the dataset, in a work tree of git.
        old: A revision.
        new: A later one; without it, the files as they are now.

    Raises:
        UsageError: The folder is not under git, or git is not there.
        UnknownNameError: A revision is not there.
    """
    repository = _Repository(root)
    later = repository.side(new) if new is not None else now(root)
    return replace(repository.side(old), like=later), later


def now(root: Path) -> Side:
    """Return the state of the files as they are."""
    paths = (
        path
        for mark in ROOT_MARKS
        for path in sorted((root / mark).rglob("*"))
        if path.suffix in ENDINGS and path.is_file() and not path.name.startswith(".")
    )
    return Side(
        "the files now",
        {path.relative_to(root).as_posix(): path.read_bytes() for path in paths},
        root,
    )


class _Repository:
    """The repository that a folder is in."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prefix = self._git("rev-parse", "--show-prefix").decode().rstrip("\n")

    def side(self, revision: str) -> Side:
        commit = self._commit(revision)
        blobs = dict(self._blobs(commit))
        contents = dict(zip(blobs, self._contents(list(blobs.values())), strict=True))
        return Side(revision, contents)

    def _commit(self, revision: str) -> str:
        if revision.startswith("-") or not revision.strip():
            raise UsageError(f"{revision!r} is not a revision; name a commit, a branch or a tag")
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        try:
            return self._git(*asked).decode().strip()
        except UsageError:
            raise UnknownNameError(
                f"git knows no revision {revision!r}; name a commit, a branch or a tag"
            ) from None

    def _blobs(self, commit: str) -> Iterator[tuple[str, str]]:
        """Yield name and object of each file of the dataset in a commit."""
        folders = [self._prefix + mark for mark in ROOT_MARKS]
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit, "--", *folders)
        for line in filter(None, listed.split(b"\0")):
            about, _, path = line.partition(b"\t")
            mode, _, blob = about.split()
            name = os.fsdecode(path).removeprefix(self._prefix)
            hidden = PurePosixPath(name).name.startswith(".")
            if mode in _REGULAR and name.endswith(ENDINGS) and not hidden:
                yield name, blob.decode()

    def _contents(self, blobs: list[str]) -> Iterator[bytes]:
        given = "".join(f"{blob}\n" for blob in blobs).encode()
        answer = self._git("cat-file", "--batch", given=given)
        at = 0
        for _ in blobs:
            head = answer.index(b"\n", at)
            length = int(answer[at:head].split()[2])
            yield answer[head + 1 : head + 1 + length]
            at = head + length + 2

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - a list, and no argument can be an option
                ["git", "-C", str(self._root), "--no-pager", "--no-replace-objects", *arguments],  # noqa: S607
                input=given,
                capture_output=True,
                check=False,
                env=_environment(),
            )
        except FileNotFoundError:
            raise UsageError("git is not installed; kg diff compares with a revision") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            reason = said[0].removeprefix("fatal: ") if said else "git failed"
            raise UsageError(f"{self._root}: {reason}; kg diff compares with a revision of git")
        return done.stdout


def _environment() -> dict[str, str]:
    """Return the environment without what would lead git to another repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ceiling = os.environ.get("GIT_CEILING_DIRECTORIES")
    kept |= {"GIT_CEILING_DIRECTORIES": ceiling} if ceiling else {}
    return kept | {
        "LC_ALL": "C",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
