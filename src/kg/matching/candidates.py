"""What is not decided: bodies of an import, or links to the outside, that may be one and the same.

An import keeps a row that is no sure match as a body of its own and ties it with skos:closeMatch to
the things that it may be. A link of that kind says "perhaps", never "is". What speaks for a pair
and what against is worked out here from the names, countries, positions and populations of the two,
so that whoever looks, at the terminal or on the page, sees the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, cast

import pyoxigraph as ox

from kg.matching.decision import Candidate, Matcher, Query, Why
from kg.matching.index import Index
from kg.matching.records import Record
from kg.namespaces import CANONICAL_BASE, SKOS
from kg.terms import Quad, Quads

CLOSE_MATCH: Final = SKOS + "closeMatch"
_NOTE: Final = SKOS + "editorialNote"


@dataclass(frozen=True)
class OpenMatch:
    """A body of an import, and the things that it may be.

    Attributes:
        dataset: The import, such as `covenant`.
        row: The identifier of its row in the table.
        record: The body as the import describes it.
        candidates: Best first.
        why: Why none of them was taken.
    """

    dataset: str
    row: str
    record: Record
    candidates: tuple[Candidate, ...]
    why: Why


@dataclass(frozen=True)
class OpenLink:
    """A thing, and what outside of the graph it may be.

    Attributes:
        record: The thing.
        target: The IRI outside.
        notes: What a curator wrote about it.
    """

    record: Record
    target: str
    notes: tuple[str, ...]


def close_matches(store: Quads) -> Iterator[Quad]:
    """Yield the statements of a snapshot that `open_matches` and `open_links` read."""
    for predicate in (CLOSE_MATCH, _NOTE):
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                yield cast(Quad, quad)


def open_matches(
    statements: Iterable[Quad], index: Index, base: str = CANONICAL_BASE
) -> list[OpenMatch]:
    """Return what imports leave open, by dataset and row.

    Args:
        statements: In named graphs; others than those of `close_matches` are passed over.
        index: Of the records of the same graph.
        base: That the IRIs of the dataset begin with.
    """
    ties: dict[tuple[str, str], list[str]] = {}
    for subject, target, graph in _ties(statements):
        dataset = graph.removeprefix(f"{base}graph/source/")
        if dataset != graph and {subject, target} <= index.by_iri.keys():
            ties.setdefault((dataset, subject), []).append(target)
    matcher = Matcher(index)
    found = [
        _open_match(dataset, index.by_iri[subject], targets, matcher)
        for (dataset, subject), targets in ties.items()
    ]
    return sorted(found, key=lambda each: (each.dataset, _natural(each.row)))


def open_links(statements: Iterable[Quad], index: Index) -> list[OpenLink]:
    """Return the candidates for what things are outside of the graph, by the IRI of the thing.

    Args:
        statements: In named graphs; others than those of `close_matches` are passed over.
        index: Of the records of the same graph.
    """
    read = list(statements)
    notes: dict[str, list[str]] = {}
    for quad in read:
        if quad.predicate.value == _NOTE and isinstance(quad.object, ox.Literal):
            notes.setdefault(quad.subject.value, []).append(quad.object.value)
    found = {
        (subject, target): OpenLink(index.by_iri[subject], target, tuple(notes.get(subject, ())))
        for subject, target, _ in _ties(read)
        if subject in index.by_iri and target not in index.by_iri
    }
    return [found[pair] for pair in sorted(found)]


def _ties(statements: Iterable[Quad]) -> Iterator[tuple[str, str, str]]:
    """Yield subject, object and graph of each tie between two IRIs."""
    for quad in statements:
        if quad.predicate.value != CLOSE_MATCH:
            continue
        subject, target = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and isinstance(target, ox.NamedNode):
            yield subject.value, target.value, quad.graph_name.value


def _open_match(dataset: str, own: Record, targets: list[str], matcher: Matcher) -> OpenMatch:
    query = Query(own.names[0].text, own.country, own.point, own.population, body=own.body)
    compared = [matcher.compare(query, matcher.index.by_iri[iri]) for iri in targets]
    compared.sort(key=lambda candidate: (-candidate.score, candidate.iri))
    return OpenMatch(
        dataset, _row(own), own, tuple(compared), matcher.fault(query, compared[0]) or Why.AMBIGUOUS
    )


def _row(record: Record) -> str:
    """Return the identifier of a body in its table, by its statements or else by its IRI."""
    if len(record.codes) == 1:
        return record.codes[0]
    return record.iri.rpartition("/")[2].partition("-")[2]


def _natural(row: str) -> tuple[int, str]:
    """Return what sorts rows with numbers by their numbers."""
    return (int(row) if row.isascii() and row.isdecimal() else 0), row
