"""What every layer's tests stand on: the project's folder and the snapshot of its real data."""

import os
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build
from kg.snapshot import Snapshot

ROOT = Path(__file__).resolve().parent.parent

# Hundreds of processes are started here. Where whoever runs the tests keeps no bytecode, each would
# compile the libraries anew, which takes longer than most of what is tested; so theirs is kept.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / "build" / "bytecode")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the dataset."""
    return ROOT


@pytest.fixture(scope="session")
def five_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that does not grow: the facts of the five texts, under the rules of today.

    For tests of tools that tell lines and columns of files, or edit them, and for claims that
    hold of any data: what takes time by the size of the data takes no more when that grows.
    """
    place = tmp_path_factory.mktemp("five-texts")
    for part in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / part, place / part)
    shutil.copytree(ROOT / "tests" / "five-texts" / "data", place / "data")
    return place


@pytest.fixture(scope="session")
def five_built(five_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The snapshot of the five texts, built once for all tests."""
    return build(five_texts, tmp_path_factory.mktemp("five-workspace"))


@pytest.fixture(scope="session")
def five_store(five_built: Snapshot) -> ox.Store:
    """A store that holds the snapshot of the five texts; tests only read it."""
    return five_built.store()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The snapshot of the real data, built once for all tests."""
    return build(ROOT, tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="session")
def snapshot_store(built: Snapshot) -> ox.Store:
    """A store that holds the snapshot; tests only read it."""
    return built.store()
