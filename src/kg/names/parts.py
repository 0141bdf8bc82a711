"""A text that holds several names: two of one place, or those of several places."""

import re
from typing import Final, NamedTuple

# Signs between two names of one place: a slash, a dash between spaces, brackets.
_BILINGUAL: Final = re.compile(r"\s*/\s*|\s+[-–—]\s+")
_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
# Signs and words between names of several places.
_SIGNS: Final = re.compile(r"[/()\[\],;+&–—]|\s-\s")
_WORDS: Final = r"and|und|et|en|y|e|i|ir|in|ja|och|og|és|și|kai|και|и"
_SEVERAL: Final = re.compile(rf"\s*[,;+]\s*|\s+&\s+|\s+(?:{_WORDS})\s+", re.IGNORECASE)
_AND: Final = re.compile(rf"\s(?:{_WORDS})\s", re.IGNORECASE)
_LETTERS: Final = re.compile(r"[^\W\d_]")
_MOST: Final = 40  # names that are taken from one text; the rest of a longer list says no more


class Parts(NamedTuple):
    """The names that a text holds.

    Attributes:
        alternatives: Names that may each stand for the whole, such as both sides of a slash;
            the text itself is not among them, and where there are none this is empty.
        inside: Those of them that stood in brackets; they rather tell one place from another of its
            name, as in `Frankfurt (Oder)`.
        members: Names of several places of which the text speaks together; empty where it speaks
            of one. A conjunction alone proves little: `Brighton and Hove` is one city.
    """

    alternatives: tuple[str, ...]
    inside: tuple[str, ...]
    members: tuple[str, ...]


def parts(name: str) -> Parts:
    """Return the names inside a name.

    >>> parts("Donostia / San Sebastián").alternatives
    ('Donostia', 'San Sebastián')
    >>> parts("Alkmaar, Bergen, Heiloo").members
    ('Alkmaar', 'Bergen', 'Heiloo')
    """
    if not _SIGNS.search(name) and not _AND.search(name):
        return Parts((), (), ())
    inside = tuple(filter(_is_name, map(str.strip, _BRACKETS.findall(name))))
    outside = _BRACKETS.sub(" ", name).strip()
    alternatives = dict.fromkeys(filter(_is_name, (outside, *inside)) if inside else ())
    for text in [*alternatives, name]:
        pieces = [piece for piece in map(str.strip, _BILINGUAL.split(text)) if _is_name(piece)]
        if len(pieces) > 1:
            alternatives |= dict.fromkeys(pieces)
    members = [piece.strip() for piece in _SEVERAL.split(name)[:_MOST]]
    named = tuple(piece for piece in members if _is_name(piece))
    alternatives.pop(name, None)
    return Parts(tuple(alternatives)[:_MOST], inside, named if len(named) > 1 else ())


def _is_name(text: str) -> bool:
    return len(_LETTERS.findall(text)) > 1
