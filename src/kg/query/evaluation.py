"""Evaluating one query on one store, where it stands: no deadline, no process of its own.

For `kg query`, and inside the worker processes of `kg.query.pool`. There the bytes leave as the
engine makes them; whoever takes them sees to it that a beginning never passes for the whole.
"""

import contextlib
import io
import re
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import pyoxigraph as ox

from kg.errors import DataError, KgError, MalformedError
from kg.mediatypes import (
    CSV,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    RESULTS_JSON,
    RESULTS_XML,
    TRIG,
    TSV,
    TURTLE,
)
from kg.namespaces import PREFIXES
from kg.query.guard import Graph, inspect, is_harmless, undeclared_prefix
from kg.query.reorder import improve
from kg.query.tables import write_csv

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

# Eight times the 8 MiB that the limits of kg.query.guard were measured on.
STACK_BYTES: Final = 64 * 1024 * 1024

GRAPH_FORMATS: Final = {
    TURTLE.extension: ox.RdfFormat.TURTLE,
    JSON_LD.extension: ox.RdfFormat.JSON_LD,
    RDF_XML.extension: ox.RdfFormat.RDF_XML,
    N_TRIPLES.extension: ox.RdfFormat.N_TRIPLES,
    TRIG.extension: ox.RdfFormat.TRIG,
    N_QUADS.extension: ox.RdfFormat.N_QUADS,
}
RESULT_FORMATS: Final = {
    RESULTS_JSON.extension: ox.QueryResultsFormat.JSON,
    RESULTS_XML.extension: ox.QueryResultsFormat.XML,
    CSV.extension: ox.QueryResultsFormat.CSV,
    TSV.extension: ox.QueryResultsFormat.TSV,
}
_XML: Final = (RDF_XML.extension, RESULTS_XML.extension)
_NOT_IN_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0, production [2] Char
NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, Char
_ENDS_IN_NAME: Final = re.compile(r"[^\W\d][\w.-]*$")  # an NCName, Namespaces in XML 1.0 [4]
_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
# What the parser of the engine lists among the signs that it expected.
_FAULTS: Final = {
    "Prefix not found": "this prefix is not declared; add a PREFIX line for it",
    "IRI parsing failed": "this is no absolute IRI, and no BASE is given",
    "variable that is unbound": "SELECT names a variable twice, or one that is not grouped",
}
_RANGE: Final = re.compile(r"\[[^\]]*\]", re.DOTALL)
_ITEM: Final = re.compile(r'"(?:[^"\\]|\\.)+"|[^,"]+')
_REASONS: Final = 8
_ABSENT: Final = 10  # graphs that are told of in a header
_LOOKED_AT: Final = 1000  # statements of a graph by which its prefixes are chosen
_Answer = TypeVar("_Answer")


class UnwritableError(DataError):
    """A format cannot hold a statement that others can."""


class ResultTooLargeError(KgError):
    """The answer has more bytes than the limit; nothing of it is returned."""


class Sink(Protocol):
    """Takes the bytes of an answer as the engine makes them."""

    def write(self, data: "Buffer", /) -> int:
        """Take some bytes, and return how many; what it raises ends the query."""

    def flush(self) -> None:
        """Take note that the engine has paused."""


def evaluate(
    store: ox.Store,
    text: str,
    *,
    extension: str,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    result_bytes: int | None = None,
) -> bytes:
    """Return the serialised answer to a query; like `write_answer`, on a stack of its own.

    Args:
        store: What to ask.
        text: A query.
        extension: Of the format.
        default_graphs: IRIs.
        named_graphs: IRIs.
        result_bytes: Largest answer, or None for any.

    Raises:
        MalformedError, DataError: As in `write_answer`.
        ResultTooLargeError: More than `result_bytes`.
    """
    sink = _Sink(result_bytes)
    graphs = {"default_graphs": default_graphs, "named_graphs": named_graphs}
    on_deep_stack(lambda: write_answer(store, sink, text, extension=extension, **graphs))
    return sink.getvalue()


def write_answer(
    store: ox.Store,
    sink: Sink,
    text: str,
    *,
    extension: str,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
) -> None:
    """Write the serialised answer to a query, as the engine makes it.

    DESCRIBE gives the statements with the resource as subject, and those of blank nodes in them.
    A default graph of several graphs is their merge without duplicates, which the engine by itself
    does not do (oxigraph#1919). A graph that is not in the store is empty; nothing is fetched.

    Args:
        store: What to ask.
        sink: Takes the answer. When an error is raised, it may have taken a beginning.
        text: A SPARQL 1.1 or 1.2 query.
        extension: Of the format, as in `kg.mediatypes`: srj, srx, csv or tsv for SELECT and ASK;
            ttl, jsonld, rdf, nt, trig or nq for CONSTRUCT and DESCRIBE.
        default_graphs: IRIs; these and `named_graphs` replace FROM and FROM NAMED.
        named_graphs: IRIs.

    Raises:
        MalformedError: Not well-formed, or refused by `kg.query.guard`; with line and column.
        DataError: It cannot be evaluated, or the answer cannot be written in this format.
    """
    asked = graphs_of(text, default_graphs, named_graphs)
    write_over(store, sink, text, extension, asked)


