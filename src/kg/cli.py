"""The command `kg`.

Exit codes are promises:

    0   done; nothing found
    1   the data is at fault: findings, or a build that was refused
    2   the call is at fault, or the work could not be done: a wrong option, a missing file,
        broken shapes, a port in use

Modules are imported where a command needs them, so that `kg --version` and `kg --help` answer at
once.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg import __version__
from kg.errors import KgError, UsageError

if TYPE_CHECKING:
    from kg.snapshot import Snapshot

FINDINGS = 1
FAULT = 2

root_option = click.option(
    "--root",
    type=click.Path(path_type=Path),
    envvar="KG_ROOT",
    help="The folder of the dataset.  [default: this folder or one above]",
)
workspace_option = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    envvar="KG_WORKSPACE",
    help="Where snapshots are kept.  [default: .kg in the folder of the dataset]",
)
base_option = click.option(
    "--base",
    envvar="KG_BASE",
    help="The base of all IRIs.  [default: that of the last build, else "
    "https://w3id.org/citypledge/]",
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 the data is at fault, 2 the call or the system is at fault.",
)
@click.version_option(__version__, prog_name="kg")
def kg() -> None:
    """A knowledge graph of cities, networks and commitments.

    Curators check files and explain rules; researchers ask questions; everyone serves the graph.
    """


@kg.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["pyshifty", "pyshacl"]),
    default="pyshifty",
    show_default=True,
    help="The SHACL engine. Both find the same; pySHACL is the reference, and slow.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How findings are shown.",
)
@root_option
def check(paths: tuple[Path, ...], engine: Any, form: str, root: Path | None) -> None:
    """Check the dataset, or some files.

    A file inside the dataset is checked as part of it; a file outside on its own, with the
    ontology and the lists, and may refer to what the dataset describes. Of a folder every .ttl file
    is taken. Findings go to standard output, one a line, with file, line and column.
    """
    from kg import renderers
    from kg.check import run
    from kg.dataset import find_root
    from kg.findings import stops

    with _working("checking"):
        folder = find_root(root)
        report = (
            run.check_files(folder, paths, engine) if paths else run.check_dataset(folder, engine)
        )
    if form == "json":
        click.echo(renderers.findings_as_json(report.findings))
    elif report.findings:
        click.echo(renderers.findings_as_text(report.findings))
    click.echo(renderers.summary(report.findings, report.files, complete=report.complete), err=True)
    sys.exit(FINDINGS if stops(report.findings) or not report.complete else 0)


@kg.command()
@root_option
@workspace_option
@base_option
def build(root: Path | None, workspace: Path | None, base: str | None) -> None:
    """Build the snapshot that is served.

    Checks everything, applies the rulings of data/decisions.ttl, infers by the rules of
    queries/rules, and seals the result. The same input gives the same snapshot. When the check
    finds a violation nothing is built, and the last snapshot goes on being served.
    """
    from kg.workspace import base_for

    folder, place = _folders(root, workspace)
    found = _build(folder, place, base_for(place, base))
    manifest = found.manifest
    click.echo(f"snapshot  {manifest.snapshot}")
    click.echo(f"version   {manifest.version}, base {manifest.base}")
    click.echo(f"holds     {manifest.triples} statements, {len(manifest.graphs)} named graphs")
    click.echo(f"in        {found.folder}")


@kg.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@root_option
@workspace_option
@base_option
@click.option("--data-version", default="0", show_default=True, help="What to call this data.")
@click.option("--merge", is_flag=True, help="Make the default graph the merge of all graphs.")
def load(
    files: tuple[Path, ...],
    root: Path | None,
    workspace: Path | None,
    base: str | None,
    data_version: str,
    merge: bool,
) -> None:
    """Seal ready-made RDF files as the snapshot that is served: nothing is checked or inferred.

    For data that was built elsewhere, and for measurements. Statements of the default graph stay
    there, those of named graphs stay in theirs.
    """
    from kg.load import load as seal_files
    from kg.workspace import base_for

    _, place = _folders(root, workspace)
    with _working("loading"):
        known = base_for(place, base)
        found = seal_files(files, place, base=known, version=data_version, is_merged=merge)
    click.echo(f"snapshot  {found.manifest.snapshot}")
    click.echo(f"holds     {found.manifest.triples} statements, {found.manifest.quads} quads")


@kg.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--settings", "file", type=click.Path(path_type=Path), help="A file of settings (TOML)."
)
@click.option(
    "--limit", "limits", multiple=True, metavar="NAME=VALUE", help="A limit, such as deadline_s=5."
)
@click.option("--current", is_flag=True, help="Serve the current snapshot; do not look at files.")
@click.option("--store", metavar="URL", help="Serve what this SPARQL endpoint holds.")
@click.option(
    "--log", type=click.Choice(["none", "text", "json"]), default="none", show_default=True
)
@click.option(
    "--log-requests",
    type=click.Choice(["all", "slow", "none"]),
    default="all",
    show_default=True,
    help="Which requests are written down, where --log is given.",
)
@root_option
@workspace_option
@base_option
def serve(
    host: str,
    port: int,
    file: Path | None,
    limits: tuple[str, ...],
    current: bool,
    store: str | None,
    log: str,
    log_requests: str,
    root: Path | None,
    workspace: Path | None,
    base: str | None,
) -> None:
    """Serve the graph over HTTP: SPARQL at /sparql, pages and data for every entity.

    Builds first where files have changed. When that build fails, the last snapshot is served and
    a warning says so. A snapshot that is built while the server runs is taken up by itself.
    """
    from kg import logs, settings
    from kg.web.server import front_at, front_of, listen
    from kg.web.server import serve as run_server
    from kg.workspace import base_for, sealed

    folder, place = _folders(root, workspace)
    chosen = settings.read(file, place, limits)
    endpoint = store or chosen.store
    logs.configure(log, requests=log_requests)
    with listen(host, port) as listener:
        if endpoint:
            front = front_at(endpoint, base_for(place, base), limits=chosen.limits)
        else:
            found = sealed(place) if current else _fresh(folder, place, base)
            front = front_of(found, limits=chosen.limits, workspace=place)
        address, number = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        click.echo(
            f"citypledge {front.deployment.version} at http://{shown}:{number}/ "
            f"(SPARQL at /sparql); stop with Ctrl-C",
            err=True,
        )
        run_server(front, listener, drain_s=chosen.drain_s, trusted_proxies=chosen.trusted_proxies)


@kg.command()
@click.argument("url")
@click.option("--query-url", metavar="URL", help="Its SPARQL endpoint, where that is elsewhere.")
@root_option
@workspace_option
def publish(url: str, query_url: str | None, root: Path | None, workspace: Path | None) -> None:
    """Load the current snapshot into a store, and make sure that it is there.

    URL is where the store takes the Graph Store HTTP Protocol. Name and password for writing come
    from KG_STORE_USER and KG_STORE_PASSWORD. A run that was ended goes on where it stopped.
    """
    from kg.publish import publish as put
    from kg.workspace import sealed

    _, place = _folders(root, workspace)
    found = sealed(place)
    with _working("publishing") as tell:
        report = put(
            found,
            url,
            workspace=place,
            query_url=query_url,
            on_progress=lambda step: tell(f"{step.step} {step.done} of {step.total} graphs"),
        )
    click.echo(f"snapshot  {report.snapshot}")
    click.echo(f"holds     {sum(report.graphs.values())} statements in {len(report.graphs)} graphs")
    for change, number in sorted(report.changes.items()):
        click.echo(f"differs   {number} values: {change}")


@kg.command()
@click.argument("name", required=False)
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the question; may be given several times.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
)
@click.option("--language", type=click.Choice(["en", "lt", "sl"]), default="en", show_default=True)
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint, not the own snapshot.")
@root_option
@workspace_option
@base_option
def query(
    name: str | None,
    params: tuple[str, ...],
    form: str,
    language: str,
    endpoint: str | None,
    root: Path | None,
    workspace: Path | None,
    base: str | None,
) -> None:
    """Run a question of the library and print its answer; without NAME list the questions.

    NAME is the name of a file in queries/questions, or its number, such as CQ01.
    """
    from kg import queryfile, questions
    from kg.dataset import find_root

    folder = find_root(root)
    if name is None:
        click.echo(questions.listing(queryfile.library(folder), language))
        return
    found = queryfile.find(folder, name)
    text = found.bind(_pairs(params))
    with _working("asking"):
        if endpoint:
            from kg.workspace import base_for

            there = None if base is None else base_for(folder, base)
            answer = questions.ask_endpoint(endpoint, text, base=there)
        else:
            snapshot = _fresh(folder, _place(folder, workspace))
            answer = questions.ask_snapshot(snapshot, text)
    if form == "table":
        click.echo(found.question[language], err=True)
    click.echo(questions.render(answer, form), nl=form == "table")
    if form == "table" and found.note:
        click.echo(f"Note: {found.note}", err=True)


@kg.command()
@click.argument("thing")
@root_option
@workspace_option
def show(thing: str, root: Path | None, workspace: Path | None) -> None:
    """Show all that the graph says of one thing, and who says it.

    THING is an IRI, a prefixed name such as net:urbact-rurban, or a name such as Klaipėda.
    """
    from kg.dataset import find_root
    from kg.show import show as as_text

    folder = find_root(root)
    found = _fresh(folder, _place(folder, workspace))
    click.echo(as_text(found.store(), thing, found.manifest.base))


@kg.command()
@click.argument("code")
@root_option
def explain(code: str, root: Path | None) -> None:
    """Explain a rule: what is right, why, and an example of wrong and right."""
    from kg import renderers
    from kg.check import rules
    from kg.dataset import find_root

    click.echo(renderers.rule_as_text(rules.load(find_root(root)).find(code)))


@kg.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@root_option
def evidence(folder: Path, form: str, root: Path | None) -> None:
    """Check that every claim still points at the words it was read from.

    FOLDER holds the source texts under the names that the dataset gives them.
    """
    from kg import dataset, renderers
    from kg.check import evidence as spans

    with _working("comparing spans"):
        report = spans.check(dataset.read(dataset.find_root(root)), folder)
    if form == "json":
        click.echo(renderers.findings_as_json(report.findings))
    elif report.findings:
        click.echo(renderers.findings_as_text(report.findings))
    found = len(report.findings)
    click.echo(
        f"{report.texts} texts, {report.spans} spans compared, {report.withheld} withheld: "
        f"{found} finding{'' if found == 1 else 's'}",
        err=True,
    )
    sys.exit(FINDINGS if report.findings else 0)


@kg.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a page is old.")
@root_option
def docs(only_check: bool, root: Path | None) -> None:
    """Write the pages of docs/ that are made from the ontology, the shapes and the queries."""
    from kg import reference
    from kg.dataset import find_root

    old = reference.write(find_root(root), only_check=only_check)
    for path in old:
        click.echo(f"{path}: {'is not up to date; run: kg docs' if only_check else 'written'}")
    sys.exit(FINDINGS if old and only_check else 0)


def main() -> None:
    """Run the command and turn every error of ours into one line and its exit code."""
    try:
        kg.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(FAULT)
    except KgError as error:
        click.echo(f"kg: {error}", err=True)
        sys.exit(FINDINGS if _is_about_data(error) else FAULT)


def _is_about_data(error: KgError) -> bool:
    from kg.build import CheckFailedError

    return isinstance(error, CheckFailedError)


@contextmanager
def _working(step: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal only and once it takes over a second."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from kg.progress import spinner

    with spinner(step) as tell:
        yield tell


def _folders(root: Path | None, workspace: Path | None) -> tuple[Path, Path]:
    from kg.dataset import find_root

    folder = find_root(root)
    return folder, _place(folder, workspace)


def _place(root: Path, workspace: Path | None) -> Path:
    return workspace or root / ".kg"


def _build(root: Path, workspace: Path, base: str, *, err: bool = False) -> "Snapshot":
    from kg import renderers
    from kg.build import CheckFailedError, build

    with _working("building") as tell:
        try:
            return build(root, workspace, base=base, progress=tell)
        except CheckFailedError as error:
            click.echo(renderers.findings_as_text(error.findings), err=err)
            raise


def _fresh(root: Path, workspace: Path, given: str | None = None) -> "Snapshot":
    """Return a snapshot to work with; all that is said on the way goes to standard error."""
    from kg.workspace import base_for, fresh

    base = base_for(workspace, given)
    return fresh(
        root,
        workspace,
        base,
        build=lambda: _build(root, workspace, base, err=True),
        warn=lambda text: click.echo(f"kg: {text}", err=True),
    )


def _pairs(params: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals:
            raise UsageError(f"--param {param}: expected NAME=VALUE, such as year=2030")
        pairs[name] = value
    return pairs


if __name__ == "__main__":
    main()
