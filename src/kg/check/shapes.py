"""The rules of `shapes/`, run by a SHACL engine.

Two engines give the same results: pyshifty, which is fast and does the daily work, and pySHACL,
the reference (`kg check --engine pyshacl`). A test holds one to the other. Both run without
inference, on the data together with the ontology and the lists, and refuse a shape that they do
not understand: no rule is skipped in silence.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

import pyoxigraph as ox

from kg.errors import DataError
from kg.findings import Severity
from kg.namespaces import SH, SHAPES

if TYPE_CHECKING:
    import rdflib

Engine = Literal["pyshifty", "pyshacl"]
ENGINES: Final[tuple[Engine, ...]] = ("pyshifty", "pyshacl")

DATASET_NODE: Final = SHAPES + "dataset"


@dataclass(frozen=True)
class ShapeResult:
    """One result of validation.

    Attributes:
        code: The local name of the shape.
        severity: Of the shape.
        message: Of the shape, with its values filled in.
        focus: The focus node; None for a rule on the whole dataset.
        path: The property at fault, where the shape has a simple path.
        value: The value node at fault, where there is one.
    """

    code: str
    severity: Severity
    message: str
    focus: ox.NamedNode | ox.BlankNode | ox.Literal | None
    path: ox.NamedNode | None
    value: ox.NamedNode | ox.BlankNode | ox.Literal | None


def validate(
    triples: Iterable[ox.Triple], shapes: Sequence[str], engine: Engine
) -> Iterator[ShapeResult]:
    """Yield the results of all shapes on a graph.

    Args:
        triples: The data graph; ontology and lists belong in it.
        shapes: The texts of the shapes files.
        engine: Which engine does the work.

    Raises:
        DataError: The shapes are at fault, so that the engine cannot use them.
    """
    data = cast(bytes, ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES))
    run = _with_pyshifty if engine == "pyshifty" else _with_pyshacl
    return _results(run(data, [text.encode() for text in shapes]))


def _with_pyshifty(data: bytes, shapes: list[bytes]) -> "rdflib.Graph":
    import shifty

    try:
        _, report, _ = shifty.validate(
            data, shapes, graph_mode="data", infer=False, on_unsupported="error"
        )
    except (ValueError, RuntimeError) as error:
        raise DataError(f"shapes: pyshifty refuses them: {error}") from None
    return cast("rdflib.Graph", report)


def _with_pyshacl(data: bytes, shapes: list[bytes]) -> "rdflib.Graph":
    import pyshacl
    import rdflib

    normalize, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        graph = rdflib.Graph().parse(data=data, format="nt")
        rules = rdflib.Graph()
        for text in shapes:
            rules.parse(data=text, format="turtle")
        outcome = pyshacl.validate(graph, shacl_graph=rules, inference="none", inplace=True)
    finally:
        rdflib.NORMALIZE_LITERALS = normalize
    report = outcome[1]
    if not isinstance(report, rdflib.Graph):
        raise DataError(f"shapes: pySHACL refuses them: {report}")
    return report


def _results(report: "rdflib.Graph") -> Iterator[ShapeResult]:
    from rdflib import RDF, URIRef

    for result in report.subjects(RDF.type, URIRef(SH + "ValidationResult")):
        facts = {
            str(predicate).removeprefix(SH): value
            for predicate, value in report.predicate_objects(result)
        }
        focus, path = _term(facts.get("focusNode")), _term(facts.get("resultPath"))
        yield ShapeResult(
            code=str(facts["sourceShape"]).removeprefix(SHAPES),
            severity=Severity.WARNING
            if str(facts["resultSeverity"]) == SH + "Warning"
            else Severity.VIOLATION,
            message=str(facts.get("resultMessage", "")),
            focus=None if focus == ox.NamedNode(DATASET_NODE) else focus,
            path=path if isinstance(path, ox.NamedNode) else None,
            value=_term(facts.get("value")),
        )


def _term(node: object) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    from rdflib import BNode, Literal, URIRef

    if isinstance(node, URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
    return None
