"""From a text to the names that it is, may be, or is a part of, without reading all names.

Four ways in, each a look-up in a table:

    same      the folded name without spaces, its other spellings, its forms in other cases, its
              core without words of bodies, the parts of a bilingual name
    words     all words of the text, or all but a few of them
    starting  names that begin with the text
    near      one or two slips of the pen: a name in reach has about as many letters, and shares at
              least one of its rarest runs of three, because a slip spoils at most four of them
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from kg.matching.keys import CODE, ORDER, Form, Key, Keys, asked_as, keys_of
from kg.matching.memory import uncollected
from kg.matching.records import Name, Record
from kg.names import fold, key, parts, spellings

_RUN: Final = 3  # letters
_SPOILED: Final = 4  # runs that one slip changes at most: two letters swapped
# Letters from which a name may have one slip, and two: it has as many runs as letters.
_ONE_SLIP: Final = _SPOILED + 1
_TWO_SLIPS: Final = 2 * _SPOILED + 1
_MOST_READ: Final = 20_000  # names that share a run of letters and are compared, at most


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


# A name under one of its keys: the number of the record, the name, how the key differs from it, and
# what share of the name the key stands for. Plain tuples, for there are a million.
_Entry = tuple[int, Name, Form, float]
_Entries = dict[str, list[_Entry]]
# Keys by text, language, whether it is a main name, and whether it is a body's own: a body goes by
# the names of its city, and many languages have the same one.
_Known = dict[tuple[str, str, bool, bool], Keys]


class Index:
    """The names of records, ready to be looked up."""

    @uncollected()
    def __init__(self, records: Iterable[Record]) -> None:
        """Make the tables.

        Args:
            records: Of things that may be meant; their IRIs differ.
        """
        self.records: Final = tuple(records)
        self._keys: _Entries = defaultdict(list)
        self._folded: _Entries = defaultdict(list)
        known: _Known = {}
        for number, record in enumerate(self.records):
            self._add(number, record, known)

    def _add(self, number: int, record: Record, known: _Known) -> None:
        seen: set[Key] = set()
        for name in record.names:
            is_own = record.body is not None and not name.of
            what = (name.text, name.language, name.kind == "main", is_own)
            made = known.get(what)
            if made is None:
                made = known[what] = keys_of(*what)
            folded, keys = made
            if not folded:
                continue
            self._folded[folded].append((number, name, Form.FOLDED, 1.0))
            for each in keys:
                if each not in seen:
                    seen.add(each)
                    text, form, share = each
                    self._keys[text].append((number, name, form, share))

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
        for folded, asked in asked_as(text):
            for number, name, form, share in self._keys.get(key(folded), ()):
                told = self._form(text, folded, asked, name, form)
                is_share = form == Form.PART != asked
                found = Found(self.records[number], name, told, share if is_share else 1.0)
                if asked == Form.PART:
                    pieces[number].add(folded)
                known = best.get(number)
                if known is None or _rank(found) < _rank(known):
                    best[number] = found
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
    def _form(text: str, folded: str, asked: Form, name: Name, form: Form) -> Form:
        """Return how a text and a name differ: the larger of the ways that either was changed."""
        if asked == Form.FOLDED and form == Form.FOLDED:
            if text.casefold() == name.text.casefold():
                return Form.EXACT
            return Form.FOLDED if fold(name.text) == folded else Form.SPELLED
        return max(asked, form, key=ORDER.__getitem__)

    def near(self, text: str) -> list[Found]:
        """Return the names that a text is but for one or two slips of the pen; best first."""
        best: dict[int, Found] = {}
        for folded, asked in asked_as(text):
            if asked in (Form.FOLDED, Form.CORE):
                for other, slips in self._within(key(folded)):
                    likeness = 1 - slips / max(len(folded), len(other))
                    for number, name, _, _ in self._keys[other] if slips else ():
                        found = Found(self.records[number], name, Form.NEAR, likeness)
                        known = best.get(number)
                        if known is None or _by_likeness(found) < _by_likeness(known):
                            best[number] = found
        return sorted(best.values(), key=_by_likeness)

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
            for end in range(start + 1, min(start + self._most_words, len(words)) + 1)
        }
        names = sorted(spans & self._folded.keys(), key=lambda name: (-len(name), name))
        length = len(" ".join(words))
        found = (
            (entry, len(name) / length)
            for name in names
            if len(name) > CODE
            for entry in self._folded[name]
        )
        return self._first(found, Form.WORDS, len(self.records))

    def _first(self, names: Iterable[tuple[_Entry, float]], form: Form, limit: int) -> list[Found]:
        """Return the first name of each record, up to `limit` records."""
        found: dict[int, Found] = {}
        for (number, name, _, _), likeness in names:
            if number not in found:
                if len(found) == limit:
                    break
                found[number] = Found(self.records[number], name, form, likeness)
        return list(found.values())

    def _within(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the keys in reach of a text, and how many slips they are away."""
        slips = _slips(text)
        lengths = range(len(text) - slips, len(text) + slips + 1)
        first, last = (bisect_left(self._long, n, key=len) for n in (lengths.start, lengths.stop))
        listed = [_between(self._runs.get(run, ()), first, last) for run in set(_runs(text))]
        listed.sort(key=len)
        near = chain.from_iterable(listed[: _SPOILED * slips + 1])
        for number in islice(dict.fromkeys(near), _MOST_READ):
            other = self._long[number]
            distance = OSA.distance(text, other, score_cutoff=slips)
            if distance <= slips:
                yield other, distance

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._folded)

    @cached_property
    def _most_words(self) -> int:
        """How many words the longest name has."""
        return max((name.count(" ") + 1 for name in self._folded), default=0)

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {word: frozenset(names) for word, names in _by(self._folded, str.split).items()}

    @cached_property
    def _long(self) -> list[str]:
        """The keys that may be near to another, the shortest first."""
        return sorted((text for text in self._keys if len(text) >= _ONE_SLIP - 1), key=len)

    @cached_property
    def _runs(self) -> dict[str, list[int]]:
        """The numbers of the keys in `_long` by the runs of letters in them, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self._long):
            for run in _runs(text):
                found[run].append(number)
        return found

    @uncollected()
    def prepare(self) -> None:
        """Make the tables that are made when they are first used."""
        _ = self.by_iri, self._sorted, self._words, self._most_words, self._runs


def _rank(found: Found) -> tuple[int, float, str]:
    return ORDER[found.form], -found.likeness, found.record.iri


def _by_likeness(found: Found) -> tuple[float, str, bool, Name]:
    return -found.likeness, found.record.iri, found.name.kind != "main", found.name


def _by(texts: Iterable[str], pieces: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for piece in pieces(text):
            found[piece].append(text)
    return found


def _runs(text: str) -> list[str]:
    """Return the runs of letters of a text, with marks for its two ends."""
    marked = f"^{text}$"
    return [marked[n : n + _RUN] for n in range(len(marked) - _RUN + 1)]


def _between(numbers: Sequence[int], first: int, last: int) -> Sequence[int]:
    """Return those of some numbers in order that are at least `first` and less than `last`."""
    return numbers[bisect_left(numbers, first) : bisect_left(numbers, last)]


def _slips(text: str) -> int:
    return 2 if len(text) >= _TWO_SLIPS else int(len(text) >= _ONE_SLIP)
