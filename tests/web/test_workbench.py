"""The workbench without a script: a form, an answer, its views, links to take it along."""

import asyncio
import html
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, redirect_stdout
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pyoxigraph as ox
import pytest

from kg import queryfile
from kg.errors import DataError
from kg.query.rows import with_offset
from kg.query.service import Limits
from kg.web.workbench import snippets
from kg.web.workbench.permalinks import LONGEST, Permalinks

Serve = Callable[..., AbstractContextManager[Any]]
BASE = "https://w3id.org/citypledge/"
WGS = "http://www.w3.org/2003/01/geo/wgs84_pos#"
PAGE = {"Accept": "text/html"}
EVENTS = f"SELECT ?e {{ ?e a <{BASE}ont#Event> }} ORDER BY ?e"
HOSTILE = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>'


class Seen(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.html = text
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        return [found["href"] for tag, found in self.elements if tag == "a"]

    def bars(self) -> list[str]:
        """The lengths of the bars of a chart."""
        found = (each for each in self.tagged("rect") if each["height"] == "14")
        return [each["width"] for each in found]

    def tagged(self, tag: str) -> list[dict[str, str]]:
        return [found for name, found in self.elements if name == tag]


def ask(client: httpx.Client, query: str, **more: str) -> Seen:
    answer = client.get("/query", params={"query": query, **more}, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return Seen(answer.text)


def views(page: Seen) -> set[str]:
    return {found["data-view"] for found in page.tagged("a") if "data-view" in found}


def test_a_browser_is_led_from_the_endpoint_with_all_that_it_asks(client: httpx.Client) -> None:
    asked = {
        "query": "ASK {}",
        "default-graph-uri": "https://a.example/g",
        "named-graph-uri": "https://b.example/g",
    }

    answer = client.get("/sparql", params=asked, headers=PAGE)

    assert answer.status_code == 303
    place = urlsplit(answer.headers["Location"])
    assert place.path == "/query"
    assert parse_qs(place.query) == {name: [value] for name, value in asked.items()}
    posted = client.post("/sparql", data={"query": "ASK {}"}, headers=PAGE)
    assert posted.status_code == 303
    assert parse_qs(urlsplit(posted.headers["Location"]).query) == {"query": ["ASK {}"]}
    assert client.get("/sparql", headers=PAGE).headers["Location"] == "/query"


@pytest.mark.parametrize(("length", "status"), [(50_000, 200), (70_000, 413)])
def test_nobody_is_led_to_an_address_that_the_server_cannot_read(
    address: str, length: int, status: int
) -> None:
    query = "ASK {} #" + "x" * length

    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
        answer = client.post("/sparql", data={"query": query}, headers=PAGE)

    assert answer.status_code == status


@pytest.mark.parametrize("accept", ["text/turtle", "*/*", "application/ld+json"])
def test_a_program_still_gets_the_service_description(client: httpx.Client, accept: str) -> None:
    answer = client.get("/sparql", headers={"Accept": accept})

    assert answer.status_code == 200
    assert "sparql-service-description#" in answer.text


def test_the_empty_workbench_is_a_form(client: httpx.Client) -> None:
    page = Seen(client.get("/query", headers=PAGE).text)

    forms = {found.get("id"): found for found in page.tagged("form")}
    assert forms["ask"]["action"] == "/query"
    assert forms["ask"]["method"] == "get"
    assert page.tagged("textarea")[0]["name"] == "query"


def test_rows_are_typed_named_and_linked(client: httpx.Client) -> None:
    page = ask(
        client,
        f"""PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?n ?name ?x {{ ?n a <{BASE}ont#Network> ; skos:prefLabel ?name . BIND (12 AS ?x)
        FILTER (LANG(?name) = "lt") }}""",
    )

    assert "/id/network/harbour" in page.links()
    assert {"lang": "lt", "dir": "auto"} in page.tagged("span")
    kinds = [found["data-kind"] for found in page.tagged("th") if "data-kind" in found]
    assert kinds == ["iri", "text", "number"]


def test_pages_of_rows_are_the_rows_of_the_answer(client: httpx.Client) -> None:
    found: list[str] = []
    for number in ("1", "2", "3"):
        page = ask(client, EVENTS, page=number)
        found += [link for link in page.links() if link.startswith("/id/event/")]

    whole = client.get("/sparql", params={"query": EVENTS}, headers={"Accept": "text/csv"})
    assert [f"{BASE}{link[1:]}" for link in found] == whole.text.split()[1:]
    assert len(found) == 250


def test_a_page_keeps_the_limit_of_the_query(client: httpx.Client) -> None:
    page = ask(client, f"{EVENTS} LIMIT 105 OFFSET 3", page="2")

    assert len([link for link in page.links() if link.startswith("/id/event/")]) == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * {}", "SELECT * {}\nOFFSET 10\n"),
        ("SELECT * {} LIMIT 4", "SELECT * {} LIMIT 0\nOFFSET 10\n"),
        ("SELECT * {} OFFSET 5 LIMIT 20", "SELECT * {} OFFSET 15 LIMIT 10"),
        ("SELECT * {} VALUES ?x {1}", "SELECT * {} \nOFFSET 10\nVALUES ?x {1}"),
        (
            "SELECT * { { SELECT * {} LIMIT 3 } }",
            "SELECT * { { SELECT * {} LIMIT 3 } }\nOFFSET 10\n",
        ),
        ("ASK {}", None),
        ("CONSTRUCT WHERE {} LIMIT 7", None),
    ],
)
def test_rows_are_passed_over_by_the_modifiers(query: str, expected: str | None) -> None:
    assert with_offset(query, 10) == expected


