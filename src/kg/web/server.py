"""Serving a snapshot on a socket, until it is told to stop.

The socket is opened first and by itself, so that a port in use is said before a build is begun.
"""

import errno
import socket
from pathlib import Path
from typing import Final

import uvicorn

from kg.errors import UsageError
from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.deployment import of_snapshot
from kg.web.front import Front
from kg.web.replay import protocol_for

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


def serve(front: Front, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        front: The application.
        listener: A socket that listens; the caller closes it.
    """
    server_for(front).run(sockets=[listener])


def server_for(front: Front) -> uvicorn.Server:
    """Return the HTTP server for an application; it is not started yet."""
    config = uvicorn.Config(
        front,
        http=protocol_for(front),
        ws="none",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )
    return uvicorn.Server(config)


def front_of(
    snapshot: Snapshot, *, limits: Limits | None = None, workspace: Path | None = None
) -> Front:
    """Return the application that serves a snapshot.

    Args:
        snapshot: What to serve.
        limits: What queries may use; the defaults of `Limits` if None.
        workspace: Where to look for newer snapshots, which are taken up; None for never.
    """
    known = limits or Limits()
    return Front(of_snapshot(snapshot, known), known, workspace=workspace)
