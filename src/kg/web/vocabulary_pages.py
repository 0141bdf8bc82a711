"""The values of the pages about terms: documents, classes, properties, rules, lists, questions."""

from collections.abc import Callable
from itertools import groupby
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
from starlette.requests import Request

from kg.namespaces import DCTERMS, SKOS
from kg.query.labels import Reader
from kg.web.responses import languages_of
from kg.web.site import Site
from kg.web.vocabularies.diagrams import OVERVIEW
from kg.web.vocabularies.graph import HASH_DOCUMENTS, texts
from kg.web.vocabularies.lists import concept_page, scheme_page, schemes
from kg.web.vocabularies.terms import (
    Row,
    header,
    row,
    section_of,
    sections,
    with_domain,
    with_range,
)
from kg.web.vocabularies.usage import example_of_class, example_of_property, turtle_of

Values = dict[str, Any]


def page_of(site: Site) -> Callable[[str], str | None]:
    """Return what gives the path of the page about an IRI: that of a term is its own page."""
    terms = site.served.model.terms

    def path(iri: str) -> str | None:
        name, _, local = iri.removeprefix(site.served.base).partition("#")
        if name in HASH_DOCUMENTS and terms.find(name, local) is not None:
            return site.path(f"/{name}/{quote(local)}")
        return site.href(iri)

    return path


def document_page(site: Site, request: Request, name: str) -> tuple[str, Values]:
    """Return the page of a document of terms, such as the ontology."""
    model = site.served.model
    reader = model.terms.reader(languages_of(request))
    iri = f"{site.served.base}{name}"
    drawings = model.drawings if name == "ont" else {}
    return "ontology.html", {
        "name": name,
        "about": header(model.terms, iri, reader),
        "sections": sections(model.terms, name, reader),
        "drawing": drawings.get(OVERVIEW),
        "usage": model.usage,
        "parts": [
            header(model.terms, part.value, reader)
            for part in model.terms.subjects(DCTERMS + "references", ox.NamedNode(iri))
        ],
    }


def term_page(site: Site, request: Request, term: ox.NamedNode) -> tuple[str, Values]:
    """Return the page of a class, a property, a shape, or whatever else a document defines."""
    model = site.served.model
    reader = model.terms.reader(languages_of(request))
    name = term.value.removeprefix(site.served.base).partition("#")[0]
    if "shape" in model.terms.kinds(term):
        found = model.rules.page(term, reader)
        return "rule.html", {"found": found, "about": header(model.terms, _document(term), reader)}
    shown = row(model.terms, term, reader)
    return "term.html", {
        "name": name,
        "found": shown,
        "about": header(model.terms, _document(term), reader),
        "part": section_of(model.terms, term, reader),
        "notes": texts(reader, term, SKOS + "scopeNote") + texts(reader, term, SKOS + "changeNote"),
        "rules": model.rules.about(term, reader),
        "naming": model.rules.naming(term, reader),
        "questions": [(reader.show(q), q.value) for q in model.terms.questions_on(term)],
        "drawing": model.drawings.get(shown.local) if name == "ont" else None,
        "turtle": turtle_of(sorted(model.terms.statements(term), key=str), model.terms.prefixes),
        **(_in_the_data(site, reader, shown, term)),
    }


def _in_the_data(site: Site, reader: Reader, shown: Row, term: ox.NamedNode) -> Values:
    """Return how a term is used, and an example."""
    model, store = site.served.model, site.served.store
    is_class = shown.kind == "class"
    example = example_of_class if is_class else example_of_property
    counts = model.usage.properties_of if is_class else model.usage.classes_of
    has, reached = (with_domain, with_range) if is_class else (_no_terms, _no_terms)
    keys = {kind.iri: kind.key for kind in site.classes}
    return {
        "total": (model.usage.instances if is_class else model.usage.uses).get(term.value, 0),
        "class_key": keys.get(term.value),
        "counts": [(reader.show(ox.NamedNode(c.iri)), c) for c in counts(term.value)],
        "example": example(store, term, model.terms.prefixes),
        "has": [row(model.terms, prop, reader) for prop in has(model.terms, term)],
        "reached": [row(model.terms, prop, reader) for prop in reached(model.terms, term)],
    }


def _no_terms(*_: object) -> list[ox.NamedNode]:
    return []


def rules_page(site: Site, request: Request) -> tuple[str, Values]:
    """Return the page of all rules."""
    model = site.served.model
    reader = model.terms.reader(languages_of(request))
    rules = model.rules.of_document(reader)
    families = [(key, list(found)) for key, found in groupby(rules, lambda rule: rule.code[:3])]
    codes = {rule.code for rule in rules}
    others = [
        reader.show(term)
        for local, term in model.terms.terms_of("shapes").items()
        if local not in codes
    ]
    return "rules.html", {
        "about": header(model.terms, f"{site.served.base}shapes", reader),
        "families": families,
        "others": others,
    }


def lists_page(site: Site, request: Request) -> tuple[str, Values]:
    """Return the page of all concept schemes."""
    model = site.served.model
    reader = model.terms.reader(languages_of(request))
    iri = f"{site.served.base}voc"
    about = header(model.terms, iri, reader)
    return "lists.html", {"iri": iri, "about": about, "schemes": schemes(model.terms, reader)}


def concept_values(site: Site, request: Request, iri: str) -> tuple[str, Values] | None:
    """Return the page of a concept scheme or of a concept; None where the IRI is of neither."""
    model, store = site.served.model, site.served.store
    languages = languages_of(request)
    reader, this = model.terms.reader(languages), ox.NamedNode(iri)
    kinds = model.terms.kinds(this)
    if "scheme" in kinds:
        found = scheme_page(store, model.terms, this, reader)
        return "scheme.html", {"found": found, "page_of": page_of(site)}
    if "concept" not in kinds:
        return None
    return "concept.html", {
        "found": concept_page(store, model.terms, this, reader, site.reader(languages)),
        "rules": model.rules.naming(this, reader),
        "questions": [(reader.show(q), q.value) for q in model.terms.questions_on(this)],
        "turtle": turtle_of(sorted(model.terms.statements(this), key=str), model.terms.prefixes),
        "page_of": page_of(site),
    }


def _document(term: ox.NamedNode) -> str:
    return term.value.partition("#")[0]
