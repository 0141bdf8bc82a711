"""Findings as diagnostics, and findings of an older text on the newer one.

A check of the whole dataset takes longer than a key press. Until it has seen the newest text, what
it found in an older one is shown where it has moved to; what stood in the part that was changed is
left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp
from pygls.uris import from_fs_path

from kg.findings import Edit, Finding, Fix, Severity, Span
from kg.lsp.positions import Positions
from kg.turtle import Lines

SOURCE: Final = "kg"

_SEVERITIES: Final = {
    Severity.VIOLATION: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
}


def diagnostic(
    finding: Finding,
    positions: Positions,
    *,
    language: str,
    root: Path | None,
    located: Callable[[Span], lsp.Location],
    unnecessary: frozenset[str],
) -> lsp.Diagnostic:
    """Return a finding as the protocol has it.

    Args:
        finding: What was found.
        positions: Of its text.
        language: In which it is said.
        root: The folder of the dataset, whose page on the rules explains the code.
        located: Finds the place of a span in another file, or in this one.
        unnecessary: The codes of rules on what can be left out, which editors show in grey.
    """
    return lsp.Diagnostic(
        range_of(finding.span, positions),
        message_of(finding, language),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_page(finding.code, root),
        source=SOURCE,
        tags=[lsp.DiagnosticTag.Unnecessary] if finding.code in unnecessary else None,
        related_information=[
            lsp.DiagnosticRelatedInformation(located(r.span), r.said.in_language(language))
            for r in finding.related
        ]
        or None,
        data=finding.fingerprint,
    )


def message_of(finding: Finding, language: str) -> str:
    """Return what is said of a finding: the fault, and the remedy on a line of its own."""
    said = finding.said.in_language(language)
    remedy = finding.help.in_language(language)
    return f"{said}\n{remedy}" if remedy else said


def range_of(span: Span, positions: Positions) -> lsp.Range:
    """Return the range of a span."""
    start = positions.place(span.line, span.column)
    end = positions.place(span.end_line, span.end_column)
    return positions.range(start, max(start, end))


def _page(code: str, root: Path | None) -> lsp.CodeDescription | None:
    page = None if root is None else root / "docs" / "rules.md"
    if page is None or not page.is_file():
        return None
    return lsp.CodeDescription(f"{from_fs_path(str(page))}#{code.lower()}")


def carried(findings: Iterable[Finding], old: str, new: str) -> list[Finding]:
    """Return the findings of a text as those of a newer one.

    >>> carried([], "a", "b")
    []
    """
    if old == new:
        return list(findings)
    head = _common(lambda size: old[:size] == new[:size], min(len(old), len(new)))
    most = min(len(old), len(new)) - head
    tail = _common(lambda size: old[len(old) - size :] == new[len(new) - size :], most)
    shift = len(new) - len(old)
    before, after = Lines(old), Lines(new)

    def moved(start: int, end: int) -> tuple[int, int] | None:
        if end <= head:
            return start, end
        return (start + shift, end + shift) if start >= len(old) - tail else None

    found = []
    for finding in findings:
        span = finding.span
        start = before.offset(span.line, span.column)
        place = moved(start, max(start, before.offset(span.end_line, span.end_column)))
        if place is None:
            continue
        fixes = tuple(
            fix for fix in (_moved_fix(f, span.path, moved) for f in finding.fixes) if fix
        )
        moved_span = Span(span.path, *after.at(place[0]), *after.at(place[1]))
        found.append(replace(finding, span=moved_span, fixes=fixes))
    return found


def _common(is_same: Callable[[int], bool], most: int) -> int:
    """Return the greatest size up to `most` for which something is the same, by halving."""
    known = 0
    while known < most:
        size = (known + most + 1) // 2
        known, most = (size, most) if is_same(size) else (known, size - 1)
    return known


def _moved_fix(
    fix: Fix, path: str, moved: Callable[[int, int], tuple[int, int] | None]
) -> Fix | None:
    edits = []
    for edit in fix.edits:
        place = moved(edit.start, edit.end) if edit.path == path else (edit.start, edit.end)
        if place is None:
            return None
        edits.append(Edit(edit.path, *place, edit.text))
    return replace(fix, edits=tuple(edits))
