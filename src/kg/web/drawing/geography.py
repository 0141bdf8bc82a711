"""A map of Europe with points and lines on it, cut to what it shows.

The base map is one file for all pages; a map shows a part of it, enlarged. Names of points are
placed twice, for a wide and for a narrow screen, because a phone shows the same map at half the
size and needs larger type.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from kg.web.drawing.labels import Named, place_labels
from kg.web.drawing.projection import EUROPE

WIDE_TYPE: Final = 13.0  # size of names, in units of a map that is shown at its own width
NARROW_TYPE: Final = 25.0  # the same on a phone, where a map is shown at about half its width
MOST_LABELLED: Final = 300  # points among which names are placed; of more, none gets one
_MARGIN: Final = 60.0  # around the points, in units of the base map
_LEAST: Final = 420.0  # width of the part of the base map that is shown at least: 2,100 km
_BEND: Final = 0.13  # of a line, as a share of its length
_RADIUS: Final = 4.6
# Corners of the shapes, in radii from the place.
_OUTLINES: Final = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1.25), (1.2, 0.85), (-1.2, 0.85)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "hexagon": ((-0.6, -1), (0.6, -1), (1.2, 0), (0.6, 1), (-0.6, 1), (-1.2, 0)),
}


class Point(NamedTuple):
    """Something with a place.

    Attributes:
        key: Its own; lines name points by it.
        label: What is written beside it.
        longitude: In degrees east.
        latitude: In degrees north.
        kind: What colours it: a class of the style sheet, such as `city` or `network`.
        shape: `circle`, `square`, `triangle`, `diamond` or `hexagon`.
        language: BCP 47 tag of the label, or empty.
        address: The IRI of what a click leads to; empty for nothing.
        title: What a pointer that rests on it shows; the label where it is empty.
        is_main: Whether the map is about it.
    """

    key: str
    label: str
    longitude: float
    latitude: float
    kind: str = "city"
    shape: str = "circle"
    language: str = ""
    address: str = ""
    title: str = ""
    is_main: bool = False


class Line(NamedTuple):
    """A line between two points, by their keys; `kind` colours it."""

    start: str
    end: str
    kind: str = "network"


class Dot(NamedTuple):
    """A point on the map; `path` draws it."""

    point: Point
    x: float
    y: float
    path: str


class Curve(NamedTuple):
    """A line on the map."""

    path: str
    kind: str


class Name(NamedTuple):
    """A name on the map; its place is as in `kg.web.drawing.labels.Placed`."""

    point: Point
    x: float
    y: float
    anchor: str


class MapDrawing(NamedTuple):
    """A map.

    Attributes:
        width: In px.
        height: In px.
        transform: What brings the base map to its place, as SVG has it.
        dots: The points, the main one last, so that nothing covers it.
        curves: The lines.
        wide: The names for a wide screen.
        narrow: The names for a narrow one.
        beyond: What lies beyond the edge of the base map, or has no place on the earth.
    """

    width: float
    height: float
    transform: str
    dots: tuple[Dot, ...]
    curves: tuple[Curve, ...]
    wide: tuple[Name, ...]
    narrow: tuple[Name, ...]
    beyond: tuple[Point, ...]


class _Window(NamedTuple):
    """The part of the base map that is shown, and how much it is enlarged."""

    left: float
    top: float
    scale: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.left) * self.scale, 1), round((y - self.top) * self.scale, 1)

    @property
    def transform(self) -> str:
        x, y = -self.left * self.scale, -self.top * self.scale
        return f"translate({x:.1f} {y:.1f}) scale({self.scale:.4f})"


def europe_map(
    points: Iterable[Point],
    lines: Iterable[Line] = (),
    *,
    width: float = 720,
    height: float = 640,
    is_whole: bool = False,
) -> MapDrawing:
    """Return a map of some points and of lines between them.

    Args:
        points: With keys that differ.
        lines: A line to a point that is not on the map is left out.
        width: Of the map, in px on a wide screen.
        height: Of the map.
        is_whole: Whether all of the base map is shown, whatever the points are.
    """
    given = sorted(points, key=lambda point: point.is_main)
    found = [(point, EUROPE.place(point.longitude, point.latitude)) for point in given]
    places = {point.key: place for point, place in found if place is not None}
    window = _window([] if is_whole else list(places.values()), width, height)
    at = {key: window.place(*place) for key, place in places.items()}
    shown = [point for point in given if point.key in at]
    return MapDrawing(
        width,
        height,
        window.transform,
        tuple(Dot(point, *at[point.key], _mark(point, *at[point.key])) for point in shown),
        tuple(
            Curve(_bent(at[line.start], at[line.end]), line.kind)
            for line in lines
            if line.start in at and line.end in at
        ),
        _names(shown, at, WIDE_TYPE, width, height),
        _names(shown, at, NARROW_TYPE, width, height),
        tuple(point for point, place in found if place is None),
    )


def _window(places: Sequence[tuple[float, float]], width: float, height: float) -> _Window:
    """Return the smallest part of the base map with all places and a margin, in proportion."""
    if not places:
        places = [(0, 0), (EUROPE.width, EUROPE.height)]
    left, right = min(x for x, _ in places), max(x for x, _ in places)
    top, bottom = min(y for _, y in places), max(y for _, y in places)
    wide = max(right - left + 2 * _MARGIN, (bottom - top + 2 * _MARGIN) * width / height, _LEAST)
    wide = min(wide, EUROPE.width, EUROPE.height * width / height)
    high = wide * height / width
    x = min(max((left + right - wide) / 2, 0), EUROPE.width - wide)
    y = min(max((top + bottom - high) / 2, 0), EUROPE.height - high)
    return _Window(x, y, width / wide)


def _names(
    shown: Sequence[Point],
    at: dict[str, tuple[float, float]],
    size: float,
    width: float,
    height: float,
) -> tuple[Name, ...]:
    if len(shown) > MOST_LABELLED:
        shown = [point for point in shown if point.is_main]
    wanted = [Named(*at[point.key], point.label, point.is_main) for point in shown]
    placed = place_labels(wanted, size, width, height)
    return tuple(Name(shown[p.point], p.x, p.y, p.anchor) for p in placed)


def _bent(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a curve from one place to another, as an SVG path, bent to its left."""
    across, down = end[0] - start[0], end[1] - start[1]
    x = (start[0] + end[0]) / 2 + down * _BEND
    y = (start[1] + end[1]) / 2 - across * _BEND
    return f"M{start[0]:g} {start[1]:g}Q{x:.1f} {y:.1f} {end[0]:g} {end[1]:g}"


def _mark(point: Point, x: float, y: float) -> str:
    """Return the outline of a point, as an SVG path; of an unknown shape, that of a circle."""
    r = _RADIUS * (2 if point.is_main else 1)
    corners = _OUTLINES.get(point.shape)
    if corners is None:
        arc = f"a{r:g} {r:g} 0 1 0"
        return f"M{x - r:.1f} {y:.1f}{arc} {2 * r:g} 0{arc} {-2 * r:g} 0z"
    return "M" + "L".join(f"{x + r * dx:.1f} {y + r * dy:.1f}" for dx, dy in corners) + "z"
