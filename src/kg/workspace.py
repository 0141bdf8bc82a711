"""Which snapshot of a workspace to work with: the last one while it is good, else a new one."""

import re
from collections.abc import Callable
from pathlib import Path

from kg.build import is_current
from kg.errors import BuildError, DataError, MissingFileError, UsageError
from kg.namespaces import CANONICAL_BASE
from kg.snapshot import Snapshot, current


def base_for(workspace: Path, given: str | None) -> str:
    """Return the base to build with: the one given, else the last one, else the canonical one.

    Raises:
        UsageError: The one given is not an http or https IRI that ends in a slash.
    """
    if given is None:
        last = _last(workspace, lambda text: None)
        return CANONICAL_BASE if last is None else last.manifest.base
    if not re.fullmatch(r"https?://[^\s/?#<>\"]+(/[^\s?#<>\"]*)?/", given):
        raise UsageError(
            f"--base {given}: expected an http or https IRI that ends in a slash, such as "
            "https://example.org/cities/"
        )
    return given


def sealed(workspace: Path) -> Snapshot:
    """Return the current snapshot, whatever has become of the files.

    Raises:
        BuildError: It is damaged.
        UsageError: There is none.
    """
    found = current(workspace)
    if found is None:
        raise UsageError(f"{workspace}: no snapshot; make one with: kg build, or: kg load FILE")
    return found


def up_to_date(root: Path, workspace: Path) -> Snapshot:
    """Return the current snapshot, which has to be made from the files as they are.

    Raises:
        BuildError: It is damaged.
        UsageError: There is none, or files have changed since it was built.
        MissingFileError: A folder that has to hold files is empty.
    """
    found = sealed(workspace)
    if not is_current(root, found, found.manifest.base):
        raise UsageError(
            f"{found.folder}: files, or the software, have changed since it was built; make a new "
            "snapshot with: kg build"
        )
    return found


def fresh(
    root: Path,
    workspace: Path,
    base: str,
    *,
    build: Callable[[], Snapshot],
    warn: Callable[[str], None],
) -> Snapshot:
    """Return the snapshot of the files as they are; where they are bad, the last good one.

    Args:
        root: The folder of the dataset.
        workspace: Where snapshots are kept.
        base: Of the IRIs.
        build: Makes a new snapshot.
        warn: Is told when the last good snapshot is used, and why.

    Raises:
        DataError, BuildError, MissingFileError: From `build`, where there is no snapshot yet.
    """
    last = _last(workspace, warn)
    try:
        if last is not None and is_current(root, last, base):
            return last
        return build()
    except (DataError, BuildError, MissingFileError) as error:
        if last is None:
            raise
        warn(
            f"{error}; using the last good snapshot, {last.manifest.version} "
            f"({last.manifest.snapshot[:12]})"
        )
        return last


def _last(workspace: Path, warn: Callable[[str], None]) -> Snapshot | None:
    try:
        return current(workspace)
    except BuildError as error:
        warn(f"{error}; building anew")
        return None
