"""Names that a reader takes for one."""

import pytest

from kg.drafts.likeness import is_near, is_same
from kg.names import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kauno", "kaunas"),
        ("klaipedos", "klaipeda"),
        ("vilniaus", "vilnius"),
        ("kranju", "kranj"),
        ("velenja", "velenje"),
        ("zaliuju savivaldybiu nacionalini tinkla", "zaliuju savivaldybiu nacionalinis tinklas"),
        ("climte alliance", "climate alliance"),
        ("ljublana", "ljubljana"),
    ],
)
def test_an_inflected_or_mistyped_name_is_near(one: str, other: str) -> None:
    assert is_near(one, other)
    assert is_near(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kaunas", "kernave"),
        ("vilnius", "visaginas"),
        ("kranj", "krsko"),
        ("urbact ii", "urbact iii edition of another name"),
        ("mission 2030", "mission 2050"),
        ("paris", "parma"),
        ("climate alliance", "energy cities"),
    ],
)
def test_another_name_is_not_near(one: str, other: str) -> None:
    assert not is_near(one, other)


def test_words_that_say_what_a_thing_is_do_not_tell_two_names_apart() -> None:
    assert is_same(fold("City of Kaunas"), fold("Kaunas"))
    assert is_same(fold("Kauno miestas"), fold("Kauno"))
    assert is_same(fold("Petraitis Romualdas"), fold("Romualdas Petraitis"))
    assert not is_same(fold("Kaunas"), fold("Vilnius"))
