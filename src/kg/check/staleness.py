"""What time has overtaken: sources that were read long ago, targets whose year has passed.

These rules depend on the day, so they are asked for by name (`kg check --stale DAYS`): a check
without them says the same of the same files on every day.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

import pyoxigraph as ox

from kg.check.catalogue import finding
from kg.check.crossfile import SOURCE_CLASSES
from kg.check.places import Places, Said
from kg.dataset import Dataset
from kg.findings import Finding
from kg.namespaces import ONT, PREFIXES, RDF, shorten

_TYPE: Final = ox.NamedNode(RDF + "type")
_READ: Final = ox.NamedNode(PREFIXES["pav"] + "retrievedOn")
_TARGET: Final = ox.NamedNode(ONT + "targetYear")
_REPORTS: Final = ox.NamedNode(ONT + "reportsOn")


def check(dataset: Dataset, days: int, today: date) -> Iterator[Finding]:
    """Yield the findings on what is out of date.

    Args:
        dataset: Whose files are well-formed.
        days: How many days after it was read a source is to be read again.
        today: The day that is counted from.
    """
    places = Places(dataset.files)
    reported = {
        triple.object
        for file in dataset.files
        for triple in file.triples
        if triple.predicate == _REPORTS
    }
    for file in dataset.files:
        for statement in file.statements:
            said = Said(file, statement)
            if statement.predicate == _TYPE and statement.object in SOURCE_CLASSES:
                yield from _source(said, places, days, today)
            elif statement.predicate == _TARGET and statement.subject not in reported:
                yield from _target(said, today)


def _source(said: Said, places: Places, days: int, today: date) -> Iterator[Finding]:
    thing = said.statement.subject
    args: dict[str, object] = {"source": shorten(thing.value), "days": days}
    dated = [
        (each, day)
        for each in places.values(thing, _READ)
        if (day := _day(each.statement.object.value)) is not None
    ]
    if not dated:
        span = said.subject.span
        yield finding("STL02", "undated", span, args, focus=thing.value, property=_READ.value)
        return
    each, last = max(dated, key=lambda pair: pair[1])
    if (today - last).days > days:
        args |= {"day": last.isoformat(), "passed": (today - last).days}
        yield finding(
            "STL01",
            "long-ago",
            each.object.span,
            args,
            focus=thing.value,
            property=_READ.value,
            value=str(each.statement.object),
        )


def _target(said: Said, today: date) -> Iterator[Finding]:
    text = said.statement.object.value[:4]
    if text.isdigit() and int(text) < today.year:
        thing = said.statement.subject
        yield finding(
            "STL03",
            "passed",
            said.object.span,
            {"target": shorten(thing.value), "year": text},
            focus=thing.value,
            property=_TARGET.value,
            value=str(said.statement.object),
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
