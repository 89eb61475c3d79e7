"""From a reporting regime to the instants of a round. Sources: NĐ 09/2019 Đ8, Đ12; BLDS 2015 Đ146-148.

A due instant is the first instant that is too late (24:00 of the last day), so "in time" is always `received < due`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.workdays import ONE_DAY, WorkCalendar, at_hour, end_of

WORK_BEGINS = time(8)


class Lateness(StrEnum):
    """How the authority reads "trước ngày X", which no law defines: a policy of the plan, shown with every lateness."""

    STRICT = "strict"
    LITERAL = "literal"
    LENIENT = "lenient"


LATENESS_WORDS = {
    Lateness.STRICT: "hết ngày làm việc cuối cùng trước ngày ghi trong kế hoạch",
    Lateness.LITERAL: "hết ngày liền trước ngày ghi trong kế hoạch",
    Lateness.LENIENT: "hết ngày ghi trong kế hoạch, lùi sang ngày làm việc kế tiếp nếu là ngày nghỉ",
}


@dataclass(frozen=True)
class Due:
    """The three readings of "trước ngày X"; `strict` <= `literal` <= `lenient`."""

    strict: datetime
    literal: datetime
    lenient: datetime

    def late(self, policy: Lateness) -> datetime:
        """The instant from which a report is late under this policy."""
        return {Lateness.STRICT: self.strict, Lateness.LITERAL: self.literal, Lateness.LENIENT: self.lenient}[policy]


@dataclass(frozen=True)
class RoundDates:
    """One round of reporting: what it covers and when it opens and falls due. Days are days in Việt Nam."""

    label: str
    period_from: date
    period_to: date
    cutoff: date
    opens_at: datetime
    due: Due
    due_text: str


def due_before(day: date, calendar: WorkCalendar) -> Due:
    """The instants of "trước ngày `day`"."""
    return Due(
        strict=end_of(calendar.last_before(day)),
        literal=end_of(day - ONE_DAY),
        lenient=end_of(calendar.roll_forward(day)),
    )


def due_by(day: date, calendar: WorkCalendar) -> Due:
    """The instants of a day that is itself still in time, as an extension "đến ngày `day`" grants."""
    rolled = calendar.roll_forward(day)
    last_workday = day if calendar.is_workday(day) else calendar.last_before(day)
    return Due(strict=end_of(last_workday), literal=end_of(day), lenient=end_of(rolled))


def year_period(year: int) -> tuple[date, date]:
    """The reporting year of NĐ 09/2019 Đ12: 15/12 of the year before to 14/12."""
    return date(year - 1, 12, 15), date(year, 12, 14)


def yearly_round(year: int, before: date, opens_workdays: int, calendar: WorkCalendar) -> RoundDates:
    """The yearly round whose report is asked "trước ngày `before`".

    Data cannot be held to 14/12 for a report due earlier, so the cut-off is then one working day before the last
    working day for sending (NĐ 09/2019 Đ8.5), and the rest of the year is an estimate.
    """
    due = due_before(before, calendar)
    sending_day = calendar.last_before(before)
    period_from, period_to = year_period(year)
    return RoundDates(
        label=str(year),
        period_from=period_from,
        period_to=period_to,
        cutoff=min(period_to, calendar.shift(sending_day, -1)),
        opens_at=at_hour(calendar.shift(sending_day, -opens_workdays), WORK_BEGINS),
        due=due,
        due_text=f"trước ngày {before:%d/%m/%Y}",
    )


def yearly_rounds(
    first: int, last: int, month_day: str, opens_workdays: int, calendar: WorkCalendar, issued: datetime
) -> Iterator[RoundDates]:
    """The yearly rounds `first`..`last` for a regime "trước ngày DD/MM hằng năm" given as `MM-DD`.

    A year whose due instant had already passed when the plan went live is left out: nobody could have kept it.
    """
    month, day = (int(part) for part in month_day.split("-"))
    for year in range(first, last + 1):
        last_of_month = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        dates = yearly_round(year, date(year, month, min(day, last_of_month)), opens_workdays, calendar)
        if dates.due.strict > issued:
            yield dates
