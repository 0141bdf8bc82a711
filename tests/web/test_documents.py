"""Things and their documents: 303, the formats, conditional requests, paths."""

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic, to_isomorphic

from kg.snapshot import Snapshot

BASE = "https://w3id.org/citypledge/"
HARBOUR = "network/harbour"
FORMATS = {
    "ttl": ("text/turtle", "turtle", ox.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", "json-ld", ox.RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", "xml", ox.RdfFormat.RDF_XML),
    "nt": ("application/n-triples", "nt", ox.RdfFormat.N_TRIPLES),
    "trig": ("application/trig", "trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", "nquads", ox.RdfFormat.N_QUADS),
}
READABLE = [
    *("/", "/about", "/class/Network", "/ont", "/sparql", "/healthz", "/static/site.css"),
    *("/id/network/harbour", "/doc/network/harbour.ttl", "/nothing", "/sparql?query=ASK%7B%7D"),
]
DOCUMENTS = ["doc/network/harbour", "doc/voc/role-lead", "doc/graph/source/s000", "ont", "dataset"]


def default_graph(body: bytes, form: ox.RdfFormat) -> set[str]:
    """The triples of the default graph, as N-Triples; only without blank nodes to compare."""
    quads = ox.parse(body, format=form)
    return {str(quad.triple) for quad in quads if quad.graph_name == ox.DefaultGraph()}


@pytest.mark.parametrize(
    ("thing", "document"),
    [
        ("/id/network/harbour", "/doc/network/harbour"),
        ("/voc/role-lead", "/doc/voc/role-lead"),
        ("/graph/source/s000", "/doc/graph/source/s000"),
        ("/graph/links", "/doc/graph/links"),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "*/*"])
