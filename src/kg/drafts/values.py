"""From what a curator types to a term of RDF, with the datatype that shapes and ontology demand."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from kg.dataset import Dataset
from kg.drafts.demands import TYPE, Demands
from kg.errors import UnknownNameError, UsageError
from kg.names import fold
from kg.namespaces import DCTERMS, ID, ONT, PREFIXES, RDF, RDFS, SKOS, VOC, XSD, shorten
from kg.retired import RETIRED_CLASS, SUCCESSOR
from kg.terms import Term

LANG_STRING: Final = RDF + "langString"
_EDTF: Final = PREFIXES["edtf"] + "EDTF"

_QUOTED: Final = re.compile(r'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^(\S+))?', re.DOTALL)
_TAGGED: Final = re.compile(r"(.*\S)@([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)", re.DOTALL)
_PREFIXED: Final = re.compile(r"([A-Za-z][\w-]*):([^\s/:]\S*)")
_LABELS: Final = (SKOS + "prefLabel", RDFS + "label", SKOS + "altLabel")
_GOVERNS: Final = ox.NamedNode(ONT + "governs")

# The forms of a plain value, in the order in which they are tried.
_FORMS: Final[Mapping[str, str]] = {
    XSD + "gYear": r"-?\d{4,}",
    XSD + "gYearMonth": r"-?\d{4,}-\d\d",
    XSD + "date": r"-?\d{4,}-\d\d-\d\d",
    XSD + "dateTime": r"-?\d{4,}-\d\d-\d\dT.+",
    _EDTF: r"\[?\d{4}.*",
    XSD + "boolean": r"true|false",
    XSD + "integer": r"[+-]?\d+",
    XSD + "nonNegativeInteger": r"\+?\d+",
    XSD + "decimal": r"[+-]?(\d+(\.\d+)?|\.\d+)",
    XSD + "duration": r"-?P\w+",
    XSD + "anyURI": r"\S+:\S+",
}


@dataclass(frozen=True)
class Values:
    """Reads values.

    Attributes:
        demands: What shapes and ontology ask of a property.
        dataset: Where the things are that a value may name.
        language: Of text without a tag; empty where every text has to have one.
    """

    demands: Demands
    dataset: Dataset
    language: str = ""

    def property(self, name: str) -> str:
        """Return the IRI of a property: a prefixed name, or a local name of the ontology.

        Raises:
            UnknownNameError: Neither the ontology nor a shape knows it; names the nearest.
        """
        iri = expand(name) or (name if re.match(r"https?://", name) else ONT + name)
        if self.demands.is_known(iri) or iri in self._used:
            return iri
        known = [shorten(each) for each in self.demands.known()]
        near = get_close_matches(shorten(iri), known, n=3, cutoff=0.6)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownNameError(f"there is no property {name}{hint}")

    def term(self, name: str, text: str) -> Term:
        """Return a value of a property.

        Args:
            name: The IRI of the property.
            text: A number, a date, text with or without a tag, a literal as in Turtle, an IRI, a
                prefixed name, or the name or the code of a thing.

        Raises:
            UsageError: The value does not suit the property.
        """
        quoted = _QUOTED.fullmatch(text)
        if quoted:
            return self._quoted(name, quoted)
        datatypes = self.demands.datatypes(name)
        if not datatypes and (iri := _iri(text)):
            return self._checked(name, ox.NamedNode(iri))
        if not datatypes and self.demands.ranges(name):
            return self._checked(name, self._found(name, text))
        for datatype, form in _FORMS.items():
            if datatype in datatypes and re.fullmatch(form, text):
                return _literal(text, datatype)
        tagged = _TAGGED.fullmatch(text)
        if tagged and (not datatypes or LANG_STRING in datatypes):
            return ox.Literal(tagged[1], language=tagged[2])
        if LANG_STRING in datatypes:
            return self.text(text)
        if not datatypes or XSD + "string" in datatypes:
            return ox.Literal(text)
        wanted = " or ".join(sorted(shorten(each) for each in datatypes))
        raise UsageError(f"{shorten(name)}={text}: expected a value of {wanted}")

    def text(self, text: str) -> ox.Literal:
        """Return text with its language: that of its tag, else the one that is set.

        Raises:
            UsageError: It has no tag and no language is set.
        """
        quoted, tagged = _QUOTED.fullmatch(text), _TAGGED.fullmatch(text)
        value = quoted[1] if quoted else tagged[1] if tagged else text
        language = (quoted[2] if quoted else tagged[2] if tagged else "") or self.language
        if not language:
            raise UsageError(
                f'"{value}" has no language; write "{value}"@lt, or give one with --language'
            )
        return ox.Literal(value, language=language)

    def _quoted(self, name: str, quoted: re.Match[str]) -> ox.Literal:
        value = re.sub(r"\\(.)", r"\1", quoted[1])
        if quoted[2]:
            return ox.Literal(value, language=quoted[2])
        if quoted[3]:
            datatype = expand(quoted[3]) or quoted[3].strip("<>")
            return ox.Literal(value, datatype=ox.NamedNode(datatype))
        if LANG_STRING in self.demands.datatypes(name):
            return self.text(value)
        return ox.Literal(value)

    def _checked(self, name: str, value: ox.NamedNode) -> ox.NamedNode:
        """Return a thing that can be a value of a property, or what stands for it."""
        if not value.value.startswith((ID, VOC)):
            return value
        kinds = self._kinds.get(value.value)
        if kinds is None:
            near = get_close_matches(value.value, list(self._kinds), n=3, cutoff=0.8)
            hint = f"; did you mean {' or '.join(map(shorten, near))}?" if near else ""
            raise UsageError(f"{shorten(value.value)} is not described in the dataset{hint}")
        if RETIRED_CLASS in kinds:
            instead = " or ".join(shorten(iri) for iri in self._successors.get(value.value, ()))
            raise UsageError(
                f"{shorten(value.value)} is retired"
                + (f"; give {instead}" if instead else "; nothing took its place")
            )
        ranges = self.demands.ranges(name)
        if not ranges or self._is_one(kinds, ranges):
            return value
        bodies = [
            body
            for body in self._governing.get(value.value, ())
            if self._is_one(self._kinds.get(body, frozenset()), ranges)
        ]
        if len(bodies) == 1:
            return ox.NamedNode(bodies[0])
        wanted = " or ".join(sorted(shorten(each) for each in ranges))
        raise UsageError(f"{shorten(name)} of {shorten(value.value)}: expected {wanted}")

    def _is_one(self, kinds: frozenset[str], ranges: frozenset[str]) -> bool:
        return any(self.demands.superclasses(kind) & ranges for kind in kinds)

    def _found(self, name: str, text: str) -> ox.NamedNode:
        """Return the thing that a code or a name means, or else the end of an IRI."""
        ranges = self.demands.ranges(name)
        folded = fold(text)
        fit = [iri for iri, kinds in self._kinds.items() if self._is_one(kinds, ranges)]
        named = {
            iri
            for iri in fit
            if text in self._codes.get(iri, ())
            or text.upper() in self._codes.get(iri, ())
            or folded in self._names.get(iri, ())
        }
        # Only where no name fits: "mayor" is the end of deputy-mayor too.
        found = named or {iri for iri in fit if iri.endswith((f"/{text}", f"-{text}"))}
        if len(found) == 1:
            return ox.NamedNode(found.pop())
        names = {
            n: iri
            for iri, each in self._names.items()
            for n in each
            if self._is_one(self._kinds.get(iri, frozenset()), ranges)
        }
        near = {names[n] for n in get_close_matches(folded, list(names), n=3, cutoff=0.6)}
        hint = " or ".join(shorten(iri) for iri in sorted(found or near)[:5])
        raise UsageError(
            f"{shorten(name)}={text}: "
            + ("several things have this name: " if found else "nothing suitable has this name")
            + (hint if found else f"; did you mean {hint}?" if hint else "")
        )

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(t.predicate.value for file in self.dataset.files for t in file.triples)

    @cached_property
    def _kinds(self) -> dict[str, frozenset[str]]:
        kinds: dict[str, set[str]] = {}
        for iri, value in self._facts(TYPE.value):
            kinds.setdefault(iri, set()).add(value)
        return {iri: frozenset(each) for iri, each in kinds.items()}

    @cached_property
    def _codes(self) -> dict[str, set[str]]:
        return self._gathered(DCTERMS + "identifier", SKOS + "notation")

    @cached_property
    def _successors(self) -> dict[str, set[str]]:
        return self._gathered(SUCCESSOR)

    @cached_property
    def _names(self) -> dict[str, set[str]]:
        return {
            iri: {fold(each) for each in names} for iri, names in self._gathered(*_LABELS).items()
        }

    @cached_property
    def _governing(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for body, place in self._facts(_GOVERNS.value):
            found.setdefault(place, []).append(body)
        return found

    def _gathered(self, *properties: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in properties:
            for iri, value in self._facts(each):
                found.setdefault(iri, set()).add(value)
        return found

    def _facts(self, predicate: str) -> Iterator[tuple[str, str]]:
        wanted = ox.NamedNode(predicate)
        for file in self.dataset.files:
            for triple in file.triples:
                if triple.predicate == wanted:
                    yield triple.subject.value, triple.object.value


def expand(name: str) -> str:
    """Return the IRI of a prefixed name whose prefix the project knows, or an empty string."""
    match = _PREFIXED.fullmatch(name)
    return PREFIXES[match[1]] + match[2] if match and match[1] in PREFIXES else ""


def _iri(text: str) -> str:
    """Return the IRI that a text is; empty where it is none."""
    inner = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    iri = expand(text) or (inner if re.match(r"[a-z][a-z0-9+.-]*:(//)?\S", inner) else "")
    return "" if re.search(r'[\x00-\x20<>"{}|^`\\]', iri) else iri


def _literal(text: str, datatype: str) -> ox.Literal:
    if datatype == XSD + "decimal" and "." not in text:
        text = f"{text}.0"
    if datatype == XSD + "nonNegativeInteger":
        datatype = XSD + "integer"
    return ox.Literal(text, datatype=ox.NamedNode(datatype))


def as_turtle(term: Term, names: Mapping[str, str]) -> str:
    """Return a term as Turtle.

    Args:
        term: The term.
        names: The namespaces of the prefixes that may be used, by prefix.
    """
    if isinstance(term, ox.NamedNode):
        return _named(term.value, names)
    if isinstance(term, ox.BlankNode):
        return str(term)
    text = term.value.replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if term.language:
        return f'"{text}"@{term.language}'
    datatype = term.datatype.value
    bare = {
        XSD + "integer": r"[+-]?\d+",
        XSD + "decimal": r"[+-]?\d*\.\d+",
        XSD + "boolean": r"true|false",
    }
    if re.fullmatch(bare.get(datatype, r"(?!)"), term.value):
        return term.value
    return f'"{text}"' if datatype == XSD + "string" else f'"{text}"^^{_named(datatype, names)}'


def _named(iri: str, names: Mapping[str, str]) -> str:
    fitting = [(space, prefix) for prefix, space in names.items() if iri.startswith(space)]
    for space, prefix in sorted(fitting, key=lambda item: -len(item[0])):
        local = iri[len(space) :]
        if re.fullmatch(r"\w(?:[\w-]*\w)?|", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def prefixes_in(terms: Iterator[Term]) -> dict[str, str]:
    """Return the project's prefixes for the names in some terms."""
    found: dict[str, str] = {}
    for term in terms:
        iri = term.datatype.value if isinstance(term, ox.Literal) else term.value
        if isinstance(term, ox.Literal) and (term.language or as_turtle(term, {}).find("^^") < 0):
            continue
        written = _named(iri, PREFIXES)
        if not written.startswith("<"):
            prefix = written.partition(":")[0]
            found[prefix] = PREFIXES[prefix]
    return found
