"""Diagrams of the model, drawn from the ontology itself: the whole, and what is around each class.

A property is a box of its own between the classes that have it and those of its values. So no line
runs through a name: the layout keeps lines and boxes apart. What is drawn are local names, which
are the same in every language; `templates/diagram.svg` makes SVG of it, with links to the terms.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import RDF, RDFS, SKOS
from kg.web.vocabularies.graph import Vocabularies
from kg.web.vocabularies.layered import Place, place
from kg.web.vocabularies.terms import DOMAINS, RANGES, with_domain, with_range

OVERVIEW: Final = "overview"
_SIGN: Final = 7.7  # width of a letter at 13 px, on average, in px
_LINE: Final = 18.0  # height of a line of text
_EDGE: Final = 8.0  # between text and the edge of its box
_MARGIN: Final = 10.0
_ROW: Final = 34.0  # from one box to the next, in the overview
_GAP: Final = 36.0  # between two columns, in the overview
_ARROW: Final = 7.0
_LEFT: Final = 170.0  # width of the box of the class in the middle
_WIRE: Final = 200.0  # length of a line to a neighbour
_RIGHT: Final = 190.0
_ENOUGH: Final = 2
_FEW_ENDS: Final = 5
_MOST_ENDS: Final = 7  # classes that a property of the overview may tie
_OFTEN: Final = 6  # properties that the overview has because they are used most
# What nearly every class has to do with says nothing about one of them.
_EVERYWHERE: Final = frozenset((SKOS + "Concept", RDF + "Property", RDFS + "Resource"))


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
        width: In px.
        height: In px.
        boxes: Classes, datatypes and, in the overview, properties.
        texts: Names beside lines.
        wires: Lines.
    """

    name: str
    title: str
    description: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]
    wires: tuple[Wire, ...]


