"""The table of prefixes."""

from kg.namespaces import CANONICAL_BASE, ID, KINDS, PREFIXES, shorten


def test_no_two_prefixes_name_one_namespace() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_each_kind_of_entity_has_a_prefix_of_its_own() -> None:
    assert all(PREFIXES[prefix] == f"{ID}{kind}/" for kind, prefix in KINDS.items())


def test_an_iri_with_a_slash_after_its_prefix_is_not_shortened() -> None:
    assert shorten(CANONICAL_BASE + "graph/source/s000") == CANONICAL_BASE + "graph/source/s000"


def test_the_longest_prefix_wins() -> None:
    assert shorten(ID + "city/lt-vilnius") == "city:lt-vilnius"
