"""What pages show of classes and properties, and of the document that defines them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.languages import Label, mark
from kg.namespaces import DCTERMS, OWL, RDFS, SCHEMA, SKOS
from kg.query.labels import Reader, Shown
from kg.web.vocabularies.graph import SECTIONS, Vocabularies, chosen, node, texts

_VANN: Final = "http://purl.org/vocab/vann/"
DOMAINS: Final = (RDFS + "domain", SCHEMA + "domainIncludes")
RANGES: Final = (RDFS + "range", SCHEMA + "rangeIncludes")
_SUPERS: Final = (RDFS + "subClassOf", RDFS + "subPropertyOf")
_RELATIONS: Final = {
    OWL + "equivalentClass": mark("is the same as"),
    OWL + "equivalentProperty": mark("is the same as"),
    SKOS + "exactMatch": mark("means the same as"),
    SKOS + "closeMatch": mark("is close to"),
    SKOS + "broadMatch": mark("is narrower than"),
    SKOS + "narrowMatch": mark("is broader than"),
    SKOS + "relatedMatch": mark("is related to"),
}
MAPPINGS: Final = frozenset((*_SUPERS, *_RELATIONS))
_DEFINITIONS: Final = (SKOS + "definition", RDFS + "comment")


class Mapping(NamedTuple):
    """How a term stands to one of another vocabulary."""

    relation: str
    other: Shown


class Row(NamedTuple):
    """A term as a list shows it.

    Attributes:
        iri: Of the term.
        local: Its local name, which is its anchor and the last part of the path of its page.
        short: Its prefixed name.
        kind: `class`, `property`, `datatype` or empty.
        label: In the language that suits the reader.
        names: Its labels in all languages.
        definition: In the language that suits the reader.
        domains: Classes that have the property.
        is_domain_strict: Whether whatever has the property is of that class.
        ranges: Classes and datatypes of its values.
        supers: What it is narrower than.
        subs: What is narrower than it.
        mappings: What others have for it.
    """

    iri: str
    local: str
    short: str
    kind: str
    label: Shown
    names: tuple[Label, ...]
    definition: Shown
    domains: tuple[Shown, ...]
    is_domain_strict: bool
    ranges: tuple[Shown, ...]
    supers: tuple[Shown, ...]
    subs: tuple[Shown, ...]
    mappings: tuple[Mapping, ...]


class Section(NamedTuple):
    """The terms of one subject."""

    key: str
    label: Shown
    classes: tuple[Row, ...]
    properties: tuple[Row, ...]


@dataclass(frozen=True)
class Header:
    """What a document of terms says about itself.

    Attributes:
        iri: Of the document.
        title: Its name.
        description: What it holds.
        version: Such as `0.1.0`.
        version_iri: Under which this version stays; empty where there is none.
        earlier: IRIs of earlier versions.
        created: Day.
        modified: Day.
        licence: IRI.
        prefix: That its namespace goes by.
        namespace: What its terms begin with.
        note: On its history.
    """

    iri: str
    title: Shown
    description: Shown
    version: str
    version_iri: str
    earlier: tuple[str, ...]
    created: str
    modified: str
    licence: str
    prefix: str
    namespace: str
    note: Shown

    @property
    def citation(self) -> str:
        """How to cite it."""
        dated = f" ({self.modified})" if self.modified else ""
        version = f", version {self.version}" if self.version else ""
        return f"citypledge: {self.title.text}{version}{dated}. {self.version_iri or self.iri}"


def header(terms: Vocabularies, iri: str, reader: Reader) -> Header:
    """Return what a document of terms says about itself."""
    this = node(iri)
    title = chosen(reader, this, DCTERMS + "title", RDFS + "label")
    versions = terms.named(this, OWL + "versionIRI")
    licences = terms.named(this, DCTERMS + "license")
    return Header(
        iri=iri,
        title=title if title.text else Shown(iri.removeprefix(terms.base)),
        description=chosen(reader, this, DCTERMS + "description"),
        version=terms.text(this, OWL + "versionInfo"),
        version_iri=versions[0].value if versions else "",
        earlier=tuple(prior.value for prior in terms.named(this, OWL + "priorVersion")),
        created=terms.text(this, DCTERMS + "created"),
        modified=terms.text(this, DCTERMS + "modified"),
        licence=licences[0].value if licences else "",
        prefix=terms.text(this, _VANN + "preferredNamespacePrefix"),
        namespace=terms.text(this, _VANN + "preferredNamespaceUri"),
        note=chosen(reader, this, SKOS + "historyNote"),
    )


def row(terms: Vocabularies, term: ox.NamedNode, reader: Reader) -> Row:
    """Return a term as a list shows it."""
    kinds = terms.kinds(term)
    subs = {sub for predicate in _SUPERS for sub in terms.subjects(predicate, term)}
    return Row(
        iri=term.value,
        local=term.value.rpartition("#")[2],
        short=terms.shorten(term.value),
        kind=next((k for k in ("class", "property", "datatype") if k in kinds), ""),
        label=reader.show(term),
        names=texts(reader, term, RDFS + "label"),
        definition=chosen(reader, term, *_DEFINITIONS),
        domains=show(reader, terms.named(term, *DOMAINS)),
        is_domain_strict=bool(terms.named(term, RDFS + "domain")),
        ranges=show(reader, terms.named(term, *RANGES)),
        supers=show(reader, terms.named(term, *_SUPERS)),
        subs=show(reader, sorted(subs, key=str)),
        mappings=tuple(
            Mapping(relation, reader.show(other))
            for predicate, relation in _RELATIONS.items()
            for other in terms.named(term, predicate)
        ),
    )


def with_domain(terms: Vocabularies, kind: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the properties that the ontology gives to a class."""
    return sorted({p for name in DOMAINS for p in terms.subjects(name, kind)}, key=str)


