"""One thing on a terminal: what `kg show` prints, and how it finds a thing by its name."""

import re
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from kg.description import Description, Group, describe
from kg.description.origins import Origin
from kg.errors import UnknownNameError, UsageError
from kg.namespaces import CANONICAL_BASE, PREFIXES, SKOS, shorten
from kg.query.labels import Reader, Shown
from kg.retired import Retired, heirs, of_store

_NAMES = (
    ox.NamedNode(SKOS + "prefLabel"),
    ox.NamedNode(SKOS + "altLabel"),
    ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
)
_FORM = ox.NamedNode(PREFIXES["skosxl"] + "literalForm")


def show(store: ox.Store, thing: str, base: str) -> str:
    """Return all that the graph says of a thing, as text.

    Args:
        store: A snapshot.
        thing: An IRI, a prefixed name, or a name in any language and any spelling of the sources.
        base: What the IRIs of the snapshot begin with.

    Raises:
        UnknownNameError: Nothing has that name, or several things do; names them.
    """
    found = _iri(thing, base)
    if found is None:
        matches = sorted(_named(store, thing, base))
        if not matches:
            raise UnknownNameError(
                f"nothing is called {thing!r}; give a whole name, an IRI, or a prefixed name such "
                "as city:lt-klaipeda"
            )
        if len(matches) > 1:
            listed = ", ".join(_short(iri, base) for iri in matches)
            raise UnknownNameError(f"several things are called {thing!r}: {listed}; name one")
        found = matches[0]
    gone = of_store(store, base)
    if (path := found.removeprefix(base)) in gone:
        return "\n".join(_retired(store, path, gone, base))
    description = describe(store, found, base=base, languages=["en"])
    if description is None:
        raise UnknownNameError(f"the graph says nothing about <{found}>")
    return "\n".join(_lines(description, base))


def _iri(thing: str, base: str) -> str | None:
    prefix, colon, local = thing.partition(":")
    iri = None
    if thing.startswith(("http://", "https://")):
        iri = thing
    elif colon and prefix in PREFIXES and local:
        iri = _moved(PREFIXES[prefix], base) + local
    if iri is not None and re.search(r'[\x00-\x20<>"{}|^`\\]', iri):
        raise UsageError(f"{thing!r}: an IRI holds no blanks, quotes or brackets")
    return iri


def _named(store: ox.Store, name: str, base: str) -> set[str]:
    """Return the things that bear a name; case does not matter."""
    wanted = name.casefold()
    found: set[str] = set()
    for prop in (*_NAMES, _FORM):
        for quad in store.quads_for_pattern(None, prop, None, ox.DefaultGraph()):
            if isinstance(quad.object, ox.Literal) and quad.object.value.casefold() == wanted:
                found |= _bearers(store, quad, base) if prop == _FORM else {str(quad.subject)[1:-1]}
    return found


def _bearers(store: ox.Store, form: ox.Quad, base: str) -> set[str]:
    bears = ox.NamedNode(_moved(PREFIXES["cpo"], base) + "nameForm")
    quads = store.quads_for_pattern(None, bears, form.subject, ox.DefaultGraph())
    return {str(quad.subject)[1:-1] for quad in quads}


def _retired(store: ox.Store, path: str, known: Mapping[str, Retired], base: str) -> Iterator[str]:
    """Yield what is said of a thing that is no longer described."""
    record, reader = known[path], Reader(store, base, ("en",))
    since = f" since {record.on}" if record.on else ""
    reason = record.reason and f": {reader.show(ox.NamedNode(base + record.reason)).text}"
    yield f"{_short(base + path, base)}  (no longer described{since}{reason})"
    yield base + path
    for each in heirs(path, known):
        yield f"  what took its place: {_value(reader.show(ox.NamedNode(base + each)), base)}"
    for language, text in record.notes:
        yield f"  note: {text}" + (f"@{language}" if language else "")


def _lines(description: Description, base: str) -> Iterator[str]:
    kinds = ", ".join(kind.text for kind in description.kinds)
    yield f"{description.title.text}  ({kinds})" if kinds else description.title.text
    yield description.iri
    yield from _section("", description.groups, base)
    for relations in description.relations:
        yield ""
        yield relations.heading
        for relation in relations.nodes:
            said = "".join(_mark(origin) for origin in relation.origins)
            yield f"  {_value(relation.node, base)}{said}"
            for prop, values in relation.facts:
                yield f"    {prop.text}: {', '.join(_value(value, base) for value in values)}"
    yield from _section("Said, but not accepted", description.rejected, base)
    yield from _section("Same thing elsewhere", description.links, base)
    if description.incoming:
        yield ""
        yield "What refers to it"
        for incoming in description.incoming:
            names = ", ".join(_value(subject, base) for subject in incoming.subjects)
            yield f"  {incoming.property.text} ← {names}"
            if incoming.total > len(incoming.subjects):
                yield f"    and {incoming.total - len(incoming.subjects)} more"
    if description.origins:
        yield ""
        yield "Sources"
        for origin in description.origins:
            number = f"[{origin.number}]" if origin.number else f"[{origin.kind}]"
            yield f"  {number} {origin.label.text}  {_short(origin.iri, base)}"


def _section(heading: str, groups: tuple[Group, ...], base: str) -> Iterator[str]:
    if not groups:
        return
    yield ""
    if heading:
        yield heading
    for group in groups:
        for statement in group.statements:
            said = "".join(_mark(origin) for origin in statement.origins)
            yield f"  {group.property.text}: {_value(statement.value, base)}{said}"


def _mark(origin: Origin) -> str:
    return f" [{origin.number}]" if origin.number else f" [{origin.kind}]"


def _value(shown: Shown, base: str) -> str:
    tag = f"@{shown.language}" if shown.language else ""
    name = f"{shown.text}{tag}"
    return f"{name} ({_short(shown.iri, base)})" if shown.iri and shown.iri != shown.text else name


def _short(iri: str, base: str) -> str:
    return shorten(CANONICAL_BASE + iri.removeprefix(base) if iri.startswith(base) else iri)


def _moved(iri: str, base: str) -> str:
    return base + iri.removeprefix(CANONICAL_BASE) if iri.startswith(CANONICAL_BASE) else iri
