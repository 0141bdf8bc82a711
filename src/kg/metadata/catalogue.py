"""The catalogue (DCAT 3, DCAT-AP 3): the dataset, each source as a dataset, how to get at them.

A source is a dataset of its own: the statements that were read in it, which stand in its named
graph. Its licence is the one that the source states, else that of the whole; its languages,
countries and period are those of the source and of what it says. What is known of the source
itself, such as who published it, is said of `id/source/<id>`, from which it was derived.

Some things from outside get their class here, such as a language or a licence: harvesters of DCAT
ask for it and follow no links.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from kg.dataset import META, SOURCE
from kg.errors import BuildError
from kg.metadata.services import PROTOCOL, Steward, agents, services, stewardship
from kg.metadata.statements import (
    CATALOGUE,
    DATASET,
    ENDPOINT,
    TYPE,
    Statement,
    about,
    english,
    iri,
    named,
)
from kg.namespaces import (
    CANONICAL_BASE,
    DCAT,
    DCTERMS,
    EU_AUTHORITY,
    FOAF,
    ID,
    ONT,
    OWL,
    PROV,
    SKOS,
    VOID,
)
from kg.terms import Quad, Term

_THEMES: Final = EU_AUTHORITY + "data-theme"
# EU Vocabularies, data themes: what the dataset as a whole is about.
_THEME_NAMES: Final = {
    "ENVI": "Environment",
    "GOVE": "Government and public sector",
    "REGI": "Regions and cities",
}
_FORMATS: Final = "http://www.w3.org/ns/formats/"  # W3C, Unique URIs for file formats
_FEATURES: Final = ("Turtle", "JSON-LD", "RDF_XML", "N-Triples", "TriG", "N-Quads")
_DATES: Final = frozenset((ONT + "startDate", ONT + "endDate", ONT + "date"))
_COUNTRY: Final = ONT + "country"
_GRAPHS: Final = {
    "decisions": "Rulings where sources disagree",
    "inferred": "What the rules infer",
    "links": "Identity links to other datasets",
    "lists": "Concept lists",
    "meta": "Description of the dataset",
    "ontology": "Ontology",
    "registry": "Registry of names and kinds",
    "retired": "Names that are out of use, and what took their place",
    "shapes": "Rules for the data",
}


def catalogue(quads: Iterable[Quad], version: str) -> Iterator[Statement]:
    """Yield the catalogue.

    Args:
        quads: Every statement of every named graph, with what `data/dataset.ttl` says.
        version: Of the dataset.

    Raises:
        BuildError: `data/dataset.ttl` names no publisher, or no licence.
    """
    by_graph: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        by_graph[quad.graph_name.value].append(quad)
    sources = {graph: own for graph, own in sorted(by_graph.items()) if graph.startswith(SOURCE)}
    steward = _steward(by_graph[META])
    yield from _catalogue(list(sources), steward)
    yield from _whole(version, steward)
    yield from _coverage(DATASET, [quad for own in by_graph.values() for quad in own])
    yield from _themes()
    for graph, own in sources.items():
        yield from _source(graph, own, steward)
        yield from _coverage(iri(graph), own)
    for graph in sorted({*by_graph, META} - set(sources)):
        local = graph.rpartition("/")[2]
        yield from about(
            iri(graph), [(DCTERMS + "description", english(_GRAPHS.get(local, local)))]
        )
    yield from about(iri(META), [(TYPE, iri(VOID + "Dataset")), (PROV + "wasDerivedFrom", DATASET)])
    yield from services(steward)
    everything = (quad for own in by_graph.values() for quad in own)
    of_publisher = [quad for quad in everything if quad.subject == steward.publisher]
    yield from agents(steward, _title(of_publisher, steward.publisher.value))


def _steward(meta: list[Quad]) -> Steward:
    own = [quad for quad in meta if quad.subject == DATASET]
    publishers, licences = (_values(own, DCTERMS + name) for name in ("publisher", "license"))
    if not publishers or not licences:
        raise BuildError(
            "data/dataset.ttl: needs the dcterms:publisher and the dcterms:license of the dataset"
        )
    return Steward(iri(publishers[0]), iri(licences[0]))


def _catalogue(sources: list[str], steward: Steward) -> Iterator[Statement]:
    text = "The dataset as a whole, and each source that it was read from."
    yield from about(
        CATALOGUE,
        [
            (TYPE, iri(DCAT + "Catalog")),
            (DCTERMS + "title", english("Catalogue of citypledge")),
            (DCTERMS + "description", english(text)),
            *stewardship(steward),
            (FOAF + "homepage", iri(CANONICAL_BASE)),
            (DCTERMS + "language", iri(EU_AUTHORITY + "language/ENG")),
            (DCAT + "themeTaxonomy", iri(_THEMES)),
            *((DCAT + "dataset", iri(name)) for name in (DATASET.value, *sources)),
        ],
    )
    yield from about(iri(CANONICAL_BASE), [(TYPE, iri(FOAF + "Document"))])
    language = iri(EU_AUTHORITY + "language/ENG")
    yield from about(language, [(TYPE, iri(DCTERMS + "LinguisticSystem"))])


def _whole(version: str, steward: Steward) -> Iterator[Statement]:
    release = iri(f"{DATASET.value}/{version}")
    yield from about(
        DATASET,
        [
            (TYPE, iri(FOAF + "Document")),
            (DCTERMS + "identifier", ox.Literal(DATASET.value)),
            *stewardship(steward),
            (OWL + "versionIRI", release),
            (DCAT + "hasCurrentVersion", release),
            (DCAT + "landingPage", DATASET),
            (VOID + "sparqlEndpoint", ENDPOINT),
            *((VOID + "feature", iri(_FORMATS + name)) for name in _FEATURES),
        ],
    )
    endpoint = _distribution(DATASET, "endpoint", "SPARQL endpoint", ENDPOINT, steward.licence)
    yield from endpoint
    yield from about(
        iri(f"{CATALOGUE.value}#endpoint"),
        [(DCAT + "accessService", ENDPOINT), (DCTERMS + "conformsTo", PROTOCOL)],
    )
    title = "Description of the dataset"
    yield from _distribution(DATASET, "description", title, DATASET, steward.licence)


def _distribution(
    of: ox.NamedNode, name: str, title: str, access: ox.NamedNode, licence: ox.NamedNode
) -> Iterator[Statement]:
    node = iri(f"{CATALOGUE.value}#{name}")
    yield from about(of, [(DCAT + "distribution", node)])
    yield from about(
        node,
        [
            (TYPE, iri(DCAT + "Distribution")),
            (DCTERMS + "title", english(title)),
            (DCTERMS + "license", licence),
            (DCAT + "accessURL", access),
        ],
    )


def _themes() -> Iterator[Statement]:
    for theme, name in _THEME_NAMES.items():
        node = iri(f"{_THEMES}/{theme}")
        yield from about(DATASET, [(DCAT + "theme", node)])
        yield from about(
            node,
            [
                (TYPE, iri(SKOS + "Concept")),
                (SKOS + "prefLabel", english(name)),
                (SKOS + "inScheme", iri(_THEMES)),
            ],
        )
    kind = iri(SKOS + "ConceptScheme")
    yield from about(iri(_THEMES), [(TYPE, kind), (DCTERMS + "title", english("Data theme"))])


def _source(graph: str, quads: list[Quad], steward: Steward) -> Iterator[Statement]:
    name = graph.removeprefix(SOURCE)
    node, source = iri(graph), iri(f"{ID}source/{name}")
    own = [quad for quad in quads if quad.subject == source]
    title = _title(own, name)
    stated = _values(own, DCTERMS + "license")
    licence = iri(stated[0]) if stated else steward.licence
    text = f"What the source “{title.value}” says, each statement with its place in it."
    yield from about(
        node,
        [
            (TYPE, iri(DCAT + "Dataset")),
            (DCTERMS + "title", title),
            (DCTERMS + "description", english(text)),
            (DCTERMS + "identifier", ox.Literal(graph)),
            *stewardship(steward._replace(licence=licence)),
            (DCTERMS + "isPartOf", DATASET),
            (DCAT + "theme", iri(f"{_THEMES}/REGI")),
            (FOAF + "page", source),
        ],
    )
    yield from about(source, [(TYPE, iri(FOAF + "Document"))])
    yield from about(licence, [(TYPE, iri(DCTERMS + "LicenseDocument"))])
    document = "Document with the statements"
    yield from _distribution(node, f"document/{name}", document, node, licence)


def _title(own: list[Quad], name: str) -> ox.Literal:
    """Return what a thing is called, in English where it has such a name."""
    labels = [
        quad.object
        for quad in own
        if quad.predicate.value == SKOS + "prefLabel" and isinstance(quad.object, ox.Literal)
    ]
    labels.sort(key=lambda label: (label.language != "en", str(label)))
    return labels[0] if labels else english(name)


def _coverage(node: ox.NamedNode, quads: list[Quad]) -> Iterator[Statement]:
    """Yield languages, countries and period of a dataset, from what it says."""
    kinds = (
        (DCTERMS + "language", "language", "LinguisticSystem"),
        (_COUNTRY, "spatial", "Location"),
    )
    for predicate, term, kind in kinds:
        for value in _values(quads, predicate):
            yield from about(node, [(DCTERMS + term, iri(value))])
            yield from about(iri(value), [(TYPE, iri(DCTERMS + kind))])
            if value.startswith(EU_AUTHORITY):
                scheme = iri(value.rpartition("/")[0])
                yield from about(iri(value), [(SKOS + "inScheme", scheme)])
    dates = [
        quad.object
        for quad in quads
        if quad.predicate.value in _DATES and isinstance(quad.object, ox.Literal)
    ]
    if dates:
        yield from _period(node, dates)


def _period(node: ox.NamedNode, dates: list[ox.Literal]) -> Iterator[Statement]:
    period = iri(f"{CATALOGUE.value}#period/{node.value.removeprefix(CANONICAL_BASE)}")
    yield from about(node, [(DCTERMS + "temporal", period)])
    values: list[tuple[str, Term]] = [
        (TYPE, iri(DCTERMS + "PeriodOfTime")),
        (DCAT + "startDate", min(dates, key=lambda date: date.value)),
        (DCAT + "endDate", max(dates, key=_end)),
    ]
    yield from about(period, values)


def _values(quads: list[Quad], predicate: str) -> list[str]:
    found = {
        value
        for quad in quads
        if quad.predicate.value == predicate and (value := named(quad.object)) is not None
    }
    return sorted(found)


def _end(date: ox.Literal) -> str:
    """Order dates of several precisions by their end: a year ends after each of its days."""
    return date.value + "-99"
