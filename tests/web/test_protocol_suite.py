"""Requests and their answers: the query part of the W3C test suite of the SPARQL 1.1 Protocol.

Each test of https://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/ under its own name,
with the graphs that are served here in the place of those of the suite; and what the protocol and
RFC 9110 say besides.
"""

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pyoxigraph as ox
import pytest

from kg.query.protocol import MAX_REQUEST_BYTES
from kg.query.service import Limits

Serve = Callable[..., AbstractContextManager[Any]]
BASE = "https://w3id.org/citypledge/"
S000, S001 = f"{BASE}graph/source/s000", f"{BASE}graph/source/s001"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TABLE = "application/sparql-results+json"
DIRECT = {"Content-Type": "application/sparql-query"}
DATES = f"<{BASE}id/network/harbour> <{BASE}ont#startDate>"
IN_BOTH = f"ASK {{ {DATES} ?a , ?b FILTER(STR(?a) = '2020' && STR(?b) = '1999') }}"
EACH_IN_ITS_OWN = f"ASK {{ GRAPH ?g {{ {DATES} ?a }} GRAPH ?h {{ {DATES} ?b }} FILTER(?g != ?h) }}"
ONE_OF_EACH = f"ASK {{ {DATES} ?a GRAPH <{S001}> {{ {DATES} ?b }} FILTER(?a != ?b) }}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"


def pairs(query: str | None, **graphs: list[str]) -> list[tuple[str, str]]:
    """The parameters of a request."""
    found = [] if query is None else [("query", query)]
    for name, iris in graphs.items():
        found += [(name.replace("_", "-"), iri) for iri in iris]
    return found


def by_get(client: httpx.Client, parameters: list[tuple[str, str]]) -> httpx.Response:
    return client.get("/sparql?" + urlencode(parameters))


def by_form(client: httpx.Client, parameters: list[tuple[str, str]]) -> httpx.Response:
    return client.post("/sparql", content=urlencode(parameters), headers=FORM)


def directly(client: httpx.Client, parameters: list[tuple[str, str]]) -> httpx.Response:
    (_, query), *graphs = parameters
    return client.post("/sparql?" + urlencode(graphs), content=query, headers=DIRECT)


def by_query(client: httpx.Client, parameters: list[tuple[str, str]]) -> httpx.Response:
    (_, query), *graphs = parameters
    address = "/sparql?" + urlencode(graphs)
    return client.request("QUERY", address, content=query, headers=DIRECT)


