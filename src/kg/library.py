"""The questions of the library as statements, so that they have IRIs and lead somewhere.

Each is a `sh:SPARQLExecutable` (SHACL Advanced Features, section 5.2) with the properties that
SPARQL editors read examples by: `rdfs:comment` has the question, `schema:keywords` its group and
`schema:target` the endpoint (SIB's collection of SPARQL examples).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from kg.namespaces import (
    CANONICAL_BASE,
    DCTERMS,
    ONT,
    PREFIXES,
    RDF,
    RDFS,
    REF,
    SCHEMA,
    SH,
    SKOS,
    VOC,
)
from kg.queryfile import QueryFile

QUESTION: Final = CANONICAL_BASE + "question/"
_ENDPOINT: Final = CANONICAL_BASE + "sparql"
_TITLE: Final = ox.Literal("Questions that the dataset answers", language="en")
_FORM: Final = re.compile(r"^\s*(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.M | re.I)
_TYPES: Final = {
    "SELECT": ("SPARQLSelectExecutable", "select"),
    "ASK": ("SPARQLAskExecutable", "ask"),
    "CONSTRUCT": ("SPARQLConstructExecutable", "construct"),
}
_PREFIX: Final = re.compile(r"^\s*PREFIX\s+([\w-]*):\s*<([^<>]*)>", re.M | re.I)
_WORD: Final = re.compile(r"(?<![\w?$:-])([A-Za-z][\w-]*)?:([A-Za-z_][\w-]*)")
_IRI: Final = re.compile(r"<([A-Za-z][\w+.-]*:[^<>\s\"{}|^`\\]*)>")
# A string or a comment names no term.
_SILENT: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|(?<=\s)#[^\n]*")


def statements(library: Iterable[QueryFile]) -> Iterator[ox.Triple]:
    """Give what there is to say about some questions, under the canonical base."""
    whole = ox.NamedNode(QUESTION.removesuffix("/"))
    for number, query in enumerate(library):
        subject = ox.NamedNode(QUESTION + query.name)
        if number == 0:
            yield ox.Triple(whole, ox.NamedNode(DCTERMS + "title"), _TITLE)
        yield ox.Triple(whole, ox.NamedNode(DCTERMS + "hasPart"), subject)
        for predicate, value in _said(query):
            yield ox.Triple(subject, ox.NamedNode(predicate), value)


def text_of(query: QueryFile) -> str:
    """Return the SPARQL of a question without its header."""
    lines = [line for line in query.text.splitlines() if not line.startswith("#+")]
    return "\n".join(lines).strip() + "\n"


def mentioned(text: str, prefixes: Mapping[str, str] = PREFIXES) -> set[str]:
    """Return the IRIs that a SPARQL query names, in full or by a prefix.

    Args:
        text: Well-formed SPARQL, whole or in part.
        prefixes: Namespaces by prefix, for those that the text does not declare itself.

    >>> sorted(mentioned("SELECT ?s { ?s a c:City ; <http://a.example/p> 'x:y' }", {"c": "urn:c:"}))
    ['http://a.example/p', 'urn:c:City']
    """
    declared = {**prefixes, **dict(_PREFIX.findall(text))}
    body = _SILENT.sub(" ", _PREFIX.sub("", text))
    names = {
        declared[match[1] or ""] + match[2]
        for match in _WORD.finditer(_IRI.sub(" ", body))
        if (match[1] or "") in declared
    }
    return names | set(_IRI.findall(body))


def _said(query: QueryFile) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    text = text_of(query)
    form = _FORM.search(_PREFIX.sub("", text))
    kind, carrier = _TYPES[form[1].upper() if form and form[1].upper() in _TYPES else "SELECT"]
    yield RDF + "type", ox.NamedNode(SH + "SPARQLExecutable")
    yield RDF + "type", ox.NamedNode(SH + kind)
    yield SH + carrier, ox.Literal(text)
    for language, question in query.question.items():
        yield RDFS + "label", ox.Literal(question, language=language)
    yield RDFS + "comment", ox.Literal(query.question["en"], language="en")
    yield SCHEMA + "keywords", ox.Literal(query.group)
    yield SCHEMA + "target", ox.NamedNode(_ENDPOINT)
    if query.id:
        yield DCTERMS + "identifier", ox.Literal(query.id)
    if query.note:
        yield SKOS + "scopeNote", ox.Literal(query.note, language="en")
    for iri in sorted(mentioned(text)):
        if iri.startswith((ONT, VOC, REF)):
            yield SCHEMA + "mentions", ox.NamedNode(iri)
