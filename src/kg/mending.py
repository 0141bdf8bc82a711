"""Mending: the fixes of findings, made and looked at again.

A fix is kept only if the check, run anew, shows that its finding is gone and that no violation has
come in its place. Fixes that do not touch each other are made together; where that goes wrong, half
of them are tried, down to one. All of it is in memory until `write`.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg import contact
from kg import dataset as files
from kg.check import run
from kg.check.catalogue import layer_of
from kg.errors import DataError, MissingFileError
from kg.findings import Edit, Finding, Fix, Severity, Text, in_order

if TYPE_CHECKING:
    from kg.check.shapes import Engine

_WORDS: Final = {
    "en": ("fixed", "not fixed"),
    "lt": ("pataisyta", "nepataisyta"),
    "sl": ("popravljeno", "ni popravljeno"),
}
_ROUNDS: Final = 100  # of checks; what is not mended by then is left
_UNREAD: Final = ("syntax", "text")  # layers of what keeps a file from being read
_UNDECLARED: Final = "NMS01"

Check = Callable[[Mapping[str, str]], "Checked"]
Choice = Callable[[Sequence[Finding]], Sequence[Finding]]


class Reason(Enum):
    """Why a fix was not made, in words that follow it."""

    UNSAFE = Text(
        "it may be wrong; --unsafe-fixes makes it",
        "jis gali būti klaidingas; jį daro --unsafe-fixes",
        "lahko je napačen; naredi ga --unsafe-fixes",
    )
    SEVERAL = Text(
        "there is more than one; choose",
        "jų daugiau nei vienas; pasirinkite",
        "več jih je; izberite",
    )
    ELSEWHERE = Text(
        "it changes a file that was not named",
        "jis keičia nenurodytą failą",
        "spremeni datoteko, ki ni bila navedena",
    )
    NO_HELP = Text(
        "it would not help, or bring another error",
        "jis nepadėtų arba atsirastų kita klaida",
        "ne bi pomagal ali bi prinesel drugo napako",
    )


@dataclass(frozen=True)
class Checked:
    """What a check says of some texts.

    Attributes:
        findings: All of them.
        complete: Whether every file could be read.
    """

    findings: list[Finding]
    complete: bool


@dataclass(frozen=True)
class Made:
    """A fix that was made.

    Attributes:
        finding: What it mended, where it was when the fix was made.
        fix: What was done.
    """

    finding: Finding
    fix: Fix


@dataclass(frozen=True)
class Left:
    """A finding that has a fix which was not made.

    Attributes:
        finding: Where it is after all that was made.
        reason: Why not.
    """

    finding: Finding
    reason: Reason


@dataclass(frozen=True)
class Mended:
    """What came of mending.

    Attributes:
        before: The texts that were changed, as they were, by name.
        after: The same texts, mended.
        made: The fixes, in the order of files and lines.
        left: The findings that have a fix which was not made.
        checked: What a check says of the texts as they are now.
    """

    before: dict[str, str]
    after: dict[str, str]
    made: list[Made]
    left: list[Left]
    checked: Checked

    def diff(self) -> str:
        """Return the changes as a unified diff, in which contact data is hidden."""
        return "".join(
            shown if shown.endswith("\n") else f"{shown}\n\\ No newline at end of file\n"
            for name in sorted(self.after)
            for line in unified_diff(
                self.before[name].splitlines(keepends=True),
                self.after[name].splitlines(keepends=True),
                f"a/{name.lstrip('/')}",
                f"b/{name.lstrip('/')}",
            )
            for shown in (line[:1] + contact.masked(line[1:]),)
        )

    def told(self, language: str) -> str:
        """Return what was done and what was not, one line for each fix."""
        words = _WORDS.get(language, _WORDS["en"])
        lines = [
            f"{_place(each.finding)}: {words[0]} {each.finding.code}: "
            f"{each.fix.title.in_language(language)}"
            for each in self.made
        ]
        lines += [
            f"{_place(each.finding)}: {words[1]} {each.finding.code}: "
            f"{each.reason.value.in_language(language)}"
            for each in self.left
        ]
        return "\n".join(lines)


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}:{finding.column}"


def mend(
    texts: Mapping[str, str],
    check: Check,
    *,
    unsafe: bool = False,
    chosen: Choice = lambda findings: findings,
) -> Mended:
    """Make the fixes of what a check finds in some texts.

    Args:
        texts: What may be changed, by name.
        check: Checks the texts, given those that have been changed.
        unsafe: Whether fixes are made that may be wrong, where there is one way only.
        chosen: Takes the findings that are to be mended out of all.
    """
    return _Mender(texts, check, unsafe, chosen).mend()


def mend_files(
    root: Path,
    paths: Iterable[Path],
    engine: "Engine" = "pyshifty",
    *,
    unsafe: bool = False,
    chosen: Choice = lambda findings: findings,
) -> Mended:
    """Make the fixes of what a check finds in the dataset at `root`, or in some files.

    Nothing is written.

    Raises:
        MissingFileError: A file is not there.
        DataError: A shape is at fault.
    """
    given = tuple(paths)
    names = run.names_of(root, given)
    members = {files.name_of(path, root) for path in files.paths(root)}
    texts = {name: text for name in names if (text := _text(root, name)) is not None}
    outside = [name for name in names if name not in members]
    parts: list[Mended] = []
    if len(outside) < len(names):
        inside = {name: text for name, text in texts.items() if name in members}

        def check_inside(changed: Mapping[str, str]) -> Checked:
            report = run.check_dataset(root, engine, unsaved=changed)
            found = [each for each in report.findings if not given or each.path in names]
            return Checked(found, report.complete)

        parts.append(mend(inside, check_inside, unsafe=unsafe, chosen=chosen))
    if outside:
        ground = run.ground_of(root)
        for name in outside:
            parts.append(_alone(root, name, texts, ground, engine, unsafe, chosen))
    return _together(parts)


def _alone(
    root: Path,
    name: str,
    texts: Mapping[str, str],
    ground: run.Ground,
    engine: "Engine",
    unsafe: bool,
    chosen: Choice,
) -> Mended:
    """Mend a file outside the dataset, which no other file can break."""
    if name not in texts:
        return Mended(
            {}, {}, [], [], Checked(run.check_files(root, [_path(root, name)]).findings, False)
        )

    def check(changed: Mapping[str, str]) -> Checked:
        report = run.check_draft(changed.get(name, texts[name]), name, ground, engine)
        return Checked(report.findings, report.complete)

    return mend({name: texts[name]}, check, unsafe=unsafe, chosen=chosen)


def _together(parts: Sequence[Mended]) -> Mended:
    return Mended(
        {name: text for part in parts for name, text in part.before.items()},
        {name: text for part in parts for name, text in part.after.items()},
        [made for part in parts for made in part.made],
        [left for part in parts for left in part.left],
        Checked(
            in_order(found for part in parts for found in part.checked.findings),
            all(part.checked.complete for part in parts),
        ),
    )


def write(root: Path, mended: Mended) -> None:
    """Write the mended texts to their files, each in one step.

    Raises:
        DataError: A file has been changed by somebody else in the meantime; none after it is
            written.
    """
    for name, text in mended.after.items():
        path = _path(root, name).resolve()
        if _text(root, name) != mended.before[name]:
            raise DataError(f"{name}: changed while it was being mended; run the check again")
        descriptor, partial = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
            Path(partial).chmod(path.stat().st_mode)
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink()
            raise


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with some replacements, which do not overlap, all made.

    >>> edited("a b c", [Edit("x", 0, 1, "A"), Edit("x", 3, 5, "")])
    'A b'
    """
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _path(root: Path, name: str) -> Path:
    """Return where a file is that a finding names."""
    inside = root / name
    return inside if files.name_of(inside, root) == name else Path(name)


