"""Turtle with the place of every token: what stands at which line and column, faults included.

pyoxigraph decides what is well-formed (`parse`), because it follows the grammar to the letter,
but it does not keep positions and stops at the first mistake. `read` keeps the place of every
token and comment, gives the same triples with their offsets, and goes on after a mistake, so that
one run shows them all. On every well-formed text both say the same.

Offsets count Unicode code points from 0; lines and columns count from 1.

    tokens      the lexer
    reading     what a reading holds
    reader      the grammar, with places
    mend        what is wrong where a token does not fit
    mistakes    what is wrong with what is no token at all
    recovery    where reading goes on
    strict      pyoxigraph's reading
    lines       offsets as lines and columns
"""

from collections.abc import Iterator

from kg.errors import MalformedError
from kg.turtle.lines import Lines
from kg.turtle.mend import read
from kg.turtle.reading import Block, Fault, Prefix, Reading, Statement
from kg.turtle.strict import MAX_DEPTH, may_have_base, parse
from kg.turtle.tokens import Token, lex, tokens, unescape

__all__ = [
    "MAX_DEPTH",
    "Block",
    "Fault",
    "Lines",
    "Prefix",
    "Reading",
    "Statement",
    "Token",
    "lex",
    "may_have_base",
    "parse",
    "read",
    "statements",
    "tokens",
    "unescape",
]


def statements(text: str, blanks: str = "b") -> Iterator[Statement]:
    """Yield every triple of a well-formed Turtle text with the places of its terms.

    Args:
        text: The whole file.
        blanks: What the labels of its blank nodes begin with, to tell two files apart.

    Raises:
        MalformedError: The text has a fault; has the place of the first.
    """
    reading = read(text, blanks)
    if reading.faults:
        first = reading.faults[0]
        line, column = Lines(text).at(first.start)
        raise MalformedError(None, line, column, f"not well-formed ({first.code})")
    yield from reading.statements
