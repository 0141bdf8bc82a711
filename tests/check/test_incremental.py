"""A check of what has changed finds what a full check finds, whatever was changed."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kg.check import incremental, run
from kg.dataset import RETIRED_FILE, ROOT_MARKS
from kg.namespaces import DCTERMS, ID, ONT, RDF, XSD

Triples = list[ox.Triple]
Edit = tuple[str, int, int, int]

# Values that some rule has to say something of.
ODD: Final = (
    ox.Literal("2019", datatype=ox.NamedNode(XSD + "gYear")),
    ox.Literal("2099-01-01", datatype=ox.NamedNode(XSD + "date")),
    ox.Literal("19.00", datatype=ox.NamedNode(XSD + "decimal")),
    ox.Literal("-3", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal(" two  spaces", language="en"),
    ox.Literal("write to somebody (at) example.org", language="en"),
    ox.NamedNode(ID + "city/lt-klaipedia"),
    ox.NamedNode(ID + "network/urbact-rurban"),
)
RETIRED: Final = f"""\
<{ID}city/lt-memel> a <{ONT}RetiredThing> ;
    <{ONT}retiredOn> "2026-01-31"^^<{XSD}date> ;
    <{ONT}retirementReason> <https://w3id.org/citypledge/voc/retired-merged> ;
    <{DCTERMS}isReplacedBy> <{ID}city/lt-klaipeda> .
"""
ODD_PATHS: Final = (
    "startDat",
    "country",
    "startDate",
    "leadPartner",
    "claimStatus",
    "bindingForce",
)


def copied(root: Path, to: Path) -> Path:
    for part in ROOT_MARKS:
        shutil.copytree(root / part, to / part)
    return to


def read(path: Path) -> Triples:
    return [quad.triple for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)]


def write(path: Path, triples: Triples) -> None:
    lines = (f"{t.subject} {t.predicate} {t.object} .\n" for t in dict.fromkeys(triples))
    path.write_text("".join(lines), encoding="utf-8")


def removed(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    return triples[: one % len(triples)] + triples[one % len(triples) + 1 :]


def other_value(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    old = triples[one % len(triples)]
    values = [each.object for each in all_ if each.predicate == old.predicate]
    new = ox.Triple(old.subject, old.predicate, values[other % len(values)])
    return [new if each == old else each for each in triples]


def odd_value(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    old = triples[one % len(triples)]
    new = ox.Triple(old.subject, old.predicate, ODD[other % len(ODD)])
    return [new if each == old else each for each in triples]


def odd_path(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    old = triples[one % len(triples)]
    path = ox.NamedNode(ONT + ODD_PATHS[other % len(ODD_PATHS)])
    return [*triples, ox.Triple(old.subject, path, old.object)]


def said_here_too(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    return [*triples, all_[one % len(all_)]]


def mixed(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    subject, rest = all_[one % len(all_)].subject, all_[other % len(all_)]
    return [*triples, ox.Triple(subject, rest.predicate, rest.object)]


def without_a_thing(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    subject = triples[one % len(triples)].subject
    return [each for each in triples if each.subject != subject] or triples


def doubled(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    subject = triples[one % len(triples)].subject
    twin = ox.NamedNode(f"{subject.value}{other % 9}")  # type: ignore[union-attr]
    about = [each for each in triples if each.subject == subject]
    return [*triples, *(ox.Triple(twin, each.predicate, each.object) for each in about)]


def retired(triples: Triples, all_: Triples, one: int, other: int) -> Triples:
    old, new = all_[one % len(all_)].subject, all_[other % len(all_)].subject
    kind = ox.Triple(old, ox.NamedNode(RDF + "type"), ox.NamedNode(ONT + "RetiredThing"))
    return [*triples, kind, ox.Triple(old, ox.NamedNode(DCTERMS + "isReplacedBy"), new)]


EDITS: Final[dict[str, Callable[[Triples, Triples, int, int], Triples]]] = {
    each.__name__: each
    for each in (
        removed,
        other_value,
        odd_value,
        odd_path,
        said_here_too,
        mixed,
        without_a_thing,
        doubled,
        retired,
    )
}
STEPS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(sorted(EDITS)),
        st.integers(0, 100_000),
        st.integers(0, 100_000),
    ),
    min_size=1,
    max_size=3,
)


def changed(root: Path, all_: Triples, number: int, name: str, one: int, other: int) -> None:
    paths = sorted((root / "data").rglob("*.ttl"))
    path = paths[number % len(paths)]
    write(path, EDITS[name](read(path), all_, one, other))


def assert_same(root: Path, workspace: Path) -> incremental.Seen:
    seen = incremental.check(root, workspace)
    whole = run.check_dataset(root)
    assert seen.report.findings == whole.findings
    assert (seen.report.files, seen.report.complete) == (whole.files, whole.complete)
    return seen


@pytest.fixture(scope="module")
def remembered(five_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the facts of the five texts, and beside it the memory of a check of it."""
    folder = tmp_path_factory.mktemp("remembered")
    copied(five_texts, folder / "root")
    (folder / "root" / RETIRED_FILE).write_text(RETIRED, encoding="utf-8")
    incremental.check(folder / "root", folder / "workspace")
    return folder


