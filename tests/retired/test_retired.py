"""What is retired is read from a graph, and a release loses no IRI of the one before it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import cli, retired
from kg.build import rebase
from kg.errors import BuildError
from kg.namespaces import CANONICAL_BASE
from kg.release import make, releases
from kg.retired import LostError, Retired
from kg.snapshot import Snapshot, canonical, seal

PREFIXES = """
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix graph: <https://w3id.org/citypledge/graph/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/citypledge/id/source/> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FIRST = """
graph:registry { city:lt-a a cpo:City . city:lt-b a cpo:City . }
graph:ontology { cpo:City a owl:Class . }
"""
Released = Callable[..., None]


def parsed(text: str) -> list[ox.Quad]:
    return list(ox.parse(PREFIXES + text, format=ox.RdfFormat.TRIG))


@pytest.fixture
def release(tmp_path: Path) -> Released:
    """What releases a graph as the next version of a workspace."""

    def release_it(text: str, version: str, base: str = CANONICAL_BASE) -> None:
        quads = [quad if base == CANONICAL_BASE else rebase(quad, base) for quad in parsed(text)]
        facts = {"version": version, "software": "test", "base": base}
        snapshot: Snapshot = seal(tmp_path, canonical(quads), **facts, inputs={})
        make(tmp_path, snapshot, datetime(2026, 1, int(version), tzinfo=UTC), "test")

    return release_it


def entry(name: str, successor: str = "city:lt-a") -> str:
    return (
        f"graph:retired {{ {name} a cpo:RetiredThing ; cpo:retirementReason v:retired-merged ; "
        f'cpo:retiredOn "2026-01-31"^^xsd:date ; dcterms:isReplacedBy {successor} . }}\n'
    )


def test_an_entry_is_read_with_its_day_reason_successors_and_notes() -> None:
    text = """city:lt-x a cpo:RetiredThing ; cpo:retiredOn "2026-01-31"^^xsd:date ;
        cpo:retirementReason v:retired-split ; dcterms:isReplacedBy city:lt-b , city:lt-a ;
        skos:changeNote "Two places."@en . city:lt-y a cpo:City ."""
    found = retired.of_triples(quad.triple for quad in parsed(text))

    assert found == {
        "id/city/lt-x": Retired(
            "id/city/lt-x",
            on="2026-01-31",
            reason="voc/retired-split",
            successors=("id/city/lt-a", "id/city/lt-b"),
            notes=(("en", "Two places."),),
        )
    }


def test_the_named_graph_of_a_source_goes_with_the_source() -> None:
    found = retired.of_triples(quad.triple for quad in parsed(entry("source:s1", "source:s2")))

    assert found["graph/source/s1"].successors == ("graph/source/s2",)


def test_what_was_removed_on_request_says_so() -> None:
    text = "city:lt-x a cpo:RetiredThing ; cpo:retirementReason v:retired-on-request ."
    (found,) = retired.of_triples(quad.triple for quad in parsed(text)).values()

    assert found.is_on_request


def known(**successors: tuple[str, ...]) -> dict[str, Retired]:
    return {path: Retired(path, successors=each) for path, each in successors.items()}


def test_a_chain_ends_at_the_thing_that_is_there() -> None:
    chain = known(a=("b",), b=("c",), c=("d",))

    assert retired.heir("a", chain) == "d"
    assert retired.heirs("a", chain) == ("d",)


def test_a_chain_that_parts_has_several_ends() -> None:
    parted = known(a=("b", "c"), b=("d", "e"), c=("e",))

    assert retired.heir("a", parted) is None
    assert retired.heirs("a", parted) == ("d", "e")


def test_a_chain_without_an_end_leads_nowhere() -> None:
    ring = known(a=("b",), b=("a",))

    assert retired.heir("a", ring) is None
    assert retired.heirs("a", ring) == ()


def test_what_is_there_has_no_successor() -> None:
    assert retired.heir("a", {}) is None


def test_a_release_that_keeps_every_iri_is_made(release: Released, tmp_path: Path) -> None:
    release(FIRST, "1")
    release(FIRST + "graph:registry { city:lt-c a cpo:City . }", "2")
    release(FIRST + entry("city:lt-c"), "3")

    assert [each.version for each in releases(tmp_path)] == ["1", "2", "3"]


def test_a_release_that_loses_an_iri_is_refused_with_its_remedy(
    release: Released, tmp_path: Path
) -> None:
    release(FIRST, "1")
    with pytest.raises(LostError) as caught:
        release(FIRST.replace("city:lt-b a cpo:City .", ""), "2")

    assert str(caught.value) == (
        "1 IRI of release 1 would be lost; nothing was released\n"
        "described then, now neither described nor retired; retire each one, such as: "
        "kg retire city:lt-b --reason mistaken; what was described only for something that was "
        "removed on request: --reason on-request\n"
        "  city:lt-b"
    )
    assert [each.version for each in releases(tmp_path)] == ["1"]


def test_an_iri_may_move_to_another_graph(release: Released) -> None:
    release(FIRST, "1")
    text = FIRST.replace("city:lt-b a cpo:City .", "")
    release(f"{text} <{CANONICAL_BASE}graph/source/s1> {{ city:lt-b a cpo:City . }}", "2")


def test_an_iri_that_is_only_pointed_to_is_lost(release: Released) -> None:
    release(FIRST, "1")
    text = FIRST.replace("city:lt-b a cpo:City .", "city:lt-a skos:related city:lt-b .")
    with pytest.raises(LostError, match="city:lt-b"):
        release(text, "2")


def test_a_term_of_the_ontology_is_deprecated_and_not_retired(release: Released) -> None:
    release(FIRST, "1")
    with pytest.raises(LostError, match=r"owl:deprecated(.|\n)*cpo:City"):
        release(FIRST.replace("cpo:City a owl:Class .", "cpo:Town a owl:Class ."), "2")


def test_what_is_retired_stays_so(release: Released) -> None:
    release(FIRST + entry("city:lt-c"), "1")
    with pytest.raises(LostError, match=r"data/retired\.ttl(.|\n)*city:lt-c"):
        release(FIRST + "graph:registry { city:lt-c a cpo:City . }", "2")


def test_another_base_has_the_same_iris(release: Released) -> None:
    release(FIRST, "1")
    release(FIRST, "2", "https://example.org/kg/")
    with pytest.raises(LostError, match="city:lt-b"):
        release(FIRST.replace("city:lt-b a cpo:City .", ""), "3", "https://example.org/")


def test_of_many_lost_iris_the_first_are_named(release: Released) -> None:
    many = "".join(f"city:lt-{number} a cpo:City . " for number in range(30))
    release(f"{FIRST} graph:registry {{ {many} }}", "1")
    with pytest.raises(LostError, match="and 10 more"):
        release(FIRST, "2")


def test_a_release_that_loses_an_iri_is_the_fault_of_the_data() -> None:
    assert cli._is_about_data(LostError("1 IRI of release 1 would be lost"))


def test_a_last_release_that_cannot_be_read_is_named(release: Released, tmp_path: Path) -> None:
    release(FIRST, "1")
    (tmp_path / "releases" / "1" / "dataset.nq.gz").write_bytes(b"no dump")
    with pytest.raises(BuildError, match=r"dataset\.nq\.gz"):
        release(FIRST + entry("city:lt-c"), "2")
