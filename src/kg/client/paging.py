"""Long answers, page by page.

Two ways, and `Pages.way` says which one it is:

- `keyset`: the rows after the last key, by the order of a column that tells every row apart. Each
  page costs the same, and a page stays right when rows before it come or go.
- `offset`: LIMIT and OFFSET over the rows in the order of all columns. It needs no key, and a late
  page costs more. It is right as long as the data stays the same, so a release should be asked.

The query becomes a sub-select, which keeps its meaning (SPARQL 1.1 Query, section 12); FROM cannot
stand in one, so a query with it is refused.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from kg.client.answers import Answer, joined
from kg.errors import UsageError
from kg.query.guard import inspect, tokens

Run = Callable[[str], Answer]


@dataclass(frozen=True)
class Pages:
    """The pages of an answer; going through them asks for one after the other.

    Attributes:
        run: Asks a query.
        text: A SELECT query.
        size: Rows of a page, but the last one.
        key: A column whose values, as strings, tell every row apart; empty for none.
    """

    run: Run
    text: str
    size: int = 1000
    key: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be cut.

        Raises:
            UsageError: It is no SELECT, has FROM, or a page has no rows.
        """
        outline = inspect(self.text)
        if outline.form != "SELECT":
            raise UsageError("only the answer to a SELECT query comes in pages")
        if outline.dataset:
            raise UsageError("a query with FROM cannot be cut into pages; use GRAPH instead")
        if self.size < 1:
            raise UsageError("a page has at least one row")

    @property
    def way(self) -> Literal["keyset", "offset"]:
        """How the pages are cut."""
        return "keyset" if self.key else "offset"

    def __iter__(self) -> Iterator[Answer]:
        """Ask for the pages; an answer without rows is one page.

        Raises:
            UsageError: The key does not tell the rows apart, or is missing from one.
            ClientError: The service does not answer.
        """
        after: str | None = None
        number = 0
        while True:
            page = self.run(self._keyed(after) if self.key else self._numbered(number))
            if self.key:
                after = self._last_key(page, after)
            yield Answer(page.columns, page.rows[: self.size])
            if len(page) <= self.size:  # it was asked for one more
                return
            number += 1

    def all(self) -> Answer:
        """Return all pages as one answer."""
        return joined(list(self))

    def _parts(self) -> tuple[str, str]:
        """Return the prologue, and the query without it."""
        start = next(
            token.start
            for token in tokens(self.text)
            if token.kind == "word" and token.text.upper().startswith("SELECT")
        )
        return self.text[:start], self.text[start:]

    def _keyed(self, after: str | None) -> str:
        prologue, query = self._parts()
        # Escapes of JSON are those of SPARQL, but for pairs of surrogates: so none are made.
        last = json.dumps(after, ensure_ascii=False)
        rest = "" if after is None else f"FILTER(STR(?{self.key}) > {last})"
        order = f"ORDER BY STR(?{self.key}) LIMIT {self.size + 1}"
        return f"{prologue}\nSELECT * {{ {{ {query}\n }} {rest} }} {order}"

    def _numbered(self, number: int) -> str:
        prologue, query = self._parts()
        order = " ".join(f"?{name}" for name in self._columns)
        cut = f"LIMIT {self.size + 1} OFFSET {number * self.size}"
        return f"{prologue}\nSELECT * {{ {{ {query}\n }} }} ORDER BY {order} {cut}"

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return self.run(self._empty()).columns

    def _empty(self) -> str:
        prologue, query = self._parts()
        return f"{prologue}\nSELECT * {{ {{ {query}\n }} }} LIMIT 0"

    def _last_key(self, page: Answer, after: str | None) -> str:
        """Return the last key of a page, where no row is lost by going on after it."""
        keys = [None if each is None else str(each) for each in page.column(self.key)]
        if None in keys or len(set(keys)) < len(keys) or after in keys:
            raise UsageError(f"?{self.key} does not tell the rows apart; leave the key out")
        return str(keys[: self.size][-1]) if keys else ""
