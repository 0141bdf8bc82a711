"""What every page and document of one snapshot shares, made once."""

import functools
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import jinja2.debug  # noqa: F401 - loaded when a template fails, where no file can be opened
import pyoxigraph as ox
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from kg.namespaces import DCAT, DCTERMS, RDF, VOID, shorten
from kg.query.labels import Labels, Reader, Shown, source_label
from kg.query.service import Limits
from kg.retired import Retired, of_store
from kg.terms import Quads
from kg.web.context import Terms, terms_of
from kg.web.links import document_of, href, is_local
from kg.web.vocabularies.model import Model

# Where the metadata graph names no licence for the data.
DATA_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_PACKAGE: Final = Path(__file__).parent
_TYPE: Final = ox.NamedNode(RDF + "type")


class ClassCount(NamedTuple):
    """A class that has instances in the accepted view.

    Attributes:
        key: What its list is called in a path, such as `Network`.
        iri: Of the class.
        total: Number of instances.
    """

    key: str
    iri: str
    total: int


@dataclass(frozen=True)
class Served:
    """What pages are made from.

    Attributes:
        store: Default graph: the accepted view. Named graphs: the sources, links, metadata.
        base: What every IRI of the dataset begins with; ends in a slash.
        version: Of the dataset, as a person would cite it.
        snapshot_id: A hash of the content; equal content has an equal id.
        graphs: Number of statements of each named graph, by IRI.
        classes: Number of instances of each class in the default graph, by IRI.
        triples: Number of statements in the default graph.
        built: When it was sealed, in seconds since 1970; None where that is not known.
    """

    store: Quads
    base: str
    version: str
    snapshot_id: str
    graphs: Mapping[str, int]
    classes: Mapping[str, int]
    triples: int
    built: float | None = None

    @cached_property
    def model(self) -> Model:
        """The ontology, shapes, lists and questions, read once for all sites."""
        return Model(self.store, self.base, self.classes)


