"""Loading a sealed snapshot into a store elsewhere, by the Graph Store HTTP Protocol.

Each graph is sent in parts of bounded size, the first with PUT, the others with POST; then it is
fetched back and compared. What was sent and what was found right is written down in the workspace,
so a publishing that was ended goes on where it stopped. Sending a part twice does no harm, because
blank nodes are sent as IRIs (`kg.query.remote_terms`).

Last of all the graph `<base>graph/published` is written: it names the snapshot and the number of
statements of each graph. While it does not, no snapshot is complete there. Readers see the graphs
change meanwhile: to change over in one step, publish to a second dataset of the store and have the
server take that one.

A graph is verified where it has the same number of statements and the same hash: the sum of the
SHA-256 of its canonical N-Triples lines, modulo 2**256, which is that of the sorted lines without
the sorting. Values are compared in their normal spelling, since most stores keep `24.0` as a number
and give `24` back. What a store does beyond that is compared line by line, and only the losses in
`LOSSES` are let pass; all changes are counted and reported.
"""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Final, Literal, cast
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox

from kg.errors import KgError, UsageError
from kg.namespaces import DCTERMS, shorten
from kg.query.backend import RemoteError
from kg.query.remote_client import Endpoint, Reader, cleaned, unreachable
from kg.query.remote_probe import IDENTIFIER, TOPIC, TRIPLES, VERSION, published
from kg.query.remote_terms import (
    SD_DEFAULT_GRAPH,
    accepted_graph,
    normal,
    published_graph,
    skolem_prefix,
)
from kg.scratch import Scratch
from kg.snapshot import Snapshot

CHUNK_BYTES: Final = 2_000_000
USER: Final = "KG_STORE_USER"
PASSWORD: Final = "KG_STORE_PASSWORD"  # noqa: S105 - the name of a variable
_DEFAULT: Final = ""  # stands for the default graph, in the record and in the split files
_MODULUS: Final = 1 << 256
_EXAMPLES: Final = 3
_SPLIT_BYTES: Final = 1 << 24  # of lines held in memory while a snapshot is split into graphs
_NT: Final = "application/n-triples"
_TERM: Final = r"<[^>]*>|_:\S+"
_LINE: Final = re.compile(
    rf'({_TERM}) (<[^>]*>) ({_TERM}|"(?:[^"\\]|\\.)*"(?:@\S+|\^\^<[^>]*>)?)(?: (<[^>]*>))? \.\n?'
)
_QUERY_PATHS: Final = (
    ("/sparql-graph-crud-auth", "/sparql"),
    ("/store", "/query"),
    ("/data", "/sparql"),
)
_PART: Final = DCTERMS + "hasPart"
_WKT: Final = "http://www.opengis.net/ont/geosparql#wktLiteral"
_GEOMETRY: Final = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
_INTEGER: Final = "http://www.w3.org/2001/XMLSchema#integer"
_DECIMAL: Final = "http://www.w3.org/2001/XMLSchema#decimal"
_NUMBER: Final = re.compile(r"-?\d+\.\d+")

Step = Literal["sent", "verified", "kept", "removed", "complete"]


class PublishError(KgError):
    """A snapshot is not, or not rightly, in the store it was to be published to."""


@dataclass(frozen=True)
class Progress:
    """What has just been done.

    Attributes:
        step: `sent` a part of a graph; `verified` a graph; `kept` a graph that an earlier attempt
            had verified; `removed` a graph of an older snapshot; `complete`.
        graph: IRI of the graph; empty for the default graph and for `complete`.
        done: Graphs that are verified so far.
        total: Graphs to be published.
    """

    step: Step
    graph: str
    done: int
    total: int


@dataclass(frozen=True)
class Report:
    """What was published.

    Attributes:
        snapshot: Hash of the snapshot.
        graphs: Number of statements by IRI; the default graph under the empty name.
        default_graph: IRI of the graph that holds the default graph; None for the store's own.
        changes: Number of values that the store spells otherwise or keeps with less precision, by
            what it does, such as `xsd:decimal: spelt otherwise`.
        removed: IRIs of the graphs that were removed.
        parts_sent: Requests that carried statements.
    """

    snapshot: str
    graphs: dict[str, int]
    default_graph: str | None
    changes: dict[str, int]
    removed: tuple[str, ...]
    parts_sent: int


