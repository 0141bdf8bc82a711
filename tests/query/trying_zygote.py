"""A zygote whose workers try what a query must not be able to do, and say how it went.

It is run by `kg.query.pool.Pool` as `python -m trying_zygote SETUP`.
"""

import json
import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.query.evaluation import on_deep_stack
from kg.query.worker import Handler, Outlet
from kg.query.zygote import main


def make_handlers(store: ox.Store, _: dict[str, Any]) -> Mapping[str, Handler]:
    """The one kind of job that these workers have besides queries."""

    def call_out(where: str) -> object:
        query = f"SELECT * {{ SERVICE <{where}> {{ ?a ?b ?c }} }}"
        return on_deep_stack(lambda: [str(row) for row in store.query(query)])

    ways: dict[str, Callable[[str], object]] = {
        "connect": lambda port: socket.create_connection(("127.0.0.1", int(port))).close(),
        "open": lambda path: Path(path).read_text(),
        "write": lambda path: Path(path).write_bytes(b"x"),
        "duplicate": lambda _: os.dup(0),
        "pipe": lambda _: os.pipe(),
        "service": call_out,
        "take": lambda size: len(bytearray(int(size))),
        "core": lambda _: resource.getrlimit(resource.RLIMIT_CORE),
        "processor": lambda _: resource.getrlimit(resource.RLIMIT_CPU)[0] - time.process_time(),
    }

    def attempt(job: dict[str, Any], outlet: Outlet) -> None:
        try:
            outcome = {"done": ways[job["way"]](job["what"])}
        except (OSError, MemoryError) as error:
            outcome = {"error": type(error).__name__, "number": getattr(error, "errno", None)}
        outlet.write(json.dumps(outcome).encode())

    return {"attempt": attempt}


if __name__ == "__main__":
    main(sys.argv[1], make_handlers)
