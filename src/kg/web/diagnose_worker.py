"""/sparql/diagnose as a worker answers it."""

import json
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.diagnosis import diagnose
from kg.diagnosis.words import SENTENCES
from kg.errors import DataError
from kg.mediatypes import negotiate
from kg.query.protocol import ProtocolError, not_acceptable
from kg.web.checking import JSON
from kg.web.faults import as_fault
from kg.web.i18n import catalogue, interface_language
from kg.web.responses import VARY, accept_of, languages_of
from kg.web.site import Site

PATH: Final = "/sparql/diagnose"
_NUMBER: Final = {"type": "integer", "minimum": 1}
_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_PLACE: Final = {
    "line": _NUMBER,
    "column": _NUMBER,
    "end_line": _NUMBER,
    "end_column": _NUMBER,
}


def routes(site: Site) -> list[Route]:
    """Return the route of diagnoses."""

    async def diagnosed(request: Request) -> Response:
        if negotiate(accept_of(request), [JSON]) is None:
            raise not_acceptable(accept_of(request), [JSON], "a diagnosis")
        parts = request.scope["job"].get("diagnose")
        told = schema() if parts is None else _told(site, request, parts)
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {"Content-Type": JSON.content_type, "Vary": VARY, "Cache-Control": "no-store"}
        return Response(body, headers=headers)

    return [Route(PATH, diagnosed)]


def _told(site: Site, request: Request, parts: dict[str, Any]) -> dict[str, Any]:
    """Return the diagnosis of the query of a request.

    Raises:
        ProtocolError: There is none.
    """
    store, lexicon = site.served.store, site.served.lexicon
    if not isinstance(store, ox.Store) or lexicon is None:
        detail = "the data is in another store; diagnose the query with: kg diagnose FILE"
        raise ProtocolError(501, "No diagnosis here", detail)
    graphs = {name: parts[name] for name in ("default_graphs", "named_graphs")}
    try:
        found = diagnose(store, parts["text"], **graphs, lexicon=lexicon)
    except DataError as error:
        raise as_fault(error) from error
    language = interface_language(languages_of(request))
    return found.as_json(str if language == "en" else catalogue(language).gettext)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a diagnosis."""
    place = _object({**_PLACE, "text": _TEXT})
    near = _object({"term": _TEXT, "iri": _MAYBE, "label": _MAYBE})
    step = {"kind": _TEXT, **_PLACE, "text": _TEXT, "fails": {"type": "boolean"}}
    counted = {"rows": {"type": ["integer", "null"]}, "at_least": {"type": "boolean"}}
    finding = {
        "code": {"enum": sorted(SENTENCES)},
        "message": _TEXT,
        "remedy": _TEXT,
        "found": _TEXT,
        **_PLACE,
        "related": _list(place),
        "nearest": _list(near),
        "query": _MAYBE,
    }
    whole = {
        "verdict": {"enum": ["answered", "empty", "nothing-counted"]},
        "form": {"enum": ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]},
        "summary": _TEXT,
        "steps": _list(_object({**step, **counted})),
        "findings": _list(_object(finding)),
        "query": _MAYBE,
        "unknown": _list(_TEXT),
    }
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Why a SPARQL query has no answer",
        "description": "POST a query as application/sparql-query, or as the field `query` of a "
        "form. Lines and columns begin with 1; columns count code points; an end is exclusive.",
    }
    return about | _object(whole)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}
