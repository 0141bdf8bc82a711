"""/history: what each release changed about a thing, which source says so, newest first.

As RDF every state of the thing that a release changed is a `prov:Entity`, a revision of the one
before it; the change itself is a change set (http://purl.org/vocab/changeset/schema), whose
statements name the graphs that say them. The states are those of the change feed
(`kg.web.feed`): their IRI is this document's with the version of the release as its fragment.
"""

import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.archive import DELETE
from kg.mediatypes import HTML, RDF_TYPES
from kg.namespaces import DCTERMS, FOAF, OWL, PROV, RDF, VOID, XSD
from kg.query.labels import Reader, Shown, source_label
from kg.web.datablock import MOST, block, dataset, described
from kg.web.entities import OFFERED, exists, split_extension
from kg.web.links import document_of, thing_of
from kg.web.mementos import hidden, past_of, removed, without
from kg.web.responses import chosen_type, document, languages_of, not_found, page
from kg.web.signposts import Record, Sign, header, links, signs
from kg.web.site import Site
from kg.web.writing import Document

ACTIVITY: Final = "https://www.w3.org/ns/activitystreams#"
_CHANGESET: Final = "http://purl.org/vocab/changeset/schema#"
_WORDS: Final = ("added", "removed")  # what a change says of statements
Node = ox.NamedNode | ox.Literal


class Row(NamedTuple):
    """A statement that came or went, as a page shows it.

    Attributes:
        is_new: Whether it came.
        property: Its property.
        value: Its value.
        sources: The sources and other graphs that began or ceased to say it.
        is_accepted: Whether it came into the accepted view, or left it.
    """

    is_new: bool
    property: Shown
    value: Shown
    sources: tuple[Shown, ...]
    is_accepted: bool


class _Said(NamedTuple):
    """A statement that came or went, with the graphs in which it did."""

    triple: ox.Triple
    graphs: tuple[str, ...]
    is_accepted: bool


def routes(site: Site) -> list[Route]:
    """Return the route of the history of a thing."""

    async def history(request: Request) -> Response:
        name, fixed = split_extension(request.path_params["path"])
        path, past = thing_of(name), past_of(request)
        if path is not None and path in hidden(site, past):
            return removed(site, request, path, fixed)
        changes = _cleaned(site, past)
        if path is None or not (changes or exists(site, path)):
            raise not_found(request.url.path)
        media_type = chosen_type(request, OFFERED, fixed=fixed)
        address = f"/history/{name}"
        record = Record(
            f"{site.served.base}history/{name}", address, (FOAF + "Document",), site.licence
        )
        found = signs(record, media_type)
        if exists(site, path):
            found.append(Sign("up", f"/doc/{name}", HTML.name))

        def make() -> bytes:
            if media_type == HTML:
                return _page(site, request, name, changes, links(found, site.mount))
            node = ox.NamedNode(f"{site.served.base}history/{name}")
            made = Document(node, node.value, triples=set(_triples(site, node, path, changes)))
            return made.write(site, [media_type])[media_type.extension]

        headers = {
            "Content-Location": site.path(f"{address}.{media_type.extension}"),
            "Link": header(found, site.mount),
        }
        return document(request, media_type, make, headers=headers)

    return [Route("/history/{path:path}", history)]


def _cleaned(site: Site, past: dict[str, Any]) -> list[dict[str, Any]]:
    """Return changes whose statements, as N-Quads, do not name what no old state may show."""
    return [
        change | {word: without(zlib.decompress(change[word]), site, past) for word in _WORDS}
        for change in past["changes"]
    ]


def state_iri(base: str, change: dict[str, Any]) -> ox.NamedNode:
    """Return the IRI of the state of a thing since a change."""
    return ox.NamedNode(f"{base}history/{document_of(change['path'])}#{change['version']}")


def state(base: str, change: dict[str, Any]) -> Iterator[ox.Triple]:
    """Give what is said about the state of a thing since a change."""
    node = state_iri(base, change)
    thing = ox.NamedNode(base + change["path"])
    moment = ox.Literal(change["released"], datatype=ox.NamedNode(XSD + "dateTime"))
    values: list[tuple[str, Node]] = [
        (RDF + "type", ox.NamedNode(PROV + "Entity")),
        (RDF + "type", ox.NamedNode(ACTIVITY + change["kind"])),
        (DCTERMS + "isVersionOf", thing),
        (PROV + "specializationOf", thing),
        (PROV + "generatedAtTime", moment),
        (OWL + "versionInfo", ox.Literal(change["version"])),
    ]
    if change["kind"] != DELETE:
        memento = f"{base}release/{change['version']}/doc/{document_of(change['path'])}"
        values.append((FOAF + "page", ox.NamedNode(memento)))
    for predicate, value in values:
        yield ox.Triple(node, ox.NamedNode(predicate), value)


