"""Measure SPARQL servers side by side on the same data: one run, one file of raw results.

    python benchmarks/run.py --size s100k --out results.json oxigraph-memory oxigraph-disk virtuoso
    python benchmarks/run.py --data m1m.nq --out results.json --skip hostile citypledge fuseki-tdb2

The servers run at the same time and are asked in turn, so that whatever else the machine does
meets all of them. What counts are ratios within a run. `report.py` makes tables and plots.
"""

import argparse
import json
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from answers import Content, content
from clients import (
    HttpTarget,
    Mob,
    RdflibTarget,
    Reply,
    Target,
    hammer,
    load_client,
    machine,
)
from engines import SERVERS, Engine, EngineError, Rdflib, loaded
from generate import SIZES, generate

HERE: Final = Path(__file__).resolve().parent
OURS: Final = ("citypledge", "citypledge-uncached")
NAMES: Final = (*SERVERS, *OURS, "rdflib")
PHASES: Final = ("latency", "repeat", "throughput", "lookups_differ", "hostile")
FORMAT: Final = 1

LIMIT_SECONDS: Final = 30.0  # per query
HOSTILE_SECONDS: Final = 60.0
WARM_SECONDS: Final = 15.0  # per server; Java compiles what it has run often
CLIENTS: Final = 16
THROUGHPUT_SECONDS: Final = 3
REPEATS: Final = 20
LOOKUPS_CHECKED: Final = 200
LOOKUP: Final = "SELECT ?property ?value WHERE {{ <{iri}> ?property ?value }}"
REPEATED: Final = ("q01-lookup", "q02-both-networks", "q04-pledge-coverage", "q18-network-matrix")


@dataclass
class Running:
    """An engine that takes part in a run.

    Attributes:
        name: As on the command line.
        target: What is asked.
        server: None for rdflib, which is none.
        facts: What goes into the results: version, load time, memory.
        closing: Ends it.
    """

    name: str
    target: Target
    server: Engine | None
    facts: dict[str, Any]
    closing: ExitStack = field(repr=False)


@dataclass(frozen=True)
class Query:
    """A query of the mix, ready to be sent."""

    name: str
    text: str
    is_graph: bool


def queries(folder: Path, parameters: dict[str, str]) -> list[Query]:
    """Read the queries of a folder and put the IRIs of a dataset in the place of parameters.

    Args:
        folder: Holds `*.rq`; a parameter is an IRI such as `<parameter:city>`.
        parameters: IRI for each name, as `generate` writes it beside the data.

    Raises:
        KeyError: A query has a parameter that the dataset has no IRI for.
    """
    found = []
    for path in sorted(folder.glob("*.rq")):
        text = re.sub(
            r"<parameter:([a-z-]+)>",
            lambda match: f"<{parameters[match[1]]}>",
            path.read_text(encoding="utf-8"),
        )
        is_graph = re.search(r"^(CONSTRUCT|DESCRIBE)\b", text, re.MULTILINE) is not None
        found.append(Query(path.stem, text, is_graph))
    return found


def start(name: str, folder: Path, nquads: Path) -> Running:
    """Start an engine with the data loaded."""
    tell(f"{name}: starting and loading")
    with ExitStack() as stack:
        if name == "rdflib":
            library = Rdflib()
            facts = {"version": library.version, "load_seconds": library.load(nquads)}
            return Running(name, RdflibTarget(library), None, facts, stack.pop_all())
        engine, seconds = stack.enter_context(loaded(name, folder, nquads))
        facts = {
            "version": engine.version,
            "load_seconds": seconds,
            "memory_bytes": engine.memory(),
            "processes": len(engine.pids()),
        }
        return Running(name, HttpTarget(engine), engine, facts, stack.pop_all())


def tell(text: str) -> None:
    """Say on standard error what is being done."""
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {text}\n")
    sys.stderr.flush()


# --- Phases


def check(engine: Running, mix: list[Query], limit: float) -> tuple[dict[str, Any], bool]:
    """Ask each query once: what it answers, and whether any went over the limit.

    An engine of which a query went over the limit may still be busy with it, and has to be
    started anew before anything is measured.
    """
    found: dict[str, Any] = {}
    was_over = False
    for query in mix:
        reply = engine.target.ask(query.text, query.is_graph, limit)
        was_over |= reply.status == 0
        found[query.name] = _seen(reply, query)
    return found, was_over


