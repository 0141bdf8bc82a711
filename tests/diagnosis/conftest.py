"""A small invented town, and what diagnoses a query about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.diagnosis import Diagnosis, diagnose

PREFIXES = """PREFIX ex: <https://example.org/ns#>
PREFIX town: <https://example.org/town/>
PREFIX club: <https://example.org/club/>
PREFIX graph: <https://example.org/graph/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
Ask = Callable[..., Diagnosis]


@pytest.fixture(scope="session")
def town() -> ox.Store:
    """The town."""
    store = ox.Store()
    store.load(path=Path(__file__).with_name("town.trig"), format=ox.RdfFormat.TRIG)
    return store


@pytest.fixture(scope="session")
def prefixes() -> str:
    """What stands before the queries; seven lines."""
    return PREFIXES


@pytest.fixture
def ask(town: ox.Store) -> Ask:
    """What diagnoses a query with the prefixes of the town."""

    def ask_town(query: str, **graphs: Any) -> Diagnosis:
        return diagnose(town, PREFIXES + query, **graphs)

    return ask_town