@pytest.fixture
def place(remembered: Path, tmp_path: Path) -> Path:
    shutil.copytree(remembered, tmp_path / "place")
    return tmp_path / "place"


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(first=STEPS, second=STEPS)
@example(  # one fix in two files
    first=[(1526, "doubled", 570, 1374), (211, "odd_path", 15321, 9134)],
    second=[(36, "odd_path", 0, 0), (0, "odd_path", 0, 0)],
)
def test_whatever_is_changed_the_findings_are_those_of_a_full_check(
    remembered: Path, tmp_path: Path, first: list[Edit], second: list[Edit]
) -> None:
    here = tmp_path / "here"
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(remembered, here)
    root, workspace = here / "root", here / "workspace"
    all_ = [each for path in sorted((root / "data").rglob("*.ttl")) for each in read(path)]
    for steps in (first, second):
        for step in steps:
            changed(root, all_, *step)
        seen = assert_same(root, workspace)
        assert seen.why_all == ""


def test_without_a_change_nothing_is_read_or_asked(place: Path) -> None:
    seen = incremental.check(place / "root", place / "workspace")
    assert (seen.changed, seen.asked, seen.why_all) == ((), 0, "")
    assert seen.report.findings == []


def test_a_changed_date_of_a_network_leads_to_those_who_take_part(place: Path) -> None:
    path = place / "root" / "data" / "sources" / "s001.ttl"
    text = path.read_text(encoding="utf-8")
    old = 'cpo:startDate "2023"^^xsd:gYear'
    assert text.count(old) == 1
    path.write_text(text.replace(old, 'cpo:startDate "2099"^^xsd:gYear'), encoding="utf-8")
    seen = assert_same(place / "root", place / "workspace")
    assert seen.changed == ("data/sources/s001.ttl",)
    assert seen.report.findings != []


def test_another_form_of_a_number_is_another_value(place: Path) -> None:
    path = place / "root" / "data" / "registry" / "city" / "si.ttl"
    extra = "<https://w3id.org/citypledge/id/city/si-ljubljana> cpo:population {} .\n"
    text = path.read_text(encoding="utf-8")
    for form in ("1.5", "1.50", "01.5", "1.5 , 1.50"):
        path.write_text(text + extra.format(form), encoding="utf-8")
        assert_same(place / "root", place / "workspace")
    path.write_text(text, encoding="utf-8")
    assert assert_same(place / "root", place / "workspace").report.findings == []


