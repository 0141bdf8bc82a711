"""Narrows a list, and counts what is left in each way.

A facet's counts are those of the list narrowed by all other facets, so that a number says how many
there will be after that choice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.query.labels import Reader, Shown
from kg.web.i18n import mark, sort_key
from kg.web.overview.index import Named

# Of each list what it can be narrowed by, with the words for it.
FACETS: Final[Mapping[str, Mapping[str, str]]] = {
    "City": {
        "country": mark("Country"),
        "network": mark("Network"),
        "programme": mark("Programme"),
        "pledge": mark("Pledge signed"),
    },
    "Network": {
        "kind": mark("Kind"),
        "programme": mark("Programme"),
        "country": mark("Country with members"),
        "year": mark("First year"),
    },
    "Pledge": {
        "country": mark("Country of signatories"),
        "programme": mark("Programme"),
        "force": mark("Binding force"),
    },
}


class Choice(NamedTuple):
    """A value of a facet.

    Attributes:
        key: What stands for it in an address.
        shown: It.
        total: How many things there are with it.
        is_chosen: Whether the list is narrowed to it.
    """

    key: str
    shown: Shown
    total: int
    is_chosen: bool


class Facet(NamedTuple):
    """Something by which a list can be narrowed.

    Attributes:
        name: Of the parameter.
        label: To be translated.
        choices: By name.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> Choice | None:
        """The value to which the list is narrowed."""
        return next((choice for choice in self.choices if choice.is_chosen), None)


def key_of(value: str) -> str:
    """Return what stands for a value in an address: the last part of an IRI, or a text.

    >>> key_of("https://example.org/id/network/cope"), key_of("2021")
    ('cope', '2021')
    """
    return value.rpartition("/")[2]


def narrowed(named: Sequence[Named], chosen: Mapping[str, str], but: str = "") -> list[Named]:
    """Return the things that have all values that were chosen, in their order.

    Args:
        named: All.
        chosen: Of each facet the key of a value.
        but: A facet that does not count.
    """
    wanted = [(name, key) for name, key in chosen.items() if name != but]
    return [
        each
        for each in named
        if all(key in map(key_of, each.entry.facets[name]) for name, key in wanted)
    ]


def facets(
    reader: Reader, kind: str, named: Sequence[Named], chosen: Mapping[str, str], language: str
) -> list[Facet]:
    """Return the facets of a list with what each choice would leave.

    Args:
        reader: Gives labels.
        kind: Local name of the class.
        named: All things of the list.
        chosen: Of each facet that was used the key of a value.
        language: Of the interface; choices are sorted as its readers expect.
    """
    found = []
    for name, label in FACETS[kind].items():
        left = narrowed(named, chosen, but=name)
        totals = Counter(value for each in left for value in each.entry.facets[name])
        values = {key_of(value): value for value in totals}
        wanted = chosen.get(name)
        if wanted is not None and wanted not in values:
            values[wanted] = _value_of(named, name, wanted)
        choices = (
            Choice(key, _shown(reader, key, value), totals[value], key == wanted)
            for key, value in values.items()
        )
        ordered = sorted(choices, key=lambda each: sort_key(each.shown.text, language))
        found.append(Facet(name, label, tuple(ordered)))
    return found


def _value_of(named: Sequence[Named], name: str, key: str) -> str:
    """Return the value of a facet that a key stands for; empty where nothing in the list has it."""
    values = (value for each in named for value in each.entry.facets[name])
    return next((value for value in values if key_of(value) == key), "")


def _shown(reader: Reader, key: str, value: str) -> Shown:
    return reader.show(ox.NamedNode(value)) if "://" in value else Shown(key)
