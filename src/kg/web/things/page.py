"""The template of a page about a thing or a graph, and what it is filled with."""

from typing import Any

import pyoxigraph as ox
from starlette.requests import Request

from kg.description import Description, describe
from kg.description.moments import Moment
from kg.description.origins import Origins
from kg.query.labels import TYPE, Reader, Shown
from kg.web.documents import graph_pages, graph_statements, page_count
from kg.web.i18n import interface_language
from kg.web.links import document_of
from kg.web.responses import languages_of, not_found, page_number
from kg.web.site import Site
from kg.web.things.choice import Chosen, chosen
from kg.web.things.words import language_name
from kg.web.vocabulary_pages import concept_values


def description_page(
    site: Site, request: Request, iri: str, number: int | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the name of the template of a page about a thing or a graph, and its values.

    Args:
        site: What is served.
        request: What asked.
        iri: Of the thing or the graph.
        number: Which page of its document, from 1; None for all of it.

    Raises:
        ProtocolError: 404 where nothing is said about it.
    """
    if number == 1 and iri.startswith(f"{site.served.base}voc/"):
        made = concept_values(site, request, iri)
        if made is not None:
            name = document_of(iri.removeprefix(site.served.base))
            pages = {"pages": page_count(site, iri), "page_path": site.path(f"/doc/{name}")}
            return made[0], {**made[1], **pages}
    is_graph = iri.startswith(f"{site.served.base}graph/")
    return (_graph_page if is_graph else thing_page)(site, request, iri, number)


def thing_page(
    site: Site, request: Request, iri: str, number: int | None, moment: Moment | None = None
) -> tuple[str, dict[str, Any]]:
    """Return the template and the values of a page about a thing.

    Only the first page of what is now has the form of its kind; the others are tables.

    Args:
        site: What is served.
        request: What asked.
        iri: Of the thing.
        number: Which page of its document, from 1; None for all of it.
        moment: Leaves out what did not hold then.

    Raises:
        ProtocolError: 404 where nothing is said about it, or it has no such page of members.
    """
    reader = site.reader(languages_of(request))
    own = _chosen(request, reader, iri) if number == 1 and moment is None else None
    origins = Origins(reader) if own is None else own.origins
    found = describe(
        site.served.store,
        iri,
        base=site.served.base,
        languages=reader.languages,
        page=number,
        moment=moment,
        origins=origins,
    )
    if found is None:
        raise not_found(request.url.path)
    values = _common(site, found, origins, number)
    if own is None:
        return "entity.html", values
    return own.kind.template, {**own.values, **values, **_sourced(found)}


def _chosen(request: Request, reader: Reader, iri: str) -> Chosen | None:
    members = page_number(request, "members")
    found = chosen(reader, iri, interface_language(reader.languages), members)
    if members > (1 if found is None else found.members_pages):
        raise not_found(f"members {members} of {request.url.path}")
    return found


def _common(site: Site, found: Description, origins: Origins, number: int | None) -> dict[str, Any]:
    """Return what the pages of all kinds show."""
    name = document_of(found.iri.removeprefix(site.served.base))
    values: dict[str, Any] = {
        "thing": found,
        "thing_name": name,
        "classes": {kind.iri: kind.key for kind in site.classes},
        "sources": origins.sources(),
        "language_name": language_name,
    }
    if number is not None:
        values["page_path"] = site.path(f"/doc/{name}")
        values["incoming_path"] = site.path(f"/incoming/{name}")
    return values


def _sourced(found: Description) -> dict[str, int]:
    """Return how many statements a page has, how many a source makes, and how many rules do."""
    every = [statement for group in found.groups for statement in group.statements]
    said = [statement for statement in every if not statement.is_inferred]
    sourced = sum(any(o.kind == "source" for o in each.origins) for each in said)
    inferred = len(every) - len(said)
    return {"statement_total": len(said), "sourced_total": sourced, "inferred_total": inferred}


def _graph_page(
    site: Site, request: Request, iri: str, number: int | None
) -> tuple[str, dict[str, Any]]:
    reader = site.reader(languages_of(request))
    about = describe(site.served.store, iri, base=site.served.base, languages=reader.languages)
    name = iri.removeprefix(f"{site.served.base}graph/")
    source = ox.NamedNode(f"{site.served.base}id/{name}")
    is_described = next(site.served.store.quads_for_pattern(source, TYPE, None, None), None)
    rows = [
        (reader.show(quad.subject), reader.show(quad.predicate), reader.show(quad.object))
        for quad in graph_statements(site, iri, number)
    ]
    return "graph.html", {
        "iri": iri,
        "name": name,
        "about": about,
        "source": reader.show(source) if is_described else Shown(""),
        "rows": rows,
        "total": site.graphs[iri],
        "number": number or 1,
        "pages": graph_pages(site, iri),
        "page_path": site.path(f"/doc/{document_of(iri.removeprefix(site.served.base))}"),
    }
