"""Remedies: for a finding of the shapes, the edits that mend it, where they can be worked out.

A fix is safe where it can only be right: white space that nobody sees, a date of which only the
form is wrong. What needs somebody to look, such as the name that was meant, is offered and not
made unasked. Contact data is never repeated: its fix deletes and says no more.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg import turtle
from kg.check.declarations import meant_namespace, named
from kg.check.nearest import Known
from kg.check.removal import Removal
from kg.dataset import SourceFile
from kg.findings import Edit, Finding, Fix, Text
from kg.namespaces import PREFIXES, SKOS, XSD, shorten
from kg.terms import Term
from kg.turtle import Statement

_ALT: Final = SKOS + "altLabel"
_CC: Final = PREFIXES["cc"]
_NUTS: Final = PREFIXES["nuts"]
_LAT: Final = PREFIXES["wgs"] + "lat"
_LONG: Final = PREFIXES["wgs"] + "long"

_GAPS: Final = re.compile("[\t\n\x0b\x0c\r\x85\xa0\u2000-\u200a\u2028\u2029\u202f\u205f ]+")
_UNSEEN: Final = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_BETWEEN: Final = re.compile(r"\w\u200b\w")  # may be a space that was lost
_HASH: Final = re.compile(r"[0-9A-Fa-f]{64}")
_REGION: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{3}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,3}([.,][0-9]+)?")
_LOCAL: Final = re.compile(r"([0-9]{1,2})[./-] ?([0-9]{1,2})[./-] ?([0-9]{4})")
_ORDERED: Final = re.compile(r"([0-9]{4})[./-] ?([0-9]{1,2})[./-] ?([0-9]{1,2})")

# Rules whose fix writes another name wherever the wrong one stands, in every file.
RENAMING: Final = frozenset({"NSP01", "PLC02", "REF01", "REF02", "RET01", "VOC01"})

# Letters of Greek and Cyrillic that look like a Latin one.
_ALIKE: Final = str.maketrans(
    "АВЕКМНОРСТУХІЈЅасеорухіјѕԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTYXIJSaceopyxijsdhABEZHIKMNOPTYXo",
)


@dataclass(frozen=True)
class _Value:
    """A value of a statement, and the file that it stands in."""

    file: SourceFile
    statement: Statement

    @property
    def term(self) -> Term:
        return self.statement.object

    @property
    def text(self) -> str:
        return self.file.text[self.statement.object_at : self.statement.object_end]

    def written(self, text: str) -> Edit:
        """Return the edit that puts something else in its place."""
        return Edit(self.file.name, self.statement.object_at, self.statement.object_end, text)

    def renamed(self, iri: str) -> tuple[Edit, ...]:
        """Return the edits that put a name in its place."""
        name, declared = named(self.file, iri)
        return self.written(name), *declared


Remedy = Iterator[Fix | Text]  # ways to mend a finding, and what to say of it


def with_fixes(
    findings: Iterable[Finding], files: Iterable[SourceFile], known: Callable[[], Known]
) -> list[Finding]:
    """Return findings with the fixes that can be worked out for them.

    Args:
        findings: Of the shapes; those that have fixes keep them.
        files: Where they are.
        known: Gives all that is described; is asked only where something may have been misspelt.
    """
    given = list(findings)
    by_name = {file.name: file for file in files}
    ill = [each for each in given if _remedy(each) and not each.fixes and each.path in by_name]
    if not ill:
        return given
    doctor = _Doctor(by_name, cache(known), ill)
    treated = {id(each): doctor.treated(each) for each in ill}
    return [treated.get(id(each), each) for each in given]


def _remedy(found: Finding) -> "Callable[[_Doctor, Finding], Remedy] | None":
    return _REMEDIES.get(found.code) or _REMEDIES.get(found.code[:3])


class _Index(NamedTuple):
    """The statements of a file that have to do with findings, by place and by what they mention."""

    at: dict[int, list[Statement]]
    mentioning: dict[Term, list[Statement]]


@dataclass(frozen=True)
class _Doctor:
    """Works out remedies; each file is gone through once, whatever the number of findings."""

    files: dict[str, SourceFile]
    known: Callable[[], Known]
    ill: list[Finding]

    def treated(self, found: Finding) -> Finding:
        remedy = _remedy(found)
        said = [] if remedy is None else list(remedy(self, found))
        return replace(
            found,
            fixes=tuple(each for each in said if isinstance(each, Fix)),
            help=next((each for each in said if isinstance(each, Text)), found.help),
        )

    # --- What stands where

    @cached_property
    def _sought(self) -> frozenset[Term]:
        """The things that findings are about."""
        names = {iri for each in self.ill for iri in (each.focus, _iri(each.value)) if iri}
        return frozenset(ox.NamedNode(iri) for iri in names)

    @cached_property
    def _indexes(self) -> dict[str, _Index]:
        return {}

    def _index(self, file: SourceFile) -> _Index:
        if file.name in self._indexes:
            return self._indexes[file.name]
        found = self._indexes[file.name] = _Index({}, {})
        places = {_start(file, each) for each in self.ill if each.path == file.name}
        if not places and not self._may_mention(file):
            return found
        sought = self._sought
        for each in file.statements:
            if not places.isdisjoint((each.subject_at, each.predicate_at, each.object_at)):
                for at in {each.subject_at, each.predicate_at, each.object_at} & places:
                    found.at.setdefault(at, []).append(each)
            for term in each[:3]:
                if term in sought:
                    found.mentioning.setdefault(term, []).append(each)
        return found

    def _may_mention(self, file: SourceFile) -> bool:
        """Tell whether a file may mention something that a finding is about, by its text."""
        names = {re.split("[/#]", str(term.value))[-1] for term in self._sought}
        return "\\" in file.text or any(name in file.text for name in names)

    def value(self, found: Finding) -> _Value | None:
        """Return the value that a finding is at."""
        file = self.files[found.path]
        start = _start(file, found)
        at = (each for each in self._index(file).at.get(start, ()) if each.object_at == start)
        return next((_Value(file, each) for each in at), None)

    def values(self, subject: str, path: str) -> list[_Value]:
        """Return what the files say of a property of a thing that a finding is about.

        Nothing for a blank node, which has no name to find it by.
        """
        if not subject:
            return []
        node = ox.NamedNode(subject)
        return [
            _Value(file, each)
            for file in self.files.values()
            for each in self._index(file).mentioning.get(node, ())
            if each.predicate.value == path and each.subject == node
        ]

    def mentions(self, iri: str, path: str = "") -> Iterator[tuple[SourceFile, int, int]]:
        """Yield the places of a name; only as the value of a property, where one is given."""
        node = ox.NamedNode(iri)
        for file in self.files.values():
            places = set()
            for each in self._index(file).mentioning.get(node, ()):
                if each.object == node and path in ("", each.predicate.value):
                    places.add((each.object_at, each.object_end))
                if not path and each.predicate == node:
                    places.add((each.predicate_at, each.predicate_end))
                if not path and each.subject == node:
                    places.add((each.subject_at, each.subject_end))
            yield from ((file, *place) for place in sorted(places))

    def renamed(self, iri: str, right: str, path: str = "") -> tuple[Edit, ...]:
        """Return the edits that write another name wherever one stands."""
        edits: dict[Edit, None] = {}
        for file, start, end in self.mentions(iri, path):
            name, declared = named(file, right)
            edits |= dict.fromkeys((Edit(file.name, start, end, name), *declared))
        # In one order, whichever file was read first: a partial check reads them in another.
        return tuple(sorted(edits, key=lambda edit: (edit.path, edit.start, edit.end)))

    # --- Remedies

    def meant(self, found: Finding) -> Remedy:
        """A name that nothing describes: the nearest one."""
        wrong = _iri(found.value)
        if wrong is None:
            return
        known = self.known()
        right = known.nearest_term(wrong) if found.code == "VOC01" else known.nearest(wrong)
        if right is None or right == wrong:
            return
        label = known.label(right) if found.code != "VOC01" else ""
        yield _meant(shorten(right) + (f" “{label}”" if label else ""))
        path = found.property if found.code == "PLC02" else ""
        edits = self.renamed(wrong, right, path)
        yield Fix(_write(shorten(right)), edits)

    def spelt(self, found: Finding) -> Remedy:
        """A name in a namespace that is spelt otherwise."""
        wrong = _iri(found.value)
        right = None if wrong is None else meant_namespace(wrong)
        if wrong is not None and right is not None:
            is_safe = "/wiki/" not in wrong
            yield Fix(_write(shorten(right)), self.renamed(wrong, right), is_safe)

    def successor(self, found: Finding) -> Remedy:
        """A reference to a withdrawn or a retired thing: what replaces it."""
        old = _iri(found.value)
        new = None if old is None else self.known().successor(old)
        if old is not None and new is not None:
            edits = self.renamed(old, new, found.property)
            yield Fix(_write(shorten(new)), edits)

    def end_of_chain(self, found: Finding) -> Remedy:
        """A successor that is retired itself: what replaces that."""
        value, old = self.value(found), _iri(found.value)
        new = None if old is None else self.known().successor(old)
        if value is not None and new is not None:
            yield Fix(_write(shorten(new)), value.renamed(new), is_safe=True)

    def label(self, found: Finding) -> Remedy:
        """A label with signs that nobody sees."""
        value = self.value(found)
        if value is None or not isinstance(value.term, ox.Literal):
            return
        old = value.term.value
        new = _GAPS.sub(" ", _UNSEEN.sub("", old)).strip(" ")
        if new and new != old:
            title = Text(
                "keep plain spaces only", "palikite tik paprastus tarpus", "pustite le presledke"
            )
            edit = value.written(literal(new) + _tail(value))
            yield Fix(title, (edit,), is_safe=_BETWEEN.search(old) is None)

    def tag(self, found: Finding) -> Remedy:
        """A label with a language tag that is not on the list."""
        value = self.value(found)
        if value is None or not isinstance(value.term, ox.Literal) or not value.term.language:
            return
        from langcodes import standardize_tag

        tail = _tail(value)
        right = f"@{standardize_tag(value.term.language)}"
        if right.lower() != tail.lower():
            edit = value.written(value.text.removesuffix(tail) + right)
            yield Fix(_write(right), (edit,))

    def second_label(self, found: Finding) -> Remedy:
        """A second main label in one language: another label."""
        value = self.value(found)
        if value is None:
            return
        edits = _as_other_label(value)
        title = Text(
            "make it a skos:altLabel", "padarykite skos:altLabel", "spremenite v skos:altLabel"
        )
        if edits:
            yield Fix(title, edits)

    def repeated(self, found: Finding) -> Remedy:
        """A name that is main label and other label: it stays the main one."""
        for value in self.values(found.focus, _ALT):
            if str(value.term) == found.value:
                edits = _without(value)
                title = Text(
                    "delete the skos:altLabel",
                    "ištrinkite skos:altLabel",
                    "izbrišite skos:altLabel",
                )
                if edits:
                    yield Fix(title, edits, is_safe=True)
                return

    def hash(self, found: Finding) -> Remedy:
        """A hash in capitals."""
        value = self.value(found)
        if value is not None and _HASH.fullmatch(value.term.value):
            text = literal(value.term.value.lower())
            title = Text("write small letters", "rašykite mažosiomis", "napišite z malimi črkami")
            yield Fix(title, (value.written(text + _tail(value)),), is_safe=True)

    def country(self, found: Finding) -> Remedy:
        """A country as text, in small letters, with https, or misspelt."""
        value = self.value(found)
        if value is None:
            return
        if isinstance(value.term, ox.Literal):
            right = self.known().country(value.term.value)
            if right is not None:
                yield Fix(_write(shorten(right)), value.renamed(right))
            return
        iri = meant_namespace(value.term.value) or value.term.value
        upper = _CC + iri.removeprefix(_CC).upper()
        if iri.startswith(_CC) and self.known().is_described(upper):
            yield Fix(_write(shorten(upper)), value.renamed(upper), is_safe=True)
        else:
            yield from self.meant(found)

    def region(self, found: Finding) -> Remedy:
        """A region in small letters, with https, or as text."""
        value = self.value(found)
        if value is None:
            return
        text = value.term.value
        code = (meant_namespace(text) or text).removeprefix(_NUTS).upper()
        if _REGION.fullmatch(code):
            is_safe = isinstance(value.term, ox.NamedNode)
            yield Fix(_write(shorten(_NUTS + code)), value.renamed(_NUTS + code), is_safe)

    def coordinate(self, found: Finding) -> Remedy:
        """A coordinate with a comma, or as text."""
        value = self.value(found)
        if value is None or not isinstance(value.term, ox.Literal):
            return
        text = value.term.value.strip()
        if _DECIMAL.fullmatch(text):
            number = text.replace(",", ".")
            number = number if "." in number else f"{number}.0"
            if number != value.text:
                yield Fix(_write(number), (value.written(number),), is_safe=True)

    def swapped(self, found: Finding) -> Remedy:
        """Latitude and longitude in each other's place."""
        ways = self.values(found.focus, _LAT), self.values(found.focus, _LONG)
        if len(ways[0]) == len(ways[1]) == 1:
            (latitude,), (longitude,) = ways
            edits = (latitude.written(longitude.text), longitude.written(latitude.text))
            title = Text("swap the two", "sukeiskite vietomis", "zamenjajte ju")
            yield Fix(title, edits)

    def day(self, found: Finding) -> Remedy:
        """A date in another form."""
        value = self.value(found)
        if value is None or not isinstance(value.term, ox.Literal):
            return
        readings, is_safe = _readings(value.term.value.strip())
        for reading in readings:
            kind = ("gYear", "gYearMonth", "date")[reading.count("-")]
            name, declared = named(value.file, XSD + kind)
            text = f'"{reading}"^^{name}'
            if text != value.text:
                title = _write(f'"{reading}"^^xsd:{kind}')
                yield Fix(title, (value.written(text), *declared), is_safe)

    def private(self, found: Finding) -> Remedy:
        """Contact data: it goes."""
        said = self.values(found.focus, found.property)
        if found.code != "PRV01":
            is_address = found.code == "PRV04"
            said = [v for v in said if isinstance(v.term, ox.NamedNode) == is_address]
            said = said if len(said) == 1 else []
        title = Text("delete it", "ištrinkite", "izbrišite")
        for value in said[:1]:
            edits = _without(value)
            if edits:
                yield Fix(title, edits)

    def letters(self, found: Finding) -> Remedy:
        """Look-alike letters in a word."""
        value = self.value(found)
        word = found.found.translate(_ALIKE)
        if value is not None and word.isascii() and found.found in value.text:
            edit = value.written(value.text.replace(found.found, word))
            yield Fix(_write(word), (edit,))


