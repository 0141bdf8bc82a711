"""Clients that people use, against a real server with the real data; and docs/sparql.md, run."""

import csv
import http.client
import io
import re
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.dom.minidom import Document, Node

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql import parser
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import Result, ResultRow
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg import settings
from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web import sparql
from kg.web.server import front_at, server_for

Serve = Callable[..., AbstractContextManager[Any]]
ROOT: Final = Path(__file__).parents[2]
DOCS: Final = (ROOT / "docs" / "sparql.md").read_text(encoding="utf-8")
IN_DOCS: Final = "http://127.0.0.1:8000"
QUESTIONS: Final = sorted((ROOT / "queries" / "questions").glob("*.rq"))
BASE: Final = "https://w3id.org/citypledge/"
MUNICIPALITY: Final = f"{BASE}id/municipality/lt-klaipeda-city"
OF_ONE: Final = f"<{MUNICIPALITY}> ?p ?o"
HANGS_S: Final = 60
FORMS: Final = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("xml", "application/rdf+xml"),
    "nt": ("nt", "application/n-triples"),
}
RESULTS: Final = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "tsv": "text/tab-separated-values",
}
Row = tuple[str | None, ...]
# SPARQLWrapper, and the JSON-LD parser of rdflib, use a class that rdflib will drop.
by_old_class = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")


@pytest.fixture(scope="module")
def running(serve: Serve, built: Snapshot) -> Iterator[Any]:
    """A server with the usual limits over the real data."""
    with serve(Limits(printed_things=0), built) as found:
        yield found


@pytest.fixture(scope="module")
def place(running: Any) -> str:
    """Its address."""
    return str(running.address)


@pytest.fixture(scope="module")
def endpoint(place: str) -> str:
    """The address of its endpoint."""
    return f"{place}/sparql"


@pytest.fixture(scope="module")
def kept_alive(place: str) -> Iterator[httpx.Client]:
    """A client that keeps its connections."""
    with httpx.Client(base_url=place, timeout=HANGS_S) as found:
        yield found


@pytest.fixture(scope="module")
def said(snapshot_store: ox.Store) -> list[tuple[str, str]]:
    """Property and text of each statement of the accepted view about one municipality."""
    node, accepted = ox.NamedNode(MUNICIPALITY), ox.DefaultGraph()
    quads = list(snapshot_store.quads_for_pattern(node, None, None, accepted))
    assert quads
    return sorted((quad.predicate.value, text_of(quad.object)) for quad in quads)


@pytest.fixture
def lexical_forms() -> Iterator[None]:
    """Has rdflib leave literals as they were written, and read decimals below zero in a table.

    rdflib 7.6 fails at them in TSV: its `Literal.__neg__` knows no `Decimal`.
    """
    before, negative = rdflib.NORMALIZE_LITERALS, parser.neg
    rdflib.NORMALIZE_LITERALS = False
    parser.neg = lambda found: rdflib.Literal(f"-{found}", datatype=found.datatype)
    yield
    rdflib.NORMALIZE_LITERALS, parser.neg = before, negative


# --- The documentation


class Shown(NamedTuple):
    """A command of the documentation, what it prints, and the options of the server it asks."""

    command: str
    printed: str
    options: tuple[str, ...]


