"""Reads the "thời gian thực hiện" of a task: from the words of the plan to rules that deadlines can be computed from.

Nothing is guessed. What is not one of the known forms becomes an `unstated` rule, and the words stay as they were
written, for a person to decide. In particular no year is supplied ("Quý II"), no century ("30/6/26"), no school year
or term of office ("Năm học 2025-2026"), no alternative chosen ("năm 2025 hoặc 2026"), no impossible day repaired.

How the forms are meant:

- "2023-2025", "Quý III - IV/2026": one range. "Quý III, IV/2026", "Quý III và IV/2026": two `within`.
- "đến năm 2025", "chậm nhất 30/6/2026", "không quá ngày …": `within` to that day, whose beginning is not known.
- "trước 17 giờ 00 ngày 30/6/2026": `within` that day with the hour as label, for the day itself is not yet too late.
- "từ năm 2024", "2024 và các năm tiếp theo", "sau năm 2023": a range without end.
- "đầu", "giữa", "cuối" of a month or a year: that day (Bộ luật Dân sự 2015, Điều 146). A quarter has none in law.
- "trước 30/11 hằng năm": the rhythm, with the words of the day as its label.
- "02 lần/năm": `half_yearly`; a frequency of no kind of ours ("3 lần/năm", "hằng ngày") is not understood.
- "phấn đấu", "dự kiến": `soft`. "15 ngày kể từ ngày ban hành": `after_event` with the term "15 ngày" as its label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from domain.timing_clauses import SOFT, Clause, Sort, may_be_label, time_at
from domain.timing_milestones import clause_at
from domain.timing_periods import parse_period
from domain.timing_rules import Timing, TimingKind, TimingRule
from domain.timing_words import SEPARATORS, Phrases, Words

__all__ = ["Timing", "TimingKind", "TimingRule", "parse_period", "parse_timing"]

LONGEST = 2_000
"""Characters of a cell beyond which it is prose and is not read for times."""
_UNSTATED = TimingRule(TimingKind.UNSTATED)
_ON_DEMAND = Phrases("theo yêu cầu", "theo đề nghị", "theo chỉ đạo", "theo tiến độ", "theo tình hình", "đột xuất")
_QUOTES = frozenset({'"', "“", "”", "*", "[", "]"})
_ALTERNATIVES = frozenset({"hoặc", "hay"})


def parse_timing(text: str) -> Timing:
    """The rules in one cell. Never raises and never guesses; what is not understood is one `unstated` rule.

    Of several parts the understood ones are rules, and each other is `unstated` with its words as label. What is said
    twice is one rule.
    """
    if len(text) > LONGEST:
        return Timing(text)
    parts = [part for words in _segments(Words.of(text)) for part in _parts(words)]
    rules = tuple(dict.fromkeys(rule for part in parts for rule in part.rules_beside(parts)))
    if all(rule.kind is TimingKind.UNSTATED for rule in rules):
        return Timing(text)
    return Timing(text, rules)


@dataclass(frozen=True)
class _Part:
    """One time of a cell with its words, or words that are none."""

    rules: tuple[TimingRule, ...]
    opening: str = ""

    @property
    def label(self) -> str:
        return self.rules[0].label or ""

    def rules_beside(self, parts: Iterable[_Part]) -> tuple[TimingRule, ...]:
        """The rules, where "ban hành" is a label if it tells this milestone from another of the cell."""
        others = {part.label or part.opening for part in parts if part.rules[0].kind is not TimingKind.UNSTATED}
        if not self.opening or self.label or len(others - {""}) < 2:
            return self.rules
        return tuple(replace(rule, label=self.opening) for rule in self.rules)


def _segments(words: Words) -> Iterator[Words]:
    """The cell cut at ";" and at the lines of a list, without the marks of a list and the final stop."""
    mark = words.low(0) if _mark_end(words, 0) else ""
    first = 0
    for i in range(len(words) + 1):
        is_item = i > first and words.begins_line(i) and _mark_end(words, i) is not None
        is_item = is_item and (words.low(i) == mark or words.low(i) in {"+", "•", "*"} or mark.isalnum())
        if i == len(words) or words.low(i) == ";" or is_item:
            yield _trimmed(words, first, i)
            first = i if is_item else i + 1


def _mark_end(words: Words, i: int) -> int | None:
    """Where the mark of a list ends: "-", "+", "1.", "a)", "(2)"; a dash that touches a figure is none."""
    if words.low(i) in {"-", "+", "•", "*"}:
        return None if words.glued(i + 1) and words.low(i + 1).isdigit() else i + 1
    number = i + (words.low(i) == "(")
    if words.small(number) is None and not (len(words.low(number)) == 1 and words.low(number).isalpha()):
        return None
    if words.low(number + 1) == ")":
        return number + 2
    dotted = words.low(number + 1) == "." and number == i and not words.glued(number + 2)
    return number + 2 if dotted and not words.low(number + 2).isdigit() else None


def _trimmed(words: Words, first: int, end: int) -> Words:
    while first < end and ((mark := _mark_end(words, first)) or words.low(first) in _QUOTES):
        first = mark or first + 1
    while end > first and (words.low(end - 1) in {",", "/", ":"} | _QUOTES or _full_stop(words, end - 1)):
        end -= 1
    return words.part(first, max(first, end))


def _full_stop(words: Words, i: int) -> bool:
    """A stop, and no row of dots that stands for something left out."""
    return words.low(i) == "." and not (words.low(i - 1) == "." and words.glued(i))


def _parts(words: Words) -> list[_Part]:
    """The times of one segment in order."""
    parts: list[_Part] = []
    i, dated = 0, False
    while True:
        first = i
        while i < len(words) and words.low(i) in SEPARATORS:
            i += 1
        if i >= len(words):
            return parts
        clause = clause_at(words, i)
        if clause and dated and clause.sort is Sort.DATES and _ALTERNATIVES & set(words.lows(first, i)):
            return [_unstated(words, 0, len(words))]
        if clause and (beside := _beside(words, clause)):
            parts.append(_part(clause, beside))
            i, dated = beside.end, clause.sort is Sort.DATES
            continue
        end = _next_time(words, i, keyed=True)
        # A time that was not understood may change what follows it: "theo dự toán năm 2024, 2025".
        if clause or words.speaks_of_time(i, end) or any(low.isdigit() for low in words.lows(i, end)):
            end = len(words)
        parts.append(_unstated(words, i, end))
        i, dated = end, False


def _unstated(words: Words, first: int, end: int) -> _Part:
    return _Part((replace(_UNSTATED, label=_clean(words.written(first, end)) or None),))


@dataclass(frozen=True)
class _Beside:
    """What stands beside a time: its words, whether one only strives for it, and where the next part begins."""

    end: int
    label: str = ""
    soft: bool = False


def _part(clause: Clause, beside: _Beside) -> _Part:
    rules = []
    for rule in clause.rules:
        label = ", ".join(filter(None, (clause.label, rule.label, beside.label)))
        rules.append(replace(rule, label=label or None, soft=clause.soft or beside.soft))
    return _Part(tuple(rules), clause.opening)


def _beside(words: Words, clause: Clause) -> _Beside | None:
    """The words after a time; None when they make it mean something else."""
    i, soft = clause.end, False
    if (end := _soft_end(words, i)) is not None:
        i, soft = end, True
    if i >= len(words) or clause.sort is Sort.EVENT:
        return _Beside(i, soft=soft)
    sign = words.low(i)
    if sign in _ALTERNATIVES and clause.sort is Sort.DATES:
        following = clause_at(words, i + 1)
        return _Beside(i, soft=soft) if following and following.sort is not Sort.DATES else None
    if sign in SEPARATORS:
        return _after_sign(words, i, soft)
    if words.glued(i):
        return None
    following = clause_at(words, i)
    timed = following is not None and following.keyed and following.sort is not Sort.EVENT
    if following and (words.begins_line(i) or (timed and clause.sort is Sort.RHYTHM)):
        return _Beside(i, soft=soft)
    return _labelled(words, i, soft)


def _after_sign(words: Words, i: int, soft: bool) -> _Beside | None:
    sign = words.low(i)
    if sign == "/" and words.low(i + 1).isdigit():
        return None
    if i + 1 >= len(words):
        return None if sign == "-" else _Beside(i + 1, soft=soft)
    if sign == ")" or (time_at if sign == ":" else clause_at)(words, i + 1):
        return _Beside(i + 1, soft=soft)
    if sign == "(" and (close := words.closing(i)):
        if not may_be_label(words, i + 1, close):
            return None if not words.speaks_of_time(i + 1, close) else _Beside(i + 1, soft=soft)
        return _Beside(close + 1, words.written(i + 1, close), soft)
    if sign in {"-", ":"}:
        return _labelled(words, i + 1, soft)
    if words.low(i + 1) == sign:
        return None
    if sign in {",", "("} and _ON_DEMAND.end(words, i + 1) is None:
        return _labelled(words, i + 1, soft) or _Beside(i + 1, soft=soft)
    return _Beside(i + 1, soft=soft)


def _labelled(words: Words, i: int, soft: bool) -> _Beside | None:
    end = _next_time(words, i, keyed=False)
    last = end
    for k in range(i, end):
        if (after := _soft_end(words, k)) is not None and after == end:
            last, soft = k, True
    if not may_be_label(words, i, last):
        return None
    return _Beside(end, _clean(words.written(i, last)), soft)


def _soft_end(words: Words, i: int) -> int | None:
    """Where "(phấn đấu)" or ", dự kiến" ends that stands after a time."""
    opened = words.low(i) in {"(", ",", "-"}
    end = SOFT.end(words, i + opened)
    if end is None:
        return None
    if words.low(i) == "(":
        return end + 1 if words.low(end) == ")" else None
    return end if words.boundary(end) else None


def _next_time(words: Words, first: int, *, keyed: bool) -> int:
    """Where the next time begins after words that are none, or the end.

    It begins after a sign, or on a line of its own with a capital letter; figures alone only before a colon.
    """
    for i in range(first, len(words)):
        line = i > first and words.begins_line(i) and words.capital(i)
        if not line and words.low(i) not in SEPARATORS:
            continue
        k = i if line else i + 1
        clause = clause_at(words, k)
        if clause and (clause.keyed or (not keyed and words.low(clause.end) == ":")):
            return i
    return len(words)


def _clean(label: str) -> str:
    """Words beside a time without the signs around them."""
    label = label.strip(" ,:.-–—/")
    label = label.rstrip(") ") if "(" not in label else label
    return label[1:-1].strip() if label.startswith("(") and label.endswith(")") else label
