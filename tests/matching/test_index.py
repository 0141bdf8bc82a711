"""Ways from a text to names."""

from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from kg.matching import Form, Index, Name, Record


@pytest.fixture(scope="module")
def index() -> Index:
    """The names of a few places."""
    names = ("Klaipėda", "Vilnius", "Villach", "Frankfurt am Main", "Newcastle upon Tyne", "Ii")
    return Index(
        Record(f"x:{number}", names=(Name(text, "lt"),)) for number, text in enumerate(names)
    )


@pytest.mark.parametrize(
    "text", ["Klaipda", "Klaipedaa", "Klapieda", "Xlaipeda", "Klaipėdx", "Newcastl upon Tine"]
)
def test_one_or_two_slips_are_found(index: Index, text: str) -> None:
    found = index.near(text)
    assert [f.name.text for f in found] in (["Klaipėda"], ["Newcastle upon Tyne"])
    assert found[0].form == Form.NEAR
    assert 0.7 < found[0].likeness < 1


def test_short_names_have_no_slips(index: Index) -> None:
    assert index.near("Ie") == []


def test_three_slips_are_another_name(index: Index) -> None:
    assert index.near("Klxxxda") == []


def test_the_beginning_of_a_name_finds_it_in_the_order_of_the_alphabet(index: Index) -> None:
    assert [f.name.text for f in index.starting("VIL", 10)] == ["Villach", "Vilnius"]
    assert len(index.starting("vil", 1)) == 1
    assert index.starting("", 10) == []


def test_words_of_a_name_find_it(index: Index) -> None:
    assert [f.name.text for f in index.words("tyne newcastle", 5)] == ["Newcastle upon Tyne"]
    assert index.words("newcastle thames", 5) == []


def test_names_inside_a_text_are_found(index: Index) -> None:
    found = index.within("Klaipėda and Frankfurt am Main, two cities")
    assert [f.name.text for f in found] == ["Frankfurt am Main", "Klaipėda"]


def test_names_inside_a_text_of_very_many_words_are_found(index: Index) -> None:
    found = index.within("word " * 20_000 + "Frankfurt am Main")  # 200 million runs of its words
    assert [f.name.text for f in found] == ["Frankfurt am Main"]


def test_of_two_names_that_are_equally_near_the_main_one_is_given() -> None:
    names = (Name("Amburgo", "it", "hidden"), Name("Hamburg", "de"))
    assert [f.name.text for f in Index([Record("x:1", names=names)]).near("Amburg")] == ["Hamburg"]


TEXTS = st.text(ascii_lowercase[:6], min_size=1, max_size=12)


@given(names=st.lists(TEXTS, min_size=1, max_size=30), asked=TEXTS)
def test_no_name_in_reach_is_left_out(names: list[str], asked: str) -> None:
    reach = 2 if len(asked) >= 9 else 1
    wanted = {name for name in names if 0 < OSA.distance(asked, name) <= reach and len(name) >= 4}
    index = Index(
        Record(f"x:{number}", names=(Name(text),)) for number, text in enumerate(set(names))
    )
    found = {f.name.text for f in index.near(asked)}
    assert found == (wanted if len(asked) >= 5 else set())