def with_range(terms: Vocabularies, kind: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the properties whose values the ontology says are of a class."""
    return sorted({p for name in RANGES for p in terms.subjects(name, kind)}, key=str)


def sections(terms: Vocabularies, name: str, reader: Reader) -> list[Section]:
    """Return the classes and properties of a document by subject, in the order they are read."""
    left = {
        term: row(terms, term, reader)
        for term in terms.terms_of(name).values()
        if terms.kinds(term) & {"class", "property", "datatype"}
    }
    found = []
    for group in groups(terms):
        members = [
            left.pop(term) for term in terms.named(group, DCTERMS + "hasPart") if term in left
        ]
        if members:
            found.append(_section(group.value.rpartition("#")[2], reader.show(group), members))
    if left:
        found.append(_section("terms", Shown("terms", "en"), left.values()))
    return found


def section_of(terms: Vocabularies, term: ox.NamedNode, reader: Reader) -> tuple[str, Shown] | None:
    """Return the anchor and the name of the subject that a term belongs to."""
    for group in groups(terms):
        if term in terms.named(group, DCTERMS + "hasPart"):
            return group.value.rpartition("#")[2], reader.show(group)
    return None


def show(reader: Reader, found: Iterable[ox.NamedNode]) -> tuple[Shown, ...]:
    """Return some terms as the reader sees them."""
    return tuple(reader.show(term) for term in found)


def groups(terms: Vocabularies) -> list[ox.NamedNode]:
    """Return the subjects by which the terms are grouped, in the order they are read."""
    found = terms.terms_of(SECTIONS).values()
    return sorted(found, key=lambda group: int(terms.text(group, SCHEMA + "position") or 0))


def _section(key: str, label: Shown, members: Iterable[Row]) -> Section:
    ordered = sorted(members, key=lambda item: item.local.casefold())
    return Section(
        key,
        label,
        tuple(item for item in ordered if item.kind == "class"),
        tuple(item for item in ordered if item.kind != "class"),
    )
