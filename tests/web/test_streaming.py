"""Long answers: sent while they are made, and never taken for the whole where they break off."""

import http.client
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote, urlencode

import brotli
import httpx
import pytest

from kg.query.backend import HOLD_BYTES
from kg.query.service import Limits

Serve = Callable[..., AbstractContextManager[Any]]
ENDLESS_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
PATH = "/sparql?query=" + quote(ENDLESS_ROWS, safe="")


@pytest.fixture(name="small", scope="module")
def a_server_with_small_answers(serve: Serve) -> Iterator[Any]:
    """Its answers break off at two million bytes."""
    with serve(Limits(deadline_s=600, result_bytes=2_000_000)) as running:
        yield running


@pytest.fixture(name="short", scope="module")
def a_server_with_a_short_deadline(serve: Serve) -> Iterator[Any]:
    """Its answers break off after a second."""
    with serve(Limits(deadline_s=1, result_bytes=1 << 40)) as running:
        yield running


def head_and_body(connection: socket.socket) -> tuple[bytes, bytes]:
    """Everything that comes until the server hangs up, in whatever way."""
    got = b""
    try:
        while piece := connection.recv(1 << 16):
            got += piece
    except ConnectionResetError:
        pass
    head, _, body = got.partition(b"\r\n\r\n")
    return head, body


def test_the_first_bytes_come_though_the_last_never_will(patient: Any) -> None:
    """The query has more rows than can ever be made, and there is no deadline."""
    plain = {"Accept-Encoding": "identity"}
    with httpx.stream("GET", patient.address + PATH, headers=plain, timeout=60) as answer:
        assert answer.status_code == 200
        assert "content-length" not in answer.headers
        assert "etag" not in answer.headers
        pieces = answer.iter_raw()
        got = b""
        while len(got) < 4 * HOLD_BYTES:
            got += next(pieces)
        assert got.startswith(b'{"head":{"vars":["a","b","c"')

    assert patient.answers()  # the one worker is free again, because the client has left


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
@pytest.mark.parametrize("which", ["small", "short"])
def test_an_answer_that_breaks_off_is_an_error_to_every_client(
    request: pytest.FixtureRequest, which: str, coding: str
) -> None:
    running = request.getfixturevalue(which)
    headers = {"Accept-Encoding": coding, "Accept": "text/csv"}

    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):  # noqa: SIM117
        with httpx.stream("GET", running.address + PATH, headers=headers, timeout=60) as answer:
            assert answer.status_code == 200
            for _ in answer.iter_raw():
                pass
    plain = http.client.HTTPConnection(running.address.removeprefix("http://"), timeout=60)
    plain.request("GET", PATH, headers=headers)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        plain.getresponse().read()
    plain.close()
    assert running.answers()


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_coded_answer_that_breaks_off_has_no_end(small: Any, coding: str) -> None:
    got = b""
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):  # noqa: SIM117
        with httpx.stream(
            "GET", small.address + PATH, headers={"Accept-Encoding": coding}, timeout=60
        ) as answer:
            assert answer.headers["Content-Encoding"] == coding
            for piece in answer.iter_raw():
                got += piece

    if coding == "gzip":
        reader = zlib.decompressobj(31)
        assert reader.decompress(got)
        assert not reader.eof
    else:
        opener = brotli.Decompressor()
        assert opener.process(got)
        while opener.process(b""):
            pass
        assert not opener.is_finished()


def test_the_last_chunk_is_missing_where_an_answer_breaks_off(small: Any) -> None:
    with small.connect() as connection:
        connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head, body = head_and_body(connection)

    assert b"transfer-encoding: chunked" in head.lower()
    assert not body.endswith(b"0\r\n\r\n")


def test_http_1_0_gets_the_whole_or_an_error(small: Any) -> None:
    whole = "SELECT * { ?s ?p ?o . VALUES ?x { 1 2 } } LIMIT 800"
    path = "/sparql?query=" + quote(whole, safe="")
    with small.connect() as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        head, body = head_and_body(connection)
    with small.connect() as connection:
        connection.sendall(f"GET {PATH} HTTP/1.0\r\n\r\n".encode())
        other_head, other_body = head_and_body(connection)

    assert head.split(b" ")[1] == b"200"
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert len(body) > HOLD_BYTES
    assert len(json.loads(body)["results"]["bindings"]) == 800
    assert int(other_head.split(b" ")[1]) >= 400
    assert json.loads(other_body)["status"] == int(other_head.split(b" ")[1])


def is_idle(load: dict[str, int]) -> bool:
    return not load["running_quick"] + load["running_slow"] + load["waiting"]


def test_head_of_a_long_answer_makes_none(patient: Any) -> None:
    answer = httpx.head(patient.address + PATH, timeout=60)

    assert (answer.status_code, answer.content) == (200, b"")
    assert patient.answers()
    patient.until(is_idle, "the query is stopped")


def test_a_query_whose_client_has_gone_is_stopped(patient: Any) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
    for way in ("at once", "when it runs"):
        for number in range(10):
            path = "/sparql?" + urlencode({"query": query.replace("?n)", f"?n{number})")})
            with patient.connect() as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                if way != "at once":
                    patient.until(lambda load: load["running_quick"] > 0, "the query runs")
        patient.until(is_idle, "nothing but their leaving can end them")
        assert patient.answers()


def test_a_long_answer_that_was_whole_once_has_a_tag_and_a_length(small: Any) -> None:
    path = "/sparql?query=" + quote("SELECT * { ?s ?p ?o . VALUES ?x { 1 2 } } LIMIT 900", safe="")
    first = httpx.get(small.address + path, timeout=60)
    again = httpx.get(small.address + path, timeout=60)

    assert "etag" not in first.headers
    assert again.headers["etag"].startswith('"')
    assert int(again.headers["content-length"]) > 0
    assert again.content == first.content


def test_rows_that_are_cut_are_marked_in_the_header_and_in_the_body(small: Any) -> None:
    query = {"query": "SELECT ?s { ?s ?p ?o } ORDER BY ?s", "max-rows": "10"}
    for accept in ("application/sparql-results+json", "text/csv"):
        answer = httpx.get(
            f"{small.address}/sparql", params=query, headers={"Accept": accept}, timeout=60
        )
        assert answer.headers["Rows-Cut-At"] == "10"
        assert 'rel="describedby"' in answer.headers["Link"]
        if "json" in accept:
            found = answer.json()
            assert len(found["results"]["bindings"]) == 10
            assert [f"<{link}>" for link in found["head"]["link"]] == [
                answer.headers["Link"].partition(";")[0]
            ]
        else:
            assert answer.text.count("\r\n") == 11
    whole = httpx.get(
        f"{small.address}/sparql",
        params={"query": "SELECT ?s { ?s ?p ?o } LIMIT 10", "max-rows": "10"},
        timeout=60,
    )
    assert "Rows-Cut-At" not in whole.headers
