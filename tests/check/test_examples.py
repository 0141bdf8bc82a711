"""The examples of the rules that are checked in Python: the wrong one breaks its rule, and the
right one does not break it.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from kg.check import catalogue, run
from kg.namespaces import PREFIXES

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("syntax", "text", "names", "comments")
# Of a whole file, which a line of Turtle cannot show; TXT03 is about files of the dataset only.
OF_FILES = ("CMT03", "ENC01", "ENC02", "ENC03", "NMS01", "NMS02", "NMS04", "SYN18", "TXT03")
RULES = [
    rule
    for rule in catalogue.load(ROOT).values()
    if rule.layer in LAYERS and rule.code not in OF_FILES
]


@cache
def ground() -> run.Ground:
    return run.ground_of(ROOT)


def codes(example: str) -> set[str]:
    """Return what is found in an example that is completed to a file."""
    if example.startswith("skos:"):
        text, remark, comment = example.partition(" #")
        example = f"city:lt-klaipeda {text} .{remark}{comment}"
    declared = set(re.findall(r"@prefix (\w+):", example))
    head = "".join(
        f"@prefix {prefix}: <{iri}> .\n"
        for prefix, iri in PREFIXES.items()
        if f"{prefix}:" in example and prefix not in declared
    )
    findings = run.check_draft(f"{head}{example}\n", "example.ttl", ground()).findings
    return {finding.code for finding in findings}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_examples_of_a_rule_show_it(rule: catalogue.Rule) -> None:
    used = "\ncity:a skos:related city:b ." if rule.code == "NMS03" else ""
    assert rule.code in codes(rule.wrong + used)
    right = codes(rule.right + used)
    assert rule.code not in right
    assert not {code for code in right if code.startswith(("SYN", "VOC"))}


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.layer == "syntax"], ids=lambda rule: rule.code
)
def test_a_wrong_example_of_syntax_breaks_that_rule_only(rule: catalogue.Rule) -> None:
    assert codes(rule.wrong) == {rule.code}
