"""A deadline of a task that rested: as many working days are left as before, and nothing is ever earlier."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import at

from domain.due_rules import DueRule, Lateness
from domain.suspension import resumed, workdays_in
from domain.workdays import WorkCalendar, at_hour, last_day_of, local_date

PLAIN = WorkCalendar(frozenset({date(2024, 9, 2), date(2024, 9, 3)}), frozenset(), "thử")
LITERAL = Lateness.LITERAL


def moved(rule: str, suspended: str, now: str, lateness: Lateness = LITERAL) -> str | None:
    parsed = DueRule.parse(rule)
    found = resumed(parsed, parsed.instants(PLAIN), lateness, at(suspended), at(now), PLAIN)
    return None if found is None else str(found.rule)


@pytest.mark.parametrize(
    ("rule", "suspended", "now", "expected", "why"),
    [
        ("before:2024-11-30", "2024-11-18 10:00", "2024-11-25 09:00", "by:2024-12-06", "nine workdays left again"),
        ("before:2024-11-30", "2024-11-18 10:00", "2024-11-18 16:00", None, "the same day"),
        ("before:2024-11-30", "2024-11-22 18:00", "2024-11-24 10:00", None, "a weekend costs no workday"),
        ("before:2024-11-30", "2024-11-29 10:00", "2024-12-04 09:00", "by:2024-12-04", "the last day is left again"),
        ("before:2024-11-30", "2024-11-29 10:00", "2024-11-30 09:00", "by:2024-12-02", "back on a day off"),
        ("before:2024-11-30", "2024-12-02 10:00", "2024-12-20 09:00", None, "what was late stays late"),
        ("by:2024-08-30", "2024-08-30 10:00", "2024-09-02 09:00", "by:2024-09-04", "the holidays of 2 and 3/9"),
        ("before:2024-05-03T16:00", "2024-05-03 10:00", "2024-05-07 09:00", "before:2024-05-07T16:00", "its hour"),
        ("before:2024-05-03T16:00", "2024-05-03 10:00", "2024-05-07 17:00", "before:2024-05-08T16:00", "past 16:00"),
        ("before:2024-05-03T16:00", "2024-05-03 10:00", "2024-05-03 17:00", "before:2024-05-06T16:00", "past the hour"),
        ("before:2024-05-03T16:00", "2024-05-02 10:00", "2024-05-06 17:00", "before:2024-05-07T16:00", "one day left"),
    ],
)  # fmt: skip
def test_working_days_left(rule: str, suspended: str, now: str, expected: str | None, why: str) -> None:
    assert moved(rule, suspended, now) == expected, why


def test_each_reading_is_measured_from_its_own_last_day() -> None:
    """Before Sunday 30/11/2025 ends on Friday, Saturday or Monday; suspended on Saturday the first is late already."""
    parsed = DueRule.parse("before:2025-11-30")
    found = {
        lateness.value: resumed(
            parsed, parsed.instants(PLAIN), lateness, at("2025-11-29 09:00"), at("2025-12-03 09:00"), PLAIN
        )
        for lateness in Lateness
    }
    assert {name: str(each.rule) if each else None for name, each in found.items()} == {
        "strict": None, "literal": "by:2025-12-03", "lenient": "by:2025-12-04",
    }  # fmt: skip


DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
HOURS = st.sampled_from([time(0), time(8), time(12, 30), time(16), time(23, 59)])
RULES = st.one_of(
    st.builds(DueRule, st.just("before"), DAYS),
    st.builds(DueRule, st.just("by"), DAYS),
    st.builds(DueRule, st.just("before"), DAYS, HOURS),
)
CALENDARS = st.builds(WorkCalendar, st.frozensets(DAYS, max_size=40), st.frozensets(DAYS, max_size=10), st.just("thử"))


@given(RULES, st.sampled_from(Lateness), CALENDARS, CALENDARS, DAYS, HOURS, st.timedeltas(
    timedelta(0), timedelta(days=200)))  # fmt: skip
def test_nothing_is_ever_earlier_and_the_days_left_are_kept(
    rule: DueRule, lateness: Lateness, before: WorkCalendar, calendar: WorkCalendar, day: date, hour: time,
    rested: timedelta,
) -> None:  # fmt: skip
    """Whatever became of the calendar meanwhile."""
    due, suspended_at = rule.instants(before), at_hour(day, hour)
    now: datetime = suspended_at + rested
    found = resumed(rule, due, lateness, suspended_at, now, calendar)
    if found is None:
        return
    assert found.due.strict >= due.strict
    assert found.due.literal >= due.literal
    assert found.due.lenient >= due.lenient
    assert found.due.strict <= found.due.literal <= found.due.lenient
    assert found.due.late(lateness) > max(now, due.late(lateness))
    left = workdays_in(local_date(suspended_at), last_day_of(due.late(lateness)), calendar)
    assert workdays_in(local_date(now), found.rule.day, calendar) >= left


@given(RULES, st.sampled_from(Lateness), CALENDARS, DAYS, HOURS, st.timedeltas(timedelta(0), timedelta(days=200)))
def test_what_was_in_term_is_in_term_again_and_what_was_late_stays_so(
    rule: DueRule, lateness: Lateness, calendar: WorkCalendar, day: date, hour: time, rested: timedelta
) -> None:
    due, suspended_at = rule.instants(calendar), at_hour(day, hour)
    now = suspended_at + rested
    found = resumed(rule, due, lateness, suspended_at, now, calendar)
    late_at = (found.due if found else due).late(lateness)
    assert (late_at > now) == (due.late(lateness) > suspended_at)
