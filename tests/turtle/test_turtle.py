"""Turtle with positions: the same triples as the strict parser, each at its place."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import turtle
from kg.errors import MalformedError
from kg.findings import Span

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(p for part in ("ontology", "data", "shapes") for p in (ROOT / part).rglob("*.ttl"))

TEXT = """@prefix ex: <http://example.org/> .
# a comment with "quotes" and <iris>
ex:ė a ex:City ; ex:name "Klaipėda"@lt , 'x'^^ex:t ;
  ex:n 1, -2.5, 3e4, true .
<http://example.org/b> ex:p [ ex:q ex:r ] , ( 1 "two" ) .
"""


def terms(triples: object) -> list[tuple[str, str, str]]:
    """Name blank nodes alike, so that two readings can be compared as multisets."""
    found = []
    for triple in triples:  # type: ignore[attr-defined]
        parts = (triple.subject, triple.predicate, triple.object)
        found.append(
            tuple("_:b" if isinstance(part, ox.BlankNode) else str(part) for part in parts)
        )
    return sorted(found)  # type: ignore[arg-type]


def test_statements_are_the_triples_of_the_strict_parser() -> None:
    assert terms(turtle.statements(TEXT)) == terms(turtle.parse(TEXT))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_statements_agree_with_the_strict_parser_on_every_file_of_the_project(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert terms(turtle.statements(text)) == terms(turtle.parse(text))


def test_each_term_of_a_statement_is_where_it_says() -> None:
    lines = turtle.Lines(TEXT)
    found = {
        str(s.object): (lines.at(s.subject_at), lines.at(s.predicate_at), lines.at(s.object_at))
        for s in turtle.statements(TEXT)
    }
    assert found['"Klaipėda"@lt'] == ((3, 1), (3, 18), (3, 26))
    assert found["<http://example.org/City>"] == ((3, 1), (3, 6), (3, 8))
    assert found['"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'][2] == (4, 22)


@given(st.text(max_size=40))
def test_any_string_keeps_its_value_through_escapes(value: str) -> None:
    written = str(ox.Literal(value))
    text = f"<http://a/s> <http://a/p> {written} ."
    (statement,) = turtle.statements(text)
    assert statement.object == turtle.parse(text)[0].object


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("<http://a/s> <http://a/p> 1", 1, 28),
        ("@prefix ex: <http://e/> .\nex:žė ex:b x .", 2, 12),
        ("@prefix ex: <http://e/> .\n\n  nope:a ex:b 1 .", 3, 3),
    ],
)
def test_a_syntax_fault_has_the_line_and_column_of_the_first_wrong_sign(
    text: str, line: int, column: int
) -> None:
    with pytest.raises(MalformedError) as caught:
        turtle.parse(text, Path("x.ttl"))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"x.ttl:{line}:{column}: ")


def test_a_carriage_return_alone_ends_a_line() -> None:
    assert turtle.Lines("a\rb\r\nc\nd").at(2) == (2, 1)
    assert turtle.Lines("a\rb\r\nc\nd").at(7) == (4, 1)


def test_a_line_and_a_column_are_an_offset_and_back() -> None:
    text = "ab\r\nžė\n"
    lines = turtle.Lines(text)

    assert lines.offset(2, 2) == text.index("ė")
    assert lines.at(text.index("ė")) == (2, 2)
    assert lines.offset(1, 99) == 2
    assert lines.offset(99, 1) == len(text)


def test_a_line_is_shown_without_its_end() -> None:
    lines = turtle.Lines("ab\r\ncd\re")

    assert [lines.line(number) for number in range(5)] == ["", "ab", "cd", "e", ""]


def test_a_span_ends_after_its_last_character() -> None:
    assert turtle.Lines("a\nbcd\n").span("x.ttl", 2, 5) == Span("x.ttl", 2, 1, 2, 4)


def test_a_reading_has_declarations_blocks_and_comments_at_their_places() -> None:
    reading = turtle.read(TEXT)
    (prefix,) = reading.prefixes
    comments = [token.text for token in reading.tokens if token.kind == "comment"]

    assert TEXT[prefix.start : prefix.end] == "@prefix ex: <http://example.org/> ."
    assert TEXT[prefix.name_at :].startswith("ex:")
    assert TEXT[prefix.iri_at :].startswith("<http://example.org/>")
    assert (prefix.name, prefix.iri, prefix.is_sparql) == ("ex", "http://example.org/", False)
    blocks = [TEXT[block.start : block.end] for block in reading.blocks]
    assert [block.split()[0] for block in blocks] == ["ex:ė", "<http://example.org/b>"]
    assert all(block.endswith(".") for block in blocks)
    assert comments == ['# a comment with "quotes" and <iris>']


def test_the_end_of_a_literal_is_after_its_language_or_datatype() -> None:
    ends = {TEXT[s.object_at : s.object_end] for s in turtle.statements(TEXT)}

    assert {'"Klaipėda"@lt', "'x'^^ex:t", "-2.5", "[", "("} <= ends
