"""What answers queries: worker processes over a snapshot, or a SPARQL endpoint elsewhere.

The front of the server (`kg.web`) sees only this. Everything is asynchronous and belongs to one
event loop; nothing here blocks it.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from kg.errors import KgError

HOLD_BYTES = 1 << 16  # what is held back before the first byte: a failure until then has a status


class QueryTimeoutError(KgError):
    """A query ran until its deadline and was stopped."""


class WorkerDiedError(KgError):
    """A worker ended in the middle of a query, for want of stack or memory."""


class BusyError(KgError):
    """Every place is taken, or the query has waited long enough."""


class RemoteError(KgError):
    """The endpoint that the server stands before failed, or answered what cannot be right."""


class QueryJob(NamedTuple):
    """A query as the front hands it on: well-formed as a request, unread as SPARQL.

    Attributes:
        text: The query.
        extension: Of the format of the answer, as in `kg.mediatypes`.
        default_graphs: IRIs of the protocol's `default-graph-uri`.
        named_graphs: IRIs of `named-graph-uri`.
        encoding: Content coding that the client takes, `gzip` or `br`; None for none.
        result_bytes: Largest answer, in bytes before the content coding.
        max_rows: Rows after which an answer is cut and marked as cut; None for all.
        origins: Those that the SERVICE clauses of the query may name; empty where it has none.
    """

    text: str
    extension: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    encoding: str | None = None
    result_bytes: int | None = None
    max_rows: int | None = None
    origins: tuple[str, ...] = ()


class Answer(Protocol):
    """An answer that has begun.

    Attributes:
        first: Its first bytes: all of them where `is_complete`, else at least `HOLD_BYTES`.
        is_complete: Whether `first` is the whole answer.
        encoding: Content coding of the bytes, or None.
        cut_at: Number of rows where `max_rows` cut it, else None.
        absent: Graphs that the query names and that are not there; they count as empty.
    """

    first: bytes
    is_complete: bool
    encoding: str | None
    cut_at: int | None
    absent: tuple[str, ...]

    def rest(self) -> AsyncIterator[bytes]:
        """Give what follows `first`, piece by piece; ends only where the answer is complete.

        Raises:
            KgError: It broke off. What was given so far must not pass for complete.
        """

    async def close(self) -> None:
        """Let go of it: where it is not complete, its making is stopped. May be called twice."""


class Backend(Protocol):
    """Answers queries."""

    async def start(self) -> None:
        """Get ready; returns when the first query can be answered.

        Raises:
            KgError: It cannot.
        """

    async def query(self, job: QueryJob) -> Answer:
        """Return an answer once it has begun; the caller closes it.

        A caller that is cancelled while it waits stops the query.

        Raises:
            MalformedError: Not well-formed, or refused by `kg.query.guard`; line and column.
            DataError: Well-formed, but it cannot be evaluated or written in this format.
            ResultTooLargeError: More than `result_bytes` bytes.
            QueryTimeoutError, WorkerDiedError, BusyError, RemoteError: As they say.
        """

    async def close(self) -> None:
        """End everything that was started."""
