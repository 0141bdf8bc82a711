"""One client's dataset, documents and findings.

Texts change on the event loop, and everything that reads them runs on one other thread, in order,
so that the index needs no lock. The check runs in a process (`kg.lsp.checker`), a moment after the
last key, one at a time; what it finds is shown on the newest text, whatever was typed meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from lsprotocol import types as lsp

from kg import dataset
from kg.check.catalogue import layer_of
from kg.dataset import SourceFile
from kg.errors import DataError, MissingFileError
from kg.findings import Finding, Span, Text, in_order
from kg.lsp import quick, words
from kg.lsp.checker import Answer, Checker, CheckerError, Request
from kg.lsp.diagnostics import carried, diagnostic
from kg.lsp.documents import ALONE, DATA, SHAPES, Document, changed, path_of
from kg.lsp.index import Index
from kg.lsp.navigation import Places
from kg.lsp.positions import Positions, whole
from kg.lsp.schema import Schema

PAUSE_S: Final = 0.3  # without a key press, before the dataset is checked

# Rules on what can be left out without loss.
UNNECESSARY: Final = frozenset({"NMS02", "NMS04", "CMT03"})

_LOG: Final = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class _Checked:
    """What the last check found in one file, and the text that it saw."""

    text: str
    findings: list[Finding]


@dataclass
class Client:
    """What the session needs of the other side.

    Attributes:
        publish: Shows the diagnostics of a file.
        tell: Shows a message.
    """

    publish: Callable[[lsp.PublishDiagnosticsParams], None]
    tell: Callable[[lsp.MessageType, str], None]


@dataclass
class Session:
    """The state of one client.

    Attributes:
        client: The other side.
        root: The folder of the dataset; None until one is found.
        encoding: In which units the client counts.
        language: In which findings are said.
        documents: The open texts, by address.
    """

    client: Client
    root: Path | None
    encoding: str
    language: str
    documents: dict[str, Document] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index = Index()
        self._schema: tuple[int, Schema] | None = None
        self._rules: tuple[int, quick.Quick] | None = None
        self._work = ThreadPoolExecutor(1, "kg-lsp")
        self._checker = Checker()
        self._memory = TemporaryDirectory(prefix="kg-lsp-", ignore_cleanup_errors=True)
        self._checked: dict[str, _Checked] = {}
        self._seen: dict[str, str] = {}  # the texts that the last whole check saw
        self._quick: dict[str, tuple[Document, list[Finding]]] = {}
        self._shown: set[str] = set()
        self._due: set[str] = set()  # texts to check alone, by address
        self._is_whole_due = False
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_checking = False
        self._is_told = False
        self._error = ""

    @property
    def languages(self) -> list[str]:
        """What the reader reads, best first."""
        return list(dict.fromkeys((self.language, "en")))

    # --- Work

    async def work(self, function: Callable[..., T], *args: object) -> T:
        """Return what a function returns that is run on the thread for reading."""
        return await asyncio.get_running_loop().run_in_executor(self._work, function, *args)

    def start(self, job: Coroutine[None, None, None]) -> None:
        """Begin a job that nobody waits for; a fault of ours in it is logged."""
        task = asyncio.ensure_future(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _LOG.error("a job failed", exc_info=fault)

    def stop(self) -> None:
        """End what is running."""
        if self._task is not None:
            self._task.cancel()
        for task in self._tasks:
            task.cancel()
        self._checker.stop()
        self._memory.cleanup()
        self._work.shutdown(wait=False, cancel_futures=True)

    def begin(self) -> None:
        """Read the dataset, and check it."""
        if self.root is not None:
            self.start(self._begin(self.root))

    async def _begin(self, root: Path) -> None:
        def read() -> None:
            self._index = Index.of(root)
            for document in self.documents.values():
                self._take(document)

        await self.work(read)
        self._is_whole_due = True
        self.check_soon()

    def index_for(self, document: Document) -> Index:
        """Return what the dataset says, and the text itself where it is outside."""
        return self._index.over(document.file) if document.kind == ALONE else self._index

    def index(self) -> Index:
        """Return what the dataset says."""
        return self._index

    def schema(self) -> Schema:
        """Return what ontology and shapes want, as they are now."""
        if self._schema is None or self._schema[0] != self._index.stamp:
            self._schema = (self._index.stamp, Schema(self._index))
        return self._schema[1]

    def _known(self) -> quick.Quick:
        if self._rules is None or self._rules[0] != self._index.stamp:
            self._rules = (self._index.stamp, quick.Quick(self._index))
        return self._rules[1]

    def places(self) -> Places:
        """Return what turns places of files into those of the protocol."""
        open_by_name = {document.name: document for document in self.documents.values()}
        return Places(self.root, open_by_name, self.encoding)

    # --- Texts

    def open(self, uri: str, version: int, text: str) -> None:
        """Take in a text that the editor has opened."""
        path = path_of(uri)
        if path is not None and path.suffix not in (".ttl", ""):
            return
        if self.root is None and path is not None:
            self.root = root_above(path.parent)
            if self.root is not None:
                self.begin()
        if self.root is None and not self._is_told:
            self._is_told = True
            self.say(lsp.MessageType.Warning, words.NO_DATASET)
        self._renew(self._document(uri, version, whole(text)))

    def change(
        self, uri: str, version: int, changes: Sequence[lsp.TextDocumentContentChangeEvent]
    ) -> None:
        """Take in what was typed."""
        known = self.documents.get(uri)
        if known is not None:
            text = changed(known.text, changes, self.encoding)
            self._renew(self._document(uri, version, text))

    def save(self, uri: str) -> None:
        """Take note that a text was saved: what is checked with the text on disk is due."""
        if uri in self.documents and self.documents[uri].kind == SHAPES:
            self._is_whole_due = True
        self.check_soon()

    def close(self, uri: str) -> None:
        """Go back to what is on disk."""
        document = self.documents.pop(uri, None)
        if document is None:
            return
        self._quick.pop(uri, None)
        if document.kind == ALONE:
            self._checked.pop(document.name, None)
            self.client.publish(lsp.PublishDiagnosticsParams(uri, []))
            return
        self.start(self._reread([document.name]))

    def watched(self, uris: Iterable[str]) -> None:
        """Take in that files have changed on disk."""
        names = [self._name(path) for path in map(path_of, uris) if path is not None]
        names = [name for name in names if kind_of(name) != ALONE]
        if names:
            self.start(self._reread(names))

    async def _reread(self, names: list[str]) -> None:
        root = self.root
        if root is None:
            return
        unsaved = {document.name for document in self.documents.values()}

        def read() -> None:
            for name in names:
                if name not in unsaved:
                    self._index.read(root / name, root)

        await self.work(read)
        self._is_whole_due = True
        self.check_soon()

    def _name(self, path: Path) -> str:
        """Return a path relative to the dataset; one outside is returned whole."""
        for each in (path, path.resolve()):
            if self.root is not None and each.is_relative_to(self.root):
                return each.relative_to(self.root).as_posix()
        return str(path)

    def _document(self, uri: str, version: int, text: str) -> Document:
        path = path_of(uri)
        name = uri if path is None else self._name(path)
        kind, graph = kind_of(name), ""
        if kind == DATA:
            try:
                graph = dataset.graph_of(name)
            except DataError:
                graph = ""  # the check says that it belongs to none
        elif kind == SHAPES:
            graph = dataset.SHAPES_GRAPH
        return Document(uri, version, text, name, graph, self.encoding, kind)

    def _renew(self, document: Document) -> None:
        self.documents[document.uri] = document
        if document.kind == ALONE:
            self._due.add(document.uri)
        elif document.kind == DATA:
            self._is_whole_due = True
        self.start(self._read(document))
        self.check_soon()

    async def _read(self, document: Document) -> None:
        """Find at once what is in one text alone, and show it; an older text is passed over."""

        def read() -> list[Finding] | None:
            if self.documents.get(document.uri) is not document:
                return None
            if self.root is None:
                return quick.syntax_of(document.file)
            if document.is_large:
                return None  # the check finds it all
            self._take(document)
            return self._known().check(document.file)

        found = await self.work(read)
        if found is not None and self.documents.get(document.uri) is document:
            self._quick[document.uri] = (document, found)
            self._show(document.name)

    def _take(self, document: Document) -> None:
        if document.kind != ALONE and not document.is_large:
            self._index.put(document.file)

    # --- The check

    def check_soon(self) -> None:
        """Check what is due, once no key has been pressed for a moment."""
        if self.root is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.ensure_future(self._check(self.root))

    async def _check(self, root: Path) -> None:
        await asyncio.sleep(PAUSE_S)
        self.start(self._check_now(root))

    async def _check_now(self, root: Path) -> None:
        if self._is_checking or not (self._is_whole_due or self._due):
            return
        self._is_checking = True
        try:
            await self._check_due(root)
        finally:
            self._is_checking = False
        if self._is_whole_due or self._due:
            self.check_soon()

    async def _check_due(self, root: Path) -> None:
        documents = list(self.documents.values())
        alone = [d for d in documents if d.kind == ALONE and d.uri in self._due]
        request = Request(
            root,
            Path(self._memory.name),
            {d.name: d.text for d in documents if d.kind == DATA},
            {d.name: d.text for d in alone},
            self._is_whole_due,
        )
        seen = {name: each.file.text for name, each in self._index.files.copy().items()}
        self._is_whole_due = False
        self._due.clear()
        try:
            answer = await self._checker.check(request)
        except CheckerError as error:
            answer = Answer(complete=False, error=str(error))
        if answer.error != self._error:
            self._error = answer.error
            if answer.error:
                self.say(lsp.MessageType.Error, words.NOT_CHECKED, reason=answer.error)
        if not answer.error:
            if request.is_whole:
                self._seen = seen | dict(request.unsaved)
            self._keep(request, answer)

    def _keep(self, request: Request, answer: Answer) -> None:
        names = set(request.alone)
        if request.is_whole:
            inside = {n for n in self._checked if kind_of(n) == DATA and n not in request.alone}
            names |= inside | set(answer.findings) | set(request.unsaved)
        for name in names:
            text = {**request.unsaved, **request.alone}.get(name, self._text(name))
            found = answer.findings.get(name, [])
            old = self._checked.get(name)
            if not answer.complete and old is not None and name not in request.alone:
                left_out = _left_out(found)
                kept = carried(old.findings, old.text, text)
                found = in_order([*found, *(f for f in kept if left_out(f))])
            self._checked[name] = _Checked(text, found)
            self._show(name)

    def _text(self, name: str) -> str:
        known = self._index.files.get(name)
        if known is not None:
            return known.file.text
        try:
            return dataset.read_text((self.root or Path()) / name, name)
        except (DataError, MissingFileError):
            return ""

    # --- Findings

    def findings(self, document: Document) -> list[Finding]:
        """Return what is known to be at fault in a text, with its places in this very text."""
        checked = self._checked.get(document.name)
        if checked is not None and checked.text == document.text:
            return checked.findings
        seen, found = self._quick.get(document.uri, (document, []))
        found = carried(found, seen.text, document.text)
        if checked is not None:
            older = checked.findings
            if not document.is_large:
                older = [f for f in older if not quick.finds(f.code)]
            found = [*found, *carried(older, checked.text, document.text)]
        return in_order(found)

    def as_checked(self, name: str) -> SourceFile | None:
        """Return a file of the dataset, if it is still as the last check saw it."""
        known = self._index.files.get(name)
        if known is None or self._seen.get(name) != known.file.text or self.root is None:
            return None
        is_open = any(document.name == name for document in self.documents.values())
        try:
            is_same = is_open or dataset.read_text(self.root / name, name) == known.file.text
        except (DataError, MissingFileError):
            return None
        return known.file if is_same else None

    def diagnostics(self, document: Document) -> list[lsp.Diagnostic]:
        """Return the findings of a text as the client is shown them, in the same order."""
        return self._diagnostics(self.findings(document), document.positions)

    def _diagnostics(
        self, findings: Iterable[Finding], positions: Positions
    ) -> list[lsp.Diagnostic]:
        places = self.places()
        return [
            diagnostic(
                finding,
                positions,
                language=self.language,
                root=self.root,
                located=lambda span: self._location(span, places),
                unnecessary=UNNECESSARY,
            )
            for finding in findings
        ]

    def _location(self, span: Span, places: Places) -> lsp.Location:
        known = self._index.files.get(span.path)
        if known is not None:
            positions = places.positions(known.file)
        elif span.path in places.open:
            positions = places.open[span.path].positions
        else:
            positions = Positions(self._text(span.path), self.encoding)
        start = positions.place(span.line, span.column)
        end = positions.place(span.end_line, span.end_column)
        return lsp.Location(places.uri(span.path), positions.range(start, max(start, end)))

    def _show(self, name: str) -> None:
        places = self.places()
        document = places.open.get(name)
        if document is not None:
            found, version = self.diagnostics(document), document.version
        else:
            checked = self._checked.get(name)
            found = (
                []
                if checked is None
                else self._diagnostics(checked.findings, Positions(checked.text, self.encoding))
            )
            version = None
            if not found and name not in self._shown:
                return
        (self._shown.add if found else self._shown.discard)(name)
        self.client.publish(lsp.PublishDiagnosticsParams(places.uri(name), found, version=version))

    def show_all(self) -> None:
        """Show all findings again, such as in another language."""
        for name in {*self._shown, *(document.name for document in self.documents.values())}:
            self._show(name)

    def say(self, kind: lsp.MessageType, text: Text, **args: str) -> None:
        """Show a message in the language of the reader."""
        self.client.tell(kind, words.filled(text, self.language, **args))


def _left_out(found: list[Finding]) -> Callable[[Finding], bool]:
    """Return what tells whether a finding is of a rule that an incomplete check has not run.

    In a file with faults of syntax no other rule is run; in the others only those that need all
    files are not.
    """
    has_faults = any(layer_of(finding.code) == "syntax" for finding in found)

    def is_left_out(finding: Finding) -> bool:
        is_of_file = layer_of(finding.code) in ("text", "names", "comments", "retirement")
        return layer_of(finding.code) != "syntax" and (has_faults or not is_of_file)

    return is_left_out


def kind_of(name: str) -> str:
    """Return what a file is, by its path relative to the dataset."""
    folder, _, file = name.partition("/")
    if not file.endswith(".ttl"):
        return ALONE
    if folder in ("data", "ontology"):
        return DATA
    return SHAPES if folder == "shapes" and "/" not in file else ALONE


def root_above(folder: Path) -> Path | None:
    """Return the nearest folder of a dataset: this one or one above."""
    for each in (folder, *folder.parents):
        try:
            return dataset.find_root(each)
        except MissingFileError:
            continue
    return None
