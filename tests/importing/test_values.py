"""Cells become values of the graph as exactly as they are, or are reported; nothing is guessed."""

from datetime import date, datetime

import pyoxigraph as ox
import pytest

from kg.importing import dates, personal
from kg.importing.cells import Fault
from kg.importing.countries import Box, Countries
from kg.importing.mapping import Kind, Value
from kg.importing.values import Reader, RowError

_LT = "http://publications.europa.eu/resource/authority/country/LTU"
COUNTRIES = Countries({"lt": _LT, "lithuania": _LT}, {_LT: Box(20.9, 53.8, 26.9, 56.5)})


def one(cell: object, **settings: object) -> object:
    """Return the value of one cell."""
    value = Value("v", 1, column="c", **settings)  # type: ignore[arg-type]
    found = Reader((value,), COUNTRIES).read(lambda table, column: cell)["v"]  # type: ignore[arg-type, return-value]
    return found[0] if len(found) == 1 else found


def text_of(cell: object, **settings: object) -> str:
    found = one(cell, **settings)
    assert isinstance(found, ox.Literal | ox.NamedNode)
    return found.value


def fault_of(cell: object, **settings: object) -> Fault:
    with pytest.raises(RowError) as caught:
        one(cell, **settings)
    return caught.value.fault


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2018-12-04", "2018-12-04"),
        ("2018/12/04", "2018-12-04"),
        ("04.12.2018", "2018-12-04"),
        ("4. 12. 2018", "2018-12-04"),
        ("4 December 2018", "2018-12-04"),
        ("December 4, 2018", "2018-12-04"),
        ("31/12/2018", "2018-12-31"),
        ("12/31/2018", "2018-12-31"),
        ("05/05/2018", "2018-05-05"),
        (datetime(2018, 12, 4), "2018-12-04"),  # noqa: DTZ001 - of a spreadsheet
        (date(2018, 12, 4), "2018-12-04"),
        ("2018-12", "2018-12"),
        ("12/2018", "2018-12"),
        ("Dec 2018", "2018-12"),
        ("2018", "2018"),
        (2018, "2018"),
        (2018.0, "2018"),
    ],
)
def test_dates_of_many_forms_keep_their_precision(cell, value):
    found = dates.read(cell, ())
    assert isinstance(found, ox.Literal)
    assert found.value == value
    kinds = {4: "gYear", 7: "gYearMonth", 10: "date"}
    assert found.datatype.value.endswith("#" + kinds[len(value)])


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("03/04/2018", "may be two days"),
        ("04.12.18", "two digits for the year"),
        ("30.02.2018", "no day of the calendar"),
        ("2018-13", "no month of the calendar"),
        ("spring 2018", "no date that is known"),
        ("43438", "no date that is known"),
    ],
)
def test_dates_that_are_none_or_two_are_not_guessed(cell, reason):
    found = dates.read(cell, ())
    assert isinstance(found, Fault)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("form", "value"), [("day/month/year", "2018-04-03"), ("month/day/year", "2018-03-04")]
)
def test_a_mapping_says_which_number_is_the_day(form, value):
    assert text_of("03/04/2018", kind=Kind.DATE, dates=(form,)) == value


@pytest.mark.parametrize(
    ("cell", "settings", "value"),
    [
        ("54,687", {"kind": Kind.DECIMAL, "decimal": ","}, "54.687"),
        ("1.234,5", {"kind": Kind.DECIMAL, "decimal": ",", "thousands": "."}, "1234.5"),
        ("1 234", {"kind": Kind.INTEGER, "thousands": " "}, "1234"),
        (7, {"kind": Kind.DECIMAL}, "7.0"),
        ("45 %", {"kind": Kind.PERCENT}, "45.0"),
        (0.45, {"kind": Kind.PERCENT, "is_fraction": True}, "45.0"),
        ("−3", {"kind": Kind.INTEGER}, "-3"),
        ("Yes", {"kind": Kind.BOOLEAN}, "true"),
        ("ne", {"kind": Kind.BOOLEAN}, "false"),
        (False, {"kind": Kind.BOOLEAN}, "false"),
        ("Lithuania", {"kind": Kind.COUNTRY}, _LT),
        ("LT", {"kind": Kind.COUNTRY}, _LT),
        ("https://example.org/a?b=1", {"kind": Kind.URL}, "https://example.org/a?b=1"),
    ],
)
def test_numbers_and_names_are_read_by_the_settings(cell, settings, value):
    assert text_of(cell, **settings) == value