_REMEDIES: Final[dict[str, Callable[[_Doctor, Finding], Remedy]]] = {
    "LBL02": _Doctor.tag,
    "LBL03": _Doctor.second_label,
    "LBL04": _Doctor.label,
    "LBL05": _Doctor.repeated,
    "LBL06": _Doctor.tag,
    "LBL07": _Doctor.label,
    "NSP01": _Doctor.spelt,
    "PLC02": _Doctor.country,
    "PLC03": _Doctor.region,
    "PLC04": _Doctor.coordinate,
    "PLC05": _Doctor.coordinate,
    "PLC07": _Doctor.swapped,
    "PRV": _Doctor.private,
    "REF01": _Doctor.meant,
    "REF02": _Doctor.successor,
    "RET01": _Doctor.successor,
    "RET03": _Doctor.end_of_chain,
    "SPN05": _Doctor.hash,
    "SRC01": _Doctor.hash,
    "TIM01": _Doctor.day,
    "TIM02": _Doctor.day,
    "TIM03": _Doctor.day,
    "TIM04": _Doctor.day,
    "TIM05": _Doctor.day,
    "TIM07": _Doctor.day,
    "TXT05": _Doctor.letters,
    "VOC01": _Doctor.meant,
}


def literal(value: str) -> str:
    r"""Return a text as a string of Turtle, without language or datatype.

    >>> print(literal('a "b"\n'))
    "a \"b\"\n"
    """
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(signs.get(sign, sign) for sign in value) + '"'


