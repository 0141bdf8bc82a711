"""Pages of what another store holds: cut from one order, and made before a deadline."""

import asyncio
import threading
from collections.abc import Iterable
from contextlib import closing
from typing import Any, cast

import pyoxigraph as ox
import pytest

from kg.description import pointing
from kg.query import remote_store
from kg.query.backend import QueryTimeoutError
from kg.query.patterns import PAGE_SIZE, Pattern, Variable, in_order
from kg.query.remote_store import RemoteStore
from kg.snapshot import Snapshot, has_blank
from kg.web.deployment import ThreadPages
from kg.web.pages import Pages

TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def as_lines(quads: Iterable[ox.Quad]) -> list[str]:
    return [str(quad) for quad in quads]


def blank_first(line: str) -> tuple[bool, str]:
    return not has_blank(line.encode()), line


def test_pages_of_a_pattern_are_cut_from_one_order(
    server: Any, built: Snapshot, snapshot_store: ox.Store
) -> None:
    """SPARQL 1.1 Query, section 15.4: parts are of use only where the whole is ordered."""
    label = ox.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    every, default = Variable(), ox.DefaultGraph()
    for pattern in (
        Pattern((every, TYPE, every, default)),
        Pattern((every, label, every, default)),
        Pattern((every, TYPE, every, every)),
    ):
        with closing(RemoteStore(server.engine.query_url)) as store:
            whole = list(pattern.matches(store))
        assert len(whole) > 2 * PAGE_SIZE
        assert as_lines(whole) == as_lines(pattern.matches(snapshot_store))


@pytest.mark.parametrize("graph", ["shapes", "lists", "source/s004"])
def test_a_graph_has_the_order_of_the_snapshot_in_memory(
    server: Any, built: Snapshot, snapshot_store: ox.Store, graph: str
) -> None:
    """The shapes have blank nodes, the lists texts in many languages, a source periods."""
    name = ox.NamedNode(f"{built.manifest.base}graph/{graph}")
    with closing(RemoteStore(server.engine.query_url)) as store:
        theirs = as_lines(in_order(store, None, None, None, name))
    sealed = ox.parse(path=built.nquads, format=ox.RdfFormat.N_QUADS)
    lines = as_lines(quad for quad in sealed if quad.graph_name == name)

    assert theirs == as_lines(in_order(snapshot_store, None, None, None, name))
    assert theirs == sorted(lines, key=blank_first)


def test_what_points_at_a_thing_has_the_same_pages_where_it_is_not_counted(
    server: Any, built: Snapshot, snapshot_store: ox.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class of claims, which more point at than are counted or fetched at once."""
    monkeypatch.setattr(pointing, "MAX_COUNTED", 150)
    monkeypatch.setattr(remote_store, "MOST_INCOMING", 100)
    thing = ox.NamedNode(f"{built.manifest.base}ont#Claim")
    assert built.manifest.classes[thing.value] > 4 * pointing.PAGE
    last = -(-built.manifest.classes[thing.value] // pointing.PAGE)
    with closing(RemoteStore(server.engine.query_url)) as store:
        here, there = (pointing.Pointing(each, thing) for each in (snapshot_store, store))
        for number in (1, 2, 3, last):
            assert as_lines(there.page(number)) == as_lines(here.page(number))
            assert there.pages(number) == here.pages(number)
        every = [line for number in range(1, last + 1) for line in as_lines(there.page(number))]
    assert len(every) == len(set(every)) > built.manifest.classes[thing.value]


def test_what_is_kept_of_another_store_has_the_same_order_when_it_is_asked_for_again(
    server: Any, built: Snapshot
) -> None:
    few = {kind: number for kind, number in built.manifest.classes.items() if number < 200}
    largest = ox.NamedNode(max(few, key=few.__getitem__))
    pattern = Pattern((Variable(), TYPE, largest, ox.DefaultGraph()))
    with closing(RemoteStore(server.engine.query_url)) as store:
        whole = list(pattern.matches(store))
        found = list(store.quads_for_pattern(None, TYPE, largest, ox.DefaultGraph()))

    assert len(found) > 50
    assert as_lines(whole) == sorted(as_lines(found))


def test_a_page_that_is_not_made_in_time_is_an_error() -> None:
    may_end = threading.Event()

    class Waiting:
        def respond(self, job: dict[str, Any]) -> None:
            may_end.wait()

    async def ask() -> None:
        pages = ThreadPages(cast(Pages, Waiting()), cast(RemoteStore, None), deadline_s=0.01)
        try:
            await pages.page({})
        finally:
            may_end.set()

    with pytest.raises(QueryTimeoutError, match="not made in"):
        asyncio.run(ask())
