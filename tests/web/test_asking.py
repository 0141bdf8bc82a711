"""Questions of the library over HTTP: for programs, as OpenAPI tells them, and as pages."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pyoxigraph as ox
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from kg import library, queryfile
from kg.namespaces import RDF, SH, shorten
from kg.query.service import Limits

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "queries" / "questions").glob("*.rq"))
BASE = "https://w3id.org/citypledge/"
API = "/api/questions"
HTML = {"Accept": "text/html"}
PROBLEM = "application/problem+json"
JSON = "application/json"

every_question = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
Row = list[str | None]


def plain(text: str | None) -> str | None:
    """A number in one spelling: 24 is 24.0."""
    if text is None or not text.replace(".", "", 1).lstrip("+-").isdecimal():
        return text
    return f"{Decimal(text).normalize():f}"


def rows_of(answer: dict[str, Any]) -> list[Row]:
    """The rows of SPARQL results as the headers of questions have them."""
    rows: list[Row] = []
    for binding in answer["results"]["bindings"]:
        cells = [binding.get(name) for name in answer["head"]["vars"]]
        texts = [
            cell and (shorten(cell["value"]) if cell["type"] == "uri" else cell["value"])
            for cell in cells
        ]
        rows.append([plain(text) for text in texts])
    return rows


def in_any_order(rows: Sequence[Sequence[str | None]]) -> list[Row]:
    return sorted(([plain(cell) for cell in row] for row in rows), key=repr)


# --- For programs


@every_question
def test_a_question_asked_over_rest_has_the_answer_that_its_file_demands(
    path: Path, names: httpx.Client
) -> None:
    expect = queryfile.read(path).expect
    reply = names.get(f"{API}/{path.stem}", headers={"Accept": JSON})
    assert (reply.status_code, reply.headers["content-type"]) == (200, JSON)
    rows = rows_of(reply.json())
    if "rows" in expect:
        assert in_any_order(rows) == in_any_order(expect["rows"])
    else:
        assert len(rows) >= expect.get("min_rows", 0)
        assert bool(rows) != bool(expect.get("empty"))


def test_the_list_has_every_question_with_its_types_and_defaults(names: httpx.Client) -> None:
    listed = {each["name"]: each for each in names.get(API).json()["questions"]}
    assert set(listed) == {path.stem for path in PATHS}
    for path in PATHS:
        query, told = queryfile.read(path), listed[path.stem]
        assert (told["id"], told["group"], told["question"]) == (
            query.id,
            query.group,
            query.question,
        )
        assert [(p["name"], p["type"], p["default"], p["label"]) for p in told["parameters"]] == [
            (p.name, p.type, p.default, p.label) for p in query.parameters
        ]


@pytest.mark.parametrize(
    ("asked", "cities"),
    [
        # Who was in RU:RBAN: the list of approved transfer networks, 4 December 2018.
        (
            "network=net:urbact-rurban",
            "A Coruña, Caen, Kraków, Loures, Rome, Thessaloniki, Vilnius",
        ),
        ("network=urbact-rurban&max-rows=2", "A Coruña, Caen"),
    ],
)
def test_a_value_may_be_short_and_the_answer_cut(
    names: httpx.Client, asked: str, cities: str
) -> None:
    reply = names.get(f"{API}/network-cities.csv?{asked}")
    rows = list(csv.reader(io.StringIO(reply.text)))
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert ", ".join(row[0] for row in rows[1:]) == cities
    assert reply.headers.get("rows-cut-at") == ("2" if "max-rows" in asked else None)


def test_an_answer_has_a_tag_and_is_not_sent_twice(names: httpx.Client) -> None:
    first = names.get(f"{API}/network-cities")
    again = names.get(f"{API}/network-cities", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_answer_is_the_one_of_the_sparql_endpoint_from_the_same_cache(
    names: httpx.Client, real: Any
) -> None:
    asked = names.get(f"{API}/network-lead/about?network=net:urbact-puma").json()
    query = {"query": asked["query"]}
    headers = {"Accept": "application/sparql-results+json", "Accept-Encoding": "identity"}
    over_sparql = names.get("/sparql", params=query, headers=headers)
    hits = real.front.deployment.service.cache.hits
    over_rest = names.get(f"{API}/network-lead?network=net:urbact-puma", headers=headers)
    assert over_rest.content == over_sparql.content
    assert over_rest.headers["etag"] == over_sparql.headers["etag"]
    assert real.front.deployment.service.cache.hits == hits + 1


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("timeline?year=soon", 400, "a year, such as 2030"),
        ("timeline?yaer=2018", 400, "it has: year"),
        ("timeline?year=2018&year=2019", 400, "twice"),
        ("timeline?max-rows=none", 400, "whole number"),
        ("timeline?release=none", 404, "none"),
        ("network-leads", 404, "network-lead"),
        ("network-lead?network=net:a%20b", 400, "no blanks"),
        ("network-lead?network=http://%5B", 400, "is no IRI"),
        ("network-lead/parameters/city", 404, "it has: network"),
        ("timeline/parameters/year", 404, "cannot be listed"),
        ("network-lead/parameters/network?limit=0", 400, "1 to 1000"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(
    names: httpx.Client, path: str, status: int, says: str
) -> None:
    reply = names.get(f"{API}/{path}", headers={"Accept": f"{JSON}, {PROBLEM}"})
    assert (reply.status_code, reply.headers["content-type"]) == (status, PROBLEM)
    assert says in reply.json()["detail"]
    assert reply.json()["status"] == status


def test_a_question_is_only_read(names: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        reply = names.request(method, f"{API}/network-lead")
        assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert names.head(f"{API}/network-lead").status_code == 200


def test_a_form_that_no_answer_has_is_refused(names: httpx.Client) -> None:
    assert names.get(f"{API}/network-lead", headers={"Accept": "image/png"}).status_code == 406


def test_choices_are_the_things_of_the_kind_by_name_in_the_language(names: httpx.Client) -> None:
    path = f"{API}/networks-with-member-from-country/parameters/country"
    found = names.get(f"{path}?q=lit", headers={"Accept-Language": "sl"}).json()
    # Slovenian name of Lithuania in the EU's list of countries.
    assert [(each["value"], each["label"]) for each in found["choices"]] == [("cc:LTU", "Litva")]
    assert found["whole"] is True


def test_every_default_is_among_the_choices_of_its_parameter(names: httpx.Client) -> None:
    seen = set()
    for question in names.get(API).json()["questions"]:
        for parameter in question["parameters"]:
            key = (parameter["kind"], parameter["default"])
            if parameter["has_choices"] and key not in seen:
                seen.add(key)
                path = f"{API}/{question['name']}/parameters/{parameter['name']}"
                values = [each["value"] for each in names.get(path).json()["choices"]]
                assert parameter["default"] in values
    assert len(seen) > 10


def test_a_thing_is_told_with_its_sources(names: httpx.Client) -> None:
    told = names.get("/api/entity?iri=net:urbact-sdg-pilot").json()
    facts = {each["property"]["iri"]: each["values"] for each in told["statements"]}
    # The source text s002 says that the network began on 9 March 2021.
    [start] = [each for each in facts[BASE + "ont#startDate"] if each["label"] == "2021-03-09"]
    keys = {each["key"] for each in told["sources"]}
    assert set(start["said_by"]) <= keys
    assert any(key.isdecimal() for key in start["said_by"])
    assert names.get("/api/entity?iri=net:no-such-network").status_code == 404
    assert names.get("/api/entity?iri=nothing").status_code == 400


# --- OpenAPI


@pytest.fixture(scope="module")
def document(real: Any) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{real.address}/api/openapi.json", timeout=60).json()
    return found


def test_the_openapi_document_is_json_for_whoever_asks(names: httpx.Client) -> None:
    openapi = "application/vnd.oai.openapi+json"
    for accept, expected in (("text/html", "application/json"), (openapi, openapi)):
        answer = names.get("/api/openapi.json", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, expected)


def test_the_openapi_document_is_one_of_3_1_with_a_path_for_each_question(
    document: dict[str, Any],
) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1.")
    paths = {path.rpartition("/")[2] for path in document["paths"] if path.startswith(API + "/")}
    assert {path.stem for path in PATHS} <= paths


def test_openapi_types_the_parameters_and_lists_a_few_choices(document: dict[str, Any]) -> None:
    def parameter(question: str, name: str) -> dict[str, Any]:
        told = document["paths"][f"{API}/{question}"]["get"]["parameters"]
        found: dict[str, Any] = next(each for each in told if each["name"] == name)
        return found

    assert parameter("busiest-places", "least")["schema"] == {"type": "integer", "default": 4}
    assert parameter("running-on-day", "day")["schema"]["format"] == "date"
    examples = parameter("pledge-signers", "pledge")["schema"]["examples"]
    assert "pledge:green-city-accord" in examples


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (API, "QuestionList"),
        (f"{API}/network-lead/about", "BoundQuestion"),
        (f"{API}/network-lead/parameters/network", "Choices"),
        (f"{API}/network-cities", "Results"),
        (f"{API}/no-such-question", "Problem"),
    ],
)
def test_answers_conform_to_the_schemas_of_the_document(
    names: httpx.Client, document: dict[str, Any], path: str, schema: str
) -> None:
    answer = names.get(path, headers={"Accept": f"{JSON}, {PROBLEM}"}).json()
    jsonschema.validate(answer, {**document, "$ref": f"#/components/schemas/{schema}"})


# --- As RDF


def test_a_question_and_its_parameters_are_statements_that_can_be_queried(
    names: httpx.Client,
) -> None:
    query = f"""PREFIX sh: <{SH}>
    SELECT ?name ?class ?default WHERE {{ GRAPH <{BASE}graph/meta> {{
      ?question a sh:SPARQLSelectExecutable ; sh:select ?text ; sh:prefixes ?prefixes ;
        sh:parameter ?parameter .
      ?parameter a sh:Parameter ; sh:path ?path ; sh:class ?class ; sh:defaultValue ?default .
      ?prefixes sh:declare [ sh:prefix "cpo" ; sh:namespace ?namespace ] .
      BIND (STRAFTER(STR(?path), "#") AS ?name)
      FILTER (?question = <{BASE}question/network-lead>) }} }}"""
    rows = rows_of(names.get("/sparql", params={"query": query}).json())
    assert rows == [["network", "cpo:Network", "net:urbact-sdg-pilot"]]


def test_the_document_of_a_question_tells_its_parameters(names: httpx.Client) -> None:
    found = ox.parse(names.get("/question/targets-by-year.ttl").content, format=ox.RdfFormat.TURTLE)
    parameter = ox.NamedNode(f"{BASE}question/targets-by-year#year")
    said = {quad.predicate.value: quad.object for quad in found if quad.subject == parameter}
    assert said[RDF + "type"] == ox.NamedNode(SH + "Parameter")
    assert said[SH + "datatype"] == ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear")
    assert said[SH + "path"] == ox.NamedNode(f"{BASE}question#year")


# --- Pages


class Page(HTMLParser):
    """What a page has: texts, and elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "td":
            self._in_cell = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            found
            for name, found in self.elements
            if name == tag and all(found.get(key) == value for key, value in wanted.items())
        ]


