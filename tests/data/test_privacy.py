"""No contact data of a person is in the repository.

The five texts hold some. The patterns below would find it, and are kept general so that the test
does not hold what it looks for. Files that break a privacy rule on purpose are made up.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}\b")
# An international number of at least seven digits, grouped in any way.
TELEPHONE = re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ ().\u00a0-]*\d){7,}")
# A Lithuanian postal code.
POSTAL = re.compile(r"\bLT-\d{5}\b")
# Invented numbers and reserved domains, in files that have to break a rule.
INVENTED = re.compile(r"example\.(org|com|net)\b|0{3}")
HASH = re.compile(r"\b[0-9a-f]{64}\b")
EXEMPT = {"uv.lock"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = listed.stdout.decode().split("\0")
    return [
        ROOT / name for name in names if name and name not in EXEMPT and (ROOT / name).is_file()
    ]


def hits(text: str) -> list[str]:
    text = HASH.sub("hash", text)
    found = []
    for pattern in (E_MAIL, TELEPHONE, POSTAL):
        for match in pattern.finditer(text):
            if not INVENTED.search(match[0]):
                found.append(f"{text.count(chr(10), 0, match.start()) + 1}: {pattern.pattern}")
    return found


def test_there_are_files_to_look_at() -> None:
    assert len(tracked()) > 100


@pytest.mark.parametrize("path", tracked(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_file_holds_contact_data(path: Path) -> None:
    if path.suffix in (".png", ".ico"):
        return
    assert hits(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "write to jane.doe" + "@" + "city.lt",
        "Tel.: +370" + " 5 212 3456",
        "00386" + " 1 476 1111",
        "LT-" + "01103 Vilnius",
    ],
)
def test_the_patterns_find_what_they_are_for(text: str) -> None:
    assert hits(text)


@pytest.mark.parametrize(
    "text", ["2021-03-09/2022-12-31", "T2-29", "@prefix cpo: <https://w3id.org/x#> .", "a@lt ."]
)
def test_the_patterns_leave_other_text_alone(text: str) -> None:
    assert not hits(text)


def test_nobody_is_in_the_graph_without_a_public_role_and_a_reason() -> None:
    people = (ROOT / "data" / "registry" / "person" / "people.ttl").read_text(encoding="utf-8")
    assert people.count("a foaf:Person") == people.count("cpo:publicationBasis") == 17
