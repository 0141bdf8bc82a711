"""Requests that are not what they should be, and bytes on the wire: RFC 9112 and RFC 9110."""

import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import httpx
import pytest

from kg.query.service import Limits

Serve = Callable[..., AbstractContextManager[Any]]
ASK = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(name="running", scope="module")
def a_server_that_waits_half_a_second_for_a_head(serve: Serve) -> Iterator[Any]:
    with serve(Limits(deadline_s=600), head_s=0.5) as running:
        yield running


def received(connection: socket.socket) -> bytes:
    """Everything until the server hangs up, in whatever way."""
    got = b""
    try:
        while piece := connection.recv(1 << 16):
            got += piece
    except ConnectionResetError:
        pass
    return got


def statuses(answer: bytes) -> list[int]:
    """The status of each answer in what was received."""
    return [int(found) for found in re.findall(rb"(?:^|(?<=.))HTTP/1\.1 (\d{3}) ", answer, re.S)]


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 6\r\nContent-Length: 60\r\n\r\nASK {}",
            id="two lengths",
        ),
        pytest.param(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="a length and chunks",
        ),
        pytest.param(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", id="negative length"
        ),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", id="blank in a name"),
        pytest.param(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", id="blank before a colon"),
        pytest.param(b"GET  / HTTP/1.1 extra\r\n\r\n", id="bad request line"),
        pytest.param(b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", id="unknown version"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"\x00" * 4096, id="zeros"),
        pytest.param(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nASK{}",
            id="bad chunk",
        ),
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused_and_hung_up_on(
    running: Any, request_bytes: bytes
) -> None:
    with running.connect() as connection:
        connection.sendall(request_bytes + ASK)
        answer = received(connection)

    assert all(status >= 400 for status in statuses(answer))
    assert len(statuses(answer)) <= 1  # what followed was not taken for a request
    assert running.answers()


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"GET /healthz HTTP/1.1\nHost: x\n\n", id="bare line feeds"),
        pytest.param(b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", id="CONNECT"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", id="asterisk"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            id="upgrade",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n",
            id="h2c",
        ),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"GET /%00%ff HTTP/1.1\r\nHost: \xff\r\n\r\n", id="odd bytes"),
        pytest.param(b"\r\n\r\n\r\n", id="nothing but line ends"),
        pytest.param(b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", id="unknown method"),
    ],
)
def test_a_strange_request_does_no_harm(running: Any, request_bytes: bytes) -> None:
    with running.connect() as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        received(connection)

    assert running.answers()


def test_a_target_with_scheme_and_host_is_the_same_resource(running: Any) -> None:
    with running.connect() as connection:
        connection.sendall(
            b"GET http://elsewhere.example/sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n"
            b"Connection: close\r\n\r\n"
        )
        answer = received(connection)

    assert statuses(answer) == [200]
    assert b'"boolean":true' in answer


def test_a_huge_head_is_hung_up_on(running: Any) -> None:
    with running.connect() as connection:
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for number in range(4000):
                connection.sendall(b"X-%d: " % number + b"a" * 8192 + b"\r\n")
        except (ConnectionResetError, BrokenPipeError):
            pass
        else:
            pytest.fail("32 million bytes of a head were taken")

    assert running.answers()


DRIPS = {
    "a head": b"GET /healthz HTTP/1.1\r\nX-A: ",
    "line ends": b"\r\n",
    "a second head": ASK + b"GET /healthz HTTP/1.1\r\nX-A: ",
    "a second head behind one from memory": ASK,
    "a body that nobody waits for": b"GET /healthz HTTP/1.1\r\nContent-Length: 9999\r\n\r\n",
}


@pytest.mark.parametrize("start", DRIPS.values(), ids=DRIPS)
def test_who_drips_is_hung_up_on(running: Any, start: bytes) -> None:
    with running.connect() as connection:
        connection.sendall(start)
        drip = b"\r\n" if start == b"\r\n" else b"a"
        if start == ASK:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nX-A: ")
        reader = threading.Thread(target=received, args=(connection,))
        reader.start()
        ends = time.monotonic() + 60
        try:
            while reader.is_alive() and time.monotonic() < ends:
                connection.sendall(drip)
                reader.join(0.05)
        except (ConnectionResetError, BrokenPipeError):
            pass
        has_hung_up = time.monotonic() < ends
        connection.close()
        reader.join()

    assert has_hung_up
    assert running.answers()


