"""Statements that can be compared, whatever the labels of blank nodes are."""

from pathlib import Path

import pytest

from kg.changes.facts import flat_of_file, of_file
from kg.dataset import SourceFile

HEAD = "@prefix e: <https://example.org/> .\n"


def file(text: str) -> SourceFile:
    return SourceFile("data/links.ttl", Path("x"), "https://example.org/g", HEAD + text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e:a e:b [ e:c 1 ; e:d 2 ] .", "e:a e:b _:x . _:x e:d 2 ; e:c 1 ."),
        ("e:a e:b ( 1 [ e:c 2 ] ) .", "e:a e:b ( 1 _:y ) . _:y e:c 2 ."),
        ("e:a e:b _:x . e:c e:d _:x .", "e:c e:d _:z . e:a e:b _:z ."),
        ("_:x e:a _:y . _:y e:a _:x .", "_:p e:a _:q . _:q e:a _:p ."),
        ("[] e:a [ e:b [] ] .", "_:k e:a _:l . _:l e:b _:m ."),
    ],
)
def test_graphs_that_differ_in_labels_only_have_the_same_facts(one: str, other: str) -> None:
    assert of_file(file(one)) == of_file(file(other))
    assert flat_of_file(file(one)) == flat_of_file(file(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e:a e:b [ e:c 1 ; e:d 2 ] .", "e:a e:b [ e:c 1 ] , [ e:d 2 ] ."),
        ("e:a e:b ( 1 2 ) .", "e:a e:b ( 2 1 ) ."),
        ("e:a e:b _:x . e:c e:d _:x .", "e:a e:b [] . e:c e:d [] ."),
        ("_:x e:a _:y . _:y e:a _:x .", "_:x e:a _:y . _:y e:a _:y ."),
        ('e:a e:b "1" .', "e:a e:b 1 ."),
        ("e:a e:b 1.0 .", "e:a e:b 1.00 ."),
    ],
)
def test_graphs_that_say_something_else_have_other_facts(one: str, other: str) -> None:
    assert of_file(file(one)) != of_file(file(other))


def test_the_flat_form_has_one_line_for_each_triple() -> None:
    assert len(flat_of_file(file("e:a e:b ( 1 [ e:c 2 ] ) ."))) == 1 + 4 + 1


def test_a_long_list_is_read_in_one_go() -> None:
    items = " ".join(str(number) for number in range(20_000))
    (fact,) = of_file(file(f"e:a e:b ( {items} ) ."))
    assert str(fact.object.text).startswith('( "0"^^') and fact.predicate.value.endswith("/b")


def test_nodes_that_lie_deep_in_others_are_read_too() -> None:
    chain = " ".join(f"_:n{number} e:p _:n{number + 1} ." for number in range(2_000))
    found = of_file(file(f"e:a e:b _:n0 . {chain}"))
    assert found == of_file(file(f"e:a e:b _:n0 . {chain}".replace("_:n", "_:other")))
    assert found != of_file(file(f"e:a e:b _:n0 . {chain} _:n2000 e:c 1 ."))
