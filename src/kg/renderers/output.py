"""Where an output goes, and what is said beside it."""

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from kg.baseline import Entry
from kg.errors import UsageError
from kg.renderers import View, github, render


def show(view: View, form: str, output: Path | None = None) -> None:
    """Print what is shown of a check, or write it to a file.

    In a workflow of GitHub, the form for it fills the summary of the step too.

    Args:
        view: What is shown.
        form: One of the `FORMATS`.
        output: The file; without it standard output.

    Raises:
        UsageError: The file cannot be written.
    """
    text = render(view, form)
    if output is not None:
        write(output, text + "\n" if text else "")
    elif text:
        click.echo(text, color=view.is_coloured)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and summary:
        github.append_summary(view, Path(summary))


def write(path: Path, text: str) -> None:
    """Write a file, wholly or not at all; a device or a pipe gets the text as it is.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        path = path.resolve()  # what a link leads to is written, not the link
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
        ) as file:
            file.write(text)
        partial = Path(file.name)
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def statistics(view: View) -> str:
    """Return how many findings each rule has, the most frequent first."""
    counts = Counter(finding.code for finding in view.findings)
    width = len(str(max(counts.values(), default=0)))
    return "\n".join(
        f"{count:>{width}}  {code}  {view.rules[code].title}"
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def stale(entries: Sequence[Entry], baseline: Path, view: View) -> str:
    """Return what is said of entries of a baseline that are no longer found."""
    first = f"{entries[0].code} {entries[0].path}"
    return view.word("stale").format(n=len(entries), first=first, baseline=baseline)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
