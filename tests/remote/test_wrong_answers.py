"""Endpoints that fail: what they do becomes an error that says what to do, never an answer.

The endpoint of these tests is a real one on a real socket that does one wrong thing.
"""

import asyncio
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from kg.errors import DataError, MalformedError
from kg.mediatypes import CSV, N_TRIPLES, RESULTS_JSON, RESULTS_XML
from kg.query.backend import QueryJob, QueryTimeoutError, RemoteError
from kg.query.evaluation import ResultTooLargeError
from kg.query.guard import QueryRefusedError
from kg.query.remote import RemoteBackend, RemoteLimits

QUERY = "SELECT ?x { ?x ?p ?wrong }"
JSON = "application/sparql-results+json"
ROW = b'{"x":{"type":"literal","value":"a"}}'
HEAD = b'{"head":{"vars":["x"]},"results":{"bindings":['
LIMITS = RemoteLimits(deadline_s=1.0, concurrent=2, waiting=1, wait_s=0.2, result_bytes=5_000_000)
UNHURRIED = replace(LIMITS, deadline_s=60.0)  # where the end comes from the other side

Wrong = Callable[[socket.socket], None]


def reply(
    status: int = 200,
    body: bytes = b"",
    kind: str = JSON,
    headers: str = "",
    length: int | None = None,
) -> Wrong:
    """An answer; with another length than it has, it breaks off."""

    def send(link: socket.socket) -> None:
        size = len(body) if length is None else length
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n"
        link.sendall(f"{head}{headers}Connection: close\r\n\r\n".encode() + body)

    return send


def reset(link: socket.socket) -> None:
    """Hang up without a word."""
    link.shutdown(socket.SHUT_RDWR)


