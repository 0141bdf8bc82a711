"""Records, from the statements of files and of a snapshot."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.dataset import read
from kg.matching import (
    Index,
    Matcher,
    Point,
    Record,
    records_of,
    statements_in,
    statements_of,
)
from kg.names import BodyKind
from kg.namespaces import CANONICAL_BASE, ONT, PREFIXES

ROOT = Path(__file__).resolve().parents[2]
GRAPHS = """
PREFIX cpo: <https://w3id.org/citypledge/ont#>
PREFIX v: <https://w3id.org/citypledge/voc/>
PREFIX city: <https://w3id.org/citypledge/id/city/>
PREFIX mun: <https://w3id.org/citypledge/id/municipality/>
PREFIX figure: <https://w3id.org/citypledge/id/figure/>
PREFIX name: <https://w3id.org/citypledge/id/name/>
PREFIX cc: <http://publications.europa.eu/resource/authority/country/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX schema: <http://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX skosxl: <http://www.w3.org/2008/05/skos-xl#>
PREFIX wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
<https://w3id.org/citypledge/graph/registry> {
  city:xx-alfa a cpo:City ; skos:prefLabel "Alfa"@en , "Alfà"@ca ; cpo:country cc:ESP .
  mun:xx-alfa a cpo:Municipality ; skos:prefLabel "Municipality of Alfa"@en ;
    cpo:governs city:xx-alfa .
  mun:xx-alfa-district a cpo:Municipality ; skos:prefLabel "Alfa District Municipality"@en ;
    cpo:governs city:xx-alfa ; cpo:country cc:ESP .
  city:xx-beta a cpo:City ; skos:prefLabel "Beta"@en ; cpo:country cc:ESP .
  mun:xx-beta-district a cpo:Municipality ; skos:prefLabel "Beta district"@en ;
    dcterms:type v:body-district ; cpo:governs city:xx-beta .
  mun:xx-gamma a cpo:Municipality ; skos:prefLabel "Greater Alfa"@en ;
    dcterms:type v:body-metropolis ; schema:location city:xx-alfa .
}
<https://w3id.org/citypledge/graph/source/gazetteer> {
  city:xx-alfa wgs:lat 41.5 ; wgs:long 2.25 ; skos:hiddenLabel "Alphaville" ;
    cpo:nameForm name:n-1 .
  name:n-1 a cpo:NameForm ; skosxl:literalForm "Alfai"@lt ; cpo:nameKind v:name-former .
  figure:f-1 cpo:figureAbout city:xx-alfa ; cpo:counts v:count-inhabitants ;
    cpo:figureValue 900 ; cpo:asOf "2001"^^xsd:gYear .
  figure:f-2 cpo:figureAbout city:xx-alfa ; cpo:counts v:count-inhabitants ;
    cpo:figureValue 1200 ; cpo:asOf "2021"^^xsd:gYear .
  figure:f-3 cpo:figureAbout city:xx-alfa ; cpo:counts v:count-cities ; cpo:figureValue 7 .
}
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """A store with the statements."""
    made = ox.Store()
    made.load(GRAPHS.encode(), format=ox.RdfFormat.TRIG)
    return made


@pytest.fixture(scope="module")
def records(store: ox.Store) -> dict[str, Record]:
    """The records, by the last part of their IRIs."""
    found = records_of(statements_of(store))
    return {record.iri.rpartition("/id/")[2]: record for record in found}


def test_a_city_has_names_of_all_kinds_with_the_graph_that_says_so(
    records: dict[str, Record],
) -> None:
    found = {
        (name.text, name.language, name.kind, name.graph.rpartition("/")[2])
        for name in records["city/xx-alfa"].names
    }
    assert found == {
        ("Alfa", "en", "main", "registry"),
        ("Alfà", "ca", "main", "registry"),
        ("Alphaville", "", "hidden", "gazetteer"),
        ("Alfai", "lt", "former", "gazetteer"),
    }


def test_a_city_has_country_position_and_the_newest_population(records: dict[str, Record]) -> None:
    city = records["city/xx-alfa"]
    assert city.country == PREFIXES["cc"] + "ESP"
    assert city.point == Point(41.5, 2.25)
    assert city.population == 1200


