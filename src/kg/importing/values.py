"""From the cells of a row to its values, each checked and in the form that the graph has."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from kg import contact
from kg.importing import dates, personal
from kg.importing.cells import Cell, Fault
from kg.importing.countries import Countries
from kg.importing.mapping import Kind, Value
from kg.importing.spots import nearest
from kg.names import slug
from kg.namespaces import XSD

Item = str | ox.NamedNode | ox.Literal
Items = dict[str, list[Item]]  # the values of a row by name; wide ones with `.cell` beside them

_INTEGER: Final = ox.NamedNode(XSD + "integer")
_DECIMAL: Final = ox.NamedNode(XSD + "decimal")
_BOOLEAN: Final = ox.NamedNode(XSD + "boolean")
_URL: Final = re.compile(
    r"https?://[^\s<>\"{}|^`\\/?#@]+\.[^\s<>\"{}|^`\\/?#@]+([/?#][^\s<>\"{}|^`\\]*)?"
)
_SIGNS: Final = re.compile(
    r"[\x00-\x1f\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff\ufff9-\uffff]+"
)
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OTHER: Final = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u1f00-\u1fff]")
_YES: Final = frozenset(["true", "yes", "y", "1", "x", "taip", "da", "ja", "oui", "si", "sí"])
_NO: Final = frozenset(["false", "no", "n", "0", "ne", "nein", "non"])
_LONGEST: Final = 60  # characters of a cell that a report repeats


class RowError(Exception):
    """A cell keeps its row from being imported."""

    def __init__(self, fault: Fault, column: str) -> None:
        super().__init__(fault.reason)
        self.fault, self.column = fault, column


class Reader:
    """Works out the values of rows.

    Attributes:
        left_out: Faults that cost a value and not the row, of the row read last.
    """

    def __init__(self, values: tuple[Value, ...], countries: Countries) -> None:
        self._values, self._countries = values, countries
        self._readers: dict[Kind, Callable[[Cell, Value], Item | Fault]] = {
            Kind.TEXT: lambda cell, value: cleaned(_text(cell)),
            Kind.CODE: _code,
            Kind.INTEGER: _number,
            Kind.DECIMAL: _number,
            Kind.PERCENT: _number,
            Kind.BOOLEAN: _boolean,
            Kind.DATE: lambda cell, value: dates.read(cell, value.dates),
            Kind.YEAR: lambda cell, value: dates.year(cell),
            Kind.COUNTRY: self._country,
            Kind.URL: _url,
        }
        self.left_out: list[tuple[str, Fault]] = []

    def read(self, cell: Callable[[str, str], Cell]) -> Items:
        """Return the values of a row.

        Args:
            cell: Gives a cell by the names of its table, or an empty one, and of its column.

        Raises:
            RowError: A cell that has to be there is not, or cannot be used.
        """
        self.left_out = []
        found: Items = {}
        for value in self._values:
            try:
                self._add(value, cell, found)
                _check_others(value, found)
            except RowError as error:
                if not value.drops_bad:
                    raise
                self.left_out.append((error.column, error.fault))
                found[value.name] = []
            if value.is_required and not found[value.name]:
                fault = Fault("no value", "the cell is empty", "fill it, or leave the row out")
                raise RowError(fault, value.column or value.name)
        return found

    def _add(self, value: Value, cell: Callable[[str, str], Cell], found: Items) -> None:
        if value.template:
            found[value.name] = list(filled(value, found))
        elif value.wide:
            self._add_wide(value, cell, found)
        else:
            given = cell(value.table, value.column)
            found[value.name] = [
                self._one(part, value, value.column) for part in _parts(given, value)
            ]

    def _add_wide(self, value: Value, cell: Callable[[str, str], Cell], found: Items) -> None:
        items: list[Item] = []
        cells: list[Item] = []
        for column, iri in value.wide.items():
            for part in _parts(cell(value.table, column), value):
                text = cleaned(_text(part)).casefold()
                if value.where and text not in {each.casefold() for each in value.where}:
                    if text not in _NO:
                        known = nearest(text, value.where)
                        fault = Fault(
                            "unknown cell", f"{_shown(text)} is neither yes nor no{known}", _MAP
                        )
                        raise RowError(fault, column)
                    continue
                items.append(iri)
                cells.append(self._one(part, value, column))
        found[value.name], found[f"{value.name}.cell"] = items, cells

    def _one(self, cell: Cell, value: Value, column: str) -> Item:
        if isinstance(cell, Fault):
            raise RowError(cell, column)
        found = (
            self._known(cell, value)
            if value.known is not None
            else self._readers[value.kind](cell, value)
        )
        if isinstance(found, str):
            found = personal.fault(found) or _mixed(found) or found
        if isinstance(found, Fault):
            raise RowError(found, column)
        return found

    def _known(self, cell: Cell, value: Value) -> Item | Fault:
        known = value.known or {}
        text = cleaned(_text(cell))
        found = known.get(text)
        if found is None:
            reason = f"{_shown(text)} is not in the map of {value.name}{nearest(text, known)}"
            return personal.fault(text) or Fault("unknown cell", reason, _MAP)
        return found

    def _country(self, cell: Cell, value: Value) -> Item | Fault:
        text = cleaned(_text(cell))
        found = self._countries.find(text)
        if found is None:
            return Fault(
                "country",
                f"{_shown(text)} is no country of ontology/lists/countries.ttl",
                "correct it, or add the country to the list",
            )
        return ox.NamedNode(found)


_MAP: Final = "correct the cell, or add it to the mapping"


def cleaned(text: str) -> str:
    """Return a text as labels have it: composed accents, plain single spaces, no hidden signs."""
    return " ".join(_SIGNS.sub(" ", unicodedata.normalize("NFC", text)).split())


def _mixed(text: str) -> Fault | None:
    """Return what is wrong with a text in which letters of another script pass for Latin ones."""
    if text.isascii():
        return None
    for word in text.split():
        if _LATIN.search(word) and _OTHER.search(word):
            reason = f"{_shown(word)} mixes Latin letters with Greek or Cyrillic ones"
            return Fault("mixed script", reason, "type the word anew in one script")
    return None


def fill(template: str, names: list[str], values: Mapping[str, Item]) -> str:
    """Return a template with the values in place of the braces; an IRI gives its last part."""
    for name in names:
        template = template.replace(f"{{{name}}}", plain(values[name]))
    return template


def plain(item: Item) -> str:
    """Return a value as text: of an IRI its last part."""
    return (
        item.value.rstrip("/").rsplit("/", 1)[-1]
        if isinstance(item, ox.NamedNode)
        else _text(getattr(item, "value", item))
    )


def _check_others(value: Value, found: Items) -> None:
    """Refuse a value that is not before another one, or without another one, as it has to be."""
    if value.along and found[value.name] and not found.get(value.along):
        reason = f"there is no {value.along}, without which it says too little"
        raise RowError(Fault("incomplete", reason, f"find out {value.along}"), value.column)
    ends = found.get(value.before, [])
    if not (value.before and ends and found[value.name]):
        return
    first, last = plain(found[value.name][0]), plain(ends[0])
    is_number = value.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.PERCENT)
    if (Decimal(first) >= Decimal(last)) if is_number else (first >= last):
        reason = f"{first} is not before {last}, which is {value.before}"
        raise RowError(Fault("order", reason, "look both up"), value.column)


def filled(value: Value, found: Items) -> Iterator[Item]:
    """Yield a value that is put together from others; nothing where one of them lacks."""
    names = re.findall(r"\{(\w+(?:\.cell)?)\}", value.template)
    if all(found.get(name) for name in names):
        yield cleaned(fill(value.template, names, {name: found[name][0] for name in names}))


def _parts(cell: Cell, value: Value) -> Iterator[Cell]:
    """Yield the items of a cell that are there."""
    if isinstance(cell, Fault):
        yield cell
        return
    if cell is None:
        return
    whole = [cell] if not value.split else _text(cell).split(value.split)
    for part in whole:
        text = cleaned(_text(part))
        if text in value.absent or (value.known is not None and value.known.get(text) == ""):
            continue
        yield part


def _text(cell: object) -> str:
    """Return a cell as a spreadsheet shows it: whole numbers without a point."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _code(cell: Cell, value: Value) -> Item | Fault:
    text = _text(cell)
    found = slug(text)
    return found or Fault("code", f"{_shown(text)} has no letter and no digit", "give it a code")


