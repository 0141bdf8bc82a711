"""Fragments: what the specification asks of the data, the metadata and the controls of a page."""

import itertools
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.query.pattern_terms import LONGEST_VALUES, BlankNames, bindings
from kg.query.patterns import COUNTED, DEEPEST, PAGE_SIZE, Pattern, Variable, cut, restricted
from kg.query.protocol import ProtocolError
from kg.snapshot import Snapshot, load

BASE = "https://w3id.org/citypledge/"
FRAGMENTS = f"{BASE}fragments"
HYDRA = "http://www.w3.org/ns/hydra/core#"
VOID = "http://rdfs.org/ns/void#"
FOAF = "http://xmlns.com/foaf/0.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SD = "http://www.w3.org/ns/sparql-service-description#"
HARBOUR = f"{BASE}id/network/harbour"
EVENTS = {"predicate": RDF + "type", "object": f"{BASE}ont#Event"}  # 250 of them
FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}


class Fragment:
    """A page of a fragment, as a client reads it."""

    def __init__(self, quads: list[ox.Quad], iri: str) -> None:
        self.iri = iri
        name = ox.NamedNode(f"{iri}#metadata")
        self.data = [quad for quad in quads if quad.graph_name != name]
        self.about = {quad.triple for quad in quads if quad.graph_name == name}

    def objects(self, subject: str, predicate: str) -> set[str]:
        """The values that the metadata gives."""
        return {
            triple.object.value
            for triple in self.about
            if triple.subject == ox.NamedNode(subject)
            and triple.predicate == ox.NamedNode(predicate)
            and isinstance(triple.object, ox.NamedNode | ox.Literal)
        }

    @property
    def total(self) -> int:
        """The number of matches that is told for the fragment."""
        query = "&".join(
            part for part in urlsplit(self.iri).query.split("&") if not part.startswith("page=")
        )
        fragment = self.iri.partition("?")[0] + (f"?{query}" if query else "")
        [found] = self.objects(fragment, VOID + "triples")
        return int(found)


def fragment(
    client: httpx.Client, parameters: dict[str, str], path: str = "/fragments"
) -> Fragment:
    """One page, read from TriG."""
    return fragment_at(client, f"{path}?{urlencode(parameters)}" if parameters else path)


def fragment_at(client: httpx.Client, address: str) -> Fragment:
    answer = client.get(address, headers={"Accept": "application/trig"})
    assert answer.status_code == 200, answer.text
    quads = list(ox.parse(answer.content, format=ox.RdfFormat.TRIG))
    return Fragment(quads, BASE + address.removeprefix("/"))


def pages(
    client: httpx.Client, parameters: dict[str, str], path: str = "/fragments"
) -> list[Fragment]:
    """All pages, by way of hydra:next."""
    found = [fragment(client, parameters, path)]
    while following := found[-1].objects(found[-1].iri, HYDRA + "next"):
        [iri] = following
        found.append(fragment_at(client, "/" + iri.removeprefix(BASE)))
    return found


# --- Data: all triples that match, in the default graph


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {"subject": HARBOUR, "predicate": SKOS + "prefLabel"},
            {'"Harbour Compact"@en', '"Uostų sutartis"@lt'},
        ),
        (
            {"subject": HARBOUR, "object": '"Harbour Compact"@en'},
            {'"Harbour Compact"@en'},
        ),
        ({"subject": HARBOUR, "object": '"Harbour Compact"'}, set()),
        ({"object": '"2020"^^' + XSD + "gYear", "subject": HARBOUR}, {f'"2020"^^<{XSD}gYear>'}),
        ({"object": f'"2020"^^<{XSD}gYear>', "subject": HARBOUR}, {f'"2020"^^<{XSD}gYear>'}),
        ({"object": '"\\"><img src=x onerror=alert(1)>"@de'}, set()),
        (
            {"object": '""><img src=x onerror=alert(1)>"@de'},
            {'"\\"><img src=x onerror=alert(1)>"@de'},
        ),
        ({"object": '"Ada Example"'}, {'"Ada Example"'}),
        ({"object": '"Ada Example"^^' + XSD + "string"}, {'"Ada Example"'}),
        ({"subject": "net:harbour", "predicate": "cpo:leadPartner"}, None),
        (
            {"subject": f"<{HARBOUR}>", "predicate": f"<{BASE}ont#leadPartner>", "object": "?o"},
            None,
        ),
        ({"subject": f"{BASE}id/network/none", "predicate": "?p", "object": ""}, set()),
    ],
)
def test_the_strings_of_a_pattern_mean_what_the_specification_says(
    client: httpx.Client, parameters: dict[str, str], expected: set[str] | None
) -> None:
    found = fragment(client, parameters)

    if expected is None:
        expected = {f"<{BASE}id/municipality/xx-veldhaven>"}
    assert {str(quad.object) for quad in found.data} == expected
    assert all(quad.graph_name == ox.DefaultGraph() for quad in found.data)
    assert found.total == len(expected)