def _seen(reply: Reply, query: Query) -> dict[str, Any]:
    seen: dict[str, Any] = {"first_ms": reply.seconds * 1000, "bytes": len(reply.body)}
    if reply.problem:
        return seen | {"problem": reply.problem}
    try:
        seen["content"] = content(reply.body, query.is_graph)
    except ValueError as error:
        return seen | {"problem": f"200, but the answer cannot be read: {error}"}
    return seen | {"rows": seen["content"].size}


def compare(checked: dict[str, dict[str, Any]], mix: list[Query]) -> None:
    """Put into each answer how it differs from that of the first engine that answered."""
    for query in mix:
        reference: Content | None = None
        of = ""
        for name, found in checked.items():
            seen = found[query.name]
            said = seen.pop("content", None)
            if said is None:
                continue
            if reference is None:
                reference, of = said, name
            difference = reference.difference(said)
            seen["differs"] = f"from {of}: {difference}" if difference else None


def warm(engines: list[Running], mix: list[Query], checked: dict[str, Any]) -> None:
    """Ask the mix of each server for `WARM_SECONDS`, so that none is measured cold.

    A query that took longer than a tenth of that time in the check is left out.
    """
    for engine in (engine for engine in engines if engine.server is not None):
        tell(f"warming: {engine.name}")
        quick = [
            query
            for query in mix
            if "problem" not in (seen := checked[engine.name][query.name])
            and seen["first_ms"] < WARM_SECONDS * 100
        ]
        end = time.monotonic() + WARM_SECONDS
        while quick and time.monotonic() < end:
            for query in quick:
                engine.target.ask(query.text, query.is_graph, LIMIT_SECONDS)


def latency(
    engines: list[Running], mix: list[Query], checked: dict[str, Any], rounds: int, limit: float
) -> dict[str, Any]:
    """Ask each query of each engine in turn, `rounds` times; milliseconds of each.

    A query that had no answer in the check is not asked of that engine again.
    """
    found: dict[str, Any] = {query.name: {} for query in mix}
    for number in range(rounds):
        tell(f"latency: round {number + 1} of {rounds}")
        for query in mix:
            # The order turns, so that nobody always follows the same neighbour.
            turn = number % len(engines)
            for engine in engines[turn:] + engines[:turn]:
                if "problem" in checked[engine.name][query.name]:
                    continue
                reply = engine.target.ask(query.text, query.is_graph, limit)
                times = found[query.name].setdefault(engine.name, {"ms": [], "problems": []})
                if problem := _wrong(reply, checked[engine.name][query.name]["bytes"]):
                    times["problems"].append(problem)
                else:
                    times["ms"].append(reply.seconds * 1000)
    return found


def _wrong(reply: Reply, size: int) -> str:
    """Say what is wrong with a reply that has to be as long as the one that was checked.

    An answer that is cut off would else be measured as a fast one.
    """
    if not reply.problem and len(reply.body) != size:
        return f"200, but {len(reply.body)} bytes for {size}"
    return reply.problem


def repeat(
    engines: list[Running], mix: list[Query], checked: dict[str, Any], limit: float
) -> dict[str, Any]:
    """Ask some queries again and again by GET, and with their entity tag where there is one."""
    found: dict[str, Any] = {}
    for query in (query for query in mix if query.name in REPEATED):
        for engine in engines:
            if not isinstance(engine.target, HttpTarget):
                continue
            asked = [engine.target.get(query.text, limit) for _ in range(REPEATS)]
            tag = asked[-1].etag
            tagged = [engine.target.get(query.text, limit, tag) for _ in range(REPEATS) if tag]
            size = checked[engine.name][query.name]["bytes"]
            problems = [problem for reply in asked if (problem := _wrong(reply, size))]
            found.setdefault(query.name, {})[engine.name] = {
                "ms": [reply.seconds * 1000 for reply in asked if not _wrong(reply, size)],
                "problems": problems,
                "tagged_ms": [reply.seconds * 1000 for reply in tagged],
                "tagged_status": sorted({reply.status for reply in tagged}),
            }
    return found


def throughput(engines: list[Running], lookups: list[str], rounds: int) -> dict[str, Any]:
    """Let many clients look up entities, all kinds of them, one engine after another."""
    client = load_client()
    texts = [LOOKUP.format(iri=iri) for iri in lookups]
    found: dict[str, Any] = {}
    for number in range(rounds + 1):
        for engine in engines:
            if engine.server is None:
                continue
            which = f"round {number} of {rounds}" if number else "warming"
            tell(f"throughput: {which}, {engine.name}")
            load = hammer(engine.server, texts, client, CLIENTS, THROUGHPUT_SECONDS)
            if number:
                found.setdefault(engine.name, []).append(asdict(load))
    return found


