"""Mending: which fixes are made, in memory and on disk."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import mending, turtle
from kg.check import run
from kg.cli import kg
from kg.errors import DataError
from kg.mending import Checked, Mended, Reason

HEAD = """@prefix cc: <http://publications.europa.eu/resource/authority/country/> .
@prefix city: <https://w3id.org/citypledge/id/city/> .
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

"""
GOOD = """city:lt-x
    a cpo:City ;
    skos:prefLabel "Iksas"@lt ;
    cpo:country cc:LTU .
"""


@pytest.fixture(scope="module")
def ground(root: Path) -> run.Ground:
    return run.ground_of(root)


def mended(ground: run.Ground, text: str, *, unsafe: bool = False) -> tuple[str, Mended]:
    """Return a text mended, and what was done."""

    def check(changed: Mapping[str, str]) -> Checked:
        report = run.check_draft(changed.get("x.ttl", text), "x.ttl", ground)
        return Checked(report.findings, report.complete)

    done = mending.mend({"x.ttl": text}, check, unsafe=unsafe)
    return done.after.get("x.ttl", text), done


def codes(done: Mended) -> list[str]:
    return [each.finding.code for each in done.made]


def test_several_faults_of_one_file_are_mended_in_one_go(ground: run.Ground) -> None:
    text = HEAD + GOOD.replace('"Iksas"@lt', '" Iksas "@LT').replace("cc:LTU", "cc:ltu")
    after, done = mended(ground, text)
    assert after == HEAD + GOOD
    assert sorted(codes(done)) == ["LBL04", "PLC02", "TXT01"]
    assert done.left == []
    assert done.checked.findings == []


def test_what_a_fix_leaves_over_is_mended_in_turn(ground: run.Ground) -> None:
    text = HEAD.replace(
        "\n\n", "\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n@prefix wgs:"
    )
    text += " <http://www.w3.org/2003/01/geo/wgs84_pos#> .\n\n"
    point = "    wgs:lat {} ;\n    wgs:long 21.14 .\n"
    body = GOOD.replace("LTU .\n", "LTU ;\n")
    after, done = mended(ground, text + body + point.format('"55,71"^^xsd:decimal'))
    declared = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    assert after == text.replace(declared, "") + body + point.format("55.71")
    assert sorted(codes(done)) == ["NMS02", "PLC04"]


def test_mending_again_changes_nothing(ground: run.Ground) -> None:
    after, _ = mended(ground, HEAD + GOOD.replace("cc:LTU", "cc:ltu"))
    again, done = mended(ground, after)
    assert again == after
    assert done.after == {}
    assert done.diff() == ""


def test_an_unsafe_fix_is_made_only_when_asked_for(ground: run.Ground) -> None:
    text = HEAD + GOOD.replace("cc:LTU", '"Lithuania"')
    after, done = mended(ground, text)
    assert after == text.replace(HEAD.splitlines(keepends=True)[0], "")
    assert [each.reason for each in done.left] == [Reason.UNSAFE]
    after, done = mended(ground, text, unsafe=True)
    assert after == HEAD + GOOD
    assert done.left == []


def test_of_several_ways_none_is_taken(ground: run.Ground) -> None:
    text = (
        "@prefix cpo: <https://w3id.org/citypledge/ont#> .\n"
        "@prefix event: <https://w3id.org/citypledge/id/event/> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
        'event:x\n    a cpo:Event ;\n    skos:prefLabel "X"@en ;\n'
        '    cpo:date "05.08.2023"^^xsd:date .\n'
    )
    after, done = mended(ground, text, unsafe=True)
    assert after == text
    assert [each.reason for each in done.left] == [Reason.SEVERAL]


def test_a_fix_that_brings_another_violation_is_not_made(ground: run.Ground) -> None:
    body = 'city:lt-x\n    skos:prefLable "Kitas"@lt ;\n' + GOOD.partition("\n")[2]
    after, done = mended(ground, HEAD + body, unsafe=True)
    assert after == HEAD + body
    ((finding, reason),) = [(each.finding.code, each.reason) for each in done.left]
    assert (finding, reason) == ("VOC02", Reason.NO_HELP)


def test_one_bad_fix_does_not_keep_the_others_from_being_made(ground: run.Ground) -> None:
    body = 'city:lt-x\n    skos:prefLable "Kitas"@lt ;\n' + GOOD.partition("\n")[2]
    after, done = mended(ground, HEAD + body.replace("cc:LTU", '"LT"'), unsafe=True)
    assert after == HEAD + body
    assert [each.reason for each in done.left] == [Reason.NO_HELP]


def test_only_the_chosen_findings_are_mended(ground: run.Ground) -> None:
    text = HEAD + GOOD.replace('"Iksas"@lt', '"Iksas"@LT').replace("cc:LTU", "cc:ltu")

    def check(changed: Mapping[str, str]) -> Checked:
        report = run.check_draft(changed.get("x.ttl", text), "x.ttl", ground)
        return Checked(report.findings, report.complete)

    done = mending.mend(
        {"x.ttl": text}, check, chosen=lambda found: [f for f in found if f.code == "TXT01"]
    )
    assert done.after["x.ttl"] == text.replace("@LT", "@lt")
    assert done.left == []


def test_comments_and_the_rest_of_the_graph_stay(ground: run.Ground) -> None:
    text = HEAD + GOOD.replace("a cpo:City ;", "a cpo:City ; # a place").replace(
        "    cpo:country", '    skos:altLabel "Iksas"@lt ; # the same\n    cpo:country'
    )
    after, done = mended(ground, text)
    assert codes(done) == ["LBL05"]
    assert after == HEAD + GOOD.replace("a cpo:City ;", "a cpo:City ; # a place").replace(
        "    cpo:country", "    # the same\n    cpo:country"
    )
    before, now = (set(turtle.statements(each)) for each in (text, after))
    assert {s[:3] for s in before} - {s[:3] for s in now} == {
        s[:3] for s in before if s.predicate.value.endswith("altLabel")
    }


# --- On disk


@pytest.fixture(scope="module")
def dataset(five_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the dataset with some faults, as other tests of this module may not change it."""
    copy = tmp_path_factory.mktemp("dataset")
    for folder in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(five_texts / folder, copy / folder)
    cities = copy / "data/registry/city/lt.ttl"
    text = cities.read_text(encoding="utf-8")
    text = text.replace('"Klajpeda"@sl', '"Klajpeda "@SL').replace(
        "@prefix cc:", "@prefix wd: <http://www.wikidata.org/entity/> .\n@prefix cc:"
    )
    cities.write_text(text, encoding="utf-8")
    source = copy / "data/sources/h2lt-2023.ttl"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('"2023-05-08"', '"2023-5-8"'), encoding="utf-8")
    return copy


