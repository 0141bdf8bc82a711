"""Three servers behind HAProxy with docs/haproxy.cfg: what a client notices when one is lost.

The clients ask by GET, HEAD, POST and QUERY, and for documents, over connections that stay open,
and never send a request a second time.
"""

import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

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
    # A request that it had answered before may still be counted at the first looks.
    eventually(
        lambda: all(fleet.waiting_at("one") > 0 for _ in range(20)),
        "a request waits at the first server",
    )
    first.signal(signal.SIGKILL)
    first.ended()
    crowd.goes_on()
    assert fleet.sent_again() > 0, "the requests that were in it went to another one"
    eventually(
        lambda: not any(pid in engines.family(pid) for pid in processes),
        "the workers of a server that was killed have ended too",
    )


def left(replica: Any, crowd: Any) -> None:
    """End a server as one does for an upgrade, and wait until it is gone."""
    replica.signal(signal.SIGTERM)
    replica.ended()
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
        # Two, since publishing over what is served is not one step: docs/scaling.md.
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
        left(two, asking)
        two.start(new.query_url)
        running.settle()

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
    fleet: Any, sealed: Any, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    sealed(workspace, OLD)
    # A client that takes little at a time, so that most of the answer is not sent yet.
    narrow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    with (
        fleet([workspace]) as running,
        httpx.Client(base_url=running.address, transport=narrow, timeout=30) as client,
        client.stream("POST", "/sparql", data={"query": PAIRS}) as response,
    ):
        assert response.status_code == 200
        running.replicas[0].signal(signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            response.read()
