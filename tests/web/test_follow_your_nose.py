"""Every IRI of the dataset's own base leads somewhere: 200, 303 to 200, or 410, and never 404.

A walk as a crawler would do it: begin with the home page, the dataset, the ontology and the terms
of the snapshot; read each document; go on with what it names. Of the facts of the five texts, with
the ontology, the shapes and the questions of today, it goes everywhere. Of the real data, which
grows, it takes samples of a fixed size, drawn with a fixed seed from all that there is to go to.
Documents are made when they are asked for; test_printed.py has those that are made ahead.
"""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx
import pyoxigraph as ox
import pytest

from kg.query.service import Limits
from kg.snapshot import Snapshot

BASE = "https://w3id.org/citypledge/"
START = (
    *("", "dataset", "catalog", "ont", "shapes", "ref", "voc", "sparql", ".well-known/void"),
    *("question", "dump", "feed", "cite", "fragments", "history/city/lt-klaipeda"),
    *("timemap/city/lt-klaipeda", "incoming/city/lt-klaipeda", "cite/city/lt-klaipeda"),
)
SAMPLE = 400  # addresses of a kind of link, of the real data
FORMS = {"text/turtle": ox.RdfFormat.TURTLE, "application/n-quads": ox.RdfFormat.N_QUADS}


@dataclass(frozen=True)
class Walk:
    """Where a walk goes.

    Attributes:
        client: A client of the server; it follows no redirects.
        store: The snapshot that is served.
        most: How many addresses of a set are tried; None for all of them.
    """

    client: httpx.Client
    store: ox.Store
    most: int | None

    def some(self, addresses: set[Any]) -> list[Any]:
        """All of the addresses, or a sample of them, which is the same in each run."""
        found = sorted(addresses)
        if self.most is None or len(found) <= self.most:
            return found
        return random.Random(2026).sample(found, self.most)

    def few_of_each_kind(self) -> list[str]:
        """Two addresses of each kind, and those to start from."""
        by_kind: dict[str, list[str]] = {}
        for path in sorted(named_in(terms_of(self.store))):
            by_kind.setdefault("/".join(path.split("/")[:2]), []).append(path)
        return sorted({path for paths in by_kind.values() for path in paths[:2]} | set(START))


