"""Questions of the library: ask them of a snapshot or of any SPARQL endpoint, print the answer."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from itertools import groupby
from typing import Any

import pyoxigraph as ox

from kg.errors import UsageError
from kg.mediatypes import RESULTS_JSON
from kg.namespaces import CANONICAL_BASE, shorten
from kg.query.evaluation import evaluate
from kg.queryfile import QueryFile
from kg.snapshot import Snapshot


@dataclass(frozen=True)
class Answer:
    """A table of results: the names of the columns and the SPARQL JSON form of each cell."""

    variables: list[str]
    rows: list[dict[str, dict[str, str]]]

    def cells(self) -> Iterator[list[str]]:
        """Yield each row as texts; IRIs are shortened, unbound cells are empty."""
        for row in self.rows:
            yield [_cell(row.get(name)) for name in self.variables]


def ask_store(store: ox.Store, text: str) -> Answer:
    """Run a SELECT or ASK query on a store.

    Raises:
        DataError: The query is not well-formed, or cannot be evaluated.
    """
    return _answer(json.loads(evaluate(store, text, extension=RESULTS_JSON.extension)))


def ask_snapshot(snapshot: Snapshot, text: str) -> Answer:
    """Run a question on a snapshot, which may have been built under another base.

    Raises:
        DataError: As `ask_store`.
    """
    base = snapshot.manifest.base
    return ask_store(snapshot.store(), text.replace(CANONICAL_BASE, base))


def ask_endpoint(url: str, text: str, *, base: str | None = None, timeout_s: int = 60) -> Answer:
    """Run a SELECT or ASK query on a SPARQL endpoint, by SPARQLWrapper.

    Args:
        url: Of the endpoint.
        text: The query, with the canonical base in its IRIs.
        base: What the IRIs of the dataset begin with there, if not with the canonical base.
        timeout_s: Seconds until the attempt is given up.

    Raises:
        UsageError: The endpoint does not answer, or not with results.
    """
    from SPARQLWrapper import JSON, POST, SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    client = SPARQLWrapper(url)
    client.setQuery(text.replace(CANONICAL_BASE, base or CANONICAL_BASE))
    client.setMethod(POST)
    client.setReturnFormat(JSON)
    client.setTimeout(timeout_s)
    try:
        found = client.queryAndConvert()
    except (SPARQLWrapperException, HTTPException, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UsageError(f"{url}: no answer: {reason}; is it a SPARQL endpoint?") from None
    if not isinstance(found, dict) or not ("boolean" in found or {"head", "results"} <= set(found)):
        raise UsageError(f"{url}: the answer is not one of SPARQL; is it a SPARQL endpoint?")
    return _answer(found)


def listing(library: dict[str, QueryFile], language: str) -> str:
    """Return the questions by group, each with its name and parameters."""
    lines = []
    ordered = sorted(library.values(), key=lambda query: (query.group, query.id))
    for group, members in groupby(ordered, key=lambda query: query.group):
        lines.append(f"{group}:")
        for query in members:
            names = ", ".join(parameter.name for parameter in query.parameters)
            asked = f"  [{names}]" if names else ""
            lines.append(f"  {query.id:<6}{query.name}{asked}\n        {query.question[language]}")
    return "\n".join(lines)


def render(answer: Answer, form: str) -> str:
    """Return an answer as a table for a terminal, as CSV (RFC 4180) or as SPARQL JSON."""
    if form == "json":
        whole = {"head": {"vars": answer.variables}, "results": {"bindings": answer.rows}}
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(answer.variables)
        writer.writerows(
            [row[name]["value"] if name in row else "" for name in answer.variables]
            for row in answer.rows
        )
        return out.getvalue()
    return _table(answer)


def _table(answer: Answer) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not answer.rows:
        return "(no rows)"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in answer.variables:
        table.add_column(name, overflow="fold")
    for row in answer.cells():
        table.add_row(*(Text(cell) for cell in row))
    out = io.StringIO()
    import shutil

    Console(file=out, width=max(60, shutil.get_terminal_size((120, 24)).columns)).print(table)
    number = len(answer.rows)
    return f"{out.getvalue().rstrip()}\n\n{number} row{'' if number == 1 else 's'}"


def _answer(data: Any) -> Answer:
    if "boolean" in data:
        cell = {"type": "literal", "value": str(data["boolean"]).lower()}
        return Answer(["answer"], [{"answer": cell}])
    return Answer(data["head"]["vars"], data["results"]["bindings"])


def _cell(cell: dict[str, str] | None) -> str:
    if cell is None:
        return ""
    return shorten(cell["value"]) if cell["type"] == "uri" else cell["value"]
