"""IRIs that are retired: since when, why, and what took the place of what they stood for.

An IRI is given once. When the thing that it stands for goes, because it was described twice, by
mistake, or because somebody asked for its removal, the IRI is kept in `data/retired.ttl` (the
named graph `graph/retired`), so that it is given to nothing else and an old link still answers.

The named graph of a source goes with the source: `graph/source/s001` with `id/source/s001`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.dataset import RETIRED, Dataset
from kg.errors import DataError
from kg.namespaces import CANONICAL_BASE, DCTERMS, ONT, RDF, SKOS, shorten
from kg.terms import Quads, Triple

RETIRED_CLASS: Final = ONT + "RetiredThing"
RETIRED_ON: Final = ONT + "retiredOn"
REASON: Final = ONT + "retirementReason"
SUCCESSOR: Final = DCTERMS + "isReplacedBy"
NOTE: Final = SKOS + "changeNote"
ON_REQUEST: Final = "on-request"
WITHDRAWN: Final = "withdrawn"  # a new edition of its dataset no longer has it; it may come back
REASONS: Final = ("merged", "split", "renamed", "mistaken", "superseded", ON_REQUEST)
REASON_PREFIX: Final = "voc/retired-"

_KEPT: Final = ("id/", "voc/", "ont#")  # below the base: what is given once and never again
_TERM: Final = "ont#"
_LISTED: Final = 20  # of the IRIs that are lost
_REMEDIES: Final = (  # of what is lost, in the order of `Lost`
    "described then, now neither described nor retired; retire each one, such as: "
    "kg retire {first} --reason mistaken; what was described only for something that was removed "
    "on request: --reason on-request",
    "terms of the ontology, now gone; a term is never deleted: put it back and add owl:deprecated "
    "true",
    "retired then, now no longer; what is retired stays so: put the entry back into "
    "data/retired.ttl, and give what is described now an IRI of its own",
)
_SOURCE: Final = "id/source/"
_SOURCE_GRAPH: Final = "graph/source/"
_IRI: Final = re.compile(rb"<([^<>]*)>")


@dataclass(frozen=True)
class Retired:
    """What is said of an IRI that is retired.

    Attributes:
        path: The IRI, below the base.
        on: The day, as it is written; empty where none is given.
        reason: The IRI of the concept, below the base; empty where none is given.
        successors: What took its place, as IRIs below the base, in order; those of others whole.
        notes: What a curator adds, by language.
    """

    path: str
    on: str = ""
    reason: str = ""
    successors: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def is_on_request(self) -> bool:
        """Whether it was removed because somebody asked for it, so that no old state shows it."""
        return self.reason == REASON_PREFIX + ON_REQUEST


class LostError(DataError):
    """IRIs of the last release stand for nothing any more, and nothing says what became of them."""


@dataclass(frozen=True)
class Names:
    """The IRIs of a state of the dataset that have to last, below its base.

    Attributes:
        described: Of which something is said; entities, concepts, terms of the ontology.
        retired: What is said to be retired.
    """

    described: frozenset[str]
    retired: Mapping[str, Retired]


def of_store(store: Quads, base: str) -> dict[str, Retired]:
    """Return the IRIs that a snapshot says are retired, by their path below its base.

    Args:
        store: A snapshot.
        base: What the IRIs of its dataset begin with.
    """
    graph = ox.NamedNode(base + RETIRED.removeprefix(CANONICAL_BASE))
    found = store.quads_for_pattern(None, None, None, graph)
    return of_triples((quad.triple for quad in found), base)


def of_nquads(nquads: Path, base: str) -> dict[str, Retired]:
    """Return the IRIs that a file of N-Quads says are retired, by their path below its base.

    Args:
        nquads: A file of canonical N-Quads, of any size: only the lines of one graph are parsed.
        base: What the IRIs of its dataset begin with.

    Raises:
        OSError: It cannot be read.
    """
    end = f" <{base}{RETIRED.removeprefix(CANONICAL_BASE)}> .\n".encode()
    with nquads.open("rb") as lines:
        entries = b"".join(line for line in lines if line.endswith(end))
    quads = ox.parse(entries, format=ox.RdfFormat.N_QUADS)
    return of_triples((quad.triple for quad in quads), base)


def without(lines: Iterable[bytes], paths: Collection[str], base: str) -> Iterator[bytes]:
    """Give the lines of N-Quads or N-Triples that do not name some things.

    Args:
        lines: Each with one statement.
        paths: Of the things, below the base.
        base: What the IRIs begin with.

    >>> lines = [b"<http://x/a> <http://p> <http://x/b> .", b"<http://x/a> <http://p> 1 ."]
    >>> list(without(lines, {"b"}, "http://x/"))
    [b'<http://x/a> <http://p> 1 .']
    """
    names = {f"{base}{path}".encode() for path in paths}
    return (line for line in lines if names.isdisjoint(_IRI.findall(line)))


def of_dataset(dataset: Dataset) -> dict[str, Retired]:
    """Return the IRIs that the files say are retired, by their path below the canonical base."""
    return of_triples(t for file in dataset.of_graph(RETIRED) for t in file.triples)


def of_triples(
    triples: Iterable[Triple | ox.Triple], base: str = CANONICAL_BASE
) -> dict[str, Retired]:
    """Return the retired IRIs of a graph, by their path below a base."""
    said: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode) and isinstance(
            triple.object, ox.NamedNode | ox.Literal
        ):
            about = said.setdefault(_below(triple.subject.value, base), {})
            about.setdefault(_below(triple.predicate.value, base), []).append(triple.object)
    kind = _below(RETIRED_CLASS, CANONICAL_BASE)
    found = {
        path: _record(path, about, base)
        for path, about in sorted(said.items())
        if any(_below(term.value, base) == kind for term in about.get(RDF + "type", ()))
    }
    return found | {record.path: record for record in map(_graph_of, found.values()) if record}


def heir(path: str, known: Mapping[str, Retired]) -> str | None:
    """Return the one thing that took the place of a retired one, over any number of steps.

    None where nothing or several things did.

    >>> heir("id/city/a", {"id/city/a": Retired("id/city/a", successors=("id/city/b",))})
    'id/city/b'
    """
    seen: set[str] = set()
    while (record := known.get(path)) is not None:
        if len(record.successors) != 1 or path in seen:
            return None
        seen.add(path)
        path = record.successors[0]
    return path if seen else None


def heirs(path: str, known: Mapping[str, Retired]) -> tuple[str, ...]:
    """Return all that took the place of a retired thing and is not retired itself, in order."""
    found: dict[str, None] = {}
    waiting, seen = [path], set[str]()
    while waiting:
        each = waiting.pop(0)
        record = known.get(each)
        if record is None:
            found[each] = None
        elif each not in seen:
            seen.add(each)
            waiting += record.successors
    return tuple(found)


def names_of(quads: Iterable[ox.Quad], base: str) -> Names:
    """Return the IRIs of a state of the dataset that have to last.

    Args:
        quads: All statements of that state.
        base: What its IRIs begin with.
    """
    graph = ox.NamedNode(base + RETIRED.removeprefix(CANONICAL_BASE))
    described: set[str] = set()
    entries: list[ox.Triple] = []
    for quad in quads:
        if quad.graph_name == graph:
            entries.append(quad.triple)
        elif isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(base):
            described.add(quad.subject.value.removeprefix(base))
    kept = frozenset(path for path in described if path.startswith(_KEPT))
    return Names(kept, of_triples(entries, base))


class Lost(NamedTuple):
    """IRIs of a release that a later state loses, below the base, sorted.

    Attributes:
        things: Entities and concepts that are neither described nor retired.
        terms: Of the ontology, which are gone.
        back: What was retired and no longer is.
    """

    things: list[str]
    terms: list[str]
    back: list[str]


def lost(before: Names, now: Names) -> Lost:
    """Return the IRIs of a state that have no meaning in a later one, or may have another."""
    gone = before.described - now.described - now.retired.keys()
    back = (path for path in before.retired if path.startswith(_KEPT))
    return Lost(
        sorted(path for path in gone if not path.startswith(_TERM)),
        sorted(path for path in gone if path.startswith(_TERM)),
        sorted(path for path in back if path not in now.retired and not _may_return(before, path)),
    )


def _may_return(before: Names, path: str) -> bool:
    """Tell whether what was retired may be described again: its dataset has it again."""
    return before.retired[path].reason == REASON_PREFIX + WITHDRAWN


def refuse_lost(before: Names, now: Names, release: str) -> None:
    """Refuse a state that loses IRIs of the last release.

    Args:
        before: Of the last release.
        now: Of what is to be released.
        release: Version of the last release.

    Raises:
        LostError: It does; says which, and how to mend it.
    """
    found = lost(before, now)
    number = sum(map(len, found))
    if not number:
        return
    iris = "1 IRI" if number == 1 else f"{number} IRIs"
    told = [f"{iris} of release {release} would be lost; nothing was released"]
    for paths, remedy in zip(found, _REMEDIES, strict=True):
        if paths:
            first = shorten(CANONICAL_BASE + paths[0])
            told += [remedy.format(first=first), _listed(paths)]
    raise LostError("\n".join(told))


def _listed(paths: list[str]) -> str:
    shown = [f"  {shorten(CANONICAL_BASE + path)}" for path in paths[:_LISTED]]
    more = [f"  and {len(paths) - _LISTED} more"] if len(paths) > _LISTED else []
    return "\n".join((*shown, *more))


def _record(path: str, about: Mapping[str, list[ox.NamedNode | ox.Literal]], base: str) -> Retired:
    def values(name: str) -> Iterator[str]:
        terms = about.get(_below(name, CANONICAL_BASE), ())
        return (_below(term.value, base) for term in sorted(terms, key=str))

    return Retired(
        path,
        on=next(values(RETIRED_ON), ""),
        reason=next(values(REASON), ""),
        successors=tuple(values(SUCCESSOR)),
        notes=tuple(
            (term.language or "", term.value)
            for term in sorted(about.get(NOTE, ()), key=str)
            if isinstance(term, ox.Literal)
        ),
    )


def _graph_of(record: Retired) -> Retired | None:
    """Return what becomes of the named graph of a source that is retired."""
    if not record.path.startswith(_SOURCE):
        return None

    def graph(path: str) -> str:
        is_source = path.startswith(_SOURCE)
        return _SOURCE_GRAPH + path.removeprefix(_SOURCE) if is_source else path

    successors = tuple(map(graph, record.successors))
    return Retired(graph(record.path), record.on, record.reason, successors, record.notes)


def _below(iri: str, base: str) -> str:
    return iri.removeprefix(base)
