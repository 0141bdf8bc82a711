"""`kg find`: a thing by any of its names, with the reason."""

import subprocess
import sys
from pathlib import Path

import pytest

from kg.find import countries_of, find
from kg.snapshot import Snapshot

BASE = "https://w3id.org/citypledge/"
LITHUANIA = "http://publications.europa.eu/resource/authority/country/LTU"


def run(root: Path, snapshot: Snapshot, *arguments: str) -> subprocess.CompletedProcess[str]:
    workspace = snapshot.folder.parent.parent
    places = ["--root", str(root), "--workspace", str(workspace)]
    command = [str(Path(sys.executable).with_name("kg")), "find", *places, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Klaipedos", "Klaipėda  (city · Lithuania"),
        ("Memel", "Klaipėda  (city · Lithuania"),
        ("Lodz", "Łódź  (city · Poland"),
        ("Ljubljano", "Ljubljana  (city · Slovenia"),
    ],
)
def test_the_first_line_is_what_is_meant(built: Snapshot, words: str, first: str) -> None:
    assert find(built.store(), words, BASE).startswith(first)


def test_each_thing_has_its_reason_below_it(root: Path, built: Snapshot) -> None:
    done = run(root, built, "--kind", "City", "Memel")

    thing, reason = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert thing.endswith("  city:lt-klaipeda")
    assert reason == "  the other name “Memel”, in GeoNames"


def test_finding_nothing_is_exit_code_1_and_a_wrong_call_2(root: Path, built: Snapshot) -> None:
    nothing = run(root, built, "zzzzzzzz")
    wrong = run(root, built, "--country", "Narnia", "Memel")

    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "'Narnia' is no country here" in wrong.stderr


def test_things_can_be_of_one_class_and_in_one_country(built: Snapshot) -> None:
    store = built.store()

    assert find(store, "Klaipėda", BASE, kind="city", country="Poland") == ""
    assert find(store, "Klaipėda", BASE, kind="city", country="lt").startswith("Klaipėda")


def test_more_than_is_wanted_is_counted(built: Snapshot) -> None:
    shown = find(built.store(), "city", BASE, limit=2).splitlines()

    assert len(shown) == 5
    assert shown[-1].startswith("and ")


def test_a_country_is_known_by_names_codes_and_its_iri(built: Snapshot) -> None:
    known = countries_of(built.store(), BASE)

    assert {known[text] for text in ("lt", "ltu", "lithuania", "lietuva", "litva")} == {LITHUANIA}
