"""Where imports stand: `data/imports/<dataset>/`, changed as a whole or not at all.

A new edition is made in a scratch folder beside, and takes the place of the old one by two renames.
Whoever imports next finishes what a crash between the two left behind. So no folder ever has some
files of one edition and some of another, and a run that was killed leaves the old edition. There is
nothing to resume: a whole table is read and matched in half a minute, and a killed run starts over.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kg.errors import BuildError, UsageError

if sys.platform != "win32":
    import fcntl

FOLDER: Final = "data/imports"
_NEW: Final = ".new-"
_OLD: Final = ".old-"
_LOCK: Final = ".lock"


def of_dataset(root: Path, name: str) -> Path:
    """Return the folder of an imported dataset."""
    return root / FOLDER / name


def imported(root: Path) -> list[str]:
    """Return the names of the datasets that have a folder."""
    place = root / FOLDER
    found = place.iterdir() if place.is_dir() else iter(())
    return sorted(path.name for path in found if path.is_dir() and not path.name.startswith("."))


@contextmanager
def held(root: Path) -> Iterator[Path]:
    """Keep other imports away, and put in order what a crash left; give the folder of all imports.

    Raises:
        UsageError: Another import is running.
        BuildError: The folder cannot be written.
    """
    place = root / FOLDER
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / _LOCK).open("a", encoding="utf-8")
    except OSError as error:
        raise BuildError(f"{place}: cannot be written: {error.strerror}") from None
    with lock:
        if sys.platform != "win32":
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(f"{place}: another import is running; wait for its end") from None
        _finish(place)
        yield place


def replace(made: Path, place: Path, name: str) -> None:
    """Put a folder in the place of a dataset.

    Args:
        made: The folder, whole; it is moved.
        place: The folder of all imports, which is held.
        name: Of the dataset.

    Raises:
        OSError: The folder cannot be written; the dataset is as it was.
        BuildError: The new folder is whole, and could not be put in place; the next import does it.
    """
    _flushed(made)
    made.rename(place / f"{_NEW}{name}")
    try:
        _finish(place)
    except OSError as error:
        why = f"cannot be put in place: {error.strerror}; the next import does it"
        raise BuildError(f"{place / name}: {why}") from None


def _finish(place: Path) -> None:
    """Take up new editions that are whole, and take old ones away."""
    for new in place.glob(f"{_NEW}*"):
        name = new.name.removeprefix(_NEW)
        if (place / name).exists():
            (place / name).rename(place / f"{_OLD}{name}-{os.getpid()}")
        new.rename(place / name)
    for old in place.glob(f"{_OLD}*"):
        shutil.rmtree(old)


def _flushed(folder: Path) -> None:
    """Make sure that all files are on the disk before their folder gets its name."""
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
