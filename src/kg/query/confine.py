"""Taking from a process, for good, what only a server may do; the kernel of Linux sees to it.

A worker with the snapshot in memory loses the right to any new file descriptor. One with a store
on disk has to open files of the store while it works, so it loses the right to sockets and to
writing instead: by a filter for system calls (seccomp), which denies `socket` and `io_uring_setup`.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import Final

from kg.errors import KgError

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_MODE_FILTER: Final = 2

# Classic BPF, as in linux/filter.h and linux/seccomp.h.
_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_DENY: Final = 0x00050000 | errno.EPERM
_KILL: Final = 0x80000000
_OFFSET_NUMBER: Final = 0
_OFFSET_ARCHITECTURE: Final = 4
_OTHER_NUMBERING: Final = 0x40000000  # of x32 programs on x86-64
_IO_URING_SETUP: Final = 425
# Machine: its AUDIT_ARCH and its number of `socket`.
_MACHINES: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def die_with_parent() -> None:
    """Have the kernel end this process when the one that forked it ends (Linux only)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit_memory(more_bytes: int) -> None:
    """Allow so many bytes of address space beyond what is in use now, and no core dumps."""
    used = _address_space()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (used + more_bytes, used + more_bytes))


def deny_descriptors() -> None:
    """Allow no file or socket beyond those that are open."""
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


def deny_sockets_and_writing() -> None:
    """Allow no socket, and no byte more in any file.

    Raises:
        KgError: The system has no such filter.
    """
    known = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or known is None:
        raise KgError("a store on disk is served on Linux, x86-64 and ARM 64, only")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an attempt is an error, not the end
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    architecture, number_of_socket = known
    steps = (
        (_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _OFFSET_NUMBER),
        (_IF_AT_LEAST, 3, 0, _OTHER_NUMBERING),
        (_IF_EQUAL, 2, 0, number_of_socket),
        (_IF_EQUAL, 1, 0, _IO_URING_SETUP),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HxxxxxxP", len(steps), ctypes.addressof(code))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.create_string_buffer(program))


def _prctl(option: int, *values: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    padded = [*values, *[0] * (4 - len(values))]
    given = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in padded]
    if libc.prctl(option, *given) != 0:
        number = ctypes.get_errno()
        raise KgError(f"the system refuses to confine a worker: {os.strerror(number)}")


def _address_space() -> int:
    """Return the bytes of address space in use, or the peak of memory where the system hides it."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[0]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
