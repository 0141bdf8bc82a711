"""From TOML to a mapping: every key is known, every name means something, or the line is told."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.errors import DataError, MalformedError, MissingFileError
from kg.importing import personal
from kg.importing.cells import Layout
from kg.importing.mapping import (
    Condition,
    Join,
    Kind,
    Mapping,
    Match,
    Point,
    Skip,
    Sort,
    Source,
    TableMap,
    Value,
)
from kg.importing.names import Terms, expand, is_name, placeholders
from kg.importing.nodes import conditions, node
from kg.importing.spots import Spots, Way
from kg.names import BodyKind
from kg.namespaces import ONT, ORG

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISSUED: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_TABLES: Final[dict[str, type]] = {"dataset": dict, "node": list, "table": dict}
_SOURCE: Final[dict[str, type]] = dict.fromkeys(
    ("id", "title", "address", "licence", "attribution", "edition", "issued", "language", "note"),
    str,
)
_TABLE: Final[dict[str, type | tuple[type, ...]]] = {
    "encoding": str,
    "delimiter": str,
    "quote": str,
    "sheet": (str, int),
    "header": int,
    "merged": str,
    "absent": list,
    "decimal": str,
    "thousands": str,
    "dates": list,
    "key": str,
    "unique": list,
    "point": dict,
    "values": dict,
    "match": dict,
    "join": dict,
    "skip": list,
    "node": list,
}
_VALUE: Final[dict[str, type | tuple[type, ...]]] = {
    "column": str,
    "columns": dict,
    "where": list,
    "from": str,
    "text": str,
    "as": str,
    "map": dict,
    "absent": list,
    "split": str,
    "dates": list,
    "decimal": str,
    "thousands": str,
    "fraction": bool,
    "least": (int, float),
    "most": (int, float),
    "before": str,
    "with": str,
    "required": bool,
    "bad": str,
}
_MATCH: Final[dict[str, type | tuple[type, ...]]] = {
    **dict.fromkeys(
        ("name", "kind", "row", "new", "also", "apart", "country", "latitude", "longitude"), str
    ),
    "population": str,
    "body": dict,
}
_NAMING: Final = frozenset(_MATCH) - {"kind", "body"}  # keys of a match that name values
_KINDS_OF_THINGS: Final[dict[str, frozenset[str]]] = {
    "body": frozenset({ONT + "City", ONT + "Municipality", ORG + "Organization"}),
    "organisation": frozenset({ORG + "Organization"}),
    "network": frozenset({ONT + "Network"}),
    "programme": frozenset({ONT + "Programme"}),
    "city": frozenset({ONT + "City"}),
}
DATES: Final = ("day/month/year", "month/day/year")
_LITERALS: Final = frozenset(
    {Kind.INTEGER, Kind.DECIMAL, Kind.PERCENT, Kind.BOOLEAN, Kind.DATE, Kind.YEAR}
)
_IRIS: Final = frozenset({Kind.COUNTRY, Kind.URL})


def read(path: Path, terms: Terms) -> Mapping:
    """Return what a mapping file says.

    Args:
        path: The file.
        terms: What the dataset defines.

    Raises:
        MissingFileError: It cannot be read.
        MalformedError: Something in it is unknown or of a wrong kind; says where, and what is near.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise MissingFileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8; save the mapping as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+), column (\d+)", str(error))
        at = (int(line[1]), int(line[2])) if line else (1, 1)
        raise MalformedError(path, *at, f"not TOML: {error}") from None
    return _Reader(Spots.of(path, text), terms).mapping(found, hashlib.sha256(content).hexdigest())


