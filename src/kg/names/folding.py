"""Names without what differs between keyboards: case, accents, alphabets, marks, short forms."""

import re
import unicodedata
from typing import Final

from anyascii import anyascii

_WORD: Final = re.compile(r"[a-z0-9]+")
_BLOCK: Final = 0x100  # code points in one file of the transliteration
_LAST: Final = 0x30000  # after the last plane with letters of living scripts
_ALPHABETS: Final = 0x2000  # after the alphabets; a character from here on is looked up each time

# Letters that languages write out with two where the keyboard has no key for them.
_TWO_LETTERS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "đ": "dj"}
)
# Words that one language shortens and another writes out, and the word that stands for all.
_SAME_WORD: Final = {
    "st": "saint",
    "ste": "saint",
    "sankt": "saint",
    "sint": "saint",
    "sainte": "saint",
    "sv": "saint",
    "sveti": "saint",
    "sveta": "saint",
    "szent": "saint",
    "mt": "mount",
}
_ARTICLES: Final = frozenset(
    (
        *("the", "la", "le", "les", "l", "el", "los", "las", "els", "a", "o", "os", "as", "il"),
        *("lo", "i", "gli", "den", "de", "der", "die", "das", "het", "s"),
    )
)


class _Transliteration(dict[int, str]):
    """Each letter in small ASCII, as `str.translate` asks for it; found out when first met."""

    def __missing__(self, code: int) -> str:
        found = anyascii(chr(code)).lower()
        if code < _ALPHABETS:
            self[code] = found
        return found


_TRANSLITERATION: Final = _Transliteration()


def prepare() -> None:
    """Read the tables of all scripts, for a process that can open no file later on."""
    for start in range(0, _LAST, _BLOCK):
        anyascii(chr(start))


def fold(name: str) -> str:
    """Return a name in small ASCII letters and digits, words apart by one space.

    Other alphabets are transliterated letter by letter, not translated. Empty where the name has
    no letter and no digit.

    >>> fold("  ŁÓDŹ – Šiauliai, Αθήνα!")
    'lodz siauliai athina'
    """
    lowered = name.lower() if name.isascii() else _ascii(name)
    return lowered if lowered.isalnum() else " ".join(_WORD.findall(lowered))


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold()).translate(_TRANSLITERATION)


def key(folded: str) -> str:
    """Return what two folded names share that differ in spaces, hyphens and apostrophes alone.

    >>> key(fold("Kam'ianets-Podilskyi")) == key(fold("Kamianets Podilskyi"))
    True
    """
    return folded.replace(" ", "")


def spellings(name: str) -> tuple[str, ...]:
    """Return the other folded spellings of a name, which stand for the same words.

    Umlauts and the like written with two letters, saints shortened or not, the leading article
    left out, a word in brackets left out.

    >>> spellings("Köln"), spellings("St. Pölten"), spellings("La Rochelle")
    (('koeln',), ('saint polten', 'saint poelten'), ('rochelle',))
    """
    plain = fold(name)
    found: dict[str, None] = {}
    for text in (plain, *_written_out(name)):
        words = text.split()
        found[text] = None
        if not _SAME_WORD.keys().isdisjoint(words):
            found[" ".join(_SAME_WORD.get(word, word) for word in words)] = None
        if len(words) > 1 and words[0] in _ARTICLES:
            found[" ".join(words[1:])] = None
    del found[plain]
    return tuple(found)


def _written_out(name: str) -> tuple[str, ...]:
    """Return the folded name with umlauts and the like in two letters, if it has any."""
    if name.isascii():
        return ()
    lowered = name.casefold()
    written = lowered.translate(_TWO_LETTERS)
    return () if written == lowered else (fold(written),)


def slug(name: str) -> str:
    """Return a name as the last part of an IRI; empty where it has no letter and no digit.

    >>> slug("Klaipėdos miestas (LT)")
    'klaipedos-miestas-lt'
    """
    return fold(name).replace(" ", "-")
