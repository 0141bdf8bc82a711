"""What formatting keeps: the graph, the comments and their lines, in any file and any spacing."""

import random
import re
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import turtle
from kg.errors import MalformedError
from kg.formatting import files, format_text

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    path
    for path in sorted(ROOT.rglob("*.ttl"))
    if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
]

PREFIXES = (
    "@prefix c: <https://example.org/c/> .\n"
    "PREFIX : <https://example.org/>\n"
    "@base <https://example.org/base/> ."
)


def canonical(text: str) -> ox.Dataset:
    """The graph of a text as RDFC-1.0 names its blank nodes."""
    graph = ox.Dataset(ox.parse(text.removeprefix("\ufeff"), format=ox.RdfFormat.TURTLE))
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return graph


def kinds(text: str) -> tuple[list[str], list[str]]:
    """The comments of a text without the spaces at their ends, and the labels of blank nodes."""
    tokens = list(turtle.lex(text.removeprefix("\ufeff")))
    comments = [token.text.rstrip(" \t") for token in tokens if token.kind == "comment"]
    return comments, [token.text for token in tokens if token.kind == "blank"]


def assert_all_stays(before: str, after: str) -> None:
    assert kinds(after) == kinds(before)
    assert canonical(after) == canonical(before)
    assert format_text(after) == after