class _Reader:
    """Makes a mapping of what TOML holds."""

    def __init__(self, spots: Spots, terms: Terms) -> None:
        self._spots, self._terms = spots, terms

    def mapping(self, found: dict[str, Any], digest: str) -> Mapping:
        self._check((), found, _TABLES)
        for name in ("dataset", "table"):
            if name not in found:
                raise self._spots.error((), f"there is no [{name}]; docs/importing.md shows one")
        source = self._source(found["dataset"])
        names = frozenset(found["table"])
        tables = tuple(self._table(name, each, names) for name, each in found["table"].items())
        nodes = tuple(
            node(each, ("node", at), {}, self._spots, self._terms)
            for at, each in enumerate(found.get("node", ()))
        )
        return Mapping(self._spots.path, source, tables, nodes, digest)

    def _check(
        self,
        way: Way,
        given: Any,
        known: MappingOf[str, type | tuple[type, ...]],
    ) -> None:
        """Refuse keys that are unknown, and values of a wrong type."""
        if not isinstance(given, dict):
            raise self._spots.error(way, f"{_shown(way)} has to be a table")
        for key, value in given.items():
            if key not in known:
                raise self._spots.unknown((*way, key), f"key in {_shown(way)}:", key, known)
            wanted = known[key]
            is_number = isinstance(value, bool) and bool not in (wanted, *_as_tuple(wanted))
            if not isinstance(value, wanted) or is_number:
                names = " or ".join(_TYPES[each] for each in _as_tuple(wanted))
                raise self._spots.error((*way, key), f"{key} = {value!r}: expected {names}")

    def _source(self, given: dict[str, Any]) -> Source:
        way: Way = ("dataset",)
        self._check(way, given, _SOURCE)
        for name in ("id", "title", "address", "licence"):
            if not given.get(name):
                hint = '; where the dataset states none: licence = "not stated"' * (
                    name == "licence"
                )
                raise self._spots.error(way, f"[dataset] needs {name} ={hint}")
        if not _ID.fullmatch(given["id"]) or given["id"] == "retired":
            raise self._spots.error(
                (*way, "id"), f"id = {given['id']!r}: expected small letters, digits and hyphens"
            )
        if not _ISSUED.fullmatch(given.get("issued", "2000")):
            raise self._spots.error(
                (*way, "issued"), "issued: expected 2024, 2024-04 or 2024-04-30"
            )
        expand(given["address"], self._spots, (*way, "address"))
        licence = None if given["licence"] == "not stated" else given["licence"]
        if licence is not None:
            expand(licence, self._spots, (*way, "licence"))
        return Source(**{**given, "licence": licence})

    def _table(self, name: str, given: Any, tables: frozenset[str]) -> TableMap:
        way: Way = ("table", name)
        self._check(way, given, _TABLE)
        joins = {
            other: self._join((*way, "join", other), other, each, tables)
            for other, each in given.get("join", {}).items()
        }
        values: dict[str, Value] = {}
        for each, spec in given.get("values", {}).items():
            values[each] = self._value((*way, "values", each), each, spec, given, values, joins)
        sorts = {each.name: each.sort for each in values.values()}
        sorts |= {f"{each.name}.cell": _cell_sort(each) for each in values.values() if each.wide}
        matches = []
        items: set[str] = set()
        for each, spec in given.get("match", {}).items():
            matches.append(self._match((*way, "match", each), each, spec, sorts))
            items |= self._items((*way, "match", each), spec, values)
            sorts[each] = Sort.IRI
        for key in ("key", "unique"):
            for each in _listed(given.get(key, [])):
                self._known((*way, key), each, sorts)
        skips = tuple(
            self._skip((*way, "skip", at), each, sorts)
            for at, each in enumerate(given.get("skip", ()))
        )
        nodes = tuple(
            node(each, (*way, "node", at), sorts, self._spots, self._terms)
            for at, each in enumerate(given.get("node", ()))
        )
        columns = {v.column for v in values.values() if v.column and not v.table}
        columns |= {column for v in values.values() for column in v.wide}
        columns |= {join.here for join in joins.values()}
        return TableMap(
            name,
            self._layout(way, given),
            given.get("key", ""),
            tuple(_listed(given.get("unique", []))),
            tuple(values.values()),
            tuple(matches),
            joins,
            skips,
            nodes,
            frozenset(columns),
            self._point((*way, "point"), given["point"], values) if "point" in given else None,
            self._spots.line(way),
            tuple(sorted(items)),
        )

    def _layout(self, way: Way, given: dict[str, Any]) -> Layout:
        for key in ("delimiter", "quote"):
            if len(given.get(key, ",")) != 1:
                raise self._spots.error((*way, key), f"{key}: expected one sign")
        if given.get("merged", "fill") != "fill":
            raise self._spots.error((*way, "merged"), 'merged: expected "fill", or leave it out')
        if given.get("header", 1) < 1:
            raise self._spots.error((*way, "header"), "header: lines are counted from 1")
        try:
            b"".decode(given.get("encoding", "utf-8"))
        except LookupError:
            raise self._spots.error(
                (*way, "encoding"), f"encoding = {given['encoding']!r} is not known"
            ) from None
        return Layout(
            given.get("encoding", "utf-8"),
            given.get("delimiter", ","),
            given.get("quote", '"'),
            given.get("sheet", 1),
            given.get("header", 1),
            "merged" in given,
        )

    def _point(self, way: Way, given: Any, values: MappingOf[str, Value]) -> Point:
        self._check(way, given, {"latitude": str, "longitude": str, "country": str, "shared": int})
        if not {"latitude", "longitude"} <= set(given):
            raise self._spots.error(way, "a point needs latitude = and longitude =, two values")
        for key in ("latitude", "longitude", "country"):
            if key in given:
                self._known((*way, key), given[key], values)
        for key in ("latitude", "longitude"):
            if not values[given[key]].column or values[given[key]].sort is not Sort.LITERAL:
                raise self._spots.error((*way, key), f"{given[key]} is not read as a number")
        return Point(**given)

    def _join(self, way: Way, name: str, given: Any, tables: frozenset[str]) -> Join:
        self._check(way, given, {"here": str, "there": str})
        if name not in tables:
            raise self._spots.unknown(way, "table", name, tables)
        if set(given) != {"here", "there"}:
            raise self._spots.error(way, "a join needs here = and there =, two columns")
        return Join(name, given["here"], given["there"])

    def _value(
        self,
        way: Way,
        name: str,
        given: Any,
        table: dict[str, Any],
        before: MappingOf[str, Value],
        joins: MappingOf[str, Join],
    ) -> Value:
        if isinstance(given, str):
            given = {"column": given}
        self._check(way, given, _VALUE)
        if sum(key in given for key in ("column", "columns", "text")) != 1:
            raise self._spots.error(way, f"{name} needs one of column =, columns = and text =")
        kind = self._kind(way, given)
        personal_name = next(
            filter(personal.is_name, (given.get("column", ""), *given.get("columns", ()))), ""
        )
        if personal_name:
            raise self._spots.error(way, personal.refusal(personal_name))
        for each in placeholders(given.get("text", "")):
            self._known(way, each, before)
        other = given.get("from", "")
        if other and other not in joins:
            raise self._spots.unknown((*way, "from"), "joined table", other, joins)
        for key in ("before", "with"):
            if key in given:
                self._known((*way, key), given[key], before)
        if given.get("bad", "value") != "value":
            raise self._spots.error((*way, "bad"), 'bad: expected "value", or leave it out')
        dates = tuple(given.get("dates", table.get("dates", ())))
        if unknown := next((form for form in dates if form not in DATES), None):
            raise self._spots.unknown((*way, "dates"), "form of dates", unknown, DATES)
        known = self._known_cells(way, given)
        wide = {
            column: ox.NamedNode(self._iri((*way, "columns"), text))
            for column, text in given.get("columns", {}).items()
        }
        absent = {str(each) for each in given.get("absent", table.get("absent", ()))}
        return Value(
            name=name,
            line=self._spots.line(way),
            column=given.get("column", ""),
            table=other,
            template=given.get("text", ""),
            wide=wide,
            where=frozenset(map(str, given.get("where", ()))),
            kind=kind,
            absent=frozenset(absent | {""}),
            known=known,
            split=given.get("split", ""),
            dates=dates,
            decimal=given.get("decimal", table.get("decimal", ".")),
            thousands=given.get("thousands", table.get("thousands", "")),
            is_fraction=given.get("fraction", False),
            least=given.get("least"),
            most=given.get("most"),
            before=given.get("before", ""),
            along=given.get("with", ""),
            is_required=given.get("required", False),
            drops_bad="bad" in given,
            sort=Sort.IRI if wide else _sort(kind, known),
        )

    def _kind(self, way: Way, given: dict[str, Any]) -> Kind:
        try:
            return Kind(given.get("as", "text"))
        except ValueError:
            raise self._spots.unknown((*way, "as"), "kind of value", given["as"], Kind) from None

    def _known_cells(self, way: Way, given: dict[str, Any]) -> dict[str, str | ox.NamedNode] | None:
        if "map" not in given:
            return None
        found: dict[str, str | ox.NamedNode] = {}
        for cell, text in given["map"].items():
            if not isinstance(text, str):
                raise self._spots.error((*way, "map"), f"map: {cell!r}: expected a text")
            found[cell] = ox.NamedNode(self._iri((*way, "map"), text)) if is_name(text) else text
        sorts = {isinstance(each, str) for each in found.values() if each != ""}
        if len(sorts) > 1:
            raise self._spots.error((*way, "map"), "map: either all are names or none is")
        return found

    def _iri(self, way: Way, text: str) -> str:
        iri = expand(text, self._spots, way)
        self._terms.check(iri, self._spots, way)
        return iri

    def _match(self, way: Way, name: str, given: Any, sorts: MappingOf[str, Sort]) -> Match:
        self._check(way, given, _MATCH)
        for key in ("name", "kind", "row"):
            if key not in given:
                raise self._spots.error(way, f"a match needs {key} =")
        if given["kind"] not in _KINDS_OF_THINGS:
            raise self._spots.unknown((*way, "kind"), "kind", given["kind"], _KINDS_OF_THINGS)
        for key in ("name", "row", "also", "new", "apart"):
            for each in placeholders(given.get(key, "")):
                self._known((*way, key), each, sorts)
        for key in ("country", "latitude", "longitude", "population"):
            if key in given:
                self._known((*way, key), given[key], sorts)
        new, apart = (
            expand(given[key], self._spots, (*way, key)) if given.get(key) else ""
            for key in ("new", "apart")
        )
        return Match(
            name,
            given["name"],
            _KINDS_OF_THINGS[given["kind"]],
            given["row"],
            new,
            given.get("also", ""),
            apart,
            tuple(self._body(way, given.get("body", {}), sorts)),
            given.get("country", ""),
            given.get("latitude", ""),
            given.get("longitude", ""),
            given.get("population", ""),
        )

    def _items(
        self, way: Way, given: dict[str, Any], values: MappingOf[str, Value]
    ) -> frozenset[str]:
        """Return the values for each item of which a match is made; refuse what would lose items.

        Each item needs a name of its own for `kg match`, and an IRI of its own.
        """
        several = _several(values)
        named = {key: _among(text, several) for key, text in given.items() if key in _NAMING}
        for key, found in named.items():
            for each in sorted(found):
                if values[each].wide or each not in named["name"]:
                    raise self._spots.error(
                        (*way, key),
                        f"{each} may have several items in a row, and this is about one; give each "
                        "a row of its own in the file, or take it from a column without split =",
                    )
            lost = named["name"] - found if key in ("row", "new", "apart") else ()
            for each in sorted(lost):
                raise self._spots.error(
                    (*way, key),
                    f"name = is looked up for each item of {each}, so {key} = has to have "
                    f"{{{each}}} in it too",
                )
        return named["name"]

    def _body(
        self, way: Way, given: dict[str, Any], sorts: MappingOf[str, Sort]
    ) -> Iterator[tuple[BodyKind, tuple[Condition, ...]]]:
        for name, when in given.items():
            if name not in set(BodyKind):
                raise self._spots.unknown((*way, "body"), "kind of body", name, BodyKind)
            yield BodyKind(name), conditions(when, (*way, "body", name), sorts, self._spots)

    def _skip(self, way: Way, given: Any, sorts: MappingOf[str, Sort]) -> Skip:
        self._check(way, given, {"when": (str, list), "reason": str})
        if "reason" not in given or "when" not in given:
            raise self._spots.error(way, "rows are left out with when = and a reason =")
        return Skip(conditions(given["when"], (*way, "when"), sorts, self._spots), given["reason"])

    def _known(self, way: Way, name: str, values: MappingOf[str, Any]) -> None:
        if name not in values:
            raise self._spots.unknown(way, "value", name, values)


