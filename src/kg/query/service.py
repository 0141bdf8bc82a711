"""Answering the queries of strangers: by a backend, within limits, and from what is kept.

The engine has no deadline and no way to cancel, a deep query can overflow its stack and a big one
can take all memory. So a query is neither read nor run here, but by the backend: in a worker
process that can be killed (`kg.query.pool`), or by an endpoint elsewhere (`kg.query.remote`).

An answer of up to `HOLD_BYTES` is complete before its first byte is sent, so it is whole or it is
an error. A longer one is passed on as it is made; where it breaks off, so does the connection.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from kg.errors import MalformedError
from kg.mediatypes import MediaType
from kg.query.backend import Answer, Backend, QueryJob
from kg.query.cache import Cache, Kept, etag_of
from kg.query.evaluation import ResultTooLargeError
from kg.query.guard import Form, inspect, quick_form
from kg.query.protocol import QueryRequest
from kg.query.rows import MOST_ROWS


@dataclass(frozen=True)
class Limits:
    """What one query, and all of them together, may use.

    Attributes:
        deadline_s: Seconds until a query is stopped.
        result_bytes: Largest answer.
        memory_bytes: What a worker may take beyond the loaded store.
        workers: Queries at the same time in the quick lane, and as many in the slow one.
        waiting: Queries that may wait for a worker; the next one is turned away at once.
        wait_s: Seconds that a query waits before it is turned away.
        cache_bytes: What answers that are kept may take; 0 keeps none.
        memory_share: Part of the memory that is free at the start which a snapshot may take when it
            is loaded; a larger one is served from disk. 0 always serves from disk.
        validate_bytes: Largest text that may be checked, see `kg.web.validate`.
        replaced_s: Seconds that a snapshot which has been replaced waits for its last answers to be
            taken; what is not sent by then is broken off.
        service_origins: Origins that SERVICE may name, such as `https://query.example.org`; a query
            that calls one has a worker of its own, which may open sockets, and is not kept.
        printed_things: Most things whose documents are made ahead, see `kg.web.printed`.
        per_minute: Queries that one client may send in a minute, without those that are answered
            from the cache; 0 for any number.
    """

    deadline_s: float = 20.0
    result_bytes: int = 200_000_000
    memory_bytes: int = 1024**3
    workers: int = 2
    waiting: int = 64
    wait_s: float = 10.0
    cache_bytes: int = 128 * 1024**2
    memory_share: float = 0.25
    printed_things: int = 20_000
    per_minute: int = 0
    validate_bytes: int = 2_000_000
    replaced_s: float = 300.0
    service_origins: tuple[str, ...] = ()


class QueryResult:
    """An answer, complete or under way; the caller closes it.

    Attributes:
        media_type: Of the body.
        form: Of the query.
        first: The bytes that are there already.
        is_complete: Whether these are all.
        encoding: Content coding of the bytes, or None.
        cut_at: Rows after which it was cut because the client wanted no more, or None.
        absent: Graphs that the query names and that are not there.
        etag: A strong entity tag of the body, in quotes; empty while it is under way.
        is_lasting: Whether the same query has this answer as long as the snapshot is served.
    """

    def __init__(
        self,
        media_type: MediaType,
        form: Form,
        source: Kept | Answer,
        keep: Callable[[Kept], None] | None = None,
        most: int = 0,
    ) -> None:
        """Make it of an answer that is kept, or of one that a backend gives.

        Args:
            media_type: Of the body.
            form: Of the query.
            source: The answer.
            keep: Takes it when it is complete, where it has at most `most` bytes.
            most: See there.
        """
        self.media_type = media_type
        self.form = form
        self.encoding = source.encoding
        self.cut_at = source.cut_at
        self.absent = source.absent
        self.is_lasting = keep is not None or isinstance(source, Kept)
        self._keep = keep
        self._most = most
        if isinstance(source, Kept):
            self._answer = None
            self.first, self.is_complete, self.etag = source.body, True, source.etag
        else:
            self._answer = source
            self.first, self.is_complete = source.first, source.is_complete
            self.etag = etag_of(self.first) if self.is_complete else ""

    def kept(self, body: bytes) -> Kept:
        """Return it as it is kept, with all its bytes."""
        return Kept(body, self.etag or etag_of(body), self.encoding, self.cut_at, self.absent)

    async def rest(self) -> AsyncIterator[bytes]:
        """Give what follows `first`.

        Raises:
            KgError: The answer broke off; what was sent must not pass for complete.
        """
        if self._answer is None or self.is_complete:
            return
        gathered = [self.first]
        size = len(self.first)
        async for piece in self._answer.rest():
            size += len(piece)
            if size <= self._most:
                gathered.append(piece)
            yield piece
        if size <= self._most and self._keep is not None:
            self._keep(self.kept(b"".join(gathered)))

    async def close(self) -> None:
        """Let go of it; where it is not complete, its making is stopped."""
        if self._answer is not None:
            await self._answer.close()


class QueryService:
    """Answers queries from a backend and from what is kept; for one event loop."""

    def __init__(self, backend: Backend, limits: Limits) -> None:
        """Make the service over a backend that is started or will be."""
        self.limits = limits
        self.backend = backend
        self.cache = Cache(limits.cache_bytes)

    async def run(
        self,
        request: QueryRequest,
        choose: Callable[[Form], MediaType],
        *,
        encoding: str | None = None,
        max_rows: int | None = None,
        may_ask: Callable[[], None] = lambda: None,
    ) -> QueryResult:
        """Return the answer to a query, from the cache where it was given before.

        Args:
            request: Query and dataset.
            choose: Gives the media type for the form of the query; what it raises is raised.
            encoding: Content coding that the client takes.
            max_rows: Rows after which the answer is cut; at most `MOST_ROWS`.
            may_ask: Is called before the backend is asked; what it raises is raised.

        Raises:
            KgError: As in `kg.query.backend.Backend.query`.
        """
        form, calls = await form_of(request.text, self.limits.service_origins)
        media_type = choose(form)
        job = QueryJob(
            request.text,
            media_type.extension,
            request.default_graphs,
            request.named_graphs,
            encoding,
            self.limits.result_bytes,
            None if max_rows is None else min(max_rows, MOST_ROWS),
            tuple(self.limits.service_origins) if calls else (),
        )
        cache = self.cache
        key = None if calls else cache.key_of(job)
        if key is None:
            may_ask()
            return QueryResult(media_type, form, await self.backend.query(job))
        kept = cache.find(key)
        if kept is not None:
            return QueryResult(media_type, form, kept)
        may_ask()
        own: list[QueryResult] = []

        async def make() -> Kept | None:
            answer = await self.backend.query(job)
            keep = functools.partial(cache.keep, key)
            result = QueryResult(media_type, form, answer, keep, cache.max_entry)
            own.append(result)
            return result.kept(result.first) if result.is_complete else None

        made = await cache.answer(key, make)
        return own[0] if own or made is None else QueryResult(media_type, form, made)


async def form_of(text: str, origins: Sequence[str] = ()) -> tuple[Form, bool]:
    """Return the form of a query, and whether it calls another endpoint.

    A query of the usual make is only looked at; another one is read in a thread, because a long
    text takes time.

    Raises:
        MalformedError: It is refused, or it has no form.
    """
    form = quick_form(text)
    if form is not None and not (origins and "service" in text.lower()):
        return form, False
    outline = await asyncio.to_thread(inspect, text, origins)
    if outline.form is None:
        reason = "expected a query: SELECT, ASK, CONSTRUCT or DESCRIBE after the prefixes"
        raise MalformedError(None, 1, 1, reason)
    return outline.form, outline.calls


async def gather(result: QueryResult, limit: int) -> bytes:
    """Return all bytes of an answer, and close it.

    Raises:
        KgError: The answer broke off.
        ResultTooLargeError: It has more than `limit` bytes.
    """
    body = bytearray(result.first)
    try:
        async for piece in result.rest():
            body += piece
            if len(body) > limit:
                break
    finally:
        await result.close()
    if len(body) > limit:
        raise ResultTooLargeError(
            f"the answer has more than {limit:,} bytes; add LIMIT, or ask for fewer columns"
        )
    return bytes(body)
