"""Files and the named graphs that they are."""

import shutil
from pathlib import Path

import pytest

from kg import dataset
from kg.errors import DataError, EncodingError, MissingFileError
from kg.namespaces import GRAPH


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    for part in dataset.ROOT_MARKS:
        shutil.copytree(root / part, tmp_path / part)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "graph"),
    [
        ("ontology/citypledge.ttl", "ontology"),
        ("ontology/lists/roles.ttl", "lists"),
        ("data/registry/city/lt.ttl", "registry"),
        ("data/sources/s000.ttl", "source/s000"),
        ("data/sources/s000.claims.ttl", "source/s000"),
        ("data/decisions.ttl", "decisions"),
        ("data/links.ttl", "links"),
        ("data/dataset.ttl", "meta"),
    ],
)
def test_the_place_of_a_file_says_its_named_graph(name: str, graph: str) -> None:
    assert dataset.graph_of(name) == GRAPH + graph


@pytest.mark.parametrize("name", ["data/notes.ttl", "data/registry/lt.ttl", "data/a/b/c/d.ttl"])
def test_a_file_in_no_graphs_place_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(DataError, match=r"data/sources/<id>\.ttl"):
        dataset.graph_of(name)


def test_the_root_is_found_from_a_folder_below(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "data" / "sources")
    assert dataset.find_root() == root


def test_a_folder_without_a_dataset_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="--root"):
        dataset.find_root(tmp_path)


@pytest.mark.parametrize("part", ["data", "ontology", "data/registry", "ontology/lists"])
def test_an_empty_folder_is_an_error_and_not_an_empty_dataset(copy: Path, part: str) -> None:
    shutil.rmtree(copy / part)
    (copy / part).mkdir()
    with pytest.raises(MissingFileError, match="no Turtle file"):
        dataset.read(copy)


def test_a_file_that_is_not_utf_8_says_at_which_line_and_column(copy: Path) -> None:
    path = copy / "data" / "links.ttl"
    path.write_bytes(b"# a\n# Klaip" + b"\xeb" + b"da\n")
    with pytest.raises(EncodingError) as caught:
        dataset.read(copy)
    assert (caught.value.line, caught.value.column) == (2, 8)
    assert "0xEB" in caught.value.reason


def test_blank_nodes_of_two_files_are_never_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.ttl").write_text("_:x <http://e/p> 1 .", encoding="utf-8")
    one, two = (dataset.read_file(tmp_path / f"{n}.ttl", tmp_path, "http://g") for n in "ab")
    assert one.triples[0].subject != two.triples[0].subject


def test_a_root_that_is_named_is_meant_and_not_a_folder_above(root: Path) -> None:
    with pytest.raises(MissingFileError, match="no dataset"):
        dataset.find_root(root / "data")


def test_the_lock_file_of_an_editor_is_no_file_of_the_dataset(copy: Path) -> None:
    (copy / "data" / "sources" / ".#s000.ttl").symlink_to("somebody@somewhere.123")
    assert dataset.read(copy).files
