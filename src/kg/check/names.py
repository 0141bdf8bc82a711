"""Names of other vocabularies: a term that its vocabulary does not have is a slip of the pen.

`skos:prefLable` is legal RDF and says nothing to anybody. The terms of our own namespace are
checked by a shape (VOC01); those of well-known vocabularies here. A term that the ontology, its
alignments or the shapes mention is taken for known. The others are in `vocabularies.txt`, which
`kg docs` makes of the lists that come with rdflib; DCAT is left out, because rdflib has version 2.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.check.catalogue import finding
from kg.check.declarations import declarations, named
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
_IRI: Final = re.compile(f"<((?:{'|'.join(map(re.escape, _CLOSED))})[^>]*)>")


def check(files: Iterable[SourceFile], known: frozenset[str]) -> Iterator[Finding]:
    """Yield a finding for each property or class that its vocabulary does not have.

    Args:
        files: Well-formed files.
        known: Names that are certain, from `mentioned`.
    """
    for file in files:
        if not any(_is_doubtful(name, known) for name in _written(file)):
            continue
        wrong = {name for name in _used(file) if _is_doubtful(name, known)}
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


def _is_doubtful(name: str, known: frozenset[str]) -> bool:
    space = None if name in known else _vocabulary(name)
    return space is not None and name not in _terms(space)


def _written(file: SourceFile) -> set[str]:
    """Return the names of well-known vocabularies that stand in a text, and perhaps some more.

    They are looked for in the text, comments and all, because most files have no wrong one and
    need not be parsed again to see that.
    """
    text = file.text
    declared = [each for each in declarations(file) if _vocabulary(each.iri) is not None]
    spaces = {each.name: each.iri for each in declared}
    if "\\u" in text or "\\U" in text or turtle.may_have_base(text) or len(spaces) < len(declared):
        return _used(file)
    found = {name for name in _IRI.findall(text) if name not in _CLOSED}
    if spaces:
        prefix = "|".join(map(re.escape, sorted(spaces)))
        names = re.findall(rf"(?<![\w.:-])({prefix}):([^\s;,()\[\]<>\"'#]*)", text)
        empty = sum(not local for _, local in names)
        if empty > len(declared):
            return _used(file)
        found |= {spaces[name] + local.rstrip(".") for name, local in names if local}
    return found


def _used(file: SourceFile) -> set[str]:
    """Return the properties and classes that a file uses."""
    used: set[str] = set()
    for triple in file.fresh_triples():
        used.add(triple.predicate.value)
        if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
            used.add(triple.object.value)
    return used


def _vocabulary(name: str) -> str | None:
    return next((space for space in _CLOSED if name.startswith(space)), None)


def _terms(space: str) -> frozenset[str]:
    return _vocabularies()[space]


@cache
def _vocabularies() -> dict[str, frozenset[str]]:
    """Return the terms of each vocabulary."""
    listed = resources.files(__package__).joinpath("vocabularies.txt").read_text(encoding="utf-8")
    found: dict[str, frozenset[str]] = {}
    for line in listed.splitlines():
        prefix, *terms = line.split()
        space = PREFIXES[prefix]
        found[space] = frozenset(space + term for term in terms)
    return found


def vocabularies() -> str:
    """Return the terms of each vocabulary as rdflib lists them: a line each, its prefix first."""
    from rdflib import namespace

    prefixes = {iri: prefix for prefix, iri in PREFIXES.items()}
    lines = []
    for space, name in _CLOSED.items():
        listed = getattr(namespace, name)
        terms = sorted(str(term).removeprefix(str(listed)) for term in dir(listed))
        lines.append(" ".join([prefixes[space], *terms]))
    return "\n".join(lines) + "\n"


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
