"""Turtle with the place of every term: which line and column each statement was written at.

pyoxigraph decides what is well-formed (`parse`), because it follows the grammar to the letter,
but it does not keep positions. `statements` reads the same text again and does: it is meant for
text that `parse` has accepted, and gives the same triples, term by term, with their offsets.

Offsets count Unicode code points from 0; lines and columns count from 1.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, cast
from urllib.parse import urldefrag, urljoin

import pyoxigraph as ox

from kg.errors import MalformedError
from kg.namespaces import RDF, XSD
from kg.terms import Resource, Term, Triple

_ECHAR: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_NIL: Final = ox.NamedNode(RDF + "nil")
_TYPE: Final = ox.NamedNode(RDF + "type")

MAX_DEPTH: Final = 100  # brackets in brackets; far more would end the process of the strict parser

_TOKEN: Final = re.compile(
    r"""
      (?P<space>[\ \t\r\n]+)
    | (?P<comment>\#[^\n\r]*)
    | (?P<iri><[^\x00-\x20<>"{}|^`]*>)
    | (?P<long>\"\"\"(?:(?:\"|\"\")?(?:[^"\\]|\\.))*\"\"\"|'''(?:(?:'|'')?(?:[^'\\]|\\.))*''')
    | (?P<string>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<prefix_directive>@prefix\b|@base\b)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<datatype>\^\^)
    | (?P<blank>_:[^\s;,()\[\]<>"'#@^]*[^\s;,.()\[\]<>"'#@^])
    | (?P<number>[+-]?(?:\d+\.\d*[eE][+-]?\d+|\.?\d+[eE][+-]?\d+|\d*\.\d+|\d+)(?![\w:]))
    | (?P<punctuation>[;,.()\[\]])
    | (?P<name>(?:[^\s;,()\[\]<>"'#@^\\:]*)(?::(?:\\.|[^\s;,()\[\]<>"'#@^\\])*)?)
    """,
    re.VERBOSE | re.DOTALL,
)

_TURTLE_12: Final = re.compile(
    r"""<<|\{\||~\s|--(?:ltr|rtl)\b|(?P<directive>^\s*(?:@version|VERSION)\s+["'])""", re.M | re.I
)


class Token(NamedTuple):
    """One token of Turtle: its kind, its text and the offset of its first character."""

    kind: str
    text: str
    start: int


class Statement(NamedTuple):
    """A triple and the offsets at which its three terms are written."""

    subject: Resource
    predicate: ox.NamedNode
    object: Term
    subject_at: int
    predicate_at: int
    object_at: int


class Lines:
    """Turns offsets of one text into lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1, of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


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


def _refuse_depth(text: str, path: Path | None) -> None:
    if text.count("[") + text.count("(") <= MAX_DEPTH:
        return
    depth = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "punctuation":
            depth += (match[0] in "[(") - (match[0] in ")]")
            if depth > MAX_DEPTH:
                line, column = Lines(text).at(match.start())
                reason = f"brackets more than {MAX_DEPTH} deep; give the inner things IRIs"
                raise MalformedError(path, line, column, reason)


def _refuse_turtle_12(text: str, path: Path | None, parsed: list[Triple]) -> None:
    """Refuse what only RDF 1.2 has: rdflib, and so pySHACL and most clients, cannot read it."""
    newer = any(
        isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction)
        for triple in parsed
        for term in (triple.subject, triple.object)
    )
    place = _TURTLE_12.search(text)
    if newer or (place is not None and place["directive"]):
        line, column = Lines(text).at(place.start() if place is not None else 0)
        reason = "this is RDF 1.2; files of the dataset are RDF 1.1: use a cpo:Claim, or plain text"
        raise MalformedError(path, line, column, reason)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a well-formed Turtle text, without white space and comments."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            line, column = Lines(text).at(position)
            raise MalformedError(None, line, column, f"unexpected {text[position]!r}")
        kind = str(match.lastgroup)
        end = match.end()
        if kind == "name":
            while text[end - 1] == "." and text[end - 2 : end - 1] != "\\":
                end -= 1
        if kind not in ("space", "comment"):
            yield Token(kind, text[position:end], position)
        position = end


def statements(text: str, blanks: str = "b") -> Iterator[Statement]:
    """Yield every triple of a well-formed Turtle text with the places of its terms.

    Args:
        text: The whole file.
        blanks: What the labels of its blank nodes begin with, to tell two files apart.
    """
    return _Reader(text, blanks).read()


def unescape(text: str) -> str:
    r"""Undo the escapes of a Turtle string or IRI.

    >>> unescape(r"caf\u00e9 \t")
    'café \t'
    """
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uU":
            return chr(int(code[1:], 16))
        return _ECHAR.get(code, code)

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", replace, text, flags=re.DOTALL)


@dataclass
class _Reader:
    """A reader by recursive descent, one method for each rule of the grammar."""

    text: str
    label: str
    prefixes: dict[str, str] = field(default_factory=dict)
    base: str = ""
    blanks: int = 0

    def read(self) -> Iterator[Statement]:
        self.tokens = list(tokens(self.text))
        self.tokens.append(Token("end", "", len(self.text)))
        self.position = 0
        self.found: list[Statement] = []
        while self._peek().kind != "end":
            self._statement()
            yield from self.found
            self.found.clear()

    def _peek(self) -> Token:
        return self.tokens[self.position]

    def _next(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def _is(self, text: str) -> bool:
        token = self.tokens[self.position]
        return token.kind == "punctuation" and token.text == text

    def _statement(self) -> None:
        token = self._peek()
        word = token.text.lower()
        if token.kind == "prefix_directive" or (
            token.kind == "name" and word in ("prefix", "base")
        ):
            self._directive(token.text.lstrip("@").lower())
            if token.kind == "prefix_directive":
                self._next()
            return
        bracketed = self._is("[")
        subject, at = self._subject()
        if not (bracketed and self._is(".")):
            self._predicates(subject, at)
        self._next()

    def _directive(self, word: str) -> None:
        self._next()
        if word == "prefix":
            name = self._next().text.removesuffix(":")
            self.prefixes[name] = self._resolve(self._next().text)
        else:
            self.base = self._resolve(self._next().text)

    def _resolve(self, text: str) -> str:
        iri = unescape(text[1:-1])
        absolute = re.match(r"[A-Za-z][\w+.-]*:", iri)
        return iri if absolute or not self.base else urljoin(urldefrag(self.base).url, iri)

    def _subject(self) -> tuple[Resource, int]:
        term, at = self._object()
        if isinstance(term, ox.Literal):
            line, column = Lines(self.text).at(at)
            raise MalformedError(None, line, column, "a literal cannot be a subject")
        return term, at

    def _predicates(self, subject: Resource, subject_at: int) -> None:
        while not (self._is(".") or self._is("]")):
            token = self._next()
            if token.kind == "punctuation" and token.text == ";":
                continue
            predicate = _TYPE if token.text == "a" else self._named(token)
            while True:
                value, at = self._object()
                self.found.append(Statement(subject, predicate, value, subject_at, token.start, at))
                if not self._is(","):
                    break
                self._next()

    def _object(self) -> tuple[Term, int]:
        token = self._next()
        if token.kind in ("string", "long"):
            return self._literal(token), token.start
        if token.kind == "number":
            return _number(token.text), token.start
        if token.kind == "blank":
            return ox.BlankNode(f"{self.label}n{token.text[2:].encode().hex()}"), token.start
        if token.text == "[":
            return self._blank_list(token.start), token.start
        if token.text == "(":
            return self._collection(token.start), token.start
        if token.kind == "name" and token.text in ("true", "false"):
            return ox.Literal(token.text, datatype=ox.NamedNode(XSD + "boolean")), token.start
        return self._named(token), token.start

    def _named(self, token: Token) -> ox.NamedNode:
        if token.kind == "iri":
            return ox.NamedNode(self._resolve(token.text))
        prefix, _, local = token.text.partition(":")
        local = re.sub(r"\\(.)", r"\1", local)
        return ox.NamedNode(self.prefixes.get(prefix, "") + local)

    def _literal(self, token: Token) -> ox.Literal:
        quotes = 3 if token.kind == "long" else 1
        value = unescape(token.text[quotes:-quotes])
        follower = self._peek()
        if follower.kind == "language":
            self._next()
            return ox.Literal(value, language=follower.text[1:].lower())
        if follower.kind == "datatype":
            self._next()
            return ox.Literal(value, datatype=self._named(self._next()))
        return ox.Literal(value)

    def _new_blank(self) -> ox.BlankNode:
        self.blanks += 1
        return ox.BlankNode(f"{self.label}x{self.blanks}")

    def _blank_list(self, at: int) -> ox.BlankNode:
        node = self._new_blank()
        self._predicates(node, at)
        self._next()
        return node

    def _collection(self, at: int) -> Resource:
        items: list[tuple[Term, int]] = []
        while not self._is(")"):
            items.append(self._object())
        self._next()
        rest: Resource = _NIL
        for value, value_at in reversed(items):
            node = self._new_blank()
            self.found.append(Statement(node, _FIRST, value, at, at, value_at))
            self.found.append(Statement(node, _REST, rest, at, at, value_at))
            rest = node
        return rest


def _number(text: str) -> ox.Literal:
    kind = "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
