"""Asking a SPARQL endpoint elsewhere: what is sent, and what its answers are taken for.

Every query goes by POST as a form, because long addresses and `application/sparql-query` fail on
some servers. Results are asked for in JSON and graphs in N-Triples, always: in both a broken
answer can be told from a whole one, and every engine writes them right. In CSV a server that gives
up in the middle leaves a row that looks like any other.
"""

import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Final, cast

import httpx
import pyoxigraph as ox

from kg.errors import DataError, KgError, MalformedError
from kg.query.backend import QueryTimeoutError, RemoteError
from kg.query.remote_terms import Term, normal

ACCEPT_RESULTS: Final = "application/sparql-results+json"
ACCEPT_GRAPH: Final = "application/n-triples"
WORDS: Final = 4096  # bytes of a refusal that are read for its words
_SHOWN: Final = 300
_ROW_LIMIT: Final = "x-sparql-maxrows"
_STOPPED: Final = "x-sql-state"  # of Virtuoso: what follows is what it had when time was up
_TYPES: Final = {
    ACCEPT_RESULTS: ("application/sparql-results+json", "application/json"),
    ACCEPT_GRAPH: ("application/n-triples", "text/plain"),
}
_PLACES: Final = (
    re.compile(r"line (\d+),? col(?:umn)? (\d+)", re.IGNORECASE),
    re.compile(r"\bat (\d+):(\d+)"),
    re.compile(r"line (\d+)", re.IGNORECASE),
)
_GAVE_UP: Final = re.compile(r"cancell?ed|time ?-?out|timed out|time limit", re.IGNORECASE)
_MARKUP: Final = re.compile(r"</?[A-Za-z][^<>:]*>|<![^>]*>")  # no IRI: those have a colon
_CHARACTERS: Final = re.compile(r"\[[^\]]*\](?:, )?")

Row = tuple[Term | None, ...]


def form(
    text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
) -> dict[str, str | list[str]]:
    """Return the fields of a request by the SPARQL 1.1 Protocol."""
    fields: dict[str, str | list[str]] = {"query": text}
    if default_graphs:
        fields["default-graph-uri"] = list(default_graphs)
    if named_graphs:
        fields["named-graph-uri"] = list(named_graphs)
    return fields


def check(url: str, response: httpx.Response, accept: str) -> None:
    """Make sure that a response brings the beginning of an answer in the format asked for.

    Raises:
        RemoteError: It does not.
        QueryTimeoutError: It brings what there was when the endpoint stopped.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES[accept]:
        raise RemoteError(
            f"{url}: answered with {kind or 'no media type'}, expected {accept}; is this the "
            "address of a SPARQL endpoint?"
        )
    if _STOPPED in response.headers:
        raise QueryTimeoutError(
            f"{url}: the endpoint stopped the query at its own time limit and gave a part of the "
            "answer, which is not passed on; ask for less"
        )
    framed = "content-length" in response.headers or "transfer-encoding" in response.headers
    if accept == ACCEPT_GRAPH and not framed:
        raise RemoteError(
            f"{url}: the answer does not say where it ends, so a broken one could not be told; "
            "put a server in front of it that speaks HTTP/1.1"
        )


def row_limit(response: httpx.Response) -> int | None:
    """Return the number of rows after which an endpoint says that it cuts answers, or None."""
    value = response.headers.get(_ROW_LIMIT, "")
    return int(value) if value.isascii() and value.isdecimal() else None


def refusal(url: str, response: httpx.Response, body: bytes) -> KgError:
    """Return the error for a status that is not 200.

    Args:
        url: Of the endpoint.
        response: Its status and headers.
        body: The beginning of its words.
    """
    status, words = response.status_code, cleaned(body)
    said = f": {words}" if words else ""
    if 300 <= status < 400:
        target = response.headers.get("location", "nowhere")
        return RemoteError(
            f"{url}: leads on to {target}, which is not followed, because a query may be meant for "
            "one server only; give that address if it is right"
        )
    if status in (408, 504) or (status >= 500 and _GAVE_UP.search(words)):
        return QueryTimeoutError(f"{url}: the endpoint gave the query up{said}")
    if status == 400:
        line, column = _place(words)
        return MalformedError(None, line, column, f"the endpoint refuses it{said}")
    if status in (401, 403):
        return RemoteError(f"{url}: access refused ({status}){said}; check who may read there")
    if status in (404, 405, 406, 410, 415):
        return RemoteError(f"{url}: status {status}{said}; is this the address of its endpoint?")
    if status in (429, 503):
        after = response.headers.get("retry-after", "")
        wait = f" after {after} seconds" if after.isdecimal() else " later"
        return RemoteError(f"{url}: the endpoint is busy ({status}){said}; try again{wait}")
    if 400 <= status < 500:
        return DataError(f"the endpoint cannot answer this query ({status}){said}")
    return RemoteError(f"{url}: failed with status {status}{said}; its log may say why")


def unreadable(url: str, reason: str, tail: bytes) -> KgError:
    """Return the error for an answer with status 200 that does not parse.

    A server that stops a query after the status line can only break the answer off, or write its
    reason into it.
    """
    if _GAVE_UP.search(cleaned(tail)):
        return QueryTimeoutError(f"{url}: the endpoint stopped the query while it was answering")
    return RemoteError(
        f"{url}: the answer is not whole, or not what it says it is ({reason}); nothing of it can "
        "be trusted; ask again, or for less"
    )


def unreachable(url: str, error: httpx.HTTPError) -> KgError:
    """Return the error for a connection that failed or broke."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return RemoteError(f"{url}: no connection ({error}); is the server running?")
    if isinstance(error, httpx.TimeoutException):
        return QueryTimeoutError(f"{url}: no answer in time; ask for less")
    reason = str(error) or type(error).__name__
    return RemoteError(f"{url}: the connection broke off ({reason}); ask again")


