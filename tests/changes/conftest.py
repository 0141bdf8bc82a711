"""A real repository of git with a copy of the dataset, in a folder below its top."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.dataset import ROOT_MARKS

Git = Callable[..., str]


def _git_in(folder: Path) -> Git:
    """Return a function that runs git in a folder, as a person without a name or an address."""

    def git(*arguments: str) -> str:
        nobody = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER")
                  for what in ("NAME", "EMAIL")}  # fmt: skip
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=os.environ | nobody | {"GIT_CONFIG_GLOBAL": os.devnull},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    return git


@pytest.fixture
def dataset(five_texts: Path, tmp_path: Path) -> Path:
    """The dataset, committed, in a folder of a repository."""
    place = tmp_path / "repository" / "graph"
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, place / part)
    (tmp_path / "repository" / "README").write_text("Not part of the dataset.\n")
    git = _git_in(tmp_path / "repository")
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    return place


@pytest.fixture
def git(dataset: Path) -> Git:
    """Runs git in the folder of the dataset."""
    return _git_in(dataset)


@pytest.fixture
def git_in() -> Callable[[Path], Git]:
    """Gives a function that runs git in a folder."""
    return _git_in
