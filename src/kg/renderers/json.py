"""Findings as a JSON array with every attribute; its shape is `findings.schema.json`."""

import json
from typing import Any

from kg.findings import LANGUAGES, Edit, Finding, Fix, Related, Span, Text
from kg.renderers.view import View


def render(view: View) -> str:
    """Return the findings as a JSON array."""
    found = [attributes(finding, view.language) for finding in view.findings]
    return json.dumps(found, ensure_ascii=False, indent=1)


def attributes(finding: Finding, language: str = "en") -> dict[str, Any]:
    """Return the attributes of a finding; `message` is what it says in one language."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        **_place(finding.span),
        "message": finding.said.in_language(language),
        "said": _words(finding.said),
        "help": _words(finding.help),
        "found": finding.found,
        "focus": finding.focus,
        "property": finding.property,
        "value": finding.value,
        "component": finding.component,
        "fingerprint": finding.fingerprint,
        "related": [_related(related) for related in finding.related],
        "fixes": [_fix(fix) for fix in finding.fixes if not fix.is_private],
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _words(text: Text) -> dict[str, str]:
    words = {language: getattr(text, language) for language in LANGUAGES}
    return {language: said for language, said in words.items() if said}


def _related(related: Related) -> dict[str, Any]:
    return {**_place(related.span), "said": _words(related.said)}


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": _words(fix.title),
        "is_safe": fix.is_safe,
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {"path": edit.path, "start": edit.start, "end": edit.end, "text": edit.text}
