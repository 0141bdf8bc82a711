"""The ontology agrees with the vocabularies it maps to, under the OWL 2 RL rules.

vocabularies/ holds the axioms of ORG, FOAF, PROV-O, SKOS, SKOS-XL and Web Annotation, so that
nothing is fetched. one-of-each.ttl uses every term once; of data/ a sample of bounded size is
taken, because the closure grows faster than the data.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import owlrl
import pytest
from rdflib import FOAF, ORG, OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.term import Node

import kg.namespaces

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OWLRL_ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
CPO = Namespace(kg.namespaces.ONT)
EXAMPLE = Namespace("https://example.org/")
SAMPLE_PER_CLASS = 25


def read(paths: Iterable[Path]) -> Graph:
    graph = Graph()
    for path in sorted(paths):
        graph.parse(path, format="turtle")
    return graph


def close(graph: Graph) -> Graph:
    """Add everything that follows under OWL 2 RL, and return the graph.

    The converters of owlrl are left off: they would replace rdflib's for the whole process.
    """
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, improved_datatypes=False).expand(graph)
    return graph


def sample(data: Graph) -> Graph:
    """Return the statements about the first few instances of each class, by IRI.

    Stated links to the same thing elsewhere are left out, so that each one found later is derived.
    """
    instances: dict[Node, set[Node]] = defaultdict(set)
    for subject in set(data.subjects()):
        for kind in set(data.objects(subject, RDF.type)) or {RDFS.Resource}:
            instances[kind].add(subject)
    chosen = {
        subject
        for members in instances.values()
        for subject in sorted(members, key=str)[:SAMPLE_PER_CLASS]
    }
    taken = Graph()
    for subject in chosen:
        for triple in data.triples((subject, None, None)):
            if triple[1] != OWL.sameAs:
                taken.add(triple)
    return taken


def contradictions(closed: Graph) -> set[str]:
    """Return what the rules report as inconsistent."""
    return {str(message) for message in closed.objects(None, OWLRL_ERROR)}


def in_disjoint_classes(closed: Graph) -> set[tuple[Node, Node, Node]]:
    """Return each thing with two of its classes that can have no common member."""
    return {
        (thing, first, second)
        for first, second in closed.subject_objects(OWL.disjointWith)
        for thing in closed.subjects(RDF.type, first)
        if (thing, RDF.type, second) in closed
    }


def equated(closed: Graph) -> set[frozenset[Node]]:
    """Return the pairs of different IRIs that name one thing."""
    return {
        frozenset((first, second))
        for first, second in closed.subject_objects(OWL.sameAs)
        if first != second and isinstance(first, URIRef) and isinstance(second, URIRef)
    }


@pytest.fixture(scope="module")
def axioms(graphs: dict[str, Graph]) -> Graph:
    """The ontology, its alignments and the axioms of the vocabularies they point to."""
    vocabularies = read((HERE / "vocabularies").glob("*.ttl"))
    assert len(vocabularies) > 0
    return vocabularies + graphs["citypledge.ttl"] + graphs["alignments.ttl"]


@pytest.fixture(scope="module")
def closed(axioms: Graph, graphs: dict[str, Graph]) -> Graph:
    """Everything that follows from ontology, lists, the invented world and a sample of data/."""
    whole = axioms + read([HERE / "one-of-each.ttl"])
    whole += sample(read((ROOT / "data").rglob("*.ttl")))
    for graph in graphs.values():
        whole += graph
    return close(whole)


@pytest.fixture(scope="module")
def seeded(axioms: Graph) -> Graph:
    """Everything that follows from two deliberate mistakes."""
    wrong = Graph()
    wrong.add((EXAMPLE.mayor, RDF.type, FOAF.Person))
    wrong.add((EXAMPLE.mayor, RDF.type, FOAF.Organization))
    wrong.add((EXAMPLE.participation, CPO.participant, EXAMPLE.first))
    wrong.add((EXAMPLE.participation, CPO.participant, EXAMPLE.second))
    return close(axioms + wrong)


def test_the_invented_world_uses_every_class_and_property(
    graphs: dict[str, Graph], ontology: Graph
) -> None:
    world = read([HERE / "one-of-each.ttl"])
    for graph in graphs.values():
        world += graph
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    assert classes <= set(world.objects(None, RDF.type))
    assert set(ontology.subjects(RDFS.isDefinedBy)) - classes <= set(world.predicates())


def test_every_outside_class_we_build_on_has_its_axioms_at_hand(axioms: Graph) -> None:
    held = tuple(
        kg.namespaces.PREFIXES[name] for name in ("foaf", "oa", "org", "prov", "skos", "skosxl")
    )
    known = set(axioms.subjects(RDF.type, OWL.Class)) | set(axioms.subjects(RDF.type, RDFS.Class))
    for outside in axioms.objects(None, RDFS.subClassOf):
        if str(outside).startswith(held):
            assert outside in known, outside


def test_nothing_contradicts_the_vocabularies_we_map_to(closed: Graph) -> None:
    assert contradictions(closed) == set()


def test_nothing_is_in_two_disjoint_classes(closed: Graph) -> None:
    assert in_disjoint_classes(closed) == set()


def test_no_two_iris_turn_out_to_be_one_thing(closed: Graph) -> None:
    assert equated(closed) == set()


def test_subclasses_are_inferred_so_the_closure_has_really_run(closed: Graph) -> None:
    network = URIRef(kg.namespaces.ID + "network/harbour-compact")
    assert (network, RDF.type, ORG.Organization) in closed
    assert (network, RDF.type, FOAF.Project) in closed


def test_a_person_that_is_also_an_organisation_is_reported(seeded: Graph) -> None:
    assert any(str(EXAMPLE.mayor) in message for message in contradictions(seeded))
    assert EXAMPLE.mayor in {thing for thing, _, _ in in_disjoint_classes(seeded)}


def test_a_participation_with_two_participants_makes_them_one(seeded: Graph) -> None:
    assert frozenset((EXAMPLE.first, EXAMPLE.second)) in equated(seeded)
