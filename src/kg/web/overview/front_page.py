"""The first page: what there is, where it lies, what one can ask, and what is new."""

from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from starlette.requests import Request

from kg.namespaces import DCTERMS
from kg.query.labels import Reader, Shown
from kg.terms import Term
from kg.web.i18n import interface_language
from kg.web.mementos import past_of
from kg.web.overview.index import LISTED, Index
from kg.web.overview.lists import map_of
from kg.web.responses import languages_of
from kg.web.schemaorg import catalogue_block
from kg.web.site import Site

NEWEST: Final = 5  # releases and rulings
# Questions that a first visitor may have; those that the library of a snapshot has are shown.
ASKED: Final = (
    "network-cities",
    "network-lead",
    "pledge-signers",
    "cities-in-programme-platform-and-network",
    "contested",
    "networks-with-unlisted-members",
)
_DATE: Final = ox.NamedNode(DCTERMS + "date")
_DEFAULT: Final = ox.DefaultGraph()


class Count(NamedTuple):
    """How many things there are of a class that has a list."""

    kind: str
    total: int


class Asked(NamedTuple):
    """A question of the library."""

    name: str
    text: Shown


class Ruled(NamedTuple):
    """A decision of a curator between sources that disagree."""

    ruling: str
    about: Shown
    property: Shown
    day: str


class Released(NamedTuple):
    """A release: on which day, and how many things it changed."""

    version: str
    day: str
    total: int


def values(site: Site, request: Request) -> dict[str, Any]:
    """Return what the first page shows."""
    languages = languages_of(request)
    language, reader = interface_language(languages), site.reader(languages)
    index = site.served.overview
    totals = {each.key: each.total for each in site.classes}
    return {
        "counts": [Count(kind, totals[kind]) for kind in LISTED if kind in totals],
        "map": None if index is None else _map(reader, index, language),
        "questions": _questions(site, reader),
        "rulings": _rulings(reader),
        "releases": _releases(request),
        "source_count": len(site.sources(languages)),
        "statement_count": site.statement_count,
        "data_block": catalogue_block(site),
    }


def _map(reader: Reader, index: Index, language: str) -> Any:
    return map_of(reader, index, index.named("City", language), "City", is_whole=True)


def _questions(site: Site, reader: Reader) -> list[Asked]:
    library = site.served.library
    return [
        Asked(name, reader.show(ox.NamedNode(f"{site.served.base}question/{name}")))
        for name in ASKED
        if name in library
    ]


def _rulings(reader: Reader) -> list[Ruled]:
    """Return the rulings of the latest days; there are as many as curators have made."""
    about, property_ = reader.term("decidesSubject"), reader.term("decidesProperty")
    found = []
    for quad in reader.store.quads_for_pattern(None, about, None, _DEFAULT):
        if isinstance(quad.subject, ox.NamedNode):
            day = _value(reader, quad.subject, _DATE)
            found.append((day.value if day else "", quad.subject.value, quad.object))
    newest = sorted(found, key=lambda each: (each[0], each[1]), reverse=True)[:NEWEST]
    return [
        Ruled(iri, reader.show(thing), _named(reader, iri, property_), day)
        for day, iri, thing in newest
    ]


def _named(reader: Reader, iri: str, predicate: ox.NamedNode) -> Shown:
    found = _value(reader, ox.NamedNode(iri), predicate)
    return Shown("") if found is None else reader.show(found)


def _value(reader: Reader, node: ox.NamedNode, predicate: ox.NamedNode) -> Term | None:
    found = reader.store.quads_for_pattern(node, predicate, None, _DEFAULT)
    values_ = (quad.object for quad in found if not isinstance(quad.object, ox.Triple))
    return next(iter(values_), None)


def _releases(request: Request) -> list[Released]:
    """Return the last releases, the newest first."""
    past = past_of(request)
    found = zip(past["releases"], past["counts"], strict=True)
    rows = [Released(each["version"], each["released"], total) for each, total in found]
    return rows[: -NEWEST - 1 : -1]
