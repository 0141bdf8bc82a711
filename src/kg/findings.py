"""What a check finds: one list, whatever shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a finding matters: a violation stops the build, a warning asks for a look."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One fault at one place.

    Attributes:
        code: The rule, such as `PLG01`.
        severity: Whether it stops a build.
        path: The file, as the user named it or relative to the dataset.
        line: Counted from 1.
        column: Counted from 1, in code points.
        message: What is found and what is right; one line.
        focus: The entity at fault, as an IRI, or an empty string for a file.
        value: The value at fault as it would be written, or an empty string; withheld for
            contact data.
    """

    code: str
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    focus: str = ""
    value: str = ""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by file and place, each once."""
    return sorted(
        set(findings),
        key=lambda f: (f.path, f.line, f.column, f.code, f.message, f.focus, f.value),
    )


def stops(findings: Iterable[Finding]) -> bool:
    """Tell whether some finding is a violation."""
    return any(finding.severity is Severity.VIOLATION for finding in findings)
