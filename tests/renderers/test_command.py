"""The outputs as the command gives them, on a copy of the dataset with real faults."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from kg import cli, reference
from kg.check import catalogue
from kg.dataset import ROOT_MARKS
from kg.errors import UnknownNameError, UsageError
from kg.renderers import FORMATS, output
from kg.renderers.rule import rule_as_text

KG = str(Path(sys.executable).with_name("kg"))
TAG = """\
data/registry/city/lt.ttl:14:44: error TXT01 language tag @EN is not in its canonical case
   |
14 |     skos:prefLabel "Vilnius"@lt , "Vilnius"@EN , "Vilna"@sl ;
   |                                            ^^^
   = found: @EN
   = help: write @en; kg check --fix does it
   = fix: write @en (kg check --fix)
"""


@pytest.fixture(scope="module")
def copy(five_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the cities alone, with a tag in the wrong case and a label too many."""
    folder = tmp_path_factory.mktemp("copy")
    for part in ("ontology", "shapes", "queries", "data/registry/city", "data/registry/place"):
        shutil.copytree(five_texts / part, folder / part)
    shutil.copy(five_texts / "data" / "dataset.ttl", folder / "data")
    edit(folder / "data" / "registry" / "city" / "lt.ttl", '"Vilnius"@en', '"Vilnius"@EN')
    edit(
        folder / "data" / "registry" / "city" / "ee.ttl",
        '"Tallinn"@en',
        '"Tallinn"@en , "Tallin"@en',
    )
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def check(folder: Path, *arguments: str | Path, **environment: str) -> Result:
    plain = {"KG_LANGUAGE": "en", "GITHUB_STEP_SUMMARY": ""} | environment
    given = ["check", "--root", str(folder), *map(str, arguments)]
    return CliRunner(env=plain).invoke(cli.kg, given)


def codes(result: Result) -> list[str]:
    return [finding["code"] for finding in json.loads(result.stdout)]


def test_a_check_shows_the_lines_and_the_summary_and_exits_1(copy: Path) -> None:
    done = check(copy)
    assert done.exit_code == 1
    first, second = done.stdout.split("\n\n")
    assert first.startswith("data/registry/city/ee.ttl:9:65: error LBL03 ")
    assert "\n  |" + " " * 65 + "^" * len('"Tallin"@en') + "\n" in first
    assert "  = the first one: data/registry/city/ee.ttl:9:50\n" in first
    assert second == TAG
    assert re.fullmatch(r"\d+ files: 2 errors, 0 warnings\n", done.stderr)


