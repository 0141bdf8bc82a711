"""A table of a file: its columns by name, and its rows, whatever the file is."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from kg.errors import DataError, UsageError
from kg.importing import csvfile, xlsxfile
from kg.importing.cells import Cell, Layout, Row

_READERS: Final[dict[str, Callable[[Path, Layout], Iterator[Row]]]] = {
    ".csv": csvfile.read,
    ".tsv": csvfile.read,
    ".txt": csvfile.read,
    ".xlsx": xlsxfile.read,
    ".xlsm": xlsxfile.read,
}


class ColumnsError(DataError):
    """A table lacks columns that the mapping reads."""

    def __init__(self, message: str, missing: int) -> None:
        super().__init__(message)
        self.missing = missing


@dataclass(frozen=True)
class Table:
    """A table that has the columns which a mapping reads.

    Attributes:
        path: Its file.
        layout: How it is laid out.
        columns: The place of each column, by its name.
    """

    path: Path
    layout: Layout
    columns: dict[str, int]

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header; the file is read anew each time."""
        rows = reader(self.path)(self.path, self.layout)
        next(rows, None)
        return rows


def reader(path: Path) -> Callable[[Path, Layout], Iterator[Row]]:
    """Return what reads a file, by its ending.

    Raises:
        UsageError: No reader knows the ending.
    """
    found = _READERS.get(path.suffix.lower())
    if found is None:
        raise UsageError(
            f"{path}: unknown ending; expected one of {', '.join(_READERS)}; save the table as CSV "
            "or XLSX"
        )
    return found


def open_table(files: Sequence[Path], layout: Layout, needed: Collection[str], name: str) -> Table:
    """Return the table of the first file that has all columns which are needed.

    Args:
        files: That were given.
        layout: How the table is laid out.
        needed: The names of the columns that the mapping reads.
        name: Of the table, for messages.

    Raises:
        ColumnsError: No file has them; says which are missing, which are there, and what is near.
        DataError: A file cannot be read.
    """
    nearest: ColumnsError | None = None
    for path in files:
        try:
            return Table(path, layout, _columns(path, layout, needed, name))
        except ColumnsError as error:
            if nearest is None or error.missing < nearest.missing:
                nearest = error
    raise nearest or UsageError(f"table {name}: no file was given for it")


def _columns(path: Path, layout: Layout, needed: Collection[str], name: str) -> dict[str, int]:
    header = next(reader(path)(path, layout), None)
    if header is None:
        raise ColumnsError(
            f"{path}: table {name}: the file has no header in line {layout.header}", 999
        )
    titles = [_title(cell) for cell in header.cells]
    missing = [column for column in needed if column not in titles]
    if missing:
        raise ColumnsError(
            _missing_text(path, layout, header.line, missing, titles, name), len(missing)
        )
    twice = sorted({title for title in titles if title in needed and titles.count(title) > 1})
    if twice:
        raise DataError(
            f"{path}:{header.line}: table {name}: {len(twice)} column names stand twice: "
            f"{', '.join(twice)}; rename one of each in the file"
        )
    return {title: at for at, title in enumerate(titles) if title}


def _title(cell: Cell) -> str:
    return " ".join(str(cell).split()) if isinstance(cell, str | int | float) else ""


def _missing_text(
    path: Path, layout: Layout, line: int, missing: list[str], titles: list[str], name: str
) -> str:
    there = [title for title in titles if title]
    told = [f"{path}:{line}: table {name}: {len(missing)} of the columns that it reads are missing"]
    for column in missing:
        near = get_close_matches(column, there, 1, 0.6)
        told.append(f"  missing: {column}" + (f" (is it {near[0]!r}?)" if near else ""))
    told.append(f"  there are: {', '.join(there) or 'none'}")
    if len(there) == 1:
        for sign in ";\t,|":
            if sign != layout.delimiter and sign in there[0]:
                told.append(f"  the line holds {sign!r}: write delimiter = {sign!r} in the mapping")
                break
    return "\n".join(told)
