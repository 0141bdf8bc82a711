"""From a result of validation to a finding: which characters of which file are at fault.

A result names a focus node, a property and a value. Where they lead:

    a value                    the value, where the focus node has it
    too many values            the second value; the first one is a related place
    two texts in one language  the second of them; the first one is a related place
    a property not allowed     the property
    order, difference          the value; the value that it is compared with is a related place
    too few values             the focus node; where to add the line is a related place
    a path turned round        the focus node; the things that point at it are related places
    a query                    its ?path and ?value, where the focus node has them, else the focus
                               node; another thing that the query names is a related place

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
from kg.namespaces import SH, SHAPES, shorten
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

    def finding(self, result: ShapeResult) -> Finding:
        """Return the finding that a result is, at its place."""
        rule = self.catalogue[result.code]
        place, related = self._located(result)
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
        if path is not None and value is None:
            said = self.places.values(focus, path)
            if result.component == _TOO_MANY and len(said) > 1:
                return said[1].object, [Related(said[0].object.span, _FIRST)]
            if result.component == _LANGUAGE and (pair := _same_language(said)):
                return pair[1], [Related(pair[0].span, _FIRST)]
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
        last = max(block, key=lambda said: said.object.end)
        line, _ = last.file.lines.at(last.object.start)
        said = Text(
            *(f"{_ADD.in_language(language)} ({line})" for language in LANGUAGES),
        )
        return place, [Related(last.object.span, said)]

    def _others(self, result: ShapeResult, place: Place | None) -> Iterator[Related]:
        focus = result.focus
        if focus is None or place is None:
            return
        other = _COMPARED.get(result.component)
        if other is not None:
            for path in self._compared(result.code, other):
                for said in self.places.values(focus, path)[:1]:
                    yield Related(said.object.span, _OTHER)
        elif result.path is None and result.inverse is not None:
            for said in self.places.pointing(result.inverse, focus)[:_MANY]:
                yield Related(said.subject.span, _POINTS)
        elif result.component == _QUERY:
            yield from self._concerned(result, place)

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

    def _compared(self, code: str, word: str) -> Iterator[ox.NamedNode]:
        rule, prop = ox.NamedNode(SHAPES + code), ox.NamedNode(SH + word)
        for said in self._shape_places.values(rule, prop):
            if isinstance(said.statement.object, ox.NamedNode):
                yield said.statement.object

    def _rule(self, code: str) -> Iterator[Related]:
        place = self._shape_places.described(ox.NamedNode(SHAPES + code))
        if place is not None:
            yield Related(place.span, _RULE)

    @cached_property
    def _shape_places(self) -> Places:
        return Places(self.shapes)


def _same_language(said: list[Said]) -> tuple[Place, Place] | None:
    first: dict[str, Place] = {}
    for each in said:
        term = each.statement.object
        if isinstance(term, ox.Literal) and term.language:
            if term.language in first:
                return first[term.language], each.object
            first[term.language] = each.object
    return None


def _said(rule: Rule, result: ShapeResult) -> Text:
    """Return what the engine says, by language.

    The tag of a message that a query fills in is lost on the way, so that its template tells.
    """
    words = {}
    for language in LANGUAGES:
        template = rule.said.in_language(language)
        like = re.compile(
            "".join(
                "(?s:.*)" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{[?$]\w+\})", template)
            )
        )
        for message in result.messages:
            text = message.value.removeprefix(f"{rule.code}: ")
            if message.language == language or (not message.language and like.fullmatch(text)):
                words[language] = _readable(text)
    if "en" not in words and result.messages:
        words["en"] = _readable(result.messages[0].value.removeprefix(f"{rule.code}: "))
    return Text.of(words)


def _readable(message: str) -> str:
    shown = re.sub(rf"<?({_IRI.pattern})>?", lambda match: shorten(match[1]), message)
    return " ".join(shown.split())


def _found(result: ShapeResult) -> str:
    """Say which value was found; contact data is never repeated."""
    if result.focus is None or result.value is None or result.value == result.focus:
        return ""
    if isinstance(result.value, ox.BlankNode):
        return "[]"
    if isinstance(result.value, ox.NamedNode):
        return shorten(result.value.value)
    text = re.sub(r"\^\^<([^>]*)>", lambda match: f"^^{shorten(match[1])}", str(result.value))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _is_private(result: ShapeResult) -> bool:
    text = result.value.value if isinstance(result.value, ox.Literal) else ""
    return result.code.startswith("PRV") or "@" in text or len(re.findall(r"\d", text)) > _DIGITS


def rule_files(texts: dict[str, str]) -> tuple[SourceFile, ...]:
    """Return the shapes files, for their places."""
    return tuple(SourceFile(name, Path(name), SHAPES, text) for name, text in texts.items())
