"""Rules that need several files: what the sources say against each other and the rulings.

Each rule is told of the statements that it is about: all of them in a full check, those about some
things in one of what has changed (`kg.check.incremental`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg import turtle
from kg.accepted import OUTSIDE, Ruling, in_view, rulings
from kg.check.catalogue import finding
from kg.check.places import NOWHERE, Place, Places
from kg.dataset import DECISIONS, LISTS, ONTOLOGY, SOURCE, Dataset, SourceFile
from kg.findings import Finding, Related, Text
from kg.namespaces import ID, ONT, RDF, SH, VOC, shorten
from kg.terms import Quad, Resource, Term, Triple, in_default_graph, in_graph, select

_REJECTED: Final = ox.NamedNode(ONT + "rejectedValue")
_TYPE: Final = ox.NamedNode(RDF + "type")
SOURCE_CLASSES: Final = (ox.NamedNode(ONT + "SourceDocument"), ox.NamedNode(ONT + "WebPage"))
_NO_SOURCES: Final = {ox.NamedNode(ONTOLOGY), ox.NamedNode(LISTS), ox.NamedNode(DECISIONS)}
CLAIM_PARTS: Final = tuple(
    ox.NamedNode(ONT + name)
    for name in ("claimSubject", "claimProperty", "claimValue", "claimStatus")
)

_SETTLED: Final = ("accepted", "rejected", "superseded")  # CLM05 reports what is no status

_SINGLE: Final = f"""
PREFIX sh: <{SH}>
SELECT DISTINCT ?path ?each WHERE {{
  ?rule sh:path ?path . FILTER(isIRI(?path))
  {{ ?rule sh:maxCount 1 . BIND("thing" AS ?each) }}
  UNION {{ ?rule sh:uniqueLang true . BIND("language" AS ?each) }}
}}
"""


class Claim(NamedTuple):
    """A claim that is whole: the statement that it is about, and its status."""

    iri: Resource
    subject: Term
    property: Term
    value: Term
    status: Term


Parts = dict[Resource, dict[ox.NamedNode, set[Term]]]
Holds = Callable[[Claim], bool]
Says = Callable[[Ruling, Term], bool]


@dataclass(frozen=True)
class Survey:
    """What the cross-file rules say of a whole dataset.

    Attributes:
        findings: With their places.
        disputes: The things and properties of which there are too many values.
        claims: Those whose status and the accepted view tell two stories.
    """

    findings: list[Finding]
    disputes: frozenset[tuple[Resource, ox.NamedNode]]
    claims: frozenset[Resource]


def survey(dataset: Dataset, shapes: dict[str, str]) -> Survey:
    """Ask all cross-file rules about a dataset whose files are well-formed."""
    decided = list(rulings(dataset))
    single = single_valued(tuple(shapes.values()))
    gathered = _Gathered(decided, single)
    for file in dataset.files:
        gathered.add(ox.NamedNode(file.graph), file.fresh_triples())
    disputed = [
        in_graph(triple, ox.NamedNode(file.graph))
        for file in dataset.files
        if gathered.disputed
        for triple in file.fresh_triples()
        if _key(triple, single) in gathered.disputed
    ]
    accepted = [quad for quad in disputed if in_view(quad, decided)]
    claims = [*whole_claims(gathered.claims)]

    def holds(claim: Claim) -> bool:
        return hash((claim.subject, claim.property, claim.value)) in gathered.true

    places = Places(dataset.files)
    wrong = [*wrong_claims(claims, holds, places)]
    names = {finding.focus for finding in wrong}
    return Survey(
        [
            *disagreements(accepted, single, places),
            *idle_rulings(decided, lambda ruling, value: (ruling, value) in gathered.said, places),
            *wrong,
            *nameless_sources(dataset.files, gathered.described),
        ],
        frozenset((quad.subject, quad.predicate) for quad in accepted),
        frozenset(claim.iri for claim in claims if claim.iri.value in names),
    )


class _Gathered:
    """What the rules need of all statements, in little room.

    Of most statements a hash is kept. Those that a property with one value seems to have too many
    of are `disputed`: they are read again and compared as they are.
    """

    def __init__(self, decided: list[Ruling], single: dict[ox.NamedNode, str]) -> None:
        self.decided = decided
        self.single = single
        self.disputed: set[int] = set()
        self.said: set[tuple[Ruling, Term]] = set()
        self.claims: Parts = {}
        self.true: set[int] = set()
        self.described: set[str] = set()
        self._first: dict[int, int] = {}

    def add(self, graph: ox.NamedNode, triples: Iterable[Triple]) -> None:
        """Take the statements of one file."""
        ruled = {ruling.subject for ruling in self.decided}
        is_source = graph.value.startswith(SOURCE)
        is_outside = graph in OUTSIDE
        for triple in triples:
            subject, predicate = triple.subject, triple.predicate
            if subject in ruled:
                quad = in_graph(triple, graph)
                rejecting = [ruling for ruling in self.decided if ruling.rejects(quad)]
                self.said |= {(ruling, triple.object) for ruling in rejecting}
                if rejecting:
                    continue
            if is_outside:
                continue
            self.true.add(hash((subject, predicate, triple.object)))
            if predicate in self.single:
                key, value = _key(triple, self.single), hash(triple.object)
                if self._first.setdefault(key, value) != value:
                    self.disputed.add(key)
            if predicate in CLAIM_PARTS:
                parts = self.claims.setdefault(subject, {})
                parts.setdefault(predicate, set()).add(triple.object)
            elif is_source and predicate == _TYPE and triple.object in SOURCE_CLASSES:
                self.described.add(subject.value)


def _key(triple: Triple, single: dict[ox.NamedNode, str]) -> int:
    each = single.get(triple.predicate)
    if each is None:
        return 0
    return hash((triple.subject, triple.predicate, language_of(triple.object, each)))


def language_of(value: Term, each: str) -> str:
    """Return the language within which a property has one value; empty where it has one in all."""
    return value.language or "" if each == "language" and isinstance(value, ox.Literal) else ""


@lru_cache(maxsize=2)
def single_valued(shapes: tuple[str, ...]) -> dict[ox.NamedNode, str]:
    """Return the properties that shapes limit to one value, for each thing or each language."""
    store = ox.Store()
    for text in shapes:
        store.extend(in_default_graph(t) for t in turtle.parse(text))
    return {row["path"]: row["each"].value for row in select(store, _SINGLE)}


def disagreements(
    accepted: Iterable[Quad], single: dict[ox.NamedNode, str], places: Places
) -> Iterator[Finding]:
    """Yield a finding for each property with one value of which sources give several.

    Args:
        accepted: Statements of the accepted view; of a thing and a property all or none.
        single: From `single_valued`.
        places: Of the files.
    """
    found: dict[tuple[Resource, ox.NamedNode, str], dict[Term, set[str]]] = {}
    for quad in accepted:
        each = single.get(quad.predicate)
        if each is None or quad.graph_name in _NO_SOURCES:
            continue
        key = (quad.subject, quad.predicate, language_of(quad.object, each))
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
    written = [said for said in places.values(subject, path) if said.statement.object in values]
    in_file_order = list(dict.fromkeys(said.statement.object for said in written))
    *others, last = in_file_order or list(values)
    said = "; ".join(
        f"{_short(value)} ({', '.join(sorted(shorten_graph(g) for g in values[value]))})"
        for value in (*others, last)
    )
    return _at(
        places.find(subject, path, last),
        "CNF01",
        "disagree",
        {"thing": shorten(subject.value), "property": shorten(path.value), "said": said},
        focus=subject.value,
        property=path.value,
        value=str(last),
        related=tuple(
            Related(each.object.span, Text(*([_short(each.statement.object)] * 3)))
            for each in written
            if each.statement.object != last
        ),
    )


def idle_rulings(decided: Iterable[Ruling], says: Says, places: Places) -> Iterator[Finding]:
    """Yield a finding for each value that a ruling rejects and no source says.

    Args:
        decided: The rulings.
        says: Whether some source makes the statement that a ruling rejects.
        places: Of the files.
    """
    for ruling in decided:
        for value in ruling.rejected:
            if not says(ruling, value):
                yield _at(
                    places.find(ruling.iri, _REJECTED, value),
                    "CNF02",
                    "idle",
                    {
                        "ruling": shorten(ruling.iri.value),
                        "value": _short(value),
                        "thing": shorten(ruling.subject.value),
                        "property": shorten(ruling.property.value),
                    },
                    focus=ruling.iri.value,
                    property=_REJECTED.value,
                    value=str(value),
                )


def whole_claims(parts: Parts) -> Iterator[Claim]:
    """Yield the claims that have each part once; the shapes report the others."""
    for iri, found in parts.items():
        if len(found) == len(CLAIM_PARTS) and all(len(terms) == 1 for terms in found.values()):
            yield Claim(iri, *(next(iter(found[part])) for part in CLAIM_PARTS))


def wrong_claims(claims: Iterable[Claim], holds: Holds, places: Places) -> Iterator[Finding]:
    """Yield a finding for each claim whose status and the accepted view tell two stories.

    Args:
        claims: From `whole_claims`.
        holds: Whether the accepted view has the statement that a claim is about.
        places: Of the files.
    """
    for claim in claims:
        status = str(getattr(claim.status, "value", "")).removeprefix(VOC + "claim-")
        if status in _SETTLED and (status == "accepted") != holds(claim):
            yield _wrong_claim(claim, status, places)


def _wrong_claim(claim: Claim, status: str, places: Places) -> Finding:
    name = "claimValue" if status == "accepted" else "claimStatus"
    written = (
        places.values(claim.subject, claim.property)
        if status == "accepted" and isinstance(claim.property, ox.NamedNode)
        else []
    )
    variant = "stands" if status != "accepted" else "differs" if written else "unsaid"
    args = {"claim": shorten(claim.iri.value), "status": status, "value": _short(claim.value)}
    related: tuple[Related, ...] = ()
    if written:
        args["other"] = _short(written[-1].statement.object)
        related = (Related(written[-1].object.span, Text(*([args["other"]] * 3))),)
    at = claim.value if status == "accepted" else claim.status
    return _at(
        places.find(claim.iri, ox.NamedNode(ONT + name), at),
        "CNF03",
        variant,
        args,
        focus=claim.iri.value,
        property=ONT + name,
        related=related,
    )


def source_of(file: SourceFile) -> str | None:
    """Return the IRI of the source that a file has to describe; None where it is no source's."""
    if not file.graph.startswith(SOURCE):
        return None
    return f"{ID}source/{file.graph.removeprefix(SOURCE)}"


def nameless_sources(files: Iterable[SourceFile], described: set[str]) -> Iterator[Finding]:
    """Yield a finding for each source file whose source is not described by any of them."""
    for file in files:
        expected = source_of(file)
        if expected is not None and expected not in described:
            yield _at(
                Place(file, 0, 0), "CNF04", "nobody", {"source": shorten(expected)}, focus=expected
            )


def shorten_graph(iri: str) -> str:
    """Return the name of a source's graph as a person says it."""
    return iri.removeprefix(SOURCE).rsplit("/", 1)[-1]


def _short(term: Term) -> str:
    return shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _at(
    place: Place | None, code: str, variant: str, args: dict[str, str], **parts: Any
) -> Finding:
    return finding(code, variant, NOWHERE if place is None else place.span, args, **parts)
