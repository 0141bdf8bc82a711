"""From tables to statements: the one way in for every dataset.

Each table is read twice. The first time the whole of it is read and nothing is written: bytes that
are not of the encoding are found before anything is made, and keys that stand twice are known. The
second time its rows become statements.

Which row of several is right is never guessed. Rows that have a key in common are all refused,
unless they are the same cell by cell; then the first one counts. Of rows that say the same thing of
the same bodies the first one counts, and the others are reported with its line.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import product
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.errors import DataError
from kg.importing.account import Account
from kg.importing.bodies import Resolver
from kg.importing.cells import Cell, Fault, Row
from kg.importing.countries import Countries
from kg.importing.mapping import Condition, Mapping, Node, Property, TableMap, Test
from kg.importing.names import placeholders
from kg.importing.points import Points
from kg.importing.statements import Sorter
from kg.importing.tables import Table, open_table
from kg.importing.values import Item, Items, Reader, RowError, cleaned, fill, plain
from kg.names import slug
from kg.namespaces import RDF

_TYPE: Final = ox.NamedNode(RDF + "type")
_MOST_JOINED: Final = 200_000  # rows of a table that others are joined to; it is held in memory
_TICK: Final = 500  # rows between two words of progress

Progress = Callable[[str], None]


@dataclass
class Engine:
    """Runs a mapping over files.

    Attributes:
        mapping: What to make of them.
        countries: Of the dataset.
        resolver: Finds what rows are about.
        sorter: Takes the statements.
        account: Takes the rows that are not imported.
        progress: Is told how far it is.
        described: New things that rows describe.
    """

    mapping: Mapping
    countries: Countries
    resolver: Resolver
    sorter: Sorter
    account: Account
    progress: Progress
    described: set[str] = field(default_factory=set)

    def run(self, files: Sequence[Path]) -> None:
        """Make the statements of all tables.

        Raises:
            DataError: A table is not there, lacks columns, or cannot be read.
        """
        opened = {
            table.name: open_table(files, table.layout, self._needed(table), table.name)
            for table in self.mapping.tables
        }
        idle = sorted({str(path) for path in files} - {str(t.path) for t in opened.values()})
        if idle:
            raise DataError(f"{idle[0]}: no table of the mapping is in this file")
        for node in self.mapping.nodes:
            _Writer(self.sorter).write(node, {})
        for table in self.mapping.tables:
            self._table(table, opened)

    def _needed(self, table: TableMap) -> frozenset[str]:
        """Return the columns that are read of a table, by itself and by those that join it."""
        needed = set(table.columns)
        for other in self.mapping.tables:
            for join in other.joins.values():
                if join.table == table.name:
                    needed.add(join.there)
                    needed |= {v.column for v in other.values if v.table == table.name}
        return frozenset(needed)

    def _table(self, table: TableMap, opened: dict[str, Table]) -> None:
        if not table.nodes:
            return  # it is only joined by others
        source = opened[table.name]
        points = Points(table.point, self.countries)
        surveyed: Iterable[Row] = self._surveyed(table, source)
        if table.point is not None:
            surveyed = points.survey(surveyed, *_columns_of(table, source))
        keys = _Keys(table, source, surveyed)
        joined = {name: _joined(join.there, opened[name]) for name, join in table.joins.items()}
        rows = _Rows(self, table, source, joined, opened, points)
        for number, row in enumerate(source.rows(), 1):
            if number % _TICK == 0:
                self.progress(f"{table.name}: {number} rows")
            self.account.read += 1
            rows.take(row, keys)

    def _surveyed(self, table: TableMap, source: Table) -> Iterator[Row]:
        for number, row in enumerate(source.rows(), 1):
            if number % (10 * _TICK) == 0:
                self.progress(f"{table.name}: looking through, {number} rows")
            yield row


class _Keys:
    """Which keys of a table stand in several rows."""

    def __init__(self, table: TableMap, source: Table, rows: Iterable[Row]) -> None:
        value = next((v for v in table.values if v.name == table.key and v.column), None)
        self._at = None if value is None else source.columns[value.column]
        seen: set[bytes] = set()
        twice: set[bytes] = set()
        for row in rows:
            if self._at is not None and row.fault is None:
                key = _digest(row.cells[self._at])
                (twice if key in seen else seen).add(key)
        self._rows: dict[bytes, list[tuple[int, bytes]]] = {key: [] for key in twice}
        if twice:
            for row in source.rows():
                key = self._key(row)
                if key in self._rows:
                    self._rows[key].append((row.line, _digest(*row.cells)))

    def _key(self, row: Row) -> bytes:
        return b"" if self._at is None or row.fault else _digest(row.cells[self._at])

    def fault(self, row: Row) -> Fault | None:
        """Return what is wrong with a row whose key stands elsewhere too."""
        rows = self._rows.get(self._key(row))
        if rows is None or row.cells[self._at or 0] is None:
            return None
        if len({digest for _, digest in rows}) > 1:
            others = ", ".join(str(line) for line, _ in rows[:5] if line != row.line)
            reason = f"the key {plain(str(row.cells[self._at or 0]))!r} stands in line {others} too"
            return Fault(
                "same key", reason, "keep the row that is right; none of them was imported"
            )
        if row.line == rows[0][0]:
            return None
        return Fault("repeated", f"the row repeats line {rows[0][0]}", "delete it")


class _Rows:
    """Makes statements of the rows of one table."""

    def __init__(
        self,
        engine: Engine,
        table: TableMap,
        source: Table,
        joined: dict[str, dict[str, Row | None]],
        others: dict[str, Table],
        points: Points,
    ) -> None:
        self._points = points
        self._engine, self._table, self._source, self._joined = engine, table, source, joined
        self._reader = Reader(table.values, engine.countries)
        self._writer = _Writer(engine.sorter)
        self._unique: dict[bytes, int] = {}
        self._describing = {node.iri[1:-1] for node in table.nodes if node.types}
        self._others = others

    def take(self, row: Row, keys: _Keys) -> None:
        """Import a row or report it."""
        place: dict[str, Any] = {
            "file": self._source.path.name,
            "table": self._table.name,
            "line": row.line,
        }
        account = self._engine.account
        fault = row.fault or keys.fault(row)
        if fault is not None:
            account.row(place, self._table.key, fault)
            return
        try:
            values, new = self._values(row)
        except RowError as error:
            account.row(place, error.column, error.fault)
            return
        for node in self._table.nodes:
            self._writer.write(node, values, new)
        account.imported += 1
        for column, left in self._reader.left_out:
            account.value(place, column, left)

    def _values(self, row: Row) -> tuple[Items, dict[str, bool]]:
        """Return the values of a row with the things that it is about, and which of them are new."""
        values = self._reader.read(lambda table, column: self._cell(row, table, column))
        for skip in self._table.skips:
            if _hold(skip.when, values, {}):
                raise RowError(
                    Fault("left out", skip.reason, "none: the mapping leaves it out"), ""
                )
        self._check_point(row, values)
        new: dict[str, bool] = {}
        for match in self._table.matches:
            found, new[match.name] = self._engine.resolver.find(match, values, row.line)
            values[match.name] = [found]
        self._check_described(values, new)
        self._check_unique(values, row.line)
        return values, new

    def _cell(self, row: Row, table: str, column: str) -> Cell:
        if not table:
            return row.cells[self._source.columns[column]]
        join = self._table.joins[table]
        key = _key_text(row.cells[self._source.columns[join.here]])
        other = self._joined[table].get(key, _NO_ROW)
        if other is None:
            return Fault(
                "joined twice",
                f"{join.there} {key!r} stands twice in {table}",
                "keep one of the rows",
            )
        if other is _NO_ROW:
            return None
        return other.cells[self._others[table].columns[column]]

    def _check_described(self, values: Items, new: dict[str, bool]) -> None:
        """Refuse a row about a new thing that only a row of another table could describe."""
        for name in (name for name, is_new in new.items() if is_new):
            iri = plain_iri(values[name][0])
            if name in self._describing:
                self._engine.described.add(iri)
            elif iri not in self._engine.described:
                reason = "what the row is about is described by no row that was imported"
                raise RowError(Fault("not described", reason, "mend that row first"), name)

    def _check_point(self, row: Row, values: Items) -> None:
        point = self._table.point
        if point is None:
            return
        latitude, longitude = _columns_of(self._table, self._source)
        fault = self._points.fault(values, (str(row.cells[latitude]), str(row.cells[longitude])))
        if fault is not None:
            self._reader.left_out.append((point.latitude, fault))

    def _check_unique(self, values: Items, line: int) -> None:
        if not self._table.unique:
            return
        parts = [values.get(name) for name in self._table.unique]
        if not all(parts):
            return
        first = self._unique.setdefault(_digest(*map(str, parts)), line)
        if first != line:
            names = " and ".join(self._table.unique)
            fault = Fault(
                "said before", f"line {first} has the same {names}", "keep one of the rows"
            )
            raise RowError(fault, names)


class _Writer:
    """Writes nodes."""

    def __init__(self, sorter: Sorter) -> None:
        self._sorter = sorter

    def write(self, node: Node, values: Items, new: dict[str, bool] | None = None) -> None:
        """Write a node once, or once for each item of the values that it is for."""
        new = new or {}
        for chosen in _items(node, values):
            if _hold(node.when, chosen, new):
                self._one(node, chosen, new)

    def _one(self, node: Node, values: Items, new: dict[str, bool]) -> None:
        for subject in _combined(node.iri, values, is_iri=True):
            about = ox.NamedNode(subject)
            for kind in node.types:
                self._sorter.add(about, _TYPE, kind)
            for each in node.properties:
                if _hold(each.when, values, new):
                    for value in _objects(each, values):
                        self._sorter.add(about, each.path, value)


def _items(node: Node, values: Items) -> Iterator[Items]:
    """Yield the values with one item each of those that the node is for."""
    if not node.each:
        yield values
        return
    sizes = [range(len(values.get(name, ()))) for name in node.each]
    for places in product(*sizes):
        chosen = dict(values)
        for name, at in zip(node.each, places, strict=True):
            chosen[name] = [values[name][at]]
            if f"{name}.cell" in values:
                chosen[f"{name}.cell"] = [values[f"{name}.cell"][at]]
        yield chosen


def _objects(each: Property, values: Items) -> Iterator[ox.NamedNode | ox.Literal]:
    if each.literal is not None:
        yield each.literal
        return
    if each.is_iri:
        yield from (ox.NamedNode(iri) for iri in _combined(each.text, values, is_iri=True))
        return
    if (
        not (each.language or each.datatype)
        and each.text == f"{{{''.join(placeholders(each.text))}}}"
    ):
        for item in values.get(each.text[1:-1], ()):
            yield item if isinstance(item, ox.NamedNode | ox.Literal) else ox.Literal(item)
        return
    languages = list(_combined(each.language, values, is_iri=False)) if each.language else [""]
    for text, language in product(_combined(each.text, values, is_iri=False), languages):
        if each.language:
            yield ox.Literal(cleaned(text), language=language)
        elif each.datatype:
            yield ox.Literal(text, datatype=each.datatype)
        else:
            yield ox.Literal(cleaned(text))


def _combined(template: str, values: Items, *, is_iri: bool) -> Iterator[str]:
    """Yield a template with every combination of the values that it names; none where one lacks."""
    names = placeholders(template)
    given = [values.get(name, []) for name in names]
    for items in product(*given):
        one: dict[str, Item] = dict(zip(names, items, strict=True))
        if is_iri and template == f"{{{''.join(names)}}}":
            yield plain_iri(items[0])
        elif is_iri:
            yield fill(template, names, {name: slug(plain(item)) for name, item in one.items()})
        else:
            yield fill(template, names, one)


def plain_iri(item: Item) -> str:
    """Return the IRI that a value is."""
    return item.value if isinstance(item, ox.NamedNode) else str(item)


def _hold(conditions: tuple[Condition, ...], values: Items, new: dict[str, bool]) -> bool:
    return all(_holds(condition, values, new) for condition in conditions)


def _holds(condition: Condition, values: Items, new: dict[str, bool]) -> bool:
    items = values.get(condition.name, [])
    if condition.test is Test.HAS:
        return bool(items)
    if condition.test is Test.LACKS:
        return not items
    if condition.test is Test.NEW:
        return new.get(condition.name, False)
    if condition.test is Test.KNOWN:
        return not new.get(condition.name, True)
    is_among = any(plain(item) in condition.among for item in items)
    return is_among is (condition.test is Test.IS)


def _columns_of(table: TableMap, source: Table) -> tuple[int, int]:
    """Return the places of the columns of latitude and longitude."""
    by_name = {value.name: value for value in table.values}
    point = table.point
    if point is None:
        raise ValueError(f"{table.name} has no point")
    latitude, longitude = by_name[point.latitude], by_name[point.longitude]
    return source.columns[latitude.column], source.columns[longitude.column]


_NO_ROW: Final = Row(0, ())


def _joined(column: str, table: Table) -> dict[str, Row | None]:
    """Return the rows of a table by a column; None for a key that stands twice.

    Raises:
        DataError: The table has more rows than are held in memory.
    """
    at = table.columns[column]
    found: dict[str, Row | None] = {}
    for number, row in enumerate(table.rows(), 1):
        if number > _MOST_JOINED:
            raise DataError(f"{table.path}: more than {_MOST_JOINED} rows, too many to be joined")
        if row.fault is None:
            key = _key_text(row.cells[at])
            found[key] = None if key in found else row
    return found


def _key_text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return cleaned(str(cell))


def _digest(*cells: object) -> bytes:
    return blake2b(
        "\x1f".join(map(str, cells)).encode("utf-8", "surrogatepass"), digest_size=12
    ).digest()
