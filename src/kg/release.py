"""A release: a snapshot that was published under the version of its dataset, for good.

    <workspace>/releases/<version>/release.json   what it is
    <workspace>/releases/<version>/SHA256SUMS     of the dumps, as `sha256sum --check` reads it
    <workspace>/releases/<version>/dataset.nq.gz  and the other dumps, see `kg.dumps`

A snapshot knows no clock, so that equal files give an equal snapshot; when it was released stands
here. A release is complete before its folder is there, and never changes.
"""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, cast

import pyoxigraph as ox

from kg import dumps, retired
from kg.dumps import Dump
from kg.errors import BuildError, UsageError
from kg.scratch import Scratch
from kg.snapshot import Snapshot

FOLDER: Final = "releases"
RECORD: Final = "release.json"
SUMS: Final = "SHA256SUMS"
_FORMAT: Final = 1
_WHOLE: Final = f"{dumps.WHOLE}.nq.gz"
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Release:
    """A version of the dataset that was published.

    Attributes:
        version: Of the dataset.
        released: When, in UTC, to the second.
        snapshot: Hash of the snapshot that it is.
        software: Version of the software that released it.
        base: Of the IRIs.
        previous: Version of the release before it, or None.
        rdfc10: SHA-256 of its canonical N-Quads (RDFC-1.0).
        files: The dumps.
        folder: Where they are.
    """

    version: str
    released: datetime
    snapshot: str
    software: str
    base: str
    previous: str | None
    rdfc10: str
    files: tuple[Dump, ...]
    folder: Path

    def file(self, name: str) -> Dump | None:
        """Return the dump of a name, or None."""
        return next((file for file in self.files if file.name == name), None)


# Writes more into the folder of a new release; it is told the release before it.
Fill = Callable[[Path, Release | None], None]


class Made(NamedTuple):
    """The release that was asked for, and whether it was not there before."""

    release: Release
    is_new: bool


def releases(workspace: Path) -> list[Release]:
    """Return the releases of a workspace, oldest first.

    Raises:
        BuildError: One of them is damaged.
    """
    folder = workspace / FOLDER
    found = [_read(path.parent) for path in folder.glob(f"[!.]*/{RECORD}")]
    return sorted(found, key=lambda release: (release.released, release.version))


def make(
    workspace: Path,
    snapshot: Snapshot,
    released: datetime,
    software: str,
    *,
    more: Fill | None = None,
) -> Made:
    """Release a snapshot under its version, with its dumps.

    To do it again changes nothing: the release that is there is returned, with its own date.

    Args:
        workspace: Where the releases are kept.
        snapshot: What to release.
        released: When it is released; with a time zone.
        software: Version of the software that does it.
        more: Writes more into the folder, such as `kg.web.archiving.archived`.

    Raises:
        UsageError: The version is released with other content, cannot name a folder, or the date
            is not after that of the last release.
        LostError: IRIs of the last release are gone and not retired.
        BuildError: The workspace cannot be written, or a release in it is damaged.
    """
    known = releases(workspace)
    version = snapshot.manifest.version
    there = next((release for release in known if release.version == version), None)
    if there is not None:
        _refuse_other_content(there, snapshot)
        return Made(there, is_new=False)
    moment = released.astimezone(UTC).replace(microsecond=0)
    _refuse_bad_names_and_dates(version, moment, known)
    previous = known[-1] if known else None
    if previous is not None:
        _refuse_lost(previous, snapshot)
    try:
        folder = workspace / FOLDER
        with Scratch(folder) as partial:
            _fill(partial, snapshot, moment, previous, software)
            if more is not None:
                more(partial, previous)
            partial.chmod(0o755)
            partial.rename(folder / version)
    except OSError as error:
        raise BuildError(
            f"{workspace}: the release cannot be written: {error.strerror}; nothing was changed; "
            "make room, or choose another folder with --workspace"
        ) from None
    return Made(_read(folder / version), is_new=True)


def _refuse_other_content(there: Release, snapshot: Snapshot) -> None:
    if there.snapshot != snapshot.manifest.snapshot:
        raise UsageError(
            f"{there.folder}: version {there.version} was released with other content (snapshot "
            f"{there.snapshot[:12]}, now {snapshot.manifest.snapshot[:12]}); a release never "
            "changes: give the dataset a new dcat:version in data/dataset.ttl, then: kg build"
        )


def _refuse_bad_names_and_dates(version: str, moment: datetime, known: list[Release]) -> None:
    if not _VERSION.fullmatch(version):
        raise UsageError(
            f"data/dataset.ttl: dcat:version {version!r}: expected letters, digits, dots, hyphens "
            "and underscores, because a folder and addresses are named after it"
        )
    if known and moment <= known[-1].released:
        raise UsageError(
            f"--date {text_of(moment)}: not after the last release, {known[-1].version} of "
            f"{text_of(known[-1].released)}; give a later date"
        )


def _refuse_lost(previous: Release, snapshot: Snapshot) -> None:
    """Refuse a snapshot in which IRIs of the last release are gone, see `kg.retired`."""
    try:
        with gzip.open(previous.folder / _WHOLE) as dump:
            told = ox.parse(cast(IO[bytes], dump), format=ox.RdfFormat.N_QUADS)
            before = retired.names_of(told, previous.base)
    except (OSError, SyntaxError, EOFError) as error:
        raise BuildError(
            f"{previous.folder / _WHOLE}: cannot be read ({error}); restore the release from a copy"
        ) from None
    manifest = snapshot.manifest
    with snapshot.nquads.open("rb") as lines:
        now = retired.names_of(ox.parse(lines, format=ox.RdfFormat.N_QUADS), manifest.base)
    retired.refuse_lost(before, now, previous.version)


def _fill(
    folder: Path, snapshot: Snapshot, moment: datetime, previous: Release | None, software: str
) -> None:
    files = dumps.write(snapshot, folder)
    manifest = snapshot.manifest
    record = {
        "format": _FORMAT,
        "version": manifest.version,
        "released": text_of(moment),
        "snapshot": manifest.snapshot,
        "software": software,
        "base": manifest.base,
        "previous": None if previous is None else previous.version,
        "rdfc10": manifest.snapshot,  # which is the hash of its canonical N-Quads
        "files": [asdict(file) for file in files],
    }
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    (folder / SUMS).write_text(sums, encoding="ascii")
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")


def _read(folder: Path) -> Release:
    try:
        found: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if found.pop("format") != _FORMAT:
            raise BuildError(f"{folder}: a release of another version of this software; update it")
        return of_record(found, folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BuildError(
            f"{folder / RECORD}: damaged release ({error}); restore the folder from a copy"
        ) from None


def as_record(release: Release) -> dict[str, Any]:
    """Return a release as JSON has it, without its folder."""
    record = asdict(release) | {"released": text_of(release.released)}
    del record["folder"]
    return record


def of_record(record: dict[str, Any], folder: Path) -> Release:
    """Return the release that a record describes.

    Raises:
        ValueError, TypeError, KeyError: It describes none.
    """
    released = datetime.fromisoformat(record["released"])
    files = tuple(Dump(**file) for file in record["files"])
    return Release(**(record | {"released": released, "files": files}), folder=folder)


def text_of(moment: datetime) -> str:
    """Return a moment as xsd:dateTime in UTC.

    >>> text_of(datetime(2026, 11, 22, 14, tzinfo=UTC))
    '2026-11-22T14:00:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
