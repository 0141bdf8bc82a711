"""Formatting files: what is proved, how a difference looks, and how files are written."""

import subprocess
from pathlib import Path

import pytest

from kg.errors import EncodingError, MalformedError, MissingFileError, UsageError
from kg.formatting import files
from kg.formatting.files import Formatted, FormattingError

RIGHT = "PREFIX c: <https://example.org/>\n\nc:riga\n    a c:City ; # one\n    c:near c:ogre .\n"


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (RIGHT, RIGHT.replace("c:ogre", "c:jurmala"), "triples"),
        (RIGHT, RIGHT.replace(" ;", " , c:Port ;"), "triples"),
        (RIGHT, RIGHT.replace("c:ogre", "<https://example.org/ogre>"), "tokens"),
        (RIGHT.replace("c:ogre", "_:a"), RIGHT.replace("c:ogre", "_:b"), "triples"),
        (RIGHT.replace("c:ogre", "1.0"), RIGHT.replace("c:ogre", "1.00"), "triples"),
        (RIGHT.replace("c:ogre", "'a'"), RIGHT.replace("c:ogre", '"a"'), "tokens"),
        (RIGHT, RIGHT.replace(" # one", ""), "comments"),
        (RIGHT, RIGHT.replace("# one", "# One"), "comments"),
        (RIGHT, RIGHT.replace("    a", "  a"), "layout"),
    ],
)
def test_a_text_that_differs_in_more_than_its_layout_is_refused(
    before: str, after: str, what: str
) -> None:
    with pytest.raises(FormattingError, match=f"^riga.ttl: not formatted, since its {what}"):
        files.prove(before, after, "riga.ttl")


def test_a_text_that_differs_in_its_layout_alone_is_accepted() -> None:
    files.prove("\ufeff" + RIGHT.replace("\n", "\r\n").replace("    ", "\t"), RIGHT, "riga.ttl")


def test_a_difference_can_be_applied_by_git(tmp_path: Path) -> None:
    loose = "PREFIX c: <https://example.org/>\nc:riga a c:City; # one\r\n\n\n c:near c:ogre."
    done = files.format_bytes(loose.encode(), "riga.ttl")
    assert done.after == RIGHT
    (tmp_path / "riga.ttl").write_bytes(loose.encode())
    applied = subprocess.run(
        ["git", "apply", "-p0", "--whitespace=nowarn"],
        cwd=tmp_path,
        input=done.diff().encode(),
        capture_output=True,
        check=False,
    )
    assert (applied.returncode, applied.stderr) == (0, b"")
    assert (tmp_path / "riga.ttl").read_bytes() == RIGHT.encode()


def test_a_difference_begins_with_the_name_and_shows_lines() -> None:
    done = Formatted("riga.ttl", "c:a\n  a c:X .\n", "c:a\n    a c:X .\n")
    assert done.diff() == (
        "--- riga.ttl\n+++ riga.ttl\n@@ -1,2 +1,2 @@\n c:a\n-  a c:X .\n+    a c:X .\n"
    )
    assert Formatted("riga.ttl", "", "").diff() == ""


@pytest.mark.parametrize(
    ("before", "lines"),
    [
        ("c:riga a c:City . # kg: ignore LBL01 -- a reason\n", [4]),
        ("# kg: ignore LBL01 -- a reason\nc:riga a c:City .\n", [3]),
        ("c:riga\n  a c:City ; c:near c:ogre . # KG: ignore LBL01 -- a reason\n", [5]),
        ("c:riga\n  c:near c:ogre , # kg: ignore LBL01 -- a reason\n c:jurmala .\n", [5]),
        ("c:riga\n c:near c:ogre. # kg: ignore LBL01 -- a reason\n", []),
        ("c:riga\n# kg: ignore LBL01 -- a reason\n c:near c:ogre, c:jurmala.\n", []),
        ("c:riga # kg: ignore LBL01 -- a reason\n c:near c:ogre.\n", []),
        ("c:riga a c:City . # another comment\n", []),
    ],
)
def test_comments_about_a_line_that_is_now_several_are_named(before: str, lines: list[int]) -> None:
    prefix = "PREFIX c: <https://example.org/>\n\n"
    done = files.format_bytes((prefix + before).encode(), "riga.ttl")
    assert list(done.parted()) == lines


def test_bytes_that_are_not_utf_8_are_refused_with_their_place() -> None:
    with pytest.raises(EncodingError) as caught:
        files.format_bytes("PREFIX c: <urn:c>\n# Rīga ".encode() + b"\xff\n", "riga.ttl")
    assert str(caught.value).startswith("riga.ttl:2:8: byte 0xFF is not UTF-8")


def test_a_fault_of_syntax_names_the_file() -> None:
    with pytest.raises(MalformedError, match=r"^riga\.ttl:1:\d+: "):
        files.format_bytes(b"<urn:a> <urn:b> <urn:c>", "riga.ttl")


def test_a_folder_gives_its_turtle_files_that_are_not_hidden(tmp_path: Path) -> None:
    for name in ("b.ttl", "a/z.ttl", "a/y.ttl", "a/y.txt", ".hidden/x.ttl", "a/.hidden.ttl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    inside = [tmp_path / "a/y.ttl", tmp_path / "a/z.ttl", tmp_path / "b.ttl"]
    assert [path for _, path in files.given([tmp_path])] == inside
    assert [path for _, path in files.given([tmp_path / "b.ttl", tmp_path])] == [
        inside[2],
        *inside[:2],
    ]
    hidden = tmp_path / ".hidden/x.ttl"
    assert files.given([hidden]) == [(str(hidden), hidden)]
    assert files.given([hidden.parent]) == [(str(hidden), hidden)]


def test_what_is_not_there_and_a_folder_without_turtle_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.ttl"):
        with pytest.raises(MissingFileError, match=str(path)):
            files.given([path])


def test_writing_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "riga.ttl"
    path.write_text("old")
    path.chmod(0o640)
    files.write(path, RIGHT)
    assert path.read_bytes() == RIGHT.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    path, link = tmp_path / "there" / "riga.ttl", tmp_path / "link.ttl"
    path.write_text("old")
    link.symlink_to(path)
    files.write(link, RIGHT)
    assert link.is_symlink()
    assert path.read_text() == RIGHT


def test_a_file_that_cannot_be_written_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"riga\.ttl: cannot be written: "):
        files.write(tmp_path / "riga.ttl" / "riga.ttl", RIGHT)
    assert list(tmp_path.iterdir()) == []
