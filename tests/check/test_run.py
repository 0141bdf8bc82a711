"""A check from end to end: of the real dataset, and of copies with one fault each.

The copies are of the facts of the five texts, which have kinds of statements enough for each fault.
"""

import os
import shutil
from pathlib import Path

import pytest

from kg.check import run
from kg.dataset import ROOT_MARKS
from kg.errors import DataError, MissingFileError


@pytest.fixture
def copy(five_texts: Path, tmp_path: Path) -> Path:
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, tmp_path / part)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def found(copy: Path) -> list[tuple[str, str, int]]:
    return [(f.code, f.path, f.line) for f in run.check_dataset(copy).findings]


def test_the_dataset_has_no_finding(root: Path) -> None:
    report = run.check_dataset(root)
    assert report.findings == []
    assert report.complete


def test_a_fault_in_the_dataset_is_found_in_its_file_at_its_place(copy: Path) -> None:
    path = copy / "data" / "registry" / "city" / "lt.ttl"
    edit(path, '"Vilnius"@en', '"Vilnius"@EN')
    (finding,) = run.check_dataset(copy).findings
    line = path.read_text(encoding="utf-8").splitlines()[finding.line - 1]
    assert (finding.code, finding.path) == ("TXT01", "data/registry/city/lt.ttl")
    assert line[finding.column - 1 :].startswith("@EN")


def test_two_sources_that_disagree_need_a_ruling(copy: Path) -> None:
    decisions = copy / "data" / "decisions.ttl"
    text = decisions.read_text(encoding="utf-8")
    start, end = text.index("ruling:ru-0001"), text.index("ruling:ru-0002")
    decisions.write_text(text[:start] + text[end:], encoding="utf-8")
    findings = run.check_dataset(copy).findings
    assert {f.code for f in findings if f.code.startswith("CNF")} == {"CNF01"}
    (conflict,) = (f for f in findings if f.code == "CNF01")
    assert "2023-05-08" in conflict.message
    assert "h2lt-2023" in conflict.message
    assert "s001" in conflict.message


def test_a_ruling_that_rejects_what_nobody_says_is_found_at_the_value(copy: Path) -> None:
    decisions = copy / "data" / "decisions.ttl"
    edit(decisions, '"2023-05-08"^^xsd:date', '"2023-05-09"^^xsd:date')
    findings = run.check_dataset(copy).findings
    (idle,) = (f for f in findings if f.code == "CNF02")
    line = decisions.read_text(encoding="utf-8").splitlines()[idle.line - 1]
    assert line[idle.column - 1 :].startswith('"2023-05-09"^^xsd:date')


def test_an_accepted_claim_without_its_statement_is_found_at_its_status(copy: Path) -> None:
    edit(copy / "data" / "sources" / "s002.ttl", '    dcterms:identifier "T2-29" ;\n', "")
    assert [f[:2] for f in found(copy)] == [("CNF03", "data/sources/s002.claims.ttl")]


def test_a_claim_of_which_two_files_have_a_part_is_read_as_one(copy: Path) -> None:
    claims = copy / "data" / "sources" / "s002.claims.ttl"
    text = claims.read_text(encoding="utf-8")
    status = "    cpo:claimStatus v:claim-accepted ;\n"
    start = text.index(status, text.index("\nclaim:s002-001\n"))
    claims.write_text(text[:start] + text[start + len(status) :], encoding="utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if "@prefix claim:" in line)
    head += "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
    head += "@prefix v: <https://w3id.org/citypledge/voc/> .\n"
    other = copy / "data" / "sources" / "s002.ttl"
    said = "claim:s002-001 cpo:claimStatus v:claim-rejected .\n"
    rest = other.read_text(encoding="utf-8")
    missing = "".join(line + "\n" for line in head.splitlines() if line not in rest)
    other.write_text(f"{missing}{rest}\n{said}", encoding="utf-8")
    assert [f[:2] for f in found(copy)] == [("CNF03", "data/sources/s002.ttl")]


def test_a_ruling_reaches_a_name_that_is_written_with_an_escape(copy: Path) -> None:
    path = copy / "data" / "sources" / "h2lt-2023.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("net:lt-green-munic", "net:lt\\-green-munic"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    assert found(copy) == []


def test_what_was_read_is_handed_on_as_it_was_read(copy: Path) -> None:
    report = run.check_dataset(copy)
    assert report.dataset is not None
    for file in report.dataset.files:
        assert file.text == (copy / file.name).read_text(encoding="utf-8")
        assert set(vars(file)) == {"name", "path", "graph", "text"}


def test_a_source_file_without_its_source_is_found(copy: Path) -> None:
    path = copy / "data" / "sources" / "new.ttl"
    path.write_text("<http://e/s> <http://e/p> 1 .\n", encoding="utf-8")
    assert found(copy) == [("CNF04", "data/sources/new.ttl", 1)]


def test_a_file_in_no_graphs_place_is_a_finding(copy: Path) -> None:
    (copy / "data" / "notes.ttl").write_text("", encoding="utf-8")
    assert found(copy) == [("CNF05", "data/notes.ttl", 1)]


def test_a_blank_node_in_the_data_is_found(copy: Path) -> None:
    path = copy / "data" / "links.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "[] owl:sameAs [] .\n", encoding="utf-8")
    assert {code for code, *_ in found(copy)} >= {"TXT03"}


def test_all_faults_of_syntax_are_shown_in_one_run(copy: Path) -> None:
    for name in ("links", "decisions"):
        (copy / "data" / f"{name}.ttl").write_text("nonsense\n", encoding="utf-8")
    assert found(copy) == [
        ("SYN16", "data/decisions.ttl", 1),
        ("SYN16", "data/links.ttl", 1),
    ]


def test_a_file_inside_the_dataset_is_checked_as_part_of_it(copy: Path) -> None:
    edit(copy / "data" / "sources" / "s002.ttl", '    dcterms:identifier "T2-29" ;\n', "")
    report = run.check_files(copy, [copy / "data" / "sources" / "s002.claims.ttl"])
    assert [f.code for f in report.findings] == ["CNF03"]


def test_a_file_that_is_not_there_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"none\.ttl"):
        run.check_files(root, [tmp_path / "none.ttl"])


def test_a_pipe_or_a_device_is_refused_and_not_waited_for(root: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ttl"
    os.mkfifo(pipe)
    with pytest.raises(MissingFileError, match="not a file"):
        run.check_files(root, [pipe])


def test_a_shape_that_is_not_turtle_is_said_to_be_the_fault(copy: Path) -> None:
    (copy / "shapes" / "places.ttl").write_text("cps:X a", encoding="utf-8")
    with pytest.raises(DataError, match=r"shapes/places\.ttl:1:.*shapes are at fault"):
        run.check_dataset(copy)


def test_a_shape_that_an_engine_cannot_run_is_never_skipped(copy: Path) -> None:
    (copy / "shapes" / "odd.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <http://e/S> a sh:NodeShape ; sh:targetNode <http://e/x> ;
          sh:sparql [ sh:select "SELECT nonsense" ] .""",
        encoding="utf-8",
    )
    with pytest.raises(DataError, match="shapes"):
        run.check_dataset(copy)


def test_no_shapes_at_all_is_an_error_and_not_a_pass(copy: Path) -> None:
    shutil.rmtree(copy / "shapes")
    (copy / "shapes").mkdir()
    with pytest.raises(MissingFileError, match="shapes"):
        run.check_dataset(copy)
