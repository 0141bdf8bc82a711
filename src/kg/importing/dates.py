"""Dates in the forms that tables have them, as precise as they are and never guessed.

2018-12-04   2018/12/04   20181204        a day
04.12.2018   4. 12. 2018                  a day: with dots the day is always first
4 December 2018   December 4, 2018        a day
2018-12   12/2018   December 2018         a month
2018                                      a year
31/12/2018   12/31/2018                   a day, because only one reading is possible
04/12/2018                                two days: an error, unless the mapping says which
04.12.18                                  two centuries: an error
"""

import re
from datetime import date, datetime
from typing import Final

import pyoxigraph as ox

from kg.importing.cells import Fault
from kg.namespaces import XSD

_DAY: Final = ox.NamedNode(XSD + "date")
_MONTH: Final = ox.NamedNode(XSD + "gYearMonth")
_YEAR: Final = ox.NamedNode(XSD + "gYear")
_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_ISO: Final = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_ISO_MONTH: Final = re.compile(r"(\d{4})[-/.](\d{1,2})")
_SLASHED_MONTH: Final = re.compile(r"(\d{1,2})[-/.](\d{4})")
_DOTTED: Final = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})\.?")
_SLASHED: Final = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_SHORT: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_NAMED: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\.? )?([A-Za-z]{3,9})\.?(?: (\d{1,2})(?:st|nd|rd|th)?,)? (\d{4})"
)
_DAY_FIRST: Final = "day/month/year"


def read(cell: object, forms: tuple[str, ...]) -> ox.Literal | Fault:
    """Return the date that a cell holds, or what is wrong with it.

    Args:
        cell: A text, a number, or a date of a spreadsheet.
        forms: `day/month/year` or `month/day/year`, where the mapping says so.
    """
    if isinstance(cell, datetime):
        if (cell.hour, cell.minute, cell.second) != (0, 0, 0):
            return ox.Literal(cell.date().isoformat(), datatype=_DAY)
        cell = cell.date()
    if isinstance(cell, date):
        return ox.Literal(cell.isoformat(), datatype=_DAY)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = " ".join(str(cell).split())
    if re.fullmatch(r"\d{4}", text):
        return _year(text)
    return _written(text, forms)


def year(cell: object) -> ox.Literal | Fault:
    """Return the year that a cell holds, of a date its year, or what is wrong with it."""
    if isinstance(cell, date):
        return ox.Literal(f"{cell.year:04d}", datatype=_YEAR)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    if re.fullmatch(r"\d{4}", text):
        return _year(text)
    return Fault("year", f"{text!r} is no year", "write the four digits of the year")


def _year(text: str) -> ox.Literal | Fault:
    if not 1000 <= int(text) <= 2999:
        return Fault("year", f"{text} is no year", "write the four digits of the year")
    return ox.Literal(text, datatype=_YEAR)


def _written(text: str, forms: tuple[str, ...]) -> ox.Literal | Fault:
    if match := _ISO.fullmatch(text):
        return _day(match[1], match[3], match[4], text)
    if match := _DOTTED.fullmatch(text):
        return _day(match[3], match[2], match[1], text)
    if match := _SLASHED.fullmatch(text):
        return _slashed(int(match[1]), int(match[3]), match[4], text, forms)
    if match := _ISO_MONTH.fullmatch(text):
        return _month(match[1], match[2], text)
    if match := _SLASHED_MONTH.fullmatch(text):
        return _month(match[2], match[1], text)
    if (match := _NAMED.fullmatch(text)) and (number := _number_of(match[2])):
        day = match[1] or match[3]
        return _day(match[4], number, day, text) if day else _month(match[4], number, text)
    if _SHORT.fullmatch(text):
        return Fault(
            "date", f"{text!r} has two digits for the year", "write the four digits of the year"
        )
    return Fault("date", f"{text!r} is no date that is known", "write it as 2018-12-04")


def _slashed(
    first: int, second: int, of_year: str, text: str, forms: tuple[str, ...]
) -> ox.Literal | Fault:
    if forms:
        day, month = (first, second) if forms[0] == _DAY_FIRST else (second, first)
        return _day(of_year, str(month), str(day), text)
    if first <= 12 and second <= 12 and first != second:
        return Fault(
            "ambiguous date",
            f"{text!r} may be two days",
            'say which comes first: dates = ["day/month/year"] or ["month/day/year"]',
        )
    day, month = (first, second) if second <= 12 else (second, first)
    return _day(of_year, str(month), str(day), text)


def _number_of(name: str) -> str:
    low = name.lower()
    found = (at for at, month in enumerate(_MONTHS, 1) if low in (month, month[:3], month[:4]))
    return str(next(found, ""))


def _day(of_year: str, month: str, day: str, text: str) -> ox.Literal | Fault:
    try:
        found = date(int(of_year), int(month), int(day))
    except ValueError:
        return Fault("date", f"{text!r} is no day of the calendar", "look the date up")
    return ox.Literal(found.isoformat(), datatype=_DAY)


def _month(of_year: str, month: str, text: str) -> ox.Literal | Fault:
    if not 1 <= int(month) <= 12:
        return Fault("date", f"{text!r} is no month of the calendar", "look the date up")
    return ox.Literal(f"{of_year}-{int(month):02d}", datatype=_MONTH)
