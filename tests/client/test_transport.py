"""How the client waits and gives up, on real sockets, against a server that is told what to say."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kg.client import CutAnswerError, Graph, NoAnswerError, Patience, RefusedError

Reply = tuple[int, dict[str, str], bytes]
Service = Callable[..., AbstractContextManager[tuple[str, list[str]]]]
YES = json.dumps({"head": {}, "boolean": True}).encode()
TABLE = json.dumps(
    {"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "uri", "value": "urn:a"}}]}}
).encode()
BUSY: Reply = (503, {"Retry-After": "3"}, b'{"title": "Server busy", "detail": "come back"}')


@pytest.fixture
def service() -> Service:
    """What runs a server that gives some replies in order, and notes who asked."""

    @contextmanager
    def run(*replies: Reply) -> Iterator[tuple[str, list[str]]]:
        left, agents = list(replies), []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                agents.append(self.headers["User-Agent"])
                status, headers, body = left.pop(0)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", agents
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    return run


def patient(slept: list[float], **settings: float) -> Patience:
    return Patience(sleep=slept.append, jitter=lambda: 0.0, **settings)  # type: ignore[arg-type]


def test_a_busy_server_is_asked_again_when_it_says(service: Service) -> None:
    slept: list[float] = []
    with service(BUSY, (429, {"Retry-After": "7"}, b""), (200, {}, YES)) as (url, agents):
        assert Graph(url, patience=patient(slept)).query("ASK {}").rows == ((True,),)
    assert slept == [3, 7]
    assert len(agents) == 3
    assert all(agent.startswith("citypledge-client/") for agent in agents)


def test_a_moment_to_come_back_is_understood(service: Service) -> None:
    slept: list[float] = []
    past = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    with service((503, past, b""), (200, {}, YES)) as (url, _):
        Graph(url, patience=patient(slept)).query("ASK {}")
    assert slept == [0]


def test_without_a_word_of_the_server_pauses_double_and_end(service: Service) -> None:
    slept: list[float] = []
    with service(*[(503, {}, b"")] * 4) as (url, agents), pytest.raises(RefusedError) as caught:
        Graph(url, patience=patient(slept, attempts=4, first_s=2)).query("ASK {}")
    assert caught.value.status == 503
    assert slept == [1, 2, 4]  # half of 2, 4, 8: the other half is left to chance
    assert len(agents) == 4


def test_a_server_that_wants_too_long_a_pause_is_given_up(service: Service) -> None:
    slept: list[float] = []
    hour: Reply = (429, {"Retry-After": "3600"}, b"slow down")
    with service(hour) as (url, _), pytest.raises(RefusedError, match="429: slow down"):
        Graph(url, patience=patient(slept)).query("ASK {}")
    assert slept == []


@pytest.mark.parametrize("status", [400, 404, 413, 500, 504])
def test_what_is_refused_for_another_reason_is_not_asked_again(
    service: Service, status: int
) -> None:
    said = json.dumps({"title": "No", "detail": "“quoted” \\ and ė"}).encode()
    with service((status, {}, said)) as (url, agents), pytest.raises(RefusedError) as caught:
        Graph(url, patience=patient([])).query("ASK {}")
    assert (caught.value.status, caught.value.detail) == (status, "No: “quoted” \\ and ė")
    assert len(agents) == 1


def test_an_answer_that_broke_off_is_no_answer(service: Service) -> None:
    short: Reply = (200, {"Content-Length": str(len(TABLE) + 10)}, TABLE)
    with service(short) as (url, _), pytest.raises(NoAnswerError):
        Graph(url, patience=patient([])).query("SELECT * { ?a ?b ?c }")


def test_a_cut_answer_is_an_error_unless_it_was_asked_for(service: Service) -> None:
    cut: Reply = (200, {"Rows-Cut-At": "1"}, TABLE)
    with service(cut, cut) as (url, _):
        graph = Graph(url, patience=patient([]))
        with pytest.raises(CutAnswerError, match="after 1 rows"):
            graph.query("SELECT * { ?a ?b ?c }")
        assert graph.query("SELECT * { ?a ?b ?c }", max_rows=1).is_cut
