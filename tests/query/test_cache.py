"""Answers that were given before."""

import threading

import pytest

from kg.errors import DataError
from kg.query.cache import Cache, key_of


def key(
    text: str, snapshot: str = "s", extension: str = "srj", graphs: tuple[str, ...] = ()
) -> str | None:
    return key_of(snapshot, text, graphs, (), extension)


@pytest.mark.parametrize(
    "text",
    ["ASK{?s ?p ?o}", "ASK\n  { ?s ?p ?o } # why not", "ASK { ?s ?p ?o }\r\n"],
)
def test_blanks_and_comments_make_no_difference(text: str) -> None:
    assert key(text) == key("ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    "text",
    [
        'ASK { ?s ?p "a  b" }',
        'ASK { ?s ?p "a b"@en }',
        "ASK { ?s ?p <http://e/#x> }",
        "ASK { ?s ?p ?q }",
        "ask { ?s ?p ?o . FILTER(?o < ?p) }",
    ],
)
def test_anything_else_does(text: str) -> None:
    others = {key(other) for other in ('ASK { ?s ?p "a b" }', "ASK { ?s ?p <http://e/> }")}
    assert key(text) not in others


def test_snapshot_format_and_graphs_make_a_difference() -> None:
    keys = {
        key("ASK {}"),
        key("ASK {}", "t"),
        key("ASK {}", "s", "srx"),
        key("ASK {}", graphs=("g",)),
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (NOW() AS ?t) {}",
        "SELECT (rand() AS ?t) {}",
        "SELECT (STRUUID() AS ?t) {}",
        "SELECT (uuid() AS ?t) {}",
        "SELECT (BNODE() AS ?t) {}",
        "SELECT * { BIND(1+NOW() AS ?t) }",
    ],
)
def test_what_changes_from_call_to_call_is_never_kept(text: str) -> None:
    assert key(text) is None


@pytest.mark.parametrize("text", ['ASK { ?now ?rand "uuid()" }', "ASK { <http://e/now> ?p ?o }"])
def test_such_a_word_in_a_name_or_a_string_is_no_call(text: str) -> None:
    assert key(text) is not None


def test_an_answer_is_made_once() -> None:
    cache, made = Cache(1000), []

    def make() -> bytes:
        made.append(1)
        return b"answer"

    assert cache.answer("k", make) == cache.answer("k", make)
    assert made == [1]


def test_the_least_used_is_dropped_when_there_are_too_many_bytes() -> None:
    cache = Cache(320)  # one may take 20
    for name in "abcdefghijklmnop":
        cache.answer(name, lambda: b"x" * 20)
    cache.find("a")
    cache.answer("new", lambda: b"x" * 20)
    assert cache.find("a") is not None
    assert cache.find("b") is None


def test_an_answer_that_is_too_large_is_given_and_not_kept() -> None:
    cache = Cache(160)
    assert cache.answer("k", lambda: b"x" * 11).body == b"x" * 11
    assert cache.find("k") is None


def test_a_failure_is_not_kept() -> None:
    cache = Cache(1000)

    def fail() -> bytes:
        raise DataError("no")

    with pytest.raises(DataError):
        cache.answer("k", fail)
    assert cache.answer("k", lambda: b"yes").body == b"yes"


def test_of_many_who_ask_at_once_one_works() -> None:
    cache, made, gate = Cache(1000), [], threading.Event()

    def make() -> bytes:
        made.append(1)
        gate.wait(10)
        return b"answer"

    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(cache.answer("k", make).body))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert answers == [b"answer"] * 8
    assert made == [1]


def test_the_tag_is_that_of_the_bytes() -> None:
    one, two = Cache(1000), Cache(1000)
    assert one.answer("k", lambda: b"a").etag == two.answer("j", lambda: b"a").etag
    assert one.answer("l", lambda: b"b").etag != one.answer("k", lambda: b"a").etag
