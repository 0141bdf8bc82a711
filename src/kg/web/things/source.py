"""The page of a source: what it says, where in its text, and what it leaves open."""

from itertools import islice
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS
from kg.query.evidence import Claim, claims
from kg.query.labels import TYPE, Shown
from kg.web.things.lens import Lens

CLAIMS: Final = 1_000  # that a page shows; the named graph has all
SAID: Final = 3_000  # statements that are read to tell which things a source speaks of
ABOUT: Final = 60  # things of one kind that are listed
_FROM: Final = "http://purl.org/pav/retrievedFrom"
_ON: Final = "http://purl.org/pav/retrievedOn"
# What carries statements or places, and the source itself: no reader looks for these by name.
_ASIDE: Final = (
    *("Claim", "SourceSpan", "NameForm", "ReportedFigure", "Participation", "Signature"),
    *("RoleHolding", "SourceDocument", "WebPage"),
)


class Placed(NamedTuple):
    """A claim of the source.

    Attributes:
        name: Of the claim, by which other pages point at it.
        subject: What it is about.
        claim: It, with its spans.
        start: Of its first span, in code points from 0; None where it has none.
        x: Where the span begins, in percent of the text.
        width: Of the span, in percent.
    """

    name: str
    subject: Shown
    claim: Claim
    start: int | None
    x: float
    width: float


class Spoken(NamedTuple):
    """The things of one kind that a source speaks of."""

    kind: Shown
    things: tuple[Shown, ...]
    total: int


def values(lens: Lens, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what the page shows."""
    graph = ox.NamedNode(thing.value.replace(f"{lens.reader.base}id/", f"{lens.reader.base}graph/"))
    length = lens.one(thing, "textLength")
    letters = int(length.text) if length is not None and length.text.isdecimal() else 0
    found, is_whole = read_claims(lens, graph, letters)
    return {
        "graph": graph.value,
        "statement_count": sum(
            1 for _ in islice(lens.store.quads_for_pattern(None, None, None, graph), SAID)
        ),
        "most_statements": SAID,
        "source_kinds": lens.facts(thing, DCTERMS + "type"),
        "publishers": lens.facts(thing, DCTERMS + "publisher"),
        "text_language": lens.one(thing, DCTERMS + "language"),
        "issued": lens.one(thing, DCTERMS + "issued") or lens.one(thing, DCTERMS + "date"),
        "read_at": lens.one(thing, _FROM),
        "read_on": lens.one(thing, _ON),
        "length": letters,
        "hash": lens.one(thing, "textHash"),
        "claims": found,
        "has_all_claims": is_whole,
        "spoken": spoken(lens, graph),
        "leaves_open": left_open(lens, graph),
    }


def read_claims(lens: Lens, graph: ox.NamedNode, letters: int) -> tuple[list[Placed], bool]:
    """Return the claims of a source in the order of its text, and whether these are all."""
    kind = lens.term("Claim")
    read = list(islice(lens.store.quads_for_pattern(None, TYPE, kind, graph), CLAIMS + 1))
    nodes = [quad.subject for quad in read[:CLAIMS] if isinstance(quad.subject, ox.NamedNode)]
    found = [_placed(lens, node, letters) for node in nodes]
    found.sort(key=lambda each: (each.start is None, each.start or 0, each.name))
    return found, len(read) <= CLAIMS


def _placed(lens: Lens, node: ox.NamedNode, letters: int) -> Placed:
    claim = claims(lens.reader, [node])[0]
    about = lens.reader.one(node, lens.term("claimSubject"))
    name = node.value.rpartition("/")[2]
    span = next(iter(claim.spans), None)
    if span is None or not (span.start.isdecimal() and span.end.isdecimal()):
        return Placed(name, about, claim, None, 0, 0)
    start, end = int(span.start), int(span.end)
    if not letters or end > letters:
        return Placed(name, about, claim, start, 0, 0)
    x, width = 100 * start / letters, 100 * (end - start) / letters
    return Placed(name, about, claim, start, round(x, 2), round(max(width, 0.2), 2))


def spoken(lens: Lens, graph: ox.NamedNode) -> list[Spoken]:
    """Return what a source says anything of, by kind; not what only carries its statements."""
    aside = {lens.term(name) for name in _ASIDE}
    by_kind: dict[ox.NamedNode, list[ox.NamedNode]] = {}
    quads = islice(lens.store.quads_for_pattern(None, None, None, graph), SAID)
    for subject in dict.fromkeys(quad.subject for quad in quads):
        if not isinstance(subject, ox.NamedNode):
            continue
        kinds = lens.nodes(subject, TYPE.value)
        if kinds and not aside.intersection(kinds):
            by_kind.setdefault(kinds[0], []).append(subject)
    found = [
        Spoken(
            lens.show(kind),
            tuple(lens.show(node) for node in lens.in_order(nodes)[:ABOUT]),
            len(nodes),
        )
        for kind, nodes in by_kind.items()
    ]
    return sorted(found, key=lambda each: each.kind.text)


def left_open(lens: Lens, graph: ox.NamedNode) -> list[tuple[Shown, Shown]]:
    """Return what a reader would expect of the source and it does not say: thing and property."""
    quads = lens.store.quads_for_pattern(None, lens.term("leavesOpen"), None, graph)
    pairs = [
        (lens.show(quad.subject), lens.show(quad.object))
        for quad in islice(quads, ABOUT)
        if not isinstance(quad.object, ox.Triple) and isinstance(quad.subject, ox.NamedNode)
    ]
    return sorted(pairs, key=lambda pair: (pair[0].text, pair[1].text))
