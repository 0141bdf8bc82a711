"""Findings, tables and rules as text for people and as JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from kg.check.rules import Rule
from kg.findings import Finding, Severity


def findings_as_text(findings: Iterable[Finding]) -> str:
    """Return one line for each finding: `file:line:column: severity message`."""
    return "\n".join(
        f"{f.path}:{f.line}:{f.column}: {f.severity.value} {f.message}" for f in findings
    )


def findings_as_json(findings: Iterable[Finding]) -> str:
    """Return a JSON array of findings, with the names of their attributes."""
    return json.dumps(
        [asdict(finding) | {"severity": finding.severity.value} for finding in findings],
        ensure_ascii=False,
        indent=1,
    )


def summary(findings: Sequence[Finding], files: int, *, complete: bool) -> str:
    """Return the last line of a check."""
    violations = sum(f.severity is Severity.VIOLATION for f in findings)
    warnings = len(findings) - violations
    counted = f"{_number(files, 'file')}: {_number(violations, 'violation')}, "
    counted += _number(warnings, "warning")
    if not complete:
        counted += "; the rules on the graph were not run, because a file could not be read"
    return counted


def rule_as_text(rule: Rule) -> str:
    """Return a rule as `kg explain` shows it."""
    parts = [
        f"{rule.code}  {rule.title}",
        f"{rule.severity.value}, checked in the layer: {rule.layer}",
        "",
        rule.message,
    ]
    for heading, text in (("Why", rule.why), ("Wrong", rule.wrong), ("Right", rule.right)):
        if text:
            parts += ["", f"{heading}:", *(f"  {line}" for line in text.strip().splitlines())]
    return "\n".join(parts)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
