"""`kg match`, run as people run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KG = str(Path(sys.executable).with_name("kg"))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A folder with one import, of which one row is open."""
    prefixes = (
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix mun: <https://w3id.org/citypledge/id/municipality/> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    )
    files = {
        "ontology/a.ttl": "",
        "ontology/lists/a.ttl": "",
        "shapes/a.ttl": "",
        "queries/a.ttl": "",
        "data/registry/municipality/xx.ttl": "mun:xx-a a cpo:Municipality ;"
        ' skos:prefLabel "Alfabeta"@en .',
        "data/imports/towns/towns.ttl": "mun:towns-7 a cpo:Municipality ;"
        ' skos:prefLabel "Alfabeto"@mul ; skos:closeMatch mun:xx-a .',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{prefixes}{text}\n")
    return tmp_path


def kg_match(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command does."""
    return subprocess.run(
        [KG, "match", *arguments],
        env=os.environ | {"KG_ROOT": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_open_rows_are_listed_and_one_is_decided(dataset: Path) -> None:
    shown = kg_match(dataset, "towns")
    assert (shown.returncode, shown.stderr) == (
        0,
        "towns: 1 open, 0 of them decided since the last import\n",
    )
    assert shown.stdout.startswith("row 7: Alfabeto")
    decided = kg_match(dataset, "towns", "7", "none", "--why", "another town")
    assert decided.returncode == 0
    lines = (dataset / "data/imports/towns/matches.csv").read_text().splitlines()
    assert lines[1].startswith("7,Alfabeto,none,curator,")
    assert lines[1].endswith(",another town")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("cities",), "no import of that name; there are towns"),
        (("towns", "7"), "a decision needs the thing, or none, and --why TEXT"),
        (("towns", "7", "mun:xx-a"), "a decision needs the thing, or none, and --why TEXT"),
        (("towns", "7", "mun:xx-b", "--why", "x"), "nothing of that IRI in the dataset"),
    ],
)
def test_a_call_that_is_at_fault_exits_with_2_and_one_line(
    dataset: Path, arguments: tuple[str, ...], reason: str
) -> None:
    done = kg_match(dataset, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("kg: ") and reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (dataset / "data/imports/towns/matches.csv").exists()
