"""What the graph says about one IRI, with who says it: for a page, and as RDF.

Everything is read with a few index look-ups, never with SPARQL, so the work is bounded by what is
said about the thing. What belongs to a thing, and to a page of it, is settled in
`kg.description.contents`; the documents in RDF are made of the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.contents import FIRST, Contents, Key, Tied, said_of
from kg.description.moments import Moment
from kg.description.origins import Assertion, Origin, Origins
from kg.description.pointing import MAX_COUNTED
from kg.description.relations import CLAIMS, EVIDENCE, RULINGS, TIES, Tie
from kg.languages import Label
from kg.namespaces import SKOS
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
)
from kg.terms import Quads

INCOMING_SHOWN: Final = 10  # things that point at a thing with one property and are shown


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


class Relation(NamedTuple):
    """A node that is part of the description, see `kg.description.relations`.

    Attributes:
        node: Itself.
        target: What it is tied to, where that is not the thing: a body that governs the place.
        facts: Its accepted statements, without its kind and what ties it.
        origins: The graphs that say what ties it.
        verdict: Whether it held in the period that is asked for; empty where none is, or where it
            is no matter of time.
    """

    node: Shown
    target: Shown | None
    facts: tuple[tuple[Shown, tuple[Shown, ...]], ...]
    origins: tuple[Origin, ...]
    verdict: str = ""


class Relations(NamedTuple):
    """The nodes that are tied to the thing in one way."""

    heading: str
    nodes: tuple[Relation, ...]


class Incoming(NamedTuple):
    """The things that point here with one property: the first of them, and how many there are."""

    property: Shown
    subjects: tuple[Shown, ...]
    total: int


@dataclass(frozen=True)
class Description:
    """What a page about one IRI shows: one page of it, or all for a reader who wants no pages.

    What was not looked at for a moment (`left_out`) is in the description without one.
    """

    iri: str
    title: Shown
    kinds: tuple[Shown, ...]
    names: tuple[Label, ...]
    other_names: tuple[Label, ...]
    forms: tuple[tuple[Label, Shown], ...]
    groups: tuple[Group, ...]
    rejected: tuple[Group, ...]
    links: tuple[Group, ...]
    relations: tuple[Relations, ...]
    rulings: tuple[Ruling, ...]
    claims: tuple[Claim, ...]
    incoming: tuple[Incoming, ...]
    incoming_total: int
    origins: tuple[Origin, ...]
    number: int
    pages: int
    left_out: int


def describe(
    store: Quads,
    iri: str,
    *,
    base: str,
    languages: Sequence[str] = (),
    page: int | None = None,
    moment: Moment | None = None,
    origins: Origins | None = None,
) -> Description | None:
    """Return what the graph says about an IRI, or None where it says nothing.

    Args:
        store: Default graph: the accepted view; named graphs: who says what.
        iri: An absolute IRI with legal characters.
        base: What the IRIs of the dataset begin with.
        languages: Tags that the reader prefers, best first.
        page: Which page of it, from 1; None for all of it.
        moment: Leaves out what did not hold then; None for whatever ever held.
        origins: The sources that the page has named before; None where it is the first to.
    """
    reader = Reader(store, base, languages)
    contents = Contents(store, ox.NamedNode(iri), base, moment)
    return _Describer(reader, contents, page, origins or Origins(reader)).result()


class _Describer:
    """Gathers the parts of one description."""

    def __init__(
        self, reader: Reader, contents: Contents, page: int | None, origins: Origins
    ) -> None:
        self.reader = reader
        self.contents = contents
        self.subject = contents.subject
        self.number = page
        self.own, self.tied = contents.page(page)
        self.graphs = contents.said.graphs
        self.accepted = contents.said.accepted
        self.origins = origins

    def _is_named(self) -> bool:
        """Tell whether any graph points at it, as a question does at what it asks of by default."""
        pointing = self.reader.store.quads_for_pattern(None, None, self.subject, None)
        return next(iter(pointing), None) is not None

    def result(self) -> Description | None:
        is_first = self.number in (None, 1) and self.contents.moment is None
        incoming, total = self._incoming() if is_first else ((), 0)
        if not self.graphs and not self.tied and not total and not self._is_named():
            return None
        reader, subject = self.reader, self.subject
        linked = {key for key in self.own if self._kinds(key) == {"links"}} - self.accepted
        rejected = {key for key in self.own if self.contents.said.is_rejected(key, reader.base)}
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
            groups=self._groups(set(self.own) - linked - rejected),
            rejected=self._groups(rejected),
            links=self._groups(linked),
            relations=tuple(self._relations()),
            rulings=tuple(rulings(reader, self._evidence(RULINGS))),
            claims=tuple(claims(reader, self._evidence(CLAIMS))),
            incoming=incoming,
            incoming_total=total,
            origins=self.origins.all(),
            number=self.number or 1,
            pages=self.contents.pages,
            left_out=self.contents.left_out,
        )

    def _evidence(self, tie: Tie) -> list[Node]:
        return [tied.node for tied in self.tied if tied.tie == tie]

    def _relations(self) -> Iterator[Relations]:
        by_tie: dict[Tie, list[Tied]] = {}
        for tied in self.tied:
            if tied.tie not in EVIDENCE:
                by_tie.setdefault(tied.tie, []).append(tied)
        for tie, found in by_tie.items():
            yield Relations(tie.heading, tuple(self._relation(tied) for tied in found))

    def _relation(self, tied: Tied) -> Relation:
        said = said_of(self.reader.store, tied.node)
        title = self.reader.show(tied.node)
        ties = {(ox.NamedNode(tie.iri(self.reader.base)), tied.target) for tie in TIES}
        shown: dict[ox.NamedNode, list[Term]] = {}
        graphs: set[ox.NamedNode] = set()
        tying: Key | None = None
        for key in said.graphs:
            if key in ties:
                tying = key
                graphs.update(said.graphs[key])
            elif tied.tie.is_whole and key in said.accepted and key[0] != TYPE:
                shown.setdefault(key[0], []).append(key[1])
        return Relation(
            title,
            None if tied.target == self.subject else self.reader.show(tied.target),
            tuple(
                (self.reader.show(predicate), tuple(self.reader.show(value) for value in values))
                for predicate, values in shown.items()
                if [self.reader.show(value).text for value in values] != [title.text]
            ),
            () if tying is None else self.origins.of(graphs, Assertion(tied.node, *tying)),
            self._verdict(tied),
        )

    def _verdict(self, tied: Tied) -> str:
        return self.contents.verdict(tied) or ""

    def _kinds(self, key: Key) -> set[str]:
        return {graph_kind(graph.value, self.reader.base) for graph in self.graphs[key]}

    def _groups(self, keys: set[Key]) -> tuple[Group, ...]:
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
        first = FIRST.index(iri) if iri in FIRST else len(FIRST)
        return first, self.reader.show(predicate).text.casefold()

    def _statement(self, predicate: ox.NamedNode, value: Term) -> Statement:
        key = (predicate, value)
        origins = self.origins.of(self.graphs[key], Assertion(self.subject, *key))
        return Statement(self.reader.show(value), origins, key in self.accepted)

    def _forms(self) -> Iterator[tuple[Label, Shown]]:
        for form in self.reader.values(self.subject, self.reader.term("nameForm")):
            if isinstance(form, ox.Literal | ox.Triple):
                continue
            kind = self.reader.one(form, self.reader.term("nameKind"))
            for label in self.reader.labels(form, [LITERAL_FORM]):
                yield label, kind

    def _incoming(self) -> tuple[tuple[Incoming, ...], int]:
        """Return what else points here, by property; not what is part of the description."""
        tied = {tied.node for tied in self.contents.tied if tied.target == self.subject}
        by_property: dict[ox.NamedNode, list[Node]] = {}
        every = self.reader.store.quads_for_pattern(None, None, self.subject, ox.DefaultGraph())
        for quad in islice(every, MAX_COUNTED):
            if not isinstance(quad.subject, ox.Triple) and quad.subject not in tied:
                by_property.setdefault(quad.predicate, []).append(quad.subject)
        found = []
        for predicate in sorted(by_property, key=self._place):
            subjects = sorted(by_property[predicate], key=str)
            shown = tuple(self.reader.show(node) for node in subjects[:INCOMING_SHOWN])
            found.append(Incoming(self.reader.show(predicate), shown, len(subjects)))
        return tuple(found), sum(group.total for group in found)
