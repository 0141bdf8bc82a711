"""The engine of the daily check does what the reference does, and what the W3C suite asks for.

`tests/shapes` compares the results of both engines on every case. Here the findings are compared,
with their places, words and related places.
"""

import re
from pathlib import Path

import pytest
from curated import make
from engines import EngineMissingError
from faults import GRAPH_KINDS, inject
from shacl_suite import Case, cases

from kg.check import run, shapes
from kg.findings import Finding

ROOT = Path(__file__).parents[2]


def told(findings: list[Finding]) -> list[tuple[object, ...]]:
    """Return all that is said, in an order that does not depend on that of the engine."""
    return sorted(
        (
            *(each.code, each.severity, str(each.span), str(each.said), each.found, each.focus),
            *(each.property, each.value, each.component, str(each.related)),
        )
        for each in findings
    )


def test_the_engines_find_the_same_in_a_generated_dataset(tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    make(root, 4)
    expected = inject(root, GRAPH_KINDS.items(), 1, as_many_as_fit=True)
    assert len({each.code for each in expected}) >= 45
    fast = run.check_dataset(root, "pyshifty")
    reference = run.check_dataset(root, "pyshacl")
    assert told(fast.findings) == told(reference.findings)


def suite(part: str) -> list[Case]:
    """Return a part of the W3C suite."""
    try:
        return list(cases(part))
    except EngineMissingError as error:
        pytest.skip(f"the suite of the W3C cannot be had here: {error}")


@pytest.mark.parametrize(("part", "number"), [("core", 98), ("sparql", 23)])
def test_the_engine_in_use_passes_the_suite_of_the_w3c(part: str, number: int) -> None:
    found = suite(part)
    assert len(found) == number
    assert {case.name for case in found if not case.passes(shapes.with_pyshifty)} == set()


def test_no_pattern_of_a_query_compares_a_value_that_may_be_no_number() -> None:
    """The engines differ on `"24" > 100`: an error in SPARQL, an order of types in rdflib."""
    for path in (ROOT / "shapes").glob("*.ttl"):
        for query in re.findall(r'sh:select """(.*?)"""', path.read_text("utf-8"), re.DOTALL):
            for left in re.findall(r"(\?\w+) [<>]=? (?:-?[0-9]|\?)", query):
                assert f"isNumeric({left})" in query or "COUNT(" in query, path
