"""The doctor on the real data: the questions of the library, each with one term misspelt.

What is right is known here without looking at the program: the term that was misspelt, its place,
and the query as it was.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import library, queryfile
from kg.diagnosis import Lexicon, diagnose
from kg.query.guard import tokens

_NAME = re.compile(r"[A-Za-z]{5,}$")


@pytest.fixture(scope="module")
def lexicon(snapshot_store: ox.Store) -> Lexicon:
    """The terms of the real data."""
    return Lexicon(snapshot_store)


def misspelt(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each name in a query with its place, and a query with two of its letters changed."""
    begins = text.index("SELECT")
    for token in tokens(text):
        prefix, _, local = token.text.partition(":")
        if token.kind != "prefixed" or prefix == "xsd":  # a datatype is no term of the data
            continue
        if token.start > begins and _NAME.match(local):
            at = token.start + len(token.text) - 3
            if text[at] != text[at + 1]:
                yield token.start, token.text, swapped(text, at)


def swapped(text: str, at: int) -> str:
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def test_every_question_of_the_library_has_an_answer_or_is_one_that_shall_have_none(
    root: Path, snapshot_store: ox.Store, lexicon: Lexicon
) -> None:
    for query in queryfile.library(root).values():
        found = diagnose(snapshot_store, library.text_of(query), lexicon=lexicon)
        has_rows = next(iter(snapshot_store.query(found.text)), None) is not None  # type: ignore[arg-type]
        assert (found.verdict == "answered") == has_rows, query.name
        assert has_rows != bool(query.expect.get("empty")), query.name
        assert has_rows or found.findings, query.name


def test_a_misspelt_name_in_a_question_is_found_at_its_place_and_mended(
    root: Path, snapshot_store: ox.Store, lexicon: Lexicon
) -> None:
    tried = found_there = mended = 0
    for query in list(queryfile.library(root).values())[::4]:
        text = library.text_of(query)
        if diagnose(snapshot_store, text, lexicon=lexicon).verdict != "answered":
            continue  # the answer is that there is none, so nothing tells when it is mended
        for start, _, changed in list(misspelt(text))[:3]:
            told = diagnose(snapshot_store, changed, lexicon=lexicon)
            if told.verdict != "empty":
                continue  # in OPTIONAL or UNION, where it takes only a part away
            tried += 1
            found_there += any(each.start == start for each in told.findings)
            mended += told.query == text
    assert tried > 30
    assert (found_there, mended) == (tried, tried)
