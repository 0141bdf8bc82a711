"""From Turtle to the same Turtle in the layout of this repository.

    @prefix cpo: <https://w3id.org/citypledge/ont#> .

    # A comment on a line of its own stays before what it stands before.
    city:lt-vilnius
        a cpo:City ; # and one at the end of a line on that line
        skos:prefLabel "Vilnius"@lt , "Vilnius"@en ;
        skos:altLabel
            "Wilno"@pl ,
            "Wilna"@de ;
        sh:property [
            sh:path cpo:country ;
            sh:maxCount 1 ;
        ] ;
        sh:or ( cpo:Gone [ sh:class cpo:Place ] ) .

- A subject stands alone on its line, and so does each predicate. Indentation is four spaces.
- What is written on one line stays on one line: objects, `( )`, and `[ ]` with one predicate.
  Objects that are broken anywhere have a line each; a broken `( )` keeps its rows; `[ ]` with more
  than one predicate is always broken.
- A broken `[ ]` has a semicolon after its last predicate. A statement has none, unless a comment
  stands before its dot, which then has its own line. Semicolons that say nothing go.
- A blank line stands between two statements, and none inside. Between prefixes and around comments
  one stays where one is.
- Tokens are not changed: quotes, escapes, numbers, names and long strings stay as written, and so
  does the text of a comment but for spaces at its end.

The work is done on tokens and not on the graph, which has neither comments nor an order.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg import turtle

BYTE_ORDER_MARK: Final = "\ufeff"

_STEP: Final = 4
_DIRECTIVES: Final = {"@prefix": 4, "@base": 3, "prefix": 3, "base": 2}  # tokens, with the dot
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def format_text(text: str, path: Path | None = None) -> str:
    """Return a Turtle text in the layout of the repository.

    Line ends become LF and a byte order mark goes. Line ends inside long strings are data and stay.

    >>> written = "PREFIX c: <https://example.org/> c:riga a c:City;c:name 'Riga'@en.# the capital"
    >>> print(format_text(written), end="")
    PREFIX c: <https://example.org/>
    <BLANKLINE>
    c:riga
        a c:City ;
        c:name 'Riga'@en . # the capital

    Args:
        text: The whole file.
        path: What to name in an error.

    Raises:
        MalformedError: The text is not well-formed; has the first place that is wrong.
    """
    plain = text.removeprefix(BYTE_ORDER_MARK)
    turtle.parse(plain, path)
    parser = _Parser(_attached(_marks_before_comments(_without_idle_semicolons(_pieces(plain)))))
    printer = _Printer()
    for statement in parser.statements():
        printer.statement(statement)
    printer.comments(parser.end)
    return printer.text()


@dataclass(slots=True)
class _Piece:
    """A token or a comment.

    Attributes:
        kind: The kind of the token.
        text: The token.
        is_below: A line ends between the piece before and this one.
        is_apart: A blank line stands between them.
        before: Of a token, the comments on lines of their own before it.
        after: Of a token, the comment that ends its line.
    """

    kind: str
    text: str
    is_below: bool = False
    is_apart: bool = False
    before: list["_Piece"] = field(default_factory=list)
    after: str | None = None

    @property
    def is_comment(self) -> bool:
        return self.kind == "comment"

    def is_mark(self, marks: str) -> bool:
        """Whether this is one of some marks of punctuation."""
        return self.kind == "punctuation" and self.text in marks


def _pieces(text: str) -> list[_Piece]:
    """Return the tokens and comments of a text, and an empty one for its end."""
    pieces: list[_Piece] = []
    end = 0
    for token in turtle.lex(text):
        lines = len(_LINE_END.findall(text, end, token.start))
        end = token.start + len(token.text)
        is_comment = token.kind == "comment"
        written = token.text.rstrip(" \t") if is_comment else token.text
        pieces.append(_Piece(token.kind, written, lines > 0 or not pieces, lines > 1))
    pieces.append(_Piece("end", "", is_below=True))
    return pieces


def _without_idle_semicolons(pieces: list[_Piece]) -> list[_Piece]:
    """Leave out each semicolon that follows another one or that no predicate follows."""
    kept: list[_Piece] = []
    last = 0  # where the last token is in `kept`
    for piece in pieces:
        if not piece.is_comment:
            if kept and kept[last].is_mark(";"):
                if piece.is_mark(";"):
                    continue
                if piece.is_mark(".]"):
                    del kept[last]
            last = len(kept)
        kept.append(piece)
    return kept


def _marks_before_comments(pieces: list[_Piece]) -> list[_Piece]:
    """Move each comma, semicolon and dot up to the term that it follows, over the comments between.

    A mark that has a comment of its own at the end of its line stays, since comments keep their
    order; and a dot stays below comments that have lines of their own, as these are part of the
    statement.
    """
    moved: list[_Piece] = []
    for piece, follower in zip(pieces, (*pieces[1:], None), strict=True):
        start = len(moved)
        has_comment = follower is not None and follower.is_comment and not follower.is_below
        if piece.is_mark(",;.") and not has_comment:
            while moved[start - 1].is_comment:
                start -= 1
            if piece.text == "." and (len(moved) - start > 1 or moved[-1].is_below):
                start = len(moved)
        moved.insert(start, piece)
    return moved


def _attached(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Yield the tokens, each with its comments."""
    token: _Piece | None = None
    before: list[_Piece] = []
    for piece in pieces:
        if not piece.is_comment:
            piece.before = before
            piece.is_below = (
                piece.is_below or bool(before) or (token is not None and bool(token.after))
            )
            if token is not None:
                yield token
            token, before = piece, []
        elif token is None or piece.is_below or before or token.after:
            before.append(piece)
        else:
            token.after = piece.text
    if token is not None:
        yield token


