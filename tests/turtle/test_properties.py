"""Any graph in any layout, and real files with random slips: the reader agrees with pyoxigraph."""

import re
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import turtle
from kg.errors import MalformedError

ROOT = Path(__file__).resolve().parents[2]
HEAD = "@prefix ex: <http://example.org/> .\nPREFIX : <http://example.org/ns#>\n"
FILES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "data").rglob("*.ttl"))]
SIGNS = [*";,.[]()<>\"'@^_:#\\%-+=e0 1a\n\t{}|~", '"""', "^^", "@en", "<x>", "ex:", "\u00a0", "“"]

# --- Random graphs in random layouts

locals_ = st.from_regex(r"[a-zA-Z0-9_ž](?:[a-z0-9_.:ž-]{0,4}[a-z0-9_:ž-])?", fullmatch=True)
names = st.one_of(
    locals_.map("ex:{}".format),
    locals_.map(":{}".format),
    locals_.map("<http://example.org/x/{}>".format),
    st.sampled_from(["ex:", "ex:a\\/b", "ex:%41", "<http://example.org/\\u0041>", "<urn:x:1>"]),
)
blanks = st.sampled_from(["_:a", "_:b.c", "_:0", "[]", "[ ]"])
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)


def quoted(value: str, form: int) -> str:
    """Write a text in one of the four ways of Turtle."""
    escaped = value.replace("\\", "\\\\").replace("\t", "\\t")
    if form < 2:
        quote = "\"'"[form]
        return quote + escaped.replace(quote, "\\" + quote).replace("\n", "\\n") + quote
    quote = "\"'"[form - 2]
    return quote * 3 + escaped.replace(quote, "\\" + quote) + quote * 3


texts = st.builds(quoted, words, st.integers(0, 3))
literals = st.one_of(
    texts,
    st.builds("{}@{}".format, texts, st.sampled_from(["lt", "en-GB", "SR-latn", "prefix"])),
    st.builds("{}^^{}".format, texts, names),
    st.builds("{} ^^ {}".format, texts, names),
    st.sampled_from(["1", "-2.5", "+.5", "1e5", "1.E-3", "true", "false"]),
)
verbs = st.one_of(names, st.just("a"))
gaps = st.sampled_from([" ", "\n", "\t", " \r\n  ", '  # a comment ; . "\n', "\n\n\n"])


@st.composite
def properties(draw: st.DrawFn, objects: st.SearchStrategy[str]) -> str:
    """Some properties with their values, separated in any way."""
    gap: Callable[[], str] = lambda: draw(gaps)  # noqa: E731 - drawn anew each time
    parts = []
    for verb in draw(st.lists(verbs, min_size=1, max_size=3)):
        values = draw(st.lists(objects, min_size=1, max_size=3))
        parts.append(verb + gap() + (gap() + "," + gap()).join(values))
    tail = draw(st.sampled_from(["", " ;", " ; ;"]))
    return (gap() + ";" + gap()).join(parts) + tail


objects = st.recursive(
    st.one_of(names, blanks, literals),
    lambda inner: st.one_of(
        properties(inner).map("[ {} ]".format),
        st.lists(inner, max_size=3).map(lambda items: "( " + " ".join(items) + " )"),
    ),
    max_leaves=5,
)
subjects = st.one_of(
    names,
    blanks,
    st.lists(literals, min_size=1, max_size=2).map(lambda items: "(" + " ".join(items) + ")"),
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A whole well-formed text."""
    text = HEAD
    for _ in range(draw(st.integers(1, 4))):
        text += draw(gaps) + draw(subjects) + draw(gaps) + draw(properties(objects))
        text += draw(gaps) + "."
    return text + draw(gaps)


def canonical(quads: list[ox.Quad]) -> list[str]:
    graph = ox.Dataset(quads)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, graph))


@settings(max_examples=100, deadline=None)
@given(documents())
def test_a_text_has_the_triples_that_pyoxigraph_sees_in_it(text: str) -> None:
    reading = turtle.read(text)

    assert reading.faults == []
    found = [ox.Quad(*statement[:3]) for statement in reading.statements]
    assert canonical(found) == canonical(list(ox.parse(text, format=ox.RdfFormat.TURTLE)))


@settings(max_examples=100, deadline=None)
@given(documents())
def test_what_stands_at_the_place_of_a_term_is_that_term(text: str) -> None:
    for each in turtle.read(text).statements:
        places = [
            (each.subject, each.subject_at, each.subject_end),
            (each.object, each.object_at, each.object_end),
            (each.predicate, each.predicate_at, each.predicate_end),
        ]
        for term, start, end in places:
            written = text[start:end]
            if written in ("[", "("):
                continue
            if isinstance(term, ox.BlankNode):
                assert written.startswith("_:")
            elif written == "a":
                assert term.value.endswith("#type")
            else:
                (quad,) = ox.parse(f"{HEAD}<x:s> <x:p> {written} .", format=ox.RdfFormat.TURTLE)
                assert quad.object == term


@settings(max_examples=100, deadline=None)
@given(st.one_of(documents(), st.text(max_size=80)))
def test_tokens_and_the_white_space_between_them_are_the_whole_text(text: str) -> None:
    at = 0
    for token in turtle.lex(text):
        assert not text[at : token.start].strip(" \t\r\n")
        assert text[token.start : token.end] == token.text
        at = token.end
    assert not text[at:].strip(" \t\r\n")


# --- Real files with slips


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Some lines of a real file, with one to three signs put in or taken out."""
    lines = draw(st.sampled_from(FILES)).splitlines(keepends=True)
    head = [line for line in lines if line.startswith("@prefix")]
    start = draw(st.integers(0, len(lines) - 1))
    text = "".join(head + [line for line in lines[start : start + 30] if line not in head])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        if draw(st.booleans()):
            text = text[:at] + draw(st.sampled_from(SIGNS)) + text[at:]
        else:
            text = text[:at] + text[at + draw(st.integers(1, 3)) :]
    return text


@settings(max_examples=300, deadline=None)
@given(slips())
def test_a_slip_is_a_fault_exactly_where_pyoxigraph_refuses_the_text(text: str) -> None:
    reading = turtle.read(text)
    try:
        triples = turtle.parse(text)
    except MalformedError:
        assert reading.faults
    else:
        assert reading.faults == []
        assert len(reading.statements) == len(triples)
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in reading.faults)


@settings(max_examples=100, deadline=None)
@given(slips())
def test_the_tokens_of_a_broken_text_leave_out_nothing_but_white_space(text: str) -> None:
    left = re.sub(r"[ \t\r\n]", "", "".join(token.text for token in turtle.read(text).tokens))

    assert left == re.sub(r"[ \t\r\n]", "", text)
