"""Faults of syntax: what keeps a file from being Turtle, all of them at once."""

from typing import Final

from kg.check import catalogue
from kg.dataset import SourceFile
from kg.errors import MalformedError
from kg.findings import Edit, Finding, Fix
from kg.turtle import Fault

GENERAL: Final = "SYN01"  # the rule for what no other rule of syntax names


def check(file: SourceFile) -> list[Finding]:
    """Return every fault of syntax of a file; none where it is well-formed.

    pyoxigraph says whether there is one, so that a well-formed file is parsed once. Where it
    refuses a text in which the reader with places sees nothing wrong, its own words are the
    finding.
    """
    try:
        _ = file.triples
    except MalformedError as refused:
        faults = file.reading.faults
        if faults:
            return [_finding(file, fault) for fault in faults]
        at = file.lines.offset(refused.line, refused.column)
        span = file.lines.span(file.name, at, at)
        return [catalogue.finding(GENERAL, "parser", span, {"reason": refused.reason})]
    return []


def _finding(file: SourceFile, fault: Fault) -> Finding:
    variant = "known" if "iri" in fault.args and fault.code == "NMS01" else fault.variant
    span = file.lines.span(file.name, fault.start, fault.end)
    found = fault.args.get("found", "")
    said = catalogue.finding(fault.code, variant, span, fault.args, found=found)
    if not fault.edits:
        return said
    edits = tuple(Edit(file.name, start, end, text) for start, end, text in fault.edits)
    fix = Fix(said.help, edits, fault.is_safe)
    return catalogue.finding(fault.code, variant, span, fault.args, found=found, fixes=(fix,))
