"""A new snapshot while the server runs, and the end of the server: nothing fails, nothing stays."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot

Serve = Callable[..., AbstractContextManager[Any]]
SealQuads = Callable[[Path, Sequence[ox.Quad]], Snapshot]
BASE = "https://w3id.org/citypledge/"
MARK = ox.NamedNode("http://example.org/mark")
MARKED = {"query": f"SELECT ?v {{ ?s {MARK} ?v }}"}
HANGS_S = 60
BUSY = ("running_quick", "running_slow", "waiting")


def marked(quads: list[ox.Quad], number: int) -> list[ox.Quad]:
    """The statements, and one that tells which snapshot it is."""
    thing = ox.NamedNode(f"{BASE}id/network/harbour")
    return [*quads, ox.Quad(thing, MARK, ox.Literal(number))]


def is_gone(process: int) -> bool:
    """Whether a process has ended; what is left of it may still be there."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def parents(processes: list[int]) -> set[int]:
    """The processes that some were forked from: another snapshot would have another."""
    stats = [Path(f"/proc/{process}/stat") for process in processes if process]
    return {int(stat.read_text().rpartition(")")[2].split()[1]) for stat in stats if stat.exists()}


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that is bound to happen."""
    ends = time.monotonic() + HANGS_S
    while not holds():
        assert time.monotonic() < ends, f"hangs: {what}"
        time.sleep(0.02)


def served_by(address: str) -> str:
    """The snapshot that the server says it serves."""
    return httpx.get(f"{address}/healthz", timeout=HANGS_S).text.split()[2]


def value_in(answer: httpx.Response) -> int:
    return int(answer.json()["results"]["bindings"][0]["v"]["value"])


def test_a_new_snapshot_is_taken_up_without_one_failed_request(
    serve: Serve, seal_quads: SealQuads, quads: list[ox.Quad], tmp_path: Path
) -> None:
    first = seal_quads(tmp_path, marked(quads, 1))
    faults: list[str] = []
    values: dict[str, set[int]] = {"kept": set(), "made": set()}
    tags: dict[str, int] = {}
    asked = 0
    ending = threading.Event()

    def ask(address: str, number: int) -> None:
        nonlocal asked
        with httpx.Client(base_url=address, timeout=HANGS_S) as client:
            last = 1
            while not ending.is_set():
                asked += 1
                for kind, text in (
                    ("kept", MARKED["query"]),
                    ("made", f"{MARKED['query']} VALUES ?n{number} {{ {asked} }}"),
                ):
                    try:
                        answer = client.get("/sparql", params={"query": text})
                        value = value_in(answer)
                    except (httpx.HTTPError, ValueError, KeyError) as error:
                        faults.append(repr(error))
                        continue
                    values[kind].add(value)
                    if value < last:
                        faults.append(f"{value} after {last}")
                    last = value
                    if tags.setdefault(answer.headers["ETag"] + text, value) != value:
                        faults.append("one tag for two answers")
                page = client.get("/doc/network/harbour.nt")
                if page.status_code != 200:
                    faults.append(f"page: {page.status_code}")

    with serve(Limits(deadline_s=600), first, workspace=tmp_path) as running:
        assert served_by(running.address) == first.manifest.snapshot
        old = running.processes()
        threads = [
            threading.Thread(target=ask, args=(running.address, number)) for number in range(8)
        ]
        for thread in threads:
            thread.start()
        try:
            until(lambda: asked > 50, "asking")
            second = seal_quads(tmp_path, marked(quads, 2))
            new = second.manifest.snapshot
            until(lambda: served_by(running.address) == new, "taking up")
            since = asked
            until(lambda: asked > since + 50, "asking on")
        finally:
            ending.set()
            for thread in threads:
                thread.join()
        until(lambda: all(is_gone(process) for process in old), "ending the old workers")
        final = httpx.get(f"{running.address}/sparql", params=MARKED, timeout=HANGS_S)
        assert value_in(final) == 2

    assert faults == []
    assert values == {"kept": {1, 2}, "made": {1, 2}}


def test_a_question_answered_before_has_its_new_answer(
    serve: Serve, seal_quads: SealQuads, quads: list[ox.Quad], tmp_path: Path
) -> None:
    first = seal_quads(tmp_path, marked(quads, 1))
    with (
        serve(Limits(), first, workspace=tmp_path) as running,
        httpx.Client(base_url=running.address, timeout=HANGS_S) as client,
    ):
        before = [client.get("/sparql", params=MARKED) for _ in range(3)]
        second = seal_quads(tmp_path, marked(quads, 2))
        until(lambda: served_by(running.address) == second.manifest.snapshot, "taking up")
        after = [client.get("/sparql", params=MARKED) for _ in range(3)]
        old_tag = {"If-None-Match": before[0].headers["ETag"]}
        conditional = client.get("/sparql", params=MARKED, headers=old_tag)

    assert [value_in(answer) for answer in before + after] == [1, 1, 1, 2, 2, 2]
    assert conditional.status_code == 200
    assert value_in(conditional) == 2


def test_a_damaged_snapshot_is_refused_and_a_good_one_after_it_is_not(
    serve: Serve, seal_quads: SealQuads, quads: list[ox.Quad], tmp_path: Path
) -> None:
    first = seal_quads(tmp_path, marked(quads, 1))
    with serve(Limits(), first, workspace=tmp_path) as running:
        zygote = parents(running.processes())
        damaged = tmp_path / "snapshots" / ("0" * 64)
        damaged.mkdir()
        (damaged / "manifest.json").write_text("{}", encoding="utf-8")
        (damaged / "dataset.nq").write_text("nonsense", encoding="utf-8")
        (tmp_path / "current").write_text("0" * 64 + "\n", encoding="ascii")
        # It looks once a second; it may look as often as it likes.
        time.sleep(2.5)
        assert served_by(running.address) == first.manifest.snapshot
        assert parents(running.processes()) == zygote
        answer = httpx.get(f"{running.address}/sparql", params=MARKED, timeout=HANGS_S)
        assert value_in(answer) == 1

        third = seal_quads(tmp_path, marked(quads, 3))
        until(lambda: served_by(running.address) == third.manifest.snapshot, "taking up")


def test_the_same_snapshot_named_again_changes_nothing(
    serve: Serve, seal_quads: SealQuads, quads: list[ox.Quad], tmp_path: Path
) -> None:
    first = seal_quads(tmp_path, marked(quads, 1))
    with serve(Limits(), first, workspace=tmp_path) as running:
        zygote = parents(running.processes())
        seal_quads(tmp_path, marked(quads, 1))
        time.sleep(2.5)  # it looks once a second
        assert parents(running.processes()) == zygote


def children_of(process: int) -> set[int]:
    """The processes that one has made, and theirs."""
    found = {
        int(each)
        for file in Path(f"/proc/{process}/task").glob("*/children")
        for each in file.read_text().split()
    }
    return found.union(*(children_of(child) for child in found))


@contextmanager
def started(workspace: Path, root: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server as its users start it, with its address."""
    command = [sys.executable, "-m", "kg.cli", "serve", "--current", "--port", "0"]
    places = ["--workspace", str(workspace), "--root", str(root)]
    with subprocess.Popen([*command, *places], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            address = ""
            for line in process.stderr:
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
                if found:
                    address = found[0]
                    break
            assert address
            yield process, address
        finally:
            process.kill()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_when_the_server_ends_in_whatever_way_no_process_is_left(
    served: Snapshot, root: Path, sign: signal.Signals
) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
    with started(served.folder.parent.parent, root) as (process, address):
        assert httpx.get(f"{address}/healthz", timeout=HANGS_S).status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{address}/sparql", params={"query": query}, timeout=0.3)
        asking = threading.Thread(target=ask_in_vain, args=(address, query))
        asking.start()
        until(lambda: len(children_of(process.pid)) >= 3, "forking")
        family = children_of(process.pid)
        os.kill(process.pid, sign)
        process.wait(HANGS_S)
        until(lambda: all(is_gone(each) for each in family), "ending")
        asking.join()


def ask_in_vain(address: str, query: str) -> None:
    """Ask for what cannot be answered, of a server that is about to end."""
    try:
        httpx.get(f"{address}/sparql", params={"query": query}, timeout=HANGS_S)
    except httpx.HTTPError:
        return


def test_who_asks_for_a_page_does_not_notice_that_idle_workers_die(serve: Serve) -> None:
    with serve(Limits(deadline_s=600)) as running:
        for _ in range(5):
            until(lambda: not any(running.load()[lane] for lane in BUSY), "printing ahead")
            for process in running.processes():
                if process:
                    os.kill(process, signal.SIGKILL)
            answer = httpx.get(f"{running.address}/class/Event?page=2", timeout=HANGS_S)
            assert answer.status_code == 200
