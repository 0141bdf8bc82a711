"""Things with names, as the matching compares them, read from statements of any origin."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, cast

import pyoxigraph as ox

from kg.accepted import accepted_quads, rulings
from kg.dataset import Dataset
from kg.matching.memory import uncollected
from kg.names import BodyKind, core, fold
from kg.namespaces import CANONICAL_BASE, DCTERMS, FOAF, ORG, RDF, RDFS, SCHEMA, SKOS
from kg.terms import Quad, Quads, Term

_WGS: Final = "http://www.w3.org/2003/01/geo/wgs84_pos#"
_LITERAL_FORM: Final = "http://www.w3.org/2008/05/skos-xl#literalForm"
_NAMES: Final = {
    SKOS + "prefLabel": "main",
    SKOS + "altLabel": "alternate",
    SKOS + "hiddenLabel": "hidden",
    FOAF + "name": "main",
    RDFS + "label": "translated",  # names of concepts that are the project's own
}
_CODES: Final = (DCTERMS + "identifier", SKOS + "notation")
_ORGANISATION: Final = ORG + "Organization"


class _Vocabulary:
    """The terms that are read, under one base."""

    def __init__(self, base: str) -> None:
        own, listed = f"{base}ont#", f"{base}voc/"
        self.municipality = own + "Municipality"
        self.city = own + "City"
        self.name_form, self.name_kind = own + "nameForm", own + "nameKind"
        self.country, self.governs = own + "country", own + "governs"
        self.seat = SCHEMA + "location"
        self.decided = own + "decidesSubject"
        self.about, self.counts = own + "figureAbout", own + "counts"
        self.value, self.as_of = own + "figureValue", own + "asOf"
        self.inhabitants = listed + "count-inhabitants"
        self.kind_of_name, self.kind_of_body = listed + "name-", listed + "body-"
        self.read: Final = (
            *_NAMES,
            *(RDF + "type", DCTERMS + "type", *_CODES, _LITERAL_FORM),
            *(_WGS + "lat", _WGS + "long"),
            *(self.name_form, self.name_kind, self.country, self.governs, self.seat),
            *(self.about, self.counts, self.value, self.as_of),
        )


class Point(NamedTuple):
    """A position in decimal degrees of WGS 84."""

    latitude: float
    longitude: float


class Name(NamedTuple):
    """A name of a thing.

    Attributes:
        text: As its source writes it.
        language: BCP 47 tag; empty where it has none.
        kind: `main`, `alternate`, `hidden`, `translated`, or the last part of the concept that says
            what kind of name form it is, such as `inflected`, `former`, `typo`.
        graph: The IRI of the named graph that has it; empty where that is not known.
        of: The IRI of the city whose name it is, where a body goes by the name of its city; else
            empty.
    """

    text: str
    language: str = ""
    kind: str = "main"
    graph: str = ""
    of: str = ""


@dataclass(frozen=True)
class Record:
    """A thing that a name may stand for.

    Attributes:
        iri: Of the thing.
        types: The IRIs of its classes.
        names: Main names first.
        country: The IRI in the EU country table; None where it has none or several.
        point: Where it is; of a body without a position, where the city is that it runs or sits in.
        population: Inhabitants, by the newest figure; None where unknown.
        body: What kind of body it is; None where it is no body.
        governs: The cities that it runs.
        seats: The cities that it sits in and does not run, as a metropolis or an agency.
        codes: Identifiers that it has in its sources, and notations.
        is_located: Whether it is a place or a body, so that a name without a country or a position
            does not tell which one is meant.
    """

    iri: str
    types: frozenset[str] = frozenset()
    names: tuple[Name, ...] = ()
    country: str | None = None
    point: Point | None = None
    population: float | None = None
    body: BodyKind | None = None
    governs: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    is_located: bool = False

    @property
    def label(self) -> str:
        """The first English main name, else the first name, else the IRI."""
        english = (n.text for n in self.names if n.kind == "main" and n.language == "en")
        return next(english, self.names[0].text if self.names else self.iri)


@dataclass
class _Gathered:
    """What statements say about one subject, before it is put together."""

    types: set[str] = field(default_factory=set)
    names: dict[Name, None] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)  # name form: graph that ties it
    texts: list[ox.Literal] = field(default_factory=list)
    values: dict[str, set[str]] = field(default_factory=dict)

    def take(self, predicate: str, value: Term, graph: str) -> None:
        """Add what a statement of a named graph says."""
        if isinstance(value, ox.Literal):
            if predicate in _NAMES:
                name = Name(value.value, value.language or "", _NAMES[predicate], graph)
                self.names.setdefault(name)
                return
            if predicate == _LITERAL_FORM:
                self.texts.append(value)
                return
        if predicate == RDF + "type":
            self.types.add(value.value)
        elif predicate.endswith("#nameForm"):
            self.forms.setdefault(value.value, graph)
        else:
            self.values.setdefault(predicate, set()).add(value.value)

    def one(self, predicate: str) -> str | None:
        """Return the value of a property where it has one value."""
        found = self.values.get(predicate, set())
        return next(iter(found)) if len(found) == 1 else None


def statements_of(store: Quads, base: str = CANONICAL_BASE) -> Iterator[Quad]:
    """Yield the statements of a snapshot that records are made from, each from its named graph.

    What a ruling rejects is left out: a thing on which a curator has decided has those statements
    only that stand in the accepted view.

    Args:
        store: Of the snapshot.
        base: That its IRIs begin with.
    """
    terms, accepted = _Vocabulary(base), ox.DefaultGraph()
    found = store.quads_for_pattern(None, ox.NamedNode(terms.decided), None, accepted)
    decided = {quad.object for quad in found}
    for predicate in terms.read:
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                parts = (quad.subject, quad.predicate, quad.object, accepted)
                if quad.subject not in decided or next(store.quads_for_pattern(*parts), None):
                    yield cast(Quad, quad)


def statements_in(dataset: Dataset) -> Iterator[Quad]:
    """Yield the statements of files that records are made from, without what a ruling rejects."""
    return accepted_quads(dataset.quads(), list(rulings(dataset)))


@uncollected()
def records_of(statements: Iterable[Quad], base: str = CANONICAL_BASE) -> list[Record]:
    """Return the things with main names that statements describe, in the order of their IRIs.

    A body that runs the local affairs of exactly one city goes by the names of that city too, and
    lies where it lies; where several bodies run it, only the one of the city itself does.
    Statements that have nothing to do with names are passed over.

    Args:
        statements: In named graphs: those of `statements_in` or of `statements_of`.
        base: That the IRIs of the dataset begin with.
    """
    terms = _Vocabulary(base)
    gathered = _gathered(statements, frozenset(terms.read))
    inhabitants = _inhabitants(gathered, terms)
    own: dict[str, Record] = {}
    for iri in sorted(gathered):
        found = gathered[iri]
        if found.types and any(name.kind == "main" for name in found.names):
            own[iri] = _record(iri, found, gathered, inhabitants.get(iri), terms)
    bodies = Counter(city for record in own.values() for city in record.governs)
    return [_with_city(record, own, bodies) for record in own.values()]


def _gathered(statements: Iterable[Quad], wanted: frozenset[str]) -> dict[str, _Gathered]:
    found: dict[str, _Gathered] = {}
    for quad in statements:
        predicate, subject = quad.predicate.value, quad.subject
        if predicate not in wanted or not isinstance(subject, ox.NamedNode):
            continue
        about = found.get(subject.value)
        if about is None:
            about = found[subject.value] = _Gathered()
        about.take(predicate, quad.object, quad.graph_name.value)
    return found


def _inhabitants(gathered: dict[str, _Gathered], terms: _Vocabulary) -> dict[str, float]:
    """Return the population of each thing that a reported figure of inhabitants is about."""
    dated: dict[str, tuple[str, float]] = {}
    for figure in gathered.values():
        about, value = figure.one(terms.about), figure.one(terms.value)
        if about and value and figure.one(terms.counts) == terms.inhabitants:
            found = (figure.one(terms.as_of) or "", float(value))
            dated[about] = max(found, dated.get(about, found))
    return {about: value for about, (_, value) in dated.items()}


def _record(
    iri: str,
    found: _Gathered,
    gathered: dict[str, _Gathered],
    population: float | None,
    terms: _Vocabulary,
) -> Record:
    names = [*found.names, *_forms(found, gathered, terms)]
    names.sort(key=lambda name: (name.kind != "main", name.language != "en", name))
    latitude, longitude = found.one(_WGS + "lat"), found.one(_WGS + "long")
    body = _body_kind(found, names, terms)
    return Record(
        iri,
        frozenset(found.types),
        tuple(names),
        found.one(terms.country),
        Point(float(latitude), float(longitude)) if latitude and longitude else None,
        population,
        body,
        tuple(sorted(found.values.get(terms.governs, ()))),
        tuple(sorted(found.values.get(terms.seat, ()))),
        tuple(sorted({code for name in _CODES for code in found.values.get(name, ())})),
        is_located=body is not None or bool({terms.city, SCHEMA + "Place"} & found.types),
    )


def _forms(found: _Gathered, gathered: dict[str, _Gathered], terms: _Vocabulary) -> Iterator[Name]:
    for iri, graph in found.forms.items():
        form = gathered.get(iri)
        if form is None:
            continue
        kind = (form.one(terms.name_kind) or "").removeprefix(terms.kind_of_name) or "variant"
        for text in form.texts:
            yield Name(text.value, text.language or "", kind, graph)


def _body_kind(found: _Gathered, names: list[Name], terms: _Vocabulary) -> BodyKind | None:
    """Return what kind of body it is: as stated, else as its main names tell."""
    if not found.types & {terms.municipality, _ORGANISATION}:
        return None
    for stated in sorted(found.values.get(DCTERMS + "type", ())):
        with suppress(ValueError):  # the list has kinds that no name tells
            return BodyKind(stated.removeprefix(terms.kind_of_body))
    told = {core(fold(name.text)).kind for name in names if name.kind == "main"}
    other = sorted(kind for kind in told if kind not in (None, BodyKind.CITY))
    if other:
        return other[0]
    return BodyKind.CITY if terms.municipality in found.types else BodyKind.AGENCY


def _with_city(record: Record, own: dict[str, Record], bodies: Counter[str]) -> Record:
    """Return a body with the position of its city, and the names of the one city that it runs.

    Args:
        record: As its own statements describe it.
        own: All records by their IRIs.
        bodies: How many bodies run each city. Where a district alone does, it is what is meant
            where the city joins or signs.
    """
    around = record.governs or record.seats
    city = own.get(around[0]) if record.body is not None and len(around) == 1 else None
    if city is None:
        return record
    placed = replace(
        record, country=record.country or city.country, point=record.point or city.point
    )
    if not record.governs or (record.body != BodyKind.CITY and bodies[city.iri] > 1):
        return placed
    return replace(
        placed,
        names=record.names + tuple(name._replace(of=city.iri) for name in city.names),
        population=record.population or city.population,
    )
