"""How complete the dataset is, in the terms of the Data Quality Vocabulary (DQV).

The numbers of networks, programmes, decisions and pledges are those of the question `totals`; the
shares of the whole are worked out here. A measurement is named `totals#<metric>/<thing>`, under the
page that shows the numbers.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.dataset import SOURCE
from kg.metadata.statements import DATASET, TYPE, Statement, about, count, english, iri
from kg.namespaces import CANONICAL_BASE, DQV, ID, ONT, SKOS, WGS, XSD
from kg.terms import Quad, Triple, in_default_graph, select

QUESTION: Final = "totals"
PAGE: Final = CANONICAL_BASE + "totals"
_COMPLETENESS: Final = "http://www.w3.org/2016/05/ldqd#completeness"
_CREDIBILITY: Final = "http://www.w3.org/2016/05/ldqd#believability"


class _Metric(NamedTuple):
    """What is measured.

    Attributes:
        key: Names it in IRIs, and in the answer of the question where it is of one thing.
        label: In English.
        definition: In English.
        datatype: Local name in XML Schema.
        dimension: Of quality, an IRI.
    """

    key: str
    label: str
    definition: str
    datatype: str = "integer"
    dimension: str = _COMPLETENESS


_OF_THINGS: Final = (
    _Metric("listed", "places listed", "Number of entries of members that the dataset lists."),
    _Metric("bodies", "bodies listed", "Number of different bodies that hold the places listed."),
    _Metric("matched", "bodies on the map", "Number of those bodies whose position is known."),
)
_STATED: Final = _Metric("stated", "members stated", "Number of members that a source states.")
_OF_ALL: Final = (
    _Metric(
        "share-on-map",
        "share of bodies on the map",
        "Bodies that take part in something and whose position is known, by all that take part.",
        "decimal",
    ),
    _Metric(
        "share-of-complete-lists",
        "share of networks with a whole list",
        "Networks whose list of members is said to be whole, by all networks.",
        "decimal",
    ),
    _Metric(
        "share-with-source",
        "share of statements with a source",
        "Statements about entities that a source makes, by all that are accepted and not inferred.",
        "decimal",
        _CREDIBILITY,
    ),
)


def quality(named: Iterable[Quad], view: set[Triple], question: str | None) -> Iterator[Statement]:
    """Yield the metrics and what was measured.

    Args:
        named: Every statement of every named graph.
        view: The accepted view with what the rules infer.
        question: The SPARQL of the question `totals`; None where the library has none.
    """
    for metric in (*_OF_THINGS, _STATED, *_OF_ALL):
        yield from about(
            _metric(metric),
            [
                (TYPE, iri(DQV + "Metric")),
                (SKOS + "prefLabel", english(metric.label)),
                (SKOS + "definition", english(metric.definition)),
                (DQV + "expectedDataType", iri(XSD + metric.datatype)),
                (DQV + "inDimension", iri(metric.dimension)),
            ],
        )
    store = ox.Store()
    store.bulk_extend(in_default_graph(triple) for triple in view)
    for metric, value in zip(_OF_ALL, _shares(named, store), strict=True):
        if value is not None:
            yield from _measured(metric, DATASET, value)
    if question is not None:
        yield from _of_things(store, question)


def _of_things(store: ox.Store, question: str) -> Iterator[Statement]:
    for row in select(store, question):
        thing, stated, figure = row["thing"], row["stated"], row["figure"]
        if not isinstance(thing, ox.NamedNode):
            continue
        for metric in _OF_THINGS:
            value = row[metric.key]
            if isinstance(value, ox.Literal):
                yield from _measured(metric, thing, count(int(value.value)))
        if isinstance(stated, ox.Literal) and isinstance(figure, ox.NamedNode):
            yield from _measured(_STATED, thing, stated, _local(figure))


def _measured(
    metric: _Metric, thing: ox.NamedNode, value: ox.Literal, name: str = ""
) -> Iterator[Statement]:
    node = iri(f"{PAGE}#{metric.key}/{name or _local(thing)}")
    yield from about(
        node,
        [
            (TYPE, iri(DQV + "QualityMeasurement")),
            (DQV + "isMeasurementOf", _metric(metric)),
            (DQV + "computedOn", thing),
            (DQV + "value", value),
        ],
    )
    if thing == DATASET:
        yield from about(DATASET, [(DQV + "hasQualityMeasurement", node)])


def _shares(named: Iterable[Quad], store: ox.Store) -> tuple[ox.Literal | None, ...]:
    """Return the shares of the whole, in the order of `_OF_ALL`; None for a share of nothing."""
    bodies = {quad.object for quad in _all(store, ONT + "participant")}
    on_map = {quad.subject for quad in _all(store, WGS + "lat")}
    for name in (ONT + "governs", "http://schema.org/location"):
        on_map |= {quad.subject for quad in _all(store, name) if quad.object in on_map}
    networks = set(_of_type(store, ONT + "Network"))
    whole = {
        quad.subject
        for quad in _all(store, ONT + "memberListComplete")
        if isinstance(quad.object, ox.Literal) and quad.object.value == "true"
    }
    told: dict[Triple, bool] = {}
    for quad in named:
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(ID):
            is_source = quad.graph_name.value.startswith(SOURCE)
            told[quad.triple] = told.get(quad.triple, False) or is_source
    accepted = [has for triple, has in told.items() if in_default_graph(triple) in store]
    return (
        _share(len(bodies & on_map), len(bodies)),
        _share(len(networks & whole), len(networks)),
        _share(sum(accepted), len(accepted)),
    )


def _all(store: ox.Store, predicate: str) -> Iterator[ox.Quad]:
    return store.quads_for_pattern(None, ox.NamedNode(predicate), None)


def _of_type(store: ox.Store, kind: str) -> Iterator[object]:
    found = store.quads_for_pattern(None, ox.NamedNode(TYPE), ox.NamedNode(kind))
    return (quad.subject for quad in found)


def _share(part: int, whole: int) -> ox.Literal | None:
    if whole == 0:
        return None
    return ox.Literal(f"{part / whole:.4f}", datatype=ox.NamedNode(XSD + "decimal"))


def _metric(metric: _Metric) -> ox.NamedNode:
    return iri(f"{PAGE}#metric/{metric.key}")


def _local(thing: ox.NamedNode) -> str:
    return thing.value.removeprefix(CANONICAL_BASE).removeprefix("id/")
