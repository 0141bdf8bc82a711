"""What of SPARQL 1.2 can be asked, and where the engine departs from the standard.

Expected values are those of the drafts of SPARQL 1.2 Query, its result formats and RDF 1.2 of July
2026; the departures are what the standard says beside what is answered. The tables of
docs/sparql.md have one row for each case here, under the same name.
"""

import json
import re
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from kg.errors import DataError, MalformedError
from kg.query.evaluation import evaluate

DOCS: Final = Path(__file__).parents[2] / "docs" / "sparql.md"
E: Final = "http://example.org/"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PROLOGUE: Final = f"PREFIX : <{E}> PREFIX rdf: <{RDF}> PREFIX xsd: <{XSD}> "
DATA: Final = f"""VERSION "1.2"
PREFIX : <{E}>
:alice :jobTitle "Designer" ~ :id {{| :accordingTo :employee22 |}} .
:report :quotes <<( :alice :age 30 )>> .
:sign :text "كافيه"@ar--rtl .
"""
YES: Final = f'"true"^^<{XSD}boolean>'
NO: Final = f'"false"^^<{XSD}boolean>'
ERROR: Final = ""  # an expression in error leaves its variable unbound
TERM: Final = f'<<( <{E}a> <{E}b> "2"^^<{XSD}integer> )>>'

