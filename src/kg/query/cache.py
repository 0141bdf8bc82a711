"""Answers that were given before: the same question to the same snapshot has the same answer.

An answer is kept under the query cut into tokens (so that blanks and comments make no difference),
the graphs it was asked of, the format and the content coding; there is a cache for each snapshot.
A query that asks for the time, for chance or for new names is never kept. The entity tag is the
hash of the bytes, so it is strong (RFC 9110, 8.8.1) whoever made the answer.

Of several who ask the same at once, one has it worked out and the others wait for it.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from kg.errors import KgError
from kg.query.backend import QueryJob
from kg.query.guard import QUICK_CHARACTERS, tokens

# Functions whose value changes from call to call: SPARQL 1.1, 17.4.2.9, 17.4.2.12, 17.4.2.13,
# 17.4.4.8 and 17.4.5.1. A word that holds one of these names makes a query unfit to be kept,
# because the engine reads a keyword without a blank before it.
_CHANGING: Final = ("NOW", "RAND", "UUID", "BNODE")
_SPELLINGS: Final = 4096  # ways to write a query whose key is remembered
_SPELT_CHARACTERS: Final = 2048  # of a query whose key is remembered
_ENTRY_BYTES: Final = 1024  # about what an answer takes besides its body


@dataclass(frozen=True)
class Kept:
    """A complete answer.

    Attributes:
        body: Its bytes, coded.
        etag: Their entity tag, in quotes.
        encoding: Content coding, or None.
        cut_at: Rows after which it was cut, or None.
        absent: Graphs that the query names and that are not there.
    """

    body: bytes
    etag: str
    encoding: str | None = None
    cut_at: int | None = None
    absent: tuple[str, ...] = ()


class _Gone:
    """What those get who waited for an answer whose making was given up."""


class Cache:
    """Answers by key, the least used dropped when there are too many bytes; for one event loop."""

    def __init__(self, max_bytes: int) -> None:
        """Make an empty cache.

        Args:
            max_bytes: What all answers together may take; one may take a sixteenth of it. With 0
                nothing is kept.
        """
        self.max_entry = max_bytes // 16
        self.bytes = 0
        self.hits = 0
        self.misses = 0
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._flights: dict[str, asyncio.Future[Kept | _Gone | None]] = {}
        self._spellings: OrderedDict[QueryJob, str | None] = OrderedDict()

    def key_of(self, job: QueryJob) -> str | None:
        """Return what the answer to a job is kept under; None where it is not to be kept."""
        if not self._max_bytes or len(job.text) > QUICK_CHARACTERS:
            return None
        if len(job.text) > _SPELT_CHARACTERS:
            return key_of(job)
        try:
            key = self._spellings[job]
        except KeyError:
            key = self._spellings[job] = key_of(job)
            if len(self._spellings) > _SPELLINGS:
                self._spellings.popitem(last=False)
        return key

    def find(self, key: str) -> Kept | None:
        """Return an answer that is kept, or None."""
        found = self._kept.get(key)
        if found is not None:
            self.hits += 1
            self._kept.move_to_end(key)
        return found

    async def answer(self, key: str, make: Callable[[], Awaitable[Kept | None]]) -> Kept | None:
        """Return an answer: one that is kept, one that another is having made, or a new one.

        Args:
            key: From `key_of`.
            make: Makes it; None where it is too long to be shared, and each has to make its own.

        Raises:
            KgError: From `make`, to all who wait for it; nothing is kept.
        """
        while (flight := self._flights.get(key)) is not None:
            outcome = await asyncio.shield(flight)
            if outcome is None:
                return await make()
            if not isinstance(outcome, _Gone):
                return outcome
        return self.find(key) or await self._lead(key, make)

    def open(self, key: str) -> bool:
        """Take it on to have an answer made; False where another does already.

        Whoever takes it on has to call `settle`.
        """
        if key in self._flights:
            return False
        self.misses += 1
        self._flights[key] = asyncio.get_running_loop().create_future()
        return True

    def settle(self, key: str, made: Kept | None) -> None:
        """Share the answer that was made; with None the next one who wants it makes it."""
        self._flights.pop(key).set_result(_Gone() if made is None else made)
        if made is not None:
            self.keep(key, made)

    async def _lead(self, key: str, make: Callable[[], Awaitable[Kept | None]]) -> Kept | None:
        self.misses += 1
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        try:
            made = await make()
        except KgError as error:
            flight.set_exception(error)
            flight.exception()  # there may be nobody else who wants to know
            raise
        except BaseException:
            flight.set_result(_Gone())  # whoever led has hung up; the next one leads
            raise
        finally:
            del self._flights[key]
        flight.set_result(made)
        if made is not None:
            self.keep(key, made)
        return made

    def keep(self, key: str, made: Kept) -> None:
        """Keep an answer, where it is not too large."""
        size = len(made.body)
        if size > self.max_entry or key in self._kept:
            return
        self._kept[key] = made
        self.bytes += size + _ENTRY_BYTES
        while self.bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.bytes -= len(dropped.body) + _ENTRY_BYTES


def key_of(job: QueryJob) -> str | None:
    """Return what the answer to a job is kept under, or None where it may not be kept.

    Raises:
        MalformedError: A string in the query is not closed.
    """
    parts = []
    for token in tokens(job.text):
        if token.kind == "word" and any(name in token.text.upper() for name in _CHANGING):
            return None
        parts.append(token.text)
    hashed = hashlib.blake2b(digest_size=24)
    graphs = [*sorted(job.default_graphs), "", *sorted(job.named_graphs)]
    form = (job.extension, job.encoding or "", str(job.max_rows), str(job.result_bytes))
    for part in (*form, *graphs, "", *parts):
        hashed.update(part.encode("utf-8", "surrogatepass") + b"\x00")
    return hashed.hexdigest()


def etag_of(body: bytes) -> str:
    """Return a strong entity tag of some bytes, in quotes."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
