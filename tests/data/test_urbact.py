"""The networks of URBACT, their partners and the places of all cities come out as told.

`urbact_members.csv` is the list by hand: each place in a network with the body that holds it, its
country and role, and what the source states for the network. The country is the code of ISO 3166-1.
Where two pages name different bodies for one place, the body is the one that a ruling keeps.
"""

import csv
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import PREFIXES, shorten

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
APPROVED_2018 = "dec:urbact-transfer-2018"
GLOBAL_GOALS = "net:urbact-sdg-pilot"


def read_members() -> list[dict[str, str]]:
    path = Path(__file__).parent / "urbact_members.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MEMBERS = read_members()
NETWORKS = sorted({row["network"] for row in MEMBERS})
OF_2018 = [row for row in MEMBERS if row["approved"] == "2018-12-04"]


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


# --- The list by hand says what the sources state, so that it can be held against the graph


def test_the_list_has_161_places_in_23_networks_and_25_countries() -> None:
    assert len(OF_2018) == 161
    assert len({row["network"] for row in OF_2018}) == 23
    assert len({row["country"] for row in OF_2018}) == 25
    assert [row["role"] for row in OF_2018].count("v:role-lead") == 23


def test_six_bodies_sit_in_two_networks_so_161_places_are_held_by_155_bodies() -> None:
    held = Counter(row["body"] for row in OF_2018)
    assert len(held) == 155
    assert sorted(body for body, times in held.items() if times > 1) == [
        "mun:de-altena",
        "mun:gr-peiraias",
        "mun:hu-budapest",
        "mun:it-torino",
        "mun:lv-riga",
        "mun:pl-katowice",
    ]


# --- The graph


@pytest.mark.parametrize("network", NETWORKS)
def test_the_network_has_the_partners_of_the_list(network: str, snapshot_store: ox.Store) -> None:
    rows = ask(
        snapshot_store,
        f"SELECT DISTINCT ?body ?letters ?role WHERE {{ ?p cpo:participationIn {network} ;"
        " cpo:participant ?body ; cpo:role ?role ."
        " ?body cpo:country ?country . ?country dcterms:identifier ?letters }",
    )
    listed = [row for row in MEMBERS if row["network"] == network]
    assert sorted(rows) == sorted((row["body"], row["country"], row["role"]) for row in listed)


@pytest.mark.parametrize(
    ("metric", "stated"),
    [("v:count-networks", 23), ("v:count-partners", 161), ("v:count-countries", 25)],
)
def test_what_is_stated_of_2018_is_listed(
    metric: str, stated: int, snapshot_store: ox.Store
) -> None:
    ((told,),) = ask(
        snapshot_store,
        f"SELECT DISTINCT ?n WHERE {{ ?f cpo:figureAbout {APPROVED_2018} ; cpo:counts {metric} ;"
        " cpo:figureValue ?n }",
    )
    of = {
        "v:count-networks": "?network",
        "v:count-partners": "?participation",
        "v:count-countries": "?country",
    }[metric]
    ((listed,),) = ask(
        snapshot_store,
        f"SELECT (COUNT(DISTINCT {of}) AS ?n) WHERE {{ {APPROVED_2018} cpo:approves ?network ."
        " ?participation cpo:participationIn ?network ; cpo:participant ?body ."
        " ?body cpo:country ?country }",
    )
    assert (float(told), int(listed)) == (stated, stated)


def test_global_goals_for_cities_has_19_cities_in_19_countries(snapshot_store: ox.Store) -> None:
    rows = ask(
        snapshot_store,
        f"SELECT ?city ?country WHERE {{ {GLOBAL_GOALS} cpo:memberCity ?city ;"
        ' skos:altLabel "Global Goals for Cities"@en . ?city cpo:country ?country }',
    )
    assert len(set(rows)) == 19
    assert len({country for _, country in rows}) == 19


