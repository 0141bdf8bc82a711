"""Worker processes forked from one zygote: one query each, stopped when its time is up.

    server ── control ── zygote (has the snapshot, runs nothing)
       ├──── link ────── worker ┐
       ├──── link ────── worker ├ forked, share the snapshot, one job at a time
       └──── link ────── worker ┘

A worker that is killed or dies is replaced, and no other job notices. Nobody can tell from its
text how long a query will take. So each one begins in the quick lane; one that is still running
after `QUANTUM_S` while others wait for a worker is moved to the slow lane: its process gets the
lowest priority and another takes its place. There are as many slow places as processors. When they
are taken, a slow query that has sent nothing yet is stopped and begun anew when a place is free.
A look-up therefore never waits long, however many long queries there are.

When many jobs wait, a worker is handed several at once, to do one after another, which saves both
sides time. Where the first of them takes long, or ends the process, the others go to other workers.

A look at shared memory that counts references makes a copy of the page. So a worker that has had a
long job holds part of the snapshot twice; when it has rested for `REST_S`, a fresh one takes its
place.

Everything here belongs to one event loop, and nothing blocks it.
"""

import asyncio
import collections
import json
import logging
import marshal
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from kg.errors import DataError, KgError, MalformedError
from kg.logs import event
from kg.query.backend import (
    BusyError,
    QueryJob,
    QueryTimeoutError,
    WorkerDiedError,
)
from kg.query.evaluation import STACK_BYTES, ResultTooLargeError
from kg.query.worker import BEGIN, END, FAULT, FRAME, HEADER, LENGTH, MORE, WHOLE
from kg.query.zygote import Setup

_LOG: Final = logging.getLogger(__name__)
QUANTUM_S: Final = 0.15
JOBS_PER_WORKER: Final = 5_000  # then a fresh one: each look-up makes a few shared pages its own
HANDFUL: Final = 8  # most jobs that a worker is handed at once, when many wait
REST_S: Final = 10.0  # idle, after which one that has had a long job gives its memory back
_LOWEST_PRIORITY: Final = 19
_LEFT_S: Final = 1.0  # after which what was begun, and left, is ended
_AGAIN_S: Final = 1.0  # pause after a fork that failed, or before a new zygote
_BUFFERED: Final = 1 << 20  # bytes of an answer that wait for a slow client


@dataclass(frozen=True)
class PoolLimits:
    """What jobs may use.

    Attributes:
        quick: Workers for jobs that have just begun.
        slow: Workers for jobs that run on.
        waiting: Jobs that may wait for a worker of either kind; the next is turned away at once.
        wait_s: Seconds that a job waits before it is turned away.
        memory_bytes: What a worker may take beyond the store.
    """

    quick: int
    slow: int
    waiting: int
    wait_s: float
    memory_bytes: int


