"""A copy of the dataset that a test may write to."""

import shutil
from pathlib import Path

import pytest

from kg.dataset import RETIRED_FILE, ROOT_MARKS


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """The folder of a copy, in which nothing is retired yet."""
    for part in ROOT_MARKS:
        shutil.copytree(root / part, tmp_path / "dataset" / part)
    (tmp_path / "dataset" / RETIRED_FILE).unlink()
    return tmp_path / "dataset"