def test_a_body_goes_by_the_names_of_its_city_and_lies_there(records: dict[str, Record]) -> None:
    body = records["municipality/xx-alfa"]
    assert body.body == BodyKind.CITY
    assert body.label == "Municipality of Alfa"
    assert {name.text for name in body.names if name.of} == {"Alfa", "Alfà", "Alphaville", "Alfai"}
    assert (body.country, body.point) == (PREFIXES["cc"] + "ESP", Point(41.5, 2.25))


def test_a_district_goes_by_the_name_of_a_town_only_where_the_town_has_no_body(
    records: dict[str, Record],
) -> None:
    both = (records["municipality/xx-alfa-district"], records["municipality/xx-beta-district"])
    assert [record.body for record in both] == [BodyKind.DISTRICT, BodyKind.DISTRICT]
    assert [any(name.of for name in record.names) for record in both] == [False, True]


def test_a_metropolis_lies_in_its_city_and_has_a_name_of_its_own(
    records: dict[str, Record],
) -> None:
    metropolis = records["municipality/xx-gamma"]
    assert (metropolis.body, metropolis.point) == (BodyKind.METROPOLIS, Point(41.5, 2.25))
    assert [name.text for name in metropolis.names] == ["Greater Alfa"]


def test_name_forms_and_figures_are_no_records(records: dict[str, Record]) -> None:
    assert {name.partition("/")[0] for name in records} == {"city", "municipality"}


def test_what_a_ruling_rejects_is_nothing_that_a_thing_has() -> None:
    decided = f"""{GRAPHS}
    PREFIX ruling: <https://w3id.org/citypledge/id/ruling/>
    <https://w3id.org/citypledge/graph/source/page> {{
      city:xx-alfa cpo:country cc:FRA ; skos:altLabel "Omega"@en . }}
    <https://w3id.org/citypledge/graph/decisions> {{
      ruling:ru-1 a cpo:Ruling ; cpo:decidesSubject city:xx-alfa ;
        cpo:decidesProperty cpo:country ; cpo:rejectedValue cc:FRA . }}
    ruling:ru-1 cpo:decidesSubject city:xx-alfa .
    city:xx-alfa a cpo:City ; skos:prefLabel "Alfa"@en ; skos:altLabel "Omega"@en ;
      cpo:country cc:ESP .
    """
    store = ox.Store()
    store.load(decided.encode(), format=ox.RdfFormat.TRIG)
    record = next(r for r in records_of(statements_of(store)) if r.iri.endswith("city/xx-alfa"))
    assert record.country == PREFIXES["cc"] + "ESP"
    assert {name.text for name in record.names} == {"Alfa", "Omega"}


def test_the_cities_that_one_page_puts_into_another_country_lie_where_a_ruling_says() -> None:
    records = {record.iri: record for record in records_of(statements_in(read(ROOT)))}
    for city in ("fi-turku", "fi-lappeenranta"):  # one page puts them into Sweden
        assert records[f"{PREFIXES['city']}{city}"].country == PREFIXES["cc"] + "FIN"


def test_another_base_is_read_too(store: ox.Store) -> None:
    base = "https://example.org/kg/"
    moved = ox.Store()
    moved.load(
        store.dump(format=ox.RdfFormat.N_QUADS).replace(CANONICAL_BASE.encode(), base.encode()),
        format=ox.RdfFormat.N_QUADS,
    )
    found = {record.iri: record for record in records_of(statements_of(moved, base), base)}
    assert found[f"{base}id/municipality/xx-alfa"].body == BodyKind.CITY
    assert found[f"{base}id/city/xx-alfa"].population == 1200


def test_the_order_of_statements_does_not_matter(store: ox.Store) -> None:
    statements = list(statements_of(store))
    assert records_of(statements) == records_of(reversed(statements))


def test_the_index_is_the_same_for_files_and_for_a_snapshot(store: ox.Store) -> None:
    matcher = Matcher(Index(records_of(statements_of(store))))
    found = matcher.match("Alphaville", PREFIXES["cc"] + "ESP", kind=ONT + "Municipality")
    assert found.match is not None
    assert found.match.name.of.endswith("city/xx-alfa")