def test_a_word_glued_to_its_number_is_refused() -> None:
    with pytest.raises(DataError, match="leave a blank after OFFSET"):
        with_offset("SELECT * {} OFFSET5", 10)


@pytest.mark.parametrize(
    ("answer", "offered"),
    [
        ("('a' 1)", {"table", "chart"}),
        ("('a' '2020-01-02'^^xsd:date)", {"table", "timeline"}),
        ("(<https://a.example/> <https://b.example/>)", {"table", "graph"}),
        ("('a' 'b')", set()),
    ],
)
def test_a_view_is_offered_where_the_answer_has_what_it_takes(
    client: httpx.Client, answer: str, offered: set[str]
) -> None:
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "

    page = ask(client, f"{prefix}SELECT ?x ?y {{ VALUES (?x ?y) {{ {answer} }} }}")

    assert views(page) == offered


def test_latitude_and_longitude_make_a_map(client: httpx.Client) -> None:
    query = 'SELECT ?name ?lat ?long { VALUES (?name ?lat ?long) { ("Klaipėda" 55.7 21.1) } }'

    page = ask(client, query, view="map")

    assert views(page) == {"table", "map"}
    assert "1 place on the map" in page.text
    assert any("europe.svg" in found["href"] for found in page.tagged("use"))
    assert "Klaipėda" in page.text


def test_days_make_a_timeline(client: httpx.Client) -> None:
    query = """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    SELECT ?what ?from ?to { VALUES (?what ?from ?to) {
      ("Pact" "2015-03-01"^^xsd:date "2018-06"^^xsd:gYearMonth)
      ("Plan" "2019"^^xsd:gYear UNDEF) } }"""

    page = ask(client, query, view="timeline")

    assert "Pact" in page.text
    assert len([found for found in page.tagged("rect") if "bar" in found["class"]]) >= 2


def test_bars_are_as_long_as_their_numbers(client: httpx.Client) -> None:
    query = 'SELECT ?a ?n { VALUES (?a ?n) { ("one" 1) ("four" 4) ("none" 0) } }'

    page = ask(client, query, view="chart")

    assert page.bars() == ["25.0%", "100.0%", "0.0%"]


def test_a_graph_has_each_thing_once_and_a_line_for_each_pair(client: httpx.Client) -> None:
    pairs = " ".join(
        f"(<https://a.example/{a}> <https://a.example/{b}>)" for a, b in ("xy", "xz", "xy")
    )

    page = ask(client, f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {pairs} }} }}", view="graph")

    drawing = page.tagged("line")
    assert len(drawing) == 2
    assert len([found for found in page.tagged("circle") if found.get("r") == "6"]) == 3


