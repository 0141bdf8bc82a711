"""Pages of what another store holds: cut from one order, and made before a deadline."""

import asyncio
import threading
from contextlib import closing
from typing import Any, cast

import pyoxigraph as ox
import pytest

from kg.query.backend import QueryTimeoutError
from kg.query.patterns import PAGE_SIZE, Pattern, Variable
from kg.query.remote_store import RemoteStore
from kg.snapshot import Snapshot
from kg.web.deployment import ThreadPages
from kg.web.pages import Pages

TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


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
        subjects = [quad.subject.value for quad in whole if isinstance(quad.subject, ox.NamedNode)]

        assert len(whole) > 2 * PAGE_SIZE
        assert len(whole) == len(list(pattern.matches(snapshot_store)))
        assert subjects == sorted(subjects)


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
    assert whole == sorted(found, key=str)


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
