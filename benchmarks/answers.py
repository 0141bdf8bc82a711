"""Answers of different engines made comparable: what they say, not how they write it.

Engines differ in the order of rows, in the spelling of numbers and booleans, and in the case of
language tags; none of this counts. Everything else does.
"""

import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pyoxigraph as ox

from kg.namespaces import XSD

_NUMBERS: Final = {XSD + name for name in ("integer", "decimal", "int", "long", "short")}
_FLOATS: Final = {XSD + "double", XSD + "float"}
_TRUTH: Final = {"1": "true", "0": "false"}


@dataclass(frozen=True)
class Content:
    """What an answer says.

    Attributes:
        rows: Each row, or statement, with the number of times it occurs; of an ASK one row.
        size: Number of rows.
    """

    rows: Counter[tuple[str, ...]]
    size: int

    def difference(self, other: "Content") -> str | None:
        """Say in a line how another answer differs from this one; None where it does not."""
        if self.rows == other.rows:
            return None
        missing, extra = self.rows - other.rows, other.rows - self.rows
        parts = [f"{other.size} rows for {self.size}"]
        for name, rows in (("lacks", missing), ("adds", extra)):
            if rows:
                example = " | ".join(min(rows))
                parts.append(f"{name} {rows.total()}, such as {example}")
        return "; ".join(parts)


def content(body: bytes, is_graph: bool) -> Content:
    """Read an answer: SPARQL JSON, or N-Triples where it is a graph.

    Raises:
        ValueError: It is not well-formed, which a 200 does not rule out.
    """
    try:
        rows = _statements(body) if is_graph else _rows(json.loads(body))
    except SyntaxError as error:
        raise ValueError(f"not N-Triples: {error.msg}") from None
    return Content(rows, rows.total())


def _statements(body: bytes) -> Counter[tuple[str, ...]]:
    found = {
        (str(quad.subject), str(quad.predicate), _spelt(quad.object))
        for quad in ox.parse(body, format=ox.RdfFormat.TURTLE)
    }
    return Counter(found)


def _spelt(term: Any) -> str:
    if not isinstance(term, ox.Literal):
        return str(term)
    return _literal(term.value, term.language or "", term.datatype.value)


def _rows(answer: Any) -> Counter[tuple[str, ...]]:
    if "boolean" in answer:
        return Counter([(str(answer["boolean"]).lower(),)])
    names = sorted(answer["head"]["vars"])
    return Counter(
        tuple(_term(row[name]) if name in row else "" for name in names)
        for row in answer["results"]["bindings"]
    )


def _term(value: dict[str, str]) -> str:
    kind = value["type"]
    if kind == "uri":
        return f"<{value['value']}>"
    if kind == "bnode":
        return "_:b"
    return _literal(value["value"], value.get("xml:lang", ""), value.get("datatype", ""))


def _literal(text: str, language: str, datatype: str) -> str:
    if language:
        return f'"{text}"@{language.lower()}'
    if datatype in _NUMBERS:
        return f"{Decimal(text).normalize():f}"
    if datatype in _FLOATS:
        return f"{float(text)!r}"
    if datatype == XSD + "boolean":
        return _TRUTH.get(text, text)
    return f'"{text}"' if datatype in ("", XSD + "string") else f'"{text}"^^<{datatype}>'