def test_an_answer_that_is_a_graph_is_rows_a_drawing_and_turtle(client: httpx.Client) -> None:
    query = f"CONSTRUCT WHERE {{ <{BASE}id/network/harbour> ?p ?o }}"

    page = ask(client, query)
    assert views(page) == {"table", "graph", "turtle"}
    shown = client.get("/query", params={"query": query, "view": "turtle"}, headers=PAGE).text
    turtle = html.unescape(re.findall(r"<pre[^>]*><code>(.*?)</code>", shown, re.S)[0])
    expected = client.get("/sparql", params={"query": query}, headers={"Accept": "text/turtle"})
    assert set(ox.parse(turtle, format=ox.RdfFormat.TURTLE)) == set(
        ox.parse(expected.content, format=ox.RdfFormat.TURTLE)
    )


def test_turtle_keeps_every_character_of_a_literal(client: httpx.Client) -> None:
    # U+2028 and U+0085 may stand in a literal as they are (Turtle, production 22), a LF may not.
    query = 'CONSTRUCT { <https://a.example/s> <https://a.example/p> "a\u2028b\u0085c" } {}'

    page = client.get("/query", params={"query": query, "view": "turtle"}, headers=PAGE).text

    turtle = html.unescape(re.findall(r"<pre[^>]*><code>(.*?)</code>", page, re.S)[0])
    found = [quad.object for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]
    assert found == [ox.Literal("a\u2028b\u0085c")]


def test_a_page_after_the_last_statement_of_a_graph_is_no_empty_answer(
    client: httpx.Client,
) -> None:
    page = ask(client, f"CONSTRUCT WHERE {{ <{BASE}id/network/harbour> ?p ?o }}", page="2")

    assert "There are no rows on this page." in page.text
    assert "Why there is no answer" not in page.text


def test_a_large_graph_is_drawn_from_its_first_statements(client: httpx.Client) -> None:
    digits = " ".join(str(number) for number in range(13))
    query = f"""CONSTRUCT {{ <https://a.example/s> <https://a.example/p> ?o }} {{
        VALUES ?a {{ {digits} }} VALUES ?b {{ {digits} }} VALUES ?c {{ {digits} }}
        BIND (IRI(CONCAT("https://a.example/", STR(?a), "-", STR(?b), "-", STR(?c))) AS ?o) }}"""

    page = ask(client, query, view="graph")

    # 13 * 13 * 13 statements; the first 2,000 have 2,001 things, of which 60 are drawn.
    assert "Drawn from the first 2,000 rows; there are more." in page.text
    assert "1,941 more things are left out here" in page.text


@pytest.mark.parametrize(("pattern", "word"), [("", "Yes"), ("?s <https://no.example/> ?o", "No")])
def test_a_question_of_yes_or_no_is_answered_so(
    client: httpx.Client, pattern: str, word: str
) -> None:
    page = ask(client, f"ASK {{ {pattern} }}")

    assert f"<b>{word}</b>" in page.html


def test_a_fault_is_shown_at_its_line_and_column(client: httpx.Client) -> None:
    answer = client.get("/query", params={"query": "SELECT *\n{ ?s x:p ?o }"}, headers=PAGE)

    assert answer.status_code == 400
    page = Seen(answer.text)
    editor = page.tagged("sparql-editor")[0]
    assert (editor["data-line"], editor["data-column"]) == ("2", "6")
    assert "SELECT *\n{ ?s x:p ?o }" in page.text
    assert "line 2, column 6" in page.text


@pytest.mark.parametrize("view", ["table", "map", "timeline", "graph", "chart"])
def test_hostile_answers_stand_as_text(client: httpx.Client, view: str) -> None:
    values = " ".join(
        [
            *('"</script><script>alert(1)</script>"', '"x"@en-onload', "55.0", "21.0"),
            *("<javascript:alert(1)>", "<data:text/html,x>", "5"),
            '"2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date>',
        ]
    )
    query = (
        "SELECT ?a ?b ?lat ?long ?onclick ?data ?n ?day "
        f"{{ VALUES (?a ?b ?lat ?long ?onclick ?data ?n ?day) {{ ({values}) }} }}"
    )

    answer = client.get("/query", params={"query": query, "view": view}, headers=PAGE)

    page = Seen(answer.text)
    assert "<script>alert" not in answer.text
    assert not [link for link in page.links() if link.startswith(("javascript", "data"))]
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    assert "</script><script>alert(1)</script>" in page.text


