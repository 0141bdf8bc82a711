"""/status: what is served, from which sources, within which limits and under which load.

The front, which has no data, puts its figures into the job; a worker adds what the graph says of
each source and makes the page, the JSON or the RDF of both. In RDF the endpoint is a
`dcat:DataService`, each source graph a `void:subset` of the dataset, and each figure a
`schema:PropertyValue` named by its place in the JSON, such as `cache.hits`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg import __version__
from kg.mediatypes import HTML, RDF_TYPES, MediaType, by_extension, with_aliases
from kg.namespaces import DCAT, DCTERMS, FOAF, PREFIXES, RDF, SCHEMA, SKOS, VOID, XSD
from kg.query.backend import Backend
from kg.query.evaluation import serialize_graph
from kg.query.labels import Reader, Shown, source_label
from kg.query.pool import Pool
from kg.query.remote import RemoteBackend
from kg.web.http import content_headers
from kg.web.i18n import mark
from kg.web.responses import VARY, chosen_type, languages_of, not_found, page
from kg.web.site import Site

if TYPE_CHECKING:
    from kg.web.front import Front

PATH: Final = "/status"
JSON: Final = MediaType("application/json", "json", "JSON")
BUILT_IS: Final = mark("file time of the snapshot's manifest on this server")
_HEADERS: Final = {"Vary": VARY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_PROV: Final = PREFIXES["prov"]
_PAV: Final = PREFIXES["pav"]
_OFFERED: Final = (HTML, JSON, *with_aliases(RDF_TYPES))
_NAMED: Final = (HTML, JSON, *RDF_TYPES)
# What the graph may say of a source, under the names of the JSON.
_DATES: Final = {
    "issued": ox.NamedNode(DCTERMS + "issued"),
    "created": ox.NamedNode(DCTERMS + "created"),
    "retrieved": ox.NamedNode(_PAV + "retrievedOn"),
}
_PUBLISHER: Final = ox.NamedNode(DCTERMS + "publisher")
_PAGE: Final = ox.NamedNode(_PAV + "retrievedFrom")
_COPIED: Final = (
    *_DATES.values(),
    _PUBLISHER,
    _PAGE,
    ox.NamedNode(DCTERMS + "title"),
    ox.NamedNode(SKOS + "prefLabel"),
)
# The groups of figures, with their headings.
_FIGURES: Final = {
    "server": mark("Server"),
    "limits": mark("Limits"),
    "load": mark("Load"),
    "workers": mark("Workers"),
    "cache": mark("Cache"),
    "requests": mark("Requests"),
    "queries": mark("Queries"),
    "store": mark("Store"),
}
_UNITS: Final = {"s": "seconds", "bytes": "bytes"}
_TYPE: Final = RDF + "type"


def is_status(path: str) -> bool:
    """Tell whether a path is that of the status, in any format."""
    return path == PATH or path.startswith(f"{PATH}.")


def figures(front: "Front") -> dict[str, Any]:
    """Return what the front knows of itself: names, numbers and texts, for a job of a worker.

    Args:
        front: The application.
    """
    deployment, metrics = front.deployment, front.metrics
    totals, cache = metrics.totals(), deployment.service.cache
    is_pool = isinstance(deployment.backend, Pool)
    found: dict[str, Any] = {
        "software": {"name": "citypledge", "version": __version__},
        "snapshot": {
            "version": deployment.version,
            "hash": deployment.snapshot_id,
            "built": _instant(deployment.built),
            "built_is": BUILT_IS if deployment.built is not None else None,
            "taken_up": _instant(metrics.taken_up),
        },
        "server": {
            "started": _instant(metrics.started),
            "uptime_s": round(metrics.uptime_s, 3),
            "ready": front.is_ready and not front.is_leaving,
            "mode": deployment.mode,
            "connections": metrics.connections,
        },
        "limits": asdict(front.limits),
        "load": deployment.backend.load() if isinstance(deployment.backend, Pool) else None,
        "workers": None,
        "cache": {
            "hits": totals["hits"],
            "misses": totals["misses"],
            "bytes": cache.bytes,
            "replayed": sum(tally.requests for tally in metrics.replays.values()),
            "replay_bytes": front.replay_bytes,
        },
        "requests": _requests(metrics.all_requests()),
        "queries": metrics.outcomes(),
        "store": _capabilities(deployment.backend),
    }
    if is_pool:
        found["workers"] = {
            "forked": totals["forked"],
            "zygote_restarts": totals["restarts"],
            "killed": {
                key.removeprefix("killed:"): count
                for key, count in sorted(totals.items())
                if key.startswith("killed:")
            },
        }
    return found


def routes(site: Site) -> list[Route]:
    """Return the routes of the status; the job has the figures of the front under `status`."""

    async def status(request: Request) -> Response:
        fixed = None
        if request.url.path != PATH:
            fixed = by_extension(request.url.path.removeprefix(f"{PATH}."), _NAMED)
            if fixed is None:
                raise not_found(request.url.path)
        media_type = chosen_type(request, _OFFERED, fixed=fixed)
        known = _known(site, request)
        headers = {**_HEADERS, **content_headers(media_type)}
        return Response(_written(site, request, known, media_type), headers=headers)

    return [Route(PATH, status), Route(f"{PATH}.{{extension}}", status)]


def _written(site: Site, request: Request, known: dict[str, Any], media_type: MediaType) -> bytes:
    if media_type == HTML:
        formats = [
            (offer, site.path(f"{PATH}.{offer.extension}")) for offer in _NAMED if offer != HTML
        ]
        uptime = str(timedelta(seconds=int(known["server"]["uptime_s"])))
        groups = [(name, list(_flat(known[name]))) for name in _FIGURES if known[name]]
        return page(
            site,
            request,
            "status.html",
            known=known,
            uptime=uptime,
            figure_groups=groups,
            titles=_FIGURES,
            formats_list=formats,
            iri=f"{site.served.base}status",
        )
    if media_type == JSON:
        return json.dumps(known, ensure_ascii=False, indent=1).encode() + b"\n"
    triples = sorted(set(_triples(site, known)), key=str)
    if media_type.extension not in ("trig", "nq"):
        return serialize_graph(triples, media_type.extension)
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
    return serialize_graph(quads, media_type.extension)


def _known(site: Site, request: Request) -> dict[str, Any]:
    """Return the figures of the front, and what the graph says."""
    given: dict[str, Any] = request.scope["job"]["status"]
    reader = site.reader(languages_of(request))
    own = {"iri": site.dataset.value, "statements": site.statement_count}
    prefix = f"{site.served.base}graph/source/"
    sources = [
        source_facts(site, reader, graph, count)
        for graph, count in site.graphs.items()
        if graph.startswith(prefix)
    ]
    return {**given, "snapshot": own | given["snapshot"], "sources": sources}


def source_facts(site: Site, reader: Reader, graph: str, count: int) -> dict[str, Any]:
    """Return what the graph says of the document behind a source graph; None where it does not."""
    document = _document_of(site, graph)
    title = source_label(reader, graph)
    publisher = _first(reader, document, _PUBLISHER)
    where = _first(reader, document, _PAGE)
    dates = {name: _first(reader, document, predicate) for name, predicate in _DATES.items()}
    return {
        "graph": graph,
        "document": document.value,
        "title": title.text,
        "language": title.language or None,
        "publisher": publisher and {"iri": publisher.iri or None, "name": publisher.text},
        **{name: date and date.text for name, date in dates.items()},
        "retrieved_from": where and (where.iri or where.text),
        "statements": count,
    }


def _first(reader: Reader, node: ox.NamedNode, predicate: ox.NamedNode) -> Shown | None:
    found = reader.one(node, predicate)
    return found if found.text else None


def _document_of(site: Site, graph: str) -> ox.NamedNode:
    base = site.served.base
    return ox.NamedNode(f"{base}id/{graph.removeprefix(f'{base}graph/')}")


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give each figure with its name, such as `killed.deadline`; unknown ones are left out."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif value is not None:
            yield f"{above}{name}", value


def _triples(site: Site, known: dict[str, Any]) -> Iterator[ox.Triple]:
    base = site.served.base
    document, service = f"{base}status", f"{base}sparql"
    yield _triple(document, _TYPE, ox.NamedNode(FOAF + "Document"))
    yield _triple(document, FOAF + "primaryTopic", ox.NamedNode(service))
    yield _triple(document, DCTERMS + "created", _time(_instant(datetime.now(UTC).timestamp())))
    yield _triple(service, _TYPE, ox.NamedNode(DCAT + "DataService"))
    yield _triple(service, DCAT + "endpointURL", ox.NamedNode(service))
    yield _triple(service, DCAT + "servesDataset", site.dataset)
    software = f"{document}#software"
    yield _triple(service, DCTERMS + "requires", ox.NamedNode(software))
    yield _triple(software, _TYPE, ox.NamedNode(SCHEMA + "SoftwareApplication"))
    yield _triple(software, SCHEMA + "name", ox.Literal(known["software"]["name"]))
    yield _triple(software, SCHEMA + "softwareVersion", ox.Literal(known["software"]["version"]))
    for group in _FIGURES:
        for name, value in _flat(known[group] or {}, f"{group}."):
            yield from _figure(service, f"{document}#{name}", name, value)
    yield from _dataset(site, known)


def _figure(service: str, iri: str, name: str, value: Any) -> Iterator[ox.Triple]:
    yield _triple(service, SCHEMA + "additionalProperty", ox.NamedNode(iri))
    yield _triple(iri, _TYPE, ox.NamedNode(SCHEMA + "PropertyValue"))
    yield _triple(iri, SCHEMA + "propertyID", ox.Literal(name))
    shown = value if isinstance(value, str | int | float) else json.dumps(value)
    yield _triple(iri, SCHEMA + "value", ox.Literal(shown))
    unit = _UNITS.get(name.rpartition(".")[2].rpartition("_")[2])
    if unit is not None:
        yield _triple(iri, SCHEMA + "unitText", ox.Literal(unit))


def _dataset(site: Site, known: dict[str, Any]) -> Iterator[ox.Triple]:
    dataset, snapshot = site.dataset.value, known["snapshot"]
    for kind in (VOID + "Dataset", DCAT + "Dataset"):
        yield _triple(dataset, _TYPE, ox.NamedNode(kind))
    yield _triple(dataset, DCAT + "version", ox.Literal(snapshot["version"]))
    yield _triple(dataset, DCTERMS + "identifier", ox.Literal(snapshot["hash"]))
    yield _triple(dataset, VOID + "triples", _count(snapshot["statements"]))
    if snapshot["built"] is not None:
        yield _triple(dataset, _PROV + "generatedAtTime", _time(snapshot["built"]))
    for source in known["sources"]:
        graph, document = source["graph"], ox.NamedNode(source["document"])
        yield _triple(dataset, VOID + "subset", ox.NamedNode(graph))
        yield _triple(graph, _TYPE, ox.NamedNode(VOID + "Dataset"))
        yield _triple(graph, VOID + "triples", _count(source["statements"]))
        yield _triple(graph, _PROV + "wasDerivedFrom", document)
        for predicate in _COPIED:
            for quad in site.served.store.quads_for_pattern(document, predicate, None, None):
                yield quad.triple


def _requests(counts: Mapping[tuple[str, str, int], int]) -> dict[str, dict[str, int]]:
    """Return the numbers of requests by class and status."""
    found: dict[str, dict[str, int]] = {}
    for (kind, _, status), count in sorted(counts.items()):
        by_status = found.setdefault(kind, {})
        name = str(status) if status else "none"
        by_status[name] = by_status.get(name, 0) + count
    return found


def _capabilities(backend: Backend) -> dict[str, Any] | None:
    """Return what a store elsewhere can do; None for workers of our own."""
    if not isinstance(backend, RemoteBackend) or backend.capabilities is None:
        return None
    found = asdict(backend.capabilities)
    return {name: value for name, value in found.items() if name != "published"}


def _instant(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(instant: str | None) -> ox.Literal:
    return ox.Literal(instant or "", datatype=ox.NamedNode(XSD + "dateTime"))


def _count(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))


def _triple(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
