"""One spelling for each value: worked examples, and what becomes of two spellings of one value.

Expected spellings are the canonical representations of XML Schema Definition Language 1.1, part 2,
but for numbers of floating point, which the store writes without an exponent.
"""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.load import load
from kg.namespaces import XSD
from kg.spelling import as_stored, literal_as_stored

S, P, G = (ox.NamedNode(f"https://example.org/{name}") for name in "spg")

EXAMPLES = [
    ("decimal", "7.0", "7"),
    ("decimal", "+007.50", "7.5"),
    ("decimal", ".5", "0.5"),
    ("decimal", "-0.0", "0"),
    ("integer", "007", "7"),
    ("integer", "+7", "7"),
    ("integer", "-0", "0"),
    ("double", "7.0E0", "7"),
    ("double", "1e3", "1000"),
    ("double", "+INF", "INF"),
    ("float", "1.10", "1.1"),
    ("duration", "P24M", "P2Y"),
    ("duration", "PT60M", "PT1H"),
    ("duration", "P0D", "PT0S"),
    ("yearMonthDuration", "P14M", "P1Y2M"),
    ("dayTimeDuration", "PT36H", "P1DT12H"),
    ("dateTime", "2026-11-22T10:00:00+00:00", "2026-11-22T10:00:00Z"),
    ("dateTime", "2026-11-22T10:00:00.500", "2026-11-22T10:00:00.5"),
    ("dateTime", "2026-11-22T24:00:00Z", "2026-11-23T00:00:00Z"),
    ("dateTime", "2026-11-22T10:00:00+02:00", "2026-11-22T10:00:00+02:00"),
    ("date", "2026-11-22+00:00", "2026-11-22Z"),
    ("time", "10:00:00.0", "10:00:00"),
    ("gYear", "2026+00:00", "2026Z"),
    ("gYearMonth", "2026-11", "2026-11"),
    ("boolean", "1", "true"),
    ("boolean", "0", "false"),
]
AS_THEY_ARE = [
    ("string", "7.0"),
    ("token", " 7.0 "),
    ("anyURI", "https://EXAMPLE.org/%7e"),
    ("hexBinary", "ab"),
    ("date", "2026-13-01"),
    ("integer", "seven"),
    ("decimal", "1" * 40),
    ("duration", "P"),
]
DERIVED = [
    ("byte", "07", "integer", "7"),
    ("nonNegativeInteger", "+7", "integer", "7"),
    ("dateTimeStamp", "2026-11-22T10:00:00+00:00", "dateTime", "2026-11-22T10:00:00Z"),
]


def typed(value: str, name: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + name))


@pytest.mark.parametrize(("name", "written", "spelt"), EXAMPLES)
def test_a_value_has_one_spelling(name: str, written: str, spelt: str) -> None:
    assert literal_as_stored(typed(written, name)) == typed(spelt, name)


@pytest.mark.parametrize(("name", "written"), AS_THEY_ARE)
def test_what_is_no_value_that_the_store_knows_keeps_its_characters(
    name: str, written: str
) -> None:
    assert literal_as_stored(typed(written, name)) == typed(written, name)


@pytest.mark.parametrize(("name", "written", "basic", "spelt"), DERIVED)
def test_a_derived_datatype_becomes_the_one_that_the_store_keeps(
    name: str, written: str, basic: str, spelt: str
) -> None:
    assert literal_as_stored(typed(written, name)) == typed(spelt, basic)


def test_a_text_in_a_language_and_a_datatype_of_ours_stay_as_they_are() -> None:
    for literal in (
        ox.Literal("7.0", language="en"),
        ox.Literal("7.0", datatype=ox.NamedNode("https://example.org/size")),
    ):
        assert literal_as_stored(literal) == literal


def test_a_value_in_a_statement_about_a_statement_is_spelt_like_any_other() -> None:
    told = ox.Quad(S, P, ox.Triple(S, P, typed("7.0", "decimal")), G)
    assert as_stored(told) == ox.Quad(S, P, ox.Triple(S, P, typed("7", "decimal")), G)


NAMES = sorted({name for name, *_ in (*EXAMPLES, *AS_THEY_ARE)})


@given(st.sampled_from(NAMES), st.from_regex(r"-?[P+]?[0-9T:.\-MYDHSeEZ]{1,20}", fullmatch=True))
def test_the_spelling_is_that_of_the_store_and_has_no_other_spelling(
    name: str, written: str
) -> None:
    spelt = literal_as_stored(typed(written, name))
    store = ox.Store()
    store.add(ox.Quad(S, P, typed(written, name), G))
    [answer] = store.query("SELECT ?o { GRAPH ?g { ?s ?p ?o } }")
    assert answer[0] == spelt
    assert literal_as_stored(spelt) == spelt


def test_two_spellings_of_a_value_are_one_statement_of_what_is_loaded(tmp_path: Path) -> None:
    given_file = tmp_path / "given.nq"
    lines = (f"{S} {P} {typed(written, 'decimal')} {G} .\n" for written in ("7.0", "7", "+7.00"))
    given_file.write_text("".join(lines), encoding="utf-8")
    found = load([given_file], tmp_path / "w", base="https://example.org/", version="1")
    assert found.nquads.read_text() == f'{S} {P} "7"^^<{XSD}decimal> {G} .\n'
    assert (found.manifest.quads, found.manifest.graphs) == (1, {G.value: 1})