@dataclass(slots=True)
class _Term:
    """An IRI, a name, a number, a blank node, or a literal with its language or datatype."""

    parts: list[_Piece]


@dataclass(slots=True)
class _Predicate:
    """A predicate, its objects, the commas between them and the semicolon after them."""

    verb: _Piece
    objects: list["_Node"]
    commas: list[_Piece]
    is_broken: bool
    semicolon: _Piece | None = None


@dataclass(slots=True)
class _PropertyList:
    """`[ ]` with its predicates."""

    opening: _Piece
    predicates: list[_Predicate]
    closing: _Piece
    is_broken: bool


@dataclass(slots=True)
class _Collection:
    """`( )` with its items, as rows."""

    opening: _Piece
    rows: list[list["_Node"]]
    closing: _Piece
    is_broken: bool


_Node = _Term | _PropertyList | _Collection


@dataclass(slots=True)
class _Directive:
    """The declaration of a prefix or a base, with a dot or in the spelling of SPARQL."""

    parts: list[_Piece]


@dataclass(slots=True)
class _Triples:
    """A subject with its predicates, and the dot."""

    subject: "_Node"
    predicates: list[_Predicate]
    dot: _Piece


class _Parser:
    """Makes statements of the tokens of a well-formed text: a method for each rule of the grammar.

    Attributes:
        end: What follows the last statement; has the comments there.
    """

    def __init__(self, tokens: Iterable[_Piece]) -> None:
        self._tokens = list(tokens)
        self._position = 0
        self._breaks = 0  # the line breaks in what was taken so far, also those that it will get
        self.end = self._tokens[-1]

    @property
    def _next(self) -> _Piece:
        return self._tokens[self._position]

    def _take(self) -> _Piece:
        token = self._next
        self._position += 1
        self._breaks += token.is_below
        return token

    def statements(self) -> Iterator[_Directive | _Triples]:
        while self._next is not self.end:
            words = _DIRECTIVES.get(self._next.text.lower())
            yield (
                self._triples()
                if words is None
                else _Directive([self._take() for _ in range(words)])
            )

    def _triples(self) -> _Triples:
        subject = self._node()
        predicates = self._predicates()
        last = self._tokens[self._position - 1]
        dot = self._take()
        if predicates and (dot.before or last.after):
            predicates[-1].semicolon = _semicolon_after(last)
        return _Triples(subject, predicates, dot)

    def _predicates(self) -> list[_Predicate]:
        found: list[_Predicate] = []
        while not self._next.is_mark(".]"):
            found.append(self._predicate())
        return found

    def _predicate(self) -> _Predicate:
        verb = self._take()
        breaks = self._breaks
        objects, commas = [self._node()], []
        while self._next.is_mark(","):
            commas.append(self._take())
            objects.append(self._node())
        is_broken = len(objects) > 1 and self._breaks > breaks
        semicolon = self._take() if self._next.is_mark(";") else None
        return _Predicate(verb, objects, commas, is_broken, semicolon)

    def _node(self) -> _Node:
        if self._next.is_mark("["):
            return self._property_list()
        if self._next.is_mark("("):
            return self._collection()
        parts = [self._take()]
        if parts[0].kind in ("string", "long"):
            if self._next.kind == "datatype":
                parts += [self._take(), self._take()]
            elif self._next.text.startswith("@"):
                parts.append(self._take())
        return _Term(parts)

    def _property_list(self) -> _PropertyList:
        opening = self._take()
        breaks = self._breaks
        predicates = self._predicates()
        last = self._tokens[self._position - 1]
        closing = self._take()
        is_broken = len(predicates) > 1 or (bool(predicates) and self._breaks > breaks)
        if is_broken:
            self._breaks += 1
            predicates[-1].semicolon = _semicolon_after(last)
        return _PropertyList(opening, predicates, closing, is_broken)

    def _collection(self) -> _Collection:
        opening = self._take()
        breaks = self._breaks
        rows: list[list[_Node]] = []
        while not self._next.is_mark(")"):
            is_below = self._next.is_below
            node = self._node()
            if not rows or is_below or _is_broken(node) or _is_broken(rows[-1][-1]):
                rows.append([])
            rows[-1].append(node)
        closing = self._take()
        return _Collection(opening, rows, closing, bool(rows) and self._breaks > breaks)


