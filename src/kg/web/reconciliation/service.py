"""Everything that the service needs of one snapshot, made once for all workers."""

from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox

from kg.matching import Index
from kg.matching.search import starting
from kg.query.protocol import ProtocolError
from kg.terms import Quads
from kg.web.reconciliation import batch
from kg.web.reconciliation.candidates import Candidates
from kg.web.reconciliation.extension import Cells
from kg.web.reconciliation.manifest import as_type
from kg.web.reconciliation.schema import Schema
from kg.web.reconciliation.suggestions import flyout, matching, page_of
from kg.web.reconciliation.things import Things
from kg.web.vocabularies.model import Model

KINDS = ("entity", "type", "property")


class Service:
    """Answers what a client asks.

    Attributes:
        schema: The types and properties.
        things: The things.
    """

    def __init__(self, store: Quads, base: str, model: Model, index: Index) -> None:
        """Make it over a snapshot.

        Args:
            store: The snapshot.
            base: What its IRIs begin with.
            model: Its terms.
            index: The names in it.
        """
        self.schema = Schema(store, base, model)
        self.things = Things(store, base, index, self.schema)
        self._candidates = Candidates(self.things)
        self._cells = Cells(self.things)

    def prepare(self) -> None:
        """Work out now what every answer needs, so that each process forked later has it."""
        _ = self.schema.types, self.schema.properties
        self.things.prepare()

    def reconcile(self, text: str, languages: Sequence[str]) -> dict[str, Any]:
        """Return the answer to a batch of queries, written in JSON.

        Raises:
            ProtocolError: 400 or 413; it is malformed or too large.
        """
        reader = self.things.reader(languages)
        queries = batch.read_queries(text)
        return {
            key: {"result": self._candidates.answer(query, reader)}
            for key, query in queries.items()
        }

    def extend(self, text: str, languages: Sequence[str]) -> dict[str, Any]:
        """Return the answer to a data extension query, written in JSON.

        Raises:
            ProtocolError: 400 or 413; it is malformed or too large.
        """
        return self._cells.answer(batch.read_extension(text), languages)

    def suggest(
        self, kind: str, prefix: str, cursor: int, languages: Sequence[str]
    ) -> dict[str, object]:
        """Return suggestions of a kind of `KINDS` for what somebody has typed."""
        found: list[object]
        if kind == "type":
            types = matching(self.schema.types.values(), prefix)
            found = [as_type(self.schema.types[each.id], self.schema) for each in types]
        elif kind == "property":
            found = [
                {"id": each.id, "name": each.name, "description": each.description}
                for each in matching(self.schema.properties.values(), prefix)
            ]
        else:
            found = self._entities(prefix, languages)
        return page_of(found, cursor)

    def _entities(self, prefix: str, languages: Sequence[str]) -> list[object]:
        things, reader = self.things, self.things.reader(languages)
        known = things.find(prefix)
        hits = starting(things.index, prefix, lambda record: things.is_own(record.iri))
        records = [hit.record for hit in hits] if known is None else [known]
        return [
            {
                "id": things.identifier(record.iri),
                "name": reader.show(ox.NamedNode(record.iri)).text,
                "description": things.described(record, reader),
                "notable": [{"id": t.id, "name": t.name} for t in things.types(record)],
            }
            for record in records
        ]

    def flyout(self, kind: str, identifier: str, languages: Sequence[str]) -> dict[str, str]:
        """Return a glance at something of a kind of `KINDS`.

        Raises:
            ProtocolError: 400 or 404; there is no such thing, type or property.
        """
        if kind == "type":
            named = self.schema.type_of(identifier)
            return flyout(identifier, named.name, named.description)
        if kind == "property":
            prop = self.schema.property_of(identifier)
            return flyout(identifier, prop.name, prop.description)
        record = self.things.find(identifier)
        if record is None:
            raise unknown_thing(identifier)
        reader = self.things.reader(languages)
        name = reader.show(ox.NamedNode(record.iri)).text
        return flyout(identifier, name, self.things.described(record, reader))

    def propose(self, kind: str, limit: int | None) -> dict[str, Any]:
        """Return the properties that things of a type can have; all for no type.

        Raises:
            ProtocolError: 400; there is no such type.
        """
        if kind:
            found = self.schema.properties_for(self.schema.type_of(kind))
        else:
            found = list(self.schema.properties.values())
        return {
            "type": kind,
            "properties": [
                {"id": each.id, "name": each.name, "description": each.description}
                for each in found[:limit]
            ],
            **({} if limit is None else {"limit": limit}),
        }


def unknown_thing(identifier: str) -> ProtocolError:
    """Return the error for an identifier that no thing has."""
    detail = f"{identifier[:80]!r} is no identifier here, such as id/city/lt-klaipeda"
    return ProtocolError(404, "Not found", detail)
