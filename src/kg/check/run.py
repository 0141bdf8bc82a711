"""One check from end to end: text, syntax, shapes, cross-file rules, in that order.

A file inside the dataset is checked as part of it. A file outside is checked on its own, with the
ontology and the lists: that is how a draft, a bad example or a stranger's file is judged.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg import dataset as files
from kg.accepted import accepted_quads, rulings
from kg.check import crossfile, names, rules, shapes, text
from kg.check.places import Places
from kg.dataset import LINKS, Dataset, SourceFile
from kg.errors import DataError, EncodingError, MalformedError, MissingFileError
from kg.findings import Finding, Severity, in_order
from kg.namespaces import RDF, shorten
from kg.terms import Triple

_SHOWN: Final = 60  # characters of a value that a message repeats
_DIGITS: Final = 8  # a value with more digits may be a telephone number and is not repeated

_UNREAD: Final = ("ENC01", "SYN01", "CNF05")  # findings that leave a file out of the rest

OUTSIDE: Final = files.SOURCE + "outside-the-dataset"


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        findings: In the order of files and lines.
        files: How many files were read.
        complete: False where faults of syntax kept the rules on the graph from being run.
        dataset: What was read, for a build to go on with; None where it is not whole.
    """

    findings: list[Finding]
    files: int
    complete: bool
    dataset: Dataset | None


def check_dataset(root: Path, engine: shapes.Engine = "pyshifty") -> Report:
    """Check every file of the dataset at `root`.

    Raises:
        MissingFileError: A folder that has to hold files is empty.
        DataError: A shape is at fault, or a file stands where no named graph is.
    """
    texts = rules.shape_files(root)
    findings, read = _read(files.paths(root), root)
    dataset = Dataset(root, tuple(read))
    complete = not any(finding.code in _UNREAD for finding in findings)
    findings += names.check(read, _known(read, texts))
    for file in read:
        findings += text.check(file)
        if file.path.is_relative_to(root / "data"):
            findings += text.check_nodes(file)
    if complete:
        links = ox.NamedNode(LINKS)
        quads = list(dataset.quads())
        graph = [*accepted_quads(quads, rulings(dataset))]
        graph += [quad for quad in quads if quad.graph_name == links]
        findings += _shape_findings((quad.triple for quad in graph), texts, engine, read)
        findings += crossfile.check(dataset, texts)
    return Report(in_order(findings), len(read), complete, dataset if complete else None)


def check_files(root: Path, paths: Iterable[Path], engine: shapes.Engine = "pyshifty") -> Report:
    """Check some files: each one outside the dataset on its own, those inside as part of it.

    Raises:
        MissingFileError: A file is not there.
        DataError: A shape is at fault.
    """
    inside, outside = _divide(root, paths)
    findings: list[Finding] = []
    complete = True
    if inside:
        whole = check_dataset(root, engine)
        findings += [finding for finding in whole.findings if finding.path in inside]
        complete = whole.complete
    if outside:
        found = _check_outside(root, outside, engine)
        complete = complete and not any(finding.code in _UNREAD for finding in found)
        findings += found
    return Report(in_order(findings), len(inside) + len(outside), complete, None)


def _divide(root: Path, paths: Iterable[Path]) -> tuple[set[str], list[Path]]:
    inside: set[str] = set()
    outside: list[Path] = []
    members = {path.resolve() for path in files.paths(root)}
    for path in paths:
        resolved = path.resolve()
        if resolved in members:
            inside.add(resolved.relative_to(root).as_posix())
        elif path.is_dir():
            within = sorted(path.rglob("*.ttl"))
            if not within:
                raise MissingFileError(f"{path}: no Turtle file in this folder")
            more, others = _divide(root, within)
            inside |= more
            outside += others
        else:
            outside.append(path)
    return inside, outside


def _check_outside(root: Path, paths: Iterable[Path], engine: shapes.Engine) -> list[Finding]:
    """Return the findings of files that are each checked on their own.

    They may refer to what the dataset describes, which is read only where it is in question.
    """
    texts = rules.shape_files(root)
    ontology = (path for path in files.paths(root) if path.is_relative_to(root / "ontology"))
    context = [files.read_file(path, root) for path in ontology]
    found = [f for path in paths for f in _check_alone(path, root, context, texts, engine)]
    if any(finding.code == "REF01" for finding in found):
        described = _described(root)
        found = [f for f in found if f.code != "REF01" or f.focus not in described]
    return found


