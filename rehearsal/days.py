"""Days as whoever judges a rehearsal counts them: Viet Nam's clock and its working days, from public sources only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import holidays

VIETNAM = timezone(timedelta(hours=7))
"""Viet Nam keeps UTC+7 all year."""


def local_day(instant: datetime) -> date:
    """The day in Viet Nam on which an aware instant falls."""
    return instant.astimezone(VIETNAM).date()


def midnight(day: date) -> datetime:
    """The first instant of a day in Viet Nam; "24:00" of a day is `midnight` of the next."""
    return datetime.combine(day, time(), VIETNAM)


def is_working(day: date) -> bool:
    """Monday to Friday without public holidays, and the Saturdays that were swapped for days off."""
    return bool(_calendar(day.year).is_working_day(day))


def shifted(day: date, working_days: int) -> date:
    """So many working days after a day, or before it when negative."""
    step = timedelta(days=1 if working_days > 0 else -1)
    left = abs(working_days)
    while left:
        day += step
        left -= is_working(day)
    return day


def last_working_before(day: date) -> date:
    """The last working day before a day, which itself may be one or not."""
    return shifted(day, -1)


def working_days_between(first: date, last: date) -> int:
    """How many working days there are after `first`, up to and with `last`; 0 when `last` is not later."""
    return sum(is_working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


_CALENDARS: dict[int, holidays.HolidayBase] = {}


def _calendar(year: int) -> holidays.HolidayBase:
    if year not in _CALENDARS:
        _CALENDARS[year] = holidays.country_holidays("VN", years=year)
    return _CALENDARS[year]
