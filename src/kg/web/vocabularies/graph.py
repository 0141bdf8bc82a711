"""The ontology, the shapes, the lists and the description of the dataset, in a store of their own.

They are small, whatever the size of the data, and everything that a page about a term shows is
found in them; so they are read once, by graph, also where the data is behind an endpoint.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from kg.languages import Label, choose_label
from kg.namespaces import CANONICAL_BASE, DCTERMS, OWL, PREFIXES, RDF, RDFS, SCHEMA, SH, SKOS
from kg.query.labels import Node, Reader, Shown, Term
from kg.terms import Quads

TYPE: Final = ox.NamedNode(RDF + "type")
HASH_DOCUMENTS: Final = ("ont", "shapes", "ref")
SECTIONS: Final = "ont/sections"
_IN_VIEW: Final = ("ontology", "lists")  # the accepted view holds them too
_BESIDE: Final = ("shapes", "meta")
_KINDS: Final = {
    OWL + "Class": "class",
    RDFS + "Class": "class",
    OWL + "ObjectProperty": "property",
    OWL + "DatatypeProperty": "property",
    OWL + "AnnotationProperty": "property",
    RDF + "Property": "property",
    RDFS + "Datatype": "datatype",
    SH + "NodeShape": "shape",
    SH + "PropertyShape": "shape",
    SKOS + "ConceptScheme": "scheme",
    SKOS + "Concept": "concept",
    SH + "SPARQLExecutable": "question",
}


def node(iri: str) -> ox.NamedNode:
    """Return a term by its IRI."""
    return ox.NamedNode(iri)


def chosen(reader: Reader, subject: ox.NamedNode, *predicates: str) -> Shown:
    """Return the text of a property in the language that suits the reader, or an empty one."""
    found = reader.labels(subject, [node(predicate) for predicate in predicates])
    label = choose_label(found, languages=reader.languages)
    return Shown(label.text, label.language) if label else Shown("")


def texts(
    reader: Reader, subject: ox.NamedNode, predicate: str, *, without: str = ""
) -> tuple[Label, ...]:
    """Return the texts of a property by language, without what they begin with."""
    found = sorted(reader.labels(subject, [node(predicate)]), key=lambda label: label.language)
    return tuple(label._replace(text=label.text.removeprefix(without)) for label in found)


class Vocabularies:
    """The terms of one snapshot.

    Attributes:
        base: What the IRIs of the dataset begin with.
        store: Everything in the graphs of the ontology, lists, shapes and metadata, and what the
            accepted view says of the terms and concepts; all in the default graph.
        uses: Of the concepts whose uses in the data were counted: how many there are, and whether
            there may be more.
    """

    def __init__(self, store: Quads, base: str) -> None:
        """Read the terms from a snapshot."""
        self.base = base
        self.store = ox.Store()
        self.uses: dict[ox.NamedNode, tuple[int, bool]] = {}
        found: set[ox.Triple] = set()
        for name in (*_IN_VIEW, *_BESIDE):
            graph = node(f"{base}graph/{name}")
            said = {quad.triple for quad in store.quads_for_pattern(None, None, None, graph)}
            found |= said
            if name in _IN_VIEW:
                for subject in {triple.subject for triple in said}:
                    view = store.quads_for_pattern(subject, None, None, ox.DefaultGraph())
                    found |= {quad.triple for quad in view}
        self.store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in found)

    def reader(self, languages: Sequence[str]) -> Reader:
        """Return what looks the labels of terms up for a reader of these languages."""
        return Reader(self.store, self.base, languages)

    def objects(self, subject: Node, *predicates: str) -> list[Term]:
        """Return the values of some properties, each once, in a fixed order."""
        found = {
            quad.object
            for predicate in predicates
            for quad in self.store.quads_for_pattern(subject, node(predicate), None, None)
        }
        return sorted(found, key=str)

    def named(self, subject: Node, *predicates: str) -> list[ox.NamedNode]:
        """Return those values of some properties that are IRIs."""
        found = self.objects(subject, *predicates)
        return [value for value in found if isinstance(value, ox.NamedNode)]

    def text(self, subject: Node, *predicates: str) -> str:
        """Return the first literal of some properties; empty where there is none."""
        found = self.objects(subject, *predicates)
        return next((value.value for value in found if isinstance(value, ox.Literal)), "")

    def subjects(self, predicate: str, value: ox.NamedNode | ox.BlankNode) -> list[ox.NamedNode]:
        """Return the IRIs that have a value, in a fixed order."""
        quads = self.store.quads_for_pattern(None, node(predicate), value, None)
        found = {quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)}
        return sorted(found, key=str)

    def of_type(self, *types: str) -> list[ox.NamedNode]:
        """Return the things of any of some types, in a fixed order."""
        found = {subject for name in types for subject in self.subjects(RDF + "type", node(name))}
        return sorted(found, key=str)

    def kinds(self, term: ox.NamedNode) -> set[str]:
        """Return what a term is: `class`, `property`, `shape`, `scheme`, `concept` and so on."""
        return {_KINDS[t.value] for t in self.named(term, RDF + "type") if t.value in _KINDS}

    def terms_of(self, name: str) -> dict[str, ox.NamedNode]:
        """Return the terms of a document by their local names; `name` is such as `ont`."""
        return self._terms.get(name, {})

    def addresses(self) -> list[str]:
        """Return the addresses, below the base, of the pages of terms and of questions."""
        terms = [f"{name}/{local}" for name in HASH_DOCUMENTS for local in self.terms_of(name)]
        return terms + [f"question/{name}" for name in self.questions]

    def find(self, name: str, local: str) -> ox.NamedNode | None:
        """Return the term of a document with this local name."""
        return self.terms_of(name).get(local)

    def variant(self, name: str, local: str) -> str | None:
        """Return the local name that differs from this one in the case of letters only.

        A class and a property may differ by their first letter only; that of the variant decides.
        None where there is none, or more than one.
        """
        near = [other for other in self.terms_of(name) if other.casefold() == local.casefold()]
        if len(near) > 1:
            near = [other for other in near if other[:1] == local[:1]]
        return near[0] if len(near) == 1 else None

    def statements(self, subject: Node) -> list[ox.Triple]:
        """Return what is said about a thing, with what is said about blank nodes in that."""
        waiting, seen, found = [subject], {subject}, []
        while waiting:
            for quad in self.store.quads_for_pattern(waiting.pop(), None, None, None):
                found.append(quad.triple)
                if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                    seen.add(quad.object)
                    waiting.append(quad.object)
        return found

    def pointing(self, term: ox.NamedNode) -> list[ox.Triple]:
        """Return the statements of named things that have a term as their value."""
        quads = self.store.quads_for_pattern(None, None, term, None)
        return [quad.triple for quad in quads if isinstance(quad.subject, ox.NamedNode)]

    def labels(self, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
        """Give the labels of the values and subjects of some statements."""
        predicates = [node(RDFS + "label"), node(SKOS + "prefLabel"), node(DCTERMS + "title")]
        named = {
            term
            for triple in triples
            for term in (triple.subject, triple.object)
            if isinstance(term, ox.NamedNode)
        }
        for term in named:
            for predicate in predicates:
                for quad in self.store.quads_for_pattern(term, predicate, None, None):
                    yield quad.triple

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The namespaces that the project uses, by prefix, under this base."""
        old, new = CANONICAL_BASE, self.base
        return {prefix: iri.replace(old, new, 1) for prefix, iri in PREFIXES.items()}

    def shorten(self, iri: str) -> str:
        """Return the prefixed name of an IRI, or the IRI itself."""
        fitting = [(len(ns), name) for name, ns in self.prefixes.items() if iri.startswith(ns)]
        if not fitting:
            return iri
        length, prefix = max(fitting)
        local = iri[length:]
        return f"{prefix}:{local}" if re.fullmatch(r"\w[\w-]*", local) else iri

    @cached_property
    def questions(self) -> dict[str, ox.NamedNode]:
        """The questions of the library by name."""
        prefix = f"{self.base}question/"
        found = self.of_type(SH + "SPARQLExecutable")
        return {q.value.removeprefix(prefix): q for q in found if q.value.startswith(prefix)}

    def questions_on(self, term: ox.NamedNode) -> list[ox.NamedNode]:
        """Return the questions whose query names a term."""
        known = set(self.questions.values())
        return [q for q in self.subjects(SCHEMA + "mentions", term) if q in known]

    @cached_property
    def _terms(self) -> dict[str, dict[str, ox.NamedNode]]:
        found: dict[str, dict[str, ox.NamedNode]] = defaultdict(dict)
        subjects = {quad.subject for quad in self.store.quads_for_pattern(None, None, None, None)}
        for subject in sorted(subjects, key=str):
            if isinstance(subject, ox.NamedNode) and subject.value.startswith(self.base):
                name, _, local = subject.value.removeprefix(self.base).partition("#")
                if local:
                    found[name][local] = subject
        return dict(found)