def _check_alone(
    path: Path,
    root: Path,
    context: list[SourceFile],
    texts: dict[str, str],
    engine: shapes.Engine,
) -> Iterator[Finding]:
    findings, read = _read([path], root, OUTSIDE)
    yield from findings
    yield from names.check(read, _known(context, texts))
    for file in read:
        yield from text.check(file)
        triples = [triple for each in (*context, file) for triple in each.triples]
        yield from _shape_findings(triples, texts, engine, [file, *context])


def _known(read: Iterable[SourceFile], texts: dict[str, str]) -> frozenset[str]:
    own = (file.text for file in read if file.graph in (files.ONTOLOGY, files.LISTS))
    return names.mentioned((*own, *texts.values()))


def _described(root: Path) -> frozenset[str]:
    """Return what the dataset describes.

    A file of the dataset that cannot be read describes nothing here; `kg check` reports it.
    """
    _, read = _read(files.paths(root), root)
    kinds = (t for file in read for t in file.triples if t.predicate.value == RDF + "type")
    return frozenset(t.subject.value for t in kinds)


def _read(
    paths: Iterable[Path], root: Path, graph: str | None = None
) -> tuple[list[Finding], list[SourceFile]]:
    findings: list[Finding] = []
    read: list[SourceFile] = []
    for path in paths:
        try:
            file = files.read_file(path, root, graph)
            file.triples  # noqa: B018 - parses the file, so that faults come up here
        except EncodingError as fault:
            findings.append(_file_fault("ENC01", fault))
        except MalformedError as fault:
            findings.append(_file_fault("SYN01", fault))
        except DataError as fault:
            name = path.relative_to(root).as_posix()
            message = f"CNF05: {str(fault).removeprefix(f'{name}: ')}"
            findings.append(Finding("CNF05", Severity.VIOLATION, name, 1, 1, message))
        else:
            read.append(file)
    return findings, read


def _file_fault(code: str, fault: MalformedError) -> Finding:
    shown = " ".join(fault.reason.split())
    return Finding(
        code, Severity.VIOLATION, str(fault.path), fault.line, fault.column, f"{code}: {shown}"
    )


def _shortened(match: re.Match[str]) -> str:
    return shorten(match[1])


def _shape_findings(
    triples: Iterable[Triple],
    texts: dict[str, str],
    engine: shapes.Engine,
    read: list[SourceFile],
) -> Iterator[Finding]:
    places = Places(tuple(read))
    for result in shapes.validate(triples, list(texts.values()), engine):
        focus = result.value if result.focus is None else result.focus
        place = None if focus is None else places.find(focus, result.path, result.value)
        name, (line, column) = "data", (1, 1)
        if place is not None:
            name, (line, column) = place.file.name, place.file.lines.at(place.offset)
        message = re.sub(r"<?(https?://[^\s<>,;]+)>?", _shortened, result.message)
        shown = focus.value if isinstance(focus, ox.NamedNode) else ""
        yield Finding(
            result.code,
            result.severity,
            name,
            line,
            column,
            f"{message}{_found(result, shown)}",
            shown,
            "" if _is_private(result) or result.value is None else str(result.value),
        )


def _found(result: shapes.ShapeResult, focus: str) -> str:
    """Say at which entity, and which value was found there; contact data is never repeated."""
    where = f" [{shorten(focus)}]" if focus else ""
    if result.focus is None or result.value is None or _is_private(result):
        return where
    if isinstance(result.value, ox.NamedNode):
        return (
            where if result.value.value == focus else f"{where} found {shorten(result.value.value)}"
        )
    text = re.sub(r"\^\^<([^>]*)>", lambda match: f"^^{shorten(match[1])}", str(result.value))
    return f"{where} found {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}"


def _is_private(result: shapes.ShapeResult) -> bool:
    text = result.value.value if isinstance(result.value, ox.Literal) else ""
    return result.code.startswith("PRV") or "@" in text or len(re.findall(r"\d", text)) > _DIGITS
