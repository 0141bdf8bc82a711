"""What an operator may set, and what is said of what he may not."""

from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.query.service import Limits
from kg.settings import read


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = read(None, tmp_path)

    assert found.limits == Limits()
    assert found.store is None


def test_a_file_in_the_workspace_is_read_and_the_command_line_stands_above_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "settings.toml").write_text(
        '[limits]\ndeadline_s = 7\nworkers = 3\n[server]\nstore = "http://127.0.0.1:1/q"\n'
        'service_origins = ["https://Query.example.org"]\ntrusted_proxies = ["127.0.0.1"]\n'
        "drain_s = 2\n",
        encoding="utf-8",
    )

    found = read(None, tmp_path, ["deadline_s=2.5", "cache_bytes=0"])

    assert (found.limits.deadline_s, found.limits.workers, found.limits.cache_bytes) == (2.5, 3, 0)
    assert found.limits.service_origins == ("https://query.example.org",)
    assert (found.store, found.drain_s) == ("http://127.0.0.1:1/q", 2.0)
    assert found.trusted_proxies == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limit]\n", r"unknown table \[limit\]"),
        ("[limits]\ndeadline = 3\n", "unknown limit 'deadline'"),
        ("[limits]\nworkers = 1.5\n", "workers = 1.5 is not a number that it can be"),
        ("[limits]\nworkers = true\n", "workers = True is not a number"),
        ("[limits]\nwait_s = -1\n", "wait_s = -1 is not a number"),
        ("[limits]\nworkers = 0\n", "workers has to be above 0"),
        ('[limits]\nservice_origins = ["x"]\n', "unknown limit 'service_origins'"),
        ("[server]\nport = 8000\n", r"\[server\] port = 8000 is not a setting"),
        ('[server]\nservice_origins = ["https://a.example/sparql"]\n', "is not an origin"),
        ('[server]\nservice_origins = "https://a.example"\n', "is not a setting"),
        ("[limits\n", "cannot be read as settings"),
    ],
)
def test_what_is_not_a_setting_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=said):
        read(path, tmp_path)


@pytest.mark.parametrize("given", ["deadline_s", "deadline_s=soon", "nothing=1"])
def test_a_limit_on_the_command_line_is_read_as_carefully(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError):
        read(None, tmp_path, [given])


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "none.toml", tmp_path)
