"""Annotations of a GitHub workflow, and the summary of its step.

GitHub shows ten errors and ten warnings of a step and drops the others without a word. So
violations come first, of each kind the first ten that differ in rule or file before those that
repeat; the rest follow as plain lines in the log. The summary of the step has them all.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kg.findings import Finding, Severity
from kg.renderers import concise, markdown
from kg.renderers.view import View
from kg.renderers.words import KEYWORDS

_MOST: Final = 10  # annotations of one kind that GitHub shows for one step


def render(view: View) -> str:
    """Return the annotations, then a line for each finding that has none."""
    noted: list[Finding] = []
    for severity in Severity:
        noted += _first(f for f in view.findings if f.severity is severity)
    chosen = set(map(id, noted))
    rest = [concise.line(view, f) for f in view.by_weight if id(f) not in chosen]
    return "\n".join([*(_annotation(view, finding) for finding in noted), *rest])


def append_summary(view: View, path: Path) -> None:
    """Add the findings to the summary of the step, as Markdown.

    Args:
        view: What is shown.
        path: The file that `GITHUB_STEP_SUMMARY` names.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(markdown.render(view) + "\n")


def _first(findings: Iterable[Finding]) -> list[Finding]:
    seen: Counter[tuple[str, str]] = Counter()
    ranked = []
    for finding in findings:
        kind = (finding.code, finding.path)
        ranked.append((seen[kind], finding))
        seen[kind] += 1
    return [finding for _, finding in sorted(ranked, key=lambda item: item[0])[:_MOST]]


def _annotation(view: View, finding: Finding) -> str:
    span = finding.span
    properties = {"file": span.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # columns of a place over several lines are refused
        properties |= {"col": span.column, "endColumn": span.end_column}
    title = f"{finding.code} {view.rules[finding.code].title}"
    told = ",".join(f"{name}={_property(v)}" for name, v in {**properties, "title": title}.items())
    said = view.said(finding)
    if view.help(finding):
        said += f"\n{view.word('help')}: {view.help(finding)}"
    return f"::{KEYWORDS[finding.severity]} {told}::{_message(said)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _message(str(value)).replace(":", "%3A").replace(",", "%2C")
