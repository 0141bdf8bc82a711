"""The data has the same terms, character by character, in whatever form it is fetched.

The facts of the five texts, which have values of each kind that the store spells otherwise.
"""

import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from kg.dataset import paths
from kg.mediatypes import RDF_TYPES
from kg.query.service import Limits
from kg.release import make
from kg.snapshot import Snapshot
from kg.web.archiving import archived

DAY = datetime(2026, 11, 22, tzinfo=UTC)
XSD = "http://www.w3.org/2001/XMLSchema#"
META = "https://w3id.org/citypledge/graph/meta"
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
Said = set[tuple[str, str, str]]


@pytest.fixture(name="client", scope="module")
def a_server_of_a_release(
    serve, five_built: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    workspace = tmp_path_factory.mktemp("literals")
    make(workspace, five_built, DAY, "test", more=archived(five_built))
    with (
        serve(Limits(workers=1, deadline_s=60), five_built, workspace=workspace) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield client


@pytest.fixture(name="dump", scope="module")
def the_dump(client: httpx.Client, five_built: Snapshot) -> list[ox.Quad]:
    """What a client has who downloads all of it."""
    answer = client.get(f"/dump/{five_built.manifest.version}/dataset.nq.gz").raise_for_status()
    return list(ox.parse(gzip.decompress(answer.content), format=ox.RdfFormat.N_QUADS))


@pytest.fixture(name="respelt", scope="module")
def things_with_a_value_that_the_store_spells_otherwise(five_texts: Path) -> list[str]:
    """The subjects of such values in the files, as `7.0` or `P24M`."""
    found: set[str] = set()
    for path in paths(five_texts):
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            store = ox.Store()
            store.add(quad)
            if quad not in set(store) and isinstance(quad.subject, ox.NamedNode):
                found.add(quad.subject.value)
    return sorted(found)


def literals(quads: list[ox.Quad] | ox.QueryTriples, subject: str) -> Said:
    return {
        (quad.predicate.value, quad.object.value, str(quad.object))
        for quad in quads
        if quad.subject == ox.NamedNode(subject) and isinstance(quad.object, ox.Literal)
    }


def test_the_files_have_values_that_the_store_spells_otherwise(respelt: list[str]) -> None:
    assert len(respelt) > 20  # countries at whole degrees, and periods such as P24M


def test_documents_have_the_terms_of_the_dump(
    client: httpx.Client, dump: list[ox.Quad], respelt: list[str], five_built: Snapshot
) -> None:
    accepted = [quad for quad in dump if quad.graph_name == ox.DefaultGraph()]
    base, asked = five_built.manifest.base, 0
    for iri in respelt:
        name = iri.removeprefix(base).removeprefix("id/")
        if not iri.startswith(f"{base}id/"):
            continue  # a country is a concept of the EU's list; it has no document here
        expected = literals(accepted, iri)
        for media_type in RDF_TYPES:
            answer = client.get(f"/doc/{name}.{media_type.extension}").raise_for_status()
            form = FORMATS[media_type.extension]
            quads = list(ox.parse(answer.content, format=form, base_iri=str(answer.url)))
            assert literals(quads, iri) == expected, answer.url
            asked += 1
    assert asked >= 6


def test_fragments_and_queries_have_the_terms_of_the_dump(
    client: httpx.Client, dump: list[ox.Quad], respelt: list[str]
) -> None:
    accepted = [quad for quad in dump if quad.graph_name == ox.DefaultGraph()]
    headers = {"Accept": "application/n-quads"}
    for iri in respelt:
        expected = literals(accepted, iri)
        page = client.get("/fragments", params={"subject": iri}, headers=headers).raise_for_status()
        data = list(ox.parse(page.content, format=ox.RdfFormat.N_QUADS))
        assert literals(data, iri) == expected, iri
        query = f"CONSTRUCT {{ <{iri}> ?p ?o }} WHERE {{ <{iri}> ?p ?o }}"
        answer = client.get("/sparql", params={"query": query}, headers=headers).raise_for_status()
        told = list(ox.parse(answer.content, format=ox.RdfFormat.N_QUADS))
        assert literals(told, iri) == expected, iri


def test_every_term_of_the_dump_is_the_one_that_the_store_gives(
    dump: list[ox.Quad], five_store: ox.Store
) -> None:
    assert Counter(map(str, dump)) == Counter(map(str, five_store))


def test_the_counts_of_the_description_are_those_of_the_dump(dump: list[ox.Quad]) -> None:
    accepted = [quad for quad in dump if quad.graph_name == ox.DefaultGraph()]
    query = """PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?property ?triples ?objects { GRAPH ?meta {
          ?whole void:propertyPartition ?part . FILTER NOT EXISTS { ?c void:classPartition ?whole }
          ?part void:property ?property ; void:triples ?triples ;
            void:distinctObjects ?objects } }"""
    store = ox.Store()
    store.bulk_extend(quad for quad in dump if quad.graph_name == ox.NamedNode(META))
    described = {
        row["property"].value: (int(row["triples"].value), int(row["objects"].value))
        for row in store.query(query)
    }
    counted: dict[str, list[str]] = {}
    for quad in accepted:
        counted.setdefault(quad.predicate.value, []).append(str(quad.object))
    assert described == {iri: (len(all_), len(set(all_))) for iri, all_ in counted.items()}