def _triples(
    site: Site, node: ox.NamedNode, path: str, changes: list[dict[str, Any]]
) -> Iterator[ox.Triple]:
    base, thing = site.served.base, ox.NamedNode(site.served.base + path)
    yield ox.Triple(node, _iri(RDF + "type"), _iri(FOAF + "Document"))
    yield ox.Triple(node, _iri(FOAF + "primaryTopic"), thing)
    yield ox.Triple(node, _iri(DCTERMS + "license"), _iri(site.licence))
    yield ox.Triple(node, _iri(DCTERMS + "isPartOf"), site.dataset)
    for change in changes:
        yield from state(base, change)
        if change["before"] is not None:
            before = state_iri(base, change | {"version": change["before"]})
            yield ox.Triple(state_iri(base, change), _iri(PROV + "wasRevisionOf"), before)
        yield from _change_set(site, thing, change)


def _change_set(site: Site, thing: ox.NamedNode, change: dict[str, Any]) -> Iterator[ox.Triple]:
    state = state_iri(site.served.base, change)
    node = _iri(f"{state.value}-changes")
    moment = ox.Literal(change["released"], datatype=_iri(XSD + "dateTime"))
    yield ox.Triple(node, _iri(RDF + "type"), _iri(_CHANGESET + "ChangeSet"))
    yield ox.Triple(node, _iri(_CHANGESET + "subjectOfChange"), thing)
    yield ox.Triple(node, _iri(_CHANGESET + "createdDate"), moment)
    for kind, word in (("addition", "added"), ("removal", "removed")):
        for number, said in enumerate(_said(change[word]), start=1):
            statement = _iri(f"{state.value}-{word}-{number}")
            yield ox.Triple(node, _iri(_CHANGESET + kind), statement)
            yield ox.Triple(statement, _iri(RDF + "type"), _iri(RDF + "Statement"))
            yield ox.Triple(statement, _iri(RDF + "subject"), thing)
            yield ox.Triple(statement, _iri(RDF + "predicate"), said.triple.predicate)
            yield ox.Triple(statement, _iri(RDF + "object"), said.triple.object)
            for graph in said.graphs:
                yield ox.Triple(statement, _iri(DCTERMS + "source"), _iri(graph))
            if said.is_accepted:
                yield ox.Triple(statement, _iri(VOID + "inDataset"), site.dataset)


def _said(lines: bytes) -> list[_Said]:
    """Return the statements of some N-Quads, each once, in a fixed order."""
    graphs: dict[ox.Triple, set[str]] = {}
    for quad in ox.parse(lines, format=ox.RdfFormat.N_QUADS):
        found = graphs.setdefault(quad.triple, set())
        found.add(quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else "")
    return [
        _Said(triple, tuple(sorted(graphs[triple] - {""})), "" in graphs[triple])
        for triple in sorted(graphs, key=str)
    ]


def _page(
    site: Site,
    request: Request,
    name: str,
    changes: list[dict[str, Any]],
    head: list[tuple[str, str, str]],
) -> bytes:
    reader = site.reader(languages_of(request))
    thing = reader.show(ox.NamedNode(f"{site.served.base}{thing_of(name)}"))
    shown = [
        {
            "version": change["version"],
            "day": change["released"][:10],
            "kind": change["kind"],
            "memento": site.path(f"/release/{change['version']}/doc/{name}"),
            "rows": _rows(reader, change),
        }
        for change in reversed(changes)
    ]
    formats = [(kind, site.path(f"/history/{name}.{kind.extension}")) for kind in RDF_TYPES]
    values = {"thing": thing, "changes": shown, "formats_list": formats, "name": name}
    values |= {"data_block": _data_block(site, name, thing, changes), "signs": head}
    return page(site, request, "history.html", **values, iri=f"{site.served.base}history/{name}")


def _data_block(site: Site, name: str, thing: Shown, changes: list[dict[str, Any]]) -> Markup:
    """Return the history in the words of schema.org, with the versions that can be read."""
    base = site.served.base
    versions = [
        {"@type": "WebPage", "@id": f"{base}release/{change['version']}/doc/{name}"}
        | {"version": change["version"], "datePublished": change["released"]}
        for change in changes[-MOST:]
        if change["kind"] != DELETE
    ]
    made = described(
        site,
        "CreativeWork",
        f"{base}history/{name}",
        f"History of {thing.text}",
        about={"@id": f"{base}{thing_of(name)}", "name": thing.text},
        isPartOf=dataset(site),
        hasPart=versions,
    )
    if changes:
        made |= {"version": changes[-1]["version"], "dateModified": changes[-1]["released"]}
    return block(made)


def _rows(reader: Reader, change: dict[str, Any]) -> list[Row]:
    return [
        Row(
            word == "added",
            reader.show(said.triple.predicate),
            reader.show(said.triple.object),
            tuple(source_label(reader, graph) for graph in said.graphs),
            said.is_accepted,
        )
        for word in ("removed", "added")
        for said in _said(change[word])
    ]


def _iri(value: str) -> ox.NamedNode:
    return ox.NamedNode(value)
