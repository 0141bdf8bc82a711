"""The terms of a pattern, as the parameters of an address give them.

An IRI stands as it is, a literal as `"a"`, `"a"@en` or `"1"^^iri` without any escape, a variable as
`?x` or as nothing at all (Triple Pattern Fragments specification, section on controls). An IRI may
also stand in `<>`, or as a prefixed name with a prefix of the dataset.

Blank nodes have no name outside of a document. IRIs stand for them, here and in what is answered.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import pyoxigraph as ox

from kg.namespaces import CANONICAL_BASE, PREFIXES
from kg.query.patterns import Part, Variable
from kg.query.protocol import ProtocolError
from kg.query.remote_terms import skolem_prefix
from kg.terms import Term

DEFAULT_GRAPH: Final = "urn:ldf:defaultGraph"  # Quad Pattern Fragments: the default graph by name
MOST_BINDINGS: Final = 200
LONGEST_VALUES: Final = 65_536  # characters of a list of bindings
POSITIONS: Final = ("subject", "predicate", "object", "graph")

_VARIABLE: Final = re.compile(r"\?\w+")
_LITERAL: Final = re.compile(
    r'"(?P<text>.*)"(?:@(?P<language>[A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^(?P<type><[^<>]+>|[^<>"]+))?',
    re.DOTALL,
)
_PREFIXED: Final = re.compile(r"(?P<prefix>[a-z0-9]+):(?!//)(?P<local>[^/#:]+)")
# Possessive throughout: each text splits in one way only, so reading it takes time in its length.
_VALUES: Final = re.compile(
    r"\s*+\(\s*+(?P<names>(?:[?$]\w++\s*+)*+)\)\s*+\{\s*+(?P<rows>.*)\}\s*+", re.DOTALL
)
_TERM: Final = re.compile(
    r'UNDEF\b|<[^<>"{}|^`\\\s]*+>'
    r'|"(?:[^"\\\n\r]|\\.)*+"(?:@[A-Za-z0-9-]++|\^\^<[^<>\s]*+>)?+'
)
_ROW: Final = re.compile(rf"\(\s*+(?P<terms>(?:(?:{_TERM.pattern})\s*+)*+)\)\s*+")
_EXPECTED: Final = {
    "subject": "an IRI, or nothing for a variable",
    "predicate": "an IRI, or nothing for a variable",
    "object": 'an IRI, a literal such as "a", "a"@en or "1"^^http://www.w3.org/2001/XMLSchema#'
    "integer, or nothing for a variable",
    "graph": f"the IRI of a named graph, {DEFAULT_GRAPH}, or a variable such as ?g",
}
_Any = TypeVar("_Any")


@dataclass(frozen=True)
class BlankNames:
    """IRIs that stand for blank nodes (RDF 1.1 Concepts, section 3.5), within one snapshot.

    The label of a blank node says nothing outside of its snapshot, so the IRI names the snapshot
    too: in the next one it is gone, and never another node.

    Attributes:
        base: What every IRI of the dataset begins with.
        snapshot_id: Of the snapshot.
    """

    base: str
    snapshot_id: str

    @property
    def _prefix(self) -> str:
        return f"{skolem_prefix(self.base)}{self.snapshot_id[:16]}-"

    def named(self, term: _Any) -> _Any | ox.NamedNode:
        """Return the IRI that stands for a blank node, or another term itself."""
        if isinstance(term, ox.BlankNode):
            return ox.NamedNode(self._prefix + term.value)
        return term

    def blank(self, iri: ox.NamedNode) -> ox.NamedNode | ox.BlankNode:
        """Return the blank node that an IRI stands for, or another IRI itself.

        Raises:
            ProtocolError: 410, the IRI is of another snapshot; 404, it was never given.
        """
        if not iri.value.startswith(skolem_prefix(self.base)):
            return iri
        if not iri.value.startswith(self._prefix):
            detail = f"{iri.value} stood for a blank node of another snapshot; look it up anew"
            raise ProtocolError(410, "Gone", detail)
        try:
            return ox.BlankNode(iri.value.removeprefix(self._prefix))
        except ValueError:
            raise ProtocolError(404, "Not found", f"{iri.value} stands for nothing") from None


def part(position: str, text: str, names: BlankNames) -> Part:
    """Return what a string of an address says of one position of a pattern.

    Args:
        position: One of `POSITIONS`.
        text: As it was given.
        names: Of the blank nodes.

    Raises:
        ProtocolError: 400, it is nothing that can stand there; others as in `BlankNames.blank`.
    """
    if not text:
        return Variable()
    if _VARIABLE.fullmatch(text):
        return Variable(text[1:])
    if position == "graph" and text == DEFAULT_GRAPH:
        return ox.DefaultGraph()
    literal = _LITERAL.fullmatch(text) if position == "object" else None
    try:
        if literal is not None:
            return _literal(literal, names.base)
        return names.blank(_iri(text, names.base))
    except ValueError as error:
        raise _unexpected(position, text, str(error)) from None


def _literal(match: re.Match[str], base: str) -> ox.Literal:
    kind = match["type"]
    if kind is None:
        return ox.Literal(match["text"], language=match["language"])
    return ox.Literal(match["text"], datatype=_iri(kind, base))


def _iri(text: str, base: str) -> ox.NamedNode:
    if text.startswith("<") and text.endswith(">"):
        return ox.NamedNode(text[1:-1])
    match = _PREFIXED.fullmatch(text)
    namespace = PREFIXES.get(match["prefix"]) if match is not None else None
    if match is None or namespace is None:
        return ox.NamedNode(text)
    return ox.NamedNode(namespace.replace(CANONICAL_BASE, base) + match["local"])


def _unexpected(position: str, text: str, reason: str) -> ProtocolError:
    if text.startswith("_:"):
        reason = "a blank node has no name outside of its document; use the IRI that stands for it"
    detail = f"{position}={text[:200]}: {reason}; expected {_EXPECTED[position]}"
    return ProtocolError(400, "Malformed pattern", detail)


def bindings(text: str, names: BlankNames) -> list[dict[str, Term]]:
    """Return the bindings that `values` lists, such as `(?x) { (<http://a>) ("b"@en) }`.

    Raises:
        ProtocolError: 400, it is no such list, or too long; others as in `BlankNames.blank`.
    """
    if len(text) > LONGEST_VALUES:
        raise _no_values(f"it has {len(text)} characters, and at most {LONGEST_VALUES} are taken")
    whole = _VALUES.fullmatch(text)
    if whole is None:
        raise _no_values("it has another form")
    variables = [name[1:] for name in whole["names"].split()]
    found: list[dict[str, Term]] = []
    for row in _rows(whole["rows"]):
        if len(row) != len(variables):
            raise _no_values(f"row {len(found) + 1} has not one term for each variable")
        pairs = zip(variables, row, strict=True)
        found.append({name: term for name, text in pairs if (term := _term(text, names))})
    if len(found) > MOST_BINDINGS:
        raise _no_values(f"it has {len(found)} rows, and at most {MOST_BINDINGS} are taken")
    return found


def _rows(text: str) -> Iterator[list[str]]:
    position = 0
    while position < len(text):
        row = _ROW.match(text, position)
        if row is None:
            raise _no_values(f"this is no row of terms: {text[position : position + 80]}")
        yield _TERM.findall(row["terms"])
        position = row.end()


def _term(text: str, names: BlankNames) -> Term | None:
    """Return a term as Turtle writes it; None for `UNDEF`."""
    if text == "UNDEF":
        return None
    try:
        [quad] = ox.parse(f"<x:x> <x:x> {text} .", format=ox.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise _no_values(f"{text[:80]}: {error.msg}") from None
    term = cast(Term, quad.object)
    return names.blank(term) if isinstance(term, ox.NamedNode) else term


def _no_values(reason: str) -> ProtocolError:
    detail = f'values: {reason}; expected a list such as (?x ?y) {{ (<http://a.example> "b"@en) }}'
    return ProtocolError(400, "Malformed values", detail)
