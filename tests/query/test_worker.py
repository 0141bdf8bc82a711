"""What the operating system keeps a worker from, and how its answers leave it."""

import asyncio
import errno
import gzip
import json
import os
import signal
import socket
import zlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import brotli
import pytest

from kg.query.backend import HOLD_BYTES, QueryJob
from kg.query.evaluation import ResultTooLargeError
from kg.query.pool import Pool
from kg.query.worker import CODED_FROM

Run = Callable[[Coroutine[Any, Any, Any]], Any]
MakePool = Callable[..., AbstractAsyncContextManager[Pool]]
ALL = "SELECT * { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(name="trying")
def workers_that_try(
    run: Run, pool_of: MakePool, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """What has a worker try something, and gives what came of it."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))

    def have_tried(way: str, what: object = "", **limits: Any) -> dict[str, Any]:
        async def go() -> dict[str, Any]:
            async with pool_of(entry="trying_zygote", **limits) as pool:
                # A second job, because the first one may find the worker still fresh.
                await pool.query(QueryJob("ASK {}", "srj"))
                job = {"kind": "attempt", "way": way, "what": str(what)}
                answer = await pool.call(job, 600)
                found: dict[str, Any] = json.loads(answer.first)
                return found

        found: dict[str, Any] = run(go())
        return found

    return have_tried


@pytest.fixture(name="listener")
def a_port_where_somebody_listens() -> Iterator[socket.socket]:
    """A socket that takes connections; one that came can be accepted without waiting."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.mark.parametrize(
    ("way", "what"), [("open", "/etc/passwd"), ("duplicate", ""), ("pipe", "")]
)
def test_a_worker_can_open_nothing(
    trying: Callable[..., dict[str, Any]], way: str, what: str
) -> None:
    assert trying(way, what) == {"error": "OSError", "number": errno.EMFILE}


@pytest.mark.parametrize("way", ["connect", "service"])
def test_a_worker_cannot_call_out_even_past_the_guard(
    trying: Callable[..., dict[str, Any]], listener: socket.socket, way: str
) -> None:
    port = listener.getsockname()[1]

    outcome = trying(way, port if way == "connect" else f"http://127.0.0.1:{port}/")

    assert "done" not in outcome
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_the_listener_of_these_tests_would_notice(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()):
        listener.accept()[0].close()


def test_a_worker_takes_no_more_memory_than_it_may(trying: Callable[..., dict[str, Any]]) -> None:
    limit = 128 * 2**20

    assert trying("take", 2**20, memory_bytes=limit) == {"done": 2**20}
    outcome = trying("take", 4 * limit, memory_bytes=limit)
    assert outcome == {"error": "MemoryError", "number": None}


def test_a_worker_leaves_no_core(trying: Callable[..., dict[str, Any]]) -> None:
    assert trying("core") == {"done": [0, 0]}


def test_a_worker_has_little_processor_time_beyond_its_deadline(
    trying: Callable[..., dict[str, Any]],
) -> None:
    left = trying("processor", deadline_s=3)["done"]

    assert 3 < left < 13  # the kernel counts whole seconds, and the server is to kill first


