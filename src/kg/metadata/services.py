"""What serves the dataset, and who stands for it: `dcat:DataService`, publisher, contact.

The contact is a page of the project. No address of a person is in the description.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.metadata.statements import (
    CATALOGUE,
    DATASET,
    ENDPOINT,
    TYPE,
    Statement,
    about,
    english,
    iri,
)
from kg.namespaces import CANONICAL_BASE, DCAT, DCTERMS, EU_AUTHORITY, FOAF, SD, SKOS, VCARD
from kg.terms import Term

CONTACT: Final = iri(CATALOGUE.value + "#contact")
ACCESS: Final = iri(EU_AUTHORITY + "access-right/PUBLIC")
PROTOCOL: Final = iri("https://www.w3.org/TR/sparql11-protocol/")
FRAGMENTS: Final = iri(CANONICAL_BASE + "fragments")
_TPF: Final = iri("https://linkeddatafragments.org/specification/triple-pattern-fragments/")


class Steward(NamedTuple):
    """Who publishes the dataset, and under which licence."""

    publisher: ox.NamedNode
    licence: ox.NamedNode


def services(steward: Steward) -> Iterator[Statement]:
    """Yield the SPARQL endpoint and the fragments, each as a service of the catalogue."""
    yield from _service(ENDPOINT, "SPARQL endpoint of citypledge", PROTOCOL, steward)
    yield from _service(FRAGMENTS, "Triple Pattern Fragments of citypledge", _TPF, steward)
    yield from about(
        ENDPOINT,
        [
            (TYPE, iri(SD + "Service")),
            (SD + "endpoint", ENDPOINT),
            (SD + "defaultDataset", DATASET),
        ],
    )


def _service(
    node: ox.NamedNode, title: str, standard: ox.NamedNode, steward: Steward
) -> Iterator[Statement]:
    yield from about(CATALOGUE, [(DCAT + "service", node)])
    yield from about(
        node,
        [
            (TYPE, iri(DCAT + "DataService")),
            (DCTERMS + "title", english(title)),
            *stewardship(steward),
            (DCTERMS + "conformsTo", standard),
            (DCAT + "endpointURL", node),
            (DCAT + "endpointDescription", node),
            (DCAT + "servesDataset", DATASET),
        ],
    )
    yield from about(standard, [(TYPE, iri(DCTERMS + "Standard"))])


def stewardship(steward: Steward) -> Iterator[tuple[str, Term]]:
    """Yield who publishes a thing, who answers for it, and what one may do with it."""
    yield DCTERMS + "publisher", steward.publisher
    yield DCTERMS + "license", steward.licence
    yield DCTERMS + "accessRights", ACCESS
    yield DCAT + "contactPoint", CONTACT


def agents(steward: Steward, name: ox.Literal) -> Iterator[Statement]:
    """Yield what `stewardship` names, with the classes that harvesters of DCAT ask for.

    Args:
        steward: Of the dataset.
        name: Of the publisher.
    """
    yield from about(steward.publisher, [(TYPE, iri(FOAF + "Agent")), (FOAF + "name", name)])
    yield from about(
        CONTACT,
        [
            (TYPE, iri(VCARD + "Kind")),
            (TYPE, iri(VCARD + "Organization")),
            (VCARD + "fn", name),
            (VCARD + "hasURL", iri(CANONICAL_BASE + "about")),
        ],
    )
    yield from about(steward.licence, [(TYPE, iri(DCTERMS + "LicenseDocument"))])
    scheme = iri(EU_AUTHORITY + "access-right")
    yield from about(
        ACCESS, [(TYPE, iri(DCTERMS + "RightsStatement")), (SKOS + "inScheme", scheme)]
    )