def test_what_a_source_alone_says_is_not_in_the_accepted_view(client: httpx.Client) -> None:
    accepted = fragment(client, {"subject": HARBOUR})
    said = fragment(client, {"subject": HARBOUR}, "/fragments/quads")

    assert all(quad.graph_name == ox.DefaultGraph() for quad in accepted.data)
    assert {str(quad.triple) for quad in accepted.data} < {str(quad.triple) for quad in said.data}


@pytest.mark.parametrize("position", ["subject", "predicate"])
def test_a_variable_that_stands_twice_is_the_same_thing_twice(
    client: httpx.Client, position: str
) -> None:
    assert fragment(client, {position: "?x", "object": "?x"}).data == []
    assert len(fragment(client, {position: "?x", "object": "?y"}).data) == PAGE_SIZE


# --- Metadata: the number of matches


def test_every_page_tells_the_number_of_all_matches(client: httpx.Client) -> None:
    found = pages(client, EVENTS)

    assert [len(page.data) for page in found] == [100, 100, 50]
    assert [page.total for page in found] == [250, 250, 250]
    assert len({quad for page in found for quad in page.data}) == 250


def test_an_empty_fragment_has_zero_matches_and_one_page(client: httpx.Client) -> None:
    found = fragment(client, {"subject": f"{BASE}id/nothing"})

    assert found.data == []
    assert found.total == 0
    assert not found.objects(found.iri, HYDRA + "next")


def test_the_whole_accepted_view_has_as_many_triples_as_sparql_counts(
    client: httpx.Client,
) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})

    found = pages(client, {})

    assert {page.total for page in found} == {int(answer.text.split()[1])}
    assert sum(len(page.data) for page in found) == found[0].total


# --- Controls: a form for all fragments, links between pages


def test_the_form_makes_the_address_of_any_fragment(client: httpx.Client) -> None:
    found = fragment(client, EVENTS)

    dataset = f"{FRAGMENTS}#dataset"
    assert found.iri in found.objects(dataset, VOID + "subset")
    [form] = found.objects(dataset, HYDRA + "search")
    assert found.objects(form, HYDRA + "template") == {FRAGMENTS + "{?subject,predicate,object}"}
    representation = found.objects(form, HYDRA + "variableRepresentation")
    assert representation == {HYDRA + "ExplicitRepresentation"}
    mapped = {
        (*found.objects(way, HYDRA + "variable"), *found.objects(way, HYDRA + "property"))
        for way in found.objects(form, HYDRA + "mapping")
    }
    assert mapped == {(name, RDF + name) for name in ("subject", "predicate", "object")}


def test_the_graph_of_the_metadata_is_tied_to_the_fragment(client: httpx.Client) -> None:
    found = fragment(client, EVENTS)

    topics = found.objects(f"{found.iri}#metadata", FOAF + "primaryTopic")
    assert {found.iri, f"{FRAGMENTS}#dataset"} == topics
    assert found.iri in found.objects(f"{FRAGMENTS}#dataset", VOID + "subset")


def test_pages_lead_to_the_ones_beside_them(client: httpx.Client) -> None:
    first, second, third = pages(client, EVENTS)

    assert first.objects(first.iri, HYDRA + "previous") == set()
    assert second.objects(second.iri, HYDRA + "next") == {third.iri}
    assert third.objects(third.iri, HYDRA + "next") == set()
    assert third.objects(third.iri, HYDRA + "previous") == {second.iri}
    assert third.objects(first.iri, HYDRA + "view") == {third.iri}
    answer = client.get("/" + second.iri.removeprefix(BASE))
    assert re.search(r'page=1>; rel="prev".*page=3>; rel="next"', answer.headers["Link"])


