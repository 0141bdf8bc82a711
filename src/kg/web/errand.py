"""A query on the short way: asked in the address, answered whole by a worker.

Most requests of programs are of this kind, and most of the time that they cost is the way through
the layers of a server. So such a request gets no task and no scope of its own: the connection hands
it to a worker and writes the answer when it comes. Everything else takes the long way by
`kg.web.front`, and so does a query that turns out to be an error, long, or slow in its answer: then
the front takes over what the worker has begun.
"""

import functools
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from kg.errors import MalformedError
from kg.mediatypes import HTML, MediaType
from kg.query.backend import QueryJob
from kg.query.cache import Kept
from kg.query.guard import Form, quick_form
from kg.query.pool import Pool, PoolAnswer, PoolCall
from kg.query.protocol import ProtocolError, QueryRequest, result_type
from kg.query.service import QueryResult
from kg.web.deployment import Deployment
from kg.web.http import coding_for, names_tag, prefers_html, refuses_plain
from kg.web.sparql import answer_headers, citation_headers, usual_headers

if TYPE_CHECKING:
    from kg.web.front import Front

PREFIX: Final = b"/sparql?query="
_SIMPLE: Final = frozenset(
    (b"host", b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"connection")
)


class Errand:
    """One query on its way."""

    __slots__ = (
        "tags",
        *("_call", "_done", "_key", "_result", "began", "deployment", "form", "job", "kind"),
        *("is_lasting", "was_asked"),
    )

    def __init__(
        self, deployment: Deployment, job: QueryJob, form: Form, kind: MediaType, tags: str
    ) -> None:
        """Make it; `begin` sends it on its way.

        Args:
            deployment: What is served.
            job: The query.
            form: Of the query.
            kind: Media type of the answer.
            tags: Value of `If-None-Match`; empty where there is none.
        """
        self.tags = tags
        self.deployment = deployment
        self.job = job
        self.form = form
        self.kind = kind
        self.began = time.perf_counter()
        self._call: PoolCall | None = None
        self._key: str | None = None
        self._result: QueryResult | None = None
        self._done: Callable[[], None] | None = None
        self.was_asked = False
        self.is_lasting = False  # whether the answer holds as long as the snapshot is served

    def begin(self, done: Callable[[], None]) -> bool:
        """Look for the answer, or have a worker begin; False where it has to take the long way.

        Args:
            done: Is called when there is an answer, or when there will be none.
        """
        service = self.deployment.service
        pool = service.backend
        if not isinstance(pool, Pool):
            return False
        try:
            self._key = key = service.cache.key_of(self.job)
        except MalformedError:
            return False
        self.is_lasting = key is not None
        if key is not None:
            kept = service.cache.find(key)
            if kept is not None:
                self._result = QueryResult(self.kind, self.form, kept)
                return True
            if not service.cache.open(key):
                return False
        self._done = done
        self._call = pool.begin(self.job, self._arrived)
        if self._call is None:
            self._settle(None)
            return False
        self.deployment.users += 1
        self.was_asked = True
        return True

    @property
    def result(self) -> QueryResult | None:
        """The whole answer; None while there is none."""
        return self._result

    def reply(self, result: QueryResult) -> tuple[int, bytes, bytes]:
        """Return status, lines of the head and body for the client: 304 where it has the answer."""
        request = QueryRequest(self.job.text)
        if self.tags and names_tag(self.tags, result.etag):
            headers = answer_headers(result, self.deployment, request)
            return 304, as_lines([pair for pair in headers if pair[0] != b"content-type"]), b""
        if result.encoding is None and not result.absent:
            tag = b"etag: %s\r\n" % result.etag.encode()
            cited = as_lines(citation_headers(result, self.deployment, request))
            return 200, usual_lines(result.media_type) + tag + cited, result.first
        return 200, as_lines(answer_headers(result, self.deployment, request)), result.first

    def give_up(self) -> None:
        """Stop it: the client has gone."""
        call, self._call = self._call, None
        if call is not None:
            call.pool.drop(call)
            self._settle(None)
            self.deployment.users -= 1

    def leave(self) -> None:
        """Leave what the worker has begun to whoever asks for the same next: the front."""
        call, self._call = self._call, None
        if call is not None:
            call.pool.leave(self.job, call)
            self.deployment.users -= 1

    def _arrived(self, call: PoolCall) -> None:
        made: Kept | None = None
        if call.is_whole:
            self._call = None
            self.deployment.users -= 1
            self._result = result = QueryResult(self.kind, self.form, PoolAnswer(call))
            result.is_lasting = self.is_lasting
            if self._key is not None:
                made = result.kept(result.first)
        self._settle(made)
        if self._done is not None:
            self._done()

    def _settle(self, made: Kept | None) -> None:
        if self._key is not None:
            self.deployment.service.cache.settle(self._key, made)
            self._key = None


def errand_for(front: "Front", url: bytes, headers: list[tuple[bytes, bytes]]) -> Errand | None:
    """Return the errand that a GET request is; None where it has to take the long way.

    Args:
        front: The application.
        url: Target of the request.
        headers: Of the request, names in lower case.
    """
    limits = front.limits
    if (
        limits.per_minute
        or limits.service_origins
        or front.metrics.writes
        or b"&" in url
        or b"#" in url
    ):
        return None
    accept = coding = None
    tags = ""
    has_coding = False
    for name, value in headers:
        if name == b"accept":
            if accept is not None:
                return None
            accept = value.decode("latin-1")
        elif name == b"accept-encoding" and not has_coding:
            has_coding = True
            coding = coding_for(value)
            if coding is None and refuses_plain(value):
                return None
        elif name == b"if-none-match" and not tags:
            tags = value.decode("latin-1")
        elif name not in _SIMPLE:
            return None
    try:
        text = unquote_plus(url[len(PREFIX) :].decode("ascii"), errors="strict")
    except UnicodeError:
        return None
    form = quick_form(text)
    kind = None if form is None else _media_type(form, accept)
    if form is None or kind is None:
        return None
    job = QueryJob(text, kind.extension, (), (), coding, limits.result_bytes)
    return Errand(front.deployment, job, form, kind, tags)


@functools.cache
def usual_lines(media_type: MediaType) -> bytes:
    """Return the lines of a head that all answers of a media type have."""
    return as_lines(usual_headers(media_type))


def as_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return headers as the lines of a head."""
    return b"".join([b"%s: %s\r\n" % pair for pair in headers])


@functools.lru_cache(512)
def _media_type(form: Form, accept: str | None) -> MediaType | None:
    if prefers_html(accept):
        return None
    try:
        kind = result_type(form, accept)
    except ProtocolError:
        return None
    return None if kind == HTML else kind
