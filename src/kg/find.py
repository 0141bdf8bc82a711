"""What has a name: `kg find`, and what the search of the server has in common with it."""

from collections.abc import Iterator

import pyoxigraph as ox

from kg.errors import UsageError
from kg.matching import Index, Record, records_of, statements_of
from kg.matching.search import Hit, graphs_of, search, why
from kg.names import fold
from kg.namespaces import CANONICAL_BASE, DCTERMS, SKOS, shorten
from kg.query.labels import LABEL_PROPERTIES, TYPE, Reader, source_label
from kg.terms import Quads

_CODES = (ox.NamedNode(DCTERMS + "identifier"), ox.NamedNode(SKOS + "notation"))
_OTHER = ox.NamedNode(SKOS + "altLabel")


def find(
    store: ox.Store,
    words: str,
    base: str,
    *,
    kind: str | None = None,
    country: str | None = None,
    limit: int = 20,
) -> str:
    """Return what has a name like some words, as text, each with the reason.

    Args:
        store: A snapshot.
        words: A name, or a part of one.
        base: What the IRIs of the snapshot begin with.
        kind: Only things of this class, by its local name; None for any.
        country: Only things in this country, by a name or a code; None for any.
        limit: Most things.

    Raises:
        UsageError: There is no such class or country.
    """
    index = Index(records_of(statements_of(store, base), base))
    wanted = None if country is None else countries_of(store, base).get(fold(country))
    if country is not None and wanted is None:
        raise UsageError(f"{country!r} is no country here; give a name or a code such as LT")
    kinds = {_local(iri) for record in index.records for iri in record.types}
    classes = {name for name in kinds if kind is not None and name.casefold() == kind.casefold()}
    if kind is not None and not classes:
        there = ", ".join(sorted(kinds))
        raise UsageError(f"{kind!r} is no class of anything here; there are {there}")

    def is_wanted(record: Record) -> bool:
        of_kind = kind is None or not classes.isdisjoint(map(_local, record.types))
        return of_kind and wanted in (None, record.country)

    hits = search(index, words, is_wanted)
    lines = list(_lines(hits[:limit], Reader(store, base, ("en",)), base))
    if len(hits) > limit:
        lines.append(f"and {len(hits) - limit:,} more")
    return "\n".join(lines)


def _lines(hits: list[Hit], reader: Reader, base: str) -> Iterator[str]:
    for hit in hits:
        record = hit.record
        shown = reader.show(ox.NamedNode(record.iri)).text
        iri = record.iri
        short = shorten(CANONICAL_BASE + iri.removeprefix(base) if iri.startswith(base) else iri)
        kinds = sorted(record.types, key=lambda iri: (not iri.startswith(base), iri))
        yield f"{shown}  ({described(record, kinds[0], reader)})  {short}"
        graphs = ", ".join(source_label(reader, graph).text for graph in graphs_of(hit))
        yield f"  {why(hit)}" + (f", in {graphs}" if graphs else "")


def described(record: Record, kind: str | None, reader: Reader) -> str:
    """Return what tells a thing from its namesakes: kind, country, inhabitants.

    Args:
        record: The thing.
        kind: The IRI of the class that says most; None for none.
        reader: Looks labels up.
    """
    named = [iri for iri in (kind, record.country) if iri]
    shown = [reader.show(ox.NamedNode(iri)).text for iri in named]
    people = [f"{record.population:,.0f} inhabitants"] if record.population else []
    return " · ".join([*shown, *people])


def countries_of(store: Quads, base: str) -> dict[str, str]:
    """Return the IRIs of countries by their folded names in all languages, codes and IRIs."""
    found: dict[str, str] = {}
    kind = ox.NamedNode(f"{base}ont#Country")
    for quad in store.quads_for_pattern(None, TYPE, kind, ox.DefaultGraph()):
        country = quad.subject
        if isinstance(country, ox.NamedNode):
            found[fold(country.value)] = country.value
            found[fold(country.value.rpartition("/")[2])] = country.value
            for name in (*LABEL_PROPERTIES, _OTHER, *_CODES):
                for label in store.quads_for_pattern(country, name, None, ox.DefaultGraph()):
                    if isinstance(label.object, ox.Literal):
                        found.setdefault(fold(label.object.value), country.value)
    return found


def _local(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]
