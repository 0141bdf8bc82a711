"""Rules that need several files: what the sources say against each other and the rulings.

Each rule is told of the statements that it is about: all of them in a full check, those about some
things in one of what has changed (`kg.check.incremental`).
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg import turtle
from kg.accepted import OUTSIDE, Ruling, in_view
from kg.check.catalogue import finding
from kg.check.places import NOWHERE, Place, Places
from kg.dataset import DECISIONS, LISTS, ONTOLOGY, SOURCE, SourceFile
from kg.findings import Finding, Related, Text
from kg.namespaces import ID, ONT, RDF, SH, VOC, shorten
from kg.terms import Quad, Resource, Term, Triple, as_triple, in_default_graph, in_graph, select

_REJECTED: Final = ox.NamedNode(ONT + "rejectedValue")
_TYPE: Final = ox.NamedNode(RDF + "type")
SOURCE_CLASSES: Final = (ox.NamedNode(ONT + "SourceDocument"), ox.NamedNode(ONT + "WebPage"))
_NO_SOURCES: Final = {ox.NamedNode(ONTOLOGY), ox.NamedNode(LISTS), ox.NamedNode(DECISIONS)}
CLAIM_PARTS: Final = tuple(
    ox.NamedNode(ONT + name)
    for name in ("claimSubject", "claimProperty", "claimValue", "claimStatus")
)

_CLAIM_PARTS: Final = frozenset(CLAIM_PARTS)
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


class Gathered:
    """What the rules need of all statements, in little room: hashes.

    What seems to be wrong, a property with one value that has several, a claim that the accepted
    view does not bear out, is read again and compared as it is.
    """

    def __init__(self, decided: list[Ruling], single: dict[ox.NamedNode, str]) -> None:
        """Begin with no file.

        Args:
            decided: The rulings.
            single: From `single_valued`.
        """
        self._decided = decided
        self._single = single
        self._ruled = {ruling.subject for ruling in decided}
        self._said: set[tuple[Ruling, Term]] = set()
        self._described: set[str] = set()
        self._made = array("q")
        self._values = _Pairs()
        self._claims = _Pairs()  # each with the number of the file that it is in
        self._accepted = _Pairs()  # claims, each with the statement that it is about
        self._denied = _Pairs()
        self._files = 0

    def add(self, file: SourceFile) -> set[Triple]:
        """Take the statements of a well-formed file; return those that rulings reject."""
        graph = ox.NamedNode(file.graph)
        is_source = file.graph.startswith(SOURCE)
        is_outside = graph in OUTSIDE
        rejected: set[Triple] = set()
        parts: Parts = {}
        for triple in file.triples:
            subject, predicate = triple.subject, triple.predicate
            if subject in self._ruled:
                quad = in_graph(triple, graph)
                rejecting = [ruling for ruling in self._decided if ruling.rejects(quad)]
                self._said |= {(ruling, triple.object) for ruling in rejecting}
                if rejecting:
                    rejected.add(triple)
                    continue
            if is_outside:
                continue
            self._made.append(hash(triple))
            each = self._single.get(predicate)
            if each is not None:
                value = triple.object
                self._values.add(_key(subject, predicate, value, each), hash(value))
            if predicate in _CLAIM_PARTS:
                parts.setdefault(subject, {}).setdefault(predicate, set()).add(triple.object)
            elif is_source and predicate == _TYPE and triple.object in SOURCE_CLASSES:
                self._described.add(subject.value)
        self._take(parts)
        return rejected

    def _take(self, parts: Parts) -> None:
        """Take the claims of one file."""
        self._files += 1
        for iri in parts:
            self._claims.add(hash(iri), self._files)
        for claim in whole_claims(parts):
            status = _status(claim)
            if status in _SETTLED:
                said = self._accepted if status == "accepted" else self._denied
                said.add(hash(claim.iri), _about(claim))

    def survey(self, files: Sequence[SourceFile]) -> Survey:
        """Ask all cross-file rules about files that were all taken."""
        disputed, doubtful = self._values.several(), self._doubtful()
        accepted: list[Quad] = []
        parts: Parts = {}
        for file in files if disputed or doubtful else ():
            graph = ox.NamedNode(file.graph)
            for triple in file.fresh_triples():
                subject, path, value = triple.subject, triple.predicate, triple.object
                each = self._single.get(path)
                is_disputed = each is not None and _key(subject, path, value, each) in disputed
                is_part = path in _CLAIM_PARTS and hash(subject) in doubtful
                if (is_disputed or is_part) and in_view(
                    quad := in_graph(triple, graph), self._decided
                ):
                    if is_disputed:
                        accepted.append(quad)
                    if is_part:
                        parts.setdefault(subject, {}).setdefault(path, set()).add(value)
        claims = [*whole_claims(parts)]
        about = {_about(claim) for claim in claims}
        made = about.intersection(self._made)
        places = Places(files)
        wrong = [*wrong_claims(claims, lambda claim: _about(claim) in made, places)]
        names = {finding.focus for finding in wrong}
        return Survey(
            [
                *disagreements(accepted, self._single, places),
                *idle_rulings(self._decided, lambda *each: each in self._said, places),
                *wrong,
                *nameless_sources(files, self._described),
            ],
            frozenset((quad.subject, quad.predicate) for quad in accepted),
            frozenset(claim.iri for claim in claims if claim.iri.value in names),
        )

    def _doubtful(self) -> set[int]:
        """Return the claims that may be wrong, and those that several files have a part of."""
        about = {value for said in (self._accepted, self._denied) for _, value in said}
        made = about.intersection(self._made)
        return (
            self._claims.several()
            | {claim for claim, value in self._accepted if value not in made}
            | {claim for claim, value in self._denied if value in made}
        )


class _Pairs:
    """Pairs of numbers, of which there are many."""

    def __init__(self) -> None:
        self._parts = [array("q") for _ in range(64)]  # by the first number

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for part in self._parts:
            yield from zip(part[::2], part[1::2], strict=True)

    def add(self, key: int, value: int) -> None:
        """Take a pair."""
        self._parts[key & 63].extend((key, value))

    def several(self) -> set[int]:
        """Return the first numbers that have several second ones."""
        found: set[int] = set()
        for part in self._parts:
            first: dict[int, int] = {}
            for key, value in zip(part[::2], part[1::2], strict=True):
                if first.setdefault(key, value) != value:
                    found.add(key)
        return found


def _about(claim: Claim) -> int:
    """Return the hash of the statement that a claim is about; 0 for what is no statement."""
    subject, path = claim.subject, claim.property
    if isinstance(subject, ox.Literal) or not isinstance(path, ox.NamedNode):
        return 0
    return hash(as_triple(subject, path, claim.value))


def _status(claim: Claim) -> str:
    return str(getattr(claim.status, "value", "")).removeprefix(VOC + "claim-")


def _key(subject: Resource, path: ox.NamedNode, value: Term, each: str) -> int:
    return hash((subject, path, language_of(value, each)))


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
        status = _status(claim)
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
