"""Typed links of every kind of page, on a release of the facts of the five texts.

FAIR Signposting, levels 1 and 2 (https://signposting.org/FAIR/); linksets (RFC 9264); the relations
registered with IANA.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import httpx
import pytest

from kg.query.service import Limits
from kg.release import make
from kg.snapshot import Snapshot
from kg.web.archiving import archived

BASE = "https://w3id.org/citypledge/"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
RELEASED = datetime(2020, 1, 1, 14, tzinfo=UTC)
DOC = "/doc/city/lt-klaipeda"
# What is described as a document with forms, linkset and licence; {v} is the version.
LANDING = (
    *(DOC, "/doc/voc/role-lead", "/doc/graph/source/s003", "/dataset", "/catalog", "/ont"),
    *("/ont/Pledge", "/shapes", "/ref", "/voc", "/question", "/dump", "/dump/{v}"),
)
# What goes with a document, and has no linkset.
BESIDE = (
    *("/history/city/lt-klaipeda", "/feed", "/feed/1", "/release/{v}" + DOC, "/fragments"),
    *("/cite", "/cite/city/lt-klaipeda", "/timemap/city/lt-klaipeda"),
)
ABOUT_RELEASES = ("/history/city/lt-klaipeda", "/feed", "/feed/1", "/cite", "/timemap" + DOC[4:])


@pytest.fixture(name="site", scope="module")
def a_server_of_a_release(
    serve: Callable[..., AbstractContextManager[Any]],
    five_built: Snapshot,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    workspace = tmp_path_factory.mktemp("released")
    make(workspace, five_built, RELEASED, "0.1.0", more=archived(five_built))
    with serve(Limits(workers=2, per_minute=0), five_built, workspace=workspace) as running:
        yield running


@pytest.fixture(name="client", scope="module")
def a_client(site: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.address, timeout=60) as client:
        yield client


@pytest.fixture(name="version", scope="module")
def the_version(five_built: Snapshot) -> str:
    return five_built.manifest.version


def links_of(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Relation, absolute target and media type of each link of the header (RFC 8288)."""
    found = []
    for target, rest in re.findall(
        r'<([^>]*)>((?:\s*;\s*[\w*]+="[^"]*")*)', answer.headers.get("Link", "")
    ):
        attributes = dict(re.findall(r'([\w*]+)="([^"]*)"', rest))
        for rel in attributes["rel"].split():
            found.append((rel, urljoin(str(answer.url), target), attributes.get("type", "")))
    return found


def targets(answer: httpx.Response, relation: str) -> set[str]:
    return {target for rel, target, _ in links_of(answer) if rel == relation}


@pytest.mark.parametrize("path", LANDING)
def test_every_landing_page_has_the_signposts_of_level_two(
    client: httpx.Client, version: str, path: str
) -> None:
    answer = client.get(path.format(v=version), headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert targets(answer, "license") == {LICENCE}
    (cited,) = targets(answer, "cite-as")
    assert cited.startswith(BASE)
    assert "https://schema.org/AboutPage" in targets(answer, "type")
    for relation in ("describedby", "item"):
        assert all(kind for rel, _, kind in links_of(answer) if rel == relation)
        assert targets(answer, relation)
    announced = {kind: t for rel, t, kind in links_of(answer) if rel == "linkset"}
    assert set(announced) == {"application/linkset+json", "application/linkset"}


@pytest.mark.parametrize("path", LANDING)
def test_a_linkset_has_all_links_of_its_document_in_both_forms(
    client: httpx.Client, version: str, path: str
) -> None:
    answer = client.get(path.format(v=version), headers={"Accept": "text/html"})
    announced = {kind: t for rel, t, kind in links_of(answer) if rel == "linkset"}
    as_json = client.get(announced["application/linkset+json"])
    as_text = client.get(announced["application/linkset"])
    here = str(client.base_url).rstrip("/") + "/"

    assert as_json.headers["Content-Type"] == "application/linkset+json"
    assert as_text.headers["Content-Type"] == "application/linkset"
    anchor = BASE[:-1] + path.format(v=version)
    (context,) = (each for each in as_json.json()["linkset"] if each["anchor"] == anchor)
    told = {(rel, t["href"]) for rel, ts in context.items() if rel != "anchor" for t in ts}
    others = ("original", "timegate", "timemap", "first", "prev", "next", "last")
    sent = {(r, t.replace(here, BASE)) for r, t, _ in links_of(answer) if r not in others}
    assert sent <= told
    rows = re.findall(r'<([^>]+)>; anchor="([^"]+)"; rel="([^"]+)"', as_text.text)
    assert told == {(rel, target) for target, at, rel in rows if at == anchor}


def test_every_term_rule_and_question_has_a_linkset(client: httpx.Client) -> None:
    page = client.get("/sitemap/1.xml").text
    found = re.findall(rf"<loc>{BASE}((?:ont|shapes|ref|question)/[^<]+)</loc>", page)

    assert len(found) > 200
    for path in found[::7]:
        answer = client.get(f"/linkset/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == "application/linkset+json"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/linkset/ont/Nothing", 404),
        ("/linkset/dump/1999.1", 404),
        ("/linkset/feed", 404),
        ("/linkset/voc/nothing", 404),
        ("/linkset/ont/pledge", 301),
    ],
)
def test_a_linkset_is_there_only_where_its_document_is(
    client: httpx.Client, path: str, status: int
) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize("path", BESIDE)
def test_what_goes_with_a_document_says_its_licence_and_where_it_belongs(
    client: httpx.Client, version: str, path: str
) -> None:
    answer = client.get(path.format(v=version), headers={"Accept": "text/html, */*;q=0.1"})
    here = str(client.base_url).rstrip("/")

    assert answer.status_code == 200
    assert targets(answer, "license") == {LICENCE}
    assert targets(answer, "collection") == {f"{here}/dataset"}


