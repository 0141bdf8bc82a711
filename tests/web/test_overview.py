"""Pages over many things, on real data; numbers are those of the sources, or counted by SPARQL."""

import re
from html import unescape
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.terms import select

HTML = {"Accept": "text/html"}
PREFIXES = """PREFIX cpo: <https://w3id.org/citypledge/ont#>
PREFIX wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#>
"""


def words(page: str) -> str:
    """The words of a page, with one blank between them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def read(client: httpx.Client, path: str) -> str:
    """A page that is there."""
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200, path
    return answer.text


def counted(store: ox.Store, pattern: str) -> int:
    """How many cities match a pattern."""
    query = f"{PREFIXES}SELECT (COUNT(DISTINCT ?city) AS ?n) WHERE {{ {pattern} }}"
    [row] = select(store, query)
    value = row["n"]
    assert isinstance(value, ox.Literal)
    return int(value.value)


def row(page: str, label: str) -> str:
    """The words of the row of a table with a heading."""
    rows = (words(found) for found in re.findall(r"<tr[ >].*?</tr>", page, re.S))
    return next(found for found in rows if found.startswith(label))


def test_a_network_narrows_the_cities_to_its_members(
    names: httpx.Client, snapshot_store: ox.Store
) -> None:
    page = words(read(names, "/class/City?network=urbact-sdg-pilot"))
    # The page of URBACT on the pilot: nineteen cities of nineteen countries.
    total = counted(snapshot_store, "?city a cpo:City")
    assert f" 19 of {total} " in page and "Klaipėda" in page and "Bratislava" in page


def test_the_number_of_a_choice_is_how_many_it_leaves(names: httpx.Client) -> None:
    page = read(names, "/class/City?programme=eu-cities-mission")
    choices = re.findall(r'<option value="([A-Z]{3})"[^>]*>[^<]*\((\d+)\)', page)
    assert len(choices) > 30  # the Mission chose cities of 35 countries
    for code, number in choices[:5]:
        left = words(read(names, f"/class/City?programme=eu-cities-mission&country={code}"))
        assert f" {number} of " in left


def test_a_list_has_every_city_once(names: httpx.Client, snapshot_store: ox.Store) -> None:
    found: list[str] = []
    for number in (1, 2, 3, 4):
        page = read(names, f"/class/City?page={number}").partition('<ol class="things')[2]
        found += re.findall(r'href="/id/city/([a-z0-9-]+)"', page)
    assert len(found) == len(set(found)) == counted(snapshot_store, "?city a cpo:City")
    assert names.get("/class/City?page=5", headers=HTML).status_code == 404


def test_names_are_sorted_as_readers_of_a_language_expect(names: httpx.Client) -> None:
    page = read(names, "/lt/class/City?country=LTU").partition('<ol class="things')[2]
    found = re.findall(r'href="/lt/id/city/lt-([a-z-]+)"', page)
    # In the Lithuanian alphabet š follows s and comes before t: Panevėžys, Šakiai, Tauragė.
    assert found.index("panevezys") < found.index("sakiai") < found.index("taurage")


@pytest.mark.parametrize(
    ("query", "status"),
    [("colour=red", 400), ("network=%22%3E%3Cscript%3E", 200), ("page=0", 404)],
    ids=["no such parameter", "no such network", "no such page"],
)
def test_what_a_list_does_not_know_does_no_harm(
    names: httpx.Client, query: str, status: int
) -> None:
    answer = names.get(f"/class/City?{query}", headers=HTML)
    assert answer.status_code == status
    assert "<script>" not in answer.text
    if status == 200:
        assert '"><script>' in unescape(answer.text)


def test_a_value_that_looks_like_an_address_and_is_none_is_found_nowhere(
    names: httpx.Client,
) -> None:
    page = words(read(names, "/en/class/City?network=https://a%20b"))
    assert "Nothing here has all of these." in page
    assert "Network: https://a b" in page


def test_what_leaves_nothing_is_still_called_by_its_name(names: httpx.Client) -> None:
    page = words(read(names, "/en/class/Network?country=LTU&year=1066"))
    assert "Country with members: Lithuania" in page
    assert "Nothing here has all of these." in page


def test_a_country_has_its_cities_and_what_they_joined_and_signed(names: httpx.Client) -> None:
    page = read(names, "/country/LTU")
    assert "Klaipėda City Municipality" in row(page, "The Playful Paradigm")
    assert "Vilnius City Municipality" in row(page, "EU Mission")
    assert "Tauragė District Municipality" in row(page, "EU Mission")


def test_the_countries_lead_to_their_pages(names: httpx.Client, snapshot_store: ox.Store) -> None:
    page = read(names, "/country")
    number = counted(
        snapshot_store,
        "?city a cpo:City ; cpo:country <http://publications.europa.eu/resource/authority/country/LTU>",
    )
    assert row(page, "Lithuania").startswith(f"Lithuania {number} ")
    assert 'href="/country/LTU"' in page
    assert names.get("/country/ATA", headers=HTML).status_code == 404


def test_cities_stand_side_by_side_with_who_says_it(names: httpx.Client) -> None:
    page = read(names, "/compare?ids=city/lt-klaipeda,city/ee-tallinn")
    shared = row(page, "Sustainable Development Goals Pilot Network")
    # Tallinn leads the pilot network, in which Klaipėda is a partner.
    assert "partner" in shared and "lead partner" in shared and "no statement" not in shared
    assert "no statement" in row(page, "The Playful Paradigm")
    chips = set(re.findall(r'class="chip"[^>]*href="#(source-\d+|place-[^"]+)"', page))
    anchors = set(re.findall(r'id="((?:source|place)-[^"]+)"', page))
    assert chips and chips <= anchors


def test_only_what_differs_can_be_shown(names: httpx.Client) -> None:
    page = read(names, "/compare?ids=city/lt-klaipeda,city/lt-vilnius&only=differences")
    assert "Show everything" in page
    assert not re.search(r'<th scope="row">\s*Country', page)


def test_networks_stand_side_by_side(names: httpx.Client) -> None:
    page = read(names, "/compare?ids=network/urbact-sdg-pilot,network/urbact-playful-paradigm")
    # URBACT: nineteen cities in the pilot; eight partners in The Playful Paradigm.
    assert row(page, "Member cities listed").startswith("Member cities listed 19 counted here 8 ")
    assert "Klaipėda member" in row(page, "Klaipėda")


def test_names_that_were_typed_lead_to_one_address(names: httpx.Client) -> None:
    given = [("ids", "Klaipeda"), ("ids", "Ljubljana"), ("ids", ""), ("ids", "")]
    answer = names.get("/compare", params=given, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/compare?ids=city/lt-klaipeda,city/si-ljubljana"


@pytest.mark.parametrize(
    "ids",
    [
        "city/lt-klaipeda,network/urbact-sdg-pilot",
        "city/lt-klaipeda,city/lt-nowhere",
        "city/lt-klaipeda,city/lt-vilnius,city/lt-kaunas,city/lt-jonava,city/si-ljubljana",
        "person/p-0011,city/lt-klaipeda",
    ],
)
def test_what_cannot_be_compared_is_refused(names: httpx.Client, ids: str) -> None:
    assert names.get(f"/compare?ids={ids}", headers=HTML).status_code == 400


def test_more_things_than_fit_side_by_side_are_not_looked_up(names: httpx.Client) -> None:
    ids = ",".join(f"nowhere/{number}" for number in range(400))
    answer = names.get("/compare", params={"ids": ids}, headers=HTML)
    assert answer.status_code == 400
    assert "ids names 400 things; at most 4 fit side by side" in unescape(answer.text)


def test_a_share_is_what_a_query_counts(names: httpx.Client, snapshot_store: ox.Store) -> None:
    page = read(names, "/completeness")
    total = counted(snapshot_store, "?city a cpo:City")
    for label, pattern in (
        ("coordinates", "?city a cpo:City ; wgs:lat ?there"),
        ("the body that governs it", "?city a cpo:City . ?body cpo:governs ?city"),
        ("a network or programme", "?city a cpo:City . ?thing cpo:memberCity ?city"),
    ):
        assert row(page, label) == f"{label} {counted(snapshot_store, pattern)} of {total}"


def test_the_home_page_leads_to_lists_and_questions_that_are_there(names: httpx.Client) -> None:
    page = read(names, "/")
    questions = re.findall(r'href="(/question/[^"]+)"', page)
    assert len(questions) >= 4
    main = page.partition("<main")[2].partition("</main>")[0]  # the header has lists too
    for path in ("/class/City", "/class/Network", "/class/Pledge", "/compare", *questions):
        assert f'href="{path}"' in main
        assert names.get(path, headers=HTML, follow_redirects=True).status_code == 200


def test_the_home_page_says_how_many_there_are(
    names: httpx.Client, snapshot_store: ox.Store
) -> None:
    page = words(read(names, "/"))
    for kind, name in (("City", "cities"), ("Network", "networks"), ("Pledge", "pledges")):
        assert f" {counted(snapshot_store, f'?city a cpo:{kind}')} {name} " in page


def test_nothing_is_counted_ahead_for_a_graph_on_disk(serve: Any, built: Snapshot) -> None:
    with (
        serve(Limits(workers=1, memory_share=0, printed_things=0), built) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        for path in ("/country", "/country/LTU", "/completeness"):
            assert client.get(path, headers=HTML).status_code == 501, path
        for path in ("/", "/class/City", "/compare?ids=city/lt-klaipeda,city/ee-tallinn"):
            assert client.get(path, headers=HTML).status_code == 200, path
