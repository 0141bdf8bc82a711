"""Answers that are cut after so many rows, and say so: JSON and XML Results, 2013; RFC 4180."""

import asyncio
import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager

import pytest
import uvloop

from kg.errors import DataError, MalformedError
from kg.query.backend import QueryJob
from kg.query.pool import Pool
from kg.query.rows import MOST_ROWS, with_limit

Ask = Callable[..., tuple[bytes, int | None]]
MakePool = Callable[..., AbstractAsyncContextManager[Pool]]
SORTED = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s"
RESULTS = "{http://www.w3.org/2005/sparql-results#}"
MANY = " ".join(f'"{number}"' for number in range(40))


@pytest.fixture(name="ask", scope="module")
def a_pool_that_answers(pool_of: MakePool) -> Iterator[Ask]:
    """What gives the answer to a query and the row after which it was cut."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        making = pool_of()
        pool = runner.run(making.__aenter__())

        def ask(text: str, extension: str, max_rows: int | None) -> tuple[bytes, int | None]:
            async def go() -> tuple[bytes, int | None]:
                answer = await pool.query(QueryJob(text, extension, max_rows=max_rows))
                body = answer.first + b"".join([piece async for piece in answer.rest()])
                return body, answer.cut_at

            return runner.run(asyncio.wait_for(go(), 120))

        yield ask
        runner.run(making.__aexit__(None, None, None))


def names_in(body: bytes, extension: str) -> list[str]:
    """The first column of a table, read by another reader than the one that wrote it."""
    match extension:
        case "srj":
            return [row["s"]["value"] for row in json.loads(body)["results"]["bindings"]]
        case "srx":
            rows = ET.fromstring(body).iter(f"{RESULTS}result")
            return [str(row.findtext(f"{RESULTS}binding[@name='s']/{RESULTS}uri")) for row in rows]
        case "csv":
            return [row[0] for row in csv.reader(io.StringIO(body.decode(), newline=""))][1:]
        case _:
            return [line.split("\t")[0].strip("<>") for line in body.decode().split("\n")[1:-1]]


def expected(rows: int) -> list[str]:
    return [f"http://example.org/{number:03}" for number in range(rows)]


@pytest.mark.parametrize("extension", ["srj", "srx", "csv", "tsv"])
@pytest.mark.parametrize("rows", [1, 7, 199])
def test_the_first_rows_are_given_and_said_to_be_the_first(
    ask: Ask, extension: str, rows: int
) -> None:
    body, cut_at = ask(SORTED, extension, rows)

    assert cut_at == rows
    assert names_in(body, extension) == expected(rows)


@pytest.mark.parametrize("extension", ["srj", "srx", "csv", "tsv"])
@pytest.mark.parametrize("rows", [200, 201, MOST_ROWS])
def test_an_answer_with_no_more_rows_is_the_whole_one(ask: Ask, extension: str, rows: int) -> None:
    body, cut_at = ask(SORTED, extension, rows)

    assert cut_at is None
    assert body == ask(SORTED, extension, None)[0]


def test_a_cut_answer_links_to_the_reason_in_its_head(ask: Ask) -> None:
    in_json = json.loads(ask(SORTED, "srj", 3)[0])
    in_xml = ET.fromstring(ask(SORTED, "srx", 3)[0])

    assert in_json["head"] == {"vars": ["s", "o"], "link": ["http://a/"]}
    head = in_xml.find(f"{RESULTS}head")
    assert head is not None
    assert [(child.tag, child.attrib) for child in head] == [
        (f"{RESULTS}variable", {"name": "s"}),
        (f"{RESULTS}variable", {"name": "o"}),
        (f"{RESULTS}link", {"href": "http://a/"}),
    ]
    assert "link" not in json.loads(ask(SORTED, "srj", 300)[0])["head"]


@pytest.mark.parametrize(
    ("text", "rows", "found", "cut_at"),
    [
        (f"{SORTED} LIMIT 5", 10, 5, None),
        (f"{SORTED} LIMIT 5", 5, 5, None),
        (f"{SORTED} LIMIT 50", 10, 10, 10),
        (f"{SORTED} limit 50", 10, 10, 10),
        (f"{SORTED} LIMIT 50 OFFSET 0", 10, 10, 10),
        (f"{SORTED} OFFSET 0 LIMIT 50", 10, 10, 10),
        (f"{SORTED} OFFSET 0", 10, 10, 10),
        (f"{SORTED} LIMIT 0", 10, 0, None),
        (f"{SORTED} # LIMIT 3", 10, 10, 10),
        (f"{SORTED}\n# LIMIT 3\n", 10, 10, 10),
        ("SELECT ?s ?o { ?s ?p ?o FILTER(?o != 'LIMIT 3') } ORDER BY ?s", 10, 10, 10),
        ("SELECT ?s ?o { ?s ?p ?o FILTER(?o != '}') } ORDER BY ?s", 10, 10, 10),
        ("SELECT ?s { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 50 } }", 10, 10, 10),
        ("SELECT ?s { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 5 } }", 10, 5, None),
        ("SELECT ?s { { SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 50 } } LIMIT 4", 10, 4, None),
        (f"SELECT ?s ?o {{ ?s ?p ?o }} ORDER BY ?s VALUES ?x {{ {MANY} }}", 10, 10, 10),
        (f"SELECT ?s ?o {{ ?s ?p ?o }} ORDER BY ?s LIMIT 50 VALUES ?x {{ {MANY} }}", 10, 10, 10),
        (f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s ORDER BY ?s VALUES(?x){{({MANY[:3]})}}", 9, 9, 9),
        ("PREFIX limit: <http://example.org/> SELECT * { ?s limit:p ?o } ORDER BY ?s", 9, 9, 9),
        ('SELECT*{?s ?p ?o.FILTER(?o<("1")||?o>("2"))}ORDER BY ?s', 9, 9, 9),
    ],
)
def test_the_limits_of_the_query_itself_are_minded(
    ask: Ask, text: str, rows: int, found: int, cut_at: int | None
) -> None:
    for extension in ("srj", "tsv"):
        body, cut = ask(text, extension, rows)
        whole = names_in(ask(text, extension, None)[0], extension)

        assert cut == cut_at
        assert names_in(body, extension) == whole[:rows]
        assert len(whole[:rows]) == found


def test_a_bracket_hidden_in_what_looks_like_an_iri_moves_no_limit(ask: Ask) -> None:
    """`?a<(1+2>?b)` is two comparisons, and its first bracket is inside `<...>`."""
    text = (
        "SELECT ?s { ?s ?p ?o FILTER(true||(1<(1+2>?o))) "
        "{ SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 50 } }"
    )

    try:
        body, cut = ask(text, "srj", 10)
    except DataError:
        return
    whole = names_in(ask(text, "srj", None)[0], "srj")
    assert len(whole) == 50
    assert (len(names_in(body, "srj")), cut) in ((10, 10), (50, None))


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ("ASK { ?s ?p ?o }", "srj"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "nt"),
        ("DESCRIBE <http://example.org/001>", "ttl"),
    ],
)
def test_other_forms_are_never_cut(ask: Ask, text: str, extension: str) -> None:
    body, cut_at = ask(text, extension, 1)

    assert cut_at is None
    assert sorted(body.splitlines()) == sorted(ask(text, extension, None)[0].splitlines())


BREAKS = "\\n".join("abc")
TEXTS = [
    f'"{BREAKS}"',
    '"a,b"',
    '"say \\"hi\\"\\n"',
    '"\\r"',
    '"\\r\\n"',
    '"x"',
    '"\\"\\n\\""',
    '""',
]


@pytest.mark.parametrize("rows", range(1, 8))
def test_a_line_break_inside_a_value_ends_no_row(ask: Ask, rows: int) -> None:
    values = " ".join(f"({number} {value})" for number, value in enumerate(TEXTS))
    text = f"SELECT ?s ?x {{ VALUES (?s ?x) {{ {values} }} }}"

    for extension in ("csv", "tsv", "srj", "srx"):
        body, cut_at = ask(text, extension, rows)
        assert cut_at == rows
        if extension == "csv":
            found = list(csv.reader(io.StringIO(body.decode(), newline="")))
            whole = ask(text, extension, None)[0].decode()
            assert found == list(csv.reader(io.StringIO(whole, newline="")))[: rows + 1]
        if extension == "tsv":
            assert body.count(b"\n") == rows + 1


def test_a_very_long_value_is_no_hindrance(ask: Ask) -> None:
    doubling = " ".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(16))
    text = f'SELECT ?s ?v16 {{ VALUES ?s {{ {MANY} }} BIND("12345678" AS ?v0) {doubling} }}'

    for extension in ("csv", "tsv", "srj", "srx"):
        body, cut_at = ask(text, extension, 2)
        assert cut_at == 2
        assert body.count(b"12345678" * 2**16) == 2


@pytest.mark.parametrize("text", ["SELECT ?s {\n ?s ?p }", "SELECT ?s {\n ?s ?p ?o", "SELECT ?s"])
def test_a_fault_has_the_place_that_it_has_in_the_query_as_sent(ask: Ask, text: str) -> None:
    with pytest.raises(MalformedError) as plain:
        ask(text, "srj", None)
    with pytest.raises(MalformedError) as cut:
        ask(text, "srj", 5)

    assert (cut.value.line, cut.value.column) == (plain.value.line, plain.value.column)


def test_a_limit_without_a_blank_is_refused_and_not_misread() -> None:
    with pytest.raises(DataError, match="blank"):
        with_limit("SELECT * {} LIMIT5", 3)
