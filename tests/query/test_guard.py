"""What a query is refused for before the engine sees it."""

import http.server
import threading
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.query.guard import (
    MAX_BINDINGS,
    MAX_DEPTH,
    MAX_GROUPS,
    MAX_OPERATORS,
    Graph,
    QueryRefusedError,
    inspect,
    is_harmless,
    quick_form,
    tokens,
)

INNOCENT = [
    'ASK { ?s ?p "SERVICE <http://x/> {}" }',
    "ASK { ?s ?p '''a 'quoted' SERVICE ''' }",
    'ASK { ?s ?p """a "quoted" SERVICE \\""" still""" }',
    'ASK { ?s ?p "an escaped \\" SERVICE {" }',
    "ASK { # SERVICE <http://x/> {}\n ?s ?p ?o }",
    "ASK { <http://example.org/SERVICE> ?p ?o }",
    "PREFIX e: <http://e/> ASK { e:SERVICE ?p e:service }",
    "PREFIX service: <http://e/> ASK { service:x ?p service:y . service:z ?p ?o }",
    "ASK { ?service ?SERVICE $service }",
    "ASK { _:SERVICE ?p ?o }",
    'ASK { ?s ?p "x"@service }',
    "ASK { ?s ?p ?o FILTER(?o<3 && ?o>1) }",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_the_word_service_is_harmless_where_it_is_no_keyword(text: str) -> None:
    assert inspect(text).form == "ASK"


GUILTY = [
    "ASK { SERVICE <U> { ?a ?b ?c } }",
    "ASK { service silent <U> { ?a ?b ?c } }",
    "ASK{SERVICE<U>{?a ?b ?c}}",
    "ASK { ?s ?p ?o # comment\n SERVICE <U> { ?a ?b ?c } }",
    "ASK { { SELECT * { OPTIONAL { SERVICE ?x { ?a ?b ?c } } } } }",
    "ASK{?a ?b trueSERVICE<U>{?c ?d ?e}}",
    "PREFIX ex:<U> ASK{SERVICEex:foo{?a ?b ?c}}",
    "PREFIX :<U> ASK{service:x{?a ?b ?c}}",
    "PREFIX :<U> PREFIX service:<http://x/> ASK{service:x{?a ?b ?c}}",
    "ASK{?a ?b true{SERVICE<U>{?a ?b ?c}}}",
    "ASK { ?s ?p 'a\\'' . SERVICE <U> { ?a ?b ?c } # ' }",
]


@pytest.fixture(name="listener")
def a_server_that_notes_who_calls() -> Iterator[tuple[str, list[str]]]:
    calls: list[str] = []

    class Notes(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls.append(self.path)
            self.send_error(500)

        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Notes)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", calls
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("text", GUILTY)
def test_service_is_refused_in_every_spelling_that_the_engine_reads(text: str) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        inspect(text.replace("U", "http://127.0.0.1:9/"))

    assert "SERVICE" in caught.value.reason


def test_the_engine_calls_out_for_no_query_that_is_let_through(
    listener: tuple[str, list[str]],
) -> None:
    """The refusals are not for nothing: without them, the engine would call."""
    address, calls = listener
    store = ox.Store()
    for text in [*INNOCENT, *GUILTY]:
        query = text.replace("<U>", f"<{address}>")
        try:
            inspect(query)
        except QueryRefusedError:
            continue
        bool(store.query(query))

    assert calls == []
    with pytest.raises(OSError, match="500"):
        store.query(GUILTY[0].replace("<U>", f"<{address}>"))
    assert calls == ["/"]


def test_the_place_of_service_is_given_by_line_and_column() -> None:
    with pytest.raises(QueryRefusedError) as caught:
        inspect("SELECT * {\n  ?ė ?p ?o . SERVICE <http://x/> {}\n}")

    assert (caught.value.line, caught.value.column) == (2, 14)


@pytest.mark.parametrize("word", ["INSERT DATA", "DELETE WHERE", "LOAD <http://x/>", "CLEAR ALL"])
def test_an_update_is_refused_as_an_update(word: str) -> None:
    with pytest.raises(QueryRefusedError, match="read-only"):
        inspect(f"PREFIX e: <http://e/> {word} {{}}")


AT_LIMIT = {
    "groups": "ASK " + "{" * MAX_DEPTH + "}" * MAX_DEPTH,
    "calls": "ASK {FILTER(" + "ABS(" * (MAX_DEPTH - 2) + "1" + ")" * (MAX_DEPTH - 2) + ")}",
    "collections": "ASK {?s ?p " + "(" * (MAX_DEPTH - 1) + ")" * (MAX_DEPTH - 1) + "}",
    "optionals": "ASK {" + "OPTIONAL {} " * (MAX_GROUPS - 1) + "}",
    "bindings": "ASK {" + " ".join(f"BIND(1 AS ?v{i})" for i in range(MAX_BINDINGS)) + "}",
    "sum": "ASK {FILTER(" + "1+" * MAX_OPERATORS + "1)}",
    "negation": "ASK {FILTER(" + "!" * MAX_OPERATORS + "true)}",
    "path": "ASK {?s " + "<http://e/p>|" * MAX_OPERATORS + "<http://e/p> ?o}",
}
BEYOND = {
    "groups": "ASK " + "{" * 200_000,
    "calls": "ASK {FILTER(" + "ABS(" * 5_000 + "1" + ")" * 5_000 + ")}",
    "brackets": "ASK {?s ?p " + "[?p " * 5_000 + "1" + "]" * 5_000 + "}",
    "triple terms": "ASK {?s ?p " + "<<( ?a ?b " * 5_000 + "1" + " )>>" * 5_000 + "}",
    "optionals": "ASK {" + "OPTIONAL {} " * 5_000 + "}",
    "bindings": "ASK {" + " ".join(f"BIND(1 AS ?v{i})" for i in range(5_000)) + "}",
    "sum": "ASK {FILTER(" + "1+" * 20_000 + "1)}",
    "negation": "ASK {FILTER(" + "!" * 20_000 + "true)}",
    "hidden in what looks like an IRI": "ASK {FILTER(?a<"
    + "(" * 5_000
    + "1"
    + ")" * 5_000
    + ">1)}",
}


@pytest.mark.parametrize("text", AT_LIMIT.values(), ids=AT_LIMIT)
def test_a_query_at_a_limit_is_let_through(text: str) -> None:
    assert inspect(text).form == "ASK"


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_a_query_that_would_kill_the_engine_is_refused(text: str) -> None:
    with pytest.raises(QueryRefusedError, match="more than"):
        inspect(text)


def test_long_lists_of_values_are_no_depth() -> None:
    values = " ".join(f"<http://example.org/{number}>" for number in range(5_000))

    assert inspect(f"SELECT * {{ VALUES ?x {{ {values} }} }}").form == "SELECT"


def test_the_dataset_clause_is_read_with_its_prefixes_and_base() -> None:
    text = (
        "BASE <http://a.org/> PREFIX e: <x/> # FROM <no>\n"
        'SELECT ("FROM <no>" AS ?x) FROM <g> FROM NAMED e:y {}'
    )

    outline = inspect(text)

    assert outline.form == "SELECT"
    assert outline.dataset == (
        Graph("http://a.org/g", is_named=False),
        Graph("http://a.org/x/y", is_named=True),
    )


def test_a_string_that_is_not_closed_is_refused_where_it_begins() -> None:
    with pytest.raises(QueryRefusedError) as caught:
        inspect('ASK {\n ?s ?p "open }')

    assert (caught.value.line, caught.value.column) == (2, 8)


@given(st.text(alphabet="aS:.?<>{}()'\"\\#\n @_!/|é1", max_size=200))
def test_any_text_is_cut_without_losing_a_character(text: str) -> None:
    try:
        found = list(tokens(text))
    except QueryRefusedError:
        return
    position = 0
    for token in found:
        gap = text[position : token.start]
        assert gap.strip() == "" or "#" in gap
        assert text[token.start :].startswith(token.text)
        position = token.start + len(token.text)


FORMS = ("SELECT *", "ASK", "CONSTRUCT WHERE", "DESCRIBE ?s")
SCRAPS = [
    *("SERVICE", "service", "Service", "ſervice", "SERVıCE", "trueSERVICE<u:u>", "service:x{"),
    *(
        "FROM",
        "from",
        "FROM NAMED",
        "fRoM<u:u>",
        "AS",
        "aſ",
        "INSERT",
        "LOAD",
        "WITH",
        "DELETE DATA",
    ),
    *("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "describe", "DESCRİBE", "ſelect", "aſk", "WHERE"),
    *(
        "PREFIX",
        "BASE",
        "PREFİX",
        "PREFIX e: <http://e/>",
        "BASE <http://b/>",
        "PREFIX SELECT.: <x>",
    ),
    *("PREFIX load-: <x>", "PREFIX é: <x>", f"PREFIX select{'a' * 110}: <x>", "PREFIX 1ASK: <x>"),
    *("SELECT·:x", "ASK.:", "select-1:", "ASKé", "askx", "<http://e/FROM>", "<u:SERVICE>", "<"),
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<<",
        ">>",
        "{|",
        "|}",
        "<(1+2>",
        "!",
        "+",
        "*",
        "||",
        "^^",
        ".",
    ),
    *("?service", "$from", "e:service", "_:from", "@service", "'", '"', "'''", '"""', '"FROM"'),
    *(
        "\\u0053ERVICE",
        "\\u0046ROM",
        "\\",
        "# SERVICE\n",
        "# FROM\r",
        "#",
        "\n",
        "\r",
        "\t",
        "\x0b",
    ),
    *("\x0c", "\xa0", "\u2028", "\u3000", "\x85", "\ufeff", "\x00", "1", "1e5", "0.5", ";", ","),
]
SOUPS = st.lists(st.sampled_from(SCRAPS), max_size=14).flatmap(
    lambda scraps: st.sampled_from(["", " "]).map(lambda blank: blank.join(scraps))
)
LONG = st.builds(
    lambda scrap, times, end: "ASK {" + scrap * times + end,
    st.sampled_from(["{", "(", "!", "<", "1+", "BIND(1 AS ?x)", " aſ ", "<<", "{|", "=", "[?p "]),
    st.integers(80, 600),
    st.sampled_from(["}", "", "1}"]),
)
TRAPS = [
    "ASK{?a ?b trueSERVICE<u:u>{?c ?d ?e}}",
    "PREFIX :<u:u> ASK{service:x{?a ?b ?c}}",
    "ASK { \\u0053ERVICE <u:u> { ?a ?b ?c } }",
    "ASK \\u0046ROM <u:u> { ?a ?b ?c }",
    "ASK FROM<u:u>{}",
    "ASK # x\rFROM <u:u> {}",
    "ASK #\nFROM NAMED <u:u> {}",
    "ASK\x0bFROM <u:u> {}",
    "ASK\u3000FROM <u:u> {}",
    "SELECT (1 AS ?x)FROM<u:u>{}",
    "SELECT (1 AS ?x)FROM NAMED<u:u>{}",
    "PREFIX LOAD.: <x> ASK {}",
    f"PREFIX SELECT{'a' * 110}: <x> ASK {{}}",
    "SELECT·:x ASK {}",
    "DESCRİBE <u:u>",
    "ASK { ſERVICE <u:u> { ?a ?b ?c } }",
    "ASK {" + "BIND(1 aſ ?x)" * 501 + "}",
]


def holds_what_it_says(text: str) -> None:
    """That the quick look at a query never finds other than the long one."""
    form = quick_form(text)
    try:
        outline = inspect(text)
    except QueryRefusedError as refusal:
        if is_harmless(text):
            assert "not closed" in refusal.reason
            with pytest.raises(SyntaxError):
                ox.Store().query(text)
        return
    if is_harmless(text):
        assert outline.dataset == ()
    assert form in (None, outline.form)


@pytest.mark.parametrize("text", [*TRAPS, *INNOCENT, *GUILTY, *AT_LIMIT.values(), *BEYOND.values()])
def test_the_quick_look_at_a_query_is_never_wrong(text: str) -> None:
    holds_what_it_says(text)


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(FORMS) | st.sampled_from(SCRAPS), SOUPS)
def test_the_quick_look_at_a_soup_of_tokens_is_never_wrong(start: str, soup: str) -> None:
    holds_what_it_says(f"{start} {soup}")
    holds_what_it_says(soup)
    holds_what_it_says(f"{soup} {start} {{ {soup} }}")


