"""`kg release`, run as people run it, on the facts of the five texts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.dataset import ROOT_MARKS

KG = str(Path(sys.executable).with_name("kg"))
DATE = "2026-11-22T14:00:00Z"


@pytest.fixture(name="copy", scope="module")
def a_copy_of_a_dataset(five_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, folder / part)
    return folder


def kg(*arguments: str, root: Path, workspace: Path) -> subprocess.CompletedProcess[str]:
    places = {"KG_ROOT": str(root), "KG_WORKSPACE": str(workspace)}
    command = [KG, *arguments]
    environment = os.environ | places
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_what_is_not_built_is_not_released(copy: Path, tmp_path: Path) -> None:
    done = kg("release", root=copy, workspace=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("kg: ") and "make one with: kg build" in done.stderr
    assert not (tmp_path / "releases").exists()


def test_a_date_without_a_zone_is_refused(copy: Path, tmp_path: Path) -> None:
    for date in ("yesterday", "2026-11-22", "2026-11-22T14:00:00"):
        done = kg("release", "--date", date, root=copy, workspace=tmp_path)
        assert done.returncode == 2
        assert f"--date {date}: expected a date and a time with its zone" in done.stderr


def test_a_release_says_what_was_written_and_stays(copy: Path, tmp_path: Path) -> None:
    assert kg("build", root=copy, workspace=tmp_path).returncode == 0
    done = kg("release", "--date", DATE, root=copy, workspace=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    folder = Path(lines["in"])
    version = folder.name
    assert folder == tmp_path / "releases" / version
    assert lines["release"] == f"{version} of {DATE}"
    assert lines["snapshot"] == (tmp_path / "current").read_text().strip()
    for name in ("SHA256SUMS", "dataset.nq.zst", "archive.sqlite"):
        assert (folder / name).exists()

    again = kg("release", root=copy, workspace=tmp_path)
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert "it was there already; nothing was changed" in again.stderr

    links = copy / "data" / "links.ttl"
    text = links.read_text(encoding="utf-8")
    links.write_text(text.replace("745044", "745045"), encoding="utf-8")
    stale = kg("release", root=copy, workspace=tmp_path)
    assert stale.returncode == 2
    assert "have changed since it was built; make a new snapshot with: kg build" in stale.stderr

    assert kg("build", root=copy, workspace=tmp_path).returncode == 0
    other = kg("release", root=copy, workspace=tmp_path)
    assert other.returncode == 2
    assert f"version {version} was released with other content" in other.stderr
    assert "dcat:version" in other.stderr
    links.write_text(text, encoding="utf-8")
