"""JSON-LD that is framed: whatever the triples are, it parses back to them and to nothing else."""

import itertools
import json

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic, to_isomorphic

from kg.namespaces import CANONICAL_BASE, FOAF, OWL, RDF, RDFS, SKOS, XSD
from kg.web.context import Terms, terms_of
from kg.web.jsonld import framed

CPO = CANONICAL_BASE + "ont#"
TOPIC = ox.NamedNode("https://example.org/topic")
# Words that have names of every kind, and some that have none.
PREDICATES = [
    *(SKOS + "prefLabel", RDFS + "label", FOAF + "name", FOAF + "primaryTopic", OWL + "sameAs"),
    *(RDF + "type", RDF + "subject", RDF + "predicate", RDF + "object", RDF + "first"),
    *(CPO + "startDate", CPO + "targetYear", CPO + "participant", CPO + "governs", CPO + "amount"),
    *(CPO + "claimValue", CPO + "approximate", CPO + "purpose", CPO + "textLength"),
    *("https://example.org/other", "https://example.org/label", "urn:example:x"),
]
NODES = [
    *(TOPIC.value, "https://example.org/a", "https://example.org/b", "https://example.org/c#d"),
    *(CPO + "Network", SKOS + "Concept", "urn:example:y", "mailto:nobody@example.org"),
]
MISLEADING = ["label:x", "type:y", "date://z", "id:1"]
DATATYPES = [
    XSD + name
    for name in ("string", "integer", "boolean", "decimal", "double", "date", "gYear", "anyURI")
]
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12
) | st.sampled_from(
    ["1", "-0", "007", "true", "1.0", "2020", "@id", "_:b", "en", '\n\t"\\</script>']
)
TAGS = st.sampled_from(["en", "lt", "sl", "zh-hant", "en-gb"])


@st.composite
def literals(draw: st.DrawFn) -> ox.Literal:
    text = draw(TEXTS)
    if draw(st.booleans()):
        return ox.Literal(text, language=draw(TAGS))
    return ox.Literal(text, datatype=ox.NamedNode(draw(st.sampled_from(DATATYPES))))


def nodes(iris: list[str]) -> st.SearchStrategy[ox.NamedNode | ox.BlankNode]:
    blank = st.sampled_from(["b0", "b1", "b2"]).map(ox.BlankNode)
    return st.sampled_from(iris).map(ox.NamedNode) | blank


def graphs(iris: list[str]) -> st.SearchStrategy[list[ox.Triple]]:
    predicates = st.sampled_from(PREDICATES).map(ox.NamedNode)
    one = st.builds(ox.Triple, nodes(iris), predicates, nodes(iris) | literals())
    return st.lists(one, max_size=25, unique=True)


@pytest.fixture(name="terms", scope="session")
def the_terms(snapshot_store: ox.Store) -> Terms:
    return terms_of(snapshot_store, CANONICAL_BASE)


def lines(triples: list[ox.Triple]) -> set[str]:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


@settings(max_examples=400, deadline=None)
@given(triples=graphs(NODES) | graphs(NODES + MISLEADING))
def test_it_parses_back_to_the_same_triples(terms: Terms, triples: list[ox.Triple]) -> None:
    body = framed(triples, TOPIC, terms)

    parsed = list(ox.parse(body, format=ox.RdfFormat.JSON_LD))
    assert all(quad.graph_name == ox.DefaultGraph() for quad in parsed)
    assert lines([quad.triple for quad in parsed]) == lines(triples)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser
@pytest.mark.filterwarnings("ignore:Serializing weird numerical")  # of a number that is none
@settings(max_examples=150, deadline=None)
@given(triples=graphs(NODES))
def test_another_parser_reads_the_same(terms: Terms, triples: list[ox.Triple]) -> None:
    body = framed(triples, TOPIC, terms)
    plain = "".join(f"{triple} .\n" for triple in triples)

    expected = rdflib.Graph().parse(data=plain, format="nt")
    found = rdflib.Graph().parse(data=body, format="json-ld")
    assert isomorphic(to_isomorphic(found), to_isomorphic(expected))


def test_an_iri_that_could_be_taken_for_a_name_keeps_its_meaning(terms: Terms) -> None:
    triple = ox.Triple(TOPIC, ox.NamedNode(OWL + "sameAs"), ox.NamedNode("label:x"))

    assert json.loads(framed([triple], TOPIC, terms)) == {
        "@id": TOPIC.value,
        OWL + "sameAs": [{"@id": "label:x"}],
    }


def test_a_chain_of_any_length_is_written(terms: Terms) -> None:
    """A list of 3,000 nodes would be as many objects in one another."""
    rest = ox.NamedNode(RDF + "rest")
    chain = [ox.BlankNode(f"n{number}") for number in range(3000)]
    triples = [ox.Triple(one, rest, other) for one, other in itertools.pairwise(chain)]

    body = framed(triples, TOPIC, terms)

    assert len({quad.triple for quad in ox.parse(body, format=ox.RdfFormat.JSON_LD)}) == 2999
