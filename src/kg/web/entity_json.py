"""One thing for programs that read JSON and know no RDF: what is said of it, and who says so.

It is made of the same description as the page (`kg.description`), with the same pages where a
thing has many parts.
"""

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request

from kg.description import Description, Group, Relation, Statement, describe
from kg.description.origins import Origin
from kg.errors import UsageError
from kg.languages import Label
from kg.namespaces import CANONICAL_BASE
from kg.query.labels import Shown
from kg.query.protocol import ProtocolError, shortened
from kg.queryfile import Parameter
from kg.web.reconciliation.batch import fields
from kg.web.responses import languages_of
from kg.web.site import Site

_ANY: Final = Parameter("iri", "iri", "city:lt-klaipeda", {})


def entity(site: Site, request: Request) -> dict[str, Any]:
    """Return what the graph says about the thing that a request names: `iri`, and `page`.

    Raises:
        ProtocolError: 400 for another wish; 404 where the graph says nothing about it, or has no
            such page; 410 where the thing is no longer described.
    """
    given = fields(request.url.query)
    if unknown := sorted(given.keys() - {"iri", "page"}):
        detail = f"{shortened(unknown[0])!r} is no parameter here; there are iri and page"
        raise ProtocolError(400, "Unknown parameter", detail)
    iri, number = iri_of(site, given.get("iri", "")), _page(given.get("page", "1"))
    base = site.served.base
    if iri.startswith(base) and iri.removeprefix(base) in site.retired:
        raise ProtocolError(410, "Gone", f"<{iri}> is no longer described; see its page")
    languages = languages_of(request)
    found = describe(site.served.store, iri, base=base, languages=languages, page=number)
    if found is None or number > max(1, found.pages):
        detail = f"the graph says nothing about <{iri}>; look for a name with /search"
        raise ProtocolError(404, "Nothing is said", detail)
    return _described(found)


def iri_of(site: Site, given: str) -> str:
    """Return an IRI that is given in full, or as a prefixed name such as `city:lt-klaipeda`.

    Raises:
        ProtocolError: 400.
    """
    try:
        iri = str(_ANY.node(given.strip()).value)
    except UsageError as error:
        raise ProtocolError(400, "Bad parameter", str(error)) from None
    if iri.startswith(CANONICAL_BASE):
        return site.served.base + iri.removeprefix(CANONICAL_BASE)
    return iri


def _page(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and 0 < len(given) < 7 and int(given)):
        detail = f"page={shortened(given)!r} is no whole number above 0"
        raise ProtocolError(400, "Bad parameter", detail)
    return int(given)


def _described(found: Description) -> dict[str, Any]:
    return {
        **_shown(found.title),
        "iri": found.iri,
        "kinds": [_shown(each) for each in found.kinds],
        "names": _labels(found.names),
        "other_names": _labels(found.other_names),
        "statements": _groups(found.groups),
        "related": [
            {"heading": each.heading, "things": [_relation(one) for one in each.nodes]}
            for each in found.relations
        ],
        "not_accepted": _groups(found.rejected),
        "same_elsewhere": _groups(found.links),
        "pointing_here": [
            {
                "property": _shown(each.property),
                "total": each.total,
                "first": [_shown(one) for one in each.subjects],
            }
            for each in found.incoming
        ],
        "sources": [
            {"key": _key(each), "graph": each.iri, "label": each.label.text}
            for each in found.origins
        ],
        "page": found.number,
        "pages": found.pages,
    }


def _groups(groups: Sequence[Group]) -> list[dict[str, Any]]:
    return [
        {
            "property": _shown(group.property),
            "values": [_statement(each) for each in group.statements],
        }
        for group in groups
    ]


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        **_shown(statement.value),
        "said_by": [_key(each) for each in statement.origins],
        "inferred": statement.is_inferred,
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        **_shown(relation.node),
        "facts": [
            {"property": _shown(prop), "values": [_shown(each) for each in values]}
            for prop, values in relation.facts
        ],
        "said_by": [_key(each) for each in relation.origins],
    }


def _key(origin: Origin) -> str:
    """Return how statements name a source of `sources`: its number, or what graph it is."""
    return str(origin.number) if origin.number else origin.kind


def _shown(shown: Shown) -> dict[str, str]:
    """Return a term without the fields that it does not have."""
    fields_of = {
        "label": shown.text,
        "language": shown.language,
        "iri": shown.iri,
        "datatype": shown.datatype,
    }
    return {name: value for name, value in fields_of.items() if value or name == "label"}


def _labels(labels: Sequence[Label]) -> list[dict[str, str]]:
    return [{"text": each.text, "language": each.language} for each in labels]
