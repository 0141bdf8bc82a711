"""The page of what is not decided."""

from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits

TRIG = """
PREFIX cc: <http://publications.europa.eu/resource/authority/country/>
PREFIX city: <https://w3id.org/citypledge/id/city/>
PREFIX cpo: <https://w3id.org/citypledge/ont#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX graph: <https://w3id.org/citypledge/graph/>
PREFIX mun: <https://w3id.org/citypledge/id/municipality/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#>
graph:registry {
  cc:GRC a cpo:Country ; skos:prefLabel "Greece"@en .
  city:gr-chalandri a cpo:City ; skos:prefLabel "Chalandri"@en ; cpo:country cc:GRC ;
    wgs:lat 38.02 ; wgs:long 23.8 .
  mun:gr-chalandri a cpo:Municipality ; skos:prefLabel "Municipality of Chalandri"@en ;
    cpo:country cc:GRC ; cpo:governs city:gr-chalandri .
}
graph:links {
  city:gr-chalandri skos:closeMatch <https://sws.geonames.org/260172/> ;
    skos:editorialNote "The number is of the settlement."@en .
}
graph:source\\/covenant {
  mun:com-20242 a cpo:Municipality ; skos:prefLabel "<b>Halandri</b>"@mul ;
    dcterms:identifier "20242" ; cpo:country cc:GRC ; wgs:lat 38.03 ; wgs:long 23.8 ;
    skos:closeMatch mun:gr-chalandri .
}
graph:source\\/tracker {
  mun:nzt-7 a cpo:Municipality ; skos:prefLabel "Chalandry"@mul ; cpo:country cc:GRC ;
    skos:closeMatch mun:gr-chalandri .
}
"""


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data


def quads() -> list[ox.Quad]:
    """What is served: each statement in its graph and in the accepted view."""
    named = list(ox.parse(TRIG, format=ox.RdfFormat.TRIG))
    return named + [ox.Quad(q.subject, q.predicate, q.object) for q in named]


@pytest.fixture(scope="module")
def place(serve, seal_quads, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """The address of a server over them."""
    snapshot = seal_quads(tmp_path_factory.mktemp("candidates"), quads())
    with serve(Limits(), snapshot) as running:
        yield running.address


def get(address: str, accept: str = "text/html") -> httpx.Response:
    """An answer; the machine may be busy."""
    return httpx.get(address, headers={"Accept": accept}, timeout=60)


def words(address: str) -> str:
    """The words of a page, apart by one space."""
    answer = get(address)
    assert answer.status_code == 200, answer.text
    return " ".join(Text(answer.text).words.split())


def test_a_row_is_shown_with_its_candidates_and_the_commands_that_decide_it(place: str) -> None:
    found = words(f"{place}/candidates")
    assert "2 rows of imports" in found
    assert "Row 20242 of covenant" in found
    assert "at 38.030, 23.800" in found
    assert "Not taken: the name is not the same" in found
    assert "the same country; 1 km away" in found
    assert 'kg match covenant 20242 mun:gr-chalandri --why "…"' in found
    assert 'kg match covenant 20242 none --why "…"' in found


def test_what_a_table_says_is_text_and_no_markup(place: str) -> None:
    assert "<b>Halandri</b>" not in get(f"{place}/candidates.html").text
    assert "<b>Halandri</b>" in words(f"{place}/candidates")


def test_one_import_is_shown_alone(place: str) -> None:
    found = words(f"{place}/candidates?dataset=tracker")
    assert "Row 7 of tracker" in found  # from the IRI, where no statement tells it
    assert "Row 20242" not in found


def test_links_to_the_outside_that_are_not_decided_are_shown_with_their_notes(place: str) -> None:
    found = words(f"{place}/candidates")
    assert "https://sws.geonames.org/260172/" in found
    assert "The number is of the settlement." in found


def test_programs_get_the_same_as_json(place: str) -> None:
    by_extension = get(f"{place}/candidates.json", "*/*")
    by_accept = get(f"{place}/candidates", "application/json")
    assert by_extension.json() == by_accept.json()
    row = by_extension.json()["rows"][0]
    assert (row["dataset"], row["row"], row["why"]) == ("covenant", "20242", "inexact")
    candidate = row["candidates"][0]
    assert candidate["iri"].endswith("municipality/gr-chalandri")
    features = {feature["id"]: feature["value"] for feature in candidate["features"]}
    assert features["name_near"] is True
    assert features["same_country"] is True
    assert 0 < candidate["score"] <= 100


@pytest.mark.parametrize("query", ["dataset=nothing", "page=2", "page=x"])
def test_what_is_not_there_is_not_found(place: str, query: str) -> None:
    assert get(f"{place}/candidates?{query}").status_code == 404


def test_a_candidate_is_no_assertion_of_the_page_about_the_thing(place: str) -> None:
    answer = get(f"{place}/doc/municipality/com-20242.ttl", "*/*")
    assert answer.status_code == 200
    assert "owl:sameAs" not in answer.text
