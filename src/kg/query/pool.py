"""A few worker processes, each with the whole store, each killed when its time is up.

A worker answers one job at a time. One that died or was killed is replaced at once; the new one
loads the snapshot while others answer. Safe to call from several threads.
"""

import json
import logging
import os
import queue
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from kg.errors import KgError
from kg.query.worker import LENGTH

_LOG: Final = logging.getLogger(__name__)
START_S: Final = 60.0  # to import the package and load the snapshot; 10,000 quads take about 0.3 s
_STARTS: Final = 2  # workers that may fail to start before a query is turned away
_PIECE: Final = 1 << 18
LOOK_S: Final = 0.2  # how often a query under way is checked for being wanted still


class QueryTimeoutError(KgError):
    """A query ran until its deadline and its worker was killed."""


class WorkerDiedError(KgError):
    """A worker ended in the middle of a query, for want of stack or memory."""


class CancelledError(KgError):
    """Whoever asked has gone, so the query was stopped."""


class BusyError(KgError):
    """Every worker is taken and the query has waited long enough."""


@dataclass(frozen=True)
class Reply:
    """What a worker sent back: its header and the bytes of the answer."""

    header: dict[str, Any]
    body: bytes


class Pool:
    """Worker processes over one file of N-Quads."""

    def __init__(self, nquads: Path, *, memory_bytes: int, cpu_s: float) -> None:
        """Make an empty pool.

        Args:
            nquads: What each worker loads.
            memory_bytes: What a worker may take beyond that.
            cpu_s: Processor time for one job, in case nobody is left to kill the worker.
        """
        # Kept open, so that a new worker can load it even when its folder has been removed.
        self._file = nquads.open("rb")
        self._command = (
            *(sys.executable, "-m", "kg.query.worker"),
            *(f"/dev/fd/{self._file.fileno()}", str(memory_bytes), str(cpu_s)),
        )
        self._missing = 0
        self._lock = threading.Lock()
        self._closed = False
        self._all: set[_Worker] = set()
        self._idle: queue.Queue[_Worker] = queue.Queue()

    def start(self, workers: int) -> None:
        """Start this many workers, without waiting for them."""
        for _ in range(workers):
            self._start()

    def call(
        self,
        job: dict[str, object],
        *,
        deadline_s: float,
        wait_s: float,
        cancelled: threading.Event | None = None,
    ) -> Reply:
        """Return a worker's reply to a job.

        Args:
            job: The arguments of `kg.query.evaluation.evaluate` but the store.
            deadline_s: Seconds from when a worker has the job.
            wait_s: Seconds until a worker is free.
            cancelled: Is set when nobody waits for the reply any more.

        Raises:
            CancelledError: `cancelled` was set; the worker was killed.
            BusyError: None became free in time, or the pool is closed.
            QueryTimeoutError: The deadline passed.
            WorkerDiedError: The worker ended.
        """
        worker = self._hand_over(job, wait_s, cancelled)
        is_well = False
        try:
            reply = worker.reply(time.monotonic() + deadline_s, cancelled)
            is_well = True
        except TimeoutError as error:
            detail = f"the query ran longer than {deadline_s:g} s and was stopped"
            raise QueryTimeoutError(detail) from error
        except (EOFError, OSError) as error:
            detail = "the query used up the memory or the stack that it may use and was stopped"
            raise WorkerDiedError(detail) from error
        finally:
            self._give_back(worker, is_well=is_well)
        return reply

    def _hand_over(
        self, job: dict[str, object], wait_s: float, cancelled: threading.Event | None
    ) -> "_Worker":
        """Return a worker that has the job; one that is found dead is replaced by the next."""
        until = time.monotonic() + wait_s
        while True:
            worker = self._take(until, cancelled)
            try:
                worker.send(job)
            except OSError:
                self._give_back(worker, is_well=False)
            else:
                return worker

    def processes(self) -> list[int]:
        """Return the process ids of the workers."""
        with self._lock:
            return sorted(worker.process_id for worker in self._all)

    def close(self) -> None:
        """Kill all workers and wait for their end."""
        with self._lock:
            self._closed = True
            workers, self._all = self._all, set()
        for worker in workers:
            worker.kill()
        self._file.close()

    def _take(self, until: float, cancelled: threading.Event | None) -> "_Worker":
        failures = 0
        while failures < _STARTS:
            worker = self._next(until, cancelled)
            try:
                worker.await_ready(time.monotonic() + START_S)
            except (TimeoutError, EOFError, OSError):
                failures += not worker.was_ready
                self._give_back(worker, is_well=False)
                if self._closed:
                    break
            else:
                return worker
        raise BusyError("no worker could be started; see the server's log")

    def _next(self, until: float, cancelled: threading.Event | None) -> "_Worker":
        """Return the next idle worker; look now and then whether it is still wanted."""
        while True:
            self._start_missing()
            if cancelled is not None and cancelled.is_set():
                raise CancelledError("whoever asked has gone")
            left = until - time.monotonic()
            try:
                return self._idle.get(timeout=max(0.0, min(left, LOOK_S)))
            except queue.Empty as error:
                if left <= LOOK_S:
                    reason = "all workers are busy; try again in a few seconds"
                    raise BusyError(reason) from error

    def _give_back(self, worker: "_Worker", *, is_well: bool) -> None:
        if is_well:
            self._idle.put(worker)
            return
        with self._lock:
            self._all.discard(worker)
        worker.kill()
        self._start()

    def _start(self) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                worker = _Worker(self._command, self._file.fileno())
            except OSError as error:
                self._missing += 1
                _LOG.error("no worker could be started: %s; it is tried again", error)
                return
            self._all.add(worker)
        self._idle.put(worker)

    def _start_missing(self) -> None:
        with self._lock:
            missing, self._missing = self._missing, 0
        for _ in range(missing):
            self._start()


