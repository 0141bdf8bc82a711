"""How well a record fits a query: a score from 0 to 100, and the features that it is made of.

The features are those of the Reconciliation API: a name for each, and a number or a truth value.
Country, position and size never make a match; they only let one stand or fall.
"""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final

from kg.matching.index import Found
from kg.matching.keys import Form
from kg.matching.records import Point
from kg.names import BodyKind, core, fold

NEAR_KM: Final = 20.0  # between the middle of a city and the seat of its body, in one municipality
FAR_KM: Final = 60.0  # from here another place is meant, whatever its name

# The score that a form gives before anything else is known: (where nothing is alike, where all is).
_BY_FORM: Final[dict[Form, tuple[float, float]]] = {
    Form.EXACT: (100, 100),
    Form.FOLDED: (99, 99),
    Form.SPELLED: (97, 97),
    Form.CORE: (97, 97),
    Form.INFLECTED: (95, 95),
    Form.PART: (80, 95),
    Form.NEAR: (0, 95),
    Form.RELATED: (60, 60),
    Form.STARTING: (45, 80),
    Form.WORDS: (40, 75),
}
_EARTH_KM: Final = 6371.0088  # mean radius (IUGG)
# What is left of the score where something speaks against the candidate.
_OTHER_COUNTRY: Final = 0.4
_UNKNOWN_COUNTRY: Final = 0.9
_FAR: Final = 0.5
_NOT_NEAR: Final = 0.85
_OTHER_KIND: Final = 0.6
_OTHER_SIZE: Final = 0.9
_SIZE: Final = 10.0  # how many times larger one may be than the other before that counts


@dataclass(frozen=True)
class Features:
    """What a query and a candidate have in common.

    Attributes:
        form: In which respect the name is the same.
        likeness: Of the names, from 0 to 1.
        is_same_country: None where one of the two has no country.
        distance_km: Between the two points; None where one has none.
        population_ratio: Of the larger to the smaller, at least 1; None where one is unknown.
        is_same_kind: Whether the words in the name of the query tell the kind of body that the
            candidate is; a name without such words is taken for the city's own.
        is_located: Whether the candidate lies in a country.
    """

    form: Form
    likeness: float
    is_same_country: bool | None
    distance_km: float | None
    population_ratio: float | None
    is_same_kind: bool
    is_located: bool = True

    def as_json(self) -> list[dict[str, object]]:
        """Return the features that are known, as the API has them: numbers and truth values."""
        known: dict[str, object | None] = {
            f"name_{self.form.value}": True,
            "name_likeness": round(self.likeness, 3),
            "same_country": self.is_same_country,
            "distance_km": None if self.distance_km is None else round(self.distance_km, 1),
            "population_ratio": (
                None if self.population_ratio is None else round(self.population_ratio, 2)
            ),
            "same_kind": self.is_same_kind,
        }
        return [{"id": name, "value": value} for name, value in known.items() if value is not None]

    @property
    def score(self) -> float:
        """How well the candidate fits, from 0 to 100."""
        lowest, highest = _BY_FORM[self.form]
        score = lowest + (highest - lowest) * self.likeness
        if self.is_same_country is False:
            score *= _OTHER_COUNTRY
        elif self.is_same_country is None and self.is_located:
            score *= _UNKNOWN_COUNTRY
        if self.distance_km is not None and self.distance_km > NEAR_KM:
            score *= _NOT_NEAR if self.distance_km <= FAR_KM else _FAR
        if self.population_ratio is not None and self.population_ratio > _SIZE:
            score *= _OTHER_SIZE
        if not self.is_same_kind:
            score *= _OTHER_KIND
        return round(score, 1)


def features_of(
    name: str,
    found: Found,
    country: str | None,
    point: Point | None,
    population: float | None,
    body: BodyKind | None = None,
) -> Features:
    """Return the features of a candidate for a name and what is known of the thing meant.

    Args:
        name: As it was asked.
        found: The candidate, and which of its names led to it.
        country: The IRI of the country in which the thing meant lies.
        point: Where it lies.
        population: Its inhabitants.
        body: The kind of body that it is, where that is known apart from its name.
    """
    record = found.record
    return Features(
        found.form,
        found.likeness,
        None if None in (country, record.country) else country == record.country,
        None if point is None or record.point is None else distance_km(point, record.point),
        _ratio(population, record.population),
        _is_same_kind(name, found, body),
        record.is_located,
    )


def distance_km(one: Point, other: Point) -> float:
    """Return the length of the great circle between two points, in kilometres.

    >>> round(distance_km(Point(52.52, 13.405), Point(48.8566, 2.3522)))  # Berlin and Paris
    877
    """
    north, south = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude)
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(across / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))


def _ratio(one: float | None, other: float | None) -> float | None:
    if not one or not other or min(one, other) <= 0:
        return None
    return max(one, other) / min(one, other)


def _is_same_kind(name: str, found: Found, stated: BodyKind | None) -> bool:
    """Tell whether the name asks for the kind of body that the candidate is.

    A body that is asked for by its own main name is meant, whatever the words in it tell.
    """
    record = found.record
    is_by_main_name = found.name.kind == "main" and not found.name.of
    if stated is None and is_by_main_name and found.form in (Form.EXACT, Form.FOLDED):
        return True
    asked = stated or core(fold(name)).kind or BodyKind.CITY
    if record.body is None or found.name.of:
        return not record.is_located or asked == BodyKind.CITY
    return asked == record.body
