"""The JSON-LD context: names for classes and properties as a developer would give them.

Made from the ontology when a site is made, with a table for the terms of other vocabularies. What
a name stands for says what its value looks like, and that is always the same: a map from languages
to texts, an IRI or an object with one, a string of one datatype, or an object with `value` and
`type` where a property has several datatypes, as dates of different precision. A property that the
shapes allow once has one value, every other a list.

A context is named by the version of the ontology and a hash of its content, so it never changes.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.description.relations import TIES
from kg.namespaces import (
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PREFIXES,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    VOID,
    XSD,
)
from kg.terms import Quads

HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
PROV: Final = PREFIXES["prov"]
KEYWORDS: Final = {"id": "@id", "type": "@type", "value": "@value", "included": "@included"}
_TYPE: Final = ox.NamedNode(RDF + "type")
_RANGE: Final = ox.NamedNode(SCHEMA + "rangeIncludes")
_DEFAULT: Final = ox.DefaultGraph()

# What a value is: an IRI, a text in a language, a string of a datatype, or (None) whatever it says.
_IRI: Final = "@id"
_TEXT: Final = "@language"
_FOREIGN: Final[tuple[tuple[str, str, str | None], ...]] = (
    ("label", SKOS + "prefLabel", _TEXT),
    ("altLabel", SKOS + "altLabel", _TEXT),
    ("rdfsLabel", RDFS + "label", _TEXT),
    ("definition", SKOS + "definition", _TEXT),
    ("scopeNote", SKOS + "scopeNote", _TEXT),
    ("changeNote", SKOS + "changeNote", _TEXT),
    ("historyNote", SKOS + "historyNote", _TEXT),
    ("note", SKOS + "note", _TEXT),
    ("comment", RDFS + "comment", _TEXT),
    ("description", DCTERMS + "description", _TEXT),
    ("title", DCTERMS + "title", _TEXT),
    ("rights", DCTERMS + "rights", _TEXT),
    ("spelling", PREFIXES["skosxl"] + "literalForm", _TEXT),
    ("inScheme", SKOS + "inScheme", _IRI),
    ("topConceptOf", SKOS + "topConceptOf", _IRI),
    ("broader", SKOS + "broader", _IRI),
    ("narrower", SKOS + "narrower", _IRI),
    ("exactMatch", SKOS + "exactMatch", _IRI),
    ("closeMatch", SKOS + "closeMatch", _IRI),
    ("broadMatch", SKOS + "broadMatch", _IRI),
    ("relatedMatch", SKOS + "relatedMatch", _IRI),
    ("notation", SKOS + "notation", None),
    ("sameAs", OWL + "sameAs", _IRI),
    ("version", OWL + "versionInfo", None),
    ("versionIRI", OWL + "versionIRI", _IRI),
    ("seeAlso", RDFS + "seeAlso", _IRI),
    ("isDefinedBy", RDFS + "isDefinedBy", _IRI),
    ("subClassOf", RDFS + "subClassOf", _IRI),
    ("subPropertyOf", RDFS + "subPropertyOf", _IRI),
    ("domain", RDFS + "domain", _IRI),
    ("range", RDFS + "range", _IRI),
    ("predicate", RDF + "predicate", _IRI),
    ("object", RDF + "object", None),
    ("homepage", FOAF + "homepage", _IRI),
    ("name", FOAF + "name", None),
    ("honorific", FOAF + "title", None),
    ("primaryTopic", FOAF + "primaryTopic", _IRI),
    ("documentType", DCTERMS + "type", _IRI),
    ("subject", DCTERMS + "subject", _IRI),
    ("language", DCTERMS + "language", _IRI),
    ("source", DCTERMS + "source", _IRI),
    ("creator", DCTERMS + "creator", _IRI),
    ("publisher", DCTERMS + "publisher", _IRI),
    ("spatial", DCTERMS + "spatial", _IRI),
    ("license", DCTERMS + "license", _IRI),
    ("isPartOf", DCTERMS + "isPartOf", _IRI),
    ("references", DCTERMS + "references", _IRI),
    ("isReferencedBy", DCTERMS + "isReferencedBy", _IRI),
    ("identifier", DCTERMS + "identifier", None),
    ("created", DCTERMS + "created", None),
    ("issued", DCTERMS + "issued", None),
    ("modified", DCTERMS + "modified", XSD + "date"),
    ("decidedOn", DCTERMS + "date", XSD + "date"),
    ("retrievedFrom", PREFIXES["pav"] + "retrievedFrom", _IRI),
    ("retrievedOn", PREFIXES["pav"] + "retrievedOn", XSD + "date"),
    ("lat", PREFIXES["wgs"] + "lat", XSD + "decimal"),
    ("long", PREFIXES["wgs"] + "long", XSD + "decimal"),
    ("position", SCHEMA + "position", None),
    ("location", SCHEMA + "location", _IRI),
    ("organizer", SCHEMA + "organizer", _IRI),
    ("superEvent", SCHEMA + "superEvent", _IRI),
    ("about", SCHEMA + "about", _IRI),
    ("containedInPlace", SCHEMA + "containedInPlace", _IRI),
    ("foundingDate", SCHEMA + "foundingDate", None),
    ("temporalCoverage", SCHEMA + "temporalCoverage", None),
    ("domainIncludes", SCHEMA + "domainIncludes", _IRI),
    ("rangeIncludes", SCHEMA + "rangeIncludes", _IRI),
    ("linkedTo", ORG + "linkedTo", _IRI),
    ("subOrganizationOf", ORG + "subOrganizationOf", _IRI),
    ("wasDerivedFrom", PROV + "wasDerivedFrom", _IRI),
    ("wasAttributedTo", PROV + "wasAttributedTo", _IRI),
    ("inDataset", VOID + "inDataset", _IRI),
    ("first", HYDRA + "first", _IRI),
    ("previous", HYDRA + "previous", _IRI),
    ("next", HYDRA + "next", _IRI),
    ("last", HYDRA + "last", _IRI),
    ("totalItems", HYDRA + "totalItems", None),
)
_KINDS: Final = {
    "Concept": SKOS + "Concept",
    "ConceptScheme": SKOS + "ConceptScheme",
    "Document": FOAF + "Document",
    "Ontology": OWL + "Ontology",
    "Organization": ORG + "Organization",
    "PartialCollectionView": HYDRA + "PartialCollectionView",
    "Person": FOAF + "Person",
    "Place": SCHEMA + "Place",
    "Role": ORG + "Role",
    "Statement": RDF + "Statement",
    # Datatypes, as the `type` of a value.
    "Date": XSD + "date",
    "DateTime": XSD + "dateTime",
    "Decimal": XSD + "decimal",
    "Duration": XSD + "duration",
    "ExtendedDate": PREFIXES["edtf"] + "EDTF",
    "MonthDay": XSD + "gMonthDay",
    "Year": XSD + "gYear",
    "YearMonth": XSD + "gYearMonth",
}
_REVERSE: Final = {
    "statements": RDF + "subject",
    "document": FOAF + "primaryTopic",
}
_SINGLE: Final = frozenset(
    (
        *(RDF + name for name in ("predicate", "object")),
        *(HYDRA + name for name in ("first", "previous", "next", "last", "totalItems")),
        *(DCTERMS + name for name in ("license", "modified", "date")),
        *(PREFIXES["wgs"] + name for name in ("lat", "long")),
        OWL + "versionInfo",
        OWL + "versionIRI",
        FOAF + "primaryTopic",
        VOID + "inDataset",
    )
)


class Term(NamedTuple):
    """A property by its name.

    Attributes:
        name: Key in an object.
        coercion: `@id`, the IRI of a datatype, `@language` for a map of languages, or None.
        is_single: Whether it has one value and no list.
    """

    name: str
    coercion: str | None
    is_single: bool


@dataclass(frozen=True)
class Terms:
    """Names of properties, classes and datatypes, by IRI, and the context that defines them.

    Attributes:
        properties: By IRI of the property.
        kinds: Names of classes and datatypes, by IRI.
        reverse: Names of what points at a thing, by IRI of the property; in order.
        definitions: The context, by name.
        version: Of the context.
    """

    properties: dict[str, Term]
    kinds: dict[str, str]
    reverse: dict[str, str]
    definitions: dict[str, Any]
    version: str

    def context(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the context, or the part of it that defines some names."""
        chosen = self.definitions if names is None else names
        return {name: self.definitions[name] for name in sorted(chosen)}

    def body(self) -> bytes:
        """Return the context as a document."""
        text = json.dumps({"@context": self.context()}, ensure_ascii=False, indent=1)
        return f"{text}\n".encode()


