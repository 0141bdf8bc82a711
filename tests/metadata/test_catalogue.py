"""DCAT: what a dataset and its sources are said to be, on a small invented dataset."""

import pyoxigraph as ox
import pytest

from kg.errors import BuildError
from kg.metadata import describe

BASE = "https://w3id.org/citypledge/"
PREFIXES = f"""
@prefix cpo: <{BASE}ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix graph: <{BASE}graph/> .
@prefix id: <{BASE}id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
META = f"""
graph:meta {{ <{BASE}dataset> dcterms:publisher <{BASE}id/organisation/us> ;
    dcterms:license <https://example.org/licence> . }}
graph:registry {{ <{BASE}id/organisation/us> skos:prefLabel "Mes"@lt , "Us"@en . }}
"""
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"


def described(trig: str) -> ox.Store:
    quads = list(ox.parse(PREFIXES + trig, format=ox.RdfFormat.TRIG))
    view = {quad.triple for quad in quads}
    store = ox.Store()
    for quad in describe(quads, view, version="7", software="1", inputs={}):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return store


def values(store: ox.Store, subject: str, predicate: str) -> list[str]:
    found = store.quads_for_pattern(ox.NamedNode(BASE + subject), ox.NamedNode(predicate), None)
    return sorted(str(quad.object) for quad in found)


def source(name: str, says: str) -> str:
    return f"graph:source\\/{name} {{ <{BASE}id/source/{name}> a cpo:WebPage . {says} }}\n"


def test_a_source_has_its_own_licence_and_else_that_of_the_whole() -> None:
    own = f"<{BASE}id/source/s1> dcterms:license <https://example.org/own> ."
    store = described(META + source("s1", own) + source("s2", ""))
    assert values(store, "graph/source/s1", DCTERMS + "license") == ["<https://example.org/own>"]
    assert values(store, "graph/source/s2", DCTERMS + "license") == [
        "<https://example.org/licence>"
    ]
    assert values(store, "catalog#document/s1", DCTERMS + "license") == [
        "<https://example.org/own>"
    ]


def test_the_publisher_of_the_catalogue_is_that_of_the_dataset_by_name() -> None:
    store = described(META)
    assert values(store, "catalog", DCTERMS + "publisher") == [f"<{BASE}id/organisation/us>"]
    name = values(store, "id/organisation/us", "http://xmlns.com/foaf/0.1/name")
    assert name == ['"Us"@en']


@pytest.mark.parametrize("missing", ["publisher", "license"])
def test_a_dataset_without_publisher_or_licence_is_refused_with_the_remedy(missing: str) -> None:
    with pytest.raises(BuildError, match=r"data/dataset\.ttl: needs the dcterms:publisher and"):
        described(META.replace(f"dcterms:{missing}", "dcterms:other"))


def test_the_period_reaches_from_the_first_date_to_the_end_of_the_last() -> None:
    dates = (
        'id:a cpo:startDate "2019-05-02"^^xsd:date ; cpo:endDate "2021-03"^^xsd:gYearMonth . '
        'id:b cpo:date "2021"^^xsd:gYear , "2020-01-01"^^xsd:date .'
    )
    store = described(META + source("s1", dates))
    period = "catalog#period/graph/source/s1"
    assert values(store, "graph/source/s1", DCTERMS + "temporal") == [f"<{BASE}{period}>"]
    [begin], [end] = (values(store, period, DCAT + name) for name in ("startDate", "endDate"))
    assert begin.startswith('"2019-05-02"') and end.startswith('"2021"^^')


def test_a_source_without_dates_countries_or_language_claims_none() -> None:
    store = described(META + source("s1", ""))
    for name in ("temporal", "spatial", "language"):
        assert values(store, "graph/source/s1", DCTERMS + name) == [], name


def test_the_version_has_an_iri_below_the_dataset() -> None:
    store = described(META)
    iri = values(store, "dataset", "http://www.w3.org/2002/07/owl#versionIRI")
    assert iri == [f"<{BASE}dataset/7>"]
