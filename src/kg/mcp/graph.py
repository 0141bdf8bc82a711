"""What the tools ask: the workers of a snapshot, as the HTTP server has them.

Each question goes to a worker process that is ended at its deadline, so a tool has the limits of
the service and cannot hang.
"""

import json
from typing import Any, Final
from urllib.parse import quote, urlencode

from kg.errors import KgError
from kg.library import mentioned
from kg.mediatypes import RESULTS_JSON, TURTLE, MediaType
from kg.namespaces import CANONICAL_BASE, PREFIXES
from kg.query.guard import Form
from kg.query.protocol import MAX_REQUEST_BYTES, QueryRequest
from kg.query.service import gather
from kg.web.api import ABOUT, PATH
from kg.web.deployment import Deployment
from kg.web.faults import as_fault

MOST_BYTES: Final = 400_000  # of an answer: more does not fit into what a reader of tools can hold
_NOTHING: Final = "graph/of-nothing"  # a graph that is not there, so that a query has no data
_DIAGNOSE: Final = "/sparql/diagnose"


class RefusedError(KgError):
    """What was asked has no answer; the words say why and what to do."""


class Graph:
    """A snapshot that is asked."""

    def __init__(self, deployment: Deployment) -> None:
        """Make it of a deployment that is started elsewhere."""
        self._deployment = deployment
        self.base = deployment.base
        self.version = deployment.version

    async def search(self, text: str, kind: str, country: str, limit: int) -> dict[str, Any]:
        """Return what has a name like a text.

        Raises:
            RefusedError: A kind or a country is unknown, or there is no index of names.
        """
        wanted = {"q": text, "type": kind, "country": country}
        sent = urlencode({name: value for name, value in wanted.items() if value})
        found = await self._page("/search.json", sent)
        found["results"] = found["results"][:limit]
        return found

    async def entity(self, iri: str, language: str, page: int) -> dict[str, Any]:
        """Return what is said of a thing.

        Raises:
            RefusedError: Nothing is, or the IRI is none.
        """
        return await self._page("/api/entity", urlencode({"iri": iri, "page": page}), language)

    async def questions(self) -> list[dict[str, Any]]:
        """Return the questions of the library.

        Raises:
            RefusedError: No worker can tell.
        """
        found: list[dict[str, Any]] = (await self._page(PATH))["questions"]
        return found

    async def choices(self, name: str, parameter: str, text: str, limit: int) -> dict[str, Any]:
        """Return the values that a parameter of a question can have.

        Raises:
            RefusedError: There is no such question or parameter, or its values cannot be listed.
        """
        path = f"{PATH}/{quote(name, safe='')}/parameters/{quote(parameter, safe='')}"
        return await self._page(path, urlencode({"q": text, "limit": limit}))

    async def question(self, name: str, values: dict[str, str]) -> dict[str, Any]:
        """Return a question, with its SPARQL for some values of its parameters.

        Raises:
            RefusedError: There is no such question or parameter, or a value is none.
        """
        return await self._page(f"{PATH}/{quote(name, safe='')}{ABOUT}", urlencode(values))

    async def run(
        self, text: str, max_rows: int | None = None, *, without_data: bool = False
    ) -> tuple[Form, bytes, bool]:
        """Return the form of a query, its answer, and whether that was cut.

        Args:
            text: SPARQL.
            max_rows: Rows after which a table is cut.
            without_data: Ask a graph that holds nothing, to learn whether the query is right.

        Raises:
            RefusedError: There is no answer.
            MalformedError: The query is not well-formed; with its place.
        """
        if len(text.encode()) > MAX_REQUEST_BYTES:
            raise RefusedError(f"a query may have at most {MAX_REQUEST_BYTES:,} bytes")
        graphs = (self.base + _NOTHING,) if without_data else ()
        request = QueryRequest(text, graphs, graphs, max_rows)
        try:
            result = await self._deployment.service.run(request, _type_of, max_rows=max_rows)
            body = await gather(result, MOST_BYTES)
        except KgError as error:
            fault = as_fault(error)
            raise RefusedError(f"{fault.title}: {fault.detail}") from error
        return result.form, body, result.cut_at is not None

    async def unknown_terms(self, text: str) -> list[str]:
        """Return the IRIs of this dataset that a query names and the graph does not know.

        Raises:
            RefusedError: No worker can tell.
        """
        prefixes = {
            prefix: iri.replace(CANONICAL_BASE, self.base, 1) for prefix, iri in PREFIXES.items()
        }
        named = sorted(iri for iri in mentioned(text, prefixes) if iri.startswith(self.base))
        own = [iri for iri in named if not iri.endswith(("/", "#"))]
        if not own:
            return []
        values = " ".join(f"<{iri}>" for iri in own[:200])
        query = (
            f"SELECT ?term WHERE {{ VALUES ?term {{ {values} }} "
            "FILTER NOT EXISTS { { ?term ?p ?o } UNION { ?s ?p2 ?term } UNION { ?s2 ?term ?o2 } "
            "UNION { GRAPH ?g { ?term ?p3 ?o3 } } UNION { GRAPH ?term { ?s4 ?p4 ?o4 } } } } "
            "ORDER BY ?term"
        )
        _, body, _ = await self.run(query)
        return [row["term"]["value"] for row in json.loads(body)["results"]["bindings"]]

    async def diagnose(self, text: str) -> dict[str, Any]:
        """Return why a query has no answer.

        Raises:
            RefusedError: It is not well-formed, or the work took too long.
        """
        asked = {"text": text, "default_graphs": (), "named_graphs": ()}
        return await self._page(_DIAGNOSE, more={"diagnose": asked})

    async def _page(
        self, path: str, query: str = "", language: str = "en", more: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what a worker answers in JSON."""
        job = {
            "method": "GET",
            "path": path,
            "query": query,
            "headers": [("accept", "application/json"), ("accept-language", language)],
            **(more or {}),
        }
        try:
            reply = await self._deployment.pages.page(job)
        except KgError as error:
            fault = as_fault(error)
            raise RefusedError(f"{fault.title}: {fault.detail}") from error
        said: dict[str, Any] = json.loads(reply.body)
        if reply.status != 200:
            raise RefusedError(f"{said['title']}: {said['detail']}")
        return said


def _type_of(form: Form) -> MediaType:
    return RESULTS_JSON if form in ("SELECT", "ASK") else TURTLE
