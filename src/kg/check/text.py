"""Checks on the text of a file, before a parser normalises it.

Parsers fold the case of language tags and keep no trace of how a character was composed, so these
faults can be seen in the text only.
"""

import re
import unicodedata
from bisect import bisect_right
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
_MEANINGLESS: Final = (
    r"\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff"
    r"\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff"
)
_SIGN: Final = re.compile(f"[{_MEANINGLESS}]")
_TELLTALE: Final = re.compile(rf"[\0{_MEANINGLESS}]")
# Two or three characters that are bytes of UTF-8 when they are written in Windows-1252.
_REST: Final = (
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_LEAD: Final = re.compile(rf"[\u00c2-\u00ef]{_REST}")
# A sign of punctuation may also follow a capital: then it has to touch a small letter.
_BYTES: Final = re.compile(
    rf"[\u00c2-\u00df](?:(?![\u2013-\u201e]){_REST}|{_REST}(?:(?=[a-z])|(?<=[a-z]..)))"
    rf"|[\u00e0-\u00ef]{_REST}{{2}}"
)
_EUROPEAN: Final = re.compile(r"[\u00a0-\u052f\u1e00-\u1fff\u2010-\u2122]")
_END: Final = re.compile(r"\r\n|\r|\n")
_ENDS: Final = {"\r\n": "CR LF", "\r": "CR", "\n": "LF"}
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_LATIN_SIGNS: Final = r"A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_ALIKE_SIGNS: Final = r"\u0370-\u03ff\u0400-\u052f\u1f00-\u1fff"
_LATIN: Final = re.compile(f"[{_LATIN_SIGNS}]")
_ALIKE: Final = re.compile(f"[{_ALIKE_SIGNS}]")
# Two neighbours of two scripts: every word that mixes them has such a pair, or letters of a third.
_PAIR: Final = re.compile(
    rf"[{_ALIKE_SIGNS}](?![{_ALIKE_SIGNS}])[^\W\d_]|(?![{_ALIKE_SIGNS}])[^\W\d_](?=[{_ALIKE_SIGNS}])"
)


def check(file: SourceFile) -> Iterator[Finding]:
    """Yield the findings on one well-formed file."""
    if "\r" in file.text:
        yield from _check_ends(file)
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
        or (not text.isascii() and _PAIR.search(text) is not None)
        or _LEAD.search(text) is not None
        or "\\u" in text
        or "\\U" in text
    )


def _check_ends(file: SourceFile) -> Iterator[Finding]:
    """Yield a finding for the first line that ends otherwise than the first one, or with CR alone.

    Ends of lines inside a text belong to what it says.
    """
    first = ""
    texts: list[tuple[int, int]] | None = None
    for end in _END.finditer(file.text):
        if end[0] == first != "\r":
            continue
        if texts is None:
            texts = [(each.start, each.end) for each in file.reading.tokens if each.kind == "long"]
        before = bisect_right(texts, (end.start(),)) - 1
        if before >= 0 and end.start() < texts[before][1]:
            continue
        first = first or end[0]
        if end[0] == first != "\r":
            continue
        place = span(file, end.start(), end.end())
        if end[0] == "\r":
            yield finding("ENC03", "alone", place)
        else:
            args = {"found": _ENDS[end[0]], "first": _ENDS[first]}
            yield finding("ENC03", "mixed", place, args)
        return


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
    yield from _check_signs(file, token, value)
    for word in _WORD.finditer(value):
        other = _ALIKE.search(word[0])
        if other and _LATIN.search(word[0]):
            args = {"word": word[0], "letter": unicodedata.name(other[0], other[0]).lower()}
            yield finding("TXT05", "mixed", place, args, found=word[0])


def _check_signs(file: SourceFile, token: turtle.Token, value: str) -> Iterator[Finding]:
    """Yield a finding for the first sign that is no character, and for the first bytes of one."""
    if sign := _SIGN.search(value):
        args = {"sign": f"U+{ord(sign[0]):04X}"}
        at = token.text.find(sign[0])  # nowhere if it is written as an escape
        start = token.start if at < 0 else token.start + at
        place = span(file, start, token.end if at < 0 else start + 1)
        yield finding("TXT06", "sign", place, args)
    for found in _BYTES.finditer(token.text):
        right = _decoded(found[0])
        if right and _EUROPEAN.match(right):
            start, end = token.start + found.start(), token.start + found.end()
            title = Text(f"write {right}", f"rašykite {right}", f"napišite {right}")
            yield finding(
                "TXT07",
                "bytes",
                span(file, start, end),
                {"found": found[0], "right": right},
                found=found[0],
                fixes=(Fix(title, (Edit(file.name, start, end, right),)),),
            )
            return


def _decoded(text: str) -> str:
    """Return what some bytes in Windows-1252 are in UTF-8; empty where they are nothing there."""
    try:
        encoded = b"".join(
            sign.encode("latin-1") if "\x80" <= sign <= "\x9f" else sign.encode("cp1252")
            for sign in text
        )
        return encoded.decode("utf-8")
    except UnicodeError:
        return ""


def _written(file: SourceFile, token: turtle.Token, text: str) -> Fix:
    title = Text(f"write {text}", f"rašykite {text}", f"napišite {text}")
    return Fix(title, (Edit(file.name, token.start, token.end, text),), is_safe=True)


def check_nodes(file: SourceFile) -> Iterator[Finding]:
    """Yield a finding for the first mention of each blank node of a file of the dataset."""
    if not file.has_blank_nodes:
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
