"""What became of every row: imported or reported, and the sum exact; open matches are imported."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from kg.errors import DataError
from kg.importing.cells import Fault

ROWS: Final = "report.jsonl"
SUMMARY: Final = "report.md"
_HEAD: Final = ("| table | line | column | reason | remedy |", "|---|---|---|---|---|")
_EXAMPLES: Final = 10  # lines of each kind that the summary shows


@dataclass
class Account:
    """Counts rows as they are read, and writes what is not imported.

    Attributes:
        read: Rows below the headers.
        imported: Rows that made statements.
        reported: Rows that did not, each with a reason.
        left_out: Values of imported rows that were not used, each with a reason.
        opened: Imported rows whose match is open, each with a reason.
    """

    out: IO[str]
    read: int = 0
    imported: int = 0
    reported: int = 0
    left_out: int = 0
    opened: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def row(self, place: dict[str, Any], column: str, fault: Fault) -> None:
        """Take a row that is not imported."""
        self.reported += 1
        self._write("row", place, column, fault)

    def value(self, place: dict[str, Any], column: str, fault: Fault) -> None:
        """Take a value that is not used, of a row that is."""
        self.left_out += 1
        self._write("value", place, column, fault)

    def open(self, place: dict[str, Any], column: str, row: str, why: str) -> None:
        """Take a row that is imported under an IRI of its own, and may be a thing that is there.

        Args:
            place: File, table and line.
            column: The value that was looked up.
            row: The name of the row for `kg match`.
            why: Why nothing is sure.
        """
        self.opened += 1
        remedy = f"imported, match undecided: see row {row} in `kg match`"
        self._write("open", place, column, Fault("undecided", why, remedy))

    def _write(self, what: str, place: dict[str, Any], column: str, fault: Fault) -> None:
        told = {
            "what": what,
            **place,
            "column": column,
            "kind": fault.code,
            "reason": fault.reason,
            "remedy": fault.remedy,
        }
        self.out.write(json.dumps(told, ensure_ascii=False) + "\n")
        kind = f"{what}: {fault.code}"
        self.kinds[kind] += 1
        if self.kinds[kind] <= _EXAMPLES:
            self.examples.setdefault(kind, []).append(told)

    def close(self) -> None:
        """Make sure that every row is accounted for.

        Raises:
            DataError: The sum is not exact; nothing may be kept then.
        """
        if self.imported + self.reported != self.read:
            raise DataError(
                f"{self.read} rows read, {self.imported} imported and {self.reported} reported: "
                "the sum is not exact, nothing was imported; this is a fault of the program"
            )

    def summary(self) -> str:
        """Return the numbers on one line."""
        values = f"; {self.left_out} values of imported rows left out" if self.left_out else ""
        opened = f"; {self.opened} imported with an open match" if self.opened else ""
        return (
            f"{self.read} rows read = {self.imported} imported + {self.reported} reported"
            f"{opened}{values}"
        )

    def as_markdown(self, title: str) -> str:
        """Return a page for curators: how many of each kind, with the first lines of each."""
        lines = [f"# {title}", "", f"{self.summary()}. Every line of it is in `{ROWS}`.", ""]
        lines += ["| kind | number |", "|---|---|"]
        lines += [f"| {kind} | {number} |" for kind, number in sorted(self.kinds.items())]
        for kind in sorted(self.examples):
            lines += ["", f"## {kind}", "", *_HEAD]
            for told in self.examples[kind]:
                cells = (
                    told["table"],
                    told["line"],
                    told["column"],
                    told["reason"],
                    told["remedy"],
                )
                lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
            if self.kinds[kind] > _EXAMPLES:
                lines += ["", f"And {self.kinds[kind] - _EXAMPLES} more."]
        return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def write_summary(account: Account, title: str, path: Path) -> None:
    """Write the page."""
    path.write_text(account.as_markdown(title), encoding="utf-8")
