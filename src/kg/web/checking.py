"""Checking a text that somebody sends, with the rules of the snapshot that is served.

It runs in a worker, which can open no file: shapes, ontology and lists come from the graphs of the
snapshot, and everything that a check needs is loaded and tried once before the first worker is
forked. What the text refers to may be described in the snapshot. Nothing in the text is acted on:
a shape, a query or an `owl:imports` in it is data like any other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import HeaderParser
from functools import cached_property
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, cast
from urllib.parse import parse_qsl

import pyoxigraph as ox

from kg import renderers
from kg.build import rebase
from kg.check import catalogue
from kg.check.catalogue import Catalogue
from kg.check.nearest import PROPERTIES
from kg.check.run import Ground, check_draft
from kg.dataset import LISTS, ONTOLOGY, RETIRED, SHAPES_GRAPH, SourceFile, decoded
from kg.errors import EncodingError
from kg.findings import LANGUAGES, Finding, Related, Severity, Span
from kg.mediatypes import (
    HTML,
    JSON_LD,
    N_TRIPLES,
    PLAIN,
    RDF_XML,
    TURTLE,
    MediaType,
    by_extension,
    negotiate,
    with_aliases,
)
from kg.namespaces import CANONICAL_BASE, PREFIXES, RDF
from kg.query.evaluation import serialize_graph
from kg.query.protocol import FORM_TYPE, ProtocolError, not_acceptable
from kg.terms import Triple

MULTIPART_TYPE: Final = "multipart/form-data"
BODY_TYPES: Final = (TURTLE.name, FORM_TYPE, MULTIPART_TYPE)
MOST_FINDINGS: Final = 10_000  # in one answer; the header `Findings` has the number of all

JSON: Final = MediaType("application/json", "json", "JSON")
SARIF: Final = MediaType("application/sarif+json", "sarif", "SARIF")
MARKDOWN: Final = MediaType("text/markdown", "md", "Markdown")
GRAPH_TYPES: Final = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES)
OFFERED: Final = (JSON, HTML, SARIF, PLAIN, MARKDOWN, *GRAPH_TYPES)

_RENDERERS: Final = {JSON: "json", SARIF: "sarif", PLAIN: "full", MARKDOWN: "markdown"}
_SHAPES_NAME: Final = "shapes/"
_UNNAMED: Final = "text.ttl"
_NAMED: Final = "names"
_MOST_NAMED: Final = 200_000  # statements that name things
_LONGEST_NAME: Final = 200
_MOST_FIELDS: Final = 20
_TYPE: Final = ox.NamedNode(RDF + "type")
# What is checked before the first worker is forked. It breaks a rule of every layer that needs a
# module or a list of its own: names of other vocabularies, shapes, spelling.
_TRIAL: Final = f"""@prefix cpo: <{PREFIXES["cpo"]}> .
@prefix net: <{PREFIXES["net"]}> .
@prefix skos: <{PREFIXES["skos"]}> .
net:trial a cpo:Network ; skos:prefLable "x"@EN ; cpo:nothing net:none .
"""


@dataclass(frozen=True)
class Sent:
    """A text that is to be checked, and what the client wants to know.

    Attributes:
        data: Its bytes.
        name: What findings call it.
        language: In which the client wants to read; None where it does not say.
        form: The extension of a format, which stands above `Accept`; None where it does not say.
        only: What a page is to show: a code, `violation`, `warning`, or an empty string for all.
    """

    data: bytes
    name: str = _UNNAMED
    language: str | None = None
    form: str | None = None
    only: str = ""


@dataclass(frozen=True)
class Checked:
    """What was found in a text.

    Attributes:
        name: What findings call it.
        text: As it was read; what is not UTF-8 is replaced.
        findings: All of them, in order.
        complete: Whether all rules were run.
        is_readable: Whether the bytes are a text.
    """

    name: str
    text: str
    findings: list[Finding]
    complete: bool
    is_readable: bool

    @property
    def errors(self) -> int:
        """Number of violations."""
        return sum(finding.severity is Severity.VIOLATION for finding in self.findings)

    @property
    def warnings(self) -> int:
        """Number of warnings."""
        return len(self.findings) - self.errors

    @property
    def counts(self) -> str:
        """The value of the header `Findings`, a dictionary as in RFC 8941."""
        cut = len(self.findings) > MOST_FINDINGS
        shown = f", shown={MOST_FINDINGS}" if cut else ""
        return f"errors={self.errors}, warnings={self.warnings}{shown}"


class Checker:
    """Checks texts with the rules of one snapshot."""

    def __init__(self, store: ox.Store, base: str) -> None:
        """Make it; the rules are read when they are needed first.

        Args:
            store: The snapshot.
            base: What the IRIs of its dataset begin with; the texts use the canonical one.
        """
        self._store = store
        self._base = base

    def prepare(self) -> None:
        """Load all that a check needs, so that a worker which can open no file has it.

        Raises:
            DataError: The rules of the snapshot cannot be used.
        """
        for form in renderers.FORMATS:
            import_module(f"{renderers.__name__}.{form}")
        if not self.has_rules:
            return
        trial = self.check(_TRIAL.encode(), _UNNAMED)
        for form in renderers.FORMATS:
            self.rendered(trial, form, "en")

    @property
    def has_rules(self) -> bool:
        """Whether there are any shapes in the snapshot."""
        graph = self._graph_node(SHAPES_GRAPH)
        return next(iter(self._store.quads_for_pattern(None, None, None, graph)), None) is not None

    def check(self, data: bytes, name: str) -> Checked:
        """Check a text.

        Args:
            data: The text.
            name: What findings call it.

        Raises:
            DataError: The rules of the snapshot cannot be used.
        """
        try:
            text = decoded(data, name)
        except EncodingError as fault:
            place = Span(name, fault.line, fault.column, fault.line, fault.column + 1)
            found = catalogue.finding("ENC01", "not-utf8", place, {"reason": fault.reason})
            shown = data.decode("utf-8", errors="replace")
            return Checked(name, shown, [found], complete=False, is_readable=False)
        report = check_draft(text, name, self.ground)
        found_here = [_in_text(finding, name) for finding in report.findings]
        return Checked(name, text, found_here, complete=report.complete, is_readable=True)

    def rendered(self, checked: Checked, form: str, language: str) -> str:
        """Return what was found in one of the formats of `kg.renderers`, the first findings."""
        view = _View(
            checked.findings[:MOST_FINDINGS],
            Path(),
            files=(checked.name,),
            language=language,
            complete=checked.complete,
            given={checked.name: checked.text},
            known=self.catalogue,
        )
        return renderers.render(view, form)

    def as_type(self, checked: Checked, media_type: MediaType, language: str) -> bytes:
        """Return what was found as a document of one of the types `OFFERED`; HTML is a report."""
        if media_type.extension in {item.extension for item in GRAPH_TYPES}:
            report = self.rendered(checked, "rdf", language).encode()
            if media_type.extension == TURTLE.extension:
                return report + b"\n"
            triples = [quad.triple for quad in ox.parse(report, format=ox.RdfFormat.TURTLE)]
            return serialize_graph(triples, media_type.extension)
        form = "html" if media_type == HTML else _RENDERERS[media_type]
        return f"{self.rendered(checked, form, language)}\n".encode()

    @cached_property
    def ground(self) -> Ground:
        """What texts are checked with."""
        shapes = {f"{_SHAPES_NAME}{SHAPES_GRAPH}": self._turtle(SHAPES_GRAPH)}
        context = [SourceFile(n, Path(n), n, self._turtle(n)) for n in (ONTOLOGY, LISTS)]
        return Ground(
            shapes, context, self._is_described, lambda: self._named, lambda: self._retired
        )

    @cached_property
    def catalogue(self) -> Catalogue:
        """The rules."""
        return catalogue.of_shapes(self.ground.shapes.values())

    @cached_property
    def _named(self) -> tuple[SourceFile, ...]:
        """What the snapshot names, for what may have been meant; nothing where that is too much."""
        found: list[ox.Quad] = []
        for path in PROPERTIES:
            quads = self._store.quads_for_pattern(None, ox.NamedNode(path), None, None)
            found += islice(quads, _MOST_NAMED + 1)
        if len(found) > _MOST_NAMED:
            return ()
        return (SourceFile(_NAMED, Path(_NAMED), _NAMED, self._written(found)),)

    @cached_property
    def _retired(self) -> dict[str, list[Triple]]:
        """What the snapshot says of each thing that it calls retired, with the canonical base."""
        found: dict[str, list[Triple]] = {}
        graph = self._graph_node(RETIRED)
        for quad in self._store.quads_for_pattern(None, None, None, graph):
            triple = cast(Triple, self._moved(quad).triple)
            found.setdefault(triple.subject.value, []).append(triple)
        return found

    def _turtle(self, graph: str) -> str:
        """Return a graph of the snapshot as Turtle."""
        node = self._graph_node(graph)
        return self._written(self._store.quads_for_pattern(None, None, None, node))

    def _written(self, quads: Iterable[ox.Quad]) -> str:
        """Return statements as Turtle, each once, with the canonical base and our prefixes."""
        moved = (quad if self._base == CANONICAL_BASE else self._moved(quad) for quad in quads)
        triples = sorted({quad.triple for quad in moved}, key=str)
        made = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
        return cast(bytes, made).decode()

    def _moved(self, quad: ox.Quad) -> ox.Quad:
        return rebase(quad, CANONICAL_BASE, old=self._base)

    def _graph_node(self, canonical: str) -> ox.NamedNode:
        return ox.NamedNode(self._base + canonical.removeprefix(CANONICAL_BASE))

    def _is_described(self, iri: str) -> bool:
        here = self._base + iri.removeprefix(CANONICAL_BASE)
        thing = ox.NamedNode(here if iri.startswith(CANONICAL_BASE) else iri)
        return any(True for _ in self._store.quads_for_pattern(thing, _TYPE, None, None))


@dataclass(frozen=True)
class _View(renderers.View):
    """A view whose rules are those of a snapshot."""

    known: Catalogue = field(kw_only=True)

    @cached_property
    def rules(self) -> Catalogue:
        return self.known


def _in_text(finding: Finding, name: str) -> Finding:
    """Return a finding without places that the client cannot look at.

    Of ontology and lists only the graph is named. The place of the rule is left out.
    """
    related = tuple(
        Related(_seen(each.span, name), each.said)
        for each in finding.related
        if not each.span.path.startswith(_SHAPES_NAME)
    )
    return replace(finding, span=_seen(finding.span, name), related=related)


def _seen(span: Span, name: str) -> Span:
    return span if span.path == name else Span(span.path)


def too_large(most: int) -> ProtocolError:
    """Return the error for a text with too many bytes."""
    detail = f"a text may have at most {most:,} bytes; check one file at a time, or use kg check"
    return ProtocolError(413, "Text too large", detail, {"Connection": "close"})


def read_sent(content_type: str, query: str, body: bytes, most: int) -> Sent:
    """Return what a request sends.

    Args:
        content_type: Of the body; its type is one of `BODY_TYPES`.
        query: Of the address.
        body: Of the request.
        most: Bytes that the text may have.

    Raises:
        ProtocolError: 400 or 413.
    """
    header = Message()
    header["Content-Type"] = content_type
    kind = header.get_content_type()
    address = _pairs(query)
    if kind == TURTLE.name:
        _must_be_utf_8(header.get_param("charset", "utf-8"))
        sent = _Part("", "", body)
        fields = address
    else:
        parts = _form(body) if kind == FORM_TYPE else _multipart(header, body)
        sent = _text_of(parts)
        fields = [*address, *((part.name, part.data.decode("utf-8", "replace")) for part in parts)]
    if len(sent.data) > most:
        raise too_large(most)
    given = {name: value for name, value in reversed(fields) if value}
    return Sent(
        sent.data,
        _named(sent.filename or given.get("name") or _UNNAMED),
        given.get("language"),
        given.get("format"),
        given.get("only", ""),
    )


def chosen_format(accept: str | None, form: str | None) -> MediaType:
    """Return the media type of the answer.

    Args:
        accept: Value of `Accept`, or None.
        form: The extension of a format, which stands above it; None for none.

    Raises:
        ProtocolError: 400 or 406.
    """
    if form is not None:
        found = by_extension(form, OFFERED)
        if found is None:
            known = ", ".join(item.extension for item in OFFERED)
            detail = f"format={form!r} is not one of: {known}"
            raise ProtocolError(400, "Unknown format", detail)
        return found
    offered = (*OFFERED, *(item for item in with_aliases((RDF_XML,)) if item != RDF_XML))
    chosen = negotiate(accept, offered)
    if chosen is None:
        raise not_acceptable(accept, offered, "what is found in a text")
    return chosen


def chosen_language(given: str | None, preferred: Sequence[str]) -> str:
    """Return the language in which findings are said.

    Args:
        given: What a parameter asks for, or None.
        preferred: Tags of `Accept-Language`, best first.

    Raises:
        ProtocolError: 400, where the parameter names a language that there is not.
    """
    if given is not None:
        if given not in LANGUAGES:
            detail = f"language={given!r} is not one of: {', '.join(LANGUAGES)}"
            raise ProtocolError(400, "Unknown language", detail)
        return given
    tags = (tag.partition("-")[0] for tag in preferred)
    return next((tag for tag in tags if tag in LANGUAGES), LANGUAGES[0])


class _Part(NamedTuple):
    """A field of a form; `filename` is empty where it is no file."""

    name: str
    filename: str
    data: bytes


def _text_of(parts: Sequence[_Part]) -> _Part:
    """Return the file that was chosen, else the text that was written."""
    files = [part for part in parts if part.name == "file" and (part.filename or part.data)]
    texts = [part for part in parts if part.name == "text"]
    if len(files) + len(texts) == 0 or len(files) > 1 or len(texts) > 1:
        detail = f"found {len(texts)} fields 'text' and {len(files)} files; send one of them"
        if not files and not texts:
            raise ProtocolError(400, "No text", detail)
        raise ProtocolError(400, "Several texts", detail)
    if files:
        return files[0]
    # HTML sends CR LF for each line end of a text field, whatever was written.
    return texts[0]._replace(data=texts[0].data.replace(b"\r\n", b"\n"))


def _form(body: bytes) -> list[_Part]:
    try:
        # Latin-1 keeps every byte, so that a text that is not UTF-8 comes through as it is.
        pairs = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise _too_many_fields() from None
    return [_Part(name, "", value.encode("latin-1")) for name, value in pairs]


def _multipart(header: Message, body: bytes) -> list[_Part]:
    """Return the fields of a form as RFC 7578 has them."""
    boundary = header.get_boundary()
    if not boundary or not boundary.isascii():
        raise _broken_form("the content type has no boundary")
    mark = b"--" + boundary.encode()
    _, *parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if not parts or not parts[-1].startswith(b"--"):
        raise _broken_form("its end is missing")
    if len(parts) > _MOST_FIELDS:
        raise _too_many_fields()
    return [_part(each) for each in parts[:-1]]


def _part(data: bytes) -> _Part:
    head, empty_line, content = data.partition(b"\r\n\r\n")
    header = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip("\r\n"))
    name = header.get_param("name", None, "Content-Disposition")
    if not empty_line or not isinstance(name, str):
        raise _broken_form("a field has no name")
    return _Part(name, header.get_filename("") or "", content)


def _broken_form(reason: str) -> ProtocolError:
    return ProtocolError(400, "Not a form", f"the body is no {MULTIPART_TYPE}: {reason}")


def _too_many_fields() -> ProtocolError:
    detail = f"more than {_MOST_FIELDS} fields; a text needs one"
    return ProtocolError(400, "Too many fields", detail)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _too_many_fields() from None


def _must_be_utf_8(charset: object) -> None:
    if str(charset).lower() not in ("utf-8", "utf8"):
        detail = f"the text is said to be in {charset!r}; Turtle is UTF-8"
        raise ProtocolError(415, "Unsupported charset", detail)


def _named(name: str) -> str:
    """Return the last part of a file name, without what could mislead a reader."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    return kept[:_LONGEST_NAME] or _UNNAMED