# Name of the feature, a query, and its rows: cells in the order of the variables.
FEATURES: Final[list[tuple[str, str, list[list[str]]]]] = [
    (
        "triple terms in patterns",
        "SELECT ?s ?o { :report :quotes <<( ?s :age ?o )>> }",
        [[f"<{E}alice>", f'"30"^^<{XSD}integer>']],
    ),
    (
        "triple terms in VALUES",
        "SELECT ?who { VALUES ?t { <<( :alice :age 30 )>> } ?who :quotes ?t }",
        [[f"<{E}report>"]],
    ),
    (
        "triple terms in expressions",
        "SELECT (<<( :a :b ?x )>> AS ?t) { VALUES ?x { 2 } }",
        [[TERM]],
    ),
    (
        "reified triples",
        'SELECT ?who { << :alice :jobTitle "Designer" >> :accordingTo ?who }',
        [[f"<{E}employee22>"]],
    ),
    (
        "reifiers with a name",
        'SELECT ?r ?q { << :alice :jobTitle "Designer" ~ ?r >> :accordingTo :employee22 . '
        ":alice :jobTitle ?title ~ ?q }",
        [[f"<{E}id>", f"<{E}id>"]],
    ),
    (
        "annotations",
        "SELECT ?title ?who { :alice :jobTitle ?title {| :accordingTo ?who |} }",
        [['"Designer"', f"<{E}employee22>"]],
    ),
    (
        "TRIPLE",
        'SELECT (TRIPLE(:a, :b, 1 + 1) AS ?t) (TRIPLE("a", :b, :c) AS ?u) {}',
        [[TERM, ERROR]],
    ),
    (
        "SUBJECT, PREDICATE, OBJECT",
        "SELECT (SUBJECT(?t) AS ?s) (PREDICATE(?t) AS ?p) (OBJECT(?t) AS ?o) (OBJECT(1) AS ?x) "
        "{ :report :quotes ?t }",
        [[f"<{E}alice>", f"<{E}age>", f'"30"^^<{XSD}integer>', ERROR]],
    ),
    (
        "isTRIPLE",
        "SELECT (isTRIPLE(<<( :a :b 2 )>>) AS ?x) (isTRIPLE(:a) AS ?y) {}",
        [[YES, NO]],
    ),
    (
        "equality of triple terms by value",
        "SELECT (<<( :s :p 123 )>> = <<( :s :p 123.0 )>> AS ?x) "
        "(sameTerm(<<( :s :p 123 )>>, <<( :s :p 123.0 )>>) AS ?y) {}",
        [[YES, NO]],
    ),
    (
        "triple terms last in ORDER BY",
        'SELECT ?x { VALUES ?x { <<( :a :b 2 )>> "z" UNDEF :i } } ORDER BY ?x',
        [[ERROR], [f"<{E}i>"], ['"z"'], [TERM]],
    ),
    (
        "strings with a direction",
        'SELECT ?text (DATATYPE(?text) AS ?d) ("a"@en--ltr = "a"@en--rtl AS ?same) '
        "{ :sign :text ?text }",
        [['"كافيه"@ar--rtl', f"<{RDF}dirLangString>", NO]],
    ),
    (
        "LANGDIR",
        'SELECT (LANGDIR("abc"@en--ltr) AS ?a) (LANGDIR("abc"@en) AS ?b) (LANGDIR(1) AS ?c) '
        "(LANGDIR(:x) AS ?d) {}",
        [['"ltr"', '""', '""', ERROR]],
    ),
    (
        "hasLANG",
        'SELECT (hasLANG("abc"@en) AS ?a) (hasLANG("abc"@en--ltr) AS ?b) (hasLANG(1) AS ?c) '
        "(hasLANG(:x) AS ?d) {}",
        [[YES, YES, NO, NO]],
    ),
    (
        "hasLANGDIR",
        'SELECT (hasLANGDIR("abc"@en) AS ?a) (hasLANGDIR("abc"@en--ltr) AS ?b) '
        "(hasLANGDIR(1) AS ?c) (hasLANGDIR(:x) AS ?d) {}",
        [[NO, YES, NO, NO]],
    ),
    (
        "STRLANGDIR",
        'SELECT (STRLANGDIR("abc", "en", "ltr") AS ?a) (STRLANGDIR("abc", "en", "LTR") AS ?b) '
        '(STRLANGDIR("abc", "", "ltr") AS ?c) (STRLANGDIR(:x, "en", "ltr") AS ?d) {}',
        [['"abc"@en--ltr', ERROR, ERROR, ERROR]],
    ),
    (
        "functions on strings keep the direction",
        'SELECT (SUBSTR("abc"@en--rtl, 2) AS ?a) (REPLACE("abc"@en--rtl, "b", "x") AS ?b) '
        '(STRBEFORE("abc"@en--rtl, "b") AS ?c) (CONTAINS("abc"@en--rtl, "b"@en--ltr) AS ?d) {}',
        [['"bc"@en--rtl', '"axc"@en--rtl', '"a"@en--rtl', ERROR]],
    ),
    ("VERSION", f'VERSION "1.2" PREFIX : <{E}> SELECT (:a AS ?x) {{}}', [[f"<{E}a>"]]),
]
REFUSED: Final = [
    ("a variable twice in VALUES", "SELECT * { VALUES (?x ?x) { (1 1) } }"),
    ("halves of surrogate pairs", 'SELECT ("\\uD83D" AS ?x) {}'),
    ("escapes outside strings and IRIs", "SELECT (1 AS ?\\u0078) {}"),
    ("reifiers on paths", "ASK { :a :b+ :c {| :d :e |} }"),
]
# Name, a query, what the standard says, and what is answered.
DEPARTURES: Final = [
    (
        "numbers are written in one way",
        'SELECT ("01"^^xsd:integer AS ?a) (24.0 AS ?b) (1.0E3 AS ?c) {}',
        [f'"01"^^<{XSD}integer>', f'"24.0"^^<{XSD}decimal>', f'"1.0E3"^^<{XSD}double>'],
        [f'"1"^^<{XSD}integer>', f'"24"^^<{XSD}decimal>', f'"1000"^^<{XSD}double>'],
    ),
    (
        "types derived from xsd:integer become xsd:integer",
        'SELECT ("7"^^xsd:byte AS ?a) (DATATYPE("7"^^xsd:nonNegativeInteger) AS ?b) {}',
        [f'"7"^^<{XSD}byte>', f"<{XSD}nonNegativeInteger>"],
        [f'"7"^^<{XSD}integer>', f"<{XSD}integer>"],
    ),
    (
        "sameTerm compares values of numbers",
        'SELECT (sameTerm("1"^^xsd:integer, "01"^^xsd:integer) AS ?a) {}',
        [NO],
        [YES],
    ),
    (
        "truth values are words",
        'SELECT ("1"^^xsd:boolean AS ?a) {}',
        [f'"1"^^<{XSD}boolean>'],
        [YES],
    ),
    (
        "times are written in one way",
        'SELECT ("2020-01-01T00:00:00.500+00:00"^^xsd:dateTime AS ?a) {}',
        [f'"2020-01-01T00:00:00.500+00:00"^^<{XSD}dateTime>'],
        [f'"2020-01-01T00:00:00.5Z"^^<{XSD}dateTime>'],
    ),
    (
        "durations are carried over",
        'SELECT ("P24M"^^xsd:duration AS ?a) ("PT36H"^^xsd:dayTimeDuration AS ?b) {}',
        [f'"P24M"^^<{XSD}duration>', f'"PT36H"^^<{XSD}dayTimeDuration>'],
        [f'"P2Y"^^<{XSD}duration>', f'"P1DT12H"^^<{XSD}dayTimeDuration>'],
    ),
    (
        "language tags are in lower case",
        'SELECT ("x"@en-GB AS ?a) (LANG("x"@en-GB) AS ?b) {}',
        ['"x"@en-GB', '"en-GB"'],
        ['"x"@en-gb', '"en-gb"'],
    ),
    (
        "sums of integers end at 64 bits",
        "SELECT (9223372036854775807 + 1 AS ?a) {}",
        [f'"9223372036854775808"^^<{XSD}integer>'],
        [ERROR],
    ),
    (
        "no back-references in REGEX",
        'SELECT (REGEX("aa", "^(a)\\\\1$") AS ?a) {}',
        [YES],
        [ERROR],
    ),
]


