"""What a check finds: one list, whatever shows it."""

import builtins
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kg import contact

LANGUAGES: Final = ("en", "lt", "sl")  # those in which findings are said


class Severity(Enum):
    """How much a finding matters: a violation stops the build, a warning asks for a look."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True)
class Text:
    """Words for a person, in the languages of the findings; contact data in them is left out."""

    en: str = ""
    lt: str = ""
    sl: str = ""

    def __post_init__(self) -> None:
        """Leave contact data out."""
        for language in LANGUAGES:
            words = getattr(self, language)
            if (told := contact.without(words)) != words:
                object.__setattr__(self, language, told)

    def __bool__(self) -> bool:
        """Tell whether anything is said."""
        return bool(self.en)

    def in_language(self, language: str) -> str:
        """Return the words in a language; in English where they are not there."""
        return {"lt": self.lt, "sl": self.sl}.get(language, "") or self.en

    @classmethod
    def of(cls, words: Mapping[str, str]) -> "Text":
        """Return the text whose words are given by language."""
        return cls(**{language: words.get(language, "") for language in LANGUAGES})


@dataclass(frozen=True, order=True)
class Span:
    """Some characters of a file, from a first place to just before a last one.

    Attributes:
        path: The file, as the user named it or relative to the dataset.
        line: Of the first character, from 1.
        column: Of the first character, from 1, in code points.
        end_line: Of the character after the last.
        end_column: Of the character after the last; equal to `column` for an empty span.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True)
class Related:
    """Another place that has to do with a finding: the other duplicate, the rule.

    Attributes:
        span: The place.
        said: What is there.
    """

    span: Span
    said: Text


@dataclass(frozen=True)
class Edit:
    """One replacement in a file.

    Attributes:
        path: The file, as in `Span`.
        start: Offset of the first character that goes, in code points from 0.
        end: Offset after the last character that goes; equal to `start` to insert.
        text: What takes their place.
    """

    path: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Fix:
    """A way to mend a finding.

    Attributes:
        title: What it does, as an order: `write @lt`.
        edits: The replacements, which do not overlap.
        is_safe: Whether it can only be right, so that `kg check --fix` makes it unasked.
    """

    title: Text
    edits: tuple[Edit, ...]
    is_safe: bool = False

    @property
    def is_private(self) -> bool:
        """Whether its edits repeat contact data, so that they are made but not shown."""
        return any(contact.is_in(edit.text) for edit in self.edits)


@dataclass(frozen=True)
class Finding:
    """One fault at one place.

    Attributes:
        code: The rule, such as `PLG01`.
        severity: Whether it stops a build.
        span: Where it is.
        said: What is right, or what is wrong; one line, without the code.
        found: What stands there, as it would be written; empty for contact data, which is never
            repeated, and where nothing stands.
        help: How to mend it; one line.
        focus: The entity at fault, as an IRI, or an empty string for a file; withheld too where
            it is contact data.
        property: The property at fault, as an IRI, or an empty string.
        value: The value at fault in N-Triples, or an empty string; withheld for contact data.
        component: The constraint component of SHACL, as an IRI, for a rule of the shapes.
        related: Other places.
        fixes: Ways to mend it, the best one first.
    """

    code: str
    severity: Severity
    span: Span
    said: Text
    found: str = ""
    help: Text = Text()
    focus: str = ""
    property: str = ""
    value: str = ""
    component: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()

    def __post_init__(self) -> None:
        """Withhold contact data."""
        for name in ("found", "focus", "value"):
            if contact.is_in(getattr(self, name)):
                object.__setattr__(self, name, "")

    @builtins.property  # `property` is a field here
    def path(self) -> str:
        """The file."""
        return self.span.path

    @builtins.property  # `property` is a field here
    def line(self) -> int:
        """The line, from 1."""
        return self.span.line

    @builtins.property  # `property` is a field here
    def column(self) -> int:
        """The column, from 1, in code points."""
        return self.span.column

    @builtins.property  # `property` is a field here
    def message(self) -> str:
        """What is said, in English."""
        return self.said.en

    @builtins.property  # `property` is a field here
    def fingerprint(self) -> str:
        """What stays the same while lines move: a hash of rule, file, entity, property and value.

        Two equal faults in one file have one fingerprint; whoever needs to tell them apart counts.
        """
        told = self.value or self.found
        parts = (self.code, self.path, self.focus, self.property, told)
        return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by file and place, each once."""
    return sorted(
        set(findings),
        key=lambda f: (f.span, f.code, f.said.en, f.focus, f.property, f.value, f.found),
    )


def stops(findings: Iterable[Finding]) -> bool:
    """Tell whether some finding is a violation."""
    return any(finding.severity is Severity.VIOLATION for finding in findings)
