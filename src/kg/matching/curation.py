"""The work of a curator on an import: see what is open, and decide it (`kg match`)."""

from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from kg.dataset import read
from kg.errors import UsageError
from kg.matching import rulings
from kg.matching.candidates import OpenMatch, open_matches
from kg.matching.index import Index
from kg.matching.records import Record, records_of, statements_in
from kg.matching.rulings import FILE, NONE, MatchRuling
from kg.matching.words import listing

_IMPORTS: Final = "data/imports"


class Shown(NamedTuple):
    """What is open in an import.

    Attributes:
        text: The rows with their candidates; empty where nothing is open.
        summary: How many there are, and how many are decided.
    """

    text: str
    summary: str


def shown(root: Path, dataset: str) -> Shown:
    """Return what is open in an import of the dataset at `root`.

    Raises:
        UsageError: There is no such import.
        DataError: The file of decisions is not as it has to be, or a file is not well-formed.
        MissingFileError: A folder that has to hold files is empty.
    """
    folder = _folder(root, dataset)
    decided = rulings.read(folder / FILE)
    found, _ = _open(root, dataset)
    waiting = sum(each.row in decided for each in found)
    return Shown(
        listing(found, decided),
        f"{dataset}: {len(found)} open, {waiting} of them decided since the last import",
    )


def decide(root: Path, dataset: str, ruling: MatchRuling) -> str:
    """Write a decision to the file of an import, in place of an earlier one about the same row.

    Returns:
        What was done, for the curator.

    Raises:
        UsageError: There is no such import, or no such thing.
        DataError: The file of decisions is not as it has to be, or a file is not well-formed.
        MissingFileError: A folder that has to hold files is empty.
    """
    path = _folder(root, dataset) / FILE
    known = rulings.read(path)
    found, things = _open(root, dataset)
    if ruling.iri != NONE:
        _check_thing(ruling, things)
    row = next((each for each in found if each.row == ruling.row), None)
    earlier = known.get(ruling.row)
    name = row.record.label if row is not None else earlier.name if earlier else ""
    rulings.write(path, {**known, ruling.row: replace(ruling, name=name)}.values())
    done = f"{path}: row {ruling.row} is {ruling.iri}; the next kg import {dataset} takes it up"
    if row is None and earlier is None:
        return f"{done}; it was not among the open rows, see that the number is right"
    return done


def _check_thing(ruling: MatchRuling, things: dict[str, Record]) -> None:
    record = things.get(ruling.match or "")
    if record is None:
        raise UsageError(
            f"{ruling.iri}: nothing of that IRI in the dataset; name a thing such as "
            "mun:lt-kaunas-city, or none"
        )
    if not record.is_located:
        raise UsageError(f"{ruling.iri}: neither a place nor a body; a row is one of those")


def _open(root: Path, dataset: str) -> tuple[list[OpenMatch], dict[str, Record]]:
    statements = list(statements_in(read(root)))
    index = Index(records_of(statements))
    found = [each for each in open_matches(statements, index) if each.dataset == dataset]
    return found, index.by_iri


def _folder(root: Path, dataset: str) -> Path:
    folder = root / _IMPORTS / dataset
    if not folder.is_dir():
        held = sorted(path.name for path in (root / _IMPORTS).glob("*") if path.is_dir())
        there = f"there are {', '.join(held)}" if held else "nothing has been imported"
        raise UsageError(f"{dataset}: no import of that name; {there}")
    return folder
