"""Findings made by hand on a text made by hand: what outputs are tried on."""

from pathlib import Path

import pytest

from kg.findings import Edit, Finding, Fix, Related, Severity, Span, Text
from kg.renderers import View

NAME = "data/registry/city/lt.ttl"
TEXT = """\
@prefix city: <https://w3id.org/citypledge/id/city/> .

city:lt-vilnius
    skos:prefLabel "Vilnius"@LT , "Vilna"@sl , "Dunaj"@sl ;
    rdfs:comment "日本\t<b>ė</b>" .
"""
FOCUS = "https://w3id.org/citypledge/id/city/lt-vilnius"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"


@pytest.fixture
def tag() -> Finding:
    """A violation of the text layer with a safe fix."""
    return Finding(
        "TXT01",
        Severity.VIOLATION,
        Span(NAME, 4, 29, 4, 32),
        Text(
            "language tag @LT is not in its canonical case",
            "kalbos žyma @LT parašyta ne tuo raidžių dydžiu",
            "oznaka jezika @LT nima prave velikosti črk",
        ),
        found="@LT",
        help=Text("write @lt", "rašykite @lt", "napišite @lt"),
        fixes=(
            Fix(
                Text("write @lt", "rašyti @lt", "napiši @lt"),
                (Edit(NAME, TEXT.index("@LT"), TEXT.index("@LT") + 3, "@lt"),),
                is_safe=True,
            ),
        ),
    )


@pytest.fixture
def label() -> Finding:
    """A violation of the shapes with two related places, one of them the rule."""
    return Finding(
        "LBL03",
        Severity.VIOLATION,
        Span(NAME, 4, 48, 4, 58),
        Text("there is one main label in each language", "viena žyma", "ena oznaka"),
        found='"Dunaj"@sl',
        focus=FOCUS,
        property=LABEL,
        value='"Dunaj"@sl',
        component="http://www.w3.org/ns/shacl#UniqueLangConstraintComponent",
        related=(
            Related(
                Span(NAME, 4, 35, 4, 45), Text("the first one", "pirmoji reikšmė", "prva vrednost")
            ),
            Related(Span("shapes/labels.ttl", 12, 1, 12, 10), Text("the rule")),
        ),
    )


@pytest.fixture
def comment() -> Finding:
    """A warning on a value with wide characters, a tab and markup."""
    return Finding(
        "TXT05",
        Severity.WARNING,
        Span(NAME, 5, 18, 5, 31),
        Text("100% of <b>|`*@all`</b>, : and more"),
        help=Text("type it anew"),
    )


@pytest.fixture
def view(root: Path, tag: Finding, label: Finding, comment: Finding) -> View:
    """Three findings in one file of two."""
    return View([tag, label, comment], root, [NAME, "data/links.ttl"], given={NAME: TEXT})
