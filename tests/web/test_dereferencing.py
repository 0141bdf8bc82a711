"""From a name to its document: spellings, dates, typed links, and where the site is mounted."""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email.utils import formatdate, parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot, canonical, seal
from kg.web.pages import Pages
from kg.web.site import Served, Site

Serve = Callable[..., AbstractContextManager[Any]]
BASE = "https://w3id.org/citypledge/"
OTHER = "https://example.org/kg/"
DOC = "/doc/municipality/xx-veldhaven"
TTL = {"Accept": "text/turtle"}
FORMS = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
}

OF_TIME = {"original", "timegate", "timemap"}  # RFC 7089 has them in the header


def links_of(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Relation, absolute target and media type of each link of the header (RFC 8288)."""
    found = []
    for target, rest in re.findall(r"<([^>]*)>((?:;[^,<]*)*)", answer.headers.get("Link", "")):
        attributes = dict(re.findall(r';\s*(\w+)="([^"]*)"', rest))
        for rel in attributes["rel"].split():
            found.append((rel, urljoin(str(answer.url), target), attributes.get("type", "")))
    return found


# --- Spellings


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/municipality/XX-Veldhaven", "/id/municipality/xx-veldhaven"),
        ("/id/Municipality/xx_veldhaven", "/id/municipality/xx-veldhaven"),
        ("/id/municipality/xx-v%C3%A9ldhaven", "/id/municipality/xx-veldhaven"),
        ("/id/municipality/xx%20veldhaven", "/id/municipality/xx-veldhaven"),
        ("/id/municipality/xx%2Dveldhaven", "/id/municipality/xx-veldhaven"),
        ("/id/municipality/xx-veldhaven/", "/id/municipality/xx-veldhaven"),
        ("/id//municipality/xx-veldhaven", "/id/municipality/xx-veldhaven"),
        ("/id/municipality/xx-veldhaven.ttl", "/doc/municipality/xx-veldhaven.ttl"),
        ("/id/municipality/XX-Veldhaven.ttl", "/doc/municipality/xx-veldhaven.ttl"),
        ("/voc/Role-Lead", "/voc/role-lead"),
        ("/doc/Municipality/XX-Veldhaven", "/doc/municipality/xx-veldhaven"),
        ("/doc/municipality/XX-Veldhaven.jsonld", "/doc/municipality/xx-veldhaven.jsonld"),
        ("/doc/municipality/xx-veldhaven.ttl/", "/doc/municipality/xx-veldhaven.ttl"),
    ],
)
def test_another_spelling_is_moved_for_good_to_the_one_iri(
    client: httpx.Client, path: str, location: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers.get("Location")) == (301, location)


@pytest.mark.parametrize(
    "path", ["/id/municipality/xx-veldhavn", "/id/municipality/veldhaven", "/doc/municipality/xx"]
)
def test_what_is_only_like_a_name_is_not_taken_for_it(client: httpx.Client, path: str) -> None:
    assert client.get(path, headers=TTL).status_code == 404


def test_a_name_leads_to_its_document_and_names_every_form_of_it(client: httpx.Client) -> None:
    answer = client.get("/id/municipality/xx-veldhaven")

    assert (answer.status_code, answer.headers["Location"]) == (303, DOC)
    described = {(urlsplit(target).path, kind) for rel, target, kind in links_of(answer)}
    assert described == {(f"{DOC}.{extension}", name) for extension, name in FORMS.items()}
    assert {rel for rel, _, _ in links_of(answer)} == {"describedby"}


def test_the_host_header_never_becomes_part_of_an_answer(client: httpx.Client) -> None:
    for path in ("/id/municipality/XX-Veldhaven", DOC, f"{DOC}.ttl", "/linkset" + DOC[4:], "/"):
        answer = client.get(
            path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        )
        assert b"evil" not in answer.content
        assert "evil" not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/municipality/XX-Veldhaven?at=2021", "/id/municipality/xx-veldhaven?at=2021"),
        (
            "/doc/Municipality/xx-veldhaven.ttl?at=2021",
            "/doc/municipality/xx-veldhaven.ttl?at=2021",
        ),
        ("/doc/municipality/xx-veldhaven/?at=2021", "/doc/municipality/xx-veldhaven?at=2021"),
    ],
)
def test_what_is_asked_of_a_thing_stays_when_its_spelling_is_put_right(
    client: httpx.Client, path: str, location: str
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (301, location)


@pytest.mark.parametrize(
    ("path", "location"),
    [("/id/", "/class"), ("/id/network/", "/class"), ("/graph/", "/class"), ("/voc/", "/voc")],
)
def test_what_names_begin_with_leads_to_the_lists(
    client: httpx.Client, path: str, location: str
) -> None:
    """Such an IRI stands in every prefix, and in void:uriSpace."""
    answer = client.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (303, location)
    assert client.get("/id/nothing/").status_code == 404


def test_a_request_has_one_host(server: Any) -> None:
    """RFC 9112, section 3.2."""
    for head in ("", "Host: a\r\nHost: b\r\n", 'Host: a "<b>\r\n'):
        with server.connect() as connection:
            connection.sendall(f"GET /about HTTP/1.1\r\n{head}\r\n".encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")


# --- Dates (RFC 9110, section 13)


@pytest.mark.parametrize("path", [DOC, f"{DOC}.ttl", "/", "/ont", "/graph/source/s000"])
def test_a_document_has_a_date_by_which_a_client_can_ask_again(
    client: httpx.Client, path: str
) -> None:
    first = client.get(path, follow_redirects=True)
    date = first.headers["Last-Modified"]
    changed = parsedate_to_datetime(date).timestamp()
    address = first.url.path

    same = client.get(address, headers={"If-Modified-Since": date})
    later = client.get(
        address, headers={"If-Modified-Since": formatdate(changed + 60, usegmt=True)}
    )
    earlier = client.get(
        address, headers={"If-Modified-Since": formatdate(changed - 60, usegmt=True)}
    )

    assert changed <= time.time()
    assert (same.status_code, later.status_code, earlier.status_code) == (304, 304, 200)
    assert (same.content, same.headers["ETag"]) == (b"", first.headers["ETag"])
    assert same.headers["Vary"] == first.headers["Vary"]


def test_a_tag_counts_more_than_a_date_and_what_is_no_date_does_not_count(
    client: httpx.Client,
) -> None:
    future = {"If-Modified-Since": formatdate(time.time() + 600, usegmt=True)}
    for path in (DOC, f"{DOC}.ttl"):
        assert client.get(path, headers=future | {"If-None-Match": '"another"'}).status_code == 200
        for date in ("yesterday", "Mon, 1 Jan 99999999999999999999 00:00:00 GMT", ""):
            assert client.get(path, headers={"If-Modified-Since": date}).status_code == 200
        assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304


@pytest.mark.parametrize("extension", ["html", "ttl"])
def test_what_is_not_what_a_client_demands_is_412(client: httpx.Client, extension: str) -> None:
    """RFC 9110, sections 13.1.1, 13.1.4 and 13.2.2."""
    path = f"{DOC}.{extension}"
    first = client.get(path)
    etag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for headers, status in (
        ({"If-Match": etag}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": f'"a, b", {etag}'}, 200),
        ({"If-Match": f"W/{etag}"}, 412),
        ({"If-Match": '"another"'}, 412),
        ({"If-Unmodified-Since": date}, 200),
        ({"If-Unmodified-Since": "Sun, 22 Nov 2020 00:00:00 GMT"}, 412),
        ({"If-Unmodified-Since": "never"}, 200),
        ({"If-Match": etag, "If-None-Match": etag}, 304),
        ({"If-None-Match": '"a, *, b"'}, 200),
    ):
        assert client.get(path, headers=headers).status_code == status, headers


@pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
def test_a_tag_is_of_the_same_bytes_whoever_makes_the_document(
    client: httpx.Client, server: Any, coding: str
) -> None:
    """RFC 9110, section 8.8.1: as it was made ahead, and in a worker (for an unknown parameter).

    A page links to itself in each language, with its parameters, and so differs by them alone.
    """
    server.until(lambda _: server.front.deployment.printed is not None, "printing")
    tags = set()
    for path in (f"{DOC}.{extension}" for extension in FORMS):
        found = []
        for address in (path, f"{path}?x=1"):
            with client.stream("GET", address, headers={"Accept-Encoding": coding}) as answer:
                found.append((answer.headers["ETag"], b"".join(answer.iter_raw())))
        if path.endswith(".html"):
            assert found[0][0] != found[1][0]
            headers = {"Accept-Encoding": coding}
            plain, asked = (client.get(f"{path}{x}", headers=headers).text for x in ("", "?x=1"))
            assert asked.replace("?x=1", "") == plain
        else:
            assert found[0] == found[1]
        tags.add(found[0][0])
    assert len(tags) == len(FORMS)


# --- Typed links: FAIR Signposting, levels 1 and 2


@pytest.mark.parametrize("extension", FORMS)
def test_a_document_says_in_its_header_what_it_is_and_what_there_is_besides(
    client: httpx.Client, extension: str
) -> None:
    answer = client.get(f"{DOC}.{extension}")
    found = links_of(answer)
    by_relation: dict[str, set[tuple[str, str]]] = {}
    for rel, target, kind in found:
        by_relation.setdefault(rel, set()).add((target, kind))
    here = str(client.base_url).rstrip("/")

    assert by_relation["cite-as"] == {(f"{BASE}id/municipality/xx-veldhaven", "")}
    assert by_relation["license"] == {("https://licence.example/open", "")}
    assert (f"{BASE}ont#Municipality", "") in by_relation["type"]
    assert by_relation["describedby"] == {
        (f"{here}{DOC}.{other}", name) for other, name in FORMS.items() if other != "html"
    }
    assert by_relation["alternate"] == {
        (f"{here}{DOC}.{other}", name) for other, name in FORMS.items() if other != extension
    }
    # TriG and N-Quads are what the landing page is the collection of; it is part of the dataset.
    is_item = extension in ("trig", "nq")
    collection = DOC if is_item else "/dataset"
    assert by_relation["collection"] == {(f"{here}{collection}", "text/html")}
    items = set() if is_item else {(f"{here}{DOC}.{x}", FORMS[x]) for x in ("trig", "nq")}
    assert by_relation.get("item", set()) == items
    assert by_relation["linkset"] == {
        (f"{here}/linkset{DOC[4:]}.json", "application/linkset+json"),
        (f"{here}/linkset{DOC[4:]}.txt", "application/linkset"),
    }
    if extension == "html":
        assert ("https://schema.org/AboutPage", "") in by_relation["type"]
    else:
        assert by_relation["describes"] == {(f"{here}{DOC}", "text/html")}


def test_what_a_header_links_to_on_this_site_is_there_and_has_the_type_it_says(
    client: httpx.Client,
) -> None:
    here = str(client.base_url).rstrip("/")
    targets = {
        (t, kind) for _, t, kind in links_of(client.get(f"{DOC}.html")) if t.startswith(here)
    }

    assert len(targets) >= 8
    for target, kind in targets:
        answer = client.get(target, headers={"Accept": "*/*"})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] == kind


def test_the_head_of_a_page_has_the_links_of_its_header(client: httpx.Client) -> None:
    answer = client.get(f"{DOC}.html")
    in_page = {
        (rel, urljoin(str(answer.url), target))
        for rel, target in re.findall(r'<link rel="([^"]+)"[^>]*href="([^"]+)"', answer.text)
    }

    assert {(rel, t) for rel, t, _ in links_of(answer) if rel not in OF_TIME} <= in_page


def test_a_document_made_ahead_has_the_same_headers_as_one_made_when_asked_for(
    serve: Serve, served: Snapshot
) -> None:
    found = []
    for limits in (Limits(workers=1, printed_things=0), Limits(workers=1)):
        with serve(limits, served) as running:
            if limits.printed_things:
                running.until(
                    lambda _, front=running.front: front.deployment.printed is not None, "printing"
                )
            with httpx.Client(base_url=running.address, timeout=60) as client:
                answers = [client.get(f"{DOC}.{extension}") for extension in FORMS]
            found.append([{**answer.headers, "date": ""} for answer in answers])

    assert found[0] == found[1]


def test_a_linkset_says_the_same_as_the_headers_in_both_of_its_forms(client: httpx.Client) -> None:
    """RFC 9264, sections 4.1 and 4.2."""
    path = f"/linkset{DOC[4:]}"
    as_json = client.get(path, headers={"Accept": "application/linkset+json"})
    as_text = client.get(path, headers={"Accept": "application/linkset"})
    header = {
        (rel, target.replace(str(client.base_url).rstrip("/") + "/", BASE))
        for rel, target, _ in links_of(client.get(f"{DOC}.html"))
        if rel not in OF_TIME
    }

    assert as_json.headers["Content-Type"] == "application/linkset+json"
    assert as_text.headers["Content-Type"] == "application/linkset"
    contexts = {each["anchor"]: each for each in as_json.json()["linkset"]}
    landing = contexts[BASE[:-1] + DOC]
    in_json = {(rel, t["href"]) for rel, ts in landing.items() if rel != "anchor" for t in ts}
    rows = re.findall(r'<([^>]+)>; anchor="([^"]+)"; rel="([^"]+)"', as_text.text)
    assert in_json == {(rel, t) for t, anchor, rel in rows if anchor == BASE[:-1] + DOC}
    assert {pair for pair in header if pair[0] != "alternate"} <= in_json
    # Each metadata document leads back to the page it describes.
    for extension in ("ttl", "jsonld", "nq"):
        back = contexts[f"{BASE[:-1]}{DOC}.{extension}"]["describes"]
        assert [target["href"] for target in back] == [BASE[:-1] + DOC]


# --- Crawlers


def test_the_sitemap_has_every_document_once_with_a_date(client: httpx.Client) -> None:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = client.get("/sitemap.xml")
    assert index.headers["Content-Type"] == "application/xml"
    parts = [each.text or "" for each in ET.fromstring(index.content).iterfind(".//s:loc", space)]
    found: list[str] = []
    for part in parts:
        assert part.startswith(BASE)
        root = ET.fromstring(client.get("/" + part.removeprefix(BASE)).content)
        found += [each.text or "" for each in root.iterfind(".//s:loc", space)]
        dates = [each.text or "" for each in root.iterfind(".//s:lastmod", space)]
        assert len(dates) == len(root)
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", date) for date in dates)

    assert len(found) == len(set(found)) > 250
    assert f"{BASE}doc/municipality/xx-veldhaven" in found
    assert f"{BASE}doc/event/e-0249" in found
    for address in (*found[:12], *found[-12:]):
        assert client.get("/" + address.removeprefix(BASE)).status_code == 200
    assert client.get("/sitemap/2.xml").status_code == 404


@pytest.mark.parametrize("number", ["9" * 5000, "0", "01", "1.5", "-1", "\u0661"])
def test_what_is_no_number_of_a_sitemap_is_404(client: httpx.Client, number: str) -> None:
    assert client.get(f"/sitemap/{number}.xml").status_code == 404


class Counting:
    """A store that counts what it gives."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.given = 0

    def quads_for_pattern(self, *pattern: Any) -> Iterator[ox.Quad]:
        for quad in self.store.quads_for_pattern(*pattern):
            self.given += 1
            yield quad


def test_the_sitemap_is_worked_out_before_requests_come_for_all_mounts(served: Snapshot) -> None:
    store, manifest = Counting(served.store()), served.manifest
    counts = (manifest.graphs, manifest.classes, manifest.triples)
    whole = Served(store, BASE, "2026.1", manifest.snapshot, *counts, is_ahead=True)
    whole.prepare()
    pages = Pages(Site(whole, Limits()))
    before = store.given
    for mount in ("", "/citypledge"):
        for path in ("/sitemap.xml", "/sitemap/1.xml"):
            status, _, body = pages.respond({"path": path, "mount": mount, "headers": []})
            assert (status, b"besides" in body) == (200, False)

    assert store.given - before < 50


class Endless:
    """A store with cities without end."""

    def quads_for_pattern(self, *pattern: Any) -> Iterator[ox.Quad]:
        assert pattern[:3] != (None, None, None) or pattern[3] is not None, "reads everything"
        if pattern[0] is None and str(pattern[2]) == f"<{BASE}ont#City>":
            for number in itertools.count():
                yield ox.Quad(ox.NamedNode(f"{BASE}id/city/c-{number}"), *pattern[1:3])


def test_the_sitemap_of_data_that_is_elsewhere_is_bounded_and_says_so() -> None:
    classes = {f"{BASE}ont#City": 10**9}
    endless = Served(Endless(), BASE, "2026.1", "0", {f"{BASE}graph/links": 1}, classes, 10**9)
    pages = Pages(Site(endless, Limits()))
    _, _, index = pages.respond({"path": "/sitemap.xml", "headers": []})
    _, _, part = pages.respond({"path": "/sitemap/1.xml", "headers": []})

    assert index.count(b"<loc>") == 6  # 100,000 things on parts of 20,000, and a few pages
    for body in (index, part):
        assert b"There may be documents besides those that are listed here." in body
    assert part.count(b"<loc>") == 20_000
    assert f"<loc>{BASE}doc/city/c-0</loc>".encode() in part


def test_robots_are_kept_to_the_documents(client: httpx.Client) -> None:
    from urllib.robotparser import RobotFileParser

    text = client.get("/robots.txt").text
    rules = RobotFileParser()
    rules.parse(text.splitlines())

    assert rules.site_maps() == [f"{BASE}sitemap.xml"]
    for path in ("doc/municipality/xx-veldhaven", "doc/network/harbour.ttl", "ont", "", "dataset"):
        assert rules.can_fetch("*", BASE + path)
        assert rules.can_fetch("*", f"http://127.0.0.1/{path}")
    for path in ("sparql?query=ASK%7B%7D", "fragments?page=2", "incoming/network/harbour"):
        assert not rules.can_fetch("*", BASE + path)
        assert not rules.can_fetch("*", f"http://127.0.0.1/{path}")


# --- Another base


@pytest.fixture(name="elsewhere", scope="module")
def a_server_of_a_build_under_another_base(
    serve: Serve, quads: list[ox.Quad], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    from kg.build import rebase

    moved = [rebase(quad, OTHER) for quad in quads]
    facts = {"version": "2026.1", "software": "test", "base": OTHER}
    folder = tmp_path_factory.mktemp("elsewhere")
    snapshot = seal(folder, canonical(moved), **facts, inputs={})
    with serve(Limits(workers=1), snapshot) as running:
        yield running


@pytest.mark.parametrize("mount", ["", "/kg"])
def test_a_site_under_a_path_is_whole_there_and_at_the_root(elsewhere: Any, mount: str) -> None:
    """A proxy may hand the path of the base on, or take it away."""
    with httpx.Client(base_url=elsewhere.address, timeout=60) as client:
        answer = client.get(f"{mount}/id/municipality/xx-veldhaven", headers=TTL)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{mount}{DOC}")
        moved = client.get(f"{mount}/id/Municipality/XX-Veldhaven/")
        assert moved.status_code == 301
        assert moved.headers["Location"].startswith(f"{mount}/id/")
        for extension in FORMS:
            answer = client.get(f"{mount}{DOC}.{extension}")
            assert answer.status_code == 200
            assert answer.headers["Content-Location"] == f"{mount}{DOC}.{extension}"
            assert BASE not in answer.text
            here = elsewhere.address + mount + "/"
            mine = [t for _, t, _ in links_of(answer) if t.startswith(elsewhere.address)]
            assert mine
            assert all(target.startswith(here) for target in mine)
        page = client.get(f"{mount}{DOC}.html").text
        addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert addresses
        for address in set(addresses):
            assert address.startswith(f"{mount}/")
            assert client.get(address, follow_redirects=True).status_code == 200
        asked = client.get(f"{mount}/sparql", params={"query": "ASK {}"})
        assert asked.json()["boolean"] is True


def test_the_mount_without_its_slash_is_moved_and_what_only_begins_like_it_is_not(
    elsewhere: Any,
) -> None:
    with httpx.Client(base_url=elsewhere.address, timeout=60) as client:
        assert client.get("/kg").headers["Location"] == "/kg/"
        assert client.get("/kgx/class").status_code == 404
        assert client.get("/kg/kg/class").status_code == 404


def test_a_request_that_reached_a_trusted_proxy_by_http_is_moved_to_https(
    serve: Serve, served: Snapshot
) -> None:
    """Only where a proxy is trusted: anybody could send the header."""
    by_http = {"X-Forwarded-Proto": "http"}
    with serve(Limits(workers=1)) as running:
        untrusted = httpx.get(f"{running.address}{DOC}", headers=by_http)
    with serve(Limits(workers=1), trusted_proxies=["127.0.0.1"]) as running:
        moved = httpx.get(f"{running.address}/id/city/xx-veldhaven?a=b", headers=by_http)
        secure = httpx.get(f"{running.address}{DOC}", headers={"X-Forwarded-Proto": "https"})
        plain = httpx.get(f"{running.address}{DOC}")

    assert {untrusted.status_code, secure.status_code, plain.status_code} == {200}
    assert moved.status_code == 301
    assert moved.headers["Location"] == f"{BASE}id/city/xx-veldhaven?a=b"


def test_no_page_under_a_path_links_out_of_it(elsewhere: Any) -> None:
    with httpx.Client(base_url=elsewhere.address, timeout=60) as client:
        for path in ("/status", f"{DOC}?at=2021", "/about", "/class"):
            page = client.get(f"/kg{path}", headers={"Accept": "text/html"})
            assert page.status_code == 200
            for address in re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text):
                assert address.startswith("/kg/"), path


@pytest.mark.parametrize("extension", ["html", "ttl"])
def test_the_other_forms_of_what_held_in_a_year_are_of_that_year(
    client: httpx.Client, extension: str
) -> None:
    answer = client.get(f"{DOC}.{extension}?at=2021")
    others = {target for rel, target, _ in links_of(answer) if rel == "alternate"}

    assert len(others) == len(FORMS) - 1
    assert all(target.endswith("?at=2021") for target in others)
