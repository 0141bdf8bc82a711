"""Cases of names, as grammars and the sources of the graph have them."""

import pytest

from kg.names import declined, fold


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Klaipėda", "Klaipėdos"),
        ("Klaipėda", "Klaipėdoje"),
        ("Vilnius", "Vilniaus"),
        ("Vilnius", "Vilniuje"),
        ("Šiauliai", "Šiaulių"),
        ("Šiauliai", "Šiauliuose"),
        ("Kaunas", "Kauno"),
        ("Kaunas", "Kaune"),
        ("Panevėžys", "Panevėžio"),
        ("Tauragė", "Tauragėje"),
        ("Tauragė", "Tauragės"),
        ("Trakai", "Trakų"),
        ("Alytus", "Alytaus"),
        ("Kazlų Rūda", "Kazlų Rūdos"),
    ],
)
def test_a_lithuanian_name_has_its_cases(name: str, form: str) -> None:
    assert fold(form) in declined(name, "lt")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Ljubljana", "Ljubljano"),
        ("Ljubljana", "Ljubljane"),
        ("Ljubljana", "Ljubljani"),
        ("Velenje", "Velenja"),
        ("Velenje", "Velenju"),
        ("Kranj", "Kranja"),
        ("Kranj", "Kranju"),
        ("Maribor", "Mariborom"),
        ("Koper", "Kopra"),
        ("Nova Gorica", "Novi Gorici"),
        ("Nova Gorica", "Novo Gorico"),
        ("Novo mesto", "Novega mesta"),
        ("Novo mesto", "Novem mestu"),
        ("Domžale", "Domžalah"),
    ],
)
def test_a_slovenian_name_has_its_cases(name: str, form: str) -> None:
    assert fold(form) in declined(name, "sl")


def test_the_nominative_is_no_other_form() -> None:
    assert "ljubljana" not in declined("Ljubljana", "sl")


def test_of_other_languages_and_of_titles_no_forms_are_known() -> None:
    assert declined("Kaunas", "en") == frozenset()
    assert declined("Lietuvos žaliųjų savivaldybių tinklas", "lt") == frozenset()
