"""A table: rows of Python values, and the same as a data frame with types."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kg.client.errors import NoAnswerError
from kg.client.values import Value, value_of

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

# The type of a column by the types of its values; a column of several types is one of texts.
_PANDAS: Final = {
    "int": "Int64",
    "number": "Float64",
    "bool": "boolean",
    "date": "datetime64[s]",
    "moment": "datetime64[us, UTC]",
    "text": "string",
}


@dataclass(frozen=True)
class Answer:
    """The answer to a SELECT query.

    Attributes:
        columns: Names of the variables, in order.
        rows: Values by column; None where a variable has none.
        is_cut: Whether there are more rows, as was asked for by `max_rows`.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value | None, ...], ...]
    is_cut: bool = False

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Value | None]]:
        """Give each row by the names of its columns."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def column(self, name: str) -> list[Value | None]:
        """Return the values of a column.

        Raises:
            KeyError: There is none of this name.
        """
        if name not in self.columns:
            raise KeyError(name)
        at = self.columns.index(name)
        return [row[at] for row in self.rows]

    def to_pandas(self) -> "pd.DataFrame":
        """Return a data frame of pandas.

        Whole numbers and years are `Int64`, other numbers `Float64`, yes and no `boolean`, days
        and moments `datetime64`, everything else `string`; what is not there is missing.

        Raises:
            ImportError: pandas is not installed: `citypledge[client]`.
        """
        import pandas as pd

        series = {
            name: pd.Series(values, dtype=_PANDAS[kind]) for name, kind, values in self._typed()
        }
        return pd.DataFrame(series, columns=list(self.columns))

    def to_polars(self) -> "pl.DataFrame":
        """Return a data frame of polars, with the types of `to_pandas` in its own way.

        Raises:
            ImportError: polars is not installed: `citypledge[client]`.
        """
        import polars as pl

        types = {
            "int": pl.Int64(),
            "number": pl.Float64(),
            "bool": pl.Boolean(),
            "date": pl.Date(),
            "moment": pl.Datetime("us", "UTC"),
            "text": pl.String(),
        }
        return pl.DataFrame(
            [pl.Series(name, values, dtype=types[kind]) for name, kind, values in self._typed()]
        )

    def _typed(self) -> Iterator[tuple[str, str, list[Any]]]:
        for name in self.columns:
            values = self.column(name)
            kind = _kind_of(values)
            yield name, kind, [None if each is None else _as(kind, each) for each in values]


def read_answer(found: Mapping[str, Any], *, is_cut: bool = False) -> Answer:
    """Return an answer from SPARQL 1.1 Query Results JSON; that of ASK has one cell, `answer`.

    Raises:
        NoAnswerError: It is something else.
    """
    try:
        if "boolean" in found:
            return Answer(("answer",), ((bool(found["boolean"]),),))
        columns = tuple(found["head"]["vars"])
        rows = tuple(
            tuple(value_of(row[name]) if name in row else None for name in columns)
            for row in found["results"]["bindings"]
        )
    except (KeyError, TypeError) as error:
        raise NoAnswerError("what came is no table of SPARQL results") from error
    return Answer(columns, rows, is_cut)


def joined(parts: Sequence[Answer]) -> Answer:
    """Return several answers with the same columns as one."""
    return Answer(parts[0].columns, tuple(row for part in parts for row in part.rows))


def _kind_of(values: Sequence[Value | None]) -> str:
    kinds = {_kind(each) for each in values if each is not None}
    if kinds == {"int", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "text"


def _kind(value: Value) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int" if -(2**63) <= value < 2**63 else "text"
        case float() | Decimal():
            return "number"
        case datetime():
            return "moment"
        case date():
            return "date"
    return "text"


def _as(kind: str, value: Value) -> Any:
    """Return a value as a column of a kind takes it."""
    if kind == "number":
        return float(value)  # type: ignore[arg-type] # the kind says that it is a number
    if kind == "moment" and isinstance(value, datetime):
        return value.astimezone(UTC)
    if kind == "text":
        return value.isoformat() if isinstance(value, date) else str(value)
    return value