@pytest.mark.parametrize(
    ("cell", "settings", "reason"),
    [
        ("54.687", {"kind": Kind.DECIMAL, "decimal": ","}, "is no number"),
        ("NaN", {"kind": Kind.DECIMAL}, "is no number"),
        ("12.5", {"kind": Kind.INTEGER}, "is no whole number"),
        ("120", {"kind": Kind.PERCENT, "most": 100}, "is not from any number to 100"),
        ("maybe", {"kind": Kind.BOOLEAN}, "neither yes nor no"),
        ("Atlantis", {"kind": Kind.COUNTRY}, "is no country"),
        ("see the site", {"kind": Kind.URL}, "is no web address"),
        ("http://" + "a@" + "b.example/", {"kind": Kind.URL}, "is no web address"),
    ],
)
def test_what_is_not_of_its_kind_is_told(cell, settings, reason):
    assert reason in fault_of(cell, **settings).reason


def test_a_cell_that_the_map_does_not_know_is_told_with_the_nearest():
    known = {"Lead Partner": "lead", "Partner": "partner"}
    assert fault_of("Lead partner", known=known).reason.endswith("did you mean Lead Partner?")


def test_a_map_may_say_that_a_cell_stands_for_nothing():
    assert one("No target", known={"No target": "", "Net zero": "x"}) == []


def test_a_cell_with_several_items_gives_all_of_them():
    assert one("a; b ;; c", split=";") == ["a", "b", "c"]


def test_texts_are_composed_and_without_signs_that_nobody_sees():
    assert one("  Klaipe\u0307da\u00a0 City\u200b ") == "Klaipėda City"


def test_a_text_of_two_scripts_is_told():
    assert "mixes Latin letters" in fault_of("\u0391glantzia").reason  # a Greek capital alpha


def test_contact_data_in_a_text_costs_the_row_and_is_not_repeated():
    found = fault_of("Town hall, mayor at example" + "@" + "example.org")
    assert found.code == "contact data"
    assert "@" not in found.reason


def test_a_cell_that_is_no_number_is_reported_without_its_contact_data():
    found = fault_of("town" + "@" + "example.org", kind=Kind.INTEGER)
    assert "@" not in found.reason


def test_a_value_may_have_to_be_before_another_one():
    values = (
        Value("end", 1, column="end", kind=Kind.YEAR),
        Value("base", 2, column="base", kind=Kind.YEAR, before="end", drops_bad=True),
    )
    reader = Reader(values, COUNTRIES)
    found = reader.read(lambda table, column: {"end": 2030, "base": 2030}[column])
    assert found["base"] == []
    assert [fault.code for _, fault in reader.left_out] == ["order"]


@pytest.mark.parametrize(
    "column",
    [
        "mayor",
        "Contact e-mail",
        "phone",
        "firstName",
        "Alcalde",
        "Ansprechpartner",
        "Ansprechpartner/in",
        "Vorname",
        "Nachname",
        "Signed by",
        "SIGNED_BY",
    ],
)
def test_columns_about_people_are_known_by_their_names(column):
    assert personal.is_name(column)


@pytest.mark.parametrize(
    "column", ["commitment_mayoradapt_flag", "name", "country", "source_url", "Signed"]
)
def test_other_columns_are_not(column):
    assert not personal.is_name(column)
