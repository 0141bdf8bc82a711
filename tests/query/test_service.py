"""Queries in processes that can be killed: real processes, really killed."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import DataError, KgError, MalformedError
from kg.mediatypes import RESULTS_JSON, MediaType
from kg.query.evaluation import ResultTooLargeError
from kg.query.guard import Form
from kg.query.pool import BusyError, CancelledError, Pool, QueryTimeoutError, WorkerDiedError
from kg.query.protocol import QueryRequest
from kg.query.service import Limits, QueryService, Served

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
DOUBLING = " ".join(f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(40))
GREEDY = f'SELECT ?x {{ BIND("aaaaaaaa" AS ?v0) {DOUBLING} BIND(STRLEN(?v40) AS ?x) }}'


def as_json(_: Form) -> MediaType:
    return RESULTS_JSON


@pytest.fixture(name="served", scope="module")
def a_graph_of_200_statements(tmp_path_factory: pytest.TempPathFactory) -> Served:
    store = ox.Store()
    for number in range(200):
        subject = ox.NamedNode(f"http://example.org/{number}")
        store.add(ox.Quad(subject, ox.NamedNode("http://example.org/p"), ox.Literal(str(number))))
    path = tmp_path_factory.mktemp("snapshot") / "dataset.nq"
    store.dump(path, format=ox.RdfFormat.N_QUADS)
    return Served(store, "http://example.org/", "1", "abc", path)


@pytest.fixture(name="service", scope="module")
def a_service_with_tight_limits(served: Served) -> Iterator[QueryService]:
    service = QueryService(
        served,
        Limits(
            deadline_s=2,
            workers=2,
            waiting=8,
            result_bytes=20_000,
            memory_bytes=256 * 2**20,
            cache_bytes=0,
        ),
    )
    service.start()
    yield service
    service.close()


def ask(service: QueryService, text: str = "ASK {}") -> bool:
    return bool(json.loads(service.run(QueryRequest(text), as_json).body)["boolean"])


def test_a_query_is_answered_from_the_file(service: QueryService) -> None:
    result = service.run(QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"), as_json)

    assert result.form == "SELECT"
    assert json.loads(result.body)["results"]["bindings"][0]["n"]["value"] == "200"


def test_a_query_beyond_the_deadline_is_killed_while_another_is_answered(
    service: QueryService,
) -> None:
    caught: list[Exception] = []

    def slow() -> None:
        try:
            service.run(QueryRequest(ENDLESS), as_json)
        except KgError as error:
            caught.append(error)

    thread = threading.Thread(target=slow)
    thread.start()
    answered_meanwhile = ask(service) and thread.is_alive()
    thread.join()

    assert answered_meanwhile
    assert isinstance(caught[0], QueryTimeoutError)
    assert ask(service)


def test_a_query_that_takes_all_memory_ends_alone(service: QueryService) -> None:
    with pytest.raises((WorkerDiedError, QueryTimeoutError)):
        service.run(QueryRequest(GREEDY), as_json)

    assert ask(service)
    assert ask(service)


def test_an_answer_beyond_the_limit_is_an_error(service: QueryService) -> None:
    with pytest.raises(ResultTooLargeError):
        service.run(QueryRequest("SELECT * { ?s ?p ?o . ?a ?b ?c }"), as_json)

    assert ask(service)


def test_faults_of_the_query_come_back_as_they_are(service: QueryService) -> None:
    with pytest.raises(MalformedError) as caught:
        service.run(QueryRequest("ASK { ?s ?p }"), as_json)
    assert caught.value.line == 1
    with pytest.raises(MalformedError, match="expected a query"):
        service.run(QueryRequest("PREFIX e: <http://e/>"), as_json)
    with pytest.raises(DataError):
        service.run(QueryRequest("ASK { FILTER(<http://example.org/f>(1)) }"), as_json)


def test_a_worker_killed_from_outside_is_replaced(service: QueryService) -> None:
    for process in service.processes():
        os.kill(process, signal.SIGKILL)
        while " Z " not in Path(f"/proc/{process}/stat").read_text():
            os.sched_yield()

    assert ask(service)


def test_a_service_that_is_closed_leaves_no_process(served: Served) -> None:
    service = QueryService(served, Limits(cache_bytes=0))
    service.start()
    assert ask(service)
    processes = service.processes()

    service.close()

    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    with pytest.raises(BusyError):
        service.run(QueryRequest("ASK {}"), as_json)


def test_more_queries_than_may_wait_are_turned_away(served: Served) -> None:
    service = QueryService(
        served, Limits(deadline_s=3, workers=1, waiting=1, wait_s=0.2, cache_bytes=0)
    )
    service.start()
    outcomes: list[type[Exception]] = []

    def slow() -> None:
        try:
            service.run(QueryRequest(ENDLESS), as_json)
        except KgError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=slow) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    service.close()

    assert sorted(kind.__name__ for kind in outcomes) == ["BusyError"] * 3 + ["QueryTimeoutError"]


def test_a_worker_has_no_descriptor_left_to_call_out_with(served: Served) -> None:
    pool = Pool(served.nquads, memory_bytes=2**30, cpu_s=10)
    pool.start(1)
    try:
        process = pool.processes()[0]
        limits = Path(f"/proc/{process}/limits")
        pool.call({"text": "ASK {}", "extension": "srj"}, deadline_s=10, wait_s=30)
        row = next(line for line in limits.read_text().splitlines() if "open files" in line)
        descriptors = len(list(Path(f"/proc/{process}/fd").iterdir()))
        assert int(row.split()[3]) <= descriptors
    finally:
        pool.close()


def test_a_query_that_nobody_waits_for_is_stopped_and_its_worker_replaced(
    service: QueryService,
) -> None:
    before = service.processes()
    gone = threading.Event()
    threading.Timer(0.5, gone.set).start()
    slow = QueryRequest("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")

    with pytest.raises(CancelledError):
        service.run(slow, as_json, cancelled=gone)

    assert len(set(before) - set(service.processes())) == 1
    assert ask(service)


def test_a_query_that_is_not_wanted_any_more_costs_no_worker(service: QueryService) -> None:
    before = service.processes()
    gone = threading.Event()
    gone.set()

    with pytest.raises(CancelledError):
        service.run(QueryRequest("ASK { ?not ?wanted ?now }"), as_json, cancelled=gone)

    assert service.processes() == before


def test_workers_are_replaced_though_the_snapshot_has_been_removed(
    served: Served, tmp_path: Path
) -> None:
    copy = tmp_path / "dataset.nq"
    copy.write_bytes(served.nquads.read_bytes())
    service = QueryService(replace(served, nquads=copy), Limits(workers=1, cache_bytes=0))
    service.start()
    assert ask(service)
    copy.unlink()
    (process,) = service.processes()

    os.kill(process, signal.SIGKILL)
    while " Z " not in Path(f"/proc/{process}/stat").read_text():
        os.sched_yield()

    assert ask(service)
    service.close()


def test_workers_that_cannot_start_are_said_so_at_once_and_tried_again(
    served: Served, tmp_path: Path
) -> None:
    broken = tmp_path / "dataset.nq"
    broken.write_text("nonsense", encoding="utf-8")
    service = QueryService(replace(served, nquads=broken), Limits(workers=1, wait_s=600))
    service.start()

    with pytest.raises(BusyError, match="no worker could be started"):
        ask(service)

    broken.write_bytes(served.nquads.read_bytes())
    while True:
        try:
            assert ask(service)
            break
        except BusyError:
            continue
    service.close()
