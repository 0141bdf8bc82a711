"""What operators see: /healthz, /readyz, /metrics, /status, and the log."""

import asyncio
import contextlib
import hashlib
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import engines
import httpx
import pyoxigraph as ox
import pytest
from prometheus_client.parser import text_string_to_metric_families

from kg import logs
from kg.errors import UsageError
from kg.publish import publish
from kg.query.pool import Pool
from kg.query.service import Limits
from kg.snapshot import Snapshot, canonical, seal
from kg.web.front import Front
from kg.web.server import front_at, front_of, server_for

BASE = "https://w3id.org/citypledge/"
VOID = "http://rdfs.org/ns/void#"
DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "http://schema.org/"
ALL = ("/healthz", "/readyz", "/metrics", "/status")
# Three products of 400 things: more work than any deadline here allows.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GRAPHS = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/citypledge/> .
<id/source/s000> skos:prefLabel "<b>Page</b> of the compact"@en ;
    dcterms:issued "2022-11-16"^^xsd:date ;
    dcterms:publisher <id/organisation/council> .
<id/organisation/council> skos:prefLabel "Veldhaven Council"@en .
<id/person/ada-example> skos:prefLabel "Ada Example" .
<graph/source/s000> {
    <id/network/harbour> skos:prefLabel "Harbour Compact"@en ; skos:altLabel "HC"@en .
}
<graph/source/s001> { <id/network/harbour> skos:altLabel "Compact"@en . }
"""


def sealed(workspace: Path, version: str) -> Snapshot:
    quads = list(ox.parse(GRAPHS.encode(), format=ox.RdfFormat.TRIG))
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    for number in range(400):
        thing = ox.NamedNode(f"{BASE}id/event/e-{number:04}")
        quads.append(ox.Quad(thing, label, ox.Literal(f"{version} {number}"), ox.DefaultGraph()))
    return seal(workspace, canonical(quads), version=version, software="0", base=BASE, inputs={})


class Running(NamedTuple):
    """A server that runs."""

    front: Front
    client: httpx.Client
    workspace: Path
    snapshot: Snapshot

    def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        found = {}
        for family in text_string_to_metric_families(self.client.get("/metrics").text):
            for sample in family.samples:
                found[sample.name, frozenset(sample.labels.items())] = sample.value
        return found

    def metric(self, name: str, **labels: str) -> float:
        return self.metrics()[name, frozenset(labels.items())]


Start = Callable[..., Running]


@contextlib.contextmanager
def starting(workspace: Path) -> Iterator[Start]:
    """What starts servers of a workspace, which run until the block ends."""
    with contextlib.ExitStack() as stack:

        def begin(store: str | None = None, **limits: Any) -> Running:
            # Nothing is made ahead, so that workers do only what the test asks for.
            known = Limits(**{"printed_things": 0, **limits})
            snapshot = sealed(workspace, "2026.1")
            if store is None:
                front = front_of(snapshot, limits=known, workspace=workspace)
            else:
                front = front_at(store, BASE, limits=known)
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            server = server_for(front)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            stack.callback(thread.join)
            stack.callback(setattr, server, "should_exit", True)
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            client = stack.enter_context(httpx.Client(base_url=address, timeout=60))
            assert client.get("/readyz").status_code == 200
            return Running(front, client, workspace, snapshot)

        yield begin


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server of its own, with limits of its own, on 127.0.0.1."""
    with starting(tmp_path) as begin:
        yield begin


@pytest.fixture
def running(start: Start) -> Running:
    """A server with the usual limits, which nobody has asked before."""
    return start()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the usual limits, for claims that hold whoever has asked it before."""
    with starting(tmp_path_factory.mktemp("shared")) as begin:
        yield begin()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged as JSON during a test; afterwards, logging is as it was."""
    root = logging.getLogger()
    named = [logging.getLogger(name) for name in ("kg", logs.REQUEST_LOG)]
    handlers, levels = [*root.handlers], [logger.level for logger in named]
    stream = io.StringIO()
    logs.configure("json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    for logger, level in zip(named, levels, strict=True):
        logger.setLevel(level)


def events(log: io.StringIO, name: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == name]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail when it never does."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to hold within 30 seconds")


