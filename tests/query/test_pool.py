"""Workers of one zygote: killed, replaced, shared and queued, with real processes."""

import asyncio
import json
import os
import resource
import signal
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from kg.errors import DataError, MalformedError
from kg.query.backend import BusyError, QueryJob, QueryTimeoutError, WorkerDiedError
from kg.query.evaluation import ResultTooLargeError
from kg.query.pool import Pool

Run = Callable[[Coroutine[Any, Any, Any]], Any]
MakePool = Callable[..., AbstractAsyncContextManager[Pool]]
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
# Works for about a second on the machines of the time, and ends.
VALUES = " ".join(map(str, range(50)))
LONG = (
    f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . VALUES ?x {{ {VALUES} }} "
    "FILTER(STRLEN(CONCAT(?c, ?f, STR(?x))) < 1) }"
)
DOUBLING = " ".join(f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(40))
GREEDY = f'SELECT ?x {{ BIND("aaaaaaaa" AS ?v0) {DOUBLING} BIND(STRLEN(?v40) AS ?x) }}'


async def asked(pool: Pool, text: str = "ASK {}", **more: Any) -> dict[str, Any]:
    """The answer to a query, in full, as it stands in JSON."""
    answer = await pool.query(QueryJob(text, "srj", **more))
    body = answer.first
    async for piece in answer.rest():
        body += piece
    await answer.close()
    found: dict[str, Any] = json.loads(body)
    return found


