"""What a parameter of a question can be: the things of its kind that the graph holds, by name.

Everything is looked up by index, and no more than `LOOKED_AT` things are.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.names import fold
from kg.namespaces import CANONICAL_BASE, OWL, RDF, SKOS, shorten
from kg.query.labels import TYPE, Reader, Shown
from kg.queryfile import CLASSES, LANGUAGES, Parameter
from kg.terms import Quads

LOOKED_AT: Final = 5000
_IN_SCHEME: Final = ox.NamedNode(SKOS + "inScheme")
_PROPERTY_CLASSES: Final = (
    *(OWL + "ObjectProperty", OWL + "DatatypeProperty"),
    RDF + "Property",
)


class Choice(NamedTuple):
    """A value that a parameter can have.

    Attributes:
        value: As a person gives it: a prefixed name, an IRI where no prefix fits, or a tag.
        label: What a reader sees of it.
    """

    value: str
    label: Shown


class Choices(NamedTuple):
    """The values that a parameter can have, by label.

    Attributes:
        items: Those that were wanted.
        total: How many fit what was asked for.
        is_whole: Whether everything of the kind was looked at.
    """

    items: tuple[Choice, ...]
    total: int
    is_whole: bool


def has_choices(parameter: Parameter) -> bool:
    """Tell whether the values of a parameter can be listed; a number or a text can not."""
    return parameter.type == "lang" or (parameter.type == "iri" and bool(parameter.kind))


def choices(
    store: Quads,
    parameter: Parameter,
    *,
    base: str,
    languages: Sequence[str] = (),
    text: str = "",
    most: int = LOOKED_AT,
) -> Choices:
    """Return what a parameter can be.

    Args:
        store: A snapshot.
        parameter: Of a question.
        base: What the IRIs of the snapshot begin with.
        languages: Tags that the reader prefers, best first.
        text: Only those whose label or value has this in it, whatever the case and the accents.
        most: How many are given.
    """
    if parameter.type == "lang":
        found = [Choice(tag, Shown(tag)) for tag in LANGUAGES]
        return _chosen(found, text, most, is_whole=True)
    nodes = list(islice(_nodes(store, parameter, base), LOOKED_AT + 1))
    reader = Reader(store, base, languages)
    named = {node: reader.show(node) for node in nodes[:LOOKED_AT]}
    found = [Choice(as_value(node.value, base), label) for node, label in named.items()]
    return _chosen(found, text, most, is_whole=len(nodes) <= LOOKED_AT)


def as_value(iri: str, base: str) -> str:
    """Return an IRI as a value that a person gives: a prefixed name where there is one."""
    is_own = iri.startswith(base)
    return shorten(CANONICAL_BASE + iri.removeprefix(base) if is_own else iri)


def _chosen(found: list[Choice], text: str, most: int, *, is_whole: bool) -> Choices:
    wanted = fold(text)
    fitting = [
        each for each in found if wanted in fold(each.label.text) or wanted in fold(each.value)
    ]
    fitting.sort(key=lambda each: (fold(each.label.text), each.value))
    return Choices(tuple(fitting[:most]), len(fitting), is_whole)


def _nodes(store: Quads, parameter: Parameter, base: str) -> Iterator[ox.NamedNode]:
    """Yield the things of the kind of a parameter, each once."""
    if not has_choices(parameter):
        return
    view = ox.DefaultGraph()
    if parameter.kind == "concept":
        default = parameter.node(parameter.default).value
        this = ox.NamedNode(base + default.removeprefix(CANONICAL_BASE))
        patterns = [
            (_IN_SCHEME, quad.object)
            for quad in store.quads_for_pattern(this, _IN_SCHEME, None, view)
        ]
    elif parameter.kind == "property":
        patterns = [(TYPE, ox.NamedNode(iri)) for iri in _PROPERTY_CLASSES]
    else:
        own = CLASSES[parameter.kind]
        iri = base + own.removeprefix(CANONICAL_BASE) if own.startswith(CANONICAL_BASE) else own
        patterns = [(TYPE, ox.NamedNode(iri))]
    seen = set()
    for predicate, value in patterns:
        for quad in store.quads_for_pattern(None, predicate, value, view):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject not in seen:
                seen.add(quad.subject)
                yield quad.subject
