"""Working days of Việt Nam: days off, and Saturdays that were made working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.workdays import VIETNAM, WorkCalendar, at_hour, end_of, last_day_of, local_date

_LIBRARY = holidays.country_holidays("VN", years=range(2023, 2032))
CALENDAR = WorkCalendar(frozenset(_LIBRARY), frozenset(_LIBRARY.weekend_workdays), "holidays")
DAYS = st.dates(date(2024, 1, 10), date(2030, 12, 20))


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2025, 4, 26), True, "a Saturday swapped for Friday 2/5/2025"),
        (date(2025, 5, 2), False, "the Friday it was swapped for"),
        (date(2026, 8, 22), True, "a Saturday swapped for Monday 31/8/2026"),
        (date(2026, 8, 31), False, "the Monday it was swapped for"),
        (date(2025, 4, 27), False, "the Sunday after a working Saturday"),
        (date(2024, 11, 30), False, "an ordinary Saturday"),
        (date(2025, 11, 24), True, "a Monday before 24/11 became a holiday"),
        (date(2026, 11, 24), False, "a Tuesday, the holiday of 24/11 since 2026"),
        (date(2028, 11, 24), False, "a Friday, the same holiday"),
        (date(2030, 11, 25), False, "a Monday in place of Sunday 24/11/2030"),
        (date(2024, 2, 12), False, "Tết"),
        (date(2024, 9, 2), False, "National Day"),
        (date(2024, 12, 2), True, "an ordinary Monday"),
    ],
)
def test_days_at_work(day: date, works: bool, why: str) -> None:
    assert CALENDAR.is_workday(day) is works, why


@pytest.mark.parametrize(
    ("day", "workdays", "found"),
    [
        (date(2024, 12, 2), -1, date(2024, 11, 29)),
        (date(2024, 11, 29), 1, date(2024, 12, 2)),
        (date(2024, 11, 30), 1, date(2024, 12, 2)),
        (date(2025, 4, 28), -1, date(2025, 4, 26)),  # the working Saturday
        (date(2025, 4, 29), 1, date(2025, 5, 5)),  # 30/4, 1/5, 2/5 off, then the weekend
        (date(2026, 8, 21), 1, date(2026, 8, 22)),
        (date(2026, 8, 28), 1, date(2026, 9, 3)),  # weekend, 31/8 swapped, 1/9 and 2/9
        (date(2026, 11, 25), -2, date(2026, 11, 20)),
        (date(2024, 11, 29), -30, date(2024, 10, 18)),
        (date(2024, 11, 29), 0, date(2024, 11, 29)),
        (date(2024, 11, 30), 0, date(2024, 11, 30)),
    ],
)
def test_shift(day: date, workdays: int, found: date) -> None:
    assert CALENDAR.shift(day, workdays) == found


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2024, 11, 30), date(2024, 11, 29)),
        (date(2024, 12, 15), date(2024, 12, 13)),
        (date(2025, 4, 28), date(2025, 4, 26)),
        (date(2026, 11, 25), date(2026, 11, 23)),
        (date(2028, 11, 25), date(2028, 11, 23)),
        (date(2030, 11, 26), date(2030, 11, 22)),
        (date(2026, 2, 23), date(2026, 2, 13)),  # the whole week of Tết
    ],
)
def test_last_before(day: date, last: date) -> None:
    assert CALENDAR.last_before(day) == last


def test_a_day_named_both_ways_is_a_working_day() -> None:
    swapped = date(2025, 4, 26)
    assert WorkCalendar(frozenset({swapped}), frozenset({swapped}), "").is_workday(swapped)


@given(DAYS, st.integers(1, 60))
def test_shifting_there_and_back(day: date, workdays: int) -> None:
    there = CALENDAR.shift(day, workdays)
    assert there > day
    assert CALENDAR.is_workday(there)
    back = CALENDAR.shift(there, -workdays)
    assert back == (day if CALENDAR.is_workday(day) else CALENDAR.last_before(day))


@given(DAYS, DAYS, st.integers(-40, 40))
def test_a_later_day_never_shifts_to_an_earlier_one(first: date, second: date, workdays: int) -> None:
    early, late = sorted((first, second))
    assert CALENDAR.shift(early, workdays) <= CALENDAR.shift(late, workdays)
    assert CALENDAR.roll_forward(early) <= CALENDAR.roll_forward(late)


@given(DAYS)
def test_rolling_forward_stays_on_a_working_day(day: date) -> None:
    rolled = CALENDAR.roll_forward(day)
    assert CALENDAR.is_workday(rolled)
    assert (rolled == day) == CALENDAR.is_workday(day)


@given(DAYS)
def test_the_end_of_a_day_is_the_first_instant_that_is_too_late(day: date) -> None:
    end = end_of(day)
    assert last_day_of(end) == day
    assert (end - at_hour(day, time(0))).total_seconds() == 24 * 3600
    assert local_date(end) > day


def test_the_day_is_that_of_viet_nam_whatever_the_zone() -> None:
    assert local_date(datetime(2024, 11, 29, 16, 59, 59, tzinfo=UTC)) == date(2024, 11, 29)
    assert local_date(datetime(2024, 11, 29, 17, 0, tzinfo=UTC)) == date(2024, 11, 30)
    assert end_of(date(2024, 12, 31)) == datetime(2025, 1, 1, tzinfo=VIETNAM)
    # What is not midnight has begun its day: an instant at 08:00 is still in time on that day.
    assert last_day_of(at_hour(date(2024, 11, 29), time(8))) == date(2024, 11, 29)
