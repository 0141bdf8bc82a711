"""The order in which names are found, and the words that say why."""

import pytest

from kg.matching import Form, Found, Index, Name, Record
from kg.matching.search import Hit, Tier, graphs_of, search, starting, why

ONT = "https://w3id.org/citypledge/ont#"


def thing(iri: str, kind: str, *names: Name, country: str | None = None) -> Record:
    return Record(iri, frozenset((ONT + kind,)), names, country)


CITY = thing("city", "City", Name("Kaunas", "lt"), Name("Kovno", "de", "former", "graph/b"))
BODY = thing("body", "Municipality", Name("Kauno miesto savivaldybė", "lt"))
NETWORK = thing("network", "Network", Name("Kaunas Compact", "en"))
CONCEPT = thing("concept", "Concept", Name("Kaunas", "en"))
PERSON = thing("person", "Person", Name("Ada Kaunas"))
OTHER = thing("other", "City", Name("Kaunes", "fr"))


@pytest.fixture(scope="module")
def index() -> Index:
    return Index([OTHER, PERSON, CONCEPT, NETWORK, BODY, CITY])


def found(index: Index, text: str) -> list[str]:
    return [hit.record.iri for hit in search(index, text)]


def test_the_tiers_come_in_their_order(index: Index) -> None:
    assert found(index, "Kaunas") == ["city", "concept", "network", "person", "other"]


def test_concepts_come_after_places_in_one_tier(index: Index) -> None:
    hits = search(index, "kaunas")

    assert [(hit.record.iri, hit.tier) for hit in hits[:2]] == [
        ("city", Tier.EXACT),
        ("concept", Tier.EXACT),
    ]


def test_another_case_comes_before_a_body_that_is_named_after_it(index: Index) -> None:
    assert found(index, "Kauno")[:2] == ["city", "body"]


def test_only_what_is_wanted_is_found(index: Index) -> None:
    hits = search(index, "Kaunas", lambda record: ONT + "Network" in record.types)

    assert [hit.record for hit in hits] == [NETWORK]


def test_suggestions_are_without_slips(index: Index) -> None:
    assert "other" not in [hit.record.iri for hit in starting(index, "Kaunas")]


@pytest.mark.parametrize("text", ["", "  ", "?", "“”"])
def test_nothing_is_found_where_there_is_nothing_to_look_for(index: Index, text: str) -> None:
    assert search(index, text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Kovno", "the former form “Kovno” (de)"),
        ("KÓVNO", "the former form “Kovno” (de), written a little differently"),
        ("Kaune", "another case of the main name “Kaunas” (lt)"),
        ("Kovn", "the beginning of the former form “Kovno” (de)"),
        ("Kovmo", "a spelling like the former form “Kovno” (de)"),
    ],
)
def test_the_reason_names_the_name_and_how_it_differs(index: Index, text: str, reason: str) -> None:
    hits = search(index, text, lambda record: record is CITY)

    assert [why(hit) for hit in hits] == [reason]


def test_the_sources_of_a_name_are_all_that_have_it() -> None:
    record = thing("x", "City", Name("Xa", "en", "main", "b"), Name("Xa", "en", "main", "a"))
    hit = Hit(Tier.EXACT, Found(record, record.names[0], Form.EXACT, 1.0))

    assert graphs_of(hit) == ["a", "b"]
