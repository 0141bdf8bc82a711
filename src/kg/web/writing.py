"""A document in RDF: its triples, what it says of itself, and the same in every format."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.mediatypes import JSON_LD, N_QUADS, N_TRIPLES, TRIG, MediaType
from kg.namespaces import DCTERMS, FOAF, OWL, RDF, VOID
from kg.query.evaluation import prefixes_of, serialize_graph
from kg.query.labels import Term
from kg.web.context import HYDRA
from kg.web.jsonld import framed
from kg.web.site import Site


class NoSuchPageError(LookupError):
    """The page is beyond the last one."""


@dataclass
class Document:
    """A document before it is written in some format.

    Attributes:
        topic: What it is about.
        iri: Of the document, with the number of the page where that is not the first.
        number: Of the page, from 1.
        pages: How many there are; where they are not counted, how many at least.
        is_counted: Whether they are.
        triples: What it asserts.
        stated: Where that stands in named graphs.
    """

    topic: ox.NamedNode
    iri: str
    number: int = 1
    pages: int = 1
    is_counted: bool = True
    triples: set[ox.Triple] = field(default_factory=set)
    stated: set[ox.Quad] = field(default_factory=set)

    def write(self, site: Site, media_types: Sequence[MediaType]) -> dict[str, bytes]:
        """Return it by extension."""
        made = _Written(self, site)
        return {item.extension: made.as_type(item.extension) for item in media_types}


class _Written:
    """The statements of a document in the order in which every format has them.

    The topic comes first, what the document says of itself last; all by their lines of N-Triples.
    """

    def __init__(self, document: Document, site: Site) -> None:
        self.site = site
        self.topic = document.topic
        lines = {str(triple): triple for triple in document.triples}
        own = f"<{document.iri}"

        def place(line: str) -> tuple[bool, bool, str]:
            is_topic = lines[line].subject == self.topic
            return not is_topic, line.startswith(own) and not is_topic, line

        self.lines = sorted(lines, key=place)
        self.triples = [lines[line] for line in self.lines]
        self.stated = document.stated

    def as_type(self, extension: str) -> bytes:
        if extension == JSON_LD.extension:
            return framed(self.triples, self.topic, self.site.terms)
        if extension == N_TRIPLES.extension:
            return self._plain(self.lines)
        if extension == N_QUADS.extension:
            return self._plain([*self.lines, *self._named])
        if extension == TRIG.extension:
            quads = [ox.Quad(t.subject, t.predicate, t.object) for t in self.triples]
            return serialize_graph([*quads, *self._named.values()], extension, self._prefixes)
        return serialize_graph(self.triples, extension, self._prefixes)

    @cached_property
    def _named(self) -> dict[str, ox.Quad]:
        quads = {str(quad): quad for quad in self.stated}
        ordered = sorted(quads, key=lambda line: (str(quads[line].graph_name), line))
        return {line: quads[line] for line in ordered}

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return prefixes_of(self.triples)

    def _plain(self, lines: Iterable[str]) -> bytes:
        return "".join(f"{line} .\n" for line in lines).encode()


def page_of(
    site: Site, topic: ox.NamedNode, address: str, number: int | None, pages: int
) -> Document:
    """Return an empty document for a page.

    Args:
        site: What is served.
        topic: What it is about.
        address: Of the first page, below the base.
        number: Of the page, from 1; None for all of it in one.
        pages: How many there are.

    Raises:
        NoSuchPageError: It is none of them.
    """
    if number is None:
        return Document(topic, _iri_of(site, address, 1))
    if not 1 <= number <= pages:
        raise NoSuchPageError(f"page {number} of {pages}")
    return Document(topic, _iri_of(site, address, number), number, pages)


def _iri_of(site: Site, address: str, number: int) -> str:
    first = f"{site.served.base}{address}"
    return first if number == 1 else f"{first}?page={number}"


def metadata(
    site: Site, document: Document, address: str, said: Iterable[tuple[str, ox.NamedNode]]
) -> Iterator[ox.Triple]:
    """Give what a document says of itself.

    Args:
        site: What is served.
        document: With all that it says else.
        address: Of its first page, below the base.
        said: What is particular about it: properties and values.
    """
    values: list[tuple[str, Term]] = [
        (RDF + "type", ox.NamedNode(FOAF + "Document")),
        (DCTERMS + "license", ox.NamedNode(site.licence)),
        (DCTERMS + "isPartOf", site.dataset),
        (VOID + "inDataset", site.dataset),
        (OWL + "versionInfo", ox.Literal(site.served.version)),
        *said,
    ]
    if site.dataset_modified is not None:
        values.append((DCTERMS + "modified", site.dataset_modified))
    graphs = {quad.graph_name for quad in document.stated}
    values += [(DCTERMS + "source", graph) for graph in graphs if isinstance(graph, ox.NamedNode)]
    if document.pages > 1:
        values.append((RDF + "type", ox.NamedNode(HYDRA + "PartialCollectionView")))
        number, last = document.number, document.pages
        for rel, other in (("first", 1), ("previous", number - 1), ("next", number + 1)):
            if 1 <= other <= last:
                values.append((HYDRA + rel, ox.NamedNode(_iri_of(site, address, other))))
        if document.is_counted:
            values.append((HYDRA + "last", ox.NamedNode(_iri_of(site, address, last))))
    for predicate, value in values:
        yield ox.Triple(ox.NamedNode(document.iri), ox.NamedNode(predicate), value)
