"""/totals and /contested: what is stated against what is listed, and where sources disagree.

Both show the answers of questions of the library (`totals`, `totals-by-country`,
`contested`), whose text stands in `graph/meta`, so that a page and a query cannot differ.
Each is a page and, negotiated or by extension, RDF (`kg.web.measurements`).
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, RDF_TYPES, MediaType, with_aliases
from kg.namespaces import DQV, FOAF, RDF, SKOS
from kg.query.labels import Reader, Shown, source_label
from kg.query.protocol import ProtocolError
from kg.terms import Term
from kg.web import contested as disagreements
from kg.web.answers import Answer, quads_of, text_in, texts_of
from kg.web.entities import split_extension
from kg.web.i18n import interface_language, mark, sort_key
from kg.web.linksets import linkset_answer
from kg.web.measurements import CONTESTED, TOTALS, disputes, measured, measurements
from kg.web.responses import chosen_type, document, languages_of, not_found, page
from kg.web.signposts import LINKSET_TYPES, LINKSETS, Record, header, links, signs
from kg.web.site import Site

_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
_QUESTIONS: Final = (
    *("totals", "totals-by-country"),
    *("contested", "contradicting-claims", "set-aside-claims"),
)
_TYPE: Final = ox.NamedNode(RDF + "type")
_NOTE: Final = ox.NamedNode(SKOS + "note")
# The sections of the page, with the classes in each; a thing stands in the first that fits.
_SECTIONS: Final = (
    (mark("Networks"), ("Network",)),
    (mark("Programmes and editions"), ("Programme", "ProgrammeEdition")),
    (mark("Decisions"), ("Decision",)),
    (mark("Pledges"), ("Pledge",)),
)


class _Stated(NamedTuple):
    """A number that sources state.

    Attributes:
        value: The number.
        counted: What it counts, where the row is of one thing.
        about: What it is about, where the row is of a country.
        when: The day, month or year for which it holds; empty where that is not stated.
        sources: That state it.
        note: What the data says of it.
        name: Of the figure, in the IRI of its measurement.
    """

    value: float
    counted: Shown | None
    about: Shown | None
    when: str
    sources: list[Shown]
    note: str
    name: str


class Remark(NamedTuple):
    """How numbers go together: the name of a sentence of `overview_macros.html`, and its number."""

    name: str
    number: int = 0


class Row(NamedTuple):
    """The numbers of one thing or country.

    Attributes:
        thing: Of which they are.
        name: In the IRIs of its measurements.
        listed: Number of places.
        bodies: Number of bodies that hold them.
        matched: Number of these whose position is known.
        stated: What sources state, by date.
        remarks: How the numbers go together.
    """

    thing: Shown
    name: str
    listed: int
    bodies: int
    matched: int
    stated: list[_Stated]
    remarks: tuple[Remark, ...]


class _Measure(NamedTuple):
    """A metric.

    Attributes:
        name: Its key.
        label: In English.
        definition: In English.
        value: Of the whole dataset; empty where it is measured of each thing.
    """

    name: str
    label: str
    definition: str
    value: str


def routes(site: Site) -> list[Route]:
    """Return the routes of both documents and of their linksets."""

    async def totals(request: Request) -> Response:
        return _negotiated(site, request, TOTALS, _totals)

    async def contested(request: Request) -> Response:
        return _negotiated(site, request, CONTESTED, disagreements.values)

    async def linkset_of(request: Request) -> Response:
        given = request.scope["path"].removeprefix(f"{LINKSETS}/")
        name, fixed = split_extension(given, LINKSET_TYPES)
        _answer(site, name)
        return linkset_answer(site, request, _record(site, name), fixed)

    return [
        *(Route(f"/{TOTALS}{end}", totals) for end in ("", ".{extension}")),
        *(Route(f"/{CONTESTED}{end}", contested) for end in ("", ".{extension}")),
        *(
            Route(f"{LINKSETS}/{name}{end}", linkset_of)
            for name in (TOTALS, CONTESTED)
            for end in ("", *(f".{offer.extension}" for offer in LINKSET_TYPES))
        ),
    ]


def _record(site: Site, name: str) -> Record:
    return Record(f"{site.served.base}{name}", f"/{name}", (FOAF + "Document",), site.licence)


def _negotiated(
    site: Site,
    request: Request,
    name: str,
    values: Callable[[Site, Request, Answer], dict[str, Any]],
) -> Response:
    """Return the page or a form of RDF.

    Raises:
        ProtocolError: 404 for an unknown extension, 406, or 501 where nothing is worked out ahead.
    """
    rows, path = _answer(site, name), request.scope["path"]
    fixed = None if path == f"/{name}" else split_extension(path)[1]
    if fixed is None and path != f"/{name}":
        raise not_found(path)
    media_type = chosen_type(request, _OFFERED, fixed=fixed)
    found = signs(_record(site, name), media_type)

    def make() -> bytes:
        if media_type != HTML:
            return _rdf(site, name, rows, media_type)
        formats = [(offer, site.path(f"/{name}.{offer.extension}")) for offer in RDF_TYPES]
        common = {"formats_list": formats, "signs": links(found, site.mount)}
        asked = {each for each in _QUESTIONS if _has_question(site, each)}
        iri = f"{site.served.base}{name}"
        return page(
            site,
            request,
            f"{name}.html",
            iri=iri,
            asked=asked,
            **common,
            **values(site, request, rows),
        )

    headers = {
        "Content-Location": site.path(f"/{name}.{media_type.extension}"),
        "Link": header(found, site.mount),
    }
    return document(request, media_type, make, headers=headers)


def _rdf(site: Site, name: str, rows: Answer, media_type: MediaType) -> bytes:
    if name == TOTALS:
        return measurements(site, media_type)
    return disputes(site, rows, media_type)


def _has_question(site: Site, name: str) -> bool:
    return bool(
        quads_of(site.served.store, ox.NamedNode(f"{site.served.base}question/{name}"), _TYPE)
    )


def _answer(site: Site, name: str) -> Answer:
    """Return the answer of a question; empty where the library has no such question.

    Raises:
        ProtocolError: 501; nothing is worked out ahead here.
    """
    if not site.served.is_ahead:
        detail = f"the question {name} is not answered ahead by this server; ask it at /sparql"
        raise ProtocolError(501, "Not available here", detail)
    return site.served.answers.get(name, [])


def _totals(site: Site, request: Request, rows: Answer) -> dict[str, Any]:
    languages = languages_of(request)
    reader = site.reader(languages)
    sections: list[tuple[str, list[Row]]] = [(title, []) for title, _ in _SECTIONS]
    for thing, own in _by(rows, "thing").items():
        kinds = {quad.object for quad in quads_of(site.served.store, thing, _TYPE)}
        for (_, classes), (_, found) in zip(_SECTIONS, sections, strict=True):
            if any(reader.term(name) in kinds for name in classes):
                found.append(_row(site, reader, thing, own))
                break
    countries = _by(_answer(site, "totals-by-country"), "country")
    rows_of_countries = [_row(site, reader, c, own) for c, own in countries.items()]
    sections.append((mark("Countries"), rows_of_countries))
    language = interface_language(languages)
    for _, found in sections:
        found.sort(key=lambda each: sort_key(each.thing.text, language))
    return {"sections": [each for each in sections if each[1]], "measures": _measures(site)}


def _by(rows: Answer, name: str) -> dict[Term, list[dict[str, Term]]]:
    """Return the rows of an answer by the value of a variable."""
    found: dict[Term, list[dict[str, Term]]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


def network_numbers(site: Site, request: Request) -> list[Row]:
    """Return what is stated and listed of each network, by name.

    Raises:
        ProtocolError: 501; nothing is worked out ahead here.
    """
    languages = languages_of(request)
    reader, language = site.reader(languages), interface_language(languages)
    network = reader.term("Network")
    found = [
        _row(site, reader, thing, own)
        for thing, own in _by(_answer(site, TOTALS), "thing").items()
        if network in {quad.object for quad in quads_of(site.served.store, thing, _TYPE)}
    ]
    return sorted(found, key=lambda each: sort_key(each.thing.text, language))


def country_numbers(site: Site, reader: Reader, country: str) -> Row | None:
    """Return what is stated and listed of a country, given by its IRI; None where nothing is.

    Raises:
        ProtocolError: 501; nothing is worked out ahead here.
    """
    node = ox.NamedNode(country)
    own = _by(_answer(site, "totals-by-country"), "country").get(node)
    return None if own is None else _row(site, reader, node, own)


def _measures(site: Site) -> list[_Measure]:
    """Return the metrics, with the values of those that are of the whole dataset."""
    said: dict[object, dict[str, Term]] = {}
    for quad in measured(site):
        if not isinstance(quad.object, ox.Triple):
            said.setdefault(quad.subject, {})[quad.predicate.value] = quad.object
    whole = {
        found[DQV + "isMeasurementOf"]: found[DQV + "value"].value
        for found in said.values()
        if found.get(DQV + "computedOn") == site.dataset
    }
    return [
        _Measure(
            node.value.rpartition("/")[2],
            found[SKOS + "prefLabel"].value,
            found[SKOS + "definition"].value,
            whole.get(node, ""),
        )
        for node, found in sorted(said.items(), key=str)
        if isinstance(node, ox.NamedNode) and SKOS + "definition" in found
    ]


def _row(site: Site, reader: Reader, thing: Term, own: list[dict[str, Term]]) -> Row:
    listed, bodies, matched = (int(text_in(own[0], n)) for n in ("listed", "bodies", "matched"))
    stated = [_stated(site, reader, row) for row in own if "figure" in row]
    complete = text_in(own[0], "complete") == "true"
    remarks = _remarks(listed, bodies, matched, {int(s.value) for s in stated}, complete)
    name = _local(site, thing)
    return Row(reader.show(thing), name, listed, bodies, matched, stated, tuple(remarks))


def _remarks(
    listed: int, bodies: int, matched: int, stated: set[int], complete: bool
) -> Iterator[Remark]:
    """Say how the numbers go together, as far as they tell."""
    if stated and listed == 0:
        yield Remark("none-named")
    elif stated and max(stated) > listed:
        yield Remark("unnamed", max(stated) - listed)
    elif stated and max(stated) < listed:
        yield Remark("more-listed")
    if complete:
        yield Remark("whole")
    if bodies < listed:
        yield Remark("shared-body")
    if bodies > listed:
        yield Remark("shared-place")
    if matched < bodies:
        yield Remark("unplaced", bodies - matched)


def _stated(site: Site, reader: Reader, row: dict[str, Term]) -> _Stated:
    figure, value = row["figure"], reader.term("figureValue")
    graphs = sorted(
        {q.graph_name.value for q in quads_of(site.served.store, figure, value, row["stated"])}
    )
    sources = [source_label(reader, graph) for graph in graphs]
    notes = [note.value for note in texts_of(site.served.store, figure, _NOTE)]
    about = reader.show(row["about"]) if "about" in row else None
    metric = next(iter(quads_of(site.served.store, figure, reader.term("counts"))), None)
    return _Stated(
        float(text_in(row, "stated")),
        None if about is not None or metric is None else reader.show(metric.object),
        about,
        text_in(row, "when"),
        sources,
        " ".join(notes),
        "" if about is not None else _local(site, figure),  # that of a country is not measured
    )


def _local(site: Site, thing: Term) -> str:
    """Return what stands for a thing in the IRI of a measurement, see `kg.metadata.quality`."""
    iri = thing.value if isinstance(thing, ox.NamedNode) else ""
    return iri.removeprefix(site.served.base).removeprefix("id/")
