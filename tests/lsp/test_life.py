"""How the server starts, what it agrees on, what it survives, and how it ends."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

CITIES = "data/registry/city/lt.ttl"
LARGE = 5_000_000  # characters


def test_it_ends_with_1_where_it_was_not_asked_to_shut_down(started: Any, tmp_path: Path) -> None:
    editor = started(tmp_path)
    editor.begin()
    editor.notify("exit")
    assert editor.ended() == 1


def test_it_ends_when_the_editor_is_gone(started: Any, tmp_path: Path) -> None:
    editor = started(tmp_path)
    editor.begin()
    editor.process.stdin.close()
    assert editor.process.wait(30) == 1


def test_the_process_of_the_check_ends_with_the_server(started: Any, copy: Path) -> None:
    editor = started(copy)
    editor.begin(copy)
    uri = (copy / CITIES).as_uri()
    editor.open(uri, (copy / CITIES).read_text(encoding="utf-8").replace("@sl", "@SL"))
    editor.diagnostics(uri, len)
    children = Path(f"/proc/{editor.process.pid}/task/{editor.process.pid}/children")
    if not children.exists():
        pytest.skip("this system does not list the processes that a process has started")
    editor.wait(lambda message: message.get("method") == "textDocument/publishDiagnostics")
    started_by_it = [int(number) for number in children.read_text().split()]
    assert started_by_it
    assert editor.end() == 0
    for number in started_by_it:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def test_without_a_dataset_the_syntax_is_checked_and_that_is_said(
    started: Any, tmp_path: Path
) -> None:
    editor = started(tmp_path)
    editor.begin(tmp_path)
    uri = (tmp_path / "draft.ttl").as_uri()
    editor.open(uri, '<x:s> <x:p> "a"@EN .\n<x:s> <x:p> ? .\n')
    told = editor.wait(lambda message: message.get("method") == "window/showMessage")
    assert told["params"]["type"] == 2  # warning
    assert "only the syntax is checked" in told["params"]["message"]
    (found,) = editor.diagnostics(uri)
    assert found["range"]["start"] == {"line": 1, "character": 12}
    assert "codeDescription" not in found
    assert editor.end() == 0


def test_the_dataset_is_found_above_the_file_that_is_opened(started: Any, copy: Path) -> None:
    editor = started(copy.parent)
    editor.begin()
    path = copy / CITIES
    editor.open(path.as_uri(), path.read_text(encoding="utf-8"))
    (place,) = editor.ask("textDocument/definition", editor.at(path.as_uri(), "cpo:City"))
    assert place["uri"] == (copy / "ontology" / "citypledge.ttl").as_uri()
    assert editor.end() == 0


def test_the_folder_of_the_dataset_can_be_named(
    started: Any, shared_copy: Path, tmp_path: Path
) -> None:
    editor = started(tmp_path, "--root", str(shared_copy))
    editor.begin(tmp_path)
    answer = editor.ask("workspace/symbol", {"query": "Klajpeda"})
    assert answer[0]["containerName"] == "city:lt-klaipeda"
    assert editor.end() == 0


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"initializationOptions": {"language": "sl"}, "locale": "lt"}, "ni zbirke"),
        ({"locale": "lt-LT"}, "duomenų rinkinio nėra"),
    ],
)
def test_it_speaks_the_language_of_the_reader(
    started: Any, tmp_path: Path, parts: dict[str, Any], said: str
) -> None:
    editor = started(tmp_path)
    editor.begin(**parts)
    editor.open("untitled:one", "")
    told = editor.wait(lambda message: message.get("method") == "window/showMessage")
    assert said in told["params"]["message"]
    assert editor.end() == 0


def test_the_language_follows_the_settings(started: Any, tmp_path: Path) -> None:
    editor = started(tmp_path)
    editor.answers["kg"] = {"language": "lt"}
    editor.begin(capabilities={"workspace": {"configuration": True}})
    editor.wait(lambda message: message.get("method") == "workspace/configuration")
    uri = "untitled:one"
    editor.open(uri, '<x:s> <x:p> "1"^^xsd:integer .\n')
    lithuanian = editor.diagnostics(uri, len)[0]["message"]
    editor.notify("workspace/didChangeConfiguration", {"settings": {"kg": {"language": "en"}}})
    english = editor.diagnostics(uri, len)[0]["message"]
    assert "xsd" in lithuanian
    assert "xsd" in english
    assert lithuanian != english
    assert editor.end() == 0


def test_files_that_change_are_watched_where_the_client_can(started: Any, tmp_path: Path) -> None:
    editor = started(tmp_path)
    editor.begin(
        capabilities={"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    )
    asked = editor.wait(lambda message: message.get("method") == "client/registerCapability")
    (registration,) = asked["params"]["registrations"]
    assert registration["registerOptions"]["watchers"] == [{"globPattern": "**/*.ttl"}]
    assert editor.end() == 0


def test_a_request_before_the_first_one_is_an_error_and_no_end(
    started: Any, tmp_path: Path
) -> None:
    editor = started(tmp_path)
    asked = {"textDocument": {"uri": "untitled:one"}, "position": {"line": 0, "character": 0}}
    with pytest.raises(editor.RefusedError):
        editor.ask("textDocument/hover", asked)
    editor.begin()
    assert editor.ask("textDocument/hover", asked) is None
    assert editor.end() == 0


def test_a_request_that_is_cancelled_is_answered_so(started: Any, tmp_path: Path) -> None:
    editor = started(tmp_path)
    editor.begin()
    small, long = "untitled:small", "untitled:long"
    editor.open(small, "<x:s> <x:p> 1 .\n")
    editor.diagnostics(small)
    editor.open(long, "<x:s> <x:p> 1 .\n" * 60_000)  # is read first, so that the request waits
    number = editor.send("textDocument/hover", editor.at(small, "<x:p>"))
    editor.notify("$/cancelRequest", {"id": number})
    with pytest.raises(editor.RefusedError) as cancelled:
        editor.answer(number)
    assert cancelled.value.code == -32800  # RequestCancelled
    assert editor.diagnostics(long) == []
    assert editor.end() == 0


def test_a_large_text_is_checked_and_nothing_waits_for_it(
    started: Any, shared_copy: Path, tmp_path: Path
) -> None:
    editor = started(tmp_path, "--root", str(shared_copy))
    editor.begin(tmp_path)
    small, large = "untitled:small", (tmp_path / "large.ttl").as_uri()
    editor.open(small, "<x:s> <x:p> 1 .\n")
    line = '<http://example.org/s> <http://example.org/p> "text" .\n'
    text = line * (LARGE // len(line)) + "<x:s> <x:p> ? .\n"
    editor.open(large, text)
    assert editor.ask("textDocument/hover", editor.at(large, "<http")) is None
    answer = editor.ask("textDocument/hover", editor.at(small, "1"))
    assert "a whole number" in answer["contents"]["value"]
    (found,) = editor.diagnostics(large, len)
    assert found["range"]["start"] == {"line": LARGE // len(line), "character": 12}
    assert editor.end() == 0


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "[" * 5000, '"""', "@prefix", "<", "\ufeff<x:s> <x:p> 1 .", "a" * 100_000],
    ids=["empty", "null", "deep", "long-string", "directive", "bracket", "mark", "word"],
)
def test_no_text_ends_the_server(editor: Any, text: str) -> None:
    uri = "untitled:odd"
    editor.open(uri, text)
    editor.diagnostics(uri)
    document = {"textDocument": {"uri": uri}}
    end = {"line": 0, "character": len(text)}
    for method in ("completion", "hover", "definition", "documentHighlight"):
        editor.ask(f"textDocument/{method}", document | {"position": end})
    for method in ("documentSymbol", "foldingRange", "semanticTokens/full"):
        editor.ask(f"textDocument/{method}", document)