@settings(max_examples=200, deadline=None)
@given(LONG)
def test_the_quick_look_lets_nothing_deep_pass(text: str) -> None:
    holds_what_it_says(text)


@pytest.mark.parametrize("text", TRAPS[2:4])
def test_the_engine_decodes_no_escape_in_a_keyword(text: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "# a comment\nPREFIX e: <http://e/>\nselect * { ?s e:p ?o FILTER(?o < 3) }",
        "PREFIX : <u:> BASE <http://b/> ASK{}",
        "DESCRIBE<http://e/x>",
    ],
)
def test_a_query_of_the_usual_make_is_only_looked_at(text: str) -> None:
    assert quick_form(text) == inspect(text).form
    assert is_harmless(text)


ALLOWED = ("https://ask.example",)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <https://ask.example/sparql> { ?a ?b ?c } }",
        "ASK { service silent <https://ASK.example/sparql> { ?a ?b ?c } }",
        "PREFIX e: <https://ask.example/> ASK { SERVICE e:sparql { ?a ?b ?c } }",
        "BASE <https://ask.example/> ASK { SERVICE <sparql> { ?a ?b ?c } }",
    ],
)
def test_a_service_of_an_allowed_origin_is_let_through_and_said(text: str) -> None:
    assert inspect(text, ALLOWED).calls
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        inspect(text)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { SERVICE <http://ask.example/> { ?a ?b ?c } }",
        "ASK { SERVICE <https://ask.example:8443/> { ?a ?b ?c } }",
        "ASK { SERVICE <https://ask.example.evil.example/> { ?a ?b ?c } }",
        "ASK { SERVICE <https://ask.example@evil.example.org/> { ?a ?b ?c } }",
        "ASK { SERVICE <https://evil.example/https://ask.example/> { ?a ?b ?c } }",
        "ASK { SERVICE <https://evil.example\\u002F.ask.example/> { ?a ?b ?c } }",
        "ASK { SERVICE <https://[ask.example/> { ?a ?b ?c } }",
        "ASK { SERVICE ?x { ?a ?b ?c } }",
        "ASK { SERVICE SILENT ?x { ?a ?b ?c } }",
        "ASK { SERVICE <https://ask.example/> {} SERVICE <https://evil.example/> {} }",
        "BASE <https://ask.example/> ASK { SERVICE <//evil.example/> { ?a ?b ?c } }",
        "BASE <https://ask.example/> BASE <https://evil.example/> ASK { SERVICE <x> {} }",
        "PREFIX e:<https://ask.example/> PREFIX e:<https://evil.example/> ASK{SERVICE e:x{}}",
        "ASK{?a ?b trueSERVICE<https://evil.example/>{?c ?d ?e}}",
        "PREFIX :<https://evil.example/> ASK{service:x{?a ?b ?c}}",
    ],
)
def test_a_service_of_another_origin_is_refused_though_one_is_allowed(text: str) -> None:
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        inspect(text, ALLOWED)


@pytest.mark.parametrize(
    "text", ["BASE <http://[> ASK FROM <x> {}", "BASE <http://[> ASK { <//[> ?p ?o }"]
)
def test_an_address_that_is_none_is_left_to_the_engine(text: str) -> None:
    assert inspect(text).form == "ASK"
    with pytest.raises(SyntaxError):
        ox.Store().query(text)
