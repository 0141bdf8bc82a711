"""Turn the raw results of `run.py` into tables in Markdown and plots.

    uv sync --group bench
    python benchmarks/report.py results.json --out report/

Every table says how many queries and rounds it stands on; ratios are made of medians of one run.
"""

import argparse
import importlib
import json
import statistics
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from run import FORMAT, medians

BASES: Final = ("oxigraph-disk", "oxigraph-memory", "virtuoso", "fuseki-memory", "rdflib")
NONE: Final = "–"


def alike(results: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return the medians of answers that agree with the first engine's and are not empty.

    A ratio of the times of two different answers, or of no work, would say nothing.
    """
    answers = results["answers"]
    return {
        query: {
            name: ms
            for name, ms in found.items()
            if answers[name][query].get("rows") and not answers[name][query].get("differs")
        }
        for query, found in medians(results).items()
    }


def ratio(times: dict[str, dict[str, float]], one: str, base: str) -> tuple[float, int] | None:
    """Return the geometric mean of the ratios of two engines, and of how many queries.

    None where there is no query that both answered.
    """
    both = [found[one] / found[base] for found in times.values() if one in found and base in found]
    return (statistics.geometric_mean(both), len(both)) if both else None


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a table in Markdown, with all but the first column to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(value: float | None) -> str:
    """Return a figure with three digits that count."""
    if value is None:
        return NONE
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def report(results: dict[str, Any]) -> str:
    """Return the report in Markdown, without its plots."""
    parts = [_head(results), _engines(results), _answers(results)]
    if "latency" in results:
        parts += [_ratios(results), _latency(results)]
    for name, part in (
        ("throughput", _throughput),
        ("repeat", _repeat),
        ("hostile", _hostile),
    ):
        if results.get(name):
            parts.append(part(results))
    return "\n".join(parts)


def _head(results: dict[str, Any]) -> str:
    machine, data = results["machine"], results["data"]
    missing = "".join(f"- left out: {name}: {why}\n" for name, why in results["missing"].items())
    return (
        f"# {data['file']}, {results['begun']}\n\n"
        f"- data: {data['quads']:,} quads, {data['statements']:,} statements in the default graph, "
        f"{data['cities']:,} cities, seed {data['seed']}\n"
        f"- machine: {machine['processors']} × {machine['processor']}, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['system']}\n"
        f"- load average before {results['load_before']:.1f}, "
        f"after {number(results.get('load_after'))}\n"
        f"- limit for a query: {results['limit_seconds']:g} s\n{missing}"
    )


def _engines(results: dict[str, Any]) -> str:
    rows = (
        [
            name,
            facts["version"],
            number(facts["load_seconds"]),
            number(facts["memory_bytes"] / 2**20 if "memory_bytes" in facts else None),
        ]
        for name, facts in results["engines"].items()
    )
    return "## Engines\n\n" + table(["engine", "version", "load s", "memory MiB"], rows)


def _answers(results: dict[str, Any]) -> str:
    lines = [
        f"- {name}, {query}: {seen.get('problem') or 'differs ' + seen['differs']}"
        for name, found in results["answers"].items()
        for query, seen in found.items()
        if seen.get("problem") or seen.get("differs")
    ]
    lines += [
        f"- {name}, {query}: an empty answer, which is in no ratio"
        for name, found in results["answers"].items()
        for query, seen in found.items()
        if seen.get("rows") == 0
    ]
    lines += [
        f"- {name}: {len(wrong)} look-ups of the check answered otherwise, such as {wrong[0]}"
        for name, wrong in results.get("lookups_differ", {}).items()
        if wrong
    ]
    lines += [
        f"- {name}, {query}: {len(times['problems'])} times without an answer while measured: "
        f"{times['problems'][0]}"
        for part in ("latency", "repeat")
        for query, found in results.get(part, {}).items()
        for name, times in found.items()
        if times["problems"]
    ]
    return "## Answers that differ or are missing\n\n" + ("\n".join(lines) or "None.") + "\n"


def _ratios(results: dict[str, Any]) -> str:
    times, names = alike(results), list(results["engines"])
    bases = [base for base in BASES if base in names]
    rows = []
    for name in names:
        cells = [ratio(times, name, base) for base in bases]
        rows.append([name, *(f"{c[0]:.2f} ({c[1]})" if c else NONE for c in cells)])
    return (
        "## Latency, ratio of geometric means\n\n"
        "Below 1 is faster than the engine at the head of the column. In brackets the number of "
        "queries that both answered, alike and with at least one row.\n\n"
        + table(["engine", *(f"× {base}" for base in bases)], rows)
    )


def _latency(results: dict[str, Any]) -> str:
    names, found = list(results["engines"]), medians(results)
    rounds = max(len(t["ms"]) for by in results["latency"].values() for t in by.values())
    rows = []
    for query, by_engine in found.items():
        cells = []
        for name in names:
            mark = " *" if results["answers"][name][query].get("differs") else ""
            cells.append(number(by_engine.get(name)) + mark)
        rows.append([query, *cells])
    return (
        f"## Latency, one client, median of {rounds} rounds, milliseconds\n\n"
        "\\* the answer differs, see above; – no answer within the limit, or a failure.\n\n"
        + table(["query", *names], rows)
    )


def rates(results: dict[str, Any]) -> dict[str, float]:
    """Return the median number of look-ups in a second by engine."""
    return {
        name: statistics.median(load["requests"] / load["seconds"] for load in loads)
        for name, loads in results["throughput"].items()
    }


def _throughput(results: dict[str, Any]) -> str:
    rate = rates(results)
    base = rate.get("oxigraph-memory")
    rows = []
    for name, loads in results["throughput"].items():
        asked = [load for load in loads if load["requests"]]
        rows.append(
            [
                name,
                number(rate[name]),
                number(rate[name] / base if base else None),
                number(statistics.median(load["p50"] for load in loads)),
                number(statistics.median(load["p99"] for load in loads)),
                number(statistics.median(1000 * x["cpu"] / x["requests"] for x in asked)),
                number(statistics.median(x["bytes"] / x["requests"] for x in asked)),
                f"{sum(load['failures'] for load in loads):.0f}",
            ]
        )
    client = next(iter(results["throughput"].values()))[0]["client"]
    head = ["engine", "requests/s", "× oxigraph-memory", "p50 ms", "p99 ms"]
    head += ["server CPU ms/request", "bytes/request", "failures"]
    return f"## Look-ups of many entities, 16 clients ({client})\n\n" + table(head, rows)


def _repeat(results: dict[str, Any]) -> str:
    rows = []
    for query, by_engine in results["repeat"].items():
        for name, seen in by_engine.items():
            tagged = statistics.median(seen["tagged_ms"]) if seen["tagged_ms"] else None
            status = ", ".join(str(code) for code in seen["tagged_status"])
            again = statistics.median(seen["ms"]) if seen["ms"] else None
            rows.append([f"{query}, {name}", number(again), number(tagged), status or NONE])
    head = ["query, engine", "again ms", "with its tag ms", "status"]
    return "## The same query again, by GET\n\n" + table(head, rows)


def _hostile(results: dict[str, Any]) -> str:
    parts = ["## Eight hostile queries at once\n"]
    for name, seen in results["hostile"].items():
        quiet = statistics.median(seen["quiet_ms"])
        parts.append(f"### {name}\n")
        looks = [
            [
                label,
                str(len(times)),
                number(statistics.median(times) if times else None),
                number(max(times) if times else None),
                number(statistics.median(times) / quiet if times else None),
            ]
            for label, times in (
                ("quiet", seen["quiet_ms"]),
                ("attacked", seen["attacked_ms"]),
                ("after", seen["later_ms"]),
            )
        ]
        parts.append(table(["look-ups", "number", "median ms", "worst ms", "× quiet"], looks))
        before, after = seen["before"], seen["after"]
        parts.append(
            f"Look-ups that failed under the attack: {seen['attacked_failures']}. Memory "
            f"{before['memory_bytes'] / 2**20:.0f} MiB before, {seen['peak_bytes'] / 2**20:.0f} at "
            f"the peak, {after['memory_bytes'] / 2**20:.0f} after "
            f"({after['memory_bytes'] / before['memory_bytes']:.2f} ×); processes "
            f"{before['processes']} before, {after['processes']} after.\n"
        )
        fates = [
            [
                fate["query"],
                number(fate["seconds"]),
                str(fate["status"]),
                f"{fate['size']:,}",
                fate["end"],
            ]
            for fate in seen["fates"]
        ]
        parts.append(table(["hostile query", "seconds", "status", "bytes", "end"], fates))
    return "\n".join(parts)


def plots(results: dict[str, Any], folder: Path) -> list[str]:
    """Draw the plots, each as PNG and SVG, and return their names without the suffix."""
    # By name, because only the dependency group `bench` has it and the tables do without.
    mpl = importlib.import_module("matplotlib")
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "citypledge"  # the same results give the same file
    plt = importlib.import_module("matplotlib.pyplot")

    drawn = []
    if "latency" in results:
        times, names = medians(results), list(results["engines"])
        figure, axes = plt.subplots(figsize=(9, 7), layout="constrained")
        for place, name in enumerate(names):
            shown = [(row, by[name]) for row, by in enumerate(times.values()) if name in by]
            axes.plot(
                [ms for _, ms in shown],
                [row for row, _ in shown],
                "oshDv^<>"[place % 8],
                label=name,
                markersize=6,
                alpha=0.8,
            )
        axes.set_yticks(range(len(times)), list(times))
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlabel("median latency in milliseconds, logarithmic")
        axes.set_title(f"{results['data']['quads']:,} quads, one client")
        axes.grid(visible=True, axis="x", alpha=0.3)
        axes.legend(fontsize="small", loc="lower right")
        drawn.append(_save(figure, folder, "latency"))
    if results.get("throughput"):
        rate = rates(results)
        figure, axes = plt.subplots(figsize=(9, 3.5), layout="constrained")
        bars = axes.barh(list(rate), list(rate.values()))
        axes.bar_label(bars, fmt="{:,.0f}", padding=3)
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlabel("look-ups in a second, 16 clients, logarithmic")
        axes.margins(x=0.1)
        drawn.append(_save(figure, folder, "throughput"))
    return drawn


def _save(figure: Any, folder: Path, name: str) -> str:
    figure.savefig(folder / f"{name}.png", dpi=120)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    return name


def main() -> None:
    """Read raw results and write the report."""
    parser = argparse.ArgumentParser(description="Make tables and plots of measured results.")
    parser.add_argument("results", type=Path, help="what run.py has written")
    parser.add_argument("--out", type=Path, required=True, help="a folder, made where it is not")
    given = parser.parse_args()
    results = json.loads(given.results.read_text(encoding="utf-8"))
    if results.get("format") != FORMAT:
        sys.exit(
            f"{given.results}: its format is {results.get('format')!r}, expected {FORMAT}; "
            "measure again with the run.py that stands beside this report.py"
        )
    given.out.mkdir(parents=True, exist_ok=True)
    text = report(results)
    for name in plots(results, given.out):
        text += f"\n![{name}]({name}.svg)\n"
    (given.out / "report.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
