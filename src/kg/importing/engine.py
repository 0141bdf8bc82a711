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
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.errors import DataError
from kg.importing import personal
from kg.importing.account import Account
from kg.importing.bodies import Found, Resolver
from kg.importing.cells import Cell, Fault, Row
from kg.importing.countries import Countries
from kg.importing.keys import Keys, digest
from kg.importing.mapping import Mapping, Skip, TableMap
from kg.importing.points import Points
from kg.importing.statements import Sorter
from kg.importing.tables import Table, open_table
from kg.importing.values import Items, Reader, RowError, cleaned, filled
from kg.importing.writer import Writer, each_of, hold, plain_iri
from kg.namespaces import DCTERMS, ONT, OWL, SKOS

_MOST_JOINED: Final = 200_000  # rows of a table that others are joined to; it is held in memory
_SHORT: Final = 3  # characters of a text that may be the same by chance, such as a sign for none
_NAME: Final = "write the name of the body"
_OTHER_POINT: Final = Fault(
    "other position",
    "the position comes with the other name of the row",
    "give the position of the place that is named",
)
_IDENTIFIER: Final = ox.NamedNode(DCTERMS + "identifier")
_PERHAPS: Final = ox.NamedNode(SKOS + "closeMatch")
_IS_NOT: Final = ox.NamedNode(OWL + "differentFrom")
_GOVERNS: Final = ox.NamedNode(ONT + "governs")
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
            DataError: A table is not there, lacks columns or rows, or cannot be read.
        """
        opened = {
            table.name: open_table(files, table.layout, self._needed(table), table.name)
            for table in self.mapping.tables
        }
        for name, source in opened.items():
            _refuse_empty(name, source)
        idle = sorted({str(path) for path in files} - {str(t.path) for t in opened.values()})
        if idle:
            raise DataError(f"{idle[0]}: no table of the mapping is in this file")
        for node in self.mapping.nodes:
            Writer(self.sorter).write(node, {})
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
        keys = Keys(table, source, surveyed)
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
        early = [skip for skip in table.skips if not skip.is_about_matches]
        self._early, self._late = early, [s for s in table.skips if s.is_about_matches]
        asked = {condition.name for skip in early for condition in skip.when}
        few = tuple(value for value in table.values if value.name in asked)
        self._early_reader = Reader(few, engine.countries)
        self._writer = Writer(engine.sorter)
        self._unique: dict[bytes, int] = {}
        self._personal = [at for name, at in source.columns.items() if personal.is_name(name)]
        self._describing = {node.iri[1:-1] for node in table.nodes if node.types}
        self._others = others

    def take(self, row: Row, keys: Keys) -> None:
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
            things = self._things(row)
        except RowError as error:
            account.row(place, error.column, error.fault)
            return
        account.imported += 1
        for values, found in things:
            self._write(values, found)
        every = [each for _, found in things for each in found.items()]
        for name, each in dict.fromkeys(every):
            if each.why:
                account.open(place, name, each.row, each.why)
        for column, left in self._reader.left_out:
            account.value(place, column, left)

    def _write(self, values: Items, found: dict[str, Found]) -> None:
        new = {name: each.is_new for name, each in found.items()}
        for node in self._table.nodes:
            self._writer.write(node, values, new)
        for each in found.values():
            self._tie(each)

    def _tie(self, found: Found) -> None:
        """Write what the search for a thing with an IRI of its own has found besides."""
        about, add = ox.NamedNode(found.iri), self._engine.sorter.add
        if found.row:
            add(about, _IDENTIFIER, ox.Literal(found.row))
        for iri in found.ties:
            add(about, _PERHAPS, ox.NamedNode(iri))
        for iri in found.others:
            add(about, _IS_NOT, ox.NamedNode(iri))
        if found.city:
            add(about, _GOVERNS, ox.NamedNode(found.city))

    def _things(self, row: Row) -> list[tuple[Items, dict[str, Found]]]:
        """Return the values of a row with what it is about: once for each item that is matched."""

        def cell(table: str, column: str) -> Cell:
            return self._cell(row, table, column)

        _skip(self._early, self._early_reader.read(cell) if self._early else {}, {})
        values = self._reader.read(cell)
        self._check_people(row, values)
        self._check_point(row, values)
        singles = list(each_of(self._table.items, values)) or [values]
        return [self._found(dict(single), row.line) for single in singles]

    def _found(self, values: Items, line: int) -> tuple[Items, dict[str, Found]]:
        """Return the values of one item with the things that they are about."""
        for value in self._table.values if self._table.items else ():
            if value.template:
                values[value.name] = list(filled(value, values))
        found: dict[str, Found] = {}
        for match in self._table.matches:
            each = self._engine.resolver.find(match, values, line)
            found[match.name], values[match.name] = each, [ox.NamedNode(each.iri)]
            if each.has_other_point and values.get(match.latitude):
                values[match.latitude], values[match.longitude] = [], []
                self._reader.left_out.append((match.latitude, _OTHER_POINT))
        new = {name: each.is_new for name, each in found.items()}
        _skip(self._late, values, new)
        self._check_described(values, new)
        self._check_unique(values, line)
        return values, found

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

    def _check_people(self, row: Row, values: Items) -> None:
        """Refuse a row in which a column that is read repeats one about a person."""
        cells = (row.cells[at] for at in self._personal)
        people = {cleaned(cell).casefold() for cell in cells if isinstance(cell, str)}
        for name, items in values.items():
            texts = (item.casefold() for item in items if isinstance(item, str))
            if any(len(text) > _SHORT and text in people for text in texts):
                raise RowError(
                    Fault("personal", "the cell repeats a column on people", _NAME), name
                )

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
        first = self._unique.setdefault(digest(*map(str, parts)), line)
        if first != line:
            names = " and ".join(self._table.unique)
            fault = Fault(
                "said before", f"line {first} has the same {names}", "keep one of the rows"
            )
            raise RowError(fault, names)


def _skip(skips: list[Skip], values: Items, new: dict[str, bool]) -> None:
    """Refuse a row that the mapping leaves out."""
    for skip in skips:
        if hold(skip.when, values, new):
            raise RowError(Fault("left out", skip.reason, "none: the mapping leaves it out"), "")


def _columns_of(table: TableMap, source: Table) -> tuple[int, int]:
    """Return the places of the columns of latitude and longitude."""
    by_name = {value.name: value for value in table.values}
    point = table.point
    if point is None:
        raise ValueError(f"{table.name} has no point")
    latitude, longitude = by_name[point.latitude], by_name[point.longitude]
    return source.columns[latitude.column], source.columns[longitude.column]


def _refuse_empty(name: str, table: Table) -> None:
    """Refuse a table without rows: it is cut off, or not the table that is meant.

    Raises:
        DataError: There is no row below the header.
    """
    if next(table.rows(), None) is None:
        raise DataError(
            f"{table.path}: table {name}: there are no rows below the header; nothing was "
            "imported; get the whole file, or name the line of the header with header = in the "
            "mapping; kg import --remove takes a dataset away"
        )


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
