"""What points at a thing: pages that together hold all of it, in every format."""

import itertools
import re
from collections.abc import Iterator

import httpx
import pyoxigraph as ox
import pytest

from kg.description.pointing import Pointing
from kg.query.protocol import ProtocolError
from kg.query.service import Limits
from kg.web.documents import graph_statements
from kg.web.site import Served, Site

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
    assert f'<{PATH}.ttl>; rel="prev"' in links


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


class Endless:
    """A store in which statements without end point at everything, and every graph has them."""

    def __init__(self) -> None:
        self.given = 0

    def quads_for_pattern(self, *pattern: object) -> Iterator[ox.Quad]:
        for number in itertools.count():
            self.given += 1
            node = ox.NamedNode(f"{BASE}id/event/e-{number}")
            yield ox.Quad(node, ox.NamedNode(f"{BASE}ont#about"), THING)


def test_a_page_of_many_is_read_once_and_no_further_than_its_end() -> None:
    store = Endless()
    found = Pointing(store, THING)
    assert not found.is_counted
    first = store.given
    assert [found.page(2)[0], found.pages(2)] == [found.page(2)[0], 3]
    assert store.given == first + 201  # once, though it is asked for three times
    assert next(str(quad.subject) for quad in found.page(300)).endswith("/e-29900>")
    assert (found.pages(300), len(found.page(300))) == (301, 100)

    assert store.given == first + 201 + 30_001


@pytest.mark.parametrize("number", [10_002, 99_999_999])
def test_a_page_after_a_million_statements_is_refused_and_not_looked_for(number: int) -> None:
    store = Endless()
    found = Pointing(store, THING)
    first = store.given
    with pytest.raises(ProtocolError, match="at most 1,000,000 are passed over"):
        found.pages(number)

    assert store.given == first


def test_a_page_of_a_graph_after_a_million_statements_is_refused() -> None:
    store, graph = Endless(), f"{BASE}graph/large"
    site = Site(Served(store, BASE, "2026.1", "0", {graph: 10**9}, {}, 0), Limits())
    with pytest.raises(ProtocolError) as refused:
        graph_statements(site, graph, 2002)

    assert (refused.value.status, store.given) == (400, 0)
    assert len(graph_statements(site, graph, 3)) == 500


def test_it_is_negotiated_and_conditional(client: httpx.Client) -> None:
    answer = client.get(PATH, headers={"Accept": "text/turtle"})
    again = client.get(
        PATH, headers={"Accept": "text/turtle", "If-None-Match": answer.headers["ETag"]}
    )

    assert answer.headers["Content-Location"] == f"{PATH}.ttl"
    assert again.status_code == 304
    assert client.get(PATH, headers={"Accept": "image/png"}).status_code == 406
