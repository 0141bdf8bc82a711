"""Files as they come: what is wrong with them is told with its place, nothing is half imported."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from kg.errors import DataError, EncodingError, KgError, MalformedError, TooLargeError
from kg.importing import xlsxfile
from kg.importing.cells import Fault, Layout
from kg.importing.csvfile import read as read_csv
from kg.importing.tables import ColumnsError, open_table
from kg.importing.xlsxfile import read as read_xlsx

_PLAIN = Layout()


def csv(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return path


def rows(path: Path, layout: Layout = _PLAIN) -> list[tuple[int, tuple[object, ...]]]:
    return [(row.line, row.cells) for row in read_csv(path, layout)]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    assert rows(csv(tmp_path, b"\xef\xbb\xbfid,name\n1,a\n"))[0] == (1, ("id", "name"))


def test_the_first_byte_of_another_encoding_has_line_and_column(tmp_path):
    path = csv(tmp_path, "id,name\n1,Klaipėda\n".encode() + "2,Göteborg\n".encode("latin-1"))
    with pytest.raises(EncodingError, match=r":3:4: byte 0xF6 is not utf-8"):
        rows(path)


def test_a_stated_encoding_is_used(tmp_path):
    path = csv(tmp_path, "id;name\n1;Šiauliai\n".encode("windows-1257"))
    assert rows(path, Layout("windows-1257", ";"))[1] == (2, ("1", "Šiauliai"))


def test_a_nul_has_a_line(tmp_path):
    with pytest.raises(MalformedError, match=r":2:3: a NUL byte"):
        rows(csv(tmp_path, b"id,name\n1,\0\n"))


def test_utf_16_is_named_as_such(tmp_path):
    with pytest.raises(MalformedError, match="is it UTF-16"):
        rows(csv(tmp_path, "id,name\n".encode("utf-16")))


def test_lines_are_counted_over_quoted_line_ends(tmp_path):
    found = rows(csv(tmp_path, b'id,name\n1,"two\nlines"\n2,b\n'))
    assert found == [(1, ("id", "name")), (2, ("1", "two\nlines")), (4, ("2", "b"))]


def test_a_quote_that_is_not_closed_is_told_with_its_line(tmp_path):
    with pytest.raises(MalformedError, match=r":2:1: not readable as CSV"):
        rows(csv(tmp_path, b'id,name\n1,"open\n2,b\n'))


def test_a_row_with_too_few_or_too_many_cells_is_at_fault_itself(tmp_path):
    path = csv(tmp_path, b"id,name\n1\n2,b\n3,c,d\n")
    found = list(read_csv(path, Layout()))
    assert [row.fault.reason if row.fault else "" for row in found] == [
        "",
        "1 cells, and the header has 2",
        "",
        "3 cells, and the header has 2",
    ]


def test_the_header_may_stand_lower(tmp_path):
    path = csv(tmp_path, b"A report\n\nid,name\n1,a\n")
    assert rows(path, Layout(header=3)) == [(3, ("id", "name")), (4, ("1", "a"))]


def test_missing_columns_are_named_with_the_nearest_and_with_those_there_are(tmp_path):
    path = csv(tmp_path, b"ident,city_name,country\n1,a,LT\n")
    with pytest.raises(ColumnsError) as caught:
        open_table([path], Layout(), {"city name", "country", "year"}, "members")
    told = str(caught.value)
    assert "missing: city name (is it 'city_name'?)" in told
    assert "missing: year" in told
    assert "there are: ident, city_name, country" in told


def test_a_wrong_delimiter_is_recognised(tmp_path):
    path = csv(tmp_path, b"id;name\n1;a\n")
    with pytest.raises(ColumnsError, match="write delimiter = ';'"):
        open_table([path], Layout(), {"id"}, "members")


def test_a_column_name_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(DataError, match="names stand twice: id"):
        open_table([csv(tmp_path, b"id,id\n1,2\n")], Layout(), {"id"}, "members")


def test_the_file_that_has_the_columns_is_taken(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n")
    path = csv(tmp_path, b"id,name\n")
    assert open_table([other, path], Layout(), {"name"}, "t").path == path


def test_an_unknown_ending_is_refused(tmp_path):
    path = tmp_path / "table.ods"
    path.write_bytes(b"")
    with pytest.raises(KgError, match=r"unknown ending; expected one of \.csv"):
        open_table([path], Layout(), {"name"}, "t")


def book(tmp_path: Path) -> tuple[openpyxl.Workbook, Path]:
    return openpyxl.Workbook(), tmp_path / "table.xlsx"


def test_cells_of_a_spreadsheet_keep_their_kinds(tmp_path):
    made, path = book(tmp_path)
    made.active.append(["id", "name", "share"])
    made.active.append([1, "Vilnius", 0.5])
    made.save(path)
    assert [row.cells for row in read_xlsx(path, Layout())][1] == (1, "Vilnius", 0.5)


def test_a_formula_without_a_saved_value_is_at_fault(tmp_path):
    made, path = book(tmp_path)
    made.active.append(["id", "sum"])
    made.active.append([1, "=1+1"])  # openpyxl saves no value with it
    made.save(path)
    cell = list(read_xlsx(path, Layout()))[1].cells[1]
    assert isinstance(cell, Fault)
    assert cell.reason == "cell B2 has a formula and no value was saved with it"


def test_a_formula_with_a_saved_value_gives_that(tmp_path):
    made, path = book(tmp_path)
    made.active.append(["id", "sum"])
    made.active.append([1, "=1+1"])
    made.save(path)
    _rewrite(path, "sheet1.xml", b"<v></v>", b"<v>2</v>", b"<v />", b"<v>2</v>")
    assert list(read_xlsx(path, Layout()))[1].cells == (1, 2)


def _rewrite(path: Path, part: str, *pairs: bytes) -> None:
    """Change the XML of a part, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    name = next(name for name in parts if name.endswith(part))
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


