"""A real server over the real data, in a process of its own, and a client of it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.client import Graph
from kg.snapshot import Snapshot

KG = str(Path(sys.executable).with_name("kg"))
_ADDRESS = re.compile(rb"(http://127\.0\.0\.1:\d+)")


@pytest.fixture(scope="session")
def service(built: Snapshot, root: Path) -> Iterator[str]:
    """The address of a server."""
    places = {"KG_ROOT": str(root), "KG_WORKSPACE": str(built.folder.parent.parent)}
    command = [KG, "serve", "--port", "0", "--current"]
    with subprocess.Popen(
        command, env=os.environ | places, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            assert process.stdout is not None
            said = b""
            while (found := _ADDRESS.search(said)) is None:
                line = process.stdout.readline()
                assert line, said
                said += line
            yield found[1].decode()
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def graph(service: str) -> Graph:
    """A client of it."""
    return Graph(service)
