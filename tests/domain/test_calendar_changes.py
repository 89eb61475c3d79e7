"""What a change of the working days moves, compared on data alone; the dates are worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar_changes import (
    DayEdit,
    OpenDeadline,
    OpenRollup,
    OpenTask,
    Reach,
    Running,
    RunningPlan,
    check_day,
    edited,
)
from domain.calendar_reach import reach
from domain.deadlines import Lateness
from domain.due_rules import Due, DueRule
from domain.errors import Refusal
from domain.levels import rollups_of
from domain.policy import Policy
from domain.timing import parse_timing
from domain.workdays import VIETNAM, WorkCalendar

CALENDAR = WorkCalendar(frozenset({date(2024, 9, 2)}), frozenset({date(2026, 8, 22)}), "by hand")
FRIDAY = date(2024, 11, 29)
NOW = datetime(2024, 10, 1, 8, tzinfo=VIETNAM)


def plan(lateness: Lateness = Lateness.STRICT) -> RunningPlan:
    return RunningPlan(1, "ke-hoach", "Kế hoạch", Policy(lateness=lateness), "11-30", "12-15")


def midnight(day: date) -> datetime:
    """The end of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM) + timedelta(days=1)


def deadline(rule: str = "before:2024-11-30", lateness: Lateness = Lateness.STRICT, **more: object) -> OpenDeadline:
    due = DueRule.parse(rule).instants(CALENDAR)
    made = OpenDeadline(
        plan(lateness), 7, 3, 1, "2024", "2024", "trước ngày 30/11/2024", rule, due, due.late(lateness), (1, 2),
        ("Sở A", "Sở B"), (0, 0),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def changed(*deadlines: OpenDeadline, day: date = FRIDAY, working: bool = False, now: datetime = NOW) -> Reach:
    new = edited(CALENDAR, [DayEdit(day, working)])
    return reach(Running(deadlines), CALENDAR, new, now)


def test_a_day_becomes_what_it_is_to_be() -> None:
    calendar = edited(CALENDAR, [DayEdit(FRIDAY, False), DayEdit(date(2026, 8, 22), False)])
    assert not calendar.is_workday(FRIDAY) and not calendar.is_workday(date(2026, 8, 22))
    calendar = edited(calendar, [DayEdit(FRIDAY, True), DayEdit(date(2024, 11, 30), True)])
    assert calendar.is_workday(FRIDAY) and calendar.is_workday(date(2024, 11, 30))
    plain = edited(calendar, [DayEdit(date(2024, 11, 30), None), DayEdit(date(2024, 9, 2), None)])
    assert not plain.is_workday(date(2024, 11, 30)) and plain.is_workday(date(2024, 9, 2))


@pytest.mark.parametrize(
    ("day", "working", "code"),
    [
        (date(2024, 9, 30), False, "calendar-day-past"),
        (date(2031, 1, 6), False, "calendar-day-beyond"),
        (date(2024, 10, 5), False, "calendar-day-same"),
        (date(2024, 10, 4), True, "calendar-day-same"),
    ],
)
def test_days_that_cannot_be_changed(day: date, working: bool, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        check_day(CALENDAR, day, working, date(2024, 10, 1), 2030)


def test_today_can_still_be_changed() -> None:
    check_day(CALENDAR, date(2024, 10, 1), False, date(2024, 10, 1), 2030)


@pytest.mark.parametrize(
    ("rule", "lateness", "day", "working", "strict", "late", "why"),
    [
        ("before:2024-11-30", "strict", "2024-11-29", False, "2024-11-28", "2024-11-28", "the last working day is off"),
        ("before:2024-11-30", "literal", "2024-11-29", False, "2024-11-28", "2024-11-29", "the words still say 29/11"),
        ("before:2026-08-24", "strict", "2026-08-22", False, "2026-08-21", "2026-08-21", "no swapped Saturday then"),
        ("before:2024-12-01", "strict", "2024-11-30", True, "2024-11-30", "2024-11-30", "a Saturday is worked on"),
        ("by:2024-12-20", "strict", "2024-12-20", False, "2024-12-19", "2024-12-19", "granted until a day off"),
        ("by:2024-12-20", "lenient", "2024-12-20", False, "2024-12-19", "2024-12-23", "rolled over the weekend"),
    ],
)
def test_deadlines_that_move(
    rule: str, lateness: str, day: str, working: bool, strict: str, late: str, why: str
) -> None:
    found = changed(deadline(rule, Lateness(lateness)), day=date.fromisoformat(day), working=working)
    (moved,) = found.felt
    days = midnight(date.fromisoformat(strict)), midnight(date.fromisoformat(late))
    assert (moved.due.strict, moved.late_at) == days, why
    assert (found.moves, found.rungs, found.rounds) == (2, 0, frozenset({7}))


def test_what_it_says_names_the_day_that_counts() -> None:
    (strict,) = changed(deadline()).felt
    assert strict.words() == "Hạn báo cáo đổi từ hết ngày 29/11/2024 thành hết ngày 28/11/2024"
    (literal,) = changed(deadline(lateness=Lateness.LITERAL)).felt
    assert literal.words().startswith("Ngày làm việc cuối cùng để gửi báo cáo đổi từ hết ngày 29/11/2024 thành")


def test_a_reading_that_does_not_count_moves_in_silence() -> None:
    """Leniently "trước ngày 02/12" is 2/12 itself, so a day off then moves that reading and no other."""
    found = changed(deadline("before:2024-12-02"), day=date(2024, 12, 2))
    (moved,) = found.deadlines
    assert moved.due.lenient == midnight(date(2024, 12, 3)) and not moved.felt
    assert found.moves == 0


def test_what_has_passed_or_would_pass_at_once_stays() -> None:
    late = datetime(2024, 12, 2, 8, tzinfo=VIETNAM)
    assert changed(deadline(), day=date(2024, 12, 4), now=late).deadlines == ()
    on_the_day = datetime(2024, 11, 29, 9, tzinfo=VIETNAM)
    assert changed(deadline(), now=on_the_day).deadlines == ()


def test_a_lenient_day_still_moves_when_the_strict_one_has_passed() -> None:
    """Saturday 30/11: strictly the report "trước ngày 01/12" was due on Friday, leniently it is due on Monday."""
    now = datetime(2024, 11, 30, 9, tzinfo=VIETNAM)
    found = changed(deadline("before:2024-12-01", Lateness.LENIENT), day=date(2024, 12, 2), now=now)
    (moved,) = found.felt
    assert moved.late_at == midnight(date(2024, 12, 3))


def test_what_an_earlier_change_left_alone_stays_where_it_is() -> None:
    kept = deadline(due=Due(*(midnight(date(2024, 11, 29)) for _ in range(3))))
    after = edited(CALENDAR, [DayEdit(FRIDAY, False)])
    other = edited(after, [DayEdit(date(2024, 12, 27), False)])
    assert reach(Running((kept,)), after, other, NOW).deadlines == ()
    back = reach(Running((deadline(),)), after, CALENDAR, NOW)
    assert back.deadlines == (), "the day it had is the day it has again"


def test_rungs_move_without_the_deadline() -> None:
    """5/11 lies before the reminder thirty working days ahead and after that of seven."""
    found = changed(deadline(), day=date(2024, 11, 5))
    assert (found.moves, found.rungs, found.rounds) == (0, 2, frozenset({7})), "one rung of each of two units"
    found = changed(deadline(raised=(1, 1)), day=date(2024, 11, 5))
    assert (found.rungs, found.rounds) == (0, frozenset()), "that reminder is behind them"
    found = changed(deadline(raised=()), day=date(2024, 11, 5))
    assert found.rungs == 0, "whoever has answered is reminded of nothing"


def test_weekly_repeats_of_what_is_overdue_wake_their_round() -> None:
    now = datetime(2024, 12, 18, 9, tzinfo=VIETNAM)
    found = changed(deadline(raised=(7, 7)), day=date(2024, 12, 20), now=now)
    assert (found.moves, found.rungs, found.rounds) == (0, 0, frozenset({7}))


def task(words: str, *known: str, guidance: date | None = None) -> OpenTask:
    return OpenTask(3, plan(), parse_timing(words).rules, NOW - timedelta(days=200), guidance, frozenset(known))


def test_rounds_that_are_still_to_open_follow() -> None:
    """28/11/2025 is the Friday before Sunday 30/11/2025, a day that rounds of other years do not count across."""
    new = edited(CALENDAR, [DayEdit(date(2025, 11, 28), False)])
    found = reach(Running(tasks=(task("Hằng năm", "2024"), replace(task("Năm 2026"), id=4))), CALENDAR, new, NOW)
    assert found.ahead == {3: 1} and found.moves == 0
    assert reach(Running(tasks=(task("Hằng năm", "2024", "2025"),)), CALENDAR, new, NOW).ahead == {}


def test_a_term_in_working_days_takes_its_round_along() -> None:
    """Ten working days after 1/10 end on 15/10, and with 9/10 off on 16/10."""
    words = "10 ngày làm việc kể từ khi có văn bản hướng dẫn"
    term = deadline("by:2024-10-15", label="2024-10-15", stands_for="2024-10-15")
    running = Running((term,), (task(words, "2024-10-15", guidance=date(2024, 10, 1)),))
    found = reach(running, CALENDAR, edited(CALENDAR, [DayEdit(date(2024, 10, 9), False)]), NOW)
    (moved,) = found.felt
    assert (moved.rule, moved.due_text) == ("by:2024-10-16", "đến hết ngày 16/10/2024")
    assert found.renamed == ((3, "2024-10-15", "2024-10-16"),) and found.ahead == {}
    granted = replace(term, rule="by:2024-10-30", due=DueRule.parse("by:2024-10-30").instants(CALENDAR))
    granted = replace(granted, late_at=granted.due.strict)
    found = reach(replace(running, deadlines=(granted,)), CALENDAR,
                  edited(CALENDAR, [DayEdit(date(2024, 10, 9), False)]), NOW)  # fmt: skip
    assert found.deadlines == () and found.renamed, "who was granted more time keeps it"


def rollup(year: int) -> OpenRollup:
    dates = next(d for d in rollups_of("11-30", "12-15", plan().policy, CALENDAR) if d.label == str(year))
    return OpenRollup(year, plan(), dates.label, dates.period_from, dates.cutoff, dates.opens_at, dates.due,
                      dates.due.strict)  # fmt: skip


def test_rollups_move_and_those_of_running_periods_are_asked_for() -> None:
    """13/12/2024 is the Friday before Sunday 15/12; 12/12/2025 the Friday before Monday 15/12."""
    running = Running(rollups=(rollup(2024), rollup(2025)))
    found = reach(running, CALENDAR, edited(CALENDAR, [DayEdit(date(2024, 12, 13), False)]), NOW)
    (moved,) = found.rollups
    assert (moved.was.period, moved.running, found.moves) == ("2024", True, 1)
    assert moved.late_at == midnight(date(2024, 12, 12)) and moved.dates.opens_at.date() == date(2024, 12, 10)
    found = reach(running, CALENDAR, edited(CALENDAR, [DayEdit(date(2025, 12, 12), False)]), NOW)
    assert [(each.was.period, each.running) for each in found.rollups] == [("2025", False)] and found.moves == 0
    late = datetime(2024, 12, 20, tzinfo=VIETNAM)
    assert reach(running, CALENDAR, edited(CALENDAR, [DayEdit(date(2024, 12, 13), False)]), late).rollups == ()


DAYS = st.dates(date(2024, 10, 1), date(2024, 12, 31))
RULES = st.builds(DueRule, st.sampled_from(("before", "by")), DAYS)


@given(RULES, DAYS, st.sampled_from(list(Lateness)))
def test_a_change_and_its_opposite_leave_everything_as_it_was(rule: DueRule, day: date, lateness: Lateness) -> None:
    was = deadline(str(rule), lateness)
    new = edited(CALENDAR, [DayEdit(day, not CALENDAR.is_workday(day))])
    there = reach(Running((was,)), CALENDAR, new, NOW)
    for moved in there.deadlines:
        assert moved.due.strict > NOW and moved.late_at > NOW
        now = replace(was, due=moved.due, late_at=moved.late_at)
        (back,) = reach(Running((now,)), new, CALENDAR, NOW).deadlines
        assert (back.due, back.late_at) == (was.due, was.late_at)


@given(RULES, DAYS, DAYS)
def test_nothing_moves_by_a_day_that_is_not_counted_across(rule: DueRule, day: date, today: date) -> None:
    """A day more than ten days off a deadline, longer than any row of days off here, has nothing to do with it."""
    now = datetime(today.year, today.month, today.day, 9, tzinfo=VIETNAM)
    found = changed(deadline(str(rule)), day=day, working=not CALENDAR.is_workday(day), now=now)
    assert not found.deadlines or abs((day - rule.day).days) <= 10
