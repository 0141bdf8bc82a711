"""What the doctor says of queries about an invented town, where the fault is plain to see."""

from collections.abc import Callable

import pytest

from kg.diagnosis import Diagnosis
from kg.diagnosis.words import SENTENCES
from kg.errors import MalformedError

Ask = Callable[..., Diagnosis]

# The query; the code; the piece of the query at fault; the nearest term; the mended query.
FAULTS: list[tuple[str, str, str, str | None, str | None]] = [
    (
        "SELECT * { ?t a ex:Town ; ex:membrOf ?c }",
        "unknown-property",
        "ex:membrOf",
        "ex:memberOf",
        "SELECT * { ?t a ex:Town ; ex:memberOf ?c }",
    ),
    (
        "SELECT * { ?t ex:prefLabel ?l }",  # the right name with the wrong prefix
        "unknown-property",
        "ex:prefLabel",
        "skos:prefLabel",
        "SELECT * { ?t skos:prefLabel ?l }",
    ),
    ("SELECT * { ?t ex:motto ?m }", "unused-property", "ex:motto", None, None),
    (
        "SELECT * { ?t a ex:Twon }",
        "unknown-class",
        "ex:Twon",
        "ex:Town",
        "SELECT * { ?t a ex:Town }",
    ),
    (
        "SELECT * { town:klaipda ?p ?o }",
        "unknown-term",
        "town:klaipda",
        "town:klaipeda",
        "SELECT * { town:klaipeda ?p ?o }",
    ),
    (
        "SELECT * { town:capodistria ?p ?o }",  # by its Italian name
        "unknown-term",
        "town:capodistria",
        "town:koper",
        "SELECT * { town:koper ?p ?o }",
    ),
    (
        "SELECT * { town:memel ?p ?o }",
        "retired-term",
        "town:memel",
        "town:klaipeda",
        "SELECT * { town:klaipeda ?p ?o }",
    ),
    (
        "SELECT * { ?c <https://schema.org/url> ?u }",
        "scheme-twin",
        "<https://schema.org/url>",
        "<http://schema.org/url>",
        "SELECT * { ?c <http://schema.org/url> ?u }",
    ),
    (
        "SELECT * { ?c ?p <https://harbours.example> }",  # a slash is missing at the end
        "scheme-twin",
        "<https://harbours.example>",
        "<https://harbours.example/>",
        "SELECT * { ?c ?p <https://harbours.example/> }",
    ),
    (
        'SELECT * { ?t skos:prefLabel "Klaipėda"@en }',
        "wrong-language",
        '"Klaipėda"@en',
        '"Klaipėda"@lt',
        'SELECT * { ?t skos:prefLabel "Klaipėda"@lt }',
    ),
    (
        'SELECT * { ?t skos:prefLabel "Koper" }',  # without any tag
        "wrong-language",
        '"Koper"',
        '"Koper"@sl',
        'SELECT * { ?t skos:prefLabel "Koper"@sl }',
    ),
    (
        'SELECT * { ?c ex:goalYear "2030" }',
        "wrong-datatype",
        '"2030"',
        '"2030"^^xsd:gYear',
        'SELECT * { ?c ex:goalYear "2030"^^xsd:gYear }',
    ),
    (
        'SELECT * { ?t ex:country "Lithuania" }',
        "text-for-thing",
        '"Lithuania"',
        "ex:lithuania",
        "SELECT * { ?t ex:country ex:lithuania }",
    ),
    (
        "SELECT * { club:salt skos:prefLabel club:salt }",
        "thing-for-text",
        "club:salt",
        '"Salt"@en',
        'SELECT * { club:salt skos:prefLabel "Salt"@en }',
    ),
    (
        'SELECT * { ?t skos:prefLabel "klaipėda"@lt }',  # a small letter
        "other-value",
        '"klaipėda"@lt',
        '"Klaipėda"@lt',
        'SELECT * { ?t skos:prefLabel "Klaipėda"@lt }',
    ),
    (
        "SELECT * { club:salt ex:memberOf ?t }",
        "reversed",
        "ex:memberOf",
        None,
        "SELECT * { club:salt ^ex:memberOf ?t }",
    ),
    (
        "SELECT * { ?t a ex:Town . ?t ex:goalYear ?y }",
        "property-not-of-class",
        "?t ex:goalYear ?y",
        None,
        None,
    ),
    (
        "SELECT * { ?x ex:country ?c . ?c a ex:Club }",
        "not-value-of-property",
        "?x ex:country ?c",
        None,
        None,
    ),
    (
        "SELECT * { GRAPH graph:registr { ?t a ex:Town } }",
        "absent-graph",
        "graph:registr",
        "graph:register",
        "SELECT * { GRAPH graph:register { ?t a ex:Town } }",
    ),
    (
        "SELECT * FROM graph:registr { ?t a ex:Town }",
        "absent-graph",
        "graph:registr",
        "graph:register",
        "SELECT * FROM graph:register { ?t a ex:Town }",
    ),
    ("SELECT * { ?t owl:sameAs ?q }", "other-graph", "?t owl:sameAs ?q", "graph:links", None),
    (
        "ASK { town:klaipeda ex:memberOf club:salt }",
        "no-match",
        "club:salt",
        "club:harbours",
        None,
    ),
    (
        "SELECT * { ?t ex:memberOf club:salt . ?t ex:population ?n }",
        "no-join",
        "?t ex:population ?n",
        None,
        None,
    ),
    (
        "SELECT * { ?t ex:population ?n . ?c ex:goalYear ?n }",
        "no-common-value",
        "?c ex:goalYear ?n",
        None,
        None,
    ),
    (
        'SELECT * { ?t skos:prefLabel ?l FILTER(?l = "Koper") }',
        "wrong-language",
        '"Koper"',
        '"Koper"@sl',
        'SELECT * { ?t skos:prefLabel ?l FILTER(?l = "Koper"@sl) }',
    ),
    (
        'SELECT * { ?t skos:prefLabel ?l FILTER(LANG(?l) = "LT") }',
        "wrong-tag",
        '"LT"',
        '"lt"',
        'SELECT * { ?t skos:prefLabel ?l FILTER(LANG(?l) = "lt") }',
    ),
    (
        "SELECT * { ?c ex:goalYear ?y FILTER(?y > 2030) }",
        "wrong-datatype",
        "2030",
        '"2030"^^xsd:gYear',
        'SELECT * { ?c ex:goalYear ?y FILTER(?y > "2030"^^xsd:gYear) }',
    ),
    (
        "SELECT * { ?t ex:population ?people FILTER(?peple > 1000) }",
        "unbound-variable",
        "?peple",
        "?people",
        "SELECT * { ?t ex:population ?people FILTER(?people > 1000) }",
    ),
    (
        "SELECT * { ?t ex:population ?n FILTER(?n < 100) }",
        "filter-removes-all",
        "FILTER(?n < 100)",
        "152000",
        None,
    ),
    (
        "SELECT * { ?t ex:country ?c FILTER(?c + 1 > 0) }",
        "filter-error",
        "FILTER(?c + 1 > 0)",
        None,
        None,
    ),
    (
        "SELECT * { ?t ex:country ?c FILTER(?c = ex:slovenia) FILTER(?t = town:klaipeda) }",
        "filters-together",
        "FILTER(?c = ex:slovenia)",
        None,
        None,
    ),
    (
        "SELECT * { ?t a ex:Town MINUS { ?t ex:memberOf ?c } }",
        "minus-removes-all",
        "MINUS { ?t ex:memberOf ?c }",
        None,
        None,
    ),
    ("SELECT * { VALUES ?t { } ?t ?p ?o }", "values-match-nothing", "VALUES ?t { }", None, None),
    (
        "SELECT * { VALUES ?l { 'Koper' } ?t skos:prefLabel ?l }",
        "wrong-language",
        "'Koper'",
        '"Koper"@sl',
        'SELECT * { VALUES ?l { "Koper"@sl } ?t skos:prefLabel ?l }',
    ),
    (
        'SELECT * { BIND("Koper" AS ?l) ?t skos:prefLabel ?l }',
        "wrong-language",
        '"Koper"',
        '"Koper"@sl',
        'SELECT * { BIND("Koper"@sl AS ?l) ?t skos:prefLabel ?l }',
    ),
    (
        "SELECT * { ?t a ex:Town } OFFSET 2",
        "past-the-end",
        "OFFSET 2",
        None,
        "SELECT * { ?t a ex:Town } OFFSET 0",
    ),
    (
        "SELECT * { ?t a ex:Town } ORDER BY ?t LIMIT 5 OFFSET 2",
        "past-the-end",
        "OFFSET 2",
        None,
        "SELECT * { ?t a ex:Town } ORDER BY ?t LIMIT 5 OFFSET 0",
    ),
    (
        "SELECT * { ?t a ex:Town } LIMIT 0",
        "limit-zero",
        "LIMIT 0",
        None,
        "SELECT * { ?t a ex:Town } LIMIT 100",
    ),
    (
        "SELECT ?t (COUNT(?c) AS ?n) { ?t ex:memberOf ?c } GROUP BY ?t HAVING (COUNT(?c) > 2)",
        "having-removes-all",
        "(COUNT(?c) > 2)",
        None,
        None,
    ),
    (
        "CONSTRUCT { ?l ex:of ?t } { ?t skos:prefLabel ?l }",  # a literal as a subject
        "empty-template",
        "CONSTRUCT { ?l ex:of ?t }",
        None,
        None,
    ),
]