class _Worker:
    """One process and its two pipes."""

    def __init__(self, command: tuple[str, ...], file: int) -> None:
        job_end, self._in = _pipe()
        self._out, reply_end = _pipe()
        with job_end, reply_end:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                command, stdin=job_end, stdout=reply_end, pass_fds=(file,)
            )
        self.process_id = self._process.pid
        self.was_ready = False

    def await_ready(self, until: float) -> None:
        """Return when the snapshot is loaded; at once for a worker that has answered before.

        Raises:
            TimeoutError: Not by then.
            EOFError: It ended.
        """
        if self._process.poll() is not None:
            raise EOFError
        if not self.was_ready:
            self.reply(until)
            self.was_ready = True

    def send(self, job: dict[str, object]) -> None:
        """Send a job.

        Raises:
            OSError: The process has ended.
        """
        data = json.dumps(job).encode()
        rest = memoryview(LENGTH.pack(len(data)) + data)
        while rest:
            rest = rest[self._in.write(rest) :]

    def reply(self, until: float, cancelled: threading.Event | None = None) -> Reply:
        """Return the reply to the job that was sent; errors as in `await_ready`.

        Raises:
            CancelledError: `cancelled` was set first.
        """
        header = json.loads(self._frame(until, cancelled))
        return Reply(header, self._frame(until, cancelled))

    def kill(self) -> None:
        """End the process, whatever it does, and take its remains away."""
        self._process.kill()
        self._in.close()
        self._out.close()
        self._process.wait()

    def _frame(self, until: float, cancelled: threading.Event | None) -> bytes:
        (length,) = LENGTH.unpack(self._read(LENGTH.size, until, cancelled))
        return self._read(length, until, cancelled)

    def _read(self, count: int, until: float, cancelled: threading.Event | None) -> bytes:
        pieces = bytearray()
        descriptor = self._out.fileno()
        while len(pieces) < count:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if cancelled is not None and cancelled.is_set():
                raise CancelledError("whoever asked has gone")
            if not select.select([descriptor], [], [], min(left, LOOK_S))[0]:
                continue
            piece = os.read(descriptor, min(_PIECE, count - len(pieces)))
            if not piece:
                raise EOFError
            pieces += piece
        return bytes(pieces)


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """Return the reading and the writing end of a new pipe, unbuffered."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0)