def test_only_biodivercity_lists_fewer_partners_than_it_states(snapshot_store: ox.Store) -> None:
    rows = ask(
        snapshot_store,
        "SELECT ?network ?stated (COUNT(DISTINCT ?p) AS ?listed) WHERE {"
        " ?network cpo:underProgramme prog:urbact . ?network a cpo:Network ."
        " ?figure cpo:figureAbout ?network ; cpo:figureValue ?stated ; cpo:counts ?metric ."
        " FILTER (?metric IN (v:count-partners, v:count-cities))"
        " ?p cpo:participationIn ?network } GROUP BY ?network ?stated",
    )
    different = [row for row in rows if float(row[1]) != int(row[2])]
    assert [(row[0], float(row[1]), int(row[2])) for row in different] == [
        ("net:urbact-biodivercity", 10.0, 9)
    ]


@pytest.mark.parametrize(
    "network",
    sorted({row["network"] for row in MEMBERS if not row["partners_stated"]}),
)
def test_a_list_of_which_no_total_is_stated_is_not_called_complete(
    network: str, snapshot_store: ox.Store
) -> None:
    assert ask(snapshot_store, f"SELECT ?c WHERE {{ {network} cpo:memberListComplete ?c }}") == [
        ("false",)
    ]


@pytest.mark.parametrize(
    ("participation", "kept", "set_aside"),
    [
        (
            "<https://w3id.org/citypledge/id/participation/urbact-come-in--hu-budapest-ujbuda>",
            "mun:hu-budapest-ujbuda",
            "mun:hu-budapest",
        ),
        (
            "<https://w3id.org/citypledge/id/participation/urbact-active-ngos--es-adl-santa-pola>",
            "organisation:es-adl-santa-pola",
            "mun:es-santa-pola",
        ),
    ],
)
def test_of_two_bodies_for_one_place_the_ruling_keeps_one(
    participation: str, kept: str, set_aside: str, snapshot_store: ox.Store
) -> None:
    body = f"SELECT ?body WHERE {{ {participation} cpo:participant ?body }}"
    assert ask(snapshot_store, body) == [(kept,)]
    told = ask(
        snapshot_store,
        f"SELECT ?graph WHERE {{ GRAPH ?graph {{ {participation} cpo:participant {set_aside} }} }}",
    )
    assert told == [("https://w3id.org/citypledge/graph/source/keep-urbact-iii",)]


# --- Places


def test_a_body_that_is_not_the_city_governs_no_city_of_its_name(snapshot_store: ox.Store) -> None:
    for body in (
        "mun:be-brussels-capital-region",
        "mun:fr-nantes-metropole",
        "mun:mt-gozo",
        "mun:fr-seine-saint-denis",
    ):
        assert ask(snapshot_store, f"SELECT ?c WHERE {{ {body} cpo:governs ?c }}") == []
    sector = ask(snapshot_store, "SELECT ?c WHERE { mun:ro-bucuresti-sector-2 cpo:governs ?c }")
    assert sector == [("city:ro-bucuresti-sector-2",)]
    district = ask(snapshot_store, "SELECT ?b WHERE { ?b cpo:governs city:lt-taurage }")
    assert district == [("mun:lt-taurage-district",)]


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("Memel", "city:lt-klaipeda"),
        ("Lodz", "city:pl-lodz"),
        ("Candia", "city:gr-irakleio"),
        ("Danzig", "city:pl-gdansk"),
        ("Laibach", "city:si-ljubljana"),
    ],
)
def test_a_name_of_the_gazetteer_leads_to_one_city(
    name: str, city: str, snapshot_store: ox.Store
) -> None:
    pattern = f'SELECT DISTINCT ?c WHERE {{ ?c a cpo:City ; skos:hiddenLabel "{name}" }}'
    assert ask(snapshot_store, pattern) == [(city,)]


def test_an_uncertain_identity_is_a_candidate_and_no_assertion(snapshot_store: ox.Store) -> None:
    links = "GRAPH <https://w3id.org/citypledge/graph/links>"
    rows = ask(
        snapshot_store, f"SELECT ?city WHERE {{ {links} {{ ?city skos:closeMatch ?other }} }}"
    )
    assert sorted(city for (city,) in rows) == [
        "city:fr-grigny",
        "city:gb-brighton-and-hove",
        "city:gr-pavlos-melas",
        "city:pt-melgaco",
        "city:se-jarfalla",
    ]
    for (city,) in rows:
        assert ask(snapshot_store, f"SELECT ?n WHERE {{ {city} wgs:lat ?n }}") == []
