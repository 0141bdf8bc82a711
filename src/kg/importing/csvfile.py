"""CSV files, row by row, with the line of everything that is wrong.

The file is decoded line by line, so that the first byte which is not of the stated encoding has a
line and a column, and so that memory does not grow with the file.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kg.errors import EncodingError, MalformedError, MissingFileError
from kg.importing.cells import Fault, Layout, Row

_LONGEST: Final = 1_000_000  # characters of one cell; a longer one is a quote that nobody closed
_BYTE_ORDER_MARK: Final = "\ufeff"


def read(path: Path, layout: Layout) -> Iterator[Row]:
    """Yield the header, as a row, and then the rows below it; lines without any cell are left out.

    Raises:
        MissingFileError: The file is not there or cannot be read.
        EncodingError: A byte is not of the encoding; says where.
        MalformedError: A NUL, or a quote that is not closed.
    """
    csv.field_size_limit(_LONGEST)
    try:
        with path.open("rb") as file:
            lines = _decoded(file, path, layout.encoding)
            yield from _rows(lines, path, layout)
    except OSError as error:
        raise MissingFileError(f"{path}: cannot be read: {error.strerror}") from None


def _rows(lines: Iterator[str], path: Path, layout: Layout) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, strict=True)
    width = 0
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"not readable as CSV: {error}; is a quote not closed, or a line end missing?"
            raise MalformedError(path, begins, 1, reason) from None
        line, begins = begins, reader.line_num + 1
        if line < layout.header or not cells:
            continue
        if not width:
            width = len(cells)
            yield Row(line, tuple(cells))
        elif len(cells) != width:
            yield Row(line, (), _ragged(len(cells), width))
        else:
            yield Row(line, tuple(cells))


def _ragged(found: int, expected: int) -> Fault:
    return Fault(
        "ragged",
        f"{found} cells, and the header has {expected}",
        "quote a cell that holds the delimiter or a line end, or add the cells that are missing",
    )


def _decoded(file: Iterator[bytes], path: Path, encoding: str) -> Iterator[str]:
    for number, raw in enumerate(file, 1):
        if b"\0" in raw:
            column = raw.index(b"\0") + 1
            hint = " (is it UTF-16?)" if number == 1 else ""
            reason = f"a NUL byte{hint}; save the file as UTF-8 text"
            raise MalformedError(path, number, column, reason)
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            column = len(raw[: error.start].decode(encoding, "replace")) + 1
            raise EncodingError(
                path,
                number,
                column,
                f"byte 0x{raw[error.start]:02X} is not {encoding}; nothing was imported; save the "
                "file in one encoding, or name the right one with encoding = in the mapping",
            ) from None
        yield text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text
