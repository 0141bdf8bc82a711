"""Answers that are sent again without being made: by the bytes of the request, by the tag."""

import gzip
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import brotli
import httpx
import pytest

from kg.query.service import Limits

Serve = Callable[..., AbstractContextManager[Any]]
LIST = "/sparql?query=SELECT%20?s%20%7B%20?s%20?p%20?o%20%7D%20ORDER%20BY%20?s%20LIMIT%20100"
DOCUMENT = "/doc/network/harbour.nt"


@pytest.fixture(name="running", scope="module")
def a_server(serve: Serve) -> Iterator[Any]:
    with serve(Limits(deadline_s=600)) as running:
        yield running


def answer_to(connection: socket.socket, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """The answer to a request, sent in pieces, of which each is a packet if all goes well."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for piece in pieces:
        connection.sendall(piece)
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(1 << 16)
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(1 << 16)
    return int(first.split()[1]), headers, body


@contextmanager
def frozen(running: Any) -> Iterator[None]:
    """Have no worker do anything: what is answered meanwhile is answered without one."""
    processes = running.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def request(path: str, *headers: str, version: str = "1.1") -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"GET {path} HTTP/{version}\r\nHost: x\r\n{lines}\r\n".encode()


@pytest.mark.parametrize("path", [LIST, DOCUMENT])
def test_an_equal_request_is_answered_from_memory(running: Any, path: str) -> None:
    with running.connect() as connection:
        first = answer_to(connection, request(path, "A: b"))
        before = running.front.replayed
        with frozen(running):
            again = answer_to(connection, request(path, "A: b"))

    assert running.front.replayed == before + 1
    assert again[0] == first[0] == 200
    assert again[2] == first[2]
    assert {**again[1], "date": ""} == {**first[1], "date": ""}
    assert parsedate_to_datetime(again[1]["date"]) >= parsedate_to_datetime(first[1]["date"])


OF_ONE_CLIENT = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Vilnius/1.0",
    "Referer: https://example.org/",
    'cookie: a=b; c="d"',
    "X-Forwarded-For: 192.0.2.1, 198.51.100.7",
    "X-Request-Id: 4bf92f3577b34da6a3ce929d0e0e4736",
    "Sec-Fetch-Mode: navigate",
    'sec-ch-ua: "Chromium";v="126"',
)


@pytest.mark.parametrize("header", OF_ONE_CLIENT)
def test_headers_that_change_no_answer_change_no_answer(running: Any, header: str) -> None:
    with running.connect() as connection:
        first = answer_to(connection, request(DOCUMENT, "Accept: a/b", "P: q"))
        with frozen(running):
            again = answer_to(connection, request(DOCUMENT, "Accept: a/b", header, "P: q"))
            last = answer_to(connection, request(DOCUMENT, "Accept: a/b", "P: q", header))

    assert again[2] == last[2] == first[2]
    assert {**again[1], "date": ""} == {**first[1], "date": ""}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Accept: text/html;q=0, */*", 200),
        ("X-Forwarded-Proto: http", 200),
        ("If-None-Match: *", 304),
        ("Accept-Datetime: Thu, 01 Jan 2026 00:00:00 GMT", 200),
        ("User-Agent: a\r\n b", 200),
        ("X-User-Agent: a", 200),
    ],
)
def test_other_headers_are_compared(running: Any, header: str, status: int) -> None:
    with running.connect() as connection:
        answer_to(connection, request(DOCUMENT))
        before = running.front.replayed
        connection.sendall(request(DOCUMENT, header))
        got = connection.recv(1 << 16)

    assert running.front.replayed == before
    assert got.split()[1] in (b"%d" % status, b"400", b"406")


@pytest.mark.parametrize(
    ("path", "status"), [("/id/network/harbour", 303), ("/id/network/harbour.nt", 301)]
)
def test_the_way_to_a_document_is_known_again(running: Any, path: str, status: int) -> None:
    with running.connect() as connection:
        first = answer_to(connection, request(path))
        before = running.front.replayed
        again = answer_to(connection, request(path, "User-Agent: x"))

    assert running.front.replayed == before + 1
    assert again[0] == first[0] == status
    assert again[1]["location"] == first[1]["location"]


def test_that_nothing_has_changed_is_known_again(running: Any) -> None:
    with running.connect() as connection:
        tag = answer_to(connection, request(DOCUMENT))[1]["etag"]
        for _ in range(2):
            before = running.front.replayed
            connection.sendall(request(DOCUMENT, f"If-None-Match: {tag}"))
            head = connection.recv(1 << 16)
            assert head.startswith(b"HTTP/1.1 304")
            assert head.endswith(b"\r\n\r\n")
            assert tag.encode() in head

    assert running.front.replayed == before + 1


def test_a_request_in_another_form_is_answered_just_as_well(running: Any) -> None:
    plain = request(LIST, "B: c", "D: e")
    with running.connect() as connection:
        expected = answer_to(connection, plain)[2]
        assert answer_to(connection, plain)[2] == expected
        assert answer_to(connection, plain[:20], plain[20:])[2] == expected
        assert answer_to(connection, plain[:-2], plain[-2:])[2] == expected
        assert answer_to(connection, request(LIST, "D: e", "B: c"))[2] == expected
        assert answer_to(connection, plain.replace(b"B: c", b"b:c"))[2] == expected
    for other in (request(LIST, "B: c", version="1.0"), request(LIST, "Connection: close")):
        for _ in range(2):
            with running.connect() as connection:
                _, headers, body = answer_to(connection, other)
                assert body == expected
                assert headers["connection"] == "close"
                assert connection.recv(1) == b""


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "STRUUID()"])
def test_what_changes_from_call_to_call_is_not_repeated(running: Any, function: str) -> None:
    path = f"/sparql?query=SELECT({function}AS%20?x)%7B%7D"
    with running.connect() as connection:
        bodies = [answer_to(connection, request(path))[2] for _ in range(3)]

    assert len(set(bodies)) == 3


def test_an_error_is_not_repeated_from_memory(running: Any) -> None:
    before = running.front.replayed
    with running.connect() as connection:
        for _ in range(3):
            assert answer_to(connection, request("/doc/city/nowhere.nt"))[0] == 404
            assert answer_to(connection, request("/sparql?query=ASK%7B"))[0] == 400
    assert running.front.replayed == before


def test_nothing_is_remembered_where_nothing_may_be_kept(serve: Serve) -> None:
    with serve(Limits(cache_bytes=0)) as running, running.connect() as connection:
        for _ in range(3):
            assert answer_to(connection, request(LIST))[0] == 200
        assert running.front.replayed == 0
        assert not running.front.deployment.replies


def test_what_is_remembered_is_bounded(serve: Serve) -> None:
    with serve(Limits(cache_bytes=200_000)) as running, running.connect() as connection:
        for number in range(60):
            assert answer_to(connection, request(LIST, f"N: {number}"))[0] == 200

        async def held() -> int:
            return sum(
                len(key) + len(reply.rest)
                for key, reply in running.front.deployment.replies.items()
            )

        assert 0 < running.do(held()) <= 200_000


@pytest.mark.parametrize("path", [LIST, DOCUMENT, "/", "/about"])
def test_a_client_that_has_the_answer_is_told_so_in_each_coding(running: Any, path: str) -> None:
    accept = "text/html" if path in ("/", "/about") else "*/*"
    tags = {}
    bodies = {}
    for coding in ("identity", "gzip", "br"):
        headers = {"Accept": accept, "Accept-Encoding": coding}
        with httpx.stream("GET", running.address + path, headers=headers, timeout=60) as answer:
            bodies[coding] = b"".join(answer.iter_raw())
            tags[coding] = answer.headers["ETag"]
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert answer.headers.get("Content-Encoding", "identity") == coding
        again = httpx.get(
            running.address + path, headers={**headers, "If-None-Match": tags[coding]}, timeout=60
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tags[coding]
        assert "Accept-Encoding" in again.headers["Vary"]
        assert "Content-Encoding" not in again.headers or not again.content
        other = httpx.get(
            running.address + path, headers={**headers, "If-None-Match": '"other"'}, timeout=60
        )
        assert other.status_code == 200

    assert len(set(tags.values())) == 3
    assert gzip.decompress(bodies["gzip"]) == bodies["identity"]
    assert brotli.decompress(bodies["br"]) == bodies["identity"]


def test_not_modified_needs_no_worker(running: Any) -> None:
    with running.connect() as connection:
        tag = answer_to(connection, request(LIST))[1]["etag"]
    headers = {"If-None-Match": tag, "Accept-Encoding": "identity"}
    with frozen(running):
        for path in (LIST, LIST.replace("100", "%20100")):
            answer = httpx.get(running.address + path, headers=headers, timeout=60)
            assert answer.status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("GZIP", "gzip"),
        ("gzip, br", "br"),
        ("gzip, deflate, br;q=0.5", "gzip"),
        ("gzip;q=0.2, br;q=0.1", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0, br;q=0.001", "br"),
        ("deflate, zstd", None),
        ("gzip;q=x", None),
        ("gzip ; q=0.3 , br ; q = 0", "gzip"),
    ],
)
def test_the_coding_is_the_one_that_the_client_likes_best(
    running: Any, accepted: str | None, coding: str | None
) -> None:
    lines = () if accepted is None else (f"Accept-Encoding: {accepted}",)
    for path in (LIST, "/doc/municipality/xx-veldhaven.nt"):
        with running.connect() as connection:
            _, headers, body = answer_to(connection, request(path, *lines))

        assert headers.get("content-encoding") == coding
        if coding == "gzip":
            body = gzip.decompress(body)
        if coding == "br":
            body = brotli.decompress(body)
        assert b"https://w3id.org/citypledge/" in body


def test_a_short_answer_is_not_coded(running: Any) -> None:
    with running.connect() as connection:
        path = "/sparql?query=ASK%7B%7D"
        _, headers, body = answer_to(connection, request(path, "Accept-Encoding: br, gzip"))

    assert "content-encoding" not in headers
    assert body.startswith(b"{")
    assert "Accept-Encoding" in headers["vary"]
