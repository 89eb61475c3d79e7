"""The days of calendar words: year, quarter, months, month, day, and the first, middle or last day of a year or month.

"Đầu", "giữa", "cuối" are single days: Bộ luật Dân sự 2015, Điều 146 (1, 15 and the last of the month; 01/01, 30/6 and
31/12). The law gives no such day for a quarter, so none is given here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from enum import Enum, auto

Days = tuple[date, date]


class Unit(Enum):
    """What a time is counted in. `PART_MONTH` and `PART_YEAR` are "đầu", "giữa", "cuối" of one."""

    YEAR = auto()
    MONTHS = auto()
    QUARTER = auto()
    MONTH = auto()
    PART_YEAR = auto()
    PART_MONTH = auto()
    DAY = auto()
    DAY_OF_MONTH = auto()


def days_of(unit: Unit, figures: Sequence[int], year: int | None) -> Days | None:
    """First and last day; None when the calendar has no such days or the year is not of 1900–2199."""
    if year is None or not 1900 <= year < 2200:
        return None
    if unit is Unit.YEAR:
        return _whole_months(year, 1, 12)
    if unit is Unit.QUARTER:
        return _whole_months(year, 3 * figures[0] - 2, 3 * figures[0])
    if unit is Unit.MONTHS:
        return _whole_months(year, *figures)
    if unit is Unit.PART_YEAR:
        day = (date(year, 1, 1), date(year, 6, 30), date(year, 12, 31))[figures[0]]
        return day, day
    month = figures[-1]
    if not 1 <= month <= 12:
        return None
    first, last = _whole_months(year, month, month)
    if unit is Unit.MONTH:
        return first, last
    number = (1, 15, last.day)[figures[0]] if unit is Unit.PART_MONTH else figures[0]
    return (first.replace(day=number),) * 2 if 1 <= number <= last.day else None


def _whole_months(year: int, first: int, last: int) -> Days:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
