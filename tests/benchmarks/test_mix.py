import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from answers import content
from generate import SIZES, generate
from run import queries


@pytest.fixture(scope="session")
def mix(made, root):
    return {q.name: q for q in queries(root / "benchmarks/queries", made.summary.parameters)}


def test_the_mix_has_twenty_queries_and_the_attack_eight(root: Path) -> None:
    assert len(list((root / "benchmarks/queries").glob("*.rq"))) == 20
    assert len(list((root / "benchmarks/hostile").glob("*.rq"))) == 8


def empty_answers(store: ox.Store, mix) -> list[str]:
    empty = []
    for query in mix:
        found = store.query(query.text)
        has = bool(found) if isinstance(found, ox.QueryBoolean) else next(iter(found), None)
        if not has:
            empty.append(query.name)
    return empty


def test_every_query_of_the_mix_has_an_answer(made, mix) -> None:
    assert empty_answers(made.store, mix.values()) == []


@pytest.mark.parametrize(("cities", "seed"), [(300, 1), (300, 2), (SIZES["s100k"], 1), (400, 9)])
def test_no_query_of_the_mix_is_empty_in_other_worlds(
    cities: int, seed: int, tmp_path: Path, root: Path
) -> None:
    summary = generate(tmp_path / "world.nq", cities, seed)
    store = ox.Store()
    store.bulk_load(path=str(tmp_path / "world.nq"), format=ox.RdfFormat.N_QUADS)
    assert empty_answers(store, queries(root / "benchmarks/queries", summary.parameters)) == []


def test_a_query_is_a_graph_query_where_the_engine_says_so(made, mix) -> None:
    for query in mix.values():
        found = made.store.query(query.text)
        assert isinstance(found, ox.QueryTriples) == query.is_graph, query.name


def test_no_parameter_is_left_unfilled(mix) -> None:
    assert [name for name, query in mix.items() if "parameter:" in query.text] == []


def test_an_unknown_parameter_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK { <parameter:nobody> ?p ?o }")
    with pytest.raises(KeyError, match="nobody"):
        queries(tmp_path, {})


def test_queries_with_a_limit_have_one_order(mix) -> None:
    # Without it two engines may give different rows and both be right.
    for query in mix.values():
        assert "LIMIT" not in query.text or "ORDER BY" in query.text, query.name


def test_hostile_queries_are_well_formed(root: Path) -> None:
    # Over an empty store even these end at once.
    for query in queries(root / "benchmarks/hostile", {}):
        if query.name != "x6-doubling":  # needs no data: it would take the memory of this process
            assert ox.Store().query(query.text) is not None


def rows(*bindings: dict) -> bytes:
    found = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": b} for b in bindings]}}
    return json.dumps(found).encode()


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"type": "literal", "value": "2.0", "datatype": XSD + "decimal"},
            {"type": "typed-literal", "value": "2.00", "datatype": XSD + "decimal"},
        ),
        (
            {"type": "literal", "value": "true", "datatype": XSD + "boolean"},
            {"type": "typed-literal", "value": "1", "datatype": XSD + "boolean"},
        ),
        (
            {"type": "literal", "value": "a", "datatype": XSD + "string"},
            {"type": "literal", "value": "a"},
        ),
        (
            {"type": "literal", "value": "a", "xml:lang": "en-GB"},
            {"type": "literal", "value": "a", "xml:lang": "en-gb"},
        ),
    ],
)
def test_two_spellings_of_one_value_are_alike(one: dict, other: dict) -> None:
    assert content(rows(one), False).difference(content(rows(other), False)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"type": "literal", "value": "a"}, {"type": "uri", "value": "a"}),
        ({"type": "literal", "value": "a"}, {"type": "literal", "value": "a", "xml:lang": "en"}),
        (
            {"type": "literal", "value": "1", "datatype": XSD + "integer"},
            {"type": "literal", "value": "2", "datatype": XSD + "integer"},
        ),
    ],
)
def test_two_values_are_not_alike(one: dict, other: dict) -> None:
    assert content(rows(one), False).difference(content(rows(other), False))


def test_the_order_of_rows_does_not_count_but_their_number_does() -> None:
    a, b = {"type": "uri", "value": "urn:a"}, {"type": "uri", "value": "urn:b"}
    assert content(rows(a, b), False).difference(content(rows(b, a), False)) is None
    assert content(rows(a, b), False).difference(content(rows(a, b, b), False)) == (
        "3 rows for 2; adds 1, such as <urn:b>"
    )


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    with pytest.raises(ValueError):
        content(rows({"type": "uri", "value": "urn:a"})[:-3], False)
    with pytest.raises(ValueError, match="not N-Triples"):
        content(b"<urn:a> <urn:b> <urn:", True)
