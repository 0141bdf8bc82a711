"""The nodes of a mapping: what is described, with which statements, on which conditions."""

import re
from collections.abc import Mapping as MappingOf
from typing import Any, Final

import pyoxigraph as ox

from kg.importing.mapping import Condition, Node, Property, Sort, Test
from kg.importing.names import Terms, expand, placeholders
from kg.importing.spots import Spots, Way
from kg.namespaces import ID, XSD

_CONDITION: Final = re.compile(r"(?:(has|lacks|new|known) (\w+)|(\w+) (is not|is) (.+))")
_OBJECT: Final = ("text", "language", "datatype", "plain", "when")
_OWN: Final = ("iri", "type", "when", "each")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?|\{\w+\}")
_DERIVED: Final = ("memberCity", "memberCountry", "earliestDay", "latestDay")


def node(given: Any, way: Way, sorts: MappingOf[str, Sort], spots: Spots, terms: Terms) -> Node:
    """Return a node of a mapping.

    Args:
        given: What TOML holds.
        way: To it.
        sorts: What the values of the table are.
        spots: Lines of the mapping.
        terms: What the dataset defines.

    Raises:
        MalformedError: Something in it is unknown or of a wrong kind.
    """
    if not isinstance(given, dict) or not isinstance(given.get("iri"), str):
        raise spots.error(way, 'a node needs iri =, such as "mun:abc-{id}" or "{body}"')
    made = _Maker(sorts, spots, terms)
    types = given.get("type", [])
    return Node(
        made.template((*way, "iri"), given["iri"]),
        tuple(made.term((*way, "type"), each) for each in _listed(types)),
        tuple(
            each
            for name, value in given.items()
            if name not in _OWN
            for each in made.properties((*way, name), name, value)
        ),
        conditions(given.get("when", []), (*way, "when"), sorts, spots),
        tuple(made.value((*way, "each"), each) for each in _listed(given.get("each", []))),
        spots.line(way),
    )


def conditions(
    given: Any, way: Way, sorts: MappingOf[str, Sort], spots: Spots
) -> tuple[Condition, ...]:
    """Return conditions: `has x`, `lacks x`, `new x`, `known x`, `x is A|B`, `x is not A`.

    Raises:
        MalformedError: One is not of that form, or speaks of a value that there is not.
    """
    found = []
    for text in _listed(given):
        match = _CONDITION.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise spots.error(
                way,
                f"{text!r} is no condition; write: has x, lacks x, new x, known x, x is A|B, or "
                "x is not A",
            )
        name = match[2] or match[3]
        if name not in sorts:
            raise spots.unknown(way, "value", name, sorts)
        among = tuple(match[5].split("|")) if match[5] else ()
        found.append(Condition(Test(match[1] or match[4]), name, among))
    return tuple(found)


class _Maker:
    """Makes the parts of a node."""

    def __init__(self, sorts: MappingOf[str, Sort], spots: Spots, terms: Terms) -> None:
        self._sorts, self._spots, self._terms = sorts, spots, terms

    def value(self, way: Way, name: str) -> str:
        """Return the name of a value that there is."""
        if name not in self._sorts:
            raise self._spots.unknown(way, "value", name, self._sorts)
        return name

    def term(self, way: Way, text: str) -> ox.NamedNode:
        """Return a class, a property or a concept."""
        iri = expand(text, self._spots, way)
        self._terms.check(iri, self._spots, way)
        return ox.NamedNode(iri)

    def template(self, way: Way, text: str) -> str:
        """Return an IRI with values in braces: one value that is an IRI, or a name with values."""
        names = [self.value(way, name) for name in placeholders(text)]
        if len(names) == 1 and text == f"{{{names[0]}}}":
            if self._sorts[names[0]] is not Sort.IRI:
                raise self._spots.error(way, f"{text} is no IRI; write a prefix before it")
            return text
        iri = expand(text, self._spots, way)
        if not names:
            self._terms.check(iri, self._spots, way)
        return iri

    def properties(self, way: Way, name: str, given: Any) -> list[Property]:
        """Return the statements that a key of a node stands for."""
        if ":" not in name:
            raise self._spots.unknown(
                way, "key of a node (properties are prefixed names in quotes):", name, _OWN
            )
        path = self.term(way, name)
        if path.value.rsplit("#")[-1] in _DERIVED:
            raise self._spots.error(way, f"{name} is inferred by the build and never imported")
        return [self._property(way, path, each) for each in _listed(given)]

    def _property(self, way: Way, path: ox.NamedNode, given: Any) -> Property:
        if isinstance(given, str):
            return self._bare(way, path, given)
        if isinstance(given, bool | int | float):
            return Property(path, literal=_literal(given))
        if not isinstance(given, dict) or not isinstance(given.get("text"), str):
            raise self._spots.error(way, "expected a text, a number, or { text = …, language = … }")
        for key in given:
            if key not in _OBJECT:
                raise self._spots.unknown(way, "key", key, _OBJECT)
        for name in placeholders(given["text"] + given.get("language", "")):
            self.value(way, name)
        ways = sum(bool(given.get(key)) for key in ("language", "datatype", "plain"))
        is_iri = ways == 0
        if ways > 1:
            raise self._spots.error(
                way, "a text has one of language =, datatype = and plain = true"
            )
        if not _LANGUAGE.fullmatch(given.get("language", "en")):
            raise self._spots.error(way, f"language = {given['language']!r} is no tag, such as en")
        when = conditions(given.get("when", []), way, self._sorts, self._spots)
        if is_iri:
            bare = self._bare(way, path, given["text"])
            return Property(bare.path, bare.text, bare.is_iri, when=when)
        datatype = expand(given["datatype"], self._spots, way) if "datatype" in given else None
        return Property(
            path,
            given["text"],
            language=given.get("language", ""),
            datatype=ox.NamedNode(datatype) if datatype else None,
            when=when,
        )

    def _bare(self, way: Way, path: ox.NamedNode, text: str) -> Property:
        """Return a statement whose value is a value as it is, or an IRI."""
        names = placeholders(text)
        if len(names) == 1 and text == f"{{{names[0]}}}":
            if self._sorts[self.value(way, names[0])] is Sort.TEXT:
                raise self._spots.error(
                    way,
                    f"{text} is a text: say in which language, "
                    f'{{ text = "{text}", language = "en" }}, or plain = true',
                )
            return Property(path, text, is_iri=self._sorts[names[0]] is Sort.IRI)
        iri = self.template(way, text)
        is_whole = iri.startswith(ID) or not names
        if not is_whole and not iri.startswith("http"):
            raise self._spots.error(way, f"{text!r} is no IRI")
        return Property(path, iri, is_iri=True)


def _literal(given: float) -> ox.Literal:
    if isinstance(given, bool):
        return ox.Literal(str(given).lower(), datatype=ox.NamedNode(XSD + "boolean"))
    if isinstance(given, int):
        return ox.Literal(str(given), datatype=ox.NamedNode(XSD + "integer"))
    return ox.Literal(
        f"{given:f}".rstrip("0") + "0" * f"{given:f}".rstrip("0").endswith("."),
        datatype=ox.NamedNode(XSD + "decimal"),
    )


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
