"""How complete the graph is: of each kind of thing, how many have what one would look for.

What is missing here may exist: a share says what was read, not what there is. It is counted once
for a snapshot, by going through the statements of each property.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from kg.namespaces import DCTERMS, FOAF, ORG, OWL, RDF, SCHEMA, SKOS, WGS
from kg.terms import Quads
from kg.web.i18n import LANGUAGES, mark

_RETRIEVED_FROM: Final = "http://purl.org/pav/retrievedFrom"
_SUB: Final = ORG + "subOrganizationOf"
_DEFAULT: Final = ox.DefaultGraph()
_NAMES: Final = (SKOS + "prefLabel", FOAF + "name")


class _Aspect(NamedTuple):
    """What a thing may have.

    Attributes:
        label: To be translated.
        properties: One of them is enough.
        is_pointed: Whether it is the value of the property, not its subject.
    """

    label: str
    properties: tuple[str, ...]
    is_pointed: bool = False


# Of each kind what a reader would look for; classes and properties by local name, or by IRI.
_ASPECTS: Final[tuple[tuple[str, tuple[_Aspect, ...]], ...]] = (
    (
        "City",
        (
            _Aspect(mark("country"), ("country",)),
            _Aspect(mark("coordinates"), (WGS + "lat",)),
            _Aspect(mark("a number that a source states"), ("figureAbout",), is_pointed=True),
            _Aspect(mark("the body that governs it"), ("governs",), is_pointed=True),
            _Aspect(mark("a network or programme"), ("memberCity",), is_pointed=True),
            _Aspect(mark("identifier outside"), (OWL + "sameAs",)),
        ),
    ),
    (
        "Municipality",
        (
            _Aspect(mark("country"), ("country",)),
            _Aspect(mark("kind"), (DCTERMS + "type",)),
            _Aspect(mark("the city that it governs or sits in"), ("governs", SCHEMA + "location")),
            _Aspect(mark("something that it takes part in"), ("participant",), is_pointed=True),
            _Aspect(mark("something that it signed"), ("signatory",), is_pointed=True),
        ),
    ),
    (
        ORG + "Organization",
        (
            _Aspect(mark("country"), ("country",)),
            _Aspect(mark("kind"), (DCTERMS + "type",)),
            _Aspect(mark("what it belongs to"), (_SUB,)),
            _Aspect(mark("the city that it governs or sits in"), ("governs", SCHEMA + "location")),
        ),
    ),
    (
        "Network",
        (
            _Aspect(mark("kind"), (DCTERMS + "type",)),
            _Aspect(mark("programme"), ("underProgramme",)),
            _Aspect(mark("start"), ("startDate",)),
            _Aspect(mark("end"), ("endDate",)),
            _Aspect(mark("lead partner"), ("leadPartner",)),
            _Aspect(mark("members listed"), ("participationIn",), is_pointed=True),
            _Aspect(mark("a number that a source states"), ("figureAbout",), is_pointed=True),
            _Aspect(mark("goals or targets"), ("goalOf", "targetOf"), is_pointed=True),
            _Aspect(mark("home page"), (FOAF + "homepage",)),
        ),
    ),
    (
        "Pledge",
        (
            _Aspect(mark("signatures"), ("signs",), is_pointed=True),
            _Aspect(mark("duties"), ("undertakingOf",), is_pointed=True),
            _Aspect(mark("targets"), ("targetOf",), is_pointed=True),
            _Aspect(mark("binding force"), ("bindingForce",)),
            _Aspect(mark("programme"), ("underProgramme",)),
            _Aspect(mark("motives"), ("motive",)),
        ),
    ),
    (
        "Participation",
        (
            _Aspect(mark("role"), ("role",)),
            _Aspect(mark("start"), ("startDate",)),
            _Aspect(mark("end"), ("endDate",)),
        ),
    ),
    (
        "Signature",
        (
            _Aspect(mark("day, month or year"), ("date",)),
            _Aspect(mark("the event"), ("atEvent",)),
            _Aspect(mark("the person who signed"), ("signedByPerson",)),
        ),
    ),
    (
        "Undertaking",
        (
            _Aspect(mark("deadline"), ("deadline",)),
            _Aspect(mark("who owes it"), ("dutyBearer",)),
            _Aspect(mark("a report on progress"), ("reportsOn",), is_pointed=True),
        ),
    ),
    (
        "Target",
        (
            _Aspect(mark("target year"), ("targetYear",)),
            _Aspect(mark("value"), ("targetValue",)),
            _Aspect(mark("base year"), ("baseYear",)),
            _Aspect(mark("a report on progress"), ("reportsOn",), is_pointed=True),
        ),
    ),
    (
        FOAF + "Person",
        (
            _Aspect(mark("public role"), ("holder",), is_pointed=True),
            _Aspect(mark("why it is shown"), ("publicationBasis",)),
        ),
    ),
    (
        "ReportedFigure",
        (_Aspect(mark("day, month or year"), ("asOf",)),),
    ),
    (
        "WebPage",
        (
            _Aspect(mark("address"), (_RETRIEVED_FROM,)),
            _Aspect(mark("language"), (DCTERMS + "language",)),
            _Aspect(mark("day of issue"), (DCTERMS + "issued", DCTERMS + "created")),
            _Aspect(mark("publisher"), (DCTERMS + "publisher",)),
        ),
    ),
    (
        "Claim",
        (_Aspect(mark("characters in its source"), ("hasSpan",)),),
    ),
)
_WITHOUT_NAME: Final = ("Participation", "Signature", "ReportedFigure", "Claim")


class Share(NamedTuple):
    """How many things of a kind have something.

    Attributes:
        label: What, to be translated; of a name in a language, with a place for that.
        language: Of the name, as it calls itself; empty for anything else.
        known: Number of things that have it.
    """

    label: str
    language: str
    known: int


class Measured(NamedTuple):
    """What is known of the things of a class."""

    iri: str
    total: int
    shares: tuple[Share, ...]


def measure(store: Quads, base: str, graphs: Iterable[str]) -> list[Measured]:
    """Count what is known of the things of each kind; kinds without things are left out.

    Args:
        store: The snapshot; every statement of the properties is read.
        base: What its IRIs begin with.
        graphs: The IRIs of its named graphs.
    """
    counting = _Counting(store, base, graphs)
    found = (counting.of(name, aspects) for name, aspects in _ASPECTS)
    return [each for each in found if each.total]


class _Counting:
    """Counts, and keeps what it has read of each property."""

    def __init__(self, store: Quads, base: str, graphs: Iterable[str]) -> None:
        self._store = store
        self._base = base
        self._known: dict[tuple[str, bool], frozenset[str]] = {}
        self._names = _languages(store)
        sources = (graph for graph in graphs if graph.startswith(f"{base}graph/source/"))
        self._sourced = frozenset(iri for graph in sources for iri in _subjects(store, graph))

    def of(self, name: str, aspects: Sequence[_Aspect]) -> Measured:
        """Count what is known of the things of a class."""
        kind = self._term(name)
        typed = self._store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), kind, _DEFAULT)
        things = frozenset(_iris(quad.subject for quad in typed))
        shares = [Share(each.label, "", len(things & self._having(each))) for each in aspects]
        shares.append(Share(mark("a source"), "", len(things & self._sourced)))
        if name not in _WITHOUT_NAME:
            shares += [
                Share(mark("name in %(language)s"), own, len(things & self._names[tag]))
                for tag, own in LANGUAGES.items()
            ]
        return Measured(kind.value, len(things), tuple(shares))

    def _having(self, aspect: _Aspect) -> frozenset[str]:
        none: frozenset[str] = frozenset()
        return none.union(*(self._with(name, aspect.is_pointed) for name in aspect.properties))

    def _with(self, name: str, is_pointed: bool) -> frozenset[str]:
        if (name, is_pointed) not in self._known:
            graph = None if name == OWL + "sameAs" else _DEFAULT  # links are in their own graph
            found = self._store.quads_for_pattern(None, self._term(name), None, graph)
            nodes = (quad.object if is_pointed else quad.subject for quad in found)
            self._known[name, is_pointed] = frozenset(_iris(nodes))
        return self._known[name, is_pointed]

    def _term(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(name if ":" in name else f"{self._base}ont#{name}")


def _languages(store: Quads) -> dict[str, frozenset[str]]:
    """Return for each language of the interface the things that have a name in it."""
    found: dict[str, set[str]] = {tag: set() for tag in LANGUAGES}
    for name in _NAMES:
        for quad in store.quads_for_pattern(None, ox.NamedNode(name), None, _DEFAULT):
            if isinstance(quad.object, ox.Literal) and isinstance(quad.subject, ox.NamedNode):
                tag = (quad.object.language or "").partition("-")[0]
                if tag in found:
                    found[tag].add(quad.subject.value)
    return {tag: frozenset(things) for tag, things in found.items()}


def _subjects(store: Quads, graph: str) -> Iterator[str]:
    """Give what a named graph makes statements about."""
    found = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    return _iris(quad.subject for quad in found)


def _iris(nodes: Iterable[object]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ox.NamedNode))
