"""A comparison for programs: as JSON, and as RDF Patch."""

import json
from typing import Any

from kg.changes import facts
from kg.changes.compare import Comparison, EntityChange
from kg.changes.facts import Inline, Value
from kg.changes.impact import Impact
from kg.changes.naming import Names
from kg.changes.sides import Side
from kg.dataset import SourceFile
from kg.findings import Finding


def as_json(comparison: Comparison, names: Names, impact: Impact | None = None) -> str:
    """Return a comparison as a JSON object; terms are in the form of N-Triples."""
    added, removed = comparison.graph_changes
    told: dict[str, Any] = {
        "old": comparison.old.title,
        "new": comparison.new.title,
        "data_changed": comparison.is_data_changed,
        "added": len(added),
        "removed": len(removed),
        "entities": [_entity(entity, names) for entity in comparison.entities],
        "formatted": list(comparison.formatted),
        "broken": [
            {
                "state": title,
                "file": broken.name,
                "line": broken.line,
                "column": broken.column,
                "reason": broken.reason,
            }
            for title, broken in comparison.broken
        ],
    }
    if impact is not None:
        told["impact"] = _impact(impact, names)
    return json.dumps(told, ensure_ascii=False, indent=1)


def as_rdf_patch(comparison: Comparison) -> str:
    """Return a comparison as RDF Patch: what to delete and what to add, graph by graph.

    A blank node has a label that depends on what it says, so it is the same in both states.
    """
    before, after = (_quads(comparison, side) for side in (comparison.old, comparison.new))
    lines = [
        *sorted(f"D {line} ." for line in before - after),
        *sorted(f"A {line} ." for line in after - before),
    ]
    return "\n".join(["TX .", *lines, "TC ."])


def _quads(comparison: Comparison, side: Side) -> frozenset[str]:
    read = (
        file for name in comparison.told if isinstance(file := side.files.get(name), SourceFile)
    )
    return frozenset(line for file in read for line in facts.flat_of_file(file))


def _term(term: Value) -> str:
    return term.text if isinstance(term, Inline) else str(term)


def _entity(entity: EntityChange, names: Names) -> dict[str, Any]:
    told: dict[str, Any] = {
        "iri": entity.entity.text if isinstance(entity.entity, Inline) else entity.entity.value,
        "label": "" if isinstance(entity.entity, Inline) else names.label(entity.entity),
        "status": entity.status,
        "changes": [
            {
                "property": change.predicate.value,
                "label": names.property(change.predicate),
                "before": [_term(value) for value in change.before],
                "after": [_term(value) for value in change.after],
                "file": change.file,
            }
            for change in entity.changes
        ],
        "moves": [
            {
                "property": move.fact.predicate.value,
                "value": _term(move.fact.object),
                "before": move.before,
                "after": move.after,
            }
            for move in entity.moves
        ],
    }
    if entity.was is not None:
        told |= {"was": entity.was.value, "followers": entity.followers}
    return told


def _impact(impact: Impact, names: Names) -> dict[str, Any]:
    return {
        "pages": [{"iri": page.value, "label": names.label(page)} for page in impact.pages],
        "totals_that_agree": [total._asdict() for total in impact.agree],
        "totals_that_disagree": [total._asdict() for total in impact.disagree],
        "answers": [answer._asdict() for answer in impact.answers],
        "findings_new": [_finding(finding) for finding in impact.appeared],
        "findings_mended": [_finding(finding) for finding in impact.mended],
        "unknown": impact.unknown,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "file": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }
