"""Formatting files: the proof that nothing but the layout changes, the difference, and writing."""

import difflib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg import turtle
from kg.errors import EncodingError, KgError, MissingFileError, UsageError
from kg.formatting.layout import BYTE_ORDER_MARK, format_text

FOLDERS: Final = ("ontology", "shapes", "data")  # of a dataset, those that hold Turtle

_ABOUT_A_LINE: Final = re.compile(r"#\s*kg:", re.IGNORECASE)
_NO_NEWLINE: Final = "\n\\ No newline at end of file\n"


class FormattingError(KgError):
    """More than the layout would change: a fault of the formatter, so nothing is written."""


@dataclass(frozen=True)
class Formatted:
    """A text before and after formatting.

    Attributes:
        name: What the text is called.
        before: As it was, with line ends and byte order mark.
        after: As it should be.
    """

    name: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether anything differs."""
        return self.before != self.after

    def parted(self) -> Iterator[int]:
        """Yield the lines, after formatting, of each comment `# kg:` whose line is now several.

        Such a comment is about the line that it ends, or about the one below it.
        """
        before, after = _about(self.before), _about(self.after)
        for (_, was), (line, now) in zip(before, after, strict=True):
            if not was <= now:
                yield line

    def diff(self) -> str:
        """Return the difference as `diff -u` and `git diff` print it."""
        lines = difflib.unified_diff(_lines(self.before), _lines(self.after), self.name, self.name)
        return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


def of_dataset(root: Path) -> list[tuple[str, Path]]:
    """Return all Turtle files of a dataset, each with its name below `root`.

    Raises:
        MissingFileError: A folder holds none.
    """
    found = given(root / folder for folder in FOLDERS)
    return [(path.relative_to(root).as_posix(), path) for _, path in found]


def given(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """Return files with their names as they are given; of a folder the Turtle files in it.

    Hidden files, and those in hidden folders, are only taken where they are given by name.

    Raises:
        MissingFileError: Something is not there, or a folder holds no Turtle file.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = [
                file
                for file in sorted(path.rglob("*.ttl"))
                if not any(part.startswith(".") for part in file.relative_to(path).parts)
            ]
            if not inside:
                raise MissingFileError(f"{path}: no Turtle file in it")
            found |= {str(file): file for file in inside}
        elif path.is_file():
            found[str(path)] = path
        else:
            raise MissingFileError(f"{path}: no such file; name a Turtle file or a folder")
    return list(found.items())


def format_file(path: Path, name: str) -> Formatted:
    """Return a file before and after formatting; nothing is written.

    Raises:
        MissingFileError: The file cannot be read.
        EncodingError: It is not UTF-8.
        MalformedError: It is not well-formed.
        FormattingError: More than its layout would change.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingFileError(f"{name}: cannot be read: {error.strerror}") from None
    return format_bytes(content, name)


def format_bytes(content: bytes, name: str) -> Formatted:
    """Return what is in a file before and after formatting, as `format_file` does."""
    try:
        before = content.decode("utf-8")
    except UnicodeDecodeError as error:
        read = content[: error.start].decode("utf-8")
        line, column = turtle.Lines(read).at(len(read))
        found = f"byte 0x{content[error.start]:02X} is not UTF-8; save the file as UTF-8"
        raise EncodingError(Path(name), line, column, found) from None
    after = format_text(before, Path(name))
    prove(before, after, name)
    return Formatted(name, before, after)


def prove(before: str, after: str, name: str) -> None:
    """Make sure that two texts differ in nothing but their layout, and that it is final.

    Raises:
        FormattingError: Triples, tokens or comments differ, or formatting again changes more.
    """
    for what, is_kept in (
        ("triples", _triples(before) == _triples(after)),
        ("tokens", _tokens(before) == _tokens(after)),
        ("comments", comments(before) == comments(after)),
        ("layout, each time it is formatted,", format_text(after) == after),
    ):
        if not is_kept:
            raise FormattingError(
                f"{name}: not formatted, since its {what} would change; this is a fault of kg fmt: "
                "report it, with the file"
            )


def comments(text: str) -> list[str]:
    """Return the comments of a text, without the spaces at their ends."""
    return [
        token.text.rstrip(" \t")
        for token in turtle.lex(text.removeprefix(BYTE_ORDER_MARK))
        if token.kind == "comment"
    ]


def write(path: Path, text: str) -> None:
    """Put a text in the place of what a file holds: all of it or nothing; its mode stays.

    Raises:
        UsageError: The file cannot be written.
    """
    place = path.resolve()  # a link stays a link
    partial: Path | None = None
    try:
        if not os.access(place, os.W_OK):
            raise PermissionError(None, "it may not be written")
        descriptor, name = tempfile.mkstemp(prefix=".partial-", dir=place.parent)
        partial = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(place, partial)
        partial.replace(place)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _triples(text: str) -> list[tuple[object, ...]]:
    """Return the triples; blank nodes are named by their labels, or numbered as they come."""
    statements = turtle.statements(text.removeprefix(BYTE_ORDER_MARK))
    return [(each.subject, each.predicate, each.object) for each in statements]


def _tokens(text: str) -> list[str]:
    return [
        token.text
        for token in turtle.tokens(text.removeprefix(BYTE_ORDER_MARK))
        if (token.kind, token.text) != ("punctuation", ";")
    ]


def _about(text: str) -> Iterator[tuple[int, set[int]]]:
    """Return the line of each comment `# kg:` and the terms on the line that it is about."""
    if not _ABOUT_A_LINE.search(text):
        return iter(())
    text = text.removeprefix(BYTE_ORDER_MARK)
    lines = turtle.Lines(text)
    on_line: dict[int, set[int]] = {}
    found: list[tuple[int, int]] = []
    terms = last_line = 0
    for token in turtle.lex(text):
        line, _ = lines.at(token.start)
        if _ABOUT_A_LINE.match(token.text) and token.kind == "comment":
            found.append((line, line if line == last_line else line + 1))
        elif token.kind != "comment" and token.text not in (*";,.)]",):
            on_line.setdefault(line, set()).add(terms)
            terms += 1
        last_line, _ = lines.at(token.start + len(token.text))
    return ((line, on_line.get(about, set())) for line, about in found)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)
