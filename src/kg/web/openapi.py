"""What OpenAPI 3.1 says of the questions: one path for each, with its typed parameters.

The document is made from the library of the snapshot, so a new question is in it by itself.
https://spec.openapis.org/oas/v3.1.0
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from kg.choices import choices, has_choices
from kg.mediatypes import CSV, PROBLEM, RESULTS_JSON, TSV
from kg.queryfile import Parameter, QueryFile
from kg.web.site import Site

_LISTED: Final = 50  # choices that stand in the document; more are asked for
_FORMATS: Final = {
    "year": {"type": "string", "pattern": r"^-?[0-9]{4,}$"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "text": {"type": "string"},
    "lang": {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"},
    "iri": {"type": "string"},
}
_FAULTS: Final = {
    "400": "A parameter is unknown, is given twice, or has a value of another type.",
    "404": "There is no such question, parameter or page.",
    "406": "No format that the client accepts.",
    "413": "The answer is larger than this server allows; ask with max-rows.",
    "429": "Too many queries from one address in a minute; Retry-After says when to go on.",
    "503": "The server is busy; Retry-After says when to come back.",
    "504": "The query ran until the deadline of this server.",
}
_TEXTS: Final = {
    "type": "object",
    "description": "A text in each language, by its tag.",
    "additionalProperties": {"type": "string"},
}


def openapi(site: Site) -> dict[str, Any]:
    """Return the document."""
    library = site.served.library
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Questions of citypledge",
            "version": site.served.version,
            "summary": "Cities, networks and commitments: questions with parameters, and answers.",
            "description": "Each question is a stored SPARQL query. Its answer is a table: SPARQL "
            "1.1 results in JSON, where each value has its type, or CSV. Limits and errors are "
            "those of the SPARQL endpoint.",
            "license": {"name": "Licence of the data", "url": site.licence},
        },
        "servers": [{"url": site.served.base.rstrip("/")}],
        "tags": [{"name": group} for group in sorted({each.group for each in library.values()})],
        "paths": {
            "/api/questions": {"get": _list()},
            "/api/questions/{name}/about": {"get": _about()},
            "/api/questions/{name}/parameters/{parameter}": {"get": _choices()},
            "/api/entity": {"get": _entity()},
            **{
                f"/api/questions/{quote(name)}": {"get": _question(site, query)}
                for name, query in library.items()
            },
        },
        "components": {"schemas": _schemas(), "responses": _responses()},
    }


def _question(site: Site, query: QueryFile) -> dict[str, Any]:
    answer = {
        RESULTS_JSON.name: {"schema": {"$ref": "#/components/schemas/Results"}},
        "application/json": {"schema": {"$ref": "#/components/schemas/Results"}},
        CSV.name: {"schema": {"type": "string"}},
        TSV.name: {"schema": {"type": "string"}},
    }
    return {
        "operationId": query.name,
        "summary": query.question.get("en", query.name),
        **({"description": query.note} if query.note else {}),
        "tags": [query.group],
        "parameters": [
            *(_parameter(site, query, each) for each in query.parameters),
            _in_query("max-rows", {"type": "integer", "minimum": 1}, _MAX_ROWS),
            _in_query("release", {"type": "string"}, _RELEASE),
        ],
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {
                    "ETag": {"schema": {"type": "string"}, "description": "Of the answer."},
                    "Rows-Cut-At": {
                        "schema": {"type": "integer"},
                        "description": "There is more: the answer was cut after so many rows.",
                    },
                },
                "content": answer,
            },
            "304": {"description": "The client has the answer that it names in If-None-Match."},
            **_faults(*_FAULTS),
        },
    }


_MAX_ROWS: Final = "Rows after which the answer is cut; the header Rows-Cut-At says that it was."
_RELEASE: Final = "Version of the release that is asked; without it, what is served now."


def _parameter(site: Site, query: QueryFile, parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = dict(_FORMATS[parameter.type])
    default: str | int = parameter.default
    schema["default"] = int(default) if parameter.type == "integer" else default
    where = f"/api/questions/{quote(query.name)}/parameters/{parameter.name}"
    described = parameter.label.get("en", parameter.name)
    if parameter.type == "iri":
        described += f": an IRI or a prefixed name such as {parameter.default}"
    if has_choices(parameter):
        found = choices(
            site.served.store, parameter, base=site.served.base, languages=("en",), most=_LISTED
        )
        described += f"; {where} lists what there is"
        if found.total <= _LISTED and found.is_whole:
            schema["examples"] = [each.value for each in found.items]
            named = [f"{each.value} ({each.label.text})" for each in found.items]
            described += f": {', '.join(named)}"
    return _in_query(parameter.name, schema, described)


def _in_query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _list() -> dict[str, Any]:
    return {
        "operationId": "list-questions",
        "summary": "All questions, each with its parameters.",
        "responses": {"200": _json("QuestionList", "The questions."), **_faults("406")},
    }


def _about() -> dict[str, Any]:
    return {
        "operationId": "about-question",
        "summary": "A question, and its SPARQL with the given values; they are given as in asking.",
        "parameters": [_in_path("name", "Of the question, or its number such as CQ01.")],
        "responses": {"200": _json("BoundQuestion", "The question."), **_faults("400", "404")},
    }


def _choices() -> dict[str, Any]:
    most = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000}
    return {
        "operationId": "list-choices",
        "summary": "The values that a parameter of a question can have, by name.",
        "parameters": [
            _in_path("name", "Of the question."),
            _in_path("parameter", "Of the parameter."),
            _in_query("q", {"type": "string"}, "Only those with this in their name or value."),
            _in_query("limit", most, "How many are given at most."),
        ],
        "responses": {"200": _json("Choices", "The values."), **_faults("400", "404")},
    }


def _entity() -> dict[str, Any]:
    iri = _in_query("iri", {"type": "string"}, "In full or as a prefixed name.")
    page = _in_query("page", {"type": "integer", "minimum": 1}, "Of a long description.")
    return {
        "operationId": "describe-entity",
        "summary": "What the graph says about one thing, and which source says it.",
        "parameters": [iri | {"required": True}, page],
        "responses": {"200": _json("Entity", "The thing."), **_faults("400", "404")},
    }


def _in_path(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    where = {"name": name, "in": "path", "required": True}
    return {**where, "description": description, "schema": schema}


def _json(schema: str, description: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _faults(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/Fault{status}"} for status in statuses}


def _responses() -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        f"Fault{status}": {"description": said, "content": {PROBLEM.name: schema}}
        for status, said in _FAULTS.items()
    }


def _object(properties: Mapping[str, Any], required: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the schema of an object; all properties are required where nothing is said."""
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "required": needed, "properties": dict(properties)}


