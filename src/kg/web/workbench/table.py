"""The rows of an answer as a page shows them: typed, named, linked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import RDF, XSD, shorten
from kg.query.labels import Reader

_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "double", "float", "int", "long", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
_DAYS: Final = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
_SILENT: Final = frozenset((XSD + "string", RDF + "langString", XSD + "boolean"))


class Cell(NamedTuple):
    """A term in a row.

    Attributes:
        text: What is shown: a value, or the short name of an IRI.
        kind: `iri`, `number`, `day`, `text` or `node`.
        language: BCP 47 tag of the text, or empty.
        iri: Where it is an IRI.
        datatype: Shortened, where it says more than the kind.
        label: What a reader calls what the IRI names; empty where that says nothing more.
        label_language: Of the label.
    """

    text: str
    kind: str
    language: str = ""
    iri: str = ""
    datatype: str = ""
    label: str = ""
    label_language: str = ""

    @property
    def name(self) -> str:
        """What a drawing calls it."""
        return self.label or self.text


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: Of the variable.
        kind: That of all its cells; `mixed` where they differ, empty where there is none.
        language: That of all its texts; empty where they differ.
    """

    name: str
    kind: str
    language: str


@dataclass(frozen=True)
class Table:
    """Rows under columns; a cell that is None holds nothing."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | None, ...], ...]

    def column(self, number: int) -> list[Cell]:
        """Return the cells of a column that hold something."""
        return [cell for row in self.rows if (cell := row[number]) is not None]


def of_solutions(answer: str, reader: Reader) -> Table:
    """Return the solutions of a SELECT query.

    Args:
        answer: In SPARQL 1.1 Query Results JSON.
        reader: Names what IRIs stand for.
    """
    found = json.loads(answer)
    names: list[str] = found["head"]["vars"]
    cells = _Cells(reader)
    rows = [
        tuple(None if (term := row.get(name)) is None else cells.of_json(term) for name in names)
        for row in found["results"]["bindings"]
    ]
    return _table(names, rows)


def of_graph(triples: Sequence[ox.Triple], reader: Reader) -> Table:
    """Return the statements of a graph."""
    cells = _Cells(reader)
    rows = [tuple(cells.of(term) for term in triple) for triple in triples]
    return _table(["subject", "predicate", "object"], rows)


def _table(names: Sequence[str], rows: Sequence[tuple[Cell | None, ...]]) -> Table:
    columns = []
    for number, name in enumerate(names):
        found = [cell for row in rows if (cell := row[number]) is not None]
        kind = _only({cell.kind for cell in found}, "mixed")
        columns.append(Column(name, kind, _only({cell.language for cell in found}, "")))
    return Table(tuple(columns), tuple(rows))


def _only(found: set[str], otherwise: str) -> str:
    return next(iter(found)) if len(found) == 1 else (otherwise if found else "")


class _Cells:
    """Makes cells, each IRI named once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._named: dict[str, Cell] = {}

    def of_json(self, term: dict[str, Any]) -> Cell:
        """Return a term as the results format has it."""
        value = term["value"]
        if term["type"] == "uri":
            return self._iri(value)
        if term["type"] == "bnode":
            return Cell(f"_:{value}", "node")
        if term["type"] == "triple":
            return Cell(json.dumps(value, ensure_ascii=False), "node")
        return _literal(value, term.get("xml:lang", ""), term.get("datatype", ""))

    def of(self, term: object) -> Cell:
        """Return a term of a statement."""
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        if isinstance(term, ox.Literal):
            return _literal(term.value, term.language or "", term.datatype.value)
        return Cell(str(term), "node")

    def _iri(self, iri: str) -> Cell:
        if iri not in self._named:
            short = shorten(iri)
            shown = self._reader.show(ox.NamedNode(iri))
            label = "" if shown.text in (short, iri) else shown.text
            self._named[iri] = Cell(short, "iri", "", iri, "", label, shown.language)
        return self._named[iri]


def _literal(value: str, language: str, datatype: str) -> Cell:
    if datatype in _NUMBERS:
        return Cell(value, "number", datatype="" if _is_plain(datatype) else shorten(datatype))
    if datatype in _DAYS:
        return Cell(value, "day")
    shown = "" if datatype in _SILENT else shorten(datatype)
    return Cell(value, "text", language, "", shown)


def _is_plain(datatype: str) -> bool:
    return datatype in (XSD + "integer", XSD + "decimal", XSD + "double")


def number_of(cell: Cell | None) -> float | None:
    """Return the value of a cell; None where it is no finite number.

    >>> number_of(Cell("12.5", "number")), number_of(Cell("INF", "number"))
    (12.5, None)
    """
    if cell is None or cell.kind != "number":
        return None
    try:
        number = float(cell.text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