def commands() -> Iterator[Shown]:
    """What stands after a dollar sign in the console blocks, with the lines below it."""
    for block in re.findall(r"^```console\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL):
        options: tuple[str, ...] = ()
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            if part.startswith("./run kg serve"):
                options = tuple(re.findall(r"--limit (\S+)", part))
                continue
            lines = part.splitlines(keepends=True)
            length = next(n for n in range(1, len(lines) + 1) if is_whole("".join(lines[:n])))
            yield Shown("".join(lines[:length]), "".join(lines[length:]), options)


def is_whole(text: str) -> bool:
    """Whether a command does not go on in the next line."""
    return not text.endswith("\\\n") and text.count("'") % 2 == 0


COMMANDS: Final = list(commands())


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("shown", COMMANDS, ids=lambda shown: shown.command[:60])
def test_a_command_of_the_documentation_prints_what_stands_there(
    shown: Shown, serve: Serve, built: Snapshot, place: str, tmp_path: Path
) -> None:
    if not shown.options:
        printed = run_shell(shown.command, place)
    else:
        limits = settings.read(None, tmp_path, (*shown.options, "printed_things=0")).limits
        with serve(limits, built) as other:
            printed = run_shell(shown.command, other.address)

    assert matches(shown.printed, printed), printed


def run_shell(command: str, place: str) -> str:
    """What a command prints when the server of the documentation is at another address."""
    done = subprocess.run(
        ["bash", "-c", command.replace(IN_DOCS, place)],
        cwd=ROOT,
        capture_output=True,
        timeout=HANGS_S,
        check=False,
    )
    return done.stdout.decode().replace(place, IN_DOCS)


def matches(shown: str, printed: str) -> bool:
    """Whether something was printed as shown, where an ellipsis stands for anything."""
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    pattern = ".*".join(map(re.escape, shown.strip().split("…")))
    return re.fullmatch(pattern, "\n".join(lines), re.DOTALL) is not None


def test_every_way_and_every_status_of_the_documentation_is_shown() -> None:
    text = "".join(shown.command for shown in COMMANDS)
    for way in (
        "-G ",
        "--data-urlencode",
        "application/sparql-query",
        "-X QUERY",
        "-I ",
        "OPTIONS",
    ):
        assert way in text
    named = set(re.findall(r'"status": (\d+)', DOCS))
    expected = {400, 404, 405, 406, 408, 413, 415, 429, 500, 502, 503, 504}
    assert {int(status) for status in named} == expected


def problem_shown(status: int) -> str:
    """The problem details with a status in the blocks of JSON of the documentation."""
    for block in re.findall(r"^```json\n(.*?)\n```$", DOCS, re.MULTILINE | re.DOTALL):
        if f'"status": {status}' in block:
            return str(block)
    raise AssertionError(f"docs/sparql.md shows no answer with status {status}")


def test_a_body_that_does_not_arrive_is_answered_as_documented(
    running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = f"{sparql.BODY_S:g} s"
    monkeypatch.setattr(sparql, "BODY_S", 0.25)  # so that nobody has to wait for it
    with running.connect() as connection:
        connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
            b"Content-Type: application/sparql-query\r\n\r\nASK"
        )
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = answer.read().decode()

    assert answer.status == 408
    assert matches(problem_shown(408), body.replace("0.25 s", documented))


@contextmanager
def before_a_store(url: str) -> Iterator[str]:
    """Runs a server that stands before an endpoint; gives the address of its own."""
    server = server_for(front_at(url, BASE))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
        finally:
            server.should_exit = True
            thread.join()


def test_a_store_that_fails_is_answered_as_documented(serve: Serve, served: Snapshot) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(serve(Limits(printed_things=0), served))
        url = f"{store.address}/sparql"
        with before_a_store(url) as address:
            before = httpx.get(address, params={"query": "ASK {}"}, timeout=HANGS_S)
            stack.close()
            answer = httpx.get(address, params={"query": "ASK { ?s ?p 1 }"}, timeout=HANGS_S)

    assert before.status_code == 200
    assert answer.status_code == 502
    assert int(answer.headers["Retry-After"]) > 0
    assert matches(problem_shown(502), answer.text.replace(url, "http://127.0.0.1:7878/query"))


def in_view(quad: ox.Quad) -> ox.Quad:
    """The same statement in the default graph."""
    return ox.Quad(quad.subject, quad.predicate, quad.object, ox.DefaultGraph())


def test_the_graphs_of_the_documentation_are_those_of_the_snapshot(
    built: Snapshot, snapshot_store: ox.Store
) -> None:
    _, _, section = DOCS.partition("\n## Graphs\n")
    rows = re.findall(r"^\| (`.*?`) \| .*? \| (yes|no)", section, re.MULTILINE)
    shown = {name: is_in for names, is_in in rows for name in re.findall(r"`([^`]+)`", names)}
    prefix = f"{BASE}graph/"
    found: dict[str, set[bool]] = {}
    for iri in built.manifest.graphs:
        name = re.sub("^source/.*", "source/…", iri.removeprefix(prefix))
        quads = snapshot_store.quads_for_pattern(None, None, None, ox.NamedNode(iri))
        view = (in_view(quad) in snapshot_store for quad in quads)
        found.setdefault(name, set()).add(any(view))

    assert {name: {is_in == "yes"} for name, is_in in shown.items()} == found


def test_the_limits_of_the_documentation_are_the_defaults() -> None:
    _, _, section = DOCS.partition("\n## Limits\n")
    shown = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+)", section, re.MULTILINE))
    assert set(shown) == {
        *("deadline_s", "memory_bytes", "result_bytes", "workers", "waiting", "wait_s"),
        *("per_minute", "cache_bytes"),
    }
    assert {name: float(text.replace(",", "")) for name, text in shown.items()} == {
        name: getattr(Limits(), name) for name in shown
    }


