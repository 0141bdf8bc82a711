"""Search: which things are found by a name, in which order, why, and in which forms."""

import re
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

HTML = {"Accept": "text/html"}
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def results(client: httpx.Client, **asked: str) -> list[dict[str, Any]]:
    answer = client.get("/search.json", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


@pytest.mark.parametrize(
    ("text", "identifier", "tier"),
    [
        ("Klaipėda", "id/city/lt-klaipeda", "exact"),
        ("klaipeda", "id/city/lt-klaipeda", "folded"),
        ("Klaipedos", "id/city/lt-klaipeda", "inflected"),  # genitive of Klaipėda
        ("Vilniuje", "id/city/lt-vilnius", "inflected"),  # locative of Vilnius
        ("Memel", "id/city/lt-klaipeda", "exact"),  # its German name, in GeoNames
        ("Lodz", "id/city/pl-lodz", "folded"),
        ("Ljubljani", "id/city/si-ljubljana", "inflected"),  # dative of Ljubljana
        ("Kranjj", "id/city/si-kranj", "fuzzy"),
        ("seaport Klaipėda", "id/organisation/lt-klaipeda-seaport", "words"),
    ],
)
def test_the_first_result_is_what_is_meant(
    names: httpx.Client, text: str, identifier: str, tier: str
) -> None:
    first = results(names, q=text)[0]

    assert (first["id"], first["found"]["by"]) == (identifier, tier)


def test_another_case_of_a_slovenian_name_leads_to_its_city(names: httpx.Client) -> None:
    assert results(names, q="Ljubljano")[0]["id"] == "id/city/si-ljubljana"


def test_a_result_says_which_name_it_was_found_by_and_who_has_it(names: httpx.Client) -> None:
    found = results(names, q="Memel")[0]["found"]

    assert (found["name"], found["why"]) == ("Memel", "the other name “Memel”")
    assert [each["name"] for each in found["sources"]] == ["GeoNames"]


def test_same_names_come_before_those_that_begin_so_and_slips_last(names: httpx.Client) -> None:
    order = ["identifier", "exact", "folded", "inflected", "part", "prefix", "words", "within"]
    order.append("fuzzy")
    found = [order.index(each["found"]["by"]) for each in results(names, q="Klaipeda")]

    assert found == sorted(found)
    assert len(set(found)) > 1


def test_an_identifier_leads_to_its_thing(names: httpx.Client) -> None:
    (found,) = results(names, q="city:lt-klaipeda")

    assert found["iri"] == "https://w3id.org/citypledge/id/city/lt-klaipeda"


def test_results_can_be_of_one_type_and_in_one_country(names: httpx.Client) -> None:
    bodies = results(names, q="Klaipėda", type="Municipality")
    abroad = results(names, q="Klaipėda", type="City", country="PL")

    assert {kind["id"] for each in bodies for kind in each["types"]} == {"Municipality"}
    assert abroad == []


def test_pages_follow_each_other_and_hold_every_result_once(names: httpx.Client) -> None:
    first = names.get("/search.json", params={"q": "city"}).json()
    assert first["pages"] > 1
    seen, following = [each["iri"] for each in first["results"]], first["next"]
    while following:
        answer = names.get(following).json()
        seen += [each["iri"] for each in answer["results"]]
        following = answer["next"]

    assert len(seen) == len(set(seen)) == first["total"]


def test_a_page_that_is_not_there_is_not_found(names: httpx.Client) -> None:
    assert names.get("/search.json?q=Klaipeda&page=99").status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("type=Castle&q=x", "'Castle' is no type here"),
        ("country=Narnia&q=x", "'Narnia' is no country here"),
        ("page=0&q=x", "expected 1, 2, 3"),
        ("wrong=1", "'wrong' is no parameter"),
        ("q=" + "x" * 201, "there may be 200"),
        ("q=a&q=b", "given twice"),
    ],
)
def test_what_means_nothing_is_refused(names: httpx.Client, query: str, told: str) -> None:
    answer = names.get(f"/search.json?{query}")

    assert answer.status_code == 400
    assert told in answer.json()["detail"]