def kg_check(*args: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(kg, ["check", "--language", "en", *map(str, args)])
    return result.exit_code, result.stdout, result.stderr


FAULTY = ("data/registry/city/lt.ttl", "data/sources/h2lt-2023.ttl")


def test_diff_shows_the_changes_and_writes_nothing(five_texts: Path, dataset: Path) -> None:
    before = [(dataset / name).read_bytes() for name in FAULTY]
    code, shown, told = kg_check("--root", dataset, "--diff")
    assert code == 1
    assert [(dataset / name).read_bytes() for name in FAULTY] == before
    assert "-@prefix wd: <http://www.wikidata.org/entity/> .\n" in shown
    assert '+    cpo:startDate "2023-05-08"^^xsd:date .\n' in shown
    assert "data/sources/h2lt-2023.ttl:24:19: fixed TIM01: write" in told


def test_fix_mends_a_dataset_and_leaves_what_was_right(
    five_texts: Path, dataset: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    code, _, told = kg_check("--root", copy, "--fix")
    assert code == 0
    assert told.count(": fixed ") == 4
    for path in (five_texts / "data").rglob("*.ttl"):
        assert (copy / path.relative_to(five_texts)).read_bytes() == path.read_bytes()


def test_fix_of_a_file_outside_keeps_its_mode_and_shows_what_is_left(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "draft.ttl"
    broken = (
        GOOD.replace("@lt", "@LT") + "\ncity:lt-z\n    a cpo:City ;\n    cpo:country cc:LTU .\n"
    )
    path.write_bytes((HEAD + broken).replace("\n", "\r\n").encode())
    path.chmod(0o640)
    code, shown, _ = kg_check("--root", root, "--fix", path, "--format", "concise")
    assert code == 1
    assert "LBL01" in shown
    assert "TXT01" not in shown
    mended = (HEAD + broken).replace("@LT", "@lt").replace("\n", "\r\n")
    assert path.read_bytes() == mended.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["draft.ttl"]


def test_a_file_that_somebody_changes_meanwhile_is_not_overwritten(
    root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "draft.ttl"
    path.write_text(HEAD + GOOD.replace("@lt", "@LT"), encoding="utf-8")
    done = mending.mend_files(root, [path])
    path.write_text("# new\n", encoding="utf-8")
    with pytest.raises(DataError, match="changed while it was being mended"):
        mending.write(root, done)
    assert path.read_text(encoding="utf-8") == "# new\n"


def test_a_file_that_is_not_utf_8_is_left_and_reported(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "draft.ttl"
    path.write_bytes((HEAD + GOOD).encode("utf-16"))
    done = mending.mend_files(root, [path])
    assert done.after == {}
    assert [each.code for each in done.checked.findings] == ["ENC01"]
    assert not done.checked.complete


def test_faults_of_syntax_are_mended_first_and_then_what_they_hid(ground: run.Ground) -> None:
    text = HEAD.replace("@prefix skos", "#@prefix skos") + GOOD.replace('Iksas"', 'Iksas "')
    after, done = mended(ground, text)
    assert codes(done) == ["NMS01", "LBL04"]
    declared = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    assert declared in after.splitlines()
    assert 'skos:prefLabel "Iksas"@lt' in after
    assert done.checked.findings == []
