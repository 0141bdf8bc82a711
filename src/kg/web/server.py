"""Serving a snapshot on a socket, until it is told to stop.

The socket is opened first and by itself, so that a port in use is said before a build is begun.
"""

import errno
import socket
from typing import Final

import uvicorn

from kg.errors import UsageError
from kg.query.service import Limits, Served
from kg.snapshot import Snapshot
from kg.web.app import create_app

BACKLOG: Final = 128
STOP_S: Final = 5  # how long answers under way may take when the server is stopped


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 means any free one.

    Raises:
        UsageError: The port is in use, or the address is not one of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except UnicodeError as error:
        raise UsageError(f"{host}: not the name or the address of a machine") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} on {host} is in use; end the program that has it, or choose another "
                "with --port"
            ) from error
        reason = error.strerror or str(error)
        raise UsageError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --host or --port"
        ) from error


def serve_snapshot(
    snapshot: Snapshot, listener: socket.socket, *, limits: Limits | None = None
) -> None:
    """Serve a snapshot until SIGINT or SIGTERM.

    Args:
        snapshot: What to serve.
        listener: A socket that listens; the caller closes it.
        limits: What queries may use; the defaults of `Limits` if None.
    """
    app = create_app(served(snapshot), limits=limits)
    config = uvicorn.Config(
        app,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )
    uvicorn.Server(config).run(sockets=[listener])


def served(snapshot: Snapshot) -> Served:
    """Return what an application needs of a snapshot, with its store loaded."""
    manifest = snapshot.manifest
    return Served(
        store=snapshot.store(),
        base=manifest.base,
        version=manifest.version,
        snapshot_id=manifest.snapshot,
        nquads=snapshot.nquads,
    )
