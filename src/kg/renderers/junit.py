"""Findings as a JUnit report, which every CI system can show.

A file is a test suite. It has one test case for each rule that it breaks; a file without findings
has one that passes. A warning does not fail its case but is printed in it, unless the check is
strict.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from kg.findings import Finding
from kg.renderers import full
from kg.renderers.view import View

_SUITE: Final = "kg check"
# What XML 1.0 has no way to write.
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(view: View) -> str:
    """Return the report as an XML document."""
    root = ET.Element("testsuites", {"name": _SUITE})
    found: dict[str, list[Finding]] = {name: [] for name in view.files}
    for finding in view.findings:
        found.setdefault(finding.path, []).append(finding)
    for name, findings in sorted(found.items()):
        _suite(root, view, name, findings)
    for counted in ("tests", "failures"):
        total = sum(int(suite.get(counted, "0")) for suite in root)
        root.set(counted, str(total))
    root.set("errors", "0")
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False)


def _suite(root: ET.Element, view: View, name: str, findings: Iterable[Finding]) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": _clean(name)})
    by_code = sorted(findings, key=lambda finding: finding.code)
    if not by_code:
        ET.SubElement(suite, "testcase", {"classname": _clean(name), "name": _SUITE})
    for code, group in groupby(by_code, key=lambda finding: finding.code):
        members = list(group)
        title = f"{code} {view.rules[code].title}"
        case = ET.SubElement(suite, "testcase", {"classname": _clean(name), "name": _clean(title)})
        told = _clean("\n\n".join(full.text(view, finding) for finding in members))
        failing = [finding for finding in members if view.fails(finding)]
        if failing:
            message = _clean(view.said(failing[0]))
            failure = ET.SubElement(case, "failure", {"type": code, "message": message})
            failure.text = told
        else:
            ET.SubElement(case, "system-out").text = told
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
