"""What a suspended task's deadlines become when it goes on: the working days that were left are left again.

No law counts this for reports; the rule is ours, by analogy with BLDS 2015 Đ156, which leaves out the time
in which one could not act.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from domain.due_rules import Due, DueRule, Lateness
from domain.workdays import ONE_DAY, WorkCalendar, last_day_of, local_date


@dataclass(frozen=True)
class Resumed:
    """A deadline that moved: the rule it now comes from, and its instants, none earlier than before."""

    rule: DueRule
    due: Due


def workdays_in(after: date, until: date, calendar: WorkCalendar) -> int:
    """Working days after one day up to and with another; 0 where that is not later."""
    day, count = after, 0
    while day < until:
        day += ONE_DAY
        count += calendar.is_workday(day)
    return count


def workdays_rested(rests: Iterable[tuple[datetime, datetime]], since: datetime, calendar: WorkCalendar) -> int:
    """Working days after an instant in these rests, each from its beginning to its end; no term counts them."""
    return sum(
        workdays_in(local_date(max(begin, since)), local_date(end), calendar) for begin, end in rests if end > since
    )


def resumed(
    rule: DueRule, due: Due, lateness: Lateness, suspended_at: datetime, now: datetime, calendar: WorkCalendar
) -> Resumed | None:
    """The deadline of a report that was `suspended_at` and goes on `now`; None where it stays as it is.

    What was late already stays late since then. What was in term has as many working days left as it had then, and the
    hour of its day where it had one; due on the day of the suspension, it is due on the day of the return.
    """
    late_at = due.late(lateness)
    if late_at <= suspended_at:
        return None
    last = last_day_of(late_at)
    left = workdays_in(local_date(suspended_at), last, calendar)
    day = calendar.shift(local_date(now), left) if left else calendar.roll_forward(local_date(now))
    if _rule(rule, day).instants(calendar).late(lateness) <= now:  # its hour has passed today
        day = calendar.shift(day, 1)
    if day <= last:
        return None
    moved = _rule(rule, day)
    found = moved.instants(calendar)
    return Resumed(
        moved,
        Due(max(found.strict, due.strict), max(found.literal, due.literal), max(found.lenient, due.lenient)),
    )


def _rule(rule: DueRule, day: date) -> DueRule:
    return DueRule("by", day) if rule.hour is None else DueRule("before", day, rule.hour)
