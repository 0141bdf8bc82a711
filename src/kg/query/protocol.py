"""The query operation of the SPARQL 1.1 Protocol: request in, decision out; also by HTTP QUERY.

Pure: it takes the parts of a request as values and knows neither a framework nor a store. Update
is not offered. W3C Recommendation of 21 March 2013, section 2.1; what it leaves to the server:

- A parameter that it does not define is ignored.
- `query` in the address and in the body of one request is two queries: 400.
- A QUERY request (the safe method with a body) is read as a POST.
- `max-rows`, a parameter of our own: the client wants the first rows of a table and no more.
- `release`, another one: the query is one to a release, so that its answer stays what it is.
- Text that is not UTF-8 is 400, also behind percent signs.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from kg.errors import KgError
from kg.mediatypes import (
    HTML,
    JSON_LD,
    N_QUADS,
    N_TRIPLES,
    RDF_XML,
    RESULT_TYPES,
    TRIG,
    TURTLE,
    MediaType,
    by_extension,
    negotiate,
    with_aliases,
)
from kg.query.guard import Form

MAX_REQUEST_BYTES: Final = 256 * 1024
MAX_PARAMETERS: Final = 200
_DETAIL: Final = 4000  # characters of what is said of an error
ALLOWED_METHODS: Final = "GET, HEAD, OPTIONS, POST, QUERY"

FORM_TYPE: Final = "application/x-www-form-urlencoded"
QUERY_TYPE: Final = "application/sparql-query"

GRAPH_TYPES: Final = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES, TRIG, N_QUADS)


@dataclass(eq=False)
class ProtocolError(KgError):
    """A request that gets an error as its answer.

    Attributes:
        status: HTTP status code.
        title: What is wrong, in a few words; the same for every error of this sort.
        detail: What was found, what was expected, what to do.
        headers: What the answer has to say besides, such as `Allow`.
    """

    status: int
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Cut a detail that is long because the request is."""
        self.detail = shortened(self.detail, _DETAIL)

    def __str__(self) -> str:
        """Give title and detail."""
        return f"{self.title}: {self.detail}"


