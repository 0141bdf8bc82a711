"""The views of an answer: which there are, and what each is drawn from.

A view is offered where the answer has what it takes:

- a map: latitude and longitude, or things that have a place in the graph;
- a timeline: a day, month or year, or two;
- a graph: two columns of IRIs, or an answer that is a graph;
- a chart: a name and a number.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import pyoxigraph as ox

from kg.namespaces import SCHEMA, WGS
from kg.query.labels import Reader
from kg.web.drawing import MapDrawing, Point, Row, Stage, TimelineDrawing, europe_map, timeline
from kg.web.workbench.chart import ChartDrawing, bars
from kg.web.workbench.network import Edge, NetworkDrawing, Node, rings
from kg.web.workbench.table import Cell, Table, number_of

_LATITUDES: Final = ("lat", "latitude")
_LONGITUDES: Final = ("long", "lon", "lng", "longitude")
_LAT: Final = ox.NamedNode(WGS + "lat")
_LONG: Final = ox.NamedNode(WGS + "long")
_SEAT: Final = ox.NamedNode(SCHEMA + "location")
_TRIED: Final = 25  # things of a column that are looked at to see whether it has places
MOST_LINES: Final = 400  # of a timeline


class Views:
    """The views of one answer."""

    def __init__(self, table: Table, reader: Reader, *, is_graph: bool) -> None:
        """Look at an answer.

        Args:
            table: Its rows.
            reader: Looks into the snapshot.
            is_graph: Whether the rows are the statements of a graph.
        """
        self._table = table
        self._reader = reader
        self._is_graph = is_graph
        self._governs = reader.term("governs")

    def offered(self) -> list[str]:
        """Return the views that the answer allows, in the order in which they are offered."""
        made = {
            "table": True,
            "map": self._is_on_a_map(),
            "timeline": not self._is_graph and bool(self._of_kind("day")),
            "graph": self._is_graph or len(self._of_kind("iri")) > 1,
            "chart": not self._is_graph and self._charted() is not None,
            "turtle": self._is_graph,
        }
        return [view for view, is_there in made.items() if is_there and self._table.rows]

    def map(self) -> MapDrawing:
        """Return the rows on a map, each place once."""
        found = {point.key: point for point in self._points()}
        return europe_map(found.values())

    def timeline(self) -> tuple[TimelineDrawing, int]:
        """Return the rows by their days, and how many are left out."""
        first, *others = self._of_kind("day")
        label = self._label()
        rows = []
        for row in self._table.rows:
            start, end = _text(row[first]), _text(row[others[0]]) if others else _text(row[first])
            if start or end:
                cell = None if label is None else row[label]
                name, language, iri = self._named(cell)
                stages = (Stage(start, end, title=name),)
                rows.append(Row(name, stages, "network", language, iri))
        today = datetime.now(UTC).date()
        return timeline(rows[:MOST_LINES], today), max(len(rows) - MOST_LINES, 0)

    def graph(self) -> NetworkDrawing:
        """Return the rows as lines between two things each."""
        if self._is_graph:
            start, end = 0, 2
        else:
            start, end = self._of_kind("iri")[:2]
        nodes: dict[str, Node] = {}
        edges = []
        for row in self._table.rows:
            first, second = row[start], row[end]
            if first is None or second is None or second.kind not in ("iri", "node"):
                continue
            for cell in (first, second):
                name, language, iri = self._named(cell)
                nodes.setdefault(cell.text, Node(cell.text, name, language, iri))
            said = row[1].name if self._is_graph and row[1] is not None else ""
            edges.append(Edge(first.text, second.text, said))
        return rings(nodes.values(), edges)

    def chart(self) -> ChartDrawing:
        """Return a bar for each row."""
        found = self._charted()
        assert found is not None  # noqa: S101 - it is offered only where there is one
        label, column = found
        rows = []
        for row in self._table.rows:
            cell, number = row[column], number_of(row[column])
            if cell is not None and number is not None:
                rows.append((*self._named(row[label]), cell.text, number))
        return bars(rows)

    def _named(self, cell: Cell | None) -> tuple[str, str, str]:
        """Return the name of a cell, the language of the name, and its IRI."""
        if cell is None:
            return "", "", ""
        return cell.name, cell.label_language if cell.label else cell.language, cell.iri

    def _of_kind(self, kind: str) -> list[int]:
        return [number for number, found in enumerate(self._table.columns) if found.kind == kind]

    def _label(self, without: tuple[int, ...] = ()) -> int | None:
        """Return the column that names a row: the first text, else the first thing."""
        for kind in ("text", "iri", "day", "mixed"):
            found = [number for number in self._of_kind(kind) if number not in without]
            if found:
                return found[0]
        return None

    def _charted(self) -> tuple[int, int] | None:
        """Return the columns of a chart: names and numbers."""
        places = self._coordinates() or ()
        columns = [number for number in self._of_kind("number") if number not in places]
        label = self._label()
        return None if label is None or not columns else (label, columns[-1])

    def _coordinates(self) -> tuple[int, int] | None:
        """Return the columns of latitudes and longitudes, by their names."""
        names = {self._table.columns[n].name.casefold(): n for n in self._of_kind("number")}
        latitude = next((names[name] for name in _LATITUDES if name in names), None)
        longitude = next((names[name] for name in _LONGITUDES if name in names), None)
        return None if latitude is None or longitude is None else (latitude, longitude)

    def _is_on_a_map(self) -> bool:
        return self._coordinates() is not None or self._placed() is not None

    def _placed(self) -> int | None:
        """Return the first column of things that have a place in the graph."""
        for number in self._of_kind("iri"):
            cells = self._table.column(number)[:_TRIED]
            if any(self._place(cell.iri) is not None for cell in cells):
                return number
        return None

    def _points(self) -> Iterator[Point]:
        columns, things = self._coordinates(), self._placed()
        label = self._label() if columns is not None or things is None else things
        for number, row in enumerate(self._table.rows):
            name, language, iri = self._named(None if label is None else row[label])
            if columns is not None:
                latitude, longitude = (number_of(row[column]) for column in columns)
                key = f"{name}|{latitude}|{longitude}"
            else:
                cell = None if things is None else row[things]
                place = None if cell is None else self._place(cell.iri)
                latitude, longitude = place or (None, None)
                key = str(number) if cell is None else cell.iri
            if latitude is not None and longitude is not None:
                yield Point(key, name, longitude, latitude, "city", "circle", language, iri)

    def _place(self, iri: str) -> tuple[float, float] | None:
        """Return latitude and longitude of a thing, or of what it governs or sits in."""
        node = ox.NamedNode(iri)
        found = self._degrees(node)
        for predicate in (self._governs, _SEAT):
            if found is None:
                values = self._reader.values(node, predicate)
                places = (self._degrees(v) for v in values if isinstance(v, ox.NamedNode))
                found = next((place for place in places if place is not None), None)
        return found

    def _degrees(self, node: ox.NamedNode) -> tuple[float, float] | None:
        values = [self._reader.values(node, predicate) for predicate in (_LAT, _LONG)]
        try:
            latitude, longitude = (float(found[0].value) for found in values if found)  # type: ignore[union-attr]
        except (ValueError, AttributeError):
            return None
        return latitude, longitude


def _text(cell: Cell | None) -> str:
    return "" if cell is None else cell.text
