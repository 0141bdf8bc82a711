"""From a name to its places: definition, references, symbols, a new name; folding and colours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from lsprotocol import types as lsp
from pygls.uris import from_fs_path

from kg.dataset import SHAPES_GRAPH, SourceFile
from kg.findings import Text
from kg.lsp import context, words
from kg.lsp.completion import as_written
from kg.lsp.documents import Document
from kg.lsp.index import TYPE, Index, Mention
from kg.lsp.positions import Positions
from kg.namespaces import ID, PREFIXES, shorten
from kg.turtle import Token

MOST_SYMBOLS: Final = 200

LEGEND: Final = lsp.SemanticTokensLegend(
    ["namespace", "property", "string", "number", "comment", "keyword", "type", "operator"], []
)
_COLOURS: Final = {
    "iri": 6,
    "string": 2,
    "long": 2,
    "directive": 5,
    "language": 5,
    "datatype": 7,
    "blank": 6,
    "number": 3,
    "comment": 4,
}

_IRI: Final = re.compile(re.escape(ID) + r"[\w-]+/[\w-]+(?:\.[\w-]+)*")


class RenameError(Exception):
    """A name cannot be changed; says why, in the languages of the findings."""

    def __init__(self, text: Text, **args: str) -> None:
        super().__init__(text.en)
        self.text = text
        self.args_of_text = args


@dataclass(frozen=True)
class Places:
    """Turns places of files into places of the protocol.

    Attributes:
        root: The folder of the dataset; None without one.
        open: The open documents, by name.
        encoding: In which units the client counts.
    """

    root: Path | None
    open: dict[str, Document]
    encoding: str

    def uri(self, name: str) -> str:
        """Return the address of a file."""
        document = self.open.get(name)
        if document is not None:
            return document.uri
        path = Path(name) if self.root is None else self.root / name
        return from_fs_path(str(path)) or ""

    def positions(self, file: SourceFile) -> Positions:
        """Return the positions of a file."""
        document = self.open.get(file.name)
        if document is not None and document.text == file.text:
            return document.positions
        return Positions(file.text, self.encoding)

    def locations(self, mentions: Sequence[Mention]) -> list[lsp.Location]:
        """Return places in the order of the files."""
        known: dict[str, Positions] = {}
        found = []
        for mention in mentions:
            name = mention.file.name
            if name not in known:
                known[name] = self.positions(mention.file)
            place = known[name].range(mention.start, mention.end)
            found.append(lsp.Location(self.uri(name), place))
        return found


def iri_at(document: Document, offset: int) -> tuple[str, Token] | None:
    """Return the IRI that is written at a place, and its token."""
    token = context.token_at(document, offset)
    if token is None:
        return None
    iri = TYPE if token.text == "a" else context.resolved(token, context.prefixes_of(document))
    return (iri, token) if iri else None


# --- Symbols


def document_symbols(
    document: Document, index: Index, languages: Sequence[str]
) -> list[lsp.DocumentSymbol]:
    """Return the statements of a text, each by the label of what it is about."""
    found = []
    positions = document.positions
    ends = {token.start: token.end for token in document.file.reading.tokens}
    for block in document.file.reading.blocks:
        if not isinstance(block.subject, ox.NamedNode):
            continue
        iri = block.subject.value
        place = positions.range(block.start, block.end)
        name = index.label(iri, languages)
        classes = ", ".join(index.label(cls, languages) for cls in index.types(iri))
        short = shorten(iri)
        detail = classes if name == short else f"{short} · {classes}" if classes else short
        selection = positions.range(block.subject_at, ends[block.subject_at])
        kind = _symbol_kind(iri, index)
        found.append(lsp.DocumentSymbol(name or short, kind, place, selection, detail=detail))
    return found


def workspace_symbols(
    text: str, index: Index, places: Places, languages: Sequence[str]
) -> list[lsp.WorkspaceSymbol]:
    """Return the entities that a name or a local name belongs to, the best first."""
    found = []
    for named in index.search(text):
        where = places.locations(index.described(named.iri)[:1])
        if where:
            label = named.name or index.label(named.iri, languages)
            kind = _symbol_kind(named.iri, index)
            container = shorten(named.iri)
            found.append(lsp.WorkspaceSymbol(where[0], label, kind, container_name=container))
        if len(found) == MOST_SYMBOLS:
            break
    return found


def _symbol_kind(iri: str, index: Index) -> lsp.SymbolKind:
    types = index.types(iri)
    if any(cls.endswith("#Class") for cls in types):
        return lsp.SymbolKind.Class
    if any("Property" in cls for cls in types):
        return lsp.SymbolKind.Property
    return lsp.SymbolKind.EnumMember if iri.startswith(PREFIXES["v"]) else lsp.SymbolKind.Object


# --- A new name


def nameable(document: Document, offset: int) -> tuple[str, Token]:
    """Return the IRI at a place, if it is one that can be changed.

    Raises:
        RenameError: There is none, or it is not a thing of the dataset.
    """
    found = iri_at(document, offset)
    if found is None:
        raise RenameError(words.NO_NAME_HERE)
    iri, token = found
    if not _IRI.fullmatch(iri):
        raise RenameError(words.NOT_OURS, name=shorten(iri), base=ID)
    return iri, token


def new_iri(text: str, old: str, index: Index) -> str:
    """Return the IRI that a new name means: an IRI, a prefixed name, or only its last part.

    Raises:
        RenameError: It means none under the base, or one that is in use.
    """
    plain = text.strip().removeprefix("<").removesuffix(">")
    prefix, colon, local = plain.partition(":")
    if not colon:
        iri = old.rpartition("/")[0] + "/" + plain
    elif prefix in PREFIXES:
        iri = PREFIXES[prefix] + local
    else:
        iri = plain
    if not iri.startswith(ID):
        raise RenameError(words.NOT_OURS, name=plain, base=ID)
    if not _IRI.fullmatch(iri):
        raise RenameError(words.NO_IRI, name=plain, example=shorten(old))
    if iri != old and index.mentions(iri):
        raise RenameError(words.TAKEN, name=shorten(iri), label=index.label(iri, ("en",)))
    return iri


def renamed(
    old: str, new: str, index: Index, places: Places
) -> Iterator[tuple[str, list[lsp.TextEdit]]]:
    """Yield the edits of each file: a prefixed name stays one, a whole IRI stays whole.

    In the files of queries too: in what they ask, and in the parameters and rows at their heads.
    """
    for name, each in index.files.items():
        found = each.mentions.get(old, [])
        if found and each.file.graph != SHAPES_GRAPH:
            spans = [(m.start, m.end) for m in found]
            declared = {p.name: p.iri for p in each.file.reading.prefixes}
            yield name, _edits(each.file.text, spans, declared, new, places.positions(each.file))
    for path in sorted((places.root / "queries").rglob("*.rq")) if places.root else ():
        text = path.read_text(encoding="utf-8")
        spans = [match.span() for match in _written(old).finditer(text)]
        if spans:
            name = path.relative_to(places.root or path).as_posix()
            positions = Positions(text, places.encoding)
            yield name, _edits(text, spans, PREFIXES, new, positions)


def _written(iri: str) -> re.Pattern[str]:
    """Return what finds an IRI in a query and in what stands at its head."""
    names = [f"<{iri}>", as_written(iri, PREFIXES)]
    return re.compile(rf"(?<![\w:.-])(?:{'|'.join(map(re.escape, names))})(?![\w:-]|\.\w)")


def _edits(
    text: str,
    spans: list[tuple[int, int]],
    declared: dict[str, str],
    new: str,
    positions: Positions,
) -> list[lsp.TextEdit]:
    found = []
    for start, end in spans:
        is_whole = text[start] == "<"
        written = f"<{new}>" if is_whole else as_written(new, declared)
        if written.partition(":")[0] not in declared:
            written = f"<{new}>"
        found.append(lsp.TextEdit(positions.range(start, end), written))
    return found


# --- Folding and colours


def folding(document: Document) -> list[lsp.FoldingRange]:
    """Return what can be folded: each statement of several lines, and the prefixes."""
    positions = document.positions
    reading = document.file.reading
    found = []
    if len(reading.prefixes) > 1:
        first, last = reading.prefixes[0].start, reading.prefixes[-1].end
        kind = lsp.FoldingRangeKind.Imports
        found.append(lsp.FoldingRange(positions.at(first).line, positions.at(last).line, kind=kind))
    for block in reading.blocks:
        start, end = positions.at(block.start).line, positions.at(block.end).line
        if end > start:
            found.append(lsp.FoldingRange(start, end))
    return found


def colours(document: Document) -> lsp.SemanticTokens:
    """Return the kinds of the tokens, for editors that know no Turtle."""
    positions = document.positions
    predicates = {s.predicate_at for s in document.file.statements}
    data: list[int] = []
    last = lsp.Position(0, 0)
    for token in document.file.reading.tokens:
        kind = _COLOURS.get(token.kind)
        if token.kind == "name":
            kind = 5 if ":" not in token.text else 1 if token.start in predicates else 6
        if kind is None:
            continue
        for start, end in _by_line(document.text, token.start, token.end):
            at, stop = positions.at(start), positions.at(end)
            same = at.line == last.line
            data += [
                at.line - last.line,
                at.character - (last.character if same else 0),
                stop.character - at.character,
                kind,
                0,
            ]
            last = at
    return lsp.SemanticTokens(data)


def _by_line(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a token that are each on one line, because a colour ends with its line."""
    for match in re.finditer(r"[^\r\n]+", text[start:end]):
        yield start + match.start(), start + match.end()
