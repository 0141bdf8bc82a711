"""One check from end to end: text, syntax, shapes, cross-file rules, in that order.

A file inside the dataset is checked as part of it. A file outside is checked on its own, with the
ontology and the lists: that is how a draft, a bad example or a stranger's file is judged.
"""

import errno
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg import dataset as files
from kg.accepted import Ruling, rulings
from kg.check import (
    catalogue,
    crossfile,
    declarations,
    merging,
    names,
    remedies,
    retirement,
    shapes,
    staleness,
    suppressions,
    syntax,
    tags,
    text,
)
from kg.check.catalogue import Catalogue
from kg.check.located import Locator, rule_files
from kg.check.nearest import Known
from kg.check.places import Places
from kg.dataset import Dataset, SourceFile
from kg.errors import DataError, EncodingError, MissingFileError, TooLargeError
from kg.findings import Finding, Span, in_order
from kg.namespaces import RDF
from kg.terms import Resource, Triple

NOTHING_UNSAVED: Final[Mapping[str, str]] = MappingProxyType({})
OUTSIDE: Final = files.SOURCE + "outside-the-dataset"
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_GROUND: Final = (files.ONTOLOGY, files.LISTS, files.DECISIONS)  # is needed to read the rest


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        findings: In the order of files and lines.
        files: How many files were read.
        complete: False where faults of syntax kept the rules on the graph from being run.
        dataset: What was read, for a build to go on with; None where it is not whole.
    """

    findings: list[Finding]
    files: int
    complete: bool
    dataset: Dataset | None


class Stale(NamedTuple):
    """What counts as out of date.

    Attributes:
        days: How many days after it was read a source is to be read again.
        today: The day that is counted from.
    """

    days: int
    today: date


def check_dataset(
    root: Path,
    engine: shapes.Engine = "pyshifty",
    *,
    unsaved: Mapping[str, str] = NOTHING_UNSAVED,
    stale: Stale | None = None,
) -> Report:
    """Check every file of the dataset at `root`.

    Args:
        root: The folder of the dataset.
        engine: Which SHACL engine does the work.
        unsaved: The texts of files that are to be checked in place of those on disk, by name.
        stale: What counts as out of date; None to leave that alone.

    Raises:
        MissingFileError: A folder that has to hold files is empty.
        DataError: A shape is at fault, or a file stands where no named graph is.
    """
    return survey(root, engine, unsaved=unsaved, stale=stale).report


@dataclass(frozen=True)
class Survey:
    """A check of the whole dataset, with what a check of what changes later goes on from.

    Attributes:
        report: What was found.
        files: As they are meant: those of which a namespace is misspelt are put right.
        known: Names that are certain, because ontology, lists or shapes use them.
        telling: The names of the files that have findings of their own.
        results: Of the rules of the shapes.
        disputes: Things and properties of which sources give several values.
        claims: Claims whose status and the accepted view tell two stories.
    """

    report: Report
    files: tuple[SourceFile, ...]
    known: frozenset[str]
    telling: frozenset[str]
    results: list[shapes.ShapeResult]
    disputes: frozenset[tuple[Resource, ox.NamedNode]]
    claims: frozenset[Resource]


def survey(
    root: Path,
    engine: shapes.Engine = "pyshifty",
    *,
    unsaved: Mapping[str, str] = NOTHING_UNSAVED,
    stale: Stale | None = None,
) -> Survey:
    """Check every file of the dataset at `root`, as `check_dataset` does, and keep what was seen.

    Raises:
        MissingFileError: A folder that has to hold files is empty.
        DataError: A shape is at fault, or a file stands where no named graph is.
    """
    texts = catalogue.shape_files(root)
    paths = [*files.paths(root), *(root / name for name in unsaved if not (root / name).exists())]
    findings: list[Finding] = []
    opened = list(_opened(paths, root, findings, unsaved=unsaved))
    known, decided = _ground(opened, texts)
    gathered = crossfile.Gathered(decided, crossfile.single_valued(tuple(texts.values())))
    read: list[SourceFile] = []
    telling = set()
    results: list[shapes.ShapeResult] = []
    across = crossfile.Survey([], frozenset(), frozenset())
    with _scratch() as folder:
        with (folder / "data.ttl").open("wb") as data:
            for file in opened:
                passing = replace(file)  # what is worked out from its text is not kept
                faults = syntax.check(passing)
                findings += faults
                if faults:
                    continue
                found, meant = of_file(passing, known, texts)
                findings += found
                if found:
                    telling.add(file.name)
                data.write(shapes.part_of(meant, gathered.add(meant)) + b"\n")
                read.append(file if meant is passing else declarations.bare(meant))
        del opened
        complete = len(read) == len(paths)
        if complete:
            across = gathered.survey(read)
            del gathered
            with _set_aside(read, folder):
                results = list(shapes.validate(folder / "data.ttl", list(texts.values()), engine))
    if complete:
        findings += [*across.findings, *_located(results, texts, Places(read))]
        if stale is not None:
            findings += staleness.check(Dataset(root, tuple(read)), stale.days, stale.today)
    written = tuple(map(declarations.original, read))
    findings = finished(findings, read, lambda: Known(tuple(read)), texts, complete=complete)
    report = Report(
        in_order(findings),
        len(paths),
        complete,
        Dataset(root, written) if complete else None,
    )
    return Survey(
        report, tuple(read), known, frozenset(telling), results, across.disputes, across.claims
    )


def _ground(
    opened: Iterable[SourceFile], texts: dict[str, str]
) -> tuple[frozenset[str], list[Ruling]]:
    """Return what has to be known before files are checked: the names that are certain, rulings."""
    copies = (replace(each) for each in opened if each.graph in _GROUND)
    ground = [each for each in copies if not syntax.check(each)]
    meant = (declarations.check(each, texts)[1] for each in ground)
    return _known(ground, texts), list(rulings(Dataset(Path(), tuple(meant))))


@contextmanager
def _scratch() -> Iterator[Path]:
    """Give a folder for what need not be in memory while the engine runs.

    Raises:
        DataError: There is no room for it, or it cannot be written or read; says which.
    """
    try:
        with TemporaryDirectory(prefix="kg-check-") as name:
            yield Path(name)
    except OSError as error:
        said = error.strerror or str(error)
        where = "" if error.filename is None else f" {error.filename}:"
        if error.errno in _NO_ROOM:
            remedy = "make room, or name a folder that has it with TMPDIR"
        else:
            remedy = "name another folder for temporary files with TMPDIR"
        raise DataError(f"a check writes temporary files:{where} {said}; {remedy}") from None


@contextmanager
def _set_aside(read: list[SourceFile], folder: Path) -> Iterator[None]:
    """Keep files on disk instead of in memory, as they were read."""
    aside = folder / "files"
    with aside.open("wb") as out:
        while read:
            pickle.dump(declarations.bare(read.pop()), out)
    yield
    with aside.open("rb") as kept:
        while kept.peek(1):
            read.append(pickle.load(kept))  # noqa: S301 - written above
    read.reverse()


def of_file(
    file: SourceFile, known: frozenset[str], texts: dict[str, str]
) -> tuple[list[Finding], SourceFile]:
    """Return the findings that need one well-formed file of the dataset only, and what it means.

    Args:
        file: As it is written.
        known: Names that are certain, because ontology, lists or shapes use them.
        texts: The shapes files.
    """
    findings, meant = declarations.check(file, texts)
    findings += names.check([meant], known)
    findings += text.check(meant)
    findings += tags.check(meant)
    if file.name.startswith("data/"):
        findings += text.check_nodes(meant)
        findings += retirement.check(meant)
    return findings, meant


def check_files(
    root: Path,
    paths: Iterable[Path],
    engine: shapes.Engine = "pyshifty",
    *,
    stale: Stale | None = None,
) -> Report:
    """Check some files: each one outside the dataset on its own, those inside as part of it.

    Raises:
        MissingFileError: A file is not there.
        DataError: A shape is at fault.
    """
    inside, outside = _divide(root, paths)
    findings: list[Finding] = []
    complete = True
    if inside:
        whole = check_dataset(root, engine, stale=stale)
        findings += [finding for finding in whole.findings if finding.path in inside]
        complete = whole.complete
    if outside:
        unread, read = read_all(outside, root, OUTSIDE)
        complete = complete and len(read) == len(outside)
        findings += unread
        if read:
            ground = ground_of(root)
            findings += [found for file in read for found in _check_alone(file, ground, engine)]
    return Report(in_order(findings), len(inside) + len(outside), complete, None)


@dataclass(frozen=True)
class Ground:
    """What a text outside the dataset is checked with.

    Attributes:
        shapes: Name and text of each shapes file.
        context: Ontology and lists.
        is_described: Tells whether the dataset describes a thing, by its IRI; is asked only where
            that is in question.
        others: Gives the files of the dataset, for what may have been meant; is asked only where
            something is not described or is retired.
        retired: Gives what the dataset says of each thing that it calls retired, by its IRI.
    """

    shapes: dict[str, str]
    context: Sequence[SourceFile]
    is_described: Callable[[str], bool]
    others: Callable[[], Sequence[SourceFile]] = tuple
    retired: Callable[[], Mapping[str, Sequence[Triple]]] = dict


def ground_of(root: Path) -> Ground:
    """Return what the files of the dataset at `root` give to check a text with.

    Raises:
        MissingFileError: A folder that has to hold files is empty.
        DataError: A shape is at fault.
    """
    ontology = (path for path in files.paths(root) if path.is_relative_to(root / "ontology"))
    context = tuple(files.read_file(path, root) for path in ontology)
    others = cache(lambda: read_all(files.paths(root), root)[1])
    described = cache(lambda: _described(others()))
    return Ground(
        catalogue.shape_files(root),
        context,
        lambda iri: iri in described(),
        others,
        cache(lambda: _retired(root)),
    )


def check_text(content: str, name: str, root: Path, engine: shapes.Engine = "pyshifty") -> Report:
    """Check one text as `check_files` checks a file outside the dataset.

    Args:
        content: The text.
        name: What to call it.
        root: The folder of the dataset.
        engine: Which SHACL engine does the work.

    Raises:
        DataError: A shape is at fault.
    """
    return check_draft(content, name, ground_of(root), engine)


def check_draft(
    content: str, name: str, ground: Ground, engine: shapes.Engine = "pyshifty"
) -> Report:
    """Check one text with what `ground` holds; no file is opened.

    Args:
        content: The text.
        name: What to call it.
        ground: Shapes, ontology, lists, and what is described elsewhere.
        engine: Which SHACL engine does the work.

    Raises:
        DataError: A shape is at fault.
    """
    file = SourceFile(name, Path(name), OUTSIDE, content)
    faults = syntax.check(file)
    findings = faults or _check_alone(file, ground, engine)
    return Report(in_order(findings), 1, not faults, None)


def names_of(root: Path, paths: Iterable[Path]) -> list[str]:
    """Return the names that a check of some files, or without them of the dataset, gives them.

    Raises:
        MissingFileError: A folder that has to hold files is empty.
    """
    given = list(paths) or files.paths(root)
    inside, outside = _divide(root, given)
    return sorted(inside) + [files.name_of(path, root) for path in outside]


def _divide(root: Path, paths: Iterable[Path]) -> tuple[set[str], list[Path]]:
    inside: set[str] = set()
    outside: list[Path] = []
    members = {path.resolve() for path in files.paths(root)}
    for path in paths:
        resolved = path.resolve()
        if resolved in members:
            inside.add(resolved.relative_to(root).as_posix())
        elif path.is_dir():
            within = sorted(path.rglob("*.ttl"))
            if not within:
                raise MissingFileError(f"{path}: no Turtle file in this folder")
            more, others = _divide(root, within)
            inside |= more
            outside += others
        else:
            outside.append(path)
    return inside, outside


def _check_alone(file: SourceFile, ground: Ground, engine: shapes.Engine) -> list[Finding]:
    """Return the findings of a file that is checked on its own.

    It may refer to what the dataset describes, but not to what that calls retired.
    """
    texts, context = ground.shapes, ground.context
    unmeant, file = declarations.check(file, texts)
    data = b"\n".join((shapes.data_of((*context, file)), _gone(file, ground)))
    places = Places((file, *context))
    found = [
        *unmeant,
        *names.check([file], _known(context, texts)),
        *text.check(file),
        *tags.check(file),
        *_located(shapes.validate(data, list(texts.values()), engine), texts, places),
    ]
    own = [f for f in found if f.code != "REF01" or not ground.is_described(f.focus)]
    is_asked = any(f.code in ("REF01", "RET01") for f in own)
    others = (*context, *ground.others()) if is_asked else context
    return finished(own, [file], lambda: Known((*others, file)), texts)


def _retired(root: Path) -> dict[str, list[Triple]]:
    """Return what the dataset at `root` says of each thing that it calls retired."""
    paths = [root / files.RETIRED_FILE, *root.glob("data/imports/*/retired*.ttl")]
    _, read = read_all((path for path in paths if path.exists()), root)
    found: dict[str, list[Triple]] = {}
    for triple in (triple for file in read for triple in file.triples):
        found.setdefault(triple.subject.value, []).append(triple)
    return found


def _gone(file: SourceFile, ground: Ground) -> bytes:
    """Return what is said of the retired things that a file mentions, as N-Triples."""
    retired = ground.retired()
    if not retired:
        return b""
    mentioned = {term.value for t in file.triples for term in (t.subject, t.object)}
    return shapes.n_triples(t for iri in mentioned & retired.keys() for t in retired[iri])


def finished(
    findings: list[Finding],
    read: list[SourceFile],
    known: Callable[[], Known],
    texts: dict[str, str],
    *,
    complete: bool = True,
) -> list[Finding]:
    """Return each mistake once, with its fixes, at its place on disk, where nothing hides it."""
    findings = remedies.with_fixes(merging.merged(findings), read, known)
    findings = declarations.as_written(findings, read)
    written = [declarations.original(file) for file in read]
    return suppressions.apply(findings, written, texts, complete=complete)


def _known(read: Iterable[SourceFile], texts: dict[str, str]) -> frozenset[str]:
    own = (file.text for file in read if file.graph in (files.ONTOLOGY, files.LISTS))
    return names.mentioned((*own, *texts.values()))


def _described(read: Iterable[SourceFile]) -> frozenset[str]:
    """Return what some files describe."""
    kinds = (t for file in read for t in file.triples if t.predicate.value == RDF + "type")
    return frozenset(t.subject.value for t in kinds)


def read_all(
    paths: Iterable[Path],
    root: Path,
    graph: str | None = None,
    unsaved: Mapping[str, str] = NOTHING_UNSAVED,
) -> tuple[list[Finding], list[SourceFile]]:
    """Return the findings that leave a file out of the rest, and the files that are well-formed."""
    findings: list[Finding] = []
    read: list[SourceFile] = []
    for file in _opened(paths, root, findings, graph, unsaved):
        faults = syntax.check(file)
        findings += faults
        if not faults:
            read.append(file)
    return findings, read


def _opened(
    paths: Iterable[Path],
    root: Path,
    findings: list[Finding],
    graph: str | None = None,
    unsaved: Mapping[str, str] = NOTHING_UNSAVED,
) -> Iterator[SourceFile]:
    """Yield the files that are text and have a place; add what is wrong with others to findings."""
    for path in paths:
        try:
            file = files.read_file(path, root, graph, unsaved)
        except EncodingError as fault:
            place = Span(str(fault.path), fault.line, fault.column, fault.line, fault.column + 1)
            findings.append(catalogue.finding("ENC01", "not-utf8", place, {"reason": fault.reason}))
        except TooLargeError as fault:
            found = {"reason": fault.reason}
            findings.append(catalogue.finding("ENC02", "too-large", Span(str(fault.path)), found))
        except DataError as fault:
            name = path.relative_to(root).as_posix()
            reason = {"reason": str(fault).removeprefix(f"{name}: ")}
            findings.append(catalogue.finding("CNF05", "no-graph", Span(name), reason))
        else:
            yield file


def _located(
    results: Iterable[shapes.ShapeResult], texts: dict[str, str], places: Places
) -> list[Finding]:
    listed = list(results)
    if not listed:
        return []
    locator = Locator(places, *rules_of(tuple(texts.items())))
    return [found for result in listed for found in locator.findings(result)]


@lru_cache(maxsize=2)
def rules_of(texts: tuple[tuple[str, str], ...]) -> tuple[Catalogue, tuple[SourceFile, ...]]:
    """Return the rules of some shapes files, and the files, for whoever checks more than once."""
    known = dict(texts)
    return catalogue.of_shapes(known.values()), rule_files(known)
