"""Questions of the library as statements: what they say, and which terms they name."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import library, queryfile
from kg.build import rebase
from kg.choices import choices
from kg.errors import UsageError
from kg.namespaces import CANONICAL_BASE, ONT, SCHEMA, SH, VOC

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


def in_meta(root: Path, base: str = CANONICAL_BASE) -> ox.Store:
    """The library as a snapshot under some base holds it."""
    graph = ox.NamedNode(f"{CANONICAL_BASE}graph/meta")
    own = library.statements(queryfile.library(root).values())
    quads = (ox.Quad(each.subject, each.predicate, each.object, graph) for each in own)
    store = ox.Store()
    store.extend(rebase(quad, base) for quad in quads)
    return store


def test_the_library_that_a_snapshot_holds_is_that_of_the_files(root: Path) -> None:
    files = queryfile.library(root)
    found = library.read_library(in_meta(root), CANONICAL_BASE)

    assert set(found) == set(files)
    for name, query in files.items():
        read = found[name]
        assert read.parameters == query.parameters
        assert (read.question, read.id, read.group, read.note) == (
            query.question,
            query.id,
            query.group,
            query.note,
        )
        assert query.text.endswith(read.text)


def test_under_another_base_a_question_is_asked_with_the_names_of_that_base(root: Path) -> None:
    base = "https://graph.example/kg/"
    query = library.read_library(in_meta(root, base), base)["network-lead"]

    assert query.parameters[0].default == "net:urbact-sdg-pilot"
    for value in ("urbact-puma", "net:urbact-puma", f"{base}id/network/urbact-puma"):
        text = library.bound(query, {"network": value}, base)
        assert f"VALUES ?network {{ <{base}id/network/urbact-puma> }}" in text
        assert CANONICAL_BASE not in text


def test_a_parameter_of_each_type_is_told_as_shacl_tells_it(root: Path) -> None:
    store = in_meta(root)

    def said(question: str, name: str, predicate: str) -> set[str]:
        node = ox.NamedNode(f"{CANONICAL_BASE}question/{question}#{name}")
        found = store.quads_for_pattern(node, ox.NamedNode(SH + predicate), None, None)
        return {str(quad.object) for quad in found}

    xsd = "http://www.w3.org/2001/XMLSchema#"
    assert said("targets-by-year", "year", "datatype") == {f"<{xsd}gYear>"}
    assert said("targets-by-year", "year", "defaultValue") == {f'"2030"^^<{xsd}gYear>'}
    assert said("running-on-day", "day", "datatype") == {f"<{xsd}date>"}
    assert said("busiest-places", "least", "datatype") == {f"<{xsd}integer>"}
    assert said("find-by-name", "text", "datatype") == {f"<{xsd}string>"}
    assert said("network-lead", "network", "class") == {f"<{ONT}Network>"}
    assert said("network-lead", "network", "name") == {
        '"network"@en',
        '"tinklas"@lt',
        '"omrežje"@sl',
    }


def test_choices_of_a_concept_are_those_of_its_list(snapshot_store: ox.Store) -> None:
    kind = queryfile.Parameter("kind", "iri", "v:kind-transfer", {}, "concept")
    found = choices(snapshot_store, kind, base=CANONICAL_BASE, languages=("en",))
    held = snapshot_store.quads_for_pattern(
        None,
        ox.NamedNode("http://www.w3.org/2004/02/skos/core#inScheme"),
        ox.NamedNode(VOC + "network-kind"),
        ox.DefaultGraph(),
    )

    names = {each.subject.value.removeprefix(VOC) for each in held}  # type: ignore[union-attr]
    assert {each.value.removeprefix("v:") for each in found.items} == names
    assert found.is_whole


def test_choices_are_looked_for_without_case_and_accents(snapshot_store: ox.Store) -> None:
    city = queryfile.Parameter("city", "iri", "city:lt-klaipeda", {}, "city")
    found = choices(snapshot_store, city, base=CANONICAL_BASE, languages=("en",), text="KLAIPEDA")

    assert [each.value for each in found.items] == ["city:lt-klaipeda"]


@pytest.mark.parametrize("value", ["٢٠٣٠", "2030 ", "20"])
def test_a_year_is_of_plain_digits(value: str) -> None:
    year = queryfile.Parameter("year", "year", "2030", {})

    with pytest.raises(UsageError, match="such as 2030"):
        year.term(value)
