"""Real servers with the real snapshot published to them, each started once for all tests here."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import engines
import pytest

from kg.publish import PASSWORD, USER, Progress, Report, publish
from kg.query.backend import QueryJob
from kg.query.remote import RemoteBackend, RemoteLimits
from kg.snapshot import Snapshot

STARTERS = {
    "oxigraph": engines.oxigraph,
    "fuseki": partial(engines.fuseki, heap_megabytes=512),
    "virtuoso": partial(engines.virtuoso, buffers=20_000),
}
CHUNK_BYTES = 300_000  # the larger graphs take several parts


class Server(NamedTuple):
    """A server that holds the snapshot."""

    name: str
    engine: engines.Engine
    report: Report
    steps: list[Progress]
    workspace: Path


@pytest.fixture(scope="session")
def start_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], AbstractContextManager[engines.Engine]]:
    """Starts a server by name for as long as a block runs, with the right to write to it."""

    @contextmanager
    def start(name: str) -> Iterator[engines.Engine]:
        try:
            running = STARTERS[name](tmp_path_factory.mktemp(name))
            engine = running.__enter__()
        except engines.EngineMissingError as missing:
            pytest.skip(f"{name} cannot be had on this machine: {missing}")
        try:
            with pytest.MonkeyPatch.context() as patch:
                if engine.credentials is not None:
                    patch.setenv(USER, engine.credentials[0])
                    patch.setenv(PASSWORD, engine.credentials[1])
                yield engine
        finally:
            running.__exit__(None, None, None)

    return start


@pytest.fixture(scope="session", params=sorted(STARTERS))
def server(
    request: pytest.FixtureRequest,
    start_server: Callable[[str], AbstractContextManager[engines.Engine]],
    built: Snapshot,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Each engine in turn, with the snapshot published to it."""
    steps: list[Progress] = []
    workspace = tmp_path_factory.mktemp("publish")
    with start_server(request.param) as engine:
        assert engine.gsp_url is not None
        report = publish(
            built,
            engine.gsp_url,
            query_url=engine.query_url,
            workspace=workspace,
            chunk_bytes=CHUNK_BYTES,
            on_progress=steps.append,
        )
        yield Server(request.param, engine, report, steps, workspace)


Ask = Callable[..., bytes]


@pytest.fixture
def ask() -> Callable[[str], Ask]:
    """Gives, for the address of an endpoint, a function that returns whole answers from it."""

    def at(url: str, limits: RemoteLimits | None = None) -> Ask:
        def whole(*jobs: QueryJob) -> list[bytes]:
            return asyncio.run(_answers(url, limits, jobs))

        return whole

    return at


async def _answers(
    url: str, limits: RemoteLimits | None, jobs: tuple[QueryJob, ...]
) -> list[bytes]:
    backend = RemoteBackend(url, limits=limits)
    await backend.start()
    try:
        return [await _whole(backend.query(job)) for job in jobs]
    finally:
        await backend.close()


async def _whole(asked: Awaitable[object]) -> bytes:
    answer = await asked
    pieces = [answer.first]  # type: ignore[attr-defined]
    pieces += [piece async for piece in answer.rest()]  # type: ignore[attr-defined]
    await answer.close()  # type: ignore[attr-defined]
    return b"".join(pieces)
