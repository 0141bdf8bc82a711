"""What stands at a place, explained: an entity, a term of the ontology, a value, a finding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lsprotocol import types as lsp

from kg.findings import Finding, Severity, Text
from kg.lsp import context, words
from kg.lsp.documents import Document
from kg.lsp.index import TYPE, Index
from kg.lsp.schema import Schema
from kg.namespaces import XSD, shorten
from kg.turtle import Token

_MOST_RULES: Final = 12
_NUMBERS: Final = {"": "integer", ".": "decimal", "e": "double"}


@dataclass(frozen=True)
class Hover:
    """Explains places of one text.

    Attributes:
        document: The text.
        index: What the dataset says.
        schema: What is wanted of it.
        languages: What the reader reads, best first; the first is one of the findings'.
    """

    document: Document
    index: Index
    schema: Schema
    languages: Sequence[str]

    def at(self, offset: int, findings: Iterable[Finding]) -> lsp.Hover | None:
        """Return what stands at a place, and the findings there; None where nothing is known."""
        token = context.token_at(self.document, offset)
        parts = [] if token is None else [self._said(token)]
        place = None if token is None else (token.start, token.end)
        positions = self.document.positions
        for finding in findings:
            span = finding.span
            start = positions.place(span.line, span.column)
            end = positions.place(span.end_line, span.end_column)
            if start <= offset <= end:
                parts.append(self._finding(finding))
                place = place or (start, end)
        text = "\n\n---\n\n".join(part for part in parts if part)
        if not text or place is None:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
        return lsp.Hover(content, positions.range(*place))

    def _said(self, token: Token) -> str:
        if token.kind == "name" and token.text == "a":
            return self._term(TYPE)
        iri = context.resolved(token, context.prefixes_of(self.document))
        if not iri:
            return self._literal(token)
        if self._is_after_datatype(token):
            return self._datatype(iri)
        if self.schema.is_property(iri) or self.schema.is_class(iri):
            return self._term(iri)
        return self._entity(iri)

    def _is_after_datatype(self, token: Token) -> bool:
        return self.document.text[: token.start].endswith("^^")

    def _finding(self, finding: Finding) -> str:
        language = self.languages[0]
        severity = "error" if finding.severity is Severity.VIOLATION else "warning"
        said = f"**{severity} {finding.code}** {escaped(finding.said.in_language(language))}"
        remedy = finding.help.in_language(language)
        return f"{said}\n\n{escaped(remedy)}" if remedy else said

    def _entity(self, iri: str) -> str:
        labels = self.index.labels(iri)
        if not labels and not self.index.described(iri):
            return ""
        classes = [self._label(cls) for cls in self.index.types(iri)]
        names = dict.fromkeys(
            f"{escaped(label.text)} ({label.language})" if label.language else escaped(label.text)
            for label in labels
        )
        lines = [
            f"**{escaped(self.index.label(iri, self.languages))}** `{shorten(iri)}`",
            ", ".join(classes),
            " · ".join(names) if len(names) > 1 else "",
            escaped(self.index.definition(iri, self.languages)),
            self._where(iri),
        ]
        return "\n\n".join(line for line in lines if line)

    def _term(self, iri: str) -> str:
        kind = words.CLASS if self.schema.is_class(iri) else words.PROPERTY
        lines = [
            f"**{escaped(self.index.label(iri, self.languages))}** `{shorten(iri)}` "
            f"({self._word(kind)})",
            escaped(self.index.definition(iri, self.languages)),
        ]
        if kind is words.PROPERTY:
            for word, iris in (
                (words.DOMAIN, self.schema.domains(iri)),
                (words.RANGE, self.schema.ranges(iri)),
            ):
                if iris:
                    shown = ", ".join(f"{self._label(i)} `{shorten(i)}`" for i in iris)
                    lines.append(f"{self._word(word)}: {shown}")
        codes = self.schema.rules(iri)
        if codes:
            more = " …" if len(codes) > _MOST_RULES else ""
            lines.append(f"{self._word(words.RULES)}: {', '.join(codes[:_MOST_RULES])}{more}")
        lines.append(self._where(iri))
        return "\n\n".join(line for line in lines if line)

    def _literal(self, token: Token) -> str:
        if token.kind == "number":
            text = token.text.lower()
            mark = "e" if "e" in text else "." if "." in text else ""
            return self._datatype(XSD + _NUMBERS[mark])
        if token.kind == "name" and token.text in ("true", "false"):
            return self._datatype(XSD + "boolean")
        follower = self._follower(token) if token.kind in ("string", "long") else token
        if follower is not None and follower.kind == "language":
            tag = follower.text[1:]
            name = words.TAGS.get(tag.lower(), tag)
            return words.filled(words.TEXT_IN, self.languages[0], name=f"{name} (`{tag}`)")
        if follower is not None and follower.kind == "datatype":
            after = self._follower(follower)
            prefixes = context.prefixes_of(self.document)
            return "" if after is None else self._datatype(context.resolved(after, prefixes))
        return self._datatype(XSD + "string") if token.kind in ("string", "long") else ""

    def _follower(self, token: Token) -> Token | None:
        tokens = self.document.file.reading.tokens
        return next((t for t in tokens if t.start == token.end), None)

    def _datatype(self, iri: str) -> str:
        said = words.DATATYPES.get(iri)
        name = f"`{shorten(iri)}`" if iri else ""
        return name if said is None else f"{name}: {self._word(said)}"

    def _where(self, iri: str) -> str:
        for place in self.index.described(iri)[:1]:
            line, _ = place.file.lines.at(place.start)
            return f"{self._word(words.IN)} {place.file.name}:{line}"
        return ""

    def _label(self, iri: str) -> str:
        return escaped(self.index.label(iri, self.languages))

    def _word(self, text: Text) -> str:
        return text.in_language(self.languages[0])


def escaped(text: str) -> str:
    """Return plain text as Markdown that shows it as it is."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in text)
