"""Pages for people: what they say, that they are well-formed, and that texts stay texts."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import httpx
import pytest

from kg.web.http import POLICY

BASE = "https://w3id.org/citypledge/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
VOID = {"meta", "link", "img", "br", "input", "hr"}
PAGES = [
    "/",
    "/about",
    "/class",
    "/class/Network",
    "/class/Event?page=3",
    "/ont",
    "/dataset",
    "/query",
    "/query?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D",
    "/query?query=ASK%7B%7D",
    "/query?query=DESCRIBE%20%3Chttps%3A%2F%2Fw3id.org%2Fcitypledge%2Fid%2Fnetwork%2Fhostile%3E",
    "/query?query=ASK%20%7B%3Cscript%3E",
    "/doc/network/harbour",
    "/doc/network/hostile",
    "/doc/municipality/xx-veldhaven",
    "/doc/participation/pa-0001",
    "/doc/voc/role-lead",
    "/doc/graph/source/s000",
    "/doc/graph/meta",
    "/incoming/municipality/xx-veldhaven?page=3",
    "/nothing/here",
]


class Page(HTMLParser):
    """The elements of a page: well nested, with their attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((f"svg:{tag}" if "svg" in self.open else tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


def read(client: httpx.Client, path: str, **headers: str) -> Page:
    return Page(client.get(path, headers={"Accept": "text/html", **headers}).text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_well_formed_and_runs_no_script_of_its_own(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    page = Page(answer.text)
    tags = [tag for tag, _ in page.elements]
    ids = page.values("id")

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (page.faults, page.open) == ([], [])
    assert tags.count("h1") == tags.count("title") == tags.count("main") == 1
    assert not {"style", "iframe", "object", "img"} & set(tags)
    for tag, found in page.elements:
        if tag == "script" and found.get("type") != "application/ld+json":  # which is not run
            assert (found.get("src") or "").startswith("/static/")
    assert len(ids) == len(set(ids))
    assert not any(name.startswith("on") for _, found in page.elements for name in found)
    assert "style" not in {name for _, found in page.elements for name in found}


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_here_or_to_http_and_local_ones_are_answered(
    client: httpx.Client, path: str
) -> None:
    page = read(client, path)
    ids = set(page.values("id"))

    for tag, attributes in page.elements:
        target = attributes.get("href")
        if target is None or tag == "link":
            continue
        assert target.startswith(("/", "#", "https://", "http://")), target
        if target.startswith("http"):
            assert "noopener" in (attributes.get("rel") or "")
        if target.startswith("#"):
            assert target[1:] in ids


def test_every_local_link_of_the_site_is_answered(client: httpx.Client) -> None:
    seen: dict[str, int] = {}
    waiting = ["/"]
    while waiting and len(seen) < 120:
        path = waiting.pop(0).partition("#")[0]
        if path in seen or not path:
            continue
        answer = client.get(path, headers={"Accept": BROWSER}, follow_redirects=True)
        seen[path] = answer.status_code
        if answer.headers["Content-Type"].startswith("text/html"):
            links = [href for href in Page(answer.text).values("href") if href.startswith("/")]
            waiting += links

    assert {path: code for path, code in seen.items() if code != 200} == {}
    assert len(seen) > 60
    assert "/question" in seen


def test_a_dataset_without_questions_has_an_empty_list_that_says_so(client: httpx.Client) -> None:
    answer = client.get("/question", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "No question belongs to this dataset." in answer.text
    assert 'href="/question/' not in answer.text
    for extension in ("ttl", "jsonld", "rdf", "nt", "trig", "nq"):
        assert client.get(f"/question.{extension}").status_code == 200
    assert client.get("/api/questions").json() == {"total": 0, "questions": []}


def test_hostile_names_stand_on_the_page_as_text(client: httpx.Client) -> None:
    for path in ("/doc/network/hostile", "/class/Network"):
        page = read(client, path)

        assert "<script>alert('x')</script>" in page.text
    entity = read(client, "/doc/network/hostile")
    assert '"><img src=x onerror=alert(1)>' in entity.text
    assert "{{ 7*7 }} ${7*7}" in entity.text


def test_a_hostile_query_stands_in_the_form_as_text(client: httpx.Client) -> None:
    hostile = "</textarea><script>alert(1)</script>"

    answer = client.get("/query", params={"query": hostile}, headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert hostile in Page(answer.text).text
    assert "<script>alert" not in answer.text


def test_an_iri_that_is_no_address_is_not_a_link(client: httpx.Client) -> None:
    page = read(client, "/doc/network/harbour")

    assert "javascript:alert(1)" in page.text
    assert "https://harbour.example/" in page.values("href")
    assert not any("javascript" in target for target in page.values("href"))


def test_the_page_of_a_thing_shows_who_says_what(client: httpx.Client) -> None:
    page = read(client, "/doc/network/harbour")

    for expected in (
        "Uostų sutartis",
        "Said by a source, not accepted",
        "1999",
        "characters 17 to 42",
        "Page of the compact",
        "inferred",
        "Veldhaven Municipality · Harbour Compact · lead partner",
        f"{BASE}id/network/harbour",
    ):
        assert expected in page.text


def test_names_carry_their_language(client: httpx.Client) -> None:
    page = read(client, "/doc/city/xx-veldhaven")

    languages = {attributes.get("lang") for _, attributes in page.elements}
    assert {"en", "de", "uk"} <= languages


@pytest.mark.parametrize(
    ("language", "title"),
    [("lt", "Uostų sutartis"), ("lt-LT,en;q=0.5", "Uostų sutartis"), ("fi", "Harbour Compact")],
)
def test_the_title_is_in_the_language_of_the_reader(
    client: httpx.Client, language: str, title: str
) -> None:
    answer = client.get(
        "/doc/network/harbour", headers={"Accept": "text/html", "Accept-Language": language}
    )

    assert f"<title>{title} ·" in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


def test_links_to_another_dataset_have_their_own_place(client: httpx.Client) -> None:
    page = read(client, "/doc/city/xx-veldhaven")

    assert "The same thing elsewhere" in page.text
    assert "https://elsewhere.example/veldhaven" in page.values("href")


def test_the_ontology_page_has_an_anchor_for_each_term(client: httpx.Client) -> None:
    assert {"Network", "City", "startDate", "leadPartner"} <= set(read(client, "/ont").values("id"))


@pytest.mark.parametrize("name", ["Organization", "Person", "Network", "Event"])
def test_a_class_has_a_list_of_its_things(client: httpx.Client, name: str) -> None:
    assert any(
        target.startswith("/id/") for target in read(client, f"/class/{name}").values("href")
    )


def test_a_long_list_has_pages_and_none_is_lost(client: httpx.Client) -> None:
    found: list[str] = []
    for number in (1, 2, 3):
        page = read(client, f"/class/Event?page={number}")
        found += [target for target in page.values("href") if target.startswith("/id/event/")]

    assert len(found) == len(set(found)) == 250


def test_the_counts_of_the_home_page_lead_to_lists(client: httpx.Client) -> None:
    text = client.get("/", headers={"Accept": "text/html"}).text
    [counts] = re.findall(r'<ul class="lists">(.*?)</ul>', text, re.DOTALL)
    found = re.findall(r'<a href="([^"]+)"><b>(\d+)</b>', counts)

    # The invented graph has a compact, one with a hostile name, and no city or pledge.
    assert dict(found)["/class/Network"] == "2"
    for path, _ in found:
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200


def test_a_table_of_results_links_its_things(client: httpx.Client) -> None:
    query = f"SELECT ?n {{ ?n a <{BASE}ont#Network> }}"
    answer = client.get("/query", params={"query": query}, headers={"Accept": "text/html"})

    page = Page(answer.text)
    assert "/id/network/harbour" in page.values("href")
    downloads = [target for target in page.values("href") if "download=" in target]
    assert len(downloads) == 4
    for target in downloads:
        assert client.get(target).status_code == 200


def test_error_pages_keep_the_query(client: httpx.Client) -> None:
    answer = client.get("/query", params={"query": "ASK {"}, headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert "line 1, column" in answer.text
    assert "ASK {" in Page(answer.text).text


def test_the_style_sheet_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    answer = client.get("/static/site.css")

    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_the_sign_of_the_site_is_well_formed(client: httpx.Client) -> None:
    svg = re.search(r"<svg.*?</svg>", client.get("/", headers={"Accept": "text/html"}).text)

    assert svg is not None
    assert ET.fromstring(svg.group()).tag == "svg"