@dataclass(frozen=True)
class QueryRequest:
    """A query and the dataset that the request, not the query, asks for.

    Attributes:
        text: The query as it was sent.
        default_graphs: Absolute IRIs of `default-graph-uri`; their merge is the default graph.
        named_graphs: Absolute IRIs of `named-graph-uri`.
        max_rows: Rows of a table after which the client wants no more; None for all.
        download: Extension of the format that a link in a page asks for; it stands above `Accept`.
        release: Version of the release that is asked; None for what is served now.
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    max_rows: int | None = None
    download: str | None = None
    release: str | None = None


def shortened(text: str, most: int = 200) -> str:
    """Return a text, or its beginning where it has more than `most` characters.

    >>> shortened("text/turtle", 5)
    'text/…'
    """
    return text if len(text) <= most else f"{text[:most]}…"


def read_request(
    method: str, query_string: str, *, content_type: str | None, body: bytes
) -> QueryRequest | None:
    """Return the query of a request; None for a GET without one, which asks for a description.

    Args:
        method: HTTP method in upper case; HEAD counts as GET.
        query_string: Of the address, without the question mark, still percent-encoded.
        content_type: Value of `Content-Type`, or None.
        body: The whole body; the caller has already refused one above `MAX_REQUEST_BYTES`.

    Raises:
        ProtocolError: 400, 405, 413 or 415.
    """
    if method not in ("GET", "HEAD", "POST", "QUERY"):
        raise method_not_allowed(method)
    if len(body) > MAX_REQUEST_BYTES or len(query_string) > MAX_REQUEST_BYTES:
        raise too_long()
    address = _parameters(query_string)
    if method in ("GET", "HEAD"):
        return _request(address) if _has_operation(address) else None
    kind = _body_kind(content_type)
    text = _utf_8(body)
    if kind == QUERY_TYPE:
        return _request([*address, ("query", text)])
    return _request([*address, *_parameters(text)])


def method_not_allowed(method: str) -> ProtocolError:
    """Return the error for a method that the endpoint does not have."""
    return ProtocolError(
        405,
        "Method not allowed",
        f"{method} has no meaning here; queries come by GET, POST or QUERY",
        {"Allow": ALLOWED_METHODS},
    )


def too_long() -> ProtocolError:
    """Return the error for a request with too many bytes."""
    return ProtocolError(
        413,
        "Query too long",
        f"a query may have at most {MAX_REQUEST_BYTES:,} bytes; split it",
    )


@functools.lru_cache
def result_types(form: Form) -> tuple[MediaType, ...]:
    """Return what an answer to this form of query can be, best first, HTML last."""
    proper = RESULT_TYPES if form in ("SELECT", "ASK") else GRAPH_TYPES
    return (*with_aliases(proper), HTML)


@functools.lru_cache(1024)
def result_type(form: Form, accept: str | None, *, extension: str | None = None) -> MediaType:
    """Return the media type of the answer.

    Args:
        form: Of the query.
        accept: Value of `Accept`, or None.
        extension: A wish that stands above `Accept`, for links in pages, such as `csv`.

    Raises:
        ProtocolError: 406, or 400 for an extension that this form does not have.
    """
    offered = result_types(form)
    if extension is not None:
        found = by_extension(extension, offered)
        if found is None:
            known = ", ".join(dict.fromkeys(offer.extension for offer in offered))
            detail = f"download={extension!r} is not one of: {known}"
            raise ProtocolError(400, "Unknown format", detail)
        return found
    chosen = negotiate(accept, offered)
    if chosen is None:
        raise not_acceptable(accept, offered, f"the result of {form}")
    return chosen


def not_acceptable(accept: str | None, offered: Sequence[MediaType], what: str) -> ProtocolError:
    """Return the error for a request that accepts none of the offers."""
    names = ", ".join(dict.fromkeys(offer.name for offer in offered))
    return ProtocolError(
        406,
        "Not acceptable",
        f"{what} cannot be had as {shortened(accept or '')!r}; there is: {names}",
    )


def _body_kind(content_type: str | None) -> str:
    kind, _, parameters = (content_type or "").partition(";")
    name = kind.strip().lower()
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if name in (FORM_TYPE, QUERY_TYPE) and (
        "charset=" not in charset or "charset=utf-8" in charset or "charset=utf8" in charset
    ):
        return name
    given = shortened(content_type or "")
    raise ProtocolError(
        415,
        "Unsupported media type",
        f"the body is {given!r}; POST a query as {QUERY_TYPE} or {FORM_TYPE}, in UTF-8",
        {"Accept-Post": f"{QUERY_TYPE}, {FORM_TYPE}"},
    )


def _utf_8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"byte {error.start} of the body is not UTF-8; send the query in UTF-8"
        raise ProtocolError(400, "Not UTF-8", detail) from error


def _parameters(encoded: str) -> list[tuple[str, str]]:
    try:
        if encoded.startswith("query=") and "&" not in encoded:
            return [("query", unquote_plus(encoded[6:], errors="strict"))]
        return parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeDecodeError as error:
        detail = "a percent-encoded parameter is not UTF-8; encode the query as UTF-8 first"
        raise ProtocolError(400, "Not UTF-8", detail) from error
    except ValueError as error:
        detail = f"more than {MAX_PARAMETERS} parameters; the protocol needs a few"
        raise ProtocolError(400, "Too many parameters", detail) from error


def _has_operation(parameters: Sequence[tuple[str, str]]) -> bool:
    return any(name in ("query", "update") for name, _ in parameters)


def _request(parameters: Sequence[tuple[str, str]]) -> QueryRequest:
    if any(name == "update" for name, _ in parameters):
        detail = "SPARQL Update is not offered: this endpoint is read-only; send 'query'"
        raise ProtocolError(400, "Update refused", detail)
    queries = [value for name, value in parameters if name == "query"]
    if len(queries) != 1:
        detail = f"found {len(queries)} parameters 'query', expected exactly one"
        if not queries:
            raise ProtocolError(400, "No query", detail)
        raise ProtocolError(400, "Several queries", detail)
    if not queries[0].strip():
        raise ProtocolError(400, "No query", "the parameter 'query' is empty; send a SPARQL query")
    if len(parameters) == 1:
        return QueryRequest(queries[0])
    return QueryRequest(
        queries[0],
        _graph_iris("default-graph-uri", parameters),
        _graph_iris("named-graph-uri", parameters),
        _max_rows(parameters),
        next((value for name, value in parameters if name == "download"), None),
        next((value for name, value in parameters if name == "release"), None),
    )


def _max_rows(parameters: Sequence[tuple[str, str]]) -> int | None:
    given = next((value for name, value in parameters if name == "max-rows"), None)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) > 0):
        detail = f"max-rows={given!r} is not a whole number above 0"
        raise ProtocolError(400, "Bad number of rows", detail)
    return int(given)


def _graph_iris(name: str, parameters: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    iris = tuple(dict.fromkeys(value for key, value in parameters if key == name))
    for iri in iris:
        if not is_absolute_iri(iri):
            detail = f"{name}={iri!r} is not an absolute IRI, such as https://example.org/graph"
            raise ProtocolError(400, "Bad graph IRI", detail)
    return iris


def is_absolute_iri(text: str) -> bool:
    """Tell whether a text has a scheme and only characters that an IRI may have (RFC 3987)."""
    if any(character <= " " or character in '<>"{}|^`\\' for character in text):
        return False
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False