def written(log: io.StringIO, name: str, count: int) -> list[dict[str, Any]]:
    """The events of that name once there are that many: a line follows its answer."""
    eventually(lambda: len(events(log, name)) >= count)
    return events(log, name)


def ask(running: Running, query: str, **headers: str) -> httpx.Response:
    return running.client.get("/sparql", params={"query": query}, headers=headers)


# Alive and ready.


def test_the_addresses_for_operators_answer_get_head_and_options_and_refuse_the_rest(
    shared: Running,
) -> None:
    for path in ALL:
        got = shared.client.get(path)
        head = shared.client.head(path)
        assert got.status_code == head.status_code == 200, path
        assert got.headers["cache-control"] == head.headers["cache-control"] == "no-store"
        assert got.content and head.content == b""
        assert head.headers["content-type"] == got.headers["content-type"]
        options = shared.client.options(path)
        assert options.status_code == 204
        assert options.headers["allow"] == "GET, HEAD, OPTIONS"
        refused = shared.client.post(path)
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["status"] == 405


def test_crawlers_are_kept_off_figures_that_are_old_at_once(shared: Running) -> None:
    for path in ("/status", "/status.ttl", "/metrics"):
        assert shared.client.get(path).headers["x-robots-tag"] == "noindex"


def test_a_server_that_has_not_started_is_alive_and_not_ready(tmp_path: Path) -> None:
    async def both() -> tuple[httpx.Response, httpx.Response]:
        front = front_of(sealed(tmp_path, "2026.1"))
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answers = await client.get("/healthz"), await client.get("/readyz")
        await front.deployment.backend.close()
        return answers

    alive, ready = asyncio.run(both())
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.headers["content-type"] == "application/problem+json"
    assert int(ready.headers["retry-after"]) > 0
    assert ready.headers["cache-control"] == "no-store"


@pytest.mark.skipif(sys.platform != "linux", reason="finds the zygote by way of /proc")
def test_a_server_without_workers_is_not_ready_until_it_has_new_ones(
    running: Running, log: io.StringIO
) -> None:
    pool = running.front.deployment.backend
    assert isinstance(pool, Pool)
    worker = next(pid for pid in pool.processes() if pid)  # 0: it is being forked
    zygote = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(zygote, signal.SIGKILL)
    eventually(lambda: running.client.get("/readyz").status_code == 503)
    assert running.client.get("/healthz").status_code == 200
    eventually(lambda: running.client.get("/readyz").status_code == 200)
    eventually(lambda: ask(running, "ASK {}").status_code == 200)
    assert running.metric("kg_zygote_restarts_total") == 1
    assert len(events(log, "zygote-restarted")) == 1


def test_before_a_store_elsewhere_a_server_is_ready_while_the_store_answers(
    start: Start, tmp_path: Path
) -> None:
    with engines.oxigraph(tmp_path / "store") as engine:
        assert engine.gsp_url is not None
        snapshot = sealed(tmp_path, "2026.1")
        publish(snapshot, engine.gsp_url, query_url=engine.query_url, workspace=tmp_path)
        running = start(store=engine.query_url)
        status = running.client.get("/status.json").json()
        assert status["server"]["mode"] == "remote"
        assert status["store"]["default_graph"] in ("own", "union")
        assert [source["statements"] for source in status["sources"]] == [2, 1]
    eventually(lambda: running.client.get("/readyz").status_code == 503)
    assert running.client.get("/healthz").status_code == 200
    assert ask(running, "ASK { ?s ?p 1 }").status_code == 502
    assert running.metric("kg_queries_total", outcome="store") == 1


_DRAINING = """
import socket, sys
from pathlib import Path
from kg.snapshot import current
from kg.web.server import front_of, server_for
front = front_of(current(Path(sys.argv[1])))
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
server_for(front, drain_s=float(sys.argv[2])).run(sockets=[listener])
"""