def cleaned(body: bytes) -> str:
    """Return what a server says as one short line, without lists of characters and markup."""
    text = _MARKUP.sub(" ", body.decode("utf-8", "replace")).partition("SPARQL query:")[0]
    text = "".join(c if c.isprintable() else " " for c in _CHARACTERS.sub("", text))
    line = " ".join(text.split()).strip(" ,")
    return line if len(line) <= _SHOWN else line[:_SHOWN].rstrip() + " …"


def _place(words: str) -> tuple[int, int]:
    for pattern in _PLACES:
        found = pattern.search(words)
        if found is not None:
            return int(found[1]), int(found[2]) if pattern.groups > 1 else 1
    return 1, 1


class Reader:
    """Bytes that come one piece after another, as a file; keeps the last of them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""
        self.tail = b""

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, at most `size` of them; none at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
            self.tail = (self.tail + piece)[-WORDS:]
        size = len(self._left) if size < 0 else size
        taken, self._left = self._left[:size], self._left[size:]
        return taken


@dataclass
class Endpoint:
    """A SPARQL endpoint that is asked from an ordinary thread, for pages and for `kg publish`.

    Safe to use from several threads.

    Attributes:
        url: Of the endpoint.
        timeout_s: Seconds without a byte after which an attempt is given up.
    """

    url: str
    timeout_s: float = 20.0
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._client = httpx.Client(timeout=self.timeout_s, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def select(
        self, text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> Iterator[Row]:
        """Give the rows of a SELECT query as they come, with values in their normal spelling.

        Raises:
            KgError: No answer, or one that is not whole; also in the midst of the rows.
        """
        with self._stream(form(text, default_graphs, named_graphs), ACCEPT_RESULTS) as reader:
            results = ox.parse_query_results(_file(reader), format=ox.QueryResultsFormat.JSON)
            if not isinstance(results, ox.QuerySolutions):
                raise RemoteError(f"{self.url}: the answer to SELECT has no rows")
            try:
                for solution in results:
                    yield tuple(None if term is None else normal(term) for term in solution)
            finally:
                del results  # an error that travels on must not hold it: it may end only here

    def rows(
        self, text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> list[Row]:
        """Return all rows of a SELECT query; raises as `select`."""
        return list(self.select(text, default_graphs, named_graphs))

    def ask(
        self, text: str, default_graphs: Sequence[str] = (), named_graphs: Sequence[str] = ()
    ) -> bool:
        """Return the answer to an ASK query; raises as `select`."""
        with self._stream(form(text, default_graphs, named_graphs), ACCEPT_RESULTS) as reader:
            return truth(
                self.url,
                ox.parse_query_results(_file(reader), format=ox.QueryResultsFormat.JSON),
            )

    def graph(self, text: str, default_graphs: Sequence[str] = ()) -> list[ox.Triple]:
        """Return the statements of a CONSTRUCT or DESCRIBE query; raises as `select`."""
        with self._stream(form(text, default_graphs), ACCEPT_GRAPH) as reader:
            quads = ox.parse(_file(reader), format=ox.RdfFormat.N_TRIPLES)
            return [quad.triple for quad in quads]

    @contextmanager
    def _stream(self, fields: dict[str, str | list[str]], accept: str) -> Iterator[Reader]:
        headers = {"Accept": accept}
        try:
            with self._client.stream("POST", self.url, data=fields, headers=headers) as response:
                if response.status_code != httpx.codes.OK:
                    raise refusal(self.url, response, first_words(response.iter_bytes()))
                check(self.url, response, accept)
                reader = Reader(response.iter_bytes())
                with _parsing(self.url, reader):
                    yield reader
        except httpx.HTTPError as error:
            raise unreachable(self.url, error) from error


@contextmanager
def _parsing(url: str, reader: Reader) -> Iterator[None]:
    try:
        yield
    except (SyntaxError, ValueError) as error:
        let_go(error)
        raise unreadable(url, str(error), reader.tail) from error
    except KgError as error:
        let_go(error)
        raise


def let_go(error: BaseException) -> None:
    """Drop what the frames of an error hold: results of the parser may end only in their thread."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__


def truth(url: str, answer: ox.QuerySolutions | ox.QueryBoolean) -> bool:
    """Return the answer to ASK; Virtuoso gives it as a table with one number.

    Raises:
        RemoteError: It is neither.
    """
    if isinstance(answer, ox.QueryBoolean):
        return bool(answer)
    cells = [term for solution in answer for term in solution]
    if len(cells) == 1 and isinstance(cells[0], ox.Literal) and cells[0].value in ("0", "1"):
        return cells[0].value == "1"
    raise RemoteError(f"{url}: the answer to ASK is neither true nor false")


def first_words(pieces: Iterator[bytes]) -> bytes:
    """Return the beginning of what a server says."""
    found = b""
    for piece in pieces:
        found += piece
        if len(found) >= WORDS:
            break
    return found[:WORDS]


def _file(reader: Reader) -> IO[bytes]:
    return cast("IO[bytes]", reader)