@every_question
def test_the_page_of_a_question_has_a_field_for_each_parameter_and_an_answer(
    path: Path, names: httpx.Client
) -> None:
    query = queryfile.read(path)
    reply = names.get(f"/question/{path.stem}", headers=HTML)
    page = Page(reply.text)
    assert reply.status_code == 200
    named = {found.get("name") for tag, found in page.elements if tag in ("select", "input")}
    assert {each.name for each in query.parameters} <= named
    if not query.expect.get("empty"):
        assert page.cells


def test_a_form_offers_things_by_name_and_keeps_what_was_asked(names: httpx.Client) -> None:
    reply = names.get("/question/network-cities?network=net:urbact-rurban", headers=HTML)
    page = Page(reply.text)
    [chosen] = [found for found in page.all("option") if "selected" in found]
    assert chosen["value"] == "net:urbact-rurban"
    assert any("Kraków" in cell for cell in page.cells)


def test_values_of_an_answer_lead_to_their_pages(names: httpx.Client) -> None:
    page = Page(names.get("/question/busiest-places", headers=HTML).text)
    assert page.all("a", href="/id/city/pt-braga")


def test_a_page_is_in_the_language_of_its_address(names: httpx.Client) -> None:
    page = names.get("/sl/question/network-cities", headers=HTML)
    assert page.headers["content-language"] == "sl"
    assert "omrežje</label>" in page.text


