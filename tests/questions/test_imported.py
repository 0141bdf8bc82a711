"""Questions that need imports, on small invented ones, with answers counted by hand."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import queryfile
from kg.namespaces import shorten

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "queries" / "questions"


@pytest.fixture(scope="module")
def imported() -> ox.Store:
    """A default graph with what imports say."""
    store = ox.Store()
    store.load(path=HERE / "imported.trig", format=ox.RdfFormat.TRIG)
    return store


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        # Ayr sat in a network, Deal did not; both signed.
        ("signatories-outside-networks", [("pledge:covenant-2030", "cc:GBR", "2", "1")]),
        # Bray is left out for the other body of its city.
        ("programme-bodies-outside-covenant", [("cc:IRL", "mun:cobh")]),
        # The target of Bray is for the year of the Mission; Deal is not in it.
        ("own-targets-against-programme", [("mun:ayr", "v:net-zero", "2045", "2030")]),
        (
            "network-bodies-in-covenant-by-country",
            [("cc:GBR", "1", "1", "100"), ("cc:IRL", "1", "0", "0")],
        ),
        # Ayr: the Mission, the Covenant, Race to Zero, and URBACT by a network.
        ("bodies-in-many-programmes", [("mun:ayr", "4")]),
        ("covenant-by-country-and-status", [("cc:GBR", "2", "0"), ("cc:IRL", "1", "1")]),
        (
            "pledges-with-a-longer-own-target",
            [("mun:deal", "pledge:covenant-2050", "v:climate-neutrality", "2050", "2040")],
        ),
    ],
)
def test_a_question_answers_from_what_was_imported(
    imported: ox.Store, name: str, rows: list[tuple[str, ...]]
) -> None:
    text = queryfile.read(FOLDER / f"{name}.rq").text
    solutions = imported.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [tuple(told(term) for term in solution) for solution in solutions] == rows


def told(term: object) -> str:
    """A cell as it is written in a row above."""
    if isinstance(term, ox.NamedNode):
        return shorten(term.value)
    assert isinstance(term, ox.Literal)
    return term.value
