"""The page of the workbench, made in a worker, and the schema that its editor completes from.

The front (`kg.web.workbench.front`) has run the query, and hands its first rows on in the job.
"""

import json
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kg.choices import choices, has_choices
from kg.diagnosis import diagnose
from kg.errors import KgError, UsageError
from kg.library import bound
from kg.mediatypes import HTML, MediaType
from kg.namespaces import CANONICAL_BASE
from kg.query.protocol import result_types
from kg.queryfile import Parameter, QueryFile
from kg.web.http import content_headers
from kg.web.i18n import catalogue, interface_language
from kg.web.responses import address_for, chosen_type, document, languages_of, page
from kg.web.site import Site
from kg.web.workbench import DRAWN, LINK, PATH, ROWS, SCHEMA, VIEWS
from kg.web.workbench.asked import Wanted, encode, read
from kg.web.workbench.schema import schema
from kg.web.workbench.snippets import snippets
from kg.web.workbench.table import of_graph, of_solutions
from kg.web.workbench.views import Views

_JSON: Final = MediaType("application/json", "json", "JSON")
_INPUTS: Final = {"year": "number", "integer": "number", "date": "date"}
_LISTED: Final = 500  # choices of a parameter in a page
_HEADERS: Final = {"Vary": "Accept, Accept-Encoding, Accept-Language", "Cache-Control": "no-cache"}
_SHOWN_CLASSES: Final = 12  # in the list beside the editor


def routes(site: Site) -> list[Route]:
    """Return the routes of the workbench."""

    async def workbench(request: Request) -> Response:
        job = request.scope["job"]
        wanted = read(request.scope["query_string"].decode("latin-1"))
        if job.get("bind"):
            return _bound(site, wanted)
        return _Page(site, request, wanted, job).made()

    async def completion(request: Request) -> Response:
        media_type = chosen_type(request, [_JSON], fixed=_JSON)
        return document(request, media_type, lambda: schema(site, languages_of(request)))

    return [Route(PATH, workbench), Route(SCHEMA, completion)]


def _bound(site: Site, wanted: Wanted) -> Response:
    """Return the SPARQL of a question with values, or what is wrong with them, to the front."""
    question = site.served.library.get(wanted.question)
    if question is None:
        detail = f"there is no question {wanted.question!r}; the list has them all"
        return JSONResponse({"fault": _fault(404, "No such question", detail)})
    try:
        text = bound(question, dict(wanted.values), site.served.base)
    except UsageError as error:
        return JSONResponse({"fault": _fault(400, "Value not accepted", str(error))})
    return JSONResponse({"text": text})


def _fault(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"status": status, "title": title, "detail": detail, "headers": {}}


