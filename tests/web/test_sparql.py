"""The SPARQL endpoint as clients see it: SPARQLWrapper, rdflib, plain HTTP."""

import json
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper

from kg.query.protocol import MAX_REQUEST_BYTES
from kg.query.service import Limits

Serve = Callable[..., AbstractContextManager[Any]]
BASE = "https://w3id.org/citypledge/"
NAMES = f"""PREFIX cpo: <{BASE}ont#>
SELECT ?name {{ ?net a cpo:Network ; <http://www.w3.org/2004/02/skos/core#prefLabel> ?name
  FILTER(LANG(?name) = "lt") }}"""
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
QUERY = "application/sparql-query"


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("direct", [False, True])
def test_sparqlwrapper_gets_a_table(address: str, method: str, direct: bool) -> None:
    wrapper = SPARQLWrapper(f"{address}/sparql", returnFormat=JSON)
    wrapper.setMethod(method)
    if direct and method == POST:
        wrapper.setRequestMethod(POSTDIRECTLY)
    wrapper.setQuery(NAMES)

    rows = wrapper.queryAndConvert()["results"]["bindings"]

    assert [row["name"]["value"] for row in rows] == ["Uostų sutartis"]


def test_sparqlwrapper_reads_xml_csv_and_turtle(address: str) -> None:
    wrapper = SPARQLWrapper(f"{address}/sparql")
    wrapper.setQuery(NAMES)
    wrapper.setReturnFormat(XML)
    assert "Uostų sutartis" in wrapper.queryAndConvert().toxml()
    wrapper.setReturnFormat(CSV)
    assert wrapper.queryAndConvert().decode().split() == ["name", "Uostų", "sutartis"]
    wrapper.setQuery(f"CONSTRUCT WHERE {{ <{BASE}id/city/xx-veldhaven> ?p ?o }}")
    wrapper.setReturnFormat(TURTLE)
    found = list(ox.parse(wrapper.queryAndConvert(), format=ox.RdfFormat.TURTLE))
    assert len(found) == 4


def test_rdflib_asks_as_if_it_were_its_own_store(address: str) -> None:
    store = SPARQLStore(f"{address}/sparql")

    rows = list(store.query(NAMES))

    assert [str(row[0]) for row in rows] == ["Uostų sutartis"]
    store.close()


@pytest.mark.parametrize(
    ("method", "url", "content_type", "body", "status"),
    [
        ("GET", "?query=ASK%7B%7D", None, b"", 200),
        ("POST", "", QUERY, b"ASK {}", 200),
        ("POST", "", "application/x-www-form-urlencoded", b"query=ASK%7B%7D", 200),
        ("GET", "?query=ASK%7B%7D&query=ASK%7B%7D", None, b"", 400),
        ("GET", "?query=ASK", None, b"", 400),
        ("GET", "?query=SELECT+*%7B%3Fs+%3Fp", None, b"", 400),
        ("GET", "?update=CLEAR+ALL", None, b"", 400),
        ("POST", "", QUERY, b"INSERT DATA { <a:a> <a:a> <a:a> }", 400),
        ("POST", "", QUERY, b"ASK { FILTER(<http://example.org/f>(1)) }", 400),
        ("POST", "", QUERY, b"\xff\xfe", 400),
        ("POST", "", "application/sparql-update", b"CLEAR ALL", 415),
        ("POST", "", None, b"ASK {}", 415),
        ("PUT", "", QUERY, b"ASK {}", 405),
        ("DELETE", "", None, b"", 405),
        ("POST", "", QUERY, b"#" * (MAX_REQUEST_BYTES + 1), 413),
    ],
)
def test_the_endpoint_answers_by_the_protocol(
    client: httpx.Client, method: str, url: str, content_type: str | None, body: bytes, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}

    answer = client.request(method, f"/sparql{url}", headers=headers, content=body)

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    if status != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST, QUERY"


@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        (NAMES, "*/*", "application/sparql-results+json"),
        (NAMES, "application/sparql-results+xml", "application/sparql-results+xml"),
        (NAMES, "text/csv", "text/csv; charset=utf-8"),
        (NAMES, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (NAMES, "application/json", "application/json"),
        ("DESCRIBE <x:y>", "*/*", "text/turtle; charset=utf-8"),
        ("CONSTRUCT WHERE {?s ?p ?o}", "application/n-quads", "application/n-quads"),
    ],
)
def test_the_type_of_the_answer_is_the_one_asked_for(
    client: httpx.Client, query: str, accept: str, expected: str
) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == expected
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(("query", "accept"), [(NAMES, "text/turtle"), (NAMES, "image/png")])
def test_a_type_that_the_form_has_not_is_406(client: httpx.Client, query: str, accept: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})

    assert answer.status_code == 406
    assert "text/csv" in answer.json()["detail"]


def test_two_accept_lines_count_as_one(address: str) -> None:
    headers = [("Accept", "text/html;q=0.1"), ("Accept", "text/csv")]

    answer = httpx.get(f"{address}/sparql", params={"query": NAMES}, headers=headers)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_the_dataset_of_the_request_is_used(client: httpx.Client) -> None:
    query = f"SELECT ?o {{ <{BASE}id/network/harbour> <{BASE}ont#startDate> ?o }}"
    graph = f"{BASE}graph/source/s001"

    answer = client.get("/sparql", params={"query": query, "default-graph-uri": graph})

    assert [row["o"]["value"] for row in answer.json()["results"]["bindings"]] == ["1999"]


