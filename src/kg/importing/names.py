"""Names in mappings: prefixed names and IRIs, and whether the ontology and the lists have them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg.importing.spots import Spots, Way, nearest
from kg.namespaces import ONT, PREFIXES, VOC, shorten

PLACEHOLDER: Final = re.compile(r"\{(\w+(?:\.cell)?)\}")
_NAME: Final = re.compile(r"([a-z][a-z0-9-]*):([^\s/<>\"{}|^`\\]*)")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|^`\\]+")


@dataclass(frozen=True)
class Terms:
    """What the dataset defines: classes, properties and concepts, by IRI."""

    defined: frozenset[str]

    def check(self, iri: str, spots: Spots, way: Way) -> None:
        """Refuse an IRI of the ontology or of the lists that they do not have.

        Raises:
            MalformedError: They do not; says what is near.
        """
        if iri.startswith((ONT, VOC)) and iri not in self.defined:
            space = ONT if iri.startswith(ONT) else VOC
            known = (shorten(each) for each in self.defined if each.startswith(space))
            raise spots.error(
                way, f"nothing is called {shorten(iri)}{nearest(shorten(iri), known)}"
            )


def expand(text: str, spots: Spots, way: Way) -> str:
    """Return the IRI that a prefixed name or an address is; braces stay.

    Raises:
        MalformedError: It is neither, or the prefix is not known.
    """
    bare = PLACEHOLDER.sub("x", text)
    if _ADDRESS.fullmatch(bare):
        return text
    if not (match := _NAME.fullmatch(bare)):
        raise spots.error(
            way, f"{text!r} is no prefixed name, such as v:role-member, and no address"
        )
    if match[1] not in PREFIXES:
        raise spots.unknown(way, "prefix", match[1], PREFIXES)
    return PREFIXES[match[1]] + text.partition(":")[2]


def is_name(text: str) -> bool:
    """Tell whether a text is a prefixed name or an address, and not just words."""
    bare = PLACEHOLDER.sub("x", text)
    match = _NAME.fullmatch(bare)
    return bool(_ADDRESS.fullmatch(bare) or (match and match[1] in PREFIXES))


def placeholders(text: str) -> list[str]:
    """Return the names of the values that a text has in braces.

    >>> placeholders("pa:{network}--{body}")
    ['network', 'body']
    """
    return PLACEHOLDER.findall(text)


def defined_in(terms: Iterable[ox.NamedNode]) -> Terms:
    """Return what may be used, of the subjects of ontology and lists."""
    return Terms(frozenset(term.value for term in terms))