def test_a_worker_has_no_descriptor_but_its_own(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            await pool.query(QueryJob("ASK {}", "srj"))
            (process,) = pool.processes()
            rows = Path(f"/proc/{process}/limits").read_text().splitlines()
            most = next(row.split()[3] for row in rows if row.startswith("Max open files"))
            assert {int(each.name) for each in Path(f"/proc/{process}/fd").iterdir()} == {
                *range(int(most))
            }
            assert int(most) == 4  # the standard ones, and the way to the server

    run(go())


def test_a_busy_worker_dies_with_its_zygote(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            slow = asyncio.get_running_loop().create_task(pool.query(QueryJob(ENDLESS, "srj")))
            while not pool.load()["running_quick"]:
                await asyncio.sleep(0.005)
            (process,) = pool.processes()
            zygote = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill(zygote, signal.SIGKILL)
            while Path(f"/proc/{process}").exists():  # whoever buries it has nothing else to do
                if ") Z " in Path(f"/proc/{process}/stat").read_text():
                    break
                await asyncio.sleep(0.005)
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)

    run(go())


def test_a_short_answer_is_one_piece_and_not_coded(run: Run, pool_of: MakePool) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            for encoding in ("gzip", "br", None):
                answer = await pool.query(QueryJob("ASK {}", "srj", encoding=encoding))
                assert (answer.is_complete, answer.encoding) == (True, None)
                assert len(answer.first) < CODED_FROM
                assert json.loads(answer.first)["boolean"] is True

    run(go())


def test_a_coded_answer_is_the_plain_one(run: Run, pool_of: MakePool) -> None:
    async def whole(pool: Pool, text: str, encoding: str | None) -> tuple[bytes, str | None]:
        answer = await pool.query(QueryJob(text, "csv", encoding=encoding))
        body = answer.first + b"".join([piece async for piece in answer.rest()])
        await answer.close()
        return body, answer.encoding

    async def go() -> None:
        async with pool_of() as pool:
            for text in (ALL, "SELECT * { ?s ?p ?o . ?a ?b ?c }"):
                plain, none = await whole(pool, text, None)
                gzipped, is_gzip = await whole(pool, text, "gzip")
                brotlied, is_br = await whole(pool, text, "br")
                assert (none, is_gzip, is_br) == (None, "gzip", "br")
                assert gzip.decompress(gzipped) == plain
                assert brotli.decompress(brotlied) == plain
                assert len(gzipped) < len(plain) > len(brotlied)

    run(go())


def test_a_long_answer_begins_before_it_is_made(run: Run, pool_of: MakePool) -> None:
    """The query has more rows than can be made in the lifetime of the test."""

    async def go() -> None:
        async with pool_of() as pool:
            for encoding in (None, "gzip", "br"):
                answer = await pool.query(QueryJob(ENDLESS_ROWS, "csv", encoding=encoding))
                assert not answer.is_complete
                first = answer.first
                if encoding is None:
                    assert len(first) >= HOLD_BYTES
                async for piece in answer.rest():
                    first += piece
                    break
                await answer.close()
                if encoding == "gzip":
                    reader = zlib.decompressobj(31)
                    first = reader.decompress(first)
                    assert not reader.eof
                if encoding == "br":
                    opener = brotli.Decompressor()
                    got, first = opener.process(first), b""
                    while got:
                        first, got = first + got, opener.process(b"")
                    assert not opener.is_finished()
                assert first.startswith(b"a,b,c,d,e,f,g,h,i,j,k,l\r\n")
                assert len(first) >= HOLD_BYTES

    run(go())


def test_an_answer_that_grows_too_large_breaks_off_with_an_error(
    run: Run, pool_of: MakePool
) -> None:
    async def go() -> None:
        async with pool_of() as pool:
            job = QueryJob(ENDLESS_ROWS, "csv", result_bytes=4 * HOLD_BYTES)
            answer = await pool.query(job)
            got = len(answer.first)
            with pytest.raises(ResultTooLargeError):
                async for piece in answer.rest():
                    got += len(piece)
            assert got <= 4 * HOLD_BYTES
            assert pool.killed == 0
            await answer.close()
            assert (await pool.query(QueryJob("ASK {}", "srj"))).is_complete

    run(go())


def test_what_a_slow_client_does_not_take_is_not_gathered(run: Run, pool_of: MakePool) -> None:
    """The worker has to wait, so the memory of the server stays as it is."""

    async def go() -> None:
        async with pool_of() as pool:
            answer = await pool.query(QueryJob(ENDLESS_ROWS, "csv"))
            (process,) = pool.processes()
            stat = Path(f"/proc/{process}/task")
            while any(" (query) R " in (each / "stat").read_text() for each in stat.iterdir()):
                await asyncio.sleep(0.05)
            written = Path(f"/proc/{process}/io").read_text()
            await asyncio.sleep(0.3)
            assert Path(f"/proc/{process}/io").read_text() == written
            pieces = answer.rest()
            for _ in range(200):
                assert await anext(pieces)
            await pieces.aclose()
            await answer.close()

    run(go())