@pytest.fixture(scope="module", name="store")
def the_data() -> ox.Store:
    found = ox.Store()
    found.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    return found


def rows(store: ox.Store, query: str) -> list[list[str]]:
    """The rows of an answer, each cell as N-Triples 1.2 has it; empty where it is unbound."""
    text = query if query.startswith("VERSION") else PROLOGUE + query
    answer = json.loads(evaluate(store, text, extension="srj"))
    names = answer["head"]["vars"]
    return [[cell(row.get(name)) for name in names] for row in answer["results"]["bindings"]]


def cell(term: dict[str, Any] | None) -> str:
    """A term of SPARQL 1.2 Query Results JSON Format as text."""
    if term is None:
        return ERROR
    value = term["value"]
    match term["type"]:
        case "uri":
            return f"<{value}>"
        case "triple":
            parts = (value["subject"], value["predicate"], value["object"])
            return f"<<( {' '.join(map(cell, parts))} )>>"
        case "literal":
            text = f'"{value}"'
            if "xml:lang" in term:
                direction = f"--{term['its:dir']}" if "its:dir" in term else ""
                return f"{text}@{term['xml:lang']}{direction}"
            return f"{text}^^<{term['datatype']}>" if "datatype" in term else text
    raise AssertionError(f"no term is expected here that is {term}")


def listed(heading: str) -> list[str]:
    """The first column of the table under a heading of the documentation."""
    _, found, after = DOCS.read_text(encoding="utf-8").partition(f"\n### {heading}\n")
    assert found, f"docs/sparql.md has no heading {heading!r}"
    section = re.split(r"^##", after, maxsplit=1, flags=re.MULTILINE)[0]
    lines = re.findall(r"^\| (.+?) \|", section, re.MULTILINE)
    return lines[1:]


@pytest.mark.parametrize(
    ("query", "expected"), [case[1:] for case in FEATURES], ids=[case[0] for case in FEATURES]
)
def test_a_feature_of_sparql_12_answers_as_the_draft_says(
    store: ox.Store, query: str, expected: list[list[str]]
) -> None:
    assert rows(store, query) == expected


@pytest.mark.parametrize(
    "query", [query for _, query in REFUSED], ids=[name for name, _ in REFUSED]
)
def test_what_sparql_12_forbids_is_refused_with_its_place(store: ox.Store, query: str) -> None:
    with pytest.raises(MalformedError) as error:
        rows(store, query)
    assert error.value.line == 1
    assert error.value.column > len(PROLOGUE)


def test_construct_writes_annotations_out(store: ox.Store) -> None:
    query = PROLOGUE + "CONSTRUCT { ?s :post ?o ~ :r {| :on 1 |} } { ?s :jobTitle ?o }"
    expected = {
        f'<{E}alice> <{E}post> "Designer" .',
        f'<{E}r> <{RDF}reifies> <<( <{E}alice> <{E}post> "Designer" )>> .',
        f'<{E}r> <{E}on> "1"^^<{XSD}integer> .',
    }

    assert set(evaluate(store, query, extension="nt").decode().splitlines()) == expected


