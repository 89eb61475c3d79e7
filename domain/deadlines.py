"""A round's days: what it covers, when its data are cut off, when it opens. Source: NĐ 09/2019 Đ8.5, Đ12."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time

from domain.due_rules import (
    LATENESS_WORDS,
    Due,
    DueRule,
    Lateness,
    due_at,
    due_before,
    due_by,
    with_grace,
)
from domain.workdays import ONE_DAY, WorkCalendar, at_hour, last_day_of

__all__ = [
    "LATENESS_WORDS", "WORK_BEGINS", "Due", "DueRule", "Lateness", "Period", "RoundDates", "clamped", "due_at",
    "due_before", "due_by", "part_of_year", "period_of", "period_words", "round_dates", "sending_day", "week_of",
    "with_grace", "year_period",
]  # fmt: skip

WORK_BEGINS = time(8)
_PERIOD_ENDS = 14
"""The day of the month with which every period of NĐ 09/2019 Đ12 ends."""
_NUMERALS = {1: "I", 2: "II", 3: "III", 4: "IV"}
_LABEL = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<letter>[HQW])?(?P<number>[0-9]{1,2}))?")


@dataclass(frozen=True)
class Period:
    """A reporting period: its data run `first`..`last`; its label names the calendar days `begins`..`ends`.

    The year 2024 is named 01/01..31/12/2024, and its data are those of 15/12/2023..14/12/2024.
    """

    label: str
    first: date
    last: date
    begins: date
    ends: date


@dataclass(frozen=True)
class RoundDates:
    """One round of reporting: what it covers and when it opens and falls due. Days are days in Việt Nam.

    `rule` is what the due instants come from, `due_text` its words with what else the plan says of this round.
    """

    label: str
    period_from: date
    period_to: date
    cutoff: date
    opens_at: datetime
    due: Due
    due_text: str
    rule: DueRule


def clamped(year: int, month: int, day: int) -> date:
    """That day, or the month's last where the month is shorter; months count on into the years beside (0, 13)."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def period_of(year: int, index: int, parts: int) -> Period:
    """Period `index` (from 0) of a year in 1, 2, 4 or 12 `parts`; each ends on the 14th of its last month (Đ12)."""
    months = 12 // parts
    before, last = months * index, months * (index + 1)
    name = {1: "", 2: f"-H{index + 1}", 4: f"-Q{index + 1}", 12: f"-{index + 1:02d}"}[parts]
    return Period(
        label=f"{year}{name}",
        first=clamped(year, before, _PERIOD_ENDS + 1),
        last=date(year, last, _PERIOD_ENDS),
        begins=date(year, before + 1, 1),
        ends=clamped(year, last, 31),
    )


def year_period(year: int) -> tuple[date, date]:
    """The reporting year of NĐ 09/2019 Đ12: 15/12 of the year before to 14/12."""
    period = period_of(year, 0, 1)
    return period.first, period.last


def period_words(label: str) -> str:
    """`năm 2024`, `6 tháng đầu năm 2024`, `quý II năm 2024`, `tháng 5 năm 2024`, `tuần 18 năm 2024`; else as it is."""
    found = _LABEL.fullmatch(label)
    if found is None:
        return label
    year, letter, number = found["year"], found["letter"], int(found["number"] or 0)
    names = {
        "H": f"6 tháng {'đầu' if number == 1 else 'cuối'} ",
        "Q": f"quý {_NUMERALS.get(number, number)} ",
        "W": f"tuần {number} ",
        "": f"tháng {number} " if number else "",
    }
    return f"{names[letter or '']}năm {year}"


def sending_day(due: Due, calendar: WorkCalendar) -> date:
    """The last working day for sending; for a report due before the day's work begins it is the day before."""
    day = last_day_of(due.strict)
    return calendar.last_before(day) if at_hour(day, WORK_BEGINS) >= due.strict else day


def round_dates(period: Period, rule: DueRule, opens_workdays: int, calendar: WorkCalendar) -> RoundDates:
    """The round of a period whose report is due by this rule.

    Data cannot be held to the period's end for a report due earlier, so the cut-off is then one working day before the
    last working day for sending (NĐ 09/2019 Đ8.5), and the rest of the period is an estimate.
    """
    due = rule.instants(calendar)
    sending = sending_day(due, calendar)
    return RoundDates(
        label=period.label,
        period_from=period.first,
        period_to=period.last,
        cutoff=min(period.last, calendar.last_before(sending)),
        opens_at=at_hour(calendar.shift(sending, -opens_workdays), WORK_BEGINS),
        due=due,
        due_text=rule.words(),
        rule=rule,
    )


def part_of_year(day: date, parts: int) -> Period:
    """The period of a year in `parts` in which a day lies."""
    year = day.year + (day > year_period(day.year)[1])
    return next(p for p in (period_of(year, index, parts) for index in range(parts)) if day <= p.last)


def week_of(first: date, last: date, named: date) -> Period:
    """A week of data; its label is the ISO week of `named`, the last day in time."""
    year, week, _ = named.isocalendar()
    return Period(f"{year}-W{week:02d}", first, last, named - 6 * ONE_DAY, named)
