"""What is shown of a check, and how: the one thing that every renderer is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from kg.check import catalogue
from kg.check.catalogue import Catalogue
from kg.findings import Finding, Severity
from kg.renderers.words import counted, word
from kg.turtle import Lines

_MAX_BYTES: Final = 100_000_000  # of a larger file no line is shown
_NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})


class Texts:
    """The texts that findings are about, read when a line of them is shown."""

    def __init__(self, root: Path, given: Mapping[str, str] = _NO_TEXTS) -> None:
        """Make texts of the files under `root`; those in `given` are no files."""
        self._root = root
        self._lines = {name: Lines(text) for name, text in given.items()}
        self._unread: set[str] = set()

    def lines(self, name: str) -> Lines | None:
        """Return the lines of a file by its name in findings; None where none can be shown."""
        if name not in self._lines and name not in self._unread:
            try:
                text = self._read(name)
            except OSError:
                text = None
            if text is None:
                self._unread.add(name)
            else:
                self._lines[name] = Lines(text)
        return self._lines.get(name)

    def _read(self, name: str) -> str | None:
        path = next((p for p in (self._root / name, Path(name)) if p.is_file()), None)
        if path is None or path.stat().st_size > _MAX_BYTES:
            return None
        return path.read_bytes().decode("utf-8", errors="replace")


@dataclass(frozen=True)
class View:
    """What is shown of a check, and how.

    Attributes:
        findings: Those that are shown, in order.
        root: The folder of the dataset.
        files: The names of the files that were checked.
        language: Of all words: `en`, `lt` or `sl`.
        complete: Whether all rules were run.
        is_strict: Whether a warning fails the check too.
        is_coloured: Whether the text goes to a terminal that shows colours.
        hidden: How many findings the baseline hides.
        given: The texts of files that are not on disk, by name.
    """

    findings: Sequence[Finding]
    root: Path
    files: Sequence[str] = ()
    language: str = "en"
    complete: bool = True
    is_strict: bool = False
    is_coloured: bool = False
    hidden: int = 0
    given: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Texts:
        """The texts that the findings are about."""
        return Texts(self.root, self.given)

    @cached_property
    def rules(self) -> Catalogue:
        """The rules."""
        return catalogue.load(self.root)

    @property
    def by_weight(self) -> list[Finding]:
        """The findings, violations first."""
        return sorted(self.findings, key=lambda f: f.severity is Severity.WARNING)

    def fails(self, finding: Finding) -> bool:
        """Tell whether a finding fails the check."""
        return self.is_strict or finding.severity is Severity.VIOLATION

    @property
    def exit_code(self) -> int:
        """What the check exits with: 1 where something fails it, else 0."""
        return 1 if not self.complete or any(map(self.fails, self.findings)) else 0

    def word(self, name: str) -> str:
        """Return one of the renderers' own words."""
        return word(name, self.language)

    def said(self, finding: Finding) -> str:
        """Return what a finding says, on one line."""
        return " ".join(finding.said.in_language(self.language).split())

    def help(self, finding: Finding) -> str:
        """Return how to mend a finding, on one line."""
        return " ".join(finding.help.in_language(self.language).split())

    @property
    def summary(self) -> str:
        """The last line of a check."""
        violations = sum(f.severity is Severity.VIOLATION for f in self.findings)
        parts = (
            counted(violations, "violation", self.language),
            counted(len(self.findings) - violations, "warning", self.language),
        )
        text = f"{counted(len(self.files), 'file', self.language)}: {', '.join(parts)}"
        if self.hidden:
            text += f"; {self.word('hidden').format(n=self.hidden)}"
        return text if self.complete else f"{text}; {self.word('incomplete')}"
