"""What points at a thing: pages that together hold all of it, in every format."""

import re

import httpx
import pyoxigraph as ox
import pytest

BASE = "https://w3id.org/citypledge/"
PATH = "/incoming/municipality/xx-veldhaven"
HYDRA = "http://www.w3.org/ns/hydra/core#"
# 250 events, a participation and a network point at it: 252 statements, on three pages.
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
THING = ox.NamedNode(f"{BASE}id/municipality/xx-veldhaven")


def read(client: httpx.Client, number: int, extension: str = "nt") -> list[ox.Quad]:
    answer = client.get(f"{PATH}.{extension}", params={"page": number} if number > 1 else {})
    assert answer.status_code == 200
    return list(ox.parse(answer.content, format=FORMATS[extension]))


def test_its_pages_hold_every_statement_once(client: httpx.Client) -> None:
    own = f"<{BASE}incoming/"
    pointing = [
        [str(q.triple) for q in read(client, number) if q.object == THING and own not in str(q)]
        for number in (1, 2, 3)
    ]
    every = [line for lines in pointing for line in lines]

    assert [len(lines) for lines in pointing] == [100, 100, 52]
    assert len(set(every)) == 252


def test_it_says_how_many_there_are(client: httpx.Client) -> None:
    total = {q.object.value for q in read(client, 1) if q.predicate.value == f"{HYDRA}totalItems"}

    assert total == {"252"}


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_of_a_page_holds_the_same(client: httpx.Client, extension: str) -> None:
    expected = {str(quad.triple) for quad in read(client, 2)}

    assert {str(quad.triple) for quad in read(client, 2, extension)} == expected


def test_a_page_names_its_neighbours(client: httpx.Client) -> None:
    address = f"{BASE}incoming/municipality/xx-veldhaven"
    linked = {
        q.predicate.value.removeprefix(HYDRA): q.object.value
        for q in read(client, 2)
        if isinstance(q.object, ox.NamedNode) and q.predicate.value.startswith(HYDRA)
    }
    links = client.get(f"{PATH}.ttl?page=2").headers["Link"]

    assert linked == {
        "first": address,
        "previous": address,
        "next": f"{address}?page=3",
        "last": f"{address}?page=3",
    }
    assert f'<{PATH}.ttl?page=3>; rel="next"' in links
    assert f'<{PATH}.ttl?page=1>; rel="prev"' in links


def test_subjects_and_properties_have_their_labels(client: httpx.Client) -> None:
    named = {
        q.subject.value: q.object.value
        for number in (1, 2, 3)
        for q in read(client, number)
        if q.predicate.value.lower().endswith("label") and q.object.language == "en"
    }

    assert named[THING.value] == "Veldhaven Municipality"
    assert named[f"{BASE}id/network/harbour"] == "Harbour Compact"
    assert named[f"{BASE}ont#leadPartner"] == "lead partner"


def test_the_page_lists_counts_and_leads_on(client: httpx.Client) -> None:
    found: list[str] = []
    for number in (1, 2, 3):
        answer = client.get(f"{PATH}?page={number}", headers={"Accept": "text/html"})
        assert "252 statements" in answer.text
        assert f"Page {number} of 3" in answer.text
        found += re.findall(r'href="[^"]*(/id/event/[^"]+)"', answer.text)

    assert len(set(found)) == 250
    record = client.get("/doc/municipality/xx-veldhaven", headers={"Accept": "text/html"}).text
    assert f'href="{PATH}"' in record


@pytest.mark.parametrize(
    "path",
    [
        f"{PATH}?page=4",
        f"{PATH}?page=0",
        f"{PATH}.ttl?page=x",
        "/incoming/municipality/nowhere",
        "/incoming/municipality",
        "/incoming/",
    ],
)
def test_what_is_not_there_is_404(client: httpx.Client, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404


def test_a_thing_that_nothing_points_at_has_an_empty_page(client: httpx.Client) -> None:
    answer = client.get("/incoming/network/hostile", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "0 statements" in answer.text


def test_it_is_negotiated_and_conditional(client: httpx.Client) -> None:
    answer = client.get(PATH, headers={"Accept": "text/turtle"})
    again = client.get(
        PATH, headers={"Accept": "text/turtle", "If-None-Match": answer.headers["ETag"]}
    )

    assert answer.headers["Content-Location"] == f"{PATH}.ttl"
    assert again.status_code == 304
    assert client.get(PATH, headers={"Accept": "image/png"}).status_code == 406
