"""The services beside reconciliation queries, and the requests that OpenRefine sends."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Conforms = Callable[[str, object], bool]
KLAIPEDA = "id/city/lt-klaipeda"
KLAIPEDA_BODY = "id/municipality/lt-klaipeda-city"
PARADIGM = "id/network/urbact-playful-paradigm"
PLEDGE = "id/pledge/si-mission-2022"


def suggested(client: httpx.Client, kind: str, prefix: str, cursor: int = 0) -> list[str]:
    """The identifiers that are suggested."""
    asked = {"prefix": prefix, **({"cursor": str(cursor)} if cursor else {})}
    answer = client.get(f"/reconcile/suggest/{kind}", params=asked)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["result"]]


def extended(client: httpx.Client, *ids: str, **properties: dict[str, str]) -> dict[str, Any]:
    """The rows of a data extension."""
    asked = [{"id": name, "settings": settings} for name, settings in properties.items()]
    fields = {"extend": json.dumps({"ids": ids, "properties": asked})}
    answer = client.post("/reconcile", data=fields)
    assert answer.status_code == 200, answer.text
    rows: dict[str, Any] = answer.json()["rows"]
    return rows


# --- Suggest (section 6)


@pytest.mark.parametrize("kind", ["entity", "type", "property"])
@pytest.mark.parametrize("prefix", ["c", "Klai", "", "zzz", KLAIPEDA])
def test_suggestions_have_the_form_of_the_specification(
    names: httpx.Client, conforms: Conforms, kind: str, prefix: str
) -> None:
    answer = names.get(f"/reconcile/suggest/{kind}", params={"prefix": prefix}).json()

    assert conforms(f"suggest-{kind}", answer)


@pytest.mark.parametrize(
    ("kind", "prefix", "identifier"),
    [
        ("entity", "Klaip", KLAIPEDA),
        ("entity", "Klaipėda", KLAIPEDA),
        ("entity", KLAIPEDA, KLAIPEDA),
        ("type", "munic", "Municipality"),
        ("type", "Municipality", "Municipality"),
        ("property", "countr", "country"),
        ("property", "leadPartner", "leadPartner"),
        ("property", "signed", "pledgesSigned"),
    ],
)
def test_a_beginning_a_name_and_an_identifier_are_suggested(
    names: httpx.Client, kind: str, prefix: str, identifier: str
) -> None:
    assert identifier in suggested(names, kind, prefix)


def test_a_cursor_skips_so_many_suggestions(names: httpx.Client) -> None:
    whole = suggested(names, "property", "")

    assert suggested(names, "property", "", cursor=3)[:5] == whole[3:8]


def test_a_limit_that_is_none_is_refused_by_its_name(names: httpx.Client) -> None:
    answer = names.get("/reconcile/properties?type=City&limit=many")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("limit is 'many'")


def test_a_cursor_that_is_none_is_refused(names: httpx.Client) -> None:
    answer = names.get("/reconcile/suggest/entity?prefix=k&cursor=-1")

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_there_are_suggestions_of_three_kinds(names: httpx.Client) -> None:
    assert names.get("/reconcile/suggest/feature?prefix=k").status_code == 404


def test_types_know_what_is_broader(names: httpx.Client) -> None:
    (found,) = names.get("/reconcile/suggest/type?prefix=Municipality").json()["result"]

    assert [each["id"] for each in found["broader"]] == ["org:Organization"]


@pytest.mark.parametrize(
    ("kind", "identifier"), [("entity", KLAIPEDA), ("type", "City"), ("property", "networks")]
)
def test_a_flyout_repeats_the_identifier(
    names: httpx.Client, conforms: Conforms, kind: str, identifier: str
) -> None:
    answer = names.get(f"/reconcile/flyout/{kind}", params={"id": identifier}).json()

    assert conforms("flyout", answer)
    assert answer["id"] == identifier


# --- Preview (section 5)


def test_a_preview_is_a_page_that_may_stand_in_a_frame(names: httpx.Client) -> None:
    answer = names.get("/reconcile/preview", params={"id": KLAIPEDA})

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "Klaipėda" in answer.text
    assert "Lithuania" in answer.text


def test_other_pages_stay_out_of_frames(names: httpx.Client) -> None:
    answer = names.get("/reconcile/help", headers={"Accept": "text/html"})

    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["preview", "view", "flyout/entity"])
@pytest.mark.parametrize("identifier", ["id/city/xx-nowhere", "", "a b", "http://[", "../x"])
def test_an_identifier_that_nothing_has_is_not_found(
    names: httpx.Client, path: str, identifier: str
) -> None:
    assert names.get(f"/reconcile/{path}", params={"id": identifier}).status_code == 404


# --- Data extension (section 7)


def test_a_data_extension_has_a_row_for_each_thing_and_a_cell_list_for_each_property(
    names: httpx.Client, conforms: Conforms
) -> None:
    asked = {
        "ids": [KLAIPEDA, PARADIGM, "id/city/xx-nowhere"],
        "properties": [{"id": "country"}, {"id": "networks"}, {"id": "startDate"}],
    }

    answer = names.post("/reconcile", data={"extend": json.dumps(asked)}).json()

    assert conforms("extension", answer)
    assert [each["id"] for each in answer["meta"]] == ["country", "networks", "startDate"]
    assert list(answer["rows"]) == asked["ids"]
    # OpenRefine puts cells into the wrong columns where a property is left out of a row.
    assert all(list(row) == ["country", "networks", "startDate"] for row in answer["rows"].values())
    assert answer["rows"]["id/city/xx-nowhere"]["country"] == []


def test_every_property_of_every_type_gives_cells_of_the_form(
    names: httpx.Client, conforms: Conforms
) -> None:
    kinds = names.get("/reconcile/suggest/type?prefix=").json()["result"]
    for kind in kinds:
        proposed = names.get("/reconcile/properties", params={"type": kind["id"]}).json()
        assert conforms("proposal", proposed)
        properties = [{"id": each["id"]} for each in proposed["properties"][:20]]
        things = suggested(names, "entity", kind["name"][:2])
        asked = {"ids": things, "properties": properties}
        answer = names.post("/reconcile", data={"extend": json.dumps(asked)})
        assert conforms("extension", answer.json()), kind


def test_networks_of_a_city_are_those_of_the_body_that_runs_it(names: httpx.Client) -> None:
    # s002: Klaipėda sits in the SDG Pilot Network; s000: in the Playful Paradigm.
    rows = extended(names, KLAIPEDA, KLAIPEDA_BODY, networks={})
    of_city, of_body = ({each["id"] for each in rows[i]["networks"]} for i in rows)

    assert {PARADIGM, "id/network/urbact-sdg-pilot"} <= of_city
    assert of_city == of_body


def test_pledges_of_a_body_are_those_that_it_signed(names: httpx.Client) -> None:
    # s003: the mayors of Kranj, Ljubljana and Velenje sign the Slovenian pledge.
    three = [f"id/municipality/si-{name}" for name in ("kranj", "ljubljana", "velenje")]

    rows = extended(names, *three, pledgesSigned={})
    signers = extended(names, PLEDGE, signatories={"content": "iri"})[PLEDGE]["signatories"]

    assert all(PLEDGE in {each["id"] for each in rows[i]["pledgesSigned"]} for i in three)
    base = "https://w3id.org/citypledge/"
    assert {f"{base}{i}" for i in three} <= {each["str"] for each in signers}


def test_settings_bound_values_and_say_what_a_cell_holds(names: httpx.Client) -> None:
    whole = extended(names, KLAIPEDA, networks={})[KLAIPEDA]["networks"]
    first = extended(names, KLAIPEDA, networks={"limit": "1"})[KLAIPEDA]["networks"]
    named = extended(names, KLAIPEDA, networks={"content": "name"})[KLAIPEDA]["networks"]

    assert first == whole[:1]
    assert named == [{"str": each["name"]} for each in whole]


def test_a_language_is_chosen_by_the_setting(names: httpx.Client) -> None:
    # data/registry: Vilnius is Vilna in Slovenian.
    properties = {"skos:prefLabel": {"language": "sl"}}
    vilnius = "id/city/lt-vilnius"
    every = extended(names, vilnius, **{"skos:prefLabel": {"language": "all"}})[vilnius]

    assert extended(names, vilnius, **properties)[vilnius]["skos:prefLabel"] == [{"str": "Vilna"}]
    assert len(every["skos:prefLabel"]) >= 3


def test_positions_inhabitants_and_numbers_elsewhere_are_cells(names: httpx.Client) -> None:
    # GeoNames 598098, as data/sources/geonames.ttl and data/links.ttl have it.
    columns: dict[str, dict[str, str]] = {
        name: {} for name in ("coordinates", "geonames", "countryCode", "wgs:lat", "population")
    }
    row = extended(names, KLAIPEDA, **columns)[KLAIPEDA]

    assert row["coordinates"] == [{"str": "55.7068,21.13912"}]
    assert row["geonames"] == [{"str": "598098"}]
    assert row["countryCode"] == [{"str": "LT"}]
    assert row["wgs:lat"] == [{"float": 55.7068}]
    assert [*row["population"][0]] == ["int"]


def test_a_day_is_a_date_and_a_year_a_text(names: httpx.Client) -> None:
    # The earliest day is worked out as a day, whether a year, a month or a day is stated.
    network = "id/network/urbact-rurban"
    row = extended(names, network, earliestDay={}, startDate={})[network]

    assert [each["date"][10:] for each in row["earliestDay"]] == ["T00:00:00Z"]
    assert all("str" in each or "date" in each for each in row["startDate"])


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"ids": []}, 400),
        ({"ids": "x", "properties": []}, 400),
        ({"ids": [], "properties": [{}]}, 400),
        ({"ids": [], "properties": [{"id": "P31"}]}, 400),
        ({"ids": [], "properties": [{"id": "networks", "settings": {"limit": "many"}}]}, 400),
        ({"ids": [], "properties": [{"id": "networks", "settings": {"content": "x"}}]}, 400),
        ({"ids": [], "properties": [{"id": "networks", "settings": {"colour": "red"}}]}, 400),
        ({"ids": ["x"] * 501, "properties": []}, 413),
        ({"ids": [], "properties": [{"id": "networks"}] * 21}, 413),
        ({"ids": [], "properties": []}, 200),
    ],
)
def test_extensions_are_bounded_and_read_strictly(
    names: httpx.Client, asked: dict[str, Any], status: int
) -> None:
    assert names.post("/reconcile", data={"extend": json.dumps(asked)}).status_code == status


def test_properties_are_proposed_for_a_type_up_to_a_limit(
    names: httpx.Client, conforms: Conforms
) -> None:
    whole = names.get("/reconcile/properties?type=City").json()
    some = names.get("/reconcile/properties?type=City&limit=3").json()

    assert conforms("proposal", whole)
    assert (some["type"], some["limit"]) == ("City", 3)
    assert some["properties"] == whole["properties"][:3]
    assert {"networks", "country", "population"} <= {each["id"] for each in whole["properties"]}
    assert "signatories" not in {each["id"] for each in whole["properties"]}


# --- What OpenRefine 3.9.3 sends: the bodies are those that its own classes wrote to a service.


def test_openrefine_reconciles_a_column_with_two_others(names: httpx.Client) -> None:
    queries = (
        '{"q0":{"query":"Klaipedos","type":"City","properties":[{"pid":"country","v":"Lithuania"}],'
        '"limit":5,"type_strict":"should"},'
        '"q1":{"query":"Lodz","type":"City","properties":[{"pid":"country","v":"PL"},'
        '{"pid":"population","v":670000}],"limit":5,"type_strict":"should"},'
        '"q2":{"query":"Memel","type":"City","properties":[{"pid":"country","v":"LT"}],'
        '"limit":5,"type_strict":"should"},'
        '"q3":{"query":"Nowhere","type":"City","properties":[{"pid":"country","v":"LT"}],'
        '"limit":5,"type_strict":"should"}}'
    )

    answer = names.post("/reconcile", data={"queries": queries}).json()

    found = {key: [each["id"] for each in answer[key]["result"] if each["match"]] for key in answer}
    assert found == {"q0": [KLAIPEDA], "q1": ["id/city/pl-lodz"], "q2": [KLAIPEDA], "q3": []}


def test_openrefine_guesses_the_type_of_a_column(names: httpx.Client) -> None:
    queries = '{"q0":{"query":"Klaipėda","limit":3},"q1":{"query":"Ljubljana","limit":3}}'

    answer = names.post("/reconcile", data={"queries": queries}).json()

    firsts = [answer[key]["result"][0]["type"][0] for key in answer]
    assert {each["id"] for each in firsts} <= {"City", "Municipality"}
    assert all(each["name"] for each in firsts)


def test_openrefine_adds_columns(names: httpx.Client) -> None:
    extend = (
        '{"ids":["id/city/lt-klaipeda"],"properties":[{"id":"networks","settings":{"limit":"2"}},'
        '{"id":"country"}]}'
    )

    answer = names.post("/reconcile", data={"extend": extend}).json()

    assert len(answer["rows"][KLAIPEDA]["networks"]) == 2
    assert answer["meta"][0]["type"] == {"id": "Network", "name": "network"}
