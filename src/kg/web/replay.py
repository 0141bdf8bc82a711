"""The HTTP protocol of the server: uvicorn's, with a memory for whole answers and less patience.

- A request that is, byte for byte, one that was answered before gets the same answer at once,
  where the answer holds as long as the snapshot does. It is compared before it is parsed: an equal
  request is as well-formed as the first one was. Only `Date` is new.
- A client that does not finish the head of its request within `HEAD_S` is hung up on.
- An answer that breaks off ends with a reset of the connection.
"""

import asyncio
import functools
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from kg.web.front import Front

HEAD_S: Final = 15.0
_MOST_BYTES: Final = 8192  # of a request that is remembered
_LARGEST: Final = 1 << 18  # an answer with more is not held twice
_END: Final = b"\r\n\r\n"


class _Reply(NamedTuple):
    start: bytes
    rest: bytes


class Replay(HttpToolsProtocol):
    """One connection."""

    front: Front  # set by `protocol_for`
    max_bytes: int

    def __init__(self, config: uvicorn.Config, *args: Any, **kwargs: Any) -> None:
        """Take the connection on."""
        super().__init__(config, *args, **kwargs)
        self._is_between = True
        self._head: bytes | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._gone: Callable[[], object] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request, but not for ever."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting, and whatever is done for the client."""
        self._relax()
        super().connection_lost(exc)
        if self._gone is not None:
            self._gone()

    def data_received(self, data: bytes) -> None:
        """Answer from memory, or have the request parsed."""
        if self._is_between and (self.cycle is None or self.cycle.response_complete):
            reply = self.front.deployment.replies.get(data)
            if reply is not None:
                self._replay(reply)
                return
            is_one = data.startswith(b"GET ") and data.find(_END) == len(data) - len(_END)
            self._head = data if is_one and len(data) <= _MOST_BYTES else None
            if self._patience is None:
                self._expect_head()
        else:
            self._head = None
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Take note that a request has begun."""
        self._is_between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Give the application what it needs of the connection."""
        self._relax()
        super().on_headers_complete()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["abort"] = self.transport.abort
        scope["finish"] = functools.partial(self._finish, self.cycle)
        scope["when_gone"] = self._when_gone
        if self._head is not None and self.cycle is not None and self.cycle.keep_alive:
            head, replies = self._head, self.front.deployment.replies

            def keep(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
                self._keep(replies, head, status, headers, body)

            scope["replay"] = keep

    def on_message_complete(self) -> None:
        """Take note that the request is all here."""
        self._is_between = True
        super().on_message_complete()

    def _when_gone(self, call: Callable[[], object] | None) -> None:
        """Have something called when the client hangs up; None for nothing any more."""
        self._gone = call

    def _finish(
        self,
        cycle: RequestResponseCycle,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
    ) -> None:
        """Send a complete answer at once; what `RequestResponseCycle.send` does in two messages."""
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        lines = [STATUS_LINE[status]]
        lines += [b"%s: %s\r\n" % pair for pair in self.server_state.default_headers]
        lines += [b"%s: %s\r\n" % pair for pair in headers]
        if status not in (204, 304):
            lines.append(b"content-length: %d\r\n" % len(body))
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        lines.append(b"\r\n")
        if b"".join(lines).count(b"\n") != len(lines):
            raise ValueError("a header of the answer has a line break in it")
        if cycle.scope["method"] != "HEAD" and status not in (204, 304):
            lines.append(body)
        self.transport.write(b"".join(lines))
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def _replay(self, reply: _Reply) -> None:
        self._relax()
        self._unset_keepalive_if_required()
        date = b"".join(
            [name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers]
        )
        self.transport.write(reply.start + date + reply.rest)
        self.server_state.total_requests += 1
        self.front.replayed += 1
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _keep(
        self,
        replies: dict[bytes, Any],
        head: bytes,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
    ) -> None:
        """Remember an answer; the oldest are forgotten when there are too many bytes."""
        if len(body) > _LARGEST or replies is not self.front.deployment.replies:
            return
        lines = [b"%s: %s\r\n" % pair for pair in headers]
        rest = b"".join([*lines, b"content-length: %d\r\n\r\n" % len(body), body])
        replies[head] = _Reply(STATUS_LINE[status], rest)
        self.front.replay_bytes += len(rest) + len(head)
        while self.front.replay_bytes > self.max_bytes and replies:
            oldest = next(iter(replies))
            self.front.replay_bytes -= len(replies.pop(oldest).rest) + len(oldest)

    def _expect_head(self) -> None:
        self._relax()
        self._patience = self.loop.call_later(HEAD_S, self._hang_up)

    def _relax(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _hang_up(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()


def protocol_for(front: Front) -> type[Replay]:
    """Return the protocol class for the connections of one server."""
    limit = front.limits.cache_bytes
    return type("ReplayOfFront", (Replay,), {"front": front, "max_bytes": limit})
