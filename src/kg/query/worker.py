"""The process that a query runs in: `python -m kg.query.worker NQUADS MEMORY CPU`.

It loads the snapshot, says that it is ready, and then answers one job after another: a frame with
JSON in, a frame with JSON and a frame of bytes out. A frame is its length in 8 bytes, then that
many bytes. It ends when its input ends, so no worker outlives its server.

After loading it gives up what a query has no use for: file descriptors above those it has, so the
engine can open neither a socket nor a file; memory beyond a limit; and processor time beyond one
deadline for each query, in case nobody is left to kill it. POSIX only.
"""

import json
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from kg.errors import DataError, KgError, MalformedError
from kg.query.evaluation import ResultTooLargeError, evaluate
from kg.snapshot import load

LENGTH: Final = struct.Struct(">Q")
_CPU_GRACE_S: Final = 5  # the server kills at the deadline; this is only for when it is gone


def main(arguments: list[str]) -> None:
    """Load, say that it is ready, and answer until the input ends."""
    path, memory_bytes, cpu_s = Path(arguments[0]), int(arguments[1]), float(arguments[2])
    jobs, answers = sys.stdin.buffer, _private_output()
    store = load(path)
    if path.parent == Path("/dev/fd"):
        os.close(int(path.name))
    _give_up_resources(memory_bytes)
    send(answers, {"status": "ready"}, b"")
    while (job := _read(jobs)) is not None:
        _limit_processor_time(cpu_s)
        header, body = _answer(store, json.loads(job))
        send(answers, header, body)


def send(stream: BinaryIO, header: dict[str, object], body: bytes) -> None:
    """Write a header and a body as two frames."""
    encoded = json.dumps(header).encode()
    stream.write(LENGTH.pack(len(encoded)) + encoded + LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def _private_output() -> BinaryIO:
    """Keep standard output for the frames; whatever else is printed goes to standard error."""
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "wb")


def _read(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return stream.read(LENGTH.unpack(head)[0])


def _give_up_resources(memory_bytes: int) -> None:
    used = _address_space()
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (used + memory_bytes, used + memory_bytes))


def _address_space() -> int:
    """Return the bytes of address space in use, or the peak of memory where the system hides it."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[0]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_processor_time(seconds: float) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + _CPU_GRACE_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _answer(store: ox.Store, job: dict[str, Any]) -> tuple[dict[str, object], bytes]:
    try:
        return {"status": "ok"}, evaluate(store, **job)
    except MalformedError as fault:
        place = {"line": fault.line, "column": fault.column, "reason": fault.reason}
        return {"status": "syntax", **place}, b""
    except ResultTooLargeError as error:
        return {"status": "large", "reason": str(error)}, b""
    except DataError as error:
        return {"status": "data", "reason": str(error)}, b""
    except (KgError, MemoryError, OSError) as error:
        return {"status": "failed", "reason": str(error) or type(error).__name__}, b""


if __name__ == "__main__":
    main(sys.argv[1:])
