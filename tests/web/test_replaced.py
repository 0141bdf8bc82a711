"""What a client has begun to fetch when another release takes the place of the one it is from."""

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.release import make, releases
from kg.snapshot import Snapshot

Serve = Callable[..., AbstractContextManager[Any]]
BASE = "https://w3id.org/citypledge/"
HANGS_S = 60
MANY = 20_000  # statements with texts that compress badly


def large(number: int) -> list[ox.Quad]:
    """Statements for a release, other ones for each number."""
    said = ox.NamedNode("http://example.org/said")
    return [
        ox.Quad(
            ox.NamedNode(f"{BASE}id/event/e-{each:05}"),
            said,
            ox.Literal(hashlib.sha512(f"{number} {each}".encode()).hexdigest()),
        )
        for each in range(MANY)
    ]


def released(workspace: Path, seal_quads: Callable[..., Snapshot], number: int) -> Snapshot:
    snapshot = seal_quads(workspace, large(number), f"{number}")
    make(workspace, snapshot, datetime(2025 + number, 1, 1, tzinfo=UTC), "test")
    return snapshot


def slow() -> httpx.Client:
    """A client of whose answer the system holds little, so that the rest waits in the server."""
    small = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)]
    return httpx.Client(transport=httpx.HTTPTransport(socket_options=small), timeout=HANGS_S)


def until(holds: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + HANGS_S
    while not holds():
        assert time.monotonic() < ends, f"hangs: {what}"
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ended(running: Any) -> bool:
    return not running.front._ending


@pytest.fixture
def old_and_new(
    serve: Serve, seal_quads: Callable[..., Snapshot], tmp_path: Path
) -> Iterator[tuple[Any, Path]]:
    """A server of the first release, which takes up what is sealed.

    What is replaced is kept for two seconds at most.
    """
    first = released(tmp_path, seal_quads, 1)
    limits = Limits(workers=1, deadline_s=600, replaced_s=2, printed_things=0, cache_bytes=0)
    with serve(limits, first, workspace=tmp_path) as running:
        yield running, tmp_path


def test_a_dump_that_is_being_fetched_is_whole_though_its_release_is_replaced(
    old_and_new: tuple[Any, Path], seal_quads: Callable[..., Snapshot]
) -> None:
    running, workspace = old_and_new
    [release] = releases(workspace)
    dump = release.file("dataset.nq.gz")
    assert dump is not None
    assert dump.bytes > 1_000_000  # more than the buffers between server and client hold
    address = f"{running.address}/dump/1/dataset.nq.gz"
    with slow() as client, client.stream("GET", address) as answer:
        pieces = answer.iter_raw()
        digest = hashlib.sha256(next(pieces))
        released(workspace, seal_quads, 2)
        until(
            lambda: running.front.deployment.version == "2" and ended(running),
            "the end of the first release",
        )
        for piece in pieces:
            digest.update(piece)
    assert digest.hexdigest() == dump.sha256


def test_a_dump_that_is_being_fetched_is_whole_though_its_file_is_taken_down(
    old_and_new: tuple[Any, Path],
) -> None:
    running, workspace = old_and_new
    [release] = releases(workspace)
    dump = release.file("dataset.nq.zst")
    assert dump is not None
    address = f"{running.address}/dump/1/dataset.nq.zst"
    with slow() as client, client.stream("GET", address) as answer:
        pieces = answer.iter_raw()
        digest = hashlib.sha256(next(pieces))
        (release.folder / dump.name).unlink()
        for piece in pieces:
            digest.update(piece)
    assert digest.hexdigest() == dump.sha256
    assert httpx.get(address, timeout=HANGS_S).status_code == 410


def test_a_client_that_takes_nothing_holds_a_replaced_snapshot_for_a_bounded_time(
    old_and_new: tuple[Any, Path], seal_quads: Callable[..., Snapshot]
) -> None:
    """Its answer is larger than what the system takes on its behalf, and it never reads."""
    running, workspace = old_and_new
    old = running.front.deployment
    workers = running.processes()
    query = "SELECT%20*%20%7B%20?s%20?p%20?o%20%7D"
    with running.connect() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: old.users > 0, "the request")
        released(workspace, seal_quads, 2)
        until(
            lambda: running.front.deployment.version == "2" and ended(running),
            "the end of the first release",
        )
        assert workers
        until(lambda: not any(map(is_alive, workers)), "the end of its workers")
        assert running.answers()
