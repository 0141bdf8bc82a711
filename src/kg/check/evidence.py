"""Whether the claims still point at the words that they were read from.

The dataset keeps no sentence of a source, only where it stands: offsets, the hash of the span, and
the length and hash of the whole text. With a folder of the source texts each of these is checked.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox

from kg.check.catalogue import finding
from kg.check.places import NOWHERE, Places
from kg.dataset import SOURCE, Dataset
from kg.errors import DataError, MissingFileError
from kg.findings import Finding, in_order
from kg.namespaces import DCTERMS, ONT, SKOS, shorten
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
SELECT ?source ?span ?start ?end ?hash ?note WHERE {{
  ?span cpo:inDocument ?source ; cpo:spanStart ?start ; cpo:spanEnd ?end .
  OPTIONAL {{ ?span cpo:spanHash ?hash }}
  OPTIONAL {{ ?span <{SKOS}note> ?note }}
}} ORDER BY ?span
"""


@dataclass(frozen=True)
class EvidenceReport:
    """What a check of evidence saw.

    Attributes:
        findings: In the order of files and lines.
        texts: How many source texts were looked at.
        spans: How many spans were compared.
        withheld: How many spans have no hash on purpose: they hold a name that is not published,
            and a hash would let anyone confirm a guess.
    """

    findings: list[Finding]
    texts: int
    spans: int
    withheld: int


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
    seen = [_check_source(store, source, folder, places) for source in select(store, _QUERY)]
    if not seen:
        raise MissingFileError("data/sources: no cpo:SourceDocument, so there is no span to check")
    return EvidenceReport(
        in_order(finding for report in seen for finding in report.findings),
        len(seen),
        sum(report.spans for report in seen),
        sum(report.withheld for report in seen),
    )


def _check_source(
    store: ox.Store, source: ox.QuerySolution, folder: Path, places: Places
) -> EvidenceReport:
    iri, name = source["source"], source["file"].value
    path = folder / Path(name).name
    if not path.is_file():
        args = {"name": name, "folder": folder}
        fault = _finding(places, iri, DCTERMS + "identifier", "EVD03", "missing", args)
        return EvidenceReport([fault], 1, 0, 0)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != source["hash"].value:
        fault = _finding(places, iri, ONT + "textHash", "EVD01", "hash", {"path": path})
        return EvidenceReport([fault], 1, 0, 0)
    text = data.decode("utf-8")
    findings = []
    if len(text) != _number(source["length"]):
        args = {"path": path, "length": len(text), "stated": source["length"].value}
        findings.append(_finding(places, iri, ONT + "textLength", "EVD01", "length", args))
    rows = _spans_of(store, iri)
    hashed = [row for row in rows if row["hash"] is not None]
    for row in hashed:
        start, end = _number(row["start"]), _number(row["end"])
        if hashlib.sha256(text[start:end].encode()).hexdigest() != row["hash"].value:
            args = {"span": shorten(row["span"].value), "start": start, "end": end, "name": name}
            findings.append(
                _finding(places, row["span"], ONT + "spanStart", "EVD02", "other-words", args)
            )
    for row in rows:
        if row["hash"] is None and row["note"] is None:
            args = {"span": shorten(row["span"].value)}
            findings.append(
                _finding(places, row["span"], ONT + "spanStart", "EVD02", "no-hash", args)
            )
    return EvidenceReport(findings, 1, len(hashed), len(rows) - len(hashed))


def _number(term: ox.Literal) -> int:
    try:
        return int(term.value)
    except ValueError:
        raise DataError(f"{term} is not a whole number; kg check says where it stands") from None


def _spans_of(store: ox.Store, source: ox.NamedNode) -> list[ox.QuerySolution]:
    answer = store.query(_SPANS, substitutions={ox.Variable("source"): source})
    return list(cast(ox.QuerySolutions, answer))


def _finding(
    places: Places,
    focus: ox.NamedNode,
    prop: str,
    code: str,
    variant: str,
    args: Mapping[str, object],
) -> Finding:
    place = places.find(focus, ox.NamedNode(prop))
    return finding(
        code,
        variant,
        NOWHERE if place is None else place.span,
        args,
        focus=focus.value,
        property=prop,
    )
