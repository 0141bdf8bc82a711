"""What an import was made from and what it made, so that the next knows if there is work to do."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kg import __version__
from kg.dataset import Dataset
from kg.errors import UsageError
from kg.importing import places
from kg.importing.mapping import Mapping
from kg.matching import rulings

STATE: Final = "state.json"


def of_input(mapping: Mapping, inputs: Sequence[Path], graph: Dataset, old: Path) -> dict[str, Any]:
    """Return what an import is made from: its files, the mapping, the graph, the decisions."""
    decisions = old / rulings.FILE
    known = hashlib.sha256()
    for file in graph.files:
        known.update(f"{file.name}\0{file.text}\0".encode())
    return {
        "dataset": mapping.source.id,
        "of": {
            "files": {path.name: digest(path) for path in inputs},
            "mapping": mapping.digest,
            "graph": known.hexdigest(),
            "decisions": digest(decisions) if decisions.exists() else "",
            "software": __version__,
        },
    }


def last(old: Path) -> dict[str, Any]:
    """Return what the last import of a folder was made from and made; empty where there is none."""
    try:
        found = json.loads((old / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def earlier(root: Path, name: str) -> list[str]:
    """Return the imports whose bodies an import is matched with: those that were there before it.

    Of two imports only one is matched with the other, so that neither waits for the other's IRIs.
    """
    known = last(places.of_dataset(root, name)).get("after")
    others = [other for other in places.imported(root) if other != name]
    if known is not None:
        return [other for other in others if other in known]
    return [
        other
        for other in others
        if name not in last(places.of_dataset(root, other)).get("after", [])
    ]


def is_whole(old: Path, known: dict[str, Any]) -> bool:
    """Tell whether the files of a dataset are those that its last import wrote."""
    return "rows" in known and "reported" in known and digests(old) == known.get("files")


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of what an import wrote, by the names of the files."""
    own = (STATE, rulings.FILE)
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: digest(path) for path in found if path.name not in own}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def listed(root: Path) -> list[tuple[str, str, str]]:
    """Return name, edition and rows of each imported dataset."""
    found = []
    for name in places.imported(root):
        state = last(places.of_dataset(root, name))
        found.append((name, state.get("edition", "removed"), state.get("rows", "no data")))
    return found
