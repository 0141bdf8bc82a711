"""Findings that are known and wait: a file that lets a check fail on new ones only.

A baseline knows a finding by its fingerprint, which has no line number, and how many of the same
there are, so that the one that is added to two known ones is shown. It holds no value of the data
but its hash, which is in the fingerprint: contact data does not get into it.

    {"version": 1,
     "findings": [
      {"code": "LBL01", "path": "data/links.ttl", "focus": "…", "property": "…",
       "fingerprint": "0123456789abcdef", "count": 1}]}
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import UsageError
from kg.findings import Finding

_VERSION: Final = 1


@dataclass(frozen=True, order=True)
class Entry:
    """Some equal findings.

    Attributes:
        path: The file.
        code: The rule.
        focus: The entity, as an IRI.
        property: The property, as an IRI.
        fingerprint: By which they are known.
        count: How many there are.
    """

    path: str
    code: str
    focus: str
    property: str
    fingerprint: str
    count: int


@dataclass(frozen=True)
class Baseline:
    """The findings that are known."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Baseline":
        """Return the baseline that hides some findings."""
        known: dict[str, Finding] = {}
        counts: Counter[str] = Counter()
        for finding in findings:
            known.setdefault(finding.fingerprint, finding)
            counts[finding.fingerprint] += 1
        return cls(
            tuple(
                sorted(
                    Entry(f.path, f.code, f.focus, f.property, fingerprint, counts[fingerprint])
                    for fingerprint, f in known.items()
                )
            )
        )

    def new(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that are not known; of equal ones the last are the new ones."""
        left = Counter({entry.fingerprint: entry.count for entry in self.entries})
        shown = []
        for finding in findings:
            if left[finding.fingerprint] > 0:
                left[finding.fingerprint] -= 1
            else:
                shown.append(finding)
        return shown

    def stale(self, findings: Iterable[Finding], files: Collection[str]) -> list[Entry]:
        """Return the entries of which there are fewer now.

        Args:
            findings: All that were found.
            files: The names of the files that were checked: the others say nothing.
        """
        found = Counter(finding.fingerprint for finding in findings)
        checked = set(files)
        return [
            entry
            for entry in self.entries
            if entry.path in checked and found[entry.fingerprint] < entry.count
        ]

    def as_json(self) -> str:
        """Return the text of the file: in order, one line for each entry."""
        lines = ",\n".join(
            "  " + json.dumps(asdict(entry), ensure_ascii=False) for entry in self.entries
        )
        found = f"[\n{lines}\n ]" if lines else "[]"
        return f'{{\n "version": {_VERSION},\n "findings": {found}\n}}\n'


def read(path: Path) -> Baseline:
    """Return the baseline in a file.

    Raises:
        UsageError: It is not there, or it is no baseline.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = f"cannot be read: {error.strerror}; make it with --write-baseline {path}"
        raise UsageError(f"{path}: {reason}") from None
    except ValueError as error:
        raise UsageError(f"{path}: is no baseline, because it is not JSON: {error}") from None
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise UsageError(f'{path}: is no baseline of this version: expected "version": {_VERSION}')
    try:
        return Baseline(tuple(_entry(each) for each in content["findings"]))
    except (KeyError, TypeError) as error:
        raise UsageError(f"{path}: is no baseline: an entry is at fault: {error}") from None


def _entry(each: dict[str, Any]) -> Entry:
    entry = Entry(**each)
    if not all(isinstance(value, str) for value in (entry.path, entry.fingerprint)):
        raise TypeError("path and fingerprint are strings")
    if not isinstance(entry.count, int) or entry.count < 1:
        raise TypeError("count is a whole number from 1")
    return entry