def hang(link: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    link.settimeout(20)
    link.recv(1)


def stall(link: socket.socket) -> None:
    """Begin an answer of more than what is held back, and say no more."""
    link.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n".encode())
    link.sendall(b"Content-Length: 9999999\r\n\r\n" + HEAD + ROW + (b"," + ROW) * 40_000)
    hang(link)


def break_off(link: socket.socket) -> None:
    """Begin an answer, and hang up in the midst of it."""
    link.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n".encode())
    link.sendall(b"Content-Length: 9999999\r\n\r\n" + HEAD + ROW + (b"," + ROW) * 40_000)


CASES: dict[str, tuple[Wrong, type[Exception], str]] = {
    "truncated JSON": (reply(body=HEAD + ROW), RemoteError, "not whole"),
    "JSON with a word of a server that gave up": (
        reply(body=HEAD + ROW + b",[The SPARQL operation has been cancelled"),
        QueryTimeoutError,
        "stopped the query",
    ),
    "a page of HTML": (reply(body=b"<p>Welcome", kind="text/html"), RemoteError, "text/html"),
    "a shorter body than was said": (reply(body=HEAD + ROW, length=999), RemoteError, "broke off"),
    "a part of an answer at the server's limit": (
        reply(body=HEAD + ROW + b"]}}", headers="X-SQL-State: S1TAT\r\n"),
        QueryTimeoutError,
        "time limit",
    ),
    "as many rows as it gives at most": (
        reply(body=HEAD + ROW + b"," + ROW + b"]}}", headers="X-SPARQL-MaxRows: 2\r\n"),
        RemoteError,
        "2 rows and no more",
    ),
    "no word at all": (reset, RemoteError, "broke off"),
    "silence": (hang, QueryTimeoutError, "1 seconds"),
    "a redirect": (
        reply(302, headers="Location: http://elsewhere.example/\r\n"),
        RemoteError,
        "elsewhere.example",
    ),
    "busy": (reply(503, headers="Retry-After: 7\r\n"), RemoteError, "after 7 seconds"),
    "its own time limit": (reply(504, b"gateway timeout", "text/plain"), QueryTimeoutError, ""),
    "a fault of syntax": (
        reply(400, b"Parse error: Encountered x at line 3, column 14.\n  more", "text/plain"),
        MalformedError,
        "3:14",
    ),
    "another fault of the query": (reply(422, b"too\nmuch", "text/plain"), DataError, "too much"),
    "a fault of its own": (reply(500, b"oops", "text/plain"), RemoteError, "oops"),
    "no right to read": (reply(401), RemoteError, "access refused"),
    "nothing there": (reply(404, b"no", "text/plain"), RemoteError, "is this the address"),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_answer_is_an_error_that_says_what_to_do(case: str) -> None:
    wrong, error, words = CASES[case]
    with endpoint(wrong) as url, pytest.raises(error) as raised:
        run(url, lambda backend: whole(backend, QueryJob(QUERY, RESULTS_JSON.extension)))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("wrong", "error"), [(stall, QueryTimeoutError), (break_off, RemoteError)])
def test_an_answer_that_has_begun_does_not_end_as_if_it_were_whole(
    wrong: Wrong, error: type[Exception]
) -> None:
    async def begin_and_go_on(backend: RemoteBackend) -> None:
        answer = await backend.query(QueryJob(QUERY, CSV.extension))
        assert not answer.is_complete
        assert answer.first.startswith(b"x\r\na\r\n")
        with pytest.raises(error):
            async for _ in answer.rest():
                pass
        await answer.close()

    with endpoint(wrong) as url:
        run(url, begin_and_go_on, limits=LIMITS if wrong is stall else UNHURRIED)


def test_a_refused_connection_is_said_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(RemoteError, match="is the server running"):
        run(f"http://127.0.0.1:{port}/", lambda backend: asyncio.sleep(0))


def test_a_graph_that_does_not_say_where_it_ends_is_refused() -> None:
    def send(link: socket.socket) -> None:
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\n\r\n")

    job = QueryJob("CONSTRUCT WHERE { ?s ?p ?wrong }", N_TRIPLES.extension)
    with endpoint(send) as url, pytest.raises(RemoteError, match="where it ends"):
        run(url, lambda backend: whole(backend, job))


def test_service_never_reaches_the_endpoint() -> None:
    def never(link: socket.socket) -> None:
        raise AssertionError("the query was sent")

    job = QueryJob("ASK { SERVICE <http://elsewhere.example/> {} }", RESULTS_JSON.extension)
    with endpoint(never) as url, pytest.raises(QueryRefusedError, match="SERVICE"):
        run(url, lambda backend: whole(backend, job))


def test_the_queue_has_an_end_and_a_place_is_given_back() -> None:
    async def crowd(backend: RemoteBackend) -> None:
        job = QueryJob(QUERY, RESULTS_JSON.extension)
        asked = [asyncio.create_task(whole(backend, job)) for _ in range(6)]
        done = await asyncio.gather(*asked, return_exceptions=True)
        kinds = sorted(type(outcome).__name__ for outcome in done)
        assert kinds == ["BusyError"] * 4 + ["QueryTimeoutError"] * 2
        with pytest.raises(QueryTimeoutError):
            await whole(backend, job)

    with endpoint(hang) as url:
        run(url, crowd)


def test_who_leaves_gives_the_place_back_and_the_connection_is_closed() -> None:
    left = threading.Event()

    def notice(link: socket.socket) -> None:
        link.settimeout(20)
        link.recv(1)
        left.set()

    async def leave(backend: RemoteBackend) -> None:
        for _ in range(3):
            waiting = asyncio.create_task(whole(backend, QueryJob(QUERY, RESULTS_JSON.extension)))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert await asyncio.to_thread(left.wait, 10)

    with endpoint(notice) as url:
        run(url, leave)


def test_an_answer_that_is_closed_early_ends_its_thread() -> None:
    async def close_early(backend: RemoteBackend) -> None:
        for _ in range(3):
            answer = await backend.query(QueryJob(QUERY, CSV.extension))
            await asyncio.wait_for(answer.close(), 10)

    with endpoint(stall) as url:
        run(url, close_early)


def test_an_answer_that_is_too_large_is_an_error() -> None:
    job = QueryJob(QUERY, CSV.extension, result_bytes=1000)
    with endpoint(stall) as url, pytest.raises(ResultTooLargeError):
        run(url, lambda backend: whole(backend, job))


def test_as_many_rows_as_the_endpoint_has_been_seen_to_give_are_no_whole_answer() -> None:
    async def full(backend: RemoteBackend) -> None:
        assert backend.capabilities is not None
        assert backend.capabilities.row_cap == 50
        with pytest.raises(RemoteError, match="50 rows and no more"):
            await whole(backend, QueryJob(QUERY, CSV.extension))

    body = HEAD + ROW + (b"," + ROW) * 49 + b"]}}"
    with endpoint(reply(body=body), rows=50) as url:
        run(url, full)


def test_rows_beyond_those_wanted_are_cut_and_the_cut_is_marked() -> None:
    async def cut(backend: RemoteBackend) -> None:
        job = QueryJob(QUERY, RESULTS_JSON.extension, max_rows=1)
        answer = await backend.query(job)
        assert answer.is_complete
        assert answer.cut_at == 1
        data = json.loads(answer.first)
        assert len(data["results"]["bindings"]) == 1
        assert data["head"]["link"] == ["http://127.0.0.1/about"]

    with endpoint(reply(body=HEAD + ROW + b"," + ROW + b"]}}")) as url:
        run(url, cut, about="http://127.0.0.1/about")


def test_terms_are_read_as_rdf_has_them() -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    cells = [
        ({"type": "typed-literal", "datatype": xsd + "integer", "value": "7"}, "7"),
        ({"type": "typed-literal", "datatype": xsd + "boolean", "value": "1"}, "true"),
        ({"type": "literal", "datatype": xsd + "decimal", "value": "24.0"}, "24"),
        ({"type": "typed-literal", "datatype": xsd + "duration", "value": "24"}, "P2Y"),
        ({"type": "typed-literal", "datatype": xsd + "duration", "value": "10800.0"}, "PT3H"),
        ({"type": "literal", "xml:lang": "en-GB", "value": "a"}, "a"),
    ]
    rows = ",".join(json.dumps({"x": cell}) for cell, _ in cells).encode()
    with endpoint(reply(body=HEAD + rows + b"]}}")) as url:
        body = run(url, lambda backend: whole(backend, QueryJob(QUERY, RESULTS_JSON.extension)))
    found = [row["x"] for row in json.loads(body)["results"]["bindings"]]
    assert [cell["value"] for cell in found] == [value for _, value in cells]
    assert {cell["type"] for cell in found} == {"literal"}
    assert found[-1]["xml:lang"] == "en-gb"


def test_a_control_character_is_no_xml() -> None:
    row = b'{"x":{"type":"literal","value":"\\u0001"}}'
    job = QueryJob(QUERY, RESULTS_XML.extension)
    with endpoint(reply(body=HEAD + row + b"]}}")) as url, pytest.raises(DataError, match="XML"):
        run(url, lambda backend: whole(backend, job))


def test_a_long_answer_is_coded_as_the_client_takes_it() -> None:
    async def coded(backend: RemoteBackend) -> None:
        job = QueryJob(QUERY, RESULTS_JSON.extension, encoding="gzip")
        answer = await backend.query(job)
        assert answer.encoding == "gzip"
        body = answer.first + b"".join([piece async for piece in answer.rest()])
        assert len(json.loads(gzip.decompress(body))["results"]["bindings"]) == 10_001

    body = HEAD + ROW + (b"," + ROW) * 10_000 + b"]}}"
    with endpoint(reply(body=body)) as url:
        run(url, coded)


# --- The endpoint


def run(
    url: str,
    use: Callable[[RemoteBackend], Any],
    limits: RemoteLimits = LIMITS,
    **options: Any,
) -> Any:
    async def started() -> Any:
        backend = RemoteBackend(url, limits=limits, **options)
        try:
            await backend.start()
            return await use(backend)
        finally:
            await backend.close()

    return asyncio.run(started())


async def whole(backend: RemoteBackend, job: QueryJob) -> bytes:
    answer = await backend.query(job)
    pieces = [answer.first, *[piece async for piece in answer.rest()]]
    await answer.close()
    return b"".join(pieces)


@contextmanager
def endpoint(wrong: Wrong, rows: int = 101**2) -> Iterator[str]:
    """An endpoint that answers the questions of a start rightly, and the test's as it says.

    It gives so many rows at most.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(link: socket.socket) -> None:
        try:
            query = request_of(link)
            (wrong if "wrong" in query else right(query, rows))(link)
        except OSError:
            return  # the other side has hung up, as some tests want it to
        finally:
            link.close()

    def accept() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(link,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def request_of(link: socket.socket) -> str:
    data = b""
    while b"\r\n\r\n" not in data:
        data += link.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    size = next(
        int(line.split(b":")[1]) for line in head.lower().splitlines() if b"content-length:" in line
    )
    while len(body) < size:
        body += link.recv(65536)
    return parse_qs(body.decode())["query"][0]


def right(query: str, most: int) -> Wrong:
    """What a good endpoint without data says when a server starts."""
    if query.startswith("ASK"):
        return reply(body=b'{"head":{},"boolean":true}')
    rows = most if "VALUES ?a" in query else 0
    name = b"a" if rows else b"x"
    row = b'{"' + name + b'":{"type":"literal","value":"1"}}'
    head = b'{"head":{"vars":["' + name + b'"]},"results":{"bindings":['
    return reply(body=head + b",".join([row] * rows) + b"]}}")
