"""Ready-made files become a snapshot: sorted, each statement once, whatever their size."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg import load as loading
from kg.errors import DataError, UsageError
from kg.load import load
from kg.snapshot import Snapshot, canonical, on_disk

BASE = "http://e/"
TURTLE = '@prefix e: <http://e/> . e:b e:p "2", "1" ; a e:C . e:a e:p [ e:q "x" ], [ e:q "y" ] .'
QUADS = (
    '<http://e/z> <http://e/p> "é\\n\\"q\\"" <http://e/g> .\n'
    "<http://e/z> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/C> <http://e/g> .\n"
    "<http://e/b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/C> .\n"
)


def sealed(tmp_path: Path, **options: bool) -> Snapshot:
    (tmp_path / "a.ttl").write_text(TURTLE, encoding="utf-8")
    (tmp_path / "b.nq").write_text(QUADS * 3, encoding="utf-8")
    files = [tmp_path / "a.ttl", tmp_path / "b.nq"]
    return load(files, tmp_path / "workspace", base=BASE, version="7", **options)


def test_each_statement_is_there_once_in_order(tmp_path: Path) -> None:
    found = sealed(tmp_path)

    lines = found.nquads.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    # Turtle: two values, a type, and two blank nodes with a statement each way; N-Quads: two more.
    assert len(lines) == 3 + 4 + 2
    assert (found.manifest.triples, found.manifest.quads) == (7, 9)
    assert found.manifest.graphs == {"http://e/g": 2}
    assert found.manifest.classes == {"http://e/C": 1}


@pytest.mark.parametrize("run", [1, 2, 3, 1000])
def test_the_size_of_a_run_makes_no_difference(
    tmp_path: Path, run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sealed(tmp_path).manifest.snapshot
    monkeypatch.setattr(loading, "RUN", run)

    assert sealed(tmp_path).manifest.snapshot == whole


def test_merged_the_default_graph_has_what_the_graphs_say(tmp_path: Path) -> None:
    found = sealed(tmp_path, is_merged=True)

    store = found.store()
    z = ox.NamedNode("http://e/z")
    assert len(list(store.quads_for_pattern(z, None, None, ox.DefaultGraph()))) == 2
    assert found.manifest.classes == {"http://e/C": 2}
    assert found.manifest.quads == 9 + 2


def test_a_store_on_disk_holds_the_same(tmp_path: Path) -> None:
    found = sealed(tmp_path)

    folder = on_disk(found)

    # Blank nodes get new names whenever they are read; their canonical names stay.
    assert canonical(ox.Store.read_only(str(folder))) == canonical(found.store())
    assert on_disk(found) == folder
    assert [path.name for path in found.folder.glob(".partial*")] == []


def test_a_file_that_is_not_well_formed_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.nt").write_text("<http://e/a> nonsense\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"bad\.nt"):
        load([tmp_path / "bad.nt"], tmp_path / "workspace", base=BASE, version="1")
    assert not (tmp_path / "workspace" / "current").exists()


def test_a_file_of_another_kind_or_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a,b\n", encoding="utf-8")

    for name, said in (("table.csv", "unknown extension"), ("none.nq", "cannot be read")):
        with pytest.raises(UsageError, match=said):
            load([tmp_path / name], tmp_path / "workspace", base=BASE, version="1")
