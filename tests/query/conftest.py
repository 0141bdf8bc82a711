"""Pools of real worker processes over a small snapshot, on the event loop that the server uses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyoxigraph as ox
import pytest
import uvloop

from kg.query.pool import Pool, PoolLimits

Result = TypeVar("Result")
HANGS_S = 120  # a test that takes so long hangs; none comes near it


class MakePool(Protocol):
    """Makes pools; what is not given is patient and large."""

    def __call__(
        self, *, deadline_s: float = ..., entry: str = ..., nquads: Path = ..., **limits: Any
    ) -> AbstractAsyncContextManager[Pool]: ...


@pytest.fixture(scope="session")
def run() -> Callable[[Coroutine[Any, Any, Result]], Result]:
    """What runs a coroutine as the server does, and gives its result."""

    def run_it(coroutine: Coroutine[Any, Any, Result]) -> Result:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(asyncio.wait_for(coroutine, HANGS_S))

    return run_it


@pytest.fixture(scope="session")
def nquads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with 200 statements, and two in a graph."""
    p = ox.NamedNode("http://example.org/p")
    graph = ox.NamedNode("http://example.org/g")
    store = ox.Store()
    for number in range(200):
        subject = ox.NamedNode(f"http://example.org/{number:03}")
        store.add(ox.Quad(subject, p, ox.Literal(f"{number:03}")))
    for number in range(2):
        subject = ox.NamedNode(f"http://example.org/{number:03}")
        store.add(ox.Quad(subject, p, ox.Literal("in the graph"), graph))
    path = tmp_path_factory.mktemp("snapshot") / "dataset.nq"
    path.write_bytes(b"".join(sorted(f"{quad} .\n".encode() for quad in store)))
    return path


@pytest.fixture(scope="session")
def pool_of(nquads: Path) -> MakePool:
    """What makes a pool that is started, and closed at the end of the block."""
    standing = nquads

    @asynccontextmanager
    async def make(
        *,
        deadline_s: float = 600,
        entry: str = "kg.query.zygote",
        nquads: Path = standing,
        **limits: Any,
    ) -> AsyncIterator[Pool]:
        usual = {"quick": 1, "slow": 1, "waiting": 64, "wait_s": 600, "memory_bytes": 2**30}
        known = PoolLimits(**(usual | limits))
        pool = Pool(known, nquads=nquads, deadline_s=deadline_s, entry=entry, about="http://a/")
        try:
            await pool.start()
            yield pool
        finally:
            await pool.close()

    return make
