"""The reporting regime of a plan: how often a report is asked, and before which day of its period.

As text it is held with the plan: "11-30" (every year), "half_yearly 06-15,12-15", "quarterly 03-20,06-20,09-20,12-20",
"monthly 18", "weekly 5T16:00" (ISO weekday 1-7); an hour "T16:00" may end any of them, and "by " before the days says
that the day itself is still in time ("chậm nhất ngày 18"). A day that a month does not have is its last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from domain.deadlines import DueRule, Period, clamped, period_of
from domain.due_rules import hour_words
from domain.errors import Refusal
from domain.plan import ReportingDraft


class Rhythm(StrEnum):
    """How often a report is asked."""

    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"


RHYTHM_WORDS = {
    Rhythm.YEARLY: "hằng năm",
    Rhythm.HALF_YEARLY: "6 tháng một lần",
    Rhythm.QUARTERLY: "hằng quý",
    Rhythm.MONTHLY: "hằng tháng",
    Rhythm.WEEKLY: "hằng tuần",
}
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
CYCLE_DAYS = {
    Rhythm.YEARLY: 365, Rhythm.HALF_YEARLY: 182, Rhythm.QUARTERLY: 91, Rhythm.MONTHLY: 30, Rhythm.WEEKLY: 7,
}  # fmt: skip
_EXAMPLES = {
    Rhythm.YEARLY: "một ngày trong năm, ví dụ 30/11",
    Rhythm.HALF_YEARLY: "hai ngày của hai nửa năm, ví dụ 15/6, 15/12",
    Rhythm.QUARTERLY: "bốn ngày của bốn quý, ví dụ 20/3, 20/6, 20/9, 20/12, hoặc một ngày của tháng cuối quý, ví dụ 20",
    Rhythm.MONTHLY: "một ngày trong tháng, ví dụ 18",
    Rhythm.WEEKLY: "một ngày trong tuần, có thể kèm giờ, ví dụ thứ Sáu 16:00",
}
PARTS = {Rhythm.YEARLY: 1, Rhythm.HALF_YEARLY: 2, Rhythm.QUARTERLY: 4, Rhythm.MONTHLY: 12}
_TEXT = re.compile(
    r"(?:(?P<every>[a-z_]+) )?(?P<by>by )?(?P<days>[0-9-]+(?:,[0-9-]+)*)(?:T(?P<hour>[0-2][0-9]:[0-5][0-9]))?"
)
_PLAIN_YEAR = 2023
"""A year that is no leap year: a regime may only name days that every year has."""
_FAR_DAYS = 219
"""Three fifths of a year: a report of a period is asked no farther than that part of it from its end."""
MonthDay = tuple[int, int]


@dataclass(frozen=True)
class Regime:
    """`days` are the month and day of each period's report, in the order of the periods; for a week (0, ISO weekday).

    `inclusive`: the day itself is still in time. `hour`: in time until that hour of the day.
    """

    rhythm: Rhythm
    days: tuple[MonthDay, ...]
    hour: time | None = None
    inclusive: bool = False

    @classmethod
    def parse(cls, text: str) -> Regime:
        """The regime of a text; raises `Refusal("regime-invalid")` saying how it is written."""
        found = _TEXT.fullmatch(text)
        if found is None or (found["every"] or "yearly") not in list(Rhythm):
            raise Refusal("regime-invalid", f"Chế độ báo cáo {text[:60]!r} không đọc được; hãy nhập lại ngày báo cáo.")
        rhythm = Rhythm(found["every"] or "yearly")
        try:
            hour = time.fromisoformat(found["hour"]) if found["hour"] else None
            days = _days(rhythm, found["days"].split(","))
        except ValueError:
            raise unclear(rhythm, found["days"]) from None
        if hour is not None and found["by"]:
            raise unclear(rhythm, found["days"])
        return cls(rhythm, days, None if hour == time(0) else hour, bool(found["by"]))

    @classmethod
    def of(cls, every: str | None, before: str) -> Regime:
        """The regime of an entry's rhythm (none: every year) and its days; raises as `parse` does."""
        return cls.parse(f"{every} {before}" if every else before)

    def __str__(self) -> str:
        every = "" if self.rhythm is Rhythm.YEARLY and not self.inclusive else f"{self.rhythm} "
        return f"{every}{self.before}"

    @property
    def before(self) -> str:
        """The days without the rhythm, as a draft's `before` holds them."""
        hour = f"T{self.hour:%H:%M}" if self.hour else ""
        if self.rhythm is Rhythm.WEEKLY:
            days = str(self.days[0][1])
        elif self.rhythm is Rhythm.MONTHLY:
            days = f"{self.days[0][1]:02d}"
        else:
            days = ",".join(f"{month:02d}-{day:02d}" for month, day in self.days)
        return f"{'by ' if self.inclusive else ''}{days}{hour}"

    def rule(self, day: date) -> DueRule:
        """The rule of a report that is asked on this day."""
        return DueRule("by" if self.inclusive else "before", day, self.hour)

    def asked(self, year: int) -> Iterable[tuple[Period, DueRule]]:
        """The periods of a reporting year and what their reports are due by; not for weeks, which follow no year."""
        parts = len(self.days)
        for index, (month, day) in enumerate(self.days):
            later = (month, day) < self.days[0]  # the last period's, in January of the year after
            yield period_of(year, index, parts), self.rule(clamped(year + later, month, day))

    def words(self) -> str:
        """`trước ngày 30/11 hằng năm`, `trước 16 giờ 00 ngày thứ Sáu hằng tuần`, `chậm nhất ngày 18 hằng tháng`."""
        start = "chậm nhất ngày" if self.inclusive else f"trước {f'{hour_words(self.hour)} ' if self.hour else ''}ngày"
        return f"{start} {self.day_words()}"

    def day_words(self) -> str:
        """`30/11 hằng năm`, `20 của tháng cuối mỗi quý`, `18 hằng tháng`, `thứ Sáu hằng tuần`."""
        first = self.days[0][1]
        if self.rhythm is Rhythm.WEEKLY:
            return f"{WEEKDAYS[first - 1]} hằng tuần"
        if self.rhythm is Rhythm.MONTHLY:
            return f"{first:02d} hằng tháng"
        if self.rhythm is Rhythm.QUARTERLY and self.days == tuple((month, first) for month in (3, 6, 9, 12)):
            return f"{first:02d} của tháng cuối mỗi quý"
        *most, last = (f"{day:02d}/{month:02d}" if month < 3 else f"{day:02d}/{month}" for month, day in self.days)
        return f"{', '.join(most)} và {last} hằng năm" if most else f"{last} hằng năm"


