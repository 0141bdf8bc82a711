import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from curated import SIZES, World, make, world_of
from faults import (
    EXPECTED,
    Editor,
    Expected,
    changed,
    inject,
    lacking,
    more,
    read_expected,
    second,
    value,
)

from kg import turtle


def digests(folder: Path) -> dict[str, str]:
    """Return the hash of every file under a folder, by its name."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset; tests only read it."""
    folder = tmp_path_factory.mktemp("curated") / "small"
    make(folder, 4)
    return folder


def test_the_same_arguments_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    make(tmp_path / "again", 4)
    assert digests(tmp_path / "again") == digests(small)


def test_another_seed_gives_another_world(small: Path, tmp_path: Path) -> None:
    make(tmp_path / "other", 4, seed=2)
    assert digests(tmp_path / "other") != digests(small)


def test_a_source_is_the_same_in_a_world_of_another_size_with_as_many_cities(
    small: Path, tmp_path: Path
) -> None:
    make(tmp_path / "larger", 6)
    one, other = small / "data/sources/g-1.ttl", tmp_path / "larger/data/sources/g-1.ttl"
    assert one.read_bytes() == other.read_bytes()


def test_fewer_than_four_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 is too few"):
        make(tmp_path / "few", 3)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("do not lose this", encoding="utf-8")
    with pytest.raises(FileExistsError, match="has something in it"):
        make(tmp_path, 4)


def test_the_statements_are_counted(small: Path, tmp_path: Path) -> None:
    summary = make(tmp_path / "again", 4)
    files = sorted((small / "data").rglob("*.ttl"))
    assert summary.files == len(files)
    assert summary.statements == sum(len(turtle.parse(each.read_text())) for each in files)


def test_a_size_is_within_five_percent_of_its_name(tmp_path: Path) -> None:
    statements = make(tmp_path / "s10k", SIZES["s10k"]).statements
    assert 9_500 <= statements <= 10_500


def test_a_file_declares_the_prefixes_that_it_uses_in_order(small: Path) -> None:
    for path in (small / "data").rglob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        declared = re.findall(r"^@prefix (\w+):", text, re.M)
        used = {
            token.text.partition(":")[0].removeprefix("^^")
            for token in turtle.lex(re.sub(r"^@prefix.*\n", "", text, flags=re.M))
            if token.kind in ("name", "datatype") and ":" in token.text
        } | set(re.findall(r"\^\^(\w+):", text))
        assert declared == sorted(used), path


def test_no_file_is_longer_than_a_curator_keeps_one() -> None:
    world: World = world_of(SIZES["m1m"], 1)
    largest = max(
        after - before for before, after in zip(world.starts, world.starts[1:], strict=False)
    )
    assert largest < 1_000  # cities of a country, at four lines each in the gazetteer


# --- Mistakes


BLOCK = """\
# A file.
@prefix cpo: <https://w3id.org/citypledge/ont#> .
@prefix event: <https://w3id.org/citypledge/id/event/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

event:one
    a cpo:Event ;
    skos:prefLabel "Vienas – ėė"@lt ;
    cpo:venue event:two .
"""


def put(tmp_path: Path, *edits: tuple[str, str]) -> tuple[list[Expected], str]:
    """Put one mistake into the block above; return what is expected, and the file."""
    name = "data/sources/g-1.ttl"
    (tmp_path / "data/sources").mkdir(parents=True)
    (tmp_path / name).write_text(BLOCK, encoding="utf-8")
    expected = inject(tmp_path, [("kind", changed(name, "event:one", *edits))], 1)
    assert read_expected(tmp_path) == expected
    assert (tmp_path / EXPECTED).exists()
    return expected, (tmp_path / name).read_text(encoding="utf-8")


def test_the_place_of_a_wrong_value_is_counted_in_code_points_without_the_mark(
    tmp_path: Path,
) -> None:
    expected, text = put(tmp_path, second("skos:prefLabel", '<<LBL03>>"Du"@lt'))
    assert expected == [Expected("LBL03", "data/sources/g-1.ttl", 8, 39)]
    assert '    skos:prefLabel "Vienas – ėė"@lt , "Du"@lt ;\n' in text


def test_what_lacks_something_is_found_at_its_name(tmp_path: Path) -> None:
    expected, text = put(tmp_path, *lacking("LBL01", "skos:prefLabel"))
    assert expected == [Expected("LBL01", "data/sources/g-1.ttl", 5, 1)]
    assert "prefLabel" not in text
    assert "skos:" not in text  # a prefix that is used no more goes too


def test_the_last_property_can_be_taken_out(tmp_path: Path) -> None:
    _, text = put(tmp_path, *lacking("ACT01", "cpo:venue"))
    assert text.endswith('"Vienas – ėė"@lt .\n')


def test_a_prefix_that_a_mistake_needs_is_declared_in_its_place_in_the_order(
    tmp_path: Path,
) -> None:
    expected, text = put(tmp_path, more('dcterms:created <<TIM07>>"x"^^xsd:date'))
    assert expected == [Expected("TIM07", "data/sources/g-1.ttl", 12, 21)]
    assert re.findall(r"@prefix (\w+):", text) == ["cpo", "dcterms", "event", "skos", "xsd"]


def test_a_value_is_put_in_place_of_the_one_that_is_there(tmp_path: Path) -> None:
    expected, text = put(tmp_path, value("cpo:venue", "<<REF01>>event:none"))
    assert expected == [Expected("REF01", "data/sources/g-1.ttl", 9, 15)]
    assert text.endswith("    cpo:venue event:none .\n")


def test_a_mistake_that_finds_no_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"kind: .*no block of event:three is left"):
        inject(
            _with_block(tmp_path), [("kind", changed("data/*.ttl", "event:three", more("a a")))], 1
        )


def test_a_block_gets_one_mistake_only(tmp_path: Path) -> None:
    editor = Editor(_with_block(tmp_path), random.Random(1))
    editor.pick("data/*.ttl", "event:one")
    with pytest.raises(LookupError, match="no block of event:one is left"):
        editor.pick("data/*.ttl", "event:one")


def _with_block(folder: Path) -> Path:
    (folder / "data").mkdir()
    (folder / "data/links.ttl").write_text(BLOCK, encoding="utf-8")
    return folder
