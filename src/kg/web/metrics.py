"""Counting what the server does, and giving the counts to Prometheus.

What happens for each request is an addition to a plain number; names, labels and text are made
when somebody asks. A count that belongs to one snapshot, such as the hits of its cache, goes on
when another one is taken up: what has ended is carried over.
"""

import asyncio
import hashlib
import logging
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.types import Message, Scope, Send

from kg import __version__
from kg.errors import DataError, KgError, MalformedError
from kg.logs import REQUEST_LOG, event
from kg.mediatypes import MediaType
from kg.query.backend import BusyError, QueryTimeoutError, RemoteError, WorkerDiedError
from kg.query.evaluation import ResultTooLargeError
from kg.query.guard import QUICK_CHARACTERS, Form, tokens
from kg.query.pool import Pool
from kg.query.protocol import ProtocolError, QueryRequest
from kg.query.service import QueryResult, QueryService
from kg.web.http import Finish

if TYPE_CHECKING:
    from kg.web.deployment import Deployment
    from kg.web.errand import Errand
    from kg.web.front import Front

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
CLASSES: Final = ("sparql", "page", "static", "operations")
OUTCOMES: Final = (
    *("answered", "cached", "replayed", "syntax", "data", "timeout", "died", "busy"),
    *("too_large", "cancelled", "quota", "refused", "store", "failed"),
)
KILL_REASONS: Final = ("deadline", "unwanted", "moved", "died")
SLOW_S: Final = 1.0  # a request that takes longer is one that an operator wants to see
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
_TIMED: Final = ("sparql", "page")
_METHODS: Final = {name: name for name in ("GET", "HEAD", "POST", "QUERY", "OPTIONS")}
_NO_BODY: Final = (204, 304)
_OPERATIONS: Final = ("/healthz", "/readyz", "/metrics", "/status")
_BY_STATUS: Final = {413: "too_large", 500: "failed", 502: "store", 503: "busy", 504: "timeout"}
_UNTIL_THEN: Final = (None, "answered", "cached")
_LOG: Final = logging.getLogger(REQUEST_LOG)
_SHOWN: Final = 12  # hexadecimal digits of the hash of a snapshot in a log line
_QUERY_DIGITS: Final = 16


class Seen:
    """One request that is being answered, and what is known of it so far.

    Attributes:
        kind: One of `CLASSES`.
        method: As sent.
        status: HTTP status code; 0 while there is none.
        sent: Bytes of the body that were sent, coded.
        outcome: Of a query, one of `OUTCOMES`; None where there was no query.
        cache: `hit` or `miss` for a query that was looked up; None otherwise.
        text: Of the query; None where there was none.
        snapshot: Hash of the snapshot that was served when it came in.
    """

    # On the class, so that what most requests never have costs nothing to make.
    status = 0
    sent = 0
    outcome: str | None = None
    cache: str | None = None
    text: str | None = None

    def __init__(self, scope: Scope, send: Send, kind: str, snapshot: str) -> None:
        self.kind = kind
        self.method: str = scope["method"]
        self.snapshot = snapshot
        self._send = send
        if "finish" in scope:
            self._finish: Finish = scope["finish"]
            scope["finish"] = self.finish
        self.began = time.perf_counter()

    async def send(self, message: Message) -> None:
        """Pass a message on, and take note of it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self.method != "HEAD":
            self.sent += len(message.get("body", b""))
        await self._send(message)

    def finish(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Pass a whole answer on, and take note of it; False where it has to go the other way."""
        if not self._finish(status, headers, body):
            return False
        self.status = status
        if self.method != "HEAD" and status not in _NO_BODY:
            self.sent += len(body)
        return True


# The request that the running task answers; `CountedService` adds to it what only it knows.
_SEEN: Final[ContextVar[Seen | None]] = ContextVar("seen", default=None)


