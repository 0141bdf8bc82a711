"""The same data and the same answers, whichever engine holds them: on real servers."""

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any, cast

import engines
import httpx
import pyoxigraph as ox
import pytest

from kg.description import describe
from kg.errors import UsageError
from kg.mediatypes import CSV, RESULTS_JSON, TURTLE
from kg.publish import PASSWORD, USER, Progress, publish
from kg.query.backend import QueryJob
from kg.query.evaluation import evaluate
from kg.query.remote_client import Endpoint
from kg.query.remote_probe import probe
from kg.query.remote_store import RemoteStore
from kg.snapshot import Snapshot, canonical, seal

SAMPLE = 50

# The questions that an engine answers otherwise, and why. Each has to differ, and no other may.
DIFFERENCES = {
    "oxigraph": {},
    "fuseki": {},
    "virtuoso": {
        "phase-lengths": "STR of a duration gives the number of months",
        "totals": "an OPTIONAL that is a sub-select finds nothing for some things",
    },
}
# Questions that a server does not answer within the time that it has.
UNANSWERED = {"oxigraph": set(), "fuseki": set(), "virtuoso": {"contested"}}
# What an engine does to values beyond keeping them: as `kg publish` reports it.
CHANGES = {
    "oxigraph": set(),
    "fuseki": set(),
    "virtuoso": {"xsd:duration: spelt otherwise"},
}
# Whether it has a default graph of its own, merges graphs, knows BNODE(); what DESCRIBE gives.
ABLE = {
    "oxigraph": ("own", False, True, "outgoing"),
    "fuseki": ("own", True, True, "outgoing"),
    "virtuoso": ("union", False, False, "both ways"),
}

Ask = Callable[..., list[bytes]]


# --- What is published


def test_every_graph_is_published_and_verified(server: Any, built: Snapshot) -> None:
    manifest = built.manifest
    assert server.report.snapshot == manifest.snapshot
    assert server.report.graphs == {"": manifest.triples, **manifest.graphs}
    verified = [step.graph for step in server.steps if step.step == "verified"]
    assert sorted(verified) == sorted(server.report.graphs)
    assert server.steps[-1].step == "complete"


def test_what_an_engine_does_to_values_is_what_is_documented(server: Any) -> None:
    assert set(server.report.changes) == CHANGES[server.name]


def test_the_graphs_that_come_back_are_those_of_the_snapshot(server: Any, built: Snapshot) -> None:
    with store_of(server) as store:
        summary = store.summary()
        shapes = ox.NamedNode(built.manifest.base + "graph/shapes")
        remote = canonical_hash(store.quads_for_pattern(None, None, None, shapes))
    local = canonical_hash(built.store().quads_for_pattern(None, None, None, shapes))
    assert remote == local, "the blank nodes of the shapes are blank nodes again"
    assert summary.snapshot == built.manifest.snapshot
    assert summary.version == built.manifest.version
    assert summary.triples == built.manifest.triples
    assert summary.graphs == built.manifest.graphs
    assert summary.classes == built.manifest.classes


def test_publishing_again_sends_nothing(server: Any, built: Snapshot) -> None:
    steps: list[Progress] = []
    report = publish(
        built,
        server.engine.gsp_url,
        query_url=server.engine.query_url,
        workspace=server.workspace,
        on_progress=steps.append,
    )
    assert report.parts_sent == 0
    assert (report.graphs, report.changes) == (server.report.graphs, server.report.changes)
    assert {step.step for step in steps} == {"kept", "complete"}


# --- What is answered


def test_every_question_has_the_same_answer(
    server: Any, ask: Callable[[str], Ask], root: Path, snapshot_store: ox.Store
) -> None:
    questions = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((root / "queries" / "questions").glob("*.rq"))
        if path.stem not in UNANSWERED[server.name]
    }
    jobs = [QueryJob(text, RESULTS_JSON.extension) for text in questions.values()]
    found = ask(server.engine.query_url)(*jobs)
    other = {
        name
        for (name, text), answer in zip(questions.items(), found, strict=True)
        if json.loads(answer)
        != json.loads(evaluate(snapshot_store, text, extension=RESULTS_JSON.extension))
    }
    assert other == set(DIFFERENCES[server.name])


