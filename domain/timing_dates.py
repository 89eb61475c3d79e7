"""Dates of a plan with the words that lead to them: "trước ngày …" `by`, "đến hết …" `within`, "từ …" a range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from domain.timing_calendar import Unit
from domain.timing_periods import Row, Span, row_at
from domain.timing_rhythms import clock_end
from domain.timing_rules import TimingKind, TimingRule
from domain.timing_words import Phrases, Words


@dataclass(frozen=True)
class Dates:
    """The rules, the word after the last, and whether more than the figures of a year say that it is a time."""

    rules: tuple[TimingRule, ...]
    end: int
    keyed: bool


class _Lead(Enum):
    """What the words before a date make of it."""

    IN = auto()
    BY = auto()
    UNTIL = auto()
    FROM = auto()
    AFTER = auto()


_IN = Phrases(
    "trong", "vào", "cả", "suốt", "trong cả", "trong suốt", "giai đoạn", "trong giai đoạn", "các", "những", "trong các",
    "vào các", "trong khoảng thời gian", "trong thời gian", "trong năm các",
)  # fmt: skip
_LEADS = (
    (_Lead.BY, Phrases("trước", "chậm nhất trước", "chậm nhất là trước", "muộn nhất trước", "muộn nhất là trước")),
    (
        _Lead.UNTIL,
        Phrases(
            "đến", "đến hết", "tới", "hết", "cho đến", "cho đến hết", "từ nay đến", "từ nay đến hết", "từ nay cho đến",
            "chậm nhất", "chậm nhất là", "chậm nhất vào", "chậm nhất đến", "chậm nhất đến hết", "chậm nhất là đến",
            "chậm nhất trong", "chậm nhất là trong", "chậm nhất hết", "chậm nhất là vào", "muộn nhất", "muộn nhất là",
            "muộn nhất trong", "muộn nhất vào", "muộn nhất đến", "trễ nhất", "trễ nhất là", "không quá",
            "không muộn hơn", "không chậm hơn", "không trễ hơn", "hạn cuối", "hạn cuối là", "hạn chót", "thời hạn",
            "hạn cuối :", "hạn chót :", "thời hạn :", "hạn :", "thời hạn đến", "hạn đến",
        ),
    ),
    (_Lead.FROM, Phrases("từ", "kể từ", "bắt đầu từ", "tính từ", "bắt đầu thực hiện từ", "bắt đầu triển khai từ")),
    (_Lead.AFTER, Phrases("sau")),
)  # fmt: skip
_LATER_YEARS = Phrases(
    "các năm tiếp theo", "những năm tiếp theo", "các năm sau", "những năm sau", "các năm tiếp sau", "các năm kế tiếp",
    "những năm kế tiếp", "các năm tới", "những năm tới", "các năm sau đó", "những năm sau đó", "các năm về sau",
)  # fmt: skip
_ONWARDS = Phrases("trở đi", "về sau", "trở về sau")


def dates_at(words: Words, i: int) -> Dates | None:
    """The dates that begin at `i` with the words that lead to them ("chậm nhất là ngày …")."""
    lead, k = _Lead.IN, _within(words, i)
    for candidate, phrases in _LEADS:
        if (end := phrases.end(words, k)) is not None:
            lead, k = candidate, end
            break
    if lead is not _Lead.IN:
        k = _within(words, k)
    clock = clock_end(words, k)
    row = row_at(words, clock + (words.low(clock) == ",") if clock else k)
    if row is None or not row.spans or (words.glued(row.end) and words.low(row.end).isalpha()):
        return None
    onwards = _onwards(words, row) if lead in {_Lead.IN, _Lead.FROM} else None
    rules = _dated(lead, row.spans, open_end=onwards is not None, clocked=clock is not None)
    if not rules:
        return None
    if clock is not None:
        rules = tuple(replace(rule, label=words.written(i, clock)) for rule in rules)
    keyed = (words.small(i) is None and words.year(i) is None) or row.units[0] is not Unit.YEAR
    return Dates(rules, onwards or row.end, keyed)


def _within(words: Words, i: int) -> int:
    """Where "trong suốt giai đoạn" ends; `i` when nothing of the kind begins there."""
    end = _IN.end(words, i)
    return i if end is None else _IN.end(words, end) or end


def _dated(lead: _Lead, spans: tuple[Span, ...], *, open_end: bool, clocked: bool) -> tuple[TimingRule, ...]:
    """The rules of dates after a lead; none where the lead says nothing of a range or of several dates.

    "Trước 17 giờ ngày 30/6" still has the day itself, so it is `within` it; `by` would end the day before.
    """
    if lead is _Lead.IN:
        rules = [
            TimingRule(TimingKind.RANGE if span.is_range else TimingKind.WITHIN, span.first, span.last)
            for span in spans
        ]
        return (*rules[:-1], TimingRule(TimingKind.RANGE, spans[-1].first)) if open_end else tuple(rules)
    if lead is _Lead.FROM:
        last = None if open_end or not spans[0].is_range else spans[0].last
        return (TimingRule(TimingKind.RANGE, spans[0].first, last),) if len(spans) == 1 else ()
    if any(span.is_range for span in spans):
        return ()
    if lead is _Lead.BY and not clocked:
        return tuple(TimingRule(TimingKind.BY, by=span.first) for span in spans)
    if lead is _Lead.AFTER:
        day = spans[0].last + timedelta(days=1)
        return (TimingRule(TimingKind.RANGE, day),) if len(spans) == 1 and not clocked else ()
    return tuple(TimingRule(TimingKind.WITHIN, to=span.last) for span in spans)


def _onwards(words: Words, row: Row) -> int | None:
    """Where "trở đi" or "và các năm tiếp theo" ends; the latter goes on from years only."""
    if (end := _ONWARDS.end(words, row.end)) is not None:
        return end
    k = row.end + (words.low(row.end) in {",", "và"})
    return _LATER_YEARS.end(words, k) if row.units[-1] is Unit.YEAR else None
