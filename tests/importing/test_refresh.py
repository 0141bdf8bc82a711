"""A new edition replaces the old one whole: IRIs stay, what is gone is retired, and may return."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.check import run as checking
from kg.dataset import find_root, paths
from kg.errors import BuildError, DataError, UsageError
from kg.findings import stops
from kg.importing import places, run, statements
from kg.retired import Names, Retired, lost

HEAD = "id,name,country,joined\n"
FIRST = HEAD + "1,Vilnius,LT,2001\n3,Nida,LT,\n4,Palanga,LT,2005\n"
SECOND = HEAD + "1,Vilnius,LT,2002\n4,Palanga,LT,2005\n5,Neringa,LT,\n"


def retired(workshop) -> str:
    path = workshop.folder() / "retired.ttl"
    return path.read_text() if path.exists() else ""


def test_the_difference_is_shown_before_the_old_edition_is_replaced(workshop):
    workshop.members(FIRST)
    done = workshop.members(SECOND)
    kinds = [tuple(line.split()[:3]) for line in done.stderr.splitlines() if line.startswith("  ")]
    assert kinds[:-1] == [
        ("new", "1", "municipality"),
        ("new", "1", "participation"),
        ("gone", "1", "municipality"),
        ("gone", "1", "participation"),
        ("changed", "1", "participation"),
    ]
    assert kinds[-1] == ("same", "3")  # the source, Palanga and its participation
    assert "mun:demo-5" in done.stderr and "mun:demo-3" in done.stderr


def test_a_look_at_the_difference_writes_nothing(workshop, members):
    workshop.members(FIRST)
    before = {p.name: p.read_bytes() for p in workshop.folder().iterdir()}
    table = workshop.file("members.csv", SECOND)
    done = workshop.run(table, "--mapping", workshop.files / "members.toml", "--diff")
    assert "mun:demo-5" in done.stdout
    assert "nothing was written" in done.stderr
    assert {p.name: p.read_bytes() for p in workshop.folder().iterdir()} == before


def again(workshop, rows: str, *options: str):
    table = workshop.file("members.csv", rows)
    return workshop.run(table, "--mapping", workshop.files / "members.toml", *options)


def contents(workshop) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in workshop.folder().iterdir()}


@pytest.mark.parametrize("options", [(), ("--yes",), ("--diff",)])
def test_an_edition_of_a_header_only_is_a_fault_of_the_file(workshop, options):
    workshop.members(FIRST)
    before = contents(workshop)
    done = again(workshop, HEAD, *options)
    assert isinstance(done.exception, DataError)
    assert "members.csv: table members: there are no rows below the header" in str(done.exception)
    assert "get the whole file" in str(done.exception)
    assert contents(workshop) == before


def test_a_first_import_of_a_header_only_is_refused(workshop):
    done = workshop.members(HEAD)
    assert isinstance(done.exception, DataError)
    assert not workshop.folder().exists()


def test_without_a_terminal_nothing_is_retired_unless_it_is_said(workshop):
    """Of three bodies one is left: two bodies and two participations would be retired."""
    workshop.members(FIRST)
    before = contents(workshop)
    few = HEAD + "1,Vilnius,LT,2001\n"
    done = again(workshop, few)
    assert isinstance(done.exception, UsageError)
    assert "lacks 4 things of the old one" in str(done.exception)
    assert "--yes" in str(done.exception)
    assert "gone" in done.stderr and "mun:demo-3" in done.stderr
    assert contents(workshop) == before
    assert again(workshop, few, "--yes").exit_code == 0
    assert "mun:demo-3" in retired(workshop)


def test_without_a_terminal_an_edition_that_retires_nothing_needs_no_word(workshop):
    workshop.members(FIRST)
    done = again(workshop, FIRST + "5,Neringa,LT,\n")
    assert done.exit_code == 0, done.exception
    assert "mun:demo-5" in workshop.text()


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no limit of file sizes")
@pytest.mark.parametrize("has_old", [True, False])
def test_a_file_that_the_system_refuses_to_write_leaves_everything_as_it_was(workshop, has_old):
    """Beyond 2,000 bytes the system refuses: the program ends with one line and 2."""
    workshop.members(FIRST)
    before = contents(workshop)
    if not has_old:
        shutil.rmtree(workshop.folder())
    large = HEAD + "".join(f"{n},Name{n},LT,2001\n" for n in range(10, 300))
    table = workshop.file("large.csv", large)
    code = (
        "import resource; from kg.cli import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); main()"
    )
    words = ["import", str(table), "--mapping", str(workshop.files / "members.toml"), "--yes"]
    command = [sys.executable, "-c", code, *words, "--root", str(workshop.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    place = workshop.folder().parent
    assert done.stderr == f"kg: {place}: file too large; nothing was imported\n"
    assert not list(place.glob(".scratch-*"))
    assert workshop.folder().exists() == has_old
    assert not has_old or contents(workshop) == before


@pytest.mark.parametrize("at", [(run, "write"), (os, "fsync")])
def test_a_full_disk_is_told_on_one_line(workshop, monkeypatch, at):
    workshop.members(FIRST)
    before = contents(workshop)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*at, full)
    done = again(workshop, SECOND, "--yes")
    assert isinstance(done.exception, BuildError)
    place = workshop.folder().parent
    assert str(done.exception) == f"{place}: no space left on device; nothing was imported"
    assert contents(workshop) == before


def test_the_difference_can_be_had_as_facts(workshop):
    workshop.members(FIRST)
    table = workshop.file("members.csv", SECOND)
    mapping = workshop.files / "members.toml"
    done = workshop.run(table, "--mapping", mapping, "--diff", "--facts")
    assert done.exit_code == 0, done.exception
    assert "2001" in done.stdout and "2002" in done.stdout


def test_what_is_gone_is_retired_and_what_stays_keeps_its_iri(workshop):
    workshop.members(FIRST)
    workshop.members(SECOND)
    assert "mun:demo-4" in workshop.text()
    assert "mun:demo-3\n    a cpo:RetiredThing" in retired(workshop)
    assert "pa:baltic-club--demo-3" in retired(workshop)
    assert "v:retired-withdrawn" in retired(workshop)
    assert "demo-4" not in retired(workshop)


def test_a_refreshed_graph_passes_the_check(workshop):
    workshop.members(FIRST)
    workshop.members(SECOND)
    report = checking.check_dataset(workshop.root)
    assert not stops([f for f in report.findings if "imports" in str(f.path)]), report.findings


def test_what_comes_back_is_described_again_and_no_longer_retired(workshop):
    for rows in (FIRST, SECOND, FIRST):
        workshop.members(rows)
    assert "mun:demo-3" in workshop.text()
    assert "demo-3" not in retired(workshop)
    assert "mun:demo-5" in retired(workshop)


def test_a_body_that_turns_out_to_be_one_of_the_registry_leads_there(workshop):
    workshop.members(FIRST)
    (workshop.folder() / "matches.csv").write_text(
        "row,name,iri,by,on,why\n3,Nida,mun:lt-klaipeda-city,curator,2026-11-22,demo\n"
    )
    workshop.members(FIRST)
    block = retired(workshop).split("mun:demo-3\n")[1].split("\n\n")[0]
    assert "v:retired-merged" in block
    assert "dcterms:isReplacedBy mun:lt-klaipeda-city" in block


def test_a_release_may_describe_again_what_was_withdrawn_and_nothing_else():
    def names(reason: str) -> Names:
        return Names(
            frozenset(), {"id/city/a": Retired("id/city/a", reason=f"voc/retired-{reason}")}
        )

    now = Names(frozenset({"id/city/a"}), {})
    assert lost(names("withdrawn"), now).back == []
    assert lost(names("mistaken"), now).back == ["id/city/a"]


def test_removing_a_dataset_retires_its_iris_and_keeps_the_decisions(workshop):
    workshop.members(FIRST)
    (workshop.folder() / "matches.csv").write_text("row,name,iri,by,on,why\n")
    done = workshop.run("--remove", "members")
    assert done.exit_code == 0, done.exception
    assert not list(workshop.folder().glob("members*.ttl"))
    assert "mun:demo-3" in retired(workshop)
    assert (workshop.folder() / "matches.csv").exists()
    workshop.members(FIRST)
    assert retired(workshop) == ""


def test_forgetting_a_dataset_leaves_nothing(workshop):
    workshop.members(FIRST)
    workshop.run("--remove", "--forget", "members")
    assert not workshop.folder().exists()


def test_what_others_refer_to_is_not_removed(workshop, members):
    mapping, _ = members
    workshop.members(FIRST)
    other = mapping.replace('id = "members"', 'id = "others"').replace("demo-", "other-")
    other = other.replace("net:baltic-club", "net:river-cities").replace(
        "baltic-club", "river-cities"
    )
    table = workshop.file("others.csv", HEAD + "9,Nida,LT,\n")
    done = workshop.run(table, "--mapping", workshop.file("others.toml", other))
    assert "mun:demo-3" in workshop.text("others"), done.stderr  # matched to what is imported
    done = workshop.run("--remove", "members")
    assert "data/imports/others/others.ttl" in str(done.exception)
    assert workshop.text()


def test_a_dataset_that_is_not_imported_cannot_be_removed(workshop):
    done = workshop.run("--remove", "members")
    assert "members: not imported; imported are: none" in str(done.exception)


def test_two_imports_at_once_are_refused(workshop):
    with places.held(workshop.root):
        done = workshop.members()
    assert "another import is running" in str(done.exception)


def test_an_import_that_is_killed_leaves_the_old_edition_whole(workshop):
    """The process is killed while it writes: nothing is half imported, and the next run goes on."""
    workshop.members(FIRST)
    before = {p.name: p.read_bytes() for p in workshop.folder().iterdir()}
    large = HEAD + "".join(f"{n},Name{n},LT,2001\n" for n in range(10, 60_000))
    table = workshop.file("members.csv", large)
    code = "from kg.cli import main; main()"
    words = ["import", str(table), "--mapping", str(workshop.files / "members.toml")]
    command = [sys.executable, "-c", code, *words, "--root", str(workshop.root)]
    place = workshop.folder().parent
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not list(place.glob(".scratch-*/report.jsonl")):
            assert running.poll() is None, "it ended before it could be killed"
            time.sleep(0.02)
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    assert {p.name: p.read_bytes() for p in workshop.folder().iterdir()} == before
    inside = [p for p in paths(find_root(workshop.root)) if "imports" in p.parts]
    assert inside == [workshop.folder() / "members.ttl"]  # no file of what was killed is read
    assert workshop.members(SECOND).exit_code == 0
    assert not list(place.glob(".scratch-*"))


@pytest.mark.parametrize("has_old", [True, False])
def test_a_crash_between_the_two_renames_is_finished_by_the_next_run(workshop, has_old):
    workshop.members(FIRST)
    folder = workshop.folder()
    new = folder.parent / ".new-members"
    new.mkdir()
    (new / "members.ttl").write_text("# the new edition\n")
    if not has_old:
        folder.rename(folder.parent / ".old-members-1")
    with places.held(workshop.root):
        assert [p.name for p in folder.iterdir()] == ["members.ttl"]
    assert sorted(p.name for p in folder.parent.iterdir()) == [".lock", "members"]


def test_statements_beyond_memory_are_sorted_on_disk_to_the_same_bytes(workshop, monkeypatch):
    rows = HEAD + "".join(f"{n},Name {n} of {n},LT,200{n % 10}\n" for n in range(300))
    workshop.members(rows)
    whole = workshop.text()
    monkeypatch.setattr(statements, "RUN", 17)
    table = workshop.files / "members.csv"
    done = workshop.run(table, "--mapping", workshop.files / "members.toml", "--again")
    assert "nothing has changed" in done.stderr
    assert workshop.text() == whole
    assert not list(workshop.folder().glob("run-*"))


def test_a_large_dataset_has_several_files_of_one_graph(workshop, monkeypatch):
    monkeypatch.setattr(statements, "PART", 2_000)
    workshop.members(HEAD + "".join(f"{n},Name{n}a{n},LT,2001\n" for n in range(40)))
    names = sorted(path.name for path in workshop.folder().glob("*.ttl"))
    assert len(names) > 2 and "members.2.ttl" in names
    report = checking.check_dataset(workshop.root)
    assert not stops([f for f in report.findings if "imports" in str(f.path)])
    state = json.loads((workshop.folder() / "state.json").read_text())
    assert set(names) <= set(state["files"])


def test_the_workspace_folder_is_not_under_version_control(root: Path):
    assert "/data/imports/" in (root / ".gitignore").read_text().splitlines()
