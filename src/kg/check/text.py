"""Checks on the text of a file, before a parser normalises it.

Parsers fold the case of language tags and keep no trace of how a character was composed, so these
faults can be seen in the text only.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.check.catalogue import finding
from kg.check.places import span
from kg.dataset import SourceFile
from kg.findings import Edit, Finding, Fix, Text

# What none of the rules below can be broken without: a file without it is not cut into tokens.
_TAG: Final = re.compile(r"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)")
_TELLTALE: Final = re.compile(r"\\[uU]|\0|[\u0370-\u052f\u1f00-\u1fff]")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_ALIKE: Final = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u1f00-\u1fff]")


def check(file: SourceFile) -> Iterator[Finding]:
    """Yield the findings on one well-formed file."""
    if not _is_doubtful(file.text):
        return
    for token in file.reading.tokens:
        if token.kind == "language":
            yield from _check_tag(file, token)
        elif token.kind in ("string", "long"):
            yield from _check_string(file, token)


def _is_doubtful(text: str) -> bool:
    tags = set(_TAG.findall(text)) - {"prefix", "base"}
    return (
        any(tag != canonical_tag(tag) for tag in tags)
        or not unicodedata.is_normalized("NFC", text)
        or _TELLTALE.search(text) is not None
    )


def _check_tag(file: SourceFile, token: turtle.Token) -> Iterator[Finding]:
    right = canonical_tag(token.text[1:])
    if token.text[1:] != right:
        yield finding(
            "TXT01",
            "wrong-case",
            span(file, token.start, token.end),
            {"found": token.text, "right": f"@{right}"},
            found=token.text,
            fixes=(_written(file, token, f"@{right}"),),
        )


def _check_string(file: SourceFile, token: turtle.Token) -> Iterator[Finding]:
    value = turtle.unescape(token.text)
    place = span(file, token.start, token.end)
    if "\0" in value:
        yield finding("TXT04", "null", place)
    if not unicodedata.is_normalized("NFC", value):
        mark = next((sign for sign in value if unicodedata.combining(sign)), None)
        composed = unicodedata.normalize("NFC", token.text)
        is_enough = unicodedata.is_normalized("NFC", turtle.unescape(composed))
        yield finding(
            "TXT02",
            "decomposed",
            place,
            {"mark": unicodedata.name(mark, "a mark").lower() if mark else "a mark"},
            fixes=(_written(file, token, composed),) if is_enough else (),
        )
    for word in _WORD.finditer(value):
        other = _ALIKE.search(word[0])
        if other and _LATIN.search(word[0]):
            args = {"word": word[0], "letter": unicodedata.name(other[0], other[0]).lower()}
            yield finding("TXT05", "mixed", place, args, found=word[0])


def _written(file: SourceFile, token: turtle.Token, text: str) -> Fix:
    title = Text(f"write {text}", f"rašykite {text}", f"napišite {text}")
    return Fix(title, (Edit(file.name, token.start, token.end, text),), is_safe=True)


def check_nodes(file: SourceFile) -> Iterator[Finding]:
    """Yield a finding for the first mention of each blank node of a file of the dataset."""
    if not any(sign in file.text for sign in ("_:", "[", "(")):
        return
    seen: set[ox.BlankNode] = set()
    for each in file.statements:
        for term, start, end in (
            (each.subject, each.subject_at, each.subject_end),
            (each.object, each.object_at, each.object_end),
        ):
            if isinstance(term, ox.BlankNode) and term not in seen:
                seen.add(term)
                yield finding("TXT03", "blank", span(file, start, end))


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
