"""Evaluation in this process: formats, datasets, limits."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from kg.errors import DataError, MalformedError
from kg.query.evaluation import ResultTooLargeError, evaluate

A, P = ox.NamedNode("http://example.org/a"), ox.NamedNode("http://example.org/p")
G1, G2 = ox.NamedNode("http://example.org/g1"), ox.NamedNode("http://example.org/g2")
VALUE = ox.Literal('Klaipėda, "port"\nΩ', language="lt")
ALL = "CONSTRUCT WHERE { ?s ?p ?o }"
SELECT = "SELECT ?s ?o { ?s ?p ?o }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(name="store")
def one_triple_in_three_graphs() -> ox.Store:
    store = ox.Store()
    for graph in (ox.DefaultGraph(), G1, G2):
        store.add(ox.Quad(A, P, VALUE, graph))
    return store


def count(store: ox.Store, text: str = COUNT, **dataset: list[str]) -> int:
    answer = json.loads(evaluate(store, text, extension="srj", **dataset))
    return int(answer["results"]["bindings"][0]["n"]["value"])


def test_an_iri_with_a_comma_is_one_field_of_a_table() -> None:
    """SPARQL 1.1 CSV, 3.1, and RFC 4180: a field with a comma is quoted."""
    store, page = ox.Store(), ox.NamedNode("http://example.org/news,0.html")
    store.add(ox.Quad(page, P, VALUE))
    store.add(ox.Quad(page, P, ox.BlankNode("b")))
    body = evaluate(store, SELECT + " ORDER BY isLiteral(?o)", extension="csv").decode()
    rows = list(csv.reader(io.StringIO(body, newline="")))

    assert rows == [["s", "o"], [page.value, "_:b"], [page.value, VALUE.value]]
    assert body.count("\r\n") == 3


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser
@pytest.mark.parametrize(
    ("extension", "name"), [("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld")]
)
def test_a_graph_read_back_by_rdflib_is_the_graph(
    store: ox.Store, extension: str, name: str
) -> None:
    expected = rdflib.Graph()
    expected.add(
        (
            rdflib.URIRef(A.value),
            rdflib.URIRef(P.value),
            rdflib.Literal(VALUE.value, lang="lt"),
        )
    )

    body = evaluate(store, ALL, extension=extension)

    assert isomorphic(rdflib.Graph().parse(data=body, format=name), expected)


@pytest.mark.parametrize("extension", ["ttl", "nt", "rdf", "jsonld", "trig", "nq"])
def test_a_graph_read_back_by_the_engine_is_the_graph(store: ox.Store, extension: str) -> None:
    formats = {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
        "trig": ox.RdfFormat.TRIG,
        "nq": ox.RdfFormat.N_QUADS,
    }

    body = evaluate(store, ALL, extension=extension)

    assert [quad.triple for quad in ox.parse(body, format=formats[extension])] == [
        ox.Triple(A, P, VALUE)
    ]


def test_a_table_says_the_same_in_each_format(store: ox.Store) -> None:
    as_json = json.loads(evaluate(store, SELECT, extension="srj"))
    as_xml = ET.fromstring(evaluate(store, SELECT, extension="srx"))
    as_csv = list(csv.reader(io.StringIO(evaluate(store, SELECT, extension="csv").decode())))
    as_tsv = evaluate(store, SELECT, extension="tsv").decode()

    assert as_json["results"]["bindings"] == [
        {
            "s": {"type": "uri", "value": A.value},
            "o": {"type": "literal", "value": VALUE.value, "xml:lang": "lt"},
        }
    ]
    namespace = "{http://www.w3.org/2005/sparql-results#}"
    assert [node.text for node in as_xml.iter(f"{namespace}literal")] == [VALUE.value]
    assert as_csv == [["s", "o"], [A.value, VALUE.value]]
    assert as_tsv.splitlines()[0] == "?s\t?o"
    assert as_tsv.splitlines()[1] == f'<{A.value}>\t"Klaipėda, \\"port\\"\\nΩ"@lt'


def test_ask_is_answered_in_json_and_xml(store: ox.Store) -> None:
    assert json.loads(evaluate(store, "ASK {}", extension="srj"))["boolean"] is True
    assert b"<boolean>false</boolean>" in evaluate(store, "ASK { <x:y> ?p ?o }", extension="srx")


def test_the_merge_of_several_graphs_has_each_statement_once(store: ox.Store) -> None:
    both = [G1.value, G2.value]

    assert count(store, default_graphs=both) == 1
    assert count(store, f"SELECT (COUNT(*) AS ?n) FROM {G1} FROM {G2} {{ ?s ?p ?o }}") == 1


def test_the_dataset_of_the_request_replaces_that_of_the_query(store: ox.Store) -> None:
    text = "SELECT (COUNT(*) AS ?n) FROM <http://example.org/none> { ?s ?p ?o }"

    assert count(store, text) == 0
    assert count(store, text, default_graphs=[G1.value]) == 1


def test_a_request_with_named_graphs_only_has_an_empty_default_graph(store: ox.Store) -> None:
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"

    assert count(store, named_graphs=[G1.value]) == 0
    assert count(store, inside, named_graphs=[G1.value]) == 1
    assert count(store, inside, default_graphs=[G1.value]) == 0


def test_describe_gives_what_is_said_of_the_resource(store: ox.Store) -> None:
    body = evaluate(store, f"DESCRIBE {A}", extension="nt")

    assert [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)] == [
        ox.Triple(A, P, VALUE)
    ]


def test_a_syntax_error_has_line_and_column(store: ox.Store) -> None:
    with pytest.raises(MalformedError) as caught:
        evaluate(store, "SELECT *\nWHERE { ?s ?p }", extension="srj")

    assert caught.value.line == 2
    assert caught.value.column > 1


def test_a_property_that_xml_cannot_name_is_said_to_be_that(store: ox.Store) -> None:
    text = "CONSTRUCT { ?s <http://example.org/1> ?o } WHERE { ?s ?p ?o }"
    with pytest.raises(DataError, match="RDF/XML"):
        evaluate(store, text, extension="rdf")
    assert evaluate(store, text, extension="ttl")


def test_a_prefix_that_is_not_declared_is_said_to_be_that(store: ox.Store) -> None:
    with pytest.raises(
        MalformedError, match=r"1:10: prefix foaf: is not declared; add PREFIX foaf: <http"
    ):
        evaluate(store, "ASK { ?s foaf:name ?o }", extension="srj")


def test_an_unknown_function_is_the_querys_fault(store: ox.Store) -> None:
    with pytest.raises(DataError, match="custom function"):
        evaluate(store, "SELECT (<http://example.org/f>(1) AS ?x) {}", extension="srj")


def test_an_answer_that_is_too_large_is_no_answer(store: ox.Store) -> None:
    with pytest.raises(ResultTooLargeError, match="10 bytes"):
        evaluate(store, SELECT, extension="srj", result_bytes=10)


def test_a_character_that_xml_cannot_hold_is_said(store: ox.Store) -> None:
    with pytest.raises(DataError, match="XML"):
        evaluate(store, 'SELECT ("a\\u0001b" AS ?x) {}', extension="srx")
    assert b"\\u0001" in evaluate(store, 'SELECT ("a\\u0001b" AS ?x) {}', extension="srj")


@pytest.mark.parametrize(("text", "extension"), [(SELECT, "ttl"), (ALL, "srj"), (ALL, "exe")])
def test_a_format_of_another_form_is_refused(store: ox.Store, text: str, extension: str) -> None:
    with pytest.raises(DataError, match="format"):
        evaluate(store, text, extension=extension)


def test_the_deepest_query_that_is_let_through_is_answered(store: ox.Store) -> None:
    depth = 98
    text = (
        "ASK {"
        + "OPTIONAL {" * (depth // 2)
        + "FILTER("
        + "IF(true," * (depth // 2 - 1)
        + "1"
        + "+1" * 900
        + ",1)" * (depth // 2 - 1)
        + ")"
        + "}" * (depth // 2)
        + "OPTIONAL {} " * 440
        + " ".join(f"BIND({number} AS ?v{number})" for number in range(490))
        + "}"
    )

    assert json.loads(evaluate(store, text, extension="srj"))["boolean"] is True
