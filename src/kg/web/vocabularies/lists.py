"""What the pages of concept schemes and of concepts show."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.languages import Label, mark
from kg.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS
from kg.query.labels import Reader, Shown
from kg.terms import Quads
from kg.web.vocabularies.graph import Vocabularies, chosen, node, texts
from kg.web.vocabularies.terms import Mapping, show

MAX_COUNTED: Final = 10_000  # uses of a concept; beyond this many, they are no longer counted
_SHOWN: Final = 8  # things that use a concept, for each property
_STRUCTURE: Final = frozenset(
    SKOS + name
    for name in (
        *("inScheme", "topConceptOf", "hasTopConcept", "broader", "narrower", "related"),
        *("broadMatch", "narrowMatch", "exactMatch", "closeMatch", "relatedMatch", "member"),
    )
)
_NOTES: Final = ("scopeNote", "changeNote", "editorialNote", "example")
_OF_EVIDENCE: Final = ("claimValue", "acceptedValue", "rejectedValue")
_MATCHES: Final = {
    SKOS + "exactMatch": mark("same concept as"),
    SKOS + "closeMatch": mark("close to"),
    SKOS + "broadMatch": mark("narrower than"),
    SKOS + "narrowMatch": mark("broader than"),
    SKOS + "relatedMatch": mark("related to"),
    OWL + "sameAs": mark("same as"),
    RDFS + "seeAlso": mark("see also"),
}


class Item(NamedTuple):
    """A concept as a list shows it.

    Attributes:
        concept: Its name and IRI.
        names: In all languages.
        code: Its notation, if it has one.
        definition: What it means.
        uses: Statements of the data that have it as their value.
        is_cut: Whether there may be more of them.
        depth: How many broader concepts of the same scheme are above it.
    """

    concept: Shown
    names: tuple[Label, ...]
    code: str
    definition: Shown
    uses: int
    is_cut: bool
    depth: int


class Use(NamedTuple):
    """The things that have a concept as the value of one property."""

    property: Shown
    number: int
    first: tuple[Shown, ...]


@dataclass(frozen=True)
class SchemePage:
    """All that the page of a concept scheme shows."""

    iri: str
    title: Shown
    names: tuple[Label, ...]
    definition: Shown
    licence: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class ConceptPage:
    """All that the page of a concept shows."""

    item: Item
    iri: str
    kinds: tuple[Shown, ...]
    schemes: tuple[Shown, ...]
    notes: tuple[Label, ...]
    broader: tuple[Shown, ...]
    narrower: tuple[Shown, ...]
    related: tuple[Shown, ...]
    matches: tuple[Mapping, ...]
    source: tuple[Shown, ...]
    uses: tuple[Use, ...]


def schemes(terms: Vocabularies, reader: Reader) -> list[tuple[SchemePage, int]]:
    """Return the concept schemes of the dataset by name, each with the number of its concepts."""
    found = []
    for scheme in terms.of_type(SKOS + "ConceptScheme"):
        if scheme.value.startswith(f"{terms.base}voc/"):
            number = len(terms.subjects(SKOS + "inScheme", scheme))
            found.append((_scheme(scheme, reader, ()), number))
    return sorted(found, key=lambda pair: pair[0].title.text.casefold())


def scheme_page(
    store: Quads, terms: Vocabularies, scheme: ox.NamedNode, reader: Reader
) -> SchemePage:
    """Return what the page of a concept scheme shows; broader concepts come before narrower."""
    members = set(terms.subjects(SKOS + "inScheme", scheme))
    items = [
        _item(store, terms, concept, reader, depth) for concept, depth in _ordered(terms, members)
    ]
    return _scheme(scheme, reader, tuple(items))


def concept_page(
    store: Quads, terms: Vocabularies, concept: ox.NamedNode, reader: Reader, all_labels: Reader
) -> ConceptPage:
    """Return what the page of a concept shows.

    Args:
        store: The snapshot.
        terms: Its terms.
        concept: The concept.
        reader: Looks up the labels of terms.
        all_labels: Looks up the labels of everything, for the things that use the concept.
    """
    quads, is_cut = _pointing(store, concept)
    terms.uses[concept] = len(quads), is_cut
    narrower = terms.subjects(SKOS + "broader", concept) + terms.named(concept, SKOS + "narrower")
    return ConceptPage(
        item=_item(store, terms, concept, reader, 0),
        iri=concept.value,
        kinds=show(reader, terms.named(concept, RDF + "type")),
        schemes=show(reader, terms.named(concept, SKOS + "inScheme")),
        notes=tuple(text for name in _NOTES for text in texts(reader, concept, SKOS + name)),
        broader=show(reader, terms.named(concept, SKOS + "broader")),
        narrower=show(reader, sorted(set(narrower), key=str)),
        related=show(reader, terms.named(concept, SKOS + "related")),
        matches=tuple(
            Mapping(relation, reader.show(other))
            for predicate, relation in _MATCHES.items()
            for other in terms.named(concept, predicate)
        ),
        source=show(reader, terms.named(concept, DCTERMS + "source")),
        uses=tuple(_uses(quads, all_labels)),
    )


def _uses(quads: list[ox.Quad], reader: Reader) -> list[Use]:
    """Return the uses of a concept by property, those with most things first."""
    by_property: dict[ox.NamedNode, list[ox.NamedNode]] = {}
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode):
            by_property.setdefault(quad.predicate, []).append(quad.subject)
    found = [
        Use(reader.show(prop), len(subjects), show(reader, sorted(subjects, key=str)[:_SHOWN]))
        for prop, subjects in by_property.items()
    ]
    return sorted(found, key=lambda use: (-use.number, use.property.text))


def _scheme(scheme: ox.NamedNode, reader: Reader, items: tuple[Item, ...]) -> SchemePage:
    licences = reader.values(scheme, node(DCTERMS + "license"))
    return SchemePage(
        iri=scheme.value,
        title=reader.show(scheme),
        names=_names(scheme, reader),
        definition=chosen(reader, scheme, SKOS + "definition", DCTERMS + "description"),
        licence=licences[0].value if licences and isinstance(licences[0], ox.NamedNode) else "",
        items=items,
    )


def _item(
    store: Quads, terms: Vocabularies, concept: ox.NamedNode, reader: Reader, depth: int
) -> Item:
    if concept not in terms.uses:
        quads, is_cut = _pointing(store, concept)
        terms.uses[concept] = len(quads), is_cut
    uses, is_cut = terms.uses[concept]
    return Item(
        concept=reader.show(concept),
        names=_names(concept, reader),
        code=terms.text(concept, SKOS + "notation"),
        definition=chosen(reader, concept, SKOS + "definition"),
        uses=uses,
        is_cut=is_cut,
        depth=depth,
    )


def _names(subject: ox.NamedNode, reader: Reader) -> tuple[Label, ...]:
    found = [
        label
        for name in (SKOS + "prefLabel", RDFS + "label")
        for label in reader.labels(subject, [node(name)])
    ]
    return tuple(sorted(found, key=lambda label: label.language))


def _pointing(store: Quads, concept: ox.NamedNode) -> tuple[list[ox.Quad], bool]:
    """Return the accepted statements that use a concept, and whether there may be more.

    Those that order the lists do not use it, nor those that say where another statement was read.
    """
    quads = store.quads_for_pattern(None, None, concept, ox.DefaultGraph())
    looked_at = list(islice(quads, MAX_COUNTED))
    found = [
        quad
        for quad in looked_at
        if quad.predicate.value not in _STRUCTURE
        and quad.predicate.value.rpartition("#")[2] not in _OF_EVIDENCE
    ]
    return found, len(looked_at) == MAX_COUNTED


def _ordered(terms: Vocabularies, members: set[ox.NamedNode]) -> list[tuple[ox.NamedNode, int]]:
    """Return concepts in the order of their hierarchy, each with its depth in it."""
    children: dict[ox.NamedNode, list[ox.NamedNode]] = {}
    parents: Counter[ox.NamedNode] = Counter()
    for concept in members:
        for broader in terms.named(concept, SKOS + "broader"):
            if broader in members:
                children.setdefault(broader, []).append(concept)
                parents[concept] += 1
    waiting = [(c, 0) for c in sorted(members, key=str, reverse=True) if not parents[c]]
    found: dict[ox.NamedNode, int] = {}
    while waiting:
        concept, depth = waiting.pop()
        if concept not in found:
            found[concept] = depth
            below = sorted(children.get(concept, ()), key=str, reverse=True)
            waiting += [(child, depth + 1) for child in below]
    found |= dict.fromkeys(sorted(members - found.keys(), key=str), 0)  # a circle
    return list(found.items())
