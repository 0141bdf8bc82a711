"""Answers that were given before: the same question to the same snapshot has the same answer.

An answer is kept under the snapshot, the query cut into tokens (so that blanks and comments make
no difference), the graphs it was asked of and the format. A query that asks for the time, for
chance or for new names is never kept. The entity tag is the hash of the bytes, so it is strong
(RFC 9110, 8.8.1) whatever the snapshot and whoever made the answer.

Of several who ask the same at once, one has it worked out and the others wait for it.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kg.errors import KgError
from kg.query.guard import tokens
from kg.query.pool import LOOK_S, CancelledError

# Functions whose value changes from call to call: SPARQL 1.1, 17.4.2.9, 17.4.2.12, 17.4.2.13,
# 17.4.4.8 and 17.4.5.1. A word that holds one of these names makes a query unfit to be kept,
# because the engine reads a keyword without a blank before it.
_CHANGING: Final = ("NOW", "RAND", "UUID", "BNODE")


@dataclass(frozen=True)
class Kept:
    """The bytes of an answer and their entity tag, in quotes."""

    body: bytes
    etag: str


class _Flight:
    """An answer that is being made, for the others who want it too."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.made: Kept | None = None
        self.error: BaseException | None = None


class Cache:
    """Answers by key, the least used dropped when there are too many bytes. Safe for threads."""

    def __init__(self, max_bytes: int) -> None:
        """Make an empty cache.

        Args:
            max_bytes: What all answers together may take; one may take a sixteenth of it. With 0
                nothing is kept.
        """
        self._max_bytes = max_bytes
        self._max_entry = max_bytes // 16
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._flights: dict[str, _Flight] = {}

    def find(self, key: str) -> Kept | None:
        """Return an answer that is kept, or None."""
        with self._lock:
            return self._look(key)

    def answer(
        self,
        key: str | None,
        make: Callable[[], bytes],
        cancelled: threading.Event | None = None,
    ) -> Kept:
        """Return the answer under a key, made if it is not there.

        Args:
            key: From `key_of`; None for an answer that may not be kept.
            make: Works the answer out; what it raises is raised, to all who wait for it, and
                nothing is kept.
            cancelled: Is set when nobody waits for the answer any more.

        Raises:
            CancelledError: `cancelled` was set while another worked the answer out.
        """
        if key is None or not self._max_bytes:
            return _kept(make())
        while True:
            with self._lock:
                found = self._look(key)
                if found is not None:
                    return found
                flight = self._flights.get(key)
                if flight is None:
                    mine = self._flights[key] = _Flight()
                    break
            made = _await(flight, cancelled)
            if made is not None:
                return made
        return self._make(key, make, mine)

    def _look(self, key: str) -> Kept | None:
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def _make(self, key: str, make: Callable[[], bytes], mine: _Flight) -> Kept:
        try:
            mine.made = _kept(make())
            return mine.made
        except BaseException as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                if mine.made is not None:
                    self._keep(key, mine.made)
                del self._flights[key]
            mine.done.set()

    def _keep(self, key: str, made: Kept) -> None:
        size = len(made.body)
        if size > self._max_entry:
            return
        self._kept[key] = made
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.body)


def _await(flight: _Flight, cancelled: threading.Event | None) -> Kept | None:
    """Return what another makes; None where it gave up because its own client had gone."""
    while not flight.done.wait(LOOK_S):
        if cancelled is not None and cancelled.is_set():
            raise CancelledError("whoever asked has gone")
    if isinstance(flight.error, KgError) and not isinstance(flight.error, CancelledError):
        raise type(flight.error)(*flight.error.args) if flight.error.args else flight.error
    return flight.made


def key_of(
    snapshot_id: str,
    text: str,
    default_graphs: Sequence[str],
    named_graphs: Sequence[str],
    extension: str,
) -> str | None:
    """Return what an answer is kept under, or None where it may not be kept.

    Args:
        snapshot_id: The hash of the snapshot.
        text: A query that `kg.query.guard.inspect` lets pass.
        default_graphs: As in the request; their order does not matter.
        named_graphs: The same.
        extension: Of the format.
    """
    parts = []
    for token in tokens(text):
        if token.kind == "word" and any(name in token.text.upper() for name in _CHANGING):
            return None
        parts.append(token.text)
    hashed = hashlib.blake2b(digest_size=24)
    graphs = [*sorted(default_graphs), "", *sorted(named_graphs)]
    for part in (snapshot_id, extension, *graphs, "", *parts):
        hashed.update(part.encode("utf-8", "surrogatepass") + b"\x00")
    return hashed.hexdigest()


def _kept(body: bytes) -> Kept:
    return Kept(body, f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"')
