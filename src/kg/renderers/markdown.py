"""Findings as Markdown, for a comment on a change: a table, and the lines in details.

GitHub refuses a comment of more than 65,536 characters; what does not fit is counted.
"""

import re
from typing import Final

from kg.findings import Finding
from kg.renderers import full
from kg.renderers.excerpt import plain
from kg.renderers.view import View

_MOST: Final = 60_000  # characters; some room for the summary
_ACTIVE: Final = re.compile(r"([\\`*_{}\[\]<>#!|~@&])")


def render(view: View) -> str:
    """Return the findings, violations first."""
    parts = [f"### {view.word('report')}", f"{_text(view.summary)}"]
    if not view.findings:
        return "\n\n".join([*parts, view.word("clean")])
    names = ("place", "rule", "said")
    head = "| | " + " | ".join(view.word(name) for name in names) + " |\n|---|---|---|---|"
    ordered = view.by_weight
    rows = _fitting([_row(view, finding) for finding in ordered], _MOST // 2)
    table = "\n".join([head, *rows])
    parts.append(table)
    if len(rows) < len(ordered):
        parts.append(_more(view, len(ordered) - len(rows)))
    details = _fitting([_details(view, f) for f in ordered], _MOST - sum(map(len, parts)))
    return "\n\n".join([*parts, *details])


def _row(view: View, finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    cells = (view.word(finding.severity.value), place, finding.code, view.said(finding))
    return "| " + " | ".join(map(_text, cells)) + " |"


def _details(view: View, finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    shown = full.text(view, finding)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    summary = _html(f"{finding.code} {place}")
    return f"<details><summary>{summary}</summary>\n\n{fence}text\n{shown}\n{fence}\n\n</details>"


def _fitting(parts: list[str], room: int) -> list[str]:
    kept = []
    for part in parts:
        room -= len(part) + 2
        if room < 0:
            break
        kept.append(part)
    return kept


def _more(view: View, count: int) -> str:
    return "… " + view.word("more").format(n=count)


def _text(text: str) -> str:
    """Return a text in which nothing is markup, and nobody is called by an @."""
    return _ACTIVE.sub(r"\\\1", plain(text)).replace("\\@", "&#64;").replace("\\<", "&lt;")


def _html(text: str) -> str:
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
