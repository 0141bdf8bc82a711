"""The difference between two texts as edits, so that cursors and folds stay where they are."""

from difflib import SequenceMatcher
from typing import Final

from lsprotocol import types as lsp

from kg.lsp.positions import Positions

_MOST_LINES: Final = 4000  # changed lines that are compared one by one; more are replaced at once


def minimal(old: str, new: str, positions: Positions) -> list[lsp.TextEdit]:
    """Return the edits that make one text of another, by whole lines."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    head = 0
    most = min(len(before), len(after))
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    first, second = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(first), len(second)) > _MOST_LINES:
        changes = [("replace", 0, len(first), 0, len(second))]
    else:
        changes = list(SequenceMatcher(None, first, second, autojunk=False).get_opcodes())
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    return [
        lsp.TextEdit(positions.range(starts[head + i1], starts[head + i2]), "".join(second[j1:j2]))
        for kind, i1, i2, j1, j2 in changes
        if kind != "equal"
    ]
