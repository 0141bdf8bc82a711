"""From a result of validation to a finding: which characters of which file are at fault.

A result names a focus node, a property and a value. Where they lead:

    a value                    the value, where the focus node has it; the same in another file is
                               a related place
    too many values            the second value; the first one is a related place
    two texts in one language  the second of them; the first one is a related place
    a property not allowed     the property
    order, difference          the value; the value that it is compared with is a related place
    too few values             the focus node; where to add the line is a related place
    a path turned round        the focus node; the things that point at it are related places
    a query                    its ?path and ?value, where the focus node has them, else the focus
                               node; another thing or value that the query names is a related place

The rule itself is the last related place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.check.catalogue import Catalogue, Rule
from kg.check.places import NOWHERE, Place, Places, Said
from kg.check.shapes import ShapeResult
from kg.dataset import SourceFile
from kg.findings import LANGUAGES, Finding, Related, Text
from kg.namespaces import SH, SHAPES, XSD, shorten
from kg.terms import Term

_SHOWN: Final = 60  # characters of a value that a finding repeats
_MANY: Final = 10  # related places of one kind
_DIGITS: Final = 8  # a value with more digits may be a telephone number and is not repeated

_TOO_MANY: Final = SH + "MaxCountConstraintComponent"
_TOO_FEW: Final = (
    SH + "MinCountConstraintComponent",
    SH + "QualifiedMinCountConstraintComponent",
    SH + "HasValueConstraintComponent",
)
_IRI: Final = re.compile(r"https?://[^\s<>,;]+")
_NEVER: Final = re.compile(r"(?!)")
_BARE: Final = {  # literals that are written without quotation marks
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "integer": re.compile(r"[+-]?\d+"),
    XSD + "decimal": re.compile(r"[+-]?\d*\.\d+"),
}
_LANGUAGE: Final = SH + "UniqueLangConstraintComponent"
_CLOSED: Final = SH + "ClosedConstraintComponent"
_QUERY: Final = SH + "SPARQLConstraintComponent"
_COMPARED: Final = {
    SH + "LessThanConstraintComponent": "lessThan",
    SH + "LessThanOrEqualsConstraintComponent": "lessThanOrEquals",
    SH + "DisjointConstraintComponent": "disjoint",
    SH + "EqualsConstraintComponent": "equals",
}

_FIRST: Final = Text("the first one", "pirmoji reikšmė", "prva vrednost")
_OTHER: Final = Text("the other one", "kita reikšmė", "druga vrednost")
_ADD: Final = Text("add it after this line", "pridėkite po šios eilutės", "dodajte za to vrstico")
_ALSO: Final = Text("here too", "ir čia", "tudi tukaj")
_POINTS: Final = Text("this points here", "nuoroda iš čia", "sklic od tod")
_CONCERNED: Final = Text("this is the other thing", "tai kitas dalykas", "to je druga stvar")
_RULE: Final = Text("the rule", "taisyklė", "pravilo")


@dataclass(frozen=True)
class Locator:
    """Finds the places of results.

    Attributes:
        places: Of the data.
        catalogue: The rules.
        shapes: The shapes files.
    """

    places: Places
    catalogue: Catalogue
    shapes: tuple[SourceFile, ...]

    def findings(self, result: ShapeResult) -> Iterator[Finding]:
        """Yield the findings that a result is, each at its place.

        A result on texts in one language does not say in which: each such language is a finding.
        """
        if result.component == _LANGUAGE and result.path is not None and result.focus is not None:
            pairs = [*_same_language(self.places.values(result.focus, result.path))]
            for first, second in pairs:
                yield self._finding(result, second, [Related(first.span, _FIRST)])
            if pairs:
                return
        yield self._finding(result, *self._located(result))

    def _finding(self, result: ShapeResult, place: Place | None, related: list[Related]) -> Finding:
        rule = self.catalogue[result.code]
        about = result.value if result.focus is None else result.focus
        focus = about if isinstance(about, ox.NamedNode) else None
        is_private = _is_private(result)
        return Finding(
            result.code,
            result.severity,
            NOWHERE if place is None else place.span,
            _said(rule, result),
            found="" if is_private else _found(result),
            help=rule.help,
            focus="" if focus is None else focus.value,
            property="" if result.path is None else result.path.value,
            value="" if is_private or result.value is None else str(result.value),
            component=result.component,
            related=(*related, *self._rule(result.code)),
        )

    def _located(self, result: ShapeResult) -> tuple[Place | None, list[Related]]:
        focus, path, value = result.focus, result.path, result.value
        if focus is None:
            place, also = (None, []) if value is None else self._of_dataset(value, path)
            return place, [*also, *self._concerned(result, place)]
        if result.component == _TOO_MANY and path is not None and value is None:
            different = _different(self.places.values(focus, path))
            if len(different) > 1:
                return different[1].object, [Related(different[0].object.span, _FIRST)]
        if result.component == _CLOSED and path is not None:
            for said in self.places.values(focus, path):
                if said.statement.object == value:
                    return said.predicate, []
        if result.component in _TOO_FEW and value is None:
            return self._missing(focus)
        place = self.places.find(focus, path, value)
        return place, [*self._others(result, place)]

    def _of_dataset(
        self, value: Term, path: ox.NamedNode | None
    ) -> tuple[Place | None, list[Related]]:
        """Return the places of a result of a rule on all data: its ?value is what is at fault."""
        pointing = [] if path is None else self.places.pointing(path, value)
        if path is not None and pointing and not self.places.values(value, path):
            first, *others = pointing
            return first.object, [Related(said.object.span, _ALSO) for said in others[:_MANY]]
        return self.places.find(value, path), []

    def _missing(self, focus: Term) -> tuple[Place | None, list[Related]]:
        place = self.places.described(focus) or self.places.find(focus)
        if place is None or not self.places.about(focus):
            return place, []
        here = [said for said in self.places.about(focus) if said.file is place.file]
        block = [said for said in here if said.subject.start == place.start]
        last = max(block, key=lambda said: said.object.end).object
        blocks = place.file.reading.blocks if place.text != "[" else []
        ends = [each.end for each in blocks if each.subject_at == place.start]
        for token in place.file.reading.tokens if ends else ():
            is_sign = token.kind == "punctuation" and token.text in ".;,"
            if last.end <= token.start < ends[0] and token.kind != "comment" and not is_sign:
                last = Place(place.file, token.start, token.end)  # a bracket that closes
        line, _ = place.file.lines.at(last.end)
        said = Text(
            *(f"{_ADD.in_language(language)} ({line})" for language in LANGUAGES),
        )
        return place, [Related(last.span, said)]

    def _others(self, result: ShapeResult, place: Place | None) -> Iterator[Related]:
        focus = result.focus
        if focus is None or place is None:
            return
        other = _COMPARED.get(result.component)
        if other is not None:
            for path in self._compared(result.code, other):
                for said in self.places.values(focus, path)[:1]:
                    yield Related(said.object.span, _OTHER)
        elif result.path is None and (inverse := self._inverse(result.code)) is not None:
            for said in self.places.pointing(inverse, focus)[:_MANY]:
                yield Related(said.subject.span, _POINTS)
        elif result.component == _QUERY:
            yield from self._concerned(result, place)
            yield from self._named_values(result, place)
        if result.path is not None and result.value is not None:
            for said in self.places.values(focus, result.path):
                if said.statement.object == result.value and said.object != place:
                    yield Related(said.object.span, _ALSO)

    def _concerned(self, result: ShapeResult, place: Place | None) -> Iterator[Related]:
        """Yield the other things that a query names, as its ?value or in its message."""
        named = [result.value] if isinstance(result.value, ox.NamedNode) else []
        for message in result.messages[:1]:
            named += [ox.NamedNode(iri) for iri in _IRI.findall(message.value)]
        about = result.value if result.focus is None else result.focus
        for thing in dict.fromkeys(named):
            there = self.places.described(thing)
            if thing != about and there is not None and there != place:
                yield Related(there.span, _CONCERNED)

    def _named_values(self, result: ShapeResult, place: Place) -> Iterator[Related]:
        """Yield the other values of the focus node that the message of a query names."""
        if result.focus is None:
            return
        named = {
            filled
            for message in result.messages[:1]
            for like in (_like(self.catalogue[result.code], message.language or "en"),)
            if (match := like.fullmatch(message.value.removeprefix(f"{result.code}: ")))
            for filled in match.groups()
        }
        for said in self.places.about(result.focus):
            value = said.statement.object
            is_other = value != result.value and said.statement.predicate != result.path
            if isinstance(value, ox.Literal) and is_other and value.value in named:
                yield Related(said.object.span, _OTHER)

    def _compared(self, code: str, word: str) -> Iterator[ox.NamedNode]:
        rule, prop = ox.NamedNode(SHAPES + code), ox.NamedNode(SH + word)
        for said in self._shape_places.values(rule, prop):
            if isinstance(said.statement.object, ox.NamedNode):
                yield said.statement.object

    def _inverse(self, code: str) -> ox.NamedNode | None:
        """Return the property that a rule follows backwards; not every engine says it."""
        path, inverse = ox.NamedNode(SH + "path"), ox.NamedNode(SH + "inversePath")
        for said in self._shape_places.values(ox.NamedNode(SHAPES + code), path):
            for back in self._shape_places.values(said.statement.object, inverse):
                if isinstance(back.statement.object, ox.NamedNode):
                    return back.statement.object
        return None

    def _rule(self, code: str) -> Iterator[Related]:
        place = self._shape_places.described(ox.NamedNode(SHAPES + code))
        if place is not None:
            yield Related(place.span, _RULE)

    @cached_property
    def _shape_places(self) -> Places:
        return Places(self.shapes)


def _different(said: list[Said]) -> list[Said]:
    """Return the first statement of each value; another file may make the same."""
    first: dict[Term, Said] = {}
    for each in said:
        first.setdefault(each.statement.object, each)
    return list(first.values())


def _same_language(said: list[Said]) -> Iterator[tuple[Place, Place]]:
    """Yield the first two texts of each language that has several."""
    found: dict[str, list[Place]] = {}
    for each in _different(said):
        term = each.statement.object
        if isinstance(term, ox.Literal) and term.language:
            found.setdefault(term.language, []).append(each.object)
    for places in found.values():
        if len(places) > 1:
            yield places[0], places[1]


def _said(rule: Rule, result: ShapeResult) -> Text:
    """Return what the engine says, by language.

    The tag of a message that a query fills in is lost on the way, so that its template tells.
    """
    words = {}
    for language in LANGUAGES:
        like = _like(rule, language)
        for message in result.messages:
            text = message.value.removeprefix(f"{rule.code}: ")
            if message.language == language or (not message.language and like.fullmatch(text)):
                words[language] = _readable(text)
    if "en" not in words and result.messages:
        words["en"] = _readable(result.messages[0].value.removeprefix(f"{rule.code}: "))
    return Text.of(words)


def _like(rule: Rule, language: str) -> re.Pattern[str]:
    """Return a pattern for what a rule says in a language, with a group for each gap in it."""
    template = rule.said.in_language(language)
    return re.compile(
        "".join(
            "((?s:.*))" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[?$]\w+\})", template)
        )
    )


def _readable(message: str) -> str:
    shown = re.sub(rf"<?({_IRI.pattern})>?", lambda match: shorten(match[1]), message)
    return " ".join(shown.split())


def _found(result: ShapeResult) -> str:
    """Say which value was found; contact data is never repeated."""
    if result.focus is None or result.value is None or result.value == result.focus:
        return ""
    if result.component == _QUERY and result.path is None:  # another thing, at another place
        return ""
    if isinstance(result.value, ox.BlankNode):
        return "[]"
    if isinstance(result.value, ox.NamedNode):
        return shorten(result.value.value)
    if _BARE.get(result.value.datatype.value, _NEVER).fullmatch(result.value.value):
        return result.value.value
    text = re.sub(r"\^\^<([^>]*)>", lambda match: f"^^{shorten(match[1])}", str(result.value))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _is_private(result: ShapeResult) -> bool:
    text = result.value.value if isinstance(result.value, ox.Literal) else ""
    return result.code.startswith("PRV") or "@" in text or len(re.findall(r"\d", text)) > _DIGITS


def rule_files(texts: dict[str, str]) -> tuple[SourceFile, ...]:
    """Return the shapes files, for their places."""
    return tuple(SourceFile(name, Path(name), SHAPES, text) for name, text in texts.items())
