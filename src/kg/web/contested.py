"""What the page /contested shows: where sources disagree, and what was ruled."""

from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from starlette.requests import Request

from kg.namespaces import DCTERMS, RDFS
from kg.query.labels import Reader, Shown, source_label
from kg.terms import Term
from kg.web.answers import Answer, texts_of
from kg.web.responses import languages_of
from kg.web.site import Site

_REASON: Final = ox.NamedNode(RDFS + "comment")
_DECIDED: Final = ox.NamedNode(DCTERMS + "date")


class _Side(NamedTuple):
    """A value, and the source that says it."""

    value: Shown
    source: Shown


class _Dispute(NamedTuple):
    """Two statements that cannot both hold.

    Attributes:
        thing: What they are about.
        property: Of which they give different values.
        sides: The two.
        ruling: Which decides; None while it is open.
        reason: Of the ruling.
        decided: The day of the ruling.
    """

    thing: Shown
    property: Shown
    sides: tuple[_Side, _Side]
    ruling: Shown | None
    reason: str
    decided: str


def values(site: Site, request: Request, rows: Answer) -> dict[str, Any]:
    """Return what the page shows of the answer of the question `contested`."""
    reader = site.reader(languages_of(request))
    found = [_dispute(site, reader, row) for row in rows]
    return {"disputes": found, "open_count": sum(each.ruling is None for each in found)}


def _dispute(site: Site, reader: Reader, row: dict[str, Term]) -> _Dispute:
    ruling = row.get("ruling")
    reason = (
        " ".join(text.value for text in texts_of(site.served.store, ruling, _REASON))
        if ruling
        else ""
    )
    decided = (
        " ".join(text.value for text in texts_of(site.served.store, ruling, _DECIDED))
        if ruling
        else ""
    )
    one, two = (
        _Side(reader.show(row[value]), source_label(reader, row[graph].value))
        for value, graph in (("one", "first"), ("two", "second"))
    )
    return _Dispute(
        reader.show(row["thing"]),
        reader.show(row["property"]),
        (one, two),
        reader.show(ruling) if ruling else None,
        reason,
        decided,
    )
