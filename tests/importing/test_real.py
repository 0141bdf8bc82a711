"""The three datasets themselves, where they are beside the project; they are not part of it."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from kg import contact

_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "datasets"
COVENANT = _FOLDER / "covenant-of-mayors-signatories-2024.xlsx"
TRACKER = _FOLDER / "net-zero-tracker-2022-12-20.xlsx"
URBACT = (_FOLDER / "urbact-1-3-networks.csv", _FOLDER / "urbact-1-3-memberships.csv")

# A process begins with the peak memory of the one that started it, so a small one stands between.
MEASURE = """
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = used.ru_utime + used.ru_stime
print(json.dumps({"seconds": seconds, "kibibytes": used.ru_maxrss}), flush=True)
sys.exit(code)
"""

pytestmark = pytest.mark.skipif(
    not COVENANT.exists(),
    reason="the datasets are not in ../shared/datasets, and are not committed",
)


def told(workshop, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in workshop.report(name).splitlines()]


def sums(workshop, name: str) -> tuple[int, int, int]:
    rows = json.loads((workshop.folder(name) / "state.json").read_text())["rows"]
    numbers = [int(word) for word in rows.split(";")[0].split() if word.isdigit()]
    return numbers[0], numbers[1], numbers[2]


def test_all_signatories_of_the_covenant_are_accounted_for_within_the_bounds(workshop):
    """The bounds of the project: less than 60 s of processor time, less than 500 MB."""
    kg = str(Path(sys.executable).with_name("kg"))
    importing = [kg, "import", "covenant-of-mayors", str(COVENANT), "--root", str(workshop.root)]
    done = subprocess.run(
        [sys.executable, "-S", "-c", MEASURE, *importing],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    used = json.loads(done.stdout.splitlines()[-1])
    read, imported, reported = sums(workshop, "covenant-of-mayors")
    assert read == 11_973  # rows of the sheet, without its header
    assert imported + reported == read
    assert reported == sum(each["what"] == "row" for each in told(workshop, "covenant-of-mayors"))
    assert reported < 120  # one in a hundred
    assert used["seconds"] < 60
    assert used["kibibytes"] < 500_000

    text = workshop.text("covenant-of-mayors")
    # 8,406 rows say True in the column for 2020, 4,493 in that for 2030, 1,363 in that for 2050.
    signed = Counter(line for line in text.splitlines() if "cpo:signs pledge:" in line)
    for year, number in ((2020, 8_406), (2030, 4_493), (2050, 1_363)):
        written = next(n for line, n in signed.items() if f"mayors-{year}" in line)
        assert number - reported <= written <= number
    assert "cpo:participationStatus v:participation-suspended" in text
    literals = set(re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    assert not any(map(contact.is_in, literals))
    with closing(openpyxl.load_workbook(COVENANT, read_only=True)) as book:
        rows = book["1"].iter_rows(values_only=True)
        at = next(rows).index("mayor")
        people = {str(row[at]) for row in rows} - {"-"}
    assert not literals & people  # not even where a row has one as the name of its body
    assert "foaf:Person" not in text

    before_bytes = {p.name: p.read_bytes() for p in workshop.folder("covenant-of-mayors").iterdir()}
    again = workshop.run("covenant-of-mayors", COVENANT)
    assert "nothing has changed" in again.stderr
    after_bytes = {p.name: p.read_bytes() for p in workshop.folder("covenant-of-mayors").iterdir()}
    assert after_bytes == before_bytes


def test_of_the_net_zero_tracker_only_cities_go_in(workshop):
    done = workshop.run("net-zero-tracker", TRACKER)
    assert done.exit_code == 0, done.exception
    read, imported, reported = sums(workshop, "net-zero-tracker")
    assert read == 4_089 and imported + reported == read
    left = [each for each in told(workshop, "net-zero-tracker") if each["kind"] == "left out"]
    assert len(left) == 4_089 - 1_177  # the file has 1,177 cities
    text = workshop.text("net-zero-tracker")
    assert "No climate target" not in text  # a sentence of the column of notes
    # Of the cities with a status of the target 136 say "Net zero" and 5 "Zero emissions".
    last = [block for block in text.split("\n\n") if block.partition("\n")[0].endswith("-end")]
    found = sum("cpo:outcome v:net-zero" in block for block in last)
    assert 141 - (reported - len(left)) <= found <= 141


def test_suburbs_that_the_urbact_tables_fold_into_core_cities_are_not_asserted(workshop, root):
    for kind in ("programme", "edition"):
        shutil.copytree(root / "data/registry" / kind, workshop.root / "data/registry" / kind)
    done = workshop.run("urbact-1-3", *URBACT)
    assert done.exit_code == 0, done.exception
    read, imported, reported = sums(workshop, "urbact-1-3")
    assert read == 172 + 1_510 and imported + reported == read
    text = workshop.text("urbact-1-3")
    for suburb in ("wolverhampton", "salford", "tarxien"):  # with the numbers of other cities
        block = next(b for b in text.split("\n\n") if re.match(rf"mun:urb-\d+-{suburb}\n", b))
        assert "wgs:lat" not in block  # the position is that of the core city
        assert 'dcterms:identifier "' in block
    assert "The dataset states no licence." in text
