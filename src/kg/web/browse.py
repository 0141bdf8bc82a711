"""Pages for people: home, the classes and their instances, about."""

from typing import Any, Final, NamedTuple
from urllib.parse import quote

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.namespaces import OWL, RDF, RDFS
from kg.query.labels import TYPE
from kg.web.responses import html, languages_of, not_found, page_number
from kg.web.schemaorg import catalogue_block
from kg.web.site import ClassCount, Site

PAGE_SIZE: Final = 100


class Example(NamedTuple):
    """A question, and the query that answers it."""

    question: str
    query: str

    @property
    def path(self) -> str:
        """The address under which the form shows the query and its answer."""
        return "/sparql?query=" + quote(self.query, safe="")


def routes(site: Site) -> list[Route]:
    """Return the routes of the pages for people."""

    async def home(request: Request) -> Response:
        return html(site, request, "home.html", lambda: _home(site, request))

    async def classes(request: Request) -> Response:
        return html(site, request, "classes.html", lambda: _classes(site, request))

    async def instances(request: Request) -> Response:
        name, number = request.path_params["name"], page_number(request)
        kind = next((kind for kind in site.classes if kind.key == name), None)
        if kind is None:
            raise not_found(request.url.path)
        last = max(1, -(-kind.total // PAGE_SIZE))
        if number > last:
            raise not_found(f"page {number} of {kind.key}")
        values = (site, request, kind, number, last)
        return html(site, request, "class.html", lambda: _instances(*values))

    async def about(request: Request) -> Response:
        return html(site, request, "about.html", lambda: {"limits": site.limits})

    return [
        Route("/", home),
        Route("/class", classes),
        Route("/class/{name}", instances),
        Route("/about", about),
    ]


def examples(base: str) -> list[Example]:
    """Return the questions on the home page, with the queries that answer them."""
    prefixes = (
        f"PREFIX cpo: <{base}ont#>\nPREFIX v: <{base}voc/>\n"
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n\n"
    )
    return [
        Example("Which body leads which network?", prefixes + _LEADERS),
        Example("Who has signed which pledge, and when?", prefixes + _SIGNATURES),
        Example("Where do the sources disagree?", prefixes + _CONFLICTS),
    ]


_LEADERS: Final = """SELECT ?network ?networkName ?body ?bodyName
WHERE {
  ?participation cpo:participationIn ?network ;
    cpo:participant ?body ;
    cpo:role v:role-lead .
  ?network a cpo:Network ; skos:prefLabel ?networkName .
  ?body skos:prefLabel ?bodyName .
  FILTER (LANG(?networkName) = "en" && LANG(?bodyName) = "en")
}
ORDER BY ?networkName ?bodyName
"""
_SIGNATURES: Final = """SELECT ?pledge ?body ?bodyName ?date
WHERE {
  ?signature a cpo:Signature ; cpo:signs ?pledge ; cpo:signatory ?body .
  OPTIONAL { ?signature cpo:date ?date }
  OPTIONAL { ?body skos:prefLabel ?bodyName . FILTER (LANG(?bodyName) = "en") }
}
ORDER BY ?date ?pledge ?bodyName
"""
_CONFLICTS: Final = """SELECT ?thing ?property ?value ?status ?otherValue ?otherStatus
WHERE {
  ?claim cpo:conflictsWith ?other ;
    cpo:claimSubject ?thing ;
    cpo:claimProperty ?property ;
    cpo:claimValue ?value ;
    cpo:claimStatus ?status .
  ?other cpo:claimValue ?otherValue ; cpo:claimStatus ?otherStatus .
}
ORDER BY ?thing ?property ?value
"""


def _home(site: Site, request: Request) -> dict[str, Any]:
    languages = languages_of(request)
    return {
        "classes": _named_classes(site, request),
        "examples": examples(site.served.base),
        "sources": site.sources(languages),
        "statement_count": site.statement_count,
        "data_block": catalogue_block(site),
    }


def _classes(site: Site, request: Request) -> dict[str, Any]:
    return {"classes": _named_classes(site, request)}


def _named_classes(site: Site, request: Request) -> list[tuple[ClassCount, Any]]:
    """Return the classes of the dataset's own things, with labels; not those of the ontology."""
    reader = site.reader(languages_of(request))
    hidden = (OWL, RDF, RDFS)
    kinds = [kind for kind in site.classes if not kind.iri.startswith(hidden)]
    return [(kind, reader.show(ox.NamedNode(kind.iri))) for kind in kinds]


def _instances(
    site: Site, request: Request, kind: ClassCount, number: int, last: int
) -> dict[str, Any]:
    reader = site.reader(languages_of(request))
    node = ox.NamedNode(kind.iri)
    found = site.served.store.quads_for_pattern(None, TYPE, node, ox.DefaultGraph())
    nodes = sorted((quad.subject for quad in found), key=str)
    first = (number - 1) * PAGE_SIZE
    return {
        "kind": kind,
        "label": reader.show(node),
        "items": [reader.show(item) for item in nodes[first : first + PAGE_SIZE]],
        "first": first + 1,
        "number": number,
        "last": last,
    }