@pytest.mark.parametrize(("query", "code", "found", "nearest", "mended"), FAULTS)
def test_each_fault_is_found_at_its_place_with_its_remedy(
    ask: Ask,
    prefixes: str,
    query: str,
    code: str,
    found: str,
    nearest: str | None,
    mended: str | None,
) -> None:
    told = ask(query).as_json()
    assert told["verdict"] == "empty"
    (finding,) = told["findings"]
    assert (finding["code"], finding["found"]) == (code, found)
    line = prefixes.count("\n") + 1
    column = query.index(found) + 1 if code != "thing-for-text" else query.rindex(found) + 1
    assert (finding["line"], finding["column"]) == (line, column)
    assert (finding["end_line"], finding["end_column"]) == (line, column + len(found))
    if nearest is not None:
        assert finding["nearest"][0]["term"] == nearest
    assert finding["query"] == (None if mended is None else prefixes + mended)
    assert told["query"] == finding["query"]


def test_every_code_has_a_query_that_it_is_told_of() -> None:
    assert {code for _, code, *_ in FAULTS} == set(SENTENCES)


def test_an_answer_that_is_not_empty_is_said_to_be_so(ask: Ask) -> None:
    told = ask("SELECT * { ?t a ex:Town }").as_json()
    assert told["verdict"] == "answered"
    assert told["findings"] == told["steps"] == []


