"""A real server on a real socket, over a small invented graph."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pyoxigraph as ox
import pytest

from kg.query.pool import Pool
from kg.query.service import Limits
from kg.release import make
from kg.snapshot import Snapshot, canonical, seal
from kg.web.archiving import archived
from kg.web.front import Front
from kg.web.replay import HEAD_S, protocol_for
from kg.web.server import front_of, server_for

BASE = "https://w3id.org/citypledge/"
HANGS_S = 60  # nothing here takes so long, unless it hangs


@dataclass
class Running:
    """A server that runs.

    Attributes:
        front: Its application.
        address: Where it is, such as `http://127.0.0.1:8000`.
        loop: Its event loop, in another thread.
    """

    front: Front
    address: str
    loop: asyncio.AbstractEventLoop

    @property
    def pool(self) -> Pool:
        """The workers behind it."""
        backend = self.front.deployment.backend
        assert isinstance(backend, Pool)
        return backend

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine that is run in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(HANGS_S)

    def load(self) -> dict[str, int]:
        """What the pool has to do."""

        async def look() -> dict[str, int]:
            return self.pool.load()

        found: dict[str, int] = self.do(look())
        return found

    def until(self, holds: Callable[[dict[str, int]], bool], what: str) -> None:
        """Wait for something about its load that is bound to happen."""
        ends = time.monotonic() + HANGS_S
        while not holds(load := self.load()):
            assert time.monotonic() < ends, f"hangs: {what}; {load}"
            time.sleep(0.01)

    def processes(self) -> list[int]:
        """The workers, once none of them is just being forked."""

        async def look() -> list[int]:
            while 0 in self.pool.processes():  # what is being forked has no number yet
                await asyncio.sleep(0.01)
            return self.pool.processes()

        found: list[int] = self.do(look())
        return found

    def zygote(self) -> int:
        """The process that the workers are forked from."""
        process = self.pool._zygote._process if self.pool._zygote else None
        assert process is not None
        return int(process.pid)

    def connect(self) -> socket.socket:
        """A connection to it, which gives up where the server hangs."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=HANGS_S)

    def answers(self) -> bool:
        """Whether a query is answered."""
        answer = httpx.get(f"{self.address}/sparql", params={"query": "ASK {}"}, timeout=HANGS_S)
        return bool(answer.json()["boolean"])


Serve = Callable[..., AbstractContextManager[Running]]
SealQuads = Callable[..., Snapshot]


def invented() -> list[ox.Quad]:
    """The graph of graph.trig, and 250 invented events besides."""
    path = Path(__file__).with_name("graph.trig")
    quads = list(ox.parse(path=path, format=ox.RdfFormat.TRIG))
    for number in range(250):
        event = ox.NamedNode(f"{BASE}id/event/e-{number:04}")
        kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        place = ox.NamedNode("http://schema.org/location")
        quads.append(ox.Quad(event, kind, ox.NamedNode(f"{BASE}ont#Event")))
        quads.append(ox.Quad(event, place, ox.NamedNode(f"{BASE}id/municipality/xx-veldhaven")))
    return quads


@pytest.fixture(scope="session")
def quads() -> list[ox.Quad]:
    """What is served."""
    return invented()


@pytest.fixture(scope="session")
def seal_quads() -> SealQuads:
    """What seals some statements as the snapshot of a workspace."""

    def seal_them(workspace: Path, quads: Sequence[ox.Quad], version: str = "2026.1") -> Snapshot:
        facts = {"version": version, "software": "test", "base": BASE}
        return seal(workspace, canonical(quads), **facts, inputs={})

    return seal_them


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, seal_quads: SealQuads, quads: list[ox.Quad]
) -> Snapshot:
    """The snapshot that is served."""
    return seal_quads(tmp_path_factory.mktemp("workspace"), quads)


@pytest.fixture(scope="session")
def serve(served: Snapshot) -> Serve:
    """What runs a server as long as a block does."""

    @contextmanager
    def run_server(
        limits: Limits,
        snapshot: Snapshot = served,
        *,
        workspace: Path | None = None,
        head_s: float = HEAD_S,
        trusted_proxies: Sequence[str] = (),
    ) -> Iterator[Running]:
        listener = socket.create_server(("127.0.0.1", 0))
        front = front_of(snapshot, limits=limits, workspace=workspace)
        server = server_for(front, trusted_proxies=trusted_proxies)
        server.config.http = protocol_for(front, head_s=head_s)
        has_loop = threading.Event()
        loops: list[asyncio.AbstractEventLoop] = []

        def run() -> None:
            with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
                loops.append(runner.get_loop())
                has_loop.set()
                runner.run(server.serve(sockets=[listener]))

        thread = threading.Thread(target=run)
        thread.start()
        has_loop.wait(HANGS_S)
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            httpx.get(f"{address}/healthz", timeout=HANGS_S)  # it listens before it is ready
            yield Running(front, address, loops[0])
        finally:
            server.should_exit = True
            thread.join()
            listener.close()

    return run_server


@pytest.fixture(scope="session")
def server(serve: Serve) -> Iterator[Running]:
    """A server with a short deadline and small answers."""
    with serve(Limits(deadline_s=2, result_bytes=200_000)) as found:
        yield found


@pytest.fixture(scope="session")
def address(server: Running) -> str:
    """Where it is."""
    return server.address


