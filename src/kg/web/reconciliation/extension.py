"""Data extension: for each thing and each property, the cells that a client puts into a column."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import pyoxigraph as ox

from kg.languages import Label, choose_label
from kg.namespaces import XSD
from kg.query.labels import Reader
from kg.query.protocol import ProtocolError
from kg.terms import Term
from kg.web.reconciliation.batch import Extension
from kg.web.reconciliation.schema import Property, Schema
from kg.web.reconciliation.things import Things

_INTEGERS: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
_FLOATS: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
_LARGEST: Final = 2**31 - 1  # that OpenRefine takes as an integer; a larger one is sent as a float
_ALL: Final = "all"
_CHOICES: Final = {"thing": "thing, with its identifier", "name": "name", "iri": "IRI"}
SETTINGS: Final = (
    {
        "name": "limit",
        "label": "Most values",
        "type": "number",
        "default": 0,
        "help_text": "Most values in a row; 0 for all",
    },
    {
        "name": "content",
        "label": "Things as",
        "type": "select",
        "default": "thing",
        "help_text": "What a cell holds where the value is a thing",
        "choices": [{"value": value, "name": name} for value, name in _CHOICES.items()],
    },
    {
        "name": "language",
        "label": "Language",
        "type": "text",
        "default": "",
        "help_text": "Of names and other texts, such as lt; empty for the best one, all for all",
    },
)


class Cells:
    """Makes cells from the values of things."""

    def __init__(self, things: Things) -> None:
        """Make it over some things."""
        self._things = things

    def answer(self, asked: Extension, languages: Sequence[str]) -> dict[str, Any]:
        """Return the columns and the rows of a data extension.

        Args:
            asked: What a client asks for. A thing that is not there has empty cells.
            languages: That the client prefers, best first.

        Raises:
            ProtocolError: 400; a property or the value of a setting is not known.
        """
        schema = self._things.schema
        columns = [
            (schema.property_of(column.property), _read(column.settings))
            for column in asked.columns
        ]
        rows = {
            given: {
                prop.id: self._cells(given, prop, settings, languages) for prop, settings in columns
            }
            for given in asked.ids
        }
        return {"meta": [_meta(prop, schema) for prop, _ in columns], "rows": rows}

    def _cells(
        self, given: str, prop: Property, settings: Mapping[str, str], languages: Sequence[str]
    ) -> list[dict[str, object]]:
        record = self._things.find(given)
        if record is None:
            return []
        language = settings["language"]
        is_chosen = language not in ("", _ALL)
        reader = self._things.reader([language] if is_chosen else languages)
        values = self._things.values(record.iri, prop)
        if language != _ALL:
            values = _in_language(values, reader.languages)
        cells = [self._cell(value, prop, settings["content"], reader) for value in values]
        cells.sort(key=lambda cell: str(cell.get("name", cell.get("str", ""))).casefold())
        return cells[: int(settings["limit"]) or None]

    def _cell(self, value: Term, prop: Property, content: str, reader: Reader) -> dict[str, object]:
        if isinstance(value, ox.Literal):
            return _of_literal(value)
        iri = str(value.value)
        if content == "iri":
            return {"str": iri}
        if prop.starts:
            return {"str": iri.removeprefix(prop.starts).strip("/")}
        name = reader.show(value).text
        if content == "thing" and self._things.is_own(iri):
            return {"id": self._things.identifier(iri), "name": name}
        return {"str": name}


def _meta(prop: Property, schema: Schema) -> dict[str, object]:
    found: dict[str, object] = {"id": prop.id, "name": prop.name}
    kind = schema.types.get(schema.identifier(prop.value_type)) if prop.value_type else None
    if kind is not None:
        found["type"] = {"id": kind.id, "name": kind.name}
    return found


def _read(given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a column, with what holds where a client says nothing.

    Raises:
        ProtocolError: 400; one is unknown or has a value that it cannot have.
    """
    found = {str(each["name"]): str(each["default"]) for each in SETTINGS}
    if unknown := sorted(given.keys() - found.keys()):
        raise _malformed(f"there is no setting {unknown[0][:40]!r}; there are {', '.join(found)}")
    found |= {name: value.strip() for name, value in given.items() if value.strip()}
    limit = found["limit"].removesuffix(".0")
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 7):
        raise _malformed(f"limit is {limit[:40]!r}; expected a number such as 5, or 0 for all")
    if found["content"] not in _CHOICES:
        expected = ", ".join(_CHOICES)
        raise _malformed(f"content is {found['content'][:40]!r}; expected one of {expected}")
    return {**found, "limit": limit}


def _in_language(values: Sequence[Term], languages: Sequence[str]) -> list[Term]:
    """Return the values, of several texts in different languages only the one that suits."""
    texts = [each for each in values if isinstance(each, ox.Literal) and each.language]
    tags = {each.language for each in texts}
    if len(tags) < 2:
        return list(values)
    labels = [Label(each.value, each.language or "") for each in texts]
    chosen = choose_label(labels, languages=languages)
    kept = chosen.language if chosen is not None else ""
    return [
        each
        for each in values
        if not (isinstance(each, ox.Literal) and each.language) or each.language == kept
    ]


def _of_literal(value: ox.Literal) -> dict[str, object]:
    datatype, text = value.datatype.value, value.value
    try:
        if datatype in _INTEGERS or (datatype == XSD + "decimal" and "." not in text):
            number = int(text)
            return {"int": number} if abs(number) <= _LARGEST else {"float": float(number)}
        if datatype in _FLOATS:
            return {"float": _finite(float(text))}
        if datatype == XSD + "date":
            return {"date": f"{date.fromisoformat(text).isoformat()}T00:00:00Z"}
    except ValueError:  # a day before year 1, or with a time zone; a number that is none
        return {"str": text}
    return {"str": text}


def _finite(number: float) -> float:
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("JSON has no such number")
    return number


def _malformed(what: str) -> ProtocolError:
    detail = f"extend.properties.settings: {what}"
    return ProtocolError(400, "Malformed reconciliation request", detail)
