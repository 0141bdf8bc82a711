"""What `kg import` does, without its options: finds mapping and files, and tells what happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from kg.errors import UsageError
from kg.importing import reading, run, state
from kg.importing.mapping import Mapping
from kg.importing.places import FOLDER
from kg.importing.run import Made, Result
from kg.importing.spots import nearest

SHIPPED: Final = Path(__file__).parent / "mappings"


class Call(NamedTuple):
    """A mapping and the files that it is for."""

    mapping: Mapping
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Showing:
    """Where words go.

    Attributes:
        result: Takes what was asked for.
        notice: Takes what a person has to know.
        confirm: Asks whether to go on; None where nobody is to be asked.
        is_sure: Whether somebody has said beforehand that an older edition may be replaced.
    """

    result: Callable[[str], object]
    notice: Callable[[str], object]
    confirm: Callable[[str], bool] | None
    is_sure: bool = False


def shipped() -> dict[str, Path]:
    """Return the mappings that come with the program, by the names of their datasets."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def call(root: Path, names: Sequence[str], mapping: Path | None) -> Call:
    """Return what a call asks for.

    Raises:
        UsageError: The dataset has no mapping, or no file is named.
        MalformedError: The mapping is at fault; says where.
    """
    known = shipped()
    given = list(names)
    if mapping is None:
        if not given:
            raise UsageError(f"name a dataset and its files, or --mapping{nearest('', known)}")
        name = given.pop(0)
        if name not in known:
            raise UsageError(
                f"no mapping for {name!r}{nearest(name, known)}; any other table needs --mapping "
                "FILE.toml, see docs/importing.md"
            )
        mapping = known[name]
    read = reading.read(mapping, run.terms_of(root))
    if not given:
        raise UsageError(f"{read.source.id}: name the files to import")
    files = tuple(map(Path, given))
    missing = next((path for path in files if not path.is_file()), None)
    if missing is not None:
        if missing.is_dir():
            raise UsageError(f"{missing}: a directory; name the CSV or XLSX files in it")
        raise UsageError(f"{missing}: there is no such file")
    return Call(read, files)


def execute(
    root: Path,
    given: Call,
    *,
    today: date,
    progress: Callable[[str], None],
    showing: Showing,
    again: bool = False,
    only_diff: bool = False,
    facts: Callable[[Path, Path, Path], str] | None = None,
) -> Result:
    """Run an import; before an older edition is replaced, show what is different.

    Args:
        root: The folder of the dataset.
        given: From `call`.
        today: The day from which things are retired.
        progress: Is told how far it is.
        showing: Where words go.
        again: Whether to import even if nothing has changed.
        only_diff: Whether to put nothing in place.
        facts: Shows two editions as facts; None for a summary.

    Raises:
        DataError: The files cannot be imported; everything is as before.
        UsageError: The older edition is not to be replaced, or nobody could be asked about what
            would be retired.
    """

    def approve(made: Made) -> bool:
        has_old = any(made.old.glob("*.ttl"))
        difference = made.result.difference
        if difference is not None and (has_old or only_diff):
            shown = facts(root, made.old, made.folder) if facts else difference.as_text()
            (showing.result if only_diff else showing.notice)(shown)
        if only_diff:
            return False
        if not has_old or showing.is_sure:
            return True
        if showing.confirm is None:
            _refuse_to_retire(made)
            return True
        if not showing.confirm(f"Replace {FOLDER}/{made.name}?"):
            raise UsageError("nothing was replaced")
        return True

    return run.perform(
        root,
        given.mapping,
        given.files,
        today=today,
        progress=progress,
        approve=approve,
        again=again or only_diff,
    )


def _refuse_to_retire(made: Made) -> None:
    """Refuse an edition that lacks things of the older one, where nobody can be asked."""
    if made.result.retired:
        raise UsageError(
            f"{FOLDER}/{made.name}: the new edition lacks {made.result.retired} things of the old "
            "one, which would be retired; nothing was replaced; if the file is whole and this is "
            "right, say --yes"
        )


def told(result: Result, *, only_diff: bool = False) -> str:
    """Return what an import did, for a person."""
    lines = [f"{result.name}: {result.summary}"]
    if only_diff:
        lines.append("nothing was written: this was a look at the difference")
    elif result.is_same:
        lines.append(f"nothing has changed in {result.folder}")
    else:
        lines.append(f"written to {result.folder}; next: kg check")
        if result.has_lines:
            lines.append(f"what was left out, or is open, and why: {result.folder / 'report.md'}")
    return "\n".join([*lines, *(f"look at: {warning}" for warning in result.warnings)])


def removed(root: Path, name: str, *, today: date, forget: bool) -> str:
    """Take a dataset away and return what was done."""
    number, kept = run.remove(root, name, today=today, forget=forget)
    if forget:
        return f"{name}: {number} things removed, and nothing is kept of their IRIs"
    return f"{name}: {number} things removed; their IRIs are retired in {kept}/retired.ttl"


def listed(root: Path) -> str:
    """Return the mappings that there are, and what is imported."""
    lines = ["mappings that come with the program:"]
    lines += [f"  {name}" for name in shipped()]
    lines.append("imported:")
    lines += [f"  {name}  {edition}  {rows}" for name, edition, rows in state.listed(root)] or [
        "  none"
    ]
    return "\n".join(lines)
