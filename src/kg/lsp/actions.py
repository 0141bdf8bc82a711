"""Remedies as code actions: mend it, explain the rule, let it stand for a reason."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lsprotocol import types as lsp

from kg.check.catalogue import Catalogue, layer_of, load, python_rules
from kg.dataset import SourceFile
from kg.findings import Edit, Finding, Fix
from kg.lsp import words
from kg.lsp.diagnostics import range_of
from kg.lsp.documents import Document
from kg.lsp.navigation import Places
from kg.renderers.rule import rule_as_text

EXPLAIN: Final = "kg.explain"

KINDS: Final = [
    lsp.CodeActionKind.QuickFix,
    lsp.CodeActionKind.SourceFixAll,
]

_NEVER_IGNORED: Final = ("syntax", "comments")
_IGNORES: Final = re.compile(r"#\s*kg:\s*ignore\b[^#]*?(?=\s+--)")


@dataclass(frozen=True)
class Actions:
    """What can be done about the findings of one text.

    Attributes:
        document: The text.
        findings: Those of this very text.
        diagnostics: The same as the client has them.
        language: Of the reader.
        places: Where files are.
        as_checked: Returns another file, if it is still as it was when it was checked.
    """

    document: Document
    findings: Sequence[Finding]
    diagnostics: Sequence[lsp.Diagnostic]
    language: str
    places: Places
    as_checked: Callable[[str], SourceFile | None]

    def at(self, place: lsp.Range, only: Sequence[str] | None) -> list[lsp.CodeAction]:
        """Return the actions for a range; `only` names the kinds that are asked for."""
        found: list[lsp.CodeAction] = []
        if _is_wanted(lsp.CodeActionKind.QuickFix, only):
            here = [
                (finding, shown)
                for finding, shown in zip(self.findings, self.diagnostics, strict=True)
                if _touches(range_of(finding.span, self.document.positions), place)
            ]
            for finding, shown in here:
                found += self._fixes(finding, shown)
            for finding, shown in here:
                found += self._others(finding, shown)
        if _is_wanted(lsp.CodeActionKind.SourceFixAll, only):
            found += self._all()
        return found

    def _fixes(self, finding: Finding, shown: lsp.Diagnostic) -> Iterator[lsp.CodeAction]:
        in_order = sorted(finding.fixes, key=lambda fix: not fix.is_safe)
        for fix in in_order:
            edit = self._edit(fix.edits)
            if edit is not None:
                yield lsp.CodeAction(
                    fix.title.in_language(self.language),
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=[shown],
                    is_preferred=fix.is_safe and fix is in_order[0],
                    edit=edit,
                )

    def _others(self, finding: Finding, shown: lsp.Diagnostic) -> Iterator[lsp.CodeAction]:
        code = finding.code
        title = words.filled(words.EXPLAIN, self.language, code=code)
        yield lsp.CodeAction(
            title,
            kind=lsp.CodeActionKind.QuickFix,
            diagnostics=[shown],
            command=lsp.Command(title, EXPLAIN, arguments=[code]),
        )
        edit = self._ignoring(finding)
        if edit is not None:
            yield lsp.CodeAction(
                words.filled(words.IGNORE, self.language, code=code),
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[shown],
                edit=self._edit([edit]),
            )

    def _ignoring(self, finding: Finding) -> Edit | None:
        """Return the edit that adds the comment; None where none can stand or none would help."""
        if layer_of(finding.code) in _NEVER_IGNORED:
            return None
        name, text = self.document.name, self.document.text
        start, end = self.document.positions.line_at(
            self.document.positions.place(finding.span.line, 1)
        )
        tokens = [t for t in self.document.file.reading.tokens if t.start <= end and t.end >= start]
        comment = next((t for t in tokens if t.kind == "comment"), None)
        if comment is not None:
            known = _IGNORES.match(comment.text)
            if known is not None:
                at = comment.start + known.end()
                return Edit(name, at, at, f", {finding.code}")
        if any(t.start < start < t.end for t in tokens):
            return None
        if comment is None and not any(t.start < end < t.end for t in tokens):
            at = start + len(text[start:end].rstrip())
            return Edit(name, at, at, f"  # kg: ignore {finding.code} -- ")
        indent = text[start : start + len(text[start:end]) - len(text[start:end].lstrip())]
        return Edit(name, start, start, f"{indent}# kg: ignore {finding.code} -- \n")

    def _all(self) -> Iterator[lsp.CodeAction]:
        edits = apart(
            fix
            for finding in self.findings
            for fix in finding.fixes[:1]
            if all(edit.path == self.document.name for edit in fix.edits)
        )
        if edits:
            yield lsp.CodeAction(
                words.FIX_ALL.in_language(self.language),
                kind=lsp.CodeActionKind.SourceFixAll,
                edit=self._edit(edits),
            )

    def _edit(self, edits: Iterable[Edit]) -> lsp.WorkspaceEdit | None:
        """Return edits as the protocol has them; None where a file is not as it was checked."""
        changes: dict[str, list[lsp.TextEdit]] = {}
        for edit in edits:
            if edit.path == self.document.name:
                positions = self.document.positions
            else:
                file = self.as_checked(edit.path)
                if file is None:
                    return None
                positions = self.places.positions(file)
            change = lsp.TextEdit(positions.range(edit.start, edit.end), edit.text)
            changes.setdefault(self.places.uri(edit.path), []).append(change)
        return lsp.WorkspaceEdit(changes=changes)


def apart(fixes: Iterable[Fix]) -> list[Edit]:
    """Return the edits of all safe fixes; of two that overlap the first one counts."""
    taken: list[Edit] = []
    for fix in fixes:
        if not fix.is_safe or any(edit in taken for edit in fix.edits):
            continue
        if not any(_overlap(edit, other) for edit in fix.edits for other in taken):
            taken += fix.edits
    return sorted(taken, key=lambda edit: (edit.path, edit.start))


def _overlap(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    if one.start == other.start:
        return True
    return one.start < other.end and other.start < one.end


def _is_wanted(kind: lsp.CodeActionKind, only: Sequence[str] | None) -> bool:
    if not only:
        return True
    return any(kind.value == each or kind.value.startswith(f"{each}.") for each in only)


def _touches(one: lsp.Range, other: lsp.Range) -> bool:
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: lsp.Position) -> tuple[int, int]:
    return position.line, position.character


def explanation(code: str, root: Path | None, language: str) -> str:
    """Return what a rule is about, as `kg explain` has it.

    Raises:
        KgError: There is no such rule, or the rules cannot be read.
    """
    rule = (Catalogue({r.code: r for r in python_rules()}) if root is None else load(root)).find(
        code
    )
    return rule_as_text(rule, language)
