"""/totals and /contested: what is stated against what is listed, and where sources disagree.

Both pages show the answers of questions of the library (`totals`, `totals-by-country`,
`contested`), whose text stands in `graph/meta`, so that a page and a query cannot differ.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, cast

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML
from kg.namespaces import DCTERMS, RDF, RDFS, SKOS
from kg.query.labels import Reader, Shown, source_label
from kg.query.protocol import ProtocolError
from kg.terms import Quad, Term
from kg.web.answers import Answer
from kg.web.responses import chosen_type, document, languages_of, page
from kg.web.site import Site

PATH: Final = "/totals"
CONTESTED: Final = "/contested"
_TYPE: Final = ox.NamedNode(RDF + "type")
_NOTE: Final = ox.NamedNode(SKOS + "note")
_REASON: Final = ox.NamedNode(RDFS + "comment")
_DECIDED: Final = ox.NamedNode(DCTERMS + "date")
# The sections of the page, with the classes in each; a thing stands in the first that fits.
_SECTIONS: Final = (
    ("Networks", ("Network",)),
    ("Programmes and editions", ("Programme", "ProgrammeEdition")),
    ("Decisions", ("Decision",)),
    ("Pledges", ("Pledge",)),
)


class _Stated(NamedTuple):
    """A number that sources state.

    Attributes:
        value: The number.
        counted: What it counts.
        when: The day, month or year for which it holds; empty where that is not stated.
        sources: That state it.
        note: What the data says of it.
    """

    value: str
    counted: str
    when: str
    sources: list[Shown]
    note: str


class _Row(NamedTuple):
    """The numbers of one thing or country.

    Attributes:
        thing: Of which they are.
        anchor: Names the row in the address of the page.
        listed: Number of places.
        bodies: Number of bodies that hold them.
        matched: Number of these whose position is known.
        stated: What sources state, by date.
        remark: How the numbers go together.
    """

    thing: Shown
    anchor: str
    listed: int
    bodies: int
    matched: int
    stated: list[_Stated]
    remark: str


class _Side(NamedTuple):
    """A value, and the source that says it."""

    value: Shown
    source: Shown


class _Dispute(NamedTuple):
    """Two statements that cannot both hold.

    Attributes:
        thing: What they are about.
        property: Of which they give different values.
        sides: The two.
        ruling: Which decides; None while it is open.
        reason: Of the ruling.
        decided: The day of the ruling.
    """

    thing: Shown
    property: Shown
    sides: tuple[_Side, _Side]
    ruling: Shown | None
    reason: str
    decided: str


def routes(site: Site) -> list[Route]:
    """Return the routes of both pages."""

    async def totals(request: Request) -> Response:
        return _html(site, request, _totals)

    async def contested(request: Request) -> Response:
        return _html(site, request, _contested)

    return [Route(PATH, totals), Route(CONTESTED, contested)]


def _html(site: Site, request: Request, make: Callable[[Site, Request], bytes]) -> Response:
    media_type = chosen_type(request, [HTML])
    return document(request, media_type, lambda: make(site, request))


def _answer(site: Site, name: str) -> Answer:
    """Return the answer of a question; empty where the library has no such question.

    Raises:
        ProtocolError: 501; nothing is worked out ahead here.
    """
    if not site.served.is_ahead:
        detail = f"the question {name} is not answered ahead by this server; ask it at /sparql"
        raise ProtocolError(501, "Not available here", detail)
    return site.served.answers.get(name, [])


def _totals(site: Site, request: Request) -> bytes:
    reader = site.reader(languages_of(request))
    rows = _answer(site, "totals")
    by_thing: dict[Term, list[dict[str, Term]]] = {}
    for row in rows:
        by_thing.setdefault(row["thing"], []).append(row)
    sections: list[tuple[str, list[_Row]]] = [(title, []) for title, _ in _SECTIONS]
    for thing, own in by_thing.items():
        kinds = {quad.object for quad in _quads(site, thing, _TYPE)}
        for (_, classes), (_, found) in zip(_SECTIONS, sections, strict=True):
            if any(reader.term(name) in kinds for name in classes):
                found.append(_row(site, reader, thing, own))
                break
    countries: dict[Term, list[dict[str, Term]]] = {}
    for row in _answer(site, "totals-by-country"):
        countries.setdefault(row["country"], []).append(row)
    sections.append(("Countries", [_row(site, reader, c, own) for c, own in countries.items()]))
    for _, found in sections:
        found.sort(key=lambda each: each.thing.text.casefold())
    return page(site, "totals.html", sections=[each for each in sections if each[1]])


def _row(site: Site, reader: Reader, thing: Term, own: list[dict[str, Term]]) -> _Row:
    listed, bodies, matched = (int(_text(own[0], n)) for n in ("listed", "bodies", "matched"))
    stated = [_stated(site, reader, row) for row in own if "figure" in row]
    iri = thing.value if isinstance(thing, ox.NamedNode) else ""
    anchor = "listed/" + iri.removeprefix(site.served.base).removeprefix("id/")
    complete = _text(own[0], "complete") == "true"
    remark = _remark(listed, bodies, matched, {int(float(s.value)) for s in stated}, complete)
    return _Row(reader.show(thing), anchor, listed, bodies, matched, stated, remark)


def _remark(listed: int, bodies: int, matched: int, stated: set[int], complete: bool) -> str:
    """Say how the numbers go together, as far as they tell."""
    said = []
    if stated and listed == 0:
        said.append("no member is named in the sources")
    elif stated and max(stated) > listed:
        said.append(f"{max(stated) - listed} of those stated are not named in the sources")
    elif stated and max(stated) < listed:
        said.append("more are listed than stated")
    if complete:
        said.append("the list is whole")
    if bodies < listed:
        said.append("some bodies hold more than one place")
    if bodies > listed:
        said.append("some places are held by two bodies together")
    if matched < bodies:
        said.append(f"of {bodies - matched} no position is known")
    return "; ".join(said)


def _stated(site: Site, reader: Reader, row: dict[str, Term]) -> _Stated:
    figure, value = row["figure"], reader.term("figureValue")
    graphs = sorted({q.graph_name.value for q in _quads(site, figure, value, row["stated"])})
    sources = [source_label(reader, graph) for graph in graphs]
    notes = [note.value for note in _objects(site, figure, _NOTE)]
    about = "of " + reader.show(row["about"]).text if "about" in row else _text(row, "counted")
    number = f"{float(_text(row, 'stated')):g}"
    return _Stated(number, about, _text(row, "when"), sources, " ".join(notes))


def _contested(site: Site, request: Request) -> bytes:
    reader = site.reader(languages_of(request))
    found = [_dispute(site, reader, row) for row in _answer(site, "contested")]
    return page(
        site,
        "contested.html",
        disputes=found,
        open_count=sum(each.ruling is None for each in found),
    )


def _dispute(site: Site, reader: Reader, row: dict[str, Term]) -> _Dispute:
    ruling = row.get("ruling")
    reason = " ".join(text.value for text in _objects(site, ruling, _REASON)) if ruling else ""
    decided = " ".join(text.value for text in _objects(site, ruling, _DECIDED)) if ruling else ""
    one, two = (
        _Side(reader.show(row[value]), source_label(reader, row[graph].value))
        for value, graph in (("one", "first"), ("two", "second"))
    )
    return _Dispute(
        reader.show(row["thing"]),
        reader.show(row["property"]),
        (one, two),
        reader.show(ruling) if ruling else None,
        reason,
        decided,
    )


def _objects(site: Site, subject: Term, predicate: ox.NamedNode) -> list[ox.Literal]:
    """Return the texts of a property, each once."""
    found = {quad.object for quad in _quads(site, subject, predicate)}
    return sorted((text for text in found if isinstance(text, ox.Literal)), key=str)


def _quads(
    site: Site, subject: Term, predicate: ox.NamedNode, value: Term | None = None
) -> list[Quad]:
    """Return what the named graphs say."""
    if not isinstance(subject, ox.NamedNode):
        return []
    found = site.served.store.quads_for_pattern(subject, predicate, value, None)
    return [cast(Quad, quad) for quad in found if isinstance(quad.graph_name, ox.NamedNode)]


def _text(row: dict[str, Term], name: str) -> str:
    return row[name].value if name in row else ""
