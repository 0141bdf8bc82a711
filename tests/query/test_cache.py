"""Answers that were given before."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from kg.errors import DataError
from kg.query.backend import QueryJob
from kg.query.cache import Cache, Kept, etag_of, key_of

Run = Callable[[Coroutine[Any, Any, Any]], Any]
JOB = QueryJob("ASK {}", "srj")


def key(text: str, extension: str = "srj", **more: Any) -> str | None:
    return key_of(QueryJob(text, extension, **more))


def making(body: bytes, made: list[bytes] | None = None) -> Callable[[], Awaitable[Kept]]:
    """What makes an answer, and notes that it did."""

    async def make() -> Kept:
        if made is not None:
            made.append(body)
        return Kept(body, etag_of(body))

    return make


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


def test_whatever_the_answer_hangs_on_makes_a_difference() -> None:
    differing: list[dict[str, Any]] = [
        {},
        {"extension": "srx"},
        {"default_graphs": ("g",)},
        {"named_graphs": ("g",)},
        {"default_graphs": ("g", "h")},
        {"default_graphs": ("g",), "named_graphs": ("h",)},
        {"encoding": "gzip"},
        {"encoding": "br"},
        {"max_rows": 5},
        {"max_rows": 6},
        {"result_bytes": 5},
    ]

    assert len({key("ASK {}", **more) for more in differing}) == len(differing)


def test_the_order_in_which_graphs_are_named_makes_none() -> None:
    assert key("ASK {}", default_graphs=("g", "h")) == key("ASK {}", default_graphs=("h", "g"))


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
    assert Cache(1 << 20).key_of(QueryJob(text, "srj")) is None


@pytest.mark.parametrize("text", ['ASK { ?now ?rand "uuid()" }', "ASK { <http://e/now> ?p ?o }"])
def test_such_a_word_in_a_name_or_a_string_is_no_call(text: str) -> None:
    assert key(text) is not None


def test_a_cache_of_no_bytes_keeps_nothing() -> None:
    assert Cache(0).key_of(JOB) is None


def test_an_answer_is_made_once(run: Run) -> None:
    async def go() -> None:
        cache, made = Cache(1 << 20), []
        first = await cache.answer("k", making(b"answer", made))
        assert await cache.answer("k", making(b"other", made)) == first
        assert made == [b"answer"]

    run(go())


def test_the_least_used_is_dropped_when_there_are_too_many_bytes(run: Run) -> None:
    async def go() -> None:
        cache = Cache(1 << 20)
        large = b"x" * (cache.max_entry // 2)
        for number in range(100):
            await cache.answer(str(number), making(large))
            cache.find("0")
            assert cache.bytes <= 1 << 20
        assert cache.find("0") is not None
        assert cache.find("99") is not None
        assert cache.find("1") is None

    run(go())


def test_many_small_answers_take_no_more_than_a_few_large_ones(run: Run) -> None:
    """An answer takes more than its body, and its query is remembered too."""
    import tracemalloc

    async def fill(cache: Cache) -> None:
        for number in range(6_000):
            job = QueryJob(f"ASK {{ <http://example.org/{number}> ?p ?o }}", "srj")
            name = cache.key_of(job)
            assert name is not None
            await cache.answer(name, making(b'{"head":{},"boolean":true}'))

    tracemalloc.start()
    try:
        cache = Cache(1 << 20)
        run(fill(cache))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 6 << 20
    assert cache.bytes <= 1 << 20


def test_an_answer_that_is_too_large_is_given_and_not_kept(run: Run) -> None:
    async def go() -> None:
        cache = Cache(1 << 20)
        large = b"x" * (cache.max_entry + 1)
        made = await cache.answer("k", making(large))
        assert made is not None
        assert made.body == large
        assert cache.find("k") is None
        assert cache.bytes == 0

    run(go())


def test_a_failure_is_not_kept(run: Run) -> None:
    async def fail() -> Kept:
        raise DataError("no")

    async def go() -> None:
        cache = Cache(1 << 20)
        with pytest.raises(DataError):
            await cache.answer("k", fail)
        found = await cache.answer("k", making(b"yes"))
        assert found is not None
        assert found.body == b"yes"

    run(go())


def test_of_many_who_ask_at_once_one_works(run: Run) -> None:
    async def go() -> None:
        cache, made, gate = Cache(1 << 20), [], asyncio.Event()

        async def make() -> Kept:
            made.append(1)
            await gate.wait()
            return Kept(b"answer", etag_of(b"answer"))

        tasks = [asyncio.create_task(cache.answer("k", make)) for _ in range(8)]
        await asyncio.sleep(0)
        gate.set()
        answers = await asyncio.gather(*tasks)
        assert {answer.body for answer in answers if answer} == {b"answer"}
        assert (len(answers), made) == (8, [1])

    run(go())


def test_a_failure_is_told_to_all_who_wait_for_it(run: Run) -> None:
    async def go() -> None:
        cache, gate = Cache(1 << 20), asyncio.Event()

        async def fail() -> Kept:
            await gate.wait()
            raise DataError("no")

        tasks = [asyncio.create_task(cache.answer("k", fail)) for _ in range(4)]
        await asyncio.sleep(0)
        gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [DataError] * 4

    run(go())


def test_when_the_one_who_asked_first_hangs_up_the_others_are_answered(run: Run) -> None:
    async def go() -> None:
        cache, made, gate = Cache(1 << 20), [], asyncio.Event()

        async def make() -> Kept:
            made.append(1)
            await gate.wait()
            return Kept(b"answer", etag_of(b"answer"))

        tasks = [asyncio.create_task(cache.answer("k", make)) for _ in range(4)]
        while not made:
            await asyncio.sleep(0)
        tasks[0].cancel()
        gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(outcomes[0], asyncio.CancelledError)
        assert [getattr(outcome, "body", None) for outcome in outcomes[1:]] == [b"answer"] * 3
        assert made == [1, 1]

    run(go())


def test_who_waits_and_hangs_up_hinders_nobody(run: Run) -> None:
    async def go() -> None:
        cache, gate = Cache(1 << 20), asyncio.Event()

        async def make() -> Kept:
            await gate.wait()
            return Kept(b"answer", etag_of(b"answer"))

        leader, *others = [asyncio.create_task(cache.answer("k", make)) for _ in range(3)]
        await asyncio.sleep(0)
        others[0].cancel()
        await asyncio.gather(others[0], return_exceptions=True)
        gate.set()
        assert (await leader, await others[1]) == (cache.find("k"), cache.find("k"))

    run(go())


def test_the_tag_is_that_of_the_bytes_and_in_quotes() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"a").startswith('"')
    assert etag_of(b"a").endswith('"')
