"""The words a deadline comes from, and the instants they make. Sources: BLDS 2015 Đ147, Đ148; NĐ 09/2019 Đ8.

A due instant is the first instant that is too late, so "in time" is always `received < due`: 24:00 of the last day, or
the hour that the words name.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal

from domain.errors import Refusal
from domain.notices import day_text
from domain.workdays import ONE_DAY, WorkCalendar, at_hour, end_of, last_day_of, local_date


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
    """The three readings of a deadline; `strict` <= `literal` <= `lenient`."""

    strict: datetime
    literal: datetime
    lenient: datetime

    def late(self, policy: Lateness) -> datetime:
        """The instant from which a report is late under this policy."""
        return {Lateness.STRICT: self.strict, Lateness.LITERAL: self.literal, Lateness.LENIENT: self.lenient}[policy]


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


def due_at(day: date, hour: time, calendar: WorkCalendar) -> Due:
    """The instants of "trước `hour` ngày `day`": that hour itself on a working day, whatever the reading.

    On a day off nobody is there to send: strictly it is due with the last working day before, leniently at the same
    hour of the next one.
    """
    strict = at_hour(day, hour) if calendar.is_workday(day) else end_of(calendar.last_before(day))
    return Due(strict=strict, literal=at_hour(day, hour), lenient=at_hour(calendar.roll_forward(day), hour))


def with_grace(due: Due, now: datetime, workdays: int, calendar: WorkCalendar) -> Due:
    """At least so many working days from now (the end of the n-th, today not counted), never earlier than `due`.

    Where that is later than `due` as it was, one working day is due under every reading: the rule is then
    `DueRule("by", last_day_of(found.strict))`.
    """
    day = calendar.roll_forward(calendar.shift(local_date(now), workdays))
    if due.strict >= end_of(day):
        return due
    return due_by(max(day, last_day_of(due.lenient)), calendar)


_RULE = re.compile(r"(?P<kind>before|by):(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:T(?P<hour>[0-9]{2}:[0-9]{2}))?")


@dataclass(frozen=True)
class DueRule:
    """The day that instants come from. As text: `before:2024-11-30`, `by:2024-12-05`, `before:2024-05-03T16:00`.

    `before` a day ends with the day before it, `by` a day with that day; `before` an hour is in time until that hour.
    It is stored with an obligation, so that its instants can be worked out anew when the calendar changes.
    """

    kind: Literal["before", "by"]
    day: date
    hour: time | None = None

    def __post_init__(self) -> None:
        if self.hour == time(0):  # before 00:00 of a day is before that day
            object.__setattr__(self, "hour", None)
        if self.kind == "by" and self.hour is not None:
            raise ValueError("a day that is itself in time has no hour")

    @classmethod
    def parse(cls, text: str) -> DueRule:
        """A rule from its text; raises `Refusal` for anything else."""
        found = _RULE.fullmatch(text)
        try:
            if found is None:
                raise ValueError(text)
            hour = time.fromisoformat(found["hour"]) if found["hour"] else None
            return cls("by" if found["kind"] == "by" else "before", date.fromisoformat(found["day"]), hour)
        except ValueError:
            words = f"Quy tắc hạn {text[:40]!r} không đọc được; hãy ghi như before:2024-11-30 hoặc by:2024-12-05."
            raise Refusal("due-rule-invalid", words) from None

    def __str__(self) -> str:
        hour = f"T{self.hour:%H:%M}" if self.hour else ""
        return f"{self.kind}:{self.day.isoformat()}{hour}"

    def instants(self, calendar: WorkCalendar) -> Due:
        """The three readings under a calendar."""
        if self.hour is not None:
            return due_at(self.day, self.hour, calendar)
        return due_by(self.day, calendar) if self.kind == "by" else due_before(self.day, calendar)

    def words(self) -> str:
        """`trước ngày 30/11/2024`, `trước 16 giờ 00 ngày 03/5/2024`, `đến hết ngày 05/12/2024`."""
        if self.kind == "by":
            return f"đến hết ngày {day_text(self.day)}"
        hour = f"{hour_words(self.hour)} " if self.hour else ""
        return f"trước {hour}ngày {day_text(self.day)}"


def hour_words(hour: time) -> str:
    """`16 giờ 00`."""
    return f"{hour.hour} giờ {hour.minute:02d}"


_TERM = re.compile(
    r"(?P<count>[0-9]{1,3})(?:\s*\([^()]*\))?\s+(?:(?P<working>ngày\s+làm\s+việc)|(?P<unit>ngày|tuần|tháng|quý|năm))",
    re.IGNORECASE,
)
_DAYS, _MONTHS = {"ngày": 1, "tuần": 7}, {"tháng": 1, "quý": 3, "năm": 12}


def is_term(words: str) -> bool:
    """Whether words are a counted term that `term_rule` can count."""
    found = _TERM.fullmatch(words.strip())
    return found is not None and int(found["count"]) > 0


def term_rule(words: str, begin: date, calendar: WorkCalendar) -> DueRule | None:
    """The last day of a counted term ("10 ngày làm việc", "15 ngày", "01 tháng") from a day; None where it is none.

    The first day is not counted (BLDS 2015 Đ147); a term of months ends on the same day of its last month, or that
    month's last; one that ends on a day off ends with the next working day (Đ148).
    """
    found = _TERM.fullmatch(words.strip())
    if found is None or not is_term(words):
        return None
    count = int(found["count"])
    if found["working"]:
        return DueRule("by", calendar.shift(begin, count))
    unit = found["unit"].casefold()
    if unit in _DAYS:
        last = begin + count * _DAYS[unit] * ONE_DAY
    else:
        months = begin.month - 1 + count * _MONTHS[unit]
        year, month = begin.year + months // 12, months % 12 + 1
        last = date(year, month, min(begin.day, monthrange(year, month)[1]))
    return DueRule("by", calendar.roll_forward(last))