def test_the_iri_of_a_page_is_the_address_as_it_was_sent(client: httpx.Client) -> None:
    address = f"/fragments?object=%22Ada+Example%22&predicate={FOAF}name&subject="

    found = fragment_at(client, address)

    assert len(found.data) == 1
    assert found.objects(found.iri, HYDRA + "itemsPerPage") == {"100"}


def test_no_address_of_the_controls_comes_from_the_host_header(client: httpx.Client) -> None:
    answer = client.get("/fragments", headers={"Accept": "text/turtle", "Host": "evil.example"})

    assert "evil.example" not in answer.text


# --- Formats and HTTP


@pytest.mark.parametrize("path", ["/fragments", "/fragments/quads"])
def test_every_format_holds_the_same_triples(client: httpx.Client, path: str) -> None:
    address = f"{path}?{urlencode({'predicate': RDF + 'type', 'page': '2'})}"
    found = {}
    for name, form in FORMATS.items():
        answer = client.get(address, headers={"Accept": name})
        assert answer.headers["Content-Type"].split(";")[0] == name
        found[name] = {str(quad.triple) for quad in ox.parse(answer.content, format=form)}

    assert len(found["text/turtle"]) > PAGE_SIZE
    assert all(triples == found["text/turtle"] for triples in found.values())


@pytest.mark.parametrize("name", ["application/trig", "application/n-quads", "application/ld+json"])
def test_formats_with_graphs_have_the_metadata_apart(client: httpx.Client, name: str) -> None:
    answer = client.get("/fragments", headers={"Accept": name})

    quads = list(ox.parse(answer.content, format=FORMATS[name]))
    graphs = {str(quad.graph_name) for quad in quads}
    assert graphs == {"DEFAULT", f"<{FRAGMENTS}#metadata>"}
    assert sum(quad.graph_name == ox.DefaultGraph() for quad in quads) == PAGE_SIZE


def test_a_page_is_kept_by_its_entity_tag(client: httpx.Client) -> None:
    headers = {"Accept": "application/n-quads"}
    first = client.get("/fragments", params=EVENTS, headers=headers)

    again = client.get(
        "/fragments", params=EVENTS, headers={**headers, "If-None-Match": first.headers["ETag"]}
    )
    head = client.head("/fragments", params=EVENTS, headers=headers)

    assert again.status_code == 304
    assert not again.content
    assert head.headers["ETag"] == first.headers["ETag"]
    assert head.headers["Content-Length"] == first.headers["Content-Length"]
    assert "Accept" in first.headers["Vary"]
    assert first.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("subject=%22a%22", "an IRI, or nothing for a variable"),
        ("predicate=%22a%22%40en", "an IRI, or nothing for a variable"),
        ("subject=harbour", "an IRI, or nothing for a variable"),
        ("object=http%3A%2F%2Fa%20b", "a literal such as"),
        ("object=%22a", "a literal such as"),
        ("object=%22a%22%40en%20us", "a literal such as"),
        ("object=%221%22%5E%5Einteger", "a literal such as"),
        ("object=_%3Ab0", "the IRI that stands for it"),
        ("subject=%FF", "the address"),
        ("s=http%3A%2F%2Fa.example", "subject, predicate, object"),
        ("subject=&subject=", "given twice"),
        ("page=0", "1, 2, 3"),
        ("page=one", "1, 2, 3"),
        ("page=-1", "1, 2, 3"),
        ("page=%D9%A1", "1, 2, 3"),
        ("page=10002", "has no page"),
        ("values=%28%3Fs%29%20%7B%20%28x%29%20%7D", "a list such as"),
        ("values=%3Fs", "a list such as"),
        ("values=%28%3Fs%29%20%7B%20%28%3Chttp%3A%2F%2Fa%3E%20UNDEF%29%20%7D", "each variable"),
        ("graph=%22a%22", "the IRI of a named graph"),
    ],
)
def test_a_bad_pattern_is_refused_with_what_was_expected(
    client: httpx.Client, query: str, expected: str
) -> None:
    answer = client.get(f"/fragments?{query}", headers={"Accept": "text/turtle"})

    assert answer.status_code == (404 if expected == "has no page" else 400)
    assert expected in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_page_beyond_the_last_is_not_there(client: httpx.Client) -> None:
    assert client.get("/fragments", params={**EVENTS, "page": "3"}).status_code == 200
    assert client.get("/fragments", params={**EVENTS, "page": "4"}).status_code == 404