def test_hostile_parameters_stand_as_text(client: httpx.Client) -> None:
    for parameters in (
        {"query": HOSTILE},
        {"query": "ASK {}", "view": HOSTILE, "page": HOSTILE},
        {"question": HOSTILE},
        {"query": "ASK {}", "release": HOSTILE},
        {"query": "ASK {}", "default-graph-uri": HOSTILE},
    ):
        answer = client.get("/query", params=parameters, headers=PAGE)

        assert "<img" not in answer.text
        assert "<script>alert" not in answer.text


def test_an_answer_can_be_had_in_every_format_and_cited(client: httpx.Client) -> None:
    page = ask(client, EVENTS)

    downloads = [link for link in page.links() if "download=" in link]
    extensions = [parse_qs(urlsplit(link).query)["download"][0] for link in downloads]
    assert sorted(extensions) == ["csv", "srj", "srx", "tsv"]
    for link in [*downloads, *(link for link in page.links() if link.startswith("/cite?"))]:
        assert client.get(link).status_code == 200


def test_a_link_to_a_view_gives_that_view_again(client: httpx.Client) -> None:
    query = 'SELECT ?a ?n { VALUES (?a ?n) { ("one & more" 1) } }'
    page = ask(client, query)
    chart = next(found["href"] for found in page.tagged("a") if found.get("data-view") == "chart")

    again = Seen(client.get(chart, headers=PAGE).text)

    assert query in again.text
    assert again.bars() == ["100.0%"]


