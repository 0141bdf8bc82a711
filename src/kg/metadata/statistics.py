"""How much of what there is (VoID, sections 4.2 to 4.6), of the accepted view.

For each class the properties of its things, and for each of these the classes and datatypes of the
values: what editors of SPARQL complete from. Datatypes of values are not in VoID; `void-ext` is
what generators and editors use for them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from kg.dataset import META, SOURCE
from kg.metadata.statements import DATASET, TYPE, Statement, about, count, iri, label, named, part
from kg.namespaces import CANONICAL_BASE, ID, ONT, PREFIXES, PROV, VOID, VOID_EXT, shorten
from kg.terms import Quad, Term, Triple

_TYPE: Final = ox.NamedNode(TYPE)
# Classes whose first thing, the one most is said of, is a good example of the whole.
_EXAMPLES: Final = ("City", "Municipality", "Network", "Pledge", "Project", "Participation")


def statistics(quads: Iterable[Quad], view: set[Triple]) -> Iterator[Statement]:
    """Yield the counts of the whole, of each named graph, of each class and of each property."""
    yield from _whole(view)
    yield from _graphs(quads)
    kinds = _kinds(view)
    yield from _properties(view)
    yield from _classes(view, kinds)
    yield from _examples(view, kinds)


def _kinds(view: set[Triple]) -> dict[Term, tuple[str, ...]]:
    """Return the classes of each thing."""
    found: dict[Term, set[str]] = defaultdict(set)
    for triple in view:
        kind = named(triple.object)
        if triple.predicate == _TYPE and kind is not None:
            found[triple.subject].add(kind)
    return {thing: tuple(sorted(classes)) for thing, classes in found.items()}


def _whole(view: set[Triple]) -> Iterator[Statement]:
    subjects = {triple.subject for triple in view}
    properties = {triple.predicate.value for triple in view}
    classes = {kind for t in view if t.predicate == _TYPE and (kind := named(t.object)) is not None}
    entities = sum((named(subject) or "").startswith(ID) for subject in subjects)
    yield from about(
        DATASET,
        [
            (VOID + "triples", count(len(view))),
            (VOID + "entities", count(entities)),
            (VOID + "distinctSubjects", count(len(subjects))),
            (VOID + "distinctObjects", count(len({triple.object for triple in view}))),
            (VOID + "properties", count(len(properties))),
            (VOID + "classes", count(len(classes))),
            *((VOID + "vocabulary", iri(name)) for name in _vocabularies(properties | classes)),
        ],
    )


def _vocabularies(terms: Iterable[str]) -> list[str]:
    """Return the vocabularies that terms belong to; ours by the IRI of its ontology."""
    spaces = {
        PREFIXES[short.partition(":")[0]] for term in terms if (short := shorten(term)) != term
    }
    return sorted(space.rstrip("#") if space == ONT else space for space in spaces)


def _graphs(quads: Iterable[Quad]) -> Iterator[Statement]:
    numbers = Counter(quad.graph_name.value for quad in quads)
    del numbers[META]  # this description is in it, so its size is not known yet
    for graph, number in sorted(numbers.items()):
        node = iri(graph)
        yield from about(DATASET, [(VOID + "subset", node)])
        yield from about(node, [(TYPE, iri(VOID + "Dataset")), (VOID + "triples", count(number))])
        if graph.startswith(SOURCE):
            source = iri(f"{ID}source/{graph.removeprefix(SOURCE)}")
            yield from about(node, [(PROV + "wasDerivedFrom", source)])


def _properties(view: set[Triple]) -> Iterator[Statement]:
    subjects, objects = defaultdict(set), defaultdict(set)
    numbers: Counter[str] = Counter()
    for triple in view:
        name = triple.predicate.value
        numbers[name] += 1
        subjects[name].add(triple.subject)
        objects[name].add(triple.object)
    for name, number in sorted(numbers.items()):
        node = part(label(name))
        yield from about(DATASET, [(VOID + "propertyPartition", node)])
        yield from about(
            node,
            [
                (VOID + "property", iri(name)),
                (VOID + "triples", count(number)),
                (VOID + "distinctSubjects", count(len(subjects[name]))),
                (VOID + "distinctObjects", count(len(objects[name]))),
            ],
        )


class _ClassCounts:
    """What the things of one class have.

    Attributes:
        properties: Number of statements, by property.
        classes: Number of statements, by property and class of the value.
        datatypes: Number of statements, by property and datatype of the value.
    """

    def __init__(self) -> None:
        self.properties: Counter[str] = Counter()
        self.classes: Counter[tuple[str, str]] = Counter()
        self.datatypes: Counter[tuple[str, str]] = Counter()

    def add(self, triple: Triple, kinds: dict[Term, tuple[str, ...]]) -> None:
        name = triple.predicate.value
        self.properties[name] += 1
        if isinstance(triple.object, ox.Literal):
            self.datatypes[name, triple.object.datatype.value] += 1
        for kind in kinds.get(triple.object, ()):
            self.classes[name, kind] += 1


def _classes(view: set[Triple], kinds: dict[Term, tuple[str, ...]]) -> Iterator[Statement]:
    sizes = Counter(kind for found in kinds.values() for kind in found)
    counts: dict[str, _ClassCounts] = defaultdict(_ClassCounts)
    for triple in view:
        for kind in kinds.get(triple.subject, ()):
            counts[kind].add(triple, kinds)
    for kind, number in sorted(sizes.items()):
        node, of_class = part(label(kind)), counts[kind]
        yield from about(DATASET, [(VOID + "classPartition", node)])
        yield from about(
            node,
            [
                (VOID + "class", iri(kind)),
                (VOID + "entities", count(number)),
                (VOID + "triples", count(of_class.properties.total())),
                (VOID + "properties", count(len(of_class.properties))),
            ],
        )
        yield from _properties_of_class(kind, of_class)


def _properties_of_class(kind: str, counts: _ClassCounts) -> Iterator[Statement]:
    for name, number in sorted(counts.properties.items()):
        node = part(label(kind), label(name))
        yield from about(part(label(kind)), [(VOID + "propertyPartition", node)])
        yield from about(node, [(VOID + "property", iri(name)), (VOID + "triples", count(number))])
    for (name, other), number in sorted(counts.classes.items()):
        inner = part(label(kind), label(name), label(other))
        yield from about(part(label(kind), label(name)), [(VOID + "classPartition", inner)])
        yield from about(inner, [(VOID + "class", iri(other)), (VOID + "triples", count(number))])
    for (name, datatype), number in sorted(counts.datatypes.items()):
        inner = part(label(kind), label(name), label(datatype))
        yield from about(part(label(kind), label(name)), [(VOID_EXT + "datatypePartition", inner)])
        yield from about(
            inner, [(VOID_EXT + "datatype", iri(datatype)), (VOID + "triples", count(number))]
        )


def _examples(view: set[Triple], kinds: dict[Term, tuple[str, ...]]) -> Iterator[Statement]:
    said = Counter(triple.subject for triple in view)
    for name in _EXAMPLES:
        of_class = [
            (-said[thing], thing.value)
            for thing, classes in kinds.items()
            if ONT + name in classes and isinstance(thing, ox.NamedNode)
        ]
        if of_class:
            yield from about(DATASET, [(VOID + "exampleResource", iri(min(of_class)[1]))])
    yield from about(DATASET, [(VOID + "rootResource", iri(CANONICAL_BASE + "catalog"))])
