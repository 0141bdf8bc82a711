"""Where the boxes and lines of a diagram go: in columns, from left to right.

The layout is Sugiyama's, by the library `fast_sugiyama`: each box in a layer, lines that pass a
layer at a place of their own in it, as few crossings as it finds. It works with boxes of equal
size from top to bottom; here its layers become columns, as wide as their widest box.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from fast_sugiyama import from_edges

_BEND: Final = 0.5  # room of a line that passes a column, in boxes


class Place(NamedTuple):
    """Where a box, or a line that passes, stands in its column.

    Attributes:
        x: Left edge of the column, and of the box.
        y: Middle of the box.
        width: Of the column.
    """

    x: float
    y: float
    width: float


class Layout(NamedTuple):
    """The places of nodes, and of the bends of each edge in the direction of the edge."""

    nodes: dict[str, Place]
    bends: dict[tuple[str, str], list[Place]]


def place(
    edges: Sequence[tuple[str, str]], widths: Mapping[str, float], *, row: float, gap: float
) -> Layout:
    """Return a layout of a graph; the same graph always gets the same one.

    Args:
        edges: From node to node; no node leads to itself, no edge is there twice.
        widths: Of each node.
        row: From the middle of one box to that of the next in a column.
        gap: Between two columns.
    """
    names = sorted(widths)
    numbers = {name: number for number, name in enumerate(names)}
    layouts = from_edges(
        [(numbers[source], numbers[target]) for source, target in edges],
        vertex_spacing=1,
        dummy_vertices=True,
        dummy_size=_BEND,
    )
    nodes: dict[str, Place] = {}
    bends: dict[tuple[str, str], list[Place]] = {}
    top = 0.0
    for positions, *_, pieces in sorted(layouts, key=lambda found: -len(found[0])):
        columns = _columns(dict(positions), names, widths, gap)
        lowest = min(x for _, (x, _) in positions)
        spots = {
            int(number): Place(columns[y][0], top + (x - lowest) * row, columns[y][1])
            for number, (x, y) in positions
        }
        nodes |= {names[n]: spot for n, spot in spots.items() if n < len(names)}
        chains = _chains([(int(a), int(b)) for a, b in pieces or ()], len(names))
        for source, target in edges:
            numbered = (numbers[source], numbers[target])
            if numbered in chains:
                bends[source, target] = [spots[number] for number in chains[numbered]]
        top = max(spot.y for spot in nodes.values()) + row
    return Layout(nodes, bends)


def _columns(
    positions: Mapping[int | str, tuple[float, float]],
    names: Sequence[str],
    widths: Mapping[str, float],
    gap: float,
) -> dict[float, tuple[float, float]]:
    """Return left edge and width of the column of each layer."""
    found: dict[float, float] = {}
    for number, (_, y) in positions.items():
        width = widths[names[int(number)]] if int(number) < len(names) else 0.0
        found[y] = max(found.get(y, 0.0), width)
    columns, x = {}, 0.0
    for y in sorted(found, reverse=True):
        columns[y] = (x, found[y])
        x += found[y] + gap
    return columns


def _chains(pieces: Sequence[tuple[int, int]], count: int) -> dict[tuple[int, int], list[int]]:
    """Return the bends of each edge, whichever way round the layout has taken it."""
    beside: dict[int, list[int]] = {}
    for a, b in pieces:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    found: dict[tuple[int, int], list[int]] = {}
    for start in range(count):
        for step in beside.get(start, ()):
            last, here, chain = start, step, []
            while here >= count:
                chain.append(here)
                last, here = here, next(other for other in beside[here] if other != last)
            found[start, here] = chain
    return found
