"""A small invented dataset, made once."""

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from generate import Summary, generate

CITIES = 300


@dataclass(frozen=True)
class Made:
    """A dataset that the generator has written."""

    nquads: Path
    summary: Summary
    store: ox.Store


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The dataset and a store that holds it; tests only read it."""
    nquads = tmp_path_factory.mktemp("generated") / "small.nq"
    summary = generate(nquads, CITIES, seed=3)
    store = ox.Store()
    store.bulk_load(path=str(nquads), format=ox.RdfFormat.N_QUADS)
    return Made(nquads, summary, store)