# --- SPARQLWrapper


@pytest.mark.parametrize("method", [GET, POST])
def test_sparqlwrapper_reads_a_table_in_every_format(
    endpoint: str, method: str, said: list[tuple[str, str]]
) -> None:
    client = wrapper(endpoint, f"SELECT ?p ?o {{ {OF_ONE} }}", method)

    answer = client.queryAndConvert()["results"]["bindings"]
    assert sorted((row["p"]["value"], row["o"]["value"]) for row in answer) == said
    client.setReturnFormat(XML)
    assert sorted(xml_rows(client.queryAndConvert())) == said
    client.setReturnFormat(CSV)
    table = list(csv.reader(io.StringIO(client.queryAndConvert().decode(), newline="")))
    assert sorted((row[0], row[1]) for row in table[1:]) == said
    client.setReturnFormat(TSV)
    lines = client.queryAndConvert().decode().splitlines()
    assert lines[0] == "?p\t?o"
    assert len(lines) - 1 == len(said)


@by_old_class
@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("kind", [TURTLE, N3, RDFXML, JSONLD, XML])
@pytest.mark.parametrize("query", [f"CONSTRUCT WHERE {{ {OF_ONE} }}", f"DESCRIBE <{MUNICIPALITY}>"])
def test_sparqlwrapper_reads_a_graph_in_every_format(
    endpoint: str, method: str, kind: str, query: str, said: list[tuple[str, str]]
) -> None:
    client = wrapper(endpoint, query, method, kind)

    found = client.queryAndConvert()

    if isinstance(found, bytes):
        found = rdflib.Graph().parse(data=found, format="turtle")
    assert sorted((str(p), str(o)) for _, p, o in found) == said


@pytest.mark.parametrize("method", [GET, POST])
def test_sparqlwrapper_gets_a_truth_value(endpoint: str, method: str) -> None:
    client = wrapper(endpoint, f"ASK {{ {OF_ONE} }}", method)

    assert client.queryAndConvert()["boolean"] is True
    client.setReturnFormat(XML)
    (element,) = client.queryAndConvert().getElementsByTagName("boolean")
    assert xml_text(element) == "true"


def test_sparqlwrapper_tells_a_bad_query_with_our_words(endpoint: str) -> None:
    with pytest.raises(QueryBadFormed, match="line 1, column "):
        wrapper(endpoint, "ASK { ?s ?p }", GET).query()


