"""What a check does where files, folders or its memory are not as they should be."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.check import incremental, run
from kg.errors import DataError, MissingFileError

SHAPE = """\
@prefix cps: <https://w3id.org/citypledge/shapes#> .
@prefix e: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
cps:TRY01 a sh:NodeShape ; rdfs:label "one"@en ; sh:message "TRY01: one"@en ;
  sh:targetClass e:T ; sh:pattern "^http://example.org/[a-z]$" .
"""


@pytest.fixture
def dataset(root: Path, tmp_path: Path) -> Path:
    """A dataset with one rule and one file."""
    folder = tmp_path / "dataset"
    shutil.copytree(root / "ontology", folder / "ontology")
    for name in ("queries", "shapes", "data/registry/thing"):
        (folder / name).mkdir(parents=True)
    (folder / "shapes" / "try.ttl").write_text(SHAPE, encoding="utf-8")
    thing(folder).write_text("<http://example.org/x> a <http://example.org/T> .\n")
    return folder


def thing(dataset: Path) -> Path:
    return dataset / "data" / "registry" / "thing" / "a.ttl"


def codes(seen: incremental.Seen) -> list[str]:
    return [finding.code for finding in seen.report.findings]


def test_a_workspace_that_cannot_be_written_is_said(dataset: Path, tmp_path: Path) -> None:
    place = tmp_path / "plain"
    place.write_text("no folder")
    with pytest.raises(DataError, match=r"cannot be kept.*--workspace"):
        incremental.check(dataset, place)


def test_two_checks_of_what_has_changed_do_not_disturb_each_other(
    dataset: Path, tmp_path: Path
) -> None:
    incremental.check(dataset, tmp_path)
    folder = tmp_path / incremental.FOLDER
    other = ox.Store(str(folder / "store"))
    with pytest.raises(DataError, match="another check of what has changed is running"):
        incremental.check(dataset, tmp_path)
    (folder / "memory.json").unlink()  # as while the other one makes it
    with pytest.raises(DataError, match="another check of what has changed is running"):
        incremental.check(dataset, tmp_path)
    del other
    assert incremental.check(dataset, tmp_path).asked is None


def test_a_memory_that_is_broken_is_made_anew(dataset: Path, tmp_path: Path) -> None:
    incremental.check(dataset, tmp_path)
    for path in (tmp_path / incremental.FOLDER / "store").iterdir():
        path.write_text("broken")
    thing(dataset).write_text("<http://example.org/1> a <http://example.org/T> .\n")
    assert codes(incremental.check(dataset, tmp_path)) == ["TRY01"]


def test_a_check_that_was_cut_off_while_it_took_a_change_is_followed_by_a_right_one(
    dataset: Path, tmp_path: Path
) -> None:
    incremental.check(dataset, tmp_path)
    thing(dataset).write_text("<http://example.org/1> a <http://example.org/T> .\n")
    cut = (
        "import os, sys; from pathlib import Path; from kg.check import incremental; "
        "incremental.Memory.save = lambda self: os._exit(9); "
        "incremental.check(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    ran = subprocess.run([sys.executable, "-c", cut, str(dataset), str(tmp_path)], check=False)
    assert ran.returncode == 9
    assert codes(incremental.check(dataset, tmp_path)) == ["TRY01"]


def test_a_link_to_nothing_is_named_by_both_kinds_of_check(dataset: Path, tmp_path: Path) -> None:
    (thing(dataset).parent / "gone.ttl").symlink_to(tmp_path / "nowhere")
    for check in (run.check_dataset, lambda folder: incremental.check(folder, tmp_path)):
        with pytest.raises(MissingFileError, match=r"gone\.ttl: cannot be read"):
            check(dataset)


def test_names_with_blanks_and_other_letters_are_names(dataset: Path, tmp_path: Path) -> None:
    path = tmp_path / "ne w" / "š 😀.ttl"
    path.parent.mkdir()
    path.write_text("<http://example.org/1> a <http://example.org/T> .\n")
    (finding,) = run.check_files(dataset, [path.parent]).findings
    assert (finding.code, finding.path) == ("TRY01", str(path))


def test_an_empty_file_has_no_finding(dataset: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.ttl"
    path.write_bytes(b"")
    assert run.check_files(dataset, [path]).findings == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-"], "standard input is not read"),
        (["nowhere.ttl"], "nowhere.ttl: cannot be read"),
        (["empty"], "no Turtle file in this folder"),
    ],
)
def test_a_call_that_names_no_file_fails_with_2(
    dataset: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "kg.cli", "check", "--root", str(dataset), *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "No space left on device; make room, or name a folder that has it"),
        (errno.EDQUOT, "Disk quota exceeded; make room, or name a folder that has it"),
        (errno.EROFS, "Read-only file system; name another folder for temporary files"),
        (errno.EACCES, "Permission denied; name another folder for temporary files"),
    ],
)
def test_what_is_wrong_with_temporary_files_is_said_as_it_is(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(number, os.strerror(number), "data.ttl")

    monkeypatch.setattr(run.shapes, "validate", refuse)
    with pytest.raises(DataError) as caught:
        run.check_dataset(dataset)
    assert str(caught.value) == f"a check writes temporary files: data.ttl: {says} with TMPDIR"


def test_a_folder_for_temporary_files_that_is_gone_is_said(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(DataError, match=r"gone/kg-check-\w+: No such file or directory; name an"):
        run.check_dataset(dataset)
