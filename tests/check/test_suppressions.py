"""Comments that let a finding stand: where they count, and what is said of those that do not."""

from pathlib import Path

import pytest

from kg import mending
from kg.check import run

HEAD = """\
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


def found(root: Path, text: str) -> list[tuple[str, int, int]]:
    """Return code, line below the head, and column of each finding."""
    report = run.check_text(HEAD + text, "draft.ttl", root)
    return [(each.code, each.line - 2, each.column) for each in report.findings]


def test_a_comment_hides_what_is_on_its_line_or_alone_on_the_line_before(root: Path) -> None:
    text = (
        'city:x skos:altLabel "A"@LT , # kg: ignore TXT01 -- one\n'
        "  # kg: ignore TXT01 -- two\n"
        '  "B"@LT , "BB"@LT , # of the next line\n'
        '  "C"@EN , # KG:ignore  txt01 --three\n'
        '  "D"@SL ;\n'
        '  skos:note """long\n'
        '  text"""@LT # kg: ignore TXT01 -- at the line of the tag\n'
        ". # kg: ignore TXT01 -- nothing here\n"
    )
    assert found(root, text) == [("TXT01", 5, 6), ("CMT03", 8, 3)]


def test_of_several_codes_each_has_to_hide_something(root: Path) -> None:
    text = 'city:x skos:altLabel "A"@LT . # kg: ignore TXT02, TXT01 ZZZ99 -- two of three\n'
    assert found(root, text) == [("CMT03", 1, 31), ("CMT03", 1, 31)]


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("# kg: ignore TXT01", "CMT02"),
        ("# kg: ignore TXT01 --", "CMT02"),
    ],
)
def test_a_comment_without_a_reason_hides_and_is_a_finding(
    root: Path, comment: str, code: str
) -> None:
    text = f'city:x skos:altLabel "A"@LT . {comment}\n'
    assert found(root, text) == [(code, 1, 31)]


@pytest.mark.parametrize(
    "comment",
    [
        "# kg: ignore TXT01: reason",
        "# kg: ignore TXT -- a family",
        "# kg: ignore -- all",
        "# kg: ignor TXT01 -- misspelt",
        "# kg: ignore TXT01 \u2014 a dash of another kind",
    ],
)
def test_a_comment_of_another_form_hides_nothing_and_is_a_finding(root: Path, comment: str) -> None:
    text = f'city:x skos:altLabel "A"@LT . {comment}\n'
    assert found(root, text) == [("TXT01", 1, 25), ("CMT01", 1, 31)]


def test_words_in_a_string_or_within_a_comment_hide_nothing(root: Path) -> None:
    text = (
        'city:x skos:altLabel "A"@LT . # as in # kg: ignore TXT01 -- prose\n'
        'city:x skos:note """\n# kg: ignore TXT01 -- in a string\n"""@LT .\n'
    )
    assert found(root, text) == [("TXT01", 1, 25), ("TXT01", 4, 4)]


def test_findings_on_comments_and_on_syntax_cannot_be_hidden(root: Path) -> None:
    text = (
        "# kg: ignore CMT03 -- no\n"
        'city:x skos:altLabel "A"@lt . # kg: ignore TXT01, CMT03, SYN03 -- no\n'
    )
    assert found(root, text) == [("CMT03", 1, 1), *[("CMT03", 2, 31)] * 3]
    broken = 'city:x skos:altLabel "A"@LT # kg: ignore SYN02, SYN03, TXT01 -- no\n'
    ((code, line, _),) = found(root, broken)
    assert (code[:3], line) == ("SYN", 1)


def test_an_undeclared_prefix_cannot_be_hidden(root: Path) -> None:
    text = "x:y skos:related city:z . # kg: ignore NMS01 -- no\n"
    assert found(root, text) == [("NMS01", 1, 1)]


def test_a_hidden_finding_is_not_mended_and_an_idle_comment_goes(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "draft.ttl"
    text = HEAD + (
        'city:x skos:altLabel "A"@LT , # kg: ignore TXT01 -- kept\n'
        '  "B"@LT ,\n'
        "  # kg: ignore TXT01 -- idle\n"
        '  "C"@lt .\n'
    )
    path.write_text(text, encoding="utf-8")
    mended = mending.mend_files(root, [path], "pyshifty")
    (after,) = mended.after.values()
    assert after == HEAD + (
        'city:x skos:altLabel "A"@LT , # kg: ignore TXT01 -- kept\n  "B"@lt ,\n  "C"@lt .\n'
    )
