"""One line for each finding: `file:line:column: error CODE message`.

The words `error` and `warning` are the same in every language, because editors look for them.
"""

from kg.findings import Finding
from kg.renderers.excerpt import plain
from kg.renderers.view import View
from kg.renderers.words import KEYWORDS


def render(view: View) -> str:
    """Return the findings, one a line."""
    return "\n".join(line(view, finding) for finding in view.findings)


def line(view: View, finding: Finding) -> str:
    """Return the line of a finding."""
    place = f"{finding.path}:{finding.line}:{finding.column}"
    return plain(f"{place}: {KEYWORDS[finding.severity]} {finding.code} {view.said(finding)}")