@contextmanager
def walk_over(
    serve: Callable[..., AbstractContextManager[Any]], snapshot: Snapshot, most: int | None
) -> Iterator[Walk]:
    with (
        serve(Limits(workers=2, per_minute=0, printed_things=0), snapshot) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield Walk(client, snapshot.store(), most)


@pytest.fixture(scope="module")
def whole(
    serve: Callable[..., AbstractContextManager[Any]], five_built: Snapshot
) -> Iterator[Walk]:
    """Everything that the five texts lead to."""
    with walk_over(serve, five_built, None) as found:
        yield found


@pytest.fixture(scope="module")
def sample(serve: Callable[..., AbstractContextManager[Any]], built: Snapshot) -> Iterator[Walk]:
    """Samples of what the real data leads to."""
    with walk_over(serve, built, SAMPLE) as found:
        yield found


@pytest.fixture(params=["whole", "sample"])
def walk(request: pytest.FixtureRequest) -> Walk:
    found: Walk = request.getfixturevalue(request.param)
    return found


def named_in(terms: list[Any]) -> set[str]:
    """The addresses below the base that terms name, without fragments."""
    found = set()
    for term in terms:
        if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
            found.add(term.value.removeprefix(BASE).partition("#")[0])
        elif isinstance(term, ox.Literal) and term.datatype.value.startswith(BASE):
            found.add(term.datatype.value.removeprefix(BASE).partition("#")[0])
    return found


def terms_of(quads: Any) -> list[Any]:
    return [term for quad in quads for term in (quad.subject, quad.predicate, quad.object)]


def arrived(client: httpx.Client, path: str, accept: str) -> httpx.Response | None:
    """The document that an address leads to in one step; None where it is gone."""
    answer = client.get("/" + path, headers={"Accept": accept})
    if answer.status_code in (302, 303):
        answer = client.get(answer.headers["Location"], headers={"Accept": accept})
    if answer.status_code == 410:
        return None
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    return answer


def test_every_iri_leads_to_a_document_that_names_only_such(walk: Walk) -> None:
    """What a document names beyond the terms of the snapshot is followed from a sample too."""
    known = named_in([*terms_of(walk.store), *walk.store.named_graphs()]) | set(START)
    waiting = walk.some(known)
    wrong: list[str] = []
    asked = 0
    while waiting:
        path = waiting.pop()
        asked += 1
        try:
            answer = arrived(walk.client, path, "text/turtle, */*;q=0.1")
        except AssertionError as error:
            wrong.append(str(error))
            continue
        kind = answer.headers["Content-Type"].split(";")[0] if answer is not None else ""
        if answer is None or kind not in FORMS:
            continue
        named = named_in(terms_of(ox.parse(answer.content, format=FORMS[kind])))
        waiting += sorted(named - known)
        known |= named

    assert not wrong, "\n".join([f"{len(wrong)} of {len(known)}", *wrong[:40]])
    assert asked == len(known) > 3000 if walk.most is None else asked >= walk.most


def test_every_link_of_a_page_leads_to_a_page(walk: Walk) -> None:
    """A few pages of each kind of address, and what those link to."""
    wrong, linked = [], set()
    for path in walk.few_of_each_kind():
        answer = arrived(walk.client, path, "text/html, */*;q=0.1")
        if answer is None or "html" not in answer.headers["Content-Type"]:
            continue
        for address in re.findall(r'(?:href|src|action)="(/[^"#]*)', answer.text):
            linked.add(address.replace("&amp;", "&"))
        for address in re.findall(r'href="(#[^"]+)"', answer.text):
            if f'id="{unquote(address[1:])}"' not in answer.text:
                wrong.append(f"{path}: {address} is nowhere on the page")
    for address in walk.some(linked):
        answer = walk.client.get(address, headers={"Accept": "*/*"}, follow_redirects=True)
        if answer.status_code not in (200, 410):
            wrong.append(f"{address}: {answer.status_code}")

    assert not wrong, "\n".join(wrong[:40])
    assert len(linked) > 200


def linked_by(answer: httpx.Response) -> Iterator[tuple[str, str]]:
    """The target and the media type of each link of a header (RFC 8288) and of a linkset."""
    links = r'<([^>]*)>((?:\s*;\s*[\w*]+="[^"]*")*)'
    for target, rest in re.findall(links, answer.headers.get("Link", "")):
        yield target.removeprefix(BASE[:-1]), "".join(re.findall(r'type="([^"]*)"', rest))
    if answer.headers["Content-Type"] == "application/linkset+json":
        for context in answer.json()["linkset"]:
            for targets in context.values():
                for target in targets if isinstance(targets, list) else ():
                    yield target["href"].removeprefix(BASE[:-1]), target.get("type", "")


def test_every_link_of_a_header_or_of_a_linkset_leads_to_what_it_says(walk: Walk) -> None:
    """A few pages of each kind of address, their linksets, and what those link to."""
    client = walk.client
    pages = [arrived(client, path, "text/html, */*;q=0.1") for path in walk.few_of_each_kind()]
    of_pages = {link for page in pages if page is not None for link in linked_by(page)}
    sets = [client.get(t) for t, kind in sorted(of_pages) if kind == "application/linkset+json"]
    found = of_pages | {link for each in sets for link in linked_by(each)}
    wrong = []
    for target, kind in walk.some(found):
        if not target.startswith("/"):
            continue
        answer = client.head(target, headers={"Accept": kind or "*/*"}, follow_redirects=True)
        sent = answer.headers["Content-Type"].split(";")[0]
        if answer.status_code not in (200, 410) or (kind and sent != kind):
            wrong.append(f"{target}: {answer.status_code} {sent}, said to be {kind}")

    assert not wrong, "\n".join(wrong[:40])
    assert len(sets) > 20
    assert len(found) > 1000