class Tally:
    """What was answered from the memory of `kg.web.replay`, of one class and with one status."""

    __slots__ = ("bytes", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0


class _Counts:
    """What is counted of the requests of one class."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, int], int] = {}
        self.bytes = 0
        self.seconds = [0] * (len(BOUNDS) + 1)
        self.total_s = 0.0

    def add_first(self, method: str, status: int) -> None:
        """Count a request with a method and a status that is rare; others are taken together."""
        key = (_METHODS.get(method, "other"), status)
        self.requests[key] = self.requests.get(key, 0) + 1


class Metrics(Collector):
    """The counts of one server.

    Attributes:
        connections: That are open.
        started: When the server was made, in seconds since 1970.
        taken_up: When the snapshot that is served was taken up, likewise.
        queries: Number of queries by outcome, without replayed ones.
        replays: Requests answered from memory, by class and status.
    """

    def __init__(self, front: "Front") -> None:
        """Count for an application.

        Args:
            front: The application; its load is read when somebody asks.
        """
        self.connections = 0
        self.started = self.taken_up = time.time()
        self.queries: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        self.replays: defaultdict[tuple[str, int], Tally] = defaultdict(Tally)
        self._began = time.monotonic()
        self._classes = {kind: _Counts() for kind in CLASSES}
        self._front = front
        self._leaving: list[Deployment] = []
        self._carried: Counter[str] = Counter()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    @property
    def uptime_s(self) -> float:
        """Seconds since the server was made."""
        return time.monotonic() - self._began

    def begin(self, scope: Scope, send: Send) -> Seen:
        """Take note that a request is being answered; `end` has to follow."""
        path = scope["path"]
        kind = "sparql" if path == "/sparql" else _class_of(path)
        seen = Seen(scope, send, kind, self._front.deployment.snapshot_id)
        _SEEN.set(seen)
        return seen

    @property
    def writes(self) -> bool:
        """Whether requests are written down, so that all have to be looked at."""
        return _LOG.isEnabledFor(logging.INFO)

    def count_errand(self, errand: "Errand", status: int, size: int) -> None:
        """Count a query that took the short way, see `kg.web.errand`.

        Args:
            errand: The query.
            status: Of its answer.
            size: Bytes of its answer.
        """
        counts = self._classes["sparql"]
        elapsed = time.perf_counter() - errand.began
        try:
            counts.requests["GET", status] += 1
        except KeyError:
            counts.add_first("GET", status)
        counts.bytes += size
        counts.seconds[bisect_left(BOUNDS, elapsed)] += 1
        counts.total_s += elapsed
        self.queries["answered" if errand.was_asked else "cached"] += 1

    def end(self, seen: Seen) -> None:
        """Count a request that has been answered, and write it down where somebody wants that."""
        elapsed = time.perf_counter() - seen.began
        counts = self._classes[seen.kind]
        try:
            counts.requests[seen.method, seen.status] += 1
        except KeyError:
            counts.add_first(seen.method, seen.status)
        counts.bytes += seen.sent
        counts.seconds[bisect_left(BOUNDS, elapsed)] += 1
        counts.total_s += elapsed
        if seen.kind == "sparql" or seen.text is not None:  # or a page with the answer to a query
            self._count_query(seen)
        if _LOG.isEnabledFor(logging.INFO):
            self._write_down(seen, elapsed)

    def replays_of(self, head: bytes, status: int) -> Tally:
        """Return where replays of a request are counted.

        Args:
            head: Of the request, from its first byte.
            status: Of the answer.
        """
        target = head.split(b" ", 2)[1]
        is_query = target.partition(b"?")[0] == b"/sparql"
        return self.replays["sparql" if is_query else "page", status]

    def take_up(self, old: "Deployment", ending: "asyncio.Task[None]") -> None:
        """Keep the counts of a deployment that is being ended.

        Args:
            old: The deployment.
            ending: Is done when it has ended.
        """
        self.taken_up = time.time()
        self._leaving.append(old)
        ending.add_done_callback(lambda _: self._carry(old))

    def totals(self) -> Counter[str]:
        """Return what cache and workers have counted, over all snapshots so far.

        The keys are `hits`, `misses`, `forked`, `restarts`, and `killed:` with a reason.
        """
        found = Counter(self._carried)
        for deployment in (self._front.deployment, *self._leaving):
            found.update(_totals_of(deployment))
        return found

    def outcomes(self) -> dict[str, int]:
        """Return the number of queries by outcome, with replayed ones."""
        return self.queries | {"replayed": self._replayed()["sparql"]}

    def all_requests(self) -> dict[tuple[str, str, int], int]:
        """Return the number of requests by class, method and status, with replayed ones."""
        found = {
            (kind, method, status): count
            for kind, counts in self._classes.items()
            for (method, status), count in counts.requests.items()
        }
        for (kind, status), tally in self.replays.items():
            if tally.requests:
                key = (kind, "GET", status)
                found[key] = found.get(key, 0) + tally.requests
        return found

    def exposition(self) -> bytes:
        """Return everything in the text format of Prometheus; its type is `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Return nothing: so registering it does not ask for numbers that are not there yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give every metric with its samples; Prometheus' library asks for this."""
        yield from self._of_requests()
        yield from self._of_work()
        yield from self._of_snapshot()

    def _count_query(self, seen: Seen) -> None:
        outcome, status = seen.outcome, seen.status
        if status >= 400 and outcome in _UNTIL_THEN:
            # Refused before it was a query, or failed after its answer had begun.
            outcome = "refused" if outcome is None else _BY_STATUS.get(status, "failed")
            seen.outcome = outcome
        if outcome is not None:
            self.queries[outcome] += 1

    def _carry(self, old: "Deployment") -> None:
        self._leaving.remove(old)
        self._carried.update(_totals_of(old))

    def _write_down(self, seen: Seen, elapsed: float) -> None:
        is_slow = elapsed >= SLOW_S or seen.status >= 500 or not seen.status
        level = logging.INFO if is_slow else logging.DEBUG
        if not _LOG.isEnabledFor(level) or (not is_slow and _is_cheap(seen)):
            return
        event(
            _LOG,
            "request",
            level,
            **{"class": seen.kind},
            method=_METHODS.get(seen.method, "other"),
            status=seen.status,
            elapsed_ms=round(elapsed * 1000, 2),
            bytes=seen.sent,
            query=None if seen.text is None else query_hash(seen.text),
            cache=seen.cache,
            outcome=seen.outcome,
            snapshot=seen.snapshot[:_SHOWN],
        )

    def _replayed(self) -> dict[str, int]:
        """Return the number of requests that were answered from memory, by class."""
        found = dict.fromkeys(_TIMED, 0)
        for (kind, _), tally in self.replays.items():
            found[kind] += tally.requests
        return found

    def _of_requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "kg_requests", "Requests that were answered", labels=("class", "method", "status")
        )
        for (kind, method, status), count in sorted(self.all_requests().items()):
            requests.add_metric((kind, method, str(status)), count)
        yield requests
        yield _counter(
            "kg_replayed_requests",
            "Requests that were answered from memory, unparsed",
            "class",
            self._replayed(),
        )
        sent = {kind: counts.bytes for kind, counts in self._classes.items()}
        for (kind, _), tally in self.replays.items():
            sent[kind] += tally.bytes
        yield _counter("kg_sent_bytes", "Bytes of bodies that were sent, coded", "class", sent)
        seconds = HistogramMetricFamily(
            "kg_request_seconds",
            "Time from the head of a request to the last byte of its answer, without replays",
            labels=("class",),
        )
        for kind in _TIMED:
            counts = self._classes[kind]
            seconds.add_metric((kind,), _cumulative(counts.seconds), counts.total_s)
        yield seconds
        yield _counter("kg_queries", "Queries", "outcome", self.outcomes())

    def _of_work(self) -> Iterator[Metric]:
        front = self._front
        yield _gauge("kg_connections", "Connections that are open", self.connections)
        pool, totals = front.deployment.backend, self.totals()
        if isinstance(pool, Pool):
            load = pool.load()
            workers = GaugeMetricFamily("kg_workers", "Worker processes", labels=("state",))
            busy = load["running_quick"] + load["running_slow"]
            workers.add_metric(("idle",), load["workers"] - busy)
            workers.add_metric(("quick",), load["running_quick"])
            workers.add_metric(("slow",), load["running_slow"])
            yield workers
            yield _gauge("kg_waiting", "Queries and pages that wait for a worker", load["waiting"])
        yield _counter(
            "kg_workers_killed",
            "Worker processes that were ended in a job",
            "reason",
            {reason: totals[f"killed:{reason}"] for reason in KILL_REASONS},
        )
        yield CounterMetricFamily(
            "kg_workers_forked", "Worker processes that were started", totals["forked"]
        )
        yield CounterMetricFamily(
            "kg_zygote_restarts",
            "Times the process that holds the snapshot had to be started again",
            totals["restarts"],
        )
        cache = front.deployment.service.cache
        yield CounterMetricFamily("kg_cache_hits", "Queries found in the cache", totals["hits"])
        yield CounterMetricFamily(
            "kg_cache_misses", "Queries not found in the cache", totals["misses"]
        )
        yield _gauge("kg_cache_bytes", "Bytes of answers in the cache", cache.bytes)
        yield _gauge("kg_replay_bytes", "Bytes of answers kept for replay", front.replay_bytes)

    def _of_snapshot(self) -> Iterator[Metric]:
        deployment = self._front.deployment
        labels = {"version": deployment.version, "hash": deployment.snapshot_id}
        yield InfoMetricFamily("kg_snapshot", "What is served", labels)
        yield InfoMetricFamily("kg_software", "What serves it", {"version": __version__})
        if deployment.built is not None:
            yield _gauge(
                "kg_snapshot_built_timestamp_seconds",
                "When the files of the snapshot were written",
                deployment.built,
            )
        yield _gauge(
            "kg_snapshot_taken_up_timestamp_seconds",
            "When the server began to serve the snapshot",
            self.taken_up,
        )
        yield _gauge("kg_start_timestamp_seconds", "When the server started", self.started)


class CountedService(QueryService):
    """A service that says, of the request under way, which query it was and how it went."""

    async def run(
        self,
        request: QueryRequest,
        choose: Callable[[Form], MediaType],
        *,
        encoding: str | None = None,
        max_rows: int | None = None,
        may_ask: Callable[[], None] = lambda: None,
    ) -> QueryResult:
        """Return the answer to a query, as in `kg.query.service.QueryService.run`."""
        seen = _SEEN.get()
        if seen is not None:
            seen.text = request.text
        cache: str | None = "hit"

        def ask() -> None:
            nonlocal cache
            cache = "miss"
            may_ask()

        try:
            result = await super().run(
                request, choose, encoding=encoding, max_rows=max_rows, may_ask=ask
            )
        except KgError as error:
            if seen is not None:
                seen.outcome = outcome_of(error)
                seen.cache = "miss" if cache == "miss" else None
            raise
        if seen is not None:
            seen.cache = cache
            seen.outcome = "cached" if cache == "hit" else "answered"
        return result


def outcome_of(error: KgError) -> str:
    """Return which of `OUTCOMES` an error is."""
    match error:
        case ProtocolError():
            return "quota" if error.status == 429 else "refused"
        case MalformedError():
            return "syntax"
        case ResultTooLargeError():
            return "too_large"
        case DataError():
            return "data"
        case BusyError():
            return "busy"
        case QueryTimeoutError():
            return "timeout"
        case WorkerDiedError():
            return "died"
        case RemoteError():
            return "store"
        case _:
            return "failed"


def query_hash(text: str) -> str:
    """Return the first digits of the SHA-256 of a query, cut into tokens where it can be.

    So blanks and comments make no difference. A query that is too long to be cut, or that has a
    string without an end, is hashed as it stands.
    """
    canonical = text
    if len(text) <= QUICK_CHARACTERS:
        try:
            canonical = "\x00".join(token.text for token in tokens(text))
        except MalformedError:
            canonical = text
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    return digest[:_QUERY_DIGITS]


def _class_of(path: str) -> str:
    if path.startswith("/static/"):
        return "static"
    if path.startswith(_OPERATIONS) and path.partition(".")[0] in _OPERATIONS:
        return "operations"
    return "page"


def _is_cheap(seen: Seen) -> bool:
    """Tell whether a request cost next to nothing, so that a line about it would cost more."""
    if seen.status >= 400:
        return False
    return seen.cache == "hit" or seen.kind in ("static", "operations")


def _totals_of(deployment: "Deployment") -> dict[str, int]:
    cache, pool = deployment.service.cache, deployment.backend
    found = {"hits": cache.hits, "misses": cache.misses}
    if isinstance(pool, Pool):
        found |= {"forked": pool.forked, "restarts": pool.restarts}
        found |= {f"killed:{reason}": count for reason, count in pool.kills.items()}
    return found


def _counter(name: str, words: str, label: str, counts: dict[str, int]) -> Metric:
    made = CounterMetricFamily(name, words, labels=(label,))
    for value, count in counts.items():
        made.add_metric((value,), count)
    return made


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    """Return buckets as Prometheus has them: each with all that are smaller."""
    total = 0
    made = []
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
        total += count
        made.append((bound, float(total)))
    return made
