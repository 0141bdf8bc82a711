"""The Language Server Protocol on standard input and output.

What the protocol calls a feature is a few lines here that ask the session; a request about a text
that is not open, or that is too long to be read while one types, has an empty answer.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from kg import __version__
from kg.errors import MalformedError
from kg.lsp import actions, navigation, words
from kg.lsp.completion import TRIGGERS, Completer
from kg.lsp.documents import Document, path_of
from kg.lsp.edits import minimal
from kg.lsp.hover import Hover
from kg.lsp.session import Client, Session, root_above

NAME: Final = "kg"

T = TypeVar("T")


class RefusedError(JsonRpcException):
    """A request that was understood and cannot be done; the message says why."""

    CODE = lsp.LSPErrorCodes.RequestFailed
    MESSAGE = "refused"


class Protocol(LanguageServerProtocol):
    """pygls's protocol, but the texts are kept by the session."""

    _server: "Server"

    @lsp_method(lsp.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: lsp.DidOpenTextDocumentParams) -> None:
        """Take in a text."""
        text = params.text_document
        self._server.session.open(text.uri, text.version, text.text)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: lsp.DidChangeTextDocumentParams) -> None:
        """Take in a change."""
        text = params.text_document
        self._server.session.change(text.uri, text.version, params.content_changes)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: lsp.DidCloseTextDocumentParams) -> None:
        """Let a text go."""
        self._server.session.close(params.text_document.uri)

    @property
    def has_shut_down(self) -> bool:
        """Whether the client has asked to shut down."""
        return self._shutdown


