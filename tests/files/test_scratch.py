"""Folders for a while: gone with the block, and after a crash with the next one that is made."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.scratch import Scratch, sweep
from kg.snapshot import canonical, seal

HOLDER = """
import sys
from pathlib import Path
from kg.scratch import Scratch
with Scratch(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("made")
    print(folder, flush=True)
    sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks on folders")


@contextmanager
def holder(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process, with its folder."""
    command = [sys.executable, "-c", HOLDER, str(place)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        try:
            yield other, Path(other.stdout.readline().strip())
        finally:
            other.kill()


def left_by_a_crash(place: Path) -> Path:
    with holder(place) as (other, folder):
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert (folder / "half").exists()
    return folder


def test_a_folder_is_gone_after_its_block_also_where_it_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Scratch(tmp_path / "new") as folder:
        assert folder.is_dir()
        _ = 1 / 0
    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_crash_left_goes_with_the_next_folder(tmp_path: Path) -> None:
    left = left_by_a_crash(tmp_path)
    with Scratch(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]
    assert not left.exists()


def test_the_folder_of_another_process_that_lives_stays(tmp_path: Path) -> None:
    with holder(tmp_path) as (_, theirs):
        with Scratch(tmp_path):
            sweep(tmp_path)
        assert (theirs / "half").read_text() == "made"


def test_another_folder_of_the_same_process_stays(tmp_path: Path) -> None:
    with Scratch(tmp_path) as first, Scratch(tmp_path) as second:
        sweep(tmp_path)
        assert first.is_dir()
        assert second.is_dir()


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    for name in (".partial-x", "scratch", "releases"):
        (tmp_path / name).mkdir()
    (tmp_path / "current").write_text("x")
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        ".partial-x",
        "scratch",
        "releases",
        "current",
    }


def test_a_folder_that_was_moved_is_not_taken_away(tmp_path: Path) -> None:
    with Scratch(tmp_path) as folder:
        (folder / "whole").write_text("made")
        folder.rename(tmp_path / "kept")
    sweep(tmp_path)
    assert (tmp_path / "kept" / "whole").read_text() == "made"


def test_the_next_snapshot_takes_away_what_a_crash_left_in_the_workspace(tmp_path: Path) -> None:
    places = [tmp_path / "w", tmp_path / "w" / "snapshots"]
    left = [left_by_a_crash(place) for place in places]
    node = ox.NamedNode("https://example.org/a")
    lines = canonical([ox.Quad(node, node, node)])
    with holder(tmp_path / "w") as (_, theirs):
        seal(tmp_path / "w", lines, version="1", software="1", base=node.value, inputs={})
        assert theirs.is_dir()
    assert not any(folder.exists() for folder in left)


def test_what_cannot_be_taken_away_is_told_and_hinders_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_by_a_crash(tmp_path)

    def refuse(path: Path) -> None:
        raise PermissionError(13, os.strerror(13), str(path))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    sweep(tmp_path)
    assert f"{left}: left by a crash, and cannot be removed" in caplog.text