class Pool:
    """Workers over one snapshot; a `kg.query.backend.Backend`."""

    def __init__(
        self,
        limits: PoolLimits,
        *,
        nquads: Path | None,
        disk: Path | None = None,
        deadline_s: float,
        about: str = "",
        entry: str = "kg.query.zygote",
        site: dict[str, Any] | None = None,
    ) -> None:
        """Make a pool; `start` starts it.

        Args:
            limits: What jobs may use.
            nquads: What the zygote loads into memory; None where `disk` is given.
            disk: A folder with a store on disk, which each worker opens.
            deadline_s: Seconds that a query may run.
            about: The address that an answer which was cut links to.
            entry: The module that is run as the zygote.
            site: What the handlers of its other jobs need.
        """
        self.limits = limits
        self._deadline_s = deadline_s
        self._about = about
        # Kept open, so that a new zygote can load it even when its folder has been removed.
        self._file = None if nquads is None else nquads.open("rb")
        self._disk = disk
        self._entry = entry
        self._site = site or {}
        self._zygote: _Zygote | None = None
        self._workers: dict[int, _Worker] = {}
        self.linked: set[_Worker] = set()  # whose links are not closed yet
        self._idle: list[_Worker] = []
        self._waiting: collections.deque[PoolCall] = collections.deque()
        self._left: dict[QueryJob, PoolCall] = {}
        self._waiting_slow: collections.deque[PoolCall] = collections.deque()
        self._next_number = 1
        self._closed = False
        self._alarm: asyncio.TimerHandle | None = None
        self.killed = 0
        self.forked = 0
        self.restarts = 0  # of the zygote
        self.kills: collections.Counter[str] = collections.Counter()  # by reason

    async def start(self) -> None:
        """Load the snapshot and start the workers; returns when the first one can answer.

        Raises:
            KgError: The snapshot cannot be loaded.
        """
        await self._start_zygote()

    async def query(self, job: QueryJob) -> "PoolAnswer":
        """Return the answer to a query, as in `kg.query.backend.Backend`."""
        call = self._left.pop(job, None)
        if call is not None:
            return await self._answer(call)
        payload = self._payload(job)
        if job.origins:
            apart = payload | {"origins": job.origins}
            return await self.call_apart(apart, self._deadline_s)
        return await self.call(payload, self._deadline_s)

    def begin(self, job: QueryJob, done: "Callable[[PoolCall], None]") -> "PoolCall | None":
        """Begin a query, or put it in the line; None where it cannot even wait.

        Args:
            job: The query.
            done: Is called once, when the answer has begun or there will be none.
        """
        call = PoolCall(self, self._payload(job), self._deadline_s, done)
        try:
            self._admit(call)
        except BusyError:
            return None
        return call

    def leave(self, job: QueryJob, call: "PoolCall") -> None:
        """Leave what was begun to the next one who asks the same."""
        left = self._left.pop(job, None)
        if left is not None:
            self.drop(left)
        self._left[job] = call
        asyncio.get_running_loop().call_later(_LEFT_S, self._clear, job, call)

    def _clear(self, job: QueryJob, call: "PoolCall") -> None:
        """End what was left and nobody has asked for."""
        if self._left.get(job) is call:
            self.drop(self._left.pop(job))

    def _payload(self, job: QueryJob) -> dict[str, Any]:
        payload: dict[str, Any] = {"kind": "query", "text": job.text, "extension": job.extension}
        if job.default_graphs or job.named_graphs:
            payload["default_graphs"] = job.default_graphs
            payload["named_graphs"] = job.named_graphs
        if job.encoding is not None:
            payload["encoding"] = job.encoding
        if job.result_bytes is not None:
            payload["limit"] = job.result_bytes
        if job.max_rows is not None:
            payload |= {"max_rows": job.max_rows, "about": self._about}
        return payload

    async def call(self, payload: dict[str, Any], deadline_s: float) -> "PoolAnswer":
        """Return the answer to a job of any kind, once it has begun.

        Args:
            payload: The job: its `kind`, and what the handler of that kind takes.
            deadline_s: Seconds that it may run.

        Raises:
            KgError: As in `kg.query.backend.Backend.query`.
        """
        call = PoolCall(self, payload, deadline_s)
        self._admit(call)
        return await self._answer(call)

    async def _answer(self, call: "PoolCall") -> "PoolAnswer":
        try:
            await call.wait()
        except BaseException:
            self.drop(call)
            raise
        return PoolAnswer(call)

    async def call_apart(self, payload: dict[str, Any], deadline_s: float) -> "PoolAnswer":
        """Have a job done by a worker of its own, which may open files and sockets, and then ends.

        Raises:
            KgError: As in `kg.query.backend.Backend.query`.
        """
        apart = sum(worker.is_apart for worker in self._workers.values())
        if self._closed or self._zygote is None or apart > self.limits.slow:
            raise BusyError("too many queries call other endpoints; try again in a few seconds")
        call = PoolCall(self, payload, deadline_s)
        self._fork(call)
        return await self._answer(call)

    @property
    def is_ready(self) -> bool:
        """Whether there is a worker."""
        return bool(self._workers)

    def load(self) -> dict[str, int]:
        """Return how many jobs are being answered and wait, and how many workers there are."""
        busy = [worker for worker in self._workers.values() if worker.call is not None]
        slow = sum(worker.is_slow for worker in busy)
        return {
            "running_quick": len(busy) - slow,
            "running_slow": slow,
            "waiting": len(self._waiting)
            + len(self._waiting_slow)
            + sum(len(worker.next) for worker in busy),
            "workers": len(self._workers),
        }

    def processes(self) -> list[int]:
        """Return the process ids of the workers."""
        return sorted(worker.pid for worker in self._workers.values())

    async def close(self) -> None:
        """Kill all workers and the zygote, and wait for their end."""
        self._closed = True
        if self._alarm is not None:
            self._alarm.cancel()
        for worker in self._workers.values():
            self._recall(worker)
        for call in (*self._waiting, *self._waiting_slow):
            call.fail(BusyError("the server is stopping; try again in a few seconds"))
        self._waiting.clear()
        self._waiting_slow.clear()
        try:
            if self._zygote is not None:
                await self._zygote.close()
            for worker in self._workers.values():
                worker.lose()
            for worker in list(self.linked):  # also those that were let go a moment ago
                await worker.closed.wait()
        finally:  # also where the server stops before all have ended
            if self._file is not None:
                self._file.close()

    # The lanes.

    def _admit(self, call: "PoolCall") -> None:
        if self._closed:
            raise BusyError("the server is stopping; try again in a few seconds")
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                worker.give(call)
                return
        if len(self._waiting) + len(self._waiting_slow) >= self.limits.waiting:
            raise BusyError("too many queries are waiting; try again in a few seconds")
        self._wait(self._waiting, call)
        self._relieve()

    def _wait(self, line: "collections.deque[PoolCall]", call: "PoolCall") -> None:
        line.append(call)
        loop = asyncio.get_running_loop()
        call.timer = loop.call_later(self.limits.wait_s, self._turn_away, call)

    def _turn_away(self, call: "PoolCall") -> None:
        self._forget(call)
        call.fail(BusyError("all workers are busy; try again in a few seconds"))

    def _forget(self, call: "PoolCall") -> None:
        for line in (self._waiting, self._waiting_slow):
            if call in line:
                line.remove(call)

    def _relieve(self) -> None:
        """Make room in the quick lane, now or when the next one there has had its time."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        has_stuck = any(worker.next for worker in self._workers.values())
        if self._closed or not (self._waiting or has_stuck):
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        running = [w for w in self._workers.values() if w.call is not None and not w.is_slow]
        coming = sum(worker.pid == 0 for worker in self._workers.values())
        due = []
        for worker in sorted(running, key=lambda w: w.since):
            if now - worker.since < QUANTUM_S:
                due.append(worker.since + QUANTUM_S)
                continue
            self._recall(worker)
            if coming < len(self._waiting):
                coming += self._move_over(worker)
        if due and (has_stuck or coming < len(self._waiting)):
            self._alarm = loop.call_at(min(due) + 0.001, self._relieve)

    def _move_over(self, worker: "_Worker") -> bool:
        """Take a long job out of the quick lane; tell whether that made room."""
        call = worker.call
        slow = sum(each.is_slow for each in self._workers.values())
        if slow < self.limits.slow or (call and call.has_begun and slow < 2 * self.limits.slow):
            worker.slow_down()
            self._fork()
            return True
        if call is None or call.has_begun:
            return False
        worker.call = None
        self._kill(worker, "moved")
        call.rest_timer()
        self._wait(self._waiting_slow, call)
        return True

    def _recall(self, worker: "_Worker") -> None:
        """Put jobs that a worker has been handed, and not begun, back to the head of the line."""
        loop = asyncio.get_running_loop()
        while worker.next:
            call = worker.next.pop()
            worker.is_stale = True  # it has them still, so it gets no others
            if call.is_dropped:
                continue
            call.worker = None
            call.timer = loop.call_later(self.limits.wait_s, self._turn_away, call)
            self._waiting.appendleft(call)

    def finished(self, worker: "_Worker", call: "PoolCall") -> None:
        """Find the next job for a worker that has done one."""
        call.rest_timer()
        worker.call = None
        worker.jobs += 1
        loop = asyncio.get_running_loop()
        worker.has_grown = worker.has_grown or loop.time() - worker.since > QUANTUM_S
        if worker.next:
            worker.start(worker.next.popleft())
            if self._alarm is None:
                self._relieve()
        elif worker.is_slow or worker.is_stale or worker.jobs >= JOBS_PER_WORKER:
            self._replace(worker)  # it ends by itself when its input does
        else:
            self._welcome(worker)

    def _begin_slow(self) -> None:
        """Begin a job of the slow line anew where a place is free."""
        slow = sum(worker.is_slow for worker in self._workers.values())
        while self._waiting_slow and self._idle and slow < self.limits.slow:
            worker = self._idle.pop()
            if not worker.is_alive:
                continue
            worker.slow_down()
            worker.give(self._waiting_slow.popleft())
            self._fork()
            slow += 1

    def drop(self, call: "PoolCall", reason: str = "unwanted") -> None:
        """End a job that nobody waits for any more."""
        self._forget(call)
        call.rest_timer()
        call.is_dropped = True
        if call.worker is not None and call.worker.call is call:
            worker, call.worker = call.worker, None
            worker.call = None
            self._kill(worker, reason)

    def overdue(self, call: "PoolCall") -> None:
        """End a job at its deadline."""
        self.drop(call, "deadline")
        call.fail(
            QueryTimeoutError(f"the query ran longer than {call.deadline_s:g} s and was stopped")
        )

    # The processes.

    async def _start_zygote(self) -> None:
        zygote = _Zygote(self)
        setup = Setup(
            nquads=None if self._file is None else f"/dev/fd/{self._file.fileno()}",
            disk=None if self._disk is None else str(self._disk),
            memory_bytes=self.limits.memory_bytes + STACK_BYTES,
            cpu_s=self._deadline_s,
            site=self._site,
        )
        files = () if self._file is None else (self._file.fileno(),)
        self._zygote = zygote
        await zygote.start(self._entry, setup, files)
        for _ in range(self.limits.quick):
            self._fork()
        await zygote.has_forked.wait()

    def _fork(self, apart: "PoolCall | None" = None) -> None:
        """Have a worker forked: for the quick lane, or apart for one job."""
        if self._closed or self._zygote is None:
            return
        number = self._next_number
        self._next_number += 1
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            self._zygote.fork(number, theirs, may_connect=apart is not None)
        self._workers[number] = worker = _Worker(self, number)
        self.linked.add(worker)
        worker.connect(ours)
        if apart is not None:
            worker.is_slow = worker.is_apart = True  # it takes no place in the quick lane
            worker.give(apart)

    def forked_worker(self, number: int, pid: int) -> None:
        """Take a worker into service."""
        self.forked += 1
        worker = self._workers.get(number)
        if worker is not None:
            worker.pid = pid
            if worker.is_apart:
                worker.slow_down()
            else:
                self._welcome(worker)

    def _welcome(self, worker: "_Worker") -> None:
        """Find a job for a worker of the quick lane that has none."""
        if self._waiting:
            many = len(self._waiting)
            share = min(HANDFUL, many, 1 + many // self.limits.quick)
            worker.give(*[self._waiting.popleft() for _ in range(share)])
            self._relieve()
        else:
            self._idle.append(worker)
            if worker.has_grown:
                loop = asyncio.get_running_loop()
                worker.rest = loop.call_later(REST_S, self._renew, worker)
            self._begin_slow()

    def _renew(self, worker: "_Worker") -> None:
        """Put a fresh worker in the place of one that has grown and has nothing to do."""
        if worker in self._idle and worker.is_alive:
            self._replace(worker)

    def not_forked(self, number: int, reason: str) -> None:
        """Try again later where the system has no process to spare."""
        _LOG.error("no worker could be forked: %s; it is tried again", reason)
        self._remove(number)
        asyncio.get_running_loop().call_later(_AGAIN_S, self._fill)

    def _fill(self) -> None:
        missing = self.limits.quick - sum(not w.is_slow for w in self._workers.values())
        for _ in range(missing):
            self._fork()

    def _kill(self, worker: "_Worker", reason: str) -> None:
        """End a worker, whatever it does; another takes its place."""
        self.killed += 1
        self._note("worker-killed", worker, reason)
        if self._zygote is not None:
            self._zygote.kill(worker.number)
        self._replace(worker)

    def _note(self, name: str, worker: "_Worker", reason: str) -> None:
        self.kills[reason] += 1
        lived = round(asyncio.get_running_loop().time() - worker.since, 3)
        event(_LOG, name, pid=worker.pid, reason=reason, after_s=lived)

    def _replace(self, worker: "_Worker") -> None:
        self._recall(worker)
        self._remove(worker.number)
        worker.lose()
        if not worker.is_slow:
            self._fork()
        else:
            self._begin_slow()

    def _remove(self, number: int) -> None:
        worker = self._workers.pop(number, None)
        if worker in self._idle:
            self._idle.remove(worker)

    def ended(self, worker: "_Worker") -> None:
        """Replace a worker that ended by itself, and tell whoever waited for it."""
        call, worker.call = worker.call, None
        if worker.number in self._workers:
            self._replace(worker)
        if call is None:
            return
        self._note("worker-died", worker, "died")
        call.rest_timer()
        lived = asyncio.get_running_loop().time() - worker.since
        may_try = not (call.was_tried or call.has_begun or worker.is_apart)
        if lived < QUANTUM_S and may_try:
            call.was_tried = True  # it may have been dead before it got the job
            self._wait(self._waiting, call)
            if worker.is_slow:  # only one of the quick lane is replaced at once
                self._rouse()
            return
        reason = "the query used up the memory or the stack that it may use and was stopped"
        call.fail(WorkerDiedError(reason))

    def _rouse(self) -> None:
        """Find a worker for a job that waits, though none has just become free."""
        if self._idle:
            self._welcome(self._idle.pop())
        else:
            self._relieve()

    def zygote_ended(self) -> None:
        """Start again where the zygote is gone, and with it all workers."""
        self._zygote = None
        workers = list(self._workers.values())
        for worker in workers:
            worker.lose()  # all of them first, so that none gets the job of another
        for worker in workers:
            self.ended(worker)
        self._workers.clear()
        self._idle.clear()
        if not self._closed:
            self.restarts += 1
            event(_LOG, "zygote-restarted", logging.ERROR, reason="it ended by itself")
            loop = asyncio.get_running_loop()
            loop.call_later(_AGAIN_S, lambda: loop.create_task(self._start_again()))

    async def _start_again(self) -> None:
        if self._closed:
            return
        try:
            await self._start_zygote()
        except (KgError, OSError) as error:
            _LOG.error("%s; it is tried again", error)
            self._zygote = None
            loop = asyncio.get_running_loop()
            loop.call_later(_AGAIN_S, lambda: loop.create_task(self._start_again()))


class PoolAnswer:
    """An answer of a worker that has begun; a `kg.query.backend.Answer`."""

    def __init__(self, call: "PoolCall") -> None:
        self._call = call
        self.first = call.first
        self.is_complete = call.is_whole
        self.encoding = cast("str | None", call.header.get("encoding"))
        self.cut_at = cast("int | None", call.header.get("cut_at"))
        self.absent = tuple(cast("list[str]", call.header.get("absent", [])))
        self.header = call.header

    async def rest(self) -> AsyncIterator[bytes]:
        """Give what follows `first`; see `kg.query.backend.Answer`."""
        while (piece := await self._call.next_piece()) is not None:
            yield piece

    async def close(self) -> None:
        """Stop its making where it is not complete."""
        self._call.pool.drop(self._call)


class PoolCall:
    """A job on its way, and its answer."""

    def __init__(
        self,
        pool: Pool,
        payload: dict[str, Any],
        deadline_s: float,
        done: "Callable[[PoolCall], None] | None" = None,
    ) -> None:
        data = marshal.dumps(payload)
        self.pool = pool
        self.frame = LENGTH.pack(len(data)) + data
        self.deadline_s = deadline_s
        self.worker: _Worker | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.was_tried = False
        self.is_dropped = False
        self.header: dict[str, Any] = {}
        self.first = b""
        self.has_begun = False
        self.is_whole = False  # all of the answer is in `first`
        self.is_complete = False
        self._pieces: collections.deque[bytes] = collections.deque()
        self._error: KgError | None = None
        self._more: asyncio.Event | None = None
        self._done = done
        self._begun: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Return when the answer has begun.

        Raises:
            KgError: There will be none.
        """
        if self.has_begun:
            return
        if self._error is not None:
            raise self._error
        self._begun = asyncio.get_running_loop().create_future()
        await self._begun

    def _tell(self) -> None:
        """Tell whoever waits that it has begun, or that there will be nothing."""
        if self.is_dropped and self._error is None:
            return
        if self._done is not None:
            done, self._done = self._done, None
            done(self)
        if self._begun is not None and not self._begun.done():
            if self._error is None:
                self._begun.set_result(None)
            else:
                self._begun.set_exception(self._error)

    def rest_timer(self) -> None:
        """Stop the clock that runs."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def begin(self, payload: bytes, *, is_whole: bool) -> None:
        """Take the first frame."""
        (length,) = HEADER.unpack_from(payload)
        if length:
            self.header = json.loads(payload[HEADER.size : HEADER.size + length])
        self.first = payload[HEADER.size + length :]
        self.has_begun = True
        self.is_whole = self.is_complete = is_whole
        self._tell()

    def add(self, piece: bytes, *, is_last: bool) -> None:
        """Take a further frame."""
        if piece:
            self._pieces.append(piece)
        self.is_complete = is_last
        if self._more is not None:
            self._more.set()
        worker = self.worker
        if not is_last and worker is not None and sum(map(len, self._pieces)) > _BUFFERED:
            worker.pause()

    def fail(self, error: KgError) -> None:
        """Take the news that there will be no more."""
        self._error = error
        if self._more is not None:
            self._more.set()
        self._tell()

    async def next_piece(self) -> bytes | None:
        """Return the next piece, None after the last.

        Raises:
            KgError: The answer broke off.
        """
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self.is_complete:
                return None
            self._more = self._more or asyncio.Event()
            self._more.clear()
            await self._more.wait()
        piece = self._pieces.popleft()
        if self.worker is not None and self.worker.call is self:
            self.worker.resume()
        return piece


class _Worker(asyncio.Protocol):
    """The server's side of one worker process."""

    def __init__(self, pool: Pool, number: int) -> None:
        self.number = number
        self.pid = 0
        self.jobs = 0
        self.since = 0.0
        self.is_slow = False
        self.is_apart = False
        self.has_grown = False
        self.rest: asyncio.TimerHandle | None = None
        self.is_alive = True
        self.call: PoolCall | None = None
        self.next: collections.deque[PoolCall] = collections.deque()
        self.is_stale = False
        self.closed = asyncio.Event()
        self._pool = pool
        self._socket: socket.socket | None = None
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._is_paused = False
        self._is_connected = False
        self._unsent: list[bytes] = []

    def connect(self, link: socket.socket) -> None:
        """Begin to listen to the process."""
        self._socket = link
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.create_connection(lambda: self, sock=link))
        task.add_done_callback(self._tried)

    def _tried(self, connecting: "asyncio.Task[Any]") -> None:
        """Treat a connection that could not be made as one that is lost."""
        if connecting.cancelled() or connecting.exception() is not None:
            if self._socket is not None:
                self._socket.close()
            self.connection_lost(None)
            return
        self._is_connected = True
        if not self.is_alive:
            self.lose()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what has been waiting for this."""
        self._transport = cast(asyncio.Transport, transport)
        for frame in self._unsent:
            self._transport.write(frame)
        self._unsent.clear()

    def give(self, *calls: PoolCall) -> None:
        """Give it a job, or several to do one after another."""
        if self.rest is not None:
            self.rest.cancel()
            self.rest = None
        for call in calls[1:]:
            call.rest_timer()
            call.worker = self
        self.next.extend(calls[1:])
        self.start(calls[0])
        frames = b"".join([call.frame for call in calls])
        if self._transport is None:
            self._unsent.append(frames)
        else:
            self._transport.write(frames)

    def start(self, call: PoolCall) -> None:
        """Take note that it does this job now; the clock of the job starts."""
        call.rest_timer()
        loop = asyncio.get_running_loop()
        self.call, call.worker = call, self
        self.since = loop.time()
        limit = QUANTUM_S if call.is_dropped else call.deadline_s
        call.timer = loop.call_at(self.since + limit, self._pool.overdue, call)

    def slow_down(self) -> None:
        """Give its process the lowest priority, for good."""
        self.is_slow = True
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, _LOWEST_PRIORITY)
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                os.setpriority(os.PRIO_PROCESS, int(thread.name), _LOWEST_PRIORITY)
        except (ProcessLookupError, FileNotFoundError):
            return  # it has just ended, or the system has no /proc; both are harmless here

    def data_received(self, data: bytes) -> None:
        """Take bytes of an answer."""
        if not self._buffer and len(data) >= FRAME.size:
            kind, length = FRAME.unpack_from(data)
            if len(data) == FRAME.size + length:
                self._frame(kind, data[FRAME.size :])
                return
        self._buffer += data
        while len(self._buffer) >= FRAME.size:
            kind, length = FRAME.unpack_from(self._buffer)
            end = FRAME.size + length
            if len(self._buffer) < end:
                return
            payload = bytes(self._buffer[FRAME.size : end])
            del self._buffer[:end]
            self._frame(kind, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the pool that the process has ended."""
        self.closed.set()
        self._pool.linked.discard(self)
        if self.is_alive:
            self.is_alive = False
            self._pool.ended(self)

    def pause(self) -> None:
        """Read no more for now: the client is slow, so its worker has to wait."""
        if self._transport is not None and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and self._is_paused and self.is_alive:
            self._is_paused = False
            self._transport.resume_reading()

    def lose(self) -> None:
        """Let go of the process; it ends when its input does."""
        self.is_alive = False
        if self.rest is not None:
            self.rest.cancel()
        # Not before: uvloop takes the socket over only after `connection_made`.
        if self._transport is not None and self._is_connected:
            self._transport.abort()

    def _frame(self, kind: int, payload: bytes) -> None:
        call = self.call
        if call is None:
            return
        if kind == WHOLE:
            self._pool.finished(self, call)
            call.begin(payload, is_whole=True)
        elif kind == BEGIN:
            call.begin(payload, is_whole=False)
        elif kind == MORE:
            call.add(payload, is_last=False)
        elif kind == END:
            self._pool.finished(self, call)
            call.add(payload, is_last=True)
        elif kind == FAULT:
            self._pool.finished(self, call)
            call.fail(_fault(json.loads(payload)))


