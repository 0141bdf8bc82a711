"""Which rows of a table have a key in common."""

from collections.abc import Iterable
from hashlib import blake2b

from kg.importing.cells import Fault, Row
from kg.importing.mapping import TableMap
from kg.importing.tables import Table
from kg.importing.values import plain


class Keys:
    """Which keys of a table stand in several rows."""

    def __init__(self, table: TableMap, source: Table, rows: Iterable[Row]) -> None:
        value = next((v for v in table.values if v.name == table.key and v.column), None)
        self._at = None if value is None else source.columns[value.column]
        seen: set[bytes] = set()
        twice: set[bytes] = set()
        for row in rows:
            if self._at is not None and row.fault is None:
                key = digest(row.cells[self._at])
                (twice if key in seen else seen).add(key)
        self._rows: dict[bytes, list[tuple[int, bytes]]] = {key: [] for key in twice}
        if twice:
            for row in source.rows():
                key = self._key(row)
                if key in self._rows:
                    self._rows[key].append((row.line, digest(*row.cells)))

    def _key(self, row: Row) -> bytes:
        return b"" if self._at is None or row.fault else digest(row.cells[self._at])

    def fault(self, row: Row) -> Fault | None:
        """Return what is wrong with a row whose key stands elsewhere too."""
        rows = self._rows.get(self._key(row))
        if rows is None or row.cells[self._at or 0] is None:
            return None
        if len({digest for _, digest in rows}) > 1:
            others = ", ".join(str(line) for line, _ in rows[:5] if line != row.line)
            reason = f"the key {plain(str(row.cells[self._at or 0]))!r} stands in line {others} too"
            return Fault(
                "same key", reason, "keep the row that is right; none of them was imported"
            )
        if row.line == rows[0][0]:
            return None
        return Fault("repeated", f"the row repeats line {rows[0][0]}", "delete it")


def digest(*cells: object) -> bytes:
    """Return what tells some cells from others."""
    return blake2b(
        "\x1f".join(map(str, cells)).encode("utf-8", "surrogatepass"), digest_size=12
    ).digest()
