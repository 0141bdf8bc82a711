"""Countries by any of their codes and names, and the boxes that their points have to lie in."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.dataset import LISTS, Dataset
from kg.names import fold
from kg.namespaces import DCTERMS, ONT, PREFIXES, RDF, SKOS

_COUNTRY: Final = ONT + "Country"
_NAMES: Final = (SKOS + "prefLabel", SKOS + "altLabel", SKOS + "notation", DCTERMS + "identifier")


class Box(NamedTuple):
    """Bounds in decimal degrees; coarse, and of the European part of a country."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """Tell whether a point lies inside."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True)
class Countries:
    """The countries that the lists describe.

    Attributes:
        by_name: Their IRIs, by every code and every name, folded.
        boxes: By IRI.
    """

    by_name: dict[str, str]
    boxes: dict[str, Box]

    def find(self, text: str) -> str | None:
        """Return the IRI of a country by a code of two or three letters, or by a name."""
        return self.by_name.get(fold(text))


def of_dataset(dataset: Dataset) -> Countries:
    """Return the countries of the lists of a dataset."""
    facts: dict[str, dict[str, list[str]]] = {}
    for file in dataset.of_graph(LISTS):
        if _COUNTRY not in file.text and "cpo:Country" not in file.text:
            continue
        for triple in file.triples:
            if isinstance(triple.subject, ox.NamedNode):
                about = facts.setdefault(triple.subject.value, {})
                about.setdefault(triple.predicate.value, []).append(triple.object.value)
    by_name: dict[str, str] = {}
    boxes: dict[str, Box] = {}
    for iri, about in facts.items():
        if _COUNTRY not in about.get(RDF + "type", ()):
            continue
        names = [iri.rsplit("/", 1)[-1], *(name for path in _NAMES for name in about.get(path, ()))]
        for name in names:
            by_name.setdefault(fold(name), iri)
        sides = [about.get(PREFIXES["ref"] + side) for side in Box._fields]
        if all(sides):
            boxes[iri] = Box(*(float(side[0]) for side in sides if side))
    return Countries(by_name, boxes)
