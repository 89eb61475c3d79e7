"""From "trước ngày X" to instants. Every expected day is written by hand, with its reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadlines import (
    LATENESS_WORDS,
    Due,
    Lateness,
    due_before,
    due_by,
    year_period,
    yearly_round,
    yearly_rounds,
)
from domain.workdays import VIETNAM, WorkCalendar, end_of, last_day_of, local_date

OFF = {date(2024, 9, 2), date(2024, 9, 3), date(2026, 11, 24), date(2027, 11, 24), date(2028, 11, 24)}
CALENDAR = WorkCalendar(
    frozenset(OFF | {date(2030, 11, 25), date(2029, 9, 3)}),
    frozenset({date(2025, 4, 26), date(2026, 8, 22)}),
    "by hand",
)
DAYS = st.dates(date(2024, 2, 1), date(2030, 12, 1))


def d(words: str) -> date:
    return date.fromisoformat(words)


# asked "trước ngày", last day in time: strict, literal, lenient
TABLE = [
    ("2024-11-30", "2024-11-29", "2024-11-29", "2024-12-02", "a Saturday: lenient goes on to Monday"),
    ("2025-11-30", "2025-11-28", "2025-11-29", "2025-12-01", "a Sunday: literal ends on Saturday, strict on Friday"),
    ("2026-11-30", "2026-11-27", "2026-11-29", "2026-11-30", "a Monday: literal ends on Sunday"),
    ("2027-11-30", "2027-11-29", "2027-11-29", "2027-11-30", "a Tuesday: nothing to roll"),
    ("2028-11-30", "2028-11-29", "2028-11-29", "2028-11-30", "a Thursday"),
    ("2029-11-30", "2029-11-29", "2029-11-29", "2029-11-30", "a Friday"),
    ("2030-11-30", "2030-11-29", "2030-11-29", "2030-12-02", "a Saturday again"),
    ("2024-12-15", "2024-12-13", "2024-12-14", "2024-12-16", "a Sunday"),
    ("2028-11-25", "2028-11-23", "2028-11-24", "2028-11-27", "a Saturday after the holiday of Friday 24/11"),
    ("2030-11-25", "2030-11-22", "2030-11-24", "2030-11-26", "a Monday off in place of Sunday 24/11"),
    ("2026-11-25", "2026-11-23", "2026-11-24", "2026-11-25", "a Wednesday after the holiday of Tuesday 24/11"),
    ("2025-04-27", "2025-04-26", "2025-04-26", "2025-04-28", "a Sunday after a Saturday that was made a working day"),
]


@pytest.mark.parametrize(("asked", "strict", "literal", "lenient", "why"), TABLE)
def test_before_a_day(asked: str, strict: str, literal: str, lenient: str, why: str) -> None:
    due = due_before(d(asked), CALENDAR)
    assert due == Due(end_of(d(strict)), end_of(d(literal)), end_of(d(lenient))), why
    assert last_day_of(due.late(Lateness.STRICT)) == d(strict)
    assert last_day_of(due.late(Lateness.LITERAL)) == d(literal)
    assert last_day_of(due.late(Lateness.LENIENT)) == d(lenient)


def test_the_due_instant_is_midnight_in_viet_nam() -> None:
    due = due_before(d("2024-11-30"), CALENDAR)
    assert due.literal == datetime(2024, 11, 30, tzinfo=VIETNAM)
    assert datetime(2024, 11, 29, 23, 59, 59, 999999, VIETNAM) < due.literal


@pytest.mark.parametrize(
    ("granted", "strict", "literal", "lenient", "why"),
    [
        ("2024-12-06", "2024-12-06", "2024-12-06", "2024-12-06", "a Friday is itself still in time"),
        ("2024-12-07", "2024-12-06", "2024-12-07", "2024-12-09", "a Saturday"),
        ("2024-12-08", "2024-12-06", "2024-12-08", "2024-12-09", "a Sunday"),
        ("2026-11-24", "2026-11-23", "2026-11-24", "2026-11-25", "a holiday on a Tuesday"),
        ("2026-08-22", "2026-08-22", "2026-08-22", "2026-08-22", "a Saturday that was made a working day"),
        ("2030-11-25", "2030-11-22", "2030-11-25", "2030-11-26", "a Monday off"),
    ],
)
def test_an_extension_to_a_day(granted: str, strict: str, literal: str, lenient: str, why: str) -> None:
    due = due_by(d(granted), CALENDAR)
    assert due == Due(end_of(d(strict)), end_of(d(literal)), end_of(d(lenient))), why


def test_every_reading_has_its_words() -> None:
    assert set(LATENESS_WORDS) == set(Lateness)


def test_the_reporting_year_of_the_decree() -> None:
    assert year_period(2024) == (d("2023-12-15"), d("2024-12-14"))
    for year in range(2024, 2030):
        assert year_period(year)[1] + timedelta(days=1) == year_period(year + 1)[0]


@pytest.mark.parametrize(
    ("year", "before", "sending", "cutoff", "opens"),
    [
        # 45 working days before Friday 29/11/2024 is Friday 27/9: nine whole weeks without a day off.
        (2024, "2024-11-30", "2024-11-29", "2024-11-28", "2024-09-27"),
        (2025, "2025-11-30", "2025-11-28", "2025-11-27", "2025-09-26"),
        # 24/11/2026 is off, so the opening is a day earlier than nine whole weeks before 27/11.
        (2026, "2026-11-30", "2026-11-27", "2026-11-26", "2026-09-24"),
        (2028, "2028-11-25", "2028-11-23", "2028-11-22", "2028-09-21"),
        # A report asked after the decree's year has ended holds data to 14/12, not further.
        (2024, "2024-12-31", "2024-12-30", "2024-12-14", "2024-10-28"),
    ],
)
def test_a_yearly_round(year: int, before: str, sending: str, cutoff: str, opens: str) -> None:
    dates = yearly_round(year, d(before), 45, CALENDAR)
    assert last_day_of(dates.due.strict) == d(sending)
    assert dates.cutoff == d(cutoff)
    assert dates.opens_at == datetime.combine(d(opens), datetime.min.time().replace(hour=8), VIETNAM)
    assert (dates.period_from, dates.period_to) == year_period(year)
    assert dates.due_text == f"trước ngày {d(before):%d/%m/%Y}"
    assert dates.label == str(year)


@given(DAYS)
def test_the_three_readings_are_in_order(day: date) -> None:
    for due in (due_before(day, CALENDAR), due_by(day, CALENDAR)):
        assert due.strict <= due.literal <= due.lenient
        assert CALENDAR.is_workday(last_day_of(due.strict))
        assert CALENDAR.is_workday(last_day_of(due.lenient))


@given(DAYS)
def test_at_least_one_working_day_lies_between_the_cut_off_and_the_last_day_for_sending(day: date) -> None:
    """NĐ 09/2019 Đ8.5."""
    dates = yearly_round(day.year, day, 45, CALENDAR)
    sending = last_day_of(dates.due.strict)
    assert CALENDAR.shift(dates.cutoff, 1) <= sending
    assert dates.opens_at < dates.due.strict
    assert CALENDAR.is_workday(local_date(dates.opens_at))


@given(DAYS, st.integers(0, 120))
def test_an_extension_never_makes_a_due_instant_earlier(day: date, days: int) -> None:
    was, now = due_before(day, CALENDAR), due_by(day + timedelta(days=days), CALENDAR)
    assert now.strict >= was.strict
    assert now.literal > was.literal
    assert now.lenient >= was.lenient


@given(DAYS, st.integers(1, 60), st.integers(1, 60))
def test_a_second_extension_neither(day: date, first: int, second: int) -> None:
    was = due_by(day + timedelta(days=first), CALENDAR)
    now = due_by(day + timedelta(days=first + second), CALENDAR)
    assert now.strict >= was.strict
    assert now.literal > was.literal
    assert now.lenient >= was.lenient


def test_years_whose_due_instant_has_passed_are_left_out() -> None:
    just_before, at_last = end_of(d("2024-11-29")) - timedelta(microseconds=1), end_of(d("2024-11-29"))
    assert [r.label for r in yearly_rounds(2024, 2026, "11-30", 45, CALENDAR, just_before)] == ["2024", "2025", "2026"]
    assert [r.label for r in yearly_rounds(2024, 2026, "11-30", 45, CALENDAR, at_last)] == ["2025", "2026"]


def test_a_day_that_a_month_does_not_have_is_its_last() -> None:
    found = yearly_rounds(2027, 2028, "02-29", 5, CALENDAR, datetime(2026, 1, 1, tzinfo=VIETNAM))
    assert [r.due_text for r in found] == ["trước ngày 28/02/2027", "trước ngày 29/02/2028"]
    found = yearly_rounds(2025, 2025, "12-31", 5, CALENDAR, datetime(2025, 1, 1, tzinfo=VIETNAM))
    assert [r.due_text for r in found] == ["trước ngày 31/12/2025"]
