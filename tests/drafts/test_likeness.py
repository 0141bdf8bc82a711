"""Names that a reader takes for one."""

import pytest

from kg.drafts.likeness import fold, is_near, is_same, slug


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("KAUNAS", "kaunas"),
        ("Šiauliai", "siauliai"),
        ("Łódź", "lodz"),
        ("Tromsø", "tromso"),
        ("Đakovo", "dakovo"),
        ("Gießen", "giessen"),
        ("İstanbul", "istanbul"),
        ("Ærøskøbing", "aeroskobing"),
        ("Žalioji  savivaldybė – 2030", "zalioji savivaldybe 2030"),
        ("RU:RBAN", "ru rban"),
        ("Αθήνα", "αθηνα"),
    ],
)
def test_a_folded_name_has_no_capitals_accents_and_marks(name: str, folded: str) -> None:
    assert fold(name) == folded


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


def test_a_slug_is_small_ascii_letters_digits_and_hyphens() -> None:
    assert slug("Žaliųjų savivaldybių tinklas (LT)") == "zaliuju-savivaldybiu-tinklas-lt"
    assert slug("Αθήνα") == ""
