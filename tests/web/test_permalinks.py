"""A permalink names a query and a release, and has the same answer for good."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kg.query.service import Limits
from kg.release import releases
from kg.snapshot import Snapshot
from kg.web.deployment import of_snapshot

BASE = "https://w3id.org/citypledge/"
DATES = f"SELECT ?d {{ <{BASE}id/network/harbour> <{BASE}ont#startDate> ?d }}"
NAMES = "http://www.w3.org/2004/02/skos/core#prefLabel"
BY_THING = f"SELECT ?s (COUNT(?l) AS ?n) {{ ?s <{NAMES}> ?l }} GROUP BY ?s"


@pytest.fixture
def archive(past: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past.address, timeout=60) as client:
        yield client


def ask(client: httpx.Client, query: str, version: str, **headers: str) -> httpx.Response:
    """Ask a release, again and again while it is being started."""
    parameters = {"query": query, "release": version}
    for _ in range(60):
        answer = client.get("/sparql", params=parameters, headers=headers)
        if answer.status_code != 503:
            return answer
        assert int(answer.headers["Retry-After"]) > 0
        client.get("/healthz")
    raise AssertionError("hangs: starting a release")


def dates(answer: httpx.Response) -> list[str]:
    return [row["d"]["value"] for row in answer.json()["results"]["bindings"]]


def cited(answer: httpx.Response) -> str:
    found = re.search(r'<([^>]*)>; rel="cite-as"', answer.headers["Link"])
    assert found
    return found[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_names_its_permalink(archive: httpx.Client, method: str) -> None:
    for _ in range(3):  # made, kept, and answered from memory
        if method == "GET":
            answer = archive.get("/sparql", params={"query": DATES})
        else:
            answer = archive.post("/sparql", data={"query": DATES})
        address = cited(answer)
        assert address.startswith(f"{BASE}sparql?")
        assert parse_qs(urlsplit(address).query) == {"query": [DATES], "release": ["2026.1"]}
        again = archive.get("/sparql?" + urlsplit(address).query)
        assert again.content == answer.content
        assert cited(again) == address


def test_the_graphs_that_a_request_names_are_in_the_permalink(archive: httpx.Client) -> None:
    graph = f"{BASE}graph/source/s2"
    answer = archive.get("/sparql", params={"query": DATES, "default-graph-uri": graph})

    assert parse_qs(urlsplit(cited(answer)).query)["default-graph-uri"] == [graph]


@pytest.mark.parametrize(
    "query", ["SELECT (NOW() AS ?d) {}", "SELECT (RAND() AS ?d) {}", "SELECT (UUID() AS ?d) {}"]
)
def test_what_changes_by_itself_has_no_permalink(archive: httpx.Client, query: str) -> None:
    assert "cite-as" not in archive.get("/sparql", params={"query": query}).headers.get("Link", "")


def test_a_query_too_long_for_a_header_has_none_there(archive: httpx.Client) -> None:
    text = f"{DATES} VALUES ?x {{ '{'x' * 5000}' }}"
    answer = archive.post("/sparql", data={"query": text})

    assert answer.status_code == 200
    assert "cite-as" not in answer.headers.get("Link", "")


def test_what_is_served_is_no_release_so_nothing_is_cited(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "ASK {}"})

    assert "Link" not in answer.headers


def test_an_earlier_release_answers_as_it_did(
    serve: Callable[..., AbstractContextManager[Any]],
    release_past: Callable[[Path], Snapshot],
    tmp_path: Path,
) -> None:
    last = release_past(tmp_path)
    snapshots = {path.name for path in (tmp_path / "snapshots").iterdir()}
    before = {}
    for name in snapshots - {last.manifest.snapshot}:
        first = Snapshot(tmp_path / "snapshots" / name, last.manifest)
        with serve(Limits(workers=1), first) as running:
            answer = httpx.get(f"{running.address}/sparql", params={"query": BY_THING})
            before[dates(httpx.get(f"{running.address}/sparql", params={"query": DATES}))[0]] = (
                answer.content
            )
    for name in snapshots - {last.manifest.snapshot}:
        shutil.rmtree(tmp_path / "snapshots" / name)

    with (
        serve(Limits(workers=1, deadline_s=60), last, workspace=tmp_path) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        assert dates(client.get("/sparql", params={"query": DATES})) == ["2020"]
        old = ask(client, DATES, "2025.1")
        assert dates(old) == ["2019"]
        assert parse_qs(urlsplit(cited(old)).query)["release"] == ["2025.1"]
        assert ask(client, BY_THING, "2025.1").content == before["2019"]
        assert dates(client.get("/sparql", params={"query": DATES})) == ["2020"]
        led = ask(client, DATES, "2025.1", Accept="text/html")
        assert led.status_code == 303
        page = client.get(led.headers["Location"], headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert "2019" in page.text
        downloads = re.findall(r'href="(/sparql\?[^"]*download=[^"]*)"', page.text)
        assert downloads
        assert all("release=2025.1" in address for address in downloads)
        assert (tmp_path / "current").read_text().strip() == last.manifest.snapshot


ADA = 'ASK { ?s ?p ?o FILTER(CONTAINS(STR(?o), "Ada")) }'


def test_what_was_removed_on_request_is_in_no_earlier_answer(archive: httpx.Client) -> None:
    answer = ask(archive, ADA, "2025.2")

    assert answer.status_code == 200
    assert answer.json()["boolean"] is False


def test_what_is_removed_while_a_release_is_asked_is_in_its_next_answer_no_more(
    serve: Callable[..., AbstractContextManager[Any]],
    release_past: Callable[[Path], Snapshot],
    tmp_path: Path,
) -> None:
    last = release_past(tmp_path)
    second = releases(tmp_path)[1]
    before = Snapshot(tmp_path / "snapshots" / second.snapshot, last.manifest)
    limits = Limits(workers=1, deadline_s=60)
    with (
        serve(limits, before, workspace=tmp_path) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        running.do(running.front.take_up(of_snapshot(before, limits)))
        assert ask(client, ADA, "2025.1").json()["boolean"] is True
        running.do(running.front.take_up(of_snapshot(last, limits)))
        assert ask(client, ADA, "2025.1").json()["boolean"] is False
        kept = {path.name for path in (tmp_path / "snapshots").iterdir()}
        assert len(kept) == 3  # what is filtered is no snapshot of the workspace
        assert client.get("/release/2025.1/doc/claim/s4-001").status_code == 410
    assert not list(tmp_path.glob(".scratch-*"))


def test_the_served_release_is_asked_by_its_version(archive: httpx.Client) -> None:
    answer = archive.get("/sparql", params={"query": DATES, "release": "2026.1"})

    assert dates(answer) == ["2020"]


def test_another_release_is_refused_while_one_is_being_asked(archive: httpx.Client) -> None:
    assert dates(ask(archive, DATES, "2025.2")) == ["2020"]
    answer = archive.get("/sparql", params={"query": DATES, "release": "2025.1"})

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_release_that_never_was_is_not_found(archive: httpx.Client) -> None:
    answer = archive.get("/sparql", params={"query": DATES, "release": "1999.1"})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "2025.1, 2025.2, 2026.1" in answer.json()["detail"]


def test_without_releases_that_is_said(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": DATES, "release": "2026.1"})

    assert answer.status_code == 404
    assert "nothing is released yet" in answer.json()["detail"]