@pytest.mark.parametrize("path", [*LANDING, *BESIDE])
def test_no_link_of_a_header_is_dead_and_each_has_the_type_it_says(
    client: httpx.Client, version: str, path: str
) -> None:
    here = str(client.base_url).rstrip("/")
    answer = client.get(path.format(v=version), headers={"Accept": "text/html, */*;q=0.1"})
    sent = {(t.replace(BASE[:-1], here), kind) for _, t, kind in links_of(answer)}
    own = {(t, kind) for t, kind in sent if t.startswith(here)}

    assert own
    for target, kind in own:
        accept = {"Accept": kind or "*/*"}
        found = client.head(target, headers=accept, follow_redirects=True)
        assert found.status_code == 200, target
        assert not kind or found.headers["Content-Type"].split(";")[0] == kind, target


@pytest.mark.parametrize("path", [*LANDING, *BESIDE])
def test_the_head_of_a_page_has_the_links_of_its_header(
    client: httpx.Client, version: str, path: str
) -> None:
    answer = client.get(path.format(v=version), headers={"Accept": "text/html, */*;q=0.1"})
    if "html" not in answer.headers["Content-Type"]:
        return  # a TimeMap has no page
    of_time = ("original", "timegate", "timemap", "memento")
    sent = {(rel, t) for rel, t, _ in links_of(answer) if rel not in of_time}
    if "Memento-Datetime" in answer.headers:  # its first and last are of the versions
        sent = {pair for pair in sent if pair[0] not in ("first", "last", "prev", "next")}
    in_page = {
        (rel, urljoin(str(answer.url), target.replace("&amp;", "&")))
        for rel, target in re.findall(r'<link rel="([^"]+)"[^>]*href="([^"]+)"', answer.text)
    }

    assert sent <= in_page


@pytest.mark.parametrize("path", [*LANDING, *BESIDE])
def test_the_links_of_a_header_stay_below_four_kilobytes(
    client: httpx.Client, version: str, path: str
) -> None:
    answer = client.get(path.format(v=version), headers={"Accept": "text/html, */*;q=0.1"})
    assert len(answer.headers["Link"]) < 4096


