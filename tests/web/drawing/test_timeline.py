"""Timelines: bars stand where their dates are, and as sure as these are."""

from datetime import date

import pytest

from kg.web.drawing import Row, Stage, timeline
from kg.web.drawing.timeline import Bar

TODAY = date(2026, 11, 22)


def test_what_has_no_stated_end_is_drawn_until_this_year() -> None:
    drawing = timeline([Row("r", (Stage("2018", ""),))], TODAY)

    assert [tick.year for tick in drawing.ticks][-1] == 2026
    assert drawing.now is not None


def bars(*stages: Stage) -> tuple[Bar, ...]:
    # The axis is 2021 to 2024: 1461 days.
    whole = Row("axis", (Stage("2021-01-01", "2024-12-31"),))
    return timeline([whole, Row("row", stages)], date(2024, 6, 1)).rows[1].bars


def test_a_bar_of_whole_days_goes_from_the_first_to_the_end_of_the_last() -> None:
    (bar,) = bars(Stage("2022-01-01", "2023-12-31"))

    assert bar.style == "sure"
    assert bar.x == pytest.approx(100 * 365 / 1461, abs=0.01)
    assert bar.width == pytest.approx(100 * 730 / 1461, abs=0.02)


def test_what_a_year_leaves_open_is_drawn_as_rough() -> None:
    found = bars(Stage("2021", "2023"))

    assert [bar.style for bar in found] == ["rough", "sure", "rough"]
    assert found[0].x == 0
    # Surely from the last day of 2021 to the first of 2023: 365 + 2 days.
    assert found[1].width == pytest.approx(100 * 367 / 1461, abs=0.02)


def test_a_single_year_is_rough_altogether() -> None:
    assert [bar.style for bar in bars(Stage("2022", "2022"))] == ["rough"]


def test_an_end_that_nobody_states_stays_open() -> None:
    (bar,) = bars(Stage("2024-01-01", ""))

    assert (bar.style, bar.x + bar.width) == ("open", 100)


def test_a_start_that_nobody_states_stays_open() -> None:
    (bar,) = bars(Stage("", "2021-12-31"))

    assert (bar.style, bar.x) == ("open", 0)


@pytest.mark.parametrize(
    ("start", "end"), [("", ""), ("soon", "later"), ("2023-01-01", "2022-01-01")]
)
def test_what_has_no_dates_or_impossible_ones_has_no_bar(start: str, end: str) -> None:
    assert bars(Stage(start, end)) == ()


def test_the_second_phase_follows_the_first_without_a_gap() -> None:
    first, second = bars(
        Stage("2021-01-01", "2021-12-31"), Stage("2022-01-01", "2022-12-31", is_second=True)
    )

    assert first.x + first.width == second.x
    assert second.is_second


def test_today_stands_on_an_axis_that_has_it_and_on_no_other() -> None:
    running = timeline([Row("r", (Stage("2026", "2026"),))], TODAY)
    ended = timeline([Row("r", (Stage("2021", "2022"),))], TODAY)

    # 22 November is the 326th day of the year.
    assert running.now == pytest.approx(100 * 325 / 365, abs=0.01)
    assert ended.now is None


def test_the_axis_has_a_line_for_each_year_that_is_few() -> None:
    drawing = timeline([Row("r", (Stage("2018-12-04", "2021-06"),))], TODAY)

    assert [tick.year for tick in drawing.ticks] == [2018, 2019, 2020, 2021]
    assert drawing.ticks[0].x == 0


def test_a_long_axis_has_few_lines_at_round_years() -> None:
    drawing = timeline([Row("r", (Stage("1925", "2026"),))], TODAY)

    assert len(drawing.ticks) <= 14
    assert all(tick.year % 10 == 0 for tick in drawing.ticks)


def test_rows_without_any_date_stay_in_their_place() -> None:
    drawing = timeline([Row("a", ()), Row("b", (Stage("", ""),))], TODAY)

    assert [drawn.row.label for drawn in drawing.rows] == ["a", "b"]
    assert drawing.ticks == ()


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_the_first_and_the_last_year_that_there_are_can_be_drawn(year: str) -> None:
    assert timeline([Row("r", (Stage(year, year),))], TODAY).rows[0].bars[0].width == 100
