"""From files to a sealed snapshot: check, apply the rulings, infer, describe, seal."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox

from kg import __version__, library, metadata, queryfile, snapshot, turtle
from kg.accepted import accepted_quads, rulings
from kg.check import run
from kg.check.catalogue import shape_files
from kg.dataset import INFERRED, META, SHAPES_GRAPH, paths, read_text
from kg.errors import BuildError, DataError, MissingFileError
from kg.findings import Finding, stops
from kg.metadata.quality import QUESTION as TOTALS
from kg.namespaces import CANONICAL_BASE
from kg.snapshot import Snapshot
from kg.spelling import as_stored
from kg.terms import Quad, Triple, in_default_graph, in_graph


class CheckFailedError(DataError):
    """The dataset has violations, so nothing was built."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        number = sum(stops([finding]) for finding in findings)
        super().__init__(f"{number} violation{'s' * (number != 1)}; nothing was built")


def build(
    root: Path,
    workspace: Path,
    *,
    base: str = CANONICAL_BASE,
    progress: Callable[[str], None] = lambda step: None,
) -> Snapshot:
    """Build the dataset at `root` and make the snapshot the current one.

    Args:
        root: The folder of the dataset.
        workspace: Where snapshots are kept.
        base: The base that takes the place of the canonical one in every IRI.
        progress: Is told each step as it begins.

    Raises:
        CheckFailedError: The dataset has violations. The last snapshot stays current.
        MissingFileError: A folder that has to hold files is empty.
        BuildError: The workspace cannot be written.
    """
    progress("checking")
    read = inputs(root)
    report = run.check_dataset(root)
    if report.dataset is None or stops(report.findings):
        raise CheckFailedError(report.findings)
    progress("inferring")
    accepted = accepted_quads(report.dataset.quads(), rulings(report.dataset))
    view = {quad.triple for quad in _spelt(accepted)}
    inferred = infer(view, rules(root))
    told = (*report.dataset.quads(), *_shapes(root), *_questions(root))
    named = [
        *dict.fromkeys(_spelt(told)),  # two spellings of a value are one statement
        *(in_graph(triple, ox.NamedNode(INFERRED)) for triple in inferred),
    ]
    progress("sealing")
    if inputs(root) != read:
        raise BuildError("files were changed while the build read them; build again")
    version = metadata.version_of(report.dataset)
    described = metadata.describe(
        named,
        view | inferred,
        version=version,
        software=__version__,
        inputs=read,
        totals=_totals(root),
    )
    quads: list[Quad | ox.Quad] = [
        *named,
        *_spelt(described),
        *(in_default_graph(triple) for triple in view | inferred),
    ]
    return snapshot.seal(
        workspace,
        snapshot.canonical(
            quads if base == CANONICAL_BASE else (rebase(quad, base) for quad in quads)
        ),
        version=version,
        software=__version__,
        base=base,
        inputs=read,
    )


def is_current(root: Path, found: Snapshot, base: str = CANONICAL_BASE) -> bool:
    """Tell whether a snapshot was made from the files as they are now."""
    manifest = found.manifest
    return (manifest.inputs, manifest.base, manifest.software) == (inputs(root), base, __version__)


