"""Statements as lines of text: sorted on disk, then laid out as Turtle in the form of `kg fmt`.

A table may be larger than memory, and the statements about one thing may come from many rows. So
they are collected as `subject TAB property TAB value`, sorted in runs that are merged, and written
thing by thing. Equal input gives equal bytes.
"""

import heapq
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cache
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox

from kg.namespaces import PREFIXES, RDF, XSD

RUN: Final = 250_000  # statements sorted in memory at a time; about 50 MB
PART: Final = 4_000_000  # bytes of a file from which the next thing goes into another one
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_BARE: Final = {
    XSD + "integer": re.compile(r"[+-]?\d+"),
    XSD + "decimal": re.compile(r"[+-]?\d*\.\d+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_ESCAPES: Final = {
    ord(sign): text
    for sign, text in {'"': '\\"', "\\": "\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}.items()
}
_FIRST: Final = (RDF + "type", PREFIXES["skos"] + "prefLabel", PREFIXES["skos"] + "altLabel")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_USED: Final = re.compile(r"(?:^|[ ^])([a-z][a-z0-9-]*):", re.MULTILINE)
_BY_SPACE: Final = {space: prefix for prefix, space in PREFIXES.items()}
_TYPE: Final = RDF + "type"


class Sorter:
    """Collects statements in a folder and gives them back sorted, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: list[str] = []
        self._runs: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for run in self._runs:
            run.unlink(missing_ok=True)

    def add(
        self, subject: ox.NamedNode, path: ox.NamedNode, value: ox.NamedNode | ox.Literal
    ) -> None:
        """Take a statement."""
        self._lines.append(f"{name(subject.value)}\t{_ranked(path.value)}\t{term(value)}\n")
        if len(self._lines) >= RUN:
            self._flush()

    def _flush(self) -> None:
        run = self._folder / f"run-{len(self._runs)}"
        self._lines = sorted(set(self._lines))
        with run.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(self._lines)
        self._runs.append(run)
        self._lines = []

    def lines(self) -> Iterator[str]:
        """Yield the statements, sorted, each once."""
        with ExitStack() as opened:
            files = [
                opened.enter_context(run.open(encoding="utf-8", newline="\n")) for run in self._runs
            ]
            merged = heapq.merge(*files, sorted(set(self._lines)))
            yield from (line for line, _ in groupby(merged))


def write(lines: Iterable[str], folder: Path, stem: str, heading: str) -> list[Path]:
    """Write sorted statements as Turtle, in as many files as keep each one small.

    Args:
        lines: From `Sorter.lines`.
        folder: Where to.
        stem: Of the names of the files: `<stem>.ttl`, `<stem>.2.ttl` and so on.
        heading: A comment, without its sign.
    """
    written: list[Path] = []
    text: list[str] = []
    size = 0
    for subject, told in groupby(lines, key=lambda line: line.partition("\t")[0]):
        block = _block(subject, [line.rstrip("\n").split("\t") for line in told])
        if size + len(block) > PART and text:
            written.append(_part(text, folder, stem, len(written), heading))
            text, size = [], 0
        text.append(block)
        size += len(block)
    written.append(_part(text, folder, stem, len(written), heading))
    return written


def name(iri: str) -> str:
    """Return an IRI as Turtle writes it: by a prefix where it can be read without escapes.

    >>> name("https://w3id.org/citypledge/id/city/lt-klaipeda")
    'city:lt-klaipeda'
    """
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    prefix, local = _BY_SPACE.get(iri[:end]), iri[end:]
    return f"{prefix}:{local}" if prefix and _LOCAL.fullmatch(local) else f"<{iri}>"


def term(value: ox.NamedNode | ox.Literal) -> str:
    """Return a term as Turtle writes it, on one line."""
    if isinstance(value, ox.NamedNode):
        return name(value.value)
    datatype = value.datatype.value
    if datatype in _BARE and _BARE[datatype].fullmatch(value.value):
        return value.value
    text = f'"{value.value.translate(_ESCAPES)}"'
    if value.language:
        return f"{text}@{value.language}"
    return text if datatype == XSD + "string" else f"{text}^^{name(datatype)}"


@cache
def _ranked(path: str) -> str:
    rank = _FIRST.index(path) if path in _FIRST else len(_FIRST)
    return f"{rank}{'a' if path == _TYPE else name(path)}"


def _block(subject: str, told: list[list[str]]) -> str:
    predicates = []
    for path, values in groupby(told, key=lambda parts: parts[1]):
        shown = " , ".join(parts[2] for parts in values)
        predicates.append(f"    {path[1:]} {shown}")
    return f"{subject}\n" + " ;\n".join(predicates) + " .\n"


def _part(blocks: list[str], folder: Path, stem: str, number: int, heading: str) -> Path:
    path = folder / (f"{stem}.ttl" if not number else f"{stem}.{number + 1}.ttl")
    used = {prefix for block in blocks for prefix in _USED.findall(_STRING.sub('""', block))}
    head = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in sorted(used))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {heading}\n\n{head}\n")
        file.writelines(f"{chr(10) * bool(at)}{block}" for at, block in enumerate(blocks))
    return path
