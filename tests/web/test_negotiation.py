"""What clients send in `Accept`, and what they get: one table, against a server.

Each row is the field as the client sends it when it is told nothing else, from its source code, its
documentation or its requests. The expected type was worked out by hand from the weights (RFC 9110,
section 12.5.1); among equals the one that is named more exactly, then HTML before the RDF types.
"""

from collections.abc import Iterator

import httpx
import pyoxigraph as ox
import pytest

HTML, TTL, JSON_LD = "text/html", "text/turtle", "application/ld+json"
XML, NT = "application/rdf+xml", "application/n-triples"
TRIG, NQ = "application/trig", "application/n-quads"
CLIENTS: list[tuple[str, str | None, str]] = [
    # Browsers
    (
        "Chrome 120",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
        "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        HTML,
    ),
    (
        "Chrome 30",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
        HTML,
    ),
    (
        "Chrome 10",
        "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,"
        "*/*;q=0.5",
        "application/xml",
    ),
    (
        "Firefox 128",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
        "image/svg+xml,*/*;q=0.8",
        HTML,
    ),
    (
        "Firefox 131",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
        "image/svg+xml,*/*;q=0.8",
        HTML,
    ),
    (
        "Firefox 65",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
        HTML,
    ),
    ("Firefox 3", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ("Safari 17", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ("Edge 18", "text/html, application/xhtml+xml, image/jxr, */*", HTML),
    (
        "Internet Explorer 8",
        "image/jpeg, application/x-ms-application, image/gif, application/xaml+xml, image/pjpeg, "
        "application/x-ms-xbap, application/x-shockwave-flash, application/msword, */*",
        HTML,
    ),
    (
        "Opera 12",
        "text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/webp, "
        "image/jpeg, image/gif, image/x-xbitmap, */*;q=0.1",
        HTML,
    ),
    ("Lynx", "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01", HTML),
    ("w3m", "text/html, text/*;q=0.5, image/*, application/*, multipart/*", HTML),
    ("Links 2", "*/*", HTML),
    (
        "an image element of Chrome",
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        HTML,
    ),
    ("a style sheet of Firefox", "text/css,*/*;q=0.1", HTML),
    # What fetches
    ("curl", "*/*", HTML),
    ("Wget", "*/*", HTML),
    ("Wget 1.10", None, HTML),
    ("HTTPie", "*/*", HTML),
    ("HTTPie with JSON", "application/json, */*;q=0.5", "application/json"),
    ("Postman", "*/*", HTML),
    ("Insomnia", "*/*", HTML),
    ("fetch in a browser, node-fetch", "*/*", HTML),
    ("axios", "application/json, text/plain, */*", "application/json"),
    ("jQuery, JSON", "application/json, text/javascript, */*; q=0.01", "application/json"),
    ("jQuery, XML", "application/xml, text/xml, */*; q=0.01", "application/xml"),
    ("jQuery, HTML", "text/html, */*; q=0.01", HTML),
    ("superagent, got with JSON", "application/json", "application/json"),
    ("python-requests, httpx", "*/*", HTML),
    ("urllib of Python", None, HTML),
    ("Go net/http", None, HTML),
    ("HttpURLConnection of Java 8", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
    ("java.net.http", None, HTML),
    ("libwww-perl", None, HTML),
    ("Ruby Net::HTTP", "*/*", HTML),
    ("R httr", "application/json, text/xml, application/xml, */*", "application/json"),
    ("PowerShell", None, HTML),
    # Crawlers and previews
    (
        "Googlebot",
        "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,"
        "*/*;q=0.8",
        HTML,
    ),
    ("bingbot", "*/*", HTML),
    ("Applebot", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ("facebookexternalhit", "*/*", HTML),
    ("CCBot", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    # RDF clients
    (
        "rdflib 7, any format",
        "text/turtle, application/x-turtle, application/rdf+xml;q=0.9, text/n3;q=0.8, "
        "application/n-triples;q=0.7, application/ld+json;q=0.6, */*;q=0.1",
        TTL,
    ),
    ("rdflib, turtle", "text/turtle, application/x-turtle, */*;q=0.1", TTL),
    ("rdflib, xml", "application/rdf+xml, */*;q=0.1", XML),
    ("rdflib, n3", "text/n3, */*;q=0.1", "text/n3"),
    ("rdflib, nt", "application/n-triples, */*;q=0.1", NT),
    ("rdflib, nt before 6", "text/plain, */*;q=0.1", "text/plain"),
    ("rdflib, json-ld", "application/ld+json, application/json;q=0.9, */*;q=0.1", JSON_LD),
    ("rdflib, trig", "application/trig, */*;q=0.1", TRIG),
    (
        "rdflib 4",
        "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1",
        XML,
    ),
    (
        "Jena, a graph",
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,"
        "application/rdf+xml;q=0.7,*/*;q=0.3",
        TTL,
    ),
    (
        "Jena, a dataset",
        "application/trig,application/n-quads;q=0.9,text/x-nquads;q=0.8,application/x-trig;q=0.7,"
        "application/ld+json;q=0.5,*/*;q=0.5",
        TRIG,
    ),
    (
        "Jena 2",
        "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/xml,"
        "*/*;q=0.5",
        TTL,
    ),
    (
        "RDF4J",
        "application/n-triples;q=0.8, text/plain;q=0.8, application/rdf+xml, application/xml, "
        "text/xml, text/turtle, application/x-turtle, application/trig, application/ld+json, "
        "application/n-quads",
        TTL,
    ),
    (
        "Sesame 2",
        "application/rdf+xml, application/xml;q=0.9, text/rdf+n3;q=0.8, text/turtle;q=0.7",
        XML,
    ),
    (
        "OWL API and Protégé",
        "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, "
        "*/*; q=0.09",
        XML,
    ),
    (
        "rapper of Raptor 2",
        "application/n-triples, text/plain;q=0.1, application/rdf+xml, text/rdf;q=0.6, "
        "text/turtle, application/x-turtle, application/turtle;q=0.1, text/n3;q=0.3, "
        "application/json;q=0.1, text/html;q=0.5, */*;q=0.1",
        TTL,
    ),
    (
        "Comunica",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
        "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,"
        "application/xml;q=0.3,image/svg+xml;q=0.3,text/xml;q=0.3,text/html;q=0.2,"
        "application/xhtml+xml;q=0.18",
        NQ,
    ),
    (
        "rdf-dereference",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
        "application/n-triples;q=0.8,text/turtle;q=0.6",
        NQ,
    ),
    ("jsonld.js", "application/ld+json, application/json", JSON_LD),
    (
        "PyLD",
        "application/ld+json;profile=http://www.w3.org/ns/json-ld#context, application/ld+json,"
        " application/json;q=0.5",
        JSON_LD,
    ),
    (
        "digitalbazaar, framed",
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#framed"',
        JSON_LD,
    ),
    ("Tabulator", "text/n3, text/rdf+n3, application/rdf+xml", XML),
    (
        "rdflib.js",
        "text/turtle, text/n3;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.7,"
        " */*;q=0.1",
        TTL,
    ),
    ("N3.js through fetch", "text/turtle, application/trig;q=0.9, text/n3;q=0.8", TTL),
    (
        "Any23",
        "text/html;q=0.2, application/rdf+xml, text/turtle;q=0.9, application/xml;q=0.1",
        XML,
    ),
    ("Apache Marmotta, LDClient", "text/turtle, application/rdf+xml;q=0.8, */*;q=0.01", TTL),
    ("LDspider", "application/rdf+xml, application/xml", XML),
    ("Vapour, the checker", "application/rdf+xml", XML),
    ("Vapour, for people", "text/html", HTML),
    (
        "W3C RDF Validator",
        "application/rdf+xml, text/xml;q=0.6, */*;q=0.1",
        XML,
    ),
    (
        "Virtuoso Sponger",
        "application/ld+json;q=0.99, application/rdf+xml, text/turtle, text/n3, "
        "application/x-turtle, text/html;q=0.5, */*;q=0.1",
        TTL,
    ),
    ("SWI-Prolog", "text/turtle, application/rdf+xml;q=0.9, */*;q=0.1", TTL),
    (
        "dotNetRDF",
        "application/rdf+xml,text/turtle,text/n3,application/n-triples;q=0.9,*/*;q=0.5",
        TTL,
    ),
    (
        "EasyRdf",
        "application/ld+json,text/turtle,application/rdf+xml;q=0.9,application/n-triples;q=0.8,"
        "text/html;q=0.4,*/*;q=0.1",
        TTL,
    ),
    (
        "Ruby RDF.rb",
        "application/n-triples, text/plain;q=0.2, application/n-quads, text/turtle,"
        " application/ld+json, */*;q=0.1",
        TTL,
    ),
    ("Redland through curl", "application/rdf+xml;q=1.0, */*;q=0.1", XML),
    ("F-UJI", "application/ld+json, application/json;q=0.9, text/turtle;q=0.8", JSON_LD),
    ("Zotero", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ("DOI content negotiation", "application/vnd.datacite.datacite+json, text/turtle;q=0.5", TTL),
    ("OpenRefine", "application/rdf+xml, text/turtle;q=0.9, */*;q=0.5", XML),
    ("Skosmos reads a remote concept", "text/turtle,application/rdf+xml;q=0.9", TTL),
    ("HDT tools", "application/n-triples", NT),
    ("a harvester of quads", "application/n-quads", NQ),
]
NOT_ACCEPTABLE = [
    "application/pdf",
    "image/png",
    "text/turtle;q=0",
    "*/*;q=0",
    "application/xhtml+xml",
]
PATH = "/doc/municipality/xx-veldhaven"


@pytest.fixture(name="bare")
def a_client_that_sends_only_what_it_is_told(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        client.headers.pop("Accept")
        yield client


def test_there_are_sixty_clients() -> None:
    assert len({name for name, _, _ in CLIENTS}) >= 60


@pytest.mark.parametrize(
    ("accept", "expected"), [row[1:] for row in CLIENTS], ids=[r[0] for r in CLIENTS]
)
def test_a_client_gets_the_form_it_likes_best(
    bare: httpx.Client, accept: str | None, expected: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    answers = [bare.get(PATH, headers=headers), bare.head(PATH, headers=headers)]

    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] == expected
        assert answer.headers["Vary"].startswith("Accept")
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


@pytest.mark.parametrize("accept", NOT_ACCEPTABLE)
def test_who_likes_nothing_that_there_is_gets_406_with_the_list(
    bare: httpx.Client, accept: str
) -> None:
    answer = bare.get(PATH, headers={"Accept": accept})

    assert answer.status_code == 406
    for name in (HTML, TTL, JSON_LD, XML, NT, TRIG, NQ):
        assert name in answer.text


@pytest.mark.parametrize("accept", NOT_ACCEPTABLE)
def test_an_extension_decides_whatever_is_accepted(bare: httpx.Client, accept: str) -> None:
    answer = bare.get(f"{PATH}.ttl", headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/turtle; charset=utf-8"


def test_turtle_under_the_name_of_n3_is_the_same_turtle(bare: httpx.Client) -> None:
    found = [bare.get(PATH, headers={"Accept": name}) for name in ("text/n3", TTL)]

    assert found[0].content == found[1].content
    assert list(ox.parse(found[0].content, format=ox.RdfFormat.N3))
