"""What a page says in the words of schema.org, read from the page as a search engine does."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.pages import Pages
from kg.web.site import Served, Site

BASE = "https://w3id.org/citypledge/"


RELEASE = {
    "version": "2020.1",
    "released": "2020-01-01T00:00:00Z",
    "snapshot": "0" * 64,
    "previous": None,
}


class Blocks(HTMLParser):
    """The data blocks of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.is_open = False
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_open = tag == "script" and dict(attrs).get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.found.append(data)


def block_of(text: str) -> dict[str, Any]:
    (block,) = Blocks(text).found
    found: dict[str, Any] = json.loads(block)
    return found


@pytest.fixture(name="pages", scope="module")
def the_pages(built: Snapshot, snapshot_store: ox.Store) -> Pages:
    facts = built.manifest
    counts = (facts.graphs, facts.classes, facts.triples)
    served = Served(snapshot_store, facts.base, facts.version, facts.snapshot, *counts)
    return Pages(Site(served, Limits()))


def read(pages: Pages, path: str) -> dict[str, Any]:
    status, _, body = pages.respond({"path": path, "headers": [("accept", "text/html")]})
    assert status == 200
    return block_of(body.decode())


def thing(pages: Pages, path: str) -> dict[str, Any]:
    """What the page is about."""
    found: dict[str, Any] = read(pages, path)["mainEntity"]
    return found


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("city/lt-klaipeda", "City"),
        ("municipality/lt-klaipeda-city", "GovernmentOrganization"),
        ("network/urbact-sdg-pilot", "Organization"),
        ("programme/eu-cities-mission", "Project"),
        ("organisation/lt-seimas", "Organization"),
        ("event/si-mission-signing", "Event"),
        ("person/p-0006", "Person"),
        ("pledge/si-mission-2022", "CreativeWork"),
        ("source/s003", "CreativeWork"),
        ("voc/role-lead", "DefinedTerm"),
        ("signature/sg-0001", "Thing"),
    ],
)
def test_each_thing_has_a_type_a_name_and_its_own_iri(pages: Pages, path: str, kind: str) -> None:
    found = thing(pages, f"/doc/{path}")
    folder = "" if path.startswith("voc/") else "id/"

    assert found["@type"] == kind
    assert found["@id"] == found["url"] == f"{BASE}{folder}{path}"
    assert found["name"]


@pytest.mark.parametrize(
    "path", ["city/lt-klaipeda", "person/p-0001", "voc/role-lead", "graph/links"]
)
def test_the_page_has_licence_publisher_and_dataset_and_a_thing_that_is_no_work_has_not(
    pages: Pages, path: str
) -> None:
    """schema.org: `license`, `publisher` and `isPartOf` are properties of a CreativeWork."""
    found = read(pages, f"/doc/{path}")

    assert found["@context"] == "https://schema.org"
    assert found["@type"] == ("Dataset" if path.startswith("graph/") else "WebPage")
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["publisher"]["@type"] == "Organization"
    assert found["publisher"]["name"]
    assert found["isPartOf"]["@id"] == f"{BASE}dataset"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["dateModified"])
    assert not {"license", "publisher", "isPartOf"} & set(found.get("mainEntity", {}))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/catalog", "DataCatalog"),
        ("/dump", "DataCatalog"),
        ("/dataset", "Dataset"),
        ("/fragments", "Dataset"),
        ("/feed", "DataFeed"),
        ("/cite", "WebPage"),
        ("/cite/city/lt-klaipeda", "WebPage"),
        ("/history/city/lt-klaipeda", "CreativeWork"),
        ("/ont", "DefinedTermSet"),
        ("/question", "Collection"),
    ],
)
def test_what_is_about_the_dataset_says_whose_it_is_and_under_which_licence(
    pages: Pages, path: str, kind: str
) -> None:
    if path == "/dump":  # there is none without a release
        past = {"releases": [RELEASE], "release": None, "dates": {}, "changed": None}
    else:
        past = {}
    job = {"path": path, "headers": [("accept", "text/html")], "catalogue": past}
    status, _, body = pages.respond(job)
    found = block_of(body.decode())

    assert status == 200
    assert found["@type"] == kind
    assert found["name"]
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["publisher"]["name"]


def test_a_term_and_its_document_have_the_version_of_the_ontology_and_not_of_the_dataset(
    pages: Pages, snapshot_store: ox.Store
) -> None:
    query = f"SELECT ?v {{ <{BASE}ont> <http://www.w3.org/2002/07/owl#versionInfo> ?v }}"
    [version] = {row["v"].value for row in snapshot_store.query(query)}

    assert read(pages, "/ont")["version"] == version
    assert read(pages, "/ont/Pledge")["inDefinedTermSet"]["version"] == version
    assert "license" not in read(pages, "/ont/Pledge")


def test_a_city_has_its_names_its_place_and_its_other_identifiers(pages: Pages) -> None:
    found = thing(pages, "/doc/city/lt-klaipeda")

    assert {"@language": "sl", "@value": "Klajpeda"} in found["name"]
    assert found["geo"] == {
        "@type": "GeoCoordinates",
        "latitude": "55.7068",
        "longitude": "21.13912",
    }
    assert found["sameAs"] == ["https://sws.geonames.org/598098/"]
    assert found["containedInPlace"][0]["@type"] == "Country"


def test_a_municipality_is_a_member_of_its_networks(pages: Pages) -> None:
    found = thing(pages, "/doc/municipality/lt-klaipeda-city")

    assert {network["@id"] for network in found["memberOf"]} == {
        f"{BASE}id/network/urbact-playful-paradigm",
        f"{BASE}id/network/urbact-sdg-pilot",
    }
    assert found["areaServed"][0]["@id"] == f"{BASE}id/city/lt-klaipeda"


def test_a_person_has_public_roles_and_nothing_else(pages: Pages) -> None:
    found = thing(pages, "/doc/person/p-0001")

    assert set(found) <= {
        *("@id", "@type", "url", "name", "alternateName", "mainEntityOfPage"),
        *("jobTitle", "affiliation"),
    }
    assert "member of parliament" in found["jobTitle"]


def test_a_rejected_date_is_not_told(pages: Pages) -> None:
    """Ruling ru-0001: the network began in 2023, not on 8 May."""
    assert thing(pages, "/doc/network/lt-green-municipalities")["foundingDate"] == "2023"


def test_the_home_page_is_of_a_catalogue_with_the_dataset(pages: Pages) -> None:
    found = read(pages, "/")

    assert found["@type"] == "DataCatalog"
    assert found["dataset"]["@type"] == "Dataset"
    assert found["dataset"]["@id"] == f"{BASE}dataset"
    assert found["dataset"]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["dataset"]["description"]


def test_a_hostile_name_ends_no_element(client: httpx.Client) -> None:
    answer = client.get("/doc/network/hostile", headers={"Accept": "text/html"})
    found = block_of(answer.text)

    names = {name["@value"] for name in found["mainEntity"]["name"]}
    assert names == {"<script>alert('x')</script>", '"><img src=x onerror=alert(1)>'}
    assert "<script>alert" not in answer.text
    assert "\\u003cscript\\u003ealert" in answer.text
