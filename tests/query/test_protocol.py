"""SPARQL 1.1 Protocol, section 2.1, and the W3C protocol tests of bad requests."""

from urllib.parse import urlencode

import pytest

from kg.query.protocol import (
    MAX_REQUEST_BYTES,
    ProtocolError,
    QueryRequest,
    read_request,
    result_type,
)

ASK = "ASK {}"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
G1, G2 = "http://example.org/g1", "http://example.org/g2"


def test_a_query_comes_by_get_by_form_and_directly() -> None:
    encoded = urlencode({"query": ASK})

    by_get = read_request("GET", encoded, content_type=None, body=b"")
    by_head = read_request("HEAD", encoded, content_type=None, body=b"")
    by_form = read_request("POST", "", content_type=FORM, body=encoded.encode())
    direct = read_request("POST", "", content_type=f"{QUERY}; charset=UTF-8", body=ASK.encode())

    by_query = read_request("QUERY", "", content_type=QUERY, body=ASK.encode())

    assert by_get == by_head == by_form == direct == by_query == QueryRequest(ASK)


def test_the_dataset_comes_with_the_query_in_each_way() -> None:
    graphs = [("default-graph-uri", G1), ("default-graph-uri", G2), ("named-graph-uri", G1)]
    expected = QueryRequest(ASK, (G1, G2), (G1,))
    encoded = urlencode([("query", ASK), *graphs])

    assert read_request("GET", encoded, content_type=None, body=b"") == expected
    assert read_request("POST", "", content_type=FORM, body=encoded.encode()) == expected
    assert (
        read_request("POST", urlencode(graphs), content_type=QUERY, body=ASK.encode()) == expected
    )


def test_get_without_a_query_asks_for_the_description() -> None:
    assert read_request("GET", "", content_type=None, body=b"") is None
    assert read_request("GET", "lang=en", content_type=None, body=b"") is None


def test_characters_beyond_ascii_arrive_as_they_were_sent() -> None:
    text = 'ASK { ?s ?p "Klaipėda + Ω" }'

    found = read_request("GET", urlencode({"query": text}), content_type=None, body=b"")

    assert found == QueryRequest(text)


@pytest.mark.parametrize(
    ("method", "query_string", "content_type", "body", "status"),
    [
        ("GET", "query=ASK{}&query=ASK{}", None, b"", 400),
        ("GET", "query=", None, b"", 400),
        ("GET", "query=%20%0A", None, b"", 400),
        ("GET", "update=CLEAR+ALL", None, b"", 400),
        ("GET", "query=ASK{}&update=CLEAR+ALL", None, b"", 400),
        ("GET", "query=%FF%FE", None, b"", 400),
        ("GET", "query=ASK{}&default-graph-uri=relative", None, b"", 400),
        ("GET", "query=ASK{}&named-graph-uri=http://a/%3Cb%3E", None, b"", 400),
        ("GET", "query=ASK{}&" + "a=1&" * 300, None, b"", 400),
        ("POST", "", FORM, b"", 400),
        ("POST", "", FORM, b"update=CLEAR+ALL", 400),
        ("POST", "query=ASK{}", FORM, b"query=ASK{}", 400),
        ("POST", "query=ASK{}", QUERY, b"ASK {}", 400),
        ("POST", "", QUERY, b"", 400),
        ("POST", "", QUERY, "ASK {}".encode("utf-16"), 400),
        ("POST", "", None, b"ASK {}", 415),
        ("POST", "", "text/plain", b"ASK {}", 415),
        ("POST", "", "application/sparql-update", b"CLEAR ALL", 415),
        ("POST", "", f"{QUERY}; charset=iso-8859-1", b"ASK {}", 415),
        ("POST", "", "multipart/form-data; boundary=x", b"query=ASK{}", 415),
        ("QUERY", "", None, b"ASK {}", 415),
        ("QUERY", "query=ASK{}", QUERY, b"ASK {}", 400),
        ("POST", "", FORM, b"query=%FF%FE", 400),
        ("POST", "", FORM, b"query=ASK{}&query=ASK{}", 400),
        ("POST", "", FORM, b"query=\xff", 400),
        ("GET", "query=ASK{}&max-rows=0", None, b"", 400),
        ("GET", "query=ASK{}&max-rows=-1", None, b"", 400),
        ("GET", "query=ASK{}&max-rows=1e3", None, b"", 400),
        ("GET", "query=ASK{}&max-rows=%D9%A3", None, b"", 400),
        ("GET", "query=ASK{}&max-rows=", None, b"", 400),
        ("GET", "query=ASK{}&default-graph-uri=http://[", None, b"", 400),
        ("GET", "query=" + "a" * (MAX_REQUEST_BYTES + 1), None, b"", 413),
        ("TRACE", "", None, b"", 405),
        ("PUT", "query=ASK{}", None, b"", 405),
        ("DELETE", "", None, b"", 405),
        ("PATCH", "", QUERY, b"ASK {}", 405),
        ("POST", "", QUERY, b" " * (MAX_REQUEST_BYTES + 1), 413),
    ],
)
def test_a_bad_request_gets_its_status(
    method: str, query_string: str, content_type: str | None, body: bytes, status: int
) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_request(method, query_string, content_type=content_type, body=body)

    assert caught.value.status == status
    assert caught.value.detail


def test_a_method_that_is_not_allowed_hears_which_are() -> None:
    with pytest.raises(ProtocolError) as caught:
        read_request("PUT", "", content_type=None, body=b"")

    assert caught.value.headers["Allow"] == "GET, HEAD, OPTIONS, POST, QUERY"


def test_a_type_that_there_is_not_hears_which_there_are() -> None:
    with pytest.raises(ProtocolError) as caught:
        result_type("SELECT", "text/turtle")

    assert caught.value.status == 406
    assert "application/sparql-results+json" in caught.value.detail


def test_a_format_in_the_address_stands_above_accept() -> None:
    assert result_type("SELECT", "text/html", extension="csv").name == "text/csv"
    with pytest.raises(ProtocolError) as caught:
        result_type("ASK", None, extension="ttl")
    assert caught.value.status == 400


def test_the_number_of_rows_that_a_client_wants_is_read() -> None:
    found = read_request("GET", "query=ASK{}&max-rows=25", content_type=None, body=b"")

    assert found == QueryRequest("ASK{}", max_rows=25)


def test_a_parameter_that_the_protocol_does_not_have_is_left_aside() -> None:
    found = read_request("GET", "query=ASK{}&format=json&a=1", content_type=None, body=b"")

    assert found == QueryRequest("ASK{}")


@pytest.mark.parametrize(
    "content_type",
    [QUERY, f"{QUERY};charset=utf-8", f'{QUERY}; charset="UTF-8"', "Application/SPARQL-Query"],
)
def test_the_type_of_a_body_is_read_in_every_spelling(content_type: str) -> None:
    found = read_request("POST", "", content_type=content_type, body=ASK.encode())

    assert found == QueryRequest(ASK)


def test_a_body_of_another_type_hears_which_are_taken() -> None:
    with pytest.raises(ProtocolError) as caught:
        read_request("POST", "", content_type="text/plain", body=b"ASK {}")

    assert caught.value.headers["Accept-Post"] == f"{QUERY}, {FORM}"