class Tie(NamedTuple):
    """A property between classes, by IRI."""

    prop: str
    domains: tuple[str, ...]
    ranges: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many classes it ties."""
        return len(self.domains) + len(self.ranges)


def overview(terms: Vocabularies, uses: Mapping[str, int]) -> Drawing:
    """Return the diagram of the whole model.

    It has the properties that tie two classes, and of the others enough for each class to be
    there: see `_main_ties`. A class without any stands alone, below.

    Args:
        terms: Of the ontology.
        uses: Number of statements of the data with each property.
    """
    ties = _main_ties(terms, uses)
    edges = [(a, tie.prop) for tie in ties for a in tie.domains]
    edges += [(tie.prop, b) for tie in ties for b in tie.ranges]
    properties = {tie.prop for tie in ties}
    widths = {iri: _width(_local(iri)) for edge in edges for iri in edge}
    found = place(edges, widths, row=_ROW, gap=_GAP)
    top = _MARGIN + _ROW / 2 - min((spot.y for spot in found.nodes.values()), default=0)
    boxes = {
        iri: _box(
            _MARGIN + spot.x,
            top + spot.y - (_LINE + _EDGE) / 2,
            widths[iri],
            [(_local(iri), iri)],
            "property" if iri in properties else _style(terms, iri),
        )
        for iri, spot in found.nodes.items()
    }
    wires = tuple(
        _curve(
            [
                _shifted(found.nodes[source], top),
                *(_shifted(bend, top) for bend in bends),
                _shifted(found.nodes[target], top),
            ],
            (boxes[source].width, boxes[target].width),
            has_arrow=target not in properties,
        )
        for (source, target), bends in found.bends.items()
    )
    lowest = max((box.y + box.height for box in boxes.values()), default=0)
    alone = _in_a_row(sorted(_own_classes(terms) - boxes.keys()), lowest + _EDGE)
    every = (*boxes.values(), *alone)
    return Drawing(
        OVERVIEW,
        "The model: classes and the properties between them",
        " ".join(f"{_words(tie)}." for tie in ties),
        max((box.x + box.width for box in every), default=0) + _MARGIN,
        max((box.y + box.height for box in every), default=0) + _MARGIN,
        every,
        (),
        wires,
    )


def around(terms: Vocabularies, kind: ox.NamedNode) -> Drawing:
    """Return the diagram of one class: what is wider, what it has, and what leads to it."""
    rows: list[tuple[str, str, list[str]]] = [
        ("wider", "", [wider.value]) for wider in terms.named(kind, RDFS + "subClassOf")
    ]
    rows += [
        ("out", prop.value, _iris(terms.named(prop, *RANGES))) for prop in with_domain(terms, kind)
    ]
    rows += [
        ("in", prop.value, _iris(terms.named(prop, *DOMAINS))) for prop in with_range(terms, kind)
    ]
    y, boxes, texts, wires = _MARGIN + _EDGE, [], [], []
    for direction, prop, ends in rows:
        names = [(_local(end), end) for end in ends] or [("anything", "")]
        is_value = direction == "out" and not any(_is_class(terms, end) for end in ends)
        style = "values" if is_value else _style(terms, ends[0] if ends else "")
        box = _box(_MARGIN + _LEFT + _WIRE, y, _RIGHT, names, style)
        middle = y + box.height / 2
        name = _local(prop) if prop else "narrower than"
        texts.append(Text(_MARGIN + _LEFT + 14, middle - 5, name, prop))
        wires.append(_straight(middle, to_left=direction == "in", is_dashed=not prop))
        boxes.append(box)
        y += box.height + 10
    height = max(y - 10, _MARGIN + _LINE + 2 * _EDGE)
    local = _local(kind.value)
    words = Text(_MARGIN + _EDGE, _MARGIN + _EDGE + _LINE - 4.5, local, "")
    middle_box = Box(_MARGIN, _MARGIN, _LEFT, height - _MARGIN, "own", (words,))
    return Drawing(
        local,
        f"{local} and what it is tied to",
        " ".join(_row_in_words(local, *item) for item in rows),
        2 * _MARGIN + _LEFT + _WIRE + _RIGHT,
        height + _MARGIN,
        (middle_box, *boxes),
        tuple(texts),
        tuple(wires),
    )


def _main_ties(terms: Vocabularies, uses: Mapping[str, int]) -> list[Tie]:
    """Return the properties of the overview, those between fewest classes first.

    They are those between two classes; those without which a class would not be there; and, of
    those that a single class has, the ones used most, and a second one for each class.
    """
    own = _own_classes(terms)
    ties = [tie for tie in _ties(terms) if tie.size <= _MOST_ENDS]
    ties.sort(key=lambda tie: (tie.size, tie.prop))
    single = [tie.prop for tie in ties if len(tie.domains) == 1]
    often = sorted(single, key=lambda prop: (-uses.get(prop, 0), prop))[:_OFTEN]
    seen: set[str] = set()
    has: Counter[str] = Counter()
    kept = []
    for tie in ties:
        is_second = tie.prop in single and tie.size <= _FEW_ENDS and has[tie.domains[0]] < _ENOUGH
        ends = {*tie.domains, *tie.ranges}
        if tie.size == _ENOUGH or tie.prop in often or is_second or (ends & own) - seen:
            kept.append(tie)
            seen |= ends
            has.update(tie.domains)
    return kept


def _own_classes(terms: Vocabularies) -> set[str]:
    return {term.value for term in terms.terms_of("ont").values() if "class" in terms.kinds(term)}


def _ties(terms: Vocabularies) -> Iterable[Tie]:
    for prop in terms.terms_of("ont").values():
        domains = tuple(_iris(terms.named(prop, *DOMAINS)))
        ranges = tuple(iri for iri in _iris(terms.named(prop, *RANGES)) if _is_class(terms, iri))
        if domains and ranges and domains != ranges:
            yield Tie(prop.value, domains, ranges)


def _is_class(terms: Vocabularies, iri: str) -> bool:
    """Tell whether a range is a class of things that a diagram has a place for."""
    is_datatype = "datatype" in terms.kinds(ox.NamedNode(iri))
    return (
        not is_datatype
        and iri not in _EVERYWHERE
        and "XMLSchema#" not in iri
        and (iri != RDF + "langString" and iri != RDFS + "Literal")
    )


def _style(terms: Vocabularies, iri: str) -> str:
    return "own" if iri.startswith(f"{terms.base}ont#") else "other"


def _iris(found: Iterable[ox.NamedNode]) -> list[str]:
    return [term.value for term in found]


def _local(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]


def _width(name: str) -> float:
    return round(len(name) * _SIGN + 2 * _EDGE)


def _box(x: float, y: float, width: float, names: list[tuple[str, str]], style: str) -> Box:
    texts = tuple(
        Text(x + _EDGE, y + _EDGE / 2 + _LINE * (number + 1) - 4.5, name, iri)
        for number, (name, iri) in enumerate(names)
    )
    return Box(x, y, width, _LINE * len(names) + _EDGE, style, texts)


def _straight(y: float, *, to_left: bool, is_dashed: bool) -> Wire:
    start, end = _MARGIN + _LEFT, _MARGIN + _LEFT + _WIRE
    if to_left:
        start, end = end, start
    return Wire(f"M{start:g} {y:g}H{end:g}", _arrow(end, y, -1 if to_left else 1), is_dashed)


def _in_a_row(iris: Sequence[str], y: float) -> list[Box]:
    x, found = _MARGIN, []
    for iri in iris:
        found.append(_box(x, y, _width(_local(iri)), [(_local(iri), iri)], "own"))
        x += found[-1].width + 2 * _EDGE
    return found


def _shifted(spot: Place, top: float) -> Place:
    return spot._replace(x=spot.x + _MARGIN, y=spot.y + top)


def _curve(places: Sequence[Place], widths: tuple[float, float], *, has_arrow: bool) -> Wire:
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


def _words(tie: Tie) -> str:
    domains = " or ".join(_local(iri) for iri in tie.domains)
    ranges = " or ".join(_local(iri) for iri in tie.ranges)
    return f"{domains} {_local(tie.prop)} {ranges}"


def _row_in_words(local: str, direction: str, prop: str, ends: list[str]) -> str:
    others = " or ".join(_local(end) for end in ends) or "anything"
    if direction == "wider":
        return f"{local} is narrower than {others}."
    left, right = (local, others) if direction == "out" else (others, local)
    return f"{left} {_local(prop)} {right}."
