"""What a mapping file may say, as classes; `kg.importing.reading` makes them from TOML.

A mapping says of a table: how it is laid out, which values a row has, which rows are left out and
why, which things of the graph a row is about, and which statements are made. docs/importing.md
explains each key.
"""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pyoxigraph as ox

from kg.importing.cells import Layout
from kg.names import BodyKind


class Kind(StrEnum):
    """What the cells of a value are."""

    TEXT = "text"
    CODE = "code"  # a text that goes into IRIs
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    BOOLEAN = "boolean"
    DATE = "date"
    YEAR = "year"
    COUNTRY = "country"
    URL = "url"


class Sort(StrEnum):
    """What a value is in the graph, which says how a statement may use it."""

    TEXT = "text"
    IRI = "IRI"
    LITERAL = "literal"


@dataclass(frozen=True)
class Value:
    """A value that each row has, or may have.

    Attributes:
        name: By which the rest of the mapping speaks of it.
        line: Of the mapping file.
        column: That it is read from; empty where it is put together from other values.
        table: A joined table that the column is in; empty for the table itself.
        template: A text with other values in braces; empty where it is read from a column.
        wide: Columns that each stand for one item, with what the item is.
        where: Of wide columns, the cells that say yes; empty where any filled cell does.
        kind: What the cells are.
        absent: Cells that say that there is no value, besides empty ones.
        known: What each cell stands for; a cell that is not in it is at fault.
        split: Between the items of one cell.
        dates: Forms of dates that would be ambiguous without them.
        decimal: The sign before decimals.
        thousands: The sign between groups of three digits.
        is_fraction: Of percents, whether 1 is the whole and not 100.
        least: The smallest number that is taken.
        most: The largest.
        before: The name of a value that has to be larger or later.
        along: The name of a value without which this one is of no use.
        is_required: Whether a row without it is refused.
        drops_bad: Whether a cell that cannot be used costs the value only, and not the row.
        sort: What it is in the graph.
    """

    name: str
    line: int
    column: str = ""
    table: str = ""
    template: str = ""
    wide: MappingOf[str, ox.NamedNode] = field(default_factory=dict)
    where: frozenset[str] = frozenset()
    kind: Kind = Kind.TEXT
    absent: frozenset[str] = frozenset({""})
    known: MappingOf[str, str | ox.NamedNode] | None = None
    split: str = ""
    dates: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    is_fraction: bool = False
    least: float | None = None
    most: float | None = None
    before: str = ""
    along: str = ""
    is_required: bool = False
    drops_bad: bool = False
    sort: Sort = Sort.TEXT

    @property
    def is_many(self) -> bool:
        """Whether a row may have several of it."""
        return bool(self.split or self.wide)


class Test(StrEnum):
    """What a condition asks of a value."""

    HAS = "has"
    LACKS = "lacks"
    NEW = "new"
    KNOWN = "known"
    IS = "is"
    IS_NOT = "is not"


@dataclass(frozen=True)
class Condition:
    """One thing that has to hold for a row.

    Attributes:
        test: What is asked.
        name: Of the value.
        among: The texts that the value may be.
    """

    test: Test
    name: str
    among: tuple[str, ...] = ()


