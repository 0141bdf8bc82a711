"""The language of pages: by the path, else by Accept-Language; data has none."""

import re

import httpx
import pytest

PAGE = {"Accept": "text/html"}
CITY = "city/xx-veldhaven"


@pytest.mark.parametrize("language", ["en", "lt", "sl"])
def test_a_path_that_begins_with_a_language_is_a_page_in_it(client: httpx.Client, language: str):
    answer = client.get(f"/{language}/about", headers=PAGE)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("lt-LT,lt;q=0.9,en;q=0.8", "lt"), ("de, sl;q=0.5", "sl"), ("fr", "en"), ("lt;q=0", "en")],
)
def test_without_one_it_is_the_first_that_the_reader_accepts(
    client: httpx.Client, accepted: str, language: str
):
    answer = client.get("/about", headers={**PAGE, "Accept-Language": accepted})
    assert f'<html lang="{language}">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_language_of_the_path_counts_more_than_that_of_the_header(client: httpx.Client):
    answer = client.get("/sl/about", headers={**PAGE, "Accept-Language": "lt"})
    assert '<html lang="sl">' in answer.text


def test_links_of_a_page_stay_in_its_language(client: httpx.Client):
    text = client.get("/lt/about", headers=PAGE).text
    links = re.findall(r'<a [^>]*href="(/[^"]*)"([^>]*)>', text)
    others = [link for link, rest in links if "hreflang=" not in rest]
    assert len(others) > 10
    assert {link.split("/")[1] for link in others} == {"lt"}
    assert 'href="/sl/about"' in text  # the menu of languages leads to this page
    assert '<link rel="alternate" hreflang="en" href="/en/about">' in text


def test_a_thing_leads_to_its_page_in_the_language(client: httpx.Client):
    answer = client.get("/lt/id/network/harbour", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/lt/doc/network/harbour"


def test_data_and_its_links_have_no_language(client: httpx.Client):
    answer = client.get("/lt/doc/network/harbour", headers={"Accept": "text/turtle"})
    plain = client.get("/doc/network/harbour", headers={"Accept": "text/turtle"})
    assert answer.text == plain.text
    assert answer.headers["Link"] == plain.headers["Link"]
    assert answer.headers["Content-Location"] == plain.headers["Content-Location"]


@pytest.mark.parametrize("path", ["/ltx/about", "/LT/about", "/lt/nothing", "/lt/lt/about"])
def test_what_only_looks_like_it_is_not_found(client: httpx.Client, path: str):
    assert client.get(path, headers=PAGE).status_code == 404


def test_an_error_speaks_the_language_too(client: httpx.Client):
    answer = client.get("/sl/nothing", headers=PAGE)
    assert '<html lang="sl">' in answer.text
    assert answer.headers["Content-Language"] == "sl"


@pytest.mark.parametrize(("language", "title"), [("lt", "Nerasta"), ("sl", "Ni najdeno")])
def test_an_error_says_its_title_in_the_language_and_its_detail_as_english(
    client: httpx.Client, language: str, title: str
):
    text = client.get(f"/{language}/nothing", headers=PAGE).text
    assert f"<h1>{title}</h1>" in text
    assert '<p class="lead" lang="en">/nothing is not in this dataset' in text


@pytest.mark.parametrize(("language", "kind"), [("en", "kind"), ("lt", "rūšis"), ("sl", "vrsta")])
def test_a_term_that_the_graph_does_not_label_has_a_word_in_the_language(
    client: httpx.Client, language: str, kind: str
):
    text = client.get(f"/{language}/doc/network/harbour", headers=PAGE).text
    assert f'<span lang="{language}" dir="auto">{kind}</span>' in text