def test_a_total_over_nothing_is_no_answer(ask: Ask, prefixes: str) -> None:
    told = ask("SELECT (COUNT(*) AS ?n) { ?t a ex:Twon }").as_json()
    assert told["verdict"] == "nothing-counted"
    assert told["query"] == prefixes + "SELECT (COUNT(*) AS ?n) { ?t a ex:Town }"


def test_a_total_of_something_is_an_answer(ask: Ask) -> None:
    assert ask("SELECT (COUNT(*) AS ?n) { ?t a ex:Town }").verdict == "answered"


def test_steps_tell_what_is_left_after_each_part(ask: Ask) -> None:
    told = ask("SELECT * { ?t a ex:Town . ?t ex:memberOf ?c . ?c ex:goalYear 5 . ?t ?p ?o }")
    steps = told.as_json()["steps"]
    # two towns; one club of the one and two of the other; no goal is the number five
    assert [(step["rows"], step["fails"]) for step in steps] == [
        (2, False),
        (3, False),
        (0, True),
        (None, False),
    ]


def test_several_faults_are_found_at_once_and_mended_together(ask: Ask, prefixes: str) -> None:
    query = 'SELECT * { ?t a ex:Twon ; ex:membrOf ?c ; skos:prefLabel "Koper" }'
    told = ask(query).as_json()
    assert [each["code"] for each in told["findings"]] == [
        "unknown-class",
        "unknown-property",
        "wrong-language",  # only seen when the first two are mended; told at its place
    ]
    assert [each["column"] for each in told["findings"]] == [17, 27, 58]
    mended = 'SELECT * { ?t a ex:Town ; ex:memberOf ?c ; skos:prefLabel "Koper"@sl }'
    assert told["query"] == prefixes + mended


