"""The past of documents: datetime negotiation, mementos and TimeMaps, as RFC 7089 has them."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

BASE = "https://w3id.org/citypledge/"
HARBOUR = "/doc/network/harbour"
# The moments of the releases of `conftest.PAST`, as RFC 1123 writes them.
FIRST = "Sat, 01 Mar 2025 12:00:00 GMT"
SECOND = "Mon, 01 Sep 2025 12:00:00 GMT"
THIRD = "Sun, 01 Feb 2026 12:00:00 GMT"
ENDINGS = ("ttl", "jsonld", "rdf", "nt", "trig", "nq")


@pytest.fixture
def archive(past: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past.address, timeout=60) as client:
        yield client


def links(answer: httpx.Response) -> dict[str, tuple[str, dict[str, str]]]:
    """The links of an answer: for each relation its target and attributes (RFC 8288)."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for target, rest in re.findall(
        r"<([^>]*)>((?:\s*;\s*[\w-]+=\"[^\"]*\")*)", answer.headers["Link"]
    ):
        attributes = dict(re.findall(r"([\w-]+)=\"([^\"]*)\"", rest))
        for relation in attributes.pop("rel").split():
            found.setdefault(relation, (target, attributes))
    return found


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        (FIRST, "2025.1"),
        ("Sun, 31 Aug 2025 23:59:59 GMT", "2025.1"),
        (SECOND, "2025.2"),
        ("Thu, 01 Jan 2026 00:00:00 GMT", "2025.2"),
        ("Fri, 01 Jan 2044 00:00:00 GMT", "2026.1"),  # after the last: the last (section 4.5.3)
        ("Mon, 01 Jan 1990 00:00:00 GMT", "2025.1"),  # before the first: the first
    ],
)
@pytest.mark.parametrize("ending", ["", ".ttl", ".html"])
def test_a_document_is_its_own_timegate(
    archive: httpx.Client, asked: str, version: str, ending: str
) -> None:
    answer = archive.get(HARBOUR + ending, headers={"Accept-Datetime": asked})

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/release/{version}{HARBOUR}{ending}"
    assert "accept-datetime" in answer.headers["Vary"].lower()
    assert "Memento-Datetime" not in answer.headers
    found = links(answer)
    assert found["original"][0] == found["timegate"][0] == f"{BASE}doc/network/harbour{ending}"
    assert found["timemap"][0] == f"{BASE}timemap/network/harbour{ending}"
    assert found["first"] == (
        f"{BASE}release/2025.1/doc/network/harbour{ending}",
        {"datetime": FIRST},
    )
    assert found["last"][1] == {"datetime": THIRD}


def test_head_negotiates_as_get_does(archive: httpx.Client) -> None:
    answer = archive.head(HARBOUR, headers={"Accept-Datetime": SECOND})

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/release/2025.2{HARBOUR}"


@pytest.mark.parametrize(
    "asked", ["2025-03-01", "yesterday", "", "Sat, 31 Feb 2025 12:00:00 GMT", "Sat, 01 Mar 2025"]
)
def test_a_malformed_date_is_refused(archive: httpx.Client, asked: str) -> None:
    answer = archive.get(HARBOUR, headers={"Accept-Datetime": asked})

    assert answer.status_code == 400
    assert "Thu, 31 May 2007 20:35:00 GMT" in answer.json()["detail"]


def test_without_a_date_the_document_is_as_it_is_now(archive: httpx.Client) -> None:
    answer = archive.get(HARBOUR + ".ttl")

    assert answer.status_code == 200
    assert "Memento-Datetime" not in answer.headers
    assert "accept-datetime" in answer.headers["Vary"].lower()
    assert links(answer)["timegate"][0] == f"{BASE}doc/network/harbour.ttl"


def test_a_memento_says_which_moment_it_is_of_and_what_is_around_it(archive: httpx.Client) -> None:
    answer = archive.get(f"/release/2025.2{HARBOUR}", headers={"Accept": "text/turtle"})

    assert answer.status_code == 200
    assert answer.headers["Memento-Datetime"] == SECOND
    assert answer.headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
    assert answer.headers["Content-Location"] == f"/release/2025.2{HARBOUR}.ttl"
    found = links(answer)
    assert found["original"][0] == f"{BASE}doc/network/harbour"
    assert found["timegate"][0] == f"{BASE}doc/network/harbour"
    assert found["timemap"][1]["from"] == FIRST
    assert found["timemap"][1]["until"] == THIRD
    assert found["prev"] == (f"{BASE}release/2025.1/doc/network/harbour", {"datetime": FIRST})
    assert found["next"] == (f"{BASE}release/2026.1/doc/network/harbour", {"datetime": THIRD})
    assert found["memento"][1]["datetime"]


def test_a_page_of_another_site_may_ask_for_a_moment(archive: httpx.Client) -> None:
    allowed = archive.options(HARBOUR).headers["Access-Control-Allow-Headers"]
    exposed = archive.get(f"/release/2025.1{HARBOUR}.nt").headers["Access-Control-Expose-Headers"]

    assert "Accept-Datetime" in allowed.split(", ")
    assert {"Link", "Memento-Datetime"} <= set(exposed.split(", "))


def test_the_first_memento_has_none_before_it_and_the_last_none_after(
    archive: httpx.Client,
) -> None:
    first = links(archive.get(f"/release/2025.1{HARBOUR}.nt"))
    last = links(archive.get(f"/release/2026.1{HARBOUR}.nt"))

    assert "prev" not in first
    assert "next" not in last


def start_dates(body: bytes, ending: str) -> set[str]:
    found = ox.parse(body, format=ox.RdfFormat.from_extension(ending))
    dates = {quad.object for quad in found if quad.predicate.value == f"{BASE}ont#startDate"}
    return {date.value for date in dates if isinstance(date, ox.Literal)}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_memento_is_the_graph_as_it_was_released(archive: httpx.Client, ending: str) -> None:
    said = {}
    for version in ("2025.1", "2025.2", "2026.1"):
        answer = archive.get(f"/release/{version}{HARBOUR}.{ending}")
        assert answer.status_code == 200
        said[version] = start_dates(answer.content, ending)

    assert said == {"2025.1": {"2019"}, "2025.2": {"2020"}, "2026.1": {"2020"}}


def triples(client: httpx.Client, path: str, ending: str) -> set[str]:
    answer = client.get(f"{path}.{ending}")
    found = ox.parse(answer.content, format=ox.RdfFormat.from_extension(ending))
    return {str(quad.triple) for quad in found}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["/doc/network/harbour", "/doc/graph/source/s2"])
def test_the_memento_of_the_served_release_is_the_document(
    archive: httpx.Client, ending: str, name: str
) -> None:
    assert triples(archive, f"/release/2026.1{name}", ending) == triples(archive, name, ending)


def test_the_page_of_a_memento_says_so(archive: httpx.Client) -> None:
    answer = archive.get(f"/release/2025.1{HARBOUR}", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert answer.headers["Memento-Datetime"] == FIRST
    assert "This is what release 2025.1" in answer.text
    assert ">2019<" in answer.text
    assert ">2020<" not in answer.text
    assert f'href="/release/2025.1{HARBOUR}.ttl"' in answer.text


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/release/2025.1/doc/city/xx-newport", "2025.2, 2026.1"),
        ("/release/2026.1/doc/city/xx-oldport", "these have it: 2025.1"),
        ("/release/2026.1/doc/city/xx-nowhere", "no release has it"),
        ("/release/2024.9/doc/network/harbour", "no release '2024.9'"),
    ],
)
def test_what_was_not_in_a_release_is_not_found_there(
    archive: httpx.Client, path: str, detail: str
) -> None:
    answer = archive.get(path)

    assert answer.status_code == 404
    assert detail in answer.json()["detail"]


# A person, and what only said something about it: a claim and a name.
@pytest.mark.parametrize("name", ["person/p-0001", "claim/s4-001", "name/n-0001"])
@pytest.mark.parametrize("ending", ["", ".nq", ".html"])
def test_what_was_removed_on_request_is_in_no_old_state(
    archive: httpx.Client, name: str, ending: str
) -> None:
    answer = archive.get(f"/release/2025.1/doc/{name}{ending}")
    history = archive.get(f"/history/{name}{ending}")
    timemap = archive.get(f"/timemap/{name}")
    pages = [archive.get(f"/feed/{page}").text for page in ("1.nt", "1.html")]

    assert [each.status_code for each in (answer, history, timemap)] == [410, 410, 410]
    assert not any("Ada" in text for text in (answer.text, history.text, *pages))


@pytest.mark.parametrize("ending", ["nq", "html"])
def test_what_was_removed_on_request_is_in_no_old_state_of_its_source(
    archive: httpx.Client, ending: str
) -> None:
    answer = archive.get(f"/release/2025.1/doc/graph/source/s4.{ending}")

    assert answer.status_code == 200
    assert "Ada" not in answer.text
    changed = parsedate_to_datetime(answer.headers["Last-Modified"])
    assert changed > parsedate_to_datetime(answer.headers["Memento-Datetime"])


