"""Folders that one process has for a while, and that outlive no crash.

A process that is killed cannot take its folder away. So each folder is locked as long as it is in
use, and whoever makes the next one beside it takes away those that nobody holds. The lock is one of
the operating system (`flock` on the folder itself), which ends with the process, however that ends.
Where there is none, on Windows, nothing of others is taken away.
"""

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

if sys.platform != "win32":
    import fcntl

_PREFIX: Final = ".scratch-"
_LOG: Final = logging.getLogger(__name__)


class Scratch:
    """A folder that is there until it is removed, or until the block ends.

    Attributes:
        path: Of the folder.
    """

    def __init__(self, place: Path) -> None:
        """Make a folder, and take away those beside it that were left by a crash.

        Args:
            place: Where to make it; is made where it is not there.

        Raises:
            OSError: It cannot be written.
        """
        place.mkdir(parents=True, exist_ok=True)
        sweep(place)
        with _held(place):
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
            self._lock = _locked(self.path)

    def remove(self) -> None:
        """Take the folder away, unless it has been moved; to do it again changes nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Path:
        """Give the path of the folder."""
        return self.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the folder away."""
        self.remove()


def sweep(place: Path) -> None:
    """Take away the folders in a place that nobody holds.

    Raises:
        OSError: The place cannot be read.
    """
    with _held(place):
        for left in place.glob(f"{_PREFIX}*"):
            lock = _locked(left)
            if lock is None:
                continue
            try:
                shutil.rmtree(left)
            except OSError as error:
                _LOG.warning("%s: left by a crash, and cannot be removed: %s", left, error)
            finally:
                os.close(lock)


def _locked(folder: Path) -> int | None:
    """Return what holds a folder; None where another process does, or where there are no locks."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # it is gone, or of somebody else
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """Keep others from sweeping between the making of a folder and its locking."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
