"""What is retired: each fault of its entries and of its uses is found, alone and at its place."""

import shutil
from pathlib import Path

import pytest

from kg.check import incremental, run
from kg.dataset import RETIRED_FILE, ROOT_MARKS
from kg.findings import LANGUAGES, Finding

HEAD = """\
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix v: <https://w3id.org/citypledge/voc/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
MEMEL = """\
city:lt-memel
    a cpo:RetiredThing ;
    cpo:retiredOn "2026-01-31"^^xsd:date ;
    cpo:retirementReason v:retired-merged ;
    dcterms:isReplacedBy city:lt-klaipeda .
"""
ELSEWHERE = """
city:lt-memel
    a cpo:RetiredThing ;
    cpo:retiredOn "2026-01-31"^^<http://www.w3.org/2001/XMLSchema#date> ;
    cpo:retirementReason <https://w3id.org/citypledge/voc/retired-mistaken> .
"""


@pytest.fixture(scope="module")
def remembered(five_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the facts of the five texts, and beside it the memory of a check of it."""
    folder = tmp_path_factory.mktemp("remembered")
    for part in ROOT_MARKS:
        shutil.copytree(five_texts / part, folder / "root" / part)
    incremental.check(folder / "root", folder / "workspace")
    return folder


@pytest.fixture
def copy(remembered: Path, tmp_path: Path) -> Path:
    shutil.copytree(remembered, tmp_path / "place")
    return tmp_path / "place" / "root"


def retire(copy: Path, *entries: str) -> None:
    (copy / RETIRED_FILE).write_text(HEAD + "\n".join(entries), encoding="utf-8")


def added(copy: Path, name: str, text: str) -> None:
    path = copy / "data" / name
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def found(copy: Path) -> list[Finding]:
    """Return what a full check finds, which a check of what has changed finds too."""
    workspace = copy.parent / "workspace"
    whole = run.check_dataset(copy).findings
    assert incremental.check(copy, workspace).report.findings == whole
    return whole


def line_of(copy: Path, finding: Finding) -> str:
    return (copy / finding.path).read_text(encoding="utf-8").splitlines()[finding.line - 1]


def test_an_entry_of_something_that_is_gone_is_right(copy: Path) -> None:
    assert found(copy) == []
    retire(copy, MEMEL)
    assert found(copy) == []


def test_an_empty_file_of_retired_things_is_right(copy: Path) -> None:
    (copy / RETIRED_FILE).write_text("# Nothing is retired.\n", encoding="utf-8")
    assert found(copy) == []


def test_a_use_is_found_where_it_stands_and_is_mended_by_the_successor(copy: Path) -> None:
    found(copy)
    retire(copy, MEMEL)
    used = (
        "\n<https://w3id.org/citypledge/id/network/urbact-rurban> cpo:memberCity city:lt-memel .\n"
    )
    added(copy, "sources/s001.ttl", used)
    (finding,) = (each for each in found(copy) if each.code.startswith("RET"))
    assert (finding.code, finding.path) == ("RET01", "data/sources/s001.ttl")
    assert line_of(copy, finding)[finding.column - 1 :].startswith("city:lt-memel")
    (fix,) = finding.fixes
    assert [edit.text for edit in fix.edits] == ["city:lt-klaipeda"]
    assert not fix.is_safe


def test_a_thing_that_was_split_has_no_one_name_to_write_in_its_place(copy: Path) -> None:
    entry = MEMEL.replace("retired-merged", "retired-split")
    retire(copy, entry.replace("city:lt-klaipeda", "city:lt-klaipeda , city:lt-vilnius"))
    used = (
        "\n<https://w3id.org/citypledge/id/network/urbact-rurban> cpo:memberCity city:lt-memel .\n"
    )
    added(copy, "sources/s001.ttl", used)
    (finding,) = (each for each in found(copy) if each.code == "RET01")
    assert finding.fixes == ()


def test_a_description_of_what_is_retired_is_found_where_it_stands(copy: Path) -> None:
    retire(copy, MEMEL.replace("lt-memel", "lt-vilnius"))
    codes = {each.code for each in found(copy)}
    assert {"RET01", "RET02"} <= codes
    finding = next(each for each in found(copy) if each.code == "RET02")
    assert finding.path == "data/registry/city/lt.ttl"
    assert "cpo:City" in line_of(copy, finding)


def test_an_outside_identity_of_what_is_retired_is_a_description_too(copy: Path) -> None:
    retire(copy, MEMEL)
    same = "\ncity:lt-memel owl:sameAs <http://www.wikidata.org/entity/Q1> .\n"
    added(copy, "links.ttl", same)
    assert [(each.code, each.path) for each in found(copy)] == [("RET02", "data/links.ttl")]


def test_a_chain_is_mended_by_its_end(copy: Path) -> None:
    first = MEMEL.replace("city:lt-klaipeda", "city:lt-memelburg")
    second = MEMEL.replace("lt-memel", "lt-memelburg")
    retire(copy, first, second)
    (finding,) = found(copy)
    assert (finding.code, finding.path) == ("RET03", RETIRED_FILE)
    (fix,) = finding.fixes
    assert ([edit.text for edit in fix.edits], fix.is_safe) == (["city:lt-klaipeda"], True)


def test_a_successor_that_is_not_there_is_a_dangling_reference(copy: Path) -> None:
    retire(copy, MEMEL.replace("city:lt-klaipeda", "city:lt-nowhere"))
    assert [(each.code, each.path) for each in found(copy)] == [("REF01", RETIRED_FILE)]


def test_a_second_entry_is_found_though_it_says_the_same(copy: Path) -> None:
    retire(copy, MEMEL, MEMEL)
    (finding,) = found(copy)
    assert (finding.code, finding.line) == ("RET08", 13)
    assert [each.span.line for each in finding.related] == [7]


def test_an_entry_stands_in_its_own_file(copy: Path) -> None:
    added(copy, "registry/city/lt.ttl", ELSEWHERE)
    (finding,) = found(copy)
    assert (finding.code, finding.path) == ("RET09", "data/registry/city/lt.ttl")


def test_nothing_else_stands_in_the_file_of_what_is_retired(copy: Path) -> None:
    retire(copy, MEMEL, "v:retired-merged dcterms:replaces v:retired-split .\n")
    (finding,) = found(copy)
    assert (finding.code, finding.path, finding.line) == ("RET09", RETIRED_FILE, 13)


def test_what_is_found_of_an_entry_goes_when_the_entry_goes(copy: Path) -> None:
    retire(copy, MEMEL.replace("lt-memel", "lt-vilnius"))
    assert found(copy) != []
    (copy / RETIRED_FILE).unlink()
    assert found(copy) == []


def test_a_draft_outside_the_dataset_may_not_use_what_is_retired(copy: Path) -> None:
    retire(copy, MEMEL)
    draft = (
        "@prefix city: <https://w3id.org/citypledge/id/city/> .\n"
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix mun: <https://w3id.org/citypledge/id/municipality/> .\n"
        "mun:lt-klaipeda-city cpo:governs city:lt-memel .\n"
    )
    (finding,) = run.check_text(draft, "draft.ttl", copy).findings
    assert (finding.code, finding.line) == ("RET01", 4)
    assert [edit.text for edit in finding.fixes[0].edits] == ["city:lt-klaipeda"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_outside_the_shapes_speak_three_languages(copy: Path, language: str) -> None:
    retire(copy, MEMEL, MEMEL, "v:retired-merged dcterms:replaces v:retired-split .\n")
    for finding in found(copy):
        assert finding.said.in_language(language)
        assert finding.help.in_language(language)