def _array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _named(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _schemas() -> dict[str, Any]:
    text, number, flag = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
    question = {
        **dict.fromkeys(("name", "id", "iri", "group", "note", "url"), text),
        "question": _TEXTS,
        "parameters": _array(_named("Parameter")),
    }
    parameter = {
        **dict.fromkeys(("name", "default"), text),
        "type": {"type": "string", "enum": list(_FORMATS)},
        "kind": {"type": ["string", "null"]},
        "label": _TEXTS,
        **dict.fromkeys(("required", "has_choices"), flag),
    }
    choice = _object({"value": text, "label": text, "language": text})
    return {
        "Parameter": _object(parameter),
        "Question": _object(question),
        "QuestionList": _object({"total": number, "questions": _array(_named("Question"))}),
        "BoundQuestion": _object({**question, "values": _TEXTS, "query": text}),
        "Choices": _object(
            {**parameter, "choices": _array(choice), "total": number, "whole": flag}
        ),
        "Entity": {"type": "object"},
        "Results": _results(text),
        "Problem": _object({"title": text, "status": number, "detail": text}),
    }


def _results(text: dict[str, str]) -> dict[str, Any]:
    """Return the schema of SPARQL 1.1 Query Results JSON."""
    cell = {
        "type": {"type": "string", "enum": ["uri", "literal", "bnode", "triple"]},
        "value": {},
        "xml:lang": text,
        "datatype": text,
    }
    row = {"type": "object", "additionalProperties": _object(cell, ("type", "value"))}
    head, results = {"vars": _array(text)}, {"bindings": _array(row)}
    table = {"head": _object(head), "results": _object(results), "boolean": {"type": "boolean"}}
    return _object(table, ("head",))