@dataclass
class _Record:
    """How far a publishing has come; kept in the workspace."""

    store: str
    snapshot: str
    parts: dict[str, int] = field(default_factory=dict)
    verified: dict[str, dict[str, int]] = field(default_factory=dict)


def publish(
    snapshot: Snapshot,
    store_url: str,
    *,
    workspace: Path,
    query_url: str | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    timeout_s: float = 120.0,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Report:
    """Load a snapshot into a store and make sure that it is there.

    The name and the password for writing are taken from the environment variables `KG_STORE_USER`
    and `KG_STORE_PASSWORD`, and given as the store asks for them (basic or digest).

    Args:
        snapshot: What to publish.
        store_url: Where the store takes the Graph Store HTTP Protocol.
        workspace: Where the progress is written down.
        query_url: Of its SPARQL endpoint; worked out from `store_url` where that ends as in
            Oxigraph, Fuseki or Virtuoso.
        chunk_bytes: Most bytes of N-Triples in one request.
        timeout_s: Seconds without an answer after which it is given up.
        on_progress: Is told each step.

    Raises:
        UsageError: The address, or what the environment says, cannot be used.
        RemoteError: The store does not answer, or refuses.
        PublishError: What is there in the end is not the snapshot.
    """
    endpoint = Endpoint(query_url or query_url_of(store_url), timeout_s)
    store = _Store(store_url, timeout_s)
    try:
        return _Publishing(snapshot, store, endpoint, workspace, chunk_bytes, on_progress).run()
    finally:
        store.close()
        endpoint.close()


def query_url_of(store_url: str) -> str:
    """Return the address of the SPARQL endpoint that goes with one of the Graph Store Protocol.

    >>> query_url_of("http://localhost:3030/ds/data")
    'http://localhost:3030/ds/sparql'

    Raises:
        UsageError: The address is of no form that is known.
    """
    for ending, replacement in _QUERY_PATHS:
        if store_url.endswith(ending):
            return store_url.removesuffix(ending) + replacement
    raise UsageError(
        f"{store_url}: the address of its SPARQL endpoint cannot be told from this; give it with "
        "--query-url"
    )


class _Publishing:
    """One attempt."""

    def __init__(
        self,
        snapshot: Snapshot,
        store: "_Store",
        endpoint: Endpoint,
        workspace: Path,
        chunk_bytes: int,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._snapshot = snapshot
        self._base = snapshot.manifest.base
        self._marker = published_graph(self._base)
        self._store = store
        self._endpoint = endpoint
        self._chunk_bytes = chunk_bytes
        self._on_progress = on_progress
        self._parts_sent = 0
        self._default_graph: str | None = None
        self._there: set[str] = set()
        digest = hashlib.sha256(f"{store.url}\n{snapshot.manifest.snapshot}".encode()).hexdigest()
        self._folder = workspace / "publish"
        self._path = self._folder / f"{digest[:32]}.json"
        self._record = self._read_record()
        self._counts = {_DEFAULT: snapshot.manifest.triples, **snapshot.manifest.graphs}

    def run(self) -> Report:
        with self._split() as files:
            self._begin()
            self._forget_what_is_gone()
            for graph in self._counts:
                self._publish(graph, files[graph])
        removed = self._remove_others()
        self._store.put(self._marker, self._description())
        found = published(self._endpoint, self._base)
        if found is None or found.snapshot != self._snapshot.manifest.snapshot:
            raise PublishError(
                f"{self._endpoint.url}: does not show what was written to {self._store.url}; are "
                "both of the same dataset?"
            )
        self._tell("complete", "")
        changes: Counter[str] = Counter()
        for found_changes in self._record.verified.values():
            changes.update(found_changes)
        return Report(
            self._snapshot.manifest.snapshot,
            self._counts,
            self._default_graph,
            dict(sorted(changes.items())),
            removed,
            self._parts_sent,
        )

    def _publish(self, graph: str, file: Path) -> None:
        if graph in self._record.verified:
            self._tell("kept", graph)
            return
        resumed = self._record.parts.get(graph, 0)
        self._send(graph, file, resumed)
        check = self._compare(graph, file)
        if check.fault and resumed:  # what was sent before is not there any more
            self._send(graph, file, 0)
            check = self._compare(graph, file)
        if check.fault:
            self._record.parts.pop(graph, None)
            self._write_record()
            raise PublishError(
                f"{self._store.url}: {_name(graph)} is not what was sent: {check.fault}; nothing "
                "is marked as complete; publish again, or report it for this store"
            )
        self._record.verified[graph] = check.changes
        self._write_record()
        self._tell("verified", graph)

    def _send(self, graph: str, file: Path, sent: int) -> None:
        target = self._target(graph)
        for number, part in enumerate(_parts(file, self._chunk_bytes)):
            if number < sent:
                continue
            send = self._store.put if number == 0 else self._store.post
            send(target, part)
            self._parts_sent += 1
            self._record.parts[graph] = number + 1
            self._write_record()
            self._tell("sent", graph)

    def _compare(self, graph: str, file: Path) -> "Check":
        target = self._target(graph)

        def expected() -> Iterator[ox.Triple]:
            with file.open("rb") as lines:
                yield from _triples(lines)

        def found() -> Iterator[ox.Triple]:
            return self._store.get(target)

        return compare(expected, found)

    def _target(self, graph: str) -> str | None:
        return graph or self._default_graph

    def _begin(self) -> None:
        """Say that nothing is complete, and find out whether the store has a default graph.

        A statement of the marker that can be seen without naming its graph: the default graph is
        all named graphs together, so ours needs a graph of its own. The marker meanwhile lists the
        graphs that are there or may come, so that none of them is forgotten when this is ended.
        """
        self._there = self._listed()
        marker = ox.NamedNode(self._marker)
        parts = sorted({*self._there, *self._snapshot.manifest.graphs})
        triples = [ox.Triple(marker, ox.NamedNode(TOPIC), ox.NamedNode(f"{self._base}dataset"))]
        triples += [ox.Triple(marker, ox.NamedNode(_PART), ox.NamedNode(part)) for part in parts]
        self._store.put(self._marker, _lines(triples))
        if not self._endpoint.ask(f"ASK {{ GRAPH <{self._marker}> {{ ?s <{TOPIC}> ?o }} }}"):
            raise UsageError(
                f"{self._endpoint.url}: does not show what was written to {self._store.url}; are "
                "both of the same dataset?"
            )
        if self._endpoint.ask(f"ASK {{ <{self._marker}> <{TOPIC}> ?o }}"):
            self._default_graph = accepted_graph(self._base)

    def _forget_what_is_gone(self) -> None:
        """Take graphs off the record that no longer have the statements they were verified with."""
        for graph in list(self._record.verified):
            target = self._target(graph)
            pattern = "?s ?p ?o" if target is None else f"GRAPH <{target}> {{ ?s ?p ?o }}"
            [[count]] = self._endpoint.rows(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
            if not isinstance(count, ox.Literal) or int(count.value) != self._counts.get(graph):
                del self._record.verified[graph]
                self._record.parts.pop(graph, None)

    def _listed(self) -> set[str]:
        """Return the named graphs that the marker lists, complete or not."""
        rows = self._endpoint.rows(f"SELECT ?s ?p ?o {{ GRAPH <{self._marker}> {{ ?s ?p ?o }} }}")
        found: set[str] = set()
        for subject, predicate, value in rows:
            node = value if predicate == ox.NamedNode(_PART) else subject
            if predicate in (ox.NamedNode(_PART), ox.NamedNode(TRIPLES)) and isinstance(
                node, ox.NamedNode
            ):
                found.add(node.value)
        return found - {accepted_graph(self._base)}

    def _remove_others(self) -> tuple[str, ...]:
        """Remove the graphs of older snapshots; others that are not ours are left alone."""
        old = sorted(self._there - set(self._counts))
        for graph in old:
            self._store.delete(graph)
            self._tell("removed", graph)
        return tuple(old)

    def _description(self) -> bytes:
        manifest, marker = self._snapshot.manifest, ox.NamedNode(self._marker)
        values: list[tuple[str, ox.NamedNode | ox.Literal]] = [
            (IDENTIFIER, ox.Literal(manifest.snapshot)),
            (VERSION, ox.Literal(manifest.version)),
            (TOPIC, ox.NamedNode(f"{self._base}dataset")),
        ]
        if self._default_graph is not None:
            values.append((SD_DEFAULT_GRAPH, ox.NamedNode(self._default_graph)))
        triples = [ox.Triple(marker, ox.NamedNode(name), value) for name, value in values]
        for graph, count in self._counts.items():
            node = ox.NamedNode(graph or accepted_graph(self._base))
            number = ox.Literal(str(count), datatype=ox.NamedNode(_INTEGER))
            triples.append(ox.Triple(node, ox.NamedNode(TRIPLES), number))
        return _lines(triples)

    @contextmanager
    def _split(self) -> Iterator[dict[str, Path]]:
        """Give a file of N-Triples for each graph, for as long as the block runs."""
        with Scratch(self._folder) as folder:
            files = {graph: folder / f"{n}.nt" for n, graph in enumerate(self._counts)}
            for file in files.values():
                file.touch()
            split(self._snapshot.nquads, files, skolem_prefix(self._base))
            yield files

    def _read_record(self) -> _Record:
        new = _Record(self._store.url, self._snapshot.manifest.snapshot)
        if not self._path.exists():
            return new
        try:
            return _Record(**json.loads(self._path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"{self._path}: is no record of a publishing ({error}); remove the file, and all "
                "graphs are sent again"
            ) from None

    def _write_record(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(self._record), indent=1), encoding="utf-8")
        partial.replace(self._path)

    def _tell(self, step: Step, graph: str) -> None:
        done = len(self._record.verified)
        self._on_progress(Progress(step, graph, done, len(self._counts)))


def _lines(triples: Iterable[ox.Triple]) -> bytes:
    return "".join(f"{triple} .\n" for triple in triples).encode()


def split(nquads: Path, files: dict[str, Path], skolem: str) -> None:
    """Write the statements of each graph of a snapshot to a file of N-Triples.

    Args:
        nquads: Canonical N-Quads.
        files: Where to write each graph, by IRI; the default graph under the empty name.
        skolem: What the IRIs that stand for blank nodes begin with.

    Raises:
        PublishError: A line is not RDF 1.1, or names a graph that is not in `files`.
    """
    held: dict[str, list[str]] = {}
    size = 0
    with nquads.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            graph, statement = _cut(line, skolem) or (None, "")
            if graph not in files:
                raise PublishError(
                    f"{nquads}:{number}: no statement of RDF 1.1 in a graph of the manifest; "
                    "build the snapshot again with: kg build"
                )
            held.setdefault(graph, []).append(statement)
            size += len(statement)
            if size > _SPLIT_BYTES:
                _flush(held, files)
                size = 0
    _flush(held, files)


def _flush(held: dict[str, list[str]], files: dict[str, Path]) -> None:
    for graph, statements in held.items():
        with files[graph].open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(statements)
    held.clear()


def _cut(line: str, skolem: str) -> tuple[str, str] | None:
    """Return the graph of a line of N-Quads and the line without it; None for no such line."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    subject, predicate, value, graph = match.groups()
    if subject.startswith("_:"):
        subject = f"<{skolem}{subject[2:]}>"
    if value.startswith("_:"):
        value = f"<{skolem}{value[2:]}>"
    return (graph or "<>")[1:-1], f"{subject} {predicate} {value} .\n"


def _parts(file: Path, size: int) -> Iterator[bytes]:
    """Give the lines of a file in parts of at most `size` bytes, or one line; at least one part."""
    part: list[bytes] = []
    held = 0
    with file.open("rb") as lines:
        for line in lines:
            if part and held + len(line) > size:
                yield b"".join(part)
                part, held = [], 0
            part.append(line)
            held += len(line)
    yield b"".join(part)


def _triples(source: IO[bytes]) -> Iterator[ox.Triple]:
    for quad in ox.parse(source, format=ox.RdfFormat.N_TRIPLES):
        yield quad.triple


@dataclass(frozen=True)
class Check:
    """What a comparison found.

    Attributes:
        fault: What is wrong, in words; empty where the graphs are the same.
        changes: Number of values that were changed without harm, by what was done to them.
    """

    fault: str
    changes: dict[str, int]


@dataclass
class _Sum:
    """Number and hash of the statements of a graph, and those with a value of another spelling.

    Attributes:
        spelt: Spelling of each value that is not in its normal spelling, by the normal statement.
    """

    count: int = 0
    value: int = 0
    spelt: dict[str, ox.Literal] = field(default_factory=dict)

    def add(self, triple: ox.Triple) -> None:
        line = _normal_line(triple)
        self.count += 1
        self.value = (
            self.value + int.from_bytes(hashlib.sha256(line.encode()).digest())
        ) % _MODULUS
        if isinstance(triple.object, ox.Literal) and normal(triple.object) != triple.object:
            self.spelt[line] = triple.object


def _normal_line(triple: ox.Triple) -> str:
    return f"{triple.subject} {triple.predicate} {normal(triple.object)} ."


def compare(
    expected: Callable[[], Iterable[ox.Triple]], found: Callable[[], Iterable[ox.Triple]]
) -> Check:
    """Compare the statements that were sent with those that are there.

    Args:
        expected: Gives what was sent; called a second time where the two differ, and then held in
            memory.
        found: Gives what is there; likewise.
    """
    sums = _Sum(), _Sum()
    for total, triples in zip(sums, (expected(), found()), strict=True):
        for triple in triples:
            total.add(triple)
    sent, there = sums
    changes = Counter(
        f"{_kind(sent.spelt.get(line) or there.spelt[line])}: spelt otherwise"
        for line in {*sent.spelt, *there.spelt}
        if sent.spelt.get(line) != there.spelt.get(line)
    )
    if (sent.count, sent.value) == (there.count, there.value):
        return Check("", dict(changes))
    fault, losses = _differences(expected(), found())
    return Check(fault, dict(changes + losses))


def _kind(literal: ox.Literal) -> str:
    return "language tag" if literal.language else shorten(literal.datatype.value)


def _differences(
    expected: Iterable[ox.Triple], found: Iterable[ox.Triple]
) -> tuple[str, Counter[str]]:
    """Return what differs in words, nothing where all of it is a known loss, and these losses."""
    missing = {_normal_line(triple): triple for triple in expected}
    extra = {}
    for triple in found:
        if missing.pop(line := _normal_line(triple), None) is None:
            extra[line] = triple
    losses: Counter[str] = Counter()
    for name, lose in LOSSES.items():
        blurred = {_blurred(triple, lose): line for line, triple in extra.items()}
        for line, triple in list(missing.items()):
            kept = blurred.pop(_blurred(triple, lose), None)
            if kept is not None:
                losses[name] += 1
                del missing[line], extra[kept]
    examples = [f"lacks {line}" for line in sorted(missing)[:_EXAMPLES]]
    examples += [f"has {line}" for line in sorted(extra)[:_EXAMPLES]]
    if not examples:
        return "", losses
    return f"{len(missing)} missing, {len(extra)} too many: {'; '.join(examples)}", losses


def _rough_point(literal: ox.Literal) -> str | None:
    """Return a geometry with five decimals, which is a metre; Virtuoso keeps it in four bytes."""
    if literal.datatype.value not in (_WKT, _GEOMETRY):
        return None
    return _NUMBER.sub(lambda match: f"{float(match[0]):.5f}", literal.value)


def _rough_number(literal: ox.Literal) -> str | None:
    """Return a number with fourteen digits; Virtuoso keeps large and fine ones to fifteen."""
    if literal.datatype.value not in (_INTEGER, _DECIMAL):
        return None
    try:
        return f"{float(literal.value):.13e}"
    except ValueError:  # no number, whatever its datatype says
        return None


# What a store may do to a value without failing the comparison; each case is reported.
LOSSES: Final[dict[str, Callable[[ox.Literal], str | None]]] = {
    "geo:wktLiteral: kept as a geometry of its own kind, to about a metre": _rough_point,
    "xsd:decimal or xsd:integer: kept to 14 digits": _rough_number,
}


def _blurred(triple: ox.Triple, lose: Callable[[ox.Literal], str | None]) -> object:
    value = lose(triple.object) if isinstance(triple.object, ox.Literal) else None
    return triple.subject, triple.predicate, triple.object if value is None else value


def _name(graph: str) -> str:
    return f"<{graph}>" if graph else "the default graph"


class _Store:
    """A store that takes the Graph Store HTTP Protocol. A graph that is None is its own default."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise UsageError(
                f"the address of the store holds a name or a password, which every list of "
                f"processes shows; put them into {USER} and {PASSWORD}"
            )
        self.url = url
        auth = credentials(url)
        self._client = httpx.Client(
            timeout=timeout_s, auth=auth, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        self._client.close()

    def put(self, graph: str | None, data: bytes) -> None:
        self._send("PUT", graph, data)

    def post(self, graph: str | None, data: bytes) -> None:
        self._send("POST", graph, data)

    def delete(self, graph: str | None) -> None:
        self._send("DELETE", graph, None)

    def get(self, graph: str | None) -> Generator[ox.Triple]:
        """Give the statements of a graph as they come; none where it is not there."""
        headers = {"Accept": _NT}
        try:
            with self._client.stream("GET", self._at(graph), headers=headers) as response:
                if response.status_code == httpx.codes.NOT_FOUND:
                    return
                if response.status_code != httpx.codes.OK:
                    raise self._refused(response, "GET", response.read())
                yield from _triples(cast("IO[bytes]", Reader(response.iter_bytes())))
        except httpx.HTTPError as error:
            raise unreachable(self.url, error) from error
        except SyntaxError as error:
            raise RemoteError(
                f"{self.url}: {_name(graph or '')} comes back as no N-Triples ({error}); is this "
                "the address of a Graph Store?"
            ) from error

    def _send(self, method: str, graph: str | None, data: bytes | None) -> None:
        headers = {} if data is None else {"Content-Type": _NT}
        try:
            answer = self._client.request(method, self._at(graph), content=data, headers=headers)
        except httpx.HTTPError as error:
            raise unreachable(self.url, error) from error
        if not answer.is_success:
            raise self._refused(answer, method, answer.content)

    def _at(self, graph: str | None) -> httpx.URL:
        name = {"default": ""} if graph is None else {"graph": graph}
        return httpx.URL(self.url).copy_merge_params(name)

    def _refused(self, answer: httpx.Response, method: str, body: bytes) -> KgError:
        status, words = answer.status_code, cleaned(body)
        said = f": {words}" if words else ""
        if status in (401, 403):
            return UsageError(
                f"{self.url}: {method} is refused ({status}){said}; put a name and a password that "
                f"may write there into {USER} and {PASSWORD}"
            )
        remedy = "is this the address of its Graph Store, and does it allow writing?"
        return RemoteError(f"{self.url}: {method} failed with status {status}{said}; {remedy}")


def credentials(url: str) -> httpx.Auth | None:
    """Return what the environment says about who writes, or None where it says nothing.

    Raises:
        UsageError: Only one of the two variables is set.
    """
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if user is None and password is None:
        return None
    if user is None or password is None:
        raise UsageError(f"{url}: set both {USER} and {PASSWORD}, or neither")
    return _Asked(user, password)


class _Asked(httpx.Auth):
    """Gives name and password in the way that the store asks for."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password
        self._way: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if self._way is None:
            answer = yield request
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                return
            self._way = self._choose(request.url, answer.headers.get("www-authenticate", ""))
        yield from self._way.auth_flow(request)

    def _choose(self, url: httpx.URL, asked: str) -> httpx.Auth:
        if asked.strip().lower().startswith("digest"):
            return httpx.DigestAuth(self._user, self._password)
        if url.scheme == "http" and url.host not in ("127.0.0.1", "::1", "localhost"):
            raise UsageError(
                f"{url.host}: asks for the password in clear over http; publish over https"
            )
        return httpx.BasicAuth(self._user, self._password)
