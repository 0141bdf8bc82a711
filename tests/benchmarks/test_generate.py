import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from generate import REPEAT_EVERY, SIZES, generate

from kg.namespaces import GRAPH, ID, KINDS, ONT, RDF


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one.nq", tmp_path / "other.nq"
    generate(one, 300, seed=5)
    generate(other, 300, seed=5)
    assert one.read_bytes() == other.read_bytes()
    assert one.with_suffix(".json").read_bytes() == other.with_suffix(".json").read_bytes()


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    one, other = tmp_path / "one.nq", tmp_path / "other.nq"
    generate(one, 300, seed=5)
    generate(other, 300, seed=6)
    assert one.read_bytes() != other.read_bytes()


def test_fewer_than_three_hundred_cities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="299 is too few"):
        generate(tmp_path / "few.nq", 299)


def test_every_line_is_a_statement_of_its_own(made) -> None:
    lines = made.nquads.read_bytes().splitlines()
    assert len(lines) == made.summary.quads == len(made.store)


def test_the_default_graph_holds_each_statement_once_and_a_source_makes_each(made) -> None:
    default = set(made.store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    named = Counter(quad.triple for quad in made.store if isinstance(quad.graph_name, ox.NamedNode))
    assert {quad.triple for quad in default} == set(named)
    assert len(default) == made.summary.statements


def test_one_statement_in_125_stands_in_two_named_graphs(made) -> None:
    named = Counter(quad.triple for quad in made.store if isinstance(quad.graph_name, ox.NamedNode))
    assert Counter(named.values())[2] == made.summary.repeated
    assert made.summary.repeated == made.summary.statements // REPEAT_EVERY
    assert set(named.values()) == {1, 2}


def test_every_property_and_class_of_ours_is_in_the_ontology(made, root: Path) -> None:
    known = set(re.findall(r"^cpo:(\w+)$", (root / "ontology/citypledge.ttl").read_text(), re.M))
    used = {quad.predicate.value for quad in made.store} | {
        quad.object.value
        for quad in made.store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None)
    }
    assert {iri.removeprefix(ONT) for iri in used if iri.startswith(ONT)} <= known


def test_every_concept_of_ours_is_in_a_list(made, root: Path) -> None:
    lists = "".join(path.read_text() for path in (root / "ontology/lists").glob("*.ttl"))
    known = set(re.findall(r"^v:([\w-]+)$", lists, re.M))
    used = {
        quad.object.value.partition("/voc/")[2]
        for quad in made.store
        if isinstance(quad.object, ox.NamedNode) and "/voc/" in quad.object.value
    }
    assert used <= known


def test_entities_have_the_paths_of_the_real_data(made) -> None:
    subjects = {quad.subject.value for quad in made.store}
    ours = {iri.removeprefix(ID) for iri in subjects if iri.startswith(ID)}
    assert {path.partition("/")[0] for path in ours} <= set(KINDS)
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9-]+", path) for path in ours)


def test_named_graphs_are_called_as_in_the_real_data(made) -> None:
    names = {graph.value.removeprefix(GRAPH) for graph in made.store.named_graphs()}
    assert {"registry", "lists", "links", "inferred"} <= names
    assert all(name.startswith("source/") for name in names if "/" in name)


def test_whatever_is_pointed_at_with_a_path_of_ours_is_described(made) -> None:
    subjects = {quad.subject for quad in made.store}
    objects = {
        quad.object
        for quad in made.store
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(ID)
    }
    assert objects <= subjects


def test_names_are_in_three_scripts(made) -> None:
    names = "".join(quad.object.value for quad in made.store if isinstance(quad.object, ox.Literal))
    assert re.search("[a-z]", names) and re.search("[α-ω]", names) and re.search("[а-я]", names)


def test_people_have_neutral_names_and_no_contact_data(made) -> None:
    people = made.store.query(
        "PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT ?p ?v { ?who a foaf:Person ; ?p ?v }"
    )
    texts = [row["v"].value for row in people if isinstance(row["v"], ox.Literal)]
    assert texts and all(re.fullmatch(r"Person \d+", text) for text in texts)


def test_parameters_and_look_ups_are_things_that_are_described(made) -> None:
    asked = [*made.summary.parameters.values(), *made.summary.lookups]
    described = {quad.subject.value for quad in made.store}
    assert set(asked) <= described
    assert len(set(made.summary.lookups)) == len(made.summary.lookups) > 500


@pytest.mark.parametrize(("size", "quads"), [("s100k", 100_000), ("m1m", 1_000_000)])
def test_a_named_size_is_within_a_tenth_of_its_number(
    size: str, quads: int, tmp_path: Path
) -> None:
    assert abs(generate(tmp_path / "sized.nq", SIZES[size]).quads - quads) < quads / 10


def test_two_networks_share_members_in_the_smallest_world(tmp_path: Path) -> None:
    nquads = tmp_path / "smallest.nq"
    generate(nquads, 300)
    text = nquads.read_text()
    members = [set(re.findall(rf"/participation/n-{number}--(\d+)> ", text)) for number in (0, 1)]
    assert members[0] & members[1]
