"""Serving a snapshot on a socket, until it is told to stop.

The socket is opened first and by itself, so that a port in use is said before a build is begun.
"""

import errno
import gc
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvicorn

from kg.errors import UsageError
from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.deployment import newer_at, newer_in, of_endpoint, of_snapshot
from kg.web.front import Front
from kg.web.operations import Server
from kg.web.replay import protocol_for

BACKLOG: Final = 128
_GARBAGE: Final = 50_000  # objects made before garbage is searched for
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


def serve(
    front: Front,
    listener: socket.socket,
    *,
    drain_s: float = 0.0,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        front: The application.
        listener: A socket that listens; the caller closes it.
        drain_s: Seconds between SIGTERM, when `/readyz` turns to 503, and the end of listening.
        trusted_proxies: Addresses whose `X-Forwarded-For` is believed.
    """
    server = server_for(front, drain_s=drain_s, trusted_proxies=trusted_proxies)
    gc.freeze()  # what is loaded by now stays; a search through it would take time from requests
    gc.set_threshold(_GARBAGE)
    server.run(sockets=[listener])


def server_for(
    front: Front, *, drain_s: float = 0.0, trusted_proxies: Sequence[str] = ()
) -> uvicorn.Server:
    """Return the HTTP server for an application; it is not started yet. See `serve`."""
    config = uvicorn.Config(
        front,
        http=protocol_for(front),
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )
    front.spelling.trusts_proxies = bool(trusted_proxies)
    return Server(config, front, drain_s)


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
    newer = None if workspace is None else newer_in(workspace, known)
    return Front(of_snapshot(snapshot, known), known, newer=newer, workspace=workspace)


def front_at(url: str, base: str, *, limits: Limits | None = None) -> Front:
    """Return the application that stands before a SPARQL endpoint.

    Args:
        url: Of the endpoint.
        base: What the IRIs of the dataset begin with.
        limits: What queries may use; the defaults of `Limits` if None.

    Raises:
        KgError: The endpoint does not answer.
    """
    known = limits or Limits()
    return Front(of_endpoint(url, base, known), known, newer=newer_at(known))
