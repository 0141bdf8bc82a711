"""What a reader sees of a term: a label in a language that suits, or the best that there is.

Looks things up in a store with its indexes, never with SPARQL; each label once for each reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pyoxigraph as ox

from kg.languages import Label, choose_label
from kg.namespaces import DCTERMS, FOAF, RDF, RDFS, SCHEMA, SKOS, XSD, shorten
from kg.query.common_words import SKOSXL, common_labels
from kg.terms import Quads

_RETRIEVED_FROM: Final = ox.NamedNode("http://purl.org/pav/retrievedFrom")
TYPE: Final = ox.NamedNode(RDF + "type")
LITERAL_FORM: Final = ox.NamedNode(SKOSXL + "literalForm")
LABEL_PROPERTIES: Final = (
    ox.NamedNode(SKOS + "prefLabel"),
    ox.NamedNode(RDFS + "label"),
    ox.NamedNode(DCTERMS + "title"),
    ox.NamedNode(FOAF + "name"),
    ox.NamedNode(SCHEMA + "name"),
    LITERAL_FORM,
)
_CODES: Final = (ox.NamedNode(DCTERMS + "identifier"), ox.NamedNode(SKOS + "notation"))
_SAYS_LITTLE: Final = frozenset(
    ("certainty", "claimStatus", "hasSpan", "conflictsWith", "leavesOpen")
)
_KEPT: Final = 20_000  # nodes whose labels are kept; some 10 MB
_PLAIN: Final = (XSD + "string", RDF + "langString")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Node = ox.NamedNode | ox.BlankNode


class Shown(NamedTuple):
    """A term as a reader sees it.

    Attributes:
        text: A label, or the value of a literal.
        language: BCP 47 tag of the text, or empty.
        iri: What it names; empty for a literal and for a blank node.
        datatype: Shortened, for a literal that is more than text.
    """

    text: str
    language: str = ""
    iri: str = ""
    datatype: str = ""


@dataclass
class Reader:
    """Looks up labels in a store, each one once.

    Attributes:
        store: Where the labels are.
        base: What the IRIs of the dataset begin with.
        languages: Tags that the reader prefers, best first.
    """

    store: Quads
    base: str
    languages: Sequence[str] = ()
    _known: dict[Term, Shown] = field(default_factory=dict)

    def term(self, local: str) -> ox.NamedNode:
        """Return the term of the ontology with this local name."""
        return ox.NamedNode(f"{self.base}ont#{local}")

    def values(self, subject: Node, predicate: ox.NamedNode) -> list[Term]:
        """Return the values in any graph, each once, in a fixed order."""
        quads = self.store.quads_for_pattern(subject, predicate, None, None)
        return sorted({quad.object for quad in quads}, key=str)

    def labels(self, node: Node, predicates: Sequence[ox.NamedNode]) -> list[Label]:
        """Return the labels of the first of the properties that has any.

        A label that the accepted view rejects is only given where there is no other.
        """
        for graph in (ox.DefaultGraph(), None):
            for predicate in predicates:
                quads = self.store.quads_for_pattern(node, predicate, None, graph)
                values = {q.object for q in quads if isinstance(q.object, ox.Literal)}
                if values:
                    return sorted(Label(value.value, value.language or "") for value in values)
        return []

    def one(self, subject: Node, predicate: ox.NamedNode) -> Shown:
        """Return the first value in any graph as the reader sees it; empty where there is none."""
        values = self.values(subject, predicate)
        return self.show(values[0]) if values else Shown("")

    def show(self, term: Term) -> Shown:
        """Return a term as the reader sees it."""
        if term not in self._known:
            self._known[term] = self._show(term)
        return self._known[term]

    def _show(self, term: Term) -> Shown:
        if isinstance(term, ox.Literal):
            datatype = term.datatype.value
            shown = "" if datatype in _PLAIN else shorten(datatype)
            return Shown(term.value, term.language or "", "", shown)
        if isinstance(term, ox.Triple):
            return Shown(str(term))
        iri = term.value if isinstance(term, ox.NamedNode) else ""
        label = self._label(term)
        if label is not None:
            return Shown(label.text, label.language, iri)
        common = choose_label(common_labels(iri), languages=self.languages)
        if common is not None:
            return Shown(common.text, common.language, iri)
        code = next(iter(self.labels(term, _CODES)), Label(""))
        return Shown(code.text or self._summary(term) or self._short(iri), "", iri)

    def _label(self, node: Node) -> Label | None:
        countries = [
            value.value.rpartition("/")[2]
            for value in self.values(node, self.term("country"))
            if isinstance(value, ox.NamedNode)
        ]
        country = countries[0] if countries else None
        found = self.labels(node, LABEL_PROPERTIES)
        return choose_label(found, languages=self.languages, country=country)

    def _summary(self, node: Node) -> str:
        """Name a thing that has no name by what it ties together, such as a participation."""
        found: list[tuple[int, str, str]] = []
        for quad in self.store.quads_for_pattern(node, None, None, ox.DefaultGraph()):
            local = quad.predicate.value.removeprefix(f"{self.base}ont#")
            if (
                quad.predicate == TYPE
                or isinstance(quad.object, ox.Triple)
                or local in _SAYS_LITTLE
            ):
                continue
            if isinstance(quad.object, ox.Literal):
                found.append((2, local, quad.object.value))
            elif (label := self._label(quad.object)) is not None:
                is_concept = isinstance(quad.object, ox.NamedNode) and "/voc/" in quad.object.value
                found.append((int(is_concept), local, label.text))
        return " · ".join(text for _, _, text in sorted(found)[:3])

    def _short(self, iri: str) -> str:
        short = shorten(iri)
        if short == iri and iri.startswith(self.base):
            return iri[len(self.base) :] or iri
        return short or "(no name)"


class Labels:
    """The labels that the accepted view has of nodes, as statements.

    They are kept, because most documents speak of the same classes, properties and concepts; but
    not those of a store elsewhere, which may change.
    """

    def __init__(self, store: Quads) -> None:
        """Look them up in a store."""
        self._store = store
        self._is_kept = isinstance(store, ox.Store)
        self._known: dict[Node, list[ox.Triple]] = {}

    def of(self, node: Node) -> list[ox.Triple]:
        """Return the labels of a node."""
        known = self._known.get(node)
        if known is None:
            known = [
                quad.triple
                for predicate in LABEL_PROPERTIES
                for quad in self._store.quads_for_pattern(node, predicate, None, ox.DefaultGraph())
                if isinstance(quad.object, ox.Literal)
            ]
            if self._is_kept:
                if len(self._known) >= _KEPT:
                    self._known.clear()
                self._known[node] = known
        return known


def graph_kind(graph: str, base: str) -> str:
    """Return the first part of a graph's name, such as `source`; `other` outside the base.

    >>> graph_kind("https://w3id.org/citypledge/graph/source/s000", "https://w3id.org/citypledge/")
    'source'
    """
    prefix = f"{base}graph/"
    return graph[len(prefix) :].partition("/")[0] if graph.startswith(prefix) else "other"


def source_label(reader: Reader, graph: str) -> Shown:
    """Return the name of a named graph; that of a source is the name of its document."""
    name = graph.removeprefix(f"{reader.base}graph/")
    document = f"{reader.base}id/{name}"
    nodes = [ox.NamedNode(graph), ox.NamedNode(document)]
    for node in nodes:
        label = choose_label(reader.labels(node, LABEL_PROPERTIES), languages=reader.languages)
        if label is not None:
            return Shown(label.text, label.language, graph)
    pages = reader.values(nodes[1], _RETRIEVED_FROM)
    host = urlsplit(pages[0].value).hostname if pages and isinstance(pages[0], ox.NamedNode) else ""
    return Shown(name.replace("/", " ") + (f" ({host})" if host else ""), "", graph)
