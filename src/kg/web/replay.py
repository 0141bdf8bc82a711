"""The HTTP protocol of the server: uvicorn's, with a memory for whole answers and less patience.

- A request that is, byte for byte, one that was answered before gets the same answer at once,
  where the answer holds as long as the snapshot does. It is compared before it is parsed: an equal
  request is as well-formed as the first one was. Only `Date` is new. Headers that change no answer,
  such as `User-Agent`, are left out of the comparison, so that many clients share it.
- A query that can take the short way (`kg.web.errand`) is handed to a worker from here.
- A client that ends its own side of the connection before it reads gets its answer, where that
  begins within `HALF_S`; later it is taken for one that has left, which looks the same from here.
- A client that does not finish the head of its request within `HEAD_S` is hung up on.
- An answer that breaks off ends with a reset of the connection.
"""

import asyncio
import functools
import re
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from kg.mediatypes import PROBLEM
from kg.query.protocol import ProtocolError
from kg.query.service import QueryResult
from kg.web.errand import PREFIX, Errand, as_lines, errand_for
from kg.web.front import Front
from kg.web.http import content_headers, encoded, fault_as
from kg.web.metrics import Tally

HEAD_S: Final = 15.0
HALF_S: Final = 0.5  # of which a query that a person cancels goes on, so less than a second
_HEAD_BYTES: Final = 1 << 19  # of the head of a request; a query in the address may be long
_MOST_BYTES: Final = 8192  # of a request that is remembered
_LARGEST: Final = 1 << 18  # an answer with more is not held twice
_END: Final = b"\r\n\r\n"
_HOST: Final = re.compile(rb"[!$%&'()*+,;=:.\[\]~\w-]*")  # RFC 3986, 3.2.2; the letters of ASCII
_REQUEST_LINE: Final = re.compile(rb"(?:\r?\n)*[!#$%&'*+.^_`|~\w-]+ [^ \r\n]+ HTTP/1\.[01]\r?\n")
_HEAD_REQUEST: Final = re.compile(rb"(?:\r?\n)*HEAD ")
_UPGRADE: Final = re.compile(rb"\nupgrade:", re.IGNORECASE)
# What changes no answer. Another header does, or may one day: so these are named, and not those. A
# line that goes on in the next one, or has a control character in it, is left to the parser.
_BESIDE: Final = re.compile(
    rb"\r\n(?:user-agent|referer|cookie|from|dnt|priority|traceparent|tracestate|x-forwarded-for"
    rb"|x-real-ip|x-request-id|x-correlation-id|sec-(?:ch-ua|fetch)[a-z-]*|sec-gpc"
    rb"|upgrade-insecure-requests):[\t -~\x80-\xff]*(?=\r\n[^ \t])",
    re.IGNORECASE,
)
_OF_A_BODY: Final = (b"content-length", b"transfer-encoding")


class _Reply(NamedTuple):
    start: bytes
    rest: bytes
    size: int  # of the body
    tally: Tally


