"""The house: style, types, layers, and documents that say what is there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import __version__, cli, reference
from kg.namespaces import PREFIXES

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--no-cache"),
        ("ruff", "format", "--check", "--no-cache"),
        ("mypy", "--no-incremental"),
        ("lint-imports", "--no-cache"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_style_types_and_layers_hold(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_made_pages_are_up_to_date() -> None:
    assert reference.write(ROOT, only_check=True) == []


def test_every_command_is_in_the_readme_and_no_other() -> None:
    named = set(re.findall(r"^\| `kg (\w+)", README, re.MULTILINE))
    assert named == set(cli.kg.commands)


def test_the_question_in_the_readme_has_the_answer_that_it_prints() -> None:
    block = re.search(r"\$ \./run (kg query [\w-]+)\n(.*?)```", README, re.DOTALL)
    assert block is not None
    done = run(*block[1].split())
    assert done.returncode == 0
    printed = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
    assert printed == [line.rstrip() for line in block[2].rstrip().splitlines()]


def test_every_link_between_documents_leads_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_newest_release_of_the_changelog_is_the_version_of_software_and_data() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## Software (\S+), data (\S+) ", text, re.MULTILINE)
    data = (ROOT / "data" / "dataset.ttl").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert newest is not None
    assert newest[1] == __version__ == project["version"]
    assert f'dcat:version "{newest[2]}"' in data


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "$ ./run pytest -n auto\n" in README
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line.strip() for line in script.splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "exec python3 ./run pytest -n auto"
    assert script.count("pytest") == 1
    before = {line.split()[0] for line in lines[:-1]}
    assert before <= {"set", "cd", "if", "fi", "apt-get"}  # only a browser is installed


def test_each_installed_command_answers() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name in scripts["project"]["scripts"]:
        assert run(name, "--help").returncode == 0


def test_every_prefix_in_the_repository_is_the_one_of_the_table() -> None:
    declared = re.compile(r"^\s*(?:@prefix|PREFIX)\s+([\w-]*):\s+<([^>]*)>", re.MULTILINE)
    for folder in ("ontology", "shapes", "data", "queries"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".ttl", ".rq"):
                for prefix, iri in declared.findall(path.read_text(encoding="utf-8")):
                    known = PREFIXES.get(prefix, iri if path.stem == "alignments" else None)
                    assert known == iri, f"{path}: {prefix}"


def test_no_prefix_is_declared_and_not_used() -> None:
    for folder in ("ontology", "shapes", "data"):
        for path in (ROOT / folder).rglob("*.ttl"):
            text = path.read_text(encoding="utf-8")
            for prefix in re.findall(r"^@prefix ([\w-]*):", text, re.MULTILINE):
                body = text.replace(f"@prefix {prefix}:", "")
                assert re.search(rf"(?<![\w-]){prefix}:", body), f"{path}: {prefix}"


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    places = {str(ROOT), str(ROOT.parent), str(Path.home())} - {"/", ""}
    for name in filter(None, listed):
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        assert not [place for place in places if place + "/" in text], name


def test_help_of_every_command_says_what_it_does() -> None:
    for name, command in cli.kg.commands.items():
        result = CliRunner().invoke(cli.kg, [name, "--help"])
        assert result.exit_code == 0
        assert command.help and command.help.rstrip().endswith("."), name
