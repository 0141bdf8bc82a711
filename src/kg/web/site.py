"""What every page and document of one snapshot shares, made once."""

import functools
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple

import jinja2.debug  # noqa: F401 - loaded when a template fails, where no file can be opened
import pyoxigraph as ox
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context

from kg.diagnosis import Lexicon
from kg.library import read_library
from kg.matching import Index, records_of, statements_of
from kg.matching.candidates import (
    OpenLink,
    OpenMatch,
    close_matches,
    open_links,
    open_matches,
)
from kg.namespaces import DCAT, DCTERMS, RDF, VOID, shorten
from kg.query.labels import Labels, Reader, Shown, source_label
from kg.query.service import Limits
from kg.queryfile import QueryFile
from kg.retired import Retired, of_store
from kg.terms import Quads
from kg.web.answers import Answer, answers
from kg.web.context import Terms, terms_of
from kg.web.i18n import LANGUAGES, install
from kg.web.links import document_of, href, is_local
from kg.web.overview.completeness import Measured, measure
from kg.web.overview.index import Index as Overview
from kg.web.reconciliation.service import Service
from kg.web.vocabularies.model import Model

# Where the metadata graph names no licence for the data.
DATA_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_PACKAGE: Final = Path(__file__).parent
_TYPE: Final = ox.NamedNode(RDF + "type")
_SUFFIXES: Final = (".py", ".html", ".po", ".css", ".js", ".svg", ".woff2")
_LISTED: Final = 100_000  # types that are read to list documents where not all statements can be


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


