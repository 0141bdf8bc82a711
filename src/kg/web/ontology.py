"""Documents with hash IRIs: the ontology and its kin, /ont, /shapes, /ref, /dataset.

The part after `#` never reaches a server, so one document answers for all terms, directly and
without 303. On the page each term has its local name as anchor, so that the IRI of a term opens it
at the right place.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.description import describe
from kg.mediatypes import HTML, RDF_TYPES, with_aliases
from kg.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS
from kg.query.labels import TYPE, Reader, Shown, Term
from kg.web.documents import vocabulary, vocabulary_document
from kg.web.responses import chosen_type, document, languages_of, page
from kg.web.site import Site

_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
NAMES: Final = ("ont", "shapes", "ref", "dataset")
ALIGNMENTS: Final = "ont/alignments"
_MAPPINGS: Final = frozenset(
    (
        *(RDFS + "subClassOf", RDFS + "subPropertyOf", OWL + "equivalentClass"),
        *(SKOS + "exactMatch", SKOS + "closeMatch", SKOS + "relatedMatch"),
        *(SKOS + "broadMatch", SKOS + "narrowMatch", OWL + "equivalentProperty"),
    )
)
_CLASSES: Final = (OWL + "Class", RDFS + "Class")
_PROPERTIES: Final = (
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    RDF + "Property",
)
_DEFINITIONS: Final = (ox.NamedNode(SKOS + "definition"), ox.NamedNode(RDFS + "comment"))
_SHOWN_ELSEWHERE: Final = (
    *(RDF + "type", RDFS + "label", SKOS + "prefLabel", SKOS + "definition", RDFS + "comment"),
    *(RDFS + "isDefinedBy",),
)


def routes(site: Site) -> list[Route]:
    """Return the routes of the vocabularies that the snapshot holds, and of their versions."""
    found = {name: vocabulary(site, name) for name in NAMES}
    found[ALIGNMENTS] = _alignments(site, found["ont"])
    return [
        route
        for name, triples in found.items()
        if triples
        for route in _routes_of(site, name, triples)
    ]


def _routes_of(site: Site, name: str, triples: list[ox.Triple]) -> Iterator[Route]:
    iri = f"{site.served.base}{name}"

    async def answer(request: Request) -> Response:
        fixed = by_path.get(request.url.path)
        media_type = chosen_type(request, _OFFERED, fixed=fixed)

        def make() -> bytes:
            if media_type == HTML:
                return _page(site, request, name, triples)
            return vocabulary_document(triples, iri, media_type)

        headers = {"Content-Location": site.path(f"/{name}.{media_type.extension}")}
        return document(request, media_type, make, headers=headers)

    by_path = {f"/{name}.{offer.extension}": offer for offer in (HTML, *RDF_TYPES)}
    for path in (f"/{name}", *by_path, *_versions(site, iri)):
        yield Route(path, answer)


def _versions(site: Site, iri: str) -> Iterator[str]:
    """Give the paths of the versions that a vocabulary says it is."""
    predicate = ox.NamedNode(OWL + "versionIRI")
    for quad in site.served.store.quads_for_pattern(
        ox.NamedNode(iri), predicate, None, ox.DefaultGraph()
    ):
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(iri):
            yield "/" + quad.object.value.removeprefix(site.served.base)


def _alignments(site: Site, ontology: list[ox.Triple]) -> list[ox.Triple]:
    """Return the alignments: their description, and what ties our terms to those of others."""
    own = vocabulary(site, ALIGNMENTS)
    base = site.served.base
    ties = [
        triple
        for triple in ontology
        if triple.predicate.value in _MAPPINGS
        and isinstance(triple.object, ox.NamedNode)
        and not triple.object.value.startswith(base)
    ]
    return own + ties if own else []


def _page(site: Site, request: Request, name: str, triples: list[ox.Triple]) -> bytes:
    """Return the list of the terms; for the dataset, what is said about it."""
    formats = [
        (media_type, site.path(f"/{name}.{media_type.extension}")) for media_type in RDF_TYPES
    ]
    if name != "dataset":
        values = _values(site, request, name, triples)
        return page(site, "ontology.html", formats_list=formats, **values)
    iri, base = f"{site.served.base}{name}", site.served.base
    about = describe(site.served.store, iri, base=base, languages=languages_of(request))
    return page(site, "entity.html", formats_list=formats, thing=about, classes={})


def _values(site: Site, request: Request, name: str, triples: list[ox.Triple]) -> dict[str, Any]:
    reader = site.reader(languages_of(request))
    iri = f"{site.served.base}{name}"
    by_subject: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode):
            by_subject[triple.subject.value].append(triple)
    sections: dict[str, list[dict[str, Any]]] = {"Classes": [], "Properties": [], "Other terms": []}
    for subject, own in sorted(by_subject.items()):
        if subject != iri:
            sections[_section(own)].append(_term(reader, subject, own))
    version = reader.labels(ox.NamedNode(iri), [ox.NamedNode(OWL + "versionInfo")])
    title = reader.labels(ox.NamedNode(iri), [ox.NamedNode(DCTERMS + "title")])
    return {
        "iri": iri,
        "title": title[0].text if title else name.capitalize(),
        "ontology_version": version[0].text if version else "",
        "sections": sections,
    }


def _section(own: list[ox.Triple]) -> str:
    kinds = {
        t.object.value for t in own if t.predicate == TYPE and isinstance(t.object, ox.NamedNode)
    }
    if kinds & set(_CLASSES):
        return "Classes"
    return "Properties" if kinds & set(_PROPERTIES) else "Other terms"


def _term(reader: Reader, iri: str, own: list[ox.Triple]) -> dict[str, Any]:
    node = ox.NamedNode(iri)
    rest: dict[ox.NamedNode, list[Term]] = defaultdict(list)
    for triple in own:
        if triple.predicate.value not in _SHOWN_ELSEWHERE:
            rest[triple.predicate].append(triple.object)
    definitions = reader.labels(node, _DEFINITIONS)
    details: list[tuple[Shown, list[Shown]]] = [
        (reader.show(predicate), [reader.show(value) for value in values])
        for predicate, values in rest.items()
    ]
    return {
        "local": iri.rpartition("#")[2],
        "label": reader.show(node),
        "definition": definitions[0] if definitions else None,
        "details": details,
    }
