"""A spinner that appears when work takes longer than a second."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def spinner(step: str, *, after_s: float = 1.0) -> Iterator[Callable[[str], None]]:
    """Show a step on standard error once it has run for `after_s` seconds."""
    status = Console(stderr=True).status(step)
    timer = threading.Timer(after_s, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield status.update
    finally:
        timer.cancel()
        timer.join()
        status.stop()
