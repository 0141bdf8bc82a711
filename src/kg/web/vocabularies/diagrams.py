"""Diagrams of the model, drawn from the ontology itself: the whole, and what is around each class.

In the overview a property is a box of its own between the classes that have it and those of its
values. So no line runs through a name: the layout keeps lines and boxes apart. It is in parts below
one another, by the subjects of the ontology, none wider than a page; a class may be in several.
What is drawn are local names, which are the same in every language.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS, RDF, RDFS, SKOS, XSD
from kg.web.vocabularies.drawing import (
    EDGE,
    LINE,
    MARGIN,
    Box,
    Drawing,
    Text,
    Wire,
    box,
    curve,
    local,
    straight,
    width_of,
)
from kg.web.vocabularies.graph import Vocabularies
from kg.web.vocabularies.layered import Layout, Place, place
from kg.web.vocabularies.terms import DOMAINS, RANGES, groups, with_domain, with_range

OVERVIEW: Final = "overview"
_ROW: Final = 34.0  # from one box to the next, in the overview
_COLUMN_GAP: Final = 36.0
_WIDEST: Final = 680.0  # a part of the overview; a page of a tablet shows all of it
_WIRE: Final = 176.0  # length of a line to a neighbour
_GAP: Final = 10.0  # between neighbours

_TWO: Final = 2
_FEW_ENDS: Final = 5
_MOST_ENDS: Final = 7  # classes that a property of the overview may tie
_OFTEN: Final = 6  # properties that the overview has because they are used most
# What nearly every class has to do with says nothing about one of them.
_EVERYWHERE: Final = frozenset((SKOS + "Concept", RDF + "Property", RDFS + "Resource"))
_DATATYPES: Final = (XSD, RDF + "langString", RDFS + "Literal")


class Tie(NamedTuple):
    """A property between classes, by IRI."""

    prop: str
    domains: tuple[str, ...]
    ranges: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many classes it ties."""
        return len(self.domains) + len(self.ranges)


class Neighbour(NamedTuple):
    """What a property ties to a class; no property stands for `narrower than`."""

    prop: str
    iris: tuple[str, ...]
    is_incoming: bool = False


def overview(terms: Vocabularies, uses: Mapping[str, int]) -> Drawing:
    """Return the diagram of the whole model.

    It has the properties that tie two classes, and of the others enough for each class to be
    there: see `_main_ties`. A class without any stands alone, below.

    Args:
        terms: Of the ontology.
        uses: Number of statements of the data with each property.
    """
    ties = _main_ties(terms, uses)
    boxes, wires, lowest = list[Box](), list[Wire](), 0.0
    for part in _parts(terms, ties):
        found = _moved(_laid_out(part), lowest)
        boxes += _boxes(terms, part, found)
        wires += _wires(found, {tie.prop for tie in part})
        lowest = max(each.y + each.height for each in boxes)
    drawn = {text.iri for each in boxes for text in each.texts}
    alone = _in_a_row(sorted(_own_classes(terms) - drawn), lowest + EDGE)
    return Drawing(
        OVERVIEW,
        "The model: classes and the properties between them",
        " ".join(f"{_in_words(tie.domains, tie.prop, tie.ranges)}" for tie in ties),
        (*boxes, *alone),
        tuple(wires),
    )


def _parts(terms: Vocabularies, ties: Sequence[Tie]) -> Iterator[list[Tie]]:
    """Give the properties by subject; those of one that are too wide together, in several parts."""
    subjects = [
        {term.value for term in terms.named(group, DCTERMS + "hasPart")} for group in groups(terms)
    ]
    known = set[str]().union(*subjects)
    for subject in [*subjects, {tie.prop for tie in ties} - known]:
        left = [tie for tie in ties if tie.prop in subject]
        while left:
            part: list[Tie] = []
            for tie in left:
                if not part or _width(_laid_out([*part, tie])) <= _WIDEST:
                    part.append(tie)
            yield part
            left = [tie for tie in left if tie not in part]


def _laid_out(ties: Sequence[Tie]) -> Layout:
    edges = [(a, tie.prop) for tie in ties for a in tie.domains]
    edges += [(tie.prop, b) for tie in ties for b in tie.ranges]
    widths = {iri: width_of(iri) for edge in edges for iri in edge}
    return place(edges, widths, row=_ROW, gap=_COLUMN_GAP)


def _width(found: Layout) -> float:
    return max(spot.x + spot.width for spot in found.nodes.values())


def _boxes(terms: Vocabularies, ties: Sequence[Tie], found: Layout) -> Iterator[Box]:
    properties = {tie.prop for tie in ties}
    for iri, spot in found.nodes.items():
        style = "property" if iri in properties else _style(terms, iri)
        yield box(spot.x, spot.y - (LINE + EDGE) / 2, [iri], style, width=width_of(iri))


