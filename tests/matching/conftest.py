"""A small registry with the traps of names in Europe."""

from collections.abc import Callable

import pytest

from kg.matching import Matcher, Name, Point, Record
from kg.names import BodyKind
from kg.namespaces import ONT, PREFIXES

CITY = ONT + "City"
MUNICIPALITY = ONT + "Municipality"
Place = Callable[..., list[Record]]


def city_and_body(
    slug: str, names: str, country: str, point: tuple[float, float], population: float
) -> list[Record]:
    """A city and the body that runs it, with names such as `Klaipėda@lt Memel`."""
    found = []
    for word in names.split("; "):
        text, _, language = word.partition("@")
        found.append(Name(text, language, "main" if language else "hidden", "graph:registry"))
    place = f"{PREFIXES['city']}{slug}"
    common = {
        "country": PREFIXES["cc"] + country,
        "point": Point(*point),
        "population": population,
        "is_located": True,
    }
    city = Record(place, frozenset({CITY}), tuple(found), **common)
    body = Record(
        f"{PREFIXES['mun']}{slug}",
        frozenset({MUNICIPALITY}),
        (Name(f"Municipality of {found[0].text}", "en"), *(n._replace(of=place) for n in found)),
        body=BodyKind.CITY,
        governs=(place,),
        **common,
    )
    return [city, body]


@pytest.fixture(scope="session")
def small() -> list[Record]:
    """The records."""
    bordeaux = Record(
        f"{PREFIXES['mun']}fr-bordeaux-metropole",
        frozenset({MUNICIPALITY}),
        (Name("Bordeaux Métropole", "fr"),),
        PREFIXES["cc"] + "FRA",
        Point(44.84, -0.58),
        body=BodyKind.METROPOLIS,
        is_located=True,
    )
    network = Record(
        f"{PREFIXES['net']}urbact-rurban", frozenset({ONT + "Network"}), (Name("RU:RBAN", "en"),)
    )
    return [
        *city_and_body("lt-klaipeda", "Klaipėda@lt; Memel", "LTU", (55.71, 21.13), 150_000),
        *city_and_body("si-ljubljana", "Ljubljana@sl; Laibach", "SVN", (46.05, 14.51), 272_000),
        *city_and_body("pl-lodz", "Łódź@pl", "POL", (51.77, 19.46), 690_000),
        *city_and_body("es-valencia", "Valencia@es; València", "ESP", (39.47, -0.38), 824_000),
        *city_and_body("es-cordoba", "Córdoba@es", "ESP", (37.89, -4.78), 325_000),
        *city_and_body("no-bergen", "Bergen@nb", "NOR", (60.39, 5.33), 286_000),
        *city_and_body("be-mons", "Mons@fr; Bergen", "BEL", (50.45, 3.96), 95_000),
        *city_and_body("nl-breda", "Breda@nl", "NLD", (51.59, 4.78), 184_000),
        *city_and_body("de-halle", "Halle (Saale)@de", "DEU", (51.48, 11.97), 240_000),
        *city_and_body("de-halle-westfalen", "Halle (Westf.)@de", "DEU", (52.06, 8.36), 21_000),
        *city_and_body(
            "de-frankfurt-am-main", "Frankfurt am Main@de; Frankfurt", "DEU", (50.12, 8.68), 750_000
        ),
        *city_and_body("it-bolzano", "Bolzano@it; Bozen@de", "ITA", (46.5, 11.35), 107_000),
        *city_and_body("it-napoli", "Napoli@it; Naples@en", "ITA", (40.85, 14.27), 909_000),
        *city_and_body("gr-athina", "Αθήνα@el; Athens@en", "GRC", (37.98, 23.73), 664_000),
        *city_and_body("at-st-polten", "St. Pölten@de", "AUT", (48.2, 15.63), 56_000),
        bordeaux,
        network,
    ]


@pytest.fixture(scope="session")
def matcher(small: list[Record]) -> Matcher:
    """What matches names to them."""
    return Matcher(small)
