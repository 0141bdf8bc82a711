"""Serving the tools: over standard input and output, or over HTTP on this machine."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from kg.mcp.graph import Graph
from kg.mcp.tools import server_of
from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.deployment import of_snapshot

PATH = "/mcp"
_SESSIONS = 100  # clients at the same time


def serve_stdio(snapshot: Snapshot, limits: Limits) -> None:
    """Serve a snapshot over standard input and output until the input ends."""
    anyio.run(_stdio, snapshot, limits)


def serve_http(snapshot: Snapshot, limits: Limits, listener: socket.socket) -> None:
    """Serve a snapshot over HTTP (Streamable HTTP, at `/mcp`) until SIGINT or SIGTERM.

    A request has to name this machine as its host and as its origin, so that no page of another
    site can ask through the browser of somebody here (DNS rebinding).

    Args:
        snapshot: What to serve.
        limits: What queries may use.
        listener: A socket that listens on an address of this machine; the caller closes it.
    """
    anyio.run(_http, snapshot, limits, listener)


async def _stdio(snapshot: Snapshot, limits: Limits) -> None:
    async with _asked(snapshot, limits) as server:
        await server.run_stdio_async()


async def _http(snapshot: Snapshot, limits: Limits, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    here = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    async with _asked(snapshot, limits) as server:
        app = server.streamable_http_app(
            streamable_http_path=PATH,
            max_sessions=_SESSIONS,
            transport_security=TransportSecuritySettings(
                allowed_hosts=here, allowed_origins=[f"http://{name}" for name in here]
            ),
        )
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        await uvicorn.Server(config).serve(sockets=[listener])


@asynccontextmanager
async def _asked(snapshot: Snapshot, limits: Limits) -> AsyncIterator[MCPServer[Any]]:
    """Start the workers of a snapshot, and end them."""
    deployment = of_snapshot(snapshot, limits)
    await deployment.start()
    try:
        yield server_of(Graph(deployment))
    finally:
        await deployment.close()