def test_the_example_of_the_page_is_what_is_printed(root: Path) -> None:
    page = (root / "docs" / "checking.md").read_text(encoding="utf-8")
    assert TAG in page


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_goes_to_a_file(copy: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / "out"
    done = check(copy, "--format", form, "--output", file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert file.read_text(encoding="utf-8").count("TXT01") > 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_goes_to_a_file_is_what_goes_to_the_screen(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "out"
    shown = check(copy, "--select", "TXT01")
    check(copy, "--select", "TXT01", "--output", file)
    assert file.read_text(encoding="utf-8") == shown.stdout == TAG


def test_a_link_keeps_leading_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    output.write(tmp_path / "link", "x\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "x\n"


def test_a_pipe_gets_the_text_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        output.write(pipe, "x\n")
        assert reader.communicate()[0] == b"x\n"
    assert pipe.is_fifo()


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        output.write(tmp_path, "x\n")
    assert list(tmp_path.iterdir()) == []


def test_the_language_is_that_of_the_option_then_the_variable_then_the_locale(copy: Path) -> None:
    select = ("--select", "TXT01")
    (found,) = json.loads(check(copy, *select, "--format", "json").stdout)
    option = check(copy, *select, "--language", "sl", KG_LANGUAGE="lt")
    variable = check(copy, *select, KG_LANGUAGE="lt", LANG="sl_SI.UTF-8")
    locale = check(copy, *select, KG_LANGUAGE="", LC_ALL="sl_SI.UTF-8")
    assert len(set(found["said"].values())) == 3
    assert f"napaka TXT01 {found['said']['sl']}\n" in option.stdout
    assert f"klaida TXT01 {found['said']['lt']}\n" in variable.stdout
    assert f"napaka TXT01 {found['said']['sl']}\n" in locale.stdout
    assert locale.stderr.endswith(": 1 napaka, 0 opozoril\n")


@pytest.mark.parametrize(
    ("arguments", "shown", "code"),
    [
        (("--select", "LBL"), ["LBL03"], 1),
        (("--select", "txt01,LBL03"), ["LBL03", "TXT01"], 1),
        (("--select", "TXT01", "--select", "LBL03"), ["LBL03", "TXT01"], 1),
        (("--ignore", "LBL03"), ["TXT01"], 1),
        (("--ignore", "LBL,TXT"), [], 0),
        (("--select", "DEC"), [], 0),
    ],
)
def test_codes_say_what_is_shown_and_the_exit_code_follows(
    copy: Path, arguments: tuple[str, ...], shown: list[str], code: int
) -> None:
    done = check(copy, "--format", "json", *arguments)
    assert codes(done) == shown
    assert done.exit_code == code


def test_a_warning_is_shown_fails_a_strict_check_and_can_be_left_out(
    copy: Path, tmp_path: Path
) -> None:
    draft = tmp_path / "draft.ttl"
    draft.write_text("# nothing here # kg: ignore\n# kg: ignore TXT01 -- no longer true\n", "utf-8")
    arguments = (draft, "--format", "json", "--select", "CMT03")
    assert codes(check(copy, *arguments)) == ["CMT03"]
    assert check(copy, *arguments).exit_code == 0
    assert check(copy, *arguments, "--strict").exit_code == 1
    strict = check(copy, *arguments, "--strict", "--min-severity", "violation")
    assert (codes(strict), strict.exit_code) == ([], 0)


def test_statistics_count_the_findings_of_each_rule(copy: Path) -> None:
    done = check(copy, "--statistics", "--format", "concise")
    assert done.stderr.startswith(
        "1  LBL03  There is one main label in each language\n"
        "1  TXT01  Language tag in the wrong case\n"
    )
    assert len(done.stdout.splitlines()) == 2


def test_a_baseline_hides_what_is_known_shows_what_is_new_and_tells_what_is_gone(
    copy: Path, tmp_path: Path
) -> None:
    file = tmp_path / "baseline.json"
    written = check(copy, "--select", "TXT01", "--write-baseline", file)
    assert written.exit_code == 0
    later = check(copy, "--baseline", file, "--format", "json")
    assert codes(later) == ["LBL03"]
    assert "1 error, 0 warnings; 1 hidden by the baseline" in later.stderr
    entry = json.loads(file.read_text(encoding="utf-8"))["findings"][0]
    gone = entry | {"fingerprint": "0" * 16}
    file.write_text(json.dumps({"version": 1, "findings": [gone]}), encoding="utf-8")
    stale = check(copy, "--baseline", file, "--format", "json")
    assert codes(stale) == ["LBL03", "TXT01"]
    assert f"kg: {file}: entries that are no longer found: 1" in stale.stderr
    assert "TXT01 data/registry/city/lt.ttl" in stale.stderr


def test_a_file_that_was_not_checked_makes_no_entry_stale(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    check(copy, "--write-baseline", file)
    other = check(copy, copy / "data" / "dataset.ttl", "--baseline", file)
    assert (other.exit_code, other.stderr) == (0, "1 file: 0 errors, 0 warnings\n")


def test_github_fills_the_summary_of_the_step(copy: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    done = check(copy, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    assert [line.split(" ")[0] for line in done.stdout.splitlines()] == ["::error", "::error"]
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n### Findings of the check\n")
    assert "| error | data/registry/city/lt.ttl:14:44 | TXT01 |" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--select", "XYZ"), "--select XYZ: no rule begins so; known: "),
        (("--ignore", "TXT01,"), "--ignore"),
        (("--output", "no-such-folder/out"), "no-such-folder/out: cannot be written"),
        (("--baseline", "none.json"), "none.json: cannot be read"),
    ],
)
def test_a_call_that_cannot_be_done_exits_2_with_one_line(
    copy: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = subprocess.run(
        [KG, "check", "--root", str(copy), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("kg: ")
    assert says in last


def test_no_baseline_is_written_while_a_file_cannot_be_read(copy: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("nonsense", encoding="utf-8")
    file = tmp_path / "baseline.json"
    done = check(copy, broken, "--write-baseline", file)
    assert done.exit_code != 0
    assert "not every file could be read" in str(done.exception)
    assert not file.exists()


def test_a_terminal_gets_colours_unless_it_is_told_not_to(copy: Path) -> None:
    pty = pytest.importorskip("pty")

    def shown(**environment: str) -> str:
        outer, inner = pty.openpty()
        given = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        arguments = [KG, "check", "--root", str(copy), "--select", "TXT01", "--language", "en"]
        with subprocess.Popen(
            arguments, stdout=inner, stderr=subprocess.DEVNULL,
            env=given | {"TERM": "xterm"} | environment,
        ):  # fmt: skip
            os.close(inner)
            parts = []
            try:
                while part := os.read(outer, 65536):
                    parts.append(part)
            except OSError:  # on Linux the end of a terminal is an error
                pass
        os.close(outer)
        return b"".join(parts).decode("utf-8").replace("\r\n", "\n")

    assert "\x1b[31m" in shown()
    assert shown(NO_COLOR="1") == TAG
    assert shown(TERM="dumb") == TAG


# explain and the page of rules


def test_explain_says_what_why_wrong_right_and_how_to_mend_it(root: Path) -> None:
    rule = catalogue.load(root).find("TXT01")
    text = rule_as_text(rule)
    assert text.splitlines()[:2] == [
        "TXT01  Language tag in the wrong case",
        "error, checked in the layer: text",
    ]
    assert [line for line in text.splitlines() if line.endswith(":") and line[0] != " "] == [
        "Why:",
        "Wrong:",
        "Right:",
        "How to mend it:",
    ]


def test_explain_takes_several_codes_and_a_language(root: Path) -> None:
    arguments = ["explain", "--root", str(root), "txt01", "LBL03", "--language", "sl"]
    done = CliRunner().invoke(cli.kg, arguments)
    assert done.exit_code == 0
    assert done.stdout.count("\nZakaj:\n") == 2
    known = catalogue.load(root)
    assert all(known[code].said.sl in done.stdout for code in ("TXT01", "LBL03"))


@pytest.mark.parametrize(
    "name",
    [
        "https://w3id.org/citypledge/shapes#PLG01",
        "<https://w3id.org/citypledge/shapes#PLG01>",
        "https://w3id.org/citypledge/shapes/PLG01",
        "http://127.0.0.1:8000/shapes/PLG01",
        "cps:PLG01",
        "cps:plg01",
    ],
)
def test_explain_takes_the_iri_of_a_rule_as_its_code(root: Path, name: str) -> None:
    by_name, by_code = (
        CliRunner().invoke(cli.kg, ["explain", "--root", str(root), each])
        for each in (name, "PLG01")
    )
    assert by_name.exit_code == 0
    assert by_name.stdout == by_code.stdout


def test_explain_takes_a_shape_and_tells_each_of_its_rules(root: Path) -> None:
    """`cps:Pledge` has two rules; `cps:Undescribed` is what SPN01, among others, is not to meet."""
    runner = CliRunner()
    done = runner.invoke(cli.kg, ["explain", "--root", str(root), "cps:Pledge", "PLG02"])
    assert re.findall(r"(?m)^[A-Z]{3}\d\d(?=  )", done.stdout) == ["PLG01", "PLG02"]
    used = runner.invoke(cli.kg, ["explain", "--root", str(root), "cps:Undescribed"])
    assert "SPN01  A span lies in one source document" in used.stdout


@pytest.mark.parametrize("name", ["cps:Nothing", "https://w3id.org/citypledge/shapes#XYZ99"])
def test_explain_says_what_it_takes_where_there_is_no_such_shape(root: Path, name: str) -> None:
    done = CliRunner().invoke(cli.kg, ["explain", "--root", str(root), name])
    assert isinstance(done.exception, UnknownNameError)
    assert "a code such as PLG01, its IRI" in str(done.exception)


def test_explain_alone_lists_every_rule(root: Path) -> None:
    done = CliRunner().invoke(cli.kg, ["explain", "--root", str(root), "--language", "en"])
    assert [line[:5] for line in done.stdout.splitlines()] == list(catalogue.load(root))


def test_the_page_of_rules_has_each_rule_with_its_parts_in_three_languages(root: Path) -> None:
    page = reference.rules_page(root)
    for code, rule in catalogue.load(root).items():
        section = page.split(f"\n## {code}\n")[1].split("\n## ")[0]
        parts = ("What is right:", "Why:", "Wrong:", "Right:", "How to mend it:", "*lt:*", "*sl:*")
        for part in (rule.title, *parts):
            assert part in section, (code, part)


def test_what_a_finding_fills_in_is_left_open_in_an_explanation(root: Path) -> None:
    for rule in catalogue.load(root).values():
        for language in ("en", "lt", "sl"):
            assert not re.search(r"\{[?$]?\w+\}", rule_as_text(rule, language)), rule.code


def test_the_command_offers_every_format() -> None:
    (option,) = (p for p in cli.kg.commands["check"].params if p.name == "form")
    assert tuple(option.type.choices) == FORMATS  # type: ignore[attr-defined]


# pre-commit and CI


def blocks(root: Path) -> dict[str, dict[str, object]]:
    """The YAML of the page by the file that its first line names."""
    page = (root / "docs" / "checking.md").read_text(encoding="utf-8")
    found = re.findall(r"```yaml\n# (\S+)\n(.*?)```", page, re.DOTALL)
    return {name: yaml.safe_load(text) for name, text in found}


def hooks(root: Path) -> list[dict[str, object]]:
    return list(yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")))


def test_the_hooks_that_the_page_names_are_those_that_are_shipped(root: Path) -> None:
    (repository,) = blocks(root)[".pre-commit-config.yaml"]["repos"]  # type: ignore[misc, attr-defined]
    named = {hook["id"] for hook in repository["hooks"]}
    assert named == {hook["id"] for hook in hooks(root)} == {"kg-check", "kg-fmt"}


@pytest.mark.parametrize("name", ["kg-check", "kg-fmt"])
def test_a_hook_runs_as_pre_commit_runs_it(copy: Path, root: Path, name: str) -> None:
    hook = next(hook for hook in hooks(root) if hook["id"] == name)
    pattern = str(hook["files"])
    changed = ["data/registry/city/lt.ttl", "docs/checking.md", "data/dataset.ttl"]
    chosen = [path for path in changed if re.search(pattern, path)]
    assert chosen == ["data/registry/city/lt.ttl", "data/dataset.ttl"]
    command, *entry = str(hook["entry"]).split()
    assert command == "kg"
    given = chosen if hook.get("pass_filenames", True) else []
    done = subprocess.run([KG, *entry, *given], cwd=copy, capture_output=True, check=False)
    assert done.returncode == (1 if name == "kg-check" else 0), done.stderr


def test_the_steps_of_the_ci_snippet_run_and_pass_on_a_dataset_without_fault(
    root: Path, five_texts: Path, tmp_path: Path
) -> None:
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, tmp_path / part)
    (job,) = blocks(root)[".github/workflows/data.yml"]["jobs"].values()  # type: ignore[attr-defined]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert len(commands) == 3
    for command in commands:
        assert command.startswith("./run kg ")
        done = subprocess.run(
            ["bash", "-c", command.replace("./run kg", KG)],
            cwd=tmp_path,
            env={**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    log = json.loads((tmp_path / "findings.sarif").read_text(encoding="utf-8"))
    assert log["runs"][0]["results"] == []
