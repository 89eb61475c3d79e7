"""From "trước ngày X" to instants. Every expected day is written by hand, with its reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadlines import (
    LATENESS_WORDS,
    Due,
    DueRule,
    Lateness,
    RoundDates,
    due_before,
    due_by,
    part_of_year,
    period_of,
    period_words,
    round_dates,
    with_grace,
    year_period,
)
from domain.due_rules import due_at, is_term, term_rule
from domain.errors import Refusal
from domain.notices import day_text
from domain.workdays import VIETNAM, WorkCalendar, at_hour, end_of, last_day_of, local_date

OFF = {date(2024, 9, 2), date(2024, 9, 3), date(2026, 11, 24), date(2027, 11, 24), date(2028, 11, 24)}
CALENDAR = WorkCalendar(
    frozenset(OFF | {date(2030, 11, 25), date(2029, 9, 3)}),
    frozenset({date(2025, 4, 26), date(2026, 8, 22)}),
    "by hand",
)
DAYS = st.dates(date(2024, 2, 1), date(2030, 12, 1))


HOURS = st.times(time(0), time(23, 59)).map(lambda hour: hour.replace(second=0, microsecond=0))
CALENDARS = st.builds(
    lambda off, working: WorkCalendar(off - working, working, "any"),
    st.frozensets(DAYS, max_size=40), st.frozensets(DAYS, max_size=10),
)  # fmt: skip
RULES = st.one_of(
    st.builds(DueRule, st.just("before"), DAYS, st.none() | HOURS), st.builds(DueRule, st.just("by"), DAYS)
)


def d(words: str) -> date:
    return date.fromisoformat(words)


def yearly_round(year: int, before: date) -> RoundDates:
    return round_dates(period_of(year, 0, 1), DueRule("before", before), 45, CALENDAR)


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
    dates = yearly_round(year, d(before))
    assert last_day_of(dates.due.strict) == d(sending)
    assert dates.cutoff == d(cutoff)
    assert dates.opens_at == datetime.combine(d(opens), datetime.min.time().replace(hour=8), VIETNAM)
    assert (dates.period_from, dates.period_to) == year_period(year)
    assert dates.due_text == f"trước ngày {day_text(d(before))}"
    assert str(dates.rule) == f"before:{before}"
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
    dates = yearly_round(day.year, day)
    sending = last_day_of(dates.due.strict)
    assert CALENDAR.shift(dates.cutoff, 1) <= sending
    assert dates.opens_at < dates.due.strict
    assert CALENDAR.is_workday(local_date(dates.opens_at))


@given(RULES, st.integers(0, 120), CALENDARS)
def test_an_extension_never_makes_a_due_instant_earlier(rule: DueRule, days: int, calendar: WorkCalendar) -> None:
    was, now = rule.instants(calendar), due_by(rule.day + timedelta(days=days), calendar)
    assert now.strict >= was.strict
    assert now.literal >= was.literal
    assert now.lenient >= was.lenient


@given(DAYS, st.integers(1, 60), st.integers(1, 60))
def test_a_second_extension_neither(day: date, first: int, second: int) -> None:
    was = due_by(day + timedelta(days=first), CALENDAR)
    now = due_by(day + timedelta(days=first + second), CALENDAR)
    assert now.strict >= was.strict
    assert now.literal > was.literal
    assert now.lenient >= was.lenient


@given(RULES, CALENDARS)
def test_strict_literal_and_lenient_are_in_order_under_any_calendar(rule: DueRule, calendar: WorkCalendar) -> None:
    due = rule.instants(calendar)
    assert due.strict <= due.literal <= due.lenient
    assert calendar.is_workday(last_day_of(due.strict))
    assert calendar.is_workday(last_day_of(due.lenient))


@given(DAYS, HOURS, CALENDARS)
def test_an_hour_is_that_hour_of_a_working_day_and_of_no_other(day: date, hour: time, calendar: WorkCalendar) -> None:
    due = due_at(day, hour, calendar)
    assert due.literal == at_hour(day, hour)
    if calendar.is_workday(day):
        assert due.strict == due.literal == due.lenient
    else:
        assert due.strict <= at_hour(day, time(0)) and local_date(due.lenient) > day


@given(RULES)
def test_a_rule_survives_as_text(rule: DueRule) -> None:
    assert DueRule.parse(str(rule)) == rule


def test_the_texts_of_rules() -> None:
    for text in ("before:2024-11-30", "by:2024-12-05", "before:2024-05-03T16:00"):
        assert str(DueRule.parse(text)) == text
    assert DueRule.parse("before:2024-05-03T00:00") == DueRule("before", d("2024-05-03"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-11-30",
        "after:2024-11-30",
        "before:2024-02-30",
        "by:2024-12-05T16:00",
        "before:2024-05-03T24:00",
        "by:",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="due-rule-invalid"):
        DueRule.parse(text)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("before:2024-11-30", "trước ngày 30/11/2024"),
        ("before:2026-06-30", "trước ngày 30/6/2026"),
        ("before:2025-02-05", "trước ngày 05/02/2025"),
        ("before:2024-05-03T16:00", "trước 16 giờ 00 ngày 03/5/2024"),
        ("by:2024-12-05", "đến hết ngày 05/12/2024"),
    ],
)
def test_the_words_of_a_rule(rule: str, words: str) -> None:
    assert DueRule.parse(rule).words() == words


@given(RULES, DAYS, HOURS, st.integers(0, 20), CALENDARS)
def test_grace_is_never_earlier_and_always_long_enough(
    rule: DueRule, day: date, hour: time, workdays: int, calendar: WorkCalendar
) -> None:
    due, now = rule.instants(calendar), at_hour(day, hour)
    given_ = with_grace(due, now, workdays, calendar)
    assert given_.strict >= due.strict and given_.literal >= due.literal and given_.lenient >= due.lenient
    assert given_.strict >= end_of(calendar.shift(day, workdays))
    assert given_.strict <= given_.literal <= given_.lenient
    if given_ != due:
        assert DueRule("by", last_day_of(given_.strict)).instants(calendar) == given_, "it has a rule of its own"


@given(DAYS, st.integers(1, 60), CALENDARS)
def test_a_term_ends_on_a_working_day_after_its_first(day: date, count: int, calendar: WorkCalendar) -> None:
    working = term_rule(f"{count} ngày làm việc", day, calendar)
    days = term_rule(f"{count} ngày", day, calendar)
    assert working and days and day < days.day <= working.day
    assert calendar.is_workday(working.day) and calendar.is_workday(days.day)


@pytest.mark.parametrize("words", ["", "ngày", "0 ngày", "mười ngày", "trước 30/6", "5 giờ", "10 ngày nữa"])
def test_what_is_no_term(words: str) -> None:
    assert not is_term(words)
    assert term_rule(words, d("2024-01-02"), CALENDAR) is None


@pytest.mark.parametrize("parts", [1, 2, 4, 12])
def test_periods_join_without_gap_or_overlap(parts: int) -> None:
    """NĐ 09/2019 Đ12."""
    periods = [period_of(year, index, parts) for year in range(2023, 2030) for index in range(parts)]
    for one, following in pairwise(periods):
        assert following.first == one.last + timedelta(days=1)
        assert following.begins == one.ends + timedelta(days=1)
    assert len({period.label for period in periods}) == len(periods)


@given(DAYS, st.sampled_from([1, 2, 4, 12]))
def test_every_day_lies_in_the_data_of_one_period(day: date, parts: int) -> None:
    period = part_of_year(day, parts)
    assert period.first <= day <= period.last


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2024", "năm 2024"),
        ("2024-H1", "6 tháng đầu năm 2024"),
        ("2024-H2", "6 tháng cuối năm 2024"),
        ("2024-Q2", "quý II năm 2024"),
        ("2024-05", "tháng 5 năm 2024"),
        ("2024-W18", "tuần 18 năm 2024"),
        ("2026-06-30", "2026-06-30"),
    ],
)
def test_the_words_of_a_label(label: str, words: str) -> None:
    assert period_words(label) == words
