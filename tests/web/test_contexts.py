"""The JSON-LD context: published, and under the version of its content."""

import re

import httpx
import pyoxigraph as ox


def test_the_context_is_published_as_json_ld(client: httpx.Client) -> None:
    answer = client.get("/context.jsonld", headers={"Accept": "*/*"})
    context = answer.json()["@context"]

    assert answer.headers["Content-Type"] == "application/ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (context["id"], context["type"]) == ("@id", "@type")
    assert context["label"]["@container"] == "@language"
    assert context["leadPartner"]["@type"] == "@id"
    assert context["participations"]["@reverse"].endswith("/ont#participant")


def test_the_context_is_under_its_version_as_long_as_it_is_served(client: httpx.Client) -> None:
    current = client.get("/context.jsonld")
    target = re.search(r'<([^>]+)>; rel="latest-version"', current.headers["Link"])
    assert target is not None
    version = client.get(target[1])

    assert version.content == current.content
    for answer in (version, current):
        assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    older = client.get("/context/0.0.0-00000000.jsonld")
    assert older.status_code == 404
    assert "each document holds the part of the context" in older.json()["detail"]


def test_who_writes_json_with_the_names_of_the_context_writes_rdf(client: httpx.Client) -> None:
    context = client.get("/context.jsonld").text.rstrip().removesuffix("}")
    text = context + ', "id": "https://example.org/n", "type": "Network", "label": {"en": "N"}}'

    found = {str(quad.triple) for quad in ox.parse(text, format=ox.RdfFormat.JSON_LD)}
    name = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert found == {
        f'<https://example.org/n> {name} "N"@en',
        f"<https://example.org/n> {kind} <https://w3id.org/citypledge/ont#Network>",
    }
