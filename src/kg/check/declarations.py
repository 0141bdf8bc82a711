"""Declarations of prefixes: not used, made twice, or for a namespace that is spelt otherwise.

Where a declaration misspells a namespace of `kg.namespaces` (http for https, no # at the end), each
name with that prefix is another name and would be a fault of its own. So one finding says it at
the declaration, and the rest of the check goes on as if it were mended (`Corrected`):
`as_written` brings the places back to those of the file.

A declaration is found, and its use proved, without cutting the whole file into tokens: by the line
that it stands on. Only a file with strings over several lines is read whole, where it is in doubt.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Final, NamedTuple

from kg import turtle
from kg.check import catalogue
from kg.check.catalogue import finding
from kg.check.places import span
from kg.check.removal import Removal
from kg.dataset import SourceFile
from kg.findings import LANGUAGES, Edit, Finding, Fix, Related, Span, Text
from kg.namespaces import PREFIXES, shorten
from kg.turtle import Prefix

_SPELT: Final = "NSP01"  # the rule of the shapes on how namespaces are spelt
_HEAD: Final = re.compile(
    r"""(?:[ \t\r\n]++|\#[^\n\r]*+)*+
    (?:(?P<at>@prefix)|(?P<word>(?i:prefix)))(?=[\s<])[ \t\r\n]++
    (?P<name>[^\s:<>"'\#]*+):[ \t\r\n]*+
    <(?P<iri>[^\x00-\x20<>"{}|^`\\]*+)>
    (?P<end>[ \t\r\n]*+\.)?""",
    re.VERBOSE,
)
# What every declaration after the first statement has, and each one with a comment inside. Both
# cases are spelt out, because a search that ignores case takes four times as long.
_LATER: Final = re.compile(r"[pP][rR][eE][fF][iI][xX](?:\s*#|\s+[^\s:<>\"'#]*:\s*[<#])")
_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_LONG: Final = ('"""', "'''")

_FIRST: Final = Text("the first one", "pirmoji", "prva")
_DELETE: Final = Text("delete the declaration", "ištrinkite deklaraciją", "izbrišite deklaracijo")


class Correction(NamedTuple):
    """Characters that were put in place of others: where they are, and where the others are."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(frozen=True)
class Corrected(SourceFile):
    """A file that is checked as if its namespaces were spelt right.

    Attributes:
        original: The file as it is.
        corrections: What was put right, in order.
    """

    original: SourceFile
    corrections: tuple[Correction, ...]


class _Mistake(NamedTuple):
    """How a declared namespace differs from the one that is meant."""

    variant: str
    right: str


def check(file: SourceFile, shapes: Mapping[str, str]) -> tuple[list[Finding], SourceFile]:
    """Return the findings on the declarations of a well-formed file, and the file to go on with.

    Args:
        file: What to look at.
        shapes: The texts of the shapes files, which say how namespaces are spelt.
    """
    declared = declarations(file)
    uses = _Uses(file, frozenset(each.name_at for each in declared))
    unused = {name for name in {each.name for each in declared} if name not in uses}
    wrong = {
        each: mistake
        for each in declared
        if each.name not in unused and (mistake := _mistake(each)) is not None
    }
    findings = [_misspelt(file, each, mistake, shapes) for each, mistake in wrong.items()]
    findings += _repeated(file, declared, wrong)
    findings += _idle(file, declared, unused)
    meant = {each: mistake.right for each, mistake in wrong.items() if mistake.variant != "other"}
    if not meant:
        return findings, file
    corrected = _corrected(file, meant)
    backwards = tuple(Correction(*each[2:], *each[:2]) for each in corrected.corrections)
    return [_moved(each, backwards, file, corrected) for each in findings], corrected


def declarations(file: SourceFile) -> list[Prefix]:
    """Return the declarations of a well-formed file, in order."""
    found: list[Prefix] = []
    position = 0
    while match := _HEAD.match(file.text, position):
        is_sparql = match["at"] is None
        position = match.end("iri") + 1 if is_sparql else match.end()
        start = match.start("word" if is_sparql else "at")
        places = (start, position, match.start("name"), match.start("iri") - 1)
        found.append(Prefix(match["name"], match["iri"], *places, is_sparql))
    return file.reading.prefixes if _LATER.search(file.text, position) else found


def original(file: SourceFile) -> SourceFile:
    """Return a file as it is on disk."""
    return file.original if isinstance(file, Corrected) else file


def bare(file: SourceFile) -> SourceFile:
    """Return a file without what was worked out from its text."""
    if isinstance(file, Corrected):
        return replace(file, original=replace(file.original))
    return replace(file)


def meant_namespace(iri: str) -> str | None:
    """Return an IRI in the namespace that is meant, where it is in a misspelt one.

    >>> meant_namespace("https://schema.org/population")
    'http://schema.org/population'
    """
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    right = _meant().get(_bare(iri[:end]))
    return None if right is None or right == iri[:end] else right + iri[end:]


def named(file: SourceFile, iri: str) -> tuple[str, tuple[Edit, ...]]:
    """Return an IRI as it is written in a file, and the edit that declares its prefix.

    A prefix of the project is declared where the file has none for it; in a file without prefixes
    the IRI is written in full.
    """
    known = declarations(file)
    fitting = [each for each in known if each.iri and iri.startswith(each.iri)]
    for each in sorted(fitting, key=lambda each: len(each.iri), reverse=True):
        local = iri[len(each.iri) :]
        if _NAME.fullmatch(local):
            return f"{each.name}:{local}", ()
    short = shorten(iri)
    prefix, _, local = short.partition(":")
    is_free = known and prefix in PREFIXES and all(each.name != prefix for each in known)
    if not is_free or not _NAME.fullmatch(local):
        return f"<{iri}>", ()
    line = f"@prefix {prefix}: <{PREFIXES[prefix]}> ."
    later = next((each for each in known if each.name > prefix), None)
    if later is None:
        return short, (Edit(file.name, known[-1].end, known[-1].end, f"\n{line}"),)
    return short, (Edit(file.name, later.start, later.start, f"{line}\n"),)


def as_written(findings: Iterable[Finding], files: Iterable[SourceFile]) -> list[Finding]:
    """Return findings with their places in the files as they are on disk."""
    corrected = {file.name: file for file in files if isinstance(file, Corrected)}
    return [
        each
        if (file := corrected.get(each.path)) is None
        else _moved(each, file.corrections, file, file.original)
        for each in findings
    ]


def _moved(
    found: Finding, corrections: tuple[Correction, ...], here: SourceFile, there: SourceFile
) -> Finding:
    """Return a finding with its places in another text of the same file."""

    def place(offset: int) -> int:
        shift = 0
        for each in corrections:
            if offset < each.end:
                return min(offset + shift, each.original_end)
            shift = each.original_end - each.end
        return offset + shift

    def placed(where: Span) -> Span:
        if where.path != here.name:
            return where
        start = place(here.lines.offset(where.line, where.column))
        end = place(here.lines.offset(where.end_line, where.end_column))
        return span(there, start, end)

    fixes = tuple(
        replace(
            fix,
            edits=tuple(
                replace(edit, start=place(edit.start), end=place(edit.end))
                if edit.path == here.name
                else edit
                for edit in fix.edits
            ),
        )
        for fix in found.fixes
    )
    related = tuple(replace(each, span=placed(each.span)) for each in found.related)
    return replace(found, span=placed(found.span), related=related, fixes=fixes)


@dataclass(frozen=True)
class _Uses:
    """The prefixes that names of a file have, besides the names at some offsets."""

    file: SourceFile
    declared: frozenset[int]

    def __contains__(self, name: str) -> bool:
        text, sought = self.file.text, f"{name}:"
        if self._has_long:
            return sought in text and any(
                token.text.startswith(sought)
                for token in self.file.reading.tokens
                if token.kind == "name" and token.start not in self.declared
            )
        at = text.find(sought)
        while at >= 0:
            before = text[at - 1 : at]
            if at not in self.declared and not (before.isalnum() or before == "_"):
                start, end = self._line(at)
                for token in turtle.lex(text[start:end]):
                    is_name = token.kind == "name" and token.text.startswith(sought)
                    if is_name and start + token.start not in self.declared:
                        return True
            at = text.find(sought, at + 1)
        return False

    @cached_property
    def _has_long(self) -> bool:
        """Whether some string may go over several lines, so that a line alone proves nothing."""
        return any(quotes in self.file.text for quotes in _LONG)

    @cached_property
    def _breaks(self) -> list[str]:
        return [sign for sign in "\n\r" if sign in self.file.text]

    def _line(self, at: int) -> tuple[int, int]:
        """Return where the line of an offset begins and ends."""
        text = self.file.text
        ends = (end for sign in self._breaks if (end := text.find(sign, at)) >= 0)
        start = max((text.rfind(sign, 0, at) for sign in self._breaks), default=-1) + 1
        return start, min(ends, default=len(text))


@cache
def _meant() -> dict[str, str]:
    """Return the namespaces of the project by what is left of them where spelling may differ."""
    known = {_bare(iri): iri for iri in PREFIXES.values()}
    return known | {"wikidata.org/wiki": PREFIXES["wd"]}


def _bare(iri: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", iri.lower()).rstrip("#/")


def _mistake(declared: Prefix) -> _Mistake | None:
    iri = declared.iri
    same = _meant().get(_bare(iri), iri)
    right = PREFIXES.get(declared.name, same)
    if iri == right:
        return None
    if same != right:
        return _Mistake("other", right)
    scheme, _, rest = iri.partition("://")
    right_scheme, _, right_rest = right.partition("://")
    if rest == right_rest:
        return _Mistake("scheme", right)
    if scheme == right_scheme and rest.removeprefix("www.") == right_rest.removeprefix("www."):
        return _Mistake("host", right)
    if scheme == right_scheme and rest.rstrip("#/") == right_rest.rstrip("#/"):
        return _Mistake("end", right)
    return _Mistake("spelling", right)


def _misspelt(
    file: SourceFile, each: Prefix, mistake: _Mistake, shapes: Mapping[str, str]
) -> Finding:
    start = each.iri_at
    end = file.text.index(">", start) + 1
    right = f"<{mistake.right}>"
    title = Text(f"write {right}", f"rašykite {right}", f"napišite {right}")
    is_safe = mistake.variant != "other"
    place = span(file, start, end)
    fixes = (Fix(title, (Edit(file.name, start, end, right),), is_safe),)
    args = {"prefix": each.name, "found": each.iri, "right": mistake.right}
    if mistake.variant not in ("scheme", "host") and not each.iri.endswith("/wiki/"):
        return finding("NMS03", mistake.variant, place, args, found=each.iri, fixes=fixes)
    rule = catalogue.of_shapes(shapes.values())[_SPELT]
    said = Text.of(
        {
            language: re.sub(r"\{[?$]value\}", f"<{each.iri}>", words)
            for language in LANGUAGES
            if (words := rule.said.in_language(language))
        }
    )
    return Finding(rule.code, rule.severity, place, said, found=each.iri, help=title, fixes=fixes)


def _repeated(
    file: SourceFile, declared: list[Prefix], wrong: Mapping[Prefix, _Mistake]
) -> Iterator[Finding]:
    first: dict[str, Prefix] = {}
    for each in declared:
        earlier = first.setdefault(each.name, each)
        if earlier is each or each in wrong:
            continue
        related = (Related(span(file, earlier.start, earlier.end), _FIRST),)
        place = span(file, each.start, each.end)
        args = {"prefix": each.name, "first": earlier.iri, "second": each.iri}
        if each.iri == earlier.iri:
            fixes = (_deletion(file, each),)
            yield finding("NMS04", "again", place, args, related=related, fixes=fixes)
        elif earlier not in wrong:
            yield finding("NMS05", "other", place, args, related=related)


def _idle(file: SourceFile, declared: list[Prefix], unused: set[str]) -> Iterator[Finding]:
    names: set[str] = set()
    for each in declared:
        if each.name in unused and each.name not in names:
            names.add(each.name)
            args = {"prefix": each.name}
            place = span(file, each.start, each.end)
            yield finding(
                "NMS02", "idle", place, args, found=f"{each.name}:", fixes=(_deletion(file, each),)
            )


def _deletion(file: SourceFile, each: Prefix) -> Fix:
    head = turtle.Reading(file.text, tuple(turtle.lex(file.text[: each.end])))
    changes = Removal(head).of_characters(each.start, each.end)
    return Fix(_DELETE, tuple(Edit(file.name, *change) for change in changes), is_safe=True)


def _corrected(file: SourceFile, meant: Mapping[Prefix, str]) -> Corrected:
    parts: list[str] = []
    corrections: list[Correction] = []
    position = length = 0
    for each, right in sorted(meant.items(), key=lambda item: item[0].iri_at):
        start, end = each.iri_at + 1, file.text.index(">", each.iri_at)
        length += start - position
        parts += [file.text[position:start], right]
        corrections.append(Correction(length, length + len(right), start, end))
        length += len(right)
        position = end
    text = "".join((*parts, file.text[position:]))
    return Corrected(file.name, file.path, file.graph, text, file, tuple(corrections))
