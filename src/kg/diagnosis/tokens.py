"""The tokens of a query, to be read one after the other."""

from collections.abc import Callable
from typing import Final

from kg.query.guard import tokens

_OPEN: Final = ("(", "{", "[")
_CLOSE: Final = (")", "}", "]")
_NEWER: Final = ("<<", ">>", "{|", "|}", "~")  # SPARQL 1.2: triple terms, reifiers
OWN: Final = "__"  # what variables begin with that are put into a query here


class UnreadError(Exception):
    """The query has a form that is not taken apart here."""


class Tokens:
    """Tokens and the place among them."""

    def __init__(self, text: str) -> None:
        """Cut a text.

        Raises:
            UnreadError: It has what is not known here.
        """
        self.text = text
        self.listed = list(tokens(text))
        self.words = [each.text.upper() if each.kind == "word" else "" for each in self.listed]
        self.at = 0
        for each in self.listed:
            is_newer = each.kind == "mark" and each.text in _NEWER
            if is_newer or (each.kind == "variable" and each.text[1:].startswith(OWN)):
                raise UnreadError

    @property
    def is_at_end(self) -> bool:
        """Whether no token is left."""
        return self.at >= len(self.listed)

    @property
    def kind(self) -> str:
        """Of the next token; empty at the end."""
        return "" if self.is_at_end else self.listed[self.at].kind

    @property
    def word(self) -> str:
        """The next token in capital letters, where it is a bare word; else empty."""
        return "" if self.is_at_end else self.words[self.at]

    @property
    def word_after(self) -> str:
        """The token after the next one, in the same way."""
        return self.words[self.at + 1] if self.at + 1 < len(self.words) else ""

    @property
    def sign(self) -> str:
        """The next token, where it is a sign; else empty."""
        return self.listed[self.at].text if self.kind == "mark" else ""

    @property
    def start(self) -> int:
        """Offset of the next token; of the end of the text where there is none."""
        return len(self.text) if self.is_at_end else self.listed[self.at].start

    @property
    def end_before(self) -> int:
        """Offset after the last token that was read."""
        last = self.listed[self.at - 1]
        return last.start + len(last.text)

    def between(self, start: int, end: int) -> str:
        """Return a piece of the text."""
        return self.text[start:end]

    def piece(self, start: int) -> tuple[str, frozenset[str]]:
        """Return the text from an offset to the last token read, and the variables in it."""
        end = self.end_before
        named = frozenset(
            each.text[1:]
            for each in self.listed
            if each.kind == "variable" and start <= each.start < end
        )
        return self.text[start:end], named

    def take(self, kind: str) -> str:
        """Return the text of the next token, which has to be of a kind."""
        if self.kind != kind:
            raise UnreadError
        self.at += 1
        return self.listed[self.at - 1].text

    def expect(self, sign: str) -> None:
        """Pass a sign that has to come now."""
        if self.sign != sign:
            raise UnreadError
        self.at += 1

    def skip_sign(self, sign: str) -> bool:
        """Pass a sign if it comes now; tell whether it did."""
        found = self.sign == sign
        self.at += found
        return found

    def skip_brackets(self) -> None:
        """Pass what stands in brackets, and the brackets."""
        if self.sign not in _OPEN:
            raise UnreadError
        depth = 0
        while True:
            if self.is_at_end:
                raise UnreadError
            depth += (self.sign in _OPEN) - (self.sign in _CLOSE)
            self.at += 1
            if depth == 0:
                return

    def skip_to(self, is_there: Callable[[], bool]) -> None:
        """Go on until something holds, past whatever stands in brackets."""
        while not is_there():
            if self.is_at_end:
                raise UnreadError
            if self.sign in ("(", "["):
                self.skip_brackets()
            else:
                self.at += 1
