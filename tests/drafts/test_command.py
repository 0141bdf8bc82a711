"""The command `kg new`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import cli
from kg.errors import UnknownNameError, UsageError

KAUNAS = ("city", "Kaunas", "--language", "lt", "--country", "LTU", "--label", "Kaunas@en")


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.kg, ["new", "--root", str(root), *arguments])


def test_it_prints_iri_file_and_line_and_refuses_a_second_run_with_1(copy: Path) -> None:
    shown = run(copy, *KAUNAS, "--dry-run")
    assert (shown.exit_code, "+city:lt-kaunas\n" in shown.output) == (0, True)
    first = run(copy, *KAUNAS)
    assert first.exit_code == 0
    assert first.output == "city:lt-kaunas  data/registry/city/lt.ttl:7\n"
    second = run(copy, *KAUNAS)
    assert second.exit_code == 1
    assert second.output == (
        'kg: looks like an existing city: city:lt-kaunas "Kaunas" '
        "(data/registry/city/lt.ttl:7:1); use that, or give --anyway\n"
    )
    assert run(copy, *KAUNAS, "--anyway").exit_code == 1


def test_options_stand_for_properties(copy: Path) -> None:
    done = run(
        copy, "participation", "--of", "mun:si-kranj", "--in", "net:urbact-rurban", "--role",
        "v:role-partner", "--set", "cpo:startDate=2018", "--source", "s004",
    )  # fmt: skip
    assert done.output == "pa:urbact-rurban--si-kranj  data/sources/s004.ttl:154\n"
    written = (copy / "data/sources/s004.ttl").read_text(encoding="utf-8")
    assert (
        "pa:urbact-rurban--si-kranj\n"
        "    a cpo:Participation ;\n"
        "    cpo:participant mun:si-kranj ;\n"
        "    cpo:participationIn net:urbact-rurban ;\n"
        "    cpo:role v:role-partner ;\n"
        '    cpo:startDate "2018"^^xsd:gYear .\n'
    ) in written


@pytest.mark.parametrize(
    "arguments",
    [
        ("village", "X@en"),
        ("city", "Kaunas"),
        ("project", "Quays@en"),
        ("project", "Quays@en", "--source", "s003", "--set", "cpo:startDate"),
    ],
)
def test_a_call_that_lacks_something_is_the_callers_fault(
    root: Path, arguments: tuple[str, ...]
) -> None:
    assert isinstance(run(root, *arguments).exception, UsageError | UnknownNameError)
