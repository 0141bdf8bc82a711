"""Why the graph says what it says: claims with their places in sources, and rulings on conflicts.

Read in all graphs, also those that the accepted view leaves out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS, RDFS
from kg.query.labels import Node, Reader, Shown

_RETRIEVED_FROM: Final = ox.NamedNode("http://purl.org/pav/retrievedFrom")


class Span(NamedTuple):
    """A stretch of a source: characters `start` to `end`, from 0, the end left out."""

    iri: str
    document: Shown
    start: str
    end: str
    address: str


@dataclass(frozen=True)
class Claim:
    """What a source says about one property, and how sure the reading is."""

    iri: str
    property: Shown
    value: Shown
    certainty: Shown
    status: Shown
    spans: tuple[Span, ...]
    elsewhere: tuple[Shown, ...]


class Ruling(NamedTuple):
    """Why one value was taken and others were not."""

    iri: str
    property: Shown
    accepted: tuple[Shown, ...]
    rejected: tuple[Shown, ...]
    reasons: tuple[Shown, ...]
    date: str


def rulings(reader: Reader, nodes: Iterable[Node]) -> Iterator[Ruling]:
    """Give rulings in the order of their nodes."""
    for node in nodes:

        def shown(predicate: ox.NamedNode, node: Node = node) -> tuple[Shown, ...]:
            return tuple(reader.show(value) for value in reader.values(node, predicate))

        yield Ruling(
            iri=node.value,
            property=reader.one(node, reader.term("decidesProperty")),
            accepted=shown(reader.term("acceptedValue")),
            rejected=shown(reader.term("rejectedValue")),
            reasons=shown(ox.NamedNode(RDFS + "comment")),
            date=reader.one(node, ox.NamedNode(DCTERMS + "date")).text,
        )


def claims(reader: Reader, nodes: Iterable[Node]) -> list[Claim]:
    """Return claims by property and value."""
    found = [_claim(reader, node) for node in nodes]
    return sorted(found, key=lambda claim: (claim.property.text, claim.value.text, claim.iri))


def _claim(reader: Reader, node: Node) -> Claim:
    spans = (s for s in reader.values(node, reader.term("hasSpan")) if isinstance(s, ox.NamedNode))
    elsewhere = reader.values(node, ox.NamedNode(DCTERMS + "source"))
    return Claim(
        iri=node.value,
        property=reader.one(node, reader.term("claimProperty")),
        value=reader.one(node, reader.term("claimValue")),
        certainty=reader.one(node, reader.term("certainty")),
        status=reader.one(node, reader.term("claimStatus")),
        spans=tuple(_span(reader, span) for span in spans),
        elsewhere=tuple(reader.show(value) for value in elsewhere),
    )


def _span(reader: Reader, span: ox.NamedNode) -> Span:
    document = next(iter(reader.values(span, reader.term("inDocument"))), None)
    address = ""
    shown = Shown("")
    if isinstance(document, ox.NamedNode):
        shown = reader.show(document)
        pages = reader.values(document, _RETRIEVED_FROM)
        address = next((page.value for page in pages if isinstance(page, ox.NamedNode)), "")
    start = reader.one(span, reader.term("spanStart")).text
    end = reader.one(span, reader.term("spanEnd")).text
    return Span(span.value, shown, start, end, address)
