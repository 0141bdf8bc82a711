"""What the terms of an answer are in Python.

| term | value |
|---|---|
| IRI | `IRI`, a string |
| text with a language | `Text`, a string with `language` |
| `xsd:string` | `str` |
| `xsd:integer` and what is derived from it | `int` |
| `xsd:decimal` | `Decimal` |
| `xsd:double`, `xsd:float` | `float` |
| `xsd:boolean` | `bool` |
| `xsd:date` | `datetime.date` |
| `xsd:dateTime` with a zone | `datetime.datetime` |
| `xsd:gYear` of four digits | `int` |
| anything else, and what Python cannot hold | `Other`, a string with `datatype` |
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from kg.namespaces import XSD

_INTEGERS: Final = (
    *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"),
    *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    *("negativeInteger", "nonPositiveInteger"),
)
_YEAR: Final = re.compile(r"\d{4}")
_STRING: Final = XSD + "string"


class IRI(str):
    """An IRI."""

    __slots__ = ()


class Text(str):
    """A text in a language.

    Attributes:
        language: Tag (BCP 47).
    """

    __slots__ = ("language",)
    language: str

    def __new__(cls, value: str, language: str) -> "Text":
        """Make it."""
        made = super().__new__(cls, value)
        made.language = language
        return made


class Other(str):
    """A literal as it is written.

    Attributes:
        datatype: IRI.
    """

    __slots__ = ("datatype",)
    datatype: str

    def __new__(cls, value: str, datatype: str) -> "Other":
        """Make it."""
        made = super().__new__(cls, value)
        made.datatype = datatype
        return made


Value = IRI | Text | Other | str | int | float | bool | Decimal | date | datetime


def _boolean(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise ValueError(text)
    return text in ("true", "1")


def _with_zone(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def _year(text: str) -> int:
    if not _YEAR.fullmatch(text):
        raise ValueError(text)
    return int(text)


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    **{XSD + name: int for name in _INTEGERS},
    XSD + "decimal": Decimal,
    XSD + "double": float,
    XSD + "float": float,
    XSD + "boolean": _boolean,
    XSD + "date": date.fromisoformat,
    XSD + "dateTime": _with_zone,
    XSD + "gYear": _year,
}


def value_of(cell: Mapping[str, Any]) -> Value:
    """Return the value of a cell of SPARQL 1.1 Query Results JSON (section 3.2.2)."""
    text = str(cell["value"])
    if cell["type"] == "uri":
        return IRI(text)
    if cell["type"] == "bnode":
        return Other(text, "")
    if "xml:lang" in cell:
        return Text(text, str(cell["xml:lang"]))
    datatype = str(cell.get("datatype", _STRING))
    if datatype == _STRING:
        return text
    reader = _READERS.get(datatype)
    try:
        return Other(text, datatype) if reader is None else reader(text)
    except (ValueError, InvalidOperation):
        return Other(text, datatype)