def write_over(
    store: ox.Store, sink: Sink, text: str, extension: str, asked: Sequence[Graph]
) -> None:
    """Do what `write_answer` does, for a query whose graphs are known from `graphs_of`."""
    _write(Dataset(store, asked), text, extension, XmlSink(sink) if extension in _XML else sink)


def graphs_of(
    text: str,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    origins: Sequence[str] = (),
) -> tuple[Graph, ...]:
    """Return the dataset of a query: that of the request, if it has one, else its own.

    Args:
        text: The query.
        default_graphs: IRIs of the request.
        named_graphs: The same.
        origins: Those that SERVICE may name.

    Raises:
        MalformedError: The query is refused by `kg.query.guard`.
    """
    own = () if is_harmless(text) else inspect(text, origins).dataset
    if default_graphs or named_graphs:
        return (
            *(Graph(iri, is_named=False) for iri in default_graphs),
            *(Graph(iri, is_named=True) for iri in named_graphs),
        )
    return own


def absent_graphs(store: ox.Store, asked: Sequence[Graph]) -> list[str]:
    """Return the first `_ABSENT` of some graphs that are not in a store, sorted."""
    named = sorted({graph.iri for graph in asked})
    absent = (iri for iri in named if not store.contains_named_graph(_graph_node(iri)))
    return list(islice(absent, _ABSENT))


def too_large(limit: int) -> ResultTooLargeError:
    """Return the error for an answer with more bytes than a limit."""
    return ResultTooLargeError(
        f"the answer has more than {limit:,} bytes; add LIMIT, ask for fewer columns, or take one "
        "named graph at a time, such as /graph/source/s000"
    )


def serialize_graph(
    statements: Sequence[ox.Triple] | Sequence[ox.Quad],
    extension: str,
    prefixes: dict[str, str] | None = None,
) -> bytes:
    """Return triples or quads in the format of an extension.

    Args:
        statements: All that is to be written.
        extension: Of the format.
        prefixes: Their namespaces; None for those of `prefixes_of`.

    Raises:
        UnwritableError: The format cannot hold one of them.
    """
    sink = _Sink(None)
    if extension == RDF_XML.extension:
        statements = list(_as_elements(statements))
    if prefixes is None:
        prefixes = prefixes_of(statements)
    ox.serialize(statements, sink, format=GRAPH_FORMATS[extension], prefixes=prefixes)
    return sink.getvalue()


def prefixes_of(statements: Sequence[ox.Triple] | Sequence[ox.Quad]) -> dict[str, str]:
    """Return the known prefixes that fit an IRI in some statements."""
    terms = set(chain.from_iterable(statements))
    iris = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    iris |= {term.datatype.value for term in terms if isinstance(term, ox.Literal)}
    namespaces = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in iris}
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if namespace in namespaces}


def on_deep_stack(work: Callable[[], _Answer]) -> _Answer:
    """Return what `work` returns, run on a stack of `STACK_BYTES`; its error is raised here."""
    answers: list[_Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:
            _let_go(error)
            errors.append(error)

    before = threading.stack_size(STACK_BYTES)
    try:
        thread = threading.Thread(target=run, name="query")
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]


def _let_go(error: BaseException) -> None:
    """Drop what the frames of an error hold: the engine's answers may only end in their thread."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__


class XmlSink:
    """Passes XML on, and stops the engine at what XML cannot hold."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: "Buffer", /) -> int:
        """Pass bytes on.

        Raises:
            DataError: XML cannot hold them.
        """
        if _NOT_IN_XML.search(data):
            raise DataError(
                "the answer has a control character, which XML cannot hold; ask for JSON, CSV, "
                "Turtle or N-Triples"
            )
        return self._sink.write(data)

    def flush(self) -> None:
        """Pass the pause on."""
        self._sink.flush()


class _Sink(io.BytesIO):
    """Gathers bytes and stops the engine when there are too many."""

    def __init__(self, limit: int | None) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: "Buffer", /) -> int:
        written = super().write(data)
        if self._limit is not None and self.tell() > self._limit:
            raise too_large(self._limit)
        return written


class Dataset:
    """The default and named graphs that a query sees."""

    def __init__(self, store: ox.Store, asked: Sequence[Graph]) -> None:
        """Make it of what a store holds and what `graphs_of` says.

        Raises:
            DataError: What names a graph is no absolute IRI.
        """
        self.store = store
        self.default: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = None
        self.named: list[ox.NamedNode | ox.BlankNode] | None = None
        if not asked:
            return
        self.default = [_graph_node(graph.iri) for graph in asked if not graph.is_named]
        self.named = [_graph_node(graph.iri) for graph in asked if graph.is_named]
        if len(self.default) > 1:
            self.store = self._merged()
            self.default = [ox.DefaultGraph()]

    def _merged(self) -> ox.Store:
        merged = ox.Store()
        for graph in self.default or ():
            for quad in self.store.quads_for_pattern(None, None, None, graph):
                merged.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        for graph in self.named or ():
            merged.extend(self.store.quads_for_pattern(None, None, None, graph))
        return merged


