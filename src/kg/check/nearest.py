"""What somebody may have meant: the nearest name among those that there are.

A dangling reference is compared with the names of the same kind, letter by letter, and with the
labels of the things: `city:lt-memel` is near `city:lt-klaipeda`, which is "Memel" in German.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kg.dataset import SourceFile
from kg.namespaces import DCTERMS, ONT, RDF, RDFS, SKOS
from kg.retired import RETIRED_CLASS, SUCCESSOR

_TYPE: Final = RDF + "type"
_DEFINED: Final = RDFS + "isDefinedBy"
_CODE: Final = (SKOS + "notation", DCTERMS + "identifier")
_LABELS: Final = (SKOS + "prefLabel", SKOS + "altLabel", RDFS + "label")

PROPERTIES: Final = (_TYPE, _DEFINED, SUCCESSOR, *_CODE, *_LABELS)  # all that is asked of files


def fold(text: str) -> str:
    """Return a text as it would stand in an IRI: small letters without marks, and hyphens.

    >>> fold("Škofja Loka")
    'skofja-loka'
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "-", kept).strip("-")


@dataclass(frozen=True)
class Known:
    """The names that some files describe.

    Attributes:
        files: Well-formed files: ontology, lists, data.
    """

    files: tuple[SourceFile, ...]

    def nearest(self, iri: str) -> str | None:
        """Return the described thing whose name, or whose label, is nearest to an IRI's."""
        space, name = _parted(iri)
        among = self._by_space.get(space, {})
        found = closest(name, among)
        if found is not None:
            return among[found]
        labels = self._by_label.get(space, {})
        for sought in dict.fromkeys((name, name.partition("-")[2])):
            found = closest(fold(sought), labels) if sought else None
            if found is not None:
                return labels[found]
        return None

    def nearest_term(self, iri: str) -> str | None:
        """Return the class or property of ours whose name is nearest to an IRI's."""
        name = iri.removeprefix(ONT)
        classes = name[:1].isupper()
        found = closest(name, [term for term in self._terms if term[:1].isupper() == classes])
        found = found or closest(name, self._terms)
        return None if found is None else ONT + found

    def country(self, text: str) -> str | None:
        """Return the country that has a text for its name or its code, in any language."""
        return self._countries.get(fold(text))

    def is_described(self, iri: str) -> bool:
        """Tell whether some file gives a thing its type."""
        return iri in self._labels

    def label(self, iri: str) -> str:
        """Return the name of a thing, as it is first given, or an empty string."""
        return next(iter(self._labels.get(iri, ())), "")

    def successor(self, iri: str) -> str | None:
        """Return what takes the place of a withdrawn or retired thing; None unless it is one."""
        replaced, seen = self._values(SUCCESSOR), set[str]()
        while len(found := replaced.get(iri, [])) == 1 and iri not in seen:
            seen.add(iri)
            iri = found[0]
        return iri if seen and not found else None

    @cached_property
    def _labels(self) -> dict[str, list[str]]:
        """The labels of each thing that has a type, the main ones first."""
        kinds = self._values(_TYPE)
        found: dict[str, list[str]] = {iri: [] for iri in kinds if kinds[iri] != [RETIRED_CLASS]}
        for path in _LABELS:
            for iri, values in self._values(path).items():
                if iri in found:
                    found[iri] += values
        return found

    @cached_property
    def _by_space(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for iri in self._labels:
            space, name = _parted(iri)
            found.setdefault(space, {})[name] = iri
        return found

    @cached_property
    def _by_label(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for iri, labels in self._labels.items():
            space, _ = _parted(iri)
            for label in labels:
                found.setdefault(space, {}).setdefault(fold(label), iri)
        return found

    @cached_property
    def _terms(self) -> list[str]:
        return [iri.removeprefix(ONT) for iri in self._values(_DEFINED) if iri.startswith(ONT)]

    @cached_property
    def _countries(self) -> dict[str, str]:
        found: dict[str, str] = {}
        countries = [iri for iri, kinds in self._values(_TYPE).items() if ONT + "Country" in kinds]
        for iri in countries:
            codes = (code for path in _CODE for code in self._values(path).get(iri, ()))
            for text in (_parted(iri)[1], *codes, *self._labels[iri]):
                found.setdefault(fold(text), iri)
        return found

    def _values(self, path: str) -> dict[str, list[str]]:
        """Return the values of a property by what they are said of."""
        return self._index.get(path, {})

    @cached_property
    def _index(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        for path in PROPERTIES:
            for subject, value in sorted(self.of_property(path)):
                found.setdefault(path, {}).setdefault(subject, []).append(value)
        return found

    def of_property(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield subject and value of each statement of a property."""
        return (
            (triple.subject.value, triple.object.value)
            for file in self.files
            for triple in file.triples
            if triple.predicate.value == path
        )


def closest(name: str, among: Iterable[str]) -> str | None:
    """Return the nearest of some names, where it is near enough for a slip of the pen.

    One letter in four may be wrong, missing, too many or changed for its neighbour; in short names
    one. A number is never taken for another: `c-0012` is not near `c-0013`.

    >>> closest("leedPartner", ["leadPartner", "startDate"])
    'leadPartner'
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    limit = max(1, len(name) // 4)
    found = process.extractOne(name, list(among), scorer=OSA.distance, score_cutoff=limit)
    if found is None or found[1] >= len(name) or _digits(name) != _digits(found[0]):
        return None
    return str(found[0])


def _digits(name: str) -> list[str]:
    return re.findall(r"[0-9]+", name)


def _parted(iri: str) -> tuple[str, str]:
    """Return the namespace and the local name of an IRI."""
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:end], iri[end:]
