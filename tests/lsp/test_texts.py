"""Findings in the editor while one types, on copies of the dataset."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CITIES = "data/registry/city/lt.ttl"
BODIES = "data/registry/municipality/lt.ttl"
KAUNAS = """
city:lt-kaunas
    a cpo:City ;
    skos:prefLabel "Kaunas"@lt , "Kaunas"@en .
"""
LAST = 'skos:prefLabel "Vilnius"@lt , "Vilnius"@en , "Vilna"@sl ;\n    cpo:country cc:LTU .\n'


def codes(found: list[dict[str, Any]]) -> list[str]:
    return [diagnostic["code"] for diagnostic in found]


def has(*wanted: str) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda found: sorted(codes(found)) == sorted(wanted)


@pytest.fixture
def opened(editor: Any, shared_copy: Path) -> Any:
    """Opens a file of the dataset, changed, and returns its address."""

    def open_file(name: str, *changes: tuple[str, str]) -> str:
        path = shared_copy / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        editor.open(path.as_uri(), text)
        return path.as_uri()

    return open_file


def test_a_file_without_a_fault_has_no_diagnostics(editor: Any, opened: Any) -> None:
    assert editor.diagnostics(opened(CITIES)) == []


def test_a_diagnostic_has_place_code_severity_and_the_page_of_its_rule(
    editor: Any, opened: Any, shared_copy: Path
) -> None:
    uri = opened(CITIES, ('"Vilna"@sl', '"Vilna"@SL'))
    (found,) = editor.diagnostics(uri, has("TXT01"))
    assert editor.within(editor.texts[uri], found["range"]) == "@SL"
    assert found["severity"] == 1  # error
    assert found["source"] == "kg"
    page = (shared_copy / "docs" / "rules.md").as_uri()
    assert found["codeDescription"] == {"href": f"{page}#txt01"}


def test_the_place_counts_utf_16_units_unless_another_is_agreed_on(
    editor: Any, opened: Any
) -> None:
    uri = opened(CITIES, ('"Vilnius"@en , "Vilna"@sl', '"𝄞𝄞"@en , "Vilna"@SL'))
    (found,) = editor.diagnostics(uri, lambda f: "TXT01" in codes(f))[:1]
    line = editor.texts[uri].splitlines()[13]
    before = line[: line.index("@SL")]
    assert found["range"]["start"] == {"line": 13, "character": len(before) + 2}


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 3), ("utf-32", 0)])
def test_the_place_counts_the_units_that_the_client_prefers(
    started: Any, tmp_path: Path, encoding: str, units: int
) -> None:
    editor = started(tmp_path)
    capabilities = {"general": {"positionEncodings": [encoding, "utf-16"]}}
    answer = editor.begin(capabilities=capabilities)
    assert answer["capabilities"]["positionEncoding"] == encoding
    uri = "untitled:one"
    editor.open(uri, '<x:s> <x:p> "𝄞" ? .\n')
    (found,) = editor.diagnostics(uri, len)
    assert found["range"]["start"] == {"line": 0, "character": 16 + units}
    editor.change_range(
        uri,
        {
            "start": {"line": 0, "character": 16 + units},
            "end": {"line": 0, "character": 18 + units},
        },
        "",
    )
    assert editor.diagnostics(uri) == []
    assert editor.end() == 0


def test_changes_of_parts_of_the_text_are_put_together(editor: Any, opened: Any) -> None:
    uri = opened(CITIES)
    text = editor.texts[uri]
    at = text.index('"Vilna"@sl') + len('"Vilna"@')
    editor.change_range(uri, editor.between(text, at, at + 2), "SL")
    (found,) = editor.diagnostics(uri, has("TXT01"))
    assert found["range"] == editor.between(text, at - 1, at + 2)
    editor.change_range(uri, editor.between(text, at, at + 2), "sl")
    assert editor.diagnostics(uri, has()) == []


def test_only_the_ends_of_lines_of_the_protocol_end_a_line(editor: Any) -> None:
    uri = "untitled:lines"
    text = '<x:s> <x:p> "a\u2028b\x0bc\x85" .\r\n<x:s> <x:q> 12 ? .\r\n'
    editor.open(uri, text)
    (found,) = [f for f in editor.diagnostics(uri, len) if f["code"].startswith("SYN")]
    assert found["range"]["start"] == {"line": 1, "character": 15}
    place = {"start": {"line": 1, "character": 15}, "end": {"line": 1, "character": 17}}
    editor.change_range(uri, place, "")
    editor.diagnostics(uri, lambda f: not any(c.startswith("SYN") for c in codes(f)))


def test_all_faults_of_syntax_are_shown_at_once(editor: Any) -> None:
    uri = "untitled:faults"
    editor.open(uri, "<x:a> <x:p> ? .\n<x:b> <x:p> 1 .\n<x:c> <x:p> ? .\n")
    found = editor.diagnostics(uri, len)
    assert [f["range"]["start"]["line"] for f in found] == [0, 2]


def test_a_rule_of_the_shapes_is_broken_in_text_that_is_not_saved(
    editor: Any, opened: Any, shared_copy: Path
) -> None:
    uri = opened(CITIES, (LAST, LAST + KAUNAS))
    (found,) = editor.diagnostics(uri, has("PLC01"))
    assert editor.within(editor.texts[uri], found["range"]) == "city:lt-kaunas"
    assert "exactly one country" in found["message"]
    places = [r["location"]["uri"] for r in found["relatedInformation"]]
    assert (shared_copy / "shapes" / "places.ttl").as_uri() in places


def test_a_fault_shows_in_the_other_open_file_that_it_breaks(editor: Any, opened: Any) -> None:
    bodies = opened(BODIES)
    assert editor.diagnostics(bodies) == []
    cities = opened(CITIES)
    text = editor.texts[cities]
    editor.change(cities, text.replace("city:lt-vilnius", "city:lt-vilnia"))
    found = editor.diagnostics(bodies, lambda f: "REF01" in codes(f))
    place = next(f["range"] for f in found if f["code"] == "REF01")
    assert editor.within(editor.texts[bodies], place) == "city:lt-vilnius"
    editor.change(cities, text)
    assert editor.diagnostics(bodies, has()) == []


def test_a_fault_shows_in_a_file_that_is_not_open(
    editor: Any, opened: Any, shared_copy: Path
) -> None:
    cities = opened(CITIES)
    text = editor.texts[cities]
    editor.change(cities, text.replace("city:lt-vilnius", "city:lt-vilnia"))
    closed = (shared_copy / BODIES).as_uri()
    found = editor.diagnostics(closed, lambda f: "REF01" in codes(f))
    (place,) = [f["range"] for f in found if f["code"] == "REF01"]
    assert place["start"] == {"line": 17, "character": 16}
    editor.change(cities, text)
    assert editor.diagnostics(closed, has()) == []


def test_findings_move_with_the_text_until_they_are_checked_again(editor: Any, opened: Any) -> None:
    uri = opened(CITIES, (LAST, LAST + KAUNAS))
    editor.diagnostics(uri, has("PLC01"))
    editor.change(uri, "# one line more\n" + editor.texts[uri])
    (found,) = editor.diagnostics(uri)
    assert found["code"] == "PLC01"
    assert editor.within(editor.texts[uri], found["range"]) == "city:lt-kaunas"


def test_findings_of_the_rules_stay_while_a_statement_is_being_typed(
    editor: Any, opened: Any
) -> None:
    uri = opened(CITIES, (LAST, LAST + KAUNAS))
    editor.diagnostics(uri, has("PLC01"))
    editor.change(uri, editor.texts[uri] + "\ncity:lt-palanga a ?")
    found = editor.diagnostics(uri, lambda f: any(c.startswith("SYN") for c in codes(f)))
    assert "PLC01" in codes(found)


def test_rapid_changes_end_in_the_findings_of_the_last_one(editor: Any, opened: Any) -> None:
    uri = opened(CITIES)
    text = editor.texts[uri]
    for number in range(40):
        editor.change(uri, text + f"# {number}\n" + "?" * (number % 3))
    editor.change(uri, text.replace('"Vilna"@sl', '"Vilna"@SL'))
    (found,) = editor.diagnostics(uri, has("TXT01"))
    assert editor.within(editor.texts[uri], found["range"]) == "@SL"


def test_an_older_version_is_never_shown_after_a_newer_one(editor: Any, opened: Any) -> None:
    uri = opened(CITIES)
    for number in range(20):
        editor.change(uri, editor.texts[uri] + f"# {number}\n")
    editor.diagnostics(uri)
    shown = [
        message["params"]["version"]
        for message in editor.seen
        if message.get("method") == "textDocument/publishDiagnostics"
        and message["params"]["uri"] == uri
        and "version" in message["params"]
    ]
    assert shown == sorted(shown)


def test_a_draft_outside_the_dataset_is_checked_with_its_rules(editor: Any, tmp_path: Path) -> None:
    uri = (tmp_path / "draft.ttl").as_uri()
    editor.open(
        uri,
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n"
        'city:lt-kaunas\n    a cpo:City ;\n    skos:prefLabel "Kaunas"@lt , "Kaunas"@en .\n',
    )
    found = editor.diagnostics(uri, lambda f: "PLC01" in codes(f))
    place = next(f["range"] for f in found if f["code"] == "PLC01")
    assert editor.within(editor.texts[uri], place) == "city:lt-kaunas"


def test_what_can_be_left_out_is_marked_as_unnecessary(editor: Any, opened: Any) -> None:
    line = "@prefix wd: <http://www.wikidata.org/entity/> .\n"
    uri = opened(CITIES, ("@prefix skos:", line + "@prefix skos:"))
    (found,) = editor.diagnostics(uri, has("NMS02"))
    assert found["tags"] == [1]
    assert found["severity"] == 2  # warning


def test_a_text_that_is_closed_goes_back_to_the_file(editor: Any, opened: Any) -> None:
    uri = opened(CITIES, ('"Vilna"@sl', '"Vilna"@SL'))
    editor.diagnostics(uri, has("TXT01"))
    editor.close(uri)
    assert editor.diagnostics(uri, has()) == []


def test_a_file_that_changes_on_disk_is_read_again(started: Any, copy: Path) -> None:
    editor = started(copy)
    editor.begin(copy)
    other = copy / BODIES
    editor.open(other.as_uri(), other.read_text(encoding="utf-8"))
    editor.diagnostics(other.as_uri(), has())
    cities = copy / CITIES
    text = cities.read_text(encoding="utf-8")
    cities.write_text(text.replace("# Lithuanian", "\n\n# Lithuanian"), encoding="utf-8")
    change = {"uri": cities.as_uri(), "type": 2}
    editor.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    asked = editor.at(other.as_uri(), "city:lt-vilnius")
    (place,) = editor.ask("textDocument/definition", asked)
    assert place["range"]["start"]["line"] + 1 == 14
    assert editor.end() == 0