class Listed(NamedTuple):
    """Documents in a list.

    Attributes:
        things: The paths below the base of what they are about, sorted.
        names: What follows `/doc/` in their addresses, in the same order.
        is_whole: Whether there surely are no others.
    """

    things: list[str]
    names: list[str]
    is_whole: bool


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
        is_ahead: Whether what takes long is worked out before requests come, see `prepare`.
    """

    store: Quads
    base: str
    version: str
    snapshot_id: str
    graphs: Mapping[str, int]
    classes: Mapping[str, int]
    triples: int
    built: float | None = None
    is_ahead: bool = False

    def prepare(self) -> None:
        """Work out now what pages need, so that each process that is forked later has it."""
        self.model.prepare()
        _ = self.documents, self.library
        if self.reconciliation is not None:
            self.reconciliation.prepare()
        if self.lexicon is not None:
            self.lexicon.prepare()
        _ = self.undecided, self.answers, self.completeness
        if self.overview is not None:
            self.overview.prepare()

    @cached_property
    def model(self) -> Model:
        """The ontology, shapes, lists and questions, read once for all sites."""
        return Model(self.store, self.base, self.classes)

    @cached_property
    def lexicon(self) -> Lexicon | None:
        """The terms and labels of the store; None where it is elsewhere."""
        return Lexicon(self.store) if isinstance(self.store, ox.Store) else None

    @cached_property
    def library(self) -> Mapping[str, QueryFile]:
        """The questions that the snapshot holds, by name."""
        return read_library(self.model.terms.store, self.base)

    @cached_property
    def reconciliation(self) -> Service | None:
        """The search for names and the reconciliation; None where nothing is worked out ahead."""
        if not self.is_ahead:
            return None
        index = Index(records_of(statements_of(self.store, self.base), self.base))
        return Service(self.store, self.base, self.model, index)

    @cached_property
    def undecided(self) -> tuple[list[OpenMatch], list[OpenLink]] | None:
        """What imports and links leave open; None where nothing is worked out ahead."""
        if self.reconciliation is None:
            return None
        index, found = self.reconciliation.things.index, list(close_matches(self.store))
        return open_matches(found, index, self.base), open_links(found, index)

    @cached_property
    def answers(self) -> Mapping[str, Answer]:
        """Answers of questions that pages show; none where nothing is worked out ahead."""
        return answers(self.store, self.base) if self.is_ahead else {}

    @cached_property
    def overview(self) -> Overview | None:
        """What lists and countries are made from; None where nothing is worked out ahead."""
        return Overview(self.store, self.base) if self.is_ahead else None

    @cached_property
    def completeness(self) -> list[Measured]:
        """What is known of what; nothing where nothing is worked out ahead."""
        return measure(self.store, self.base, self.graphs) if self.is_ahead else []

    @cached_property
    def retired(self) -> dict[str, Retired]:
        """What is no longer described, by its path below the base."""
        return of_store(self.store, self.base)

    @cached_property
    def things(self) -> list[str]:
        """The paths below the base of all things and graphs that have a document, sorted.

        Every statement is read for it: not in a request, which asks for `documents`.
        """
        found: set[str] = set()
        for quad in self.store.quads_for_pattern(None, None, None, None):
            for node in (quad.subject, quad.object):
                if isinstance(node, ox.NamedNode) and node.value.startswith(self.base):
                    found.add(node.value.removeprefix(self.base))
        return self._with_document(path for path in found if not path.startswith("graph/"))

    @cached_property
    def documents(self) -> Listed:
        """The documents, for a list of them.

        Where nothing is worked out ahead, because the data is on disk or elsewhere, these are the
        documents about named graphs and about the first things of each class, as many as a request
        can read.
        """
        things = self.things if self.is_ahead else self._first_things()
        return Listed(things, [document_of(path) or "" for path in things], self.is_ahead)

    def _first_things(self) -> list[str]:
        typed = chain.from_iterable(
            self.store.quads_for_pattern(None, _TYPE, ox.NamedNode(kind), ox.DefaultGraph())
            for kind in sorted(self.classes)
        )
        nodes = (quad.subject for quad in islice(typed, _LISTED))
        found = {node.value for node in nodes if isinstance(node, ox.NamedNode)}
        paths = (iri.removeprefix(self.base) for iri in found if iri.startswith(self.base))
        return self._with_document(paths)

    def _with_document(self, paths: Iterable[str]) -> list[str]:
        """Return those of some paths, and of the graphs, that have a document, sorted."""
        found = {*paths, *(graph.removeprefix(self.base) for graph in self.graphs)}
        found -= self.retired.keys()
        return sorted(path for path in found if document_of(path) is not None)


@dataclass(frozen=True)
class Site:
    """What is served, and what was worked out about it.

    Attributes:
        served: The snapshot.
        limits: What queries may use; pages say it.
        can_check: Whether it has rules, so that texts can be checked here.
        mount: What comes before each of its paths; see `kg.web.links`.
        language: The language that a reader has chosen by the path, see `kg.web.i18n`; may be
            empty.
    """

    served: Served
    limits: Limits
    can_check: bool = False
    mount: str = ""
    language: str = ""

    @property
    def root(self) -> str:
        """What comes before each path of a page: the mount, and the language that was chosen."""
        return f"{self.mount}/{self.language}" if self.language else self.mount

    def path(self, address: str) -> str:
        """Return the path under which a client finds an address of the site, such as `/class`."""
        return self.root + address

    def href(self, iri: str) -> str | None:
        """Return what a link to an IRI points at, or None where there should be no link."""
        return href(iri, self.served.base, self.root)

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
        return _templates(self.served.base, self.release)

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

    @property
    def things(self) -> list[str]:
        """The paths below the base of all things and graphs that have a document, sorted."""
        return self.served.things

    @property
    def retired(self) -> dict[str, Retired]:
        """What is no longer described, by its path below the base."""
        return self.served.retired

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
    return sorted(path for path in found if path.suffix in _SUFFIXES)


@functools.cache
def _templates(base: str, release: str) -> Environment:
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
        href=_href,
        is_local=lambda iri: is_local(iri, base),
        shorten=shorten,
        base=base,
        section="",
        release=release,
        languages=LANGUAGES,
        fonts=_fonts(),
    )
    install(environment)
    for name in environment.list_templates():
        environment.get_template(name)
    return environment


def _fonts() -> list[str]:
    """Return the files of the letters that nearly every page needs, below `/static/`."""
    files = (_PACKAGE / "static" / "dist").glob("*.woff2")
    return sorted(f"dist/{file.name}" for file in files if "-latin-ext-" not in file.name)


@pass_context
def _href(context: Context, iri: str) -> str | None:
    return href(iri, context["base"], context["root"])


def local_name(iri: str) -> str:
    """Return what follows the last `#` or `/` of an IRI."""
    return iri.rpartition("#")[2].rpartition("/")[2]
