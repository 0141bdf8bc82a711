"""The strict reading: pyoxigraph says what is well-formed Turtle, and gives the triples."""

import re
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kg.errors import MalformedError
from kg.terms import Triple
from kg.turtle.lines import Lines

_BASE: Final = re.compile(r"@base\b|^\s*base\b", re.IGNORECASE | re.MULTILINE)
MAX_DEPTH: Final = 100  # brackets in brackets; far more would end the process of the strict parser

_TURTLE_12: Final = re.compile(
    r"""<<|\{\||~\s|--(?:ltr|rtl)\b|(?P<directive>^\s*(?:@version|VERSION)\s+["'])""", re.M | re.I
)

# One of these stands wherever the pattern matches: they are looked for first, which is quicker.
_TURTLE_12_SIGNS: Final = ("<<", "{|", "~", "--ltr", "--rtl", "version")

_OPENING: Final = ("[", "(")
_CLOSING: Final = ("]", ")")
# A bracket, or what a bracket may stand in: a text, an IRI, a comment, an escape.
_BRACKET_OR_TEXT: Final = re.compile(
    r"""[\[\]()] | \\. | \#[^\n\r]*+ | <[^<>"{}|^`\x00-\x20]*+>
    | \"\"\"(?:[^"\\]++ | \\. | "{1,2}(?!"))*+\"\"\" | '''(?:[^'\\]++ | \\. | '{1,2}(?!'))*+'''
    | "(?:[^"\\\n\r]++ | \\.)*+" | '(?:[^'\\\n\r]++ | \\.)*+'""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str, path: Path | None = None) -> list[Triple]:
    """Return the triples of a Turtle text.

    Raises:
        MalformedError: The text is not well-formed Turtle; has the first place that is wrong. Or
            brackets stand in brackets deeper than `MAX_DEPTH`.
    """
    _refuse_depth(text, path)
    try:
        parsed = [
            cast(Triple, quad.triple)
            for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        ]
        _refuse_turtle_12(text, path, parsed)
        return parsed
    except SyntaxError as error:
        reason = re.sub(r"^Parser error at line \d+ .*?columns? \d+(?: and \d+)?: ", "", error.msg)
        raise MalformedError(path, error.lineno or 1, error.offset or 1, reason) from None


def may_have_base(text: str) -> bool:
    """Tell whether a base may be declared in a text, so that what it says depends on it."""
    return "base" in text.lower() and _BASE.search(text) is not None


def _refuse_depth(text: str, path: Path | None) -> None:
    if text.count("[") + text.count("(") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKET_OR_TEXT.finditer(text):
        sign = match[0]
        if sign in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                line, column = Lines(text).at(match.start())
                reason = f"brackets more than {MAX_DEPTH} deep; give the inner things IRIs"
                raise MalformedError(path, line, column, reason)
        elif sign in _CLOSING:
            depth -= 1


def _refuse_turtle_12(text: str, path: Path | None, parsed: list[Triple]) -> None:
    """Refuse what only RDF 1.2 has: rdflib, and so pySHACL and most clients, cannot read it."""
    small = text.lower()
    is_doubtful = any(sign in small for sign in _TURTLE_12_SIGNS)
    place = _TURTLE_12.search(text) if is_doubtful else None
    if place is None:
        return
    newer = any(
        isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction)
        for triple in parsed
        for term in (triple.subject, triple.object)
    )
    if newer or place["directive"]:
        line, column = Lines(text).at(place.start())
        reason = "this is RDF 1.2; files of the dataset are RDF 1.1: use a cpo:Claim, or plain text"
        raise MalformedError(path, line, column, reason)
