"""Reads the days of a regime from Vietnamese words: what stands beside the rhythm of a task, what a person fills in.

Nothing is guessed: words that are not wholly one of the known forms make no regime. "đầu", "giữa", "cuối" of a month or
a year are the days of BLDS 2015 Đ146 (1, 15, last; 01/01, 30/6, 31/12); a quarter has none in law.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import time

from domain.errors import Refusal
from domain.regime import PARTS, WEEKDAYS, Regime, Rhythm, unclear
from domain.timing import TimingKind, TimingRule

_HOUR = r"(?P<hour>[0-9]{1,2})\s*(?:giờ|h|g|:)\s*(?P<minute>[0-9]{2})?(?:\s*phút)?"
_BEFORE_HOUR = re.compile(rf"trước\s+{_HOUR}")
_LEAD = re.compile(
    r"(?:(?:gửi|tổng hợp|hoàn thành)?\s*(?:báo cáo)?(?:\s+kết quả)?\s*,?\s*)?"
    r"(?:(?P<before>(?:xong\s+|vào\s+)?trước)"
    r"|(?P<by>(?:chậm nhất|muộn nhất)(?:\s+là)?(?:\s+(?:vào|đến|trong))?|không quá|đến(?:\s+hết)?|vào))?"
    rf"\s*(?:{_HOUR}(?:\s*,)?\s+)?(?:ngày\s+)?(?P<days>.+)"
)
_WEEKDAY = re.compile(
    r"(?:thứ (?P<name>hai|ba|tư|năm|sáu|bảy|[2-7])|(?P<sunday>chủ nhật))(?:\s+(?:hằng|hàng|mỗi) tuần)?"
)
_NAMES = {"hai": 1, "ba": 2, "tư": 3, "năm": 4, "sáu": 5, "bảy": 6}
_DAY = re.compile(r"(?P<day>[0-9]{1,2})(?:\s+(?:hằng|hàng|mỗi) tháng)?")
_OF_QUARTER = re.compile(
    r"(?P<day>[0-9]{1,2})\s+(?:của\s+)?tháng\s+(?P<place>đầu|giữa|cuối)\s+(?:của\s+)?(?:(?:hằng|hàng|mỗi)\s+)?quý"
)
_PLACES = {"đầu": 1, "giữa": 2, "cuối": 3}
_DATE = r"(?P<day>[0-9]{1,2})(?:\s*[/.-]\s*|\s+tháng\s+)(?P<month>[0-9]{1,2})"
_DATES = re.compile(rf"{_DATE}(?:\s+(?:hằng|hàng|mỗi) năm)?")
_AND = re.compile(r"\s*(?:,|;|\bvà\b)\s*(?:(?:chậm nhất|trước|đến)\s+)?(?:ngày\s+)?")
_EDGE = re.compile(r"(?P<place>đầu|giữa|cuối)\s+(?:hằng|hàng|mỗi)\s+(?P<unit>tháng|năm)")
_EDGES = {
    ("đầu", "tháng"): "01", ("giữa", "tháng"): "15", ("cuối", "tháng"): "31",
    ("đầu", "năm"): "01-01", ("giữa", "năm"): "06-30", ("cuối", "năm"): "12-31",
}  # fmt: skip
_KINDS = {kind.value: kind for kind in Rhythm}


def regime_of_rule(rule: TimingRule) -> Regime | None:
    """The regime that a task's own recurring time makes ("trước ngày 18 hằng tháng"); None where it names no day."""
    rhythm = _KINDS.get(rule.kind.value)
    if rhythm is None or not rule.label:
        return None
    words = _folded(rule.label)
    if edge := _EDGE.fullmatch(words):
        right = rhythm is (Rhythm.MONTHLY if edge["unit"] == "tháng" else Rhythm.YEARLY)
        return Regime.of(rhythm, f"by {_EDGES[edge['place'], edge['unit']]}") if right else None
    found = _LEAD.fullmatch(words)
    days = _days(rhythm, found["days"]) if found else None
    if found is None or days is None:
        return None
    for wanted in _of_as_many_days(rhythm, days):
        try:
            return Regime.of(wanted, f"{'' if found['before'] or found['hour'] else 'by '}{days}{_hour(found)}")
        except Refusal:
            return None
    return None


