"""What an editor can do about a finding, and the layout of a text, on a copy of the dataset."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CITIES = "data/registry/city/lt.ttl"
BODIES = "data/registry/municipality/lt.ttl"


def has(code: str) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda found: code in [diagnostic["code"] for diagnostic in found]


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


@pytest.fixture
def offered(editor: Any) -> Any:
    """Returns the actions for the first finding of a rule in a text."""

    def offer(uri: str, code: str, only: list[str] | None = None) -> list[dict[str, Any]]:
        found = editor.diagnostics(uri, has(code))
        shown = next(diagnostic for diagnostic in found if diagnostic["code"] == code)
        context: dict[str, Any] = {"diagnostics": [shown]}
        if only is not None:
            context["only"] = only
        return editor.ask(
            "textDocument/codeAction",
            {"textDocument": {"uri": uri}, "range": shown["range"], "context": context},
        )

    return offer


def applied(editor: Any, uri: str, action: dict[str, Any]) -> str:
    return editor.edited(editor.texts[uri], action["edit"]["changes"][uri])


def test_a_finding_is_mended_by_its_quick_fix(editor: Any, opened: Any, offered: Any) -> None:
    uri = opened(CITIES, ('"Vilna"@sl', '"𝄞 Vilna"@SL'))
    first = offered(uri, "TXT01")[0]
    assert first["title"] == "write @sl"
    assert first["kind"] == "quickfix"
    assert first["isPreferred"] is True
    assert applied(editor, uri, first) == editor.texts[uri].replace("@SL", "@sl")
    editor.change(uri, applied(editor, uri, first))
    assert not has("TXT01")(editor.diagnostics(uri))


def test_a_fix_changes_every_file_that_it_concerns(
    editor: Any, opened: Any, offered: Any, shared_copy: Path
) -> None:
    opened(CITIES, ("city:lt-vilnius", "city:lt-vilnia"))
    uri = opened(BODIES)
    action = next(a for a in offered(uri, "REF01") if a["title"] == "write city:lt-vilnia")
    assert not action["isPreferred"]  # it may be that the other name is the slip
    base = shared_copy.as_uri() + "/"
    assert sorted(each.removeprefix(base) for each in action["edit"]["changes"]) == [
        "data/links.ttl",
        BODIES,
        "data/sources/geonames.ttl",
        "data/sources/s004.claims.ttl",
        "data/sources/s004.ttl",
    ]
    for each, edits in action["edit"]["changes"].items():
        text = (shared_copy / each.removeprefix(base)).read_text(encoding="utf-8")
        changed = text.replace("city:lt-vilnius", "city:lt-vilnia")
        assert editor.edited(text, edits) == changed


def test_all_safe_fixes_are_made_at_once(editor: Any, opened: Any, offered: Any) -> None:
    line = "@prefix wd: <http://www.wikidata.org/entity/> .\n"
    uri = opened(
        CITIES,
        ('"Vilna"@sl', '"Vilna"@SL'),
        ('"Klajpeda"@sl', '"Klajpeda"@Sl'),
        ("@prefix skos:", line + "@prefix skos:"),
    )
    (action,) = offered(uri, "TXT01", ["source.fixAll"])
    assert action["kind"] == "source.fixAll"
    changed = applied(editor, uri, action)
    assert '"Vilna"@sl' in changed
    assert '"Klajpeda"@sl' in changed
    assert line not in changed
    editor.change(uri, changed)
    assert editor.diagnostics(uri, lambda found: not found) == []


def test_only_the_kinds_that_are_asked_for_are_offered(opened: Any, offered: Any) -> None:
    uri = opened(CITIES, ('"Vilna"@sl', '"Vilna"@SL'))
    kinds = {action["kind"] for action in offered(uri, "TXT01", ["quickfix"])}
    assert kinds == {"quickfix"}


def test_a_rule_is_explained(editor: Any, opened: Any, offered: Any) -> None:
    uri = opened(CITIES, ('"Vilna"@sl', '"Vilna"@SL'))
    action = next(a for a in offered(uri, "TXT01") if a["title"] == "explain TXT01")
    command = action["command"]
    answer = editor.ask(
        "workspace/executeCommand",
        {"command": command["command"], "arguments": command["arguments"]},
    )
    assert answer.startswith("TXT01  Language tag in the wrong case")
    shown = editor.wait(lambda message: message.get("method") == "window/showMessage")
    assert shown["params"] == {"type": 3, "message": answer}


def test_a_rule_that_does_not_exist_is_an_error_with_a_reason(editor: Any) -> None:
    asked = {"command": "kg.explain", "arguments": ["XXX99"]}
    with pytest.raises(editor.RefusedError, match="there is no rule 'XXX99'"):
        editor.ask("workspace/executeCommand", asked)


def test_a_finding_is_let_stand_by_a_comment_with_a_reason(
    editor: Any, opened: Any, offered: Any
) -> None:
    uri = opened(CITIES, ('"Vilna"@sl ;', '"Vilna"@SL ;'))
    action = next(a for a in offered(uri, "TXT01") if a["title"].startswith("ignore TXT01"))
    changed = applied(editor, uri, action)
    (line,) = [each for each in changed.splitlines() if "@SL" in each]
    assert line.endswith('"Vilna"@SL ;  # kg: ignore TXT01 -- ')
    editor.change(uri, changed.replace("TXT01 -- ", "TXT01 -- as in the source"))
    assert editor.diagnostics(uri, lambda found: not found) == []


def test_a_second_rule_joins_the_comment_that_is_there(
    editor: Any, opened: Any, offered: Any
) -> None:
    uri = opened(CITIES, ('"Vilna"@sl ;', '"Vilna"@SL ;  # kg: ignore PLC01 -- because'))
    action = next(a for a in offered(uri, "TXT01") if a["title"].startswith("ignore TXT01"))
    assert "# kg: ignore PLC01, TXT01 -- because" in applied(editor, uri, action)


def test_where_another_comment_ends_the_line_the_new_one_stands_before_it(
    editor: Any, opened: Any, offered: Any
) -> None:
    uri = opened(CITIES, ('"Vilna"@sl ;', '"Vilna"@SL ;  # as they say'))
    action = next(a for a in offered(uri, "TXT01") if a["title"].startswith("ignore TXT01"))
    lines = applied(editor, uri, action).splitlines()
    at = next(number for number, line in enumerate(lines) if "@SL" in line)
    assert lines[at - 1] == "    # kg: ignore TXT01 -- "


def test_a_fault_of_syntax_cannot_be_let_stand(editor: Any, offered: Any) -> None:
    uri = "untitled:fault"
    editor.open(uri, "<x:s> <x:p> ? .\n")
    code = editor.diagnostics(uri, len)[0]["code"]
    editor.change(uri, editor.texts[uri] + "\n")
    titles = [action["title"] for action in offered(uri, code)]
    assert f"explain {code}" in titles
    assert not any(title.startswith("ignore") for title in titles)


# --- Layout


def test_a_text_is_laid_out_by_edits_of_the_lines_that_differ(editor: Any, opened: Any) -> None:
    uri = opened(CITIES, ("    cpo:country cc:LTU .\n\n", "  cpo:country   cc:LTU.\n\n"))
    asked = {"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": True}}
    edits = editor.ask("textDocument/formatting", asked)
    assert [(e["range"]["start"]["line"], e["range"]["end"]["line"]) for e in edits] == [(9, 10)]
    assert [e["newText"] for e in edits] == ["    cpo:country cc:LTU .\n"]


def test_a_text_in_the_right_layout_is_left_alone(editor: Any, opened: Any) -> None:
    uri = opened(CITIES)
    asked = {"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": True}}
    assert editor.ask("textDocument/formatting", asked) == []


def test_a_text_with_a_fault_of_syntax_is_not_laid_out(editor: Any, opened: Any) -> None:
    uri = opened(CITIES, ("cpo:country cc:LTU .\n\n", "cpo:country ? .\n\n"))
    asked = {"textDocument": {"uri": uri}, "options": {"tabSize": 4, "insertSpaces": True}}
    with pytest.raises(editor.RefusedError, match="not formatted, because of a mistake at 10:"):
        editor.ask("textDocument/formatting", asked)
