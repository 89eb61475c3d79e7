"""The days by which reports are asked, as the running text tells them, each with how often it comes round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from documents.meaning.document import iso_date
from domain.errors import Refusal
from domain.regime import Regime
from domain.regime_words import read_before

Frequency = Literal["yearly", "half_yearly", "quarterly", "monthly", "weekly"]

_MONTH_DAY = r"(?P<day>[0-9]{1,2})(?:\s*[/-]\s*|\s+tháng\s+)(?P<month>[0-9]{1,2})(?![/0-9-]|\s+năm\s+20|\s*/)"
_HOUR = r"(?:(?P<hour>[0-9]{1,2})\s*(?:giờ|gi[^\W\d_]{1,2}|h|g)\s*(?P<minute>[0-9]{2})?(?:\s*phút)?,?\s+)?"
"""An hour before a day; machines misread its word ("16 gid 00")."""
BEFORE_RE = re.compile(
    rf"(?:trước|chậm nhất(?:\s+là)?|muộn nhất(?:\s+là)?|không muộn hơn|vào)\s+{_HOUR}(?:ngày\s+)?{_MONTH_DAY}",
    re.IGNORECASE,
)
_IN_PERIOD_RE = re.compile(
    rf"trước\s+{_HOUR}(?:(?:ngày\s+)?(?P<weekly>thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])\b|chủ nhật)|ngày\s+(?:"
    r"(?P<quarterly>[0-9]{1,2}\s+(?:của\s+)?tháng\s+(?:đầu|giữa|cuối)\s+(?:của\s+)?(?:(?:hằng|hàng|mỗi)\s+)?quý)"
    r"|(?P<monthly>[0-9]{1,2})(?P<told>\s+(?:hằng|hàng|mỗi)\s+tháng|\s+của\s+tháng\b)?"
    r"(?!\s*[0-9/:-]|\.[0-9]|\s*(?:,|;|và|đến)\s*(?:ngày\s+)?[0-9]|\s+(?:của\s+)?tháng|\s+(?:sau|kế|tiếp|đầu|giữa|cuối)"
    r"|[^\W_])))",
    re.IGNORECASE,
)
"""A day of each week, quarter or month. Left to a person: a day of the month after ("tháng sau"), which no regime
tells, two days of one month, and "chậm nhất", which no draft can hold: the day itself would still be in time."""
_ALSO_RE = re.compile(rf"^\s*(?:,|và|;|hoặc)\s+(?:trước\s+)?(?:ngày\s+)?{_MONTH_DAY}", re.IGNORECASE)
ONCE_RE = re.compile(
    r"trước\s+(?:ngày\s+)?(?P<day>[0-9]{1,2})(?:\s*/\s*|\s+tháng\s+)(?P<month>[0-9]{1,2})(?:\s*/\s*|\s+năm\s+)20[0-9]{2}",
    re.IGNORECASE,
)
_EVERY: tuple[tuple[Frequency, re.Pattern[str]], ...] = (
    ("half_yearly", re.compile(r"\b(?:0?6|sáu)\s+tháng\b(?!\s+cuối)|\bbán niên\b", re.IGNORECASE)),
    (
        "quarterly",
        re.compile(r"\b(?:(?:hằng|hàng|mỗi|theo|định kỳ|báo cáo|từng)\s+quý|quý\b(?!\s+(?:I|V|[0-9])))", re.IGNORECASE),
    ),
    ("monthly", re.compile(r"\b(?:hằng|hàng|mỗi|định kỳ|báo cáo)\s+tháng\b", re.IGNORECASE)),
    ("weekly", re.compile(r"\b(?:hằng|hàng|mỗi|định kỳ|báo cáo)\s+tuần\b", re.IGNORECASE)),
    (
        "yearly",
        re.compile(
            r"\b(?:hằng|hàng|mỗi|định kỳ|cuối|báo cáo|tổng kết|cả|một|01)\s+năm\b(?!\s+20)|(?:,|và)\s+năm\b(?!\s+20)",
            re.IGNORECASE,
        ),
    ),
)
_MIDDLE_OF_YEAR = "08-01"


@dataclass(frozen=True)
class Day:
    """Where in a clause a day stands, what a draft's `before` says of it (None: there is none), and the rhythm that
    its own words tell; a day of the year tells none."""

    place: int
    before: str | None
    every: Frequency | None = None


def frequencies(text: str) -> tuple[Frequency, ...]:
    """How often, in the order of the words."""
    found = [(match.start(), kind) for kind, pattern in _EVERY if (match := pattern.search(text))]
    return tuple(kind for _, kind in sorted(found))


def days_of(text: str, every: tuple[Frequency, ...]) -> list[Day]:
    """All days in a clause whose reports are asked so often, in the order of the words."""
    return sorted((*_days(text), *_in_periods(text, every)), key=lambda day: day.place)


def _days(text: str) -> Iterator[Day]:
    """Each "trước ngày 30/11" with its MM-DD, and the hour where one is told."""
    end = 0
    for match in BEFORE_RE.finditer(text):
        if match.start() < end:
            continue
        day = month_day(match)
        yield Day(match.start(), f"{day}{_hour(match)}" if day else None)
        end = match.end()
        while also := _ALSO_RE.match(text[end:]):
            day = month_day(also)
            yield Day(end, f"{day}{_hour(match)}" if day else None)
            end += also.end()


def _in_periods(text: str, every: tuple[Frequency, ...]) -> Iterator[Day]:
    """The days of a week, month or quarter, where the words tell of which: nothing is guessed of a bare "ngày 20"."""
    told = _told(text)
    for match in _IN_PERIOD_RE.finditer(text):
        kind: Frequency = "weekly" if match["weekly"] else "quarterly" if match["quarterly"] else "monthly"
        last = next((each for start, each in reversed(told) if start < match.start()), None)
        if kind not in every or (kind == "monthly" and not match["told"] and kind != (last or every[-1])):
            continue
        try:
            before = read_before(kind, f"trước ngày {match[kind]}")
        except Refusal:  # such as a 40th, which no month has
            continue
        yield Day(match.start(), f"{before}{_hour(match)}", kind)


def _hour(match: re.Match[str]) -> str:
    """The hour of a day as a draft's `before` has it; "" where none is told or there is none."""
    if match["hour"] is None or int(match["hour"]) > 23 or int(match["minute"] or 0) > 59:
        return ""
    hour = f"{int(match['hour']):02d}:{int(match['minute'] or 0):02d}"
    return "" if hour == "00:00" else f"T{hour}"


