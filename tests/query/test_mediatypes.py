"""Content negotiation: what real clients send, and what RFC 9110, section 12.5.1 gives them.

The expected names were worked out by hand from the weights and the specificity of the ranges.
"""

import pytest

from kg.mediatypes import (
    CSV,
    HTML,
    JSON_LD,
    N_TRIPLES,
    RDF_TYPES,
    TURTLE,
    MediaType,
    by_extension,
    negotiate,
    with_aliases,
)
from kg.query.protocol import result_types

DOCUMENT = (HTML, *with_aliases(RDF_TYPES))
SELECT = result_types("SELECT")
CONSTRUCT = result_types("CONSTRUCT")

CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)
FIREFOX = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,"
    "image/svg+xml,*/*;q=0.8"
)
SAFARI = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OLD_EDGE = "text/html, application/xhtml+xml, image/jxr, */*"
LYNX = "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01"
W3M = "text/html, text/*;q=0.5, image/*, application/*, multipart/*"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
AXIOS = "application/json, text/plain, */*"
RDFLIB_ANY = (
    "text/turtle, application/x-turtle, application/rdf+xml;q=0.9, text/n3;q=0.8, "
    "application/n-triples;q=0.7, application/ld+json;q=0.6, */*;q=0.1"
)
RDFLIB_XML = "application/rdf+xml, */*;q=0.1"
RDFLIB_JSON_LD = "application/ld+json, application/json;q=0.9, */*;q=0.1"
RDFLIB_OLD = "application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1"
RDFLIB_NT = "text/plain, */*;q=0.1"
JENA_GRAPH = (
    "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,"
    "*/*;q=0.3"
)
JENA_SELECT = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, "
    "text/tab-separated-values;q=0.7, text/csv;q=0.5, application/json;q=0.2, "
    "application/xml;q=0.2, */*;q=0.1"
)
RDF4J_SELECT = (
    "application/x-binary-rdf-results-table;q=0.8, application/sparql-results+json;q=0.8, "
    "application/json;q=0.8, application/sparql-results+xml, application/xml"
)
OWL_API = (
    "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"
)
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,"
    "application/xml;q=0.3,image/svg+xml;q=0.3,text/xml;q=0.3,text/html;q=0.2,"
    "application/xhtml+xml;q=0.18"
)
COMUNICA_SELECT = "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7"
WRAPPER_JSON = (
    "application/sparql-results+json,application/json,text/javascript,application/javascript"
)
WRAPPER_N3 = (
    "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"
)
PROFILE = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'

