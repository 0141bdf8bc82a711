"""The process that the workers come from: it loads the snapshot once and forks.

A fork shares the memory of the store (copy on write), so a new worker is there in milliseconds
and costs little. A fork of a process with threads can deadlock; therefore this one has a single
thread, runs no query, and does nothing but wait for what the server wants.

The server talks to it over a socket, a line of JSON for each wish: `fork` (with one end of a
socket pair, which becomes the worker's way to the server) and `kill`. A worker that `may_connect`
keeps the right to open sockets, for a query with a SERVICE that is allowed. It tells `ready`,
`forked`, `failed` and `ended`. When the server's end closes, it kills all workers and ends; when it
ends itself, the kernel kills the workers.

A snapshot that does not fit in memory is a store on disk. It is opened by each worker after the
fork, read-only, because an open one must not be forked.
"""

import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.query.confine import (
    deny_descriptors,
    deny_sockets_and_writing,
    die_with_parent,
    limit_memory,
)
from kg.query.evaluation import absent_graphs, graphs_of, write_over
from kg.query.rows import cut_rows
from kg.query.worker import Handler, Outlet, work
from kg.snapshot import load

_LINE: Final = 1 << 16
_MOST_FDS: Final = 64


@dataclass(frozen=True)
class Setup:
    """What a zygote needs to know; the first line of JSON that it is sent.

    Attributes:
        nquads: A file of N-Quads to load, or None where `disk` is given.
        disk: A folder with a store that the engine made, or None.
        memory_bytes: What a worker may take beyond the store.
        cpu_s: Processor time of a worker for one job, in seconds.
        site: What the handlers of pages need; nothing here looks into it.
    """

    nquads: str | None
    disk: str | None
    memory_bytes: int
    cpu_s: float
    site: dict[str, Any]

    def as_line(self) -> bytes:
        """Return it as a line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"


MakeHandlers = Callable[[ox.Store, dict[str, Any]], Mapping[str, Handler]]


def main(argument: str, more: MakeHandlers | None = None) -> None:
    """Load, say that it is ready, and fork on demand.

    Args:
        argument: Number of the file descriptor of the socket to the server.
        more: Makes the handlers of jobs that are not queries; called before the first fork.
    """
    control = socket.socket(fileno=int(argument))
    with control.makefile("rb", buffering=0) as lines:
        setup = Setup(**json.loads(lines.readline()))
    if setup.nquads is None:
        _handlers(ox.Store(), setup, more)  # loads what needs no data, for all workers
        handlers = None
    else:
        handlers = _handlers(load(Path(setup.nquads)), setup, more)
    if setup.nquads is not None and setup.nquads.startswith("/dev/fd/"):
        os.close(int(setup.nquads.removeprefix("/dev/fd/")))
    gc.disable()
    gc.collect()
    gc.freeze()
    zygote = _Zygote(control, setup, handlers, more)
    zygote.tell({"event": "ready"})
    zygote.serve()


def query_handler(store: ox.Store) -> Handler:
    """Return what answers queries from a store."""

    def handle(job: dict[str, Any], outlet: Outlet) -> None:
        text, extension = job["text"], job["extension"]
        graphs = (job.get("default_graphs", ()), job.get("named_graphs", ()))
        asked = graphs_of(text, *graphs, job.get("origins", ()))
        if asked and (absent := absent_graphs(store, asked)):
            outlet.header["absent"] = absent
        if "max_rows" in job:
            rows, about = job["max_rows"], job["about"]
            cut_rows(store, outlet, text, extension, asked, max_rows=rows, about=about)
        else:
            write_over(store, outlet, text, extension, asked)

    return handle


def _handlers(store: ox.Store, setup: Setup, more: MakeHandlers | None) -> Mapping[str, Handler]:
    others = {} if more is None else more(store, setup.site)
    return {"query": query_handler(store), **others}


class _Zygote:
    """The loop that forks, kills and buries."""

    def __init__(
        self,
        control: socket.socket,
        setup: Setup,
        handlers: Mapping[str, Handler] | None,
        more: MakeHandlers | None,
    ) -> None:
        self._control = control
        self._setup = setup
        self._handlers = handlers
        self._more = more
        self._children: dict[int, int] = {}
        self._descriptors: list[int] = []
        self._unread = b""
        self._wake, self._alarm = socket.socketpair()
        self._alarm.setblocking(False)
        self._wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; the server decides
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)

    def tell(self, event: Mapping[str, object]) -> None:
        """Tell the server something."""
        self._control.sendall(json.dumps(event).encode() + b"\n")

    def serve(self) -> None:
        """Do what the server wants until it is gone."""
        selector = selectors.DefaultSelector()
        selector.register(self._control, selectors.EVENT_READ)
        selector.register(self._wake, selectors.EVENT_READ)
        try:
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._wake in ready:
                    self._wake.recv(4096)
                self._bury()
                if self._control in ready and not self._read():
                    return
        except (BrokenPipeError, ConnectionResetError):
            return  # the server is gone; the workers go too
        finally:
            signal.set_wakeup_fd(-1)  # its socket is closed on the way out
            for pid in self._children.values():
                os.kill(pid, signal.SIGKILL)

    def _read(self) -> bool:
        """Do what has been asked for; False where the server is gone."""
        data, descriptors, _, _ = socket.recv_fds(self._control, _LINE, _MOST_FDS)
        self._descriptors += descriptors
        if not data:
            return False
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            wish = json.loads(line)
            if wish["do"] == "fork":
                self._fork(wish, self._descriptors.pop(0))
            elif wish["worker"] in self._children:
                os.kill(self._children[wish["worker"]], signal.SIGKILL)
        return True

    def _fork(self, wish: Mapping[str, Any], descriptor: int) -> None:
        worker: int = wish["worker"]
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptor)
            self.tell({"event": "failed", "worker": worker, "reason": str(error)})
            return
        if pid == 0:
            self._be_worker(descriptor, may_connect=wish["may_connect"])
        os.close(descriptor)
        self._children[worker] = pid
        self.tell({"event": "forked", "worker": worker, "pid": pid})

    def _be_worker(self, descriptor: int, *, may_connect: bool) -> None:
        """Become a worker; never returns."""
        status = 1
        try:
            die_with_parent()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (self._control, self._wake, self._alarm):
                each.close()
            link = socket.socket(fileno=os.dup2(descriptor, 3))
            os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            handlers = self._handlers
            if handlers is None:
                if not may_connect:
                    deny_sockets_and_writing()  # before the engine starts threads of its own
                store = ox.Store.read_only(str(self._setup.disk))
                handlers = _handlers(store, self._setup, self._more)
            limit_memory(self._setup.memory_bytes)
            if self._handlers is not None and not may_connect:
                deny_descriptors()
            work(link, handlers, cpu_s=self._setup.cpu_s)
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)

    def _bury(self) -> None:
        """Take away the remains of workers that have ended."""
        by_pid = {pid: worker for worker, pid in self._children.items()}
        while by_pid:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker = by_pid.pop(pid)
            del self._children[worker]
            self.tell({"event": "ended", "worker": worker, "status": status})


if __name__ == "__main__":
    main(sys.argv[1])
