"""The canonical form of a snapshot is RDFC-1.0, by the tests of the W3C (see rdf-canon/)."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.snapshot import canonical

FOLDER = Path(__file__).parent / "rdf-canon"
CASES = sorted(path.name.removesuffix("-in.nq") for path in FOLDER.glob("*-in.nq"))


def test_all_cases_of_the_suite_but_the_two_left_out_are_here() -> None:
    assert len(CASES) == 63


@pytest.mark.parametrize("case", CASES)
def test_the_canonical_form_is_the_one_of_the_suite(case: str) -> None:
    quads = ox.parse(path=FOLDER / f"{case}-in.nq", format=ox.RdfFormat.N_QUADS)
    assert b"".join(canonical(quads)) == (FOLDER / f"{case}-rdfc10.nq").read_bytes()
