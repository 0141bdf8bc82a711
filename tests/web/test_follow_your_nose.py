"""Every IRI of the dataset's own base leads somewhere: 200, 303 to 200, or 410, and never 404.

A walk over the real data as a crawler would do it: begin with the home page, the dataset, the
ontology and every term of the snapshot; read each document; go on with what it names.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
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
FORMS = {"text/turtle": ox.RdfFormat.TURTLE, "application/n-quads": ox.RdfFormat.N_QUADS}


@pytest.fixture(name="site", scope="module")
def a_server_of_the_real_data(
    serve: Callable[..., AbstractContextManager[Any]], built: Snapshot
) -> Iterator[Any]:
    with serve(Limits(workers=2, per_minute=0), built) as running:
        running.until(lambda _: running.front.deployment.printed is not None, "printing")
        yield running


@pytest.fixture(name="client")
def a_client_that_follows_by_hand(site: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.address, timeout=60) as client:
        yield client


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


def test_every_iri_leads_to_a_document_that_names_only_such(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    known = named_in([*terms_of(snapshot_store), *snapshot_store.named_graphs()]) | set(START)
    waiting = sorted(known)
    wrong: list[str] = []
    while waiting:
        path = waiting.pop()
        try:
            answer = arrived(client, path, "text/turtle, */*;q=0.1")
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
    assert len(known) > 3000


def test_every_link_of_a_page_leads_to_a_page(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    """One page of each kind of address, and all that those link to."""
    by_kind: dict[str, list[str]] = {}
    for path in sorted(named_in(terms_of(snapshot_store))):
        by_kind.setdefault("/".join(path.split("/")[:2]), []).append(path)
    known = {path for paths in by_kind.values() for path in paths[:2]} | set(START)
    wrong, linked = [], set()
    for path in sorted(known):
        answer = arrived(client, path, "text/html, */*;q=0.1")
        if answer is None or "html" not in answer.headers["Content-Type"]:
            continue
        for address in re.findall(r'(?:href|src|action)="(/[^"#]*)', answer.text):
            linked.add(address.replace("&amp;", "&"))
        for address in re.findall(r'href="(#[^"]+)"', answer.text):
            if f'id="{unquote(address[1:])}"' not in answer.text:
                wrong.append(f"{path}: {address} is nowhere on the page")
    for address in sorted(linked):
        answer = client.get(address, headers={"Accept": "*/*"}, follow_redirects=True)
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


def test_every_link_of_a_header_or_of_a_linkset_leads_to_what_it_says(
    client: httpx.Client, snapshot_store: ox.Store
) -> None:
    """A few pages of each kind of address, their linksets, and all that those link to."""
    by_kind: dict[str, list[str]] = {}
    for path in sorted(named_in(terms_of(snapshot_store))):
        by_kind.setdefault("/".join(path.split("/")[:2]), []).append(path)
    known = {path for paths in by_kind.values() for path in paths[:2]} | set(START)
    pages = [arrived(client, path, "text/html, */*;q=0.1") for path in sorted(known)]
    of_pages = {link for page in pages if page is not None for link in linked_by(page)}
    sets = [client.get(t) for t, kind in sorted(of_pages) if kind == "application/linkset+json"]
    found = of_pages | {link for each in sets for link in linked_by(each)}
    wrong = []
    for target, kind in sorted(found):
        if not target.startswith("/"):
            continue
        answer = client.head(target, headers={"Accept": kind or "*/*"}, follow_redirects=True)
        sent = answer.headers["Content-Type"].split(";")[0]
        if answer.status_code not in (200, 410) or (kind and sent != kind):
            wrong.append(f"{target}: {answer.status_code} {sent}, said to be {kind}")

    assert not wrong, "\n".join(wrong[:40])
    assert len(sets) > 20
    assert len(found) > 1000
