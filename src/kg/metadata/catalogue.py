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
    SD,
    SKOS,
    VCARD,
    VOID,
)
from kg.terms import Quad, Term

LICENCE: Final = iri("https://creativecommons.org/licenses/by/4.0/")
CONTACT: Final = iri(CATALOGUE.value + "#contact")
_PUBLISHER: Final = iri(f"{ID}organisation/citypledge-curators")
_THEMES: Final = EU_AUTHORITY + "data-theme"
_ACCESS: Final = EU_AUTHORITY + "access-right/PUBLIC"
_FORMATS: Final = "http://www.w3.org/ns/formats/"  # W3C, Unique URIs for file formats
_PROTOCOL: Final = iri("https://www.w3.org/TR/sparql11-protocol/")
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
        quads: Every statement of every named graph but that of the metadata.
        version: Of the dataset.
    """
    by_graph: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        by_graph[quad.graph_name.value].append(quad)
    sources = {graph: own for graph, own in sorted(by_graph.items()) if graph.startswith(SOURCE)}
    everything = [quad for own in by_graph.values() for quad in own]
    yield from _catalogue(list(sources))
    yield from _whole(everything, version)
    for graph in sorted({*by_graph, META} - set(sources)):
        local = graph.rpartition("/")[2]
        text = english(_GRAPHS.get(local, local))
        yield from about(iri(graph), [(DCTERMS + "description", text)])
    for graph, own in sources.items():
        yield from _source(graph, own)
    yield from _service()
    yield from _agents()


def _catalogue(sources: list[str]) -> Iterator[Statement]:
    yield from about(
        CATALOGUE,
        [
            (TYPE, iri(DCAT + "Catalog")),
            (DCTERMS + "title", english("Catalogue of citypledge")),
            (
                DCTERMS + "description",
                english("The dataset as a whole, and each source that it was read from."),
            ),
            *_common(),
            (FOAF + "homepage", iri(CANONICAL_BASE)),
            (DCAT + "themeTaxonomy", iri(_THEMES)),
            (DCAT + "service", ENDPOINT),
            *((DCAT + "dataset", iri(name)) for name in (DATASET.value, *sources)),
        ],
    )
    yield from about(iri(CANONICAL_BASE), [(TYPE, iri(FOAF + "Document"))])


def _common() -> Iterator[tuple[str, Term]]:
    yield DCTERMS + "publisher", _PUBLISHER
    yield DCTERMS + "license", LICENCE


def _whole(quads: list[Quad], version: str) -> Iterator[Statement]:
    release = iri(f"{DATASET.value}/{version}")
    distributions = iri(f"{CATALOGUE.value}#endpoint"), iri(f"{CATALOGUE.value}#description")
    yield from about(
        DATASET,
        [
            (DCTERMS + "identifier", ox.Literal(DATASET.value)),
            (OWL + "versionIRI", release),
            (DCAT + "hasCurrentVersion", release),
            (DCAT + "contactPoint", CONTACT),
            (DCAT + "landingPage", DATASET),
            (DCTERMS + "accessRights", iri(_ACCESS)),
            (VOID + "sparqlEndpoint", ENDPOINT),
            *((VOID + "feature", iri(_FORMATS + name)) for name in _FEATURES),
            *((DCAT + "distribution", node) for node in distributions),
        ],
    )
    yield from about(iri(_ACCESS), [(TYPE, iri(DCTERMS + "RightsStatement"))])
    yield from about(DATASET, [(TYPE, iri(FOAF + "Document"))])
    yield from _coverage(DATASET, quads)
    endpoint, description = distributions
    yield from about(
        endpoint,
        [
            *_distribution("SPARQL endpoint"),
            (DCAT + "accessURL", ENDPOINT),
            (DCAT + "accessService", ENDPOINT),
            (DCTERMS + "conformsTo", _PROTOCOL),
        ],
    )
    yield from about(
        description, [*_distribution("Description of the dataset"), (DCAT + "accessURL", DATASET)]
    )
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
    yield from about(
        iri(_THEMES),
        [(TYPE, iri(SKOS + "ConceptScheme")), (DCTERMS + "title", english("Data theme"))],
    )


_FEATURES: Final = ("Turtle", "JSON-LD", "RDF_XML", "N-Triples", "TriG", "N-Quads")
# EU Vocabularies, data themes: what the dataset as a whole is about.
_THEME_NAMES: Final = {
    "ENVI": "Environment",
    "GOVE": "Government and public sector",
    "REGI": "Regions and cities",
}


def _distribution(title: str) -> Iterator[tuple[str, Term]]:
    yield TYPE, iri(DCAT + "Distribution")
    yield DCTERMS + "title", english(title)
    yield DCTERMS + "license", LICENCE


def _source(graph: str, quads: list[Quad]) -> Iterator[Statement]:
    name = graph.removeprefix(SOURCE)
    node, source = iri(graph), iri(f"{ID}source/{name}")
    own = [quad for quad in quads if quad.subject == source]
    title = _title(own, name)
    document = iri(f"{CATALOGUE.value}#document/{name}")
    yield from about(
        node,
        [
            (TYPE, iri(DCAT + "Dataset")),
            (DCTERMS + "title", title),
            (
                DCTERMS + "description",
                english(
                    f"What the source “{title.value}” says, each statement with its place in it."
                ),
            ),
            (DCTERMS + "identifier", ox.Literal(graph)),
            (DCTERMS + "publisher", _PUBLISHER),
            (DCTERMS + "license", _licence(own)),
            (DCTERMS + "isPartOf", DATASET),
            (DCTERMS + "accessRights", iri(_ACCESS)),
            (DCAT + "contactPoint", CONTACT),
            (DCAT + "theme", iri(f"{_THEMES}/REGI")),
            (DCAT + "distribution", document),
            (FOAF + "page", source),
        ],
    )
    yield from about(source, [(TYPE, iri(FOAF + "Document"))])
    yield from about(
        document,
        [
            (TYPE, iri(DCAT + "Distribution")),
            (DCTERMS + "title", english("Document with the statements")),
            (DCTERMS + "license", _licence(own)),
            (DCAT + "accessURL", node),
        ],
    )
    yield from _coverage(node, quads)


def _title(own: list[Quad], name: str) -> ox.Literal:
    """Return what the source is called, in English where it has such a name."""
    labels = [
        quad.object
        for quad in own
        if quad.predicate.value == SKOS + "prefLabel" and isinstance(quad.object, ox.Literal)
    ]
    labels.sort(key=lambda label: (label.language != "en", str(label)))
    return labels[0] if labels else english(name)


def _licence(own: list[Quad]) -> ox.NamedNode:
    stated = sorted(
        found
        for quad in own
        if quad.predicate.value == DCTERMS + "license" and (found := named(quad.object)) is not None
    )
    return iri(stated[0]) if stated else LICENCE


def _coverage(node: ox.NamedNode, quads: list[Quad]) -> Iterator[Statement]:
    """Yield languages, countries and period of a dataset, from what it says."""
    for language in _values(quads, DCTERMS + "language"):
        yield from about(node, [(DCTERMS + "language", iri(language))])
        yield from about(iri(language), [(TYPE, iri(DCTERMS + "LinguisticSystem"))])
    for country in _values(quads, _COUNTRY):
        yield from about(node, [(DCTERMS + "spatial", iri(country))])
        yield from about(iri(country), [(TYPE, iri(DCTERMS + "Location"))])
    dates = [
        quad.object
        for quad in quads
        if quad.predicate.value in _DATES and isinstance(quad.object, ox.Literal)
    ]
    if dates:
        period = iri(f"{CATALOGUE.value}#period/{node.value.removeprefix(CANONICAL_BASE)}")
        yield from about(node, [(DCTERMS + "temporal", period)])
        yield from about(
            period,
            [
                (TYPE, iri(DCTERMS + "PeriodOfTime")),
                (DCAT + "startDate", min(dates, key=lambda date: date.value)),
                (DCAT + "endDate", max(dates, key=_end)),
            ],
        )


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


def _service() -> Iterator[Statement]:
    yield from about(
        ENDPOINT,
        [
            (TYPE, iri(DCAT + "DataService")),
            (TYPE, iri(SD + "Service")),
            (DCTERMS + "title", english("SPARQL endpoint of citypledge")),
            *_common(),
            (DCTERMS + "conformsTo", _PROTOCOL),
            (DCTERMS + "accessRights", iri(_ACCESS)),
            (DCAT + "contactPoint", CONTACT),
            (DCAT + "endpointURL", ENDPOINT),
            (DCAT + "endpointDescription", ENDPOINT),
            (DCAT + "servesDataset", DATASET),
            (SD + "endpoint", ENDPOINT),
            (SD + "defaultDataset", DATASET),
        ],
    )
    yield from about(_PROTOCOL, [(TYPE, iri(DCTERMS + "Standard"))])


def _agents() -> Iterator[Statement]:
    name = ox.Literal("Curators of citypledge", language="en")
    yield from about(_PUBLISHER, [(TYPE, iri(FOAF + "Agent")), (FOAF + "name", name)])
    yield from about(
        CONTACT,
        [
            (TYPE, iri(VCARD + "Kind")),
            (TYPE, iri(VCARD + "Organization")),
            (VCARD + "fn", name),
            (VCARD + "hasURL", iri(CANONICAL_BASE + "about")),
        ],
    )
    yield from about(LICENCE, [(TYPE, iri(DCTERMS + "LicenseDocument"))])
    yield from about(iri(META), [(TYPE, iri(VOID + "Dataset")), (PROV + "wasDerivedFrom", DATASET)])