def test_a_person_finds_a_form_and_the_statements(client: httpx.Client) -> None:
    parameters = {"subject": f"{BASE}id/network/hostile"}

    answer = client.get("/fragments", params=parameters, headers={"Accept": "text/html"})

    assert f'name="subject" value="{parameters["subject"]}"' in answer.text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in answer.text
    assert "<script>" not in answer.text


def test_under_the_path_of_the_base_the_page_leads_to_that_path(client: httpx.Client) -> None:
    answer = client.get("/citypledge/fragments", params=EVENTS, headers={"Accept": "text/html"})

    assert 'action="/citypledge/fragments"' in answer.text
    assert re.search(r'rel="next" href="/citypledge/fragments\?[^"]*page=2"', answer.text)


# --- Named graphs


def test_with_graphs_a_statement_stands_in_the_graph_that_says_it(client: httpx.Client) -> None:
    year = {"subject": HARBOUR, "predicate": f"{BASE}ont#startDate"}

    def graphs(**more: str) -> set[tuple[str, str]]:
        found = fragment(client, year | more, "/fragments/quads").data
        return {(quad.object.value, str(quad.graph_name)) for quad in found}  # type: ignore[union-attr]

    source = f"<{BASE}graph/source/s000>"
    everything = graphs()
    assert {("2020", "DEFAULT"), ("2020", source)} <= everything
    assert graphs(graph="?g") == everything
    assert graphs(graph="urn:ldf:defaultGraph") == {("2020", "DEFAULT")}
    assert graphs(graph=source) == {("2020", source)}


def test_the_form_for_quads_has_a_place_for_the_graph(client: httpx.Client) -> None:
    found = fragment(client, {}, "/fragments/quads")

    dataset = f"{FRAGMENTS}/quads#dataset"
    [form] = found.objects(dataset, HYDRA + "search")
    template = FRAGMENTS + "/quads{?subject,predicate,object,graph}"
    assert found.objects(form, HYDRA + "template") == {template}
    assert found.objects(dataset, SD + "defaultGraph") == {"urn:ldf:defaultGraph"}


# --- Blank nodes: "Data triples MUST NOT contain blank nodes"


def test_an_iri_that_stands_for_a_blank_node_can_be_asked_about_and_followed(
    client: httpx.Client, served: Snapshot
) -> None:
    parameters = {"subject": f"{BASE}ont#Network", "predicate": "rdfs:subClassOf"}
    found = fragment(client, parameters).data
    [iri] = {quad.object.value for quad in found if ".well-known" in str(quad.object)}  # type: ignore[union-attr]

    about = fragment(client, {"subject": iri}).data
    followed = client.get("/" + iri.removeprefix(BASE))

    assert iri.startswith(f"{BASE}.well-known/genid/{served.manifest.snapshot[:16]}-")
    assert {quad.predicate.value.rpartition("#")[2] for quad in about} == {
        *("type", "onProperty", "maxCardinality")
    }
    assert len(fragment(client, {"object": iri}).data) == 1
    assert followed.status_code == 303
    subject = parse_qs(urlsplit(followed.headers["Location"]).query)["subject"]
    assert subject == [iri]


def test_nothing_is_a_blank_node(client: httpx.Client) -> None:
    for page in pages(client, {}, "/fragments/quads"):
        terms = {term for quad in page.data for term in quad} | {
            term for triple in page.about for term in triple
        }
        assert not any(isinstance(term, ox.BlankNode) for term in terms)


def test_a_blank_node_of_another_snapshot_is_gone_and_an_unknown_one_is_not_there(
    client: httpx.Client, served: Snapshot
) -> None:
    other, own = ".well-known/genid/0123456789abcdef-c14n0", served.manifest.snapshot[:16]

    assert client.get(f"/{other}").status_code == 410
    assert client.get("/fragments", params={"subject": BASE + other}).status_code == 410
    assert client.get(f"/.well-known/genid/{own}-none").status_code == 404


@pytest.mark.parametrize("label", ["a%20b", "%3C", "%01", "%5E"])
def test_what_is_no_iri_stands_for_no_blank_node(client: httpx.Client, label: str) -> None:
    assert client.get(f"/.well-known/genid/{label}").status_code == 404


