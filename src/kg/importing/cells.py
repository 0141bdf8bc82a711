"""Rows of tables, as the readers of CSV and XLSX hand them on."""

from datetime import date, datetime
from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with a cell, or with a whole row.

    Attributes:
        code: A short name of the kind of fault, by which faults are counted.
        reason: What was found, for a person.
        remedy: What to do about it.
    """

    code: str
    reason: str
    remedy: str


Cell = str | int | float | bool | date | datetime | Fault | None


class Row(NamedTuple):
    """One row below the header.

    Attributes:
        line: Of the file, or the number of the row in its sheet; counted from 1.
        cells: In the order of the columns; as many as the header has.
        fault: What keeps the row as a whole from being read.
    """

    line: int
    cells: tuple[Cell, ...]
    fault: Fault | None = None


class Layout(NamedTuple):
    """How a table is laid out in its file.

    Attributes:
        encoding: Of a CSV file.
        delimiter: Between the cells of a CSV file.
        quote: Around cells of a CSV file.
        sheet: Of an XLSX file; its name, or its number counted from 1.
        header: The line of the names of the columns, counted from 1.
        fills_merged: Whether all cells of a merged range have the value of its first one.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    sheet: str | int = 1
    header: int = 1
    fills_merged: bool = False
