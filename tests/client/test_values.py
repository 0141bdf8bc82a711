"""Cells of SPARQL results as Python values, and columns with types."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pytest

from kg.client import IRI, Answer, NoAnswerError, Other, Text
from kg.client.answers import read_answer
from kg.client.values import value_of

XSD = "http://www.w3.org/2001/XMLSchema#"


def literal(text: str, datatype: str) -> dict[str, str]:
    return {"type": "literal", "value": text, "datatype": XSD + datatype}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ({"type": "uri", "value": "http://e.example/a"}, IRI("http://e.example/a")),
        ({"type": "literal", "value": "plain"}, "plain"),
        (literal("7", "integer"), 7),
        (literal("7", "byte"), 7),
        (literal("1.50", "decimal"), Decimal("1.50")),
        (literal("1.5e2", "double"), 150.0),
        (literal("true", "boolean"), True),
        (literal("0", "boolean"), False),
        (literal("2021-02-28", "date"), date(2021, 2, 28)),
        (literal("2021-02-28T12:00:00Z", "dateTime"), datetime(2021, 2, 28, 12, tzinfo=UTC)),
        (
            literal("2021-02-28T12:00:00+02:00", "dateTime"),
            datetime(2021, 2, 28, 12, tzinfo=timezone(timedelta(hours=2))),
        ),
        (literal("2030", "gYear"), 2030),
    ],
)
def test_each_datatype_has_its_value(cell: dict[str, str], value: Any) -> None:
    assert value_of(cell) == value
    assert type(value_of(cell)) is type(value)


@pytest.mark.parametrize(
    "cell",
    [
        literal("P2Y", "duration"),
        literal("2021-02", "gYearMonth"),
        literal("-0044", "gYear"),
        literal("2021-02-30", "date"),  # no such day
        literal("2021-02-28T12:00:00", "dateTime"),  # no moment without a zone
        literal("seven", "integer"),
    ],
)
def test_what_python_has_no_value_for_stays_as_it_is_written(cell: dict[str, str]) -> None:
    value = value_of(cell)
    assert isinstance(value, Other)
    assert (value, value.datatype) == (cell["value"], cell["datatype"])


def test_a_text_knows_its_language() -> None:
    value = value_of({"type": "literal", "value": "Memel", "xml:lang": "de"})
    assert isinstance(value, Text)
    assert (value, value.language) == ("Memel", "de")


TABLE = Answer(
    ("whole", "number", "flag", "day", "moment", "text", "mixed"),
    (
        (1, Decimal("1.5"), True, date(1500, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), "a", 7),
        (2**40, 2.0, None, None, None, Text("b", "en"), date(2020, 1, 2)),
        (None, 3, False, None, None, IRI("http://e.example/"), None),
    ),
)


def test_columns_of_pandas_have_types() -> None:
    frame = TABLE.to_pandas()
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "whole": "Int64",
        "number": "Float64",
        "flag": "boolean",
        "day": "datetime64[s]",
        "moment": "datetime64[us, UTC]",
        "text": "string",
        "mixed": "string",
    }
    assert frame["whole"].tolist()[:2] == [1, 2**40]
    assert frame["whole"].isna().tolist() == [False, False, True]
    assert frame["day"][0] == pd.Timestamp("1500-01-01")
    assert frame["mixed"].tolist()[:2] == ["7", "2020-01-02"]
    assert frame["number"].sum() == 6.5


def test_columns_of_polars_have_types() -> None:
    frame = TABLE.to_polars()
    assert frame.schema == {
        "whole": pl.Int64(),
        "number": pl.Float64(),
        "flag": pl.Boolean(),
        "day": pl.Date(),
        "moment": pl.Datetime("us", "UTC"),
        "text": pl.String(),
        "mixed": pl.String(),
    }
    assert frame["whole"].to_list() == [1, 2**40, None]
    assert frame["day"][0] == date(1500, 1, 1)


def test_an_answer_without_rows_keeps_its_columns() -> None:
    empty = Answer(("a", "b"), ())
    assert list(empty.to_pandas().columns) == empty.to_polars().columns == ["a", "b"]


def test_what_is_no_table_is_no_answer() -> None:
    with pytest.raises(NoAnswerError):
        read_answer({"head": {}})
