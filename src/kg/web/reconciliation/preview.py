"""A thing at a glance: what a small frame in another program has room for."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.matching import Record
from kg.query.labels import Reader
from kg.web.reconciliation.schema import Property
from kg.web.reconciliation.things import Things

_TOLD: Final = (
    *("governedBy", "networks", "programmes", "pledgesSigned", "labelsGranted"),
    *("leadPartner", "members", "signatories", "startDate", "date", "deadline", "editionOf"),
)
_MOST_VALUES: Final = 2
_MOST_FACTS: Final = 3


class Fact(NamedTuple):
    """A property with its first values.

    Attributes:
        name: Of the property.
        values: The first of them, as a reader sees them.
        more: How many others there are.
    """

    name: str
    values: tuple[str, ...]
    more: int


class Preview(NamedTuple):
    """A thing at a glance.

    Attributes:
        iri: Of the thing.
        name: In the language that suits the reader.
        language: BCP 47 tag of the name, or empty.
        description: Kind, country and inhabitants.
        names: Main names in other languages.
        facts: Some of what is said about it.
    """

    iri: str
    name: str
    language: str
    description: str
    names: tuple[str, ...]
    facts: tuple[Fact, ...]


def preview_of(things: Things, record: Record, languages: Sequence[str]) -> Preview:
    """Return a thing at a glance, for a reader of some languages."""
    reader = things.reader(languages)
    shown = reader.show(ox.NamedNode(record.iri))
    others = {name.text for name in record.names if name.kind == "main" and not name.of}
    kinds = {kind.iri for kind in things.types(record)}
    known = (things.schema.properties.get(identifier) for identifier in _TOLD)
    wanted = [prop for prop in known if prop is not None and kinds & prop.types]
    facts = [fact for prop in wanted if (fact := _fact(things, record, prop, reader)).values]
    description = things.described(record, reader)
    names = tuple(sorted(others - {shown.text}))
    parts = (record.iri, shown.text, shown.language, description, names)
    return Preview(*parts, tuple(facts[:_MOST_FACTS]))


def _fact(things: Things, record: Record, prop: Property, reader: Reader) -> Fact:
    texts = sorted(reader.show(value).text for value in things.values(record.iri, prop))
    return Fact(prop.name, tuple(texts[:_MOST_VALUES]), max(0, len(texts) - _MOST_VALUES))