def hour_of_rule(rule: TimingRule) -> time | None:
    """The hour of "trước 17 giờ 00 ngày 30/6/2026", which is read as that day with the hour beside it."""
    if rule.kind is not TimingKind.WITHIN or rule.from_ is not None or not rule.label:
        return None
    found = _BEFORE_HOUR.fullmatch(_folded(rule.label))
    if found is None or int(found["hour"]) > 23 or int(found["minute"] or 0) > 59:
        return None
    return time(int(found["hour"]), int(found["minute"] or 0))


def read_before(every: str | None, given: str) -> str:
    """What a draft's `before` holds for what a person filled in: "30/11", "15/6, 15/12", "20", "thứ Sáu 16:00".

    Raises `Refusal("regime-invalid")` saying what this rhythm needs. A half-yearly report may be told as two entries
    with a day each, so that one day of a half-year is taken too.
    """
    rhythm = Rhythm(every or Rhythm.YEARLY)
    words = _folded(given)
    hour = re.search(rf"(?:\s|\b){_HOUR}$", words) if rhythm is Rhythm.WEEKLY else None
    found = _LEAD.fullmatch(words[: hour.start()] if hour else words)
    days = _days(rhythm, found["days"]) if found else None
    if found is None or days is None or found["by"]:
        raise unclear(rhythm, given)
    before = f"{days}{_hour(hour or found)}"
    if rhythm is Rhythm.HALF_YEARLY and "," not in days:
        return Regime.of(Rhythm.YEARLY, before).before
    return Regime.of(rhythm, before).before


def before_words(every: str | None, before: str) -> str:
    """What a person would fill in for a draft's `before`: "30/11", "15/6, 15/12", "20", "thứ Sáu 16:00"."""
    days, _, hour = before.removeprefix("by ").partition("T")
    if every == Rhythm.WEEKLY and days.isdigit() and 1 <= int(days) <= 7:
        return f"{WEEKDAYS[int(days) - 1]} {hour}".rstrip()
    shown = ", ".join("/".join(reversed(day.split("-"))) for day in days.split(","))
    return f"{shown} {hour}".rstrip()


def is_before(every: str | None, before: str) -> bool:
    """Whether a draft's `before` fits its rhythm, alone or as one of several entries of that rhythm."""
    if every in PARTS and PARTS[Rhythm(every)] in (2, 4) and re.fullmatch(r"[0-9]{2}-[0-9]{2}", before):
        every = None
    try:
        return Regime.of(every, before).before == before and not before.startswith("by ")
    except Refusal:
        return False


def _of_as_many_days(rhythm: Rhythm, days: str) -> Iterable[Rhythm]:
    """ "trước ngày 15/6 và 15/12 hằng năm" is a report every half-year, whatever it calls itself."""
    count = days.count(",") + 1
    if rhythm in (Rhythm.MONTHLY, Rhythm.WEEKLY) or "-" not in days:
        yield rhythm
    else:
        yield from (each for each, parts in PARTS.items() if parts == count and (count > 1 or each is rhythm))


def _days(rhythm: Rhythm, words: str) -> str | None:
    """The days in words as a regime's text has them; None where they are not wholly understood."""
    if rhythm is Rhythm.WEEKLY:
        found = _WEEKDAY.fullmatch(words)
        if found is None:
            return None
        return "7" if found["sunday"] else str(_NAMES.get(found["name"]) or int(found["name"]) - 1)
    if found := _DAY.fullmatch(words):
        return f"{int(found['day']):02d}" if rhythm in (Rhythm.MONTHLY, Rhythm.QUARTERLY) else None
    if found := _OF_QUARTER.fullmatch(words):
        if rhythm is not Rhythm.QUARTERLY:
            return None
        months = range(_PLACES[found["place"]], 13, 3)
        return ",".join(f"{month:02d}-{int(found['day']):02d}" for month in months)
    dates = [_DATES.fullmatch(each) for each in _AND.split(words)]
    if rhythm is Rhythm.MONTHLY or not all(dates):
        return None
    return ",".join(f"{int(each['month']):02d}-{int(each['day']):02d}" for each in dates if each)


def _hour(found: re.Match[str]) -> str:
    """The hour of a match as a regime's text has it; 24:00 and 00:00 are no hours of a day."""
    if found["hour"] is None:
        return ""
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    return f"T{hour:02d}:{minute:02d}"


def _folded(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", words).casefold().split())
