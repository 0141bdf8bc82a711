"""Cities, bodies or networks side by side: a row for each question, a column for each of them.

Every value comes with who says it. Where nothing is said the cell is empty, and the page says so:
that is no statement that there is nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.origins import Origin
from kg.namespaces import DCTERMS, FOAF
from kg.query.labels import Shown
from kg.web.i18n import mark, sort_key
from kg.web.things.bodies import bodies_of, parts_of
from kg.web.things.items import goals, targets
from kg.web.things.lens import Fact, Lens
from kg.web.things.network import READ, Figure, figures
from kg.web.things.promises import Act, Promise, promises
from kg.web.things.ties import Membership, memberships

MOST: Final = 4  # things side by side
SHARED: Final = 200  # cities that are listed as members of more than one
_KIND: Final = DCTERMS + "type"


class Promised(NamedTuple):
    """What one has promised, in a cell.

    Attributes:
        kind: What it is, to be translated.
        year: The first year that it names.
        acts: What binds it.
        origins: Who says it.
    """

    kind: str
    year: Fact | None
    acts: tuple[Act, ...]
    origins: tuple[Origin, ...]


class Cell(NamedTuple):
    """What is said of one thing in answer to one question; all are empty where nothing is.

    Attributes:
        facts: Values.
        members: What it takes part in.
        promised: What it has promised.
        figures: Numbers that sources tell.
        counted: A number that was counted here.
        yes: Who says that it is so, where there is no more to say.
    """

    facts: tuple[Fact, ...] = ()
    members: tuple[Membership, ...] = ()
    promised: tuple[Promised, ...] = ()
    figures: tuple[Figure, ...] = ()
    counted: int | None = None
    yes: tuple[Origin, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return self == Cell()

    @property
    def words(self) -> tuple[object, ...]:
        """What is said, without who says it, so that two cells can be compared."""
        return (
            tuple(fact.text for fact in self.facts),
            tuple(tuple(role.text for role in each.roles) for each in self.members),
            tuple((each.kind, each.year and each.year.text) for each in self.promised),
            tuple((each.value.text, each.as_of and each.as_of.text) for each in self.figures),
            self.counted,
            self.yes is not None,
        )


class Row(NamedTuple):
    """A question with the answers for each thing.

    Attributes:
        label: What it asks, to be translated; empty where `shown` says it.
        shown: What it is about, such as a network.
        style: Class of the style sheet for that; may be empty.
        cells: In the order of the things.
    """

    label: str
    shown: Shown
    style: str
    cells: tuple[Cell, ...]

    @property
    def is_same(self) -> bool:
        """Whether the answer is the same for all."""
        return len({cell.words for cell in self.cells}) == 1

    @property
    def total(self) -> int:
        """For how many something is said."""
        return sum(not cell.is_empty for cell in self.cells)


class Part(NamedTuple):
    """Rows under a heading, which is to be translated; `left_out` rows are not among them."""

    title: str
    rows: tuple[Row, ...]
    left_out: int = 0


def of_cities(lens: Lens, things: Sequence[ox.NamedNode]) -> list[Part]:
    """Compare cities, or the bodies that govern them.

    Args:
        lens: What the page is read with.
        things: At most `MOST`.
    """
    bodies = [bodies_of(lens, thing) for thing in things]
    joined = [memberships(lens, own) for own in bodies]
    promised = [promises(lens, own, parts_of(lens, own)) for own in bodies]
    told = [
        [each for node in dict.fromkeys((thing, *own)) for each in figures(lens, node)]
        for thing, own in zip(things, bodies, strict=True)
    ]
    about = (
        _row(mark("Country"), [Cell(facts=lens.facts(thing, "country")) for thing in things]),
        _row(mark("Governed by"), [Cell(facts=_governing(lens, thing)) for thing in things]),
    )
    return _with_rows(
        Part(mark("About them"), about),
        Part(mark("What they joined"), _joined(lens, joined)),
        Part(mark("What they promised"), _promised(lens, promised)),
        Part(mark("Numbers that sources tell"), _told(lens, told)),
    )


def of_networks(lens: Lens, things: Sequence[ox.NamedNode]) -> list[Part]:
    """Compare networks, projects and programmes.

    Args:
        lens: What the page is read with.
        things: At most `MOST`.
    """
    asked = (
        (mark("Kind"), _KIND),
        (mark("Programme"), "underProgramme"),
        (mark("Edition"), "underEdition"),
        (mark("Start"), "startDate"),
        (mark("End"), "endDate"),
        (mark("Lead partner"), "leadPartner"),
        (mark("Run by"), "runBy"),
        (mark("Subject"), DCTERMS + "subject"),
        (mark("Home page"), FOAF + "homepage"),
        (mark("Is the list of members whole?"), "memberListComplete"),
    )
    about = (
        _row(label, [Cell(facts=lens.facts(thing, name)) for thing in things])
        for label, name in asked
    )
    counted = (
        _row(label, [Cell(counted=len(_all(lens, thing, name))) for thing in things])
        for label, name in (
            (mark("Member cities listed"), "memberCity"),
            (mark("Countries of members"), "memberCountry"),
        )
    )
    aims = [[*goals(lens, thing), *targets(lens, thing)] for thing in things]
    aimed = [
        Cell(facts=tuple(Fact(ox.NamedNode(i.shown.iri), i.shown, i.origins) for i in own))
        for own in aims
    ]
    told = [figures(lens, thing) for thing in things]
    return _with_rows(
        Part(mark("About them"), (*about, *counted)),
        Part(mark("What they promised"), (_row(mark("Goals and targets"), aimed),)),
        Part(mark("Numbers that sources tell"), _told(lens, told)),
        _shared(lens, things),
    )


def _with_rows(*parts: Part) -> list[Part]:
    """Return the parts without rows and headings under which nothing is said of anything."""
    kept = (part._replace(rows=tuple(row for row in part.rows if row.total)) for part in parts)
    return [part for part in kept if part.rows]


def _row(label: str, cells: Iterable[Cell]) -> Row:
    return Row(label, Shown(""), "", tuple(cells))


def _governing(lens: Lens, thing: ox.NamedNode) -> tuple[Fact, ...]:
    """Return the bodies that govern a city, with who says so."""
    return tuple(
        Fact(body, lens.show(body), lens.said(body, "governs", thing))
        for body in lens.pointing("governs", thing).nodes
    )


def _joined(lens: Lens, joined: Sequence[Sequence[Membership]]) -> tuple[Row, ...]:
    styles = {each.whole.iri: each.kind for own in joined for each in own}
    pairs = [[(each.whole, Cell(members=(each,))) for each in own] for own in joined]
    rows = _grouped(lens, pairs, "network")
    return tuple(row._replace(style=styles[row.shown.iri]) for row in rows)


def _told(lens: Lens, told: Sequence[Sequence[Figure]]) -> tuple[Row, ...]:
    pairs = [
        [(each.counts.shown, Cell(figures=(each,))) for each in own if each.counts is not None]
        for own in told
    ]
    return _grouped(lens, pairs, "")


def _promised(lens: Lens, promised: Sequence[Sequence[Promise]]) -> tuple[Row, ...]:
    pairs = [
        [
            (each.shown, Cell(promised=(Promised(each.kind, each.year, each.acts, each.origins),)))
            for each in own
        ]
        for own in promised
    ]
    return _grouped(lens, pairs, "pledge")


def _shared(lens: Lens, things: Sequence[ox.NamedNode]) -> Part:
    """Return the cities that are members of more than one of some networks."""
    members = [_all(lens, thing, "memberCity") for thing in things]
    shared = sorted(
        {city for own in members for city in own if sum(city in each for each in members) > 1},
        key=lambda city: city.value,
    )
    pairs = [
        [
            (lens.show(city), Cell(yes=lens.said(thing, "memberCity", city)))
            for city in shared[:SHARED]
            if city in own
        ]
        for thing, own in zip(things, members, strict=True)
    ]
    rows = _grouped(lens, pairs, "city")
    return Part(mark("Cities in more than one of them"), rows, max(0, len(shared) - SHARED))


def _all(lens: Lens, thing: ox.NamedNode, name: str) -> frozenset[ox.NamedNode]:
    """Return the things that a property names, at most as many as a page may read."""
    found = lens.store.quads_for_pattern(thing, lens.term(name), None, ox.DefaultGraph())
    read = (quad.object for quad in islice(found, READ))
    return frozenset(value for value in read if isinstance(value, ox.NamedNode))


def _grouped(
    lens: Lens, pairs: Sequence[Sequence[tuple[Shown, Cell]]], style: str
) -> tuple[Row, ...]:
    """Return a row for each thing that something is said of, those of most of them first.

    Args:
        lens: What the page is read with.
        pairs: For each column what is said of what.
        style: Of the rows.
    """
    found: dict[Shown, list[Cell]] = {}
    for column, own in enumerate(pairs):
        for shown, cell in own:
            cells = found.setdefault(shown, [Cell()] * len(pairs))
            cells[column] = _added(cells[column], cell)
    rows = (Row("", shown, style, tuple(cells)) for shown, cells in found.items())
    return tuple(
        sorted(rows, key=lambda row: (-row.total, sort_key(row.shown.text, lens.language)))
    )


def _added(one: Cell, two: Cell) -> Cell:
    return Cell(
        one.facts + two.facts,
        one.members + two.members,
        one.promised + two.promised,
        one.figures + two.figures,
        yes=two.yes if one.yes is None else one.yes,
    )
