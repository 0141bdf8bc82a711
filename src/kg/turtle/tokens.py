"""The tokens of Turtle 1.1, with their places.

Every sign of a text that is not white space belongs to one token, comments included. What no
token of the grammar fits is a token of the kind `error`, which covers what a person would call one
thing: a word, an address without its angle brackets, a string without its end. A long string
without its end takes all the rest of the text.

The expression has only possessive repeats, so that no text makes it go back: its cost grows with
the length of the text, whatever is in it.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from kg.errors import MalformedError
from kg.turtle.lines import Lines

SPACE: Final = " \t\r\n"

# Productions 163s to 172s of the grammar (https://www.w3.org/TR/turtle/#sec-grammar-grammar)
_BASE: Final = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_CHARS: Final = _BASE + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040\-"
_PLX: Final = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_DOUBLE: Final = "“”„‟«»″"
_SINGLE: Final = "‘’‚‛‹›′"
INVISIBLE: Final = (
    r"\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\xA0\xAD\u1680\u180E\u2000-\u200B\u200E\u200F\u2028-\u202F"
    r"\u205F-\u206F\u3000\uFEFF"
)
MARKER: Final = r"(?<![^\n\r])(?:<{7}|={7}|>{7}|\|{7})(?![<=>|])[^\n\r]*+"

# The rest of the line, without the punctuation that ends it
_LINE: Final = r"(?:[^\s;,.)\]]++|(?:[;,.)\]]|[^\S\n\r])++(?=[^\s;,.)\]]))*+"

_GROUPS: Final = (
    ("error", r"(?:https?|ftp)://(?:[^\s<>\";,.]++|[;,.]++(?=[^\s<>\";,.]))*+"),
    (
        "name",
        rf"(?:[{_BASE}](?:[{_CHARS}]++|\.++(?=[{_CHARS}]))*+)?:"
        rf"(?:(?:[{_BASE}_0-9:]|{_PLX})(?:[{_CHARS}:]++|{_PLX}|\.++(?=[{_CHARS}:%\\]))*+)?",
    ),
    ("punctuation", r"[;,()\[\]]|\.(?![0-9])"),
    ("name", rf"(?:a|true|false|(?i:prefix|base))(?![{_CHARS}])"),
    ("long", r'"""(?:[^"\\]++|\\[\s\S]|"(?!""))*+"""' + r"|'''(?:[^'\\]++|\\[\s\S]|'(?!''))*+'''"),
    ("string", r'"(?!"")(?:[^"\\\n\r]++|\\[^\n\r])*+"' + r"|'(?!'')(?:[^'\\\n\r]++|\\[^\n\r])*+'"),
    ("directive", r"@(?:prefix|base)(?![A-Za-z0-9\-])"),
    ("language", r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+"),
    ("datatype", r"\^\^"),
    (
        "iri",
        r'<(?:[^\x00-\x20<>"{}|^`\\]++|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>',
    ),
    (
        "number",
        r"[+\-]?(?:[0-9]++(?:\.[0-9]*+)?[eE][+\-]?[0-9]++|\.[0-9]++[eE][+\-]?[0-9]++"
        r"|[0-9]*+\.[0-9]++|[0-9]++)(?![eE])",
    ),
    ("blank", rf"_:[{_BASE}_0-9](?:[{_CHARS}]++|\.++(?=[{_CHARS}]))*+"),
    ("comment", r"\#[^\n\r]*+"),
    (
        "error",
        MARKER
        + r"|(?:\"{3}|'{3})[\s\S]*+"
        + rf"|[\"']{_LINE}"
        + rf"|[{_DOUBLE}][^\n\r{_DOUBLE}\"]*+[{_DOUBLE}\"]|[{_DOUBLE}]{_LINE}"
        + rf"|[{_SINGLE}][^\n\r{_SINGLE}']*+[{_SINGLE}']|[{_SINGLE}]{_LINE}"
        + r"|<<\(?|\)?>>|\{\||\|\}|--(?:ltr|rtl)\b"
        + r"|<[^<>\n\r]*+>|<[^<>\s]*+"
        + r"|//[^\n\r]*+|/\*[^\n\r]*+"
        + r"|@[^\s;,.()\[\]<>\"'\#]*+"
        + r"|_:[^\s;,.()\[\]<>\"'\#]*+"
        + rf"|[{INVISIBLE}]++"
        + rf"|[{_BASE}_][{_CHARS}]*+"
        + r"|[^ \t\r\n]",
    ),
)
_KINDS: Final = ("", *(kind for kind, _ in _GROUPS))
_TOKEN: Final = re.compile(r"[ \t\r\n]*+(?:" + "|".join(f"({form})" for _, form in _GROUPS) + ")")
_ECHAR: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_new = tuple.__new__


class Token(NamedTuple):
    """One token of Turtle.

    Attributes:
        kind: `iri`, `string`, `long`, `directive` (`@prefix`, `@base`), `name` (also `a`, `true`,
            `false`, `PREFIX` and `BASE`), `language`, `datatype`, `blank`, `number`,
            `punctuation`, `comment` or `error`.
        text: As it is written.
        start: Offset of its first character.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after its last character."""
        return self.start + len(self.text)


def token_list(text: str, start: int = 0) -> list[Token]:
    """Return the tokens of a text from an offset on, as `lex` does."""
    end = len(text.rstrip(SPACE))
    kinds, new, kind = _KINDS, _new, Token
    found = [
        new(kind, (kinds[index := match.lastindex or 0], match[index], match.start(index)))
        for match in _TOKEN.finditer(text, start, end)
    ]
    return found


def lex(text: str) -> Iterator[Token]:
    """Yield the tokens of any text; what is no token of Turtle has the kind `error`."""
    yield from token_list(text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text without its comments.

    Raises:
        MalformedError: Something is no token of Turtle.
    """
    for token in token_list(text):
        if token.kind == "error":
            line, column = Lines(text).at(token.start)
            raise MalformedError(None, line, column, f"unexpected {token.text[:40]!r}")
        if token.kind != "comment":
            yield token


def unescape(text: str) -> str:
    r"""Undo the escapes of a Turtle string or IRI.

    >>> unescape(r"caf\u00e9 \t")
    'café \t'
    """
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "uU" and len(code) > 1:
            return chr(int(code[1:], 16))
        return _ECHAR.get(code, code)

    return _ESCAPE.sub(replace, text)
