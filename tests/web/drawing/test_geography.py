"""Maps: what is on them, and that nothing covers anything else."""

import re
from itertools import combinations

from kg.web.drawing import Line, Point, europe_map
from kg.web.drawing.geography import MOST_LABELLED, NARROW_TYPE, WIDE_TYPE
from kg.web.drawing.labels import text_width
from kg.web.drawing.projection import EUROPE

KLAIPEDA = Point("klaipeda", "Klaipėda", 21.14, 55.71, is_main=True)
TALLINN = Point("tallinn", "Tallinn", 24.75, 59.44, "network", "square")
BRAGA = Point("braga", "Braga", -8.43, 41.55, "network", "triangle")


def test_each_point_is_drawn_inside_the_map_and_the_main_one_last() -> None:
    drawing = europe_map([KLAIPEDA, TALLINN, BRAGA])

    assert [dot.point.key for dot in drawing.dots] == ["tallinn", "braga", "klaipeda"]
    for dot in drawing.dots:
        assert 0 < dot.x < drawing.width
        assert 0 < dot.y < drawing.height


def test_north_is_up_and_west_is_left() -> None:
    at = {dot.point.key: dot for dot in europe_map([KLAIPEDA, TALLINN, BRAGA]).dots}

    assert at["tallinn"].y < at["klaipeda"].y < at["braga"].y
    assert at["braga"].x < at["klaipeda"].x < at["tallinn"].x


def test_the_base_map_is_moved_as_the_points_are() -> None:
    drawing = europe_map([KLAIPEDA, TALLINN])
    found = re.fullmatch(r"translate\((\S+) (\S+)\) scale\((\S+)\)", drawing.transform)
    assert found is not None
    x, y, scale = map(float, found.groups())
    on_base = EUROPE.place(24.75, 59.44)
    assert on_base is not None
    tallinn = next(dot for dot in drawing.dots if dot.point.key == "tallinn")

    assert abs(on_base[0] * scale + x - tallinn.x) < 0.2
    assert abs(on_base[1] * scale + y - tallinn.y) < 0.2


def test_a_line_goes_from_point_to_point_and_one_to_nowhere_is_left_out() -> None:
    drawing = europe_map([KLAIPEDA, TALLINN], [Line("klaipeda", "tallinn"), Line("klaipeda", "x")])
    at = {dot.point.key: dot for dot in drawing.dots}
    (curve,) = drawing.curves

    assert curve.path.startswith(f"M{at['klaipeda'].x:g} {at['klaipeda'].y:g}Q")
    assert curve.path.endswith(f"{at['tallinn'].x:g} {at['tallinn'].y:g}")


def test_what_is_beyond_the_edge_is_told_and_not_drawn() -> None:
    sydney = Point("sydney", "Sydney", 151.2, -33.9)
    drawing = europe_map([KLAIPEDA, sydney])

    assert drawing.beyond == (sydney,)
    assert [dot.point.key for dot in drawing.dots] == ["klaipeda"]


def test_a_map_without_points_shows_all_of_europe() -> None:
    assert europe_map([]).transform == europe_map([KLAIPEDA], is_whole=True).transform


def test_no_name_covers_another_one() -> None:
    # Eighty places on a grid so narrow that not all names fit.
    points = [
        Point(f"p{x}-{y}", f"Place {x} {y}", 5 + x * 0.8, 45 + y * 0.6)
        for x in range(10)
        for y in range(8)
    ]
    drawing = europe_map(points)

    for names, size in ((drawing.wide, WIDE_TYPE), (drawing.narrow, NARROW_TYPE)):
        assert 0 < len(names) < len(points)
        boxes = []
        for name in names:
            wide = text_width(name.point.label, size)
            left = name.x - {"start": 0, "end": wide, "middle": wide / 2}[name.anchor]
            boxes.append((left, left + wide, name.y))
        for first, second in combinations(boxes, 2):
            is_beside = first[1] <= second[0] or second[1] <= first[0]
            assert is_beside or abs(first[2] - second[2]) >= size


def test_the_main_point_has_its_name_even_among_many() -> None:
    crowd = [Point(f"p{n}", "Name", 10 + n / 1000, 50) for n in range(MOST_LABELLED)]
    drawing = europe_map([*crowd, KLAIPEDA])

    assert [name.point.key for name in drawing.wide] == ["klaipeda"]
