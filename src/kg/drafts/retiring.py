"""Retiring an IRI: its entry in `data/retired.ttl`, and the uses that have to go before.

What is still described or used cannot be retired. The uses are named with their places; where one
thing takes the place of the old one they can be written anew (`Wish.replaces`), all that is said of
the old one and all that points to it. The rules have the last word: a draft that brings a violation
is refused with it, so that what is decided by hand, such as which of two labels stays, is decided
first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import dataset as files
from kg import retired, turtle
from kg.check import run
from kg.check.declarations import named
from kg.check.places import span
from kg.check.removal import Removal
from kg.dataset import RETIRED, RETIRED_FILE, Dataset, SourceFile
from kg.drafts import placing
from kg.drafts.placing import Entry
from kg.drafts.planning import Change, Draft, DuplicateError, Written
from kg.drafts.values import expand
from kg.errors import KgError, UnknownNameError, UsageError
from kg.findings import Edit, Finding, Severity, Span
from kg.namespaces import CANONICAL_BASE, DCTERMS, ID, RDF, VOC, XSD, shorten
from kg.retired import NOTE, REASON, REASON_PREFIX, RETIRED_CLASS, RETIRED_ON, SUCCESSOR
from kg.terms import Term

_HEAD: Final = "# What is no longer described: since when, why, and what took its place.\n"
_REPLACES: Final = DCTERMS + "replaces"
_TAGGED: Final = re.compile(r"(.*\S)@([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)", re.DOTALL)


@dataclass(frozen=True)
class Wish:
    """What a curator wants to retire.

    Attributes:
        name: The IRI, whole or with a prefix.
        reason: One of `kg.retired.REASONS`.
        on: The day.
        successors: What takes its place, like `name`.
        notes: Texts with their languages.
        replaces: Whether the one successor is written wherever the old IRI stands.
    """

    name: str
    reason: str
    on: date
    successors: tuple[str, ...] = ()
    notes: tuple[ox.Literal, ...] = ()
    replaces: bool = False


@dataclass(frozen=True)
class Use:
    """A place that mentions what is to be retired.

    Attributes:
        span: The place.
        said: The statement, in a few words.
    """

    span: Span
    said: str

    def __str__(self) -> str:
        """Give `path:line:column: what is said`."""
        return f"{self.span.path}:{self.span.line}:{self.span.column}: {self.said}"


@dataclass(eq=False)
class StillUsedError(KgError):
    """What is to be retired is described or used.

    Attributes:
        iri: What is to be retired.
        uses: Where.
    """

    iri: str
    uses: list[Use] = field(repr=False)

    def __str__(self) -> str:
        """Say what to do."""
        return (
            f"{shorten(self.iri)} is still described or used; delete these lines, or write its one "
            "successor everywhere with --replace; nothing was written"
        )


@dataclass(eq=False)
class BrokenRulesError(KgError):
    """The data would break rules after the retirement.

    Attributes:
        iri: What is to be retired.
        findings: What a check would find that it does not find now.
    """

    iri: str
    findings: list[Finding] = field(repr=False)

    def __str__(self) -> str:
        """Say what to do."""
        return (
            f"with {shorten(self.iri)} retired these rules would be broken; mend that first; "
            "nothing was written"
        )


def plan(root: Path, wish: Wish) -> Draft:
    """Return the draft of a retirement. Nothing is written, and no rule is asked.

    Raises:
        StillUsedError: The thing is described or used.
        DuplicateError: It is retired already.
        UsageError: The call cannot be worked with.
        DataError: A file of the dataset is not well-formed.
    """
    dataset = files.read(root)
    old = _own_iri(wish.name)
    successors = tuple(map(_own_iri, wish.successors))
    _refuse_again(old, dataset)
    _refuse_successors(old, successors, dataset, replaces=wish.replaces)
    places = [*_mentions(dataset, old)]
    chained = [each for each in places if each.file.graph == RETIRED]
    others = [each for each in places if each.file.graph != RETIRED]
    if (others and not wish.replaces) or (chained and len(successors) != 1):
        left = places if len(successors) != 1 else others
        raise StillUsedError(old, [each.use() for each in left])
    texts = _rewritten(dataset, places, successors[0] if successors else "")
    return _with_entry(dataset, texts, _entry(old, wish, successors))


def refuse_broken(root: Path, draft: Draft) -> None:
    """Refuse a draft with which the data would break rules that it does not break now.

    Raises:
        BrokenRulesError: It would.
    """
    unsaved = {name: change.after for name, change in draft.changes.items()}
    after = _violations(run.check_dataset(root, unsaved=unsaved))
    if not after:
        return
    before = {each.fingerprint for each in _violations(run.check_dataset(root))}
    if new := [each for each in after if each.fingerprint not in before]:
        raise BrokenRulesError(draft.entities[0].iri, new)


def note_of(text: str) -> ox.Literal:
    """Return a note with its language, written as `text@en`.

    Raises:
        UsageError: It has no language.
    """
    match = _TAGGED.fullmatch(text)
    if match is None:
        raise UsageError(f"--note {text}: has no language; write it with @en, @lt or @sl behind")
    return ox.Literal(match[1], language=match[2])


def _own_iri(name: str) -> str:
    iri = expand(name) or name
    if not iri.startswith((ID, VOC)):
        raise UsageError(
            f"{name}: only an entity or a concept of this graph can be retired, such as "
            f"city:lt-memel or {ID}city/lt-memel; a term of the ontology is marked owl:deprecated"
        )
    return iri


def _refuse_again(old: str, dataset: Dataset) -> None:
    record = retired.of_dataset(dataset).get(old.removeprefix(CANONICAL_BASE))
    if record is not None:
        since = f" since {record.on}" if record.on else ""
        raise DuplicateError(f"{shorten(old)} is retired already{since}; see {RETIRED_FILE}")


def _refuse_successors(
    old: str, successors: tuple[str, ...], dataset: Dataset, *, replaces: bool
) -> None:
    if replaces and len(successors) != 1:
        raise UsageError("--replace writes one name in the place of another: give one --successor")
    gone = retired.of_dataset(dataset)
    described = {
        triple.subject.value
        for file in dataset.files
        for triple in file.triples
        if triple.predicate.value == RDF + "type"
    }
    for each in successors:
        path = each.removeprefix(CANONICAL_BASE)
        if each == old:
            raise UsageError(f"--successor {shorten(each)}: nothing takes its own place")
        if path in gone:
            heirs = (shorten(CANONICAL_BASE + heir) for heir in retired.heirs(path, gone))
            instead = " or ".join(heirs) or "another one"
            raise UsageError(f"--successor {shorten(each)}: is retired itself; give {instead}")
        if each not in described:
            raise UnknownNameError(f"--successor {shorten(each)}: is not described in the dataset")


@dataclass(frozen=True)
class _Mention:
    """One place of an IRI: as what a statement is about, or as its value."""

    file: SourceFile
    statement: turtle.Statement
    start: int
    end: int

    def use(self) -> Use:
        each = self.statement
        is_subject = self.start == each.subject_at
        path = shorten(each.predicate.value)
        said = "is described here" if is_subject else f"is {path} of {_short(each.subject)}"
        return Use(span(self.file, self.start, self.end), said)


def _short(term: Term) -> str:
    return shorten(term.value) if isinstance(term, ox.NamedNode) else "[]"


def _mentions(dataset: Dataset, iri: str) -> Iterator[_Mention]:
    """Yield the places that have to go: each subject once, and each value."""
    node = ox.NamedNode(iri)
    local = iri.rsplit("/", 1)[1]
    for file in dataset.files:
        if local not in file.text and "\\" not in file.text:
            continue
        subjects: set[int] = set()
        for each in file.statements:
            if each.subject == node and each.subject_at not in subjects:
                subjects.add(each.subject_at)
                yield _Mention(file, each, each.subject_at, each.subject_end)
            if each.object == node and each.predicate.value != _REPLACES:
                yield _Mention(file, each, each.object_at, each.object_end)


def _rewritten(dataset: Dataset, places: list[_Mention], new: str) -> dict[str, str]:
    """Return the texts of the files in which one IRI takes the place of another, by name.

    A description that then would only say what the file says of the other one already goes.
    """
    texts: dict[str, str] = {}
    for file in dataset.files:
        here = [each for each in places if each.file is file]
        if not here:
            continue
        blocks = [block for block in file.reading.blocks if _is_idle(file, block, here, new)]
        edits: dict[Edit, None] = {}
        for each in here:
            if not any(block.start <= each.start < block.end for block in blocks):
                name, declared = named(file, new)
                edits |= dict.fromkeys((Edit(file.name, each.start, each.end, name), *declared))
        for block in blocks:
            changes = Removal(file.reading).of_characters(block.start, block.end)
            edits |= dict.fromkeys(Edit(file.name, *change) for change in changes)
        text = file.text
        for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        texts[file.name] = text
    return texts


def _is_idle(file: SourceFile, block: turtle.Block, places: list[_Mention], new: str) -> bool:
    """Tell whether all that a block says of an old IRI is said of the new one in the same file."""
    if not any(each.start == block.start for each in places):
        return False
    inside = {
        (each.predicate, each.object)
        for each in file.statements
        if block.start <= each.subject_at < block.end
    }
    about = {(s.predicate, s.object) for s in file.statements if s.subject == ox.NamedNode(new)}
    return inside <= about


def _entry(old: str, wish: Wish, successors: tuple[str, ...]) -> Entry:
    day = ox.Literal(wish.on.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    facts: list[tuple[str, Term]] = [
        (RDF + "type", ox.NamedNode(RETIRED_CLASS)),
        (RETIRED_ON, day),
        (REASON, ox.NamedNode(CANONICAL_BASE + REASON_PREFIX + wish.reason)),
        *((SUCCESSOR, ox.NamedNode(each)) for each in successors),
        *((NOTE, note) for note in wish.notes),
    ]
    return Entry(old, RETIRED_FILE, tuple(facts), head=_HEAD)


def _with_entry(dataset: Dataset, texts: dict[str, str], entry: Entry) -> Draft:
    before = {file.name: file.text for file in dataset.files}
    text = texts.get(entry.file, before.get(entry.file, ""))
    after, block = placing.insert(text, entry) if text else placing.new_file(entry)
    line = turtle.Lines(after).at(after.index(block))[0]
    changed = {**texts, entry.file: after}
    changes = {name: Change(before.get(name, ""), changed[name]) for name in sorted(changed)}
    return Draft((Written(entry.iri, entry.file, line),), changes)


def _violations(report: run.Report) -> list[Finding]:
    return [each for each in report.findings if each.severity is Severity.VIOLATION]