def test_a_wrong_value_is_told_at_its_field(names: httpx.Client) -> None:
    reply = names.get("/question/targets-by-year?year=soon", headers=HTML)
    page = Page(reply.text)
    assert reply.status_code == 400
    assert page.all("div", role="alert")
    assert page.all("a", href="#field-year")
    [field] = page.all("input", id="field-year")
    assert (field["aria-invalid"], field["value"]) == ("true", "soon")


def test_a_question_is_found_by_its_number(names: httpx.Client) -> None:
    reply = names.get("/question/CQ34", headers=HTML)
    assert (reply.status_code, reply.headers["location"]) == (301, "/question/targets-by-year")


def test_a_page_leads_to_files_of_the_same_answer(names: httpx.Client) -> None:
    page = Page(names.get("/question/network-cities?network=net:urbact-puma", headers=HTML).text)
    files = [
        found["href"]
        for found in page.all("a")
        if (found["href"] or "").startswith(f"{API}/network-cities.")
    ]
    assert len(files) == 4
    for file in files:
        assert file is not None
        assert names.get(file).status_code == 200


# --- Hostile data, and limits

HOSTILE = '<script>alert(1)</script>" onmouseover="alert(2)'
INVENTED = """#+ question: {en: "Which?", lt: "Kuris?", sl: "Kateri?"}
#+ id: CQ999
#+ group: "<b>100%</b>"
#+ parameters:
#+   - {name: who, type: iri, kind: network, default: "net:harbour",
#+      label: {en: "<i>who</i>", lt: w, sl: w}}
PREFIX net: <https://w3id.org/citypledge/id/network/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?who ?name WHERE {
  VALUES ?who { net:harbour }  # parameter: who
  ?who skos:prefLabel ?name .
}
ORDER BY ?who ?name
"""
ENDLESS = """#+ question: {en: "How many?", lt: "Kiek?", sl: "Koliko?"}
SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }
"""


