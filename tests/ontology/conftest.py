"""The ontology's files, parsed once for all tests of this folder."""

from pathlib import Path

import pytest
from rdflib import Graph

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def files() -> dict[str, Path]:
    """Every Turtle file of ontology/, by its path below that folder."""
    folder = ROOT / "ontology"
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.ttl"))}
    assert "citypledge.ttl" in found, f"no ontology under {folder}"
    return found


@pytest.fixture(scope="session")
def graphs(files: dict[str, Path]) -> dict[str, Graph]:
    """The content of every Turtle file of ontology/, by its path below that folder."""
    return {name: Graph().parse(path, format="turtle") for name, path in files.items()}


@pytest.fixture(scope="session")
def ontology(graphs: dict[str, Graph]) -> Graph:
    """The core ontology alone."""
    return graphs["citypledge.ttl"]