def _graph_node(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise DataError(f"{iri!r} names no graph: {error}; give an absolute IRI") from error


def _write(dataset: Dataset, text: str, extension: str, sink: Sink) -> None:
    try:
        answer = begin(dataset, text)
        if isinstance(answer, ox.QueryTriples):
            _check_format(extension, GRAPH_FORMATS, "CONSTRUCT and DESCRIBE")
            write_graph(answer, extension, sink)
        else:
            _check_format(extension, RESULT_FORMATS, "SELECT and ASK")
            if extension == CSV.extension and isinstance(answer, ox.QuerySolutions):
                write_csv(answer, sink.write)
            else:
                answer.serialize(cast("IO[bytes]", sink), format=RESULT_FORMATS[extension])
    except SyntaxError as error:
        raise (undeclared_prefix(text) or syntax_fault(str(error.msg or error))) from error
    except ConnectionError:
        raise  # of the sink: there is nobody to write to
    except (OSError, RuntimeError, ValueError, UnicodeEncodeError) as error:
        raise DataError(f"the query cannot be evaluated: {error}") from error


def begin(dataset: Dataset, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Have the engine begin, with the query in the order that suits it best.

    Raises:
        SyntaxError, OSError, RuntimeError, ValueError: As the engine does.
    """
    graphs: dict[str, Any] = {"default_graph": dataset.default, "named_graphs": dataset.named}
    better = improve(text)
    if better is not text:
        with contextlib.suppress(SyntaxError):  # faults are told of the text as it was written
            return dataset.store.query(better, **graphs)
    return dataset.store.query(text, **graphs)


def write_graph(
    statements: Iterable[ox.Triple] | Iterable[ox.Quad], extension: str, sink: Sink
) -> None:
    """Write triples or quads in the format of an extension.

    Raises:
        UnwritableError: The format cannot hold one of them.
    """
    if extension == RDF_XML.extension:
        statements = _as_elements(statements)
    elif extension == JSON_LD.extension:
        statements = _without_triple_terms(statements)
    rest = iter(cast("Iterable[ox.Triple]", statements))
    first = list(islice(rest, _LOOKED_AT))
    ox.serialize(
        chain(first, rest),
        cast("IO[bytes]", sink),
        format=GRAPH_FORMATS[extension],
        prefixes=prefixes_of(first),
    )


def _without_triple_terms(statements: Iterable[Any]) -> Iterator[Any]:
    """Yield statements, none of which has another one as its value: JSON-LD 1.1 knows no such."""
    for statement in statements:
        if isinstance(statement.object, ox.Triple):
            raise UnwritableError(
                "the answer has a triple term, which JSON-LD cannot hold; ask for Turtle or "
                "N-Triples"
            )
        yield statement


def _as_elements(statements: Iterable[Any]) -> Iterator[Any]:
    """Yield statements that XML can hold: properties that end in a name, and no control characters.

    RDF/XML has no way to write others (RDF 1.1 XML Syntax, section 2.2; XML 1.0, section 2.2).
    """
    for statement in statements:
        if not _ENDS_IN_NAME.search(statement.predicate.value):
            raise UnwritableError(
                f"<{statement.predicate.value}> cannot be written in RDF/XML, because it does not "
                "end in a name; ask for Turtle or another format"
            )
        if isinstance(statement.object, ox.Literal) and NO_XML.search(statement.object.value):
            raise UnwritableError(
                f"a value of <{statement.predicate.value}> has a control character, which XML "
                "cannot hold; ask for Turtle or another format"
            )
        yield statement


def _check_format(extension: str, formats: Iterable[str], form: str) -> None:
    if extension not in formats:
        raise DataError(f"{extension!r} is no format of {form}; choose: {', '.join(formats)}")


def syntax_fault(message: str) -> MalformedError:
    """Return the error for what the parser of the engine says, with its place."""
    match = _PLACE.match(message)
    if match is None:
        return MalformedError(None, 1, 1, message)
    return MalformedError(None, int(match[1]), int(match[2]), _shortened(match[3]))


def _shortened(reason: str) -> str:
    """Say the parser's own faults plainly, and leave ranges of characters out of its list."""
    for fault, plain in _FAULTS.items():
        if fault in reason:
            return plain
    signs = _RANGE.sub("", reason).removeprefix("expected ").removeprefix("one of ")
    found = (item.strip() for item in _ITEM.findall(signs))
    wanted = [item for item in found if item and item not in ("SERVICE", "LATERAL")]
    listed = ", ".join(wanted[:_REASONS])
    rest = " or another of the signs that may follow" if len(wanted) > _REASONS else ""
    return f"expected {listed or 'something else'}{rest}"
