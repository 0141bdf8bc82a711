"""What is found in one text alone, at once: its syntax, its names and its letters.

It is the part of `kg.check.run` that needs no other file. The rest is found by the whole check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kg.check import declarations, names, suppressions, syntax, text
from kg.check.catalogue import layer_of
from kg.dataset import LISTS, ONTOLOGY, SHAPES_GRAPH, SourceFile
from kg.findings import Finding, in_order
from kg.lsp.index import Index

_LAYERS = ("text", "syntax", "names")
_CODES = ("CMT01", "CMT02")


def finds(code: str) -> bool:
    """Tell whether all findings of a rule in a text are found at once."""
    return layer_of(code) in _LAYERS or code in _CODES


@dataclass(frozen=True)
class Quick:
    """Finds what is at fault in one text alone.

    Attributes:
        index: Has the ontology and the shapes, whose names are known.
    """

    index: Index

    @cached_property
    def _shapes(self) -> Mapping[str, str]:
        return {
            name: each.file.text
            for name, each in self.index.files.items()
            if each.file.graph == SHAPES_GRAPH
        }

    @cached_property
    def _known(self) -> frozenset[str]:
        own = (
            each.file.text
            for each in self.index.files.values()
            if each.file.graph in (ONTOLOGY, LISTS)
        )
        return names.mentioned((*own, *self._shapes.values()))

    def check(self, file: SourceFile) -> list[Finding]:
        """Return the faults of syntax of a text; without any, those of names and letters."""
        faults = syntax.check(file)
        if faults:
            return in_order(faults)
        found, meant = declarations.check(file, self._shapes)
        found += [*names.check([meant], self._known), *text.check(meant)]
        if file.name.startswith("data/"):
            found += text.check_nodes(meant)
        found = declarations.as_written(found, [meant])
        return in_order(suppressions.apply(found, [file], self._shapes, complete=False))


def syntax_of(file: SourceFile) -> list[Finding]:
    """Return the faults of syntax of a text."""
    return in_order(syntax.check(file))
