"""The values of the pages about questions: the library, and a question with its form and answer.

The front has the question answered (`kg.web.asking`) and hands the answer on in the job, under
`asked`; here it becomes a table, and the parameters become fields.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from starlette.requests import Request

from kg.choices import Choice, as_value, choices, has_choices
from kg.errors import UsageError
from kg.mediatypes import RESULT_TYPES
from kg.namespaces import RDFS, SCHEMA, SKOS, XSD
from kg.query.labels import Reader, Shown
from kg.query.protocol import ProtocolError
from kg.queryfile import Parameter, QueryFile
from kg.web.api import PATH
from kg.web.i18n import interface_language, mark, sort_key
from kg.web.reconciliation.batch import fields
from kg.web.responses import languages_of
from kg.web.site import Site
from kg.web.vocabularies.graph import chosen, texts

MOST_OPTIONS: Final = 1000  # of a list to choose from; where there are more, a text is typed
GROUPS: Final = (
    mark("single network"),
    mark("across networks"),
    mark("people"),
    mark("pledges and targets"),
    mark("time"),
    mark("evidence"),
    mark("data quality"),
)
_HINTS: Final = {
    "iri": mark("An IRI, or a short name such as %(example)s"),
    "year": mark("A year, such as 2030"),
    "date": mark("A day, such as 2021-06-01"),
    "integer": mark("A whole number, such as 2"),
    "lang": mark("A language tag, such as lt"),
    "text": "",
}
_WHOLE: Final = {XSD + name for name in ("integer", "nonNegativeInteger")}
_INTEGER: Final = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_NUMBERS: Final = {XSD + name for name in ("decimal", "double", "float")}
_DAYS: Final = {XSD + name for name in ("date", "gYear", "gYearMonth", "dateTime")}
Values = dict[str, Any]


class Field(NamedTuple):
    """A parameter as a field of a form.

    Attributes:
        name: Of the parameter.
        label: In the language of the interface.
        type: Of the parameter.
        value: What is asked with.
        hint: What can be given, to be translated; empty where nothing is to be said.
        example: For the hint.
        options: To choose from; empty where a text is typed.
        is_wrong: Whether the value is not of the type.
    """

    name: str
    label: str
    type: str
    value: str
    hint: str
    example: str
    options: tuple[Choice, ...]
    is_wrong: bool


class Cell(NamedTuple):
    """A value of the answer as a reader sees it.

    Attributes:
        shown: Its text, or the label of what it names.
        kind: `whole` (a whole number), `number`, `day`, or empty.
    """

    shown: Shown
    kind: str = ""


def questions_page(site: Site, request: Request) -> tuple[str, Values]:
    """Return the page of the library of questions, by group."""
    language = interface_language(languages_of(request))
    groups: dict[str, list[tuple[QueryFile, str]]] = {}
    for query in site.served.library.values():
        asked = query.question.get(language, query.question.get("en", query.name))
        groups.setdefault(query.group, []).append((query, asked))
    for members in groups.values():
        members.sort(key=lambda each: sort_key(each[1], language))
    return "questions.html", {
        "iri": f"{site.served.base}question",
        "question_groups": sorted(groups.items()),
        "known_groups": GROUPS,
        "total": len(site.served.library),
    }


def question_page(site: Site, request: Request, question: ox.NamedNode) -> tuple[str, Values]:
    """Return the page of a question: its form, its answer, and its query."""
    terms = site.served.model.terms
    name = question.value.rpartition("/")[2]
    query = site.served.library[name]
    languages = languages_of(request)
    reader = terms.reader(languages)
    given = _given(request, query)
    asked: Mapping[str, Any] = request.scope["job"].get("asked", {})
    return "question.html", {
        "iri": question.value,
        "name": name,
        "title": reader.show(question),
        "names": texts(reader, question, RDFS + "label"),
        "group": query.group,
        "known_groups": GROUPS,
        "code": query.id,
        "note": chosen(reader, question, SKOS + "scopeNote"),
        "text": asked.get("text", query.text),
        "fields": [
            _field(site, each, given.get(each.name, ""), languages) for each in query.parameters
        ],
        "mentions": [reader.show(term) for term in terms.named(question, SCHEMA + "mentions")],
        "workbench": site.path("/query?" + urlencode([("question", name), *given.items()])),
        "fault": asked.get("fault"),
        "table": _table(site, asked, languages) if "answer" in asked else None,
        **_links(site, name, given, asked),
    }


def _given(request: Request, query: QueryFile) -> dict[str, str]:
    """Return the values that a request gives, as far as it can be read."""
    known = {each.name for each in query.parameters}
    try:
        found = fields(request.url.query)
    except ProtocolError:
        return {}  # the front has said so, and the page shows it
    return {name: value.strip() for name, value in found.items() if name in known and value.strip()}


def _field(site: Site, parameter: Parameter, given: str, languages: Sequence[str]) -> Field:
    base, language = site.served.base, interface_language(languages)
    value, is_wrong = given or parameter.default, False
    try:
        node = parameter.node(value)
    except UsageError:
        is_wrong = True
    else:
        value = as_value(node.value, base) if isinstance(node, ox.NamedNode) else node.value
    options: tuple[Choice, ...] = ()
    if has_choices(parameter):
        found = choices(site.served.store, parameter, base=base, languages=languages)
        if found.is_whole and found.total <= MOST_OPTIONS:
            known = {each.value for each in found.items}
            own = () if value in known else (Choice(value, Shown(value)),)
            named = sorted(found.items, key=lambda each: sort_key(each.label.text, language))
            options = (*own, *named)
    label = parameter.label.get(language) or parameter.label.get("en") or parameter.name
    hint = "" if options and not is_wrong else _HINTS[parameter.type]
    example = parameter.default
    return Field(parameter.name, label, parameter.type, value, hint, example, options, is_wrong)


def _links(site: Site, name: str, given: Mapping[str, str], asked: Mapping[str, Any]) -> Values:
    """Return where the same answer can be had: as a file, for good, and by a program."""
    sent = f"?{urlencode(given)}" if given else ""
    address = f"{PATH}/{quote(name)}"
    permalink = asked.get("permalink")
    cited = "" if permalink is None else (site.href(permalink) or "")
    return {
        "downloads": [
            (offer.label, f"{site.mount}{address}.{offer.extension}{sent}")
            for offer in RESULT_TYPES
        ],
        "api": f"{site.served.base}{address[1:]}{sent}",
        "command": " ".join(
            ["kg query", name, *(f"-p {_quoted(f'{key}={value}')}" for key, value in given.items())]
        ),
        "permalink": cited,
        "citation": site.path("/cite?") + cited.partition("?")[2] if cited else "",
    }


def _quoted(text: str) -> str:
    """Return a text as a shell reads it as one word."""
    is_plain = all(each.isalnum() or each in "=:-_./" for each in text)
    return text if is_plain else "'" + text.replace("'", "'\\''") + "'"


def _table(site: Site, asked: Mapping[str, Any], languages: Sequence[str]) -> Values:
    answer = json.loads(asked["answer"])
    if "boolean" in answer:
        said = Cell(Shown(str(answer["boolean"]).lower()))
        return {"columns": ["answer"], "rows": [[said]], "is_cut": False}
    columns, reader = answer["head"]["vars"], site.reader(languages)
    rows = [
        [_cell(row.get(column), reader) for column in columns]
        for row in answer["results"]["bindings"]
    ]
    return {"columns": columns, "rows": rows, "is_cut": asked["is_cut"]}


def _cell(binding: dict[str, Any] | None, reader: Reader) -> Cell | None:
    if binding is None:
        return None
    value, datatype = binding["value"], binding.get("datatype", "")
    match binding["type"]:
        case "uri":
            return Cell(reader.show(ox.NamedNode(value)))
        case "bnode":
            return Cell(Shown(f"_:{value}"))
        case "triple":
            return Cell(Shown(json.dumps(value, ensure_ascii=False)))
    kinds = (("whole", _WHOLE), ("number", _NUMBERS), ("day", _DAYS))
    kind = next((name for name, datatypes in kinds if datatype in datatypes), "")
    if kind == "whole" and not _INTEGER.fullmatch(value):
        kind = "number"  # an ill-typed one, which is shown as it is
    return Cell(Shown(value, binding.get("xml:lang", "")), kind)
