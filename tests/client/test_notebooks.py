"""The notebooks, run from beginning to end against a real server, and what comes out of them."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import nbformat
import pyoxigraph as ox
import pytest

from kg.namespaces import ONT, RDF, SKOS

EXECUTE = str(Path(sys.executable).with_name("jupyter-execute"))
NAMES = ("cross-network", "commitments")
TYPE = ox.NamedNode(RDF + "type")


def term(name: str) -> ox.NamedNode:
    return ox.NamedNode(ONT + name)


def pairs(store: ox.Store, name: str) -> list[tuple[Any, Any]]:
    """Subject and value of each statement of a property, in the accepted view."""
    found = store.quads_for_pattern(None, term(name), None, ox.DefaultGraph())
    return [(quad.subject, quad.object) for quad in found]


def is_a(store: ox.Store, thing: Any, kind: str) -> bool:
    return ox.Quad(thing, TYPE, term(kind), ox.DefaultGraph()) in store


def has_english_name(store: ox.Store, thing: Any) -> bool:
    name = ox.NamedNode(SKOS + "prefLabel")
    found = store.quads_for_pattern(thing, name, None, ox.DefaultGraph())
    return any(getattr(quad.object, "language", None) == "en" for quad in found)


@pytest.fixture
def run(root: Path, service: str, tmp_path: Path) -> Any:
    """What runs a notebook as people run it, and gives the value of an expression at its end."""

    def run_it(name: str, expression: str) -> Any:
        book = nbformat.read(root / "docs" / "notebooks" / f"{name}.ipynb", as_version=4)
        asked = f"import json\nprint(json.dumps({expression}))"
        book.cells.append(nbformat.v4.new_code_cell(asked))
        file = tmp_path / f"{name}.ipynb"
        nbformat.write(book, file)
        own = {"CITYPLEDGE_URL": service, "IPYTHONDIR": str(tmp_path)}
        own |= {"JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
        command = [EXECUTE, "--inplace", "--kernel_name=python3", "--timeout=300", str(file)]
        done = subprocess.run(
            command, env=os.environ | own, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(nbformat.read(file, as_version=4).cells[-1].outputs[0]["text"])

    return run_it


def test_every_notebook_is_run_here(root: Path) -> None:
    assert {path.stem for path in (root / "docs" / "notebooks").glob("*.ipynb")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_kept_without_outputs(root: Path, name: str) -> None:
    book = nbformat.read(root / "docs" / "notebooks" / f"{name}.ipynb", as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_networks_share_the_cities_that_the_statements_say(
    run: Any, snapshot_store: ox.Store
) -> None:
    bodies = defaultdict(set)
    for tie, body in pairs(snapshot_store, "participant"):
        bodies[tie].add(body)
    cities = defaultdict(set)
    for body, city in pairs(snapshot_store, "governs"):
        if is_a(snapshot_store, city, "City") and has_english_name(snapshot_store, city):
            cities[body].add(city)
    members = defaultdict(set)
    for tie, network in pairs(snapshot_store, "participationIn"):
        if is_a(snapshot_store, network, "Network") and has_english_name(snapshot_store, network):
            for body in bodies[tie]:
                members[network] |= cities[body]
    expected = sorted(
        (len(members[one] & members[other]) for one, other in combinations(members, 2)),
        reverse=True,
    )
    assert expected[0] > 1
    found = run("cross-network", "[len(members), overlaps['shared'].tolist()]")
    assert found[0] == sum(len(each) for each in members.values())
    assert found[1] == [number for number in expected if number]


def test_signatures_and_targets_are_those_that_the_statements_say(
    run: Any, snapshot_store: ox.Store
) -> None:
    signed = pairs(snapshot_store, "signs")
    years = [year.value for _, year in pairs(snapshot_store, "targetYear")]
    targets = [one for one, _ in pairs(snapshot_store, "targetYear")]
    own = [each for each in pairs(snapshot_store, "setBy") if each[0] in targets]
    signers = dict(pairs(snapshot_store, "signatory"))
    promised = {
        (target, signers[signature])
        for target, whole in pairs(snapshot_store, "targetOf")
        for signature, pledge in signed
        if pledge == whole
    }
    number = "commitments.filter(pl.col('way') == '{}').height"
    expression = (
        "[signatures['signature'].n_unique(), len(by_2030),"
        f" {number.format('set by itself')}, {number.format('signed')}]"
    )
    expected = [len(signed), years.count("2030"), len(own), len(promised)]
    assert min(expected) > 0
    assert run("commitments", expression) == expected
