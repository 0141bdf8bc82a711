"""Answering queries from a SPARQL endpoint elsewhere, with the limits and the words of this server.

The guard reads a query first, as it does before the engine of this machine. Then it goes to the
endpoint as it is. What comes back is parsed as it comes, its values are put in their normal
spelling (`kg.query.remote_terms`), and it is written anew in the format that was asked for: so an
answer has the same form whatever stands behind, and one that breaks off is never passed for whole.

What a deadline here cannot do is stop the work there: the connection is closed, and engines differ
in whether they notice. Give the endpoint a time limit of its own that is no longer than ours.

DESCRIBE is whatever the endpoint makes of it (SPARQL 1.1 leaves it open): the statements about a
thing, or also those that point at it. Pages do not use it.
"""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO, Any, Final, TypeVar, cast

import httpx
import pyoxigraph as ox

from kg.errors import DataError, KgError, MalformedError
from kg.mediatypes import RDF_XML, RESULTS_JSON, RESULTS_XML
from kg.namespaces import CANONICAL_BASE
from kg.query.backend import (
    HOLD_BYTES,
    BusyError,
    QueryJob,
    QueryTimeoutError,
    RemoteError,
)
from kg.query.evaluation import (
    GRAPH_FORMATS,
    RESULT_FORMATS,
    Sink,
    XmlSink,
    too_large,
    write_graph,
)
from kg.query.guard import Form, Graph, inspect
from kg.query.remote_client import (
    ACCEPT_GRAPH,
    ACCEPT_RESULTS,
    WORDS,
    Endpoint,
    Reader,
    check,
    form,
    let_go,
    refusal,
    row_limit,
    truth,
    unreachable,
    unreadable,
)
from kg.query.remote_probe import Capabilities, probe, published
from kg.query.remote_terms import normal
from kg.query.rows import CUTTERS, with_limit
from kg.query.worker import CODED_FROM, coder_for

_QUEUED: Final = 4  # pieces of HOLD_BYTES that may lie between the writing and the sending
_ROWS: Final = 200  # that are written at once
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class RemoteLimits:
    """What queries to the endpoint may use.

    Attributes:
        deadline_s: Seconds for one query, from its request to the last byte of its answer.
        result_bytes: Largest answer, before the content coding.
        concurrent: Queries at the same time.
        waiting: Queries that may wait for a place; the next one is turned away at once.
        wait_s: Seconds that a query waits before it is turned away.
    """

    deadline_s: float = 20.0
    result_bytes: int = 50_000_000
    concurrent: int = 8
    waiting: int = 32
    wait_s: float = 10.0