class _Page:
    """One page."""

    def __init__(self, site: Site, request: Request, wanted: Wanted, job: dict[str, Any]) -> None:
        self._site = site
        self._request = request
        self._wanted = wanted
        self._job = job
        self._languages = languages_of(request)
        self._reader = site.reader(self._languages)
        self._text: str = job.get("text", wanted.text)

    def made(self) -> Response:
        """Return it."""
        fault = self._job.get("fault")
        values = self._values() | {"fault": fault and self._placed(fault)}
        values["answer"] = self._answer() if "answer" in self._job else None
        body = page(self._site, self._request, "query.html", **values)
        headers = _HEADERS | content_headers(HTML) | (fault["headers"] if fault else {})
        headers["Content-Language"] = interface_language(self._languages)
        return Response(body, status_code=fault["status"] if fault else 200, headers=headers)

    def _values(self) -> dict[str, Any]:
        site, wanted = self._site, self._wanted
        question = site.served.library.get(wanted.question)
        return {
            "text": self._text,
            "wanted": wanted,
            "question_groups": self._groups(),
            "total": len(site.served.library),
            "question": question,
            "fields": [] if question is None else self._fields(question),
            "question_name": "" if question is None else self._said(question.question),
            "limits": site.limits,
            "rows": ROWS,
            "classes": self._classes(),
            "schema_address": site.path(SCHEMA),
            "link_address": site.path(LINK),
            "can_keep": self._job.get("can_keep", False),
            "base_of_data": site.served.base,
        }

    def _said(self, texts: dict[str, str]) -> str:
        """Return a text of a question in the language of the interface, else in English."""
        return texts.get(interface_language(self._languages)) or texts.get("en", "")

    def _groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the questions of the library by group: name and words."""
        ordered = sorted(self._site.served.library.values(), key=lambda each: (each.group, each.id))
        return [
            (group, [(each.name, self._said(each.question)) for each in members])
            for group, members in groupby(ordered, key=lambda each: each.group)
        ]

    def _fields(self, question: QueryFile) -> list[dict[str, Any]]:
        given = dict(self._wanted.values)
        return [
            self._field(each, given.get(each.name, each.default)) for each in question.parameters
        ]

    def _field(self, parameter: Parameter, value: str) -> dict[str, Any]:
        found = self._choices(parameter)
        return {
            "name": parameter.name,
            "label": self._said(parameter.label),
            "value": value,
            "type": _INPUTS.get(parameter.type, "text"),
            "choices": found,
            "is_listed": any(value == each for each, _ in found),
        }

    def _choices(self, parameter: Parameter) -> list[tuple[str, str]]:
        if not has_choices(parameter):
            return []
        base = self._site.served.base
        found = choices(
            self._site.served.store,
            parameter,
            base=base,
            languages=self._languages,
            most=_LISTED,
        )
        return [(each.value, each.label.text) for each in found.items]

    def _classes(self) -> list[Any]:
        """Return the classes with most instances, for the list beside the editor."""
        own = [each for each in self._site.classes if each.iri.startswith(self._site.served.base)]
        shown = sorted(own, key=lambda each: -each.total)[:_SHOWN_CLASSES]
        return [(each, self._reader.show(ox.NamedNode(each.iri))) for each in shown]

    def _placed(self, fault: dict[str, Any]) -> dict[str, Any]:
        """Return a fault with the line of the query that it stands in."""
        lines = self._text.split("\n")
        number = fault.get("line")
        if number is None or not 0 < number <= len(lines):
            return fault | {"line": None, "before": "", "after": ""}
        line, column = lines[number - 1], fault["column"] - 1
        return fault | {"before": line[:column], "after": line[column:]}

    def _answer(self) -> dict[str, Any]:
        job, form = self._job, self._job["form"]
        shown: dict[str, Any] = {
            "form": form,
            "took_ms": job["took_ms"],
            "is_cut": job["is_cut"],
            "skipped": job["skipped"],
            "page": self._wanted.page,
            "absent": job["absent"],
            "boolean": None,
            "table": None,
            "views": [],
            "view": "",
            "diagnosis": None,
            **self._links(form),
        }
        if form == "ASK":
            shown["boolean"] = json.loads(job["answer"])["boolean"]
            is_empty = not shown["boolean"]
        else:
            triples = self._triples() if form in ("CONSTRUCT", "DESCRIBE") else None
            shown |= self._drawn(triples)
            is_empty = not shown["table"].rows and not shown["skipped"]
        if is_empty:
            shown["diagnosis"] = self._diagnosis()
        return shown

    def _triples(self) -> list[ox.Triple]:
        found = ox.parse(self._job["answer"].encode(), format=ox.RdfFormat.N_TRIPLES)
        return [quad.triple for quad in found]

    def _drawn(self, triples: list[ox.Triple] | None) -> dict[str, Any]:
        """Return the rows of an answer, and the view of them that is asked for."""
        if triples is None:
            table = of_solutions(self._job["answer"], self._reader)
        else:
            first = (self._wanted.page - 1) * ROWS
            is_table = self._wanted.view in ("", "table")
            of_page = triples[first : first + ROWS] if is_table else triples[:DRAWN]
            table = of_graph(of_page, self._reader)
        views = Views(table, self._reader, is_graph=triples is not None)
        offered = views.offered()
        view = self._wanted.view if self._wanted.view in offered else "table"
        shown: dict[str, Any] = {"table": table, "views": self._tabs(offered), "view": view}
        if triples is not None:
            most = self._wanted.page * ROWS if view == "table" else DRAWN
            shown["is_cut"] = len(triples) > most and view != "turtle"
            shown["skipped"] = (self._wanted.page - 1) * ROWS if view == "table" else 0
            shown["turtle"] = _turtle(triples, self._site) if view == "turtle" else ""
        if view in ("map", "timeline", "graph", "chart"):
            shown["drawing"] = getattr(views, view)()
        return shown

    def _tabs(self, offered: list[str]) -> list[tuple[str, str]]:
        """Return the views with the address of each."""
        asked = self._wanted.parameters()
        return [
            (view, f"{self._site.path(PATH)}?{encode([*asked, ('view', view)])}")
            for view in VIEWS
            if view in offered
        ]

    def _links(self, form: str) -> dict[str, Any]:
        """Return where the answer can be had as a file, as code, for good, and as a citation."""
        site, wanted = self._site, self._wanted
        asked = wanted.parameters(self._text)
        endpoint = f"{site.mount}/sparql?"
        offers = [offer for offer in result_types(form) if offer != HTML]
        proper = list({offer.extension: offer for offer in reversed(offers)}.values())[::-1]
        here = site.path(PATH) + "?" + encode(wanted.parameters())
        cited = self._job["permalink"]
        released = [pair for pair in asked if pair[0] != "release"]
        if cited is not None:
            released = read(cited.partition("?")[2]).parameters()
        return {
            "downloads": [
                (offer.label, endpoint + encode([*asked, ("download", offer.extension)]))
                for offer in proper
            ],
            "data_address": endpoint + encode(asked),
            "here": here,
            "permalink": None if cited is None else site.path(PATH) + "?" + encode(released),
            "citation": f"{site.path('/cite')}?{encode(released)}",
            "snippets": snippets(
                f"{address_for(site, self._request)}/sparql",
                self._text,
                is_graph=form in ("CONSTRUCT", "DESCRIBE"),
            ),
        }

    def _diagnosis(self) -> dict[str, Any] | None:
        """Return why an answer is empty; None where that was not looked into."""
        store = self._site.served.store
        if not self._job.get("may_diagnose") or not isinstance(store, ox.Store):
            return None
        asked = self._wanted.request(self._text)
        try:
            found = diagnose(
                store,
                self._text,
                default_graphs=asked.default_graphs,
                named_graphs=asked.named_graphs,
                lexicon=self._site.served.lexicon,
            )
        except KgError:
            return None  # the page says that it could not be told
        language = interface_language(self._languages)
        return found.as_json(str if language == "en" else catalogue(language).gettext)


def _turtle(triples: list[ox.Triple], site: Site) -> str:
    """Return statements in Turtle, with those prefixes that are used."""
    prefixes = {
        name: iri.replace(CANONICAL_BASE, site.served.base, 1)
        for name, iri in site.served.model.terms.prefixes.items()
    }
    form = ox.RdfFormat.TURTLE
    text = (ox.serialize(triples, format=form, prefixes=prefixes) or b"").decode()
    lines = text.split("\n")  # another end of a line can stand in a literal as it is
    rest = "\n".join(line for line in lines if not line.startswith("@prefix"))
    used = [line for line in lines if line.startswith("@prefix") and line.split()[1] in rest]
    return "\n".join([*used, "", rest]).strip() + "\n"
