"""The cases of a Lithuanian or Slovenian name of a place, from its nominative.

From the nominative the other cases of a place name follow by its ending; the way back is
ambiguous. So the forms are made where the names are known, and a text that is looked up is left as
it is. Endings are those of the school grammars: Lithuanian nouns of the five declensions, Slovenian
nouns of the first and second declension, singular and plural, and adjectives before a noun.
All forms are folded, so the accusative of a feminine name often equals its nominative.
"""

from collections.abc import Mapping
from typing import Final

from kg.names.folding import fold

_Rules = Mapping[str, tuple[tuple[str, ...], ...]]

# Ending of the nominative: endings of genitive, dative, accusative, instrumental, locative.
_LITHUANIAN: Final[_Rules] = {
    "tis": (("cio",), ("ciui",), ("ti",), ("ciu",), ("tyje",)),
    "dis": (("dzio",), ("dziui",), ("di",), ("dziu",), ("dyje",)),
    "as": (("o",), ("ui",), ("a",), ("u",), ("e",)),
    "us": (("aus",), ("ui",), ("u",), ("umi",), ("uje",)),
    "is": (("io",), ("iui",), ("i",), ("iu",), ("yje",)),
    "ys": (("io",), ("iui",), ("i",), ("iu",), ("yje",)),
    "ai": (("u",), ("ams",), ("us",), ("ais",), ("uose",)),
    "os": (("u",), ("oms",), ("as",), ("omis",), ("ose",)),
    "es": (("iu",), ("ems",), ("es",), ("emis",), ("ese",)),
    "a": (("os",), ("ai",), ("a",), ("a",), ("oje",)),
    "e": (("es",), ("ei",), ("e",), ("e",), ("eje",)),
}
# The same order. A name in -e is neuter (Velenje) or feminine plural (Domžale).
_SLOVENIAN: Final[_Rules] = {
    "ec": (("ca",), ("cu",), ("ec",), ("cem",), ("cu",)),
    "er": (("ra", "era", "erja"), ("ru", "eru"), ("er",), ("rom", "erom"), ("ru", "eru")),
    "a": (("e",), ("i",), ("o",), ("o",), ("i",)),
    "o": (("a",), ("u",), ("o",), ("om",), ("u",)),
    "e": (("a", ""), ("u", "am"), ("e",), ("em", "ami"), ("u", "ah")),
    "": (("a",), ("u",), ("",), ("om", "em"), ("u",)),
}
_ADJECTIVES: Final[_Rules] = {
    "a": (("e",), ("i",), ("o",), ("o",), ("i",)),
    "o": (("ega",), ("emu",), ("o",), ("im",), ("em",)),
    "i": (("ega",), ("emu",), ("i",), ("im",), ("em",)),
    "e": (("ih",), ("im",), ("e",), ("imi",), ("ih",)),
}
_LAST_WORD: Final = {"lt": _LITHUANIAN, "sl": _SLOVENIAN}
_OTHER_WORDS: Final = {"lt": _LITHUANIAN, "sl": _ADJECTIVES}
DECLINED: Final = frozenset(_LAST_WORD)  # languages whose cases are known
_CASES: Final = range(5)
_ENDINGS: Final = (3, 2, 1, 0)  # letters of an ending, the longest first
_MOST_WORDS: Final = 3  # names of more words are titles, and their grammar is another
_SHORTEST: Final = 3  # letters of a word that is inflected


def declined(name: str, language: str) -> frozenset[str]:
    """Return the folded forms of a name in the cases of a language, without the nominative.

    Args:
        name: In the nominative.
        language: `lt` or `sl`; of any other language no forms are known, and none are returned.

    >>> sorted(declined("Kaunas", "lt"))
    ['kauna', 'kaune', 'kauno', 'kaunu', 'kaunui']
    """
    last, other = _LAST_WORD.get(language), _OTHER_WORDS.get(language)
    folded = fold(name)
    words = folded.split()
    if last is None or other is None or not 0 < len(words) <= _MOST_WORDS:
        return frozenset()
    starts = [_cases(word, other) for word in words[:-1]]
    ends = _cases(words[-1], last)
    forms = {
        " ".join([*(start[case][0] for start in starts), form])
        for case in _CASES
        for form in ends[case]
    }
    return frozenset(forms - {folded})


def _cases(word: str, rules: _Rules) -> tuple[tuple[str, ...], ...]:
    """Return the forms of a word in each case; the word itself where no ending fits."""
    if len(word) >= _SHORTEST:
        for length in _ENDINGS:
            ending = word[len(word) - length :]
            if ending in rules and length < len(word) - 1:
                stem = word[: len(word) - length]
                return tuple(tuple(stem + end for end in ends) for ends in rules[ending])
    return ((word,),) * len(_CASES)
