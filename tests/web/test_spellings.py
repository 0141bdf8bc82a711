"""Other spellings of an address lead to the right one, in one step, and never off this site."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kg.query.service import Limits

CANONICAL = "https://w3id.org/citypledge"


@pytest.fixture(name="client", scope="module")
def a_client_of_a_dataset_with_releases(past: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past.address, timeout=60) as found:
        yield found


def sent(running: Any, target: str, method: str = "GET", *fields: str) -> tuple[int, str | None]:
    """Status and `Location` of the answer to a target that no client library has tidied up."""
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *fields]
    with running.connect() as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        got = b""
        while piece := connection.recv(1 << 16):
            got += piece
    found = re.search(rb"\r\nlocation: (.*)\r\n", got.partition(b"\r\n\r\n")[0] + b"\r\n")
    return int(got.split()[1]), found and found[1].decode()  # type: ignore[return-value]


OTHERS = [
    ("/ID/network/harbour", "/id/network/harbour"),
    ("/Id/Network/HARBOUR?at=2025", "/id/network/harbour?at=2025"),
    ("/DOC/network/harbour", "/doc/network/harbour"),
    ("/doc/network/harbour.TTL", "/doc/network/harbour.ttl"),
    ("/Doc/Network/Harbour.JsonLD", "/doc/network/harbour.jsonld"),
    ("/ID/Network/Harbour.TTL", "/doc/network/harbour.ttl"),
    ("/incoming/Network/Harbour", "/incoming/network/harbour"),
    ("/Incoming/network/harbour.NT", "/incoming/network/harbour.nt"),
    ("/History/Network/Harbour", "/history/network/harbour"),
    ("/timemap/Network/Harbour", "/timemap/network/harbour"),
    ("/TimeMap/network/harbour.JSON", "/timemap/network/harbour.json"),
    ("/linkset/Network/Harbour.json", "/linkset/network/harbour.json"),
    ("/LinkSet/network/harbour", "/linkset/network/harbour"),
    ("/cite/City/XX_Newport", "/cite/city/xx-newport"),
    ("/Cite/city/xx-newport.BIB", "/cite/city/xx-newport.bib"),
    ("/CITE", "/cite"),
    ("/release/2025.1/doc/Network/Harbour", "/release/2025.1/doc/network/harbour"),
    ("/Release/2025.1/Doc/network/harbour.TTL", "/release/2025.1/doc/network/harbour.ttl"),
    ("/Dump/2025.1/SHA256SUMS", "/dump/2025.1/SHA256SUMS"),
    ("/Feed.TTL", "/feed.ttl"),
    ("/Sitemap.XML", "/sitemap.xml"),
    ("/SPARQL?query=ASK%7B%7D", "/sparql?query=ASK%7B%7D"),
    ("/%73parql?query=ASK%7B%7D", "/sparql?query=ASK%7B%7D"),
    ("/Status.JSON", "/status.json"),
    ("/ID/Network/", "/id/network/"),
    ("/id/./network/harbour", "/id/network/harbour"),
    ("/id/%2e/network/harbour?a=b", "/id/network/harbour?a=b"),
    ("/doc/../id/network/harbour", "/id/network/harbour"),
    ("/doc/%2E%2e/ID//Network/harbour/", "/id/network/harbour"),
    ("/id/network/.", "/id/network/"),
]


@pytest.mark.parametrize(("target", "location"), OTHERS)
def test_another_spelling_is_moved_in_one_step(past: Any, target: str, location: str) -> None:
    assert sent(past, target) == (301, location)
    assert sent(past, target, "HEAD") == (301, location)
    assert sent(past, location)[0] != 301


@pytest.mark.parametrize(
    "target",
    [
        *("/ID/city/nowhere", "/DOC/city/nowhere.TTL", "/nothing/", "/./nothing", "/Wp-Login.PHP"),
        *("/incoming/City/Nowhere", "/Release/1999.1/Doc/network/harbour", "/id/..%2fdoc"),
        *("/doc/%2e%2e%2fid/network/harbour", "/id/%00", "/ID/Town/", f"/{'A' * 5000}"),
    ],
)
def test_what_means_nothing_is_not_moved(past: Any, target: str) -> None:
    assert sent(past, target) == (404, None)


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "//evil.example/", "///evil.example/..", "/\\evil.example/"),
        *("/%5cevil.example/", "/./%2Fevil.example", "//evil.example/%2e%2e", "/.//evil.example"),
        *("/id/..//evil.example", "//evil.example/%2e%2e//evil.example", "/https://evil.example/"),
    ],
)
def test_no_spelling_leads_off_the_site(past: Any, target: str) -> None:
    _, location = sent(past, target)

    assert location in (None, "/")


def test_who_follows_another_spelling_arrives_after_one_move(client: httpx.Client) -> None:
    answer = client.get("/ID/Network/Harbour", follow_redirects=True)

    assert answer.status_code == 200
    assert [step.status_code for step in answer.history] == [301, 303]


def test_a_query_that_is_posted_to_another_spelling_is_posted_again(past: Any) -> None:
    """RFC 9110, 15.4.9: 308 keeps the method."""
    for target in ("/SPARQL", "/sparql/", "/./sparql"):
        assert sent(past, target, "POST", "Content-Length: 0") == (308, "/sparql")


def test_a_request_that_came_by_http_is_led_to_https_on_every_way(serve: Any) -> None:
    by_http = "X-Forwarded-Proto: http"
    length = "Content-Length: 0"
    ask = "/sparql?query=ASK%7B%7D"
    with serve(Limits(workers=1), trusted_proxies=["127.0.0.1"]) as running:
        assert sent(running, ask, "GET", by_http) == (301, f"{CANONICAL}{ask}")
        assert sent(running, ask, "HEAD", by_http) == (301, f"{CANONICAL}{ask}")
        for path in ("/sparql", "/validate"):
            assert sent(running, path, "POST", by_http, length) == (308, f"{CANONICAL}{path}")
        assert sent(running, "/static/site.css", "GET", by_http)[0] == 301
        assert sent(running, "//evil.example", "GET", by_http)[1] == f"{CANONICAL}/evil.example"
        assert sent(running, "/sparql", "OPTIONS", by_http)[0] == 204
        assert sent(running, ask, "GET", "X-Forwarded-Proto: https")[0] == 200
    with serve(Limits(workers=1)) as running:
        assert sent(running, ask, "GET", by_http)[0] == 200