def test_capabilities_are_those_documented(server: Any, built: Snapshot) -> None:
    endpoint = Endpoint(server.engine.query_url)
    able = probe(endpoint, built.manifest.base)
    endpoint.close()
    found = (able.default_graph, able.merges, able.bnode, able.describe)
    assert found == ABLE[server.name]
    assert able.row_cap is None
    assert able.published is not None
    assert able.published.snapshot == built.manifest.snapshot


def test_default_and_named_graphs_are_those_asked_for(
    server: Any, ask: Callable[[str], Ask], built: Snapshot
) -> None:
    links = built.manifest.base + "graph/links"
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    within = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    csv = CSV.extension
    plain, named, default, none, other, both = ask(server.engine.query_url)(
        QueryJob(count, csv),
        QueryJob(within, csv, named_graphs=(links,)),
        QueryJob(count, csv, default_graphs=(links,)),
        QueryJob(count, csv, named_graphs=(links,)),
        QueryJob(within, csv, default_graphs=(links,)),
        QueryJob(count.replace("{", f"FROM <{links}> {{", 1), csv),
    )
    assert plain == f"n\r\n{built.manifest.triples}\r\n".encode()
    assert named == default == both == f"n\r\n{built.manifest.graphs[links]}\r\n".encode()
    assert none == other == b"n\r\n0\r\n", "SPARQL 1.1 Protocol, 2.1.4: the rest of it is empty"


def test_a_graph_is_written_alike(
    server: Any, ask: Callable[[str], Ask], built: Snapshot, snapshot_store: ox.Store
) -> None:
    text = f"CONSTRUCT WHERE {{ GRAPH <{built.manifest.base}graph/links> {{ ?s ?p ?o }} }}"
    text = text.replace("CONSTRUCT WHERE", "CONSTRUCT { ?s ?p ?o } WHERE")
    [found] = ask(server.engine.query_url)(QueryJob(text, TURTLE.extension))
    expected = evaluate(snapshot_store, text, extension=TURTLE.extension)
    assert triples(found) == triples(expected)


# --- What pages show


def test_pages_show_the_same(server: Any, built: Snapshot, snapshot_store: ox.Store) -> None:
    base = built.manifest.base
    subjects = {
        quad.subject.value for quad in snapshot_store if isinstance(quad.subject, ox.NamedNode)
    }
    sample = random.Random(2027).sample(sorted(subjects), SAMPLE)
    with store_of(server) as store:
        for iri in [*sample, base + "ont#Network"]:
            remote = describe(cast(ox.Store, store), iri, base=base, languages=["en"])
            assert remote == describe(snapshot_store, iri, base=base, languages=["en"]), iri
        assert store.requests < 12 * SAMPLE


def test_a_page_that_was_fetched_ahead_asks_little(server: Any, built: Snapshot) -> None:
    base = built.manifest.base
    thing = base + "id/municipality/si-ljubljana"
    with store_of(server) as store:
        store.prefetch([thing])
        begun = store.requests
        describe(cast(ox.Store, store), thing, base=base)
        first = store.requests - begun
        describe(cast(ox.Store, store), thing, base=base)
        # Two of what it is called, then one or two for each of the things that it is tied to: the
        # claims about those, for the place in the source.
        assert first <= 15
        assert store.requests == begun + first, "the second time nothing is asked"


def test_what_is_kept_is_bounded(server: Any, built: Snapshot, snapshot_store: ox.Store) -> None:
    base = built.manifest.base
    with store_of(server, kept=1000) as store:
        for kind in ("Network", "Pledge"):
            node = ox.NamedNode(f"{base}ont#{kind}")
            describe(cast(ox.Store, store), node.value, base=base)
            thing = store.quads_for_pattern(None, None, node, ox.DefaultGraph())
            expected = snapshot_store.quads_for_pattern(None, None, node, ox.DefaultGraph())
            assert set(thing) == set(expected)


# --- Publishing that is ended, and what came before


KILLED = """
import os, signal, sys
from pathlib import Path
from kg.publish import publish
from kg.snapshot import open_snapshot

sent = []

def end_in_the_midst(progress):
    sent.append(progress.step)
    if sent.count("sent") == 3:
        os.kill(os.getpid(), signal.SIGKILL)

publish(
    open_snapshot(Path(sys.argv[1])), sys.argv[2], query_url=sys.argv[3],
    workspace=Path(sys.argv[4]), chunk_bytes=300_000, on_progress=end_in_the_midst,
)
"""