def wrapper(endpoint: str, query: str, method: str, kind: str = JSON) -> Any:
    client = SPARQLWrapper(endpoint, returnFormat=kind)
    client.setMethod(method)
    client.setQuery(query)
    client.setTimeout(HANGS_S)
    return client


def xml_rows(document: Document) -> Iterator[tuple[str, str]]:
    """The cells of ?p and ?o in a table in XML."""
    for result in document.getElementsByTagName("result"):
        cells = {
            binding.getAttribute("name"): xml_text(binding)
            for binding in result.getElementsByTagName("binding")
        }
        yield cells["p"], cells["o"]


def xml_text(node: Node) -> str:
    """The text in an element, however deep."""
    if node.nodeType == Node.TEXT_NODE:
        return str(node.nodeValue)
    return "".join(map(xml_text, node.childNodes))


# --- rdflib


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_reads_the_endpoint_as_a_store(
    endpoint: str, method: str, said: list[tuple[str, str]], built: Snapshot
) -> None:
    store = SPARQLStore(endpoint, method=method)
    graph = rdflib.Graph(store)

    found = graph.predicate_objects(rdflib.URIRef(MUNICIPALITY))

    assert sorted((str(p), str(o)) for p, o in found) == said
    assert len(graph) == built.manifest.triples
    graph.close()


def test_rdflib_reads_one_graph_of_the_endpoint(endpoint: str, built: Snapshot) -> None:
    iri = f"{BASE}graph/decisions"
    graph = rdflib.Graph(SPARQLStore(endpoint), identifier=rdflib.URIRef(iri))

    assert len(list(graph)) == built.manifest.graphs[iri]
    graph.close()


@by_old_class
@pytest.mark.parametrize("extension", FORMS)
def test_rdflib_reads_the_document_of_a_thing_in_each_format(
    place: str, extension: str, said: list[tuple[str, str]]
) -> None:
    name, media_type = FORMS[extension]
    iri = rdflib.URIRef(MUNICIPALITY)

    by_extension = rdflib.Graph().parse(f"{place}/doc/municipality/lt-klaipeda-city.{extension}")
    by_accept = rdflib.Graph().parse(f"{place}/id/municipality/lt-klaipeda-city", format=name)

    assert set(by_extension) == set(by_accept)
    assert sorted((str(p), str(o)) for p, o in by_accept.predicate_objects(iri)) == said
    answer = httpx.get(f"{place}/doc/municipality/lt-klaipeda-city", headers={"Accept": media_type})
    assert answer.headers["Content-Type"].split(";")[0] == media_type


def test_another_engine_joins_its_data_with_ours_by_service(
    endpoint: str, said: list[tuple[str, str]]
) -> None:
    own = rdflib.Graph()
    mine = rdflib.URIRef("http://example.org/mine")
    same = rdflib.URIRef("http://example.org/same")
    own.add((mine, same, rdflib.URIRef(MUNICIPALITY)))
    query = f"SELECT ?p ?o {{ <{mine}> <{same}> ?x SERVICE <{endpoint}> {{ ?x ?p ?o }} }}"

    found = [row for row in own.query(query) if isinstance(row, ResultRow)]

    assert sorted((str(row.p), str(row.o)) for row in found) == said


# --- httpx


def test_one_connection_serves_many_requests(kept_alive: httpx.Client) -> None:
    ports = set()
    for number in range(50):
        answer = kept_alive.get("/sparql", params={"query": f"SELECT ({number % 7} AS ?n) {{}}"})
        assert number_in(answer) == number % 7
        form = {"query": f"SELECT ({number} AS ?n) {{}}"}
        assert number_in(kept_alive.post("/sparql", data=form)) == number
        ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))

    assert len(ports) == 1


def test_many_at_once_get_each_its_own_answer(kept_alive: httpx.Client) -> None:
    def ask_for(number: int) -> int:
        query = f"SELECT (COUNT(*) * 0 + {number} AS ?n) {{ ?s ?p ?o }}"
        return number_in(kept_alive.get("/sparql", params={"query": query}))

    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(ask_for, range(120)))

    assert found == list(range(120))


