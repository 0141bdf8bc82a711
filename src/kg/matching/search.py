"""What somebody may mean who types some words: names in tiers, and why each was found.

The tiers stand above everything else: a name that is the same comes before one that only begins
alike, whatever the things are. Within a tier, places, bodies, networks, programmes and pledges come
before other things, and people and concepts last.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from kg.matching.index import Found, Index
from kg.matching.keys import Form
from kg.matching.records import Name, Record
from kg.names import fold

MOST: Final = 1000  # names that begin with a text, or have its words
LONGEST: Final = 200  # characters of a text that is looked for


class Tier(IntEnum):
    """How a name was found, best first."""

    IDENTIFIER = 0
    EXACT = 1
    FOLDED = 2
    INFLECTED = 3
    PART = 4
    PREFIX = 5
    WORDS = 6
    WITHIN = 7
    FUZZY = 8


_TIER_OF: Final = {
    Form.EXACT: Tier.EXACT,
    Form.FOLDED: Tier.FOLDED,
    Form.SPELLED: Tier.FOLDED,
    Form.CORE: Tier.PART,
    Form.INFLECTED: Tier.INFLECTED,
    Form.PART: Tier.PART,
    Form.RELATED: Tier.PART,
    Form.NEAR: Tier.FUZZY,
    Form.STARTING: Tier.PREFIX,
    Form.WORDS: Tier.WORDS,
}
# Kinds by the local names of their classes: the first are what people look for.
_RANKS: Final = (
    frozenset(("City", "Municipality", "Network", "Programme", "Pledge", "Project", "Country")),
    frozenset(("Organization", "Place", "ProgrammeEdition", "WorkingGroup", "Fund", "Event")),
    frozenset(("Activity", "Decision", "Goal", "OfficialDocument", "Output", "Target")),
    frozenset(("Person", "SourceDocument", "WebPage")),
    frozenset(("Concept", "Metric", "Role", "ConceptScheme")),
)


class Hit(NamedTuple):
    """A thing that was found.

    Attributes:
        tier: How.
        found: The name by which it was found.
    """

    tier: Tier
    found: Found

    @property
    def record(self) -> Record:
        """The thing."""
        return self.found.record

    @classmethod
    def of_identifier(cls, record: Record) -> "Hit":
        """Return a thing that was asked for by its identifier."""
        return cls(Tier.IDENTIFIER, Found(record, Name(record.label), Form.EXACT, 1.0))


def search(
    index: Index, text: str, is_wanted: Callable[[Record], bool] = lambda _: True
) -> list[Hit]:
    """Return what has a name that a text may be, best first; each thing once.

    Args:
        index: The names.
        text: What somebody has typed; of a longer one than `LONGEST` its beginning counts.
        is_wanted: Whether a thing may be among the answers.
    """
    found: dict[str, Hit] = {}
    for hit in _hits(index, text[:LONGEST].strip()):
        known = found.get(hit.record.iri)
        if is_wanted(hit.record) and (known is None or hit.tier < known.tier):
            found[hit.record.iri] = hit
    return sorted(found.values(), key=_order)


def starting(
    index: Index, text: str, is_wanted: Callable[[Record], bool] = lambda _: True
) -> list[Hit]:
    """Return what has a name that a text is or begins, best first, as a suggestion while typing."""
    return [hit for hit in search(index, text, is_wanted) if hit.tier <= Tier.WORDS]


def _hits(index: Index, text: str) -> Iterator[Hit]:
    if not fold(text):
        return
    ways = (index.same(text), index.starting(text, MOST), index.words(text, MOST))
    is_found = False
    for found in ways:
        for each in found:
            is_found = True
            yield Hit(_TIER_OF[each.form], each)
    for each in index.near(text):
        is_found = True
        yield Hit(Tier.FUZZY, each)
    if not is_found:
        for each in index.within(text):
            yield Hit(Tier.WITHIN, each)


def _order(hit: Hit) -> tuple[object, ...]:
    record = hit.record
    return (
        hit.tier,
        _rank(record),
        bool(hit.found.name.of),
        -hit.found.likeness,
        -(record.population or 0),
        record.label.casefold(),
        record.iri,
    )


def _rank(record: Record) -> int:
    """Return how late a kind of thing comes among others; what no list has comes in between."""
    locals_ = {iri.rpartition("#")[2].rpartition("/")[2] for iri in record.types}
    return next((rank for rank, kinds in enumerate(_RANKS) if locals_ & kinds), 2)


_KINDS_OF_NAME: Final = {
    "main": "main name",
    "alternate": "other name",
    "hidden": "other name",
    "typo": "misspelling",
    "upper": "form in capital letters",
}
_HOW: Final = {
    Tier.IDENTIFIER: "its identifier",
    Tier.EXACT: "the {kind} {name}",
    Tier.FOLDED: "the {kind} {name}, written a little differently",
    Tier.INFLECTED: "another case of the {kind} {name}",
    Tier.PART: "a part of the {kind} {name}",
    Tier.PREFIX: "the beginning of the {kind} {name}",
    Tier.WORDS: "words of the {kind} {name}",
    Tier.WITHIN: "the {kind} {name}, which stands in it",
    Tier.FUZZY: "a spelling like the {kind} {name}",
}


def why(hit: Hit) -> str:
    """Return why a thing was found, in words: how the text and one of its names are alike.

    >>> why(Hit(Tier.INFLECTED, Found(Record("x"), Name("Kaunas", "lt"), Form.INFLECTED, 1.0)))
    'another case of the main name “Kaunas” (lt)'
    """
    name = hit.found.name
    kind = _KINDS_OF_NAME.get(name.kind, f"{name.kind} form")
    if name.of:
        kind += " of its city"
    shown = f"“{name.text}”" + (f" ({name.language})" if name.language else "")
    return _HOW[hit.tier].format(kind=kind, name=shown)


def graphs_of(hit: Hit) -> list[str]:
    """Return the named graphs that have the name by which a thing was found, IRIs in order."""
    wanted = hit.found.name
    names = hit.record.names
    same = (n for n in names if (n.text, n.language) == (wanted.text, wanted.language))
    return sorted({name.graph for name in same if name.graph})
