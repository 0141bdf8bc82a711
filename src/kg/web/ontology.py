"""The ontology and its kin: /ont, /shapes, /ref, /voc, /question, and a page for each term.

What follows `#` never reaches a server, so the document at `/ont` answers for all terms, directly
and without 303. There each term has its local name as anchor, so that its IRI opens the page at the
right place; and each has a page of its own, which `/ont/Pledge` is for `ont#Pledge`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, RDF_TYPES, MediaType, with_aliases
from kg.namespaces import DCTERMS, FOAF, OWL, RDF, SH, SKOS
from kg.web import question_pages
from kg.web import vocabulary_pages as pages
from kg.web.documents import vocabulary_document
from kg.web.entities import split_extension
from kg.web.http import content_headers
from kg.web.i18n import interface_language
from kg.web.linksets import linkset_answer
from kg.web.responses import (
    VARY,
    chosen_type,
    document,
    languages_of,
    moved,
    not_found,
    page,
    see_other,
)
from kg.web.schemaorg import term_block
from kg.web.signposts import LINKSET_TYPES, LINKSETS, Record, Sign, header, links, signs
from kg.web.site import Site
from kg.web.vocabularies.graph import HASH_DOCUMENTS, Vocabularies, node
from kg.web.vocabularies.terms import MAPPINGS

SVG: Final = MediaType("image/svg+xml", "svg", "SVG")
ALIGNMENTS: Final = "ont/alignments"
_NAMED: Final = (HTML, *RDF_TYPES)
_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))


@dataclass(frozen=True)
class Page:
    """A document of this module before it is written in some form.

    Attributes:
        topic: IRI of what it is about.
        address: Its own, without an extension.
        triples: Makes its statements.
        html: Makes the name of its template and the values for it.
        kind: What schema.org calls the topic.
        whole: IRI of the document that defines the topic, where that is not this one.
    """

    topic: str
    address: str
    triples: Callable[[], set[ox.Triple]]
    html: Callable[[Request], tuple[str, dict[str, Any]]]
    kind: str = "DefinedTermSet"
    whole: str = ""


@dataclass(frozen=True)
class Moved:
    """The address that another one leads to.

    Attributes:
        address: Where to go, without an extension.
        latest: Where the present version is, for an earlier one; empty for another spelling.
    """

    address: str
    latest: str = ""


def routes(site: Site) -> list[Route]:
    """Return the routes of the ontology, the shapes, the lists and the questions."""
    by_name: dict[str, Callable[[Site, str], Page | Moved | None]] = {
        **dict.fromkeys(HASH_DOCUMENTS, _in_hash_document),
        "voc": _all_lists,
        "question": _in_questions,
    }

    async def answer(request: Request) -> Response:
        path, fixed = split_extension(request.scope["path"].removeprefix("/"))
        name, _, rest = path.partition("/")
        found = by_name[name](site, f"{name}/{rest}" if rest else name)
        if found is None:
            raise not_found(request.url.path)
        if isinstance(found, Moved):
            return _elsewhere(site, request, found, f".{fixed.extension}" if fixed else "")
        return _answer(site, request, found, fixed)

    async def linkset_of(request: Request) -> Response:
        given = request.scope["path"].removeprefix(f"{LINKSETS}/")
        path, fixed = split_extension(given, LINKSET_TYPES)
        found = by_name[path.partition("/")[0]](site, path)
        if found is None or (isinstance(found, Moved) and found.latest):
            raise not_found(request.url.path)
        if isinstance(found, Moved):
            extension = f".{fixed.extension}" if fixed else ""
            return moved(request, site.path(f"{LINKSETS}{found.address}{extension}"))
        return linkset_answer(site, request, _record(site, found), fixed)

    async def diagram(request: Request) -> Response:
        drawing = site.served.model.drawings.get(request.path_params["name"])
        if drawing is None:
            raise not_found(request.url.path)
        values = {"drawing": drawing, "page_of": pages.page_of(site)}
        media_type = chosen_type(request, [SVG], fixed=SVG)
        return document(request, media_type, lambda: page(site, request, "drawing.svg", **values))

    return [
        Route("/ont/diagram/{name}.svg", diagram),
        *(Route(f"/{name}", answer) for name in by_name),
        *(Route(f"/{name}.{offer.extension}", answer) for name in by_name for offer in _NAMED),
        *(Route(f"/{name}/{{path:path}}", answer) for name in by_name if name != "voc"),
        *(Route(f"{LINKSETS}/{name}", linkset_of) for name in by_name),
        *(
            Route(f"{LINKSETS}/{name}.{offer.extension}", linkset_of)
            for name in by_name
            for offer in LINKSET_TYPES
        ),
        *(
            Route(f"{LINKSETS}/{name}/{{path:path}}", linkset_of)
            for name in by_name
            if name != "voc"
        ),
    ]


def _elsewhere(site: Site, request: Request, found: Moved, extension: str) -> Response:
    """Lead from another spelling to the address, or from an earlier version to what has been."""
    if found.latest:
        link = header([Sign("latest-version", found.latest)], site.mount)  # RFC 5829
        return see_other(request, site.path(found.address), link)
    return moved(request, site.path(found.address + extension))


def _answer(site: Site, request: Request, found: Page, fixed: MediaType | None) -> Response:
    media_type = chosen_type(request, _OFFERED, fixed=fixed)
    signed = signs(_record(site, found), media_type)

    def make() -> bytes:
        if media_type == HTML:
            template, values = found.html(request)
            formats = [(offer, f"{found.address}.{offer.extension}") for offer in RDF_TYPES]
            values |= {
                "formats_list": [(offer, site.path(address)) for offer, address in formats],
                "signs": links(signed, site.mount),
                "page_of": pages.page_of(site),
                "data_block": term_block(site, found.topic, found.kind, found.whole),
            }
            return page(site, request, template, **values)
        triples = found.triples() | set(_metadata(site, found))
        return vocabulary_document(site, triples, found.topic, media_type)

    headers = {
        "Content-Location": site.path(f"{found.address}.{media_type.extension}"),
        "Link": header(signed, site.mount),
    }
    fault = request.scope["job"].get("asked", {}).get("fault")
    if fault is not None and media_type == HTML:
        return _with_fault(request, make(), fault)
    return document(request, media_type, make, headers=headers)


def _with_fault(request: Request, body: bytes, fault: dict[str, Any]) -> Response:
    """Return the page of a question that got no answer, with the status that says why."""
    headers = {
        **fault["headers"],
        **content_headers(HTML),
        "Content-Language": interface_language(languages_of(request)),
        "Vary": VARY,
        "Cache-Control": "no-store",
    }
    return Response(body, status_code=fault["status"], headers=headers)


def _record(site: Site, found: Page) -> Record:
    """Return what a document is about, for the links between its forms."""
    types = site.served.model.terms.named(node(found.topic), RDF + "type")
    return Record(found.topic, found.address, tuple(kind.value for kind in types), site.licence)


def _metadata(site: Site, found: Page) -> Iterator[ox.Triple]:
    """Give what is said of the document about a term, which is not the one that defines it."""
    if not found.whole:
        return
    this = node(f"{site.served.base}{found.address.removeprefix('/')}")
    yield ox.Triple(this, node(RDF + "type"), node(FOAF + "Document"))
    yield ox.Triple(this, node(FOAF + "primaryTopic"), node(found.topic))
    yield ox.Triple(this, node(DCTERMS + "license"), node(site.licence))
    yield ox.Triple(this, node(DCTERMS + "isPartOf"), site.dataset)
    yield ox.Triple(this, node(OWL + "versionInfo"), ox.Literal(site.served.version))


def _in_hash_document(site: Site, path: str) -> Page | Moved | None:
    """Return the page of a document of terms, of a version of it, or of one of its terms.

    A path that differs from that of a term in the case of letters gives the path of the term.
    """
    terms = site.served.model.terms
    name, _, local = path.partition("/")
    for document_name in _documents(terms, name):
        iri = f"{site.served.base}{document_name}"
        versions = {version.value for version in terms.named(node(iri), OWL + "versionIRI")}
        if path == document_name or f"{site.served.base}{path}" in versions:
            return _of_document(site, document_name, f"/{path}")
        earlier = {version.value for version in terms.named(node(iri), OWL + "priorVersion")}
        if f"{site.served.base}{path}" in earlier:
            graph = "shapes" if name == "shapes" else "ontology"
            return Moved(f"/history/graph/{graph}", latest=f"/{document_name}")
    term = terms.find(name, local)
    if term is not None:
        return Page(
            term.value,
            f"/{path}",
            lambda: _about(terms, term),
            lambda request: pages.term_page(site, request, term),
            kind="DefinedTerm",
            whole=f"{site.served.base}{name}",
        )
    variant = terms.variant(name, local)
    return None if variant is None else Moved(f"/{name}/{variant}")


def _documents(terms: Vocabularies, name: str) -> list[str]:
    """Return the paths of the documents of terms that are `name`, or lie below it."""
    found = {name} if terms.terms_of(name) else set()
    for ontology in terms.of_type(OWL + "Ontology"):
        path = ontology.value.removeprefix(terms.base)
        if path == name or path.startswith(f"{name}/"):
            found.add(path)
    return sorted(found)


def _of_document(site: Site, name: str, address: str) -> Page:
    terms = site.served.model.terms
    iri = f"{site.served.base}{name}"

    def triples() -> set[ox.Triple]:
        subjects = [node(iri), *terms.terms_of(name).values()]
        found = {triple for subject in subjects for triple in terms.statements(subject)}
        return found | set(_alignments(terms)) if name == ALIGNMENTS else found

    def html(request: Request) -> tuple[str, dict[str, Any]]:
        if name == "shapes":
            return pages.rules_page(site, request)
        return pages.document_page(site, request, name)

    return Page(iri, address, triples, html)


def _alignments(terms: Vocabularies) -> Iterator[ox.Triple]:
    """Give what ties our terms to those of others."""
    for term in terms.terms_of("ont").values():
        for triple in terms.statements(term):
            is_other = isinstance(
                triple.object, ox.NamedNode
            ) and not triple.object.value.startswith(terms.base)
            if triple.predicate.value in MAPPINGS and is_other:
                yield triple


def _about(terms: Vocabularies, term: ox.NamedNode) -> set[ox.Triple]:
    """Return what is said about a term, what other terms say of it, and the labels of them all.

    Those are the terms that point to it, the shapes about it, its counts and the questions.
    """
    found = {*terms.statements(term), *terms.pointing(term)}
    for pointing in terms.pointing(term):
        if str(pointing.subject).startswith(f"<{terms.base}dataset#"):
            found |= set(terms.statements(cast(ox.NamedNode, pointing.subject)))
    return found | set(terms.labels(found))


def _all_lists(site: Site, path: str) -> Page | None:
    """Return the page of all concept schemes; its RDF holds their concepts too."""
    terms = site.served.model.terms
    if not terms.of_type(SKOS + "ConceptScheme"):
        return None

    def triples() -> set[ox.Triple]:
        concepts = terms.of_type(SKOS + "ConceptScheme", SKOS + "Concept", SKOS + "Collection")
        own = [concept for concept in concepts if concept.value.startswith(f"{terms.base}voc/")]
        return _said(terms, [node(f"{terms.base}voc"), *own])

    return Page(
        f"{site.served.base}voc",
        "/voc",
        triples,
        lambda request: pages.lists_page(site, request),
    )


def _in_questions(site: Site, path: str) -> Page | Moved | None:
    """Return the page of the library of questions, or of one of them."""
    terms = site.served.model.terms
    _, _, name = path.partition("/")
    if not name:
        return Page(
            f"{site.served.base}question",
            "/question",
            lambda: _said(terms, _of_library(terms)),
            lambda request: question_pages.questions_page(site, request),
            kind="Collection",
        )
    question = terms.questions.get(name)
    if question is None:
        library = site.served.library
        lower = name.casefold().replace("_", "-")
        named = [each for each, query in library.items() if query.id.casefold() == lower]
        found = [lower] if lower in terms.questions else named
        return Moved(f"/question/{found[0]}") if found else None
    return Page(
        question.value,
        f"/question/{name}",
        lambda: _about_question(terms, question),
        lambda request: question_pages.question_page(site, request, question),
        kind="CreativeWork",
    )


def _of_library(terms: Vocabularies) -> list[ox.NamedNode]:
    """Return the library, its questions, and what these are made of."""
    whole = node(f"{terms.base}question")
    questions = list(terms.questions.values())
    parameters = [each for one in questions for each in terms.named(one, SH + "parameter")]
    return [whole, *questions, *parameters, *terms.terms_of("question").values()]


def _about_question(terms: Vocabularies, question: ox.NamedNode) -> set[ox.Triple]:
    """Return what is said of a question and its parameters, with the labels of all terms."""
    found = _said(terms, [question, *terms.named(question, SH + "parameter")])
    return found | set(terms.labels(found))


def _said(terms: Vocabularies, subjects: Iterable[ox.NamedNode]) -> set[ox.Triple]:
    return {triple for subject in subjects for triple in terms.statements(subject)}
