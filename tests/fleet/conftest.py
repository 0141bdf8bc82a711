"""A balancer before three servers, and clients that ask all the time and never ask again."""

import contextlib
import csv
import io
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import engines
import httpx
import pyoxigraph as ox
import pytest

from kg.snapshot import Snapshot, canonical, seal

BASE = "https://w3id.org/citypledge/"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
OLD, NEW = "2026.1", "2026.2"
THINGS = 300
CLIENTS = 3
PAUSE_S = 0.05  # of a client after a round, so that servers that start have processors to start on
WAIT_S = 30  # nothing here takes so long, unless it hangs
BALANCER = """
global
    stats socket {folder}/stats mode 600
"""
TABLE = {"Accept": "text/csv", "Accept-Encoding": "identity"}
PLAIN = {"Accept": "application/n-triples", "Accept-Encoding": "identity"}


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fail when it never does."""
    limit = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > limit:
            pytest.fail(f"did not come to hold within {WAIT_S} s: {what}")
        time.sleep(0.02)


# --- Data: each thing has a name that tells the version and the thing


def labels(version: str) -> Iterator[ox.Quad]:
    name = ox.NamedNode(LABEL)
    for number in range(THINGS):
        thing = ox.NamedNode(f"{BASE}id/event/e-{number:04}")
        yield ox.Quad(thing, name, ox.Literal(f"{version} {number}"), ox.DefaultGraph())


@pytest.fixture(scope="session")
def sealed() -> Callable[[Path, str], Snapshot]:
    """Seals the data of a version in a workspace, which then serves it."""

    def make(workspace: Path, version: str) -> Snapshot:
        known = {"version": version, "software": "0", "base": BASE}
        return seal(workspace, canonical(labels(version)), inputs={}, **known)

    return make


# --- Servers


@dataclass
class Replica:
    """One `kg serve`, which can be ended and started again at the same address."""

    folder: Path
    workspace: Path
    port: int = field(default_factory=engines.free_port)
    running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    process: subprocess.Popen[bytes] | None = None
    starts: Iterator[int] = field(default_factory=itertools.count)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self, store: str | None = None) -> None:
        """Start it on its workspace, or on the store at an endpoint; do not wait."""
        source = ["--current"] if store is None else ["--store", store]
        place = ["--root", str(engines.ROOT), "--workspace", str(self.workspace)]
        command = [str(Path(sys.executable).parent / "kg"), "serve", "--port", str(self.port)]
        folder = self.folder / str(next(self.starts))
        self.running = contextlib.ExitStack()
        started = engines.started([*command, *source, *place], folder)
        self.process = self.running.enter_context(started)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False  # not yet, or not any more

    def serves(self, version: str) -> bool:
        text = httpx.get(f"http://{self.address}/healthz", timeout=5).text
        return text.startswith(f"ok {version} ")

    def answered(self) -> bool:
        """Whether a query has reached it since its start."""
        text = httpx.get(f"http://{self.address}/metrics", timeout=5).text
        counts = [line for line in text.splitlines() if line.startswith("kg_queries_total{")]
        return any(float(line.rpartition(" ")[2]) for line in counts)

    def ended(self) -> int:
        """Wait until it has ended by itself and return its exit code."""
        assert self.process is not None
        return self.process.wait(WAIT_S)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        """End it, with all its processes."""
        self.running.close()


@dataclass
class Fleet:
    """Servers and the balancer before them."""

    replicas: list[Replica]
    address: str
    stats: Path

    def settle(self) -> None:
        """Wait until the balancer sends requests to each of the servers."""
        for replica in self.replicas:
            eventually(replica.is_ready, f"{replica.address} is ready")
        eventually(lambda: self.up() == len(self.replicas), "the balancer knows that all are ready")

    def table(self) -> list[dict[str, str]]:
        """What the balancer knows of each server, and of all together."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.settimeout(WAIT_S)
            connection.connect(str(self.stats))
            connection.sendall(b"show stat\n")
            text = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
        rows = csv.DictReader(io.StringIO(text.lstrip("# ")))
        return [row for row in rows if row["pxname"] == "replicas"]

    def up(self) -> int:
        """Return how many servers are ready, as the balancer sees them."""
        return sum(row["status"] == "UP" for row in self.table() if row["svname"] != "BACKEND")

    def waiting_at(self, name: str) -> int:
        """Return how many requests a server has not answered yet."""
        return next(int(row["scur"]) for row in self.table() if row["svname"] == name)

    def sent_again(self) -> int:
        """Return how many requests were given to another server."""
        return next(int(row["wredis"]) for row in self.table() if row["svname"] == "BACKEND")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Callable[..., AbstractContextManager[Fleet]]]:
    """Starts servers and the balancer with docs/haproxy.cfg, for as long as a block runs.

    There is one server for each workspace. The balancer knows three; what is not started is down.
    """

    @contextlib.contextmanager
    def run(workspaces: Sequence[Path], store: str | None = None) -> Iterator[Fleet]:
        extra = tmp_path / "stats.cfg"
        extra.write_text(BALANCER.format(folder=tmp_path), encoding="ascii")
        replicas = [
            Replica(tmp_path / f"replica-{number}", workspace)
            for number, workspace in enumerate(workspaces, 1)
        ]
        known = {f"KG_REPLICA_{n}": f"127.0.0.1:{engines.free_port()}" for n in (1, 2, 3)}
        known |= {f"KG_REPLICA_{n}": replica.address for n, replica in enumerate(replicas, 1)}
        known["KG_BALANCER"] = f"127.0.0.1:{engines.free_port()}"
        files = [engines.ROOT / "docs" / "haproxy.cfg", extra]
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(engines.haproxy(tmp_path / "haproxy", files, known))
            except engines.EngineMissingError as missing:
                pytest.skip(f"haproxy cannot be had on this machine: {missing}")
            for replica in replicas:
                stack.callback(replica.close)
                replica.start(store)
            eventually((tmp_path / "stats").is_socket, "the balancer runs")
            found = Fleet(replicas, f"http://{known['KG_BALANCER']}", tmp_path / "stats")
            found.settle()
            yield found

    yield run