def lookups_differ(
    engines: list[Running], lookups: list[str], limit: float
) -> dict[str, list[str]]:
    """Find the look-ups that an engine answers otherwise than the first one, asked twice by GET.

    A server that gives fast but wrong bytes, for instance from a cache, is found out here. A
    value of a geometry is left out, because Virtuoso changes its digits.
    """
    texts = [LOOKUP.format(iri=iri) for iri in lookups[:: max(1, len(lookups) // LOOKUPS_CHECKED)]]
    said: dict[str, list[Content | str]] = {}
    for engine in engines:
        if isinstance(engine.target, HttpTarget):
            said[engine.name] = [_looked_up(engine.target, text, limit) for text in texts * 2]
    reference = next(iter(said.values()), [])
    return {
        name: [
            f"{text}: {other if isinstance(other, str) else f'{other.size} rows'}"
            for text, one, other in zip(texts * 2, reference, found, strict=True)
            if one != other
        ]
        for name, found in said.items()
    }


def _looked_up(target: HttpTarget, text: str, limit: float) -> Content | str:
    reply = target.get(text, limit)
    if reply.problem:
        return reply.problem
    try:
        said = content(reply.body, is_graph=False)
    except ValueError as error:
        return f"200, but the answer of {len(reply.body)} bytes cannot be read: {error}"
    rows = Counter({row: n for row, n in said.rows.items() if "locn#geometry" not in row[0]})
    return Content(rows, rows.total())


def hostile(engine: Running, lookups: list[str], parameters: dict[str, str]) -> dict[str, Any]:
    """Send all hostile queries at once and look up entities meanwhile.

    Returns:
        Look-ups in milliseconds while it was quiet, under the attack and after it, how each
        hostile query ended, and memory in bytes and number of processes before and after.
    """
    if engine.server is None:
        raise ValueError(f"{engine.name} is no server; the hostile phase is for servers")
    tell(f"hostile: {engine.name}")
    texts = iter([LOOKUP.format(iri=iri) for iri in lookups] * 100)
    mob_queries = {query.name: query.text for query in queries(HERE / "hostile", parameters)}
    quiet = _looks(engine, texts, 200)
    before = _footprint(engine.server)
    mob = Mob(engine.server, mob_queries, HOSTILE_SECONDS)
    attacked: list[Reply] = []
    peak = 0
    while mob.is_busy():
        attacked += _looks(engine, texts, 10)
        peak = max(peak, engine.server.memory())
        time.sleep(0.05)
    fates = mob.fates()
    time.sleep(3)  # ended workers are replaced meanwhile
    after = _footprint(engine.server)
    later = _looks(engine, texts, 200)
    return {
        "fates": [asdict(fate) for fate in fates],
        "quiet_ms": _answered(quiet),
        "attacked_ms": _answered(attacked),
        "later_ms": _answered(later),
        "attacked_problems": sorted({reply.problem for reply in attacked if reply.problem}),
        "attacked_failures": sum(1 for reply in attacked if reply.problem),
        "before": before,
        "peak_bytes": peak,
        "after": after,
    }


def _looks(engine: Running, texts: Iterator[str], number: int) -> list[Reply]:
    return [engine.target.ask(next(texts), False, LIMIT_SECONDS) for _ in range(number)]


def _answered(replies: list[Reply]) -> list[float]:
    return [reply.seconds * 1000 for reply in replies if not reply.problem]


def _footprint(server: Engine) -> dict[str, int]:
    return {"memory_bytes": server.memory(), "processes": len(server.pids())}


# --- A run


@dataclass
class Plan:
    """What to measure.

    Attributes:
        names: Engines, from `NAMES`, each once.
        nquads: The data; the summary of `generate` stands beside it.
        phases: From `PHASES`.
        rounds: Of latency, and of throughput.
        limit: Seconds that a query may take.
        attacked: Engines that get the hostile queries.
    """

    names: list[str]
    nquads: Path
    phases: set[str]
    rounds: int
    limit: float
    attacked: list[str]


def measure(plan: Plan, folder: Path, save: Callable[[dict[str, Any]], None]) -> None:
    """Start the engines and run the phases; the raw results are saved after each.

    An engine that cannot be had, or does not start or load, is left out; `missing` says why.
    """
    summary = json.loads(plan.nquads.with_suffix(".json").read_text(encoding="utf-8"))
    lookups, parameters = summary.pop("lookups"), summary["parameters"]
    mix = queries(HERE / "queries", parameters)
    results: dict[str, Any] = {
        "format": FORMAT,
        "begun": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "machine": machine(),
        "python": sys.version.split()[0],
        "load_before": os.getloadavg()[0],
        "data": {"file": plan.nquads.name, **summary},
        "limit_seconds": plan.limit,
    }
    with ExitStack() as stack:
        engines, checked, results["missing"] = _ready(plan, folder, mix, stack)
        compare(checked, mix)
        results["engines"] = {engine.name: engine.facts for engine in engines}
        results["answers"] = checked
        save(results)
        warm(engines, mix, checked)
        for phase, run in (
            ("latency", lambda: latency(engines, mix, checked, plan.rounds, plan.limit)),
            ("repeat", lambda: repeat(engines, mix, checked, plan.limit)),
            ("throughput", lambda: throughput(engines, lookups, plan.rounds)),
            ("lookups_differ", lambda: lookups_differ(engines, lookups, plan.limit)),
            ("hostile", lambda: _attack(engines, plan, lookups, parameters)),
        ):
            if phase in plan.phases:
                results[phase] = run()
                results["load_after"] = os.getloadavg()[0]
                save(results)


def _attack(
    engines: list[Running], plan: Plan, lookups: list[str], parameters: dict[str, str]
) -> dict[str, Any]:
    return {
        engine.name: hostile(engine, lookups, parameters)
        for engine in engines
        if engine.name in plan.attacked
    }


def _ready(
    plan: Plan, folder: Path, mix: list[Query], stack: ExitStack
) -> tuple[list[Running], dict[str, Any], dict[str, str]]:
    """Start each engine and check it; one that had a query over the limit is started again."""
    engines, checked, missing = [], {}, {}
    for name in plan.names:
        try:
            engine = start(name, folder / name, plan.nquads)
        except EngineError as error:
            tell(f"{name}: left out: {error}")
            missing[name] = str(error)
            continue
        keep = stack.enter_context(ExitStack())
        keep.push(engine.closing)
        tell(f"{name}: checking the answers")
        checked[name], was_over = check(engine, mix, plan.limit)
        if was_over and engine.server is not None:
            keep.close()
            engine = start(name, folder / f"{name}-again", plan.nquads)
            keep.push(engine.closing)
        engines.append(engine)
    return engines, checked, missing


def medians(results: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the median latency in milliseconds by query and engine, where there is one."""
    return {
        query: {
            name: statistics.median(times["ms"])
            for name, times in by_engine.items()
            if times["ms"] and not times["problems"]
        }
        for query, by_engine in results["latency"].items()
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Read the command line, measure, and write the raw results."""
    parser = argparse.ArgumentParser(description="Measure SPARQL servers side by side.")
    parser.add_argument("names", nargs="+", choices=NAMES, metavar="ENGINE", help=", ".join(NAMES))
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--size", choices=SIZES, help="make data of this size")
    data.add_argument("--data", type=Path, help="a file that generate.py has made")
    parser.add_argument("--out", type=Path, required=True, help="the file of results to write")
    parser.add_argument("--rounds", type=int, default=5, help="5 or more for figures to publish")
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="seconds per query")
    parser.add_argument("--skip", action="append", default=[], choices=PHASES)
    parser.add_argument(
        "--attack",
        action="append",
        default=[],
        choices=[*SERVERS, *OURS],
        help="who gets the hostile queries; citypledge where nobody is named",
    )
    given = parser.parse_args()
    # As on Ctrl-C: the blocks are left, so that servers and their data go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="citypledge-bench-") as name:
        folder = Path(name)
        nquads = given.data
        if nquads is None:
            nquads = folder / f"{given.size}.nq"
            tell(f"making {given.size}")
            generate(nquads, SIZES[given.size])
        plan = Plan(
            names=list(dict.fromkeys(given.names)),
            nquads=nquads,
            phases=set(PHASES) - set(given.skip),
            rounds=given.rounds,
            limit=given.limit,
            attacked=given.attack or list(OURS),
        )
        measure(
            plan,
            folder,
            lambda results: _write(given.out, json.dumps(results, indent=1) + "\n"),
        )
    tell(f"written: {given.out}")


if __name__ == "__main__":
    main()
