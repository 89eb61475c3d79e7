"""Reads the "thời gian thực hiện" of a task: from the words of the plan to rules that deadlines can be computed from.

Nothing is guessed. What is not one of the known forms becomes an `unstated` rule, and the words stay as they were
written, for a person to decide.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class TimingKind(StrEnum):
    """What sort of promise one timing rule makes."""

    ONGOING = "ongoing"
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    RANGE = "range"
    BY = "by"
    WITHIN = "within"
    AFTER_EVENT = "after_event"
    UNSTATED = "unstated"


@dataclass(frozen=True)
class TimingRule:
    """One rule. `range` has `from_` and mostly `to`; `within` ends with the day `to` (`from_` unknown for "đến năm …").

    `by` is X of "trước ngày X" itself, not the day before: what "trước" means is policy. `event` is what is waited for,
    `label` the words beside the time ("báo cáo đánh giá cả giai đoạn"), `soft` a target one only strives for.
    """

    kind: TimingKind
    from_: date | None = None
    to: date | None = None
    by: date | None = None
    event: str | None = None
    label: str | None = None
    soft: bool = False


@dataclass(frozen=True)
class Timing:
    """The words of the cell, untouched, and at least one rule."""

    text: str = ""
    rules: tuple[TimingRule, ...] = (TimingRule(TimingKind.UNSTATED),)

    @property
    def understood(self) -> bool:
        """True when every part of the cell became a rule."""
        return all(rule.kind is not TimingKind.UNSTATED for rule in self.rules)


# The forms seen in real plans, as whole-cell patterns: the time, then at most a few words beside it (`rest`).
_FLAGS = re.IGNORECASE
_YEAR = r"(?:19|20|21)[0-9]{2}"
_DAY = rf"(?:ngày\s*)?[0-9]{{1,2}}\s*[/.-]\s*[0-9]{{1,2}}\s*[/.-]\s*{_YEAR}"
_DAY_IN_WORDS = rf"ngày\s*[0-9]{{1,2}}\s*tháng\s*[0-9]{{1,2}}\s*năm\s*{_YEAR}"
_MONTH = rf"(?:tháng\s*)?[0-9]{{1,2}}\s*(?:/|\s+năm)\s*{_YEAR}"
_QUARTER = rf"quý\s*(?:IV|I{{1,3}}|[1-4])\s*(?:[/,-]|năm|\s)\s*(?:năm\s*)?{_YEAR}"
_HALF = rf"(?:0?6|sáu)\s+tháng\s+(?:đầu|cuối)\s+năm\s+{_YEAR}"
_PERIOD = rf"(?:{_DAY_IN_WORDS}|{_DAY}|{_MONTH}|{_QUARTER}|{_HALF}|(?:năm\s+)?{_YEAR})"
_REST = r"(?P<rest>(?:[^\w/].*)?)"

_EACH = r"(?:định\s+kỳ\s+)?(?:hằng|hàng|mỗi)\s+"
_TIMES = r"(?:0?1|một)\s+lần\s*/\s*"
_RECURRING = (
    (TimingKind.YEARLY, rf"(?:{_EACH}|{_TIMES})năm"),
    (TimingKind.QUARTERLY, rf"(?:{_EACH}|{_TIMES})quý"),
    (TimingKind.MONTHLY, rf"(?:{_EACH}|{_TIMES})tháng"),
    (TimingKind.WEEKLY, rf"(?:{_EACH}|{_TIMES})tuần"),
    (
        TimingKind.HALF_YEARLY,
        r"(?:định\s+kỳ\s+)?(?:hằng\s+)?(?:0?6|sáu)\s+tháng(?!\s+(?:đầu|cuối))(?:\s+(?:một|0?1)\s+lần)?",
    ),
    (TimingKind.ONGOING, r"thường\s+xuyên(?:,?\s+liên\s+tục)?|liên\s+tục"),
)
_RECURRING_RE = tuple((kind, re.compile(rf"(?:{words}){_REST}", _FLAGS)) for kind, words in _RECURRING)
# "trước ngày 30/11 hằng năm": the day has no year, so it stays words beside a recurring rule.
_BEFORE_EACH_RE = re.compile(
    r"(?P<label>trước\s+ngày\s+[0-9]{1,2}(?:/[0-9]{1,2})?)\s+(?P<each>(?:hằng|hàng)\s+\w+)", _FLAGS
)
_RANGE_RE = re.compile(
    rf"(?:(?:trong\s+)?giai\s+đoạn\s+|từ\s+)?({_PERIOD})\s*(?:[-–—]|đến)\s*({_PERIOD}){_REST}", _FLAGS
)
_FROM_RE = re.compile(rf"từ\s+({_PERIOD})(?:\s+trở\s+đi)?{_REST}", _FLAGS)
_UNTIL_RE = re.compile(rf"(?:đến\s+hết|đến|chậm\s+nhất(?:\s+là)?(?:\s+trong)?)\s+({_PERIOD}){_REST}", _FLAGS)
_BY_RE = re.compile(rf"trước\s+({_PERIOD}){_REST}", _FLAGS)
_WITHIN_RE = re.compile(rf"(?:trong\s+)?({_PERIOD}){_REST}", _FLAGS)
_EVENT_RE = re.compile(r"(?:ngay\s+)?(?:sau\s+khi|khi\s+(?=có\s))\s*(?P<event>\S.*)", _FLAGS)
_SOFT_RE = re.compile(r"\(\s*phấn\s+đấu\s*\)|^phấn\s+đấu\s+", _FLAGS)
_OPENING_RE = re.compile(r"^(?:hoàn\s+thành|hoàn\s+tất|xong|thực\s+hiện|ban\s+hành)\s+(?=\S)", _FLAGS)
# Words that would change the meaning of the time before them: such a cell is for a person to read.
_NOT_A_LABEL_RE = re.compile(
    r"^(?:và|hoặc|đến|tới|từ|trở|sau|trước|cho)\b|^[0-9]|\b(?:hằng|hàng|mỗi)\s+(?:năm|quý|tháng|tuần)\b"
    r"|\b(?:năm|tháng)\s+[0-9]|\bquý\s+[IVX0-9]|[0-9]/[0-9]|\btrước\s+ngày\b",
    _FLAGS,
)
# A "/" inside 01/01/2030, Quý II/2026 or "1 lần/năm" does not separate two rules.
_SLASH_RE = re.compile(r"(?<![0-9])(?<!\bI)(?<!II)(?<!IV)(?<!lần)\s*/\s*|(?<=[0-9IV])\s*/\s*(?![0-9\s])", _FLAGS)
_COMMA_RE = re.compile(r"\s*,\s*|\s+và\s+", _FLAGS)
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}


def parse_timing(text: str) -> Timing:
    """The rules in one cell. Never raises and never guesses; what is not understood is one `unstated` rule."""
    words = unicodedata.normalize("NFC", text)
    rules = _rules(words.replace("\n", " ").split(";"))
    if "\n" in words and any(rule.kind is TimingKind.UNSTATED for rule in rules):
        by_line = _rules(re.split(r"[;\n]", words))
        rules = by_line if all(rule.kind is not TimingKind.UNSTATED for rule in by_line) else rules
    if all(rule.kind is TimingKind.UNSTATED for rule in rules):
        return Timing(text)
    return Timing(text, tuple(rules))


def parse_period(text: str) -> tuple[date, date] | None:
    """First and last day of "ngày 5/6/2026", "tháng 5/2026", "Quý II/2026", "6 tháng đầu năm 2026", "năm 2026"."""
    numbers = [int(number) for number in re.findall(r"[0-9]+", text)]
    lower = text.casefold()
    if not numbers or not 1900 <= numbers[-1] < 2200:
        return None
    year = numbers[-1]
    if quarter := re.search(r"quý\s*(iv|i{1,3}|[1-4])", lower):
        last = 3 * _QUARTERS[quarter.group(1)]
        return _months(year, last - 2, last)
    if "đầu" in lower or "cuối" in lower:
        return _months(year, 1, 6) if "đầu" in lower else _months(year, 7, 12)
    if len(numbers) == 1:
        return _months(year, 1, 12)
    if len(numbers) == 2:
        return _months(year, numbers[0], numbers[0]) if 1 <= numbers[0] <= 12 else None
    try:
        day = date(year, numbers[1], numbers[0])
    except ValueError:
        return None
    return day, day


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def _rules(chunks: list[str]) -> list[TimingRule]:
    return [rule for chunk in chunks if chunk.strip(" \t.,/") for rule in _chunk(chunk)]


def _chunk(chunk: str) -> list[TimingRule]:
    """A split is right only when each side is a time; otherwise the chunk is one time with words beside it."""
    chunk = " ".join(chunk.split())  # also keeps the patterns fast: they never meet a long run of blanks
    slashes = [part for part in _SLASH_RE.split(chunk) if part.strip()]
    for parts in (slashes, _COMMA_RE.split(chunk)):
        found = [rule for part in parts if (rule := _atom(part))]
        if len(parts) > 1 and len(found) == len(parts):
            return found
    if whole := _atom(chunk):
        return [whole]
    return [_atom(part) or TimingRule(TimingKind.UNSTATED, label=part.strip()) for part in slashes]


def _atom(text: str) -> TimingRule | None:
    words, softened = _SOFT_RE.subn(" ", " ".join(text.split()))
    words = _OPENING_RE.sub("", words.strip(" .,")).strip()
    rule = _recurring(words) or _dated(words) or _event(words)
    return replace(rule, soft=softened > 0) if rule else None


def _recurring(words: str) -> TimingRule | None:
    if before := _BEFORE_EACH_RE.fullmatch(words):
        rule = _recurring(before["each"])
        return replace(rule, label=before["label"]) if rule else None
    for kind, pattern in _RECURRING_RE:
        if match := pattern.fullmatch(words):
            return _labelled(TimingRule(kind), match["rest"])
    return None


def _dated(words: str) -> TimingRule | None:
    for pattern, kind in (
        (_RANGE_RE, TimingKind.RANGE),
        (_FROM_RE, TimingKind.RANGE),
        (_UNTIL_RE, TimingKind.WITHIN),
        (_BY_RE, TimingKind.BY),
        (_WITHIN_RE, TimingKind.WITHIN),
    ):
        if match := pattern.fullmatch(words):
            first = parse_period(match[1])
            last = parse_period(match[2]) if pattern is _RANGE_RE else first
            if not first or not last or last[1] < first[0]:
                return None
            if kind is TimingKind.BY:
                rule = TimingRule(kind, by=first[0])
            else:
                start = None if pattern is _UNTIL_RE else first[0]
                rule = TimingRule(kind, from_=start, to=None if pattern is _FROM_RE else last[1])
            return _labelled(rule, match["rest"])
    return None


def _event(words: str) -> TimingRule | None:
    match = _EVENT_RE.fullmatch(words)
    return TimingRule(TimingKind.AFTER_EVENT, event=match["event"]) if match else None


def _labelled(rule: TimingRule, rest: str) -> TimingRule | None:
    label = rest.strip(" ,:.-–—")
    if label.startswith("(") and label.endswith(")"):
        label = label[1:-1].strip()
    if _NOT_A_LABEL_RE.search(label):
        return None
    return replace(rule, label=label or None)