class Server(LanguageServer):
    """The server of one client.

    Attributes:
        given_root: The folder of the dataset, where the call names one.
    """

    protocol: Protocol

    def __init__(self, root: Path | None) -> None:
        super().__init__(
            NAME,
            __version__,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.given_root = root
        self._session: Session | None = None
        _register(self)

    @property
    def session(self) -> Session:
        """What is known of the client.

        Raises:
            RefusedError: The client has not been initialised.
        """
        if self._session is None:
            raise RefusedError("the server is not initialised")
        return self._session

    def begin(self, params: lsp.InitializeParams) -> None:
        """Take in what the client says of itself."""
        options = params.initialization_options
        wanted = options.get("language") if isinstance(options, dict) else None
        language = words.known_language(wanted) or words.known_language(params.locale) or "en"
        client = Client(
            self.text_document_publish_diagnostics,
            lambda kind, text: self.window_show_message(lsp.ShowMessageParams(kind, text)),
        )
        agreed = self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16
        encoding = lsp.PositionEncodingKind(agreed).value
        self._session = Session(client, self._root(params), encoding, language)

    def _root(self, params: lsp.InitializeParams) -> Path | None:
        if self.given_root is not None:
            return self.given_root
        uris = [folder.uri for folder in params.workspace_folders or ()]
        if not uris and params.root_uri:
            uris = [params.root_uri]
        named = [path for path in map(path_of, uris) if path is not None]
        found = (root_above(path) for path in named or [Path.cwd()])
        return next((root for root in found if root is not None), None)

    def end(self) -> None:
        """End what is running."""
        if self._session is not None:
            self._session.stop()

    async def ask(self, uri: str, empty: T, function: Callable[[Session, Document], T]) -> T:
        """Return what a function says of an open text, run on the thread for reading."""
        session = self.session
        document = session.documents.get(uri)
        if document is None or document.is_large:
            return empty
        return await session.work(function, session, document)


def serve(root: Path | None) -> int:
    """Serve one client on standard input and output; return the exit code.

    Anything that prints goes to standard error, because standard output is the protocol's.
    """
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    server = Server(root)
    server.start_io(sys.stdin.buffer, out)
    return 0 if server.protocol.has_shut_down else 1


def _register(server: Server) -> None:
    _register_life(server)
    _register_places(server)
    _register_help(server)
    _register_edits(server)


def _register_life(server: Server) -> None:
    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        server.begin(params)

    @server.feature(lsp.INITIALIZED)
    async def initialized(params: lsp.InitializedParams) -> None:
        server.session.begin()
        known = server.client_capabilities.workspace
        watching = known.did_change_watched_files if known else None
        if watching and watching.dynamic_registration:
            await _watch(server)
        if known and known.configuration:
            await _configure(server)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: lsp.DidChangeConfigurationParams) -> None:
        told = params.settings.get("kg") if isinstance(params.settings, dict) else None
        known = server.client_capabilities.workspace
        if isinstance(told, dict):
            _take_language(server, told.get("language"))
        elif known and known.configuration:
            await _configure(server)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: lsp.DidChangeWatchedFilesParams) -> None:
        server.session.watched(change.uri for change in params.changes)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.session.save(params.text_document.uri)

    @server.feature(lsp.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.end()


async def _watch(server: Server) -> None:
    pattern = lsp.FileSystemWatcher("**/*.ttl")
    options = lsp.DidChangeWatchedFilesRegistrationOptions([pattern])
    method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
    await server.client_register_capability_async(
        lsp.RegistrationParams([lsp.Registration("kg-files", method, options)])
    )


async def _configure(server: Server) -> None:
    asked = lsp.ConfigurationParams([lsp.ConfigurationItem(section="kg")])
    answered = await server.workspace_configuration_async(asked)
    for told in answered[:1]:
        _take_language(server, told.get("language") if isinstance(told, dict) else None)


def _take_language(server: Server, wanted: object) -> None:
    language = words.known_language(wanted if isinstance(wanted, str) else None)
    if language is not None and language != server.session.language:
        server.session.language = language
        server.session.show_all()


def _register_places(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        def find(session: Session, document: Document) -> list[lsp.Location]:
            offset = document.positions.offset(params.position)
            found = navigation.iri_at(document, offset)
            index = session.index_for(document)
            return [] if found is None else session.places().locations(index.described(found[0]))

        return await server.ask(params.text_document.uri, [], find)

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        def find(session: Session, document: Document) -> list[lsp.Location]:
            offset = document.positions.offset(params.position)
            found = navigation.iri_at(document, offset)
            if found is None:
                return []
            index = session.index_for(document)
            known = index.mentions(found[0])
            if not params.context.include_declaration:
                own = {(m.file.name, m.start) for m in index.described(found[0])}
                known = [m for m in known if (m.file.name, m.start) not in own]
            return session.places().locations(known)

        return await server.ask(params.text_document.uri, [], find)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlight(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
        def find(session: Session, document: Document) -> list[lsp.DocumentHighlight]:
            offset = document.positions.offset(params.position)
            found = navigation.iri_at(document, offset)
            if found is None:
                return []
            known = session.index_for(document).mentions(found[0])
            return [
                lsp.DocumentHighlight(document.positions.range(m.start, m.end))
                for m in known
                if m.file.name == document.name
            ]

        return await server.ask(params.text_document.uri, [], find)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        def find(session: Session, document: Document) -> list[lsp.DocumentSymbol]:
            index = session.index_for(document)
            return navigation.document_symbols(document, index, session.languages)

        return await server.ask(params.text_document.uri, [], find)

    @server.feature(lsp.WORKSPACE_SYMBOL)
    async def workspace_symbols(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
        session = server.session

        def find() -> list[lsp.WorkspaceSymbol]:
            return navigation.workspace_symbols(
                params.query, session.index(), session.places(), session.languages
            )

        return await session.work(find)

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        def find(session: Session, document: Document) -> list[lsp.FoldingRange]:
            return navigation.folding(document)

        return await server.ask(params.text_document.uri, [], find)

    @server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, navigation.LEGEND)
    async def colours(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        def find(session: Session, document: Document) -> lsp.SemanticTokens:
            return navigation.colours(document)

        return await server.ask(params.text_document.uri, lsp.SemanticTokens([]), find)


def _register_help(server: Server) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=TRIGGERS)
    )
    async def completion(params: lsp.CompletionParams) -> lsp.CompletionList:
        def find(session: Session, document: Document) -> lsp.CompletionList:
            index = session.index_for(document)
            completer = Completer(document, index, session.schema(), session.languages)
            return completer.complete(document.positions.offset(params.position))

        empty = lsp.CompletionList(is_incomplete=False, items=[])
        return await server.ask(params.text_document.uri, empty, find)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        def find(session: Session, document: Document) -> lsp.Hover | None:
            index = session.index_for(document)
            told = Hover(document, index, session.schema(), session.languages)
            offset = document.positions.offset(params.position)
            return told.at(offset, session.findings(document))

        return await server.ask(params.text_document.uri, None, find)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=actions.KINDS)
    )
    async def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        def find(session: Session, document: Document) -> list[lsp.CodeAction]:
            known = actions.Actions(
                document,
                session.findings(document),
                session.diagnostics(document),
                session.language,
                session.places(),
                session.as_checked,
            )
            return known.at(params.range, params.context.only)

        return await server.ask(params.text_document.uri, [], find)

    @server.command(actions.EXPLAIN)
    async def explain(code: str) -> str:
        session = server.session
        text = await session.work(actions.explanation, code, session.root, session.language)
        session.client.tell(lsp.MessageType.Info, text)
        return text