@dataclass(frozen=True)
class Site:
    """What is served, and what was worked out about it.

    Attributes:
        served: The snapshot.
        limits: What queries may use; pages say it.
        can_check: Whether it has rules, so that texts can be checked here.
        mount: What comes before each of its paths; see `kg.web.links`.
    """

    served: Served
    limits: Limits
    can_check: bool = False
    mount: str = ""

    def path(self, address: str) -> str:
        """Return the path under which a client finds an address of the site, such as `/class`."""
        return self.mount + address

    def href(self, iri: str) -> str | None:
        """Return what a link to an IRI points at, or None where there should be no link."""
        return href(iri, self.served.base, self.mount)

    @property
    def release(self) -> str:
        """A hash of this package's files: a page changes when its template does."""
        return release()

    @property
    def modified(self) -> float | None:
        """When a page may have changed last: with the snapshot, or with this package's files."""
        return None if self.served.built is None else max(self.served.built, release_time())

    @cached_property
    def templates(self) -> Environment:
        """The templates; everything that they print is escaped."""
        return _templates(self.served.base, self.mount, self.served.version, self.release)

    @cached_property
    def classes(self) -> tuple[ClassCount, ...]:
        """The classes with instances, by name; a name that two share keeps its prefix."""
        counts = self.served.classes
        names = Counter(local_name(iri) for iri in counts)
        found = [
            ClassCount(local_name(iri) if names[local_name(iri)] == 1 else shorten(iri), iri, count)
            for iri, count in counts.items()
        ]
        return tuple(sorted(found))

    @cached_property
    def graphs(self) -> dict[str, int]:
        """The named graphs and the number of statements in each, sorted by IRI."""
        return dict(sorted(self.served.graphs.items()))

    @cached_property
    def things(self) -> list[str]:
        """The paths below the base of all things and graphs that have a document, sorted."""
        base = self.served.base
        found: set[str] = set()
        for quad in self.served.store.quads_for_pattern(None, None, None, None):
            for node in (quad.subject, quad.object):
                if isinstance(node, ox.NamedNode) and node.value.startswith(base):
                    found.add(node.value.removeprefix(base))
        found = {path for path in found if not path.startswith("graph/")}
        found |= {iri.removeprefix(base) for iri in self.graphs if iri.startswith(base)}
        found -= self.retired.keys()
        return sorted(path for path in found if document_of(path) is not None)

    @cached_property
    def retired(self) -> dict[str, Retired]:
        """What is no longer described, by its path below the base."""
        return of_store(self.served.store, self.served.base)

    @property
    def statement_count(self) -> int:
        """Number of statements in the accepted view."""
        return self.served.triples

    @cached_property
    def dataset(self) -> ox.NamedNode:
        """The IRI of the dataset: the one that the metadata graph describes, else the base."""
        meta = ox.NamedNode(f"{self.served.base}graph/meta")
        for kind in (DCAT + "Dataset", VOID + "Dataset"):
            found = self.served.store.quads_for_pattern(None, _TYPE, ox.NamedNode(kind), meta)
            subjects = sorted(q.subject.value for q in found if isinstance(q.subject, ox.NamedNode))
            if subjects:
                return ox.NamedNode(subjects[0])
        return ox.NamedNode(self.served.base)

    @cached_property
    def licence(self) -> str:
        """The IRI of the licence of the data."""
        predicate = ox.NamedNode(DCTERMS + "license")
        found = self.served.store.quads_for_pattern(self.dataset, predicate, None, None)
        iris = sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))
        return iris[0] if iris else DATA_LICENCE

    @cached_property
    def dataset_modified(self) -> ox.Literal | None:
        """The day on which the dataset was changed last, where its description says so."""
        predicate = ox.NamedNode(DCTERMS + "modified")
        found = self.served.store.quads_for_pattern(self.dataset, predicate, None, None)
        days = [quad.object for quad in found if isinstance(quad.object, ox.Literal)]
        return max(days, key=str, default=None)

    @cached_property
    def labels(self) -> Labels:
        """The labels of the accepted view, for documents."""
        return Labels(self.served.store)

    @cached_property
    def terms(self) -> Terms:
        """The names of the JSON-LD context."""
        return terms_of(self.served.store, self.served.base)

    def reader(self, languages: Sequence[str]) -> Reader:
        """Return what looks labels up for a reader of these languages."""
        return Reader(self.served.store, self.served.base, languages)

    def sources(self, languages: Sequence[str]) -> list[tuple[Shown, int]]:
        """Return the sources, by IRI, with the number of statements of each."""
        prefix = f"{self.served.base}graph/source/"
        reader = self.reader(languages)
        found = [graph for graph in self.graphs if graph.startswith(prefix)]
        return [(source_label(reader, graph), self.graphs[graph]) for graph in found]


@functools.cache
def release() -> str:
    """Return a hash of this package's files: a page changes when its template does."""
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def release_time() -> float:
    """Return when the last of this package's files was changed, in seconds since 1970."""
    return max(path.stat().st_mtime for path in _files())


def _files() -> list[Path]:
    found = _PACKAGE.parent.rglob("*")
    return sorted(path for path in found if path.suffix in (".py", ".html", ".css", ".js"))


@functools.cache
def _templates(base: str, mount: str, version: str, release: str) -> Environment:
    """Return the templates, all of them compiled: a worker can open no file."""
    environment = Environment(
        loader=PackageLoader("kg.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        href=lambda iri: href(iri, base, mount),
        root=mount,
        is_local=lambda iri: is_local(iri, base),
        shorten=shorten,
        base=base,
        version=version,
        section="",
        release=release,
        stylesheet=f"{mount}/static/site.css?v={release}",
    )
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


def local_name(iri: str) -> str:
    """Return what follows the last `#` or `/` of an IRI."""
    return iri.rpartition("#")[2].rpartition("/")[2]
