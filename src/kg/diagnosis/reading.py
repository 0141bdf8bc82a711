"""From the text of a query to its parts (`kg.diagnosis.tree`).

The engine has taken the query for well-formed before; here it is only cut. What is of a form that
is not known here, such as the triple terms of SPARQL 1.2, makes the query unread, and nothing is
said about its parts. Grammar: SPARQL 1.1 Query, section 19.8.
"""

from dataclasses import replace
from typing import Final

from kg.diagnosis.patterns import Patterns
from kg.diagnosis.terms import Terms
from kg.diagnosis.tokens import Tokens, UnreadError
from kg.diagnosis.tree import (
    Block,
    Element,
    Group,
    Kind,
    Part,
    Query,
    Restriction,
    Values,
)
from kg.query.guard import Form

_FORMS: Final[dict[str, Form]] = {
    "SELECT": "SELECT",
    "ASK": "ASK",
    "CONSTRUCT": "CONSTRUCT",
    "DESCRIBE": "DESCRIBE",
}
_BLOCKS: Final[dict[str, Kind]] = {"OPTIONAL": "optional", "MINUS": "minus", "GRAPH": "graph"}
_KEYWORDS: Final = ("OPTIONAL", "MINUS", "GRAPH", "FILTER", "BIND", "VALUES")
_NUMBERED: Final = ("LIMIT", "OFFSET")
_AFTER_HAVING: Final = ("ORDER", "LIMIT", "OFFSET", "VALUES")
_CLAUSES: Final = ("HAVING", *_AFTER_HAVING)
_CONSTANTS: Final = ("iri", "prefixed", "string", "number")


def read(text: str) -> tuple[Query, Terms]:
    """Return a well-formed query in parts, and what reads and writes its terms.

    Raises:
        UnreadError: It has a form that is not known here.
    """
    reader = _Reader(Tokens(text))
    query = reader.whole()
    return query, reader.terms


