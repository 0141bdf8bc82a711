"""Names of other vocabularies: a term that its vocabulary does not have is a slip of the pen.

`skos:prefLable` is legal RDF and says nothing to anybody. The terms of our own namespace are
checked by a shape (VOC01); those of well-known vocabularies here. A term that the ontology, its
alignments or the shapes mention is taken for known, so the lists that come with rdflib are only
looked at for the rare name that is not. DCAT is left out, because rdflib lists version 2 of it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from kg.check.catalogue import finding
from kg.check.declarations import named
from kg.check.nearest import closest
from kg.check.places import span
from kg.dataset import SourceFile
from kg.findings import Edit, Finding, Fix, Text
from kg.namespaces import DCTERMS, FOAF, ORG, OWL, PREFIXES, RDF, RDFS, SKOS, VOID, shorten

_TYPE: Final = ox.NamedNode(RDF + "type")

# Vocabularies whose terms rdflib lists in full. schema.org is listed under its https spelling.
_CLOSED: Final = {
    DCTERMS: "DCTERMS",
    FOAF: "FOAF",
    ORG: "ORG",
    OWL: "OWL",
    PREFIXES["prov"]: "PROV",
    RDF: "RDF",
    RDFS: "RDFS",
    PREFIXES["schema"]: "SDO",
    SKOS: "SKOS",
    VOID: "VOID",
}


def check(files: Iterable[SourceFile], known: frozenset[str]) -> Iterator[Finding]:
    """Yield a finding for each property or class that its vocabulary does not have.

    Args:
        files: Well-formed files.
        known: Names that are certain, from `mentioned`.
    """
    for file in files:
        doubtful = {
            name for name in _used(file) if name not in known and _vocabulary(name) is not None
        }
        wrong = {name for name in doubtful if name not in _terms(_vocabulary(name) or "")}
        if not wrong:
            continue
        for statement in file.statements:
            if statement.predicate.value in wrong:
                yield _finding(
                    file,
                    statement.predicate.value,
                    statement.predicate_at,
                    statement.predicate_end,
                )
            kind = statement.object.value if statement.predicate == _TYPE else ""
            if kind in wrong:
                yield _finding(file, kind, statement.object_at, statement.object_end)


def mentioned(texts: Iterable[str]) -> frozenset[str]:
    """Return the IRIs of all prefixed names in some Turtle texts of the project's own."""
    found: set[str] = set()
    for text in texts:
        for prefix, local in re.findall(r"(?<![\w:])([a-z][\w-]*):([A-Za-z][\w-]*)", text):
            if prefix in PREFIXES:
                found.add(PREFIXES[prefix] + local)
    return frozenset(found)


def _used(file: SourceFile) -> set[str]:
    properties: set[ox.NamedNode] = set()
    kinds: set[object] = set()
    for triple in file.triples:
        predicate = triple.predicate
        properties.add(predicate)
        if predicate == _TYPE:
            kinds.add(triple.object)
    classes = {kind.value for kind in kinds if isinstance(kind, ox.NamedNode)}
    return {each.value for each in properties} | classes


def _vocabulary(name: str) -> str | None:
    return next((space for space in _CLOSED if name.startswith(space)), None)


@lru_cache(maxsize=len(_CLOSED))
def _terms(space: str) -> frozenset[str]:
    from rdflib import namespace

    listed = getattr(namespace, _CLOSED[space])
    return frozenset(space + str(term).removeprefix(str(listed)) for term in dir(listed))


def _finding(file: SourceFile, name: str, start: int, end: int) -> Finding:
    space = _vocabulary(name) or ""
    near = closest(name.removeprefix(space), [term.removeprefix(space) for term in _terms(space)])
    right = "" if near is None else shorten(space + near)
    title = Text(f"write {right}", f"rašykite {right}", f"napišite {right}")
    written, declared = named(file, f"{space}{near}")
    fix = Fix(title, (Edit(file.name, start, end, written), *declared))
    return finding(
        "VOC02",
        "unknown" if near is None else "near",
        span(file, start, end),
        {"name": shorten(name), "near": right},
        found=shorten(name),
        value=f"<{name}>",
        fixes=() if near is None else (fix,),
    )