@contextlib.contextmanager
def draining(workspace: Path, seconds: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    sealed(workspace, "2026.1")
    command = [sys.executable, "-c", _DRAINING, str(workspace), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        try:
            eventually(lambda: httpx.get(f"{address}/readyz").status_code == 200)
            yield process, address
        finally:
            process.kill()


def test_at_sigterm_a_server_says_that_it_leaves_and_goes_on_answering(tmp_path: Path) -> None:
    with draining(tmp_path, 600) as (process, address):
        process.send_signal(signal.SIGTERM)
        eventually(lambda: httpx.get(f"{address}/readyz").status_code == 503)
        answer = httpx.get(f"{address}/sparql", params={"query": "ASK {}"})
        assert answer.status_code == 200
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)  # the second one ends the wait
        assert process.wait(timeout=30) == -signal.SIGTERM


def test_a_server_that_leaves_stops_when_its_time_is_up(tmp_path: Path) -> None:
    with draining(tmp_path, 0.5) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == -signal.SIGTERM


# Metrics.


def test_requests_are_counted_by_class_method_and_status(running: Running) -> None:
    client = running.client
    client.get("/about", headers={"User-Agent": "a"})
    client.head("/about")
    client.get("/nowhere")
    client.get("/static/site.css")
    client.request("PROPFIND", "/about")
    ask(running, "ASK {}")
    found = running.metrics()

    def count(kind: str, method: str, status: str) -> float:
        labels = {"class": kind, "method": method, "status": status}
        return found["kg_requests_total", frozenset(labels.items())]

    assert count("page", "GET", "200") == 1
    assert count("page", "HEAD", "200") == 1
    assert count("page", "GET", "404") == 1
    assert count("page", "other", "501") == 1
    assert count("static", "GET", "200") == 1
    assert count("sparql", "GET", "200") == 1
    assert found["kg_request_seconds_count", frozenset({("class", "sparql")})] == 1
    assert found["kg_request_seconds_count", frozenset({("class", "page")})] == 4


def test_bytes_are_those_of_bodies_and_a_head_has_none(running: Running) -> None:
    query = {"query": "SELECT * { ?s ?p ?o }", "download": "csv"}
    plain = {"Accept-Encoding": "identity"}
    body = running.client.get("/sparql", params=query, headers=plain).content
    running.client.head("/sparql", params=query, headers=plain)
    assert len(body) > 1000
    assert running.metric("kg_sent_bytes_total", **{"class": "sparql"}) == len(body)


def test_an_answer_from_memory_is_a_request_a_query_and_a_replay(running: Running) -> None:
    sizes = [len(ask(running, "ASK {}").content) for _ in range(3)]
    labels = {"class": "sparql"}
    assert running.metric("kg_replayed_requests_total", **labels) == 2
    assert running.metric("kg_requests_total", method="GET", status="200", **labels) == 3
    assert running.metric("kg_queries_total", outcome="answered") == 1
    assert running.metric("kg_queries_total", outcome="replayed") == 2
    assert running.metric("kg_sent_bytes_total", **labels) == sum(sizes)


def test_a_query_has_the_outcome_that_it_had(start: Start) -> None:
    running = start(deadline_s=0.5, result_bytes=5000)
    assert ask(running, "ASK { ?s ?p 1 }").status_code == 200
    assert ask(running, "ASK   { ?s ?p 1 }").status_code == 200
    assert ask(running, "ASK {").status_code == 400
    assert ask(running, "SELECT * { ?s ?p ?o }").status_code == 413
    assert ask(running, ENDLESS).status_code == 504
    assert ask(running, "ASK {}", Accept="image/png").status_code == 406
    assert running.client.delete("/sparql").status_code == 405
    expected = {
        **{"answered": 1, "cached": 1, "syntax": 1, "too_large": 1, "timeout": 1, "refused": 2},
        **dict.fromkeys(("died", "busy", "quota", "cancelled", "replayed", "store", "failed"), 0),
    }
    found = running.metrics()
    for outcome, count in expected.items():
        assert found["kg_queries_total", frozenset({("outcome", outcome)})] == count, outcome


def test_an_error_shown_as_a_page_counts_like_any_other(start: Start) -> None:
    running = start(deadline_s=0.5)
    for query, status in ((ENDLESS, 504), ("ASK {", 400)):
        led = ask(running, query, Accept="text/html")
        assert led.status_code == 303
        page = running.client.get(led.headers["Location"], headers={"Accept": "text/html"})
        assert page.status_code == status
        assert page.headers["Content-Type"].startswith("text/html")
    assert running.metric("kg_queries_total", outcome="timeout") == 1
    assert running.metric("kg_queries_total", outcome="syntax") == 1


def test_a_query_beyond_the_quota_is_told_from_others(start: Start) -> None:
    running = start(per_minute=1)
    statuses = [ask(running, f"ASK {{ ?s ?p {number} }}").status_code for number in range(3)]
    assert 429 in statuses
    assert running.metric("kg_queries_total", outcome="quota") == statuses.count(429)


def test_a_worker_that_is_killed_is_counted_with_the_reason(start: Start, log: io.StringIO) -> None:
    running = start(deadline_s=0.5)
    forked = running.metric("kg_workers_forked_total")
    ask(running, ENDLESS)
    assert running.metric("kg_workers_killed_total", reason="deadline") == 1
    eventually(lambda: running.metric("kg_workers_forked_total") > forked)
    assert [line["reason"] for line in written(log, "worker-killed", 1)] == ["deadline"]


def test_a_client_that_hangs_up_is_counted_and_so_is_its_worker(running: Running) -> None:
    port = running.client.base_url.port
    text = ENDLESS.replace(" ", "+").replace("?", "%3F")
    head = f"GET /sparql?query={text} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    eventually(lambda: running.metric("kg_workers", state="quick") == 0)
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(head.encode())
        eventually(lambda: running.metric("kg_workers", state="quick") == 1)
        assert running.metric("kg_connections") == 2
    eventually(lambda: running.metric("kg_queries_total", outcome="cancelled") == 1)
    assert running.metric("kg_workers_killed_total", reason="unwanted") == 1
    assert running.metric("kg_connections") == 1


def test_no_count_falls_when_a_snapshot_is_taken_up(running: Running, log: io.StringIO) -> None:
    ask(running, "ASK { ?s ?p 1 }")
    ask(running, "ASK  { ?s ?p 1 }")
    before = running.metrics()
    new = sealed(running.workspace, "2026.2").manifest.snapshot
    labels = {"hash": new, "version": "2026.2"}
    eventually(lambda: ("kg_snapshot_info", frozenset(labels.items())) in running.metrics())
    after = running.metrics()
    fallen = [
        key for key, count in before.items() if key[0].endswith("_total") and after[key] < count
    ]
    assert fallen == []
    forked = "kg_workers_forked_total", frozenset[tuple[str, str]]()
    assert after[forked] >= before[forked] + Limits().workers
    assert [line["snapshot"] for line in events(log, "snapshot-taken-up")] == [new]


def test_two_servers_in_one_process_count_apart(start: Start) -> None:
    one, other = start(), start()
    ask(one, "ASK {}")
    assert one.metric("kg_queries_total", outcome="answered") == 1
    assert other.metric("kg_queries_total", outcome="answered") == 0


# Status.


def test_the_status_as_json_says_what_is_served_and_how_it_goes(running: Running) -> None:
    ask(running, "ASK {}")
    found = running.client.get("/status.json").json()
    manifest = running.snapshot.manifest
    assert found["snapshot"]["hash"] == manifest.snapshot
    assert found["snapshot"]["version"] == "2026.1"
    assert found["snapshot"]["statements"] == manifest.triples
    assert found["snapshot"]["built_is"].startswith("file time")
    assert found["server"]["mode"] == "memory"
    assert found["server"]["ready"] is True
    assert found["limits"]["deadline_s"] == Limits().deadline_s
    assert found["load"]["workers"] >= Limits().workers
    assert found["queries"]["answered"] == 1
    assert found["requests"]["sparql"] == {"200": 1}
    assert found["store"] is None


def test_the_status_says_of_each_source_what_the_graph_says_and_nothing_else(
    shared: Running,
) -> None:
    first, second = shared.client.get("/status.json").json()["sources"]
    assert first["title"] == "<b>Page</b> of the compact"
    assert first["publisher"]["name"] == "Veldhaven Council"
    assert (first["issued"], first["retrieved"]) == ("2022-11-16", None)
    assert first["statements"] == 2
    assert second["graph"] == f"{BASE}graph/source/s001"
    assert (second["publisher"], second["issued"], second["statements"]) == (None, None, 1)


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
        ("trig", "application/trig"),
        ("nq", "application/n-quads"),
    ],
)
def test_the_status_is_the_same_graph_by_extension_and_by_accept(
    shared: Running, extension: str, media_type: str
) -> None:
    by_extension = shared.client.get(f"/status.{extension}")
    by_accept = shared.client.get("/status", headers={"Accept": media_type})
    form = ox.RdfFormat.from_media_type(media_type)
    for answer in (by_extension, by_accept):
        assert answer.headers["content-type"].startswith(media_type)
        graph = {quad.triple for quad in ox.parse(answer.content, format=form)}
        facts = {
            (t.subject.value, t.predicate.value, t.object.value)
            for t in graph
            if isinstance(t.subject, ox.NamedNode) and not isinstance(t.object, ox.BlankNode)
        }
        source, dataset = f"{BASE}graph/source/s000", shared.snapshot.manifest
        assert (source, VOID + "triples", "2") in facts
        assert (f"{BASE}id/source/s000", DCTERMS + "issued", "2022-11-16") in facts
        assert (BASE, DCTERMS + "identifier", dataset.snapshot) in facts
        assert (BASE, VOID + "subset", source) in facts
        deadline = f"{BASE}status#limits.deadline_s"
        assert (deadline, SCHEMA + "propertyID", "limits.deadline_s") in facts
        assert float(next(o for s, p, o in facts if (s, p) == (deadline, SCHEMA + "value"))) == 20


