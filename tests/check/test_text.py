"""Checks on the text of a file."""

from pathlib import Path

import pytest

from kg import turtle
from kg.check import run, text
from kg.dataset import SOURCE, SourceFile


@pytest.mark.parametrize(
    ("tag", "canonical"),
    # RFC 5646, sections 2.1.1 and 2.2, and appendix A.
    [
        ("LT", "lt"),
        ("sr-latn", "sr-Latn"),
        ("PT-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("sl-ROZAJ-biske", "sl-rozaj-biske"),
        ("en-x-US", "en-x-us"),
        ("es-419", "es-419"),
    ],
)
def test_a_language_tag_has_one_canonical_case(tag: str, canonical: str) -> None:
    assert text.canonical_tag(tag) == canonical


def codes(root: Path, path: Path, content: bytes) -> list[tuple[str, int, int]]:
    path.write_bytes(content)
    return [(f.code, f.line, f.column) for f in run.check_files(root, [path]).findings]


def written(path: Path, content: str) -> Path:
    path.write_text(content + "\n", encoding="utf-8")
    return path


HEAD = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"


def test_a_tag_in_a_comment_or_a_string_is_no_tag(root: Path, tmp_path: Path) -> None:
    content = HEAD + '# "x"@LT\n<http://e/s> skos:note "\\"x\\"@LT"@lt .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == []


def test_a_text_in_one_script_is_not_cut_into_tokens() -> None:
    content = HEAD + '<http://e/s> skos:note "Βόλος"@el , "Пловдив"@bg , "Klaipėda"@lt .\n'
    file = SourceFile("x.ttl", Path("x.ttl"), SOURCE + "x", content)
    assert list(text.check(file)) == []
    assert "reading" not in vars(file)


def test_a_decomposed_letter_is_found_where_its_string_begins(root: Path, tmp_path: Path) -> None:
    content = HEAD + '<http://e/s> skos:note "Klaipe\u0307da"@lt .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == [("TXT02", 2, 24)]


def test_a_decomposed_letter_behind_an_escape_is_found_too(root: Path, tmp_path: Path) -> None:
    content = HEAD + '<http://e/s> skos:note "Klaipe\\u0307da"@lt .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == [("TXT02", 2, 24)]


def test_a_byte_order_mark_is_a_finding_and_no_crash(root: Path, tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + HEAD.encode()
    assert codes(root, tmp_path / "x.ttl", content) == [("ENC01", 1, 1)]


def test_bytes_that_are_not_utf_8_are_a_finding_at_their_place(root: Path, tmp_path: Path) -> None:
    content = HEAD.encode() + b'<http://e/s> skos:note "Klaip\xebda"@lt .\n'
    assert codes(root, tmp_path / "x.ttl", content) == [("ENC01", 2, 30)]


def test_a_null_character_is_found_where_its_string_begins(root: Path, tmp_path: Path) -> None:
    content = HEAD + '<http://e/s> skos:note "Vil\\u0000nius"@lt .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == [("TXT04", 2, 24)]


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("[ skos:note ", "]")])
def test_brackets_too_deep_are_a_finding_and_no_crash(
    root: Path, tmp_path: Path, opening: str, closing: str
) -> None:
    content = HEAD + "<http://e/s> skos:note " + opening * 30_000 + "1" + closing * 30_000 + " .\n"
    ((code, line, _),) = codes(root, tmp_path / "x.ttl", content.encode())
    assert (code, line) == ("SYN18", 2)


def test_a_blank_node_is_found_where_it_is_written(root: Path, tmp_path: Path) -> None:
    content = (
        HEAD
        + "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        + '_:here a cpo:Fund ; skos:prefLabel "Fund"@en .\n'
    )
    path = tmp_path / "x.ttl"
    found = codes(root, path, content.encode())
    assert {line for _, line, _ in found} <= {3}


@pytest.mark.parametrize(
    "text",
    [
        '<http://e/s> skos:note "x" {| skos:note "y" |} .',
        "<http://e/s> skos:note <<( <http://e/s> skos:note 1 )>> .",
        '<http://e/s> skos:note "x"@en--ltr .',
        'VERSION "1.2"',
    ],
)
def test_rdf_1_2_is_refused_at_its_place(root: Path, tmp_path: Path, text: str) -> None:
    (finding,) = run.check_files(root, [written(tmp_path / "x.ttl", HEAD + text)]).findings
    assert (finding.code, finding.line) == ("SYN17", 2)
    assert "RDF 1.2" in finding.message


