"""The ontology, the shapes, the lists and the questions: documents and pages of the real data."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html import unescape
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pyoxigraph as ox
import pytest

from kg.build import rebase
from kg.mediatypes import RDF_TYPES
from kg.namespaces import PREFIXES
from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.pages import Pages
from kg.web.site import Served, Site
from kg.web.vocabularies.graph import Vocabularies
from kg.web.vocabularies.lists import scheme_page

BASE = "https://w3id.org/citypledge/"
ONT, SHAPES, REF, VOC = (f"{BASE}{name}" for name in ("ont#", "shapes#", "ref#", "voc/"))
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
TOPIC = ox.NamedNode("http://xmlns.com/foaf/0.1/primaryTopic")
SVG = "{http://www.w3.org/2000/svg}"
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
HTML = {"Accept": "text/html"}


@pytest.fixture(name="site", scope="module")
def a_server_of_the_real_data(
    serve: Callable[..., AbstractContextManager[Any]], built: Snapshot
) -> Iterator[Any]:
    with serve(Limits(workers=2, per_minute=0, printed_things=0), built) as running:
        yield running


@pytest.fixture(name="client", scope="module")
def a_client_that_follows_by_hand(site: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.address, timeout=60) as client:
        yield client


def graph(body: bytes, extension: str) -> ox.Dataset:
    """The triples of a document, whatever graph they are in, with canonical blank nodes."""
    quads = ox.parse(body, format=FORMATS[extension], base_iri=BASE)
    found = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return found


def count(store: ox.Store, text: str) -> int:
    """The one number that a query gives."""
    [[value]] = store.query(text)
    return int(value.value)


def pages_of_terms(store: ox.Store) -> dict[str, str]:
    """The path of the page of each term that a graph of terms defines, by its IRI."""
    found = {}
    for graph_name in ("ontology", "shapes"):
        name = ox.NamedNode(f"{BASE}graph/{graph_name}")
        for quad in store.quads_for_pattern(None, TYPE, None, name):
            document, _, local = str(quad.subject.value).removeprefix(BASE).partition("#")
            if local and document in ("ont", "shapes", "ref"):
                found[str(quad.subject.value)] = f"/{document}/{local}"
    return found


def test_each_term_has_a_page_and_documents_of_its_own(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    pages = pages_of_terms(snapshot_store)
    assert len(pages) > 280  # 127 terms of the ontology, 6 for reference, 156 shapes
    for iri, path in pages.items():
        page = client.get(path, headers=HTML)
        assert (page.status_code, page.headers["Content-Location"]) == (200, f"{path}.html")
        assert f"<{iri}>" in page.headers["Link"]
        triples = ox.parse(client.get(f"{path}.nt").content, format=ox.RdfFormat.N_TRIPLES)
        said = {(quad.subject, quad.predicate) for quad in triples}
        assert (ox.NamedNode(iri), TYPE) in said, path


@pytest.mark.parametrize(
    "path",
    [
        *("/ont", "/ont/Network", "/ont/signs", "/ont/alignments", "/ont/sections", "/ref"),
        *("/ref/lau", "/shapes", "/shapes/PLG01", "/shapes/prefixes", "/voc"),
        *("/question", "/question/pledge-signers", "/doc/voc/role-lead", "/doc/voc/role"),
    ],
)
def test_every_form_of_a_document_has_the_same_triples(client: httpx.Client, path: str) -> None:
    bodies = {t.extension: client.get(f"{path}.{t.extension}").content for t in RDF_TYPES}
    graphs = {extension: graph(body, extension) for extension, body in bodies.items()}

    ET.fromstring(bodies["rdf"])  # a strict reader of XML takes it
    assert len(graphs["nt"]) > 3
    for extension, found in graphs.items():
        assert found == graphs["nt"], extension


@pytest.mark.parametrize("media_type", RDF_TYPES, ids=lambda found: found.extension)
def test_a_term_is_negotiated(client: httpx.Client, media_type: Any) -> None:
    answer = client.get("/ont/Pledge", headers={"Accept": media_type.name})

    assert answer.headers["Content-Type"].partition(";")[0] == media_type.name
    assert answer.headers["Content-Location"] == f"/ont/Pledge.{media_type.extension}"
    assert answer.content == client.get(f"/ont/Pledge.{media_type.extension}").content


def test_the_document_about_a_term_says_what_it_is_about(client: httpx.Client) -> None:
    found = graph(client.get("/ont/Pledge.ttl").content, "ttl")
    document = ox.NamedNode(f"{BASE}ont/Pledge")

    assert ox.Quad(document, TOPIC, ox.NamedNode(f"{ONT}Pledge")) in found


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/ont/pledge", "/ont/Pledge"),
        ("/ont/STARTDATE", "/ont/startDate"),
        ("/ont/Startdate.ttl", "/ont/startDate.ttl"),
        ("/ont/COUNTRY", "/ont/Country"),  # there is a property `country` too
        ("/ont/cOUNTRY", "/ont/country"),
        ("/shapes/plg01", "/shapes/PLG01"),
        ("/shapes/plg01.jsonld", "/shapes/PLG01.jsonld"),
        ("/question/Pledge_Signers", "/question/pledge-signers"),
    ],
)
def test_other_letters_lead_to_the_one_address(
    client: httpx.Client, path: str, location: str
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert client.get(location).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/ont/Nothing", "/ont/9.9.9", "/ont/Pledge/more", "/ont/Pledge.exe", "/shapes/ZZZ99"),
        *("/question/nothing", "/ont/diagram/Nothing.svg", "/voc.exe", "/ref/Pledge"),
    ],
)
def test_what_no_document_defines_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/ont/a%20b", "/ont/a%3Cb", "/shapes/%3C", "/ref/%5E", "/ont/%01", "/question/a%20b"]
)
def test_what_no_iri_holds_is_no_term(client: httpx.Client, path: str) -> None:
    assert client.get(path, headers=HTML).status_code == 404


def test_the_page_of_the_ontology_has_an_anchor_for_each_term(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    page = client.get("/ont", headers=HTML).text
    anchors = set(re.findall(r'\bid="([^"]+)"', page))
    local = {iri.removeprefix(ONT) for iri in pages_of_terms(snapshot_store) if iri.startswith(ONT)}

    assert len(local) > 120
    assert local <= anchors


def test_the_page_of_the_ontology_says_what_it_is_and_how_to_cite_it(client: httpx.Client) -> None:
    page = client.get("/ont", headers=HTML).text
    [version] = re.findall(rf"{BASE}ont/(\d+\.\d+\.\d+)\"?<", page)[:1]

    assert f"citypledge: City networks and pledges, version {version} (2026-11-22)" in page
    for said in ("https://creativecommons.org/licenses/by/4.0/", "<code>cpo:</code>", ONT):
        assert said in page
    for heading in ("Places and bodies", "Pledges, aims and progress", "Time"):
        assert f">{heading}</h2>" in page


def test_labels_say_their_language_and_the_readers_comes_first(client: httpx.Client) -> None:
    page = client.get("/doc/voc/role-lead", headers=HTML | {"Accept-Language": "lt"}).text

    assert '<h1 lang="lt">pagrindinis partneris</h1>' in page
    assert '<span lang="sl">vodilni partner</span>' in page
    assert '<span lang="en">lead partner</span>' in page
    term = client.get("/ont/Pledge", headers=HTML | {"Accept-Language": "sl"}).text
    assert '<span lang="lt">įsipareigojimas</span>' in term
    assert (
        'lang="sl">cilj</a>'
        in client.get("/ont/goalOf", headers=HTML | {"Accept-Language": "sl"}).text
    )


@pytest.mark.parametrize("name", ["Network", "Claim", "Signature"])
def test_a_class_says_how_many_instances_it_has_and_which_properties_they_have(
    client: httpx.Client, snapshot_store: ox.Store, name: str
) -> None:
    page = client.get(f"/ont/{name}", headers=HTML).text
    text = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{ONT}{name}> }}"
    by_property = f"SELECT ?p (COUNT(*) AS ?n) {{ ?s a <{ONT}{name}> ; ?p ?o }} GROUP BY ?p"

    assert f"{count(snapshot_store, text):,} instance" in page
    shown = re.findall(r'<th scope="row">.*?<td class="num">([\d,]+)</td>', page)
    expected = [f"{int(number.value):,}" for _, number in snapshot_store.query(by_property)]
    assert sorted(shown) == sorted(expected)


def test_a_property_says_how_often_it_is_used_and_by_which_classes(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    page = client.get("/ont/startDate", headers=HTML).text
    total = count(snapshot_store, f"SELECT (COUNT(*) AS ?n) {{ ?s <{ONT}startDate> ?o }}")
    text = f"SELECT ?c (COUNT(*) AS ?n) {{ ?s a ?c ; <{ONT}startDate> ?o }} GROUP BY ?c"

    assert f"{total:,} statements" in page
    for kind, number in snapshot_store.query(text):
        local = kind.value.rpartition("#")[2]
        assert re.search(rf'/ont/{local}".*?<td class="num">{number.value}</td>', page), local


@pytest.mark.parametrize("name", ["Pledge", "Network", "signs", "startDate"])
def test_an_example_is_from_the_data(
    client: httpx.Client, snapshot_store: ox.Store, name: str
) -> None:
    page = client.get(f"/ont/{name}", headers=HTML).text
    parts = r"<h3>Example</h3>\s*<p><a[^>]*>([^<]+)</a></p>\s*<pre[^>]*><code>(.*?)</code>"
    shown = re.search(parts, page, re.S)
    assert shown is not None
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    quads = list(ox.parse((prefixes + unescape(shown[2])).encode(), format=ox.RdfFormat.TURTLE))

    assert 1 < len(quads) <= 12
    for quad in quads:
        assert quad.subject == ox.NamedNode(shown[1])
        assert quad in snapshot_store
    assert any(f"{ONT}{name}" in (q.predicate.value, str(q.object)[1:-1]) for q in quads)


def test_the_rules_on_a_term_are_those_of_the_shapes(client: httpx.Client) -> None:
    on_class = client.get("/ont/Pledge", headers=HTML).text
    on_property = client.get("/ont/signs", headers=HTML).text  # by sh:inversePath
    in_query = client.get("/ont/undertakingOf", headers=HTML).text  # in the SPARQL of UND03

    for page, code in ((on_class, "PLG01"), (on_property, "PLG01"), (in_query, "UND03")):
        assert f'<a href="/shapes/{code}"><code>{code}</code></a>' in page


def test_a_rule_says_what_it_wants_of_what_and_why(client: httpx.Client) -> None:
    page = client.get("/shapes/PLG01", headers=HTML).text

    assert "A promise that nobody gave is a wish." in page
    assert 'href="/ont/Pledge"' in page
    assert 'href="/ont/signs"' in page
    for language, word in (("en", "signature"), ("lt", "pasirašymą"), ("sl", "podpis")):
        assert re.search(rf'<span lang="{language}">[^<]*{word}', page), language
    assert "pledge:demo a cpo:Pledge ." in page


def test_a_term_names_the_questions_that_use_it(client: httpx.Client) -> None:
    page = client.get("/ont/signedByPerson", headers=HTML).text

    assert 'href="/question/pledge-signers"' in page


def test_a_question_can_be_asked_from_its_page(client: httpx.Client) -> None:
    page = client.get("/question/pledge-signers", headers=HTML).text
    [file] = re.findall(r'<a href="([^"]+\.csv)">', page)

    rows = client.get(file).text.splitlines()
    assert rows[0] == "body,day,who"
    assert len(rows) == 4  # three mayors signed


def test_the_query_of_a_question_is_in_its_rdf(client: httpx.Client) -> None:
    found = graph(client.get("/question/pledge-signers.ttl").content, "ttl")
    question = ox.NamedNode(f"{BASE}question/pledge-signers")
    [query] = found.quads_for_subject(question) and [
        q.object.value for q in found if q.predicate.value == SH + "select"
    ]

    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert len(answer.text.splitlines()) == 4
    assert ox.Quad(question, TYPE, ox.NamedNode(SH + "SPARQLExecutable")) in found


def test_a_concept_says_where_it_is_used(client: httpx.Client, snapshot_store: ox.Store) -> None:
    page = client.get("/doc/voc/role-lead", headers=HTML).text
    text = f"SELECT (COUNT(*) AS ?n) {{ ?s <{ONT}role> <{VOC}role-lead> }}"

    assert f'count">{count(snapshot_store, text)}</span></h3>' in page
    assert 'href="/voc/role"' in page
    assert "Body that leads the work" in page


def test_a_list_shows_its_concepts_with_how_often_they_are_used(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    page = client.get("/doc/voc/role", headers=HTML).text
    text = f"SELECT ?c {{ ?c <{SKOS}inScheme> <{VOC}role> }}"
    concepts = [row[0].value for row in snapshot_store.query(text)]

    assert len(concepts) > 10
    for concept in concepts:
        assert f'href="/voc/{concept.removeprefix(VOC)}"' in page
    assert page.count('<td class="num">') == len(concepts)


def test_the_uses_of_the_concepts_of_a_list_are_counted_once(snapshot_store: ox.Store) -> None:
    read: list[object] = []

    class Counting:
        def quads_for_pattern(self, *asked: Any) -> Iterator[ox.Quad]:
            read.append(asked)
            return snapshot_store.quads_for_pattern(*asked)

    terms = Vocabularies(snapshot_store, BASE)
    reader, scheme = terms.reader(["en"]), ox.NamedNode(f"{VOC}role")
    first = scheme_page(Counting(), terms, scheme, reader)
    reads = len(read)
    again = scheme_page(Counting(), terms, scheme, reader)

    assert sum(item.uses for item in first.items) > 0
    assert reads == len(first.items)
    assert (again, len(read)) == (first, reads)


def test_all_lists_are_on_one_page(client: httpx.Client, snapshot_store: ox.Store) -> None:
    page = client.get("/voc", headers=HTML).text
    text = f"SELECT ?s {{ ?s a <{SKOS}ConceptScheme> FILTER(STRSTARTS(STR(?s), '{VOC}')) }}"
    schemes = [row[0].value for row in snapshot_store.query(text)]

    assert len(schemes) > 20
    for scheme in schemes:
        assert f'href="/voc/{scheme.removeprefix(VOC)}"' in page


def test_each_version_iri_gives_its_version(client: httpx.Client, snapshot_store: ox.Store) -> None:
    text = "SELECT ?d ?v { ?d <http://www.w3.org/2002/07/owl#versionIRI> ?v }"
    rows = [(d.value, v.value) for d, v in snapshot_store.query(text)]

    assert {d.removeprefix(BASE) for d, _ in rows} >= {"ont", "ont/alignments", "ref"}
    for document, version in rows:
        path = version.removeprefix(BASE)
        same = client.get("/" + document.removeprefix(BASE) + ".nt").content
        assert client.get(f"/{path}.nt").content == same, version
        assert client.get(f"/{path}", headers=HTML).status_code == 200


def test_pages_keep_to_their_content_security_policy(client: httpx.Client) -> None:
    for path in ("/ont", "/ont/Network", "/shapes/UND03", "/voc", "/question", "/doc/voc/role"):
        page = client.get(path, headers=HTML).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script" not in page or "application/ld+json" in page


def sampled(path: str) -> list[tuple[float, float]]:
    """Points of an SVG path with the commands M, H and C, close to one another."""
    points: list[tuple[float, float]] = []
    for command, text in re.findall(r"([MHC])([^MHC]*)", path):
        numbers = [float(number) for number in text.split()]
        if command == "M":
            points.append((numbers[0], numbers[1]))
        elif command == "H":
            x, y = points[-1]
            points += [(x + (numbers[0] - x) * step / 20, y) for step in range(1, 21)]
        else:
            (x, y), (a, b, c, d, e, f) = points[-1], numbers
            for step in range(1, 21):
                t, u = step / 20, 1 - step / 20
                points.append(
                    (
                        u**3 * x + 3 * u * u * t * a + 3 * u * t * t * c + t**3 * e,
                        u**3 * y + 3 * u * u * t * b + 3 * u * t * t * d + t**3 * f,
                    )
                )
    return points


@pytest.mark.parametrize("name", ["overview", "Network", "Pledge", "Claim", "Output"])
def test_a_diagram_is_svg_with_a_title_in_words_and_links(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/ont/diagram/{name}.svg")
    drawn = ET.fromstring(answer.content)

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert drawn.findtext(f"{SVG}title")
    assert len(drawn.findtext(f"{SVG}desc") or "") > 30
    for link in {link.get("href", "") for link in drawn.iter(f"{SVG}a")}:
        if link.startswith("/"):
            assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("name", ["overview", "Network", "Event", "City"])
def test_in_a_diagram_no_box_hides_another_and_no_line_runs_through_a_name(
    client: httpx.Client, name: str
) -> None:
    drawn = ET.fromstring(client.get(f"/ont/diagram/{name}.svg").content)
    frames = [
        tuple(float(box.get(side, "")) for side in ("x", "y", "width", "height"))
        for box in drawn.iter(f"{SVG}rect")
    ]
    words = [
        (float(text.get("x", "")), float(text.get("y", "")), 6.0 * len(text.text or ""))
        for text in drawn.iter(f"{SVG}text")
    ]
    wires = [wire.get("d", "") for wire in drawn.findall(f"{SVG}g[@class='wires']/{SVG}path")]

    assert len(frames) > 2
    assert len(wires) > 1
    for (x, y, w, h), (a, b, c, d) in combinations(frames, 2):
        assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
    for wire in wires:
        for x, y in sampled(wire):
            for left, baseline, width in words:
                is_hit = left < x < left + width and baseline - 9 < y < baseline + 2
                assert not is_hit, (wire, left, baseline)


def test_every_iri_of_the_base_in_the_graphs_of_terms_leads_somewhere(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    paths: set[str] = set()
    for name in ("ontology", "lists", "shapes"):
        for quad in snapshot_store.quads_for_pattern(
            None, None, None, ox.NamedNode(f"{BASE}graph/{name}")
        ):
            terms = [quad.subject, quad.predicate, quad.object]
            terms += [t.datatype for t in terms if isinstance(t, ox.Literal)]
            iris = [t.value for t in terms if isinstance(t, ox.NamedNode)]
            paths |= {i.removeprefix(BASE).partition("#")[0] for i in iris if i.startswith(BASE)}
    for row in snapshot_store.query(f"SELECT ?q {{ GRAPH ?g {{ ?q a <{SH}SPARQLExecutable> }} }}"):
        paths.add(row[0].value.removeprefix(BASE))

    assert len(paths) > 250
    for path in sorted(paths):
        for accept in ("text/html", "text/turtle"):
            answer = client.get(f"/{path}", headers={"Accept": accept})
            if answer.status_code == 303:
                answer = client.get(answer.headers["Location"], headers={"Accept": accept})
            assert answer.status_code in (200, 410), path


def test_an_earlier_version_leads_to_what_there_has_been(client: httpx.Client) -> None:
    answer = client.get("/ont/0.1.0", headers=HTML)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/history/graph/ontology")
    assert answer.headers["Link"] == '</ont>; rel="latest-version"'
    assert client.get(answer.headers["Location"], headers=HTML).status_code == 200


def test_crawlers_find_the_pages_of_terms(client: httpx.Client) -> None:
    index = client.get("/sitemap.xml").text
    parts = re.findall(rf"<loc>{BASE}(sitemap/\d+\.xml)</loc>", index)
    text = "".join(client.get(f"/{part}").text for part in parts)

    for path in ("ont/Pledge", "shapes/PLG01", "question/pledge-signers", "voc", "shapes"):
        assert f"<loc>{BASE}{path}</loc>" in text


def test_under_another_base_everything_is_named_and_linked_under_it(
    snapshot_store: ox.Store,
) -> None:
    base = "https://example.org/kg/"
    store = ox.Store()
    store.extend(rebase(quad, base) for quad in snapshot_store)
    served = Served(store, base, "1", "x", {}, {f"{base}ont#Pledge": 1}, 0)
    pages = Pages(Site(served, Limits()))

    def get(path: str, accept: str) -> str:
        job = {"path": path, "mount": "/kg", "headers": [("accept", accept)]}
        status, _, body = pages.respond(job)
        assert status == 200, path
        return body.decode()

    page = get("/ont/Pledge", "text/html")
    assert 'href="/kg/shapes/PLG01"' in page
    assert 'href="/kg/question/pledge-signers"' not in page  # it asks about cpo:signs
    assert 'href="/kg/ont/signs"' in page
    assert "cpo:Pledge" in page
    for text in (page, get("/ont", "text/html"), get("/ont/Pledge", "text/turtle")):
        assert BASE not in text
