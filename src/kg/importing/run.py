"""An import from end to end: read, match, write aside, compare, put in place.

Nothing is in its place before all of it is there: see `kg.importing.places`. The same files, the
same mapping and the same graph give the same bytes; a second run knows that and does nothing.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from kg import dataset as files
from kg.accepted import accepted_quads
from kg.accepted import rulings as curated
from kg.dataset import LISTS, ONTOLOGY, Dataset
from kg.errors import BuildError, DataError, UsageError
from kg.importing import countries, difference, places, source, state, tombstones
from kg.importing.account import ROWS, SUMMARY, Account, write_summary
from kg.importing.bodies import Resolver
from kg.importing.difference import Difference
from kg.importing.engine import Engine
from kg.importing.mapping import Mapping
from kg.importing.names import Terms
from kg.importing.statements import Sorter, write
from kg.matching import Matcher, records_of, rulings, statements_in
from kg.matching.candidates import CLOSE_MATCH
from kg.namespaces import ID, PREFIXES, RDF
from kg.scratch import Scratch

_TYPE: Final = RDF + "type"
_HEADING: Final = "Made by `kg import`, and made anew by the next; corrections go to the dataset."
_SHOWN: Final = 10
_PREFIXES: Final = frozenset(name for name, space in PREFIXES.items() if space.startswith(ID))


@dataclass(frozen=True)
class Result:
    """What an import did.

    Attributes:
        name: Of the dataset.
        summary: How many rows were read, imported and reported.
        is_same: Whether everything is as it was before.
        difference: Between the editions; None where the input is known to be the same.
        folder: Where the dataset is.
        reported: Rows that were not imported.
        has_lines: Whether the report has any: on rows, on values, or on open matches.
        retired: IRIs that the edition before described and that nothing describes any more.
        warnings: What a person has to look at.
    """

    name: str
    summary: str
    is_same: bool
    difference: Difference | None
    folder: Path
    reported: int = 0
    has_lines: bool = False
    retired: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """A new edition, before it is in its place.

    Attributes:
        folder: Where it is now.
        old: Where the edition is that it is to replace.
        name: Of the dataset.
        result: What would be done.
    """

    folder: Path
    old: Path
    name: str
    result: Result


def terms_of(root: Path) -> Terms:
    """Return what ontology and lists define."""
    dataset = files.read(root)
    return _terms(dataset)


def perform(
    root: Path,
    mapping: Mapping,
    inputs: Sequence[Path],
    *,
    today: date,
    progress: Callable[[str], None],
    approve: Callable[[Made], bool],
    again: bool = False,
) -> Result:
    """Import a dataset.

    Args:
        root: The folder of the dataset that it becomes a part of.
        mapping: What to make of it.
        inputs: Its files.
        today: From which day what it no longer has is retired.
        progress: Is told how far it is.
        approve: Is shown a new edition that differs from what is there; says whether to take it.
        again: Whether to do it even if the input is known to be the same.

    Raises:
        DataError: The files cannot be imported; everything is as before.
        UsageError: A file is not there, or another import is running.
        BuildError: The folder cannot be written, or the disk is full; everything is as before.
    """
    with (
        _or_nothing(root, "imported"),
        places.held(root) as place,
        _scratch(place) as folder,
    ):
        old = place / mapping.source.id
        progress("reading the graph")
        graph = _without(files.read(root), mapping.source.id)
        earlier = state.earlier(root, mapping.source.id)
        seen = _without(graph, *(o for o in places.imported(root) if o not in earlier))
        known = state.of_input(mapping, inputs, seen, old) | {"after": earlier}
        last = state.last(old)
        if not again and last.get("of") == known["of"] and state.is_whole(old, last):
            return Result(mapping.source.id, last["rows"], True, None, old, last["reported"])
        progress("making the index of names")
        resolver = _resolver(seen, old)
        made = _make(mapping, inputs, graph, resolver, old, folder, known, today, progress)
        if made.result.is_same:
            (folder / state.STATE).replace(old / state.STATE)
            return made.result
        if approve(made):
            places.replace(folder, place, mapping.source.id)
        return made.result


def remove(root: Path, name: str, *, today: date, forget: bool = False) -> tuple[int, str]:
    """Take a dataset away; return how many things were described and where the IRIs are kept.

    Args:
        root: The folder of the dataset that it is part of.
        name: Of the imported dataset.
        today: From which day its IRIs are retired.
        forget: Whether to keep nothing: only right if no release has its IRIs.

    Raises:
        UsageError: It is not there, or other files refer to what only it describes.
        BuildError: The folder cannot be written, or the disk is full.
    """
    with (
        _or_nothing(root, "removed"),
        places.held(root) as place,
        _scratch(place) as folder,
    ):
        old = place / name
        if name not in places.imported(root):
            known = ", ".join(places.imported(root)) or "none"
            raise UsageError(f"{name}: not imported; imported are: {known}")
        graph = _without(files.read(root), name)
        elsewhere = _described(graph)
        went = [iri for iri in difference.described(old) if iri not in elsewhere]
        users = _users(graph, set(went))
        if users:
            raise UsageError(
                f"{name}: {len(users)} files refer to what only it describes, such as "
                f"{', '.join(users[:3])}; remove those datasets first, or correct the files"
            )
        if forget:
            shutil.rmtree(old)
            return len(went), ""
        entries = tombstones.kept(tombstones.read(old), went, elsewhere, {}, today)
        tombstones.save(entries, folder)
        _keep_decisions(old, folder)
        places.replace(folder, place, name)
        return len(went), str(place / name)


@contextmanager
def _or_nothing(root: Path, done: str) -> Iterator[None]:
    """Turn what the system refuses, such as to write to a full disk, into a message.

    Args:
        root: The folder of the dataset.
        done: What would have become of it.

    Raises:
        BuildError: The system refused something; says what.
    """
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        place = error.filename or root / places.FOLDER
        raise BuildError(f"{place}: {why}; nothing was {done}") from None


class _scratch(Scratch):  # noqa: N801 - used as a function
    """A scratch folder that may be moved away."""

    def __init__(self, place: Path) -> None:
        try:
            super().__init__(place)
        except OSError as error:
            raise BuildError(f"{place}: cannot be written: {error.strerror}") from None


def _resolver(seen: Dataset, old: Path) -> Resolver:
    """Return what finds the things that rows are about, among those of the graph.

    Raises:
        DataError: The file of decisions is not as it has to be.
    """
    imported = tuple(file for file in seen.files if file.name.startswith(f"{places.FOLDER}/"))
    open_ones = accepted_quads(Dataset(seen.root, imported).quads(), list(curated(seen)))
    tied = {quad.subject.value for quad in open_ones if quad.predicate.value == CLOSE_MATCH}
    records = records_of(statements_in(seen))
    return Resolver(
        Matcher(record for record in records if record.iri not in tied),
        Matcher(record for record in records if record.iri in tied),
        rulings.read(old / rulings.FILE),
    )


def _make(
    mapping: Mapping,
    inputs: Sequence[Path],
    graph: Dataset,
    resolver: Resolver,
    old: Path,
    folder: Path,
    known: dict[str, Any],
    today: date,
    progress: Callable[[str], None],
) -> Made:
    name = mapping.source.id
    with (
        (folder / ROWS).open("w", encoding="utf-8", newline="\n") as out,
        Sorter(folder) as sorter,
    ):
        account = Account(out)
        source.add(mapping.source, sorter)
        Engine(mapping, countries.of_dataset(graph), resolver, sorter, account, progress).run(
            inputs
        )
        account.close()
        progress("writing")
        write(sorter.lines(), folder, name, f"{mapping.source.title}. {_HEADING}")
    elsewhere = _described(graph)
    here = frozenset(difference.described(folder))
    found = difference.between(old, folder)
    _refuse_strangers(folder, here, elsewhere)
    before = tombstones.read(old)
    gone = [iri for iri in difference.described(old) if iri not in here and iri not in elsewhere]
    entries = tombstones.kept(before, gone, here | elsewhere, resolver.replaced, today)
    tombstones.save(entries, folder)
    title = f"{mapping.source.title}: what was not imported"
    write_summary(account, title, folder / SUMMARY)
    _keep_decisions(old, folder)
    known |= {
        "edition": mapping.source.edition,
        "rows": account.summary(),
        "reported": account.reported,
        "files": state.digests(folder),
    }
    (folder / state.STATE).write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    result = Result(
        name,
        account.summary(),
        state.digests(old) == known["files"],
        found,
        old,
        account.reported,
        bool(account.kinds),
        len(gone),
        tuple(_warnings(graph, gone, account.opened, name)),
    )
    return Made(folder, old, name, result)


def _warnings(graph: Dataset, gone: Sequence[str], opened: int, name: str) -> Iterable[str]:
    users = _users(graph, set(gone))
    if users:
        yield (
            f"{', '.join(users[:3])}: refers to what is gone now; import it again, or correct it"
        )
    if opened:
        yield f"{opened} rows may be about things that were there; see: kg match {name}"


def _refuse_strangers(folder: Path, here: frozenset[str], elsewhere: frozenset[str]) -> None:
    """Refuse references to things that nothing describes, by which the check would fail."""
    known = here | elsewhere
    missing: dict[str, str] = {}
    for subject, block in difference.blocks(folder):
        for word in block.split():
            prefix, _, local = word.partition(":")
            if local and word[0] not in '"<' and '"' not in word:
                iri = difference.iri_of(word) if prefix in _PREFIXES else ""
                if iri and iri not in known:
                    missing.setdefault(word, subject)
    if missing:
        listed = ", ".join(f"{name} (of {user})" for name, user in sorted(missing.items())[:_SHOWN])
        raise DataError(
            f"the mapping refers to {len(missing)} things that nothing describes: {listed}; give "
            "each a node of its own, or correct the name; nothing was imported"
        )


def _without(dataset: Dataset, *names: str) -> Dataset:
    """Return a dataset without what some imports hold."""
    folders = tuple(f"{places.FOLDER}/{name}/" for name in names)
    return Dataset(dataset.root, tuple(f for f in dataset.files if not f.name.startswith(folders)))


def _terms(dataset: Dataset) -> Terms:
    return Terms(
        frozenset(
            triple.subject.value
            for file in dataset.of_graph(ONTOLOGY, LISTS)
            for triple in file.triples
        )
    )


def _described(graph: Dataset) -> frozenset[str]:
    """Return the IRIs that files give a class, other than that of what is retired."""
    return frozenset(
        triple.subject.value
        for file in graph.files
        if file.graph != files.RETIRED
        for triple in file.triples
        if triple.predicate.value == _TYPE
    )


def _users(graph: Dataset, gone: set[str]) -> list[str]:
    """Return the files that refer to things which are gone."""
    if not gone:
        return []
    return [
        file.name
        for file in graph.files
        if file.graph != files.RETIRED
        and any(getattr(triple.object, "value", "") in gone for triple in file.triples)
    ]


def _keep_decisions(old: Path, folder: Path) -> None:
    path = old / rulings.FILE
    if path.exists():
        shutil.copyfile(path, folder / path.name)