def test_a_name_against_a_base_with_a_fragment_is_the_one_of_the_parser() -> None:
    text = "@base <http://e/a#f> . <> <p> <#g> ."
    (statement,) = turtle.statements(text)
    (triple,) = turtle.parse(text)
    assert (statement.subject, statement.object) == (triple.subject, triple.object)


def test_text_that_is_not_turtle_is_one_finding_and_stops_the_rules_on_the_graph(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(HEAD + "skos:a skos:b .\n", encoding="utf-8")
    report = run.check_files(root, [path])
    assert [(f.code, f.line) for f in report.findings] == [("SYN19", 2)]
    assert not report.complete


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("# a\r\n<http://e/s> <http://e/p> 1 .\r\n", []),
        ("# a\n<http://e/s> <http://e/p> 1 .\r\n", [("ENC03", 2, 30)]),
        ("# a\r\n# b\r\n<http://e/s> <http://e/p> 1 .\n", [("ENC03", 3, 30)]),
        ("# a\r<http://e/s> <http://e/p> 1 .\r", [("ENC03", 1, 4)]),
        ('<http://e/s> <http://e/p> """a\r\nb\rc""" .\n', []),
        ('<http://e/s> <http://e/p> """a\r\nb""" .\n# b\r\n', [("ENC03", 3, 4)]),
    ],
)
def test_line_ends_of_several_kinds_are_found_at_the_first_other_one(
    root: Path, tmp_path: Path, content: str, place: list[tuple[str, int, int]]
) -> None:
    assert codes(root, tmp_path / "x.ttl", content.encode()) == place


@pytest.mark.parametrize(
    "sign", ["\ufffd", "\ue000", "\ufeff", "\u202e", "\u2066", "\x07", "\x7f", "\x85", "\U0010ffff"]
)
def test_a_sign_that_is_no_character_is_found_where_it_stands(
    root: Path, tmp_path: Path, sign: str
) -> None:
    content = HEAD + f'<http://e/s> skos:note "ąč{sign}" .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == [("TXT06", 2, 27)]


def test_a_sign_that_is_written_as_an_escape_is_found_at_its_string(
    root: Path, tmp_path: Path
) -> None:
    content = HEAD + '<http://e/s> skos:note "a\\uFFFDb" .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == [("TXT06", 2, 24)]


def test_tabs_joiners_and_soft_hyphens_are_characters(root: Path, tmp_path: Path) -> None:
    content = HEAD + '<http://e/s> skos:note "a\tb\u00adc\u200dd 👩\u200d🔬\ufe0f" .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == []


@pytest.mark.parametrize("word", ["Klaipėda", "Šiauliai", "Lübeck", "Kaunas – Vilnius", "“Ėrmė”"])
def test_bytes_read_in_the_wrong_encoding_are_found_and_undone(
    root: Path, tmp_path: Path, word: str
) -> None:
    garbled = word.encode().decode("cp1252", errors="ignore")
    report = run.check_files(
        root, [written(tmp_path / "x.ttl", f'{HEAD}<http://e/s> skos:note "{garbled}" .')]
    )
    (finding,) = report.findings
    at = next(i for i, (a, b) in enumerate(zip(word, garbled, strict=False)) if a != b)
    assert (finding.code, finding.line, finding.column) == ("TXT07", 2, 25 + at)
    assert finding.fixes[0].edits[0].text == word[at]


@pytest.mark.parametrize(
    "word", ["GÄVLEÅ”", "„BÜRO-Ü“", "Ä–Ö", "Évora", "Ķegums", "Île-de-France", "Ã"]
)
def test_letters_and_quotation_marks_are_not_taken_for_bytes(
    root: Path, tmp_path: Path, word: str
) -> None:
    content = HEAD + f'<http://e/s> skos:note "{word}" .\n'
    assert codes(root, tmp_path / "x.ttl", content.encode()) == []


def test_a_byte_order_mark_within_a_file_is_named(root: Path, tmp_path: Path) -> None:
    content = HEAD + "\ufeff@prefix e: <http://e/> .\n\ufeffe:s e:p 1 .\n"
    found = codes(root, tmp_path / "x.ttl", content.encode())
    assert ("SYN25", 2, 1) in found
    assert ("SYN25", 3, 1) in found
