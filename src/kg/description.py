"""What the graph says about one IRI, with who says it: for a page, and as RDF.

Everything is read with a few index look-ups, never with SPARQL, so the work is bounded by what is
said about the thing: at most `MAX_INCOMING` statements that point at it are shown, and the
description says how many there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.languages import Label
from kg.namespaces import RDF, RDFS, SKOS
from kg.query.evidence import Claim, Ruling, claims, rulings
from kg.query.labels import (
    LABEL_PROPERTIES,
    LITERAL_FORM,
    TYPE,
    Node,
    Reader,
    Shown,
    Term,
    graph_kind,
    source_label,
)
from kg.terms import Quads

MAX_INCOMING: Final = 200  # statements pointing at a thing that are shown and put in its document
MAX_COUNTED: Final = 10_000  # beyond this many, they are no longer counted

_FIRST: Final = (RDF + "type", SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel")


class Origin(NamedTuple):
    """A named graph that states something.

    Attributes:
        iri: Of the graph.
        kind: `source`, or the other name of the graph: `registry`, `inferred`, `links` ...
        number: From 1 in the order of appearance on the page; 0 for a graph that is no source.
        label: Name of the source, or of the graph.
    """

    iri: str
    kind: str
    number: int
    label: Shown


class Statement(NamedTuple):
    """A value, who states it, and whether the accepted view holds it."""

    value: Shown
    origins: tuple[Origin, ...]
    is_accepted: bool

    @property
    def is_inferred(self) -> bool:
        """Whether no source says it and a rule gave it."""
        return bool(self.origins) and all(origin.kind == "inferred" for origin in self.origins)


class Group(NamedTuple):
    """The statements with one property."""

    property: Shown
    statements: tuple[Statement, ...]


class Incoming(NamedTuple):
    """The things that point here with one property: the first of them, and how many there are."""

    property: Shown
    subjects: tuple[Shown, ...]
    total: int


@dataclass(frozen=True)
class Description:
    """All that a page about one IRI shows."""

    iri: str
    title: Shown
    kinds: tuple[Shown, ...]
    names: tuple[Label, ...]
    other_names: tuple[Label, ...]
    forms: tuple[tuple[Label, Shown], ...]
    groups: tuple[Group, ...]
    rejected: tuple[Group, ...]
    links: tuple[Group, ...]
    rulings: tuple[Ruling, ...]
    claims: tuple[Claim, ...]
    incoming: tuple[Incoming, ...]
    incoming_total: int
    is_cut: bool
    origins: tuple[Origin, ...]


def describe(
    store: Quads, iri: str, *, base: str, languages: Sequence[str] = ()
) -> Description | None:
    """Return what the graph says about an IRI, or None where it says nothing.

    Args:
        store: Default graph: the accepted view; named graphs: who says what.
        iri: An absolute IRI with legal characters.
        base: What the IRIs of the dataset begin with.
        languages: Tags that the reader prefers, best first.
    """
    reader = Reader(store, base, languages)
    return _Describer(reader, ox.NamedNode(iri)).result()


class _Describer:
    """Gathers the parts of one description."""

    def __init__(self, reader: Reader, subject: ox.NamedNode) -> None:
        self.reader = reader
        self.subject = subject
        self.graphs: dict[tuple[ox.NamedNode, Term], set[str]] = {}
        self.accepted: set[tuple[ox.NamedNode, Term]] = set()
        self.origins: dict[str, Origin] = {}
        for quad in reader.store.quads_for_pattern(subject, None, None, None):
            key = (quad.predicate, quad.object)
            stated = self.graphs.setdefault(key, set())
            if isinstance(quad.graph_name, ox.DefaultGraph):
                self.accepted.add(key)
            else:
                stated.add(quad.graph_name.value)

    def result(self) -> Description | None:
        incoming, total, is_cut = self._incoming()
        if not self.graphs and not total:
            return None
        reader, subject = self.reader, self.subject
        linked = {key for key in self.graphs if self._kinds(key) == {"links"}} - self.accepted
        sourced = {key for key in self.graphs if self._kinds(key) & {"source", "registry"}}
        kinds = sorted(
            value for value in reader.values(subject, TYPE) if isinstance(value, ox.NamedNode)
        )
        return Description(
            iri=subject.value,
            title=reader.show(subject),
            kinds=tuple(reader.show(kind) for kind in kinds),
            names=tuple(reader.labels(subject, LABEL_PROPERTIES)),
            other_names=tuple(reader.labels(subject, [ox.NamedNode(SKOS + "altLabel")])),
            forms=tuple(self._forms()),
            groups=self._groups(set(self.graphs) - linked - (sourced - self.accepted)),
            rejected=self._groups(sourced - self.accepted),
            links=self._groups(linked),
            rulings=tuple(rulings(reader, subject)),
            claims=tuple(claims(reader, subject)),
            incoming=incoming,
            incoming_total=total,
            is_cut=is_cut,
            origins=tuple(sorted(self.origins.values(), key=lambda o: (o.number == 0, o.number))),
        )

    def _kinds(self, key: tuple[ox.NamedNode, Term]) -> set[str]:
        return {graph_kind(graph, self.reader.base) for graph in self.graphs[key]}

    def _groups(self, keys: set[tuple[ox.NamedNode, Term]]) -> tuple[Group, ...]:
        by_property: dict[ox.NamedNode, list[Term]] = {}
        for predicate, value in sorted(keys, key=str):
            by_property.setdefault(predicate, []).append(value)
        ordered = sorted(by_property, key=self._place)
        return tuple(
            Group(
                self.reader.show(predicate),
                tuple(self._statement(predicate, value) for value in by_property[predicate]),
            )
            for predicate in ordered
        )

    def _place(self, predicate: ox.NamedNode) -> tuple[int, str]:
        iri = predicate.value
        first = _FIRST.index(iri) if iri in _FIRST else len(_FIRST)
        return first, self.reader.show(predicate).text.casefold()

    def _statement(self, predicate: ox.NamedNode, value: Term) -> Statement:
        key = (predicate, value)
        origins = tuple(self._origin(graph) for graph in sorted(self.graphs[key]))
        return Statement(self.reader.show(value), origins, key in self.accepted)

    def _origin(self, graph: str) -> Origin:
        if graph not in self.origins:
            kind = graph_kind(graph, self.reader.base)
            number = 1 + max((o.number for o in self.origins.values()), default=0)
            label = source_label(self.reader, graph)
            self.origins[graph] = Origin(graph, kind, number if kind == "source" else 0, label)
        return self.origins[graph]

    def _forms(self) -> Iterator[tuple[Label, Shown]]:
        for form in self.reader.values(self.subject, self.reader.term("nameForm")):
            if isinstance(form, ox.Literal | ox.Triple):
                continue
            kind = self.reader.one(form, self.reader.term("nameKind"))
            for label in self.reader.labels(form, [LITERAL_FORM]):
                yield label, kind

    def _incoming(self) -> tuple[tuple[Incoming, ...], int, bool]:
        reader = self.reader
        hidden = {reader.term(name) for name in ("claimSubject", "claimProperty", "decidesSubject")}
        by_property: dict[ox.NamedNode, list[Node]] = {}
        for quad in incoming_quads(reader.store, self.subject):
            if quad.predicate not in hidden and not isinstance(quad.subject, ox.Triple):
                by_property.setdefault(quad.predicate, []).append(quad.subject)
        left, found = MAX_INCOMING, []
        for predicate in sorted(by_property, key=self._place):
            subjects = sorted(by_property[predicate], key=str)
            shown = tuple(reader.show(node) for node in subjects[:left])
            left -= len(shown)
            found.append(Incoming(reader.show(predicate), shown, len(subjects)))
        total = sum(group.total for group in found)
        return tuple(found), total, total > MAX_INCOMING


def incoming_quads(store: Quads, node: ox.NamedNode) -> Iterator[ox.Quad]:
    """Return at most `MAX_COUNTED` statements of the accepted view that point at a thing."""
    return islice(store.quads_for_pattern(None, None, node, ox.DefaultGraph()), MAX_COUNTED)