@pytest.fixture
def patient(serve: Serve) -> Iterator[Running]:
    """A server with one worker in each lane, which never gives a query up by itself."""
    with serve(Limits(deadline_s=600, workers=1, wait_s=600)) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client that follows no redirects and sends no Accept but what a test gives."""
    with httpx.Client(base_url=address, timeout=HANGS_S) as found:
        yield found


PAST_PREFIXES = """
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix mun: <https://w3id.org/citypledge/id/municipality/> .
@prefix net: <https://w3id.org/citypledge/id/network/> .
@prefix pa: <https://w3id.org/citypledge/id/participation/> .
@prefix person: <https://w3id.org/citypledge/id/person/> .
@prefix claim: <https://w3id.org/citypledge/id/claim/> .
@prefix name: <https://w3id.org/citypledge/id/name/> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix graph: <https://w3id.org/citypledge/graph/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
OLDPORT_RETIRED = """city:xx-oldport a cpo:RetiredThing ; cpo:retiredOn "2025-09-01"^^xsd:date ;
    cpo:retirementReason v:retired-mistaken ."""
ADA = """person:p-0001 a foaf:Person ; foaf:name "Ada Example" ; cpo:nameForm name:n-0001 .
name:n-0001 a cpo:NameForm ; skosxl:literalForm "Adas Example" .
claim:s4-001 a cpo:Claim ; cpo:claimSubject person:p-0001 ; cpo:claimValue "Ada Example"@en .
pa:pa-1 a cpo:Participation ; cpo:participant person:p-0001 ; cpo:participationIn net:harbour ."""
ADA_RETIRED = """person:p-0001 a cpo:RetiredThing ; cpo:retiredOn "2026-02-01"^^xsd:date ;
    cpo:retirementReason v:retired-on-request .
pa:pa-1 a cpo:RetiredThing ; cpo:retiredOn "2026-02-01"^^xsd:date ;
    cpo:retirementReason v:retired-on-request .
claim:s4-001 a cpo:RetiredThing ; cpo:retirementReason v:retired-mistaken .
name:n-0001 a cpo:RetiredThing ; cpo:retirementReason v:retired-mistaken ."""
# What each release says, by source; the accepted view is all of it but what is marked as rejected.
PAST = {
    ("2025.1", "2025-03-01T12:00:00Z"): {
        "source/s1": """net:harbour a cpo:Network ; skos:prefLabel "Harbour Compact"@en ;
            cpo:startDate "2019"^^xsd:gYear .""",
        "source/s4": ADA,
        "registry": 'city:xx-oldport a cpo:City ; skos:prefLabel "Oldport"@en .',
    },
    ("2025.2", "2025-09-01T12:00:00Z"): {
        "source/s1": """net:harbour a cpo:Network ; skos:prefLabel "Harbour Compact"@en .""",
        "source/s2": 'net:harbour cpo:startDate "2020"^^xsd:gYear .',
        "registry": 'city:xx-newport a cpo:City ; skos:prefLabel "Newport"@en .',
        "source/s4": ADA,
        "retired": OLDPORT_RETIRED,
    },
    ("2026.1", "2026-02-01T12:00:00Z"): {
        "source/s1": """net:harbour a cpo:Network ; skos:prefLabel "Harbour Compact"@en .""",
        "source/s2": 'net:harbour cpo:startDate "2020"^^xsd:gYear .',
        "source/s3": 'net:harbour cpo:startDate "2020"^^xsd:gYear .',
        "registry": 'city:xx-newport a cpo:City ; skos:prefLabel "Newport"@en , "Naujauostis"@lt .',
        "retired": OLDPORT_RETIRED + ADA_RETIRED,
    },
}


@pytest.fixture(scope="session")
def release_past(seal_quads: SealQuads) -> Callable[[Path], Snapshot]:
    """What fills a workspace with the three releases, and gives the snapshot of the last."""

    def release_all(workspace: Path) -> Snapshot:
        for (version, released), graphs in PAST.items():
            quads: list[ox.Quad] = []
            for name, text in graphs.items():
                graph = ox.NamedNode(f"{BASE}graph/{name}")
                data = (PAST_PREFIXES + text).encode()
                for quad in ox.parse(data, format=ox.RdfFormat.TURTLE):
                    parts = (quad.subject, quad.predicate, quad.object)
                    quads.append(ox.Quad(*parts, graph))
                    if name != "retired":
                        quads.append(ox.Quad(*parts))
            snapshot = seal_quads(workspace, quads, version)
            moment = datetime.fromisoformat(released)
            make(workspace, snapshot, moment, "test", more=archived(snapshot))
        return snapshot

    return release_all


@pytest.fixture(scope="session")
def past(
    serve: Serve,
    release_past: Callable[[Path], Snapshot],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """A server of the last of three releases."""
    workspace = tmp_path_factory.mktemp("past")
    snapshot = release_past(workspace)
    with serve(Limits(workers=1, deadline_s=60), snapshot, workspace=workspace) as found:
        yield found


@pytest.fixture(scope="session")
def real(serve: Serve, built: Snapshot) -> Iterator[Running]:
    """A server of the real data."""
    with serve(Limits(workers=1, deadline_s=60, printed_things=0), built) as found:
        yield found


@pytest.fixture
def names(real: Running) -> Iterator[httpx.Client]:
    """A client of the server of the real data; it follows no redirects."""
    with httpx.Client(base_url=real.address, timeout=HANGS_S) as found:
        yield found


Conforms = Callable[[str, object], bool]


@pytest.fixture(scope="session")
def conforms() -> Conforms:
    """What tells whether an answer of the reconciliation has a form of its specification."""
    path = Path(__file__).with_name("reconciliation-0.2.json")
    schema = json.loads(path.read_text(encoding="utf-8"))

    def look(form: str, answer: object) -> bool:
        jsonschema.validate(answer, {**schema, "$ref": f"#/definitions/{form}"})
        return True

    return look
