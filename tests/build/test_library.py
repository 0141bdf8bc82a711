"""Questions of the library as statements: what they say, and which terms they name."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import library, queryfile
from kg.namespaces import ONT, SCHEMA, SH, VOC

QUESTION = ox.NamedNode("https://w3id.org/citypledge/question/pledge-signers")


@pytest.fixture(name="said")
def statements_about_a_question(root: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for triple in library.statements(queryfile.library(root).values()):
        if triple.subject == QUESTION and not isinstance(triple.object, ox.Triple):
            found.setdefault(triple.predicate.value, set()).add(triple.object.value)
    return found


def test_a_question_is_a_select_executable_with_its_query(said: dict[str, set[str]]) -> None:
    [query] = said[SH + "select"]

    assert f"{SH}SPARQLSelectExecutable" in said["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]
    assert query.startswith("PREFIX cpo:")
    assert "#+" not in query


def test_a_question_names_the_terms_of_its_query_and_no_entity(said: dict[str, set[str]]) -> None:
    names = ("date", "signatory", "signedByPerson", "signs")

    assert said[SCHEMA + "mentions"] == {ONT + name for name in names}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("PREFIX a: <urn:a:>\nASK { ?s a:one ?o }", {"urn:a:one"}),
        ("PREFIX a: <urn:a:>\nASK { ?s a:one|^a:two/a:three ?o }", {"one", "two", "three"}),
        ("ASK { ?s v:role-lead 'v:role-partner' } # v:role-member", {VOC + "role-lead"}),
        ('ASK { ?s ?p "cpo:City \\" cpo:Claim" ; cpo:date ?d }', {ONT + "date"}),
        ("ASK { ?s <urn:b#c> ?o . FILTER(?o<3&&?o>1) }", {"urn:b#c"}),
        ("ASK { ?s cpo:date ?o FILTER(?o != unknown:x) }", {ONT + "date"}),
    ],
)
def test_the_terms_of_a_query_are_those_outside_of_strings_and_comments(
    query: str, named: set[str]
) -> None:
    expected = {name if ":" in name else f"urn:a:{name}" for name in named}

    assert library.mentioned(query) == expected
