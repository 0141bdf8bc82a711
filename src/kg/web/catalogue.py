"""The description of the dataset: /dataset, /catalog, /dump, and VoID at /.well-known/void.

`/.well-known/void` (RFC 8615; W3C, VoID, section 7.2) answers itself, with the description of the
dataset, and not by leading on: that spares a client a redirection, and none can go wrong.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, RDF_TYPES, with_aliases
from kg.namespaces import DCAT, FOAF
from kg.query.labels import LABEL_PROPERTIES
from kg.release import Release
from kg.web.dataset_page import catalogue_values, dataset_values, dumps_values, release_values
from kg.web.documents import vocabulary_document
from kg.web.entities import split_extension
from kg.web.linksets import linkset_answer
from kg.web.responses import chosen_type, document, not_found, page, see_other
from kg.web.signposts import LINKSET_TYPES, LINKSETS, Record, Sign, header, links, signs
from kg.web.site import Site
from kg.web.versions import Versions

VOID_PATH: Final = "/.well-known/void"
_OFFERED: Final = (HTML, *with_aliases(RDF_TYPES))
_FOR_PROGRAMS: Final = (*with_aliases(RDF_TYPES), HTML)  # who names no type is no browser
_DEFAULT: Final = ox.DefaultGraph()
_PARTS: Final = (
    *("dataset", "catalog", "sparql", "fragments", "graph/", "id/source/", "id/organisation/"),
)
Values = Callable[[], tuple[str, dict[str, Any]]]


def routes(site: Site) -> list[Route]:
    """Return the routes; the job has what the releases say under `catalogue`."""
    described = _Described(site)

    async def dataset(request: Request) -> Response:
        known = _versions(site, request)
        made = described.dataset(known)
        return described.answer(
            request,
            "dataset",
            known,
            made,
            lambda: ("dataset.html", dataset_values(site, request, known)),
        )

    async def version(request: Request) -> Response:
        name = request.path_params["version"]
        if name == site.served.version and described.triples:
            return see_other(request, site.path("/dataset"), "")
        if any(found["version"] == name for found in _versions(site, request).known):
            return see_other(request, site.path(f"/dump/{name}"), "")
        raise not_found(request.url.path)

    async def catalogue(request: Request) -> Response:
        known = _versions(site, request)
        made = described.catalogue(known)
        return described.answer(
            request,
            "catalog",
            known,
            made,
            lambda: ("catalog.html", catalogue_values(site, request, known)),
        )

    async def dumps(request: Request) -> Response:
        known = _versions(site, request)
        made = described.releases(known)
        return described.answer(
            request,
            "dump",
            known,
            made,
            lambda: ("dumps.html", dumps_values(site, known)),
        )

    async def release(request: Request) -> Response:
        name = split_extension(request.path_params["version"])[0]
        known = _versions(site, request)
        if known.shown is None or known.shown.version != name:
            raise not_found(request.url.path)
        shown, made = known.shown, known.of_release(known.shown)
        return described.answer(
            request,
            f"dump/{name}",
            known,
            made,
            lambda: ("release.html", release_values(site, request, shown)),
        )

    async def linkset_of(request: Request) -> Response:
        given = request.scope["path"].removeprefix(f"{LINKSETS}/")
        name, fixed = split_extension(given, LINKSET_TYPES)
        known = _versions(site, request)
        if not described.has(name, known):
            raise not_found(request.url.path)
        return linkset_answer(site, request, record_at(site, name, known), fixed)

    return [
        *(Route(path, dataset) for path in ("/dataset", VOID_PATH, "/dataset.{extension}")),
        Route("/dataset/{version}", version),
        *(Route(path, catalogue) for path in ("/catalog", "/catalog.{extension}")),
        *(Route(path, dumps) for path in ("/dump", "/dump.{extension}")),
        Route("/dump/{version}", release),
        *(
            Route(f"{LINKSETS}/{name}{end}", linkset_of)
            for name in ("dataset", "catalog", "dump")
            for end in ("", *(f".{offer.extension}" for offer in LINKSET_TYPES))
        ),
        Route(f"{LINKSETS}/dump/{{version}}", linkset_of),
    ]


def record_at(site: Site, name: str, known: Versions) -> Record:
    """Return what a document of the description is about, for the links between its forms.

    The landing page of a release has its dumps as items, and cites it by its own IRI.

    Args:
        site: What is served.
        name: Of the document: its path without the slash and the extension.
        known: The releases.
    """
    base = site.served.base
    kind = {"catalog": DCAT + "Catalog", "dump": FOAF + "Document"}.get(name, DCAT + "Dataset")
    iri = f"{base}{name}"
    items: tuple[Sign, ...] = ()
    is_served = known.shown is not None and known.shown.snapshot == site.served.snapshot_id
    if known.shown is not None and (name == f"dump/{known.shown.version}"):
        iri, items = f"{base}dataset/{known.shown.version}", _dumps_of(known.shown)
    elif name == "dataset" and known.shown is not None and is_served:
        items = _dumps_of(known.shown, only_whole=True)
    return Record(iri, f"/{name}", (kind,), site.licence, items)


def _dumps_of(release: Release, *, only_whole: bool = False) -> tuple[Sign, ...]:
    """Return links to the dumps of a release, those of all of it first, with the type they have."""
    files = sorted(release.files, key=lambda file: file.graph is not None)
    return tuple(
        Sign("item", f"/dump/{release.version}/{file.name}", file.compression)
        for file in files
        if file.graph is None or not only_whole
    )


class _Described:
    """The description that is sealed in the snapshot, and documents made of it.

    Attributes:
        triples: All of it that is about the dataset and its parts.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        base = site.served.base
        self._base = base
        store = site.served.store
        found = store.quads_for_pattern(None, None, None, ox.NamedNode(f"{base}graph/meta"))
        self.triples = sorted(
            (quad.triple for quad in found if self._is_part(quad.subject)), key=str
        )

    def _is_part(self, subject: object) -> bool:
        if not isinstance(subject, ox.NamedNode):
            return False
        local = subject.value.removeprefix(self._base)
        return local in (subject.value, "") or local.startswith(_PARTS)

    def has(self, name: str, versions: Versions) -> bool:
        """Tell whether there is a document of this name."""
        if name.startswith("dump/"):
            return versions.shown is not None and name == f"dump/{versions.shown.version}"
        return bool(self.releases(versions) if name == "dump" else self.triples)

    def dataset(self, versions: Versions) -> list[ox.Triple]:
        """Return all of it."""
        if not self.triples:
            return []
        return [*self.triples, *versions.of_dataset(self._site.served.snapshot_id)]

    def catalogue(self, versions: Versions) -> list[ox.Triple]:
        """Return all but the statistics and the build, with what is said of the sources."""
        prefix = f"{self._base}dataset#"
        kept = [
            triple
            for triple in self.dataset(versions)
            if not any(
                isinstance(term, ox.NamedNode) and term.value.startswith(prefix)
                for term in (triple.subject, triple.object)
            )
        ]
        return [*kept, *self._sources(kept)]

    def releases(self, versions: Versions) -> list[ox.Triple]:
        """Return the releases, and what the dataset is called."""
        dataset = ox.NamedNode(f"{self._base}dataset")
        own = [triple for triple in self.triples if triple.subject == dataset]
        texts = [triple for triple in own if isinstance(triple.object, ox.Literal)]
        return [*texts, *versions.all_releases()]

    def _sources(self, triples: Iterable[ox.Triple]) -> Iterable[ox.Triple]:
        store = self._site.served.store
        prefix = f"{self._base}id/source/"
        sources = {
            triple.subject
            for triple in triples
            if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(prefix)
        }
        for source in sorted(sources, key=str):
            for quad in store.quads_for_pattern(source, None, None, _DEFAULT):
                yield quad.triple
                if isinstance(quad.object, ox.NamedNode):
                    for predicate in LABEL_PROPERTIES:
                        labels = store.quads_for_pattern(quad.object, predicate, None, _DEFAULT)
                        yield from (label.triple for label in labels)

    def answer(
        self,
        request: Request,
        name: str,
        known: Versions,
        triples: list[ox.Triple],
        values: Values,
    ) -> Response:
        """Return a document of the description, negotiated.

        Args:
            request: What asked.
            name: Of the document: its path without the slash and the extension.
            known: The releases.
            triples: What it holds.
            values: Returns the template of the page, and what fills it in.

        Raises:
            ProtocolError: 404 where there is nothing to say, or the extension is unknown.
        """
        if not triples:
            raise not_found(request.url.path)
        site, path = self._site, request.scope["path"]
        fixed = None
        if path not in (f"/{name}", VOID_PATH):
            fixed = split_extension(path)[1]
            if fixed is None:
                raise not_found(path)
        offered = _FOR_PROGRAMS if path == VOID_PATH else _OFFERED
        media_type = chosen_type(request, offered, fixed=fixed)
        found = signs(record_at(site, name, known), media_type)

        def make() -> bytes:
            if media_type == HTML:
                template, filled = values()
                formats = [(offer, site.path(f"/{name}.{offer.extension}")) for offer in RDF_TYPES]
                head = links(found, site.mount)
                return page(site, request, template, formats_list=formats, signs=head, **filled)
            return vocabulary_document(site, triples, f"{self._base}{name}", media_type)

        headers = {
            "Content-Location": site.path(f"/{name}.{media_type.extension}"),
            "Link": header(found, site.mount),
        }
        return document(request, media_type, make, headers=headers)


def _versions(site: Site, request: Request) -> Versions:
    """Return the releases; what is made with them has changed when they did."""
    given = request.scope["job"].get("catalogue", {})
    known = Versions(site.served.base, site.licence, given)
    modified = request.scope["modified"]
    if modified is not None and known.changed is not None:
        request.scope["modified"] = max(modified, known.changed)
    return known