def test_what_has_no_letters_finds_nothing(names: httpx.Client) -> None:
    assert results(names, q="?!") == results(names, q="") == []


def test_page_and_json_are_two_forms_of_one_address(names: httpx.Client) -> None:
    page = names.get("/search?q=Memel", headers=HTML)
    data = names.get("/search?q=Memel", headers={"Accept": "application/json"})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert data.json() == names.get("/search.json?q=Memel").json()
    assert page.headers["vary"] == "Accept, Accept-Encoding, Accept-Language"
    assert page.headers["etag"] != data.headers["etag"]
    assert names.get("/search?q=Memel", headers={"Accept": "text/turtle"}).status_code == 406


def test_the_page_is_read_without_a_script_and_says_why(names: httpx.Client) -> None:
    page = names.get("/search?q=Klaipedos", headers=HTML).text

    assert page.count("<body>") == 1
    assert page.partition("<body>")[2].count("<script") == 0
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "The name in another case" in words
    assert "Found by “ Klaipėda ” lt , main name" in words
    assert 'href="/id/city/lt-klaipeda"' in page


def test_what_was_typed_is_text_and_nothing_else(names: httpx.Client) -> None:
    page = names.get("/search", params={"q": '"><script>alert(1)</script>'}, headers=HTML).text

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_every_page_leads_to_the_search_and_to_its_description(names: httpx.Client) -> None:
    page = names.get("/about", headers=HTML).text

    assert 'href="/search"' in page
    assert '<link rel="search" type="application/opensearchdescription+xml"' in page


def test_crawlers_stay_out_of_the_search(names: httpx.Client) -> None:
    answer = names.get("/search?q=Memel", headers=HTML)

    assert answer.headers["x-robots-tag"] == "noindex"
    assert "Disallow: /search" in names.get("/robots.txt").text


def test_browsers_are_told_how_to_search(names: httpx.Client) -> None:
    # OpenSearch 1.1 draft 6: ShortName of at most 16 characters, Description, Url with a template.
    answer = names.get("/opensearch.xml")
    root = ElementTree.fromstring(answer.content)

    assert answer.headers["content-type"] == "application/opensearchdescription+xml"
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert 0 < len(root.findtext(f"{OPENSEARCH}ShortName") or "") <= 16
    templates = {each.get("type"): each.get("template") for each in root.iter(f"{OPENSEARCH}Url")}
    for media_type in ("text/html", "application/json", "application/x-suggestions+json"):
        address = (templates[media_type] or "").replace("{searchTerms}", "Memel")
        answer = names.get(address.replace("{startPage?}", "1"), headers={"Accept": media_type})
        assert answer.status_code == 200
        assert "Klaip" in answer.text


def test_suggestions_have_the_form_that_browsers_read(names: httpx.Client) -> None:
    text, found, descriptions, addresses = names.get("/search/suggest?q=Klai").json()

    assert text == "Klai"
    assert found[0] == "Klaipėda"
    assert len(found) == len(descriptions) == len(addresses)


def test_kinds_and_countries_of_the_results_say_how_many_each_would_leave(
    names: httpx.Client,
) -> None:
    page = names.get("/search?q=Vil", headers=HTML).text
    number_of = r'<a href="(/search\?[^"]*(type|country)=[^"]*)">.*?</a> <span class="quiet">(\d+)<'
    found = re.findall(number_of, page)
    assert [kind for _, kind, _ in found].count("type") > 1
    assert [kind for _, kind, _ in found].count("country") > 1
    for path, _, number in found:
        left = names.get(path.replace("&amp;", "&"), headers={"Accept": "application/json"})
        assert left.json()["total"] == int(number)
