"""What a worker process does: one job after another, and nothing else.

`kg.query.zygote` forks it with the snapshot in its memory, and takes from it what a query has no
use for (`kg.query.confine`): new file descriptors, so that the engine can open neither a socket nor
a file; memory beyond a limit; core dumps; and processor time beyond one deadline for each job, in
case nobody is left to kill it.

A job is a frame that the server marshals, for it is quicker than JSON. An answer is one frame, or
several where it is long: the first `HOLD_BYTES` are held back, so that what fails by then is an
error and not a beginning. A frame from a worker is one byte for its kind, four for the length, and
the payload; the payload of the first frame begins with two bytes for the length of a header in
JSON, and the header.
"""

import json
import marshal
import resource
import socket
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import brotli

from kg.errors import DataError, KgError, MalformedError
from kg.query.backend import HOLD_BYTES
from kg.query.evaluation import ResultTooLargeError, on_deep_stack, too_large

LENGTH: Final = struct.Struct(">I")
FRAME: Final = struct.Struct(">BI")
HEADER: Final = struct.Struct(">H")
WHOLE, BEGIN, MORE, END, FAULT = range(5)

CODED_FROM: Final = 1024  # bytes; a shorter answer is not coded, because it would hardly shrink
_GZIP: Final = 31  # the window bits by which zlib writes gzip (RFC 1952)
_CPU_GRACE_S: Final = 5  # the server kills at the deadline; this is only for when it is gone
_CPU_STEP_S: Final = 1.0  # the limit is set anew after so much use


class Coder(Protocol):
    """Applies a content coding."""

    def compress(self, data: bytes) -> bytes:
        """Take bytes, and return what of the coded ones is ready."""

    def flush(self) -> bytes:
        """Return what the reader needs to decode all that was taken."""

    def finish(self) -> bytes:
        """Return the end."""


