"""Whether the claims still point at the words that they were read from.

The dataset keeps no sentence of a source, only where it stands: offsets, the hash of the span, and
the length and hash of the whole text. With a folder of the source texts each of these is checked.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kg.check.places import Places
from kg.dataset import SOURCE, Dataset
from kg.errors import MissingFileError
from kg.findings import Finding, Severity, in_order
from kg.namespaces import DCTERMS, ONT, shorten
from kg.terms import in_default_graph, select

_QUERY: Final = f"""
PREFIX cpo: <{ONT}> PREFIX dcterms: <{DCTERMS}>
SELECT ?source ?file ?length ?hash WHERE {{
  ?source a cpo:SourceDocument ; dcterms:identifier ?file ;
    cpo:textLength ?length ; cpo:textHash ?hash .
}} ORDER BY ?source
"""
_SPANS: Final = f"""
PREFIX cpo: <{ONT}>
SELECT ?source ?span ?start ?end ?hash WHERE {{
  ?span cpo:inDocument ?source ; cpo:spanStart ?start ; cpo:spanEnd ?end .
  OPTIONAL {{ ?span cpo:spanHash ?hash }}
}} ORDER BY ?span
"""


@dataclass(frozen=True)
class EvidenceReport:
    """What a check of evidence saw: findings, and how many texts and spans were compared."""

    findings: list[Finding]
    texts: int
    spans: int


def check(dataset: Dataset, folder: Path) -> EvidenceReport:
    """Compare every source text and every span with the texts in a folder.

    Raises:
        MissingFileError: The folder is not there, or the dataset has no source document.
    """
    if not folder.is_dir():
        raise MissingFileError(f"{folder}: not a folder; name the folder of the source texts")
    store = ox.Store()
    for file in dataset.files:
        if file.graph.startswith(SOURCE):
            store.extend(in_default_graph(t) for t in file.triples)
    places = Places(tuple(f for f in dataset.files if f.graph.startswith(SOURCE)))
    findings: list[Finding] = []
    texts = spans = 0
    for source in select(store, _QUERY):
        found, number = _check_source(store, source, folder, places)
        findings += found
        texts += 1
        spans += number
    if not texts:
        raise MissingFileError("data/sources: no cpo:SourceDocument, so there is no span to check")
    return EvidenceReport(in_order(findings), texts, spans)


def _check_source(
    store: ox.Store, source: ox.QuerySolution, folder: Path, places: Places
) -> tuple[list[Finding], int]:
    iri, name = source["source"], source["file"].value
    path = folder / Path(name).name
    if not path.is_file():
        return [
            _finding(places, iri, "identifier", "EVD03", f"{name} is not in {folder}", DCTERMS)
        ], 0
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != source["hash"].value:
        reason = f"{path} has another SHA-256; this is not the text that was read"
        return [_finding(places, iri, "textHash", "EVD01", reason)], 0
    text = data.decode("utf-8")
    findings = []
    if len(text) != int(source["length"].value):
        reason = f"{path} has {len(text)} characters, stated are {source['length'].value}"
        findings.append(_finding(places, iri, "textLength", "EVD01", reason))
    rows = _spans_of(store, iri)
    for row in rows:
        words = text[int(row["start"].value) : int(row["end"].value)]
        stated = row["hash"].value if row["hash"] is not None else ""
        if hashlib.sha256(words.encode()).hexdigest() != stated:
            reason = (
                f"{shorten(row['span'].value)} does not hold the words that were read: the hash of "
                f"characters {row['start'].value} to {row['end'].value} of {name} is another"
                if stated
                else f"{shorten(row['span'].value)} has no cpo:spanHash to compare with"
            )
            findings.append(_finding(places, row["span"], "spanStart", "EVD02", reason))
    return findings, len(rows)


def _spans_of(store: ox.Store, source: ox.NamedNode) -> list[ox.QuerySolution]:
    answer = store.query(_SPANS, substitutions={ox.Variable("source"): source})
    return list(cast(ox.QuerySolutions, answer))


def _finding(
    places: Places, focus: ox.NamedNode, name: str, code: str, reason: str, space: str = ONT
) -> Finding:
    place = places.find(focus, ox.NamedNode(space + name))
    file, (line, column) = ("data", (1, 1))
    if place is not None:
        file, (line, column) = place.file.name, place.file.lines.at(place.offset)
    return Finding(code, Severity.VIOLATION, file, line, column, f"{code}: {reason}", focus.value)