def test_what_was_removed_on_request_leads_to_no_old_state(archive: httpx.Client) -> None:
    answer = archive.get("/doc/person/p-0001", headers={"Accept-Datetime": FIRST})

    assert answer.status_code == 410
    assert "memento" not in answer.headers.get("Link", "")


def test_what_is_sent_is_no_question_about_a_moment(archive: httpx.Client) -> None:
    assert archive.post(HARBOUR, headers={"Accept-Datetime": FIRST}).status_code == 405


@pytest.mark.parametrize(
    ("version", "location"), [("%C5%BE", "/dump/%C5%BE"), ("a%3Fb", "/dump/a%3Fb")]
)
def test_the_address_of_a_release_stays_one_part_of_a_path(
    archive: httpx.Client, version: str, location: str
) -> None:
    answer = archive.get(f"/release/{version}")

    assert (answer.status_code, answer.headers["Location"]) == (301, location)


def test_what_was_removed_on_request_is_in_no_old_state_of_another_thing(
    archive: httpx.Client,
) -> None:
    for ending in (*ENDINGS, "html"):
        answer = archive.get(f"/release/2025.1/doc/network/harbour.{ending}")
        assert answer.status_code == 200
        assert "p-0001" not in answer.text
        assert "Ada" not in answer.text


def test_the_address_of_a_release_leads_to_its_page(archive: httpx.Client) -> None:
    answer = archive.get("/release/2025.1")

    assert answer.status_code == 301
    assert archive.get(answer.headers["Location"]).status_code == 200
    assert archive.get(archive.get("/release").headers["Location"]).status_code == 200


def test_what_is_gone_says_that_it_has_versions(archive: httpx.Client) -> None:
    answer = archive.get("/doc/city/xx-oldport")

    assert answer.status_code == 410
    assert links(answer)["timemap"][0] == f"{BASE}timemap/city/xx-oldport"
    assert "timemap" not in archive.get("/doc/city/xx-nowhere").headers.get("Link", "")


def test_a_thing_that_is_gone_leads_to_the_release_that_had_it(archive: httpx.Client) -> None:
    answer = archive.get("/doc/city/xx-oldport", headers={"Accept-Datetime": THIRD})

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/release/2025.1/doc/city/xx-oldport"


def test_a_timemap_lists_every_version(archive: httpx.Client) -> None:
    answer = archive.get("/timemap/network/harbour")

    assert answer.headers["Content-Type"] == "application/link-format"
    thing = f"{BASE}release/%s/doc/network/harbour"
    assert answer.text.split(",\n") == [
        f'<{BASE}doc/network/harbour>; rel="original timegate"',
        f'<{BASE}timemap/network/harbour>; rel="self"; type="application/link-format"; '
        f'from="{FIRST}"; until="{THIRD}"',
        f'<{thing % "2025.1"}>; rel="first memento"; datetime="{FIRST}"',
        f'<{thing % "2025.2"}>; rel="memento"; datetime="{SECOND}"',
        f'<{thing % "2026.1"}>; rel="last memento"; datetime="{THIRD}"\n',
    ]


def test_a_timemap_can_be_had_as_json(archive: httpx.Client) -> None:
    by_name = archive.get("/timemap/network/harbour.json")
    by_type = archive.get("/timemap/network/harbour", headers={"Accept": "application/json"})

    assert by_name.json() == by_type.json()
    assert [item["datetime"] for item in by_name.json()["mementos"]["list"]] == [
        "2025-03-01T12:00:00Z",
        "2025-09-01T12:00:00Z",
        "2026-02-01T12:00:00Z",
    ]


def test_every_memento_of_a_timemap_answers(archive: httpx.Client) -> None:
    for name in ("network/harbour", "city/xx-oldport", "city/xx-newport", "graph/source/s1"):
        listed = archive.get(f"/timemap/{name}.json").json()["mementos"]["list"]
        assert listed
        for item in listed:
            path = item["uri"].removeprefix(BASE.rstrip("/"))
            assert archive.get(path).status_code == 200


def test_without_a_release_a_timemap_has_no_memento(client: httpx.Client) -> None:
    answer = client.get("/timemap/network/harbour")
    dated = client.get(HARBOUR + ".nt", headers={"Accept-Datetime": FIRST})

    assert answer.status_code == 200
    assert "memento" not in answer.text
    assert client.get("/timemap/network/nowhere").status_code == 404
    assert dated.status_code == 200
    assert "Memento-Datetime" not in dated.headers
