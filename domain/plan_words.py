"""Times, rounds, regimes, figures and places in words, as people read them on a page and in a terminal."""

from __future__ import annotations

import re
from datetime import date

from domain.deadlines import period_words
from domain.errors import Refusal
from domain.notices import day_text
from domain.plan import IndicatorDraft, ReportingDraft, Where
from domain.regime import RHYTHM_WORDS, Regime, Rhythm
from domain.regime_words import before_words
from domain.timing import TimingKind, TimingRule

UNCLEAR = "chưa rõ"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EVERY = {rhythm.value: words for rhythm, words in RHYTHM_WORDS.items()}
_SIGNS = {">=": "≥", "<=": "≤"}


def rule_words(rule: TimingRule) -> str:
    """What one rule of a task's time was understood to mean: `trước ngày 01/01/2030 (giai đoạn 1), phấn đấu`."""
    words = " ".join(filter(None, (_time_words(rule), f"({rule.label})" if rule.label else "")))
    return f"{words}, phấn đấu" if rule.soft else words


def _time_words(rule: TimingRule) -> str:
    if recurring := _EVERY.get(rule.kind.value):
        return recurring
    first, last = (day_text(day) if day else "" for day in (rule.from_, rule.to))
    if rule.kind is TimingKind.RANGE:
        return f"từ {first} đến {last}" if last else f"từ {first} trở đi"
    if rule.kind is TimingKind.WITHIN:
        return f"chậm nhất hết ngày {last}" if not first or first == last else f"từ {first} đến hết {last}"
    if rule.kind is TimingKind.BY:
        return f"trước ngày {day_text(rule.by)}" if rule.by else UNCLEAR
    if rule.kind is TimingKind.AFTER_EVENT:
        return f"sau khi {rule.event}"
    return "thường xuyên" if rule.kind is TimingKind.ONGOING else UNCLEAR


def reporting_words(entry: ReportingDraft) -> str:
    """`Các đơn vị báo cáo UBND tỉnh qua Sở A: hằng năm, trước ngày 30/11, khi có yêu cầu`."""
    who = "Các đơn vị" if entry.from_ == "units" else "Cơ quan tổng hợp"
    to = f" báo cáo {', '.join(entry.to)}" if entry.to else " báo cáo"
    via = f" qua {entry.via}" if entry.via else ""
    times = (
        _EVERY[entry.every] if entry.every else "",
        before_phrase(entry.every, entry.before) if entry.before else "",
        "khi có yêu cầu" if entry.on_request else "",
    )
    return f"{who}{to}{via}: {', '.join(filter(None, times)) or UNCLEAR}"


def round_words(label: str, title: str = "") -> str:
    """A round as people call it: `năm 2024`, `quý II năm 2024`, a milestone by its day, an asked-for one by its title.

    The same for the period of a rollup.
    """
    return title or (day_text(date.fromisoformat(label)) if _DAY.fullmatch(label) else period_words(label))


def before_phrase(every: str | None, before: str) -> str:
    """A draft's `before` as a plan says it: `trước ngày 30/11`, `trước ngày 18`, `trước 16 giờ 00 ngày thứ Sáu`."""
    days, _, hour = before.partition("T")
    at = hour.removeprefix("0").replace(":", " giờ ")
    return f"trước {f'{at} ' if at else ''}ngày {before_words(every, days)}"


def before_entry(every: str | None, before: str) -> str:
    """The same as a form holds it, which `read_before` reads back: `30/11`, `thứ Sáu 16:00`, `16:00 ngày 30/11`."""
    days, _, hour = before.partition("T")
    if not hour or every == Rhythm.WEEKLY:
        return before_words(every, before)
    return f"{hour} ngày {before_words(every, days)}"


def regime_words(every: str | None, before: str) -> str:
    """What is understood of a rhythm and its days: `trước ngày 20 của tháng cuối mỗi quý`; else as `before_phrase`.

    One day of two or four, each told by itself, is no whole regime.
    """
    try:
        return Regime.of(every, before).words()
    except Refusal:
        return before_phrase(every, before)


def figure_words(indicator: IndicatorDraft) -> str:
    """`≥ 70%`, `> 1,5 triệu lượt`; nothing can be above `100%`."""
    if (indicator.comparator, indicator.value, indicator.unit) == (">=", 100, "%"):
        return "100%"
    number = f"{indicator.value:g}" if indicator.value != int(indicator.value) else f"{indicator.value:.0f}"
    unit = indicator.unit or ""
    return f"{_SIGNS.get(indicator.comparator, indicator.comparator)} {number.replace('.', ',')}" + (
        unit if unit == "%" else f" {unit}".rstrip()
    )


def where_words(where: Where) -> str:
    """`trang 3, hàng 2, dòng 5`; empty where the source does not tell. A row is one of its table."""
    parts = (("trang", where.page), ("hàng", where.row), ("dòng", where.line))
    return ", ".join(f"{name} {number}" for name, number in parts if number is not None)
