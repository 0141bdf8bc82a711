"""Known mistakes in generated datasets: each is found by its rule at its place, and nothing else.

The places are worked out by the injector from the text that it writes (`benchmarks/faults.py`).
At 100 thousand and 1 million statements the same is done by `benchmarks/check.py`.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest
from curated import SIZES, make
from faults import GRAPH_KINDS, SYNTAX_KINDS, Expected, inject

from kg.check import run
from kg.findings import Finding

FAMILIES = frozenset(
    code
    for line in (
        "TXT NMS VOC REF LBL IRI PLC TIM PAR NET PLG SIG UND TGT PRG CLM SPN SRC FIG FUN",
        "DEC DUP LNK ROL PER PRV NSP PHS CNF NAM CMT",
    )
    for code in line.split()
)


def places(findings: Iterable[Finding]) -> list[Expected]:
    """Return what findings say, as the injector says it."""
    return sorted(Expected(each.code, each.path, each.line, each.column) for each in findings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A generated dataset of ten thousand statements."""
    make(tmp_path / "dataset", SIZES["s10k"])
    return tmp_path / "dataset"


def test_nothing_is_found_in_a_generated_dataset(folder: Path) -> None:
    report = run.check_dataset(folder)
    assert report.complete
    assert report.findings == []


@pytest.mark.parametrize("seed", [1, 2])
def test_each_mistake_is_found_at_its_place_and_nothing_else_is(folder: Path, seed: int) -> None:
    expected = inject(folder, GRAPH_KINDS.items(), seed)
    report = run.check_dataset(folder)
    assert report.complete
    assert places(report.findings) == sorted(expected)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_mistake_of_syntax_is_found_at_its_place_in_one_run(folder: Path, seed: int) -> None:
    expected = inject(folder, SYNTAX_KINDS.items(), seed)
    report = run.check_dataset(folder)
    assert not report.complete
    assert places(report.findings) == sorted(expected)


def test_every_family_of_rules_has_its_mistakes(folder: Path) -> None:
    expected = inject(folder, GRAPH_KINDS.items(), 1)
    assert {each.code[:3] for each in expected} == FAMILIES
    assert len(GRAPH_KINDS) >= 45