def inputs(root: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that a build reads, by its path in the dataset."""
    shapes = (root / "shapes").glob("*.ttl")
    read = [*paths(root), *shapes, *_rule_paths(root), *_question_paths(root)]
    names = {path.relative_to(root).as_posix(): path for path in sorted(read)}
    return {
        name: hashlib.sha256(read_text(path, name).encode()).hexdigest()
        for name, path in names.items()
    }


def rules(root: Path) -> dict[str, str]:
    """Return the rules of inference, CONSTRUCT queries, by name.

    Raises:
        MissingFileError: There is none.
    """
    found = _rule_paths(root)
    if not found:
        raise MissingFileError(f"{root / 'queries/rules'}: no rule in it; the build needs them")
    return {path.stem: read_text(path, f"queries/rules/{path.name}") for path in found}


def infer(view: Iterable[Triple], constructs: dict[str, str]) -> set[Triple]:
    """Return what the rules add to a graph, applied until nothing new comes.

    Raises:
        BuildError: A rule is not a CONSTRUCT query that the engine can read.
    """
    store = ox.Store()
    store.bulk_extend(in_default_graph(triple) for triple in view)
    added: set[Triple] = set()
    while True:
        new: set[Triple] = set()
        for name, text in constructs.items():
            try:
                answer = store.query(text)
            except SyntaxError as error:
                reason = " ".join(error.msg.split())[:200]
                raise BuildError(f"queries/rules/{name}.rq: not well-formed: {reason}") from None
            if not isinstance(answer, ox.QueryTriples):
                raise BuildError(f"queries/rules/{name}.rq: a rule is a CONSTRUCT query")
            found = (cast(Triple, triple) for triple in answer)
            new |= {triple for triple in found if in_default_graph(triple) not in store}
        if not new:
            return added
        added |= new
        store.extend(in_default_graph(triple) for triple in new)


def rebase(quad: Quad | ox.Quad, base: str, *, old: str = CANONICAL_BASE) -> ox.Quad:
    """Return a statement with another base in the IRIs of the dataset.

    Args:
        quad: The statement.
        base: The new base.
        old: The base that it takes the place of.
    """
    in_text = _in_text(old)

    def moved(term: Any) -> Any:
        if isinstance(term, ox.NamedNode) and term.value.startswith(old):
            return ox.NamedNode(base + term.value.removeprefix(old))
        if isinstance(term, ox.Literal):
            if term.datatype.value.startswith(old):
                return ox.Literal(term.value, datatype=moved(term.datatype))
            if in_text.search(term.value):
                # An address kept as text, such as void:uriSpace, or the pattern of a shape.
                text = in_text.sub(lambda m: base.replace(".", m["dot"] or "."), term.value)
                if term.language:
                    return ox.Literal(text, language=term.language)
                return ox.Literal(text, datatype=term.datatype)
        return term

    return ox.Quad(
        moved(quad.subject), moved(quad.predicate), moved(quad.object), moved(quad.graph_name)
    )


@cache
def _in_text(base: str) -> re.Pattern[str]:
    """Return what finds a base in a text or, its dots in brackets, in a regular expression."""
    first, *others = (re.escape(part) for part in base.split("."))
    if not others:
        return re.compile(f"{first}(?P<dot>)")
    rest = "(?P=dot)".join(others)
    return re.compile(rf"{first}(?P<dot>\.|\[\.\]){rest}")


def _spelt(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield statements with their values in the one spelling that is served, see `kg.spelling`."""
    return (cast(Quad, as_stored(cast(ox.Quad, quad))) for quad in quads)


def _shapes(root: Path) -> Iterator[Quad]:
    """Yield the shapes in a named graph of their own, so that their IRIs lead somewhere."""
    graph = ox.NamedNode(SHAPES_GRAPH)
    for name, text in shape_files(root).items():
        for triple in turtle.parse(text, Path(name)):
            yield in_graph(triple, graph)


def _questions(root: Path) -> Iterator[Quad]:
    """Yield what there is to say about the questions of the library; a dataset may have none."""
    graph = ox.NamedNode(META)
    for triple in library.statements(map(queryfile.read, _question_paths(root))):
        yield in_graph(cast(Triple, triple), graph)


def _totals(root: Path) -> str | None:
    """Return the SPARQL of the question on totals; a dataset may have none."""
    found = [path for path in _question_paths(root) if path.stem == TOTALS]
    return library.text_of(queryfile.read(found[0])) if found else None


def _rule_paths(root: Path) -> list[Path]:
    return sorted((root / "queries" / "rules").glob("*.rq"))


def _question_paths(root: Path) -> list[Path]:
    return sorted((root / "queries" / "questions").glob("*.rq"))
