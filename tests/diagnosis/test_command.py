"""`kg diagnose`, as people run it, and the example in docs/diagnosis.md."""

import json
import subprocess
import sys
from pathlib import Path

from kg.diagnosis.words import SENTENCES
from kg.snapshot import Snapshot

QUERY = "PREFIX cpo: <https://w3id.org/citypledge/ont#>\nSELECT * { ?c a cpo:%s }"


def run(
    root: Path, snapshot: Snapshot, *arguments: str | Path, sent: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    workspace = snapshot.folder.parent.parent
    places = ["--root", str(root), "--workspace", str(workspace)]
    command = [str(Path(sys.executable).with_name("kg")), "diagnose", *places]
    command += [str(each) for each in arguments]
    return subprocess.run(command, input=sent, capture_output=True, check=False)


def test_the_example_of_the_page_is_what_is_printed(root: Path, built: Snapshot) -> None:
    page = (root / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    _, _, example = page.partition("$ kg diagnose - <<'END'\n")
    query, _, rest = example.partition("END\n")
    printed, _, _ = rest.partition("```")
    done = run(root, built, "-", sent=query.encode())
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode() == printed


def test_the_page_explains_every_code(root: Path) -> None:
    page = (root / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    assert [code for code in SENTENCES if f"`{code}`" not in page] == []


def test_a_query_with_an_answer_exits_with_0_and_an_empty_one_with_1(
    root: Path, built: Snapshot, tmp_path: Path
) -> None:
    file = tmp_path / "query.rq"
    file.write_text(QUERY % "City", encoding="utf-8")
    done = run(root, built, file)
    assert (done.returncode, done.stdout) == (0, b"The answer is not empty.\n")

    file.write_text(QUERY % "Citty", encoding="utf-8")
    done = run(root, built, file, "--format", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["query"] == QUERY % "City"


def test_what_is_no_query_exits_with_2_and_one_line(root: Path, built: Snapshot) -> None:
    for sent in (b"SELECT * {\n ?s ?p }", b"\xff", b"ASK { SERVICE <http://e.example/> { } }"):
        done = run(root, built, "-", sent=sent)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(b"kg: ")
        assert done.stderr.count(b"\n") == 1
