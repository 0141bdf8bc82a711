"""What may be written at the cursor, the likeliest first.

Values are sorted here and matched here, because a client that matches letter by letter would drop
Klaipėda for one who types `klaipeda`; so every answer is marked as incomplete and asked for anew.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lsprotocol import types as lsp

from kg.languages import choose_label
from kg.lsp import context, words
from kg.lsp.context import Here
from kg.lsp.documents import Document
from kg.lsp.index import TYPE, Index, folded
from kg.lsp.schema import Schema
from kg.namespaces import PREFIXES, RDF, XSD, shorten
from kg.retired import RETIRED_CLASS

MOST: Final = 200  # items in one answer

TRIGGERS: Final = [":", "@", "^", '"']

_LOCAL: Final = re.compile(r"[\w](?:[\w.-]*[\w-])?")
_LAST_CHOICES: Final = (XSD + "string", RDF + "langString")


@dataclass(frozen=True)
class Completer:
    """Completes one text.

    Attributes:
        document: The text.
        index: What the dataset says.
        schema: What is wanted of it.
        languages: What the reader reads, best first.
    """

    document: Document
    index: Index
    schema: Schema
    languages: Sequence[str]

    def complete(self, offset: int) -> lsp.CompletionList:
        """Return what may be written at a place."""
        here = context.here(self.document, offset)
        items = list(islice(self._items(here), MOST))
        for number, item in enumerate(items):
            item.sort_text = f"{number:05}"
        return lsp.CompletionList(is_incomplete=True, items=items)

    def _items(self, here: Here) -> Iterator[lsp.CompletionItem]:
        match here.part:
            case context.PREFIX:
                return self._declarations(here)
            case context.LANGUAGE:
                return self._tags(here)
            case context.DATATYPE:
                return self._datatypes(here)
            case context.PROPERTY:
                return self._properties(here)
            case context.VALUE:
                return self._values(here)
            case context.SUBJECT:
                return self._subjects(here)
            case _:
                return iter(())

    # --- Directives, language tags, datatypes

    def _declarations(self, here: Here) -> Iterator[lsp.CompletionItem]:
        declared = context.prefixes_of(self.document)
        word = here.partial.lstrip("@")
        whole = here.partial.startswith("@")
        for name, iri in sorted(PREFIXES.items()):
            line = f"{name}: <{iri}> ."
            if name not in declared and (
                (whole and "prefix".startswith(word)) or name.startswith(word.rstrip(":"))
            ):
                text = f"@prefix {line}" if whole else line
                kind = lsp.CompletionItemKind.Module
                yield self._item(here, name, text, kind, detail=iri)

    def _tags(self, here: Here) -> Iterator[lsp.CompletionItem]:
        word = here.partial.removeprefix("@").lower()
        first = [tag.partition("-")[0] for tag in self.languages]
        for tag in dict.fromkeys((*first, *words.TAGS)):
            if tag.startswith(word):
                kind = lsp.CompletionItemKind.Keyword
                yield self._item(here, f"@{tag}", f"@{tag}", kind, detail=words.TAGS.get(tag, ""))

    def _datatypes(self, here: Here) -> Iterator[lsp.CompletionItem]:
        wanted = self.schema.datatypes(here.property)
        for iri in dict.fromkeys((*wanted, *words.DATATYPES)):
            if iri in _LAST_CHOICES or not self._matches(here, iri):
                continue
            said = words.DATATYPES.get(iri)
            detail = "" if said is None else said.in_language(self.languages[0])
            kind = lsp.CompletionItemKind.TypeParameter
            yield self._named(here, iri, kind, detail=detail)

    # --- Properties

    def _properties(self, here: Here) -> Iterator[lsp.CompletionItem]:
        classes = self._classes(here)
        wanted = self.schema.properties(classes)
        required = self.schema.required(classes)
        present = Counter(here.present)
        known = [iri for iri in wanted if not present[iri]] + [i for i in wanted if present[i]]
        others = (i for i in self._own_properties if i not in wanted)
        for iri in (*known, *(others if here.partial else ())):
            if not self._matches(here, iri):
                continue
            note = words.PRESENT if present[iri] else words.REQUIRED if iri in required else None
            detail = "" if note is None else note.in_language(self.languages[0])
            kind = lsp.CompletionItemKind.Property
            yield self._named(here, iri, kind, detail=detail)

    @property
    def _own_properties(self) -> list[str]:
        kinds = ("ObjectProperty", "DatatypeProperty")
        return [i for kind in kinds for i in self.index.instances(PREFIXES["owl"] + kind)]

    def _classes(self, here: Here) -> list[str]:
        known = self.index.types(here.subject) if here.subject else []
        return context.with_classes(here, known)

    # --- Values and subjects

    def _values(self, here: Here) -> Iterator[lsp.CompletionItem]:
        given: set[str] = set()
        for iri in self.schema.choices(here.property, self._classes(here)):
            if self._matches(here, iri):
                given.add(iri)
                yield self._entity(here, iri)
        if not here.partial:
            return
        yield from self._found(here, given)
        yield from self._prefixes(here)

    def _subjects(self, here: Here) -> Iterator[lsp.CompletionItem]:
        if here.partial:
            yield from self._found(here, set())
            yield from self._prefixes(here)

    def _found(self, here: Here, given: set[str]) -> Iterator[lsp.CompletionItem]:
        """Yield the entities that have what is typed as the beginning of a name or a prefix."""
        prefix, colon, local = here.partial.partition(":")
        if colon:
            namespace = context.prefixes_of(self.document).get(prefix, PREFIXES.get(prefix))
            if namespace is None:
                return
            wanted = folded(local)
            for iri in self._under(namespace):
                if iri not in given and self._has(iri, wanted):
                    yield self._entity(here, iri)
        else:
            for named in self.index.search(here.partial):
                if named.iri not in given:
                    shown = named.name or None
                    yield self._entity(here, named.iri, name=shown)

    def _under(self, namespace: str) -> list[str]:
        gone = set(self.index.instances(RETIRED_CLASS))
        found = (
            iri
            for each in self.index.files.values()
            for iri in each.about
            if iri.startswith(namespace) and iri not in gone
        )
        return list(dict.fromkeys(found))

    def _prefixes(self, here: Here) -> Iterator[lsp.CompletionItem]:
        if ":" in here.partial:
            return
        declared = context.prefixes_of(self.document)
        for name, iri in sorted({**PREFIXES, **declared}.items()):
            if name.startswith(here.partial) and name:
                kind = lsp.CompletionItemKind.Module
                yield self._item(
                    here, f"{name}:", f"{name}:", kind, detail=iri, adds=self._declaring(name, iri)
                )

    def _entity(self, here: Here, iri: str, name: str | None = None) -> lsp.CompletionItem:
        is_concept = iri.startswith(PREFIXES["v"])
        kind = lsp.CompletionItemKind.EnumMember if is_concept else lsp.CompletionItemKind.Reference
        if self.schema.is_class(iri):
            kind = lsp.CompletionItemKind.Class
        return self._named(here, iri, kind, name=name)

    def _matches(self, here: Here, iri: str) -> bool:
        """Tell whether what is typed begins the short name or a word of a label."""
        typed = here.partial
        if not typed:
            return True
        short = "a" if iri == TYPE else self._short(iri)
        if ":" in typed:
            prefix, _, local = typed.partition(":")
            known, _, name = short.partition(":")
            return prefix == known and (name.startswith(local) or self._has(iri, folded(local)))
        wanted = folded(typed)
        return short.startswith(typed) or self._has(iri, wanted)

    def _has(self, iri: str, wanted: str) -> bool:
        """Tell whether the local name, or a word of a label in any language, begins with it."""
        local = folded(shorten(iri).rpartition(":")[2])
        if local.startswith(wanted) or any(part.startswith(wanted) for part in local.split("-")):
            return True
        labels = (folded(label.text) for label in self.index.labels(iri))
        return any(
            label.startswith(wanted) or any(word.startswith(wanted) for word in label.split())
            for label in labels
        )

    # --- Items

    def _named(
        self,
        here: Here,
        iri: str,
        kind: lsp.CompletionItemKind,
        *,
        detail: str = "",
        name: str | None = None,
    ) -> lsp.CompletionItem:
        short = "a" if iri == TYPE and here.part == context.PROPERTY else self._short(iri)
        label = choose_label(self.index.labels(iri), languages=self.languages)
        shown = name or (label.text if label else "")
        prefix = short.partition(":")[0] if ":" in short and not short.startswith("<") else ""
        adds = self._declaring(prefix, PREFIXES.get(prefix, "")) if prefix else []
        item = self._item(here, short, short, kind, detail=detail, adds=adds)
        item.label_details = lsp.CompletionItemLabelDetails(description=shown or None)
        item.documentation = self._documentation(iri, shown)
        return item

    def _documentation(self, iri: str, shown: str) -> lsp.MarkupContent | None:
        definition = self.index.definition(iri, self.languages)
        classes = ", ".join(self.index.label(c, self.languages) for c in self.index.types(iri))
        lines = [f"**{shown}**" if shown else "", classes, definition]
        text = "\n\n".join(plain for plain in lines if plain)
        return lsp.MarkupContent(lsp.MarkupKind.Markdown, text) if text else None

    def _item(
        self,
        here: Here,
        label: str,
        text: str,
        kind: lsp.CompletionItemKind,
        *,
        detail: str = "",
        adds: Iterable[lsp.TextEdit] = (),
    ) -> lsp.CompletionItem:
        place = self.document.positions.range(here.start, here.end)
        return lsp.CompletionItem(
            label,
            kind=kind,
            detail=detail or None,
            filter_text=here.partial or label,
            text_edit=lsp.TextEdit(place, text),
            additional_text_edits=list(adds) or None,
        )

    def _short(self, iri: str) -> str:
        """Return an IRI as this text would write it."""
        return as_written(iri, context.prefixes_of(self.document))

    def _declaring(self, name: str, iri: str) -> list[lsp.TextEdit]:
        """Return the edit that declares a prefix, in alphabetical order; none if it is there."""
        declared = self.document.file.reading.prefixes
        if not iri or any(prefix.name == name for prefix in declared):
            return []
        line = f"@prefix {name}: <{iri}> ."
        later = next((p for p in declared if p.name > name and not p.is_sparql), None)
        if later is not None:
            at, text = later.start, line + "\n"
        elif declared:
            at, text = declared[-1].end, "\n" + line
        else:
            blocks = self.document.file.reading.blocks
            at = blocks[0].start if blocks else 0
            at = self.document.positions.line_at(at)[0]
            text = line + "\n\n"
        return [lsp.TextEdit(self.document.positions.range(at, at), text)]


def as_written(iri: str, declared: dict[str, str]) -> str:
    """Return an IRI by a declared prefix, by a known one, or in angle brackets."""
    for prefixes in (declared, PREFIXES):
        fitting = [(len(ns), name) for name, ns in prefixes.items() if ns and iri.startswith(ns)]
        if fitting:
            length, name = max(fitting)
            if _LOCAL.fullmatch(iri[length:]):
                return f"{name}:{iri[length:]}"
    return f"<{iri}>"
