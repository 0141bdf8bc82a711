"""A copy of the dataset that a test may write to."""

import shutil
from pathlib import Path

import pytest

from kg.dataset import ROOT_MARKS


@pytest.fixture
def copy(five_texts: Path, tmp_path: Path) -> Path:
    """The folder of a copy."""
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, tmp_path / "dataset" / part)
    return tmp_path / "dataset"