def test_a_citation_of_a_long_query_does_not_repeat_it_in_its_links(client: httpx.Client) -> None:
    query = "SELECT * { ?s ?p 'x' }" + " " * 10 + "#" + "x" * 3000 + "\n"
    answer = client.get("/cite", params={"query": query}, headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert len(answer.headers["Link"]) < 1000
    assert targets(answer, "license") == {LICENCE}


def test_the_dataset_and_its_release_have_the_dumps_as_items_with_the_type_they_are_sent_as(
    client: httpx.Client, version: str
) -> None:
    files = client.get(f"/dump/{version}/release.json").json()["files"]
    whole = {file["name"] for file in files if file["graph"] is None}
    for path in ("/dataset", f"/dump/{version}"):
        answer = client.get(path, headers={"Accept": "text/html"})
        items = {t for t in targets(answer, "item") if f"/dump/{version}/" in t}
        assert whole <= {item.rpartition("/")[2] for item in items}


def test_the_linkset_of_a_release_has_all_its_dumps_and_leads_back_from_each(
    client: httpx.Client, version: str
) -> None:
    files = client.get(f"/dump/{version}/release.json").json()["files"]
    found = client.get(f"/linkset/dump/{version}.json").json()["linkset"]
    contexts = {each["anchor"]: each for each in found}
    page = f"{BASE}dump/{version}"
    items = {target["href"] for target in contexts[page]["item"]}

    assert {f"{page}/{file['name']}" for file in files} <= items
    for file in files:
        back = contexts[f"{page}/{file['name']}"]
        assert [target["href"] for target in back["collection"]] == [page]
        assert [target["href"] for target in back["license"]] == [LICENCE]


@pytest.mark.parametrize("name", ["dataset.nq.gz", "accepted.nt.zst", "SHA256SUMS"])
def test_a_dump_says_how_to_cite_it_its_licence_and_what_it_belongs_to(
    client: httpx.Client, version: str, name: str
) -> None:
    here = str(client.base_url).rstrip("/")
    for method in ("GET", "HEAD"):
        answer = client.request(method, f"/dump/{version}/{name}")
        assert targets(answer, "cite-as") == {f"{BASE}dataset/{version}"}
        assert targets(answer, "license") == {LICENCE}
        assert targets(answer, "type") == {"https://schema.org/DataDownload"}
        for relation in ("describedby", "collection"):
            assert targets(answer, relation) == {f"{here}/dump/{version}"}


@pytest.mark.parametrize("extension", ["html", "ttl", "nq"])
def test_a_memento_is_cited_by_its_own_address_and_says_its_kinds_and_licence(
    client: httpx.Client, version: str, extension: str
) -> None:
    answer = client.get(f"/release/{version}{DOC}.{extension}")

    assert answer.headers["Memento-Datetime"] == "Wed, 01 Jan 2020 14:00:00 GMT"
    assert targets(answer, "cite-as") == {f"{BASE}release/{version}{DOC}"}
    assert targets(answer, "license") == {LICENCE}
    assert f"{BASE}ont#City" in targets(answer, "type")
    assert targets(answer, "timegate") == {f"{BASE[:-1]}{DOC}.{extension}"}


# --- When it was changed


@pytest.mark.parametrize("path", ABOUT_RELEASES)
def test_what_tells_of_releases_has_changed_with_the_snapshot_or_with_a_release(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(path, headers={"Accept": "text/html, */*;q=0.1"})
    modified = answer.headers["Last-Modified"]
    again = client.get(path, headers={"If-Modified-Since": modified})

    of_document = client.get(DOC).headers["Last-Modified"]
    assert parsedate_to_datetime(modified) >= parsedate_to_datetime(of_document)
    assert again.status_code == 304


# --- The sitemap


def test_the_sitemap_has_the_catalogue_and_each_release_with_its_day(
    client: httpx.Client, version: str
) -> None:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    root = ET.fromstring(client.get("/sitemap/1.xml").content)
    found = {
        each.findtext("s:loc", "", space): each.findtext("s:lastmod", "", space)
        for each in root.iterfind("s:url", space)
    }

    assert found[f"{BASE}dump/{version}"] == "2020-01-01T14:00:00Z"
    for path in ("catalog", "dataset", "dump"):
        assert found[BASE + path] > "2020-01-01T14:00:00Z"


def test_robots_may_read_the_page_of_a_release_and_not_its_files(client: httpx.Client) -> None:
    """RFC 9309, section 2.2.3: an asterisk stands for any characters."""
    rules = [
        re.compile(re.escape(path).replace(r"\*", ".*"))
        for path in re.findall(r"(?m)^Disallow: (.+)$", client.get("/robots.txt").text)
    ]
    listed = re.findall(rf"<loc>{BASE}([^<]*)</loc>", client.get("/sitemap/1.xml").text)

    def is_refused(path: str) -> bool:
        return any(rule.match(path) for rule in rules)

    assert [path for path in listed if is_refused(f"/{path}")] == []
    assert is_refused("/dump/2020.1/dataset.nq.gz")
    assert is_refused("/citypledge/dump/2020.1/dataset.nq.gz")
