"""Statements that can be compared: a blank node is what it says, whatever its label is.

A blank node that one statement points at is written out in place, `[ … ]`, with its parts in a
fixed order: so two of them are equal if they say the same. One that several statements point at,
or that leads back to itself, keeps a label: that of the canonical form of its file (RDFC-1.0).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import pyoxigraph as ox

from kg.dataset import SourceFile
from kg.namespaces import RDF, shorten
from kg.terms import Term, Triple, as_triple, in_default_graph


@dataclass(frozen=True, order=True)
class Inline:
    """A blank node, written out.

    Attributes:
        text: As Turtle, with prefixed names.
    """

    text: str

    @property
    def label(self) -> str:
        """A label that depends on nothing but what the node says."""
        return f"h{sha256(self.text.encode()).hexdigest()[:16]}"


Value = ox.NamedNode | ox.Literal | Inline


class Fact(NamedTuple):
    """A statement."""

    subject: ox.NamedNode | Inline
    predicate: ox.NamedNode
    object: Value


def of_file(file: SourceFile) -> frozenset[Fact]:
    """Return the statements of a file; those of a blank node that is written out are in it."""
    facts = [
        Fact(t.subject, t.predicate, t.object)
        for t in file.triples
        if not (isinstance(t.subject, ox.BlankNode) or isinstance(t.object, ox.BlankNode))
    ]
    if len(facts) == len(file.triples):
        return frozenset(facts)
    return frozenset(_Reader(_canonical(file.triples)).facts())


def flat_of_file(file: SourceFile) -> frozenset[str]:
    """Return the statements of a file as N-Quads without the dot, one for each triple.

    A blank node has a label that depends on what it says.
    """
    reader = _Reader(_canonical(file.triples))
    return frozenset(f"{line} <{file.graph}>" for line in reader.lines())


def _canonical(triples: list[Triple]) -> list[Triple]:
    found = ox.Dataset(in_default_graph(triple) for triple in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [as_triple(q.subject, q.predicate, q.object) for q in found]


class _Reader:
    """Writes blank nodes out."""

    def __init__(self, triples: list[Triple]) -> None:
        self._triples = triples
        self._about: dict[ox.BlankNode, list[Triple]] = {}
        pointed: Counter[ox.BlankNode] = Counter()
        for triple in triples:
            if isinstance(triple.subject, ox.BlankNode):
                self._about.setdefault(triple.subject, []).append(triple)
            if isinstance(triple.object, ox.BlankNode):
                pointed[triple.object] += 1
        self._labelled = {node for node, number in pointed.items() if number > 1}
        self._labelled |= {n for n in self._about if n not in self._labelled and self._turns(n)}
        self._texts: dict[ox.BlankNode, str] = {}
        self._inside = {n for n in self._about if pointed[n] == 1 and n not in self._labelled}

    def facts(self) -> Iterator[Fact]:
        for triple in self._triples:
            subject = triple.subject
            if isinstance(subject, ox.BlankNode):
                if subject in self._inside:
                    continue
                yield Fact(
                    Inline(self._text(subject)), triple.predicate, self._value(triple.object)
                )
            else:
                yield Fact(subject, triple.predicate, self._value(triple.object))

    def lines(self) -> Iterator[str]:
        """Yield every statement, those of blank nodes that are written out too."""
        for triple in self._triples:
            subject, value = (
                f"_:{self._value(term).label}" if isinstance(term, ox.BlankNode) else str(term)  # type: ignore[union-attr]
                for term in (triple.subject, triple.object)
            )
            yield f"{subject} {triple.predicate} {value}"

    def _turns(self, start: ox.BlankNode) -> bool:
        """Tell whether a node leads back to itself over nodes that have no label."""
        seen: set[ox.BlankNode] = set()
        todo = [start]
        while todo:
            for triple in self._about.get(todo.pop(), ()):
                node = triple.object
                if node == start:
                    return True
                if isinstance(node, ox.BlankNode) and node not in seen | self._labelled:
                    seen.add(node)
                    todo.append(node)
        return False

    def _value(self, term: Term) -> Value:
        return Inline(self._text(term)) if isinstance(term, ox.BlankNode) else term

    def _text(self, node: ox.BlankNode) -> str:
        if node in self._labelled:
            return f"_:{node.value}"
        if node not in self._texts:
            items = self._items(node)
            parts = [
                f"{'a' if t.predicate.value == RDF + 'type' else shorten(t.predicate.value)} "
                f"{self._written(t.object)}"
                for t in self._about.get(node, ())
            ]
            inner = " ; ".join(sorted(parts))
            self._texts[node] = (
                f"( {' '.join(items)} )" if items else f"[ {inner} ]" if inner else "[]"
            )
        return self._texts[node]

    def _items(self, node: ox.BlankNode) -> list[str]:
        """Return the items of a list, or nothing where the node is no plain list."""
        found: list[str] = []
        at: Term = node
        while isinstance(at, ox.BlankNode) and (at == node or at not in self._labelled):
            pair = {t.predicate.value: t.object for t in self._about.get(at, ())}
            if set(pair) != {RDF + "first", RDF + "rest"} or len(self._about[at]) != 2:
                return []
            found.append(self._written(pair[RDF + "first"]))
            at = pair[RDF + "rest"]
        return found if isinstance(at, ox.NamedNode) and at.value == RDF + "nil" else []

    def _written(self, term: Term) -> str:
        if isinstance(term, ox.BlankNode):
            return self._text(term)
        if isinstance(term, ox.NamedNode):
            short = shorten(term.value)
            return short if short != term.value else str(term)
        return str(term)
