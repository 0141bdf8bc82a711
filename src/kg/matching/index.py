"""From a text to the names that it is, may be, or is a part of, without reading all names.

Four ways in, each a look-up in a table:

    same      the folded name without spaces, its other spellings, its forms in other cases, its
              core without words of bodies, the parts of a bilingual name
    words     all words of the text, or all but a few of them
    starting  names that begin with the text
    near      one or two slips of the pen: a name in reach shares at least one of the rarest runs of
              three letters, because one slip spoils at most three of them
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from kg.matching.records import Name, Record
from kg.names import DECLINED, BodyKind, Core, core, declined, fold, key, parts, spellings

_CACHED: Final = 4096  # names: a body has those of its city, whose record is close by
_GRAM: Final = 3  # letters in a run
_SPOILED: Final = 3  # runs that one slip changes at most: one insertion, deletion or swap of two
_ONE_SLIP: Final = 4  # letters from which a name may have one slip
_TWO_SLIPS: Final = 8  # and two
_MOST_READ: Final = 4000  # names that share a run of letters and are compared, at most
_PREPOSITIONS: Final = frozenset({"v", "na", "iz", "do", "pri", "za"})  # before a Slovenian case
_CODE: Final = 3  # letters of a name that is rather a code, such as that of an airport


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


_ORDER: Final = {form: place for place, form in enumerate(Form)}


class Found(NamedTuple):
    """A name that a text leads to.

    Attributes:
        record: Whose name it is.
        name: As its source writes it.
        form: In which respect the two are the same.
        likeness: From 0, nothing in common, to 1, the same but for what `form` says.
    """

    record: Record
    name: Name
    form: Form
    likeness: float


class _Entry(NamedTuple):
    """A name under one of its keys."""

    record: int
    name: Name
    form: Form  # how the key differs from the name
    share: float = 1.0  # of the name that the key stands for


class Index:
    """The names of records, ready to be looked up."""

    def __init__(self, records: Iterable[Record]) -> None:
        """Make the tables.

        Args:
            records: Of things that may be meant; their IRIs differ.
        """
        self.records: Final = tuple(records)
        self._keys: dict[str, list[_Entry]] = defaultdict(list)
        self._folded: dict[str, list[_Entry]] = defaultdict(list)
        for number, record in enumerate(self.records):
            self._add(number, record)

    def _add(self, number: int, record: Record) -> None:
        seen: set[tuple[str, Form]] = set()
        for name in record.names:
            is_own = record.body is not None and not name.of
            folded, keys = _keys(name.text, name.language, name.kind, is_own)
            if not folded:
                continue
            self._folded[folded].append(_Entry(number, name, Form.FOLDED))
            for text, form, share in keys:
                if (text, form) not in seen:
                    seen.add((text, form))
                    self._keys[text].append(_Entry(number, name, form, share))

    @cached_property
    def by_iri(self) -> dict[str, Record]:
        """The records by their IRIs."""
        return {record.iri: record for record in self.records}

    def same(self, text: str) -> list[Found]:
        """Return the names that a text is, but for how it is written; best first.

        One name of a record is given, the one that is most alike.
        """
        best: dict[int, Found] = {}
        pieces: dict[int, set[str]] = defaultdict(set)
        for folded, asked in _asked(text):
            for entry in self._keys.get(key(folded), ()):
                record = self.records[entry.record]
                found = Found(record, entry.name, self._form(text, folded, asked, entry), 1.0)
                if asked == Form.PART:
                    pieces[entry.record].add(folded)
                elif entry.form == Form.PART:
                    found = found._replace(likeness=entry.share)
                known = best.get(entry.record)
                if known is None or _rank(found) < _rank(known):
                    best[entry.record] = found
        return sorted(
            (self._of_all(text, found, pieces.get(n)) for n, found in best.items()), key=_rank
        )

    @staticmethod
    def _of_all(text: str, found: Found, pieces: set[str] | None) -> Found:
        """Return a find with the share of the names in a bilingual text that led to it."""
        if found.form != Form.PART or not pieces:
            return found
        named = parts(text).alternatives
        told = sum(any(s in pieces for s in (fold(n), *spellings(n))) for n in named)
        return found._replace(likeness=min(found.likeness, told / len(named)))

    @staticmethod
    def _form(text: str, folded: str, asked: Form, entry: _Entry) -> Form:
        """Return how a text and a name differ: the larger of the ways that either was changed."""
        if asked == Form.FOLDED and entry.form == Form.FOLDED:
            if text.casefold() == entry.name.text.casefold():
                return Form.EXACT
            return Form.FOLDED if fold(entry.name.text) == folded else Form.SPELLED
        return max(asked, entry.form, key=_ORDER.__getitem__)

    def near(self, text: str) -> list[Found]:
        """Return the names that a text is but for one or two slips of the pen; best first."""
        best: dict[int, Found] = {}
        for folded, asked in _asked(text):
            if asked in (Form.FOLDED, Form.CORE):
                for other, slips in self._within(key(folded)):
                    likeness = 1 - slips / max(len(folded), len(other))
                    for entry in self._keys[other]:
                        known = best.get(entry.record)
                        if slips and (known is None or known.likeness < likeness):
                            found = Found(
                                self.records[entry.record], entry.name, Form.NEAR, likeness
                            )
                            best[entry.record] = found
        return sorted(best.values(), key=lambda f: (-f.likeness, f.record.iri))

    def starting(self, text: str, limit: int) -> list[Found]:
        """Return up to `limit` names that begin with a text, in the order of the alphabet."""
        folded = fold(text)
        start = bisect_left(self._sorted, folded)

        def names() -> Iterator[tuple[_Entry, float]]:
            for other in islice(self._sorted, start, None):
                if not other.startswith(folded):
                    return
                for entry in self._folded[other]:
                    yield entry, len(folded) / len(other)

        return self._first(names(), Form.STARTING, limit) if folded else []

    def words(self, text: str, limit: int) -> list[Found]:
        """Return up to `limit` names that have all words of a text, the shortest first."""
        words = fold(text).split()
        rows = sorted((self._words.get(word, frozenset()) for word in words), key=len)
        if not rows:
            return []
        names = sorted(rows[0].intersection(*rows[1:]), key=lambda name: (len(name), name))
        length = len(" ".join(words))
        found = ((entry, length / len(name)) for name in names for entry in self._folded[name])
        return self._first(found, Form.WORDS, limit)

    def within(self, text: str) -> list[Found]:
        """Return the names all of whose words stand in a text, the longest first."""
        words = fold(text).split()
        spans = {
            " ".join(words[start:end])
            for start in range(len(words))
            for end in range(start + 1, len(words) + 1)
        }
        names = sorted(spans & self._folded.keys(), key=lambda name: (-len(name), name))
        length = len(" ".join(words))
        found = (
            (entry, len(name) / length)
            for name in names
            if len(name) > _CODE
            for entry in self._folded[name]
        )
        return self._first(found, Form.WORDS, len(self.records))

    def _first(self, names: Iterable[tuple[_Entry, float]], form: Form, limit: int) -> list[Found]:
        """Return the first name of each record, up to `limit` records."""
        found: dict[int, Found] = {}
        for entry, likeness in names:
            if entry.record not in found:
                if len(found) == limit:
                    break
                found[entry.record] = Found(self.records[entry.record], entry.name, form, likeness)
        return list(found.values())

    def _within(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the keys in reach of a text, and how many slips they are away."""
        slips = _slips(text)
        grams = sorted(_grams(text), key=lambda gram: len(self._grams.get(gram, ())))
        rarest = grams[: _SPOILED * slips + 1]
        numbers: set[int] = set()
        for gram in rarest:
            if len(numbers) < _MOST_READ:
                numbers.update(self._grams.get(gram, ()))
        for number in numbers:
            other = self._long[number]
            if abs(len(other) - len(text)) <= slips:
                distance = OSA.distance(text, other, score_cutoff=slips)
                if distance <= slips:
                    yield other, distance

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._folded)

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {word: frozenset(names) for word, names in _by(self._folded, str.split).items()}

    @cached_property
    def _long(self) -> list[str]:
        return [text for text in self._keys if len(text) >= _ONE_SLIP]

    @cached_property
    def _grams(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self._long):
            for gram in _grams(text):
                found[gram].append(number)
        return found

    def prepare(self) -> None:
        """Make the tables that are made when they are first used."""
        _ = self.by_iri, self._sorted, self._words, self._grams