class _Reader:
    def __init__(self, found: Tokens) -> None:
        self.tokens = found
        first = next((at for at, word in enumerate(found.words) if word in _FORMS), None)
        if first is None:
            raise UnreadError
        self.prologue = found.text[: found.listed[first].start]
        self.terms = Terms(self.prologue, found.listed[:first])
        self.patterns = Patterns(found, self.terms)
        found.at = first

    def whole(self) -> Query:
        """Read all of it."""
        query = self._query()
        if not self.tokens.is_at_end:
            raise UnreadError
        return query

    def _query(self) -> Query:
        """Read a query, or a sub-select."""
        found = self.tokens
        start, form = found.start, _FORMS.get(found.word)
        if form is None:
            raise UnreadError
        found.at += 1
        described = self._described() if form == "DESCRIBE" else ()
        if form == "CONSTRUCT" and found.sign == "{":
            found.skip_brackets()
        found.skip_to(
            lambda: found.word in ("FROM", "WHERE") or found.sign == "{" or found.is_at_end
        )
        head = found.between(start + len(form), found.start)
        graphs = self._dataset()
        found.at += found.word == "WHERE"
        where = self._group() if found.sign == "{" else None
        if form != "DESCRIBE" and where is None:
            raise UnreadError
        return self._with_modifiers(
            Query(found.text, form, self.prologue, start, 0, head, graphs, described, where)
        )

    def _described(self) -> tuple[Part, ...]:
        named: list[Part] = []
        while self.tokens.kind in ("iri", "prefixed", "variable") or self.tokens.sign == "*":
            if self.tokens.kind == "variable" or self.tokens.sign == "*":
                self.tokens.at += 1
            else:
                named.append(self.patterns.constant())
        return tuple(named)

    def _dataset(self) -> tuple[Part, ...]:
        found, named = self.tokens, list[Part]()
        while found.word == "FROM":
            found.at += 1 + (found.word_after == "NAMED")
            named.append(self.patterns.constant())
        return tuple(named)

    def _with_modifiers(self, query: Query) -> Query:
        found = self.tokens
        while found.word and found.sign != "}":
            query = self._with_clause(query, found.word, found.start)
        return replace(query, end=found.end_before)

    def _with_clause(self, query: Query, word: str, start: int) -> Query:
        """Read the next clause after the pattern, and return the query with it."""
        found = self.tokens
        found.at += 1
        if word in ("GROUP", "ORDER"):
            found.skip_to(self._ends_clause)
            text = found.between(start, found.end_before).strip()
            return replace(query, grouping=text) if word == "GROUP" else query
        if word == "HAVING":
            return replace(query, havings=tuple(self._havings()))
        if word == "VALUES":
            return replace(query, where=self._joined(query, self._values(start)))
        if word not in _NUMBERED:
            raise UnreadError
        number = int(found.take("number"))
        query = replace(query, cut=(*query.cut, (start, found.end_before)))
        return replace(query, limit=number) if word == "LIMIT" else replace(query, offset=number)

    def _ends_clause(self) -> bool:
        found = self.tokens
        return found.is_at_end or found.word in _CLAUSES or found.sign == "}"

    def _joined(self, query: Query, values: Values) -> Group:
        """Return the pattern of a query with the table that stands after it, as a part of it."""
        where = query.where
        if where is None or where.select is not None or query.grouping or query.is_total:
            raise UnreadError  # the table is joined with what has been counted
        return Group(where.start, where.end, (*where.elements, values))

    def _havings(self) -> list[Restriction]:
        tests: list[Restriction] = []
        while not self.tokens.is_at_end and self.tokens.word not in _AFTER_HAVING:
            if self.tokens.sign == "}":
                break
            tests.append(self._restriction(self.tokens.start))
        return tests

    def _group(self) -> Group:
        found, start = self.tokens, self.tokens.start
        found.expect("{")
        if found.word == "SELECT":
            select = self._query()
            found.expect("}")
            return Group(start, found.end_before, (), select)
        elements: list[Element] = []
        while found.sign != "}":
            elements += self._elements()
            found.skip_sign(".")
        found.expect("}")
        return Group(start, found.end_before, tuple(elements))

    def _elements(self) -> list[Element]:
        found, word, start = self.tokens, self.tokens.word, self.tokens.start
        if found.sign == "{":
            return self._union(start)
        if word not in _KEYWORDS:
            return list(self.patterns.run())
        found.at += 1
        if word in _BLOCKS:
            name = self.patterns.term() if word == "GRAPH" else None
            return [self._block(_BLOCKS[word], start, (self._group(),), name)]
        if word == "FILTER":
            return [self._restriction(start)]
        if word == "VALUES":
            return [self._values(start)]
        return [self._bind(start)]

    def _bind(self, start: int) -> Element:
        """Read BIND; a plain term with a name is a table of one cell."""
        found, first = self.tokens, self.tokens.at
        found.skip_brackets()
        last, end, (text, named) = found.at, found.end_before, found.piece(start)
        found.at = first + 1
        try:
            cell = self.patterns.constant()
        except UnreadError:
            cell = None
        is_plain = cell is not None and found.word == "AS" and found.at == last - 3
        name = found.listed[last - 2].text[1:]
        found.at = last
        if is_plain:
            return Values("bind", start, end, text, named, (name,), ((cell,),))
        return Element("bind", start, end, text, named)

    def _block(
        self, kind: Kind, start: int, groups: tuple[Group, ...], name: Part | None = None
    ) -> Block:
        end = self.tokens.end_before
        return Block(kind, start, end, *self.tokens.piece(start), groups, name)

    def _union(self, start: int) -> list[Element]:
        groups = [self._group()]
        while self.tokens.word == "UNION":
            self.tokens.at += 1
            groups.append(self._group())
        if len(groups) > 1:
            return [self._block("union", start, tuple(groups))]
        if groups[0].select is not None:
            return [self._block("select", start, tuple(groups))]
        if all(each.kind in ("pattern", "values", "graph") for each in groups[0].elements):
            return list(groups[0].elements)  # what is only joined may be joined outside as well
        return [self._block("group", start, tuple(groups))]

    def _restriction(self, start: int) -> Restriction:
        """Read what FILTER or HAVING tests."""
        found, first, begins = self.tokens, self.tokens.at, self.tokens.start
        is_pattern = found.word in ("NOT", "EXISTS")
        found.at += found.word == "NOT"
        found.at += found.sign not in ("(", "{")
        found.skip_brackets()
        expression = found.between(begins, found.end_before)
        last, constants = found.at, []
        found.at = first
        while found.at < last and not is_pattern:
            if found.kind in _CONSTANTS:
                constants.append(self.patterns.constant())
            else:
                found.at += 1
        found.at = last
        text, named = found.piece(start)
        kind: Kind = "filter"
        return Restriction(
            kind, start, found.end_before, text, named, expression, tuple(constants), is_pattern
        )

    def _values(self, start: int) -> Values:
        found = self.tokens
        is_table = found.sign == "("
        names: list[str] = []
        found.skip_sign("(")
        while found.kind == "variable":
            names.append(found.take("variable")[1:])
        found.skip_sign(")")
        found.expect("{")
        rows: list[tuple[Part | None, ...]] = []
        while found.sign != "}":
            rows.append(self._row() if is_table else (self._cell(),))
        found.expect("}")
        text, named = found.piece(start)
        return Values("values", start, found.end_before, text, named, tuple(names), tuple(rows))

    def _row(self) -> tuple[Part | None, ...]:
        self.tokens.expect("(")
        row: list[Part | None] = []
        while self.tokens.sign != ")":
            row.append(self._cell())
        self.tokens.expect(")")
        return tuple(row)

    def _cell(self) -> Part | None:
        if self.tokens.word == "UNDEF":
            self.tokens.at += 1
            return None
        return self.patterns.constant()
