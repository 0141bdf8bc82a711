"""Links from the dataset to others (VoID, section 5), as the data has them.

A linkset for each other dataset and each property that links to it. Which datasets are known
stands here; which are linked, and how often, is counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.metadata.statements import DATASET, TYPE, Statement, about, count, iri, label, named, part
from kg.namespaces import CANONICAL_BASE, DCTERMS, EU_AUTHORITY, FOAF, RDF, RDFS, VOID, XSD
from kg.terms import Quad

# These say of what kind a thing is, not which thing elsewhere it has to do with.
_NO_LINKS: Final = frozenset((RDF + "type", RDFS + "isDefinedBy", DCTERMS + "license"))


class Outside(NamedTuple):
    """A dataset that someone else publishes.

    Attributes:
        key: Names it in the IRI of its description.
        title: What it is called.
        space: What the IRIs of its things begin with.
        homepage: Of it.
    """

    key: str
    title: str
    space: str
    homepage: str


OUTSIDE: Final = (
    Outside("wikidata", "Wikidata", "http://www.wikidata.org/entity/", "https://www.wikidata.org/"),
    Outside("geonames", "GeoNames", "https://sws.geonames.org/", "https://www.geonames.org/"),
    Outside("schema-org", "schema.org", "http://schema.org/", "https://schema.org/"),
    Outside(
        "eu-countries",
        "EU Vocabularies: countries and territories",
        EU_AUTHORITY + "country",
        "https://op.europa.eu/en/web/eu-vocabularies",
    ),
    Outside(
        "eu-languages",
        "EU Vocabularies: languages",
        EU_AUTHORITY + "language",
        "https://op.europa.eu/en/web/eu-vocabularies",
    ),
    Outside(
        "eu-currencies",
        "EU Vocabularies: currencies",
        EU_AUTHORITY + "currency",
        "https://op.europa.eu/en/web/eu-vocabularies",
    ),
    Outside(
        "nuts",
        "NUTS regions",
        "http://data.europa.eu/nuts/",
        "https://ec.europa.eu/eurostat/web/nuts",
    ),
    Outside(
        "eurio",
        "EURIO, the research information ontology of the EU",
        "http://data.europa.eu/s66#",
        "https://op.europa.eu/en/web/eu-vocabularies",
    ),
    Outside(
        "core-vocabularies",
        "EU Core Vocabularies",
        "http://data.europa.eu/m8g/",
        "https://semiceu.github.io/",
    ),
    Outside(
        "un-sdg",
        "UN Sustainable Development Goals",
        "http://metadata.un.org/sdg",
        "http://metadata.un.org/sdg",
    ),
)


def linksets(quads: Iterable[Quad]) -> Iterator[Statement]:
    """Yield what is linked to, and the linksets.

    Args:
        quads: Of all named graphs; a link that several graphs hold counts once.
    """
    links = {
        (quad.subject, quad.predicate.value, target)
        for quad in quads
        if (target := named(quad.object)) is not None
        and (named(quad.subject) or "").startswith(CANONICAL_BASE)
        and quad.predicate.value not in _NO_LINKS
    }
    numbers = Counter(
        (outside, predicate)
        for _, predicate, target in links
        if (outside := _dataset_of(target)) is not None
    )
    for outside in sorted({outside for outside, _ in numbers}):
        yield from _described(outside)
    for (outside, predicate), number in sorted(numbers.items()):
        node = part("links", outside.key, label(predicate))
        yield from about(DATASET, [(VOID + "subset", node)])
        yield from about(
            node,
            [
                (TYPE, iri(VOID + "Linkset")),
                (VOID + "subjectsTarget", DATASET),
                (VOID + "objectsTarget", part("outside", outside.key)),
                (VOID + "linkPredicate", iri(predicate)),
                (VOID + "triples", count(number)),
            ],
        )


def _dataset_of(target: str) -> Outside | None:
    return next((outside for outside in OUTSIDE if target.startswith(outside.space)), None)


def _described(outside: Outside) -> Iterator[Statement]:
    yield from about(
        part("outside", outside.key),
        [
            (TYPE, iri(VOID + "Dataset")),
            (DCTERMS + "title", ox.Literal(outside.title, language="en")),
            (VOID + "uriSpace", ox.Literal(outside.space, datatype=iri(XSD + "string"))),
            (FOAF + "homepage", iri(outside.homepage)),
        ],
    )