def terms_of(store: Quads, base: str) -> Terms:
    """Return the names for the ontology that a store holds, and for other vocabularies."""
    ontology = f"{base}ont#"
    single = _SINGLE | _allowed_once(store, base)
    properties: dict[str, Term] = {}
    kinds = {iri: name for name, iri in _KINDS.items()}
    taken = {*KEYWORDS, *_KINDS, *_REVERSE, *(tie.name for tie in TIES)}
    for name, iri, coercion in _FOREIGN:
        properties[iri] = Term(name, coercion, iri in single)
        taken.add(name)
    for iri, coercion in sorted(_coercions(store, ontology).items()):
        name = iri.removeprefix(ontology)
        if name not in taken:
            properties[iri] = Term(name, coercion, iri in single)
            taken.add(name)
    for iri in sorted(_instances(store, OWL + "Class")):
        name = iri.removeprefix(ontology)
        if iri.startswith(ontology) and name not in taken:
            kinds[iri] = name
            taken.add(name)
    reverse = {tie.iri(base): tie.name for tie in TIES}
    reverse |= {iri: name for name, iri in _REVERSE.items()}
    return _with_context(store, ontology, properties, kinds, reverse)


def _with_context(
    store: Quads,
    ontology: str,
    properties: dict[str, Term],
    kinds: dict[str, str],
    reverse: dict[str, str],
) -> Terms:
    definitions: dict[str, Any] = dict(KEYWORDS)
    definitions |= {name: iri for iri, name in kinds.items()}
    definitions |= {name: {"@reverse": iri, "@container": "@set"} for iri, name in reverse.items()}
    definitions |= {term.name: _definition(iri, term) for iri, term in properties.items()}
    digest = hashlib.sha256(json.dumps(definitions, sort_keys=True).encode()).hexdigest()[:8]
    subject, predicate = ox.NamedNode(ontology[:-1]), ox.NamedNode(OWL + "versionInfo")
    found = store.quads_for_pattern(subject, predicate, None, _DEFAULT)
    release = min((q.object.value for q in found if isinstance(q.object, ox.Literal)), default="0")
    return Terms(properties, kinds, reverse, definitions, f"{release}-{digest}")


