"""The letter of HTTP on every route, by raw requests: RFC 9110, RFC 9111, RFC 8246 and CORS."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from kg.web.site import release

Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[..., Answer]

ROUTES = [
    *("/", "/about", "/class", "/class/Network", "/id/network/harbour", "/doc/network/harbour"),
    *("/doc/network/harbour.ttl", "/doc/network/harbour.html?at=2025", "/linkset/network/harbour"),
    *("/incoming/network/harbour", "/history/network/harbour", "/timemap/network/harbour"),
    *("/release", "/release/2025.1/doc/network/harbour.nt", "/cite", "/cite/network/harbour.bib"),
    *("/feed", "/feed/1.ttl", "/fragments", "/context.jsonld", "/robots.txt", "/sitemap.xml"),
    *("/dump", "/dump/2026.1", "/dump/2026.1/SHA256SUMS", "/dump/2026.1/dataset.nq.gz"),
    *("/sparql", "/sparql?query=ASK%7B%7D", "/validate", "/static/site.css", "/doc/city/nowhere"),
    *("/healthz", "/readyz", "/nothing", "/doc/network/harbour?page=9"),
]
ACCEPTS = ["*/*", "text/html", "text/turtle", "image/png"]
# The headers that a script of another origin sees without being told (CORS-safelisted).
SAFELISTED = {
    *("cache-control", "content-language", "content-length", "content-type", "expires"),
    *("last-modified", "pragma"),
}
# What is for the client itself, and no script needs.
FOR_CLIENTS = {
    *("connection", "content-security-policy", "x-content-type-options", "referrer-policy"),
    *("access-control-allow-origin", "access-control-expose-headers", "transfer-encoding"),
}


@pytest.fixture(name="ask", scope="module")
def what_sends_bytes_as_they_stand(past: Any) -> Ask:
    def ask(target: str, *fields: str, method: str = "GET") -> Answer:
        lines = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close", *fields, "", ""]
        with past.connect() as connection:
            connection.sendall("\r\n".join(lines).encode())
            got = b""
            while piece := connection.recv(1 << 16):
                got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in rest:
            name, _, value = line.partition(": ")
            name = name.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return int(first.split()[1]), headers, body

    return ask


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("route", ROUTES)
def test_head_is_get_without_the_body(ask: Ask, route: str, accept: str) -> None:
    """RFC 9110, 9.3.2 and 8.6."""
    status, headers, body = ask(route, f"Accept: {accept}")
    head = ask(route, f"Accept: {accept}", method="HEAD")

    assert (head[0], head[2]) == (status, b"")
    assert {**head[1], "date": ""} == {**headers, "date": ""}
    assert headers["content-length"] == str(len(body))
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["date"])


@pytest.mark.parametrize("accept", ACCEPTS)
@pytest.mark.parametrize("route", ROUTES)
def test_a_script_of_another_origin_sees_every_header(ask: Ask, route: str, accept: str) -> None:
    _, headers, _ = ask(route, f"Accept: {accept}")

    told = {name.lower() for name in headers["access-control-expose-headers"].split(", ")}
    assert headers["access-control-allow-origin"] == "*"
    assert not headers.keys() - told - SAFELISTED - FOR_CLIENTS


def test_ranges_versions_and_retries_are_among_the_headers_that_a_script_sees(ask: Ask) -> None:
    told = set(ask("/")[1]["access-control-expose-headers"].split(", "))

    assert told >= {"Accept-Ranges", "Content-Range", "ETag", "Link", "Location", "Retry-After"}
    assert told >= {"Memento-Datetime", "Content-Location"}


@pytest.mark.parametrize("route", ["/", "/sparql", "/validate", "/dump/2026.1/SHA256SUMS"])
def test_a_script_may_send_conditions_ranges_and_dates(ask: Ask, route: str) -> None:
    status, headers, body = ask(
        route,
        *("Origin: https://other.example", "Access-Control-Request-Method: GET"),
        "Access-Control-Request-Headers: range, if-range, if-match, accept-datetime",
        method="OPTIONS",
    )

    assert (status, body, headers["access-control-allow-origin"]) == (204, b"", "*")
    assert headers["access-control-allow-methods"] == headers["allow"]
    allowed = {name.lower() for name in headers["access-control-allow-headers"].split(", ")}
    assert allowed >= {"range", "if-range", "if-match", "if-unmodified-since", "if-none-match"}
    assert allowed >= {"accept-datetime", "content-type", "accept", "accept-language"}


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_not_modified_says_what_a_cache_needs_and_nothing_of_a_body(
    ask: Ask, route: str
) -> None:
    """RFC 9110, 15.4.5."""
    status, headers, _ = ask(route)
    if status != 200 or "etag" not in headers:
        return
    again, kept, body = ask(route, f"If-None-Match: {headers['etag']}")

    assert (again, body) == (304, b"")
    for name in ("cache-control", "content-location", "etag", "vary", "last-modified"):
        assert kept.get(name) == headers.get(name)
    assert not kept.keys() & {"content-type", "content-length", "content-language"}


@pytest.mark.parametrize("method", ["BREW", "get", "PROPFIND", "M-SEARCH", "VERSION-CONTROL"])
def test_a_method_that_nothing_here_knows_is_501(ask: Ask, past: Any, method: str) -> None:
    """RFC 9110, 9.1: methods are case-sensitive."""
    for target in ("/", "/sparql", "/validate", "/static/site.css", "/healthz", "/nothing"):
        status, headers, _ = ask(target, method=method)
        assert status == 501, target
        assert headers["access-control-allow-origin"] == "*"
    assert past.answers()


@pytest.mark.parametrize("line", ["G\x01T / HTTP/1.1", "() / HTTP/1.1", "BREW / HTTP/9.9", "BREW"])
def test_what_is_no_method_is_a_bad_request(past: Any, line: str) -> None:
    with past.connect() as connection:
        connection.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "POST"])
@pytest.mark.parametrize("route", [each for each in ROUTES if each != "/nothing"])
def test_a_method_that_a_resource_does_not_have_is_405_with_those_that_it_has(
    ask: Ask, route: str, method: str
) -> None:
    """RFC 9110, 15.5.6."""
    if method == "POST" and route.startswith(("/sparql", "/validate")):
        return
    status, headers, _ = ask(route, "Content-Length: 0", method=method)

    assert status == 405
    assert headers["allow"] == ask(route, method="OPTIONS")[1]["allow"]
    assert method not in headers["allow"].split(", ")


def test_options_of_the_whole_server_names_every_method(ask: Ask) -> None:
    """RFC 9110, 9.3.7."""
    status, headers, body = ask("*", method="OPTIONS")

    assert (status, body) == (204, b"")
    assert set(headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST", "QUERY"}


@pytest.mark.parametrize("route", ["/about", "/doc/network/harbour", "/sparql?query=ASK%7B%7D"])
def test_a_type_that_cannot_be_had_is_told_shortly_with_those_that_can(
    ask: Ask, route: str
) -> None:
    accept = ", ".join(f"image/x-{number}" for number in range(500))
    status, headers, body = ask(route, f"Accept: {accept}")

    assert (status, headers["content-type"]) == (406, "application/problem+json")
    assert len(body) < 1000
    assert b"text/html" in body
    assert b"image/x-1," in body and b"image/x-499" not in body
    assert "Accept" in headers["vary"].split(", ")


def test_no_error_repeats_all_of_a_long_request(ask: Ask) -> None:
    long = "x" * 20_000
    for target, *fields in (
        (f"/{long}",),
        (f"/doc/network/harbour?at={long}",),
        (f"/cite?release={long}",),
        ("/doc/network/harbour", f"Accept-Datetime: {long}"),
    ):
        status, _, body = ask(target, *fields)
        assert 400 <= status < 500
        assert len(body) < 5000, target[:30]


@pytest.mark.parametrize("route", ROUTES)
def test_a_page_says_the_language_of_its_words(ask: Ask, route: str) -> None:
    for accept in ("text/html", "text/turtle"):
        status, headers, body = ask(route, f"Accept: {accept}")
        if headers.get("content-type", "").startswith("text/html"):
            assert b'<html lang="en">' in body
            assert headers["content-language"] == "en"
        elif status == 200:
            assert "content-language" not in headers


def test_a_style_sheet_is_kept_for_good_under_the_hash_that_pages_name(ask: Ask) -> None:
    page = ask("/", "Accept: text/html")[2].decode()
    [address] = re.findall(r'href="(/static/site\.css[^"]*)"', page)
    assert address == f"/static/site.css?v={release()}"
    _, headers, body = ask(address)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    for other in ("/static/site.css", "/static/site.css?v=0", f"/static/site.css?w={release()}"):
        _, headers, same = ask(other)
        assert (headers["cache-control"], same) == ("public, max-age=3600", body)


def test_a_style_sheet_has_a_tag_for_each_coding(ask: Ask) -> None:
    tags = set()
    for coding in ("identity", "gzip", "br"):
        _, headers, _ = ask("/static/site.css", f"Accept-Encoding: {coding}")
        assert headers.get("content-encoding", "identity") == coding
        assert headers["vary"] == "Accept-Encoding"
        tags.add(headers["etag"])
        fields = (f"Accept-Encoding: {coding}", f"If-None-Match: {headers['etag']}")
        assert ask("/static/site.css", *fields)[0] == 304
    assert len(tags) == 3


@pytest.mark.parametrize(
    "name", ["", "nothing.css", "../app.py", "%2e%2e/front.py", "..%2ffront.py"]
)
def test_no_other_file_is_sent_and_an_error_has_the_form_that_is_asked_for(
    ask: Ask, name: str
) -> None:
    status, headers, body = ask(f"/static/{name}", "Accept: text/html")

    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert b"import" not in body


@pytest.mark.parametrize(
    ("codings", "status"),
    [
        ("identity;q=0", 406),
        ("*;q=0", 406),
        ("deflate, *;q=0", 406),
        ("identity;q=0, gzip", 200),
        ("x-gzip", 200),
        ("identity, *;q=0", 200),
        ("", 200),
    ],
)
def test_a_client_that_takes_no_coding_is_told_which_there_are(
    ask: Ask, codings: str, status: int
) -> None:
    """RFC 9110, 12.5.3."""
    for target in ("/doc/network/harbour.html", "/sparql?query=ASK%7B%7D", "/static/site.css"):
        answer = ask(target, f"Accept-Encoding: {codings}")
        assert answer[0] == status
        if status == 406:
            assert b"br, gzip, identity" in answer[2]
    if "gzip" in codings:
        assert (
            ask("/static/site.css", f"Accept-Encoding: {codings}")[1]["content-encoding"] == "gzip"
        )


def test_a_dump_is_not_coded_for_whom_nothing_else_will_do(ask: Ask) -> None:
    target = "/dump/2026.1/SHA256SUMS"

    assert ask(target, "Accept-Encoding: gzip, identity;q=0")[0] == 406
    assert ask(target, "Accept-Encoding: gzip")[0] == 200
