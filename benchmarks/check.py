"""Measure the check against its bars, all in one run: `kg check`, the engines alone, the parsers.

    python benchmarks/check.py --out docs/benchmarks.md

What counts are ratios of CPU time (of the process and its children, the least of some runs, with
the start of the interpreter) and of peak memory. Each measurement is a process of its own. Data are
those of `curated.py`, with the mistakes of `faults.py` put in for one more run, which has to find
exactly what is expected. The table takes the place of the section on the check in the file that
`--out` names.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from curated import SIZES, make
from faults import GRAPH_KINDS, SYNTAX_KINDS, Expected, inject

ROOT: Final = Path(__file__).resolve().parent.parent
SECTION: Final = "## The check against its bars"
_LIMIT: Final = 3_600.0  # seconds of CPU for one measurement
_READ: Final = """
from pathlib import Path
from kg import dataset as files
from kg.accepted import rulings
from kg.check import catalogue, crossfile, shapes
root = Path(sys.argv[1])
dataset = files.read(root)
texts = catalogue.shape_files(root)
"""
# What is measured besides commands: a program each, with the folder or file as its argument.
PREPARE: Final = (
    "import sys\n"
    + _READ
    + """
gathered = crossfile.Gathered(list(rulings(dataset)), {})
parts = [shapes.part_of(file, gathered.add(file)) for file in dataset.files]
Path(sys.argv[2]).write_bytes(b"\\n".join(parts))
"""
)
PYSHIFTY: Final = """
import sys
from pathlib import Path
from shifty._shifty import PreparedValidator
shapes = b"\\n".join(path.read_bytes() for path in sorted(Path(sys.argv[2]).glob("*.ttl")))
PreparedValidator(shapes, shapes_format="turtle").validate_w3c(
    Path(sys.argv[1]).read_bytes(),
    data_format="turtle", graph_mode="data", run_infer=False, on_unsupported="error",
)
"""
PYSHACL: Final = """
import sys
from pathlib import Path
import pyshacl, rdflib
data = rdflib.Graph().parse(sys.argv[1], format="turtle")
shapes = rdflib.Graph()
for path in sorted(Path(sys.argv[2]).glob("*.ttl")):
    shapes.parse(path, format="turtle")
pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
"""
PARSE_RDFLIB: Final = """
import sys, rdflib
for path in sys.argv[1:]:
    rdflib.Graph().parse(path, format="turtle")
"""
PARSE_KG: Final = """
import sys
from pathlib import Path
from kg import turtle
for path in sys.argv[1:]:
    turtle.read(Path(path).read_text("utf-8"))
"""
HOT_PATH: Final = """
import sys
from kg.cli import main
sys.argv[0] = "kg"
try:
    main()
except SystemExit:
    pass
