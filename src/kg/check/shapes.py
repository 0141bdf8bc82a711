"""The rules of `shapes/`, run by a SHACL engine.

Two engines give the same results: pyshifty, which is fast and does the daily work, and pySHACL,
the reference (`kg check --engine pyshacl`). A test holds one to the other. Both run without
inference, on the data together with the ontology and the lists, and refuse a shape that they do
not understand: no rule is skipped in silence.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import pyoxigraph as ox

from kg import turtle
from kg.dataset import META, SourceFile
from kg.errors import DataError
from kg.findings import Severity
from kg.namespaces import RDF, SH, SHAPES
from kg.terms import Term, Triple

if TYPE_CHECKING:
    from shifty._shifty import PreparedValidator

Engine = Literal["pyshifty", "pyshacl"]

# SHACL asks for one text in each language where sh:uniqueLang is the literal true, and for nothing
# where it is "1"^^xsd:boolean, which pyshifty takes for the same (section 4.4.5).
_UNIQUE: Final = ox.NamedNode(SH + "uniqueLang")
_TRUE: Final = ox.Literal(True)
_FALSE: Final = ox.Literal(False)
DATASET_NODE: Final = SHAPES + "dataset"


@dataclass(frozen=True)
class ShapeResult:
    """One result of validation.

    Attributes:
        code: The local name of the shape.
        severity: Of the shape.
        messages: Of the shape, one for each language, with its values filled in.
        focus: The focus node; None for a rule on the whole dataset.
        path: The property at fault, where the shape has a simple path.
        value: The value node at fault, where there is one.
        component: The constraint component, as an IRI.
    """

    code: str
    severity: Severity
    messages: tuple[ox.Literal, ...]
    focus: Term | None
    path: ox.NamedNode | None
    value: Term | None
    component: str


def validate(data: bytes | Path, shapes: Sequence[str], engine: Engine) -> Iterator[ShapeResult]:
    """Yield the results of all shapes on a graph.

    Args:
        data: The data graph as Turtle, from `data_of`, or the file that holds it.
        shapes: The texts of the shapes files.
        engine: Which engine does the work.

    Raises:
        DataError: The shapes are at fault, so that the engine cannot use them.
    """
    run = with_pyshifty if engine == "pyshifty" else _with_pyshacl
    return results_of(run(data, tuple(shapes)))


def data_of(files: Iterable[SourceFile]) -> bytes:
    """Return the graph that the shapes are about, where no ruling rejects any of it, as Turtle.

    Args:
        files: Well-formed files; ontology and lists belong to them.
    """
    return b"\n".join(map(part_of, files))


def part_of(file: SourceFile, rejected: Collection[Triple] = ()) -> bytes:
    """Return what a file gives to the graph that the shapes are about, as Turtle.

    A file goes in as it is written, unless it has blank nodes, whose labels have to be those of
    its statements, or a base, or something that a ruling rejects.

    Args:
        file: Well-formed.
        rejected: Those of its statements that rulings reject.
    """
    if file.graph == META:
        return b""
    if not rejected and not file.has_blank_nodes and not turtle.may_have_base(file.text):
        return file.text.encode()
    return n_triples(triple for triple in file.triples if triple not in rejected)


def n_triples(triples: Iterable[Triple]) -> bytes:
    """Return statements as N-Triples."""
    found = ox.serialize(cast("Iterable[ox.Triple]", triples), format=ox.RdfFormat.N_TRIPLES)
    return cast(bytes, found)


def with_pyshifty(data: bytes | Path, shapes: tuple[str, ...]) -> str:
    """Return the report as Turtle.

    The native validator is called directly: the module's own wrapper reads the report with rdflib,
    which takes longer than the validation and complains about each ill-formed literal.
    """
    try:
        given = {"data_path": str(data)} if isinstance(data, Path) else {"data": data}
        result = _prepared(shapes).validate_w3c(
            **given,
            data_format="turtle",
            graph_mode="data",
            run_infer=False,
            on_unsupported="error",
        )
    except (ValueError, RuntimeError) as error:
        raise DataError(f"shapes: pyshifty refuses them: {error}") from None
    return result.report_turtle


@lru_cache(maxsize=2)
def _prepared(shapes: tuple[str, ...]) -> "PreparedValidator":
    merged = ox.serialize(
        (
            quad.triple
            for text in shapes
            for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            if quad.predicate != _UNIQUE or quad.object in (_TRUE, _FALSE)
        ),
        format=ox.RdfFormat.N_TRIPLES,
    )
    prepared = _native().PreparedValidator(merged, shapes_format="ntriples")
    return cast("PreparedValidator", prepared)


@cache
def _native() -> Any:
    """Return pyshifty's compiled module alone: the package around it imports all of rdflib."""
    package = find_spec("shifty")
    if package is None or package.submodule_search_locations is None:
        raise DataError("pyshifty is not installed; install the package anew")
    name = "shifty._shifty"
    spec = PathFinder.find_spec(name, list(package.submodule_search_locations))
    if spec is None or spec.loader is None:
        raise DataError("pyshifty has no compiled module for this system; install it anew")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _with_pyshacl(data: bytes | Path, shapes: tuple[str, ...]) -> str:
    import pyshacl
    import rdflib
    from rdflib.plugins.sparql import prepareQuery

    prepare = lru_cache(maxsize=None)(prepareQuery)

    class PreparedGraph(rdflib.Graph):
        """A graph that reads each query once; pySHACL sends it anew for every focus node."""

        def query(self, query_object: Any, *args: Any, **options: Any) -> Any:
            known = prepare(query_object) if isinstance(query_object, str) else query_object
            return super().query(known, *args, **options)

    with _lexical_forms_kept():
        read = data.read_bytes() if isinstance(data, Path) else data
        graph = PreparedGraph().parse(data=read, format="turtle")
        rules = rdflib.Graph()
        for text in shapes:
            rules.parse(data=text, format="turtle")
        outcome = pyshacl.validate(graph, shacl_graph=rules, inference="none", inplace=True)
    report = outcome[1]
    if not isinstance(report, rdflib.Graph):
        raise DataError(f"shapes: pySHACL refuses them: {report}")
    return report.serialize(format="nt")