class Outlet:
    """Takes the bytes of one answer and sends them on: coded, and bounded."""

    def __init__(self, link: socket.socket, *, limit: int | None, encoding: str | None) -> None:
        """Make an outlet.

        Args:
            link: The way to the server.
            limit: Most bytes, before the coding; None for any number.
            encoding: `gzip`, `br` or None.
        """
        self._link = link
        self._limit = limit
        self._coder = coder_for(encoding)
        self._encoding = encoding
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._total = 0
        self._has_begun = False
        self.header: dict[str, object] = {}

    def write(self, data: Any, /) -> int:
        """Take some bytes.

        Raises:
            ResultTooLargeError: They are beyond the limit.
        """
        piece = bytes(data)
        self._total += len(piece)
        if self._limit is not None and self._total > self._limit:
            raise too_large(self._limit)
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes >= HOLD_BYTES:
            self._send(is_last=False)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what is held is sent when it is enough, or at the end."""

    def finish(self) -> None:
        """Send what is left; the answer is complete."""
        self._send(is_last=True)

    def fail(self, fault: Mapping[str, object]) -> None:
        """Say that there is no answer, or that the one which has begun is broken off."""
        _send(self._link, FAULT, json.dumps(fault).encode())

    def _send(self, *, is_last: bool) -> None:
        data = b"".join(self._held)
        self._held.clear()
        self._held_bytes = 0
        if is_last and not self._has_begun and len(data) < CODED_FROM:
            self._coder = None
        if self._coder is not None:
            data = self._coder.compress(data)
            data += self._coder.finish() if is_last else self._coder.flush()
        if self._has_begun:
            _send(self._link, END if is_last else MORE, data)
            return
        self._has_begun = True
        if self._coder is not None:
            self.header["encoding"] = self._encoding
        header = json.dumps(self.header).encode() if self.header else b""
        _send(self._link, WHOLE if is_last else BEGIN, HEADER.pack(len(header)) + header + data)


Handler = Callable[[dict[str, Any], Outlet], None]


def work(link: socket.socket, handlers: Mapping[str, Handler], *, cpu_s: float) -> None:
    """Answer jobs until the other end is closed, on a stack that bears deep queries.

    Args:
        link: The way to the server.
        handlers: What answers each kind of job.
        cpu_s: Processor time for one job, in seconds.
    """
    try:
        on_deep_stack(lambda: _answer_all(link, handlers, cpu_s))
    except ConnectionError:
        return  # the server has let go of this worker


def _answer_all(link: socket.socket, handlers: Mapping[str, Handler], cpu_s: float) -> None:
    buffer = bytearray()
    used = -_CPU_STEP_S
    while (job := _next_job(link, buffer)) is not None:
        if time.process_time() - used >= _CPU_STEP_S:
            used = _limit_processor_time(cpu_s)
        outlet = Outlet(link, limit=job.pop("limit", None), encoding=job.pop("encoding", None))
        fault = _attempt(handlers[job.pop("kind")], job, outlet)
        if fault is not None:
            outlet.fail(fault)


def _attempt(handler: Handler, job: dict[str, Any], outlet: Outlet) -> dict[str, object] | None:
    """Do a job; return why there is no complete answer, or None."""
    try:
        handler(job, outlet)
        outlet.finish()
    except MalformedError as fault:
        place = {"line": fault.line, "column": fault.column}
        return {"status": "syntax", **place, "reason": fault.reason}
    except ResultTooLargeError as error:
        return {"status": "large", "reason": str(error)}
    except DataError as error:
        return {"status": "data", "reason": str(error)}
    except ConnectionError:
        raise  # the server is gone, and nobody is there to be told
    except KgError as error:
        return {"status": "failed", "reason": str(error)}
    except Exception as error:
        # The words of an error may hold a part of the query, which is nobody's business.
        return {"status": "failed", "reason": type(error).__name__}
    return None


def _next_job(link: socket.socket, buffer: bytearray) -> dict[str, Any] | None:
    """Return the next job, or None where the other end is closed."""
    while True:
        if len(buffer) >= LENGTH.size:
            needed = LENGTH.size + LENGTH.unpack_from(buffer)[0]
            if len(buffer) >= needed:
                break
        piece = link.recv(1 << 16)
        if not piece:
            return None
        buffer += piece
    job: dict[str, Any] = marshal.loads(buffer[LENGTH.size : needed])  # noqa: S302 - the server made it
    del buffer[:needed]
    return job


def _send(link: socket.socket, kind: int, payload: bytes) -> None:
    link.sendall(FRAME.pack(kind, len(payload)) + payload)


def _limit_processor_time(seconds: float) -> float:
    """Allow so much processor time from now on; return what has been used."""
    used = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used + seconds + _CPU_STEP_S) + _CPU_GRACE_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    return used


class _Gzip:
    def __init__(self) -> None:
        self._inner = zlib.compressobj(5, zlib.DEFLATED, _GZIP)

    def compress(self, data: bytes) -> bytes:
        return self._inner.compress(data)

    def flush(self) -> bytes:
        return self._inner.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._inner.flush()


class _Brotli:
    def __init__(self) -> None:
        self._inner = brotli.Compressor(quality=4)

    def compress(self, data: bytes) -> bytes:
        return bytes(self._inner.process(data))

    def flush(self) -> bytes:
        return bytes(self._inner.flush())

    def finish(self) -> bytes:
        return bytes(self._inner.finish())


def coded(body: bytes, coder: Coder) -> bytes:
    """Return a body coded, to the byte as an `Outlet` does when it is written in one piece.

    A strong entity tag is of bytes, so who codes a document must not make a difference.
    """
    if len(body) < HOLD_BYTES:
        return coder.compress(body) + coder.finish()
    return coder.compress(body) + coder.flush() + coder.compress(b"") + coder.finish()


def coder_for(encoding: str | None) -> Coder | None:
    """Return what applies a content coding, piece by piece; None for None."""
    match encoding:
        case "gzip":
            return _Gzip()
        case "br":
            return _Brotli()
        case _:
            return None