@dataclass(frozen=True)
class Property:
    """A statement that a node gets, once for each combination of the values that it names.

    Attributes:
        path: The property.
        text: With values in braces, or without any.
        is_iri: Whether the text is an IRI and not a literal.
        language: Tag, which may hold a value in braces.
        datatype: Of a literal that is given as a text.
        literal: A literal that is the same for all rows.
        when: What has to hold.
    """

    path: ox.NamedNode
    text: str = ""
    is_iri: bool = False
    language: str = ""
    datatype: ox.NamedNode | None = None
    literal: ox.Literal | None = None
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Node:
    """A thing that is described for each row, or once.

    Attributes:
        iri: With values in braces.
        types: Its classes; none where it is described elsewhere.
        properties: What is said of it.
        when: What has to hold.
        each: Values of which a row may have several: there is one node for each item.
        line: Of the mapping file.
    """

    iri: str
    types: tuple[ox.NamedNode, ...]
    properties: tuple[Property, ...]
    when: tuple[Condition, ...] = ()
    each: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Match:
    """How a thing of the graph is found for a row.

    Attributes:
        name: Of the value that it gives.
        label: Text that the thing is looked up by.
        types: Classes that it may have.
        row: Identifies the row for the curator's decisions.
        new: The IRI that is given where nothing is like it; empty to refuse the row.
        also: A second name, of the same thing; if it is another name the match is open.
        apart: The IRI that is given instead of `new` where `also` is another name.
        body: Kinds of body, each with the conditions under which the row is about one.
        country: The name of a value.
        latitude: The name of a value.
        longitude: The name of a value.
        population: The name of a value.
    """

    name: str
    label: str
    types: frozenset[str]
    row: str
    new: str = ""
    also: str = ""
    apart: str = ""
    body: tuple[tuple[BodyKind, tuple[Condition, ...]], ...] = ()
    country: str = ""
    latitude: str = ""
    longitude: str = ""
    population: str = ""


@dataclass(frozen=True)
class Point:
    """Values that together are a position.

    Attributes:
        latitude: The name of a value.
        longitude: The name of a value.
        country: The name of a value; in whose bounds the position has to lie.
        shared: How many rows may have one position; 0 for any number.
    """

    latitude: str
    longitude: str
    country: str = ""
    shared: int = 0


@dataclass(frozen=True)
class Join:
    """How rows of another table are found.

    Attributes:
        table: The other table.
        here: The column of this table.
        there: The column of the other one, with the same key once.
    """

    table: str
    here: str
    there: str


@dataclass(frozen=True)
class Skip:
    """Rows that are left out on purpose.

    Attributes:
        when: What holds for them.
        reason: Why, for the report.
    """

    when: tuple[Condition, ...]
    reason: str

    @property
    def is_about_matches(self) -> bool:
        """Whether it can be judged only when it is known what the row is about."""
        return any(condition.test in (Test.NEW, Test.KNOWN) for condition in self.when)


@dataclass(frozen=True)
class TableMap:
    """What a mapping says of one table.

    Attributes:
        name: Of the table.
        layout: How it is laid out.
        key: The value that names a row; a row that repeats one is refused.
        unique: Values that no two rows have in common; the first is kept.
        values: In the order in which they are worked out.
        matches: Things that are looked up.
        joins: Other tables, by name.
        skips: Rows that are left out.
        nodes: What is written.
        columns: That are read.
        point: Values that are a position; None where there are none.
        line: Of the mapping file.
        items: Values with `split` that matches name: a row is about one thing for each item.
    """

    name: str
    layout: Layout
    key: str
    unique: tuple[str, ...]
    values: tuple[Value, ...]
    matches: tuple[Match, ...]
    joins: MappingOf[str, Join]
    skips: tuple[Skip, ...]
    nodes: tuple[Node, ...]
    columns: frozenset[str]
    point: Point | None = None
    line: int = 0
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """The dataset that is imported, as a source of the graph.

    Attributes:
        id: Names its folder, its graph and its source.
        title: What it is called.
        address: Where it was published.
        licence: An address; None where the dataset states none.
        attribution: How its makers ask to be cited.
        edition: What the edition is called.
        issued: When it was published, as a day, a month or a year.
        language: Of the title.
        note: More about it.
    """

    id: str
    title: str
    address: str
    licence: str | None = None
    attribution: str = ""
    edition: str = ""
    issued: str = ""
    language: str = "en"
    note: str = ""


@dataclass(frozen=True)
class Mapping:
    """A mapping file.

    Attributes:
        path: The file.
        source: The dataset.
        tables: Its tables, in the order in which they are read.
        nodes: What is described once.
        digest: SHA-256 of the file.
    """

    path: Path
    source: Source
    tables: tuple[TableMap, ...]
    nodes: tuple[Node, ...]
    digest: str
