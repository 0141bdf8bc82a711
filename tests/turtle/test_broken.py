"""The broken files: each has exactly the mistakes of the table, at the place where each is mended.

Line and column in `broken.csv` were found by eye, in each file, not by the reader.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from kg import turtle
from kg.check import syntax
from kg.dataset import SourceFile
from kg.errors import MalformedError
from kg.findings import Finding

HERE = Path(__file__).parent
FILES = sorted((HERE / "broken").glob("*.ttl"))
EXPECTED: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
with (HERE / "broken.csv").open(encoding="utf-8", newline="") as table:
    for row in csv.DictReader(table):
        EXPECTED[row["file"]].append((row["code"], int(row["line"]), int(row["column"])))


def source(name: str, text: str) -> SourceFile:
    return SourceFile(name, Path(name), "x:graph", text)


def signs(tokens: Iterable[turtle.Token]) -> str:
    """All that is written in tokens, without white space."""
    return "".join("".join(token.text for token in tokens).split())


def check(path: Path) -> list[Finding]:
    return syntax.check(source(path.name, path.read_bytes().decode("utf-8")))


def test_every_broken_file_is_in_the_table() -> None:
    assert {path.name for path in FILES} == set(EXPECTED)
    assert len(FILES) >= 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_has_exactly_its_mistakes(path: Path) -> None:
    found = [(finding.code, finding.line, finding.column) for finding in check(path)]

    assert sorted(found) == sorted(EXPECTED[path.name])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_finding_speaks_three_languages_and_says_how_to_mend_it(path: Path) -> None:
    for finding in check(path):
        for text in (finding.said, finding.help):
            assert text.en, finding
            assert text.lt, finding
            assert text.sl, finding
            assert "{" not in text.en.replace("{ in it", "").replace("{|", ""), finding


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_safe_edits_mend_what_they_are_for_and_break_nothing(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    safe = [fault for fault in turtle.read(text).faults if fault.is_safe]
    others = len(EXPECTED[path.name]) - len(safe)
    for fault in reversed(safe):
        for start, end, written in reversed(fault.edits):
            text = text[:start] + written + text[end:]

    assert len(turtle.read(text).faults) == others
    if not others:
        assert turtle.parse(text)


def test_what_is_well_formed_around_a_mistake_is_read() -> None:
    reading = turtle.read(
        "@prefix ex: <http://example.org/> .\n"
        'ex:a ex:p "1" .\n'
        'ex:b ex:p "2 ;\n'
        "  ex:q 3 .\n"
        "ex:c ex:p 4 .\n"
    )

    assert [fault.code for fault in reading.faults] == ["SYN04"]
    assert [(each.subject.value[-1], str(each.object)[1]) for each in reading.statements] == [
        ("a", "1"),
        ("b", "3"),
        ("c", "4"),
    ]


def test_a_prefix_of_the_project_is_declared_after_the_last_one() -> None:
    text = (
        "# head\n@prefix cpo: <https://w3id.org/citypledge/ont#> .\n\ncity:lt-utena a cpo:City .\n"
    )
    (finding,) = syntax.check(source("a.ttl", text))
    (fix,) = finding.fixes
    (edit,) = fix.edits

    assert fix.is_safe
    assert text[: edit.start] + edit.text + text[edit.end :] == (
        "# head\n@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n\ncity:lt-utena a cpo:City .\n"
    )


def test_a_well_formed_file_has_no_finding() -> None:
    assert syntax.check(source("a.ttl", "<x:a> <x:b> 'c'@en .")) == []


def test_a_text_that_only_pyoxigraph_refuses_has_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(text: str, path: Path | None = None) -> list[object]:
        raise MalformedError(path, 1, 7, "a reason")

    monkeypatch.setattr(turtle, "parse", refuse)
    (finding,) = syntax.check(source("a.ttl", "<x:a> <x:b> <x:c> ."))

    assert (finding.code, finding.line, finding.column) == ("SYN01", 1, 7)
    assert "a reason" in finding.said.en


@pytest.mark.parametrize(
    "text",
    [
        '"' * 100_000,
        "'" * 100_001,
        "[" * 100_000,
        "(" * 100_000,
        "<x:a> <x:b> " + "[ <x:c> " * 50_000,
        '<x:a> <x:b> """' + "x " * 200_000,
        '<x:a> <x:b> \\"""\n' * 20_000,
        '<x:a> <x:b> "c\n' * 20_000,
        '@prefix e: <x:> .\ne:a e:b """c\ne:d e:e e:f .\n' * 5_000,
        " " * 200_000 + "x" + " " * 200_000,
        "<" * 100_000,
        "1." * 100_000,
        "1e" * 100_000,
        "x:" + "." * 100_000 + "a",
        "“" * 100_000,
        "\ufeff" * 100_000,
        "@prefix " * 50_000,
        "<<<<<<< x\n" * 20_000,
        "\\" * 100_000,
    ],
    ids=lambda text: repr(text[:16]),
)
def test_a_text_made_to_explode_has_a_fault(text: str) -> None:
    reading = turtle.read(text)

    assert reading.faults
    assert signs(reading.tokens) == signs(turtle.lex(text)) == "".join(text.split())
