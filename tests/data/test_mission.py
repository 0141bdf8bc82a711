"""The EU Cities Mission, the national platforms and what cities signed come out as told.

`mission_cities.csv` is the list of the Mission by hand: each body with its entry on the list, its
group, and the day of its label, in the precision of the page that tells it. Where two pages differ,
the number that is expected here is the one that a ruling keeps.
"""

import csv
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import PREFIXES, shorten

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
MISSION = "prog:eu-cities-mission"
SELECTION = "dec:eu-cities-mission-selection-2022"
LITHUANIAN = "net:lt-green-municipalities"


def read_cities() -> list[dict[str, str]]:
    path = Path(__file__).parent / "mission_cities.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CITIES = read_cities()


def ask(store: ox.Store, pattern: str) -> list[tuple[str, ...]]:
    """Return the rows of a SELECT without its prologue, IRIs as prefixed names."""
    solutions = store.query(PROLOGUE + pattern)
    assert isinstance(solutions, ox.QuerySolutions)
    return [
        tuple(
            shorten(term.value)
            if isinstance(term, ox.NamedNode)
            else str(getattr(term, "value", ""))
            for term in row
        )
        for row in solutions
    ]


def count(store: ox.Store, pattern: str) -> int:
    ((number,),) = ask(store, f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    return int(number)


# --- The Mission: selected


def test_the_list_has_112_entries_of_113_bodies_in_35_countries(snapshot_store: ox.Store) -> None:
    bodies = f"{SELECTION} cpo:approves ?p . ?p cpo:participationIn {MISSION} ."
    first = "FILTER NOT EXISTS { ?p cpo:jointWith ?q . FILTER (STR(?q) < STR(?p)) }"
    countries = ask(
        snapshot_store,
        f"SELECT DISTINCT ?c WHERE {{ {bodies} ?p cpo:participant ?b . ?b cpo:country ?c }}",
    )

    assert count(snapshot_store, bodies) == 113
    assert count(snapshot_store, bodies + first) == 112
    assert len(countries) == 35


@pytest.mark.parametrize(
    ("group", "entries"), [("v:selected-eu", 100), ("v:selected-associated", 12)]
)
def test_a_hundred_are_of_the_union_and_twelve_of_associated_countries(
    group: str, entries: int, snapshot_store: ox.Store
) -> None:
    first = "FILTER NOT EXISTS { ?p cpo:jointWith ?q . FILTER (STR(?q) < STR(?p)) }"
    assert count(snapshot_store, f"?p a cpo:Participation ; dcterms:type {group} . {first}") == (
        entries
    )


def test_the_bodies_and_groups_are_those_of_the_list(snapshot_store: ox.Store) -> None:
    groups = {"EU-100": "v:selected-eu", "associated-12": "v:selected-associated"}
    found = ask(
        snapshot_store,
        f"SELECT ?b ?g WHERE {{ ?p cpo:participationIn {MISSION} ; cpo:participant ?b ;"
        " dcterms:type ?g }",
    )
    assert sorted(found) == sorted((row["body"], groups[row["group"]]) for row in CITIES)


def test_the_one_joint_entry_is_eindhoven_and_helmond(snapshot_store: ox.Store) -> None:
    found = ask(snapshot_store, "SELECT ?b WHERE { ?p cpo:jointWith ?q ; cpo:participant ?b }")
    assert sorted(found) == [("mun:nl-eindhoven",), ("mun:nl-helmond",)]


def test_members_that_are_not_the_city_stand_for_themselves(snapshot_store: ox.Store) -> None:
    for body in ("mun:be-brussels-capital-region", "mun:mt-gozo", "mun:ro-bucuresti-sector-2"):
        assert count(snapshot_store, f"?p cpo:participant {body} ; cpo:participationIn {MISSION}")
    for city in ("mun:be-bruxelles", "mun:fr-angers", "mun:fr-nantes"):
        assert not count(
            snapshot_store, f"?p cpo:participant {city} ; cpo:participationIn {MISSION}"
        )


# --- The Mission: labelled


def test_labels_were_given_in_six_batches_and_make_106(snapshot_store: ox.Store) -> None:
    found = ask(
        snapshot_store,
        "SELECT ?day ?b WHERE { ?d cpo:grants v:label-eu-mission ; cpo:date ?day ;"
        " cpo:grantedTo ?b ; cpo:decidedBy organisation:european-commission }",
    )
    assert Counter(day for day, _ in found) == {
        "2023-10-12": 10,
        "2024-03-21": 23,
        "2024-10-08": 20,
        "2025-05": 39,
        "2025-10-15": 11,  # ten entries of the list, one of them the pair
        "2026-02": 3,
    }
    assert sorted(found) == sorted((row["label"], row["body"]) for row in CITIES if row["label"])


def test_seven_entries_have_no_label_by_february_2026(snapshot_store: ox.Store) -> None:
    found = ask(
        snapshot_store,
        f"SELECT ?b WHERE {{ ?p cpo:participationIn {MISSION} ; cpo:participant ?b ."
        " FILTER NOT EXISTS { ?d cpo:grants v:label-eu-mission ; cpo:grantedTo ?b } }",
    )
    assert sorted(found) == [
        ("mun:be-brussels-capital-region",),
        ("mun:be-la-louviere",),
        ("mun:de-frankfurt-am-main",),
        ("mun:ee-tartu",),
        ("mun:me-podgorica",),
        ("mun:mt-gozo",),
        ("mun:nl-utrecht",),
    ]


def test_of_ten_and_eleven_labels_of_october_2025_eleven_are_kept(snapshot_store: ox.Store) -> None:
    figure = "figure:eu-mission-label-2025-10-15"
    page = "<https://w3id.org/citypledge/graph/source/pubt-052b97d5>"
    kept = ask(snapshot_store, f"SELECT ?n WHERE {{ {figure} cpo:figureValue ?n }}")
    told = ask(
        snapshot_store, f"SELECT ?n WHERE {{ GRAPH {page} {{ {figure} cpo:figureValue ?n }} }}"
    )
    assert [float(n) for (n,) in kept] == [11]
    assert sorted(float(n) for (n,) in told) == [10, 11]


@pytest.mark.parametrize(
    ("metric", "value"),
    [("v:count-applicants", 377), ("v:count-eligible", 362), ("v:count-countries", 35)],
)
def test_what_the_announcement_told_is_a_figure(
    metric: str, value: int, snapshot_store: ox.Store
) -> None:
    found = ask(
        snapshot_store,
        f"SELECT ?n WHERE {{ ?f cpo:figureAbout {SELECTION} ; cpo:counts {metric} ;"
        " cpo:figureValue ?n . FILTER NOT EXISTS { ?f dcterms:spatial ?part } }",
    )
    assert [float(n) for (n,) in found] == [value]


# --- Selected, aimed at, signed


def test_a_selection_is_not_a_signature(snapshot_store: ox.Store) -> None:
    """Only the three Slovenian cities signed a pledge under the Mission, and it names no year."""
    found = ask(
        snapshot_store,
        f"SELECT ?b WHERE {{ ?s cpo:signs ?pledge ; cpo:signatory ?b ."
        f" ?pledge cpo:underProgramme {MISSION} }}",
    )
    assert sorted(found) == [("mun:si-kranj",), ("mun:si-ljubljana",), ("mun:si-velenje",)]
    assert not count(snapshot_store, "?target cpo:targetOf pledge:si-mission-2022")
    assert count(
        snapshot_store,
        f'?t cpo:targetOf {MISSION} ; cpo:targetYear "2030"^^xsd:gYear ;'
        " cpo:bindingForce v:force-plan",
    )


def test_of_23_swedish_cities_nine_signed_the_contract_and_fourteen_a_letter(
    snapshot_store: ox.Store,
) -> None:
    network = "net:se-climate-neutral-cities-2030"
    contract, letter = "pledge:se-climate-city-contract-2021", "doc:se-letter-of-intent-2021"
    assert count(snapshot_store, f"?p cpo:participationIn {network}") == 23
    assert count(snapshot_store, f"?s cpo:signs {contract}") == 9
    assert count(snapshot_store, f"?s cpo:signs {letter}") == 14
    assert not count(
        snapshot_store,
        f"?s cpo:signs {contract} ; cpo:signatory ?b . ?t cpo:signs {letter} ; cpo:signatory ?b",
    )


def test_eight_spanish_cities_signed_on_two_days_and_soria_is_not_of_the_mission(
    snapshot_store: ox.Store,
) -> None:
    found = ask(
        snapshot_store,
        "SELECT ?day ?b WHERE { ?s cpo:signs pledge:es-climate-neutral-cities-2030 ;"
        " cpo:date ?day ; cpo:signatory ?b }",
    )
    assert sorted(found) == [
        ("2021-09-08", "mun:es-barcelona"),
        ("2021-09-08", "mun:es-madrid"),
        ("2021-09-08", "mun:es-sevilla"),
        ("2021-09-08", "mun:es-valencia"),
        ("2021-12-13", "mun:es-soria"),
        ("2021-12-13", "mun:es-valladolid"),
        ("2021-12-13", "mun:es-vitoria-gasteiz"),
        ("2021-12-13", "mun:es-zaragoza"),
    ]
    assert not count(snapshot_store, f"{MISSION} cpo:memberCity city:es-soria")
    assert "mun:es-soria" not in {row["body"] for row in CITIES}


def test_three_slovenian_cities_signed_their_pledge_in_2022(snapshot_store: ox.Store) -> None:
    pledge = "?s cpo:signs pledge:si-mission-2022"
    assert count(snapshot_store, f'{pledge} ; cpo:date "2022-11-09"^^xsd:date') == 3
    assert count(snapshot_store, pledge) == 3


def test_the_accord_has_100_signatories_stated_and_twelve_listed(snapshot_store: ox.Store) -> None:
    figures = ask(
        snapshot_store,
        "SELECT ?n WHERE { ?f cpo:figureAbout pledge:green-city-accord ;"
        " cpo:counts v:count-signatories ; cpo:figureValue ?n }",
    )
    assert sorted(float(n) for (n,) in figures) == [26, 73, 100]
    assert count(snapshot_store, "?s cpo:signs pledge:green-city-accord") == 12


# --- The Lithuanian network


def test_of_the_lithuanian_network_24_members_are_stated_and_none_is_listed(
    snapshot_store: ox.Store,
) -> None:
    figures = ask(
        snapshot_store,
        f"SELECT ?when ?n WHERE {{ ?f cpo:figureAbout {LITHUANIAN} ; cpo:figureValue ?n ;"
        " cpo:counts v:count-municipalities ; cpo:asOf ?when }",
    )
    assert sorted((when, float(n)) for when, n in figures) == [
        ("2023-06-28", 22),
        ("2024-04-12", 24),
    ]
    assert not count(snapshot_store, f"?p cpo:participationIn {LITHUANIAN}")


def test_who_came_to_an_event_of_the_network_is_no_member(snapshot_store: ox.Store) -> None:
    found = ask(
        snapshot_store,
        f"SELECT ?b ?role WHERE {{ ?e cpo:inContextOf {LITHUANIAN} . ?p cpo:participationIn ?e ;"
        " cpo:participant ?b ; cpo:role ?role }",
    )
    assert sorted(found) == [
        ("mun:lt-jonava-district", "v:role-attendee"),
        ("mun:lt-jurbarkas-district", "v:role-attendee"),
        ("mun:lt-kaunas-city", "v:role-host"),
        ("mun:lt-kazlu-ruda", "v:role-host"),
        ("mun:lt-kedainiai-district", "v:role-attendee"),
        ("mun:lt-moletai-district", "v:role-host"),
        ("mun:lt-sakiai-district", "v:role-attendee"),
    ]


def test_who_means_to_sign_the_memorandum_has_not_signed_it(snapshot_store: ox.Store) -> None:
    intends = ask(snapshot_store, "SELECT ?b WHERE { ?goal a cpo:Goal ; cpo:setBy ?b }")
    signed = ask(
        snapshot_store,
        "SELECT ?b WHERE { ?s cpo:signs doc:lt-green-memorandum ; cpo:signatory ?b }",
    )
    assert sorted(intends) == [
        ("mun:lt-klaipeda-city",),
        ("mun:lt-kretinga-district",),
        ("mun:lt-neringa",),
    ]
    assert len(signed) == 8
    assert not set(intends) & set(signed)


# --- Where it was read


def test_a_page_has_one_address_and_says_how_it_was_read(snapshot_store: ox.Store) -> None:
    found = ask(
        snapshot_store,
        "SELECT ?s ?page WHERE { ?s a cpo:WebPage ; pav:retrievedFrom ?page ; skos:note ?note }",
    )
    assert len(found) >= 51
    assert len({page for _, page in found}) == len({source for source, _ in found}) == len(found)