def _readings(text: str) -> tuple[list[str], bool]:
    """Return the dates that a text may stand for, and whether there is no doubt."""
    if match := _ORDERED.fullmatch(text):
        days = _days((match[1], match[2], match[3]))
        return days, bool(days)
    if match := _LOCAL.fullmatch(text):
        days = _days((match[3], match[2], match[1]), (match[3], match[1], match[2]))
        return days, False
    if re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2]))?", text):
        return [text], True
    if zoned := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})", text):
        return _days(tuple(zoned[1].split("-"))), False
    return [], False


def _days(*parts: tuple[str, ...]) -> list[str]:
    """Return those of some years, months and days that the calendar has."""
    found: list[str] = []
    for each in parts:
        try:
            day = date(*(int(part) for part in each)).isoformat()
        except ValueError:
            continue
        if day not in found:
            found.append(day)
    return found


def _as_other_label(value: _Value) -> tuple[Edit, ...]:
    """Return the edits that make one of several main labels another label."""
    file, each = value.file, value.statement
    name, declared = named(file, _ALT)
    marks = [token for token in file.reading.tokens if token.kind != "comment"]
    starts = [token.start for token in marks]
    first = starts.index(each.object_at)
    before = marks[first - 1]
    if before.start == each.predicate_at:
        if file.text[each.object_end :].lstrip().startswith(","):
            return ()
        return Edit(file.name, each.predicate_at, each.predicate_end, name), *declared
    line = file.text[: each.predicate_at].rpartition("\n")[2]
    indent = line if not line.strip() else "    "
    last = first
    while marks[last + 1].text not in (",", ";", ".", "]"):
        last += 1
    if marks[last + 1].text != ",":
        gap = file.text[before.end : each.object_at]
        if not gap.strip():
            start = len(file.text[: before.start].rstrip(" \t"))
            text = f" ;\n{indent}{name} "
            return Edit(file.name, start, each.object_at, text), *declared
        return (
            Edit(file.name, before.start, before.end, ";"),
            Edit(file.name, each.object_at, each.object_at, f"{name} "),
            *declared,
        )
    removed = _without(value)
    while marks[last + 1].text not in (";", ".", "]"):
        last += 1
    end = marks[last].end
    text = f" ;\n{indent}{name} {value.text}"
    return *removed, Edit(file.name, end, end, text), *declared


def _without(value: _Value) -> tuple[Edit, ...]:
    changes = Removal(value.file.reading).of(value.statement) or ()
    return tuple(Edit(value.file.name, *change) for change in changes)


def _tail(value: _Value) -> str:
    """Return the language or the datatype of a literal, as it is written."""
    first = next(turtle.lex(value.text))
    return value.text[first.end :]


def _start(file: SourceFile, found: Finding) -> int:
    return file.lines.offset(found.line, found.column)


def _iri(value: str) -> str | None:
    return value[1:-1] if value.startswith("<") and value.endswith(">") else None


def _write(text: str) -> Text:
    return Text(f"write {text}", f"rašykite {text}", f"napišite {text}")


def _meant(text: str) -> Text:
    return Text(f"did you mean {text}?", f"gal norėjote {text}?", f"ste mislili {text}?")
