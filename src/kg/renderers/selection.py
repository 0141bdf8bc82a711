"""Which findings are shown: by code, by family of codes and by severity."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.check import catalogue
from kg.check.catalogue import Catalogue
from kg.errors import UsageError
from kg.findings import Finding, Severity


@dataclass(frozen=True)
class Selection:
    """Which findings are shown.

    Attributes:
        select: Codes or their beginnings; where there is none, all.
        ignore: Codes or their beginnings that are left out.
        violations_only: Whether warnings are left out.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    violations_only: bool = False

    @classmethod
    def of(
        cls, root: Path, select: Iterable[str], ignore: Iterable[str], *, violations_only: bool
    ) -> "Selection":
        """Return a selection from what was typed: codes between commas, or several times.

        Raises:
            UsageError: No rule has a code that begins so: a slip would hide nothing, or all.
        """
        chosen, left_out = _codes(select), _codes(ignore)
        if chosen or left_out:
            known = catalogue.load(root)
            _know("--select", chosen, known)
            _know("--ignore", left_out, known)
        return cls(chosen, left_out, violations_only)

    def shown(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that are shown."""
        return [
            finding
            for finding in findings
            if (not self.select or finding.code.startswith(self.select))
            and not (self.ignore and finding.code.startswith(self.ignore))
            and not (self.violations_only and finding.severity is Severity.WARNING)
        ]


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(code.strip().upper() for part in given for code in part.split(","))


def _know(option: str, wanted: Iterable[str], known: Catalogue) -> None:
    for code in wanted:
        if not code or not any(rule.startswith(code) for rule in known):
            families = ", ".join(sorted({rule[:3] for rule in known}))
            raise UsageError(f"{option} {code}: no rule begins so; known: {families}")
