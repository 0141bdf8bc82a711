"""Solutions as CSV (SPARQL 1.1 Query Results CSV and TSV Formats, section 3).

The engine's own writer puts an IRI with a comma there without quotes, which makes two fields of
it. The engine's writers of the other formats are used as they are.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

import pyoxigraph as ox

_PIECE: Final = 1 << 14  # bytes that are handed on at once
_SPECIAL: Final = re.compile('[",\r\n]')  # RFC 4180: what holds one of them is quoted
_END: Final = "\r\n"
_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def write_csv(solutions: ox.QuerySolutions, write: Callable[[bytes], object]) -> None:
    """Write the solutions of a query as CSV.

    Args:
        solutions: To be read once.
        write: Takes the table, piece by piece; what it raises ends the writing.
    """
    held: list[str] = []
    size = 0
    for row in _rows(solutions):
        held.append(row)
        size += len(row)
        if size >= _PIECE:
            write("".join(held).encode())
            held.clear()
            size = 0
    write("".join(held).encode())


def _rows(solutions: ox.QuerySolutions) -> Iterator[str]:
    yield ",".join(variable.value for variable in solutions.variables) + _END
    for solution in solutions:
        yield ",".join(map(_field, solution)) + _END


def _field(term: _Term | None) -> str:
    """Return a term as a field; empty where there is none.

    >>> _field(ox.NamedNode("https://example.org/1,0.html"))
    '"https://example.org/1,0.html"'
    >>> _field(ox.Literal('say "a" to b'))
    '"say ""a"" to b"'
    """
    text = _text(term)
    if not _SPECIAL.search(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _text(term: _Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    if isinstance(term, ox.Triple):
        return " ".join(map(_text, (term.subject, term.predicate, term.object)))
    return term.value
