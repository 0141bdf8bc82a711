"""The dumps of a release, read by programs that have nothing to do with their writing.

Of the facts of the five texts, which have graphs of each kind.
"""

import gzip
import hashlib
import json
import random
import shutil
import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from backports import zstd
from pyjelly.integrations.generic.parse import parse_jelly_flat

from kg.build import build
from kg.dumps import stem_of
from kg.errors import BuildError, UsageError
from kg.release import Made, make, releases
from kg.snapshot import Snapshot, canonical, seal

BASE = "https://w3id.org/citypledge/"
MOMENT = datetime(2026, 11, 22, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(five_built: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A release of the facts of the five texts."""
    return make(tmp_path_factory.mktemp("workspace"), five_built, MOMENT, "0.1.0")


def small(workspace: Path, text: str, version: str = "1", base: str = BASE) -> Snapshot:
    """A snapshot of some N-Quads."""
    quads = ox.parse(text, format=ox.RdfFormat.N_QUADS)
    return seal(workspace, canonical(quads), version=version, software="test", base=base, inputs={})


def content(made: Made, name: str) -> bytes:
    """What a dump holds."""
    path = made.release.folder / name
    data = path.read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else zstd.decompress(data)


def test_the_whole_as_n_quads_is_the_canonical_form_that_the_release_is_named_after(
    made: Made, five_built: Snapshot
) -> None:
    lines = content(made, "dataset.nq.gz")
    assert lines == five_built.nquads.read_bytes()
    assert hashlib.sha256(lines).hexdigest() == made.release.rdfc10 == made.release.snapshot


def test_every_dump_is_the_same_under_gzip_and_under_zstd(made: Made) -> None:
    names = {file.name.rsplit(".", 1)[0] for file in made.release.files}
    assert {f"{name}.{ending}" for name in names for ending in ("gz", "zst")} == {
        file.name for file in made.release.files
    }
    for name in names:
        assert content(made, f"{name}.gz") == content(made, f"{name}.zst"), name


def test_trig_and_jelly_hold_the_same_statements_as_n_quads(made: Made) -> None:
    def quads(name: str, form: ox.RdfFormat) -> set[ox.Quad]:
        return set(ox.parse(content(made, name), format=form))

    expected = quads("dataset.nq.gz", ox.RdfFormat.N_QUADS)
    assert quads("dataset.trig.gz", ox.RdfFormat.TRIG) == expected
    with gzip.open(made.release.folder / "dataset.jelly.gz") as stream:
        lines = Counter(" ".join(map(str, quad)) for quad in parse_jelly_flat(stream))
    assert len(lines) == len(expected)
    graphs = Counter(str(quad.graph_name) for quad in expected)
    assert (
        len([line for line in lines if line.endswith(f"<{BASE}graph/links>")])
        == (graphs[f"<{BASE}graph/links>"])
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib warns of itself
def test_rdflib_reads_the_same_number_of_statements_from_trig(
    made: Made, five_built: Snapshot
) -> None:
    dataset = rdflib.Dataset()
    dataset.parse(data=content(made, "dataset.trig.gz"), format="trig")
    assert len(list(dataset.quads())) == five_built.manifest.quads
    assert len(dataset.default_graph) == five_built.manifest.triples


def test_the_accepted_view_alone_is_the_default_graph(made: Made, five_built: Snapshot) -> None:
    lines = content(made, "accepted.nt.gz").splitlines(keepends=True)
    assert len(lines) == five_built.manifest.triples
    default = [
        quad for quad in ox.parse(path=five_built.nquads) if quad.graph_name == ox.DefaultGraph()
    ]
    assert set(ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES)) == set(default)


def test_there_is_a_dump_of_each_named_graph_with_that_graph_alone(
    made: Made, five_built: Snapshot
) -> None:
    files = {file.graph: file.name for file in made.release.files if file.name.endswith(".nq.gz")}
    assert {graph for graph in files if graph} == set(five_built.manifest.graphs)
    for graph, number in five_built.manifest.graphs.items():
        quads = list(ox.parse(content(made, files[graph]), format=ox.RdfFormat.N_QUADS))
        assert len(quads) == number
        assert {quad.graph_name.value for quad in quads} == {graph}


def test_sha256sum_finds_every_file_as_it_is_listed(made: Made) -> None:
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("sha256sum is not installed")
    done = subprocess.run(
        [tool, "--check", "--strict", "SHA256SUMS"],
        cwd=made.release.folder,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(b": OK") == len(made.release.files)


def test_sizes_and_hashes_of_the_record_are_those_of_the_files(made: Made) -> None:
    record = json.loads((made.release.folder / "release.json").read_text())
    assert record["released"] == "2026-11-22T14:00:00Z"
    for file in record["files"]:
        data = (made.release.folder / file["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])


def test_the_same_snapshot_gives_the_same_bytes_on_another_day(
    made: Made, five_built: Snapshot, tmp_path: Path
) -> None:
    again = make(tmp_path, five_built, datetime(2031, 1, 1, tzinfo=UTC), "0.1.0")
    assert again.release.files == made.release.files


def test_the_hash_does_not_depend_on_the_names_of_blank_nodes_or_on_order(tmp_path: Path) -> None:
    lines = [
        '_:a <https://example.org/p> "1" .',
        "_:a <https://example.org/q> _:b .",
        '_:b <https://example.org/p> "2" <https://example.org/g> .',
    ]
    others = [line.replace("_:a", "_:x").replace("_:b", "_:a") for line in lines]
    random.Random(3).shuffle(others)
    made = [
        make(tmp_path / name, small(tmp_path / name, "\n".join(text)), MOMENT, "test").release
        for name, text in (("one", lines), ("other", others))
    ]
    assert made[0].rdfc10 == made[1].rdfc10


def test_a_release_made_again_changes_nothing(five_built: Snapshot, tmp_path: Path) -> None:
    first = make(tmp_path, five_built, MOMENT, "0.1.0")
    before = {path.name: path.stat().st_mtime_ns for path in first.release.folder.iterdir()}
    second = make(tmp_path, five_built, datetime(2027, 1, 1, tzinfo=UTC), "0.1.0")
    assert (first.is_new, second.is_new) == (True, False)
    assert second.release == first.release
    assert before == {path.name: path.stat().st_mtime_ns for path in first.release.folder.iterdir()}


def test_a_version_is_not_released_with_other_content(tmp_path: Path) -> None:
    one = "<https://example.org/s> <https://example.org/p> <https://example.org/o> ."
    make(tmp_path, small(tmp_path, one), MOMENT, "test")
    other = small(tmp_path, one.replace("/o>", "/o2>"))
    with pytest.raises(
        UsageError, match=r"version 1 was released with other content .*dcat:version"
    ):
        make(tmp_path, other, datetime(2027, 1, 1, tzinfo=UTC), "test")
    assert [release.version for release in releases(tmp_path)] == ["1"]


def test_releases_are_in_the_order_of_their_dates_and_name_the_one_before(tmp_path: Path) -> None:
    one = "<https://example.org/s> <https://example.org/p> <https://example.org/o> ."
    make(tmp_path, small(tmp_path, one, "b"), MOMENT, "test")
    make(tmp_path, small(tmp_path, one, "a"), datetime(2026, 11, 23, tzinfo=UTC), "test")
    found = [(release.version, release.previous) for release in releases(tmp_path)]
    assert found == [("b", None), ("a", "b")]
    with pytest.raises(UsageError, match="not after the last release, a of 2026-11-23"):
        make(tmp_path, small(tmp_path, one, "c"), MOMENT, "test")


def test_a_version_that_cannot_name_a_folder_is_refused(tmp_path: Path) -> None:
    one = "<https://example.org/s> <https://example.org/p> <https://example.org/o> ."
    with pytest.raises(UsageError, match=r"dcat:version '\.\./x'"):
        make(tmp_path, small(tmp_path, one, "../x"), MOMENT, "test")
    assert releases(tmp_path) == []


def test_a_damaged_release_is_said_and_not_left_out(tmp_path: Path) -> None:
    one = "<https://example.org/s> <https://example.org/p> <https://example.org/o> ."
    made = make(tmp_path, small(tmp_path, one), MOMENT, "test")
    (made.release.folder / "release.json").write_text("{", encoding="utf-8")
    with pytest.raises(BuildError, match=r"release\.json: damaged release"):
        releases(tmp_path)


def test_two_graphs_never_share_a_file() -> None:
    names = ["source/a", "source.a", "dataset", "accepted", "source-a", "../x", "Ä"]
    stems = [stem_of(f"{BASE}graph/{name}", BASE) for name in names]
    stems.append(stem_of("https://example.org/graph/source/a", BASE))
    assert len(set(stems)) == len(stems)
    assert not {"dataset", "accepted"} & set(stems)


def test_a_release_under_another_base_has_no_iri_of_the_canonical_one(
    five_texts: Path, tmp_path: Path
) -> None:
    base = "https://example.org/kg/"
    made = make(tmp_path, build(five_texts, tmp_path, base=base), MOMENT, "0.1.0")
    assert {file.graph for file in made.release.files if file.graph} >= {f"{base}graph/meta"}
    for name in ("dataset.nq.gz", "dataset.trig.gz"):
        assert BASE.encode() not in content(made, name)
