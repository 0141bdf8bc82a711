"""The pages of totals and of contested facts, on real data; numbers are those of the sources."""

import json
import re
from html import unescape
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pyoxigraph as ox
import pytest

from kg.namespaces import DQV, RDF
from kg.query.service import Limits
from kg.snapshot import Snapshot

BASE = "https://w3id.org/citypledge/"


def row(page: str, anchor: str) -> str:
    """The words of one row."""
    found = re.search(rf'<tr class="first" id="{re.escape(anchor)}">(.*?)</tr>', page, re.S)
    assert found, anchor
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


@pytest.mark.parametrize(
    ("anchor", "stated", "numbers"),
    [
        # 161 places in 23 networks, held by fewer bodies (page of URBACT, 18 December 2018).
        ("listed/decision/urbact-transfer-2018", "161 number of partner bodies", "161"),
        # 112 entries, one of which is Eindhoven and Helmond together.
        ("listed/decision/eu-cities-mission-selection-2022", "112 number of cities", "112 113"),
        ("listed/network/urbact-sdg-pilot", "19 number of cities", "19 19"),
        ("listed/network/se-climate-neutral-cities-2030", "23 number of municipalities", "23 23"),
        ("listed/network/es-cities-2030", "8 number of cities", "8 8"),
        ("listed/network/lt-green-municipalities", "24 number of municipalities", "0 0 0"),
    ],
)
def test_what_is_stated_stands_beside_what_is_listed(
    names: httpx.Client, anchor: str, stated: str, numbers: str
) -> None:
    found = row(names.get("/totals").text, anchor)
    assert stated in found and f" {numbers} " in found


def test_a_list_without_names_says_so(names: httpx.Client) -> None:
    found = row(names.get("/totals").text, "listed/network/lt-green-municipalities")
    assert found.endswith("no member is named in the sources")
    assert "28 June 2023" in found and "12 April 2024" in found


def test_disputed_values_stand_with_their_sources_and_the_reason(names: httpx.Client) -> None:
    found = " ".join(unescape(re.sub(r"<[^>]+>", " ", names.get("/contested").text)).split())
    # A page puts two Finnish cities into Sweden; the newspaper counts all 23 as bound.
    for text in ("Turku", "Sweden", "Finland", "they share the aim, not the signature"):
        assert text in found


@pytest.mark.parametrize("path", ["/totals", "/contested", "/", "/about", "/doc/city/lt-klaipeda"])
def test_every_page_leads_to_both(names: httpx.Client, path: str) -> None:
    answer = names.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    for linked in ("/totals", "/contested"):
        assert f'<a href="{linked}">' in answer.text.partition("<footer")[2]


def test_measurements_have_a_metric_and_the_numbers_of_the_page(snapshot_store: ox.Store) -> None:
    meta = ox.NamedNode(f"{BASE}graph/meta")
    thing = ox.NamedNode(f"{BASE}id/decision/urbact-transfer-2018")
    found = {}
    on_thing = snapshot_store.quads_for_pattern(None, ox.NamedNode(DQV + "computedOn"), thing, meta)
    for quad in on_thing:
        [value] = snapshot_store.quads_for_pattern(
            quad.subject, ox.NamedNode(DQV + "value"), None, meta
        )
        [metric] = snapshot_store.quads_for_pattern(
            quad.subject, ox.NamedNode(DQV + "isMeasurementOf"), None, meta
        )
        assert isinstance(metric.object, ox.NamedNode) and isinstance(value.object, ox.Literal)
        found[metric.object.value.rpartition("/")[2]] = int(float(value.object.value))
    assert (found["stated"], found["listed"]) == (161, 161)
    assert found["matched"] <= found["bodies"] < 161


FORMS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
}


def read(client: httpx.Client, path: str, name: str) -> set[ox.Triple]:
    """The default graph of a form of a document."""
    media_type, form = FORMS[name]
    answer = client.get(path, headers={"Accept": media_type})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] == media_type
    assert answer.headers["Content-Location"] == f"{path}.{name}"
    assert client.get(f"{path}.{name}").content == answer.content
    quads = ox.parse(answer.content, format=form)
    return {quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph()}


