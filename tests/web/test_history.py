"""What each release changed: the history of a thing, and the feed of all changes (LDES, TREE)."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.release import make
from kg.snapshot import Snapshot
from kg.web.archiving import archived

BASE = "https://w3id.org/citypledge/"
TREE = "https://w3id.org/tree#"
LDES = "https://w3id.org/ldes#"
PROV = "http://www.w3.org/ns/prov#"
AS = "https://www.w3.org/ns/activitystreams#"
CS = "http://purl.org/vocab/changeset/schema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DCTERMS = "http://purl.org/dc/terms/"
ENDINGS = ("ttl", "jsonld", "rdf", "nt", "trig", "nq")


@pytest.fixture
def archive(past: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past.address, timeout=60) as client:
        yield client


def graph_of(client: httpx.Client, path: str, ending: str = "nt") -> ox.Store:
    answer = client.get(f"{path}.{ending}")
    assert answer.status_code == 200, path
    store = ox.Store()
    for quad in ox.parse(answer.content, format=ox.RdfFormat.from_extension(ending)):
        store.add(ox.Quad(*quad.triple))
    return store


def values(store: ox.Store, subject: str | None, predicate: str) -> list[str]:
    node = None if subject is None else ox.NamedNode(subject)
    found = store.quads_for_pattern(node, ox.NamedNode(predicate), None)
    return sorted(quad.object.value for quad in found if not isinstance(quad.object, ox.Triple))


def members(store: ox.Store) -> list[str]:
    return values(store, f"{BASE}feed#stream", f"{TREE}member")


# A worked example, by hand from `conftest.PAST`. Only things and concepts have a history.
HISTORY = {
    "network/harbour": ["2025.1 Create", "2025.2 Update", "2026.1 Update"],
    "city/xx-oldport": ["2025.1 Create", "2025.2 Delete"],
    "city/xx-newport": ["2025.2 Create", "2026.1 Update"],
}
# What was removed on request, and what only said something about it; of the rest nothing is told.
REMOVED = ("person/p-0001", "participation/pa-1", "claim/s4-001", "name/n-0001")


@pytest.mark.parametrize("name", HISTORY)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_history_tells_of_every_state(archive: httpx.Client, name: str, ending: str) -> None:
    store = graph_of(archive, f"/history/{name}", ending)
    thing = f"{BASE}id/{name}"
    states = [
        quad.subject.value
        for quad in store.quads_for_pattern(
            None, ox.NamedNode(f"{DCTERMS}isVersionOf"), ox.NamedNode(thing)
        )
        if isinstance(quad.subject, ox.NamedNode)
    ]
    told = []
    for state in sorted(states):
        kinds = [kind for kind in values(store, state, f"{RDF}type") if kind.startswith(AS)]
        told.append(f"{state.partition('#')[2]} {kinds[0].removeprefix(AS)}")

    assert told == HISTORY[name]
    assert all(state.startswith(f"{BASE}history/{name}#") for state in states)


def test_a_state_is_a_revision_of_the_one_before_it(archive: httpx.Client) -> None:
    store = graph_of(archive, "/history/network/harbour")
    state = f"{BASE}history/network/harbour#"

    assert values(store, f"{state}2026.1", f"{PROV}wasRevisionOf") == [f"{state}2025.2"]
    assert values(store, f"{state}2025.1", f"{PROV}wasRevisionOf") == []
    assert values(store, f"{state}2025.2", f"{PROV}generatedAtTime") == ["2025-09-01T12:00:00Z"]


def test_a_change_names_the_sources_of_what_came_and_went(archive: httpx.Client) -> None:
    store = graph_of(archive, "/history/network/harbour")
    changes = f"{BASE}history/network/harbour#2025.2-changes"

    def told(kind: str) -> list[tuple[list[str], list[str]]]:
        return [
            (values(store, each, f"{RDF}object"), values(store, each, f"{DCTERMS}source"))
            for each in values(store, changes, f"{CS}{kind}")
        ]

    assert told("addition") == [(["2020"], [f"{BASE}graph/source/s2"])]
    assert told("removal") == [(["2019"], [f"{BASE}graph/source/s1"])]


def test_the_page_has_the_newest_release_first(archive: httpx.Client) -> None:
    page = archive.get("/history/network/harbour", headers={"Accept": "text/html"}).text

    assert re.findall(r'<h2 id="([^"]*)">Release', page) == ["2026.1", "2025.2", "2025.1"]
    # A third source said what the accepted view held already.
    assert "accepted view unchanged" in page.partition('id="2025.2"')[0]


def test_a_thing_that_no_release_has_says_so(client: httpx.Client) -> None:
    answer = client.get("/history/network/harbour", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "No release has it yet" in answer.text
    assert client.get("/history/network/nowhere").status_code == 404


def test_the_page_of_a_thing_links_to_its_history(archive: httpx.Client) -> None:
    page = archive.get("/doc/network/harbour", headers={"Accept": "text/html"}).text

    assert 'href="/history/network/harbour"' in page
    assert 'href="/cite/network/harbour"' in page


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_feed_describes_its_stream(archive: httpx.Client, ending: str) -> None:
    store = graph_of(archive, "/feed", ending)
    stream = f"{BASE}feed#stream"

    assert values(store, stream, f"{RDF}type") == [f"{LDES}EventStream"]
    assert values(store, stream, f"{TREE}view") == [f"{BASE}feed"]  # exactly one
    assert values(store, stream, f"{LDES}timestampPath") == [f"{PROV}generatedAtTime"]
    assert values(store, stream, f"{LDES}versionOfPath") == [f"{DCTERMS}isVersionOf"]
    assert values(store, stream, f"{LDES}versionDeleteObject") == [f"{AS}Delete"]
    (relation,) = values(store, f"{BASE}feed", f"{TREE}relation")
    assert values(store, relation, f"{RDF}type") == [f"{TREE}GreaterThanOrEqualToRelation"]
    assert values(store, relation, f"{TREE}node") == [f"{BASE}feed/1"]
    assert values(store, relation, f"{TREE}path") == [f"{PROV}generatedAtTime"]
    assert values(store, relation, f"{TREE}value") == ["2025-03-01T12:00:00Z"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_feed_has_every_change_as_a_member(archive: httpx.Client, ending: str) -> None:
    store = graph_of(archive, "/feed/1", ending)

    assert members(store) == sorted(
        [
            f"{BASE}history/{name}#{change.partition(' ')[0]}"
            for name, changes in HISTORY.items()
            for change in changes
        ]
        + [f"{BASE}history/{name}#2026.1" for name in REMOVED]
    )
    for name in REMOVED:
        assert f"{AS}Delete" in values(store, f"{BASE}history/{name}#2026.1", f"{RDF}type")


def test_a_member_is_the_state_of_the_thing(archive: httpx.Client) -> None:
    store = graph_of(archive, "/feed/1")
    city = f"{BASE}history/city/"
    label = "http://www.w3.org/2004/02/skos/core#prefLabel"

    assert values(store, f"{city}xx-newport#2025.2", label) == ["Newport"]
    assert values(store, f"{city}xx-newport#2026.1", label) == ["Naujauostis", "Newport"]
    assert values(store, f"{city}xx-oldport#2025.2", label) == []
    assert f"{AS}Delete" in values(store, f"{city}xx-oldport#2025.2", f"{RDF}type")
    assert f"{BASE}ont#City" in values(store, f"{city}xx-newport#2025.2", f"{RDF}type")


def test_the_last_page_may_still_grow(archive: httpx.Client) -> None:
    answer = archive.get("/feed/1.nt")

    assert "immutable" not in answer.headers["Cache-Control"]
    assert "immutable" not in answer.text
    assert archive.get("/feed/2").status_code == 404
    for name in ("01", "0", "1.5", "1.foo", "x", "9" * 5000, "\u0661"):
        assert archive.get(f"/feed/{name}").status_code == 404


def test_without_a_release_the_feed_is_empty(client: httpx.Client) -> None:
    store = graph_of(client, "/feed")

    assert values(store, f"{BASE}feed#stream", f"{RDF}type") == [f"{LDES}EventStream"]
    assert values(store, None, f"{TREE}relation") == []
    assert client.get("/feed/1").status_code == 404
    assert "Nothing is released yet" in client.get("/feed", headers={"Accept": "text/html"}).text


def test_a_page_that_is_followed_by_another_stays_as_it_is(
    serve: Callable[..., AbstractContextManager[Any]],
    seal_quads: Callable[..., Snapshot],
    tmp_path: Path,
) -> None:
    def release(version: str, day: int, things: range) -> Snapshot:
        kind = ox.NamedNode(f"{BASE}ont#Event")
        quads = [
            ox.Quad(ox.NamedNode(f"{BASE}id/event/e-{number:04}"), ox.NamedNode(f"{RDF}type"), kind)
            for number in things
        ]
        snapshot = seal_quads(tmp_path, quads, version)
        moment = datetime(2026, 1, day, tzinfo=UTC)
        make(tmp_path, snapshot, moment, "test", more=archived(snapshot))
        return snapshot

    release("1", 1, range(250))
    snapshot = release("2", 2, range(340))
    with (
        serve(Limits(workers=1, deadline_s=60), snapshot, workspace=tmp_path) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        found = {f"/feed/{number}": client.get(f"/feed/{number}.nt") for number in (1, 2, 3, 4)}
        pages = {path: graph_of(client, path) for path in found}
        root = graph_of(client, "/feed")
        shown = client.get("/feed/2", headers={"Accept": "text/html"}).text
        whole = client.get("/feed", headers={"Accept": "text/html"}).text
        release("3", 3, range(341))
        running.do(running.front._look_back())
        assert client.get("/feed/4.nt").content != found["/feed/4"].content
        again = {path: client.get(f"{path}.nt") for path in found}

    counts = [len(members(page)) for page in pages.values()]
    assert counts == [100, 100, 100, 40]
    for path in ("/feed/1", "/feed/2", "/feed/3"):
        assert found[path].headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
        assert values(pages[path], BASE + path[1:], f"{LDES}immutable") == ["true"]
        assert again[path].content == found[path].content
        assert again[path].headers["ETag"] == found[path].headers["ETag"]
    # A page for people leads to the first page, the last one, and those beside it.
    assert re.findall(r'<li><a href="/feed/(\d+)"', shown) == ["1", "2", "3", "4"]
    assert re.findall(r'<li><a href="/feed/(\d+)"', whole) == ["1", "3", "4"]
    assert len(values(root, f"{BASE}feed", f"{TREE}relation")) == 7  # the last has no upper bound
    ordered = [
        sorted(values(page, None, f"{PROV}generatedAtTime"))[place]
        for page in pages.values()
        for place in (0, -1)
    ]
    assert ordered == sorted(ordered)


def local(client: httpx.Client, path: str) -> set[str]:
    """The addresses of this site that a graph names, without fragments."""
    found = set()
    for quad in ox.parse(client.get(f"{path}.nt").content, format=ox.RdfFormat.N_TRIPLES):
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                found.add("/" + term.value.removeprefix(BASE).partition("#")[0])
    return found


def test_every_address_that_the_feed_and_the_histories_name_answers(
    archive: httpx.Client,
) -> None:
    found = local(archive, "/feed") | local(archive, "/feed/1")
    for name in HISTORY:
        found |= local(archive, f"/history/{name}")
    own = {path for path in found if not path.startswith(("/ont", "/voc/"))}
    answers = {path: archive.get(path).status_code for path in own}

    assert {path: code for path, code in answers.items() if code not in (200, 303, 410)} == {}
    assert len(answers) > 20
