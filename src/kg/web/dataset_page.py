"""What the pages about the dataset, its catalogue and its releases show."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from langcodes import standardize_tag
from markupsafe import Markup
from starlette.requests import Request

from kg.citation import text
from kg.dumps import ACCEPTED, WHOLE, Dump
from kg.languages import mark
from kg.namespaces import CANONICAL_BASE, DCAT, DCTERMS, FOAF, ONT, PROV, VOID
from kg.query.labels import Reader, Shown, source_label
from kg.release import RECORD, SUMS, Release, text_of
from kg.web.citing import Edition, dataset_work
from kg.web.datablock import MOST, block, dataset, described
from kg.web.responses import languages_of
from kg.web.site import Site
from kg.web.status import source_facts
from kg.web.versions import Versions, title_of

_CLASSES_SHOWN: Final = 40
_WHOLES: Final = {WHOLE: mark("Everything"), ACCEPTED: mark("The accepted view alone")}
_COUNTS: Final = (
    (mark("statements"), VOID + "triples"),
    (mark("things"), VOID + "entities"),
    (mark("classes"), VOID + "classes"),
    (mark("properties"), VOID + "properties"),
)


class Linkset(NamedTuple):
    """Links to another dataset by one property."""

    target: Shown
    property: Shown
    total: int


class ClassPart(NamedTuple):
    """A class with the number of its things and of the properties that they have."""

    kind: Shown
    entities: int
    properties: int


class _Meta:
    """Reads the description of the dataset."""

    def __init__(self, site: Site) -> None:
        self._store = site.served.store
        self._graph = ox.NamedNode(f"{site.served.base}graph/meta")

    def values(self, subject: ox.NamedNode, predicate: str) -> list[Any]:
        """Return the values of a property."""
        found = self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None, self._graph)
        return sorted((quad.object for quad in found), key=str)

    def text(self, subject: ox.NamedNode, predicate: str) -> str:
        """Return the first value of a property, or an empty text."""
        found = self.values(subject, predicate)
        return str(found[0].value) if found else ""

    def number(self, subject: ox.NamedNode, predicate: str) -> int:
        """Return a count; 0 where there is none."""
        return int(self.text(subject, predicate) or 0)


def dataset_values(site: Site, request: Request, versions: Versions) -> dict[str, Any]:
    """Return what the page about the dataset shows."""
    meta, reader = _Meta(site), site.reader(languages_of(request))
    whole = site.dataset
    current = versions.current(site.served.snapshot_id)
    return {
        "iri": whole.value,
        "title": meta.text(whole, DCTERMS + "title") or whole.value,
        "description": meta.text(whole, DCTERMS + "description"),
        "rights": meta.text(whole, DCTERMS + "rights"),
        "modified": meta.text(whole, DCTERMS + "modified"),
        "counts": [(name, meta.number(whole, predicate)) for name, predicate in _COUNTS],
        "classes": _classes(site, meta, reader),
        "linksets": _linksets(site, meta, reader),
        "sources": _sources(site, meta, reader, versions),
        "snapshot": site.served.snapshot_id,
        "current": current,
        "versions": versions.known[::-1],
        "dumps": _whole_dumps(versions),
        "inputs": len(meta.values(ox.NamedNode(f"{whole.value}#build"), PROV + "used")),
        "citation": _citation(site, current),
        "data_block": _schema_org(site, meta, versions),
    }


def catalogue_values(site: Site, request: Request, versions: Versions) -> dict[str, Any]:
    """Return what the page of the catalogue shows."""
    meta, reader = _Meta(site), site.reader(languages_of(request))
    catalogue = ox.NamedNode(f"{site.served.base}catalog")
    sources = _sources(site, meta, reader, versions)
    return {
        "iri": catalogue.value,
        "title": meta.text(catalogue, DCTERMS + "title"),
        "description": meta.text(catalogue, DCTERMS + "description"),
        "dataset_title": meta.text(site.dataset, DCTERMS + "title"),
        "sources": sources,
        "data_block": block(_catalogue(site, meta, sources)),
    }


def dumps_values(site: Site, versions: Versions) -> dict[str, Any]:
    """Return what the page of all releases shows."""
    base = site.served.base
    releases = [
        {"@type": "Dataset", "@id": f"{site.dataset.value}/{version}", "version": version}
        | {"url": f"{base}dump/{version}", "name": f"citypledge, version {version}"}
        | {"license": site.licence, "datePublished": found["released"]}
        for found in reversed(versions.known)
        for version in [found["version"]]
    ]
    made = described(site, "DataCatalog", f"{base}dump", "Releases of citypledge", dataset=releases)
    return {"versions": versions.known[::-1], "data_block": block(made)}


def release_values(site: Site, request: Request, release: Release) -> dict[str, Any]:
    """Return what the page of a release shows."""
    reader = site.reader(languages_of(request))
    rows: dict[str, list[Dump]] = {}
    for file in release.files:
        rows.setdefault(file.name.split(".", 1)[0] if not file.graph else file.graph, []).append(
            file
        )
    return {
        "iri": f"{site.served.base}dataset/{release.version}",
        "release": release,
        "rows": [
            (_WHOLES.get(held, ""), None if held in _WHOLES else source_label(reader, held), files)
            for held, files in rows.items()
        ],
        "others": (SUMS, RECORD),
        "data_block": block(_release(site, release)),
    }


def _whole_dumps(versions: Versions) -> list[Any]:
    if versions.shown is None:
        return []
    return [(file, title_of(file)) for file in versions.shown.files if file.graph is None]


def _classes(site: Site, meta: _Meta, reader: Reader) -> list[ClassPart]:
    own = ONT.replace(CANONICAL_BASE, site.served.base, 1)
    found = []
    for node in meta.values(site.dataset, VOID + "classPartition"):
        for kind in meta.values(node, VOID + "class"):
            if kind.value.startswith(own):
                counts = (
                    meta.number(node, VOID + "entities"),
                    meta.number(node, VOID + "properties"),
                )
                found.append(ClassPart(reader.show(kind), *counts))
    return sorted(found, key=lambda part: (-part.entities, part.kind.text))[:_CLASSES_SHOWN]


def _linksets(site: Site, meta: _Meta, reader: Reader) -> list[Linkset]:
    found = []
    for node in meta.values(site.dataset, VOID + "subset"):
        for target in meta.values(node, VOID + "objectsTarget"):
            title = meta.text(target, DCTERMS + "title")
            shown = Shown(title, "en", meta.text(target, FOAF + "homepage"))
            [predicate] = meta.values(node, VOID + "linkPredicate")
            found.append(
                Linkset(shown, reader.show(predicate), meta.number(node, VOID + "triples"))
            )
    return sorted(found, key=lambda links: (links.target.text, -links.total))


def _sources(site: Site, meta: _Meta, reader: Reader, versions: Versions) -> list[dict[str, Any]]:
    prefix = f"{site.served.base}graph/source/"
    is_released = versions.current(site.served.snapshot_id) is not None
    dates = versions.dates if is_released and len(versions.known) > 1 else {}
    found = []
    for graph, count in site.graphs.items():
        if graph.startswith(prefix):
            node = ox.NamedNode(graph)
            languages = [found.value for found in meta.values(node, DCTERMS + "language")]
            found.append(
                source_facts(site, reader, graph, count)
                | {
                    "licence": meta.text(node, DCTERMS + "license"),
                    "languages": [standardize_tag(code[-3:]) for code in languages],
                    "released": dates.get(graph),
                }
            )
    return found


def _citation(site: Site, current: dict[str, Any] | None) -> str:
    issued = None if current is None else datetime.fromisoformat(current["released"]).date()
    edition = Edition(site.served.version, issued, is_release=current is not None)
    return text(dataset_work(site, edition))


def _schema_org(site: Site, meta: _Meta, versions: Versions) -> Markup:
    """Return the dataset in the words of schema.org, for search engines."""
    iri, current = site.dataset.value, versions.current(site.served.snapshot_id)
    published = versions.shown if current is not None else None
    made = described(
        site,
        "Dataset",
        iri,
        meta.text(site.dataset, DCTERMS + "title"),
        description=meta.text(site.dataset, DCTERMS + "description"),
        keywords=[word.value for word in meta.values(site.dataset, DCAT + "keyword")],
        includedInDataCatalog={"@type": "DataCatalog", "@id": f"{site.served.base}catalog"},
        datePublished=current["released"] if current is not None else None,
        distribution=_downloads(site, published) if published is not None else None,
    )
    return block(made)


def _catalogue(site: Site, meta: _Meta, sources: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the catalogue in the words of schema.org: the dataset, and each source in it."""
    parts = [
        {"@type": "Dataset", "@id": found["graph"], "url": found["graph"], "name": found["title"]}
        | {"license": found["licence"] or site.licence}
        for found in sources[:MOST]
    ]
    catalogue = ox.NamedNode(f"{site.served.base}catalog")
    return described(
        site,
        "DataCatalog",
        catalogue.value,
        meta.text(catalogue, DCTERMS + "title"),
        description=meta.text(catalogue, DCTERMS + "description"),
        dataset=[dataset(site) | {"url": site.dataset.value, "hasPart": parts}],
    )


def _release(site: Site, release: Release) -> dict[str, Any]:
    """Return a release in the words of schema.org, with the dumps that hold all of it."""
    version, released = release.version, text_of(release.released)
    made = described(
        site,
        "Dataset",
        f"{site.dataset.value}/{version}",
        f"citypledge, version {version}",
        description=f"The dataset as it was released on {released[:10]}.",
        datePublished=released,
        distribution=_downloads(site, release),
        exampleOfWork=dataset(site),
    )
    return made | {"version": version, "dateModified": released}


def _downloads(site: Site, release: Release) -> list[dict[str, Any]]:
    return [
        {
            "@type": "DataDownload",
            "contentUrl": f"{site.served.base}dump/{release.version}/{file.name}",
            "encodingFormat": [file.media_type, file.compression],
            "contentSize": f"{file.bytes} B",
            "sha256": file.sha256,
        }
        for file in release.files
        if file.graph is None
    ]