_TYPES: Final[dict[type, str]] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list in [ ]",
    dict: "a table",
}


def _several(values: MappingOf[str, Value]) -> dict[str, frozenset[str]]:
    """Return the values of which a row may have several items, each with those it has them from."""
    found: dict[str, frozenset[str]] = {}
    for name, value in values.items():
        found[name] = frozenset({name}) if value.is_many else _among(value.template, found)
        if value.wide:
            found[f"{name}.cell"] = found[name]
    return found


def _among(text: str, several: MappingOf[str, frozenset[str]]) -> frozenset[str]:
    """Return the values with several items that a text names, in braces or as a whole."""
    names = (*placeholders(text), text)
    return frozenset().union(*(several.get(name, ()) for name in names))


def _as_tuple(types: type | tuple[type, ...]) -> tuple[type, ...]:
    return types if isinstance(types, tuple) else (types,)


def _shown(way: Way) -> str:
    return f"[{'.'.join(str(part) for part in way if isinstance(part, str))}]"


def _listed(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given


def _sort(kind: Kind, known: MappingOf[str, str | ox.NamedNode] | None) -> Sort:
    if known is not None and any(isinstance(each, ox.NamedNode) for each in known.values()):
        return Sort.IRI
    if kind in _IRIS:
        return Sort.IRI
    return Sort.LITERAL if kind in _LITERALS else Sort.TEXT


def _cell_sort(value: Value) -> Sort:
    return _sort(value.kind, value.known)
