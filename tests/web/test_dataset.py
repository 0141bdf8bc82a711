"""The description of the dataset, its catalogue and its dumps, with a release of the five texts."""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from starlette.requests import Request

from kg.query.service import Limits
from kg.release import make
from kg.snapshot import Snapshot
from kg.web.archiving import archived
from kg.web.dataset_page import dataset_values
from kg.web.site import Served, Site
from kg.web.versions import Versions

BASE = "https://w3id.org/citypledge/"
RELEASED = datetime(2026, 11, 22, 14, tzinfo=UTC)
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.Namespace("http://purl.org/dc/terms/")
VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
DATASET = rdflib.URIRef(f"{BASE}dataset")
Server = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(name="site", scope="module")
def a_server_of_a_release(
    serve: Server, five_built: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    workspace = tmp_path_factory.mktemp("released")
    make(workspace, five_built, RELEASED, "0.1.0", more=archived(five_built))
    with serve(Limits(workers=2, per_minute=0), five_built, workspace=workspace) as running:
        yield running


@pytest.fixture(name="client", scope="module")
def a_client(site: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.address, timeout=60) as client:
        yield client


@pytest.fixture(name="catalogue", scope="module")
def the_catalogue(client: httpx.Client) -> rdflib.Graph:
    return rdflib.Graph().parse(data=client.get("/catalog.ttl").text, format="turtle")


@pytest.fixture(name="shapes", scope="module")
def the_shapes_of_dcat_ap() -> rdflib.Graph:
    folder = Path(__file__).parent / "dcat-ap-3.0.1"
    return rdflib.Graph().parse(folder / "shapes.ttl").parse(folder / "range.ttl")


def version_of(client: httpx.Client) -> str:
    [version] = {row["version"] for row in [client.get("/status.json").json()["snapshot"]]}
    return str(version)


@pytest.mark.parametrize("path", ["/catalog.ttl", "/dataset.ttl", "/dump/{version}.ttl"])
def test_the_description_conforms_to_the_shapes_of_dcat_ap(
    client: httpx.Client, shapes: rdflib.Graph, path: str
) -> None:
    text = client.get(path.format(version=version_of(client))).text
    data = rdflib.Graph().parse(data=text, format="turtle")
    conforms, _, told = pyshacl.validate(data, shacl_graph=shapes)
    assert conforms, told


@pytest.mark.parametrize(
    ("kind", "predicate"),
    [
        (DCAT.Catalog, DCT.publisher),
        (DCAT.Catalog, DCT.title),
        (DCAT.Dataset, DCT.description),
        (DCAT.Dataset, DCT.title),
        (DCAT.Distribution, DCAT.accessURL),
        (DCAT.DataService, DCAT.endpointURL),
        (SPDX.Checksum, SPDX.checksumValue),
    ],
)
def test_the_shapes_see_what_is_missing(
    catalogue: rdflib.Graph, shapes: rdflib.Graph, kind: rdflib.URIRef, predicate: rdflib.URIRef
) -> None:
    less = rdflib.Graph()
    less += catalogue
    subject = min(less.subjects(rdflib.RDF.type, kind))
    less.remove((subject, predicate, None))
    conforms, _, told = pyshacl.validate(less, shacl_graph=shapes)
    assert not conforms and str(subject) in told


def test_every_source_is_a_dataset_with_what_a_harvester_wants(
    catalogue: rdflib.Graph, five_built: Snapshot
) -> None:
    sources = {graph for graph in five_built.manifest.graphs if "/graph/source/" in graph}
    datasets = set(map(str, catalogue.objects(rdflib.URIRef(f"{BASE}catalog"), DCAT.dataset)))
    assert datasets == sources | {str(DATASET)}
    for name in datasets:
        node = rdflib.URIRef(name)
        for predicate in (
            *(DCT.title, DCT.description, DCT.license, DCT.publisher, DCT.identifier),
            *(DCT.issued, DCT.modified, DCT.accessRights),
            *(DCAT.distribution, DCAT.contactPoint, DCAT.theme),
        ):
            assert (node, predicate, None) in catalogue, (name, predicate)


def test_a_source_has_the_languages_countries_and_period_that_it_speaks_of(
    catalogue: rdflib.Graph,
) -> None:
    node = rdflib.URIRef(f"{BASE}graph/source/s002")  # the page of Klaipėda on its pilot network
    authority = "http://publications.europa.eu/resource/authority/"
    assert [str(found) for found in catalogue.objects(node, DCT.language)] == [
        f"{authority}language/LIT"
    ]
    countries = {str(found) for found in catalogue.objects(node, DCT.spatial)}
    assert f"{authority}country/EST" in countries  # Tallinn
    [period] = catalogue.objects(node, DCT.temporal)
    assert str(catalogue.value(period, DCAT.startDate)) == "2021-02-25"  # the first meeting
    assert str(catalogue.value(period, DCAT.endDate)) == "2022-12-31"  # the end of the project


def test_the_contact_is_the_project_and_no_person(catalogue: rdflib.Graph) -> None:
    contact = rdflib.URIRef(f"{BASE}catalog#contact")
    values = {str(value) for value in catalogue.objects(contact)}
    assert f"{BASE}about" in values
    text = catalogue.serialize(format="nt")
    assert "mailto:" not in text and "tel:" not in text
    assert not re.search(r"[\w.]+@[\w.]+\.\w+", text)


def test_the_dumps_are_distributions_whose_sizes_and_hashes_are_true(
    client: httpx.Client, catalogue: rdflib.Graph
) -> None:
    seen = 0
    for node in catalogue.objects(DATASET, DCAT.distribution):
        url = catalogue.value(node, DCAT.downloadURL)
        if url is None:
            continue
        data = client.get("/" + str(url).removeprefix(BASE)).content
        assert len(data) == int(str(catalogue.value(node, DCAT.byteSize)))
        checksum = catalogue.value(node, SPDX.checksum)
        assert checksum is not None
        stated = str(catalogue.value(checksum, SPDX.checksumValue))
        assert hashlib.sha256(data).hexdigest() == stated.lower()
        seen += 1
    assert seen == 8  # N-Quads, TriG and Jelly of the whole, N-Triples of the view; gzip and zstd


@pytest.mark.parametrize("path", ["/dataset", "/catalog", "/dump", "/.well-known/void"])
def test_every_format_holds_the_same_statements(client: httpx.Client, path: str) -> None:
    formats = {"ttl": ox.RdfFormat.TURTLE, "rdf": ox.RdfFormat.RDF_XML}
    formats |= {"nt": ox.RdfFormat.N_TRIPLES, "jsonld": ox.RdfFormat.JSON_LD}
    formats |= {"trig": ox.RdfFormat.TRIG, "nq": ox.RdfFormat.N_QUADS}
    found = {}
    for name, form in formats.items():
        answer = client.get(path, headers={"Accept": TYPES[name]})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(TYPES[name])
        parsed = ox.parse(answer.content, format=form, base_iri=BASE)
        found[name] = {ox.Triple(*quad.triple) for quad in parsed}
    for name, triples in found.items():
        assert triples == found["ttl"], name


def test_void_answers_at_its_well_known_address_in_what_is_asked_for(client: httpx.Client) -> None:
    plain = client.get("/.well-known/void", headers={"Accept": "*/*"})
    assert plain.headers["Content-Type"].startswith("text/turtle")
    graph = rdflib.Graph().parse(data=plain.text, format="turtle")
    assert (DATASET, rdflib.RDF.type, VOID.Dataset) in graph
    endpoint = graph.value(DATASET, VOID.sparqlEndpoint)
    assert str(endpoint) == f"{BASE}sparql"
    assert plain.content == client.get("/dataset.ttl").content
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = client.get("/.well-known/void", headers={"Accept": browser})
    assert page.headers["Content-Type"].startswith("text/html")
    refused = client.get("/.well-known/void", headers={"Accept": "image/png"})
    assert refused.status_code == 406


def test_every_iri_of_the_description_under_the_base_leads_somewhere(client: httpx.Client) -> None:
    version = version_of(client)
    named: set[str] = set()
    for path in ("/dataset.nt", "/catalog.nt", f"/dump/{version}.nt", "/dump.nt"):
        for quad in ox.parse(client.get(path).content, format=ox.RdfFormat.N_TRIPLES):
            for term in (quad.subject, quad.predicate, quad.object):
                if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                    named.add(term.value.removeprefix(BASE).partition("#")[0])
    assert {f"dataset/{version}", f"dump/{version}", f"dump/{version}/dataset.nq.gz"} <= named
    for path in sorted(named):
        status = client.head(f"/{path}").status_code
        assert status in (200, 303, 410), path


def test_a_version_leads_to_its_description(client: httpx.Client) -> None:
    version = version_of(client)
    answer = client.get(f"/dataset/{version}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dataset")
    assert client.get("/dataset/1999.1").status_code == 404
    graph = rdflib.Graph().parse(data=client.get("/dataset.ttl").text, format="turtle")
    iri = graph.value(DATASET, rdflib.OWL.versionIRI)
    assert str(iri) == f"{BASE}dataset/{version}"
    assert (DATASET, DCAT.hasVersion, iri) in graph
    assert str(graph.value(DATASET, DCT.issued)) == "2026-11-22T14:00:00+00:00"


def test_a_dump_is_sent_with_what_a_download_needs(client: httpx.Client) -> None:
    path = f"/dump/{version_of(client)}/dataset.nq.gz"
    whole = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    digest = hashlib.sha256(whole.content).hexdigest()
    assert whole.status_code == 200
    assert whole.headers["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in whole.headers
    assert whole.headers["Content-Length"] == str(len(whole.content))
    assert whole.headers["ETag"] == f'"{digest}"'
    assert whole.headers["Last-Modified"] == "Sun, 22 Nov 2026 14:00:00 GMT"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["Access-Control-Allow-Origin"] == "*"
    head = client.head(path)
    left_out = ("date",)
    same = {name: value for name, value in whole.headers.items() if name not in left_out}
    assert {n: v for n, v in head.headers.items() if n not in left_out} == same
    assert not head.content


def test_a_download_that_broke_off_goes_on_where_it_stopped(client: httpx.Client) -> None:
    path = f"/dump/{version_of(client)}/dataset.trig.zst"
    whole = client.get(path)
    size = len(whole.content)
    part = client.get(path, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert part.content == whole.content[1000:]
    other = client.get(path, headers={"Range": "bytes=1000-", "If-Range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, size)
    beyond = client.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")


def test_a_dump_that_the_client_has_is_not_sent_again(client: httpx.Client) -> None:
    path = f"/dump/{version_of(client)}/accepted.nt.gz"
    etag = client.head(path).headers["ETag"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"x", W/{etag}'},
        {"If-Modified-Since": "Sun, 22 Nov 2026 14:00:00 GMT"},
    ):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == etag


def test_a_dump_can_only_be_read_and_no_other_file_is_sent(client: httpx.Client) -> None:
    folder = f"/dump/{version_of(client)}"
    answer = client.post(f"{folder}/SHA256SUMS")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    for name in ("archive.sqlite", "nothing.nq.gz", "..%2f..%2fcurrent", "%2e%2e/current"):
        assert client.get(f"{folder}/{name}").status_code == 404, name
    assert client.get("/dump/1999.1/dataset.nq.gz").status_code == 404


def test_what_pages_know_of_the_releases_is_worked_out_once(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/dataset.ttl")
    monkeypatch.setattr("kg.web.dumps.as_record", None)
    monkeypatch.setattr("kg.web.dumps.text_of", None)
    for path in ("/dataset.ttl", "/catalog.ttl", "/dump", f"/dump/{version_of(client)}"):
        answer = client.get(path, headers={"Accept": "text/turtle", "Accept-Language": "lt"})
        assert answer.status_code == 200, path


def test_a_snapshot_that_is_not_released_has_no_dates_of_releases(five_built: Snapshot) -> None:
    facts = five_built.manifest
    counts = (facts.graphs, facts.classes, facts.triples)
    site = Site(Served(five_built.store(), BASE, "2027.1", facts.snapshot, *counts), Limits())
    request = Request({"type": "http", "path": "/dataset", "headers": []})
    graphs = [graph for graph in facts.graphs if "/graph/source/" in graph]
    dates = dict.fromkeys(graphs, ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"))

    def shown(last: str) -> list[Any]:
        known = [
            {"version": version, "released": "2026-02-01T00:00:00Z", "snapshot": snapshot}
            for version, snapshot in (("1", "0"), ("2", last))
        ]
        versions = Versions(BASE, site.licence, {"releases": known, "dates": dates})
        return [source["released"] for source in dataset_values(site, request, versions)["sources"]]

    assert shown(facts.snapshot) == [dates[graph] for graph in graphs]
    assert shown("1") == [None] * len(graphs)


def test_the_dump_of_the_whole_is_what_the_endpoint_answers_from(
    client: httpx.Client, five_built: Snapshot
) -> None:
    data = client.get(f"/dump/{version_of(client)}/dataset.nq.gz").content
    assert hashlib.sha256(gzip.decompress(data)).hexdigest() == five_built.manifest.snapshot


def test_the_page_of_the_dataset_says_it_to_search_engines_too(client: httpx.Client) -> None:
    page = client.get("/dataset", headers={"Accept": "text/html"}).text
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(found)
    assert (data["@type"], data["@id"]) == ("Dataset", f"{BASE}dataset")
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert {item["encodingFormat"][0] for item in data["distribution"]} >= {
        "application/n-quads",
        "application/trig",
    }


def test_the_service_description_and_the_dataset_name_each_other(client: httpx.Client) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.text, format="turtle")
    endpoint = rdflib.URIRef(f"{BASE}sparql")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    assert graph.value(endpoint, sd.defaultDataset) == DATASET
    assert graph.value(DATASET, VOID.sparqlEndpoint) == endpoint
    assert graph.value(None, VOID["class"], rdflib.URIRef(f"{BASE}ont#City")) is not None
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    spaces = {
        str(graph.value(node, sh.prefix)): str(graph.value(node, sh.namespace))
        for node in graph.objects(endpoint, sh.declare)
    }
    assert spaces["cpo"] == f"{BASE}ont#"


def test_a_release_that_is_made_while_the_server_runs_is_taken_up(
    serve: Server, seal_quads: Callable[..., Snapshot], five_built: Snapshot, tmp_path: Path
) -> None:
    snapshot = seal_quads(
        tmp_path, list(ox.parse(path=five_built.nquads)), five_built.manifest.version
    )
    with (
        serve(Limits(workers=1, per_minute=0), snapshot, workspace=tmp_path) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        path = f"/dump/{snapshot.manifest.version}/dataset.nq.gz"
        assert client.get(path).status_code == 404
        before = client.get("/dataset.ttl")
        assert "There is no release yet" in client.get("/dataset.html").text
        make(tmp_path, snapshot, RELEASED, "0.1.0", more=archived(snapshot))
        running.until(lambda _: client.get(path).status_code == 200, "taking up the release")
        assert "Released on" in client.get("/dataset.html").text
        conditions = {"If-None-Match": before.headers["ETag"]}
        assert client.get("/dataset.ttl", headers=conditions).status_code == 200


def test_without_a_release_the_description_says_so(serve: Server, five_built: Snapshot) -> None:
    with (
        serve(Limits(workers=1, per_minute=0), five_built) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        page = client.get("/dataset", headers={"Accept": "text/html"})
        assert "There is no release yet" in page.text
        graph = rdflib.Graph().parse(data=client.get("/catalog.ttl").text, format="turtle")
        assert not list(graph.subject_objects(DCAT.downloadURL))
        version = str(graph.value(DATASET, DCAT.version))
        assert client.get(f"/dataset/{version}").status_code == 303
        assert client.get("/dump").status_code == 200
        assert client.get(f"/dump/{version}").status_code == 404


def test_a_snapshot_that_does_not_describe_itself_has_no_page_about_it(
    client_of_nothing: httpx.Client,
) -> None:
    for path in ("/dataset", "/catalog", "/.well-known/void", "/dump"):
        assert client_of_nothing.get(path).status_code == 404, path


@pytest.fixture
def client_of_nothing(
    serve: Server, seal_quads: Callable[..., Snapshot], tmp_path: Path
) -> Iterator[httpx.Client]:
    line = (
        "<https://w3id.org/citypledge/id/city/x> <https://example.org/p> <https://example.org/o> ."
    )
    quads = list(ox.parse(line, format=ox.RdfFormat.N_QUADS))
    with (
        serve(Limits(workers=1), seal_quads(tmp_path, quads)) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        yield client