def test_half_a_character_is_replaced_and_keeps_its_place(editor: Any) -> None:
    uri = "untitled:half"
    text = json.loads('"<x:s> <x:p> \\"\\ud834\\" ? ."')
    editor.open(uri, text)
    (found,) = editor.diagnostics(uri, len)
    assert found["range"]["start"] == {"line": 0, "character": 16}


def test_a_shape_at_fault_is_said_and_does_not_end_the_check(started: Any, copy: Path) -> None:
    shapes = copy / "shapes" / "places.ttl"
    whole = shapes.read_text(encoding="utf-8")
    shapes.write_text("cps:X a", encoding="utf-8")
    editor = started(copy)
    editor.begin(copy)
    told = editor.wait(lambda message: message.get("method") == "window/showMessage")
    assert "the shapes are at fault" in told["params"]["message"]
    shapes.write_text(whole, encoding="utf-8")
    change = {"uri": shapes.as_uri(), "type": 2}
    editor.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    uri = (copy / CITIES).as_uri()
    text = (copy / CITIES).read_text(encoding="utf-8")
    editor.open(uri, text.replace('"Klajpeda"@sl', '"Klajpeda"'))
    editor.diagnostics(uri, lambda found: "LBL02" in [f["code"] for f in found])
    assert editor.end() == 0
