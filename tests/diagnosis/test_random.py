"""Whatever is asked, the doctor comes to an end, and mends only what it has tried."""

from typing import cast

import pyoxigraph as ox
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from kg.diagnosis import Lexicon, diagnose

TERMS = (
    *("?t", "?c", "?x", "?l", "town:koper", "town:kopr", "club:salt", "ex:slovenia", "ex:Town"),
    *('"Koper"', '"Koper"@sl', '"2030"', '"2030"^^xsd:gYear', "7", "[]"),
)
SUBJECTS = tuple(term for term in TERMS if term[0] not in '"7')
VERBS = (
    *("a", "ex:memberOf", "ex:membrOf", "ex:country", "ex:goalYear", "skos:prefLabel", "?p"),
    *("ex:memberOf/ex:goalYear", "^ex:memberOf", "(ex:memberOf|ex:country)+", "owl:sameAs"),
)
CONDITIONS = (
    *("?l = 'Koper'", "?x > 5", "LANG(?l) = 'SL'", "?c = club:salt", "BOUND(?t)", "?none = 1"),
    *("NOT EXISTS { ?t ex:memberOf ?c }", "REGEX(?l, 'p')"),
)
patterns = st.builds(
    lambda s, p, o: f"{s} {p} {o} .",
    st.sampled_from(SUBJECTS),
    st.sampled_from(VERBS),
    st.sampled_from(TERMS),
)
conditions = st.sampled_from(CONDITIONS).map(
    lambda test: f"FILTER {test}" if test.startswith("NOT") else f"FILTER({test})"
)
tables = st.sampled_from(
    ("VALUES ?t { town:koper town:kopr }", "VALUES (?t ?l) { (UNDEF 'Koper') }", "VALUES ?x { }")
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.lists(inner, min_size=1, max_size=3).map(" ".join)
    return st.one_of(
        st.builds(
            lambda word, body: f"{word} {{ {body} }}",
            st.sampled_from(("OPTIONAL", "MINUS", "GRAPH ?g", "GRAPH graph:links", "")),
            group,
        ),
        st.builds(lambda one, two: f"{{ {one} }} UNION {{ {two} }}", group, group),
        group.map(lambda body: f"{{ SELECT * {{ {body} }} LIMIT 2 }}"),
    )


parts = st.recursive(st.one_of(patterns, patterns, conditions, tables), nested, max_leaves=4)
heads = st.sampled_from(("SELECT *", "ASK", "SELECT (COUNT(*) AS ?n)", "CONSTRUCT { ?t a ?l }"))
tails = st.sampled_from(("", "", "OFFSET 3", "LIMIT 1", "LIMIT 0", "LIMIT 5 OFFSET 40"))
queries = st.builds(
    lambda head, body, tail: f"{head} {{ {' '.join(body)} }} {tail if head != 'ASK' else ''}",
    heads,
    st.lists(parts, min_size=1, max_size=4),
    tails,
)


def has_rows(store: ox.Store, text: str) -> bool:
    answer = store.query(text)
    if isinstance(answer, ox.QueryBoolean):
        return bool(answer)
    return next(iter(cast("ox.QueryTriples", answer)), None) is not None


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=queries)
def test_the_verdict_is_right_and_a_mended_query_has_rows(
    town: ox.Store, prefixes: str, query: str
) -> None:
    text = prefixes + query
    try:
        expected = has_rows(town, text)
    except SyntaxError:
        reject()
    told = diagnose(town, text, lexicon=Lexicon(town))
    assert (told.verdict != "empty") == expected
    assert told.verdict == "answered" or told.findings or told.unknown
    for mended in (told.query, *(each.query for each in told.findings)):
        assert mended is None or has_rows(town, mended)
    for each in told.findings:
        assert 0 <= each.start < each.end <= len(text)