def test_two_forms_of_a_number_in_two_sources_disagree(place: Path) -> None:
    lat = "http://www.w3.org/2003/01/geo/wgs84_pos#lat"
    for name, form in (("s001", "1.5"), ("s002", "1.50")):
        path = place / "root" / "data" / "sources" / f"{name}.ttl"
        said = f"<https://w3id.org/citypledge/id/city/xx-new> <{lat}> {form} .\n"
        path.write_text(path.read_text(encoding="utf-8") + said, encoding="utf-8")
        seen = assert_same(place / "root", place / "workspace")
    assert "CNF01" in {finding.code for finding in seen.report.findings}


def test_a_file_that_comes_and_goes(place: Path) -> None:
    path = place / "root" / "data" / "sources" / "new-one.ttl"
    path.write_text("<https://w3id.org/citypledge/id/city/lt-x> a <http://e.example/C> .\n")
    seen = assert_same(place / "root", place / "workspace")
    assert "CNF04" in {finding.code for finding in seen.report.findings}
    path.unlink()
    assert assert_same(place / "root", place / "workspace").report.findings == []


def test_a_broken_file_is_reported_and_mended_later(place: Path) -> None:
    path = place / "root" / "data" / "registry" / "city" / "lt.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Vilnius"@en', '"Vilnius'), encoding="utf-8")
    seen = assert_same(place / "root", place / "workspace")
    assert not seen.report.complete
    path.write_text(text.replace('"Vilnius"@en', '"Vilnius"@EN'), encoding="utf-8")
    seen = assert_same(place / "root", place / "workspace")
    assert [finding.code for finding in seen.report.findings] == ["TXT01"]
    path.write_text(text, encoding="utf-8")
    assert assert_same(place / "root", place / "workspace").report.findings == []


def test_a_comment_that_hides_a_finding_counts_in_another_file_too(place: Path) -> None:
    cities = place / "root" / "data" / "registry" / "city" / "lt.ttl"
    text = cities.read_text(encoding="utf-8")
    marked = text.replace('"Vilnius"@en', '"Vilnius"@en # kg: ignore TXT01 -- an example\n   ', 1)
    cities.write_text(marked, encoding="utf-8")
    assert_same(place / "root", place / "workspace")
    other = place / "root" / "data" / "registry" / "city" / "si.ttl"
    other.write_text(other.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    seen = assert_same(place / "root", place / "workspace")
    assert [finding.code for finding in seen.report.findings] == ["CMT03"]


@pytest.mark.parametrize("name", ["ontology/lists/roles.ttl", "shapes/pledges.ttl"])
def test_a_change_of_what_every_rule_reads_leads_to_a_full_check(place: Path, name: str) -> None:
    path = place / "root" / name
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    seen = assert_same(place / "root", place / "workspace")
    assert seen.why_all != ""
    assert incremental.check(place / "root", place / "workspace").why_all == ""


def test_blank_nodes_lead_to_a_full_check(place: Path) -> None:
    path = place / "root" / "data" / "registry" / "city" / "lt.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "\n[] a cpo:City .\n", encoding="utf-8")
    assert "blank nodes" in assert_same(place / "root", place / "workspace").why_all
    path.write_text(text, encoding="utf-8")
    assert "blank nodes" in assert_same(place / "root", place / "workspace").why_all


def test_a_check_that_is_cut_off_leaves_no_memory_that_could_be_wrong(place: Path) -> None:
    memory = place / "workspace" / incremental.FOLDER / "memory.json"
    memory.unlink()
    assert assert_same(place / "root", place / "workspace").why_all != ""
    memory.write_text("{", encoding="utf-8")
    assert assert_same(place / "root", place / "workspace").why_all != ""


def test_a_check_of_what_has_changed_needs_neither_rdflib_nor_pyshacl(place: Path) -> None:
    path = place / "root" / "data" / "registry" / "city" / "lt.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Vilnius"@en', '"Vilnius "@en'), encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from kg.check import incremental; "
        "seen = incremental.check(Path(sys.argv[1]), Path(sys.argv[2])); "
        "print(seen.asked > 0, {'rdflib', 'pyshacl'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code, str(place / "root"), str(place / "workspace")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "True set()"
