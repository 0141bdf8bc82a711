"""Workers over a store on disk: they open its files as they need them, and nothing else."""

import asyncio
import errno
import json
import resource
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.query.backend import QueryJob
from kg.query.pool import Pool, PoolLimits

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(name="disk", scope="module")
def a_store_with_more_files_than_are_opened_at_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A store made in many small steps, each of which leaves files of its own."""
    folder = tmp_path_factory.mktemp("store")
    store = ox.Store(str(folder))
    p = ox.NamedNode("http://example.org/p")
    for step in range(12):
        for number in range(20):
            subject = ox.NamedNode(f"http://example.org/{step}-{number}")
            store.add(ox.Quad(subject, p, ox.Literal(f"{step}-{number}")))
        store.flush()
    del store
    return folder


def on(disk: Path, run: Run, work: Callable[[Pool], Coroutine[Any, Any, Any]]) -> Any:
    async def go() -> Any:
        limits = PoolLimits(1, 1, 8, 60, 2**30)
        pool = Pool(limits, nquads=None, disk=disk, deadline_s=60, entry="trying_zygote")
        await pool.start()
        try:
            return await work(pool)
        finally:
            await pool.close()

    return run(go())


@pytest.fixture(name="attempt")
def what_has_a_worker_try(
    disk: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], dict[str, Any]]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))

    def attempt(way: str, what: str) -> dict[str, Any]:
        async def work(pool: Pool) -> dict[str, Any]:
            answer = await pool.call({"kind": "attempt", "way": way, "what": what}, 60)
            found: dict[str, Any] = json.loads(answer.first)
            return found

        found: dict[str, Any] = on(disk, run, work)
        return found

    return attempt


def test_every_statement_is_found_though_not_every_file_was_open(
    disk: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    assert len(list(disk.glob("*.sst"))) > 16  # so many the engine opens at the start

    async def work(pool: Pool) -> list[int]:
        found = []
        for text in (
            "SELECT ?s { ?s ?p ?o }",
            "SELECT ?s { ?s <http://example.org/p> ?o }",
            'SELECT ?s { ?s ?p "7-7" }',
            "SELECT ?p { <http://example.org/3-3> ?p ?o }",
        ):
            answer = await pool.query(QueryJob(text, "srj"))
            found.append(len(json.loads(answer.first)["results"]["bindings"]))
        return found

    assert on(disk, run, work) == [240, 240, 1, 1]


def test_a_worker_cannot_call_out(attempt: Callable[[str, str], dict[str, Any]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]

        assert attempt("connect", str(port)) == {"error": "PermissionError", "number": errno.EPERM}
        assert "done" not in attempt("service", f"http://127.0.0.1:{port}/")
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_worker_cannot_write(
    attempt: Callable[[str, str], dict[str, Any]], tmp_path: Path
) -> None:
    outcome = attempt("write", str(tmp_path / "file"))

    assert outcome == {"error": "OSError", "number": errno.EFBIG}


def test_the_server_itself_is_not_confined(disk: Path, run: Run) -> None:
    async def work(pool: Pool) -> int:
        await asyncio.sleep(0)
        with socket.socket():
            return resource.getrlimit(resource.RLIMIT_FSIZE)[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        assert on(disk, run, work) == resource.RLIM_INFINITY
