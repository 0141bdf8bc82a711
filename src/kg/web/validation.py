"""/validate as a worker answers it: the page with the form, and what was found in a text.

The page works without a script: a filter and a download send the text again. A static script
(`static/validate.js`) only saves the way, and shows the same page.
"""

from collections import Counter
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.check.catalogue import Rule
from kg.errors import DataError
from kg.findings import Finding, Span
from kg.mediatypes import HTML, PLAIN, TURTLE
from kg.query.protocol import ProtocolError
from kg.web.checking import (
    JSON,
    MARKDOWN,
    SARIF,
    Checked,
    Checker,
    Sent,
    chosen_format,
    chosen_language,
    read_sent,
)
from kg.web.marked import marked
from kg.web.responses import VARY, accept_of, chosen_type, document, languages_of, page
from kg.web.site import Site

PATH: Final = "/validate"
SHOWN: Final = 200  # findings on one page; a download has more
_LANGUAGES: Final = (("en", "English"), ("lt", "Lietuvių"), ("sl", "Slovenščina"))
_DOWNLOADS: Final = (JSON, SARIF, HTML, TURTLE, MARKDOWN, PLAIN)
_LINES_OF_CODE: Final = "text-"  # what the anchor of a line of the text begins with


def routes(site: Site, checker: Checker | None) -> list[Route]:
    """Return the route of the form and of what is found.

    Args:
        site: What is served.
        checker: Checks texts; None where this server cannot.
    """

    async def validate(request: Request) -> Response:
        if checker is None or not checker.has_rules:
            raise _no_rules()
        if request.method == "POST":
            return _result(site, checker, request)
        chosen_type(request, [HTML])
        values = _empty(site, request)
        return document(request, HTML, lambda: page(site, request, "validate.html", **values))

    return [Route(PATH, validate, methods=["GET", "POST"])]


def _no_rules() -> ProtocolError:
    detail = (
        "the graph that is served here has no rules (graph/shapes) with it, or is in another "
        "store; check the text with: kg check FILE"
    )
    return ProtocolError(501, "No rules here", detail)


def _result(site: Site, checker: Checker, request: Request) -> Response:
    body: bytes = request.scope["job"]["body"]
    query = request.scope["query_string"].decode("latin-1")
    content_type = request.headers.get("content-type", "")
    sent = read_sent(content_type, query, body, site.limits.validate_bytes)
    media_type = chosen_format(accept_of(request), sent.form)
    language = chosen_language(sent.language, languages_of(request))
    try:
        checked = checker.check(sent.data, sent.name)
        if media_type == HTML and sent.form is None:
            values = _empty(site, request) | _values(checker, checked, sent, language)
            content = page(site, request, "validate.html", **values)
        else:
            content = checker.as_type(checked, media_type, language)
    except DataError as error:
        detail = f"the rules of this server cannot be used: {error}"
        raise ProtocolError(500, "Rules at fault", detail) from error
    headers = {
        "Content-Type": media_type.content_type,
        "Content-Language": language,
        "Findings": checked.counts,
        "Vary": VARY,
        "Cache-Control": "no-store",
    }
    if sent.form is not None:
        name = f"findings.{media_type.extension}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, headers=headers)


def _empty(site: Site, request: Request) -> dict[str, Any]:
    """Return what the page without a text shows."""
    return {
        "limits": site.limits,
        "finding_languages": _LANGUAGES,
        "language": chosen_language(None, languages_of(request)),
        "script": site.path(f"/static/validate.js?v={site.release}"),
        "text": "",
        "checked": None,
    }


def _values(checker: Checker, checked: Checked, sent: Sent, language: str) -> dict[str, Any]:
    """Return what the page with a text shows besides."""
    numbered = list(enumerate(checked.findings, start=1))
    wanted = [(number, each) for number, each in numbered if _is_wanted(each, sent.only)]
    shown = wanted[:SHOWN]
    codes = Counter(finding.code for finding in checked.findings)
    titles = {code: checker.catalogue[code].title for code in codes}
    return {
        "checked": checked,
        "text": checked.text if checked.is_readable else "",
        "language": language,
        "only": sent.only,
        "codes": [(code, titles[code], count) for code, count in sorted(codes.items())],
        "wanted": len(wanted),
        "findings": [
            _shown(number, each, checker.catalogue[each.code], checked.name, language)
            for number, each in shown
        ],
        "lines": marked(checked.text, checked.name, shown),
        "downloads": _DOWNLOADS if checked.is_readable else (),
    }


def _is_wanted(finding: Finding, only: str) -> bool:
    return only in ("", finding.code, finding.severity.value)


def _shown(number: int, each: Finding, rule: Rule, name: str, language: str) -> dict[str, Any]:
    return {
        "number": number,
        "code": each.code,
        "severity": each.severity.value,
        "said": each.said.in_language(language),
        "found": each.found,
        "help": each.help.in_language(language),
        "place": _place(each.span, name),
        "focus": each.focus,
        "related": [
            {"said": other.said.in_language(language), **_place(other.span, name)}
            for other in each.related
        ],
        "fixes": [fix.title.in_language(language) for fix in each.fixes],
        "rule": rule,
    }


def _place(span: Span, name: str) -> dict[str, Any]:
    """Return a place as a link to a line of the text, or as the graph that it is in."""
    if span.path == name:
        ends = {"end_line": span.end_line, "end_column": span.end_column}
        return {"line": span.line, "column": span.column, "graph": "", **ends}
    return {"line": 0, "column": 0, "end_line": 0, "end_column": 0, "graph": span.path}
