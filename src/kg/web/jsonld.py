"""JSON-LD of a document, framed: its topic on top, and in it what belongs to it.

It parses back to the triples it was made of, no more and no less. Every processor reads it without
fetching anything: the part of the context that it uses stands in it.

A node is written out once, where it is first met. Wherever else it stands, and wherever a node has
nothing but labels, it is an object with its IRI and its labels, or its IRI alone where it has none.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import pyoxigraph as ox

from kg.description.contents import FIRST
from kg.namespaces import RDF, XSD
from kg.query.labels import LABEL_PROPERTIES, Node
from kg.web.context import KEYWORDS, Term, Terms

_DEPTH: Final = 8  # of objects in objects; what lies deeper stands beside the topic
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")  # a number of JavaScript holds 15 digits
_LABELS: Final = frozenset(node.value for node in LABEL_PROPERTIES)
_TYPE: Final = RDF + "type"
_NO_TERMS: Final = Terms({}, {}, {}, {}, "")
Value = ox.NamedNode | ox.BlankNode | ox.Literal


def framed(triples: Sequence[ox.Triple], topic: ox.NamedNode, terms: Terms) -> bytes:
    """Return triples as a JSON-LD document, with a topic on top.

    Args:
        triples: Each once, in the order in which nodes are to be written; no triple terms.
        topic: What they are about.
        terms: Names for properties and classes.
    """
    frame = _Frame(triples, terms)
    if frame.could_mislead():
        frame = _Frame(triples, _NO_TERMS)
    return frame.document(topic)


class _Frame:
    """Writes the nodes of some triples into one another."""

    def __init__(self, triples: Sequence[ox.Triple], terms: Terms) -> None:
        self.terms = terms
        self.order = list(terms.reverse)
        self.used: set[str] = set()
        self.described: dict[Node, dict[str, list[Value]]] = {}
        self.pointing: dict[Node, list[tuple[str, Node]]] = {}
        self.begun: set[Node] = set()  # written in full, or about to be where it belongs
        self.met: dict[Node, dict[str, Any]] = {}  # written with its labels, and how
        iris: set[str] = set()
        for triple in triples:
            subject, predicate, value = triple.subject, triple.predicate.value, triple.object
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                raise TypeError("JSON-LD 1.1 has no triple terms")
            self.described.setdefault(subject, {}).setdefault(predicate, []).append(value)
            if isinstance(value, ox.Literal):
                continue
            if isinstance(value, ox.NamedNode):
                iris.add(value.value)
            if predicate in terms.reverse:
                self.pointing.setdefault(value, []).append((predicate, subject))
        for node, described in self.described.items():
            iris.update(described)
            if isinstance(node, ox.NamedNode):
                iris.add(node.value)
        self.schemes = {iri.partition(":")[0] for iri in iris}

    def could_mislead(self) -> bool:
        """Tell whether the scheme of an IRI is a name: `label:x` would be a compact IRI."""
        return not self.schemes.isdisjoint(self.terms.definitions)

    def document(self, topic: ox.NamedNode) -> bytes:
        """Return the document."""
        body = self._node(topic, 0)
        beside = []
        for node in self.described:
            if node not in self.begun and not self._is_light(node):
                beside.append(self._node(node, 1))
        for node in self.described:
            if node not in self.begun and node not in self.met:
                beside.append(self._labelled(node))
        if beside:
            body[self._keyword("included")] = beside
        head = {"@context": self.terms.context(self.used)} if self.used else {}
        lines = [f"{_json(key)}: {_lines(value)}" for key, value in {**head, **body}.items()]
        return ("{\n" + ",\n".join(lines) + "\n}\n").encode()

    def _is_light(self, node: Node) -> bool:
        """Tell whether there is no more to a node than labels."""
        described = self.described.get(node, {})
        return node not in self.pointing and all(
            predicate in _LABELS and all(isinstance(value, ox.Literal) for value in values)
            for predicate, values in described.items()
        )

    def _node(
        self, node: Node, depth: int, hangs_by: tuple[str, Node] | None = None
    ) -> dict[str, Any]:
        """Return all of a node that has been written nowhere yet.

        Args:
            node: What to write.
            depth: Number of objects around it.
            hangs_by: The property by which it points at the object around it, and what that is.
        """
        self.begun.add(node)
        children = self._children(node) if depth + 1 < _DEPTH else []
        found: dict[str, Any] = {self._keyword("id"): _iri(node)}
        described = self.described.get(node, {})
        for predicate in sorted(described, key=self._place):
            values = described[predicate]
            if hangs_by is not None and predicate == hangs_by[0]:
                values = [value for value in values if value != hangs_by[1]]
            if values:
                self._write(found, predicate, values, depth + 1)
        for predicate, child in children:
            nested = self._node(child, depth + 1, (predicate, node))
            found.setdefault(self._named(self.terms.reverse[predicate]), []).append(nested)
        return found

    def _children(self, node: Node) -> list[tuple[str, Node]]:
        """Return what points at a node and is to be written in it, and nowhere else."""
        found = []
        for predicate, child in self.pointing.get(node, ()):
            if child not in self.begun:
                self.begun.add(child)
                found.append((predicate, child))
        return sorted(found, key=lambda pair: self.order.index(pair[0]))

    def _place(self, predicate: str) -> tuple[int, str]:
        if predicate in FIRST:
            return FIRST.index(predicate), ""
        term = self.terms.properties.get(predicate)
        return len(FIRST), predicate if term is None else term.name

    def _write(
        self, found: dict[str, Any], predicate: str, values: list[Value], depth: int
    ) -> None:
        """Add the values of a property to an object."""
        if predicate == _TYPE:
            self._write_types(found, values, depth)
            return
        term = self.terms.properties.get(predicate)
        if term is None:
            found[predicate] = [self._value(value, None, depth) for value in values]
            return
        if term.coercion == "@language":
            values = self._write_texts(found, term, values)
            if values:
                found[predicate] = [self._value(value, None, depth) for value in values]
            return
        written = [self._value(value, term.coercion, depth) for value in values]
        is_one = term.is_single and len(written) == 1
        found[self._named(term.name)] = written[0] if is_one else written

    def _write_types(self, found: dict[str, Any], values: list[Value], depth: int) -> None:
        names = [self._kind(value.value) for value in values if isinstance(value, ox.NamedNode)]
        if names:
            found[self._keyword("type")] = names[0] if len(names) == 1 else names
        rest = [value for value in values if not isinstance(value, ox.NamedNode)]
        if rest:
            found[_TYPE] = [self._value(value, None, depth) for value in rest]

    def _write_texts(self, found: dict[str, Any], term: Term, values: list[Value]) -> list[Value]:
        """Add the texts that are in a language, and return the other values."""
        texts: dict[str, list[str]] = {}
        rest: list[Value] = []
        for value in values:
            if isinstance(value, ox.Literal) and value.language:
                texts.setdefault(value.language, []).append(value.value)
            else:
                rest.append(value)
        if texts:
            found[self._named(term.name)] = {
                language: texts[language] if len(texts[language]) > 1 else texts[language][0]
                for language in sorted(texts)
            }
        return rest

    def _value(self, value: Value, coercion: str | None, depth: int) -> Any:
        if isinstance(value, ox.Literal):
            return self._literal(value, coercion)
        is_told = value in self.begun or value in self.met or depth >= _DEPTH
        if is_told or self._is_light(value):
            labelled = self._labelled(value)
            return _iri(value) if len(labelled) == 1 and coercion == "@id" else labelled
        return self._node(value, depth)

    def _labelled(self, node: Node) -> dict[str, Any]:
        """Return a reference to a node: its IRI, and its labels where it has some."""
        if node in self.met:
            return self.met[node]
        found: dict[str, Any] = {self._keyword("id"): _iri(node)}
        self.met[node] = found
        described = self.described.get(node, {})
        for predicate in sorted(_LABELS.intersection(described), key=self._place):
            texts: list[Value] = [
                value for value in described[predicate] if isinstance(value, ox.Literal)
            ]
            if texts:
                self._write(found, predicate, texts, _DEPTH)
        return found

    def _literal(self, literal: ox.Literal, coercion: str | None) -> Any:
        text, datatype = literal.value, literal.datatype.value
        if coercion is None:
            if datatype == XSD + "integer" and _INTEGER.fullmatch(text):
                return int(text)
            if datatype == XSD + "boolean" and text in ("true", "false"):
                return text == "true"
        if datatype == (coercion or XSD + "string"):
            return text
        found = {self._keyword("value"): text}
        if literal.language:
            found["@language"] = literal.language
        elif datatype != XSD + "string":
            found[self._keyword("type")] = self._kind(datatype)
        return found

    def _kind(self, iri: str) -> str:
        return self._named(self.terms.kinds[iri]) if iri in self.terms.kinds else iri

    def _named(self, name: str) -> str:
        self.used.add(name)
        return name

    def _keyword(self, name: str) -> str:
        return self._named(name) if name in self.terms.definitions else KEYWORDS[name]


def _iri(node: Node) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _lines(value: Any) -> str:
    """Return a value with each item of a list on a line of its own."""
    if not isinstance(value, list):
        return _json(value)
    return "[\n  " + ",\n  ".join(_json(item) for item in value) + "\n]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
