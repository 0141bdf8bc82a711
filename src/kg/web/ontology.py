"""Documents with hash IRIs: the ontology and its kin, /ont, /shapes, /ref, and /dataset.

The part after `#` never reaches a server, so one document answers for all terms, directly and
without 303. On the page each term has its local name as anchor, so that the IRI of a term opens it
at the right place.
"""

from collections import defaultdict
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, RDF_TYPES, by_extension, with_aliases
from kg.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS
from kg.query.labels import TYPE, Reader, Shown, Term
from kg.web.documents import vocabulary, vocabulary_document
from kg.web.responses import chosen_type, document, languages_of, not_found, page
from kg.web.site import Site

_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
NAMES: Final = ("ont", "shapes", "ref", "dataset")
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
    """Return the routes of the vocabularies that the snapshot holds."""
    triples = {name: vocabulary(site, name) for name in NAMES}

    def answer(request: Request) -> Response:
        name, _, extension = request.url.path.removeprefix("/").partition(".")
        version = request.path_params.get("version")
        if version is not None:
            name, extension = "ont", ""
        fixed = by_extension(extension, (HTML, *RDF_TYPES)) if extension else None
        if not triples.get(name) or (extension and fixed is None):
            raise not_found(request.url.path)
        if version is not None and not _is_version(site, version):
            raise not_found(f"version {version!r} of the ontology")
        iri = f"{site.served.base}{name}"
        media_type = chosen_type(request, _OFFERED, fixed=fixed)

        def make() -> bytes:
            if media_type == HTML:
                return page(site, "ontology.html", **_values(site, request, name, triples[name]))
            return vocabulary_document(triples[name], iri, media_type)

        headers = {"Content-Location": f"/{name}.{media_type.extension}"}
        return document(site, request, media_type, make, headers=headers)

    paths = [f"/{name}{end}" for name in NAMES for end in ("", ".{extension}")]
    return [*(Route(path, answer) for path in paths), Route("/ont/{version}", answer)]


def _is_version(site: Site, version: str) -> bool:
    if not all(part.isdecimal() and part.isascii() for part in version.split(".")):
        return False
    ontology = ox.NamedNode(f"{site.served.base}ont")
    versioned = ox.NamedNode(f"{site.served.base}ont/{version}")
    predicate = ox.NamedNode(OWL + "versionIRI")
    found = site.served.store.quads_for_pattern(ontology, predicate, versioned, None)
    return next(found, None) is not None


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
        "formats_list": [
            (media_type, f"/{name}.{media_type.extension}") for media_type in RDF_TYPES
        ],
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
