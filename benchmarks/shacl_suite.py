"""The W3C test suite of SHACL, as pySHACL ships it with its source, and how to run it.

The tests of the Data Shapes working group are in no registry of their own. The source distribution
of pySHACL has them all, 98 of SHACL Core and 23 of SHACL-SPARQL; it is downloaded once, in the
version and with the SHA-256 that stand here. What is compared is what the suite asks engines for at
least: whether the data conform, and for each result the focus node and the component.
"""

import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox
from engines import TOOLS, Download, fetch
from rdflib import SH, BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg.errors import DataError

VERSION: Final = "0.40.1"
_SOURCE: Final = Download(
    "https://files.pythonhosted.org/packages/1f/b8/"
    f"f92465fead905b7c5365631a3997107c896cf1e32f4f9a163bdaee54e4fb/pyshacl-{VERSION}.tar.gz",
    "011e3cf1a68b31747cb762ba3d755ae1bdcc464c8fad0dc212a9adc550719552",
)
_MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_SHT: Final = Namespace("http://www.w3.org/ns/shacl-test#")

Outcome = tuple[bool, Counter[tuple[str, str]]]
Run = Callable[[bytes, tuple[str, ...]], str]


@dataclass(frozen=True)
class Case:
    """One test of the suite.

    Attributes:
        name: Its file, from the folder of the suite on, without the ending.
        data: The data graph, as N-Triples.
        shapes: The shapes graph, as N-Triples.
        expected: Whether the data conform, and how often each focus node has results of each
            component; None where the engine has to refuse the shapes.
    """

    name: str
    data: bytes
    shapes: str
    expected: Outcome | None

    def passes(self, run: Run) -> bool:
        """Tell whether an engine, which returns its report as Turtle, does what the test asks."""
        try:
            report = Graph().parse(data=run(self.data, (self.shapes,)), format="turtle")
        except DataError:
            return self.expected is None
        return self.expected == _outcome(report, next(report.subjects(SH.conforms)))


def folder() -> Path:
    """Return the folder of the suite, downloading it once.

    Raises:
        EngineMissingError: It cannot be downloaded here.
    """
    place = TOOLS / f"shacl-suite-{VERSION}"
    if not place.exists():
        archive = fetch(_SOURCE, TOOLS / f"pyshacl-{VERSION}.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
    return place / f"pyshacl-{VERSION}" / "test" / "resources" / "sht_tests"


def cases(part: str) -> Iterator[Case]:
    """Yield the tests of a part, `core` or `sparql`, in the order of the manifests.

    Raises:
        EngineMissingError: The suite cannot be downloaded here.
    """
    yield from _of_manifest(folder() / part / "manifest.ttl")


def _of_manifest(path: Path) -> Iterator[Case]:
    graph = _read(path)
    for included in graph.objects(None, _MF.include):
        yield from _of_manifest(_path(included))
    for entries in graph.objects(None, _MF.entries):
        for entry in Collection(graph, entries):
            yield _case(path, graph, entry)


def _case(path: Path, graph: Graph, entry: Node) -> Case:
    action, result = graph.value(entry, _MF.action), graph.value(entry, _MF.result)
    data, shapes = (
        _triples(_path(graph.value(action, name))) for name in (_SHT.dataGraph, _SHT.shapesGraph)
    )
    is_refused = result == _SHT.Failure
    return Case(
        path.relative_to(folder()).with_suffix("").as_posix(),
        data,
        shapes.decode(),
        None if is_refused or result is None else _outcome(graph, result),
    )


def _outcome(graph: Graph, report: Node) -> Outcome:
    found = Counter(
        (
            "_:" if isinstance(focus := graph.value(each, SH.focusNode), BNode) else str(focus),
            str(graph.value(each, SH.sourceConstraintComponent)),
        )
        for each in graph.objects(report, SH.result)
    )
    return str(graph.value(report, SH.conforms)) == "true", found


def _read(path: Path) -> Graph:
    return Graph().parse(path, format="turtle", publicID=path.as_uri())


def _triples(path: Path) -> bytes:
    """Return a file as N-Triples, with its literals as they are written."""
    parsed = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    return cast(
        bytes, ox.serialize((quad.triple for quad in parsed), format=ox.RdfFormat.N_TRIPLES)
    )


def _path(iri: Node | None) -> Path:
    assert isinstance(iri, URIRef)  # noqa: S101 - the manifests name files
    return Path(iri.removeprefix("file://"))
