"""Statements from the values of a row: what the nodes of a mapping say of it."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

import pyoxigraph as ox

from kg.importing.mapping import Condition, Node, Property, Test
from kg.importing.names import placeholders
from kg.importing.statements import Sorter
from kg.importing.values import Item, Items, cleaned, fill, plain
from kg.names import slug
from kg.namespaces import RDF

_TYPE: Final = ox.NamedNode(RDF + "type")


class Writer:
    """Writes nodes."""

    def __init__(self, sorter: Sorter) -> None:
        self._sorter = sorter

    def write(self, node: Node, values: Items, new: dict[str, bool] | None = None) -> None:
        """Write a node once, or once for each item of the values that it is for."""
        new = new or {}
        for chosen in each_of(node.each, values):
            if hold(node.when, chosen, new):
                self._one(node, chosen, new)

    def _one(self, node: Node, values: Items, new: dict[str, bool]) -> None:
        for subject in _combined(node.iri, values, is_iri=True):
            about = ox.NamedNode(subject)
            for kind in node.types:
                self._sorter.add(about, _TYPE, kind)
            for each in node.properties:
                if hold(each.when, values, new):
                    for value in _objects(each, values):
                        self._sorter.add(about, each.path, value)


def each_of(several: Sequence[str], values: Items) -> Iterator[Items]:
    """Yield the values with one item each of some of them, in every combination."""
    if not several:
        yield values
        return
    sizes = [range(len(values.get(name, ()))) for name in several]
    for places in product(*sizes):
        chosen = dict(values)
        for name, at in zip(several, places, strict=True):
            chosen[name] = [values[name][at]]
            if f"{name}.cell" in values:
                chosen[f"{name}.cell"] = [values[f"{name}.cell"][at]]
        yield chosen


def _objects(each: Property, values: Items) -> Iterator[ox.NamedNode | ox.Literal]:
    if each.literal is not None:
        yield each.literal
        return
    if each.is_iri:
        yield from (ox.NamedNode(iri) for iri in _combined(each.text, values, is_iri=True))
        return
    if (
        not (each.language or each.datatype)
        and each.text == f"{{{''.join(placeholders(each.text))}}}"
    ):
        for item in values.get(each.text[1:-1], ()):
            yield item if isinstance(item, ox.NamedNode | ox.Literal) else ox.Literal(item)
        return
    languages = list(_combined(each.language, values, is_iri=False)) if each.language else [""]
    for text, language in product(_combined(each.text, values, is_iri=False), languages):
        if each.language:
            yield ox.Literal(cleaned(text), language=language)
        elif each.datatype:
            yield ox.Literal(text, datatype=each.datatype)
        else:
            yield ox.Literal(cleaned(text))


def _combined(template: str, values: Items, *, is_iri: bool) -> Iterator[str]:
    """Yield a template with every combination of the values that it names; none where one lacks."""
    names = placeholders(template)
    given = [values.get(name, []) for name in names]
    for items in product(*given):
        one: dict[str, Item] = dict(zip(names, items, strict=True))
        if is_iri and template == f"{{{''.join(names)}}}":
            yield plain_iri(items[0])
        elif is_iri:
            yield fill(template, names, {name: slug(plain(item)) for name, item in one.items()})
        else:
            yield fill(template, names, one)


def plain_iri(item: Item) -> str:
    """Return the IRI that a value is."""
    return item.value if isinstance(item, ox.NamedNode) else str(item)


def hold(conditions: tuple[Condition, ...], values: Items, new: dict[str, bool]) -> bool:
    """Tell whether all conditions hold for a row."""
    return all(_holds(condition, values, new) for condition in conditions)


def _holds(condition: Condition, values: Items, new: dict[str, bool]) -> bool:
    items = values.get(condition.name, [])
    if condition.test is Test.HAS:
        return bool(items)
    if condition.test is Test.LACKS:
        return not items
    if condition.test is Test.NEW:
        return new.get(condition.name, False)
    if condition.test is Test.KNOWN:
        return not new.get(condition.name, True)
    is_among = any(plain(item) in condition.among for item in items)
    return is_among is (condition.test is Test.IS)
