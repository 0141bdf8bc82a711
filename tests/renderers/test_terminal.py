"""Outputs for a terminal: every column counted by hand."""

import pytest

from kg.findings import LANGUAGES, Finding, Severity, Span, Text
from kg.renderers import View, render
from kg.renderers.excerpt import plain, rows
from kg.renderers.words import counted, language_of
from kg.turtle import Lines

FULL = """\
data/registry/city/lt.ttl:4:29: error TXT01 language tag @LT is not in its canonical case
  |
4 |     skos:prefLabel "Vilnius"@LT , "Vilna"@sl , "Dunaj"@sl ;
  |                             ^^^
  = found: @LT
  = help: write @lt
  = fix: write @lt (kg check --fix)

data/registry/city/lt.ttl:4:48: error LBL03 there is one main label in each language
  |
4 |     skos:prefLabel "Vilnius"@LT , "Vilna"@sl , "Dunaj"@sl ;
  |                                                ^^^^^^^^^^
  = found: "Dunaj"@sl
  = the first one: data/registry/city/lt.ttl:4:35
  |
4 |     skos:prefLabel "Vilnius"@LT , "Vilna"@sl , "Dunaj"@sl ;
  |                                   ----------
  = the rule: shapes/labels.ttl:12:1

data/registry/city/lt.ttl:5:18: warning TXT05 100% of <b>|`*@all`</b>, : and more
  |
5 |     rdfs:comment "日本    <b>ė</b>" .
  |                  ^^^^^^^^^^^^^^^^^^
  = help: type it anew"""

CONCISE = """\
data/registry/city/lt.ttl:4:29: error TXT01 language tag @LT is not in its canonical case
data/registry/city/lt.ttl:4:48: error LBL03 there is one main label in each language
data/registry/city/lt.ttl:5:18: warning TXT05 100% of <b>|`*@all`</b>, : and more"""

LITHUANIAN = """\
data/registry/city/lt.ttl:4:29: klaida TXT01 kalbos žyma @LT parašyta ne tuo raidžių dydžiu
  |
4 |     skos:prefLabel "Vilnius"@LT , "Vilna"@sl , "Dunaj"@sl ;
  |                             ^^^
  = rasta: @LT
  = pagalba: rašykite @lt
  = pataisymas: rašyti @lt (kg check --fix)"""


def test_full_shows_the_line_the_caret_the_remedy_and_the_other_places(view: View) -> None:
    assert render(view, "full") == FULL


def test_concise_is_one_line_for_each_finding(view: View) -> None:
    assert render(view, "concise") == CONCISE


def test_every_word_of_full_is_in_the_language_asked_for(view: View, tag: Finding) -> None:
    shown = View([tag], view.root, language="lt", given=view.given)
    assert render(shown, "full") == LITHUANIAN


def test_concise_keeps_the_words_that_editors_look_for(view: View, tag: Finding) -> None:
    shown = View([tag], view.root, language="sl")
    assert render(shown, "concise") == (
        "data/registry/city/lt.ttl:4:29: error TXT01 oznaka jezika @LT nima prave velikosti črk"
    )


def test_colours_are_added_around_the_same_text(view: View, tag: Finding) -> None:
    shown = View([tag], view.root, given=view.given, is_coloured=True)
    first, _, third, fourth = render(shown, "full").splitlines()[:4]
    assert first == (
        "\x1b[1mdata/registry/city/lt.ttl:4:29\x1b[0m: \x1b[31m\x1b[1merror\x1b[0m "
        "\x1b[1mTXT01\x1b[0m language tag @LT is not in its canonical case"
    )
    assert third.startswith("\x1b[34m4 |\x1b[0m     skos:prefLabel")
    assert fourth.endswith(" \x1b[31m\x1b[1m^^^\x1b[0m")


def test_an_unsafe_fix_is_called_so(view: View, tag: Finding) -> None:
    (fix,) = tag.fixes
    unsafe = Finding(tag.code, tag.severity, tag.span, tag.said, fixes=(type(fix)(fix.title, ()),))
    last = render(View([unsafe], view.root, given=view.given), "full").splitlines()[-1]
    assert last == "  = fix: write @lt (unsafe, look at it first: kg check --fix --unsafe-fixes)"


def test_a_finding_about_a_folder_has_no_lines(view: View) -> None:
    finding = Finding("CNF01", Severity.VIOLATION, Span("data"), Text("nobody decided"))
    assert render(View([finding], view.root), "full") == "data:1:1: error CNF01 nobody decided"


def marks(text: str, *place: int) -> list[tuple[int, str, str]]:
    return [(row.number, row.text, row.marks) for row in rows(Lines(text), Span("f", *place))]


