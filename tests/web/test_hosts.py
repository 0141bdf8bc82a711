"""The name under which a client reaches the server is in no answer, but in two for this machine."""

import httpx
import pytest

from kg.web.links import is_loopback

BASE = "https://w3id.org/citypledge"
SERVICES = ("/reconcile", "/opensearch.xml")  # they tell a program where it may go on
PAGES = (
    *("/", "/about", "/class", "/dataset", "/catalog", "/dump", "/ont", "/voc", "/shapes", "/feed"),
    *("/cite", "/sparql", "/robots.txt", "/sitemap.xml", "/.well-known/void", "/nothing"),
    *("/id/network/lt-green-municipalities", "/doc/network/lt-green-municipalities"),
    *("/doc/network/lt-green-municipalities.ttl", "/linkset/network/lt-green-municipalities"),
    *("/incoming/network/lt-green-municipalities", "/history/network/lt-green-municipalities"),
    *("/fragments", "/ID/network/lt-green-municipalities", "/status.json"),
)


@pytest.mark.parametrize("path", PAGES)
def test_the_host_of_a_request_is_in_no_answer(names: httpx.Client, path: str) -> None:
    for host in ("evil.example", "localhost:1"):
        answer = names.get(path, headers={"Host": host})
        told = answer.text + str(answer.headers)
        assert host not in told, host


OF_ELSEWHERE = (
    *("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:80"),
    *("localhost.", "127.0.0.256", "127.1", "0.0.0.0", "[::2]", "10.0.0.1", "xlocalhost"),
    *("localhost:123456", "localhost:", "localhost:80:80", ""),
)


@pytest.mark.parametrize("host", OF_ELSEWHERE)
def test_no_host_but_this_machine_is_believed(names: httpx.Client, host: str) -> None:
    assert not is_loopback(host)
    for path in SERVICES:
        answer = names.get(path, headers={"Host": host})
        if answer.status_code == 400:  # no `Host` at all
            continue
        assert BASE in answer.text
        assert "http://" + (host or "/") not in answer.text
        assert "public" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "127.0.0.255:1", "[::1]:8000"])
@pytest.mark.parametrize("path", SERVICES)
def test_a_program_on_this_machine_is_sent_where_it_was_and_no_cache_keeps_that(
    names: httpx.Client, path: str, host: str
) -> None:
    for _ in range(2):  # also from memory
        answer = names.get(path, headers={"Host": host})
        assert f"http://{host}" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    known = names.get(path, headers={"Host": host, "If-None-Match": answer.headers["ETag"]})
    assert (known.status_code, known.headers["Cache-Control"]) == (304, "no-store")
    other = names.get(path, headers={"Host": "example.org"})
    assert host not in other.text
    assert other.headers["ETag"] != answer.headers["ETag"]


@pytest.mark.parametrize("name", ["Via", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto"])
@pytest.mark.parametrize("path", SERVICES)
def test_what_a_proxy_passes_on_is_not_from_this_machine(
    names: httpx.Client, path: str, name: str
) -> None:
    """Its `Host` may be the one by which the proxy knows the server."""
    headers = {"Host": "localhost:8000"}
    assert "localhost" in names.get(path, headers=headers).text
    answer = names.get(path, headers={**headers, name: "1.1 proxy"})
    assert "localhost" not in answer.text
    assert "public" in answer.headers["Cache-Control"]
