"""What a diagram is made of: boxes with names in them, and lines that end in arrows.

Lengths are in px at the size in which a diagram is shown. `templates/drawing.svg` writes it.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from kg.web.vocabularies.layered import Place

MARGIN: Final = 10.0
LINE: Final = 18.0  # height of a line of text
EDGE: Final = 8.0  # between text and the edge of its box
_SIGN: Final = 7.4  # width of a letter at 13 px, on average
_CAPITAL: Final = 9.5
_WIDE: Final = 12.0  # of m and w
_BASELINE: Final = 4.5  # of text, above the lower edge of its line
_ARROW: Final = 7.0


class Text(NamedTuple):
    """A name on a diagram; `iri` is what it links to, or empty. Its place is where it begins."""

    x: float
    y: float
    text: str
    iri: str


class Box(NamedTuple):
    """A frame with names in it; `style` is `own`, `other`, `property` or `values`."""

    x: float
    y: float
    width: float
    height: float
    style: str
    texts: tuple[Text, ...]


class Wire(NamedTuple):
    """A line with an arrow at its end, both as SVG paths; dashed for `narrower than`."""

    path: str
    arrow: str
    is_dashed: bool = False


class Drawing(NamedTuple):
    """A diagram.

    Attributes:
        name: What it is called in its address.
        title: What it shows.
        description: The same in words, for whoever cannot see it.
        boxes: Classes, datatypes and, in the overview, properties.
        wires: Lines.
        texts: Names beside lines.
    """

    name: str
    title: str
    description: str
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    texts: tuple[Text, ...] = ()

    @property
    def width(self) -> float:
        """Of the whole."""
        return max((box.x + box.width for box in self.boxes), default=0) + MARGIN

    @property
    def height(self) -> float:
        """Of the whole."""
        return max((box.y + box.height for box in self.boxes), default=0) + MARGIN


def local(iri: str) -> str:
    """Return the last part of an IRI, the name that a diagram shows."""
    return iri.rpartition("#")[2].rpartition("/")[2]


def width_of(iri: str) -> float:
    """Return the width of a box that holds the name of a term."""
    name = local(iri)
    widths = (_WIDE if c in "mwMW" else _CAPITAL if c.isupper() else _SIGN for c in name)
    return round(sum(widths) + 2 * EDGE)


def box(
    x: float, y: float, iris: Iterable[str], style: str, *, width: float, height: float = 0
) -> Box:
    """Return a box with the names of terms below one another.

    Args:
        x: Left edge.
        y: Upper edge.
        iris: The terms; an empty one stands for anything.
        style: See `Box`.
        width: Of the box.
        height: Of the box, where it is more than the names need.
    """
    texts = tuple(
        Text(x + EDGE, y + EDGE / 2 + LINE * number - _BASELINE, local(iri) or "anything", iri)
        for number, iri in enumerate(iris, 1)
    )
    return Box(x, y, width, max(height, LINE * len(texts) + EDGE), style, texts)


def straight(start: float, end: float, y: float, *, is_dashed: bool) -> Wire:
    """Return a level line with an arrow at its end."""
    way = 1 if start < end else -1
    return Wire(f"M{start:g} {y:g}H{end:g}", _arrow(end, y, way), is_dashed)


def curve(places: Sequence[Place], widths: tuple[float, float], *, has_arrow: bool) -> Wire:
    """Return a line from box to box that is level in each column and bends between columns.

    Args:
        places: The columns that it goes through, from that of the first box to that of the last.
        widths: Of the first and the last box, which stand at the left of their columns.
        has_arrow: Whether it ends in one.
    """
    source, target = places[0], places[-1]
    way = 1 if source.x < target.x else -1
    x, y = source.x + (widths[0] if way > 0 else 0), source.y
    parts = [f"M{x:g} {y:g}"]
    if way > 0:
        x = source.x + source.width
        parts.append(f"H{x:g}")
    for spot in places[1:]:
        near, far = (spot.x, spot.x + spot.width)[::way]
        half = (x + near) / 2
        parts.append(f"C{half:g} {y:g} {half:g} {spot.y:g} {near:g} {spot.y:g}")
        x, y = (near, spot.y) if spot is target else (far, spot.y)
        if spot is not target:
            parts.append(f"H{x:g}")
    end = target.x if way > 0 else target.x + widths[1]
    parts.append(f"H{end:g}")
    return Wire("".join(parts), _arrow(end, y, way) if has_arrow else "")


def _arrow(x: float, y: float, way: int) -> str:
    back = x - way * _ARROW
    return f"M{x:g} {y:g}L{back:g} {y - _ARROW / 2:g}V{y + _ARROW / 2:g}Z"
