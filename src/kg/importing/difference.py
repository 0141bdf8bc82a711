"""What is not the same in two editions of an import, thing by thing.

Both were laid out by `kg.importing.statements`, so that equal things are equal blocks of text, and
no more than a digest of each has to be in memory. `kg diff` shows the same as facts with labels.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from kg.namespaces import ID, KINDS, PREFIXES

RETIRED: Final = "retired"  # the beginning of the names of files that are about what is gone
_SHOWN: Final = 5  # things of each kind that a summary names
_BY_PREFIX: Final = {prefix: kind for kind, prefix in KINDS.items()}


@dataclass(frozen=True)
class Difference:
    """Things of a dataset that came, went or changed, by their names in Turtle.

    Attributes:
        came: Only in the new edition.
        went: Only in the old one.
        changed: In both, with other statements.
        same: How many are the same.
    """

    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[str, ...]
    same: int

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.came or self.went or self.changed)

    def as_text(self) -> str:
        """Return a summary for a person: how many of each kind, and the first of them."""
        if not self:
            return f"no difference: {self.same} things say the same as before"
        lines = []
        for title, names in (("new", self.came), ("gone", self.went), ("changed", self.changed)):
            for kind, number in sorted(Counter(map(_kind, names)).items()):
                first = [name for name in names if _kind(name) == kind][:_SHOWN]
                more = ", …" if number > len(first) else ""
                lines.append(f"  {title:8}{number:>7} {kind:14} {', '.join(first)}{more}")
        return "\n".join([*lines, f"  {'same':8}{self.same:>7}"])


def between(old: Path, new: Path) -> Difference:
    """Return what differs between two folders of one dataset; the old one may not be there."""
    before = _digests(old)
    came, changed = [], []
    same = 0
    for subject, block in blocks(new):
        digest = before.pop(subject, None)
        if digest is None:
            came.append(subject)
        elif digest == _digest(block):
            same += 1
        else:
            changed.append(subject)
    return Difference(tuple(came), tuple(before), tuple(changed), same)


def blocks(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each thing of a folder: its name in Turtle and the text of what is said of it."""
    for path in sorted(folder.glob("*.ttl")):
        if path.name.split(".")[0] == RETIRED:
            continue
        text: list[str] = []
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                if line != "\n" and not line.startswith(("#", "@")):
                    text.append(line)
                    if line.endswith(" .\n"):
                        yield text[0].rstrip("\n"), "".join(text)
                        text = []


def described(folder: Path) -> Iterator[str]:
    """Yield the IRIs of the things that a folder gives a class."""
    for subject, block in blocks(folder):
        if "\n    a " in block:
            yield iri_of(subject)


def iri_of(name: str) -> str:
    """Return the IRI of a subject as it is written."""
    if name.startswith("<"):
        return name[1:-1]
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def _digests(folder: Path) -> dict[str, bytes]:
    return {subject: _digest(block) for subject, block in blocks(folder)}


def _digest(block: str) -> bytes:
    return blake2b(block.encode(), digest_size=12).digest()


def _kind(name: str) -> str:
    kind = _BY_PREFIX.get(name.partition(":")[0])
    return kind or (iri_of(name).removeprefix(ID).split("/")[0] if ID in name else "term")