def _is_broken(node: _Node) -> bool:
    return not isinstance(node, _Term) and node.is_broken


def _semicolon_after(token: _Piece) -> _Piece:
    """Return a semicolon that takes over the comment at the end of the token's line."""
    comment, token.after = token.after, None
    return _Piece("punctuation", ";", after=comment)


class _Printer:
    """Lays statements out."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._ends_here = False  # a comment ends the line
        self._was_directive = False

    def text(self) -> str:
        """Return what was laid out."""
        self._end_line()
        return "".join(line + "\n" for line in self._lines)

    def statement(self, statement: _Directive | _Triples) -> None:
        """Lay a statement out, with the comments before it and the blank lines between them."""
        first = _first(statement)
        is_directive = isinstance(statement, _Directive)
        above = [*first.before, first]
        if not (is_directive and self._was_directive) and not any(p.is_apart for p in above):
            above[0].is_apart = True
        self._was_directive = is_directive
        self.comments(first)
        first.before = []
        if isinstance(statement, _Directive):
            self._put(first, 0, on_new_line=True)
            for part in statement.parts[1:]:
                self._put(part, _STEP)
        else:
            self._node(statement.subject, 0, on_new_line=True)
            self._predicates(statement.predicates, _STEP)
            self._put(statement.dot, _STEP)

    def comments(self, token: _Piece) -> None:
        """Lay out the comments between two statements, and the blank lines."""
        self._end_line()
        for piece in (*token.before, token):
            if piece.is_apart and self._lines:
                self._lines.append("")
            if piece.is_comment:
                self._lines.append(piece.text)

    def _predicates(self, predicates: list[_Predicate], indent: int) -> None:
        for predicate in predicates:
            self._predicate(predicate, indent, on_new_line=True)

    def _predicate(self, predicate: _Predicate, indent: int, *, on_new_line: bool = False) -> None:
        self._put(predicate.verb, indent, on_new_line=on_new_line)
        for position, node in enumerate(predicate.objects):
            if position:
                self._put(predicate.commas[position - 1], indent + _STEP)
            is_alone = predicate.is_broken or self._needs_new_line(_first(node))
            self._node(node, indent + _STEP * is_alone, on_new_line=is_alone)
        if predicate.semicolon is not None:
            self._put(predicate.semicolon, indent)

    def _node(self, node: _Node, indent: int, *, on_new_line: bool = False) -> None:
        """Lay a node out.

        Args:
            node: The node.
            indent: The indentation of the line that it begins on.
            on_new_line: Whether that is a new line.
        """
        first = _first(node)
        inside = indent + _STEP
        self._put(first, indent, on_new_line=on_new_line)
        if isinstance(node, _Term):
            for part in node.parts[1:]:
                self._put(part, inside, gap="")
            return
        if isinstance(node, _PropertyList):
            for predicate in node.predicates:
                self._predicate(predicate, inside, on_new_line=node.is_broken)
            gap = " " if node.predicates else ""
        else:
            for row in node.rows:
                for position, item in enumerate(row):
                    self._node(item, inside, on_new_line=node.is_broken and not position)
            gap = " " if node.rows else ""
        self._put(node.closing, indent, on_new_line=node.is_broken, gap=gap, inside=inside)

    def _put(
        self,
        token: _Piece,
        indent: int,
        *,
        on_new_line: bool = False,
        gap: str = " ",
        inside: int | None = None,
    ) -> None:
        """Add a token with its comments.

        Args:
            token: The token.
            indent: The indentation of its line, if it begins one.
            on_new_line: Whether it does; after a comment it does in any case.
            gap: What parts it from the token before on the same line.
            inside: The indentation of the comments before it, where that is another one.
        """
        if on_new_line or self._needs_new_line(token):
            self._end_line()
            for comment in token.before:
                self._lines.append(" " * (indent if inside is None else inside) + comment.text)
            self._line = " " * indent + token.text
        else:
            self._line += gap + token.text
        if token.after is not None:
            self._line += " " + token.after
        self._ends_here = token.after is not None

    def _needs_new_line(self, token: _Piece) -> bool:
        return self._ends_here or bool(token.before)

    def _end_line(self) -> None:
        if self._line:
            self._lines.append(self._line)
        self._line = ""
        self._ends_here = False


def _first(of: _Node | _Directive | _Triples) -> _Piece:
    """Return the token that something begins with."""
    if isinstance(of, _Triples):
        return _first(of.subject)
    return of.parts[0] if isinstance(of, _Term | _Directive) else of.opening
