"""A retired IRI leads to its one successor, or says that it is gone, why, and what there is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.build import rebase
from kg.query.service import Limits
from kg.retired import of_store
from kg.snapshot import Snapshot, canonical, seal
from kg.web.checking import Checker

BASE = "https://w3id.org/citypledge/"
OTHER_BASE = "https://example.org/kg/"
RDF = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
ENTRIES = """
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix net: <https://w3id.org/citypledge/id/network/> .
@prefix person: <https://w3id.org/citypledge/id/person/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/citypledge/id/source/> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

city:xx-polder a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-merged ; dcterms:isReplacedBy city:xx-veldhaven .
city:xx-marsh a cpo:RetiredThing ; cpo:retiredOn "2025-06-30"^^xsd:date ;
    cpo:retirementReason v:retired-renamed ; dcterms:isReplacedBy city:xx-polder .
city:xx-ring a cpo:RetiredThing ; cpo:retirementReason v:retired-merged ;
    dcterms:isReplacedBy city:xx-ring .
net:league a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-split ; dcterms:isReplacedBy net:harbour , net:hostile .
net:imagined a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-mistaken ; skos:changeNote "No source <b>names</b> it."@en .
person:p-0009 a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-on-request .
v:role-head a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-merged ; dcterms:isReplacedBy v:role-lead .
source:s001 a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-merged ; dcterms:isReplacedBy source:s000 .
source:s002 a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-mistaken .
"""
REASONS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <https://w3id.org/citypledge/voc/> .
v:retired-split skos:prefLabel "split"@en . v:retired-mistaken skos:prefLabel "mistaken"@en .
v:retired-on-request skos:prefLabel "removed on request"@en .
"""
GONE = ("network/league", "network/imagined", "person/p-0009", "city/xx-ring", "graph/source/s002")


def with_retired(quads: list[ox.Quad]) -> list[ox.Quad]:
    graph = ox.NamedNode(f"{BASE}graph/retired")
    entries = ox.parse(ENTRIES, format=ox.RdfFormat.TURTLE)
    return [
        *quads,
        *(ox.Quad(each.subject, each.predicate, each.object, graph) for each in entries),
        *ox.parse(REASONS, format=ox.RdfFormat.TURTLE),
    ]


@pytest.fixture(scope="module")
def client(
    serve: Any, seal_quads: Any, quads: list[ox.Quad], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a server of things that are there, and of things that are no more."""
    snapshot = seal_quads(tmp_path_factory.mktemp("retired"), with_retired(quads))
    with (
        serve(Limits(workers=1, deadline_s=60), snapshot) as running,
        httpx.Client(base_url=running.address) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def elsewhere(
    serve: Any, quads: list[ox.Quad], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the same under another base."""
    moved = [rebase(quad, OTHER_BASE) for quad in with_retired(quads)]
    facts = {"version": "2026.1", "software": "test", "base": OTHER_BASE}
    folder = tmp_path_factory.mktemp("elsewhere")
    snapshot: Snapshot = seal(folder, canonical(moved), **facts, inputs={})
    with (
        serve(Limits(workers=1, deadline_s=60), snapshot) as running,
        httpx.Client(base_url=running.address) as made,
    ):
        yield made


def triples(answer: httpx.Response, extension: str) -> set[ox.Triple]:
    form = ox.RdfFormat.from_extension(extension)
    assert form is not None
    return {
        quad.triple
        for quad in ox.parse(answer.content, format=form)
        if isinstance(quad.graph_name, ox.DefaultGraph)
    }


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/city/xx-polder", "/id/city/xx-veldhaven"),
        ("/id/city/xx-polder.ttl", "/doc/city/xx-veldhaven.ttl"),
        ("/doc/city/xx-polder", "/doc/city/xx-veldhaven"),
        ("/doc/city/xx-polder.ttl", "/doc/city/xx-veldhaven.ttl"),
        ("/doc/city/xx-polder.html", "/doc/city/xx-veldhaven.html"),
        ("/voc/role-head", "/voc/role-lead"),
        ("/doc/voc/role-head.jsonld", "/doc/voc/role-lead.jsonld"),
        ("/graph/source/s001", "/graph/source/s000"),
        ("/doc/graph/source/s001.nq", "/doc/graph/source/s000.nq"),
        ("/incoming/city/xx-polder.ttl", "/incoming/city/xx-veldhaven.ttl"),
        ("/linkset/city/xx-polder", "/linkset/city/xx-veldhaven"),
        ("/linkset/city/xx-polder.json", "/linkset/city/xx-veldhaven.json"),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "*/*", "image/png"])