WAYS = [by_get, by_form, directly, by_query]
Way = Callable[[httpx.Client, list[tuple[str, str]]], httpx.Response]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("query", "graphs", "expected"),
    [
        ("ASK {}", {}, True),
        (IN_BOTH, {}, False),
        (IN_BOTH, {"default_graph_uri": [S000]}, False),
        (IN_BOTH, {"default_graph_uri": [S000, S001]}, True),
        (IN_BOTH, {"named_graph_uri": [S000, S001]}, False),
        (EACH_IN_ITS_OWN, {"named_graph_uri": [S000, S001]}, True),
        (EACH_IN_ITS_OWN, {"named_graph_uri": [S000]}, False),
        (EACH_IN_ITS_OWN, {"default_graph_uri": [S000, S001]}, False),
        (ONE_OF_EACH, {"default_graph_uri": [S000], "named_graph_uri": [S001]}, True),
        (ONE_OF_EACH, {"default_graph_uri": [S001], "named_graph_uri": [S000]}, False),
        (f"ASK FROM <{S000}> FROM <{S001}>" + IN_BOTH[3:], {}, True),
        (f"ASK FROM <{S000}> FROM <{S001}>" + IN_BOTH[3:], {"default_graph_uri": [S000]}, False),
        (f"ASK FROM <{S000}>" + IN_BOTH[3:], {"default_graph_uri": [S000, S001]}, True),
    ],
)
def test_query_dataset(
    client: httpx.Client, way: Way, query: str, graphs: dict[str, list[str]], expected: bool
) -> None:
    """query_get, query_post_form, query_post_direct, query_dataset_*, query_multiple_dataset."""
    answer = way(client, pairs(query, **graphs))

    assert answer.status_code == 200
    assert answer.json()["boolean"] is expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("SELECT (1 AS ?value) {}", {"application/sparql-results+json"}),
        ("ASK {}", {"application/sparql-results+json"}),
        ("DESCRIBE <http://example.org/>", {"text/turtle"}),
        ("CONSTRUCT { <s> <p> 1 } WHERE {}", {"text/turtle"}),
    ],
)
def test_query_content_type(client: httpx.Client, way: Way, query: str, types: set[str]) -> None:
    if query.startswith("CONSTRUCT"):
        query = "BASE <http://example.org/> " + query
    answer = way(client, pairs(query))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] in types


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    [
        pytest.param("PUT", "?query=ASK%7B%7D", {}, b"", 405, id="bad_query_method"),
        pytest.param(
            "GET", "?query=ASK%7B%7D&query=SELECT%2A%7B%7D", {}, b"", 400, id="bad_multiple_queries"
        ),
        pytest.param(
            "POST",
            "",
            {"Content-Type": "text/plain"},
            b"ASK {}",
            415,
            id="bad_query_wrong_media_type",
        ),
        pytest.param("POST", "", {}, b"query=ASK%20%7B%7D", 415, id="bad_query_missing_form_type"),
        pytest.param("POST", "", {}, b"ASK {}", 415, id="bad_query_missing_direct_type"),
        pytest.param("POST", "", DIRECT, "ASK {}".encode("utf-16"), 400, id="bad_query_non_utf8"),
        pytest.param("GET", "?query=ASK%20%7B", {}, b"", 400, id="bad_query_syntax"),
        pytest.param("GET", "?query=ASK%7B%22x%7D", {}, b"", 400, id="a string that is open"),
        pytest.param("GET", "?query=%FF", {}, b"", 400, id="not UTF-8 in the address"),
        pytest.param("GET", "?query=", {}, b"", 400, id="an empty query"),
        pytest.param("POST", "", FORM, b"", 400, id="no query in a form"),
        pytest.param("POST", "?query=ASK%7B%7D", FORM, b"query=ASK%7B%7D", 400, id="two places"),
        pytest.param("POST", "?query=ASK%7B%7D", DIRECT, b"ASK {}", 400, id="two ways"),
        pytest.param("GET", "?query=ASK%7B%7D&update=CLEAR+ALL", {}, b"", 400, id="and an update"),
        pytest.param("POST", "", FORM, b"update=CLEAR+ALL", 400, id="an update"),
        pytest.param("POST", "", DIRECT, b"LOAD <http://127.0.0.1:9/>", 400, id="LOAD"),
        pytest.param("POST", "", DIRECT, b"CLEAR ALL", 400, id="CLEAR"),
        pytest.param(
            "POST", "", {"Content-Type": "application/sparql-update"}, b"CLEAR ALL", 415, id="type"
        ),
        pytest.param("PATCH", "", DIRECT, b"ASK {}", 405, id="PATCH"),
        pytest.param("DELETE", "", {}, b"", 405, id="DELETE"),
        pytest.param("TRACE", "", {}, b"", 405, id="TRACE"),
        pytest.param("POST", "", DIRECT, b" " * (MAX_REQUEST_BYTES + 1), 413, id="too long"),
        pytest.param("GET", "?query=ASK%7B%7D&max-rows=none", {}, b"", 400, id="rows"),
        pytest.param("GET", "?query=ASK%7B%7D&default-graph-uri=x", {}, b"", 400, id="relative"),
        pytest.param("QUERY", "", {}, b"ASK {}", 415, id="QUERY without a type"),
        pytest.param(
            "GET", "?query=ASK%7B%7D", {"Accept": "image/png"}, b"", 406, id="not acceptable"
        ),
    ],
)
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/problem+json"),
        (f"{TABLE};q=0.1, application/problem+json", "application/problem+json"),
        ("text/html", "text/html"),
        (f"{TABLE};q=0.1, text/plain", "text/plain"),
    ],
)
def test_a_bad_request_gets_its_status_in_a_form_that_the_client_reads(
    client: httpx.Client,
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
    accept: str | None,
    expected: str,
) -> None:
    if "Accept" in headers:
        accept, expected = headers["Accept"], "application/problem+json"
    given = headers if accept is None else {**headers, "Accept": accept}

    answer = client.request(method, f"/sparql{target}", headers=given, content=body)

    if answer.status_code == 303:  # a browser is told of a fault where its query can be mended
        assert expected == "text/html"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Accept" in answer.headers["Vary"]
        sent = body.decode() or parse_qs(target.removeprefix("?"))["query"][0]
        place = urlsplit(answer.headers["Location"])
        assert (place.path, parse_qs(place.query)) == ("/query", {"query": [sent]})
        answer = client.get(answer.headers["Location"], headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert answer.headers["Content-Type"].split(";")[0] == expected
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer.headers["Vary"]
    if expected == "application/problem+json":
        assert answer.json()["status"] == status
        assert answer.json()["title"]
        assert answer.json()["detail"]
    else:
        assert str(status) in answer.text or "line 1, column" in answer.text
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST, QUERY"
    if status == 406:
        assert TABLE in answer.json()["detail"]


@pytest.mark.parametrize("way", WAYS)
def test_a_browser_gets_a_page_by_every_way(client: httpx.Client, way: Way) -> None:
    with httpx.Client(base_url=client.base_url, headers={"Accept": "text/html"}) as browser:
        led = way(browser, pairs("SELECT (40000000 + 2 AS ?value) {}"))
        answer = browser.get(led.headers["Location"])

    assert led.status_code == 303
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "40000002" in answer.text


def test_a_syntax_error_has_line_and_column(client: httpx.Client) -> None:
    answer = by_get(client, pairs("SELECT *\nWHERE { ?s ?p }"))

    assert answer.status_code == 400
    assert "line 2, column " in answer.json()["detail"]


def test_head_is_get_without_the_body_for_an_answer_of_any_length(client: httpx.Client) -> None:
    for query in ("ASK {}", "SELECT * { ?s ?p ?o } LIMIT 400", "ASK {"):
        target = "/sparql?" + urlencode(pairs(query))
        assert client.head(target).content == client.get(target).content[:0]
        get, head = client.get(target), client.head(target)
        assert (head.status_code, head.content) == (get.status_code, b"")
        for name in ("Content-Type", "Vary", "ETag"):
            assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_options_names_every_method(client: httpx.Client, method: str) -> None:
    headers = {"Origin": "https://x.example", "Access-Control-Request-Method": method}

    answer = client.options("/sparql", headers=headers)

    assert answer.status_code == 204
    assert method in answer.headers["Allow"].split(", ")
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "application/sparql-query" in answer.headers["Accept-Query"]


@pytest.mark.parametrize(
    ("extension", "form"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
    ],
)
def test_the_bare_endpoint_describes_itself_in_every_format(
    client: httpx.Client, extension: str, form: ox.RdfFormat
) -> None:
    answer = client.get("/sparql", headers={"Accept": extension})

    assert answer.status_code == 200
    namespace = "http://www.w3.org/ns/sparql-service-description#"
    named = {quad.predicate.value for quad in ox.parse(answer.content, format=form)}
    assert {f"{namespace}endpoint", f"{namespace}supportedLanguage"} <= named


@pytest.fixture(name="listener")
def a_port_where_somebody_listens() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.mark.parametrize("way", WAYS)
def test_a_graph_that_is_not_here_is_empty_said_and_not_fetched(
    client: httpx.Client, listener: socket.socket, way: Way
) -> None:
    there = f"http://127.0.0.1:{listener.getsockname()[1]}/graph"
    for query, graphs in (
        ("ASK { ?s ?p ?o }", {"default_graph_uri": [there]}),
        ("ASK { GRAPH ?g { ?s ?p ?o } }", {"named_graph_uri": [there]}),
        (f"ASK FROM <{there}> {{ ?s ?p ?o }}", {}),
        (f"ASK FROM NAMED <{there}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", {}),
    ):
        answer = way(client, pairs(query, **graphs))
        assert answer.status_code == 200
        assert answer.json()["boolean"] is False
        assert answer.headers["Absent-Graph"] == f"<{there}>"
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    "query",
    [
        "ASK { SERVICE <U> { ?a ?b ?c } }",
        "ASK { service silent <U> { ?a ?b ?c } }",
        "ASK{SERVICE<U>{?a ?b ?c}}",
        "ASK{?a ?b trueSERVICE<U>{?c ?d ?e}}",
        "PREFIX :<U> ASK{service:x{?a ?b ?c}}",
        "SELECT * { { SELECT * { OPTIONAL { SERVICE <U> { ?a ?b ?c } } } } }",
        "SELECT * { VALUES ?x { <U> } SERVICE ?x { ?a ?b ?c } }",
        "ASK { FILTER EXISTS { SERVICE <U> { ?a ?b ?c } } }",
    ],
)
def test_service_is_refused_in_every_spelling_and_nobody_is_called(
    client: httpx.Client, listener: socket.socket, query: str
) -> None:
    there = f"http://127.0.0.1:{listener.getsockname()[1]}/"

    answer = by_get(client, pairs(query.replace("<U>", f"<{there}>")))

    assert answer.status_code == 400
    assert "SERVICE" in answer.json()["detail"]
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_too_many_queries_in_a_minute_are_429_and_say_when_to_go_on(serve: Serve) -> None:
    with serve(Limits(per_minute=5)) as running, httpx.Client(timeout=60) as client:
        asked = [
            client.get(f"{running.address}/sparql?query=ASK%7B%3Fs%20%3Fp%20{number}%7D")
            for number in range(12)
        ]
        known = client.get(f"{running.address}/sparql?query=ASK%7B%3Fs%20%3Fp%200%7D")

    refused = [answer for answer in asked if answer.status_code == 429]
    assert {answer.status_code for answer in asked} == {200, 429}
    # Twelve in a row can touch two minutes, so two counts at most are filled.
    assert len(refused) >= 2
    assert all(0 < int(answer.headers["Retry-After"]) <= 61 for answer in refused)
    assert known.status_code == 200  # what was answered before costs nothing


def test_a_full_server_is_503_and_says_when_to_come_back(serve: Serve) -> None:
    limits = Limits(deadline_s=600, workers=1, waiting=1, wait_s=600, cache_bytes=0)
    refused = b""
    with serve(limits) as running, contextlib.ExitStack() as asking:
        while not refused:
            query = urlencode(pairs(ENDLESS.replace("?n)", f"?n{time.monotonic_ns()})")))
            connection = asking.enter_context(running.connect())
            head = f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode())
            connection.settimeout(0.5)
            with contextlib.suppress(TimeoutError):
                while piece := connection.recv(1 << 16):
                    refused += piece
        load = running.load()

    status, _, body = refused.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 503 ")
    assert int(re.findall(rb"(?i)\nretry-after: (\d+)", status)[0]) > 0
    assert json.loads(body)["status"] == 503
    # One in each lane and one that waits are let in, and no more.
    assert load["running_quick"] + load["running_slow"] + load["waiting"] <= 3
