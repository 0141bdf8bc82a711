"""What a client asks, read from JSON; what the specification does not have is refused.

A refusal names the query and the field, because a client such as OpenRefine shows little more than
the status.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from kg.query.protocol import ProtocolError, shortened

BATCH_SIZE: Final = 50  # queries in a batch; OpenRefine sends 10 where a service says nothing
MOST_IDS: Final = 500  # things in one data extension
MOST_PROPERTIES: Final = 20  # of a query, and of a data extension
MOST_VALUES: Final = 50  # of one property of a query
LONGEST: Final = 400  # characters of a name, of an identifier and of a value
MOST_CANDIDATES: Final = 50
CANDIDATES: Final = 5  # where a query does not say
STRICT: Final = ("any", "all", "should")
_QUERY_FIELDS: Final = ("query", "type", "limit", "properties", "type_strict")

Value = str | int | float | bool


@dataclass(frozen=True)
class Constraint:
    """A property that a candidate should have.

    Attributes:
        property: Its identifier.
        values: One of these, each a text, a number or the identifier of a thing.
    """

    property: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Query:
    """A reconciliation query.

    Attributes:
        text: A name; empty where only properties are given.
        types: Identifiers of types, any of them where there are several.
        limit: Most candidates.
        properties: What a candidate should have.
        strictness: `any`: a candidate has one of the types; `all`: it has all of them; `should`:
            one that has none comes after the others and is no match.
    """

    text: str
    types: tuple[str, ...] = ()
    limit: int = CANDIDATES
    properties: tuple[Constraint, ...] = ()
    strictness: str = "any"


@dataclass(frozen=True)
class Column:
    """A property of a data extension, with what the client has set for it."""

    property: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Extension:
    """A data extension query: of each thing, each property."""

    ids: tuple[str, ...]
    columns: tuple[Column, ...]


def fields(text: str) -> dict[str, str]:
    """Return the fields of a form, or of the query of an address.

    Raises:
        ProtocolError: It is none, or has a field twice.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise ProtocolError(400, "Malformed request", str(error)) from None
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ProtocolError(400, "Malformed request", "a parameter is given twice")
    return found


def read_queries(text: str) -> dict[str, Query]:
    """Return a batch of queries by the keys that the client gave them.

    Raises:
        ProtocolError: 400 where it is none; 413 where it has more than `BATCH_SIZE`.
    """
    given = _object(_json(text, "queries"), "queries")
    if len(given) > BATCH_SIZE:
        raise _too_many("queries in a batch", len(given), BATCH_SIZE)
    return {
        _text(key, "queries"): _query(value, f"queries.{shortened(key, 20)}")
        for key, value in given.items()
    }


def read_extension(text: str) -> Extension:
    """Return a data extension query.

    Raises:
        ProtocolError: 400 where it is none; 413 where it asks for too much.
    """
    given = _object(_json(text, "extend"), "extend")
    ids = tuple(_text(each, "extend.ids") for each in _list(given.get("ids"), "extend.ids"))
    properties = _list(given.get("properties"), "extend.properties")
    if len(ids) > MOST_IDS:
        raise _too_many("things in a data extension", len(ids), MOST_IDS)
    if len(properties) > MOST_PROPERTIES:
        raise _too_many("properties in a data extension", len(properties), MOST_PROPERTIES)
    return Extension(ids, tuple(_column(each) for each in properties))


def _query(given: object, where: str) -> Query:
    found = _object(given, where)
    unknown = sorted(found.keys() - set(_QUERY_FIELDS))
    if unknown:
        expected = ", ".join(_QUERY_FIELDS)
        raise _malformed(where, f"{unknown[0][:40]!r} is no field of a query; there are {expected}")
    properties = _constraints(found.get("properties", []), f"{where}.properties")
    text = _text(found.get("query", ""), f"{where}.query").strip()
    if not text and not found.get("properties"):
        raise _malformed(where, "a query has a text in `query`, or `properties`")
    strictness = found.get("type_strict", "any")
    if strictness not in STRICT:
        raise _malformed(f"{where}.type_strict", f"expected one of {', '.join(STRICT)}")
    types = _types(found.get("type"), f"{where}.type")
    limit = _limit(found.get("limit", CANDIDATES), f"{where}.limit")
    return Query(text, types, limit, properties, strictness)


def _types(given: object, where: str) -> tuple[str, ...]:
    """Return types; one may be given as a text, as OpenRefine does, or as an object."""
    if given is None:
        return ()
    several = given if isinstance(given, list) else [given]
    if len(several) > MOST_VALUES:
        raise _too_many(where, len(several), MOST_VALUES)
    return tuple(_identifier(each, where) for each in several)


def _constraints(given: object, where: str) -> tuple[Constraint, ...]:
    """Return what a candidate should have; an empty cell of a table asks for nothing."""
    several = _list(given, where)
    if len(several) > MOST_PROPERTIES:
        raise _too_many(where, len(several), MOST_PROPERTIES)
    found = []
    for each in several:
        one = _object(each, where)
        if "pid" not in one or "v" not in one:
            raise _malformed(where, "a property has `pid`, its identifier, and `v`, its values")
        values = one["v"] if isinstance(one["v"], list) else [one["v"]]
        if len(values) > MOST_VALUES:
            raise _too_many(f"{where}.v", len(values), MOST_VALUES)
        property_id = _text(one["pid"], f"{where}.pid")
        read = [_value(v, f"{where}.v") for v in values]
        if told := tuple(v for v in read if not isinstance(v, str) or v.strip()):
            found.append(Constraint(property_id, told))
    return tuple(found)


def _value(given: object, where: str) -> Value:
    if isinstance(given, Mapping):
        return _identifier(given, where)
    if isinstance(given, int | float):
        return given
    return _text(given, where)


def _column(given: object) -> Column:
    where = "extend.properties"
    found = _object(given, where)
    settings = _object(found.get("settings") or {}, f"{where}.settings")
    if any(isinstance(value, dict | list) for value in settings.values()):
        raise _malformed(f"{where}.settings", "the value of a setting is a text or a number")
    shown = {name: str(value)[:LONGEST] for name, value in settings.items() if value is not None}
    return Column(_identifier(found, where), shown)


def _identifier(given: object, where: str) -> str:
    if isinstance(given, Mapping):
        if "id" not in given:
            raise _malformed(where, "an object has the field `id`")
        given = given["id"]
    return _text(given, where)


def _limit(given: object, where: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 1 <= given < math.inf:
        raise _malformed(where, "expected a number such as 5, at least 1")
    return min(int(given), MOST_CANDIDATES)


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _malformed(where, f"it is no JSON: {error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _object(given: object, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise _malformed(where, "expected a JSON object")
    return given


def _list(given: object, where: str) -> Sequence[Any]:
    if not isinstance(given, list):
        raise _malformed(where, "expected a JSON array")
    return given


def _text(given: object, where: str) -> str:
    if not isinstance(given, str):
        raise _malformed(where, "expected a text")
    if len(given) > LONGEST:
        raise _malformed(where, f"it has {len(given)} characters; there may be {LONGEST}")
    if any("\ud800" <= character <= "\udfff" for character in given):
        raise _malformed(where, "it has half a character (a lone surrogate)")
    return given


def _malformed(where: str, what: str) -> ProtocolError:
    return ProtocolError(400, "Malformed reconciliation request", f"{where}: {what}")


def _too_many(what: str, number: int, most: int) -> ProtocolError:
    detail = f"{number} {what}; there may be {most}: send them in several requests"
    return ProtocolError(413, "Too much at once", detail)
