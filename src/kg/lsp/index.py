"""What the files of the dataset say, by entity, with the places.

Each file is read once, and again when it changes; a question goes through the files. A text with
mistakes counts as far as it can be read, so that an entity does not vanish while its block is being
edited.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg import dataset
from kg.dataset import SourceFile
from kg.errors import DataError, MissingFileError
from kg.languages import Label, choose_label
from kg.namespaces import DCTERMS, FOAF, RDF, RDFS, SKOS, shorten
from kg.terms import Term
from kg.turtle import Statement

TYPE: Final = RDF + "type"
LABELS: Final = (
    SKOS + "prefLabel",
    RDFS + "label",
    FOAF + "name",
    DCTERMS + "title",
    "http://www.w3.org/2008/05/skos-xl#literalForm",
)
_MAIN: Final = LABELS[:3]
NAMES: Final = (*LABELS, SKOS + "altLabel")  # what an entity is found by
DEFINITIONS: Final = (SKOS + "definition", DCTERMS + "description", RDFS + "comment")

_UNFOLDED: Final = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i"})


def folded(text: str) -> str:
    """Return a text in small letters and without marks on them.

    >>> folded("Klaipėda")
    'klaipeda'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(s for s in plain if not unicodedata.combining(s)).translate(_UNFOLDED)


class Mention(NamedTuple):
    """A place where an IRI is written, and as what: `subject`, `predicate` or `object`."""

    file: SourceFile
    start: int
    end: int
    role: str


class Named(NamedTuple):
    """An entity by one of its names; `is_main` tells a label from another name."""

    iri: str
    name: str
    folded: str
    is_main: bool


@dataclass(frozen=True)
class Indexed:
    """One file, by entity."""

    file: SourceFile

    @cached_property
    def about(self) -> dict[str, list[Statement]]:
        """The statements by subject."""
        found: dict[str, list[Statement]] = {}
        for statement in self.file.statements:
            if isinstance(statement.subject, ox.NamedNode):
                found.setdefault(statement.subject.value, []).append(statement)
        return found

    @cached_property
    def mentions(self) -> dict[str, list[Mention]]:
        """The places by IRI, in order, each once; the word `a` is no mention."""
        found: dict[str, dict[int, Mention]] = {}
        for s in self.file.statements:
            for term, start, end, role in (
                (s.subject, s.subject_at, s.subject_end, "subject"),
                (s.predicate, s.predicate_at, s.predicate_end, "predicate"),
                (s.object, s.object_at, s.object_end, "object"),
            ):
                if isinstance(term, ox.NamedNode) and end - start > 1:
                    mention = Mention(self.file, start, end, role)
                    found.setdefault(term.value, {}).setdefault(start, mention)
        return {iri: sorted(by_place.values()) for iri, by_place in found.items()}

    @cached_property
    def instances(self) -> dict[str, list[str]]:
        """The entities by class."""
        found: dict[str, list[str]] = {}
        for iri, statements in self.about.items():
            for s in statements:
                if s.predicate.value == TYPE and isinstance(s.object, ox.NamedNode):
                    found.setdefault(s.object.value, []).append(iri)
        return found

    @cached_property
    def names(self) -> list[Named]:
        """The names of its entities."""
        return [
            Named(iri, s.object.value, folded(s.object.value), s.predicate.value in _MAIN)
            for iri, statements in self.about.items()
            for s in statements
            if s.predicate.value in NAMES and isinstance(s.object, ox.Literal)
        ]