def test_a_cell_with_an_error_value_is_at_fault(tmp_path):
    made, path = book(tmp_path)
    made.active.append(["id", "name"])
    made.active.append([1, "#REF!"])
    made.save(path)
    cell = list(read_xlsx(path, Layout()))[1].cells[1]
    assert isinstance(cell, Fault) and "#REF!" in cell.reason


def _merged(tmp_path: Path) -> Path:
    made, path = book(tmp_path)
    for row in (["country", "name"], ["LT", "Vilnius"], [None, "Kaunas"]):
        made.active.append(row)
    made.active.merge_cells("A2:A3")
    made.save(path)
    return path


def test_a_cell_that_a_merged_range_hides_is_at_fault(tmp_path):
    cell = list(read_xlsx(_merged(tmp_path), Layout()))[2].cells[0]
    assert isinstance(cell, Fault)
    assert "belongs to the merged range A2:A3" in cell.reason


def test_a_merged_range_can_be_filled(tmp_path):
    found = list(read_xlsx(_merged(tmp_path), Layout(fills_merged=True)))
    assert [row.cells[0] for row in found] == ["country", "LT", "LT"]


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path):
    made, path = book(tmp_path)
    made.active.title = "signatories"
    made.save(path)
    with pytest.raises(DataError, match="no sheet 'data'; there are: 'signatories'"):
        list(read_xlsx(path, Layout(sheet="data")))


def test_a_dimension_that_a_writer_stated_wrongly_does_not_cut_rows_off(tmp_path):
    made, path = book(tmp_path)
    for number in range(5):
        made.active.append(["id", number])
    made.save(path)
    _rewrite(path, "sheet1.xml", b'ref="A1:B5"', b'ref="A1"')
    assert len(list(read_xlsx(path, Layout()))) == 5


def test_what_is_no_zip_archive_is_refused(tmp_path):
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"not a spreadsheet")
    with pytest.raises(DataError, match="not an XLSX file"):
        list(read_xlsx(path, Layout()))


def test_a_file_that_unpacks_to_more_than_the_limit_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "table.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)  # a thousand to one
    monkeypatch.setattr(xlsxfile, "MOST_BYTES", 900_000)
    with pytest.raises(TooLargeError, match="unpacks to 1 MB"):
        list(read_xlsx(path, Layout()))


def test_entities_that_multiply_are_not_expanded(tmp_path):
    made, path = book(tmp_path)
    made.active.append(["id"])
    made.save(path)
    bomb = b'<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;">]>'
    _rewrite(path, "workbook.xml", b"<workbook", bomb + b"<workbook")
    with pytest.raises(DataError, match="cannot be read as XLSX"):
        list(read_xlsx(path, Layout()))


@pytest.mark.parametrize(
    "content",
    [
        b"ident,title\n1,Vilnius\n",
        b"id,name,country,joined\n1,Vil\xffnius,LT,\n",
        b'id,name,country,joined\n1,"Vilnius,LT,\n',
        b"",
    ],
    ids=["columns", "encoding", "quote", "empty"],
)
def test_a_file_that_cannot_be_read_leaves_everything_as_it_was(workshop, members, content):
    workshop.members()
    before = {p.name: p.read_bytes() for p in workshop.folder().iterdir()}
    table = workshop.files / "members.csv"
    table.write_bytes(content)
    done = workshop.run(table, "--mapping", workshop.files / "members.toml")
    assert isinstance(done.exception, KgError)
    assert {p.name: p.read_bytes() for p in workshop.folder().iterdir()} == before
    assert [p.name for p in workshop.folder().parent.iterdir() if p.is_dir()] == ["members"]
