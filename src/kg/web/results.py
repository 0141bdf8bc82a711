"""The page of the endpoint: a form for a query and, for a browser, its answer as a table.

The front runs the query, with at most `ROWS_SHOWN` rows, and hands the answer on in the job; here
it only becomes a page. The links beside the table give the whole answer in each format. Their
parameter is `download`, because SPARQLWrapper sends `format` and `output` of its own, with values
that only some servers know; those are ignored.
"""

import json
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.mediatypes import HTML, RDF_TYPES, with_aliases
from kg.namespaces import shorten
from kg.query.labels import Shown
from kg.query.protocol import result_types
from kg.web.browse import examples
from kg.web.http import content_headers
from kg.web.responses import chosen_type, document, page
from kg.web.service_description import service_description
from kg.web.site import Site

ROWS_SHOWN: Final = 1000


def routes(site: Site) -> list[Route]:
    """Return the route of the form, of the answer under it, and of the service description."""

    async def sparql(request: Request) -> Response:
        job = request.scope["job"]
        if "text" in job:
            return _result(site, job)
        media_type = chosen_type(request, (*with_aliases(RDF_TYPES), HTML))

        def make() -> bytes:
            if media_type == HTML:
                return _form(site, "", {})
            return service_description(site, media_type)

        return document(request, media_type, make)

    return [Route("/sparql", sparql, methods=["GET", "POST", "QUERY"])]


def _result(site: Site, job: dict[str, Any]) -> Response:
    fault = job.get("fault")
    values = {"fault": fault} if fault else _shown(site, job)
    headers = {"Vary": "Accept, Accept-Encoding", "Cache-Control": "no-cache"}
    headers |= content_headers(HTML)
    headers |= fault["headers"] if fault else {}
    status = fault["status"] if fault else 200
    return Response(_form(site, job["text"], values), status_code=status, headers=headers)


def _form(site: Site, text: str, values: dict[str, Any]) -> bytes:
    given: dict[str, Any] = {
        "fault": None,
        "table": None,
        "boolean": None,
        "graph": None,
        "absent": [],
        "downloads": [],
        "permalink": None,
    }
    known = {"examples": examples(site.served.base), "limits": site.limits}
    return page(site, "sparql.html", text=text, **known, **(given | values))


def _shown(site: Site, job: dict[str, Any]) -> dict[str, Any]:
    form = job["form"]
    parameters = [
        (name, value)
        for name, value in parse_qsl(job["query"], keep_blank_values=True)
        if name in ("query", "default-graph-uri", "named-graph-uri", "release")
    ]
    offers = [offer for offer in result_types(form) if offer != HTML]
    proper = list({offer.extension: offer for offer in reversed(offers)}.values())[::-1]
    downloads = [
        (
            offer.label,
            site.path("/sparql?") + urlencode([*parameters, ("download", offer.extension)]),
        )
        for offer in proper
    ]
    shown: dict[str, Any] = {
        "downloads": downloads if job["method"] in ("GET", "HEAD") else [],
        "absent": job["absent"],
    }
    if job["permalink"] is not None:
        address = site.href(job["permalink"]) or ""
        shown["permalink"] = address
        shown["citation"] = site.path("/cite?") + address.partition("?")[2]
    if form in ("CONSTRUCT", "DESCRIBE"):
        return shown | {"graph": job["answer"]}
    answer = json.loads(job["answer"])
    if form == "ASK":
        return shown | {"boolean": answer["boolean"]}
    return shown | {"table": _table(answer, is_cut=job["is_cut"])}


def _table(answer: dict[str, Any], *, is_cut: bool) -> dict[str, Any]:
    variables, rows = answer["head"]["vars"], answer["results"]["bindings"]
    shown = [[_cell(row.get(name)) for name in variables] for row in rows]
    return {"variables": variables, "rows": shown, "is_cut": is_cut}


def _cell(binding: dict[str, Any] | None) -> Shown | None:
    if binding is None:
        return None
    value = binding["value"]
    if binding["type"] == "uri":
        return Shown(shorten(value), "", value)
    if binding["type"] == "bnode":
        return Shown(f"_:{value}")
    if binding["type"] == "triple":
        return Shown(json.dumps(value, ensure_ascii=False))
    datatype = shorten(binding.get("datatype", ""))
    return Shown(value, binding.get("xml:lang", ""), "", datatype)
