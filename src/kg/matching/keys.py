"""The texts by which a name is found, and those by which a text is looked up.

Both sides are made alike: spellings, words of bodies, cases, parts. So a look-up is one step in a
table, and what was done to either side says how much alike the two are.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from kg.names import DECLINED, BodyKind, Core, core, declined, fold, key, parts, spellings

_PREPOSITIONS: Final = frozenset({"v", "na", "iz", "do", "pri", "za"})  # before a Slovenian case
CODE: Final = 3  # letters of a name that is rather a code, such as that of an airport


class Form(StrEnum):
    """In which respect a text and a name are the same, best first."""

    EXACT = "exact"  # letter by letter
    FOLDED = "folded"  # but for case, accents, alphabet and marks
    SPELLED = "spelled"  # but for umlauts written out, saints shortened, the article, spaces
    CORE = "core"  # but for words of bodies that tell the city itself
    INFLECTED = "inflected"  # in another case of Lithuanian or Slovenian
    PART = "part"  # one of the names in a bilingual text, or a name without what is in brackets
    NEAR = "near"  # but for one or two slips of the pen
    RELATED = "related"  # but for words that tell another kind of body, or other members
    STARTING = "starting"  # begins with the text
    WORDS = "words"  # has all words of the text, or the text has all of it


ORDER: Final = {form: place for place, form in enumerate(Form)}


Key = tuple[str, Form, float]  # text, how it differs from the name, what share it stands for
Keys = tuple[str, tuple[Key, ...]]  # a folded name, and its keys


def keys_of(text: str, language: str, is_main: bool, is_own: bool) -> Keys:
    """Return a folded name, its keys, how each differs from it, and what share it stands for."""
    folded = fold(text)
    return folded, tuple(_all_keys(text, folded, language, is_main, is_own))


def _all_keys(text: str, folded: str, language: str, is_main: bool, is_own: bool) -> Iterator[Key]:
    yield key(folded), Form.FOLDED, 1.0
    if len(folded) <= CODE and not is_main:
        return
    for other in spellings(text):
        yield key(other), Form.SPELLED, 1.0
    if is_own:
        bare = core(folded)
        if bare.kind is not None:
            for other, form in _by_kind(bare):
                yield other, form, 1.0
    for other in declined(text, language) if language in DECLINED else ():
        yield key(other), Form.INFLECTED, 1.0
    found = parts(text)
    for piece in found.alternatives:
        if piece not in found.inside:
            yield key(fold(piece)), Form.PART, 0.5 if found.inside else 1.0


def asked_as(text: str) -> Iterator[tuple[str, Form]]:
    """Yield what to look for, and how each differs from the text."""
    folded = fold(text)
    yield folded, Form.FOLDED
    for other in spellings(text):
        yield other, Form.SPELLED
    yield from _cores(folded)
    preposition, _, place = folded.partition(" ")
    if place and preposition in _PREPOSITIONS:
        yield place, Form.INFLECTED
    found = parts(text)
    for form, pieces in ((Form.PART, found.alternatives), (Form.RELATED, found.members)):
        for piece in pieces:
            inside = fold(piece)
            yield inside, form
            for other in spellings(piece):
                yield other, form
            for bare, kind in _cores(inside):
                yield bare, max(form, kind, key=ORDER.__getitem__)


def _cores(folded: str) -> Iterator[tuple[str, Form]]:
    bare = core(folded)
    if bare.kind is not None:
        yield from _by_kind(bare)
        for other in spellings(bare.name):
            yield from _by_kind(bare._replace(name=other))


def _by_kind(bare: Core) -> Iterator[tuple[str, Form]]:
    """Yield the keys of a name without its words of bodies.

    Two provinces of a name are as much the same as two cities; a province and a city are not.
    """
    if bare.kind == BodyKind.CITY:
        yield key(bare.name), Form.CORE
    else:
        yield f"{bare.kind}:{key(bare.name)}", Form.CORE
        yield key(bare.name), Form.RELATED