def test_only_parts_that_have_to_do_with_it_are_blamed(ask: Ask) -> None:
    query = (
        "SELECT * { ?x ex:goalYear ?y . ?t ex:memberOf club:salt . ?u skos:prefLabel ?l . "
        "?t ex:population ?n }"
    )
    (finding,) = ask(query).as_json()["findings"]
    assert [each["text"] for each in finding["related"]] == ["?t ex:memberOf club:salt"]


def test_faults_in_nested_parts_are_found(ask: Ask) -> None:
    cases = {
        "SELECT * { { ?t a ex:Twon } UNION { ?t ex:membrOf ?c } }": ["ex:Twon", "ex:membrOf"],
        "SELECT * { { SELECT ?t { ?t a ex:Twon } LIMIT 3 } ?t ?p ?o }": ["ex:Twon"],
        "SELECT * { ?t ex:memberOf/skos:prefLabl ?l }": ["skos:prefLabl"],
        "SELECT * { ?t ex:memberOf [ ex:goalYer ?y ] }": ["ex:goalYer"],
        "SELECT * { GRAPH ?g { ?t a ex:Twon } }": ["ex:Twon"],
        "SELECT * { ?t (ex:membrOf|ex:knows)+ ?x }": ["ex:membrOf", "ex:knows"],
        "DESCRIBE town:klaipda": ["town:klaipda"],
    }
    for query, found in cases.items():
        assert [each["found"] for each in ask(query).as_json()["findings"]] == found


def test_graphs_of_the_request_are_the_graphs_that_are_asked(ask: Ask) -> None:
    query = "SELECT * { ?t owl:sameAs ?q }"
    links = "https://example.org/graph/links"
    assert ask(query, default_graphs=[links]).verdict == "answered"


def test_numbers_are_never_taken_for_each_other(ask: Ask) -> None:
    (finding,) = ask("SELECT * { town:koper2 ?p ?o }").as_json()["findings"]
    assert finding["query"] is None


def test_a_form_that_is_not_taken_apart_is_said_to_be_unknown(ask: Ask) -> None:
    told = ask("SELECT * { << ?t a ex:Twon >> ?p ?o }").as_json()
    assert told["verdict"] == "empty"
    assert told["findings"] == []
    assert told["unknown"]


def test_a_query_that_is_not_well_formed_is_refused_with_its_place(ask: Ask) -> None:
    with pytest.raises(MalformedError) as caught:
        ask("SELECT * { ?t a }")
    assert caught.value.line == 8  # after seven lines of prefixes


def test_a_service_is_refused_and_nothing_is_asked(ask: Ask) -> None:
    with pytest.raises(MalformedError, match="SERVICE"):
        ask("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")


def test_sentences_are_translated_by_template(ask: Ask) -> None:
    in_lithuanian = {"Nothing in the data is a %(term)s.": "Duomenyse nėra nė vieno %(term)s."}
    told = ask("SELECT * { ?t a ex:Twon }").as_json(lambda each: in_lithuanian.get(each, each))
    assert told["findings"][0]["message"] == "Duomenyse nėra nė vieno ex:Twon."