class Replay(HttpToolsProtocol):
    """One connection."""

    front: Front  # set by `protocol_for`
    max_bytes: int
    head_s: float

    def __init__(self, config: uvicorn.Config, *args: Any, **kwargs: Any) -> None:
        """Take the connection on."""
        super().__init__(config, *args, **kwargs)
        self._is_between = True
        self._is_in_head = False
        self._head_bytes = 0
        self._head: bytes | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._gone: Callable[[], object] | None = None
        self._errand: Errand | None = None
        self._later: list[bytes] = []
        self._received = b""
        self._is_last = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request, but not for ever."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.front.metrics.connections += 1
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting, and whatever is done for the client."""
        self._relax()
        self.front.metrics.connections -= 1
        super().connection_lost(exc)
        if self._gone is not None:
            self._gone()
        if self._errand is not None:
            self._errand.give_up()
            if self._errand.was_asked:
                self.front.metrics.queries["cancelled"] += 1
            self._errand = None

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what is here, and close then; see `HALF_S` in the docstring of the module.

        Returns:
            Whether the connection stays open for that.
        """
        is_idle = self.cycle is None or self.cycle.response_complete
        if not self._is_between or (is_idle and self._errand is None):
            return False
        self.shutdown()
        self._relax()
        self._patience = self.loop.call_later(HALF_S, self._leave_silent)
        return True

    def data_received(self, data: bytes) -> None:
        """Answer from memory, or have the request parsed."""
        if self._errand is not None:
            self._later.append(data)  # the next request, before this one is answered
            self.flow.pause_reading()
            return
        is_idle = self.cycle is None or self.cycle.response_complete
        self._head = None
        if self._is_between and is_idle:
            is_short = len(data) <= _MOST_BYTES
            known = _BESIDE.sub(b"", data) if is_short else data
            reply = self.front.deployment.replies.get(known)
            if reply is not None and not self.flow.write_paused:
                self._replay(reply)
                return
            is_one = data.startswith(b"GET ") and data.find(_END) == len(data) - len(_END)
            self._head = known if is_one and is_short else None
        if is_idle and self._patience is None:
            self._expect_head()
        if (self._is_between or self._is_in_head) and b"pgrade" in data:
            data = _without_upgrade(data)
        self._received = data
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES:
                self._hang_up()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser cannot read; where it only does not know the method, with 501.

        RFC 9110, section 9.1: a method that is not known is no bad request.
        """
        is_method = isinstance(sys.exception(), httptools.HttpParserInvalidMethodError)
        fault = ProtocolError(400, "Bad request", msg)
        if is_method and _REQUEST_LINE.match(self._received):
            fault = ProtocolError(501, "Not implemented", "nothing here knows this method")
        body = fault_as(fault, PROBLEM)
        head = {**content_headers(PROBLEM), "Cache-Control": "no-store", "Connection": "close"}
        parts = [STATUS_LINE[fault.status], self._date(), as_lines(encoded(head))]
        parts.append(_length_of(fault.status, body))
        if not _HEAD_REQUEST.match(self._received):
            parts.append(body)
        self.transport.write(b"".join(parts))
        self.transport.close()

    def on_message_begin(self) -> None:
        """Take note that a request has begun."""
        self._is_between = False
        self._is_in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Give the application what it needs of the connection."""
        self._is_in_head = False
        self._relax()
        if not self._names_one_host():
            self.send_400_response("one Host, with a name in it, is needed: RFC 9112, section 3.2")
        elif not self._goes_short():
            self._hand_on()

    def _names_one_host(self) -> bool:
        hosts = [value for name, value in self.headers if name == b"host"]
        if self.parser.get_http_version() == "1.0":
            return len(hosts) < 2
        return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None

    def _hand_on(self) -> None:
        """Have the request answered by the application."""
        super().on_headers_complete()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["abort"] = functools.partial(self._abort, self.cycle)
        scope["finish"] = functools.partial(self._finish, self.cycle)
        scope["when_gone"] = self._when_gone
        has_body = any(name in _OF_A_BODY for name, _ in self.headers)
        if self._head is not None and not has_body and self.cycle.keep_alive:
            head, replies = self._head, self.front.deployment.replies

            def keep(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
                self._keep(replies, head, status, headers, body)

            scope["replay"] = keep

    def on_message_complete(self) -> None:
        """Take note that the request is all here."""
        self._is_between = True
        if self._errand is None:
            super().on_message_complete()

    def shutdown(self) -> None:
        """Close the connection, when what is under way is answered."""
        if self._errand is None:
            super().shutdown()
        else:
            self._is_last = True

    def _goes_short(self) -> bool:
        """Begin an errand where the request is one."""
        if (
            self._head is None
            or not self.url.startswith(PREFIX)
            or not self.parser.should_keep_alive()
            or self.parser.get_http_version() != "1.1"
        ):
            return False
        errand = errand_for(self.front, self.url, self.headers)
        if errand is None or not errand.begin(self._errand_done):
            return False
        self._errand = errand
        if errand.result is not None:
            self.loop.call_soon(self._errand_done)  # the parser has to come to the end first
        return True

    def _errand_done(self) -> None:
        """Send the answer; without one, let the application go on with it."""
        errand, self._errand = self._errand, None
        if errand is None:
            return
        if self.transport.is_closing():
            errand.give_up()
            return
        if errand.result is None or self.flow.write_paused:
            errand.leave()
            self._hand_on()
            super().on_message_complete()
        else:
            self._send_errand(errand, errand.result)
        later, self._later = self._later, []
        for data in later:
            self.data_received(data)
        if self._is_last:
            self.shutdown()

    def _send_errand(self, errand: Errand, result: QueryResult) -> None:
        status, lines, body = errand.reply(result)
        rest = b"".join([lines, _length_of(status, body), body])
        if self._head is not None and errand.is_lasting:
            self._remember(errand.deployment.replies, self._head, status, rest, len(body))
        self.transport.write(b"".join([STATUS_LINE[status], self._date(), rest]))
        self.front.metrics.count_errand(errand, status, len(body))
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _abort(self, cycle: RequestResponseCycle) -> None:
        """End the connection in the middle of an answer."""
        cycle.disconnected = True
        self.transport.abort()

    def _when_gone(self, call: Callable[[], object] | None) -> None:
        """Have something called when the client hangs up; None for nothing any more."""
        self._gone = call
        if call is not None and self.transport.is_closing():
            call()  # it has hung up before this

    def _finish(
        self,
        cycle: RequestResponseCycle,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
    ) -> bool:
        """Send a complete answer at once; what `RequestResponseCycle.send` does in two messages.

        Returns:
            False where the client does not read what was sent before: then it has to wait.
        """
        if cycle.disconnected:
            return True
        if self.flow.write_paused:
            return False
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
        return True

    def _replay(self, reply: _Reply) -> None:
        self._relax()
        self._unset_keepalive_if_required()
        self.transport.write(b"".join([reply.start, self._date(), reply.rest]))
        self.server_state.total_requests += 1
        self.front.replayed += 1
        reply.tally.requests += 1
        reply.tally.bytes += reply.size
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
        rest = b"".join([as_lines(headers), _length_of(status, body), body])
        self._remember(replies, head, status, rest, len(body))

    def _remember(
        self, replies: dict[bytes, Any], head: bytes, status: int, rest: bytes, size: int
    ) -> None:
        if size > _LARGEST or replies is not self.front.deployment.replies or head in replies:
            return
        tally = self.front.metrics.replays_of(head, status)
        replies[head] = _Reply(STATUS_LINE[status], rest, size, tally)
        self.front.replay_bytes += len(rest) + len(head)
        while self.front.replay_bytes > self.max_bytes and replies:
            oldest = next(iter(replies))
            self.front.replay_bytes -= len(replies.pop(oldest).rest) + len(oldest)

    def _date(self) -> bytes:
        return as_lines(self.server_state.default_headers)

    def _expect_head(self) -> None:
        self._relax()
        self._patience = self.loop.call_later(self.head_s, self._hang_up)

    def _relax(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _leave_silent(self) -> None:
        """Give up a client that has ended its side and to which no answer has begun."""
        self._relax()
        if self.cycle is None or not self.cycle.response_started:
            self.transport.abort()

    def _hang_up(self) -> None:
        self._relax()
        if not self.transport.is_closing():
            self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """Return the bytes of a head with another name for `Upgrade`, which a server may ignore.

    The parser would take what follows the head for another protocol, and the body would be lost.
    """
    head, end, body = data.partition(_END)
    return _UPGRADE.sub(b"\nX-Grade:", head) + end + body


def _length_of(status: int, body: bytes) -> bytes:
    """Return the end of a head: the length of the body, but for a 304, which has none."""
    return b"\r\n" if status == 304 else b"content-length: %d\r\n\r\n" % len(body)


def protocol_for(front: Front, *, head_s: float = HEAD_S) -> type[Replay]:
    """Return the protocol class for the connections of one server.

    Args:
        front: The application.
        head_s: Seconds that a client may take for the head of a request.
    """
    limit = front.limits.cache_bytes
    fixed = {"front": front, "max_bytes": limit, "head_s": head_s}
    return type("ReplayOfFront", (Replay,), fixed)