def begun(pool: Pool, text: str, **more: Any) -> "asyncio.Task[dict[str, Any]]":
    """A query under way."""
    return asyncio.get_running_loop().create_task(asked(pool, text, **more))


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that is bound to happen; a hang ends the test elsewhere."""
    while not holds():
        await asyncio.sleep(0.005)


def is_gone(process: int) -> bool:
    """Whether a process has ended; what is left of it may still be there."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def parent_of(process: int) -> int:
    """The process that made another."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def children_of(process: int) -> set[int]:
    """The processes that one has made and that are not buried."""
    found = Path(f"/proc/{process}/task").glob("*/children")
    return {int(each) for file in found for each in file.read_text().split()}


def kill(processes: Iterable[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGKILL)


def test_a_query_is_answered_from_the_file(run: Run, pool_of: MakePool) -> None:
    async def go() -> dict[str, Any]:
        async with pool_of() as pool:
            return await asked(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")

    assert run(go())["results"]["bindings"][0]["n"]["value"] == "200"


def test_a_query_at_its_deadline_is_killed_and_its_neighbour_is_not(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of(quick=2, deadline_s=0.5) as pool:
            await until(lambda: len(pool.processes()) == 2 and 0 not in pool.processes())
            before = set(pool.processes())
            slow = begun(pool, ENDLESS)
            while not slow.done():
                assert (await asked(pool))["boolean"] is True
            with pytest.raises(QueryTimeoutError, match=r"0\.5 s"):
                await slow
            await until(lambda: len(pool.processes()) == 2)
            assert len(before & set(pool.processes())) == 1

    run(go())


def test_a_query_that_takes_all_memory_ends_alone(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of(quick=2, memory_bytes=256 * 2**20, deadline_s=60) as pool:
            greedy = begun(pool, GREEDY)
            assert (await asked(pool))["boolean"] is True
            with pytest.raises((WorkerDiedError, DataError)):
                await greedy
            assert (await asked(pool))["boolean"] is True

    run(go())


def test_faults_of_a_query_come_back_as_they_are(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            with pytest.raises(MalformedError) as caught:
                await asked(pool, "ASK {\n ?s ?p }")
            assert caught.value.line == 2
            with pytest.raises(DataError):
                await asked(pool, "ASK { FILTER(<http://example.org/f>(1)) }")
            with pytest.raises(ResultTooLargeError, match="20,000"):
                await asked(pool, "SELECT * { ?s ?p ?o . ?a ?b ?c }", result_bytes=20_000)
            assert pool.killed == 0

    run(go())


def test_an_idle_worker_killed_from_outside_costs_nobody_anything(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of(quick=2) as pool:
            for _ in range(10):
                await until(lambda: len(pool.processes()) == 2 and 0 not in pool.processes())
                kill(pool.processes())
                assert (await asked(pool))["boolean"] is True

    run(go())


def test_a_busy_worker_killed_from_outside_is_an_error_and_is_replaced(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            slow = begun(pool, ENDLESS_ROWS)
            await until(lambda: pool.load()["running_quick"] == 1)
            answer = asyncio.get_running_loop().create_task(
                pool.query(QueryJob(ENDLESS_ROWS, "srj"))
            )
            first = await answer  # the first one was moved over, or it would never have begun
            kill(pool.processes())
            with pytest.raises(WorkerDiedError):
                await slow
            with pytest.raises(WorkerDiedError):
                async for _ in first.rest():
                    pass
            assert (await asked(pool))["boolean"] is True

    run(go())


def test_a_job_whose_worker_dies_at_once_is_tried_once_more(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            slow = begun(pool, ENDLESS)
            await until(lambda: pool.load()["running_quick"] == 1)
            kill(pool.processes())  # may be within the time in which it is tried again
            await until(lambda: slow.done() or pool.forked == 2)
            await until(lambda: slow.done() or pool.load()["running_quick"] == 1)
            if not slow.done():
                kill(pool.processes())
            with pytest.raises(WorkerDiedError):
                await slow

    run(go())


def test_workers_share_the_store_of_the_zygote(run: Run, pool_of: MakePool) -> None:
    """Were it copied, each worker would have all of its memory to itself."""

    async def go() -> None:
        async with pool_of(quick=3) as pool:
            await until(lambda: len(pool.processes()) == 3 and 0 not in pool.processes())
            assert (await asked(pool, "ASK { ?s ?p ?o }"))["boolean"] is True
            zygotes = {parent_of(process) for process in pool.processes()}
            assert len(zygotes) == 1
            whole = _kilobytes(zygotes.pop(), "Rss")
            for process in pool.processes():
                own = _kilobytes(process, "Private_Clean") + _kilobytes(process, "Private_Dirty")
                assert own < whole / 2

    run(go())


def _kilobytes(process: int, name: str) -> int:
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(name + ":"))


def test_a_look_up_is_answered_though_every_worker_has_a_query_without_end(
    run: Run, pool_of: MakePool
) -> None:
    """There is no deadline that could set a worker free."""

    async def go() -> None:
        async with pool_of(quick=2, slow=2) as pool:
            endless = [begun(pool, ENDLESS) for _ in range(8)]
            await until(lambda: pool.load()["running_quick"] == 2)
            for _ in range(5):
                assert (await asked(pool))["boolean"] is True
            assert not any(task.done() for task in endless)
            assert pool.load()["running_slow"] <= 2
            for task in endless:
                task.cancel()
            await asyncio.gather(*endless, return_exceptions=True)
            assert (await asked(pool))["boolean"] is True

    run(go())


def test_a_long_query_that_had_to_make_room_is_begun_anew_and_answered(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of(quick=1, slow=1) as pool:
            slow = begun(pool, ENDLESS)
            await until(lambda: pool.load()["running_quick"] == 1)
            assert (await asked(pool))["boolean"] is True
            await until(lambda: pool.load()["running_slow"] == 1)
            long = begun(pool, LONG)
            await until(lambda: pool.load()["running_quick"] == 1)
            assert (await asked(pool))["boolean"] is True
            assert (pool.load()["running_slow"], slow.done()) == (1, False)
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)
            assert (await long)["results"]["bindings"][0]["n"]["value"] == "0"

    run(go())


def test_a_long_query_that_waits_too_long_is_turned_away(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of(quick=1, slow=1, wait_s=1) as pool:
            first = begun(pool, ENDLESS)
            await until(lambda: pool.load()["running_quick"] == 1)
            assert (await asked(pool))["boolean"] is True
            second = begun(pool, ENDLESS)
            await until(lambda: pool.load()["running_quick"] == 1)
            assert (await asked(pool))["boolean"] is True
            with pytest.raises(BusyError, match="try again"):
                await second
            assert not first.done()
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)

    run(go())


def test_more_jobs_than_may_wait_are_turned_away_at_once(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of(quick=1, slow=1, waiting=3) as pool:
            jobs = [begun(pool, ENDLESS_ROWS.replace("*", f"?a{n}")) for n in range(8)]
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_EXCEPTION)
            assert {type(task.exception()) for task in done} == {BusyError}
            assert len(done) >= 4
            for task in jobs:
                task.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            assert (await asked(pool))["boolean"] is True

    run(go())


def test_a_query_that_nobody_waits_for_is_killed_and_its_worker_replaced(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            slow = begun(pool, ENDLESS)
            await until(lambda: pool.load()["running_quick"] == 1)
            (process,) = pool.processes()
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            await until(lambda: is_gone(process))
            assert (await asked(pool))["boolean"] is True
            assert pool.killed == 1

    run(go())


def test_a_query_that_is_given_up_while_it_waits_costs_no_worker(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of(quick=1, slow=0) as pool:
            answer = await pool.query(QueryJob(ENDLESS_ROWS, "srj"))
            waiting = begun(pool, "ASK { ?not ?wanted ?now }")
            await until(lambda: pool.load()["waiting"] == 1)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            assert (pool.killed, pool.load()["waiting"]) == (0, 0)
            await answer.close()
            assert (await asked(pool))["boolean"] is True

    run(go())


def test_an_answer_that_is_let_go_of_is_no_longer_made(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            answer = await pool.query(QueryJob(ENDLESS_ROWS, "srj"))
            (process,) = pool.processes()
            assert not answer.is_complete
            await answer.close()
            await answer.close()
            await until(lambda: is_gone(process))
            assert pool.killed == 1

    run(go())


def test_the_pool_comes_back_when_its_zygote_is_killed(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of(quick=2) as pool:
            await until(lambda: 0 not in pool.processes())
            before = set(pool.processes())
            zygote = parent_of(min(before))
            others = children_of(os.getpid()) - {zygote}  # of tests before this one
            kill([zygote])
            await until(lambda: all(is_gone(process) for process in before))
            assert (await asked(pool))["boolean"] is True
            await until(lambda: bool(pool.processes()) and 0 not in pool.processes())
            assert not before & set(pool.processes())
            assert {parent_of(p) for p in pool.processes()} == children_of(os.getpid()) - others

    run(go())


def test_the_snapshot_may_be_removed_after_the_start(
    run: Run, pool_of: MakePool, nquads: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "dataset.nq"
    copy.write_bytes(nquads.read_bytes())

    async def go() -> dict[str, Any]:
        async with pool_of(nquads=copy) as pool:
            copy.unlink()
            kill([parent_of(pool.processes()[0])])
            return await asked(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")

    assert run(go())["results"]["bindings"][0]["n"]["value"] == "200"


def test_a_pool_that_is_closed_leaves_no_process(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of(quick=2) as pool:
            slow = begun(pool, ENDLESS)
            await until(lambda: pool.load()["running_quick"] == 1)
            processes = [*pool.processes(), parent_of(max(pool.processes()))]
            await pool.close()
            await until(lambda: all(is_gone(process) for process in processes))
            with pytest.raises(BusyError):
                await asked(pool)
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)

    run(go())


def test_a_thousand_kills_leave_nothing_behind(run: Run, pool_of: MakePool) -> None:
    async def kill_one(pool: Pool) -> None:
        call = begun(pool, ENDLESS)
        await until(lambda: call.done() or pool.load()["running_quick"] > 0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    def memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    async def settled(pool: Pool) -> tuple[int, int, int, int]:
        assert (await asked(pool))["boolean"] is True
        await until(lambda: len(pool.processes()) == 2 and 0 not in pool.processes())
        (zygote,) = {parent_of(process) for process in pool.processes()}
        await until(lambda: len(children_of(zygote)) == 2)
        own = len(list(Path("/proc/self/fd").iterdir()))
        its = len(list(Path(f"/proc/{zygote}/fd").iterdir()))
        return own, its, len(children_of(os.getpid())), memory()

    async def go() -> None:
        async with pool_of(quick=2) as pool:
            for _ in range(100):
                await kill_one(pool)
            *before, memory_before = await settled(pool)
            for _ in range(1000):
                await kill_one(pool)
            *after, memory_after = await settled(pool)
            assert pool.killed == 1100
            assert after == before
            assert memory_after < 1.1 * memory_before

    run(go())