def number_in(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["results"]["bindings"]
    return int(row["n"]["value"])


# --- Java

JAVA: Final = """
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Ask {
  public static void main(String[] given) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(Version.valueOf(given[1])).build();
    URI bare = URI.create(given[0]), query = URI.create(given[0] + "?query=ASK%7B%7D");
    HttpRequest.Builder get = HttpRequest.newBuilder(query).header("Accept", "text/csv");
    HttpRequest.Builder form = HttpRequest.newBuilder(bare)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString("query=ASK%7B%7D"));
    HttpRequest.Builder direct = HttpRequest.newBuilder(bare)
        .header("Content-Type", "application/sparql-query")
        .method("QUERY", BodyPublishers.ofString("ASK {}"));
    for (HttpRequest.Builder each : new HttpRequest.Builder[] {get, form, direct}) {
      HttpResponse<String> answer = client.send(each.build(), BodyHandlers.ofString());
      System.out.println(answer.statusCode() + " " + answer.body().trim());
    }
  }
}
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="no Java compiler is installed")
@pytest.mark.parametrize(
    "version",
    [
        "HTTP_1_1",
        "HTTP_2",  # the default of Java: it offers an upgrade, and goes on with HTTP/1.1
    ],
)
def test_the_client_of_java_asks_in_three_ways(version: str, endpoint: str, tmp_path: Path) -> None:
    source = tmp_path / "Ask.java"
    source.write_text(JAVA, encoding="utf-8")

    done = subprocess.run(
        ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", str(source), endpoint, version],
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=False,
    )

    expected = ["200 true", *['200 {"head":{},"boolean":true}'] * 2]
    assert done.stdout.splitlines() == expected, done.stderr


# --- The library of questions


@pytest.mark.usefixtures("lexical_forms")
@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_the_same_answer_over_http_in_every_format(
    path: Path, kept_alive: httpx.Client, snapshot_store: ox.Store
) -> None:
    text = path.read_text(encoding="utf-8")
    solutions = snapshot_store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    terms = [list(solution) for solution in solutions]
    expected = [tuple(written(term) for term in row) for row in terms]

    for form, media_type in RESULTS.items():
        body = ask(kept_alive, text, media_type)
        assert Counter(parsed(body, form, names)) == Counter(expected), form
    table = list(csv.reader(io.StringIO(ask(kept_alive, text, "text/csv").decode(), newline="")))
    assert table[0] == names
    plain = [tuple("" if term is None else text_of(term) for term in row) for row in terms]
    assert Counter(map(tuple, table[1:])) == Counter(plain)


def ask(client: httpx.Client, text: str, media_type: str) -> bytes:
    answer = client.post("/sparql", data={"query": text}, headers={"Accept": media_type})
    assert answer.status_code == 200, answer.text
    return answer.content


def parsed(body: bytes, form: str, names: list[str]) -> Iterator[Row]:
    """The rows of an answer as rdflib reads them."""
    result = Result.parse(io.BytesIO(body), format=form)
    assert [str(name) for name in result.vars or ()] == names
    for binding in result.bindings:
        yield tuple(written(binding.get(rdflib.Variable(name))) for name in names)


def written(term: object) -> str | None:
    """A term as N-Triples; None where there is none."""
    match term:
        case None:
            return None
        case rdflib.URIRef():
            return f"<{term}>"
        case rdflib.Literal():
            kind = None if term.datatype is None else ox.NamedNode(str(term.datatype))
            return str(ox.Literal(str(term), datatype=kind, language=term.language))
        case ox.NamedNode() | ox.Literal():
            return str(term)
    raise AssertionError(f"an answer should not hold {term!r}")


def text_of(term: object) -> str:
    """The text of an IRI or a literal."""
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value
