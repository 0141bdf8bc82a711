"""What belongs to the description of a thing, in pieces that pages are made of.

Read with index look-ups only: what the thing says, and what points at it by one of the `TIES`. A
description is cut into pages of `PIECES` pieces, so that a page is bounded whatever the thing is.
A piece is one statement with its sources, or one tied node with at most `NODE_STATEMENTS`
statements of its own. All that a thing says is read, and of what is tied to it in one way at most
`TIED` nodes.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.description.moments import SHORTCUTS, Moment, Verdict
from kg.description.relations import GOVERNS, TIES, Tie
from kg.namespaces import RDF, RDFS, SKOS
from kg.query.labels import Node, Term, graph_kind
from kg.terms import Quads

# A piece has about a dozen triples with its labels, so a page has one or two thousand: 100 to 200
# kB of Turtle, which a browser shows at once. All but the largest things fit on one page.
PIECES: Final = 150
TIED: Final = 10_000  # nodes that are tied in one way; what there is beyond is in what points here
JUDGED: Final = 1_000  # pieces that are looked at for what held at a moment, which has no pages
NODE_STATEMENTS: Final = 50  # of a tied node; where it has more, its own document has them

FIRST: Final = (RDF + "type", SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel")
_DEFAULT: Final = ox.DefaultGraph()
_FEW: Final = 100  # where less points at a thing, one look-up finds what is tied to it
_SAID: Final = frozenset(("source", "registry"))
Key = tuple[ox.NamedNode, Term]


class Tied(NamedTuple):
    """A node that is part of the description, and what it points at to be so."""

    node: Node
    tie: Tie
    target: ox.NamedNode


@dataclass(frozen=True)
class Said:
    """The statements of one node, with who says them.

    Attributes:
        graphs: The named graphs that say it, by property and value; in a fixed order.
        accepted: Those that the accepted view holds.
    """

    graphs: dict[Key, list[ox.NamedNode]]
    accepted: frozenset[Key]

    def is_rejected(self, key: Key, base: str) -> bool:
        """Tell whether a source or the registry says it and the accepted view leaves it out."""
        if key in self.accepted:
            return False
        return any(graph_kind(graph.value, base) in _SAID for graph in self.graphs[key])


def said_of(store: Quads, node: Node) -> Said:
    """Return what is said of a node in any graph."""
    graphs: dict[Key, list[ox.NamedNode]] = {}
    accepted: set[Key] = set()
    for quad in store.quads_for_pattern(node, None, None, None):
        if isinstance(quad.object, ox.Triple):
            continue  # RDF 1.2; JSON-LD and RDF/XML have no place for it
        key = (quad.predicate, quad.object)
        stated = graphs.setdefault(key, [])
        if isinstance(quad.graph_name, ox.NamedNode):
            stated.append(quad.graph_name)
        elif isinstance(quad.graph_name, ox.DefaultGraph):
            accepted.add(key)
    ordered = {key: sorted(graphs[key], key=_value) for key in sorted(graphs, key=_in_order)}
    return Said(ordered, frozenset(accepted))


class Contents:
    """What belongs to the description of one thing.

    Attributes:
        subject: The thing.
        said: What is said of it.
        base: What the IRIs of the dataset begin with.
    """

    def __init__(
        self, store: Quads, subject: ox.NamedNode, base: str, moment: Moment | None = None
    ) -> None:
        """Read what is said of a thing and what is tied to it.

        Args:
            store: Default graph: the accepted view; named graphs: who says what.
            subject: The thing.
            base: What the IRIs of the dataset begin with.
            moment: Leaves out what did not hold then; None for whatever ever held.
        """
        self.store = store
        self.subject = subject
        self.base = base
        self.moment = moment
        self._verdicts: dict[Node, Verdict | None] = {}
        self.said = said_of(store, subject)
        if moment is not None:
            self.said = _without_shortcuts(self.said, base)

    @cached_property
    def tied(self) -> tuple[Tied, ...]:
        """The nodes that are tied to it, each once; in a fixed order.

        For a moment: those that may have held then, among the first `JUDGED` pieces.
        """
        if self.moment is None:
            return self._every_tied
        first = self._every_tied[: max(0, JUDGED - len(self.said.graphs))]
        return tuple(tied for tied in first if self.verdict(tied) != Verdict.OUT)

    def verdict(self, tied: Tied) -> Verdict | None:
        """Return whether a tied node held at the moment; None where that is no matter of time."""
        if self.moment is None:
            return None
        if tied.node not in self._verdicts:
            self._verdicts[tied.node] = self.moment.verdict(tied.node, tied.tie)
        return self._verdicts[tied.node]

    @cached_property
    def _every_tied(self) -> tuple[Tied, ...]:
        found: dict[Node, Tied] = {}
        pointing = _pointing(self.store, self.subject, self.base)
        governors = [node for node in pointing.get(GOVERNS, ()) if isinstance(node, ox.NamedNode)]
        through = [(body, _pointing(self.store, body, self.base)) for body in governors]
        for tie in TIES:
            for node in pointing.get(tie, ()):
                found.setdefault(node, Tied(node, tie, self.subject))
            if tie.is_of_governor:
                for body, nodes in through:
                    for node in nodes.get(tie, ()):
                        found.setdefault(node, Tied(node, tie, body))
        return tuple(found.values())

    @property
    def left_out(self) -> int:
        """Number of pieces that are not looked at for what held at a moment."""
        if self.moment is None:
            return 0
        return max(0, len(self.said.graphs) + len(self._every_tied) - JUDGED)

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-(len(self.said.graphs) + len(self.tied)) // PIECES))

    def page(self, number: int | None) -> tuple[list[Key], list[Tied]]:
        """Return the statements and the tied nodes of a page, from 1; of all of them for None."""
        own, tied = list(self.said.graphs), self.tied
        if number is None:
            return own if self.moment is None else own[:JUDGED], list(tied)
        first, last = (number - 1) * PIECES, number * PIECES
        before = len(own)
        return own[first:last], list(tied[max(0, first - before) : max(0, last - before)])


def _without_shortcuts(said: Said, base: str) -> Said:
    """Return what is said without what rules draw from relations, whenever those held."""
    shortcuts = {ox.NamedNode(f"{base}ont#{name}") for name in SHORTCUTS}
    kept = {key: graphs for key, graphs in said.graphs.items() if key[0] not in shortcuts}
    return Said(kept, said.accepted.intersection(kept))


def _pointing(store: Quads, target: ox.NamedNode, base: str) -> dict[Tie, list[Node]]:
    """Return what points at a thing by the ties that there are; in a fixed order."""
    found: dict[Tie, set[Node]] = {}
    by_predicate = _predicates(base)
    few = list(islice(store.quads_for_pattern(None, None, target, _DEFAULT), _FEW))
    if len(few) < _FEW:
        quads = iter(few)
    else:
        quads = chain.from_iterable(
            islice(store.quads_for_pattern(None, predicate, target, _DEFAULT), TIED)
            for predicate in by_predicate
        )
    for quad in quads:
        tie = by_predicate.get(quad.predicate)
        if tie is not None and not isinstance(quad.subject, ox.Triple):
            found.setdefault(tie, set()).add(quad.subject)
    return {tie: sorted(nodes, key=_value) for tie, nodes in found.items()}


@cache
def _predicates(base: str) -> dict[ox.NamedNode, Tie]:
    return {ox.NamedNode(tie.iri(base)): tie for tie in TIES}


def _value(node: Node) -> str:
    return node.value


def _in_order(key: Key) -> tuple[int, str, str]:
    iri = key[0].value
    return FIRST.index(iri) if iri in FIRST else len(FIRST), iri, str(key[1])