def test_a_thing_is_not_a_page_but_points_at_one(
    client: httpx.Client, thing: str, document: str, accept: str
) -> None:
    answer = client.get(thing, headers={"Accept": accept, "Host": "evil.example"})

    assert answer.status_code == 303
    assert answer.headers["Location"] == document
    assert "Accept" in answer.headers["Vary"]
    assert client.get(document, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("extension", FORMATS)
def test_a_document_is_the_same_by_accept_and_by_extension(
    client: httpx.Client, path: str, extension: str
) -> None:
    media_type = FORMATS[extension][0]

    by_accept = client.get(f"/{path}", headers={"Accept": media_type})
    by_extension = client.get(f"/{path}.{extension}", headers={"Accept": "text/html"})

    assert by_accept.status_code == by_extension.status_code == 200
    assert by_accept.headers["Content-Type"].split(";")[0] == media_type
    assert by_accept.content == by_extension.content
    assert by_accept.headers["Content-Location"] == f"/{path}.{extension}"
    assert "Accept" in by_accept.headers["Vary"]
    assert by_accept.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", DOCUMENTS[:3])
def test_every_format_holds_the_same_triples(client: httpx.Client, path: str) -> None:
    found = {
        extension: default_graph(client.get(f"/{path}.{extension}").content, form)
        for extension, (_, _, form) in FORMATS.items()
    }

    assert len(found["nt"]) > 3
    assert all(triples == found["nt"] for triples in found.values())


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser
@pytest.mark.parametrize("path", [*DOCUMENTS[:3], "ont"])
@pytest.mark.parametrize("extension", ["ttl", "jsonld", "rdf"])
def test_rdflib_reads_the_same_graph_from_each_format(
    client: httpx.Client, path: str, extension: str
) -> None:
    plain = rdflib.Graph().parse(data=client.get(f"/{path}.nt").content, format="nt")

    other = rdflib.Graph().parse(
        data=client.get(f"/{path}.{extension}").content, format=FORMATS[extension][1]
    )

    assert isomorphic(to_isomorphic(plain), to_isomorphic(other))


def test_rdflib_follows_the_redirect_by_itself(address: str) -> None:
    graph = rdflib.Graph().parse(f"{address}/id/network/harbour", format="turtle")

    subject = rdflib.URIRef(f"{BASE}id/network/harbour")
    assert rdflib.Literal("Harbour Compact", lang="en") in set(graph.objects(subject))


def test_the_document_of_a_thing_says_what_is_accepted_and_about_itself(
    client: httpx.Client,
) -> None:
    triples = default_graph(client.get("/doc/network/harbour.nt").content, ox.RdfFormat.N_TRIPLES)

    net, doc = f"<{BASE}id/network/harbour>", f"<{BASE}doc/network/harbour>"
    gyear = "<http://www.w3.org/2001/XMLSchema#gYear>"
    assert f'{net} <{BASE}ont#startDate> "2020"^^{gyear}' in triples
    assert f'{net} <{BASE}ont#startDate> "1999"^^{gyear}' not in triples
    assert f"<{BASE}id/participation/pa-0001> <{BASE}ont#participationIn> {net}" in triples
    skos = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    assert f'<{BASE}id/municipality/xx-veldhaven> {skos} "Veldhaven Municipality"@en' in triples
    assert f"{doc} <http://xmlns.com/foaf/0.1/primaryTopic> {net}" in triples
    assert f"{doc} <http://purl.org/dc/terms/license> <https://licence.example/open>" in triples
    assert f"{doc} <http://purl.org/dc/terms/isPartOf> <{BASE}dataset>" in triples
    assert f'{doc} <http://www.w3.org/2002/07/owl#versionInfo> "2026.1"' in triples


def test_the_formats_with_graphs_say_who_says_what_is_accepted(client: httpx.Client) -> None:
    body = client.get("/doc/network/harbour.nq").content

    stated = {
        (quad.graph_name.value, quad.object.value)
        for quad in ox.parse(body, format=ox.RdfFormat.N_QUADS)
        if isinstance(quad.graph_name, ox.NamedNode) and "startDate" in quad.predicate.value
    }
    assert stated == {(f"{BASE}graph/source/s000", "2020")}


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_says_who_says_what_is_not_accepted(
    client: httpx.Client, extension: str
) -> None:
    body = client.get(f"/doc/network/harbour.{extension}").content
    quads = list(ox.parse(body, format=FORMATS[extension][2]))
    year = ox.Literal("1999", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#gYear"))
    (node,) = {quad.subject for quad in quads if quad.object == year}
    said = {(quad.predicate.value, quad.object) for quad in quads if quad.subject == node}

    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    graph = ox.NamedNode(f"{BASE}graph/source/s001")
    assert str(node).startswith(f"<{BASE}doc/network/harbour#")
    assert (f"{rdf}subject", ox.NamedNode(f"{BASE}id/network/harbour")) in said
    assert (f"{rdf}predicate", ox.NamedNode(f"{BASE}ont#startDate")) in said
    assert ("http://www.w3.org/ns/prov#wasDerivedFrom", graph) in said


def test_what_points_at_a_thing_is_in_a_document_of_its_own(client: httpx.Client) -> None:
    body = client.get("/doc/municipality/xx-veldhaven.nt").text

    assert "<http://schema.org/location>" not in body
    assert f"<{BASE}incoming/municipality/xx-veldhaven>" in body


def test_an_ontology_document_keeps_its_blank_nodes(client: httpx.Client) -> None:
    quads = list(ox.parse(client.get("/ont.ttl").content, format=ox.RdfFormat.TURTLE))

    assert any(isinstance(quad.subject, ox.BlankNode) for quad in quads)
    assert any("maxCardinality" in quad.predicate.value for quad in quads)


def test_a_version_of_the_ontology_is_found_and_another_not(client: httpx.Client) -> None:
    accept = {"Accept": "text/turtle"}

    same = client.get("/ont", headers=accept).content
    assert client.get("/ont/0.1.0", headers=accept).content == same
    assert client.get("/ont/9.9.9", headers=accept).status_code == 404


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        *((path, "text/html") for path in (*DOCUMENTS, "", "class", "class/Network")),
        ("sparql", "text/turtle"),
    ],
)
def test_a_client_that_has_the_document_gets_304(
    client: httpx.Client, path: str, accept: str
) -> None:
    first = client.get(f"/{path}", headers={"Accept": accept})
    etag = first.headers["ETag"]

    again = client.get(f"/{path}", headers={"Accept": accept, "If-None-Match": etag})
    weak = client.get(f"/{path}", headers={"Accept": accept, "If-None-Match": f'"x", W/{etag}'})
    other = client.get(f"/{path}", headers={"Accept": accept, "If-None-Match": '"x"'})

    assert etag.startswith('"')
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Vary"] == first.headers["Vary"]
    assert weak.status_code == 304
    assert other.status_code == 200


