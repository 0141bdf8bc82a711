"""Parts of a query asked by themselves, on the dataset that the query asks."""

from collections.abc import Sequence
from typing import Final, cast

import pyoxigraph as ox

from kg.diagnosis.tokens import UnreadError
from kg.diagnosis.tree import Element, Known, Query, as_text
from kg.errors import DataError
from kg.query.evaluation import Dataset, begin

COUNTED: Final = 1000  # rows are counted so far
SAMPLED: Final = 5000  # values of a variable that are looked at
Wrap = tuple[str, ...]  # what stands around a part: `GRAPH ?g`, outermost first


class View:
    """Asks parts of one query; raises `UnreadError` where a part cannot be asked by itself."""

    def __init__(self, dataset: Dataset, query: Query) -> None:
        """Make it, for parts that use the prefixes of a query."""
        self.dataset = dataset
        self._prologue = query.prologue

    def any(self, elements: Sequence[Element], wrap: Wrap = ()) -> bool:
        """Tell whether some parts of a group have a solution together."""
        return self.any_of(as_text(elements), wrap)

    def any_of(self, text: str, wrap: Wrap = ()) -> bool:
        """Tell whether a pattern, given as text, has a solution."""
        answer = self._ask(f"ASK {{ {wrapped(text, wrap)} }}")
        return bool(cast(ox.QueryBoolean, answer))

    def rows(self, elements: Sequence[Element], wrap: Wrap = ()) -> tuple[int, bool]:
        """Return the number of solutions, to `COUNTED`, and whether there are more."""
        text = f"SELECT * {{ {wrapped(as_text(elements), wrap)} }} LIMIT {COUNTED + 1}"
        number = sum(1 for _ in cast("ox.QuerySolutions", self._ask(text)))
        return min(number, COUNTED), number > COUNTED

    def values(self, text: str, variable: str, wrap: Wrap = ()) -> list[Known]:
        """Return the terms that a variable has in the solutions of a pattern, each once.

        Blank nodes are left out; at most `SAMPLED` are returned.
        """
        asked = f"SELECT DISTINCT ?{variable} {{ {wrapped(text, wrap)} }} LIMIT {SAMPLED}"
        found = (row[0] for row in cast("ox.QuerySolutions", self._ask(asked)))
        return [term for term in found if isinstance(term, ox.NamedNode | ox.Literal)]

    def count(self, select: str) -> int:
        """Return the number of rows of a SELECT, given as text without prologue."""
        asked = f"SELECT (COUNT(*) AS ?n) {{ {{ {select} }} }}"
        row = next(iter(cast("ox.QuerySolutions", self._ask(asked))))
        return int(cast(ox.Literal, row[0]).value)

    def _ask(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        try:
            return ask(self.dataset, f"{self._prologue}\n{text}")
        except SyntaxError as error:  # a part that is well-formed only where it stands
            raise UnreadError from error


def ask(dataset: Dataset, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Have the engine begin.

    Raises:
        SyntaxError: It is not well-formed.
        DataError: It cannot be evaluated.
    """
    try:
        return begin(dataset, text)
    except SyntaxError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"the query cannot be evaluated: {error}") from error


def wrapped(text: str, wrap: Wrap) -> str:
    """Return a pattern inside of what stands around it."""
    for around in reversed(wrap):
        text = f"{around} {{ {text} }}"
    return text