def test_each_server_of_a_snapshot_gives_a_blank_node_the_same_name(served: Snapshot) -> None:
    first, second = ({str(quad) for quad in load(served.nquads)} for _ in range(2))

    assert first == second
    assert any(line.startswith("_:c14n0 ") for line in first)


# --- Work is bounded


def test_a_deep_page_is_refused_before_anything_is_read() -> None:
    def never() -> Iterator[ox.Quad]:
        raise AssertionError("was read")
        yield

    with pytest.raises(ProtocolError) as refused:
        cut(never(), DEEPEST // PAGE_SIZE + 2)

    assert refused.value.status == 400
    assert "1,000,000" in refused.value.detail


def test_no_page_reads_more_than_its_bounds_and_says_so() -> None:
    quad = ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"))
    read = itertools.count()
    matches = (quad for _ in zip(itertools.repeat(quad), read, strict=False))

    found = cut(matches, 11)

    assert next(read) <= 1000 + PAGE_SIZE + COUNTED + 2
    assert len(found.quads) == PAGE_SIZE
    assert (found.total, found.is_exact, found.has_next) == (11_100, False, True)


class Endless:
    """A store in which every look-up gives statements without end."""

    def quads_for_pattern(
        self, subject: object, predicate: object, object: object, graph_name: object = None
    ) -> Iterator[ox.Quad]:
        nodes = [ox.NamedNode(name) for name in ("x:s", "x:p", "x:o")]
        return itertools.repeat(ox.Quad(nodes[0], nodes[1], nodes[2]))


@pytest.mark.timeout(120)
def test_what_an_index_gives_and_does_not_match_is_looked_at_within_bounds() -> None:
    twice = Pattern((Variable("x"), Variable(), Variable("x"), ox.DefaultGraph()))

    with pytest.raises(ProtocolError, match="1,000,000 statements") as refused:
        cut(twice.matches(Endless()), 1)

    assert refused.value.status == 400


@pytest.mark.timeout(120)
def test_what_an_earlier_binding_gave_is_looked_at_within_bounds() -> None:
    of_all = Pattern((Variable("s"), Variable("p"), Variable("x"), ox.DefaultGraph()))
    twice = Pattern((Variable("s"), Variable("p"), Variable("s"), ox.DefaultGraph()))
    rows = [{"p": ox.NamedNode("x:p")}, {}]

    with pytest.raises(ProtocolError, match="1,000,000 statements"):
        cut(restricted(Endless(), twice, rows), 1)

    assert len(cut(restricted(Endless(), of_all, rows), 1).quads) == PAGE_SIZE


def test_an_estimate_is_told_only_where_not_all_were_counted() -> None:
    quad = ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"))

    many = cut(itertools.repeat(quad, 60_000), 1, estimate=59_000)
    few = cut(itertools.repeat(quad, 300), 1, estimate=59_000)

    assert (many.total, many.is_exact) == (59_000, False)
    assert (few.total, few.is_exact) == (300, True)


def test_a_number_that_is_known_is_told_without_counting() -> None:
    quad = ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.NamedNode("x:o"))

    found = cut(itertools.repeat(quad, 5_000_000), 1, known=5_000_000)

    assert (found.total, found.is_exact) == (5_000_000, True)
    with pytest.raises(ProtocolError, match="no page 11"):
        cut(itertools.repeat(quad, 1000), 11, known=1000)


# --- Restricted to bindings (brTPF)


def test_a_pattern_is_restricted_to_bindings(client: httpx.Client) -> None:
    values = f"(?s ?unused) {{ (<{HARBOUR}> UNDEF) (<{BASE}id/person/p-0001> <x:y>) }}"

    found = fragment(client, {"subject": "?s", "predicate": RDF + "type", "values": values})

    kinds = {(quad.subject.value, quad.object.value) for quad in found.data}  # type: ignore[union-attr]
    assert kinds == {(HARBOUR, f"{BASE}ont#Network"), (f"{BASE}id/person/p-0001", FOAF + "Person")}
    assert found.total == 2


