"""The accepted view: what the dataset holds to be true once the rulings are applied.

Accepted view = ontology, lists, registry and all sources, less the statements that a ruling in
`data/decisions.ttl` rejects, plus the rulings themselves. Identity links stay in a graph of their
own, because following them is the reader's choice; so does what says which IRIs are retired,
because it is about names and not about things.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg.dataset import DECISIONS, LINKS, META, RETIRED, Dataset
from kg.namespaces import ONT, RDF
from kg.terms import Quad, Resource, Term

_TYPE: Final = ox.NamedNode(RDF + "type")
OUTSIDE: Final = {ox.NamedNode(LINKS), ox.NamedNode(META), ox.NamedNode(RETIRED)}
_RULING: Final = ox.NamedNode(ONT + "Ruling")


@dataclass(frozen=True)
class Ruling:
    """A curator's choice between statements that cannot both stand.

    Attributes:
        iri: The ruling.
        subject: What it is about.
        property: The property whose values it decides on.
        rejected: The values that are left out of the accepted view.
        graphs: The named graphs in which they are rejected; empty means in all.
    """

    iri: Resource
    subject: ox.NamedNode
    property: ox.NamedNode
    rejected: tuple[Term, ...]
    graphs: tuple[ox.NamedNode, ...]

    def rejects(self, quad: Quad) -> bool:
        """Tell whether the ruling leaves a statement out."""
        return (
            quad.subject == self.subject
            and quad.predicate == self.property
            and quad.object in self.rejected
            and (not self.graphs or quad.graph_name in self.graphs)
        )


def rulings(dataset: Dataset) -> Iterator[Ruling]:
    """Yield the rulings of a dataset; one that lacks a part is left to the shapes to report."""
    facts: dict[Resource, dict[str, list[Term]]] = {}
    for file in dataset.of_graph(DECISIONS):
        for triple in file.triples:
            parts = facts.setdefault(triple.subject, {})
            parts.setdefault(triple.predicate.value.removeprefix(ONT), []).append(triple.object)
    for iri, parts in facts.items():
        subject, prop = parts.get("decidesSubject", []), parts.get("decidesProperty", [])
        if (
            _RULING in parts.get(_TYPE.value, [])
            and len(subject) == len(prop) == 1
            and isinstance(subject[0], ox.NamedNode)
            and isinstance(prop[0], ox.NamedNode)
        ):
            graphs = (g for g in parts.get("rejectedGraph", []) if isinstance(g, ox.NamedNode))
            yield Ruling(
                iri, subject[0], prop[0], tuple(parts.get("rejectedValue", [])), tuple(graphs)
            )


def in_view(quad: Quad, decided: Iterable[Ruling]) -> bool:
    """Tell whether a statement belongs to the accepted view."""
    return quad.graph_name not in OUTSIDE and not any(ruling.rejects(quad) for ruling in decided)


def accepted_quads(quads: Iterable[Quad], decided: Iterable[Ruling]) -> Iterator[Quad]:
    """Yield the statements of the accepted view, each still in the named graph that it is in."""
    by_subject: dict[object, list[Ruling]] = {}
    for ruling in decided:
        by_subject.setdefault(ruling.subject, []).append(ruling)
    for quad in quads:
        if in_view(quad, by_subject.get(quad.subject, ())):
            yield quad