def _number(cell: Cell, value: Value) -> Item | Fault:
    text = cleaned(_text(cell)).replace("\u2212", "-")
    bare = text.removesuffix("%").strip() if value.kind is Kind.PERCENT else text
    if value.thousands:
        bare = bare.replace(value.thousands, "")
    is_text = isinstance(cell, str)
    if is_text and value.decimal != ".":
        bare = "?" if "." in bare else bare.replace(value.decimal, ".")
    try:
        found = Decimal(bare)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        hint = f"write a number with {value.decimal!r} before the decimals"
        return Fault("number", f"{_shown(text)} is no number", hint)
    if value.kind is Kind.PERCENT and value.is_fraction and not text.endswith("%"):
        found *= 100
    return _in_range(found, value)


def _in_range(found: Decimal, value: Value) -> Item | Fault:
    if (value.least is not None and found < Decimal(str(value.least))) or (
        value.most is not None and found > Decimal(str(value.most))
    ):
        least = "any number" if value.least is None else value.least
        most = "any" if value.most is None else value.most
        return Fault("number", f"{found} is not from {least} to {most}", "look the number up")
    if value.kind is Kind.INTEGER:
        if found != found.to_integral_value():
            return Fault("number", f"{found} is no whole number", "look the number up")
        return ox.Literal(str(int(found)), datatype=_INTEGER)
    text = f"{found.normalize():f}"
    return ox.Literal(text if "." in text else f"{text}.0", datatype=_DECIMAL)


def _boolean(cell: Cell, value: Value) -> Item | Fault:
    text = cleaned(_text(cell)).casefold()
    if text in _YES | _NO:
        return ox.Literal(str(text in _YES).lower(), datatype=_BOOLEAN)
    return Fault("boolean", f"{_shown(text)} is neither yes nor no", "write true or false")


def _url(cell: Cell, value: Value) -> Item | Fault:
    text = _text(cell).strip()
    if not _URL.fullmatch(text):
        return Fault("address", f"{_shown(text)} is no web address", "write one address, with http")
    return ox.NamedNode(text)


def _shown(text: str) -> str:
    """Return a cell for a report: short, and never with contact data."""
    text = contact.without(text)
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
