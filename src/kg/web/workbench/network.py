"""A graph drawn in rings: what is linked most in the middle, and the rest by its distance.

The rings are placed without chance, so that the same answer always looks the same. Lengths are in
px at the width in which it is shown on a wide screen.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

MOST: Final = 60  # things
SIZE: Final = 760.0
_EDGE: Final = 165.0  # kept free for names
_LABEL: Final = 24  # characters of a name
_NEAR: Final = 0.35  # of the full circle: how far from the vertical a name is centred


class Node(NamedTuple):
    """A thing.

    Attributes:
        key: Its own.
        label: What is written beside it.
        language: BCP 47 tag of the label, or empty.
        iri: What a click leads to; empty for nothing.
    """

    key: str
    label: str
    language: str = ""
    iri: str = ""


class Edge(NamedTuple):
    """A line between two things, by their keys, with what it says."""

    start: str
    end: str
    label: str = ""


class Placed(NamedTuple):
    """A thing in its place; `anchor` says on which side of `text_x` its name stands."""

    node: Node
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    short: str


class Segment(NamedTuple):
    """A line in its place."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str


class NetworkDrawing(NamedTuple):
    """A graph.

    Attributes:
        size: Width and height, in px.
        nodes: Its things.
        segments: Its lines.
        left_out: How many things are not drawn, because there are too many.
    """

    size: float
    nodes: tuple[Placed, ...]
    segments: tuple[Segment, ...]
    left_out: int


def rings(nodes: Iterable[Node], edges: Sequence[Edge]) -> NetworkDrawing:
    """Return the drawing of a graph.

    Args:
        nodes: With keys that differ.
        edges: Between them; a line of a thing to itself is left out.
    """
    known = {node.key: node for node in nodes}
    beside: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.start != edge.end:
            beside[edge.start].add(edge.end)
            beside[edge.end].add(edge.start)
    layers = _layers(list(known), beside)
    drawn = [key for layer in layers for key in layer]
    places = _places(layers)
    segments = [
        Segment(*places[edge.start], *places[edge.end], edge.label)
        for edge in edges
        if edge.start != edge.end and edge.start in places and edge.end in places
    ]
    return NetworkDrawing(
        SIZE,
        tuple(_placed(known[key], *places[key]) for key in drawn),
        tuple(dict.fromkeys(segments)),
        len(known) - len(drawn),
    )


def _layers(keys: Sequence[str], beside: dict[str, set[str]]) -> list[list[str]]:
    """Return the things by their distance from the one with most lines, `MOST` at most.

    What is not linked to it at all comes last, in a ring of its own.
    """
    order = {key: number for number, key in enumerate(keys)}
    if not order:
        return []
    middle = max(keys, key=lambda key: (len(beside[key]), -order[key]))
    seen, layer, layers, left = {middle}, [middle], [], MOST
    while layer and left > 0:
        layers.append(layer[:left])
        left -= len(layers[-1])
        following = dict.fromkeys(
            other for key in layers[-1] for other in sorted(beside[key], key=order.__getitem__)
        )
        layer = [key for key in following if key not in seen]
        seen.update(layer)
    apart = [key for key in keys if key not in seen][:left]
    return [*layers, apart] if apart else layers


def _places(layers: Sequence[Sequence[str]]) -> dict[str, tuple[float, float]]:
    middle = SIZE / 2
    step = (middle - _EDGE) / max(len(layers) - 1, 1)
    found = {}
    for number, layer in enumerate(layers):
        for position, key in enumerate(layer):
            angle = 2 * math.pi * (position + 0.5 * (number % 2)) / len(layer) - math.pi / 2
            x = middle + number * step * math.cos(angle)
            y = middle + number * step * math.sin(angle)
            found[key] = round(x, 1), round(y, 1)
    return found


def _placed(node: Node, x: float, y: float) -> Placed:
    """Return a thing with its name on the side that looks away from the middle."""
    across = (x - SIZE / 2) / (SIZE / 2)
    short = node.label if len(node.label) <= _LABEL else f"{node.label[: _LABEL - 1]}…"
    if abs(across) < _NEAR / 2:
        below = 20 if y >= SIZE / 2 else -12
        return Placed(node, x, y, x, y + below, "middle", short)
    is_right = across > 0
    return Placed(
        node, x, y, x + (11 if is_right else -11), y + 4, "start" if is_right else "end", short
    )
