"""Check again only what a change can affect, with the findings that a full check would give.

A *memory* in the workspace holds what the last check saw: every statement, by file and as the
graph that the rules are about; the results of the rules; the findings with their places; and the
rules taken apart (`kg.check.ruled`). A check then

1. reads the files whose content is another, and works out which statements came and went in the
   graph that the rules are about (a statement that another file makes too has not gone);
2. follows each of them to the things that a rule may now say something else of: a statement that
   went in the old graph, one that came in the new one;
3. asks the rules about those things only, and puts what they say in the place of what was said;
4. finds the places of results anew where a file that they stand in has changed.

Ontology, lists and shapes are read by every rule: when one of them changes, everything is checked.
So it is where a shape has a form that is not known, and where a change reaches so many things that
a full check is quicker.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg import __version__
from kg import dataset as files
from kg.accepted import Ruling, in_view, rulings
from kg.check import catalogue, crossfile, declarations, run
from kg.check.crossfile import CLAIM_PARTS, SOURCE_CLASSES, Claim
from kg.check.located import Locator
from kg.check.nearest import Known
from kg.check.places import Places
from kg.check.remedies import RENAMING
from kg.check.ruled import QueryRule, Ruled, classes_above, is_target, take_apart
from kg.check.shapes import ShapeResult, n_triples, validate
from kg.dataset import DECISIONS, LINKS, RETIRED, SOURCE, Dataset, SourceFile, graph_of
from kg.errors import DataError, KgError
from kg.findings import Finding, Severity, in_order
from kg.namespaces import RDF, RDFS, XSD
from kg.terms import Quad, Resource, Term, Triple, as_triple, in_graph, select

FOLDER: Final = "check"  # in the workspace
MOST: Final = 20_000  # things that a change may reach before a full check is quicker
_LAYOUT: Final = "3"  # of the memory; another one is thrown away
_DEFAULT: Final = ox.DefaultGraph()
_TYPE: Final = ox.NamedNode(RDF + "type")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_FILE: Final = "file:"
_WRITTEN: Final = "written:"  # before a datatype of which the store would change the form
_REFORMED: Final = frozenset(
    XSD + name
    for name in (
        *("boolean", "byte", "date", "dateTime", "dateTimeStamp", "dayTimeDuration", "decimal"),
        *("double", "duration", "float", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth"),
        *("int", "integer", "long", "negativeInteger", "nonNegativeInteger", "nonPositiveInteger"),
        *("positiveInteger", "short", "time", "unsignedByte", "unsignedInt", "unsignedLong"),
        *("unsignedShort", "yearMonthDuration"),
    )
)
_LOCK: Final = re.compile(r"\block\b|LOCK")  # in what a store says that is open elsewhere
_LOCKED: Final = (
    "{folder}: another check of what has changed is running; wait for it, or run kg check without "
    "--changed"
)
_IRI: Final = re.compile(r"<([^>]+)>")
_COMMENT: Final = re.compile(r"#\s*kg:", re.IGNORECASE)

Texts = dict[str, str]
Statement = tuple[Resource, ox.NamedNode, Term]


@dataclass(frozen=True)
class Seen:
    """How a check of what has changed went.

    Attributes:
        report: As that of a full check.
        changed: The files that were read anew, and those that are gone.
        asked: How many things the rules were asked about; None where all were.
        why_all: Why everything was checked; empty where it was not.
    """

    report: run.Report
    changed: tuple[str, ...]
    asked: int | None
    why_all: str = ""


def check(root: Path, workspace: Path, *, unsaved: Mapping[str, str] = run.NOTHING_UNSAVED) -> Seen:
    """Check the dataset at `root`, as far as it has changed since the last check of this kind.

    Args:
        root: The folder of the dataset.
        workspace: Where the memory is kept, in a folder of its own.
        unsaved: The texts of files that are to be checked in place of those on disk, by name.

    Raises:
        MissingFileError: A folder that has to hold files is empty, or a file cannot be read.
        DataError: A shape is at fault, another check has the memory open, or it cannot be kept.
    """
    try:
        return _check(root, workspace, unsaved)
    except OSError as error:
        raise DataError(
            f"{workspace / FOLDER}: what was seen cannot be kept: {error.strerror or error}; name "
            "another folder with --workspace, or run kg check without --changed"
        ) from None


def _check(root: Path, workspace: Path, unsaved: Mapping[str, str]) -> Seen:
    texts = catalogue.shape_files(root)
    hashes = {}
    for path in files.paths(root):
        name = path.relative_to(root).as_posix()
        given = unsaved.get(name)
        hashes[name] = _hash(files.read_bytes(path, name) if given is None else given.encode())
    hashes |= {name: _hash(text.encode()) for name, text in unsaved.items()}
    key = _key(texts, hashes)
    memory = Memory.opened(workspace / FOLDER, key)
    if memory is None:
        why = "there is no memory of a check with these rules, ontology and lists"
        return _all(root, workspace / FOLDER, texts, hashes, key, why, unsaved)
    changed = [name for name, digest in hashes.items() if memory.files.get(name) != digest]
    gone = [name for name in memory.files if name not in hashes]
    touched = (*changed, *gone)
    findings, read = run.read_all([root / name for name in changed], root, unsaved=unsaved)
    if findings:
        return Seen(_unread(root, texts, hashes, memory, findings, read, unsaved), touched, 0)
    asked = 0
    if touched:
        update = _Update(memory, {file.name: file for file in read}, gone, texts)
        why = "the change has blank nodes, which cannot be followed"
        if update.take():
            asked = update.follow()
            why = f"the change reaches {asked} things" if asked > MOST else ""
        if why:
            del update, memory
            return _all(root, workspace / FOLDER, texts, hashes, key, why, unsaved)
        update.ask()
        memory.files = hashes
        memory.save()
    return Seen(_report(root, texts, memory, unsaved), touched, asked)


def watch(root: Path, workspace: Path) -> Iterator[Seen | KgError]:
    """Check now and whenever a file of the dataset is saved, until the process is interrupted.

    What keeps a check from being done, such as a shape that is half written, is given in its place.

    Args:
        root: The folder of the dataset.
        workspace: Where the memory is kept.
    """
    from watchfiles import DefaultFilter
    from watchfiles import watch as changes

    class Turtle(DefaultFilter):
        """Lets Turtle files through."""

        def __call__(self, change: Any, path: str) -> bool:
            return path.endswith(".ttl") and super().__call__(change, path)

    def checked() -> Seen | KgError:
        try:
            return check(root, workspace)
        except KgError as error:
            return error

    yield checked()
    folders = [root / name for name in ("data", "ontology", "shapes")]
    for _ in changes(*folders, watch_filter=Turtle(), raise_interrupt=False):
        yield checked()


def _all(
    root: Path,
    folder: Path,
    texts: Texts,
    hashes: dict[str, str],
    key: str,
    why: str,
    unsaved: Mapping[str, str],
) -> Seen:
    """Check everything, and keep a memory of it where all files are well-formed."""
    surveyed = run.survey(root, unsaved=unsaved)
    if surveyed.report.complete:
        ruled = take_apart(tuple(texts.values()))
        if ruled.core.strange:
            why = f"the shapes have a form that is not known here: {ruled.core.strange}"
        else:
            Memory.make(folder, key, hashes, surveyed, ruled, texts)
    return Seen(surveyed.report, tuple(hashes), None, why)


def _unread(
    root: Path,
    texts: Texts,
    hashes: dict[str, str],
    memory: "Memory",
    faults: list[Finding],
    read: list[SourceFile],
    unsaved: Mapping[str, str],
) -> run.Report:
    """Return the report of a dataset of which some files cannot be read."""
    given = {file.name: file for file in read}
    unread = {fault.path for fault in faults}
    known = memory.known
    found = [*faults]
    shown: list[SourceFile] = []
    for name in hashes:
        if name in unread or not (name in given or name in memory.telling):
            continue
        file = given.get(name) or files.read_file(root / name, root, None, unsaved)
        told, meant = run.of_file(file, known, texts)
        found += told
        shown.append(meant)
    finished = run.finished(found, shown, lambda: Known(()), texts, complete=False)
    return run.Report(in_order(finished), len(hashes), complete=False, dataset=None)


def _report(root: Path, texts: Texts, memory: "Memory", unsaved: Mapping[str, str]) -> run.Report:
    """Return the report of what the memory holds."""
    known = memory.known
    meant: dict[str, SourceFile] = {}

    def file(name: str) -> SourceFile:
        if name not in meant:
            written = files.read_file(root / name, root, None, unsaved)
            meant[name] = declarations.check(written, texts)[1]
        return meant[name]

    found: list[Finding] = []
    for name in memory.telling:
        told, meant[name] = run.of_file(
            files.read_file(root / name, root, None, unsaved), known, texts
        )
        found += told
    places = Places.of_stored(memory.files, file, memory.files_with)
    decided = memory.rulings
    found += crossfile.disagreements(memory.disputed(), memory.single, places)
    found += crossfile.idle_rulings(decided, memory.says, places)
    found += crossfile.wrong_claims(memory.wrong_claims(), memory.holds, places)
    found += crossfile.nameless_sources(
        [SourceFile(name, root / name, graph_of(name), "") for name in memory.nameless()],
        set(),
    )
    if memory.results:
        locator = Locator(places, *run.rules_of(tuple(texts.items())))
        found += [each for result in memory.results for each in locator.findings(result)]
    needed = {finding.path for finding in found}
    for finding in found:
        if ":" in finding.focus:  # not a blank node
            needed |= memory.files_with(ox.NamedNode(finding.focus), only_about=True)
        if finding.code in RENAMING and finding.value.startswith("<"):
            needed |= memory.files_with(ox.NamedNode(finding.value[1:-1]))
    for name in needed & set(memory.files):
        file(name)
    finished = run.finished(found, list(meant.values()), lambda: _StoredNames(memory.store), texts)
    return run.Report(in_order(finished), len(memory.files), complete=True, dataset=None)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _key(texts: Texts, hashes: dict[str, str]) -> str:
    """Return a hash of what every rule reads, and of the program."""
    own = {name: digest for name, digest in hashes.items() if name.startswith("ontology/")}
    program = {
        path.name: _hash(path.read_bytes())
        for path in sorted(Path(__file__).parent.rglob("*"))
        if path.suffix in (".py", ".toml")
    }
    told = json.dumps([_LAYOUT, __version__, program, texts, own], sort_keys=True)
    return _hash(told.encode())


@dataclass
class Memory:
    """What the last check saw.

    Attributes:
        folder: Where it is kept.
        key: Of what every rule reads.
        files: The hash of each file, by name, in the order of the dataset.
        ruled: The rules, taken apart.
        single: The properties with one value, as IRIs, and for what.
        known: Names that are certain, because ontology, lists or shapes use them.
        telling: The files that have findings of their own, or comments for the check.
        results: Of the rules of the shapes.
        disputes: Things and properties of which sources may give several values.
        claims: The claims whose status and the accepted view tell two stories.
        fans: For each property, how many statements have the same value, on the average.
        store: Each file as a named graph; the graph that the rules are about as default graph.
    """

    folder: Path
    key: str
    files: dict[str, str]
    ruled: Ruled
    single: dict[ox.NamedNode, str]
    known: frozenset[str]
    telling: set[str]
    results: list[ShapeResult]
    disputes: set[tuple[Resource, ox.NamedNode]]
    claims: set[Resource]
    fans: dict[str, float]
    store: ox.Store = field(repr=False)

    @classmethod
    def opened(cls, folder: Path, key: str) -> "Memory | None":
        """Return the memory of checks with the same rules; None where there is none.

        Raises:
            DataError: Another process has it open.
        """
        try:
            found = json.loads((folder / "memory.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        store = _open(folder / "store") if found["key"] == key else None
        if store is None:
            return None
        return cls(
            folder,
            key,
            found["files"],
            Ruled.of_json(found["ruled"]),
            {ox.NamedNode(iri): each for iri, each in found["single"].items()},
            frozenset(found["known"]),
            set(found["telling"]),
            [_result(each) for each in found["results"]],
            {cast(Any, tuple(_terms(each))) for each in found["disputes"]},
            {cast(Resource, claim) for claim in _terms(found["claims"])},
            found["fans"],
            store,
        )

    @classmethod
    def make(
        cls,
        folder: Path,
        key: str,
        hashes: dict[str, str],
        surveyed: run.Survey,
        ruled: Ruled,
        texts: Texts,
    ) -> None:
        """Keep a memory of a full check.

        Raises:
            DataError: Another process has it open.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "store").exists() and _is_locked(folder / "store"):
            raise DataError(_LOCKED.format(folder=folder))
        (folder / "memory.json").unlink(missing_ok=True)
        shutil.rmtree(folder / "store", ignore_errors=True)
        store = ox.Store(str(folder / "store"))
        by_subject: dict[Term, list[Ruling]] = {}
        for ruling in rulings(Dataset(folder, tuple(surveyed.files))):
            by_subject.setdefault(ruling.subject, []).append(ruling)
        store.bulk_extend(quad for file in surveyed.files for quad in _quads(file, by_subject))
        memory = cls(
            folder,
            key,
            hashes,
            ruled,
            crossfile.single_valued(tuple(texts.values())),
            surveyed.known,
            {
                file.name
                for file in surveyed.files
                if file.name in surveyed.telling or _COMMENT.search(file.text)
            },
            surveyed.results,
            set(surveyed.disputes),
            set(surveyed.claims),
            _fans(store),
            store,
        )
        memory.save()

    def save(self) -> None:
        """Write it; until this is done the folder holds no memory."""
        self.store.flush()
        told = {
            "key": self.key,
            "files": self.files,
            "ruled": self.ruled.as_json(),
            "single": {iri.value: each for iri, each in self.single.items()},
            "known": sorted(self.known),
            "telling": sorted(self.telling),
            "results": [_told(each) for each in self.results],
            "disputes": [[str(term) for term in each] for each in self.disputes],
            "claims": [str(claim) for claim in self.claims],
            "fans": self.fans,
        }
        new = self.folder / "memory.json.new"
        new.write_text(json.dumps(told), encoding="utf-8")
        new.replace(self.folder / "memory.json")

    def ordered(self, patterns: Iterable[str]) -> str:
        """Return patterns as SPARQL, those last that lead over values that much has in common."""

        def fan(pattern: str) -> float:
            return max((self.fans.get(iri, 1.0) for iri in _IRI.findall(pattern)), default=1.0)

        return " . ".join(sorted(patterns, key=fan))

    def forget(self) -> None:
        """Take the memory away while it is changed, so that none is found if that is cut off."""
        (self.folder / "memory.json").unlink(missing_ok=True)

    @cached_property
    def rulings(self) -> list[Ruling]:
        """The rulings of the dataset; whoever changes the statements sets them anew."""
        name = next((name for name in self.files if graph_of(name) == DECISIONS), None)
        if name is None:
            return []
        triples = tuple(as_triple(*each) for each in self.of_file(name))
        file = _Stored(name, Path(name), DECISIONS, "", triples)
        return list(rulings(Dataset(self.folder, (file,))))

    def of_file(self, name: str) -> Iterator[Statement]:
        """Yield the statements that a file makes."""
        for quad in self.store.quads_for_pattern(None, None, None, _graph(name)):
            yield _decoded(_parts(cast(Quad, quad)))

    def saying(
        self, subject: Resource | None, path: ox.NamedNode | None, value: Term | None
    ) -> Iterator[Quad]:
        """Yield statements, each in the named graph of the dataset that makes it."""
        sought = None if value is None else _encoded(value)
        for quad in self.store.quads_for_pattern(subject, path, sought, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                graph = ox.NamedNode(graph_of(_name(quad.graph_name)))
                statement = _decoded(_parts(cast(Quad, quad)))
                yield in_graph(as_triple(*statement), graph)

    def ruled_on(
        self, subject: Resource | None, path: ox.NamedNode | None, value: Term | None
    ) -> Iterator[Statement]:
        """Yield the statements of the graph that the rules are about, as the files write them.

        In that graph the store keeps one form of each number and time, 1.5 for 1.50.
        """
        for quad in self.store.quads_for_pattern(subject, path, value, _DEFAULT):
            found = _parts(cast(Quad, quad))
            if isinstance(found[2], ox.Literal) and found[2].datatype.value in _REFORMED:
                decided = self.rulings
                for each in self.saying(found[0], found[1], None):
                    if _is_ruled(each, decided):
                        yield _parts(each)
            else:
                yield found

    def files_with(self, thing: Term, *, only_about: bool = False) -> set[str]:
        """Return the names of the files that mention a thing, or that say something about it."""
        patterns: list[tuple[Any, Any, Any]] = []
        if not isinstance(thing, ox.Literal):
            patterns.append((thing, None, None))
        if not only_about:
            patterns.append((None, None, _encoded(thing)))
            if isinstance(thing, ox.NamedNode):
                patterns.append((None, thing, None))
        return {
            _name(quad.graph_name)
            for pattern in patterns
            for quad in self.store.quads_for_pattern(*pattern, None)
            if isinstance(quad.graph_name, ox.NamedNode)
        }

    def disputed(self) -> Iterator[Quad]:
        """Yield the accepted statements on which sources may disagree."""
        decided = self.rulings
        for subject, path in sorted(self.disputes, key=str):
            for quad in self.saying(subject, path, None):
                if in_view(quad, decided):
                    yield quad

    def says(self, ruling: Ruling, value: Term) -> bool:
        """Tell whether some source makes the statement that a ruling rejects."""
        found = self.saying(ruling.subject, ruling.property, value)
        return any(ruling.rejects(quad) for quad in found)

    def holds(self, claim: Claim) -> bool:
        """Tell whether the accepted view has the statement that a claim is about."""
        subject, path, decided = claim.subject, claim.property, self.rulings
        if isinstance(subject, ox.Literal) or not isinstance(path, ox.NamedNode):
            return False
        return any(in_view(quad, decided) for quad in self.saying(subject, path, claim.value))

    def wrong_claims(self) -> Iterator[Claim]:
        """Yield the claims whose status and the accepted view may tell two stories."""
        return self.whole(self.claims)

    def whole(self, claims: Iterable[Resource]) -> Iterator[Claim]:
        """Yield those of some claims that have all parts in the accepted view."""
        decided = self.rulings
        parts: crossfile.Parts = {}
        for claim in sorted(claims, key=str):
            for part in CLAIM_PARTS:
                for quad in self.saying(claim, part, None):
                    if in_view(quad, decided):
                        parts.setdefault(claim, {}).setdefault(part, set()).add(quad.object)
        return crossfile.whole_claims(parts)

    def nameless(self) -> Iterator[str]:
        """Yield the names of the source files whose source is not described."""
        described = {
            quad.subject.value
            for kind in SOURCE_CLASSES
            for quad in self.saying(None, _TYPE, kind)
            if quad.graph_name.value.startswith(SOURCE)
        }
        for name in self.files:
            expected = crossfile.source_of(SourceFile(name, Path(name), graph_of(name), ""))
            if expected is not None and expected not in described:
                yield name


@dataclass
class _Update:
    """One change on its way into a memory.

    Attributes:
        memory: Of the last check.
        read: The files that have changed, as they are now.
        gone: The names of the files that are not there any more.
        texts: The shapes files.
    """

    memory: Memory
    read: dict[str, SourceFile]
    gone: list[str]
    texts: Texts

    def take(self) -> bool:
        """Bring the statements of the files up to date; tell whether the change can be followed."""
        memory, store = self.memory, self.memory.store
        memory.forget()
        before = memory.rulings
        had = {name: set(memory.of_file(name)) for name in (*self.read, *self.gone)}
        has: dict[str, set[Statement]] = {}
        for name, file in self.read.items():
            told, meant = run.of_file(file, memory.known, self.texts)
            has[name] = set(map(_parts, meant.triples))
            is_telling = bool(told) or _COMMENT.search(file.text) is not None
            (memory.telling.add if is_telling else memory.telling.discard)(name)
        memory.telling -= set(self.gone)
        self.said = {each for name in had for each in had[name] ^ has.get(name, set())}
        after = self._rulings_after(had, has, before)
        doubtful = set(self.said)
        for ruling in set(before) ^ set(after):
            doubtful |= {_parts(q) for q in memory.saying(ruling.subject, ruling.property, None)}
        were = {each for each in doubtful if self._is_ruled(each, before)}
        for name, old in had.items():
            new = has.get(name, set())
            for each in old - new:
                store.remove(ox.Quad(*each[:2], _encoded(each[2]), _graph(name)))
            store.extend(ox.Quad(*each[:2], _encoded(each[2]), _graph(name)) for each in new - old)
        memory.files = {**memory.files, **dict.fromkeys(self.read, "")}
        memory.rulings = after
        are = {each for each in doubtful if self._is_ruled(each, after)}
        self.came, self.went = are - were, were - are
        self.changed = self.came | self.went
        self._decided = after
        return not any(isinstance(term, ox.BlankNode) for each in self.changed for term in each)

    def follow(self) -> int:
        """Bring the graph of the rules up to date; return to how many things the change leads."""
        memory, store, came, went = self.memory, self.memory.store, self.came, self.went
        self._above = classes_above(store)
        self._things: dict[str, set[Term]] = {}
        self._focus: set[Term] = set()
        self._follow(went)
        for each in went:
            store.remove(ox.Quad(*each, _DEFAULT))
        for subject, path in {each[:2] for each in went}:
            kept = (q for q in memory.saying(subject, path, None) if _is_ruled(q, self._decided))
            store.extend(ox.Quad(*_parts(each), _DEFAULT) for each in kept)
        store.extend(ox.Quad(*each, _DEFAULT) for each in came)
        self._follow(came)
        return len(self._focus.union(*self._things.values()))

    def _rulings_after(
        self,
        had: dict[str, set[Statement]],
        has: dict[str, set[Statement]],
        before: list[Ruling],
    ) -> list[Ruling]:
        for name in had:
            if graph_of(name) == DECISIONS:
                triples = tuple(as_triple(*each) for each in has.get(name, ()))
                file = _Stored(name, Path(name), DECISIONS, "", triples)
                return list(rulings(Dataset(self.memory.folder, (file,))))
        return before

    def _is_ruled(self, statement: Statement, decided: list[Ruling]) -> bool:
        """Tell whether a statement is in the graph that the rules are about."""
        return any(_is_ruled(quad, decided) for quad in self.memory.saying(*statement))

    def _follow(self, changed: Collection[Statement]) -> None:
        """Follow statements, in the graph that has them, to the things of each rule."""
        store, core = self.memory.store, self.memory.ruled.core
        nested, inverse = set(core.nested), set(core.inverse)
        for subject, path, value in changed:
            self._focus.add(subject)
            if path.value in inverse:
                self._focus.add(value)
            if path.value in nested:
                for quad in store.quads_for_pattern(None, None, subject, _DEFAULT):
                    if quad.predicate.value in core.leading:
                        self._focus.add(cast(Term, quad.subject))
        by_path: dict[str, list[Statement]] = {}
        for each in changed:
            by_path.setdefault(each[1].value, []).append(each)
        for rule in self.memory.ruled.queries:
            things = self._things.setdefault(rule.code, set())
            if rule.anchor == "this":
                things |= {each[0] for each in changed}
            for trigger in rule.triggers:
                met = by_path.get(trigger.predicate, ()) if trigger.predicate else changed
                things |= set(_followed(self.memory, trigger, met)) if met else set()

    def ask(self) -> None:
        """Ask the rules about the things that the change leads to."""
        memory, store = self.memory, self.memory.store
        kept = [each for each in memory.results if not self._is_asked(each)]
        new: list[ShapeResult] = [*self._results()]
        for rule in memory.ruled.queries:
            if rule.anchor == "value":
                new += rule.results(store, self._things[rule.code])
        memory.results = [*kept, *dict.fromkeys(new)]
        subjects = {each[0] for each in self.changed | self.said if each[1] in memory.single}
        memory.disputes = {each for each in memory.disputes if each[0] not in subjects}
        memory.disputes |= {
            (subject, path)
            for subject in subjects
            for path in memory.single
            if any(store.quads_for_pattern(subject, path, None, _DEFAULT))
        }
        memory.disputes = {each for each in memory.disputes if self._is_disputed(*each)}
        self._claims()

    def _is_asked(self, result: ShapeResult) -> bool:
        things = self._things.get(result.code)
        if things is None:
            return result.focus in self._focus
        return (result.value if result.focus is None else result.focus) in things

    def _is_disputed(self, subject: Resource, path: ox.NamedNode) -> bool:
        terms = {found[2] for found in self.memory.ruled_on(subject, path, None)}
        each = self.memory.single[path]
        return len({crossfile.language_of(term, each) for term in terms}) < len(terms)

    def _claims(self) -> None:
        memory = self.memory
        subject, path, *_ = CLAIM_PARTS
        asked = {each[0] for each in self.changed if each[1] in CLAIM_PARTS} | memory.claims
        for each in self.changed:
            for quad in memory.store.quads_for_pattern(None, subject, each[0], _DEFAULT):
                claim = cast(Resource, quad.subject)
                if ox.Quad(claim, path, each[1], _DEFAULT) in memory.store:
                    asked.add(claim)
        wrong = crossfile.wrong_claims(memory.whole(asked), memory.holds, Places(()))
        names = {finding.focus for finding in wrong}
        memory.claims = {claim for claim in asked if claim.value in names}

    def _results(self) -> Iterator[ShapeResult]:
        """Yield the results of the rules that have focus nodes, about the things in question.

        The engine gets what those rules look at from there, and no more.
        """
        memory, core = self.memory, self.memory.ruled.core
        graph: set[Statement] = set()
        for thing in self._focus:
            if isinstance(thing, ox.Literal):
                continue
            graph |= set(memory.ruled_on(thing, None, None))
            for path in core.inverse:
                graph |= set(memory.ruled_on(None, ox.NamedNode(path), thing))
        for rule in memory.ruled.queries:
            if rule.anchor == "this":
                graph |= self._looked_at(rule)
        for path in core.nested:
            for value in {term for each in graph for term in (each[0], each[2])}:
                if not isinstance(value, ox.Literal):
                    graph |= set(memory.ruled_on(value, ox.NamedNode(path), None))
        if graph:
            graph |= set(memory.ruled_on(None, _SUBCLASS, None))
            data = n_triples(as_triple(*each) for each in graph)
            for result in validate(data, [*self.texts.values()], "pyshifty"):
                if result.focus is not None and self._is_asked(result):
                    yield result

    def _looked_at(self, rule: QueryRule) -> set[Statement]:
        """Return the statements that a rule looks at from the things in question."""
        memory, store = self.memory, self.memory.store
        things = {
            thing for thing in self._things[rule.code] if is_target(rule, store, thing, self._above)
        }
        found: set[Statement] = set()
        if not things:
            return found
        for thing in things:
            found |= set(memory.ruled_on(cast(Resource, thing), None, None))
        bound = " ".join(map(str, things))
        for each in rule.triggers:
            if each.anchor == each.subject:
                continue
            path = each.path or f"<{each.predicate}>"
            names = [term for term in (each.subject, path, each.object) if term.startswith("?")]
            patterns = memory.ordered([*each.patterns, f"{each.subject} {path} {each.object}"])
            text = (
                f"SELECT DISTINCT {' '.join(names)} WHERE {{ VALUES {each.anchor} {{ {bound} }} "
                f"{patterns} }}"
            )
            for row in select(store, text):
                subject, step, value = (
                    row[term[1:]] if term.startswith("?") else _term(term)
                    for term in (each.subject, path, each.object)
                )
                if isinstance(value, ox.Literal):
                    found |= set(memory.ruled_on(cast(Resource, subject), cast(Any, step), value))
                else:
                    found.add((cast(Resource, subject), cast(Any, step), value))
        return found


def _followed(memory: Memory, trigger: Any, changed: Collection[Statement]) -> Iterator[Term]:
    """Yield the things to which a trigger leads from some statements."""
    ends = (trigger.subject, trigger.path or f"<{trigger.predicate}>", trigger.object)
    met = [
        each
        for each in changed
        if all(
            end.startswith("?") or end == str(term) for end, term in zip(ends, each, strict=True)
        )
    ]
    if trigger.anchor in ends:
        yield from (each[ends.index(trigger.anchor)] for each in met)
    elif met:
        free = [number for number, end in enumerate(ends) if end.startswith("?")]
        rows = {" ".join(str(each[number]) for number in free) for each in met}
        bound = " ".join(f"({row})" for row in rows)
        names = " ".join(ends[number] for number in free)
        text = (
            f"SELECT DISTINCT {trigger.anchor} WHERE {{ "
            f"VALUES ({names}) {{ {bound} }} {memory.ordered(trigger.patterns)} }}"
        )
        for row in select(memory.store, text):
            yield row[0]


@dataclass(frozen=True)
class _Stored(SourceFile):
    """A file whose statements are known, and not its text."""

    given: tuple[Triple, ...]

    @cached_property
    def triples(self) -> list[Triple]:
        """The triples of the file."""
        return list(self.given)


class _StoredNames(Known):
    """The names that a memory holds."""

    def __init__(self, store: ox.Store) -> None:
        super().__init__(())
        self._store = store

    def of_property(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield subject and value of each statement of a property."""
        found = self._store.quads_for_pattern(None, ox.NamedNode(path), None, _DEFAULT)
        return ((quad.subject.value, quad.object.value) for quad in cast(Iterator[Quad], found))


def _open(folder: Path) -> ox.Store | None:
    """Return the store in a folder; None where it is broken."""
    try:
        return ox.Store(str(folder))
    except (OSError, RuntimeError) as error:
        if _LOCK.search(str(error)):
            raise DataError(_LOCKED.format(folder=folder.parent)) from None
        return None


def _is_locked(folder: Path) -> bool:
    try:
        ox.Store(str(folder))
    except (OSError, RuntimeError) as error:
        return _LOCK.search(str(error)) is not None
    return False


def _quads(file: SourceFile, ruled: Mapping[Term, list[Ruling]]) -> Iterator[ox.Quad]:
    """Yield a file as a graph of its own, and what of it is in the graph of the rules.

    Args:
        file: Any.
        ruled: The rulings on each thing.
    """
    graph, whole = ox.NamedNode(file.graph), _graph(file.name)
    for triple in file.fresh_triples():
        yield ox.Quad(triple.subject, triple.predicate, _encoded(triple.object), whole)
        if _is_ruled(in_graph(triple, graph), ruled.get(triple.subject, [])):
            yield ox.Quad(*_parts(triple), _DEFAULT)


def _fans(store: ox.Store) -> dict[str, float]:
    counted = select(
        store,
        "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?o) AS ?m) WHERE { ?s ?p ?o } GROUP BY ?p",
    )
    return {row["p"].value: int(row["n"].value) / int(row["m"].value) for row in counted}


def _encoded(term: Term) -> Term:
    """Return a term with which the store keeps a number or a time as it is written."""
    if isinstance(term, ox.Literal) and term.datatype.value in _REFORMED:
        return ox.Literal(term.value, datatype=ox.NamedNode(_WRITTEN + term.datatype.value))
    return term


def _decoded(statement: Statement) -> Statement:
    subject, path, value = statement
    if isinstance(value, ox.Literal) and value.datatype.value.startswith(_WRITTEN):
        kind = ox.NamedNode(value.datatype.value.removeprefix(_WRITTEN))
        return subject, path, ox.Literal(value.value, datatype=kind)
    return statement


def _graph(name: str) -> ox.NamedNode:
    return ox.NamedNode(_FILE + quote(name))


def _name(graph: Any) -> str:
    return unquote(graph.value.removeprefix(_FILE))


def _parts(statement: Triple) -> Statement:
    return statement.subject, statement.predicate, statement.object


def _is_ruled(quad: Quad, decided: list[Ruling]) -> bool:
    """Tell whether a statement belongs to the graph that the rules are about."""
    return quad.graph_name.value in (LINKS, RETIRED) or in_view(quad, decided)


def _told(result: ShapeResult) -> dict[str, Any]:
    return {
        "code": result.code,
        "severity": result.severity.value,
        "messages": [str(message) for message in result.messages],
        "component": result.component,
        "terms": [
            None if term is None else str(term)
            for term in (result.focus, result.path, result.value)
        ],
    }


def _result(told: dict[str, Any]) -> ShapeResult:
    terms = [None if text is None else _term(text) for text in told["terms"]]
    return ShapeResult(
        told["code"],
        Severity(told["severity"]),
        cast(Any, tuple(_term(text) for text in told["messages"])),
        *cast(Any, (*terms, told["component"])),
    )


def _term(text: str) -> Term:
    (quad,) = ox.parse(f"<x:> <x:> {text} .", format=ox.RdfFormat.N_TRIPLES)
    return cast(Term, quad.object)


def _terms(texts: Iterable[str]) -> list[Term]:
    return [_term(text) for text in texts]
