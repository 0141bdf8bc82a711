"""The MCP server as a program of its own, over the real data, and a client of the SDK."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from kg.snapshot import Snapshot

COMMAND = [sys.executable, "-c", "from kg.cli import main; main()", "mcp", "--current"]
HANGS_S = 120

Work = Callable[[Client], Awaitable[Any]]
Asks = Callable[[Work], Any]


@pytest.fixture(scope="session")
def workspace(built: Snapshot) -> Path:
    """The workspace of the snapshot of the real data."""
    return built.folder.parent.parent


@pytest.fixture(scope="session")
def over_stdio(workspace: Path) -> Asks:
    """What does some work with a client of a server that is started for it, over stdio."""

    def ask(work: Work) -> Any:
        return anyio.run(_with_client, lambda: _stdio(workspace), work)

    return ask


@pytest.fixture(scope="session")
def address(workspace: Path) -> Iterator[str]:
    """Where a server is over HTTP."""
    command = [*COMMAND, "--workspace", str(workspace), "--http", "0", "--limit", "deadline_s=3"]
    command += ["--limit", "workers=1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/mcp", said)
            assert found, said
            yield found[0]
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def over_http(address: str) -> Asks:
    """What does some work with a client of the server over HTTP."""

    def ask(work: Work) -> Any:
        return anyio.run(_with_client, lambda: Client(address), work)

    return ask


async def _with_client(
    open_client: Callable[[], AbstractAsyncContextManager[Client]], work: Work
) -> Any:
    with anyio.fail_after(HANGS_S):
        async with open_client() as client:
            return await work(client)


@asynccontextmanager
async def _stdio(workspace: Path) -> AsyncIterator[Client]:
    arguments = [*COMMAND[1:], "--workspace", str(workspace), "--limit", "workers=1"]
    parameters = StdioServerParameters(command=COMMAND[0], args=arguments, env=dict(os.environ))
    async with Client(parameters) as client:
        yield client
