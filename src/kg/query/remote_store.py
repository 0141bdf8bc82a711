"""The look-ups of pages, answered by a SPARQL endpoint instead of a store in memory.

`RemoteStore` has the two methods of `pyoxigraph.Store` that pages use, with the same meaning. A
page makes hundreds of look-ups; asked one by one they would take seconds. So what is asked for is
always all that is said about a subject, for many subjects at once: with each one that a page needs
come those that earlier answers have mentioned, which is what it will ask for next. A page takes
about a dozen requests the first time, and none when its subjects are known.

What is known is kept as long as the endpoint holds the same snapshot; `refresh` asks.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, cast

import pyoxigraph as ox

from kg.errors import DataError
from kg.namespaces import CANONICAL_BASE, RDF
from kg.query.remote_client import Endpoint, Row
from kg.query.remote_probe import Published, published
from kg.query.remote_terms import (
    Term,
    blank_again,
    published_graph,
    skolem_prefix,
    without_blank,
)

BATCH: Final = 200  # subjects that are asked for at once
MOST_INCOMING: Final = 1_000  # statements pointing at a thing that are fetched whatever is asked
KEPT: Final = 200_000  # statements that are kept

Subject = ox.NamedNode | ox.BlankNode
GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
Pattern = tuple[Subject | None, ox.NamedNode | None, Term | None, GraphName | None]


@dataclass(frozen=True)
class Summary:
    """What the whole of a dataset has, as `kg.snapshot.Manifest` does.

    Attributes:
        snapshot: Hash of the snapshot; empty where `kg publish` did not put it there.
        version: Of the dataset; empty likewise.
        triples: Number of statements in the default graph.
        graphs: Number of statements of each named graph, by IRI.
        classes: Number of instances of each class in the default graph, by IRI.
    """

    snapshot: str
    version: str
    triples: int
    graphs: dict[str, int]
    classes: dict[str, int]


class RemoteStore:
    """A read-only store behind a SPARQL endpoint. Safe to use from several threads.

    The quads of one answer come in no particular order, but from `quads_in_order`.
    """

    def __init__(
        self, url: str, *, base: str = CANONICAL_BASE, timeout_s: float = 20.0, kept: int = KEPT
    ) -> None:
        """Make a store; nothing is asked yet but which snapshot is there.

        Args:
            url: Of the SPARQL endpoint.
            base: What the IRIs of the dataset begin with.
            timeout_s: Seconds without a byte after which a look-up fails.
            kept: Statements that are kept, about.

        Raises:
            KgError: The endpoint does not answer.
        """
        self.base = base
        self.requests = 0
        self._endpoint = Endpoint(url, timeout_s)
        self._kept = kept
        self._lock = threading.Lock()
        self._subjects: OrderedDict[Subject, tuple[ox.Quad, ...]] = OrderedDict()
        self._incoming: OrderedDict[Term, tuple[ox.Quad, ...] | None] = OrderedDict()
        self._mentioned: OrderedDict[Subject, None] = OrderedDict()
        self._size = 0
        self._age = 0
        self._graphs: dict[str, int] | None = None
        self._published = published(self._endpoint, base)

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def refresh(self) -> bool:
        """Ask which snapshot is there; return whether it is another, and then forget the old one.

        While one is being published none is complete: then the last one counts until the next.

        Raises:
            KgError: The endpoint does not answer.
        """
        found = published(self._endpoint, self.base)
        with self._lock:
            is_new = found is not None and found != self._published
            if is_new:
                self._published = found
                self._graphs = None
                self._forget()
        return is_new

    @property
    def published(self) -> Published | None:
        """The snapshot that `kg publish` put there, or None."""
        return self._published

    def summary(self) -> Summary:
        """Return what the whole dataset has; takes a few queries that read all of it.

        Raises:
            KgError: The endpoint does not answer.
        """
        found = self._published
        rows = self._rows(
            f"SELECT ?c (COUNT(DISTINCT ?s) AS ?n) {{ ?s <{RDF}type> ?c }} GROUP BY ?c"
        )
        classes = {c.value: _number(n) for c, n in rows if isinstance(c, ox.NamedNode)}
        if found is None:
            [[triples]] = self._rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        return Summary(
            found.snapshot if found else "",
            found.version if found else "",
            found.triples if found else _number(triples),
            dict(self._counts()),
            dict(sorted(classes.items())),
        )

    def named_graphs(self) -> Iterator[ox.NamedNode]:
        """Give the named graphs of the dataset, by IRI; raises as `quads_for_pattern`."""
        return (ox.NamedNode(graph) for graph in self._counts())

    def prefetch(self, iris: Iterable[str]) -> None:
        """Fetch what is said about some things, and what points at them.

        Raises:
            KgError: The endpoint does not answer.
        """
        nodes: list[Subject] = [ox.NamedNode(iri) for iri in iris]
        for node in nodes:
            self._point_at(node)
        self._fetch(nodes)

    def quads_for_pattern(
        self,
        subject: Subject | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: Term | None,
        graph_name: GraphName | None = None,
    ) -> Iterator[ox.Quad]:
        """Give the statements that fit, like the method of `pyoxigraph.Store`.

        Args:
            subject: None for any.
            predicate: None for any.
            object: None for any.
            graph_name: `DefaultGraph()` for the default graph only; None for it and all named
                graphs.

        Raises:
            KgError: The endpoint does not answer.
        """
        if isinstance(subject, ox.Triple):
            return iter(())
        pattern = (subject, predicate, object, graph_name)
        known = self._known(subject, object)
        if known is None:
            return self._streamed(pattern)
        return (quad for quad in known if _fits(quad, pattern))

    def quads_in_order(
        self,
        subject: Subject | ox.Triple | None,
        predicate: ox.NamedNode | None,
        object: Term | None,
        graph_name: GraphName | None = None,
    ) -> Iterator[ox.Quad]:
        """Give what `quads_for_pattern` does, each time in the same order, to be cut into pages.

        SPARQL 1.1 Query, section 15.4: parts of an answer are of use only where it is ordered. The
        endpoint has to sort all that fits, unless that is little. It is the order of a snapshot in
        memory (`kg.snapshot.load`), where the endpoint compares texts by code points.

        Raises:
            KgError: The endpoint does not answer.
        """
        if isinstance(subject, ox.Triple):
            return iter(())
        pattern = (subject, predicate, object, graph_name)
        known = self._known(subject, object)
        if known is None:
            return self._in_lines(pattern)
        return iter(sorted((quad for quad in known if _fits(quad, pattern)), key=_line_order))

    def _known(self, subject: Subject | None, value: Term | None) -> tuple[ox.Quad, ...] | None:
        """Return all said of a subject, or pointing at a thing; None where that is too much."""
        if subject is not None:
            with self._lock:
                known = self._subjects.get(subject)
            return self._fetch([subject])[subject] if known is None else known
        if isinstance(value, ox.NamedNode | ox.BlankNode):
            return self._point_at(value)
        return None

    def _point_at(self, node: Subject) -> tuple[ox.Quad, ...] | None:
        with self._lock:
            if node in self._incoming:
                self._incoming.move_to_end(node)
                return self._incoming[node]
            age = self._age
        where = f"?s ?p {_sparql(without_blank(node, self.base))}"
        text = f"SELECT ?s ?p ?g {self._anywhere(where)} LIMIT {MOST_INCOMING + 1}"
        rows = self._rows(text)
        quads = {quad for s, p, g in rows if (quad := self._quad(s, p, node, g)) is not None}
        whole = tuple(quads) if len(rows) <= MOST_INCOMING else None
        with self._lock:
            if age == self._age and node not in self._incoming:
                self._incoming[node] = whole
                self._size += len(whole or ())
                self._mention(whole or ())
                self._drop()
        return whole

    def _fetch(self, wanted: list[Subject]) -> dict[Subject, tuple[ox.Quad, ...]]:
        """Fetch all that is said about some subjects, and about others that were mentioned.

        Two threads may fetch the same; neither waits for the other.
        """
        with self._lock:
            subjects = self._with_mentioned(wanted)
            age = self._age
        found: dict[Subject, set[ox.Quad]] = {node: set() for node in subjects}
        for start in range(0, len(subjects), BATCH):
            batch = subjects[start : start + BATCH]
            values = " ".join(_sparql(without_blank(node, self.base)) for node in batch)
            text = self._anywhere("?s ?p ?o", f"VALUES ?s {{ {values} }} ")
            for s, p, o, g in self._rows(f"SELECT ?s ?p ?o ?g {text}"):
                quad = self._quad(s, p, o, g)
                if quad is not None:
                    found[cast(Subject, quad.subject)].add(quad)
        fetched = {node: tuple(quads) for node, quads in found.items()}
        with self._lock:
            if age == self._age:
                self._keep(fetched)
        return fetched

    def _with_mentioned(self, wanted: list[Subject]) -> list[Subject]:
        subjects = dict.fromkeys(wanted)
        while self._mentioned and len(subjects) < BATCH:
            node, _ = self._mentioned.popitem()
            if node not in self._subjects:
                subjects[node] = None
        return list(subjects)

    def _keep(self, fetched: dict[Subject, tuple[ox.Quad, ...]]) -> None:
        for node, quads in fetched.items():
            if node not in self._subjects:
                self._subjects[node] = quads
                self._size += len(quads) + 1
            self._mention(quads)
        self._drop()

    def _mention(self, quads: Iterable[ox.Quad]) -> None:
        """Remember what a page that reads these statements is going to ask for."""
        for quad in quads:
            for node in (quad.subject, quad.predicate, quad.object, quad.graph_name):
                if isinstance(node, ox.NamedNode | ox.BlankNode) and node not in self._subjects:
                    self._mentioned[node] = None
        while len(self._mentioned) > self._kept:
            self._mentioned.popitem(last=False)

    def _drop(self) -> None:
        """Forget what was fetched first, when there is too much; what was just fetched stays."""
        while self._size > self._kept and len(self._subjects) > 2 * BATCH:
            _, quads = self._subjects.popitem(last=False)
            self._size -= len(quads) + 1
        while self._size > self._kept and len(self._incoming) > 1:
            _, incoming = self._incoming.popitem(last=False)
            self._size -= len(incoming or ())

    def _forget(self) -> None:
        self._subjects.clear()
        self._incoming.clear()
        self._mentioned.clear()
        self._size = 0
        self._age += 1

    def _in_lines(self, pattern: Pattern) -> Iterator[ox.Quad]:
        """Give what fits in the order of canonical lines, those with blank nodes first.

        The endpoint sorts by subject and property. Their values are sorted here: ORDER BY says
        nothing about two texts in two languages, or two spellings of a value (SPARQL 1.1, 15.1).
        """
        genid = f'"{skolem_prefix(self.base)}"'
        subject, predicate, value, _ = pattern
        open_ = [name for name, term in (("s", subject), ("o", value)) if term is None]
        blank = [f"STRSTARTS(STR(?{name}), {genid})" for name in open_]
        keys = [f"(!({' || '.join(blank)}))"] if blank else []
        if subject is None:
            label = f'CONCAT("_:", STRAFTER(STR(?s), {genid}))'
            keys.append(f'(IF({blank[0]}, {label}, CONCAT("<", STR(?s), ">")))')
        if predicate is None:
            keys.append('(CONCAT("<", STR(?p), ">"))')
        found = self._streamed(pattern, f" ORDER BY {' '.join(keys)}" if keys else "")
        for _, quads in groupby(found, key=lambda quad: (quad.subject, quad.predicate)):
            yield from sorted(quads, key=_line_order)

    def _streamed(self, pattern: Pattern, order: str = "") -> Iterator[ox.Quad]:
        """Give what fits as it comes; nothing is kept, and who stops early ends the request."""
        subject, predicate, value, graph = pattern
        terms = [
            f"?{name}" if term is None else _sparql(without_blank(term, self.base))
            for name, term in zip("spo", (subject, predicate, value), strict=True)
        ]
        where = " ".join(terms)
        match graph:
            case None:
                text = self._anywhere(where)
            case ox.NamedNode():
                text = f"{{ GRAPH {graph} {{ {where} }} }}"
            case _:
                text = f"{{ {where} }}"
        for s, p, o, g in self._stream(f"SELECT ?s ?p ?o ?g {text}{order}"):
            held = graph if graph is not None else g
            quad = self._quad(subject or s, predicate or p, value or o, cast(Any, held))
            if quad is not None:
                yield quad

    def _anywhere(self, where: str, first: str = "") -> str:
        """Return a group for a pattern in the default graph, ?g unbound, or in a named one."""
        return f"{{ {first}{{ {where} }} UNION {{ GRAPH ?g {{ {where} }} }} }}"

    def _quad(
        self, subject: Any, predicate: Any, value: Any, graph: GraphName | Term | None
    ) -> ox.Quad | None:
        """Return a row as a statement; None where it is in a graph that is not of the dataset."""
        if graph is None or isinstance(graph, ox.DefaultGraph):
            name = ox.DefaultGraph()
        elif isinstance(graph, ox.NamedNode) and graph.value in self._counts():
            name = cast(Any, graph)
        else:
            return None
        return ox.Quad(
            cast(Any, blank_again(subject, self.base)),
            predicate,
            cast(Any, blank_again(value, self.base)),
            name,
        )

    def _counts(self) -> dict[str, int]:
        """Return the named graphs with the number of their statements, by IRI."""
        if self._published is not None:
            return self._published.graphs
        if self._graphs is None:
            rows = self._rows("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
            counts = {g.value: _number(n) for g, n in rows if isinstance(g, ox.NamedNode)}
            counts.pop(published_graph(self.base), None)
            self._graphs = dict(sorted(counts.items()))
        return self._graphs

    def _rows(self, text: str) -> list[Row]:
        return list(self._stream(text))

    def _stream(self, text: str) -> Iterator[Row]:
        self.requests += 1
        found = self._published
        if found is None or found.default_graph is None:
            return self._endpoint.select(text)
        return self._endpoint.select(text, [found.default_graph], list(found.graphs))


def _fits(quad: ox.Quad, pattern: tuple[object, object, object, object]) -> bool:
    parts = (quad.subject, quad.predicate, quad.object, quad.graph_name)
    return all(asked is None or asked == part for asked, part in zip(pattern, parts, strict=True))


def _line_order(quad: ox.Quad) -> tuple[bool, str]:
    nodes = (quad.subject, quad.object)
    return not any(isinstance(node, ox.BlankNode) for node in nodes), str(quad)


def _sparql(term: Term) -> str:
    if isinstance(term, ox.Triple):
        raise DataError(f"{term}: a statement cannot be looked up in a store elsewhere")
    return str(term)


def _number(term: Term | None) -> int:
    return int(term.value) if isinstance(term, ox.Literal) else 0
