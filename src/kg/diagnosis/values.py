"""A term of the query against the values that there are in its place."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from kg.check.nearest import closest
from kg.diagnosis.lexicon import Lexicon, alike, parted, twins
from kg.diagnosis.model import Near
from kg.diagnosis.terms import Terms
from kg.diagnosis.tree import Known
from kg.namespaces import RDF

_TOLD = 5
_LANG_STRING = RDF + "langString"


class Match(NamedTuple):
    """A value that may be what is meant.

    Attributes:
        code: In which way it differs, see `kg.diagnosis.words`.
        term: The value.
        others: More such values, less likely.
    """

    code: str
    term: Known
    others: tuple[Known, ...] = ()


def match(term: Known, values: Sequence[Known], lexicon: Lexicon) -> Match | None:
    """Return the value that a term was probably meant to be; None where none is near.

    A thing that is in the data is never taken for another one of a like name.

    Args:
        term: As the query has it.
        values: Those that the data has in its place.
        lexicon: Knows labels.
    """
    if isinstance(term, ox.NamedNode):
        return _thing(term, values, lexicon)
    return _literal(term, values, lexicon)


def _thing(term: ox.NamedNode, values: Sequence[Known], lexicon: Lexicon) -> Match | None:
    things = {value.value: value for value in values if isinstance(value, ox.NamedNode)}
    for twin in twins(term.value):
        if twin in things:
            return Match("scheme-twin", things[twin])
    texts = [value for value in values if isinstance(value, ox.Literal)]
    if things or not texts:
        return None
    names = {lexicon.label(term.value), parted(term.value)[1]}
    same = [text for text in texts if text.value in names]
    return Match("thing-for-text", same[0], tuple(same[1:_TOLD])) if same else None


def _literal(term: ox.Literal, values: Sequence[Known], lexicon: Lexicon) -> Match | None:
    texts = [value for value in values if isinstance(value, ox.Literal)]
    same = sorted((text for text in texts if text.value == term.value), key=_order(term))
    if same:
        by_tag = term.language or same[0].language
        code = "wrong-language" if by_tag else "wrong-datatype"
        return Match(code, same[0], tuple(same[1:_TOLD]))
    folded = _folded(term.value)
    same = sorted((text for text in texts if _folded(text.value) == folded), key=_order(term))
    if same:
        return Match("other-value", same[0], tuple(same[1:_TOLD]))
    things = {value.value: value for value in values if isinstance(value, ox.NamedNode)}
    named = [things[iri] for iri in lexicon.with_label(term.value) if iri in things]
    named += [thing for iri, thing in things.items() if parted(iri)[1] == term.value]
    if named:
        return Match("text-for-thing", named[0], tuple(named[1:_TOLD]))
    near = closest(term.value, [text.value for text in texts])
    if near is None:
        return None
    same = sorted((text for text in texts if text.value == near), key=_order(term))
    return Match("other-value", same[0], tuple(same[1:_TOLD]))


def _order(term: ox.Literal) -> Callable[[ox.Literal], tuple[bool, bool, bool, str]]:
    language = (term.language or "").lower()

    def rank(text: ox.Literal) -> tuple[bool, bool, bool, str]:
        tag = text.language or ""
        return (
            tag.lower() != language,
            tag.partition("-")[0].lower() != language.partition("-")[0],
            tag != "en",
            tag,
        )

    return rank


def retyped(term: ox.Literal, values: Iterable[Known]) -> list[ox.Literal]:
    """Return a literal with each language tag and datatype that some values have, but its own."""
    kinds = dict.fromkeys(
        (value.datatype.value, value.language or "")
        for value in values
        if isinstance(value, ox.Literal)
    )
    made = []
    for datatype, language in kinds:
        if (datatype, language) == (term.datatype.value, term.language or ""):
            continue
        if language:
            made.append(ox.Literal(term.value, language=language))
        elif datatype != _LANG_STRING:
            made.append(ox.Literal(term.value, datatype=ox.NamedNode(datatype)))
    return made


def near_values(
    term: Known | None, values: Sequence[Known], terms: Terms, lexicon: Lexicon
) -> tuple[Near, ...]:
    """Return some of the values to be told, those like the term first."""
    by_text = {_shown(value, lexicon): value for value in reversed(values)}
    sought = "" if term is None else _shown(term, lexicon)
    first = alike(sought, by_text) if sought else []
    listed = dict.fromkeys((*first, *sorted(by_text)))
    return tuple(as_near(by_text[text], terms, lexicon) for text in list(listed)[:_TOLD])


def as_near(value: Known, terms: Terms, lexicon: Lexicon) -> Near:
    """Return a term as it is told."""
    if isinstance(value, ox.NamedNode):
        return Near(terms.write(value), value.value, lexicon.label(value.value))
    return Near(terms.write(value))


def _shown(value: Known, lexicon: Lexicon) -> str:
    if isinstance(value, ox.NamedNode):
        return lexicon.label(value.value) or parted(value.value)[1]
    return value.value


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def form_of(values: Sequence[Known], terms: Terms) -> set[str]:
    """Return which forms some values have: `IRI`, or the tag or datatype of literals."""
    forms = set[str]()
    for value in values:
        if isinstance(value, ox.NamedNode):
            forms.add("IRI")
        elif value.language:
            forms.add(f"@{value.language}")
        else:
            forms.add(terms.write(value.datatype))
    return forms