def _definition(iri: str, term: Term) -> str | dict[str, str]:
    found = {"@id": iri}
    if term.coercion == _TEXT:
        found["@container"] = "@language"
        return found
    if term.coercion is not None:
        found["@type"] = term.coercion
    if not term.is_single:
        found["@container"] = "@set"
    return iri if len(found) == 1 else found


def _coercions(store: Quads, ontology: str) -> dict[str, str | None]:
    """Return what the values of each property of the ontology are."""
    found: dict[str, str | None] = {}
    for kind in (OWL + "ObjectProperty", OWL + "DatatypeProperty", RDF + "Property"):
        for iri in _instances(store, kind):
            if iri.startswith(ontology):
                found[iri] = _IRI if kind == OWL + "ObjectProperty" else None
    ranges: dict[str, list[str]] = {}
    for quad in store.quads_for_pattern(None, _RANGE, None, _DEFAULT):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            ranges.setdefault(quad.subject.value, []).append(quad.object.value)
    for iri, coercion in found.items():
        if coercion is None and len(ranges.get(iri, ())) == 1:
            found[iri] = _coercion(ranges[iri][0])
    return found


def _coercion(datatype: str) -> str | None:
    """Return how a value of one datatype is written: a number and a yes or no say it themselves."""
    if datatype == RDF + "langString":
        return _TEXT
    own = ("string", "boolean", "integer", "nonNegativeInteger")
    return None if datatype in [XSD + name for name in own] else datatype


def _allowed_once(store: Quads, base: str) -> set[str]:
    """Return the properties of which the shapes allow one value."""
    shapes = ox.NamedNode(f"{base}graph/shapes")
    most, path = ox.NamedNode(SH + "maxCount"), ox.NamedNode(SH + "path")
    once = {
        quad.subject
        for quad in store.quads_for_pattern(None, most, None, shapes)
        if isinstance(quad.object, ox.Literal) and quad.object.value == "1"
    }
    return {
        quad.object.value
        for quad in store.quads_for_pattern(None, path, None, shapes)
        if quad.subject in once and isinstance(quad.object, ox.NamedNode)
    }


def _instances(store: Quads, kind: str) -> list[str]:
    found = store.quads_for_pattern(None, _TYPE, ox.NamedNode(kind), _DEFAULT)
    return [quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)]