@pytest.mark.parametrize(
    ("text", "place", "shown", "caret"),
    [
        ("abc", (1, 2, 1, 3), "abc", " ^"),
        ("a\tbc", (1, 3, 1, 4), "a    bc", "     ^"),
        ("\tx", (1, 1, 1, 2), "    x", "^^^^"),
        ("日本語x", (1, 2, 1, 3), "日本語x", "  ^^"),
        ("日本語x", (1, 4, 1, 5), "日本語x", "      ^"),
        ("e\u0307x", (1, 3, 1, 4), "e\u0307x", " ^"),
        ("ae\u0307x", (1, 3, 1, 4), "ae\u0307x", " ^"),  # only the mark: under its letter
        ("ae\u0307x", (1, 2, 1, 4), "ae\u0307x", " ^"),
        ("abc", (1, 4, 1, 4), "abc", "   ^"),  # just after the end
        ("abc", (1, 2, 1, 2), "abc", " ^"),  # an empty place
        ("a\x1b[31mb", (1, 7, 1, 8), "a␛[31mb", "      ^"),
        ("a\u202eb", (1, 3, 1, 4), "a\ufffdb", "  ^"),
        ("a\r\nbc\r\n", (2, 2, 2, 3), "bc", " ^"),
    ],
)
def test_the_caret_stands_where_a_terminal_shows_what_is_meant(
    text: str, place: tuple[int, int, int, int], shown: str, caret: str
) -> None:
    assert marks(text, *place) == [(place[0], shown, caret)]


def test_a_place_over_two_lines_has_carets_under_both() -> None:
    assert marks('x """a\n  b""" .', 1, 3, 2, 7) == [
        (1, 'x """a', "  ^^^^"),
        (2, '  b""" .', "  ^^^^"),
    ]


def test_a_place_that_ends_at_the_beginning_of_a_line_leaves_that_line_out() -> None:
    assert marks("ab\ncd", 1, 1, 2, 1) == [(1, "ab", "^^")]


def test_of_a_long_place_the_first_and_the_last_two_lines_are_shown() -> None:
    shown = marks("a\nb\nc\nd\ne\nf", 1, 1, 6, 2)
    assert [(number, text) for number, text, _ in shown] == [
        (1, "a"), (2, "b"), (0, "…"), (5, "e"), (6, "f"),
    ]  # fmt: skip


def test_a_long_line_is_cut_around_the_place() -> None:
    ((_, text, caret),) = marks("a" * 500 + "X" + "b" * 500, 1, 501, 1, 502)
    assert text == "…" + "a" * 40 + "X" + "b" * 77 + "…"
    assert caret == " " * 41 + "^"


def test_a_place_longer_than_the_cut_line_is_marked_to_the_cut() -> None:
    ((_, text, caret),) = marks("x" * 300, 1, 1, 1, 301)
    assert (text, caret) == ("x" * 118 + "…", "^" * 118)


def test_nothing_in_a_text_acts_on_the_terminal() -> None:
    assert plain("\x00\x07\x1b\x7f\x9b\u2028\u2066") == "␀␇␛␡\ufffd\ufffd\ufffd"


@pytest.mark.parametrize(
    ("count", "language", "shown"),
    [
        # Unicode CLDR, plural rules of cardinal numbers.
        (1, "en", "1 error"), (0, "en", "0 errors"), (21, "en", "21 errors"),
        (1, "lt", "1 klaida"), (2, "lt", "2 klaidos"), (9, "lt", "9 klaidos"),
        (10, "lt", "10 klaidų"), (11, "lt", "11 klaidų"), (19, "lt", "19 klaidų"),
        (21, "lt", "21 klaida"), (22, "lt", "22 klaidos"), (111, "lt", "111 klaidų"),
        (0, "lt", "0 klaidų"), (30, "lt", "30 klaidų"),
        (1, "sl", "1 napaka"), (2, "sl", "2 napaki"), (3, "sl", "3 napake"),
        (4, "sl", "4 napake"), (5, "sl", "5 napak"), (0, "sl", "0 napak"),
        (11, "sl", "11 napak"), (101, "sl", "101 napaka"), (102, "sl", "102 napaki"),
    ],
)  # fmt: skip
def test_a_number_has_its_noun_in_the_right_form(count: int, language: str, shown: str) -> None:
    assert counted(count, "violation", language) == shown


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "lt_LT.UTF-8"}, "lt"),
        ({"LANG": "sl"}, "sl"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_MESSAGES": "sl_SI.UTF-8", "LANG": "lt_LT.UTF-8"}, "sl"),
        ({"LC_ALL": "C", "LC_MESSAGES": "sl_SI.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "lt_LT@euro"}, "lt"),
    ],
)
def test_the_locale_says_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("en", "2 files: 2 errors, 1 warning; 3 hidden by the baseline"),
        ("lt", "2 failai: 2 klaidos, 1 įspėjimas; paslėpta pagal pradinį sąrašą: 3"),
        ("sl", "2 datoteki: 2 napaki, 1 opozorilo; skrito po izhodiščnem seznamu: 3"),
    ],
)
def test_the_summary_counts_files_errors_and_warnings(
    view: View, language: str, summary: str
) -> None:
    shown = View(view.findings, view.root, view.files, language=language, hidden=3)
    assert shown.summary == summary


def test_every_word_is_there_in_every_language() -> None:
    from kg.renderers import words

    for name, text in words._WORDS.items():
        assert all(getattr(text, language) for language in LANGUAGES), name


@pytest.mark.parametrize(
    ("violations", "warnings", "complete", "is_strict", "code"),
    [
        (False, False, True, False, 0),
        (False, True, True, False, 0),
        (False, True, True, True, 1),
        (True, False, True, False, 1),
        (False, False, False, False, 1),
    ],
)
def test_the_exit_code_follows_what_is_shown(
    view: View, violations: bool, warnings: bool, complete: bool, is_strict: bool, code: int
) -> None:
    findings = [*view.findings[: 2 if violations else 0], *view.findings[2 if warnings else 3 :]]
    shown = View(findings, view.root, complete=complete, is_strict=is_strict)
    assert shown.exit_code == code
