"""Entries of what was retired: in their own file, and once.

What an entry has to say is a matter of the shapes (RET01 to RET07). They see statements and not
files, so that two entries that say the same, and one that stands elsewhere, are looked for here.
"""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg.check.catalogue import finding
from kg.check.places import span
from kg.dataset import RETIRED, SourceFile
from kg.findings import Finding, Related, Text
from kg.namespaces import ONT, RDF, shorten
from kg.terms import Resource
from kg.turtle import Statement

_TYPE: Final = ox.NamedNode(RDF + "type")
_RETIRED: Final = ox.NamedNode(ONT + "RetiredThing")
_FIRST: Final = Text("the first entry", "pirmasis įrašas", "prvi vnos")


def check(file: SourceFile) -> Iterator[Finding]:
    """Yield the findings on the entries of one well-formed file of the dataset."""
    if file.graph == RETIRED:
        yield from _repeated(file)
        yield from _strange(file)
    elif "RetiredThing" in file.text:
        yield from _misplaced(file)


def _entries(file: SourceFile) -> Iterator[Statement]:
    for each in file.statements:
        if each.predicate == _TYPE and each.object == _RETIRED:
            yield each


def _repeated(file: SourceFile) -> Iterator[Finding]:
    first: dict[Resource, Statement] = {}
    for each in _entries(file):
        earlier = first.setdefault(each.subject, each)
        if earlier is not each:
            yield finding(
                "RET08",
                "again",
                span(file, each.subject_at, each.subject_end),
                {"thing": shorten(each.subject.value)},
                focus=each.subject.value,
                related=(Related(span(file, earlier.subject_at, earlier.subject_end), _FIRST),),
            )


def _strange(file: SourceFile) -> Iterator[Finding]:
    """Yield a finding for each thing of the file that it does not call retired."""
    known = {each.subject for each in _entries(file)}
    for each in file.statements:
        if each.subject not in known:
            known.add(each.subject)
            yield _place(file, each, "other")


def _misplaced(file: SourceFile) -> Iterator[Finding]:
    for each in _entries(file):
        yield _place(file, each, "elsewhere")


def _place(file: SourceFile, entry: Statement, variant: str) -> Finding:
    return finding(
        "RET09",
        variant,
        span(file, entry.subject_at, entry.subject_end),
        {"thing": shorten(entry.subject.value)},
        focus=entry.subject.value,
    )