def test_each_type_and_language_has_a_tag_of_its_own(client: httpx.Client) -> None:
    path = "/doc/network/harbour"
    tags = {
        client.get(path, headers=headers).headers["ETag"]
        for headers in (
            {"Accept": "text/html"},
            {"Accept": "text/html", "Accept-Language": "lt"},
            {"Accept": "text/turtle"},
            {"Accept": "application/ld+json"},
        )
    }
    by_language = [
        client.get(path, headers={"Accept": "text/turtle", "Accept-Language": language})
        for language in ("lt", "de")
    ]

    assert len(tags) == 4
    assert by_language[0].headers["ETag"] == by_language[1].headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/about",
        "/class/Network",
        "/id/network/harbour",
        "/doc/network/harbour.ttl",
        "/ont",
        "/sparql",
        "/healthz",
        "/static/site.css",
        "/nothing",
        "/sparql?query=ASK%7B%7D",
    ],
)
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    get, head = client.get(path), client.head(path)

    assert head.status_code == get.status_code
    assert head.content == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Location", "Vary"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/html", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
        ("application/json", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/plain", "text/plain"),
    ],
)
def test_an_unknown_thing_is_404_in_a_form_that_the_client_reads(
    client: httpx.Client, accept: str, expected: str
) -> None:
    for path in ("/id/city/nowhere", "/doc/city/nowhere", "/voc/none", "/graph/none", "/x"):
        answer = client.get(path, headers={"Accept": accept})

        assert answer.status_code == 404
        assert answer.headers["Content-Type"].split(";")[0] == expected


def test_a_type_that_there_is_not_is_406_and_lists_what_there_is(client: httpx.Client) -> None:
    answer = client.get("/doc/network/harbour", headers={"Accept": "image/png"})

    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/id/network/harbour", "/doc/network/harbour", "/ont"])
def test_a_document_cannot_be_written(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/id/network/harbour/", 301, "/id/network/harbour"),
        ("/id/network/harb%6Fur", 301, "/id/network/harbour"),
        ("/doc//network//harbour", 301, "/doc/network/harbour"),
        ("//evil.example/", 404, None),
        ("/ont/", 301, "/ont"),
        ("/sparql/?query=ASK%7B%7D", 301, "/sparql?query=ASK%7B%7D"),
        ("/id/network/Klaip%C4%97da", 404, None),
        ("/id/network/%FF", 404, None),
        ("/id/network/a%00b", 404, None),
        ("/id/network/a%0d%0aSet-Cookie:x", 404, None),
        ("/id%2Fnetwork%2Fharbour", 404, None),
        ("/id/network/%3Cscript%3E", 404, None),
        ("/id/network/harbour.ttl", 301, "/doc/network/harbour.ttl"),
        ("/doc/network/harbour.exe", 404, None),
        ("/doc/network/.ttl", 404, None),
        ("/doc/", 404, None),
        ("/doc", 404, None),
        ("/id/network", 404, None),
        ("/id/network/harbour/more", 404, None),
        ("/class/Nothing", 404, None),
        ("/class/Event?page=4", 404, None),
        ("/class/Event?page=0", 404, None),
        ("/class/Event?page=x", 404, None),
        ("/class/Event?page=%D9%A3", 404, None),
        ("/class/Event?page=" + "9" * 500, 404, None),
        ("/static/../app.py", 404, None),
        ("/static/%2e%2e/app.py", 404, None),
        ("/shapes", 404, None),
        ("/" + "a" * 20_000, 404, None),
    ],
)
def test_a_strange_path_is_404_or_moved_to_its_one_spelling(
    address: str, path: str, status: int, location: str | None
) -> None:
    """Over a plain socket, because clients tidy paths up."""
    import http.client

    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()

    assert (answer.status, answer.getheader("Location")) == (status, location)


def test_documents_are_the_same_bytes_each_time(client: httpx.Client, served: Snapshot) -> None:
    for extension in FORMATS:
        path = f"/doc/{HARBOUR}.{extension}"
        assert client.get(path).content == client.get(path).content
    assert (
        client.get("/healthz").text == f"ok {served.manifest.version} {served.manifest.snapshot}\n"
    )


def test_the_page_of_the_dataset_is_about_the_dataset(client: httpx.Client) -> None:
    answer = client.get("/dataset", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "https://licence.example/open" in answer.text
