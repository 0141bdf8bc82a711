"""Findings as one page that needs nothing else: no script, no font, no other file.

Which findings are shown is chosen with radio buttons and a rule of style for each choice.
"""

from collections import Counter
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from kg.findings import Finding, Severity, Span
from kg.renderers.excerpt import Row, plain, rows
from kg.renderers.full import is_private, is_rule
from kg.renderers.rule import helps, what
from kg.renderers.view import View


class _Mark(NamedTuple):
    """A line in three parts: what is meant is the one in the middle."""

    number: int
    before: str
    meant: str
    after: str


def render(view: View) -> str:
    """Return the page."""
    codes = Counter(finding.code for finding in view.findings)
    severities = Counter(finding.severity for finding in view.findings)
    page = _template().render(
        view=view,
        word=view.word,
        codes=sorted(codes.items()),
        severities=[(each.value, severities[each]) for each in Severity if severities[each]],
        findings=[_shown(view, finding) for finding in view.findings],
        rules=[view.rules[code] for code in sorted(codes)],
        helps=helps,
        what=what,
    )
    return page.rstrip()


@cache
def _template() -> Template:
    """Return the template; it is read once, so that a worker which can open no file has it."""
    environment = Environment(
        loader=PackageLoader("kg.renderers", "."),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja")


def _shown(view: View, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "place": _place(finding.span),
        "said": plain(view.said(finding)),
        "lines": _lines(view, finding, finding.span),
        "found": plain(finding.found),
        "help": plain(view.help(finding)),
        "fixes": [
            (plain(fix.title.in_language(view.language)), "safe" if fix.is_safe else "unsafe")
            for fix in finding.fixes
        ],
        "related": [
            {
                "said": plain(related.said.in_language(view.language)),
                "place": _place(related.span),
                "lines": [] if is_rule(related.span) else _lines(view, finding, related.span),
            }
            for related in finding.related
        ],
    }


def _place(span: Span) -> str:
    return plain(f"{span.path}:{span.line}:{span.column}")


def _lines(view: View, finding: Finding, span: Span) -> list[_Mark]:
    lines = view.texts.lines(span.path)
    if lines is None:
        return []
    return [_mark(row) for row in rows(lines, span, is_private=is_private(finding))]


def _mark(row: Row) -> _Mark:
    return _Mark(
        row.number, row.text[: row.start], row.text[row.start : row.end], row.text[row.end :]
    )
