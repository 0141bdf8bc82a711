"""The archive of releases: what is not a change, and what is damaged or missing."""

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from kg.archive import FILE, archive_of, write
from kg.errors import KgError
from kg.query.service import Limits
from kg.release import releases
from kg.snapshot import Snapshot, canonical
from kg.web.archiving import archived
from kg.web.timeline import Timeline

BASE = "https://w3id.org/citypledge/"


def test_a_literal_that_looks_like_a_blank_node_is_a_change(tmp_path: Path) -> None:
    thing, name = ox.NamedNode(f"{BASE}id/city/x"), ox.NamedNode("http://example.org/p")
    quads = [ox.Quad(thing, name, ox.Literal("see _:x")), ox.Quad(thing, name, ox.BlankNode())]
    nquads = tmp_path / "dataset.nq"
    nquads.write_bytes(b"".join(canonical(quads)))
    write(tmp_path / FILE, BASE, [], nquads, [], has_document=lambda path: True)
    with sqlite3.connect(tmp_path / FILE) as connection:
        ((state,),) = connection.execute("SELECT state FROM change")
    connection.close()

    assert zlib.decompress(state) == f'{thing} {name} "see _:x" .\n'.encode()


def test_a_release_says_the_same_whether_it_is_made_from_memory_or_from_disk(
    seal_quads: Callable[..., Snapshot], quads: list[ox.Quad], tmp_path: Path
) -> None:
    snapshot = seal_quads(tmp_path, quads)
    written = []
    for share in (0.9, 0.0):
        folder = tmp_path / f"{share}"
        folder.mkdir()
        archived(snapshot, Limits(memory_share=share))(folder, None)
        assert any(snapshot.folder.glob("store-*")) is (share == 0)
        with closing(sqlite3.connect(folder / FILE)) as connection:
            documents: dict[str, set[bytes]] = {}
            for path, body in connection.execute("SELECT path, body FROM document"):
                lines = documents.setdefault(path.partition("?")[0], set())
                lines.update(zlib.decompress(body).splitlines())  # their order is the store's
            changes = connection.execute("SELECT * FROM change ORDER BY number").fetchall()
        written.append((documents, changes))

    assert written[0] == written[1]
    assert len(written[0][0]) > 250


def test_a_release_without_its_archive_has_its_dumps_and_permalinks(
    serve: Callable[..., AbstractContextManager[Any]],
    release_past: Callable[[Path], Snapshot],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    last = release_past(tmp_path)
    (releases(tmp_path)[1].folder / FILE).unlink()
    with serve(Limits(workers=1, deadline_s=60), last, workspace=tmp_path) as running:
        dump = httpx.get(f"{running.address}/dump/2025.2/dataset.nq.gz", timeout=60)
        listed = httpx.get(f"{running.address}/timemap/network/harbour.json", timeout=60).json()
        feed = httpx.get(f"{running.address}/feed/1.nt", timeout=60)

    assert dump.status_code == 200
    assert [item["uri"].split("/")[5] for item in listed["mementos"]["list"]] == [
        "2025.1",
        "2026.1",
    ]
    assert feed.status_code == 200
    assert "2025.2/archive.sqlite is missing" in caplog.text
    assert "restore the folder from a copy" in caplog.text


def test_a_damaged_archive_is_looked_at_again_when_it_is_mended(
    release_past: Callable[[Path], Snapshot], tmp_path: Path
) -> None:
    release_past(tmp_path)
    file = releases(tmp_path)[1].folder / FILE
    whole = file.read_bytes()
    file.write_bytes(b"no database" * 100)
    timeline = Timeline(tmp_path, BASE)
    for _ in range(2):
        with pytest.raises(KgError, match="an archive is damaged"):
            timeline.newer(BASE)
    file.write_bytes(whole)
    found = timeline.newer(BASE)

    assert found is not None
    assert len(found.releases) == 3
    found.close()


def test_what_only_says_something_about_a_thing_is_known(
    release_past: Callable[[Path], Snapshot], tmp_path: Path
) -> None:
    release_past(tmp_path)
    archive = archive_of(tmp_path, BASE)
    found = archive.about(["id/person/p-0001"])
    archive.close()

    assert found == {
        "id/person/p-0001",
        "id/participation/pa-1",
        "id/claim/s4-001",
        "id/name/n-0001",
    }


def without_mentions(workspace: Path) -> Path:
    """The archive of the second release, as software wrote it that knew no mentions."""
    file = releases(workspace)[1].folder / FILE
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE mention")
    return file


def test_an_archive_of_older_software_is_brought_up_to_date(
    release_past: Callable[[Path], Snapshot], tmp_path: Path
) -> None:
    release_past(tmp_path)
    file = without_mentions(tmp_path)
    archive = archive_of(tmp_path, BASE)
    found = archive.about(["id/person/p-0001"])
    archive.close()
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT path, dependent FROM mention").fetchall()

    assert "id/claim/s4-001" in found
    assert ("id/person/p-0001", "id/claim/s4-001") in rows
    assert not list(file.parent.glob(".scratch-*"))


def test_a_server_of_older_releases_hides_what_was_removed_on_request(
    serve: Callable[..., AbstractContextManager[Any]],
    release_past: Callable[[Path], Snapshot],
    tmp_path: Path,
) -> None:
    last = release_past(tmp_path)
    without_mentions(tmp_path)
    with serve(Limits(workers=1, deadline_s=60), last, workspace=tmp_path) as running:
        hidden = httpx.get(f"{running.address}/release/2025.2/doc/claim/s4-001", timeout=60)
        shown = httpx.get(f"{running.address}/release/2025.2/doc/network/harbour.nt", timeout=60)

    assert (hidden.status_code, shown.status_code) == (410, 200)


def test_an_older_archive_that_cannot_be_brought_up_to_date_says_how_to_mend_it(
    release_past: Callable[[Path], Snapshot], tmp_path: Path
) -> None:
    release_past(tmp_path)
    file = without_mentions(tmp_path)
    (file.parent / "dataset.nq.gz").unlink()
    before = file.read_bytes()
    with pytest.raises(KgError, match="written by older software, and cannot be brought up to"):
        Timeline(tmp_path, BASE).newer(BASE)

    assert file.read_bytes() == before
    assert not list(file.parent.glob(".scratch-*"))


def test_answers_from_before_a_release_are_not_remembered_after_it(past: Any) -> None:
    """What is made at the moment when a release is taken up keeps the memory from before."""
    front = past.front
    before = front.deployment.replies

    async def look() -> None:
        front.timeline._seen = None
        await front._look_back()

    past.do(look())

    assert front.deployment.replies is not before
