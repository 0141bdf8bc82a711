"""How to cite: BibTeX, CSL-JSON, RIS, Citation File Format and text, by every way to ask."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
import yaml

from kg.citation import BIBTEX, CFF, CSL, RIS, Work, cite, text

BASE = "https://w3id.org/citypledge/"
WORK = Work(
    key="citypledge-2026-1",
    title="50% of A & B_C {d}",
    author="citypledge curators",
    version="2026.1",
    issued=date(2026, 2, 1),
    address="https://example.org/dataset/2026.1",
    licence="https://creativecommons.org/licenses/by/4.0/",
)


def test_bibtex_escapes_what_tex_would_read() -> None:
    assert cite(WORK, BIBTEX).decode() == (
        "@misc{citypledge-2026-1,\n"
        "  title = {{50\\% of A \\& B\\_C \\{d\\}}},\n"
        "  author = {{citypledge curators}},\n"
        "  year = {2026},\n"
        "  month = {2},\n"
        "  day = {1},\n"
        "  version = {2026.1},\n"
        "  howpublished = {Data set},\n"
        "  url = {https://example.org/dataset/2026.1},\n"
        "}\n"
    )


def test_csl_json_is_an_array_of_items() -> None:
    (item,) = json.loads(cite(WORK, CSL))

    assert item["type"] == "dataset"
    assert item["issued"] == {"date-parts": [[2026, 2, 1]]}
    assert item["author"] == [{"literal": "citypledge curators"}]
    assert item["URL"] == "https://example.org/dataset/2026.1"


def test_ris_begins_and_ends_as_the_format_says() -> None:
    lines = cite(WORK, RIS).decode().splitlines()

    assert lines[0] == "TY  - DATA"
    assert lines[-1].rstrip() == "ER  -"
    assert "DA  - 2026/02/01" in lines
    assert all(line[2:6] == "  - " for line in lines[:-1])


def test_a_citation_file_has_what_its_schema_demands() -> None:
    found = yaml.safe_load(cite(WORK, CFF))

    assert {"cff-version", "message", "title", "authors"} <= set(found)
    assert found["cff-version"] == "1.2.0"
    assert found["date-released"] == date(2026, 2, 1)


def test_text_is_in_the_manner_of_the_apa() -> None:
    assert text(WORK) == (
        "citypledge curators (2026). 50% of A & B_C {d} (Version 2026.1) [Data set]. "
        "https://example.org/dataset/2026.1"
    )


@pytest.fixture
def archive(past: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past.address, timeout=60) as client:
        yield client


def address(client: httpx.Client, path: str, **query: str) -> str:
    answer = client.get(path, params=query, headers={"Accept": CSL.name})
    assert answer.status_code == 200
    found: str = answer.json()[0]["URL"]
    return found


def test_a_released_dataset_is_cited_by_its_version(archive: httpx.Client) -> None:
    assert address(archive, "/cite").endswith("/2026.1")
    assert address(archive, "/cite", release="2025.2").endswith("/2025.2")
    assert "(2025)" in archive.get("/cite.txt?release=2025.2").text


def test_a_thing_is_cited_by_its_memento(archive: httpx.Client) -> None:
    assert address(archive, "/cite/network/harbour") == (
        f"{BASE}release/2026.1/doc/network/harbour"
    )
    assert address(archive, "/cite/city/xx-oldport", release="2025.1") == (
        f"{BASE}release/2025.1/doc/city/xx-oldport"
    )
    assert archive.get("/cite/city/xx-oldport").status_code == 404


def test_a_result_is_cited_by_its_permalink(archive: httpx.Client) -> None:
    query = "ASK { ?s ?p ?o }"
    link = archive.get("/sparql", params={"query": query}).headers["Link"]

    assert link == f'<{address(archive, "/cite", query=query)}>; rel="cite-as"'


def test_a_long_query_is_not_repeated_in_a_header(archive: httpx.Client) -> None:
    query = f"ASK {{ ?s ?p '{'x' * 5000}' }}"
    answer = archive.get("/cite.txt", params={"query": query})

    assert answer.status_code == 200
    assert "Content-Location" not in answer.headers


def test_what_says_nothing_of_what_is_cited_is_in_no_address(archive: httpx.Client) -> None:
    answer = archive.get("/cite.txt?utm_source=x&release=2025.2&format=txt")

    assert answer.headers["Content-Location"] == "/cite.txt?release=2025.2"


def test_a_result_that_changes_by_itself_is_not_cited(archive: httpx.Client) -> None:
    answer = archive.get("/cite", params={"query": "SELECT (NOW() AS ?x) {}"})

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/cite", "/cite/network/harbour"])
@pytest.mark.parametrize(
    ("ending", "name"),
    [
        ("bib", "application/x-bibtex"),
        ("json", "application/vnd.citationstyles.csl+json"),
        ("ris", "application/x-research-info-systems"),
        ("txt", "text/plain"),
        ("cff", "application/yaml"),
        ("html", "text/html"),
    ],
)
def test_a_form_can_be_asked_for_in_three_ways(
    archive: httpx.Client, path: str, ending: str, name: str
) -> None:
    answers = [
        archive.get(f"{path}.{ending}"),
        archive.get(path, params={"format": ending}),
        archive.get(path, headers={"Accept": name}),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["Content-Type"].partition(";")[0] for answer in answers} == {name}
    assert len({answer.content for answer in answers} if ending != "html" else {1}) == 1


@pytest.mark.parametrize(("said", "ending"), [("bibtex", "bib"), ("csl", "json"), ("text", "txt")])
def test_a_form_is_known_by_what_people_call_it(
    archive: httpx.Client, said: str, ending: str
) -> None:
    answers = [archive.get("/cite", params={"format": name}) for name in (said, ending)]

    assert answers[0].status_code == 200
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("path", "status"),
    [("/cite?format=docx", 400), ("/cite.docx", 404), ("/cite/network/nowhere", 404)],
)
def test_what_cannot_be_had_is_refused(archive: httpx.Client, path: str, status: int) -> None:
    assert archive.get(path).status_code == status


def test_a_release_that_never_was_cannot_be_cited(archive: httpx.Client) -> None:
    answer = archive.get("/cite", params={"release": "1999.1"})

    assert answer.status_code == 404
    assert "2025.1" in answer.json()["detail"]


def test_what_is_not_released_says_so(client: httpx.Client) -> None:
    cited = client.get("/cite.txt").text

    assert "(n.d.)" in cited
    assert "Not a release: snapshot " in cited
