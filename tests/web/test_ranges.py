"""Ranges and conditions of dumps and of /sparql, by raw requests: RFC 9110, sections 13 and 14."""

import re
import socket
from collections.abc import Callable
from typing import Any

import pytest

from kg.web.ranges import MOST, wanted

PATH = "/dump/2026.1/dataset.nq.gz"
SPARQL = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%203"
Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[..., Answer]


@pytest.fixture(name="ask", scope="module")
def what_sends_bytes_as_they_stand(past: Any) -> Ask:
    def ask(path: str, *fields: str, method: str = "GET", body: str = "") -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *fields, "", body]
        with past.connect() as connection:
            connection.sendall("\r\n".join(lines).encode())
            return read(connection)

    return ask


def read(connection: socket.socket) -> Answer:
    """Status, headers and body of an answer after which the server hangs up."""
    got = b""
    while piece := connection.recv(1 << 16):
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return (
        int(first.split()[1]),
        {n.lower(): v for n, v in (ln.split(": ", 1) for ln in lines)},
        body,
    )


@pytest.mark.parametrize("unit", ["lines=1-2", "bytes", "bytes=x-y", "bytes=5-2", "bytes=", "=0-1"])
def test_a_range_that_is_not_of_bytes_or_not_well_formed_is_ignored(ask: Ask, unit: str) -> None:
    whole = ask(PATH)
    status, headers, body = ask(PATH, f"Range: {unit}")

    assert (status, body) == (200, whole[2])
    assert "content-range" not in headers


def test_head_answers_as_if_there_were_no_range(ask: Ask) -> None:
    """RFC 9110, 14.2: a server ignores Range in a request with another method than GET."""
    size = len(ask(PATH)[2])
    for field in ("bytes=0-9", f"bytes={size}-"):
        status, headers, body = ask(PATH, f"Range: {field}", method="HEAD")

        assert (status, body, headers["content-length"]) == (200, b"", str(size))
        assert "content-range" not in headers


def test_one_range_is_sent_with_its_place(ask: Ask) -> None:
    whole = ask(PATH)[2]
    size = len(whole)
    for field, first, after in (
        ("bytes=0-0", 0, 1),
        ("BYTES=2-5", 2, 6),
        ("bytes=-4", size - 4, size),
        (f"bytes=10-{size * 9}", 10, size),
        (f"bytes=-{size * 9}", 0, size),
        ("bytes=, 3-4 ,", 3, 5),
        (f"bytes=3-4, {size}-", 3, 5),  # what is not there does not spoil what is
    ):
        status, headers, body = ask(PATH, f"Range: {field}")

        assert (status, body) == (206, whole[first:after]), field
        assert headers["content-range"] == f"bytes {first}-{after - 1}/{size}"
        assert headers["content-length"] == str(after - first)


def test_several_ranges_come_in_parts_and_those_that_overlap_as_one(ask: Ask) -> None:
    whole = ask(PATH)[2]
    status, headers, body = ask(PATH, "Range: bytes=0-3, 2-5, 10-11")

    assert status == 206
    assert "content-range" not in headers  # RFC 9110, 15.3.7.2
    boundary = headers["content-type"].removeprefix("multipart/byteranges; boundary=").encode()
    parts = [part.partition(b"\r\n\r\n") for part in body.split(b"--" + boundary)[1:-1]]
    assert [re.findall(rb"content-range: (.*)", part[0].lower())[0] for part in parts] == [
        b"bytes %d-%d/%d" % (first, last, len(whole)) for first, last in ((0, 5), (10, 11))
    ]
    assert [part[2].removesuffix(b"\r\n") for part in parts] == [whole[:6], whole[10:12]]
    assert headers["content-length"] == str(len(body))


