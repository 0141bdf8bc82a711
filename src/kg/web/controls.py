"""What a fragment says of itself: how many statements it has, its pages, and the way to all others.

The shape is that of the Triple Pattern Fragments specification (sections on metadata, controls and
paging). Every address is an IRI under the base; a client finds its own page among them because the
IRI of a page ends in the query of the request as it was sent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from kg.namespaces import DCTERMS, FOAF, HYDRA, RDF, RDFS, SD, VOID, XSD
from kg.query.pattern_terms import DEFAULT_GRAPH, POSITIONS
from kg.query.patterns import PAGE_SIZE, Page
from kg.web.site import Site

_SAFE: Final = "!$&'()*+,;=:@/?%-._~"  # RFC 3986, section 3.4: the query of an address
_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PROPERTIES: Final = {
    **{position: RDF + position for position in POSITIONS[:3]},
    "graph": SD + "graph",
}
_Value = ox.NamedNode | ox.Literal


@dataclass(frozen=True)
class Address:
    """The address of a page of a fragment.

    Attributes:
        path: Of the interface: `/fragments`, or `/fragments/quads` with named graphs.
        query: Of the request, as an IRI can hold it.
        number: Of the page, from 1.
    """

    path: str
    query: str
    number: int

    @property
    def page(self) -> str:
        """The address of the page, as it was asked for."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def fragment(self) -> str:
        """The address of the fragment: that of the page without the number."""
        rest = self._rest
        return f"{self.path}?{rest}" if rest else self.path

    def at(self, number: int) -> str:
        """Return the address of a page of the same fragment."""
        rest = self._rest
        return f"{self.path}?{rest}&page={number}" if rest else f"{self.path}?page={number}"

    @property
    def has_graphs(self) -> bool:
        """Whether it is the interface with named graphs."""
        return self.path.endswith("/quads")

    @property
    def _rest(self) -> str:
        items = self.query.split("&")
        return "&".join(item for item in items if item and item.partition("=")[0] != "page")


def as_query(sent: str) -> str:
    """Return the query of a request, as an IRI can hold it.

    >>> as_query('object="a b"&x=100%')
    'object=%22a%20b%22&x=100%25'
    """
    return quote(_LONE_PERCENT.sub("%25", sent).encode("latin-1"), safe=_SAFE)


def metadata(site: Site, address: Address, page: Page, pattern: str) -> list[ox.Triple]:
    """Return the metadata and the controls of a page.

    Args:
        site: What is served.
        address: Of the page.
        page: What is on it.
        pattern: The pattern, for people.
    """
    return [
        *_dataset(site, address),
        *_form(site, address),
        *_fragment(site, address, page, pattern),
    ]


def metadata_graph(site: Site, address: Address) -> ox.NamedNode:
    """Return the name of the graph that the metadata is in, where a format has graphs."""
    return _node(site, f"{address.page}#metadata")


def _dataset(site: Site, address: Address) -> Iterator[ox.Triple]:
    dataset, page = _node(site, f"{address.path}#dataset"), _node(site, address.page)
    yield _triple(dataset, RDF + "type", ox.NamedNode(VOID + "Dataset"))
    yield _triple(dataset, RDF + "type", ox.NamedNode(HYDRA + "Collection"))
    yield _triple(dataset, DCTERMS + "isPartOf", site.dataset)
    yield _triple(dataset, DCTERMS + "license", ox.NamedNode(site.licence))
    yield _triple(dataset, VOID + "subset", page)
    if address.fragment != address.page:
        yield _triple(dataset, VOID + "subset", _node(site, address.fragment))
    if address.has_graphs:
        yield _triple(dataset, SD + "defaultGraph", ox.NamedNode(DEFAULT_GRAPH))
    graph = metadata_graph(site, address)
    yield _triple(graph, FOAF + "primaryTopic", dataset)
    yield _triple(graph, FOAF + "primaryTopic", _node(site, address.fragment))


def _form(site: Site, address: Address) -> Iterator[ox.Triple]:
    dataset, form = (_node(site, f"{address.path}#{name}") for name in ("dataset", "search"))
    positions = POSITIONS if address.has_graphs else POSITIONS[:3]
    template = f"{_node(site, address.path).value}{{?{','.join(positions)}}}"
    yield _triple(dataset, HYDRA + "search", form)
    yield _triple(form, RDF + "type", ox.NamedNode(HYDRA + "IriTemplate"))
    yield _triple(form, HYDRA + "template", ox.Literal(template))
    explicit = ox.NamedNode(HYDRA + "ExplicitRepresentation")
    yield _triple(form, HYDRA + "variableRepresentation", explicit)
    for position in positions:
        mapping = _node(site, f"{address.path}#{position}")
        yield _triple(form, HYDRA + "mapping", mapping)
        yield _triple(mapping, RDF + "type", ox.NamedNode(HYDRA + "IriTemplateMapping"))
        yield _triple(mapping, HYDRA + "variable", ox.Literal(position))
        yield _triple(mapping, HYDRA + "property", ox.NamedNode(_PROPERTIES[position]))


def _fragment(site: Site, address: Address, page: Page, pattern: str) -> Iterator[ox.Triple]:
    fragment, view = _node(site, address.fragment), _node(site, address.page)
    total = _number(page.total)
    yield _triple(fragment, RDF + "type", ox.NamedNode(HYDRA + "Collection"))
    yield _triple(fragment, DCTERMS + "title", ox.Literal(f"Fragment of {pattern}", language="en"))
    yield _triple(fragment, VOID + "triples", total)
    yield _triple(fragment, HYDRA + "totalItems", total)
    if not page.is_exact:
        note = ox.Literal("The number of matches was not counted to the end.", language="en")
        yield _triple(fragment, RDFS + "comment", note)
    yield _triple(fragment, HYDRA + "view", view)
    yield _triple(view, RDF + "type", ox.NamedNode(HYDRA + "PartialCollectionView"))
    yield _triple(view, HYDRA + "itemsPerPage", _number(PAGE_SIZE))
    for name, number in neighbours(address, page).items():
        yield _triple(view, HYDRA + name, _node(site, address.at(number)))


def neighbours(address: Address, page: Page) -> dict[str, int]:
    """Return the numbers of the pages that a page leads to, by relation."""
    found = {"first": 1}
    if address.number > 1:
        found["previous"] = address.number - 1
    if page.has_next:
        found["next"] = address.number + 1
    return found


def _node(site: Site, address: str) -> ox.NamedNode:
    return ox.NamedNode(site.served.base + address.removeprefix("/"))


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))


def _triple(subject: ox.NamedNode, predicate: str, value: _Value) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)
