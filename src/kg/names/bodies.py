"""Words that say what kind of body a name is of, and the name of the place without them.

`Comune di Bologna` and `Bologna` are one city; `Città metropolitana di Bologna` is another body.
So each group of words has the kind of body that it tells, and a name is the city's own only where
no word tells another kind. The words are those that bodies in Europe use before or after the name
of their place, folded (`kg.names.fold`); they stand in `bodies.toml`.
"""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from importlib import resources
from typing import Final, NamedTuple


class BodyKind(StrEnum):
    """What a body is to the place in its name."""

    CITY = "city"  # runs the city itself
    DISTRICT = "district"  # runs the land around a town, or a rural municipality of its name
    QUARTER = "city-district"  # runs a part of a city
    COUNTY = "county"  # province, department, powiat, županija, Landkreis
    REGION = "region"
    METROPOLIS = "metropolis"  # a city with its neighbours, as a body of its own
    ASSOCIATION = "association"  # several municipalities that act together
    AGENCY = "agency"  # company, agency, university: acts for a place and does not run it


class Core(NamedTuple):
    """A folded name without the words of a body.

    Attributes:
        name: What is left; never empty.
        kind: The kind that the words tell; None where there were none.
    """

    name: str
    kind: BodyKind | None


_FILE: Final = resources.files("kg.names").joinpath("bodies.toml")


def _tables() -> dict[str, dict[str, BodyKind]]:
    """Return the kind that each group of words tells, of those before a name and those after it."""
    listed = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        place: {
            group.replace("_", " "): BodyKind(kind)
            for kind, groups in kinds.items()
            for group in groups.split()
        }
        for place, kinds in listed.items()
    }


def _longest_groups(groups: Iterable[str], place: str) -> dict[str, int]:
    """Return how many words the longest group has that has a word at the outer edge of a name."""
    found: dict[str, int] = {}
    for words in map(str.split, groups):
        edge = words[0] if place == "before" else words[-1]
        found[edge] = max(found.get(edge, 0), len(words))
    return found


_TABLES: Final = _tables()
_LONGEST: Final = {place: _longest_groups(groups, place) for place, groups in _TABLES.items()}


def core(folded: str) -> Core:
    """Return a folded name without the words of bodies at its beginning and its end.

    Where both ends have such words, the kind that is not the city wins: a city's own body never
    calls itself a province.

    >>> core("comune di bologna"), core("provincia di bologna").kind
    (Core(name='bologna', kind=<BodyKind.CITY: 'city'>), <BodyKind.COUNTY: 'county'>)
    """
    words, kinds = folded.split(), []
    if (length := _group_at("before", words)) > 0:
        kinds.append(_TABLES["before"][" ".join(words[:length])])
        words = words[length:]
    if (length := _group_at("after", words)) > 0:
        kinds.append(_TABLES["after"][" ".join(words[-length:])])
        words = words[:-length]
    other = next((kind for kind in kinds if kind != BodyKind.CITY), None)
    return Core(" ".join(words), other or (BodyKind.CITY if kinds else None))


def _group_at(place: str, words: list[str]) -> int:
    """Return how many words before or after a name are a group, leaving one at least; or 0."""
    is_before = place == "before"
    longest = _LONGEST[place].get(words[0 if is_before else -1], 0) if words else 0
    for length in range(min(longest, len(words) - 1), 0, -1):
        edge = words[:length] if is_before else words[-length:]
        if " ".join(edge) in _TABLES[place]:
            return length
    return 0
