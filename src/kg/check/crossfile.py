"""Rules that need several files: what the sources say against each other and the rulings."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from kg import turtle
from kg.accepted import Ruling, accepted_quads, rulings
from kg.check.places import Place, Places
from kg.dataset import DECISIONS, LISTS, ONTOLOGY, SOURCE, Dataset
from kg.findings import Finding, Severity
from kg.namespaces import ID, ONT, RDF, SH, VOC, shorten
from kg.terms import Quad, Resource, Term, in_default_graph, select

_TYPE: Final = ox.NamedNode(RDF + "type")
_SOURCE_CLASSES: Final = (ox.NamedNode(ONT + "SourceDocument"), ox.NamedNode(ONT + "WebPage"))

_SINGLE: Final = f"""
PREFIX sh: <{SH}>
SELECT DISTINCT ?path ?each WHERE {{
  ?rule sh:path ?path . FILTER(isIRI(?path))
  {{ ?rule sh:maxCount 1 . BIND("thing" AS ?each) }}
  UNION {{ ?rule sh:uniqueLang true . BIND("language" AS ?each) }}
}}
"""


def check(dataset: Dataset, shapes: dict[str, str]) -> Iterator[Finding]:
    """Yield the findings of all cross-file rules on a dataset whose files are well-formed."""
    quads = list(dataset.quads())
    decided = list(rulings(dataset))
    accepted = list(accepted_quads(quads, decided))
    places = Places(dataset.files)
    yield from _disagreements(accepted, shapes, places)
    yield from _idle_rulings(quads, decided, places)
    yield from _claims(accepted, places)
    yield from _sources(dataset)


def single_valued(shapes: dict[str, str]) -> dict[ox.NamedNode, str]:
    """Return the properties that shapes limit to one value, for each thing or each language."""
    store = ox.Store()
    for text in shapes.values():
        store.extend(in_default_graph(t) for t in turtle.parse(text))
    return {row["path"]: row["each"].value for row in select(store, _SINGLE)}


def _disagreements(
    accepted: list[Quad], shapes: dict[str, str], places: Places
) -> Iterator[Finding]:
    single = single_valued(shapes)
    own = {ox.NamedNode(ONTOLOGY), ox.NamedNode(LISTS), ox.NamedNode(DECISIONS)}
    found: dict[tuple[Resource, ox.NamedNode, str], dict[Term, set[str]]] = {}
    for quad in accepted:
        each = single.get(quad.predicate)
        if each is None or quad.graph_name in own:
            continue
        language = quad.object.language or "" if isinstance(quad.object, ox.Literal) else ""
        key = (quad.subject, quad.predicate, language if each == "language" else "")
        found.setdefault(key, {}).setdefault(quad.object, set()).add(quad.graph_name.value)
    for (subject, path, _), values in found.items():
        if len(values) > 1 and len(set().union(*values.values())) > 1:
            yield _disagreement(subject, path, values, places)


def _disagreement(
    subject: Resource,
    path: ox.NamedNode,
    values: dict[Term, set[str]],
    places: Places,
) -> Finding:
    last = list(values)[-1]
    said = "; ".join(
        f"{_short(value)} in {', '.join(sorted(shorten_graph(g) for g in graphs))}"
        for value, graphs in values.items()
    )
    return _at(
        places.find(subject, path, last),
        "CNF01",
        f"{shorten(subject.value)} has more than one {shorten(path.value)}: {said}; decide in "
        "data/decisions.ttl which one counts, and why",
        subject.value,
    )


def _idle_rulings(quads: list[Quad], decided: list[Ruling], places: Places) -> Iterator[Finding]:
    for ruling in decided:
        said = {quad.object for quad in quads if ruling.rejects(quad)}
        for value in ruling.rejected:
            if value not in said:
                place = places.find(ruling.iri, ox.NamedNode(ONT + "rejectedValue"), value)
                yield _at(
                    place,
                    "CNF02",
                    f"{shorten(ruling.iri.value)} rejects {_short(value)}, but no source says that "
                    f"of {shorten(ruling.subject.value)} {shorten(ruling.property.value)}",
                    ruling.iri.value,
                )


def _claims(accepted: list[Quad], places: Places) -> Iterator[Finding]:
    true = {(quad.subject, quad.predicate, quad.object) for quad in accepted}
    claims: dict[Resource, dict[str, Term]] = {}
    for quad in accepted:
        name = quad.predicate.value.removeprefix(ONT)
        if name in ("claimSubject", "claimProperty", "claimValue", "claimStatus"):
            claims.setdefault(quad.subject, {})[name] = quad.object
    for iri, claim in claims.items():
        if len(claim) < 4:
            continue
        status = str(getattr(claim["claimStatus"], "value", "")).removeprefix(VOC + "claim-")
        stands = (claim["claimSubject"], claim["claimProperty"], claim["claimValue"]) in true
        if (status == "accepted") != stands and status != "open":
            name = "claimValue" if status == "accepted" else "claimStatus"
            place = places.find(iri, ox.NamedNode(ONT + name), claim[name])
            reason = (
                _unsupported(claim, places)
                if status == "accepted"
                else f"is {status}, but the accepted view still says so; reject the statement in "
                "data/decisions.ttl"
            )
            yield _at(place, "CNF03", f"{shorten(iri.value)} {reason}", iri.value)


def _unsupported(claim: dict[str, Term], places: Places) -> str:
    """Say why an accepted claim has no statement: it differs from one, or there is none."""
    path = claim["claimProperty"]
    written = (
        list(places.statements(claim["claimSubject"], path))
        if isinstance(path, ox.NamedNode)
        else []
    )
    said = f"is accepted with the value {_short(claim['claimValue'])}"
    if not written:
        return (
            f"{said}, but no file says so; add the statement to the file of its source, or say "
            "v:claim-open"
        )
    file, statement = written[-1]
    line, _ = file.lines.at(statement.object_at)
    return (
        f"{said}, but {file.name}:{line} says {_short(statement.object)}; make the two agree, "
        "whichever is wrong"
    )


def _sources(dataset: Dataset) -> Iterator[Finding]:
    described = {
        triple.subject.value
        for file in dataset.files
        if file.graph.startswith(SOURCE)
        for triple in file.triples
        if triple.predicate == _TYPE and triple.object in _SOURCE_CLASSES
    }
    for file in dataset.files:
        expected = f"{ID}source/{file.graph.removeprefix(SOURCE)}"
        if file.graph.startswith(SOURCE) and expected not in described:
            yield _at(
                Place(file, 0),
                "CNF04",
                f"nobody describes {shorten(expected)}; add it as a cpo:SourceDocument or a "
                "cpo:WebPage",
                expected,
            )


def shorten_graph(iri: str) -> str:
    """Return the name of a source's graph as a person says it."""
    return iri.removeprefix(SOURCE).rsplit("/", 1)[-1]


def _short(term: Term) -> str:
    return shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _at(place: Place | None, code: str, message: str, focus: str) -> Finding:
    name, line, column = "data", 1, 1
    if place is not None:
        name, (line, column) = place.file.name, place.file.lines.at(place.offset)
    return Finding(code, Severity.VIOLATION, name, line, column, f"{code}: {message}", focus)
