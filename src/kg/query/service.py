"""Answering the queries of strangers: each in a process that can be killed.

The engine has no deadline and no way to cancel, a deep query can overflow its stack and a big one
can take all memory. So each query runs in a worker process (`kg.query.pool`, `kg.query.worker`),
which is killed at the deadline and replaced.

Workers are started as commands, not forked: a fork of a process with threads can deadlock, and
the spawn of `multiprocessing` imports the main program again, with the whole server.

An answer is complete or it is an error: its bytes are gathered before the first one is sent.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import DataError, KgError, MalformedError
from kg.mediatypes import MediaType
from kg.query.cache import Cache, key_of
from kg.query.evaluation import STACK_BYTES, ResultTooLargeError
from kg.query.guard import Form, inspect
from kg.query.pool import BusyError, Pool
from kg.query.protocol import QueryRequest


@dataclass(frozen=True)
class Served:
    """What a server answers from; the core makes one of each snapshot.

    Attributes:
        store: Default graph: the accepted view. Named graphs: the sources, links, metadata.
        base: What every IRI of the dataset begins with; ends in a slash.
        version: Of the dataset, as a person would cite it.
        snapshot_id: A hash of the content; equal content has an equal id.
        nquads: The same quads as a file, for the workers to load.
    """

    store: ox.Store
    base: str
    version: str
    snapshot_id: str
    nquads: Path


@dataclass(frozen=True)
class Limits:
    """What one query, and all of them together, may use.

    Attributes:
        deadline_s: Seconds until a worker is killed.
        result_bytes: Largest answer.
        memory_bytes: What a worker may take beyond the loaded store.
        workers: Queries at the same time.
        waiting: Queries that may wait for a worker; the next one is turned away at once.
        wait_s: Seconds that a query waits before it is turned away.
        cache_bytes: What answers that are kept may take; 0 keeps none.
    """

    deadline_s: float = 20.0
    result_bytes: int = 50_000_000
    memory_bytes: int = 1024**3
    workers: int = 2
    waiting: int = 16
    wait_s: float = 10.0
    cache_bytes: int = 64 * 1024**2


@dataclass(frozen=True)
class QueryResult:
    """A complete answer.

    Attributes:
        media_type: Of the body.
        body: All of it.
        form: Of the query.
        etag: A strong entity tag of the body, in quotes.
    """

    media_type: MediaType
    body: bytes
    form: Form
    etag: str


class QueryService:
    """Runs queries in a pool of worker processes. Safe to call from several threads."""

    def __init__(self, served: Served, limits: Limits) -> None:
        """Make the service; `start` starts the workers."""
        self.limits = limits
        self._snapshot_id = served.snapshot_id
        self._cache = Cache(limits.cache_bytes)
        self._pool = Pool(
            served.nquads,
            memory_bytes=limits.memory_bytes + STACK_BYTES,
            cpu_s=limits.deadline_s,
        )
        self._places = threading.BoundedSemaphore(limits.workers + limits.waiting)

    def start(self) -> None:
        """Start the workers; they load the snapshot while this returns."""
        self._pool.start(self.limits.workers)

    def run(
        self,
        request: QueryRequest,
        choose: Callable[[Form], MediaType],
        *,
        result_bytes: int | None = None,
        cancelled: threading.Event | None = None,
    ) -> QueryResult:
        """Return the complete answer to a query, from the cache where it was given before.

        Blocks: call it outside an event loop.

        Args:
            request: Query and dataset.
            choose: Gives the media type for the form of the query; what it raises is raised.
            result_bytes: A tighter limit than the service's own.
            cancelled: Is set when nobody waits for the answer any more.

        Raises:
            CancelledError: `cancelled` was set.
            MalformedError: Not well-formed, or refused by `kg.query.guard`.
            DataError: Well-formed, but it cannot be evaluated.
            ResultTooLargeError: More bytes than the limit.
            QueryTimeoutError: Stopped at the deadline.
            WorkerDiedError: It used up stack or memory.
            BusyError: All workers are taken, and so are the places to wait.
        """
        form = form_of(request.text)
        media_type = choose(form)
        largest = min(result_bytes or self.limits.result_bytes, self.limits.result_bytes)
        graphs = (request.default_graphs, request.named_graphs)
        key = key_of(self._snapshot_id, request.text, *graphs, media_type.extension)
        kept = self._cache.answer(
            key, lambda: self._ask(request, media_type.extension, largest, cancelled), cancelled
        )
        if len(kept.body) > largest:
            raise ResultTooLargeError(f"the answer has more than {largest:,} bytes")
        return QueryResult(media_type, kept.body, form, kept.etag)

    def _ask(
        self,
        request: QueryRequest,
        extension: str,
        result_bytes: int,
        cancelled: threading.Event | None,
    ) -> bytes:
        """Return the answer of a worker."""
        job: dict[str, object] = {
            "text": request.text,
            "default_graphs": request.default_graphs,
            "named_graphs": request.named_graphs,
            "extension": extension,
            "result_bytes": result_bytes,
        }
        if not self._places.acquire(blocking=False):
            raise BusyError("too many queries are waiting; try again in a few seconds")
        try:
            limits = self.limits
            reply = self._pool.call(
                job, deadline_s=limits.deadline_s, wait_s=limits.wait_s, cancelled=cancelled
            )
        finally:
            self._places.release()
        _raise_fault(reply.header)
        return reply.body

    def processes(self) -> list[int]:
        """Return the process ids of the workers."""
        return self._pool.processes()

    def close(self) -> None:
        """Kill the workers."""
        self._pool.close()


def form_of(text: str) -> Form:
    """Return the form of a query that `kg.query.guard` lets pass.

    Raises:
        MalformedError: It is refused, or it has no form.
    """
    form = inspect(text).form
    if form is None:
        reason = "expected a query: SELECT, ASK, CONSTRUCT or DESCRIBE after the prefixes"
        raise MalformedError(None, 1, 1, reason)
    return form


def _raise_fault(header: dict[str, Any]) -> None:
    match header["status"]:
        case "ok":
            return
        case "syntax":
            raise MalformedError(None, header["line"], header["column"], header["reason"])
        case "large":
            raise ResultTooLargeError(header["reason"])
        case "data":
            raise DataError(header["reason"])
        case _:
            raise KgError(f"the query failed: {header['reason']}")