def _told(text: str) -> list[tuple[int, Frequency]]:
    """Where the words tell how often, in their order."""
    return sorted((match.start(), kind) for kind, pattern in _EVERY for match in pattern.finditer(text))


def month_day(match: re.Match[str]) -> str | None:
    """The MM-DD of a match; None where no such day exists."""
    month, day = int(match["month"]), int(match["day"])
    return f"{month:02d}-{day:02d}" if iso_date(2000, month, day) else None


def _whole(every: Frequency, days: Sequence[Day]) -> str | None:
    """The days of all parts of a year as one `before`; None where they are not that."""
    told = [(day.before or "").partition("T") for day in days]
    if len(days) < 2 or len({hour for _, _, hour in told}) > 1:
        return None
    try:
        return Regime.of(every, ",".join(day for day, _, _ in told) + "".join(told[0][1:])).before
    except Refusal:
        return None


def paired(text: str, days: Sequence[Day], every: tuple[Frequency, ...]) -> list[tuple[str | None, Frequency | None]]:
    """Each day with its frequency: that of its own words, the only one, the one in its order, or the last one told
    before it.

    A frequency that is told beside others but has no day ("hằng quý") is an entry of its own. The days of all parts of
    a year that are told together are one.
    """
    if len(every) <= 1 or not days:
        only = every[0] if every else None
        if only == "yearly" and len(days) == 2 and (days[0].before or "") < _MIDDLE_OF_YEAR < (days[1].before or ""):
            # Two days of a year, of which one lies in its middle, are those of the half-year and of the year.
            return [(days[0].before, "half_yearly"), (days[1].before, "yearly")]
        if only and (whole := _whole(only, days)):
            return [(whole, only)]
        return [(day.before, day.every or only) for day in days] or [(None, kind) for kind in every or (None,)]
    if len(every) == len(days):
        return [(day.before, day.every or kind) for day, kind in zip(days, every, strict=True)]
    told = _told(text)
    found: list[tuple[str | None, Frequency | None]] = []
    for day in days:
        kinds = [kind for start, kind in told if start < day.place]
        found.append((day.before, day.every or (kinds[-1] if kinds else every[0])))
    without = [kind for kind in every if kind not in {kind for _, kind in found}]
    return [*((None, kind) for kind in without if any(k == kind for _, k in told)), *found]
