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

from kg.query.guard import tokens

# Functions whose value changes from call to call: SPARQL 1.1, 17.4.2.9, 17.4.2.12, 17.4.2.13,
# 17.4.4.8 and 17.4.5.1. A word that holds one of these names makes a query unfit to be kept,
# because the engine reads a keyword without a blank before it.
_CHANGING: Final = ("NOW", "RAND", "UUID", "BNODE")


@dataclass(frozen=True)
class Kept:
    """The bytes of an answer and their entity tag, in quotes."""

    body: bytes
    etag: str


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
        self._under_way: dict[str, threading.Event] = {}

    def find(self, key: str | None) -> Kept | None:
        """Return an answer that is kept, or None."""
        if key is None:
            return None
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def answer(self, key: str | None, make: Callable[[], bytes]) -> Kept:
        """Return the answer under a key, made if it is not there.

        Args:
            key: From `key_of`; None for an answer that may not be kept.
            make: Works the answer out; what it raises is raised, and nothing is kept.
        """
        if key is None or not self._max_bytes:
            return _kept(make())
        while (found := self.find(key)) is None:
            with self._lock:
                ready = self._under_way.get(key)
                if ready is None:
                    self._under_way[key] = threading.Event()
            if ready is None:
                return self._make(key, make)
            ready.wait()
            if self.find(key) is None:
                return _kept(make())  # the other one failed, or its answer was too large to keep
        return found

    def _make(self, key: str, make: Callable[[], bytes]) -> Kept:
        try:
            made = _kept(make())
            self._keep(key, made)
            return made
        finally:
            with self._lock:
                self._under_way.pop(key).set()

    def _keep(self, key: str, made: Kept) -> None:
        size = len(made.body)
        if size > self._max_entry:
            return
        with self._lock:
            self._kept[key] = made
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped.body)


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