def measurements_in(store: ox.Store) -> set[ox.Triple]:
    meta = ox.NamedNode(f"{BASE}graph/meta")
    kinds = (DQV + "QualityMeasurement", DQV + "Metric")
    nodes = [
        quad.subject
        for kind in kinds
        for quad in store.quads_for_pattern(
            None, ox.NamedNode(RDF + "type"), ox.NamedNode(kind), meta
        )
    ]
    return {
        quad.triple for node in nodes for quad in store.quads_for_pattern(node, None, None, meta)
    }


@pytest.mark.parametrize("name", FORMS)
def test_every_form_holds_all_measurements(
    names: httpx.Client, snapshot_store: ox.Store, name: str
) -> None:
    expected = measurements_in(snapshot_store)
    assert expected and expected <= read(names, "/totals", name)


@pytest.mark.parametrize("path", ["/totals", "/contested"])
def test_all_forms_hold_the_same(names: httpx.Client, path: str) -> None:
    first, *others = (read(names, path, name) for name in FORMS)
    assert all(other == first for other in others)


def test_every_measurement_has_its_place_on_the_page(
    names: httpx.Client, snapshot_store: ox.Store
) -> None:
    ids = re.findall(r' id="([^"]+)"', names.get("/totals").text)
    assert len(ids) == len(set(ids))
    iris = {triple.subject.value for triple in measurements_in(snapshot_store)}  # type: ignore[union-attr]
    assert iris
    assert {iri.removeprefix(f"{BASE}totals#") for iri in iris} <= set(ids)


def test_both_sides_of_a_dispute_are_told_with_their_graphs(names: httpx.Client) -> None:
    store = ox.Store()
    for triple in read(names, "/contested", "ttl"):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
    found = store.query(
        """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        PREFIX cpo: <https://w3id.org/citypledge/ont#>
        SELECT ?value ?graph WHERE {
          ?told rdf:subject <https://w3id.org/citypledge/id/city/fi-turku> ;
            rdf:predicate cpo:country ; rdf:object ?value ;
            <http://www.w3.org/ns/prov#wasDerivedFrom> ?graph }"""
    )
    country = "http://publications.europa.eu/resource/authority/country/"
    assert isinstance(found, ox.QuerySolutions)
    said = {(row["value"].value, row["graph"].value) for row in found}
    assert said == {
        (f"{country}FIN", f"{BASE}graph/registry"),
        (f"{country}FIN", f"{BASE}graph/source/geonames"),
        (f"{country}SWE", f"{BASE}graph/source/utm-labels-2024"),
    }
    turku = ox.NamedNode(f"{BASE}id/city/fi-turku")
    property_ = ox.NamedNode(f"{BASE}ont#country")
    assert not [*store.quads_for_pattern(turku, property_, None)], "it is told, not asserted"


@pytest.mark.parametrize("path", ["/totals", "/contested"])
def test_each_form_leads_to_the_others_and_to_the_linkset(names: httpx.Client, path: str) -> None:
    answer = names.get(path, headers={"Accept": "text/html"})
    for name, (media_type, _) in FORMS.items():
        assert f'<{path}.{name}>; rel="alternate"; type="{media_type}"' in answer.headers["Link"]
    linkset = names.get(f"/linkset{path}.json")
    assert linkset.status_code == 200
    anchors = {each["anchor"] for each in json.loads(linkset.text)["linkset"]}
    assert f"{BASE[:-1]}{path}.ttl" in anchors
    assert names.get(f"{path}.csv").status_code == 404


def test_both_are_in_the_sitemap(names: httpx.Client) -> None:
    root = ET.fromstring(names.get("/sitemap/1.xml").content)
    found = {element.text for element in root.iter() if element.tag.endswith("}loc")}
    assert {f"{BASE}totals", f"{BASE}contested"} <= found


def test_a_graph_that_is_not_held_in_memory_has_neither(serve: Any, built: Snapshot) -> None:
    with (
        serve(Limits(workers=1, memory_share=0, printed_things=0), built) as running,
        httpx.Client(base_url=running.address, timeout=60) as client,
    ):
        for path in ("/totals", "/contested", "/totals.ttl", "/linkset/contested"):
            assert client.get(path).status_code == 501, path
        home = client.get("/", headers={"Accept": "text/html"}).text
        assert 'href="/totals"' not in home and 'href="/contested"' not in home
        assert f"{BASE}totals<" not in client.get("/sitemap/1.xml").text
