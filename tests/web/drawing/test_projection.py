"""The projection against numbers that others worked out."""

import json
import math
from importlib import resources

import pytest

from kg.web.drawing.projection import EUROPE, Projection

SNYDER = Projection(-100, 40, 3, 10, 10, 20, 20)


def test_the_worked_example_of_snyder_comes_out() -> None:
    # Map Projections: A Working Manual, appendix A, Lambert azimuthal equal area, sphere: R 3,
    # centre 40° N 100° W, point 20° S 100° E gives x -4.2339303 and y 4.0257775.
    found = SNYDER.place(100, -20)

    assert found == pytest.approx((10 - 4.2339303, 10 - 4.0257775), abs=1e-7)


def test_the_base_map_is_drawn_with_the_same_numbers() -> None:
    path = resources.files("kg.web") / "static" / "dist" / "europe.json"

    assert json.loads(path.read_text(encoding="utf-8")) == EUROPE._asdict()


def test_the_centre_of_the_map_is_where_it_is_said_to_be() -> None:
    assert EUROPE.place(10, 52) == (EUROPE.x, EUROPE.y)


def test_a_degree_at_the_centre_has_the_length_of_the_scale() -> None:
    north = EUROPE.place(10, 52.5)
    south = EUROPE.place(10, 51.5)

    assert north is not None
    assert south is not None
    assert south[1] - north[1] == pytest.approx(EUROPE.scale * math.radians(1), rel=1e-4)


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(-170, -52), (151.2, -33.9), (10, 91), (math.nan, 50), (math.inf, 50)],
    ids=["antipode", "Sydney", "beyond the pole", "no number", "infinite"],
)
def test_what_is_not_on_the_map_has_no_place(longitude: float, latitude: float) -> None:
    assert EUROPE.place(longitude, latitude) is None
