"""Working days over days off given as data. No clock, no library: whoever calls brings the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "+07")
"""Việt Nam keeps UTC+7 all year and has done since 1975, so no time-zone data is needed."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Days off beyond Saturdays and Sundays, and days off that were made working days (swapped Saturdays).

    `version` names the source, and is recorded with every instant that was computed from it.
    """

    off: frozenset[date]
    working: frozenset[date]
    version: str

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        return day in self.working or (day.weekday() < 5 and day not in self.off)

    def shift(self, day: date, workdays: int) -> date:
        """The n-th working day after (n > 0) or before (n < 0) `day`; `day` itself is not counted (BLDS 2015 Đ147)."""
        step = ONE_DAY if workdays > 0 else -ONE_DAY
        left = abs(workdays)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def roll_forward(self, day: date) -> date:
        """`day`, or the next working day when it is a day off (BLDS 2015 Đ148)."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def last_before(self, day: date) -> date:
        """The last working day before `day`."""
        return self.shift(day, -1)


def at_hour(day: date, hour: time) -> datetime:
    """That hour of that day in Việt Nam."""
    return datetime.combine(day, hour, VIETNAM)


def end_of(day: date) -> datetime:
    """24:00 of that day in Việt Nam: the first instant that is too late."""
    return datetime.combine(day + ONE_DAY, time(0), VIETNAM)


def local_date(instant: datetime) -> date:
    """The day in Việt Nam on which an aware instant falls."""
    return instant.astimezone(VIETNAM).date()


def last_day_of(due: datetime) -> date:
    """The last day on which one is still in time, for a due instant made by `end_of`."""
    return local_date(due - timedelta(microseconds=1))