@contextmanager
def _lexical_forms_kept() -> Iterator[None]:
    """Make rdflib keep literals as they are written, and not log those that are ill-formed."""
    import rdflib

    logger = logging.getLogger("rdflib.term")
    normalize, level = rdflib.NORMALIZE_LITERALS, logger.level
    rdflib.NORMALIZE_LITERALS = False
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = normalize
        logger.setLevel(level)


def results_of(report: str) -> Iterator[ShapeResult]:
    """Yield the results of a validation report in Turtle."""
    facts: dict[Term, dict[str, list[Term]]] = {}
    for quad in ox.parse(report, format=ox.RdfFormat.TURTLE):
        about = facts.setdefault(cast(Term, quad.subject), {})
        about.setdefault(quad.predicate.value, []).append(cast(Term, quad.object))
    for result in facts.values():
        if _value(result, RDF + "type") != SH + "ValidationResult":
            continue
        focus, path = _one(result, SH + "focusNode"), _one(result, SH + "resultPath")
        component = _value(result, SH + "sourceConstraintComponent")
        if isinstance(focus, ox.BlankNode) and component == SH + "SPARQLConstraintComponent":
            # A blank node cannot be named in a query: pyshifty takes it for a variable, which
            # matches everything. IRI01 reports the node itself.
            continue
        warns = _value(result, SH + "resultSeverity") == SH + "Warning"
        said = result.get(SH + "resultMessage", [])
        yield ShapeResult(
            code=_value(result, SH + "sourceShape").removeprefix(SHAPES),
            severity=Severity.WARNING if warns else Severity.VIOLATION,
            messages=tuple(sorted((m for m in said if isinstance(m, ox.Literal)), key=str)),
            focus=None if focus == ox.NamedNode(DATASET_NODE) else focus,
            path=path if isinstance(path, ox.NamedNode) else None,
            value=_one(result, SH + "value"),
            component=component,
        )


def _one(facts: dict[str, list[Term]], name: str) -> Term | None:
    return next(iter(facts.get(name, ())), None)


def _value(facts: dict[str, list[Term]], name: str) -> str:
    term = _one(facts, name)
    return "" if term is None else term.value
