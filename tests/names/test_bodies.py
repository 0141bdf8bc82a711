"""Words of bodies, and what they tell."""

import tomllib
from pathlib import Path

import pytest

from kg import names
from kg.names import BodyKind, core, fold, parts


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("City of Kaunas", "kaunas"),
        ("Municipality of Rome", "rome"),
        ("Comune di Bologna", "bologna"),
        ("Ayuntamiento de Granada", "granada"),
        ("Ajuntament de Sabadell", "sabadell"),
        ("Ville de La Rochelle", "la rochelle"),
        ("Stadt Dortmund", "dortmund"),
        ("Gemeente Breda", "breda"),
        ("Malmö stad", "malmo"),
        ("Dublin City Council", "dublin"),
        ("Mestna občina Kranj", "kranj"),
        ("Klaipėdos m. sav.", "klaipedos"),
        ("Câmara Municipal do Porto", "porto"),
        ("Primăria Municipiului Suceava", "suceava"),
        ("Gmina Miasto Koszalin", "koszalin"),
        ("İzmir Büyükşehir Belediyesi", "izmir"),
        ("Statutární město Liberec", "liberec"),
        ("Oulun kaupunki", "oulun"),
    ],
)
def test_words_of_the_city_itself_are_taken_off(name: str, place: str) -> None:
    assert core(fold(name)) == (place, BodyKind.CITY)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Città metropolitana di Bologna", BodyKind.METROPOLIS),
        ("Nantes Métropole", BodyKind.METROPOLIS),
        ("Provincia di Torino", BodyKind.COUNTY),
        ("Antwerp Province", BodyKind.COUNTY),
        ("Cork County Council", BodyKind.COUNTY),
        ("Region of Murcia", BodyKind.REGION),
        ("Mancomunidad de Pamplona", BodyKind.ASSOCIATION),
        ("Unione dei Comuni di Parma", BodyKind.ASSOCIATION),
        ("Kaunas District Municipality", BodyKind.DISTRICT),
        ("Klaipėdos rajono savivaldybė", BodyKind.DISTRICT),
        ("London Borough of Camden", BodyKind.QUARTER),
    ],
)
def test_words_of_another_body_tell_its_kind(name: str, kind: BodyKind) -> None:
    assert core(fold(name)).kind == kind


@pytest.mark.parametrize("name", ["Kaunas", "Grad", "Municipality", "Bad Neustadt"])
def test_a_name_is_never_taken_for_words_of_a_body_alone(name: str) -> None:
    assert core(fold(name)) == (fold(name), None)


def test_a_group_of_words_stands_under_one_kind_only() -> None:
    listed = tomllib.loads(Path(names.__file__).with_name("bodies.toml").read_text())
    for kinds in listed.values():
        groups = [group for text in kinds.values() for group in text.split()]
        assert sorted(groups) == sorted(set(groups))


def test_both_names_of_a_place_are_found() -> None:
    assert parts("Bolzano/Bozen").alternatives == ("Bolzano", "Bozen")
    assert parts("San Sebastián - Donostia").alternatives == ("San Sebastián", "Donostia")
    assert parts("München (Munich)").alternatives == ("München", "Munich")
    assert parts("Vitoria-Gasteiz").alternatives == ()


def test_what_stands_in_brackets_is_told_apart() -> None:
    assert parts("Frankfurt (Oder)").inside == ("Oder",)


def test_the_members_of_a_group_are_found() -> None:
    text = "Alkmaar, Bergen, Castricum & Heiloo"
    assert parts(text).members == ("Alkmaar", "Bergen", "Castricum", "Heiloo")
    assert parts("Klaipėda").members == ()