def test_a_client_that_takes_its_time_between_requests_is_not_hurried(running: Any) -> None:
    with running.connect() as connection:
        for _ in range(3):
            connection.sendall(ASK)
            got = b""
            while not got.endswith(b'"boolean":true}'):
                got += connection.recv(1 << 16)
            time.sleep(0.7)  # longer than it may take for a head, shorter than for nothing


@pytest.mark.parametrize("keeps", [b"", b"Connection: close\r\n"])
def test_requests_in_one_packet_are_answered_in_order(running: Any, keeps: bytes) -> None:
    known = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n"
    assert running.answers()
    parts = []
    for number in range(12):
        parts.append(known)
        query = b"SELECT%%20(%d%%20AS%%20?n)%%7B%%7D" % (9000 + number)
        parts.append(b"GET /sparql?query=" + query + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    last = b"GET /doc/network/harbour.nt HTTP/1.1\r\nHost: x\r\n" + (
        keeps or b"Connection: close\r\n"
    )
    with running.connect() as connection:
        connection.sendall(b"".join(parts) + last + b"\r\n")
        answer = received(connection)

    assert statuses(answer) == [200] * 25
    numbers = [int(found) for found in re.findall(rb'"value":"(9\d{3})"', answer)]
    assert numbers == list(range(9000, 9012))
    assert answer.count(b'"boolean":true') == 12
    order = [found[0] for found in re.findall(rb'("boolean"|"value":"9|primaryTopic)', answer)]
    assert order[:24] == [b'"boolean"'[0], b'"value":"9'[0]] * 12


def test_a_cached_request_does_not_overtake_one_that_is_being_answered(running: Any) -> None:
    assert running.answers()
    processes = [*running.processes(), running.zygote()]
    with stopped(processes), running.connect() as connection:  # so that the first takes long
        connection.sendall(b"GET /sparql?query=ASK%7B?any%20?a%20?b%7D HTTP/1.1\r\nHost: x\r\n\r\n")
        running.until(lambda load: load["running_quick"] > 0, "a query that is sent runs")
        connection.sendall(ASK)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        go_on(processes)
        connection.settimeout(60)
        answer = received(connection)

    assert statuses(answer) == [200, 200, 200]
    assert answer.count(b'"boolean":true') == 2
    assert answer.index(b'"boolean"') < answer.index(b"ok 2026.1")


@contextmanager
def stopped(processes: list[int]) -> Iterator[None]:
    """Have processes do nothing for a while."""
    for process in processes:
        with suppress(ProcessLookupError):  # it has ended, such as one that made documents ahead
            os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        go_on(processes)


def go_on(processes: list[int]) -> None:
    """Have processes that were stopped go on."""
    for process in processes:
        with suppress(ProcessLookupError):  # it was replaced
            os.kill(process, signal.SIGCONT)


HALF_CLOSED = {
    "a page": b"GET /about HTTP/1.1\r\nHost: x\r\n\r\n",
    "a document": b"GET /doc/network/harbour.ttl HTTP/1.1\r\nHost: x\r\n\r\n",
    "a query": b"GET /sparql?query=ASK%7B?half%20?a%20?b%7D HTTP/1.1\r\nHost: x\r\n\r\n",
    "a query in a body": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n"
    b"Content-Type: application/sparql-query\r\n\r\nASK {}",
    "an answer from memory": ASK,
    "several": ASK + b"GET /about HTTP/1.1\r\nHost: x\r\n\r\n" + ASK,
    "several, a query first": b"GET /sparql?query=ASK%7B?third%20?a%20?b%7D HTTP/1.1\r\n"
    b"Host: x\r\n\r\n" + ASK + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("requests", HALF_CLOSED.values(), ids=HALF_CLOSED)
def test_a_client_that_has_said_all_it_has_to_say_gets_its_answers(
    running: Any, requests: bytes
) -> None:
    """RFC 9112, 9.6: a side may be closed alone; the answers to what came before are due."""
    assert running.answers()
    with running.connect() as connection:
        connection.sendall(requests)
        connection.shutdown(socket.SHUT_WR)
        answer = received(connection)

    assert statuses(answer) == [200] * requests.count(b"HTTP/1.1")


def test_a_large_answer_is_whole_for_a_client_that_has_closed_its_side(running: Any) -> None:
    target = b"/sparql?query=SELECT%20*%7B?s%20?p%20?o.?a%20?b%20?c%7DLIMIT%2020000"
    with running.connect() as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = received(connection)

    assert len(answer) > 1_000_000
    assert answer.endswith(b"\r\n0\r\n\r\n")  # the last chunk


def test_a_request_that_ends_in_the_middle_has_no_answer(running: Any) -> None:
    """RFC 9112, 8: it is not complete, whatever its first half asks for."""
    for half in (ASK[:-2], b"GET /ab", HALF_CLOSED["a query in a body"][:-3]):
        with running.connect() as connection:
            connection.sendall(half)
            connection.shutdown(socket.SHUT_WR)
            assert received(connection) == b""
    assert running.answers()


def test_a_query_ends_soon_after_its_client_has_left(running: Any) -> None:
    """Leaving looks like closing one side: what has not begun to be answered by then is ended."""
    query = b"SELECT%20(COUNT(*)%20AS%20?n)%7B?a%20?b%20?c.?d%20?e%20?f.?g%20?h%20?i%7D"
    request = b"GET /sparql?query=" + query + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    killed = running.pool.kills["unwanted"]
    with running.connect() as connection:
        connection.sendall(request)
        running.until(lambda load: load["running_quick"] > 0, "the query runs")
    running.until(lambda _: running.pool.kills["unwanted"] > killed, "the query is ended")
    assert running.front.deployment.users == 0


REFUSED = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "a method that nothing knows": (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
}


@pytest.mark.parametrize(("request_bytes", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_before_it_is_read_is_told_as_problem_details(
    running: Any, request_bytes: bytes, status: int
) -> None:
    """RFC 9457; a script of another origin may read it, and no cache keeps it."""
    with running.connect() as connection:
        connection.sendall(request_bytes)
        head, _, body = received(connection).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    fields = dict(line.split(": ", 1) for line in lines)

    assert statuses(head) == [status]
    assert json.loads(body).keys() == {"title", "status", "detail"}
    assert json.loads(body)["status"] == status
    assert fields["content-type"] == "application/problem+json"
    assert int(fields["content-length"]) == len(body)
    assert fields["access-control-allow-origin"] == "*"
    assert fields["cache-control"] == "no-store"
    assert fields["connection"] == "close"
    assert len(fields) == len(lines)  # each once


def test_a_head_that_is_refused_has_no_body(running: Any) -> None:
    with running.connect() as connection:
        connection.sendall(b"HEAD / HTTP/1.1\r\n\r\n")
        head, _, body = received(connection).partition(b"\r\n\r\n")

    assert (statuses(head), body) == ([400], b"")


def test_a_client_that_asks_to_go_on_is_told_to(running: Any) -> None:
    with running.connect() as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 6\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        first = connection.recv(1 << 16)
        connection.sendall(b"ASK {}")
        answer = received(connection)

    assert statuses(first) == [100]
    assert statuses(answer) == [200]


def test_who_sends_requests_and_reads_no_answer_fills_no_memory(running: Any) -> None:
    """What is not read stays in the sockets, which then take no more requests."""
    path = "/sparql?query=SELECT%20*%20%7B%20?s%20?p%20?o%20%7D%20LIMIT%20200"
    whole = httpx.get(running.address + path, timeout=60)
    assert len(whole.content) > 30_000
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with running.connect() as connection:
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            connection.setsockopt(socket.SOL_SOCKET, buffer, 4096)
        connection.settimeout(2)
        with pytest.raises(TimeoutError):  # else the server would hold the answers to all
            for _ in range(2000):
                connection.sendall(request * 500)
    # It goes through what its sockets have taken first, which takes a busy machine a while.
    answer = httpx.get(f"{running.address}/sparql", params={"query": "ASK {}"}, timeout=300)
    assert answer.json()["boolean"] is True


def test_a_body_is_not_taken_for_a_request_though_its_head_is_known(running: Any) -> None:
    hidden = b"GET /about HTTP/1.1\r\nHost: x\r\n\r\n"
    head = b"GET /doc/voc/role-lead.nt HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(
        hidden
    )
    for _ in range(3):
        with running.connect() as connection:
            connection.sendall(head)
            got = connection.recv(1 << 16)
            connection.sendall(hidden)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = got + received(connection)

        assert statuses(answer) == [200, 200]
        assert b"ok 2026.1" in answer
        assert b"<html" not in answer
