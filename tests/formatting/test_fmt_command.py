"""`kg fmt`, run as people run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

KG = str(Path(sys.executable).with_name("kg"))

LOOSE = "PREFIX c: <https://example.org/>\nc:riga a c:City; # one\n c:near c:ogre."
RIGHT = "PREFIX c: <https://example.org/>\n\nc:riga\n    a c:City ; # one\n    c:near c:ogre .\n"
FAULTY = "PREFIX c: <https://example.org/>\nc:riga a c:City ;\n    c:near Ogre .\n"


def fmt(
    *arguments: str | Path, cwd: Path, given: bytes = b"", root: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [KG, "fmt", *map(str, arguments)],
        env=os.environ | ({"KG_ROOT": str(root)} if root else {}),
        cwd=cwd,
        input=given,
        capture_output=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file to be formatted, one that is, one with a fault and one of text."""
    (tmp_path / "loose.ttl").write_text(LOOSE)
    (tmp_path / "right.ttl").write_text(RIGHT)
    (tmp_path / "faulty.ttl").write_text(FAULTY)
    (tmp_path / "notes.txt").write_text("a  b")
    return tmp_path


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_bytes().decode(errors="replace") for path in folder.iterdir()}


def test_files_are_formatted_and_named(folder: Path) -> None:
    before = (folder / "right.ttl").stat()
    done = fmt("loose.ttl", "right.ttl", cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"loose.ttl: formatted\n")
    assert done.stderr == b"2 files, 1 formatted\n"
    assert held(folder)["loose.ttl"] == RIGHT
    after = (folder / "right.ttl").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_with_a_fault_is_left_as_it_is_and_the_others_are_done(folder: Path) -> None:
    (folder / "latin.ttl").write_bytes("# Rīga\n".encode("iso8859-13"))
    done = fmt(".", cwd=folder)
    assert (done.returncode, done.stdout) == (1, b"loose.ttl: formatted\n")
    faults = done.stderr.decode().splitlines()
    assert faults[0].startswith("faulty.ttl:3:12: ")
    assert faults[1].startswith("latin.ttl:1:4: byte 0xEE is not UTF-8")
    assert faults[2:] == ["4 files, 1 formatted"]
    assert held(folder)["faulty.ttl"] == FAULTY
    assert held(folder)["loose.ttl"] == held(folder)["right.ttl"] == RIGHT


def test_check_writes_nothing_lists_the_files_and_exits_1(folder: Path) -> None:
    before = held(folder)
    done = fmt("--check", "loose.ttl", "right.ttl", cwd=folder)
    assert done.returncode == 1
    assert done.stdout == b"loose.ttl: is not formatted; run: kg fmt\n"
    assert done.stderr == b"2 files, 1 to be formatted\n"
    assert held(folder) == before
    done = fmt("--check", "right.ttl", cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"")


def test_diff_writes_nothing_and_shows_what_would_change(folder: Path) -> None:
    before = held(folder)
    done = fmt("--diff", "loose.ttl", "right.ttl", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.decode() == (
        "--- loose.ttl\n+++ loose.ttl\n@@ -1,3 +1,5 @@\n"
        " PREFIX c: <https://example.org/>\n"
        "-c:riga a c:City; # one\n"
        "- c:near c:ogre.\n"
        "\\ No newline at end of file\n"
        "+\n+c:riga\n+    a c:City ; # one\n+    c:near c:ogre .\n"
    )
    assert held(folder) == before
    both = fmt("--check", "--diff", "loose.ttl", cwd=folder)
    assert (both.returncode, both.stdout) == (1, done.stdout)


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    for given in (LOOSE, RIGHT, "\ufeff" + LOOSE.replace("\n", "\r\n")):
        done = fmt("-", cwd=tmp_path, given=given.encode())
        assert (done.returncode, done.stdout, done.stderr) == (0, RIGHT.encode(), b"")
    done = fmt("-", cwd=tmp_path, given=FAULTY.encode())
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"<standard input>:3:12: ")
    done = fmt("--check", "-", cwd=tmp_path, given=LOOSE.encode())
    assert done.returncode == 1
    assert done.stdout == b"<standard input>: is not formatted; run: kg fmt\n"


def test_a_comment_about_a_line_that_is_now_several_is_named(folder: Path) -> None:
    (folder / "loose.ttl").write_text(LOOSE + " c:ogre a c:City. # kg: ignore PLC01 -- a reason\n")
    done = fmt("loose.ttl", cwd=folder)
    assert done.returncode == 0
    assert done.stderr.startswith(b"loose.ttl:8: what this comment is about is now on several")


def test_missing_files_and_folders_are_faults_of_the_call(folder: Path) -> None:
    (folder / "empty").mkdir()
    before = (folder / "loose.ttl").read_text()
    for missing in ("no.ttl", "empty"):
        done = fmt("loose.ttl", missing, cwd=folder)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.startswith(f"kg: {missing}: no ".encode())
    assert (folder / "loose.ttl").read_text() == before


def test_without_paths_the_files_of_the_dataset_are_formatted(root: Path, tmp_path: Path) -> None:
    for part in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(root / part, tmp_path / part)
    name = "data/registry/city/lv.ttl"
    for place in (tmp_path / name, tmp_path / "shapes" / "x.ttl", tmp_path / "queries" / "x.ttl"):
        place.write_text(LOOSE)
    done = fmt(cwd=tmp_path, root=tmp_path)
    assert done.returncode == 0
    assert {f"{name}: formatted", "shapes/x.ttl: formatted"} <= set(
        done.stdout.decode().splitlines()
    )
    assert (tmp_path / name).read_text() == RIGHT
    assert (tmp_path / "queries" / "x.ttl").read_text() == LOOSE
    again = fmt("--check", cwd=tmp_path / "data", root=tmp_path)
    assert (again.returncode, again.stdout) == (0, b"")
