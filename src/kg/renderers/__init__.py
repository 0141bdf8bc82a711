"""All outputs of a check, made from one list of findings: each module here is one of them.

    full        for a person at a terminal: the line, a caret, the remedy
    concise     one line for each finding, for editors and `grep`
    json        every attribute, for programs; its shape is `findings.schema.json`
    sarif       SARIF 2.1.0, for code scanning
    github      annotations of a GitHub workflow
    junit       a test report, for other CI systems
    markdown    for a comment on a change
    html        one page that needs nothing else
    rdf         the validation report of SHACL, in Turtle
    rdjson      for reviewdog

They share what is shown and how (`view`), their own words in each language (`words`) and lines
with carets (`excerpt`); `rule` is how one rule is explained.
"""

from importlib import import_module
from typing import Final

from kg.renderers.view import View

__all__ = ["FORMATS", "View", "render"]

FORMATS: Final = (
    "full",
    "concise",
    "json",
    "sarif",
    "github",
    "junit",
    "markdown",
    "html",
    "rdf",
    "rdjson",
)


def render(view: View, form: str) -> str:
    """Return what is shown of a check in one of the `FORMATS`, without a final line end.

    The bytes of a file name that are no UTF-8 are shown as question marks.
    """
    text = str(import_module(f"{__name__}.{form}").render(view))
    return text.encode("utf-8", errors="replace").decode("utf-8")