def unclear(rhythm: Rhythm, given: str) -> Refusal:
    """Days that do not fit the rhythm."""
    words = f"Hạn báo cáo {RHYTHM_WORDS[rhythm]} “{given[:40]}” chưa đủ hoặc không có; hãy nhập {_EXAMPLES[rhythm]}."
    return Refusal("regime-invalid", words)


def _days(rhythm: Rhythm, given: list[str]) -> tuple[MonthDay, ...]:
    """The month and day of each report; raises `ValueError` for days that are none or do not fit the rhythm."""
    if rhythm is Rhythm.WEEKLY:
        (weekday,) = (int(text) for text in given)
        if not 1 <= weekday <= 7:
            raise ValueError(weekday)
        return ((0, weekday),)
    if len(given) == 1 and "-" not in given[0] and rhythm in (Rhythm.MONTHLY, Rhythm.QUARTERLY):
        day = int(given[0])
        if not 1 <= day <= 31:
            raise ValueError(day)
        return tuple((month, day) for month in range(1, 13) if rhythm is Rhythm.MONTHLY or month % 3 == 0)
    parts = PARTS[rhythm]
    if rhythm is Rhythm.MONTHLY or len(given) != parts:
        raise ValueError(given)
    found = [_month_day(text) for text in given]
    return tuple(found) if rhythm is Rhythm.YEARLY else _in_order(found)


def _month_day(text: str) -> MonthDay:
    month, _, day = text.partition("-")
    if (int(month), int(day)) != (2, 29):  # the last of February; other years have the 28th
        date(_PLAIN_YEAR, int(month), int(day))
    return int(month), int(day)


def _in_order(days: list[MonthDay]) -> tuple[MonthDay, ...]:
    """The days in the order of the periods they report on; raises `ValueError` where two would be of one period.

    Each is about the period that ends nearest to it, before or after ("trước 05/4": the first quarter), so that the
    first of a year may be about the last period of the year before ("trước 10/01"). Ours: no law says it.
    """
    parts = len(days)
    days = sorted(days)
    ends = [period_of(_PLAIN_YEAR, index, parts).last for index in range(parts)]
    last_before = period_of(_PLAIN_YEAR - 1, parts - 1, parts).last
    whens = [clamped(_PLAIN_YEAR, month, day) for month, day in days]
    same = [abs(when - end) for when, end in zip(whens, ends, strict=True)]
    after = [abs(when - end) for when, end in zip(whens, [last_before, *ends[:-1]], strict=True)]
    distances = min(same, after, key=lambda found: sum(found, timedelta()))
    if max(distances) > timedelta(days=_FAR_DAYS / parts):
        raise ValueError(days)
    return (*days[1:], days[0]) if distances is after else tuple(days)


def regimes_of(entries: Iterable[ReportingDraft], who: str) -> tuple[list[Regime], list[Refusal]]:
    """The regimes that the entries of one sender (`units`, `lead`) make, the most frequent first, and what is wrong.

    Days of one rhythm that are told one by one belong together; the one day of a half-yearly rhythm and that of a
    yearly one are the two reports of a year.
    """
    dated = [entry for entry in entries if entry.from_ == who and entry.before]
    days: dict[Rhythm, list[str]] = {}
    for entry in dated:
        days.setdefault(Rhythm(entry.every or Rhythm.YEARLY), []).append(entry.before or "")
    half, year = days.get(Rhythm.HALF_YEARLY, []), days.get(Rhythm.YEARLY, [])
    if len(half) == 1 and "," not in half[0] and year and _fits(Rhythm.HALF_YEARLY, [half[0], year[0]]):
        half.append(year[0])
        del days[Rhythm.YEARLY]
    found, wrong = [], []
    for rhythm, given in days.items():
        try:
            found.append(_joined(rhythm, given))
        except Refusal as refusal:
            wrong.append(refusal)
    return sorted(found, key=lambda regime: CYCLE_DAYS[regime.rhythm]), wrong


def _joined(rhythm: Rhythm, given: list[str]) -> Regime:
    whole = ",".join(given)
    if len(given) > 1 and PARTS.get(rhythm) in (2, 4) and _fits(rhythm, given):
        return Regime.of(rhythm, whole)
    return Regime.of(rhythm, given[0])


def _fits(rhythm: Rhythm, given: list[str]) -> bool:
    try:
        Regime.of(rhythm, ",".join(given))
    except Refusal:
        return False
    return True


def regime_of(entries: Iterable[ReportingDraft], who: str) -> Regime | None:
    """The regime by which one sender reports: the most frequent one that is whole; None where no day is told.

    Raises `Refusal` where days are told and none makes a regime.
    """
    found, wrong = regimes_of(entries, who)
    if not found and wrong:
        raise wrong[0]
    return found[0] if found else None
