"""SERVICE to named origins: two real servers, one of which may call the other."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from kg.query.guard import QueryRefusedError, inspect
from kg.query.service import Limits

ORIGIN = "https://query.example.org"


def ask(address: str, text: str) -> httpx.Response:
    return httpx.get(f"{address}/sparql", params={"query": text}, timeout=60)


@pytest.fixture(name="pair", scope="module")
def a_server_that_may_call_another(
    serve: Callable[..., AbstractContextManager[Any]],
) -> Iterator[tuple[str, str]]:
    with serve(Limits(workers=1)) as called:
        parts = urlsplit(called.address)
        limits = Limits(
            workers=1, deadline_s=30, service_origins=(f"{parts.scheme}://{parts.netloc}",)
        )
        with serve(limits) as calling:
            yield calling.address, called.address


@pytest.mark.parametrize(
    "clause",
    [
        "SERVICE <{0}/sparql>",
        "service silent <{0}/sparql>",
        "SERVICE e:sparql",
        "SERVICE<{0}/sparql>",
    ],
)
def test_an_origin_that_is_allowed_is_called(pair: tuple[str, str], clause: str) -> None:
    calling, called = pair
    text = (
        f"PREFIX e: <{called}/> SELECT (COUNT(*) AS ?n) {{ {clause.format(called)} {{ ?s a ?o }} }}"
    )

    answer = ask(calling, text)

    there = ask(called, "SELECT (COUNT(*) AS ?n) { ?s a ?o }")
    assert answer.status_code == 200
    assert answer.json()["results"] == there.json()["results"]


def test_an_answer_from_elsewhere_is_not_kept(pair: tuple[str, str]) -> None:
    calling, called = pair
    text = f"ASK {{ SERVICE <{called}/sparql> {{ ?s a ?o }} }}"
    before = ask(calling, "ASK {}") and httpx.get(f"{calling}/metrics").text

    first, second = ask(calling, text), ask(calling, text)

    assert before
    assert first.json() == second.json() == {"head": {}, "boolean": True}
    hits = [line for line in httpx.get(f"{calling}/metrics").text.splitlines() if "cached" in line]
    assert hits == [line for line in before.splitlines() if "cached" in line]


@pytest.mark.parametrize(
    "clause",
    [
        "SERVICE ?where",
        "SERVICE <http://127.0.0.1:9/sparql>",
        "SERVICE SILENT <http://127.0.0.1:9/sparql>",
        "SERVICE <file:///etc/hostname>",
    ],
)
def test_anything_else_is_refused_by_a_server_that_may_call_one(
    pair: tuple[str, str], clause: str
) -> None:
    answer = ask(pair[0], f"SELECT * {{ {clause} {{ ?s ?p ?o }} }}")

    assert answer.status_code == 400
    assert "SERVICE may only name" in answer.json()["detail"]


@pytest.mark.parametrize(
    "target",
    [
        "<https://query.example.org.evil.example/sparql>",
        "<https://query.example.org@evil.example/sparql>",
        "<http://query.example.org/sparql>",
        "<https://query.example.org:8443/sparql>",
        "<sparql>",
        "?query",
        "$query",
    ],
)
def test_an_origin_is_compared_whole(target: str) -> None:
    with pytest.raises(QueryRefusedError, match="only name an address at one of"):
        inspect(f"SELECT * {{ SERVICE {target} {{ ?s ?p ?o }} }}", [ORIGIN])


def test_each_service_of_a_query_has_to_be_allowed() -> None:
    good = f"SERVICE <{ORIGIN}/a> {{ ?s ?p ?o }}"

    assert inspect(f"SELECT * {{ {good} }}", [ORIGIN]).calls
    assert not inspect("SELECT * { ?s ?p ?o }", [ORIGIN]).calls
    with pytest.raises(QueryRefusedError):
        inspect(f"SELECT * {{ {good} SERVICE <https://evil.example/> {{ ?s ?p ?o }} }}", [ORIGIN])
    with pytest.raises(QueryRefusedError, match="not available"):
        inspect(f"SELECT * {{ {good} }}")


def test_a_relative_name_counts_as_what_base_makes_of_it() -> None:
    text = "BASE <{0}/> SELECT * {{ SERVICE <sparql> {{ ?s ?p ?o }} }}"

    assert inspect(text.format(ORIGIN), [ORIGIN]).calls
    with pytest.raises(QueryRefusedError):
        inspect(text.format("https://evil.example"), [ORIGIN])
