"""A real server on a real socket, over a small invented graph."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import uvicorn

from kg.query.service import Limits, Served
from kg.web.app import create_app

BASE = "https://w3id.org/citypledge/"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The graph of graph.trig, and 250 invented events besides."""
    store = ox.Store()
    store.load(path=Path(__file__).with_name("graph.trig"), format=ox.RdfFormat.TRIG)
    for number in range(250):
        event = ox.NamedNode(f"{BASE}id/event/e-{number:04}")
        kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        place = ox.NamedNode("http://schema.org/location")
        store.add(ox.Quad(event, kind, ox.NamedNode(f"{BASE}ont#Event")))
        store.add(ox.Quad(event, place, ox.NamedNode(f"{BASE}id/municipality/xx-veldhaven")))
    path = tmp_path_factory.mktemp("snapshot") / "dataset.nq"
    store.dump(path, format=ox.RdfFormat.N_QUADS)
    return Served(store, BASE, "2026.1", "5" * 64, path)


@contextmanager
def running(served: Served, limits: Limits) -> Iterator[str]:
    """Give the address of a server that runs as long as the block does."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(served, limits=limits), log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def address(served: Served) -> Iterator[str]:
    """The address of a server with a short deadline and small answers."""
    with running(served, Limits(deadline_s=2, result_bytes=200_000)) as found:
        yield found


@pytest.fixture
def patient_address(served: Served) -> Iterator[str]:
    """The address of a server with one worker, which never gives a query up by itself."""
    with running(served, Limits(deadline_s=600, workers=1, wait_s=60)) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client that follows no redirects and sends no Accept but what a test gives."""
    with httpx.Client(base_url=address, timeout=60) as found:
        yield found
