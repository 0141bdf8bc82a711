"""What the tests of the description share."""

import pyoxigraph as ox
import pytest

BASE = "https://w3id.org/citypledge/"


@pytest.fixture(scope="session")
def described(snapshot_store: ox.Store) -> ox.Store:
    """A store whose default graph is `graph/meta` of the real data."""
    store = ox.Store()
    graph = ox.NamedNode(f"{BASE}graph/meta")
    for quad in snapshot_store.quads_for_pattern(None, None, None, graph):
        store.add(ox.Quad(*quad.triple))
    return store
