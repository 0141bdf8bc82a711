"""Statements that can be compared: a blank node is what it says, whatever its label is.

A blank node that one statement points at is written out in place, `[ … ]`, with its parts in a
fixed order: so two of them are equal if they say the same. One that several statements point at,
or that leads back to itself, keeps a label: that of the canonical form of its file (RDFC-1.0). Very
deep in others only a hash of what it says is written.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple
from zlib import crc32

import pyoxigraph as ox

from kg.dataset import SourceFile
from kg.namespaces import RDF, shorten
from kg.terms import Term, Triple, as_triple, in_default_graph

MAX_DEPTH: Final = 100  # blank nodes in blank nodes that are written out

_REST: Final = ox.NamedNode(RDF + "rest")


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
    return frozenset(_Reader(file).facts())


def flat_of_file(file: SourceFile) -> frozenset[str]:
    """Return the statements of a file as N-Quads without the dot, one for each triple.

    A blank node has a label that depends on what it says.
    """
    reader = _Reader(file)
    return frozenset(f"{line} <{file.graph}>" for line in reader.lines())


def _canonical(triples: list[Triple]) -> list[Triple]:
    found = ox.Dataset(in_default_graph(triple) for triple in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return [as_triple(q.subject, q.predicate, q.object) for q in found]


class _Reader:
    """Writes blank nodes out."""

    def __init__(self, file: SourceFile) -> None:
        self._file = f"{crc32(file.name.encode()):x}"
        self._take(file.triples)
        if self._labelled:
            self._take(_canonical(file.triples))

    def _take(self, triples: list[Triple]) -> None:
        self._triples = triples
        self._about: dict[ox.BlankNode, list[Triple]] = {}
        self._texts: dict[ox.BlankNode, str] = {}
        self._deep: dict[ox.BlankNode, None] = {}
        pointed: Counter[ox.BlankNode] = Counter()
        for triple in triples:
            if isinstance(triple.subject, ox.BlankNode):
                self._about.setdefault(triple.subject, []).append(triple)
            if isinstance(triple.object, ox.BlankNode):
                pointed[triple.object] += 1
        self._labelled = {node for node, number in pointed.items() if number > 1}
        self._labelled |= set(self._about) - self._reached(pointed)
        self._inside = {n for n in self._about if pointed[n] == 1 and n not in self._labelled}
        for node in reversed(self._deep):  # the innermost first
            self._text(node)

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
        labels: dict[Term, str] = {}
        tails = {t.object for t in self._triples if t.predicate == _REST} - self._labelled
        for node in self._about:
            if node in tails:
                continue
            label = f"_:{Inline(self._text(node)).label}"
            labels[node] = label
            for number, rest in enumerate(self._rests(node)):
                labels[rest] = f"{label}r{number}"
        for triple in self._triples:
            subject, value = (
                labels.get(term) or self._plain(term) for term in (triple.subject, triple.object)
            )
            yield f"{subject} {triple.predicate} {value}"

    def _plain(self, term: Term) -> str:
        said = self._value(term)
        return f"_:{said.label}" if isinstance(said, Inline) else str(said)

    def _rests(self, node: ox.BlankNode) -> Iterator[ox.BlankNode]:
        """Yield the further nodes of a list, up to one that has a label."""
        at = node
        while rests := [t.object for t in self._about.get(at, ()) if t.predicate == _REST]:
            if not isinstance(rests[0], ox.BlankNode) or rests[0] in self._labelled:
                return
            at = rests[0]
            yield at

    def _reached(self, pointed: Counter[ox.BlankNode]) -> set[ox.BlankNode]:
        """Return the nodes that are not in a circle of which every node is pointed at once.

        On the way those are noted that lie too deep in others to be written out there.
        """
        todo = [(node, 0) for node in self._about if pointed[node] != 1]
        todo += [
            (triple.object, 0)
            for triple in self._triples
            if isinstance(triple.object, ox.BlankNode) and isinstance(triple.subject, ox.NamedNode)
        ]
        reached: set[ox.BlankNode] = set()
        while todo:
            node, depth = todo.pop()
            if node in reached:
                continue
            reached.add(node)
            if depth > MAX_DEPTH:
                self._deep[node] = None
                depth = 0
            for triple in self._about.get(node, ()):
                if isinstance(triple.object, ox.BlankNode):
                    todo.append((triple.object, depth + (triple.predicate != _REST)))
        return reached

    def _value(self, term: Term) -> Value:
        return Inline(self._text(term)) if isinstance(term, ox.BlankNode) else term

    def _text(self, node: ox.BlankNode) -> str:
        if node in self._labelled:
            return f"_:{node.value}x{self._file}"
        if node not in self._texts:
            items = self._items(node)
            self._texts[node] = f"( {' '.join(items)} )" if items else self._parts(node)
        return self._texts[node]

    def _parts(self, node: ox.BlankNode) -> str:
        parts = [
            f"{'a' if t.predicate.value == RDF + 'type' else shorten(t.predicate.value)} "
            f"{self._written(t.object)}"
            for t in self._about.get(node, ())
        ]
        return f"[ {' ; '.join(sorted(parts))} ]" if parts else "[]"

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
            return f"_:{Inline(self._text(term)).label}" if term in self._deep else self._text(term)
        if isinstance(term, ox.NamedNode):
            short = shorten(term.value)
            return short if short != term.value else str(term)
        return str(term)