def assert_tidy(after: str) -> None:
    """White space outside long strings and comments is as the layout has it."""
    for token in turtle.lex(after):
        if token.kind in ("long", "string"):
            after = after[: token.start] + "_" * len(token.text) + after[token.end :]
    assert after == "" or re.search(r"[^\n]\n\Z", after)
    assert "\n\n\n" not in after
    for line in after.split("\n"):
        written = line.partition("#")[0] if "#" in line else line
        assert "\t" not in written
        assert not line.endswith((" ", "\t"))
        assert (len(line) - len(line.lstrip(" "))) % 4 == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_turtle_file_of_the_repository_keeps_comments_and_graph(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    try:
        turtle.parse(text)
    except MalformedError:
        with pytest.raises(MalformedError):
            format_text(text)
        return
    after = format_text(text)
    assert_all_stays(text, after)
    assert_tidy(after)
    files.prove(text, after, path.name)


class Spaced(NamedTuple):
    """A text in any spacing, its comments, and those that follow a term on its line."""

    text: str
    comments: list[str]
    beside: list[tuple[int, str]]  # number of the term, number of its comment in `comments`


iris = st.sampled_from(
    ["c:a", ":", ":b.c", "c:d\\,e", "c:%20", "<f>", "<#g>", "<https://e.example/\\u00e9>"]
)
blanks = st.sampled_from(["_:a", "_:b.1", "_:c"])
strings = st.sampled_from(
    [
        "''",
        '""',
        '"a"',
        "'#b'",
        '"\\u00e9\\n"',
        '"""long\n\n  # no comment\t"""',
        "'''\r\n;'''",
        '"""a"b"""',
    ]
)
literals = st.one_of(
    strings.map(lambda text: [text]),
    st.tuples(strings, st.sampled_from(["@en", "@sr-Latn", "@LT"])).map(list),
    st.tuples(strings, st.just("^^"), iris).map(list),
    st.sampled_from(["1", "-1.0", ".5", "1e3", "+0.1E-2", "true", "false"]).map(
        lambda text: [text]
    ),
)
verbs = st.one_of(st.just("a"), iris)


def joined(parts: list[list[str]], mark: str = "") -> list[str]:
    """The tokens of parts with a mark between them."""
    found: list[str] = []
    for number, part in enumerate(parts):
        found += [mark] * (bool(mark) and number > 0) + part
    return found


def predicates(objects: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    several = st.lists(objects, min_size=1, max_size=3).map(lambda parts: joined(parts, ","))
    one = st.tuples(verbs, several).map(lambda pair: [pair[0], *pair[1]])
    ends = st.lists(st.just(";"), max_size=2)
    return st.tuples(st.lists(one, min_size=1, max_size=3), st.integers(1, 2), ends).map(
        lambda parts: [
            *[
                token
                for number, tokens in enumerate(parts[0])
                for token in (*([";"] * (parts[1] if number else 0)), *tokens)
            ],
            *parts[2],
        ]
    )


objects = st.recursive(
    st.one_of(iris.map(lambda text: [text]), blanks.map(lambda text: [text]), literals),
    lambda inner: st.one_of(
        st.just(["[", "]"]),
        predicates(inner).map(lambda tokens: ["[", *tokens, "]"]),
        st.lists(inner, max_size=4).map(lambda parts: ["(", *joined(parts), ")"]),
    ),
    max_leaves=8,
)
subjects = st.one_of(
    iris.map(lambda text: [text]),
    blanks.map(lambda text: [text]),
    st.just(["[", "]"]),
    st.lists(objects, max_size=3).map(lambda parts: ["(", *joined(parts), ")"]),
    predicates(objects).map(lambda tokens: ["[", *tokens, "]"]),
)
triples = st.one_of(
    st.tuples(subjects, predicates(objects)).map(lambda parts: [*parts[0], *parts[1], "."]),
    predicates(objects).map(lambda tokens: ["[", *tokens, "]", "."]),
)
directives = st.sampled_from(
    [
        ["@prefix", "d:", "<https://example.org/d/>", "."],
        ["PREFIX", "d:", "<#>"],
        ["prefix", "d.e:", "<../>"],
        ["@base", "<https://example.org/>", "."],
        ["Base", "<https://example.org/x/>"],
    ]
)
documents = st.lists(st.one_of(triples, triples, directives), max_size=4).map(joined)


def some_comment(chance: random.Random) -> str:
    signs = "ab ė\t#;,.[]()<>\"'\\:^@\u00a0\u2028"
    return (
        "#"
        + "".join(chance.choices(signs, k=chance.randrange(6)))
        + chance.choice(["", "", '"""', " kg: ignore LBL01 -- a reason", " \t "])
    )


def spaced(tokens: list[str], chance: random.Random, comments: float) -> Spaced:
    """Put any white space between tokens, and comments at any place where there may be one."""
    text = ""
    written: list[str] = []
    beside: list[tuple[int, int]] = []
    terms = 0
    for token in (*tokens, ""):
        gap = chance.choice(["", " ", " ", "\n", "  \t", "\r\n", "\n\n", "\n \n\n\t", "\r"])
        if chance.random() < comments:
            if text and not text.endswith((";", ",", ".")):
                beside.append((terms - 1, len(written)))
            written.append(some_comment(chance))
            gap = (
                chance.choice(["", " ", "\t "]) + written[-1] + chance.choice(["\n", "\r\n"]) + gap
            )
        while chance.random() < comments:
            written.append(some_comment(chance))
            gap += "\n" + chance.choice(["", "  ", "\t"]) + written[-1] + "\n"
        if not gap and not text.endswith(("[", "(", ";", ",", "^^")) and token not in "])[(;,":
            gap = " "
        terms += token not in ";,."
        text += gap + token
    return Spaced(text, [comment.rstrip(" \t") for comment in written], beside)


def assert_comments_stay_beside_their_terms(given: Spaced, after: str) -> None:
    lines = turtle.Lines(after)
    terms: list[int] = []  # the line that each one ends on
    comments: list[int] = []
    for token in turtle.lex(after):
        if token.kind == "comment":
            comments.append(lines.at(token.start)[0])
        elif token.text not in (";", ",", "."):
            terms.append(lines.at(token.end)[0])
    for term, comment in given.beside:
        assert terms[term] == comments[comment]


def assert_formatting_keeps(given: Spaced) -> None:
    assert kinds(given.text)[0] == given.comments
    after = format_text(given.text)
    assert_all_stays(given.text, after)
    assert_tidy(after)
    assert_comments_stay_beside_their_terms(given, after)


seeds = st.integers(0, 2**32)
SHARES = (0, 0.1, 0.5)  # of the places where there may be a comment, those that have one


@given(documents, seeds)
@settings(deadline=None, max_examples=100)
def test_any_graph_in_any_spacing_with_comments_anywhere_stays_the_same(
    document: list[str], seed: int
) -> None:
    tokens = [token.text for token in turtle.lex(PREFIXES)] + document
    for share in SHARES:
        assert_formatting_keeps(spaced(tokens, random.Random(seed), share))


@pytest.fixture(scope="module")
def statements() -> list[list[str]]:
    """The tokens of each statement of the repository, after the prefixes of its file."""
    found: list[list[str]] = []
    for path in FILES:
        reading = turtle.read(path.read_text(encoding="utf-8"))
        if reading.faults:
            continue
        directives = [f"@prefix {prefix.name}: <{prefix.iri}> ." for prefix in reading.prefixes]
        for block in reading.blocks:
            text = " ".join(directives) + "\n" + reading.text[block.start : block.end]
            found.append([token.text for token in turtle.tokens(text)])
    return found


@given(seed=seeds, share=st.sampled_from(SHARES))
@settings(deadline=None, max_examples=200)
def test_any_statement_of_the_repository_in_any_spacing_stays_the_same(
    statements: list[list[str]], seed: int, share: float
) -> None:
    chance = random.Random(seed)
    assert_formatting_keeps(spaced(chance.choice(statements), chance, share))


@given(documents, seeds)
@settings(deadline=None, max_examples=100)
def test_only_where_lines_end_matters_and_not_which_white_space_there_is(
    document: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    tokens = [token.text for token in turtle.lex(PREFIXES)] + document
    gaps = [chance.choice([" ", "\n", "\n\n"]) for _ in tokens]
    other = {" ": [" ", "\t", "   "], "\n": ["\n", "\r\n", " \n\t"], "\n\n": ["\n \n", "\n" * 9]}
    one = "".join(token + gap for token, gap in zip(tokens, gaps, strict=True))
    two = "".join(
        token + chance.choice(other[gap]) for token, gap in zip(tokens, gaps, strict=True)
    )
    assert format_text(one) == format_text(two)
