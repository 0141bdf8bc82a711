"""How often terms are used in the data, by the counts that the dataset keeps of itself.

The counts are those of the VoID partitions in `graph/meta`, made at build, so that a page needs no
look at the data, however much there is of it. Examples are looked for among the first instances.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import RDF, VOID
from kg.terms import Quads
from kg.web.vocabularies.graph import TYPE, Vocabularies, node

_LOOKED_AT: Final = 2000  # instances among which an example is chosen
_TRIED: Final = 40
_LONGEST: Final = 12  # statements of an example


class Count(NamedTuple):
    """A term and how often it is used."""

    iri: str
    number: int


class Example(NamedTuple):
    """A thing that uses a term, and what is said about it in Turtle."""

    iri: str
    turtle: str


class Usage:
    """The counts of one snapshot.

    Attributes:
        instances: Number of instances of each class, by IRI.
        uses: Number of statements with each property, by IRI.
    """

    def __init__(self, terms: Vocabularies, classes: Mapping[str, int]) -> None:
        """Read the counts of a dataset.

        Args:
            terms: Its terms, with the description of the dataset.
            classes: Number of instances of each class.
        """
        self.instances = classes
        self._of_class: dict[str, list[Count]] = {}
        dataset = node(f"{terms.base}dataset")
        self.uses = {count.iri: count.number for count in _properties(terms, dataset)}
        for part in terms.named(dataset, VOID + "classPartition"):
            for kind in terms.named(part, VOID + "class"):
                self._of_class[kind.value] = sorted(
                    _properties(terms, part), key=lambda count: (-count.number, count.iri)
                )

    def properties_of(self, kind: str) -> list[Count]:
        """Return the properties that instances of a class have, those used most first."""
        return self._of_class.get(kind, [])

    def classes_of(self, prop: str) -> list[Count]:
        """Return the classes whose instances have a property, by number of statements."""
        found = [
            Count(kind, count.number)
            for kind, counts in self._of_class.items()
            for count in counts
            if count.iri == prop
        ]
        return sorted(found, key=lambda count: (-count.number, count.iri))


def _properties(terms: Vocabularies, part: ox.NamedNode) -> Iterator[Count]:
    for inner in terms.named(part, VOID + "propertyPartition"):
        number = terms.text(inner, VOID + "triples")
        for prop in terms.named(inner, VOID + "property"):
            if number.isdecimal():
                yield Count(prop.value, int(number))


def example_of_class(
    store: Quads, kind: ox.NamedNode, prefixes: Mapping[str, str]
) -> Example | None:
    """Return an instance that shows much in few statements; always the same one.

    Args:
        store: The snapshot.
        kind: The class.
        prefixes: Namespaces by prefix.
    """
    found = store.quads_for_pattern(None, TYPE, kind, ox.DefaultGraph())
    subjects = _first(quad.subject for quad in islice(found, _LOOKED_AT))
    said = {subject: _said(store, subject) for subject in subjects}
    short = [subject for subject in subjects if len(said[subject]) <= _LONGEST]
    if not short:
        return _shown(subjects[0], said[subjects[0]][:_LONGEST], prefixes) if subjects else None
    best = max(short, key=lambda subject: len({triple.predicate for triple in said[subject]}))
    return _shown(best, said[best], prefixes)


def example_of_property(
    store: Quads, prop: ox.NamedNode, prefixes: Mapping[str, str]
) -> Example | None:
    """Return a thing that has a property, with its kind and that property; always the same one."""
    found = store.quads_for_pattern(None, prop, None, ox.DefaultGraph())
    subjects = _first(quad.subject for quad in islice(found, _LOOKED_AT))
    if not subjects:
        return None
    kept = [t for t in _said(store, subjects[0]) if t.predicate in (TYPE, prop)]
    return _shown(subjects[0], kept[:_LONGEST], prefixes)


def turtle_of(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> str:
    """Return statements in Turtle as a person would write them: without the lines of prefixes."""
    form = ox.RdfFormat.TURTLE
    written = ox.serialize(list(triples), format=form, prefixes=dict(prefixes)) or b""
    lines = [line for line in written.decode().splitlines() if not line.startswith("@prefix")]
    return "\n".join(lines).strip().replace("\t", "    ") + "\n"


def _first(subjects: Iterable[object]) -> list[ox.NamedNode]:
    named = (subject for subject in subjects if isinstance(subject, ox.NamedNode))
    return heapq.nsmallest(_TRIED, named, key=str)


def _said(store: Quads, subject: ox.NamedNode) -> list[ox.Triple]:
    quads = store.quads_for_pattern(subject, None, None, ox.DefaultGraph())
    return sorted((quad.triple for quad in quads), key=_type_first)


def _type_first(triple: ox.Triple) -> tuple[bool, str]:
    return triple.predicate.value != RDF + "type", str(triple)


def _shown(subject: ox.NamedNode, triples: list[ox.Triple], prefixes: Mapping[str, str]) -> Example:
    return Example(subject.value, turtle_of(triples, prefixes))
