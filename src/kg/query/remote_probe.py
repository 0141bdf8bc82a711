"""What an endpoint can do, found out by asking it: a few small queries, nothing is written.

The findings are shown by the server and decide which parameters of the protocol a query is sent
with. No query is ever rewritten for an engine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

import pyoxigraph as ox

from kg.errors import KgError
from kg.namespaces import DCTERMS, FOAF, OWL, VOID
from kg.query.backend import QueryTimeoutError, RemoteError
from kg.query.remote_client import Endpoint
from kg.query.remote_terms import SD_DEFAULT_GRAPH, accepted_graph, published_graph

IDENTIFIER: Final = DCTERMS + "identifier"
VERSION: Final = OWL + "versionInfo"
TRIPLES: Final = VOID + "triples"
TOPIC: Final = FOAF + "primaryTopic"
_SIDE: Final = 101  # its square is just above the common limit of 10,000 rows


@dataclass(frozen=True)
class Published:
    """The snapshot that an endpoint says it holds, complete.

    Attributes:
        snapshot: Its hash.
        version: Of the dataset, as a person would cite it.
        triples: Number of statements in the default graph.
        graphs: Number of statements of each named graph, by IRI.
        default_graph: IRI of the graph that holds the default graph; None for the store's own.
    """

    snapshot: str
    version: str
    triples: int
    graphs: dict[str, int]
    default_graph: str | None


@dataclass(frozen=True)
class Capabilities:
    """What an endpoint can do.

    Attributes:
        default_graph: `own` where the default graph is one of its own, `union` where it is all
            named graphs together, `unknown` where nothing there tells.
        merges: Whether a statement of two graphs counts once when both are the default graph;
            None where no statement is in two graphs.
        bnode: Whether the function BNODE() works.
        row_cap: Rows after which it cuts answers; None where 10,201 rows came whole.
        describe: `outgoing` where DESCRIBE gives the statements about a thing, `both ways` where
            also those that point at it, `unknown` where nothing there tells.
        published: What `kg publish` put there; None where it did not, or has not finished.
    """

    default_graph: Literal["own", "union", "unknown"]
    merges: bool | None
    bnode: bool
    row_cap: int | None
    describe: Literal["outgoing", "both ways", "unknown"]
    published: Published | None = field(default=None)


def probe(endpoint: Endpoint, base: str) -> Capabilities:
    """Return what an endpoint can do.

    Args:
        endpoint: To be asked.
        base: What the IRIs of the dataset begin with.

    Raises:
        RemoteError: It does not answer the simplest question as SPARQL wants it.
    """
    if not endpoint.ask("ASK {}"):
        raise RemoteError(f"{endpoint.url}: answers no to ASK {{}}, which is always true")
    found = published(endpoint, base)
    return Capabilities(
        default_graph=_default_graph(endpoint, base) if found else "unknown",
        merges=_merges(endpoint),
        bnode=_works(lambda: endpoint.rows("SELECT ?x { BIND(BNODE() AS ?x) }")),
        row_cap=_row_cap(endpoint),
        describe=_describe(endpoint, base) if found else "unknown",
        published=found,
    )


def published(endpoint: Endpoint, base: str) -> Published | None:
    """Return which snapshot an endpoint holds, or None where none is complete.

    Raises:
        KgError: It does not answer.
    """
    graph = published_graph(base)
    rows = endpoint.rows(f"SELECT ?s ?p ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    values: dict[str, str] = {}
    counts: dict[str, int] = {}
    for subject, predicate, value in rows:
        if not (isinstance(subject, ox.NamedNode) and isinstance(predicate, ox.NamedNode)):
            continue
        if isinstance(value, ox.Literal | ox.NamedNode):
            if predicate.value == TRIPLES:
                counts[subject.value] = int(value.value)
            elif subject.value == graph:
                values[predicate.value] = value.value
    if IDENTIFIER not in values:
        return None
    triples = counts.pop(accepted_graph(base), 0)
    return Published(
        values[IDENTIFIER],
        values.get(VERSION, ""),
        triples,
        dict(sorted(counts.items())),
        values.get(SD_DEFAULT_GRAPH),
    )


def _default_graph(endpoint: Endpoint, base: str) -> Literal["own", "union"]:
    """Tell whether what is said in a named graph only can be seen in the default graph."""
    graph = published_graph(base)
    return "union" if endpoint.ask(f"ASK {{ <{graph}> <{IDENTIFIER}> ?x }}") else "own"


def _merges(endpoint: Endpoint) -> bool | None:
    twice = (
        "SELECT ?s ?t ?a ?b { GRAPH ?a { ?s a ?t } GRAPH ?b { ?s a ?t } "
        "FILTER (STR(?a) < STR(?b)) } LIMIT 1"
    )
    try:
        rows = endpoint.rows(twice)
    except QueryTimeoutError:
        return None
    for thing, kind, *graphs in rows:
        names = [graph.value for graph in graphs if isinstance(graph, ox.NamedNode)]
        if isinstance(thing, ox.NamedNode):
            times = endpoint.rows(f"SELECT ?p {{ {thing} ?p {kind} }}", names)
            return len(times) == len(set(times))
    return None


def _row_cap(endpoint: Endpoint) -> int | None:
    numbers = " ".join(str(number) for number in range(_SIDE))
    text = f"SELECT ?a {{ VALUES ?a {{ {numbers} }} VALUES ?b {{ {numbers} }} }}"
    found = sum(1 for _ in endpoint.select(text))
    return None if found == _SIDE**2 else found


def _describe(endpoint: Endpoint, base: str) -> Literal["outgoing", "both ways", "unknown"]:
    graph, topic = published_graph(base), f"{base}dataset"
    pointing = f"SELECT ?s {{ ?s <{TOPIC}> <{topic}> }}"
    if not endpoint.rows(pointing, [graph]):
        return "unknown"
    found = endpoint.graph(f"DESCRIBE <{topic}>", [graph])
    comes_in = any(triple.predicate.value == TOPIC for triple in found)
    return "both ways" if comes_in else "outgoing"


def _works(ask: Callable[[], object]) -> bool:
    """Tell whether an endpoint answers a query; one that it refuses is a finding, no failure."""
    try:
        ask()
    except RemoteError:
        return False
    except KgError as refused:
        return isinstance(refused, QueryTimeoutError)
    return True
