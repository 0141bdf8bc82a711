"""From a table to a decided match: import, check, list, build, serve, decide, import again."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from click.testing import CliRunner

from kg.check import run as checking
from kg.cli import kg
from kg.findings import stops

ROWS = """\
id,name,country,joined
1,Vilnius,LT,2001
2,Klajpeda,LT,2004
3,Nida,LT,2011
"""
MEANT = "https://w3id.org/citypledge/id/municipality/lt-klaipeda-city"


def is_clean(root: Path) -> bool:
    """Whether nothing is wrong with what was imported."""
    report = checking.check_dataset(root)
    return not stops([f for f in report.findings if "imports" in str(f.path)])


@contextmanager
def served(root: Path, workspace: Path) -> Iterator[str]:
    """The address at which a build of the dataset is served."""
    command = [str(Path(sys.executable).with_name("kg")), "serve", "--port", "0"]
    server = subprocess.Popen(
        [*command, "--root", str(root), "--workspace", str(workspace)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        lines = iter(server.stderr.readline, "")
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)
        yield next(match[0] for match in found if match)
    finally:
        server.terminate()
        server.wait(60)
        server.stderr.close()


def test_a_doubtful_row_goes_in_is_listed_and_served_and_a_decision_moves_it(workshop, tmp_path):
    done = workshop.members(ROWS)
    assert "3 rows read = 3 imported + 0 reported; 1 imported with an open match" in done.stderr
    assert is_clean(workshop.root)

    listed = CliRunner().invoke(kg, ["match", "members", "--root", str(workshop.root)])
    assert "row 2: Klajpeda" in listed.stdout
    assert "mun:lt-klaipeda-city" in listed.stdout
    assert "row 1" not in listed.stdout and "row 3" not in listed.stdout

    with served(workshop.root, tmp_path / "workspace") as address:
        shown = httpx.get(f"{address}/candidates.json", timeout=60).json()
    (row,) = shown["rows"]
    assert (row["dataset"], row["row"]) == ("members", "2")
    assert [candidate["iri"] for candidate in row["candidates"]] == [MEANT]

    said = ["match", "members", "2", "mun:lt-klaipeda-city", "--why", "another spelling"]
    decided = CliRunner().invoke(kg, [*said, "--root", str(workshop.root)])
    assert decided.exit_code == 0, decided.exception
    again = workshop.members(ROWS)  # the same file: what is new is the decision
    assert "3 rows read = 3 imported + 0 reported\n" in again.stderr
    text = workshop.text()
    assert "cpo:participant mun:lt-klaipeda-city" in text
    assert "demo-2" not in text and "closeMatch" not in text
    retired = (workshop.folder() / "retired.ttl").read_text()
    block = retired.split("mun:demo-2\n")[1].split("\n\n")[0]
    assert "v:retired-merged" in block
    assert "dcterms:isReplacedBy mun:lt-klaipeda-city" in block
    assert is_clean(workshop.root)
    listed = CliRunner().invoke(kg, ["match", "members", "--root", str(workshop.root)])
    assert listed.stdout == ""


def test_two_bodies_of_one_name_may_stand_side_by_side_while_open_and_when_told_apart(workshop):
    """DUP01 holds one name in one country to be one body, unless it is open or decided."""
    registry = workshop.root / "data/registry/municipality/all.ttl"
    registry.write_text(
        registry.read_text().replace('"Vilnius City Municipality"@en', '"Wilno"@mul')
        + 'mun:lt-wilno a cpo:Municipality ; skos:prefLabel "Wilno"@lt ; cpo:country cc:LTU .\n'
    )
    rows = "id,name,country,joined\n5,Wilno,LT,\n"
    done = workshop.members(rows)
    assert "1 imported with an open match" in done.stderr
    assert is_clean(workshop.root)
    said = ["match", "members", "5", "none", "--why", "a village of the name"]
    CliRunner().invoke(kg, [*said, "--root", str(workshop.root)])
    workshop.members(rows)
    assert "closeMatch" not in workshop.text()
    assert "owl:differentFrom mun:lt-vilnius-city" in workshop.text()
    assert is_clean(workshop.root)
