"""Findings as SARIF 2.1.0, the format of code scanning (OASIS, errata 01).

Columns count Unicode code points and the end of a region is the place after its last character,
as in findings. Places are relative to the folder of the dataset. The fingerprint of a finding has
its number among equal ones, so that each has one of its own and keeps it while lines move.
"""

import json
from collections import Counter
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from kg import __version__
from kg.check.catalogue import Rule
from kg.findings import Finding, Fix, Related, Span
from kg.renderers.rule import page_anchor, rule_as_markdown, what
from kg.renderers.view import View
from kg.renderers.words import KEYWORDS
from kg.turtle import Lines

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_BASE: Final = "SRCROOT"


def render(view: View) -> str:
    """Return the findings as one run of SARIF."""
    codes = sorted({finding.code for finding in view.findings})
    invocation: dict[str, Any] = {
        "executionSuccessful": True,
        "exitCode": view.exit_code,
    }
    if not view.complete:
        told = {"level": "warning", "message": {"text": view.word("incomplete")}}
        invocation["toolExecutionNotifications"] = [told]
    run = {
        "tool": {
            "driver": {
                "name": "kg",
                "semanticVersion": __version__,
                "informationUri": "https://w3id.org/citypledge/",
                "rules": [_rule(view, view.rules[code]) for code in codes],
            }
        },
        "language": view.language,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "the folder of the dataset"}}},
        "invocations": [invocation],
        "results": _results(view, codes),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1)


def _rule(view: View, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": what(rule, view.language)},
        "help": {
            "text": " ".join(rule.why.split()),
            "markdown": f"{rule_as_markdown(rule, view.language)}\n\n{page_anchor(rule)}",
        },
        "defaultConfiguration": {"level": KEYWORDS[rule.severity]},
        "properties": {"tags": [rule.layer]},
    }


def _results(view: View, codes: list[str]) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    results = []
    for finding in view.findings:
        seen[finding.fingerprint] += 1
        number = seen[finding.fingerprint]
        results.append(_result(view, finding, codes.index(finding.code), number))
    return results


def _result(view: View, finding: Finding, rule: int, number: int) -> dict[str, Any]:
    said = view.said(finding)
    if view.help(finding):
        said += f"\n{view.word('help')}: {view.help(finding)}"
    location: dict[str, Any] = {"physicalLocation": _physical(finding.span)}
    if finding.focus:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.focus, "kind": "resource"}]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": KEYWORDS[finding.severity],
        "message": {"text": said},
        "locations": [location],
        "partialFingerprints": {"finding/v1": f"{finding.fingerprint}:{number}"},
    }
    if finding.related:
        result["relatedLocations"] = [
            _related(view, related, id_) for id_, related in enumerate(finding.related, start=1)
        ]
    shown = [fix for fix in finding.fixes if not fix.is_private]
    fixes = [fix for each in shown if (fix := _fix(view, each)) is not None]
    if fixes:
        result["fixes"] = fixes
    properties = {
        name: told
        for name in ("found", "property", "value", "component")
        if (told := getattr(finding, name))
    }
    return result | ({"properties": properties} if properties else {})


def _physical(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": _artifact(span.path),
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


def _artifact(path: str) -> dict[str, Any]:
    if PurePath(path).is_absolute():
        return {"uri": PurePath(path).as_uri()}
    return {"uri": quote(path, errors="surrogateescape"), "uriBaseId": _BASE}


def _related(view: View, related: Related, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "message": {"text": related.said.in_language(view.language)},
        "physicalLocation": _physical(related.span),
    }


def _fix(view: View, fix: Fix) -> dict[str, Any] | None:
    """Return a fix; None where a file that it changes cannot be read."""
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        lines = view.texts.lines(edit.path)
        if lines is None:
            return None
        changes.setdefault(edit.path, []).append(
            {
                "deletedRegion": _region(lines, edit.start, edit.end),
                "insertedContent": {"text": edit.text},
            }
        )
    return {
        "description": {"text": fix.title.in_language(view.language)},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


def _region(lines: Lines, start: int, end: int) -> dict[str, int]:
    line, column = lines.at(start)
    end_line, end_column = lines.at(end)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }
