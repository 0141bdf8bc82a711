"""What goes wrong is told in the type that the client reads, RDF among them."""

from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
import rdflib

from kg.query.service import Limits

HTTP = "http://www.w3.org/2011/http#"
RDF = {
    "text/turtle": "ttl",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdf",
    "application/n-triples": "nt",
    "application/trig": "trig",
    "application/n-quads": "nq",
}


def told(answer: httpx.Response, media_type: str) -> dict[str, str]:
    """Return the values of an error in RDF, by the local name of their property."""
    form = ox.RdfFormat.from_media_type(media_type)
    assert form is not None
    quads = list(ox.parse(answer.content, format=form))
    assert {str(quad.graph_name) for quad in quads} == {"DEFAULT"}
    return {quad.predicate.value.rpartition("#")[2]: quad.object.value for quad in quads}  # type: ignore[union-attr]


@pytest.mark.parametrize("media_type", RDF)
def test_a_client_of_rdf_is_told_in_rdf_that_there_is_nothing(
    client: httpx.Client, media_type: str
) -> None:
    for path in ("/id/city/nowhere", "/doc/city/nowhere", "/nothing"):
        answer = client.get(path, headers={"Accept": media_type})

        assert answer.status_code == 404
        assert answer.headers["Content-Type"].split(";")[0] == media_type
        assert answer.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language"
        said = told(answer, media_type)
        assert said["statusCodeNumber"] == "404"
        assert said["reasonPhrase"] == "Not found"
        assert path in said["comment"]


@pytest.mark.parametrize("media_type", RDF)
def test_an_error_about_a_control_character_is_told_in_every_format(
    client: httpx.Client, media_type: str
) -> None:
    """XML 1.0, section 2.2: no document holds U+0001, so an escape stands for it."""
    answer = client.get("/fragments?subject=%01", headers={"Accept": media_type})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].split(";")[0] == media_type
    said = told(answer, media_type)
    assert said["statusCodeNumber"] == "400"
    assert "subject=\\u0001: " in said["comment"]


def test_the_terms_are_those_of_the_vocabulary(client: httpx.Client) -> None:
    answer = client.get("/id/city/nowhere", headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.text, format="turtle")
    http = rdflib.Namespace(HTTP)
    (response,) = graph.subjects(rdflib.RDF.type, http.Response)
    code = graph.value(response, http.sc)

    assert (code, rdflib.RDF.type, http.StatusCode) in graph
    assert graph.value(code, http.statusCodeNumber) == rdflib.Literal(404)


def test_a_query_that_cannot_be_read_is_told_in_rdf_too(server: Any) -> None:
    answer = httpx.get(
        f"{server.address}/sparql",
        params={"query": "CONSTRUCT nonsense"},
        headers={"Accept": "application/n-triples"},
    )

    assert answer.status_code == 400
    assert told(answer, "application/n-triples")["statusCodeNumber"] == "400"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/turtle, text/html;q=0.9", "text/turtle"),
        ("text/turtle;q=0.5, text/html", "text/html"),
        ("text/turtle, */*;q=0.1", "text/turtle"),
        ("text/turtle;q=0, */*", "application/problem+json"),
        ("application/*", "application/problem+json"),
        ("image/png", "application/problem+json"),
    ],
)
def test_weights_decide_how_an_error_is_told(
    client: httpx.Client, accept: str, expected: str
) -> None:
    answer = client.get("/id/city/nowhere", headers={"Accept": accept})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].split(";")[0] == expected


def test_a_type_that_cannot_be_had_is_told_as_a_problem_and_never_as_rdf(
    client: httpx.Client,
) -> None:
    answer = client.get("/about", headers={"Accept": "text/turtle"})

    assert answer.status_code == 406
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "text/html" in answer.json()["detail"]


def test_head_of_an_error_is_get_without_the_body(client: httpx.Client) -> None:
    headers = {"Accept": "application/ld+json"}
    get = client.get("/id/city/nowhere", headers=headers)
    head = client.head("/id/city/nowhere", headers=headers)

    assert (head.status_code, head.content) == (404, b"")
    for name in ("Content-Type", "Content-Length", "Vary"):
        assert head.headers[name] == get.headers[name]


def test_what_xml_cannot_hold_is_refused_in_rdf_xml_and_told_apart(
    serve: Any, seal_quads: Any, quads: list[ox.Quad], tmp_path: Path
) -> None:
    """XML 1.0, section 2.2: most control characters are no characters of a document."""
    thing = ox.NamedNode("https://w3id.org/citypledge/id/network/harbour")
    note = ox.NamedNode("http://www.w3.org/2004/02/skos/core#note")
    snapshot = seal_quads(tmp_path, [*quads, ox.Quad(thing, note, ox.Literal("bell \x07"))])
    with serve(Limits(workers=1), snapshot) as running:
        running.until(lambda _: running.front.deployment.printed is not None, "printing")
        page = f"{running.address}/doc/network/harbour"
        refused, given = httpx.get(f"{page}.rdf"), httpx.get(f"{page}.ttl")
        query = {"query": f"DESCRIBE <{thing.value}>"}
        asked = httpx.get(
            f"{running.address}/sparql", params=query, headers={"Accept": "application/rdf+xml"}
        )

    assert refused.status_code == 406
    assert "control character" in refused.json()["detail"]
    assert asked.status_code == 400
    assert b"control character" in asked.content
    assert given.status_code == 200
    assert "bell " in given.text
