"""Findings as the validation report of SHACL, in Turtle.

Findings of all layers are results. A rule of the shapes is the `sh:sourceShape` of its results;
other rules have no shape. A result without a focus node is about its file. Where it is written is
said with the W3C's Pointer Methods in RDF: a file, a line and a character for each end, counted
from 1; the end is the place after the last character.
"""

from collections.abc import Iterator
from typing import Final, cast

import pyoxigraph as ox

from kg.findings import LANGUAGES, Finding, Severity, Span, Text
from kg.namespaces import DCTERMS, RDF, SH, SHAPES, XSD
from kg.renderers.view import View
from kg.terms import Resource, Term

_PTR: Final = "http://www.w3.org/2009/pointers#"
_EARL: Final = "http://www.w3.org/ns/earl#"
_PREFIXES: Final = {
    "cps": SHAPES,
    "dcterms": DCTERMS,
    "earl": _EARL,
    "ptr": _PTR,
    "sh": SH,
    "xsd": XSD,
}
_SEVERITIES: Final = {Severity.VIOLATION: "Violation", Severity.WARNING: "Warning"}
_SHAPE_LAYER: Final = "shapes"


def render(view: View) -> str:
    """Return the report graph."""
    data = ox.serialize(_report(view), format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    return (data or b"").decode("utf-8").rstrip()


def _report(view: View) -> Iterator[ox.Triple]:
    report = ox.BlankNode("report")
    files = {f.path: ox.BlankNode(f"file{n}") for n, f in enumerate(_one_per_file(view), start=1)}
    yield _says(report, RDF + "type", ox.NamedNode(SH + "ValidationReport"))
    conforms = ox.Literal(str(not view.findings).lower(), datatype=ox.NamedNode(XSD + "boolean"))
    yield _says(report, SH + "conforms", conforms)
    results = [ox.BlankNode(f"result{n}") for n in range(1, len(view.findings) + 1)]
    for result in results:
        yield _says(report, SH + "result", result)
    for name, node in files.items():
        told = name.encode("utf-8", errors="replace").decode("utf-8")
        yield _says(node, DCTERMS + "identifier", ox.Literal(told))
    for result, finding in zip(results, view.findings, strict=True):
        yield from _result(view, result, finding, files)


def _one_per_file(view: View) -> list[Finding]:
    return list({finding.path: finding for finding in reversed(view.findings)}.values())[::-1]


def _result(
    view: View, result: ox.BlankNode, finding: Finding, files: dict[str, ox.BlankNode]
) -> Iterator[ox.Triple]:
    file = files[finding.path]
    yield _says(result, RDF + "type", ox.NamedNode(SH + "ValidationResult"))
    yield _says(result, DCTERMS + "identifier", ox.Literal(finding.code))
    severity = ox.NamedNode(SH + _SEVERITIES[finding.severity])
    yield _says(result, SH + "resultSeverity", severity)
    yield _says(result, SH + "focusNode", ox.NamedNode(finding.focus) if finding.focus else file)
    if finding.property:
        yield _says(result, SH + "resultPath", ox.NamedNode(finding.property))
    if finding.value:
        yield _says(result, SH + "value", _term(finding.value))
    if finding.component:
        yield _says(result, SH + "sourceConstraintComponent", ox.NamedNode(finding.component))
    if view.rules[finding.code].layer == _SHAPE_LAYER:
        yield _says(result, SH + "sourceShape", ox.NamedNode(SHAPES + finding.code))
    for message in _literals(finding.said):
        yield _says(result, SH + "resultMessage", message)
    yield from _pointer(result, finding.span, file)


def _pointer(result: ox.BlankNode, span: Span, file: ox.BlankNode) -> Iterator[ox.Triple]:
    whole = ox.BlankNode(f"{result.value}place")
    yield _says(result, _EARL + "pointer", whole)
    yield _says(whole, RDF + "type", ox.NamedNode(_PTR + "StartEndPointer"))
    ends = (("start", span.line, span.column), ("end", span.end_line, span.end_column))
    nodes = [ox.BlankNode(f"{result.value}{name}") for name, _, _ in ends]
    for (name, _, _), node in zip(ends, nodes, strict=True):
        yield _says(whole, f"{_PTR}{name}Pointer", node)
    for (_, line, column), node in zip(ends, nodes, strict=True):
        yield _says(node, RDF + "type", ox.NamedNode(_PTR + "LineCharPointer"))
        yield _says(node, _PTR + "reference", file)
        yield _says(node, _PTR + "lineNumber", ox.Literal(line))
        yield _says(node, _PTR + "charNumber", ox.Literal(column))


def _term(value: str) -> Term:
    """Return a term that is written in N-Triples."""
    line = f"<urn:x:s> <urn:x:p> {value} ."
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    return cast(Term, quad.object)


def _literals(text: Text) -> Iterator[ox.Literal]:
    for language in LANGUAGES:
        if said := getattr(text, language):
            yield ox.Literal(said, language=language)


def _says(subject: Resource, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
