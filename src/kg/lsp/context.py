"""What is being written at the cursor: which subject, which property, which part of a statement.

The statement is unfinished while it is typed, so the tokens before the cursor are read with a small
automaton that takes what comes. A name at the beginning of a line begins a new statement even where
the dot before it is missing, because the files of the dataset indent everything else.
"""

from dataclasses import dataclass, field
from typing import Final

from kg.lsp.documents import Document
from kg.lsp.index import TYPE
from kg.namespaces import PREFIXES
from kg.turtle import Token, unescape

SUBJECT: Final = "subject"
PROPERTY: Final = "property"
VALUE: Final = "value"
END: Final = "end"  # after a value: punctuation is due
LANGUAGE: Final = "language"
DATATYPE: Final = "datatype"
PREFIX: Final = "prefix"
NOTHING: Final = "nothing"  # in a comment, a string, an address

_WORDS: Final = ("name", "iri", "error")


@dataclass
class Here:
    """What is being written at the cursor.

    Attributes:
        part: What may come there, one of the words above.
        start: Where the piece begins that is being written.
        end: The cursor.
        partial: That piece, as far as the cursor.
        subject: The IRI of the thing that it is about, where it is known.
        classes: The classes that the unfinished statement itself gives it.
        property: The IRI of the property.
        present: The properties that the unfinished statement already has.
    """

    part: str
    start: int
    end: int
    partial: str = ""
    subject: str = ""
    classes: list[str] = field(default_factory=list)
    property: str = ""
    present: list[str] = field(default_factory=list)


@dataclass
class _Frame:
    part: str = SUBJECT
    subject: str = ""
    property: str = ""
    classes: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    is_list: bool = False


def prefixes_of(document: Document) -> dict[str, str]:
    """Return the prefixes that a text declares."""
    return {prefix.name: prefix.iri for prefix in document.file.reading.prefixes}


def resolved(token: Token, prefixes: dict[str, str]) -> str:
    """Return the IRI that a token stands for; a known prefix need not be declared.

    An empty string where it stands for none.
    """
    if token.kind == "iri":
        return unescape(token.text[1:-1])
    if token.kind == "name" and ":" in token.text:
        prefix, _, local = token.text.partition(":")
        namespace = prefixes.get(prefix, PREFIXES.get(prefix, ""))
        return namespace + unescape(local) if namespace else ""
    return ""


def token_at(document: Document, offset: int) -> Token | None:
    """Return the token at a place; between two that touch, the one that is a term."""
    found = [t for t in document.file.reading.tokens if t.start <= offset <= t.end]
    found.sort(key=lambda t: (t.kind in ("punctuation", "datatype"), t.start != offset))
    return found[0] if found else None


def here(document: Document, offset: int) -> Here:
    """Return what is being written at a place."""
    prefixes = prefixes_of(document)
    frames = [_Frame()]
    before: Token | None = None
    for token in document.file.reading.tokens:
        if token.start >= offset:
            break
        if token.end >= offset and _is_being_written(token, offset):
            return _in_token(document, token, before, frames[-1], offset)
        if token.kind == "comment":
            continue
        if _begins_statement(document, token):
            frames = [_Frame()]
        _take(frames, token, before, prefixes)
        before = token
    frame = frames[-1]
    part = DATATYPE if before is not None and before.kind == "datatype" else frame.part
    return _as_here(frame, part, offset, offset, "")


def _is_being_written(token: Token, offset: int) -> bool:
    return token.end > offset or token.kind in (*_WORDS, "language", "comment")


def _in_token(
    document: Document, token: Token, before: Token | None, frame: _Frame, offset: int
) -> Here:
    partial = document.text[token.start : offset]
    touches = before is not None and before.end == token.start
    if token.kind == "language" or partial == "@":
        is_tag = touches and before is not None and before.kind in ("string", "long")
        return _as_here(frame, LANGUAGE if is_tag else PREFIX, token.start, offset, partial)
    if token.kind in ("comment", "string", "long") or partial[:1] in ('"', "'"):
        return Here(NOTHING, token.start, offset)
    if before is not None and before.kind == "datatype":
        return _as_here(frame, DATATYPE, token.start, offset, partial)
    if token.kind == "iri" or partial.startswith("<"):
        return Here(NOTHING, token.start, offset)
    if _begins_statement(document, token):
        frame = _Frame(PREFIX if frame.part == PREFIX else SUBJECT)
    return _as_here(frame, frame.part, token.start, offset, partial)


def _as_here(frame: _Frame, part: str, start: int, end: int, partial: str) -> Here:
    return Here(
        part, start, end, partial, frame.subject, frame.classes, frame.property, frame.present
    )


def _begins_statement(document: Document, token: Token) -> bool:
    at_margin = token.start == 0 or document.text[token.start - 1] in "\r\n"
    return at_margin and token.kind in ("name", "iri", "directive", "error")


def _take(
    frames: list[_Frame], token: Token, before: Token | None, prefixes: dict[str, str]
) -> None:
    frame = frames[-1]
    mark = token.text if token.kind == "punctuation" else ""
    if mark == "." and not frame.is_list:
        frames[:] = [_Frame()]
    elif token.kind == "directive" or token.text.lower() in ("prefix", "base"):
        frames[:] = [_Frame(PREFIX)]
    elif frame.part == PREFIX:
        if token.kind == "iri" and before is not None and before.text.isupper():
            frames[:] = [_Frame()]
    elif mark in ("]", ")") and len(frames) > 1:
        frames.pop()
        outer = frames[-1]
        outer.part = VALUE if outer.is_list else PROPERTY if outer.part == SUBJECT else END
    elif mark == "[":
        frames.append(_Frame(PROPERTY))
    elif mark == "(":
        frames.append(
            _Frame(VALUE, frame.subject, frame.property, frame.classes, frame.present, True)
        )
    elif mark == ";":
        frame.part = PROPERTY
    elif mark == ",":
        frame.part = VALUE
    elif not mark and token.kind not in ("language", "datatype"):
        _take_term(frame, token, before, prefixes)


def _take_term(frame: _Frame, token: Token, before: Token | None, prefixes: dict[str, str]) -> None:
    if before is not None and before.kind == "datatype":
        return
    iri = resolved(token, prefixes)
    if frame.part == SUBJECT:
        frame.subject, frame.part = iri, PROPERTY
    elif frame.part == PROPERTY:
        frame.property = TYPE if token.text == "a" else iri
        frame.present.append(frame.property)
        frame.part = VALUE
    elif frame.part == VALUE:
        if frame.property == TYPE and iri:
            frame.classes.append(iri)
        frame.part = VALUE if frame.is_list else END


def with_classes(found: Here, known: list[str]) -> list[str]:
    """Return the classes of the thing that is being written about, those given there first."""
    return list(dict.fromkeys((*found.classes, *known)))
