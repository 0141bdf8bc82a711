"""Taking one value out of a text."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import turtle
from kg.check.removal import Removal

HEAD = "@prefix : <http://e/> .\n"


def without(text: str, value: str) -> str | None:
    """Return a text without the statement whose value is written so."""
    reading = turtle.read(text)
    assert not reading.faults
    statement = next(s for s in reading.statements if text[s.object_at : s.object_end] == value)
    changes = Removal(reading).of(statement)
    return None if changes is None else changed(text, changes)


def changed(text: str, changes: tuple[tuple[int, int, str], ...]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (":s :p :x , :o .", ":s :p :o ."),
        (":s :p :o , :x .", ":s :p :o ."),
        (":s :p :o , :x , :n .", ":s :p :o , :n ."),
        (":s\n    :p :o ,\n        :x ;\n    :q :n .", ":s\n    :p :o ;\n    :q :n ."),
        (":s\n    a :C ;\n    :p :x ;\n    :q :n .", ":s\n    a :C ;\n    :q :n ."),
        (":s\n    a :C ;\n    :p :x .", ":s\n    a :C ."),
        (":s\n    a :C ; # a class\n    :p :x .", ":s\n    a :C . # a class"),
        (
            ":s\n    a :C ;\n    :p :x ; # where from\n    :q :n .",
            ":s\n    a :C ;\n    # where from\n    :q :n .",
        ),
        (":s a :C ;\n    :p :x ;\n    .", ":s a :C ;\n    ."),
        (":s :p :x ; a :C .", ":s a :C ."),
        (":s :p :x ;\n    a :C .", ":s\n    a :C ."),
        (":a :p 1 .\n\n:s :p :x .\n\n:b :p 1 .", ":a :p 1 .\n\n:b :p 1 ."),
        (":a :p 1 .\n\n# of s\n:s :p :x .", ":a :p 1 .\n\n# of s"),
        (":a :p 1 .\n\n:s :p :x .", ":a :p 1 ."),
        (":s :p [ :q :x ] .", ":s :p [ ] ."),
        (":s :p [ a :C ; :q :x ] .", ":s :p [ a :C ] ."),
        (":s :p :o,:x.", ":s :p :o ."),
    ],
)
def test_a_value_goes_with_what_separated_it(before: str, after: str) -> None:
    assert without(f"{HEAD}{before}\n", ":x") == f"{HEAD}{after}\n"


@pytest.mark.parametrize("text", ["[] :p :x .", "[ :q 1 ] :p :x .", ":s :p ( :x ) ."])
def test_what_would_be_more_than_one_statement_less_is_left_alone(text: str) -> None:
    assert without(HEAD + text, ":x") is None


def test_a_declaration_goes_with_its_line() -> None:
    text = "@prefix a: <http://a/> .\n@prefix b: <http://b/> . # of b\n\n<x:s> a <x:C> .\n"
    removal = Removal(turtle.read(text))
    first, second = removal.reading.prefixes
    assert changed(text, removal.of_characters(first.start, first.end)) == text[25:]
    assert changed(text, removal.of_characters(second.start, second.end)) == (
        "@prefix a: <http://a/> .\n# of b\n\n<x:s> a <x:C> .\n"
    )


_TERMS = st.sampled_from([":o", '"t"@en', '"d"^^:D', "1.5", "<http://e/i>", "_:b", '"""a\nb"""'])
_GAPS = st.sampled_from([" ", "\n    ", " # note\n    ", "\n\n", "\r\n\t", " #;,.\n # two\n"])
_ENDS = st.sampled_from([";", "; ;", ""])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a text of some statements, with comments wherever they may stand."""
    written = [HEAD]
    for _ in range(draw(st.integers(1, 3))):
        written += [draw(st.sampled_from([":s", "<http://e/t>", "_:n"])), draw(_GAPS)]
        pairs = draw(st.integers(1, 3))
        for number in range(pairs):
            values = draw(st.lists(st.one_of(_TERMS, _inner()), min_size=1, max_size=3))
            written += [draw(st.sampled_from(["a", ":p", "<http://e/q>"])), draw(_GAPS)]
            written.append(f"{draw(_GAPS)},{draw(_GAPS)}".join(values))
            written.append(draw(_GAPS))
            written.append((";" if number + 1 < pairs else draw(_ENDS)) + draw(_GAPS))
        written += [".", draw(_GAPS)]
    return "".join(written)


@st.composite
def _inner(draw: st.DrawFn) -> str:
    gap = draw(_GAPS)
    values = draw(st.lists(_TERMS, min_size=1, max_size=2))
    return f"[{gap}:p{gap}{f'{gap},{gap}'.join(values)}{gap}]"


@settings(deadline=None, max_examples=300)
@given(texts(), st.data())
def test_the_graph_is_one_statement_less_and_every_comment_is_kept(
    text: str, data: st.DataObject
) -> None:
    reading = turtle.read(text)
    assert not reading.faults
    statement = data.draw(st.sampled_from(reading.statements))
    changes = Removal(reading).of(statement)
    if changes is None:
        assert text[statement.object_at] == "[" or text[statement.subject_at] == "["
        return
    after = turtle.read(changed(text, changes))
    assert not after.faults
    graph = Counter(s[:3] for s in reading.statements)
    graph[statement[:3]] -= 1
    assert Counter(s[:3] for s in after.statements) == +graph
    assert comments(after) == comments(reading)


def comments(reading: turtle.Reading) -> list[str]:
    return [token.text for token in reading.tokens if token.kind == "comment"]
