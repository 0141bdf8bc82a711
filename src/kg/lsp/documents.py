"""The texts that are open in the editor.

They are kept here and not by pygls, which also ends a line at signs that end none in the protocol,
such as U+2028, and would lose its place in a text that has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from kg.dataset import SourceFile
from kg.lsp.positions import Positions, whole

DATA: Final = "data"
SHAPES: Final = "shapes"
ALONE: Final = "alone"

LARGE: Final = 1_000_000  # characters; above, a text is checked and nothing else is offered


@dataclass(frozen=True)
class Document:
    """One version of an open text.

    Attributes:
        uri: As the client writes it.
        version: As the client counts.
        text: What it holds.
        name: The path relative to the dataset, or the whole path where it is outside.
        graph: The named graph that it is in.
        encoding: In which units the client counts.
        kind: `data` for a file of the dataset, `shapes`, or `alone` for any other text.
    """

    uri: str
    version: int
    text: str
    name: str
    graph: str
    encoding: str
    kind: str

    @cached_property
    def positions(self) -> Positions:
        """Its offsets as positions of the client."""
        return Positions(self.text, self.encoding)

    @cached_property
    def file(self) -> SourceFile:
        """The same as a file of the dataset, with its tokens and statements."""
        return SourceFile(self.name, Path(self.name), self.graph, self.text)

    @property
    def is_large(self) -> bool:
        """Whether it is too long to be read while one types."""
        return len(self.text) > LARGE


def path_of(uri: str) -> Path | None:
    """Return the path of a file, or None for a text that is not in one."""
    found = to_fs_path(uri) if uri.startswith("file:") else None
    return None if found is None else Path(found)


def changed(
    text: str,
    changes: Sequence[lsp.TextDocumentContentChangeEvent],
    encoding: str,
) -> str:
    """Return a text after the changes that a client tells of, one after the other."""
    for change in changes:
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            positions = Positions(text, encoding)
            start, end = positions.offset(change.range.start), positions.offset(change.range.end)
            text = text[:start] + whole(change.text) + text[max(start, end) :]
        else:
            text = whole(change.text)
    return text
