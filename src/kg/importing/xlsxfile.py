"""XLSX files, row by row.

A cell with a formula has the value that the program which saved the file worked out; where it kept
none the cell is at fault. Formulas and merged ranges are looked for in the XML of the sheet first,
so that a sheet without them is read once.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice, repeat
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from kg.errors import DataError, MissingFileError, TooLargeError
from kg.importing.cells import Cell, Fault, Layout, Row

MOST_BYTES: Final = 2_000_000_000  # of all parts of one file, unpacked
MOST_SHARED: Final = 200_000_000  # of its table of texts, which has to be in memory
_MOST_COLUMNS: Final = 2_000
_CHUNK: Final = 1 << 20
_FORMULA: Final = re.compile(rb"<f[ >/]")
_MERGED: Final = re.compile(rb'<mergeCell [^>]*ref="([A-Z0-9:$]+)"')
_ERROR: Final = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")


class _Merged(NamedTuple):
    """A merged range, by its first and last column and row, counted from 1."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def name(self) -> str:
        first = f"{get_column_letter(self.left)}{self.top}"
        return f"{first}:{get_column_letter(self.right)}{self.bottom}"


def read(path: Path, layout: Layout) -> Iterator[Row]:
    """Yield the header, as a row, and then the rows below it; empty rows are left out.

    Raises:
        MissingFileError: The file is not there or cannot be read.
        TooLargeError: It would unpack to more than `MOST_BYTES`.
        DataError: It is no XLSX file, or has no such sheet.
    """
    refuse_bombs(path)
    with closing(_opened(path)) as book:
        name = _sheet_name(book, layout.sheet, path)
        has_formulas, merged = _survey(path, book[name])
        if not has_formulas:
            yield from _rows(_raw(book, name), repeat(()), merged, layout, path)
            return
        with closing(_opened(path, formulas=True)) as other:
            yield from _rows(_raw(book, name), _raw(other, name), merged, layout, path)


def refuse_bombs(path: Path) -> None:
    """Refuse a file that is small and would fill memory or disk when it is unpacked.

    Raises:
        MissingFileError: The file is not there or cannot be read.
        DataError: It is no ZIP archive.
        TooLargeError: It is too large unpacked. A part is never read beyond its stated size.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {part.filename: part.file_size for part in archive.infolist()}
    except OSError as error:
        raise MissingFileError(f"{path}: cannot be read: {error.strerror}") from None
    except zipfile.BadZipFile:
        raise DataError(f"{path}: not an XLSX file; save it anew as XLSX or as CSV") from None
    shared = max(
        (size for name, size in sizes.items() if "sharedstrings" in name.lower()), default=0
    )
    for size, most in ((sum(sizes.values()), MOST_BYTES), (shared, MOST_SHARED)):
        if size > most:
            reason = f"unpacks to {size / 1e6:.0f} MB, at most {most / 1e6:.0f} are read; use CSV"
            raise TooLargeError(path, 1, 1, reason)


def _opened(path: Path, *, formulas: bool = False) -> Any:
    try:
        return load_workbook(path, read_only=True, data_only=not formulas, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as XLSX: {error}") from None


def _sheet_name(book: Any, wanted: str | int, path: Path) -> str:
    names: list[str] = [sheet.title for sheet in book.worksheets]
    if isinstance(wanted, str) and wanted in names:
        return wanted
    if isinstance(wanted, int) and 1 <= wanted <= len(names):
        return names[wanted - 1]
    listed = ", ".join(map(repr, names))
    raise DataError(
        f"{path}: no sheet {wanted!r}; there are: {listed}; change sheet = in the mapping"
    )


def _survey(path: Path, sheet: Any) -> tuple[bool, list[_Merged]]:
    """Return whether a sheet has formulas, and its merged ranges, from its XML."""
    has_formulas = False
    found: dict[bytes, None] = {}
    inside = sheet._worksheet_path
    with zipfile.ZipFile(path) as archive, archive.open(inside.lstrip("/")) as part:
        for text in _overlapping(part):
            has_formulas = has_formulas or _FORMULA.search(text) is not None
            found |= dict.fromkeys(_MERGED.findall(text))
    return has_formulas, [_Merged(*range_boundaries(ref.decode())) for ref in found]


def _overlapping(part: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream in pieces, each with the end of the one before."""
    end = b""
    while piece := part.read(_CHUNK):
        yield end + piece
        end = piece[-200:]


def _raw(book: Any, name: str) -> Iterator[tuple[Any, ...]]:
    sheet = book[name]
    sheet.reset_dimensions()  # which a careless writer may have stated wrongly
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _rows(
    values: Iterator[tuple[Any, ...]],
    formulas: Iterable[tuple[Any, ...]],
    merged: list[_Merged],
    layout: Layout,
    path: Path,
) -> Iterator[Row]:
    """Yield rows of cells that are known to be good or bad."""
    width = 0
    filling: dict[_Merged, Cell] = {}
    for line, (row, told) in enumerate(zip(values, formulas, strict=False), 1):
        if line < layout.header:
            continue
        cells = [_cell(value) for value in row]
        for at, formula in enumerate(islice(told, len(cells))):
            if cells[at] is None and isinstance(formula, str) and formula.startswith("="):
                cells[at] = _without_value(at, line)
        for area in merged:
            if area.top <= line <= area.bottom:
                _spread(cells, area, line, filling, layout)
        if not width:
            width = _width(cells)
            if not width or width > _MOST_COLUMNS:
                raise DataError(f"{path}: row {line} is no header: it names {width} columns")
        elif all(cell is None for cell in cells):
            continue
        cells += [None] * (width - len(cells))
        extra = [cell for cell in cells[width:] if cell is not None]
        fault = _beyond(width, len(extra)) if extra else None
        yield Row(line, tuple(cells[:width]), fault)


def _width(cells: list[Cell]) -> int:
    filled = [at for at, cell in enumerate(cells, 1) if cell is not None]
    return filled[-1] if filled else 0


def _cell(value: Any) -> Cell:
    if isinstance(value, str) and _ERROR.fullmatch(value):
        return Fault("error value", f"the cell holds the error {value}", "mend its formula")
    return value  # type: ignore[no-any-return]


def _without_value(at: int, line: int) -> Fault:
    return Fault(
        "formula",
        f"cell {get_column_letter(at + 1)}{line} has a formula and no value was saved with it",
        "open the file in a spreadsheet program and save it, or put the value in the cell",
    )


def _beyond(width: int, extra: int) -> Fault:
    return Fault(
        "ragged",
        f"{extra} filled cells to the right of the {width} columns that the header names",
        "name the columns in the header, or empty the cells",
    )


def _spread(
    cells: list[Cell], area: _Merged, line: int, filling: dict[_Merged, Cell], layout: Layout
) -> None:
    """Give the cells that a merged range hides the value of its first one, or a fault."""
    cells += [None] * (min(area.right, _MOST_COLUMNS) - len(cells))
    if line == area.top:
        filling[area] = cells[area.left - 1]
    hidden = Fault(
        "merged",
        f"the cell belongs to the merged range {area.name}, which has one value for all",
        'undo the merging in the file, or write merged = "fill" in the mapping',
    )
    for at in range(area.left - 1, min(area.right, _MOST_COLUMNS)):
        if (line, at + 1) != (area.top, area.left):
            cells[at] = filling.get(area) if layout.fills_merged else hidden
