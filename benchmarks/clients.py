"""What asks the questions: one client over HTTP, rdflib in a process, many clients at once."""

import http.client
import json
import multiprocessing
import os
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit

from engines import Engine, EngineError, EngineMissingError, Rdflib, wrk

JSON: Final = "application/sparql-results+json"
NTRIPLES: Final = "application/n-triples"


@dataclass(frozen=True)
class Reply:
    """An answer and what it took.

    Attributes:
        seconds: From the request to the last byte.
        status: Of HTTP; 200 for rdflib; 0 where nothing came within the limit.
        body: The bytes, without content coding.
        etag: As the server sent it, or empty.
    """

    seconds: float
    status: int
    body: bytes
    etag: str = ""

    @property
    def problem(self) -> str:
        """Why there is no answer, in a line; empty where there is one."""
        if self.status == 200:
            return ""
        if self.status == 0:
            return f"over the limit of {self.seconds:.0f} s"
        return f"{self.status}: {' '.join(self.body.decode(errors='replace').split())[:200]}"


class Target(Protocol):
    """What can be asked."""

    name: str

    def ask(self, query: str, is_graph: bool, limit: float) -> Reply:
        """Ask a query, and give up after `limit` seconds."""


class HttpTarget:
    """A server, asked over one connection that is kept open."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.parameters = engine.parameters
        parts = urlsplit(engine.query_url)
        self.path = parts.path
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def ask(self, query: str, is_graph: bool, limit: float) -> Reply:
        """Ask by POST with a form, which every server takes whatever the length."""
        form = urlencode({"query": query, **self.parameters}).encode()
        headers = {
            "Accept": NTRIPLES if is_graph else JSON,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._exchange("POST", self.path, form, headers, limit)

    def get(self, query: str, limit: float, etag: str = "") -> Reply:
        """Ask a SELECT by GET, with `If-None-Match` where an entity tag is given."""
        path = f"{self.path}?{urlencode({'query': query, **self.parameters})}"
        headers = {"Accept": JSON} | ({"If-None-Match": etag} if etag else {})
        return self._exchange("GET", path, None, headers, limit)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], limit: float
    ) -> Reply:
        connection = self.connection
        begun = time.perf_counter()
        # A server may close a connection that has been idle; it is opened anew, and not timed.
        if connection.sock is None or _is_closed(connection):
            connection.close()
            connection.timeout = limit
            connection.connect()
            begun = time.perf_counter()
        connection.sock.settimeout(limit)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        except TimeoutError:
            connection.close()
            return Reply(limit, 0, b"")
        except (http.client.HTTPException, ConnectionError) as error:
            connection.close()
            return Reply(time.perf_counter() - begun, 599, f"broken off: {error!r}".encode())
        seconds = time.perf_counter() - begun
        return Reply(seconds, answer.status, data, answer.headers.get("ETag", ""))


def _is_closed(connection: http.client.HTTPConnection) -> bool:
    """Tell whether the other side has given up an idle connection.

    Then there is something to read before anything was asked: an end, or a word of farewell such
    as the 408 that Oxigraph sends first.
    """
    connection.sock.settimeout(0)
    try:
        connection.sock.recv(1)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


class RdflibTarget:
    """rdflib, each query in a fork of this process that can be ended at the limit."""

    name = "rdflib"

    def __init__(self, engine: Rdflib) -> None:
        self.engine = engine

    def ask(self, query: str, is_graph: bool, limit: float) -> Reply:
        """Ask in a fork; the fork itself is not timed."""
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_answer, args=(self.engine, query, theirs))
        process.start()
        theirs.close()
        try:
            if not ours.poll(limit):
                process.kill()
                return Reply(limit, 0, b"")
            seconds, body = ours.recv()
        except EOFError:
            return Reply(0.0, 599, b"the process ended without an answer")
        finally:
            process.join()
            ours.close()
        return Reply(seconds, 200, body)


def _answer(engine: Rdflib, query: str, out: Connection) -> None:
    begun = time.perf_counter()
    body = engine.answer(query)
    out.send((time.perf_counter() - begun, body))


# --- Many clients


@dataclass(frozen=True)
class Load:
    """What many clients saw.

    Attributes:
        client: The program that asked.
        requests: Answered.
        failures: Answers other than 2xx, and broken connections.
        seconds: How long it was asked.
        p50: Median latency in milliseconds.
        p99: The latency that one in a hundred exceeds, in milliseconds.
        bytes: That came, with heads; by the number of requests it tells whether bodies are there.
        cpu: Processor time of the server, in seconds.
    """

    client: str
    requests: float
    failures: float
    seconds: float
    p50: float
    p99: float
    bytes: float
    cpu: float


def load_client() -> str:
    """Name the load generator that this machine has: `wrk`, else the slower one in Python."""
    try:
        wrk()
    except EngineMissingError:
        return "python"
    return "wrk"


def hammer(engine: Engine, queries: list[str], client: str, clients: int, seconds: int) -> Load:
    """Let `clients` at once ask by GET, each the next of `queries`, for some seconds.

    Args:
        engine: Who is asked.
        queries: SELECT queries, taken in turn and from the start again.
        client: `wrk` or `python`.
        clients: Number of connections that are kept open.
        seconds: How long.

    Raises:
        EngineError: The load generator failed.
    """
    path = urlsplit(engine.query_url).path
    paths = [f"{path}?{urlencode({'query': query, **engine.parameters})}" for query in queries]
    before = engine.cpu_seconds()
    run = by_wrk if client == "wrk" else _python
    found = run(engine.query_url, paths, clients, seconds)
    return Load(client=client, cpu=engine.cpu_seconds() - before, **found)


_LUA: Final = """\
local paths = {}
for path in io.lines("paths") do paths[#paths + 1] = path end
local requests, at, threads = {}, 0, 0
function setup(thread)
  thread:set("first", threads * 997)
  threads = threads + 1
end
function init()
  for i, path in ipairs(paths) do
    requests[i] = wrk.format("GET", path, {["Accept"] = "ACCEPT"})
  end
  at = first
end
function request()
  at = at + 1
  return requests[at % #requests + 1]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"failures":%d,"seconds":%f,"p50":%f,"p99":%f,"bytes":%d}\\n',
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.bytes))
end
"""


def by_wrk(
    url: str, paths: list[str], clients: int, seconds: int, accept: str = JSON
) -> dict[str, float]:
    """Let `wrk` ask for some paths in turn; return what it counted, latencies in milliseconds.

    Raises:
        EngineError: It failed.
    """
    command, environment = wrk()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "paths").write_text("\n".join(paths) + "\n", encoding="ascii")
        script = _LUA.replace("ACCEPT", accept)
        (Path(name) / "mix.lua").write_text(script, encoding="ascii")
        done = subprocess.run(  # noqa: S603 - the command is ours
            [*command, "-t2", f"-c{clients}", f"-d{seconds}s", "-smix.lua", url],
            cwd=name,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds + 60,
            check=False,
        )
    result = done.stdout.rpartition("RESULT ")[2]
    if done.returncode or not result.startswith("{"):
        raise EngineError(f"wrk failed: {' '.join((done.stdout + done.stderr).split())[-300:]}")
    found: dict[str, float] = json.loads(result)
    return found


def _python(url: str, paths: list[str], clients: int, seconds: int) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    shares = [(url, paths[first::clients] or paths, seconds) for first in range(clients)]
    begun = time.perf_counter()
    with context.Pool(clients) as pool:
        parts = pool.starmap(_one_client, shares, chunksize=1)
    latencies = sorted(latency for part, _, _ in parts for latency in part)
    if not latencies:
        raise EngineError(f"{url}: no request was answered in {time.perf_counter() - begun:.0f} s")
    return {
        "requests": len(latencies),
        "failures": sum(failures for _, failures, _ in parts),
        "bytes": sum(size for _, _, size in parts),
        "seconds": seconds,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[len(latencies) * 99 // 100] * 1000,
    }


def _one_client(url: str, paths: list[str], seconds: int) -> tuple[list[float], int, int]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    latencies: list[float] = []
    failures, size, end = 0, 0, time.perf_counter() + seconds
    while (begun := time.perf_counter()) < end:
        connection.request("GET", paths[len(latencies) % len(paths)], headers={"Accept": JSON})
        answer = connection.getresponse()
        size += len(answer.read())
        failures += answer.status != 200
        latencies.append(time.perf_counter() - begun)
    return latencies, failures, size


# --- Hostile clients


@dataclass(frozen=True)
class Fate:
    """How a hostile query ended.

    Attributes:
        query: Its name.
        seconds: Until the end.
        status: Of HTTP; 0 where the client gave up, 599 where the connection broke.
        size: Bytes that came.
        end: In words.
    """

    query: str
    seconds: float
    status: int
    size: int
    end: str


class Mob:
    """Hostile queries, all sent at once from threads."""

    def __init__(self, engine: Engine, queries: dict[str, str], limit: float) -> None:
        self.pool = ThreadPoolExecutor(len(queries))
        self.futures = [
            self.pool.submit(_suffer, engine, name, query, limit) for name, query in queries.items()
        ]

    def is_busy(self) -> bool:
        """Tell whether one of them still runs."""
        return not all(future.done() for future in self.futures)

    def fates(self) -> list[Fate]:
        """Wait for all and say how each ended."""
        with self.pool:
            return [future.result() for future in self.futures]


def _suffer(engine: Engine, name: str, query: str, limit: float) -> Fate:
    parts = urlsplit(engine.query_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=limit)
    form = urlencode({"query": query, **engine.parameters}).encode()
    headers = {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded"}
    begun, status, size = time.perf_counter(), 0, 0
    try:
        connection.request("POST", parts.path, form, headers)
        answer = connection.getresponse()
        status = answer.status
        while piece := answer.read1(1 << 16):
            size += len(piece)
            if time.perf_counter() - begun > limit:
                return Fate(name, limit, status, size, "the client left in the stream")
        end = "answered" if status == 200 else "refused or stopped with a status"
    except TimeoutError:
        end = "the client gave up"
    except (http.client.HTTPException, ConnectionError) as error:
        status, end = status or 599, f"broken off: {type(error).__name__}"
    finally:
        connection.close()
    return Fate(name, time.perf_counter() - begun, status, size, end)


def machine() -> dict[str, object]:
    """Return facts about this machine that explain its figures; none that name it."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    models = [line.partition(": ")[2] for line in cpu.splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else "unknown",
        "processors": os.cpu_count(),
        "memory_bytes": memory,
        "system": os.uname().sysname + " " + os.uname().release,
    }
