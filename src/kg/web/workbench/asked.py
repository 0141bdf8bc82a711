"""What a request to the workbench asks for, read from its parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from kg.query.protocol import MAX_PARAMETERS, ProtocolError, QueryRequest, read_request
from kg.web.workbench import VIEWS

_PROTOCOL: Final = ("default-graph-uri", "named-graph-uri", "release")
_DIGITS: Final = 6
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        text: The query; empty where none is asked.
        question: Name of a question of the library; empty for none. Then the text is made from it.
        values: Of the parameters of the question, as they were given.
        view: One of `VIEWS`; empty to have it chosen.
        page: Of a table, from 1.
        dataset: Parameters of the protocol that say which graphs and which release are asked.
    """

    text: str = ""
    question: str = ""
    values: tuple[tuple[str, str], ...] = ()
    view: str = ""
    page: int = 1
    dataset: tuple[tuple[str, str], ...] = ()

    def parameters(self, text: str = "") -> list[tuple[str, str]]:
        """Return what asks for the same again, but for the view and the page.

        Args:
            text: A query that takes the place of the question.
        """
        if self.question and not text:
            asked = [("question", self.question), *self.values]
        else:
            asked = [("query", text or self.text)]
        return [*asked, *self.dataset]

    def request(self, text: str) -> QueryRequest:
        """Return the query as a request of the protocol.

        Raises:
            ProtocolError: A graph is not named by an absolute IRI.
        """
        address = encode([("query", text), *self.dataset])
        found = read_request("GET", address, content_type=None, body=b"")
        assert found is not None  # noqa: S101 - it has a query
        return found


def read(query_string: str) -> Wanted:
    """Return what is asked for.

    An unknown view, or a page that is no number, counts as none: a link that somebody has cut off
    still leads to the query.

    Raises:
        ProtocolError: 400; the parameters cannot be read, or there are two queries.
    """
    pairs = pairs_of(query_string)
    texts = [value for name, value in pairs if name == "query"]
    if len(texts) > 1:
        raise ProtocolError(400, "Several queries", "found several parameters 'query'; send one")
    named = dict(reversed(pairs))
    question = named.get("question", "")
    own = ("query", "question", "view", "page", *_PROTOCOL)
    values = [(n, v.strip()) for n, v in pairs if question and n not in own and v.strip()]
    view = named.get("view", "")
    return Wanted(
        text="" if question else next(iter(texts), "").replace("\r\n", "\n"),
        question=question,
        values=tuple(values),
        view=view if view in VIEWS else "",
        page=_page(named.get("page", "")),
        dataset=tuple(pair for pair in pairs if pair[0] in _PROTOCOL and pair[1]),
    )


def pairs_of(encoded: str) -> list[tuple[str, str]]:
    """Return the parameters of an address or of a form.

    Raises:
        ProtocolError: 400; they are not UTF-8, or too many.
    """
    try:
        return parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeDecodeError:
        detail = "a percent-encoded parameter is not UTF-8; encode the query as UTF-8 first"
        raise ProtocolError(400, "Not UTF-8", detail) from None
    except ValueError:
        detail = f"more than {MAX_PARAMETERS} parameters; a query needs a few"
        raise ProtocolError(400, "Too many parameters", detail) from None


def encode(pairs: Pairs) -> str:
    """Return parameters as an address has them."""
    return urlencode(pairs, quote_via=quote)


def _page(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return max(int(text), 1) if is_number else 1
