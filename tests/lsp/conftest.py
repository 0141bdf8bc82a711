"""An editor: a client of the Language Server Protocol, its two pipes, and nothing of pygls.

It reads every byte that the server writes, so that anything that is not the protocol ends the test.
"""

import contextlib
import itertools
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.dataset import ROOT_MARKS

KG = str(Path(sys.executable).with_name("kg"))
WAIT_S = 30  # for any one message, on a busy machine


class Editor:
    """One server and what it has said."""

    class RefusedError(Exception):
        """The server has answered with an error."""

        def __init__(self, error: dict[str, Any]) -> None:
            super().__init__(error["message"])
            self.code = error["code"]

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KG_")}
        self.process = subprocess.Popen(
            [KG, "lsp", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.numbers = itertools.count(1)
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.seen: list[dict[str, Any]] = []
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.answers: dict[str, Any] = {}
        self.garbage = b""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    # --- Messages

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while head := stream.readline():
            length = 0
            while head.strip():
                name, _, value = head.partition(b":")
                if name == b"Content-Length":
                    length = int(value)
                elif name != b"Content-Type":
                    self.garbage += head
                head = stream.readline()
            if length:
                self.messages.put(json.loads(stream.read(length)))
        self.messages.put(None)

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any = None) -> None:
        self._write({"method": method, "params": params})

    def send(self, method: str, params: Any = None) -> int:
        number = next(self.numbers)
        self._write({"id": number, "method": method, "params": params})
        return number

    def ask(self, method: str, params: Any = None) -> Any:
        return self.answer(self.send(method, params))

    def answer(self, number: int) -> Any:
        message = self.wait(lambda m: m.get("id") == number and "method" not in m)
        if "error" in message:
            raise self.RefusedError(message["error"])
        return message["result"]

    def wait(self, is_wanted: Any) -> dict[str, Any]:
        """Return the first message of a kind that has not been waited for yet."""
        for message in self.seen:
            if is_wanted(message):
                self.seen.remove(message)
                return message
        while True:
            try:
                message = self.messages.get(timeout=WAIT_S)
            except queue.Empty:
                pytest.fail(f"not said within {WAIT_S} s; said: {self.seen[-6:]}")
            assert message is not None, "the server has ended"
            if "method" in message and "id" in message:
                self._write({"id": message["id"], "result": self._answered(message)})
            if is_wanted(message):
                return message
            self.seen.append(message)

    def _answered(self, message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            return [self.answers.get(item["section"]) for item in message["params"]["items"]]
        return None

    # --- Life

    def begin(self, root: Path | None = None, **parts: Any) -> Any:
        capabilities = parts.pop("capabilities", {})
        uri = None if root is None else root.as_uri()
        params = {"processId": os.getpid(), "rootUri": uri, "capabilities": capabilities, **parts}
        answer = self.ask("initialize", params)
        self.notify("initialized", {})
        return answer

    def end(self) -> int:
        self.ask("shutdown")
        self.notify("exit")
        return self.ended()

    def ended(self) -> int:
        """Wait for the end of the server, close the pipes and return the exit code."""
        code = self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        return code

    # --- Texts

    def open(self, uri: str, text: str) -> None:
        self.texts[uri], self.versions[uri] = text, next(self.numbers)
        item = {"uri": uri, "languageId": "turtle", "version": self.versions[uri], "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, text: str) -> None:
        self.texts[uri] = text
        self._changed(uri, {"text": text})

    def change_range(self, uri: str, place: dict[str, Any], text: str) -> None:
        self._changed(uri, {"range": place, "text": text})

    def _changed(self, uri: str, change: dict[str, Any]) -> None:
        self.versions[uri] = next(self.numbers)
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
        )

    def close(self, uri: str) -> None:
        del self.texts[uri], self.versions[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri: str, is_wanted: Any = lambda found: True) -> list[dict[str, Any]]:
        """Return the diagnostics of the newest version of a text, once they are as wanted."""
        version = self.versions.get(uri)

        def is_right(message: dict[str, Any]) -> bool:
            params = message.get("params") or {}
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and params.get("version") == version
                and is_wanted(params["diagnostics"])
            )

        return self.wait(is_right)["params"]["diagnostics"]

    # --- Places

    def at(self, uri: str, found: str, after: str = "") -> dict[str, Any]:
        """Return the parameters for the place where a text stands, in UTF-16 units."""
        offset = self.texts[uri].index(found) + len(after)
        return {"textDocument": {"uri": uri}, "position": self.position(self.texts[uri], offset)}

    # --- Text

    @staticmethod
    def position(text: str, offset: int) -> dict[str, int]:
        """Return the position of an offset in UTF-16 units."""
        before = text[:offset]
        line = before.count("\n")
        character = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
        return {"line": line, "character": character}

    @staticmethod
    def between(text: str, start: int, end: int) -> dict[str, Any]:
        return {"start": Editor.position(text, start), "end": Editor.position(text, end)}

    @staticmethod
    def within(text: str, place: dict[str, Any]) -> str:
        """Return what stands in a range of UTF-16 units."""
        return text[Editor.offset_of(text, place["start"]) : Editor.offset_of(text, place["end"])]

    @staticmethod
    def offset_of(text: str, place: dict[str, int]) -> int:
        lines = text.split("\n")
        line = (
            lines[place["line"]].encode("utf-16-le")[: 2 * place["character"]].decode("utf-16-le")
        )
        return sum(len(each) + 1 for each in lines[: place["line"]]) + len(line)

    @staticmethod
    def edited(text: str, edits: list[dict[str, Any]]) -> str:
        """Return a text after edits that do not overlap."""
        places = [
            (
                Editor.offset_of(text, e["range"]["start"]),
                Editor.offset_of(text, e["range"]["end"]),
                e["newText"],
            )
            for e in edits
        ]
        for start, end, new in sorted(places, reverse=True):
            text = text[:start] + new + text[end:]
        return text


def copied(five_texts: Path, root: Path, folder: Path) -> Path:
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, folder / part)
    (folder / "docs").mkdir()
    shutil.copy(root / "docs" / "rules.md", folder / "docs" / "rules.md")
    return folder


@pytest.fixture
def copy(five_texts: Path, root: Path, tmp_path: Path) -> Path:
    """A dataset of one's own."""
    return copied(five_texts, root, tmp_path)


@pytest.fixture(scope="session")
def shared_copy(five_texts: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that tests do not change on disk."""
    return copied(five_texts, root, tmp_path_factory.mktemp("dataset"))


@pytest.fixture(scope="session")
def shared(shared_copy: Path) -> Iterator[Editor]:
    """An editor that has opened the folder of the shared dataset."""
    editor = Editor(shared_copy)
    editor.begin(shared_copy)
    yield editor
    assert editor.end() == 0
    assert editor.garbage == b""


@pytest.fixture
def editor(shared: Editor) -> Iterator[Editor]:
    """The shared editor without an open text."""
    yield shared
    for uri in list(shared.texts):
        shared.close(uri)


@pytest.fixture
def started() -> Iterator[Callable[..., Editor]]:
    """Starts editors, and ends those that have not ended."""
    editors: list[Editor] = []

    def start(folder: Path, *arguments: str) -> Editor:
        editors.append(Editor(folder, *arguments))
        return editors[-1]

    yield start
    for editor in editors:
        editor.process.kill()
        editor.ended()
