"""What a curator has decided about rows of an import: this row is that thing, or none that we have.

    data/imports/<dataset>/matches.csv     row,name,iri,by,on,why

A row is named by its identifier in the dataset, so that a decision outlives the edition. The file
is the curator's: an import reads it before it matches, and never writes it.
"""

import csv
import io
import os
import tempfile
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final

from kg.errors import DataError
from kg.namespaces import PREFIXES

FILE: Final = "matches.csv"
NONE: Final = "none"  # instead of an IRI: none of the things that we have


@dataclass(frozen=True)
class MatchRuling:
    """A decision about one row.

    Attributes:
        row: The identifier of the row in its dataset.
        name: The name in the row when it was decided, for a reader.
        iri: Of the thing that it is, or its prefixed name; `none` where it is none that we have.
        by: The role of who decided, such as `curator`; no name of a person.
        on: The day, as `2026-11-22`.
        why: What was looked at.
    """

    row: str
    name: str
    iri: str
    by: str
    on: str
    why: str

    @property
    def match(self) -> str | None:
        """The IRI of the thing; None where it is none that we have."""
        return None if self.iri == NONE else expand(self.iri)


_COLUMNS: Final = [field.name for field in fields(MatchRuling)]


def read(path: Path) -> dict[str, MatchRuling]:
    """Return the decisions of a file by row; none where there is no file.

    Raises:
        DataError: The columns are others, a row is decided twice, or a cell is not what it has to
            be; says the line.
    """
    if not path.exists():
        return {}
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    if next(rows, []) != _COLUMNS:
        raise DataError(f"{path}, line 1: expected the columns {','.join(_COLUMNS)}")
    found: dict[str, MatchRuling] = {}
    for cells in rows:
        ruling = _ruling(cells, f"{path}, line {rows.line_num}")
        if ruling.row in found:
            raise DataError(f"{path}, line {rows.line_num}: row {ruling.row} is decided twice")
        found[ruling.row] = ruling
    return found


def _ruling(cells: list[str], where: str) -> MatchRuling:
    if len(cells) != len(_COLUMNS):
        raise DataError(f"{where}: expected {len(_COLUMNS)} cells, found {len(cells)}")
    ruling = MatchRuling(*cells)
    if not ruling.row or not ruling.why:
        raise DataError(f"{where}: a decision needs the row that it is about, and why it was made")
    if ruling.iri != NONE and expand(ruling.iri) is None:
        raise DataError(f"{where}: expected the IRI of a thing, or none; found {ruling.iri}")
    try:
        date.fromisoformat(ruling.on)
    except ValueError:
        fault = f"expected a day such as 2026-11-22; found {ruling.on}"
        raise DataError(f"{where}: {fault}") from None
    return ruling


def expand(iri: str) -> str | None:
    """Return the IRI that is meant by an IRI or a prefixed name; None where it is neither.

    >>> expand("city:lt-vilnius")
    'https://w3id.org/citypledge/id/city/lt-vilnius'
    """
    if iri.startswith(("https://", "http://")):
        return iri
    prefix, colon, local = iri.partition(":")
    return PREFIXES[prefix] + local if colon and local and prefix in PREFIXES else None


def write(path: Path, rulings: Iterable[MatchRuling]) -> None:
    """Write decisions to a file, in the order of the rows; whole, or not at all."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(astuple(ruling) for ruling in sorted(rulings, key=lambda r: r.row))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=".matches-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    Path(partial).replace(path)