@pytest.mark.parametrize("graph", ["http://127.0.0.1:9/x", "file:///etc/passwd", "urn:x:none"])
def test_a_graph_that_is_not_here_is_empty_and_not_fetched(
    client: httpx.Client, graph: str
) -> None:
    query = f"ASK FROM <{graph}> {{ ?s ?p ?o }}"

    assert client.get("/sparql", params={"query": query}).json()["boolean"] is False


def test_service_is_refused_with_its_place(client: httpx.Client) -> None:
    query = "SELECT * {\n  SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }"

    answer = client.get("/sparql", params={"query": query})

    assert answer.status_code == 400
    assert "line 2, column 3: SERVICE" in answer.json()["detail"]


def test_a_query_that_is_too_deep_is_refused_and_the_server_lives(client: httpx.Client) -> None:
    deep = "ASK " + "{" * 50_000

    answer = client.post("/sparql", content=deep, headers={"Content-Type": QUERY})

    assert answer.status_code == 400
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_a_query_beyond_the_deadline_is_504(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": ENDLESS})

    assert answer.status_code == 504
    assert "2 s" in answer.json()["detail"]


def test_queries_without_end_keep_nobody_from_an_answer(patient: Any) -> None:
    """There is no deadline that could make room."""
    request = b"GET /sparql?query=%s HTTP/1.1\r\nHost: x\r\n\r\n"
    asking = [patient.connect() for _ in range(4)]
    for number, connection in enumerate(asking):
        text = quote(ENDLESS.replace("?n)", f"?n{number})"), safe="").encode()
        connection.sendall(request % text)
    patient.until(
        lambda load: load["running_quick"] + load["running_slow"] >= 2, "both places are taken"
    )

    assert patient.answers()
    page = httpx.get(f"{patient.address}/doc/network/harbour", timeout=60)

    assert page.status_code == 200
    assert patient.load()["running_slow"] + patient.load()["waiting"] > 0
    for connection in asking:
        connection.close()


def test_an_answer_that_is_too_large_is_an_error_and_not_a_part(serve: Serve) -> None:
    with serve(Limits(result_bytes=20_000)) as running:
        query = "SELECT * { ?s ?p ?o . ?a ?b ?c }"
        answer = httpx.get(f"{running.address}/sparql", params={"query": query}, timeout=60)

    assert answer.status_code == 413
    assert "LIMIT" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        ("text/html;q=0.5, text/csv", NAMES, "text/csv"),
        ("text/html;q=0.5, text/turtle", NAMES, "text/html"),
        ("text/html;q=0.5, text/turtle", "DESCRIBE <x:y>", "text/turtle"),
        ("text/html;q=0.5, application/problem+json", NAMES, "text/html"),
        ("text/html, text/plain", "ASK {}", "text/html"),
        ("text/html;q=0", NAMES, "application/problem+json"),
        ("text/html;q=0.5, text/csv", "ASK {", "text/html"),
        ("text/html;q=0.5, text/csv", "SELECT {", "text/html"),
    ],
)
def test_a_page_is_sent_to_whom_it_is_the_best_of_all_there_is(
    client: httpx.Client, accept: str, query: str, expected: str
) -> None:
    asked = {"params": {"query": query}, "headers": {"Accept": accept}}
    answer = client.get("/sparql", **asked, follow_redirects=True)

    # What is not well-formed has no form to tell its types by, and is an error where it was sent.
    is_led = expected == "text/html" and query.endswith("}")
    assert answer.url.path == ("/query" if is_led else "/sparql")

    assert answer.headers["Content-Type"].split(";")[0] == expected


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
    ],
)
def test_without_a_query_the_service_describes_itself(
    client: httpx.Client, accept: str, form: ox.RdfFormat
) -> None:
    body = client.get("/sparql", headers={"Accept": accept, "Host": "evil.example"}).content

    sd = "http://www.w3.org/ns/sparql-service-description#"
    triples = {(q.subject, q.predicate.value, q.object) for q in ox.parse(body, format=form)}
    endpoint = ox.NamedNode(f"{BASE}sparql")
    assert (endpoint, f"{sd}endpoint", endpoint) in triples
    language = ox.NamedNode(f"{sd}SPARQL11Query")
    assert (endpoint, f"{sd}supportedLanguage", language) in triples
    graph = ox.NamedNode(f"{BASE}graph/links#graph")
    one = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert (graph, "http://rdfs.org/ns/void#triples", one) in triples
    assert b"evil.example" not in body


def test_options_tells_a_script_elsewhere_that_it_may_ask(client: httpx.Client) -> None:
    answer = client.options("/sparql", headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == 204
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_body_that_ends_early_does_no_harm(address: str, client: httpx.Client) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
            b"Content-Length: 100\r\n\r\nASK"
        )

    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_an_extension_in_the_address_gives_a_download(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": NAMES, "download": "srj"})

    assert json.loads(answer.content)["head"]["vars"] == ["name"]
    assert client.get("/sparql", params={"query": NAMES, "download": "exe"}).status_code == 400


def test_an_answer_that_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    question = {"query": "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 3"}
    headers = {"Accept": "text/csv"}
    first = client.get("/sparql", params=question, headers=headers)
    tag = first.headers["etag"]

    again = client.get("/sparql", params=question, headers={**headers, "If-None-Match": tag})
    other = client.get(
        "/sparql",
        params=question,
        headers={"Accept": "text/tab-separated-values"} | {"If-None-Match": tag},
    )

    assert not tag.startswith("W/")
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert other.status_code == 200
    assert other.headers["etag"] != tag
