"""The terms of the data and their labels, and which is nearest to one that is not there."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple, cast

import pyoxigraph as ox
from rapidfuzz import process, utils
from rapidfuzz.distance import JaroWinkler

from kg.check.nearest import closest, fold
from kg.namespaces import DCTERMS, RDF, RDFS, SKOS

MOST_LABELS: Final = 500_000
_NEAREST: Final = 5  # candidates that are told
_ALIKE: Final = 0.8  # Jaro-Winkler, from which two names look alike
_LABELS: Final = (SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel", SKOS + "hiddenLabel")
_TYPE: Final = RDF + "type"
_SUCCESSOR: Final = ox.NamedNode(DCTERMS + "isReplacedBy")
_RETIRED: Final = "ont#RetiredThing"
_ANYWHERE: Final = "SELECT DISTINCT ?t {{ {{ {0} }} UNION {{ GRAPH ?g {{ {0} }} }} }}"
_NUMBER: Final = re.compile(r"\d+")


class Likely(NamedTuple):
    """What is nearest to a term that is not there.

    Attributes:
        iris: The nearest first.
        is_close: Whether the first is near enough for a slip of the pen.
    """

    iris: tuple[str, ...]
    is_close: bool


class Lexicon:
    """What a store names; read when it is needed, and kept."""

    def __init__(self, store: ox.Store) -> None:
        """Make it for all graphs of a store."""
        self._store = store
        self.is_cut = False  # whether there are more labels than were read

    def prepare(self) -> None:
        """Read everything now, so that each process that is forked later has it."""
        _ = self.properties, self.classes, self._by_label, self._by_space, self.graphs

    @cached_property
    def properties(self) -> frozenset[str]:
        """What is the property of a statement, in any graph."""
        return frozenset(self._asked("?s ?t ?o"))

    @cached_property
    def classes(self) -> frozenset[str]:
        """What is the class of a thing, in any graph."""
        return frozenset(self._asked(f"?s <{_TYPE}> ?t"))

    @cached_property
    def graphs(self) -> tuple[str, ...]:
        """The named graphs."""
        named = (graph for graph in self._store.named_graphs() if isinstance(graph, ox.NamedNode))
        return tuple(sorted(graph.value for graph in named))

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """The labels of each thing, the main ones first."""
        found: dict[str, list[str]] = {}
        number = 0
        for path in _LABELS:
            for quad in self._store.quads_for_pattern(None, ox.NamedNode(path), None, None):
                number += 1
                if number > MOST_LABELS:
                    self.is_cut = True
                    return found
                if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                    listed = found.setdefault(quad.subject.value, [])
                    if quad.object.value not in listed:
                        listed.append(quad.object.value)
        return found

    def label(self, iri: str) -> str:
        """Return a name of a thing, English where there is one, or an empty string."""
        subject = ox.NamedNode(iri)
        for path in _LABELS:
            found = self._store.quads_for_pattern(subject, ox.NamedNode(path), None, None)
            labels = sorted(
                ((quad.object.language or "") != "en", quad.object.value)
                for quad in found
                if isinstance(quad.object, ox.Literal)
            )
            if labels:
                return labels[0][1]
        return ""

    def with_label(self, text: str) -> tuple[str, ...]:
        """Return the things that have a text as a label, in any spelling."""
        return tuple(self._by_label.get(fold(text), ()))

    def is_named(self, iri: str) -> bool:
        """Tell whether something is said about a thing, in any graph."""
        return any(self._store.quads_for_pattern(ox.NamedNode(iri), None, None, None))

    def is_used(self, iri: str) -> bool:
        """Tell whether a thing is subject or value of a statement, in any graph."""
        pointing = self._store.quads_for_pattern(None, None, ox.NamedNode(iri), None)
        return self.is_named(iri) or any(pointing)

    def retired(self, iri: str) -> tuple[str, ...] | None:
        """Return what took the place of a retired thing; None where it is not retired."""
        subject = ox.NamedNode(iri)
        kinds = self._store.quads_for_pattern(subject, ox.NamedNode(_TYPE), None, None)
        if not any(str(quad.object).endswith(f"{_RETIRED}>") for quad in kinds):
            return None
        found = self._store.quads_for_pattern(subject, _SUCCESSOR, None, None)
        named = (quad.object for quad in found)
        return tuple(sorted(term.value for term in named if isinstance(term, ox.NamedNode)))

    def nearest_thing(self, iri: str) -> Likely:
        """Return the things nearest to an IRI: by the end of the IRI, then by a label."""
        space, name = parted(iri)
        among = self._by_space.get(space, {})
        found = _likely(name, among)
        if found.is_close:
            return found
        for sought in dict.fromkeys((name, name.partition("-")[2])):
            by_label = closest(fold(sought), self._by_label) if sought else None
            named = [] if by_label is None else self._by_label[by_label]
            things = [each for each in named if each.startswith(space)]
            if things:
                return Likely(
                    tuple(dict.fromkeys((*things, *found.iris)))[:_NEAREST],
                    is_close=len(things) == 1,
                )
        return found

    def nearest_property(self, iri: str) -> Likely:
        """Return the properties in use that are nearest to an IRI."""
        return self._nearest(iri, self.properties)

    def nearest_class(self, iri: str) -> Likely:
        """Return the classes in use that are nearest to an IRI."""
        return self._nearest(iri, self.classes)

    def nearest_graph(self, iri: str) -> Likely:
        """Return the named graphs that are nearest to an IRI."""
        return self._nearest(iri, self.graphs)

    def _nearest(self, iri: str, among: Iterable[str]) -> Likely:
        """Return the nearest of some IRIs: those with the same namespace before others."""
        space, name = parted(iri)
        here, there = dict[str, str](), dict[str, str]()
        for each in sorted(among):
            (here if parted(each)[0] == space else there).setdefault(parted(each)[1], each)
        own, others = _likely(name, here), _likely(name, there)
        if name in there:  # the right name with the wrong prefix
            return Likely(tuple(dict.fromkeys((there[name], *own.iris)))[:_NEAREST], is_close=True)
        return Likely((*own.iris, *others.iris)[:_NEAREST], own.is_close)

    @cached_property
    def _by_label(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for iri, labels in self.labels.items():
            for label in labels:
                things = found.setdefault(fold(label), [])
                if fold(label) and iri not in things:
                    things.append(iri)
        return found

    @cached_property
    def _by_space(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for iri in self._asked(
            "SELECT DISTINCT ?t { { ?t ?p ?o } UNION { GRAPH ?g { ?t ?p ?o } } }"
        ):
            space, name = parted(iri)
            found.setdefault(space, {})[name] = iri
        return found

    def _asked(self, pattern: str) -> Iterator[str]:
        """Yield the IRIs that `?t` stands for in a pattern, in all graphs."""
        for row in cast("ox.QuerySolutions", self._store.query(_ANYWHERE.format(pattern))):
            if isinstance(row[0], ox.NamedNode):
                yield row[0].value


def parted(iri: str) -> tuple[str, str]:
    """Return the namespace and the local name of an IRI.

    >>> parted("http://schema.org/location")
    ('http://schema.org/', 'location')
    """
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:end], iri[end:]


def twins(iri: str) -> Iterator[str]:
    """Yield the IRIs that differ from one in what is often mistaken: http, https, the end.

    >>> list(twins("https://schema.org/City"))[:2]
    ['http://schema.org/City', 'https://schema.org/City/']
    """
    schemes = ("http://", "https://")
    for scheme in schemes:
        if not iri.startswith(scheme):
            continue
        rest = iri.removeprefix(scheme)
        bare = rest.rstrip("/#")
        ends = dict.fromkeys((rest, f"{bare}/" if bare == rest else bare))
        for each in (*(s for s in schemes if s != scheme), scheme):
            yield from (each + end for end in ends if each + end != iri)


def alike(text: str, among: Iterable[str], most: int = _NEAREST) -> list[str]:
    """Return the texts that look most like one, best first; case and marks do not count."""
    found = process.extract(
        text,
        list(among),
        scorer=JaroWinkler.normalized_similarity,
        processor=utils.default_process,
        score_cutoff=_ALIKE,
        limit=most,
    )
    return [each for each, _, _ in found]


def _likely(name: str, among: dict[str, str]) -> Likely:
    close = closest(name, among)
    names = [close] if close is not None else []
    others = sorted(alike(name, among), key=lambda each: _numbers(each) != _numbers(name))
    names += [each for each in others if each != close]
    return Likely(tuple(among[each] for each in names[:_NEAREST]), close is not None)


def _numbers(name: str) -> list[str]:
    return _NUMBER.findall(name)