def _rank(found: Found) -> tuple[int, float, str]:
    return _ORDER[found.form], -found.likeness, found.record.iri


def _by(texts: Iterable[str], pieces: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for piece in pieces(text):
            found[piece].append(text)
    return found


def _grams(text: str) -> set[str]:
    """Return the runs of letters of a text, with marks for its two ends."""
    marked = f"^{text}$"
    return {marked[n : n + _GRAM] for n in range(len(marked) - _GRAM + 1)}


def _slips(text: str) -> int:
    return 2 if len(text) >= _TWO_SLIPS else int(len(text) >= _ONE_SLIP)


@lru_cache(maxsize=_CACHED)
def _keys(
    text: str, language: str, kind: str, is_body: bool
) -> tuple[str, tuple[tuple[str, Form, float], ...]]:
    """Return a folded name, its keys, how each differs from it, and what share it stands for."""
    folded = fold(text)
    return folded, tuple(_all_keys(text, folded, language, kind, is_body))


def _all_keys(
    text: str, folded: str, language: str, kind: str, is_body: bool
) -> Iterator[tuple[str, Form, float]]:
    yield key(folded), Form.FOLDED, 1.0
    if len(folded) <= _CODE and kind != "main":
        return
    for other in spellings(text):
        yield key(other), Form.SPELLED, 1.0
    if is_body:
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


def _asked(text: str) -> Iterator[tuple[str, Form]]:
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
                yield bare, max(form, kind, key=_ORDER.__getitem__)


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
