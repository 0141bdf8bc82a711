"""Where in a file a new entity goes, and how it is written there.

Everything else of the file stays as it is, byte for byte: the text is added to, never printed anew.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.dataset import Dataset
from kg.drafts.values import as_turtle, prefixes_in
from kg.errors import DataError
from kg.namespaces import ID, RDF
from kg.terms import Term

_WIDTH: Final = 100
_HEADING: Final = re.compile(r"# --- .+")


@dataclass(frozen=True)
class Entry:
    """One entity to be written into one file.

    Attributes:
        iri: The entity.
        file: The name of the file in the dataset.
        facts: Property and value, in the order in which they are to stand.
        left: What is still to be done, a line each.
        heading: What stands above it where it is the first of its kind in a file of a source.
        head: The comment at the beginning of the file, where that is new.
    """

    iri: str
    file: str
    facts: tuple[tuple[str, Term], ...]
    left: tuple[str, ...] = ()
    heading: str = ""
    head: str = ""

    @property
    def namespace(self) -> str:
        """The IRI up to the last part."""
        return self.iri[: self.iri.rindex("/") + 1]

    def terms(self) -> Iterable[Term]:
        """Return every term that is to be written."""
        yield ox.NamedNode(self.iri)
        for name, value in self.facts:
            if name != RDF + "type":
                yield ox.NamedNode(name)
            yield value

    def block(self, names: dict[str, str]) -> str:
        """Return the entity as Turtle in the layout of the repository, without a line end.

        What is still to be done stands as comments before the dot, which then has its own line.
        """
        grouped: dict[str, list[str]] = {}
        for name, value in self.facts:
            grouped.setdefault(name, []).append(as_turtle(value, names))
        lines = [as_turtle(ox.NamedNode(self.iri), names)]
        for name, values in grouped.items():
            verb = "a" if name == RDF + "type" else as_turtle(ox.NamedNode(name), names)
            line = f"    {verb} {' , '.join(values)} ;"
            broken = f"    {verb}\n        " + " ,\n        ".join(values) + " ;"
            lines.append(broken if len(line) > _WIDTH and len(values) > 1 else line)
        if self.left:
            return "\n".join([*lines, *(f"    # to do: {each}" for each in self.left), "    ."])
        return "\n".join(lines)[:-1] + "."


def insert(text: str, entry: Entry) -> tuple[str, str]:
    """Return a Turtle text with an entity in it, and the entity as it is written there.

    The entity goes among those of its kind: in the order of names where they are in order, else
    after the last of them. Where there is none it goes to the end, under a heading.

    Raises:
        DataError: The text is not well-formed, so that nobody knows where the entity belongs.
    """
    reading = turtle.read(text)
    if reading.faults:
        line, column = turtle.Lines(text).at(reading.faults[0].start)
        raise DataError(f"{entry.file}:{line}:{column}: not well-formed; mend this first")
    declared = {prefix.name: prefix.iri for prefix in reading.prefixes}
    wanted = {
        name: iri
        for name, iri in prefixes_in(iter(entry.terms())).items()
        if name not in declared and iri not in declared.values()
    }
    end = "\r\n" if "\r\n" in text else "\n"
    block = entry.block(declared | wanted).replace("\n", end)
    edits = [*_prefixes(text, reading, wanted, end), _place(text, reading, entry, block, end)]
    for position, added in sorted(edits, key=lambda edit: -edit[0]):
        text = text[:position] + added + text[position:]
    return text, block


def new_file(entry: Entry) -> tuple[str, str]:
    """Return the text of a new file with one entity, and the entity as it is written there."""
    names = prefixes_in(iter(entry.terms()))
    block = entry.block(names)
    prefixes = "".join(f"@prefix {name}: <{names[name]}> .\n" for name in sorted(names))
    heading = f"{entry.heading}\n\n" if entry.heading else ""
    return f"{entry.head}{prefixes}\n{heading}{block}\n", block


def heading_of(prefix: str, dataset: Dataset) -> str:
    """Return the heading under which the files of the sources list entities with a prefix.

    It is looked for line by line, in the layout of the repository.
    """
    line = re.compile(rf"^(?:(# --- .+)|{re.escape(prefix)}:[\w-]+)$", re.MULTILINE)
    found: Counter[str] = Counter()
    for file in dataset.files:
        if not file.name.startswith("data/sources/"):
            continue
        above = ""
        for match in line.finditer(file.text):
            above = match[1] or above
            found.update([above] if above and not match[1] else [])
    return min(found, key=lambda text: (-found[text], text), default="")


def _prefixes(
    text: str, reading: turtle.Reading, wanted: dict[str, str], end: str
) -> list[tuple[int, str]]:
    known = reading.prefixes
    names = [prefix.name for prefix in known]
    edits: list[tuple[int, str]] = []
    added = {name: f"@prefix {name}: <{wanted[name]}> .{end}" for name in sorted(wanted)}
    if not known:
        head = re.match(r"(?:#[^\n]*\n)*", text)
        start = head.end() if head else 0
        return [(start, "".join(added.values()) + end)] if added else []
    places: dict[int, str] = {}
    for name, line in added.items():
        later = [prefix for prefix in known if prefix.name > name]
        if later and names == sorted(names):
            position = _line_start(text, later[0].start)
        else:
            position = _line_end(text, known[-1].end)
            line = end + line.removesuffix(end)
        places[position] = places.get(position, "") + line
    edits += places.items()
    return edits


def _place(
    text: str, reading: turtle.Reading, entry: Entry, block: str, end: str
) -> tuple[int, str]:
    named = [b for b in reading.blocks if isinstance(b.subject, ox.NamedNode)]
    alike = [b for b in named if b.subject and b.subject.value.startswith(entry.namespace)]
    keys = [_key(b.subject.value) for b in alike if b.subject]
    later = [b for b, key in zip(alike, keys, strict=True) if key > _key(entry.iri)]
    if alike and later and keys == sorted(keys):
        before = alike[: len(alike) - len(later)]
        if not before:
            return _start_with_comments(text, later[0].start), f"{block}{end}{end}"
        alike = before
    if alike:
        return _line_end(text, alike[-1].end), f"{end}{end}{block}"
    heading = f"{entry.heading}{end}{end}" if entry.heading else ""
    gap = "" if not text else end if text.endswith(("\n", "\r")) else end + end
    return len(text), f"{gap}{heading}{block}{end}"


def _key(iri: str) -> list[tuple[int, str]]:
    """Return what to sort an IRI by: numbers in it count as numbers."""
    parts: Sequence[str] = re.findall(r"\d+|\D+", iri.removeprefix(ID))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _line_end(text: str, offset: int) -> int:
    """Return the end of a line, or the offset where something else stands on the line."""
    rest = re.compile(r"[ \t]*(#[^\r\n]*)?(?=[\r\n]|\Z)").match(text, offset)
    return rest.end() if rest else offset


def _start_with_comments(text: str, offset: int) -> int:
    """Return where the comments begin that stand right above a place, without a heading."""
    start = _line_start(text, offset)
    while start:
        above = _line_start(text, start - 1)
        line = text[above:start].rstrip("\r\n")
        if not line.startswith("#") or _HEADING.fullmatch(line):
            break
        start = above
    return start
