"""Three servers behind HAProxy with docs/haproxy.cfg: what a client notices when one is lost.

The clients ask by GET, HEAD, both kinds of POST body, QUERY, and for documents, over connections
that stay open, and never send a request a second time.
"""

import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import engines
import httpx
import pytest

from kg.publish import publish

OLD, NEW = "2026.1", "2026.2"
# Above inter x fall of docs/haproxy.cfg, as docs/operations.md says.
SETTINGS = "[server]\ndrain_s = 2\n"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
# 90,000 rows, over 10 MB: more than all buffers on the way hold.
PAIRS = f"SELECT ?one ?two ?a ?b {{ ?one {LABEL} ?a . ?two {LABEL} ?b }}"

Eventually = Callable[[Callable[[], bool], str], None]


def killed(fleet: Any, crowd: Any, eventually: Eventually) -> None:
    """End the first server with requests in it that it has not answered."""
    first = fleet.replicas[0]
    processes = engines.family(first.pid)
    first.signal(signal.SIGSTOP)
    eventually(lambda: fleet.waiting_at("one") > 0, "a request waits at the first server")
    first.signal(signal.SIGKILL)
    first.ended()
    crowd.goes_on()
    assert fleet.sent_again() > 0, "the requests that were in it went to another one"
    eventually(lambda: not set(processes) & set(engines.family(first.pid)), "nothing is left")


def left(replica: Any, crowd: Any) -> None:
    """End a server as one does for an upgrade, and wait until it is gone."""
    replica.signal(signal.SIGTERM)
    assert replica.ended() in (0, -signal.SIGTERM)
    replica.close()
    crowd.goes_on()


def test_replicas_of_a_workspace_are_killed_and_upgraded_without_a_failed_request(
    fleet: Any, crowd: Any, sealed: Any, tmp_path: Path, eventually: Eventually
) -> None:
    workspace = tmp_path / "workspace"
    sealed(workspace, OLD)
    (workspace / "settings.toml").write_text(SETTINGS, encoding="ascii")
    with fleet([workspace] * 3) as running, crowd(running.address) as asking:
        one, two, three = running.replicas
        asking.goes_on()
        assert all(replica.answered() for replica in running.replicas)
        assert set(asking.versions) == {OLD}

        killed(running, asking, eventually)

        two.signal(signal.SIGTERM)
        sealed(workspace, NEW)
        left(two, asking)
        for replica in (one, two):
            replica.close()
            replica.start()
        running.settle()
        assert one.serves(NEW) and two.serves(NEW)
        eventually(lambda: three.serves(NEW), "the third takes up the newer snapshot as it runs")
        asking.goes_on()
        before = asking.versions[OLD]
        asking.goes_on()
        assert all(replica.answered() for replica in running.replicas)
    assert asking.faults == []
    assert asking.versions[OLD] == before, "no answer is of the old snapshot any more"
    assert asking.versions[NEW] > 0


def test_replicas_before_a_store_are_killed_and_moved_without_a_failed_request(
    fleet: Any, crowd: Any, sealed: Any, tmp_path: Path, eventually: Eventually
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "settings.toml").write_text(SETTINGS, encoding="ascii")
    with ExitStack() as stack:
        stores = []
        for version in (OLD, NEW):
            try:
                store = stack.enter_context(engines.oxigraph(tmp_path / f"store-{version}"))
            except engines.EngineMissingError as missing:
                pytest.skip(f"oxigraph cannot be had on this machine: {missing}")
            workspace = tmp_path / version
            assert store.gsp_url is not None
            publish(sealed(workspace, version), store.gsp_url, workspace=workspace)
            stores.append(store)
        old, new = stores
        running = stack.enter_context(fleet([place] * 3, old.query_url))
        asking = stack.enter_context(crowd(running.address))
        one, two, three = running.replicas
        asking.goes_on()
        assert all(replica.answered() for replica in running.replicas)
        assert set(asking.versions) == {OLD}

        killed(running, asking, eventually)
        one.close()
        one.start(new.query_url)
        eventually(lambda: one.is_ready(), "the first is back")

        left(two, asking)
        two.start(new.query_url)
        running_up = "the balancer knows that the first and the second are ready"
        eventually(lambda: running.up() == 3, running_up)

        left(three, asking)
        three.start(new.query_url)
        running.settle()
        asking.goes_on()
        before = asking.versions[OLD]
        asking.goes_on()
        stack.pop_all().close()
    assert asking.faults == []
    assert asking.versions[OLD] == before > 0, "no answer is of the old snapshot any more"
    assert asking.versions[NEW] > 0


def test_an_answer_that_is_cut_in_the_middle_never_passes_for_whole(
    fleet: Any, sealed: Any, tmp_path: Path, eventually: Eventually
) -> None:
    workspace = tmp_path / "workspace"
    sealed(workspace, OLD)
    with fleet([workspace] * 3) as running:
        host, _, port = urlsplit(running.address).netloc.partition(":")
        with httpx.Client(base_url=running.address, timeout=30) as client:
            narrow = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]
            transport = httpx.HTTPTransport(socket_options=narrow)
            with (
                httpx.Client(base_url=f"http://{host}:{port}", transport=transport) as slow,
                pytest.raises(httpx.RemoteProtocolError),
                slow.stream("POST", "/sparql", data={"query": PAIRS}) as response,
            ):
                assert response.status_code == 200
                busy = [n for n, r in names(running) if running.waiting_at(n)]
                assert len(busy) == 1
                dict(names(running))[busy[0]].signal(signal.SIGKILL)
                for _ in response.iter_bytes():
                    pass
            assert client.post("/sparql", data={"query": "ASK {}"}).status_code == 200


def names(fleet: Any) -> list[tuple[str, Any]]:
    return list(zip(("one", "two", "three"), fleet.replicas, strict=True))
