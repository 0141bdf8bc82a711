"""Folded names (`kg.names.fold`) that are the same to a reader, or nearly: mistyped, inflected."""

import re
from difflib import SequenceMatcher
from typing import Final

# Words that say what a thing is and not which one.
_PLAIN: Final = frozenset(
    ["city", "of", "the", "town", "municipality", "miestas", "mesto", "savivaldybe", "obcina"]
)
_NEAR: Final = 0.86  # share of letters in common from which two names are taken for one
_STEM: Final = 4  # letters that two forms of one word have in common, at least
_ENDING: Final = 3  # letters that a form of a word may have after its stem, at most


def is_same(one: str, other: str) -> bool:
    """Tell whether two folded names are the same but for plain words and the order of words.

    >>> is_same("city of kaunas", "kaunas")
    True
    """
    return one == other or _words(one) == _words(other)


def is_near(one: str, other: str) -> bool:
    """Tell whether two folded names may be one: a slip of the pen, or forms of one word.

    >>> is_near("kauno", "kaunas"), is_near("kaunas", "kernave")
    (True, False)
    """
    if is_same(one, other):
        return True
    if {*re.findall(r"\d+", one)} != {*re.findall(r"\d+", other)}:
        return False
    matcher = SequenceMatcher(a=one, b=other, autojunk=False)
    is_long = min(len(one), len(other)) > _STEM
    ratios = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # cheapest first
    if is_long and all(ratio() >= _NEAR for ratio in ratios):
        return True
    words, others = _words(one), _words(other)
    return len(words) == len(others) and all(map(_are_forms, words, others))


def _words(folded: str) -> list[str]:
    words = sorted(folded.split())
    return [word for word in words if word not in _PLAIN] or words


def _are_forms(word: str, other: str) -> bool:
    stem = next(
        (n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    return word == other or (stem >= _STEM and max(len(word), len(other)) - stem <= _ENDING)
