"""The baseline: what is known is hidden, what is new is shown."""

import json
from pathlib import Path

import pytest

from kg import baseline
from kg.baseline import Baseline
from kg.errors import UsageError
from kg.findings import Finding, Severity, Span, Text


def finding(line: int, found: str = "@LT", path: str = "data/links.ttl") -> Finding:
    return Finding(
        "TXT01", Severity.VIOLATION, Span(path, line, 5, line, 8), Text("x"), found=found
    )


def test_a_known_finding_is_hidden_wherever_its_line_is() -> None:
    known = Baseline.of([finding(3)])
    assert known.new([finding(30)]) == []


def test_another_value_is_another_finding() -> None:
    known = Baseline.of([finding(3)])
    assert known.new([finding(3, "@EN")]) == [finding(3, "@EN")]


def test_of_three_equal_findings_two_are_known_and_the_last_is_shown() -> None:
    known = Baseline.of([finding(3), finding(5)])
    assert known.new([finding(3), finding(5), finding(7)]) == [finding(7)]


def test_an_entry_of_which_there_are_fewer_now_is_stale() -> None:
    known = Baseline.of([finding(3), finding(5)])
    assert known.stale([finding(3)], ["data/links.ttl"]) == list(known.entries)
    assert known.stale([finding(3), finding(4)], ["data/links.ttl"]) == []


def test_a_file_that_was_not_checked_has_no_stale_entry() -> None:
    known = Baseline.of([finding(3)])
    assert known.stale([], ["data/dataset.ttl"]) == []


def test_the_file_is_in_order_and_holds_no_value() -> None:
    secret = finding(3, "Ana Example")
    text = Baseline.of([finding(9, path="data/z.ttl"), secret, secret]).as_json()
    assert text == (
        '{\n "version": 1,\n "findings": [\n'
        '  {"path": "data/links.ttl", "code": "TXT01", "focus": "", "property": "", '
        f'"fingerprint": "{secret.fingerprint}", "count": 2}},\n'
        '  {"path": "data/z.ttl", "code": "TXT01", "focus": "", "property": "", '
        f'"fingerprint": "{finding(9, path="data/z.ttl").fingerprint}", "count": 1}}\n'
        " ]\n}\n"
    )


@pytest.mark.parametrize("findings", [[], [finding(3), finding(3), finding(4, "@EN")]])
def test_what_is_written_is_read_again(tmp_path: Path, findings: list[Finding]) -> None:
    known = Baseline.of(findings)
    path = tmp_path / "baseline.json"
    path.write_text(known.as_json(), encoding="utf-8")
    assert baseline.read(path) == known


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "not JSON"),
        ("[]", '"version": 1'),
        ('{"version": 2, "findings": []}', '"version": 1'),
        ('{"version": 1}', "findings"),
        ('{"version": 1, "findings": [{"code": "TXT01"}]}', "entry"),
        ('{"version": 1, "findings": ["TXT01"]}', "entry"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_with_the_reason(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        baseline.read(path)


def test_an_entry_with_no_count_above_zero_is_refused(tmp_path: Path) -> None:
    content = json.loads(Baseline.of([finding(3)]).as_json())
    content["findings"][0]["count"] = 0
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UsageError, match="count"):
        baseline.read(path)


def test_a_baseline_that_is_not_there_says_how_it_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--write-baseline"):
        baseline.read(tmp_path / "none.json")
