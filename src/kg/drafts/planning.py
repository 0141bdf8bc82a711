"""From what a curator wishes to a draft: IRI, file, statements; and from the draft to files."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg import dataset as files
from kg import turtle
from kg.check import run
from kg.check.places import Places
from kg.dataset import Dataset
from kg.drafts import demands as asked
from kg.drafts import likeness, placing
from kg.drafts.demands import Demand, Demands, Step
from kg.drafts.placing import Entry
from kg.drafts.values import Values
from kg.errors import KgError, MissingFileError, UnknownNameError, UsageError
from kg.findings import Finding, Severity
from kg.names import fold, slug
from kg.namespaces import (
    DCTERMS,
    FOAF,
    ID,
    KINDS,
    ONT,
    ORG,
    OWL,
    PREFIXES,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    XSD,
    shorten,
)
from kg.retired import RETIRED_CLASS
from kg.terms import Term

TYPE: Final = RDF + "type"
_RETIRED: Final = ox.NamedNode(RETIRED_CLASS)
LABEL: Final = SKOS + "prefLabel"
OTHER_LABEL: Final = SKOS + "altLabel"
COUNTRY: Final = ONT + "country"
SAME_AS: Final = OWL + "sameAs"
_LITERAL_FORM: Final = PREFIXES["skosxl"] + "literalForm"
_RETRIEVED_FROM: Final = PREFIXES["pav"] + "retrievedFrom"
_POSITION: Final = SCHEMA + "position"
_LINKS: Final = "data/links.ttl"

# The class of the entities of a kind.
CLASSES: Final[Mapping[str, str]] = MappingProxyType(
    {kind: ONT + kind.title() for kind in KINDS}
    | {
        "document": ONT + "OfficialDocument",
        "edition": ONT + "ProgrammeEdition",
        "figure": ONT + "ReportedFigure",
        "funding": ONT + "FundingArrangement",
        "group": ONT + "WorkingGroup",
        "name": ONT + "NameForm",
        "organisation": ORG + "Organization",
        "person": FOAF + "Person",
        "place": SCHEMA + "Place",
        "progress": ONT + "ProgressReport",
        "role": ONT + "RoleHolding",
        "source": ONT + "WebPage",
        "span": ONT + "SourceSpan",
    }
)
_KIND_OF: Final = {iri: kind for kind, iri in CLASSES.items()}

# Kinds whose IRIs are numbers, with the letters before the number.
NUMBERED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "figure": "fi",
        "funding": "fa",
        "name": "n",
        "person": "p",
        "progress": "pr",
        "role": "ro",
        "ruling": "ru",
        "signature": "sg",
    }
)
# What --of and --in mean for a kind, where it is not cpo:<kind>Of.
_OF: Final = {
    "claim": "claimSubject",
    "figure": "figureAbout",
    "funding": "fundedThing",
    "municipality": "governs",
    "participation": "participant",
    "pledge": "signatory",
    "progress": "reportsOn",
    "role": "holder",
    "ruling": "decidesSubject",
    "signature": "signatory",
}
_IN: Final = {
    "edition": "editionOf",
    "participation": "participationIn",
    "person": "roleIn",
    "role": "roleIn",
    "signature": "signs",
    "span": "inDocument",
}
_NAMES: Final = (LABEL, OTHER_LABEL, RDFS + "label", DCTERMS + "title", _LITERAL_FORM)
# A value that has the datatype of another property, and what names that.
_PROPERTY_OF: Final = {
    ONT + "claimValue": ONT + "claimProperty",
    ONT + "acceptedValue": ONT + "decidesProperty",
    ONT + "rejectedValue": ONT + "decidesProperty",
}
# Two things that share a value of one of these are one thing.
_IDENTITIES: Final = (
    SAME_AS,
    SKOS + "exactMatch",
    _RETRIEVED_FROM,
    ONT + "textHash",
    DCTERMS + "identifier",
)


class DuplicateError(KgError):
    """The entity is in the dataset already, or one that looks like it."""


@dataclass(frozen=True)
class Wish:
    """What a curator wants to have.

    Attributes:
        kind: One of `kg.namespaces.KINDS`.
        name: The main label; with a language tag, or in `language`.
        language: Of names and texts without a tag.
        labels: More main labels.
        other_labels: Other labels.
        country: A code or the name of a country.
        source: The source that says so, such as `s003`.
        local: The last part of the IRI, where it is not to be made from the name.
        area: The file in the folder of the kind, such as `lt`, where it is not that of the country.
        same_as: The IRI of the same thing elsewhere.
        text: The file that holds the text of a source.
        given: Properties and values, as typed; a property may be `of` or `in`.
    """

    kind: str
    name: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()
    other_labels: tuple[str, ...] = ()
    country: str = ""
    source: str = ""
    local: str = ""
    area: str = ""
    same_as: str = ""
    text: Path | None = None
    given: tuple[tuple[str, str], ...] = ()


class Change(NamedTuple):
    """What a draft does to a file: its text before, empty for a new file, and after."""

    before: str
    after: str


class Written(NamedTuple):
    """An entity of a draft, and the file and line at which it is written."""

    iri: str
    file: str
    line: int


@dataclass(frozen=True)
class Draft:
    """New entities, ready to be written.

    Attributes:
        entities: The one that was wished for, then those that it needs.
        changes: By the name of the file.
    """

    entities: tuple[Written, ...]
    changes: Mapping[str, Change]

    def as_diff(self) -> str:
        """Return what writing would change, as a unified diff."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for name, change in self.changes.items()
            for line in unified_diff(
                change.before.splitlines(keepends=True),
                change.after.splitlines(keepends=True),
                f"a/{name}" if change.before else "/dev/null",
                f"b/{name}",
            )
        )