CASES: list[tuple[str, str | None, tuple[MediaType, ...], str | None]] = [
    # Browsers and what fetches pages
    ("Chrome, a document", CHROME, DOCUMENT, "text/html"),
    ("Firefox, a document", FIREFOX, DOCUMENT, "text/html"),
    ("Safari, a document", SAFARI, DOCUMENT, "text/html"),
    ("Edge 18, a document", OLD_EDGE, DOCUMENT, "text/html"),
    ("Lynx, a document", LYNX, DOCUMENT, "text/html"),
    ("w3m, a document", W3M, DOCUMENT, "text/html"),
    ("Chrome, a table", CHROME, SELECT, "text/html"),
    ("Firefox, a table", FIREFOX, SELECT, "text/html"),
    ("Lynx, a table", LYNX, SELECT, "text/html"),
    ("Chrome, a graph", CHROME, CONSTRUCT, "text/html"),
    ("an image element", "image/avif,image/webp,image/*,*/*;q=0.8", DOCUMENT, "text/html"),
    ("a style sheet link", "text/css,*/*;q=0.1", DOCUMENT, "text/html"),
    # General clients
    ("curl, a document", "*/*", DOCUMENT, "text/html"),
    ("curl, a table", "*/*", SELECT, "application/sparql-results+json"),
    ("curl, a graph", "*/*", CONSTRUCT, "text/turtle"),
    ("urllib without the field", None, DOCUMENT, "text/html"),
    ("urllib without the field, a table", None, SELECT, "application/sparql-results+json"),
    ("an empty field", "", SELECT, "application/sparql-results+json"),
    ("Java", JAVA, DOCUMENT, "text/html"),
    ("axios: of equals the one that is named", AXIOS, SELECT, "application/json"),
    ("axios, a document", AXIOS, DOCUMENT, "application/json"),
    ("jq users", "application/json", SELECT, "application/json"),
    # RDF and SPARQL clients
    ("rdflib, any format", RDFLIB_ANY, DOCUMENT, "text/turtle"),
    ("rdflib, xml", RDFLIB_XML, DOCUMENT, "application/rdf+xml"),
    ("rdflib, json-ld", RDFLIB_JSON_LD, DOCUMENT, "application/ld+json"),
    ("rdflib, nt", RDFLIB_NT, DOCUMENT, "text/plain"),
    ("rdflib before 6", RDFLIB_OLD, DOCUMENT, "application/rdf+xml"),
    ("rdflib, turtle", "text/turtle, application/x-turtle, */*;q=0.1", DOCUMENT, "text/turtle"),
    ("Jena, a document", JENA_GRAPH, DOCUMENT, "text/turtle"),
    ("Jena, a graph", JENA_GRAPH, CONSTRUCT, "text/turtle"),
    ("Jena, a table", JENA_SELECT, SELECT, "application/sparql-results+json"),
    ("RDF4J, a table", RDF4J_SELECT, SELECT, "application/sparql-results+xml"),
    ("Protégé", OWL_API, DOCUMENT, "application/rdf+xml"),
    ("Comunica, a document", COMUNICA, DOCUMENT, "application/n-quads"),
    ("Comunica, a table", COMUNICA_SELECT, SELECT, "application/sparql-results+json"),
    ("SPARQLWrapper, JSON", WRAPPER_JSON, SELECT, "application/sparql-results+json"),
    (
        "SPARQLWrapper, XML",
        "application/sparql-results+xml",
        SELECT,
        "application/sparql-results+xml",
    ),
    ("SPARQLWrapper, CSV", "text/csv", SELECT, "text/csv"),
    ("SPARQLWrapper, TSV", "text/tab-separated-values", SELECT, "text/tab-separated-values"),
    ("SPARQLWrapper, N3", WRAPPER_N3, CONSTRUCT, "text/turtle"),
    ("SPARQLWrapper, RDF/XML", "application/rdf+xml", CONSTRUCT, "application/rdf+xml"),
    (
        "SPARQLWrapper, JSON-LD",
        "application/ld+json,application/x-json+ld",
        CONSTRUCT,
        JSON_LD.name,
    ),
    (
        "YASGUI",
        "application/sparql-results+json,*/*;q=0.9",
        SELECT,
        "application/sparql-results+json",
    ),
    ("pyld", "application/ld+json, application/json;q=0.5", DOCUMENT, "application/ld+json"),
    ("a JSON-LD profile is a wish", PROFILE, DOCUMENT, "application/ld+json"),
    # The rules of the standard
    (
        "specificity, not weight, sets the weight",
        "text/*, text/html;q=0.1",
        DOCUMENT,
        "text/turtle",
    ),
    ("0 excludes what a wildcard admits", "*/*, text/html;q=0", DOCUMENT, "text/turtle"),
    ("0 excludes everything", "*/*;q=0", DOCUMENT, None),
    ("an unknown type only", "application/pdf", DOCUMENT, None),
    ("a type that is not offered for tables", "text/turtle", SELECT, None),
    ("a main type by wildcard", "text/*", SELECT, "text/csv"),
    ("application wildcard over text", "text/*;q=0.4, application/*;q=0.5", DOCUMENT, JSON_LD.name),
    ("names know no case", "TEXT/Turtle", DOCUMENT, "text/turtle"),
    (
        "blanks around everything",
        " text/turtle ; q=1 , text/html ; q=0.5 ",
        DOCUMENT,
        "text/turtle",
    ),
    ("three decimals count", "text/turtle;q=0.501, text/html;q=0.5", DOCUMENT, "text/turtle"),
    ("UTF-8 is what text has", "text/turtle;charset=utf-8", DOCUMENT, "text/turtle"),
    ("UTF-8 in quotes", 'text/turtle;charset="UTF-8"', DOCUMENT, "text/turtle"),
    ("another charset is not met", "text/turtle;charset=iso-8859-1", DOCUMENT, None),
    ("an unknown parameter is not met", "text/turtle;level=1, text/csv", DOCUMENT, None),
    (
        "a comma in quotes separates nothing",
        'text/x;a="b,text/turtle", text/html',
        DOCUMENT,
        HTML.name,
    ),
    ("two lines joined", "text/html;q=0.3, application/n-triples", DOCUMENT, N_TRIPLES.name),
    ("what follows the weight is ignored", "text/turtle;q=0.9;level=1", DOCUMENT, TURTLE.name),
    # What is tolerated
    ("an element without a slash is skipped", "turtle, text/html;q=0.1", DOCUMENT, "text/html"),
    ("a weight that is no number: skipped", "text/turtle;q=high, text/html", DOCUMENT, "text/html"),
    ("a weight above one is one", "text/html, text/turtle;q=5", DOCUMENT, "text/html"),
    ("empty elements are skipped", ",, text/turtle,,", DOCUMENT, "text/turtle"),
    ("nothing but rubbish counts as absent", ";;; /, */x", DOCUMENT, "text/html"),
    ("an open quote ends nowhere", 'text/turtle;a="b, text/html', DOCUMENT, "text/html"),
]


@pytest.mark.parametrize(
    ("accept", "offered", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_client_gets_the_type_that_the_standard_gives(
    accept: str | None, offered: tuple[MediaType, ...], expected: str | None
) -> None:
    chosen = negotiate(accept, offered)

    assert (chosen.name if chosen else None) == expected


LEVEL_1 = MediaType("text/html", "html", "", (("level", "1"),))
LEVEL_3 = MediaType("text/html", "html", "", (("level", "3"),))
PLAIN_HTML = MediaType("text/html", "html", "")
PLAIN_TEXT = MediaType("text/plain", "txt", "")
JPEG = MediaType("image/jpeg", "jpg", "")
RFC_FIELD = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/html;level=1, "
    "text/html;level=2;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("better", "worse"),
    [  # RFC 9110, 12.5.1, the table of quality values: 1, 0.7, 0.5, 0.3
        (LEVEL_1, PLAIN_TEXT),
        (PLAIN_TEXT, JPEG),
        (JPEG, PLAIN_HTML),
        (JPEG, LEVEL_3),
    ],
)
def test_the_example_of_the_standard_comes_out_as_printed(
    better: MediaType, worse: MediaType
) -> None:
    assert negotiate(RFC_FIELD, [worse, better]) == better


def test_a_text_type_says_that_it_is_utf_8() -> None:
    assert CSV.content_type == "text/csv; charset=utf-8"
    assert JSON_LD.content_type == "application/ld+json"


def test_an_extension_finds_its_type_and_another_none() -> None:
    assert by_extension("nt", RDF_TYPES) == N_TRIPLES
    assert by_extension("exe", RDF_TYPES) is None
