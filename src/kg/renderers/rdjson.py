"""Findings for reviewdog, in its Diagnostic Format.

Its columns count bytes of UTF-8, so they are counted in the line of the file.
"""

import json
from typing import Any

from kg.findings import Finding, Fix, Severity, Span
from kg.renderers.view import View

_SEVERITIES = {Severity.VIOLATION: "ERROR", Severity.WARNING: "WARNING"}


def render(view: View) -> str:
    """Return the findings as one result."""
    result = {
        "source": {"name": "kg", "url": "https://w3id.org/citypledge/"},
        "diagnostics": [_diagnostic(view, finding) for finding in view.findings],
    }
    return json.dumps(result, ensure_ascii=False, indent=1)


def _diagnostic(view: View, finding: Finding) -> dict[str, Any]:
    said = view.said(finding)
    if view.help(finding):
        said += f"\n{view.word('help')}: {view.help(finding)}"
    found: dict[str, Any] = {
        "message": said,
        "location": _location(view, finding.span),
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code},
    }
    suggestions = [s for fix in finding.fixes for s in _suggestions(view, fix, finding.path)]
    if suggestions:
        found["suggestions"] = suggestions
    if finding.related:
        found["relatedLocations"] = [
            {
                "message": related.said.in_language(view.language),
                "location": _location(view, related.span),
            }
            for related in finding.related
        ]
    return found


def _location(view: View, span: Span) -> dict[str, Any]:
    return {
        "path": span.path,
        "range": {
            "start": _position(view, span.path, span.line, span.column),
            "end": _position(view, span.path, span.end_line, span.end_column),
        },
    }


def _position(view: View, path: str, line: int, column: int) -> dict[str, int]:
    lines = view.texts.lines(path)
    before = "" if lines is None else lines.line(line)[: column - 1]
    return {"line": line, "column": column + len(before.encode("utf-8")) - len(before)}


def _suggestions(view: View, fix: Fix, path: str) -> list[dict[str, Any]]:
    """Return a fix as suggestions; those that change another file or several places have none."""
    lines = view.texts.lines(path)
    if lines is None or len(fix.edits) != 1 or fix.edits[0].path != path or fix.is_private:
        return []
    edit = fix.edits[0]
    start, end = (_position(view, path, *lines.at(offset)) for offset in (edit.start, edit.end))
    return [{"range": {"start": start, "end": end}, "text": edit.text}]