def around(terms: Vocabularies, kind: ox.NamedNode) -> Drawing:
    """Return the diagram of one class: what is wider, what it has, and what leads to it."""
    neighbours = list(_neighbours(terms, kind))
    width = width_of(kind.value)
    boxes, wires, texts = _listed(terms, neighbours, MARGIN + width)
    own = box(
        *(MARGIN, MARGIN, [kind.value], "own"),
        width=width,
        height=max((each.y + each.height for each in boxes), default=0) - MARGIN,
    )
    this = (kind.value,)
    said = [
        _in_words(found.iris, found.prop, this)
        if found.is_incoming
        else _in_words(this, found.prop, found.iris)
        for found in neighbours
    ]
    name = local(kind.value)
    title = f"{name} and what it is tied to"
    return Drawing(name, title, " ".join(said), (own, *boxes), tuple(wires), tuple(texts))


def _wires(found: Layout, properties: set[str]) -> Iterator[Wire]:
    for (source, target), bends in found.bends.items():
        places = [found.nodes[source], *bends, found.nodes[target]]
        ends = (width_of(source), width_of(target))
        yield curve(places, ends, has_arrow=target not in properties)


def _moved(found: Layout, lowest: float) -> Layout:
    """Return a layout that begins at the margin, below what is there.

    Args:
        found: The layout.
        lowest: Lower edge of what is there.
    """
    top = lowest + MARGIN + _ROW / 2 - min((spot.y for spot in found.nodes.values()), default=0)

    def moved(spot: Place) -> Place:
        return spot._replace(x=spot.x + MARGIN, y=spot.y + top)

    return Layout(
        {name: moved(spot) for name, spot in found.nodes.items()},
        {edge: [moved(spot) for spot in bends] for edge, bends in found.bends.items()},
    )


def _in_a_row(iris: Sequence[str], y: float) -> list[Box]:
    x, found = MARGIN, []
    for iri in iris:
        found.append(box(x, y, [iri], "own", width=width_of(iri)))
        x += found[-1].width + 2 * EDGE
    return found


def _neighbours(terms: Vocabularies, kind: ox.NamedNode) -> Iterator[Neighbour]:
    for wider in terms.named(kind, RDFS + "subClassOf"):
        yield Neighbour("", (wider.value,))
    for prop in with_domain(terms, kind):
        yield Neighbour(prop.value, _iris(terms.named(prop, *RANGES)))
    for prop in with_range(terms, kind):
        yield Neighbour(prop.value, _iris(terms.named(prop, *DOMAINS)), is_incoming=True)


def _listed(
    terms: Vocabularies, neighbours: Sequence[Neighbour], near: float
) -> tuple[list[Box], list[Wire], list[Text]]:
    """Return neighbours below one another, each with its line and the name of its property.

    Args:
        terms: Of the ontology.
        neighbours: Of a class.
        near: Right edge of the box of the class.
    """
    far = near + _WIRE
    widest = max((width_of(iri) for found in neighbours for iri in found.iris), default=0)
    y, boxes, wires, texts = MARGIN + EDGE, list[Box](), list[Wire](), list[Text]()
    for prop, iris, is_incoming in neighbours:
        is_value = not is_incoming and not any(_is_class(terms, iri) for iri in iris)
        style = "values" if is_value else _style(terms, iris[0] if iris else "")
        boxes.append(box(far, y, iris or [""], style, width=max(widest, width_of("anything"))))
        middle = y + boxes[-1].height / 2
        start, end = (far, near) if is_incoming else (near, far)
        wires.append(straight(start, end, middle, is_dashed=not prop))
        texts.append(Text(near + 14, middle - 5, local(prop) or "narrower than", prop))
        y += boxes[-1].height + _GAP
    return boxes, wires, texts


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
        is_second = tie.prop in single and tie.size <= _FEW_ENDS and has[tie.domains[0]] < _TWO
        ends = {*tie.domains, *tie.ranges}
        if tie.size == _TWO or tie.prop in often or is_second or (ends & own) - seen:
            kept.append(tie)
            seen |= ends
            has.update(tie.domains)
    return kept


def _own_classes(terms: Vocabularies) -> set[str]:
    return {term.value for term in terms.terms_of("ont").values() if "class" in terms.kinds(term)}


def _ties(terms: Vocabularies) -> Iterator[Tie]:
    for prop in terms.terms_of("ont").values():
        domains = _iris(terms.named(prop, *DOMAINS))
        ranges = _iris(terms.named(prop, *RANGES))
        ranges = tuple(iri for iri in ranges if _is_class(terms, iri))
        if domains and ranges and domains != ranges:
            yield Tie(prop.value, domains, ranges)


def _is_class(terms: Vocabularies, iri: str) -> bool:
    """Tell whether a range is a class of things that a diagram has a place for."""
    is_datatype = iri.startswith(_DATATYPES) or "datatype" in terms.kinds(ox.NamedNode(iri))
    return not is_datatype and iri not in _EVERYWHERE


def _style(terms: Vocabularies, iri: str) -> str:
    return "own" if iri.startswith(f"{terms.base}ont#") else "other"


def _iris(found: Iterable[ox.NamedNode]) -> tuple[str, ...]:
    return tuple(term.value for term in found)


def _in_words(subjects: Sequence[str], prop: str, values: Sequence[str]) -> str:
    left = " or ".join(map(local, subjects)) or "anything"
    right = " or ".join(map(local, values)) or "anything"
    return f"{left} {local(prop) or 'is narrower than'} {right}."
