"""Things and the documents about them: /id, /voc and /graph answer 303, /doc answers.

A thing is not a web page, so its IRI gives 303 and the document says what it is about (W3C, Cool
URIs for the Semantic Web, section 4.2).
"""

from itertools import islice
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.description import describe
from kg.mediatypes import HTML, RDF_TYPES, MediaType, by_extension, with_aliases
from kg.query.labels import TYPE, Shown
from kg.web.documents import graph_documents, thing_documents
from kg.web.links import document_of, thing_of
from kg.web.responses import (
    chosen_type,
    document,
    languages_of,
    not_found,
    page,
    see_other,
)
from kg.web.site import Site

OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
_NAMED: Final = (HTML, *RDF_TYPES)
STATEMENTS_SHOWN: Final = 500  # of a named graph on its page; the RDF document has all


def routes(site: Site) -> list[Route]:
    """Return the routes of things and their documents."""

    async def thing(request: Request) -> Response:
        path = request.url.path.removeprefix("/")
        target = document_of(path)
        if target is None or not _exists(site, path):
            raise not_found(request.url.path)
        return see_other(site.path(f"/doc/{target}"))

    async def doc(request: Request) -> Response:
        name, fixed = split_extension(request.path_params["path"])
        path = thing_of(name)
        if path is None or not _exists(site, path):
            raise not_found(request.url.path)
        media_type = chosen_type(request, OFFERED, fixed=fixed)
        return _document(site, request, path, media_type)

    return [
        Route("/id/{path:path}", thing),
        Route("/voc/{path:path}", thing),
        Route("/graph/{path:path}", thing),
        Route("/doc/{path:path}", doc),
    ]


def location_of(name: str, media_type: MediaType, mount: str) -> dict[str, str]:
    """Return the header that says where a representation of a document has its own address."""
    return {"Content-Location": f"{mount}/doc/{name}.{media_type.extension}"}


def split_extension(path: str) -> tuple[str, MediaType | None]:
    """Return the name of a document, and the media type where its extension says one."""
    name, _, extension = path.rpartition(".")
    found = by_extension(extension, _NAMED)
    return (path, None) if found is None else (name, found)


def _exists(site: Site, path: str) -> bool:
    """Tell whether anything is said about a thing, by it or of it."""
    store, node = site.served.store, ox.NamedNode(site.served.base + path)
    if path.startswith("graph/"):
        return node.value in site.graphs
    said = store.quads_for_pattern(node, None, None, None)
    pointing = store.quads_for_pattern(None, None, node, None)
    return next(said, None) is not None or next(pointing, None) is not None


def _document(site: Site, request: Request, path: str, media_type: MediaType) -> Response:
    name = document_of(path)
    iri, doc_iri = f"{site.served.base}{path}", f"{site.served.base}doc/{name}"
    is_graph = path.startswith("graph/")

    def make() -> bytes:
        if media_type == HTML:
            template, values = (_graph_page if is_graph else _thing_page)(site, request, iri)
            return page(site, template, formats_list=_formats(site.path(f"/doc/{name}")), **values)
        write = graph_documents if is_graph else thing_documents
        return write(site, iri, doc_iri, [media_type])[media_type.extension]

    return document(
        request, media_type, make, headers=location_of(name or "", media_type, site.mount)
    )


def _formats(path: str) -> list[tuple[MediaType, str]]:
    return [(media_type, f"{path}.{media_type.extension}") for media_type in RDF_TYPES]


def _thing_page(site: Site, request: Request, iri: str) -> tuple[str, dict[str, Any]]:
    served = site.served
    found = describe(served.store, iri, base=served.base, languages=languages_of(request))
    if found is None:
        raise not_found(request.url.path)
    classes = {kind.iri: kind.key for kind in site.classes}
    return "entity.html", {"thing": found, "classes": classes}


def _graph_page(site: Site, request: Request, iri: str) -> tuple[str, dict[str, Any]]:
    reader = site.reader(languages_of(request))
    node = ox.NamedNode(iri)
    quads = sorted(site.served.store.quads_for_pattern(None, None, None, node), key=str)
    about = describe(site.served.store, iri, base=site.served.base, languages=reader.languages)
    name = iri.removeprefix(f"{site.served.base}graph/")
    source = ox.NamedNode(f"{site.served.base}id/{name}")
    is_described = next(site.served.store.quads_for_pattern(source, TYPE, None, None), None)
    rows = [
        (reader.show(quad.subject), reader.show(quad.predicate), reader.show(quad.object))
        for quad in islice(quads, STATEMENTS_SHOWN)
    ]
    return "graph.html", {
        "iri": iri,
        "name": name,
        "about": about,
        "source": reader.show(source) if is_described else Shown(""),
        "rows": rows,
        "total": len(quads),
    }