def test_more_ranges_than_a_download_needs_are_ignored() -> None:
    def field(count: int) -> str:
        return "bytes=" + ",".join(f"{2 * n}-{2 * n}" for n in range(count))

    assert len(wanted("GET", field(MOST), 10_000) or ()) == MOST
    assert wanted("GET", field(MOST + 1), 10_000) is None


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/problem+json", "application/problem+json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_a_range_of_which_nothing_is_there_is_416_in_the_form_that_is_asked_for(
    ask: Ask, accept: str, expected: str
) -> None:
    size = len(ask(PATH)[2])
    for field in (f"bytes={size}-", "bytes=-0"):
        status, headers, body = ask(PATH, f"Range: {field}", f"Accept: {accept}")

        assert (status, headers["content-range"]) == (416, f"bytes */{size}")
        assert headers["content-type"] == expected
        assert b"Range not satisfiable" in body


def test_a_range_is_sent_only_of_the_file_that_the_client_has_begun(ask: Ask) -> None:
    """RFC 9110, 13.1.5: strong comparison of a tag, and a date to the second."""
    _, headers, _ = ask(PATH)
    tag, date = headers["etag"], headers["last-modified"]
    for condition, status in (
        (tag, 206),
        (date, 206),
        (f"W/{tag}", 200),
        ('"other"', 200),
        ("Sat, 01 Feb 2036 12:00:00 GMT", 200),
    ):
        assert ask(PATH, "Range: bytes=0-1", f"If-Range: {condition}")[0] == status, condition
    # A range that cannot be had of the file as it is now is no error where the file is another.
    assert ask(PATH, "Range: bytes=999999999-", 'If-Range: "other"')[0] == 200


@pytest.mark.parametrize("path", [PATH, SPARQL, "/doc/network/harbour.ttl", "/static/site.css"])
def test_conditions_hold_everywhere_and_in_their_order(ask: Ask, path: str) -> None:
    """RFC 9110, 13.2.2: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since."""
    _, headers, _ = ask(path)
    tag, never = headers["etag"], '"never"'
    for fields, status in (
        ([f"If-Match: {tag}"], 200),
        (["If-Match: *"], 200),
        ([f"If-Match: {never}", f"If-Match: {tag}"], 200),
        ([f"If-Match: {never}"], 412),
        ([f"If-Match: W/{tag}"], 412),
        ([f"If-None-Match: {tag}"], 304),
        ([f"If-None-Match: {never}, W/{tag}"], 304),
        (["If-None-Match: *"], 304),
        ([f"If-Match: {never}", f"If-None-Match: {tag}"], 412),
        ([f"If-None-Match: {never}", "If-Modified-Since: Sat, 01 Feb 2036 12:00:00 GMT"], 200),
        ([f"If-Match: {tag}", "If-Unmodified-Since: Thu, 01 Jan 1998 00:00:00 GMT"], 200),
        (["If-Unmodified-Since: no date"], 200),
    ):
        assert ask(path, *fields)[0] == status, fields
        assert ask(path, *fields, method="HEAD")[0] == status, fields
    if "last-modified" in headers:
        since = "If-Unmodified-Since: Thu, 01 Jan 1998 00:00:00 GMT"
        assert ask(path, since)[0] == 412
        assert ask(path, f"If-Modified-Since: {headers['last-modified']}")[0] == 304


def test_a_condition_comes_before_a_range(ask: Ask) -> None:
    tag = ask(PATH)[1]["etag"]

    assert ask(PATH, "Range: bytes=0-1", 'If-Match: "never"')[0] == 412
    assert ask(PATH, "Range: bytes=0-1", f"If-None-Match: {tag}")[0] == 304


def test_a_query_that_is_posted_is_never_not_modified(ask: Ask) -> None:
    """RFC 9110, 13.1.2: 304 is for GET and HEAD, and 412 for the others."""
    body = "ASK {}"
    fields = ["Content-Type: application/sparql-query", f"Content-Length: {len(body)}"]
    status, headers, _ = ask("/sparql", *fields, method="POST", body=body)
    assert status == 200
    for condition, expected in (
        (f"If-None-Match: {headers['etag']}", 412),
        ('If-None-Match: "never"', 200),
        ('If-Match: "never"', 412),
    ):
        assert ask("/sparql", *fields, condition, method="POST", body=body)[0] == expected