def test_the_status_page_shows_a_title_as_text(shared: Running) -> None:
    page = shared.client.get("/status", headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "&lt;b&gt;Page&lt;/b&gt; of the compact" in page.text
    assert "<b>Page</b>" not in page.text
    assert shared.snapshot.manifest.snapshot in page.text


def test_the_status_is_made_anew_each_time(shared: Running) -> None:
    first, second = (shared.client.get("/status.json").json() for _ in range(2))
    assert second["server"]["uptime_s"] > first["server"]["uptime_s"]


def test_a_status_that_nobody_can_have_is_refused(shared: Running) -> None:
    assert shared.client.get("/status.docx").status_code == 404
    assert shared.client.get("/statuses").status_code == 404
    answer = shared.client.get("/status", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.headers["cache-control"] == "no-store"


# The log.


def test_no_log_line_holds_anything_of_whoever_asks(running: Running, log: io.StringIO) -> None:
    telling = {
        "User-Agent": "Surname-Browser/1",
        "Referer": "https://referring.example/surname",
        "From": "surname at mail.example",
        "X-Forwarded-For": "198.51.100.77",
        "Forwarded": "for=198.51.100.77",
        "Cookie": "session=surname",
        "Authorization": "Basic c3VybmFtZQ==",
    }
    query = "ASK { ?surname ?p 'Ada Example' }"
    client = running.client
    ask(running, query, **telling)
    ask(running, query + " # surname", **telling)
    ask(running, "ASK { surname", **telling)
    ask(running, "SELECT * { SERVICE <http://surname.example/> {} }", **telling)
    client.post("/sparql", data={"query": query}, headers=telling)
    client.get("/id/person/ada-example", headers=telling)
    client.get("/doc/person/ada-example", headers=telling)
    client.get("/doc/person/ada-example.ttl", headers=telling)
    client.get("/id/person/surname", headers=telling)
    client.get("/status.surname", headers=telling)
    client.get("/healthz/surname", headers=telling)
    client.request("PROPFIND", "/surname?surname=surname", headers=telling)
    client.request("SURNAME", "/surname", headers=telling)
    assert len(written(log, "request", 10)) >= 10
    content = log.getvalue().lower()
    for word in ("surname", "ada", "person", "198.51", "127.0.0.1", "referring", "c3vy", "example"):
        assert word not in content, word


def test_a_request_has_a_line_with_what_it_cost_and_how_it_went(
    running: Running, log: io.StringIO
) -> None:
    body = ask(running, "ASK  {} # a comment").content
    (line,) = [line for line in written(log, "request", 1) if line["class"] == "sparql"]
    assert line["status"] == 200
    assert line["method"] == "GET"
    assert line["bytes"] == len(body)
    assert line["elapsed_ms"] > 0
    assert line["cache"] == "miss"
    assert line["outcome"] == "answered"
    assert running.snapshot.manifest.snapshot.startswith(line["snapshot"])
    # The query cut into tokens, with a zero byte between them.
    assert line["query"] == hashlib.sha256(b"ASK\0{\0}").hexdigest()[:16]


def test_a_cheap_hit_has_no_line(running: Running, log: io.StringIO) -> None:
    for text in ("ASK {}", "ASK {}", "ASK  {}"):
        ask(running, text)
    for path in ("/healthz", "/readyz", "/metrics", "/static/site.css"):
        running.client.get(path)
    assert [line["cache"] for line in written(log, "request", 1)] == ["miss"]


def test_a_log_of_slow_requests_has_those_that_failed_too(start: Start, log: io.StringIO) -> None:
    logs.configure("json", requests="slow", stream=log)
    running = start(deadline_s=0.5)
    ask(running, "ASK {}")
    ask(running, ENDLESS)
    assert [line["outcome"] for line in written(log, "request", 1)] == ["timeout"]


def test_a_log_without_requests_has_the_other_events(start: Start, log: io.StringIO) -> None:
    logs.configure("json", requests="none", stream=log)
    running = start(deadline_s=0.5)
    ask(running, ENDLESS)
    assert events(log, "request") == []
    assert len(events(log, "started")) == len(events(log, "worker-killed")) == 1


def test_no_log_is_no_log(
    start: Start, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure("none")
    running = start(deadline_s=0.5)
    ask(running, ENDLESS)
    assert log.getvalue() == ""
    assert capfd.readouterr().err == ""


def test_an_event_takes_no_field_that_is_not_known_to_be_harmless(log: io.StringIO) -> None:
    with pytest.raises(ValueError, match="no field address"):
        logs.event(logging.getLogger("kg.test"), "visit", address="198.51.100.77")
    assert log.getvalue() == ""


@pytest.mark.parametrize("package", ["other", "kg.web.pages"])
def test_of_an_exception_the_log_takes_no_values_and_not_what_it_says(
    log: io.StringIO, package: str
) -> None:
    try:
        raise RuntimeError("surname")
    except RuntimeError:
        logging.getLogger(package).exception("failed for %s\nat surname", "surname")
    (line,) = events(log, "message")
    assert line["message"] == "failed for %s"
    assert line["exception"] == "RuntimeError"
    assert "surname" not in log.getvalue()


def test_as_text_a_line_begins_with_time_level_and_event() -> None:
    stream = io.StringIO()
    handlers, level = [*logging.getLogger().handlers], logging.getLogger("kg").level
    logs.configure("text", stream=stream)
    logs.event(logging.getLogger("kg.test"), "stopped", reason="a signal", status=200)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger("kg").setLevel(level)
    when, rest = stream.getvalue().split(" ", 1)
    assert when.endswith("Z")
    assert rest == 'info stopped reason="a signal" status=200\n'


@pytest.mark.parametrize("wrong", [{"form": "xml"}, {"form": "json", "requests": "some"}])
def test_an_unknown_form_of_log_is_refused_with_those_that_there_are(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="expected one of"):
        logs.configure(**wrong)
