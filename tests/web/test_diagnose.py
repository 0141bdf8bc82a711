"""/sparql/diagnose over HTTP."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx
import jsonschema
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot

Serve = Callable[..., AbstractContextManager[Any]]
PATH = "/sparql/diagnose"
PREFIX = "PREFIX cpo: <https://w3id.org/citypledge/ont#>\n"
MISSPELT = PREFIX + "SELECT * { ?n a cpo:Netwrok }"
MENDED = PREFIX + "SELECT * { ?n a cpo:Network }"
AS_QUERY = {"Content-Type": "application/sparql-query"}


def test_a_query_in_each_form_of_the_protocol_is_diagnosed(client: httpx.Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        client.get(PATH, params={"query": MISSPELT}),
        client.post(PATH, data={"query": MISSPELT}),
        client.post(PATH, content=MISSPELT, headers=AS_QUERY),
        client.request("QUERY", PATH, content=MISSPELT, headers=AS_QUERY),
        client.post(PATH, content=str(httpx.QueryParams({"query": MISSPELT})), headers=form),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        told = answer.json()
        assert told["verdict"] == "empty"
        (finding,) = told["findings"]
        assert (finding["code"], finding["line"], finding["column"]) == ("unknown-class", 2, 17)
        assert told["query"] == MENDED


def test_the_mended_query_has_an_answer_where_the_query_had_none(client: httpx.Client) -> None:
    asked = {"Accept": "application/sparql-results+json"}

    def rows(query: str) -> int:
        found = client.get("/sparql", params={"query": query}, headers=asked).json()
        return len(found["results"]["bindings"])

    mended = client.post(PATH, data={"query": MISSPELT}).json()["query"]
    assert rows(MISSPELT) == 0
    assert rows(mended) == 2  # the compact, and the one with the hostile name


def test_answers_have_the_form_that_the_schema_says(client: httpx.Client) -> None:
    schema = client.get(PATH).json()
    jsonschema.Draft202012Validator.check_schema(schema)
    for query in (
        MISSPELT,
        MENDED,
        "SELECT (COUNT(*) AS ?n) { ?s a <http://nowhere.example/> }",
        "DESCRIBE <http://nowhere.example/>",
        'SELECT * { ?s ?p "no such text" FILTER(?x > 5) } LIMIT 0',
        "SELECT * { << ?s ?p ?o >> ?q ?v }",
    ):
        told = client.post(PATH, content=query, headers=AS_QUERY).json()
        jsonschema.validate(told, schema)


def test_what_is_no_query_is_a_problem_with_its_place(client: httpx.Client) -> None:
    answer = client.post(PATH, content="SELECT * {\n ?s ?p }", headers=AS_QUERY)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "line 2" in answer.json()["detail"]


def test_a_service_is_refused(client: httpx.Client) -> None:
    query = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    answer = client.post(PATH, content=query, headers=AS_QUERY)
    assert answer.status_code == 400
    assert "SERVICE" in answer.json()["detail"]


def test_what_the_protocol_refuses_is_refused(client: httpx.Client) -> None:
    assert client.post(PATH, data={"update": "CLEAR ALL"}).status_code == 400
    assert client.post(PATH, content="x", headers={"Content-Type": "text/csv"}).status_code == 415
    assert client.post(PATH, content="x" * 300_000, headers=AS_QUERY).status_code == 413
    assert client.delete(PATH).status_code in (405, 501)
    assert client.get(PATH, params={"query": MISSPELT, "release": "1"}).status_code == 400
    page = client.get(PATH, params={"query": MISSPELT}, headers={"Accept": "text/turtle"})
    assert page.status_code == 406


def test_an_answer_is_kept_by_no_cache(client: httpx.Client) -> None:
    answer = client.post(PATH, content=MISSPELT, headers=AS_QUERY)
    assert answer.headers["cache-control"] == "no-store"


def test_hostile_text_comes_back_as_json_text(client: httpx.Client) -> None:
    hostile = "<script>alert('x')</script>"
    query = f'SELECT * {{ ?s <http://www.w3.org/2004/02/skos/core#prefLabel> "{hostile}" }}'
    answer = client.post(PATH, content=query, headers=AS_QUERY)
    (finding,) = answer.json()["findings"]
    assert finding["found"] == f'"{hostile}"'
    assert finding["nearest"][0]["term"] == f'"{hostile}"@en'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_diagnosis_that_takes_too_long_is_stopped_and_says_so(serve: Serve) -> None:
    product = "SELECT * { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(7))
    query = product + " FILTER(?s0 = ?s1 && ?s2 = ?o6 && ?p1 = 5) }"
    with serve(Limits(deadline_s=1, workers=1)) as running:
        answer = httpx.post(running.address + PATH, content=query, headers=AS_QUERY, timeout=60)
        assert answer.status_code == 504
        assert "not known" in answer.json()["detail"]
        assert running.answers()


def test_the_quota_counts_diagnoses_too(serve: Serve) -> None:
    with serve(Limits(per_minute=2, workers=1)) as running:
        found = [
            httpx.post(running.address + PATH, content=MENDED, headers=AS_QUERY).status_code
            for _ in range(3)
        ]
    assert found == [200, 200, 429]


def test_a_store_on_disk_is_diagnosed_as_well(serve: Serve, served: Snapshot) -> None:
    with serve(Limits(memory_share=0, printed_things=0, workers=1), served) as running:
        answer = httpx.post(running.address + PATH, content=MISSPELT, headers=AS_QUERY, timeout=60)
        assert answer.json()["query"] == MENDED


@pytest.mark.parametrize("language", ["lt", "sl"])
def test_sentences_come_in_the_language_of_the_reader(client: httpx.Client, language: str) -> None:
    asked = {"Accept-Language": language, **AS_QUERY}
    (told,) = client.post(PATH, content=MISSPELT, headers=asked).json()["findings"]
    (english,) = client.post(PATH, content=MISSPELT, headers=AS_QUERY).json()["findings"]
    assert english["message"] == "Nothing in the data is a cpo:Netwrok."
    assert told["message"] != english["message"]
    assert "cpo:Netwrok" in told["message"]
    assert {**told, "message": "", "remedy": ""} == {**english, "message": "", "remedy": ""}