def plan(root: Path, wish: Wish, *, anyway: bool = False) -> Draft:
    """Return the draft of a new entity. Nothing is written.

    Args:
        root: The folder of the dataset.
        wish: What is wanted.
        anyway: Make it even if it looks like another; an IRI that is taken stays taken.

    Raises:
        DuplicateError: It is there, or something that looks like it.
        UsageError: Something is missing that nobody can guess, or a value breaks a rule.
        DataError: A file of the dataset is not well-formed.
    """
    if wish.kind not in KINDS:
        raise UnknownNameError(f"there is no kind {wish.kind!r}; known: {', '.join(KINDS)}")
    dataset = files.read(root)
    planner = _Planner(root, dataset, asked.read(root, dataset), wish)
    entries = planner.entries()
    if not anyway:
        planner.refuse_alike(entries[0])
    planner.refuse_taken(entries)
    draft = planner.placed(entries)
    planner.refuse_values(entries)
    return draft


def write(root: Path, draft: Draft) -> None:
    """Write a draft: each file at once or not at all.

    Raises:
        UsageError: A file has changed since the draft was made, or cannot be written.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for name, change in draft.changes.items():
            path = root / name
            now = files.read_text(path, name) if path.exists() else ""
            if now != change.before:
                raise UsageError(f"{name}: changed meanwhile; nothing was written")
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            ready.append((Path(partial), path))
            with os.fdopen(handle, "wb") as out:
                out.write(change.after.encode())
            Path(partial).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        for partial_path, path in ready:
            partial_path.replace(path)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from None
    finally:
        for partial_path, _ in ready:
            partial_path.unlink(missing_ok=True)


@dataclass
class _Planner:
    root: Path
    dataset: Dataset
    demands: Demands
    wish: Wish
    values: Values = field(init=False)
    facts: dict[str, list[tuple[str, Term]]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = Values(self.demands, self.dataset, self.wish.language)
        self.facts = {}
        for file in self.dataset.files:
            for triple in file.triples:
                about = self.facts.setdefault(triple.subject.value, [])
                about.append((triple.predicate.value, triple.object))

    # --- What is said of it

    @cached_property
    def kind(self) -> str:
        """The class of the entity."""
        if self.wish.kind == "source" and self.wish.text:
            return ONT + "SourceDocument"
        return CLASSES[self.wish.kind]

    @cached_property
    def country(self) -> str:
        """The two letters of its country, in lower case; empty where none is given."""
        if not self.wish.country:
            return ""
        iri = self.values.term(COUNTRY, self.wish.country).value
        codes = [v.value for name, v in self.facts.get(iri, ()) if name == DCTERMS + "identifier"]
        if not codes:
            raise UsageError(f"--country {self.wish.country}: not a country of the lists")
        return codes[0].lower()

    @cached_property
    def given(self) -> list[tuple[str, Term]]:
        """The properties that were given, and their values."""
        pairs = [(self.values.property(self._in_full(n)), text) for n, text in self.wish.given]
        told = next((text for name, text in pairs if name in _PROPERTY_OF.values()), "")
        found: list[tuple[str, Term]] = []
        for name, text in pairs:
            like = self.values.property(told) if told and name in _PROPERTY_OF else name
            found.append((name, self.values.term(like, text)))
        return found

    def _in_full(self, name: str) -> str:
        kind = self.wish.kind
        meant = {"of": _OF.get(kind, f"{kind}Of"), "in": _IN.get(kind, "inContextOf")}.get(name)
        if meant and not self.demands.is_known(ONT + meant):
            raise UsageError(f"--{name} has no meaning for a {kind}; use --set PROPERTY=VALUE")
        return meant or name

    def entries(self) -> list[Entry]:
        """Return the entity and what comes with it."""
        mine, others = self._divided()
        facts: list[tuple[str, Term]] = [
            (TYPE, ox.NamedNode(self.kind)),
            *self._names(),
            *self._place(),
            *mine,
        ]
        facts += self._of_text()
        iri = self._iri(facts)
        facts += self._numbered(facts, iri)
        companions = list(self._companions(iri, others))
        if self.wish.kind == "person" and not companions:
            raise UsageError(
                "a person is shown for a public role only: say which with --role, --in and --source"
            )
        left = [
            _to_do(demand)
            for demand in self.demands.missing(self.kind, (name for name, _ in facts))
            if not (companions and all(step.is_inverse for step in demand.steps))
        ]
        entry = Entry(
            iri,
            self._file(iri, self.wish.kind),
            tuple(facts),
            tuple(left),
            self._heading(self.wish.kind),
            self._head(facts),
        )
        return [entry, *companions, *self._link(iri)]

    def _divided(self) -> tuple[list[tuple[str, Term]], list[tuple[str, Term]]]:
        """Return what is said of the entity itself, and of what it needs beside it."""
        mine: list[tuple[str, Term]] = []
        others: list[tuple[str, Term]] = []
        beside = {CLASSES[kind] for kind, _ in self._needed()}
        for name, value in self.given:
            if self.demands.fits(name, self.kind):
                mine.append((name, value))
            elif any(self.demands.fits(name, each) for each in beside):
                others.append((name, value))
            else:
                raise UsageError(
                    f"{shorten(name)} is not a property of {shorten(self.kind)}; "
                    f"kg explain VOC01 and docs/ontology.md say what is"
                )
        return mine, others

    def _needed(self) -> Iterator[tuple[str, Step]]:
        """Yield the kinds of entity that have to point here, and by which property."""
        for demand in self.demands.of_class(self.kind):
            if demand.least:
                for step in demand.steps:
                    kind = _KIND_OF.get(self.demands.domain(step.property), "")
                    if step.is_inverse and kind:
                        yield kind, step

    def _companions(self, iri: str, given: list[tuple[str, Term]]) -> Iterator[Entry]:
        """Yield the entities that point here, made of what was given for them."""
        if not given:
            return
        kind, step = next(
            (kind, step)
            for kind, step in self._needed()
            if all(self.demands.fits(name, CLASSES[kind]) for name, _ in given)
        )
        of_kind = CLASSES[kind]
        single = {name for name, _ in given if self.demands.limit(name, of_kind) == 1}
        number = max(sum(name == each for name, _ in given) for each in {n for n, _ in given})
        if not any(sum(n == each for n, _ in given) == number for each in single):
            number = 1
        for place in range(number):
            facts: list[tuple[str, Term]] = [
                (TYPE, ox.NamedNode(of_kind)),
                (step.property, ox.NamedNode(iri)),
            ]
            for name in dict.fromkeys(name for name, _ in given):
                values = [value for n, value in given if n == name]
                facts += [
                    (name, value)
                    for at, value in enumerate(values)
                    if number == 1 or len(values) != number or at == place
                ]
            missing = self.demands.missing(of_kind, (name for name, _ in facts))
            local = self._next_number(kind, place)
            yield Entry(
                f"{ID}{kind}/{local}",
                self._file("", kind),
                tuple(facts),
                tuple(map(_to_do, missing)),
                self._heading(kind),
            )

    def _link(self, iri: str) -> Iterator[Entry]:
        if self.wish.same_as:
            value = self.values.term(SAME_AS, self.wish.same_as)
            yield Entry(iri, _LINKS, ((SAME_AS, value),))

    def _names(self) -> list[tuple[str, Term]]:
        wish = self.wish
        main = _LITERAL_FORM if wish.kind == "name" else LABEL
        found: list[tuple[str, Term]] = []
        for text in (*filter(None, (wish.name,)), *wish.labels):
            found.append((main, self.values.text(text)))
        found += [(OTHER_LABEL, self.values.text(text)) for text in wish.other_labels]
        return found

    def _place(self) -> list[tuple[str, Term]]:
        if not self.wish.country or not self.demands.fits(COUNTRY, self.kind):
            return []
        return [(COUNTRY, self.values.term(COUNTRY, self.wish.country))]

    def _of_text(self) -> list[tuple[str, Term]]:
        """Return what the text of a source says of itself: its name, length and hash."""
        if self.wish.kind != "source" or self.wish.text is None:
            return []
        path = self.wish.text
        text = files.read_text(path, str(path))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        length = ox.Literal(str(len(text)), datatype=ox.NamedNode(XSD + "integer"))
        return [
            (DCTERMS + "identifier", ox.Literal(path.name)),
            (ONT + "textLength", length),
            (ONT + "textHash", ox.Literal(digest)),
        ]

    def _numbered(self, facts: list[tuple[str, Term]], iri: str) -> list[tuple[str, Term]]:
        """Return the number that the IRI ends with, where the class demands a position."""
        wanted = self.demands.missing(self.kind, (name for name, _ in facts))
        number = re.search(r"-(\d+)$", iri)
        if number is None or not any(d.steps == (Step(_POSITION),) for d in wanted):
            return []
        return [(_POSITION, ox.Literal(number[1], datatype=ox.NamedNode(XSD + "integer")))]

    # --- Its IRI

    def _iri(self, facts: list[tuple[str, Term]]) -> str:
        local = self.wish.local or self._local(facts)
        plain = r"[a-z0-9]+(-{1,2}[a-z0-9]+)*"
        if not re.fullmatch(plain, local):
            raise UsageError(
                f"{local!r} cannot end an IRI: small ASCII letters, digits and hyphens, "
                "such as lt-kaunas; give one with --id"
            )
        return f"{ID}{self.wish.kind}/{local}"

    def _local(self, facts: list[tuple[str, Term]]) -> str:
        kind = self.wish.kind
        if kind in NUMBERED:
            return self._next_number(kind)
        if kind in ("claim", "span"):
            return self._next_of(self._source(), kind)
        if kind == "participation":
            return self._participation(facts)
        if kind in ("undertaking", "phase"):
            whole = self._local_of(facts, f"{kind}Of")
            position = next((v.value for n, v in facts if n == _POSITION), "")
            return f"{whole}-{position}" if position else self._next_of(whole, kind)
        if kind == "source":
            return self._next_document() if self.wish.text else self._slug(facts)
        before = self.country or self._programme(facts)
        name = self._body(facts) if kind == "municipality" else self._slug(facts)
        return name if not before or name.startswith(f"{before}-") else f"{before}-{name}"

    def _slug(self, facts: list[tuple[str, Term]]) -> str:
        labels = [v for name, v in facts if name == LABEL and isinstance(v, ox.Literal)]
        ordered = sorted(labels, key=lambda label: label.language != "en")
        found = next(filter(None, (slug(label.value) for label in ordered)), "")
        if not found:
            raise UsageError(
                f"a {self.wish.kind} needs a name in Latin letters to make its IRI of; "
                "give the name, or the end of the IRI with --id"
            )
        if self.wish.kind in ("city", "municipality") and not self.country:
            raise UsageError(f"the IRI of a {self.wish.kind} begins with its country: --country")
        return found

    def _body(self, facts: list[tuple[str, Term]]) -> str:
        """Return what a municipality is called in its IRI: its city, with what others add."""
        city = next((v.value for name, v in facts if name == ONT + "governs"), "")
        if not city:
            return self._slug(facts)
        start = f"{ID}municipality/{self.country}-"
        endings = {
            iri.rsplit("/", 1)[1].removeprefix(value.value.rsplit("/", 1)[1])
            for iri, about in self.facts.items()
            if iri.startswith(start)
            for name, value in about
            if name == ONT + "governs"
        }
        return city.rsplit("/", 1)[1] + (endings.pop() if len(endings) == 1 else "")

    def _programme(self, facts: list[tuple[str, Term]]) -> str:
        """Return the name of the programme that a network or project is named after."""
        for name, value in facts:
            if name == ONT + "underProgramme":
                return value.value.rsplit("/", 1)[1]
            if name == ONT + "underEdition":
                of = [v for n, v in self.facts.get(value.value, ()) if n == ONT + "editionOf"]
                return of[0].value.rsplit("/", 1)[1] if of else ""
        return ""

    def _participation(self, facts: list[tuple[str, Term]]) -> str:
        thing, body = self._local_of(facts, "participationIn"), self._local_of(facts, "participant")
        local, spell = f"{thing}--{body}", 2
        while f"{ID}participation/{local}" in self.facts:
            local, spell = f"{thing}--{body}--{spell}", spell + 1
        return local

    def _local_of(self, facts: list[tuple[str, Term]], name: str) -> str:
        found = next((value.value for each, value in facts if each == ONT + name), "")
        if not found:
            raise UsageError(
                f"the IRI of a {self.wish.kind} is made of its cpo:{name}; give that "
                f"with --set cpo:{name}=VALUE, or the end of the IRI with --id"
            )
        return found.rsplit("/", 1)[1]

    def _next_number(self, kind: str, further: int = 0) -> str:
        letters = NUMBERED[kind]
        taken = self._numbers(f"{ID}{kind}/", rf"{letters}-(\d+)")
        return f"{letters}-{max(map(int, taken), default=0) + 1 + further:04}"

    def _next_of(self, whole: str, kind: str) -> str:
        taken = self._numbers(f"{ID}{kind}/", rf"{re.escape(whole)}-(\d+)")
        width = max((len(number) for number in taken if number.startswith("0")), default=1)
        return f"{whole}-{max(map(int, taken), default=0) + 1:0{width}}"

    def _next_document(self) -> str:
        taken = self._numbers(f"{ID}source/", r"s(\d+)")
        return f"s{max(map(int, taken), default=-1) + 1:03}"

    def _numbers(self, namespace: str, pattern: str) -> list[str]:
        """Return the numbers that are taken, also by what is only referred to."""
        named = {
            value.value
            for about in self.facts.values()
            for _, value in about
            if isinstance(value, ox.NamedNode)
        }
        matches = (
            re.fullmatch(pattern, iri.removeprefix(namespace))
            for iri in {*self.facts, *named}
            if iri.startswith(namespace)
        )
        return [match[1] for match in matches if match]

    # --- Its file

    def _file(self, iri: str, kind: str) -> str:
        if kind == "ruling":
            return "data/decisions.ttl"
        if kind == "source":
            return f"data/sources/{iri.rsplit('/', 1)[1]}.ttl"
        if (self.root / "data" / "registry" / kind).is_dir():
            return f"data/registry/{kind}/{self._area(kind, iri)}.ttl"
        ending = ".claims.ttl" if kind in ("claim", "span") else ".ttl"
        return f"data/sources/{self._source()}{ending}"

    def _area(self, kind: str, iri: str) -> str:
        """Return the file in the folder of a kind: the country's, the programme's or the only."""
        folder = self.root / "data" / "registry" / kind
        there = sorted(path.stem for path in folder.glob("*.ttl"))
        local = iri.rsplit("/", 1)[1]
        named = next((area for area in there if local.startswith(f"{area}-")), "")
        found = self.wish.area or self.country or named or (there[0] if len(there) == 1 else "")
        if kind == "person":
            found = self.wish.area or there[0]
        if not re.fullmatch(r"[a-z0-9-]+", found):
            raise UsageError(
                f"which file of data/registry/{kind}/ is it for? give --country, or --area: "
                + ", ".join(there)
            )
        return found

    def _source(self) -> str:
        found = self.wish.source.removeprefix("source:").removeprefix(f"{ID}source/")
        there = sorted(
            name.removeprefix("data/sources/").removesuffix(".ttl")
            for name in (file.name for file in self.dataset.files)
            if name.startswith("data/sources/") and not name.endswith(".claims.ttl")
        )
        if found not in there:
            given = f"there is no source {found!r}" if found else "which source says so?"
            raise MissingFileError(
                f"{given}; give --source, one of {', '.join(there)} (kg new source makes one)"
            )
        return found

    def _heading(self, kind: str) -> str:
        if kind in ("claim", "span", "ruling"):
            return ""
        in_registry = kind != "source" and (self.root / "data" / "registry" / kind).is_dir()
        return "" if in_registry else placing.heading_of(KINDS[kind], self.dataset)

    def _head(self, facts: list[tuple[str, Term]]) -> str:
        label = next((v.value for name, v in facts if name == LABEL), "")
        if self.wish.kind == "source":
            said = "What this source says, in the words of the ontology."
            return f"# {label or 'A source'}.\n#\n# {said}\n"
        if self.wish.kind in ("claim", "span"):
            return f"# Where {self.wish.source} says what its file states.\n"
        plural = re.sub(r"y$", "ie", self.wish.kind) + "s"
        countries = [v for name, v in self._place() if name == COUNTRY]
        labels = self.facts.get(countries[0].value, ()) if countries else ()
        of = next(
            (v.value for n, v in labels if n == LABEL and getattr(v, "language", "") == "en"),
            self.wish.area or self.country,
        )
        return f"# {plural.capitalize()} of {of}.\n"

    # --- What is there already

    def refuse_taken(self, entries: list[Entry]) -> None:
        """Refuse an IRI that is described already, or was once."""
        for entry in entries:
            if self._is_retired(entry.iri):
                raise DuplicateError(
                    f"{shorten(entry.iri)} is retired and is given to nothing else: "
                    f"{self._shown(entry.iri)}; give another end of the IRI with --id"
                )
            if entry.file != _LINKS and entry.iri in self.facts:
                raise DuplicateError(f"there is one already: {self._shown(entry.iri)}")

    def _is_retired(self, iri: str) -> bool:
        return (TYPE, _RETIRED) in self.facts.get(iri, ())

    def refuse_alike(self, entry: Entry) -> None:
        """Refuse an entity that has the name, the identity or all the facts of another one."""
        found = next(self._alike(entry), None)
        if found:
            raise DuplicateError(
                f"looks like an existing {self.wish.kind}: {self._shown(found)}; "
                "use that, or give --anyway"
            )

    def _alike(self, entry: Entry) -> Iterator[str]:
        others = sorted(
            iri
            for iri, about in self.facts.items()
            if iri.startswith(entry.namespace) and any(name == TYPE for name, _ in about)
        )
        linked = [SAME_AS] if self.wish.same_as else []
        identities = {
            _identity(value.value) for name, value in entry.facts if name in _IDENTITIES
        } | {_identity(self.values.term(name, self.wish.same_as).value) for name in linked}
        names = [fold(v.value) for name, v in entry.facts if name in _NAMES]
        tests = (
            lambda iri: bool(identities & self._identities(iri)),
            lambda iri: self._shares(iri, names, likeness.is_same, must_agree=False),
            lambda iri: self._shares(iri, names, likeness.is_near, must_agree=True),
            lambda iri: not names and not entry.left and self._says_all(iri, entry),
        )
        for test in tests:
            yield from filter(test, others)

    def _identities(self, iri: str) -> set[str]:
        return {_identity(v.value) for name, v in self.facts[iri] if name in _IDENTITIES}

    def _shares(self, iri: str, names: list[str], is_alike: object, *, must_agree: bool) -> bool:
        if self.wish.kind == "name" or not callable(is_alike):
            return False
        there = {v.value for name, v in self.facts[iri] if name == COUNTRY}
        here = {self.values.term(COUNTRY, self.wish.country).value} if self.wish.country else set()
        if (there and here and there != here) or (must_agree and there != here):
            return False
        return any(is_alike(one, other) for one in names for other in self._folded(iri))

    def _folded(self, iri: str) -> Iterator[str]:
        for name, value in self.facts[iri]:
            if name in _NAMES:
                yield fold(value.value)
            elif name == ONT + "nameForm":
                yield from self._folded(value.value) if value.value in self.facts else ()

    def _says_all(self, iri: str, entry: Entry) -> bool:
        stated = {(name, value) for name, value in entry.facts if name != TYPE}
        return bool(stated) and stated <= set(self.facts[iri])

    def _shown(self, iri: str) -> str:
        labels = [v.value for name, v in self.facts[iri] if name in _NAMES]
        label = f' "{labels[0]}"' if labels else ""
        place = Places(self.dataset.files).described(ox.NamedNode(iri))
        at = f" ({place.span.path}:{place.span.line}:{place.span.column})" if place else ""
        return f"{shorten(iri)}{label}{at}"

    # --- The files

    def placed(self, entries: list[Entry]) -> Draft:
        """Return the draft: each entity in its file."""
        before = {file.name: file.text for file in self.dataset.files}
        after: dict[str, str] = {}
        blocks: list[tuple[Entry, str]] = []
        for entry in entries:
            text = after.get(entry.file, before.get(entry.file, ""))
            made = placing.insert(text, entry) if text else placing.new_file(entry)
            after[entry.file], block = made
            blocks.append((entry, block))
        entities = tuple(
            Written(
                entry.iri,
                entry.file,
                turtle.Lines(after[entry.file]).at(after[entry.file].index(block))[0],
            )
            for entry, block in blocks
        )
        changes = {name: Change(before.get(name, ""), text) for name, text in after.items()}
        return Draft(entities, changes)

    def refuse_values(self, entries: list[Entry]) -> None:
        """Refuse values that a rule finds fault with; contact data is not repeated.

        What is missing, and what only the whole dataset can tell, is left to the check.
        """
        text = ""
        for entry in entries:
            entry = replace(entry, left=(), heading="", head="")
            text = (placing.insert(text, entry) if text else placing.new_file(entry))[0]
        report = run.check_text(text, "new entity", self.root)
        for finding in filter(self._is_about_a_value, report.findings):
            raise UsageError(_refusal(finding))

    def _is_about_a_value(self, finding: Finding) -> bool:
        if finding.severity is not Severity.VIOLATION:
            return False
        return finding.code.startswith("PRV") or bool(finding.value and finding.property)


def _to_do(demand: Demand) -> str:
    names = " or ".join(
        shorten(step.property) + (" of another entity" if step.is_inverse else "")
        for step in demand.steps
    )
    return f"{names} ({demand.code}: {demand.said})"


def _refusal(finding: Finding) -> str:
    found = f"; found {finding.found}" if finding.found else ""
    return f"{finding.code}: {finding.message}{found}; nothing was written"


def _identity(value: str) -> str:
    """Return an outside identity without what its spellings differ in."""
    wikidata = re.search(r"wikidata\.org/(?:wiki|entity)/(?:Special:EntityData/)?(Q\d+)", value)
    geonames = re.search(r"geonames\.org/(\d+)", value)
    if wikidata:
        return f"wikidata {wikidata[1]}"
    return f"geonames {geonames[1]}" if geonames else value.rstrip("/")
