"""The service over a pool: what is asked of a worker, and what is answered from memory."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from kg.errors import DataError, KgError, MalformedError
from kg.mediatypes import CSV, RESULTS_JSON, MediaType
from kg.query.backend import HOLD_BYTES, QueryTimeoutError
from kg.query.evaluation import ResultTooLargeError
from kg.query.guard import Form
from kg.query.pool import Pool
from kg.query.protocol import QueryRequest
from kg.query.rows import MOST_ROWS
from kg.query.service import Limits, QueryResult, QueryService, gather

Run = Callable[[Coroutine[Any, Any, Any]], Any]
MakePool = Callable[..., AbstractAsyncContextManager[Pool]]
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
SQUARE = "SELECT * { ?s ?p ?o . ?a ?b ?c }"  # 40,000 rows: streamed
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def as_json(_: Form) -> MediaType:
    return RESULTS_JSON


def as_csv(_: Form) -> MediaType:
    return CSV


@pytest.fixture(name="serving")
def what_makes_a_service(
    pool_of: MakePool,
) -> Callable[..., AbstractAsyncContextManager[QueryService]]:
    @asynccontextmanager
    async def make(*, deadline_s: float = 600, **limits: Any) -> AsyncIterator[QueryService]:
        async with pool_of(deadline_s=deadline_s, quick=1, slow=1) as pool:
            yield QueryService(pool, Limits(deadline_s=deadline_s, **limits))

    return make


Serving = Callable[..., AbstractAsyncContextManager[QueryService]]


async def body(service: QueryService, text: str, **more: Any) -> bytes:
    result = await service.run(QueryRequest(text), as_json, **more)
    return await gather(result, 1 << 30)


@asynccontextmanager
async def frozen(service: QueryService) -> AsyncIterator[None]:
    """Have no worker do anything: what is answered meanwhile is answered without one."""
    assert isinstance(service.backend, Pool)
    processes = service.backend.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):  # it was replaced
                os.kill(process, signal.SIGCONT)


def test_a_query_is_answered_with_its_form_and_type(run: Run, serving: Serving) -> None:
    async def go() -> QueryResult:
        async with serving() as service:
            result = await service.run(QueryRequest(COUNT), as_json)
            await result.close()
            return result

    result = run(go())
    assert (result.form, result.media_type, result.is_complete) == ("SELECT", RESULTS_JSON, True)
    assert json.loads(result.first)["results"]["bindings"][0]["n"]["value"] == "200"


def test_a_question_asked_again_is_answered_without_a_worker(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving() as service:
            first = await service.run(QueryRequest(COUNT), as_json)
            async with frozen(service):
                again = await service.run(QueryRequest(COUNT + " # again"), as_json)
            assert (again.first, again.etag) == (first.first, first.etag)
            assert first.is_lasting
            assert again.is_lasting

    run(go())


def test_a_streamed_answer_that_was_read_to_its_end_is_kept(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving() as service:
            text = "SELECT * { ?s ?p ?o . VALUES ?x { 1 2 3 4 5 6 7 8 9 10 } }"
            first = await service.run(QueryRequest(text), as_json)
            assert not first.is_complete
            whole = await gather(first, 1 << 30)
            async with frozen(service):
                again = await service.run(QueryRequest(text), as_json)
            assert again.is_complete
            assert again.first == whole

    run(go())


def test_a_streamed_answer_that_was_left_is_not_kept(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving() as service:
            first = await service.run(QueryRequest(SQUARE), as_json)
            async for _ in first.rest():
                break
            await first.close()
            again = await service.run(QueryRequest(SQUARE), as_json)
            assert not again.is_complete
            await again.close()

    run(go())


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "STRUUID()"])
def test_what_changes_from_call_to_call_is_made_each_time(
    run: Run, serving: Serving, function: str
) -> None:
    async def go() -> None:
        async with serving() as service:
            text = f"SELECT ({function} AS ?x) {{}}"
            results = [await service.run(QueryRequest(text), as_json) for _ in range(2)]
            assert results[0].first != results[1].first
            assert not any(result.is_lasting for result in results)

    run(go())


def test_of_many_who_ask_at_once_one_has_a_worker(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving() as service:
            assert isinstance(service.backend, Pool)
            # The others would be seen to wait for the worker, had they a question of their own.
            async with frozen(service):
                tasks = [asyncio.create_task(body(service, COUNT)) for _ in range(8)]
                await asyncio.sleep(0.05)
                load = service.backend.load()
                assert (load["running_quick"], load["waiting"]) == (1, 0)
            assert len(set(await asyncio.gather(*tasks))) == 1

    run(go())


def test_many_may_stream_the_same_long_answer(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving(cache_bytes=1 << 20) as service:
            text = SQUARE + " LIMIT 5000"
            bodies = await asyncio.gather(*(body(service, text) for _ in range(3)))
            assert len(set(bodies)) == 1
            assert len(json.loads(bodies[0])["results"]["bindings"]) == 5000
            assert len(bodies[0]) > HOLD_BYTES

    run(go())


def test_the_one_who_asked_first_hangs_up_and_another_is_answered(
    run: Run, serving: Serving
) -> None:
    async def go() -> None:
        async with serving() as service:
            async with frozen(service):
                first = asyncio.create_task(body(service, COUNT))
                await asyncio.sleep(0.05)
                second = asyncio.create_task(body(service, COUNT))
                await asyncio.sleep(0.05)
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)
            assert json.loads(await second)["results"]["bindings"][0]["n"]["value"] == "200"

    run(go())


def test_faults_come_back_as_they_are(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving(result_bytes=20_000, cache_bytes=0) as service:
            with pytest.raises(MalformedError, match="expected a query"):
                await body(service, "PREFIX e: <http://e/>")
            with pytest.raises(MalformedError, match="SERVICE"):
                await body(service, "ASK { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }")
            with pytest.raises(MalformedError) as caught:
                await body(service, "ASK {\n ?s ?p }")
            assert caught.value.line == 2
            with pytest.raises(DataError):
                await body(service, "ASK { FILTER(<http://example.org/f>(1)) }")
            with pytest.raises(ResultTooLargeError):
                await body(service, SQUARE)

    run(go())


def test_at_the_deadline_a_query_ends_and_the_service_goes_on(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving(deadline_s=0.5) as service:
            with pytest.raises(QueryTimeoutError):
                await body(service, ENDLESS)
            assert json.loads(await body(service, "ASK {}"))["boolean"] is True

    run(go())


def test_more_rows_than_a_first_look_needs_are_not_given_as_one(run: Run, serving: Serving) -> None:
    async def go() -> QueryResult:
        async with serving() as service:
            result = await service.run(QueryRequest(SQUARE), as_csv, max_rows=10**9)
            whole = await gather(result, 1 << 30)
            assert whole.count(b"\r\n") == MOST_ROWS + 1
            return result

    assert run(go()).cut_at == MOST_ROWS


def test_who_may_not_ask_is_still_answered_from_what_is_kept(run: Run, serving: Serving) -> None:
    class NotNowError(KgError):
        """Asked too often."""

    def refuse() -> None:
        raise NotNowError

    async def go() -> None:
        async with serving() as service:
            await body(service, COUNT)
            assert await body(service, COUNT, may_ask=refuse)
            with pytest.raises(NotNowError):
                await body(service, "ASK {}", may_ask=refuse)
            with pytest.raises(NotNowError):
                await body(service, "SELECT (NOW() AS ?x) {}", may_ask=refuse)

    run(go())


def test_a_graph_that_is_not_there_is_empty_and_said(run: Run, serving: Serving) -> None:
    async def go() -> None:
        async with serving() as service:
            there, absent = "http://example.org/g", "http://127.0.0.1:9/absent"
            request = QueryRequest(COUNT, (there, absent), (absent,))
            result = await service.run(request, as_json)
            assert result.absent == (absent,)
            rows = json.loads(result.first)["results"]["bindings"]
            assert rows[0]["n"]["value"] == "2"

    run(go())