class _Zygote(asyncio.Protocol):
    """The server's side of the zygote."""

    def __init__(self, pool: Pool) -> None:
        self.has_forked = asyncio.Event()
        self._pool = pool
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._process: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self._wishes: socket.socket | None = None
        self._unread = b""

    async def start(self, entry: str, setup: Setup, files: tuple[int, ...]) -> None:
        """Start it and wait until it has loaded the snapshot.

        Raises:
            KgError: It ended before.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                [sys.executable, "-m", entry, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), *files),
            )
        self._wishes = ours.dup()
        await asyncio.to_thread(ours.sendall, setup.as_line())
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, sock=ours)
        await self._ready

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to it."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take its news."""
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            news = json.loads(line)
            match news["event"]:
                case "ready":
                    self._ready.set_result(None)
                case "forked":
                    self._pool.forked_worker(news["worker"], news["pid"])
                    self.has_forked.set()
                case "failed":
                    self._pool.not_forked(news["worker"], news["reason"])

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the pool that it has ended."""
        if not self._ready.done():
            reason = "the snapshot could not be loaded; see the server's log, and build it again"
            self._ready.set_exception(KgError(reason))
        elif not self._ready.cancelled() and self._ready.exception() is None:
            self._pool.zygote_ended()
        self._let_go()
        if self._process is not None:  # it is ending; somebody has to bury it
            asyncio.get_running_loop().run_in_executor(None, self._process.wait)

    def fork(self, worker: int, link: socket.socket, *, may_connect: bool) -> None:
        """Have a worker forked that has the other end of a link."""
        wish = {"do": "fork", "worker": worker, "may_connect": may_connect}
        self._wish(wish, [link.fileno()])

    def kill(self, worker: int) -> None:
        """Have a worker killed."""
        self._wish({"do": "kill", "worker": worker}, [])

    async def close(self) -> None:
        """End it, and with it all workers."""
        if self._transport is not None:
            self._transport.abort()
        self._let_go()
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    def _let_go(self) -> None:
        if self._wishes is not None:
            self._wishes.close()
            self._wishes = None

    def _wish(self, wish: dict[str, object], descriptors: list[int]) -> None:
        if self._wishes is None:
            return
        try:
            socket.send_fds(self._wishes, [json.dumps(wish).encode() + b"\n"], descriptors)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            return  # it has ended; `connection_lost` will say so


def _fault(news: dict[str, Any]) -> KgError:
    match news["status"]:
        case "syntax":
            return MalformedError(None, news["line"], news["column"], news["reason"])
        case "large":
            return ResultTooLargeError(news["reason"])
        case "data":
            return DataError(news["reason"])
        case _:
            return KgError(f"the query failed: {news['reason']}")