class RemoteBackend:
    """A `kg.query.backend.Backend` over any endpoint of the SPARQL 1.1 Protocol.

    Attributes:
        capabilities: What the endpoint can do and holds; None before `start`.
    """

    capabilities: Capabilities | None = None

    def __init__(
        self,
        url: str,
        *,
        base: str = CANONICAL_BASE,
        limits: RemoteLimits | None = None,
        about: str = "",
    ) -> None:
        """Make a backend; `start` tries the endpoint.

        Args:
            url: Of the endpoint, without credentials.
            base: What the IRIs of the dataset begin with.
            limits: What queries may use.
            about: The address that the head of a cut answer links to.
        """
        self.url = url
        self.base = base
        self.limits = limits or RemoteLimits()
        self.about = about
        self._places = _Places(self.limits)

    async def start(self) -> None:
        """Find out what the endpoint can do.

        Raises:
            KgError: It does not answer.
        """
        self._threads = ThreadPoolExecutor(self.limits.concurrent, thread_name_prefix="remote")
        self._client = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - the deadline of the query is the limit
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=self.limits.concurrent),
        )
        await self.refresh()

    async def refresh(self) -> Capabilities:
        """Find out anew what the endpoint can do and holds, and return it.

        While a snapshot is being published none is complete: then the last one counts.

        Raises:
            KgError: It does not answer.
        """
        found = await self._asked(lambda endpoint: probe(endpoint, self.base))
        last = self.capabilities
        if found.published is None and last is not None and last.published is not None:
            found = replace(found, published=last.published, default_graph=last.default_graph)
        self.capabilities = found
        return found

    async def snapshot(self) -> str | None:
        """Return the hash of the snapshot that is complete there now; None where none is.

        One small query: for looking often, and calling `refresh` when it is another.

        Raises:
            KgError: It does not answer.
        """
        found = await self._asked(lambda endpoint: published(endpoint, self.base))
        return found.snapshot if found else None

    async def _asked(self, ask: Callable[[Endpoint], _Found]) -> _Found:
        endpoint = Endpoint(self.url, self.limits.deadline_s)
        try:
            return await asyncio.to_thread(ask, endpoint)
        finally:
            endpoint.close()

    async def query(self, job: QueryJob) -> "RemoteAnswer":
        """Return an answer once it has begun; see `kg.query.backend.Backend`.

        Raises:
            MalformedError: Not well-formed, or refused by `kg.query.guard`.
            DataError: It cannot be evaluated or written in this format.
            ResultTooLargeError: More bytes, or more rows than the endpoint gives.
            QueryTimeoutError, BusyError, RemoteError: As they say.
        """
        plan = self._plan(job)
        await self._places.take()
        answer = RemoteAnswer(self, plan, self._places.give_back)
        try:
            await answer.begin()
        except BaseException:
            await answer.close()
            raise
        return answer

    async def close(self) -> None:
        """Close the connections; answers that have begun break off."""
        await self._client.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _plan(self, job: QueryJob) -> "_Plan":
        outline = inspect(job.text)
        if outline.form is None:
            reason = "expected a query: SELECT, ASK, CONSTRUCT or DESCRIBE after the prefixes"
            raise MalformedError(None, 1, 1, reason)
        is_graph = outline.form in ("CONSTRUCT", "DESCRIBE")
        formats: Iterable[str] = GRAPH_FORMATS if is_graph else RESULT_FORMATS
        if job.extension not in formats:
            raise DataError(
                f"{job.extension!r} is no format of {outline.form}; choose: {', '.join(formats)}"
            )
        limited = None if job.max_rows is None else with_limit(job.text, job.max_rows + 1)
        asked = _asked(job, outline.dataset)
        return _Plan(
            limited or job.text,
            outline.form,
            job.extension,
            *self._dataset(asked),
            self._absent(asked),
            job.encoding,
            min(job.result_bytes or self.limits.result_bytes, self.limits.result_bytes),
            None if limited is None else job.max_rows,
        )

    def _dataset(self, asked: Sequence[Graph]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return default and named graphs to send; none where the endpoint's own are right.

        Where the default graph lies in a graph of its own, the dataset is always sent. A part of
        it that is to be empty is sent as a graph that is not there: left out, it would be all.
        """
        default = tuple(graph.iri for graph in asked if not graph.is_named)
        named = tuple(graph.iri for graph in asked if graph.is_named)
        found = self.capabilities.published if self.capabilities else None
        if found is None or found.default_graph is None:
            return default, named
        if not asked:
            return (found.default_graph,), tuple(found.graphs)
        nothing = (f"{self.base}graph/nothing",)
        return default or nothing, named or nothing

    def _absent(self, asked: Sequence[Graph]) -> tuple[str, ...]:
        found = self.capabilities.published if self.capabilities else None
        if found is None:
            return ()
        return tuple(sorted({graph.iri for graph in asked} - set(found.graphs)))


def _asked(job: QueryJob, dataset: tuple[Graph, ...]) -> tuple[Graph, ...]:
    """Return the dataset of a query: that of the request, if it has one, else its own."""
    if not (job.default_graphs or job.named_graphs):
        return dataset
    return (
        *(Graph(iri, is_named=False) for iri in job.default_graphs),
        *(Graph(iri, is_named=True) for iri in job.named_graphs),
    )


@dataclass(frozen=True)
class _Plan:
    """A query as it is sent, and how its answer is to be written."""

    text: str
    form: Form
    extension: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    absent: tuple[str, ...]
    encoding: str | None
    result_bytes: int
    max_rows: int | None

    @property
    def accept(self) -> str:
        """The format that the endpoint is asked for."""
        return ACCEPT_GRAPH if self.form in ("CONSTRUCT", "DESCRIBE") else ACCEPT_RESULTS


class _Places:
    """As many queries at once as are allowed; a few more wait, and no more than that."""

    def __init__(self, limits: RemoteLimits) -> None:
        self._limits = limits
        self._free = asyncio.Semaphore(limits.concurrent)
        self._waiting = 0

    async def take(self) -> None:
        if self._free.locked() and self._waiting >= self._limits.waiting:
            raise BusyError("too many queries are waiting; try again in a few seconds")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise BusyError(
                f"no place became free in {self._limits.wait_s:g} seconds; try again later"
            ) from None
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        self._free.release()


@dataclass(frozen=True)
class _End:
    """The last thing that the writing hands over."""

    fault: KgError | None
    cut_at: int | None = None
    encoding: str | None = None


class _ClosedError(Exception):
    """Nobody wants the answer any more."""


class RemoteAnswer:
    """An answer that has begun.

    A thread reads, parses and writes it; both ends wait for each other through the event loop, so
    that no more of it is in memory than a few pieces.

    Attributes:
        first: Its first bytes.
        is_complete: Whether `first` is the whole answer.
        encoding: Content coding of the bytes, or None.
        cut_at: Number of rows where it was cut, or None.
        absent: Graphs that the query names and that are not there; they count as empty.
    """

    def __init__(self, backend: RemoteBackend, plan: _Plan, give_back: Callable[[], None]) -> None:
        self.first = b""
        self.is_complete = False
        self.encoding = plan.encoding
        self.cut_at: int | None = None
        self.absent = plan.absent
        self._backend = backend
        self._plan = plan
        self._give_back: Callable[[], None] | None = give_back
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + backend.limits.deadline_s
        self._pieces: asyncio.Queue[bytes | _End] = asyncio.Queue(_QUEUED)
        self._response: httpx.Response | None = None
        self._writing: asyncio.Future[None] | None = None
        self._pulling: asyncio.Task[Any] | None = None
        self._is_closed = False

    async def begin(self) -> None:
        """Wait until the first bytes are there; raises as `RemoteBackend.query`."""
        response = await self._send()
        self._response = response
        if response.status_code != httpx.codes.OK:
            async with self._in_time():
                raise refusal(self._backend.url, response, await _words(response))
        check(self._backend.url, response, self._plan.accept)
        source = response.aiter_bytes()
        self._writing = self._loop.run_in_executor(
            self._backend._threads, self._write, source, row_limit(response)
        )
        await self._hold()

    async def rest(self) -> AsyncIterator[bytes]:
        """Give what follows `first`; see `kg.query.backend.Answer`."""
        while not self.is_complete:
            piece = await self._pieces.get()
            if isinstance(piece, _End):
                self._finish(piece)
            else:
                yield piece
        await self.close()

    async def close(self) -> None:
        """Let go of it; see `kg.query.backend.Answer`."""
        if self._is_closed:
            return
        self._is_closed = True
        while not self._pieces.empty():
            self._pieces.get_nowait()
        if self._pulling is not None:
            self._pulling.cancel()
        try:
            if self._writing is not None:
                await asyncio.shield(self._writing)
            if self._response is not None:
                await self._response.aclose()
        finally:
            if self._give_back is not None:
                self._give_back()
                self._give_back = None

    async def _send(self) -> httpx.Response:
        backend, plan = self._backend, self._plan
        request = backend._client.build_request(
            "POST",
            backend.url,
            data=form(plan.text, plan.default_graphs, plan.named_graphs),
            headers={"Accept": plan.accept},
        )
        async with self._in_time():
            return await backend._client.send(request, stream=True)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        backend = self._backend
        try:
            async with asyncio.timeout_at(self._deadline):
                yield
        except TimeoutError:
            raise QueryTimeoutError(
                f"{backend.url}: no whole answer in {backend.limits.deadline_s:g} seconds; the "
                "query was given up; ask for less"
            ) from None
        except httpx.HTTPError as error:
            raise unreachable(backend.url, error) from error

    async def _hold(self) -> None:
        held: list[bytes] = []
        size = 0
        while size < HOLD_BYTES:
            piece = await self._pieces.get()
            if isinstance(piece, _End):
                self._finish(piece)
                break
            held.append(piece)
            size += len(piece)
        self.first = b"".join(held)
        if self.is_complete:
            await self.close()

    def _finish(self, end: _End) -> None:
        if end.fault is not None:
            raise end.fault
        self.is_complete = True
        self.cut_at = end.cut_at
        if not self.first:
            self.encoding = end.encoding

    # What follows runs in a thread.

    def _write(self, source: AsyncIterator[bytes], limit: int | None) -> None:
        """Write the answer; what goes wrong is handed over like the rest of it."""
        reader = Reader(_Pull(lambda: self._wait(self._pull(source))))
        sink = _CodedSink(self._put, self._plan.result_bytes, self._plan.encoding)
        fault: KgError | None = None
        cut_at: int | None = None
        try:
            able = self._backend.capabilities
            caps = [n for n in (limit, able.row_cap if able else None) if n is not None]
            cut_at = _Writing(self._backend, self._plan, min(caps, default=None)).run(reader, sink)
            sink.finish()
        except _ClosedError as error:
            let_go(error)
            return
        except KgError as error:
            let_go(error)
            fault = error.with_traceback(None)
        except (SyntaxError, ValueError) as error:
            let_go(error)
            fault = unreadable(self._backend.url, str(error), reader.tail)
        with suppress(_ClosedError):
            self._put(_End(fault, cut_at, sink.encoding))

    def _put(self, piece: bytes | _End) -> None:
        self._wait(self._hand_over(piece))

    def _wait(self, work: Awaitable[_Found]) -> _Found:
        future: Future[_Found] = asyncio.run_coroutine_threadsafe(cast(Any, work), self._loop)
        try:
            return future.result()
        except CancelledError:
            raise _ClosedError from None

    async def _hand_over(self, piece: bytes | _End) -> None:
        if self._is_closed:
            raise _ClosedError
        await self._pieces.put(piece)

    async def _pull(self, source: AsyncIterator[bytes]) -> bytes | None:
        if self._is_closed:
            raise _ClosedError
        self._pulling = asyncio.current_task()
        try:
            async with self._in_time():
                return await anext(source, None)
        finally:
            self._pulling = None


class _Pull:
    """Pieces from the event loop, as an iterator for a thread."""

    def __init__(self, pull: Callable[[], bytes | None]) -> None:
        self._pull = pull

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._pull()
        if piece is None:
            raise StopIteration
        return piece


async def _words(response: httpx.Response) -> bytes:
    found = b""
    async for piece in response.aiter_bytes():
        found += piece
        if len(found) >= WORDS:
            break
    return found[:WORDS]


class _CodedSink:
    """Takes the bytes of an answer and hands them over in larger pieces: coded, and bounded."""

    def __init__(self, put: Callable[[bytes], None], limit: int, encoding: str | None) -> None:
        self.encoding = encoding
        self._put = put
        self._limit = limit
        self._coder = coder_for(encoding)
        self._held = bytearray()
        self._total = 0

    def write(self, data: Any, /) -> int:
        self._held += data
        self._total += len(data)
        if self._total > self._limit:
            raise too_large(self._limit)
        if len(self._held) >= HOLD_BYTES:
            self._send(is_last=False)
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is held is sent when it is enough, or at the end."""

    def finish(self) -> None:
        """Send what is left; the answer is complete."""
        if self._total < CODED_FROM:
            self._coder, self.encoding = None, None
        self._send(is_last=True)

    def _send(self, *, is_last: bool) -> None:
        data = bytes(self._held)
        self._held.clear()
        if self._coder is not None:
            data = self._coder.compress(data)
            data += self._coder.finish() if is_last else self._coder.flush()
        self._put(data)


class _Writing:
    """Writes one answer anew."""

    def __init__(self, backend: RemoteBackend, plan: _Plan, row_cap: int | None) -> None:
        self._backend = backend
        self._plan = plan
        self._row_cap = row_cap

    def run(self, reader: Reader, sink: Sink) -> int | None:
        """Write an answer; return the number of rows where it was cut, or None."""
        plan = self._plan
        if plan.accept == ACCEPT_GRAPH:
            quads = ox.parse(cast("IO[bytes]", reader), format=ox.RdfFormat.N_TRIPLES)
            triples = (_normal_triple(quad) for quad in quads)
            write_graph(self._counted(triples), plan.extension, _for(plan.extension, sink))
            return None
        if plan.max_rows is None:
            self._results(reader, _for(plan.extension, sink))
            return None
        whole = io.BytesIO()
        self._results(reader, _for(plan.extension, whole))
        body = CUTTERS[plan.extension](whole.getvalue(), plan.max_rows, self._backend.about)
        sink.write(whole.getvalue() if body is None else body)
        return None if body is None else plan.max_rows

    def _results(self, reader: Reader, sink: Sink) -> None:
        found = ox.parse_query_results(cast("IO[bytes]", reader), format=ox.QueryResultsFormat.JSON)
        if self._plan.form == "ASK":
            answer = truth(self._backend.url, found)
            pieces: Iterator[bytes] = iter([_dump({"head": {}, "boolean": answer})])
        elif isinstance(found, ox.QuerySolutions):
            pieces = self._table(found)
        else:
            raise RemoteError(f"{self._backend.url}: the answer to SELECT has no rows")
        write_results(pieces, self._plan.extension, sink)

    def _table(self, found: ox.QuerySolutions) -> Iterator[bytes]:
        names = [variable.value for variable in found.variables]
        yield b'{"head":{"vars":' + _dump(names) + b'},"results":{"bindings":['
        rows: list[str] = []
        is_first = True
        for solution in self._counted(found):
            cells = zip(names, solution, strict=True)
            row = {name: cell_of(term) for name, term in cells if term is not None}
            rows.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")))
            if len(rows) == _ROWS:
                yield b"" if is_first else b","
                yield ",".join(rows).encode()
                rows.clear()
                is_first = False
        if rows:
            yield (b"" if is_first else b",") + ",".join(rows).encode()
        yield b"]}}"

    def _counted(self, found: Iterable[_Found]) -> Iterator[_Found]:
        """Give rows or statements; that there are as many as the endpoint gives is an error.

        A limit that was met must not look like the end of the answer.
        """
        count = 0
        for item in found:
            count += 1
            yield item
        if self._row_cap is not None and count >= self._row_cap:
            raise RemoteError(
                f"{self._backend.url}: the endpoint gives {self._row_cap:,} rows and no more, so "
                "the answer may lack some; add a LIMIT below that number, or raise its limit"
            )


def _for(extension: str, sink: Sink) -> Sink:
    is_xml = extension in (RDF_XML.extension, RESULTS_XML.extension)
    return XmlSink(sink) if is_xml else sink


def _normal_triple(quad: ox.Quad) -> ox.Triple:
    return ox.Triple(quad.subject, quad.predicate, cast(Any, normal(quad.object)))


def write_results(pieces: Iterable[bytes], extension: str, sink: Sink) -> None:
    """Write results, given as SPARQL JSON in pieces, in the format of an extension.

    Raises:
        DataError: A control character that XML cannot hold.
    """
    if extension == RESULTS_JSON.extension:
        for piece in pieces:
            sink.write(piece)
        return
    source = cast("IO[bytes]", Reader(piece for piece in pieces if piece))
    results = ox.parse_query_results(source, format=ox.QueryResultsFormat.JSON)
    results.serialize(cast("IO[bytes]", sink), format=RESULT_FORMATS[extension])


def cell_of(term: Any) -> dict[str, Any]:
    """Return a term, in its normal spelling, as SPARQL JSON has it."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = ("subject", "predicate", "object")
        inner = {name: cell_of(part) for name, part in zip(parts, term, strict=True)}
        return {"type": "triple", "value": inner}
    literal: ox.Literal = normal(term)
    cell = {"type": "literal", "value": literal.value}
    if literal.language is not None:
        cell["xml:lang"] = literal.language
        if literal.direction is not None:
            cell["its:dir"] = str(literal.direction)
    elif literal.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        cell["datatype"] = literal.datatype.value
    return cell


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
