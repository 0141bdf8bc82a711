"""The client on the real data, by a real server."""

import pytest

from kg.client import Graph, NoAnswerError, Patience, RefusedError, Text
from kg.errors import UnknownNameError, UsageError

CITIES = "SELECT ?city { ?city a cpo:City }"


def test_a_city_is_an_object_with_what_it_takes_part_in(graph: Graph) -> None:
    city = graph.city("lt-klaipeda")
    assert city.label == "Klaipėda"
    assert Text("Klaipėda", "lt") in city.names
    assert {each.language for each in city.names} >= {"en", "lt", "sl"}
    assert str(city.country.label if city.country else "") == "Lithuania"
    # Klaipėda lies at about 55.7 degrees north, 21.1 east
    assert city.place == (pytest.approx(55.7, abs=0.1), pytest.approx(21.1, abs=0.1))
    assert "The Playful Paradigm" in [each.label for each in city.networks]
    assert city.bodies[0].cities == [city]
    assert len(city.participations) >= 2  # the texts have it in the pilot and in that one
    assert all(each.body in city.bodies for each in city.participations)
    assert f"{graph.base}graph/source/s002" in city.sources


def test_a_network_is_an_object_with_members_lead_and_programme(graph: Graph) -> None:
    # s002 names Udine as the lead partner, and eight cities
    network = graph.network("urbact-playful-paradigm")
    assert [each.label for each in network.leads] == ["Municipality of Udine"]
    assert len(network.members) == len(network.cities) == len(network.participations) == 8
    assert network.programme is not None
    assert network.programme.label == "URBACT"
    assert network.one("startDate") == 2018


def test_a_pledge_is_an_object_with_signatories_and_targets(graph: Graph) -> None:
    pledge = graph.pledge("es-climate-neutral-cities-2030")
    signed = {each.label for each in pledge.signatories}
    assert {"Municipality of Barcelona", "Municipality of Zaragoza"} <= signed
    assert {each.year for each in pledge.targets} == {2030}
    assert pledge in graph.body("es-barcelona").pledges


def test_each_statement_has_the_sources_that_say_it(graph: Graph) -> None:
    network = graph.network("urbact-playful-paradigm")
    said = {each.property.rpartition("#")[2]: each for each in network.statements}
    assert said["startDate"].sources
    for source in said["startDate"].sources:
        asked = f'ASK {{ GRAPH <{source}> {{ <{network.iri}> cpo:startDate "2018"^^xsd:gYear }} }}'
        assert graph.query(asked).rows == ((True,),)
    assert said["memberCity"].sources == ()  # by a rule: no source says so


def test_names_come_in_the_language_that_is_wanted(service: str) -> None:
    assert Graph(service, languages=["sl"]).city("lt-klaipeda").label == "Klajpeda"
    assert Graph(service, languages=["xx", "lt"]).city("lt-klaipeda").label == "Klaipėda"


def test_what_is_not_there_is_an_error(graph: Graph) -> None:
    with pytest.raises(UnknownNameError, match="lt-klaipda"):
        graph.city("lt-klaipda")


@pytest.mark.parametrize(("key", "way"), [("city", "keyset"), ("", "offset")])
def test_pages_hold_all_rows_once(graph: Graph, key: str, way: str) -> None:
    whole = graph.query(CITIES)
    pages = graph.pages(CITIES, size=100, key=key)
    assert pages.way == way
    parts = list(pages)
    assert [len(part) for part in parts[:-1]] == [100] * ((len(whole) - 1) // 100)
    assert len(parts) > 2
    found = [city for part in parts for city in part.column("city")]
    assert len(found) == len(set(found))
    assert sorted(map(str, found)) == sorted(map(str, whole.column("city")))


def test_a_key_may_have_any_letter(graph: Graph) -> None:
    # SPARQL takes no pair of surrogates for a letter (SPARQL 1.1 Query, section 19.2).
    query = 'SELECT ?key { VALUES ?key { "\U0001f333" "\u00e4\\"\\n" "b" } }'
    parts = list(graph.pages(query, size=1, key="key"))
    assert [part.rows for part in parts] == [(("b",),), (('\u00e4"\n',),), (("\U0001f333",),)]


def test_a_page_may_end_with_the_answer(graph: Graph) -> None:
    query = f"{CITIES} ORDER BY ?city LIMIT 4"
    assert [len(part) for part in graph.pages(query, size=2, key="city")] == [2, 2]
    assert [len(part) for part in graph.pages(f"{CITIES} LIMIT 0", size=2)] == [0]


def test_a_key_that_tells_no_rows_apart_is_refused_and_no_row_is_lost(graph: Graph) -> None:
    with pytest.raises(UsageError, match="apart"):
        list(graph.pages("SELECT ?kind { ?thing a ?kind }", size=5, key="kind"))


@pytest.mark.parametrize(
    "text",
    ["ASK {}", "SELECT * FROM <http://e.example/> { ?s ?p ?o }", "CONSTRUCT WHERE {?s ?p ?o}"],
)
def test_what_cannot_be_cut_is_refused(graph: Graph, text: str) -> None:
    with pytest.raises(UsageError):
        graph.pages(text)


def test_a_question_of_the_library_is_asked_by_name(graph: Graph) -> None:
    names = {each["name"] for each in graph.questions()}
    assert "network-cities" in names
    found = graph.ask("network-cities", network="net:urbact-playful-paradigm")
    assert "Klaipėda" in {str(value) for row in found.rows for value in row}


def test_an_unknown_question_is_refused_with_the_nearest(graph: Graph) -> None:
    with pytest.raises(RefusedError, match="network-cities"):
        graph.ask("network-citys")


def test_a_fault_in_a_query_is_told_with_its_line(graph: Graph) -> None:
    with pytest.raises(RefusedError, match="line 2") as caught:
        graph.query("SELECT * {\n ?s skos:prefLabel }")
    assert caught.value.status == 400


def test_an_empty_answer_is_explained(graph: Graph) -> None:
    query = 'SELECT * { ?city skos:prefLabel "Klaipėda" }'
    assert len(graph.query(query)) == 0
    told = graph.diagnose(query)
    assert [each["code"] for each in told["findings"]] == ["wrong-language"]
    assert len(graph.query(told["query"])) > 0


def test_the_first_rows_are_had_where_they_are_asked_for(graph: Graph) -> None:
    found = graph.query(CITIES, max_rows=3)
    assert (len(found), found.is_cut) == (3, True)


def test_nobody_at_the_address_is_no_answer() -> None:
    with pytest.raises(NoAnswerError, match=r"127\.0\.0\.1:9"):
        Graph("http://127.0.0.1:9", patience=Patience(timeout_s=5)).query("ASK {}")