print(sorted({name.partition(".")[0] for name in sys.modules} & {"rdflib", "pyshacl"}))
"""


@dataclass(frozen=True)
class Cost:
    """What one process took.

    Attributes:
        cpu: Seconds of CPU, its own and that of its children.
        memory: Peak of resident memory, in MiB.
        output: What it printed.
    """

    cpu: float
    memory: float
    output: str


@dataclass(frozen=True)
class Row:
    """A bar, and what was measured.

    Attributes:
        bar: What is compared, in words.
        measured: The ratio or the seconds.
        limit: What it may be at most.
        figures: What the ratio is made of.
    """

    bar: str
    measured: float
    limit: float
    figures: str

    @property
    def is_met(self) -> bool:
        """Whether it is at most what it may be."""
        return self.measured <= self.limit


def cost(command: list[str], *, times: int = 1) -> Cost:
    """Run a command some times and return the least CPU time and memory that it took.

    Raises:
        RuntimeError: It failed; 1 is no failure, because a check that finds something ends so.
    """
    found = [_once(command) for _ in range(times)]
    least = min(found, key=lambda each: each.cpu)
    return Cost(least.cpu, min(each.memory for each in found), least.output)


def _once(command: list[str], limit: float = _LIMIT) -> Cost:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - the commands are those of this file
            command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT
        )
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(limit), int(limit)))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode not in (0, 1, -signal.SIGKILL, -signal.SIGXCPU) or "Traceback" in said:
        raise RuntimeError(f"{' '.join(command[:4])}: {said[-800:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def _python(program: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", program, *map(str, arguments)]


def _kg(*arguments: object) -> list[str]:
    return [str(Path(sysconfig.get_path("scripts")) / "kg"), *map(str, arguments)]


class Bench:
    """The measurements of one run, in a folder that is thrown away."""

    def __init__(self, folder: Path, *, times: int, pyshacl: bool) -> None:
        self.folder = folder
        self.times = times
        self.pyshacl = pyshacl
        self.rows: list[Row] = []
        self.notes: list[str] = []

    def say(self, words: str) -> None:
        """Tell how far the run is."""
        sys.stderr.write(f"check: {words}\n")

    def of_size(self, size: str) -> None:
        """Measure what depends on the size of the data."""
        root, data = self.folder / size, self.folder / f"{size}.data.ttl"
        summary = make(root, SIZES[size])
        self.notes.append(
            f"{size}: {summary.statements:,} statements in {summary.files:,} files, the longest of "
            f"{summary.lines:,} lines"
        )
        _once(_python(PREPARE, root, data))
        times = self.times if size == "s100k" else max(1, self.times - 1)
        self.say(f"{size}: kg check")
        place = ("--root", root, "--workspace", self.folder / f"{size}.kg")
        whole = cost(_kg("check", *place, "--format", "concise"), times=times)
        if "0 errors, 0 warnings" not in whole.output:
            raise RuntimeError(f"{size}: a clean dataset has findings: {whole.output[:800]}")
        self.say(f"{size}: pyshifty alone")
        alone = cost(_python(PYSHIFTY, data, ROOT / "shapes"), times=times)
        self._ratio(f"full check, {size}, CPU of pyshifty alone", whole.cpu, alone.cpu, 1.2, "s")
        self._ratio(
            f"full check, {size}, memory of pyshifty alone", whole.memory, alone.memory, 1.0, "MiB"
        )
        if self.pyshacl and size == "s100k":
            self.say(f"{size}: pySHACL, which takes minutes")
            limit = 45 * whole.cpu
            reference = _once(_python(PYSHACL, data, ROOT / "shapes"), limit)
            if reference.cpu > 0.99 * limit:
                self.notes.append(f"{size}: pySHACL was ended after {reference.cpu:,.0f} s of CPU")
            bar = f"full check, {size}, CPU of pySHACL"
            self._ratio(bar, whole.cpu, reference.cpu, 1 / 30, "s")
        self._changed(root, size, whole, place)
        data.unlink()
        self._faults(size)

    def _changed(self, root: Path, size: str, whole: Cost, place: tuple[object, ...]) -> None:
        """Measure the check of one file that has changed, of about 200 statements."""
        changed = _kg("check", *place, "--changed", "--format", "concise")
        self.say(f"{size}: the first check of what has changed")
        first = cost(changed)
        self.notes.append(f"{size}: the first `kg check --changed` took {first.cpu:.1f} s of CPU")
        path = root / "data/sources/g-0.ttl"
        text = path.read_text(encoding="utf-8")
        found = []
        for number in range(max(3, self.times)):
            note = f'"Invented meeting 0.1, {number}"@en'
            path.write_text(text.replace('"Invented meeting 0.1"@en', note), encoding="utf-8")
            found.append(_once(changed))
        best = min(found, key=lambda each: each.cpu)
        path.write_text(text, encoding="utf-8")
        _once(changed)
        self._ratio(
            f"a changed file, {size}, CPU of the full check", best.cpu, whole.cpu, 1 / 40, "s"
        )
        self.rows.append(Row(f"a changed file, {size}, s of CPU", best.cpu, 1.0, ""))

    def _faults(self, size: str) -> None:
        """Note whether exactly the mistakes that were put in are found."""
        for name, kinds in (("shapes and text", GRAPH_KINDS), ("syntax", SYNTAX_KINDS)):
            self.say(f"{size}: known mistakes, {name}")
            root = self.folder / f"{size}.faults"
            make(root, SIZES[size])
            wanted = inject(root, kinds.items(), 1)
            said = _once(_kg("check", "--root", root, "--format", "json")).output
            missing, extra = differences(wanted, findings_of(said))
            shutil.rmtree(root)
            told = f"{size}, {name}: {len(kinds)} kinds of mistakes at {len(wanted)} places"
            self.notes.append(f"{told}, {len(missing)} not found, {len(extra)} found besides")
            self.rows.append(
                Row(f"{size}, {name}: mistakes missed or added", len(missing) + len(extra), 0.0, "")
            )

    def of_parsers(self) -> None:
        """Measure the reading of Turtle with places beside rdflib's without."""
        self.say("parsers")
        paths = sorted((self.folder / "s100k/data/sources").glob("*.ttl"))[:40]
        ours = cost(_python(PARSE_KG, *paths), times=self.times)
        theirs = cost(_python(PARSE_RDFLIB, *paths), times=self.times)
        self._ratio("Turtle with places, CPU of rdflib", ours.cpu, theirs.cpu, 0.5, "s")

    def of_start(self) -> None:
        """Measure the start, and look which modules the way of a check imports."""
        self.say("start")
        start = cost(_kg("--version"), times=5)
        self.rows.append(Row("`kg --version`, s of CPU", start.cpu, 0.2, ""))
        loaded = _once(_python(HOT_PATH, "check", "--root", self.folder / "s100k")).output
        heavy = len(json.loads(loaded.splitlines()[-1].replace("'", '"')))
        self.rows.append(Row("modules of rdflib and pySHACL that a check imports", heavy, 0.0, ""))

    def _ratio(self, bar: str, ours: float, theirs: float, limit: float, unit: str) -> None:
        figures = f"{ours:,.2f} / {theirs:,.2f} {unit}"
        self.rows.append(Row(bar, ours / theirs, limit, figures))
        self.say(f"{bar}: {ours / theirs:.3f} of at most {limit:.3f}")


