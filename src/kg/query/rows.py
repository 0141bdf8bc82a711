"""The first rows of an answer, marked as such: for a reader who wants no more of it.

An answer that is cut says so in its head: a `link` in JSON and XML, as both formats have it for
more about the result (SPARQL 1.1 Query Results JSON Format, 3.1.2; XML Format, 2.2). CSV and TSV
have no head; there the header of the HTTP answer is all.
"""

import io
import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast
from xml.etree import ElementTree as ET

import pyoxigraph as ox

from kg.errors import DataError, MalformedError
from kg.mediatypes import CSV, RESULTS_JSON, RESULTS_XML, TSV
from kg.query.evaluation import write_over
from kg.query.guard import Graph, Token, tokens
from kg.query.worker import Outlet

_DIGITS: Final = 18
MOST_ROWS: Final = 10_000  # more is not a first look; take the whole answer, which is streamed
# Of RFC 4180; a quote inside quotes is two. `csv` has a limit to the length of a field.
_CSV_ROW: Final = re.compile(rb'(?:[^"\n]|"[^"]*")*+\n')
_RESULTS: Final = "{http://www.w3.org/2005/sparql-results#}"


def cut_rows(
    store: ox.Store,
    outlet: Outlet,
    text: str,
    extension: str,
    asked: Sequence[Graph],
    *,
    max_rows: int,
    about: str,
) -> None:
    """Write at most the first `max_rows` solutions of a SELECT query; other forms are whole.

    The query is given a LIMIT of one row more, so the engine stops early and it is known whether
    there is more.

    Args:
        store: What to ask.
        outlet: Takes the answer.
        text: A query.
        extension: Of the format.
        asked: Its graphs, from `kg.query.evaluation.graphs_of`.
        max_rows: Most rows.
        about: The address that the head of a cut answer links to.

    Raises:
        MalformedError, DataError: As in `kg.query.evaluation.write_answer`.
    """
    limited = with_limit(text, max_rows + 1)
    if limited is None:
        write_over(store, outlet, text, extension, asked)
        return
    whole = io.BytesIO()
    try:
        write_over(store, whole, limited, extension, asked)
    except MalformedError:
        # The fault is to be told by its place in the query as it was sent.
        write_over(store, outlet, text, extension, asked)
        return
    body = CUTTERS[extension](whole.getvalue(), max_rows, about)
    if body is None:
        outlet.write(whole.getvalue())
        return
    outlet.header["cut_at"] = max_rows
    outlet.write(body)


def with_limit(text: str, rows: int) -> str | None:
    """Return a SELECT query with a LIMIT of at most `rows`; None for a query of another form.

    >>> with_limit("SELECT * { ?s ?p ?o } LIMIT 5000", 11)
    'SELECT * { ?s ?p ?o } LIMIT 11'

    Raises:
        DataError: LIMIT stands there in a way that is not understood.
    """
    found = _modifiers(text)
    if found.form != "SELECT":
        return None
    if found.limit is None:
        return f"{text[: found.end]}\nLIMIT {rows}\n{text[found.end :]}"
    return _replaced(text, found.limit, str(min(_whole(found.limit), rows)))


def with_offset(text: str, skipped: int) -> str | None:
    """Return a SELECT query without its first rows; None for a query of another form.

    >>> with_offset("SELECT * { ?s ?p ?o } LIMIT 50 OFFSET 7", 20)
    'SELECT * { ?s ?p ?o } LIMIT 30 OFFSET 27'

    Raises:
        DataError: LIMIT or OFFSET stands there in a way that is not understood.
    """
    found = _modifiers(text)
    if found.form != "SELECT":
        return None
    numbers = []
    if found.limit is not None:
        numbers.append((found.limit, max(_whole(found.limit) - skipped, 0)))
    if found.offset is not None:
        numbers.append((found.offset, _whole(found.offset) + skipped))
    else:
        text = f"{text[: found.end]}\nOFFSET {skipped}\n{text[found.end :]}"
    for token, number in sorted(numbers, reverse=True, key=lambda pair: pair[0].start):
        text = _replaced(text, token, str(number))
    return text


class _Modifiers(NamedTuple):
    """What stands after the pattern of a query.

    Attributes:
        form: Of the query, in upper case; empty where there is none.
        end: Offset at which a LIMIT or an OFFSET can be added.
        limit: The number of LIMIT.
        offset: The number of OFFSET.
    """

    form: str
    end: int
    limit: Token | None
    offset: Token | None


def _modifiers(text: str) -> _Modifiers:
    """Find the numbers of LIMIT and OFFSET.

    Raises:
        DataError: A word is glued to what follows it.
    """
    depth, form, end, is_after = 0, "", len(text), False
    word = ""
    numbers: dict[str, Token] = {}
    for token in tokens(text):
        if token.kind == "mark" and token.text in "{([":
            depth += 1
        elif token.kind == "mark" and token.text in "})]":
            depth -= 1
            is_after = is_after or (depth == 0 and token.text == "}")
        elif depth == 0 and token.kind == "word":
            word = token.text.upper()
            form = form or (word if word in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE") else "")
            if word == "VALUES" and is_after:
                end = min(end, token.start)
            for name in ("LIMIT", "OFFSET"):
                if word.startswith(name) and word != name:
                    raise DataError(f"max-rows: leave a blank after {name}")
            continue
        elif depth == 0 and token.kind == "number" and word in ("LIMIT", "OFFSET"):
            numbers.setdefault(word, token)
        word = ""
    return _Modifiers(form, end, numbers.get("LIMIT"), numbers.get("OFFSET"))


def _whole(token: Token) -> int:
    if not token.text.isdecimal() or len(token.text) > _DIGITS:
        raise DataError("max-rows: LIMIT in the query is not a whole number of usual size")
    return int(token.text)


def _replaced(text: str, token: Token, number: str) -> str:
    return text[: token.start] + number + text[token.start + len(token.text) :]


def _cut_json(body: bytes, rows: int, about: str) -> bytes | None:
    answer: dict[str, Any] = json.loads(body)
    bindings = answer["results"]["bindings"]
    if len(bindings) <= rows:
        return None
    del bindings[rows:]
    answer["head"]["link"] = [about]
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _cut_xml(body: bytes, rows: int, about: str) -> bytes | None:
    ET.register_namespace("", _RESULTS[1:-1])
    root = ET.fromstring(body)  # noqa: S314 - the engine wrote it
    results = root.find(_RESULTS + "results")
    head = root.find(_RESULTS + "head")
    if results is None or head is None or len(results) <= rows:
        return None
    for result in list(results)[rows:]:
        results.remove(result)
    head.append(ET.Element(_RESULTS + "link", {"href": about}))
    return cast(bytes, ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _cut_csv(body: bytes, rows: int, _: str) -> bytes | None:
    ends = [row.end() for row in _CSV_ROW.finditer(body)]
    return None if len(ends) - 1 <= rows else body[: ends[rows]]


def _cut_tsv(body: bytes, rows: int, _: str) -> bytes | None:
    lines = body.splitlines(keepends=True)
    return None if len(lines) - 1 <= rows else b"".join(lines[: rows + 1])


CUTTERS: Final = {
    RESULTS_JSON.extension: _cut_json,
    RESULTS_XML.extension: _cut_xml,
    CSV.extension: _cut_csv,
    TSV.extension: _cut_tsv,
}
