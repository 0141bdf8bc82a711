"""Requests at the edge of what the server's short ways were made for."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from kg.query.guard import QueryRefusedError, inspect
from kg.query.service import Limits

ORIGIN = "https://query.example.org"


@pytest.fixture(name="server", scope="module")
def a_server_that_keeps_answers(
    serve: Callable[..., AbstractContextManager[Any]],
) -> Iterator[Any]:
    with serve(Limits(workers=2, deadline_s=20)) as server:
        yield server


def ask(server: Any, text: str, **more: Any) -> httpx.Response:
    return httpx.get(f"{server.address}/sparql", params={"query": text, **more}, timeout=60)


def test_a_prefix_that_reads_as_silent_hides_no_service() -> None:
    text = (
        f"PREFIX SILENT: <{ORIGIN}/> PREFIX : <https://evil.example/> "
        "SELECT * { SERVICE SILENT:x { ?s ?p ?o } }"
    )

    with pytest.raises(QueryRefusedError):
        inspect(text, [ORIGIN])


@pytest.mark.parametrize("origins", [(), (ORIGIN,)])
def test_a_comparison_that_looks_like_an_iri_hides_no_service(origins: tuple[str, ...]) -> None:
    text = "SELECT * { ?s ?p ?a, ?b FILTER(?a<?b)SERVICE:x#>\n{ ?c ?d ?e } }"

    with pytest.raises(QueryRefusedError):
        inspect(text, origins)


@pytest.mark.parametrize(
    "name", ["<http://example.org/service>", "<http://example.org/ont#Service>", "<a)b>"]
)
def test_an_iri_with_the_word_in_it_is_an_iri(name: str) -> None:
    assert inspect(f"SELECT * {{ ?s {name} ?o }}").form == "SELECT"


@pytest.mark.parametrize("function", ["STRUUID()", "UUID()", "RAND()"])
def test_chance_is_never_repeated(server: Any, function: str) -> None:
    answers = {ask(server, f"SELECT ({function} AS ?x) {{}}").content for _ in range(4)}

    assert len(answers) == 4


def test_a_reader_that_leaves_in_the_middle_holds_nobody_up(server: Any) -> None:
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 6000"
    for _ in range(4):
        with server.connect() as connection:
            request = httpx.Request("GET", f"{server.address}/sparql", params={"query": text})
            target = request.url.raw_path
            connection.sendall(
                b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n"
            )
            assert connection.recv(1).startswith(b"H")

    answers = [ask(server, f"ASK {{ ?after ?reader ?{n} }}").status_code for n in range(8)]

    assert answers == [200] * 8


@pytest.mark.parametrize("limit", ["1.5", "9" * 5000])
def test_a_limit_that_is_no_number_is_the_querys_fault(server: Any, limit: str) -> None:
    answer = ask(server, f"SELECT * {{ ?s ?p ?o }} LIMIT {limit}", **{"max-rows": "5"})

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_many_absent_graphs_are_no_trouble(server: Any) -> None:
    named = " ".join(f"FROM NAMED <http://example.org/nowhere/{n}>" for n in range(800))

    answer = httpx.post(
        f"{server.address}/sparql", data={"query": f"ASK {named} {{ GRAPH ?g {{ ?s ?p ?o }} }}"}
    )

    assert answer.json()["boolean"] is False
    assert 0 < len(answer.headers.get_list("absent-graph")) <= 10


def test_a_client_that_would_rather_have_a_problem_leaves_nothing_behind(server: Any) -> None:
    accept = {"Accept": "application/problem+json, text/html;q=0.9"}
    for number in range(5):
        text = f"SELECT * {{ ?s ?p ?o }} LIMIT {number}"
        led = httpx.get(f"{server.address}/sparql", params={"query": text}, headers=accept)
        assert (led.status_code, led.headers["Location"][:13]) == (303, "/query?query=")
        page = httpx.get(server.address + led.headers["Location"], headers=accept, timeout=60)
        assert page.status_code == 200

    async def left() -> int:
        await asyncio.sleep(0)
        return len(server.pool._left)

    assert server.do(left()) == 0


def test_a_document_that_was_made_ahead_cannot_be_deleted(server: Any) -> None:
    async def is_printed() -> None:
        while server.front.deployment.printed is None:
            await asyncio.sleep(0.05)

    server.do(is_printed())
    path = f"{server.address}/doc/municipality/xx-veldhaven.ttl"

    assert httpx.get(path).status_code == 200
    for method in ("DELETE", "PUT", "PATCH"):
        answer = httpx.request(method, path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]


def test_an_offer_of_another_protocol_costs_no_body(server: Any) -> None:
    body = b"ASK {}"
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"
        b"Content-Type: application/sparql-query\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    with server.connect() as connection:
        connection.sendall(head + body)
        answer = b""
        while b"boolean" not in answer:
            piece = connection.recv(4096)
            assert piece, answer
            answer += piece

    assert answer.startswith(b"HTTP/1.1 200")


def test_nothing_is_in_use_when_all_have_gone(server: Any) -> None:
    for _ in range(3):
        with server.connect() as connection:
            connection.sendall(
                b"GET /sparql?query=ASK%7B HTTP/1.1\r\nHost: a\r\n\r\n"
                b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            connection.shutdown(socket.SHUT_WR)

    async def settled() -> int:
        while server.front.metrics.connections:
            await asyncio.sleep(0.05)
        return int(server.front.deployment.users)

    assert server.do(settled()) == 0