def _register_edits(server: Server) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    async def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        def find(session: Session, document: Document) -> list[lsp.TextEdit]:
            from kg.formatting import format_text

            try:
                text = format_text(document.text)
            except MalformedError as error:
                place = f"{error.line}:{error.column}"
                reason = words.filled(
                    words.NOT_FORMATTED, session.language, place=place, reason=error.reason
                )
                raise RefusedError(reason) from None
            return minimal(document.text, text, document.positions)

        return await server.ask(params.text_document.uri, [], find)

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare_rename(params: lsp.PrepareRenameParams) -> Any:
        def find(session: Session, document: Document) -> Any:
            try:
                offset = document.positions.offset(params.position)
                _, token = navigation.nameable(document, offset)
            except navigation.RenameError as error:
                raise _refused(error, session) from None
            place = document.positions.range(token.start, token.end)
            return lsp.PrepareRenamePlaceholder(place, token.text)

        return await server.ask(params.text_document.uri, None, find)

    @server.feature(lsp.TEXT_DOCUMENT_RENAME)
    async def rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        def find(session: Session, document: Document) -> lsp.WorkspaceEdit | None:
            index = session.index_for(document)
            places = session.places()
            try:
                offset = document.positions.offset(params.position)
                old, _ = navigation.nameable(document, offset)
                new = navigation.new_iri(params.new_name, old, index)
            except navigation.RenameError as error:
                raise _refused(error, session) from None
            if new == old:
                return None
            found = navigation.renamed(old, new, index, places)
            return _workspace_edit(server, dict(found), places)

        return await server.ask(params.text_document.uri, None, find)


def _workspace_edit(
    server: Server, edits: dict[str, list[lsp.TextEdit]], places: navigation.Places
) -> lsp.WorkspaceEdit:
    """Return edits of files, with the versions of the open ones where the client knows them."""
    known = server.client_capabilities.workspace
    if not (known and known.workspace_edit and known.workspace_edit.document_changes):
        return lsp.WorkspaceEdit(changes={places.uri(name): e for name, e in edits.items()})
    changes: list[Any] = []
    for name, each in edits.items():
        document = places.open.get(name)
        version = None if document is None else document.version
        identifier = lsp.OptionalVersionedTextDocumentIdentifier(places.uri(name), version)
        changes.append(lsp.TextDocumentEdit(identifier, each))
    return lsp.WorkspaceEdit(document_changes=changes)


def _refused(error: navigation.RenameError, session: Session) -> RefusedError:
    return RefusedError(words.filled(error.text, session.language, **error.args_of_text))