def _text(root: Path, name: str) -> str | None:
    """Return the text of a file, or None where it cannot be read: the check says why."""
    try:
        return files.read_text(_path(root, name), name)
    except MissingFileError:
        raise
    except DataError:
        return None


@dataclass
class _Mender:
    texts: Mapping[str, str]
    check: Check
    unsafe: bool
    chosen: Choice
    changed: dict[str, str] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def mend(self) -> Mended:
        """Make fixes until there is none left to make."""
        now = self.check(self.changed)
        size = len(now.findings) or 1
        for _ in range(_ROUNDS):
            batch = self._together(self._candidates(now), size)
            if not batch:
                break
            tried = self._with(batch)
            after = self.check(tried)
            if _is_better(now, after, [each.finding for each in batch]):
                self.changed, now, size = tried, after, size * 2
                self.made += batch
            elif len(batch) == 1:
                self.refused.add(_key(batch[0].finding))
                size = len(now.findings)
            else:
                size = len(batch) // 2
        before = {name: self.texts[name] for name in self.changed}
        return Mended(before, self.changed, self._in_order(), self._left(now), now)

    def _candidates(self, now: Checked) -> list[Made]:
        found: list[Made] = []
        for finding in self.chosen(now.findings):
            if _key(finding) not in self.refused:
                fix, _ = self._fix(finding)
                if fix is not None:
                    found.append(Made(finding, fix))
        return found

    def _fix(self, finding: Finding) -> tuple[Fix | None, Reason | None]:
        """Return the fix to make, or why there is none."""
        if not finding.fixes:
            return None, None
        safe = [fix for fix in finding.fixes if fix.is_safe]
        fix = (safe or finding.fixes)[0]
        if not safe and not self.unsafe:
            return None, Reason.UNSAFE
        if not safe and len(finding.fixes) > 1:
            return None, Reason.SEVERAL
        if any(edit.path not in self.texts for edit in fix.edits):
            return None, Reason.ELSEWHERE
        return fix, None

    def _together(self, candidates: list[Made], size: int) -> list[Made]:
        """Return the first fixes that do not touch each other, up to a number of them."""
        batch: list[Made] = []
        taken: set[Edit] = set()
        for each in candidates:
            edits = [edit for edit in each.fix.edits if edit not in taken]
            if len(batch) < size and not any(_touch(a, b) for a in edits for b in taken):
                batch.append(each)
                taken.update(edits)
        return batch

    def _with(self, batch: list[Made]) -> dict[str, str]:
        """Return the changed texts with some more fixes; equal edits of two fixes are made once."""
        edits: dict[str, set[Edit]] = {}
        for each in batch:
            for edit in each.fix.edits:
                edits.setdefault(edit.path, set()).add(edit)
        texts = dict(self.changed)
        for name, some in edits.items():
            texts[name] = edited(texts.get(name, self.texts[name]), some)
        return {name: text for name, text in texts.items() if text != self.texts[name]}

    def _in_order(self) -> list[Made]:
        return sorted(self.made, key=lambda each: (each.finding.span, each.finding.code))

    def _left(self, now: Checked) -> list[Left]:
        left: list[Left] = []
        for finding in self.chosen(now.findings):
            _, reason = self._fix(finding)
            if reason is None and finding.fixes:
                reason = Reason.NO_HELP
            if reason is not None:
                left.append(Left(finding, reason))
        return left


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, f"{finding.fingerprint} {finding.line}"


def _touch(one: Edit, other: Edit) -> bool:
    """Tell whether two edits cannot both be made: they overlap, or one inserts where one ends."""
    if one.path != other.path:
        return False
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _is_better(before: Checked, after: Checked, mended: list[Finding]) -> bool:
    """Tell whether some findings are gone and no violation has come.

    Where a file could not be read before, what the rules on the graph say of it now has always
    been there.
    """
    gone = Counter(each.fingerprint for each in mended)
    had = Counter(each.fingerprint for each in before.findings)
    has = Counter(each.fingerprint for each in after.findings)
    if any(has[each] > had[each] - count for each, count in gone.items()):
        return False
    return before.complete <= after.complete and not any(
        has[each.fingerprint] > had[each.fingerprint]
        for each in after.findings
        if each.severity is Severity.VIOLATION and (before.complete or _keeps_from_reading(each))
    )


def _keeps_from_reading(finding: Finding) -> bool:
    return finding.code == _UNDECLARED or layer_of(finding.code) in _UNREAD