@pytest.fixture(scope="module")
def hostile(
    serve: Callable[..., Any],
    seal_quads: Callable[..., Any],
    quads: list[ox.Quad],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    """A client of a server with a hostile label, and with a question that takes too long."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, text in (("invented", INVENTED), ("endless", ENDLESS)):
        (folder / f"{name}.rq").write_text(text, encoding="utf-8")
    own = library.statements(queryfile.read(path) for path in sorted(folder.glob("*.rq")))
    meta, view = ox.NamedNode(f"{BASE}graph/meta"), ox.DefaultGraph()
    network = ox.NamedNode(f"{BASE}id/network/harbour")
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    made = [
        *quads,
        *(ox.Quad(each.subject, each.predicate, each.object, meta) for each in own),
        ox.Quad(network, ox.NamedNode(RDF + "type"), ox.NamedNode(f"{BASE}ont#Network"), view),
        ox.Quad(network, label, ox.Literal(HOSTILE, language="en"), view),
    ]
    with (
        serve(Limits(deadline_s=2, workers=1), seal_quads(folder / "workspace", made)) as found,
        httpx.Client(base_url=found.address, timeout=60) as client,
    ):
        yield client


@pytest.mark.parametrize("asked", ["", f"?who={HOSTILE}", "?who=javascript:alert(1)"])
def test_hostile_labels_and_values_are_shown_as_text(hostile: httpx.Client, asked: str) -> None:
    page = Page(hostile.get(f"/question/invented{asked}", headers=HTML).text)
    scripts = page.all("script")
    assert all(
        found.get("type") == "application/ld+json" or (found.get("src") or "").startswith("/static")
        for found in scripts
    )
    assert not any(name.startswith("on") for _, found in page.elements for name in found)
    assert not any(
        (found.get("href") or "").startswith("javascript:") for _, found in page.elements
    )
    assert page.all("b") == page.all("i") == []
    assert asked or any(HOSTILE in cell for cell in page.cells)


def test_a_question_has_the_deadline_of_every_query(hostile: httpx.Client) -> None:
    over_rest = hostile.get(f"{API}/endless", headers={"Accept": f"{JSON}, {PROBLEM}"})
    assert (over_rest.status_code, over_rest.json()["title"]) == (504, "Query took too long")
    page = hostile.get("/question/endless", headers=HTML)
    assert page.status_code == 504
    assert page.headers["cache-control"] == "no-store"
    assert Page(page.text).all("div", role="alert")


def test_a_hostile_label_comes_through_the_api_as_it_is(hostile: httpx.Client) -> None:
    answer = json.loads(hostile.get(f"{API}/invented").content)
    assert HOSTILE in [row["name"]["value"] for row in answer["results"]["bindings"]]