def test_one_successor_takes_the_address_over(
    client: httpx.Client, path: str, location: str, accept: str
) -> None:
    answer = client.get(path, headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert "max-age" in answer.headers["Cache-Control"]


def test_a_chain_of_successors_is_one_step(client: httpx.Client) -> None:
    assert client.get("/id/city/xx-marsh").headers["Location"] == "/id/city/xx-veldhaven"
    assert client.get("/doc/city/xx-marsh.nt").headers["Location"] == "/doc/city/xx-veldhaven.nt"


def test_who_follows_a_retired_iri_arrives_at_the_document_of_its_successor(
    client: httpx.Client,
) -> None:
    answer = client.get(
        "/id/city/xx-marsh", headers={"Accept": "text/turtle"}, follow_redirects=True
    )

    assert [each.status_code for each in answer.history] == [301, 303]
    assert (answer.status_code, answer.url.path) == (200, "/doc/city/xx-veldhaven")


@pytest.mark.parametrize(
    ("variant", "location"),
    [
        ("/id/City/XX_Polder", "/id/city/xx-polder"),
        ("/doc/city/XX-Polder.ttl", "/doc/city/xx-polder.ttl"),
        ("/id/Network/League", "/id/network/league"),
    ],
)
def test_another_spelling_of_a_retired_iri_leads_to_its_own(
    client: httpx.Client, variant: str, location: str
) -> None:
    answer = client.get(variant)

    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert client.get(location).status_code in (301, 410)


@pytest.mark.parametrize(
    "variant", ["/id/city/xx-polder/", "/id/city/xx%2Dpolder", "/ID/city/./xx-polder"]
)
def test_a_retired_iri_in_another_spelling_leads_to_its_successor_in_one_step(
    client: httpx.Client, variant: str
) -> None:
    answer = client.get(variant)

    assert (answer.status_code, answer.headers["Location"]) == (301, "/id/city/xx-veldhaven")


@pytest.mark.parametrize("name", GONE)
def test_without_one_successor_the_address_is_gone(client: httpx.Client, name: str) -> None:
    thing = f"/{name}" if name.startswith("graph") else f"/id/{name}"
    for path in (thing, f"/doc/{name}", f"/linkset/{name}", f"/incoming/{name}"):
        answer = client.get(path)

        assert answer.status_code == 410
        assert answer.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language"
        assert "max-age" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "text/html"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        *((name, name) for name in RDF.values()),
        ("text/turtle;q=0.4, application/n-triples", "application/n-triples"),
        ("application/problem+json", "application/problem+json"),
        ("text/plain", "text/plain"),
        ("image/png", "application/problem+json"),
        ("application/json", "application/json"),
    ],
)
def test_a_tombstone_has_the_type_that_the_client_reads(
    client: httpx.Client, accept: str | None, expected: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    for path in ("/id/network/league", "/doc/network/league"):
        request = client.build_request("GET", path)
        request.headers.pop("Accept")
        request.headers.update(headers)
        answer = client.send(request)

        assert answer.status_code == 410
        assert answer.headers["Content-Type"].split(";")[0] == expected


@pytest.mark.parametrize(("extension", "name"), RDF.items())
def test_a_tombstone_says_as_rdf_when_why_and_what_instead(
    client: httpx.Client, extension: str, name: str
) -> None:
    by_type = client.get("/id/network/league", headers={"Accept": name})
    by_name = client.get(f"/doc/network/league.{extension}", headers={"Accept": "image/png"})

    assert by_name.headers["Content-Type"].split(";")[0] == name
    said = triples(by_name, extension)
    assert said == triples(by_type, extension)
    entry = {(t.predicate.value.rpartition("#")[2], str(t.object)) for t in said
             if t.subject == ox.NamedNode(f"{BASE}id/network/league")}  # fmt: skip
    replaced = "http://purl.org/dc/terms/isReplacedBy"
    assert entry == {
        ("type", f"<{BASE}ont#RetiredThing>"),
        ("retiredOn", '"2026-01-31"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("retirementReason", f"<{BASE}voc/retired-split>"),
        (replaced, f"<{BASE}id/network/harbour>"),
        (replaced, f"<{BASE}id/network/hostile>"),
    }
    labels = {t.object.value for t in said if isinstance(t.object, ox.Literal)}
    assert {"split", "Harbour Compact"} <= labels


def test_every_format_of_a_tombstone_holds_the_same(client: httpx.Client) -> None:
    told = [triples(client.get(f"/doc/network/league.{name}"), name) for name in RDF]

    assert all(each == told[0] for each in told)


def test_a_tombstone_as_quads_says_which_graph_has_it(client: httpx.Client) -> None:
    parsed = ox.parse(client.get("/doc/network/league.nq").content, format=ox.RdfFormat.N_QUADS)
    graphs = {str(quad.graph_name) for quad in parsed}

    assert graphs == {"DEFAULT", f"<{BASE}graph/retired>"}


def test_a_tombstone_says_to_people_when_why_and_what_instead(client: httpx.Client) -> None:
    text = client.get("/id/network/league", headers={"Accept": "text/html"}).text

    assert "2026-01-31" in text
    assert "split" in text
    assert 'href="/id/network/harbour"' in text
    noted = client.get("/id/network/imagined", headers={"Accept": "text/html"}).text
    assert "No source &lt;b&gt;names&lt;/b&gt; it." in noted


def test_a_tombstone_says_the_same_as_problem_details(client: httpx.Client) -> None:
    headers = {"Accept": "application/problem+json"}
    said = json.loads(client.get("/id/network/league", headers=headers).text)

    assert (said["status"], said["title"], said["retiredOn"]) == (410, "Gone", "2026-01-31")
    assert said["retirementReason"] == f"{BASE}voc/retired-split"
    assert said["isReplacedBy"] == [f"{BASE}id/network/harbour", f"{BASE}id/network/hostile"]
    plain = client.get("/id/network/imagined", headers={"Accept": "text/plain"}).text
    assert plain == (
        f"410 Gone\n{BASE}id/network/imagined is no longer described since 2026-01-31: mistaken\n"
    )


def test_several_successors_are_links_of_the_answer(client: httpx.Client) -> None:
    assert client.get("/id/network/league").headers["Link"] == (
        f'<{BASE}id/network/harbour>; rel="successor-version", '
        f'<{BASE}id/network/hostile>; rel="successor-version"'
    )
    assert "Link" not in client.get("/id/network/imagined").headers


@pytest.mark.parametrize(
    "path", ["/id/city/xx-polder", "/id/network/league", "/doc/network/league.ttl"]
)
def test_head_of_what_is_retired_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    get, head = client.get(path), client.head(path)

    assert (head.status_code, head.content) == (get.status_code, b"")
    for name in ("Content-Type", "Content-Length", "Location", "Vary", "Cache-Control"):
        assert head.headers.get(name) == get.headers.get(name)


def test_a_condition_makes_no_difference_to_what_is_gone(client: httpx.Client) -> None:
    """RFC 9110, 13.2.1: without the condition the answer is no 2xx, so the condition is ignored."""
    for condition in ({"If-None-Match": "*"}, {"If-Modified-Since": _now()}):
        assert client.get("/id/network/league", headers=condition).status_code == 410


def test_what_is_retired_is_no_thing_of_the_site(client: httpx.Client) -> None:
    assert "RetiredThing" not in client.get("/class").text
    question = f"ASK {{ <{BASE}id/network/league> ?p ?o }}"
    assert client.get("/sparql", params={"query": question}).json()["boolean"] is False
    named = f"ASK {{ GRAPH <{BASE}graph/retired> {{ <{BASE}id/network/league> ?p ?o }} }}"
    assert client.get("/sparql", params={"query": named}).json()["boolean"] is True


def test_under_another_base_what_is_retired_answers_below_it(elsewhere: httpx.Client) -> None:
    for mount in ("", "/kg"):
        merged = elsewhere.get(f"{mount}/id/city/xx-marsh")
        assert (merged.status_code, merged.headers["Location"]) == (
            301,
            f"{mount}/id/city/xx-veldhaven",
        )
        gone = elsewhere.get(f"{mount}/doc/network/league.ttl")
        assert gone.status_code == 410
        assert f"<{OTHER_BASE}id/network/harbour>" in "".join(map(str, triples(gone, "ttl")))
        page = elsewhere.get(f"{mount}/id/network/league", headers={"Accept": "text/html"})
        assert f'href="{mount}/id/network/harbour"' in page.text


def _now() -> str:
    return datetime.now(tz=UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize("base", [BASE, OTHER_BASE])
def test_a_text_that_is_checked_may_not_use_what_is_retired(built: Snapshot, base: str) -> None:
    store = built.store()
    entry = ENTRIES.replace("city:xx-veldhaven", "city:lt-klaipeda")
    graph = ox.NamedNode(f"{BASE}graph/retired")
    polder = ox.NamedNode(f"{BASE}id/city/xx-polder")
    store.extend(
        ox.Quad(each.subject, each.predicate, each.object, graph)
        for each in ox.parse(entry, format=ox.RdfFormat.TURTLE)
        if each.subject == polder
    )
    if base != BASE:
        store = _moved(store, base)
    text = (
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix mun: <https://w3id.org/citypledge/id/municipality/> .\n"
        "mun:lt-klaipeda-city cpo:governs city:xx-polder .\n"
    )
    (finding,) = Checker(store, base).check(text.encode(), "draft.ttl").findings

    assert (finding.code, finding.line) == ("RET01", 4)
    assert [edit.text for edit in finding.fixes[0].edits] == ["city:lt-klaipeda"]


def _moved(store: ox.Store, base: str) -> ox.Store:
    moved = ox.Store()
    moved.bulk_extend(rebase(quad, base) for quad in store)
    return moved


def test_the_store_of_a_snapshot_gives_what_is_retired(tmp_path: Path, seal_quads: Any) -> None:
    store = seal_quads(tmp_path, with_retired([])).store()
    found = of_store(store, BASE)

    assert found["id/network/league"].successors == ("id/network/harbour", "id/network/hostile")
    assert found["graph/source/s001"].successors == ("graph/source/s000",)
    assert [path for path, each in found.items() if each.is_on_request] == ["id/person/p-0009"]
