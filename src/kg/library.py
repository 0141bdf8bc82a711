"""The questions of the library as statements, so that they have IRIs and lead somewhere.

Each is a `sh:SPARQLExecutable` (SHACL Advanced Features, section 5.2) with the properties that
SPARQL editors read examples by: `rdfs:comment` has the question, `schema:keywords` its group and
`schema:target` the endpoint (SIB's collection of SPARQL examples).

What it can be asked with is a `sh:Parameter`, as a SHACL function has them (section 5.1.1 there):
the local name of `sh:path` is the variable, `sh:datatype` or `sh:class` says what it takes and
`sh:defaultValue` what stands in the query. So the graph alone suffices to ask: `read_library` is
the way back, from statements to what can be asked.
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
    XSD,
    shorten,
)
from kg.queryfile import CLASSES, Parameter, QueryFile
from kg.terms import Quads

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
_DATATYPES: Final = {
    "year": XSD + "gYear",
    "date": XSD + "date",
    "integer": XSD + "integer",
    "text": XSD + "string",
    "lang": XSD + "string",
}
_TAG: Final = "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"  # of a language, as BCP 47 writes it
_TYPE_OF: Final = {iri: type for type, iri in _DATATYPES.items() if type != "lang"}
_KINDS: Final = {iri: kind for kind, iri in CLASSES.items()}
# A string or a comment names no term.
_SILENT: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|(?<=\s)#[^\n]*")


def statements(library: Iterable[QueryFile]) -> Iterator[ox.Triple]:
    """Give what there is to say about some questions, under the canonical base."""
    whole = ox.NamedNode(QUESTION.removesuffix("/"))
    for number, query in enumerate(library):
        subject = ox.NamedNode(QUESTION + query.name)
        if number == 0:
            yield ox.Triple(whole, ox.NamedNode(DCTERMS + "title"), _TITLE)
            yield from _prefixes(whole)
        yield ox.Triple(whole, ox.NamedNode(DCTERMS + "hasPart"), subject)
        for predicate, value in _said(query):
            yield ox.Triple(subject, ox.NamedNode(predicate), value)
        for order, parameter in enumerate(query.parameters):
            yield from _parameter(subject, parameter, order)


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


def read_library(store: Quads, base: str) -> dict[str, QueryFile]:
    """Return the questions that a snapshot holds, by name.

    What the tests demand of an answer is not in the graph, so `expect` is empty.

    Args:
        store: A snapshot, or its description alone.
        base: What its IRIs begin with.
    """
    of_type = ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "SPARQLExecutable")
    prefix = f"{base}question/"
    found = {}
    for quad in store.quads_for_pattern(None, *of_type, None):
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(prefix):
            name = quad.subject.value.removeprefix(prefix)
            found[name] = _read(_Values(store, quad.subject), name, base)
    return dict(sorted(found.items()))


def bound(query: QueryFile, values: Mapping[str, str], base: str) -> str:
    """Return the SPARQL of a question for a snapshot, with values for its parameters.

    Args:
        query: From `read_library`.
        values: As a person gives them, by the name of the parameter.
        base: What the IRIs of the snapshot begin with.

    Raises:
        UnknownNameError, UsageError: As in `QueryFile.bind`.
    """
    return query.bind(values).replace(CANONICAL_BASE, base)


class _Values:
    """The values that a node has."""

    def __init__(self, store: Quads, node: ox.NamedNode) -> None:
        self._store = store
        self._all: dict[str, list[ox.NamedNode | ox.Literal]] = {}
        for quad in store.quads_for_pattern(node, None, None, None):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                self._all.setdefault(quad.predicate.value, []).append(quad.object)

    def of(self, node: ox.NamedNode) -> "_Values":
        """Return the values of another node."""
        return _Values(self._store, node)

    def texts(self, *predicates: str) -> dict[str, str]:
        """Return the values of some properties, by language; one without has an empty one."""
        found = [v for p in predicates for v in self._all.get(p, []) if isinstance(v, ox.Literal)]
        return dict(sorted((v.language or "", v.value) for v in found))

    def text(self, *predicates: str) -> str:
        """Return the first value of some properties; empty where there is none."""
        return next((v.value for p in predicates for v in self._all.get(p, [])), "")

    def nodes(self, predicate: str) -> list[ox.NamedNode]:
        """Return those values of a property that are IRIs."""
        return [v for v in self._all.get(predicate, []) if isinstance(v, ox.NamedNode)]


def _read(said: _Values, name: str, base: str) -> QueryFile:
    own = [said.of(node) for node in said.nodes(SH + "parameter")]
    own.sort(key=lambda one: int(one.text(SH + "order") or 0))
    return QueryFile(
        name=name,
        text=said.text(*(SH + carrier for _, carrier in _TYPES.values())),
        question=said.texts(RDFS + "label"),
        id=said.text(DCTERMS + "identifier"),
        group=said.text(SCHEMA + "keywords"),
        note=said.text(SKOS + "scopeNote"),
        parameters=tuple(_read_parameter(one, base) for one in own),
    )


def _read_parameter(said: _Values, base: str) -> Parameter:
    datatype = said.text(SH + "datatype")
    kind = said.text(SH + "class")
    default = said.text(SH + "defaultValue")
    if not datatype:
        default = shorten(_canonical(default, base))
    return Parameter(
        name=said.text(SH + "path").rpartition("#")[2],
        type="lang" if said.text(SH + "pattern") else _TYPE_OF.get(datatype, "iri"),
        default=default,
        label=said.texts(SH + "name"),
        kind=_KINDS.get(_canonical(kind, base), ""),
    )


def _canonical(iri: str, base: str) -> str:
    return CANONICAL_BASE + iri.removeprefix(base) if iri.startswith(base) else iri


def _parameter(question: ox.NamedNode, parameter: Parameter, order: int) -> Iterator[ox.Triple]:
    """Yield what there is to say about a parameter of a question."""
    this = ox.NamedNode(f"{question.value}#{parameter.name}")
    path = ox.NamedNode(f"{QUESTION.removesuffix('/')}#{parameter.name}")
    yield ox.Triple(question, ox.NamedNode(SH + "parameter"), this)
    yield ox.Triple(path, ox.NamedNode(RDF + "type"), ox.NamedNode(RDF + "Property"))
    yield ox.Triple(path, ox.NamedNode(RDFS + "label"), ox.Literal(parameter.name, language="en"))
    said: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (RDF + "type", ox.NamedNode(SH + "Parameter")),
        (SH + "path", path),
        (SH + "order", _number(order)),
        (SH + "optional", ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))),
        (SH + "defaultValue", parameter.node(parameter.default)),
        *((SH + "name", ox.Literal(text, language=tag)) for tag, text in parameter.label.items()),
    ]
    if parameter.type == "iri":
        said.append((SH + "nodeKind", ox.NamedNode(SH + "IRI")))
    else:
        said.append((SH + "datatype", ox.NamedNode(_DATATYPES[parameter.type])))
    if parameter.type == "lang":
        said.append((SH + "pattern", ox.Literal(_TAG)))
    if parameter.kind:
        said.append((SH + "class", ox.NamedNode(CLASSES[parameter.kind])))
    for predicate, value in said:
        yield ox.Triple(this, ox.NamedNode(predicate), value)


def _prefixes(library: ox.NamedNode) -> Iterator[ox.Triple]:
    """Yield the prefixes of all questions; each query declares its own besides, to run anywhere."""
    for prefix, namespace in PREFIXES.items():
        this = ox.NamedNode(f"{library.value}#prefix-{prefix}")
        address = ox.Literal(namespace, datatype=ox.NamedNode(XSD + "anyURI"))
        yield ox.Triple(library, ox.NamedNode(SH + "declare"), this)
        yield ox.Triple(this, ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "PrefixDeclaration"))
        yield ox.Triple(this, ox.NamedNode(SH + "prefix"), ox.Literal(prefix))
        yield ox.Triple(this, ox.NamedNode(SH + "namespace"), address)


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))


def _said(query: QueryFile) -> Iterator[tuple[str, ox.NamedNode | ox.Literal]]:
    text = text_of(query)
    form = _FORM.search(_PREFIX.sub("", text))
    kind, carrier = _TYPES[form[1].upper() if form and form[1].upper() in _TYPES else "SELECT"]
    yield RDF + "type", ox.NamedNode(SH + "SPARQLExecutable")
    yield RDF + "type", ox.NamedNode(SH + kind)
    if query.parameters:
        yield RDF + "type", ox.NamedNode(SH + "Parameterizable")
    yield SH + "prefixes", ox.NamedNode(QUESTION.removesuffix("/"))
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
