"""Findings for a person: what is wrong, the line with a caret, the remedy, other places.

data/registry/city/lt.ttl:42:28: error TXT01 language tag @LT is not in its canonical case
|
42 |     skos:prefLabel "Vilnius"@LT ;
|                             ^^^
= found: @LT
= help: write @lt
= fix: write @lt (kg check --fix)
"""

from collections.abc import Iterator
from typing import Any

import click

from kg.findings import Finding, Fix, Severity, Span
from kg.renderers.excerpt import plain, rows
from kg.renderers.view import View

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow"}
_FRAME = "blue"


def render(view: View) -> str:
    """Return the findings, with a blank line between two of them."""
    return "\n\n".join(text(view, finding) for finding in view.findings)


def text(view: View, finding: Finding) -> str:
    """Return one finding, over several lines."""
    return "\n".join(_lines(view, finding))


def _lines(view: View, finding: Finding) -> Iterator[str]:
    colour = _COLOURS[finding.severity]
    margin = _margin(view, finding)
    place = plain(_place(finding.span))
    severity = _painted(view, view.word(finding.severity.value), fg=colour, bold=True)
    code = _painted(view, finding.code, bold=True)
    said = plain(view.said(finding))
    yield f"{_painted(view, place, bold=True)}: {severity} {code} {said}"
    yield from _excerpt(view, finding, finding.span, margin, colour)
    if finding.found:
        yield _note(view, margin, "found", plain(finding.found))
    if view.help(finding):
        yield _note(view, margin, "help", plain(view.help(finding)))
    for fix in finding.fixes:
        yield _note(view, margin, "fix", _fix(view, fix))
    for related in finding.related:
        label = plain(related.said.in_language(view.language))
        bar = _painted(view, " " * margin + "=", fg=_FRAME)
        yield f"{bar} {_painted(view, label, bold=True)}: {plain(_place(related.span))}"
        if not is_rule(related.span):
            yield from _excerpt(view, finding, related.span, margin, _FRAME, mark="-")


def is_rule(span: Span) -> bool:
    """Tell whether a place is in the shapes: the rule itself, which `kg explain` shows."""
    return span.path.startswith("shapes/")


def _place(span: Span) -> str:
    return f"{span.path}:{span.line}:{span.column}"


def _fix(view: View, fix: Fix) -> str:
    title = plain(fix.title.in_language(view.language))
    return f"{title} ({view.word('safe' if fix.is_safe else 'unsafe')})"


def _note(view: View, margin: int, name: str, said: str) -> str:
    bar = _painted(view, " " * margin + "=", fg=_FRAME)
    return f"{bar} {_painted(view, view.word(name), bold=True)}: {said}"


def _margin(view: View, finding: Finding) -> int:
    """Return the width of the line numbers, with the blank after them."""
    spans = [finding.span, *(r.span for r in finding.related if not is_rule(r.span))]
    shown = [s.end_line for s in spans if view.texts.lines(s.path) is not None]
    return len(str(max(shown, default=0))) + 1


def is_private(finding: Finding) -> bool:
    """Tell whether the lines of a finding are about people, so that only its place is shown."""
    return finding.code.startswith("PRV")


def _excerpt(
    view: View, finding: Finding, span: Span, margin: int, colour: str, mark: str = "^"
) -> Iterator[str]:
    lines = view.texts.lines(span.path)
    if lines is None:
        return
    empty = _painted(view, " " * margin + "|", fg=_FRAME)
    yield empty
    for row in rows(lines, span, is_private=is_private(finding)):
        if not row.number:
            yield _painted(view, row.text, fg=_FRAME)
            continue
        number = _painted(view, f"{row.number:>{margin - 1}} |", fg=_FRAME)
        yield f"{number} {row.text}".rstrip()
        blanks = len(row.marks) - len(row.marks.lstrip())
        marks = _painted(view, row.marks.strip().replace("^", mark), fg=colour, bold=True)
        yield f"{empty} {' ' * blanks}{marks}"


def _painted(view: View, said: str, **style: Any) -> str:
    return click.style(said, **style) if view.is_coloured else said