def findings_of(said: str) -> list[Expected]:
    """Return the findings in what `kg check --format json` printed."""
    told = json.loads(said[said.index("[") : said.rindex("]") + 1])
    return [Expected(each["code"], each["path"], each["line"], each["column"]) for each in told]


def differences(
    wanted: Iterable[Expected], found: Iterable[Expected]
) -> tuple[list[Expected], list[Expected]]:
    """Return what is missing and what is there besides."""
    one, other = Counter(wanted), Counter(found)
    return sorted((one - other).elements()), sorted((other - one).elements())


def report(bench: Bench, load: tuple[float, float]) -> str:
    """Return the section of the documentation."""
    lines = [
        f"{SECTION}, {datetime.now(UTC):%d %B %Y}",
        "",
        "`benchmarks/check.py` measured this in one run: CPU time with the start of the",
        "interpreter, the least of some runs, and peak memory. Ratios are ours by theirs.",
        "",
        *(f"- {note}" for note in bench.notes),
        f"- machine: {os.cpu_count()} processors, Linux {platform.release()}; load average "
        f"before {load[0]:.1f}, after {load[1]:.1f}",
        "",
        "| bar | measured | at most | met | of |",
        "| --- | ---: | ---: | --- | --- |",
    ]
    for row in bench.rows:
        met = "yes" if row.is_met else "**no**"
        figures = (row.bar, f"{row.measured:.3g}", f"{row.limit:.3g}", met, row.figures)
        lines.append(f"| {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def put(section: str, path: Path) -> None:
    """Put the section into a file in place of the one of an earlier run, else at the end.

    What somebody has written below a heading of the third level in the section stays.
    """
    text = path.read_text(encoding="utf-8")
    old = re.compile(rf"^{re.escape(SECTION)}.*?(?=^#|\Z)", re.MULTILINE | re.DOTALL)
    if old.search(text):
        text = old.sub(lambda _: f"{section}\n", text, count=1)
    else:
        text = f"{text.rstrip()}\n\n{section}"
    path.write_text(text.rstrip() + "\n", encoding="utf-8")


def main() -> None:
    """Read the command line, measure, and write the section."""
    parser = argparse.ArgumentParser(description="Measure the check against its bars.")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["s100k", "m1m"])
    parser.add_argument("--times", type=int, default=3, help="runs of which the least counts")
    parser.add_argument("--without-pyshacl", action="store_true", help="leave out what takes long")
    parser.add_argument("--folder", type=Path, help="where the data are made; else a temporary one")
    parser.add_argument("--out", type=Path, help="the file that gets the section")
    given = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        bench = Bench(Path(name), times=given.times, pyshacl=not given.without_pyshacl)
        for size in given.sizes:
            bench.of_size(size)
        if "s100k" in given.sizes:
            bench.of_parsers()
            bench.of_start()
    section = report(bench, (before, os.getloadavg()[0]))
    sys.stdout.write(section)
    if given.out is not None:
        put(section, given.out)


if __name__ == "__main__":
    main()
