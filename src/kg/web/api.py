"""The questions of the library for programs: what there is to ask, with what, and as which query.

Everything comes from the snapshot: a question is a `sh:SPARQLExecutable` with parameters. An answer
is no matter of this module: `/api/questions/NAME` is answered by `kg.web.asking`, which asks here
for the query (`/api/questions/NAME/about`) and runs it as `/sparql` does.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from rapidfuzz import fuzz, process
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.choices import Choices, choices, has_choices
from kg.errors import UnknownNameError, UsageError
from kg.library import bound
from kg.mediatypes import MediaType, negotiate
from kg.query.protocol import ProtocolError, shortened
from kg.queryfile import Parameter, QueryFile
from kg.web.entity_json import entity
from kg.web.openapi import openapi
from kg.web.reconciliation.batch import fields
from kg.web.responses import accept_of, chosen_type, document, languages_of
from kg.web.site import Site

PATH: Final = "/api/questions"
ABOUT: Final = "/about"
RESERVED: Final = ("max-rows", "release")  # what else is asked of an answer; no variable has a "-"
MOST_CHOICES: Final = 1000
JSON: Final = MediaType("application/json", "json", "JSON")
_OPENAPI: Final = MediaType("application/vnd.oai.openapi+json", "json", "OpenAPI")
_LIKE: Final = 50  # of 100: how much of a name has to be alike


def routes(site: Site) -> list[Route]:
    """Return the routes of the questions for programs."""

    async def listed(request: Request) -> Response:
        found = site.served.library.values()
        said = {"total": len(found), "questions": [described(each, site) for each in found]}
        return _document(request, said)

    async def about(request: Request) -> Response:
        query = question_of(site, request.path_params["name"])
        values = values_of(query, request.url.query)
        asked = {each.name: values.get(each.name, each.default) for each in query.parameters}
        text = text_of(query, values, site)
        return _document(request, {**described(query, site), "values": asked, "query": text})

    async def listed_choices(request: Request) -> Response:
        query = question_of(site, request.path_params["name"])
        parameter = parameter_of(query, request.path_params["parameter"])
        found = chosen_of(site, request, parameter)
        told = [
            {"value": each.value, "label": each.label.text, "language": each.label.language}
            for each in found.items
        ]
        is_whole = found.is_whole and len(found.items) == found.total
        said = {**_parameter(parameter), "choices": told, "total": found.total, "whole": is_whole}
        return _document(request, said)

    async def thing(request: Request) -> Response:
        return _document(request, entity(site, request))

    async def definition(request: Request) -> Response:
        media_type = negotiate(accept_of(request), [JSON, _OPENAPI]) or JSON  # as its name says
        return document(request, media_type, lambda: _as_bytes(openapi(site)))

    return [
        Route(PATH, listed),
        Route(f"{PATH}/{{name}}{ABOUT}", about),
        Route(f"{PATH}/{{name}}/parameters/{{parameter}}", listed_choices),
        Route("/api/entity", thing),
        Route("/api/openapi.json", definition),
    ]


def question_of(site: Site, name: str) -> QueryFile:
    """Return a question by its name or by its number, such as `CQ01`.

    Raises:
        ProtocolError: 404; there is none, and the detail names the nearest.
    """
    library = site.served.library
    by_id = {each.id.upper(): each for each in library.values() if each.id}
    found = library.get(name) or by_id.get(name.upper())
    if found is not None:
        return found
    near = process.extract(
        name[:200], list(library), scorer=fuzz.WRatio, score_cutoff=_LIKE, limit=3
    )
    meant = f"did you mean {', '.join(each for each, _, _ in near)}? " if near else ""
    detail = f"there is no question {shortened(name)!r}; {meant}{PATH} lists all of them"
    raise ProtocolError(404, "Unknown question", detail)


def parameter_of(query: QueryFile, name: str) -> Parameter:
    """Return a parameter of a question.

    Raises:
        ProtocolError: 404; it has none of this name.
    """
    for parameter in query.parameters:
        if parameter.name == name:
            return parameter
    has = ", ".join(each.name for each in query.parameters) or "none"
    detail = f"{query.name} has no parameter {shortened(name)!r}; it has: {has}"
    raise ProtocolError(404, "Unknown parameter", detail)


def values_of(query: QueryFile, sent: str) -> dict[str, str]:
    """Return the values of parameters that a request gives; an empty one stands for the default.

    Args:
        query: The question.
        sent: The query of the address.

    Raises:
        ProtocolError: 400; a parameter is unknown, or there twice.
    """
    known = {each.name for each in query.parameters}
    given = {name: value.strip() for name, value in fields(sent).items() if name not in RESERVED}
    for name in given:
        if name not in known:
            has = ", ".join(sorted(known)) or "none"
            detail = f"{query.name} has no parameter {shortened(name)!r}; it has: {has}"
            raise ProtocolError(400, "Unknown parameter", detail)
    return {name: value for name, value in given.items() if value}


def text_of(query: QueryFile, values: Mapping[str, str], site: Site) -> str:
    """Return the SPARQL of a question with some values.

    Raises:
        ProtocolError: 400; a value is not of the type of its parameter.
    """
    try:
        return bound(query, values, site.served.base)
    except (UnknownNameError, UsageError) as error:
        raise ProtocolError(400, "Bad parameter", str(error)) from None


def chosen_of(site: Site, request: Request, parameter: Parameter) -> Choices:
    """Return the values that a parameter can have and a request wants: `q`, `limit`.

    Raises:
        ProtocolError: 400 for another wish; 404 where the values cannot be listed.
    """
    if not has_choices(parameter):
        detail = f"the values of {parameter.name} ({parameter.type}) cannot be listed; give one"
        raise ProtocolError(404, "No choices", detail)
    given = fields(request.url.query)
    if unknown := sorted(given.keys() - {"q", "limit"}):
        detail = f"{shortened(unknown[0])!r} is no parameter here; there are q and limit"
        raise ProtocolError(400, "Unknown parameter", detail)
    limit = given.get("limit", str(MOST_CHOICES))
    if not (limit.isascii() and limit.isdecimal() and 0 < int(limit[:9]) <= MOST_CHOICES):
        detail = f"limit={shortened(limit)!r} is no whole number from 1 to {MOST_CHOICES}"
        raise ProtocolError(400, "Bad parameter", detail)
    return choices(
        site.served.store,
        parameter,
        base=site.served.base,
        languages=languages_of(request),
        text=given.get("q", "")[:200],
        most=int(limit),
    )


def described(query: QueryFile, site: Site) -> dict[str, Any]:
    """Return what there is to say about a question, for JSON."""
    base, name = site.served.base, quote(query.name)
    return {
        "name": query.name,
        "id": query.id,
        "iri": f"{base}question/{name}",
        "group": query.group,
        "question": query.question,
        "note": query.note,
        "parameters": [_parameter(each) for each in query.parameters],
        "url": f"{base}{PATH[1:]}/{name}",
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "kind": parameter.kind or None,
        "default": parameter.default,
        "label": parameter.label,
        "required": False,
        "has_choices": has_choices(parameter),
    }


def _document(request: Request, said: dict[str, Any]) -> Response:
    return document(request, chosen_type(request, [JSON]), lambda: _as_bytes(said))


def _as_bytes(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1).encode()