def test_bindings_that_overlap_give_a_statement_once(client: httpx.Client) -> None:
    values = (
        f"(?s ?o) {{ (<{HARBOUR}> UNDEF) (UNDEF <{BASE}ont#Network>) (<{HARBOUR}> UNDEF)"
        f' (<{HARBOUR}> <{BASE}ont#Network>) ("no subject" UNDEF) }}'
    )

    found = fragment(
        client, {"subject": "?s", "predicate": RDF + "type", "object": "?o", "values": values}
    )

    subjects = sorted(quad.subject.value for quad in found.data)  # type: ignore[union-attr]
    assert subjects == [HARBOUR, f"{BASE}id/network/hostile"]


def test_no_bindings_give_nothing_and_too_many_are_refused(client: httpx.Client) -> None:
    none = fragment(client, {"subject": "?s", "values": "(?s) { }"})
    rows = " ".join(f"(<x:{number}>)" for number in range(201))
    many = client.get("/fragments", params={"subject": "?s", "values": f"(?s) {{ {rows} }}"})

    assert (none.data, none.total) == ([], 0)
    assert many.status_code == 400


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "values",
    [
        "(?s) {(" + '"a"@aUNDEF' * 60 + " x)}",  # a tag of a language, or one and UNDEF
        "(?s) {(" + "<x:a>" * 10_000 + '"a)}',
        "(?s) {" + " " * 60_000,
        "(" + "?s " * 20_000 + "x",
    ],
)
def test_bindings_that_cannot_be_read_are_refused_whatever_they_look_like(values: str) -> None:
    with pytest.raises(ProtocolError, match="values"):
        bindings(values, BlankNames(BASE, "0"))


def test_bindings_have_a_longest_text() -> None:
    names = BlankNames(BASE, "0")
    longest = "(?s) {" + " " * (LONGEST_VALUES - 7) + "}"

    assert bindings(longest, names) == []
    with pytest.raises(ProtocolError, match="65537 characters"):
        bindings(f"{longest} ", names)


def test_a_tag_of_a_language_ends_where_the_next_term_begins() -> None:
    [row] = bindings('(?a ?b ?c) {("a"@en"b"UNDEF)}', BlankNames(BASE, "0"))

    assert row == {"a": ox.Literal("a", language="en"), "b": ox.Literal("b")}


def test_an_address_with_many_bindings_does_not_swell_the_headers(client: httpx.Client) -> None:
    rows = " ".join(f"(<{BASE}id/event/e-{number:04}>)" for number in range(150))

    answer = client.get("/fragments", params={"subject": "?s", "values": f"(?s) {{ {rows} }}"})

    assert answer.status_code == 200
    assert len(str(answer.url)) > 10_000
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) < 4096


# --- The pages together are what SPARQL gives


@pytest.fixture(scope="module")
def known(served: Snapshot) -> ox.Store:
    """The snapshot, to be asked with SPARQL."""
    return load(served.nquads)


def as_parameter(term: ox.NamedNode | ox.Literal) -> str:
    """A term as the specification writes it in an address."""
    if isinstance(term, ox.NamedNode):
        return term.value
    suffix = f"@{term.language}" if term.language else f"^^{term.datatype.value}"
    return f'"{term.value}"{suffix}'


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_pages_of_a_pattern_together_are_what_sparql_gives(
    data: st.DataObject, client: httpx.Client, known: ox.Store, served: Snapshot
) -> None:
    triples = sorted({quad.triple for quad in known}, key=str)
    choices = [data.draw(st.sampled_from(triples)) for _ in range(2)]
    parameters, asked = {}, []
    for index, name in enumerate(("subject", "predicate", "object")):
        first, second = (tuple(triple)[index] for triple in choices)
        part = data.draw(st.sampled_from([first, first, second, "?a", "?b", ""]))
        is_open = isinstance(part, str | ox.BlankNode)  # SPARQL has no way to name a blank node
        parameters[name] = (
            ("" if isinstance(part, ox.BlankNode) else part) if is_open else as_parameter(part)
        )
        asked.append((parameters[name] or f"?{name}") if is_open else str(part))
    pattern = " ".join(asked)
    answer = known.query(f"CONSTRUCT {{ {pattern} }} WHERE {{ {pattern} }}")
    expected = sorted(str(triple) for triple in answer)  # type: ignore[union-attr]

    found = [str(quad.triple) for page in pages(client, parameters) for quad in page.data]

    own = re.escape(f"{BASE}.well-known/genid/{served.manifest.snapshot[:16]}-")
    assert sorted(re.sub(rf"<{own}(\w+)>", r"_:\1", text) for text in found) == expected
