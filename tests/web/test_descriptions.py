"""What a document about a thing holds, on the real data; expected facts are from the sources."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.description.contents import PIECES
from kg.description.relations import TIES
from kg.mediatypes import JSON_LD, RDF_TYPES
from kg.query.service import Limits
from kg.snapshot import Snapshot
from kg.web.documents import document_for, page_count
from kg.web.links import document_of
from kg.web.site import Served, Site
from kg.web.writing import Document, NoSuchPageError

BASE = "https://w3id.org/citypledge/"
CPO = f"{BASE}ont#"
DCT = "http://purl.org/dc/terms/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
PREF = "http://www.w3.org/2004/02/skos/core#prefLabel"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DERIVED = "http://www.w3.org/ns/prov#wasDerivedFrom"
DEFAULT = ox.DefaultGraph()
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "nt": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
# Properties of the ontology that tie nothing: what they point at is a value of their subject, or
# is found from the other end, with the reason.
NO_TIES = {
    "claimProperty": "a claim is told of with its subject",
    "claimValue": "a claim is told of with its subject",
    "certainty": "a value",
    "claimStatus": "a value",
    "conflictsWith": "both claims are told of with their subjects",
    "decidesProperty": "a ruling is told of with its subject",
    "rejectedGraph": "a ruling is told of with its subject",
    "rejectedValue": "a ruling is told of with its subject",
    "acceptedValue": "a ruling is told of with its subject",
    "inDocument": "a text has hundreds of spans, each told of with its claim",
    "hasSection": "a value",
    "nameKind": "a value",
    "offers": "a value",
    "outcome": "a value",
    "scope": "a value",
    "comparison": "a value",
    "grants": "a value",
    "jointWith": "both participations are told of with what takes part",
    "counts": "a value",
    "countsOnly": "a value",
    "currency": "a value",
    "participationStatus": "a value",
    "progressStatus": "a value",
    "retirementReason": "a value",
    "venue": "a place says nothing by what happens there",
}


def site_of(snapshot: Snapshot, store: ox.Store) -> Site:
    facts = snapshot.manifest
    served = Served(
        store,
        facts.base,
        facts.version,
        facts.snapshot,
        facts.graphs,
        facts.classes,
        facts.triples,
    )
    return Site(served, Limits())


@pytest.fixture(name="site", scope="module")
def the_site(built: Snapshot, snapshot_store: ox.Store) -> Site:
    return site_of(built, snapshot_store)


def about(site: Site, path: str) -> set[tuple[str, str, str]]:
    """The triples of a document: IRIs, and literals in the way of N-Triples."""
    made = document_for(site, BASE + path, document_of(path) or "")
    return {
        (plain(triple.subject), plain(triple.predicate), plain(triple.object))
        for triple in made.triples
    }


def plain(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def as_object(site: Site, path: str) -> dict[str, Any]:
    made = document_for(site, BASE + path, document_of(path) or "")
    found: dict[str, Any] = json.loads(made.write(site, [JSON_LD])["jsonld"])
    return found


def who_says(
    triples: set[tuple[str, str, str]], subject: str, predicate: str, value: str
) -> set[str]:
    """The graphs that a document names for a statement."""
    nodes = {s for s, p, o in triples if p == f"{RDF}subject" and o == subject}
    nodes &= {s for s, p, o in triples if p == f"{RDF}predicate" and o == predicate}
    nodes &= {s for s, p, o in triples if p == f"{RDF}object" and o == value}
    return {o for s, p, o in triples if s in nodes and p == DERIVED}


def canonical(triples: Sequence[ox.Triple] | set[ox.Triple]) -> set[str]:
    """Triples without the names of blank nodes."""
    if not any(
        isinstance(node, ox.BlankNode)
        for triple in triples
        for node in (triple.subject, triple.object)
    ):
        return {str(triple) for triple in triples}
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def every_page(site: Site, paths: Sequence[str]) -> Iterator[tuple[str, Document]]:
    for path in paths:
        number = pages = 1
        while number <= pages:
            made = document_for(site, BASE + path, document_of(path) or "", number)
            yield f"{path} {number}", made
            number, pages = number + 1, made.pages


def test_json_ld_of_every_document_parses_back_to_its_triples(site: Site) -> None:
    wrong = []
    for name, made in every_page(site, site.things):
        body = made.write(site, [JSON_LD])["jsonld"]
        quads = list(ox.parse(body, format=ox.RdfFormat.JSON_LD))
        if canonical({quad.triple for quad in quads}) != canonical(made.triples):
            wrong.append(name)

    assert wrong == []


def test_every_format_holds_the_same_triples_and_no_graph_holds_others(site: Site) -> None:
    of_each_kind = {path.rpartition("/")[0]: path for path in site.things}
    wrong = []
    for name, made in every_page(site, sorted(of_each_kind.values())):
        expected = canonical(made.triples)
        for extension, body in made.write(site, RDF_TYPES).items():
            quads = list(ox.parse(body, format=FORMATS[extension]))
            default = {quad.triple for quad in quads if quad.graph_name == DEFAULT}
            named = [quad.triple for quad in quads if quad.graph_name != DEFAULT]
            if canonical(default) != expected or not default.issuperset(named):
                wrong.append(f"{name}.{extension}")

    assert len(of_each_kind) > 25
    assert wrong == []


def test_a_signature_stands_with_the_pledge_with_the_body_and_with_its_city(site: Site) -> None:
    """Source s003: three mayors, among them that of Velenje, sign a pledge in 2022."""
    signature = f"{BASE}id/signature/sg-0001"
    facts = {
        (signature, f"{CPO}signs", f"{BASE}id/pledge/si-mission-2022"),
        (signature, f"{CPO}signatory", f"{BASE}id/municipality/si-velenje"),
        (signature, f"{CPO}atEvent", f"{BASE}id/event/si-mission-signing"),
    }

    for path in ("pledge/si-mission-2022", "municipality/si-velenje", "city/si-velenje"):
        triples = about(site, f"id/{path}")
        assert facts <= triples
        tie = [fact for fact in facts if fact[1] != f"{CPO}atEvent"]
        assert any(f"{BASE}graph/source/s003" in who_says(triples, *fact) for fact in tie)


def test_what_a_document_points_at_has_its_labels(site: Site) -> None:
    triples = about(site, "id/municipality/si-velenje")

    assert (f"{BASE}id/city/si-velenje", PREF, '"Velenje"@sl') in triples
    assert (f"{BASE}id/programme/eu-cities-mission", PREF) in {(s, p) for s, p, _ in triples}
    assert (f"{CPO}participant", LABEL, '"participant"@en') in triples
    assert (f"{CPO}Municipality", LABEL, '"savivaldybė"@lt') in triples


def test_a_rejected_statement_is_told_of_and_not_made(site: Site) -> None:
    """Ruling ru-0001: the network began in 2023; 8 May 2023 was its public launch."""
    path, start = "id/network/lt-green-municipalities", f"{CPO}startDate"
    xsd = "http://www.w3.org/2001/XMLSchema#"
    year, day = f'"2023"^^<{xsd}gYear>', f'"2023-05-08"^^<{xsd}date>'
    triples = about(site, path)

    assert (BASE + path, start, year) in triples
    assert (BASE + path, start, day) not in triples
    assert who_says(triples, BASE + path, start, day) == {f"{BASE}graph/source/h2lt-2023"}
    assert (f"{BASE}id/ruling/ru-0001", f"{CPO}rejectedValue", day) in triples
    assert who_says(triples, BASE + path, start, year) == {f"{BASE}graph/source/s001"}


def test_a_claim_comes_with_the_place_where_it_was_read(site: Site) -> None:
    """s003.claims.ttl: the programme of the pledge stands at characters 250 to 306."""
    triples = about(site, "id/pledge/si-mission-2022")
    claim, span = f"{BASE}id/claim/s003-027", f"{BASE}id/span/s003-027"
    integer = "<http://www.w3.org/2001/XMLSchema#integer>"

    assert (claim, f"{CPO}claimSubject", f"{BASE}id/pledge/si-mission-2022") in triples
    assert (claim, f"{CPO}hasSpan", span) in triples
    assert (span, f"{CPO}spanStart", f'"250"^^{integer}') in triples
    assert (span, f"{CPO}spanEnd", f'"306"^^{integer}') in triples
    assert (span, f"{CPO}inDocument", f"{BASE}id/source/s003") in triples


def test_a_document_describes_itself(site: Site, built: Snapshot) -> None:
    triples = about(site, "id/city/lt-klaipeda")
    document = f"{BASE}doc/city/lt-klaipeda"
    said = {(p, o) for s, p, o in triples if s == document}

    assert ("http://xmlns.com/foaf/0.1/primaryTopic", f"{BASE}id/city/lt-klaipeda") in said
    assert (f"{DCT}license", "https://creativecommons.org/licenses/by/4.0/") in said
    assert (f"{DCT}isPartOf", f"{BASE}dataset") in said
    assert ("http://rdfs.org/ns/void#inDataset", f"{BASE}dataset") in said
    version = f'"{built.manifest.version}"'
    assert ("http://www.w3.org/2002/07/owl#versionInfo", version) in said
    assert f"{DCT}modified" in {p for p, _ in said}
    assert (f"{DCT}source", f"{BASE}graph/registry") in said
    assert ("http://www.w3.org/2000/01/rdf-schema#seeAlso", f"{BASE}incoming/city/lt-klaipeda") in (
        said
    )


def test_a_link_to_another_dataset_is_in_the_document(site: Site) -> None:
    triples = about(site, "id/city/lt-klaipeda")

    same = "http://www.w3.org/2002/07/owl#sameAs"
    assert (f"{BASE}id/city/lt-klaipeda", same, "https://sws.geonames.org/598098/") in triples


def test_every_iri_that_a_document_mints_is_of_the_document(site: Site) -> None:
    for path in ("id/network/lt-green-municipalities", "voc/role-lead"):
        nodes = {s for s, p, o in about(site, path) if o == f"{RDF}Statement"}

        assert nodes
        assert all(node.startswith(f"{BASE}doc/{document_of(path)}#") for node in nodes)


def test_json_ld_can_be_read_without_knowing_rdf(site: Site) -> None:
    city = as_object(site, "id/city/lt-klaipeda")

    assert city["id"] == f"{BASE}id/city/lt-klaipeda"
    assert city["type"] == "City"
    assert city["label"] == {"en": "Klaipėda", "lt": "Klaipėda", "sl": "Klajpeda"}
    assert city["lat"] == "55.7068"
    assert city["country"]["label"]["en"] == "Lithuania"
    (body,) = city["governedBy"]
    assert body["label"]["en"] == "Klaipėda City Municipality"
    joined = {tie["participationIn"]["label"]["en"]: tie for tie in body["participations"]}
    assert set(joined) == {"The Playful Paradigm", "Sustainable Development Goals Pilot Network"}
    assert joined["The Playful Paradigm"]["role"][0]["label"]["en"] == "partner"
    (document,) = city["document"]
    assert document["license"] == "https://creativecommons.org/licenses/by/4.0/"
    network = as_object(site, "id/network/lt-green-municipalities")
    assert network["startDate"] == {"value": "2023", "type": "Year"}


def test_a_document_has_the_part_of_the_context_that_it_uses(site: Site) -> None:
    published = json.loads(site.terms.body())["@context"]
    used = as_object(site, "id/city/lt-klaipeda")["@context"]

    assert used.items() <= published.items()
    assert len(used) < len(published) / 3


def test_every_term_of_the_ontology_has_its_own_name(site: Site) -> None:
    store = site.served.store
    kinds = ("ObjectProperty", "DatatypeProperty")
    for kind in kinds:
        node = ox.NamedNode(f"http://www.w3.org/2002/07/owl#{kind}")
        for quad in store.quads_for_pattern(None, ox.NamedNode(f"{RDF}type"), node, DEFAULT):
            iri = plain(quad.subject)
            if iri.startswith(CPO):
                assert site.terms.properties[iri].name == iri.removeprefix(CPO)
    assert site.terms.kinds[f"{CPO}Network"] == "Network"


def test_a_property_that_leads_from_a_node_to_a_thing_is_a_tie_or_has_a_reason(site: Site) -> None:
    store = site.served.store
    domain = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#domain")
    kind = ox.NamedNode("http://www.w3.org/2002/07/owl#ObjectProperty")
    ties = {tie.predicate for tie in TIES}
    of_nodes = {
        plain(quad.subject).removeprefix(CPO)
        for quad in store.quads_for_pattern(None, domain, None, DEFAULT)
        if next(store.quads_for_pattern(quad.subject, None, kind, DEFAULT), None) is not None
    }

    assert of_nodes - ties - set(NO_TIES) == set()
    known = {
        plain(quad.subject).removeprefix(CPO)
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(f"{BASE}graph/ontology"))
    }
    assert {tie for tie in ties if ":" not in tie} <= known


def test_the_pages_of_a_graph_hold_all_of_it_each_statement_once(site: Site) -> None:
    iri = f"{BASE}graph/source/s002"
    pages = [made for _, made in every_page(site, ["graph/source/s002"])]
    stated = [str(quad) for made in pages for quad in made.stated]
    whole = document_for(site, iri, "graph/source/s002", None)

    assert len(pages) == page_count(site, iri) > 2
    assert len(stated) == len(set(stated)) == site.graphs[iri]
    assert {str(quad) for quad in whole.stated} == set(stated)
    with pytest.raises(NoSuchPageError):
        document_for(site, iri, "graph/source/s002", len(pages) + 1)


@pytest.fixture(name="large", scope="module")
def a_site_with_a_large_network(tmp_path_factory: pytest.TempPathFactory, seal_quads: Any) -> Site:
    """One network of 400 members, which is too much for one page."""
    network, graph = ox.NamedNode(f"{BASE}id/network/large"), ox.NamedNode(f"{BASE}graph/source/x1")
    facts = [ox.Triple(network, ox.NamedNode(PREF), ox.Literal("Large", language="en"))]
    for number in range(400):
        tie = ox.NamedNode(f"{BASE}id/participation/pa-{number:04}")
        body = ox.NamedNode(f"{BASE}id/municipality/xx-{number:04}")
        kind = ox.NamedNode(f"{CPO}Participation")
        facts.append(ox.Triple(tie, ox.NamedNode(f"{RDF}type"), kind))
        facts.append(ox.Triple(tie, ox.NamedNode(f"{CPO}participationIn"), network))
        facts.append(ox.Triple(tie, ox.NamedNode(f"{CPO}participant"), body))
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in facts]
    quads += [ox.Quad(t.subject, t.predicate, t.object, graph) for t in facts]
    snapshot: Snapshot = seal_quads(Path(tmp_path_factory.mktemp("large")), quads)
    return site_of(snapshot, snapshot.store())


def test_the_pages_of_a_large_thing_hold_all_of_it_each_node_once(large: Site) -> None:
    pages = [made for _, made in every_page(large, ["id/network/large"])]
    kind = ox.NamedNode(f"{CPO}Participation")
    nodes = [t.subject for made in pages for t in made.triples if t.object == kind]
    whole = document_for(large, f"{BASE}id/network/large", "network/large", None)

    assert len(pages) == -(-401 // PIECES) == 3
    assert len(nodes) == len(set(nodes)) == 400
    of_things = [
        {t for t in made.triples if not plain(t.subject).startswith(f"{BASE}doc/")}
        for made in [*pages, whole]
    ]
    assert set().union(*of_things[:-1]) == of_things[-1]


def test_a_page_names_its_neighbours_and_what_it_mints_is_its_own(large: Site) -> None:
    first, second, third = (made for _, made in every_page(large, ["id/network/large"]))
    address = f"{BASE}doc/network/large"

    def linked(made: Document, rel: str) -> list[str]:
        predicate = ox.NamedNode(HYDRA + rel)
        return [plain(t.object) for t in made.triples if t.predicate == predicate]

    assert first.iri == address
    assert second.iri == f"{address}?page=2"
    assert linked(first, "next") == [second.iri]
    assert linked(first, "previous") == []
    assert (linked(second, "previous"), linked(second, "next")) == ([first.iri], [third.iri])
    assert linked(second, "first") == [first.iri]
    assert linked(second, "last") == [third.iri]
    minted = [plain(t.subject) for t in second.triples if plain(t.object) == f"{RDF}Statement"]
    assert minted
    assert all(iri.startswith(f"{second.iri}#") for iri in minted)