@dataclass
class Index:
    """The files of one dataset, its ontology and its shapes.

    Attributes:
        files: By name.
        stamp: Grows with every change of ontology, lists or shapes.
    """

    files: dict[str, Indexed] = field(default_factory=dict)
    stamp: int = 0

    @classmethod
    def of(cls, root: Path) -> "Index":
        """Read the dataset at a folder; what cannot be read is left out, the check reports it."""
        index = cls()
        try:
            paths = dataset.paths(root)
        except MissingFileError:
            paths = []
        for path in (*paths, *sorted((root / "shapes").glob("*.ttl"))):
            index.read(path, root)
        return index

    def read(self, path: Path, root: Path) -> None:
        """Read one file again; one that is gone or belongs to no graph is taken out."""
        name = path.relative_to(root).as_posix()
        try:
            graph = dataset.SHAPES_GRAPH if name.startswith("shapes/") else None
            self.put(dataset.read_file(path, root, graph))
        except (DataError, MissingFileError):
            self._count(name)
            self.files.pop(name, None)

    def put(self, file: SourceFile) -> None:
        """Take a file in, in place of what it was."""
        known = self.files.get(file.name)
        if known is None or known.file.text != file.text:
            self._count(file.name)
            self.files[file.name] = Indexed(file)

    def over(self, file: SourceFile) -> "Index":
        """Return this index with one file more, which does not belong to the dataset."""
        if file.name in self.files:
            return self
        return Index({**self.files, file.name: Indexed(file)}, self.stamp)

    def _count(self, name: str) -> None:
        self.stamp += name.startswith(("ontology/", "shapes/"))

    def statements(self, iri: str) -> Iterator[tuple[SourceFile, Statement]]:
        """Yield what is said of an entity."""
        for each in self.files.values():
            for statement in each.about.get(iri, ()):
                yield each.file, statement

    def values(self, iri: str, prop: str) -> Iterator[Term]:
        """Yield the values of a property of an entity."""
        return (s.object for _, s in self.statements(iri) if s.predicate.value == prop)

    def iris(self, iri: str, prop: str) -> list[str]:
        """Return the values of a property that are IRIs, each once."""
        found = (v.value for v in self.values(iri, prop) if isinstance(v, ox.NamedNode))
        return list(dict.fromkeys(found))

    def texts(self, iri: str, props: Iterable[str]) -> list[Label]:
        """Return the texts that the first of some properties has."""
        for prop in props:
            found = [
                Label(v.value, v.language or "")
                for v in self.values(iri, prop)
                if isinstance(v, ox.Literal)
            ]
            if found:
                return found
        return []

    def labels(self, iri: str) -> list[Label]:
        """Return the labels of an entity, in the order of the files, each once."""
        found = (label for prop in LABELS for label in self.texts(iri, (prop,)))
        return list(dict.fromkeys(found))

    def label(self, iri: str, languages: Sequence[str]) -> str:
        """Return the label that a reader sees; the short name of the IRI where there is none."""
        found = choose_label(self.labels(iri), languages=languages)
        return shorten(iri) if found is None else found.text

    def definition(self, iri: str, languages: Sequence[str]) -> str:
        """Return the definition or description that a reader sees, or an empty string."""
        found = choose_label(self.texts(iri, DEFINITIONS), languages=languages)
        return "" if found is None else found.text

    def types(self, iri: str) -> list[str]:
        """Return the classes of an entity."""
        return self.iris(iri, TYPE)

    def instances(self, cls: str) -> list[str]:
        """Return the entities of a class, in the order of the files."""
        found = (iri for each in self.files.values() for iri in each.instances.get(cls, ()))
        return list(dict.fromkeys(found))

    def mentions(self, iri: str) -> list[Mention]:
        """Return every place where an IRI is written."""
        return [m for each in self.files.values() for m in each.mentions.get(iri, ())]

    def described(self, iri: str) -> list[Mention]:
        """Return where an entity gets its type; where something is said of it, if it has none."""
        typed: list[Mention] = []
        others: list[Mention] = []
        for file, s in self.statements(iri):
            place = Mention(file, s.subject_at, s.subject_end, "subject")
            (typed if s.predicate.value == TYPE else others).append(place)
        return list(dict.fromkeys(typed or others))

    def search(self, text: str) -> list[Named]:
        """Return the entities with a name, or a local name, that has a text in it.

        Those with such a label come first, then those with another such name; among them those
        where it begins the name, then those where it begins a word of it.
        """
        wanted = folded(text)
        found: dict[str, tuple[int, Named]] = {}
        for each in self.files.values():
            if each.file.graph == dataset.SHAPES_GRAPH:
                continue
            local = (
                Named(iri, "", folded(shorten(iri).rpartition(":")[2]), False) for iri in each.about
            )
            for named in (*each.names, *local):
                if wanted in named.folded:
                    rank = _rank(wanted, named)
                    if named.iri not in found or rank < found[named.iri][0]:
                        found[named.iri] = (rank, named)
        ordered = sorted(found.values(), key=lambda item: (item[0], item[1].folded, item[1].iri))
        return [named for _, named in ordered]


def _rank(wanted: str, named: Named) -> int:
    group = 0 if named.is_main else 3 if named.name else 6
    if named.folded.startswith(wanted):
        return group
    return group + (1 if any(w.startswith(wanted) for w in named.folded.split()) else 2)