def test_the_language_stays_with_each_link(client: httpx.Client) -> None:
    answer = client.get(
        "/lt/query", params={"query": 'SELECT ("a" AS ?x) (1 AS ?y) {}'}, headers=PAGE
    )

    page = Seen(answer.text)
    assert answer.headers["Content-Language"] == "lt"
    drawn = [found["href"] for found in page.tagged("a") if "data-view" in found]
    assert len(drawn) == 2  # a text and a number: a table and a chart
    assert all(href.startswith("/lt/query") for href in drawn)
    assert (
        client.get("/lt/sparql", params={"query": "ASK {}"}, headers=PAGE)
        .headers["Location"]
        .startswith("/lt/query?")
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_is_only_read(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/query")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_program_that_wants_no_page_is_told(client: httpx.Client) -> None:
    assert client.get("/query", headers={"Accept": "text/turtle"}).status_code == 406


def test_the_schema_has_the_classes_with_their_counts(client: httpx.Client) -> None:
    answer = client.get("/query/schema.json")

    found = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    events = next(each for each in found["classes"] if each["name"] == "cpo:Event")
    assert events["count"] == 250
    assert found["prefixes"]["city"] == f"{BASE}id/city/"
    again = client.get("/query/schema.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_who_hangs_up_ends_the_query_and_its_worker(patient: Any) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    target = f"/query?query={quote(query)}"
    before = set(patient.processes())

    with patient.connect() as connection:
        head = f"GET {target} HTTP/1.1\r\nHost: a.example\r\nAccept: text/html\r\n\r\n"
        connection.sendall(head.encode())
        patient.until(lambda load: _running(load) == 1, "it runs")
    patient.until(lambda load: _running(load) == 0, "it is ended")

    assert before - set(patient.processes())
    assert patient.answers()


def _running(load: dict[str, int]) -> int:
    return load["running_quick"] + load["running_slow"]


# Short links


@pytest.fixture(scope="module")
def keeping(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    workspace = tmp_path_factory.mktemp("keeping")
    with (
        serve(Limits(deadline_s=5), workspace=workspace) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield client


def test_a_short_link_gives_the_query_and_its_view_again(keeping: httpx.Client) -> None:
    query = 'SELECT ?a ?n { VALUES (?a ?n) { ("žalia" 1) } }'
    asked = {"query": query, "view": "chart"}

    kept = keeping.post("/query/link", data=asked, headers={"Accept": "application/json"})
    again = keeping.post("/query/link", data=asked, headers=PAGE)

    assert kept.status_code == 201
    address = kept.json()["address"]
    assert re.fullmatch(r"/q/[a-z2-7]{16}", address)
    assert (again.status_code, again.headers["Location"]) == (303, address)
    page = Seen(keeping.get(address, headers=PAGE).text)
    assert query in page.text
    assert page.bars() == ["100.0%"]
    assert not Seen(keeping.get(f"{address}?view=table", headers=PAGE).text).bars()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"view": "map"}, 400),
        ({"query": "no query"}, 400),
        ({"query": "SELECT * { SERVICE <http://a.example/> {} }"}, 400),
        ({"query": "ASK {} #" + "x" * LONGEST}, 413),
    ],
)
def test_only_a_query_of_usual_length_is_kept(
    keeping: httpx.Client, data: dict[str, str], status: int
) -> None:
    answer = keeping.post("/query/link", data=data)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_answer_too_large_for_a_page_is_told_as_such(keeping: httpx.Client) -> None:
    long = ", ".join(["?a"] * 5001)
    query = f'SELECT ?x {{ BIND ("{"x" * 1000}" AS ?a) BIND (CONCAT({long}) AS ?x) }}'

    answer = keeping.get("/query", params={"query": query}, headers=PAGE)

    assert answer.status_code == 413
    assert "the answer has more than 5,000,000 bytes; add LIMIT" in answer.text


def test_a_query_is_kept_from_a_form_only(keeping: httpx.Client) -> None:
    headers = {"Content-Type": "application/sparql-query"}

    answer = keeping.post("/query/link", content="ASK {}", headers=headers)

    assert answer.status_code == 415
    assert answer.headers["Accept-Post"] == "application/x-www-form-urlencoded"


def test_a_short_link_is_looked_up_beside_the_event_loop(
    keeping: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_beside: list[bool] = []
    find = Permalinks.find

    def watched(links: Permalinks, name: str) -> list[tuple[str, str]] | None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            is_beside.append(True)
        return find(links, name)

    monkeypatch.setattr(Permalinks, "find", watched)
    keeping.get("/q/aaaaaaaaaaaaaaaa", headers=PAGE)

    assert is_beside == [True]


@pytest.mark.parametrize("name", ["aaaaaaaaaaaaaaaa", "..%2F..%2Fcurrent", "x", ""])
def test_a_link_that_was_never_given_leads_nowhere(keeping: httpx.Client, name: str) -> None:
    assert keeping.get(f"/q/{name}", headers=PAGE).status_code == 404


def test_a_server_without_a_workspace_says_that_it_keeps_none(client: httpx.Client) -> None:
    assert client.post("/query/link", data={"query": "ASK {}"}).status_code == 501
    assert "/query/link" not in client.get("/query?query=ASK%7B%7D", headers=PAGE).text


def test_links_are_bounded_and_never_lost(tmp_path: Path) -> None:
    links = Permalinks(tmp_path, most=2)
    names = [links.keep([("query", text)]) for text in ("ASK {}", "ASK { }")]

    with pytest.raises(Exception, match="there are 2 already"):
        links.keep([("query", "ASK  { }")])

    assert links.keep([("query", "ASK {}")]) == names[0]
    assert Permalinks(tmp_path).find(names[1]) == [("query", "ASK { }")]


def test_a_link_whose_file_was_changed_is_none(tmp_path: Path) -> None:
    links = Permalinks(tmp_path)
    name = links.keep([("query", "ASK {}")])
    file = next(tmp_path.rglob(f"{name}.json"))
    file.write_text(json.dumps([["query", "SELECT * {}"]]))

    assert links.find(name) is None


def test_a_short_link_names_the_release_where_one_is_served(past: Any) -> None:
    with httpx.Client(base_url=past.address, timeout=60) as client:
        address = client.post("/query/link", data={"query": "ASK {}"}).json()["address"]
        page = Seen(client.get(address, headers=PAGE).text)

    assert {"type": "hidden", "name": "release", "value": "2026.1"} in page.tagged("input")


# Code to take along

TRICKY = 'SELECT (\'a\\tb\' AS ?x) ("`${1}` \\"\\"\\" )--" AS ?y) ("""it\'s""" AS ?z) {}\n'


def test_the_python_code_gives_the_answer(address: str) -> None:
    code = snippets.snippets(f"{address}/sparql", TRICKY)[1].code
    said = io.StringIO()

    with redirect_stdout(said):
        exec(compile(code, "snippet", "exec"), {})

    assert said.getvalue().strip() == str({"x": "a\tb", "y": '`${1}` """ )--', "z": "it's"})


def test_the_shell_code_gives_the_answer(address: str) -> None:
    code = snippets.snippets(f"{address}/sparql", TRICKY)[0].code

    made = subprocess.run(["sh", "-c", code], capture_output=True, check=True)

    assert made.stdout == b'x,y,z\r\na\tb,"`${1}` """""" )--",it\'s\r\n'


def test_the_javascript_code_gives_the_answer(address: str) -> None:
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node.js to run it with")
    code = snippets.snippets(f"{address}/sparql", TRICKY)[3].code

    made = subprocess.run(
        [program, "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )

    row = json.loads(made.stdout)["results"]["bindings"][0]
    assert row["y"]["value"] == '`${1}` """ )--'


def test_r_reads_the_query_as_it_is() -> None:
    code = snippets.snippets("https://a.example/sparql", TRICKY)[2].code

    raw = re.search(r'r"(-*)\((.*?)\)\1"', code, re.S)  # of R 4.0: the first end of its kind counts
    assert raw is not None
    assert raw[2] == TRICKY


# Questions of the library


def test_a_question_is_asked_with_its_values(names: httpx.Client) -> None:
    answer = names.get(
        "/query", params={"question": "who-aims-at-outcome-by-year", "year": "2030"}, headers=PAGE
    )

    page = Seen(answer.text)
    fields = {found.get("name"): found for found in page.tagged("input")}
    assert answer.status_code == 200
    assert fields["year"]["value"] == "2030"
    assert '"2030"^^' in page.text


def test_a_value_that_does_not_fit_is_told_beside_its_field(names: httpx.Client) -> None:
    answer = names.get(
        "/query", params={"question": "who-aims-at-outcome-by-year", "year": "soon"}, headers=PAGE
    )

    page = Seen(answer.text)
    assert answer.status_code == 400
    assert "expected a year, such as 2030" in page.text
    assert {found.get("value") for found in page.tagged("input")} >= {"soon"}


def test_every_question_is_offered_in_the_language_of_the_reader(
    names: httpx.Client, root: Path
) -> None:
    page = Seen(names.get("/sl/query", headers=PAGE).text)
    library = queryfile.library(root).values()
    offered = [link for link in page.links() if "/query?question=" in link]

    assert all(link.startswith("/sl/query?") for link in offered)
    asked = [parse_qs(urlsplit(link).query)["question"][0] for link in offered]
    assert sorted(asked) == sorted(query.name for query in library)
    assert [query.name for query in library if query.question["sl"] not in page.text] == []


def test_things_with_a_place_are_on_the_map_by_themselves(names: httpx.Client) -> None:
    query = f"SELECT ?body {{ ?body a <{BASE}ont#Municipality> }} ORDER BY ?body LIMIT 50"

    page = ask(names, query, view="map")

    assert "map" in views(page)
    assert len([found for found in page.tagged("path") if found.get("class") == "dot"]) > 20


def test_an_empty_answer_says_why_and_offers_a_query_that_has_rows(names: httpx.Client) -> None:
    query = f"""PREFIX cpo: <{BASE}ont#>
    SELECT ?c {{ ?c a cpo:Citty }}"""

    page = ask(names, query)

    assert "Why there is no answer" in page.text
    remedies = [found["href"] for found in page.tagged("a") if found.get("class") == "use"]
    assert remedies
    assert "/id/" in " ".join(Seen(names.get(remedies[0], headers=PAGE).text).links())