@pytest.mark.parametrize(
    ("extension", "form"),
    [
        ("ttl", ox.RdfFormat.TURTLE),
        ("trig", ox.RdfFormat.TRIG),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("nq", ox.RdfFormat.N_QUADS),
        ("rdf", ox.RdfFormat.RDF_XML),
    ],
)
def test_a_graph_format_holds_triple_terms_and_directions(
    store: ox.Store, extension: str, form: ox.RdfFormat
) -> None:
    body = evaluate(store, "CONSTRUCT WHERE { ?s ?p ?o }", extension=extension)

    found = {quad.triple for quad in ox.parse(body, format=form)}
    assert found == {quad.triple for quad in store}


def test_json_ld_holds_directions(store: ox.Store) -> None:
    query = PROLOGUE + "CONSTRUCT WHERE { :sign ?p ?o }"

    (node,) = json.loads(evaluate(store, query, extension="jsonld"))
    expected = {"@value": "كافيه", "@language": "ar", "@direction": "rtl"}
    assert node[f"{E}text"] == [expected]


def test_a_triple_term_in_json_ld_is_refused_as_the_querys_fault(store: ox.Store) -> None:
    query = PROLOGUE + "CONSTRUCT WHERE { :report ?p ?o }"

    with pytest.raises(DataError):
        evaluate(store, query, extension="jsonld")


def test_xml_results_have_triple_terms_and_directions(store: ox.Store) -> None:
    query = PROLOGUE + "SELECT ?t ?text { :report :quotes ?t . :sign :text ?text }"
    space, its = "{http://www.w3.org/2005/sparql-results#}", "{http://www.w3.org/2005/11/its}"

    root = ET.fromstring(evaluate(store, query, extension="srx"))

    parts = root.find(f".//{space}triple")
    assert parts is not None
    assert [part.tag for part in parts] == [space + n for n in ("subject", "predicate", "object")]
    assert [part[0].text for part in parts] == [f"{E}alice", f"{E}age", "30"]
    text = root.find(f".//{space}binding[@name='text']/{space}literal")
    assert text is not None
    assert text.get(f"{its}dir") == "rtl"


def test_tsv_results_have_triple_terms_and_directions(store: ox.Store) -> None:
    query = PROLOGUE + "SELECT ?t ?text { :report :quotes ?t . :sign :text ?text }"

    line = evaluate(store, query, extension="tsv").decode().splitlines()[1]

    term, text = line.split("\t")
    triple = ox.parse(f"<{E}x> <{E}y> {term} .".encode(), format=ox.RdfFormat.TURTLE)
    expected = ox.Triple(ox.NamedNode(f"{E}alice"), ox.NamedNode(f"{E}age"), ox.Literal(30))
    assert next(iter(triple)).object == expected
    assert text == '"كافيه"@ar--rtl'


def test_an_unknown_version_is_let_through(store: ox.Store) -> None:
    """The draft leaves it to the processor whether that is an error."""
    assert rows(store, 'VERSION "7" SELECT (1 AS ?x) {}') == [[f'"1"^^<{XSD}integer>']]


@pytest.mark.parametrize(
    ("query", "standard", "answered"),
    [case[1:] for case in DEPARTURES],
    ids=[case[0] for case in DEPARTURES],
)
def test_a_departure_is_as_documented(
    store: ox.Store, query: str, standard: list[str], answered: list[str]
) -> None:
    (found,) = rows(store, query)

    assert found != standard
    assert found == answered


def test_a_named_blank_node_is_the_same_in_every_solution(store: ox.Store) -> None:
    """The standard wants one for each solution (SPARQL 1.1, section 17.4.2.9)."""
    query = 'SELECT (BNODE("a") AS ?x) { VALUES ?y { 1 2 } }'

    answer = json.loads(evaluate(store, query, extension="srj"))

    assert len({row["x"]["value"] for row in answer["results"]["bindings"]}) == 1


def test_what_is_stored_is_written_in_one_way_too() -> None:
    store = ox.Store()
    line = f'<{E}s> <{E}p> "024"^^<{XSD}nonNegativeInteger> .'
    store.load(line.encode(), format=ox.RdfFormat.N_TRIPLES)

    assert rows(store, "SELECT ?o { ?s ?p ?o }") == [[f'"24"^^<{XSD}integer>']]


def test_the_tables_of_the_documentation_name_these_cases() -> None:
    assert listed("What there is of SPARQL 1.2") == [name for name, *_ in FEATURES]
    assert listed("What SPARQL 1.2 forbids") == [name for name, *_ in REFUSED]
    assert listed("Departures from the standard") == [
        *(name for name, *_ in DEPARTURES),
        "BNODE with an argument",
    ]