# --- Clients


class Crowd:
    """Clients that ask through the balancer until they are told to stop.

    Attributes:
        faults: What went wrong: an error, a status other than 200, or an answer that is neither
            that of the old snapshot nor that of the new one.
        versions: How many answers were of each.
    """

    def __init__(self, address: str) -> None:
        self.faults: list[str] = []
        self.versions: Counter[str] = Counter()
        self.rounds = [0] * CLIENTS
        self._address = address
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(number,)) for number in range(CLIENTS)
        ]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def goes_on(self, rounds: int = 3) -> None:
        """Wait until each client has had its answers some more times."""
        wanted = [done + rounds for done in self.rounds]
        eventually(
            lambda: all(now >= then for now, then in zip(self.rounds, wanted, strict=True)),
            f"each client has {rounds} more rounds of answers; faults: {self.faults[:3]}",
        )

    def _ask(self, client: int) -> None:
        with httpx.Client(base_url=self._address, timeout=WAIT_S) as session:
            for number in itertools.count(client, CLIENTS):
                if self._stop.is_set():
                    return
                for way in (_by_get, _by_head, _by_form, _by_query, _document):
                    self._note(way, session, number % THINGS)
                self.rounds[client] += 1
                self._stop.wait(PAUSE_S)

    def _note(self, way: "Way", session: httpx.Client, number: int) -> None:
        try:
            response, got, expected = way(session, number)
        except httpx.HTTPError as error:
            self.faults.append(f"{way.__name__} {number}: {error!r}")
            return
        known = {expected(version): version for version in (OLD, NEW)}
        if response.status_code != 200 or got not in known:
            text = response.text[:300]
            self.faults.append(f"{way.__name__} {number}: {response.status_code} {text}")
        elif way is not _by_head:  # a head does not tell which
            self.versions[known[got]] += 1


# The response, what of it counts, and what that has to be in a version of the data.
Asked = tuple[httpx.Response, bytes, Callable[[str], bytes]]
Way = Callable[[httpx.Client, int], Asked]


def _query(number: int) -> str:
    return f"SELECT ?label {{ <{BASE}id/event/e-{number:04}> <{LABEL}> ?label }}"


def _path(number: int) -> str:
    return f"/sparql?query={quote(_query(number), safe='')}"


def _row(number: int) -> Callable[[str], bytes]:
    return lambda version: f"label\r\n{version} {number}\r\n".encode()


def _by_get(session: httpx.Client, number: int) -> Asked:
    response = session.get(_path(number), headers=TABLE)
    return response, response.content, _row(number)


def _by_head(session: httpx.Client, number: int) -> Asked:
    response = session.head(_path(number), headers=TABLE)
    row = _row(number)
    length = response.headers.get("content-length", "").encode()
    return response, length, lambda version: str(len(row(version))).encode()


def _by_form(session: httpx.Client, number: int) -> Asked:
    response = session.post("/sparql", data={"query": _query(number)}, headers=TABLE)
    return response, response.content, _row(number)


def _by_query(session: httpx.Client, number: int) -> Asked:
    direct = {**TABLE, "Content-Type": "application/sparql-query"}
    response = session.request("QUERY", "/sparql", content=_query(number), headers=direct)
    return response, response.content, _row(number)


def _document(session: httpx.Client, number: int) -> Asked:
    thing = f"<{BASE}id/event/e-{number:04}> <{LABEL}> "
    response = session.get(f"/doc/event/e-{number:04}.nt", headers=PLAIN)
    # A document says more of a thing than its label; the line with the label tells the version.
    own = [line for line in response.content.splitlines() if line.startswith(thing.encode())]
    return response, b"".join(own), lambda version: f'{thing}"{version} {number}" .'.encode()


@pytest.fixture
def crowd() -> type[Crowd]:
    """Clients that ask through the balancer for as long as a block runs."""
    return Crowd


@pytest.fixture(name="eventually")
def eventually_fixture() -> Callable[[Callable[[], bool], str], None]:
    """Waits until something holds; fails when it never does."""
    return eventually
