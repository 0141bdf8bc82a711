"""The Reconciliation Service API 0.2: manifest, queries, errors, access from elsewhere.

What is expected is from the specification (W3C Community Group Report, 10 April 2023); the things
that are asked for are those of the real data, as their sources tell them.
"""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.site import Served

Conforms = Callable[[str, object], bool]
KLAIPEDA = "id/city/lt-klaipeda"
KLAIPEDA_BODY = "id/municipality/lt-klaipeda-city"
PARADIGM = "id/network/urbact-playful-paradigm"


def ask(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """The candidates for one query."""
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["q0"]["result"]
    return found


def matches(candidates: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in candidates if each["match"]]


def refused(client: httpx.Client, status: int, **fields: str) -> str:
    """What a client is told of a request that is refused with a status."""
    answer = client.post("/reconcile", data=fields)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: str = answer.json()["detail"]
    return told


def in_lithuania() -> list[dict[str, str]]:
    return [{"pid": "country", "v": "Lithuania"}]


# --- The manifest (section 3.1)


def test_a_get_without_parameters_gives_the_manifest(
    names: httpx.Client, conforms: Conforms
) -> None:
    answer = names.get("/reconcile")

    assert answer.headers["content-type"] == "application/json"
    assert conforms("manifest", answer.json())
    assert answer.json()["versions"] == ["0.2"]


def test_identifier_space_and_identifier_together_are_the_iri(names: httpx.Client) -> None:
    space = names.get("/reconcile").json()["identifierSpace"]

    assert space + KLAIPEDA == "https://w3id.org/citypledge/id/city/lt-klaipeda"


def test_every_address_in_the_manifest_answers(names: httpx.Client) -> None:
    found = names.get("/reconcile").json()
    suggest = found["suggest"].values()
    templates = [each["service_url"] + each["service_path"] + "?prefix=c" for each in suggest]
    templates += [found[name]["url"] for name in ("preview", "feature_view")]
    proposals = found["extend"]["propose_properties"]
    templates += [found["documentation"], proposals["service_url"] + proposals["service_path"]]

    for template in templates:
        address = template.replace("{{id}}", KLAIPEDA.replace("/", "%2F"))
        assert names.get(address).status_code == 200, address


def test_the_view_of_a_thing_leads_to_its_iri_however_the_identifier_is_encoded(
    names: httpx.Client,
) -> None:
    template = names.get("/reconcile").json()["view"]["url"]

    # As the specification has it (percent-encoded), and as OpenRefine does it (not encoded).
    for identifier in (KLAIPEDA.replace("/", "%2F"), KLAIPEDA):
        answer = names.get(template.replace("{{id}}", identifier))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{KLAIPEDA}")


def test_a_program_elsewhere_is_told_the_address_under_the_base(names: httpx.Client) -> None:
    elsewhere = names.get("/reconcile", headers={"Host": "evil.example"}).json()
    here = names.get("/reconcile").json()

    assert elsewhere["preview"]["url"].startswith("https://w3id.org/citypledge/reconcile/")
    assert here["preview"]["url"].startswith(f"{names.base_url}".rstrip("/"))


# --- Queries (section 4)


def test_an_empty_cell_of_a_table_asks_for_nothing(names: httpx.Client) -> None:
    empty = [{"pid": name, "v": ""} for name in ("country", "geonames", "networks")]
    place = {"pid": "coordinates", "v": "55.71,21.13"}  # of Klaipėda, to two decimals

    assert matches(ask(names, query="Klaipėda", type="City", properties=[*empty, place])) == [
        KLAIPEDA
    ]
    assert ask(names, query="Klaipėda", properties=empty) == ask(names, query="Klaipėda")
    assert ask(names, properties=empty) == []


def test_of_several_countries_one_has_to_fit(names: httpx.Client) -> None:
    def told(*countries: str) -> object:
        asked = [{"pid": "country", "v": list(countries)}]
        found = ask(names, query="Klaipėda", type="City", properties=asked)[0]
        return {each["id"]: each["value"] for each in found["features"]}["property_country"]

    assert told("LV", "LT") is True
    assert told("LV", "EE") is False


def test_queries_are_answered_under_their_own_keys(names: httpx.Client, conforms: Conforms) -> None:
    queries = {"q1": {"query": "Klaipėda"}, "zwei": {"query": "nothing of the kind"}}

    answer = names.post("/reconcile", data={"queries": json.dumps(queries)}).json()

    assert conforms("results", answer)
    assert answer.keys() == queries.keys()
    assert answer["zwei"] == {"result": []}


def test_get_and_post_give_the_same_answer(names: httpx.Client) -> None:
    queries = {"queries": json.dumps({"q0": {"query": "Ljubljana"}})}

    by_get, by_post = (
        names.get("/reconcile", params=queries),
        names.post("/reconcile", data=queries),
    )

    assert by_get.json() == by_post.json() != {"q0": {"result": []}}


def test_candidates_come_best_first_and_as_many_as_are_asked_for(names: httpx.Client) -> None:
    found = ask(names, query="Klaipėda", limit=2)
    scores = [each["score"] for each in found]

    assert len(found) == 2
    assert scores == sorted(scores, reverse=True)


def test_a_name_in_its_country_is_a_match(names: httpx.Client) -> None:
    assert matches(ask(names, query="Klaipėda", type="City", properties=in_lithuania())) == [
        KLAIPEDA
    ]


@pytest.mark.parametrize("country", ["LT", "LTU", "Lietuva", "lithuania", "Litva"])
def test_a_country_is_known_by_its_codes_and_its_names(names: httpx.Client, country: str) -> None:
    asked = [{"pid": "country", "v": country}]

    assert matches(ask(names, query="Klaipėda", type="City", properties=asked)) == [KLAIPEDA]


def test_a_name_in_another_country_is_no_match(names: httpx.Client) -> None:
    asked = [{"pid": "country", "v": "Poland"}]

    assert matches(ask(names, query="Klaipėda", type="City", properties=asked)) == []


def test_a_name_alone_of_a_place_is_no_match_but_a_candidate(names: httpx.Client) -> None:
    found = ask(names, query="Klaipėda", type="City")

    assert matches(found) == []
    assert found[0]["id"] == KLAIPEDA


def test_a_position_speaks_for_a_place_and_against_it(names: httpx.Client) -> None:
    near, far = "POINT(21.13 55.70)", "54.69,25.28"  # Klaipėda, and Vilnius
    for position, expected in ((near, [KLAIPEDA]), (far, [])):
        asked = [*in_lithuania(), {"pid": "coordinates", "v": position}]
        assert matches(ask(names, query="Klaipėda", type="City", properties=asked)) == expected


def test_the_number_of_another_register_finds_one_place(names: httpx.Client) -> None:
    # data/links.ttl: city:lt-klaipeda is https://sws.geonames.org/598098/
    asked = [{"pid": "geonames", "v": "598098"}]

    assert matches(ask(names, query="Memel", properties=asked)) == [KLAIPEDA]
    assert matches(ask(names, properties=asked)) == [KLAIPEDA]


def test_a_property_that_a_thing_has_not_keeps_it_from_being_a_match(names: httpx.Client) -> None:
    # Klaipėda leads no network of the dataset, but sits in the Playful Paradigm (s002).
    for network, expected in (("The Playful Paradigm", [KLAIPEDA]), ("RUrban", [])):
        asked = [*in_lithuania(), {"pid": "networks", "v": network}]
        assert matches(ask(names, query="Klaipėda", type="City", properties=asked)) == expected


def test_things_are_found_by_their_properties_alone(names: httpx.Client) -> None:
    asked = [{"pid": "networks", "v": {"id": PARADIGM, "name": "The Playful Paradigm"}}]

    found = ask(names, type="City", limit=50, properties=[*asked, *in_lithuania()])

    assert [each["id"] for each in found] == [KLAIPEDA]


def test_a_type_that_should_be_puts_others_behind(names: httpx.Client) -> None:
    strict = ask(names, query="Klaipėda", type="City", type_strict="any")
    soft = ask(names, query="Klaipėda", type="City", type_strict="should")

    assert {each["type"][0]["id"] for each in strict} == {"City"}
    assert soft[0]["id"] == KLAIPEDA
    assert KLAIPEDA_BODY in {each["id"] for each in soft[1:]}


def test_a_broader_type_has_the_things_of_the_narrower(names: httpx.Client) -> None:
    # The ontology says that a municipality is an organisation (org:Organization).
    found = ask(names, query="Klaipėda City Municipality", type="org:Organization")

    assert found[0]["id"] == KLAIPEDA_BODY


@pytest.mark.parametrize(
    "query", [KLAIPEDA, "city:lt-klaipeda", f"https://w3id.org/citypledge/{KLAIPEDA}"]
)
def test_an_identifier_as_query_gives_that_thing_with_a_high_score(
    names: httpx.Client, query: str
) -> None:
    (found,) = ask(names, query=query)

    assert (found["id"], found["score"], found["match"]) == (KLAIPEDA, 100.0, True)


def test_a_match_has_a_higher_score_than_any_other(names: httpx.Client) -> None:
    # Body and city go by the same names; OpenRefine takes the candidate with the highest score.
    first, *others = ask(names, query="Klaipėda", properties=in_lithuania())

    assert first["match"]
    assert all(each["score"] < first["score"] for each in others)


def test_features_are_documented_on_the_page_of_the_service(names: httpx.Client) -> None:
    asked = [*in_lithuania(), {"pid": "coordinates", "v": "55.7,21.1"}]
    found = ask(names, query="Klaipeda", type="City", type_strict="should", properties=asked)
    page = names.get("/reconcile/help").text

    features = {each["id"] for candidate in found for each in candidate["features"]}
    assert {"name_folded", "same_country", "distance_km", "type_match"} <= features
    assert all(f'id="feature-{name}"' in page for name in features)


# --- Errors, limits (section 3.4) and access (section 3.3)


@pytest.mark.parametrize(
    ("queries", "told"),
    [
        ("{", "queries: it is no JSON"),
        ("[]", "queries: expected a JSON object"),
        ('{"q0": {}}', "queries.q0: a query has a text"),
        ('{"q0": {"query": 5}}', "queries.q0.query: expected a text"),
        ('{"q0": {"query": "x", "limit": 0}}', "queries.q0.limit: expected a number"),
        ('{"q0": {"query": "x", "limit": 1e999}}', "queries.q0.limit: expected a number"),
        ('{"q0": {"query": "x", "limt": 5}}', "'limt' is no field of a query"),
        ('{"q0": {"query": "x", "type_strict": "maybe"}}', "expected one of any, all, should"),
        ('{"q0": {"query": "x", "type": "Castle"}}', "'Castle' is no type here"),
        (
            '{"q0": {"query": "x", "properties": [{"pid": "P31", "v": "y"}]}}',
            "'P31' is no property",
        ),
        ('{"q0": {"query": "x", "properties": [{"pid": "country"}]}}', "a property has `pid`"),
        ('{"q0": {"query": "\\ud800"}}', "half a character"),
        ('{"q0": {"query": "' + "x" * 401 + '"}}', "it has 401 characters; there may be 400"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(
    names: httpx.Client, queries: str, told: str
) -> None:
    assert told in refused(names, 400, queries=queries)


def test_a_batch_may_have_as_many_queries_as_the_manifest_says(names: httpx.Client) -> None:
    size = names.get("/reconcile").json()["batchSize"]
    batches = [
        json.dumps({f"q{number}": {"query": "Kaunas"} for number in range(size + more)})
        for more in (0, 1)
    ]

    assert names.post("/reconcile", data={"queries": batches[0]}).status_code == 200
    assert f"there may be {size}" in refused(names, 413, queries=batches[1])


def test_a_body_may_have_a_million_bytes(names: httpx.Client) -> None:
    assert "1,000,000" in refused(names, 413, queries="x" * 1_000_001)


def test_a_body_in_another_format_is_refused(names: httpx.Client) -> None:
    answer = names.post("/reconcile", json={"queries": {}})

    assert answer.status_code == 415
    assert answer.headers["accept-post"] == "application/x-www-form-urlencoded"


def test_a_post_of_nothing_and_of_both_is_refused(names: httpx.Client) -> None:
    assert "queries" in refused(names, 400, other="x")
    assert "not both" in refused(names, 400, queries="{}", extend="{}")


def test_another_method_is_refused(names: httpx.Client) -> None:
    answer = names.delete("/reconcile")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize(
    "path", ["/reconcile", "/reconcile/suggest/entity?prefix=k", "/reconcile/properties?type=City"]
)
def test_scripts_of_other_origins_may_read_every_answer(names: httpx.Client, path: str) -> None:
    answer = names.get(path, headers={"Origin": "https://elsewhere.example"})

    assert answer.headers["access-control-allow-origin"] == "*"


def test_an_error_may_be_read_by_scripts_of_other_origins_too(names: httpx.Client) -> None:
    answer = names.post("/reconcile", data={"queries": "{"})

    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_script_of_another_origin_may_post(names: httpx.Client) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = names.options("/reconcile", headers=headers)

    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_answers_to_get_are_conditional_and_vary(names: httpx.Client) -> None:
    for path in ("/reconcile", "/reconcile?queries=%7B%7D", "/reconcile/suggest/type?prefix=c"):
        first = names.get(path)
        again = names.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, first.headers["vary"]) == (
            304,
            "Accept, Accept-Encoding, Accept-Language",
        )
        assert names.head(path).headers["content-length"] == first.headers["content-length"]


def test_json_is_all_that_there_is(names: httpx.Client) -> None:
    assert names.get("/reconcile", headers={"Accept": "text/turtle"}).status_code == 406


def test_crawlers_stay_out(names: httpx.Client) -> None:
    assert "Disallow: /reconcile" in names.get("/robots.txt").text


def test_a_graph_that_is_not_held_in_memory_has_no_reconciliation(
    serve: Any, built: Snapshot
) -> None:
    with (
        serve(Limits(workers=1, memory_share=0, printed_things=0), built) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        for path in ("/reconcile", "/search?q=Klaipeda"):
            assert client.get(path).status_code == 501, path
        assert "opensearch" not in client.get("/", headers={"Accept": "text/html"}).text


def test_names_are_indexed_once_before_workers_are_forked(built: Snapshot) -> None:
    facts = built.manifest
    counts = (facts.graphs, facts.classes, facts.triples)
    served = Served(
        built.store(), facts.base, facts.version, facts.snapshot, *counts, is_ahead=True
    )

    served.prepare()

    assert "reconciliation" in served.__dict__  # what is worked out is kept, see cached_property
