"""Checks on the text of a file, before a parser normalises it.

Parsers fold the case of language tags and keep no trace of how a character was composed, so these
faults can be seen in the text only.
"""

import unicodedata
from collections.abc import Iterator

import pyoxigraph as ox

from kg import turtle
from kg.dataset import SourceFile
from kg.findings import Finding, Severity


def check(file: SourceFile) -> Iterator[Finding]:
    """Yield the findings on one well-formed file."""
    for token in turtle.tokens(file.text):
        if token.kind == "language" and token.text[1:] != canonical_tag(token.text[1:]):
            yield _finding(
                file,
                "TXT01",
                token.start,
                f"language tag {token.text}; write @{canonical_tag(token.text[1:])}",
                token.text,
            )
        elif token.kind in ("string", "long"):
            value = turtle.unescape(token.text)
            if "\0" in value:
                yield _finding(
                    file, "TXT04", token.start, "text with a null character (U+0000); remove it"
                )
            if not unicodedata.is_normalized("NFC", value):
                yield _finding(file, "TXT02", token.start, _not_composed(value))


def check_nodes(file: SourceFile) -> Iterator[Finding]:
    """Yield a finding for the first mention of each blank node of a file of the dataset."""
    seen: set[ox.BlankNode] = set()
    for statement in file.statements:
        for term, at in (
            (statement.subject, statement.subject_at),
            (statement.object, statement.object_at),
        ):
            if isinstance(term, ox.BlankNode) and term not in seen:
                seen.add(term)
                yield _finding(
                    file, "TXT03", at, "a blank node; give the thing an IRI under …/id/<kind>/"
                )


def canonical_tag(tag: str) -> str:
    """Return a language tag in the case that BCP 47, section 2.1.1, gives it.

    >>> canonical_tag("SR-latn-rs")
    'sr-Latn-RS'
    """
    parts = tag.lower().split("-")
    after_singleton = False
    for number, part in enumerate(parts):
        if number and not after_singleton:
            if len(part) == 2 and part.isalpha():
                parts[number] = part.upper()
            elif len(part) == 4 and part.isalpha():
                parts[number] = part.title()
        after_singleton = len(part) == 1
    return "-".join(parts)


def _not_composed(value: str) -> str:
    mark = next((sign for sign in value if unicodedata.combining(sign)), None)
    shown = f", such as {unicodedata.name(mark, 'a mark')}," if mark else ""
    return (
        f"text is not in Unicode normal form C: a letter and its mark{shown} are two signs; write "
        "the letter as one"
    )


def _finding(file: SourceFile, code: str, offset: int, message: str, value: str = "") -> Finding:
    line, column = file.lines.at(offset)
    return Finding(
        code, Severity.VIOLATION, file.name, line, column, f"{code}: {message}", value=value
    )
