"""Findings that a curator has looked at and lets stand: `# kg: ignore PLG02 -- reason`.

The comment stands at the end of the line that the finding is on, or alone on the line before it. It
names one or more codes and says why. A comment that hides nothing is a finding itself, so that
none outlives its reason; so is one without a reason or with a code that no rule has. Faults that
keep a file from being read cannot be hidden.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kg.check.catalogue import finding, layer_of
from kg.check.places import span
from kg.dataset import SourceFile
from kg.findings import Edit, Finding, Fix, Text

_COMMENT: Final = re.compile(
    r"#\s*kg:\s*ignore\b(?P<codes>[^#]*?)(?:\s+--(?P<reason>.*))?$", re.IGNORECASE
)
_LIKE: Final = re.compile(r"#\s*kg:", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z]{3}[0-9]{2}")
_NEVER: Final = ("syntax", "comments")  # layers whose findings cannot be hidden


@dataclass
class _Suppression:
    """One comment: the line that it is about, and the codes that it still has to hide."""

    file: SourceFile
    start: int
    end: int
    line: int
    codes: tuple[str, ...]
    used: set[str]


def apply(
    findings: Iterable[Finding],
    files: Iterable[SourceFile],
    shapes: Mapping[str, str],
    *,
    complete: bool = True,
) -> list[Finding]:
    """Return the findings that are not hidden, and those on the comments themselves.

    Args:
        findings: Of a check.
        files: Those that were read; their comments are looked at.
        shapes: The texts of the shapes files, which have some of the rules.
        complete: Whether all rules were run: else nothing is said of comments that hide nothing.
    """
    kept: list[Finding] = []
    by_line: dict[tuple[str, int], list[_Suppression]] = {}
    faults: list[Finding] = []
    for file in files:
        if _LIKE.search(file.text):
            for each in _suppressions(file, faults):
                by_line.setdefault((file.name, each.line), []).append(each)
    for found in findings:
        hiding = [
            each
            for each in by_line.get((found.path, found.line), ())
            if found.code in each.codes and layer_of(found.code) not in _NEVER
        ]
        for each in hiding:
            each.used.add(found.code)
        if not hiding:
            kept.append(found)
    if complete:
        for suppressions in by_line.values():
            for each in suppressions:
                faults += _idle(each, shapes)
    return [*kept, *faults]


def _suppressions(file: SourceFile, faults: list[Finding]) -> Iterator[_Suppression]:
    for token in file.reading.tokens:
        if token.kind != "comment" or not _LIKE.match(token.text):
            continue
        place = span(file, token.start, token.end)
        match = _COMMENT.fullmatch(token.text.rstrip())
        codes = tuple(code.upper() for code in _CODE.findall(match["codes"])) if match else ()
        if match is None or not codes or _CODE.sub("", match["codes"]).strip(" ,\t"):
            faults.append(finding("CMT01", "malformed", place, found=token.text.strip()))
            continue
        if not (match["reason"] or "").strip():
            faults.append(finding("CMT02", "no-reason", place, found=token.text.strip()))
        line, _ = file.lines.at(token.start)
        before = file.text[file.text.rfind("\n", 0, token.start) + 1 : token.start]
        yield _Suppression(
            file, token.start, token.end, line if before.strip() else line + 1, codes, set()
        )


def _idle(each: _Suppression, shapes: Mapping[str, str]) -> Iterator[Finding]:
    for code in each.codes:
        if code in each.used:
            continue
        is_known = layer_of(code) or any(
            re.search(rf"^cps:{code}\b", s, re.M) for s in shapes.values()
        )
        variant = "never" if layer_of(code) in _NEVER else "idle" if is_known else "unknown"
        place = span(each.file, each.start, each.end)
        fixes = (_deletion(each),) if len(each.codes) == 1 else ()
        yield finding("CMT03", variant, place, {"code": code}, found=code, fixes=fixes)


def _deletion(each: _Suppression) -> Fix:
    text = each.file.text
    start, end = len(text[: each.start].rstrip(" \t")), each.end
    if text[:start].endswith("\n") and text[end : end + 1] == "\n":
        end += 1
    title = Text("delete the comment", "ištrinkite komentarą", "izbrišite komentar")
    return Fix(title, (Edit(each.file.name, start, end, ""),), is_safe=True)