def test_a_publishing_that_was_killed_goes_on_where_it_stopped(
    start_server: Callable[[str], AbstractContextManager[engines.Engine]],
    five_built: Snapshot,
    tmp_path: Path,
) -> None:
    with start_server("oxigraph") as engine:
        assert engine.gsp_url is not None
        command = [sys.executable, "-c", KILLED, str(five_built.folder), engine.gsp_url]
        command += [engine.query_url, str(tmp_path)]
        killed = subprocess.run(command, check=False, env=os.environ)
        assert killed.returncode == -9
        assert probed(engine, five_built) is None, "nothing is complete"
        steps: list[Progress] = []
        report = publish(
            five_built,
            engine.gsp_url,
            workspace=tmp_path,
            chunk_bytes=300_000,
            on_progress=steps.append,
        )
        whole = parts_of(five_built, 300_000)
        assert report.parts_sent == whole - 3
        assert probed(engine, five_built) == five_built.manifest.snapshot


def test_what_a_store_has_lost_is_sent_again(
    start_server: Callable[[str], AbstractContextManager[engines.Engine]],
    five_built: Snapshot,
    tmp_path: Path,
) -> None:
    with start_server("oxigraph") as engine:
        assert engine.gsp_url is not None
        publish(five_built, engine.gsp_url, workspace=tmp_path)
        lost = five_built.manifest.base + "graph/links"
        httpx.delete(engine.gsp_url, params={"graph": lost}).raise_for_status()
        steps: list[Progress] = []
        publish(five_built, engine.gsp_url, workspace=tmp_path, on_progress=steps.append)
        assert [step.graph for step in steps if step.step == "sent"] == [lost]


def test_graphs_of_an_older_snapshot_are_removed(
    start_server: Callable[[str], AbstractContextManager[engines.Engine]],
    five_built: Snapshot,
    tmp_path: Path,
) -> None:
    base = five_built.manifest.base
    gone = base + "graph/links"
    newer = seal(
        tmp_path,
        canonical(quad for quad in five_built.store() if quad.graph_name != ox.NamedNode(gone)),
        version="2099.1",
        software="0",
        base=base,
        inputs={},
    )
    with start_server("oxigraph") as engine:
        assert engine.gsp_url is not None
        publish(five_built, engine.gsp_url, workspace=tmp_path)
        store = RemoteStore(engine.query_url)
        assert gone in store.summary().graphs
        report = publish(newer, engine.gsp_url, workspace=tmp_path)
        assert report.removed == (gone,)
        assert store.refresh(), "another snapshot is there"
        assert store.summary().version == "2099.1"
        assert gone not in {graph.value for graph in store.named_graphs()}
        store.close()


def test_the_right_to_write_comes_from_the_environment_where_a_store_wants_it(
    server: Any, built: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(USER, raising=False)
    monkeypatch.delenv(PASSWORD, raising=False)
    wanted = server.engine.credentials is not None
    with pytest.raises(UsageError, match=USER) if wanted else nullcontext():
        publish(
            built,
            server.engine.gsp_url,
            query_url=server.engine.query_url,
            workspace=server.workspace,
        )


def store_of(server: Any, **options: Any) -> Any:
    return closing(RemoteStore(server.engine.query_url, **options))


def probed(engine: engines.Engine, built: Snapshot) -> str | None:
    endpoint = Endpoint(engine.query_url)
    found = probe(endpoint, built.manifest.base).published
    endpoint.close()
    return found.snapshot if found else None


def parts_of(built: Snapshot, size: int) -> int:
    """Count the parts by hand: lines of each graph, filled up to a size."""
    held: dict[str, int] = {}
    parts: dict[str, int] = {}
    genid = len(f"<{built.manifest.base}.well-known/genid/>") - len("_:")
    for quad in ox.parse(built.nquads.read_bytes(), format=ox.RdfFormat.N_QUADS):
        graph = str(quad.graph_name)
        blank = [quad.subject, quad.object]
        longer = genid * sum(isinstance(node, ox.BlankNode) for node in blank)
        length = len(f"{quad.triple} .\n".encode()) + longer
        if graph not in parts or held[graph] + length > size:
            parts[graph] = parts.get(graph, 0) + 1
            held[graph] = 0
        held[graph] += length
    return sum(parts.values())


def triples(turtle: bytes) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}


def canonical_hash(quads: Any) -> str:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return hashlib.sha256("\n".join(sorted(map(str, dataset))).encode()).hexdigest()
